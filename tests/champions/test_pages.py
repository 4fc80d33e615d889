"""Pages: one line in, the strength step by step out; each number opens its people."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.activities.models import Activity
from crm.anchoring import operations as anchoring
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.champions import operations
from crm.champions import queries as champions
from crm.champions.models import ChampionAct
from crm.champions.operations import Done
from crm.champions.told_pages import MOST_DRAWN, draw, lines_of
from crm.core import clock
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.champions import ActKind, Figures, SellingOutcome, Threshold, Told, tidy_tree
from crm.rules.functions import Function
from crm.rules.stages import CaseRole
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


def test_each_number_of_the_spread_opens_what_it_counts(
    as_user: AsUser, unit: Organisation, anna: Person, case: Case, session: Session
) -> None:
    """Wherever a number is a link, the page behind it has as many: people, units or functions."""
    now, today = clock.now(), clock.today()
    body = session.get_one(Organisation, unit.body_id)
    other = make_unit(body, "Åsskolan")
    bo = make_person("Bo", "Ek", organisation=other, title="")
    chief = make_person("Eva", "Ek", organisation=body, title="IT-chef")
    for days, person, place in (
        (3, anna, unit),
        (40, bo, other),
        (5, chief, body),
        (500, chief, other),
        (100, anna, other),
    ):
        inquiry(now=now - timedelta(days=days), organisation=place, person=person, caller="")
    cases.set_role(case, anna, CaseRole.CHAMPION, by=None, today=today, now=now)
    cases.join_unit(case, other, in_use=True, by=None, today=today, now=now)
    session.commit()
    client = as_user(Role.REP)
    pages = text(client, f"/accounts/{unit.id}/spread") + text(client, "/spread")
    links = re.findall(
        r'href="(/accounts/\d+/spread/people[^"]*)"[^>]*>(.*?)</a>', pages, re.DOTALL
    )
    opened = 0
    for link, words in links:
        number = re.search(r"\d+", re.sub(r"<[^>]*>", " ", words))
        if number is None:
            continue  # a name, not a number
        behind = text(client, link.replace("&amp;", "&"))
        lead = re.search(r'class="muted">(.*?)</p>', behind)
        assert lead is not None
        people, units, functions = (
            int(re.sub(r"\D", "", part) or 1) for part in lead[1].split(",")[:3]
        )
        assert people == behind.count("data-open"), link
        counts = {"units": units, "use": units, "functions": functions}
        kind = re.search(r"what=(\w+)", link)
        assert int(number[0]) == (counts[kind[1]] if kind else people), link
        opened += 1
    assert opened > 10
    users = text(client, f"/accounts/{unit.body_id}/spread/people?function=users")
    assert "Anna Berg" in users and "Eva Ek" not in users


def test_a_threshold_that_is_reached_proposes_a_map_until_one_is_drawn(
    as_user: AsUser, unit: Organisation, case: Case, anna: Person, session: Session
) -> None:
    inquiry(now=clock.now(), organisation=unit, person=anna, caller="")
    session.commit()
    client = as_user(Role.ADMIN)
    spread, account = f"/accounts/{unit.id}/spread", f"/accounts/{unit.body_id}"
    proposal = f'href="/cases/{case.id}/anchoring"'
    assert proposal not in text(client, spread)
    assert "Rita förankringskartan" not in text(client, account)
    operations.set_figures(
        champions.standing(),
        Figures(threshold=Threshold(1, 50)),
        note="Vi säljer till små",
        by=None,
        now=clock.now(),
    )
    session.commit()
    assert proposal in text(client, spread)
    assert "Rita förankringskartan" in text(client, account)
    anchoring.write_line(
        case,
        None,
        function=Function.USERS,
        person=anna,
        who="",
        stance=Stance.FOR,
        since=None,
        question="",
        by=client.user,
        today=clock.today(),
    )
    session.commit()
    assert proposal not in text(client, spread)
    assert "Rita förankringskartan" not in text(client, account)


def test_a_champion_in_a_new_place_is_a_proposal_to_accept(
    as_user: AsUser, anna: Person, case: Case, session: Session
) -> None:
    client = as_user(Role.REP)
    there = make_unit(make_municipality("Vimmerby"))
    people.move_person(
        anna, there, "lärare", clock.today(), by=client.user, today=clock.today(), now=clock.now()
    )
    session.commit()
    story = text(client, f"/accounts/{there.id}")
    assert "En känd ambassadör på ett nytt ställe" in story
    link = re.search(r'href="(/reminders/new[^"]*)">Påminn den dagen', story)
    assert link is not None
    form = text(client, link[1].replace("&amp;", "&"))
    assert "Hör av dig till Anna Berg" in form
    line = session.scalars(sa.select(Activity).where(Activity.organisation_id == there.id)).one()
    day = date.fromisoformat(line.data["follow_up_on"])
    answer = client.post(
        f"/reminders/new?organisation={there.id}",
        data={"once": once(form), "text": "Hör av dig till Anna Berg", "on": day.isoformat()},
    )
    assert answer.status_code == 303
    assert [(row.show_on, row.organisation_id) for row in session.scalars(sa.select(Reminder))] == [
        (day, there.id)
    ]


def figures_sent(page: str, **other: str) -> dict[str, str]:
    """The form of the figures as it stands, with other values in some fields."""
    fields = re.findall(r'<input[^>]*name="(\w+)"[^>]*>', page)
    values = {
        name: found[1]
        for name in fields
        if (found := re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page))
        or (found := re.search(rf'<input[^>]*value="([^"]*)"[^>]*name="{name}"', page))
    }
    return values | {"note": "För små enheter"} | other


def test_an_administrator_changes_the_figures_with_a_reason(
    as_user: AsUser, anna: Person, case: Case, session: Session
) -> None:
    operations.write(
        anna, Done(ActKind.NAMED_PATH, clock.today()), by=None, today=clock.today(), now=clock.now()
    )
    session.commit()
    admin = as_user(Role.ADMIN)
    form = text(admin, "/champions/figures")
    sent = figures_sent(form, points_named_path="7", cap_named_path="8")
    assert admin.post("/champions/figures", data=sent | {"note": ""}).status_code == 422
    assert admin.post("/champions/figures", data=sent | {"cap_named_path": "6"}).status_code == 422
    assert admin.post("/champions/figures", data=sent).status_code == 303
    assert admin.post("/champions/figures", data=sent).status_code == 409  # of another version
    page = text(admin, "/champions/figures")
    assert "För små enheter" in page and "från början: 2" in page
    for address in (f"/people/{anna.id}", f"/people/{anna.id}/acts", f"/cases/{case.id}"):
        assert "Tydlig" in text(admin, address), address
    rep = as_user(Role.REP)
    assert 'id="change"' not in text(rep, "/champions/figures")
    assert rep.post("/champions/figures", data={"note": "x"}).status_code == 403
    assert "/champions/figures" in text(rep, "/how-it-thinks")


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
