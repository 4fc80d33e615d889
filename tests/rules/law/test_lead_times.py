"""The usual lead times, and that the plan backwards lays out by the same ones."""

from datetime import date

import pytest

from crm.rules.backward_plan import STAGES, Route
from crm.rules.law.explained import Confidence
from crm.rules.law.lead_times import LeadStage, lead_time, lead_times
from crm.rules.law.terms import Law, Procedure
from crm.rules.law.values import ValueKey, shipped_values

ROUTES = {
    Route.OPEN: Procedure.OPEN,
    Route.TWO_STAGE: Procedure.SELECTIVE,
    Route.BELOW_THRESHOLD: Procedure.NATIONAL,
    Route.CALL_OFF: Procedure.FKU,
    Route.DIRECT_AWARD: Procedure.DIRECT_AWARD,
}
NOT_LAID_OUT = {LeadStage.REVIEW, LeadStage.REVIEW_APPEAL, LeadStage.ROLLOUT_CORE}


@pytest.mark.parametrize("route", list(Route))
def test_the_plan_backwards_lays_out_by_the_same_figures(route: Route) -> None:
    found = {
        stage.value: (row.short, row.usual, row.long, row.floor)
        for stage in LeadStage
        if stage not in NOT_LAID_OUT and (row := lead_time(stage, ROUTES[route]))
    }
    assert found == {
        stage.value: (one.short, one.usual, one.long, one.floor) for stage, one in STAGES[route]
    }


@pytest.mark.parametrize("procedure", list(Procedure))
def test_every_procedure_has_a_time_on_the_market_and_a_signing(procedure: Procedure) -> None:
    for stage in (LeadStage.MARKET, LeadStage.SIGNING, LeadStage.ROLLOUT):
        assert lead_time(stage, procedure) is not None


def test_no_estimate_is_below_its_floor_and_they_are_in_order() -> None:
    for row in lead_times():
        assert row.floor <= row.short <= row.usual <= row.long
        assert row.confidence is Confidence.UNCONFIRMED and row.source


def test_the_floors_are_what_the_act_says() -> None:
    values = shipped_values()
    on = date(2026, 11, 23)

    def days(*keys: ValueKey) -> int:
        return sum(values.find(key, Law.LOU, on).value for key in keys)

    market = {row.route: row.floor for row in lead_times() if row.stage is LeadStage.MARKET}
    assert market["open"] == days(ValueKey.OPEN_ELECTRONIC)
    assert market["two_stage"] == days(ValueKey.APPLICATION, ValueKey.INVITED_ELECTRONIC)
    standstill = lead_time(LeadStage.STANDSTILL, Procedure.OPEN)
    assert standstill is not None
    assert standstill.floor == days(ValueKey.STANDSTILL_ELECTRONIC)
