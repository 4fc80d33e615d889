"""Reminders that come again: month ends, leap days, ends of three kinds, and the cycle's event."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind, default_practice
from crm.rules.calendar import is_working_day
from crm.rules.practices import load_practices
from crm.rules.quiet import Audience
from crm.rules.recurrence import MOST_APART, Every, Recurrence, StopWhen, following, stops
from crm.rules.stages import CaseState, WakeEvent

PRACTICES = load_practices()
HULTSFRED = PRACTICES[(BodyKind.MUNICIPALITY, "0860")]
DAY = timedelta(days=1)


def days_of(recurrence, number, practice=HULTSFRED, audience=Audience.GENERAL):
    """The first occasions, as many as asked for or as there are."""
    found, after = [], recurrence.starts_on - DAY
    while len(found) < number:
        day = following(recurrence, len(found), after, practice=practice, audience=audience)
        if day is None:
            break
        found.append(day)
        after = day
    return found


def test_the_last_of_the_month_stays_the_last():
    monthly = Recurrence(Every.MONTH, date(2027, 1, 31))
    assert days_of(monthly, 5) == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
    ]


def test_a_leap_day_comes_every_year():
    yearly = Recurrence(Every.YEAR, date(2028, 2, 29))
    assert days_of(yearly, 5) == [
        date(2028, 2, 29),
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
        date(2032, 2, 29),
    ]


def test_both_changes_of_the_clock_change_no_day():
    weekly = Recurrence(Every.WEEK, date(2027, 3, 22), apart=2)
    assert days_of(weekly, 18)[-1] == date(2027, 3, 22) + 17 * timedelta(days=14)


def test_every_day_is_every_working_day():
    daily = Recurrence(Every.DAY, date(2026, 12, 22))  # Tuesday; the eve and the holidays follow
    found = days_of(daily, 6)
    assert all(is_working_day(day) for day in found)
    assert found[:2] == [date(2026, 12, 22), date(2026, 12, 23)]
    assert date(2026, 12, 25) not in found


@pytest.mark.parametrize(
    ("ends", "number"),
    [({"times": 3}, 3), ({"until": date(2027, 2, 28)}, 2), ({"until": date(2027, 1, 1)}, 0)],
)
def test_it_ends_by_itself(ends, number):
    assert len(days_of(Recurrence(Every.MONTH, date(2027, 1, 31), **ends), 10)) == number


def test_what_was_missed_is_not_made_up_for():
    monthly = Recurrence(Every.MONTH, date(2027, 1, 15), times=4)
    later = following(monthly, 1, date(2027, 6, 20), practice=HULTSFRED, audience=Audience.GENERAL)
    assert later == date(2027, 7, 15)


def test_each_cycle_comes_with_its_event():
    cycle = Recurrence(Every.CYCLE, date(2027, 2, 1), event=WakeEvent.COUNCIL_DECIDED)
    found = days_of(cycle, 3)
    assert [day.year for day in found] == [2027, 2028, 2029]


def test_an_event_nobody_can_tell_has_no_days():
    unknown = default_practice(BodyKind.MUNICIPALITY)
    cycle = Recurrence(Every.CYCLE, date(2027, 1, 1), event=WakeEvent.DOOR_OPENS)
    assert days_of(cycle, 1, unknown) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": Every.DAY, "apart": 0},
        {"every": Every.DAY, "apart": MOST_APART + 1},
        {"every": Every.WEEK, "times": 0},
        {"every": Every.CYCLE},
        {"every": Every.MONTH, "event": WakeEvent.DOOR_OPENS},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"apart|times|event"):
        Recurrence(starts_on=date(2027, 1, 1), **wrong)


@pytest.mark.parametrize(
    ("when", "state", "over"),
    [
        (StopWhen.NEVER, CaseState.CLOSED, False),
        (StopWhen.CASE_CLOSED, None, False),
        (StopWhen.CASE_CLOSED, CaseState.OPEN, False),
        (StopWhen.CASE_CLOSED, CaseState.WAITING, False),
        (StopWhen.CASE_CLOSED, CaseState.CLOSED, True),
        (StopWhen.WAIT_OVER, CaseState.WAITING, False),
        (StopWhen.WAIT_OVER, CaseState.OPEN, True),
        (StopWhen.WAIT_OVER, CaseState.CLOSED, True),
    ],
)
def test_the_state_that_ends_it(when, state, over):
    assert stops(when, state) is over


@settings(max_examples=200, deadline=None)
@given(
    every=st.sampled_from(Every),
    start=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    apart=st.integers(1, MOST_APART),
    until=st.one_of(st.none(), st.integers(0, 2000)),
    times=st.one_of(st.none(), st.integers(1, 12)),
    event=st.sampled_from(WakeEvent),
    key=st.sampled_from(sorted(PRACTICES)),
)
def test_whatever_is_chosen(every, start, apart, until, times, event, key):
    recurrence = Recurrence(
        every,
        start,
        apart,
        None if until is None else start + timedelta(until),
        times,
        event if every is Every.CYCLE else None,
    )
    found = days_of(recurrence, 15, PRACTICES[key], Audience.SCHOOL)
    assert len(found) <= (times or 15)
    assert all(day >= start for day in found)
    assert all(recurrence.until is None or day <= recurrence.until for day in found)
    assert all(one < next_ for one, next_ in pairwise(found))
    if every in (Every.MONTH, Every.YEAR):
        for day in found:
            last = (day + DAY).day == 1
            assert day.day == start.day or (last and day.day < start.day)
    if every is Every.WEEK:
        assert {day.weekday() for day in found} <= {start.weekday()}
    # Asked from any day between two occasions the answer is the later one.
    for one, next_ in pairwise(found):
        middle = one + (next_ - one) // 2
        again = following(recurrence, 1, middle, practice=PRACTICES[key], audience=Audience.SCHOOL)
        assert again == next_ or (recurrence.times or 2) <= 1
