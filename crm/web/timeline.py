"""A plan drawn along a line of time: as first planned, as it stands, the law's floor, and quiet.

Geometry only; the words come from the page, and the table beside the picture says the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Final

from crm.rules.calendar import ONE_DAY
from crm.rules.quiet import Quiet

WIDTH: Final = 960.0
ROW: Final = 34.0
HEAD: Final = 26.0
_LABELS: Final = 232.0  # room for the names, to the left of time
_PADDING: Final = timedelta(days=10)
_NARROW_MONTH: Final = 26.0  # a month's name needs so much room


@dataclass(frozen=True, slots=True)
class Line:
    """What is drawn of one stage. The stage lasts from `day` to the next one's."""

    name: str
    first: date  # as first planned
    day: date  # as it was, or is planned now
    is_reached: bool
    floor: date | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage: its row, its bar, the outline it had first, and the tick of the law's floor."""

    name: str
    y: float
    x: float
    width: float
    first_x: float
    floor_x: float | None
    is_reached: bool
    is_moved: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical place in the picture: a month's beginning, or a quiet stretch of some width."""

    x: float
    width: float
    name: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture; every measure in the units of its view box."""

    bars: tuple[Bar, ...]
    months: tuple[tuple[float, date, bool], ...]  # x, the month, whether its name has room
    quiet: tuple[Mark, ...]
    today_x: float | None
    height: float
    labels: float = _LABELS
    width: float = WIDTH


def draw(lines: Sequence[Line], quiet: Iterable[Quiet], today: date) -> Timeline | None:
    """The picture of a plan; None without any line. Quiet periods are told by language later."""
    if not lines:
        return None
    days = [day for line in lines for day in (line.first, line.day)]
    begin, end = min(days) - _PADDING, max(days) + _PADDING
    scale = (WIDTH - _LABELS) / (end - begin).days

    def x_of(day: date) -> float:
        return round(_LABELS + (day - begin).days * scale, 1)

    bars = []
    for row, (line, after) in enumerate(zip(lines, [*lines[1:], None], strict=False)):
        x = x_of(line.day)
        last = x_of(after.day) if after is not None else x
        bars.append(
            Bar(
                name=line.name,
                y=HEAD + row * ROW,
                x=x,
                width=round(max(last - x, 0.0), 1),
                first_x=x_of(line.first),
                floor_x=x_of(line.floor) if line.floor and begin <= line.floor <= end else None,
                is_reached=line.is_reached,
                is_moved=line.first != line.day,
            )
        )
    stretches = []
    for one in quiet:
        left, right = max(one.start, begin), min(one.end + ONE_DAY, end)
        if left < right and (right - left).days >= _WORTH_DRAWING:
            stretches.append(Mark(x_of(left), round(x_of(right) - x_of(left), 1), one.key))
    return Timeline(
        bars=tuple(bars),
        months=tuple(_months(begin, end, x_of, scale)),
        quiet=tuple(stretches),
        today_x=x_of(today) if begin <= today <= end else None,
        height=HEAD + len(lines) * ROW + 8,
    )


_WORTH_DRAWING: Final = 5  # days: a single holiday is too thin to be seen


def _months(
    begin: date, end: date, x_of: Callable[[date], float], scale: float
) -> Iterable[tuple[float, date, bool]]:
    step = max(1, ceil(_NARROW_MONTH / (scale * 30)))
    month = date(begin.year, begin.month, 1)
    while month <= end:
        if month >= begin:
            yield x_of(month), month, (month.month - 1) % step == 0
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
