"""Claims of the founding article that no other test shows: see crm/docs/claims.md."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.cases import operations as cases
from crm.champions.spread import quarter_name
from crm.core import clock
from crm.core.db import db
from crm.interest import queries as interest
from crm.overview import queries as overview
from crm.reminders import planning
from crm.reminders import queries as reminders
from crm.rules.champions import quarters
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
    """Adoption alone wins nothing: the case stays open, is listed as any other, and nothing counts
    it as late or as in need of anything."""
    client = as_user()
    today, now = clock.today(), clock.now()
    body = make_municipality("Hultsfred")
    make_practice(body)
    units = [make_unit(body, f"Skola {number}") for number in range(10)]
    case = make_case(units[0], "Läsverktyg", owner=client.user, opened_on=today)
    for unit in units:
        cases.join_unit(case, unit, in_use=True, by=None, today=today, now=now)
    cases.move_adoption(case, AdoptionStage.WIDE_USE, by=None, now=now)
    cases.move_procurement(case, ProcurementStage.UNDECIDED, by=None, now=now)
    cases.set_next_step(case, "Ring rektorn", today + timedelta(days=40), by=client.user)
    db.session.flush()
    planning.replan([body.id], today=today, now=now)
    db.session.commit()
    assert (case.state, case.outcome) == (CaseState.OPEN, None)
    page = client.get(f"/cases/{case.id}").text
    assert page.count("Använder produkten") == len(units)
    assert "Vägen inte vald" in page
    assert "Läsverktyg" in client.get("/cases").text
    figures = overview.figures(client.user.id, today, now)
    assert (figures.open_cases, figures.gaps, figures.due) == (1, 0, 0)
    assert not any(one.overdue for one in reminders.of_case(case, today=today, language="sv"))


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


def test_s30_the_trend_of_a_municipality_over_twelve_quarters(as_user: AsUser) -> None:
    """Each quarter says its people and units; who was never reached is named."""
    client = as_user()
    body, today, now = make_municipality("Hultsfred"), clock.today(), clock.now()
    schools = [make_unit(body, f"Skola {number}") for number in range(3)]
    make_unit(body, "Ännu inte nådda skolan")
    spans = quarters(today)
    for number, (first, _last) in enumerate((spans[1], spans[8], spans[-1])):
        for school in schools[: number + 1]:
            person = make_person(f"P{number}", organisation=school)
            inquiry(now=clock.at(first, 0), organisation=school, person=person)
    case = make_case(schools[0], opened_on=spans[8][0])
    cases.join_unit(case, schools[0], in_use=True, by=None, today=spans[8][0], now=now)
    db.session.commit()
    page = client.get(f"/accounts/{body.id}/spread").text
    rows = {
        row[:7]: row[8:].split()
        for row in (
            " ".join(re.sub(r"<[^>]*>", " ", found).split())
            for found in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
        )
        if re.match(r"\d{4}-Q\d", row)
    }
    names = [quarter_name(first) for first, _last in spans]
    assert list(rows) == names[::-1]
    told = [rows[name] for name in names]
    by_quarter = {1: ["1", "1", "1", "0"], 8: ["2", "2", "1", "1"], 11: ["3", "3", "1", "1"]}
    after = {9: ["0", "0", "0", "1"], 10: ["0", "0", "0", "1"]}
    nothing = ["0", "0", "0", "0"]
    assert told == [(by_quarter | after).get(number, nothing) for number in range(12)]
    rest = page[page.index('id="rest-title"') :]
    assert "Ännu inte nådda skolan" in rest
    assert not any(school.name in rest for school in schools)
