"""Ordinary elections to the Riksdag, the regions and the municipalities.

They are held every fourth year on the same day (regeringsformen 3 kap. 3 §; vallagen (2005:837)
1 kap. 3 §): the second Sunday of September since 2014, the third Sunday in 1994-2010. Skellefteå
states the present rule at
https://www.skelleftea.se/kommun/demokrati-och-dialog/val/val-till-riksdag-kommun-och-landsting.
Extra elections do not change a council's term and are not counted here.

The newly elected council's term begins on 15 October (kommunallagen (2017:725) 5 kap. 9 §), and it
is the newly elected council that adopts the budget (11 kap. 10 § second paragraph).
"""

from datetime import date, timedelta

FIRST_FOUR_YEAR_ELECTION = 1994
"""Terms were three years until 1994, so the four-year beat cannot be counted further back."""

_SUNDAY_OF_SEPTEMBER = ((2014, 2), (FIRST_FOUR_YEAR_ELECTION, 3))
"""(in force from the election of, which Sunday of September), newest first."""


def is_election_year(year: int) -> bool:
    """2026, 2030, 2034 and so on."""
    return year >= FIRST_FOUR_YEAR_ELECTION and (year - FIRST_FOUR_YEAR_ELECTION) % 4 == 0


def election_day(year: int) -> date:
    """13 September 2026, 8 September 2030. Raises ValueError in a year without an election."""
    if not is_election_year(year):
        raise ValueError(f"There is no ordinary election in {year}.")
    which = next(sunday for since, sunday in _SUNDAY_OF_SEPTEMBER if year >= since)
    first = date(year, 9, 1)
    return first + timedelta(days=6 - first.weekday(), weeks=which - 1)


def new_council_from(year: int) -> date:
    """The first day of the newly elected council's term (KL 5 kap. 9 §)."""
    if not is_election_year(year):
        raise ValueError(f"There is no ordinary election in {year}.")
    return date(year, 10, 15)
