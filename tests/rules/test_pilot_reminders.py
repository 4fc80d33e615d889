"""R9: when a pilot ends, ask what it showed, and sell nothing."""

from dataclasses import replace
from datetime import date, timedelta

from crm.rules.reminder_facts import PilotFacts
from crm.rules.reminders import ReminderKind, explain, is_overdue, reconcile
from tests.rules.test_reminders import HULTSFRED, TODAY, planned_for, stored

SUNDAY = date(2026, 12, 13)
ENDS = PilotFacts(3, "Albäcksskolan", "Läser eleverna mer", SUNDAY, case_id=7, owner_id=9)


def asked(*pilots: PilotFacts, today: date = TODAY):
    found = planned_for(replace(HULTSFRED, pilots=pilots), today=today)
    return [one for one in found if one.rule_key == "R9-evaluate"]


def test_at_the_end_the_unit_is_asked_and_nothing_is_offered() -> None:
    (one,) = asked(ENDS)
    assert (one.kind, one.due_on, one.wanted_on) == (
        ReminderKind.TASK,
        date(2026, 12, 11),
        SUNDAY,
    )
    assert (one.owner_id, one.case_id) == (9, 7)
    told = explain(one, "sv")
    assert told.title == "Piloten slutar: fråga Albäcksskolan vad de kom fram till"
    assert "Läser eleverna mer. Skriv in" in told.instruction
    assert "Inget erbjudande nu." in told.instruction
    assert "agreed until" in explain(one, "en").text


def test_it_is_never_overdue_and_goes_when_it_is_answered() -> None:
    later = SUNDAY + timedelta(days=8)
    (one,) = asked(ENDS, today=later)
    assert not is_overdue(one.kind, one.wanted_on, later)
    assert asked() == []


def test_each_pilot_keeps_its_own_reminder_when_its_end_moves() -> None:
    other = replace(ENDS, pilot_id=5)
    before = asked(ENDS, other)
    assert len({one.key for one in before}) == 2
    moved = asked(replace(ENDS, ends_on=SUNDAY + timedelta(days=7)), other)
    found = reconcile(moved, stored(before))
    (move,) = found.move
    assert move.planned.key == "R9-evaluate/pilot-3/@2026-12-20"
    assert not found.add and not found.withdraw
