"""Prices: from a price list and a size to the ladder of steps, with what each counts for (G1-G6).

Money is whole öre and nothing else. An amount is rounded where a line is made, half upwards, and
sums are sums of rounded lines, so that a page, a sheet and an export all show the same figure.
Amounts exclude VAT unless said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from crm.rules.calendar import ONE_DAY
from crm.rules.law.explained import Explained, Step
from crm.rules.law.limits import Limit, Purchase, direct_award_limit, regime
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind, Regime
from crm.rules.law.values import LawValues, NoValue
from crm.rules.law.worth import Term, TermKind, fixed_term_value, units_value
from crm.rules.money import rounded
from crm.rules.precision import add_months
from crm.rules.routes import Route

VAT_RATES: Final = (25, 12, 6, 0)
"""The rates there are in Sweden, in percent (mervärdesskattelagen 2023:200, 9 kap.)."""

MOST_COUNTED: Final = 1_000_000
"""No number of users or units is larger: a break-even beyond it is none."""

SPAN_PERCENT: Final = 15
"""How far a rough price reaches to either side."""


class PriceKind(StrEnum):
    """What a price is for."""

    PER_USER = "per_user"  # each user, a year
    PER_UNIT = "per_unit"  # each unit, a year
    INHABITANTS = "inhabitants"  # the whole body a year, by how many live there
    WHOLE_BODY = "whole_body"  # the whole body a year, whatever its size
    ONCE = "once"  # a service, once
    ONCE_PER_UNIT = "once_per_unit"  # a service, once for each unit

    @property
    def has_tiers(self) -> bool:
        """Whether a larger number may have a price of its own."""
        return self in {PriceKind.PER_USER, PriceKind.PER_UNIT, PriceKind.INHABITANTS}


@dataclass(frozen=True, slots=True)
class Tier:
    """From this number on, this amount in öre: each, or for INHABITANTS in all."""

    least: int
    amount: int


class TierProblem(StrEnum):
    """Why tiers cannot stand together."""

    NOT_RISING = "not_rising"  # the numbers must rise
    DEARER = "dearer"  # more of something may not cost more each
    CHEAPER = "cheaper"  # more inhabitants may not cost less in all


def tier_problem(kind: PriceKind, tiers: Sequence[Tier]) -> TierProblem | None:
    """What is wrong with the tiers of a price, the first of which holds from the start."""
    for before, after in pairwise(tiers):
        if after.least <= before.least:
            return TierProblem.NOT_RISING
        if kind is PriceKind.INHABITANTS and after.amount < before.amount:
            return TierProblem.CHEAPER
        if kind is not PriceKind.INHABITANTS and after.amount > before.amount:
            return TierProblem.DEARER
    return None


@dataclass(frozen=True, slots=True)
class Price:
    """One row of a price list. The first tier holds from the start."""

    name: str
    kind: PriceKind
    tiers: tuple[Tier, ...]
    vat_percent: int = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A price for a number of something: whole öre, rounded here and nowhere after.

    `as_for` is the larger number whose price is paid because it comes to less.
    """

    name: str
    kind: PriceKind
    quantity: int
    each: int
    amount: int
    vat_percent: int
    as_for: int | None = None

    @property
    def vat(self) -> int:
        """The VAT on the line in öre."""
        return vat_on(self.amount, self.vat_percent)


def vat_on(amount: int, percent: int) -> int:
    """VAT on an amount without it, rounded half upwards to whole öre."""
    return rounded(amount * percent, 100)


def priced(price: Price, quantity: int) -> Line:
    """The line for a number. More never costs less: at most what a larger number would cost.

    For INHABITANTS the number is how many live there, and the amount that of their step.
    """
    holding = [tier for tier in price.tiers if tier.least <= quantity]
    tier = holding[-1] if holding else price.tiers[0]
    if price.kind is PriceKind.INHABITANTS:
        return Line(price.name, price.kind, quantity, tier.amount, tier.amount, price.vat_percent)
    each, amount, as_for = tier.amount, tier.amount * quantity, None
    for larger in price.tiers:
        if quantity and larger.least > quantity and larger.least * larger.amount < amount:
            each, amount, as_for = larger.amount, larger.least * larger.amount, larger.least
    return Line(price.name, price.kind, quantity, each, amount, price.vat_percent, as_for)


class Rung(StrEnum):
    """The steps of the ladder, from the least to the most."""

    ONE_USER = "one_user"
    ONE_UNIT = "one_unit"
    SEVERAL_UNITS = "several_units"
    WHOLE_BODY = "whole_body"


@dataclass(frozen=True, slots=True)
class Scenario:
    """The size that is priced, and for how long. `users` are those of one unit."""

    users: int = 10
    units: int = 3
    units_all: int = 10
    inhabitants: int | None = None
    term_years: int = 2
    option_years: int = 2
    with_services: bool = True

    def units_of(self, rung: Rung) -> int:
        """How many units a step covers; none for a user alone."""
        return {
            Rung.ONE_USER: 0,
            Rung.ONE_UNIT: 1,
            Rung.SEVERAL_UNITS: self.units,
            Rung.WHOLE_BODY: self.units_all,
        }[rung]


@dataclass(frozen=True, slots=True)
class Offer:
    """A step of the ladder, priced. `value` is what the contract counts for, with its reasons."""

    rung: Rung
    yearly_lines: tuple[Line, ...]
    once_lines: tuple[Line, ...]
    term_years: int
    option_years: int
    value: Explained[int]

    @property
    def yearly(self) -> int:
        return sum(line.amount for line in self.yearly_lines)

    @property
    def once(self) -> int:
        return sum(line.amount for line in self.once_lines)

    @property
    def yearly_with_vat(self) -> int:
        return self.yearly + sum(line.vat for line in self.yearly_lines)

    @property
    def once_with_vat(self) -> int:
        return self.once + sum(line.vat for line in self.once_lines)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From this many on, the other step costs less a year than more of this one."""

    number: int
    of: PriceKind  # PER_USER or PER_UNIT
    cheaper: Rung


def ladder(prices: Sequence[Price], scenario: Scenario) -> list[Offer]:
    """The steps that the prices make possible, in their order (G1).

    A step without a price of its own is priced by the one below it: a unit by its users, a body by
    its units.
    """
    found = []
    for rung in Rung:
        lines = _yearly(prices, rung, scenario)
        if lines is not None:
            found.append(_offer(prices, rung, scenario, lines))
    return found


def smallest(prices: Sequence[Price], scenario: Scenario) -> Offer | None:
    """The least that works for one unit: by the unit or by its users, whichever costs less (G2)."""
    ways = [
        lines
        for kind, number in ((PriceKind.PER_UNIT, 1), (PriceKind.PER_USER, scenario.users))
        if (lines := _lines(prices, kind, number)) is not None
    ]
    if not ways:
        lines = _yearly(prices, Rung.WHOLE_BODY, scenario)
        return None if lines is None else _offer(prices, Rung.WHOLE_BODY, scenario, lines)
    return _offer(prices, Rung.ONE_UNIT, scenario, min(ways, key=_sum))


def break_even(prices: Sequence[Price], rung: Rung, scenario: Scenario) -> BreakEven | None:
    """Where the next kind of price costs less a year than more of this step's; None if nowhere."""
    kind, cheaper = {
        Rung.ONE_USER: (PriceKind.PER_USER, Rung.ONE_UNIT),
        Rung.SEVERAL_UNITS: (PriceKind.PER_UNIT, Rung.WHOLE_BODY),
    }.get(rung, (None, Rung.WHOLE_BODY))
    if kind is None or _lines(prices, kind, 1) is None:
        return None
    other = _yearly(prices, cheaper, scenario)
    if other is None or any(line.kind is kind for line in other):
        return None
    target = _sum(other)

    def costs(number: int) -> int:
        return _sum(_lines(prices, kind, number) or ())

    low, high = 1, MOST_COUNTED
    if costs(high) <= target:
        return None
    while low < high:
        middle = (low + high) // 2
        if costs(middle) > target:
            high = middle
        else:
            low = middle + 1
    return BreakEven(low, kind, cheaper)


def _lines(prices: Sequence[Price], kind: PriceKind, number: int) -> tuple[Line, ...] | None:
    found = tuple(priced(one, number) for one in prices if one.kind is kind)
    return found or None


def _sum(lines: Iterable[Line]) -> int:
    return sum(line.amount for line in lines)


def _yearly(prices: Sequence[Price], rung: Rung, scenario: Scenario) -> tuple[Line, ...] | None:
    if rung is Rung.ONE_USER:
        return _lines(prices, PriceKind.PER_USER, 1)
    units = scenario.units_of(rung)
    if rung is Rung.WHOLE_BODY:
        ways = [_lines(prices, PriceKind.WHOLE_BODY, 1)]
        if scenario.inhabitants is not None:
            ways.append(_lines(prices, PriceKind.INHABITANTS, scenario.inhabitants))
        known = [lines for lines in ways if lines is not None]
        if known:
            return min(known, key=_sum)
    return _lines(prices, PriceKind.PER_UNIT, units) or _lines(
        prices, PriceKind.PER_USER, units * scenario.users
    )


def _offer(
    prices: Sequence[Price], rung: Rung, scenario: Scenario, yearly: tuple[Line, ...]
) -> Offer:
    once: tuple[Line, ...] = ()
    if scenario.with_services and rung is not Rung.ONE_USER:
        once = (
            *(_lines(prices, PriceKind.ONCE, 1) or ()),
            *(_lines(prices, PriceKind.ONCE_PER_UNIT, scenario.units_of(rung)) or ()),
        )
    a_year = _sum(yearly)
    terms = [Term(TermKind.BASE, a_year * scenario.term_years + _sum(once))]
    if scenario.option_years:
        terms.append(Term(TermKind.EXTENSION, a_year * scenario.option_years))
    return Offer(
        rung=rung,
        yearly_lines=yearly,
        once_lines=once,
        term_years=scenario.term_years,
        option_years=scenario.option_years,
        value=fixed_term_value(Law.LOU, terms),
    )


# --- How it may be bought ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WayToBuy:
    """The likely route of a purchase, what it is held against, and what is left under the limit.

    `counted` is the purchase with our own other agreements at the body; `left` is in öre. What
    others have sold there nobody here knows, and the authority decides.
    """

    route: Route
    counted: int
    limit: Limit
    left: int
    steps: tuple[Step, ...]

    @property
    def is_limited(self) -> bool:
        """Whether the limit decides anything: a call-off follows its framework (LOU 7 kap.)."""
        return self.route is not Route.CALL_OFF

    @property
    def fits(self) -> bool:
        """Whether it may be bought directly, as far as we know."""
        return self.limit.allows(self.counted)


def way_to_buy(
    values: LawValues,
    authority: AuthorityKind,
    on: date,
    value: int,
    own: Sequence[int] = (),
    *,
    framework: bool = False,
) -> WayToBuy | None:
    """Which route a contract value leads to on a day (LOU 5 kap. 4 §, 19 a kap. 2 §).

    `own` is what our other running agreements with the body's units count for. None where the law's
    rows do not reach the day.
    """
    purchase = Purchase(Law.LOU, authority, ObjectKind.GOODS_SERVICES, on)
    together = units_value(Law.LOU, value, own, alone=False)
    try:
        limit = direct_award_limit(values, purchase).value
        decided = regime(values, purchase, together.value)
    except NoValue:
        return None
    route = {
        Regime.DIRECT_AWARD: Route.DIRECT_AWARD,
        Regime.NATIONAL: Route.BELOW_THRESHOLD,
        Regime.EU: Route.OPEN,
    }[decided.value]
    return WayToBuy(
        route=Route.CALL_OFF if framework else route,
        counted=together.value,
        limit=limit,
        left=limit.left(together.value),
        steps=(*together.steps, *decided.steps),
    )


# --- What units pay already ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pays:
    """What a unit pays a year in öre, from a day to and with another, or until somebody ends it."""

    unit: str
    yearly: int
    first: date
    last: date | None

    def runs_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def yearly_price(total: int, first: date, last: date) -> int:
    """What a price for the whole time comes to a year, in öre: so that its years make the total.

    Raises ValueError for a last day before the first.
    """
    if last < first:
        raise ValueError("An agreement ends after it begins.")
    years = sum(
        (
            Fraction((min(ends, last) - begins).days + 1, (ends - begins).days + 1)
            for begins, ends in _years_between(first, last)
        ),
        Fraction(0),
    )
    return rounded(total * years.denominator, years.numerator)


def overlap(one: Pays, other: Pays) -> bool:
    """Whether two agreements are for some of the same days."""
    return (one.last is None or other.first <= one.last) and (
        other.last is None or one.first <= other.last
    )


@dataclass(frozen=True, slots=True)
class Credit:
    """What a unit has paid for days that the new agreement covers as well."""

    unit: str
    days: int
    amount: int
    ends_by_notice: bool  # it has no last day: it is ended as the new one begins


@dataclass(frozen=True, slots=True)
class AgreementYear:
    """A year of the new agreement: its price less what units have paid for the same days.

    `brought` is what was left to take off from the years before, `kept` what is left after.
    """

    first: date
    last: date
    price: int
    credits: int
    brought: int
    to_pay: int
    kept: int


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From what units pay to an agreement for the whole body. `left` is what could not be taken
    off within the agreement, and is to be paid back."""

    credits: tuple[Credit, ...]
    years: tuple[AgreementYear, ...]
    today: int
    """What the units pay a year in all, on the day before the new agreement."""

    @property
    def credited(self) -> int:
        return sum(one.amount for one in self.credits)

    @property
    def left(self) -> int:
        return self.years[-1].kept

    @property
    def to_pay(self) -> int:
        return sum(year.to_pay for year in self.years)


def upgrade(pays: Sequence[Pays], starts: date, years: int, yearly: int) -> Upgrade:
    """How agreements of units turn into one for the body, so that no day is paid twice (G6).

    Each day that a unit has paid for and the new agreement covers is taken off its price, by the
    days of that agreement's year, rounded for each unit and year. What is more than a year's price
    is taken off the next.
    """
    if years < 1:
        raise ValueError("An agreement lasts a year at least.")
    spans = [
        (add_months(starts, 12 * number), add_months(starts, 12 * (number + 1)) - ONE_DAY)
        for number in range(years)
    ]
    taken_off, by_year = [], [0] * years
    for one in pays:
        shares = [0 if one.last is None else _part(one, *span) for span in spans]
        by_year = [total + share for total, share in zip(by_year, shares, strict=True)]
        taken_off.append(
            Credit(
                one.unit,
                sum(_overlap(one, *span) for span in spans) if one.last else 0,
                sum(shares),
                ends_by_notice=one.last is None,
            )
        )
    kept, found = 0, []
    for (first, last), credit in zip(spans, by_year, strict=True):
        brought, off = kept, kept + credit
        to_pay = max(0, yearly - off)
        kept = off - (yearly - to_pay)
        found.append(AgreementYear(first, last, yearly, credit, brought, to_pay, kept))
    day_before = starts - ONE_DAY
    today = sum(one.yearly for one in pays if one.runs_on(day_before))
    return Upgrade(tuple(taken_off), tuple(found), today)


def _overlap(pays: Pays, first: date, last: date) -> int:
    begins, ends = max(pays.first, first), min(pays.last or last, last)
    return max(0, (ends - begins).days + 1)


def _part(pays: Pays, first: date, last: date) -> int:
    """The unit's price for the days of a year that it pays for: a whole year is the whole price."""
    return rounded(pays.yearly * _overlap(pays, first, last), (last - first).days + 1)


def _years_between(first: date, last: date) -> list[tuple[date, date]]:
    found, number = [], 0
    while (begins := add_months(first, 12 * number)) <= last:
        found.append((begins, add_months(first, 12 * (number + 1)) - ONE_DAY))
        number += 1
    return found


# --- A rough price -------------------------------------------------------------------------------


def span(amount: int, percent: int = SPAN_PERCENT) -> tuple[int, int]:
    """From and to in öre: the amount less and more some percent, outwards to two figures.

    A rough price says no more than it knows: 123 456 kr is 100 000 to 150 000 kr.
    """
    low, high = amount * (100 - percent), amount * (100 + percent)  # in hundredths of öre
    return _two_figures(low // 100, up=False), _two_figures(-(-high // 100), up=True)


def _two_figures(amount: int, *, up: bool) -> int:
    """Rounded down or up to two figures, and never finer than a krona."""
    unit = max(100, int(10 ** max(0, len(str(amount)) - 2)))
    return -(-amount // unit) * unit if up else amount // unit * unit
