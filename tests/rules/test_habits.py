"""What we decided for ourselves."""

from datetime import UTC, date, datetime

import pytest

from crm.rules.calendar import is_working_day, working_hours_between
from crm.rules.habits import ANSWER_WITHIN, answer_promised_before, follow_up_day


@pytest.mark.parametrize(
    ("today", "comes_back"),
    [
        (date(2026, 11, 23), date(2026, 12, 7)),
        (date(2026, 12, 11), date(2026, 12, 28)),  # Christmas Day falls on the day itself
    ],
)
def test_a_follow_up_comes_back_on_a_working_day(today: date, comes_back: date) -> None:
    assert follow_up_day(today) == comes_back
    assert is_working_day(comes_back)


@pytest.mark.parametrize("day", range(20, 28))
def test_what_came_in_before_has_waited_as_long_as_promised(day: int) -> None:
    now = datetime(2026, 11, day, 13, 30, tzinfo=UTC)
    came_in = answer_promised_before(now)
    assert working_hours_between(came_in, now) == pytest.approx(
        ANSWER_WITHIN.working_hours, abs=0.001
    )
