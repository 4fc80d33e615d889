"""Acts, strength, the three tests, who told whom, and spread."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from crm.rules.champions import (
    USUAL,
    WORTH,
    Act,
    ActKind,
    Carries,
    ChampionTest,
    Formula,
    Origin,
    Seen,
    StrengthBand,
    Threshold,
    Told,
    Worth,
    came_back,
    counted_once,
    quarters,
    spread,
    strength,
    tidy_tree,
    verdict,
)
from crm.rules.functions import Function
from crm.rules.stages import CaseRole
from crm.rules.starts import Start, start_of

TODAY = date(2026, 11, 27)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


HALVES_AFTER = timedelta(days=USUAL.halves_after)


def act(kind: ActKind, days: int = 0, **more) -> Act:
    return Act(kind, ago(days), **more)


def test_an_act_gives_its_points_and_halves_for_each_half_year():
    shown = act(ActKind.SHOWED, 0)
    assert strength([shown], TODAY).total == 3
    assert strength([shown], TODAY + HALVES_AFTER - timedelta(days=1)).total == 3
    assert strength([shown], TODAY + HALVES_AFTER).total == 1.5
    assert strength([shown], TODAY + 2 * HALVES_AFTER).total == 0.75


def test_it_fades_to_nothing_without_new_evidence():
    acts = [act(ActKind.SHOWED), act(ActKind.BROUGHT_IN), act(ActKind.USES_WEEKLY)]
    later = strength(acts, TODAY + 6 * HALVES_AFTER)
    assert later.total == 0
    assert later.band is StrengthBand.NONE


def test_one_kind_never_gives_more_than_its_cap():
    shown = [act(ActKind.SHOWED, days) for days in range(10)]
    part = strength(shown, TODAY).parts[0]
    assert part.sum == 30
    assert part.given == WORTH[ActKind.SHOWED].cap == 9
    assert part.is_capped


def test_showing_it_at_a_staff_meeting_raises_the_strength():
    """Claim S6."""
    before = strength([act(ActKind.USES_WEEKLY, 30)], TODAY)
    after = strength([act(ActKind.USES_WEEKLY, 30), act(ActKind.SHOWED)], TODAY)
    assert after.total == before.total + 3
    assert (before.band, after.band) == (StrengthBand.FAINT, StrengthBand.CLEAR)


def test_no_single_kind_is_strong():
    for kind in ActKind:
        many = [act(kind, days * 20) for days in range(9)]
        assert strength(many, TODAY).band is not StrengthBand.STRONG


def test_what_lies_ahead_gives_nothing():
    assert strength([act(ActKind.SHOWED, -3)], TODAY).total == 0


def test_a_colleague_introduced_counts_once_whoever_wrote_it_down():
    written = act(ActKind.INTRODUCED, 40, other_id=7)
    told = act(ActKind.INTRODUCED, 5, other_id=7, origin=Origin.TOLD)
    another = act(ActKind.INTRODUCED, 5, other_id=8, origin=Origin.TOLD)
    assert counted_once([told, written, another]) == [written, another]


def test_an_inquiry_near_what_was_written_is_the_same_act():
    written = act(ActKind.CAME_BACK, 10)
    near = act(ActKind.CAME_BACK, 3, origin=Origin.INQUIRY)
    far = act(ActKind.CAME_BACK, 60, origin=Origin.INQUIRY)
    assert counted_once([near, written, far]) == [far, written]


def test_two_that_somebody_wrote_down_are_two():
    assert len(counted_once([act(ActKind.SHOWED, 1), act(ActKind.SHOWED, 1)])) == 2


def test_the_first_inquiry_is_no_return_and_a_reminder_of_it_neither():
    assert came_back([ago(90), ago(85), ago(20)]) == [ago(20)]
    assert came_back([ago(90)]) == []


ALL_THREE = [
    act(ActKind.BROUGHT_IN, 10),
    act(ActKind.SHOWED, 20),
    act(ActKind.USES_WEEKLY, 30),
]


def test_a_champion_meets_all_three():
    found = verdict(ALL_THREE, [], TODAY)
    assert found.carries is Carries.CHAMPION
    assert found.missing == ()


@pytest.mark.parametrize(
    ("without", "test"),
    [
        (ActKind.BROUGHT_IN, ChampionTest.INFLUENCE),
        (ActKind.SHOWED, ChampionTest.SELLS),
        (ActKind.USES_WEEKLY, ChampionTest.OWN_REASON),
    ],
)
def test_whoever_meets_two_is_a_coach_and_the_missing_one_is_named(without, test):
    found = verdict([one for one in ALL_THREE if one.kind is not without], [], TODAY)
    assert found.carries is Carries.COACH
    assert found.missing == (test,)


def test_a_role_with_money_is_influence():
    acts = [one for one in ALL_THREE if one.kind is not ActKind.BROUGHT_IN]
    found = verdict(acts, [CaseRole.BUDGET_OWNER], TODAY)
    assert found.carries is Carries.CHAMPION
    assert found.tests[0].by_role is CaseRole.BUDGET_OWNER


def test_a_role_alone_is_no_champion_and_a_year_later_nobody_knows():
    assert verdict([], [CaseRole.CHAMPION], TODAY).carries is Carries.NOT_KNOWN
    assert verdict(ALL_THREE, [], TODAY + timedelta(days=400)).carries is Carries.NOT_KNOWN


def test_the_tree_stands_by_date_with_each_person_once():
    told = [
        Told(1, 2, ago(50)),
        Told(1, 3, ago(60)),
        Told(3, 4, ago(10)),
        Told(2, 4, ago(5)),  # heard it already
        Told(9, 8, ago(70)),
    ]
    nodes = tidy_tree(told)
    assert [(node.person_id, node.depth, node.parent_line) for node in nodes] == [
        (9, 0, None),
        (8, 1, 0),
        (1, 0, None),
        (3, 1, 2),
        (4, 2, 3),
        (2, 1, 2),
    ]
    assert [node.line for node in nodes] == list(range(6))


def test_a_ring_of_people_who_told_each_other_ends():
    nodes = tidy_tree([Told(1, 2, ago(3)), Told(2, 1, ago(2)), Told(1, 1, ago(1))])
    assert [node.person_id for node in nodes] == [1, 2]


def test_spread_counts_people_units_and_functions_once():
    seen = [
        Seen(1, 10, ago(5), Function.USERS),
        Seen(1, 10, ago(50), Function.USERS),
        Seen(2, 11, ago(20), Function.IT),
        Seen(3, 12, ago(500), Function.ECONOMY),
        Seen(4, 11, ago(20)),
    ]
    found = spread(seen, ago(365), TODAY)
    assert (found.people, found.units) == ({1, 2, 4}, {10, 11})
    assert found.functions == {Function.USERS, Function.IT}


def test_twelve_quarters_meet_without_a_gap():
    found = quarters(TODAY)
    assert len(found) == 12
    assert found[-1] == (date(2026, 10, 1), date(2026, 12, 31))
    assert found[0] == (date(2024, 1, 1), date(2024, 3, 31))
    for (_, end), (start, _) in pairwise(found):
        assert start - end == timedelta(days=1)


def test_three_units_or_five_people_are_the_threshold():
    chosen = Threshold()
    assert chosen.is_reached(3, 3)
    assert chosen.is_reached(1, 5)
    assert not chosen.is_reached(2, 4)


def test_what_was_shown_long_ago_is_told_as_that():
    old = act(ActKind.USES_WEEKLY, 400)
    found = {one.test: one for one in verdict([old], (), TODAY).tests}
    assert found[ChampionTest.OWN_REASON].earlier == old
    assert not found[ChampionTest.OWN_REASON].is_met
    assert found[ChampionTest.SELLS].earlier is None


def test_other_figures_give_another_strength_and_another_verdict():
    shown = act(ActKind.SHOWED, 20)
    other = Formula(dict(WORTH) | {ActKind.SHOWED: Worth(20, 20)}, 10, 15, 1, 5)
    found = strength([shown], TODAY, other)
    assert (found.total, found.band, found.parts[0].cap) == (5, StrengthBand.STRONG, 20)
    assert verdict([shown], (), TODAY).carries is Carries.COACH
    assert verdict([shown], (), TODAY, other).carries is Carries.NOT_KNOWN


@pytest.mark.parametrize(
    "formula",
    [
        replace(USUAL, clear_from=10),
        replace(USUAL, halves_after=0),
        replace(USUAL, worth=dict(WORTH) | {ActKind.SHOWED: Worth(3, 2)}),
        replace(USUAL, worth={ActKind.SHOWED: Worth(3, 9)}),
    ],
)
def test_figures_that_contradict_each_other_are_not_whole(formula):
    assert USUAL.is_whole
    assert not formula.is_whole


def test_a_start_is_from_below_or_from_above():
    assert start_of(Function.USERS) is Start.BOTTOM_UP
    assert start_of(Function.UNIT_HEAD) is Start.BOTTOM_UP
    assert start_of(Function.IT) is Start.TOP_DOWN
    assert start_of(Function.MANAGEMENT) is Start.TOP_DOWN
    assert start_of(None) is Start.UNKNOWN
