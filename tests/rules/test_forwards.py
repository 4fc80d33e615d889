"""From today forward: the first signing and use as a range, one route and all side by side."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.floors import LegalTerms
from crm.rules.forwards import compared, forward
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Duration, Pace, Route, StageKey

TODAY = date(2027, 1, 11)
DAYS = st.dates(date(2026, 1, 1), date(2036, 12, 31))


def test_the_signing_is_the_day_the_contract_is_signed_and_not_when_it_may_be() -> None:
    found = forward(Route.OPEN, TODAY, NO_QUIET)
    laid = {one.stage: one.day for one in lay_out(Route.OPEN, TODAY, NO_QUIET)}
    assert found.signing.usual == laid[StageKey.ROLLOUT] > laid[StageKey.SIGNING]
    assert found.in_use.usual == laid[StageKey.IN_USE]


def test_the_least_time_of_an_open_procedure_is_thirty_days_and_the_standstill() -> None:
    """30 days to Wednesday 10 February; ten to Saturday the 20th, so to Monday; signing Tuesday."""
    found = forward(Route.OPEN, TODAY, NO_QUIET)
    assert found.floor_days == (date(2027, 2, 23) - TODAY).days
    urgent = forward(Route.OPEN, TODAY, NO_QUIET, terms=LegalTerms(urgent=True))
    assert urgent.floor_days < found.floor_days
    assert forward(Route.DIRECT_AWARD, TODAY, NO_QUIET).floor_days == 0


def test_what_has_happened_is_built_on() -> None:
    known = {StageKey.NEEDS: date(2026, 1, 12), StageKey.EVALUATION: TODAY}
    found = forward(Route.OPEN, TODAY, NO_QUIET, known=known)
    assert TODAY < found.signing.fast < forward(Route.OPEN, TODAY, NO_QUIET).signing.fast


def test_own_lengths_count_on_their_own_route_only() -> None:
    own = {Route.DIRECT_AWARD: {StageKey.NEEDS: Duration(400, 500, 600)}}
    slow = {one.route: one for one in compared(Route, TODAY, NO_QUIET, own=own)}
    usual = {one.route: one for one in compared(Route, TODAY, NO_QUIET)}
    assert slow[Route.DIRECT_AWARD].signing.fast > usual[Route.DIRECT_AWARD].signing.fast
    assert slow[Route.OPEN] == usual[Route.OPEN]


@given(DAYS)
def test_routes_stand_by_their_first_usual_signing(today: date) -> None:
    found = compared(Route, today, NO_QUIET)
    assert {one.route for one in found} == set(Route)
    assert [one.signing.usual for one in found] == sorted(one.signing.usual for one in found)
    for one in found:
        assert today < one.signing.fast <= one.signing.usual <= one.signing.slow
        assert one.signing.fast <= one.in_use.fast <= one.in_use.usual <= one.in_use.slow


def test_the_range_is_the_three_paces() -> None:
    found = forward(Route.SELECTIVE, TODAY, NO_QUIET)
    days = [
        {one.stage: one.day for one in lay_out(Route.SELECTIVE, TODAY, NO_QUIET, pace=pace)}
        for pace in Pace
    ]
    assert [one[StageKey.ROLLOUT] for one in days] == [
        found.signing.fast,
        found.signing.usual,
        found.signing.slow,
    ]


def test_a_notice_is_needed_where_anybody_may_answer() -> None:
    told = {one.route: one.needs_notice for one in compared(Route, TODAY, NO_QUIET)}
    assert told[Route.OPEN] and told[Route.BELOW_THRESHOLD] and told[Route.CHOICE_SYSTEM]
    assert not told[Route.DIRECT_AWARD] and not told[Route.RENEWED_COMPETITION]
