"""Is it well? What the status page and the schedulers read."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm.core import clock
from crm.core.db import db
from crm.ops.models import JobRun, Lease
from crm.outbox.models import Letter, LetterState
from crm.outbox.queries import database_now


@dataclass(frozen=True, slots=True)
class Status:
    """`leader_seconds_left` is negative when nobody leads: the clock stands still."""

    leader: str
    leader_seconds_left: float
    letters_waiting: int
    letters_failed: int
    runs: list[JobRun]

    @property
    def clock_runs(self) -> bool:
        return self.leader_seconds_left > 0


def status(lease_name: str) -> Status:
    """Five small statements."""
    lease = db.session.get(Lease, lease_name)
    counts = {
        state: number
        for state, number in db.session.execute(
            sa.select(Letter.state, sa.func.count()).group_by(Letter.state)
        )
    }
    latest = sa.select(sa.func.max(JobRun.id)).group_by(JobRun.name)
    return Status(
        leader=lease.holder if lease else "",
        leader_seconds_left=(lease.until - database_now()) if lease else -1.0,
        letters_waiting=counts.get(LetterState.QUEUED, 0) + counts.get(LetterState.SENDING, 0),
        letters_failed=counts.get(LetterState.FAILED, 0),
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
