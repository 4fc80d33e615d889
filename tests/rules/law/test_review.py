"""Överprövning: deadlines before and after a ruling."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.explained import Confidence, StepKind
from crm.rules.law.review import (
    after_ruling,
    award_review_deadline,
    cancel_review_deadline,
    damages_deadline,
    fee_range,
    may_not_sign_during,
    new_facts_deadline,
    validity_deadline,
)
from crm.rules.law.standstill import standstill
from crm.rules.law.terms import Channel, Court, Law
from crm.rules.law.values import NoValue, shipped_values

VALUES = shipped_values()


def test_a_review_must_have_arrived_on_the_last_day_of_the_spärr() -> None:
    """FP-SPARR's Easter: the spärr ends on Monday 29 April 2019; plan for the Friday before."""
    found = award_review_deadline(Law.LOU, standstill(VALUES, Law.LOU, date(2019, 4, 18)).value)
    assert found.value.last_day == date(2019, 4, 29)
    assert found.value.plan_for == date(2019, 4, 26)
    assert found.cites == ("LOU 20 kap. 11 §",)


def test_a_cancelled_procurement_is_reviewed_within_ten_or_fifteen_days() -> None:
    sent = date(2026, 11, 2)
    assert cancel_review_deadline(VALUES, Law.LOU, sent).value.last_day == date(2026, 11, 12)
    by_post = cancel_review_deadline(VALUES, Law.LOU, sent, Channel.OTHER)
    assert by_post.value.last_day == date(2026, 11, 17)


def test_new_facts_come_within_three_weeks_since_the_summer_of_2022() -> None:
    assert new_facts_deadline(VALUES, Law.LOU, date(2026, 11, 23)).value == date(2026, 12, 14)
    assert new_facts_deadline(VALUES, Law.LOU, date(2026, 12, 3)).value == date(2026, 12, 28)
    before = new_facts_deadline(VALUES, Law.LOU, date(2021, 5, 3))
    assert before.value is None and before.has(StepKind.NO_LIMIT_THEN)


@pytest.mark.parametrize(
    "court, lifted, interim, forbidden",
    [
        (Court.FORVALTNINGSRATT, False, False, True),
        (Court.FORVALTNINGSRATT, True, False, False),
        (Court.FORVALTNINGSRATT, True, True, True),
        (Court.KAMMARRATT, False, False, False),
        (Court.KAMMARRATT, False, True, True),
        (Court.HFD, False, False, False),
    ],
)
def test_the_spärr_goes_on_in_the_first_court_only(
    court: Court, lifted: bool, interim: bool, forbidden: bool
) -> None:
    found = may_not_sign_during(Law.LOU, court, lifted=lifted, interim=interim)
    assert found.value is forbidden


@pytest.mark.parametrize("law", [Law.LUFS, Law.LUK])
def test_a_review_under_an_act_that_was_not_read_is_not_known(law: Law) -> None:
    found = may_not_sign_during(law, Court.FORVALTNINGSRATT)
    assert found.value is None and found.has(StepKind.NOT_KNOWN_HERE)
    with pytest.raises(NoValue):
        validity_deadline(VALUES, law, date(2026, 1, 15))


def test_ten_days_after_a_ruling() -> None:
    """Upphandlingsmyndigheten, Frågeportalen 1443348: 30 May 2018, a Saturday, then Tuesday."""
    found = after_ruling(VALUES, Law.LOU, date(2018, 5, 30), date(2018, 5, 30)).value
    assert found.standstill.last_day == date(2018, 6, 11)
    assert found.standstill.earliest_signing == date(2018, 6, 12)
    assert found.by_date == found.standstill


def test_they_run_from_the_day_the_ruling_was_sent() -> None:
    """KILP24; the same by the ruling's own date stands beside it."""
    found = after_ruling(VALUES, Law.LOU, date(2026, 11, 16), date(2026, 11, 18))
    assert found.value.standstill.last_day == date(2026, 11, 30)  # the 28th is a Saturday
    assert found.value.by_date is not None
    assert found.value.by_date.last_day == date(2026, 11, 26)
    assert found.steps[0].confidence is Confidence.CONFIRMED
    unsure = after_ruling(VALUES, Law.LOU, date(2026, 11, 16))
    assert unsure.value.standstill.last_day == date(2026, 11, 26)
    assert unsure.value.by_date is None and unsure.confidence is Confidence.UNCONFIRMED
    with pytest.raises(ValueError, match="before it is given"):
        after_ruling(VALUES, Law.LOU, date(2026, 11, 16), date(2026, 11, 15))


def test_a_court_may_waive_the_ten_days() -> None:
    found = after_ruling(VALUES, Law.LOU, date(2026, 11, 16), waived=True)
    assert found.value.standstill.earliest_signing == date(2026, 11, 16)


def test_validity_is_tried_within_six_months_or_thirty_days_of_being_told() -> None:
    signed = date(2026, 1, 15)
    assert validity_deadline(VALUES, Law.LOU, signed).value.last_day == date(2026, 7, 15)
    told = validity_deadline(VALUES, Law.LOU, signed, published=date(2026, 2, 10))
    assert told.value.last_day == date(2026, 3, 12)
    assert told.has(StepKind.VALIDITY_CUT)
    both = validity_deadline(
        VALUES, Law.LOU, signed, published=date(2026, 2, 10), informed=date(2026, 1, 20)
    )
    assert both.value.last_day == date(2026, 2, 19)
    late = validity_deadline(VALUES, Law.LOU, signed, published=date(2026, 7, 10))
    assert late.value.last_day == date(2026, 7, 15)
    august = validity_deadline(VALUES, Law.LOU, date(2026, 8, 31))
    assert august.value.last_day == date(2027, 3, 1)


def test_damages_are_claimed_within_a_year() -> None:
    assert damages_deadline(VALUES, Law.LOU, date(2026, 11, 23)).value == date(2027, 11, 23)


def test_an_illegal_direct_award_costs_at_most_a_tenth() -> None:
    found = fee_range(VALUES, date(2026, 3, 2), 150_000_000).value
    assert (found.least, found.most) == (1_000_000, 15_000_000)
    assert found.decided_by == date(2028, 3, 2)
    assert fee_range(VALUES, date(2026, 3, 2), 10**11).value.most == 2_000_000_000
    small = fee_range(VALUES, date(2026, 3, 2), 5_000_000).value
    assert small.least == small.most == 500_000


DAYS = st.dates(date(2022, 7, 1), date(2030, 12, 31))


@given(DAYS, st.integers(0, 10), st.integers(0, 30))
def test_ten_days_are_never_fewer_and_a_later_sending_never_ends_them_sooner(
    ruled: date, after: int, later: int
) -> None:
    first = after_ruling(VALUES, Law.LOU, ruled, ruled + timedelta(days=after)).value.standstill
    assert (first.last_day - ruled).days >= 10 + after
    assert is_working_day(first.last_day)
    sent = ruled + timedelta(days=after + later)
    assert after_ruling(VALUES, Law.LOU, ruled, sent).value.standstill.last_day >= first.last_day


@given(DAYS, st.none() | st.integers(0, 300), st.none() | st.integers(0, 300))
def test_being_told_never_gives_more_time(
    signed: date, published: int | None, informed: int | None
) -> None:
    def day(after: int | None) -> date | None:
        return None if after is None else signed + timedelta(days=after)

    untold = validity_deadline(VALUES, Law.LOU, signed).value
    told = validity_deadline(
        VALUES, Law.LOU, signed, published=day(published), informed=day(informed)
    ).value
    assert told.last_day <= untold.last_day
    assert (told.last_day - signed).days >= 30
    assert is_working_day(told.last_day) and is_working_day(told.plan_for)
    assert told.plan_for < told.last_day


@given(DAYS, st.integers(0, 60))
def test_every_deadline_follows_its_start(day: date, later: int) -> None:
    after = day + timedelta(days=later)
    for ask in (new_facts_deadline, damages_deadline):
        first, second = ask(VALUES, Law.LOU, day).value, ask(VALUES, Law.LOU, after).value
        assert first is not None and second is not None and second >= first > day
        assert is_working_day(first)
