"""The floors of a plan are the law's own rows, for the act and the terms of the procurement."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.floors import (
    NO_FLOOR,
    LegalTerms,
    floor,
    is_advertised,
    procedure_of,
    standstill_duty_of,
)
from crm.rules.law.standstill import Duty
from crm.rules.law.terms import AuthorityKind, Channel, Law, Procedure
from crm.rules.law.values import LawRow, ValueKey, shipped_values
from crm.rules.milestones import lay_back, lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import STAGES, Duration, Route, StageKey

SENT = date(2027, 1, 11)  # a Monday with no day off near the ends
OPEN, SELECTIVE = Route.OPEN, Route.SELECTIVE
MARKET, APPLICATION, TENDER = StageKey.MARKET, StageKey.APPLICATION, StageKey.TENDER
DAYS = st.dates(date(2026, 1, 1), date(2036, 12, 31))


@pytest.mark.parametrize(
    ("route", "stage", "terms", "days"),
    [
        # LOU 11 kap. 2, 6 and 10 §§: 35 days, 30 electronically, 15 where it is urgent.
        (OPEN, MARKET, LegalTerms(), 30),
        (OPEN, MARKET, LegalTerms(electronic=False), 35),
        (OPEN, MARKET, LegalTerms(urgent=True), 15),
        # LOU 11 kap. 3, 6 and 10 §§.
        (SELECTIVE, APPLICATION, LegalTerms(), 30),
        (SELECTIVE, APPLICATION, LegalTerms(urgent=True), 15),
        (SELECTIVE, TENDER, LegalTerms(), 25),
        (SELECTIVE, TENDER, LegalTerms(electronic=False), 30),
        (SELECTIVE, TENDER, LegalTerms(urgent=True), 10),
        # LUF 11 kap. 3 §: fifteen days to apply.
        (SELECTIVE, APPLICATION, LegalTerms(law=Law.LUF), 15),
        # LOU 8 kap. 11 §.
        (Route.DYNAMIC_SYSTEM, TENDER, LegalTerms(), 10),
        # LOU 20 kap. 1 §: ten days, fifteen where the decision goes by post to anybody.
        (OPEN, StageKey.STANDSTILL, LegalTerms(), 10),
        (OPEN, StageKey.STANDSTILL, LegalTerms(channel=Channel.OTHER), 15),
    ],
)
def test_a_floor_is_the_act_s_own_number_of_days(
    route: Route, stage: StageKey, terms: LegalTerms, days: int
) -> None:
    found = floor(route, stage, SENT, terms)
    assert found.days == days
    assert found.law.startswith(terms.law.value)
    assert found.day is not None and found.day >= SENT + timedelta(days=days)


@pytest.mark.parametrize(
    ("route", "stage", "law"),
    [
        (Route.BELOW_THRESHOLD, MARKET, "LOU 19 kap. 11 §"),
        (Route.RENEWED_COMPETITION, MARKET, "LOU 7 kap. 9 §"),
        (Route.DIRECT_AWARD, MARKET, "LOU 19 a kap."),
        (Route.CALL_OFF, MARKET, "LOU 7 kap. 4 och 6 §§"),
    ],
)
def test_without_a_number_of_days_the_paragraph_is_told_and_nothing_else(
    route: Route, stage: StageKey, law: str
) -> None:
    found = floor(route, stage, SENT)
    assert (found.day, found.days, found.law) == (None, 0, law)


def test_what_the_law_says_nothing_of_has_no_floor() -> None:
    for stage in (StageKey.NEEDS, StageKey.EVALUATION, StageKey.SIGNING, StageKey.ROLLOUT):
        assert floor(OPEN, stage, SENT).explained is None
    # LUFS has no rows of time; the program guesses no law.
    assert floor(OPEN, MARKET, SENT, LegalTerms(law=Law.LUFS)).day is None


def test_a_longer_standstill_that_is_stated_governs_and_a_shorter_one_does_not() -> None:
    stated = LegalTerms(stated_standstill=date(2027, 2, 2))
    assert floor(OPEN, StageKey.STANDSTILL, SENT, stated).day == date(2027, 2, 3)
    short = LegalTerms(stated_standstill=date(2027, 1, 15))
    assert floor(OPEN, StageKey.STANDSTILL, SENT, short).day == date(2027, 1, 22)


def test_a_correction_here_moves_the_floor_from_its_day_on_and_not_before() -> None:
    held = shipped_values().find(ValueKey.OPEN_ELECTRONIC, Law.LOU, SENT)
    new = LawRow(held.key, held.law, 40, held.unit, date(2027, 1, 1), paragraph=held.paragraph)
    terms = LegalTerms(values=shipped_values().corrected([new]))
    assert floor(OPEN, MARKET, SENT, terms).days == 40
    assert floor(OPEN, MARKET, date(2026, 12, 31), terms).days == 30


def test_a_concession_is_counted_by_its_own_act() -> None:
    assert procedure_of(OPEN, Law.LUK) is Procedure.CONCESSION
    assert procedure_of(SELECTIVE, Law.LUK) is Procedure.CONCESSION_STEPS
    assert procedure_of(Route.OPTION) is None


def test_only_what_anybody_can_see_is_advertised() -> None:
    assert is_advertised(OPEN) and is_advertised(Route.BELOW_THRESHOLD)
    assert not is_advertised(Route.DIRECT_AWARD) and not is_advertised(Route.OPTION)
    assert not is_advertised(Route.NEGOTIATED_UNADVERTISED)


def test_a_renewed_competition_has_a_standstill_under_luf_only() -> None:
    """LUF 20 kap. 2 § does not except it, LOU 20 kap. 2 § 2 does."""
    lou = standstill_duty_of(Route.RENEWED_COMPETITION, LegalTerms())
    luf = standstill_duty_of(Route.RENEWED_COMPETITION, LegalTerms(law=Law.LUF))
    assert lou is not None and lou.value is Duty.VOLUNTARY
    assert luf is not None and luf.value is Duty.MANDATORY
    assert standstill_duty_of(Route.UNDECIDED, LegalTerms()) is None


def test_an_urgent_plan_is_laid_out_by_the_urgent_floor() -> None:
    own = {MARKET: Duration(1, 1, 1)}
    usual = {one.stage: one.day for one in lay_out(OPEN, SENT, NO_QUIET, own=own)}
    terms = LegalTerms(urgent=True)
    urgent = {one.stage: one.day for one in lay_out(OPEN, SENT, NO_QUIET, own=own, terms=terms)}
    assert (usual[StageKey.EVALUATION] - usual[MARKET]).days >= 30
    assert 15 <= (urgent[StageKey.EVALUATION] - urgent[MARKET]).days < 30


@given(
    DAYS,
    st.sampled_from(list(Route)),
    st.sampled_from([Law.LOU, Law.LUF, Law.LUK, Law.LUFS]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(list(Channel)),
)
def test_a_floor_is_a_lawful_end_whatever_the_terms(
    day: date, route: Route, law: Law, electronic: bool, urgent: bool, channel: Channel
) -> None:
    """Never earlier than its days; the last day of the period is no day off."""
    terms = LegalTerms(law=law, electronic=electronic, urgent=urgent, channel=channel)
    for stage, _usual in STAGES[route]:
        found = floor(route, stage, day, terms)
        if found.day is not None:
            last = found.day - timedelta(days=stage is StageKey.STANDSTILL)
            assert is_working_day(last)
            assert last >= day + timedelta(days=found.days) and found.days > 0
    laid = lay_out(route, day, NO_QUIET, terms=terms)
    assert not any(one.is_unlawful for one in laid)


def test_a_standstill_without_a_stage_of_its_own_is_the_floor_of_the_signing() -> None:
    """LUF 20 kap. 2 § does not except a renewed competition; LOU 20 kap. 2 § does."""
    route = Route.RENEWED_COMPETITION
    found = floor(route, StageKey.SIGNING, date(2026, 11, 2), LegalTerms(law=Law.LUF))
    assert (found.day, found.days) == (date(2026, 11, 13), 10)
    assert found.law.startswith("LUF 20 kap.")
    assert floor(route, StageKey.SIGNING, date(2026, 11, 2)) == NO_FLOOR
    assert floor(OPEN, StageKey.SIGNING, date(2026, 11, 2), LegalTerms(law=Law.LUF)) == NO_FLOOR


PRIOR = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("route", "stage", "terms", "days"),
    [
        (OPEN, MARKET, LegalTerms(prior_notice_sent=PRIOR), 15),  # LOU 11 kap. 5 §
        (OPEN, MARKET, LegalTerms(documents_online=False), 35),  # 30 and five more, 11 kap. 8 §
        (SELECTIVE, TENDER, LegalTerms(prior_notice_sent=PRIOR), 10),
        (SELECTIVE, TENDER, LegalTerms(no_agreement=True), 10),  # 11 kap. 7 §
        (SELECTIVE, TENDER, LegalTerms(authority=AuthorityKind.STATE, no_agreement=True), 25),
    ],
)
def test_what_shortens_or_lengthens_the_time_is_reached(
    route: Route, stage: StageKey, terms: LegalTerms, days: int
) -> None:
    found = floor(route, stage, SENT, terms).day
    assert found is not None and (found - SENT).days == days


def test_a_prior_notice_is_held_against_the_notice_and_not_the_invitation() -> None:
    terms = LegalTerms(prior_notice_sent=PRIOR)
    late = floor(SELECTIVE, TENDER, SENT, terms, notice_sent=date(2026, 9, 10)).day
    assert late is not None and (late - SENT).days == 25


def test_a_day_agreed_on_is_the_floor_and_stops_no_plan_that_is_laid_backwards() -> None:
    terms = LegalTerms(agreed=date(2027, 6, 1), stated_standstill=date(2031, 1, 2))
    assert floor(SELECTIVE, TENDER, SENT, terms).day == date(2027, 6, 1)
    laid = lay_back(SELECTIVE, date(2029, 1, 1), NO_QUIET, terms=terms)
    assert laid[-1].day == date(2029, 1, 1)
