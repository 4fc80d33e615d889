"""What is read about prices. Nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.cases.models import Case, Product
from crm.contracts.models import Contract
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.law import queries as law
from crm.law.models import LawValueChange
from crm.organisations.models import Organisation
from crm.pricing.models import CasePricing, PriceLine, PriceList, PriceSheet
from crm.procurements import queries as procurements
from crm.rules.contracts import ContractKind
from crm.rules.floors import LegalTerms
from crm.rules.headroom import headroom
from crm.rules.kinds import OrganisationKind
from crm.rules.law.values import NoValue, shipped_values
from crm.rules.pricing import (
    Offer,
    Pays,
    Price,
    Scenario,
    WayToBuy,
    overlap,
    smallest,
    way_to_buy,
    yearly_price,
)
from crm.rules.stages import AdoptionStage, CaseState

IN_TRIAL = frozenset(
    {AdoptionStage.COLLEAGUES, AdoptionStage.UNIT_PILOT, AdoptionStage.SEVERAL_UNITS}
)
"""Where people try and nobody has bought yet: a small purchase may be what carries it further."""


# --- Price lists --------------------------------------------------------------------------------


def lists() -> Sequence[PriceList]:
    """Every version, the latest first, with its lines. Two statements."""
    return db.session.scalars(
        sa.select(PriceList)
        .order_by(PriceList.number.desc())
        .options(selectinload(PriceList.lines), joinedload(PriceList.published_by))
    ).all()


def price_list(list_id: int) -> PriceList:
    """The list with its lines and their products. Two statements. Raises NotFound."""
    found = db.session.scalar(
        sa.select(PriceList)
        .where(PriceList.id == list_id)
        .options(
            selectinload(PriceList.lines).joinedload(PriceLine.product),
            joinedload(PriceList.published_by),
        )
    )
    if found is None:
        raise NotFound("price list")
    return found


def line(line_id: int) -> PriceLine:
    """The line with its list. Raises NotFound."""
    found = db.session.scalar(
        sa.select(PriceLine)
        .where(PriceLine.id == line_id)
        .options(joinedload(PriceLine.price_list))
    )
    if found is None:
        raise NotFound("price line")
    return found


def holding(found: Sequence[PriceList], day: date) -> PriceList | None:
    """The published list that holds on a day, out of lists at hand."""
    held = [one for one in found if one.valid_from is not None and one.valid_from <= day]
    return max(held, key=lambda one: (one.valid_from or date.min, one.number), default=None)


# --- A case's ladder ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """All that a case's prices are worked out from: the list that holds, the size that was kept,
    and how many units the body has."""

    case: Case
    today: date
    price_list: PriceList | None
    lines: tuple[tuple[PriceLine, Product], ...]
    kept: CasePricing | None
    units_there: int
    law_is_changed: bool

    @property
    def products(self) -> dict[int, Product]:
        """Those that have a price."""
        return {product.id: product for _line, product in self.lines}

    @property
    def product(self) -> Product | None:
        """The one to price: as kept, else the case's first that has a price, else any that has."""
        there = self.products
        if self.kept is not None and self.kept.product_id in there:
            return there[self.kept.product_id]
        ours = sorted(one.id for one in self.case.products if one.id in there)
        return there[ours[0]] if ours else next(iter(there.values()), None)

    @property
    def prices(self) -> list[Price]:
        """The prices of the product."""
        chosen = self.product
        return [line.price for line, product in self.lines if product is chosen]

    @property
    def scenario(self) -> Scenario:
        """The size that was kept, or else one from the units there are and who live there."""
        if self.kept is not None:
            return self.kept.scenario
        taking_part = len(self.case.units)
        return Scenario(
            units=max(2, taking_part),
            units_all=max(2, taking_part, self.units_there),
            inhabitants=self.case.body.population,
        )


def known(case: Case, today: date) -> Known:
    """What there is to price a case by. One statement, each row of it a price."""
    holds = (
        sa.select(PriceList.id)
        .where(PriceList.published_at.is_not(None), PriceList.valid_from <= today)
        .order_by(PriceList.valid_from.desc(), PriceList.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    units_there = (
        sa.select(sa.func.count())
        .select_from(Organisation)
        .where(
            Organisation.body_id == case.body_id,
            Organisation.kind == OrganisationKind.UNIT,
            Organisation.closed_on.is_(None),
        )
        .scalar_subquery()
    )
    changed = sa.select(sa.func.count()).select_from(LawValueChange).scalar_subquery()
    one = sa.select(sa.literal(1).label("row")).subquery()
    found: Any = db.session.execute(  # of outer joins, so each may be missing
        sa.select(
            PriceList,
            PriceLine,
            Product,
            CasePricing,
            units_there.label("units_there"),
            changed.label("changed"),
        )
        .select_from(one)
        .outerjoin(PriceList, PriceList.id == holds)
        .outerjoin(PriceLine, PriceLine.price_list_id == PriceList.id)
        .outerjoin(Product, Product.id == PriceLine.product_id)
        .outerjoin(CasePricing, CasePricing.case_id == case.id)
        .order_by(Product.name, PriceLine.id)
    ).all()
    return Known(
        case=case,
        today=today,
        price_list=found[0][0],
        lines=tuple((row[1], row[2]) for row in found if row[1] is not None),
        kept=found[0][3],
        units_there=found[0].units_there,
        law_is_changed=bool(found[0].changed),
    )


def pricing_of(case_id: int) -> CasePricing | None:
    """What the case was priced for, if anybody has said."""
    return db.session.get(CasePricing, case_id)


@dataclass(frozen=True, slots=True)
class SmallestPurchase:
    """The least that works for one unit, and how it may be bought."""

    product: str
    offer: Offer
    way: WayToBuy | None


def smallest_purchase(known: Known) -> SmallestPurchase | None:
    """What one unit could buy now; None where no list has a price (G2).

    What the body has bought from us is counted as the headroom counts it (D3). Two statements, one
    more where an administrator has changed a value of the law.
    """
    offer = smallest(known.prices, known.scenario)
    if offer is None or known.product is None:
        return None
    values = law.values() if known.law_is_changed else shipped_values()
    terms = LegalTerms(values=values, authority=procurements.authority_of(known.case.body.kind))
    sales = [one.sale for one in procurements.sales_beside(known.case)]
    try:
        room = headroom(terms, sales, known.today)
        way = way_to_buy(
            values,
            terms.authority,
            known.today,
            offer.value.value,
            [one.worth.value for one in room.counted if one.worth is not None],
            framework=known.case.has_framework,
        )
    except NoValue:
        way = None
    return SmallestPurchase(known.product.name, offer, way)


def is_in_trial(case: Case) -> bool:
    """Whether people there try the product, and the case is not closed."""
    return case.adoption in IN_TRIAL and case.state is not CaseState.CLOSED


# --- What units pay: our own contracts with them, as the register has them ------------------------


@dataclass(frozen=True, slots=True)
class UnitPays:
    """A contract of ours with a unit, and what it pays by it.

    `pays` is None where the register knows no price or no first day. `is_overlapped`: the unit has
    another for some of the same days; both are paid, and both are taken off.
    """

    contract: Contract
    pays: Pays | None
    is_overlapped: bool = False


def what_units_pay(case: Case, product: Product | None, today: date) -> list[UnitPays]:
    """Our contracts with units of the case's body that are not over, by unit and day (G6).

    Those of the product, and those that name none. One statement.
    """
    asked = (
        sa.select(Contract)
        .join(Organisation, Organisation.id == Contract.organisation_id)
        .where(_of_a_unit(case), _is_not_over(today))
        .order_by(Organisation.name_sort, Contract.starts_on, Contract.id)
        .options(joinedload(Contract.organisation))
    )
    if product is not None:
        asked = asked.where(
            sa.or_(Contract.product_id.is_(None), Contract.product_id == product.id)
        )
    rows = [UnitPays(one, _pays(one)) for one in db.session.scalars(asked)]
    return [replace(row, is_overlapped=_is_overlapped(row, rows)) for row in rows]


def _is_overlapped(row: UnitPays, rows: Sequence[UnitPays]) -> bool:
    return row.pays is not None and any(
        other.pays is not None
        and other is not row
        and other.contract.organisation_id == row.contract.organisation_id
        and overlap(row.pays, other.pays)
        for other in rows
    )


def _pays(contract: Contract) -> Pays | None:
    """By the year as stated, else the total of the first term spread over it."""
    first = contract.starts_on or contract.signed_on
    if first is None:
        return None
    yearly, term = contract.yearly_ore, contract.ends_on
    if yearly is None and contract.value_ore is not None and term is not None and first <= term:
        yearly = yearly_price(contract.value_ore, first, term)
    if yearly is None:
        return None
    return Pays(contract.organisation.title, yearly, first, contract.runs_until)


def _of_a_unit(case: Case) -> sa.ColumnElement[bool]:
    return sa.and_(
        Contract.body_id == case.body_id,
        Contract.organisation_id != Contract.body_id,
        Contract.kind == ContractKind.OWN,
    )


def _is_not_over(today: date) -> sa.ColumnElement[bool]:
    return sa.or_(Contract.runs_until.is_(None), Contract.runs_until >= today)


# --- Sheets -------------------------------------------------------------------------------------


def sheet(sheet_id: int) -> PriceSheet:
    """The sheet with its case, who made it and its list. Raises NotFound."""
    found = db.session.scalar(
        sa.select(PriceSheet)
        .where(PriceSheet.id == sheet_id)
        .options(
            joinedload(PriceSheet.case),
            joinedload(PriceSheet.made_by),
            joinedload(PriceSheet.price_list),
        )
    )
    if found is None:
        raise NotFound("price sheet")
    return found


def next_sheet(case_id: int) -> int:
    """The number of the case's next sheet, as things stand now. One statement."""
    last = db.session.scalar(
        sa.select(sa.func.max(PriceSheet.number)).where(PriceSheet.case_id == case_id)
    )
    return (last or 0) + 1


def sheets_of(case_id: int) -> Sequence[PriceSheet]:
    """The case's sheets, the latest first. One statement."""
    return db.session.scalars(
        sa.select(PriceSheet)
        .where(PriceSheet.case_id == case_id)
        .order_by(PriceSheet.number.desc())
        .options(joinedload(PriceSheet.made_by), joinedload(PriceSheet.price_list))
    ).all()


def sheets(page: int) -> Page[PriceSheet]:
    """Every sheet that was shared, the latest first, with its case's body. Two statements."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(PriceSheet)) or 0
    found = db.session.scalars(
        sa.select(PriceSheet)
        .order_by(PriceSheet.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(
            joinedload(PriceSheet.case).joinedload(Case.body),
            joinedload(PriceSheet.price_list),
        )
    ).all()
    return Page(list(found), page, total)
