"""Several reminders put off at once, to a day or an event, and brought back (E8)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.activities.models import Activity, ActivityKind
from crm.budgets import queries as budgets
from crm.organisations.models import Organisation
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.reminders import ReminderKind
from crm.rules.stages import WakeEvent
from crm.web import filters
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.people import make_person
from tests.factories.reminders import NOW, TODAY, make_reminder
from tests.support.forms import post_forms

DAY = timedelta(days=1)
DOOR = f"event:{WakeEvent.DOOR_OPENS.value}"

pytestmark = pytest.mark.usefixtures("monday")


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
    sent = {"within": str(body.id), "r": [str(one.id), str(other.id)], "event": DOOR}
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
    sent = {"r": [str(row.id) for row in rows], "event": DOOR}
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
    assert me.post("/reminders/later", data={"r": [one.id, two.id], "event": DOOR}).location
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
        ({"event": "weeks:1"}, "Kryssa i"),
        ({"r": "{id}"}, "Välj till när"),
        ({"r": "{id}", "event": "day"}, "Skriv dagen"),
        ({"r": "{id}", "until": "v. 61"}, "v. 61"),
        ({"r": "{id}", "until": "2020-01-01"}, "efter i dag"),
        ({"r": "{id}", "until": "9999-12-31"}, "mellan 1990 och 2100"),
        ({"r": "{id}", "event": "event:nothing"}, "Välj en annan händelse"),
        ({"r": "{id}", "event": DOOR, "until": "v. 50"}, "men ”Tills nämnderna"),
    ],
)
@pytest.mark.parametrize("step", ["look", "save"])
def test_odd_input_is_said_and_changes_nothing(
    step: str, sent: dict[str, str], said: str, me: Any, body: Organisation, session: Session
) -> None:
    row = make_reminder(body, me.user, text="Ring rektorn")
    data = {name: value.replace("{id}", str(row.id)) for name, value in sent.items()}
    data |= {"shown": str(row.id)}
    answer = (
        me.get("/reminders/later/days", query_string=data)
        if step == "look"
        else me.post("/reminders/later", data=data)
    )
    assert answer.status_code == 422 and said in answer.text and "Ring rektorn" in answer.text
    assert f'value="{sent.get("until", "")}"' in answer.text
    if "until" in sent and "event" in sent:
        assert re.search(f'<input checked [^>]*value="{DOOR}"', answer.text)
    assert stands(session, row) == [TODAY]


def test_a_year_is_named_only_when_it_is_that_of_every_buyer(
    as_user: Any, body: Organisation
) -> None:
    """In the autumn of 2027 one council has decided for 2028 already, and the other has not."""
    decided = f"event:{WakeEvent.COUNCIL_DECIDED.value}"
    later = make_body("Novemberby kommun")
    make_practice(later, DecisionPractice.NOVEMBER)
    with time_machine.travel(datetime(2027, 9, 6, 9, tzinfo=UTC), tick=False):
        me = as_user(Role.REP)
        one, two = (make_reminder(place, me.user, text="Ring") for place in (body, later))
        alone = me.get(f"/reminders/later?r={two.id}").text
        assert "Tills fullmäktige har beslutat om budgeten för 2028" in alone
        both = f"r={one.id}&r={two.id}"
        page = me.get(f"/reminders/later?{both}").text
        assert "Till varje köpares nästa budgetbeslut (på varje köpares egen dag)" in page
        assert "budgeten för 20" not in page
        look = me.get(f"/reminders/later/days?{both}&event={decided}").text
        days = [resolved(place, date(2027, 9, 6)) for place in (body, later)]
        assert [day.year for day in days] == [2028, 2027]
        assert all(f"<strong>{filters.day_long(day)}</strong>" in look for day in days)


def resolved(place: Organisation, today: date) -> date:
    when = dict(budgets.wake_dates(place, today))[WakeEvent.COUNCIL_DECIDED]
    return when.day


def test_the_look_shows_each_day_and_leaves_out_what_would_come_too_late(
    me: Any, body: Organisation, school: Organisation, session: Session
) -> None:
    christmas = date(2026, 12, 24)
    asks = make_reminder(school, me.user, text="Ring rektorn", kind=ReminderKind.CONTACT)
    late = make_reminder(body, me.user, text="Läs planen", closes_on=date(2026, 12, 11))
    sent = f"r={asks.id}&r={late.id}&shown={asks.id}&shown={late.id}&until={christmas}"
    look = me.get(f"/reminders/later/days?{sent}").text
    assert look.count("<strong>torsdag 24 december 2026</strong>") == 2
    begins = "Dagen infaller under: "
    assert f"{begins}Jullov, Jul- och nyårsuppehåll. Nästa lämpliga dag är onsdag 13" in look
    assert f"{begins}Julafton. Nästa lämpliga dag är måndag 28 december 2026." in look
    assert "En skulle komma tillbaka efter den sista dagen" in look
    assert "Det är efter 11 dec. 2026" in look
    assert f'value="{asks.id}" checked' in look and f'value="{late.id}" checked' not in look
    assert stands(session, asks, late) == [TODAY, TODAY], "nothing is saved by looking"
    (form,) = [one for one in post_forms(look) if one.action == "/reminders/later"]
    assert me.post(form.action, data=form.sent(r=str(asks.id))).status_code == 303
    assert stands(session, asks, late) == [christmas, TODAY]


def test_what_comes_later_anyway_is_never_pulled_earlier(
    me: Any, body: Organisation, session: Session
) -> None:
    now = make_reminder(body, me.user, text="Läs planen")
    later = make_reminder(body, me.user, TODAY + 300 * DAY, text="Läs nästa plan")
    chosen = TODAY + 100 * DAY
    look = me.get(f"/reminders/later/days?r={now.id}&r={later.id}&until={chosen}").text
    assert f'value="{now.id}" checked' in look and f'value="{later.id}" disabled' in look
    assert "En kommer ändå senare" in look and "Kommer ändå senare, 19 sep. 2027" in look
    both = {"r": [str(now.id), str(later.id)], "until": chosen.isoformat()}
    answer = me.post("/reminders/later", data=both)
    assert stands(session, now, later) == [chosen, TODAY + 300 * DAY]
    assert "En påminnelse är uppskjuten" in me.get(answer.location).text
    refused = me.post("/reminders/later", data=both | {"r": str(later.id)})
    assert refused.status_code == 422 and "De kommer ändå senare än så" in refused.text


def test_contacts_of_one_case_or_person_do_not_come_back_all_at_once(
    me: Any, body: Organisation, session: Session
) -> None:
    """One question at a time in a case, six weeks between contacts with one person, as planned."""
    case, other = make_case(body), make_case(body)
    person = make_person(organisation=body)

    def contact(ahead: int, **facts: Any) -> Reminder:
        kind = ReminderKind.CONTACT
        return make_reminder(body, me.user, TODAY + ahead * DAY, kind=kind, **facts)

    rows = [
        contact(0, case=case, person_id=person.id, text="Fråga"),
        contact(30, case=case, text="Följ upp"),
        contact(60, case=other, person_id=person.id, text="Annat"),
        make_reminder(body, me.user, TODAY, case=case, text="Läs"),
    ]
    session.flush()
    ticked = "&".join(f"r={row.id}" for row in rows)
    look = me.get(f"/reminders/later/days?{ticked}&event={DOOR}").text
    assert look.count("då en annan kontakt kommer") == 2
    all_of_them = [str(row.id) for row in rows]
    sent = {"r": all_of_them, "shown": all_of_them, "event": DOOR}
    assert me.post("/reminders/later", data=sent).status_code == 303
    first, same_case, same_person, read = stands(session, *rows)
    assert first == read > TODAY + 60 * DAY
    assert same_case >= first + 21 * DAY and same_person >= first + 42 * DAY
    events = [session.get_one(Reminder, row.id).snoozed_event for row in rows]
    assert events == [WakeEvent.DOOR_OPENS, None, None, WakeEvent.DOOR_OPENS]
    for row, day in zip(rows, (first, same_case, same_person, read), strict=True):
        assert filters.day_long(day) in look, row.params


def test_looking_and_saving_cost_the_same_for_one_and_for_many(
    me: Any, count_queries: Any, session: Session
) -> None:
    numbers = []
    for _number in range(12):
        place = make_body()
        make_practice(place)
        numbers.append(make_reminder(make_unit(place), me.user, kind=ReminderKind.CONTACT).id)
    session.flush()
    counted = []
    for some in (numbers[:2], numbers):
        ticked = "&".join(f"r={number}" for number in some)
        with count_queries() as found:
            assert me.get(f"/reminders/later/days?{ticked}&event=weeks:4").status_code == 200
        counted.append(found.number)
    assert counted[0] == counted[1] <= 12


def test_nothing_named_is_nothing_to_put_off(me: Any, body: Organisation) -> None:
    for odd in ("", "?r=x&event=weeks:1", f"?within={body.id}", "?r=999999&shown=0"):
        answer = me.get(f"/reminders/later/days{odd}")
        assert answer.status_code == 200 and "Ingen påminnelse väntar här" in answer.text
    assert me.get("/reminders/later/days?within=99999999").status_code == 404


def test_one_that_is_done_stops_them_all(me: Any, body: Organisation, session: Session) -> None:
    waits = make_reminder(body, me.user, text="Väntar")
    done = make_reminder(body, me.user, text="Gjord", state=ReminderState.DONE)
    look = me.get(f"/reminders/later/days?r={waits.id}&r={done.id}&event=weeks:1").text
    assert "Väntar" in look and "Gjord" not in look
    answer = me.post("/reminders/later", data={"r": [waits.id, done.id], "event": "weeks:1"})
    assert answer.status_code == 422 and "redan" in answer.text
    assert stands(session, waits) == [TODAY]


def test_only_those_who_deal_with_reminders(as_user: Any, body: Organisation) -> None:
    viewer = as_user(Role.VIEWER)
    row = make_reminder(body, None)
    assert viewer.get(f"/reminders/later?r={row.id}").status_code == 403
    assert viewer.get(f"/reminders/later/days?r={row.id}").status_code == 403
    assert (
        viewer.post("/reminders/later", data={"r": row.id, "event": "weeks:1"}).status_code == 403
    )
    assert viewer.post(f"/reminders/back?r={row.id}").status_code == 403
