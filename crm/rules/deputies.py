"""Who stands in for a colleague who is away (J3). Pure: absences in, stretches of days out.

An absence never changes whose a thing is. While it lasts the deputy is shown it as well; where the
deputy is away too, the deputy's deputy, and so on. Where that leads to nobody, or round in a
circle, it is everybody's, as is what has no owner (decision 16).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

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


def stand_in(user_id: int, day: date, aways: Iterable[Away], able: Collection[int]) -> int | None:
    """Who stands in for one who is away that day: somebody who is there and `able` to (works here
    still, and may deal with reminders). None: nobody in particular, so everybody."""
    gone = {away.user_id: away.deputy_id for away in aways if away.covers(day)}
    seen, asked = {user_id}, gone.get(user_id)
    while asked is not None and asked not in seen and asked in able:
        if asked not in gone:
            return asked
        seen.add(asked)
        asked = gone[asked]
    return None


def stretches(aways: Collection[Away], able: Collection[int]) -> list[Stretch]:
    """Every day of every absence, once, with who stands in on it; as few stretches as possible.

    Somebody's standing can only change where an absence begins or has ended, so only those days
    are asked. `aways` of one user must not overlap.
    """
    turns = sorted({away.first for away in aways} | {away.last + _DAY for away in aways})
    found: list[Stretch] = []
    for away in sorted(aways, key=lambda one: (one.user_id, one.first)):
        starts = [turn for turn in turns if away.first <= turn <= away.last]
        mine: list[Stretch] = []
        for start, following in zip(starts, [*starts[1:], away.last + _DAY], strict=True):
            who = stand_in(away.user_id, start, aways, able)
            if mine and mine[-1].stand_in_id == who:
                start = mine.pop().first
            mine.append(Stretch(away.user_id, who, start, following - _DAY, away.last))
        found += mine
    return found
