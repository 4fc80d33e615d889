"""One thing that happened."""

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


class ActivityKind(StrEnum):
    CALL = "call"
    MAIL = "mail"
    MEETING = "meeting"
    NOTE = "note"
    INQUIRY = "inquiry"  # inbound interest came in
    STAGE = "stage"  # a case moved on one of its tracks
    CASE = "case"  # opened, closed, reopened, put to wait, woken
    REMINDER = "reminder"  # a reminder was done, put aside or replanned
    POST = "post"  # somebody came, left or moved
    CONTRACT = "contract"  # a contract of the register: added, prolonged, ended
    PROCUREMENT = "procurement"  # the body's procurement: laid out, called off
    CALENDAR = "calendar"  # the body's budget year was changed or confirmed
    CHAMPION = "champion"  # somebody at the buyer did something for the product (C2, C3)
    ACCOUNT = "account"  # the account itself: merged with another


WRITTEN_BY_HAND = (ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING, ActivityKind.NOTE)


IN_TOUCH = (ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING)
"""What counts as a contact with the person it names."""


class Activity(Audited, Base):
    """A line in the timeline. `text` is what a person wrote; `data` what the program noted.

    For the program's own lines `data["event"]` names the sentence (see `sentences.py`), so that it
    is told in the reader's language.
    """

    __tablename__ = "activity"
    __table_args__ = (
        sa.Index("ix_activity_body_at", "body_id", sa.text("at DESC"), sa.text("id DESC")),
        sa.Index("ix_activity_organisation_at", "organisation_id", sa.text("at DESC")),
        sa.Index("ix_activity_person_at", "person_id", sa.text("at DESC")),
        sa.Index("ix_activity_case_at", "case_id", sa.text("at DESC")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[ActivityKind] = mapped_column(choice(ActivityKind, "kind"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    inquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inquiry.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    user: Mapped[User | None] = relationship(lazy="raise_on_sql")
