"""Many buyers' years in one wheel: a ring for each of a few, or bands of density for many.

Geometry only, on the same circle as `crm.web.wheel`: twelve months from the first of this month,
January at the top, read clockwise. A few buyers get a ring each, the first outermost, with the
steps to the money drawn on it. Of many, each step gets a ring, and the colour says how large a
share of the buyers is in it that week.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import pi
from typing import Final

from crm.rules.budget_cycle import Phase, PhaseRole
from crm.rules.buyers_week import BuyerPhase, Week, heat, phase_of
from crm.web.wheel import (
    GAP,
    HUES,
    QUIET_OUTER,
    RINGS_INNER,
    RINGS_OUTER,
    SHORTEST_ARC,
    SIZE,
    Month,
    months_from,
    point,
    rounded,
    sector,
    span,
    turn_of,
)

NAMED_AT_MOST: Final = 12
"""So many rings can still be told apart, on the screen and on an A4."""

DRAWN: Final = (
    BuyerPhase.DIRECTIVE,
    BuyerPhase.DOOR,
    BuyerPhase.POLITICS,
    BuyerPhase.DECISION,
    BuyerPhase.INTERNAL_BUDGET,
)
"""The steps to the money, in the order in which a year takes them."""

_THICKEST: Final = 24.0
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a ring. `strength` 4 is full colour; `number` counts buyers, where it is many."""

    phase: BuyerPhase
    name: str
    start: date
    end: date
    path: str
    hue: str
    href: str | None
    strength: int = 4
    number: int = 0


@dataclass(frozen=True, slots=True)
class Ring:
    """One buyer, or one step. `number` counts from the outermost, which is 1."""

    number: int
    name: str
    radius: float
    number_at: tuple[float, float]
    size: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Wheels:
    """Everything the page draws and says."""

    today: date
    first: date
    last: date
    months: tuple[Month, ...]
    rings: tuple[Ring, ...]
    hand: tuple[float, float, float, float]
    hub: float
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class Named:
    """A buyer to be drawn, with the dated phases of its year."""

    name: str
    phases: Iterable[Phase]
    link: Callable[[Phase], str | None]


def year_from(today: date) -> tuple[date, date]:
    """The first and the last day that a wheel of today shows."""
    first = today.replace(day=1)
    return first, first.replace(year=first.year + 1) - _ONE_DAY


def named_wheels(buyers: Sequence[Named], *, today: date, language: str) -> Wheels:
    """A ring for each buyer, in the order given. More than `NAMED_AT_MOST` cannot be told apart."""
    first, last = year_from(today)
    rings = []
    for number, buyer in enumerate(buyers, 1):
        inner, outer = _ring(number, len(buyers))
        drawn = sorted(
            {
                phase
                for phase in buyer.phases
                if phase.start <= last and phase.end >= first and phase_of(phase) in DRAWN
            },
            key=lambda phase: (phase.start, phase.end, phase.key),
        )
        rings.append(
            _made(
                number,
                buyer.name,
                inner,
                outer,
                tuple(
                    Segment(
                        phase=BuyerPhase(phase.role.value),
                        name=phase.name_en if language == "en" else phase.name_sv,
                        start=phase.start,
                        end=phase.end,
                        path=_path(inner, outer, phase.start, phase.end, first, last),
                        hue=HUES[phase.role],
                        href=buyer.link(phase),
                    )
                    for phase in drawn
                ),
            )
        )
    return _wheels(rings, today)


def density_wheels(
    counts: dict[BuyerPhase, tuple[int, ...]],
    weeks: Sequence[Week],
    of: int,
    *,
    today: date,
    names: Callable[[BuyerPhase], str],
    link: Callable[[BuyerPhase, Week], str],
) -> Wheels:
    """A ring for each step. Weeks in a row with the same strength are one segment, which leads to
    the fullest of them; `of` is how many buyers there are in all."""
    first, last = year_from(today)
    shown = [phase for phase in DRAWN if any(counts[phase])]
    rings = []
    for number, phase in enumerate(shown, 1):
        inner, outer = _ring(number, len(shown))
        segments = []
        for strength, stretch in _stretches(counts[phase], weeks, of):
            most, week = max(stretch, key=lambda pair: pair[0])
            start, end = stretch[0][1].monday, stretch[-1][1].sunday
            if start > last or end < first:
                continue
            segments.append(
                Segment(
                    phase=phase,
                    name=names(phase),
                    start=start,
                    end=end,
                    path=_path(inner, outer, start, end, first, last),
                    hue=HUES[PhaseRole(phase.value)],
                    href=link(phase, week),
                    strength=strength,
                    number=most,
                )
            )
        rings.append(_made(number, names(phase), inner, outer, tuple(segments)))
    return _wheels(rings, today)


def _stretches(
    numbers: Iterable[int], weeks: Iterable[Week], of: int
) -> list[tuple[int, list[tuple[int, Week]]]]:
    """Weeks in a row with the same strength, other than none."""
    found: list[tuple[int, list[tuple[int, Week]]]] = []
    before = 0
    for number, week in zip(numbers, weeks, strict=True):
        strength = heat(number, of)
        if strength and strength == before:
            found[-1][1].append((number, week))
        elif strength:
            found.append((strength, [(number, week)]))
        before = strength
    return found


def _ring(number: int, count: int) -> tuple[float, float]:
    """Inner and outer radius of the ring, 1 being the outermost."""
    thickness = min(_THICKEST, (RINGS_OUTER - RINGS_INNER - (count - 1) * GAP) / count)
    outer = RINGS_OUTER - (number - 1) * (thickness + GAP)
    return outer - thickness, outer


def _made(
    number: int, name: str, inner: float, outer: float, segments: tuple[Segment, ...]
) -> Ring:
    middle = (inner + outer) / 2
    return Ring(
        number=number,
        name=name,
        radius=rounded(middle),
        number_at=point(middle, 0),
        size=rounded(min(11.0, outer - inner)),
        segments=segments,
    )


def _path(inner: float, outer: float, start: date, end: date, first: date, last: date) -> str:
    """The piece of the ring, never too short to be seen."""
    begins, ends = span(start, end, first, last)
    short = SHORTEST_ARC / (2 * pi * (inner + outer) / 2) - (ends - begins)
    if short > 0:
        begins, ends = begins - short / 2, ends + short / 2
    return sector(inner, outer, begins, ends)


def _wheels(rings: Iterable[Ring], today: date) -> Wheels:
    first, last = year_from(today)
    return Wheels(
        today=today,
        first=first,
        last=last,
        months=tuple(months_from(first, today)),
        rings=tuple(rings),
        hand=(*point(RINGS_INNER - 4, turn_of(today)), *point(QUIET_OUTER, turn_of(today))),
        hub=RINGS_INNER - 4,
    )
