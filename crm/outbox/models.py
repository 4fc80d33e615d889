"""Letters waiting, being sent, sent or given up."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, choice


class LetterState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # refused for good by the mail server, or too many attempts


class Letter(Base):
    """One message to one address. `key` says what it is, so that nothing is queued twice."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.Index(
            "ix_letter_waiting",
            "id",
            sqlite_where=sa.text("state IN ('queued', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    to: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(300))
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[LetterState] = mapped_column(
        choice(LetterState, "state"), default=LetterState.QUEUED
    )
    created_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(sa.String(120))
    claimed_at: Mapped[float | None]  # seconds since the epoch by the database's clock
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(sa.String(300), default="")
