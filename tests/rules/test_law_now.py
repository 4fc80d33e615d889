"""What the law says of a procurement where it stands: each line once it matters, and no longer."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.floors import LegalTerms
from crm.rules.law.explained import StepKind
from crm.rules.law.limits import Limit
from crm.rules.law.terms import AuthorityKind, Court, Law, ObjectKind, Regime
from crm.rules.law_now import LawLine, LawTopic, Progress, is_beyond, law_now, regime_of
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Route, StageKey

TODAY = date(2026, 11, 24)
LOU = LegalTerms()
CALL = date(2026, 11, 2)
KRONA = 100


def progress(
    route: Route = Route.OPEN,
    begins: date = date(2026, 1, 12),
    reached: Collection[StageKey] = (),
    known: dict[StageKey, date] | None = None,
    **values: object,
) -> Progress:
    laid = lay_out(route, begins, NO_QUIET, known=known)
    return Progress(
        route=route,
        days={one.stage: one.day for one in laid},
        reached=frozenset(reached),
        **values,  # type: ignore[arg-type]
    )


def lines(found: Progress, terms: LegalTerms = LOU, today: date = TODAY) -> dict[LawTopic, LawLine]:
    return {line.topic: line for line in law_now(terms, found, today)}


def test_before_anything_is_planned_the_limits_of_today_are_told() -> None:
    """Not the state, 2026 and 2027: 2 451 751 kronor; directly below 700 000."""
    told = lines(Progress(value_ore=500_000 * KRONA))
    assert set(told) == {LawTopic.THRESHOLD, LawTopic.DIRECT_AWARD}
    direct = told[LawTopic.DIRECT_AWARD]
    assert told[LawTopic.THRESHOLD].amount == 2_451_751 * KRONA
    assert (direct.amount, direct.beyond) == (700_000 * KRONA, -200_000 * KRONA)
    assert direct.is_within is True
    assert direct.explained.has(StepKind.VALUE_DAY)


def test_the_value_itself_is_not_below_the_limit() -> None:
    limit = lines(Progress())[LawTopic.DIRECT_AWARD]
    assert limit.is_within is None and limit.beyond is None
    assert limit.amount is not None
    at = lines(Progress(value_ore=limit.amount))[LawTopic.DIRECT_AWARD]
    assert (at.beyond, at.is_within) == (0, False)


def test_a_past_call_keeps_the_figure_of_its_date() -> None:
    """Before 2022-02-01 up to and including 28 per cent of the threshold: 615 312 kronor in 2021."""
    past = progress(
        known={StageKey.MARKET: date(2021, 5, 3)},
        reached={StageKey.MARKET},
        begins=date(2021, 1, 4),
    )
    then = lines(past)[LawTopic.DIRECT_AWARD]
    assert then.amount == 615_312 * KRONA and not then.of_today
    assert dict(then.explained.steps[0].figures)["day"] == date(2021, 5, 3)


def test_a_call_so_far_ahead_that_no_figure_is_known_shows_today_s_and_says_so() -> None:
    told = lines(progress(known={StageKey.MARKET: date(2029, 5, 3)}))
    assert told[LawTopic.THRESHOLD].of_today
    assert dict(told[LawTopic.THRESHOLD].explained.steps[0].figures)["day"] == TODAY


def test_a_past_call_that_no_row_covers_says_nothing_rather_than_another_day_s() -> None:
    old = progress(
        known={StageKey.MARKET: date(2010, 5, 3)},
        reached={StageKey.MARKET},
        begins=date(2010, 1, 4),
    )
    assert LawTopic.THRESHOLD not in lines(old)


def test_kinds_have_their_own_limits() -> None:
    usual = lines(Progress())[LawTopic.THRESHOLD].amount
    works = lines(Progress(), LegalTerms(kind=ObjectKind.WORKS))[LawTopic.THRESHOLD].amount
    special = lines(Progress(), LegalTerms(kind=ObjectKind.SOCIAL_SPECIAL))[LawTopic.THRESHOLD]
    state = lines(Progress(), LegalTerms(authority=AuthorityKind.STATE))[LawTopic.THRESHOLD].amount
    assert usual is not None and works is not None and state is not None
    assert special.amount is not None
    assert state < usual < special.amount < works


def test_on_the_market_the_least_time_and_the_answers() -> None:
    """Sent on 2 November 2026: thirty days later is 2 December. Answers six days before tenders."""
    sent = progress(
        known={StageKey.MARKET: CALL}, reached={StageKey.MARKET}, tenders_due=date(2026, 12, 11)
    )
    told = lines(sent)
    assert told[LawTopic.TENDER_TIME].day == date(2026, 12, 2)
    assert told[LawTopic.TENDER_TIME].stated is None
    assert told[LawTopic.ANSWERS].day == date(2026, 12, 5)
    assert told[LawTopic.ANSWERS].working_day == date(2026, 12, 1)
    assert not told[LawTopic.ANSWERS].is_planned
    assert (
        lines(sent, today=date(2026, 12, 12))
        .keys()
        .isdisjoint({LawTopic.TENDER_TIME, LawTopic.ANSWERS})
    )


def test_a_stated_last_day_before_the_law_s_is_told() -> None:
    sent = progress(
        known={StageKey.MARKET: CALL}, reached={StageKey.MARKET}, tenders_due=date(2026, 11, 27)
    )
    assert lines(sent)[LawTopic.TENDER_TIME].stated == date(2026, 11, 27)


def test_after_the_award_the_standstill_and_the_review() -> None:
    """Upphandlingsmyndigheten's example: sent 18 April 2019, Easter rolls it; signing 30 April."""
    awarded = progress(
        begins=date(2018, 6, 4),
        known={StageKey.MARKET: date(2019, 1, 7), StageKey.STANDSTILL: date(2019, 4, 18)},
        reached={StageKey.MARKET, StageKey.STANDSTILL},
    )
    told = lines(awarded, today=date(2019, 4, 18))
    assert told[LawTopic.STANDSTILL].day == date(2019, 4, 30)
    assert told[LawTopic.REVIEW].day == date(2019, 4, 29)
    assert told[LawTopic.REVIEW].working_day == date(2019, 4, 26)
    later = lines(awarded, today=date(2019, 4, 30))
    assert LawTopic.REVIEW not in later and LawTopic.STANDSTILL in later


def test_a_saturday_is_lawful_and_the_next_working_day_is_told_beside_it() -> None:
    """Ten days after Tuesday 10 November 2026 is Friday the 20th: lawful from Saturday the 21st."""
    awarded = progress(
        known={StageKey.STANDSTILL: date(2026, 11, 10)}, reached={StageKey.STANDSTILL}
    )
    told = lines(awarded)[LawTopic.STANDSTILL]
    assert (told.day, told.working_day) == (date(2026, 11, 21), date(2026, 11, 23))


def test_while_a_court_reviews_it_no_day_of_signing_is_told() -> None:
    """LOU 20 kap. 8 §: the spärr goes on in förvaltningsrätten, and by itself only there."""
    award, done = {StageKey.STANDSTILL: date(2026, 11, 10)}, {StageKey.STANDSTILL}
    first = lines(progress(known=award, reached=done, review_in=Court.FORVALTNINGSRATT))
    assert first[LawTopic.REVIEWED].explained.value is True
    assert first.keys().isdisjoint({LawTopic.STANDSTILL, LawTopic.REVIEW})
    second = lines(progress(known=award, reached=done, review_in=Court.KAMMARRATT))
    assert second[LawTopic.REVIEWED].explained.value is False


def test_after_a_ruling_ten_days_from_its_sending() -> None:
    """LOU 20 kap. 10 §; Kammarrätten i Göteborg, case 3477-24."""
    ruled = progress(
        known={StageKey.STANDSTILL: date(2026, 9, 7)},
        reached={StageKey.STANDSTILL},
        ruled_on=date(2026, 11, 16),
        ruling_sent_on=date(2026, 11, 17),
    )
    assert lines(ruled)[LawTopic.RULING].day == date(2026, 11, 28)
    assert lines(ruled)[LawTopic.RULING].working_day == date(2026, 11, 30)


def test_after_the_signing_the_notice_the_documentation_and_the_validity() -> None:
    """Thirty days from 2 November 2026 is 2 December; six months end on 2 May 2027, a Sunday."""
    signed = progress(
        known={StageKey.STANDSTILL: date(2026, 10, 5), StageKey.ROLLOUT: date(2026, 11, 2)},
        reached={StageKey.STANDSTILL, StageKey.ROLLOUT},
    )
    told = lines(signed)
    assert told[LawTopic.AWARD_NOTICE].day == date(2026, 12, 2)
    assert told[LawTopic.DOCUMENTATION].day == date(2026, 12, 2)
    assert told[LawTopic.VALIDITY].day == date(2027, 5, 3)
    assert told.keys().isdisjoint({LawTopic.STANDSTILL, LawTopic.THRESHOLD})
    assert set(lines(signed, today=date(2027, 6, 1))) == set()


def test_a_small_direct_award_owes_no_notice_and_a_value_must_be_known_to_say_so() -> None:
    small = progress(
        Route.DIRECT_AWARD, reached={StageKey.MARKET}, value_ore=90_000 * KRONA, begins=TODAY
    )
    told = lines(small)
    assert told[LawTopic.AWARD_NOTICE].day is None
    assert told[LawTopic.DOCUMENTATION].day is None
    unknown = progress(Route.DIRECT_AWARD, reached={StageKey.MARKET}, begins=TODAY)
    assert LawTopic.AWARD_NOTICE not in lines(unknown)
    assert lines(unknown)[LawTopic.NO_STANDSTILL].explained.value == "none"


def test_a_cancelled_one_has_ten_days_for_a_review_and_nothing_else_to_wait_for() -> None:
    gone = progress(
        known={StageKey.MARKET: CALL}, reached={StageKey.MARKET}, cancelled_on=date(2026, 11, 16)
    )
    told = lines(gone)
    assert told[LawTopic.CANCEL_REVIEW].day == date(2026, 11, 26)
    assert told.keys().isdisjoint({LawTopic.TENDER_TIME, LawTopic.STANDSTILL})


@pytest.mark.parametrize(
    ("kronor", "too_small"),
    [
        (100_000, set()),
        (1_000_000, {Route.DIRECT_AWARD, Route.UNIT_PURCHASE}),
        (9_000_000, {Route.DIRECT_AWARD, Route.UNIT_PURCHASE, Route.BELOW_THRESHOLD}),
    ],
)
def test_a_value_is_too_large_for_some_routes(kronor: int, too_small: set[Route]) -> None:
    found = regime_of(LOU, TODAY, kronor * KRONA)
    assert {route for route in Route if is_beyond(route, found)} == too_small
    assert regime_of(LOU, TODAY, None) is None and not is_beyond(Route.DIRECT_AWARD, None)
    assert found is not Regime.NATIONAL or kronor == 1_000_000


@given(
    st.sampled_from(list(Route)),
    st.sampled_from([Law.LOU, Law.LUF, Law.LUK, Law.LUFS]),
    st.sampled_from(list(ObjectKind)),
    st.dates(date(2012, 1, 1), date(2032, 12, 31)),
    st.integers(0, 17),
    st.integers(0, 10**12) | st.none(),
)
def test_every_line_has_steps_and_stands_once_and_in_order(
    route: Route, law: Law, kind: ObjectKind, begins: date, steps: int, value: int | None
) -> None:
    laid = lay_out(route, begins, NO_QUIET)
    found = Progress(
        route=route,
        days={one.stage: one.day for one in laid},
        reached=frozenset(one.stage for one in laid[:steps]),
        value_ore=value,
    )
    told = law_now(LegalTerms(law=law, kind=kind), found, begins + timedelta(days=90))
    topics = [line.topic for line in told]
    order = [topic for topic in LawTopic for _line in range(topics.count(topic))]
    assert topics == order
    for line in told:
        assert line.explained.steps
        if isinstance(line.explained.value, Limit) and value is not None:
            assert line.amount is not None and line.beyond == value - line.amount
            assert line.is_within is line.explained.value.allows(value)


@pytest.mark.parametrize("law", [Law.LUFS, Law.LUK])
def test_what_the_sources_do_not_carry_is_told_as_not_known(law: Law) -> None:
    """Limits are known for both; the standstill and what follows for neither (LUK 16 kap.)."""
    kind = ObjectKind.CONCESSION if law is Law.LUK else ObjectKind.GOODS_SERVICES
    terms = LegalTerms(law=law, kind=kind)
    told = lines(progress(known={StageKey.MARKET: CALL}, reached={StageKey.MARKET}), terms)
    assert told[LawTopic.DIRECT_AWARD].is_known
    valued = lines(Progress(value_ore=2_000_000 * KRONA), terms)
    assert valued[LawTopic.THRESHOLD].regime is None  # 19 kap. is of LOU and LUF
    assert lines(Progress(value_ore=2_000_000 * KRONA))[LawTopic.THRESHOLD].regime is not None
    assert not told[LawTopic.STANDSTILL].is_known
    assert LawTopic.REVIEW not in told
    assert told[LawTopic.ANSWERS].is_known is (law is Law.LUK)
    assert told[LawTopic.TENDER_TIME].is_known is (law is Law.LUK)
    reached = set(STAGES_UNTIL_STANDSTILL)
    after = lines(progress(reached=reached, review_in=Court.FORVALTNINGSRATT), terms)
    assert not after[LawTopic.REVIEWED].is_known
    called_off = lines(progress(cancelled_on=TODAY), terms)
    assert not called_off[LawTopic.CANCEL_REVIEW].is_known


STAGES_UNTIL_STANDSTILL = (
    StageKey.MARKET,
    StageKey.EVALUATION,
    StageKey.AWARD,
    StageKey.STANDSTILL,
)


def test_a_published_result_shortens_the_time_for_the_validity_and_is_not_owed() -> None:
    """LOU 20 kap. 17 §: 30 days from the publication of 22 November 2026."""
    signed = progress(
        known={StageKey.ROLLOUT: date(2026, 11, 3)},
        reached={StageKey.STANDSTILL, StageKey.ROLLOUT},
        has_result_notice=True,
        result_published=date(2026, 11, 22),
    )
    told = lines(signed)
    assert told[LawTopic.VALIDITY].day == date(2026, 12, 22)
    assert LawTopic.AWARD_NOTICE not in told
    assert LawTopic.DOCUMENTATION in told


def under_review(**values: object) -> dict[LawTopic, LawLine]:
    return lines(
        progress(
            known={StageKey.STANDSTILL: date(2026, 10, 5)},
            reached={StageKey.STANDSTILL},
            review_in=Court.FORVALTNINGSRATT,
            **values,
        )
    )


def test_what_a_court_has_decided_is_told() -> None:
    """LOU 20 kap. 8, 9 and 10 §§: lifted, forbidden by an interim decision, and without ten days."""
    lifted = under_review(review_lifted=True)[LawTopic.REVIEWED]
    assert lifted.explained.value is False
    forbidden = under_review(review_lifted=True, review_interim=True)[LawTopic.REVIEWED]
    assert forbidden.explained.value is True
    ruled = under_review(ruled_on=date(2026, 11, 23), ruling_waived=True)
    assert ruled[LawTopic.RULING].day == date(2026, 11, 23)


def test_bidders_that_were_told_in_writing_have_thirty_days() -> None:
    told = lines(
        progress(
            known={StageKey.ROLLOUT: date(2026, 11, 3)},
            reached={StageKey.STANDSTILL, StageKey.ROLLOUT},
            informed_on=date(2026, 11, 10),
        )
    )
    assert told[LawTopic.VALIDITY].day == date(2026, 12, 10)


def test_a_voluntary_notice_begins_ten_days_for_what_has_no_other_standstill() -> None:
    """LOU 20 kap. 3 §: published on 20 November 2026, so the spärr ends on the 30th."""
    bought = progress(Route.DIRECT_AWARD, intent_published=date(2026, 11, 20))
    told = lines(bought)
    assert told[LawTopic.STANDSTILL].day == date(2026, 12, 1)
    assert told[LawTopic.REVIEW].day == date(2026, 11, 30)
    assert LawTopic.NO_STANDSTILL not in told
    assert LawTopic.NO_STANDSTILL in lines(progress(Route.DIRECT_AWARD))


@pytest.mark.parametrize(
    ("route", "kronor", "beyond"),
    [
        (Route.BELOW_THRESHOLD, 3_000_000, True),
        (Route.BELOW_THRESHOLD, 1_000_000, False),
        (Route.DIRECT_AWARD, 700_000, True),
        (Route.DIRECT_AWARD, 699_999, False),
        (Route.OPEN, 3_000_000, False),
        (Route.CALL_OFF, 5_000_000, False),
    ],
)
def test_a_value_that_is_too_large_for_the_route_is_told(
    route: Route, kronor: int, beyond: bool
) -> None:
    line = lines(Progress(route=route, value_ore=kronor * KRONA))[LawTopic.THRESHOLD]
    assert line.is_beyond is beyond


@pytest.mark.parametrize(
    "route",
    [
        Route.CALL_OFF,
        Route.RENEWED_COMPETITION,
        Route.PURCHASING_BODY,
        Route.DYNAMIC_SYSTEM,
        Route.CHOICE_SYSTEM,
        Route.OPTION,
    ],
)
@pytest.mark.parametrize("kronor", [500_000, 900_000, 5_000_000])
def test_what_follows_rules_of_its_own_is_not_told_by_its_value(route: Route, kronor: int) -> None:
    """A renewed competition for 500 000 is no direct award, and an option is not advertised."""
    line = lines(Progress(route=route, value_ore=kronor * KRONA))[LawTopic.THRESHOLD]
    assert line.regime is None
    assert line.own_rules is route
