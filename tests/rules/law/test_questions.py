"""When answers are due, when to ask, and when the time to bid must be extended."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.explained import StepKind
from crm.rules.law.questions import must_extend, question_days
from crm.rules.law.terms import Law, Regime
from crm.rules.law.values import NoValue, shipped_values

VALUES = shipped_values()
DEADLINE = date(2026, 11, 30)  # a Monday


def test_answers_come_six_days_before_and_questions_ten() -> None:
    """FP-QA, after prop. 2015/16:195: asked ten days before, answered six days before."""
    found = question_days(VALUES, Law.LOU, Regime.EU, DEADLINE)
    assert found.value.answers_by == date(2026, 11, 24)
    assert found.value.ask_by == date(2026, 11, 20)
    assert "LOU 12 kap. 11 §" in found.cites


@pytest.mark.parametrize(
    "deadline, answers, ask",
    [
        # Upphandlingsmyndigheten, Frågeportalen 2394992: asked on the 15th, answered on the 19th.
        (date(2021, 2, 25), date(2021, 2, 19), date(2021, 2, 15)),
        # 2431270, with Förvaltningsrätten i Malmö 3487-16: the tender day is not one of the six.
        (date(2021, 4, 20), date(2021, 4, 14), date(2021, 4, 9)),  # the 10th is a Saturday
    ],
)
def test_the_agencys_examples_of_questions_and_answers(
    deadline: date, answers: date, ask: date
) -> None:
    found = question_days(VALUES, Law.LOU, Regime.EU, deadline).value
    assert (found.answers_by, found.ask_by) == (answers, ask)


def test_an_answer_five_days_before_was_too_late() -> None:
    """Förvaltningsrätten i Malmö 3487-16: answered on 4 March 2016, bids due on the 9th.

    The year is moved to one that the rows cover.
    """
    late = must_extend(VALUES, Law.LOU, Regime.EU, date(2022, 3, 9), answered=date(2022, 3, 4))
    assert late.value


def test_an_urgent_procedure_answers_four_days_before() -> None:
    found = question_days(VALUES, Law.LOU, Regime.EU, DEADLINE, urgent=True)
    assert found.value.answers_by == date(2026, 11, 26)


def test_below_the_threshold_it_is_six_days_by_19_kap() -> None:
    found = question_days(VALUES, Law.LOU, Regime.NATIONAL, DEADLINE, urgent=True)
    assert found.value.answers_by == date(2026, 11, 24)
    assert "LOU 19 kap. 13 §" in found.cites
    with pytest.raises(NoValue):
        question_days(VALUES, Law.LOU, Regime.NATIONAL, date(2022, 1, 31))


def test_a_concession_answers_six_days_before_too() -> None:
    found = question_days(VALUES, Law.LUK, Regime.EU, DEADLINE)
    assert found.value.answers_by == date(2026, 11, 24)
    assert "LUK 10 kap. 11 §" in found.cites


def test_a_direct_award_has_no_such_day() -> None:
    with pytest.raises(ValueError, match="direct award"):
        question_days(VALUES, Law.LOU, Regime.DIRECT_AWARD, DEADLINE)


def test_a_day_to_ask_is_a_working_day_and_the_lawful_day_stays() -> None:
    found = question_days(VALUES, Law.LOU, Regime.EU, date(2026, 11, 28))  # 22nd is a Sunday
    assert found.value.answers_by == date(2026, 11, 22)
    assert found.has(StepKind.PLAN_EARLIER)
    assert found.value.ask_by == date(2026, 11, 18)
    assert question_days(VALUES, Law.LOU, Regime.EU, date(2026, 12, 2)).value.ask_by == date(
        2026, 11, 20
    )


def test_a_late_answer_or_a_material_change_extends_the_time() -> None:
    assert not must_extend(VALUES, Law.LOU, Regime.EU, DEADLINE, answered=date(2026, 11, 24)).value
    late = must_extend(VALUES, Law.LOU, Regime.EU, DEADLINE, answered=date(2026, 11, 25))
    assert late.value and late.has(StepKind.EXTEND_LATE_ANSWER)
    assert late.cites == ("LOU 11 kap. 8 §",)
    changed = must_extend(VALUES, Law.LOU, Regime.NATIONAL, DEADLINE, changed_materially=True)
    assert changed.value and changed.cites == ("LOU 19 kap. 14 §",)
    assert not must_extend(VALUES, Law.LOU, Regime.EU, DEADLINE).value


@given(st.dates(date(2022, 3, 1), date(2030, 12, 31)), st.booleans(), st.integers(0, 40))
def test_one_asks_before_the_answers_and_a_later_deadline_never_brings_either_forward(
    deadline: date, urgent: bool, later: int
) -> None:
    found = question_days(VALUES, Law.LOU, Regime.EU, deadline, urgent=urgent).value
    assert found.ask_by < found.answers_by < deadline
    assert is_working_day(found.ask_by)
    after = question_days(
        VALUES, Law.LOU, Regime.EU, deadline + timedelta(days=later), urgent=urgent
    ).value
    assert after.ask_by >= found.ask_by and after.answers_by >= found.answers_by
