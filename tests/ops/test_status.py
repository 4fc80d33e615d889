"""The status page: whether the clock runs is seen by anybody, and calmly said (L4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from crm import scheduler
from crm.core import clock
from crm.ops import operations, queries
from crm.ops.models import JobRun
from crm.ops.views import JOB_NAMES
from crm.outbox import operations as outbox
from crm.rules.access import Role

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STANDS = {"sv": "Klockan står still", "en": "The clock stands still"}
RUNS = {"sv": "Klockan går", "en": "The clock runs"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_says_whether_the_clock_runs(
    app: Flask, as_user: Any, session: Session, language: str
) -> None:
    reader = as_user(Role.VIEWER)
    reader.user.language = language
    assert STANDS[language] in reader.get("/status").text
    mine = scheduler.Clock(app)
    mine.turn()
    page = reader.get("/status").text
    assert RUNS[language] in page and mine.me in page
    assert page.count("<tr>") >= 4, "the daily jobs have run"
    mine.step_down()
    assert STANDS[language] in reader.get("/status").text


@pytest.mark.one_database
@pytest.mark.parametrize("job", scheduler.JOBS, ids=lambda job: str(job.name))
def test_each_job_of_the_timetable_has_words_in_both_languages(
    app: Flask, job: scheduler.Job
) -> None:
    assert job.name in JOB_NAMES
    with app.test_request_context():
        said = []
        for language in ("sv", "en"):
            with force_locale(language):
                said.append(str(JOB_NAMES[job.name]))
    assert said[0] != said[1]


def test_it_counts_the_mail_and_shows_what_failed(as_user: Any, session: Session) -> None:
    for number in range(3):
        outbox.queue(key=str(number), to="a@example.se", subject="s", text="t", now=NOW)
    operations.record_run(
        "reminders.surface",
        started_at=clock.now(),
        ended_at=clock.now(),
        did=0,
        error="OperationalError",
        token=1,
    )
    page = as_user(Role.ADMIN).get("/status").text
    assert "OperationalError" in page and "<dd>3</dd>" in page
    assert "FORANKRA_SMTP_URL" in page


def test_old_runs_are_forgotten(session: Session) -> None:
    for days in (1, 29, 31, 400):
        moment = NOW - timedelta(days=days)
        operations.record_run("x", started_at=moment, ended_at=moment, did=1, error="", token=1)
    session.flush()
    assert operations.forget_old_runs(NOW) == 2
    assert session.query(JobRun).count() == 2


def test_the_lease(session: Session) -> None:
    assert operations.take_lease("scheduler", "one", 30) == 1
    assert operations.take_lease("scheduler", "two", 30) is None
    assert operations.take_lease("scheduler", "one", 30) == 1
    assert 25 < queries.status().seconds_left <= 30
    operations.release_lease("scheduler", "two")
    assert operations.take_lease("scheduler", "two", 30) is None, "only the holder steps down"
    operations.release_lease("scheduler", "one")
    session.expire_all()
    assert operations.take_lease("scheduler", "two", 30) == 2
