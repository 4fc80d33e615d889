"""The map and its days, the gate and its tasks, remarks, lines and references, as they are stored."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.accounts.models import User
from crm.anchoring import operations, queries
from crm.anchoring.models import Answer, MapLine, Reference, Relation, Remark
from crm.audit.models import AuditEntry
from crm.cases import operations as cases
from crm.cases import queries as case_queries
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people import queries as posts
from crm.people.models import Person
from crm.procurements import operations as procurements
from crm.procurements import queries as plans
from crm.reminders import by_hand
from crm.reminders.models import Reminder, ReminderState
from crm.requirements.operations import Told
from crm.rules.anchoring import Stance
from crm.rules.functions import Function
from crm.rules.gate import FACTS, PILOT_AHEAD, GateOccasion, GateState, GateStep, Missing
from crm.rules.references import Likeness
from crm.rules.relations import RelationKind
from crm.rules.requirements import InUse, NeedKind
from crm.rules.routes import StageKey
from crm.rules.stages import AdoptionStage, CaseRole, Outcome, ProcurementStage, PubStatus
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.requirements import make_need
from tests.factories.trials import make_pilot

MAY, JUNE, TODAY = date(2026, 5, 4), date(2026, 6, 1), date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def by(app: Any) -> User:
    return make_user(name="Sara Lindqvist")


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"), "Venhagsskolan")


@pytest.fixture
def case(unit: Organisation, by: User) -> Case:
    return make_case(unit, "Läsverktyg", owner=by, opened_on=MAY)


@pytest.fixture
def bo(unit: Organisation) -> Person:
    return make_person("Bo Ek", organisation=unit, title="IT-chef")


def write(
    case: Case, function: Function, by: User, there: MapLine | None = None, **said: Any
) -> MapLine:
    facts = {"person": None, "who": "", "stance": Stance.UNKNOWN, "since": None, "question": ""}
    return operations.write_line(
        case, there, function=function, by=by, **(facts | {"today": TODAY} | said)
    )


def body_of(unit: Organisation) -> Organisation:
    return db.session.get_one(Organisation, unit.body_id)


def loaded(case: Case) -> Case:
    db.session.flush()
    db.session.expire_all()
    return case_queries.get(case.id)


def row(case: Case, function: Function, on: date = TODAY) -> Any:
    known = queries.known(loaded(case), TODAY)
    return next(one for one in known.on(on).rows if one.function is function)


# --- The map --------------------------------------------------------------------------------------


def test_the_map_of_an_earlier_day_is_kept(case: Case, bo: Person, by: User) -> None:
    first = write(case, Function.IT, by, person=bo, since=MAY, today=MAY)
    second = write(
        case, Function.IT, by, first, person=bo, since=MAY, stance=Stance.FOR, today=JUNE
    )
    again = write(
        case, Function.IT, by, second, person=bo, since=MAY, stance=Stance.DOUBTFUL, today=JUNE
    )
    assert again is second  # put right the same day
    assert [line.stance for line in row(case, Function.IT, MAY).lines] == [Stance.UNKNOWN]
    assert [line.stance for line in row(case, Function.IT, JUNE).lines] == [Stance.DOUBTFUL]
    operations.take_away(second, TODAY)
    assert [line.stance for line in row(case, Function.IT, JUNE).lines] == [Stance.DOUBTFUL]
    assert row(case, Function.IT).lines == ()


def test_nobody_stands_twice_under_a_function(case: Case, bo: Person, by: User) -> None:
    write(case, Function.IT, by, person=bo)
    with pytest.raises(RuleBroken, match="Bo Ek"):
        write(case, Function.IT, by, person=bo)
    write(case, Function.ARCHIVE, by, who="kommunarkivarien")
    with pytest.raises(RuleBroken):
        write(case, Function.ARCHIVE, by, who="kommunarkivarien")


def test_a_line_that_was_changed_meanwhile_is_not_changed_back(
    case: Case, bo: Person, by: User
) -> None:
    first = write(case, Function.IT, by, person=bo, today=MAY)
    write(case, Function.IT, by, first, person=bo, stance=Stance.FOR, today=JUNE)
    with pytest.raises(RuleBroken):
        write(case, Function.IT, by, first, person=bo, stance=Stance.AGAINST)


def test_a_day_to_come_is_refused(case: Case, by: User) -> None:
    with pytest.raises(RuleBroken):
        write(case, Function.IT, by, since=TODAY + timedelta(days=1))


def test_s32_one_person_holds_three_roles_and_stands_for_two_functions(
    case: Case, unit: Organisation, by: User
) -> None:
    anna = make_person("Anna Björk", organisation=unit, title="Rektor")
    for role in (CaseRole.USER, CaseRole.CHAMPION, CaseRole.BUDGET_OWNER):
        cases.set_role(case, anna, role, by=by, today=MAY, now=NOW)
    for function in (Function.USERS, Function.UNIT_HEAD):
        (line,) = row(case, function).lines
        assert (line.who, line.stance, line.since) == (anna.name, Stance.FOR, MAY)


def test_what_we_think_of_people_goes_with_them_and_is_not_in_the_field_history(
    case: Case, bo: Person, unit: Organisation, by: User
) -> None:
    anna = make_person("Anna Björk", organisation=unit)
    write(case, Function.IT, by, person=bo, stance=Stance.AGAINST, question="Hemlig fråga")
    operations.relate(
        body_of(unit), anna, bo, RelationKind.CONFLICT, note="Osams", by=by, today=TODAY
    )
    remark = operations.note_remark(
        case,
        function=Function.IT,
        step=None,
        person=bo,
        words="Tungt",
        said_on=TODAY,
        by=by,
        today=TODAY,
        now=NOW,
    )
    operations.consent(
        bo, unit, consented_on=TODAY, a_year=1, uses="", systems="", by=by, today=TODAY
    )
    db.session.flush()
    told = str([entry.changes for entry in db.session.scalars(sa.select(AuditEntry))])
    assert "Hemlig" not in told
    assert "Osams" not in told
    assert "against" not in told
    ident = bo.id
    db.session.expunge_all()
    for table in ("post", "case_person"):
        db.session.execute(sa.text(f"DELETE FROM {table} WHERE person_id = {ident}"))
    db.session.execute(sa.text(f"DELETE FROM person WHERE id = {ident}"))
    for model in (MapLine, Relation, Reference, Remark):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0, model
    assert remark.id


# --- The gate -------------------------------------------------------------------------------------


def test_s10_moving_to_procurement_names_the_missing_and_makes_their_tasks_once(
    case: Case, unit: Organisation, by: User
) -> None:
    assert queries.missing_in(loaded(case), TODAY) is None  # nothing has begun
    eva = make_person("Eva Alm", organisation=unit, title="Ekonomichef")
    cases.set_role(case, eva, CaseRole.BUDGET_OWNER, by=by, today=MAY, now=NOW)
    write(case, Function.ADMINISTRATION, by, who="skoladministratören", since=MAY)
    cases.move_procurement(case, ProcurementStage.PREPARING, by=by, now=NOW)
    found = queries.missing_in(loaded(case), TODAY)
    assert found is not None
    assert (found.occasion, found.functions) == (
        GateOccasion.REQUIREMENTS,
        (Function.IT, Function.DATA_PROTECTION),
    )
    made = operations.make_tasks(loaded(case), by=by, today=TODAY, now=NOW)
    assert made == found.functions
    assert operations.make_tasks(loaded(case), by=by, today=TODAY, now=NOW) == ()
    tasks = db.session.scalars(sa.select(Reminder).where(Reminder.case_id == case.id)).all()
    assert {task.user_id for task in tasks} == {by.id}
    assert {task.state for task in tasks} == {ReminderState.DUE}
    assert sorted(by_hand.title(task, "sv") for task in tasks) == [
        "Få med Dataskydd: vilka där bör känna till det?",
        "Få med IT: vilka där bör känna till det?",
    ]


def test_going_on_without_somebody_keeps_the_reason_and_asks_again_at_the_next_step(
    case: Case, by: User
) -> None:
    cases.move_procurement(case, ProcurementStage.UNDECIDED, by=by, now=NOW)
    skipped = operations.skip(loaded(case), "Ramavtalet är granskat", by=by, today=TODAY)
    assert Function.IT in skipped
    assert queries.missing_in(loaded(case), TODAY) is None
    kept = queries.answers(case.id)
    assert {(one.answer, one.reason) for one in kept} == {
        (Answer.SKIPPED, "Ramavtalet är granskat")
    }
    cases.move_procurement(case, ProcurementStage.EARLY_DIALOGUE, by=by, now=NOW)
    again = queries.missing_in(loaded(case), TODAY)
    assert again is not None
    assert again.functions == skipped


def test_a_pilot_with_personal_data_asks_for_it_and_data_protection(case: Case, by: User) -> None:
    cases.move_adoption(case, AdoptionStage.UNIT_PILOT, by=by, now=NOW)
    assert queries.missing_in(loaded(case), TODAY) is None
    cases.answer_personal_data(case, True)
    found = queries.missing_in(loaded(case), TODAY)
    assert found is not None
    assert found.functions == (Function.IT, Function.DATA_PROTECTION)
    case.pub_status = PubStatus.SIGNED
    found = queries.missing_in(loaded(case), TODAY)
    assert found is not None
    assert found.functions == (Function.IT,)
    operations.set_step(
        case,
        GateStep.INTEGRATION,
        owner=Function.IT,
        state=GateState.UNDER_WAY,
        begun_on=None,
        done_on=None,
        evidence="",
        today=TODAY,
    )
    assert queries.missing_in(loaded(case), TODAY) is None


def test_a_pilot_with_personal_data_asks_before_it_begins(
    case: Case, unit: Organisation, by: User
) -> None:
    pilot = make_pilot(
        case,
        unit,
        starts_on=TODAY + PILOT_AHEAD + timedelta(days=1),
        ends_on=TODAY + PILOT_AHEAD + timedelta(weeks=8),
    )
    cases.answer_personal_data(case, True)
    assert case.adoption is AdoptionStage.CURIOUS
    assert queries.missing_in(loaded(case), TODAY) is None
    day_after = TODAY + timedelta(days=1)
    found = queries.missing_in(loaded(case), day_after)
    assert found == Missing(
        GateOccasion.PILOT, (Function.IT, Function.DATA_PROTECTION), pilot.starts_on
    )
    pilot.called_off_on = TODAY
    assert queries.missing_in(loaded(case), day_after) is None
    pilot.called_off_on = None
    pilot.result, pilot.evaluated_on = "Eleverna läste mer.", TODAY
    assert queries.missing_in(loaded(case), day_after) is None


def set_step(case: Case, step: GateStep, state: GateState, **more: Any) -> None:
    owner = FACTS[step].owner
    facts = {"owner": owner, "begun_on": None, "done_on": None, "evidence": ""} | more
    operations.set_step(case, step, state=state, today=TODAY, **facts)


def test_map_and_gate_say_the_same_of_who_is_in(
    case: Case, bo: Person, unit: Organisation, by: User
) -> None:
    """By the role behind a line without a day, by a step, by the title of the post here; a step
    that is not needed brings nobody in."""
    vimmerby = make_unit(make_municipality("Vimmerby"), "Skolan")
    people.add_post(bo, vimmerby, title="Arkivarie", by=by, today=TODAY, now=NOW)
    cases.set_role(case, bo, CaseRole.COACH, by=by, today=MAY, now=NOW)
    write(case, Function.IT, by, person=bo, stance=Stance.AGAINST)
    set_step(case, GateStep.ARCHIVE, GateState.UNDER_WAY)
    set_step(case, GateStep.UNION, GateState.NOT_NEEDED, evidence="Enligt HR")
    case.pub_status = PubStatus.SIGNED
    cases.move_procurement(case, ProcurementStage.PREPARING, by=by, now=NOW)
    inside = queries.known(loaded(case), TODAY).on(TODAY).involved
    signed = {Function.MANAGEMENT, Function.DATA_PROTECTION}
    assert inside == {Function.IT, Function.ARCHIVE, *signed}
    found = queries.missing_in(loaded(case), TODAY)
    assert found is not None
    assert found.functions == (Function.ADMINISTRATION, Function.ECONOMY)


def test_a_new_title_leaves_the_maps_of_earlier_days_as_they_were(
    case: Case, unit: Organisation, by: User
) -> None:
    anna = make_person("Anna Björk", organisation=unit, title="Rektor")
    cases.set_role(case, anna, CaseRole.CHAMPION, by=by, today=MAY, now=NOW)
    people.add_post(anna, unit, title="IT-chef", started_on=JUNE, by=by, today=JUNE, now=NOW)
    first = next(post for post in posts.current_posts(anna) if post.title == "Rektor")
    people.end_post(posts.get_post(first.id), on=JUNE, by=by, today=TODAY, now=NOW)
    for day, function, since in ((MAY, Function.UNIT_HEAD, MAY), (TODAY, Function.IT, JUNE)):
        known = queries.known(loaded(case), TODAY).on(day)
        assert known.involved == {function}
        assert next(one for one in known.rows if one.lines).since == since


def test_whoever_leaves_is_in_no_more_and_the_place_is_kept_open(
    case: Case, bo: Person, unit: Organisation, by: User
) -> None:
    anna = make_person("Anna Björk", organisation=unit)
    cases.set_role(case, bo, CaseRole.IT, by=by, today=MAY, now=NOW)
    write(case, Function.IT, by, person=bo, since=MAY, question="Inloggning?", today=MAY)
    operations.relate(body_of(unit), anna, bo, RelationKind.INFLUENCES, note="", by=by, today=MAY)
    made = operations.consent(
        bo, unit, consented_on=MAY, a_year=2, uses="", systems="", by=by, today=TODAY
    )
    (post,) = posts.current_posts(bo)
    people.end_post(posts.get_post(post.id), on=JUNE, by=by, today=TODAY, now=NOW)
    before, after = (row(case, Function.IT, day) for day in (MAY, TODAY))
    assert [(line.who, line.since) for line in before.lines] == [(bo.name, MAY)]
    assert [(line.who, line.is_known, line.question) for line in after.lines] == [
        ("IT-chef, efterträdaren", False, "Inloggning?")
    ]
    assert after.since is None
    cases.move_procurement(case, ProcurementStage.PREPARING, by=by, now=NOW)
    found = queries.missing_in(loaded(case), TODAY)
    assert found is not None
    assert Function.IT in found.functions
    assert queries.relations(body_of(unit).id).rows == []
    (kept,) = queries.references(today=TODAY)
    assert not kept.works_there
    elsewhere = make_case(make_municipality("Vimmerby"), "Läsverktyg", owner=by)
    assert queries.references(today=TODAY, wanted=loaded(elsewhere)) == []
    with pytest.raises(RuleBroken, match="arbetar inte längre"):
        operations.ask_reference(made.id, None, by=by, today=TODAY)


def test_steps_keep_days_that_hold_together_and_something_that_shows_them(case: Case) -> None:
    def say(state: GateState, **more: Any) -> Any:
        facts = {"begun_on": None, "done_on": None, "evidence": ""} | more
        return operations.set_step(
            case,
            GateStep.CLASSIFICATION,
            owner=Function.SYSTEM_OWNER,
            state=state,
            today=TODAY,
            **facts,
        )

    assert say(GateState.ASKED).begun_on == TODAY
    with pytest.raises(RuleBroken):
        say(GateState.DONE)
    with pytest.raises(RuleBroken):
        say(GateState.DONE, begun_on=JUNE, done_on=MAY, evidence="Dnr 2026/17")
    done = say(GateState.DONE, begun_on=MAY, done_on=JUNE, evidence="Dnr 2026/17")
    assert (done.begun_on, done.done_on) == (MAY, JUNE)
    for nonsense in ({"state": GateState.NOT_BEGUN}, {"state": GateState.ASKED}):
        with pytest.raises(RuleBroken):
            say(**nonsense, done_on=MAY)
    again = say(GateState.NOT_BEGUN)
    assert (again.id, again.begun_on, again.done_on) == (done.id, None, None)


def test_our_own_time_takes_the_place_of_the_assumed(case: Case) -> None:
    def usual() -> Any:
        steps = {one.step: one.usual for one in queries.steps(loaded(case))}
        return steps[GateStep.ARCHIVE]

    assert usual().assumed
    operations.set_times({GateStep.ARCHIVE: (3, 5)})
    assert (usual().least, usual().most, usual().assumed) == (3, 5, False)
    operations.set_times({GateStep.ARCHIVE: None})
    assert usual().assumed
    with pytest.raises(RuleBroken):
        operations.set_times({GateStep.ARCHIVE: (5, 3)})


def test_the_time_of_a_body_counts_there_before_that_of_all(case: Case, by: User) -> None:
    elsewhere = make_case(make_municipality("Vimmerby"), "Läsverktyg", owner=by)
    operations.set_times({GateStep.ARCHIVE: (2, 9)})
    operations.set_times({GateStep.ARCHIVE: (3, 5)}, body_of(case.organisation))
    found = [
        next(one.usual for one in queries.steps(loaded(each)) if one.step is GateStep.ARCHIVE)
        for each in (case, elsewhere)
    ]
    assert [(one.least, one.most) for one in found] == [(3, 5), (2, 9)]


# --- At the notice --------------------------------------------------------------------------------


def test_s8_s12_a_won_tender_tells_who_was_in_and_what_was_open_at_the_notice(
    case: Case, bo: Person, by: User
) -> None:
    write(case, Function.IT, by, person=bo, since=MAY, question="Inloggning?", today=MAY)
    answered = operations.note_remark(
        case,
        function=Function.ARCHIVE,
        step=GateStep.ARCHIVE,
        person=None,
        words="Uttag?",
        said_on=MAY,
        by=by,
        today=MAY,
        now=NOW,
    )
    operations.answer_remark(answered, "Vi lämnar ut i FGS.", today=MAY + timedelta(days=3))
    operations.note_remark(
        case,
        function=Function.ADMINISTRATION,
        step=None,
        person=None,
        words="Vem lägger upp klasserna?",
        said_on=MAY,
        by=by,
        today=MAY,
        now=NOW,
    )
    procurement = make_procurement(
        case.organisation, case=case, today=MAY, now=NOW - timedelta(days=200)
    )
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    procurements.reach(
        plan,
        plans.milestone_of(plan, StageKey.MARKET),
        JUNE,
        by=by,
        today=JUNE,
        now=NOW - timedelta(days=170),
    )
    write(case, Function.UNION, by, who="skyddsombudet", since=TODAY)  # after the notice
    cases.close(case, Outcome.WON, reason="quality", by=by, today=TODAY, now=NOW)
    loaded(case)
    (found,) = queries.won(page=1).rows
    assert (found.case.id, found.on, found.map.count_in) == (case.id, JUNE, 1)
    assert [line.question for line in found.map.questions] == ["Inloggning?"]
    assert [one.words for one in found.remarks] == ["Vem lägger upp klasserna?"]
    assert found.open == 2
    one = queries.at_notice(queries.known(loaded(case), TODAY), queries.remarks(case.id))
    assert one is not None
    assert (one.on, one.open) == (JUNE, 2)


def test_without_a_plan_the_notice_is_the_day_the_case_was_moved(case: Case, by: User) -> None:
    assert queries.notice_days([case.id]) == {}
    cases.move_procurement(case, ProcurementStage.PUBLISHED, by=by, now=NOW)
    db.session.flush()
    assert queries.notice_days([case.id]) == {case.id: TODAY}
    assert queries.missing_in(loaded(case), TODAY) is None  # too late to ask


# --- Lines and references -------------------------------------------------------------------------


def test_lines_between_people(unit: Organisation, bo: Person, by: User) -> None:
    anna = make_person("Anna Björk", organisation=unit)
    body = body_of(unit)

    def line(one: Person, other: Person, kind: RelationKind) -> Relation:
        return operations.relate(body, one, other, kind, note="", by=by, today=TODAY)

    reports = line(anna, bo, RelationKind.REPORTS_TO)
    with pytest.raises(RuleBroken):
        line(bo, anna, RelationKind.REPORTS_TO)
    with pytest.raises(RuleBroken):
        line(anna, anna, RelationKind.INFLUENCES)
    conflict = line(bo, anna, RelationKind.CONFLICT)
    with pytest.raises(RuleBroken):
        line(anna, bo, RelationKind.CONFLICT)
    assert [one.kind for one in queries.relations(body.id).rows] == [
        RelationKind.REPORTS_TO,
        RelationKind.CONFLICT,
    ]
    operations.end_relation(reports, TODAY)
    operations.end_relation(conflict, TODAY)
    assert queries.relations(body.id).rows == []
    line(bo, anna, RelationKind.REPORTS_TO)  # now the other way


def test_lines_come_along_when_the_unit_comes_to_another_body(
    unit: Organisation, bo: Person, by: User
) -> None:
    old, new = body_of(unit), make_municipality("Vimmerby")
    anna = make_person("Anna Björk", organisation=unit)
    operations.relate(old, anna, bo, RelationKind.INFLUENCES, note="", by=by, today=TODAY)
    organisations.move(unit, new, by=by, now=NOW)
    db.session.flush()
    assert [len(queries.relations(body.id).rows) for body in (old, new)] == [0, 1]


def test_a_reference_is_asked_no_more_often_than_was_agreed(
    case: Case, unit: Organisation, bo: Person, by: User
) -> None:
    made = operations.consent(
        bo, unit, consented_on=MAY, a_year=2, uses="Läsning", systems="", by=by, today=TODAY
    )
    with pytest.raises(RuleBroken):
        operations.consent(
            bo, unit, consented_on=MAY, a_year=2, uses="", systems="", by=by, today=TODAY
        )
    operations.ask_reference(made.id, case, by=by, today=TODAY)
    operations.ask_reference(made.id, None, by=by, today=TODAY)
    with pytest.raises(RuleBroken, match=r"Bo Ek.* 2 "):
        operations.ask_reference(made.id, case, by=by, today=TODAY)
    operations.ask_reference(made.id, case, by=by, today=date(2027, 1, 4))  # a new year
    operations.withdraw(made, TODAY)
    with pytest.raises(RuleBroken):
        operations.ask_reference(made.id, case, by=by, today=date(2028, 1, 3))
    assert queries.references(today=TODAY) == []
    again = operations.consent(
        bo, unit, consented_on=TODAY, a_year=1, uses="", systems="", by=by, today=TODAY
    )
    assert again.id != made.id


def test_one_consent_at_a_time_wherever_it_is(unit: Organisation, bo: Person, by: User) -> None:
    for place in (unit, body_of(unit)):  # two at once: the database says the same
        db.session.add(
            Reference(
                person_id=bo.id, organisation_id=place.id, consented_on=MAY, a_year=1, by_id=by.id
            )
        )
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_whoever_objects_to_contact_is_no_reference_to_ask(
    unit: Organisation, bo: Person, by: User
) -> None:
    made = operations.consent(
        bo, unit, consented_on=MAY, a_year=2, uses="", systems="", by=by, today=TODAY
    )
    bo.objected_on = JUNE
    with pytest.raises(RuleBroken):
        operations.ask_reference(made.id, None, by=by, today=TODAY)


def test_systems_of_the_body_are_known_from_needs_and_contracts(
    case: Case, unit: Organisation, by: User
) -> None:
    body = body_of(unit)
    make_need(unit, by, told=Told(NeedKind.IN_USE, InUse.OFFICIAL, "Skola24"))
    make_contract(body, "Unikum, lärplattform", ends_on=TODAY + timedelta(days=90))
    make_contract(body, "Gammalt system", ends_on=TODAY - timedelta(days=90))
    found = queries.systems_at(body.id, TODAY)
    assert sorted(found.split(", ")) == ["Skola24", "Unikum  lärplattform"]
    there = make_unit(make_municipality("Vimmerby"), "Skolan på höjden")
    siv = make_person("Siv Alm", organisation=there)
    operations.consent(
        siv, there, consented_on=MAY, a_year=1, uses="", systems="Unikum", by=by, today=TODAY
    )
    (one,) = queries.references(today=TODAY, wanted=loaded(case), systems=found)
    assert one.match is not None
    assert Likeness.SYSTEM in one.match.alike


def test_references_of_others_are_shown_for_a_case_the_best_first(
    case: Case, unit: Organisation, bo: Person, by: User
) -> None:
    there = make_unit(make_municipality("Vimmerby"), "Skolan på höjden")
    far = make_unit(make_municipality("Kiruna"), "Biblioteket")
    for body, at in (
        (body_of(unit), (57.49, 15.84)),
        (body_of(there), (57.67, 15.86)),
        (body_of(far), (67.86, 20.23)),
    ):
        body.latitude, body.longitude = at
    names = []
    for place, systems in ((far, "Teams"), (there, ""), (unit, "")):
        person = make_person(f"Person {place.name}", organisation=place)
        names.append(person.name)
        operations.consent(
            person, place, consented_on=MAY, a_year=1, uses="", systems=systems, by=by, today=TODAY
        )
    found = queries.references(today=TODAY, wanted=loaded(case))
    assert [one.reference.person.name for one in found] == [names[1], names[0]]  # not their own
    assert found[0].match is not None
    assert found[0].match.km == 20
    found = queries.references(today=TODAY, wanted=loaded(case), systems="teams")
    alike = {one.reference.person.name: one.match.alike for one in found if one.match}
    assert [name for name in names if Likeness.SYSTEM in alike.get(name, ())] == [names[0]]
