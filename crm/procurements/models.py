"""Procurements, their plans in milestones, the cases that take part, and lengths of one's own."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.adapters.notices.problems import NoticeProblem
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.contracts.models import ContractWord
from crm.core.db import Base, choice, unique_where
from crm.organisations.models import Organisation
from crm.rules.certainty import Certainty
from crm.rules.law.terms import Channel, Court, Law, ObjectKind
from crm.rules.notices import NoticeKind, NoticeSource
from crm.rules.routes import Duration, Route, StageKey
from crm.rules.stage_checks import CheckLevel, StageCheck


class Procurement(Audited, Base):
    """One procurement of a body. `organisation` is who buys: the body itself or one of its units.

    `reference` is the authority's own number (diarienummer). The deadlines are instants, shown in
    Swedish civil time. Money is whole öre, SEK, excluding VAT.
    """

    __tablename__ = "procurement"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    reference: Mapped[str] = mapped_column(sa.String(100), default="")
    notice_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    cpv: Mapped[str] = mapped_column(sa.String(10), default="")  # the main code, eight digits
    value_ore: Mapped[int | None] = mapped_column(sa.BigInteger)
    questions_due_at: Mapped[datetime | None]
    requests_due_at: Mapped[datetime | None]  # ansökningar, where there are two steps
    tenders_due_at: Mapped[datetime | None]
    tenders_valid_until: Mapped[date | None]
    law: Mapped[Law] = mapped_column(choice(Law, "law"), default=Law.LOU)
    object_kind: Mapped[ObjectKind] = mapped_column(
        choice(ObjectKind, "object_kind"), default=ObjectKind.GOODS_SERVICES
    )
    electronic: Mapped[bool] = mapped_column(default=True)  # tenders may be sent electronically
    urgent: Mapped[bool] = mapped_column(default=False)  # påskyndat förfarande
    award_channel: Mapped[Channel] = mapped_column(
        choice(Channel, "award_channel"), default=Channel.ELECTRONIC
    )  # how the award decision goes out
    standstill_until: Mapped[date | None]  # as the authority states it; LOU 20 kap. 1 §
    prior_notice_on: Mapped[date | None]  # a förhandsannons was sent; LOU 11 kap. 5 §
    documents_online: Mapped[bool] = mapped_column(default=True)  # free, in full, from the notice
    tender_agreed_on: Mapped[date | None]  # agreed with all who were invited; LOU 11 kap. 7 §
    no_agreement: Mapped[bool] = mapped_column(default=False)  # ... or they could not agree
    informed_on: Mapped[date | None]  # those who bid, in writing, of the result; LOU 20 kap. 17 §
    under_review_since: Mapped[date | None]  # överprövning: a state, not a loss (D6)
    review_court: Mapped[Court] = mapped_column(
        choice(Court, "review_court"), default=Court.FORVALTNINGSRATT
    )  # where it lies
    ruled_on: Mapped[date | None]  # the date of the last ruling
    review_interim: Mapped[bool] = mapped_column(default=False)  # forbidden by an interim decision
    review_lifted: Mapped[bool] = mapped_column(default=False)  # the court lifted the spärr
    ruling_waived: Mapped[bool] = mapped_column(default=False)  # it decided on no ten days
    ruling_sent_on: Mapped[date | None]  # day 0 of the ten days after it (LOU 20 kap. 10 §)
    not_signed_on: Mapped[date | None]  # the last day on which somebody said that it was not signed
    cancelled_on: Mapped[date | None]  # avbruten
    note: Mapped[str] = mapped_column(sa.Text, default="")
    plans_laid: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("value_ore >= 0", name="value_not_negative"),
        sa.CheckConstraint(
            "questions_due_at IS NULL OR tenders_due_at IS NULL "
            "OR questions_due_at <= tenders_due_at",
            name="questions_before_tenders",
        ),
        sa.CheckConstraint("ruled_on <= ruling_sent_on", name="ruled_before_sent"),
        sa.CheckConstraint(
            "NOT no_agreement OR tender_agreed_on IS NULL", name="agreed_or_could_not"
        ),
        sa.CheckConstraint("NOT ruling_waived OR ruled_on IS NOT NULL", name="waived_by_a_ruling"),
        sa.CheckConstraint(
            "ruling_sent_on IS NULL OR ruled_on IS NOT NULL", name="sent_is_of_a_ruling"
        ),
    )

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")


class ProcurementCase(Audited, Base):
    """A case of ours that takes part in a procurement; at most one procurement at a time."""

    __tablename__ = "procurement_case"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    procurement_id: Mapped[int] = mapped_column(sa.ForeignKey("procurement.id"), index=True)

    case: Mapped[Case] = relationship(lazy="raise_on_sql")
    procurement: Mapped[Procurement] = relationship(lazy="raise_on_sql")


class Plan(Audited, Base):
    """A route laid out for a procurement. The one that nothing has replaced holds.

    `in_use_on` is the wanted day of use where it was laid out backwards from one. One that was laid
    out from the last day of a case's contract follows that day.
    """

    __tablename__ = "procurement_plan"
    __table_args__ = (
        unique_where("uq_procurement_plan_holds", "procurement_id", where="replaced_on IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    procurement_id: Mapped[int] = mapped_column(sa.ForeignKey("procurement.id"), index=True)
    route: Mapped[Route] = mapped_column(choice(Route, "route"))
    in_use_on: Mapped[date | None]
    follows_contract: Mapped[bool] = mapped_column(default=False)  # ... the day after it ends
    laid_on: Mapped[date]
    laid_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    replaced_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    procurement: Mapped[Procurement] = relationship(lazy="raise_on_sql")
    laid_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    milestones: Mapped[list["Milestone"]] = relationship(
        back_populates="plan",
        lazy="raise_on_sql",
        order_by="Milestone.position",
        passive_deletes="all",
    )


class Milestone(Audited, Base):
    """The day on which a stage of the plan begins: as first planned, as planned now, as it was."""

    __tablename__ = "procurement_milestone"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "stage", name="uq_procurement_milestone_stage"),
        sa.UniqueConstraint("plan_id", "position", name="uq_procurement_milestone_position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("procurement_plan.id"))
    position: Mapped[int]
    stage: Mapped[StageKey] = mapped_column(choice(StageKey, "stage"))
    first_planned_on: Mapped[date]
    planned_on: Mapped[date]
    reached_on: Mapped[date | None]
    certainty: Mapped[Certainty] = mapped_column(choice(Certainty, "certainty"))
    source_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    plan: Mapped[Plan] = relationship(back_populates="milestones", lazy="raise_on_sql")
    moves: Mapped[list["MilestoneMove"]] = relationship(
        lazy="raise_on_sql", order_by="MilestoneMove.id", passive_deletes="all"
    )

    @property
    def day(self) -> date:
        """When it was, or else when it is planned."""
        return self.reached_on or self.planned_on

    @property
    def is_filled_in(self) -> bool:
        """Whether it has been on a day that nobody has told: at the latest as something later had
        been. Such a day is an estimate, and no fact."""
        return self.reached_on is not None and not self.certainty.is_at_least(Certainty.REPORTED)

    @property
    def known_on(self) -> date | None:
        """The day on which it was, where somebody has told it."""
        return None if self.is_filled_in else self.reached_on

    @property
    def slip_days(self) -> int:
        """How much later than first planned, in days; negative when it is earlier (D5)."""
        return (self.day - self.first_planned_on).days


class MilestoneMove(Base):
    """A milestone was put on another day: from, to, why, by whom. Written once, never changed.

    `by_review`: it made way for a review (överprövning), and can go back when there is none.
    """

    __tablename__ = "procurement_milestone_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(sa.ForeignKey("procurement_milestone.id"), index=True)
    before: Mapped[date]
    after: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(300))
    by_review: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class StageLength(Audited, Base):
    """How long a stage of a route takes at one body, in days; for all see `crm.law`."""

    __tablename__ = "stage_length"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "route", "stage"),
        sa.CheckConstraint(
            "0 <= short AND short <= usual AND usual <= long AND long <= 3660", name="order"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    route: Mapped[Route] = mapped_column(choice(Route, "route"))
    stage: Mapped[StageKey] = mapped_column(choice(StageKey, "stage"))
    short: Mapped[int]
    usual: Mapped[int]
    long: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def duration(self) -> Duration:
        """The row as the rulebook reads it; the law's floor is the rulebook's own."""
        return Duration(self.short, self.usual, self.long)


class StageCheckSetting(Audited, Base):
    """What a check before a stage does here; without a row it warns (D15)."""

    __tablename__ = "stage_check_setting"

    check: Mapped[StageCheck] = mapped_column(choice(StageCheck, "check"), primary_key=True)
    level: Mapped[CheckLevel] = mapped_column(choice(CheckLevel, "level"))


# --- Notices --------------------------------------------------------------------------------------


class NoticeOutcome(StrEnum):
    """What became of one notice of a file, or of a file without any."""

    NEW = "new"
    UPDATED = "updated"  # it changed a procurement that was known
    KNOWN = "known"  # the same notice was here already
    UNREADABLE = "unreadable"  # `NoticeResult.problem` says why


class NoticeImport(Base):
    """One upload of notices. Without `finished_at` it is still read, or was interrupted.

    The file itself is not kept: what was read of it is, and its name.
    """

    __tablename__ = "notice_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(sa.String(200))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class Notice(Audited, Base):
    """A published notice, as it was read. The columns are what lists need; `record` is all of it.

    `identity` is the same for the same notice, whichever file it comes in. `organisation` is who
    buys, the body itself or one of its units; without one the buyer is not found, unless it was
    `left_out` on purpose. `buyer_key` is the same for the same
    buyer: what is chosen for one notice holds for the others. `digest` (SHA-256) and `file_name`
    are of the file it was read from. `deadline_at` is the earliest moment that it can mean.
    """

    __tablename__ = "notice"
    __audit_skip__: ClassVar[frozenset[str]] = frozenset({"record"})
    __table_args__ = (
        sa.Index(
            "ix_notice_unmatched",
            "buyer_key",
            sqlite_where=sa.text("body_id IS NULL"),
            postgresql_where=sa.text("body_id IS NULL"),
        ),
        sa.CheckConstraint("NOT left_out OR body_id IS NULL", name="left_out_without_body"),
        sa.CheckConstraint(
            "(organisation_id IS NULL) = (body_id IS NULL)", name="both_or_none_of_the_buyer"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(sa.String(300), unique=True)
    source: Mapped[NoticeSource] = mapped_column(choice(NoticeSource, "source"))
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind, "kind"))
    about: Mapped[NoticeKind] = mapped_column(choice(NoticeKind, "about"))
    title: Mapped[str] = mapped_column(sa.String(300))
    buyer: Mapped[str] = mapped_column(sa.String(300))
    buyer_number: Mapped[str | None] = mapped_column(sa.String(10))
    buyer_key: Mapped[str] = mapped_column(sa.String(300), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id"), index=True
    )
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    left_out: Mapped[bool] = mapped_column(default=False)
    procurement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procurement.id"), index=True)
    publication_number: Mapped[str | None] = mapped_column(sa.String(40))
    sent_on: Mapped[date | None] = mapped_column(index=True)
    deadline_at: Mapped[datetime | None]
    url: Mapped[str] = mapped_column(sa.String(1000), default="")
    record: Mapped[dict[str, Any]] = mapped_column(sa.JSON, deferred=True)
    file_name: Mapped[str] = mapped_column(sa.String(200))
    digest: Mapped[str] = mapped_column(sa.String(64))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    organisation: Mapped[Organisation | None] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    procurement: Mapped[Procurement | None] = relationship(lazy="raise_on_sql")
    by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    keys: Mapped[list["NoticeKey"]] = relationship(lazy="raise_on_sql")


class NoticeKey(Base):
    """A key by which the procurement of a notice may be known: its procedure, or another notice.

    `procedure` is the notice's own (BT-04, ocid), where it has one: notices of different procedures
    may share the other keys.
    """

    __tablename__ = "notice_key"
    __table_args__ = (sa.Index("ix_notice_key_key", "key", "procedure"),)

    notice_id: Mapped[int] = mapped_column(
        sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    procedure: Mapped[str | None] = mapped_column(sa.String(300))


class NoticeContract(Base):
    """A notice tells of a contract. `made`: it was the one that put it into the register."""

    __tablename__ = "notice_contract"

    notice_id: Mapped[int] = mapped_column(
        sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True
    )
    word_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contract_word.id"), primary_key=True, index=True
    )
    made: Mapped[bool] = mapped_column(default=False)

    word: Mapped[ContractWord] = relationship(lazy="raise_on_sql")


class NoticeResult(Base):
    """What one file of an import gave: a line for each notice in it, or one that says why not.

    `changed` and `kept` name the facts of the procurement that it changed, and those that it says
    otherwise and that were left as somebody had put them (`crm.procurements.notices.NoticeFact`).
    """

    __tablename__ = "notice_result"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("notice_import.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    outcome: Mapped[NoticeOutcome] = mapped_column(choice(NoticeOutcome, "outcome"))
    problem: Mapped[NoticeProblem | None] = mapped_column(choice(NoticeProblem, "problem"))
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notice.id"))
    changed: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    kept: Mapped[list[str]] = mapped_column(sa.JSON, default=list)

    notice: Mapped[Notice | None] = relationship(lazy="raise_on_sql")
