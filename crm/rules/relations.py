"""Lines between people at a buyer (feature C9), and where a drawing puts them.

Reporting and influence have a direction; a conflict has none. The list is what counts, and the
drawing says the same: whoever reports to nobody stands at the top, and everybody else one step
below whom they report to. People without such a line stand in the lowest row of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RelationKind(StrEnum):
    REPORTS_TO = "reports_to"
    INFLUENCES = "influences"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Tie:
    """A line from one person to another, by their ids."""

    kind: RelationKind
    from_id: int
    to_id: int


def one_way(tie: Tie) -> Tie:
    """The line in the one form in which it is stored: a conflict begins with the lower id."""
    if tie.kind is RelationKind.CONFLICT and tie.from_id > tie.to_id:
        return Tie(tie.kind, tie.to_id, tie.from_id)
    return tie


def closes_a_ring(tie: Tie, there: Sequence[Tie]) -> bool:
    """Whether the line would make somebody report to themselves, through whomever."""
    if tie.kind is not RelationKind.REPORTS_TO:
        return False
    above: dict[int, set[int]] = {}
    for one in there:
        if one.kind is RelationKind.REPORTS_TO:
            above.setdefault(one.from_id, set()).add(one.to_id)
    seen, waiting = set[int](), [tie.to_id]
    while waiting:
        at = waiting.pop()
        if at == tie.from_id:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(above.get(at, ()))
    return False


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a person's box stands: its upper left corner, in units of the drawing."""

    person_id: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of the drawing, from edge to edge of two boxes, around those between them."""

    tie: Tie
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and lines, and how large it all is."""

    spots: tuple[Spot, ...]
    strokes: tuple[Stroke, ...]
    width: int
    height: int


BOX: Final = (170, 48)
GAP: Final = (26, 64)
MARGIN: Final = 36
"""Also the room for lines that go around the boxes."""


def draw(ties: Sequence[Tie], names: Mapping[int, str], across: int = 4) -> Drawing:
    """Place everybody who has a line, in rows of at most `across`, by name within a row."""
    people = {one for tie in ties for one in (tie.from_id, tie.to_id)}
    levels = _levels(ties, people)
    rows: list[list[int]] = []
    for level in sorted(set(levels.values())):
        there = sorted((one for one in people if levels[one] == level), key=names.__getitem__)
        rows.extend(there[start : start + across] for start in range(0, len(there), across))
    wide = max((len(row) for row in rows), default=0)
    width = MARGIN * 2 + wide * BOX[0] + max(0, wide - 1) * GAP[0]
    spots: dict[int, Spot] = {}
    places: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(rows):
        span = len(row) * BOX[0] + (len(row) - 1) * GAP[0]
        left = (width - span) // 2
        for place, person in enumerate(row):
            places[person] = number, place
            spots[person] = Spot(
                person, left + place * (BOX[0] + GAP[0]), MARGIN + number * (BOX[1] + GAP[1])
            )
    height = MARGIN * 2 + len(rows) * BOX[1] + max(0, len(rows) - 1) * GAP[1]
    return Drawing(
        tuple(spots.values()),
        tuple(
            Stroke(
                tie,
                _straight(tie, spots[tie.from_id], spots[tie.to_id])
                if _are_beside(places[tie.from_id], places[tie.to_id])
                else _around(tie, spots[tie.from_id], spots[tie.to_id], width, number),
            )
            for number, tie in enumerate(ties)
        ),
        width,
        height,
    )


def _levels(ties: Sequence[Tie], people: set[int]) -> dict[int, int]:
    """0 at the top. Who neither reports nor is reported to stands below all others."""
    above: dict[int, set[int]] = {}
    in_line = set()
    for tie in ties:
        if tie.kind is RelationKind.REPORTS_TO:
            above.setdefault(tie.from_id, set()).add(tie.to_id)
            in_line |= {tie.from_id, tie.to_id}
    levels = dict.fromkeys(in_line, 0)
    for _round in in_line:  # a ring, which is refused when written down, ends here all the same
        for person, heads in above.items():
            levels[person] = max(levels[person], *(levels[head] + 1 for head in heads))
        if all(levels[p] >= levels[h] + 1 for p, heads in above.items() for h in heads):
            break
    lowest = max(levels.values(), default=-1) + 1
    return {person: levels.get(person, lowest) for person in people}


def _are_beside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Nobody stands between: in rows next to each other, or next to each other in a row."""
    if one[0] == other[0]:
        return abs(one[1] - other[1]) == 1
    return abs(one[0] - other[0]) == 1


_SHIFT: Final = {
    RelationKind.REPORTS_TO: 0,
    RelationKind.INFLUENCES: -24,
    RelationKind.CONFLICT: 24,
}


def _straight(tie: Tie, start: Spot, end: Spot) -> tuple[tuple[float, float], ...]:
    """From the edge of one box to the edge of the other."""
    if start.y == end.y:
        right = start.x < end.x
        level = start.y + BOX[1] * (0.35 if tie.kind is RelationKind.INFLUENCES else 0.65)
        leaves, enters = start.x + (BOX[0] if right else 0), end.x + (0 if right else BOX[0])
        return (leaves, level), (enters, level)
    down, middle = start.y < end.y, BOX[0] / 2 + _SHIFT[tie.kind]
    return (
        (start.x + middle, start.y + (BOX[1] if down else 0)),
        (end.x + middle, end.y + (0 if down else BOX[1])),
    )


def _around(
    tie: Tie, start: Spot, end: Spot, width: int, number: int
) -> tuple[tuple[float, float], ...]:
    """Through the gaps between the rows and down the side, past everybody in between. Lines that
    go the same way lie a little beside each other."""
    middle, aside = BOX[0] / 2 + _SHIFT[tie.kind], 7 * (number % 4)
    if start.y == end.y:
        below = start.y + BOX[1]
        level = below + 10 + aside
        return (
            (start.x + middle, below),
            (start.x + middle, level),
            (end.x + middle, level),
            (end.x + middle, below),
        )
    down = start.y < end.y
    leaves, enters = start.y + (BOX[1] if down else 0), end.y + (0 if down else BOX[1])
    step = (10 + aside) * (1 if down else -1)
    side = 6 + aside if tie.kind is RelationKind.INFLUENCES else width - 6 - aside
    return (
        (start.x + middle, leaves),
        (start.x + middle, leaves + step),
        (side, leaves + step),
        (side, enters - step),
        (end.x + middle, enters - step),
        (end.x + middle, enters),
    )
