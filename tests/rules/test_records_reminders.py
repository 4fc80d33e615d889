"""D14: an answer that has not come is followed up calmly, and the appeal day is a deadline."""

from dataclasses import replace
from datetime import date, timedelta

from crm.rules.reminder_facts import RequestFacts
from crm.rules.reminders import ReminderKind, explain, is_overdue, reconcile
from tests.rules.test_reminders import HULTSFRED, OFFICE, TODAY, planned_for, stored

SUNDAY = date(2026, 12, 13)
WAITS = RequestFacts(4, "Läsverktyg", owner_id=9, case_id=7, follow_up_on=SUNDAY)


def asked(*requests: RequestFacts, today: date = TODAY):
    body = replace(HULTSFRED, requests=requests)
    return [one for one in planned_for(body, today=today) if one.rule_key.startswith("RECORDS")]


def test_a_follow_up_moves_back_to_a_working_day_and_is_never_overdue() -> None:
    (one,) = asked(WAITS)
    assert (one.kind, one.due_on, one.wanted_on) == (
        ReminderKind.TASK,
        date(2026, 12, 11),
        SUNDAY,
    )
    assert (one.owner_id, one.case_id) == (9, 7)
    assert explain(one, "sv").title == "Har svaret kommit? Läsverktyg"
    (later,) = asked(WAITS, today=SUNDAY + timedelta(days=8))
    assert not is_overdue(later.kind, later.wanted_on, SUNDAY + timedelta(days=8))


def test_the_last_day_to_appeal_is_a_deadline_and_says_how_sure_it_is() -> None:
    refused = RequestFacts(4, "Läsverktyg", owner_id=9, appeal_by=SUNDAY)
    (one,) = asked(refused)
    assert (one.kind, one.due_on) == (ReminderKind.DEADLINE, date(2026, 12, 11))
    assert "allmän kunskap" in explain(one, "sv").text
    assert "general knowledge" in explain(one, "en").text


def test_two_requests_of_one_body_keep_their_own_reminders_when_a_day_moves() -> None:
    other = replace(WAITS, request_id=5)
    before = asked(WAITS, other)
    assert len({one.key for one in before}) == 2
    moved = asked(replace(WAITS, follow_up_on=SUNDAY + timedelta(days=7)), other)
    found = reconcile(moved, stored(before))
    (move,) = found.move
    assert (move.existing.key, move.planned.key) == (
        "RECORDS/request-4/@2026-12-13",
        "RECORDS/request-4/@2026-12-20",
    )
    assert not found.add and not found.withdraw


def test_while_a_procurement_is_out_the_request_is_still_followed_up() -> None:
    body = replace(HULTSFRED, requests=(WAITS,), is_advertised=True)
    found = planned_for(body, OFFICE)
    assert "RECORDS" in {one.rule_key for one in found}
    assert ReminderKind.CONTACT not in {one.kind for one in found}
