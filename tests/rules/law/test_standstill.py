"""Avtalsspärr, by Upphandlingsmyndigheten's published examples first."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.explained import Confidence, StepKind
from crm.rules.law.standstill import Duty, standstill, standstill_duty, standstill_from_notice
from crm.rules.law.terms import Channel, Law, Procedure
from crm.rules.law.values import NoValue, shipped_values

VALUES = shipped_values()


@pytest.mark.parametrize(
    "sent, last, signing",
    [
        # FP-SPARR: Monday 1 April 2019, and 18 April just before Easter.
        (date(2019, 4, 1), date(2019, 4, 11), date(2019, 4, 12)),
        (date(2019, 4, 18), date(2019, 4, 29), date(2019, 4, 30)),
        # FP-SPARR2: a last day on a Sunday runs to Monday, and is signed on Tuesday.
        (date(2019, 11, 28), date(2019, 12, 9), date(2019, 12, 10)),
        # Sent on Christmas Eve's eve 2026: ten days end on Saturday 2 January.
        (date(2026, 12, 23), date(2027, 1, 4), date(2027, 1, 5)),
        # Day 10 is Midsummer Eve 2026.
        (date(2026, 6, 9), date(2026, 6, 22), date(2026, 6, 23)),
        # A notification sent on a Sunday counts as any other.
        (date(2026, 11, 22), date(2026, 12, 2), date(2026, 12, 3)),
    ],
)
def test_ten_days_after_an_electronic_notification(sent: date, last: date, signing: date) -> None:
    found = standstill(VALUES, Law.LOU, sent).value
    assert (found.last_day, found.earliest_signing) == (last, signing)


def test_one_may_sign_on_a_saturday_and_the_working_day_is_told_too() -> None:
    found = standstill(VALUES, Law.LOU, date(2026, 11, 17))  # ends on Friday the 27th
    assert found.value.earliest_signing == date(2026, 11, 28)
    assert found.value.signing_working_day == date(2026, 11, 30)
    assert found.has(StepKind.SIGN_WORKING_DAY)


def test_fifteen_days_when_anyone_was_told_by_post() -> None:
    found = standstill(VALUES, Law.LOU, date(2026, 11, 2), Channel.OTHER)
    assert found.value.last_day == date(2026, 11, 17)


def test_a_longer_one_that_is_stated_governs_and_a_shorter_does_not() -> None:
    sent = date(2019, 4, 1)
    longer = standstill(VALUES, Law.LOU, sent, stated_last_day=date(2019, 4, 16))
    assert longer.value.last_day == date(2019, 4, 16)
    shorter = standstill(VALUES, Law.LOU, sent, stated_last_day=date(2019, 4, 8))
    assert shorter.value.last_day == date(2019, 4, 11)
    assert shorter.has(StepKind.STANDSTILL_STATED_TOO_SHORT)
    same = standstill(VALUES, Law.LOU, sent, stated_last_day=date(2019, 4, 11))
    assert same.value == standstill(VALUES, Law.LOU, sent).value


def test_a_stated_one_cannot_run_out_on_a_sunday() -> None:
    """Upphandlingsmyndigheten, Frågeportalen 1943433 (2019-01-24)."""
    found = standstill(VALUES, Law.LOU, date(2019, 4, 1), stated_last_day=date(2019, 4, 14))
    assert found.value.last_day == date(2019, 4, 15)
    assert found.value.earliest_signing == date(2019, 4, 16)


def test_after_a_voluntary_notice_it_runs_from_the_publication() -> None:
    found = standstill_from_notice(VALUES, Law.LOU, date(2026, 11, 18))
    assert found.value.last_day == date(2026, 11, 30)  # the 28th is a Saturday
    assert "LOU 20 kap. 3 §" in found.cites


@pytest.mark.parametrize(
    "law, procedure, duty",
    [
        (Law.LOU, Procedure.OPEN, Duty.MANDATORY),
        (Law.LOU, Procedure.INNOVATION, Duty.MANDATORY),
        (Law.LOU, Procedure.NATIONAL, Duty.MANDATORY),
        (Law.LOU, Procedure.NEGOTIATED_WITHOUT_NOTICE, Duty.NONE),
        (Law.LOU, Procedure.FKU, Duty.VOLUNTARY),
        (Law.LUF, Procedure.FKU, Duty.MANDATORY),
        (Law.LOU, Procedure.DIS, Duty.VOLUNTARY),
        (Law.LUF, Procedure.DIS, Duty.VOLUNTARY),
        (Law.LOU, Procedure.CALL_OFF, Duty.NONE),
        (Law.LOU, Procedure.DIRECT_AWARD, Duty.NONE),
    ],
)
def test_which_procedures_have_one(law: Law, procedure: Procedure, duty: Duty) -> None:
    assert standstill_duty(law, procedure).value is duty


@pytest.mark.parametrize("law", [Law.LUFS, Law.LUK])
@pytest.mark.parametrize("procedure", list(Procedure))
def test_of_an_act_that_was_not_read_nothing_is_said(law: Law, procedure: Procedure) -> None:
    found = standstill_duty(law, procedure)
    assert found.value is Duty.UNKNOWN
    assert found.has(StepKind.NOT_KNOWN_HERE) and found.cites == ()
    with pytest.raises(NoValue):
        standstill(VALUES, law, date(2026, 11, 2))


def test_what_is_not_read_in_the_act_is_marked() -> None:
    assert standstill_duty(Law.LOU, Procedure.CALL_OFF).confidence is Confidence.UNCONFIRMED
    assert standstill_duty(Law.LUF, Procedure.FKU).confidence is Confidence.DERIVED
    assert standstill_duty(Law.LUF, Procedure.DIRECT_AWARD).cites == ("LUF 19 a kap. 9 §",)


SENT = st.dates(date(2017, 1, 1), date(2030, 12, 31))


@given(SENT, st.sampled_from(list(Channel)), st.none() | st.integers(0, 60))
def test_never_shorter_than_the_law_and_never_out_on_a_day_off(
    sent: date, channel: Channel, stated: int | None
) -> None:
    day = None if stated is None else sent + timedelta(days=stated)
    found = standstill(VALUES, Law.LOU, sent, channel, stated_last_day=day).value
    least = 10 if channel is Channel.ELECTRONIC else 15
    assert (found.last_day - sent).days >= max(least, stated or 0)
    assert is_working_day(found.last_day)
    assert found.earliest_signing == found.last_day + timedelta(days=1)
    assert is_working_day(found.signing_working_day)
    assert found.signing_working_day >= found.earliest_signing


@given(SENT, st.integers(0, 60), st.sampled_from(list(Channel)))
def test_sent_later_it_never_ends_sooner(sent: date, later: int, channel: Channel) -> None:
    first = standstill(VALUES, Law.LOU, sent, channel).value
    second = standstill(VALUES, Law.LOU, sent + timedelta(days=later), channel).value
    assert second.last_day >= first.last_day
