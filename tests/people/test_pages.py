"""The list of people, a person's page, and every form about people."""

import pytest
import sqlalchemy as sa

from crm.core import clock
from crm.core.db import db
from crm.organisations import queries as organisations
from crm.people import operations, queries
from crm.people.models import Person
from crm.rules.access import Role
from crm.rules.stages import CaseRole
from tests.factories.activities import make_activity
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person


@pytest.fixture
def rep(as_user):
    return as_user(Role.REP)


def _count() -> int:
    return db.session.scalar(sa.select(sa.func.count(Person.id))) or 0


def test_a_list_without_people_says_how_they_come(rep) -> None:
    text = rep.get("/people").text
    assert "Här finns ingen än" in text
    assert "Ta bort ett filter" not in text
    assert "Ta bort ett filter" in rep.get("/people?q=anna").text


def test_the_list_filters(as_user) -> None:
    client = as_user(Role.REP)
    town = make_municipality(county_code="08", county_name="Kalmar län")
    school = make_unit(town, "Skolan")
    anna = make_person("Anna", "Berg", school)
    make_person("Bertil", "Dahl")
    operations.give_role(
        anna, school, CaseRole.CHAMPION, by=None, today=clock.today(), now=clock.now()
    )
    for question in (f"under={town.id}", "role=champion", "q=anna", "q=berg"):
        text = client.get(f"/people?{question}").text
        assert "Anna Berg" in text, question
        assert "Bertil" not in text, question
    assert "Anna Berg" not in client.get(f"/people?under={town.id}&below=0").text
    assert client.get("/people?sort=x&role=x&page=x&county=%00").status_code == 200
    assert client.get("/people?under=999999").status_code == 404


def test_the_list_takes_few_statements_whatever_its_length(rep, count_queries) -> None:
    def statements() -> int:
        with count_queries() as counted:
            rep.get("/people")
        return counted.number

    make_person()
    few = statements()
    for _ in range(30):
        make_person()
    assert statements() == few
    assert few <= 12


def test_a_persons_page_tells_it_all_in_few_statements(rep, count_queries) -> None:
    anna = make_person("Anna", "Berg", email="anna@lillby.se")
    (post,) = queries.current_posts(anna)
    make_activity(
        organisations.get(post.organisation_id), person_id=anna.id, text="Visade för arbetslaget."
    )
    address = f"/people/{anna.id}"
    with count_queries() as counted:
        page = rep.get(address)
    assert counted.number <= 12
    for words in ("Anna Berg", "anna@lillby.se", "Visade för arbetslaget.", "lärare"):
        assert words in page.text
    assert rep.get("/people/999999").status_code == 404


def _new(place, **changes) -> dict[str, str]:
    return {
        "first_name": "Anna",
        "last_name": "Berg",
        "organisation": str(place.id),
        "title": "lärare",
        "once": "token",
        **changes,
    }


def test_a_person_is_added_once_however_often_it_is_sent(rep) -> None:
    school = make_unit()
    assert rep.get(f"/people/new?organisation={school.id}").status_code == 200
    first = rep.post("/people/new", data=_new(school))
    second = rep.post("/people/new", data=_new(school))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert _count() == 1
    person = db.session.scalars(sa.select(Person)).one()
    assert rep.user.name in person.source


def test_a_likely_duplicate_is_shown_while_typing_and_never_blocks(rep) -> None:
    school = make_unit()
    make_person("Anna", "Berg", school, email="anna@lillby.se")
    typed = rep.post("/people/duplicates", data={"first_name": "x", "email": "anna@lillby.se"})
    assert "Anna Berg" in typed.text
    assert (
        rep.post(
            "/people/duplicates", data={"first_name": "Erik", "last_name": "Storm"}
        ).text.strip()
        == ""
    )
    warned = rep.post("/people/new", data=_new(school))
    assert warned.status_code == 422
    assert "Anna Berg" in warned.text
    assert _count() == 1
    assert rep.post("/people/new", data=_new(school, despite="1")).status_code == 303
    assert _count() == 2


def test_a_domain_proposes_the_municipality_when_no_place_was_chosen(rep) -> None:
    town = make_municipality("Lillby", email_domain="lillby.se")
    school = make_unit(town)
    answer = rep.post(
        "/people/new", data=_new(school, organisation="", email="ny@lillby.se", once="b")
    )
    assert answer.status_code == 422
    assert f'value="{town.id}"' in answer.text
    assert "ny@lillby.se" in answer.text
    assert _count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "", "last_name": ""},
        {"email": "nej"},
        {"phone": "12"},
        {"first_name": "x" * 101},
        {"organisation": ""},
        {"organisation": "rubbish"},
        {"title": "t" * 121},
        {"note": "n" * 20_001},
    ],
)
def test_bad_input_is_422_and_kept(rep, changes) -> None:
    answer = rep.post("/people/new", data=_new(make_unit(), **changes))
    assert answer.status_code == 422
    assert _count() == 0


def test_facts_and_rights_are_edited_and_a_stale_form_is_told(rep) -> None:
    anna = make_person("Anna", "Berg")
    address = f"/people/{anna.id}/edit"
    assert rep.get(address).status_code == 200
    sent = {
        "version": str(anna.version),
        "first_name": "Anna",
        "last_name": "Borg",
        "legal_basis": "consent",
        "noticed_on": "2026-11-02",
        "objected_on": "v. 47",
    }
    assert rep.post(address, data=sent).status_code == 303
    assert (anna.last_name, anna.legal_basis) == ("Borg", "consent")
    assert anna.noticed_on is not None
    assert anna.objected_on is not None
    stale = rep.post(address, data=sent | {"last_name": "Burg"})
    assert stale.status_code == 409
    assert "Burg" in stale.text
    assert anna.last_name == "Borg"
    for bad in (
        {"noticed_on": "nonsens"},
        {"legal_basis": "whim"},
        {"first_name": "", "last_name": ""},
    ):
        answer = rep.post(address, data=sent | {"version": str(anna.version)} | bad)
        assert answer.status_code == 422, bad


def test_a_person_moves_by_one_form(rep) -> None:
    new = make_municipality("Nydalen")
    anna = make_person("Anna", "Berg", title="lärare")
    (post,) = queries.current_posts(anna)
    address = f"/people/{anna.id}/move"
    assert rep.get(address).status_code == 200
    sent = {
        "organisation": "",
        "organisation_text": "Nydalen",
        "title": "rektor",
        "on": "idag",
        "leaving": str(post.id),
        "once": "x",
    }
    assert rep.post(address, data=sent).status_code == 303
    assert rep.post(address, data=sent).status_code == 303
    assert [row.organisation_id for row in queries.current_posts(anna)] == [new.id]
    assert rep.get(f"/people/{anna.id}").status_code == 200
    for bad in ({"on": "nonsens"}, {"organisation_text": "Ingenstans"}, {"leaving": "999999"}):
        assert rep.post(address, data=sent | {"once": "y"} | bad).status_code == 422, bad


def test_posts_and_roles_have_their_forms(rep) -> None:
    school = make_unit()
    anna = make_person("Anna", "Berg", title="rektor")
    home = f"/people/{anna.id}"
    assert rep.get(f"{home}/posts/new").status_code == 200
    sent = {"organisation": str(school.id), "title": "coach", "once": "a"}
    assert rep.post(f"{home}/posts/new", data=sent).status_code == 303
    assert rep.post(f"{home}/posts/new", data={"once": "b"}).status_code == 422
    first, second = queries.current_posts(anna)
    page = rep.get(f"{home}/posts/{first.id}/edit")
    assert page.status_code == 200
    edited = {"version": "1", "title": "Chef", "started_on": "2026-02-01", "ended_on": ""}
    assert rep.post(f"{home}/posts/{first.id}/edit", data=edited).status_code == 303
    assert (
        rep.post(f"{home}/posts/{first.id}/edit", data=edited | {"title": "Boss"}).status_code
        == 409
    )
    wrong = edited | {"version": "2", "ended_on": "2026-01-01"}
    assert rep.post(f"{home}/posts/{first.id}/edit", data=wrong).status_code == 422
    other = make_person()
    assert rep.get(f"/people/{other.id}/posts/{first.id}/edit").status_code == 404
    assert rep.get(f"{home}/roles/new").status_code == 200
    role = {"organisation_id": str(second.organisation_id), "role": "champion"}
    assert rep.post(f"{home}/roles/new", data=role).status_code == 303
    assert rep.post(f"{home}/roles/new", data=role | {"role": "king"}).status_code == 422
    (held,) = queries.account_roles([anna.id])[anna.id]
    assert rep.post(f"/people/{other.id}/roles/{held.id}/end").status_code == 404
    assert rep.post(f"{home}/roles/{held.id}/end").status_code == 303
    assert rep.get(f"{home}/posts/{second.id}/end").status_code == 200
    ended = {"version": "1", "on": ""}
    assert rep.post(f"{home}/posts/{second.id}/end", data=ended).status_code == 422
    ended["on"] = "idag"
    assert rep.post(f"{home}/posts/{second.id}/end", data=ended).status_code == 303
    assert rep.get(home).status_code == 200


def test_without_a_post_there_is_no_place_for_a_role(rep) -> None:
    anna = make_person()
    (post,) = queries.current_posts(anna)
    operations.end_post(
        queries.get_post(post.id), on=clock.today(), by=None, today=clock.today(), now=clock.now()
    )
    assert rep.get(f"/people/{anna.id}/roles/new").status_code == 422


def test_a_viewer_only_reads(as_user) -> None:
    viewer, anna = as_user(Role.VIEWER), make_person()
    assert viewer.get(f"/people/{anna.id}").status_code == 200
    for path in ("/edit", "/move", "/posts/new", "/roles/new"):
        assert viewer.get(f"/people/{anna.id}{path}").status_code == 403
    assert viewer.get("/people/new").status_code == 403
    assert viewer.post("/people/duplicates").status_code == 403
