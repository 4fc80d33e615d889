"""Prices worked out by hand, and what must hold whatever the figures are."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import ONE_DAY
from crm.rules.floors import LegalTerms
from crm.rules.headroom import Sale, worth_of
from crm.rules.law.terms import AuthorityKind
from crm.rules.law.values import shipped_values
from crm.rules.precision import add_months
from crm.rules.pricing import (
    Pays,
    Price,
    PriceKind,
    Rung,
    Scenario,
    Tier,
    TierProblem,
    break_even,
    ladder,
    overlap,
    priced,
    smallest,
    span,
    tier_problem,
    upgrade,
    vat_on,
    way_to_buy,
    yearly_price,
)
from crm.rules.routes import Route

KR = 100
DAY = date(2026, 11, 29)


def price(kind: PriceKind, *tiers: tuple[int, int], name: str = "Licens", vat: int = 25) -> Price:
    return Price(name, kind, tuple(Tier(least, kronor * KR) for least, kronor in tiers), vat)


PRICES = [
    price(PriceKind.PER_USER, (1, 1_200), (10, 1_000)),
    price(PriceKind.PER_UNIT, (1, 9_000), (5, 8_000)),
    price(PriceKind.INHABITANTS, (0, 60_000), (15_000, 90_000), (50_000, 240_000)),
    price(PriceKind.ONCE, (1, 5_000), name="Uppstart"),
    price(PriceKind.ONCE_PER_UNIT, (1, 2_500), name="Utbildning"),
]
HULTSFRED = Scenario(
    users=8, units=3, units_all=14, inhabitants=13_700, term_years=2, option_years=2
)


def by_rung(prices: list[Price], scenario: Scenario) -> dict[Rung, tuple[int, int, int]]:
    return {
        offer.rung: (offer.yearly // KR, offer.once // KR, offer.value.value // KR)
        for offer in ladder(prices, scenario)
    }


def test_the_four_steps_by_hand() -> None:
    assert by_rung(PRICES, HULTSFRED) == {
        # a year, once, and four years with what is paid once
        Rung.ONE_USER: (1_200, 0, 4_800),
        Rung.ONE_UNIT: (9_000, 7_500, 43_500),
        Rung.SEVERAL_UNITS: (27_000, 12_500, 120_500),
        Rung.WHOLE_BODY: (60_000, 40_000, 280_000),
    }


def test_a_step_without_a_price_of_its_own_is_priced_by_the_one_below() -> None:
    only_users = [price(PriceKind.PER_USER, (1, 100))]
    assert by_rung(only_users, HULTSFRED) == {
        Rung.ONE_USER: (100, 0, 400),
        Rung.ONE_UNIT: (800, 0, 3_200),
        Rung.SEVERAL_UNITS: (2_400, 0, 9_600),
        Rung.WHOLE_BODY: (11_200, 0, 44_800),
    }
    only_all = [price(PriceKind.WHOLE_BODY, (1, 50_000))]
    assert list(by_rung(only_all, HULTSFRED)) == [Rung.WHOLE_BODY]
    assert ladder([], HULTSFRED) == []


def test_of_two_prices_for_the_whole_body_the_lower_one_holds() -> None:
    both = [*PRICES, price(PriceKind.WHOLE_BODY, (1, 55_000), name="Fast pris")]
    assert by_rung(both, HULTSFRED)[Rung.WHOLE_BODY][0] == 55_000


@pytest.mark.parametrize(
    "people,kronor", [(0, 60_000), (14_999, 60_000), (15_000, 90_000), (1_000_000, 240_000)]
)
def test_a_step_of_inhabitants_begins_at_its_number(people: int, kronor: int) -> None:
    assert priced(PRICES[2], people).amount == kronor * KR


def test_nine_users_pay_what_ten_would_since_that_is_less() -> None:
    nine = priced(PRICES[0], 9)
    assert (nine.amount, nine.each, nine.as_for) == (10_000 * KR, 1_000 * KR, 10)
    eight = priced(PRICES[0], 8)
    assert (eight.amount, eight.as_for) == (9_600 * KR, None)


def test_from_how_many_the_next_step_costs_less() -> None:
    users = break_even(PRICES, Rung.ONE_USER, HULTSFRED)
    assert users is not None
    # 7 users are 8 400 kr, 8 are 9 600 kr, a unit is 9 000 kr
    assert (users.number, users.of, users.cheaper) == (8, PriceKind.PER_USER, Rung.ONE_UNIT)
    units = break_even(PRICES, Rung.SEVERAL_UNITS, HULTSFRED)
    assert units is not None
    # 7 units are 56 000 kr, 8 are 64 000 kr, the whole municipality is 60 000 kr
    assert (units.number, units.cheaper) == (8, Rung.WHOLE_BODY)
    assert break_even(PRICES, Rung.ONE_UNIT, HULTSFRED) is None
    assert break_even(PRICES, Rung.WHOLE_BODY, HULTSFRED) is None
    assert break_even(PRICES[:1], Rung.ONE_USER, HULTSFRED) is None


def test_the_smallest_purchase_is_by_users_where_that_costs_less() -> None:
    by_unit = smallest(PRICES, HULTSFRED)
    assert by_unit is not None and by_unit.yearly == 9_000 * KR  # 8 users would be 9 600 kr
    few = Scenario(users=3, with_services=False)
    by_users = smallest(PRICES, few)
    assert by_users is not None
    assert (by_users.rung, by_users.yearly) == (Rung.ONE_UNIT, 3_600 * KR)
    assert smallest([], HULTSFRED) is None
    whole = smallest([price(PriceKind.WHOLE_BODY, (1, 50_000))], HULTSFRED)
    assert whole is not None and whole.rung is Rung.WHOLE_BODY


# --- VAT and rounding ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "amount,percent,vat",
    [(100, 25, 25), (1, 25, 0), (2, 25, 1), (3, 25, 1), (333, 6, 20), (125, 12, 15), (999, 0, 0)],
)
def test_vat_is_rounded_half_upwards_to_whole_ore(amount: int, percent: int, vat: int) -> None:
    assert vat_on(amount, percent) == vat


def test_vat_is_rounded_on_each_line_and_not_on_the_sum() -> None:
    two = [Price(name, PriceKind.PER_UNIT, (Tier(1, 2),)) for name in ("a", "b")]
    offer = smallest(two, Scenario(with_services=False))
    assert offer is not None
    assert offer.yearly_with_vat == 4 + 1 + 1  # 25 % of each 2 öre is 0.5, so 1; of the sum 1
    assert vat_on(4, 25) == 1


@given(st.integers(0, 10**12), st.sampled_from([25, 12, 6, 0]))
def test_vat_is_never_half_an_ore_off(amount: int, percent: int) -> None:
    exact = amount * percent
    assert -50 <= vat_on(amount, percent) * 100 - exact <= 50
    assert vat_on(amount + 1, percent) >= vat_on(amount, percent)


# --- What must hold whatever the figures are -------------------------------------------------------


@st.composite
def tiered(draw: st.DrawFn, kind: PriceKind) -> Price:
    amounts = draw(st.lists(st.integers(0, 10**9), min_size=1, max_size=5))
    leasts = sorted(draw(st.sets(st.integers(2, 500), min_size=4, max_size=4)))
    amounts.sort(reverse=kind is not PriceKind.INHABITANTS)
    first = 0 if kind is PriceKind.INHABITANTS else 1
    steps = zip([first, *leasts], amounts, strict=False)
    tiers = tuple(Tier(least, amount) for least, amount in steps)
    assert tier_problem(kind, tiers) is None
    return Price("Licens", kind, tiers)


KINDS = st.sampled_from(PriceKind)
PRICE_LISTS = st.lists(KINDS.flatmap(tiered), max_size=6)
SCENARIOS = st.builds(
    Scenario,
    users=st.integers(1, 600),
    units=st.integers(1, 100),
    units_all=st.integers(100, 600),
    inhabitants=st.none() | st.integers(0, 10**6),
    term_years=st.integers(1, 6),
    option_years=st.integers(0, 6),
    with_services=st.booleans(),
)


@given(KINDS.flatmap(tiered), st.integers(0, 1_000), st.integers(0, 50))
def test_more_never_costs_less(one: Price, number: int, more: int) -> None:
    assert priced(one, number).amount <= priced(one, number + more).amount


@given(PRICE_LISTS, SCENARIOS)
def test_totals_are_sums_of_their_lines(prices: list[Price], scenario: Scenario) -> None:
    for offer in ladder(prices, scenario):
        lines = (*offer.yearly_lines, *offer.once_lines)
        assert all(type(line.amount) is int and type(line.vat) is int for line in lines)
        assert offer.yearly + offer.once == sum(line.amount for line in lines)
        assert offer.yearly_with_vat + offer.once_with_vat == sum(
            line.amount + line.vat for line in lines
        )
        years = scenario.term_years + scenario.option_years
        assert offer.value.value == offer.yearly * years + offer.once


@given(PRICE_LISTS, SCENARIOS)
def test_the_ladder_rises_as_long_as_it_is_priced_alike(
    prices: list[Price], scenario: Scenario
) -> None:
    """A step that is priced as the one below never costs less; one of another kind may."""
    offers = ladder(prices, scenario)
    for before, after in pairwise(offers):
        if {line.kind for line in before.yearly_lines} == {
            line.kind for line in after.yearly_lines
        }:
            assert before.yearly <= after.yearly
            assert before.value.value <= after.value.value


@given(PRICE_LISTS, SCENARIOS)
def test_the_break_even_is_the_first_number_that_costs_more(
    prices: list[Price], scenario: Scenario
) -> None:
    offers = {offer.rung: offer for offer in ladder(prices, scenario)}
    for rung in offers:
        found = break_even(prices, rung, scenario)
        if found is None:
            continue
        other = offers[found.cheaper].yearly

        def costs(number: int, kind: PriceKind) -> int:
            return sum(priced(one, number).amount for one in prices if one.kind is kind)

        assert costs(found.number, found.of) > other
        assert found.number == 1 or costs(found.number - 1, found.of) <= other


def test_tiers_that_cannot_stand() -> None:
    assert tier_problem(PriceKind.PER_USER, [Tier(1, 5), Tier(1, 4)]) is TierProblem.NOT_RISING
    assert tier_problem(PriceKind.PER_USER, [Tier(1, 5), Tier(9, 6)]) is TierProblem.DEARER
    assert tier_problem(PriceKind.INHABITANTS, [Tier(0, 5), Tier(9, 4)]) is TierProblem.CHEAPER
    assert tier_problem(PriceKind.INHABITANTS, [Tier(0, 5), Tier(9, 6)]) is None


# --- How it may be bought --------------------------------------------------------------------------


def way(value: int, *own: int, framework: bool = False) -> tuple[Route, int, int]:
    found = way_to_buy(
        shipped_values(),
        AuthorityKind.OTHER,
        DAY,
        value * KR,
        [one * KR for one in own],
        framework=framework,
    )
    assert found is not None
    return found.route, found.counted // KR, found.left // KR


def test_the_route_follows_the_value_and_the_limit_of_the_day() -> None:
    assert way(43_500) == (Route.DIRECT_AWARD, 43_500, 656_499)
    assert way(699_999) == (Route.DIRECT_AWARD, 699_999, 0)
    assert way(700_000)[0] is Route.BELOW_THRESHOLD
    assert way(5_000_000)[0] is Route.OPEN


def test_what_other_units_pay_us_is_counted_with_it() -> None:
    assert way(43_500, 200_000, 400_000) == (Route.DIRECT_AWARD, 643_500, 56_499)
    assert way(143_500, 200_000, 400_000)[0] is Route.BELOW_THRESHOLD


def test_a_framework_comes_first() -> None:
    assert way(43_500, framework=True)[0] is Route.CALL_OFF
    assert way(900_000, framework=True)[0] is Route.CALL_OFF


def test_a_day_that_no_row_reaches_has_no_route() -> None:
    assert way_to_buy(shipped_values(), AuthorityKind.OTHER, date(1999, 1, 1), 1) is None


def test_a_total_is_spread_over_its_years() -> None:
    year = (date(2026, 7, 1), date(2027, 6, 30))
    assert yearly_price(12_000 * KR, *year) == 12_000 * KR
    assert yearly_price(36_000 * KR, date(2026, 1, 1), date(2028, 12, 31)) == 12_000 * KR
    half = (date(2026, 1, 1), date(2026, 6, 30))  # 181 of 365 days
    assert yearly_price(3_620 * KR, *half) == 7_300 * KR
    with pytest.raises(ValueError, match="ends after"):
        yearly_price(1, date(2026, 1, 2), date(2026, 1, 1))


@given(st.integers(0, 10**12), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 120))
def test_the_years_of_a_whole_number_make_the_total(total: int, first: date, years: int) -> None:
    last = add_months(first, 12 * years) - timedelta(days=1)
    assert abs(yearly_price(total, first, last) * years - total) * 2 <= years


def test_agreements_overlap_where_they_share_a_day() -> None:
    one = Pays("Skolan", 1, date(2026, 1, 1), date(2026, 12, 31))
    assert overlap(one, Pays("Skolan", 1, date(2026, 12, 31), None))
    assert not overlap(one, Pays("Skolan", 1, date(2027, 1, 1), None))
    assert overlap(Pays("Skolan", 1, date(2025, 1, 1), None), one)
    assert not overlap(Pays("Skolan", 1, date(2025, 1, 1), date(2025, 12, 31)), one)


# --- From units to all -----------------------------------------------------------------------------

STARTS = date(2027, 1, 1)


def test_three_schools_turn_into_one_agreement_by_hand() -> None:
    schools = [
        Pays("Venhagskolan", 7_300 * KR, date(2026, 7, 1), date(2027, 6, 30)),  # 181 days left
        Pays("Albäcksskolan", 9_000 * KR, date(2026, 1, 1), date(2026, 12, 31)),  # none left
        Pays("Lindblomskolan", 5_000 * KR, date(2026, 3, 1), None),  # ended as the new one begins
    ]
    path = upgrade(schools, STARTS, 2, 60_000 * KR)
    assert [(one.unit, one.days, one.amount // KR) for one in path.credits] == [
        ("Venhagskolan", 181, 3_620),
        ("Albäcksskolan", 0, 0),
        ("Lindblomskolan", 0, 0),
    ]
    assert [one.ends_by_notice for one in path.credits] == [False, False, True]
    assert [year.to_pay // KR for year in path.years] == [56_380, 60_000]
    assert path.today == 21_300 * KR
    assert (path.left, path.credited) == (0, 3_620 * KR)


def test_a_whole_year_paid_is_the_whole_year_also_in_a_leap_year() -> None:
    paid = Pays("Venhagskolan", 7_301, date(2027, 1, 1), date(2028, 12, 31))
    path = upgrade([paid], STARTS, 3, 10_000)
    assert [year.credits for year in path.years] == [7_301, 7_301, 0]


def test_what_is_more_than_a_years_price_is_taken_off_the_next() -> None:
    paid = Pays("Venhagskolan", 15_000, date(2027, 1, 1), date(2027, 12, 31))
    path = upgrade([paid], STARTS, 2, 10_000)
    assert [year.to_pay for year in path.years] == [0, 5_000]
    assert [year.brought for year in path.years] == [0, 5_000]
    alone = upgrade([paid], STARTS, 1, 10_000)
    assert (alone.to_pay, alone.left) == (0, 5_000)


def test_an_agreement_that_lasts_no_year_is_none() -> None:
    with pytest.raises(ValueError, match="a year"):
        upgrade([], STARTS, 0, 1)


PAYS = st.builds(
    lambda yearly, first, days: Pays("Skolan", yearly, first, first + timedelta(days=days)),
    st.integers(0, 10**9),
    st.dates(date(2025, 1, 1), date(2030, 1, 1)),
    st.integers(0, 1_500),
)


@given(
    st.lists(PAYS, max_size=6),
    st.dates(date(2026, 1, 1), date(2029, 12, 31)),
    st.integers(1, 6),
    st.integers(0, 10**9),
)
def test_nobody_pays_twice(pays: list[Pays], starts: date, years: int, yearly: int) -> None:
    """What is paid for the agreement and what was paid for its days make its price, to the öre."""
    path = upgrade(pays, starts, years, yearly)
    assert path.to_pay + path.credited - path.left == yearly * years
    assert all(year.to_pay >= 0 and year.kept >= 0 for year in path.years)
    assert all(year.kept == 0 or year.to_pay == 0 for year in path.years)
    for one, credit in zip(pays, path.credits, strict=True):
        assert 0 <= credit.amount <= one.yearly * years
        assert (credit.days == 0) <= (credit.amount == 0)


# --- A rough price ---------------------------------------------------------------------------------


def test_a_span_is_rounded_outwards_to_two_figures() -> None:
    assert span(43_500 * KR) == (36_000 * KR, 51_000 * KR)
    assert span(1_200 * KR) == (1_000 * KR, 1_400 * KR)
    assert span(0) == (0, 0)


@given(st.integers(0, 10**13))
def test_a_span_holds_the_price_and_whole_kronor(amount: int) -> None:
    low, high = span(amount)
    assert low <= amount <= high
    assert low % 100 == 0 and high % 100 == 0


@given(st.integers(1, 20), st.integers(0, 20))
def test_a_step_counts_as_the_same_deal_in_the_register(years: int, more: int) -> None:
    """Whether it is on the ladder or registered by the year: LOU 5 kap. 3 §, to the last option."""
    scenario = Scenario(units=3, term_years=years, option_years=more, with_services=False)
    first = date(2027, 1, 1)
    terms = LegalTerms(values=shipped_values(), authority=AuthorityKind.OTHER)
    for offer in ladder(PRICES, scenario):
        sale = Sale(
            "Samma",
            starts_on=first,
            ends_on=add_months(first, 12 * years) - ONE_DAY,
            furthest=add_months(first, 12 * (years + more)) - ONE_DAY,
            yearly_ore=offer.yearly,
        )
        assert worth_of(terms, sale, DAY) == offer.value
