"""Rows of a published timetable: what is proposed can always be saved, and doubts name the rows."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.timetable_rows import Doubt, Doubted, Row, Takes, clashes, doubts, horizon

TODAY = date(2026, 11, 30)


def on(takes: Takes, day: date, budget_year: int | None = None, *, is_meant: bool = True) -> Row:
    return Row(takes, day, day, budget_year, is_meant)


@pytest.mark.parametrize(
    ("today", "last"),
    [(date(2026, 9, 30), date(2028, 12, 31)), (date(2026, 10, 1), date(2029, 12, 31))],
)
def test_three_budgets_are_of_interest_and_the_first_is_the_one_that_comes(today, last):
    assert horizon(today) == last


def test_each_of_two_decisions_points_at_the_other_and_two_rows_of_a_day_are_one():
    june, november = date(2027, 6, 14), date(2027, 11, 22)
    rows = [on(Takes.DECISION, june), on(Takes.DECISION, november)]
    assert clashes(dict(enumerate(rows))) == {
        0: Doubted(Doubt.TWO_DECISIONS, 1),
        1: Doubted(Doubt.TWO_DECISIONS, 0),
    }
    assert clashes({0: on(Takes.DECISION, june), 1: on(Takes.DECISION, june)}) == {}


@pytest.mark.parametrize(
    ("day", "clash"), [(date(2030, 10, 14), True), (date(2030, 10, 15), False)]
)
def test_after_an_election_the_new_council_decides(day, clash):
    expected = {7: Doubted(Doubt.OLD_COUNCIL)} if clash else {}
    assert clashes({7: on(Takes.DECISION, day)}) == expected


def test_nothing_is_decided_before_it_is_handed_in():
    door, decided = date(2027, 3, 24), date(2027, 3, 23)
    rows = {3: on(Takes.DOOR, door, 2028), 4: on(Takes.DECISION, decided)}
    assert clashes(rows) == {4: Doubted(Doubt.BEFORE_DOOR, 3, door)}
    assert clashes(rows | {4: on(Takes.DECISION, door)}) == {}
    assert clashes(rows | {3: on(Takes.DOOR, door, 2029)}) == {}, "another budget's"


def test_what_is_known_of_the_hand_in_yields_to_what_the_file_says_of_it():
    known = {2028: date(2027, 3, 24)}
    decided = on(Takes.DECISION, date(2027, 2, 22))
    assert doubts([decided], TODAY, known) == {0: Doubted(Doubt.BEFORE_DOOR, None, known[2028])}
    told = on(Takes.DOOR, date(2027, 2, 1), 2028)
    assert doubts([decided, told], TODAY, known) == {}


days = st.integers(-400, 3000).map(lambda number: TODAY + timedelta(days=number))
rows = st.builds(
    lambda takes, day, length, is_meant: Row(
        takes, day, day + timedelta(days=length), day.year + 1, is_meant
    ),
    st.sampled_from(Takes),
    days,
    st.integers(0, 30),
    st.booleans(),
)


@given(st.lists(rows, max_size=30), st.dictionaries(st.integers(2026, 2036), days))
def test_what_is_proposed_can_be_saved_and_lies_within_sight(found, doors):
    doubted = doubts(found, TODAY, doors)
    proposed = {place: row for place, row in enumerate(found) if place not in doubted}
    assert clashes(proposed) == {}
    assert all(row.end >= TODAY and row.start <= horizon(TODAY) for row in proposed.values())
    assert all(row.is_meant for row in proposed.values())
    council = [row.end for row in proposed.values() if row.takes in (Takes.MEETING, Takes.DECISION)]
    assert len(council) == len(set(council))
    assert all(one.other is None or one.other in range(len(found)) for one in doubted.values())
