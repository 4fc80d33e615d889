"""Dates as people write them, and spans that sort and sum without inventing a day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.precision import (
    ExpectedDate,
    Precision,
    UnreadableDate,
    add_months,
    bucket,
    in_budget_year,
    in_half_year,
    in_month,
    in_quarter,
    in_week,
    is_week,
    on_day,
    parse_day,
    parse_expected,
)

TODAY = date(2026, 11, 23)  # a Monday, week 48

expected_dates = st.one_of(
    st.dates(date(2000, 1, 1), date(2090, 12, 31)).map(on_day),
    st.builds(in_week, st.integers(2000, 2090), st.integers(1, 52)),
    st.builds(in_month, st.integers(2000, 2090), st.integers(1, 12)),
    st.builds(in_quarter, st.integers(2000, 2090), st.integers(1, 4)),
    st.builds(in_half_year, st.integers(2000, 2090), st.integers(1, 2)),
    st.builds(in_budget_year, st.integers(2000, 2090)),
)


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2027-03-14", date(2027, 3, 14), date(2027, 3, 14), "day"),
        ("14 mars 2027", date(2027, 3, 14), date(2027, 3, 14), "day"),
        ("v. 12 2027", date(2027, 3, 22), date(2027, 3, 28), "week"),
        ("V12 2027", date(2027, 3, 22), date(2027, 3, 28), "week"),
        ("vecka 12, 2027", date(2027, 3, 22), date(2027, 3, 28), "week"),
        ("2027-W12", date(2027, 3, 22), date(2027, 3, 28), "week"),
        ("week 53 2026", date(2026, 12, 28), date(2027, 1, 3), "week"),
        ("mars 2027", date(2027, 3, 1), date(2027, 3, 31), "month"),
        ("Feb. 2028", date(2028, 2, 1), date(2028, 2, 29), "month"),
        ("2027-12", date(2027, 12, 1), date(2027, 12, 31), "month"),
        ("maj 27", date(2027, 5, 1), date(2027, 5, 31), "month"),
        ("Q2 2027", date(2027, 4, 1), date(2027, 6, 30), "quarter"),
        ("kvartal 4 2027", date(2027, 10, 1), date(2027, 12, 31), "quarter"),
        ("2027 Q1", date(2027, 1, 1), date(2027, 3, 31), "quarter"),
        ("H1 2027", date(2027, 1, 1), date(2027, 6, 30), "half_year"),
        ("andra halvåret 2027", date(2027, 7, 1), date(2027, 12, 31), "half_year"),
        ("second half of 2027", date(2027, 7, 1), date(2027, 12, 31), "half_year"),
        ("2027", date(2027, 1, 1), date(2027, 12, 31), "budget_year"),
        ("  budgetår   2027 ", date(2027, 1, 1), date(2027, 12, 31), "budget_year"),
    ],
)
def test_an_expected_date_is_read_as_said(text, first, last, precision):
    assert parse_expected(text) == ExpectedDate(first, last, Precision(precision))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "date_empty"),
        ("   ", "date_empty"),
        ("x" * 61, "date_too_long"),
        ("snart", "date_unreadable"),
        ("Robert'); DROP TABLE cases;--", "date_unreadable"),
        ("²027", "date_unreadable"),
        ("٢٠٢٧", "date_unreadable"),
        ("2027-04-31", "date_no_such_day"),
        ("2027-02-29", "date_no_such_day"),
        ("2027-13-01", "date_no_such_month"),
        ("2027-13", "date_no_such_month"),
        ("v. 53 2027", "date_no_such_week"),
        ("v. 0 2027", "date_no_such_week"),
        ("mars", "date_year_missing"),
        ("v. 12", "date_year_missing"),
        ("Q2", "date_year_missing"),
        ("14 mars", "date_year_missing"),
        ("9999", "date_year_out_of_range"),
        ("0000-01-01", "date_year_out_of_range"),
    ],
)
def test_what_cannot_be_read_says_why(text, problem):
    with pytest.raises(UnreadableDate) as caught:
        parse_expected(text)
    assert caught.value.problem == problem


@given(expected_dates)
def test_an_item_lands_in_exactly_one_budget_year(expected):
    assert expected.first_day.year <= bucket(expected) <= expected.last_day.year


@given(expected_dates)
def test_days_that_do_not_share_a_bucket_never_share_an_item(expected):
    years = {expected.first_day.year, expected.last_day.year}
    assert len(years) == 1 or expected.precision is Precision.WEEK


@given(expected_dates, expected_dates)
def test_what_must_come_first_sorts_first(one, other):
    if one.last_day < other.first_day:
        assert one.sort_key < other.sort_key


@given(st.integers(2000, 2090))
def test_parts_of_a_year_tile_it(year):
    for parts in (
        [in_month(year, month) for month in range(1, 13)],
        [in_quarter(year, quarter) for quarter in range(1, 5)],
        [in_half_year(year, half) for half in (1, 2)],
    ):
        assert parts[0].first_day == date(year, 1, 1)
        assert parts[-1].last_day == date(year, 12, 31)
        for one, following in pairwise(parts):
            assert following.first_day == one.last_day + timedelta(days=1)


def test_the_vaguer_sorts_after_the_sharper_that_ends_with_it():
    texts = ["2027", "H2 2027", "Q4 2027", "december 2027", "2027-12-31", "Q1 2027", "2027-01-01"]
    ordered = sorted(map(parse_expected, texts), key=lambda expected: expected.sort_key)
    assert [expected.precision.value for expected in ordered] == [
        "day", "quarter", "day", "month", "quarter", "half_year", "budget_year",
    ]  # fmt: skip


def test_a_span_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        ExpectedDate(date(2027, 2, 1), date(2027, 1, 1), Precision.DAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", date(2026, 11, 23)),
        ("20261123", date(2026, 11, 23)),
        ("261123", date(2026, 11, 23)),
        ("23/11", date(2026, 11, 23)),
        ("22/11", date(2027, 11, 22)),
        ("22/11 2026", date(2026, 11, 22)),
        ("22/11-26", date(2026, 11, 22)),
        ("23 nov", date(2026, 11, 23)),
        ("23 November", date(2026, 11, 23)),
        ("den 1:a mars", date(2027, 3, 1)),
        ("1st of March 2028", date(2028, 3, 1)),
        ("29/2", date(2028, 2, 29)),
        ("v. 48", date(2026, 11, 23)),
        ("v. 47", date(2027, 11, 22)),
        ("v47 2026", date(2026, 11, 16)),
        ("v. 53", date(2026, 12, 28)),
        ("v.1", date(2027, 1, 4)),
        ("idag", date(2026, 11, 23)),
        ("i dag", date(2026, 11, 23)),
        ("Imorgon", date(2026, 11, 24)),
        ("tomorrow", date(2026, 11, 24)),
        ("today", date(2026, 11, 23)),
        ("+3", None),
        ("+2v", date(2026, 12, 7)),
        ("+2 v", date(2026, 12, 7)),
        ("om 2 veckor", date(2026, 12, 7)),
        ("in 3 days", date(2026, 11, 26)),
        ("+3m", date(2027, 2, 23)),
        ("torsdag", date(2026, 11, 26)),
        ("måndag", date(2026, 11, 30)),
    ],
)
def test_a_day_is_read_as_swedes_write_it(text, day):
    if day is None:
        with pytest.raises(UnreadableDate):
            parse_day(text, TODAY)
    else:
        assert parse_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("22/11", date(2026, 11, 22)),
        ("23/11", date(2026, 11, 23)),
        ("24/11", date(2025, 11, 24)),
        ("v. 47", date(2026, 11, 16)),
        ("v. 49", date(2025, 12, 1)),
        ("29/2", date(2024, 2, 29)),
        ("fredag", date(2026, 11, 20)),
        ("igår", date(2026, 11, 22)),
    ],
)
def test_a_field_about_the_past_looks_back(text, day):
    assert parse_day(text, TODAY, looking_back=True) == day


def test_a_week_that_something_lasts_through_is_its_sunday():
    assert parse_day("v. 9 2027", TODAY, end_of_week=True) == date(2027, 3, 7)
    assert parse_day("v. 48", TODAY, end_of_week=True) == date(2026, 11, 29)
    assert parse_day("2027-W12", TODAY, end_of_week=True) == date(2027, 3, 28)
    assert parse_day("2027W12", TODAY) == parse_day("v. 12 2027", TODAY) == date(2027, 3, 22)
    assert is_week("2027-W12") and is_week("v. 12") and not is_week("2027-03-22")
    assert parse_day("2027-03-01", TODAY, end_of_week=True) == date(2027, 3, 1)


@given(st.text(max_size=80), st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_any_text_gives_a_date_or_a_reason(text, today):
    for read in (lambda: parse_expected(text), lambda: parse_day(text, today)):
        try:
            read()
        except UnreadableDate as error:
            assert error.problem  # noqa: PT017 - the point is that nothing else is raised


@given(
    st.from_regex(r"\A[v+qh]?[0-9/. \-]{1,12}[vdm]?\Z"),
    st.dates(date(2020, 1, 1), date(2060, 1, 1)),
)
def test_almost_dates_give_a_date_or_a_reason(text, today):
    for read in (
        lambda: parse_expected(text),
        lambda: parse_day(text, today),
        lambda: parse_day(text, today, looking_back=True),
    ):
        try:
            read()
        except UnreadableDate as error:
            assert error.problem  # noqa: PT017


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_a_written_day_comes_back(day, today):
    assert parse_day(day.isoformat(), today) == day
    assert parse_expected(day.isoformat()) == on_day(day)
    assert parse_day(f"{day.day}/{day.month} {day.year}", today) == day


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(1, 52))
def test_a_bare_week_is_a_monday_not_yet_over(today, week):
    monday = parse_day(f"v. {week}", today)
    assert monday.weekday() == 0
    assert monday.isocalendar().week == week
    assert today <= monday + timedelta(days=6)
    assert monday <= today + timedelta(days=378)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), -18, date(2025, 5, 30)),
        (date(2028, 2, 29), -12, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_are_counted_in_the_calendar(day, months, result):
    assert add_months(day, months) == result
