"""Swedish working days, office hours and ISO weeks.

A day off is a Saturday, a public holiday (lagen (1989:253) om allmänna helgdagar, which counts
Sundays among them) or one of Midsummer Eve, Christmas Eve and New Year's Eve, the days that lagen
(1930:173) om beräkning av lagstadgad tid, 2 §, puts on a par with Sundays. The holidays come from
the package `holidays`, which follows changes in the law, and are read once for each year.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import holidays

Language = Literal["sv", "en"]

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
ONE_DAY: Final = timedelta(days=1)

_SATURDAY: Final = 5
_PACKAGE_LANGUAGE: Final = {"sv": "sv", "en": "en_US"}


@lru_cache(maxsize=256)
def _holidays(year: int, language: Language) -> dict[date, str]:
    found = holidays.country_holidays(
        "SE",
        years=year,
        categories=("public", "de_facto"),
        language=_PACKAGE_LANGUAGE[language],
    )
    return dict(found.items())


@lru_cache(maxsize=64)
def _holidays_by_law(year: int, language: Language) -> dict[date, str]:
    """The public holidays alone, without the eves."""
    found = holidays.country_holidays(
        "SE", years=year, categories=("public",), language=_PACKAGE_LANGUAGE[language]
    )
    return dict(found.items())


@lru_cache(maxsize=256)
def _weekday_holidays(year: int) -> frozenset[date]:
    return frozenset(day for day in _holidays(year, "sv") if day.weekday() < _SATURDAY)


def is_working_day(day: date) -> bool:
    """Neither Saturday, Sunday, public holiday nor one of the three eves of lagen (1930:173)."""
    return day.weekday() < _SATURDAY and day not in _weekday_holidays(day.year)


def is_squeeze_day(day: date) -> bool:
    """Klämdag: a single working day between two days off, when many are on leave."""
    return (
        is_working_day(day)
        and not is_working_day(day - ONE_DAY)
        and not is_working_day(day + ONE_DAY)
    )


def eve_of(day: date, language: Language) -> str | None:
    """The name of the public holiday that the next day is, if today is worked all the same.

    Maundy Thursday, Twelfth Night, Walpurgis Eve and their like: by custom and by many local
    agreements people leave at noon. The three eves that the law counts as Sundays are days off.
    """
    if not is_working_day(day):
        return None
    tomorrow = day + ONE_DAY
    return _holidays_by_law(tomorrow.year, language).get(tomorrow)


def is_office_day(day: date) -> bool:
    """A working day that is no squeeze day: a day on which an office can be expected to answer."""
    return is_working_day(day) and not is_squeeze_day(day)


def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


def previous_working_day(day: date) -> date:
    """The day itself, or the last working day before it."""
    while not is_working_day(day):
        day -= ONE_DAY
    return day


def add_working_days(day: date, n: int) -> date:
    """The n:th working day after the given day (before it, if n is negative).

    With n = 0 the answer is the same or the next working day, so that it is always a working day.
    """
    if n == 0:
        return next_working_day(day)
    step = ONE_DAY if n > 0 else -ONE_DAY
    left = abs(n)
    while left:
        day += step
        if is_working_day(day):
            left -= 1
    return day


def holiday_name(day: date, language: Language) -> str | None:
    """The name of the public holiday or eve, or None on any other day."""
    return _holidays(day.year, language).get(day)


def working_hours_between(
    start: datetime, end: datetime, opens: time = time(8), closes: time = time(17)
) -> float:
    """Office hours that passed between two instants, in Swedish civil time.

    Opening and closing are the clock on the wall in Stockholm, so a day is as long on either side
    of a clock change. An end before the start gives 0. Raises ValueError on naive datetimes.
    """
    if start.utcoffset() is None or end.utcoffset() is None:
        raise ValueError("Instants must know their time zone.")
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    first, last = start.astimezone(STOCKHOLM).date(), end.astimezone(STOCKHOLM).date()
    passed = timedelta()
    for day in {first, last} if first <= last else ():
        if is_working_day(day):
            opened = datetime.combine(day, opens, STOCKHOLM).astimezone(UTC)
            closed = datetime.combine(day, closes, STOCKHOLM).astimezone(UTC)
            passed += max(min(closed, end) - max(opened, start), timedelta())
    between = range(first.toordinal() + 1, last.toordinal())
    whole_days = sum(is_working_day(date.fromordinal(number)) for number in between)
    whole_day = datetime.combine(first, closes) - datetime.combine(first, opens)
    return (passed + whole_days * whole_day) / timedelta(hours=1)


def week_of(day: date) -> tuple[int, int]:
    """ISO year and week: 1 January 2027 belongs to week 53 of 2026."""
    year, week, _ = day.isocalendar()
    return year, week


def week_start(year: int, week: int) -> date:
    """The Monday of an ISO week. Raises ValueError for a week the year does not have."""
    return date.fromisocalendar(year, week, 1)


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's method)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - shift + 15) % 30
    quarter, left = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * quarter - epact - left) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
