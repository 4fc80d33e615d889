"""What can be done about anchoring. One verb each.

The inbox lies above and has never been heard of here: whoever makes tasks of what is missing says
so with `when_asked_for`, and is told in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from crm.accounts.models import User
from crm.anchoring import queries
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
from crm.cases.models import Case
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person
from crm.people.operations import Left, when_left
from crm.requirements import operations as requirements
from crm.requirements import queries as written
from crm.requirements.models import Requirement
from crm.rules.anchoring import Stance
from crm.rules.functions import Function
from crm.rules.gate import SETTLED, GateOccasion, GateState, GateStep, agreement_at
from crm.rules.references import standing
from crm.rules.relations import RelationKind, Tie, closes_a_ring, one_way
from crm.rules.requirements import AREA_OF, Area, NeedSource, RequirementKind
from crm.rules.stages import CaseRole, CaseState
from crm.web.labels import label

# --- Who wants to know ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Somebody wants these functions to be brought in on the case."""

    case: Case
    functions: tuple[Function, ...]
    by: User
    today: date
    now: datetime


TellAskedFor = Callable[[AskedFor], None]
_asked_for: list[TellAskedFor] = []


def when_asked_for(tell: TellAskedFor) -> TellAskedFor:
    """Be told that functions are to be brought in, in the same transaction."""
    _asked_for.append(tell)
    return tell


# --- The map --------------------------------------------------------------------------------------


def write_line(
    case: Case,
    there: MapLine | None,
    *,
    function: Function,
    person: Person | None,
    who: str,
    stance: Stance,
    since: date | None,
    question: str,
    by: User,
    today: date,
) -> MapLine:
    """Write a line of the map, or change the one that is there; the map of yesterday stays.

    Raises RuleBroken for a day to come, and for somebody who stands under the function already.
    """
    _require_past(since, today)
    if there is not None and there.until_on is not None:
        raise RuleBroken(_("The line has been changed since. Look at the map as it is now."))
    if person is not None and _stands(case.id, function, person.id, but=there):
        raise RuleBroken(
            _(
                "%(name)s stands under %(function)s already.",
                name=person.name,
                function=label(function),
            )
        )
    said = {
        "function": function,
        "person_id": person.id if person else None,
        "who": "" if person else who,
        "stance": stance,
        "since": since,
        "question": question,
    }
    if there is not None and all(getattr(there, name) == value for name, value in said.items()):
        return there
    if there is not None and there.from_on == today:
        for name, value in said.items():
            setattr(there, name, value)
        there.by_id = by.id
        return there
    if there is not None:
        there.until_on = today
        db.session.flush()
    made = MapLine(case_id=case.id, from_on=today, by_id=by.id, **said)
    with refusing_doubles(
        _("That line is there already."), "uq_map_line_stands", "uq_map_line_open"
    ):
        db.session.add(made)
        db.session.flush()
    return made


def take_away(there: MapLine, today: date) -> None:
    """The line no longer stands; the days before keep it."""
    if there.until_on is not None:
        return
    if there.from_on == today:  # it never stood at the end of a day
        db.session.delete(there)
    else:
        there.until_on = today


@when_left
def _person_left(left: Left) -> set[CaseRole]:
    """Told by people: whoever leaves a body is no longer on the maps of its cases under way, and
    the place is kept open for a successor; the lines to others there end (C8)."""
    body_id = left.organisation.body_id
    if not left.left_body or body_id is None:
        return set()
    for there in db.session.scalars(
        sa.select(MapLine)
        .join(Case, Case.id == MapLine.case_id)
        .where(
            MapLine.person_id == left.person.id,
            MapLine.until_on.is_(None),
            Case.body_id == body_id,
            Case.state != CaseState.CLOSED,
        )
        .order_by(MapLine.id)
    ).all():
        _succeed(there, left)
    for row in db.session.scalars(
        sa.select(Relation).where(
            Relation.body_id == body_id,
            Relation.ended_on.is_(None),
            sa.or_(Relation.from_id == left.person.id, Relation.to_id == left.person.id),
        )
    ):
        row.ended_on = max(left.on, row.noted_on)
    return set()


def _succeed(there: MapLine, left: Left) -> None:
    """End the line on the day they left, and keep the place open with its question.

    The hint is the title and never the name: what is said of somebody goes with the person.
    """
    title = left.title[:90]
    who = _("%(title)s, the successor", title=title) if title else _("the successor")
    there.until_on = max(left.on, there.from_on)
    db.session.flush()
    is_there = db.session.scalar(
        sa.select(MapLine.id).where(
            MapLine.case_id == there.case_id,
            MapLine.function == there.function,
            MapLine.person_id.is_(None),
            MapLine.who == who,
            MapLine.until_on.is_(None),
        )
    )
    if is_there is None:
        db.session.add(
            MapLine(
                case_id=there.case_id,
                function=there.function,
                who=who,
                stance=Stance.UNKNOWN,
                question=there.question,
                from_on=there.until_on,
                by_id=left.by.id if left.by else None,
            )
        )
        db.session.flush()


def _stands(case_id: int, function: Function, person_id: int, but: MapLine | None) -> bool:
    asked = sa.select(MapLine.id).where(
        MapLine.case_id == case_id,
        MapLine.function == function,
        MapLine.person_id == person_id,
        MapLine.until_on.is_(None),
    )
    if but is not None:
        asked = asked.where(MapLine.id != but.id)
    return db.session.scalar(asked.limit(1)) is not None


def _require_past(day: date | None, today: date) -> None:
    if day is not None and day > today:
        raise RuleBroken(_("Choose today or an earlier day."))


# --- The gate -------------------------------------------------------------------------------------


def set_step(
    case: Case,
    step: GateStep,
    *,
    owner: Function,
    state: GateState,
    begun_on: date | None,
    done_on: date | None,
    evidence: str,
    today: date,
) -> GateRow:
    """How a step stands. What is under way has begun some day; what is done ended some day.

    A day that nobody gave is today. That of the PUB-avtal is the case's own as well. Raises
    RuleBroken for a day to come, days in the wrong order or that the state has no use for, and for
    something done that nothing shows.
    """
    _require_past(begun_on, today)
    _require_past(done_on, today)
    if state is GateState.NOT_BEGUN and (begun_on or done_on):
        raise RuleBroken(_("A step that has not begun has no day. Choose another state."))
    if state not in SETTLED and done_on:
        raise RuleBroken(_("There is a day when it was done. Say that it is done, or empty that."))
    if state is GateState.NOT_BEGUN:
        begun_on = done_on = None
    elif state in (GateState.ASKED, GateState.UNDER_WAY):
        begun_on, done_on = begun_on or today, None
    else:
        done_on = done_on or today
    if begun_on is not None and done_on is not None and done_on < begun_on:
        raise RuleBroken(_("It cannot be done before it began."))
    if state in SETTLED and not evidence:
        raise RuleBroken(_("Say what shows it, or where that lies."))
    row = queries.step_row(case.id, step)
    if row is None:
        row = GateRow(case_id=case.id, step=step)
        db.session.add(row)
    row.owner, row.state, row.evidence = owner, state, evidence
    row.begun_on, row.done_on = begun_on, done_on
    if step is GateStep.PROCESSING_AGREEMENT:
        case.pub_status = agreement_at(state)
        needs_planning(case.body_id, "case_edited")
    db.session.flush()
    return row


def set_times(
    times: dict[GateStep, tuple[int, int] | None], body: Organisation | None = None
) -> None:
    """How long the steps take in our own experience, in weeks, at a body or at all that have no
    times of their own; None goes back to the usual."""
    body_id = body.id if body is not None else None
    there = queries.times(body_id)
    for step, span in times.items():
        row = there.get(step)
        if span is None:
            if row is not None:
                db.session.delete(row)
            continue
        if not 0 < span[0] <= span[1]:
            raise RuleBroken(
                _("%(step)s: from at least one week, and to no less.", step=label(step))
            )
        if row is None:
            row = GateTime(body_id=body_id, step=step)
            db.session.add(row)
        row.weeks_from, row.weeks_to = span
    with refusing_doubles(
        _("A colleague has just saved these times. Look at them as they are now."),
        "uq_gate_time_all",
        "uq_gate_time_body",
    ):
        db.session.flush()


def make_tasks(case: Case, *, by: User, today: date, now: datetime) -> tuple[Function, ...]:
    """One task for every function that is missing now; returns them. A second press makes none."""
    found = queries.missing_in(case, today)
    if found is None:
        return ()
    _answer(case, found.occasion, found.functions, Answer.TASK, "", by, today)
    for tell in _asked_for:
        tell(AskedFor(case, found.functions, by, today, now))
    return found.functions


def skip(case: Case, reason: str, *, by: User, today: date) -> tuple[Function, ...]:
    """Go on without those who are missing now; why is kept. Returns them."""
    found = queries.missing_in(case, today)
    if found is None:
        return ()
    _answer(case, found.occasion, found.functions, Answer.SKIPPED, reason, by, today)
    return found.functions


def _answer(
    case: Case,
    occasion: GateOccasion,
    functions: Sequence[Function],
    answer: Answer,
    reason: str,
    by: User,
    today: date,
) -> None:
    with refusing_doubles(
        _("A colleague has just answered that. Look at the gate."), "uq_gate_answer_case_id"
    ):
        for function in functions:
            db.session.add(
                GateAnswer(
                    case_id=case.id,
                    occasion=occasion,
                    function=function,
                    answer=answer,
                    reason=reason,
                    answered_on=today,
                    by_id=by.id,
                )
            )
        db.session.flush()


# --- Remarks --------------------------------------------------------------------------------------


def note_remark(
    case: Case,
    *,
    function: Function,
    step: GateStep | None,
    person: Person | None,
    words: str,
    said_on: date,
    by: User,
    today: date,
    now: datetime,
) -> Remark:
    """What a function says about effects on its own work, in its own words (F8)."""
    _require_past(said_on, today)
    made = Remark(
        case_id=case.id,
        function=function,
        step=step,
        person_id=person.id if person else None,
        words=words,
        said_on=said_on,
        by_id=by.id,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made


def answer_remark(remark: Remark, answer: str, *, today: date) -> None:
    """What came of it; an empty answer opens the remark again."""
    remark.answer = answer
    remark.answered_on = (remark.answered_on or today) if answer else None


def make_need(remark: Remark, case: Case, *, by: User, today: date, now: datetime) -> Requirement:
    """The remark becomes a need with its source, in a requirement: in the one there is that says
    the same, or else in a new one that has its words (F8, claim S11).

    The need is of the unit where the person works, or else of the case's own. A remark becomes one
    need: whoever comes second is led to the requirement it is in. Raises RuleBroken for a need
    that has been taken out of every requirement, since somebody has decided that.
    """
    if remark.need is not None:
        if remark.need.requirement is None:
            raise RuleBroken(_("It is a need already, which somebody has taken out of its group."))
        return remark.need.requirement
    area = AREA_OF.get(remark.function, Area.OPERATIONS)
    alike = written.same(remark.words)
    need = requirements.capture_need(
        remark.words,
        remark.person,
        queries.place_of(remark, case),
        remark.said_on,
        by=by,
        today=today,
        now=now,
        source=NeedSource.GATE,
        function=remark.function,
        area=area,
        case=case,
    )
    remark.need = need
    if alike is not None:
        requirements.group(need, alike)
        return alike
    return requirements.begin_requirement(
        remark.words, kind=RequirementKind.SHOULD, area=area, needs=[need], by=by, now=now
    )


# --- Lines between people -------------------------------------------------------------------------


def relate(
    body: Organisation,
    one: Person,
    other: Person,
    kind: RelationKind,
    *,
    note: str,
    by: User,
    today: date,
) -> Relation:
    """A line from one person to another. Raises RuleBroken for a line to oneself, for one that
    is there, and for a ring of people who report to each other."""
    if one.id == other.id:
        raise RuleBroken(_("Choose two different people."))
    tie = one_way(Tie(kind, one.id, other.id))
    there = [Tie(row.kind, row.from_id, row.to_id) for row in queries.relations(body.id).rows]
    if tie in there:
        raise RuleBroken(_("That line is there already."))
    if closes_a_ring(tie, there):
        raise RuleBroken(
            _(
                "%(other)s reports to %(one)s already, if through others.",
                other=other.name,
                one=one.name,
            )
        )
    made = Relation(
        body_id=body.id,
        kind=kind,
        from_id=tie.from_id,
        to_id=tie.to_id,
        note=note,
        noted_on=today,
        by_id=by.id,
    )
    with refusing_doubles(_("That line is there already."), "uq_person_relation_stands"):
        db.session.add(made)
        db.session.flush()
    return made


def end_relation(row: Relation, today: date) -> None:
    """The line no longer stands."""
    row.ended_on = row.ended_on or today


# --- References -----------------------------------------------------------------------------------


def consent(
    person: Person,
    organisation: Organisation,
    *,
    consented_on: date,
    a_year: int,
    uses: str,
    systems: str,
    by: User,
    today: date,
) -> Reference:
    """Somebody agrees to be asked. Raises RuleBroken for a day to come, where they do not work,
    and where a consent stands already."""
    _require_past(consented_on, today)
    posts = people.current_posts(person)
    if not any(post.organisation_id == organisation.id for post in posts):
        raise RuleBroken(
            _("%(name)s does not work at %(place)s.", name=person.name, place=organisation.title)
        )
    if any(row.withdrawn_on is None for row in queries.references_of(person.id)):
        raise RuleBroken(_("%(name)s has agreed already. Change that consent.", name=person.name))
    made = Reference(
        person_id=person.id,
        organisation_id=organisation.id,
        consented_on=consented_on,
        a_year=a_year,
        uses=uses,
        systems=systems,
        by_id=by.id,
    )
    with refusing_doubles(
        _("%(name)s has agreed already. Change that consent.", name=person.name),
        "uq_reference_stands",
    ):
        db.session.add(made)
        db.session.flush()
    return made


def change_consent(
    row: Reference, *, consented_on: date, a_year: int, uses: str, systems: str, today: date
) -> None:
    """Put the consent right, or let it be for more or fewer times a year."""
    _require_past(consented_on, today)
    _require_stands(row)
    row.consented_on, row.a_year, row.uses, row.systems = consented_on, a_year, uses, systems


def ask_reference(reference_id: int, case: Case | None, *, by: User, today: date) -> Reference:
    """A reference is asked: it counts from now. Raises RuleBroken beyond the limit of the year,
    after the consent was taken back, and for whoever has objected to being contacted."""
    row = queries.reference(reference_id, lock=True)
    _require_stands(row)
    if row.person.objected_on is not None:
        raise RuleBroken(_("%(name)s has objected to being contacted.", name=row.person.name))
    posts = people.current_posts(row.person)
    if not any(post.organisation_id == row.organisation_id for post in posts):
        raise RuleBroken(
            _(
                "%(name)s no longer works at %(place)s, which the consent is of.",
                name=row.person.name,
                place=row.organisation.title,
            )
        )
    stands = standing(None, row.a_year, (ask.asked_on for ask in row.asks), today)
    if stands.left == 0:
        raise RuleBroken(
            ngettext(
                "%(name)s has been asked once this year, which is what was agreed. "
                "Choose another reference, or ask again next year.",
                "%(name)s has been asked %(num)s times this year, which is what was agreed. "
                "Choose another reference, or ask again next year.",
                stands.asked,
                name=row.person.name,
            )
        )
    db.session.add(
        ReferenceAsk(
            person_id=row.person_id, case_id=case.id if case else None, asked_on=today, by_id=by.id
        )
    )
    db.session.flush()
    return row


def withdraw(row: Reference, today: date) -> None:
    """The consent is taken back: nobody is shown it as one to ask any more."""
    row.withdrawn_on = row.withdrawn_on or today


def _require_stands(row: Reference) -> None:
    if row.withdrawn_on is not None:
        raise RuleBroken(_("%(name)s has taken the consent back.", name=row.person.name))
