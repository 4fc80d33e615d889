"""Our tender in a procurement: its list, its scores, and when it went in."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice
from crm.procurements.models import Procurement
from crm.rules.tendering import Decision, Line


class GoSheet(Base):
    """One version of the criteria by which we weigh whether to tender. Never altered: a change is a
    new version, and a tender keeps the one it was weighed by."""

    __tablename__ = "go_sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    made_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    criteria: Mapped[list["GoCriterion"]] = relationship(
        lazy="raise_on_sql", order_by="GoCriterion.position"
    )


class GoCriterion(Base):
    """A criterion of one version, with its weight: a whole number, 0 to 100."""

    __tablename__ = "go_criterion"
    __table_args__ = (
        sa.UniqueConstraint("sheet_id", "position"),
        sa.CheckConstraint("0 <= weight AND weight <= 100", name="weight"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("go_sheet.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(200))
    weight: Mapped[int]


class Tender(Audited, Base):
    """Our tender (anbud) in one procurement; there is at most one.

    `incomplete_reason` tells why it went in though something required was missing (D10).
    `submitted_at` is when it went in, in the authority's own tool, and `receipt` what that tool
    answered. Another than who handed it in confirms that all of it is there.
    """

    __tablename__ = "tender"

    id: Mapped[int] = mapped_column(primary_key=True)
    procurement_id: Mapped[int] = mapped_column(sa.ForeignKey("procurement.id"), unique=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("go_sheet.id"))
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    opened_at: Mapped[datetime]
    decision: Mapped[Decision] = mapped_column(
        choice(Decision, "decision"), default=Decision.UNDECIDED
    )
    decision_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    receipt: Mapped[str] = mapped_column(sa.String(200), default="")
    incomplete_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint(
            "(decision = 'undecided' AND decided_at IS NULL)"
            " OR (decision <> 'undecided' AND decided_at IS NOT NULL)",
            name="decided_when",
        ),
        sa.CheckConstraint("submitted_by_id <> confirmed_by_id", name="two_persons"),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR submitted_at IS NOT NULL", name="confirmed_after"
        ),
    )

    procurement: Mapped[Procurement] = relationship(lazy="raise_on_sql")
    responsible: Mapped[User | None] = relationship(
        foreign_keys=[responsible_id], lazy="raise_on_sql"
    )
    decided_by: Mapped[User | None] = relationship(
        foreign_keys=[decided_by_id], lazy="raise_on_sql"
    )
    submitted_by: Mapped[User | None] = relationship(
        foreign_keys=[submitted_by_id], lazy="raise_on_sql"
    )
    confirmed_by: Mapped[User | None] = relationship(
        foreign_keys=[confirmed_by_id], lazy="raise_on_sql"
    )


class TenderItem(Audited, Base):
    """Something that must be in the tender: done by one, checked by another."""

    __tablename__ = "tender_item"
    __table_args__ = (
        sa.CheckConstraint("done_by_id <> checked_by_id", name="two_persons"),
        sa.CheckConstraint("checked_at IS NULL OR done_at IS NOT NULL", name="checked_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tender_id: Mapped[int] = mapped_column(sa.ForeignKey("tender.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(200))
    required: Mapped[bool]
    due_on: Mapped[date | None]
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    responsible: Mapped[User | None] = relationship(
        foreign_keys=[responsible_id], lazy="raise_on_sql"
    )
    done_by: Mapped[User | None] = relationship(foreign_keys=[done_by_id], lazy="raise_on_sql")
    checked_by: Mapped[User | None] = relationship(
        foreign_keys=[checked_by_id], lazy="raise_on_sql"
    )

    @property
    def line(self) -> Line:
        """The row as the rulebook reads it."""
        return Line(self.required, self.done_by_id, self.checked_by_id)


class GoScore(Audited, Base):
    """How well a tender meets a criterion, 0 to 5, and why."""

    __tablename__ = "go_score"
    __table_args__ = (sa.CheckConstraint("0 <= points AND points <= 5", name="points"),)

    tender_id: Mapped[int] = mapped_column(sa.ForeignKey("tender.id"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("go_criterion.id"), primary_key=True)
    points: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(300), default="")


class UsualItem(Audited, Base):
    """A line that every new tender's list begins with, as this installation wants it."""

    __tablename__ = "usual_tender_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(sa.String(200))
    required: Mapped[bool]
