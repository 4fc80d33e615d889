"""Days without a year, as people write a timetable that returns: "15/3", "mars", "v. 12".

A stretch is two pairs of month and day. A month is whole: its last day, and for February the 29th,
which stands for the last day in every year. A week has other days each year; it is read as its
days in the year given, since the timetable itself is kept by day.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from babel.dates import format_date

from crm.budgets.drafts import MonthDay
from crm.rules.precision import DateProblem, UnreadableDate

LONGEST_TEXT: Final = 40  # characters

_LONGEST_WRAP: Final = timedelta(days=214)  # August – February is real in Västerbotten
_LEAP_YEAR: Final = 2024
_LAST_DAY: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb february",
            "mars mar march",
            "april apr",
            "maj may",
            "juni jun june",
            "juli jul july",
            "augusti aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMES: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PARTS: Final = {
    "början av": (1, 10),
    "beginning of": (1, 10),
    "early": (1, 10),
    "mitten av": (11, 20),
    "middle of": (11, 20),
    "mid": (11, 20),
    "slutet av": (21, 31),
    "end of": (21, 31),
    "late": (21, 31),
}

_DASH: Final = re.compile(r"\s*(?:–|-|\btill\b|\bt\.?o\.?m\.?\b|\bto\b|\buntil\b)\s*")
_ISO: Final = re.compile(r"(?:\d{4}-)?(?P<month>\d{2})-(?P<day>\d{2})")
_FIGURES: Final = re.compile(r"(?P<day>\d{1,2}) ?[/.] ?(?P<month>\d{1,2})\.?")
_DAY_OF_MONTH: Final = re.compile(
    rf"(?:den )?(?P<day>\d{{1,2}})(?::?[ea]|st|nd|rd|th)?\.? (?:of )?(?P<month>{_NAMES})\.?"
)
_MONTH_FIRST: Final = re.compile(rf"(?P<month>{_NAMES})\.? (?P<day>\d{{1,2}})")
_MONTH: Final = re.compile(rf"(?P<month>{_NAMES})\.?")
_PART: Final = re.compile(rf"(?P<part>{'|'.join(_PARTS)})[ -](?P<month>{_NAMES})\.?")
_WEEK: Final = re.compile(r"(?:v|vecka|w|wk|week)\.? ?(?P<week>\d{1,2})")
_BARE: Final = re.compile(r"\d{1,2}")
_HYPHENS: Final = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2014, 0x2212), "–")


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one month and day to another. An end earlier in the year lies in the next year."""

    start: MonthDay
    end: MonthDay

    @property
    def is_backwards(self) -> bool:
        """Whether the end is a slip: even as the next year's it lies over seven months away."""
        if self.end >= self.start:
            return False
        return date(_LEAP_YEAR + 1, *_ordinary(self.end)) - date(_LEAP_YEAR, *self.start) > (
            _LONGEST_WRAP
        )


def _ordinary(day: MonthDay) -> MonthDay:
    return (2, 28) if day == (2, 29) else day


def read(text: str, year: int) -> Stretch:
    """Read a day, a month, a week or a stretch of them; `year` is the one a week is counted in.

    Raises UnreadableDate with what is wrong.
    """
    if len(text) > LONGEST_TEXT:
        raise UnreadableDate(DateProblem.TOO_LONG, text[:LONGEST_TEXT])
    words = " ".join(unicodedata.normalize("NFC", text).lower().translate(_HYPHENS).split())
    if not words:
        raise UnreadableDate(DateProblem.EMPTY, text)
    found = _one(words, year)
    if found is not None:
        return found
    ends = [part for part in _DASH.split(words) if part]
    if len(ends) == 2:
        last = _one(ends[1], year)
        first = _one(ends[0], year) or _borrowed(ends[0], ends[1], year)
        if first and last is None and _BARE.fullmatch(ends[1]):  # v. 12–14
            last = _borrowed(ends[1], ends[0], year)
        if first and last:
            return Stretch(first.start, last.end)
    raise UnreadableDate(DateProblem.UNREADABLE, text)


def _borrowed(bare: str, other: str, year: int) -> Stretch | None:
    """ "15–30 mars", "v. 12–14": the number alone takes its month or its week from the other."""
    if not _BARE.fullmatch(bare):
        return None
    for pattern, whole in ((_DAY_OF_MONTH, "{} {}"), (_FIGURES, "{}/{}")):
        if found := pattern.fullmatch(other):
            return _one(whole.format(bare, found["month"]), year)
    return _one(f"v. {bare}", year) if _WEEK.fullmatch(other) else None


def _one(words: str, year: int) -> Stretch | None:
    for pattern in (_ISO, _FIGURES):
        if found := pattern.fullmatch(words):
            return _day(int(found["month"]), int(found["day"]))
    for pattern in (_DAY_OF_MONTH, _MONTH_FIRST):
        if found := pattern.fullmatch(words):
            return _day(_MONTHS[found["month"]], int(found["day"]))
    if found := _MONTH.fullmatch(words):
        month = _MONTHS[found["month"]]
        return Stretch((month, 1), (month, _LAST_DAY[month - 1]))
    if found := _PART.fullmatch(words):
        month = _MONTHS[found["month"]]
        first, last = _PARTS[found["part"]]
        return Stretch((month, first), (month, min(last, _LAST_DAY[month - 1])))
    if found := _WEEK.fullmatch(words):
        return _week(year, int(found["week"]))
    return None


def _day(month: int, day: int) -> Stretch:
    if not 1 <= month <= 12:
        raise UnreadableDate(DateProblem.NO_SUCH_MONTH)
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        raise UnreadableDate(DateProblem.NO_SUCH_DAY) from None
    return Stretch((month, day), (month, day))


def _week(year: int, week: int) -> Stretch:
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        raise UnreadableDate(DateProblem.NO_SUCH_WEEK) from None
    sunday = monday + timedelta(days=6)
    return Stretch((monday.month, monday.day), (sunday.month, sunday.day))


def written(start: MonthDay, end: MonthDay, locale: str) -> tuple[str, str]:
    """The two texts that read back as exactly this stretch: ("mars", "april"), ("10 juni", "")."""
    first, last = _whole_month_from(start), _whole_month_to(end)
    if first and last:
        return month_name(start[0], locale), "" if start[0] == end[0] else month_name(
            end[0], locale
        )
    if start == end:
        return _day_name(start, locale), ""
    return _day_name(start, locale), _day_name(end, locale)


def _whole_month_from(day: MonthDay) -> bool:
    return day[1] == 1


def _whole_month_to(day: MonthDay) -> bool:
    return day[1] == _LAST_DAY[day[0] - 1]


def month_name(number: int, locale: str) -> str:
    """3 → "mars"."""
    return str(format_date(date(_LEAP_YEAR, number, 1), "LLLL", locale=locale))


def _day_name(day: MonthDay, locale: str) -> str:
    return str(format_date(date(_LEAP_YEAR, *day), "d MMMM", locale=locale))
