"""A new round: last year's dates are assumed, are said to be the same, or are changed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
import time_machine

from crm.activities.models import Activity, ActivityKind
from crm.budgets import jobs, operations, queries
from crm.budgets.drafts import Calendar, DateRow
from crm.budgets.models import BudgetConfirmation
from crm.core.pending import waiting_for_planning
from crm.rules import budget_cycle
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from tests.factories.budgets import NOW, SOURCE, TODAY, make_body, make_unit, typed

NEXT = datetime(2027, 10, 4, 8, 0, tzinfo=UTC)  # a Monday in the round of budget 2029
YEAR = 2029
DOOR = DateRow("namndens_budgetunderlag", "", (3, 1), (3, 24), -1, None)
SEMINAR = DateRow("", "Budgetseminarium", (1, 20), (1, 20), -1, None)


@pytest.fixture(autouse=True)
def next_october():
    with time_machine.travel(NEXT, tick=True):
        yield


def store(body, *rows, **values):
    facts = {
        "decision": DecisionPractice.JUNE,
        "certainty": Certainty.PUBLISHED,
        "source_url": SOURCE,
        "checked_on": TODAY,
    } | values
    return operations.set_calendar(body, Calendar(rows=rows, **facts), by=None, now=NOW)


def certainty_of(body, year=YEAR):
    practice = queries.known_of(body).practice
    return (
        budget_cycle.decision(practice, year).certainty,
        budget_cycle.door(practice, year).certainty,
    )


def to_look_at():
    return [row.organisation.id for row in queries.to_confirm(YEAR).rows]


def html_of(response):
    return response.get_data(as_text=True)


# --- The clock ---------------------------------------------------------------------------------


def test_the_clock_lists_each_once_and_tells_the_account(session, app):
    body, fresh, guessed, unit = make_body(), make_body(), make_body(), make_unit(make_body())
    store(body, DOOR, SEMINAR)
    store(fresh, checked_on=NEXT.date())
    store(guessed, certainty=Certainty.GUESSED, source_url="", checked_on=None)
    store(unit, DOOR)
    session.commit()
    assert jobs.roll_forward(NEXT) == 2
    assert jobs.roll_forward(NEXT) == 0
    assert sorted(to_look_at()) == [body.id, unit.id]
    told = session.scalars(
        sa.select(Activity.data).where(
            Activity.organisation_id == body.id, Activity.kind == ActivityKind.CALENDAR
        )
    ).all()
    assert {one.get("assumed_for") for one in told} == {None, YEAR}
    assert body.id in waiting_for_planning().why


def test_before_the_round_nothing_is_due(session, app):
    store(make_body(), DOOR)
    session.commit()
    assert jobs.roll_forward(datetime(2027, 9, 30, 8, 0, tzinfo=UTC)) == 0


def test_a_round_that_nobody_answered_gives_way_to_the_next(session, app):
    body = make_body()
    store(body, DOOR)
    session.commit()
    jobs.roll_forward(NEXT)
    jobs.roll_forward(datetime(2028, 10, 2, 8, 0, tzinfo=UTC))
    assert session.scalars(sa.select(BudgetConfirmation.budget_year)).all() == [YEAR + 1]


def test_what_was_closed_is_not_asked_about(session, app):
    body = make_body()
    store(body, DOOR)
    session.commit()
    jobs.roll_forward(NEXT)
    body.closed_on = date(2027, 10, 1)
    session.flush()
    assert to_look_at() == []
    assert queries.number_to_confirm(YEAR) == 0


# --- Still the same ----------------------------------------------------------------------------


def test_still_the_same_makes_the_dates_sure_again_and_undo_assumed(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    store(body, DOOR, SEMINAR)
    operations.roll_forward(body.id, YEAR, now=NEXT)
    session.commit()
    assert certainty_of(body) == (Certainty.TYPICAL, Certainty.TYPICAL)
    page = html_of(client.get("/budget-year/to-confirm"))
    assert body.title in page and "24 mars 2028" in page and "Budgetseminarium" in page

    answer = client.post("/budget-year/to-confirm", data={"year": YEAR, "only": body.id})
    assert answer.status_code == 303
    assert certainty_of(body) == (Certainty.PUBLISHED, Certainty.PUBLISHED)
    assert certainty_of(body, YEAR + 1) == (Certainty.TYPICAL, Certainty.TYPICAL)
    seminar = [one for one in queries.known_of(body).phases(YEAR) if one.key.startswith("own_")]
    assert seminar[0].certainty is Certainty.PUBLISHED
    assert to_look_at() == []

    undo = f"/budget-year/to-confirm/undo?year={YEAR}&amp;ids={body.id}"
    assert undo in html_of(client.get(answer.location))
    client.post(undo.replace("&amp;", "&"))
    assert certainty_of(body) == (Certainty.TYPICAL, Certainty.TYPICAL)
    assert to_look_at() == [body.id]


def test_many_at_once_twice_and_what_is_not_waiting(session, as_user):
    client = as_user(Role.ACCOUNT_MANAGER)
    bodies = [make_body() for _ in range(3)]
    for body in bodies:
        store(body, DOOR)
        operations.roll_forward(body.id, YEAR, now=NEXT)
    other = make_body()
    session.commit()
    ids = [str(body.id) for body in bodies[:2]]
    for _ in range(2):
        answer = client.post("/budget-year/to-confirm", data={"year": YEAR, "ids": ids})
        assert answer.status_code == 303
    assert to_look_at() == [bodies[2].id]
    client.post(
        "/budget-year/to-confirm", data={"year": YEAR, "ids": [other.id, "x", "²", "9" * 30]}
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(BudgetConfirmation)) == 3


def test_nothing_ticked_is_told(session, as_user):
    client = as_user(Role.ACCOUNT_MANAGER)
    answer = client.post("/budget-year/to-confirm", data={"year": YEAR})
    assert answer.status_code == 422
    assert "Kryssa för dem" in html_of(answer)


# --- Changed -----------------------------------------------------------------------------------


def test_changed_dates_leave_the_list_by_themselves(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    row = store(body, DOOR)
    operations.roll_forward(body.id, YEAR, now=NEXT)
    session.commit()
    form = html_of(client.get(f"/budget-year/{body.id}/edit?again=1"))
    assert 'value="2027-10-04"' in form
    answer = client.post(
        f"/budget-year/{body.id}/edit",
        data=typed(
            version=str(row.version),
            checked_on="2027-10-04",
            start_namndens_budgetunderlag="8/3",
            end_namndens_budgetunderlag="31/3",
        ),
    )
    assert answer.status_code == 303
    assert to_look_at() == []
    assert certainty_of(body) == (Certainty.PUBLISHED, Certainty.PUBLISHED)


def test_a_date_for_one_year_does_not_age(session, app):
    body = make_body()
    store(body, replace(DOOR, budget_year=YEAR), certainty=Certainty.CONFIRMED)
    assert certainty_of(body)[1] is Certainty.CONFIRMED


def test_the_page_costs_no_more_for_more_rows(session, as_user, count_queries):
    client = as_user(Role.ACCOUNT_MANAGER)

    def cost():
        with count_queries() as counted:
            assert client.get("/budget-year/to-confirm").status_code == 200
        return counted.number

    numbers = []
    for many in (2, 20):
        for _ in range(many):
            body = make_body()
            store(body, DOOR)
            operations.roll_forward(body.id, YEAR, now=NEXT)
        session.commit()
        numbers.append(cost())
    assert numbers[0] == numbers[1] <= 12
