"""Reminders that come again (E6): the next one, the end of them, and a change of one or the rest."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import operations
from crm.reminders.models import DoneOutcome, Reminder, ReminderState, Repeat
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.recurrence import Every, Recurrence, StopWhen, shown_on
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseState, Outcome, WaitReason, WakeEvent
from tests.factories.accounts import make_user
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.reminders import NOW, TODAY, make_reminder, replan

DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def case(school: Organisation) -> Case:
    return make_case(school, "Läsverktyg", owner=make_user(), opened_on=TODAY - 90 * DAY)


def begin(place: Organisation, recurrence: Recurrence, **more: Any) -> Reminder:
    return operations.add_repeated(
        place, recurrence, text="Läs diariet", by=make_user(), today=TODAY, now=NOW, **more
    )


def done(row: Reminder, on: date = TODAY) -> None:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    operations.complete(row, DoneOutcome.DONE, by=None, today=on, now=at)


def waiting(session: Session) -> list[Reminder]:
    session.flush()
    return list(
        session.scalars(
            sa.select(Reminder)
            .where(
                Reminder.repeat_id.is_not(None),
                Reminder.state.in_((ReminderState.PLANNED, ReminderState.DUE)),
            )
            .order_by(Reminder.id)
        )
    )


# --- The next one -------------------------------------------------------------------------------


def test_one_waits_at_a_time_and_done_brings_the_next(body: Organisation, session: Session) -> None:
    first = begin(body, Recurrence(Every.MONTH, date(2026, 11, 30), times=3))
    assert (first.kind, first.show_on) == (ReminderKind.TASK, date(2026, 11, 30))
    days = []
    while rows := waiting(session):
        (row,) = rows
        days.append(row.wanted_on)
        done(row, row.show_on)
    assert days == [date(2026, 11, 30), date(2026, 12, 30), date(2027, 1, 30)]


def test_what_was_missed_is_not_piled_up(body: Organisation, session: Session) -> None:
    row = begin(body, Recurrence(Every.WEEK, TODAY))
    done(row, TODAY + 40 * DAY)
    (following,) = waiting(session)
    assert following.wanted_on == TODAY + 42 * DAY


def test_done_early_it_is_not_asked_for_again(body: Organisation, session: Session) -> None:
    row = begin(body, Recurrence(Every.WEEK, TODAY + 3 * DAY))
    done(row, TODAY)
    assert [one.wanted_on for one in waiting(session)] == [TODAY + 10 * DAY]


def test_not_needed_this_time_brings_the_next_too(body: Organisation, session: Session) -> None:
    row = begin(body, Recurrence(Every.YEAR, date(2027, 2, 1)))
    operations.dismiss(row, by=None, now=NOW)
    assert [one.wanted_on for one in waiting(session)] == [date(2028, 2, 1)]


def test_undone_it_is_one_again_and_done_once_more_it_goes_on(
    body: Organisation, session: Session
) -> None:
    row = begin(body, Recurrence(Every.WEEK, TODAY))
    done(row)
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    assert waiting(session) == [row]
    done(row)
    (following,) = waiting(session)
    assert following.repeat_number == 2 and following.wanted_on == TODAY + 7 * DAY


def test_it_is_never_overdue(body: Organisation, me: Any) -> None:
    begin(body, Recurrence(Every.DAY, TODAY))
    with time_machine.travel(NOW + 20 * DAY, tick=False):
        assert "reminder-overdue" not in me.get("/reminders?whose=all").text


def test_each_cycle_follows_its_event(case: Case, body: Organisation, session: Session) -> None:
    recurrence = Recurrence(Every.CYCLE, TODAY, event=WakeEvent.DOOR_OPENS)
    row = begin(body, recurrence, case=case)
    before = row.show_on
    assert before > TODAY
    make_practice(body, DecisionPractice.NOVEMBER)
    replan(body)
    (row,) = waiting(session)
    assert row.show_on != before
    done(row, row.show_on)
    (following,) = waiting(session)
    assert following.show_on > row.show_on + 200 * DAY


# --- The end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [StopWhen.CASE_CLOSED, StopWhen.WAIT_OVER])
def test_a_change_of_state_ends_it(
    when: StopWhen, case: Case, body: Organisation, session: Session
) -> None:
    until = date(2027, 6, 1)
    cases.put_to_wait(case, WaitReason.NO_BUDGET, until=until, by=None, today=TODAY, now=NOW)
    begin(body, Recurrence(Every.MONTH, TODAY), case=case, stop_when=when)
    replan(body)
    assert len(waiting(session)) == 1
    cases.wake(case, by=None, today=TODAY, now=NOW)
    replan(body)
    assert len(waiting(session)) == (when is StopWhen.CASE_CLOSED)
    cases.close(case, Outcome.NO_DECISION, reason="no_budget", by=None, today=TODAY, now=NOW)
    replan(body)
    assert waiting(session) == []
    assert session.scalars(sa.select(Repeat)).one().ended_on == TODAY


def test_what_could_never_come_is_refused(case: Case, body: Organisation) -> None:
    weekly = Recurrence(Every.WEEK, TODAY)
    with pytest.raises(RuleBroken, match="i ett ärende"):
        begin(body, weekly, stop_when=StopWhen.CASE_CLOSED)
    assert case.state is CaseState.OPEN
    with pytest.raises(RuleBroken, match="redan i det läget"):
        begin(body, weekly, stop_when=StopWhen.WAIT_OVER, case=case)
    with pytest.raises(RuleBroken, match="ingenting"):
        begin(body, Recurrence(Every.MONTH, TODAY, until=TODAY - DAY))
    with pytest.raises(RuleBroken, match="har passerat"):
        begin(body, Recurrence(Every.WEEK, TODAY - DAY))


# --- On the pages -------------------------------------------------------------------------------


def test_set_on_the_page(me: Any, case: Case, session: Session) -> None:
    sent = {
        "text": "Läs diariet",
        "on": "2026-12-01",
        "every": "week",
        "apart": "2",
        "times": "5",
        "stop_when": "case_closed",
        "event": "door_opens",
        "once": "a",
    }
    assert me.post(f"/reminders/new?case={case.id}", data=sent).status_code == 303
    repeat = session.scalars(sa.select(Repeat)).one()
    assert (repeat.every, repeat.apart, repeat.times) == (Every.WEEK, 2, 5)
    assert repeat.event is None and repeat.stop_when is StopWhen.CASE_CLOSED
    (row,) = waiting(session)
    page = me.get(f"/reminders/{row.id}").text
    assert ("Varje vecka" in page and "1 av 5" in page and "När ärendet avslutas" in page) or (
        "när ärendet avslutas" in page
    )


def edit(me: Any, row: Reminder, **changed: str) -> Any:
    version = me.get(f"/reminders/{row.id}/edit").text.split('name="version"')[1]
    sent = {
        "version": version.split('value="')[1].split('"')[0],
        "text": "Läs diariet",
        "on": row.show_on.isoformat(),
        "every": "week",
        "apart": "1",
        "event": "door_opens",
        "stop_when": "never",
        "scope": "this",
    }
    return me.post(f"/reminders/{row.id}/edit", data=sent | changed)


def test_this_one_only(me: Any, body: Organisation, session: Session) -> None:
    row = begin(body, Recurrence(Every.WEEK, TODAY + DAY))
    session.flush()
    assert edit(me, row, text="Ring i stället", on="2026-11-27").status_code == 303
    session.expire_all()
    row = session.get_one(Reminder, row.id)
    assert (row.params["text"], row.show_on) == ("Ring i stället", date(2026, 11, 27))
    done(row, date(2026, 11, 27))
    (following,) = waiting(session)
    assert (following.params["text"], following.wanted_on) == ("Läs diariet", TODAY + 8 * DAY)


def test_this_one_and_the_rest(me: Any, body: Organisation, session: Session) -> None:
    first = begin(body, Recurrence(Every.WEEK, TODAY))
    done(first)
    (row,) = waiting(session)
    answer = edit(me, row, text="Läs protokollet", on="2026-12-02", every="month", scope="rest")
    assert answer.status_code == 303
    session.expire_all()
    (begun,) = waiting(session)
    assert (begun.params["text"], begun.wanted_on) == ("Läs protokollet", date(2026, 12, 2))
    assert session.get_one(Reminder, first.id).params["text"] == "Läs diariet"
    done(begun, date(2026, 12, 2))
    assert [one.wanted_on for one in waiting(session)] == [date(2027, 1, 2)]


def test_the_last_of_them(me: Any, body: Organisation, session: Session) -> None:
    row = begin(body, Recurrence(Every.WEEK, TODAY + DAY))
    session.flush()
    assert edit(me, row, every="", scope="rest").status_code == 303
    session.expire_all()
    (row,) = waiting(session)
    done(row)
    assert waiting(session) == []


def test_a_stale_form_and_odd_values_change_nothing(
    me: Any, body: Organisation, session: Session
) -> None:
    row = begin(body, Recurrence(Every.WEEK, TODAY + DAY))
    session.flush()
    for odd in (
        {"version": "0"},
        {"text": ""},
        {"on": "2020-01-01"},
        {"apart": "0", "scope": "rest"},
        {"apart": "99999", "scope": "rest"},
        {"times": "0", "scope": "rest"},
        {"every": "eon", "scope": "rest"},
        {"until": "2020-01-01", "scope": "rest"},
    ):
        assert edit(me, row, **odd).status_code in (409, 422), odd
    session.expire_all()
    (row,) = waiting(session)
    assert (row.params["text"], row.show_on) == ("Läs diariet", TODAY + DAY)


def test_one_that_came_once_can_be_put_right(me: Any, body: Organisation, session: Session) -> None:
    row = make_reminder(body, me.user, TODAY + 5 * DAY, text="Ring rektorn")
    assert "Ändra påminnelsen" in me.get(f"/reminders/{row.id}").text
    assert edit(me, row, text="Ring rektorn och IT", every="").status_code == 303
    session.expire_all()
    assert session.get_one(Reminder, row.id).params["text"] == "Ring rektorn och IT"
    planned = make_reminder(body, me.user, rule_key="R3")
    assert me.get(f"/reminders/{planned.id}/edit").status_code == 303


def test_a_light_contact_comes_once(me: Any, body: Organisation, session: Session) -> None:
    from tests.factories.people import make_person

    anna = make_person("Anna", "Berg", body)
    sent = {"text": "Hör av dig", "on": "2026-12-01", "every": "week", "person_id": str(anna.id)}
    answer = me.post(f"/reminders/new?organisation={body.id}", data=sent | {"once": "a"})
    assert answer.status_code == 422 and "kommer en gång" in answer.text
    assert session.scalar(sa.select(sa.func.count(Repeat.id))) == 0


@pytest.mark.parametrize(
    ("every", "apart", "sv", "en"),
    [
        (Every.WEEK, 1, "varje vecka från den", "every week from"),
        (Every.MONTH, 2, "med 2 månaders mellanrum från den", "every 2 months from"),
    ],
)
def test_why_it_comes_again_is_said_in_the_readers_language(
    school: Organisation, as_user: Any, every: Every, apart: int, sv: str, en: str
) -> None:
    first = begin(school, Recurrence(every, TODAY, apart))
    reader = as_user(Role.REP)
    for language, words in (("sv", sv), ("en", en)):
        reader.user.language = language
        assert words in reader.get(f"/reminders/{first.id}").text
        assert words in reader.get("/reminders?whose=all").text


def test_what_falls_on_a_day_off_stands_on_the_working_day_before(
    school: Organisation, session: Session
) -> None:
    sunday = date(2026, 11, 29)
    first = begin(school, Recurrence(Every.WEEK, sunday))
    once = operations.add_own(school, text="x", on=sunday, by=make_user(), today=TODAY, now=NOW)
    assert (first.wanted_on, first.show_on) == (sunday, date(2026, 11, 27))
    assert first.show_on == once.show_on
    done(first, first.show_on)
    (second,) = waiting(session)
    assert (second.wanted_on, second.show_on) == (date(2026, 12, 6), date(2026, 12, 4))


def test_what_comes_every_day_or_with_an_event_stands_after_a_day_off() -> None:
    for every in (Every.DAY, Every.CYCLE):
        assert shown_on(every, date(2026, 11, 29)) == date(2026, 11, 30)
