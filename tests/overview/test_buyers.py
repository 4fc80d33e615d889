"""What buyers are doing: every figure opens exactly its accounts, whoever's they are."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask

from crm.budgets import advice, doing, operations
from crm.budgets.doing import Chosen
from crm.budgets.drafts import Calendar, DateRow
from crm.budgets.models import PhaseAdvice
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.buyers_week import (
    SHIPPED_ADVICE,
    Advice,
    BuyerPhase,
    Week,
    counted,
    weeks_from,
    weeks_of_year,
)
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind
from tests.factories.accounts import make_user
from tests.factories.budgets import NOW, TODAY, make_body, make_practice, make_unit
from tests.factories.cases import make_case

FIGURE = re.compile(r'<a class="figure" href="([^"]+)">([^<]+)</a>')


def own_decision(node: Organisation) -> None:
    """The node decides in one week of its own: the first of September."""
    operations.set_calendar(
        node,
        Calendar(
            decision=DecisionPractice.JUNE,
            certainty=Certainty.CONFIRMED,
            source_url="",
            checked_on=TODAY,
            rows=(DateRow("kf_budgetbeslut", "", (9, 1), (9, 1), None, None),),
        ),
        by=None,
        now=NOW,
    )


def place() -> dict[str, Organisation]:
    """Two counties, four bodies of three customs, units, and one unit with dates of its own."""
    june = make_body("Junköping")
    november = make_body("Novemberby", county_code="06", county_name="Jönköpings län")
    unknown = make_body("Okänd")
    agency = make_body("Provverket", OrganisationKind.AUTHORITY, county_code=None, county_name="")
    make_practice(june)
    make_practice(november, DecisionPractice.NOVEMBER)
    office = make_unit(june, "Barn och utbildning", OrganisationKind.DEPARTMENT)
    found = {"june": june, "november": november, "unknown": unknown, "agency": agency}
    found |= {"office": office, "school": make_unit(office), "other": make_unit(june, "Annan")}
    found["north"] = make_unit(november, "Norra skolan")
    own_decision(office)  # and with it the school below
    db.session.flush()
    return found


def names_behind(chosen: Chosen, phase: BuyerPhase, week: Week) -> set[str]:
    return {row.name for row in doing.behind(doing.accounts(chosen), phase, week).rows}


@pytest.mark.parametrize("with_units", [False, True])
def test_every_count_is_the_number_of_its_rows(app: Flask, with_units: bool) -> None:
    place()
    gathered = doing.accounts(Chosen(with_units=with_units))
    assert gathered.total == (8 if with_units else 4)
    weeks = weeks_of_year(2027)
    counts = counted(gathered.timetables(), weeks[0], len(weeks))
    looked_at = 0
    for number in range(0, len(weeks), 3):
        for phase in BuyerPhase:
            found = doing.behind(gathered, phase, weeks[number])
            ids = [row.organisation_id for row in found.rows]
            assert len(ids) == len(set(ids)) == found.total == counts[phase][number]
            looked_at += bool(ids)
    assert looked_at > 50


def test_units_follow_the_nearest_dates_above_them(app: Flask) -> None:
    place()
    everybody = Chosen(with_units=True)
    june, september = Week.of(date(2028, 6, 14)), Week.of(date(2028, 9, 1))
    assert names_behind(everybody, BuyerPhase.DECISION, june) == {"Junköping", "Annan"}
    assert names_behind(everybody, BuyerPhase.DECISION, september) == {
        "Barn och utbildning",
        "Venhagskolan",
    }


def test_kind_and_county_are_the_bodys(app: Flask) -> None:
    place()
    north = doing.accounts(Chosen(county="06", with_units=True))
    assert north.total == 2
    assert set(north.by_county) == {"06"}
    agencies = doing.accounts(Chosen(kind=OrganisationKind.AUTHORITY))
    assert agencies.total == 1
    assert doing.accounts(Chosen(county="99", with_units=True)).total == 0


def test_closed_accounts_are_nobodys(app: Flask) -> None:
    here = place()
    here["other"].closed_on = TODAY
    here["november"].closed_on = TODAY
    db.session.flush()
    assert doing.accounts(Chosen(with_units=True)).total == 5


def test_territory_is_the_accounts_own_or_else_its_bodys(app: Flask) -> None:
    here, me, other = place(), make_user(), make_user()
    here["june"].owner_id = me.id
    here["other"].owner_id = other.id
    here["north"].owner_id = me.id
    db.session.flush()
    mine = Chosen(territory_of=me.id, with_units=True)
    week = Week.of(date(2028, 4, 5))
    found = doing.accounts(mine)
    assert found.total == 4  # the june body, its office and school, and the school in the north
    assert names_behind(mine, BuyerPhase.DIRECTIVE, week) == {"Norra skolan"}
    assert doing.how_many([mine, Chosen(territory_of=other.id, with_units=True)]) == [4, 1]


def figures(page: str) -> list[tuple[str, int]]:
    return [(unescape(href), int(number)) for href, number in FIGURE.findall(page)]


@pytest.mark.parametrize("question", ["whose=mine", "whose=mine&units=1", "whose=all&units=1"])
def test_figures_on_the_page_open_exactly_their_accounts(
    app: Flask, as_user: Callable[..., Any], question: str
) -> None:
    here, me = place(), as_user(Role.ACCOUNT_MANAGER)
    make_case(here["school"], owner=me.user)
    make_case(here["november"], owner=me.user)
    make_case(here["agency"], owner=make_user())
    shown = figures(me.get(f"/budget-year/this-week?{question}").text)
    assert len(shown) >= 7
    for href, number in shown:
        assert me.get(href).text.count("data-open") == number, href


def test_mine_are_those_where_i_have_a_case_that_goes_on(
    app: Flask, as_user: Callable[..., Any]
) -> None:
    here, me = place(), as_user(Role.ACCOUNT_MANAGER)
    make_case(here["school"], owner=me.user)
    page = me.get("/budget-year/this-week?units=1").text  # who has a case starts with them
    assert re.search(r'aria-current="page">Mina kunder <span class="tab-count">2<', page)
    me_too = as_user(Role.ACCOUNT_MANAGER)
    page = me_too.get("/budget-year/this-week").text  # who has none starts with everybody's
    assert re.search(r'aria-current="page">Allas <span class="tab-count">4<', page)
    assert "Ingen kund här" in me_too.get("/budget-year/this-week?whose=territory").text


def test_odd_addresses_are_not_asked(app: Flask, as_user: Callable[..., Any]) -> None:
    me = as_user(Role.VIEWER)
    odd = "whose=x&kind=unit&county=999&units=y"
    assert me.get(f"/budget-year/this-week?{odd}").status_code == 200
    assert me.get(f"/budget-year/doing?phase=door&week=2027-W60&{odd}").status_code == 200
    assert me.get("/budget-year/doing?phase=nothing").status_code == 404
    assert "Lämnar in sina behov" in me.get("/budget-year/doing").text


def test_the_line_of_a_phase_is_changed_in_versions(
    app: Flask, as_user: Callable[..., Any]
) -> None:
    place()
    shipped = SHIPPED_ADVICE[BuyerPhase.UNKNOWN]
    me = as_user(Role.ACCOUNT_MANAGER)
    week = "/budget-year/this-week?whose=all"
    assert shipped.text_sv in me.get(week).text
    path = "/budget-year/advice/unknown"
    assert shipped.text_sv in me.get(path).text
    sent = {"text_sv": "Ring registratorn.", "text_en": "Call the registrar.", "version": "1"}
    assert me.post(path, data=sent).status_code == 303
    assert "Ring registratorn." in me.get(week).text
    assert shipped.text_sv not in me.get(week).text
    row = db.session.query(PhaseAdvice).one()
    assert (row.version, row.changed_by_id) == (2, me.user.id)
    late = me.post(path, data=sent | {"text_sv": "För sent."})  # opened before the change
    assert late.status_code == 409
    assert "För sent." in late.text
    again = me.get(f"{path}?version=1").text
    assert shipped.text_sv in again
    back = {"text_sv": shipped.text_sv, "text_en": shipped.text_en, "version": "2"}
    assert me.post(path, data=back).status_code == 303
    assert me.post(path, data=back | {"version": "3"}).status_code == 303  # says so already
    assert [one.version for one in advice.history(BuyerPhase.UNKNOWN)] == [3, 2]
    assert advice.in_force()[BuyerPhase.UNKNOWN] == Advice(shipped.text_sv, shipped.text_en)


def test_an_empty_line_is_refused_and_nothing_written(
    app: Flask, as_user: Callable[..., Any]
) -> None:
    me = as_user(Role.FOUNDER)
    sent = {"text_sv": "   ", "text_en": "x" * 201, "version": "1"}
    answer = me.post("/budget-year/advice/door", data=sent)
    assert answer.status_code == 422
    assert "Skriv raden." in answer.text
    assert db.session.query(PhaseAdvice).count() == 0


def test_only_those_who_change_rules_change_lines(app: Flask, as_user: Callable[..., Any]) -> None:
    place()
    rep = as_user(Role.REP)
    assert rep.get("/budget-year/advice/door").status_code == 403
    assert "/budget-year/advice/" not in rep.get("/budget-year/this-week?whose=all").text
    assert as_user(Role.ADMIN).get("/budget-year/advice/nothing").status_code == 404


def test_this_week_is_the_week_of_today(app: Flask, as_user: Callable[..., Any]) -> None:
    place()
    week = weeks_from(clock.today())[0]
    page = as_user(Role.VIEWER).get("/budget-year/this-week?whose=all").text
    assert f"week={week}" in page


CELL = re.compile(r'<td class="heat-\d"><a href="([^"]+)">(\d+)</a>')


@pytest.mark.parametrize("question", ["whose=all", "whose=all&units=1&phase=decision"])
def test_cells_of_the_planner_open_exactly_their_accounts(
    app: Flask, as_user: Callable[..., Any], question: str
) -> None:
    place()
    me = as_user(Role.VIEWER)
    page = me.get(f"/budget-year/planner?year=2027&{question}").text
    cells = [(unescape(href), int(number)) for href, number in CELL.findall(page)]
    counties = [href for href, _number in cells if "county=" in href]
    assert {"county=08", "county=06", "county=-"} >= {
        match[0] for href in counties if (match := re.search(r"county=[^&]+", href))
    }
    assert any("county=08" in href for href in counties)
    for href, number in cells[::7]:
        assert me.get(href).text.count("data-open") == number, href


def test_those_of_no_county_stand_apart(app: Flask, as_user: Callable[..., Any]) -> None:
    place()
    gathered = doing.accounts(Chosen(county=doing.NO_COUNTY))
    assert (gathered.total, set(gathered.by_county)) == (1, {""})
    page = as_user(Role.VIEWER).get("/budget-year/planner?whose=all&year=2027").text
    assert "Utan län" in page
    assert "1 utan känd tidplan" in page


def test_the_planner_has_the_weeks_of_the_year(app: Flask, as_user: Callable[..., Any]) -> None:
    place()
    me = as_user(Role.VIEWER)
    assert '<th scope="col">53</th>' in me.get("/budget-year/planner?whose=all&year=2026").text
    assert '<th scope="col">53</th>' not in me.get("/budget-year/planner?whose=all&year=2027").text
    assert me.get("/budget-year/planner?year=99999&phase=unknown").status_code == 200


@pytest.mark.parametrize(
    "today", ["2026-01-01", "2026-11-29", "2026-12-31", "2027-01-03", "2027-07-01"]
)
def test_the_planner_opens_with_this_week_first_and_a_year_after_it(
    app: Flask, as_user: Callable[..., Any], today: str
) -> None:
    place()
    with time_machine.travel(f"{today}T09:00:00Z", tick=False):
        me, week = as_user(Role.VIEWER), Week.of(date.fromisoformat(today))
        page = me.get("/budget-year/planner?whose=all").text
        heads = re.findall(r'<th scope="col"( class="is-now")?>(\d+)</th>', page)
        assert heads[0] == (' class="is-now"', str(week.number))
        assert len(heads) == 2 * 52  # by phase, and by county
        for year in (week.year, week.year + 1):
            assert f"year={year}" in page
        asked = me.get(f"/budget-year/planner?whose=all&year={week.year}").text
        assert 'class="is-now"' in asked
        assert "Från den här veckan" in asked


def test_a_few_are_named_and_many_are_bands(app: Flask, as_user: Callable[..., Any]) -> None:
    here, me = place(), as_user(Role.VIEWER)
    page = me.get("/budget-year/wheels?whose=all&units=1").text
    assert "4 köpare med var sin ring" in page
    assert "En har ingen känd tidplan" in page
    assert page.count('class="wheel-ring-number"') == 4
    for number in range(10):
        make_practice(make_body(f"Fler {number}"))
    page = me.get("/budget-year/wheels?whose=all&units=1").text
    assert "14 köpare, en ring för varje steg" in page
    segments = re.findall(
        r'<a href="(/budget-year/doing[^"]+)" class="wheel-strength-\d" aria-label="[^"]+ (\d+)">',
        page,
    )
    assert len(segments) >= 5
    for href, number in segments:
        assert me.get(unescape(href)).text.count("data-open") == int(number), href
    chosen = f"id={here['june'].id}&id={here['agency'].id}&id=x"
    page = me.get(f"/budget-year/wheels?whose=all&{chosen}").text
    assert re.findall(r"data-open>([^<]+)<", page) == ["Junköping", "Provverket"]


def test_more_than_twelve_chosen_is_said(app: Flask, as_user: Callable[..., Any]) -> None:
    ids = [make_body(f"Kommun {number:02}").id for number in range(13)]
    question = "&".join(f"id={ident}" for ident in ids)
    page = as_user(Role.VIEWER).get(f"/budget-year/wheels?whose=all&{question}").text
    assert "Bara 12 ringar går att skilja åt" in page
    assert page.count('class="wheel-ring-number"') == 12


def test_nobody_has_no_wheel(app: Flask, as_user: Callable[..., Any]) -> None:
    page = as_user(Role.VIEWER).get("/budget-year/wheels?whose=mine").text
    assert "Ingen kund här" in page
    assert '<svg class="wheel wheels' not in page


def test_one_accounts_wheel_has_its_words(app: Flask, as_user: Callable[..., Any]) -> None:
    here = place()
    page = as_user(Role.VIEWER).get(f"/budget-year/{here['school'].id}/wheel").text
    assert "Årshjul för Venhagskolan" in page
    assert page.count('class="wheel-arc') > 4
    assert "wheel-list" in page
