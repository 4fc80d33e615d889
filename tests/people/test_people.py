"""A6, A7, A8 and K7: posts, moves, likely duplicates, and the person's rights."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.activities import queries as activities
from crm.audit.models import AuditEntry
from crm.cases import operations as cases
from crm.cases.models import CasePerson
from crm.core import clock
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import waiting_for_planning
from crm.people import jobs, operations, queries
from crm.rules.matching import Sameness
from crm.rules.stages import CaseRole
from crm.search.queries import find
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

pytestmark = pytest.mark.usefixtures("app")

TODAY = clock.today()
EDGE = {"by": None, "today": TODAY, "now": clock.now()}


def _events(organisation) -> list[str]:
    rows = activities.timeline(activities.Filter(organisation)).rows
    return [row.data.get("event", "") for row in rows]


def test_a_teacher_at_two_schools_is_one_person_with_two_posts() -> None:
    town = make_municipality()
    one, two = make_unit(town, "Norra skolan"), make_unit(town, "Södra skolan")
    anna = make_person("Anna", "Berg", one)
    operations.add_post(anna, two, title="speciallärare", **EDGE)
    assert len(queries.current_posts(anna)) == 2
    for school in (one, two):
        assert [row.id for row in queries.at(school).rows] == [anna.id]
    assert queries.at(town).total == 1
    assert [hit.ref_id for hit in find("södra anna", kinds=("person",))] == [anna.id]


def test_an_ended_post_stays() -> None:
    anna = make_person()
    (post,) = queries.current_posts(anna)
    operations.end_post(queries.get_post(post.id), on=TODAY, **EDGE)
    assert queries.current_posts(anna) == []
    (kept,) = queries.all_posts(anna)
    assert kept.ended_on == TODAY
    with pytest.raises(RuleBroken):
        operations.end_post(queries.get_post(post.id), on=TODAY, **EDGE)


def test_a_post_cannot_end_before_it_began() -> None:
    anna = make_person(started_on=TODAY)
    (post,) = queries.current_posts(anna)
    with pytest.raises(RuleBroken):
        operations.end_post(queries.get_post(post.id), on=TODAY - timedelta(days=1), **EDGE)


def test_a_last_day_to_come_is_kept_until_it_has_passed(session: Session) -> None:
    school = make_unit()
    anna, last = make_person(organisation=school, title="Rektor"), TODAY + timedelta(days=30)
    operations.give_role(anna, school, CaseRole.CHAMPION, **EDGE)
    (row,) = queries.current_posts(anna)
    post = queries.get_post(row.id)
    assert operations.end_post(post, on=last, **EDGE) == frozenset()
    session.commit()
    for days, goes_on in ((0, True), (30, True), (31, False)):
        jobs.end_posts(clock.at(TODAY + timedelta(days=days), 9))
        session.expire_all()
        (row,) = queries.all_posts(anna)
        assert row.is_current is goes_on
        assert bool(queries.at(school).rows) is goes_on
        assert bool(queries.account_roles([anna.id])[anna.id]) is goes_on
    assert (row.ended_on, row.leaving_on) == (last, None)
    assert _events(school)[0] == "post_ended"


def test_a_last_day_can_be_put_right_or_taken_back() -> None:
    anna = make_person(title="Rektor")
    (row,) = queries.current_posts(anna)
    post = queries.get_post(row.id)
    facts: dict[str, Any] = {"title": "Rektor", "started_on": None, "function": None}
    operations.edit_post(post, ended_on=TODAY + timedelta(days=1), **facts, **EDGE)
    assert (post.ended_on, post.leaving_on) == (None, TODAY + timedelta(days=1))
    operations.edit_post(post, ended_on=None, **facts, **EDGE)
    assert (post.ended_on, post.leaving_on) == (None, None)


def test_a_move_is_made_when_its_day_has_come() -> None:
    anna, school = make_person(), make_unit()
    with pytest.raises(RuleBroken, match="har inte kommit"):
        operations.move_person(anna, school, "", TODAY + timedelta(days=1), **EDGE)


def test_the_same_post_is_not_given_twice() -> None:
    school = make_unit()
    anna = make_person(organisation=school, title="lärare")
    with pytest.raises(RuleBroken):
        operations.add_post(anna, school, title="lärare", **EDGE)


def test_a_move_leaves_the_history_and_opens_a_gap_and_a_proposal() -> None:
    old, new = make_municipality("Gamlaköping", email_domain="gamla.se"), make_municipality()
    school = make_unit(old)
    anna = make_person("Anna", "Berg", school, email="anna@gamla.se", phone="0495-24 00 00")
    case = cases.open_case(
        school, title="Pilot", person=anna, owner=None, by=None, today=TODAY, now=clock.now()
    )
    cases.set_role(case, anna, CaseRole.CHAMPION, **EDGE)
    db.session.flush()
    db.session.execute(sa.text("DELETE FROM plan_request"))
    operations.move_person(anna, new, "rektor", TODAY, **EDGE)
    assert [post.organisation_id for post in queries.current_posts(anna)] == [new.id]
    assert [post.organisation_id for post in queries.all_posts(anna)] == [new.id, school.id]
    held = db.session.scalars(sa.select(CasePerson)).all()
    assert held
    assert all(role.ended_on == TODAY for role in held)
    assert {"person_moved", "successor_needed", "case_opened"} <= set(_events(old))
    told = next(
        row
        for row in activities.timeline(activities.Filter(old)).rows
        if row.data.get("event") == "successor_needed"
    )
    assert told.data["roles"] == ["user", "champion"]
    assert _events(new) == ["champion_arrived"]
    line = activities.timeline(activities.Filter(new)).rows[0]
    assert date.fromisoformat(line.data["follow_up_on"]) > TODAY
    assert anna.email == ""
    assert anna.phone == "+46495240000"
    assert {old.id, new.id} <= set(waiting_for_planning().body_ids)


def test_a_move_within_a_body_keeps_every_role() -> None:
    town = make_municipality("Gamlaköping", email_domain="gamla.se")
    old, new = make_unit(town), make_unit(town)
    anna = make_person("Anna", "Berg", old, email="anna@gamla.se")
    case = cases.open_case(
        old, title="Pilot", person=anna, owner=None, by=None, today=TODAY, now=clock.now()
    )
    cases.set_role(case, anna, CaseRole.CHAMPION, **EDGE)
    operations.give_role(anna, old, CaseRole.CHAMPION, **EDGE)
    db.session.flush()
    operations.move_person(anna, new, "rektor", TODAY, **EDGE)
    assert [post.organisation_id for post in queries.current_posts(anna)] == [new.id]
    held = db.session.scalars(sa.select(CasePerson)).all()
    assert {role.role for role in held} == {CaseRole.USER, CaseRole.CHAMPION}
    assert all(role.ended_on is None for role in held)
    (at_account,) = queries.account_roles([anna.id])[anna.id]
    assert at_account.organisation_id == new.id
    assert not {"successor_needed", "champion_arrived"} & set(_events(town))
    assert anna.email == "anna@gamla.se"


def test_a_move_from_two_bodies_to_one_of_them_leaves_the_other() -> None:
    town, away = make_municipality(), make_municipality()
    anna = make_person("Anna", "Berg", make_unit(town))
    operations.add_post(anna, away, **EDGE)
    here, there = make_case(town), make_case(away)
    for case in (here, there):
        cases.set_role(case, anna, CaseRole.CHAMPION, **EDGE)
    db.session.flush()
    operations.move_person(anna, make_unit(town), "rektor", TODAY, **EDGE)
    ended = {row.case_id: row.ended_on for row in db.session.scalars(sa.select(CasePerson))}
    assert ended == {here.id: None, there.id: TODAY}


def test_who_was_no_champion_is_simply_here() -> None:
    new = make_municipality()
    operations.move_person(make_person(), new, "rektor", TODAY, **EDGE)
    assert _events(new) == ["post_started"]


def test_a_role_at_the_account_ends_with_the_last_post_there() -> None:
    town = make_municipality()
    one, two = make_unit(town), make_unit(town)
    anna = make_person(organisation=one)
    operations.add_post(anna, two, **EDGE)
    operations.give_role(anna, town, CaseRole.CHAMPION, **EDGE)
    first, second = queries.current_posts(anna)
    operations.end_post(queries.get_post(first.id), on=TODAY, **EDGE)
    assert len(queries.account_roles([anna.id])[anna.id]) == 1
    operations.end_post(queries.get_post(second.id), on=TODAY, **EDGE)
    assert queries.account_roles([anna.id])[anna.id] == []
    assert len(queries.account_roles([anna.id], ended=True)[anna.id]) == 1


def test_moving_to_where_one_is_already_is_refused() -> None:
    school = make_unit()
    with pytest.raises(RuleBroken):
        operations.move_person(make_person(organisation=school), school, "x", TODAY, **EDGE)


def test_namesakes_at_a_body_are_those_that_the_duplicates_would_be() -> None:
    body = make_municipality("Hultsfred")
    names = ("Anna Berg", "Michael Ek", "Anna-Karin Öst", "Erik von Platen", "Bo Bok")
    for name in names:
        first, _space, last = name.partition(" ")
        make_person(first, last, body)
    read = queries.Namesakes()
    asked = ("anna berg", "Mikael Ek", "Anna Öst", "A Berg", "Anna Borg", "Ek Michael", "Eva Sjö")
    found = []
    for name in (*names, *asked):
        first, _space, last = name.partition(" ")
        alike = queries.likely_duplicates(first_name=first, last_name=last, organisation=body)
        found.append(read.is_there(name, body.id))
        assert found[-1] is bool(alike), name
    assert {True, False} == set(found)
    read.add("Eva Sjö", body.id)
    assert read.is_there("Eva Sjö", body.id)


def test_likely_duplicates_by_address_number_and_name() -> None:
    town = make_municipality()
    anna = make_person(
        "Anna", "Berg", make_unit(town), email="anna@lillby.se", phone="0495-240 000"
    )

    def reasons(**asked: object) -> set[Sameness]:
        return {
            reason
            for one in queries.likely_duplicates(**asked)  # type: ignore[arg-type]
            if one.id == anna.id
            for reason in one.reasons
        }

    assert Sameness.EMAIL in reasons(email="ANNA@lillby.se")
    assert Sameness.PHONE in reasons(phone="+46 495 24 00 00")
    assert Sameness.NAME_AND_MUNICIPALITY in reasons(
        first_name="Anna", last_name="Berg", organisation=make_unit(town)
    )
    assert Sameness.NAME in reasons(first_name="Anna", last_name="Berg")
    assert not reasons(first_name="Anna", last_name="Berg", organisation=make_unit())
    assert not reasons(first_name="Erik", last_name="Storm", email="half@", phone="0")
    assert not queries.likely_duplicates(email="anna@lillby.se", except_id=anna.id)


def test_the_choice_against_a_duplicate_is_written_down() -> None:
    school = make_unit()
    make_person("Anna", "Berg", school)
    found = queries.likely_duplicates(first_name="Anna", last_name="Berg", organisation=school)
    other = make_person("Anna", "Berg", school, title="rektor", despite=found)
    line = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "distinct")).one()
    assert line.entity_id == str(other.id)


def test_an_objection_asks_for_a_new_plan() -> None:
    school = make_unit()
    anna = make_person(organisation=school)
    db.session.execute(sa.text("DELETE FROM plan_request"))
    operations.edit_person(anna, objected_on=TODAY, keep_rights=False, by=None, now=clock.now())
    assert anna.objected_on == TODAY
    assert waiting_for_planning().body_ids == [school.body_id]


@pytest.mark.parametrize(
    "facts",
    [{"first_name": "", "last_name": ""}, {"email": "nej"}, {"phone": "1"}],
)
def test_bad_facts_are_refused_with_a_sentence(facts) -> None:
    with pytest.raises(RuleBroken) as told:
        operations.add_person(
            **(
                {"first_name": "A", "last_name": "B", "organisation": make_unit(), "source": ""}
                | facts
            ),
            **EDGE,
        )
    assert str(told.value).endswith(".")


def test_names_sort_as_in_sweden() -> None:
    school = make_unit()
    for last in ("Ödman", "Zetterberg", "Åberg", "Ärlig", "Andersson"):
        make_person("Anna", last, school)
    names = [row.name.split()[1] for row in queries.at(school).rows]
    assert names == ["Andersson", "Zetterberg", "Åberg", "Ärlig", "Ödman"]
