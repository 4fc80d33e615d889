"""Which rows of a published timetable are proposed, and which cannot be kept beside each other.

Pure: the rows as they are understood in, a doubt for each that has one out. A row that is doubted
is shown with the reason and left for the user to tick; two that contradict each other cannot both
be saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm.rules.confirmations import coming_budget_year
from crm.rules.elections import is_election_year, new_council_from

YEARS_AHEAD: Final = 3
"""Budget years that a row is proposed for, the coming one first. Bodies publish one or two."""


class Takes(StrEnum):
    """What a row is taken for, as far as it matters here."""

    MEETING = "meeting"
    DECISION = "decision"
    """A meeting of the council that decides the budget of the following year."""
    DOOR = "door"
    """The nämnder hand in what they need."""
    OTHER = "other"


class Doubt(StrEnum):
    """Why a row is not proposed, or cannot be saved."""

    NOT_OURS = "not_ours"
    """Its words say nothing of the budget or the council."""
    PAST = "past"
    FAR = "far"
    SAME_DAY = "same_day"
    """The council meets once a day; `other` is the row that is proposed."""
    TWO_DECISIONS = "two_decisions"
    """`other` is said to decide the same budget, on another day."""
    OLD_COUNCIL = "old_council"
    """The newly elected council decides, on 15 October at the earliest (KL 11 kap. 10 §)."""
    BEFORE_DOOR = "before_door"
    """Decided before the nämnder have handed in; `day` is when they have, `other` says so."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `budget_year` is None where it belongs to none; `is_meant`: its words concern us."""

    takes: Takes
    start: date
    end: date
    budget_year: int | None = None
    is_meant: bool = True


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubt, with the place of another row or the day that it comes from."""

    doubt: Doubt
    other: int | None = None
    day: date | None = None


def horizon(today: date) -> date:
    """The last day that a row is proposed for: the end of the year in which the last of the
    budgets of interest is made."""
    return date(coming_budget_year(today) + YEARS_AHEAD - 2, 12, 31)


def clashes(rows: Mapping[int, Row]) -> dict[int, Doubted]:
    """The rows that cannot be saved together, or at all: by place, with what stands against each.

    Two rows of one day are one meeting, and no clash.
    """
    found: dict[int, Doubted] = {}
    deciding: dict[int, list[int]] = {}
    doors = _doors(rows)
    for place, row in rows.items():
        if row.takes is Takes.DECISION:
            deciding.setdefault(row.end.year + 1, []).append(place)
    for year, places in deciding.items():
        for place in places:
            day = rows[place].end
            other = next((one for one in places if rows[one].end != day), None)
            if other is not None:
                found[place] = Doubted(Doubt.TWO_DECISIONS, other)
            elif _is_by_the_old_council(day):
                found[place] = Doubted(Doubt.OLD_COUNCIL)
            elif (door := doors.get(year)) is not None and day < rows[door].end:
                found[place] = Doubted(Doubt.BEFORE_DOOR, door, rows[door].end)
    return found


def doubts(rows: Sequence[Row], today: date, known_doors: Mapping[int, date]) -> dict[int, Doubted]:
    """Why some rows are not proposed, by place; the others are.

    `known_doors` is the last day on which the nämnder hand in as it is known so far, by budget
    year; a row of the file that says another one goes before it.
    """
    found: dict[int, Doubted] = {}
    last = horizon(today)
    for place, row in enumerate(rows):
        if not row.is_meant:
            found[place] = Doubted(Doubt.NOT_OURS)
        elif row.end < today:
            found[place] = Doubted(Doubt.PAST)
        elif row.start > last:
            found[place] = Doubted(Doubt.FAR)
    found |= clashes({place: row for place, row in enumerate(rows) if place not in found})
    told = _doors({place: row for place, row in enumerate(rows) if place not in found})
    for place, row in enumerate(rows):
        door = known_doors.get(row.end.year + 1) if row.end.year + 1 not in told else None
        if row.takes is Takes.DECISION and place not in found and door and row.end < door:
            found[place] = Doubted(Doubt.BEFORE_DOOR, None, door)
    return _once_a_day(rows, found)


def _once_a_day(rows: Sequence[Row], found: dict[int, Doubted]) -> dict[int, Doubted]:
    """The same, with every further council row of a day pointing to the one that is proposed, which
    is the one that decides where one does."""
    first: dict[date, int] = {}
    proposed = [
        place
        for place, row in enumerate(rows)
        if place not in found and row.takes in (Takes.MEETING, Takes.DECISION)
    ]
    for place in sorted(proposed, key=lambda one: (rows[one].takes is Takes.MEETING, one)):
        earlier = first.setdefault(rows[place].end, place)
        if earlier != place:
            found[place] = Doubted(Doubt.SAME_DAY, earlier)
    return found


def _doors(rows: Mapping[int, Row]) -> dict[int, int]:
    """The row on which the nämnder have handed in, by budget year: the last one of each."""
    found: dict[int, int] = {}
    for place, row in sorted(rows.items(), key=lambda pair: pair[1].end):
        if row.takes is Takes.DOOR and row.budget_year is not None:
            found[row.budget_year] = place
    return found


def _is_by_the_old_council(day: date) -> bool:
    return is_election_year(day.year) and day < new_council_from(day.year)
