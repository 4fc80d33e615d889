"""A public body's budget year: which phase falls when, and how sure that is.

Kommunallagen (2017:725), KL, sets only the outer limits for municipalities and regions: the
executive board's proposal before the end of October (11 kap. 8 §), the hand-in date of the
committees as the board decides (9 §), adoption before the end of November (10 §), December only
for special reasons (11 §). Within them each body has its own custom, so the calendar belongs to a
`Practice`, with its source. In the year after an election the newly elected council must have
adopted the budget (10 § second paragraph; its term runs from 15 October, 5 kap. 9 §).

The dates stand in `data/budget_phases.csv`. For budget year Y a phase starts on `typical_start` in
year Y + `year_offset`; an end that lies earlier in the year than the start falls in the next year.
Rows marked `ey_` apply only when Y - 1 is an election year. `quiet_` rows are not phases; they are
read by `crm.rules.quiet`. The September, October and December calendars are derived, as their
`source` says: from Östersund's published year, and from the November calendar with the decision,
and what must come before and after it, moved to the body's month.
"""

import csv
import io
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final

from crm.rules.certainty import Certainty, weakest
from crm.rules.confirmations import certainty_in
from crm.rules.elections import is_election_year, new_council_from


class BodyKind(StrEnum):
    """What kind of legal body it is, since each kind has its own law and calendar."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"
    UNIVERSITY = "university"
    OTHER = "other"


class DecisionPractice(StrEnum):
    """The month in which the council by custom decides the budget, or whose calendar applies."""

    JUNE = "june"
    SEPTEMBER = "september"
    OCTOBER = "october"
    NOVEMBER = "november"
    DECEMBER = "december"
    STATE = "state"
    UNIVERSITY = "university"
    UNKNOWN = "unknown"


class PhaseRole(StrEnum):
    """What a phase means to somebody with a need, whatever the body calls it."""

    PREPARATION = "preparation"
    DIRECTIVE = "directive"
    DOOR = "door"
    """The committees' hand-in: the window in which a need must be in writing."""
    INVESTMENT = "investment"
    POLITICS = "politics"
    DECISION = "decision"
    INTERNAL_BUDGET = "internal_budget"
    RECONCILIATION = "reconciliation"
    YEAR_START = "year_start"
    IN_YEAR = "in_year"
    """Spending decided during the budget year itself."""
    FOLLOW_UP = "follow_up"
    FREEZE_RISK = "freeze_risk"
    """Forecasts are read; a purchasing freeze (inköpsstopp) may follow."""
    YEAR_END = "year_end"
    APPROPRIATION = "appropriation"
    """The Government's letter of appropriation (regleringsbrev)."""
    FRAMEWORK_AGREEMENT = "framework_agreement"
    GRANT = "grant"
    SIGNAL = "signal"
    LEGAL_LIMIT = "legal_limit"
    """An outer limit set by law, never a target."""
    ELECTION = "election"
    SCHOOL_MONEY = "school_money"
    SCHOOL_COUNT = "school_count"
    SCHOOL_PILOT = "school_pilot"
    SCHOOL_PLANNING = "school_planning"
    SCHOOL_PURCHASE = "school_purchase"


@dataclass(frozen=True, slots=True)
class PhaseOverride:
    """A body's own dates for one phase, for every year or for one budget year only.

    An override for one budget year wins over one for every year. `year_offset` counts from the
    budget year; None keeps that of the calendar. 29 February is the 28th in other years.
    """

    phase_key: str
    start_month: int
    start_day: int
    end_month: int
    end_day: int
    year_offset: int | None = None
    budget_year: int | None = None
    certainty: Certainty = Certainty.CONFIRMED
    source_url: str = ""
    checked_on: date | None = None

    def __post_init__(self) -> None:
        """Raise ValueError on a day that no year has."""
        date(_LEAP_YEAR, self.start_month, self.start_day)
        date(_LEAP_YEAR, self.end_month, self.end_day)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A planned meeting of the council. `decides` is the year whose budget it is to adopt."""

    held_on: date
    certainty: Certainty
    decides: int | None = None
    source_url: str = ""
    checked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """A body's budget timetable as we know it.

    `election_decision_month` (10, 11 or 12) is the body's own custom in election years, such as
    Region Skåne's December. Without it the calendar shows what the law leaves open.
    `confirmed_for` is the last budget year for which somebody has said that nothing is new;
    `meetings` are the planned days of the council, in order.
    """

    kind: BodyKind
    decision: DecisionPractice
    certainty: Certainty = Certainty.TYPICAL
    source_url: str = ""
    checked_on: date | None = None
    overrides: tuple[PhaseOverride, ...] = ()
    election_decision_month: int | None = None
    confirmed_for: int | None = None
    meetings: tuple[Meeting, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        """Raise ValueError on a month in which a new council cannot adopt a budget."""
        if self.election_decision_month not in (None, *ELECTION_DECISION_MONTHS):
            raise ValueError("After an election the budget is adopted in October to December.")
        told = (self.kind, self.decision, self.certainty, self.source_url, self.checked_on)
        own = (self.overrides, self.election_decision_month, self.confirmed_for, self.meetings)
        object.__setattr__(self, "_hash", hash((told, own)))

    def __hash__(self) -> int:
        """Reckoned once: every question about a calendar looks up its answer by the practice."""
        return self._hash

    @property
    def is_known(self) -> bool:
        """Whether there is a calendar to plan by; if not, the one task is to find it out."""
        return self.decision in practices_for(self.kind)[:-1]


@dataclass(frozen=True, slots=True)
class Phase:
    """One dated stretch of a body's budget year; both days are included.

    `statutory` says that the law prescribes the phase, `law` which paragraph (or what the law has
    to say about a custom); `certainty` is about the dates.
    """

    key: str
    budget_year: int
    start: date
    end: date
    name_sv: str
    name_en: str
    advice_sv: str
    advice_en: str
    avoid_sv: str
    avoid_en: str
    statutory: bool
    law: str
    source: str
    certainty: Certainty
    role: PhaseRole
    election_variant: bool
    checked_on: date | None

    def covers(self, day: date) -> bool:
        """Whether the day falls within the phase."""
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Window:
    """A door of some budget year, seen from a day on which it is open or still to open."""

    phase: Phase
    budget_year: int
    opens: date
    closes: date
    is_open: bool


@dataclass(frozen=True, slots=True, eq=False)
class TemplateRow:
    """One line of `data/budget_phases.csv`: what is typical of bodies of the kind.

    Rows are told apart by identity, which keeps the memory of what was resolved from them cheap.
    """

    kind: str
    practice: str
    key: str
    name_sv: str
    name_en: str
    start: tuple[int, int]
    end: tuple[int, int]
    year_offset: int
    advice_sv: str
    advice_en: str
    avoid_sv: str
    avoid_en: str
    statutory: bool
    law: str
    source: str
    role: PhaseRole | None
    """None on quiet rows."""
    certainty: Certainty

    @property
    def is_quiet(self) -> bool:
        return self.role is None

    @property
    def is_for_elections(self) -> bool:
        return self.key.startswith("ey_")


ELECTION_DECISION_MONTHS: Final = (10, 11, 12)
"""From the new term on 15 October (KL 5 kap. 9 §) to the outer limit (11 kap. 11 §)."""

_LEAP_YEAR: Final = 2028
_DEFAULT: Final = "default"
_SCHOOL: Final = "skola"
_NEW_COUNCIL_DECIDES: Final = "ey_budget_nya_fullmaktige"
_JUNE_DIRECTION: Final = "ey_inriktningsbeslut"

_SHEET: Final = {
    BodyKind.MUNICIPALITY: "kommun",
    BodyKind.REGION: "region",
    BodyKind.STATE: "stat",
    BodyKind.UNIVERSITY: "universitet",
    BodyKind.OTHER: "kommun",
}
"""The template a kind reads. Other bodies with a known month follow the municipal one."""

_COUNCIL_PRACTICES: Final = (
    DecisionPractice.JUNE,
    DecisionPractice.SEPTEMBER,
    DecisionPractice.OCTOBER,
    DecisionPractice.NOVEMBER,
    DecisionPractice.DECEMBER,
    DecisionPractice.UNKNOWN,
)

_DECIDED_BEFORE_THE_NEW_COUNCIL: Final = frozenset(
    {DecisionPractice.JUNE, DecisionPractice.SEPTEMBER, DecisionPractice.OCTOBER}
)
"""Months in which the old council would decide; an election moves the decision past 15 October."""

_REPLACED_AFTER_ELECTION: Final = frozenset({"budgetproposition", "rambeslut"})
"""The state's rows that have an `ey_` twin with later dates."""

_INTERNAL_BUDGET_BY_MONTH: Final = {
    10: DecisionPractice.OCTOBER,
    11: DecisionPractice.NOVEMBER,
    12: DecisionPractice.DECEMBER,
}


def practices_for(kind: BodyKind) -> tuple[DecisionPractice, ...]:
    """The practices a body of this kind can have; the last is always UNKNOWN."""
    if kind is BodyKind.STATE:
        return (DecisionPractice.STATE, DecisionPractice.UNKNOWN)
    if kind is BodyKind.UNIVERSITY:
        return (DecisionPractice.UNIVERSITY, DecisionPractice.UNKNOWN)
    return _COUNCIL_PRACTICES


def default_practice(kind: BodyKind) -> Practice:
    """What is assumed of a body nobody has asked: the state's calendar, or nothing at all."""
    return Practice(kind, practices_for(kind)[0 if kind in _STATE_KINDS else -1])


_STATE_KINDS: Final = frozenset({BodyKind.STATE, BodyKind.UNIVERSITY})


@lru_cache(maxsize=1)
def template() -> tuple[TemplateRow, ...]:
    """Every row of the packaged template, quiet rows included, in the order of the file."""
    text = files("crm.rules").joinpath("data/budget_phases.csv").read_text(encoding="utf-8")
    return tuple(_template_row(row) for row in csv.DictReader(io.StringIO(text)))


@lru_cache(maxsize=1 << 16)
def phases(practice: Practice, budget_year: int) -> tuple[Phase, ...]:
    """The phases of one budget year, the earliest first.

    Legal limits are among them only when the practice is unknown; see `legal_limits`.
    """
    found = (
        _resolved(row, practice, budget_year) for row in _rows_that_apply(practice, budget_year)
    )
    return _in_order(found)


@lru_cache(maxsize=4096)
def legal_limits(kind: BodyKind, budget_year: int) -> tuple[Phase, ...]:
    """The outer dates the law sets, whatever the custom. Empty for bodies outside KL."""
    return tuple(
        phase
        for phase in phases(Practice(kind, DecisionPractice.UNKNOWN), budget_year)
        if phase.role is PhaseRole.LEGAL_LIMIT
    )


@lru_cache(maxsize=8192)
def calendar(practice: Practice, first: date, last: date) -> tuple[Phase, ...]:
    """Every phase that touches the days first-last, whatever its budget year."""
    return _in_order(
        phase
        for budget_year in budget_years(first, last)
        for phase in phases(practice, budget_year)
        if phase.start <= last and phase.end >= first
    )


@lru_cache(maxsize=256)
def _usual(kind: BodyKind, decision: DecisionPractice, election_month: int | None) -> Practice:
    return Practice(kind, decision, election_decision_month=election_month)


def usual(practice: Practice) -> Practice:
    """The same custom with nothing of the body's own: no dates, no meetings, no sources.

    Many bodies share one, and where they have no days of their own they share its calendar.
    """
    return _usual(practice.kind, practice.decision, practice.election_decision_month)


def own_days(practice: Practice, budget_year: int) -> dict[str, tuple[PhaseRole, date, date]]:
    """By phase, where the body's own dates and its council's meeting put it in a budget year.

    Every phase that is not among them lies on the days that it has in the `usual` practice.
    """
    if not (practice.overrides or practice.meetings):
        return {}
    by_key = _rows_by_key(usual(practice), budget_year)
    found = {}
    for own in practice.overrides:
        row = by_key.get(own.phase_key)
        if row is None or row.role is None or row.key in found:
            continue
        holds = _override(practice, row, budget_year)
        if holds is not None:
            found[row.key] = (row.role, *_own_dates(holds, row, budget_year))
    meeting = _deciding(practice, budget_year)
    if meeting is not None:
        for row in by_key.values():
            if row.role is PhaseRole.DECISION:
                found[row.key] = (row.role, meeting.held_on, meeting.held_on)
    return found


@lru_cache(maxsize=2048)
def _rows_by_key(practice: Practice, budget_year: int) -> dict[str, TemplateRow]:
    return {row.key: row for row in _rows_that_apply(practice, budget_year)}


def current_phases(practice: Practice, today: date) -> tuple[Phase, ...]:
    """What the body is in the middle of today."""
    return calendar(practice, today, today)


_TELLING: Final = (
    PhaseRole.DECISION,
    PhaseRole.DOOR,
    PhaseRole.POLITICS,
    PhaseRole.INTERNAL_BUDGET,
    PhaseRole.DIRECTIVE,
    PhaseRole.INVESTMENT,
    PhaseRole.PREPARATION,
    PhaseRole.RECONCILIATION,
    PhaseRole.APPROPRIATION,
    PhaseRole.LEGAL_LIMIT,
    PhaseRole.YEAR_START,
    PhaseRole.FOLLOW_UP,
)


def main_phase(phases: Sequence[Phase]) -> Phase | None:
    """Of several phases on one day, the one that says most about what the buyer is doing.

    Our own order: what opens or settles the budget before what prepares it.
    """
    told = [phase for phase in phases if phase.role in _TELLING]
    return min(told, key=lambda phase: (_TELLING.index(phase.role), phase.end), default=None)


def door(practice: Practice, budget_year: int) -> Phase | None:
    """When a need must be in writing, or None when the practice is unknown."""
    return of_role(practice, budget_year, PhaseRole.DOOR)


def decision(practice: Practice, budget_year: int) -> Phase | None:
    """When the budget is decided, or None when the practice is unknown."""
    return of_role(practice, budget_year, PhaseRole.DECISION)


def internal_budget(practice: Practice, budget_year: int) -> Phase | None:
    """When the committee or the unit learns its own money, or None when unknown."""
    return of_role(practice, budget_year, PhaseRole.INTERNAL_BUDGET)


@lru_cache(maxsize=8192)
def next_window(practice: Practice, today: date) -> Window | None:
    """The door that is open today, or else the one that opens next; None when unknown.

    Of two open doors the one that opened first is given, so that the answer only moves forward
    as the days pass.
    """
    if not practice.is_known:
        return None
    ahead = [
        (*days, year)
        for year in budget_years(today, today)
        if (days := _door_days(practice, year)) is not None and days[1] >= today
    ]
    first = door(practice, min(ahead)[-1]) if ahead else None
    if first is None:
        return None
    return Window(
        phase=first,
        budget_year=first.budget_year,
        opens=first.start,
        closes=first.end,
        is_open=first.start <= today,
    )


def _door_days(practice: Practice, budget_year: int) -> tuple[date, date] | None:
    """When `door` opens and closes, without all that else is told of it."""
    own = own_days(practice, budget_year)
    doors = [
        own[phase.key][1:] if phase.key in own else (phase.start, phase.end)
        for phase in phases(usual(practice), budget_year)
        if phase.role is PhaseRole.DOOR
    ]
    return min(doors, default=None)


@lru_cache(maxsize=1024)
def school_year(first: date, last: date) -> tuple[Phase, ...]:
    """What happens in a school's own year: an overlay on the calendar of its municipality."""
    rows = [row for row in template() if row.kind == _SCHOOL and not row.is_quiet]
    found = (
        _typical(row, budget_year) for budget_year in budget_years(first, last) for row in rows
    )
    return _in_order(phase for phase in found if phase.start <= last and phase.end >= first)


def phase_keys(practice: Practice) -> tuple[tuple[str, str, str], ...]:
    """(key, Swedish name, English name) of each phase a body may have dates of its own for."""
    seen = {
        phase.key: (phase.key, phase.name_sv, phase.name_en)
        for year in (_ORDINARY_BUDGET_YEAR, _BUDGET_YEAR_AFTER_ELECTION)
        for phase in phases(replace(practice, overrides=()), year)
        if phase.role is not PhaseRole.LEGAL_LIMIT
    }
    return tuple(seen.values())


_ORDINARY_BUDGET_YEAR: Final = 2028
_BUDGET_YEAR_AFTER_ELECTION: Final = 2027


def budget_years(first: date, last: date) -> range:
    """The budget years with a phase near these days; offsets run from -2 to 1, and one to spare."""
    return range(first.year - 2, last.year + 4)


def _in_order(found: Iterable[Phase]) -> tuple[Phase, ...]:
    return tuple(sorted(found, key=lambda phase: (phase.start, phase.end, phase.key)))


def of_role(practice: Practice, budget_year: int, role: PhaseRole) -> Phase | None:
    """The first phase of that role in a budget year, or None when the practice is unknown."""
    return _by_role(practice, budget_year).get(role)


@lru_cache(maxsize=1 << 14)
def _by_role(practice: Practice, budget_year: int) -> dict[PhaseRole, Phase]:
    """The first phase of each role; nothing of a calendar that is not known."""
    if not practice.is_known:
        return {}
    return {phase.role: phase for phase in reversed(phases(practice, budget_year))}


@lru_cache(maxsize=64)
def _sheet(kind: BodyKind, decided: str) -> tuple[TemplateRow, ...]:
    return tuple(
        row
        for row in template()
        if row.kind == _SHEET[kind] and row.practice in (_DEFAULT, decided) and not row.is_quiet
    )


def _election_moves_decision(practice: Practice, budget_year: int) -> bool:
    """Whether the ordinary decision month gives way to the newly elected council's."""
    return (
        is_election_year(budget_year - 1)
        and practice.kind not in _STATE_KINDS
        and (
            practice.decision in _DECIDED_BEFORE_THE_NEW_COUNCIL
            or practice.election_decision_month is not None
        )
    )


def _rows_that_apply(practice: Practice, budget_year: int) -> Iterator[TemplateRow]:
    if not practice.is_known:
        yield from _rows_for_unknown(practice.kind, budget_year)
        return
    after_election = is_election_year(budget_year - 1)
    moved = _election_moves_decision(practice, budget_year)
    for row in _sheet(practice.kind, f"{practice.decision}_decision"):
        if row.role is PhaseRole.LEGAL_LIMIT:
            continue
        if after_election and row.key in _REPLACED_AFTER_ELECTION:
            continue
        if moved and not row.is_for_elections and row.role in _DONE_BY_THE_NEW_COUNCIL:
            continue
        if row.is_for_elections:
            if not after_election or (row.key == _NEW_COUNCIL_DECIDES and not moved):
                continue
            if row.key == _JUNE_DIRECTION and practice.decision is not DecisionPractice.JUNE:
                continue
            yield row
        elif moved and row.role is PhaseRole.INTERNAL_BUDGET:
            month = practice.election_decision_month or _USUAL_ELECTION_DECISION_MONTH
            yield _after_new_council(row, practice.kind, month)
        else:
            yield row


_DONE_BY_THE_NEW_COUNCIL: Final = frozenset({PhaseRole.DECISION, PhaseRole.RECONCILIATION})


def _rows_for_unknown(kind: BodyKind, budget_year: int) -> Iterator[TemplateRow]:
    """The law's limits and what happens everywhere; nothing that hangs on the unknown custom."""
    if kind is BodyKind.OTHER:
        return
    after_election = is_election_year(budget_year - 1)
    for row in _sheet(kind, _DEFAULT):
        if row.is_for_elections and not after_election:
            continue
        if after_election and row.key in _REPLACED_AFTER_ELECTION:
            continue
        if row.key == _NEW_COUNCIL_DECIDES:
            yield _as_legal_limit(row)
        elif kind in _STATE_KINDS and row.certainty is not Certainty.LAW:
            continue
        elif row.role not in _CUSTOM_ROLES and row.key != _JUNE_DIRECTION:
            yield row


@lru_cache(maxsize=8)
def _as_legal_limit(row: TemplateRow) -> TemplateRow:
    return replace(row, role=PhaseRole.LEGAL_LIMIT)


_CUSTOM_ROLES: Final = frozenset(
    {PhaseRole.DOOR, PhaseRole.DECISION, PhaseRole.INTERNAL_BUDGET, PhaseRole.RECONCILIATION}
)


@lru_cache(maxsize=64)
def _after_new_council(row: TemplateRow, kind: BodyKind, month: int) -> TemplateRow:
    """The internal budget follows the decision: the dates of a body that decides as late."""
    as_late = _sheet(kind, f"{_INTERNAL_BUDGET_BY_MONTH[month]}_decision")
    later = next(other for other in as_late if other.role is PhaseRole.INTERNAL_BUDGET)
    return replace(
        row,
        start=later.start,
        end=later.end,
        year_offset=later.year_offset,
        source=later.source,
        certainty=weakest(row.certainty, later.certainty),
    )


_USUAL_ELECTION_DECISION_MONTH: Final = 11
"""Ljusdal, Värnamo and Orust in 2022; the law's ordinary limit (KL 11 kap. 10 §)."""


def _resolved(row: TemplateRow, practice: Practice, budget_year: int) -> Phase:
    """One row as this body has it: by its own dates, its election custom, or as is typical."""
    if row.role is PhaseRole.DECISION and (meeting := _deciding(practice, budget_year)):
        return _at(meeting, _typical(row, budget_year))
    own = _override(practice, row, budget_year)
    if own is not None:
        start, end = _own_dates(own, row, budget_year)
        return replace(
            _typical(row, budget_year),
            start=start,
            end=end,
            certainty=_still(own, practice, budget_year),
            source=own.source_url or practice.source_url or row.source,
            checked_on=own.checked_on,
        )
    phase = _typical(row, budget_year)
    if _follows_moved_decision(row, practice, budget_year):
        phase = replace(phase, election_variant=True)
    if row.role is PhaseRole.DECISION and practice.kind not in _STATE_KINDS:
        if row.key == _NEW_COUNCIL_DECIDES:
            return _decided_by_new_council(phase, practice)
        return _as_told(phase, practice)
    told = _as_sure_as(practice, budget_year)
    if row.practice != _DEFAULT and phase.certainty.rank < told.rank:
        return replace(phase, certainty=told)
    return phase


def _deciding(practice: Practice, budget_year: int) -> Meeting | None:
    return next((one for one in practice.meetings if one.decides == budget_year), None)


def _at(meeting: Meeting, phase: Phase) -> Phase:
    """The decision, on the day of the council's meeting that is to take it."""
    return replace(
        phase,
        start=meeting.held_on,
        end=meeting.held_on,
        certainty=meeting.certainty,
        source=meeting.source_url or phase.source,
        checked_on=meeting.checked_on,
    )


def _still(own: PhaseOverride, practice: Practice, budget_year: int) -> Certainty:
    """How sure an own date is in this budget year; one for a single year does not age."""
    if own.budget_year is not None:
        return own.certainty
    checked_on = own.checked_on or practice.checked_on
    return certainty_in(own.certainty, checked_on, practice.confirmed_for, budget_year)


def _as_sure_as(practice: Practice, budget_year: int) -> Certainty:
    return certainty_in(
        practice.certainty, practice.checked_on, practice.confirmed_for, budget_year
    )


def _decided_by_new_council(phase: Phase, practice: Practice) -> Phase:
    month = practice.election_decision_month
    if month is None:
        return phase
    year = phase.start.year
    return _as_told(
        replace(
            phase,
            start=max(date(year, month, 1), new_council_from(year)),
            end=date(year, month, monthrange(year, month)[1]),
        ),
        practice,
    )


def _as_told(phase: Phase, practice: Practice) -> Phase:
    """The decision month is what the practice's own source tells."""
    return replace(
        phase,
        certainty=_as_sure_as(practice, phase.budget_year),
        source=practice.source_url or phase.source,
        checked_on=practice.checked_on,
    )


def _override(practice: Practice, row: TemplateRow, budget_year: int) -> PhaseOverride | None:
    """The body's own dates for a row; those for every year give way when an election moves it."""
    for_every_year = None
    for own in practice.overrides:
        if own.phase_key != row.key:
            continue
        if own.budget_year == budget_year:
            return own
        if own.budget_year is None:
            for_every_year = own
    if for_every_year and _follows_moved_decision(row, practice, budget_year):
        return None
    return for_every_year


def _follows_moved_decision(row: TemplateRow, practice: Practice, budget_year: int) -> bool:
    return row.role is PhaseRole.INTERNAL_BUDGET and _election_moves_decision(practice, budget_year)


def _own_dates(own: PhaseOverride, row: TemplateRow, budget_year: int) -> tuple[date, date]:
    offset = row.year_offset if own.year_offset is None else own.year_offset
    return _dates(
        (own.start_month, own.start_day), (own.end_month, own.end_day), budget_year + offset
    )


def _dates(start: tuple[int, int], end: tuple[int, int], year: int) -> tuple[date, date]:
    """An end earlier in the year than the start lies in the following year."""
    return _day(year, *start), _day(year + 1 if end < start else year, *end)


def _day(year: int, month: int, day: int) -> date:
    return date(
        year, month, day if day <= _IN_EVERY_MONTH else min(day, monthrange(year, month)[1])
    )


_IN_EVERY_MONTH: Final = 28


@lru_cache(maxsize=1 << 14)
def _typical(row: TemplateRow, budget_year: int) -> Phase:
    """A row of the template in one budget year, before anything is known of the body."""
    start, end = _dates(row.start, row.end, budget_year + row.year_offset)
    if row.role is None:
        raise ValueError(f"{row.key} is a quiet period, not a phase.")
    return Phase(
        key=row.key,
        budget_year=budget_year,
        start=start,
        end=end,
        name_sv=row.name_sv,
        name_en=row.name_en,
        advice_sv=row.advice_sv,
        advice_en=row.advice_en,
        avoid_sv=row.avoid_sv,
        avoid_en=row.avoid_en,
        statutory=row.statutory,
        law=row.law,
        source=row.source,
        certainty=row.certainty,
        role=row.role,
        election_variant=row.is_for_elections,
        checked_on=None,
    )


def _template_row(row: dict[str, str]) -> TemplateRow:
    statutory, law = _statutory(row["statutory"])
    return TemplateRow(
        kind=row["body_kind"],
        practice=row["practice"],
        key=row["phase_key"],
        name_sv=row["name_sv"],
        name_en=row["name_en"],
        start=_month_and_day(row["typical_start"]),
        end=_month_and_day(row["typical_end"]),
        year_offset=int(row["year_offset"]),
        advice_sv=row["advice_sv"],
        advice_en=row["what_a_vendor_should_do"],
        avoid_sv=row["avoid_sv"],
        avoid_en=row["what_not_to_do"],
        statutory=statutory,
        law=law,
        source=row["source"],
        role=PhaseRole(row["role"]) if row["role"] else None,
        certainty=Certainty(row["certainty"]),
    )


def _statutory(cell: str) -> tuple[bool, str]:
    """'yes; KL 11 kap. 10 §' and 'no (own practice; outer limit KL 11 kap. 10 §)'."""
    if cell.startswith("yes"):
        return True, cell.removeprefix("yes").removeprefix(";").strip()
    return False, cell.removeprefix("no").strip().removeprefix("(").removesuffix(")")


def _month_and_day(cell: str) -> tuple[int, int]:
    month, day = cell.split("-")
    return int(month), int(day)
