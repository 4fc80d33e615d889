"""A form that creates something can be sent twice by an impatient finger; it must create once.

Each such form carries a random token (`crm.web.forms.OnceForm`). The first submission stores it in
its own transaction; the second finds it and is sent to what the first one made. What the two say
must agree as well, or words would be swallowed.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, db

KEPT = timedelta(days=14)  # nobody sends a form again that has stood open for longer


class Submission(Base):
    """A form token that has been used, a digest of what it was used for, and where that lives."""

    __tablename__ = "submission"

    token: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    location: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]


def digest(token: str, said: Iterable[tuple[str, str]]) -> str:
    """What a form says, in a form that tells nothing of it to who does not have the token."""
    return hashlib.sha256(repr((token, sorted(said))).encode()).hexdigest()


def earlier_submission(token: str) -> Submission | None:
    """The earlier submission of the same form, if there is one."""
    return db.session.get(Submission, token)


def remember(token: str, digest: str, location: str, now: datetime) -> None:
    """Note, in the same transaction, that this form has been used. Unique in the database."""
    db.session.add(Submission(token=token[:64], digest=digest, location=location, at=now))
    db.session.flush()


def forget_old(now: datetime) -> int:
    """Delete the tokens of forms sent long ago. Returns how many."""
    result = db.session.execute(sa.delete(Submission).where(Submission.at < now - KEPT))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
