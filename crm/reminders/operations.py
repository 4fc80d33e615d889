"""What people do with a reminder: done, later, not needed, or one of their own.

What the plan does with reminders is written in `planning`.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.anchoring.operations import AskedFor, when_asked_for
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation, below
from crm.organisations.operations import Closed, before_closing, when_closed, when_opened
from crm.procurements import queries as procurements
from crm.reminders import by_hand, contacts, queries, repeating, ruleset, sources
from crm.reminders.models import (
    LIGHT,
    OWN,
    WAITING_STATES,
    DoneOutcome,
    FeedKind,
    Reminder,
    ReminderState,
    SharedFeed,
)
from crm.rules import reminders as rulebook
from crm.rules.calendar import next_working_day
from crm.rules.certainty import Certainty
from crm.rules.pace import interval
from crm.rules.quiet import NO_QUIET, deadline_day
from crm.rules.recurrence import Recurrence, StopWhen
from crm.rules.reminders import AskState, ReminderKind
from crm.rules.stages import CaseState, WaitReason, WakeEvent, is_published

_PLANNED = sa.bindparam("planned", ReminderState.PLANNED, Reminder.state.type, literal_execute=True)
"""Written out in the statement: with a parameter no engine can use the index of the planned."""


STILL_WAITING = timedelta(days=30)  # until a case that waits asks again


def surface(*, today: date, now: datetime, limit: int = 500) -> int:
    """Put what is due into the inboxes, once each. Returns how many.

    One UPDATE that names the state it expects: with two schedulers at once, the second finds
    nothing left to do.
    """
    ready = (
        sa.select(Reminder.id)
        .where(Reminder.state == _PLANNED, Reminder.show_on <= today)
        .order_by(Reminder.show_on)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ready")
    )
    put = db.session.scalars(
        sa.update(Reminder)
        .where(Reminder.id.in_(sa.select(ready.c.id)), Reminder.state == _PLANNED)
        .values(state=ReminderState.DUE, surfaced_at=now)
        .returning(Reminder.id)
        .execution_options(synchronize_session=False)
    )
    return len(put.all())


def complete(
    reminder: Reminder,
    outcome: DoneOutcome,
    *,
    note: str = "",
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """It is done. An ask without an answer opens the case's one ask (R14); an answer settles it.

    What the reminder was about is done with it: a promise is kept, and a case whose wait is over
    is taken up again. A light contact too soon after another needs a note that says why (S21).
    """
    _require_waiting(reminder)
    if reminder.rule_key == LIGHT and reminder.person_id is not None and not note.strip():
        _require_pace(reminder.person_id, today, but=reminder.key)
    reminder.state, reminder.outcome, reminder.note = ReminderState.DONE, outcome, note
    reminder.done_at, reminder.done_by_id = now, by.id if by else None
    _touch(reminder, now)
    case = db.session.get(Case, reminder.case_id) if reminder.case_id else None
    if case is not None and case.state is not CaseState.CLOSED:
        if outcome is DoneOutcome.ASKED:
            if case.ask_open_on is None:  # one open ask at a time; the first one's day counts
                cases.ask(case, today=today)
        elif outcome is DoneOutcome.ANSWERED:
            cases.answered(case)
        if _is_promise_of(reminder, case):
            cases.set_next_step(case, "", None, by=by)
        elif reminder.rule_key == "WAKE" and case.state is CaseState.WAITING:
            cases.wake(case, by=by, today=today, now=now)
    if reminder.kind is ReminderKind.CONTACT:
        pending.needs_planning(reminder.body_id, "contacted")
    repeating.go_on(reminder, today=today, now=now)
    _tell(reminder, "reminder_done", by, now, text=note, outcome=outcome.value)


def _require_no_notice(body_id: int) -> None:
    for one in procurements.under_way([body_id]):
        if is_published(one.stage):
            raise RuleBroken(
                _(
                    "“%(title)s” is advertised. Until the contract is signed, questions go to the"
                    " official question channel and contacts wait. Choose nobody to be reminded of"
                    " something else.",
                    title=one.title,
                )
            )


def _require_pace(person_id: int, on: date, *, but: str = "") -> None:
    """Refuse a second light contact with a person within the set time (S21)."""
    near = contacts.too_soon(person_id, on, interval(ruleset.in_force()), but=but)
    if near is not None:
        raise RuleBroken(
            _(
                "%(what)s It would be one contact too many. Choose a later day, or write why it is"
                " needed.",
                what=contacts.sentence(near, clock.today()),
            )
        )


def _is_promise_of(reminder: Reminder, case: Case) -> bool:
    return reminder.rule_key == "NEXT" and case.next_step_on == reminder.event_start is not None


def snooze(
    reminder: Reminder,
    *,
    until: date,
    event: WakeEvent | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """Later: to a day, or to an event of the buyer's year, which it then follows (E8)."""
    _put_off(reminder, until, event, today=today, now=now)
    _tell(
        reminder,
        "reminder_snoozed",
        by,
        now,
        until=until.isoformat(),
        wake_event=event.value if event else "",
    )


def _put_off(
    reminder: Reminder, until: date, event: WakeEvent | None, *, today: date, now: datetime
) -> None:
    _require_waiting(reminder)
    if until <= today:
        raise RuleBroken(_("Choose a day after today."))
    reminder.snoozed_until, reminder.snoozed_event, reminder.snoozed_on = until, event, today
    reminder.show_on, reminder.state = until, ReminderState.PLANNED
    reminder.surfaced_at = None
    _touch(reminder, now)


def snooze_many(
    rows: Sequence[tuple[Reminder, date, WakeEvent | None]],
    *,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """Several at once, each to its own day or event; all of them or none. One line in each body's
    story."""
    for reminder, until, event in rows:
        _put_off(reminder, until, event, today=today, now=now)
    event = next((event for _row, _until, event in rows if event is not None), None)
    days = [(reminder, until) for reminder, until, _event in rows]
    _tell_many("reminders_put_off", days, by, now, wake_event=event.value if event else "")


def bring_back_many(
    rows: Sequence[Reminder], *, by: User | None, today: date, now: datetime
) -> None:
    """Undo of putting off several: those that are put off still stand where they stood."""
    put_off = [row for row in rows if row.state in WAITING_STATES and row.snoozed_until is not None]
    for reminder in put_off:
        _stand_again(reminder, today=today, now=now)
    _tell_many("reminders_back", [(row, row.show_on) for row in put_off], by, now)


def _tell_many(
    event: str, rows: Sequence[tuple[Reminder, date]], by: User | None, now: datetime, **data: Any
) -> None:
    bodies: dict[int, list[date]] = {}
    for reminder, day in rows:
        bodies.setdefault(reminder.body_id, []).append(day)
    for body_id, days in bodies.items():
        record(
            ActivityKind.REMINDER,
            db.session.get_one(Organisation, body_id),
            now=now,
            by=by,
            event=event,
            number=len(days),
            until=days[0].isoformat() if len(set(days)) == 1 else "",
            **data,
        )
        pending.needs_planning(body_id, "reminder_back")


def dismiss(reminder: Reminder, *, reason: str = "", by: User | None, now: datetime) -> None:
    """Not needed. It does not come back for the same occasion.

    But no case waits for ever (decision 5): while it waits, the reminder that asks whether to take
    it up again is only put off, by as much as STILL_WAITING unless another day is chosen.
    """
    _require_waiting(reminder)
    if asks_of_a_wait(reminder):
        today = clock.local(now).date()
        until = next_working_day(today + STILL_WAITING)
        snooze(reminder, until=until, by=by, today=today, now=now)
        return
    reminder.state, reminder.note = ReminderState.DISMISSED, reason
    reminder.done_at, reminder.done_by_id = now, by.id if by else None
    _touch(reminder, now)
    repeating.go_on(reminder, today=clock.local(now).date(), now=now)
    _tell(reminder, "reminder_dismissed", by, now, text=reason)


def asks_of_a_wait(reminder: Reminder) -> bool:
    """Whether it asks to take up a case that waits still."""
    case = db.session.get(Case, reminder.case_id) if reminder.case_id else None
    return reminder.rule_key == "WAKE" and case is not None and case.state is CaseState.WAITING


def bring_back(reminder: Reminder, *, by: User | None, today: date, now: datetime) -> None:
    """Undo of done, later or not needed: it stands where it stood, and so does its case."""
    if reminder.state is ReminderState.WITHDRAWN:
        raise RuleBroken(_("The plan no longer has this reminder."))
    if reminder.state in WAITING_STATES and reminder.snoozed_until is None:
        return
    if reminder.state is ReminderState.DONE:
        _take_back(reminder, by=by, now=now)
    if reminder.state not in WAITING_STATES:
        repeating.take_back(reminder, now=now)
    _stand_again(reminder, today=today, now=now)
    _tell(reminder, "reminder_back", by, now)
    pending.needs_planning(reminder.body_id, "reminder_back")


def _stand_again(reminder: Reminder, *, today: date, now: datetime) -> None:
    # Undoing "later" takes the putting-off away; undoing "done" brings back what was put off.
    if reminder.state in WAITING_STATES or (reminder.snoozed_until or today) <= today:
        reminder.snoozed_until = reminder.snoozed_event = reminder.snoozed_on = None
    reminder.outcome, reminder.done_at, reminder.done_by_id = None, None, None
    reminder.note = ""
    reminder.show_on = reminder.snoozed_until or reminder.due_on
    reminder.state = ReminderState.DUE if reminder.show_on <= today else ReminderState.PLANNED
    reminder.surfaced_at = now if reminder.state is ReminderState.DUE else None
    _touch(reminder, now)


def _take_back(reminder: Reminder, *, by: User | None, now: datetime) -> None:
    """Undo what completing it did to its case, unless the case has gone on since."""
    case = db.session.get(Case, reminder.case_id) if reminder.case_id else None
    if case is None or reminder.done_at is None or case.state is CaseState.CLOSED:
        return
    asked_on = clock.local(reminder.done_at).date()
    if reminder.outcome is DoneOutcome.ASKED and case.ask_open_on == asked_on:
        cases.take_back_ask(case)
    elif reminder.rule_key == "NEXT" and case.next_step_on is None:
        cases.set_next_step(
            case, str(reminder.params.get("next_step", "")), reminder.event_start, by=by
        )
    elif reminder.rule_key == "WAKE":
        cases.wait_on(case, by=by, now=now)


def add_own(
    organisation: Organisation,
    *,
    text: str,
    on: date,
    case: Case | None = None,
    person_id: int | None = None,
    why: str = "",
    by: User,
    today: date,
    now: datetime,
) -> Reminder:
    """A reminder that a user sets by hand: a promise of ours, with its own words.

    With a person it is a light contact, which is no promise and never overdue. Too near another
    contact with the same person it is refused, unless `why` says what makes it needed (S21).
    """
    if on < today:
        raise RuleBroken(_("That day has passed. Choose today or a later day."))
    if person_id is None:
        day, reason = deadline_day(on)
        due_on, passed = max(day, today), [reason] if reason is not None and day >= today else []
    else:
        _require_no_notice(organisation.body_id or organisation.id)
        day, found = NO_QUIET.first(on)
        due_on, passed = day, [*found]
        if not why.strip():
            _require_pace(person_id, due_on)
    reminder = Reminder(
        key=f"{OWN}:{secrets.token_hex(12)}",
        rule_key=OWN,
        rule_version=1,
        kind=ReminderKind.DEADLINE if person_id is None else ReminderKind.CONTACT,
        person_id=person_id,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        case_id=case.id if case else None,
        user_id=by.id,
        event_key="",
        wanted_on=on,
        due_on=due_on,
        show_on=due_on,
        moved=rulebook.moved_as_json(passed),
        certainty=Certainty.CONFIRMED,
        source="",
        law="",
        shaped_by=[],
        params={"text": text} | ({"needed": why} if why.strip() else {}),
        state=ReminderState.DUE if due_on <= today else ReminderState.PLANNED,
        surfaced_at=now if due_on <= today else None,
        changed_at=now,
        sequence=0,
        note="",
    )
    db.session.add(reminder)
    db.session.flush()
    refresh_cases(case_ids=[case.id] if case else [])
    return reminder


def add_repeated(
    organisation: Organisation,
    recurrence: Recurrence,
    *,
    text: str,
    stop_when: StopWhen = StopWhen.NEVER,
    case: Case | None = None,
    by: User,
    today: date,
    now: datetime,
) -> Reminder:
    """One that comes again (E6): the first of them is set, each next when one is dealt with."""
    if recurrence.starts_on < today:
        raise RuleBroken(_("That day has passed. Choose today or a later day."))
    reminder = repeating.begin(
        organisation,
        recurrence,
        text=text,
        stop_when=stop_when,
        case=case,
        owner=by,
        today=today,
        now=now,
    )
    refresh_cases(case_ids=[case.id] if case else [])
    return reminder


def edit_own(
    reminder: Reminder, *, text: str, on: date, by: User | None, today: date, now: datetime
) -> None:
    """Other words, another day: of this one alone, also where it comes again."""
    _require_own(reminder)
    if on < today:
        raise RuleBroken(_("That day has passed. Choose today or a later day."))
    promise = reminder.kind is ReminderKind.DEADLINE
    due_on = max(deadline_day(on)[0], today) if promise else NO_QUIET.first(on)[0]
    reminder.params = {**reminder.params, "text": text}
    if (reminder.wanted_on, reminder.show_on) != (on, due_on):
        reminder.moved = []
        reminder.wanted_on, reminder.due_on, reminder.show_on = on, due_on, due_on
        reminder.snoozed_until = reminder.snoozed_event = reminder.snoozed_on = None
        reminder.state = ReminderState.DUE if due_on <= today else ReminderState.PLANNED
        reminder.surfaced_at = now if reminder.state is ReminderState.DUE else None
    _touch(reminder, now)


def edit_rest(
    reminder: Reminder,
    recurrence: Recurrence | None,
    *,
    text: str,
    on: date,
    stop_when: StopWhen = StopWhen.NEVER,
    by: User | None,
    today: date,
    now: datetime,
) -> Reminder:
    """This one and those that follow; without a recurrence this is the last of them."""
    _require_own(reminder)
    if recurrence is None:
        repeating.end(reminder, today=today)
        edit_own(reminder, text=text, on=on, by=by, today=today, now=now)
        return reminder
    begun = repeating.change_rest(
        reminder, recurrence, text=text, stop_when=stop_when, today=today, now=now
    )
    _touch(begun, now)
    return begun


def _require_own(reminder: Reminder) -> None:
    _require_waiting(reminder)
    if reminder.rule_key != OWN:
        raise RuleBroken(_("A rule made this reminder. Change the rule, or put it off."))


# --- What others ask for ----------------------------------------------------------------------

BRING_IN = "bringin"  # in the key of the task that brings a missing function in on a case


@when_asked_for
def bring_in(asked: AskedFor) -> None:
    """A task for each function, today, for whoever has the case; one that stands is enough."""
    case = asked.case
    owner = case.owner if case.owner is not None and case.owner.active else asked.by
    keys = {one: f"{OWN}:{BRING_IN}-{case.id}-{one.value}" for one in asked.functions}
    there = {row.key: row for row in db.session.scalars(_with_keys(list(keys.values())))}
    for function, key in keys.items():
        if (task := there.get(key)) is not None:
            _stand_again(task, today=asked.today, now=asked.now)
            continue
        db.session.add(
            Reminder(
                key=key,
                rule_key=OWN,
                rule_version=1,
                kind=ReminderKind.TASK,
                organisation_id=case.organisation_id,
                body_id=case.body_id,
                case_id=case.id,
                user_id=owner.id,
                event_key="",
                wanted_on=asked.today,
                due_on=next_working_day(asked.today),
                show_on=asked.today,
                moved=[],
                certainty=Certainty.CONFIRMED,
                source="",
                law="",
                shaped_by=[],
                params={
                    "text": by_hand.brings_in(function, owner.language),
                    "function": function.value,
                },
                state=ReminderState.DUE,
                surfaced_at=asked.now,
                changed_at=asked.now,
                sequence=0,
                note="",
            )
        )
    db.session.flush()
    refresh_cases(case_ids=[case.id])


CLOSED_BODY = "closed"  # in the key of the task that a case gets when its place is closed


@when_closed
def ask_what_becomes_of_cases(closed: Closed) -> None:
    """Each case that is under way there stays as it is, and whoever has it gets a task."""
    found = db.session.execute(
        sa.select(Case, Organisation, User)
        .join(Organisation, Organisation.id == Case.organisation_id)
        .outerjoin(
            User,
            sa.and_(
                User.id == sa.func.coalesce(Case.owner_id, Organisation.owner_id),
                User.active.is_(True),
            ),
        )
        .where(Case.organisation_id.in_(closed.ids), Case.state != CaseState.CLOSED)
        .order_by(Case.id)
    ).all()
    owners: dict[int, User | None] = {case.id: owner for case, _place, owner in found}
    keys = [_closing_key(case) for case, _place, _owner in found]
    there = {one.key: one for one in db.session.scalars(_with_keys(keys))}
    for case, place, _owner in found:
        owner = owners[case.id]
        task = there.get(_closing_key(case))
        if task is not None:
            _stand_again(task, today=closed.today, now=closed.now)
            continue
        language = owner.language if owner is not None else "sv"
        db.session.add(
            Reminder(
                key=_closing_key(case),
                rule_key=OWN,
                rule_version=1,
                kind=ReminderKind.TASK,
                organisation_id=case.organisation_id,
                body_id=case.body_id,
                case_id=case.id,
                user_id=owner.id if owner is not None else None,
                event_key="",
                wanted_on=closed.today,
                due_on=closed.today,
                show_on=closed.today,
                moved=[],
                certainty=Certainty.CONFIRMED,
                source="",
                law="",
                shaped_by=[],
                params={
                    "text": by_hand.ended(place.title, closed.on, language),
                    "ended": {"name": place.title, "on": closed.on.isoformat()},
                },
                state=ReminderState.DUE,
                surfaced_at=closed.now,
                changed_at=closed.now,
                sequence=0,
                note="",
            )
        )
    db.session.flush()
    refresh_cases(case_ids=[case.id for case, _place, _owner in found])


@when_opened
def take_back_the_question(organisation: Organisation, now: datetime) -> None:
    """It was closed by mistake: what becomes of its cases need not be asked."""
    of_there = sa.select(Case.id).where(Case.organisation_id == organisation.id)
    rows = db.session.scalars(
        sa.select(Reminder).where(
            Reminder.case_id.in_(of_there),
            Reminder.key.startswith(f"{OWN}:{CLOSED_BODY}-"),
            Reminder.state.in_(WAITING_STATES),
        )
    ).all()
    for row in rows:
        row.state = ReminderState.WITHDRAWN
        _touch(row, now)
    db.session.flush()
    refresh_cases(case_ids=[row.case_id for row in rows if row.case_id is not None])


@before_closing
def what_closing_means(organisation: Organisation) -> list[str]:
    """How many cases stay open, wait on, and how many reminders stand. Two statements."""
    nodes = sa.select(Organisation.id).where(below(organisation.path))
    states = {
        state: number
        for state, number in db.session.execute(
            sa.select(Case.state, sa.func.count())
            .where(Case.organisation_id.in_(nodes), Case.state != CaseState.CLOSED)
            .group_by(Case.state)
        )
    }
    waiting = db.session.scalar(
        sa.select(sa.func.count()).where(
            Reminder.organisation_id.in_(nodes), Reminder.state.in_(WAITING_STATES)
        )
    )
    said = []
    if opened := states.get(CaseState.OPEN, 0):
        said.append(
            ngettext(
                "One case stays open. Whoever has it gets a task: move it to the successor, or "
                "close it.",
                "%(num)s cases stay open. Whoever has them gets a task for each: move it to the "
                "successor, or close it.",
                opened,
            )
        )
    if waits := states.get(CaseState.WAITING, 0):
        said.append(
            ngettext(
                "One case waits on until its day, with the same task.",
                "%(num)s cases wait on until their day, with the same task.",
                waits,
            )
        )
    if waiting:
        said.append(
            ngettext(
                "One reminder stands as it does.", "%(num)s reminders stand as they do.", waiting
            )
        )
    return said


def _closing_key(case: Case) -> str:
    return f"{OWN}:{CLOSED_BODY}-{case.id}-{case.organisation_id}"


def _with_keys(keys: Sequence[str]) -> sa.Select[Reminder]:
    return sa.select(Reminder).where(Reminder.key.in_(keys))


def settle_ask(case: Case, *, today: date, now: datetime) -> bool:
    """An ask that nobody answered in time: the first counts, the second makes the case wait (R14).

    True if it was settled.
    """
    if case.ask_open_on is None or case.state is not CaseState.OPEN:
        return False
    if today <= rulebook.ask_answer_by(case.ask_open_on):
        return False  # most of them, on most days: nothing more need be read
    organisation = db.session.get_one(Organisation, case.organisation_id)
    audience, practice = sources.audience_and_practice(organisation)
    verdict = rulebook.ask_outcome(
        case.ask_open_on, today, case.unanswered_asks, practice, audience
    )
    if verdict.state is AskState.STILL_OPEN:
        return False
    cases.unanswered(case)
    if verdict.state is AskState.MAKE_CASE_WAIT and verdict.wake is not None:
        cases.put_to_wait(
            case,
            WaitReason.NO_ANSWER,
            until=None if verdict.wake_event else verdict.wake.day,
            event=verdict.wake_event,
            event_on=verdict.wake.day,
            by=None,
            today=today,
            now=now,
        )
    return True


def refresh_cases(
    *, body_ids: Iterable[int] | None = None, case_ids: Iterable[int] | None = None
) -> None:
    """Keep `Case.reminder_on`, the day of a case's next pending reminder, true. One statement."""
    ids = list(body_ids if body_ids is not None else case_ids or ())
    if not ids:
        return
    scope = Case.body_id.in_(ids) if body_ids is not None else Case.id.in_(ids)
    soonest = (
        sa.select(sa.func.min(Reminder.show_on))
        .where(Reminder.case_id == Case.id, Reminder.state.in_(WAITING_STATES))
        .correlate(Case)
        .scalar_subquery()
    )
    db.session.execute(
        sa.update(Case)
        .where(scope, Case.reminder_on.is_distinct_from(soonest))
        .values(reminder_on=soonest)
        .execution_options(synchronize_session=False, unaudited=True)
    )


def _require_waiting(reminder: Reminder) -> None:
    if reminder.state not in WAITING_STATES:
        raise RuleBroken(_("This reminder has been dealt with already."))


def _touch(reminder: Reminder, now: datetime) -> None:
    reminder.changed_at = now
    reminder.sequence += 1
    db.session.flush()
    refresh_cases(case_ids=[reminder.case_id] if reminder.case_id else [])


def give_to(reminder_ids: Collection[int], user_id: int, *, now: datetime) -> None:
    """Pending reminders become another colleague's at once; the plan, which follows the cases and
    accounts, agrees when its turn comes."""
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.id.in_(reminder_ids), Reminder.state.in_(WAITING_STATES))
        .values(
            user_id=user_id,
            changed_at=now,
            sequence=Reminder.sequence + 1,
            version=Reminder.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def leave_to_all() -> int:
    """What colleagues who have left had set by hand becomes everybody's. Returns how many."""
    left = sa.select(User.id).where(User.active.is_(False))
    result = db.session.execute(
        sa.update(Reminder)
        .where(
            Reminder.rule_key == OWN,
            Reminder.state.in_(WAITING_STATES),
            Reminder.user_id.in_(left),
        )
        .values(user_id=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


def _tell(
    reminder: Reminder, event: str, by: User | None, now: datetime, *, text: str = "", **data: Any
) -> None:
    record(
        ActivityKind.REMINDER,
        db.session.get_one(Organisation, reminder.organisation_id),
        now=now,
        by=by,
        text=text,
        person_id=reminder.person_id,
        case_id=reminder.case_id,
        event=event,
        rule=reminder.rule_key,
        **data,
    )


def renew_feed(owner: User) -> None:
    """A new secret for the calendar's address; the old address stops working at once."""
    owner.feed_nonce = secrets.token_urlsafe(16)


def share_feed(
    owner: User,
    organisation: Organisation | None,
    *,
    kind: FeedKind = FeedKind.REMINDERS,
    now: datetime,
) -> SharedFeed:
    """A calendar address of one account, or (None) of the whole team or of the contracts. There is
    one of each."""
    number = organisation.id if organisation else None
    for feed in queries.shared_feeds(owner.id):
        if (feed.kind, feed.organisation_id) == (kind, number):
            return feed
    feed = SharedFeed(user_id=owner.id, kind=kind, organisation_id=number, created_at=now)
    with refusing_doubles(_("There is such an address already.")):
        db.session.add(feed)
    return feed


def renew_shared_feed(feed: SharedFeed) -> None:
    """A new secret; the old address stops working at once."""
    feed.nonce = secrets.token_urlsafe(16)


def end_shared_feed(feed: SharedFeed, *, now: datetime) -> None:
    """The address stops working at once."""
    feed.revoked_at = now
