"""The lease of the leading scheduler, and what the jobs did."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base


class Lease(Base):
    """Who leads. `until` is in seconds since the epoch by the database's own clock."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(120))
    token: Mapped[int]  # grows at each change of holder
    until: Mapped[float]


class JobRun(Base):
    """One run of one job. The newest of each is what the status page reads."""

    __tablename__ = "job_run"
    __table_args__ = (sa.Index("ix_job_run_name_started", "name", sa.text("started_at DESC")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    did: Mapped[int] = mapped_column(default=0)  # how many things it did
    error: Mapped[str] = mapped_column(sa.String(500), default="")
    token: Mapped[int] = mapped_column(default=0)  # the lease's token while it ran
