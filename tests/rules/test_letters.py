"""One letter a week, whatever day it leaves on; no week told twice and none left out (E11)."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.letters import WEEK, is_time, letter_day

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("today", "weekday", "day"),
    [
        (MONDAY, 0, MONDAY),
        (MONDAY, 4, date(2026, 11, 20)),
        (date(2026, 11, 26), 0, MONDAY),
        (date(2027, 1, 1), 3, date(2026, 12, 31)),
    ],
)
def test_the_latest_chosen_weekday(today, weekday, day):
    assert letter_day(today, weekday) == day


@given(st.integers(0, 4), st.lists(st.booleans(), min_size=60, max_size=200))
def test_weeks_follow_on_each_other(weekday, open_days):
    """Whichever days are off, each letter is about a week, in order and none twice; and with a
    chance to send at least once a week none is left out."""
    written, weeks = None, []
    for number, is_open in enumerate(open_days):
        today = MONDAY + timedelta(days=number)
        if is_open and is_time(today, weekday, written):
            written = letter_day(today, weekday)
            weeks.append(written)
    assert weeks == sorted(set(weeks))
    assert all((after - before).days % 7 == 0 for before, after in itertools.pairwise(weeks))
    if all(any(open_days[n : n + 7]) for n in range(len(open_days) - 6)):
        assert all(after - before <= 2 * WEEK for before, after in itertools.pairwise(weeks))


@given(st.integers(0, 4), st.integers(0, 400))
def test_every_week_has_its_letter_when_each_week_has_an_open_day(weekday, start):
    """Open on one day a week only, always the same: a letter every week."""
    written, weeks = None, []
    for number in range(10):
        today = MONDAY + timedelta(days=start) + number * WEEK
        assert is_time(today, weekday, written)
        written = letter_day(today, weekday)
        assert not is_time(today, weekday, written)
        weeks.append(written)
    assert {after - before for before, after in itertools.pairwise(weeks)} == {WEEK}
