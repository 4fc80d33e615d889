"""What we have decided for ourselves: how soon to answer, and how long to leave somebody in peace.

No law and no buyer asks for these. Each is our own choice, dated in its comment, so that a reader
knows what may be changed at will and what may not.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from crm.rules.calendar import next_working_day, working_hours_between


@dataclass(frozen=True, slots=True)
class Promise:
    """A limit we set ourselves, with the day it was set and where it comes from."""

    working_hours: int
    since: date
    source: str


ANSWER_WITHIN: Final = Promise(
    8, date(2026, 11, 23), "Förankra's own default: within one working day, feature B10"
)
"""An inbound contact should have a first answer within this many Swedish working hours."""

SPOKEN_CHANNELS: Final = frozenset({"phone", "visit", "event"})
"""Channels in which somebody of ours spoke with the caller, so that nobody waits for a first answer
(feature B10). Keys of the sources a new installation begins with. Since 2026-11-23."""

FOLLOW_UP_AFTER: Final = timedelta(weeks=2)
"""Where one click puts a follow-up: near, and no hurry (feature E9). Since 2026-11-23."""

CHAMPION_SETTLES: Final = timedelta(weeks=6)
"""How long a champion is left in peace at a new place before we follow along (rule R13 of
`budget-cycles.md` asks for it and names no time). Since 2026-11-23."""


def follow_up_day(today: date) -> date:
    """The working day on which a gap closed by one click comes back."""
    return next_working_day(today + FOLLOW_UP_AFTER)


def answer_promised_before(now: datetime) -> datetime:
    """What came in by this instant should have had its answer by now, to the minute."""
    return _answer_promised_before(now.replace(second=0, microsecond=0))


@lru_cache(maxsize=64)
def _answer_promised_before(now: datetime) -> datetime:
    """The clock stands still outside office hours, so the instant is sought, to the second."""
    early, late = now - timedelta(days=ANSWER_WITHIN.working_hours * 3 + 21), now
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if working_hours_between(middle, now) >= ANSWER_WITHIN.working_hours:
            early = middle
        else:
            late = middle
    return late
