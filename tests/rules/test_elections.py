"""Which years have an election, and on which day."""

from datetime import date

import pytest

from crm.rules.elections import election_day, is_election_year, new_council_from


def test_elections_come_every_fourth_year() -> None:
    found = [year for year in range(2010, 2040) if is_election_year(year)]
    assert found == [2010, 2014, 2018, 2022, 2026, 2030, 2034, 2038]


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2010, 9, 19), id="third Sunday until 2010"),
        pytest.param(date(2014, 9, 14), id="second Sunday since 2014"),
        date(2018, 9, 9),
        date(2022, 9, 11),
        date(2026, 9, 13),
        date(2030, 9, 8),
    ],
)
def test_election_day_is_the_one_in_the_almanac(day: date) -> None:
    assert election_day(day.year) == day


def test_there_is_no_election_day_between_elections() -> None:
    with pytest.raises(ValueError, match="2027"):
        election_day(2027)
    with pytest.raises(ValueError, match="2027"):
        new_council_from(2027)


def test_the_new_council_takes_office_in_the_middle_of_october() -> None:
    assert new_council_from(2026) == date(2026, 10, 15)
