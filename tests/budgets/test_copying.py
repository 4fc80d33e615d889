"""A timetable copied from another body, and the neighbours' as a guess: never surer than typical."""

import re
from dataclasses import replace
from datetime import date

import pytest
import time_machine

from crm.budgets import operations, queries
from crm.budgets.drafts import Calendar, DateRow
from crm.core.errors import RuleBroken
from crm.rules import budget_cycle
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from tests.factories.budgets import NOW, SOURCE, TODAY, make_body, make_practice, make_unit

DOOR = DateRow("namndens_budgetunderlag", "", (3, 1), (3, 24), -1, None)
SEMINAR = DateRow("", "Budgetseminarium", (1, 20), (1, 20), -1, None)
THIS_YEAR = DateRow("kf_budgetbeslut", "", (6, 14), (6, 14), -1, 2028)


@pytest.fixture(autouse=True)
def monday_in_november():
    with time_machine.travel(NOW, tick=True):
        yield


def store(body, *rows, **values):
    facts = {
        "decision": DecisionPractice.JUNE,
        "certainty": Certainty.PUBLISHED,
        "source_url": SOURCE,
        "checked_on": TODAY,
    } | values
    return operations.set_calendar(body, Calendar(rows=rows, **facts), by=None, now=NOW)


def copy(body, other):
    return operations.copy_calendar(body, other, by=None, now=NOW, today=TODAY)


def html_of(response):
    return response.get_data(as_text=True)


# --- Copying -----------------------------------------------------------------------------------


def test_copied_dates_are_typical_and_say_whose_they_are(session, app):
    body, other = make_body(), make_body("Förebildstad")
    store(other, DOOR, SEMINAR, THIS_YEAR)
    row = copy(body, other)
    assert (row.certainty, row.source_url, row.checked_on) == (Certainty.TYPICAL, "", None)
    assert (row.copied_from_id, row.copied_on) == (other.id, TODAY)
    (event,) = queries.events_of(body)
    assert (event.phase_key, event.start_month, event.start_day) == (DOOR.phase_key, 3, 1)
    assert (event.certainty, event.source_url, event.checked_on) == (Certainty.TYPICAL, "", None)
    door = budget_cycle.door(queries.known_of(body).practice, 2028)
    assert (door.start, door.certainty) == (date(2027, 3, 1), Certainty.TYPICAL)


def test_what_is_guessed_of_the_other_stays_guessed(session, app):
    body, other = make_body(), make_body()
    store(other, DOOR, certainty=Certainty.GUESSED, source_url="", checked_on=None)
    assert copy(body, other).certainty is Certainty.GUESSED
    assert {event.certainty for event in queries.events_of(body)} == {Certainty.GUESSED}


def test_what_the_body_has_told_and_its_own_events_stay(session, app):
    body, other = make_body(), make_body()
    store(body, replace(DOOR, start=(2, 1), end=(2, 28)), SEMINAR, THIS_YEAR, note="Ring Eva")
    store(other, DOOR, DateRow("planeringsforutsattningar", "", (1, 15), (1, 15), -1, None))
    row = copy(body, other)
    assert (row.certainty, row.source_url, row.note) == (Certainty.PUBLISHED, SOURCE, "Ring Eva")
    found = {(one.phase_key, one.name): one for one in queries.events_of(body)}
    assert found[DOOR.phase_key, ""].start_month == 2
    assert found[DOOR.phase_key, ""].certainty is Certainty.PUBLISHED
    assert found["", "Budgetseminarium"].certainty is Certainty.PUBLISHED
    assert found["kf_budgetbeslut", ""].budget_year == 2028
    assert found["planeringsforutsattningar", ""].certainty is Certainty.TYPICAL


def test_own_dates_that_nobody_stands_behind_give_way(session, app):
    body, other = make_body(), make_body()
    early = replace(DOOR, start=(2, 1), end=(2, 28))
    store(body, early, certainty=Certainty.GUESSED, source_url="", checked_on=None)
    store(other, DOOR)
    copy(body, other)
    assert [(one.start_month, one.certainty) for one in queries.events_of(body)] == [
        (3, Certainty.TYPICAL)
    ]


def test_a_known_month_is_not_copied_over(session, app):
    body, other = make_body(), make_body()
    store(body, decision=DecisionPractice.NOVEMBER)
    store(other)
    with pytest.raises(RuleBroken, match=r"different months|olika månader"):
        copy(body, other)


def test_nothing_to_copy_a_unit_itself_and_another_kind_are_refused(session, app):
    body, other = make_body(), make_body()
    with pytest.raises(RuleBroken):
        copy(body, other)
    store(other)
    for one, two in ((body, body), (make_unit(body), other), (body, make_unit(other))):
        with pytest.raises(RuleBroken):
            copy(one, two)


def test_copied_from_goes_when_the_body_itself_has_told(session, app):
    body, other = make_body(), make_body()
    store(other, DOOR)
    copy(body, other)
    store(body, DOOR, certainty=Certainty.CONFIRMED, source_url="")
    row = queries.practice_row(body)
    assert (row.copied_from_id, row.copied_on) == (None, None)


# --- The pages ---------------------------------------------------------------------------------


def test_old_stands_beside_new_before_anything_is_saved(session, as_user):
    client, body, other = as_user(Role.ACCOUNT_MANAGER), make_body(), make_body("Förebildstad")
    store(other, DOOR)
    page = html_of(client.get(f"/budget-year/{body.id}/copy?other={other.id}"))
    assert "Som det är" in page and "24 mars 2027" in page
    assert queries.practice_row(body) is None
    answer = client.post(
        f"/budget-year/{body.id}/copy", data={"other": str(other.id), "version": "0"}
    )
    assert answer.status_code == 303
    shown = html_of(client.get(answer.location))
    assert "Kopierat från" in shown and "Förebildstad" in shown


def options_of(page):
    return set(re.findall(r'<option value="(\d+)"', page))


def test_a_body_that_decides_in_another_month_is_not_offered_but_told_of(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body("Egenstad")
    june, november = make_body("Junistad"), make_body("Novemberstad")
    store(june)
    store(november, decision=DecisionPractice.NOVEMBER)
    page = html_of(client.get(f"/budget-year/{body.id}/copy"))
    assert options_of(page) == {str(june.id), str(november.id)}, "nothing is known of it yet"
    assert "går inte att kopiera från" not in page
    store(body)
    page = html_of(client.get(f"/budget-year/{body.id}/copy"))
    assert options_of(page) == {str(june.id)}
    assert "En går inte att kopiera från" in page and "Novemberstad" in page
    session.delete(queries.practice_row(june))
    session.commit()
    page = html_of(client.get(f"/budget-year/{body.id}/copy"))
    assert options_of(page) == set()
    assert "Just nu finns inget att kopiera" in page and "Novemberstad" in page


@pytest.mark.parametrize("other", ["", "0", "999999", "abc", "{self}", "{unknown}"])
def test_a_body_that_cannot_be_copied_from_is_refused_with_a_sentence(session, as_user, other):
    client, body, unknown = as_user(Role.ACCOUNT_MANAGER), make_body(), make_body()
    asked = other.replace("{self}", str(body.id)).replace("{unknown}", str(unknown.id))
    answer = client.post(f"/budget-year/{body.id}/copy", data={"other": asked, "version": "0"})
    assert answer.status_code == 422
    assert queries.practice_row(body) is None


def test_a_stale_page_copies_nothing(session, as_user):
    client, body, other = as_user(Role.ACCOUNT_MANAGER), make_body(), make_body()
    store(other, DOOR)
    row = make_practice(body, certainty=Certainty.GUESSED, source_url="")
    stale = str(row.version - 1)
    answer = client.post(
        f"/budget-year/{body.id}/copy", data={"other": str(other.id), "version": stale}
    )
    assert answer.status_code == 409
    assert queries.events_of(body) == []


# --- A guess from the neighbours ---------------------------------------------------------------


def test_the_neighbours_are_named_and_fill_the_form_as_a_guess(session, as_user):
    client = as_user(Role.ACCOUNT_MANAGER)
    body = make_body(county_code="77")
    for name, start in (("Alköping", (2, 1)), ("Björkstad", (3, 1)), ("Cederby", (3, 15))):
        store(make_body(name, county_code="77"), replace(DOOR, start=start, end=(3, 24)))
    shown = html_of(client.get(f"/budget-year/{body.id}"))
    assert "3 av 3 kända i länet" in shown and "median av 3: Alköping, Björkstad, Cederby" in shown
    assert "v. 9" in shown
    form = html_of(client.get(f"/budget-year/{body.id}/edit?like=neighbours"))
    assert 'value="1 mars"' in form or 'value="1/3"' in form
    chosen = [one for one in re.findall(r"<input[^>]*>", form) if " checked" in one]
    assert [re.search(r'value="(\w+)"', one)[1] for one in chosen][:2] == ["june", "guessed"]
    assert queries.practice_row(body) is None


def test_a_guess_does_not_rest_on_guesses(session, as_user):
    client = as_user(Role.ACCOUNT_MANAGER)
    body = make_body(county_code="77")
    unsure = make_body("Alköping", county_code="77")
    store(unsure, certainty=Certainty.TYPICAL, source_url="", checked_on=None)
    assert "En gissning från grannarna" not in html_of(client.get(f"/budget-year/{body.id}"))


# --- Confirmed and assumed are told apart ------------------------------------------------------


@pytest.mark.parametrize(("day", "marked"), [(TODAY, False), (date(2027, 11, 23), True)])
def test_an_assumed_window_is_marked_in_lists(session, as_user, day, marked):
    body = make_body("Xylofonköping")
    store(body, DOOR)
    with time_machine.travel(day, tick=True):
        client = as_user(Role.ACCOUNT_MANAGER)
        page = html_of(client.get("/budget-year?q=Xylofon"))
        cell = re.search(r'<td data-label="Nästa fönster">(.*?)</td>', page, re.DOTALL)[1]
        assert ("certainty-typical" in cell) is marked
        shown = html_of(client.get(f"/budget-year/{body.id}"))
        line = re.search(r"<dt>Nästa fönster</dt>(.*?)</dd>", shown, re.DOTALL)[1]
        assert ("certainty-typical" in line) is marked
