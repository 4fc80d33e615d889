"""Rules A to E of how days are counted, by the agency's own examples first."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.counting import (
    Rule,
    days_after,
    days_before,
    months_after,
    same_day_of_month,
    weeks_after,
    working_days_after,
    years_after,
)
from crm.rules.law.explained import StepKind

DAYS = st.dates(date(2017, 1, 1), date(2030, 12, 31))
RULES = st.sampled_from(list(Rule))


@pytest.mark.parametrize(
    "falls_on, ends",
    [
        # FP-XMAS: Christmas and New Year 2019.
        (date(2019, 12, 24), date(2019, 12, 27)),
        (date(2019, 12, 25), date(2019, 12, 27)),
        (date(2019, 12, 26), date(2019, 12, 27)),
        (date(2019, 12, 31), date(2020, 1, 2)),
        (date(2020, 1, 1), date(2020, 1, 2)),
        # Midsummer Eve 2026, a Friday; Maundy Thursday 2026 is an ordinary day.
        (date(2026, 6, 19), date(2026, 6, 22)),
        (date(2026, 4, 2), date(2026, 4, 2)),
        # 6 June 2026 is a Saturday, and no other day is given instead.
        (date(2026, 6, 6), date(2026, 6, 8)),
    ],
)
def test_a_time_to_bid_that_would_end_on_a_day_off_ends_with_the_next_working_day(
    falls_on: date, ends: date
) -> None:
    found = days_after(falls_on - timedelta(days=30), 30, Rule.B)
    assert found.value == ends
    assert found.has(StepKind.ROLLED) == (falls_on != ends)


def test_holidays_inside_the_period_add_nothing() -> None:
    """FP-SPARR: over Easter 2019 only the last day, a Sunday, counts."""
    found = days_after(date(2019, 4, 18), 10, Rule.A)
    assert found.value == date(2019, 4, 29)
    assert found.steps[0].figure("end") == date(2019, 4, 28)


def test_counted_back_it_stays_where_it_falls_and_says_the_working_day_before() -> None:
    found = days_before(date(2026, 10, 31), 6)  # a Sunday
    assert found.value == date(2026, 10, 25)
    assert found.steps[-1].kind is StepKind.PLAN_EARLIER
    assert found.steps[-1].figure("plan") == date(2026, 10, 23)


def test_a_month_without_the_day_ends_on_its_last() -> None:
    assert same_day_of_month(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert same_day_of_month(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert same_day_of_month(date(2028, 2, 29), -12) == date(2027, 2, 28)
    assert months_after(date(2026, 8, 31), 6).value == date(2027, 3, 1)  # the 28th is a Sunday


def test_weeks_and_years_keep_the_weekday_and_the_date() -> None:
    assert weeks_after(date(2026, 11, 23), 3).value == date(2026, 12, 14)
    assert years_after(date(2026, 11, 23), 1).value == date(2027, 11, 23)
    assert years_after(date(2026, 11, 28), 1).value == date(2027, 11, 29)  # a Sunday


def test_a_short_time_holds_two_working_days() -> None:
    """1182/71 art. 3.5: from Maundy Thursday 2026 two days reach only Good Friday and Saturday."""
    found = days_after(date(2026, 4, 2), 2, Rule.B)
    assert found.value == date(2026, 4, 8)
    assert found.has(StepKind.TWO_WORKING_DAYS)


def test_working_days_skip_the_days_off() -> None:
    assert working_days_after(date(2026, 12, 23), 5).value == date(2027, 1, 5)


def test_a_negative_period_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        days_after(date(2026, 1, 1), -1)


@given(DAYS, st.integers(0, 400), RULES)
def test_it_never_ends_before_its_days_or_on_a_day_off(day: date, days: int, rule: Rule) -> None:
    found = days_after(day, days, rule)
    assert found.value >= day + timedelta(days=days)
    assert is_working_day(found.value)
    assert found.value - day < timedelta(days=days + 8)


@given(DAYS, st.integers(0, 400), st.integers(0, 30), st.integers(0, 30), RULES)
def test_more_days_or_a_later_start_never_end_sooner(
    day: date, days: int, later: int, more: int, rule: Rule
) -> None:
    first = days_after(day, days, rule).value
    assert days_after(day + timedelta(days=later), days + more, rule).value >= first


@given(DAYS, st.integers(0, 60))
def test_counted_back_never_comes_closer_than_the_days(day: date, days: int) -> None:
    assert (day - days_before(day, days).value).days == days


@given(DAYS, st.integers(1, 60))
def test_months_end_on_a_working_day_not_before_the_same_day(day: date, months: int) -> None:
    found = months_after(day, months).value
    assert is_working_day(found)
    assert found >= same_day_of_month(day, months) > day
