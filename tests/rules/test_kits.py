"""What may go into a kit."""

from datetime import date

import pytest

from crm.rules.kits import latest_day, may_be_named
from crm.rules.references import Standing

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("withdrawn", "asked", "for_the_case", "may"),
    [
        (False, 0, [], True),
        (False, 1, [], True),
        (False, 2, [], False),
        (False, 2, [date(2026, 3, 1)], True),  # for this case already: no second ask
        (False, 2, [date(2025, 3, 1)], False),  # but that was last year
        (True, 0, [], False),
        (True, 1, [date(2026, 3, 1)], False),
    ],
)
def test_a_reference_is_named_within_its_limit(
    withdrawn: bool, asked: int, for_the_case: list[date], may: bool
) -> None:
    stands = Standing(withdrawn, asked, 2, None)
    assert may_be_named(stands, for_the_case, TODAY) is may


def test_a_link_is_open_for_a_year_at_most() -> None:
    assert latest_day(TODAY) == date(2027, 11, 23)
    assert latest_day(date(2024, 2, 29)) == date(2025, 2, 28)
