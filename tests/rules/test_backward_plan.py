"""From a wanted start back to the first day of work, by route, law, budget and quiet periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.backward_plan import backward_plan, next_term, realistic
from crm.rules.budget_cycle import BodyKind, DecisionPractice, Practice
from crm.rules.calendar import is_working_day
from crm.rules.contracts import Extension, notices_ahead, terms
from crm.rules.forwards import forward
from crm.rules.quiet import NO_QUIET, Audience, OpenDays, quiet_periods
from crm.rules.routes import STAGES, Duration, Pace, Route, StageKey

TODAY = date(2026, 11, 23)
JUNE = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE)
UNKNOWN = Practice(BodyKind.MUNICIPALITY, DecisionPractice.UNKNOWN)
QUIET = OpenDays(
    quiet_periods(
        BodyKind.MUNICIPALITY, Audience.GENERAL, "08", date(2024, 1, 1), date(2042, 12, 31)
    )
)
ROUTES = st.sampled_from(list(Route))
PACES = st.sampled_from(list(Pace))
DAYS = st.dates(date(2027, 1, 1), date(2036, 12, 31))


def test_a_framework_that_ends_in_fourteen_months_is_laid_out_backwards() -> None:
    """Journey 13: the last day is 31 January 2028, the new one is in use the day after."""
    plan = backward_plan(date(2028, 2, 1), Route.OPEN, JUNE, QUIET, today=TODAY)
    starts = {step.stage: step.start for step in plan.steps}
    assert starts == {
        StageKey.NEEDS: date(2026, 11, 6),
        StageKey.DIALOGUE: date(2027, 1, 29),
        StageKey.SPECIFICATION: date(2027, 3, 12),
        StageKey.DECISION: date(2027, 6, 4),
        StageKey.MARKET: date(2027, 6, 18),  # 40 days before the evaluation it would be July
        StageKey.EVALUATION: date(2027, 9, 9),
        StageKey.AWARD: date(2027, 10, 21),
        StageKey.STANDSTILL: date(2027, 10, 28),
        StageKey.SIGNING: date(2027, 11, 9),
        StageKey.ROLLOUT: date(2027, 11, 23),
    }


def test_a_notice_is_not_sent_in_the_summer() -> None:
    plan = backward_plan(date(2028, 1, 1), Route.OPEN, JUNE, QUIET, today=TODAY)
    market = plan.step(StageKey.MARKET)
    assert market is not None
    assert market.start == date(2027, 6, 18)
    assert "quiet_sommar" in {period.key for period in market.moved}


@pytest.mark.parametrize(
    ("route", "floor", "law"),
    [
        (Route.OPEN, 30, "LOU 11 kap. 6 §"),
        (Route.SELECTIVE, 30, "LOU 11 kap. 3 §"),
        (Route.BELOW_THRESHOLD, 0, "LOU 19 kap. 11 §"),
        (Route.RENEWED_COMPETITION, 0, "LOU 7 kap. 9 §"),
        (Route.DIRECT_AWARD, 0, "LOU 19 a kap."),
    ],
)
def test_the_law_is_a_floor(route: Route, floor: int, law: str) -> None:
    plan = backward_plan(date(2030, 1, 1), route, JUNE, QUIET, today=TODAY, pace=Pace.SHORT)
    market = plan.step(StageKey.MARKET)
    assert market is not None
    assert (market.floor_days, market.law) == (floor, law)
    assert (market.end - market.start).days + 1 >= floor


@pytest.mark.parametrize(
    ("route", "has_standstill"),
    [
        (Route.OPEN, True),
        (Route.SELECTIVE, True),
        (Route.BELOW_THRESHOLD, True),
        (Route.RENEWED_COMPETITION, False),  # LOU 20 kap. 2 § 2
        (Route.DIRECT_AWARD, False),  # LOU 19 a kap. 10 §
    ],
)
def test_only_an_advertised_procurement_has_a_standstill(
    route: Route, has_standstill: bool
) -> None:
    plan = backward_plan(date(2030, 1, 1), route, JUNE, QUIET, today=TODAY)
    assert (plan.step(StageKey.STANDSTILL) is not None) is has_standstill


def test_late_is_told_in_months_and_the_next_cycle_is_proposed() -> None:
    plan = backward_plan(date(2027, 6, 1), Route.OPEN, JUNE, QUIET, today=TODAY)
    assert plan.missing_months == 8
    later = realistic(Route.OPEN, JUNE, QUIET, today=TODAY)
    assert later.in_use_on > plan.in_use_on
    assert not later.is_late
    assert later.budget is not None and later.budget.end >= TODAY
    ahead = forward(Route.OPEN, TODAY, QUIET)
    assert ahead.in_use.fast < later.in_use_on < ahead.in_use.slow


def test_a_budget_that_is_handed_in_already_is_said() -> None:
    """There is time for a direct award in 2027, and none left to get into that year's budget."""
    plan = backward_plan(date(2027, 8, 1), Route.DIRECT_AWARD, JUNE, QUIET, today=TODAY)
    assert plan.missing_days == 0
    assert plan.budget_year == 2027
    assert plan.budget_is_missed and plan.is_late
    assert realistic(Route.DIRECT_AWARD, JUNE, QUIET, today=TODAY).budget_year == 2028


def test_the_budget_is_that_of_the_first_use_not_of_the_signing() -> None:
    """Signed in the autumn of 2027 and used from March 2028: the cost is one of 2028."""
    plan = backward_plan(date(2028, 3, 1), Route.DIRECT_AWARD, JUNE, QUIET, today=TODAY)
    assert plan.signed_on.year == 2027
    assert plan.budget_year == 2028
    assert plan.budget is not None and plan.budget.budget_year == 2028
    assert not plan.budget_is_missed and not plan.is_late


def test_development_is_paid_from_the_day_it_begins() -> None:
    plan = backward_plan(date(2031, 6, 1), Route.INNOVATION_PARTNERSHIP, JUNE, QUIET, today=TODAY)
    developed = plan.step(StageKey.DEVELOPMENT)
    assert developed is not None
    assert plan.budget_year == developed.start.year < 2031


def test_an_unknown_timetable_promises_no_budget() -> None:
    plan = backward_plan(date(2029, 1, 1), Route.OPEN, UNKNOWN, QUIET, today=TODAY)
    assert plan.budget is None
    assert not plan.is_late


def test_a_plan_from_a_notice_day_is_signed_by_it() -> None:
    """The same use, and the signing moved from November to the last day for notice."""
    notice = date(2027, 7, 30)
    plan = backward_plan(date(2028, 2, 1), Route.OPEN, JUNE, QUIET, today=TODAY, signed_by=notice)
    rollout = plan.step(StageKey.ROLLOUT)
    assert rollout is not None
    assert (rollout.start, rollout.end) == (notice, date(2028, 1, 31))
    assert plan.signed_on == date(2027, 7, 29)
    assert plan.missing_months == 4


def test_an_option_is_taken_up_by_its_notice_day() -> None:
    notice = date(2029, 9, 28)
    plan = backward_plan(date(2030, 4, 1), Route.OPTION, JUNE, QUIET, today=TODAY, signed_by=notice)
    assert plan.signed_on <= notice


def test_late_for_one_notice_day_the_next_one_is_proposed() -> None:
    options = [Extension(12), Extension(12)]
    found = terms(date(2025, 8, 1), date(2027, 7, 31), options, 6)
    ahead = notices_ahead(found, options, TODAY)
    assert [day for _term, day in ahead] == [date(2027, 1, 29), date(2028, 1, 31)]
    later = next_term(ahead, Route.OPEN, UNKNOWN, QUIET, today=TODAY)
    assert later is not None and later[1] == date(2028, 1, 31)
    assert later[0].ends_on == date(2028, 7, 31)
    assert next_term(ahead[:1], Route.OPEN, UNKNOWN, QUIET, today=TODAY) is None


@given(DAYS, ROUTES, st.integers(1, 700))
def test_a_signing_by_a_day_never_comes_later_nor_begins_later(
    day: date, route: Route, before: int
) -> None:
    notice = day - timedelta(days=before)
    plan = backward_plan(day, route, JUNE, QUIET, today=TODAY, signed_by=notice)
    free = backward_plan(day, route, JUNE, QUIET, today=TODAY)
    assert plan.signed_on <= min(notice, free.signed_on)
    assert plan.steps[0].start <= free.steps[0].start
    assert plan.steps[-1].end == day - timedelta(days=1)


@given(DAYS, ROUTES, PACES)
def test_the_stages_lie_end_to_end_and_end_in_time(day: date, route: Route, pace: Pace) -> None:
    plan = backward_plan(day, route, JUNE, QUIET, today=TODAY, pace=pace)
    assert plan.steps[-1].end == day - timedelta(days=1)
    for before, after in zip(plan.steps, plan.steps[1:], strict=False):
        assert before.end + timedelta(days=1) == after.start
    durations = dict(STAGES[route])
    for step in plan.steps:
        assert (step.end - step.start).days + 1 >= durations[step.stage].days(pace)
    market = plan.step(StageKey.MARKET)
    assert market is None or is_working_day(market.start)


@given(DAYS, ROUTES)
def test_a_longer_pace_never_begins_later_and_a_later_wish_never_earlier(
    day: date, route: Route
) -> None:
    begun = [
        backward_plan(day, route, JUNE, QUIET, today=TODAY, pace=pace).steps[0].start
        for pace in (Pace.SHORT, Pace.USUAL, Pace.LONG)
    ]
    assert begun == sorted(begun, reverse=True)
    later = backward_plan(day + timedelta(days=1), route, JUNE, QUIET, today=TODAY)
    assert later.steps[0].start >= begun[1]


@given(st.dates(date(2026, 1, 1), date(2034, 12, 31)), ROUTES, PACES)
def test_what_is_realistic_can_be_done(today: date, route: Route, pace: Pace) -> None:
    for practice in (JUNE, UNKNOWN):
        found = realistic(route, practice, QUIET, today=today, pace=pace)
        assert not found.is_late
        assert found.steps[0].start >= today


def test_a_route_whose_every_length_is_nothing_takes_no_time() -> None:
    own = {stage: Duration(0, 0, 0) for stage, _length in STAGES[Route.OPTION]}
    day = date(2027, 3, 1)
    found = backward_plan(day, Route.OPTION, UNKNOWN, NO_QUIET, today=TODAY, own=own)
    assert (found.steps, found.missing_days, found.begins_on) == ((), 0, day)
