"""A body's practice, its overrides and events, and the periods in which it is left alone."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice, unique_where
from crm.organisations.models import Organisation
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.buyers_week import BuyerPhase
from crm.rules.certainty import Certainty


class BudgetPractice(Audited, Base):
    """How an organisation decides its budget, where we know it from and when it was checked.

    At most one per organisation; one without a row inherits from the nearest node above, and a
    body without one is UNKNOWN.
    """

    __tablename__ = "budget_practice"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), unique=True)
    decision: Mapped[DecisionPractice] = mapped_column(choice(DecisionPractice, "decision"))
    election_month: Mapped[int | None]  # the month it decides in after an election, if known
    certainty: Mapped[Certainty] = mapped_column(choice(Certainty, "certainty"))
    source_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    checked_on: Mapped[date | None]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    deficit_until: Mapped[int | None]  # last year marked tight after a deficit (KL 11 kap. 12 §)
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    copied_on: Mapped[date | None]  # cleared when the body itself has published or told its dates
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("election_month BETWEEN 1 AND 12", name="election_month"),
        sa.CheckConstraint("deficit_until BETWEEN 2000 AND 2100", name="deficit_until"),
        sa.CheckConstraint("(copied_from_id IS NULL) = (copied_on IS NULL)", name="copied"),
    )

    organisation: Mapped[Organisation] = relationship(
        lazy="raise_on_sql", foreign_keys=organisation_id
    )
    copied_from: Mapped[Organisation | None] = relationship(
        lazy="raise_on_sql", foreign_keys=copied_from_id
    )
    checked_by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class BudgetEvent(Audited, Base):
    """A date of the organisation's own: moves a phase of the template, or adds a named event.

    Month and day recur each year, counted from the budget year by `year_offset` (-1: the year
    before); with `budget_year` the row is for that one year only and wins.
    """

    __tablename__ = "budget_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    phase_key: Mapped[str] = mapped_column(sa.String(60), default="")  # "" = a named event
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    start_month: Mapped[int]
    start_day: Mapped[int]
    end_month: Mapped[int]
    end_day: Mapped[int]
    year_offset: Mapped[int | None]  # None: as the template has it
    budget_year: Mapped[int | None]
    certainty: Mapped[Certainty] = mapped_column(choice(Certainty, "certainty"))
    source_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    checked_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        # One date for each phase or name, every year and for each year of its own.
        unique_where(
            "uq_budget_event_every_year",
            "organisation_id",
            "phase_key",
            "name",
            where="budget_year IS NULL",
        ),
        unique_where(
            "uq_budget_event_one_year",
            "organisation_id",
            "phase_key",
            "name",
            "budget_year",
            where="budget_year IS NOT NULL",
        ),
        sa.CheckConstraint("phase_key <> '' OR name <> ''", name="phase_or_name"),
        sa.CheckConstraint(
            "start_month BETWEEN 1 AND 12 AND end_month BETWEEN 1 AND 12 AND "
            "start_day BETWEEN 1 AND 31 AND end_day BETWEEN 1 AND 31",
            name="month_and_day",
        ),
        sa.CheckConstraint("year_offset BETWEEN -3 AND 2", name="year_offset"),
    )

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class BudgetConfirmation(Audited, Base):
    """Whether an organisation's recurring dates were looked at for a new budget year.

    Written by the clock as a round begins, `confirmed_on` empty: to be looked at. Filled when
    somebody has said that nothing is new.
    """

    __tablename__ = "budget_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    budget_year: Mapped[int]
    confirmed_on: Mapped[date | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "budget_year", name="uq_budget_confirmation_year"),
        sa.Index("ix_budget_confirmation_due", "budget_year", "confirmed_on"),
        sa.CheckConstraint("budget_year BETWEEN 2000 AND 2200", name="budget_year"),
    )

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class CouncilMeeting(Audited, Base):
    """A planned meeting of the council (kommunfullmäktige, regionfullmäktige) of a body.

    `decides` names the budget year that it is to adopt the budget of.
    """

    __tablename__ = "council_meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    held_on: Mapped[date]
    decides: Mapped[int | None]
    certainty: Mapped[Certainty] = mapped_column(choice(Certainty, "certainty"))
    source_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    checked_on: Mapped[date | None]

    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "held_on", name="uq_council_meeting_day"),
        unique_where(
            "uq_council_meeting_decides", "organisation_id", "decides", where="decides IS NOT NULL"
        ),
        sa.CheckConstraint("decides BETWEEN 2000 AND 2200", name="decides"),
    )

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class PauseKind(StrEnum):
    FREEZE = "freeze"  # inköpsstopp: nothing that asks for money (R7)
    QUIET = "quiet"  # an own quiet period of the account (E5)
    WINTER_BREAK = "winter_break"  # its schools' breaks, where they are not the county's
    EASTER_BREAK = "easter_break"
    AUTUMN_BREAK = "autumn_break"


class Pause(Audited, Base):
    """A period in which this organisation is not to be asked. A freeze may have an open end."""

    __tablename__ = "pause"
    __table_args__ = (sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[PauseKind] = mapped_column(choice(PauseKind, "kind"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    source_url: Mapped[str] = mapped_column(sa.String(1000), default="")

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class PhaseAdvice(Base):
    """What fits to do in a phase, as somebody put it for the whole installation. Never altered,
    only followed by a later version; without any the line stands as it is shipped."""

    __tablename__ = "phase_advice"
    __table_args__ = (sa.UniqueConstraint("phase", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phase: Mapped[BuyerPhase] = mapped_column(choice(BuyerPhase, "phase"))
    version: Mapped[int]  # 1 is the line as shipped, so the first change is 2
    text_sv: Mapped[str] = mapped_column(sa.String(200))
    text_en: Mapped[str] = mapped_column(sa.String(200))
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    changed_at: Mapped[datetime]

    changed_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
