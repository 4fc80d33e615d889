"""Lines between people: one form for each, no ring, and a drawing that says the same."""

from itertools import pairwise

import pytest

from crm.rules.relations import BOX, RelationKind, Tie, closes_a_ring, draw, one_way

REPORTS, INFLUENCES, CONFLICT = RelationKind
NAMES = {1: "Anna", 2: "Bo", 3: "Cilla", 4: "Dan", 5: "Eva"}


def test_a_conflict_has_no_direction() -> None:
    assert one_way(Tie(CONFLICT, 5, 2)) == Tie(CONFLICT, 2, 5)
    assert one_way(Tie(INFLUENCES, 5, 2)) == Tie(INFLUENCES, 5, 2)


def test_nobody_reports_to_themselves_through_others() -> None:
    there = [Tie(REPORTS, 1, 2), Tie(REPORTS, 2, 3)]
    assert closes_a_ring(Tie(REPORTS, 3, 1), there)
    assert not closes_a_ring(Tie(REPORTS, 4, 1), there)
    assert not closes_a_ring(Tie(INFLUENCES, 3, 1), there)


def test_the_head_stands_above_those_who_report() -> None:
    ties = [Tie(REPORTS, 1, 2), Tie(REPORTS, 2, 3), Tie(REPORTS, 4, 3), Tie(CONFLICT, 4, 5)]
    drawn = draw(ties, NAMES)
    height = {spot.person_id: spot.y for spot in drawn.spots}
    assert height[3] < height[2] == height[4] < height[1] < height[5]
    assert len(drawn.strokes) == 4


def test_no_two_boxes_touch_and_all_are_inside() -> None:
    many = {number: f"P{number:02}" for number in range(1, 12)}
    ties = [Tie(REPORTS, number, 1) for number in range(2, 12)]
    drawn = draw(ties, many)
    for spot in drawn.spots:
        assert 0 <= spot.x <= drawn.width - BOX[0]
        assert 0 <= spot.y <= drawn.height - BOX[1]
        for other in drawn.spots:
            if other is not spot:
                assert abs(spot.x - other.x) >= BOX[0] or abs(spot.y - other.y) >= BOX[1]


@pytest.mark.parametrize("kind", RelationKind)
def test_no_line_runs_through_the_box_of_somebody_else(kind: RelationKind) -> None:
    """Five in a chain, three beside each other and everybody tied to everybody."""
    chain = [Tie(REPORTS, one, one - 1) for one in (2, 3, 4, 5)]
    wide = [Tie(REPORTS, one, 5) for one in (6, 7, 8)]
    every = [Tie(kind, one, other) for one in range(1, 9) for other in range(1, 9) if one != other]
    drawn = draw([*chain, *wide, *every], {number: f"P{number}" for number in range(1, 9)})
    for stroke in drawn.strokes:
        assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in stroke.points)
        others = [
            spot
            for spot in drawn.spots
            if spot.person_id not in (stroke.tie.from_id, stroke.tie.to_id)
        ]
        for (x1, y1), (x2, y2) in pairwise(stroke.points):
            for part in range(51):
                x, y = x1 + (x2 - x1) * part / 50, y1 + (y2 - y1) * part / 50
                for spot in others:
                    inside = spot.x < x < spot.x + BOX[0] and spot.y < y < spot.y + BOX[1]
                    assert not inside, stroke


def test_a_ring_that_is_there_does_not_hang_the_drawing() -> None:
    assert len(draw([Tie(REPORTS, 1, 2), Tie(REPORTS, 2, 1)], NAMES).spots) == 2
    assert draw([], NAMES).spots == ()
