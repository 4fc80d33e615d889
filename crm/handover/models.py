"""What has been handed over, so that it can be looked at later and taken back."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice


class Thing(StrEnum):
    ACCOUNT = "account"
    CASE = "case"
    REMINDER = "reminder"
    INQUIRY = "inquiry"
    TENDER = "tender"
    RECORDS_REQUEST = "records_request"
    ANSWER = "answer"


class HandOver(Audited, Base):
    """One hand-over. From one colleague, or in one county from everybody."""

    __tablename__ = "hand_over"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    county_code: Mapped[str] = mapped_column(sa.String(2), default="")
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    undone_at: Mapped[datetime | None]

    from_user: Mapped[User | None] = relationship(foreign_keys=[from_id], lazy="raise_on_sql")
    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id], lazy="raise_on_sql")


class HandOverItem(Base):
    """One thing that changed owner. `number` is its id in the table that `thing` names."""

    __tablename__ = "hand_over_item"
    __table_args__ = (sa.UniqueConstraint("hand_over_id", "thing", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hand_over_id: Mapped[int] = mapped_column(sa.ForeignKey("hand_over.id", ondelete="CASCADE"))
    thing: Mapped[Thing] = mapped_column(choice(Thing, "thing"))
    number: Mapped[int]
    body_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="SET NULL")
    )
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
