"""Dates as people know them: a day, a week, a month, a quarter, a half year or a budget year.

An expected decision is known with some precision and no more (feature D9). It is kept as the first
and last day it can mean, so that it sorts and sums right, and no day is ever invented. Weeks are
ISO weeks, as Swedes plan; the budget year is the calendar year (KL 11 kap. 5 §).
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum

LONGEST_TEXT = 60  # characters; nobody writes a date longer than this
FIRST_YEAR, LAST_YEAR = 1990, 2100  # what a person can have meant


class Precision(StrEnum):
    """From the sharpest to the vaguest."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    BUDGET_YEAR = "budget_year"


class DateProblem(StrEnum):
    """Why a text could not be read. The sentence for the user is made at the edge."""

    EMPTY = "date_empty"
    TOO_LONG = "date_too_long"
    UNREADABLE = "date_unreadable"
    NO_SUCH_DAY = "date_no_such_day"  # 31 April
    NO_SUCH_WEEK = "date_no_such_week"  # week 53 in a year of 52
    NO_SUCH_MONTH = "date_no_such_month"
    YEAR_MISSING = "date_year_missing"  # "mars": which?
    YEAR_OUT_OF_RANGE = "date_year_out_of_range"


class UnreadableDate(ValueError):
    """The text names no date. `problem` is the key of the sentence, `text` what was written."""

    def __init__(self, problem: DateProblem, text: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.text = text


@dataclass(frozen=True, slots=True)
class ExpectedDate:
    """A span of days, both ends included, and how it was said.

    Two of them are equal only when said in the same way: the first quarter is not 1 January.
    """

    first_day: date
    last_day: date
    precision: Precision

    def __post_init__(self) -> None:
        if self.first_day > self.last_day:
            raise ValueError("an expected date cannot end before it starts")

    @property
    def sort_key(self) -> tuple[date, date]:
        """By the last day it can mean, then the sharper first.

        By the end, because what is only known as "2027" is not due before what is known as March
        2027; and of two that end together the one that starts later is the better known.
        """
        return (self.last_day, date.fromordinal(date.max.toordinal() - self.first_day.toordinal()))

    @property
    def bucket(self) -> int:
        """The one budget year it is counted in. A week over New Year follows its ISO year."""
        if self.precision is Precision.WEEK:
            return self.first_day.isocalendar().year
        return self.first_day.year

    def is_past(self, today: date) -> bool:
        """Whether every day it can mean has gone."""
        return self.last_day < today


def bucket(expected: ExpectedDate) -> int:
    """The budget year an item is summed in: always one, whatever the precision."""
    return expected.bucket


def on_day(day: date) -> ExpectedDate:
    """Known to the day."""
    return ExpectedDate(day, day, Precision.DAY)


def in_week(year: int, week: int) -> ExpectedDate:
    """An ISO week, Monday to Sunday."""
    monday = _monday(year, week)
    return ExpectedDate(monday, monday + timedelta(days=6), Precision.WEEK)


def in_month(year: int, month: int) -> ExpectedDate:
    """A calendar month."""
    return _months(year, month, 1, Precision.MONTH)


def in_quarter(year: int, quarter: int) -> ExpectedDate:
    """A calendar quarter, 1 to 4."""
    return _months(year, 3 * quarter - 2, 3, Precision.QUARTER)


def in_half_year(year: int, half: int) -> ExpectedDate:
    """A half year, 1 or 2."""
    return _months(year, 6 * half - 5, 6, Precision.HALF_YEAR)


def in_budget_year(year: int) -> ExpectedDate:
    """A whole budget year, which is a calendar year."""
    return _months(year, 1, 12, Precision.BUDGET_YEAR)


def expected_from_days(first_day: date, last_day: date, precision: str) -> ExpectedDate:
    """Back from the three stored columns."""
    return ExpectedDate(first_day, last_day, Precision(precision))


def parse_expected(text: str) -> ExpectedDate:
    """Read "2027-03-14", "v. 12 2027", "mars 2027", "Q2 2027", "H1 2027" or "2027".

    Raises UnreadableDate, a ValueError, with the key of the sentence to show.
    """
    words = _cleaned(text)
    if found := _ISO_DAY.fullmatch(words):
        return on_day(_day(int(found[1]), int(found[2]), int(found[3]), text))
    for pattern, make in _SPANS:
        if found := pattern.fullmatch(words):
            groups = found.groupdict()
            try:
                return make(_year(groups["year"], text), groups)
            except UnreadableDate as error:
                raise UnreadableDate(error.problem, text) from None
    if found := _DAY_MONTH_NAME.fullmatch(words):
        month = _month_number(found["month"])
        if month is not None:
            if found["year"] is None:
                raise UnreadableDate(DateProblem.YEAR_MISSING, text)
            return on_day(_day(_year(found["year"], text), month, int(found["day"]), text))
    if _month_number(words) or _WITHOUT_YEAR.fullmatch(words):
        raise UnreadableDate(DateProblem.YEAR_MISSING, text)
    raise UnreadableDate(DateProblem.UNREADABLE, text)


def parse_day(
    text: str, today: date, *, looking_back: bool = False, end_of_week: bool = False
) -> date:
    """Read one day as written by hand: "2026-11-23", "23/11", "v. 47", "imorgon", "+2v" (M9).

    A day or week without a year means the nearest one not yet past, or in a field about what has
    happened (`looking_back`) the latest one not yet to come. The present week counts as both. A
    bare weekday is likewise the next or the last one, never today. A week means its Monday, or
    where the last day of something is asked for (`end_of_week`) its Sunday.
    """
    words = _cleaned(text)
    if words in _NAMED_DAYS:
        return _plus(today, days=_NAMED_DAYS[words], text=text)
    if found := _ISO_DAY.fullmatch(words):
        return _day(int(found[1]), int(found[2]), int(found[3]), text)
    if found := _COMPACT_DAY.fullmatch(words):
        year = found[1] if len(found[1]) == 4 else f"20{found[1]}"
        return _day(int(year), int(found[2]), int(found[3]), text)
    if found := _RELATIVE.fullmatch(words):
        return _relative(today, int(found["count"]), found["unit"], text)
    if found := _as_week(words):
        monday = _week_day(found["week"], found["year"], today, text, looking_back)
        return _plus(monday, days=6, text=text) if end_of_week else monday
    if found := _DAY_MONTH.fullmatch(words):
        return _near_day(
            int(found["day"]), int(found["month"]), found["year"], today, text, looking_back
        )
    if found := _DAY_MONTH_NAME.fullmatch(words):
        month = _month_number(found["month"])
        if month is not None:
            return _near_day(int(found["day"]), month, found["year"], today, text, looking_back)
    weekday = _WEEKDAYS.get(words.removeprefix("på ").removeprefix("i ").removeprefix("on "))
    if weekday is not None:
        if looking_back:
            return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    raise UnreadableDate(DateProblem.UNREADABLE, text)


def is_week(text: str) -> bool:
    """Whether a whole week is written, which is no day for something exact."""
    return _as_week(_cleaned(text)) is not None


def _as_week(words: str) -> re.Match[str] | None:
    """A week with or without its year: "v. 12", "vecka 12 2027", "2027-W12"."""
    return _WEEK_OPTIONAL_YEAR.fullmatch(words) or _YEAR_AND_WEEK.fullmatch(words)


_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
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
):
    for _name in _names.split():
        _MONTHS[_name] = _number

_WEEKDAYS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "måndag mån monday mon",
        "tisdag tis tuesday tue",
        "onsdag ons wednesday wed",
        "torsdag tors tor thursday thu",
        "fredag fre friday fri",
        "lördag lör saturday sat",
        "söndag sön sunday sun",
    )
):
    for _name in _names.split():
        _WEEKDAYS[_name] = _number

_NAMED_DAYS = {
    "idag": 0,
    "i dag": 0,
    "today": 0,
    "imorgon": 1,
    "i morgon": 1,
    "imorn": 1,
    "tomorrow": 1,
    "övermorgon": 2,
    "i övermorgon": 2,
    "iövermorgon": 2,
    "igår": -1,
    "i går": -1,
    "yesterday": -1,
    "nästa vecka": 7,
    "next week": 7,
}

_YEAR = r"(?P<year>\d{4}|\d{2})"
_LONG_YEAR = r"(?P<year>\d{4})"
_WEEK = r"(?:v|vecka|w|wk|week)\.? ?(?P<week>\d{1,2})"
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_COMPACT_DAY = re.compile(r"(\d{4}|\d{2})(\d{2})(\d{2})")
_DAY_MONTH = re.compile(
    r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})\.?(?:[/. -](?P<year>\d{4}|\d{2}))?"
)
_DAY_MONTH_NAME = re.compile(
    r"(?:den )?(?P<day>\d{1,2})(?::?[ea]|st|nd|rd|th)?\.? (?:of )?(?P<month>[a-zåäö]+)\.?"
    r"(?:,? (?P<year>\d{4}|\d{2}))?"
)
_RELATIVE = re.compile(
    r"(?:\+|om |in )(?P<count>\d{1,3}) ?"
    r"(?P<unit>d|dag|dagar|day|days|v|vecka|veckor|w|week|weeks|m|mån|månad|månader|month|months)"
)
_WEEK_OPTIONAL_YEAR = re.compile(rf"{_WEEK}(?:[ ,]+{_YEAR})?")
_YEAR_AND_WEEK = re.compile(rf"{_LONG_YEAR}[ -]?{_WEEK}")
_WITHOUT_YEAR = re.compile(rf"{_WEEK}|(?:q|k|kv|kvartal|h)\.? ?\d|\d{{1,2}}[/.]\d{{1,2}}\.?")

_HALF_WORDS = {"första": 1, "1:a": 1, "first": 1, "andra": 2, "2:a": 2, "second": 2}
_SPANS: tuple[tuple[re.Pattern[str], Callable[[int, dict[str, str]], ExpectedDate]], ...] = (
    (
        re.compile(rf"{_WEEK}[ ,/-]+{_YEAR}"),
        lambda year, found: in_week(year, int(found["week"])),
    ),
    (
        _YEAR_AND_WEEK,
        lambda year, found: in_week(year, int(found["week"])),
    ),
    (
        re.compile(rf"(?:q|k|kv|kvartal|quarter)\.? ?(?P<part>[1-4])[ ,/-]+{_YEAR}"),
        lambda year, found: in_quarter(year, int(found["part"])),
    ),
    (
        re.compile(rf"{_LONG_YEAR}[ -]?(?:q|k|kv|kvartal) ?(?P<part>[1-4])"),
        lambda year, found: in_quarter(year, int(found["part"])),
    ),
    (
        re.compile(rf"(?:h|halvår|hå) ?(?P<part>[12])[ ,/-]+{_YEAR}"),
        lambda year, found: in_half_year(year, int(found["part"])),
    ),
    (
        re.compile(rf"{_LONG_YEAR}[ -]?(?:h|halvår) ?(?P<part>[12])"),
        lambda year, found: in_half_year(year, int(found["part"])),
    ),
    (
        re.compile(
            rf"(?P<half>{'|'.join(map(re.escape, _HALF_WORDS))}) (?:halvåret|halvår|half(?: of)?)"
            rf" {_LONG_YEAR}"
        ),
        lambda year, found: in_half_year(year, _HALF_WORDS[found["half"]]),
    ),
    (
        re.compile(rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.? {_YEAR}"),
        lambda year, found: in_month(year, _MONTHS[found["month"]]),
    ),
    (
        re.compile(rf"{_LONG_YEAR}-(?P<month>\d{{1,2}})"),
        lambda year, found: in_month(year, int(found["month"])),
    ),
    (
        re.compile(rf"(?:år |budgetår |budgetåret |budget |budget year )?{_LONG_YEAR}"),
        lambda year, found: in_budget_year(year),
    ),
)


def _cleaned(text: str) -> str:
    """Lower case, one space, a plain hyphen; composed letters, so that å is one character."""
    if len(text) > LONGEST_TEXT:
        raise UnreadableDate(DateProblem.TOO_LONG, text[:LONGEST_TEXT])
    words = " ".join(unicodedata.normalize("NFC", text).split()).lower()
    words = words.translate({0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0x2212: "-"})
    if not words:
        raise UnreadableDate(DateProblem.EMPTY, text)
    if not words.isascii() and any(sign.isdigit() and not sign.isascii() for sign in words):
        raise UnreadableDate(DateProblem.UNREADABLE, text)  # ² is a digit to Python, not to us
    return words


def _year(written: str, text: str) -> int:
    year = int(written) if len(written) == 4 else 2000 + int(written)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableDate(DateProblem.YEAR_OUT_OF_RANGE, text)
    return year


def _month_number(word: str) -> int | None:
    return _MONTHS.get(word)


def _day(year: int, month: int, day: int, text: str) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableDate(DateProblem.YEAR_OUT_OF_RANGE, text)
    if not 1 <= month <= 12:
        raise UnreadableDate(DateProblem.NO_SUCH_MONTH, text)
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableDate(DateProblem.NO_SUCH_DAY, text) from None


def _monday(year: int, week: int) -> date:
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        raise UnreadableDate(DateProblem.NO_SUCH_WEEK) from None


def _months(year: int, month: int, count: int, precision: Precision) -> ExpectedDate:
    if not MINYEAR < year < MAXYEAR:
        raise UnreadableDate(DateProblem.YEAR_OUT_OF_RANGE)
    if not 1 <= month <= 13 - count:
        raise UnreadableDate(DateProblem.NO_SUCH_MONTH)
    end = month + count
    after = date(year + (end > 12), (end - 1) % 12 + 1, 1)
    return ExpectedDate(date(year, month, 1), after - timedelta(days=1), precision)


def _plus(day: date, *, days: int, text: str) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise UnreadableDate(DateProblem.YEAR_OUT_OF_RANGE, text) from None


def _relative(today: date, count: int, unit: str, text: str) -> date:
    if unit.startswith("d"):
        return _plus(today, days=count, text=text)
    if unit.startswith(("v", "w")):
        return _plus(today, days=7 * count, text=text)
    day = add_months(today, count)
    if day.year > LAST_YEAR:
        raise UnreadableDate(DateProblem.YEAR_OUT_OF_RANGE, text)
    return day


def add_months(day: date, count: int) -> date:
    """The same day of the month `count` months on (or back), or that month's last day."""
    years, month = divmod(day.month - 1 + count, 12)
    first = date(day.year + years, month + 1, 1)
    following = date(first.year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _week_day(week: str, year: str | None, today: date, text: str, looking_back: bool) -> date:
    if year is not None:
        try:
            return _monday(_year(year, text), int(week))
        except UnreadableDate as error:
            raise UnreadableDate(error.problem, text) from None
    this_year = today.isocalendar().year
    for near in _years_from(this_year, looking_back):
        try:
            monday = date.fromisocalendar(near, int(week), 1)
        except ValueError:
            continue  # a year of 52 weeks has no week 53
        if monday <= today if looking_back else monday + timedelta(days=6) >= today:
            return monday
    raise UnreadableDate(DateProblem.NO_SUCH_WEEK, text)


def _near_day(
    day: int, month: int, year: str | None, today: date, text: str, looking_back: bool
) -> date:
    if year is not None:
        return _day(_year(year, text), month, day, text)
    _day(2000, month, day, text)  # says what is wrong; 2000 had a 29 February
    for near in _years_from(today.year, looking_back):
        try:
            candidate = date(near, month, day)
        except ValueError:
            continue  # 29 February
        if candidate <= today if looking_back else candidate >= today:
            return candidate
    raise UnreadableDate(DateProblem.NO_SUCH_DAY, text)


def _years_from(year: int, looking_back: bool) -> range:
    """Nine years hold a 29 February, and a week 53, wherever they start."""
    return range(year, year - 9, -1) if looking_back else range(year, year + 9)
