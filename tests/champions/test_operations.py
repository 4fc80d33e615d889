"""Acts are written down, told in the timeline and put right; a place is kept open and filled."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.accounts.models import User
from crm.activities.models import Activity, ActivityKind
from crm.cases import operations as cases
from crm.cases.models import Case, CasePerson
from crm.champions import operations, queries
from crm.champions.models import ChampionAct
from crm.champions.operations import Done
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.interest.models import Inquiry
from crm.merging import operations as merging
from crm.merging.models import Kind
from crm.merging.operations import Wish
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person, Post
from crm.reminders import queries as reminders
from crm.reminders.models import WAITING_STATES, Reminder
from crm.reminders.planning import replan
from crm.rules.champions import Act, ActKind, Carries, Occasion, Origin, SellingOutcome
from crm.rules.functions import Function
from crm.rules.stages import CaseRole, Outcome
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.requirements import make_need

SHOWED = Done(
    ActKind.SHOWED,
    TODAY,
    function=Function.MANAGEMENT,
    outcome=SellingOutcome.LIKED,
    material="prisstegen",
)


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def user(app: Any) -> User:
    return make_user()


@pytest.fixture
def anna(unit: Organisation) -> Person:
    return make_person("Anna", "Berg", organisation=unit)


@pytest.fixture
def case(unit: Organisation, user: User, anna: Person) -> Case:
    return make_case(unit, "Läsverktyg", owner=user, champion=anna)


def write(person: Person, done: Done = SHOWED, case: Case | None = None) -> ChampionAct:
    return operations.write(person, done, case=case, by=None, today=TODAY, now=NOW)


def test_an_act_stands_where_the_person_works_and_in_the_timeline(
    anna: Person, unit: Organisation, case: Case
) -> None:
    act = write(anna, replace(SHOWED, note="Alla fick prova"), case)
    assert (act.organisation_id, act.body_id) == (unit.id, unit.body_id)
    line = db.session.get_one(Activity, act.activity_id)
    assert (line.kind, line.person_id, line.case_id) == (ActivityKind.CHAMPION, anna.id, case.id)
    assert line.text == "Alla fick prova"
    assert (line.data["act"], line.data["function"]) == ("showed", "management")


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SHOWED, on=TODAY + timedelta(days=1)),
        replace(SHOWED, function=None),
        replace(SHOWED, outcome=None),
        replace(SHOWED, next_kind=Occasion.COMMITTEE),
        replace(SHOWED, next_on=TODAY),
        replace(SHOWED, next_kind=Occasion.COMMITTEE, next_on=TODAY),
    ],
)
def test_half_an_act_is_refused(anna: Person, wrong: Done) -> None:
    with pytest.raises(RuleBroken):
        write(anna, wrong)
    assert db.session.scalar(sa.select(sa.func.count(ChampionAct.id))) == 0


def test_nobody_introduces_oneself(anna: Person) -> None:
    with pytest.raises(RuleBroken):
        write(anna, Done(ActKind.INTRODUCED, TODAY, other=anna))


def test_putting_right_and_taking_away_follow_in_the_timeline(anna: Person, case: Case) -> None:
    act = write(anna, case=case)
    changed = Done(ActKind.USES_WEEKLY, TODAY - timedelta(days=9), note="Varje måndag")
    operations.put_right(act, anna, changed, case=None, today=TODAY, now=NOW)
    line = db.session.get_one(Activity, act.activity_id)
    assert (line.text, line.case_id, line.data["act"]) == ("Varje måndag", None, "uses_weekly")
    assert line.at.date() == TODAY - timedelta(days=9)
    assert act.outcome is None
    operations.remove(act)
    kinds = db.session.scalars(sa.select(Activity.kind)).all()
    assert ActivityKind.CHAMPION not in kinds


# --- Evidence -----------------------------------------------------------------------------------


def told(anna: Person, by: str, days: int, unit: Organisation) -> Inquiry:
    lisa = make_person(by, "Ny", organisation=unit)
    return inquiry(
        now=NOW - timedelta(days=days), organisation=unit, person=lisa, told_by=anna, caller=""
    )


def test_acts_follow_from_inquiries_and_are_counted_once(anna: Person, unit: Organisation) -> None:
    told(anna, "Lisa", 40, unit)
    by_hand = told(anna, "Bo", 3, unit)
    bo = db.session.get_one(Person, by_hand.person_id)
    write(anna, Done(ActKind.INTRODUCED, TODAY - timedelta(days=5), other=bo))
    for days in (100, 98, 20):
        inquiry(now=NOW - timedelta(days=days), organisation=unit, person=anna, caller="")
    acts = queries.evidence([anna.id])[anna.id]
    shown = queries.carrier(acts, {unit.body_id}, [], TODAY)
    counted = {part.kind: len(part.steps) for part in shown.strength.parts}
    assert counted == {ActKind.INTRODUCED: 2, ActKind.CAME_BACK: 1}
    origins = [step.act.origin for part in shown.strength.parts for step in part.steps]
    assert sorted(origins) == [Origin.INQUIRY, Origin.TOLD, Origin.WRITTEN]


def test_a_question_from_nobody_known_proves_nothing(anna: Person, unit: Organisation) -> None:
    asked = inquiry(now=NOW, organisation=unit, told_by=anna, caller="Robot")
    assert queries.evidence([anna.id]) == {}
    lisa = make_person("Lisa", organisation=unit)
    asked.person_id = lisa.id
    db.session.flush()
    (act,) = queries.evidence([anna.id])[anna.id]
    assert (act.kind, act.other_id) == (ActKind.INTRODUCED, lisa.id)


def test_a_need_in_the_persons_words_is_an_act_once(
    anna: Person, unit: Organisation, user: User
) -> None:
    make_need(unit, user, "Texten ska läsas upp", person=anna, today=TODAY - timedelta(days=3))
    (act,) = queries.evidence([anna.id])[anna.id]
    assert (act.kind, act.origin) == (ActKind.WROTE_NEED, Origin.NEED)
    write(anna, Done(ActKind.WROTE_NEED, TODAY))
    shown = queries.carrier(queries.evidence([anna.id])[anna.id], {unit.body_id}, [], TODAY)
    assert shown.strength.total == 2


def test_acts_at_a_former_employer_prove_nothing_here(anna: Person, unit: Organisation) -> None:
    write(anna)
    elsewhere = make_unit(make_municipality("Vimmerby"))
    acts: list[Act] = queries.evidence([anna.id])[anna.id]
    assert queries.carrier(acts, {unit.body_id}, [], TODAY).strength.total == 3
    there = queries.carrier(acts, {elsewhere.body_id}, [], TODAY)
    assert (there.strength.total, there.verdict.carries) == (0, Carries.NOT_KNOWN)


def test_internal_selling_is_counted_by_function(anna: Person, case: Case) -> None:
    write(anna, case=case)
    write(anna, replace(SHOWED, outcome=SellingOutcome.QUESTIONS), case)
    write(anna, replace(SHOWED, function=Function.IT, on=TODAY - timedelta(days=3)), case)
    write(anna, Done(ActKind.NAMED_PATH, TODAY), case)
    found = queries.heard(queries.written(case_id=case.id))
    assert [(one.function, one.times, one.outcome) for one in found] == [
        (Function.MANAGEMENT, 2, SellingOutcome.QUESTIONS),
        (Function.IT, 1, SellingOutcome.LIKED),
    ]


# --- The next occasion --------------------------------------------------------------------------


def planned(body_id: int | None, today: date = TODAY) -> list[Reminder]:
    assert body_id is not None
    replan([body_id], today=today, now=NOW)
    return list(db.session.scalars(sa.select(Reminder).where(Reminder.rule_key == "C3")))


def test_the_next_occasion_is_prepared_a_week_before(anna: Person, case: Case) -> None:
    tuesday = date(2026, 12, 8)
    coming = replace(SHOWED, next_kind=Occasion.MANAGEMENT_GROUP, next_on=tuesday)
    act = write(anna, coming, case)
    (reminder,) = planned(case.body_id)
    assert reminder.case_id == case.id
    assert reminder.due_on == tuesday - timedelta(days=7)
    operations.put_right(
        act,
        anna,
        replace(coming, next_on=tuesday + timedelta(days=2)),
        case=case,
        today=TODAY,
        now=NOW,
    )
    pending = [one for one in planned(case.body_id) if one.state in WAITING_STATES]
    assert [one.due_on for one in pending] == [tuesday - timedelta(days=5)]


def test_what_is_prepared_at_the_same_time_is_named(anna: Person, case: Case) -> None:
    """Two occasions within a few days are one contact, which says whom, where and when."""
    eva = make_person("Eva", "Lund", organisation=case.organisation)
    cases.set_role(case, eva, CaseRole.CHAMPION, by=None, today=TODAY, now=NOW)
    write(anna, replace(SHOWED, next_kind=Occasion.COMMITTEE, next_on=date(2026, 12, 8)), case)
    group = replace(SHOWED, next_kind=Occasion.MANAGEMENT_GROUP, next_on=date(2026, 12, 9))
    write(eva, group, case)
    assert planned(case.body_id)
    rows = reminders.of_case(case, today=TODAY, language="sv")
    told = [one for one in rows if one.row.rule_key == "C3"]
    assert "hjälp Eva Lund att förbereda ledningsgruppen, 9 december 2026" in told[0].why


def test_the_same_line_sent_again_and_a_next_occasion_before_are_refused(
    anna: Person, case: Case
) -> None:
    write(anna, case=case)
    with pytest.raises(RuleBroken):
        write(anna, case=case)
    write(anna, replace(SHOWED, note="En gång till"), case)
    with pytest.raises(RuleBroken):
        write(
            anna,
            replace(SHOWED, next_kind=Occasion.OTHER, next_on=TODAY - timedelta(days=1)),
            case,
        )


def test_nobody_is_reminded_for_whoever_objected_or_left(anna: Person, case: Case) -> None:
    write(
        anna,
        replace(SHOWED, next_kind=Occasion.COMMITTEE, next_on=TODAY + timedelta(days=20)),
        case,
    )

    def told() -> list[str]:
        rows = db.session.execute(queries.planning_rows([case.body_id])).all()
        return [one.name for one in queries.read_planned(rows).get(case.id, ())]

    assert told() == [anna.name]
    anna.objected_on = TODAY
    db.session.flush()
    assert told() == []
    anna.objected_on = None
    post = db.session.scalars(sa.select(Post).where(Post.person_id == anna.id)).one()
    people.end_post(post, on=TODAY, by=None, today=TODAY, now=NOW)
    assert told() == []


# --- Whoever left -------------------------------------------------------------------------------


def leave(person: Person, user: User) -> None:
    post = db.session.scalars(
        sa.select(Post).where(Post.person_id == person.id, Post.ended_on.is_(None))
    ).one()
    people.end_post(post, on=TODAY, by=user, today=TODAY, now=NOW)


def test_one_action_fills_every_place_after_somebody(
    anna: Person, unit: Organisation, user: User, case: Case
) -> None:
    cases.set_role(case, anna, CaseRole.BUDGET_OWNER, by=user, today=TODAY, now=NOW)
    other = make_case(unit, "Skrivstöd", champion=anna)
    closed = make_case(unit, "Gammalt", champion=anna)
    cases.close(closed, outcome=Outcome.WON, reason="quality", by=user, today=TODAY, now=NOW)
    leave(anna, user)
    places = queries.places_after(anna.id)
    assert [(place.case_id, set(place.roles)) for place in places] == [
        (case.id, {CaseRole.CHAMPION, CaseRole.BUDGET_OWNER}),
        (other.id, {CaseRole.CHAMPION}),
    ]
    bo = make_person("Bo", "Lind", organisation=unit)
    rows = [row for place in places for row in place.rows]
    assert operations.fill(rows, bo, by=user, today=TODAY, now=NOW) == 2
    held = db.session.execute(
        sa.select(CasePerson.case_id, CasePerson.role)
        .where(CasePerson.person_id == bo.id, CasePerson.ended_on.is_(None))
        .order_by(CasePerson.case_id, CasePerson.role)
    ).all()
    assert sorted(held) == sorted(
        [
            (case.id, CaseRole.BUDGET_OWNER),
            (case.id, CaseRole.CHAMPION),
            (other.id, CaseRole.CHAMPION),
        ]
    )
    assert queries.places_after(anna.id) == []


def arrivals(person: Person) -> list[Activity]:
    lines = db.session.scalars(sa.select(Activity).where(Activity.person_id == person.id))
    return [line for line in lines if line.data.get("event") == "champion_arrived"]


def test_a_champion_who_left_is_known_again_in_a_new_place(
    anna: Person, unit: Organisation, user: User, case: Case
) -> None:
    leave(anna, user)
    assert arrivals(anna) == []
    there = make_unit(make_municipality("Vimmerby"))
    later = TODAY + timedelta(days=60)
    people.add_post(anna, there, title="lärare", started_on=later, by=user, today=later, now=NOW)
    (line,) = arrivals(anna)
    assert line.organisation_id == there.id
    assert line.data["came_from_id"] == unit.id
    assert line.data["follow_up_on"] > later.isoformat()


def test_the_day_to_get_in_touch_is_one_on_which_a_school_answers(
    anna: Person, user: User, case: Case
) -> None:
    """Six weeks after 29 November is a Sunday in the Christmas holidays."""
    there = make_unit(make_municipality("Vimmerby"))
    moved = date(2026, 11, 29)
    people.move_person(anna, there, "lärare", moved, by=user, today=moved, now=NOW)
    (line,) = arrivals(anna)
    assert line.data["follow_up_on"] == "2027-01-13"


def test_the_place_left_as_a_champion_is_named_not_the_one_after(
    anna: Person, unit: Organisation, user: User, case: Case
) -> None:
    leave(anna, user)
    between = make_unit(make_municipality("Högsby"))
    people.add_post(anna, between, title="", started_on=TODAY, by=None, today=TODAY, now=NOW)
    leave(anna, user)
    there = make_unit(make_municipality("Vimmerby"))
    people.add_post(anna, there, title="", started_on=TODAY, by=user, today=TODAY, now=NOW)
    line = arrivals(anna)[-1]
    assert line.data["came_from_id"] == unit.id


def test_somebody_else_who_comes_back_is_no_known_champion(unit: Organisation, user: User) -> None:
    bo = make_person("Bo", "Lind", organisation=unit)
    leave(bo, user)
    there = make_unit(make_municipality("Vimmerby"))
    people.add_post(bo, there, title="", started_on=TODAY, by=user, today=TODAY, now=NOW)
    assert arrivals(bo) == []


def test_merging_two_records_keeps_the_acts(anna: Person, unit: Organisation, user: User) -> None:
    twin = make_person("Anna", "Berg-Twin", organisation=unit)
    act = write(anna, Done(ActKind.INTRODUCED, TODAY, other=twin))
    merging.merge(Kind.PERSON, anna, twin, Wish(), by=user, today=TODAY, now=NOW)
    db.session.refresh(act)
    kept = {act.person_id, act.other_id}
    assert len(kept) == 1  # whoever told themselves stands nowhere in the picture
    assert queries.told_in(act.body_id)[0].teller_id in kept
    assert queries.evidence(kept) == {}
