"""A1 and A2: a tree of any depth that is moved in one action, and filters that include it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.activities import queries as activities
from crm.core import clock
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations import jobs, operations, queries
from crm.organisations.models import Organisation
from crm.organisations.queries import Filter
from crm.people import queries as people
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.search.queries import find
from tests.factories.activities import make_activity
from tests.factories.organisations import make_branch, make_municipality, make_unit
from tests.factories.people import make_person

pytestmark = pytest.mark.usefixtures("app")


def _move(node: Organisation, parent: Organisation) -> None:
    operations.move(node, parent, by=None, now=clock.now())


def test_six_levels_know_their_way_up() -> None:
    town = make_municipality("Trädköping")
    branch = make_branch(town, "Förvaltningen", "Området", "Skolan", "Huset", "Rummet")
    assert [node.depth for node in branch] == [1, 2, 3, 4, 5]
    assert [node.name for node in queries.ancestors(branch[-1])] == [
        "Trädköping",
        "Förvaltningen",
        "Området",
        "Skolan",
        "Huset",
    ]
    assert {node.body_id for node in branch} == {town.id}


def test_the_way_up_is_one_statement(count_queries) -> None:
    town = make_municipality()
    *_, deepest = make_branch(town, "A", "B", "C", "D", "E")
    with count_queries() as counted:
        queries.ancestors(deepest)
    assert counted.number == 1


def test_a_subtree_is_moved_with_everything_that_happened() -> None:
    old, new = make_municipality("Gamlaköping"), make_municipality("Nyköpinge", county_code="07")
    office, school, room = make_branch(old, "Förvaltning", "Skola", "Rum")
    sister = make_unit(old, "Syster")
    line = make_activity(room)
    _move(office, new)
    db.session.expire_all()
    assert room.path == f"/{new.id}/{office.id}/{school.id}/{room.id}/"
    assert (room.depth, room.body_id, room.county_code) == (3, new.id, "07")
    assert line.body_id == new.id
    assert line.organisation_id == room.id
    assert sister.body_id == old.id
    assert len(activities.timeline(activities.Filter(new)).rows) == 1
    assert len(activities.timeline(activities.Filter(old)).rows) == 0


def test_search_finds_what_was_moved_at_its_new_place() -> None:
    old, new = make_municipality("Gamlaköping"), make_municipality("Nydalen")
    office, _school = make_branch(old, "Kontoret Ett", "Venhagskolan")
    _move(office, new)
    assert [hit.title for hit in find("nydalen venhag")] == ["Venhagskolan"]
    assert not find("gamlaköping venhag")


def test_moving_takes_the_same_number_of_statements_however_large(count_queries) -> None:
    def moved(width: int) -> int:
        old, new = make_municipality(), make_municipality()
        office = make_unit(old, "Kontoret")
        for _ in range(width):
            make_unit(office)
        with count_queries() as counted:
            _move(office, new)
        return counted.number

    assert moved(40) <= moved(2) + 1


def test_a_ring_is_refused() -> None:
    town = make_municipality()
    a, b, c = make_branch(town, "A", "B", "C")
    for parent in (a, b, c):
        with pytest.raises(RuleBroken):
            _move(a, parent)
    assert db.session.get_one(Organisation, a.id).parent_id == town.id


def test_a_body_lies_below_nothing() -> None:
    with pytest.raises(RuleBroken):
        _move(make_municipality(), make_municipality())
    with pytest.raises(RuleBroken):
        operations.add_unit(
            make_municipality(),
            name="X",
            kind=OrganisationKind.REGION,
            by=None,
            now=clock.now(),
        )


def test_a_tree_too_deep_is_refused_with_a_sentence() -> None:
    node = make_municipality()
    for _ in range(10):
        node = make_unit(node)
    node.path = "/1234567" * 31 + "/12345/"  # as long as the column is
    with pytest.raises(RuleBroken):
        make_unit(node)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Nyskolan", UnitKind.SCHOOL), ("Solens förskola", UnitKind.PRESCHOOL), ("Enheten X", None)],
)
def test_the_kind_of_unit_is_guessed_from_its_name(name, kind) -> None:
    found = make_unit(name=name).unit_kind
    assert found == kind if kind else found is not None


def test_below_is_on_by_default_and_gives_the_same_everywhere() -> None:
    town, other = make_municipality(), make_municipality()
    office, school = make_branch(town, "Förvaltning", "Skola")
    make_unit(other)
    anna = make_person(organisation=school)
    accounts = queries.accounts(Filter(under=office))
    assert {row.id for row in accounts.rows} == {office.id, school.id}
    alone = queries.accounts(Filter(under=office, including_below=False))
    assert {row.id for row in alone.rows} == {office.id}
    assert [row.id for row in people.at(office).rows] == [anna.id]
    assert not people.at(office, including_below=False).rows
    make_activity(school)
    assert activities.timeline(activities.Filter(office)).total == 1
    assert activities.timeline(activities.Filter(office, including_below=False)).total == 0


def test_closing_takes_along_what_lies_below_and_keeps_the_history() -> None:
    town = make_municipality()
    office, school = make_branch(town, "Förvaltning", "Stängda skolan")
    operations.close(office, on=clock.today(), by=None, today=clock.today(), now=clock.now())
    assert school.closed_on == clock.today()
    assert not find("stängda skolan")
    with pytest.raises(RuleBroken):
        make_unit(school)
    with pytest.raises(RuleBroken):
        operations.reopen(school, by=None, now=clock.now())
    operations.reopen(office, by=None, now=clock.now())
    operations.reopen(school, by=None, now=clock.now())
    assert [hit.title for hit in find("stängda skolan")] == ["Stängda skolan"]


def test_a_last_day_to_come_is_kept_until_it_has_passed(session: Session) -> None:
    town, today = make_municipality(), clock.today()
    (school,) = make_branch(town, "Sista skolan")
    last = today + timedelta(days=30)
    operations.close(school, on=last, by=None, today=today, now=clock.now())
    session.commit()
    for days, is_open in ((0, True), (30, True), (31, False)):
        jobs.close_those_due(clock.at(today + timedelta(days=days), 9))
        session.expire_all()
        assert (school.closed_on is None) is is_open
        assert bool(find("sista skolan")) is is_open
    assert (school.closed_on, school.closing_on) == (last, None)


def test_each_keeps_the_last_day_that_was_its_own(session: Session) -> None:
    """Also when the clock stood still over both, and the body is carried out with the unit."""
    town, today = make_municipality(), clock.today()
    (school,) = make_branch(town, "Skolan som gick före")
    for node, days in ((school, 3), (town, 10)):
        last = today + timedelta(days=days)
        operations.close(node, on=last, by=None, today=today, now=clock.now())
    session.commit()
    assert jobs.close_those_due(clock.at(today + timedelta(days=20), 9)) == 2
    session.expire_all()
    assert school.closed_on == today + timedelta(days=3)
    assert town.closed_on == today + timedelta(days=10)
    with pytest.raises(RuleBroken):
        operations.close(
            school, on=today + timedelta(days=9), by=None, today=today, now=clock.now()
        )


def test_closing_a_large_body_asks_nothing_unit_by_unit(count_queries: Any) -> None:
    """Each row has a version of its own, and so a statement of its own; all else is done at once."""
    numbers, today = [], clock.today()
    for size in (3, 30):
        body = make_municipality()
        for _ in range(size):
            make_unit(body, "Skolan")
        db.session.flush()
        with count_queries() as counted:
            operations.close(body, on=today, by=None, today=today, now=clock.now())
        numbers.append(sum(not one.startswith("UPDATE organisation") for one in counted.statements))
    assert numbers[0] == numbers[1]


def test_a_closing_can_be_taken_back(session: Session) -> None:
    school, today = make_unit(), clock.today()
    operations.close(school, on=today + timedelta(days=1), by=None, today=today, now=clock.now())
    operations.reopen(school, by=None, now=clock.now())
    session.commit()
    assert jobs.close_those_due(clock.at(today + timedelta(days=9), 9)) == 0
    assert school.closed_on is None


def test_a_former_name_is_still_found() -> None:
    school = make_unit(name="Gamlaskolan")
    operations.rename(school, "Nyaskolan", by=None, now=clock.now())
    assert [hit.ref_id for hit in find("gamlaskolan")] == [school.id]
    assert [hit.ref_id for hit in find("nyaskolan")] == [school.id]
