"""L7: the hour is Sweden's, a day is a day, and what was missed while down is caught up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from crm import scheduler
from crm.core import clock
from crm.core.config import Mail
from crm.ops.models import JobRun
from crm.outbox import operations as outbox
from crm.outbox.models import Letter, LetterState
from crm.reminders import jobs
from crm.reminders.models import Reminder, ReminderState
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body
from tests.factories.reminders import make_reminder


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def mails(session: Session) -> list[str]:
    return sorted(session.scalars(sa.select(Letter.key)))


AROUND_THE_CHANGES = [
    ("2026-10-23 04:59", "2026-10-23 05:00"),  # Friday, summer time
    ("2026-10-26 05:59", "2026-10-26 06:00"),  # Monday after the autumn change
    ("2027-03-25 05:59", "2027-03-25 06:00"),  # Thursday, winter time; Good Friday follows
    ("2027-03-30 04:59", "2027-03-30 05:00"),  # Tuesday after Easter and the spring change
]


@pytest.mark.parametrize("before,at", AROUND_THE_CHANGES)
def test_seven_is_seven_on_swedish_clocks(session: Session, before: str, at: str) -> None:
    user = make_user(digest_hour=7)
    make_reminder(make_body(), user, date(2026, 10, 1), changed_at=utc("2026-10-01 08:00"))
    session.commit()
    assert jobs.send_digests(utc(before)) == 0
    assert jobs.send_digests(utc(at)) == 1
    assert jobs.send_digests(utc(at) + timedelta(hours=3)) == 0
    assert mails(session) == [jobs.digest_key(user.id, date.fromisoformat(at[:10]))]


@pytest.mark.one_database
@pytest.mark.parametrize(
    "day,hour,instant",
    [
        (date(2026, 10, 25), 2, "2026-10-25 00:00"),  # comes twice: the first
        (date(2026, 10, 25), 3, "2026-10-25 02:00"),
        (date(2027, 3, 28), 2, "2027-03-28 01:00"),  # does not come: the hour after it
        (date(2027, 3, 28), 3, "2027-03-28 01:00"),
        (date(2027, 7, 1), 0, "2027-06-30 22:00"),
    ],
)
def test_an_hour_that_is_skipped_or_comes_twice(day: date, hour: int, instant: str) -> None:
    assert clock.at(day, hour) == utc(instant)


@pytest.mark.parametrize("sunday", [date(2026, 10, 25), date(2027, 3, 28)])
def test_what_is_due_on_the_day_of_the_change_comes_up_at_its_midnight(
    session: Session, sunday: date
) -> None:
    row = make_reminder(make_body(), None, sunday)
    session.commit()
    midnight = clock.at(sunday, 0)
    assert jobs.surface(midnight - timedelta(seconds=1)) == 0
    assert jobs.surface(midnight) == 1
    session.refresh(row)
    assert row.state is ReminderState.DUE and row.show_on == sunday


@pytest.mark.parametrize("sunday", [date(2026, 10, 25), date(2027, 3, 28)])
def test_a_daily_job_runs_once_on_a_day_of_23_or_25_hours(
    app: Flask, session: Session, sunday: date
) -> None:
    mine = scheduler.Clock(app)
    for half_hours in range(-4, 54):
        instant = clock.at(sunday, 0) + timedelta(minutes=30 * half_hours)
        with time_machine.travel(instant, tick=False):
            mine.turn()
    runs = session.scalars(
        sa.select(JobRun.started_at).where(JobRun.name == "reminders.plan_all")
    ).all()
    days = [clock.local(run).date() for run in runs]
    assert days.count(sunday) == 1
    assert len(days) == len(set(days)) == 3


def test_what_was_missed_while_down_is_caught_up(
    app: Flask, session: Session, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down from Friday to Monday afternoon: the first turn does it all, once."""
    monkeypatch.setitem(
        app.extensions,
        "settings",
        replace(app.extensions["settings"], mail=Mail(smtp.host, smtp.port)),
    )
    user = make_user(digest_hour=7)
    body = make_body()
    for days in range(5):
        make_reminder(body, user, date(2026, 11, 19) + timedelta(days=days))
    session.commit()
    with time_machine.travel(utc("2026-11-23 14:00"), tick=False):
        mine = scheduler.Clock(app)
        assert mine.turn()
        mine.turn()
    states = session.scalars(sa.select(Reminder.state)).all()
    assert states == [ReminderState.DUE] * 5
    (message,) = smtp.messages
    assert "5" in message["Subject"]


def with_mail(app: Flask, smtp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = replace(app.extensions["settings"], mail=Mail(smtp.host, smtp.port))
    monkeypatch.setitem(app.extensions, "settings", mail)


OUTAGES = [  # last turn before, first turn after, both by Swedish clocks
    ("2026-10-02 15:00", "2026-10-30 10:00"),  # four weeks over the change in autumn
    ("2027-03-05 15:00", "2027-04-05 10:00"),  # over the change in spring; up on Easter Monday
    ("2027-07-01 15:00", "2027-08-16 06:30"),  # a summer; up before the hour of the digest
]


@pytest.mark.parametrize("down,up", OUTAGES)
def test_weeks_without_a_scheduler_end_in_one_digest_each(
    app: Flask, session: Session, smtp: Any, monkeypatch: pytest.MonkeyPatch, down: str, up: str
) -> None:
    """Twenty mornings were missed. One mail tells it all, and the next day has its own."""
    users = [make_user(digest_hour=7), make_user(digest_hour=7, language="en")]
    first, back = (
        datetime.fromisoformat(one).replace(tzinfo=clock.STOCKHOLM) for one in (down, up)
    )
    body, days = make_body(), (back.date() - first.date()).days
    long_ago = first.astimezone(UTC) - timedelta(days=40)
    for user in users:
        for passed in range(1, days):
            on = first.date() + timedelta(days=passed)
            make_reminder(body, user, on, changed_at=long_ago)
    session.commit()
    with time_machine.travel(first, tick=False):  # no mail server yet
        before = scheduler.Clock(app)
        before.turn()
        before.step_down()
        stale = jobs.digest_key(users[0].id, first.date())
        outbox.queue(key=stale, to=users[0].email, subject="0", text="Då", now=clock.now())
        session.commit()
    with_mail(app, smtp, monkeypatch)
    instant, mine = back, scheduler.Clock(app)
    mornings = 0
    while mornings < 2:
        sent = len(smtp.messages)
        with time_machine.travel(instant, tick=False):
            for _again in range(3):
                mine.turn()
        mornings += len(smtp.messages) > sent
        assert len(smtp.messages) - sent in (0, 2), [one["Subject"] for one in smtp.messages]
        instant += timedelta(hours=6)
        assert instant < back + timedelta(days=5)
    due = session.scalars(sa.select(Reminder.state)).all()
    assert due == [ReminderState.DUE] * 2 * (days - 1)
    assert all(str(days - 1) in one["Subject"] for one in smtp.messages)
    sent_keys = set(session.scalars(sa.select(Letter.key).where(Letter.state == LetterState.SENT)))
    assert len(sent_keys) == len(smtp.messages) == 4, "two mornings for two users"
    assert stale not in sent_keys


def test_a_week_without_a_mail_server_ends_in_one_digest(
    app: Flask, session: Session, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(digest_hour=7)
    make_reminder(make_body(), user, date(2026, 11, 2))
    session.commit()
    mine = scheduler.Clock(app)
    for day in range(16, 21):
        with time_machine.travel(utc(f"2026-11-{day} 09:00"), tick=False):
            mine.turn()
        assert mails(session) == [jobs.digest_key(user.id, date(2026, 11, day))]
    with_mail(app, smtp, monkeypatch)
    with time_machine.travel(utc("2026-11-23 09:00"), tick=False):
        mine.turn()
    (message,) = smtp.messages
    assert "1" in message["Subject"]


def test_a_letter_that_waited_too_long_is_not_sent_by_the_first_turn(
    app: Flask, session: Session, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(utc("2026-10-01 09:00"), tick=False):
        outbox.queue(key="digest:1:old", to="a@example.se", subject="x", text="x", now=clock.now())
        session.commit()
    with_mail(app, smtp, monkeypatch)
    with time_machine.travel(utc("2026-10-24 09:00"), tick=False):  # a Saturday: no digest then
        scheduler.Clock(app).turn()
    assert smtp.messages == []


def test_reminders_planned_over_both_changes_stand_on_their_own_days(
    app: Flask, session: Session
) -> None:
    """A year with a turn each noon: what is due on a day comes up on it, none early or twice."""
    body = make_body()
    days = [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]
    days += [date(2027, 3, 27), date(2027, 3, 28), date(2027, 3, 29)]
    rows = {day: make_reminder(body, None, day) for day in days}
    session.commit()
    mine = scheduler.Clock(app)
    for day in days:
        for instant in (clock.at(day, 0) - timedelta(minutes=1), clock.at(day, 0)):
            with time_machine.travel(instant, tick=False):
                mine.turn()
        session.refresh(rows[day])
        assert rows[day].surfaced_at == clock.at(day, 0)


def test_two_clocks_of_which_one_leads(app: Flask, session: Session) -> None:
    first, second = scheduler.Clock(app), scheduler.Clock(app)
    assert first.turn() is not None
    assert second.turn() is None
    first.step_down()
    assert second.turn() is not None
    assert first.turn() is None


def test_a_job_that_fails_stops_no_other_and_rests(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    calls = []

    def fails(_now: datetime) -> int:
        calls.append(1)
        raise ValueError("Åsa Öberg, asa@example.se, said no")

    ran = []
    monkeypatch.setattr(
        scheduler,
        "JOBS",
        (
            scheduler.Job("reminders.surface", fails),
            scheduler.Job("outbox.deliver", lambda _now: len(ran) or ran.append(1) or 1),
        ),
    )
    mine = scheduler.Clock(app)
    assert mine.turn() == 1
    mine.turn()
    assert len(calls) == 1, "it rests before it is tried again"
    run = session.scalars(sa.select(JobRun).where(JobRun.name == "reminders.surface")).one()
    assert run.error == "ValueError"
    assert "Öberg" not in caplog.text and "asa@" not in caplog.text
    mine.resting["reminders.surface"].until = 0.0
    mine.turn()
    assert len(calls) == 2
