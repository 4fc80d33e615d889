"""Thresholds and direct-award limits, with the operator of their day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.law.explained import Confidence, StepKind
from crm.rules.law.limits import (
    Purchase,
    counted_with_same_kind,
    direct_award_limit,
    regime,
    threshold,
)
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind, Regime
from crm.rules.law.values import Comparison, NoValue, shipped_values

VALUES = shipped_values()


def bought(
    on: date,
    law: Law = Law.LOU,
    kind: ObjectKind = ObjectKind.GOODS_SERVICES,
    authority: AuthorityKind = AuthorityKind.OTHER,
) -> Purchase:
    return Purchase(law, authority, kind, on)


def kr(kronor: int) -> int:
    return kronor * 100


@pytest.mark.parametrize(
    "on, law, kind, limit, at_the_limit",
    [
        # Before February 2022 up to and including the limit; since then below it (FP-VALUE, BYGG14).
        (date(2018, 5, 1), Law.LOU, ObjectKind.GOODS_SERVICES, 586_907, True),
        (date(2020, 5, 1), Law.LOU, ObjectKind.WORKS, 615_312, True),
        (date(2022, 1, 31), Law.LOU, ObjectKind.GOODS_SERVICES, 626_284, True),
        (date(2022, 2, 1), Law.LOU, ObjectKind.GOODS_SERVICES, 700_000, False),
        (date(2026, 11, 23), Law.LOU, ObjectKind.GOODS_SERVICES, 700_000, False),
        (date(2026, 11, 23), Law.LOU, ObjectKind.SOCIAL_SPECIAL, 8_513_025, False),
        (date(2019, 5, 1), Law.LOU, ObjectKind.WELFARE, 1_991_766, True),
        (date(2018, 5, 1), Law.LOU, ObjectKind.WELFARE, 586_907, True),
        (date(2023, 5, 1), Law.LOU, ObjectKind.WELFARE, 7_802_550, False),
        (date(2021, 5, 1), Law.LUF, ObjectKind.GOODS_SERVICES, 1_142_723, True),
        (date(2026, 11, 23), Law.LUF, ObjectKind.GOODS_SERVICES, 1_200_000, False),
        (date(2026, 11, 23), Law.LUFS, ObjectKind.GOODS_SERVICES, 1_200_000, False),
        (date(2021, 5, 1), Law.LUK, ObjectKind.CONCESSION, 2_746_930, False),
    ],
)
def test_the_limit_of_a_direct_award_and_its_operator(
    on: date, law: Law, kind: ObjectKind, limit: int, at_the_limit: bool
) -> None:
    found = direct_award_limit(VALUES, bought(on, law, kind)).value
    assert found.ore == kr(limit)
    assert found.allows(kr(limit)) is at_the_limit
    assert found.allows(kr(limit) - 1)
    assert not found.allows(kr(limit) + 1)


def test_what_is_left_is_whole_kronor_that_still_can_be_bought() -> None:
    limit = direct_award_limit(VALUES, bought(date(2026, 11, 23))).value
    assert limit.left(kr(500_000)) == kr(199_999)
    assert limit.left(kr(700_000)) == limit.left(kr(900_000)) == 0
    old = direct_award_limit(VALUES, bought(date(2021, 5, 1))).value
    assert old.left(kr(600_000)) == kr(15_312)


@pytest.mark.parametrize(
    "value, authority, kind, expected",
    [
        (699_999, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, Regime.DIRECT_AWARD),
        (700_000, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, Regime.NATIONAL),
        (1_589_098, AuthorityKind.STATE, ObjectKind.GOODS_SERVICES, Regime.EU),
        (1_589_098, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, Regime.NATIONAL),
        (2_451_750, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, Regime.NATIONAL),
        (2_451_751, AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, Regime.EU),  # at least
        (61_339_182, AuthorityKind.STATE, ObjectKind.WORKS, Regime.NATIONAL),
        (8_513_024, AuthorityKind.OTHER, ObjectKind.SOCIAL_SPECIAL, Regime.DIRECT_AWARD),
        (9_000_000, AuthorityKind.OTHER, ObjectKind.SOCIAL_SPECIAL, Regime.NATIONAL),
    ],
)
def test_the_rules_a_value_falls_under(
    value: int, authority: AuthorityKind, kind: ObjectKind, expected: Regime
) -> None:
    purchase = bought(date(2026, 11, 23), kind=kind, authority=authority)
    assert regime(VALUES, purchase, kr(value)).value is expected


def test_the_day_the_call_is_sent_decides_the_period() -> None:
    """LOU 5 kap. 5 §: the same value is above on the last day of 2025 and below the day after."""
    value = kr(2_400_000)
    assert regime(VALUES, bought(date(2025, 12, 31)), value).value is Regime.EU
    assert regime(VALUES, bought(date(2026, 1, 1)), value).value is Regime.NATIONAL


def test_the_answer_tells_what_it_rests_on() -> None:
    found = regime(VALUES, bought(date(2026, 11, 23)), kr(3_000_000))
    assert [one.kind for one in found.steps] == [
        StepKind.VALUE_DAY,
        StepKind.LIMIT_BELOW,
        StepKind.MUST_BE_ADVERTISED,
        StepKind.THRESHOLD,
        StepKind.ABOVE_THRESHOLD,
    ]
    assert found.cites == ("LOU 5 kap. 5 §", "LOU 19 a kap. 2 §", "LOU 5 kap. 1 §")
    assert found.confidence is Confidence.EUR_CONFIRMED


def test_same_kind_purchases_were_added_until_february_2022_and_still_are_in_luk() -> None:
    same = [kr(300_000), kr(200_000)]
    before = counted_with_same_kind(bought(date(2022, 1, 31)), kr(200_000), same)
    assert before.value == kr(700_000)
    after = counted_with_same_kind(bought(date(2022, 2, 1)), kr(200_000), same)
    assert after.value == kr(200_000)
    concession = bought(date(2026, 1, 1), Law.LUK, ObjectKind.CONCESSION)
    assert counted_with_same_kind(concession, kr(200_000), same).value == kr(700_000)


def test_lufs_has_no_higher_threshold_for_its_services_in_bilaga_3() -> None:
    social = bought(date(2026, 1, 1), Law.LUFS, ObjectKind.SOCIAL_SPECIAL)
    assert threshold(VALUES, social).value.ore == kr(4_903_502)
    with pytest.raises(NoValue):
        direct_award_limit(VALUES, bought(date(2016, 5, 1), Law.LUK, ObjectKind.CONCESSION))


def test_lufs_is_cited_for_its_limits_and_by_no_chapter_that_was_not_read() -> None:
    social = bought(date(2026, 1, 1), Law.LUFS, ObjectKind.SOCIAL_SPECIAL)
    found = regime(VALUES, social, kr(6_000_000))
    assert found.cites == ("LUFS",)
    assert found.confidence is Confidence.UNCONFIRMED
    assert counted_with_same_kind(social, 1, [2]).cites == ("LUFS",)


@pytest.mark.parametrize("law", [Law.LOU, Law.LUF, Law.LUFS])
@pytest.mark.parametrize("kind", [ObjectKind.GOODS_SERVICES, ObjectKind.WORKS])
def test_the_fixed_limits_do_not_move_with_the_euro(law: Law, kind: ObjectKind) -> None:
    """19 a kap. 2 §: the same sum in every period of thresholds since February 2022."""
    sums = {
        direct_award_limit(VALUES, bought(date(year, 6, 1), law, kind)).value.ore
        for year in range(2022, 2028)
    }
    assert sums == {kr(700_000 if law is Law.LOU else 1_200_000)}


@given(
    st.dates(date(2017, 1, 1), date(2027, 12, 31)),
    st.integers(0, 10**11),
    st.integers(0, 10**9),
    st.sampled_from(list(AuthorityKind)),
    st.sampled_from([ObjectKind.GOODS_SERVICES, ObjectKind.WORKS, ObjectKind.SOCIAL_SPECIAL]),
)
def test_a_higher_value_never_falls_under_lighter_rules(
    on: date, value: int, more: int, authority: AuthorityKind, kind: ObjectKind
) -> None:
    order = list(Regime)
    purchase = bought(on, kind=kind, authority=authority)
    low = regime(VALUES, purchase, value).value
    high = regime(VALUES, purchase, value + more).value
    assert order.index(high) >= order.index(low)


@given(st.dates(date(2017, 1, 1), date(2027, 12, 31)), st.integers(0, 10**9))
def test_what_is_left_can_be_bought_and_one_krona_more_cannot(on: date, used: int) -> None:
    limit = direct_award_limit(VALUES, bought(on)).value
    left = limit.left(used)
    assert left % 100 == 0
    if left:
        assert limit.allows(used + left)
        assert not limit.allows(used + left + 100)
    assert limit.comparison in Comparison
