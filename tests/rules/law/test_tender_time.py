"""The least time to apply and to bid, in each procedure with what shortens and lengthens it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.explained import StepKind
from crm.rules.law.tender_time import (
    USUAL,
    Terms,
    application_time,
    declaration_time,
    prior_notice_is_in_time,
    qualification_time,
    tender_time,
)
from crm.rules.law.terms import AuthorityKind, Law, Procedure
from crm.rules.law.values import NoValue, shipped_values

VALUES = shipped_values()
SENT = date(2026, 11, 23)  # a Monday
PAPER = Terms(electronic=False)
STATE = AuthorityKind.STATE
PRIOR = date(2026, 9, 1)


def least(found: date | None) -> int | None:
    """The days from SENT."""
    return (found - SENT).days if found else None


@pytest.mark.parametrize(
    "law, procedure, terms, days",
    [
        (Law.LOU, Procedure.OPEN, PAPER, 35),
        (Law.LOU, Procedure.OPEN, USUAL, 30),
        (Law.LOU, Procedure.OPEN, Terms(prior_notice_sent=PRIOR), 15),
        (Law.LOU, Procedure.OPEN, Terms(urgent=True), 15),
        (Law.LOU, Procedure.OPEN, Terms(documents_online=False), 35),
        (Law.LOU, Procedure.OPEN, Terms(documents_online=False, urgent=True), 15),
        (Law.LUF, Procedure.OPEN, USUAL, 30),
        (Law.LOU, Procedure.SELECTIVE, PAPER, 30),
        (Law.LOU, Procedure.SELECTIVE, USUAL, 25),
        (Law.LOU, Procedure.NEGOTIATED, Terms(prior_notice_sent=PRIOR), 10),
        (Law.LOU, Procedure.NEGOTIATED, Terms(urgent=True, documents_online=False), 10),
        (Law.LOU, Procedure.NEGOTIATED, Terms(documents_online=False), 30),
        (Law.LOU, Procedure.SELECTIVE, Terms(no_agreement=True), 10),
        (Law.LOU, Procedure.SELECTIVE, Terms(no_agreement=True, authority=STATE), 25),
        (Law.LOU, Procedure.SELECTIVE, Terms(no_agreement=True, documents_online=False), 15),
        (Law.LUF, Procedure.NEGOTIATED, USUAL, 10),
        (Law.LOU, Procedure.DIS, USUAL, 10),
        (Law.LUK, Procedure.CONCESSION, PAPER, 30),
        (Law.LUK, Procedure.CONCESSION, USUAL, 25),
        (Law.LUK, Procedure.CONCESSION_STEPS, PAPER, 22),
        (Law.LUK, Procedure.CONCESSION_STEPS, USUAL, 17),
        (Law.LUK, Procedure.CONCESSION_STEPS, Terms(documents_online=False), 22),
    ],
)
def test_the_least_days_to_bid(law: Law, procedure: Procedure, terms: Terms, days: int) -> None:
    found = tender_time(VALUES, law, procedure, SENT, terms)
    ends = SENT + timedelta(days=days)
    while not is_working_day(ends):
        ends += timedelta(days=1)
    assert found.value == ends


@pytest.mark.parametrize(
    "law, procedure, terms, days",
    [
        (Law.LOU, Procedure.SELECTIVE, USUAL, 30),
        (Law.LOU, Procedure.NEGOTIATED, Terms(urgent=True), 15),
        (Law.LOU, Procedure.DIALOGUE, Terms(urgent=True), 30),  # urgency is not for the dialogue
        (Law.LOU, Procedure.INNOVATION, PAPER, 30),
        (Law.LUF, Procedure.NEGOTIATED, USUAL, 15),
        (Law.LOU, Procedure.DIS, USUAL, 30),
        (Law.LUK, Procedure.CONCESSION_STEPS, USUAL, 30),
    ],
)
def test_the_least_days_to_apply(law: Law, procedure: Procedure, terms: Terms, days: int) -> None:
    found = application_time(VALUES, law, procedure, SENT, terms)
    assert found.steps[0].figure("days") == days


@pytest.mark.parametrize(
    "procedure, kind, cites",
    [
        (Procedure.NATIONAL, StepKind.REASONABLE_TIME, "LOU 19 kap. 11 §"),
        (Procedure.FKU, StepKind.SUFFICIENT_TIME, "LOU 7 kap. 9 §"),
        (Procedure.DIALOGUE, StepKind.NO_LEAST_TIME, ""),
        (Procedure.DIRECT_AWARD, StepKind.NO_LEAST_TIME, ""),
    ],
)
def test_some_procedures_have_no_number_of_days(
    procedure: Procedure, kind: StepKind, cites: str
) -> None:
    found = tender_time(VALUES, Law.LOU, procedure, SENT)
    assert (found.value, found.steps[0].kind, found.steps[0].cites) == (None, kind, cites)


def test_an_open_procedure_has_no_application() -> None:
    assert application_time(VALUES, Law.LOU, Procedure.OPEN, SENT).value is None


def test_a_time_may_be_agreed_with_those_invited_but_not_by_the_state() -> None:
    agreed = Terms(agreed=date(2026, 11, 27))
    assert tender_time(VALUES, Law.LOU, Procedure.SELECTIVE, SENT, agreed).value == agreed.agreed
    assert tender_time(VALUES, Law.LOU, Procedure.DIS, SENT, agreed).value == agreed.agreed
    state = replace(agreed, authority=STATE)
    assert least(tender_time(VALUES, Law.LOU, Procedure.SELECTIVE, SENT, state).value) == 25
    assert least(tender_time(VALUES, Law.LOU, Procedure.DIS, SENT, state).value) == 10


@pytest.mark.parametrize(
    "prior, in_time",
    [
        (date(2026, 10, 19), True),  # 35 days before
        (date(2026, 10, 20), False),
        (date(2025, 11, 23), True),  # 12 months before
        (date(2025, 11, 22), False),
    ],
)
def test_a_prior_notice_shortens_only_if_sent_in_time(prior: date, in_time: bool) -> None:
    assert prior_notice_is_in_time(VALUES, Law.LOU, prior, SENT).value is in_time
    found = tender_time(VALUES, Law.LOU, Procedure.OPEN, SENT, Terms(prior_notice_sent=prior))
    assert found.steps[1].figure("days") == (15 if in_time else 30)


def test_in_two_stages_the_prior_notice_is_held_against_the_contract_notice() -> None:
    terms = Terms(prior_notice_sent=date(2026, 10, 15), notice_sent=date(2026, 11, 1))
    found = tender_time(VALUES, Law.LOU, Procedure.SELECTIVE, date(2026, 12, 20), terms)
    assert found.has(StepKind.PRIOR_NOTICE_OUT_OF_TIME)
    assert found.has(StepKind.ELECTRONIC)


def test_the_steps_tell_the_whole_count() -> None:
    """Sent 24 November 2026: day 30 is Christmas Eve, so the time ends on Monday the 28th."""
    found = tender_time(VALUES, Law.LOU, Procedure.OPEN, date(2026, 11, 24))
    assert found.value == date(2026, 12, 28)
    assert [one.kind for one in found.steps] == [
        StepKind.ELECTRONIC,
        StepKind.COUNTED_DAYS,
        StepKind.ROLLED,
        StepKind.MORE_IF_COMPLEX,
    ]
    assert found.cites == ("LOU 11 kap. 6 §", "förordning 1182/71 art. 3.4", "LOU 11 kap. 1 §")


def test_a_dis_answers_in_working_days() -> None:
    received = date(2026, 12, 21)
    assert qualification_time(VALUES, received).value == date(2027, 1, 11)
    assert qualification_time(VALUES, received, justified=True).value == date(2027, 1, 18)
    assert declaration_time(VALUES, received).value == date(2026, 12, 30)


@pytest.mark.parametrize(
    "law, procedure",
    [
        (Law.LUFS, Procedure.DIALOGUE),
        (Law.LUFS, Procedure.NATIONAL),
        (Law.LUFS, Procedure.FKU),
        (Law.LUK, Procedure.NATIONAL),
        (Law.LUK, Procedure.FKU),
    ],
)
def test_an_act_that_was_not_read_is_cited_for_nothing(law: Law, procedure: Procedure) -> None:
    found = tender_time(VALUES, law, procedure, SENT)
    assert (found.value, found.cites) == (None, ())
    assert found.steps[0].kind is StepKind.NOT_KNOWN_HERE
    assert found.steps[0].figure("act") == law


def test_a_concession_in_one_step_has_no_application() -> None:
    found = application_time(VALUES, Law.LUK, Procedure.CONCESSION, SENT)
    assert found.value is None and found.has(StepKind.NO_LEAST_TIME)


def test_the_agreed_day_of_a_dis_is_by_its_own_paragraph() -> None:
    agreed = Terms(agreed=date(2026, 11, 27))
    assert tender_time(VALUES, Law.LOU, Procedure.DIS, SENT, agreed).cites == ("LOU 8 kap. 11 §",)
    assert tender_time(VALUES, Law.LUF, Procedure.SELECTIVE, SENT, agreed).cites == (
        "LUF 11 kap. 7 §",
    )


def test_a_dis_under_luf_is_thirty_days_as_a_rule_and_never_under_fifteen() -> None:
    luf = application_time(VALUES, Law.LUF, Procedure.DIS, SENT)
    assert [one.figure("days") for one in luf.steps if one.kind is StepKind.DIS_NEVER_UNDER] == [15]
    assert luf.value == application_time(VALUES, Law.LOU, Procedure.DIS, SENT).value
    assert not application_time(VALUES, Law.LOU, Procedure.DIS, SENT).has(StepKind.DIS_NEVER_UNDER)


def test_urgency_adds_no_days_for_documents_that_are_not_online() -> None:
    """LOU 11 kap. 9 §: not in a påskyndat förfarande, whether or not an agreement was tried."""
    urgent = Terms(urgent=True, documents_online=False, no_agreement=True)
    found = tender_time(VALUES, Law.LOU, Procedure.SELECTIVE, SENT, urgent)
    assert not found.has(StepKind.DOCUMENTS_ADD)
    assert least(found.value) == 10


def test_the_agencys_answers_on_sundays_and_on_the_day_of_sending() -> None:
    """FP-SUN2 (2071129), FP-SENT: thirty days from the sending; a Sunday becomes the Monday.

    With more than the least the authority may end on a Sunday, and below the threshold, where there
    is no least time, on any day (2646632): there is no day that the law would move.
    """
    found = tender_time(VALUES, Law.LOU, Procedure.OPEN, date(2019, 8, 2))
    assert found.steps[1].figure("end") == date(2019, 9, 1)  # a Sunday
    assert found.value == date(2019, 9, 2)
    assert tender_time(VALUES, Law.LOU, Procedure.NATIONAL, date(2022, 7, 21)).value is None


def test_what_the_sources_do_not_carry_is_not_guessed() -> None:
    with pytest.raises(NoValue):
        tender_time(VALUES, Law.LUFS, Procedure.OPEN, SENT)
    with pytest.raises(NoValue):
        tender_time(VALUES, Law.LOU, Procedure.OPEN, date(2015, 1, 1))


DAYS = st.dates(date(2017, 1, 1), date(2030, 12, 31))
TERMS = st.builds(
    Terms,
    authority=st.sampled_from(list(AuthorityKind)),
    electronic=st.booleans(),
    documents_online=st.booleans(),
    urgent=st.booleans(),
    prior_notice_sent=st.none() | DAYS,
)
DATED = st.sampled_from([Procedure.OPEN, Procedure.SELECTIVE, Procedure.NEGOTIATED, Procedure.DIS])


@given(DAYS, DATED, TERMS)
def test_it_is_never_earlier_than_the_floor_and_ends_on_a_working_day(
    sent: date, procedure: Procedure, terms: Terms
) -> None:
    found = tender_time(VALUES, Law.LOU, procedure, sent, terms)
    assert found.value is not None
    floor = 15 if procedure is Procedure.OPEN else 10
    assert (found.value - sent).days >= floor
    assert is_working_day(found.value)
    days = sum(
        int(str(one.figure("days")))
        for one in found.steps
        if one.figures and one.figures[0][0] == "days"
    )
    assert (found.value - sent).days >= days >= floor


@given(DAYS, st.integers(0, 60), DATED, TERMS)
def test_a_notice_sent_later_never_ends_sooner(
    sent: date, later: int, procedure: Procedure, terms: Terms
) -> None:
    terms = replace(terms, prior_notice_sent=None)
    first = tender_time(VALUES, Law.LOU, procedure, sent, terms).value
    second = tender_time(VALUES, Law.LOU, procedure, sent + timedelta(days=later), terms).value
    assert first is not None and second is not None
    assert second >= first


@given(DAYS, DATED, TERMS)
def test_nothing_that_lengthens_makes_it_shorter(
    sent: date, procedure: Procedure, terms: Terms
) -> None:
    online = tender_time(VALUES, Law.LOU, procedure, sent, replace(terms, documents_online=True))
    not_online = tender_time(
        VALUES, Law.LOU, procedure, sent, replace(terms, documents_online=False)
    )
    assert online.value is not None and not_online.value is not None
    assert not_online.value >= online.value
