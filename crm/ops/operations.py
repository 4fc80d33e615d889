"""Who leads among the schedulers, and the record of what the jobs did."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crm.core.db import db, dialect_name
from crm.ops.models import JobRun, Lease
from crm.outbox.queries import database_now

KEEP_RUNS = timedelta(days=30)


def take_lease(name: str, holder: str, seconds: float) -> int | None:
    """Take or renew the lease; the fencing token, or None while another process leads.

    The clock is the database's, so that machines with different clocks agree. The token grows at
    each change of holder.
    """
    now = database_now()
    insert = (sqlite if dialect_name() == "sqlite" else postgresql).insert
    statement = insert(Lease).values(name=name, holder=holder, token=1, until=now + seconds)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "holder": holder,
            "until": now + seconds,
            "token": sa.case((Lease.holder == holder, Lease.token), else_=Lease.token + 1),
        },
        where=sa.or_(Lease.until < now, Lease.holder == holder),
    ).returning(Lease.token)
    token: int | None = db.session.scalar(taken)
    return token


def release_lease(name: str, holder: str) -> None:
    """Step down, so that another process need not wait for the lease to run out."""
    db.session.execute(
        sa.update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=0.0)
    )


def record_run(
    name: str, *, started_at: datetime, ended_at: datetime, did: int, error: str, token: int
) -> None:
    """Note one run of a job."""
    db.session.add(
        JobRun(
            name=name,
            started_at=started_at,
            ended_at=ended_at,
            did=did,
            error=error[:500],
            token=token,
        )
    )


def forget_old_runs(now: datetime) -> int:
    """Runs older than a month are of no use to anybody. Returns how many went."""
    result = db.session.execute(sa.delete(JobRun).where(JobRun.started_at < now - KEEP_RUNS))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
