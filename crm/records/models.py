"""What was asked of an authority, and what it answered."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.contracts.models import Contract
from crm.core.db import Base, choice
from crm.organisations.models import Organisation
from crm.procurements.models import Procurement
from crm.rules.records_letter import RequestKind


class RequestChannel(StrEnum):
    """How it was asked."""

    EMAIL = "email"
    E_SERVICE = "e_service"
    POST = "post"
    PHONE = "phone"
    VISIT = "visit"


class RequestOutcome(StrEnum):
    """What the authority answered."""

    GIVEN = "given"
    PARTLY = "partly"  # some of it, or with words struck out
    REFUSED = "refused"
    NO_DOCUMENT = "no_document"  # there is no such document


REFUSALS = (RequestOutcome.PARTLY, RequestOutcome.REFUSED)
"""Outcomes against which there is an appeal."""


class RecordsRequest(Audited, Base):
    """One request. `organisation` is whom it was put to, the body itself or a unit of it.

    `asked` is the whole letter as it was sent. `refused_on` is the day we were told of a refusal,
    and `appeal_by` the last day that the law's calendar gives from it (TF 2 kap. 19 §), kept as it
    was worked out then. `appeal_settled` once we have appealed or let it be. Money is whole öre.
    """

    __tablename__ = "records_request"
    __table_args__ = (
        sa.CheckConstraint("fee_ore >= 0", name="fee_not_negative"),
        sa.CheckConstraint("answered_on IS NULL OR answered_on >= asked_on", name="answer_after"),
        sa.CheckConstraint(
            "(answered_on IS NULL) = (outcome IS NULL)", name="answer_has_an_outcome"
        ),
        sa.CheckConstraint(
            "(refused_on IS NULL) = (appeal_by IS NULL)", name="refusal_has_an_appeal_day"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[RequestKind] = mapped_column(choice(RequestKind, "kind"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    procurement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procurement.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    asked: Mapped[str] = mapped_column(sa.Text)
    asked_on: Mapped[date]
    channel: Mapped[RequestChannel] = mapped_column(choice(RequestChannel, "channel"))
    sent_to: Mapped[str] = mapped_column(sa.String(200), default="")
    reference: Mapped[str] = mapped_column(sa.String(100), default="")  # diarienummer
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    follow_up_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    outcome: Mapped[RequestOutcome | None] = mapped_column(choice(RequestOutcome, "outcome"))
    fee_ore: Mapped[int | None] = mapped_column(sa.BigInteger)
    secrecy_note: Mapped[str] = mapped_column(sa.Text, default="")
    refused_on: Mapped[date | None]
    appeal_by: Mapped[date | None]
    appeal_settled: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[str] = mapped_column(sa.Text, default="")
    files: Mapped[str] = mapped_column(sa.String(500), default="")  # where they are kept
    contract_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="SET NULL"), index=True
    )  # in the register, from the answer
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")
    procurement: Mapped[Procurement | None] = relationship(lazy="raise_on_sql")
    case: Mapped[Case | None] = relationship(lazy="raise_on_sql")
    contract: Mapped[Contract | None] = relationship(lazy="raise_on_sql")
    owner: Mapped[User | None] = relationship(lazy="raise_on_sql")
