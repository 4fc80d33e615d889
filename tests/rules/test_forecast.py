"""Forecasts: the defaults alone, history that takes over, the law's floors, told days, reviews."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind
from crm.rules.calendar import is_working_day, next_working_day
from crm.rules.floors import LegalTerms, floor
from crm.rules.forecast import (
    REVIEW_SHARES,
    Floors,
    Forecast,
    Likely,
    Standing,
    Tables,
    forecast,
    learned,
    prior,
    table_of,
)
from crm.rules.law.terms import Channel
from crm.rules.law.values import ValueKey, shipped_values
from crm.rules.milestones import lay_out
from crm.rules.precision import Precision, in_month
from crm.rules.quiet import NO_QUIET, Audience, open_days
from crm.rules.routes import STAGES, Duration, Pace, Route, StageKey
from crm.rules.survival import Span, curve

TODAY = date(2026, 11, 30)
QUIET = open_days(
    BodyKind.MUNICIPALITY, Audience.GENERAL, "08", date(2026, 1, 1), date(2045, 12, 31)
)
DEFAULTS = Tables()
WITH_STANDSTILL = [route for route in Route if StageKey.STANDSTILL in dict(STAGES[route])]


def begun(route: Route, stage: StageKey | None = None, on: date = TODAY) -> Standing:
    return Standing(route, stage or STAGES[route][0][0], on, {})


def played(standing: Standing, tables: Tables = DEFAULTS, seed: int = 1) -> Forecast:
    found = forecast(standing, tables, QUIET, today=TODAY, seed=seed)
    assert found is not None
    return found


def signed(standing: Standing, tables: Tables = DEFAULTS, seed: int = 1) -> Likely:
    found = played(standing, tables, seed).signed
    assert found is not None
    return found


def test_the_prior_is_the_three_lengths() -> None:
    found = curve((), prior(Duration(14, 42, 84)))
    assert (found.observed, found.ended) == (0, 0)  # it is no observation
    assert found.quantile(0.1) == pytest.approx(10.5)  # 5 %: a little before the short one
    assert found.quantile(0.5) == pytest.approx(38.5)
    assert found.quantile(0.6) == pytest.approx(47.25)
    assert found.quantile(1.0) == pytest.approx(89.25)


@given(
    st.lists(st.integers(0, 400), min_size=3, max_size=3).map(sorted),
    st.lists(st.builds(Span, st.integers(0, 400), st.booleans()), max_size=30),
)
def test_a_table_begins_with_the_shortest(lengths: list[int], spans: list[Span]) -> None:
    found = table_of(Duration(*lengths), spans)
    assert found.days[0] >= 0
    assert list(found.days) == sorted(found.days)


def test_the_defaults_fade_as_history_grows() -> None:
    """Bodies of ours evaluate in 100 days, always: the usual 42 gives way to it."""
    length = Duration(14, 42, 84)
    middles = [sum(table_of(length, [Span(100)] * n).days) / 200 for n in (0, 5, 20, 100)]
    assert middles[0] == pytest.approx(45, abs=3)
    assert all(before < after for before, after in pairwise(middles))
    assert middles[1] == pytest.approx((middles[0] + 100) / 2, abs=1)  # five weigh as the prior
    assert middles[3] == pytest.approx(100, abs=3)


@pytest.mark.parametrize("route", list(Route))
def test_the_range_lies_around_the_usual_plan(route: Route) -> None:
    quick = lay_out(route, TODAY, QUIET, pace=Pace.SHORT)[-1].day
    slow = lay_out(route, TODAY, QUIET, pace=Pace.LONG)[-1].day
    found = played(begun(route)).in_use
    assert quick < found.early < found.middle < found.late < slow


def test_the_same_seed_says_the_same() -> None:
    assert played(begun(Route.OPEN), seed=7) == played(begun(Route.OPEN), Tables(), seed=7)
    assert played(begun(Route.OPEN), seed=7) != played(begun(Route.OPEN), seed=8)


def test_another_seed_says_nearly_the_same() -> None:
    middles = [signed(begun(Route.OPEN), seed=seed).middle.toordinal() for seed in range(40)]
    assert max(middles) - min(middles) < 45  # the range itself is nine months wide


@given(
    st.sampled_from(list(Route)),
    st.dates(date(2026, 12, 1), date(2030, 1, 1)),
    st.integers(0, 2**40),
)
def test_never_before_the_laws_floors(route: Route, on: date, seed: int) -> None:
    """Every stage at its floor, one after the other, is the earliest that there can be."""
    earliest = on
    for stage, _length in STAGES[route]:
        earliest = floor(route, stage, earliest).day or earliest
    found = forecast(begun(route, on=on), DEFAULTS, NO_QUIET, today=TODAY, seed=seed)
    assert found is not None and found.signed is not None
    assert found.in_use.early >= earliest
    assert on < found.signed.early <= found.signed.middle <= found.signed.late
    assert found.signed.early <= found.in_use.early
    assert is_working_day(found.signed.early) and is_working_day(found.in_use.late)


def test_the_floors_are_those_of_its_own_terms() -> None:
    """A short time for tenders, decided by post: the law's own days, by its own terms."""
    quick = Tables(own={Route.OPEN: {StageKey.MARKET: Duration(1, 1, 1)}})
    standing = begun(Route.OPEN, StageKey.MARKET)

    def said(terms: LegalTerms) -> Likely:
        found = forecast(standing, quick, QUIET, today=TODAY, seed=1, floors=Floors(terms))
        assert found is not None and found.signed is not None
        return found.signed

    usual = said(LegalTerms())
    assert said(LegalTerms(urgent=True)).early < usual.early
    assert said(LegalTerms(channel=Channel.OTHER)).early > usual.early
    assert usual == played(standing, quick).signed


def test_the_further_it_has_come_the_surer_it_is() -> None:
    stages = [stage for stage, _length in STAGES[Route.OPEN]]
    widths = []
    for stage in stages[: stages.index(StageKey.SIGNING) + 1]:
        found = signed(begun(Route.OPEN, stage))
        widths.append((found.late - found.early).days)
    for earlier in (StageKey.NEEDS, StageKey.MARKET, StageKey.AWARD):
        assert widths[stages.index(earlier)] > widths[-1]


def test_a_stage_that_goes_on_is_not_over_yet() -> None:
    """A hundred days into an evaluation of at most 89: as one that begins today."""
    late = begun(Route.OPEN, StageKey.EVALUATION, TODAY - timedelta(days=100))
    assert signed(late) == signed(begun(Route.OPEN, StageKey.EVALUATION))
    some = begun(Route.OPEN, StageKey.EVALUATION, TODAY - timedelta(days=40))
    assert TODAY < signed(some).middle < signed(late).middle


def test_a_day_that_they_told_holds() -> None:
    due = date(2027, 3, 15)
    standing = Standing(Route.OPEN, StageKey.NEEDS, TODAY, {StageKey.EVALUATION: due})
    told, as_begun = signed(standing), signed(begun(Route.OPEN, StageKey.EVALUATION, due))
    assert told.early > due
    for one, other in ((told.early, as_begun.early), (told.late, as_begun.late)):
        assert abs((one - other).days) < 14  # the draws are others, the curve is the same
    past = Standing(Route.OPEN, StageKey.NEEDS, TODAY, {StageKey.EVALUATION: date(2026, 3, 1)})
    assert signed(past) == signed(begun(Route.OPEN))


def test_no_notice_in_a_quiet_period() -> None:
    """A decision that is over by midsummer: the notice waits for August, and so does the rest."""
    told = {StageKey.DECISION: date(2027, 6, 28)}
    standing = Standing(Route.OPEN, StageKey.NEEDS, TODAY, told)
    at_once = forecast(standing, DEFAULTS, NO_QUIET, today=TODAY, seed=1)
    assert at_once is not None and at_once.signed is not None
    assert signed(standing).early > at_once.signed.early


@pytest.mark.parametrize("route", WITH_STANDSTILL)
def test_every_route_with_a_standstill_can_be_reviewed(route: Route) -> None:
    assert 0.03 < REVIEW_SHARES[route] < 0.1


def test_one_in_thirteen_is_reviewed() -> None:
    """7.8 % above the thresholds: too few for the 80 % range to tell, and the tail has them."""
    from crm.rules import forecast as rules

    first = (TODAY + timedelta(days=11)).toordinal()
    orders = rules._orders()[:2]
    days = rules._standstill(Route.OPEN, [first] * 200, [first] * 200, orders, Floors())
    later = [day for day in days if day > first]
    assert len(later) == 16  # 15.6 of 200
    assert min(later) >= first + 30 - 8 + 10  # the shortest review, and ten days
    assert set(days) - set(later) == {first}
    assert rules._standstill(
        Route.DIRECT_AWARD, [first] * 200, [first] * 200, orders, Floors()
    ) == ([first] * 200)


def test_a_review_that_goes_on_takes_its_time() -> None:
    sent = TODAY - timedelta(days=12)
    without = begun(Route.OPEN, StageKey.STANDSTILL, sent)
    under = Standing(Route.OPEN, StageKey.STANDSTILL, sent, {}, TODAY - timedelta(days=3))
    assert signed(without).late < TODAY + timedelta(days=40)  # nobody asked for one in time
    assert signed(under).early > TODAY + timedelta(days=25)
    assert signed(under).late > TODAY + timedelta(days=120)


@pytest.mark.parametrize("days_ago", [0, 4, 30])
def test_after_a_ruling_only_the_ten_days_are_left(days_ago: int) -> None:
    """LOU 20 kap. 10 §: counted from when it was sent, and over if they have passed."""
    sent, ruled = TODAY - timedelta(days=90), TODAY - timedelta(days=days_ago)
    since = TODAY - timedelta(days=80)
    under = Standing(Route.OPEN, StageKey.STANDSTILL, sent, {}, since)
    over = Standing(Route.OPEN, StageKey.STANDSTILL, sent, {}, since, ruled)
    lawful = next_working_day(ruled + timedelta(days=10)) + timedelta(days=1)
    assert signed(over).early > max(lawful, TODAY)
    assert signed(over).late < max(lawful, TODAY) + timedelta(days=60) < signed(under).late
    signing = Standing(Route.OPEN, StageKey.SIGNING, sent, {}, since, ruled)
    assert signed(signing).early >= lawful


def test_a_standstill_with_a_review_in_it_says_nothing_of_standstills() -> None:
    spans = [Span(12), Span(46), Span(47), Span(90, ended=False)]
    assert learned(StageKey.STANDSTILL, spans) == spans[:2]
    assert learned(StageKey.EVALUATION, spans) == spans


def test_what_is_signed_has_no_signing_ahead() -> None:
    found = played(begun(Route.OPEN, StageKey.ROLLOUT))
    assert found.signed is None
    assert found.in_use.early > TODAY


def test_nothing_is_left_of_what_is_in_use() -> None:
    standing = begun(Route.OPEN, StageKey.IN_USE)
    assert forecast(standing, DEFAULTS, QUIET, today=TODAY, seed=1) is None


def test_history_of_ones_own_moves_the_range() -> None:
    slow = Tables(lambda _route, stage: [Span(200)] * 30 if stage is StageKey.EVALUATION else ())
    assert signed(begun(Route.OPEN), slow).middle > signed(begun(Route.OPEN)).middle + timedelta(
        days=90
    )
    typed = Tables(own={Route.OPEN: {StageKey.NEEDS: Duration(300, 300, 300)}})
    assert signed(begun(Route.OPEN), typed).early > TODAY + timedelta(days=400)


@pytest.mark.parametrize(
    ("days", "precision"),
    [
        (0, Precision.DAY),
        (4, Precision.DAY),
        (30, Precision.WEEK),
        (200, Precision.MONTH),
        (500, Precision.QUARTER),
        (900, Precision.HALF_YEAR),
    ],
)
def test_a_wide_range_is_told_in_wide_words(days: int, precision: Precision) -> None:
    early = date(2027, 3, 15)
    likely = Likely(early, early, early + timedelta(days=days))
    first, last = likely.words
    assert first.precision is last.precision is precision
    assert first.first_day <= early and likely.late <= last.last_day


def test_words_are_months() -> None:
    likely = Likely(date(2027, 3, 15), date(2027, 5, 1), date(2027, 9, 2))
    assert likely.words == (in_month(2027, 3), in_month(2027, 9))
    assert likely.holds(date(2027, 3, 15)) and likely.holds(date(2027, 9, 2))
    assert not likely.holds(date(2027, 9, 3))


def test_the_days_after_a_ruling_are_those_of_the_act_and_of_the_figures_that_hold() -> None:
    """LOU 20 kap. 10 §: ten days after 15 December are Christmas, so the 28th; then the day after."""
    ruled = date(2026, 12, 15)
    assert date.fromordinal(Floors().after_ruling(ruled.toordinal())) == date(2026, 12, 29)
    row = next(one for one in shipped_values().rows if one.key is ValueKey.AFTER_RULING)
    longer = shipped_values().corrected([replace(row, value=20)])
    found = Floors(LegalTerms(longer)).after_ruling(ruled.toordinal())
    assert date.fromordinal(found) == date(2027, 1, 5)
