"""Claims of the founding article that no other test shows: see crm/docs/claims.md."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.cases import operations as cases
from crm.champions import spread_pages
from crm.core import clock
from crm.core.db import db
from crm.interest import queries as interest
from crm.reminders import planning
from crm.reminders import queries as reminders
from crm.rules.contracts import ContractKind
from crm.rules.stages import AdoptionStage, CaseRole, CaseState, ProcurementStage, WaitReason
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

pytestmark = pytest.mark.one_database

AsUser = Callable[..., Any]


def test_s1_who_decides_nothing_is_known_as_well_as_anybody(as_user: AsUser) -> None:
    """A teacher has a history, a role and a next step."""
    client = as_user()
    today, now = clock.today(), clock.now()
    school = make_unit(make_municipality("Hultsfred"), "Venhagsskolan")
    anna = make_person("Anna", "Berg", organisation=school, title="lärare")
    case = make_case(school, "Läsverktyg", owner=client.user, opened_on=today)
    cases.set_role(case, anna, CaseRole.USER, by=None, today=today, now=now)
    inquiry(now=now, summary="Vill prova i klassen", organisation=school, person=anna)
    cases.set_next_step(case, "Ring Anna", today + timedelta(days=9), by=client.user)
    db.session.commit()
    page = client.get(f"/people/{anna.id}").text
    for words in ("lärare", "Vill prova i klassen", "Användare", "Ring Anna"):
        assert words in page


def test_s4_three_units_come_in_by_three_ways_of_their_own(as_user: AsUser) -> None:
    """Each is a thread with its own unit, and the municipality has all three."""
    client, now = as_user(), clock.now()
    body = make_municipality("Hultsfred")
    for number in range(3):
        unit = make_unit(body, f"Skola {number}")
        inquiry(now=now, summary=f"Fråga {number}", organisation=unit, caller=f"Lisa {number}")
    db.session.commit()
    rows = interest.latest(interest.Filter(organisation=body), 10)
    assert len({row.organisation_id for row in rows}) == len(rows) == 3
    page = client.get(f"/accounts/{body.id}").text
    assert all(f"Fråga {number}" in page for number in range(3))


def test_s7_ten_units_in_use_and_nothing_decided_is_a_state_like_others(as_user: AsUser) -> None:
    """Adoption alone wins nothing: the case stays open, and asks for nothing in a hurry."""
    client = as_user()
    today, now = clock.today(), clock.now()
    body = make_municipality("Hultsfred")
    units = [make_unit(body, f"Skola {number}") for number in range(10)]
    case = make_case(units[0], "Läsverktyg", owner=client.user, opened_on=today)
    for unit in units:
        if unit is not units[0]:
            cases.join_unit(case, unit, in_use=True, by=None, today=today, now=now)
    cases.move_adoption(case, AdoptionStage.WIDE_USE, by=None, now=now)
    db.session.commit()
    assert (case.state, case.outcome) == (CaseState.OPEN, None)
    assert case.procurement is ProcurementStage.NONE
    page = client.get(f"/cases/{case.id}").text
    assert page.count("Använder produkten") == 9
    assert "Inget att köpa än" in page


def test_s24_a_unit_buys_and_the_municipality_waits_with_a_day_to_wake(as_user: AsUser) -> None:
    """The small purchase is in the register; the larger one is waiting, and not lost."""
    client = as_user()
    today, now = clock.today(), clock.now()
    body = make_municipality("Hultsfred")
    make_practice(body)
    unit = make_unit(body, "Venhagsskolan")
    case = make_case(unit, "Hela Hultsfred", owner=client.user, opened_on=today)
    make_contract(unit, "En enhet", kind=ContractKind.OWN, today=today, now=now)
    until = today + timedelta(days=120)
    cases.put_to_wait(case, WaitReason.DISAGREEMENT, until=until, by=None, today=today, now=now)
    db.session.flush()
    planning.replan([body.id], today=today, now=now)
    db.session.commit()
    assert (case.state, case.outcome, case.wait_until) == (CaseState.WAITING, None, until)
    told = reminders.of_case(case, today=until, language="sv")
    assert told
    assert not any(one.overdue for one in told)
    page = client.get(f"/accounts/{body.id}").text
    assert "En enhet" in page
    assert "Hela Hultsfred" in page


def test_s30_the_trend_of_a_municipality_has_twelve_quarters(as_user: AsUser) -> None:
    client = as_user()
    body = make_municipality("Hultsfred")
    make_unit(body, "Ännu inte nådda skolan")
    db.session.commit()
    page = client.get(f"/accounts/{body.id}/spread").text
    for first, _last in spread_pages.quarters(clock.today()):
        assert spread_pages.quarter_name(first) in page
    assert len(spread_pages.quarters(clock.today())) == 12
