"""What changed while a case waited: on its page, and beside the reminder that wakes it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.activities.models import ActivityKind
from crm.budgets import queries as budgets
from crm.cases import meanwhile, operations, queries
from crm.cases.models import Case
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Post
from crm.reminders import planning
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.stages import WaitReason
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.budgets import make_unit
from tests.factories.cases import make_case
from tests.factories.people import make_person

BEGAN = date(2027, 5, 3)
NOW = datetime(2027, 7, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def july() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(school: Organisation) -> Case:
    """It has waited since May, for the first of July."""
    began = datetime(2027, 5, 3, 9, 0, tzinfo=UTC)
    anna = make_person("Anna", "Berg", school, today=BEGAN, now=began)
    found = make_case(
        school, "Läsverktyg", owner=make_user(), champion=anna, opened_on=date(2027, 1, 4)
    )
    make_activity(school, now=began - timedelta(days=30), text="Långt före väntan")
    operations.put_to_wait(
        found,
        WaitReason.NO_BUDGET,
        until=date(2027, 7, 1),
        by=None,
        today=BEGAN,
        now=began,
    )
    return found


def later(days: int) -> datetime:
    return datetime(2027, 5, 3, 12, 0, tzinfo=UTC) + timedelta(days=days)


def test_the_case_and_its_waking_reminder_tell_what_has_changed(
    case: Case, body: Organisation, as_user: Any, session: Session
) -> None:
    make_activity(body, ActivityKind.CALL, now=later(10), text="Ringde om skolornas plan")
    make_activity(body, ActivityKind.INQUIRY, now=later(12), text="En rektor hörde av sig")
    make_activity(
        body,
        ActivityKind.CALENDAR,
        now=later(14),
        text="",
        event="calendar_changed",
        pause="freeze",
        start="2027-06-01",
    )
    post = session.scalars(sa.select(Post)).one()
    with time_machine.travel(later(20), tick=False):
        people.end_post(post, on=later(20).date(), by=None, today=later(20).date(), now=later(20))
    session.flush()
    planning.replan([body.id], today=NOW.date(), now=NOW)
    wakes = session.scalars(sa.select(Reminder).where(Reminder.rule_key == "WAKE")).one()
    me = as_user(Role.REP)
    for address in (f"/cases/{case.id}", f"/reminders/{wakes.id}"):
        page = me.get(address).text
        told = page.split('id="meanwhile-head"')[1].split("</section>")[0]
        assert "Det här har hänt sedan" in told, address
        for words in ("Ringde om skolornas plan", "En rektor", "Inköpsstopp", "budget 2028"):
            assert words in told, (address, words)
        assert "Anna Berg" in told
        assert "Långt före" not in told


def test_what_the_wait_itself_noted_is_no_news(case: Case, session: Session) -> None:
    found = told_of(case, NOW.date())
    assert found is not None
    assert all(line.data.get("event") != "case_waiting" for line in found.lines)


def test_only_while_it_waits_and_shortly_after(case: Case) -> None:
    woken = date(2027, 6, 1)
    operations.wake(case, by=None, today=woken, now=NOW)
    assert told_of(case, woken + timedelta(days=14)) is not None
    assert told_of(case, woken + timedelta(days=15)) is None


def test_a_case_that_never_waited_has_nothing_to_catch_up_on(body: Organisation) -> None:
    assert told_of(make_case(make_unit(body)), NOW.date()) is None


def test_the_decisions_of_the_wait_and_no_others(case: Case, body: Organisation) -> None:
    practice = budgets.practice_of(body)
    years = [phase.budget_year for phase in meanwhile.decided(practice, BEGAN, NOW.date())]
    assert years == [2028]
    assert meanwhile.decided(practice, NOW.date(), NOW.date()) == ()


def told_of(case: Case, today: date) -> meanwhile.Meanwhile | None:
    found = queries.get(case.id)
    practice = budgets.practice_of(found.body)
    return meanwhile.of(found, queries.waits(found), practice, found.body, today)
