"""Our tender in a procurement: how long is left, when to ask, what is missing, whether to go on.

Deadlines are instants on the clock in Sweden. A countdown counts the working days after today on
which something can still be done: the last day counts if its office hours have begun before the
deadline, so that one at 08.00 on a Tuesday leaves Monday as the last, and one on a Sunday night the
Friday. It never warns of time it does not know, and never makes a deadline earlier than it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.calendar import (
    ONE_DAY,
    STOCKHOLM,
    add_working_days,
    is_working_day,
    previous_working_day,
)
from crm.rules.floors import LegalTerms
from crm.rules.law.questions import question_days
from crm.rules.law.terms import Regime
from crm.rules.law.values import NoValue
from crm.rules.quiet import deadline_day
from crm.rules.routes import Route

OPENS: Final = time(8)
TOP_SCORE: Final = 5
SHOWN_FROM: Final = 5
"""A share of fewer tenders than this is hidden: it would say more than is known."""


# --- How long is left ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Countdown:
    """What is left until a deadline, asked at a certain instant.

    `on` is its day in Sweden, `last_day` the last working day on which something can be done,
    `working_days` how many there are after today, `left` the time that will really pass (clock
    changes counted). Once `is_over` all of it is nothing.
    """

    today: date
    on: date
    last_day: date
    working_days: int
    left: timedelta
    is_over: bool

    @property
    def is_last_day(self) -> bool:
        """Whether today is the last working day."""
        return not self.is_over and self.last_day == self.today


def countdown(now: datetime, due: datetime) -> Countdown:
    """What is left from `now` until `due`. Raises ValueError on naive datetimes."""
    if now.utcoffset() is None or due.utcoffset() is None:
        raise ValueError("Instants must know their time zone.")
    today, wall = now.astimezone(STOCKHOLM).date(), due.astimezone(STOCKHOLM)
    last_day = last_working_day(due)
    left = max(due.astimezone(UTC) - now.astimezone(UTC), timedelta())
    is_over = not left
    between = range(today.toordinal() + 1, last_day.toordinal() + 1)
    days = 0 if is_over else sum(is_working_day(date.fromordinal(number)) for number in between)
    return Countdown(today, wall.date(), last_day, days, left, is_over)


def last_working_day(due: datetime) -> date:
    """The last working day whose office hours begin before the deadline."""
    wall = due.astimezone(STOCKHOLM)
    day = wall.date() if wall.time() > OPENS else wall.date() - ONE_DAY
    return previous_working_day(day)


# --- When to ask --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuestionDay:
    """The last day for questions. `at` is known where the documents state it.

    Otherwise `day` is a sensible day to have asked by, and `answers_by` the law's last day for the
    answers; `law` is its paragraph.
    """

    day: date
    at: datetime | None
    answers_by: date | None = None
    law: str = ""

    @property
    def is_stated(self) -> bool:
        """Whether the documents say it."""
        return self.at is not None

    @property
    def until(self) -> datetime:
        """The instant to count down to: the stated one, or the last minute of the day."""
        return self.at or datetime.combine(self.day, time(23, 59), STOCKHOLM)


_WITHOUT_ANSWERS: Final = frozenset(
    {Route.UNIT_PURCHASE, Route.DIRECT_AWARD, Route.CALL_OFF, Route.OPTION, Route.CHOICE_SYSTEM}
)


def question_day(
    stated: datetime | None, tenders_due: datetime | None, route: Route | None, terms: LegalTerms
) -> QuestionDay | None:
    """When to have asked, as the documents say or else as the law gives reason to.

    LOU 12 kap. 11 § and 19 kap. 13 §: answers at latest six days before the last tender day, four
    where it is urgent, to what is asked "i god tid", for which the preparatory works give ten days
    as an example; likewise of the other acts. Never after the tender is due. None where nothing is
    stated and nothing can be said, as of what the sources do not carry of the procurement's act.
    """
    if stated is not None:
        return QuestionDay(stated.astimezone(STOCKHOLM).date(), stated)
    if tenders_due is None or route in _WITHOUT_ANSWERS:
        return None
    regime = Regime.NATIONAL if route is Route.BELOW_THRESHOLD else Regime.EU
    try:
        found = question_days(
            terms.values,
            terms.law,
            regime,
            tenders_due.astimezone(STOCKHOLM).date(),
            urgent=terms.urgent,
        )
    except NoValue:
        return None
    return QuestionDay(found.value.ask_by, None, found.value.answers_by, found.cites[0])


# --- What the reminders are made of -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TenderDays:
    """The deadlines of the procurement that a case takes part in, as its reminders need them.

    `source` is the address of the notice. `responsible_id` is who sees to our tender, if anybody
    is named; without one the case's owner is told.
    """

    title: str
    reference: str = ""
    source: str = ""
    questions: QuestionDay | None = None
    apply_by: datetime | None = None
    due_at: datetime | None = None
    valid_until: date | None = None
    has_gone_in: bool = False
    responsible_id: int | None = None


class TenderDeadline(StrEnum):
    """What falls due. The value is the event of its reminder."""

    QUESTIONS = "tender_questions"
    APPLY = "tender_apply"  # an application (anbudsansökan), five working days before
    APPLY_LAST = "tender_apply_last"  # the working day before
    DUE = "tender_due"  # five working days before
    LAST = "tender_last"  # the working day before
    VALID = "tender_valid"


BROUGHT_UP: Final[dict[TenderDeadline, int]] = {
    TenderDeadline.QUESTIONS: 3,
    TenderDeadline.APPLY: 5,
    TenderDeadline.APPLY_LAST: 1,
    TenderDeadline.DUE: 5,
    TenderDeadline.LAST: 1,
    TenderDeadline.VALID: 10,
}
"""Working days before its day that a deadline is brought up."""


@dataclass(frozen=True, slots=True)
class Falling:
    """A deadline and its reminder: the day it falls on (with the instant where that is known), the
    day it is brought up, and the last day on which to remind is of use."""

    what: TenderDeadline
    on: date
    at: datetime | None
    brought_up: date
    closes: date


def falling(days: TenderDays, what: TenderDeadline) -> Falling | None:
    """When a deadline falls and is brought up; None where it is not known, or settled.

    A tender that has gone in is asked nothing more than how long it stands. The first reminder of
    a tender, and that of an application, gives way to the last one.
    """
    if what is TenderDeadline.VALID:
        return _falling(what, days.valid_until, None)
    if days.has_gone_in:
        return None
    if what is TenderDeadline.QUESTIONS:
        asked = days.questions
        return _falling(what, asked.day, asked.at) if asked is not None else None
    at = days.apply_by if what in _OF_APPLICATIONS else days.due_at
    if at is None:
        return None
    found = _falling(what, at.astimezone(STOCKHOLM).date(), at)
    if found is not None and what in _GIVES_WAY_TO:
        last = falling(days, _GIVES_WAY_TO[what])
        return replace(found, closes=last.brought_up - ONE_DAY) if last is not None else found
    return found


_OF_APPLICATIONS: Final = frozenset({TenderDeadline.APPLY, TenderDeadline.APPLY_LAST})
_GIVES_WAY_TO: Final = {
    TenderDeadline.APPLY: TenderDeadline.APPLY_LAST,
    TenderDeadline.DUE: TenderDeadline.LAST,
}


def _falling(what: TenderDeadline, on: date | None, at: datetime | None) -> Falling | None:
    if on is None:
        return None
    last = last_working_day(at) if at is not None else on
    return Falling(what, on, at, brought_up_on(last, BROUGHT_UP[what]), on)


def brought_up_on(last: date, working_days: int) -> date:
    """So many working days before a day: never a day off, never a squeeze day, never later."""
    return deadline_day(add_working_days(previous_working_day(last), -working_days))[0]


# --- The list of what must be there -------------------------------------------------------------


class ItemState(StrEnum):
    """Where a line of the list stands."""

    MISSING = "missing"
    DONE = "done"  # by one; nobody else has looked
    CHECKED = "checked"  # by another than the one who did it


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: whether the tender falls without it, who did it and who checked."""

    required: bool
    done_by: int | None = None
    checked_by: int | None = None

    @property
    def state(self) -> ItemState:
        """A check by the one who did it is none (two-person check)."""
        if self.done_by is None:
            return ItemState.MISSING
        if self.checked_by is None or self.checked_by == self.done_by:
            return ItemState.DONE
        return ItemState.CHECKED


def may_check(line: Line, by: int) -> bool:
    """Whether this colleague can be the second pair of eyes."""
    return line.state is ItemState.DONE and line.done_by != by


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of all lines stand where, and how many required ones are missing or unchecked."""

    missing: int
    done: int
    checked: int
    required_missing: int
    required_unchecked: int

    @property
    def total(self) -> int:
        """All the lines."""
        return self.missing + self.done + self.checked

    @property
    def is_complete(self) -> bool:
        """Whether every required line is done and checked by another."""
        return not self.required_missing and not self.required_unchecked


def completeness(lines: Iterable[Line]) -> Completeness:
    """The state of a whole list. An empty one has nothing missing, and is complete."""
    lines = tuple(lines)
    count = Counter(line.state for line in lines)
    required = Counter(line.state for line in lines if line.required)
    return Completeness(
        missing=count[ItemState.MISSING],
        done=count[ItemState.DONE],
        checked=count[ItemState.CHECKED],
        required_missing=required[ItemState.MISSING],
        required_unchecked=required[ItemState.DONE],
    )


# --- Go or no-go --------------------------------------------------------------------------------


class Decision(StrEnum):
    """Whether we tender."""

    UNDECIDED = "undecided"
    GO = "go"
    NO_GO = "no_go"


class Band(StrEnum):
    """What a score says, coarse enough to be honest."""

    WEAK = "weak"  # under 40 %
    DOUBTFUL = "doubtful"  # 40 to 59 %
    GOOD = "good"  # 60 to 79 %
    STRONG = "strong"  # 80 % and over


_FLOORS: Final = ((80, Band.STRONG), (60, Band.GOOD), (40, Band.DOUBTFUL), (0, Band.WEAK))


@dataclass(frozen=True, slots=True)
class Score:
    """Points in percent of what the answered criteria could give, rounded down.

    `answered` of `total` criteria; `percent` is None before the first.
    """

    percent: int | None
    answered: int
    total: int

    @property
    def band(self) -> Band | None:
        """What it says; None until every criterion has been answered."""
        if self.percent is None or self.answered < self.total:
            return None
        return band_of(self.percent)


def band_of(percent: int) -> Band:
    """The band of a score of 0 to 100."""
    return next(band for floor, band in _FLOORS if percent >= floor)


def go_score(weights: Mapping[int, int], points: Mapping[int, int]) -> Score:
    """The weighted score. `weights` by criterion, whole numbers of 0 and over; `points` 0 to 5.

    A criterion without points is left out of both sides, and points for one that is not weighed
    count for nothing. Raises ValueError on points outside 0 to 5 or a negative weight.
    """
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("A weight cannot be negative.")
    if any(not 0 <= one <= TOP_SCORE for one in points.values()):
        raise ValueError("Points are 0 to 5.")
    answered = [key for key in weights if key in points]
    most = sum(weights[key] for key in answered) * TOP_SCORE
    got = sum(weights[key] * points[key] for key in answered)
    return Score(got * 100 // most if most else None, len(answered), len(weights))


@dataclass(frozen=True, slots=True)
class HitRate:
    """Of the decided tenders in a band, how many were won. `percent` is None for too few."""

    band: Band
    won: int
    decided: int

    @property
    def percent(self) -> int | None:
        """Won of decided, rounded down; hidden below five."""
        return self.won * 100 // self.decided if self.decided >= SHOWN_FROM else None


def hit_rates(decided: Sequence[tuple[int, bool]]) -> tuple[HitRate, ...]:
    """By band, the strongest first, from (score in percent, won) of every decided tender."""
    all_of = Counter(band_of(percent) for percent, _won in decided)
    won_of = Counter(band_of(percent) for percent, won in decided if won)
    return tuple(HitRate(band, won_of[band], all_of[band]) for _floor, band in _FLOORS)
