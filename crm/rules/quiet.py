"""When a buyer should be left in peace, and where a day moves that falls there.

Two kinds of reminder move two ways (product.md, "Quiet periods"). A contact, when we ask or tell
somebody at the buyer, moves forward to the first open day; if that would miss the buyer's window
it moves to the last open day before the quiet period. A deadline or promise of our own moves back
to the nearest earlier working day. The reasons are always handed back with the day.

The weeks around a council's decision close nämnd, KS and KF, and the weeks of the annual accounts
close those who keep the books: they are quiet for these two audiences and for nobody else.

The periods are the `quiet_` rows of `data/budget_phases.csv`, the county's winter break of
`data/sportlov.csv`, Easter and the weeks that the calendar of the year settles. The election
campaign counts only in election years. The first and last days of most periods are customs, not
rules, and are marked so.
"""

import csv
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final

from crm.rules.budget_cycle import BodyKind, Phase, Practice, TemplateRow, decision, template
from crm.rules.calendar import (
    ONE_DAY,
    easter_sunday,
    eve_of,
    holiday_name,
    is_office_day,
    is_squeeze_day,
    week_start,
)
from crm.rules.certainty import Certainty
from crm.rules.elections import is_election_year


class Audience(StrEnum):
    """Who at the body the contact is with; schools, universities and care have their own year."""

    GENERAL = "general"
    SCHOOL = "school"
    UNIVERSITY = "university"
    HEALTH = "health"
    """The care units of a region, or a municipality's own health care."""
    POLITICAL = "political"
    """A nämnd and its politicians."""
    FINANCE = "finance"
    """Those who keep a body's books."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch of days to leave open, both days included, and why."""

    key: str
    start: date
    end: date
    name_sv: str
    name_en: str
    certainty: Certainty
    source: str

    def covers(self, day: date) -> bool:
        """Whether the day falls within the period."""
        return self.start <= day <= self.end


_SHEET: Final = {
    BodyKind.MUNICIPALITY: "kommun",
    BodyKind.REGION: "region",
    BodyKind.STATE: "stat",
    BodyKind.UNIVERSITY: "universitet",
    BodyKind.OTHER: "kommun",
}
_AUDIENCE_SHEET: Final = {
    Audience.GENERAL: None,
    Audience.SCHOOL: "skola",
    Audience.UNIVERSITY: "universitet",
    Audience.HEALTH: "region",
    Audience.POLITICAL: None,
    Audience.FINANCE: None,
}
_CAMPAIGN: Final = "ey_quiet_valrorelse"
_WINTER_BREAK: Final = "quiet_sportlov"
_EASTER_BREAK: Final = "quiet_pasklov"
_AUTUMN_BREAK: Final = "quiet_hostlov"

INDUSTRIAL_HOLIDAY_WEEKS: Final = (28, 31)
"""Industrisemestern, the four ISO weeks in which most of the country is away."""

AUTUMN_BREAK_WEEK: Final = 44

_WINTER_BREAK_ANYWHERE: Final = (7, 10)
_ACCOUNTS: Final = ((1, 7), (2, 28))  # a municipality's or region's; edges by custom
_ACCOUNTS_OF_THE_STATE: Final = ((1, 7), (2, 22))
_ACCOUNTS_BY_LAW: Final = "Förordning (2000:605) om årsredovisning och budgetunderlag 2 kap. 1 §"
_BEFORE_A_DECISION: Final = timedelta(weeks=1)
_NEW_POLITICIANS_SETTLED: Final = (2, 28)  # R5: no approach before March
_TO_SUNDAY: Final = timedelta(days=6)
_ONE_WEEK: Final = timedelta(weeks=1)


@lru_cache(maxsize=8192)
def quiet_periods(
    kind: BodyKind, audience: Audience, county_code: str | None, first: date, last: date
) -> tuple[Quiet, ...]:
    """Every quiet period that touches the days first-last, the earliest first.

    Ask for days well beyond the one you mean to move, since a move ends after the last period
    known. A county without a code, or an unknown one, gives the winter break of all counties.
    """
    found = (
        quiet
        for year in range(first.year - 1, last.year + 1)
        for quiet in _quiet_in_year(kind, audience, county_code, year)
    )
    return tuple(
        sorted(
            {quiet for quiet in found if quiet.start <= last and quiet.end >= first},
            key=lambda quiet: (quiet.start, quiet.end, quiet.key),
        )
    )


_FREEZE_WITHOUT_END: Final = 30  # years, as good as for ever


def own_quiet(start: date, end: date, name: str) -> Quiet:
    """A quiet period that we have decided on ourselves, or that a buyer has told us."""
    if end < start:
        raise ValueError("A quiet period cannot end before it starts.")
    return Quiet("quiet_own", start, end, name, name, Certainty.CONFIRMED, "")


class SchoolBreak(StrEnum):
    """A break whose weeks differ between bodies. The value is the period's key."""

    WINTER = "quiet_sportlov"
    EASTER = "quiet_pasklov"
    AUTUMN = "quiet_hostlov"


def own_break(which: SchoolBreak, start: date, end: date, source: str) -> Quiet:
    """A school break as the body itself has it. It replaces what the county usually has: see
    `quiet_at`. Raises ValueError if it ends before it starts."""
    if end < start:
        raise ValueError("A break cannot end before it starts.")
    sv, en = _BREAK_NAMES[which]
    return Quiet(which.value, start, end, sv, en, Certainty.CONFIRMED, source)


_BREAK_NAMES: Final = {
    SchoolBreak.WINTER: ("Sportlov", "Winter break"),
    SchoolBreak.EASTER: ("Påsklov", "Easter break"),
    SchoolBreak.AUTUMN: ("Höstlov", "Autumn break"),
}
_BREAK_KEYS: Final = frozenset(which.value for which in SchoolBreak)


def quiet_at(
    usual: Iterable[Quiet],
    own: Iterable[Quiet],
    audience: Audience,
    practice: Practice,
    years: Iterable[int],
) -> tuple[Quiet, ...]:
    """The usual periods, and what holds at this very buyer.

    A break of its own replaces the usual one of that year; where no school is spoken to there is
    none to replace, and it counts for nothing. Politicians are left alone when the council decides
    the budgets of `years`: in its budget meeting and the week before.
    """
    own = tuple(own)
    breaks = {(one.key, one.start.year): one for one in own if one.key in _BREAK_KEYS}
    found = [breaks.get((one.key, one.start.year), one) for one in usual]
    found += [one for one in own if one.key not in _BREAK_KEYS]
    if audience is Audience.POLITICAL:
        decided = (decision(practice, year) for year in years)
        found += [_decision_weeks(phase) for phase in decided if phase is not None]
    return tuple(found)


def is_break(period: Quiet) -> bool:
    """Whether it is a school break, which replaces the usual one when it is a body's own."""
    return period.key in _BREAK_KEYS


def tells_from(own: Quiet, usual: Iterable[Quiet]) -> date:
    """The first day on which a period of a body's own changes anything: a break of its own also
    on the days of the usual one that it replaces."""
    if not is_break(own):
        return own.start
    replaced = (one.start for one in usual if one.key == own.key)
    return min(day for day in (*replaced, own.start) if day.year == own.start.year)


def _decision_weeks(decided: Phase) -> Quiet:
    return Quiet(
        "quiet_decision",
        decided.start - _BEFORE_A_DECISION,
        decided.end,
        "Fullmäktige beslutar om budgeten",
        "The council decides the budget",
        decided.certainty,
        decided.source,
    )


def own_freeze(start: date, end: date | None, note: str) -> Quiet:
    """A purchasing freeze that somebody recorded; without an end it holds until one is known."""
    return Quiet(
        "freeze",
        start,
        end if end is not None else date(start.year + _FREEZE_WITHOUT_END, 12, 31),
        "Inköpsstopp",
        "Purchasing freeze",
        Certainty.CONFIRMED,
        note,
    )


Moved = tuple[date, tuple[Quiet, ...]]
"""A day, and every period that lay between it and the day that was wanted."""


class OpenDays:
    """The days on which somebody at the buyer can be contacted, and the moves to the nearest one.

    Open is a working day that is no squeeze day and no eve, and lies outside every quiet period.
    One object serves a whole planning: periods are found by day, and what has been asked once is
    remembered.
    """

    def __init__(self, quiet: Iterable[Quiet] = ()) -> None:
        self.quiet = tuple(sorted(quiet, key=lambda one: (one.start, one.end, one.key)))
        self._starts = [one.start for one in self.quiet]
        self._longest = max((one.end - one.start for one in self.quiet), default=timedelta())
        self._changes = sorted(
            {day for one in self.quiet for day in (one.start, one.end + ONE_DAY)}
        )
        self._first: dict[date, Moved] = {}
        self._last: dict[date, Moved] = {}

    def covering(self, day: date) -> list[Quiet]:
        """The quiet periods in which the day lies, the earliest first."""
        begun = bisect_right(self._starts, day)
        recent = bisect_left(self._starts, day - self._longest)
        return [one for one in self.quiet[recent:begun] if one.end >= day]

    def next_change(self, day: date) -> date | None:
        """The next day after this one on which a quiet period begins, or is over."""
        place = bisect_right(self._changes, day)
        return self._changes[place] if place < len(self._changes) else None

    def standing(self, day: date, today: date) -> Moved:
        """Where what was left undone on an open day that has passed stands today: on the first open
        day after the latest quiet period that has begun since, which may be still to come."""
        begun = self.quiet[bisect_right(self._starts, day) : bisect_right(self._starts, today)]
        if not begun:
            return day, ()
        stands, passed = self.first(max(period.end for period in begun) + ONE_DAY)
        return stands, (*begun, *(period for period in passed if period not in begun))

    def first(self, wanted: date) -> Moved:
        """Where a contact moves: the same or the first later day that is open, and what was passed.

        Weekends, holidays and squeeze days that were in the way are among the reasons.
        """
        found = self._first.get(wanted)
        if found is None:
            found = self._first[wanted] = self._walk(wanted, forward=True)
        return found

    def last_before(self, wanted: date) -> Moved:
        """The same or the last earlier day that is open, and what was passed on the way back.

        For a contact that would miss the buyer's window if it moved forward.
        """
        found = self._last.get(wanted)
        if found is None:
            found = self._last[wanted] = self._walk(wanted, forward=False)
        return found

    def _walk(self, day: date, *, forward: bool) -> Moved:
        passed: list[Quiet] = []
        while True:
            closed = self.covering(day)
            if not closed:
                off = _day_off(day) or _eve(day)
                if off is None:
                    return day, tuple(passed)
                closed = [off]
            passed += [period for period in closed if period not in passed]
            if forward:
                day = max(period.end for period in closed) + ONE_DAY
            else:
                day = min(period.start for period in closed) - ONE_DAY


NO_QUIET: Final = OpenDays()
"""Nothing but weekends, holidays, their eves and squeeze days."""


@lru_cache(maxsize=64)
def open_days(
    kind: BodyKind, audience: Audience, county_code: str | None, first: date, last: date
) -> OpenDays:
    """The open days of a kind of body and audience, between quiet periods known from first to last.

    Bodies beside each other share them, so that a long planning walks each road once.
    """
    return OpenDays(quiet_periods(kind, audience, county_code, first, last))


def deadline_day(wanted: date) -> tuple[date, Quiet | None]:
    """Where a deadline or promise of ours moves: back to the nearest working day, and why.

    Squeeze days count as days off. No reason is given when the day stands as it is.
    """
    reason = _day_off(wanted)
    day = wanted
    while not is_office_day(day):
        day -= ONE_DAY
    return day, reason


def office_day_from(wanted: date) -> Moved:
    """The same or the first later day on which an office answers, and what lay in between.

    For what is ours alone to do: no quiet period of the buyer's counts, and an eve is worked.
    """
    day, passed = wanted, list[Quiet]()
    while (off := _day_off(day)) is not None:
        passed.append(off)
        day = off.end + ONE_DAY
    return day, tuple(passed)


def _day_off(day: date) -> Quiet | None:
    """Why nobody can be expected at work that day: a weekend, a holiday or a squeeze day."""
    sv, en = holiday_name(day, "sv"), holiday_name(day, "en")
    if sv is not None and en is not None:
        return Quiet("holiday", day, day, sv, en, Certainty.LAW, _DAYS_OFF)
    if day.weekday() >= _SATURDAY:
        saturday = day - timedelta(days=day.weekday() - _SATURDAY)
        return Quiet(
            "weekend", saturday, saturday + ONE_DAY, "Helg", "Weekend", Certainty.LAW, _DAYS_OFF
        )
    if is_squeeze_day(day):
        return Quiet("squeeze", day, day, "Klämdag", "Squeeze day", Certainty.TYPICAL, "")
    return None


def _eve(day: date) -> Quiet | None:
    """The day before a public holiday, when people leave early. A promise of ours is kept then."""
    sv, en = eve_of(day, "sv"), eve_of(day, "en")
    if sv is None or en is None:
        return None
    return Quiet(
        "eve", day, day, f"Dagen före {_as_in_a_sentence(sv)}", f"The day before {en}",
        Certainty.TYPICAL, "",
    )  # fmt: skip


def _as_in_a_sentence(name: str) -> str:
    """Långfredagen → långfredagen; Kristi himmelsfärdsdag keeps its capital."""
    return name if name.startswith("Kristi") else name[0].lower() + name[1:]


_SATURDAY: Final = 5
_DAYS_OFF: Final = "lag (1989:253) om allmänna helgdagar; lag (1930:173) 2 §"


@lru_cache(maxsize=8192)
def _quiet_in_year(
    kind: BodyKind, audience: Audience, county_code: str | None, year: int
) -> tuple[Quiet, ...]:
    """The periods that start in the year."""
    periods = [_industrial_holiday(year)]
    if audience is Audience.FINANCE:
        periods.append(_accounts(kind, year))
    if audience is Audience.POLITICAL and is_election_year(year - 1):
        periods.append(_new_politicians(year))
    for row in _rows(kind, audience):
        if row.key == _CAMPAIGN:
            if is_election_year(year):
                periods.append(_quiet(row, *_dates(row, year)))
        elif row.key == _WINTER_BREAK:
            periods.append(_winter_break(row, county_code, year))
        elif row.key == _EASTER_BREAK:
            periods.append(_easter_break(row, year))
        elif row.key == _AUTUMN_BREAK:
            monday = week_start(year, AUTUMN_BREAK_WEEK)
            periods.append(_quiet(row, monday, monday + _TO_SUNDAY))
        else:
            periods.append(_quiet(row, *_dates(row, year)))
    return tuple(periods)


def _rows(kind: BodyKind, audience: Audience) -> Iterator[TemplateRow]:
    sheets = {_SHEET[kind], _AUDIENCE_SHEET[audience]}
    campaign_kept = kind in (BodyKind.MUNICIPALITY, BodyKind.REGION)
    for row in template():
        if not row.is_quiet or row.kind not in sheets:
            continue
        if row.key == _CAMPAIGN and not (campaign_kept and row.kind == _SHEET[kind]):
            continue
        yield row


def _dates(row: TemplateRow, year: int) -> tuple[date, date]:
    """An end earlier in the year than the start lies in the following year."""
    return date(year, *row.start), date(year + 1 if row.end < row.start else year, *row.end)


def _quiet(row: TemplateRow, start: date, end: date) -> Quiet:
    return Quiet(row.key, start, end, row.name_sv, row.name_en, row.certainty, row.source)


def _industrial_holiday(year: int) -> Quiet:
    first, last = INDUSTRIAL_HOLIDAY_WEEKS
    return Quiet(
        key="quiet_industrisemester",
        start=week_start(year, first),
        end=week_start(year, last) + _TO_SUNDAY,
        name_sv="Semesterveckorna 28–31",
        name_en="Holiday weeks 28–31",
        certainty=Certainty.TYPICAL,
        source="",
    )


def _accounts(kind: BodyKind, year: int) -> Quiet:
    """When the books of the year before are closed; an authority's are due on 22 February."""
    of_the_state = kind in (BodyKind.STATE, BodyKind.UNIVERSITY)
    first, last = _ACCOUNTS_OF_THE_STATE if of_the_state else _ACCOUNTS
    return Quiet(
        key="quiet_bokslut",
        start=date(year, *first),
        end=date(year, *last),
        name_sv="Bokslut",
        name_en="Annual accounts",
        certainty=Certainty.LAW if of_the_state else Certainty.TYPICAL,
        source=_ACCOUNTS_BY_LAW if of_the_state else "",
    )


def _new_politicians(year: int) -> Quiet:
    """New nämnder take office in January after an election, and find their feet first (R5)."""
    return Quiet(
        key="quiet_nya_namnder",
        start=date(year, 1, 1),
        end=date(year, *_NEW_POLITICIANS_SETTLED),
        name_sv="Nya nämnder tillträder",
        name_en="New nämnder take office",
        certainty=Certainty.TYPICAL,
        source="KL 6 kap. 18–19 §§",
    )


def _winter_break(row: TemplateRow, county_code: str | None, year: int) -> Quiet:
    known = _winter_break_weeks().get(county_code or "")
    first, last = known or _WINTER_BREAK_ANYWHERE
    weeks_sv = f"v. {first}" if first == last else f"v. {first}–{last}"
    weeks_en = f"week {first}" if first == last else f"weeks {first}–{last}"
    return Quiet(
        key=row.key,
        start=week_start(year, first),
        end=week_start(year, last) + _TO_SUNDAY,
        name_sv=f"Sportlov ({weeks_sv})",
        name_en=f"Winter break ({weeks_en})",
        certainty=Certainty.TYPICAL if known else Certainty.GUESSED,
        source=row.source,
    )


def _easter_break(row: TemplateRow, year: int) -> Quiet:
    """Some municipalities take the week before Easter Sunday, some the week after: both."""
    easter = easter_sunday(year)
    return _quiet(row, easter - _TO_SUNDAY, easter + _ONE_WEEK)


@lru_cache(maxsize=1)
def _winter_break_weeks() -> dict[str, tuple[int, int]]:
    """First and last ISO week by county code; a county with several weeks keeps them all quiet."""
    text = files("crm.rules").joinpath("data/sportlov.csv").read_text(encoding="utf-8")
    return {
        row["county_code"]: (int(row["first_week"]), int(row["last_week"]))
        for row in csv.DictReader(io.StringIO(text))
    }
