"""What is done with prices. Each verb checks its rule and writes; the edge commits."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from crm.accounts import vendor
from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.pricing import frozen, queries
from crm.pricing.models import CasePricing, PriceLine, PriceList, PriceSheet
from crm.pricing.queries import Known
from crm.rules.pricing import PriceKind, Rung, Scenario, Tier, ladder

# --- Price lists --------------------------------------------------------------------------------


def begin_list(*, now: datetime) -> PriceList:
    """A draft of the next version, with the lines of the latest. The draft there is, if any."""
    latest = db.session.scalar(
        sa.select(PriceList)
        .order_by(PriceList.number.desc())
        .limit(1)
        .options(sa.orm.selectinload(PriceList.lines))
    )
    if latest is not None and latest.published_at is None:
        return latest
    draft = PriceList(number=latest.number + 1 if latest else 1, created_at=now)
    for line in latest.lines if latest is not None else ():
        draft.lines.append(
            PriceLine(
                product_id=line.product_id,
                name=line.name,
                kind=line.kind,
                amount_ore=line.amount_ore,
                tiers=[list(tier) for tier in line.tiers],
                vat_percent=line.vat_percent,
            )
        )
    db.session.add(draft)
    db.session.flush()
    return draft


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line as it was typed: the first tier holds from the start."""

    product_id: int
    name: str
    kind: PriceKind
    amount_ore: int
    tiers: Sequence[Tier]
    vat_percent: int


def add_line(draft: PriceList, facts: LineFacts) -> PriceLine:
    """A price in a draft."""
    line = PriceLine(price_list_id=draft.id)
    _fill(draft, line, facts)
    db.session.add(line)
    db.session.flush()
    return line


def change_line(line: PriceLine, facts: LineFacts) -> None:
    """A price of a draft, otherwise."""
    _fill(line.price_list, line, facts)


def remove_line(line: PriceLine) -> None:
    """A price that the draft is to be without."""
    _only_draft(line.price_list)
    db.session.delete(line)
    db.session.flush()


def publish(draft: PriceList, valid_from: date, note: str, *, by: User, now: datetime) -> None:
    """The list holds from a day on, and is never altered again.

    Raises RuleBroken for one without prices, and for a day before the one from which another list
    holds already: of two that have begun the later one holds, so this would never do.
    """
    _only_draft(draft)
    if not draft.lines:
        raise RuleBroken(_("A list without prices cannot be published."))
    holds = queries.holding(queries.lists(), clock.local(now).date())
    if holds is not None and holds.valid_from is not None and valid_from < holds.valid_from:
        raise RuleBroken(
            _(
                "Price list %(number)s holds from %(day)s, so a list from an earlier day would"
                " never hold. Choose that day or a later one.",
                number=holds.number,
                day=holds.valid_from.isoformat(),
            )
        )
    draft.published_by_id = by.id  # first: reading it may flush, and the days go together
    draft.valid_from, draft.published_at, draft.note = valid_from, now, note


def _fill(draft: PriceList, line: PriceLine, facts: LineFacts) -> None:
    _only_draft(draft)
    line.product_id, line.name, line.kind = facts.product_id, facts.name, facts.kind
    line.amount_ore, line.vat_percent = facts.amount_ore, facts.vat_percent
    line.tiers = [[tier.least, tier.amount] for tier in facts.tiers]


def _only_draft(draft: PriceList) -> None:
    """Lock the list, see that it is still a draft, and let it have a new version.

    Whoever alters or publishes it at the same time waits, and whoever has a form to publish it open
    is told that its prices are others now. Raises RuleBroken once it is published, and
    StaleDataError where it has changed since it was read.
    """
    seen = draft.version
    db.session.refresh(draft, ["version", "published_at"], with_for_update=True)
    if draft.published_at is not None:
        raise RuleBroken(
            _("A published price list is never altered. Begin the next version instead.")
        )
    if draft.version != seen:
        raise StaleDataError("the price list has changed since it was read")
    flag_modified(draft, "note")


# --- A case's ladder ----------------------------------------------------------------------------


def keep_scenario(
    case: Case,
    product_id: int,
    scenario: Scenario,
    *,
    starts_on: date | None,
    chosen: Rung | None,
) -> CasePricing:
    """The size a case is priced for, and the step that was chosen."""
    kept = queries.pricing_of(case.id)
    if kept is None:
        kept = CasePricing(case_id=case.id)
        db.session.add(kept)
    kept.product_id, kept.chosen, kept.starts_on = product_id, chosen, starts_on
    kept.users, kept.units, kept.units_all = scenario.users, scenario.units, scenario.units_all
    kept.inhabitants = scenario.inhabitants
    kept.term_years, kept.option_years = scenario.term_years, scenario.option_years
    kept.with_services = scenario.with_services
    db.session.flush()
    return kept


# --- Sheets -------------------------------------------------------------------------------------


def share_sheet(
    known: Known,
    *,
    is_exact: bool,
    language: str,
    valid_until: date,
    by: User,
    now: datetime,
) -> PriceSheet:
    """The ladder of today, frozen. The case has had its price shared from now on (G3)."""
    case, today, scenario = known.case, known.today, known.scenario
    offers = ladder(known.prices, scenario)
    if known.price_list is None or known.product is None or not offers:
        raise RuleBroken(_("No price list with prices holds today. Publish one first."))
    data: dict[str, Any] = frozen.freeze(
        product=known.product.name,
        body=case.body.title,
        by=by.name,
        mail=by.email,
        vendor=vendor.facts(),
        scenario=scenario,
        offers=offers,
    )
    sheet = PriceSheet(
        case_id=case.id,
        number=queries.next_sheet(case.id),
        price_list_id=known.price_list.id,
        is_exact=is_exact,
        language=language,
        made_on=today,
        made_by_id=by.id,
        valid_until=valid_until,
        nonce=secrets.token_urlsafe(24),
        data=data,
    )
    with refusing_doubles(
        _("A colleague made a sheet of the case at the same moment. Look at it, and send again."),
        "uq_price_sheet_case_id",
    ):
        db.session.add(sheet)
    if case.price_shared_on is None:
        case.price_shared_on = today
    db.session.flush()
    record(
        ActivityKind.CASE,
        db.session.get_one(Organisation, case.organisation_id),
        now=now,
        by=by,
        case_id=case.id,
        event="price_sheet_shared",
        number=sheet.number,
        product=known.product.name,
    )
    return sheet


def revoke(sheet: PriceSheet, *, now: datetime) -> None:
    """The link is closed, at once and for good."""
    if sheet.revoked_at is None:
        sheet.revoked_at = now
