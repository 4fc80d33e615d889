"""The year wheel (årshjul): a body's budget year as a picture.

Geometry only; the words are those of `components/wheel.html`. The picture is a circle of twelve
months with January at the top, read clockwise. It shows the twelve months from the first day of
this month, so every angle is exactly one day and nothing is drawn twice. Phases that overlap get a
ring each. Only the steps that lead to a budget are drawn; a body's year has thirty dated things in
it, and the rest (forecasts, follow-ups, grants) is told in words. Lengths are in the units of the
viewBox, 400 by 400.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, pi, sin
from typing import Final

from crm.rules.budget_cycle import Phase, PhaseRole, Window
from crm.rules.quiet import Quiet

SIZE: Final = 400
CENTRE: Final = SIZE / 2
MONTHS_AT: Final = 190.0
WINDOW_AT: Final = 171.0
QUIET_OUTER: Final = 166.0
QUIET_INNER: Final = 162.0
RINGS_OUTER: Final = 159.0
RINGS_INNER: Final = 58.0
THICKEST_RING: Final = 21.0
GAP: Final = 2.0
SHORTEST_ARC: Final = 6.0
"""A council meeting of one day must still be seen and hit."""
ROOM_FOR_A_NUMBER: Final = 13.0

_ONE_DAY: Final = timedelta(days=1)

HUES: Final[dict[PhaseRole, str]] = {
    PhaseRole.PREPARATION: "scan",
    PhaseRole.DIRECTIVE: "frames",
    PhaseRole.APPROPRIATION: "frames",
    PhaseRole.SCHOOL_MONEY: "frames",
    PhaseRole.DOOR: "request",
    PhaseRole.SCHOOL_PURCHASE: "request",
    PhaseRole.INVESTMENT: "investment",
    PhaseRole.SCHOOL_PILOT: "investment",
    PhaseRole.POLITICS: "politics",
    PhaseRole.ELECTION: "politics",
    PhaseRole.DECISION: "decision",
    PhaseRole.LEGAL_LIMIT: "decision",
    PhaseRole.INTERNAL_BUDGET: "internal",
    PhaseRole.RECONCILIATION: "internal",
    PhaseRole.SCHOOL_PLANNING: "internal",
}
"""What is drawn, and in which hue of tokens.css (`role-…`). Any other role is words only."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One phase as drawn. `number` is the one written on it and beside its name in the list.

    `start` and `end` are the phase's own days, also where the picture shows only part of it.
    """

    number: int
    phase: Phase
    name: str
    hue: str
    ring: int
    path: str
    number_at: tuple[float, float] | None
    href: str | None
    is_now: bool
    is_past: bool
    is_window: bool

    @property
    def start(self) -> date:
        return self.phase.start

    @property
    def end(self) -> date:
        return self.phase.end


@dataclass(frozen=True, slots=True)
class QuietArc:
    """A stretch to leave in peace: a wedge under the rings and a band outside them."""

    name: str
    start: date
    end: date
    wedge: str
    band: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month's spoke and where its name stands. `opens_year` where January begins."""

    first: date
    spoke: tuple[float, float, float, float]
    at: tuple[float, float]
    is_now: bool
    opens_year: bool


@dataclass(frozen=True, slots=True)
class WindowMark:
    """The next window: an arc outside the rings (a stroke) and a wedge under them."""

    window: Window
    name: str
    path: str | None
    wedge: str | None
    """None where the window lies beyond the twelve months shown; the words still tell of it."""


@dataclass(frozen=True, slots=True)
class WheelPicture:
    """Everything `components/wheel.html` draws and says."""

    today: date
    first: date
    last: date
    months: tuple[Month, ...]
    tracks: tuple[float, ...]
    arcs: tuple[Arc, ...]
    quiet: tuple[QuietArc, ...]
    others: tuple[Phase, ...]
    window: WindowMark | None
    hand: tuple[float, float, float, float]
    hub: float
    language: str
    size: int = SIZE


def year_wheel(
    phases: Iterable[Phase],
    *,
    today: date,
    window: Window | None = None,
    quiet: Iterable[Quiet] = (),
    link: Callable[[Phase], str | None] | None = None,
    language: str = "sv",
) -> WheelPicture:
    """The wheel of the twelve months that begin with this one. Phases outside them are left out."""
    first = today.replace(day=1)
    last = first.replace(year=first.year + 1) - _ONE_DAY
    near = sorted(
        {phase for phase in phases if phase.start <= last and phase.end >= first},
        key=lambda phase: (phase.start, phase.end, phase.key),
    )
    shown = [phase for phase in near if phase.role in HUES]
    rings = _rings(shown)
    count = max(rings, default=-1) + 1
    thickness = _thickness(count)
    arcs = tuple(
        _arc(
            number,
            phase,
            ring,
            thickness,
            (first, last),
            today,
            window,
            link(phase) if link else None,
            phase.name_en if language == "en" else phase.name_sv,
        )
        for number, (phase, ring) in enumerate(zip(shown, rings, strict=True), 1)
    )
    x, y = point(RINGS_INNER - 4, turn_of(today))
    hand_x, hand_y = point(QUIET_OUTER, turn_of(today))
    return WheelPicture(
        today=today,
        first=first,
        last=last,
        months=tuple(months_from(first, today)),
        tracks=tuple(
            rounded(RINGS_OUTER - ring * (thickness + GAP) - thickness / 2) for ring in range(count)
        ),
        arcs=arcs,
        quiet=tuple(
            _quiet(period, first, last, today, language)
            for period in sorted(quiet, key=lambda period: (period.start, period.end))
            if period.start <= last and period.end >= first
        ),
        others=tuple(phase for phase in near if phase.role not in HUES),
        window=_window_mark(window, first, last, language) if window else None,
        hand=(x, y, hand_x, hand_y),
        hub=RINGS_INNER - 4,
        language=language,
    )


def _rings(shown: Sequence[Phase]) -> list[int]:
    """The ring of each phase, 0 outermost: the first one that is free when the phase starts."""
    rings: list[int] = []
    taken_until: list[date] = []
    for phase in shown:
        free = next(
            (ring for ring, until in enumerate(taken_until) if until < phase.start),
            len(taken_until),
        )
        taken_until[free : free + 1] = [phase.end]
        rings.append(free)
    return rings


def _thickness(rings: int) -> float:
    if rings == 0:
        return THICKEST_RING
    return min(THICKEST_RING, (RINGS_OUTER - RINGS_INNER - (rings - 1) * GAP) / rings)


def _arc(
    number: int,
    phase: Phase,
    ring: int,
    thickness: float,
    view: tuple[date, date],
    today: date,
    window: Window | None,
    href: str | None,
    name: str,
) -> Arc:
    outer = RINGS_OUTER - ring * (thickness + GAP)
    inner = outer - thickness
    middle = (outer + inner) / 2
    begins, ends = span(phase.start, phase.end, *view)
    short = SHORTEST_ARC / (2 * pi * middle) - (ends - begins)
    if short > 0:
        begins, ends = begins - short / 2, ends + short / 2
    roomy = min((ends - begins) * 2 * pi * middle, thickness + 3) >= ROOM_FOR_A_NUMBER
    return Arc(
        number=number,
        phase=phase,
        name=name,
        hue=HUES[phase.role],
        ring=ring,
        path=sector(inner, outer, begins, ends),
        number_at=point(middle, (begins + ends) / 2) if roomy else None,
        href=href,
        is_now=phase.covers(today),
        is_past=phase.end < today,
        is_window=window is not None and phase == window.phase,
    )


def _quiet(period: Quiet, first: date, last: date, today: date, language: str) -> QuietArc:
    begins, ends = span(period.start, period.end, first, last)
    return QuietArc(
        name=period.name_en if language == "en" else period.name_sv,
        start=period.start,
        end=period.end,
        wedge=sector(RINGS_INNER, RINGS_OUTER, begins, ends),
        band=sector(QUIET_INNER, QUIET_OUTER, begins, ends),
        is_now=period.covers(today),
    )


def _window_mark(window: Window, first: date, last: date, language: str) -> WindowMark:
    name = window.phase.name_en if language == "en" else window.phase.name_sv
    if window.opens > last or window.closes < first:
        return WindowMark(window, name, None, None)
    begins, ends = span(window.opens, window.closes, first, last)
    return WindowMark(
        window,
        name,
        _stroke(WINDOW_AT, begins, ends),
        sector(RINGS_INNER, RINGS_OUTER, begins, ends),
    )


def months_from(first: date, today: date) -> Iterable[Month]:
    for ahead in range(12):
        month = (first.month - 1 + ahead) % 12 + 1
        start = date(first.year + (first.month - 1 + ahead) // 12, month, 1)
        following = date(start.year + month // 12, month % 12 + 1, 1)
        begins = turn_of(start)
        yield Month(
            first=start,
            spoke=(*point(RINGS_INNER, begins), *point(QUIET_OUTER, begins)),
            at=point(MONTHS_AT, (begins + turn_of(following)) / 2),
            is_now=(start.year, start.month) == (today.year, today.month),
            opens_year=month == 1,
        )


def span(start: date, end: date, first: date, last: date) -> tuple[float, float]:
    """The part of start-end inside first-last, in turns; the last day is included whole."""
    return turn_of(max(start, first)), turn_of(min(end, last) + _ONE_DAY)


def turn_of(day: date) -> float:
    """Years since year 0, so that the fraction is the place on the circle: 0 is 1 January."""
    new_year = date(day.year, 1, 1)
    length = (date(day.year + 1, 1, 1) - new_year).days
    return day.year + (day - new_year).days / length


def point(radius: float, turn: float) -> tuple[float, float]:
    angle = 2 * pi * (turn % 1) - pi / 2
    return rounded(CENTRE + radius * cos(angle)), rounded(CENTRE + radius * sin(angle))


def sector(inner: float, outer: float, begins: float, ends: float) -> str:
    """A piece of a ring, as SVG path data."""
    ends = min(ends, begins + 0.9995)  # an arc that ends where it began would not be drawn
    large = 1 if ends - begins > 0.5 else 0
    (ax, ay), (bx, by) = point(outer, begins), point(outer, ends)
    (cx, cy), (dx, dy) = point(inner, ends), point(inner, begins)
    o, i = rounded(outer), rounded(inner)
    return f"M{ax} {ay}A{o} {o} 0 {large} 1 {bx} {by}L{cx} {cy}A{i} {i} 0 {large} 0 {dx} {dy}Z"


def _stroke(radius: float, begins: float, ends: float) -> str:
    ends = min(ends, begins + 0.9995)
    large = 1 if ends - begins > 0.5 else 0
    (ax, ay), (bx, by) = point(radius, begins), point(radius, ends)
    return f"M{ax} {ay}A{rounded(radius)} {rounded(radius)} 0 {large} 1 {bx} {by}"


def rounded(value: float) -> float:
    """Two decimals are finer than any screen."""
    return round(value, 2)
