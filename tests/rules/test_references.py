"""References: likeness, distance, and a limit that holds."""

from datetime import date

from crm.rules.kinds import UnitKind
from crm.rules.references import Likeness, Match, Place, best_first, distance_km, match, standing

HULTSFRED, VIMMERBY, KIRUNA = (57.4894, 15.8419), (57.6650, 15.8550), (67.8558, 20.2253)
TODAY = date(2027, 3, 1)


def test_distance_between_two_seats() -> None:
    assert 18 < distance_km(HULTSFRED, VIMMERBY) < 21
    assert 1150 < distance_km(HULTSFRED, KIRUNA) < 1220


def test_a_like_unit_nearby_is_a_good_match() -> None:
    school = frozenset({UnitKind.SCHOOL})
    wanted = Place(school, 14_000, HULTSFRED, "08", "Skola24, Teams")
    found = match(wanted, Place(school, 15_500, VIMMERBY, "08", "teams;  Unikum"))
    assert set(found.alike) == set(Likeness)
    assert found.km == 20


def test_what_nobody_knows_makes_nothing_alike() -> None:
    assert match(Place(frozenset()), Place(frozenset())) == Match((), None)
    big = Place(frozenset({UnitKind.SCHOOL}), 500_000, KIRUNA, "25")
    assert match(Place(frozenset({UnitKind.LIBRARY}), 14_000, HULTSFRED, "08"), big).alike == ()


def test_the_limit_counts_the_calendar_year() -> None:
    asked = [date(2026, 12, 30), date(2027, 1, 7), date(2027, 2, 3)]
    now = standing(None, 2, asked, TODAY)
    assert (now.asked, now.left, now.last_asked) == (2, 0, date(2027, 2, 3))
    assert standing(None, 3, asked, TODAY).left == 1
    assert standing(date(2027, 2, 10), 3, asked, TODAY).left == 0  # taken back


def test_who_may_be_asked_comes_first_and_then_the_best_fit() -> None:
    free, spent = standing(None, 1, [], TODAY), standing(None, 1, [TODAY], TODAY)
    near, far = Match((Likeness.UNIT_KIND,), 20), Match((Likeness.UNIT_KIND,), 400)
    best = Match((Likeness.UNIT_KIND, Likeness.SIZE), None)
    order = best_first([("spent", best, spent), ("far", far, free), ("near", near, free)])
    assert [name for name, _match, _standing in order] == ["near", "far", "spent"]
