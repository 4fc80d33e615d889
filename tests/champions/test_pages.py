"""Pages: one line in, the strength step by step out; each number opens its people."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.cases.models import Case
from crm.champions import operations
from crm.champions.models import ChampionAct
from crm.champions.operations import Done
from crm.champions.told_pages import MOST_DRAWN, draw, lines_of
from crm.core import clock
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.access import Role
from crm.rules.champions import ActKind, SellingOutcome, Told, tidy_tree
from crm.rules.functions import Function
from tests.factories.cases import make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

AsUser = Callable[..., Any]
pytestmark = pytest.mark.one_database  # the SQL is tried on both in the files beside this


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def anna(unit: Organisation) -> Person:
    return make_person("Anna", "Berg", organisation=unit, title="lärare")


@pytest.fixture
def case(unit: Organisation, anna: Person) -> Case:
    return make_case(unit, "Läsverktyg", champion=anna, opened_on=clock.today())


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.get_data(as_text=True))


def once(page: str) -> str:
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_line_from_the_person_and_one_from_the_case(
    as_user: AsUser, anna: Person, case: Case, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    today = clock.today().isoformat()
    page = text(client, f"/people/{anna.id}/acts")
    sent = {"kind": "uses_weekly", "note": "Varje måndag", "done_on": today, "once": once(page)}
    for _click in range(2):
        assert client.post(f"/people/{anna.id}/acts/new", data=sent).status_code == 303
    page = text(client, f"/cases/{case.id}/champions")
    sent = {
        "person_id": anna.id,
        "kind": "named_path",
        "done_on": today,
        "case_id": case.id,
        "once": once(page),
    }
    assert client.post(f"/cases/{case.id}/acts/new", data=sent).status_code == 303
    kinds = session.scalars(sa.select(ChampionAct.kind).order_by(ChampionAct.id)).all()
    assert kinds == [ActKind.USES_WEEKLY, ActKind.NAMED_PATH]
    page = text(client, f"/people/{anna.id}/acts")
    assert "Varje måndag" in page and "Använder det varje vecka" in page
    assert "Handlar som rådgivare" in page


def test_half_a_line_keeps_what_was_typed(
    as_user: AsUser, anna: Person, case: Case, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/people/{anna.id}/sold")
    sent = {"function": "it", "note": "Visade allt", "once": once(page), "done_on": "i dag"}
    answer = client.post(f"/people/{anna.id}/sold", data=sent)
    assert 400 <= answer.status_code < 500
    said = answer.get_data(as_text=True)
    assert "Välj hur det togs emot." in said and "Visade allt" in said
    assert session.scalar(sa.select(sa.func.count(ChampionAct.id))) == 0


def test_the_formula_is_shown_step_by_step(
    as_user: AsUser, anna: Person, case: Case, session: Session
) -> None:
    today = clock.today()
    for days in (0, 10, 20, 200):
        operations.write(
            anna,
            Done(
                ActKind.SHOWED,
                today - timedelta(days=days),
                function=Function.USERS,
                outcome=SellingOutcome.LIKED,
            ),
            case=case,
            by=None,
            today=today,
            now=clock.now(),
        )
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/people/{anna.id}/acts")
    assert "3, halverat en gång = 1,5" in page
    assert "10,5 tillsammans, men handlingar av det här slaget ger högst 9" in page
    assert "Tydlig" in text(client, f"/people/{anna.id}")
    assert "Tydlig 9" in text(client, f"/cases/{case.id}")


def test_each_number_of_the_spread_opens_its_people(
    as_user: AsUser, unit: Organisation, anna: Person, session: Session
) -> None:
    now = clock.now()
    inquiry(now=now - timedelta(days=3), organisation=unit, person=anna, caller="")
    lisa = make_person("Lisa", "Ek", organisation=unit, title="IT-chef")
    inquiry(now=now - timedelta(days=500), organisation=unit, person=lisa, caller="")
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/accounts/{unit.id}/spread")
    assert "1 av 1" in page
    for link in re.findall(r'href="(/accounts/\d+/spread/people[^"]*)"', page):
        assert "data-open" in text(client, link.replace("&amp;", "&")), link
    people = text(client, f"/accounts/{unit.body_id}/spread/people")
    assert "Anna Berg" in people and "Lisa Ek" not in people
    users = text(client, f"/accounts/{unit.body_id}/spread/people?function=users")
    assert "Anna Berg" in users
    assert "Anna Berg" not in text(client, f"/accounts/{unit.body_id}/spread/people?function=it")
    assert "Hultsfred" in text(client, "/spread")


def test_a_threshold_that_is_reached_proposes_a_map(
    as_user: AsUser, unit: Organisation, case: Case, anna: Person, session: Session
) -> None:
    inquiry(now=clock.now(), organisation=unit, person=anna, caller="")
    session.commit()
    client = as_user(Role.ADMIN)
    proposal = "Det har spritt sig så långt"
    assert proposal not in text(client, f"/accounts/{unit.id}/spread")
    answer = client.post("/spread/threshold", data={"units": "1", "people": "50"})
    assert answer.status_code == 303
    page = text(client, f"/accounts/{unit.id}/spread")
    assert proposal in page and f"/cases/{case.id}" in page


def test_the_picture_has_everybody_and_stands_beside_the_list(
    as_user: AsUser, unit: Organisation, anna: Person, session: Session
) -> None:
    lisa = make_person("Lisa", "Ek", organisation=unit)
    inquiry(now=clock.now(), organisation=unit, person=lisa, told_by=anna, caller="")
    session.commit()
    page = text(as_user(Role.REP), f"/accounts/{unit.id}/who-told-whom")
    assert page.count('class="told-dot') == 2
    assert "fick veta det av Anna Berg" in page
    assert 'role="img"' in page and "<desc" in page


def test_a_long_picture_is_cut_and_no_line_leaves_it() -> None:
    today = clock.today()
    told = [Told(number, number + 1, today) for number in range(1, 100)]
    picture = draw(lines_of(tidy_tree(told), {}))
    assert len(picture.lines) == MOST_DRAWN
    assert max(line.x for line in picture.lines) < picture.width
    assert max(line.y for line in picture.lines) < picture.height


def test_no_page_asks_much(
    as_user: AsUser,
    unit: Organisation,
    anna: Person,
    case: Case,
    session: Session,
    count_queries: Any,
) -> None:
    """At most twelve statements, whatever the number of people and acts."""
    today, now = clock.today(), clock.now()
    for number in range(12):
        other = make_person(f"Kollega{number}", organisation=unit)
        inquiry(now=now, organisation=unit, person=other, told_by=anna, caller="")
        done = Done(ActKind.INTRODUCED, today, other=other)
        operations.write(anna, done, case=case, by=None, today=today, now=now)
    session.commit()
    client = as_user(Role.REP)
    for address in (
        f"/people/{anna.id}/acts",
        f"/people/{anna.id}/sold",
        f"/cases/{case.id}/champions",
        f"/accounts/{unit.id}/who-told-whom",
        f"/accounts/{unit.id}/spread",
        f"/accounts/{unit.id}/spread/people",
        "/spread",
    ):
        text(client, address)
        with count_queries() as counted:
            text(client, address)
        assert counted.number <= 12, (address, counted.number)
