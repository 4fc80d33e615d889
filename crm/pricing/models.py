"""Price lists, what a case was priced for, the sheets that were shared, and what units pay."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.cases.models import Case, Product
from crm.core.db import Base, choice
from crm.rules.pricing import Price, PriceKind, Rung, Scenario, Tier


class PriceList(Audited, Base):
    """A version of our prices. Once published it stands; its days end where the next begins."""

    __tablename__ = "price_list"
    __table_args__ = (
        sa.CheckConstraint(
            "(published_at IS NULL) = (valid_from IS NULL)", name="published_from_a_day"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    valid_from: Mapped[date | None] = mapped_column(index=True)
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    published_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["PriceLine"]] = relationship(
        back_populates="price_list", lazy="raise_on_sql", order_by="PriceLine.id"
    )


class PriceLine(Audited, Base):
    """A price of a product. `amount_ore` holds from the start, `tiers` from larger numbers on.

    Öre excluding VAT; `tiers` are [number, öre] in rising order.
    """

    __tablename__ = "price_line"
    __table_args__ = (
        sa.UniqueConstraint("price_list_id", "product_id", "kind", "name"),
        sa.CheckConstraint("amount_ore >= 0", name="amount_not_negative"),
        sa.CheckConstraint("vat_percent IN (0, 6, 12, 25)", name="vat_rate"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    price_list_id: Mapped[int] = mapped_column(sa.ForeignKey("price_list.id"))
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[PriceKind] = mapped_column(choice(PriceKind, "kind"))
    amount_ore: Mapped[int] = mapped_column(sa.BigInteger)
    tiers: Mapped[list[list[int]]] = mapped_column(sa.JSON, default=list)
    vat_percent: Mapped[int] = mapped_column(default=25)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    price_list: Mapped[PriceList] = relationship(back_populates="lines", lazy="raise_on_sql")
    product: Mapped[Product] = relationship(lazy="raise_on_sql")

    @property
    def price(self) -> Price:
        """The row as the rulebook reads it."""
        first = 0 if self.kind is PriceKind.INHABITANTS else 1
        tiers = (Tier(first, self.amount_ore), *(Tier(least, ore) for least, ore in self.tiers))
        return Price(self.name, self.kind, tiers, self.vat_percent)


class CasePricing(Audited, Base):
    """The size that a case is priced for, and the step of the ladder that was chosen (G1, G6)."""

    __tablename__ = "case_pricing"
    __table_args__ = (
        sa.CheckConstraint("users >= 1 AND units >= 1 AND units_all >= 1", name="sizes"),
        sa.CheckConstraint("inhabitants >= 0", name="inhabitants_not_negative"),
        sa.CheckConstraint("term_years >= 1 AND option_years >= 0", name="years"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    users: Mapped[int]
    units: Mapped[int]
    units_all: Mapped[int]
    inhabitants: Mapped[int | None]
    term_years: Mapped[int]
    option_years: Mapped[int]
    with_services: Mapped[bool]
    starts_on: Mapped[date | None]  # when an agreement for the whole body would begin
    chosen: Mapped[Rung | None] = mapped_column(choice(Rung, "chosen"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    case: Mapped[Case] = relationship(lazy="raise_on_sql")

    @property
    def scenario(self) -> Scenario:
        """The row as the rulebook reads it."""
        return Scenario(
            users=self.users,
            units=self.units,
            units_all=self.units_all,
            inhabitants=self.inhabitants,
            term_years=self.term_years,
            option_years=self.option_years,
            with_services=self.with_services,
        )


class PriceSheet(Audited, Base):
    """A price sheet as it was shared: its figures never change, only whether its link is open.

    `data` is the ladder of that day in öre; `nonce` makes the link, together with the
    installation's secret key, so that nothing in here opens it.
    """

    __tablename__ = "price_sheet"
    __table_args__ = (sa.UniqueConstraint("case_id", "number"),)
    __audit_skip__ = frozenset({"nonce", "data"})

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    number: Mapped[int]  # the case's first, second, ...
    price_list_id: Mapped[int] = mapped_column(sa.ForeignKey("price_list.id"), index=True)
    is_exact: Mapped[bool]
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
    price_list: Mapped[PriceList] = relationship(lazy="raise_on_sql")
    made_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    def is_open_on(self, day: date) -> bool:
        """Whether its link answers."""
        return self.revoked_at is None and day <= self.valid_until
