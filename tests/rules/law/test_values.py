"""The dated rows: one for each day, with a source, and corrected without losing what was."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.law.explained import Confidence
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind
from crm.rules.law.values import (
    Comparison,
    LawRow,
    LawUnit,
    LawValues,
    NoValue,
    ValueKey,
    shipped_values,
)

VALUES = shipped_values()
COVERED = st.dates(date(2017, 1, 1), date(2027, 12, 31))
LIMITS = [
    *(
        (key, Law.LOU, kind)
        for key in (ValueKey.EU_THRESHOLD, ValueKey.DIRECT_AWARD)
        for kind in (ObjectKind.GOODS_SERVICES, ObjectKind.WORKS, ObjectKind.SOCIAL_SPECIAL)
    ),
    *(
        (key, Law.LUF, kind)
        for key in (ValueKey.EU_THRESHOLD, ValueKey.DIRECT_AWARD)
        for kind in (ObjectKind.GOODS_SERVICES, ObjectKind.WORKS, ObjectKind.SOCIAL_SPECIAL)
    ),
    *(
        (key, Law.LUFS, kind)
        for key in (ValueKey.EU_THRESHOLD, ValueKey.DIRECT_AWARD)
        for kind in (ObjectKind.GOODS_SERVICES, ObjectKind.WORKS)
    ),
    (ValueKey.EU_THRESHOLD, Law.LUK, ObjectKind.CONCESSION),
    (ValueKey.DIRECT_AWARD, Law.LUK, ObjectKind.CONCESSION),
]


@given(COVERED, st.sampled_from(LIMITS), st.sampled_from(list(AuthorityKind)))
def test_each_day_has_exactly_one_threshold_and_one_limit(
    day: date, limit: tuple[ValueKey, Law, ObjectKind], authority: AuthorityKind
) -> None:
    key, law, kind = limit
    found = [
        row
        for row in VALUES.rows
        if row.key is key
        and row.law is law
        and row.holds_on(day)
        and row.authority in {"", authority}
        and kind.value in {row.objects, *_group(row.objects)}
    ]
    assert [VALUES.find(key, law, day, authority, kind)] == found


def _group(name: str) -> set[str]:
    return {"goods_services", "works"} if name == "goods_services_works" else set()


@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)), st.sampled_from(list(ValueKey)))
def test_every_figure_but_the_thresholds_holds_until_further_notice(
    day: date, key: ValueKey
) -> None:
    rows = [row for row in VALUES.rows if row.key is key]
    ends = {ValueKey.EU_THRESHOLD, ValueKey.DIRECT_AWARD, ValueKey.SMALL_LOT}
    assert rows
    assert key in ends or all(row.holds_on(day) for row in rows)


def test_every_row_says_where_it_is_from() -> None:
    for row in VALUES.rows:
        assert row.source, row
        assert row.paragraph, row
        assert row.value > 0, row


@pytest.mark.parametrize(
    "authority, kind, day, kronor, euro",
    [
        (AuthorityKind.STATE, ObjectKind.GOODS_SERVICES, date(2024, 1, 1), 1_546_202, 143_000),
        (AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, date(2025, 12, 31), 2_389_585, 221_000),
        (AuthorityKind.OTHER, ObjectKind.GOODS_SERVICES, date(2026, 1, 1), 2_451_751, 216_000),
        (AuthorityKind.OTHER, ObjectKind.SOCIAL_SPECIAL, date(2022, 6, 1), 7_802_550, 750_000),
        (AuthorityKind.STATE, ObjectKind.WORKS, date(2019, 5, 5), 52_620_561, 5_548_000),
    ],
)
def test_the_thresholds_are_those_that_were_published(
    authority: AuthorityKind, kind: ObjectKind, day: date, kronor: int, euro: int
) -> None:
    row = VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, day, authority, kind)
    assert (row.value, row.euro) == (kronor, euro)


def test_what_was_read_is_confirmed_up_to_that_day_and_assumed_after_it() -> None:
    row = VALUES.find(ValueKey.DIRECT_AWARD, Law.LOU, date(2026, 11, 23))
    assert row.confidence_on(date(2025, 9, 1)) is Confidence.CONFIRMED
    assert row.confidence_on(date(2025, 9, 2)) is Confidence.ASSUMED
    new = VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, date(2026, 1, 1), AuthorityKind.OTHER)
    assert new.confidence_on(date(2026, 1, 1)) is Confidence.EUR_CONFIRMED


def test_outside_what_the_sources_cover_it_says_so() -> None:
    with pytest.raises(NoValue, match="2028-01-01"):
        VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, date(2028, 1, 1), AuthorityKind.OTHER)
    with pytest.raises(NoValue):
        VALUES.find(ValueKey.OPEN_TENDER, Law.LUFS, date(2026, 1, 1))


def test_a_corrected_figure_takes_the_place_of_the_shipped_one() -> None:
    day = date(2026, 11, 23)
    row = VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, day, AuthorityKind.OTHER)
    read = replace(row, value=2_451_750, confidence=Confidence.CONFIRMED, note="OJ C/2025/5732")
    corrected = VALUES.corrected([read])
    assert corrected.find(ValueKey.EU_THRESHOLD, Law.LOU, day, AuthorityKind.OTHER) == read
    assert VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, day, AuthorityKind.OTHER) == row
    before = date(2025, 12, 31)
    assert corrected.find(ValueKey.EU_THRESHOLD, Law.LOU, before, AuthorityKind.OTHER) == (
        VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, before, AuthorityKind.OTHER)
    )


def test_a_new_figure_begins_a_period_and_a_past_case_keeps_its_own() -> None:
    row = VALUES.find(ValueKey.DIRECT_AWARD, Law.LOU, date(2026, 11, 23))
    new = replace(row, value=800_000, valid_from=date(2027, 7, 1))
    corrected = VALUES.corrected([new])
    held = corrected.find(ValueKey.DIRECT_AWARD, Law.LOU, date(2027, 6, 30))
    assert (held.value, held.valid_to) == (700_000, date(2027, 6, 30))
    found = corrected.find(ValueKey.DIRECT_AWARD, Law.LOU, date(2027, 7, 1))
    assert (found.value, found.valid_to) == (800_000, None)


def test_a_row_without_an_end_stops_before_the_next() -> None:
    row = VALUES.find(ValueKey.EU_THRESHOLD, Law.LOU, date(2024, 6, 1), AuthorityKind.OTHER)
    new = replace(row, value=1, valid_from=date(2025, 1, 1), valid_to=None)
    corrected = VALUES.corrected([new])
    found = corrected.find(ValueKey.EU_THRESHOLD, Law.LOU, date(2025, 6, 1), AuthorityKind.OTHER)
    assert (found.value, found.valid_to) == (1, date(2025, 12, 31))
    next_one = corrected.find(ValueKey.EU_THRESHOLD, Law.LOU, date(2026, 1, 1), AuthorityKind.OTHER)
    assert next_one.value == 2_451_751


@given(
    st.dates(date(2016, 6, 1), date(2029, 12, 31)),
    st.sampled_from([row for row in VALUES.rows if row.law is Law.LOU]),
)
def test_any_correction_leaves_one_figure_for_each_day(first_day: date, row: LawRow) -> None:
    new = replace(row, value=row.value + 1, valid_from=first_day, valid_to=None)
    corrected = VALUES.corrected([new])
    again = corrected.corrected([new])
    assert again.rows == corrected.rows
    found = [one for one in corrected.rows if one.slot == row.slot and one.holds_on(first_day)]
    assert [one.value for one in found] == [row.value + 1]
    day_before = first_day - timedelta(days=1)
    old = [one.value for one in VALUES.rows if one.slot == row.slot and one.holds_on(day_before)]
    now = [one.value for one in corrected.rows if one.slot == row.slot and one.holds_on(day_before)]
    assert now == old


def test_two_figures_for_one_day_are_refused() -> None:
    row = VALUES.find(ValueKey.DIRECT_AWARD, Law.LOU, date(2026, 11, 23))
    with pytest.raises(ValueError, match="two figures on 2026-01-01"):
        LawValues([row, replace(row, valid_from=date(2026, 1, 1))])
    with pytest.raises(ValueError, match="ends before it begins"):
        LawValues([replace(row, valid_to=date(2020, 1, 1))])


def test_a_number_of_days_is_no_amount() -> None:
    row = VALUES.find(ValueKey.OPEN_TENDER, Law.LOU, date(2026, 1, 1))
    assert (row.unit, row.comparison) == (LawUnit.DAYS, None)
    with pytest.raises(ValueError, match="not an amount"):
        assert row.ore
    limit = VALUES.find(ValueKey.DIRECT_AWARD, Law.LOU, date(2026, 1, 1))
    assert (limit.ore, limit.comparison) == (70_000_000, Comparison.BELOW)
