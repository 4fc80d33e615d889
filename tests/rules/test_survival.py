"""Kaplan–Meier: worked examples that can be looked up, and what must hold of every sample."""

from datetime import date, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.survival import Lasted, Span, curve, draws

SPANS = st.lists(st.builds(Span, st.integers(0, 400), st.booleans()), min_size=1, max_size=40)
ENDED = st.lists(st.integers(0, 400), min_size=1, max_size=40)

# Remissions of leukaemia in weeks: 6-mercaptopurine, and placebo. E. J. Freireich et al., Blood 21
# (1963), as worked through by E. A. Gehan, Biometrika 52 (1965), and in every textbook since.
TREATED = [
    *(Span(days) for days in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
    *(Span(days, ended=False) for days in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (5, 1),
        (6, 0.857),
        (7, 0.807),
        (10, 0.753),
        (13, 0.690),
        (16, 0.627),
        (22, 0.538),
        (23, 0.448),
    ],
)
def test_the_treated_remissions(days: int, left: float) -> None:
    assert curve(TREATED).still_going(days) == pytest.approx(left, abs=0.0005)


def test_the_medians_of_the_remissions() -> None:
    treated = curve(TREATED)
    assert treated.median == 23
    assert treated.quartiles == (13, None)  # the curve ends at 0.448: three quarters never came
    assert (treated.observed, treated.ended) == (21, 9)
    assert curve(map(Span, PLACEBO)).median == 8
    assert curve(map(Span, PLACEBO)).quartiles == (4, 12)


def test_by_hand() -> None:
    """Five: over after 2 and 4 and 8, going on after 4 and 6.

    After 2: 4/5. At 4 four are left, and the one that goes on outlasts the one that is over: 3/4,
    so 3/5. At 8 one is left: nothing.
    """
    found = curve([Span(2), Span(4), Span(4, ended=False), Span(6, ended=False), Span(8)])
    assert found.days == (2, 4, 8)
    assert found.left == pytest.approx((0.8, 0.6, 0))
    assert (found.median, found.quartiles) == (8, (4, 8))


def test_nothing_says_nothing() -> None:
    found = curve([])
    assert (found.median, found.observed, found.ended, found.is_enough) == (None, 0, 0, False)
    going_on = curve([Span(30, ended=False)] * 9)
    assert (going_on.median, going_on.observed, going_on.is_enough) == (None, 9, False)


def test_five_that_are_over_are_enough() -> None:
    assert not curve([Span(1)] * 4 + [Span(2, ended=False)] * 9).is_enough
    assert curve([Span(1)] * 5).is_enough


@given(SPANS)
def test_the_curve_falls_from_one_towards_nothing(spans: list[Span]) -> None:
    found = curve(spans)
    assert list(found.days) == sorted(set(found.days))
    assert all(0 <= after <= before for before, after in pairwise((1.0, *found.left)))
    if max(spans, key=lambda one: (one.days, not one.ended)).ended:
        assert found.left[-1] == 0


@given(SPANS, st.randoms())
def test_the_order_does_not_matter(spans: list[Span], chance: object) -> None:
    mixed = list(spans)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert curve(mixed) == curve(spans)


@given(ENDED, st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9, 1.0]))
def test_when_all_are_over_it_is_the_empirical_quantile(days: list[int], share: float) -> None:
    rank = ceil(round(share * len(days), 9))
    assert curve(map(Span, days)).quantile(share) == sorted(days)[max(rank, 1) - 1]


@given(SPANS, st.sampled_from([0.25, 0.5, 0.75]))
def test_what_goes_on_never_makes_it_look_shorter(spans: list[Span], share: float) -> None:
    """Some that were over going on instead: the quantile is later, or out of sight."""
    as_if_over = curve([Span(one.days) for one in spans]).quantile(share)
    found = curve(spans).quantile(share)
    assert as_if_over is not None
    assert found is None or found >= as_if_over


@given(SPANS)
def test_draws_stand_for_the_curve(spans: list[Span]) -> None:
    longest = max(one.days for one in spans)
    found = curve(spans)
    drawn = draws(found, 200, longest)
    assert list(drawn) == sorted(drawn)
    assert set(drawn) <= {*found.days, longest}
    for days in set(drawn) - {longest}:
        share = sum(one <= days for one in drawn) / 200
        assert share == pytest.approx(1 - found.still_going(days), abs=0.005)


def test_what_was_known_on_a_day() -> None:
    begun = date(2026, 3, 2)
    lasted = Lasted(begun, date(2026, 4, 1))
    assert lasted.as_of(begun - timedelta(days=1)) is None
    assert lasted.as_of(date(2026, 3, 12)) == Span(10, ended=False)
    assert lasted.as_of(date(2026, 4, 1)) == Span(30)
    assert lasted.as_of(date(2027, 4, 1)) == Span(30)


def test_what_was_called_off_went_on_until_then() -> None:
    lasted = Lasted(date(2026, 3, 2), dropped=date(2026, 3, 22))
    assert lasted.as_of(date(2026, 3, 12)) == Span(10, ended=False)
    assert lasted.as_of(date(2027, 3, 2)) == Span(20, ended=False)


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValueError, match="share"):
        curve([Span(1)]).quantile(0)
