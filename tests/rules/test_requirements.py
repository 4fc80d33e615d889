"""What an answer calls for, and what requirements rest on."""

from datetime import date

import pytest

from crm.rules.requirements import (
    AnswerSign,
    AnswerState,
    Grounds,
    answer_sign,
    checked_before,
    expires_on,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("checked", "months", "expires"),
    [
        (date(2025, 11, 23), 12, date(2026, 11, 23)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_an_answer_is_looked_at_again_on_the_same_day_of_a_later_month(
    checked: date, months: int, expires: date
) -> None:
    assert expires_on(checked, months) == expires


@pytest.mark.parametrize(
    ("state", "planned", "checked", "sign"),
    [
        (AnswerState.MET, None, date(2025, 11, 24), AnswerSign.HOLDS),
        (AnswerState.MET, None, date(2025, 11, 23), AnswerSign.CHECK),
        (AnswerState.NOT_MET, None, date(2020, 1, 1), AnswerSign.CHECK),
        (AnswerState.PLANNED, date(2026, 11, 23), TODAY, AnswerSign.HOLDS),
        (AnswerState.PLANNED, date(2026, 11, 22), TODAY, AnswerSign.PAST_DAY),
    ],
)
def test_an_answer_says_what_it_calls_for(
    state: AnswerState, planned: date | None, checked: date, sign: AnswerSign
) -> None:
    assert answer_sign(state, planned, checked, TODAY, 12) is sign


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2024, 2, 29), date(2026, 3, 31)])
def test_the_last_day_of_a_check_agrees_with_the_day_it_expires(today: date) -> None:
    last = checked_before(today, 12)
    assert answer_sign(AnswerState.MET, None, last, today, 12) is AnswerSign.CHECK


def test_a_ratio_never_claims_more_than_there_is() -> None:
    assert Grounds(0, 0).percent is None
    assert Grounds(199, 200).percent == 99
    assert Grounds(3, 3).percent == 100
