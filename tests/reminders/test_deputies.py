"""A colleague is away: the deputy sees what is due, nothing doubled and nothing lost (J3)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar
from sqlalchemy.orm import Session

from crm.accounts import absences, operations
from crm.accounts.models import User
from crm.core import clock
from crm.core.config import Mail
from crm.core.db import db
from crm.outbox import jobs as outbox
from crm.reminders import jobs, links, queries
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body
from tests.factories.reminders import TODAY, make_reminder

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # seven o'clock on a Monday
LAST = TODAY + timedelta(days=9)  # Wednesday 2 December
MARK = "för Anna, borta till 2 dec. 2026"


def at(day: date) -> Any:
    return time_machine.travel(datetime(day.year, day.month, day.day, 6, tzinfo=UTC), tick=False)


@pytest.fixture
def anna(app: Flask) -> User:
    return make_user(name="Anna", email="anna@example.se")


@pytest.fixture
def bo(app: Flask) -> User:
    return make_user(name="Bo", email="bo@example.se")


def away(who: User, deputy: User | None, first: date = TODAY, last: date = LAST) -> Any:
    found = absences.add(
        who,
        first=first,
        last=last,
        deputy_id=deputy.id if deputy else None,
        today=min(first, TODAY),
        now=MORNING,
    )
    db.session.commit()
    return found


def seen(who: User, day: date) -> list[str]:
    """What the user is shown that day, the same in the list and in all counts."""
    told = queries.due_for(who.id, today=day, language="sv")
    assert len(told) == queries.count_due(who.id, today=day)
    assert [one.id for one in told] == [
        one.id for one in queries.inbox(who.id, today=day, language="sv").rows
    ]
    return [one.title for one in told]


def test_it_goes_over_on_the_first_day_and_back_after_the_last(anna: User, bo: User) -> None:
    row = make_reminder(make_body(), anna, TODAY - timedelta(days=5), text="Annas")
    make_reminder(make_body("Vimmerby kommun"), bo, TODAY - timedelta(days=5), text="Bos")
    away(anna, bo)
    for day, expected in (
        (TODAY - timedelta(days=1), ["Bos"]),
        (TODAY, ["Annas", "Bos"]),
        (LAST, ["Annas", "Bos"]),
        (LAST + timedelta(days=1), ["Bos"]),
    ):
        assert sorted(seen(bo, day)) == expected, day
        assert seen(anna, day) == ["Annas"], "they stay hers"
    assert row.user_id == anna.id


def test_every_reminder_of_every_day_is_with_exactly_one_who_is_there(app: Flask) -> None:
    """Twelve days with chains and a circle: each has one reader, or all of them."""
    users = [make_user(name=name) for name in ("Anna", "Bo", "Cilla", "Dag")]
    anna, bo, cilla, _dag = users
    body = make_body()
    rows = {user.id: make_reminder(body, user, text=user.name) for user in users}
    away(anna, bo, TODAY, TODAY + timedelta(days=8))
    away(bo, cilla, TODAY + timedelta(days=2), TODAY + timedelta(days=6))
    away(cilla, anna, TODAY + timedelta(days=4), TODAY + timedelta(days=5))
    for number in range(12):
        day = TODAY + timedelta(days=number)
        gone = {one for one, _by in absences.covered(day)}
        there = [user for user in users if user.id not in gone]
        for owner, row in rows.items():
            readers = [user for user in there if row.params["text"] in seen(user, day)]
            if owner in gone:
                assert len(readers) in (1, len(there)), (day, row.params, readers)
            else:
                assert [user.id for user in readers] == [owner]
    assert dict(absences.covered(TODAY + timedelta(days=4))) == {
        anna.id: None,
        bo.id: None,
        cilla.id: None,
    }


def test_the_pages_say_whose_it_is_and_the_deputy_does_it(
    anna: User, bo: User, as_user: Any, session: Session
) -> None:
    row = make_reminder(make_body(), anna, text="Ring rektorn om läsåret")
    other = make_reminder(make_body("Vimmerby kommun"), anna, text="Skicka priset")
    away(anna, bo)
    with at(TODAY):
        client = as_user(bo)
        for address in ("/", "/reminders", f"/reminders/{row.id}"):
            assert MARK in client.get(address).text, address
        mine = as_user(anna).get("/reminders").text
        assert "Ring rektorn om läsåret" in mine and MARK not in mine
        client.post(f"/reminders/{row.id}/done", data={"outcome": "done"})
        until = LAST + timedelta(days=5)
        client.post(f"/reminders/{other.id}/snooze", data={"until": until.isoformat()})
    session.expire_all()
    assert (row.state, row.done_by_id) == (ReminderState.DONE, bo.id)
    assert (other.show_on, other.user_id) == (until, anna.id)
    assert seen(bo, until) == [] and seen(anna, until) == ["Skicka priset"]


def test_what_comes_is_shown_to_who_is_there_that_day(anna: User, bo: User, as_user: Any) -> None:
    body = make_body()
    make_reminder(body, anna, LAST, text="Medan Anna är borta")
    make_reminder(body, anna, LAST + timedelta(days=1), text="När Anna är här igen")
    away(anna, bo, TODAY + timedelta(days=2))
    with at(TODAY):
        text = as_user(bo).get("/reminders").text
        export = as_user(make_user(Role.ACCOUNT_MANAGER)).get("/reminders/export.csv?whose=all")
    assert "Medan Anna är borta" in text and "När Anna är här igen" not in text
    assert MARK in text
    assert export.text.count("Medan Anna är borta") == 1


@pytest.fixture
def post(app: Flask, smtp: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    server = Mail(smtp.host, smtp.port, sender="Förankra <crm@example.se>")
    monkeypatch.setitem(
        app.extensions, "settings", replace(app.extensions["settings"], mail=server)
    )
    return smtp


def deliver(post: Any) -> dict[str, str]:
    """The morning's mails: to whom, and what they say."""
    db.session.commit()
    jobs.send_digests(clock.now())
    outbox.deliver(clock.now())
    sent = {one["To"]: str(one.get_body(("plain",)).get_content()) for one in post.messages}
    post.messages.clear()
    return sent


def test_each_morning_it_is_in_one_mail_and_nobody_on_leave_gets_any(
    post: Any, anna: User, bo: User, client: Any
) -> None:
    founder = make_user(Role.FOUNDER, email="grund@example.se")
    row = make_reminder(make_body(), anna, text="Ring rektorn")
    away(anna, bo, TODAY, TODAY + timedelta(days=2))
    away(bo, None, TODAY + timedelta(days=2), TODAY + timedelta(days=3))
    readers = []
    for number in range(4):
        with at(TODAY + timedelta(days=number)):
            sent = deliver(post)
            assert all("Ring rektorn" in text for text in sent.values())
            readers.append(list(sent))
            if number == 0:
                assert "för Anna, borta till 25 nov. 2026" in sent[bo.email]
                link = re.search(r"http\S+/digest/\S+", sent[bo.email])
    assert readers == [[bo.email], [bo.email], [founder.email], [anna.email]]

    assert link is not None
    path = urlsplit(link[0]).path
    with at(TODAY + timedelta(days=3)):  # no longer Bo's to see to
        assert "Ring rektorn" not in client.get(path).text
    with at(TODAY + timedelta(days=1)):
        assert "för Anna, borta till 25 nov. 2026" in client.get(path).text
        client.post(path, data={"reminder": str(row.id), "action": "done"})
    db.session.refresh(row)
    assert (row.state, row.done_by_id) == (ReminderState.DONE, bo.id)


def test_a_founders_deputy_is_told_of_what_is_nobodys(post: Any, bo: User) -> None:
    founder = make_user(Role.FOUNDER)
    make_reminder(make_body(), None, text="Ingens sak")
    away(founder, bo)
    with at(TODAY):
        assert list(deliver(post)) == [bo.email]


def feed_of(client: Any, who: User) -> list[Any]:
    token = links.feed_token("not a secret in a test", who.id, who.feed_nonce)
    answer = client.get(f"/feed/{token}.ics")
    return list(Calendar.from_ical(answer.get_data()).walk("VEVENT"))


def test_the_deputys_calendar_has_those_days_under_the_same_uid(
    anna: User, bo: User, client: Any
) -> None:
    body = make_body()
    row = make_reminder(body, anna, LAST, text="Medan")
    make_reminder(body, anna, LAST + timedelta(days=1), text="Efter")
    away(anna, bo)
    with at(TODAY):
        (event,) = feed_of(client, bo)
        assert str(event["UID"]) == f"reminder-{row.id}@forankra"
        assert str(event["SUMMARY"]).endswith(f"({MARK})")
        hers = feed_of(client, anna)
        assert len(hers) == 2 and not any("borta" in str(one["SUMMARY"]) for one in hers)
    with at(LAST + timedelta(days=1)):
        assert feed_of(client, bo) == []


def test_a_deputy_who_leaves_or_becomes_a_reader_stands_in_no_longer(anna: User, bo: User) -> None:
    make_reminder(make_body(), anna, text="Annas")
    away(anna, bo)
    other = make_user()
    assert seen(other, TODAY) == []
    for role, active in ((Role.VIEWER, True), (Role.REP, True), (Role.REP, False)):
        operations.change_user(
            bo, name=bo.name, email=bo.email, role=role, active=active, by=None, now=MORNING
        )
        takes_over = role is Role.VIEWER or not active
        assert seen(other, TODAY) == (["Annas"] if takes_over else []), (role, active)


def test_one_more_colleague_away_costs_no_more_statements(
    anna: User, bo: User, as_user: Any, count_queries: Any
) -> None:
    body = make_body()
    for number in range(6):
        make_reminder(body, anna, text=f"Annas {number}")
    with at(TODAY):
        client = as_user(bo)
        client.get("/reminders")
        with count_queries() as before:
            client.get("/reminders")
        away(anna, bo)
        with count_queries() as after:
            assert MARK in client.get("/reminders").text
    assert after.number == before.number


def test_surfacing_and_planning_take_no_notice(anna: User, bo: User, session: Session) -> None:
    row = make_reminder(make_body(), anna)
    away(anna, bo)
    jobs.surface(MORNING)
    session.expire_all()
    stored = session.get_one(Reminder, row.id)
    assert (stored.state, stored.user_id) == (ReminderState.DUE, anna.id)
