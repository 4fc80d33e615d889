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

HEAD: Final = 26.0


@dataclass(frozen=True, slots=True)
class Shape:
    """How a picture is laid out, in the units of its view box. `labels` is the room for names to
    the left of time; without it each name stands above its bar."""

    width: float
    row: float
    labels: float
    margin: float  # between the edge of time and the first and the last day


WIDE: Final = Shape(width=960.0, row=34.0, labels=232.0, margin=0.0)
NARROW: Final = Shape(width=320.0, row=42.0, labels=0.0, margin=8.0)
"""For a telephone: all of the plan is in view at once, with today, and nothing is scrolled."""

_PADDING: Final = timedelta(days=10)
_MONTH: Final = 32.0  # a month's name needs so much room


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
    shape: Shape


def draw(
    lines: Sequence[Line], quiet: Iterable[Quiet], today: date, shape: Shape = WIDE
) -> Timeline | None:
    """The picture of a plan; None without any line. Quiet periods are told by language later."""
    if not lines:
        return None
    left = shape.labels + shape.margin
    days = [day for line in lines for day in (line.first, line.day)]
    begin, end = min(days) - _PADDING, max(days) + _PADDING
    scale = (shape.width - shape.margin - left) / (end - begin).days

    def x_of(day: date) -> float:
        return round(left + (day - begin).days * scale, 1)

    bars = []
    for row, (line, after) in enumerate(zip(lines, [*lines[1:], None], strict=False)):
        x = x_of(line.day)
        last = x_of(after.day) if after is not None else x
        bars.append(
            Bar(
                name=line.name,
                y=HEAD + row * shape.row + (0.0 if shape.labels else _NAME_ABOVE),
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
        start, stop = max(one.start, begin), min(one.end + ONE_DAY, end)
        if start < stop and (stop - start).days >= _WORTH_DRAWING:
            stretches.append(Mark(x_of(start), round(x_of(stop) - x_of(start), 1), one.key))
    return Timeline(
        bars=tuple(bars),
        months=tuple(_months(begin, end, x_of, scale, shape)),
        quiet=tuple(stretches),
        today_x=x_of(today) if begin <= today <= end else None,
        height=HEAD + len(lines) * shape.row + _FOOT,
        shape=shape,
    )


_NAME_ABOVE: Final = 10.0
_FOOT: Final = 14.0  # room for the word at today's line


_WORTH_DRAWING: Final = 5  # days: a single holiday is too thin to be seen


def _months(
    begin: date, end: date, x_of: Callable[[date], float], scale: float, shape: Shape
) -> Iterable[tuple[float, date, bool]]:
    step = max(1, ceil(_MONTH / (scale * 30)))
    room = shape.width - _MONTH
    month = date(begin.year, begin.month, 1)
    while month <= end:
        if month >= begin:
            yield (x := x_of(month)), month, (month.month - 1) % step == 0 and x <= room
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
