"""Claims of the founding article that no other test shows: see crm/docs/claims.md."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from docx import Document

from crm.activities.models import ActivityKind
from crm.budgets import queries as budgets
from crm.cases import operations as cases
from crm.champions.spread import quarter_name
from crm.core import clock
from crm.core.db import db
from crm.interest import queries as interest
from crm.overview import queries as overview
from crm.reminders import planning
from crm.reminders import queries as reminders
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.champions import quarters
from crm.rules.contracts import ContractKind
from crm.rules.kinds import OrganisationKind
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    CaseState,
    Outcome,
    ProcurementStage,
    WaitReason,
)
from crm.web.filters import day
from tests.factories.activities import make_activity
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


def test_s13_a_draft_is_there_that_nobody_wrote(as_user: AsUser) -> None:
    """Two calls and a note become needs where they were told, and the draft is a file."""
    client = as_user()
    school = make_unit(make_municipality("Hultsfred"), "Venhagsskolan")
    anna = make_person("Anna", "Berg", organisation=school)
    case = make_case(school, "Läsverktyg", owner=client.user, opened_on=clock.today())
    entries = [
        make_activity(school, kind, text=words, person_id=anna.id)
        for kind, words in (
            (ActivityKind.CALL, "Eleverna måste kunna få texten uppläst"),
            (ActivityKind.NOTE, "Klasslistorna ska komma in av sig själva"),
            (ActivityKind.MEETING, "Får texten läsas upp för eleverna?"),
        )
    ]
    db.session.commit()
    for entry in entries:
        page = client.get(f"/requirements/from/{entry.id}").text
        like = re.findall(r'name="group"[^>]*value="(r\d+)"', page)
        sent = {
            "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
            "activity": str(entry.id),
            "words": entry.text,
            "area": "function",
            "organisation": str(school.id),
            "person_id": str(anna.id),
            "said_on": "idag",
            "kind": "need",
            "rests_on": "expected",
            "group": like[0] if like else "new",
        }
        assert client.post("/requirements/needs/new", data=sent).status_code == 303
    words = client.get(f"/requirements/cases/{case.id}/neutral?as=docx")
    document = Document(io.BytesIO(words.data))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows[1:]]
    assert [row[2] for row in rows] == [entries[0].text, entries[1].text]
    assert all("Framfört av 1 person vid 1 enhet" in row[3] for row in rows)


def test_s24_a_unit_buys_and_the_municipality_waits_with_a_day_to_wake(as_user: AsUser) -> None:
    """The unit's case is closed as won and its purchase in the register; the larger one, which had
    come to a halt, stays open with its day to wake, and wakes then."""
    client = as_user()
    today, now = clock.today(), clock.now()
    body = make_municipality("Hultsfred")
    make_practice(body)
    unit = make_unit(body, "Venhagsskolan")
    larger = make_case(body, "Hela Hultsfred", owner=client.user, opened_on=today)
    until = today + timedelta(days=120)
    cases.put_to_wait(larger, WaitReason.DISAGREEMENT, until=until, by=None, today=today, now=now)
    small = make_case(unit, "En enhet", owner=client.user, opened_on=today)
    make_contract(unit, "En enhet", kind=ContractKind.OWN, case=small, today=today, now=now)
    cases.close(small, Outcome.WON, reason="staff_wanted_it", by=None, today=today, now=now)
    db.session.flush()
    planning.replan([body.id], today=today, now=now)
    db.session.commit()
    assert (small.state, small.outcome) == (CaseState.CLOSED, Outcome.WON)
    assert (larger.state, larger.outcome, larger.wait_until) == (CaseState.WAITING, None, until)
    told = reminders.of_case(larger, today=until, language="sv")
    assert [one for one in told if one.row.wanted_on == until]
    assert not any(one.overdue for one in told)
    page = client.get(f"/accounts/{body.id}").text
    assert "En enhet" in page
    assert "Hela Hultsfred" in page
    page = client.get(f"/cases/{larger.id}").text
    assert "Avvaktar" in page and "Förlorad" not in page


def test_s26_every_open_case_says_when_the_next_window_is_and_why(as_user: AsUser) -> None:
    """Each by its own body's year: computed from what is known there, and explained beside it."""
    client, today = as_user(), clock.today()
    bodies = [
        make_municipality("Hultsfred"),
        make_municipality("Region Kalmar län", kind=OrganisationKind.REGION),
        make_municipality("Vimmerby"),
    ]
    make_practice(bodies[0], decision=DecisionPractice.JUNE)
    make_practice(bodies[1], decision=DecisionPractice.NOVEMBER)
    opened = [
        (body, make_case(body, f"Ärende {body.name}", owner=client.user, opened_on=today))
        for body in bodies
    ]
    db.session.commit()
    told = set()
    for body, case in opened:
        window = budgets.known_of(body).window(today)
        assert (window is None) is (body is bodies[2])
        page = " ".join(
            unescape(re.sub(r"<[^>]*>", " ", client.get(f"/cases/{case.id}").text)).split()
        )
        if window is None:
            assert "Köparens tidplan är inte känd än" in page
            continue
        told.add((window.opens, window.closes))
        assert f"{day(window.opens)} – {day(window.closes)}" in page
        assert window.phase.name_sv in page and str(window.budget_year) in page
    assert len(told) == 2  # each has its own


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
