"""The rows of a published timetable that are about to be kept: what they mean beside each other,
and the sentences for it. The rulebook doubts (crm.rules.timetable_rows); nothing is read or written
here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask_babel import gettext as _

from crm.budgets.drafts import (
    DECISION,
    EVENT,
    MEETING,
    USUAL_OFFSET,
    ImportedRow,
    round_of,
    typical,
)
from crm.rules.budget_cycle import PhaseRole, Practice
from crm.rules.confirmations import coming_budget_year
from crm.rules.timetable import meaning_of
from crm.rules.timetable_rows import Doubt, Doubted, Row, Takes
from crm.web import filters

_NEAR: Final = timedelta(days=183)  # an event of one name within half a year is the same one


@dataclass(frozen=True, slots=True)
class Replaced:
    """A budget is decided on another day than was known before."""

    budget_year: int
    old: date
    new: date


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows that were kept; together they are all of them."""

    new: int
    changed: int
    unchanged: int
    replaced: tuple[Replaced, ...] = ()


def understood(row: ImportedRow, practice: Practice, *, is_known: bool = False) -> Row:
    """A row as the rulebook looks at it. `is_known`: the body has an event of that name."""
    is_meant = is_known or meaning_of(row.name) is not None
    if row.what in (MEETING, DECISION):
        return Row(Takes(row.what), row.start, row.end, row.end.year + 1, is_meant)
    if row.what == EVENT:
        return Row(Takes.OTHER, row.start, row.end, None, is_meant)
    year = round_of(practice.kind, practice.decision, row.what, row.start)
    usual = typical(practice.kind, practice.decision, coming_budget_year(row.start)).get(row.what)
    is_door = usual is not None and usual.role is PhaseRole.DOOR
    return Row(Takes.DOOR if is_door else Takes.OTHER, row.start, row.end, year, is_meant)


def said(doubted: Doubted, row: ImportedRow, others: Mapping[int, ImportedRow]) -> str:
    """The doubt as a sentence to be read at the row."""
    other = others.get(doubted.other) if doubted.other is not None else None
    match doubted.doubt:
        case Doubt.NOT_OURS if "budget" in row.name.lower():
            return _("Does not say which step of the budget it is.")
        case Doubt.NOT_OURS:
            return _("Says nothing of the budget or the council.")
        case Doubt.PAST:
            return _("Has been already.")
        case Doubt.FAR:
            return _("Further ahead than the three nearest budget years. Check the year.")
        case Doubt.SAME_DAY if other:
            return _("The same day as “%(name)s”, and one meeting.", name=other.name)
        case Doubt.TWO_DECISIONS if other:
            first, second = sorted((row, other), key=lambda one: one.end)
            return _(
                "Both “%(first)s” on %(first_day)s and “%(second)s” on %(second_day)s are to decide"
                " the budget for %(year)s. Keep one of them; the other may be a council meeting.",
                first=first.name,
                first_day=filters.day(first.end),
                second=second.name,
                second_day=filters.day(second.end),
                year=row.end.year + 1,
            )
        case Doubt.OLD_COUNCIL:
            return old_council()
        case Doubt.BEFORE_DOOR if other:
            return _(
                "The budget for %(year)s would be decided before the nämnder have handed in:"
                " “%(name)s” is on %(day)s. Check the two days.",
                year=row.end.year + 1,
                name=other.name,
                day=filters.day(other.end),
            )
        case _:
            return _(
                "Lies before the nämnder have handed in for %(year)s, on %(day)s as far as is"
                " known. Is it another budget?",
                year=row.end.year + 1,
                day=filters.day(doubted.day),
            )


def old_council() -> str:
    """Why a council that is about to go does not decide."""
    return _(
        "After the election the newly elected council adopts the budget, so it is decided"
        " on 15 October at the earliest (KL 11 kap. 10 §)."
    )


def remarks(
    rows: Mapping[int, ImportedRow],
    deciding: Mapping[int, date],
    standing: Sequence[tuple[str, date]],
) -> dict[int, str]:
    """What keeping a row would do to what is known, where that is easily overlooked.

    `deciding`: the day on which each budget is decided so far. `standing`: the body's own events
    for one year, by name and day.
    """
    found: dict[int, str] = {}
    named = {(row.name, row.start) for row in rows.values()}
    for place, row in rows.items():
        old = deciding.get(row.end.year + 1)
        if row.what == DECISION and old is not None and old != row.end:
            found[place] = _(
                "Until now %(day)s is to decide the budget for %(year)s.",
                day=filters.day(old),
                year=row.end.year + 1,
            )
        elif row.what == EVENT and (before := _moved_from(row, standing, named)):
            found[place] = _(
                "Is noted on %(day)s as well, and stays there: take that one away if the event has"
                " moved.",
                day=filters.day(before),
            )
    return found


def _moved_from(
    row: ImportedRow, standing: Sequence[tuple[str, date]], named: Collection[tuple[str, date]]
) -> date | None:
    """The day of an event of the same name on the other side of a turn of the year. On this side it
    is moved by itself, since a name is one event a year."""
    for name, day in standing:
        is_other = day.year != row.start.year and (name, day) not in named
        if name == row.name and is_other and abs(day - row.start) <= _NEAR:
            return day
    return None


def day_of(budget_year: int, year_offset: int | None, month: int, day: int) -> date:
    """The day of a stored date for one year; 29 February is the last of the month."""
    year = budget_year + (USUAL_OFFSET if year_offset is None else year_offset)
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, 28)
