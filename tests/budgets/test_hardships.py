"""What a year can do to a calendar: a turn of the year, 29 February, a body that closes or moves.

Nothing is lost, and it is said what happened.
"""

from datetime import date

import pytest
import time_machine

from crm.budgets import operations, queries
from crm.budgets.drafts import Calendar, DateRow, Ground
from crm.core import pending
from crm.organisations import operations as organisations
from crm.reminders import planning
from crm.reminders import queries as reminders
from crm.reminders.models import Reminder
from crm.rules import budget_cycle
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from tests.factories.budgets import NOW, SOURCE, TODAY, make_body, make_practice, make_unit, typed
from tests.factories.cases import make_case

DOOR = "namndens_budgetunderlag"


@pytest.fixture(autouse=True)
def monday_in_november():
    with time_machine.travel(NOW, tick=True):
        yield


def store(body, *rows):
    calendar = Calendar(DecisionPractice.JUNE, Certainty.PUBLISHED, SOURCE, TODAY, rows)
    return operations.set_calendar(body, calendar, by=None, now=NOW)


def door(body, year):
    found = budget_cycle.door(queries.known_of(body).practice, year)
    return found.start, found.end


# --- A turn of the year ------------------------------------------------------------------------


def test_a_date_moved_over_the_new_year_keeps_its_budget_year_and_says_so(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    row = store(body, DateRow(DOOR, "", (1, 12), (2, 12), -1, None))
    assert door(body, 2028) == (date(2027, 1, 12), date(2027, 2, 12))
    answer = client.post(
        f"/budget-year/{body.id}/edit",
        data=typed(
            version=str(row.version),
            start_namndens_budgetunderlag="14/12",
            end_namndens_budgetunderlag="5/2",
        ),
    )
    assert answer.status_code == 303
    assert door(body, 2028) == (date(2026, 12, 14), date(2027, 2, 5))
    told = client.get(answer.location).get_data(as_text=True)
    assert "budget 2028 börjar nu i december 2026" in told


def test_its_reminder_moves_along_and_tells_from_where(session, app):
    body = make_body()
    store(body, DateRow(DOOR, "", (3, 15), (4, 15), -1, None))
    case = make_case(make_unit(body))
    planning.replan([body.id], today=TODAY, now=NOW)
    row = session.query(Reminder).filter_by(case_id=case.id, rule_key="R2").first()
    before = row.due_on
    assert before.year == 2027
    store(body, DateRow(DOOR, "", (1, 25), (2, 26), -1, None))
    planning.replan_marked(pending.waiting_for_planning(), today=TODAY, now=NOW)
    session.refresh(row)
    assert row.due_on.year == 2026
    (said,) = reminders.moves_of(row)
    assert (said.before, said.after, said.why) == (before, row.show_on, "calendar_changed")


# --- 29 February -------------------------------------------------------------------------------


def test_29_february_is_kept_and_is_the_28th_in_other_years(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    client.post(
        f"/budget-year/{body.id}/edit",
        data=typed(
            start_namndens_budgetunderlag="1/2",
            end_namndens_budgetunderlag="29/2",
            own_0_what="Budgetdag",
            own_0_start="29/2",
            own_0_year="-1",
        ),
    )
    assert door(body, 2029) == (date(2028, 2, 1), date(2028, 2, 29))
    assert door(body, 2028) == (date(2027, 2, 1), date(2027, 2, 28))
    known = queries.known_of(body)
    days = {
        year: next(one.start for one in known.phases(year) if one.key.startswith("own_"))
        for year in (2028, 2029)
    }
    assert days == {2028: date(2027, 2, 28), 2029: date(2028, 2, 29)}
    form = client.get(f"/budget-year/{body.id}/edit").get_data(as_text=True)
    assert 'value="februari"' in form.split('name="start_namndens_budgetunderlag"')[1].split(">")[0]
    assert "29" in form.split('name="own_0_start"')[1].split(">")[0]


# --- A body that closes ------------------------------------------------------------------------


def close(body):
    organisations.close(body, on=TODAY, by=None, today=TODAY, now=NOW)


def test_a_closed_body_keeps_its_calendar_and_is_asked_about_no_more(session, as_user):
    client = as_user(Role.ACCOUNT_MANAGER)
    body, other = make_body("Nedlagda kommunen", county_code="66"), make_body(county_code="66")
    store(body, DateRow(DOOR, "", (3, 1), (3, 24), -1, None))
    ground = Ground(Certainty.CONFIRMED, "", TODAY)
    operations.add_meetings(body, [date(2027, 2, 22)], ground, by=None, now=NOW)
    close(body)
    session.flush()
    assert door(body, 2028) == (date(2027, 3, 1), date(2027, 3, 24))
    assert len(queries.council_meetings(body)) == 1
    assert queries.models_for(other) == []
    assert queries.neighbours_of(other) == []
    assert "Nedlagda kommunen" not in client.get("/budget-year?q=Nedlagda").get_data(as_text=True)
    page = client.get(f"/budget-year/{body.id}")
    assert "finns inte längre" in page.get_data(as_text=True)
    assert pending.waiting_for_planning().why[body.id] == "organisation_closed"


def test_opened_again_it_is_as_it_was(session, app):
    body, other = make_body(county_code="66"), make_body(county_code="66")
    store(body)
    close(body)
    organisations.reopen(body, by=None, now=NOW)
    session.flush()
    assert [one.organisation_id for one in queries.models_for(other)] == [body.id]


# --- A unit that goes to another body, as when bodies merge ------------------------------------


def test_a_unit_that_changes_body_keeps_its_own_dates_and_follows_the_new_one(session, app):
    old, new = make_body(), make_body()
    store(old, DateRow(DOOR, "", (2, 1), (2, 28), -1, None))
    make_practice(new, DecisionPractice.NOVEMBER)
    unit = make_unit(old)
    own = DateRow("", "Enhetens budgetdag", (5, 4), (5, 4), -1, None)
    operations.set_calendar(
        make_unit(unit, "Avdelningen"),
        Calendar(DecisionPractice.JUNE, Certainty.CONFIRMED, "", TODAY, (own,)),
        by=None,
        now=NOW,
    )
    organisations.move(unit, new, by=None, now=NOW)
    session.flush()
    unit = session.get_one(type(unit), unit.id)
    assert queries.known_of(unit).practice.decision is DecisionPractice.NOVEMBER
    below = session.query(type(unit)).filter_by(name="Avdelningen").one()
    assert queries.known_of(below).practice.decision is DecisionPractice.JUNE
    assert "Enhetens budgetdag" in {one.name_sv for one in queries.known_of(below).phases(2028)}
    assert {old.id, new.id} <= set(pending.waiting_for_planning().why)


def test_whose_calendar_was_copied_may_close(session, app):
    body, other = make_body(), make_body("Förebilden")
    store(other, DateRow(DOOR, "", (3, 1), (3, 24), -1, None))
    operations.copy_calendar(body, other, by=None, now=NOW, today=TODAY)
    close(other)
    session.flush()
    assert door(body, 2028) == (date(2027, 3, 1), date(2027, 3, 24))
    assert queries.known_of(body).row.copied_from.title == "Förebilden"
