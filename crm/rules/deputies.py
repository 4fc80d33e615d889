"""Who stands in for a colleague who is away (J3). Pure: absences in, stretches of days out.

An absence never changes whose a thing is. While it lasts the deputy is shown it as well; where the
deputy is away too, the deputy's deputy, and so on. Where that leads to nobody, or round in a
circle, it is everybody's, as is what has no owner (decision 16).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Away:
    """One colleague's absence, both days included. Without a deputy it is everybody's business."""

    user_id: int
    deputy_id: int | None
    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Is the colleague away on that day?"""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `first` to `last` this one stands in; None: everybody does. `away_until` is the last
    day of the whole absence, of which the stretch may be a part."""

    user_id: int
    stand_in_id: int | None
    first: date
    last: date
    away_until: date


def overlaps(first: date, last: date, others: Iterable[Away]) -> Away | None:
    """The first of the others that shares a day with these, if any. Of one and the same user."""
    found = [other for other in others if other.first <= last and first <= other.last]
    return min(found, key=lambda other: other.first, default=None)


class End(StrEnum):
    """Where the question who stands in came to its end."""

    FOUND = "found"
    NOBODY = "nobody"
    """The last who was asked is away without a deputy."""
    CIRCLE = "circle"
    UNABLE = "unable"
    """The last who was asked works here no longer, or may not deal with reminders."""


@dataclass(frozen=True, slots=True)
class Trail:
    """Who was asked to stand in, one after another, and how it ended; all but one who was found are
    away themselves, or not able."""

    asked: tuple[int, ...]
    end: End

    @property
    def stand_in_id(self) -> int | None:
        """None: nobody in particular, so everybody."""
        return self.asked[-1] if self.end is End.FOUND else None


def trail(user_id: int, day: date, aways: Iterable[Away], able: Collection[int]) -> Trail:
    """The way from one who is away that day to somebody who is there and `able` to stand in (works
    here still, and may deal with reminders), if it leads to one."""
    gone = {away.user_id: away.deputy_id for away in aways if away.covers(day)}
    seen: list[int] = []
    next_one = gone.get(user_id)
    while next_one is not None:
        if next_one == user_id or next_one in seen:
            return Trail(tuple(seen), End.CIRCLE)
        seen.append(next_one)
        if next_one not in able:
            return Trail(tuple(seen), End.UNABLE)
        if next_one not in gone:
            return Trail(tuple(seen), End.FOUND)
        next_one = gone[next_one]
    return Trail(tuple(seen), End.NOBODY)


@dataclass(frozen=True, slots=True)
class Detour:
    """From `first` to `last` the named deputy does not stand in; the trail says who does."""

    user_id: int
    first: date
    last: date
    trail: Trail


def detours(aways: Collection[Away], able: Collection[int]) -> list[Detour]:
    """Every stretch on which somebody else than the named deputy stands in, or everybody."""
    found: list[Detour] = []
    for away, first, last in _pieces(aways):
        asked = trail(away.user_id, first, aways, able)
        if away.deputy_id is None or asked.stand_in_id == away.deputy_id:
            continue
        before = found[-1] if found else None
        goes_on = before is not None and before.last + _DAY == first > away.first
        if before and goes_on and (before.user_id, before.trail) == (away.user_id, asked):
            first = found.pop().first
        found.append(Detour(away.user_id, first, last, asked))
    return found


def stretches(aways: Collection[Away], able: Collection[int]) -> list[Stretch]:
    """Every day of every absence, once, with who stands in on it; as few stretches as possible.

    Somebody's standing can only change where an absence begins or has ended, so only those days
    are asked. `aways` of one user must not overlap.
    """
    found: list[Stretch] = []
    for away, first, last in _pieces(aways):
        who = trail(away.user_id, first, aways, able).stand_in_id
        before = found[-1] if found else None
        if before and (before.user_id, before.away_until, before.stand_in_id) == (
            away.user_id,
            away.last,
            who,
        ):
            first = found.pop().first
        found.append(Stretch(away.user_id, who, first, last, away.last))
    return found


def _pieces(aways: Collection[Away]) -> Iterator[tuple[Away, date, date]]:
    """Every absence in as many pieces as there are turns in it, in order of user and day."""
    turns = sorted({away.first for away in aways} | {away.last + _DAY for away in aways})
    for away in sorted(aways, key=lambda one: (one.user_id, one.first)):
        starts = [turn for turn in turns if away.first <= turn <= away.last]
        for start, following in zip(starts, [*starts[1:], away.last + _DAY], strict=True):
            yield away, start, following - _DAY
