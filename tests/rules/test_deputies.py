"""Who stands in for whom: every day of an absence once, by somebody who is there, or by everybody."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.deputies import Away, Detour, End, Trail, detours, overlaps, stretches, trail

ANNA, BO, CILLA, DAG = 1, 2, 3, 4
ABLE = {ANNA, BO, CILLA, DAG}
START = date(2027, 7, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def away(who: int, deputy: int | None, first: int, last: int) -> Away:
    return Away(who, deputy, day(first), day(last))


def test_the_deputy_stands_in_from_the_first_day_to_the_last():
    (one,) = stretches([away(ANNA, BO, 3, 9)], ABLE)
    assert (one.stand_in_id, one.first, one.last, one.away_until) == (BO, day(3), day(9), day(9))


def test_a_deputy_who_is_away_too_hands_on_for_those_days_only():
    found = stretches([away(ANNA, BO, 0, 10), away(BO, CILLA, 4, 6)], ABLE)
    annas = [(one.stand_in_id, one.first, one.last) for one in found if one.user_id == ANNA]
    assert annas == [(BO, day(0), day(3)), (CILLA, day(4), day(6)), (BO, day(7), day(10))]
    assert {one.away_until for one in found if one.user_id == ANNA} == {day(10)}


def test_a_circle_and_a_dead_end_are_everybodys():
    circle = [away(ANNA, BO, 0, 5), away(BO, CILLA, 0, 5), away(CILLA, ANNA, 0, 5)]
    assert {one.stand_in_id for one in stretches(circle, ABLE)} == {None}
    assert (
        trail(ANNA, day(1), [away(ANNA, BO, 0, 5), away(BO, None, 0, 5)], ABLE).stand_in_id is None
    )
    assert trail(ANNA, day(1), [away(ANNA, None, 0, 5)], ABLE).stand_in_id is None
    assert trail(ANNA, day(1), [away(ANNA, BO, 0, 5)], ABLE - {BO}).stand_in_id is None, "has left"


def test_a_detour_says_who_was_asked_in_turn_and_how_it_ended():
    chain = [away(ANNA, BO, 0, 10), away(BO, CILLA, 4, 6), away(CILLA, DAG, 6, 8)]
    assert detours(chain, ABLE) == [
        Detour(ANNA, day(4), day(5), Trail((BO, CILLA), End.FOUND)),
        Detour(ANNA, day(6), day(6), Trail((BO, CILLA, DAG), End.FOUND)),
        Detour(BO, day(6), day(6), Trail((CILLA, DAG), End.FOUND)),
    ]
    assert detours([away(ANNA, BO, 0, 5)], ABLE) == []
    assert detours([away(ANNA, None, 0, 5)], ABLE) == [], "nobody was named"


def test_a_detour_to_everybody_says_why():
    circle = [away(ANNA, BO, 0, 5), away(BO, ANNA, 3, 9)]
    assert detours(circle, ABLE) == [
        Detour(ANNA, day(3), day(5), Trail((BO,), End.CIRCLE)),
        Detour(BO, day(3), day(5), Trail((ANNA,), End.CIRCLE)),
    ]
    dead_end = [away(ANNA, BO, 0, 5), away(BO, None, 5, 9)]
    assert detours(dead_end, ABLE) == [Detour(ANNA, day(5), day(5), Trail((BO,), End.NOBODY))]
    assert detours([away(ANNA, BO, 0, 5)], ABLE - {BO}) == [
        Detour(ANNA, day(0), day(5), Trail((BO,), End.UNABLE))
    ]


def test_who_is_not_away_needs_nobody():
    assert trail(BO, day(1), [away(ANNA, BO, 0, 5)], ABLE).stand_in_id is None
    assert stretches([], ABLE) == []


def test_one_shared_day_is_an_overlap():
    mine = [away(ANNA, BO, 5, 9), away(ANNA, BO, 20, 25)]
    assert overlaps(day(9), day(12), mine) == mine[0]
    assert overlaps(day(0), day(30), mine) == mine[0]
    assert overlaps(day(10), day(19), mine) is None


@st.composite
def plans(draw):
    """Absences of up to six colleagues, none overlapping another of the same one."""
    aways: list[Away] = []
    for who in range(1, 7):
        at = draw(st.integers(0, 12))
        for _ in range(draw(st.integers(0, 3))):
            length = draw(st.integers(0, 8))
            deputy = draw(st.none() | st.integers(1, 6).filter(lambda one, who=who: one != who))
            aways.append(away(who, deputy, at, at + length))
            at += length + 1 + draw(st.integers(0, 6))
    return aways, draw(st.sets(st.integers(1, 6)))


@given(plans())
def test_every_day_away_is_covered_once_and_no_other(plan):
    aways, able = plan
    found = stretches(aways, able)
    wanted = sorted(
        (one.user_id, one.first + timedelta(days=n))
        for one in aways
        for n in range((one.last - one.first).days + 1)
    )
    covered = sorted(
        (one.user_id, one.first + timedelta(days=n))
        for one in found
        for n in range((one.last - one.first).days + 1)
    )
    assert covered == wanted


@given(plans())
def test_whoever_stands_in_is_there_is_able_and_is_somebody_else(plan):
    aways, able = plan
    for one in stretches(aways, able):
        for n in range((one.last - one.first).days + 1):
            today = one.first + timedelta(days=n)
            assert trail(one.user_id, today, aways, able).stand_in_id == one.stand_in_id
            if one.stand_in_id is not None:
                assert one.stand_in_id in able and one.stand_in_id != one.user_id
                assert not any(a.user_id == one.stand_in_id and a.covers(today) for a in aways)


@given(plans())
def test_everybodys_only_where_the_chain_of_deputies_ends(plan):
    """Nothing is given to all while somebody who was asked is there."""
    aways, able = plan
    for one in stretches(aways, able):
        if one.stand_in_id is None:
            gone = {a.user_id: a.deputy_id for a in aways if a.covers(one.first)}
            walked, at = [one.user_id], gone[one.user_id]
            while at in gone and at in able and at not in walked:
                walked.append(at)
                at = gone[at]
            assert at is None or at not in able or at in walked


@given(plans())
def test_a_day_is_on_a_detour_exactly_when_the_named_deputy_does_not_stand_in(plan):
    aways, able = plan
    found = detours(aways, able)
    for one in aways:
        for n in range((one.last - one.first).days + 1):
            today = one.first + timedelta(days=n)
            asked = trail(one.user_id, today, aways, able)
            over = [
                d.trail for d in found if d.user_id == one.user_id and d.first <= today <= d.last
            ]
            is_as_named = one.deputy_id is None or asked.stand_in_id == one.deputy_id
            assert over == ([] if is_as_named else [asked])
