"""The pages of the contract register: typed, looked at, prolonged, renewed, refused, fed."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from sqlalchemy.orm import Session

from crm.cases import operations as cases
from crm.cases.models import Case
from crm.contracts.models import Contract
from crm.core import clock
from crm.organisations.models import Organisation
from crm.rules.access import Role
from crm.rules.contracts import ContractKind, OptionState
from crm.rules.stages import Outcome
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit

AsUser = Callable[..., Any]


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def contract(unit: Organisation) -> Contract:
    return contract_ending_in(unit, 600)


def contract_ending_in(unit: Organisation, days: int, **values: Any) -> Contract:
    today = clock.today()
    values = {
        "ends_on": today + timedelta(days=days),
        "options": (12,),
        "notice_months": 3,
    } | values
    return make_contract(unit, today=today, now=clock.now(), **values)


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


SENT = {
    "kind": "other",
    "title": "Läsplattform",
    "supplier": "Bokstaven AB",
    "supplier_number": "556036-0793",
    "position": "outside",
    "product_id": "",
    "starts_on": "2026-01-01",
    "ends_on": "2028-12-31",
    "notice_months": "6",
    "options": "12 + 12",
    "value": "1 200 000",
    "source": "Tilldelningsbeslutet",
    "certainty": "published",
}


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("typed", "last"),
    [("v. 12 2028", date(2028, 3, 26)), ("2028-W12", date(2028, 3, 26)), ("vecka 52 2028", None)],
)
def test_a_week_as_the_last_day_is_its_sunday(
    as_user: AsUser, unit: Organisation, session: Session, typed: str, last: date | None
) -> None:
    client = as_user(Role.REP)
    session.commit()
    page = text(client, f"/contracts/new?organisation={unit.id}")
    sent = SENT | {"organisation": str(unit.id), "once": hidden(page, "once"), "ends_on": typed}
    assert client.post("/contracts/new", data=sent).status_code == 303
    assert session.scalars(sa.select(Contract)).one().ends_on == (last or date(2028, 12, 31))


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("typed", "ore"),
    [
        ("1.000,50", 1_000_50),
        ("1 000,50 kr", 1_000_50),
        ("1\N{NO-BREAK SPACE}000\N{NARROW NO-BREAK SPACE}000", 1_000_000_00),
    ],
)
def test_an_amount_is_read_as_people_write_it(
    as_user: AsUser, unit: Organisation, session: Session, typed: str, ore: int
) -> None:
    client = as_user(Role.REP)
    session.commit()
    page = text(client, f"/contracts/new?organisation={unit.id}")
    sent = SENT | {"organisation": str(unit.id), "once": hidden(page, "once"), "value": typed}
    assert client.post("/contracts/new", data=sent).status_code == 303
    assert session.scalars(sa.select(Contract)).one().value_ore == ore


def test_a_contract_is_written_down_from_the_account(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    client = as_user(Role.REP)
    session.commit()
    address = f"/contracts/new?organisation={unit.id}"
    assert address in text(client, f"/accounts/{unit.id}").replace("&amp;", "&")
    page = text(client, address)
    sent = SENT | {"organisation": str(unit.id), "once": hidden(page, "once")}
    answer = client.post("/contracts/new", data=sent)
    assert answer.status_code == 303
    assert client.post("/contracts/new", data=sent).location == answer.location  # a double click
    page = text(client, answer.location)
    for shown in ("Bokstaven AB", "31 dec. 2028", "31 dec. 2030", "30 juni 2028", "556036-0793"):
        assert shown in page
    assert "1 200 000" in page.replace("\xa0", " ")
    found = session.scalars(sa.select(Contract)).one()
    assert (found.value_ore, found.supplier_number) == (1_200_000_00, "5560360793")
    assert "Läsplattform" in text(client, f"/accounts/{unit.id}")
    assert "Läsplattform" in text(client, f"/accounts/{unit.body_id}")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("ends_on", "2025-12-31", "sluta innan det börjar"),
        ("ends_on", "31 juni 2028", "har ingen sådan dag"),
        ("signed_on", "2029-01-01", "undertecknat efter sin sista dag"),
        ("value", "-5", "kan inte vara negativt"),
        ("value", "100 EUR", "Belopp skrivs i svenska kronor"),
        ("yearly", "900000000000", "hundra miljarder"),
        ("cap", "mycket", "beloppet i kronor"),
        ("options", "ett år", "till exempel 12 + 12"),
        ("notice_months", "99", ""),
        ("source", "", "Det här behövs"),
        ("supplier", "", "vem leverantören är"),
        ("supplier_number", "123", ""),
        ("open_ended", "y", "antingen en sista dag"),
        ("source_url", "javascript:alert(1)", "hela adressen"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    as_user: AsUser, unit: Organisation, session: Session, field: str, typed: str, sentence: str
) -> None:
    client = as_user(Role.REP)
    session.commit()
    page = text(client, f"/contracts/new?organisation={unit.id}")
    sent = SENT | {"organisation": str(unit.id), "once": hidden(page, "once"), field: typed}
    answer = client.post("/contracts/new", data=sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page and 'id="error-summary-title"' in page
    assert 'value="Läsplattform"' in page
    assert typed == "y" or f'value="{typed}"' in page
    assert session.scalar(sa.select(sa.func.count(Contract.id))) == 0


def test_a_won_case_gives_its_contract_in_one_click(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    """D13: the case's page leads to a form that it has filled in."""
    case = make_case(unit, "Läsverktyg", value_ore=250_000_00)
    cases.close(
        case,
        Outcome.WON,
        reason="quality",
        contract_ends_on=date(2030, 6, 30),
        contract_source="Tilldelningsbeslutet",
        by=None,
        today=clock.today(),
        now=clock.now(),
    )
    session.commit()
    client = as_user(Role.REP)
    assert f"/contracts/new?case={case.id}" in text(client, f"/cases/{case.id}")
    page = text(client, f"/contracts/new?case={case.id}")
    for shown in ("Läsverktyg", "2030-06-30", "250000", "Tilldelningsbeslutet"):
        assert f'value="{shown}"' in page
    sent = {
        "kind": "own",
        "title": "Läsverktyg",
        "organisation": str(unit.id),
        "case": str(case.id),
        "position": "outside",
        "product_id": "",
        "ends_on": "2030-06-30",
        "options": "24",
        "source": "Avtalet",
        "certainty": "confirmed",
        "once": hidden(page, "once"),
    }
    answer = client.post("/contracts/new", data=sent)
    assert answer.status_code == 303
    page = text(client, f"/cases/{case.id}")
    assert answer.location in page and f"/contracts/new?case={case.id}" not in page
    page = text(client, f"/cases/{case.id}/edit")
    assert "avtalsregistret" in page and 'name="contract_ends_on"' not in page


@pytest.mark.one_database
def test_what_an_open_case_is_about_is_no_win_of_it(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    case = make_case(unit, "Läsverktyg")
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/contracts/new?case={case.id}")
    sent = {
        "kind": "other",
        "title": "Dagens avtal",
        "supplier": "Leverantören AB",
        "organisation": str(unit.id),
        "case": str(case.id),
        "position": "outside",
        "product_id": "",
        "ends_on": "2030-06-30",
        "source": "Avtalet",
        "certainty": "confirmed",
        "once": hidden(page, "once"),
    }
    assert client.post("/contracts/new", data=sent).status_code == 303
    one = session.scalars(sa.select(Contract)).one()
    assert (one.case_id, one.renewal_case_id) == (None, case.id)


def test_one_click_makes_the_renewal_case(
    as_user: AsUser, contract: Contract, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    answer = client.post(f"/contracts/{contract.id}/renew")
    assert answer.status_code == 303
    assert client.post(f"/contracts/{contract.id}/renew").location == answer.location
    found = session.scalars(sa.select(Case)).one()
    assert found.contract_ends_on == contract.runs_until
    page = text(client, answer.location)
    assert f"/contracts/{contract.id}" in page
    assert answer.location in text(client, f"/contracts/{contract.id}")


def test_a_case_there_is_can_be_chosen(
    as_user: AsUser, contract: Contract, unit: Organisation, session: Session
) -> None:
    case = make_case(unit, "Läsverktyg")
    session.commit()
    client = as_user(Role.REP)
    address = f"/contracts/{contract.id}/case"
    version = hidden(text(client, address), "version")
    answer = client.post(address, data={"case_id": str(case.id), "version": version})
    assert answer.status_code == 303
    session.expire_all()
    assert case.contract_ends_on == contract.runs_until
    assert client.post(f"{address}/untie").status_code == 303
    session.expire_all()
    assert contract.renewal_case_id is None


def test_an_option_is_used_and_taken_back(
    as_user: AsUser, contract: Contract, session: Session
) -> None:
    option = f"/contracts/{contract.id}/option/{contract.options[0].id}"
    session.commit()
    client = as_user(Role.REP)
    before = contract.runs_until
    for _click in range(2):
        assert client.post(f"{option}/use").status_code == 303
    session.expire_all()
    session.refresh(contract, ["options"])
    assert contract.options[0].state is OptionState.USED
    assert before is not None and contract.runs_until is not None
    assert contract.runs_until > before
    refused = client.post(f"{option}/remove")
    assert refused.status_code == 422 and "Den är avgjord" in refused.get_data(as_text=True)
    assert client.post(f"{option}/take-back").status_code == 303
    assert client.post(f"{option}/decline").status_code == 303
    assert "utnyttjas inte" in text(client, f"/contracts/{contract.id}")


def test_an_option_is_written_down_and_taken_away(
    as_user: AsUser, contract: Contract, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/contracts/{contract.id}/option"
    version = hidden(text(client, address), "version")
    answer = client.post(address, data={"months": "0", "version": version})
    assert answer.status_code == 422 and 'value="0"' in answer.get_data(as_text=True)
    answer = client.post(address, data={"months": "24", "version": version})
    assert answer.status_code == 303
    page = text(client, answer.location)
    assert "24 månader" in page
    last = re.findall(rf"{address}/(\d+)/remove", page)[-1]
    assert client.post(f"{address}/{last}/remove").status_code == 303
    assert "24 månader" not in text(client, answer.location)


def test_a_stale_edit_is_refused(as_user: AsUser, contract: Contract, session: Session) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/contracts/{contract.id}/edit"
    page = text(client, address)
    sent = SENT | {"version": hidden(page, "version"), "title": "Nytt namn"}
    assert client.post(address, data=sent).status_code == 303
    answer = client.post(address, data=sent | {"title": "För sent"})
    assert answer.status_code == 409 and 'value="För sent"' in answer.get_data(as_text=True)


def test_it_ends_before_its_time(as_user: AsUser, contract: Contract, session: Session) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/contracts/{contract.id}/end"
    version = hidden(text(client, address), "version")
    late = str(clock.today() + timedelta(days=4000))
    answer = client.post(address, data={"ended_on": late, "version": version})
    assert answer.status_code == 422 and late in answer.get_data(as_text=True)
    day = clock.today() + timedelta(days=30)
    sent = {"ended_on": str(day), "ended_why": "Uppsagt av kommunen", "version": version}
    assert client.post(address, data=sent).status_code == 303
    assert "Uppsagt av kommunen" in text(client, f"/contracts/{contract.id}")


def test_the_register_is_narrowed_and_ordered(
    as_user: AsUser, contract: Contract, unit: Organisation, session: Session
) -> None:
    contract_ending_in(unit, 90, title="Snart slut")
    contract_ending_in(unit, -90, title="Redan slut", options=())
    elsewhere = make_municipality("Vimmerby", owner_id=make_user(name="Bo").id)
    contract_ending_in(
        elsewhere, 700, title="Bos ramavtal", kind=ContractKind.FRAMEWORK, supplier="Andra"
    )
    session.commit()
    client = as_user(Role.ACCOUNT_MANAGER)
    page = text(client, "/contracts")
    assert page.index("Snart slut") < page.index("Läsplattformen") < page.index("Bos ramavtal")
    assert "Redan slut" not in page
    assert "Redan slut" in text(client, "/contracts?state=over")
    page = text(client, "/contracts?within=6")
    assert "Snart slut" in page and "Läsplattformen" not in page
    page = text(client, f"/contracts?kind=framework&owner={elsewhere.owner_id}")
    assert "Bos ramavtal" in page and "Snart slut" not in page
    assert "Inget passar" in text(client, "/contracts?q=finns+inte") or "Ingen passar" in text(
        client, "/contracts?q=finns+inte"
    )
    file = client.get("/contracts/export.csv?state=all").get_data(as_text=True)
    assert file.count("\r\n") == 5 and "Redan slut" in file
    for odd in ("kind=x&within=5&owner=x&county=%2500&product=x&state=x&sort=x&page=x",):
        assert client.get(f"/contracts?{odd}").status_code == 200
        assert client.get(f"/contracts/calendar?{odd}&contracts=1").status_code == 200
        assert client.get(f"/contracts/call-off?{odd}").status_code == 200


def test_who_can_call_off_is_listed_by_account(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    framework = contract_ending_in(
        unit,
        300,
        title="Ramavtal läromedel",
        kind=ContractKind.FRAMEWORK,
        cap_ore=100_00,
        used_ore=90_00,
        options=(),
    )
    make_municipality("Vimmerby")
    session.commit()
    client = as_user(Role.REP)
    address = f"/contracts/{framework.id}/callers"
    assert client.post(address, data={"group": "", "county": ""}).status_code == 422
    answer = client.post(address, data={"group": "municipality", "county": ""})
    assert answer.status_code == 303
    page = text(client, answer.location)
    assert "Vimmerby" in page and "90 %" in page.replace("\xa0", " ")
    page = text(client, "/contracts/call-off")
    assert "Vimmerby" in page and "Vi står utanför" in page
    other = session.scalars(sa.select(Organisation).where(Organisation.name == "Vimmerby")).first()
    place = (
        other
        or session.scalars(
            sa.select(Organisation).where(Organisation.name.startswith("Vimmerby"))
        ).one()
    )
    assert "Ramavtal läromedel" in text(client, f"/accounts/{place.id}")
    assert client.post(f"{address}/{place.id}/remove").status_code == 303
    assert "Vimmerby" not in text(client, "/contracts/call-off")


def test_the_calendar_and_its_feed_say_the_same(
    as_user: AsUser, client: Any, contract: Contract, unit: Organisation, session: Session
) -> None:
    """H9: the page, and the secret address that a calendar program reads."""
    contract_ending_in(unit, 500, title="Ett ramavtal", kind=ContractKind.FRAMEWORK, supplier="X")
    session.commit()
    mine = as_user(Role.REP)
    page = text(mine, "/contracts/calendar?kind=other")
    assert "Läsplattformen" in page and "Ett ramavtal" not in page
    assert page.count("data-item") == 4
    page = text(mine, "/reminders/calendar?contracts=1&kind=other")
    action = re.search(r'action="(/reminders/calendar/contracts[^"]*)"', page)
    assert action is not None
    answer = mine.post(action[1].replace("&amp;", "&"))
    page = text(mine, answer.location)
    address = re.search(r'value="http://localhost(/feed/s[^"]+kind=other)"', page)
    assert address is not None
    found = client.get(address[1].replace("&amp;", "&"))
    assert found.status_code == 200
    events = list(Calendar.from_ical(found.get_data()).walk("VEVENT"))
    assert len({str(one["UID"]) for one in events}) == len(events) == 4
    assert {str(one["SUMMARY"]).split(": ")[0] for one in events} == {
        "Dags att fråga om planerna",
        "Dags för tidig dialog",
        "Sista dag att säga till",
        "Sista dag",
    }
    assert all("Läsplattformen" in str(one["SUMMARY"]) for one in events)
    bare = client.get(address[1].partition("?")[0] + "?names=0").get_data(as_text=True)
    assert "Läsplattformen" not in bare and "Hultsfred" not in bare
    again = client.get(address[1].replace("&amp;", "&"))
    assert again.get_data() == found.get_data()
    assert mine.post("/reminders/calendar/contracts").status_code == 303  # there is one
    page = text(mine, "/reminders/calendar")
    assert len(re.findall(r'value="http://localhost(/feed/s[^"?]+)"', page)) == 1


def test_a_reader_changes_nothing(as_user: AsUser, contract: Contract, session: Session) -> None:
    session.commit()
    client = as_user(Role.VIEWER)
    page = text(client, f"/contracts/{contract.id}")
    assert "Utnyttja" not in page and "Ändra" not in page
    assert client.get(f"/contracts/{contract.id}/edit").status_code == 403
    assert client.post(f"/contracts/{contract.id}/renew").status_code == 403


@pytest.mark.one_database
def test_a_first_day_before_the_signing_is_kept_and_pointed_out(
    as_user: AsUser, session: Session
) -> None:
    unit = make_unit(make_municipality("Hultsfred"))
    one = make_contract(unit, signed_on=date(2026, 6, 1), starts_on=date(2026, 1, 1))
    session.commit()
    page = as_user(Role.REP).get(f"/contracts/{one.id}").text
    assert "innan det undertecknades" in page and "Kontrollera dagarna" in page


@pytest.mark.one_database
def test_a_framework_says_how_long_the_act_lets_it_run(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    """LOU 7 kap. 2 §: four years from 1 March 2026; LUF eight."""
    facts: dict[str, Any] = {"kind": ContractKind.FRAMEWORK, "starts_on": date(2026, 3, 1)}
    short = make_contract(unit, ends_on=date(2030, 2, 28), **facts)
    long = make_contract(unit, ends_on=date(2030, 2, 28), options=(12,), **facts)
    other = make_contract(unit, starts_on=date(2026, 3, 1), ends_on=date(2036, 2, 28))
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/contracts/{short.id}")
    assert "28 feb. 2030 (LOU 7 kap. 2 §)" in page and "särskilda skäl" not in page
    page = text(client, f"/contracts/{long.id}")
    assert "särskilda skäl" in page and "Enligt LUF är det åtta år: 28 feb. 2034" in page
    assert "LOU 7 kap. 2" not in text(client, f"/contracts/{other.id}")
