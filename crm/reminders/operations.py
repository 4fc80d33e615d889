"""Apply the plan, and what people do with a reminder: done, later, not needed.

Planning is decided by the pure rulebook. Here the decision is written: what is new is added, what
has another day is moved and said, what the plan no longer has is withdrawn. What is done stays.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.dialects import postgresql, sqlite

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.db import db, dialect_name
from crm.core.errors import RuleBroken
from crm.core.pending import Marks
from crm.organisations.models import Organisation
from crm.reminders import ruleset, sources
from crm.reminders.models import (
    WAITING_STATES,
    DoneOutcome,
    Reminder,
    ReminderMove,
    ReminderState,
)
from crm.rules import reminders as rulebook
from crm.rules.certainty import Certainty
from crm.rules.quiet import deadline_day
from crm.rules.reminders import AskState, Move, Planned, ReminderKind, Rule
from crm.rules.stages import CaseState, WaitReason, WakeEvent, resolve_event

IN_ONE_GO = 200  # bodies planned in one transaction


OWN = "own"  # the rule key of what a user set by hand; the plan leaves it alone


@dataclass(slots=True)
class Replanned:
    """What a planning did: numbers for the job, and the moves to say to the one who caused them."""

    added: int = 0
    withdrawn: int = 0
    kept: int = 0
    reworded: int = 0
    moves: list[tuple[int, date, date]] = field(default_factory=list)  # reminder id, from, to

    @property
    def changed(self) -> int:
        return self.added + self.withdrawn + self.reworded + len(self.moves)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a planning takes place."""

    today: date
    now: datetime
    rules: tuple[Rule, ...]


def replan(
    body_ids: Iterable[int],
    *,
    today: date,
    now: datetime,
    why: Mapping[int, str] | None = None,
) -> Replanned:
    """Plan these bodies anew and write the difference. With nothing changed, nothing is written."""
    ids = sorted(set(body_ids))
    done = Replanned()
    moment = _Moment(today, now, ruleset.in_force())
    for start in range(0, len(ids), IN_ONE_GO):
        _replan(ids[start : start + IN_ONE_GO], moment, why or {}, done)
    return done


def replan_marked(marks: Marks, *, today: date, now: datetime) -> Replanned:
    """Plan the bodies that were marked, and take away these marks and no later ones."""
    done = replan(marks.body_ids, today=today, now=now, why=marks.why)
    pending.planned(marks)
    return done


def _replan(ids: list[int], moment: _Moment, why: Mapping[int, str], done: Replanned) -> None:
    existing: dict[int, dict[str, Reminder]] = {}
    own: dict[int, list[Reminder]] = {}
    for row in db.session.scalars(sa.select(Reminder).where(Reminder.body_id.in_(ids))):
        if row.rule_key == OWN:
            own.setdefault(row.body_id, []).append(row)
        else:
            existing.setdefault(row.body_id, {})[row.key] = row
    new: list[dict[str, Any]] = []
    touched: set[int] = set()  # bodies with a written reminder
    for gathered in sources.gather(ids, today=moment.today):
        body_id = gathered.body.organisation_id
        before = done.changed + len(new)
        sources.keep_waits_current(gathered)
        new += _plan_body(gathered, existing.get(body_id, {}), moment, why.get(body_id, ""), done)
        _follow_events(own.get(body_id, ()), gathered, moment, done)
        if done.changed + len(new) != before:
            touched.add(body_id)
    _insert(new)
    done.added += len(new)
    db.session.flush()
    refresh_cases(body_ids=sorted(touched))


def _plan_body(
    gathered: sources.Gathered,
    rows: Mapping[str, Reminder],
    moment: _Moment,
    why: str,
    done: Replanned,
) -> list[dict[str, Any]]:
    """Write what changes in the rows of one body; returns the rows to add."""
    found = rulebook.reconcile(
        rulebook.plan(gathered.body, gathered.cases, rules=moment.rules, today=moment.today),
        [sources.as_existing(row) for row in rows.values()],
        stopped=rulebook.contacts_stopped(gathered.cases),
        event_day=lambda there: _event_day(rows[there.key], gathered),
    )
    for move in found.move:
        row = rows[move.existing.key]
        _move(row, move, moment, why, done)
        if move.planned is not None:
            _hand_over(row, move.planned.owner_id or gathered.owner_id, moment)
    for gone in found.withdraw:
        rows[gone.key].state = ReminderState.WITHDRAWN
        _changed(rows[gone.key], moment.now)
    for there, item in found.revive:
        _revive(rows[there.key], item, moment.now)
        _hand_over(rows[there.key], item.owner_id or gathered.owner_id, moment)
    for there, item in found.keep:
        done.kept += 1
        row = rows[there.key]
        reworded = _said(row) != _says(item)
        if reworded:
            _write(row, item, moment.now)
        done.reworded += reworded or _hand_over(row, item.owner_id or gathered.owner_id, moment)
    done.withdrawn += len(found.withdraw)
    done.added += len(found.revive)
    return [_new(item, gathered, moment.now) for item in found.add]


def _event_day(row: Reminder, gathered: sources.Gathered) -> date | None:
    """Where the event that a reminder was snoozed to falls now."""
    if row.snoozed_event is None or row.snoozed_on is None:
        return None
    practice, audience = gathered.terms(row.case_id)
    when = resolve_event(row.snoozed_event, practice, audience, row.snoozed_on)
    return when.day if when else None


def _follow_events(
    rows: Iterable[Reminder], gathered: sources.Gathered, moment: _Moment, done: Replanned
) -> None:
    """A reminder set by hand has no plan, but put off to an event it follows that event too."""
    for row in rows:
        if row.state not in WAITING_STATES:
            continue
        day = _event_day(row, gathered)
        if day is not None and day != row.snoozed_until:
            _move(
                row,
                Move(sources.as_existing(row), None, row.show_on, day, snooze=True),
                moment,
                "calendar_changed",
                done,
            )


def _new(item: Planned, gathered: sources.Gathered, now: datetime) -> dict[str, Any]:
    return {
        **_values(item),
        "key": item.key,
        "organisation_id": item.organisation_id,
        "body_id": gathered.body.organisation_id,
        "case_id": item.case_id,
        "user_id": item.owner_id or gathered.owner_id,
        "show_on": item.due_on,
        "state": ReminderState.PLANNED,
        "note": "",
        "changed_at": now,
        "sequence": 0,
        "version": 1,
    }


def _insert(rows: list[dict[str, Any]]) -> None:
    """Two planners may meet: the unique key decides, and the later one adds nothing."""
    insert = (sqlite if dialect_name() == "sqlite" else postgresql).insert
    if rows:
        db.session.execute(insert(Reminder).on_conflict_do_nothing(index_elements=["key"]), rows)


def _values(item: Planned) -> dict[str, Any]:
    return {
        "rule_key": item.rule_key,
        "rule_version": item.rule_version,
        "kind": item.kind,
        "budget_year": item.budget_year,
        "event_key": item.event_key,
        "event_start": item.event_start,
        "event_end": item.event_end,
        "wanted_on": item.wanted_on,
        "due_on": item.due_on,
        "closes_on": item.closes_on,
        "late": item.late,
        "moved": rulebook.moved_as_json(item.moved),
        "certainty": item.certainty,
        "source": item.source,
        "law": item.law[:200],
        "shaped_by": list(item.shaped_by),
        "params": dict(item.params),
    }


def _says(item: Planned) -> tuple[Any, ...]:
    """What a reader would notice; a later day of one that is late already is no news."""
    return (
        item.event_start,
        item.event_end,
        item.certainty,
        item.source,
        item.params,
        item.rule_version,
    )


def _said(row: Reminder) -> tuple[Any, ...]:
    return (
        row.event_start,
        row.event_end,
        row.certainty,
        row.source,
        row.params,
        row.rule_version,
    )


def _hand_over(row: Reminder, owner_id: int | None, moment: _Moment) -> bool:
    """A case with a new owner brings its pending reminders along."""
    if row.user_id == owner_id:
        return False
    row.user_id = owner_id
    _changed(row, moment.now)
    return True


def _write(row: Reminder, item: Planned, now: datetime) -> None:
    """Bring the words up to date; the day is kept, and with another day how it came about."""
    kept = {"due_on", "wanted_on", "moved", "late"} if row.due_on != item.due_on else set()
    for name, value in _values(item).items():
        if name not in kept:
            setattr(row, name, value)
    _changed(row, now)


def _move(row: Reminder, move: Move, moment: _Moment, why: str, done: Replanned) -> None:
    before = row.show_on
    if move.planned is not None:
        row.key = move.planned.key
        for name, value in _values(move.planned).items():
            setattr(row, name, value)
    if move.snooze:
        row.snoozed_until = move.after
    row.show_on = row.snoozed_until or row.due_on
    if row.state is ReminderState.DUE and row.show_on > moment.today:
        row.state, row.surfaced_at = ReminderState.PLANNED, None
    _changed(row, moment.now)
    if row.show_on == before:
        done.reworded += 1
        return
    done.moves.append((row.id, before, row.show_on))
    db.session.add(
        ReminderMove(
            reminder_id=row.id, at=moment.now, before=before, after=row.show_on, why=why[:200]
        )
    )


def _revive(row: Reminder, item: Planned, now: datetime) -> None:
    """Withdrawn, and the plan has it again: the same reminder stands up."""
    for name, value in _values(item).items():
        setattr(row, name, value)
    row.state, row.surfaced_at = ReminderState.PLANNED, None
    row.snoozed_until = row.snoozed_event = row.snoozed_on = None
    row.show_on = item.due_on
    _changed(row, now)


def _changed(row: Reminder, now: datetime) -> None:
    row.changed_at = now
    row.sequence += 1


_PLANNED = sa.bindparam("planned", ReminderState.PLANNED, Reminder.state.type, literal_execute=True)
"""Written out in the statement: with a parameter no engine can use the index of the planned."""


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
    is taken up again.
    """
    _require_waiting(reminder)
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
    _tell(reminder, "reminder_done", by, now, text=note, outcome=outcome.value)


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
    _require_waiting(reminder)
    if until <= today:
        raise RuleBroken(_("Choose a day after today."))
    reminder.snoozed_until, reminder.snoozed_event, reminder.snoozed_on = until, event, today
    reminder.show_on, reminder.state = until, ReminderState.PLANNED
    reminder.surfaced_at = None
    _touch(reminder, now)
    _tell(
        reminder,
        "reminder_snoozed",
        by,
        now,
        until=until.isoformat(),
        wake_event=event.value if event else "",
    )


def dismiss(reminder: Reminder, *, reason: str = "", by: User | None, now: datetime) -> None:
    """Not needed. It does not come back for the same occasion."""
    _require_waiting(reminder)
    reminder.state, reminder.note = ReminderState.DISMISSED, reason
    reminder.done_at, reminder.done_by_id = now, by.id if by else None
    _touch(reminder, now)
    _tell(reminder, "reminder_dismissed", by, now, text=reason)


def bring_back(reminder: Reminder, *, by: User | None, today: date, now: datetime) -> None:
    """Undo of done, later or not needed: it stands where it stood, and so does its case."""
    if reminder.state is ReminderState.WITHDRAWN:
        raise RuleBroken(_("The plan no longer has this reminder."))
    if reminder.state in WAITING_STATES and reminder.snoozed_until is None:
        return
    if reminder.state is ReminderState.DONE:
        _take_back(reminder, by=by, now=now)
    # Undoing "later" takes the putting-off away; undoing "done" brings back what was put off.
    if reminder.state in WAITING_STATES or (reminder.snoozed_until or today) <= today:
        reminder.snoozed_until = reminder.snoozed_event = reminder.snoozed_on = None
    reminder.outcome, reminder.done_at, reminder.done_by_id = None, None, None
    reminder.note = ""
    reminder.show_on = reminder.snoozed_until or reminder.due_on
    reminder.state = ReminderState.DUE if reminder.show_on <= today else ReminderState.PLANNED
    reminder.surfaced_at = now if reminder.state is ReminderState.DUE else None
    _touch(reminder, now)
    _tell(reminder, "reminder_back", by, now)
    pending.needs_planning(reminder.body_id, "reminder_back")


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
    by: User,
    today: date,
    now: datetime,
) -> Reminder:
    """A reminder that a user sets by hand: a promise of ours, with its own words."""
    if on < today:
        raise RuleBroken(_("That day has passed. Choose today or a later day."))
    due_on, passed = deadline_day(on)
    if due_on < today:
        due_on, passed = today, None
    reminder = Reminder(
        key=f"{OWN}:{secrets.token_hex(12)}",
        rule_key=OWN,
        rule_version=1,
        kind=ReminderKind.DEADLINE,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        case_id=case.id if case else None,
        user_id=by.id,
        event_key="",
        wanted_on=on,
        due_on=due_on,
        show_on=due_on,
        moved=rulebook.moved_as_json([passed] if passed else []),
        certainty=Certainty.CONFIRMED,
        source="",
        law="",
        shaped_by=[],
        params={"text": text},
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


def settle_ask(case: Case, *, today: date, now: datetime) -> bool:
    """An ask that nobody answered in time: the first counts, the second makes the case wait (R14).

    True if it was settled.
    """
    if case.ask_open_on is None or case.state is not CaseState.OPEN:
        return False
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
        case_id=reminder.case_id,
        event=event,
        rule=reminder.rule_key,
        **data,
    )


def renew_feed(owner: User) -> None:
    """A new secret for the calendar's address; the old address stops working at once."""
    owner.feed_nonce = secrets.token_urlsafe(16)
