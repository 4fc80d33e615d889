"""When a procurement is likely to be signed and in use: a range, simulated from history (H5).

Each stage that is left is drawn from how long such stages took here, with the usual lengths of
`routes` as a prior: they weigh as much as five observations, so that they are all there is at
first and fade as history grows. No draw goes below the law's floor, no notice goes out in a quiet
period, and a share of the award decisions is taken to review.

The draws of a stage are spread evenly over its curve and shuffled (Latin hypercube), which makes
two hundred of them as steady as thousands of loose ones. The same seed gives the same answer.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from crm.rules.after_award import FIRST_COURT
from crm.rules.calendar import next_working_day
from crm.rules.floors import (
    FLOORED_STAGES,
    USUAL_TERMS,
    LegalTerms,
    floor,
    signing_after_ruling,
)
from crm.rules.precision import (
    ExpectedDate,
    Precision,
    in_half_year,
    in_month,
    in_quarter,
    in_week,
    on_day,
)
from crm.rules.quiet import OpenDays
from crm.rules.routes import NOTICE_STAGES, Duration, Lengths, Route, StageKey, stages_of
from crm.rules.survival import Curve, Span, curve, draws

DRAWS: Final = 200
"""How many ways each procurement is played."""

PRIOR_WEIGHT: Final = 5.0
"""How many observations the usual lengths count as: as many as make a figure fit to be shown."""

_PRIOR_PARTS: Final = 10

REVIEW_SHARES: Final[dict[Route, float]] = {
    Route.BELOW_THRESHOLD: 0.040,
    Route.OPEN: 0.078,
    Route.SELECTIVE: 0.078,
    Route.NEGOTIATED: 0.078,
    Route.COMPETITIVE_DIALOGUE: 0.078,
    Route.INNOVATION_PARTNERSHIP: 0.078,
    Route.UNDECIDED: 0.064,
}
"""The share taken to review (överprövning), `procurement-law.md` 4.1: 7.8 % above the thresholds,
4.0 % below, 6.4 % of all (2021, the latest that is published by regime; CMS23 and UHM-OVR22). The
routes that are left out have no standstill to ask for a review in."""

REVIEWED_AFTER: Final = 46
"""A standstill of more days than this had a review in it: the longest without one (16) and the
shortest review (30). It says nothing of how long a standstill is, and a review is drawn by itself.
"""


def prior(length: Duration) -> tuple[Span, ...]:
    """The usual length as lent observations: short, usual and long are its 10, 50 and 90 %.

    Straight between them, and on in the same direction beyond.
    """
    short, usual, long = length.short, length.usual, length.long
    return tuple(
        Span(
            max(
                0.0,
                short + (share - 0.1) / 0.4 * (usual - short)
                if share < 0.5
                else usual + (share - 0.5) / 0.4 * (long - usual),
            ),
            weight=PRIOR_WEIGHT / _PRIOR_PARTS,
        )
        for share in ((part + 0.5) / _PRIOR_PARTS for part in range(_PRIOR_PARTS))
    )


def learned(stage: StageKey, spans: Sequence[Span]) -> list[Span]:
    """What history says of the stage itself: a standstill with a review in it is left out."""
    if stage is not StageKey.STANDSTILL:
        return list(spans)
    return [one for one in spans if one.days <= REVIEWED_AFTER]


@dataclass(frozen=True, slots=True)
class Table:
    """How long a stage takes: evenly spread numbers of days, the shortest first."""

    days: tuple[int, ...]

    def longer_than(self, days: int) -> tuple[int, ...]:
        """Those of them that such a stage can still turn out to be after so many days."""
        return self.days[bisect_right(self.days, days) :]


def table_of(length: Duration, spans: Sequence[Span] = ()) -> Table:
    """From the usual length and what history says."""
    lent = prior(length)
    found: Curve = curve(spans, lent)
    longest = max(one.days for one in (*spans, *lent))
    return Table(tuple(round(days) for days in draws(found, DRAWS, longest)))


class Floors:
    """The first lawful end of a stage by the day it began; each is worked out once."""

    def __init__(self, terms: LegalTerms = USUAL_TERMS) -> None:
        self._terms = terms
        self._found: dict[tuple[Route, StageKey, int], int] = {}
        self._after_ruling: dict[int, int] = {}

    def earliest(self, route: Route, stage: StageKey, begun: int) -> int:
        """The day, the same one where the law says nothing; days as ordinals."""
        if stage not in FLOORED_STAGES:
            return begun
        found = self._found.get((route, stage, begun))
        if found is None:
            least = floor(route, stage, date.fromordinal(begun), self._terms).day
            found = self._found[route, stage, begun] = least.toordinal() if least else begun
        return found

    def after_ruling(self, ruled: int) -> int:
        """The first lawful day of signing after a ruling (LOU 20 kap. 10 §), days as ordinals."""
        found = self._after_ruling.get(ruled)
        if found is None:
            day = signing_after_ruling(date.fromordinal(ruled), None, self._terms)
            found = self._after_ruling[ruled] = day.toordinal() if day else ruled + 1
        return found


class Tables:
    """The table of each stage of each route; each is made once, when it is first asked for.

    `history` answers with what is known of a stage of a route, `own` with lengths typed by hand.
    """

    def __init__(
        self,
        history: Callable[[Route, StageKey], Sequence[Span]] | None = None,
        own: Mapping[Route, Lengths] | None = None,
    ) -> None:
        self._history = history
        self._own = own or {}
        self._made: dict[Route, tuple[tuple[StageKey, Table], ...]] = {}

    def of(self, route: Route) -> tuple[tuple[StageKey, Table], ...]:
        """The route's stages in order, each with its table."""
        found = self._made.get(route)
        if found is None:
            found = self._made[route] = tuple(
                (stage, table_of(length, self._spans(route, stage)))
                for stage, length in stages_of(route, self._own.get(route))
            )
        return found

    def _spans(self, route: Route, stage: StageKey) -> Sequence[Span]:
        return learned(stage, self._history(route, stage)) if self._history else ()


@dataclass(frozen=True, slots=True)
class Likely:
    """The days by which it has happened in one, five and nine of ten ways that it can go."""

    early: date
    middle: date
    late: date

    def holds(self, day: date) -> bool:
        """Whether the day lies in the 80 % range, its ends included."""
        return self.early <= day <= self.late

    @property
    def words(self) -> tuple[ExpectedDate, ExpectedDate]:
        """The range as precisely as it is known: the vaguer, the wider it is.

        The two are the same where one week, month or quarter holds all of it.
        """
        make = _SHARPEST[_precision(self.early, self.late)]
        return make(self.early), make(self.late)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the contract is likely signed, and when it is in use."""

    signed: Likely | None  # None where it has been signed
    in_use: Likely


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a procurement is: the stage that goes on (or comes first) and the day it began.

    `told` holds days to come that the body itself, or the press, has named; what is a mere estimate
    is not among them. `under_review` is the day on which a review began that is not over. `ruled`
    is the day its last ruling was sent, or given: then only the ten days after it are left of it.
    """

    route: Route
    stage: StageKey
    begun: date
    told: Mapping[StageKey, date]
    under_review: date | None = None
    ruled: date | None = None
    waived: bool = False  # the court decided that no such days shall hold


def forecast(
    standing: Standing,
    tables: Tables,
    open_days: OpenDays,
    *,
    today: date,
    seed: int,
    floors: Floors | None = None,
) -> Forecast | None:
    """Play what is left, two hundred times. None where nothing is left.

    A stage that goes on is over tomorrow at the earliest, and one that has gone on for longer than
    any that is known of is taken to need as long again as one that begins today. A standstill is
    over when the law says so, unless there is a review. Without `floors` the law is that of the
    usual terms.
    """
    floors = floors if floors is not None else Floors()
    stages = tables.of(standing.route)
    keys = [stage for stage, _table in stages]
    if standing.stage not in keys:
        return None
    at = keys.index(standing.stage)
    chance = random.Random(seed)  # noqa: S311 - a game, and no secret
    orders = chance.sample(_orders(), 2 + len(stages) - at)
    days = [standing.begun.toordinal()] * DRAWS
    now = today.toordinal()
    signed: Likely | None = None
    for order, (place, (stage, table)) in zip(
        orders, enumerate(stages[at:], start=at), strict=False
    ):
        begun = days
        if place == at:
            days = _rest(table, begun[0], now, order)
        else:
            days = [day + table.days[draw] for day, draw in zip(begun, order, strict=True)]
        first = [floors.earliest(standing.route, stage, day) for day in begun]
        if place == at and standing.ruled is not None:
            ruled = standing.ruled.toordinal()
            lawful = ruled if standing.waived else floors.after_ruling(ruled)
            days = _ruled(lawful, stage, days, now)
        elif place == at and standing.under_review is not None:
            days = _reviewed(standing.under_review, days, now, orders[-1], floors)
        elif stage is StageKey.STANDSTILL:
            if place == at and first[0] <= now:  # it is over, and nobody asked for a review
                days = [now] * DRAWS
            else:
                days = _standstill(standing.route, first, days, orders[-2:], floors)
        else:
            days = list(map(max, days, first))
        days = list(map(_WORKING.__getitem__, days))
        following = keys[place + 1] if place + 1 < len(keys) else StageKey.IN_USE
        if following in NOTICE_STAGES:
            days = _opened(days, open_days)
        known = standing.told.get(following)
        if known is not None and known > today:
            days = [known.toordinal()] * DRAWS
        if stage is StageKey.SIGNING:
            signed = _likely(days)
    return Forecast(signed, _likely(days))


def _rest(table: Table, begun: int, now: int, order: Sequence[int]) -> list[int]:
    """The end of the stage that goes on, or has not begun yet."""
    passed = now - begun
    left = table.longer_than(passed) if passed > 0 else table.days
    if not left:
        left, begun = table.days, now
    count = len(left)
    return [max(now + 1, begun + left[place * count // DRAWS]) for place in order]


def _reviewed(
    since: date, days: list[int], now: int, order: Sequence[int], floors: Floors
) -> list[int]:
    """The end of what goes on, after a review that goes on as well and ten days more."""
    ruled = _rest(_review_table(), since.toordinal(), now, order)
    return list(map(max, days, map(floors.after_ruling, ruled)))


def _ruled(lawful: int, stage: StageKey, days: list[int], now: int) -> list[int]:
    """The end of what goes on after a ruling: of a standstill the tenth day after it and no other,
    of another stage not before that (LOU 20 kap. 10 §)."""
    if stage is StageKey.STANDSTILL:
        return [max(now, lawful)] * DRAWS
    return [max(day, lawful) for day in days]


def _standstill(
    route: Route,
    first: list[int],
    days: list[int],
    orders: Sequence[Sequence[int]],
    floors: Floors,
) -> list[int]:
    """The first day of signing, never before the law's. Some have a review as it ends."""
    whose, how_long = orders
    reviewed = REVIEW_SHARES.get(route, 0.0) * DRAWS
    lengths = _review_table().days
    return [
        max(day, lawful)
        if draw >= reviewed
        else floors.after_ruling(max(day, lawful) + lengths[long])
        for day, lawful, draw, long in zip(days, first, whose, how_long, strict=True)
    ]


def _opened(days: list[int], open_days: OpenDays) -> list[int]:
    """Each day moved to the first on which a notice goes out."""
    first = {day: open_days.first(date.fromordinal(day))[0].toordinal() for day in set(days)}
    return [first[day] for day in days]


def _likely(days: list[int]) -> Likely:
    ordered = sorted(days)
    tenth = DRAWS // 10
    return Likely(
        date.fromordinal(ordered[tenth]),
        date.fromordinal(ordered[DRAWS // 2]),
        date.fromordinal(ordered[-1 - tenth]),
    )


class _Working(dict[int, int]):
    """The working day on which a day, or the days off that follow on it, end. Remembered."""

    def __missing__(self, day: int) -> int:
        found = self[day] = next_working_day(date.fromordinal(day)).toordinal()
        return found


_WORKING: Final = _Working()


@cache
def _orders() -> tuple[tuple[int, ...], ...]:
    """Ways to shuffle the draws, of which each stage of a procurement gets one of its own."""
    chance = random.Random(DRAWS)  # noqa: S311 - a game, and no secret
    return tuple(tuple(chance.sample(range(DRAWS), DRAWS)) for _number in range(64))


@cache
def _review_table() -> Table:
    return table_of(FIRST_COURT)


def _precision(early: date, late: date) -> Precision:
    days = (late - early).days
    return next((precision for limit, precision in _WIDEST if days <= limit), Precision.HALF_YEAR)


_WIDEST: Final = (
    (4, Precision.DAY),
    (42, Precision.WEEK),
    (365, Precision.MONTH),
    (730, Precision.QUARTER),
)
"""How many days a range may be wide and still be told in days, weeks, months or quarters."""

_SHARPEST: Final[dict[Precision, Callable[[date], ExpectedDate]]] = {
    Precision.DAY: on_day,
    Precision.WEEK: lambda day: in_week(*day.isocalendar()[:2]),
    Precision.MONTH: lambda day: in_month(day.year, day.month),
    Precision.QUARTER: lambda day: in_quarter(day.year, (day.month + 2) // 3),
    Precision.HALF_YEAR: lambda day: in_half_year(day.year, 1 if day.month < 7 else 2),
}
