"""Reminders that come again (E6): every day, week, month or year, or with an event of each cycle.

Days are civil days, so the clock's changes do not matter. A month without the day has its last
one: the 31st becomes 30 April and 28 February, and is the 31st again in May; 29 February is the
28th in other years. A daily one that falls on a day off comes on the next working day, and one
that comes with an event not before it; any other on the working day before, as a promise does.
Missed occasions are not made up for.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.budget_cycle import Practice
from crm.rules.calendar import next_working_day
from crm.rules.precision import add_months
from crm.rules.quiet import Audience, deadline_day
from crm.rules.stages import CaseState, WakeEvent, resolve_event


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    CYCLE = "cycle"  # with an event of each budget year


class StopWhen(StrEnum):
    """The change of state that ends it, whatever is left of it."""

    NEVER = "never"
    CASE_CLOSED = "case_closed"
    WAIT_OVER = "wait_over"  # the case no longer waits, or is closed


MOST_APART: Final = 60
"""The most days, weeks, months or years that may lie between two occasions."""

_TRIES: Final = 60  # weeks in which a cycle's event must have come again
_MONTHS: Final = {Every.MONTH: 1, Every.YEAR: 12}
_DAYS: Final = {Every.DAY: 1, Every.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How a reminder comes again: from `starts_on`, every so many days, weeks, months or years.

    It ends after `until` or when it has come `times` times, whichever is first; without either it
    goes on. With CYCLE it comes with `event`, the first time after `starts_on`.
    """

    every: Every
    starts_on: date
    apart: int = 1
    until: date | None = None
    times: int | None = None
    event: WakeEvent | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.apart <= MOST_APART:
            raise ValueError("apart")
        if self.times is not None and self.times < 1:
            raise ValueError("times")
        if (self.every is Every.CYCLE) != (self.event is not None):
            raise ValueError("event")


def following(
    recurrence: Recurrence, made: int, after: date, *, practice: Practice, audience: Audience
) -> date | None:
    """The next occasion after a day, when `made` have been; None when it has ended.

    The first is the next after the day before it starts.
    """
    if recurrence.times is not None and made >= recurrence.times:
        return None
    after = max(after, recurrence.starts_on - timedelta(days=1))
    day = (
        _event_after(recurrence.event, after, practice, audience)
        if recurrence.event is not None
        else _pattern_after(recurrence, after)
    )
    if day is None or (recurrence.until is not None and day > recurrence.until):
        return None
    return day


def _event_after(
    event: WakeEvent, after: date, practice: Practice, audience: Audience
) -> date | None:
    """The event is told as of a day when it may already have been: then the one after it."""
    asked = after
    for _try in range(_TRIES):
        found = resolve_event(event, practice, audience, asked)
        if found is None or found.day > after:
            return found.day if found is not None else None
        asked += timedelta(days=7)
    return None


def _pattern_after(recurrence: Recurrence, after: date) -> date:
    start, apart = recurrence.starts_on, recurrence.apart
    if recurrence.every in _DAYS:
        step = timedelta(days=_DAYS[recurrence.every] * apart)
        day = start + max(0, (after - start) // step) * step
        while (found := _wanted(recurrence.every, day)) <= after:
            day += step
        return found
    months = _MONTHS[recurrence.every] * apart
    number = max(0, ((after.year - start.year) * 12 + after.month - start.month) // months)
    while (day := add_months(start, number * months)) <= after:
        number += 1
    return day


def _wanted(every: Every, day: date) -> date:
    """The day itself; of a daily one the next working day, so that two do not stand on one."""
    return shown_on(every, day) if every is Every.DAY else day


def shown_on(every: Every, day: date) -> date:
    """The working day on which an occasion stands: before a day off, as a promise of ours does.
    A daily one has had that day already, and an event has not been then: they stand after it."""
    return next_working_day(day) if every in (Every.DAY, Every.CYCLE) else deadline_day(day)[0]


def stops(when: StopWhen, state: CaseState | None) -> bool:
    """Whether the state of its case ends it; a reminder without a case has none."""
    if state is None or when is StopWhen.NEVER:
        return False
    if when is StopWhen.WAIT_OVER:
        return state is not CaseState.WAITING
    return state is CaseState.CLOSED
