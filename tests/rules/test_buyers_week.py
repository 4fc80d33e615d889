"""Accounts by phase and week."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Meeting,
    PhaseOverride,
    Practice,
    calendar,
    door,
    next_window,
    own_days,
    phase_keys,
    phases,
    practices_for,
    usual,
)
from crm.rules.buyers_week import (
    SHIPPED_ADVICE,
    STEPS,
    BuyerPhase,
    Stretch,
    Week,
    counted,
    dated_in,
    doing,
    heat,
    known,
    phase_of,
    stretches,
    weeks_from,
    weeks_of_year,
)
from crm.rules.certainty import Certainty

JUNE = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE)
NOVEMBER = Practice(BodyKind.MUNICIPALITY, DecisionPractice.NOVEMBER)
NOBODY_KNOWS = Practice(BodyKind.MUNICIPALITY, DecisionPractice.UNKNOWN)

days = st.dates(date(2025, 1, 1), date(2032, 12, 31))
usual_practices = st.sampled_from(
    [Practice(kind, decision) for kind in BodyKind for decision in practices_for(kind)]
)
days_of_the_year = st.tuples(st.integers(1, 12), st.integers(1, 28))
years = st.integers(2024, 2034)


@st.composite
def with_own_days(draw: st.DrawFn) -> Practice:
    """Anything a body may have of its own: dates, a custom after elections, decided meetings."""
    usual = draw(usual_practices)
    keys = [key for key, _sv, _en in phase_keys(usual)] or ["none"]
    own = draw(
        st.lists(
            st.builds(
                lambda key, start, end, offset, year: PhaseOverride(
                    key, *start, *end, offset, year
                ),
                st.sampled_from([*keys, "not_in_this_calendar"]),
                days_of_the_year,
                days_of_the_year,
                st.none() | st.integers(-2, 1),
                st.none() | years,
            ),
            max_size=5,
        )
    )
    held = draw(
        st.lists(
            st.builds(
                lambda day, ahead: Meeting(day, Certainty.PUBLISHED, ahead and day.year + ahead),
                days,
                st.sampled_from([None, 1, 1, 0, 2]),
            ),
            max_size=4,
        )
    )
    return replace(
        usual,
        overrides=tuple(own),
        meetings=tuple(sorted(held, key=lambda one: one.held_on)),
        election_decision_month=draw(st.sampled_from([None, 10, 11, 12])),
        certainty=draw(st.sampled_from(Certainty)),
        checked_on=draw(st.none() | days),
    )


practices = usual_practices | with_own_days()


def test_a_june_body_hands_in_while_a_november_body_gets_its_frames() -> None:
    week = Week.of(date(2028, 4, 5))
    assert BuyerPhase.DOOR in doing(JUNE, week)[0]
    assert BuyerPhase.DIRECTIVE in doing(NOVEMBER, week)[0]
    assert BuyerPhase.DOOR not in doing(NOVEMBER, week)[0]


def test_an_unknown_timetable_stands_apart_and_nowhere_else() -> None:
    assert set().union(*doing(NOBODY_KNOWS, Week(2027, 1), 52)) == {BuyerPhase.UNKNOWN}


def test_a_day_of_the_phase_in_the_week_is_enough() -> None:
    own = PhaseOverride("kf_budgetbeslut", 6, 14, 6, 14)  # 14 June 2027 is a Monday
    decides = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, overrides=(own,))
    weeks = weeks_of_year(2027)
    found = [
        week
        for week, rows in zip(weeks, doing(decides, weeks[0], len(weeks)), strict=True)
        if BuyerPhase.DECISION in rows
    ]
    assert found == [Week.of(date(2027, 6, 14))]


@given(practices, days, st.sampled_from([1, 7, 53]))
def test_each_week_has_exactly_what_the_calendar_has(
    practice: Practice, day: date, count: int
) -> None:
    first = Week.of(day)
    for week, rows in zip(weeks_from(day, count), doing(practice, first, count), strict=True):
        assert rows
        if not practice.is_known:
            assert rows == {BuyerPhase.UNKNOWN}
            continue
        touched = {
            row
            for phase in calendar(practice, week.monday, week.sunday)
            if (row := phase_of(phase)) is not None
        }
        assert rows == (touched or {BuyerPhase.BETWEEN})
        for row in touched:
            assert dated_in(practice, row, week)


@given(practices, days)
def test_the_next_window_is_the_first_of_the_doors_ahead(practice: Practice, today: date) -> None:
    years = range(today.year - 2, today.year + 4)
    doors = [found for year in years if (found := door(practice, year)) and found.end >= today]
    window = next_window(practice, today)
    if window is None:
        assert not doors
    else:
        assert window.phase == min(doors, key=lambda phase: (phase.start, phase.end))
        assert (window.opens, window.closes) == (window.phase.start, window.phase.end)


def together_of(accounts: list[tuple[Practice, int]]) -> Counter[Practice]:
    found: Counter[Practice] = Counter()
    for practice, number in accounts:
        found[practice] += number
    return found


@given(st.lists(st.tuples(practices, st.integers(1, 40)), max_size=8), days)
def test_the_counts_are_those_of_each_account_alone(
    accounts: list[tuple[Practice, int]], day: date
) -> None:
    first = Week.of(day)
    together = counted(together_of(accounts), first)
    assert list(together) == list(BuyerPhase)
    for phase, numbers in together.items():
        for week, number in enumerate(numbers):
            assert number == sum(
                count for practice, count in accounts if phase in doing(practice, first, 7)[week]
            )
    everybody = sum(count for _practice, count in accounts)
    unknown = everybody - known(together_of(accounts))
    assert together[BuyerPhase.UNKNOWN] == (unknown,) * 7
    for week in range(7):
        apart = together[BuyerPhase.BETWEEN][week] + together[BuyerPhase.UNKNOWN][week]
        in_all = sum(numbers[week] for numbers in together.values())
        assert max(numbers[week] for numbers in together.values()) <= everybody <= in_all
        assert apart <= everybody


@given(practices, years)
def test_what_is_not_the_bodys_own_is_as_usual(practice: Practice, budget_year: int) -> None:
    if not practice.is_known:
        return
    own = own_days(practice, budget_year)
    as_usual = {phase.key: phase for phase in phases(usual(practice), budget_year)}
    found = phases(practice, budget_year)
    assert len(as_usual) == len(found)  # a key stands once a year
    for phase in found:
        role_and_days = (phase.role, phase.start, phase.end)
        same = as_usual[phase.key]
        assert role_and_days == own.get(phase.key, (same.role, same.start, same.end))


@given(days)
def test_weeks_follow_on_each_other(day: date) -> None:
    weeks = weeks_from(day, 60)
    assert weeks[0].monday <= day <= weeks[0].sunday
    for one, following in pairwise(weeks):
        assert following.monday == one.monday + timedelta(days=7)
    assert all(Week.parse(str(week)) == week for week in weeks)


def test_a_year_has_52_or_53_weeks() -> None:
    assert [len(weeks_of_year(year)) for year in (2025, 2026, 2027)] == [52, 53, 52]
    assert weeks_of_year(2026)[-1].sunday == date(2027, 1, 3)


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-W54", "2027-W0", "1999-W01", "x-W1", "2027-W1x"]
)
def test_what_is_no_week_is_none(text: str) -> None:
    assert Week.parse(text) is None


def test_a_row_of_weeks_in_words() -> None:
    weeks = weeks_of_year(2027)[:8]
    found = stretches([0, 2, 5, 0, 0, 1, 1, 0], weeks)
    assert found == (
        Stretch(weeks[1], weeks[2], 5, weeks[2]),
        Stretch(weeks[5], weeks[6], 1, weeks[5]),
    )
    assert stretches([0] * 8, weeks) == ()


@given(st.integers(0, 500), st.integers(0, 500))
def test_heat_is_nothing_for_nobody_and_strongest_for_the_most(number: int, most: int) -> None:
    step = heat(number, most)
    assert (step == 0) == (number == 0 or most == 0)
    assert 0 <= step <= STEPS
    if most:
        assert heat(most, most) == STEPS


def test_every_phase_has_its_line() -> None:
    assert set(SHIPPED_ADVICE) == set(BuyerPhase)
    assert all(line.text_sv and line.text_en for line in SHIPPED_ADVICE.values())
    assert all(len(line.text_sv) <= 200 for line in SHIPPED_ADVICE.values())
