"""Cases, what belongs to them, and their history."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice, unique_where
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.precision import ExpectedDate, Precision
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    CaseState,
    LightPurpose,
    Outcome,
    ProcurementStage,
    PubStatus,
    WaitReason,
    WakeEvent,
)


class Product(Audited, Base):
    """Something we sell."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    retired: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Case(Audited, Base):
    """One case. `organisation` is where it began; `units` (CaseUnit) are all that take part."""

    __tablename__ = "case"
    __audit_skip__ = frozenset({"reminder_on"})  # computed

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    state: Mapped[CaseState] = mapped_column(choice(CaseState, "state"), default=CaseState.OPEN)
    adoption: Mapped[AdoptionStage] = mapped_column(choice(AdoptionStage, "adoption"))
    procurement: Mapped[ProcurementStage] = mapped_column(choice(ProcurementStage, "procurement"))
    opened_on: Mapped[date]

    wait_reason: Mapped[WaitReason | None] = mapped_column(choice(WaitReason, "wait_reason"))
    wait_event: Mapped[WakeEvent | None] = mapped_column(choice(WakeEvent, "wait_event"))
    wait_until: Mapped[date | None]  # the day asked for, or the event's day as last computed

    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome, "outcome"))
    outcome_reason: Mapped[str] = mapped_column(sa.String(60), default="")
    outcome_note: Mapped[str] = mapped_column(sa.Text, default="")
    closed_on: Mapped[date | None]

    value_ore: Mapped[int | None] = mapped_column(sa.BigInteger)  # whole öre, SEK, excl. VAT
    expected_first: Mapped[date | None]  # the decision is expected between these two days
    expected_last: Mapped[date | None]
    expected_precision: Mapped[Precision | None] = mapped_column(
        choice(Precision, "expected_precision")
    )
    next_step: Mapped[str] = mapped_column(sa.String(200), default="")  # a promise of ours
    next_step_on: Mapped[date | None]

    handles_personal_data: Mapped[bool | None]  # the pilot does; None: nobody has said
    pub_status: Mapped[PubStatus] = mapped_column(
        choice(PubStatus, "pub_status"), default=PubStatus.NONE
    )
    has_framework: Mapped[bool] = mapped_column(default=False)  # a ramavtal covers the product
    price_shared_on: Mapped[date | None]
    contract_ends_on: Mapped[date | None]
    contract_source: Mapped[str] = mapped_column(sa.String(300), default="")
    contract_kept: Mapped[bool] = mapped_column(default=False)  # by the register, see `contracts`

    reminder_on: Mapped[date | None]  # its next pending reminder; kept by `reminders`, see there
    ask_open_on: Mapped[date | None]  # we asked that day and have no answer yet (R14)
    unanswered_asks: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.Index("ix_case_body_state", "body_id", "state"),
        sa.Index("ix_case_state_owner", "state", "owner_id"),
        sa.CheckConstraint(
            "(state = 'waiting') = (wait_reason IS NOT NULL)", name="waiting_has_a_reason"
        ),
        sa.CheckConstraint(
            "state <> 'waiting' OR wait_until IS NOT NULL OR wait_event IS NOT NULL",
            name="waiting_has_a_wake",
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL AND closed_on IS NOT NULL)",
            name="closed_has_an_outcome",
        ),
        sa.CheckConstraint("value_ore >= 0", name="value_not_negative"),
        sa.CheckConstraint("expected_first <= expected_last", name="expected_order"),
        sa.CheckConstraint(
            "(expected_first IS NULL) = (expected_precision IS NULL) AND "
            "(expected_first IS NULL) = (expected_last IS NULL)",
            name="expected_whole",
        ),
        sa.CheckConstraint("unanswered_asks >= 0", name="unanswered_asks"),
    )

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")
    owner: Mapped[User | None] = relationship(lazy="raise_on_sql")
    units: Mapped[list["CaseUnit"]] = relationship(
        back_populates="case", lazy="raise_on_sql", order_by="CaseUnit.id"
    )
    people: Mapped[list["CasePerson"]] = relationship(
        back_populates="case", lazy="raise_on_sql", order_by="CasePerson.id"
    )
    products: Mapped[list[Product]] = relationship(secondary="case_product", lazy="raise_on_sql")

    @property
    def expected(self) -> ExpectedDate | None:
        """When the decision is expected, with its honest precision (D9)."""
        first, last, precision = self.expected_first, self.expected_last, self.expected_precision
        if first is None or last is None or precision is None:
            return None
        return ExpectedDate(first, last, precision)

    @property
    def vacant(self) -> list["CasePerson"]:
        """Roles that somebody held and nobody holds now, with who held each last (C8).

        Needs the people loaded. Users come and go, and nobody misses a sceptic.
        """
        held = {row.role for row in self.people if row.ended_on is None}
        last = {
            row.role: row
            for row in sorted(self.people, key=lambda row: (row.ended_on or date.max, row.id))
        }
        missed = set(last) - held - {CaseRole.USER, CaseRole.SCEPTIC}
        return [last[role] for role in CaseRole if role in missed]


class CaseUnit(Audited, Base):
    """An organisation that takes part in the case, from when, and its share of the value (D12)."""

    __tablename__ = "case_unit"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "organisation_id"),
        sa.CheckConstraint("value_ore >= 0", name="value_not_negative"),
        # What the pipeline counts, without reading the rows.
        sa.Index(
            "ix_case_unit_in_use",
            "case_id",
            "organisation_id",
            sqlite_where=sa.text("in_use IS 1"),
            postgresql_where=sa.text("in_use IS true"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    joined_on: Mapped[date]
    in_use: Mapped[bool] = mapped_column(default=False)  # the unit uses the product
    value_ore: Mapped[int | None] = mapped_column(sa.BigInteger)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    case: Mapped[Case] = relationship(back_populates="units", lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class UnitUse(Audited, Base):
    """A unit used the product, from a day until another: the past of `CaseUnit.in_use` (H6).

    It stays when the unit no longer uses it or leaves the case.
    """

    __tablename__ = "unit_use"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "organisation_id", "used_from"),
        sa.CheckConstraint("used_until IS NULL OR used_from <= used_until", name="order"),
        unique_where("uq_unit_use_open", "case_id", "organisation_id", where="used_until IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    used_from: Mapped[date]
    used_until: Mapped[date | None]


class CasePerson(Audited, Base):
    """A role a person holds in the case, dated (C1). One person may hold several."""

    __tablename__ = "case_person"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "person_id", "role", "started_on"),
        sa.Index(
            "ix_case_person_now",
            "case_id",
            "person_id",
            "role",
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
        sa.CheckConstraint("ended_on IS NULL OR started_on <= ended_on", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[CaseRole] = mapped_column(choice(CaseRole, "role"))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]

    case: Mapped[Case] = relationship(back_populates="people", lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class CaseProduct(Audited, Base):
    """Which products a case is about."""

    __tablename__ = "case_product"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), primary_key=True)


class InquiryCase(Audited, Base):
    """The link between an inquiry and a case, kept both ways (B8). One inquiry may feed several."""

    __tablename__ = "inquiry_case"

    inquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("inquiry.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True, index=True)

    inquiry: Mapped[Inquiry] = relationship(lazy="raise_on_sql")
    case: Mapped[Case] = relationship(lazy="raise_on_sql")


class Track(StrEnum):
    ADOPTION = "adoption"
    PROCUREMENT = "procurement"
    STATE = "state"  # opened, waited, woken, closed, reopened


class StageChange(Base):
    """A move on one of the tracks, or of the state. Written once, never changed.

    `outcome` and `outcome_reason` are those of a closing: a case that is reopened has none itself.
    """

    __tablename__ = "stage_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    track: Mapped[Track] = mapped_column(choice(Track, "track"))
    before: Mapped[str] = mapped_column(sa.String(40), default="")
    after: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome, "outcome"))
    outcome_reason: Mapped[str] = mapped_column(sa.String(60), default="")


class Wait(Audited, Base):
    """One period of waiting: the history of waits is kept (D7)."""

    __tablename__ = "wait"
    __table_args__ = (
        sa.CheckConstraint(
            "(light_every IS NULL) = (light_purpose IS NULL) AND light_every > 0",
            name="light_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    reason: Mapped[WaitReason] = mapped_column(choice(WaitReason, "reason"))
    event: Mapped[WakeEvent | None] = mapped_column(choice(WakeEvent, "event"))
    until: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    light_every: Mapped[int | None]  # months between light contacts meanwhile (E10)
    light_purpose: Mapped[LightPurpose | None] = mapped_column(
        choice(LightPurpose, "light_purpose")
    )
    began_on: Mapped[date]
    ended_on: Mapped[date | None]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
