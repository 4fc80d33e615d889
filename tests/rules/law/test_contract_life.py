"""Frameworks and changes of signed contracts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.law.contract_life import (
    Change,
    framework_last_day,
    framework_left,
    may_change_by_small_value,
    may_change_unforeseen,
    may_order_more,
)
from crm.rules.law.explained import Confidence, StepKind
from crm.rules.law.limits import Purchase
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind
from crm.rules.law.values import shipped_values

VALUES = shipped_values()
TODAY = date(2026, 11, 23)
IT = Purchase(Law.LOU, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, TODAY)
WORKS = Purchase(Law.LOU, AuthorityKind.OTHER, ObjectKind.WORKS, TODAY)


def kr(kronor: int) -> int:
    return kronor * 100


def test_a_framework_runs_four_years_and_longer_in_the_utilities() -> None:
    first = date(2026, 3, 1)
    assert framework_last_day(VALUES, Law.LOU, first).value == date(2030, 2, 28)
    assert framework_last_day(VALUES, Law.LUF, first).value == date(2034, 2, 28)
    defence = framework_last_day(VALUES, Law.LUFS, first)
    assert defence.value == date(2033, 2, 28)
    assert defence.confidence is Confidence.UNCONFIRMED


def test_a_framework_that_is_used_up_has_no_further_effect() -> None:
    assert framework_left(kr(10_000_000), kr(9_000_000)).value == kr(1_000_000)
    used_up = framework_left(kr(10_000_000), kr(10_000_001))
    assert used_up.value == 0 and used_up.has(StepKind.FRAMEWORK_USED_UP)


@pytest.mark.parametrize(
    "purchase, amount, earlier, allowed",
    [
        (IT, 99_999, (), True),
        (IT, 100_000, (), False),  # ten percent itself is too much
        (IT, 60_000, (50_000,), False),  # the net of all counts
        (IT, 120_000, (-50_000,), True),
        (IT, -99_999, (), True),
        (IT, -100_000, (), False),
        (WORKS, 149_999, (), True),
        (WORKS, 150_000, (), False),
    ],
)
def test_a_change_of_small_value(
    purchase: Purchase, amount: int, earlier: tuple[int, ...], allowed: bool
) -> None:
    change = Change(purchase, kr(1_000_000), kr(amount), [kr(one) for one in earlier])
    assert may_change_by_small_value(VALUES, change).value is allowed


def test_a_small_share_of_a_large_contract_must_still_be_below_the_threshold() -> None:
    below = Change(IT, kr(30_000_000), kr(2_451_750))
    assert may_change_by_small_value(VALUES, below).value
    at = Change(IT, kr(30_000_000), kr(2_451_751))
    assert not may_change_by_small_value(VALUES, at).value


def test_the_agencys_example_of_a_contract_of_a_hundred_million() -> None:
    """Frågeportalen on LUF 16 kap. 9 §: ten million is a tenth, but above the threshold."""
    purchase = Purchase(Law.LUF, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, date(2019, 5, 1))
    above = may_change_by_small_value(VALUES, Change(purchase, kr(100_000_000), kr(9_999_999)))
    assert not above.value
    assert above.cites == ("LUF 16 kap. 9 §",)
    below = may_change_by_small_value(VALUES, Change(purchase, kr(100_000_000), kr(4_201_677)))
    assert below.value


def test_necessary_orders_and_the_unforeseen_reach_half_the_contract() -> None:
    more = may_order_more(VALUES, kr(1_000_000), kr(500_000), TODAY)
    assert more.value and "LOU 17 kap. 16 §" in more.cites
    assert not may_order_more(VALUES, kr(1_000_000), kr(500_001), TODAY).value
    assert may_change_unforeseen(VALUES, kr(1_000_000), kr(500_000), TODAY).value
    assert not may_change_unforeseen(VALUES, kr(1_000_000), kr(500_001), TODAY).value


@given(st.integers(0, 10**10), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_larger_change_is_never_allowed_where_a_smaller_is_not(
    value: int, amount: int, more: int
) -> None:
    small = may_change_by_small_value(VALUES, Change(IT, value, amount)).value
    large = may_change_by_small_value(VALUES, Change(IT, value, amount + more)).value
    assert small or not large
    ordered = may_order_more(VALUES, value, amount, TODAY).value
    assert ordered or not may_order_more(VALUES, value, amount + more, TODAY).value
