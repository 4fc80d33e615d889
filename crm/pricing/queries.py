"""What is read about prices. Nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.cases.models import Case, Product
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.pricing.models import CasePricing, PriceLine, PriceList, PriceSheet, UnitPays
from crm.rules.kinds import OrganisationKind
from crm.rules.law.terms import AuthorityKind
from crm.rules.law.values import NoValue
from crm.rules.pricing import (
    Offer,
    Price,
    Scenario,
    WayToBuy,
    counts_for,
    smallest,
    way_to_buy,
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


def valid_on(day: date) -> PriceList | None:
    """The published list that holds on a day, with its lines. At most two statements."""
    return db.session.scalar(
        sa.select(PriceList)
        .where(PriceList.published_at.is_not(None), PriceList.valid_from <= day)
        .order_by(PriceList.valid_from.desc(), PriceList.number.desc())
        .limit(1)
        .options(selectinload(PriceList.lines).joinedload(PriceLine.product))
    )


def holding(found: Sequence[PriceList], day: date) -> PriceList | None:
    """The same, out of lists at hand."""
    held = [one for one in found if one.valid_from is not None and one.valid_from <= day]
    return max(held, key=lambda one: (one.valid_from or date.min, one.number), default=None)


def prices_of(chosen: PriceList | None, product_id: int | None) -> list[Price]:
    """The list's prices of a product; none without a list."""
    if chosen is None:
        return []
    return [row.price for row in chosen.lines if row.product_id == product_id]


# --- A case's ladder ----------------------------------------------------------------------------


def pricing_of(case_id: int) -> CasePricing | None:
    """What the case was priced for, if anybody has said."""
    return db.session.get(CasePricing, case_id)


def usual_scenario(case: Case) -> Scenario:
    """What to begin from: the units there are, and how many live there. One statement."""
    body = case.body
    there = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Organisation)
        .where(
            Organisation.body_id == case.body_id,
            Organisation.kind == OrganisationKind.UNIT,
            Organisation.closed_on.is_(None),
        )
    )
    taking_part = len(case.units)
    return Scenario(
        units=max(2, taking_part),
        units_all=max(2, taking_part, there or 0),
        inhabitants=body.population,
    )


def product_for(case: Case, chosen: PriceList | None, kept: CasePricing | None) -> Product | None:
    """The product to price: as kept, else the case's first that has a price, else any that has."""
    if chosen is None:
        return None
    priced = {row.product_id: row.product for row in chosen.lines}
    if kept is not None and kept.product_id in priced:
        return priced[kept.product_id]
    ours = [one for one in sorted(case.products, key=lambda one: one.id) if one.id in priced]
    return ours[0] if ours else next(iter(priced.values()), None)


def authority_of(body: Organisation) -> AuthorityKind:
    """How the thresholds tell the body apart (LOU 1 kap. 11 §)."""
    of_the_state = {OrganisationKind.AUTHORITY, OrganisationKind.UNIVERSITY}
    return AuthorityKind.STATE if body.kind in of_the_state else AuthorityKind.OTHER


def way_for(case: Case, value: int, today: date) -> WayToBuy | None:
    """The route for a purchase of a value, with our own running agreements. Two statements."""
    values = law.values()
    running = db.session.scalars(
        sa.select(UnitPays)
        .join(Case, Case.id == UnitPays.case_id)
        .where(
            Case.body_id == case.body_id,
            UnitPays.first_on <= today,
            sa.or_(UnitPays.last_on.is_(None), UnitPays.last_on >= today),
        )
    )
    try:
        own = [counts_for(values, row.pays(""), today) for row in running]
    except NoValue:
        return None
    return way_to_buy(
        values, authority_of(case.body), today, value, own, framework=case.has_framework
    )


@dataclass(frozen=True, slots=True)
class SmallestPurchase:
    """The least that works for one unit, and how it may be bought."""

    product: str
    offer: Offer
    way: WayToBuy | None


def smallest_purchase(case: Case, today: date) -> SmallestPurchase | None:
    """What one unit could buy now; None where no list has a price. At most six statements."""
    chosen, kept = valid_on(today), pricing_of(case.id)
    product = product_for(case, chosen, kept)
    if product is None:
        return None
    scenario = kept.scenario if kept is not None else usual_scenario(case)
    offer = smallest(prices_of(chosen, product.id), scenario)
    if offer is None:
        return None
    return SmallestPurchase(product.name, offer, way_for(case, offer.value.value, today))


def is_in_trial(case: Case) -> bool:
    """Whether people there try the product, and the case is not closed."""
    return case.adoption in IN_TRIAL and case.state is not CaseState.CLOSED


# --- What units pay -----------------------------------------------------------------------------


def what_units_pay(case_id: int) -> Sequence[UnitPays]:
    """What the case's units pay, by unit and day. One statement."""
    return db.session.scalars(
        sa.select(UnitPays)
        .join(Organisation, Organisation.id == UnitPays.organisation_id)
        .where(UnitPays.case_id == case_id)
        .order_by(Organisation.name_sort, UnitPays.first_on)
        .options(joinedload(UnitPays.organisation))
    ).all()


def unit_pays(pays_id: int) -> UnitPays:
    """One of them. Raises NotFound."""
    found = db.session.scalar(
        sa.select(UnitPays)
        .where(UnitPays.id == pays_id)
        .options(joinedload(UnitPays.organisation))
    )
    if found is None:
        raise NotFound("what a unit pays")
    return found


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
