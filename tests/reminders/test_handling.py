"""Done, later, not needed, and back again; and the one question at a time (R14)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.cases import operations as cases
from crm.cases.models import Case, Wait
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import jobs, operations, planning, queries
from crm.reminders.models import DoneOutcome, Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind, ask_answer_by
from crm.rules.stages import CaseState, WaitReason, WakeEvent
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import make_reminder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def body(app: Any) -> Organisation:
    found = make_body("Hultsfreds kommun")
    make_practice(found)
    return found


@pytest.fixture
def case(body: Organisation) -> Case:
    return make_case(make_unit(body), owner=make_user(), opened_on=TODAY - 90 * DAY)


def complete(row: Reminder, outcome: DoneOutcome = DoneOutcome.DONE, **values: Any) -> None:
    operations.complete(row, outcome, by=None, today=TODAY, now=NOW, **values)


def replan(body: Organisation, session: Session) -> None:
    session.flush()
    planning.replan([body.id], today=TODAY, now=NOW)
    session.expire_all()


def of_rule(session: Session, rule: str) -> Reminder:
    return session.scalars(sa.select(Reminder).where(Reminder.rule_key == rule)).one()


def waiting(case: Case, session: Session) -> Reminder:
    """Put to wait until today; returns what asks to take it up."""
    cases.put_to_wait(
        case,
        WaitReason.DISAGREEMENT,
        until=TODAY + DAY,
        by=None,
        today=TODAY,
        now=NOW,
    )
    session.flush()
    planning.replan([case.body_id], today=TODAY, now=NOW)
    return of_rule(session, "WAKE")


def test_a_case_that_waits_is_asked_about_again_when_that_is_not_needed(
    case: Case, session: Session
) -> None:
    row = waiting(case, session)
    operations.dismiss(row, by=None, now=NOW)
    assert row.state is ReminderState.PLANNED
    assert row.show_on == date(2026, 12, 23)
    told = queries.Told(row, "sv", TODAY)
    assert "Den sköts upp den 23 november 2026 och frågar igen" in told.why
    assert "asks again since the case still waits" in queries.Told(row, "en", TODAY).why
    later = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)
    planning.replan([case.body_id], today=later.date(), now=later)
    operations.surface(today=later.date(), now=later)
    session.expire_all()
    assert row.state is ReminderState.DUE
    cases.wake(case, by=None, today=TODAY, now=NOW)
    operations.dismiss(row, by=None, now=NOW)
    assert row.state is ReminderState.DISMISSED, "of a case that is awake it is gone"


def test_not_needed_of_a_wait_leads_to_a_choice_of_day_or_event(
    as_user: Any, case: Case, session: Session
) -> None:
    me = as_user(Role.REP)
    row = waiting(case, session)
    shown = me.get(f"/reminders/{row.id}").text
    assert "Väntar fortfarande: fråga igen" in shown and "Behövs inte" not in shown
    answer = me.post(f"/reminders/{row.id}/dismiss")
    assert answer.location == f"/reminders/{row.id}#later-head"
    chosen = me.get(answer.location).text
    assert "Ärendet väntar fortfarande, så frågan kommer igen den" in chosen
    assert 'value="event:council_decided"' in chosen
    me.post(f"/reminders/{row.id}/snooze", data={"until": "event:council_decided"})
    assert row.snoozed_event is WakeEvent.COUNCIL_DECIDED
    me.post(f"/reminders/{row.id}/back")
    assert row.snoozed_until is None


def test_done_is_done_once(body: Organisation) -> None:
    row = make_reminder(body)
    complete(row, note="Hen ringer själv")
    assert (row.state, row.done_at, row.note) == (ReminderState.DONE, NOW, "Hen ringer själv")
    for again in (
        lambda: complete(row),
        lambda: operations.dismiss(row, by=None, now=NOW),
        lambda: operations.snooze(row, until=TODAY + DAY, by=None, today=TODAY, now=NOW),
    ):
        with pytest.raises(RuleBroken):
            again()


def test_asking_opens_the_one_question(body: Organisation, case: Case, session: Session) -> None:
    first = make_reminder(body, case=case, kind=ReminderKind.CONTACT)
    second = make_reminder(body, case=case, kind=ReminderKind.CONTACT)
    complete(first, DoneOutcome.ASKED)
    assert case.ask_open_on == TODAY
    replan(body, session)
    soon = session.scalars(
        sa.select(Reminder).where(
            Reminder.case_id == case.id,
            Reminder.kind == ReminderKind.CONTACT,
            Reminder.rule_key != operations.OWN,
            Reminder.state == ReminderState.PLANNED,
            Reminder.show_on <= ask_answer_by(TODAY),
        )
    ).all()
    assert soon == [], "while a question is open nothing else is asked"
    operations.complete(
        second, DoneOutcome.ASKED, by=None, today=TODAY + 5 * DAY, now=NOW + 5 * DAY
    )
    assert case.ask_open_on == TODAY, "the first one's day counts"
    operations.bring_back(second, by=None, today=TODAY, now=NOW)
    assert case.ask_open_on == TODAY
    operations.bring_back(first, by=None, today=TODAY, now=NOW)
    assert case.ask_open_on is None
    complete(first, DoneOutcome.ANSWERED)
    assert (case.ask_open_on, case.unanswered_asks) == (None, 0)


def test_two_unanswered_questions_put_the_case_to_wait(
    body: Organisation, case: Case, session: Session
) -> None:
    cases.ask(case, today=TODAY)
    session.commit()
    last_day = ask_answer_by(TODAY)

    def settle(day: date) -> int:
        did = jobs.settle_asks(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
        session.expire_all()
        return did

    assert settle(last_day) == 0
    assert settle(last_day + DAY) == 1
    assert (case.state, case.unanswered_asks, case.ask_open_on) == (CaseState.OPEN, 1, None)
    assert settle(last_day + 2 * DAY) == 0
    again = last_day + 30 * DAY
    cases.ask(case, today=again)
    session.commit()
    assert settle(ask_answer_by(again) + DAY) == 1
    assert case.state is CaseState.WAITING and case.wait_reason is WaitReason.NO_ANSWER
    assert case.wait_until is not None and case.wait_until > again
    assert session.scalar(sa.select(sa.func.count()).select_from(Wait)) == 1


def test_a_promise_kept_and_taken_back(body: Organisation, case: Case, session: Session) -> None:
    cases.set_next_step(case, "Skicka offerten", TODAY, by=None)
    replan(body, session)
    row = of_rule(session, "NEXT")
    complete(row)
    assert (case.next_step, case.next_step_on) == ("", None)
    replan(body, session)
    assert row.state is ReminderState.DONE
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    assert (case.next_step, case.next_step_on) == ("Skicka offerten", TODAY)
    replan(body, session)
    assert row.state is ReminderState.DUE


def test_a_case_taken_up_again_and_put_back(
    body: Organisation, case: Case, session: Session
) -> None:
    until = TODAY + 30 * DAY
    cases.put_to_wait(case, WaitReason.DISAGREEMENT, until=until, by=None, today=TODAY, now=NOW)
    replan(body, session)
    row = of_rule(session, "WAKE")
    assert row.show_on == until
    complete(row)
    assert case.state is CaseState.OPEN
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    session.flush()
    assert (case.state, case.wait_until) == (CaseState.WAITING, until)
    replan(body, session)
    assert (row.state, row.show_on) == (ReminderState.PLANNED, until)
    waits = session.scalars(sa.select(Wait)).all()
    assert [wait.ended_on for wait in waits] == [None]


def test_later_and_back(body: Organisation) -> None:
    row = make_reminder(body, state=ReminderState.DUE, surfaced_at=NOW)
    sequence = row.sequence
    operations.snooze(
        row, until=TODAY + 9 * DAY, event=WakeEvent.DOOR_OPENS, by=None, today=TODAY, now=NOW
    )
    assert (row.state, row.show_on, row.surfaced_at) == (
        ReminderState.PLANNED,
        TODAY + 9 * DAY,
        None,
    )
    assert row.sequence == sequence + 1
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    assert (row.state, row.show_on, row.snoozed_event) == (ReminderState.DUE, TODAY, None)
    version = row.version
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    assert row.version == version, "nothing to bring back"
    for day in (TODAY, TODAY - DAY):
        with pytest.raises(RuleBroken):
            operations.snooze(row, until=day, by=None, today=TODAY, now=NOW)


def test_not_needed_does_not_come_back_by_itself(
    body: Organisation, case: Case, session: Session
) -> None:
    cases.set_next_step(case, "Ring", TODAY + DAY, by=None)
    replan(body, session)
    row = of_rule(session, "NEXT")
    operations.dismiss(row, reason="Löst", by=None, now=NOW)
    replan(body, session)
    assert row.state is ReminderState.DISMISSED
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    assert row.state is ReminderState.PLANNED


def test_withdrawn_cannot_be_brought_back(body: Organisation) -> None:
    with pytest.raises(RuleBroken):
        operations.bring_back(
            make_reminder(body, state=ReminderState.WITHDRAWN), by=None, today=TODAY, now=NOW
        )


def test_one_of_ones_own(body: Organisation, case: Case) -> None:
    user = make_user()

    def own(on: date) -> Reminder:
        return operations.add_own(
            body, text="Ring", on=on, case=case, by=user, today=TODAY, now=NOW
        )

    saturday = own(date(2026, 11, 28))
    assert saturday.due_on == date(2026, 11, 27) and saturday.wanted_on == date(2026, 11, 28)
    assert saturday.moved[0]["key"] == "weekend"
    assert own(TODAY).state is ReminderState.DUE
    with pytest.raises(RuleBroken):
        own(TODAY - DAY)


def test_put_in_the_inbox_once(body: Organisation, session: Session) -> None:
    rows = [make_reminder(body, None, TODAY - number * DAY) for number in range(-1, 4)]
    assert operations.surface(today=TODAY, now=NOW, limit=3) == 3
    assert operations.surface(today=TODAY, now=NOW, limit=3) == 1
    assert operations.surface(today=TODAY, now=NOW + timedelta(hours=1)) == 0
    session.expire_all()
    assert [row.surfaced_at for row in rows] == [None, NOW, NOW, NOW, NOW]
