"""Reads about the buyers' year. Inheritance is resolved here: the nearest node above decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.accounts.models import User
from crm.budgets.models import BudgetEvent, BudgetPractice, Pause, PauseKind
from crm.core.db import db
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Organisation
from crm.rules import budget_cycle
from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Phase,
    PhaseOverride,
    PhaseRole,
    Practice,
    Window,
)
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.quiet import Audience

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
    year_offset: int
    budget_year: int | None
    certainty: Certainty
    source_url: str
    checked_on: date | None

    def phase(self, budget_year: int) -> Phase | None:
        """The event as a phase of one budget year; None if it belongs to another year only."""
        if self.budget_year not in (None, budget_year):
            return None
        year = budget_year + self.year_offset
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
            certainty=self.certainty,
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

    @property
    def deficit_until(self) -> int | None:
        return self.row.deficit_until if self.row else None

    def phases(self, budget_year: int) -> list[Phase]:
        """The template's phases and the named events, in order."""
        own = [phase for event in self.named if (phase := event.phase(budget_year))]
        return sorted(
            [*budget_cycle.phases(self.practice, budget_year), *own],
            key=lambda phase: (phase.start, phase.end, phase.key),
        )

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
    """The same for many at once, still three statements."""
    above: dict[int, list[int]] = {
        node.id: [int(part) for part in node.path.strip("/").split("/") if part] or [node.id]
        for node in organisations
    }
    ids = sorted({part for path in above.values() for part in path})
    rows = _rows(ids)
    overrides, named = _events(ids)
    nodes = _nodes(set(rows) | set(ids), organisations)
    return {
        node.id: _resolve(node, above[node.id], rows, overrides, named, nodes)
        for node in organisations
    }


def practice_of(organisation: Organisation) -> Practice:
    """The practice to plan by, inherited where the organisation has none of its own."""
    return known_of(organisation).practice


CARE_KINDS = frozenset({UnitKind.HEALTH_CENTRE, UnitKind.HOSPITAL, UnitKind.CARE_HOME})


def audience_of(organisation: Organisation) -> Audience:
    """Whose terms and holidays hold here. At most one statement, none if the body is loaded."""
    if organisation.is_school:
        return Audience.SCHOOL
    if organisation.unit_kind in CARE_KINDS:
        return Audience.HEALTH
    body = organisation
    if not organisation.is_body and organisation.body_id is not None:
        body = db.session.get_one(Organisation, organisation.body_id)
    if body.kind is OrganisationKind.UNIVERSITY:
        return Audience.UNIVERSITY
    return Audience.GENERAL


def wake_dates(organisation: Organisation, today: date) -> list[tuple[WakeEvent, EventDate]]:
    """What one can wait for at this buyer, soonest first, with its day as known now."""
    practice, audience = practice_of(organisation), audience_of(organisation)
    found = [
        (event, when)
        for event in WakeEvent
        if (when := resolve_event(event, practice, audience, today)) is not None
    ]
    return sorted(found, key=lambda pair: (pair[1].day, pair[0].value))


def _resolve(
    node: Organisation,
    path: list[int],
    rows: dict[int, BudgetPractice],
    overrides: dict[int, list[PhaseOverride]],
    named: dict[int, list[NamedEvent]],
    nodes: dict[int, Organisation],
) -> Known:
    body = nodes.get(path[0], node)
    holder = next((part for part in reversed(path) if part in rows), None)
    row = rows[holder] if holder is not None else None
    # What hangs nearer wins over what hangs higher: later overrides of the same phase replace.
    chosen = {
        (override.phase_key, override.budget_year): override
        for part in path
        for override in overrides.get(part, ())
    }
    return Known(
        practice=Practice(
            kind=body_kind(body.kind),
            decision=row.decision
            if row
            else budget_cycle.default_practice(body_kind(body.kind)).decision,
            certainty=row.certainty if row else Certainty.TYPICAL,
            source_url=row.source_url if row else "",
            checked_on=row.checked_on if row else None,
            overrides=tuple(chosen.values()),
            election_decision_month=row.election_month if row else None,
        ),
        row=row,
        inherited_from=nodes.get(holder) if holder is not None and holder != node.id else None,
        named=tuple(event for part in path for event in named.get(part, ())),
    )


def _rows(ids: Iterable[int]) -> dict[int, BudgetPractice]:
    found = db.session.scalars(
        sa.select(BudgetPractice).where(BudgetPractice.organisation_id.in_(list(ids)))
    )
    return {row.organisation_id: row for row in found}


def _events(
    ids: Iterable[int],
) -> tuple[dict[int, list[PhaseOverride]], dict[int, list[NamedEvent]]]:
    overrides: dict[int, list[PhaseOverride]] = {}
    named: dict[int, list[NamedEvent]] = {}
    for event in db.session.scalars(
        sa.select(BudgetEvent)
        .where(BudgetEvent.organisation_id.in_(list(ids)))
        .order_by(BudgetEvent.id)
    ):
        if event.phase_key:
            overrides.setdefault(event.organisation_id, []).append(as_override(event))
        else:
            named.setdefault(event.organisation_id, []).append(
                NamedEvent(
                    event.id,
                    event.name,
                    event.start_month,
                    event.start_day,
                    event.end_month,
                    event.end_day,
                    -1 if event.year_offset is None else event.year_offset,
                    event.budget_year,
                    event.certainty,
                    event.source_url,
                    event.checked_on,
                )
            )
    return overrides, named


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


def _nodes(ids: set[int], known: Sequence[Organisation]) -> dict[int, Organisation]:
    """Only nodes not loaded already are fetched."""
    have = {node.id: node for node in known}
    missing = ids - have.keys()
    if missing:
        have |= {
            node.id: node
            for node in db.session.scalars(
                sa.select(Organisation).where(Organisation.id.in_(missing))
            )
        }
    return have


def pauses_of(ids: Iterable[int]) -> dict[int, list[Pause]]:
    """Freezes and own quiet periods by organisation. One statement."""
    found: dict[int, list[Pause]] = {}
    for pause in db.session.scalars(
        sa.select(Pause).where(Pause.organisation_id.in_(list(ids))).order_by(Pause.starts_on)
    ):
        found.setdefault(pause.organisation_id, []).append(pause)
    return found


def pauses_on_path(organisation: Organisation) -> list[Pause]:
    """The pauses that hold at this organisation: its own and those of the nodes above it."""
    ids = [int(part) for part in organisation.path.strip("/").split("/") if part]
    return [pause for pauses in pauses_of(ids).values() for pause in pauses]


def events_of(organisation: Organisation) -> list[BudgetEvent]:
    """The organisation's own dates, as stored."""
    return list(
        db.session.scalars(
            sa.select(BudgetEvent)
            .where(BudgetEvent.organisation_id == organisation.id)
            .order_by(BudgetEvent.start_month, BudgetEvent.start_day, BudgetEvent.id)
        )
    )


@dataclass(frozen=True, slots=True)
class YearRow:
    """One line of the list of buyers' years."""

    organisation_id: int
    name: str
    kind: OrganisationKind
    county: str
    decision: DecisionPractice
    certainty: Certainty | None
    checked_on: date | None
    phase_now: Phase | None
    window: Window | None
    freeze: bool
    owner: str


def years(
    *,
    today: date,
    county: str = "",
    decision: str = "",
    owner_id: int | None = None,
    text: str = "",
    page: int = 1,
) -> Page[YearRow]:
    """Municipalities, regions and authorities with their practice, phase now and next window."""
    where: list[sa.ColumnElement[bool]] = [
        Organisation.parent_id.is_(None),
        Organisation.closed_on.is_(None),
        Organisation.kind.in_(tuple(BODY_KIND)),
    ]
    if county:
        where.append(Organisation.county_code == county)
    if owner_id is not None:
        where.append(Organisation.owner_id == owner_id)
    if text:
        pattern = "%" + text.replace("\\", "").replace("%", "").replace("_", r"\_") + "%"
        where.append(Organisation.name.ilike(pattern, escape="\\"))
    if decision:
        stated = sa.func.coalesce(
            BudgetPractice.decision,
            sa.case(
                (Organisation.kind == OrganisationKind.AUTHORITY, "state"),
                (Organisation.kind == OrganisationKind.UNIVERSITY, "university"),
                else_="unknown",
            ),
        )
        where.append(sa.cast(stated, sa.String) == decision)
    base = (
        sa.select(Organisation, User.name)
        .outerjoin(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .outerjoin(User, User.id == Organisation.owner_id)
        .where(*where)
    )
    total = db.session.scalar(
        sa.select(sa.func.count()).select_from(base.with_only_columns(Organisation.id).subquery())
    )
    found = db.session.execute(
        base.order_by(Organisation.name_sort, Organisation.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    bodies = [body for body, _name in found]
    known = known_of_many(bodies) if bodies else {}
    pauses = pauses_of(body.id for body in bodies) if bodies else {}
    rows = [
        YearRow(
            organisation_id=body.id,
            name=body.title,
            kind=body.kind,
            county=body.county_name,
            decision=known[body.id].practice.decision,
            certainty=known[body.id].practice.certainty if known[body.id].row else None,
            checked_on=known[body.id].practice.checked_on,
            phase_now=main_phase(budget_cycle.current_phases(known[body.id].practice, today)),
            window=known[body.id].window(today),
            freeze=any(
                pause.kind is PauseKind.FREEZE
                and pause.starts_on <= today
                and (pause.ends_on is None or pause.ends_on >= today)
                for pause in pauses.get(body.id, ())
            ),
            owner=owner or "",
        )
        for body, owner in found
    ]
    return Page(rows, page, int(total or 0))


_TELLING = (
    PhaseRole.DECISION,
    PhaseRole.DOOR,
    PhaseRole.POLITICS,
    PhaseRole.INTERNAL_BUDGET,
    PhaseRole.DIRECTIVE,
    PhaseRole.PREPARATION,
    PhaseRole.RECONCILIATION,
    PhaseRole.APPROPRIATION,
    PhaseRole.YEAR_START,
    PhaseRole.FOLLOW_UP,
)


def main_phase(phases: Sequence[Phase]) -> Phase | None:
    """Of several phases on one day, the one that says most about what the buyer is doing."""
    told = [phase for phase in phases if phase.role in _TELLING]
    return min(told, key=lambda phase: (_TELLING.index(phase.role), phase.end), default=None)


def counties() -> list[tuple[str, str]]:
    """County codes and names, in order of name."""
    return [
        (code, name)
        for code, name in db.session.execute(
            sa.select(Organisation.county_code, Organisation.county_name)
            .where(Organisation.kind == OrganisationKind.MUNICIPALITY)
            .distinct()
            .order_by(Organisation.county_name)
        )
        if code
    ]
