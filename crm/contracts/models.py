"""Contracts, their options, who may call off from a framework, and what notices say of them."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.models import Audited
from crm.cases.models import Case, Product
from crm.core.db import Base, choice
from crm.organisations.models import Organisation
from crm.rules import contracts as rules
from crm.rules.certainty import Certainty
from crm.rules.contracts import (
    ContractKind,
    Extension,
    FrameworkPosition,
    OptionState,
    Term,
)


class Contract(Audited, Base):
    """One contract of a body. `organisation` is who has it: the body itself or one of its units.

    Money is whole öre, SEK, excluding VAT. `reference` is the authority's own number
    (diarienummer). `runs_until` is worked out from the last day, the options and an early end, and
    kept by the operations; None while no end is known, or while it runs until notice
    (`open_ended`).
    """

    __tablename__ = "contract"
    __audit_skip__ = frozenset({"runs_until"})  # computed

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ContractKind] = mapped_column(choice(ContractKind, "kind"))
    title: Mapped[str] = mapped_column(sa.String(200))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    supplier: Mapped[str] = mapped_column(sa.String(300), default="")  # "": ourselves
    supplier_number: Mapped[str] = mapped_column(sa.String(10), default="")  # ten digits
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("product.id"), index=True)
    reference: Mapped[str] = mapped_column(sa.String(100), default="")
    position: Mapped[FrameworkPosition | None] = mapped_column(
        choice(FrameworkPosition, "position")
    )

    signed_on: Mapped[date | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]  # of the first term, without options
    open_ended: Mapped[bool] = mapped_column(default=False)  # tills vidare: until notice
    notice_months: Mapped[int | None]
    ended_on: Mapped[date | None]  # the last day, when it ended or ends before its time
    ended_why: Mapped[str] = mapped_column(sa.String(300), default="")
    runs_until: Mapped[date | None] = mapped_column(index=True)

    value_ore: Mapped[int | None] = mapped_column(sa.BigInteger)  # the whole time, no options
    yearly_ore: Mapped[int | None] = mapped_column(sa.BigInteger)
    cap_ore: Mapped[int | None] = mapped_column(sa.BigInteger)  # takvolym
    used_ore: Mapped[int | None] = mapped_column(sa.BigInteger)
    used_on: Mapped[date | None]  # when that was the figure

    source: Mapped[str] = mapped_column(sa.String(300))
    source_url: Mapped[str] = mapped_column(sa.String(1000), default="")
    certainty: Mapped[Certainty] = mapped_column(choice(Certainty, "certainty"))
    checked_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), unique=True)  # its win
    renewal_case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        sa.CheckConstraint("signed_on <= ends_on", name="signed_before_it_ends"),
        sa.CheckConstraint("starts_on <= ended_on", name="starts_before_it_is_ended"),
        sa.CheckConstraint("ends_on IS NULL OR NOT open_ended", name="one_kind_of_end"),
        sa.CheckConstraint("notice_months BETWEEN 0 AND 60", name="notice_months"),
        sa.CheckConstraint("value_ore >= 0", name="value_not_negative"),
        sa.CheckConstraint("yearly_ore >= 0", name="yearly_not_negative"),
        sa.CheckConstraint("cap_ore >= 0", name="cap_not_negative"),
        sa.CheckConstraint("used_ore >= 0", name="used_not_negative"),
        sa.CheckConstraint("used_ore IS NULL OR used_on IS NOT NULL", name="used_has_a_day"),
        sa.CheckConstraint("source <> ''", name="has_a_source"),
        sa.CheckConstraint(
            "(kind = 'framework') = (position IS NOT NULL)", name="position_of_a_framework"
        ),
    )

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")
    product: Mapped[Product | None] = relationship(lazy="raise_on_sql")
    case: Mapped[Case | None] = relationship(foreign_keys=[case_id], lazy="raise_on_sql")
    renewal_case: Mapped[Case | None] = relationship(
        foreign_keys=[renewal_case_id], lazy="raise_on_sql"
    )
    options: Mapped[list["ContractOption"]] = relationship(
        back_populates="contract",
        lazy="raise_on_sql",
        order_by="ContractOption.position",
        passive_deletes="all",
    )

    @property
    def extensions(self) -> list[Extension]:
        """The options as the rulebook reads them. Needs the options loaded."""
        return [Extension(row.months, row.state, row.notice_on) for row in self.options]

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms one after another. Needs the options loaded."""
        return rules.terms(
            self.starts_on, self.ends_on, self.extensions, self.notice_months, self.ended_on
        )

    @property
    def awaited_notice(self) -> date | None:
        """The last day for notice of what is not decided yet. Needs the options loaded."""
        return rules.awaited_notice(self.terms, self.extensions)

    @property
    def furthest(self) -> date | None:
        """The last day if every open option is used. Needs the options loaded."""
        return rules.furthest_day(self.ends_on, self.extensions, self.ended_on)

    @property
    def share_used(self) -> int | None:
        """Per cent of the cap that is used."""
        return rules.share_used(self.used_ore, self.cap_ore)

    @property
    def is_used_up(self) -> bool:
        """Nothing can be called off any more, whatever the day."""
        return rules.is_used_up(self.used_ore, self.cap_ore)

    @property
    def check_again_on(self) -> date:
        """When what is known of it should be looked at again (A12)."""
        return rules.check_again_on(self.checked_on)

    def is_over(self, today: date) -> bool:
        """Whether its last day has gone."""
        return self.runs_until is not None and self.runs_until < today


class ContractOption(Audited, Base):
    """An option to prolong the contract, in the order in which they may be used."""

    __tablename__ = "contract_option"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "position"),
        sa.CheckConstraint("months BETWEEN 1 AND 240", name="months"),
        sa.CheckConstraint("(state = 'open') = (decided_on IS NULL)", name="decided_on_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id"))
    position: Mapped[int]  # from 0
    months: Mapped[int]
    state: Mapped[OptionState] = mapped_column(
        choice(OptionState, "state"), default=OptionState.OPEN
    )
    notice_on: Mapped[date | None]  # where the contract states a day of its own
    decided_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    contract: Mapped[Contract] = relationship(back_populates="options", lazy="raise_on_sql")


class FrameworkCaller(Audited, Base):
    """An organisation that may call off from a framework (avropsberättigad)."""

    __tablename__ = "framework_caller"
    __table_args__ = (sa.UniqueConstraint("contract_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)

    contract: Mapped[Contract] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class ContractWord(Base):
    """What notices say of a contract (A12), beside what stands in the register.

    `who` tells the contract from its sisters (`crm.rules.registered`), `said` are the facts in the
    register's own terms: a fact that still stands so has nobody changed. `contract_version` is the
    contract's as the notices left it. Without a contract it was taken away again by hand, and stays
    away, with its version where nobody had worked with it; or the register could not hold it, and
    `refused` is the sentence that says why. `told` is False when a correction no longer tells of
    it.
    """

    __tablename__ = "contract_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contract.id"), unique=True)
    contract_version: Mapped[int | None]
    who: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    said: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    told: Mapped[bool] = mapped_column(default=True)
    refused: Mapped[str] = mapped_column(sa.String(300), default="")

    contract: Mapped[Contract | None] = relationship(lazy="raise_on_sql")
