"""Headroom for a direct award: what of ours counts, for how much, and what is left (D3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.floors import LegalTerms
from crm.rules.headroom import Sale, SaleStanding, headroom, worth_of
from crm.rules.law.explained import StepKind
from crm.rules.law.terms import Law, ObjectKind, Regime
from crm.rules.routes import Route

LOU = LegalTerms()
ON = date(2026, 11, 24)
KRONA = 100
RUNNING = Sale(
    "Läsverktyg",
    signed_on=date(2024, 1, 15),
    starts_on=date(2024, 2, 1),
    ends_on=date(2026, 1, 31),
    furthest=date(2028, 1, 31),
    runs_until=date(2028, 1, 31),
    value_ore=200_000 * KRONA,
)


def test_two_years_and_one_and_one_count_as_four() -> None:
    """Upphandlingsmyndigheten's example of 2+1+1: options count as if used (LOU 5 kap. 3 §)."""
    found = worth_of(LOU, RUNNING, ON)
    assert found is not None and found.value == 400_000 * KRONA
    assert found.has(StepKind.TERM_EXTENSION)


@pytest.mark.parametrize(
    ("last", "months"),
    [
        (date(2027, 1, 31), 36),
        (date(2028, 1, 31), 48),
        (date(2031, 1, 31), 84),  # LOU 5 kap. 3 §: a fixed term counts to its end
        (None, 48),  # and 48 where there is no end
    ],
)
def test_a_price_by_the_year_counts_to_the_end_or_for_forty_eight_months(
    last: date | None, months: int
) -> None:
    sale = replace(RUNNING, value_ore=None, yearly_ore=120_000 * KRONA, furthest=last)
    found = worth_of(LOU, sale, ON)
    assert found is not None and found.value == months * 10_000 * KRONA


def test_what_is_left_is_below_the_limit_and_not_the_limit() -> None:
    """LOU 19 a kap. 2 §: below 700 000 kronor; 400 000 of them are used."""
    room = headroom(LOU, [RUNNING], ON)
    assert room.used == 400_000 * KRONA
    assert room.left == 299_999 * KRONA and room.left_alone == 699_999 * KRONA
    assert not room.must_add and room.rule[0].kind is StepKind.SAME_KIND_NOT_ADDED


def test_a_further_step_may_fit_alone_and_not_beside_what_was_bought() -> None:
    room = headroom(LOU, [RUNNING], ON)
    assert room.what_if(299_999 * KRONA).fits
    found = room.what_if(300_000 * KRONA)
    assert not found.fits and found.together == 700_000 * KRONA
    assert found.alone.value is Regime.DIRECT_AWARD
    assert found.beside.value is Regime.NATIONAL
    assert room.what_if(3_000_000 * KRONA).alone.value is Regime.EU
    with pytest.raises(ValueError, match="not negative"):
        room.what_if(-1)


@pytest.mark.parametrize(
    ("sale", "standing"),
    [
        (RUNNING, SaleStanding.COUNTS),
        (replace(RUNNING, route=Route.DIRECT_AWARD), SaleStanding.COUNTS),
        (replace(RUNNING, route=Route.UNIT_PURCHASE), SaleStanding.COUNTS),
        (replace(RUNNING, route=Route.OPEN), SaleStanding.NOT_DIRECT),
        (replace(RUNNING, route=Route.CALL_OFF), SaleStanding.NOT_DIRECT),
        (replace(RUNNING, runs_until=None, furthest=None), SaleStanding.COUNTS),
        # Over since January, and signed within twelve months or before them (5 kap. 11 §).
        (replace(RUNNING, runs_until=date(2026, 1, 31)), SaleStanding.OVER),
        (
            replace(RUNNING, signed_on=date(2025, 11, 24), runs_until=date(2026, 1, 31)),
            SaleStanding.COUNTS,
        ),
        (
            replace(RUNNING, signed_on=date(2025, 11, 23), runs_until=date(2026, 1, 31)),
            SaleStanding.OVER,
        ),
        (replace(RUNNING, value_ore=None), SaleStanding.NO_VALUE),
    ],
)
def test_what_counts_and_why_not(sale: Sale, standing: SaleStanding) -> None:
    room = headroom(LOU, [sale], ON)
    assert [one.standing for one in room.sales] == [standing]
    assert (room.used > 0) is (standing is SaleStanding.COUNTS)
    assert room.without_value == (standing is SaleStanding.NO_VALUE)


def test_before_february_2022_and_under_luk_the_law_itself_adds() -> None:
    then = headroom(LOU, [RUNNING], date(2022, 1, 31))
    assert then.must_add and then.rule[0].kind is StepKind.SAME_KIND_ADDED
    assert then.limit.value.ore == 626_284 * KRONA
    assert not headroom(LOU, [], date(2022, 2, 1)).must_add
    concessions = LegalTerms(law=Law.LUK, kind=ObjectKind.CONCESSION)
    assert headroom(concessions, [], ON).must_add


def test_nothing_sold_leaves_all_of_it() -> None:
    room = headroom(LOU, [], ON)
    assert room.left == room.left_alone and room.used == 0 and room.counted == ()


MONEY = st.integers(0, 10**9)
SALES = st.lists(
    st.builds(
        lambda begun, first, more, value, yearly: Sale(
            "",
            signed_on=begun,
            starts_on=begun,
            ends_on=begun + timedelta(days=first),
            furthest=begun + timedelta(days=first + more),
            runs_until=begun + timedelta(days=first + more),
            value_ore=value,
            yearly_ore=yearly,
        ),
        st.dates(date(2020, 1, 1), date(2026, 11, 1)),
        st.integers(1, 2000),
        st.integers(0, 2000),
        MONEY | st.none(),
        MONEY | st.none(),
    ),
    max_size=6,
)


@given(SALES, SALES, MONEY)
def test_more_sold_never_leaves_more_and_the_room_is_the_most_that_fits(
    some: list[Sale], more: list[Sale], amount: int
) -> None:
    room, less = headroom(LOU, some, ON), headroom(LOU, [*some, *more], ON)
    assert less.used >= room.used and less.left <= room.left <= room.left_alone
    if room.left:
        assert room.what_if(room.left).fits
        assert not room.what_if(room.left + KRONA).fits
    assert room.what_if(amount).together == room.used + amount
    for one in room.sales:
        if one.worth is not None and one.sale.value_ore is not None:
            assert one.worth.value >= one.sale.value_ore
