"""The pages of procurements: laid out from a case, looked at, moved, refused."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.cases.models import Case
from crm.core import clock
from crm.organisations.models import Organisation
from crm.procurements import queries
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.routes import Route, StageKey
from crm.rules.stages import ProcurementStage
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement

AsUser = Callable[..., Any]


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit, "Läsverktyg")


@pytest.fixture
def procurement(unit: Organisation, case: Case) -> Procurement:
    return make_procurement(unit, case=case, today=clock.today(), now=clock.now())


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def version_on(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_case_leads_to_its_procurement_and_back(
    as_user: AsUser, case: Case, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    page = text(client, f"/procurements/new?case={case.id}")
    assert 'value="Läsverktyg"' in page
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert once is not None
    answer = client.post(
        "/procurements/new",
        data={
            "title": "Läsverktyg",
            "organisation": case.organisation_id,
            "case": case.id,
            "route": "open",
            "begins_on": "2027-01-11",
            "once": once[1],
        },
    )
    assert answer.status_code == 303
    page = text(client, answer.location)
    assert "Annonsen skickas" in page and "LOU 11 kap. 6 §" in page
    assert "11 jan. 2027" in page
    assert answer.location in text(client, f"/cases/{case.id}")


def test_a_look_at_another_route_writes_nothing(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    far = clock.today() + timedelta(days=800)
    page = text(client, f"/procurements/{procurement.id}/route?route=selective&in_use_on={far}")
    assert "Inbjudan att lämna anbud skickas" in page
    assert queries.plans_of(procurement.id)[1] == []
    answer = client.post(
        f"/procurements/{procurement.id}/route",
        data={"route": "selective", "in_use_on": str(far), "version": version_on(page)},
    )
    assert answer.status_code == 303
    session.expire_all()
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None and (plan.route, plan.in_use_on) == (Route.SELECTIVE, far)


def test_both_days_at_once_are_refused_with_what_was_typed(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    answer = client.get(
        f"/procurements/{procurement.id}/route?route=open&begins_on=2027-01-11&in_use_on=2028-09-01"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Ange en av dagarna" in page and 'value="2028-09-01"' in page


def test_a_move_needs_a_reason_and_keeps_the_order(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{procurement.id}/milestones/market/move"
    version = version_on(text(client, address))
    sent = {"to": "2020-01-07", "along": "y", "certainty": "confirmed", "version": version}
    answer = client.post(address, data=sent)
    assert answer.status_code == 422 and 'value="2020-01-07"' in answer.get_data(as_text=True)
    answer = client.post(address, data=sent | {"reason": "Nämnden vill vänta"})
    assert answer.status_code == 422
    assert "skulle komma före" in answer.get_data(as_text=True)
    later = clock.today() + timedelta(days=400)
    answer = client.post(address, data=sent | {"reason": "Nämnden vill vänta", "to": str(later)})
    assert answer.status_code == 303
    page = text(client, f"/procurements/{procurement.id}")
    assert "Nämnden vill vänta" in page and "senare än först planerat" in page


def test_a_milestone_ticked_off_and_taken_back(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{procurement.id}/milestones/needs"
    page = text(client, f"{address}/reach")
    answer = client.post(f"{address}/reach", data={"on": "idag", "version": version_on(page)})
    assert answer.status_code == 303
    assert "Noterat: Behovsanalysen börjar." in text(client, answer.location)
    assert client.post(f"{address}/take-back").status_code == 303
    session.expire_all()
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    assert queries.milestone_of(plan, StageKey.NEEDS).reached_on is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2027-03-14 12:00", "14 mars 2027 12:00"),
        ("2027-03-14", "14 mars 2027 23:59"),
        ("2027-07-01 9.30", "1 juli 2027 09:30"),
    ],
)
def test_deadlines_are_kept_to_the_minute_on_the_clock_in_sweden(
    as_user: AsUser, procurement: Procurement, session: Session, typed: str, shown: str
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{procurement.id}/edit"
    sent = {"title": "Läsverktyg", "version": version_on(text(client, address))}
    answer = client.post(address, data=sent | {"tenders_due_at": typed, "cpv": "48000000-8"})
    assert answer.status_code == 303
    page = text(client, answer.location)
    assert shown in page and "48000000" in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("tenders_due_at", "2027-03-14 25:00", "inget sådant klockslag"),
        ("tenders_due_at", "nästa sommar", "Skriv datumet"),
        ("cpv", "programvara", "åtta siffror"),
        ("value", "mycket", "beloppet i kronor"),
        ("notice_url", "javascript:alert(1)", "hela adressen"),
        ("questions_due_at", "2027-04-01", "efter sista anbudsdag"),
        ("requests_due_at", "2027-04-01", "Sista dag att ansöka kommer efter sista anbudsdag"),
        ("tenders_due_at", "v. 12 2027", "En sista dag för anbud eller frågor är exakt"),
        ("tenders_due_at", "2027-W12", "En sista dag för anbud eller frågor är exakt"),
        ("tenders_due_at", "2027-03-14 25:00", "Det finns inget sådant klockslag"),
        ("value", "-1", "Ett belopp kan inte vara negativt"),
        ("value", "1000000000000000", "hundra miljarder"),
        ("value", "500 EUR", "Belopp skrivs i svenska kronor"),
        ("tenders_valid_until", "2027-01-01", "åtminstone till sista anbudsdag"),
    ],
)
def test_odd_facts_are_refused_with_what_was_typed(
    as_user: AsUser,
    procurement: Procurement,
    session: Session,
    field: str,
    typed: str,
    sentence: str,
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{procurement.id}/edit"
    sent = {
        "title": "Läsverktyg",
        "tenders_due_at": "2027-03-14",
        "law": "LOU",
        "object_kind": "goods_services",
        "award_channel": "electronic",
        "version": version_on(text(client, address)),
    }
    answer = client.post(address, data=sent | {field: typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page and f'value="{typed}"' in page


def test_the_list_is_by_what_comes_next(
    as_user: AsUser, procurement: Procurement, unit: Organisation, session: Session
) -> None:
    sooner = make_procurement(
        unit,
        "Skolbibliotek",
        begins_on=clock.today() - timedelta(days=30),
        today=clock.today(),
        now=clock.now(),
    )
    make_procurement(unit, "Avbruten", cancelled_on=date(2026, 1, 7), today=clock.today())
    session.commit()
    page = text(as_user(Role.REP), "/procurements")
    assert page.index(sooner.title) < page.index(procurement.title)
    assert "Avbruten</a>" not in page
    assert "Avbruten</a>" in text(as_user(Role.REP), "/procurements?over=1")
    assert "Ingen passar" in text(as_user(Role.REP), "/procurements?q=finns+inte")


def test_lengths_of_one_s_own_are_used_in_new_plans(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.FOUNDER)
    address = f"/procurements/lengths/call_off?organisation={procurement.body_id}"
    sent = {"note": "Inköpschefen"}
    for stage, days in (("needs", 5), ("market", 6), ("signing", 7), ("rollout", 8)):
        sent |= {f"{stage}-{which}": str(days) for which in ("short", "usual", "long")}
    assert client.post(address, data=sent).status_code == 303
    session.expire_all()
    found = queries.lengths_for(
        session.get_one(Organisation, procurement.body_id), Route.CALL_OFF, clock.today()
    )
    assert sorted(one.usual for one in found.values()) == [5, 6, 7, 8]
    assert client.post(address, data=sent | {"needs-short": "x"}).status_code == 422
    assert client.post(address, data=sent | {"needs-short": ""}).status_code == 422
    page = text(client, address)
    assert re.search(r'name="needs-usual"[^>]*value="5"', page)


def test_lengths_that_nobody_wrote_are_not_written_by_saving(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    """Nothing is filled in beforehand, so that saving does not stand above the own history."""
    session.commit()
    client = as_user(Role.FOUNDER)
    address = f"/procurements/lengths/call_off?organisation={procurement.body_id}"
    page = text(client, address)
    values = dict(re.findall(r'name="(\w+-(?:short|usual|long))"[^>]*value="([^"]*)"', page))
    assert values and not any(values.values())
    assert "Förfrågan och offert" in page and "Annonsering" not in page
    assert client.post(address, data={**values, "note": ""}).status_code == 303
    body = session.get_one(Organisation, procurement.body_id)
    assert not queries.own_lengths(body, Route.CALL_OFF)


def test_a_reader_changes_nothing(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.VIEWER)
    page = text(client, f"/procurements/{procurement.id}")
    assert "Det har hänt" not in page and "Flytta" not in page
    assert client.get(f"/procurements/{procurement.id}/edit").status_code == 403


def test_a_deadline_that_is_known_is_shown_to_be_edited(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    procurement.tenders_due_at = datetime(2027, 3, 14, 22, 59, tzinfo=UTC)
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    page = text(client, f"/procurements/{procurement.id}/edit")
    assert 'value="2027-03-14 23:59"' in page


def test_one_of_the_same_number_is_said_to_be_there_already(
    as_user: AsUser, procurement: Procurement, unit: Organisation, session: Session
) -> None:
    procurement.reference = "KS 2026/17"
    client, elsewhere = as_user(Role.ACCOUNT_MANAGER), make_unit(make_municipality("Vimmerby"))
    session.commit()

    def typed(place: int) -> dict[str, Any]:
        once = re.search(r'name="once"[^>]*value="([^"]+)"', text(client, "/procurements/new"))
        assert once is not None
        return {
            "once": once[1],
            "title": "Samma sak",
            "organisation": place,
            "route": "open",
            "reference": " ks 2026/17",
        }

    data = typed(procurement.organisation_id)
    asked = client.post("/procurements/new", data=data)
    assert asked.status_code == 422
    assert "Finns redan med det här numret" in asked.text
    assert f'href="/procurements/{procurement.id}"' in asked.text
    assert session.query(Procurement).count() == 1
    shown = {"knowing": str(procurement.id)}
    assert client.post("/procurements/new", data=data | shown).status_code == 303
    assert client.post("/procurements/new", data=typed(elsewhere.id)).status_code == 303


@pytest.mark.one_database
def test_a_number_that_another_has_is_asked_about_once_when_it_is_edited(
    as_user: AsUser, procurement: Procurement, unit: Organisation, session: Session
) -> None:
    other = make_procurement(unit, "En annan", reference="KS 2026/17")
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    address = f"/procurements/{procurement.id}/edit"
    facts = {"title": "Läsverktyg", "law": "LOU", "object_kind": "goods_services"}
    facts["version"] = version_on(text(client, address))
    typed = facts | {"reference": "ks 2026/17", "note": "Ny anteckning"}
    asked = client.post(address, data=typed)
    assert asked.status_code == 422
    assert f'href="/procurements/{other.id}"' in asked.text
    assert "Ny anteckning" in asked.text and "ks 2026/17" in asked.text
    session.expire_all()
    assert procurement.reference == ""
    again = typed | {"knowing": re.findall(r'name="knowing"[^>]*value="([^"]+)"', asked.text)[0]}
    late = make_procurement(unit, "Kom emellan", reference="KS 2026/17")
    session.commit()
    assert client.post(address, data=again).status_code == 422
    again["knowing"] = f"{other.id},{late.id}"
    assert client.post(address, data=again).status_code == 303
    session.expire_all()
    assert procurement.reference == "ks 2026/17"
    # What stands there is not asked about again.
    typed["version"] = version_on(text(client, address))
    assert client.post(address, data=typed | {"note": "Igen"}).status_code == 303


def test_what_a_notice_has_is_typed_on_one_page(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text(client, "/procurements/new"))
    assert once is not None
    sent = clock.today() - timedelta(days=7)
    due = clock.today() + timedelta(days=40)
    data = {
        "once": once[1],
        "title": "Läsplattform",
        "organisation": unit.id,
        "route": "open",
        "reference": "BUN 2026/1",
        "notice_url": "https://ted.europa.eu/sv/notice/-/detail/1-2026",
        "sent_on": sent.isoformat(),
        "tenders_due_at": f"{due} 12:00",
        "cpv": "48190000-6",
        "value": "2 000 000",
    }
    refused = client.post("/procurements/new", data=data | {"cpv": "48"})
    assert refused.status_code == 422
    assert "48190000" not in refused.text
    assert 'value="2 000 000"' in refused.text
    late = str(due + timedelta(days=9))
    refused = client.post("/procurements/new", data=data | {"sent_on": late})
    assert refused.status_code == 422 and f'value="{late}"' in refused.text
    assert "Sista anbudsdag ligger före annonsen" in refused.text
    assert session.query(Procurement).count() == 0
    assert client.post("/procurements/new", data=data).status_code == 303
    made = session.query(Procurement).one()
    assert (made.cpv, made.value_ore, made.reference) == ("48190000", 200_000_000, "BUN 2026/1")
    plan = queries.plan_that_holds(made.id)
    assert plan is not None
    assert queries.milestone_of(plan, StageKey.MARKET).reached_on == sent
    assert queries.milestone_of(plan, StageKey.EVALUATION).planned_on == due
    address = f"/procurements/{made.id}/edit"
    version = version_on(text(client, address))
    facts = {"title": "Läsplattform", "law": "LOU", "object_kind": "goods_services"}
    facts |= {"award_channel": "electronic", "version": version}
    early = f"{sent - timedelta(days=1)} 12:00"
    refused = client.post(address, data=facts | {"tenders_due_at": early})
    assert refused.status_code == 422 and f'value="{early}"' in refused.text
    assert "Sista anbudsdag ligger före annonsen" in refused.text


@pytest.mark.one_database
def test_the_page_says_first_what_comes_next_and_asks_of_what_has_passed(
    as_user: AsUser, unit: Organisation, case: Case, session: Session
) -> None:
    today, now = clock.today(), clock.now()
    begun = make_procurement(
        unit, case=case, today=today, now=now, begins_on=today - timedelta(days=20)
    )
    elsewhere = make_procurement(make_municipality("Vimmerby"), "Annat", today=today, now=now)
    session.commit()
    client = as_user(Role.ACCOUNT_MANAGER)
    page = text(client, f"/procurements/{begun.id}")
    first = page[page.index('class="stats"') : page.index('id="plan-head"')]
    assert "Nästa: Behovsanalysen börjar" in first and "Har det hänt?" in first
    assert f'href="/procurements/{begun.id}/milestones/needs/reach"' in first
    assert f'href="/cases/{case.id}"' in page[: page.index('class="stats"')]
    listed = text(client, f"/procurements?body={unit.body_id}")
    assert f'href="/procurements/{begun.id}"' in listed and "Har det hänt?" in listed
    assert f'href="/procurements/{elsewhere.id}"' not in listed
    assert f'href="/procurements?body={unit.body_id}"' in text(client, f"/accounts/{unit.id}")
    soon = text(client, f"/procurements/{elsewhere.id}")
    assert "Nästa: Behovsanalysen börjar" in soon and "Har det hänt?" not in soon


@pytest.mark.one_database
def test_a_case_moved_to_advertised_asks_for_the_day_of_the_notice(
    as_user: AsUser, procurement: Procurement, case: Case, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/stage/{case.id}"
    typed = {"procurement": "published", "version": str(case.version)}
    asked = client.post(address, data=typed)
    assert asked.status_code == 422
    assert f'value="{clock.today()}"' in asked.text and "Annonsen skickades" in asked.text
    sent = clock.today() - timedelta(days=2)
    typed |= {"knowing": "y", "on": str(sent)}
    assert client.post(address, data=typed).status_code == 303
    session.expire_all()
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    assert queries.milestone_of(plan, StageKey.MARKET).reached_on == sent
    assert case.procurement is ProcurementStage.PUBLISHED


@pytest.mark.one_database
def test_the_last_day_to_apply_is_typed_at_once_where_there_are_two_steps(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text(client, "/procurements/new"))
    assert once is not None
    due = clock.today() + timedelta(days=40)
    data = {
        "once": once[1],
        "title": "Läsplattform",
        "organisation": unit.id,
        "sent_on": clock.today().isoformat(),
        "requests_due_at": f"{due} 12:00",
    }
    refused = client.post("/procurements/new", data=data | {"route": "open"})
    assert refused.status_code == 422 and "lämnas ingen ansökan först" in refused.text
    assert client.post("/procurements/new", data=data | {"route": "selective"}).status_code == 303
    made = session.query(Procurement).one()
    assert made.requests_due_at is not None
    assert clock.local(made.requests_due_at).date() == due
    plan = queries.plan_that_holds(made.id)
    assert plan is not None
    at = next(n for n, row in enumerate(plan.milestones) if row.stage is StageKey.APPLICATION)
    assert plan.milestones[at + 1].planned_on == due
