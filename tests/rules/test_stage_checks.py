"""Checks before a stage: they ask for a meaning, warn by default, and stop only by choice (D15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.routes import Route, StageKey
from crm.rules.stage_checks import (
    WHO_KNOWS,
    CheckLevel,
    Known,
    Missing,
    StageCheck,
    Step,
    missing,
    route_by_hand,
    step_by_hand,
    step_of,
)
from crm.rules.stages import CaseRole, ProcurementStage

knowns = st.builds(Known, *[st.booleans()] * len(StageCheck))
levels = st.dictionaries(st.sampled_from(StageCheck), st.sampled_from(CheckLevel))


def test_unless_chosen_otherwise_a_check_warns() -> None:
    found = missing(Step.PUBLISH, Route.OPEN, Known(), {})
    assert found == (
        Missing(StageCheck.TENDER_DEADLINE, False),
        Missing(StageCheck.QUESTION_DEADLINE, False),
    )
    assert {one.who for one in found} == {CaseRole.PROCUREMENT_OFFICER}


def test_it_stops_or_is_quiet_by_choice() -> None:
    chosen = {StageCheck.GO_DECISION: CheckLevel.BLOCK}
    assert missing(Step.SUBMIT, None, Known(), chosen) == (Missing(StageCheck.GO_DECISION, True),)
    chosen = {StageCheck.GO_DECISION: CheckLevel.OFF}
    assert missing(Step.SUBMIT, None, Known(), chosen) == ()


@pytest.mark.parametrize("route", [Route.DIRECT_AWARD, Route.CALL_OFF, Route.OPTION])
def test_where_the_law_needs_no_standstill_none_is_asked_for(route: Route) -> None:
    assert missing(Step.SIGN, route, Known(), {}) == ()
    assert missing(Step.SIGN, Route.OPEN, Known(), {})


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        (StageKey.MARKET, Step.PUBLISH),
        (StageKey.TENDER, Step.PUBLISH),
        (StageKey.APPLICATION, None),  # the invitation says the days of the tender
        (StageKey.SIGNING, Step.SIGN),
        (StageKey.NEEDS, None),
    ],
)
def test_which_milestone_is_which_step(stage: StageKey, step: Step | None) -> None:
    assert step_of(stage) is step


@pytest.mark.parametrize(
    ("before", "stage", "asked"),
    [
        (
            ProcurementStage.PREPARING,
            ProcurementStage.PUBLISHED,
            [StageCheck.TENDER_DEADLINE, StageCheck.QUESTION_DEADLINE],
        ),
        (ProcurementStage.EVALUATION, ProcurementStage.STANDSTILL, [StageCheck.AWARD_DAY]),
        (ProcurementStage.STANDSTILL, ProcurementStage.SIGNED, [StageCheck.STANDSTILL_END]),
        (ProcurementStage.DIRECT_AWARD, ProcurementStage.SIGNED, []),  # LOU 20 kap. 2 §
        (ProcurementStage.CALL_OFF, ProcurementStage.SIGNED, []),
        (ProcurementStage.NONE, ProcurementStage.SIGNED, []),  # a unit that just bought it
        (ProcurementStage.NONE, ProcurementStage.EARLY_DIALOGUE, []),
        (ProcurementStage.PUBLISHED, ProcurementStage.EVALUATION, []),
    ],
)
def test_a_stage_moved_by_hand_asks_for_what_it_means(
    before: ProcurementStage, stage: ProcurementStage, asked: list[StageCheck]
) -> None:
    step = step_by_hand(stage)
    found = missing(step, route_by_hand(before), Known(), {}) if step else ()
    assert [one.check for one in found] == asked


@given(st.sampled_from(Step), st.none() | st.sampled_from(Route), knowns, levels)
def test_what_is_known_is_never_missing(
    step: Step, route: Route | None, known: Known, chosen: dict[StageCheck, CheckLevel]
) -> None:
    for one in missing(step, route, known, chosen):
        assert not getattr(known, one.check.value)
        assert chosen.get(one.check) is not CheckLevel.OFF
        assert one.blocks is (chosen.get(one.check) is CheckLevel.BLOCK)
    assert missing(step, route, Known(*[True] * len(StageCheck)), chosen) == ()


def test_every_check_says_who_knows() -> None:
    assert WHO_KNOWS.keys() == set(StageCheck)
