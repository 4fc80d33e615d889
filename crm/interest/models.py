"""Inquiries, and the editable lists of channels and triggers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice
from crm.organisations.models import Organisation
from crm.people.models import Person


class SourceKind(StrEnum):
    CHANNEL = "channel"  # how it reached us
    TRIGGER = "trigger"  # what made them turn to us


class Source(Audited, Base):
    """A channel or a trigger. Renamed and retired at will; rules never look at the name."""

    __tablename__ = "source"
    __table_args__ = (
        sa.UniqueConstraint("kind", "key", name="uq_source_kind_key"),
        sa.UniqueConstraint("kind", "name_sv", name="uq_source_kind_name_sv"),
        sa.UniqueConstraint("kind", "name_en", name="uq_source_kind_name_en"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SourceKind] = mapped_column(choice(SourceKind, "kind"))
    key: Mapped[str] = mapped_column(sa.String(40))
    name_sv: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    def label(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_sv


class Sorting(StrEnum):
    TO_SORT = "to_sort"  # something is missing: the municipality, the unit or the person
    SORTED = "sorted"
    LET_GO = "let_go"  # not for us: kept, but in no queue


class Inquiry(Audited, Base):
    """One call, mail or sign-up. A first name and a municipality are enough (B3)."""

    __tablename__ = "inquiry"
    __table_args__ = (
        sa.Index("ix_inquiry_received", sa.text("received_at DESC"), sa.text("id DESC")),
        sa.Index("ix_inquiry_body_at", "body_id", sa.text("received_at DESC")),
        sa.Index(
            "ix_inquiry_to_sort",  # with the owner: the menu counts them on every page
            "received_at",
            "owner_id",
            sqlite_where=sa.text("sorting = 'to_sort'"),
            postgresql_where=sa.text("sorting = 'to_sort'"),
        ),
        sa.Index(
            "ix_inquiry_unanswered",
            "received_at",
            "owner_id",
            sqlite_where=sa.text("answered_at IS NULL AND sorting <> 'let_go'"),
            postgresql_where=sa.text("answered_at IS NULL AND sorting <> 'let_go'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    summary: Mapped[str] = mapped_column(sa.Text)  # one line of what, in the caller's words
    typed: Mapped[str] = mapped_column(sa.String(300), default="")  # the one line as typed
    caller: Mapped[str] = mapped_column(sa.String(200), default="")  # a name nobody has placed yet
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("source.id"), index=True)
    trigger_id: Mapped[int | None] = mapped_column(sa.ForeignKey("source.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id"), index=True
    )
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    told_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    sorting: Mapped[Sorting] = mapped_column(choice(Sorting, "sorting"), default=Sorting.SORTED)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    let_go_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    channel: Mapped[Source] = relationship(foreign_keys=[channel_id], lazy="raise_on_sql")
    trigger: Mapped[Source | None] = relationship(foreign_keys=[trigger_id], lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation | None] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    told_by: Mapped[Person | None] = relationship(foreign_keys=[told_by_id], lazy="raise_on_sql")
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise_on_sql")
    created_by: Mapped[User | None] = relationship(
        foreign_keys=[created_by_id], lazy="raise_on_sql"
    )


class KeptWords(Base):
    """What stood in a quick log that is no inquiry: not yet, between its steps, or taken back.

    `words` by the names of the quick log's fields. Kept for a day, and never in an address.
    """

    __tablename__ = "kept_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]
    words: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
