"""Working days, squeeze days, office hours and weeks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import (
    add_working_days,
    easter_sunday,
    holiday_name,
    is_office_day,
    is_squeeze_day,
    is_working_day,
    next_working_day,
    previous_working_day,
    week_of,
    week_start,
    working_hours_between,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAYS = st.dates(date(2015, 1, 1), date(2045, 12, 31))


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 11, 21), id="Saturday"),
        pytest.param(date(2026, 11, 22), id="Sunday"),
        pytest.param(date(2026, 1, 6), id="Epiphany"),
        pytest.param(date(2027, 3, 26), id="Good Friday"),
        pytest.param(date(2027, 3, 29), id="Easter Monday"),
        pytest.param(date(2027, 5, 6), id="Ascension Day"),
        pytest.param(date(2028, 6, 6), id="National Day"),
        pytest.param(date(2027, 6, 25), id="Midsummer Eve"),
        pytest.param(date(2026, 12, 24), id="Christmas Eve"),
        pytest.param(date(2026, 12, 31), id="New Year's Eve"),
    ],
)
def test_nobody_works_on_a_day_off(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 11, 23), id="an ordinary Monday"),
        pytest.param(date(2026, 4, 2), id="Maundy Thursday"),
        pytest.param(date(2026, 4, 30), id="Walpurgis Night"),
        pytest.param(date(2026, 10, 30), id="the day before All Saints"),
        pytest.param(date(2027, 5, 17), id="Whit Monday, abolished in 2005"),
        pytest.param(date(2028, 2, 29), id="a leap day"),
    ],
)
def test_the_law_counts_an_eve_by_custom_as_a_working_day(day: date) -> None:
    assert is_working_day(day)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 5, 15), id="after Ascension Day"),
        pytest.param(date(2026, 1, 5), id="before Epiphany"),
        pytest.param(date(2026, 1, 2), id="after New Year"),
        pytest.param(date(2028, 6, 5), id="before the National Day"),
    ],
)
def test_a_single_working_day_between_two_days_off_is_a_squeeze_day(day: date) -> None:
    assert is_working_day(day)
    assert is_squeeze_day(day)
    assert not is_office_day(day)


@pytest.mark.parametrize("day", [date(2026, 12, 23), date(2026, 11, 23), date(2026, 5, 14)])
def test_other_days_are_no_squeeze_days(day: date) -> None:
    assert not is_squeeze_day(day)


def test_working_days_are_found_and_counted_over_christmas() -> None:
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 28)
    assert previous_working_day(date(2026, 12, 27)) == date(2026, 12, 23)
    assert add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 28)
    assert add_working_days(date(2026, 12, 28), -1) == date(2026, 12, 23)
    assert add_working_days(date(2026, 12, 26), 0) == date(2026, 12, 28)


@given(DAYS, st.integers(1, 30))
def test_counting_working_days_there_and_back_ends_where_it_began(day: date, n: int) -> None:
    start = next_working_day(day)
    assert add_working_days(add_working_days(start, n), -n) == start


@given(DAYS)
def test_next_and_previous_working_day_embrace_the_day(day: date) -> None:
    assert previous_working_day(day) <= day <= next_working_day(day)
    assert is_working_day(next_working_day(day)) and is_working_day(previous_working_day(day))


def test_holidays_have_names_in_both_languages() -> None:
    assert holiday_name(date(2026, 12, 24), "sv") == "Julafton"
    assert holiday_name(date(2026, 12, 24), "en") == "Christmas Eve"
    assert holiday_name(date(2026, 11, 23), "sv") is None


def test_office_hours_skip_the_night_and_the_weekend() -> None:
    assert working_hours_between(at(2026, 11, 20, 16), at(2026, 11, 23, 9)) == 2
    assert working_hours_between(at(2026, 11, 23, 6), at(2026, 11, 23, 23)) == 9
    assert working_hours_between(at(2026, 11, 21, 8), at(2026, 11, 22, 17)) == 0
    assert working_hours_between(at(2026, 11, 23, 12), at(2026, 11, 23, 10)) == 0
    assert working_hours_between(at(2026, 11, 23, 8, 30), at(2026, 11, 23, 8, 45)) == 0.25


def test_office_hours_are_read_from_the_wall_whatever_zone_the_instants_come_in() -> None:
    summer = datetime(2026, 7, 1, 6, tzinfo=UTC)  # 08:00 in Stockholm
    winter = datetime(2026, 12, 1, 6, tzinfo=UTC)  # 07:00 in Stockholm
    assert working_hours_between(summer, summer + timedelta(hours=1)) == 1
    assert working_hours_between(winter, winter + timedelta(hours=2)) == 1


def test_office_hours_over_both_clock_changes() -> None:
    spring = (at(2027, 3, 26 - 1, 16), at(2027, 3, 30, 9))  # Easter, clocks forward on the 28th
    autumn = (at(2027, 10, 29, 16), at(2027, 11, 1, 9))  # clocks back on Sunday the 31st
    assert working_hours_between(*spring) == 2
    assert working_hours_between(*autumn) == 2


def test_hours_open_through_a_clock_change_are_the_hours_that_passed() -> None:
    """The last Sundays of March and October are never working days; the weeks around them are."""
    friday, monday = at(2026, 10, 23, 0), at(2026, 10, 27, 0)
    assert working_hours_between(friday, monday, time(0), time(23)) == 46


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        working_hours_between(datetime(2026, 11, 23, 8), datetime(2026, 11, 23, 9))


def test_weeks_are_iso_weeks() -> None:
    assert week_of(date(2026, 11, 23)) == (2026, 48)
    assert week_of(date(2027, 1, 1)) == (2026, 53)
    assert week_start(2027, 7) == date(2027, 2, 15)
    assert week_start(2028, 44) == date(2028, 10, 30)
    with pytest.raises(ValueError, match="week"):
        week_start(2027, 53)


@given(DAYS)
def test_a_day_lies_in_the_week_it_is_said_to_lie_in(day: date) -> None:
    assert timedelta() <= day - week_start(*week_of(day)) < timedelta(days=7)


def test_easter_falls_where_the_almanac_has_it() -> None:
    found = {year: easter_sunday(year) for year in (2026, 2027, 2028, 2038)}
    assert found == {
        2026: date(2026, 4, 5),
        2027: date(2027, 3, 28),
        2028: date(2028, 4, 16),
        2038: date(2038, 4, 25),
    }


@pytest.mark.parametrize("year", range(2015, 2046))
def test_easter_is_the_easter_of_the_holiday_package(year: int) -> None:
    assert holiday_name(easter_sunday(year), "sv") == "Påskdagen"
