"""The gate: which occasions ask who is missing, who counts as in, and how long steps take."""

from datetime import date

import pytest

from crm.rules.anchoring import Setting, template
from crm.rules.functions import Function
from crm.rules.gate import (
    FACTS,
    NEEDED,
    PILOT_AHEAD,
    GateOccasion,
    GateState,
    GateStep,
    Missing,
    Work,
    agreement_at,
    at_work,
    by_agreement,
    expected_between,
    facts_of,
    missing,
    occasions,
    state_of,
)
from crm.rules.stages import AdoptionStage, ProcurementStage, PubStatus


@pytest.mark.parametrize(
    ("adoption", "procurement", "personal_data", "asked"),
    [
        (AdoptionStage.COLLEAGUES, ProcurementStage.NONE, True, ()),
        (AdoptionStage.UNIT_PILOT, ProcurementStage.NONE, True, (GateOccasion.PILOT,)),
        (AdoptionStage.UNIT_PILOT, ProcurementStage.NONE, False, ()),
        (AdoptionStage.UNIT_PILOT, ProcurementStage.NONE, None, ()),  # R9 asks that first
        (AdoptionStage.COLLEAGUES, ProcurementStage.UNDECIDED, None, (GateOccasion.PROCUREMENT,)),
        (AdoptionStage.COLLEAGUES, ProcurementStage.CALL_OFF, None, (GateOccasion.PROCUREMENT,)),
        (
            AdoptionStage.SEVERAL_UNITS,
            ProcurementStage.PREPARING,
            True,
            (GateOccasion.REQUIREMENTS, GateOccasion.SEVERAL_UNITS, GateOccasion.PILOT),
        ),
        (AdoptionStage.SEVERAL_UNITS, ProcurementStage.NONE, False, (GateOccasion.SEVERAL_UNITS,)),
        (AdoptionStage.UNIT_PILOT, ProcurementStage.PUBLISHED, True, ()),
        (AdoptionStage.WIDE_USE, ProcurementStage.SIGNED, True, ()),
    ],
)
def test_what_asks_who_is_missing(
    adoption: AdoptionStage,
    procurement: ProcurementStage,
    personal_data: bool | None,
    asked: tuple[GateOccasion, ...],
) -> None:
    assert occasions(adoption, procurement, personal_data) == asked


def test_a_pilot_with_personal_data_asks_before_it_begins() -> None:
    before = AdoptionStage.CURIOUS, ProcurementStage.NONE
    assert occasions(*before, True) == ()
    assert occasions(*before, True, pilot=True) == (GateOccasion.PILOT,)
    assert occasions(*before, False, pilot=True) == ()
    assert PILOT_AHEAD.days == 12 * 7  # the impact assessment, which takes the longest


def test_whoever_is_at_work_on_a_step_is_in_and_nobody_by_one_that_is_not_needed() -> None:
    may, june = date(2027, 5, 3), date(2027, 6, 7)
    found = at_work(
        [
            Work(GateStep.INTEGRATION, Function.IT, GateState.ASKED, may),  # asked is not in
            Work(GateStep.ARCHIVE, Function.ARCHIVE, GateState.UNDER_WAY, june),
            Work(GateStep.UNION, Function.UNION, GateState.NOT_NEEDED, may),
            Work(GateStep.IMPACT_ASSESSMENT, Function.MANAGEMENT, GateState.DONE, june),
            Work(GateStep.PROCESSING_AGREEMENT, Function.MANAGEMENT, GateState.DONE, may),
        ]
    )
    assert found == {
        Function.ARCHIVE: june,
        Function.MANAGEMENT: may,
        Function.DATA_PROTECTION: may,  # the dataskyddsombud advises
    }
    assert by_agreement(PubStatus.SIGNED) == {Function.MANAGEMENT, Function.DATA_PROTECTION}
    assert not by_agreement(PubStatus.DRAFT)


def test_the_pub_avtal_stands_as_the_case_says_and_the_other_steps_as_their_own() -> None:
    for status in PubStatus:
        state = state_of(GateStep.PROCESSING_AGREEMENT, GateState.NOT_BEGUN, status)
        assert agreement_at(state) is status
    assert state_of(GateStep.ARCHIVE, GateState.ASKED, PubStatus.SIGNED) is GateState.ASKED


def test_the_missing_are_named_until_somebody_says_what_becomes_of_them() -> None:
    inside = {Function.ADMINISTRATION, Function.ECONOMY}
    found = missing([GateOccasion.REQUIREMENTS], inside, {})
    assert found == Missing(GateOccasion.REQUIREMENTS, (Function.IT, Function.DATA_PROTECTION))
    left = missing([GateOccasion.REQUIREMENTS], inside, {GateOccasion.REQUIREMENTS: {Function.IT}})
    assert left == Missing(GateOccasion.REQUIREMENTS, (Function.DATA_PROTECTION,))
    # What was answered before the procurement does not hold when requirement work begins.
    assert (
        missing([GateOccasion.REQUIREMENTS], inside, {GateOccasion.PROCUREMENT: {Function.IT}})
        == found
    )
    everybody = {*inside, Function.IT, Function.DATA_PROTECTION}
    assert missing([GateOccasion.REQUIREMENTS, GateOccasion.PILOT], everybody, {}) is None


def test_before_a_pilot_its_first_day_is_told() -> None:
    day = date(2027, 9, 6)
    found = missing([GateOccasion.PILOT], (), {}, pilot_on=day)
    assert found == Missing(GateOccasion.PILOT, (Function.IT, Function.DATA_PROTECTION), day)
    weightier = missing([GateOccasion.PROCUREMENT], (), {}, pilot_on=day)
    assert weightier is not None
    assert weightier.pilot_on is None


@pytest.mark.parametrize("setting", Setting)
def test_whom_the_gate_asks_for_has_a_row_on_the_map(setting: Setting) -> None:
    asked = {one for functions in NEEDED.values() for one in functions}
    for step in GateStep:
        facts = facts_of(step, setting)
        asked |= {one for one in (facts.owner, facts.adviser) if one is not None}
    assert asked <= set(template(setting))


def test_the_weightiest_occasion_speaks_first() -> None:
    both = [GateOccasion.REQUIREMENTS, GateOccasion.PILOT]
    found = missing(both, {Function.ADMINISTRATION, Function.ECONOMY, Function.IT}, {})
    assert found is not None
    assert found.occasion is GateOccasion.REQUIREMENTS


def test_steps_are_those_of_the_activity() -> None:
    assert "SS 12000" in facts_of(GateStep.INTEGRATION, Setting.SCHOOL).sv
    assert "SITHS" in facts_of(GateStep.INTEGRATION, Setting.REGION).sv
    assert "9 §" in facts_of(GateStep.ACCESSIBILITY, Setting.SCHOOL).law
    assert facts_of(GateStep.ARCHIVE, Setting.SCHOOL) is FACTS[GateStep.ARCHIVE]


def test_every_step_has_a_time_that_says_whether_it_is_assumed() -> None:
    assert set(FACTS) == set(GateStep)
    for step, facts in FACTS.items():
        assert 0 < facts.usual.least < facts.usual.most, step
    assert not FACTS[GateStep.PROCUREMENT].usual.assumed  # a page says so
    assert FACTS[GateStep.CLASSIFICATION].usual.assumed


def test_when_a_step_is_usually_done() -> None:
    usual = FACTS[GateStep.CLASSIFICATION].usual
    assert expected_between(date(2027, 3, 1), usual) == (date(2027, 3, 15), date(2027, 4, 12))
