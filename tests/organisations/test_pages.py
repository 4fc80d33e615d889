"""The list of accounts, the organisation's page, and every form about organisations."""

import pytest
import sqlalchemy as sa

from crm.activities.models import Activity, ActivityKind
from crm.audit.models import AuditEntry
from crm.cases import operations as cases
from crm.core import clock
from crm.core.db import db
from crm.organisations import operations, queries
from crm.organisations.models import Alias, Organisation
from crm.reminders import planning
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.kinds import UnitKind
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.organisations import make_branch, make_municipality, make_unit
from tests.factories.people import make_person

NAUGHTY = [
    "",
    "   ",
    "\x00\x00",
    "<script>alert(1)</script>",
    "Å" * 5000,
    "'; DROP TABLE x--",
    "\u202e",
]


@pytest.fixture
def rep(as_user):
    return as_user(Role.REP)


def test_the_list_filters_and_sorts_by_address(as_user) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    big = make_municipality(
        "Storköping", population=120_000, county_code="08", county_name="Kalmar län"
    )
    small = make_municipality("Lillköping", population=4_000, owner_id=client.user.id)
    school = make_unit(big, "Storskolan")
    page = client.get("/accounts")
    assert "Storköping" in page.text
    assert "Storskolan" not in page.text
    assert "Storskolan" in client.get(f"/accounts?under={big.id}").text
    assert "Storskolan" not in client.get(f"/accounts?under={big.id}&below=0").text
    assert "Lillköping" not in client.get("/accounts?size=over_100").text
    assert "Storköping" not in client.get("/accounts?mine=1").text
    assert "Lillköping" in client.get("/accounts?mine=1").text
    assert "Lillköping" not in client.get("/accounts?county=08").text
    assert school.name in client.get("/accounts?q=storskolan").text
    ordered = client.get("/accounts?sort=-population").text
    assert ordered.index("Storköping") < ordered.index("Lillköping")
    assert small.name in client.get("/accounts?sort=rubbish&kind=x&size=y&level=z&page=x").text


def test_the_list_takes_few_statements_whatever_its_length(as_user, count_queries) -> None:
    client = as_user(Role.REP)

    def statements() -> int:
        with count_queries() as counted:
            client.get("/accounts?level=all&q=")
        return counted.number

    make_unit()
    few = statements()
    for _ in range(30):
        make_unit(make_municipality())
    assert statements() == few
    assert few <= 12


def test_the_page_of_an_organisation_takes_at_most_twelve_statements(rep, count_queries) -> None:
    town = make_municipality("Lillköping", code="9901", population=4_000)
    *_, deepest = make_branch(town, "Förvaltning", "Område", "Skola")
    for _ in range(15):
        person = make_person(organisation=deepest)
        make_activity(deepest, person_id=person.id)
    today, now = clock.today(), clock.now()
    cases.open_case(deepest, title="Pilot", owner=rep.user, by=None, today=today, now=now)
    planning.replan([town.id], today=today, now=now)
    assert db.session.scalar(sa.select(sa.func.count(Reminder.id)))
    for address in (f"/accounts/{town.id}", f"/accounts/{deepest.id}"):
        with count_queries() as counted:
            answer = rep.get(address)
        assert answer.status_code == 200
        assert counted.number <= 12, "\n".join(counted.statements)


def test_the_page_shows_the_way_up_the_tree_and_the_source(rep) -> None:
    operations.load_register(clock.now(), clock.today())
    hultsfred = db.session.scalars(sa.select(Organisation).where(Organisation.code == "0860")).one()
    _office, school = make_branch(hultsfred, "Förvaltningen", "Venhagskolan")
    page = rep.get(f"/accounts/{hultsfred.id}").text
    assert "212000-0712" in page
    assert "SCB" in page
    assert "Venhagskolan" in page
    below = rep.get(f"/accounts/{school.id}").text
    assert "Hultsfreds kommun" in below
    assert "Förvaltningen" in below


def test_unknown_ids_are_not_found(rep) -> None:
    for path in ("", "/edit", "/move", "/units/new", "/close", "/timeline", "/activities/new"):
        assert rep.get(f"/accounts/999999{path}").status_code == 404
        assert rep.get(f"/accounts/99999999999999{path}").status_code == 404
    assert rep.get("/accounts?under=999999").status_code == 404


def test_a_viewer_reads_and_writes_nothing(as_user) -> None:
    viewer = as_user(Role.VIEWER)
    town = make_municipality()
    assert viewer.get(f"/accounts/{town.id}").status_code == 200
    assert viewer.get(f"/accounts/{town.id}/edit").status_code == 403
    assert viewer.post(f"/accounts/{town.id}/units/new", data={"name": "X"}).status_code == 403


def test_a_unit_is_added_once_however_often_it_is_sent(rep) -> None:
    town = make_municipality()
    assert rep.get(f"/accounts/{town.id}/units/new").status_code == 200
    sent = {"name": "Nyskolan", "kind": "unit", "unit_kind": "", "once": "abc"}
    first = rep.post(f"/accounts/{town.id}/units/new", data=sent)
    second = rep.post(f"/accounts/{town.id}/units/new", data=sent)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(queries.children(town)) == 1


def test_a_likely_duplicate_warns_once_and_never_blocks(rep) -> None:
    town = make_municipality()
    make_unit(town, "Venhagskolan")
    sent = {"name": "Venhagsskolan", "kind": "unit", "once": "abc"}
    fragment = rep.post("/accounts/duplicates", data={**sent, "parent": town.id})
    assert "Venhagskolan" in fragment.text
    warned = rep.post(f"/accounts/{town.id}/units/new", data=sent)
    assert warned.status_code == 422
    assert "Venhagskolan" in warned.text
    assert 'value="Venhagsskolan"' in warned.text
    insisted = rep.post(f"/accounts/{town.id}/units/new", data={**sent, "despite": "1"})
    assert insisted.status_code == 303
    there = db.session.scalars(sa.select(Organisation).where(Organisation.name == "Venhagsskolan"))
    noted = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "distinct")).one()
    assert (noted.entity_id, noted.actor_id) == (str(there.one().id), rep.user.id)
    assert "Venhagskolan" in rep.get(f"/accounts/{noted.entity_id}/edit").text


def test_the_choice_against_a_body_alike_is_written_down(rep) -> None:
    make_municipality("Lillköping")
    sent = {"name": "Lillköpings kommun", "kind": "principal", "once": "a"}
    assert rep.post("/accounts/new", data=sent).status_code == 422
    assert rep.post("/accounts/new", data={**sent, "despite": "1"}).status_code == 303
    noted = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "distinct")).one()
    assert noted.changes["not_the_same_as"][1][0]["name"] == "Lillköping"


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_names_end_in_a_page_not_an_error(rep, text) -> None:
    town = make_municipality()
    answer = rep.post(
        f"/accounts/{town.id}/units/new", data={"name": text, "kind": "unit", "once": "a"}
    )
    assert answer.status_code in {303, 422}
    assert rep.get("/accounts", query_string={"q": text}).status_code == 200
    assert rep.get("/accounts/options", query_string={"q": text}).status_code == 200


@pytest.mark.parametrize("kind", ["", "municipality", "rubbish"])
def test_a_kind_that_cannot_be_is_refused(rep, kind) -> None:
    town = make_municipality()
    answer = rep.post(
        f"/accounts/{town.id}/units/new", data={"name": "X", "kind": kind, "once": "a"}
    )
    assert answer.status_code == 422
    assert not queries.children(town)


def _edit_form(town: Organisation, **changes: str) -> dict[str, str]:
    return {"version": str(town.version), "name": town.title, "kind": town.kind.value, **changes}


def test_facts_are_edited_and_a_stale_form_is_told(rep) -> None:
    town = make_municipality("Lillköping")
    old = _edit_form(town, name="Storköping", phone="0495-24 00 00", org_number="212000-0712")
    assert rep.get(f"/accounts/{town.id}/edit").status_code == 200
    assert rep.post(f"/accounts/{town.id}/edit", data=old).status_code == 303
    assert (town.name, town.phone, town.org_number) == ("Storköping", "+46495240000", "2120000712")
    assert "name" in town.local_fields
    stale = rep.post(f"/accounts/{town.id}/edit", data=old | {"name": "Mellanköping"})
    assert stale.status_code == 409
    assert "Mellanköping" in stale.text
    assert town.name == "Storköping"
    assert db.session.scalars(sa.select(Alias.name)).all() == ["Lillköping"]


@pytest.mark.parametrize(
    "field,value",
    [
        ("name", ""),
        ("name", "x" * 201),
        ("org_number", "212000-0713"),
        ("org_number", "19811228-9874"),
        ("email", "not an address"),
        ("phone", "123"),
        ("web_domain", "not a domain"),
        ("owner_id", "999999"),
        ("kind", "unit"),
    ],
)
def test_bad_facts_are_422_with_the_input_kept(rep, field, value) -> None:
    town = make_municipality("Lillköping")
    answer = rep.post(f"/accounts/{town.id}/edit", data=_edit_form(town, **{field: value}))
    assert answer.status_code == 422
    assert town.name == "Lillköping"


def test_an_organisation_number_belongs_to_one(rep) -> None:
    make_municipality("Första", org_number="212000-0712")
    second = make_municipality("Andra")
    answer = rep.post(
        f"/accounts/{second.id}/edit", data=_edit_form(second, org_number="2120000712")
    )
    assert answer.status_code == 422
    assert "Första" in answer.text


def test_a_node_is_moved_by_form_with_and_without_scripts(rep) -> None:
    old, new = make_municipality("Gamlaköping"), make_municipality("Nyköpinge")
    make_municipality("Nyköpinga")
    school = make_unit(old, "Skolan")
    address = f"/accounts/{school.id}/move"
    assert rep.get(address).status_code == 200
    asked = rep.post(
        address, data={"version": school.version, "parent": "", "parent_text": "nyköp"}
    )
    assert asked.status_code == 422
    assert f'value="{new.id}"' in asked.text
    assert (
        rep.post(
            address,
            data={"version": school.version, "parent": "", "parent_text": "finns inte alls"},
        ).status_code
        == 422
    )
    assert rep.post(address, data={"version": school.version, "parent": ""}).status_code == 422
    assert (
        rep.post(address, data={"version": school.version, "parent": str(school.id)}).status_code
        == 422
    )
    assert (
        rep.post(address, data={"version": school.version, "parent": "999999"}).status_code == 404
    )
    assert (
        rep.post(
            address,
            data={"version": school.version, "parent": ["", str(new.id)], "parent_text": "x"},
        ).status_code
        == 303
    )
    assert school.parent_id == new.id
    assert (
        rep.post(
            address, data={"version": school.version, "parent": "", "parent_text": "Gamlaköping"}
        ).status_code
        == 303
    )
    assert school.parent_id == old.id


def test_a_body_cannot_be_moved(rep) -> None:
    one, other = make_municipality(), make_municipality()
    assert (
        rep.post(
            f"/accounts/{one.id}/move", data={"version": one.version, "parent": str(other.id)}
        ).status_code
        == 422
    )


def test_options_are_options_and_nothing_else(rep) -> None:
    town = make_municipality("Trädköping")
    text = rep.get("/accounts/options?q=träd").text
    assert text.count("<li") == text.count('role="option"') == 1
    assert f'data-value="{town.id}"' in text
    assert rep.get(f"/accounts/options?q=träd&except={town.id}").text.strip() == ""


def test_aliases_domains_and_closing(rep) -> None:
    town = make_municipality("Lillköping")
    assert rep.post(f"/accounts/{town.id}/aliases", data={"name": "Lilleby"}).status_code == 303
    assert rep.post(f"/accounts/{town.id}/aliases", data={"name": ""}).status_code == 422
    alias = db.session.scalars(sa.select(Alias)).one()
    page = rep.get(f"/accounts/{town.id}/edit")
    assert "Lilleby" in page.text
    other = make_municipality()
    assert rep.post(f"/accounts/{other.id}/aliases/{alias.id}/remove").status_code == 404
    assert rep.post(f"/accounts/{town.id}/aliases/{alias.id}/remove").status_code == 303
    assert (
        rep.post(f"/accounts/{town.id}/domains", data={"domain": "edu.lillby.se"}).status_code
        == 303
    )
    assert rep.post(f"/accounts/{town.id}/domains", data={"domain": "nej"}).status_code == 422
    assert "edu.lillby.se" in rep.get(f"/accounts/{town.id}").text
    (learnt,) = queries.tree(town).domains
    assert rep.post(f"/accounts/{town.id}/domains/{learnt.id}/forget").status_code == 303
    assert rep.post(f"/accounts/{town.id}/domains/{learnt.id}/forget").status_code == 404
    assert rep.get(f"/accounts/{town.id}/close").status_code == 200
    closed = {"version": town.version, "on": "nonsens"}
    assert rep.post(f"/accounts/{town.id}/close", data=closed).status_code == 422
    closed["on"] = "idag"
    assert rep.post(f"/accounts/{town.id}/close", data=closed).status_code == 303
    assert rep.get(f"/accounts/{town.id}").status_code == 200
    assert rep.post(f"/accounts/{town.id}/reopen").status_code == 303
    assert town.closed_on is None


def test_a_new_body(rep) -> None:
    assert rep.get("/accounts/new").status_code == 200
    sent = {"name": "Friskolan AB", "kind": "principal", "org_number": "556650-1796", "once": "x"}
    assert rep.post("/accounts/new", data=sent).status_code == 303
    again = rep.post("/accounts/new", data={**sent, "once": "y"})
    assert again.status_code == 422
    assert "Friskolan AB" in again.text
    insisted = rep.post("/accounts/new", data={**sent, "once": "y", "despite": "1"})
    assert insisted.status_code == 422  # an organisation number is unique, whatever one wishes


def test_the_register_page(as_user) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    assert "1" in client.get("/accounts/register").text
    assert client.post("/accounts/register").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(Organisation.id))) == 1272
    assert client.get("/accounts/register").status_code == 200
    assert as_user(Role.REP).get("/accounts/register").status_code == 403


def test_a_colleagues_contact_at_any_unit_is_said_on_every_page_of_the_body(as_user) -> None:
    colleague = make_user(name="Karin Kollega")
    town = make_municipality()
    school, other = make_unit(town, "Venhagskolan"), make_unit(town, "Furuskolan")
    make_activity(school, ActivityKind.CALL, by=colleague, text="Ringde rektorn")
    rep = as_user(Role.REP)
    for place in (town, school, other):
        said = rep.get(f"/accounts/{place.id}").text
        assert "data-lately" in said
        assert "Karin Kollega" in said
    assert "data-lately" not in rep.get(f"/accounts/{make_municipality('Storköping').id}").text
    db.session.execute(
        sa.update(Activity).values(user_id=rep.user.id).execution_options(unaudited=True)
    )
    assert "data-lately" not in rep.get(f"/accounts/{school.id}").text


def test_the_history_is_told_in_words(as_user) -> None:
    client = as_user(Role.REP)
    town = make_municipality("Lillköping", population=4_000)
    school = make_unit(town, "Skolan")
    operations.set_owner(school, client.user, by=None, now=clock.now())
    db.session.flush()
    told = client.get(f"/accounts/{school.id}/edit").text
    assert f"Eget område för: – → {client.user.name}" in told
    assert "Ligger under: Lillköping" in told
    assert "owner_id" not in told.partition("Vad som har ändrats")[2]


def test_units_come_by_name_and_by_kind_when_asked(rep) -> None:
    town = make_municipality("Lillköping")
    make_unit(town, "Arkivbiblioteket", unit_kind=UnitKind.LIBRARY)
    make_unit(town, "Byskolan", unit_kind=UnitKind.SCHOOL)

    def order_at(address: str) -> list[str]:
        found = rep.get(address).text
        return sorted(("Arkivbiblioteket", "Byskolan"), key=found.index)

    assert order_at("/accounts?level=units") == ["Arkivbiblioteket", "Byskolan"]
    assert order_at("/accounts?level=units&sort=kind") == ["Byskolan", "Arkivbiblioteket"]
    assert order_at("/accounts?level=units&sort=-kind") == ["Arkivbiblioteket", "Byskolan"]
