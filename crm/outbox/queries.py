"""What is read of the letters."""

from dataclasses import dataclass

import sqlalchemy as sa

from crm.core.db import db, dialect_name
from crm.outbox.models import Letter, LetterState


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter to send, free of the session: sending happens outside any transaction."""

    id: int
    key: str
    to: str
    subject: str
    text: str
    html: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How the outbox stands, for the status page."""

    waiting: int
    failed: int


def outgoing(letter_id: int) -> Outgoing | None:
    """The letter as it goes out."""
    row = db.session.execute(
        sa.select(
            Letter.id,
            Letter.key,
            Letter.to,
            Letter.subject,
            Letter.text,
            Letter.html,
            Letter.attempts,
        ).where(Letter.id == letter_id)
    ).one_or_none()
    return Outgoing(*row) if row else None


def counts() -> Counts:
    """Letters on their way, and letters given up."""
    rows = db.session.execute(
        sa.select(Letter.state, sa.func.count())
        .where(Letter.state != LetterState.SENT)
        .group_by(Letter.state)
    )
    found = {state: number for state, number in rows}
    waiting = found.get(LetterState.QUEUED, 0) + found.get(LetterState.SENDING, 0)
    return Counts(waiting, found.get(LetterState.FAILED, 0))


def database_now() -> float:
    """Seconds since the epoch by the database's clock: the one clock that all processes share."""
    if dialect_name() == "sqlite":
        clock = sa.literal_column("(julianday('now') - 2440587.5) * 86400.0", sa.Float)
    else:
        clock = sa.literal_column("extract(epoch FROM clock_timestamp())::float8", sa.Float)
    return float(db.session.execute(sa.select(clock)).scalar_one())


def queued_keys(keys: list[str]) -> set[str]:
    """Which of these letters exist already, whatever has become of them."""
    return set(db.session.scalars(sa.select(Letter.key).where(Letter.key.in_(keys))))
