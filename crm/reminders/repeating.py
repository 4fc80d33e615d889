"""Reminders that come again (E6): the next occasion when one is dealt with, and their end."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.budgets import queries as budgets
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders.models import OWN, WAITING_STATES, Reminder, ReminderState, Repeat
from crm.rules import recurrence as rulebook
from crm.rules.certainty import Certainty
from crm.rules.recurrence import Recurrence, StopWhen
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseState

_DAY = timedelta(days=1)


def begin(
    organisation: Organisation,
    recurrence: Recurrence,
    *,
    text: str,
    stop_when: StopWhen = StopWhen.NEVER,
    case: Case | None = None,
    owner: User | None,
    today: date,
    now: datetime,
) -> Reminder:
    """The first of them, from today on. A task each time, which is never overdue."""
    if stop_when is not StopWhen.NEVER and case is None:
        raise RuleBroken(_("Only a reminder in a case can end with the case."))
    if case is not None and rulebook.stops(stop_when, case.state):
        raise RuleBroken(_("The case is in that state already, so nothing would come."))
    day = _next(recurrence, 0, max(recurrence.starts_on, today) - _DAY, organisation)
    if day is None:
        raise RuleBroken(
            _("With these choices nothing would ever come. Check the end and the event.")
        )
    repeat = Repeat(
        text=text,
        every=recurrence.every,
        apart=recurrence.apart,
        event=recurrence.event,
        starts_on=recurrence.starts_on,
        until=recurrence.until,
        times=recurrence.times,
        stop_when=stop_when,
        number=1,
        last_on=day,
    )
    db.session.add(repeat)
    db.session.flush()
    return _occasion(
        repeat,
        day,
        organisation=organisation,
        case_id=case.id if case else None,
        user_id=owner.id if owner else None,
        counted_from=max(recurrence.starts_on, today) - _DAY,
        today=today,
        now=now,
    )


def _next(
    recurrence: Recurrence, made: int, after: date, organisation: Organisation
) -> date | None:
    return rulebook.following(
        recurrence,
        made,
        after,
        practice=budgets.practice_of(organisation),
        audience=budgets.audience_of(organisation),
    )


def _occasion(
    repeat: Repeat,
    day: date,
    *,
    organisation: Organisation,
    case_id: int | None,
    user_id: int | None,
    counted_from: date,
    today: date,
    now: datetime,
) -> Reminder:
    shown = max(rulebook.shown_on(repeat.every, day), today)
    row = Reminder(
        key=_key(repeat.id, repeat.number),
        rule_key=OWN,
        rule_version=1,
        kind=ReminderKind.TASK,
        organisation_id=organisation.id,
        body_id=organisation.body_id or organisation.id,
        case_id=case_id,
        user_id=user_id,
        repeat_id=repeat.id,
        repeat_number=repeat.number,
        event_key="",
        wanted_on=day,
        due_on=shown,
        show_on=shown,
        moved=[],
        certainty=Certainty.CONFIRMED,
        source="",
        law="",
        shaped_by=[],
        params={"text": repeat.text},
        state=ReminderState.DUE if shown <= today else ReminderState.PLANNED,
        surfaced_at=now if shown <= today else None,
        changed_at=now,
        sequence=0,
        note="",
    )
    if repeat.event is not None:  # it follows the event, as what was put off to one does
        row.snoozed_event, row.snoozed_on, row.snoozed_until = repeat.event, counted_from, shown
    db.session.add(row)
    db.session.flush()
    return row


def _key(repeat_id: int, number: int) -> str:
    return f"{OWN}:repeat-{repeat_id}-{number}"


def go_on(reminder: Reminder, *, today: date, now: datetime) -> Reminder | None:
    """When one is dealt with, the next is set, unless there is one or it has ended."""
    repeat = db.session.get(Repeat, reminder.repeat_id) if reminder.repeat_id else None
    if repeat is None or repeat.ended_on is not None or reminder.repeat_number != repeat.number:
        return None
    organisation = db.session.get_one(Organisation, reminder.organisation_id)
    after = max(repeat.last_on, today)
    day = _next(repeat.recurrence, repeat.number, after, organisation)
    if day is None:
        return None
    repeat.number, repeat.last_on = repeat.number + 1, day
    key = _key(repeat.id, repeat.number)
    there = db.session.scalar(sa.select(Reminder).where(Reminder.key == key))
    if there is not None:  # it was taken back once, and comes again
        there.state, there.surfaced_at = ReminderState.PLANNED, None
        there.wanted_on = day
        there.due_on = max(rulebook.shown_on(repeat.every, day), today)
        there.show_on = there.due_on
        if repeat.event is not None:
            there.snoozed_event, there.snoozed_on = repeat.event, after
            there.snoozed_until = there.due_on
        there.changed_at, there.sequence = now, there.sequence + 1
        return there
    return _occasion(
        repeat,
        day,
        organisation=organisation,
        case_id=reminder.case_id,
        user_id=reminder.user_id,
        counted_from=after,
        today=today,
        now=now,
    )


def take_back(reminder: Reminder, *, now: datetime) -> None:
    """Undo of dealing with one: the next, if nobody has touched it, is not set after all."""
    repeat = db.session.get(Repeat, reminder.repeat_id) if reminder.repeat_id else None
    number = reminder.repeat_number
    if repeat is None or number is None or repeat.number != number + 1:
        return
    key = _key(repeat.id, repeat.number)
    following = db.session.scalar(sa.select(Reminder).where(Reminder.key == key))
    if following is None or following.state not in WAITING_STATES:
        return
    _withdraw(following, now)
    repeat.number, repeat.last_on = number, reminder.wanted_on


def change_rest(
    reminder: Reminder,
    recurrence: Recurrence,
    *,
    text: str,
    stop_when: StopWhen = StopWhen.NEVER,
    today: date,
    now: datetime,
) -> Reminder:
    """This one and all that follow get other words and another rhythm. What has been dealt with
    stays as it was."""
    case = db.session.get(Case, reminder.case_id) if reminder.case_id else None
    begun = begin(
        db.session.get_one(Organisation, reminder.organisation_id),
        recurrence,
        text=text,
        stop_when=stop_when,
        case=case,
        owner=db.session.get(User, reminder.user_id) if reminder.user_id else None,
        today=today,
        now=now,
    )
    end(reminder, today=today)
    _withdraw(reminder, now)
    return begun


def end(reminder: Reminder, *, today: date) -> None:
    """No more of them after this one."""
    if reminder.repeat_id is not None:
        db.session.get_one(Repeat, reminder.repeat_id).ended_on = today


def end_those_over(body_ids: Collection[int], *, today: date, now: datetime) -> int:
    """End what a change of state in its case ends, and take away what waits of it. One statement
    where there is nothing."""
    found = db.session.execute(
        sa.select(Repeat, Reminder, Case.state)
        .join(Reminder, Reminder.repeat_id == Repeat.id)
        .join(Case, Case.id == Reminder.case_id)
        .where(
            Reminder.body_id.in_(body_ids),
            Reminder.state.in_(WAITING_STATES),
            Repeat.ended_on.is_(None),
            Repeat.stop_when != StopWhen.NEVER,
        )
    ).all()
    over = [(repeat, row) for repeat, row, state in found if _is_over(repeat, state)]
    for repeat, row in over:
        repeat.ended_on = today
        _withdraw(row, now)
    return len(over)


def _is_over(repeat: Repeat, state: CaseState) -> bool:
    return rulebook.stops(repeat.stop_when, state)


def _withdraw(row: Reminder, now: datetime) -> None:
    row.state, row.changed_at, row.sequence = ReminderState.WITHDRAWN, now, row.sequence + 1
