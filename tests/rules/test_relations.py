"""Lines between people: one form for each, no ring, and a drawing that says the same."""

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


def test_a_ring_that_is_there_does_not_hang_the_drawing() -> None:
    assert len(draw([Tie(REPORTS, 1, 2), Tie(REPORTS, 2, 1)], NAMES).spots) == 2
    assert draw([], NAMES).spots == ()
