"""Where trials are told from, the secrets for it, what came in, the trials and the pilots."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.models import Audited
from crm.cases.models import Case, Product
from crm.core.db import Base, choice, unique_where
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.rules.trials import TrialKind


class TrialSource(Audited, Base):
    """A product or a site that tells of its trials. `key` is its part of the address: no secret.
    Without a product it is a site that tells of them all."""

    __tablename__ = "trial_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("product.id"), index=True)
    closed_at: Mapped[datetime | None]  # nothing more is taken from it
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    product: Mapped[Product | None] = relationship(lazy="raise_on_sql")
    secrets: Mapped[list["TrialSecret"]] = relationship(
        lazy="raise_on_sql", order_by="TrialSecret.id", back_populates="source"
    )


class TrialSecret(Audited, Base):
    """That a secret was made. The secret itself is worked out of the nonce and the installation's
    key (`crm.trials.signing`), so that nothing in the database signs anything."""

    __tablename__ = "trial_secret"
    __table_args__ = (
        unique_where("uq_trial_secret_current", "source_id", where="ends_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("trial_source.id"), index=True)
    nonce: Mapped[str] = mapped_column(sa.String(40), unique=True)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]  # signs until then; None: until another is made

    source: Mapped[TrialSource] = relationship(lazy="raise_on_sql", back_populates="secrets")


class TrialMessage(Base):
    """A message that has been taken, so that it is taken once. Forgotten after a month."""

    __tablename__ = "trial_message"

    source_id: Mapped[int] = mapped_column(sa.ForeignKey("trial_source.id"), primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))  # of the body
    at: Mapped[datetime] = mapped_column(index=True)


class Trial(Audited, Base):
    """One person's use of one product. Who and where is the inquiry's to say, so that sorting it
    sorts the trial as well.

    Of private use there is no inquiry, and with it no name, address or unit; nor any day, and no
    line in the history (S19). On which days somebody was at work is not kept there either.
    """

    __tablename__ = "trial"
    __table_args__ = (
        sa.CheckConstraint("days_active >= 0", name="days_not_negative"),
        sa.CheckConstraint("(kind = 'private') = (inquiry_id IS NULL)", name="private_is_nobodys"),
        sa.CheckConstraint(
            "(kind = 'private') = (signed_up_on IS NULL)", name="private_has_no_day"
        ),
        sa.CheckConstraint(
            "kind <> 'private' OR (first_used_on IS NULL AND ended_on IS NULL AND days_active = 0)",
            name="private_has_no_use",
        ),
        sa.CheckConstraint("first_used_on <= last_used_on", name="use_in_order"),
        sa.CheckConstraint(
            "(first_used_on IS NULL) = (last_used_on IS NULL)", name="use_has_two_ends"
        ),
    )
    __audit_skip__ = frozenset(
        {"signed_up_on", "first_used_on", "last_used_on", "days_active", "ended_on"}
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("trial_source.id"), index=True)
    kind: Mapped[TrialKind] = mapped_column(choice(TrialKind, "kind"))
    inquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inquiry.id"), index=True)
    signed_up_on: Mapped[date | None]
    first_used_on: Mapped[date | None]
    last_used_on: Mapped[date | None]
    days_active: Mapped[int] = mapped_column(default=0)
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    source: Mapped[TrialSource] = relationship(lazy="raise_on_sql")
    inquiry: Mapped[Inquiry | None] = relationship(lazy="raise_on_sql")

    @property
    def is_audited(self) -> bool:
        """Nothing of private use is in the history, whatever it becomes later."""
        return self.kind is not TrialKind.PRIVATE


class TrialAccount(Base):
    """An account of the sender's, and whose trial it is: one person may have several. `ref` is a
    digest of the sender's name for it, which is often an address."""

    __tablename__ = "trial_account"

    source_id: Mapped[int] = mapped_column(sa.ForeignKey("trial_source.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    trial_id: Mapped[int] = mapped_column(sa.ForeignKey("trial.id"), index=True)


class Pilot(Audited, Base):
    """A trial by agreement, in one unit, with a beginning, an end and something to find out."""

    __tablename__ = "pilot"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="order"),
        sa.CheckConstraint("(evaluated_on IS NULL) = (result = '')", name="evaluated_has_result"),
        sa.CheckConstraint("evaluated_on IS NULL OR called_off_on IS NULL", name="one_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    evaluates: Mapped[str] = mapped_column(sa.Text)  # what is to be found out
    questions: Mapped[str] = mapped_column(sa.Text, default="")
    result: Mapped[str] = mapped_column(sa.Text, default="")
    evaluated_on: Mapped[date | None]
    called_off_on: Mapped[date | None]
    called_off_why: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    case: Mapped[Case] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    @property
    def is_ahead(self) -> bool:
        """Whether it is still to be carried out, or evaluated."""
        return self.evaluated_on is None and self.called_off_on is None
