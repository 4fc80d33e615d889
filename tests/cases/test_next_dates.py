"""E9: the next date stands in the lists of accounts and people too, and sorts them."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.cases import operations as cases
from crm.cases import queries
from crm.cases.models import CasePerson
from crm.core import clock
from crm.core.db import db
from crm.organisations import queries as organisations
from crm.organisations.queries import Filter, Level, Sort
from crm.people import queries as people
from crm.rules.access import Role
from crm.rules.stages import CaseRole, Outcome, WaitReason
from tests.factories.cases import make_case
from tests.factories.organisations import make_branch, make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.reminders import make_reminder

pytestmark = pytest.mark.usefixtures("app")


def day(number: int) -> date:
    return clock.today() + timedelta(days=number)


def dates(level: Level = Level.ALL, **order: Any) -> dict[str, date | None]:
    rows = organisations.accounts(Filter(level=level), **order).rows
    return {row.name: row.next_on for row in rows}


def test_a_date_of_a_unit_is_its_bodys_too_and_the_earliest_counts() -> None:
    town = make_municipality("Lillköping")
    office, school = make_branch(town, "Förvaltningen", "Skolan")
    make_unit(town, "Biblioteket")
    cases.set_next_step(make_case(school), "Ring", day(20), by=None)
    waiting = make_case(office)
    cases.put_to_wait(
        waiting,
        WaitReason.NO_BUDGET,
        until=day(9),
        by=None,
        today=clock.today(),
        now=clock.now(),
    )
    found = dates()
    assert found["Skolan"] == day(20)
    assert found["Förvaltningen"] == found["Lillköping"] == day(9)
    assert found["Biblioteket"] is None
    make_reminder(town, on=day(3))
    assert dates()["Lillköping"] == day(3)
    assert dates()["Förvaltningen"] == day(9)


def test_the_lists_are_sorted_by_it_and_what_has_none_comes_last() -> None:
    for number, name in ((30, "Åre"), (10, "Borås"), (20, "Ystad")):
        school = make_unit(make_municipality(name))
        person = make_person(name, "Person", school)
        case = make_case(school)
        cases.set_role(case, person, CaseRole.CHAMPION, by=None, today=day(0), now=clock.now())
        cases.set_next_step(case, "Ring", day(number), by=None)
    make_person("Alfa", "Utan", make_unit(make_municipality("Arboga")))
    assert list(dates(Level.BODIES, sort=Sort.NEXT)) == ["Borås", "Ystad", "Åre", "Arboga"]
    later = dates(Level.BODIES, sort=Sort.NEXT, descending=True)
    assert list(later) == ["Åre", "Ystad", "Borås", "Arboga"]
    rows = people.people(people.Filter(), sort=people.Sort.NEXT).rows
    assert [row.name.split()[0] for row in rows] == ["Borås", "Ystad", "Åre", "Alfa"]
    assert [row.next_on for row in rows] == [day(10), day(20), day(30), None]


def test_a_role_that_has_ended_lends_no_date() -> None:
    anna = make_person("Anna", "Berg", make_unit())
    case = make_case(make_unit())
    cases.set_next_step(case, "Ring", day(5), by=None)
    assert people.people(people.Filter()).rows[0].next_on is None
    cases.set_role(case, anna, CaseRole.USER, by=None, today=day(0), now=clock.now())
    assert people.people(people.Filter()).rows[0].next_on == day(5)
    db.session.scalars(sa.select(CasePerson)).one().ended_on = day(0)
    db.session.flush()
    assert people.people(people.Filter()).rows[0].next_on is None


def test_the_pages_show_and_export_it(as_user: Any, count_queries: Any) -> None:
    school = make_unit(make_municipality("Lillköping"))
    case, anna = make_case(school), make_person("Anna", "Berg", school)
    cases.set_role(case, anna, CaseRole.CHAMPION, by=None, today=day(0), now=clock.now())
    cases.set_next_step(case, "Ring", day(5), by=None)
    client = as_user(Role.FOUNDER)
    for address in ("/accounts", "/people"):
        with count_queries() as counted:
            page = client.get(f"{address}?sort=next").text
        assert 'aria-sort="ascending"' in page
        assert counted.number <= 12
        assert day(5).isoformat() in client.get(f"{address}/export.csv?sort=-next").text


def test_of_a_closed_case_a_promise_stands_that_lay_ahead_and_its_reminders() -> None:
    town = make_municipality("Lillköping")
    case = make_case(make_unit(town, "Skolan"))

    def everywhere() -> set[date | None]:
        return {
            dates()["Skolan"],
            dates(level=Level.BODIES)["Lillköping"],
            queries.rows(queries.Filter(state="all")).rows[0].next_on,
        }

    cases.set_next_step(case, "Ring", day(5), by=None)
    cases.close(case, Outcome.LOST, reason="price", by=None, today=clock.today(), now=clock.now())
    assert everywhere() == {day(5)}
    case.next_step_on = day(-5)
    db.session.flush()
    assert everywhere() == {None}
    case.reminder_on = day(40)
    db.session.flush()
    assert everywhere() == {day(40)}
