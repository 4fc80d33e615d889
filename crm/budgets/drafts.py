"""A buyer's calendar as it is typed, before anything is stored; the form and the preview share it.

Days recur every year and so are kept as month and day. Which year they belong to follows from the
template: of the years around the budget year, the one that puts the day nearest to where bodies of
the kind usually have that phase.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Phase,
    PhaseRole,
    Practice,
    phase_keys,
    phases,
    practices_for,
)
from crm.rules.certainty import Certainty

MonthDay = tuple[int, int]
"""Month and day. 29 February stands for the last day of the month in every year."""

OFFSETS: Final = (-2, -1, 0, 1)
"""How many years from the budget year an own date may lie."""

USUAL_OFFSET: Final = -1
"""A budget is made in the year before, so an event without a phase to lean on falls there."""

_ORDINARY_YEAR: Final = 2029  # no election the year before
_AFTER_ELECTION: Final = 2031

MAIN_ROLES: Final = frozenset(
    {
        PhaseRole.PREPARATION,
        PhaseRole.DIRECTIVE,
        PhaseRole.DOOR,
        PhaseRole.INVESTMENT,
        PhaseRole.POLITICS,
        PhaseRole.DECISION,
        PhaseRole.INTERNAL_BUDGET,
        PhaseRole.RECONCILIATION,
        PhaseRole.APPROPRIATION,
    }
)
"""The steps that lead to a budget; each has a line of its own on the form."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What something known of a calendar rests on."""

    certainty: Certainty
    source_url: str
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class DateRow:
    """One own date as typed on the form. `phase_key` "" makes it a named event.

    `year_offset` counts from the budget year; None is as the template has it. `budget_year` None
    means every year. `ground` is of this date alone; None leaves it to the calendar.
    """

    phase_key: str
    name: str
    start: MonthDay
    end: MonthDay
    year_offset: int | None
    budget_year: int | None
    note: str = ""
    ground: Ground | None = None

    @property
    def identity(self) -> tuple[str, str, int | None]:
        """What tells one own date of a calendar from another."""
        return (self.phase_key, self.name, self.budget_year)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything the form says about how a body decides its budget."""

    decision: DecisionPractice
    certainty: Certainty
    source_url: str
    checked_on: date | None
    rows: tuple[DateRow, ...] = ()
    election_month: int | None = None
    deficit_until: int | None = None
    note: str = ""
    from_elsewhere: bool = False  # dates that are new or moved do not come from this source

    @property
    def ground_of_changes(self) -> Ground:
        """What dates that are new or moved rest on: without the source, on whoever told us."""
        if not self.from_elsewhere:
            return Ground(self.certainty, self.source_url, self.checked_on)
        told = self.certainty is Certainty.PUBLISHED
        return Ground(Certainty.CONFIRMED if told else self.certainty, "", None)


@dataclass(frozen=True, slots=True)
class MainPhase:
    """A step of the budget as some template of the kind has it."""

    key: str
    name_sv: str
    name_en: str
    role: PhaseRole


@lru_cache(maxsize=8)
def main_phases(kind: BodyKind) -> tuple[MainPhase, ...]:
    """The steps that any template of this kind has, in the order of the year."""
    found: dict[str, MainPhase] = {}
    for decision in practices_for(kind)[:-1]:
        for phase in phases(Practice(kind, decision), _ORDINARY_YEAR):
            if phase.role in MAIN_ROLES and not phase.election_variant:
                found.setdefault(
                    phase.key, MainPhase(phase.key, phase.name_sv, phase.name_en, phase.role)
                )
    order = list(PhaseRole)
    return tuple(sorted(found.values(), key=lambda step: order.index(step.role)))


@lru_cache(maxsize=8)
def all_phases(kind: BodyKind) -> dict[str, tuple[str, str]]:
    """Swedish and English name of every phase that may have dates of its own, by key."""
    return {
        key: (sv, en)
        for decision in practices_for(kind)[:-1]
        for key, sv, en in phase_keys(Practice(kind, decision))
    }


@lru_cache(maxsize=1024)
def typical(kind: BodyKind, decision: DecisionPractice, budget_year: int) -> dict[str, Phase]:
    """The template's phases of one budget year, by key."""
    return {phase.key: phase for phase in phases(Practice(kind, decision), budget_year)}


def year_offset_of(
    kind: BodyKind,
    decision: DecisionPractice,
    key: str,
    start: MonthDay,
    budget_year: int | None = None,
) -> int:
    """The offset that puts `start` nearest to where the template has the phase."""
    years = (budget_year,) if budget_year else (_ORDINARY_YEAR, _AFTER_ELECTION)
    for year in years:
        usual = typical(kind, decision, year).get(key)
        if usual is not None:
            return min(
                OFFSETS,
                key=lambda offset: (abs((_on(year + offset, start) - usual.start).days), -offset),
            )
    return USUAL_OFFSET


def _on(year: int, day: MonthDay) -> date:
    month, number = day
    if (month, number) == (2, 29):
        number = 28
    return date(year, month, number)


def doubles(rows: Iterable[DateRow]) -> list[DateRow]:
    """Rows that say again what another row says."""
    seen: set[tuple[str, str, int | None]] = set()
    found = []
    for row in rows:
        if row.identity in seen:
            found.append(row)
        seen.add(row.identity)
    return found


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of a published timetable, as somebody has ticked it: what it is and its days.

    `what` is "meeting", "decision" (a meeting that decides the budget), "event", or the key of a
    phase.
    """

    what: str
    name: str
    start: date
    end: date


MEETING: Final = "meeting"
DECISION: Final = "decision"
EVENT: Final = "event"


def dated(
    rows: Iterable[ImportedRow], kind: BodyKind, decision: DecisionPractice, ground: Ground
) -> list[tuple[DateRow, int]]:
    """The phases and events among the rows as dates for one budget year each, each with how many
    rows say so.

    Several rows of a phase in the same round are one stretch, from the first day to the last, also
    over the turn of a year. Two events of one name keep apart by their day.
    """
    spans: dict[tuple[str, int], tuple[date, date, int]] = {}
    events: dict[tuple[str, int], tuple[DateRow, int]] = {}
    for row in sorted(rows, key=lambda row: (row.start, row.end, row.name)):
        start, end = (row.start.month, row.start.day), (row.end.month, row.end.day)
        if row.what == EVENT:
            year = row.start.year - USUAL_OFFSET
            name = row.name
            if (name, year) in events and events[name, year][0].start != start:
                name = f"{name[:100]} ({row.start.isoformat()})"
            event = DateRow("", name, start, end, USUAL_OFFSET, year, ground=ground)
            _event, said = events.get((name, year), (event, 0))
            events[name, year] = event, said + 1
        elif row.what not in (MEETING, DECISION):
            key = (row.what, round_of(kind, decision, row.what, row.start))
            first, last, said = spans.get(key, (row.start, row.end, 0))
            spans[key] = (first, max(last, row.end), said + 1)
    phases_found = [
        (
            DateRow(
                key,
                "",
                (first.month, first.day),
                (last.month, last.day),
                first.year - year,
                year,
                ground=ground,
            ),
            said,
        )
        for (key, year), (first, last, said) in spans.items()
    ]
    return [*phases_found, *events.values()]


def round_of(kind: BodyKind, decision: DecisionPractice, key: str, start: date) -> int:
    """The budget year that a day of a phase is of: the one in which it falls where it usually
    does."""
    return start.year - year_offset_of(kind, decision, key, (start.month, start.day))
