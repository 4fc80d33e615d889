"""The clock: every job in one table, and how one is run.

Any number of schedulers may run; the holder of the lease leads, and a killed leader is replaced
when its lease runs out. Nothing rests on the lease alone: each job asks what is due by now, claims
rows by their state, and writes under unique keys, so that running twice does nothing twice. What
was missed while everything was down is due by now, and so is done at the next turn.
"""

import atexit
import logging
import os
import signal
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from crm.accounts import jobs as accounts
from crm.audit import jobs as audit
from crm.budgets import jobs as budgets
from crm.core import clock
from crm.core.db import db, transaction
from crm.interest import jobs as interest
from crm.merging import jobs as merging
from crm.ops import jobs as ops
from crm.ops import operations, queries
from crm.ops.queries import LEASE
from crm.organisations import jobs as organisations
from crm.outbox import jobs as outbox
from crm.people import jobs as people
from crm.reminders import jobs as reminders
from crm.trials import jobs as trials

log = logging.getLogger("crm.scheduler")

LEASE_SECONDS = 20.0  # a killed leader is replaced within this time
LOOK_EVERY = 5.0  # seconds between two looks at the lease, and at what is due
FIRST_REST, LONGEST_REST = 10.0, 600.0  # seconds before a job that failed is tried again


@dataclass(frozen=True, slots=True)
class Job:
    """`run` takes the present instant and returns how many things it did.

    A daily job runs at the first turn of each Swedish day; the others at every turn.
    """

    name: str
    run: Callable[[datetime], int]
    daily: bool = False


JOBS = (
    Job("people.end_posts", people.end_posts, daily=True),
    Job("organisations.close_those_due", organisations.close_those_due, daily=True),
    Job("budgets.roll_forward", budgets.roll_forward, daily=True),
    Job("reminders.plan_all", reminders.plan_all, daily=True),
    Job("reminders.settle_asks", reminders.settle_asks, daily=True),
    Job("reminders.plan_marked", reminders.plan_marked),
    Job("reminders.surface", reminders.surface),
    Job("reminders.send_digests", reminders.send_digests),
    Job("outbox.tidy", outbox.tidy, daily=True),  # before it sends: what waited too long is not
    Job("outbox.deliver", outbox.deliver),
    Job("organisations.tidy", organisations.tidy, daily=True),
    Job("merging.forget", merging.forget, daily=True),
    Job("audit.forget", audit.forget, daily=True),
    Job("interest.tidy", interest.tidy, daily=True),
    Job("trials.tidy", trials.tidy, daily=True),
    Job("accounts.tidy", accounts.tidy, daily=True),
    Job("ops.tidy", ops.tidy, daily=True),
)


@dataclass(slots=True)
class Rest:
    """A job that failed rests before it is tried again, each time for twice as long."""

    times: int
    until: float  # by the monotonic clock


class Clock:
    """One scheduler process's share: to lead or to wait, and to run the jobs while it leads."""

    def __init__(self, app: Flask, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.app = app
        self.lease_seconds = lease_seconds
        self.me = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self.token: int | None = None  # of the lease while this process leads
        self.renewed = 0.0  # when it was last taken or renewed, by the monotonic clock
        self.done_on: dict[str, date] = {}
        self.resting: dict[str, Rest] = {}

    def turn(self) -> int | None:
        """One look: renew or take the lease, then run what is due. None while another leads."""
        with self.app.app_context():
            did = 0
            try:
                for job in JOBS:
                    if not self._leads():
                        return None
                    if self._is_due(job):
                        did += self._run(job)
            except SQLAlchemyError as problem:
                self.token = None
                log.error("turn failed error=%s", type(problem).__name__)
                return None
            finally:
                db.session.remove()
            return did

    def renew(self) -> None:
        """Keep the lease while a long job runs; called from a thread of its own."""
        if self.token is None:
            return
        with self.app.app_context():
            try:
                self._leads()
            except SQLAlchemyError as problem:
                log.warning("lease not renewed error=%s", type(problem).__name__)
            finally:
                db.session.remove()

    def step_down(self) -> None:
        """Give the lease back, so that another process can lead at once."""
        with self.app.app_context():
            try:
                with transaction(cause="scheduler"):
                    operations.release_lease(LEASE, self.me)
            except SQLAlchemyError as problem:
                log.warning("lease not given back error=%s", type(problem).__name__)
            finally:
                self.token = None
                db.session.remove()

    def _leads(self) -> bool:
        """Whether this process leads, with a good part of the lease left."""
        if self.token is not None and time.monotonic() - self.renewed < self.lease_seconds / 4:
            return True
        asked = time.monotonic()
        with transaction(cause="scheduler"):
            token = operations.take_lease(LEASE, self.me, self.lease_seconds)
        if token != self.token:
            log.info("%s token=%s", "leads" if token else "another leads", token)
        self.token, self.renewed = token, asked
        return token is not None

    def _is_due(self, job: Job) -> bool:
        rest = self.resting.get(job.name)
        if rest is not None and time.monotonic() < rest.until:
            return False
        if not job.daily:
            return True
        today = clock.today()
        if self.done_on.get(job.name) == today:
            return False
        with transaction(cause="scheduler"):
            last = queries.last_day_of(job.name)
        if last == today:  # another process has done it
            self.done_on[job.name] = today
            return False
        return True

    def _run(self, job: Job) -> int:
        """Run one job; its failure stops neither the other jobs nor the clock."""
        started, did, error = clock.now(), 0, ""
        try:
            did = job.run(started)
        except Exception as problem:
            db.session.rollback()
            error = type(problem).__name__
            log.error("job failed job=%s error=%s at=%s", job.name, error, _where(problem))
        self._note(job, started, error)
        if did or error or job.daily:
            log.info("job ran job=%s did=%s error=%s", job.name, did, error or "-")
            with transaction(cause="scheduler"):
                operations.record_run(
                    job.name,
                    started_at=started,
                    ended_at=clock.now(),
                    did=did,
                    error=error,
                    token=self.token or 0,
                )
        return did

    def _note(self, job: Job, started: datetime, error: str) -> None:
        if error:
            times = self.resting[job.name].times + 1 if job.name in self.resting else 0
            pause = min(FIRST_REST * 2 ** min(times, 10), LONGEST_REST)
            self.resting[job.name] = Rest(times, time.monotonic() + pause)
            return
        self.resting.pop(job.name, None)
        if job.daily:
            self.done_on[job.name] = clock.local(started).date()


def _where(problem: Exception) -> str:
    """The way to the error, and not its words: those could hold somebody's name."""
    steps = traceback.extract_tb(problem.__traceback__)
    return " > ".join(f"{Path(step.filename).name}:{step.lineno}" for step in steps[-8:])


def _start(mine: Clock, every: float) -> BackgroundScheduler:
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a turn that takes long is no news
    ticking = BackgroundScheduler(timezone="Europe/Stockholm")
    always = {
        "coalesce": True,
        "max_instances": 1,
        "misfire_grace_time": None,  # late is better than never: a turn asks what is due by now
    }
    ticking.add_job(
        mine.turn, "interval", seconds=every, next_run_time=clock.now(), id="turn", **always
    )
    ticking.add_job(mine.renew, "interval", seconds=mine.lease_seconds / 3, id="renew", **always)
    ticking.start()
    return ticking


def start_beside_web(
    app: Flask, *, every: float = LOOK_EVERY, lease_seconds: float = LEASE_SECONDS
) -> None:
    """Run the clock on a thread of this web worker; called after the fork, never before."""
    mine = Clock(app, lease_seconds=lease_seconds)
    ticking = _start(mine, every)

    def stop() -> None:
        ticking.shutdown(wait=False)
        mine.step_down()

    atexit.register(stop)


def run_forever(
    app: Flask, *, every: float = LOOK_EVERY, lease_seconds: float = LEASE_SECONDS
) -> None:
    """Run the clock as its own process, until SIGTERM or SIGINT."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"
    )
    mine, ended = Clock(app, lease_seconds=lease_seconds), threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    ticking = _start(mine, every)
    ended.wait()
    ticking.shutdown(wait=True)
    mine.step_down()
