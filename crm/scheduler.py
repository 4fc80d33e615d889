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
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from crm.accounts import jobs as accounts
from crm.core import clock
from crm.core.db import db, transaction
from crm.ops import jobs as ops
from crm.ops import operations, queries
from crm.outbox import jobs as outbox
from crm.reminders import jobs as reminders

log = logging.getLogger("crm.scheduler")

LEASE = "scheduler"
LEASE_SECONDS = 20.0  # a killed leader is replaced within this time
LOOK_EVERY = 5.0  # seconds between two looks at the lease, and at what is due


@dataclass(frozen=True, slots=True)
class Job:
    """`run` takes the present instant and returns how many things it did.

    A daily job runs at the first turn of each Swedish day; the others at every turn.
    """

    name: str
    run: Callable[[datetime], int]
    daily: bool = False


JOBS = (
    Job("reminders.plan_all", reminders.plan_all, daily=True),
    Job("reminders.settle_asks", reminders.settle_asks, daily=True),
    Job("reminders.plan_marked", reminders.plan_marked),
    Job("reminders.surface", reminders.surface),
    Job("reminders.send_digests", reminders.send_digests),
    Job("outbox.deliver", outbox.deliver),
    Job("accounts.tidy", accounts.tidy, daily=True),
    Job("ops.tidy", ops.tidy, daily=True),
)


class Clock:
    """One scheduler process's share: to lead or to wait, and to run the jobs while it leads."""

    def __init__(self, app: Flask, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.app = app
        self.lease_seconds = lease_seconds
        self.me = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self.done_on: dict[str, object] = {}

    def turn(self) -> int | None:
        """One look: renew or take the lease, then run what is due. None while another leads."""
        with self.app.app_context():
            try:
                token = self._lead()
                if token is None:
                    return None
                return sum(self._run(job, token) for job in JOBS if self._is_due(job))
            except SQLAlchemyError:
                log.exception("the database did not answer; the next turn tries again")
                return None
            finally:
                db.session.remove()

    def step_down(self) -> None:
        """Give the lease back, so that another process can lead at once."""
        with self.app.app_context():
            try:
                with transaction(cause="scheduler"):
                    operations.release_lease(LEASE, self.me)
            except SQLAlchemyError:
                log.warning("could not give the lease back; it runs out by itself")
            finally:
                db.session.remove()

    def _lead(self) -> int | None:
        with transaction(cause="scheduler"):
            return operations.take_lease(LEASE, self.me, self.lease_seconds)

    def _is_due(self, job: Job) -> bool:
        if not job.daily:
            return True
        today = clock.today()
        if self.done_on.get(job.name) == today:
            return False
        if queries.last_day_of(job.name) == today:  # another process has done it
            self.done_on[job.name] = today
            db.session.rollback()
            return False
        db.session.rollback()
        return True

    def _run(self, job: Job, token: int) -> int:
        """Run one job; its failure stops neither the other jobs nor the clock."""
        started, did, error = clock.now(), 0, ""
        try:
            did = job.run(started)
        except Exception as problem:
            log.exception("the job %s failed", job.name)
            db.session.rollback()
            error = f"{type(problem).__name__}: see the log"
        if job.daily and not error:
            self.done_on[job.name] = clock.local(started).date()
        if did or error or job.daily:
            with transaction(cause="scheduler"):
                operations.record_run(
                    job.name,
                    started_at=started,
                    ended_at=clock.now(),
                    did=did,
                    error=error,
                    token=token,
                )
        # A long job must not cost the lease: renew between jobs.
        self._lead()
        return did


def _start(mine: Clock, every: float) -> BackgroundScheduler:
    ticking = BackgroundScheduler(timezone="Europe/Stockholm")
    ticking.add_job(
        mine.turn,
        "interval",
        seconds=every,
        next_run_time=clock.now(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,  # late is better than never: a turn asks what is due by now
        id="turn",
    )
    ticking.start()
    return ticking


def start_beside_web(app: Flask, *, every: float = LOOK_EVERY) -> None:
    """Run the clock on a thread of this web worker; called after the fork, never before."""
    mine = Clock(app)
    ticking = _start(mine, every)

    def stop() -> None:
        ticking.shutdown(wait=False)
        mine.step_down()

    atexit.register(stop)


def run_forever(app: Flask, *, every: float = LOOK_EVERY) -> None:
    """Run the clock as its own process, until SIGTERM or SIGINT."""
    mine, ended = Clock(app), threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    ticking = _start(mine, every)
    ended.wait()
    ticking.shutdown(wait=True)
    mine.step_down()
