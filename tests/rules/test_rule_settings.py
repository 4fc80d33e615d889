"""What an installation may change about a rule, and the rules as they then stand."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind, DecisionPractice, Practice
from crm.rules.certainty import Certainty
from crm.rules.reminder_rules import DEFAULT_RULES, Offset
from crm.rules.reminders import BodyFacts, CaseFacts, Planned, plan
from crm.rules.rule_grounds import GROUNDS, ground_of
from crm.rules.rule_settings import (
    DISTANCES,
    DistanceUnit,
    RuleSetting,
    TooFar,
    as_typed,
    bounds_in,
    distance_of,
    in_force,
    may_be_changed,
    offset_of,
    rule_of,
    standing,
    when,
)
from tests.rules.test_reminders import situations

TODAY = date(2026, 11, 23)
BODY = BodyFacts(
    organisation_id=1,
    name="Hultsfreds kommun",
    kind=BodyKind.MUNICIPALITY,
    practice=Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, certainty=Certainty.PUBLISHED),
)
CASE = CaseFacts(case_id=7, organisation_id=2, opened_on=date(2026, 9, 1))


def planned(*settings: RuleSetting) -> dict[str, Planned]:
    return {one.key: one for one in plan(BODY, [CASE], rules=in_force(settings), today=TODAY)}


def setting(key: str, offset: Offset, version: int = 2, *, active: bool = True) -> RuleSetting:
    return RuleSetting(key, version, active, offset)


def test_without_settings_the_rules_stand_as_they_came() -> None:
    assert in_force() == DEFAULT_RULES
    assert all(one.active and one.is_as_shipped for one in standing())


def test_a_rule_that_is_off_plans_nothing_and_is_still_told() -> None:
    off = setting("R2", Offset(days=-42), active=False)
    assert any(one.rule_key == "R2" for one in planned().values())
    assert not any(one.rule_key == "R2" for one in planned(off).values())
    stands = next(one for one in standing([off]) if one.rule.key == "R2")
    assert not stands.active and not stands.is_as_shipped


def test_a_longer_distance_moves_what_the_rule_plans_and_names_its_version() -> None:
    key = "R2/case-7/2028"
    before, after = planned()[key], planned(setting("R2", Offset(days=-56)))[key]
    assert after.wanted_on == before.wanted_on - timedelta(days=14)
    assert (before.rule_version, after.rule_version) == (1, 2)
    assert after.params["offset_sv"] == "8 veckor före"


def test_the_latest_of_several_settings_holds() -> None:
    rules = in_force(
        [
            setting("R2", Offset(days=-70), 3),
            setting("R2", Offset(days=-56), 2),
            setting("R2", Offset(days=-35), 4),
        ]
    )
    changed = next(rule for rule in rules if rule.key == "R2")
    assert (changed.offset, changed.version) == (Offset(days=-35), 4)


@pytest.mark.parametrize("key", ["NEXT", "WAKE", "R6", "R11", "R14", "R9"])
def test_what_keeps_our_word_and_others_in_peace_cannot_be_changed(key: str) -> None:
    rule = rule_of(key)
    assert rule is not None and not may_be_changed(rule)
    assert rule in in_force([setting(key, Offset(), active=False)])


@pytest.mark.parametrize(
    ("key", "count", "unit", "offset"),
    [
        ("R2", 8, DistanceUnit.WEEKS, Offset(days=-56)),
        ("R2", 0, DistanceUnit.DAYS, Offset()),
        ("R3", 10, DistanceUnit.DAYS, Offset(days=10)),
        ("R12", 24, DistanceUnit.MONTHS, Offset(months=-24)),
    ],
)
def test_a_distance_lies_on_the_rules_own_side(
    key: str, count: int, unit: DistanceUnit, offset: Offset
) -> None:
    rule = rule_of(key)
    assert rule is not None
    assert offset_of(rule, count, unit) == offset
    assert as_typed(offset) == (count, unit)


@pytest.mark.parametrize(
    ("key", "count", "unit"),
    [
        ("R2", 60, DistanceUnit.WEEKS),  # a door opens every year
        ("R3", 3, DistanceUnit.MONTHS),  # by then nobody reads it
        ("R2", -1, DistanceUnit.DAYS),
        ("R7", 1, DistanceUnit.DAYS),  # has no distance
        ("R12", 2, DistanceUnit.MONTHS),  # its window closes three months before the end
        ("R2-may", 6, DistanceUnit.WEEKS),
    ],
)
def test_a_distance_beyond_reason_is_refused(key: str, count: int, unit: DistanceUnit) -> None:
    rule = rule_of(key)
    assert rule is not None
    with pytest.raises(TooFar):
        offset_of(rule, count, unit)


@pytest.mark.parametrize("unit", DistanceUnit)
def test_the_bounds_in_a_unit_are_the_bounds(unit: DistanceUnit) -> None:
    for rule in DEFAULT_RULES:
        distance = distance_of(rule)
        if distance is None:
            continue
        least, most = bounds_in(distance, unit)
        for count in (least, most):
            assert offset_of(rule, count, unit) is not None
        for count in (least - 1, most + 1):
            with pytest.raises(TooFar):
                offset_of(rule, count, unit)


@st.composite
def changes(draw: st.DrawFn) -> RuleSetting:
    """A change of a distance that a rule allows; often the nearest or the farthest."""
    changeable = [one for one in DEFAULT_RULES if may_be_changed(one) and distance_of(one)]
    rule, unit = draw(st.sampled_from(changeable)), draw(st.sampled_from(DistanceUnit))
    bounds, days = distance_of(rule), {"days": 1, "weeks": 7, "months": 31}[unit]
    assert bounds is not None
    least, most = -(-bounds.least_days // days), bounds.most_days // days
    count = draw(st.one_of(st.just(least), st.just(most), st.integers(least, most)))
    return setting(rule.key, offset_of(rule, count, unit))


@settings(max_examples=200, deadline=None)
@given(situations(), changes())
def test_no_allowed_distance_plans_what_comes_too_late(
    situation: tuple[BodyFacts, list[CaseFacts], date], change: RuleSetting
) -> None:
    body, cases, today = situation
    for one in plan(body, cases, rules=in_force([change]), today=today):
        assert one.closes_on is None or max(one.wanted_on, one.due_on) <= one.closes_on


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_rule_says_when_it_speaks(language: str) -> None:
    for rule in DEFAULT_RULES:
        assert bool(when(rule, rule.offset, language)) is (rule.anchor is not None)
        assert when(rule, Offset(), language) == when(rule, Offset(), language).strip()
    r2 = rule_of("R2")
    assert r2 is not None
    said = when(r2, Offset(days=-56), "sv")
    assert said == "8 veckor innan underlaget ska vara klart"


def test_every_rule_has_its_ground_and_every_shipped_distance_is_within_its_bounds() -> None:
    for rule in DEFAULT_RULES:
        ground = ground_of(rule.key)
        assert ground.why_sv and ground.why_en
        if distance_of(rule) is not None:
            assert offset_of(rule, *as_typed(rule.offset)) == rule.offset
    keys = {rule.key for rule in DEFAULT_RULES}
    assert {key if key in GROUNDS else key.partition("-")[0] for key in keys} == set(GROUNDS)
    assert {rule.anchor for rule in DEFAULT_RULES} >= set(DISTANCES)
