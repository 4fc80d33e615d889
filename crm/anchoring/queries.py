"""What is read about anchoring. Nothing here changes anything."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from crm.anchoring.models import (
    Answer,
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
from crm.contracts.models import Contract
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
    Line,
    Map,
    Setting,
    TitleHeld,
    from_roles,
    held_on,
    lay_out,
    setting_of,
    template,
)
from crm.rules.functions import Function, function_of_title
from crm.rules.gate import GateOccasion, GateState, GateStep, Missing, StepFacts, UsualTime, Work
from crm.rules.references import Match, Place, Standing, best_first, match, standing
from crm.rules.relations import Drawing, RelationKind, Tie, draw
from crm.rules.requirements import InUse
from crm.rules.routes import StageKey
from crm.rules.stages import CaseState, Outcome, ProcurementStage
from crm.trials.models import Pilot

# --- The map --------------------------------------------------------------------------------------


def setting_of_case(case: Case) -> Setting:
    """What kind of activity the case is about. Needs its body and units loaded."""
    kinds = [case.organisation.unit_kind, *(unit.organisation.unit_kind for unit in case.units)]
    return setting_of(case.body.kind, kinds)


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
    titles: Mapping[int, Sequence[TitleHeld]]
    work: Sequence[Work]
    signed_from: date | None  # from when a signed PUB-avtal counts: no day of it is written

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
            held_on(
                day,
                held.person_id,
                held.person.name,
                held.role,
                held.started_on,
                self.titles.get(held.person_id, ()),
            )
            for held in self.case.people
            if held.started_on <= day and (held.ended_on is None or held.ended_on > day)
        ]
        signed = self.signed_from is not None and self.signed_from <= day
        return lay_out(
            template(self.setting),
            written,
            roles,
            day,
            working=gate.at_work(self.work),
            agreed=gate.by_agreement(self.case.pub_status) if signed else (),
        )

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which the map changed, the latest first."""
        found = {one.from_on for one in self.lines} | {
            one.until_on for one in self.lines if one.until_on is not None
        }
        for held in self.case.people:
            found |= {held.started_on, *([held.ended_on] if held.ended_on else [])}
        return tuple(sorted(found, reverse=True))


def known(case: Case, today: date) -> Known:
    """All of it. Three statements; needs the case's people, units, organisation and body loaded."""
    (found,) = known_of([case], today)
    return found


def known_of(cases: Sequence[Case], today: date | None) -> list[Known]:
    """The same of several cases. Three statements, whatever the number.

    Without `today` what is signed says nothing: for days that have been.
    """
    ids = [case.id for case in cases]
    lines: dict[int, list[MapLine]] = {ident: [] for ident in ids}
    for line in db.session.scalars(
        sa.select(MapLine)
        .where(MapLine.case_id.in_(ids))
        .order_by(MapLine.id)
        .options(joinedload(MapLine.person))
    ):
        lines[line.case_id].append(line)
    status = {case.id: case.pub_status for case in cases}
    work: dict[int, list[Work]] = {ident: [] for ident in ids}
    for row in db.session.scalars(sa.select(GateRow).where(GateRow.case_id.in_(ids))):
        work[row.case_id].append(
            Work(
                row.step,
                row.owner,
                gate.state_of(row.step, row.state, status[row.case_id]),
                row.begun_on or row.done_on,
            )
        )
    posts = people.posts_of(dict.fromkeys(held.person_id for case in cases for held in case.people))
    return [
        Known(
            case,
            setting_of_case(case),
            lines[case.id],
            {
                held.person_id: [
                    TitleHeld(
                        post.title,
                        post.started_on,
                        post.ended_on,
                        post.body_id == case.body_id,
                        post.function,
                    )
                    for post in sorted(posts[held.person_id], key=lambda post: post.id)
                ]
                for held in case.people
            },
            work[case.id],
            today,
        )
        for case in cases
    ]


MOST_PROPOSED: Final = 3  # for a function


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody at the body whose title says that they are of a function where nobody is known."""

    person_id: int
    name: str
    title: str


def proposed(known: Known, now: Map) -> dict[Function, list[Proposed]]:
    """For each function without anybody, the first few at the body whose titles name it; nobody
    who is on the map, or who has objected to being contacted. One statement."""
    there = {line.person_id for row in now.rows for line in row.lines}
    found: dict[Function, list[Proposed]] = {row.function: [] for row in now.rows if row.nobody}
    rows = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, Post.title, Post.function)
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(
            Organisation.body_id == known.case.body_id,
            Post.ended_on.is_(None),
            sa.or_(Post.title != "", Post.function.is_not(None)),
            Person.objected_on.is_(None),
        )
        .order_by(Organisation.depth, Person.name_sort, Person.id)
    )
    for ident, first, last, title, by_hand in rows:
        function = by_hand or function_of_title(title)
        if function is None or ident in there or function not in found:
            continue
        mine = found[function]
        if len(mine) < MOST_PROPOSED and all(one.person_id != ident for one in mine):
            mine.append(Proposed(ident, f"{first} {last}".strip(), title))
    return {function: people for function, people in found.items() if people}


# --- The gate -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the gate in a case, with what is usual. `row` is None where it has not begun."""

    step: GateStep
    facts: StepFacts
    usual: UsualTime
    row: GateRow | None
    state: GateState

    @property
    def owner(self) -> Function:
        return self.row.owner if self.row else self.facts.owner

    @property
    def begun_on(self) -> date | None:
        """The day from which it is asked for or under way."""
        at_it = self.state not in gate.SETTLED | {GateState.NOT_BEGUN}
        return self.row.begun_on if self.row and at_it else None

    @property
    def done_on(self) -> date | None:
        return self.row.done_on if self.row and self.state in gate.SETTLED else None

    @property
    def expected(self) -> tuple[date, date] | None:
        """When it usually is done, while it is asked for or under way."""
        return gate.expected_between(self.begun_on, self.usual) if self.begun_on else None


def times(body_id: int | None) -> dict[GateStep, GateTime]:
    """What we have put in the place of the usual times: at this body, or, for None, at all that
    have none of their own. One statement."""
    where = GateTime.body_id.is_(None) if body_id is None else GateTime.body_id == body_id
    return {row.step: row for row in db.session.scalars(sa.select(GateTime).where(where))}


def times_number(there: Mapping[GateStep, GateTime]) -> int:
    """A number that changes with any of the times, for the form of them all; 0 for none."""
    said = ",".join(sorted(f"{row.id}:{row.version}" for row in there.values()))
    return crc32(said.encode())


def usual_time(facts: StepFacts, own: GateTime | None) -> UsualTime:
    """Our own time, or the one that is shipped."""
    return UsualTime(own.weeks_from, own.weeks_to, assumed=False) if own else facts.usual


def steps(case: Case) -> list[Step]:
    """The whole gate in its order. Two statements; needs body, organisation and units loaded."""
    setting = setting_of_case(case)
    rows = {
        row.step: row
        for row in db.session.scalars(sa.select(GateRow).where(GateRow.case_id == case.id))
    }
    asked = sa.select(GateTime).where(
        sa.or_(GateTime.body_id.is_(None), GateTime.body_id == case.body_id)
    )
    found = sorted(db.session.scalars(asked), key=lambda row: row.body_id is not None)
    own = {row.step: row for row in found}  # the body's own come last, and count
    return [
        Step(
            step,
            facts,
            usual_time(facts, own.get(step)),
            row := rows.get(step),
            gate.state_of(step, row.state if row else GateState.NOT_BEGUN, case.pub_status),
        )
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


INVOLVED, STEP, ANSWER, TITLE, PILOT = "involved", "step", "answer", "title", "pilot"
_BETWEEN: Final = "|"  # what stands beside each other in one column


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

    def beside(*parts: Any) -> Any:
        """Several values in one column, an empty one as ''."""
        whole: Any = sa.literal("")
        for number, part in enumerate(parts):
            text = sa.func.coalesce(sa.cast(part, sa.String), "")
            whole = text if number == 0 else whole.concat(_BETWEEN).concat(text)
        return whole

    its_body = sa.select(Case.body_id).where(Case.id == case_id).scalar_subquery()
    return sa.union_all(
        rows(INVOLVED, MapLine.function, sa.null()).where(
            MapLine.case_id == case_id, MapLine.until_on.is_(None), MapLine.since <= today
        ),
        rows(STEP, GateRow.owner, beside(GateRow.step, GateRow.state)).where(
            GateRow.case_id == case_id
        ),
        rows(ANSWER, GateAnswer.function, beside(GateAnswer.occasion, GateAnswer.answer)).where(
            GateAnswer.case_id == case_id
        ),
        rows(
            TITLE,
            beside(
                Post.person_id,
                Post.started_on,
                Post.ended_on,
                sa.case((Organisation.body_id == its_body, 1), else_=0),
                Post.id,
                Post.function,
            ),
            Post.title,
        )
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(
            sa.or_(Post.title != "", Post.function.is_not(None)),
            Post.person_id.in_(
                sa.select(CasePerson.person_id).where(
                    CasePerson.case_id == case_id, CasePerson.ended_on.is_(None)
                )
            ),
        ),
        rows(PILOT, sa.func.min(Pilot.starts_on), sa.null())
        .where(
            Pilot.case_id == case_id,
            Pilot.evaluated_on.is_(None),
            Pilot.called_off_on.is_(None),
            Pilot.starts_on <= today + gate.PILOT_AHEAD,
        )
        .having(sa.func.count() > 0),
    )


def _held(rows: Iterable[tuple[str, str]]) -> dict[int, list[TitleHeld]]:
    """The titles of each person, in the order they were written down."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    found: dict[int, list[tuple[int, TitleHeld]]] = {}
    for key, title in rows:
        person, first, last, here, ident, function = key.split(_BETWEEN)
        by_hand = Function(function) if function else None
        held = TitleHeld(title, day(first), day(last), here == "1", by_hand)
        found.setdefault(int(person), []).append((int(ident), held))
    return {
        person: [held for _ident, held in sorted(posts, key=lambda one: one[0])]
        for person, posts in found.items()
    }


def pilot_on(rows: Collection[tuple[str, str, str]]) -> date | None:
    """The first day of the pilot that is under way, or so near that it asks who is missing."""
    return next((date.fromisoformat(a) for what, a, _b in rows if what == PILOT), None)


def read_missing(case: Case, rows: Collection[tuple[str, str, str]], today: date) -> Missing | None:
    """Who is missing, by the rows that `facts_asked` found. Needs the case's people loaded."""
    found: dict[str, list[tuple[str, str]]] = {}
    for what, a, b in rows:
        found.setdefault(what, []).append((a, b))
    pilot = pilot_on(rows)
    asked_for = gate.occasions(
        case.adoption, case.procurement, case.handles_personal_data, pilot=pilot is not None
    )
    if case.state is CaseState.CLOSED or not asked_for:
        return None
    posts = _held(found.get(TITLE, ()))
    roles = [
        held_on(
            today, held.person_id, "", held.role, held.started_on, posts.get(held.person_id, [])
        )
        for held in case.people
        if held.ended_on is None
    ]
    steps = [
        Work(
            GateStep(step),
            Function(owner),
            gate.state_of(GateStep(step), GateState(state), case.pub_status),
            today,
        )
        for owner, both in found.get(STEP, ())
        for step, state in [both.split(_BETWEEN)]
    ]
    answered: dict[GateOccasion, set[Function]] = {one: set() for one in GateOccasion}
    for function, both in found.get(ANSWER, ()):
        occasion, answer = both.split(_BETWEEN)
        # A task goes on whatever comes next; a reason holds for the occasion it was given for.
        for one in GateOccasion if Answer(answer) is Answer.TASK else [GateOccasion(occasion)]:
            answered[one].add(Function(function))
    inside = {
        *(line.function for line in from_roles(roles)),
        *(Function(function) for function, _none in found.get(INVOLVED, ())),
        *gate.at_work(steps),
        *gate.by_agreement(case.pub_status),
    }
    return gate.missing(asked_for, inside, answered, pilot_on=pilot)


def missing_in(case: Case, today: date) -> Missing | None:
    """Who ought to be in on it and is not. One statement; needs the case's people loaded."""
    asked = db.session.execute(facts_asked(case.id, today))
    return read_missing(case, [(row.what, row.a, row.b) for row in asked], today)


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

    Nine statements, whatever the number.
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
    said = db.session.scalars(
        sa.select(Remark).where(Remark.case_id.in_(ids)).options(joinedload(Remark.need))
    ).all()
    rows = [
        AtNotice(
            one.case,
            days[one.case.id],
            one.on(days[one.case.id]),
            open_on([row for row in said if row.case_id == one.case.id], days[one.case.id]),
        )
        for one in known_of(cases, None)
    ]
    return Page(rows, page, total)


# --- Lines between people -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that stand at a body, and their drawing."""

    rows: Sequence[Relation]
    drawing: Drawing
    names: dict[int, str]


def relations(body_id: int) -> Lines:
    """The lines that stand between people who both work at a body. One statement.

    It is their posts that say so: when a unit comes to another body, its people and their lines
    come along. One whose two ends have become the same person says nothing, and is left out.
    """
    here = (
        sa.select(Post.person_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id == body_id, Post.ended_on.is_(None))
    )
    rows = db.session.scalars(
        sa.select(Relation)
        .where(
            Relation.ended_on.is_(None),
            Relation.from_id != Relation.to_id,
            Relation.from_id.in_(here),
            Relation.to_id.in_(here),
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
    works_there: bool  # what they agreed to tell of, they use no more where they have left
    match: Match | None = None


def works_there() -> sa.Exists:
    """Whether the person of a consent works at the place it is of, in a statement that reads
    Reference."""
    return (
        sa.select(Post.id)
        .where(
            Post.person_id == Reference.person_id,
            Post.organisation_id == Reference.organisation_id,
            Post.ended_on.is_(None),
        )
        .exists()
    )


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
    """Those who have agreed, and have not taken it back; with a case, the best fit first, and
    nobody who has left the place of which they agreed to tell.

    They are few: whoever says yes is remembered by name. Three statements, or four with a case.
    """
    body = aliased(Organisation)
    asked = sa.select(Reference, body, works_there().label("works_there"))
    rows = db.session.execute(
        (asked if wanted is None else asked.where(works_there()))
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
    for row, its, works in rows:
        stands = standing(None, row.a_year, (ask.asked_on for ask in row.asks), today)
        kinds = [row.organisation.unit_kind] if row.organisation.unit_kind else []
        fits = match(looking, _place(its, kinds, row.systems)) if looking else None
        found.append(Offered(row, its.title, stands, works, fits))
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


def systems_at(body_id: int, today: date) -> str:
    """The systems we know of at a body, with commas: what people there say they use at work, and
    what the contracts with others that run are called. One statement."""
    tools = sa.select(Need.tool.label("name")).where(
        Need.body_id == body_id, Need.tool != "", Need.in_use != InUse.PRIVATE
    )
    contracts = sa.select(Contract.title.label("name")).where(
        Contract.body_id == body_id,
        Contract.supplier != "",
        sa.or_(Contract.runs_until.is_(None), Contract.runs_until >= today),
    )
    names = db.session.scalars(sa.union(tools, contracts).order_by("name"))
    return ", ".join(name.replace(",", " ") for name in names)


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
