"""A body that ends: nothing under way is lost, and it is said what becomes of it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.cases import operations as cases
from crm.core import clock
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations import jobs, operations
from crm.organisations.models import Organisation
from crm.reminders import queries
from crm.reminders.models import Reminder, ReminderState
from crm.reminders.queries import Told
from crm.rules.access import Role
from crm.rules.stages import CaseState, WaitReason
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.reminders import make_reminder
from tests.support.sessions import user_with


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        yield


class Ending:
    """Målilla, with an open case, one that waits, a closed one and a reminder by hand."""

    def __init__(self) -> None:
        now, today = clock.now(), clock.today()
        self.anna = make_user(name="Anna Alm", language="en")
        self.body = make_municipality("Målilla")
        self.school = make_unit(self.body, "Venhagskolan")
        self.successor = make_municipality("Hultsfred")
        self.open = make_case(self.school, "Läsverktyg", owner=self.anna)
        self.waiting = make_case(self.body, "Matematik")
        cases.put_to_wait(
            self.waiting,
            WaitReason.NO_BUDGET,
            until=today + timedelta(days=90),
            by=self.anna,
            today=today,
            now=now,
        )
        self.reminder = make_reminder(self.school, self.anna, today)
        db.session.flush()

    def close(self, on: date | None = None, successor: Organisation | None = None) -> None:
        day = clock.today()
        operations.close(
            self.body, on=on or day, successor=successor, by=None, today=day, now=clock.now()
        )

    def tasks(self) -> list[Reminder]:
        key = Reminder.key.startswith("own:closed-")
        return list(db.session.scalars(sa.select(Reminder).where(key).order_by(Reminder.case_id)))


@pytest.fixture
def ending(app: Any) -> Ending:
    return Ending()


def test_cases_stay_and_each_gets_a_task_for_who_has_it(ending: Ending) -> None:
    ending.close(successor=ending.successor)
    assert (ending.open.state, ending.waiting.state) == (CaseState.OPEN, CaseState.WAITING)
    first, second = ending.tasks()
    assert (first.case_id, first.user_id, first.state) == (
        ending.open.id,
        ending.anna.id,
        ReminderState.DUE,
    )
    assert first.params["text"].startswith("Venhagskolan ended on 23 November 2026")
    assert (second.case_id, second.user_id) == (ending.waiting.id, None)
    assert second.params["text"].startswith("Målilla upphörde den 23 november 2026")
    for row in queries.some([first.id, second.id]):
        read = Told(row, "en", clock.today())
        assert " ended on 23 November 2026 – move the case" in read.title
        assert read.why.startswith("The account has had its last day")
        read = Told(row, "sv", clock.today())
        assert " upphörde den 23 november 2026 – flytta ärendet" in read.title
        assert read.why.startswith("Kontot har haft sin sista dag")
    first.params = {**first.params, "text": "Ring Anna"}
    assert Told(first, "en", clock.today()).title == "Ring Anna"
    db.session.refresh(ending.reminder)
    assert ending.reminder.state is ReminderState.PLANNED
    assert ending.body.successor_id == ending.successor.id


def test_closing_by_the_clock_asks_the_same(ending: Ending) -> None:
    ending.close(on=date(2026, 11, 30), successor=ending.successor)
    assert ending.tasks() == []
    db.session.commit()
    with time_machine.travel("2026-12-01T05:00:00Z", tick=False):
        assert jobs.close_those_due(clock.now()) == 1
    assert len(ending.tasks()) == 2


def test_opened_again_the_question_goes_and_closed_again_it_comes_back_once(
    ending: Ending,
) -> None:
    ending.close()
    for node in (ending.body, ending.school):
        operations.reopen(node, by=None, now=clock.now())
    assert {task.state for task in ending.tasks()} == {ReminderState.WITHDRAWN}
    ending.close()
    assert [task.state for task in ending.tasks()] == [ReminderState.DUE] * 2


def test_a_successor_that_ends_as_well_is_refused(ending: Ending) -> None:
    with pytest.raises(RuleBroken, match="samtidigt"):
        ending.close(successor=ending.school)
    operations.close(
        ending.successor, on=clock.today(), by=None, today=clock.today(), now=clock.now()
    )
    with pytest.raises(RuleBroken, match="upphört"):
        ending.close(successor=ending.successor)


def test_the_pages_say_what_happens(ending: Ending, as_user: Any) -> None:
    db.session.commit()
    client = as_user(user_with(Role.REP))
    said = client.get(f"/accounts/{ending.body.id}/close").get_data(as_text=True)
    for words in ("Ett ärende förblir öppet", "Ett ärende väntar vidare", "En påminnelse står"):
        assert words in said
    ending.close(successor=ending.successor)
    db.session.commit()
    case = client.get(f"/cases/{ending.waiting.id}").get_data(as_text=True)
    assert "Målilla upphörde" in case
    there = f"/merging/organisations/{ending.successor.id}/{ending.body.id}"
    assert there in case
    page = client.get(f"/accounts/{ending.body.id}").get_data(as_text=True)
    assert "2 ärenden pågår fortfarande" in page and there in page
    preview = client.get(there).get_data(as_text=True)
    assert re.search(r'<input checked[^>]*value="taken_over"', preview)
