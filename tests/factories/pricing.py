"""A published price list, and what hangs on it."""

from datetime import date, datetime
from typing import Any

from crm.accounts.models import User
from crm.cases import queries as cases
from crm.cases.models import Case, Product
from crm.contracts.models import Contract
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.pricing import operations, queries
from crm.pricing.models import PriceList, PriceSheet
from crm.rules.contracts import ContractKind
from crm.rules.pricing import PriceKind, Scenario, Tier
from tests.factories.cases import NOW, TODAY
from tests.factories.contracts import make_contract

KR = 100

LINES = (
    ("Licens", PriceKind.PER_USER, 1_200, ((10, 1_000),)),
    ("Licens", PriceKind.PER_UNIT, 9_000, ((5, 8_000),)),
    ("Licens", PriceKind.INHABITANTS, 60_000, ((15_000, 90_000), (50_000, 240_000))),
    ("Uppstart", PriceKind.ONCE, 5_000, ()),
    ("Utbildning", PriceKind.ONCE_PER_UNIT, 2_500, ()),
)
"""Name, kind, kronor from the start, and from larger numbers on."""

HULTSFRED = Scenario(
    users=8, units=3, units_all=14, inhabitants=13_700, term_years=2, option_years=2
)


def draft_list(product: Product, *, now: datetime = NOW) -> PriceList:
    """The draft of the next version, with the lines above in place of any it began with."""
    draft = operations.begin_list(now=now)
    db.session.refresh(draft, ["lines"])
    for line in list(draft.lines):
        operations.remove_line(line)
    db.session.flush()
    for name, kind, kronor, tiers in LINES:
        operations.add_line(
            draft,
            operations.LineFacts(
                product.id,
                name,
                kind,
                kronor * KR,
                [Tier(least, amount * KR) for least, amount in tiers],
                25,
            ),
        )
    db.session.refresh(draft, ["lines"])
    return draft


def publish_list(
    product: Product, by: User, *, valid_from: date = TODAY, now: datetime = NOW
) -> PriceList:
    """The next version, published."""
    draft = draft_list(product, now=now)
    operations.publish(draft, valid_from, "", by=by, now=now)
    db.session.flush()
    return draft


def share(
    case: Case,
    by: User,
    *,
    exact: bool = True,
    language: str = "sv",
    valid_until: date,
    today: date = TODAY,
    now: datetime = NOW,
) -> PriceSheet:
    """A sheet by the list that holds."""
    return operations.share_sheet(
        queries.known(cases.get(case.id), today),
        is_exact=exact,
        language=language,
        valid_until=valid_until,
        by=by,
        now=now,
    )


def pays(
    unit: Organisation,
    kronor: int,
    first_on: date,
    last_on: date | None = None,
    *,
    today: date = TODAY,
    now: datetime = NOW,
    **facts: Any,
) -> Contract:
    """A contract of ours with a unit, by the year."""
    facts.setdefault("title", f"Läsverktyget, {unit.name}")
    facts.setdefault("source", "Vårt avtal")
    facts.setdefault("notice_months", 3 if last_on is None else None)
    return make_contract(
        unit,
        kind=ContractKind.OWN,
        yearly_ore=kronor * KR,
        starts_on=first_on,
        ends_on=last_on,
        open_ended=last_on is None,
        today=today,
        now=now,
        **facts,
    )
