"""Is it well? What the status page and the schedulers read."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm.core import clock
from crm.core.db import db
from crm.ops.models import JobRun, Lease
from crm.outbox.queries import counts, database_now

LEASE = "scheduler"  # the name of the lease that the leading scheduler holds


@dataclass(frozen=True, slots=True)
class Status:
    """How the program stands. `seconds_left` of the lease is negative when nobody leads."""

    leader: str
    token: int  # how many times the lead has changed hands
    seconds_left: float
    letters_waiting: int
    letters_failed: int
    runs: list[JobRun]

    @property
    def clock_runs(self) -> bool:
        return self.seconds_left > 0


def status() -> Status:
    """Four small statements."""
    lease = db.session.get(Lease, LEASE)
    letters = counts()
    latest = sa.select(sa.func.max(JobRun.id)).group_by(JobRun.name)
    return Status(
        leader=lease.holder if lease else "",
        token=lease.token if lease else 0,
        seconds_left=(lease.until - database_now()) if lease else -1.0,
        letters_waiting=letters.waiting,
        letters_failed=letters.failed,
        runs=list(
            db.session.scalars(sa.select(JobRun).where(JobRun.id.in_(latest)).order_by(JobRun.name))
        ),
    )


def last_day_of(name: str) -> date | None:
    """The Swedish civil date of a job's last good run."""
    last: datetime | None = db.session.scalar(
        sa.select(JobRun.started_at)
        .where(JobRun.name == name, JobRun.error == "")
        .order_by(JobRun.started_at.desc())
        .limit(1)
    )
    return clock.local(last).date() if last else None
