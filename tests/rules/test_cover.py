"""R13 and C7: when the champion has left, and when a case hangs on one person."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crm.rules.reminders import CaseFacts, Offset, ReminderKind, explain, is_overdue, plan
from crm.rules.rule_settings import RuleSetting, in_force
from crm.rules.stages import AdoptionStage, CaseState, ProcurementStage
from tests.rules.test_reminders import HULTSFRED

TODAY = date(2027, 2, 1)
CASE = CaseFacts(case_id=1, organisation_id=2, opened_on=date(2026, 6, 1))
LEFT = replace(CASE, champion_left=("Anna Berg", date(2027, 1, 29)))
ALONE = replace(CASE, single=("Anna Berg", date(2026, 7, 1)))


def of_rule(case, key, today=TODAY):
    return [one for one in plan(HULTSFRED, [case], today=today) if one.rule_key == key]


@pytest.mark.parametrize(("case", "key"), [(LEFT, "R13"), (ALONE, "C7")])
def test_one_task_that_says_who_and_is_never_overdue(case, key):
    (one,) = of_rule(case, key)
    assert one.kind is ReminderKind.TASK
    assert not is_overdue(one.kind, one.wanted_on, TODAY + timedelta(900))
    for language in ("sv", "en"):
        why = explain(one, language)
        assert "Anna Berg" in why.title
        assert "Anna Berg" in why.text
        assert "{" not in why.title + why.instruction + why.text


def test_a_successor_is_asked_for_within_days_and_a_colleague_after_half_a_year():
    assert of_rule(LEFT, "R13")[0].due_on == date(2027, 2, 1)
    assert of_rule(ALONE, "C7")[0].wanted_on == date(2026, 7, 1) + timedelta(180)


@pytest.mark.parametrize(
    "quiet",
    [
        {"state": CaseState.WAITING, "waiting_since": TODAY, "wait_until": date(2027, 9, 1)},
        {"state": CaseState.CLOSED},
        {"procurement_stage": ProcurementStage.PUBLISHED},
        {"procurement_stage": ProcurementStage.SIGNED},
        {"champion_left": None, "single": None},
    ],
)
def test_silent_while_the_case_waits_or_is_over_or_somebody_has_come(quiet):
    for case, key in ((LEFT, "R13"), (ALONE, "C7")):
        assert of_rule(replace(case, **quiet), key) == []


SEVERAL = replace(CASE, unheard=(("Anna Berg", "Olle Ek", "Eva Lind"), date(2026, 7, 1)))


def test_several_of_whom_nobody_has_been_heard_are_one_task_with_their_names():
    (one,) = of_rule(SEVERAL, "C7")
    assert one.kind is ReminderKind.TASK
    assert one.wanted_on == date(2026, 7, 1) + timedelta(180)
    why = explain(one, "sv")
    assert why.title == "Ingen kontakt med någon av de 3 som är kända i ärendet"
    assert why.parts[0] == (
        "Sedan den 1 juli 2026 har det inte varit någon kontakt med Anna Berg, Olle Ek och Eva"
        " Lind."
    )
    assert "no contact since 1 July 2026 with Anna Berg" in explain(one, "en").text
    waits = replace(SEVERAL, state=CaseState.WAITING, waiting_since=TODAY)
    assert of_rule(waits, "C7") == []


@pytest.mark.parametrize("case", [ALONE, SEVERAL])
def test_each_phase_has_its_own_days_and_what_was_dealt_with_in_one_is_not_asked_in_the_next(case):
    settings = [
        RuleSetting("C7-pilot", 2, True, Offset(days=300)),
        RuleSetting("C7-budget", 2, True, Offset(days=90)),
        RuleSetting("C7-buying", 2, False, Offset(days=90)),
    ]
    wanted, keys = {}, set()
    for stage in AdoptionStage:
        staged = replace(case, adoption_stage=stage)
        for one in plan(HULTSFRED, [staged], rules=in_force(settings), today=TODAY):
            if one.rule_key.startswith("C7"):
                keys.add(one.key)
                wanted[stage.number] = one.rule_key, (one.wanted_on - date(2026, 7, 1)).days
    assert wanted == {
        1: ("C7", 180),
        2: ("C7", 180),
        3: ("C7-pilot", 300),
        4: ("C7-pilot", 300),
        5: ("C7-budget", 90),
    }
    assert len(keys) == 1


def test_who_leaves_again_is_another_occasion():
    again = replace(LEFT, champion_left=("Olle Ek", date(2027, 5, 3)))
    assert of_rule(LEFT, "R13")[0].key != of_rule(again, "R13", date(2027, 5, 4))[0].key
