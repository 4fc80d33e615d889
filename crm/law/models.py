"""What an administrator decided about the law's values, and when they were looked through."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice
from crm.rules.law.explained import Confidence
from crm.rules.law.terms import Law
from crm.rules.law.values import Slot, ValueKey
from crm.rules.routes import Duration, Route, StageKey


class LawValueChange(Audited, Base):
    """One value from one day on, as an administrator set it.

    Never altered, only followed by a later version; without any the value stands as it is shipped,
    and after a withdrawn one it does so again.
    """

    __tablename__ = "law_value"
    __table_args__ = (
        sa.UniqueConstraint("key", "law", "authority", "objects", "valid_from", "version"),
        sa.CheckConstraint("value > 0", name="positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[ValueKey] = mapped_column(choice(ValueKey, "key"))
    law: Mapped[Law] = mapped_column(choice(Law, "law"))
    authority: Mapped[str] = mapped_column(sa.String(20))  # empty for all
    objects: Mapped[str] = mapped_column(sa.String(40))  # empty for all
    valid_from: Mapped[date]
    version: Mapped[int]
    value: Mapped[int]  # in the unit of the shipped rows: whole kronor, days, percent
    euro: Mapped[int | None]
    source: Mapped[str] = mapped_column(sa.Text)
    confidence: Mapped[Confidence] = mapped_column(choice(Confidence, "confidence"))
    note: Mapped[str] = mapped_column(sa.Text)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    changed_at: Mapped[datetime]

    changed_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    @property
    def slot(self) -> Slot:
        return (self.key, self.law, self.authority, self.objects)


class LeadTime(Audited, Base):
    """How long a stage of a route usually takes, in days, as an administrator corrected it (K12).

    Never altered, only followed by a later version; without any, or after a withdrawn one, the
    length stands as it is shipped (`procurement-law.md` 4.2). Own history goes before it.
    """

    __tablename__ = "lead_time"
    __table_args__ = (
        sa.UniqueConstraint("route", "stage", "version"),
        sa.CheckConstraint(
            "0 <= short AND short <= usual AND usual <= long AND long <= 3660", name="order"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    route: Mapped[Route] = mapped_column(choice(Route, "route"))
    stage: Mapped[StageKey] = mapped_column(choice(StageKey, "stage"))
    version: Mapped[int]  # 1 is as shipped
    short: Mapped[int]
    usual: Mapped[int]
    long: Mapped[int]
    source: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    changed_at: Mapped[datetime]

    changed_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    @property
    def duration(self) -> Duration:
        """The three lengths as the rulebook reads them."""
        return Duration(self.short, self.usual, self.long)


class LawCheck(Base):
    """Somebody looked all the values through on a day, against the sources."""

    __tablename__ = "law_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)

    checked_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
