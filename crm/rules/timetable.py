"""A published timetable, as a calendar file (RFC 5545) or as a table, and what its rows mean.

Only days are read, and times no further than to tell on which day an instant falls in Sweden.
Nothing in a file is followed, fetched or evaluated: a calendar is read line by line, and a
recurrence is laid out as far as its rule is plain, up to a fixed number of days. What cannot be
read is handed back with its line, and the rest is kept.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.budget_cycle import PhaseRole
from crm.rules.calendar import ONE_DAY, STOCKHOLM
from crm.rules.precision import (
    FIRST_YEAR,
    LAST_YEAR,
    DateProblem,
    ExpectedDate,
    Precision,
    UnreadableDate,
    parse_day,
    parse_expected,
)

MOST_BYTES: Final = 1024 * 1024
MOST_LINES: Final = 20_000
MOST_ENTRIES: Final = 2_000
MOST_OCCURRENCES: Final = 60  # of one recurring event
LONGEST_TEXT: Final = 120  # characters, as the name of an event has it
MOST_BAD: Final = 200  # lines that are told one by one
MOST_STEPS: Final = 50_000  # days that the recurrences of a file are followed, all together
_LAID_OUT: Final = timedelta(days=3 * 366)  # how far a recurrence is followed
_OF_INTEREST: Final = timedelta(days=366)  # how far back one is kept


class Problem(StrEnum):
    """Why a line, or a file, could not be read as it stands."""

    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NOT_TEXT = "not_text"
    NO_DATE = "no_date"
    NO_SUCH_DAY = "no_such_day"
    NO_WORDS = "no_words"
    NEEDS_A_DAY = "needs_a_day"
    """A meeting of the council with no more than a week or a month."""
    NOT_APART = "not_apart"
    """Its day stands in the middle of its words."""
    ENDS_BEFORE = "ends_before"
    RECURS_ODDLY = "recurs_oddly"
    """Its first day is kept; the rule for the others is not one we lay out."""
    CUT_OFF = "cut_off"
    """What follows is left out: there is more than anybody publishes."""


class UnreadableFile(ValueError):
    """Nothing in the file can be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated row; both days are included."""

    line: int
    start: date
    end: date
    text: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row that is told and not kept, or kept in part."""

    line: int
    problem: Problem
    text: str


@dataclass(slots=True)
class Timetable:
    """What a file holds, in order of day."""

    entries: list[Entry] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    steps: int = 0  # of recurrences that were followed

    def tell(self, line: int, problem: Problem, text: str = "") -> None:
        """Note a line that cannot be kept as it stands; of very many the first."""
        if len(self.bad) < MOST_BAD:
            self.bad.append(BadLine(line, problem, text[:LONGEST_TEXT]))


def read_timetable(content: bytes, today: date) -> Timetable:
    """Read the file. `today` settles the year of a day without one.

    Raises UnreadableFile when it is too large, empty or no text, or holds no dated row at all.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableFile(Problem.TOO_LARGE)
    text = _decoded(content)
    if not text.strip():
        raise UnreadableFile(Problem.EMPTY)
    lines = text.splitlines()
    found = Timetable()
    if len(lines) > MOST_LINES:
        found.tell(MOST_LINES, Problem.CUT_OFF)
    is_calendar = text.lstrip()[:15].upper() == "BEGIN:VCALENDAR"
    reader = _calendar if is_calendar else _table
    entries = list(reader(lines[:MOST_LINES], today, found))
    unique = dict.fromkeys((one.start, one.end, one.text) for one in entries)
    if len(unique) > MOST_ENTRIES:
        found.tell(entries[MOST_ENTRIES].line, Problem.CUT_OFF)
    first = {(one.start, one.end, one.text): one.line for one in reversed(entries)}
    found.entries = [
        Entry(first[start, end, words], start, end, words)
        for start, end, words in sorted(unique)[:MOST_ENTRIES]
    ]
    if not found.entries and not found.bad:
        raise UnreadableFile(Problem.NO_DATE)
    return found


def _decoded(content: bytes) -> str:
    """BOM, then strict UTF-8, then Windows' Western European."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise UnreadableFile(Problem.NOT_TEXT)
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(Problem.NOT_TEXT)


# --- Tables ------------------------------------------------------------------------------------

_TIME: Final = re.compile(
    r"(?:\bkl(?:ockan)?\.?\s*)?\b\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*[-–]\s*\d{1,2}[:.]\d{2})?$",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"(?:kl(?:ockan)?\.?\s*)?\d{1,2}(?:[:.]\d{2})?(?:\s*[-–]\s*\d{1,2}(?:[:.]\d{2})?)?"
)
_WEEKDAY: Final = re.compile(
    r"^(?:må|mån|ti|tis|on|ons|to|tor|tors|fr|fre|lö|lör|sö|sön|mon|tue|wed|thu|fri|sat|sun)"
    r"(?:dag|sdag|day|nesday|rsday|urday|sday)?(?:en)?[.,]?\s+(?:den\s+)?(?=\d)",
    re.IGNORECASE,
)
_LIKE_A_DAY: Final = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{8}|\d{1,2} ?[/.] ?\d{1,2}(?: ?[/. -] ?\d{2,4})?"
    r"|\d{1,2}\.? [a-zåäö]{3,9}\.?(?: \d{4})?",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(
    r"\s*(?:–|—| - | till | t\.?o\.?m\.? )\s*"
    r"|(?<=\d)(?<!-\d\d)(?<!\d{4})-(?=\d{1,2}(?:/| [a-zåäö]))",  # 1/3-24/3, but not 2027-03-01
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"\d{1,2}")
_YEAR: Final = re.compile(r"\b(20\d{2})\b")
_VAGUE: Final = re.compile(
    r"(?P<week>(?:v|vecka|veckorna|week|weeks)\.? ?)?(?P<first>\d{1,2}|[a-zåäö]{3,9})\.?"
    r"(?: ?[-–] ?(?:v\.? ?)?(?P<last>\d{1,2}|[a-zåäö]{3,9})\.?)?(?:[ ,/-]+(?P<year>\d{4}))?",
    re.IGNORECASE,
)
_HOUR_FIRST: Final = re.compile(r"kl(?:ockan)?\.?\s*\d{1,2}(?:[:.]\d{2})?[\s,]+", re.IGNORECASE)
_DAY_AMONG_WORDS: Final = re.compile(r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2})\b")
_MOST_BEFORE: Final = 8  # words that a day before the others is made of


def _table(lines: Sequence[str], today: date, found: Timetable) -> Iterator[Entry]:
    """Rows with a day in any of their cells; a second day is the end, the other words the text.

    A week or a month is its days, but for the council, which meets on one. What is no row, like the
    heads of the columns, is passed over before the first one, and a heading with a year anywhere.
    """
    delimiter = max(";\t,", key=lambda sign: sum(sign in line for line in lines[:50]))
    reader = csv.reader(lines, delimiter=delimiter)
    seen, year, line = False, None, 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            found.tell(reader.line_num, Problem.NO_DATE)
            return
        if cells is None:
            return
        line, words = reader.line_num, " ".join(" ".join(cells).split())
        if not words:
            continue
        row = _sorted_out(cells[:50], today, year)
        days, is_heading = row.days, sum(bool(cell.strip()) for cell in cells) == 1
        heading = _YEAR.search(words) if is_heading or not days else None
        if heading and (not days or row.is_vague):
            year = int(heading[1])
        if row.is_broken:
            found.tell(line, Problem.NO_SUCH_DAY, words)
        elif not days:
            if _DAY_AMONG_WORDS.search(words):
                found.tell(line, Problem.NOT_APART, words)
            elif (seen and not heading) or (not is_heading and re.search(r"\d", words)):
                found.tell(line, Problem.NO_DATE, words)
        elif not row.words:
            if not (heading and row.is_vague):
                found.tell(line, Problem.NO_WORDS, words)
        elif days[-1] < days[0]:
            found.tell(line, Problem.ENDS_BEFORE, words)
        elif row.is_vague and meaning_of(row.words) in (COUNCIL, PhaseRole.DECISION):
            found.tell(line, Problem.NEEDS_A_DAY, words)
        else:
            seen = True
            yield Entry(line, days[0], days[-1], row.words[:LONGEST_TEXT])


@dataclass(frozen=True, slots=True)
class _Row:
    """A row's first and last day, if it has any, and its other words."""

    days: list[date]
    words: str
    is_broken: bool  # what looks like a day is none
    is_vague: bool  # the days are those of a week or a month


def _sorted_out(cells: Iterable[str], today: date, year: int | None) -> _Row:
    """Beside a day the week or the month that it lies in says nothing more."""
    exact: list[date] = []
    rough: list[date] = []
    words: list[str] = []
    broken = False
    for cell in cells:
        told = " ".join(cell.replace("\ufeff", "").split())
        if not told or _CLOCK.fullmatch(told):
            continue
        try:
            if days := _days(told, today, year):
                exact += days
            elif days := _vague_days(told, today, year):
                rough += days
            else:
                words.append(told)
        except UnreadableDate:
            broken = True
    if not (exact or rough or broken):
        return _led_by_a_day(words, today, year)
    days = exact[:2] or [*rough[:1], *rough[-1:]]
    return _Row(days, ", ".join(words), broken, is_vague=not exact)


def _led_by_a_day(cells: Sequence[str], today: date, year: int | None) -> _Row:
    """A row in which a day and the words stand in one cell, the day first."""
    for place, cell in enumerate(cells):
        parts = cell.split(" ")
        for number in range(min(len(parts) - 1, _MOST_BEFORE), 0, -1):
            before = " ".join(parts[:number]).rstrip(" :,–-")
            if _CLOCK.fullmatch(before):
                continue
            rest = _HOUR_FIRST.sub("", " ".join(parts[number:]).lstrip(" :,–-"), count=1)
            words = ", ".join([*cells[:place], rest, *cells[place + 1 :]])
            try:
                if exact := _days(before, today, year):
                    return _Row(exact, words, is_broken=False, is_vague=False)
                is_plain = before[:1].lower() in ("v", "w") or _YEAR.search(before)
                if is_plain and (rough := _vague_days(before, today, year)):
                    return _Row(rough, words, is_broken=False, is_vague=True)
            except UnreadableDate as error:
                if error.problem is not DateProblem.UNREADABLE:
                    return _Row([], words, is_broken=True, is_vague=False)
    return _Row([], ", ".join(cells), is_broken=False, is_vague=False)


def _days(told: str, today: date, year: int | None) -> list[date]:
    """A day, or the first and last of a stretch; none if it is not like one. Raises UnreadableDate
    where it is like a day and is none."""
    parts = [_bare(part) for part in _RANGE.split(told)]
    if len(parts) == 2 and _BARE.fullmatch(parts[0]):  # 24–25 november
        parts[0] += parts[1].lstrip("0123456789")
    if len(parts) > 2 or not all(_LIKE_A_DAY.fullmatch(part) for part in parts):
        return []
    return [_day(part, today, year) for part in parts]


def _vague_days(told: str, today: date, year: int | None) -> list[date]:
    """The first and last day of a week or a month, or of a stretch of them: "v. 34", "v. 34–36",
    "juni 2027"; none if it is not like one. Raises UnreadableDate for a week that is none.

    Without a year, that of the heading or the next to come.
    """
    match = _VAGUE.fullmatch(told)
    if match is None:
        return []
    names = [name for name in match.group("first", "last") if name]
    if any(name.isdecimal() != bool(match["week"]) for name in names):
        return []
    written = int(match["year"]) if match["year"] else year
    first = _next_to_come(names[0], written, today)
    if first is None:
        return []
    last = _next_to_come(names[-1], first.bucket, today)
    if last is None:
        return []
    if last.first_day < first.first_day:  # over New Year: a year that is written is that of its end
        if match["year"]:
            first = _next_to_come(names[0], first.bucket - 1, today) or first
        else:
            last = _next_to_come(names[-1], first.bucket + 1, today) or last
    return [first.first_day, last.last_day]


def _next_to_come(name: str, year: int | None, today: date) -> ExpectedDate | None:
    """A week by its number or a month by its name, in this year or else as it next comes. None if
    there is no such month. Raises UnreadableDate if there is no such week."""
    years = [year] if year is not None else [*range(today.year, today.year + 9)]
    problem: UnreadableDate | None = None
    for one in years:
        try:
            found = parse_expected(f"v. {name} {one}" if name.isdecimal() else f"{name} {one}")
        except UnreadableDate as error:
            problem = error
            continue  # a year of 52 weeks has no week 53
        if found.precision not in (Precision.WEEK, Precision.MONTH):
            return None
        if year is not None or not found.is_past(today):
            return found
    if problem is not None and problem.problem is not DateProblem.UNREADABLE:
        raise problem
    return None


def _bare(cell: str) -> str:
    """Without the weekday before it and the hour behind it."""
    return _TIME.sub("", _WEEKDAY.sub("", cell)).strip(" ,")


def _day(text: str, today: date, year: int | None) -> date:
    """A day as it stands; one without a year is in the year of the heading, or the next to come."""
    if year is not None and not re.search(r"\d{4}|\d ?[/. -] ?\d{1,2} ?[/. -] ?\d", text):
        text = f"{text.rstrip('.')}/{year}" if re.search(r"[/.]", text) else f"{text} {year}"
    return parse_day(text, today)


# --- Calendar files ----------------------------------------------------------------------------

_STAMP: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_ZONES_OF_UTC: Final = frozenset({"UTC", "ETC/UTC", "GMT", "ETC/GMT"})
_WEEKDAYS: Final = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_BY_DAY: Final = re.compile(r"(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
_ESCAPES: Final = re.compile(r"\\([nN,;\\])")


def _calendar(lines: Sequence[str], today: date, found: Timetable) -> Iterator[Entry]:
    """The events of a calendar. An event's line is that of its BEGIN."""
    event: dict[str, tuple[str, str]] | None = None
    excluded: set[date] = set()
    begun = 0
    for number, line in _unfolded(lines):
        name, _, value = line.partition(":")
        key, _, parameters = name.upper().partition(";")
        if key == "BEGIN" and value.strip().upper() == "VEVENT":
            event, excluded, begun = {}, set(), number
        elif event is not None and key == "END" and value.strip().upper() == "VEVENT":
            yield from _occurrences(event, excluded, begun, today, found)
            event = None
        elif event is not None and key == "EXDATE":
            excluded |= {
                stamp.local for part in value.split(",") if (stamp := _stamp(part, parameters))
            }
        elif event is not None:
            event.setdefault(key, (value, parameters))


def _unfolded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first: what begins with a blank goes on from above."""
    held: list[str] = []
    begun = 0
    for number, line in enumerate(lines, 1):
        if line[:1] in (" ", "\t") and held:
            if len(held) < _MOST_FOLDS:
                held.append(line[1:])
            continue
        if held:
            yield begun, "".join(held)
        held, begun = [line], number
    if held:
        yield begun, "".join(held)


_MOST_FOLDS: Final = 50


def _occurrences(
    event: dict[str, tuple[str, str]],
    excluded: set[date],
    line: int,
    today: date,
    found: Timetable,
) -> Iterator[Entry]:
    words = " ".join(_ESCAPES.sub(_unescaped, event.get("SUMMARY", ("", ""))[0]).split())
    if event.get("STATUS", ("", ""))[0].strip().upper() == "CANCELLED":
        return
    start = _stamp(*event.get("DTSTART", ("", "")))
    if start is None:
        is_broken = bool(event.get("DTSTART", ("", ""))[0].strip())
        found.tell(line, Problem.NO_SUCH_DAY if is_broken else Problem.NO_DATE, words)
        return
    first = start.local
    if not words:
        found.tell(line, Problem.NO_WORDS, first.isoformat())
        return
    ending = _stamp(*event.get("DTEND", ("", "")))
    end = ending.local if ending is not None else first
    if ending is not None and end > first and ending.is_midnight:
        end -= ONE_DAY  # RFC 5545 3.6.1: the end is not included
    if end < first:
        found.tell(line, Problem.ENDS_BEFORE, words)
        return
    rule = event.get("RRULE", ("", ""))[0]
    days = _laid_out(rule, start, today, found) if rule else [first]
    if days is None:
        found.tell(line, Problem.RECURS_ODDLY, words)
        days = [first]
    for day in days:
        if day not in excluded:
            yield Entry(line, day, day + (end - first), words[:LONGEST_TEXT])


def _unescaped(sign: re.Match[str]) -> str:
    return " " if sign[1] in "nN" else sign[1]


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A moment as it is written: a whole day, the clock on the wall in Sweden, or UTC."""

    written: date
    at: time
    is_utc: bool

    @property
    def local(self) -> date:
        """The day in Sweden."""
        return self.on(self.written)

    def on(self, written: date) -> date:
        """The day in Sweden of the same time on another written day."""
        return self._moment(written).date()

    @property
    def is_midnight(self) -> bool:
        """Whether it is the turn of two days in Sweden, as every whole day begins."""
        return self._moment(self.written).time() == time.min

    def _moment(self, written: date) -> datetime:
        if not self.is_utc:
            return datetime.combine(written, self.at)
        return datetime.combine(written, self.at, UTC).astimezone(STOCKHOLM)


def _stamp(text: str, parameters: str = "") -> _Stamp | None:
    """20270222, 20270222T130000 or with a Z, which is UTC as it is with TZID=UTC. Any other zone
    is taken for that of Sweden: a Swedish body writes its own hours."""
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        return None
    zones = {part.removeprefix("TZID=").strip('"') for part in parameters.split(";")}
    is_utc = match[4] is not None and (match[7] == "Z" or bool(zones & _ZONES_OF_UTC))
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        at = time(int(match[4] or 0), int(match[5] or 0))
    except ValueError:
        return None
    return _Stamp(day, at, is_utc) if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _laid_out(rule: str, begins: _Stamp, today: date, found: Timetable) -> list[date] | None:
    """The days of a plain recurrence (RFC 5545 3.3.10), or None when the rule is not a plain one.
    It recurs in the zone that it is written in; each is then told as a day in Sweden.

    From a year ago to three years from today, a fixed number of days at most; a file in which all
    the recurrences together are too long counts as one that cannot be laid out.
    """
    parts = {
        key.strip().upper(): value.strip().upper()
        for key, _, value in (part.partition("=") for part in rule.split(";") if part)
    }
    interval, count = parts.get("INTERVAL", "1"), parts.get("COUNT", "9999")
    if not parts.keys() <= _KNOWN_PARTS or not (_is_small(interval) and _is_small(count)):
        return None
    by_day = [_BY_DAY.fullmatch(part) for part in parts.get("BYDAY", "").split(",") if part]
    ends = _stamp(parts["UNTIL"]) if "UNTIL" in parts else _NEVER
    if ends is None or not all(by_day):
        return None
    start, until = begins.written, ends.written if begins.is_utc else ends.local
    chosen = [(int(one[1] or 0), _WEEKDAYS[one[2]]) for one in by_day if one is not None]
    last = min(until, max(today, start) + _LAID_OUT)
    days = _recurring(parts.get("FREQ", ""), int(interval), chosen, start, last)
    if days is None:
        return None
    kept: list[date] = []
    number = 0
    for day in days:
        found.steps += 1
        if found.steps > MOST_STEPS:
            return None
        if day < start:
            continue
        number += 1
        if day > last or number > int(count) or len(kept) >= MOST_OCCURRENCES:
            break
        if day >= today - _OF_INTEREST:
            kept.append(begins.on(day))
    return kept


_NEVER: Final = _Stamp(date(LAST_YEAR, 12, 31), time.min, is_utc=False)


def _is_small(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < len(text) <= 4 and int(text) > 0


def _recurring(
    frequency: str, interval: int, by_day: list[tuple[int, int]], start: date, last: date
) -> Iterator[date] | None:
    match frequency:
        case "DAILY" if not by_day:
            return _stepping(start, timedelta(days=interval), last)
        case "WEEKLY" if all(number == 0 for number, _weekday in by_day):
            weekdays = sorted({weekday for _number, weekday in by_day} or {start.weekday()})
            return _weekly(start, interval, weekdays, last)
        case "MONTHLY" if all(number for number, _weekday in by_day):
            return _monthly(start, interval, by_day, last)
        case "YEARLY" if not by_day:
            return _monthly(start, 12 * interval, [], last)
        case _:
            return None


def _stepping(day: date, step: timedelta, last: date) -> Iterator[date]:
    while day <= last:
        yield day
        day += step


def _weekly(start: date, interval: int, weekdays: list[int], last: date) -> Iterator[date]:
    monday = start - timedelta(days=start.weekday())
    for week in _stepping(monday, timedelta(weeks=interval), last):
        yield from (week + timedelta(days=weekday) for weekday in weekdays)


def _monthly(
    start: date, interval: int, by_day: list[tuple[int, int]], last: date
) -> Iterator[date]:
    """The same day each time, or the nth weekday. A month without that day is passed over."""
    months = start.year * 12 + start.month - 1
    while months // 12 <= last.year:
        year, month = months // 12, months % 12 + 1
        if by_day:
            yield from sorted(
                day for number, weekday in by_day if (day := _nth(year, month, number, weekday))
            )
        else:
            with suppress(ValueError):
                yield date(year, month, start.day)
        months += interval


def _nth(year: int, month: int, number: int, weekday: int) -> date | None:
    """The third Monday of a month; -1 is the last."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    days = [
        first + timedelta(days=offset)
        for offset in range((following - first).days)
        if (first + timedelta(days=offset)).weekday() == weekday
    ]
    place = number - 1 if number > 0 else number
    return days[place] if -len(days) <= place < len(days) else None


# --- What the words mean -----------------------------------------------------------------------

COUNCIL: Final = "council"
Meaning = PhaseRole | str
"""A step of the budget, or COUNCIL: an ordinary meeting of the council."""

_COUNCIL: Final = re.compile(r"fullmäktige|\b(?:kf|rf)\b")
_BOARD: Final = re.compile(
    r"kommunstyrelse|regionstyrelse|\b(?:ks|rs|ksau|rsau|au)\b|arbetsutskott"
)
_INTERNAL: Final = re.compile(r"internbudget|detaljbudget|nämnd(?:s|ernas|ens)?\s?budget\b")
_HAND_IN: Final = re.compile(
    r"budgetunderlag|budgetskrivelse|äskande|underlag|yttrande|inlämn|lämnar? in|budgetförslag"
)
_MEANINGS: Final[tuple[tuple[re.Pattern[str], PhaseRole], ...]] = (
    (re.compile(r"budgetberedning|budgetförhandling|budgetkonferens"), PhaseRole.POLITICS),
    (_INTERNAL, PhaseRole.INTERNAL_BUDGET),
    (re.compile(r"investering"), PhaseRole.INVESTMENT),
    (
        re.compile(
            r"planeringsförutsättning|budgetdirektiv|planeringsdirektiv|\bramar|budgetram|anvisning"
        ),
        PhaseRole.DIRECTIVE,
    ),
    (re.compile(r"omvärlds|planeringsdag|budgetupptakt|uppstart"), PhaseRole.PREPARATION),
)


def meaning_of(text: str) -> Meaning | None:
    """What a row is about, by its words; None when they do not say.

    The budget in the council is the decision, in the board politics, in a nämnd the hand-in. A
    board or a nämnd that merely meets is none of our business.
    """
    words = text.lower()
    budget = "budget" in words
    if _COUNCIL.search(words):
        return PhaseRole.DECISION if budget and not _HAND_IN.search(words) else COUNCIL
    for pattern, role in _MEANINGS:
        if pattern.search(words):
            return role
    if _BOARD.search(words):
        return PhaseRole.POLITICS if budget else None
    if "nämnd" in words and (budget or _HAND_IN.search(words)):
        return PhaseRole.DOOR
    if _HAND_IN.search(words) and budget:
        return PhaseRole.DOOR
    return None
