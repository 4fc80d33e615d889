"""What is read about anchoring. Nothing here changes anything."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from crm.anchoring.models import (
    GateAnswer,
    GateRow,
    GateTime,
    MapLine,
    Reference,
    ReferenceAsk,
    Relation,
    Remark,
)
from crm.cases.models import Case, CasePerson, CaseUnit, StageChange, Track
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person, Post
from crm.procurements.models import Milestone, Plan, ProcurementCase
from crm.requirements.models import Need
from crm.rules import gate
from crm.rules.anchoring import (
    HeldRole,
    Line,
    Map,
    Setting,
    from_roles,
    lay_out,
    setting_of,
    template,
)
from crm.rules.functions import Function
from crm.rules.gate import GateOccasion, GateState, GateStep, Missing, StepFacts, UsualTime
from crm.rules.references import Match, Place, Standing, best_first, match, standing
from crm.rules.relations import Drawing, RelationKind, Tie, draw
from crm.rules.routes import StageKey
from crm.rules.stages import CaseState, Outcome, ProcurementStage

# --- The map --------------------------------------------------------------------------------------


def setting_of_case(case: Case) -> Setting:
    """What kind of activity the case is about. Needs its body and units loaded."""
    kinds = [case.organisation.unit_kind, *(unit.organisation.unit_kind for unit in case.units)]
    return setting_of(case.body.kind, kinds)


def lines_of(case_id: int) -> Sequence[MapLine]:
    """Every line that stands or has stood, the oldest first, with its person. One statement."""
    return db.session.scalars(
        sa.select(MapLine)
        .where(MapLine.case_id == case_id)
        .order_by(MapLine.id)
        .options(joinedload(MapLine.person))
    ).all()


def line(line_id: int, case_id: int) -> MapLine:
    """A line of the case's map. Raises NotFound."""
    found = db.session.get(MapLine, line_id)
    if found is None or found.case_id != case_id:
        raise NotFound("map line")
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What the maps of a case are made of, for any day. `lines` by id, for their forms."""

    case: Case
    setting: Setting
    lines: Sequence[MapLine]
    titles: dict[int, str]

    def on(self, day: date) -> Map:
        """The map as it stood at the end of the day."""
        written = [
            Line(
                one.function,
                one.person_id,
                one.person.name if one.person else one.who,
                one.stance,
                one.since,
                one.question,
                one.id,
            )
            for one in self.lines
            if one.from_on <= day and (one.until_on is None or one.until_on > day)
        ]
        roles = [
            HeldRole(
                held.person_id,
                held.person.name,
                self.titles.get(held.person_id, ""),
                held.role,
                held.started_on,
            )
            for held in self.case.people
            if held.started_on <= day and (held.ended_on is None or held.ended_on > day)
        ]
        return lay_out(template(self.setting), written, roles, day)

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which the map changed, the latest first."""
        found = {one.from_on for one in self.lines} | {
            one.until_on for one in self.lines if one.until_on is not None
        }
        for held in self.case.people:
            found |= {held.started_on, *([held.ended_on] if held.ended_on else [])}
        return tuple(sorted(found, reverse=True))


def known(case: Case) -> Known:
    """All of it. Two statements; needs the case's people, units, organisation and body loaded."""
    return Known(
        case,
        setting_of_case(case),
        lines_of(case.id),
        _titles(held.person_id for held in case.people),
    )


def _titles(ids: Iterable[int]) -> dict[int, str]:
    posts = people.posts_of(dict.fromkeys(ids))
    return {
        ident: next((post.title for post in rows if post.title), "")
        for ident, rows in posts.items()
    }


# --- The gate -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the gate in a case, with what is usual. `row` is None where it has not begun."""

    step: GateStep
    facts: StepFacts
    usual: UsualTime
    row: GateRow | None

    @property
    def owner(self) -> Function:
        return self.row.owner if self.row else self.facts.owner

    @property
    def state(self) -> GateState:
        return self.row.state if self.row else GateState.NOT_BEGUN

    @property
    def expected(self) -> tuple[date, date] | None:
        """When it usually is done, while it is asked for or under way."""
        if self.row is None or self.row.begun_on is None or self.row.state in gate.SETTLED:
            return None
        return gate.expected_between(self.row.begun_on, self.usual)


def times() -> dict[GateStep, GateTime]:
    """What this installation has put in the place of the usual times. One statement."""
    return {row.step: row for row in db.session.scalars(sa.select(GateTime))}


def usual_time(step: GateStep, facts: StepFacts, own: GateTime | None) -> UsualTime:
    """The installation's own time, or the one that is shipped."""
    return UsualTime(own.weeks_from, own.weeks_to, assumed=False) if own else facts.usual


def steps(case: Case) -> list[Step]:
    """The whole gate in its order. Two statements; needs body, organisation and units loaded."""
    setting = setting_of_case(case)
    rows = {
        row.step: row
        for row in db.session.scalars(sa.select(GateRow).where(GateRow.case_id == case.id))
    }
    own = times()
    return [
        Step(step, facts, usual_time(step, facts, own.get(step)), rows.get(step))
        for step, facts in ((step, gate.facts_of(step, setting)) for step in GateStep)
    ]


def step_row(case_id: int, step: GateStep) -> GateRow | None:
    """The row of a step that has begun."""
    return db.session.scalar(
        sa.select(GateRow).where(GateRow.case_id == case_id, GateRow.step == step)
    )


def answers(case_id: int) -> Sequence[GateAnswer]:
    """What was said about those who were missing, with who said it. One statement."""
    return db.session.scalars(
        sa.select(GateAnswer)
        .where(GateAnswer.case_id == case_id)
        .order_by(GateAnswer.id)
        .options(joinedload(GateAnswer.by))
    ).all()


INVOLVED, STEP, ANSWER, TITLE = "involved", "step", "answer", "title"


def facts_asked(case_id: int, today: date) -> sa.CompoundSelect[str, str, str]:
    """What tells who is missing in a case, as rows of (what, a, b) for `read_missing`.

    For whoever reads other small things of the case in the same statement.
    """

    def rows(what: str, a: Any, b: Any) -> sa.Select[str, str, str]:
        return sa.select(
            sa.literal(what).label("what"),
            sa.cast(a, sa.String).label("a"),
            sa.cast(b, sa.String).label("b"),
        )

    return sa.union_all(
        rows(INVOLVED, MapLine.function, sa.null()).where(
            MapLine.case_id == case_id, MapLine.until_on.is_(None), MapLine.since <= today
        ),
        rows(STEP, GateRow.owner, GateRow.state).where(GateRow.case_id == case_id),
        rows(ANSWER, GateAnswer.function, GateAnswer.occasion).where(GateAnswer.case_id == case_id),
        rows(TITLE, Post.person_id, Post.title).where(
            Post.ended_on.is_(None),
            Post.title != "",
            Post.person_id.in_(
                sa.select(CasePerson.person_id).where(
                    CasePerson.case_id == case_id, CasePerson.ended_on.is_(None)
                )
            ),
        ),
    )


def read_missing(case: Case, rows: Iterable[tuple[str, str, str]]) -> Missing | None:
    """Who is missing, by the rows that `facts_asked` found. Needs the case's people loaded."""
    asked_for = gate.occasions(case.adoption, case.procurement, case.handles_personal_data)
    if case.state is CaseState.CLOSED or not asked_for:
        return None
    found: dict[str, list[tuple[str, str]]] = {}
    for what, a, b in rows:
        found.setdefault(what, []).append((a, b))
    titles = {int(person): title for person, title in sorted(found.get(TITLE, ()))}
    roles = [
        HeldRole(held.person_id, "", titles.get(held.person_id, ""), held.role, held.started_on)
        for held in case.people
        if held.ended_on is None
    ]
    answered: dict[GateOccasion, set[Function]] = {}
    for function, occasion in found.get(ANSWER, ()):
        answered.setdefault(GateOccasion(occasion), set()).add(Function(function))
    inside = gate.involved(
        {line.function for line in from_roles(roles)}
        | {Function(function) for function, _none in found.get(INVOLVED, ())},
        [(Function(owner), GateState(state)) for owner, state in found.get(STEP, ())],
        case.pub_status,
    )
    return gate.missing(asked_for, inside, answered)


def missing_in(case: Case, today: date) -> Missing | None:
    """Who ought to be in on it and is not. One statement; needs the case's people loaded."""
    asked = db.session.execute(facts_asked(case.id, today))
    return read_missing(case, ((row.what, row.a, row.b) for row in asked))


# --- Remarks --------------------------------------------------------------------------------------


def remarks(case_id: int) -> Sequence[Remark]:
    """What the functions have said, the latest first, with who said it and the need and the
    requirement it became. One statement."""
    return db.session.scalars(
        sa.select(Remark)
        .where(Remark.case_id == case_id)
        .order_by(Remark.said_on.desc(), Remark.id.desc())
        .options(joinedload(Remark.person), joinedload(Remark.need).joinedload(Need.requirement))
    ).all()


MOST_ELSEWHERE: Final = 3  # a function


@dataclass(frozen=True, slots=True)
class SaidElsewhere:
    """What the same function said at another buyer; who said it, and where, is left out."""

    function: Function
    words: str
    said_on: date
    answer: str
    requirement_id: int | None


def said_elsewhere(case: Case) -> list[SaidElsewhere]:
    """What functions have said in the cases of other bodies, the latest few of each function and
    in the order of the map: what one may ask about here (F8). One statement."""
    newest = sa.func.row_number().over(
        partition_by=Remark.function, order_by=(Remark.said_on.desc(), Remark.id.desc())
    )
    others = (
        sa.select(
            Remark.function,
            Remark.words,
            Remark.said_on,
            Remark.answer,
            Need.requirement_id,
            newest.label("place"),
        )
        .join(Case, Case.id == Remark.case_id)
        .outerjoin(Need, Need.id == Remark.need_id)
        .where(Case.body_id != case.body_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(others).where(others.c.place <= MOST_ELSEWHERE).order_by(others.c.place)
    ).all()
    order = list(Function)
    return sorted(
        (SaidElsewhere(*row[:-1]) for row in rows), key=lambda one: order.index(one.function)
    )


def remark(remark_id: int) -> Remark:
    """One remark with its person and what it became. Raises NotFound."""
    found = db.session.get(
        Remark,
        remark_id,
        options=[joinedload(Remark.person), joinedload(Remark.need).joinedload(Need.requirement)],
    )
    if found is None:
        raise NotFound("remark")
    return found


def place_of(remark: Remark, case: Case) -> Organisation:
    """Where at the buyer a remark was made: where the person works there, or else the case's own
    unit. Two statements, none without a person."""
    posts = people.current_posts(remark.person) if remark.person is not None else []
    here = next((post for post in posts if post.body_id == case.body_id), None)
    return organisations.get(here.organisation_id) if here is not None else case.organisation


# --- At the notice --------------------------------------------------------------------------------

_NOTICE = (StageKey.MARKET, StageKey.APPLICATION)


def notice_days(case_ids: Collection[int]) -> dict[int, date]:
    """The day of the notice of each case that has had one. Two statements.

    The day on which the plan's notice was reached; without a plan, the first day on which the case
    itself was moved to published.
    """
    if not case_ids:
        return {}
    moved = db.session.execute(
        sa.select(StageChange.case_id, sa.func.min(StageChange.at).label("at"))
        .where(
            StageChange.case_id.in_(case_ids),
            StageChange.track == Track.PROCUREMENT,
            StageChange.after == ProcurementStage.PUBLISHED.value,
        )
        .group_by(StageChange.case_id)
    )
    found = {row.case_id: clock.local(row.at).date() for row in moved}
    reached = db.session.execute(
        sa.select(ProcurementCase.case_id, sa.func.min(Milestone.reached_on).label("day"))
        .join(Plan, Plan.procurement_id == ProcurementCase.procurement_id)
        .join(Milestone, Milestone.plan_id == Plan.id)
        .where(
            ProcurementCase.case_id.in_(case_ids),
            Plan.replaced_on.is_(None),
            Milestone.stage.in_(_NOTICE),
            Milestone.reached_on.is_not(None),
        )
        .group_by(ProcurementCase.case_id)
    )
    return found | {row.case_id: row.day for row in reached}


@dataclass(frozen=True, slots=True)
class AtNotice:
    """How a case stood when its notice went out (S8, S12): what was open that day."""

    case: Case
    on: date
    map: Map
    remarks: tuple[Remark, ...]

    @property
    def open(self) -> int:
        """Questions of the map and remarks without an answer, that day."""
        return len(self.map.questions) + len(self.remarks)


def open_on(remarks: Iterable[Remark], day: date) -> tuple[Remark, ...]:
    """Those that had been said by then, and had neither an answer nor become a need."""
    return tuple(one for one in remarks if one.is_open(day))


def at_notice(one: Known, remarks: Sequence[Remark]) -> AtNotice | None:
    """How this case stood, or None while it has had no notice. Two statements."""
    day = notice_days([one.case.id]).get(one.case.id)
    return AtNotice(one.case, day, one.on(day), open_on(remarks, day)) if day else None


def won(*, page: int) -> Page[AtNotice]:
    """The won cases that had a notice, the latest first, with how many were in by then (S8).

    Eight statements, whatever the number.
    """
    noticed = sa.select(StageChange.case_id).where(
        StageChange.track == Track.PROCUREMENT,
        StageChange.after == ProcurementStage.PUBLISHED.value,
    )
    planned = (
        sa.select(ProcurementCase.case_id)
        .join(Plan, Plan.procurement_id == ProcurementCase.procurement_id)
        .join(Milestone, Milestone.plan_id == Plan.id)
        .where(
            Plan.replaced_on.is_(None),
            Milestone.stage.in_(_NOTICE),
            Milestone.reached_on.is_not(None),
        )
    )
    asked = sa.select(Case).where(
        Case.outcome == Outcome.WON, sa.or_(Case.id.in_(noticed), Case.id.in_(planned))
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    cases = db.session.scalars(
        asked.order_by(Case.closed_on.desc(), Case.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(
            joinedload(Case.organisation),
            joinedload(Case.body),
            selectinload(Case.units).joinedload(CaseUnit.organisation),
            selectinload(Case.people).joinedload(CasePerson.person),
        )
    ).all()
    ids = [case.id for case in cases]
    days = notice_days(ids)
    lines = db.session.scalars(
        sa.select(MapLine).where(MapLine.case_id.in_(ids)).options(joinedload(MapLine.person))
    ).all()
    said = db.session.scalars(
        sa.select(Remark).where(Remark.case_id.in_(ids)).options(joinedload(Remark.need))
    ).all()
    titles = _titles(held.person_id for case in cases for held in case.people)
    rows = []
    for case in cases:
        mine = [row for row in lines if row.case_id == case.id]
        day = days[case.id]
        rows.append(
            AtNotice(
                case,
                day,
                Known(case, setting_of_case(case), mine, titles).on(day),
                open_on([row for row in said if row.case_id == case.id], day),
            )
        )
    return Page(rows, page, total)


# --- Lines between people -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that stand at a body, and their drawing."""

    rows: Sequence[Relation]
    drawing: Drawing
    names: dict[int, str]


def relations(body_id: int) -> Lines:
    """The lines that stand between people at a body. One statement.

    One whose two ends have become the same person says nothing, and is left out.
    """
    rows = db.session.scalars(
        sa.select(Relation)
        .where(
            Relation.body_id == body_id,
            Relation.ended_on.is_(None),
            Relation.from_id != Relation.to_id,
        )
        .order_by(Relation.id)
        .options(joinedload(Relation.from_person), joinedload(Relation.to_person))
    ).all()
    order = list(RelationKind)
    names = {person.id: person.name for row in rows for person in (row.from_person, row.to_person)}
    told = sorted(rows, key=lambda row: (order.index(row.kind), names[row.from_id].casefold()))
    return Lines(told, draw([Tie(r.kind, r.from_id, r.to_id) for r in told], names), names)


def relation(relation_id: int) -> Relation:
    """One line. Raises NotFound."""
    found = db.session.get(Relation, relation_id)
    if found is None:
        raise NotFound("relation")
    return found


# --- References -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """A reference with how it stands this year, and how it fits where somebody asks for one."""

    reference: Reference
    body: str
    standing: Standing
    match: Match | None = None


def reference(reference_id: int, *, lock: bool = False) -> Reference:
    """One consent with its person and when it was asked. Raises NotFound."""
    asked = (
        sa.select(Reference)
        .where(Reference.id == reference_id)
        .options(
            joinedload(Reference.person),
            joinedload(Reference.organisation),
            selectinload(Reference.asks),
        )
        .execution_options(populate_existing=lock)
    )
    found = db.session.scalar(asked.with_for_update(of=Reference) if lock else asked)
    if found is None:
        raise NotFound("reference")
    return found


def references(*, today: date, wanted: Case | None = None, systems: str = "") -> list[Offered]:
    """Those who have agreed, and have not taken it back; with a case, the best fit first.

    They are few: whoever says yes is remembered by name. Three statements, or four with a case.
    """
    body = aliased(Organisation)
    rows = db.session.execute(
        sa.select(Reference, body)
        .join(Organisation, Organisation.id == Reference.organisation_id)
        .join(body, body.id == Organisation.body_id)
        .where(Reference.withdrawn_on.is_(None))
        .order_by(Reference.id)
        .options(
            joinedload(Reference.person),
            joinedload(Reference.organisation),
            selectinload(Reference.asks).joinedload(ReferenceAsk.case),
        )
    ).all()
    looking = _place_of_case(wanted, systems) if wanted is not None else None
    found = []
    for row, its in rows:
        stands = standing(None, row.a_year, (ask.asked_on for ask in row.asks), today)
        kinds = [row.organisation.unit_kind] if row.organisation.unit_kind else []
        fits = match(looking, _place(its, kinds, row.systems)) if looking else None
        found.append(Offered(row, its.title, stands, fits))
    if looking is None:
        return sorted(found, key=lambda one: one.reference.person.name_sort)
    own = wanted.body_id if wanted is not None else None  # nobody needs one of their own
    ordered = best_first(
        [
            (one, one.match or Match((), None), one.standing)
            for one in found
            if one.reference.organisation.body_id != own
        ]
    )
    return [one for one, _match, _standing in ordered]


def _place_of_case(case: Case, systems: str) -> Place:
    kinds = {unit.organisation.unit_kind for unit in case.units} | {case.organisation.unit_kind}
    return _place(case.body, [kind for kind in kinds if kind is not None], systems)


def _place(body: Organisation, kinds: Iterable[Any], systems: str) -> Place:
    at = (
        (body.latitude, body.longitude)
        if body.latitude is not None and body.longitude is not None
        else None
    )
    return Place(frozenset(kinds), body.population, at, body.county_code, systems)


def references_of(person_id: int) -> Sequence[Reference]:
    """The consents of somebody, the latest first. One statement."""
    return db.session.scalars(
        sa.select(Reference).where(Reference.person_id == person_id).order_by(Reference.id.desc())
    ).all()


def person_at(person_id: int, body_id: int) -> Person:
    """Somebody who works at the body. Raises NotFound."""
    if not people.working_at(body_id, [person_id]):
        raise NotFound("person")
    return people.get(person_id)
