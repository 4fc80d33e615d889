from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.core import clock


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 23, 1, tzinfo=UTC), date(2026, 11, 24)),  # past midnight in Sweden
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 1, tzinfo=UTC), date(2026, 7, 2)),  # summer time
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            date(2026, 10, 25),
        ),  # the hour that comes twice
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), date(2027, 3, 28)),  # before the hour is lost
    ],
)
def test_today_is_the_swedish_civil_date(instant: datetime, day: date) -> None:
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day
        assert clock.now() == instant
