"""A3: many accounts on one mail domain. It proposes the municipality and never picks the unit."""

import pytest

from crm.core import clock
from crm.organisations import operations, queries
from crm.people.operations import add_person
from crm.rules.access import Role
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.sessions import user_with

pytestmark = pytest.mark.usefixtures("app")


def test_forty_units_share_a_domain_and_the_body_comes_first() -> None:
    town = make_municipality(email_domain="lillby.se")
    units = [make_unit(town) for _ in range(40)]
    for unit in units:
        operations.edit(unit, email_domain="lillby.se", by=None, now=clock.now())
    found = queries.by_domain("anna@lillby.se")
    assert [one.id for one in found] == [town.id]


def test_a_domain_below_speaks_for_the_body() -> None:
    town = make_municipality(email_domain="lillby.se")
    assert [one.id for one in queries.by_domain("x@edu.lillby.se")] == [town.id]
    assert queries.by_domain("x@gmail.com") == []
    assert queries.by_domain("rubbish") == []


def test_confirmed_matches_teach_and_can_be_forgotten() -> None:
    town = make_municipality(email_domain="lillby.se")
    school = make_unit(town, "Skolan")
    rep = user_with(Role.REP)
    for number in range(2):
        add_person(
            first_name="A",
            last_name=f"B{number}",
            organisation=school,
            email=f"a{number}@edu.lillby.se",
            source="",
            by=rep,
            today=clock.today(),
            now=clock.now(),
        )
    found = queries.by_domain("new@edu.lillby.se")
    assert [(one.id, one.confirmed) for one in found] == [(town.id, 0), (school.id, 2)]
    (learnt,) = queries.tree(town).domains
    assert (learnt.domain, learnt.confirmed, learnt.organisation_id) == (
        "edu.lillby.se",
        2,
        school.id,
    )
    operations.forget_domain(queries.get_pattern(learnt.id))
    assert [one.id for one in queries.by_domain("new@edu.lillby.se")] == [town.id]


def test_what_an_import_says_teaches_nothing() -> None:
    town = make_municipality(email_domain="lillby.se")
    school = make_unit(town)
    make_person(organisation=school, email="a@edu.lillby.se", by=None)
    assert queries.tree(town).domains == []
