"""Where a reminder lands that is put off: the weeks that are offered, and a day as it is typed (E8)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from crm.budgets.models import PauseKind
from crm.organisations.models import Organisation
from crm.reminders.models import Reminder
from crm.reminders.snoozing import SOON, Snoozing
from crm.rules.access import Role
from crm.rules.calendar import is_office_day
from crm.rules.quiet import office_day_from
from crm.rules.reminders import ReminderKind
from tests.factories.budgets import make_body, make_pause, make_unit
from tests.factories.reminders import make_reminder

DAY = timedelta(days=1)
SUNDAY = date(2026, 11, 29)
BEFORE_CHRISTMAS = date(2026, 12, 17)


def landed(row: Reminder, value: str, today: date) -> date:
    return Snoozing([row], today).landing(row, value).day


def weeks(row: Reminder, today: date) -> list[tuple[str, str]]:
    """The weeks that are offered: what is sent, and the day on the button."""
    return [(one, day) for one, _words, day in Snoozing([row], today).choices(row) if one in SOON]


def test_no_preset_lands_on_a_day_off_or_in_a_quiet_period_all_year_round(
    app: Any, school: Organisation
) -> None:
    asks = make_reminder(school, kind=ReminderKind.CONTACT)
    task = make_reminder(school, kind=ReminderKind.TASK)
    for number in range(0, 366, 3):
        today = SUNDAY + number * DAY
        snoozing = Snoozing([asks, task], today)
        for value, ahead in SOON.items():
            contact, work = (snoozing.landing(row, value) for row in (asks, task))
            assert is_office_day(contact.day) and is_office_day(work.day), today
            assert not snoozing.landing(asks, contact.day.isoformat()).closed, today
            assert today + ahead <= work.day <= contact.day, today
            assert work.day - today - ahead <= 5 * DAY, "past Christmas, and no further"


def test_the_button_says_the_day_and_what_it_was_moved_past(app: Any, school: Organisation) -> None:
    asks = make_reminder(school, kind=ReminderKind.CONTACT)
    task = make_reminder(school, kind=ReminderKind.TASK)
    with app.test_request_context():
        assert weeks(task, SUNDAY) == [
            ("weeks:1", "måndag 7 december 2026"),
            ("weeks:4", "måndag 28 december 2026"),
        ]
        assert weeks(task, BEFORE_CHRISTMAS)[0] == (
            "weeks:1",
            "måndag 28 december 2026, flyttat förbi: Julafton, Juldagen, Annandag jul",
        )
        (only,) = weeks(asks, BEFORE_CHRISTMAS)[:1]
        assert only[1].startswith("onsdag 13 januari 2027, flyttat förbi: Jullov, ")


def test_two_presets_that_land_on_the_same_day_are_one(app: Any, school: Organisation) -> None:
    make_pause(school, SUNDAY, date(2027, 5, 2), PauseKind.QUIET, note="Flytten")
    asks = make_reminder(school, kind=ReminderKind.CONTACT)
    assert [value for value, _day in weeks(asks, SUNDAY)] == ["weeks:1"]
    assert landed(asks, "weeks:4", SUNDAY) == date(2027, 5, 3)


def test_a_freeze_without_an_end_does_not_send_a_reminder_away(
    app: Any, body: Organisation
) -> None:
    make_pause(body, SUNDAY)
    asks = make_reminder(body, kind=ReminderKind.CONTACT)
    assert landed(asks, "weeks:1", SUNDAY) == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("kind", "typed", "remark"),
    [
        (ReminderKind.TASK, "2026-12-04", ""),
        (
            ReminderKind.TASK,
            "2026-12-06",
            "infaller under: Helg. Nästa lämpliga dag är måndag 7 december 2026.",
        ),
        (ReminderKind.TASK, "2027-02-23", ""),
        (
            ReminderKind.CONTACT,
            "2027-02-23",
            "infaller under: Sportlov (v. 8). Nästa lämpliga dag är måndag 1 mars 2027.",
        ),
    ],
)
def test_a_typed_day_is_taken_as_it_is_with_a_calm_remark(
    monday: None,
    as_user: Any,
    app: Any,
    kind: ReminderKind,
    typed: str,
    remark: str,
) -> None:
    me = as_user(Role.REP)
    school = make_unit(make_body(county_code="08", county_name="Kalmar län"))
    row = make_reminder(school, me.user, kind=kind)
    answer = me.post(f"/reminders/{row.id}/snooze", data={"until": typed})
    assert answer.status_code == 303
    page = me.get(answer.location).text
    assert row.show_on.isoformat() == typed
    assert remark in page and ("infaller under" in page) == bool(remark)


def test_what_the_page_offers_is_what_is_kept(as_user: Any, body: Organisation) -> None:
    with time_machine.travel(datetime(2026, 12, 17, 9, tzinfo=UTC), tick=False):
        me = as_user(Role.REP)
        row = make_reminder(body, me.user)
        menu = me.get(f"/reminders/{row.id}").text
        assert "Om en vecka" in menu and "måndag 28 december 2026" in menu
        assert me.post(f"/reminders/{row.id}/snooze", data={"until": "weeks:1"}).status_code == 303
        assert row.show_on == date(2026, 12, 28) and row.snoozed_event is None


def test_an_office_day_is_found_past_whatever_lies_in_between() -> None:
    assert office_day_from(date(2026, 12, 17)) == (date(2026, 12, 17), ())
    day, passed = office_day_from(date(2026, 12, 31))
    assert day == date(2027, 1, 4)
    assert [one.name_sv for one in passed] == ["Nyårsafton", "Nyårsdagen", "Helg"]
