"""Queue a letter; claim some to send; mark what became of them."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crm.core.db import db, dialect_name
from crm.outbox.models import Letter, LetterState

STALE = 120.0  # seconds after which a claim is taken over; longer than the longest send
MAX_ATTEMPTS = 48  # about two days with the waits below: a mail server may be down for a weekend
TEXT_KEPT = timedelta(days=3)  # after that a letter that is settled says no more what it said
WAITS_AT_MOST = timedelta(days=14)  # nobody wants an older letter, should a mail server come
LETTERS_KEPT = timedelta(days=90)  # that one was sent, to whom and when
LONGEST_WAIT = 3600.0  # seconds between two attempts; before that 2, 4, 8 … minutes


def queue(*, key: str, to: str, subject: str, text: str, html: str = "", now: datetime) -> bool:
    """Put a letter in the outbox, once per `key`. False if it was there already."""
    insert = (sqlite if dialect_name() == "sqlite" else postgresql).insert
    row = db.session.scalar(
        insert(Letter)
        .values(
            key=key,
            to=to,
            subject=subject,
            text=text,
            html=html,
            state=LetterState.QUEUED,
            created_at=now,
            attempts=0,
            error="",
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Letter.id)  # the count of rows is not told alike by both drivers
    )
    return row is not None


def take_back(beginning: str) -> int:
    """Take back the waiting letters whose key begins so, since a newer one says it all.

    One that is on its way at this very moment may still arrive. Returns how many.
    """
    result = db.session.execute(
        sa.delete(Letter)
        .where(
            Letter.state.in_((LetterState.QUEUED, LetterState.SENDING)),
            Letter.key.startswith(beginning, autoescape=True),
        )
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


def claim(me: str, database_now: float, limit: int = 5) -> list[int]:
    """Take up to `limit` waiting letters for this process and return their ids.

    `database_now` is the database's clock in seconds since the epoch. A letter that another
    process claimed and did not finish within STALE seconds is taken over.
    """
    waiting = sa.or_(
        Letter.state == LetterState.QUEUED,
        sa.and_(Letter.state == LetterState.SENDING, Letter.claimed_at < database_now - STALE),
    )
    pick = (
        sa.select(Letter.id)
        .where(waiting)
        .order_by(Letter.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("pick")
    )
    return list(
        db.session.scalars(
            sa.update(Letter)
            .where(Letter.id.in_(sa.select(pick.c.id)))
            .values(
                state=LetterState.SENDING,
                claimed_by=me,
                claimed_at=database_now,
                attempts=Letter.attempts + 1,
            )
            .returning(Letter.id)
            .execution_options(synchronize_session=False)
        )
    )


def mark_sent(letter_id: int, me: str, now: datetime) -> None:
    """It is with the mail server."""
    _settle(letter_id, me, state=LetterState.SENT, sent_at=now, error="")


def mark_refused(letter_id: int, me: str, error: str) -> None:
    """The server will never take it."""
    _settle(letter_id, me, state=LetterState.FAILED, error=error[:300])


def put_back(letter_id: int, me: str, attempts: int, error: str, database_now: float) -> None:
    """Not now; another attempt later, unless there have been too many.

    The claim is dated so that it goes stale when the wait is over, and anybody may then take it.
    """
    if attempts >= MAX_ATTEMPTS:
        mark_refused(letter_id, me, error)
        return
    wait = min(60.0 * 2 ** min(attempts, 10), LONGEST_WAIT)
    _settle(letter_id, me, error=error[:300], claimed_at=database_now + wait - STALE)


def _settle(letter_id: int, me: str, **values: object) -> None:
    db.session.execute(
        sa.update(Letter)
        .where(Letter.id == letter_id, Letter.claimed_by == me)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def tidy(now: datetime) -> int:
    """Empty what has been said, give up what waited too long, delete what is old.

    Letters hold links that act without signing in, and names. Returns how many letters changed.
    """
    settled = Letter.state.in_((LetterState.SENT, LetterState.FAILED))
    old = sa.delete(Letter).where(settled, Letter.created_at < now - LETTERS_KEPT)
    given_up = (
        sa.update(Letter)
        .where(Letter.state == LetterState.QUEUED, Letter.created_at < now - WAITS_AT_MOST)
        .values(state=LetterState.FAILED, error="not sent in time")
    )
    emptied = (
        sa.update(Letter)
        .where(settled, Letter.created_at < now - TEXT_KEPT, Letter.text != "")
        .values(text="", html="")
    )
    changed = 0
    for statement in (old, given_up, emptied):
        result = db.session.execute(statement.execution_options(synchronize_session=False))
        changed += int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
    return changed
