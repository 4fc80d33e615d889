"""Secrecy around bids and requests for an allmän handling."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.explained import Confidence
from crm.rules.law.records import answer_is_due, bids_are_secret, refusal_appeal_deadline
from crm.rules.law.values import shipped_values

VALUES = shipped_values()
AWARD = date(2026, 11, 20)


def test_bids_are_secret_until_the_award() -> None:
    assert bids_are_secret(date(2026, 11, 19), awarded=AWARD).value
    after = bids_are_secret(AWARD, awarded=AWARD)
    assert not after.value
    assert after.cites == ("OSL 19 kap. 3 § andra stycket", "OSL 31 kap. 16 §")
    assert bids_are_secret(date(2030, 1, 1)).value


@pytest.mark.parametrize("how", ["closed", "made_public"])
def test_or_until_the_matter_is_closed_or_the_bids_are_made_public(how: str) -> None:
    assert not bids_are_secret(AWARD, **{how: AWARD - timedelta(days=1)}).value
    assert bids_are_secret(AWARD - timedelta(days=2), **{how: AWARD - timedelta(days=1)}).value


def test_a_request_is_answered_promptly_without_a_number_of_days() -> None:
    assert answer_is_due().cites == ("TF 2 kap. 15, 16 och 18 §§",)


def test_a_refusal_is_appealed_within_three_weeks_which_is_marked_as_unconfirmed() -> None:
    found = refusal_appeal_deadline(VALUES, date(2026, 11, 23))
    assert found.value == date(2026, 12, 14)
    assert found.confidence is Confidence.UNCONFIRMED


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_told_later_it_may_be_appealed_later(told: date, later: int) -> None:
    first = refusal_appeal_deadline(VALUES, told).value
    assert is_working_day(first) and (first - told).days >= 21
    assert refusal_appeal_deadline(VALUES, told + timedelta(days=later)).value >= first
