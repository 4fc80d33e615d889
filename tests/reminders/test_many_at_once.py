"""Several reminders put off at once, to a day or an event, and brought back (E8)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.activities.models import Activity, ActivityKind
from crm.organisations.models import Organisation
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.reminders import ReminderKind
from crm.rules.stages import WakeEvent
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.reminders import make_reminder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DOOR = f"event:{WakeEvent.DOOR_OPENS.value}"


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def me(as_user: Any) -> Any:
    return as_user(Role.REP)


@pytest.fixture
def body(app: Any) -> Organisation:
    found = make_body("Hultsfreds kommun")
    make_practice(found, DecisionPractice.JUNE)
    return found


def stands(session: Session, *rows: Reminder) -> list[date]:
    session.expire_all()
    return [session.get_one(Reminder, row.id).show_on for row in rows]


def test_all_of_an_account_until_an_event_and_back(
    me: Any, body: Organisation, session: Session
) -> None:
    school = make_unit(body)
    one = make_reminder(school, me.user, text="Ring rektorn", kind=ReminderKind.CONTACT)
    other = make_reminder(body, None, TODAY + 9 * DAY, text="Läs planen", kind=ReminderKind.READ)
    promise = make_reminder(body, me.user, text="Skicka priset", kind=ReminderKind.DEADLINE)
    away = make_reminder(make_body(), me.user, text="Någon annanstans")
    page = me.get(f"/reminders/later?within={body.id}").text
    assert "Ring rektorn" in page and "Läs planen" in page and "Någon annanstans" not in page
    assert f'value="{one.id}" checked' in page and f'value="{promise.id}" checked' not in page
    sent = {"within": str(body.id), "r": [str(one.id), str(other.id)], "until": DOOR}
    answer = me.post("/reminders/later", data=sent)
    assert answer.status_code == 303 and f"within={body.id}" in answer.location
    days = stands(session, one, other, promise, away)
    assert days[0] == days[1] > TODAY + 30 * DAY and days[2:] == [TODAY, TODAY]
    row = session.get_one(Reminder, one.id)
    assert (row.snoozed_event, row.state) == (WakeEvent.DOOR_OPENS, ReminderState.PLANNED)
    told = sa.select(Activity).where(Activity.kind == ActivityKind.REMINDER)
    assert [line.data["number"] for line in session.scalars(told)] == [2], "one line, not two"
    follow = me.get(answer.location).text
    assert "2 påminnelser är uppskjutna" in follow
    story = me.get(f"/accounts/{body.id}/timeline").text
    assert "2 påminnelser uppskjutna tills nämnderna" in story
    undo = f"/reminders/back?r={one.id}&r={other.id}"
    assert undo.replace("&", "&amp;") in follow
    assert me.post(undo).status_code == 303
    assert stands(session, one, other) == [TODAY, TODAY + 9 * DAY]
    assert "2 påminnelser återtagna" in me.get(f"/accounts/{body.id}/timeline").text
    assert me.post(undo).status_code == 303, "pressed twice it is still undone once"
    assert len(session.scalars(told).all()) == 2


def test_they_move_along_when_the_event_gets_another_date(
    me: Any, body: Organisation, session: Session
) -> None:
    rows = [make_reminder(body, me.user, text=f"Sak {number}") for number in range(3)]
    sent = {"r": [str(row.id) for row in rows], "until": DOOR}
    assert me.post("/reminders/later", data=sent).status_code == 303
    before = stands(session, *rows)
    make_practice(body, DecisionPractice.NOVEMBER)
    session.flush()
    planning.replan([body.id], today=TODAY, now=NOW)
    after = stands(session, *rows)
    assert len(set(before)) == len(set(after)) == 1 and before != after


def test_ticked_ones_of_several_buyers_each_follow_their_own(
    me: Any, body: Organisation, session: Session
) -> None:
    other = make_body("Novemberby kommun")
    make_practice(other, DecisionPractice.NOVEMBER)
    one, two = (make_reminder(place, me.user, text="Ring") for place in (body, other))
    page = me.get(f"/reminders/later?r={one.id}&r={two.id}").text
    assert "på varje köpares egen dag" in page
    assert me.post("/reminders/later", data={"r": [one.id, two.id], "until": DOOR}).location
    days = stands(session, one, two)
    assert days[0] != days[1] and min(days) > TODAY
    shown = me.get("/reminders").text
    assert 'name="r"' not in shown, "nothing left to tick"


def test_the_inbox_has_a_box_for_each(me: Any, body: Organisation) -> None:
    row = make_reminder(body, me.user, text="Ring rektorn")
    page = me.get(f"/reminders?within={body.id}").text
    assert f'form="several" name="r" value="{row.id}"' in page
    assert f"/reminders/later?within={body.id}" in page
    assert f"/reminders/later?within={body.id}" in me.get(f"/accounts/{body.id}").text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"until": "+1v"}, "Kryssa i"),
        ({"r": "{id}"}, "Välj till när"),
        ({"r": "{id}", "day": "v. 61"}, "v. 61"),
        ({"r": "{id}", "day": "2020-01-01"}, "efter i dag"),
        ({"r": "{id}", "until": "event:nothing"}, "Välj en dag"),
    ],
)
def test_odd_input_is_said_and_changes_nothing(
    sent: dict[str, str], said: str, me: Any, body: Organisation, session: Session
) -> None:
    row = make_reminder(body, me.user, text="Ring rektorn")
    data = {name: value.replace("{id}", str(row.id)) for name, value in sent.items()}
    answer = me.post("/reminders/later", data=data | {"shown": str(row.id)})
    assert answer.status_code == 422 and said in answer.text and "Ring rektorn" in answer.text
    assert stands(session, row) == [TODAY]


def test_one_that_is_done_stops_them_all(me: Any, body: Organisation, session: Session) -> None:
    waits = make_reminder(body, me.user, text="Väntar")
    done = make_reminder(body, me.user, text="Gjord", state=ReminderState.DONE)
    answer = me.post("/reminders/later", data={"r": [waits.id, done.id], "until": "+1v"})
    assert answer.status_code == 422 and "redan" in answer.text
    assert stands(session, waits) == [TODAY]


def test_only_those_who_deal_with_reminders(as_user: Any, body: Organisation) -> None:
    viewer = as_user(Role.VIEWER)
    row = make_reminder(body, None)
    assert viewer.get(f"/reminders/later?r={row.id}").status_code == 403
    assert viewer.post("/reminders/later", data={"r": row.id, "until": "+1v"}).status_code == 403
    assert viewer.post(f"/reminders/back?r={row.id}").status_code == 403
