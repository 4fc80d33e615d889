"""For which budget year a check of a timetable still speaks, and what becomes of it afterwards.

A body's dates recur from year to year until it changes them, and nobody tells us when it does. So
what was read or heard holds for the round that was coming when it was checked. For later rounds it
is assumed, until somebody has looked again. Bodies start a round between August and November, more
than a year before the money (Umeå, Östersund and Karlstad: budget-cycles.md 2.1); the first of
October is our own line between two rounds.
"""

from datetime import date
from typing import Final

from crm.rules.certainty import Certainty

_NEW_ROUND: Final = (10, 1)  # month and day
_CHECKED_MARKS: Final = frozenset({Certainty.PUBLISHED, Certainty.CONFIRMED})


def coming_budget_year(day: date) -> int:
    """The budget year whose round comes next or has just begun: 2028 from 1 October 2026."""
    return day.year + (2 if (day.month, day.day) >= _NEW_ROUND else 1)


def begins_on(budget_year: int) -> date:
    """The first day on which this is the coming budget year."""
    return date(budget_year - 2, *_NEW_ROUND)


def holds_through(checked_on: date, confirmed_for: int | None) -> int:
    """The last budget year that a check speaks for, or that was said to be the same again."""
    return max(coming_budget_year(checked_on), confirmed_for or 0)


def certainty_in(
    certainty: Certainty, checked_on: date | None, confirmed_for: int | None, budget_year: int
) -> Certainty:
    """How sure a recurring date is for one budget year.

    What was published or confirmed is only typical for a year beyond the one it was checked for.
    Without a day of checking there is nothing to count from, and the mark stays.
    """
    if certainty not in _CHECKED_MARKS or checked_on is None:
        return certainty
    if budget_year <= holds_through(checked_on, confirmed_for):
        return certainty
    return Certainty.TYPICAL
