"""R11: the silence of a procurement that is out never ends by itself, and somebody is asked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.terms import Court
from crm.rules.reminder_facts import OutFacts
from crm.rules.reminders import ReminderKind, explain, reconcile
from crm.rules.signing import ASK_AFTER, ASK_AGAIN, AskSigned, SigningSign, ask_signed, asked_now
from tests.rules.test_reminders import HULTSFRED, OFFICE, TODAY, planned_for, stored

FIRST = date(2026, 9, 14)
days = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("facts", "on", "sign"),
    [
        ({"lawful": FIRST, "valid_until": date(2027, 1, 1)}, date(2026, 10, 12), "lawful"),
        ({"valid_until": FIRST, "planned": date(2026, 6, 1)}, date(2026, 10, 12), "valid"),
        ({"planned": FIRST}, date(2026, 10, 12), "planned"),
        ({"lawful": date(2026, 6, 1), "review_since": FIRST}, date(2027, 2, 19), "review"),
        (
            {"review_since": FIRST, "court": Court.KAMMARRATT},
            FIRST + timedelta(days=290 + 28),
            "review",
        ),
        ({"planned": FIRST, "not_signed_on": date(2026, 11, 2)}, date(2026, 12, 28), "planned"),
    ],
)
def test_when_it_is_asked(facts: dict[str, date], on: date, sign: str) -> None:
    base = {"lawful": None, "valid_until": None, "planned": None}
    found = ask_signed(**base | facts)  # type: ignore[arg-type]  # a table of facts
    assert found is not None and (found.on, found.sign) == (on, SigningSign(sign))


def test_nothing_to_count_from_asks_nothing() -> None:
    assert ask_signed(lawful=None, valid_until=None, planned=None) is None


@given(days, days)
def test_it_is_asked_again_every_eighth_week_and_never_early(first: date, today: date) -> None:
    asked = asked_now(first, today)
    assert asked >= first and (asked - first) % ASK_AGAIN == timedelta()
    assert asked == first or asked <= today
    assert asked + ASK_AGAIN > today


def out(on: date, *, today: date = TODAY):
    one = OutFacts(3, "Läsverktyg", AskSigned(on, on - ASK_AFTER, SigningSign.LAWFUL), 9, 7)
    body = replace(HULTSFRED, is_advertised=True, out=(one,))
    return [one for one in planned_for(body, OFFICE, today=today)]


def test_one_calm_task_while_nobody_is_contacted() -> None:
    found = out(date(2026, 12, 9))
    (one,) = [one for one in found if one.rule_key == "R11-signed"]
    assert (one.kind, one.owner_id, one.case_id) == (ReminderKind.TASK, 9, 7)
    assert one.due_on >= one.wanted_on == date(2026, 12, 9) and is_working_day(one.due_on)
    assert ReminderKind.CONTACT not in {one.kind for one in found}
    assert explain(one, "sv").title == "Är avtalet tecknat? Läsverktyg"
    assert "fick tecknas från och med den 11 november 2026" in explain(one, "sv").text
    assert "could be signed from 11 November 2026" in explain(one, "en").text


def test_it_waits_for_the_end_of_a_quiet_period() -> None:
    (one,) = [one for one in out(date(2026, 12, 23)) if one.rule_key == "R11-signed"]
    assert one.due_on > date(2027, 1, 5) and one.moved


def test_left_alone_it_stays_the_same_task_and_done_without_an_answer_it_comes_again() -> None:
    wanted = TODAY - timedelta(weeks=1)
    before = [one for one in out(wanted) if one.rule_key == "R11-signed"]
    later = TODAY + timedelta(weeks=8)
    after = [one for one in out(wanted, today=later) if one.rule_key == "R11-signed"]
    assert len(before) == len(after) == 1
    assert after[0].wanted_on == wanted + ASK_AGAIN
    found = reconcile(after, stored(before))
    assert not found.add and len(found.move) == 1
