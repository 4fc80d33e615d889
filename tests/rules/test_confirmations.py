"""What was checked for one round is assumed for the next, until somebody has looked again."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    PhaseOverride,
    Practice,
    decision,
    door,
)
from crm.rules.certainty import Certainty
from crm.rules.confirmations import begins_on, certainty_in, coming_budget_year, holds_through

CHECKED = date(2026, 11, 23)
days = st.dates(date(2024, 1, 1), date(2040, 12, 31))
JUNE = Practice(
    BodyKind.MUNICIPALITY, DecisionPractice.JUNE, Certainty.PUBLISHED, "https://a.example", CHECKED
)


def test_the_round_turns_on_the_first_of_october():
    assert coming_budget_year(date(2026, 9, 30)) == 2027
    assert coming_budget_year(date(2026, 10, 1)) == 2028
    assert coming_budget_year(date(2027, 9, 30)) == 2028


@given(days)
def test_the_coming_year_has_begun_and_the_one_after_has_not(day):
    year = coming_budget_year(day)
    assert begins_on(year) <= day < begins_on(year + 1)


@given(st.sampled_from(Certainty), days, st.none() | st.integers(2025, 2045), st.data())
def test_a_mark_never_grows_surer_with_the_years(certainty, checked, confirmed, data):
    year = data.draw(st.integers(2025, 2044))
    now = certainty_in(certainty, checked, confirmed, year)
    later = certainty_in(certainty, checked, confirmed, year + 1)
    assert later.rank >= now.rank >= certainty.rank
    if year <= holds_through(checked, confirmed):
        assert now is certainty


def test_the_decision_is_published_for_the_coming_year_and_typical_afterwards():
    assert decision(JUNE, 2028).certainty is Certainty.PUBLISHED
    assert decision(JUNE, 2029).certainty is Certainty.TYPICAL


def test_still_the_same_carries_the_dates_a_year_further():
    again = Practice(
        JUNE.kind, JUNE.decision, JUNE.certainty, JUNE.source_url, CHECKED, confirmed_for=2029
    )
    assert decision(again, 2029).certainty is Certainty.PUBLISHED
    assert decision(again, 2030).certainty is Certainty.TYPICAL


def test_an_own_date_ages_by_its_own_day_and_one_for_a_single_year_does_not():
    every = PhaseOverride(
        "namndens_budgetunderlag", 2, 1, 2, 28, certainty=Certainty.CONFIRMED,
        checked_on=date(2025, 3, 1),
    )  # fmt: skip
    once = PhaseOverride(
        "namndens_budgetunderlag", 2, 9, 2, 20, budget_year=2030, certainty=Certainty.CONFIRMED,
        checked_on=date(2025, 3, 1),
    )  # fmt: skip
    practice = Practice(
        JUNE.kind, JUNE.decision, JUNE.certainty, JUNE.source_url, CHECKED, (every, once)
    )
    assert door(practice, 2026).certainty is Certainty.CONFIRMED
    assert door(practice, 2028).certainty is Certainty.TYPICAL
    assert door(practice, 2030).certainty is Certainty.CONFIRMED


def test_what_no_day_was_given_for_stays_as_it_was_marked():
    assert certainty_in(Certainty.CONFIRMED, None, None, 2040) is Certainty.CONFIRMED
