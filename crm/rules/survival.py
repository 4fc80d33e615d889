"""How long something takes, when part of it is not over yet (H5): the Kaplan–Meier estimator.

What is still under way says "at least so long": leaving it out would make everything look faster
than it is. Source of the estimator: E. L. Kaplan and P. Meier, "Nonparametric Estimation from
Incomplete Observations", JASA 53 (1958), 457-481.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

FEWEST: Final = 5
"""A figure of fewer that are over is not shown: it would be a story about one or two of them."""

_NOTHING_LEFT: Final = 1e-9  # what sums of shares can be off by


@dataclass(frozen=True, slots=True)
class Span:
    """So many days; `ended` says whether it was over then, or was still going on (censored).

    `weight` is how many observations it counts as.
    """

    days: float
    ended: bool = True
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Lasted:
    """Something that began on a day. Without an end it went on for as long as it was followed.

    `dropped` is the day on which it was no longer followed: a procurement that was called off.
    """

    begun: date
    ended: date | None = None
    dropped: date | None = None

    def as_of(self, today: date) -> Span | None:
        """What was known on the day: over, or still going on; None before it began."""
        if self.begun > today:
            return None
        if self.ended is not None and self.ended <= today:
            return Span((self.ended - self.begun).days)
        until = min(today, self.dropped or today)
        return Span(max(0, (until - self.begun).days), ended=False)


@dataclass(frozen=True, slots=True)
class Curve:
    """The share that is not over, which falls at each of `days` to what `left` says there.

    `observed` is how many went into it, `ended` how many of them were over: what is going on is in
    the first and not in the second. What only lends its weight, such as a default, is in neither.
    """

    days: tuple[float, ...]
    left: tuple[float, ...]
    observed: int
    ended: int

    @property
    def is_enough(self) -> bool:
        """Whether so many are over that a figure may be shown."""
        return self.ended >= FEWEST

    def still_going(self, days: float) -> float:
        """The share that lasts longer than so many days."""
        place = bisect_right(self.days, days)
        return self.left[place - 1] if place else 1.0

    def quantile(self, share: float) -> float | None:
        """The first number of days by which that share was over, None where it never came so far.

        Without anything going on it is the empirical quantile: the least of the observed days that
        at least that share is not longer than.
        """
        if not 0 < share <= 1:
            raise ValueError("a share lies between nothing and all")
        for days, left in zip(self.days, self.left, strict=True):
            if left <= 1 - share + _NOTHING_LEFT:
                return days
        return None

    @property
    def median(self) -> float | None:
        """The number of days by which half was over."""
        return self.quantile(0.5)

    @property
    def quartiles(self) -> tuple[float | None, float | None]:
        """The number of days by which a quarter, and three quarters, were over."""
        return self.quantile(0.25), self.quantile(0.75)


def curve(spans: Iterable[Span], lent: Sequence[Span] = ()) -> Curve:
    """The estimate. `lent` spans weigh in, and are not counted among the observed.

    What was over and what was still going on at the same number of days: the latter lasted longer.
    """
    own = list(spans)
    ordered = sorted([*own, *lent], key=lambda one: (one.days, not one.ended))
    at_risk = sum(one.weight for one in ordered)
    days: list[float] = []
    left: list[float] = []
    share, place = 1.0, 0
    while place < len(ordered):
        day = ordered[place].days
        over = gone = 0.0
        while place < len(ordered) and ordered[place].days == day:
            gone += ordered[place].weight
            over += ordered[place].weight if ordered[place].ended else 0.0
            place += 1
        if over:
            share *= max(0.0, 1 - over / at_risk)
            days.append(day)
            left.append(share if share > _NOTHING_LEFT else 0.0)
        at_risk -= gone
    return Curve(tuple(days), tuple(left), len(own), sum(one.ended for one in own))


def draws(found: Curve, count: int, longest: float) -> tuple[float, ...]:
    """So many numbers of days that stand for the curve, the shortest first, evenly spread over it.

    Where something going on hides the end of the curve, the rest is taken to be over at `longest`
    (Efron's rule, "The two sample problem with censored data", 1967).
    """
    table: list[float] = []
    place = 0
    for number in range(count):
        limit = 1 - (number + 0.5) / count
        while place < len(found.days) and found.left[place] > limit:
            place += 1
        table.append(found.days[place] if place < len(found.days) else longest)
    return tuple(table)
