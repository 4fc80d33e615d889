"""Reads about the buyers' year. Inheritance is resolved here: the nearest node above decides."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload
from sqlalchemy.orm.util import identity_key

from crm.accounts.models import User
from crm.budgets.copying import SURE
from crm.budgets.drafts import USUAL_OFFSET, Calendar, DateRow
from crm.budgets.models import (
    BudgetConfirmation,
    BudgetEvent,
    BudgetPractice,
    CouncilMeeting,
    Pause,
    PauseKind,
)
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import AT_A_TIME, PER_PAGE, Found, Page, Statement, parts_of
from crm.organisations.models import Organisation
from crm.rules import budget_cycle
from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Meeting,
    Phase,
    PhaseOverride,
    PhaseRole,
    Practice,
    Window,
)
from crm.rules.certainty import Certainty
from crm.rules.confirmations import begins_on, certainty_in
from crm.rules.kinds import SIZE_BOUNDS, OrganisationKind, SizeClass, UnitKind
from crm.rules.neighbours import Guess, Neighbour, guess
from crm.rules.quiet import (
    Audience,
    OpenDays,
    Quiet,
    SchoolBreak,
    open_days,
    own_break,
    own_freeze,
    own_quiet,
    quiet_at,
)
from crm.rules.stages import EventDate, WakeEvent, resolve_event
from crm.rules.words import swedish_sort_key

BODY_KIND = {
    OrganisationKind.MUNICIPALITY: BodyKind.MUNICIPALITY,
    OrganisationKind.REGION: BodyKind.REGION,
    OrganisationKind.AUTHORITY: BodyKind.STATE,
    OrganisationKind.UNIVERSITY: BodyKind.UNIVERSITY,
}


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """An event the template does not know: "budget seminar". Month and day recur by budget year."""

    id: int
    name: str
    start_month: int
    start_day: int
    end_month: int
    end_day: int
    year_offset: int | None  # None: as is usual
    budget_year: int | None
    certainty: Certainty
    source_url: str
    checked_on: date | None

    def phase(self, budget_year: int, practice: Practice) -> Phase | None:
        """The event as a phase of one budget year; None if it belongs to another year only.

        Like every recurring date it is assumed beyond the round it was checked for.
        """
        if self.budget_year not in (None, budget_year):
            return None
        year = budget_year + (USUAL_OFFSET if self.year_offset is None else self.year_offset)
        start = _clamped(year, self.start_month, self.start_day)
        wraps = (self.end_month, self.end_day) < (self.start_month, self.start_day)
        return Phase(
            key=f"own_{self.id}",
            budget_year=budget_year,
            start=start,
            end=_clamped(year + wraps, self.end_month, self.end_day),
            name_sv=self.name,
            name_en=self.name,
            advice_sv="",
            advice_en="",
            avoid_sv="",
            avoid_en="",
            statutory=False,
            law="",
            source=self.source_url,
            certainty=self.certainty
            if self.budget_year is not None
            else certainty_in(
                self.certainty,
                self.checked_on or practice.checked_on,
                practice.confirmed_for,
                budget_year,
            ),
            role=PhaseRole.SIGNAL,
            election_variant=False,
            checked_on=self.checked_on,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of one organisation's budget year, inheritance resolved.

    `row` is None when nothing is stored at all; `inherited_from` is set when a node above decides.
    """

    practice: Practice
    row: BudgetPractice | None
    inherited_from: Organisation | None
    named: tuple[NamedEvent, ...] = ()
    pauses: tuple[Pause, ...] = ()  # here and above, the topmost node's first

    @property
    def deficit_until(self) -> int | None:
        return self.row.deficit_until if self.row else None

    def tight_until(self, today: date) -> int | None:
        """The last year marked tight after a deficit, unless it has passed (R8)."""
        until = self.deficit_until
        return until if until is not None and until >= today.year else None

    def phases(self, budget_year: int) -> list[Phase]:
        """The template's phases and the named events, in order."""
        own = [phase for event in self.named if (phase := event.phase(budget_year, self.practice))]
        return sorted(
            [*budget_cycle.phases(self.practice, budget_year), *own],
            key=lambda phase: (phase.start, phase.end, phase.key),
        )

    def phases_on(self, day: date) -> tuple[Phase, ...]:
        """What the buyer is doing on a day; several things at once is usual."""
        return budget_cycle.current_phases(self.practice, day)

    def window(self, today: date) -> Window | None:
        """The door that is open now or opens next."""
        return budget_cycle.next_window(self.practice, today)


def _clamped(year: int, month: int, day: int) -> date:
    while True:  # 29–31 in a shorter month means its last day
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def body_kind(kind: OrganisationKind) -> BodyKind:
    """Whose law and calendar a body follows; companies and associations have none of their own."""
    return BODY_KIND.get(kind, BodyKind.OTHER)


def known_of(organisation: Organisation) -> Known:
    """What we know of this organisation's year. Three statements."""
    return known_of_many([organisation])[organisation.id]


def known_of_many(organisations: Sequence[Organisation]) -> dict[int, Known]:
    """The same for many at once, still three statements at most."""
    above = {node.id: _ids_in(node.path) or [node.id] for node in organisations}
    ids = sorted({part for path in above.values() for part in path})
    rows, confirmed = _rows(ids)
    overrides, named, meetings, pauses = _days(ids, pauses=True)
    bodies = {path[0] for path in above.values()}
    nodes = _nodes({*bodies, *rows}, organisations)
    stored = _Stored(rows, confirmed, overrides, named, meetings, pauses)
    return {node.id: _resolve(node, above[node.id], stored, nodes) for node in organisations}


def practices_of(
    bodies: Mapping[int, OrganisationKind], below: Mapping[int, str] | None = None
) -> dict[int, Practice]:
    """The practice to plan by of many bodies, and of nodes below them by path. Two statements.

    Where nothing else of them is asked for, this is far less reading than `known_of_many`. Of the
    council's meetings only those are in the practice that a budget is decided in: the others move
    nothing in the calendar.
    """
    above = {ident: [ident] for ident in bodies}
    above |= {ident: _ids_in(path) for ident, path in (below or {}).items()}
    ids = sorted({part for path in above.values() for part in path})
    told: dict[int, Any] = {
        row.organisation_id: row
        for row in db.session.execute(
            sa.select(
                BudgetPractice.organisation_id,
                BudgetPractice.decision,
                BudgetPractice.certainty,
                BudgetPractice.source_url,
                BudgetPractice.checked_on,
                BudgetPractice.election_month,
                _CONFIRMED_FOR,
            ).where(BudgetPractice.organisation_id.in_(ids))
        )
    }
    confirmed = {ident: row[-1] for ident, row in told.items() if row[-1] is not None}
    overrides, named, meetings, _none = _days(ids, meetings=CouncilMeeting.decides.is_not(None))
    stored = _Stored(told, confirmed, overrides, named, meetings)
    return {
        ident: _practice(path, body_kind(bodies[path[0]]), stored) for ident, path in above.items()
    }


def _ids_in(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/") if part]


def practice_of(organisation: Organisation) -> Practice:
    """The practice to plan by, inherited where the organisation has none of its own."""
    return known_of(organisation).practice


CARE_KINDS = frozenset({UnitKind.HEALTH_CENTRE, UnitKind.HOSPITAL, UnitKind.CARE_HOME})


def audience_of(organisation: Organisation) -> Audience:
    """Whose terms and holidays hold here. At most one statement, none if the body is loaded."""
    if organisation.is_school:
        return Audience.SCHOOL
    if organisation.kind is OrganisationKind.COMMITTEE:
        return Audience.POLITICAL
    if organisation.unit_kind is UnitKind.FINANCE:
        return Audience.FINANCE
    if organisation.unit_kind in CARE_KINDS:
        return Audience.HEALTH
    body = organisation
    if not organisation.is_body and organisation.body_id is not None:
        body = db.session.get_one(Organisation, organisation.body_id)
    if body.kind is OrganisationKind.UNIVERSITY:
        return Audience.UNIVERSITY
    return Audience.GENERAL


def wake_dates(
    organisation: Organisation, today: date, practice: Practice | None = None
) -> list[tuple[WakeEvent, EventDate]]:
    """What one can wait for at this buyer, soonest first, with its day as known now.

    `practice` is its own, where the caller has read it already.
    """
    practice, audience = practice or practice_of(organisation), audience_of(organisation)
    found = [
        (event, when)
        for event in WakeEvent
        if (when := resolve_event(event, practice, audience, today)) is not None
    ]
    return sorted(found, key=lambda pair: (pair[1].day, pair[0].value))


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is stored of many organisations' years, each by the organisation's id."""

    rows: Mapping[int, BudgetPractice]
    confirmed: dict[int, int]  # the last budget year that was said to be the same
    overrides: dict[int, list[PhaseOverride]]
    named: dict[int, list[NamedEvent]]
    meetings: dict[int, tuple[Meeting, ...]]  # by body
    pauses: dict[int, list[Pause]] = field(default_factory=dict)

    def tells_of(self, part: int) -> bool:
        return (
            part in self.rows
            or part in self.overrides
            or part in self.named
            or part in self.meetings
        )

    def holder(self, path: list[int]) -> int | None:
        """The nearest node of the path with a practice of its own."""
        return next((part for part in reversed(path) if part in self.rows), None)


def _resolve(
    node: Organisation, path: list[int], stored: _Stored, nodes: dict[int, Organisation]
) -> Known:
    body = nodes.get(path[0], node)
    pauses = tuple(pause for part in path for pause in stored.pauses.get(part, ()))
    if not any(stored.tells_of(part) for part in path):
        return replace(_nothing_stored(body_kind(body.kind)), pauses=pauses)
    holder = stored.holder(path)
    return Known(
        practice=_practice(path, body_kind(body.kind), stored),
        row=stored.rows[holder] if holder is not None else None,
        inherited_from=nodes.get(holder) if holder is not None and holder != node.id else None,
        named=tuple(event for part in path for event in stored.named.get(part, ())),
        pauses=pauses,
    )


def _practice(path: list[int], kind: BodyKind, stored: _Stored) -> Practice:
    """By what is stored along the path, the nearest first; the usual one if that is nothing."""
    usual = budget_cycle.default_practice(kind)
    if not any(stored.tells_of(part) for part in path):
        return usual
    holder = stored.holder(path)
    row = stored.rows[holder] if holder is not None else None
    return Practice(
        kind=kind,
        decision=row.decision if row else usual.decision,
        certainty=row.certainty if row else Certainty.TYPICAL,
        source_url=row.source_url if row else "",
        checked_on=row.checked_on if row else None,
        overrides=nearest(stored.overrides.get(part, ()) for part in path),
        election_decision_month=row.election_month if row else None,
        confirmed_for=stored.confirmed.get(holder) if holder is not None else None,
        meetings=stored.meetings.get(path[0], ()),
    )


@lru_cache(maxsize=len(BodyKind))
def _nothing_stored(kind: BodyKind) -> Known:
    """What holds for most bodies: the usual year of their kind, the same for all of them."""
    return Known(practice=budget_cycle.default_practice(kind), row=None, inherited_from=None)


def nearest(levels: Iterable[Sequence[PhaseOverride]]) -> tuple[PhaseOverride, ...]:
    """Own dates from the body down to the node: what hangs nearer wins over what hangs higher.

    A date that a unit has for every year also puts aside what its body has for a single one.
    """
    chosen: dict[tuple[str, int | None], PhaseOverride] = {}
    for level in levels:
        always = {own.phase_key for own in level if own.budget_year is None}
        chosen = {key: own for key, own in chosen.items() if key[0] not in always}
        chosen |= {(own.phase_key, own.budget_year): own for own in level}
    return tuple(chosen.values())


_CONFIRMED_FOR = (
    sa.select(sa.func.max(BudgetConfirmation.budget_year))
    .where(
        BudgetConfirmation.organisation_id == BudgetPractice.organisation_id,
        BudgetConfirmation.confirmed_on.is_not(None),
    )
    .scalar_subquery()
)
"""The last budget year that somebody said is the same as before."""


def _rows(ids: Iterable[int]) -> tuple[dict[int, BudgetPractice], dict[int, int]]:
    """What is stored of each, and the last budget year that was said to be the same."""
    found = db.session.execute(
        sa.select(BudgetPractice, _CONFIRMED_FOR)
        .where(BudgetPractice.organisation_id.in_(list(ids)))
        .options(joinedload(BudgetPractice.checked_by), joinedload(BudgetPractice.copied_from))
    ).all()
    return (
        {row.organisation_id: row for row, _year in found},
        {row.organisation_id: year for row, year in found if year is not None},
    )


_EVENT = (
    BudgetEvent.id,
    BudgetEvent.phase_key,
    BudgetEvent.name,
    BudgetEvent.start_month,
    BudgetEvent.start_day,
    BudgetEvent.end_month,
    BudgetEvent.end_day,
    BudgetEvent.year_offset,
    BudgetEvent.budget_year,
    BudgetEvent.certainty,
    BudgetEvent.source_url,
    BudgetEvent.checked_on,
)
_MEETING = (
    CouncilMeeting.held_on,
    CouncilMeeting.certainty,
    CouncilMeeting.decides,
    CouncilMeeting.source_url,
    CouncilMeeting.checked_on,
)
_EITHER = sa.union_all(
    sa.select(sa.literal(0).label("number")), sa.select(sa.literal(1))
).subquery()
_EACH = sa.union_all(
    sa.select(sa.literal(0).label("number")), sa.select(sa.literal(1)), sa.select(sa.literal(2))
).subquery()


def _days(
    ids: Iterable[int], *, meetings: sa.ColumnElement[bool] | None = None, pauses: bool = False
) -> tuple[
    dict[int, list[PhaseOverride]],
    dict[int, list[NamedEvent]],
    dict[int, tuple[Meeting, ...]],
    dict[int, list[Pause]],
]:
    """Dates of their own, named events, those of the councils' meetings that are wanted, and the
    pauses if they are.

    One statement for all the tables, each row of it of one. Columns and not objects, but for the
    pauses, which are few: of the others there may be thousands.
    """
    overrides: dict[int, list[PhaseOverride]] = {}
    named: dict[int, list[NamedEvent]] = {}
    held: dict[int, list[Meeting]] = {}
    paused: dict[int, list[Pause]] = {}
    numbers = _EACH if pauses else _EITHER
    which, wanted = numbers.c.number, sa.true() if meetings is None else meetings
    asked: Any = (  # of an outer join, so all but one are missing
        sa.select(Organisation.id, *_EVENT, *_MEETING)
        .select_from(Organisation)
        .join(numbers, sa.true())
        .outerjoin(BudgetEvent, sa.and_(which == 0, BudgetEvent.organisation_id == Organisation.id))
        .outerjoin(
            CouncilMeeting,
            sa.and_(which == 1, CouncilMeeting.organisation_id == Organisation.id, wanted),
        )
        .where(Organisation.id.in_(list(ids)))
        .order_by(BudgetEvent.id, CouncilMeeting.held_on)
    )
    there = sa.or_(BudgetEvent.id.is_not(None), CouncilMeeting.id.is_not(None))
    if pauses:
        own = sa.and_(which == 2, Pause.organisation_id == Organisation.id)
        asked = asked.add_columns(Pause).outerjoin(Pause, own).order_by(Pause.starts_on, Pause.id)
        there = sa.or_(there, Pause.id.is_not(None))
    for ident, event_id, phase_key, name, *rest in db.session.execute(asked.where(there)):
        pause = rest.pop() if pauses else None
        if pause is not None:
            paused.setdefault(ident, []).append(pause)
            continue
        days, meeting = rest[: -len(_MEETING)], rest[-len(_MEETING) :]
        if event_id is None:
            held.setdefault(ident, []).append(Meeting(*meeting))
        elif phase_key:
            overrides.setdefault(ident, []).append(PhaseOverride(phase_key, *days))
        else:
            named.setdefault(ident, []).append(NamedEvent(event_id, name, *days))
    return overrides, named, {body: tuple(rows) for body, rows in held.items()}, paused


def as_override(event: BudgetEvent) -> PhaseOverride:
    """The stored row as the rulebook takes it."""
    return PhaseOverride(
        phase_key=event.phase_key,
        start_month=event.start_month,
        start_day=event.start_day,
        end_month=event.end_month,
        end_day=event.end_day,
        year_offset=event.year_offset,
        budget_year=event.budget_year,
        certainty=event.certainty,
        source_url=event.source_url,
        checked_on=event.checked_on,
    )


def _nodes(deciding: Collection[int], known: Sequence[Organisation]) -> dict[int, Organisation]:
    """Every node that has a say. At most one statement: only those not loaded are fetched."""
    nodes = {node.id: node for node in known}
    return nodes | _loaded({*deciding} - nodes.keys())


def _loaded(ids: Collection[int]) -> dict[int, Organisation]:
    """These by id. One statement for those that the session does not hold, none if it has all."""
    held = {
        number: db.session.identity_map.get(identity_key(Organisation, number)) for number in ids
    }
    found = {
        number: node
        for number, node in held.items()
        if node is not None and not sa.inspect(node).expired
    }
    if missing := {*ids} - found.keys():
        asked = sa.select(Organisation).where(Organisation.id.in_(missing))
        found |= {node.id: node for node in db.session.scalars(asked)}
    return found


def _as_meetings(rows: Iterable[CouncilMeeting]) -> tuple[Meeting, ...]:
    """As the rulebook takes them, in order of day."""
    return tuple(
        Meeting(row.held_on, row.certainty, row.decides, row.source_url, row.checked_on)
        for row in sorted(rows, key=lambda row: row.held_on)
    )


def council_meetings(body: Organisation) -> list[CouncilMeeting]:
    """The council's meetings of a body as stored, in order of day."""
    return list(
        db.session.scalars(
            sa.select(CouncilMeeting)
            .where(CouncilMeeting.organisation_id == body.id)
            .order_by(CouncilMeeting.held_on)
        )
    )


def meeting_of(organisation: Organisation, meeting_id: int) -> CouncilMeeting:
    """One meeting of this very body's council, or NotFound."""
    found = db.session.get(CouncilMeeting, meeting_id)
    if found is None or found.organisation_id != organisation.id:
        raise NotFound(f"meeting {meeting_id}")
    return found


def meetings_of(organisation: Organisation) -> tuple[Meeting, ...]:
    """The planned meetings of the council above it, or its own, as the rulebook takes them."""
    body_id = organisation.body_id or organisation.id
    return _as_meetings(
        db.session.scalars(
            sa.select(CouncilMeeting).where(CouncilMeeting.organisation_id == body_id)
        )
    )


def pauses_of(ids: Iterable[int]) -> dict[int, list[Pause]]:
    """Freezes and own quiet periods by organisation. One statement."""
    found: dict[int, list[Pause]] = {}
    for pause in db.session.scalars(
        sa.select(Pause).where(Pause.organisation_id.in_(list(ids))).order_by(Pause.starts_on)
    ):
        found.setdefault(pause.organisation_id, []).append(pause)
    return found


QUIET = frozenset(PauseKind) - {PauseKind.FREEZE}
"""The pauses in which nobody is contacted; in a freeze only money is not asked for."""

BREAKS = {  # the schools' own weeks instead of the county's usual ones
    PauseKind.WINTER_BREAK: SchoolBreak.WINTER,
    PauseKind.EASTER_BREAK: SchoolBreak.EASTER,
    PauseKind.AUTUMN_BREAK: SchoolBreak.AUTUMN,
}
_NAMELESS = ("Egen lugn period", "Quiet period of their own")


def quiet_of(pause: Pause) -> Quiet:
    """A pause of the account's own, other than a freeze, as the rulebook takes it.

    It has a last day: see `operations.add_pause`.
    """
    last = pause.ends_on or pause.starts_on
    if pause.kind in BREAKS:
        return own_break(BREAKS[pause.kind], pause.starts_on, last, pause.source_url)
    found = own_quiet(pause.starts_on, last, pause.note)
    if not pause.note:
        sv, en = _NAMELESS
        found = replace(found, name_sv=sv, name_en=en)
    return found


def open_days_of(
    organisation: Organisation,
    practice: Practice,
    years: range,
    pauses: Iterable[Pause] | None = None,
) -> OpenDays:
    """The days on which people here can be expected at work, by all that is known of these years.

    A purchase freeze closes its days as well: who buys is asked nothing then. Two statements, one
    less where the `pauses` here and above are given.
    """
    by_place: dict[int, list[Pause]] | None = None
    if pauses is not None:
        by_place = {}
        for pause in pauses:
            by_place.setdefault(pause.organisation_id, []).append(pause)
    return _open_days(
        [organisation], {organisation.id: practice}, years, frozenset(PauseKind), by_place
    )[organisation.id]


def contact_days_of(
    organisations: Sequence[Organisation], practices: Mapping[int, Practice], years: range
) -> dict[int, OpenDays]:
    """For each of them the days on which people there can be contacted.

    In a freeze money is not asked for; anybody can still be written to. `practices` is by their
    ids. Two statements, however many they are.
    """
    return _open_days(organisations, practices, years, QUIET)


def _open_days(
    organisations: Sequence[Organisation],
    practices: Mapping[int, Practice],
    years: range,
    kinds: Collection[PauseKind],
    pauses: Mapping[int, Sequence[Pause]] | None = None,
) -> dict[int, OpenDays]:
    above = {
        node.id: [int(part) for part in node.path.strip("/").split("/")] for node in organisations
    }
    body_ids = {path[0] for path in above.values()}
    bodies = _loaded(body_ids)  # held here, so that asking for one of them again costs nothing
    if pauses is None:
        pauses = pauses_of({part for path in above.values() for part in path})
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    found: dict[int, OpenDays] = {}
    for node in organisations:
        practice, audience = practices[node.id], audience_of(node)
        county = bodies[above[node.id][0]].county_code
        usual = open_days(practice.kind, audience, county, first, last).quiet
        own = [
            quiet_of(pause)
            if pause.kind in QUIET
            else own_freeze(pause.starts_on, pause.ends_on, pause.note)
            for part in above[node.id]
            for pause in pauses.get(part, ())
            if pause.kind in kinds
        ]
        found[node.id] = OpenDays(quiet_at(usual, own, audience, practice, years))
    return found


def pause_of(organisation: Organisation, pause_id: int) -> Pause:
    """One pause of this very organisation, or NotFound."""
    found = db.session.get(Pause, pause_id)
    if found is None or found.organisation_id != organisation.id:
        raise NotFound(f"pause {pause_id}")
    return found


def practice_row(organisation: Organisation) -> BudgetPractice | None:
    """What is stored for this very organisation, nothing inherited."""
    return db.session.scalar(
        sa.select(BudgetPractice).where(BudgetPractice.organisation_id == organisation.id)
    )


def events_of(organisation: Organisation) -> list[BudgetEvent]:
    """The organisation's own dates, as stored."""
    return list(
        db.session.scalars(
            sa.select(BudgetEvent)
            .where(BudgetEvent.organisation_id == organisation.id)
            .order_by(BudgetEvent.start_month, BudgetEvent.start_day, BudgetEvent.id)
        )
    )


def above(organisation: Organisation) -> Known | None:
    """What the node right above knows, which is what holds without dates of one's own."""
    if organisation.parent_id is None:
        return None
    return known_of(db.session.get_one(Organisation, organisation.parent_id))


def stands(event: BudgetEvent, row: DateRow) -> bool:
    """Whether the stored date says the same as the typed one."""
    return (
        (event.start_month, event.start_day) == row.start
        and (event.end_month, event.end_day) == row.end
        and (event.year_offset in (None, row.year_offset) or row.year_offset is None)
    )


def drafted(
    kind: BodyKind,
    calendar: Calendar,
    inherited: Known | None,
    stored: Sequence[BudgetEvent] = (),
    meetings: tuple[Meeting, ...] = (),
) -> Known:
    """A calendar that is only typed, as if it were stored. `inherited` lies above a unit."""
    by_identity = {(event.phase_key, event.budget_year): event for event in stored}
    own = []
    for row in calendar.rows:
        if row.phase_key:
            event = by_identity.get((row.phase_key, row.budget_year))
            kept = event is not None and stands(event, row)
            own.append(as_override(event) if event and kept else _drafted_override(row, calendar))
    named = [
        NamedEvent(
            id=-number,
            name=row.name,
            start_month=row.start[0],
            start_day=row.start[1],
            end_month=row.end[0],
            end_day=row.end[1],
            year_offset=row.year_offset,
            budget_year=row.budget_year,
            certainty=(row.ground or calendar).certainty,
            source_url=(row.ground or calendar).source_url,
            checked_on=(row.ground or calendar).checked_on,
        )
        for number, row in enumerate(calendar.rows, 1)
        if not row.phase_key
    ]
    return Known(
        practice=Practice(
            kind=kind,
            decision=calendar.decision,
            certainty=calendar.certainty,
            source_url=calendar.source_url,
            checked_on=calendar.checked_on,
            overrides=nearest([inherited.practice.overrides if inherited else (), own]),
            election_decision_month=calendar.election_month,
            meetings=meetings,
        ),
        row=None,
        inherited_from=None,
        named=(*(inherited.named if inherited else ()), *named),
    )


def _drafted_override(row: DateRow, calendar: Calendar) -> PhaseOverride:
    ground = row.ground or calendar.ground_of_changes
    return PhaseOverride(
        phase_key=row.phase_key,
        start_month=row.start[0],
        start_day=row.start[1],
        end_month=row.end[0],
        end_day=row.end[1],
        year_offset=row.year_offset,
        budget_year=row.budget_year,
        certainty=ground.certainty,
        source_url=ground.source_url,
        checked_on=ground.checked_on,
    )


# --- A new round -------------------------------------------------------------------------------


def is_assumed_for(budget_year: int) -> sa.ColumnElement[bool]:
    """Of a BudgetPractice: something recurring that was checked, but before this year's round.

    The same as `crm.rules.confirmations.certainty_in`, asked of all at once.
    """
    begins = begins_on(budget_year)
    dates, said = aliased(BudgetEvent), aliased(BudgetConfirmation)
    own_date = sa.exists().where(
        dates.organisation_id == BudgetPractice.organisation_id,
        dates.budget_year.is_(None),
        dates.certainty.in_(SURE),
        sa.func.coalesce(dates.checked_on, BudgetPractice.checked_on) < begins,
    )
    said_again = sa.exists().where(
        said.organisation_id == BudgetPractice.organisation_id,
        said.budget_year >= budget_year,
        said.confirmed_on.is_not(None),
    )
    decision = sa.and_(
        BudgetPractice.certainty.in_(SURE),
        BudgetPractice.decision != DecisionPractice.UNKNOWN,
        BudgetPractice.checked_on < begins,
    )
    return sa.and_(sa.or_(decision, own_date), ~said_again)


def newly_assumed(budget_year: int) -> list[int]:
    """Open organisations whose dates are assumed for this year, and that nobody was told of."""
    told = sa.exists().where(
        BudgetConfirmation.organisation_id == BudgetPractice.organisation_id,
        BudgetConfirmation.budget_year == budget_year,
    )
    return list(
        db.session.scalars(
            sa.select(BudgetPractice.organisation_id)
            .join(Organisation, Organisation.id == BudgetPractice.organisation_id)
            .where(is_assumed_for(budget_year), ~told, Organisation.closed_on.is_(None))
            .order_by(BudgetPractice.organisation_id)
        )
    )


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """An organisation whose dates of last year are assumed for the coming one."""

    organisation: Organisation
    known: Known
    phases: tuple[Phase, ...]
    """Of the coming budget year: the decision, and what it has dates of its own for."""


def to_confirm_where(budget_year: int) -> list[sa.ColumnElement[bool]]:
    """Of a BudgetConfirmation with its Organisation and BudgetPractice: still to be looked at."""
    return [
        BudgetConfirmation.budget_year == budget_year,
        BudgetConfirmation.confirmed_on.is_(None),
        Organisation.closed_on.is_(None),
        is_assumed_for(budget_year),
    ]


def to_confirm(
    budget_year: int, *, owner_id: int | None = None, page: int = 1, per_page: int = PER_PAGE
) -> Page[ToConfirm]:
    """Whose dates have to be looked at for this year, by name. Five statements."""
    asked = (
        sa.select(Organisation)
        .join(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .join(BudgetConfirmation, BudgetConfirmation.organisation_id == Organisation.id)
        .where(*to_confirm_where(budget_year))
    )
    if owner_id is not None:
        asked = asked.where(Organisation.owner_id == owner_id)
    total = int(db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0)
    page = max(1, min(page, -(-total // per_page)))
    found = db.session.scalars(
        asked.order_by(Organisation.name_sort, Organisation.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    ).all()
    known = known_of_many(found) if found else {}
    rows = [
        ToConfirm(node, known[node.id], _to_look_at(known[node.id], budget_year)) for node in found
    ]
    return Page(rows, page, total, per_page)


def _to_look_at(known: Known, budget_year: int) -> tuple[Phase, ...]:
    own = {row.phase_key for row in known.practice.overrides if row.budget_year is None}
    return tuple(
        phase
        for phase in known.phases(budget_year)
        if phase.role is PhaseRole.DECISION or phase.key in own or phase.key.startswith("own_")
    )


def number_to_confirm(budget_year: int) -> int:
    """How many are still to be looked at for this year. One statement."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(BudgetConfirmation)
            .join(Organisation, Organisation.id == BudgetConfirmation.organisation_id)
            .join(
                BudgetPractice,
                BudgetPractice.organisation_id == BudgetConfirmation.organisation_id,
            )
            .where(*to_confirm_where(budget_year))
        )
        or 0
    )


def confirmations(ids: Collection[int], budget_year: int) -> list[BudgetConfirmation]:
    """What was said of these organisations for one budget year, their rows locked."""
    return list(
        db.session.scalars(
            sa.select(BudgetConfirmation)
            .where(
                BudgetConfirmation.organisation_id.in_(ids),
                BudgetConfirmation.budget_year == budget_year,
            )
            .options(joinedload(BudgetConfirmation.organisation, innerjoin=True))
            .order_by(BudgetConfirmation.organisation_id)
            .with_for_update(of=BudgetConfirmation)
        )
    )


# --- Every buyer's year ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YearFilter:
    """What the list is narrowed to. Empty values narrow nothing."""

    text: str = ""
    kind: str = ""
    county: str = ""
    size: SizeClass | None = None
    decision: str = ""
    owner_id: int | None = None
    known: bool = False  # only those whose practice somebody has found out

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the kind is chosen."""
        return replace(self, kind="") != YearFilter()


@dataclass(frozen=True, slots=True)
class YearRow:
    """One line of the list of buyers' years. `certainty` is None where nothing is stored."""

    organisation_id: int
    name: str
    kind: OrganisationKind
    county: str
    decision: DecisionPractice
    certainty: Certainty | None
    checked_on: date | None
    phase_now: Phase | None
    window: Window | None
    freeze: Pause | None
    tight_until: int | None
    owner: str


_decision = sa.cast(BudgetPractice.decision, sa.String)
_certainty = sa.cast(BudgetPractice.certainty, sa.String)
_kind = sa.cast(Organisation.kind, sa.String)
_stated = sa.case(
    (BudgetPractice.id.is_not(None), _decision),
    (_kind == OrganisationKind.AUTHORITY.value, DecisionPractice.STATE.value),
    (_kind == OrganisationKind.UNIVERSITY.value, DecisionPractice.UNIVERSITY.value),
    else_=DecisionPractice.UNKNOWN.value,
)
"""The practice to show: what is stored, the state's calendar, or unknown."""

_PRACTICE_ORDER = sa.case(
    {decision.value: number for number, decision in enumerate(DecisionPractice)}, value=_stated
)
_CERTAINTY_ORDER = sa.case(
    {certainty.value: certainty.rank for certainty in Certainty},
    value=_certainty,
    else_=len(Certainty),
)
_KIND_ORDER = sa.case({kind.value: number for number, kind in enumerate(BODY_KIND)}, value=_kind)
_NEVER_CHECKED = date(1900, 1, 1)
_NEVER = date(9999, 12, 31)
_SORTS: dict[str, sa.ColumnElement[Any]] = {
    "name": sa.type_coerce(Organisation.name_sort, sa.String),
    "kind": _KIND_ORDER,
    "practice": _PRACTICE_ORDER,
    "certainty": _CERTAINTY_ORDER,
    "checked": sa.func.coalesce(BudgetPractice.checked_on, _NEVER_CHECKED),
    "owner": sa.func.coalesce(User.name, ""),
}
SORTS = (*_SORTS, "window")


def years(
    chosen: YearFilter | None = None,
    *,
    today: date,
    sort: str = "name",
    descending: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[YearRow]:
    """Municipalities, regions and authorities with their practice, phase now and next window.

    By "window" the soonest stands first and the unknown last: no database can tell that order, so
    the windows of all that match are worked out, which the rulebook remembers. At most eight
    statements.
    """
    chosen = chosen or YearFilter()
    where = _where(chosen)
    ids = _by_window(where, today, descending) if sort == "window" else None
    total = _how_many(where) if ids is None else len(ids)
    page = max(1, min(page, -(-total // per_page)))
    first = (page - 1) * per_page
    if ids is not None:
        rows = _in_the_order_of(ids[first : first + per_page], today)
    else:
        listed = _in_order(chosen, sort, descending).limit(per_page).offset(first)
        rows = _lines_of(db.session.execute(listed).all(), today)
    return Page(rows, page, total, per_page)


def every_row(
    chosen: YearFilter, *, today: date, sort: str = "name", descending: bool = False
) -> Iterator[YearRow]:
    """The whole list in its order, for a file. One statement finds it, some more tell of each
    thousand."""
    if sort == "window":
        ids = _by_window(_where(chosen), today, descending)
        for start in range(0, len(ids), AT_A_TIME):
            yield from _in_the_order_of(ids[start : start + AT_A_TIME], today)
    else:
        for part in parts_of(_in_order(chosen, sort, descending)):
            yield from _lines_of(part, today)


def _how_many(where: Sequence[sa.ColumnElement[bool]]) -> int:
    counted = (
        sa.select(sa.func.count())
        .select_from(Organisation)
        .outerjoin(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .where(*where)
    )
    return int(db.session.scalar(counted) or 0)


def _select_lines() -> Statement:
    statement: Statement = (
        sa.select(Organisation, User.name)
        .outerjoin(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .outerjoin(User, User.id == Organisation.owner_id)
    )
    return statement


def _in_order(chosen: YearFilter, sort: str, descending: bool) -> Statement:
    order = _SORTS.get(sort, _SORTS["name"])
    return (
        _select_lines()
        .where(*_where(chosen))
        .order_by(order.desc() if descending else order, Organisation.name_sort, Organisation.id)
    )


def _in_the_order_of(ids: Sequence[int], today: date) -> list[YearRow]:
    found = db.session.execute(_select_lines().where(Organisation.id.in_(ids)))
    by_id = {line[0].id: line for line in found}
    return _lines_of([by_id[ident] for ident in ids if ident in by_id], today)


def _lines_of(found: Sequence[Found], today: date) -> list[YearRow]:
    bodies = [body for body, _owner in found]
    known = known_of_many(bodies) if bodies else {}
    pauses = pauses_of([body.id for body in bodies]) if bodies else {}
    return [
        _line(body, owner or "", known[body.id], pauses.get(body.id, ()), today)
        for body, owner in found
    ]


def _where(chosen: YearFilter) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [
        Organisation.parent_id.is_(None),
        Organisation.closed_on.is_(None),
        Organisation.kind.in_(tuple(BODY_KIND)),
    ]
    if chosen.kind:
        where.append(_kind == chosen.kind)
    if chosen.county:
        where.append(Organisation.county_code == chosen.county)
    if chosen.size is not None:
        least, most = SIZE_BOUNDS[chosen.size]
        where.append(Organisation.population >= least)
        if most is not None:
            where.append(Organisation.population < most)
    if chosen.owner_id is not None:
        where.append(Organisation.owner_id == chosen.owner_id)
    if chosen.decision:
        where.append(_stated == chosen.decision)
    if chosen.known:
        where.append(BudgetPractice.id.is_not(None))
        where.append(BudgetPractice.decision != DecisionPractice.UNKNOWN)
    if chosen.text:
        named = [
            Organisation.name_full.icontains(chosen.text, autoescape=True),
            Organisation.short_name.icontains(chosen.text, autoescape=True),
        ]
        if key := swedish_sort_key(chosen.text):  # å, ä and ö whatever their case, on both engines
            named.append(Organisation.name_sort.contains(key, autoescape=True))
        where.append(sa.or_(*named))
    return where


def _by_window(where: Sequence[sa.ColumnElement[bool]], today: date, descending: bool) -> list[int]:
    """Ids of all that match, the window that is open or opens soonest first, the unknown last."""
    bodies = db.session.execute(
        sa.select(Organisation.id, Organisation.kind, Organisation.name_sort)
        .outerjoin(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .where(*where)
    ).all()
    practices = practices_of({body.id: body.kind for body in bodies}) if bodies else {}
    dated: list[tuple[date, date, str, int]] = []
    unknown: list[tuple[str, int]] = []
    for body in bodies:
        window = budget_cycle.next_window(practices[body.id], today)
        if window is None:
            unknown.append((body.name_sort, body.id))
        else:
            opens = max(window.opens, today)
            dated.append((opens, window.closes, body.name_sort, body.id))
    return [
        *(line[-1] for line in sorted(dated, reverse=descending)),
        *(line[-1] for line in sorted(unknown)),
    ]


def _line(
    body: Organisation, owner: str, known: Known, pauses: Sequence[Pause], today: date
) -> YearRow:
    return YearRow(
        organisation_id=body.id,
        name=body.title,
        kind=body.kind,
        county=body.county_name,
        decision=known.practice.decision,
        certainty=known.practice.certainty if known.row else None,
        checked_on=known.practice.checked_on,
        phase_now=budget_cycle.main_phase(budget_cycle.current_phases(known.practice, today)),
        window=known.window(today),
        freeze=freeze_on(pauses, today),
        tight_until=known.tight_until(today),
        owner=owner,
    )


def freeze_on(pauses: Iterable[Pause], today: date) -> Pause | None:
    """The purchasing freeze that holds today."""
    return next(
        (
            pause
            for pause in pauses
            if pause.kind is PauseKind.FREEZE
            and pause.starts_on <= today
            and (pause.ends_on is None or pause.ends_on >= today)
        ),
        None,
    )


def kind_counts() -> dict[OrganisationKind, int]:
    """How many buyers of each kind have a year here. One statement."""
    return {
        kind: number
        for kind, number in db.session.execute(
            sa.select(Organisation.kind, sa.func.count())
            .where(*_where(YearFilter()))
            .group_by(Organisation.kind)
        )
    }


@dataclass(frozen=True, slots=True)
class Model:
    """A body whose calendar another one may be given. `is_near`: in the same county."""

    organisation_id: int
    name: str
    decision: DecisionPractice
    is_near: bool


def models_for(organisation: Organisation) -> list[Model]:
    """Bodies of the same kind whose practice is known, those of the same county first."""
    near = sa.func.coalesce(Organisation.county_code == organisation.county_code, sa.false())
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
            BudgetPractice.decision,
            near,
        )
        .join(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .where(
            Organisation.kind == organisation.kind,
            Organisation.parent_id.is_(None),
            Organisation.closed_on.is_(None),
            Organisation.id != organisation.id,
            BudgetPractice.decision != DecisionPractice.UNKNOWN,
        )
        .order_by(near.desc(), Organisation.name_sort)
    )
    return [
        Model(ident, full or name, decision, bool(is_near))
        for ident, name, full, decision, is_near in rows
    ]


def neighbours_of(organisation: Organisation) -> list[tuple[Organisation, Known]]:
    """Municipalities of the same county whose practice somebody has found out, with their years."""
    if organisation.kind is not OrganisationKind.MUNICIPALITY or not organisation.county_code:
        return []
    found = db.session.scalars(
        sa.select(Organisation)
        .join(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .where(
            Organisation.kind == organisation.kind,
            Organisation.county_code == organisation.county_code,
            Organisation.closed_on.is_(None),
            Organisation.id != organisation.id,
            BudgetPractice.decision != DecisionPractice.UNKNOWN,
        )
        .order_by(Organisation.name_sort)
    ).all()
    known = known_of_many(found) if found else {}
    return [(body, known[body.id]) for body in found]


def guess_from(neighbours: Iterable[tuple[Organisation, Known]], budget_year: int) -> Guess | None:
    """What neighbours let us guess. A guess that rests on another guess is none."""
    asked = [
        Neighbour(body.title, known.practice)
        for body, known in neighbours
        if known.practice.certainty in SURE
    ]
    return guess(asked, budget_year)
