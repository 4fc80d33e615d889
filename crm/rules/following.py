"""What a plan that stands does as one of its days becomes known: the rest follows (D5, D6).

What has happened stays where it was. What is to come keeps its distance to what comes before it,
and is never laid before that, nor before the law lets it. Everything is decided from the arguments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from crm.rules.calendar import next_working_day, previous_working_day
from crm.rules.floors import USUAL_TERMS, LegalTerms, floor
from crm.rules.quiet import OpenDays
from crm.rules.routes import NOTICE_STAGES, Route, StageKey

_NO_TIME: Final = timedelta()
_STANDS_STILL: Final = frozenset({StageKey.STANDSTILL, StageKey.SIGNING})


@dataclass(frozen=True, slots=True)
class Standing:
    """A milestone as it stands. `before`: its day before what is new was known.

    `is_known`: that day is somebody's word, and no estimate.
    """

    stage: StageKey
    before: date
    day: date
    is_reached: bool = False
    is_known: bool = False


def followed(
    route: Route,
    rows: Sequence[Standing],
    open_days: OpenDays,
    *,
    terms: LegalTerms = USUAL_TERMS,
    signing_from: date | None = None,
) -> dict[StageKey, date]:
    """The day of every milestone, once what is to come has made way for what comes before it.

    An estimate moves as far as what comes before it has moved. A day that somebody told stays,
    unless it would come before that, or inside the avtalsspärr (LOU 20 kap. 1 §): no word of the
    buyer's shortens that one, while a deadline may be told that is earlier than the law's least.
    `signing_from`: no contract may be signed before this day, because of a review.
    """
    found = {row.stage: row.day for row in rows[:1]}
    notice = next((row.stage for row in rows if row.stage in NOTICE_STAGES), None)
    for before, row in pairwise(rows):
        day, since = row.day, found[before.stage]
        if not row.is_reached:
            earliest = since
            if since > before.before and not row.is_known:
                earliest += max(row.before - before.before, _NO_TIME)
            sent = found.get(notice) if notice is not None else None
            lawful = floor(route, before.stage, since, terms, notice_sent=sent).day
            if lawful is not None and (not row.is_known or before.stage in _STANDS_STILL):
                earliest = max(earliest, lawful)
            if row.stage is StageKey.SIGNING and signing_from is not None:
                earliest = max(earliest, signing_from)
            if day < earliest:
                day = _open(row.stage, earliest, open_days)
        found[row.stage] = day
    return found


@dataclass(frozen=True, slots=True)
class Pushed:
    """A milestone with its moves, the earliest first: the day before each, and whether it was a
    review that moved it."""

    stage: StageKey
    day: date
    is_reached: bool
    moves: tuple[tuple[date, bool], ...] = ()


def before_review(rows: Sequence[Pushed], today: date) -> dict[StageKey, date]:
    """The days that stood before a review moved them, of what is still to come; of a day that has
    gone meanwhile the first working day there is.

    What somebody has moved since then has been put there knowingly, and is left out; so is what a
    review did not move later.
    """
    found = {}
    for row in rows:
        day = row.day
        for before, by_review in reversed(row.moves):
            if not by_review:
                break
            day = before
        if day < today:
            day = next_working_day(today)
        if not row.is_reached and day < row.day:
            found[row.stage] = day
    return found


def led_up(rows: Sequence[Standing], to: StageKey, on: date) -> dict[StageKey, date]:
    """The days of what comes before a milestone that is put on a day, where they would be later.

    They keep their distance to what comes after them, but none goes back before what has happened.
    """
    found: dict[StageKey, date] = {}
    position = next(index for index, row in enumerate(rows) if row.stage is to)
    reached = max((row.day for row in rows[:position] if row.is_reached), default=date.min)
    after, then = rows[position], on
    for row in reversed(rows[:position]):
        if row.is_reached or row.day <= then:
            break
        day = previous_working_day(then - max(after.before - row.before, _NO_TIME))
        found[row.stage] = then = min(max(day, reached), then)
        after = row
    return found


def _open(stage: StageKey, day: date, open_days: OpenDays) -> date:
    return open_days.first(day)[0] if stage in NOTICE_STAGES else next_working_day(day)
