"""A form that creates something can be sent twice by an impatient finger; it must create once.

Each such form carries a random token (`crm.web.forms.OnceForm`). The first submission stores it in
its own transaction; the second finds it and is sent to what the first one made.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, db

KEPT = timedelta(days=14)  # nobody sends a form again that has stood open for longer


class Submission(Base):
    """A form token that has been used, and where its result lives."""

    __tablename__ = "submission"

    token: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    location: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]


def earlier_result(token: str) -> str | None:
    """The address of what an earlier submission of the same form made, or None."""
    return db.session.scalar(sa.select(Submission.location).where(Submission.token == token))


def remember(token: str, location: str, now: datetime) -> None:
    """Note, in the same transaction, that this form has been used. Unique in the database."""
    db.session.add(Submission(token=token[:64], location=location, at=now))
    db.session.flush()


def forget_old(now: datetime) -> int:
    """Delete the tokens of forms sent long ago. Returns how many."""
    result = db.session.execute(sa.delete(Submission).where(Submission.at < now - KEPT))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
