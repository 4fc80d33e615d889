"""The plan as it is written: added, moved, withdrawn, revived, and left alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.budgets.models import PauseKind
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import pending
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.reminders import jobs, operations, planning, queries
from crm.reminders.models import DoneOutcome, Reminder, ReminderMove, ReminderState
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.kinds import OrganisationKind
from crm.rules.reminders import ReminderKind
from crm.rules.stages import Outcome, WaitReason, WakeEvent
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_pause, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import make_reminder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def replan(*bodies: Organisation, today: date = TODAY) -> planning.Replanned:
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    return planning.replan([body.id for body in bodies], today=today, now=now)


def reminders(case: Case) -> dict[str, Reminder]:
    """By rule and occurrence: 'R2/2028'."""
    db.session.expire_all()
    rows = db.session.scalars(sa.select(Reminder).where(Reminder.case_id == case.id))
    return {f"{row.rule_key}/{row.key.rpartition('/')[2]}": row for row in rows}


@pytest.fixture
def hultsfred(app: Any) -> Organisation:
    body = make_body("Hultsfreds kommun")
    make_practice(body, DecisionPractice.JUNE)
    return body


@pytest.fixture
def case(hultsfred: Organisation) -> Case:
    return make_case(make_unit(hultsfred), "Läsverktyg", owner=make_user(name="Sara Säljare"))


def test_the_worked_example(hultsfred: Organisation, case: Case) -> None:
    done = replan(hultsfred)
    assert done.added > 2
    planned = reminders(case)
    january = planned["R4-january/2027"]
    assert january.due_on == date(2027, 1, 25)
    assert january.user_id == case.owner_id
    door = planned["R2/2028"]
    assert date(2027, 1, 10) < door.due_on < date(2027, 3, 1)
    assert door.state is ReminderState.PLANNED and door.show_on == door.due_on


def test_planned_twice_it_is_planned_once(
    hultsfred: Organisation, case: Case, count_queries: Any
) -> None:
    replan(hultsfred)
    before = {row.id: (row.version, row.changed_at) for row in reminders(case).values()}
    with count_queries() as counted:
        done = replan(hultsfred)
    assert done.changed == 0 and done.unchanged == 1
    writes = [one for one in counted.statements if not one.lstrip().startswith(("SELECT", "WITH"))]
    assert writes == []
    assert counted.number <= 16
    assert {row.id: (row.version, row.changed_at) for row in reminders(case).values()} == before


def test_many_bodies_cost_no_more_statements(app: Any, count_queries: Any) -> None:
    few = [make_body() for _ in range(2)]
    many = [make_body() for _ in range(12)]
    for body in few + many:
        make_practice(body)
        make_case(make_unit(body))
    replan(*few, *many)
    numbers = []
    for bodies in (few, many):
        ids = [body.id for body in bodies]
        db.session.expire_all()
        with count_queries() as counted:
            planning.replan(ids, today=TODAY, now=NOW)
        numbers.append(counted.number)
    assert numbers[0] == numbers[1] <= 15


def test_another_calendar_moves_what_is_pending_and_leaves_what_is_done(
    hultsfred: Organisation, case: Case
) -> None:
    replan(hultsfred)
    planned = reminders(case)
    done, waiting = planned["R4-january/2027"], planned["R2/2028"]
    operations.complete(done, DoneOutcome.ANSWERED, by=None, today=TODAY, now=NOW)
    before = waiting.show_on
    make_practice(hultsfred, DecisionPractice.SEPTEMBER)
    marks = pending.waiting_for_planning()
    changed = planning.replan_marked(marks, today=TODAY, now=NOW)
    after = reminders(case)
    moved = next(row for row in after.values() if row.id == waiting.id)
    assert moved.show_on > before
    assert (moved.id, before, moved.show_on) in changed.moves
    (said,) = queries.moves_of(moved)
    assert (said.before, said.after, said.why) == (before, moved.show_on, "calendar_changed")
    assert after["R4-january/2027"].state is ReminderState.DONE
    assert not pending.waiting_for_planning()


def test_a_promise_with_another_date_is_the_same_reminder(
    hultsfred: Organisation, case: Case
) -> None:
    cases.set_next_step(case, "Skicka offerten", date(2026, 12, 1), by=None)
    replan(hultsfred)
    (first,) = (row for row in reminders(case).values() if row.rule_key == "NEXT")
    key = first.key
    cases.set_next_step(case, "Skicka offerten", date(2026, 12, 8), by=None)
    done = replan(hultsfred)
    (second,) = (row for row in reminders(case).values() if row.rule_key == "NEXT")
    assert second.id == first.id and second.key != key and second.show_on == date(2026, 12, 8)
    assert done.moves == [(first.id, date(2026, 12, 1), date(2026, 12, 8))]
    assert second.sequence > 0
    cases.set_next_step(case, "", None, by=None)
    replan(hultsfred)
    assert db.session.get_one(Reminder, first.id).state is ReminderState.WITHDRAWN
    cases.set_next_step(case, "Skicka offerten", date(2026, 12, 8), by=None)
    replan(hultsfred)
    revived = db.session.get_one(Reminder, first.id)
    assert revived.state is ReminderState.PLANNED and revived.show_on == date(2026, 12, 8)


def test_what_stands_in_the_inbox_and_moves_ahead_leaves_it(
    hultsfred: Organisation, case: Case
) -> None:
    cases.set_next_step(case, "Ring", TODAY, by=None)
    replan(hultsfred)
    assert operations.surface(today=TODAY, now=NOW) == 1
    (row,) = (row for row in reminders(case).values() if row.rule_key == "NEXT")
    assert row.state is ReminderState.DUE and row.surfaced_at == NOW
    cases.set_next_step(case, "Ring", TODAY + timedelta(days=7), by=None)
    replan(hultsfred)
    assert (row.state, row.surfaced_at) == (ReminderState.PLANNED, None)
    assert operations.surface(today=TODAY, now=NOW) == 0


def test_waiting_withdraws_and_waking_revives(hultsfred: Organisation, case: Case) -> None:
    replan(hultsfred)
    assert reminders(case)["R2/2028"].state is ReminderState.PLANNED
    cases.put_to_wait(
        case,
        WaitReason.DISAGREEMENT,
        event=WakeEvent.COUNCIL_DECIDED,
        event_on=date(2027, 1, 1),
        by=None,
        today=TODAY,
        now=NOW,
    )
    replan(hultsfred)
    states = {row.rule_key: row.state for row in reminders(case).values()}
    assert states.pop("WAKE") is ReminderState.PLANNED
    assert set(states.values()) == {ReminderState.WITHDRAWN}
    assert case.wait_until == reminders(case)[f"WAKE/@{TODAY}"].due_on, "kept as known now"
    cases.wake(case, by=None, today=TODAY, now=NOW)
    replan(hultsfred)
    assert reminders(case)["R2/2028"].state is ReminderState.PLANNED
    assert reminders(case)[f"WAKE/@{TODAY}"].state is ReminderState.WITHDRAWN


def test_a_promise_is_never_overdue_while_its_case_waits(
    hultsfred: Organisation, case: Case
) -> None:
    """Neither the next step nor what somebody set by hand; awake again, both are what they were."""
    long_after = TODAY + timedelta(days=60)
    cases.set_next_step(case, "Skicka offerten", TODAY + timedelta(days=3), by=None)
    by_hand = operations.add_own(
        hultsfred,
        text="Läs protokollet",
        on=TODAY,
        case=case,
        by=make_user(),
        today=TODAY,
        now=NOW,
    )
    replan(hultsfred)

    def overdue() -> list[bool]:
        db.session.expire_all()
        promise = next(row for row in reminders(case).values() if row.rule_key == "NEXT")
        rows = [queries.get(promise.id), queries.get(by_hand.id)]
        return [queries.Told(row, "sv", long_after).overdue for row in rows]

    assert overdue() == [True, True]
    cases.put_to_wait(
        case, WaitReason.NO_BUDGET, until=date(2027, 9, 1), by=None, today=TODAY, now=NOW
    )
    replan(hultsfred)
    assert overdue() == [False, False]
    (promise,) = (row for row in reminders(case).values() if row.rule_key == "NEXT")
    assert promise.kind is ReminderKind.TASK
    cases.wake(case, by=None, today=TODAY, now=NOW)
    replan(hultsfred)
    assert overdue() == [True, True]


def test_closing_a_case_withdraws_what_was_planned_and_leaves_the_rest(
    hultsfred: Organisation, case: Case
) -> None:
    """D8: what is done stays, a promise of one's own stays, and a contract is still asked about."""
    own = operations.add_own(
        hultsfred,
        text="Tacka för tiden",
        on=TODAY + timedelta(days=9),
        case=case,
        by=make_user(),
        today=TODAY,
        now=NOW,
    )
    replan(hultsfred)
    done = reminders(case)["R4-january/2027"]
    operations.complete(done, DoneOutcome.ANSWERED, by=None, today=TODAY, now=NOW)
    replan(hultsfred)
    cases.close(
        case,
        Outcome.LOST,
        reason="incumbent",
        contract_ends_on=date(2029, 6, 30),
        contract_source="tilldelningsbeslutet",
        by=None,
        today=TODAY,
        now=NOW,
    )
    replan(hultsfred)
    states: dict[ReminderState, set[str]] = {}
    for row in reminders(case).values():
        states.setdefault(row.state, set()).add(row.rule_key)
    assert states[ReminderState.DONE] == {"R4-january"}
    assert states[ReminderState.PLANNED] == {"own", "R12", "R12-dialogue"}
    assert "R2" in states[ReminderState.WITHDRAWN]
    db.session.refresh(case)
    assert case.reminder_on == own.show_on
    cases.reopen(case, by=None, now=NOW)
    replan(hultsfred)
    assert reminders(case)["R2/2028"].state is ReminderState.PLANNED, "history and plan come back"
    assert reminders(case)["R4-january/2027"].state is ReminderState.DONE


def test_a_snooze_to_an_event_follows_the_event(hultsfred: Organisation, case: Case) -> None:
    replan(hultsfred)
    row = reminders(case)["R2/2028"]
    own = operations.add_own(hultsfred, text="Ring", on=TODAY, by=make_user(), today=TODAY, now=NOW)
    before = date(2027, 7, 1)
    for one in (row, own):
        operations.snooze(
            one, until=before, event=WakeEvent.COUNCIL_DECIDED, by=None, today=TODAY, now=NOW
        )
    replan(hultsfred)
    there = row.show_on
    assert there != before, "the day is the event's as known now"
    assert own.show_on == there
    make_practice(hultsfred, DecisionPractice.NOVEMBER)
    replan(hultsfred)
    assert row.show_on == own.show_on != there
    assert row.snoozed_event is WakeEvent.COUNCIL_DECIDED


def test_the_owner_is_the_case_s_then_the_body_s_then_everybody(hultsfred: Organisation) -> None:
    sara, bo = make_user(), make_user()
    case = make_case(make_unit(hultsfred), owner=sara)
    replan(hultsfred)
    row = reminders(case)["R2/2028"]
    assert row.user_id == sara.id
    case.owner_id = bo.id
    replan(hultsfred)
    assert row.user_id == bo.id
    bo.active = False
    hultsfred.owner_id = sara.id
    replan(hultsfred)
    assert row.user_id == sara.id, "a colleague who has left owns nothing"
    hultsfred.owner_id = None
    replan(hultsfred)
    assert row.user_id is None
    everybody = queries.coming(bo.id, today=TODAY, until=date(2028, 1, 1), language="sv", limit=99)
    assert row.id in {told.id for told in everybody}


def test_what_one_who_left_had_set_by_hand_becomes_everybodys(hultsfred: Organisation) -> None:
    bo = make_user()
    own = make_reminder(hultsfred, bo)
    bo.active = False
    assert operations.leave_to_all() == 1
    db.session.refresh(own)
    assert own.user_id is None


def test_the_case_knows_its_next_reminder(hultsfred: Organisation, case: Case) -> None:
    replan(hultsfred)

    def told() -> date | None:
        db.session.refresh(case)
        return case.reminder_on

    days = sorted(row.show_on for row in reminders(case).values())
    assert told() == days[0]
    first = min(reminders(case).values(), key=lambda row: (row.show_on, row.id))
    operations.snooze(first, until=date(2029, 1, 8), by=None, today=TODAY, now=NOW)
    assert told() == days[1]
    operations.bring_back(first, by=None, today=TODAY, now=NOW)
    assert told() == days[0]
    operations.dismiss(first, by=None, now=NOW)
    assert told() == days[1]
    cases.close(case, Outcome.NO_DECISION, reason="other_priority", by=None, today=TODAY, now=NOW)
    replan(hultsfred)
    assert told() is None


def test_a_unit_with_a_calendar_of_its_own(hultsfred: Organisation) -> None:
    department = make_unit(hultsfred, "Bildningsförvaltningen", OrganisationKind.DEPARTMENT)
    school = make_unit(department)
    theirs, ours = make_case(school), make_case(make_unit(hultsfred, "Centralskolan"))
    make_practice(department, DecisionPractice.NOVEMBER)
    replan(hultsfred)
    assert "R2/2028" in reminders(ours) and "R2/2028" not in reminders(theirs)
    assert "R2-may/2028" in reminders(theirs)


def test_a_freeze_at_a_department_holds_its_schools_back(hultsfred: Organisation) -> None:
    department = make_unit(hultsfred, "Bildningsförvaltningen", OrganisationKind.DEPARTMENT)
    theirs = make_case(make_unit(department))
    ours = make_case(make_unit(hultsfred, "Centralskolan"))
    make_pause(department, date(2027, 1, 7), date(2027, 2, 5))
    make_pause(department, date(2027, 2, 6), date(2027, 2, 8), PauseKind.QUIET, note="")
    replan(hultsfred)
    january = reminders(theirs)["R4-january/2027"]
    assert january.due_on >= date(2027, 2, 9)
    assert "R7" in january.shaped_by
    assert reminders(ours)["R4-january/2027"].due_on == date(2027, 1, 25)
    told = queries.Told(january, "sv", TODAY)
    assert "Inköpsstopp" in (told.moved_because or "") and "lugn" in (told.moved_because or "")


def test_a_school_s_own_break_takes_the_place_of_the_county_s(hultsfred: Organisation) -> None:
    school = make_case(make_unit(hultsfred))
    make_pause(hultsfred, date(2027, 1, 25), date(2027, 1, 31), PauseKind.WINTER_BREAK)
    replan(hultsfred)
    january = reminders(school)["R4-january/2027"]
    assert january.due_on == date(2027, 2, 1)
    told = queries.Told(january, "sv", TODAY)
    assert told.moved_because == "Sportlov"
    assert january.wanted_on == date(2027, 1, 25)


def test_an_unknown_year_gives_one_task(app: Any) -> None:
    body = make_body()
    for _ in range(3):
        make_case(make_unit(body))
    replan(body)
    tasks = db.session.scalars(sa.select(Reminder).where(Reminder.rule_key == "R1")).all()
    assert len(tasks) == 1
    assert tasks[0].organisation_id == body.id and tasks[0].case_id is None


def test_a_mark_set_while_planning_stays(hultsfred: Organisation, case: Case) -> None:
    marks = pending.waiting_for_planning()
    assert marks.body_ids == [hultsfred.id]
    pending.needs_planning(hultsfred.id, "next_step")
    planning.replan_marked(marks, today=TODAY, now=NOW)
    left = pending.waiting_for_planning()
    assert left.why == {hultsfred.id: "next_step"}


def test_one_body_that_cannot_be_planned_stops_no_other(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = [make_body() for _ in range(3)]
    for body in bodies:
        make_case(body)
    plan = planning.rulebook.plan_and_term

    def failing(body: Any, *rest: Any, **more: Any) -> Any:
        if body.organisation_id == bodies[1].id:
            raise ValueError("odd facts")
        return plan(body, *rest, **more)

    session.commit()
    with monkeypatch.context() as patched:
        patched.setattr(planning.rulebook, "plan_and_term", failing)
        with pytest.raises(jobs.NotPlanned):
            jobs.plan_marked(NOW)
    with_reminders = set(session.scalars(sa.select(Reminder.body_id)))
    assert with_reminders == {bodies[0].id, bodies[2].id}
    assert pending.waiting_for_planning().body_ids == [bodies[1].id]
    jobs.plan_marked(NOW)
    assert bodies[1].id in set(session.scalars(sa.select(Reminder.body_id)))


def test_days_passing_alone_move_nothing(hultsfred: Organisation, case: Case) -> None:
    """L7: a date does not shift because somebody plans on another day."""
    replan(hultsfred)
    before = {key: row.due_on for key, row in reminders(case).items()}
    for day in range(1, 45):
        replan(hultsfred, today=TODAY + timedelta(days=day))
    after = {key: row.due_on for key, row in reminders(case).items()}
    assert {key: after[key] for key in before} == before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReminderMove)) == 0


def test_the_daily_job_plans_every_body_with_a_case(session: Session) -> None:
    make_user(Role.REP)
    body = make_body()
    make_case(body)
    session.commit()
    assert jobs.plan_all(NOW) >= 1
    assert jobs.plan_all(NOW) == 0


def test_the_day_passes_by_a_body_where_nothing_is_left(session: Session, case: Case) -> None:
    """Every case closed and nothing left behind: no reminder can come of it, so it is not read."""
    jobs.plan_all(NOW)
    assert jobs._may_have_reminders() == [case.body_id]
    cases.close(case, Outcome.NO_DECISION, reason="other", by=None, today=TODAY, now=NOW)
    session.flush()
    assert jobs._may_have_reminders() == [case.body_id], "what waits is still to be withdrawn"
    jobs.plan_marked(NOW)
    assert jobs._may_have_reminders() == []
    cases.reopen(case, by=None, now=NOW)
    session.flush()
    assert jobs._may_have_reminders() == [case.body_id]


def test_an_ask_whose_time_has_not_come_costs_nothing(
    app: Any, case: Case, count_queries: Any
) -> None:
    cases.ask(case, today=TODAY)
    with count_queries() as counted:
        assert not operations.settle_ask(case, today=TODAY + timedelta(days=14), now=NOW)
    assert counted.number == 0
