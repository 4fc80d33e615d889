"""The two tracks, waiting for the buyer's calendar, the pilot gate and the guess from a title."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind, DecisionPractice, Practice, default_practice
from crm.rules.calendar import is_working_day
from crm.rules.certainty import Certainty
from crm.rules.quiet import Audience
from crm.rules.stages import (
    OUTCOME_REASONS,
    AdoptionStage,
    Outcome,
    ProcurementStage,
    PubStatus,
    WakeEvent,
    available_events,
    is_published,
    pilot_warnings,
    resolve_event,
)

TODAY = date(2026, 11, 23)
JUNE = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, Certainty.PUBLISHED)
NOVEMBER = Practice(BodyKind.REGION, DecisionPractice.NOVEMBER, Certainty.PUBLISHED)
UNKNOWN = Practice(BodyKind.MUNICIPALITY, DecisionPractice.UNKNOWN)
STATE = default_practice(BodyKind.STATE)

practices = st.sampled_from([JUNE, NOVEMBER, UNKNOWN, STATE, default_practice(BodyKind.UNIVERSITY)])


def test_the_seven_stages_are_numbered_in_order():
    assert [stage.number for stage in AdoptionStage] == [1, 2, 3, 4, 5, 6, 7]
    assert AdoptionStage.SEVERAL_UNITS.is_at_least(AdoptionStage.UNIT_PILOT)
    assert not AdoptionStage.COLLEAGUES.is_at_least(AdoptionStage.UNIT_PILOT)


def test_published_means_from_the_notice_until_signature():
    assert [stage.value for stage in ProcurementStage if is_published(stage)] == [
        "published",
        "evaluation",
        "standstill",
        "under_review",
    ]


def test_every_outcome_has_reasons():
    assert set(OUTCOME_REASONS) == set(Outcome)
    assert all("other" in reasons for reasons in OUTCOME_REASONS.values())


@pytest.mark.parametrize(
    ("stage", "personal_data", "pub", "keys"),
    [
        (AdoptionStage.COLLEAGUES, True, PubStatus.NONE, []),
        (AdoptionStage.UNIT_PILOT, False, PubStatus.NONE, []),
        (AdoptionStage.UNIT_PILOT, True, PubStatus.NONE, ["pilot_without_pub"]),
        (AdoptionStage.UNIT_PILOT, True, PubStatus.ASKED, ["pilot_pub_not_signed"]),
        (AdoptionStage.WIDE_USE, True, PubStatus.DRAFT, ["pilot_pub_not_signed"]),
        (AdoptionStage.UNIT_PILOT, True, PubStatus.NOT_NEEDED, ["pilot_pub_not_needed"]),
        (AdoptionStage.UNIT_PILOT, True, PubStatus.SIGNED, []),
        (AdoptionStage.COLLEAGUES, None, PubStatus.NONE, []),
        (AdoptionStage.UNIT_PILOT, None, PubStatus.NONE, ["pilot_data_unknown"]),
        (AdoptionStage.WIDE_USE, None, PubStatus.ASKED, ["pilot_data_unknown"]),
        (AdoptionStage.UNIT_PILOT, None, PubStatus.SIGNED, []),
        (AdoptionStage.UNIT_PILOT, None, PubStatus.NOT_NEEDED, []),
    ],
)
def test_a_pilot_with_personal_data_warns_without_a_signed_agreement(
    stage, personal_data, pub, keys
):
    warnings = pilot_warnings(stage, personal_data, pub)
    assert [warning.key for warning in warnings] == keys
    for warning in warnings:
        assert warning.law
        assert warning.text("sv") != warning.text("en")


@pytest.mark.parametrize(
    ("event", "practice", "today", "day"),
    [
        # Budget 2027 of a June body is decided by the new council, at the latest in December.
        (WakeEvent.COUNCIL_DECIDED, JUNE, TODAY, date(2027, 1, 4)),
        (WakeEvent.COUNCIL_DECIDED, JUNE, date(2027, 1, 1), date(2027, 7, 1)),
        (WakeEvent.COUNCIL_DECIDED, NOVEMBER, TODAY, date(2026, 12, 1)),
        (WakeEvent.COUNCIL_DECIDED, UNKNOWN, TODAY, date(2026, 12, 1)),
        (WakeEvent.DOOR_OPENS, JUNE, TODAY, date(2027, 3, 1)),
        (WakeEvent.DOOR_OPENS, JUNE, date(2027, 3, 1), date(2028, 3, 1)),
        (WakeEvent.DOOR_OPENS, NOVEMBER, TODAY, date(2027, 4, 1)),
        (WakeEvent.INTERNAL_BUDGET, JUNE, date(2027, 1, 1), date(2027, 8, 16)),
        (WakeEvent.BUDGET_YEAR_STARTS, JUNE, TODAY, date(2027, 1, 4)),
        (WakeEvent.NEW_COMMITTEES, JUNE, TODAY, date(2027, 3, 1)),
        (WakeEvent.NEW_COMMITTEES, JUNE, date(2027, 3, 1), date(2031, 3, 3)),
        (WakeEvent.NEW_COUNCIL, JUNE, TODAY, date(2030, 10, 15)),
    ],
)
def test_an_event_resolves_to_the_working_day_it_has_happened(event, practice, today, day):
    found = resolve_event(event, practice, Audience.GENERAL, today)
    assert found is not None
    assert found.day == day


@pytest.mark.parametrize(
    ("event", "practice", "today", "year"),
    [
        (WakeEvent.COUNCIL_DECIDED, JUNE, TODAY, 2027),  # the newly elected decide now
        (WakeEvent.COUNCIL_DECIDED, JUNE, date(2027, 1, 1), 2028),
        (WakeEvent.COUNCIL_DECIDED, UNKNOWN, TODAY, 2027),
        (WakeEvent.DOOR_OPENS, NOVEMBER, TODAY, 2028),
        (WakeEvent.INTERNAL_BUDGET, JUNE, date(2027, 1, 1), 2028),
        (WakeEvent.BUDGET_YEAR_STARTS, JUNE, TODAY, 2027),
        (WakeEvent.TERM_STARTS, JUNE, TODAY, 2027),
        (WakeEvent.NEW_COMMITTEES, JUNE, TODAY, 2026),  # those of the election in September
        (WakeEvent.NEW_COUNCIL, JUNE, date(2026, 10, 1), 2026),
        (WakeEvent.NEW_COUNCIL, JUNE, TODAY, 2030),
    ],
)
def test_an_event_says_which_year_it_means(event, practice, today, year):
    found = resolve_event(event, practice, Audience.GENERAL, today)
    assert found is not None
    assert found.year == year


def test_the_term_has_begun_when_the_first_weeks_are_over():
    def begun(audience, today):
        found = resolve_event(WakeEvent.TERM_STARTS, JUNE, audience, today)
        assert found is not None
        return found.day

    assert begun(Audience.SCHOOL, TODAY) == date(2027, 1, 13)
    assert begun(Audience.SCHOOL, date(2027, 5, 1)) == date(2027, 9, 8)
    assert begun(Audience.UNIVERSITY, TODAY) == date(2027, 2, 1)


def test_nothing_is_invented_where_nothing_is_known():
    assert resolve_event(WakeEvent.DOOR_OPENS, UNKNOWN, Audience.GENERAL, TODAY) is None
    assert resolve_event(WakeEvent.NEW_COMMITTEES, STATE, Audience.GENERAL, TODAY) is None
    assert WakeEvent.DOOR_OPENS not in available_events(UNKNOWN, Audience.GENERAL, TODAY)


@given(
    st.sampled_from(WakeEvent),
    practices,
    st.sampled_from(Audience),
    st.dates(date(2024, 1, 1), date(2034, 12, 31)),
)
def test_an_event_is_a_working_day_ahead(event, practice, audience, today):
    found = resolve_event(event, practice, audience, today)
    if found is not None:
        assert found.day > today
        assert is_working_day(found.day)
