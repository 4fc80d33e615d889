"""How much more a body may buy from us directly: own sales of a kind against a dated limit (D3).

Since 2022-02-01 LOU and LUF add no purchases of the same kind of the fiscal year: a direct award
counts by 5 kap. alone. But a need may not be split (5 kap. 6 §), and a contract that comes back
counts with its like of twelve months (5 kap. 11 §). Whether two purchases are one is the
authority's to say, so both are told: what there is room for if the new one counts alone, and beside
what was bought from us. LUK still adds (15 kap. 7 §). What others sold them is not known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm.rules.calendar import ONE_DAY
from crm.rules.floors import LegalTerms
from crm.rules.law.counting import same_day_of_month
from crm.rules.law.explained import Explained, Ore, Step
from crm.rules.law.limits import (
    SAME_KIND_ENDED,
    Limit,
    counted_with_same_kind,
    direct_award_limit,
    regime,
)
from crm.rules.law.terms import Law, Regime
from crm.rules.law.worth import Term, TermKind, contract_value, fixed_term_value, service_value
from crm.rules.money import rounded
from crm.rules.routes import Route

LOOKED_BACK: Final = 12
"""Months back in which a contract is one that comes back (LOU 5 kap. 11 §)."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One contract of ours with the body, in the product area that is asked about.

    Money is öre excluding VAT: `value_ore` of the first term without options, `yearly_ore` where no
    total is stated. `ends_on` ends the first term, `furthest` is the last day if every open option
    is used, `runs_until` the last day as things stand. `route` is how they bought it, if known.
    """

    title: str
    signed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    furthest: date | None = None
    runs_until: date | None = None
    value_ore: int | None = None
    yearly_ore: int | None = None
    route: Route | None = None

    def runs_on(self, day: date) -> bool:
        """Whether it still runs; one without a known end does."""
        return self.runs_until is None or self.runs_until >= day

    @property
    def begun_on(self) -> date | None:
        return self.signed_on or self.starts_on


class SaleStanding(StrEnum):
    """Whether a sale is held against the limit, and why not."""

    COUNTS = "counts"
    NOT_DIRECT = "not_direct"  # bought after a notice, or called off from a framework
    OVER = "over"  # ended, and more than twelve months old
    NO_VALUE = "no_value"  # would count, if its value were known


@dataclass(frozen=True, slots=True)
class CountedSale:
    """A sale with what it counts for, and how that was counted."""

    sale: Sale
    standing: SaleStanding
    worth: Explained[int] | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a further purchase of so much comes to, alone and together with what was bought."""

    amount: Ore
    together: Ore
    alone: Explained[Regime]
    beside: Explained[Regime]

    @property
    def fits(self) -> bool:
        """Whether it may be bought directly however the authority counts."""
        return self.beside.value is Regime.DIRECT_AWARD


@dataclass(frozen=True, slots=True)
class Headroom:
    """The limit of the day, what was bought from us, and what is left.

    `must_add`: the law itself adds what was bought of the same kind; else the authority decides.
    """

    terms: LegalTerms
    on: date
    limit: Explained[Limit]
    sales: tuple[CountedSale, ...]
    must_add: bool
    rule: tuple[Step, ...]

    @property
    def used(self) -> Ore:
        """What the sales that count come to, in öre."""
        return Ore(sum(one.worth.value for one in self.counted if one.worth is not None))

    @property
    def counted(self) -> tuple[CountedSale, ...]:
        return tuple(one for one in self.sales if one.standing is SaleStanding.COUNTS)

    @property
    def without_value(self) -> int:
        """How many sales would count if their value were known."""
        return sum(one.standing is SaleStanding.NO_VALUE for one in self.sales)

    @property
    def left_alone(self) -> Ore:
        """The largest whole krona that a purchase by itself may come to."""
        return self.limit.value.left(0)

    @property
    def left(self) -> Ore:
        """The same beside what was bought; 0 where there is no room."""
        return self.limit.value.left(self.used)

    def what_if(self, amount: int) -> WhatIf:
        """A further purchase that counts for so many öre. Raises ValueError for a negative one."""
        if amount < 0:
            raise ValueError("A purchase is not negative.")
        purchase, values = self.terms.purchase(self.on), self.terms.values
        together = self.used + amount
        return WhatIf(
            amount=Ore(amount),
            together=Ore(together),
            alone=regime(values, purchase, amount),
            beside=regime(values, purchase, together),
        )


def headroom(terms: LegalTerms, sales: Iterable[Sale], on: date) -> Headroom:
    """How much may still be bought directly on a day. Raises NoValue outside the years covered."""
    purchase = terms.purchase(on)
    counted = tuple(_counted(terms, one, on) for one in sales)
    used = [one.worth.value for one in counted if one.worth and one.standing is SaleStanding.COUNTS]
    return Headroom(
        terms=terms,
        on=on,
        limit=direct_award_limit(terms.values, purchase),
        sales=counted,
        must_add=terms.law is Law.LUK or on < SAME_KIND_ENDED,
        rule=counted_with_same_kind(purchase, 0, used).steps,
    )


def worth_of(terms: LegalTerms, sale: Sale, on: date) -> Explained[int] | None:
    """What a sale counts for by 5 kap., options and extensions as if used; None if not known.

    A stated total counts with its extensions at the same rate, and a price by the year for all the
    months of a fixed term, as the ladder of prices counts them (LOU 5 kap. 3 §); without an end a
    price by the year counts for 48 months (5 kap. 13 §).
    """
    if sale.value_ore is not None:
        parts = [Term(TermKind.BASE, sale.value_ore)]
        if (
            sale.starts_on is not None
            and sale.ends_on is not None
            and sale.furthest is not None
            and sale.furthest > sale.ends_on
        ):
            base = _months(sale.starts_on, sale.ends_on)
            more = _months(sale.starts_on, sale.furthest) - base
            parts.append(Term(TermKind.EXTENSION, rounded(sale.value_ore * more, base)))
        return contract_value(terms.law, parts)
    if sale.yearly_ore is not None:
        first, furthest = sale.starts_on or sale.signed_on, sale.furthest
        if first is None or furthest is None:
            return service_value(terms.values, terms.law, on, sale.yearly_ore, None, every=12)
        whole = rounded(sale.yearly_ore * _months(first, furthest), 12)
        base = whole
        if sale.ends_on is not None and sale.ends_on < furthest:
            base = rounded(sale.yearly_ore * _months(first, sale.ends_on), 12)
        parts = [Term(TermKind.BASE, base)]
        if whole > base:
            parts.append(Term(TermKind.EXTENSION, whole - base))
        return fixed_term_value(terms.law, parts)
    return None


_DIRECT: Final = frozenset({Route.DIRECT_AWARD, Route.UNIT_PURCHASE, Route.UNDECIDED})


def _counted(terms: LegalTerms, sale: Sale, on: date) -> CountedSale:
    """A sale whose route is not known counts, so that the room is never told too large."""
    if sale.route is not None and sale.route not in _DIRECT:
        return CountedSale(sale, SaleStanding.NOT_DIRECT)
    earliest = same_day_of_month(on, -LOOKED_BACK)
    is_recent = sale.begun_on is not None and sale.begun_on >= earliest
    if not is_recent and not sale.runs_on(on):
        return CountedSale(sale, SaleStanding.OVER)
    worth = worth_of(terms, sale, on)
    if worth is None:
        return CountedSale(sale, SaleStanding.NO_VALUE)
    return CountedSale(sale, SaleStanding.COUNTS, worth)


def _months(first: date, last: date) -> int:
    """Begun months from the first day to the last, both included; at least one."""
    months = max(1, (last.year - first.year) * 12 + last.month - first.month)
    while same_day_of_month(first, months) - ONE_DAY < last:
        months += 1
    while months > 1 and same_day_of_month(first, months - 1) - ONE_DAY >= last:
        months -= 1
    return months
