"""Champion kits as they were shared."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.core.db import Base
from crm.interest.models import Inquiry
from crm.people.models import Person
from crm.pricing.models import PriceSheet


class Kit(Audited, Base):
    """A version of a case's kit, for one champion: what it says never changes, only whether its
    link is open (C6, S23).

    `data` is what it says, frozen; `sheet` the price sheet that its steps are of, which is frozen
    itself, and `rungs` names the steps. `nonce` makes the link together with the installation's
    key, so that nothing in here opens it.
    """

    __tablename__ = "kit"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "number"),
        sa.CheckConstraint("made_on <= valid_until", name="days"),
    )
    __audit_skip__ = frozenset({"nonce", "data"})

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    number: Mapped[int]  # the case's first, second, ...
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    sheet_id: Mapped[int | None] = mapped_column(sa.ForeignKey("price_sheet.id"), index=True)
    rungs: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    language: Mapped[str] = mapped_column(sa.String(2))
    made_on: Mapped[date]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    valid_until: Mapped[date]
    revoked_at: Mapped[datetime | None]
    nonce: Mapped[str] = mapped_column(sa.String(40))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    case: Mapped[Case] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    sheet: Mapped[PriceSheet | None] = relationship(lazy="raise_on_sql")
    made_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    def is_open_on(self, day: date) -> bool:
        """Whether its link answers."""
        return self.revoked_at is None and day <= self.valid_until


class KitQuestion(Base):
    """That an inquiry was asked by a reader of a kit."""

    __tablename__ = "kit_question"

    inquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("inquiry.id"), primary_key=True)
    kit_id: Mapped[int] = mapped_column(sa.ForeignKey("kit.id"), index=True)

    kit: Mapped[Kit] = relationship(lazy="raise_on_sql")
    inquiry: Mapped[Inquiry] = relationship(lazy="raise_on_sql")
