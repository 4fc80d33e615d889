"""A route laid out as milestones: the law's floors, quiet periods, what has happened."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind
from crm.rules.calendar import is_working_day
from crm.rules.floors import floor
from crm.rules.milestones import check_order, lay_back, lay_out, stage_now
from crm.rules.quiet import NO_QUIET, Audience, OpenDays, quiet_periods
from crm.rules.routes import (
    NOTICE_STAGES,
    STAGES,
    Duration,
    Pace,
    Route,
    StageKey,
    milestone_name,
    stages_of,
)
from crm.rules.stages import ProcurementStage

QUIET = OpenDays(
    quiet_periods(
        BodyKind.MUNICIPALITY, Audience.GENERAL, "08", date(2024, 1, 1), date(2042, 12, 31)
    )
)
ROUTES = st.sampled_from(list(Route))
PACES = st.sampled_from(list(Pace))
DAYS = st.dates(date(2026, 1, 1), date(2036, 12, 31))


def test_an_open_procedure_from_its_first_day() -> None:
    found = {one.stage: one.day for one in lay_out(Route.OPEN, date(2027, 1, 11), NO_QUIET)}
    assert found[StageKey.NEEDS] == date(2027, 1, 11)
    assert found[StageKey.DIALOGUE] == date(2027, 4, 5)  # 84 days later
    assert found[StageKey.IN_USE] > found[StageKey.ROLLOUT] > found[StageKey.SIGNING]


def test_tenders_are_due_thirty_days_after_the_notice_at_the_earliest() -> None:
    """LOU 11 kap. 2 and 6 §§: the day of sending is not counted, a Sunday rolls on (1182/71)."""
    sent = date(2027, 3, 5)  # a Friday; thirty days later is Sunday 4 April 2027
    assert floor(Route.OPEN, StageKey.MARKET, sent).day == date(2027, 4, 5)


@pytest.mark.parametrize(
    ("sent", "earliest"),
    [
        # Upphandlingsmyndigheten's own examples (FP-SPARR), and the eve of lagen (1930:173).
        (date(2019, 4, 1), date(2019, 4, 12)),
        (date(2019, 4, 18), date(2019, 4, 30)),
        (date(2026, 12, 14), date(2026, 12, 29)),
    ],
)
def test_a_contract_may_be_signed_the_day_after_the_standstill(sent: date, earliest: date) -> None:
    assert floor(Route.OPEN, StageKey.STANDSTILL, sent).day == earliest


def test_what_has_happened_stands_on_its_day() -> None:
    known = {StageKey.NEEDS: date(2026, 9, 1), StageKey.DIALOGUE: date(2026, 12, 1)}
    found = lay_out(Route.OPEN, date(2026, 9, 1), NO_QUIET, known=known)
    assert found[1].day == date(2026, 12, 1)
    assert found[2].day == date(2026, 12, 1) + timedelta(days=42)


def test_a_notice_waits_for_the_summer_to_end() -> None:
    known = {StageKey.DECISION: date(2027, 6, 28)}
    found = lay_out(Route.OPEN, date(2027, 1, 11), QUIET, known=known)
    notice = next(one for one in found if one.stage is StageKey.MARKET)
    assert notice.day > date(2027, 8, 1)
    assert "quiet_sommar" in {one.key for one in notice.moved}


def test_own_lengths_never_go_below_the_law() -> None:
    own = {StageKey.MARKET: Duration(5, 10, 20)}
    found = {one.stage: one for one in lay_out(Route.OPEN, date(2027, 1, 11), NO_QUIET, own=own)}
    assert found[StageKey.EVALUATION].day >= found[StageKey.MARKET].day + timedelta(days=30)
    assert not found[StageKey.EVALUATION].is_unlawful


@given(DAYS, ROUTES, PACES)
def test_forwards_nothing_comes_before_the_law_or_out_of_order(
    day: date, route: Route, pace: Pace
) -> None:
    found = lay_out(route, day, QUIET, pace=pace)
    assert [one.stage for one in found] == [*dict(STAGES[route]), StageKey.IN_USE]
    assert check_order([(one.stage, one.day) for one in found]) is None
    assert not any(one.is_unlawful for one in found)
    assert all(is_working_day(one.day) for one in found if one.stage in NOTICE_STAGES)


@given(DAYS, ROUTES, PACES)
def test_backwards_it_ends_on_the_day_and_nothing_comes_before_the_law(
    day: date, route: Route, pace: Pace
) -> None:
    found = lay_back(route, day, QUIET, pace=pace)
    assert found[-1].day == day
    assert check_order([(one.stage, one.day) for one in found]) is None
    assert not any(one.is_unlawful for one in found)


@given(DAYS, ROUTES, st.integers(0, 200))
def test_a_later_beginning_never_ends_earlier(day: date, route: Route, later: int) -> None:
    first = lay_out(route, day, QUIET)
    second = lay_out(route, day + timedelta(days=later), QUIET)
    assert all(a.day <= b.day for a, b in zip(first, second, strict=True))


@given(DAYS, st.integers(0, 60))
def test_the_earliest_end_is_a_working_day_and_grows_with_the_beginning(
    day: date, later: int
) -> None:
    first = floor(Route.OPEN, StageKey.MARKET, day).day
    second = floor(Route.OPEN, StageKey.MARKET, day + timedelta(days=later)).day
    assert first is not None and second is not None
    assert is_working_day(first) and first <= second
    assert first >= day + timedelta(days=30)


@given(ROUTES)
def test_the_estimates_are_in_order(route: Route) -> None:
    for _stage, length in STAGES[route]:
        assert 0 <= length.short <= length.usual <= length.long


def test_the_track_follows_what_has_happened() -> None:
    assert stage_now(Route.OPEN, []) is ProcurementStage.UNDECIDED
    assert stage_now(Route.OPEN, [StageKey.NEEDS]) is ProcurementStage.UNDECIDED
    assert stage_now(Route.OPEN, [StageKey.SPECIFICATION]) is ProcurementStage.PREPARING
    assert stage_now(Route.OPEN, [StageKey.MARKET]) is ProcurementStage.PUBLISHED
    assert stage_now(Route.OPEN, [StageKey.SIGNING]) is ProcurementStage.STANDSTILL
    assert stage_now(Route.OPEN, [StageKey.ROLLOUT]) is ProcurementStage.SIGNED
    assert stage_now(Route.DIRECT_AWARD, [StageKey.MARKET]) is ProcurementStage.DIRECT_AWARD
    assert stage_now(Route.CALL_OFF, []) is ProcurementStage.CALL_OFF


@given(ROUTES)
def test_every_route_can_be_told_in_both_languages(route: Route) -> None:
    for stage, _duration in (*stages_of(route), (StageKey.IN_USE, None)):
        assert all(milestone_name(route, stage))
