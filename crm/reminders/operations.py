"""Apply the plan, and what people do with a reminder: done, later, not needed.

Planning is decided by the pure rulebook. Here the decision is written: what is new is added, what
has another day is moved and said, what the plan no longer has is withdrawn. What is done stays.
"""

import secrets
from collections.abc import Callable, Iterable
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
from crm.cases import queries as case_queries
from crm.cases.models import Case
from crm.core import pending
from crm.core.db import db, dialect_name
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import sources
from crm.reminders.models import (
    WAITING_STATES,
    DoneOutcome,
    Reminder,
    ReminderMove,
    ReminderState,
)
from crm.rules import reminders as rulebook
from crm.rules.certainty import Certainty
from crm.rules.quiet import Audience, deadline_day
from crm.rules.reminders import AskState, Existing, Move, Planned, ReminderKind
from crm.rules.stages import CaseState, WaitReason, WakeEvent, resolve_event

IN_ONE_GO = 200  # bodies planned in one transaction


@dataclass(slots=True)
class Replanned:
    """What a planning did: numbers for the job, and the moves to say to the one who caused them."""

    added: int = 0
    withdrawn: int = 0
    kept: int = 0
    moves: list[tuple[int, date, date]] = field(default_factory=list)  # reminder id, from, to

    @property
    def changed(self) -> int:
        return self.added + self.withdrawn + len(self.moves)


def replan(
    body_ids: Iterable[int], *, today: date, now: datetime, why: dict[int, str] | None = None
) -> Replanned:
    """Plan these bodies anew and write the difference. With nothing changed, nothing is written."""
    ids = sorted(set(body_ids))
    done = Replanned()
    for start in range(0, len(ids), IN_ONE_GO):
        _replan(ids[start : start + IN_ONE_GO], today, now, why or {}, done)
    return done


def _replan(
    ids: list[int], today: date, now: datetime, why: dict[int, str], done: Replanned
) -> None:
    existing: dict[int, dict[str, Reminder]] = {}
    for row in db.session.scalars(
        sa.select(Reminder).where(Reminder.body_id.in_(ids), Reminder.rule_key != OWN)
    ):
        existing.setdefault(row.body_id, {})[row.key] = row
    new: list[dict[str, Any]] = []
    for gathered in sources.gather(ids, today=today):
        body_id = gathered.body.organisation_id
        rows = existing.get(body_id, {})
        found = rulebook.reconcile(
            rulebook.plan(gathered.body, gathered.cases, today=today),
            [sources.as_existing(row) for row in rows.values()],
            stopped=rulebook.contacts_stopped(gathered.cases),
            event_day=_event_days(gathered, rows),
        )
        sources.keep_waits_current(gathered)
        new += [_new(item, gathered, now) for item in found.add]
        for move in found.move:
            _move(rows[move.existing.key], move, now, why.get(body_id, ""), done)
        for gone in found.withdraw:
            rows[gone.key].state = ReminderState.WITHDRAWN
            _changed(rows[gone.key], now)
        for there, item in found.revive:
            _revive(rows[there.key], item, now)
        for there, item in found.keep:
            done.kept += 1
            row = rows[there.key]
            _hand_over(row, item.owner_id or gathered.owner_id)
            if _said(row) != _says(item):
                _write(row, item, now)
        done.withdrawn += len(found.withdraw)
        done.added += len(found.revive)
    _insert(new)
    done.added += len(new)
    db.session.flush()
    refresh_cases(body_ids=ids)
    pending.planned(ids)


OWN = "own"  # the rule key of what a user set by hand; the plan leaves it alone


def _event_days(
    gathered: sources.Gathered, rows: dict[str, Reminder]
) -> Callable[[Existing], date | None]:
    """Where the event that a reminder was snoozed to falls now."""
    audiences = {facts.case_id: facts.audience for facts in gathered.cases}

    def day(there: Existing) -> date | None:
        row = rows[there.key]
        if there.snoozed_event is None or row.snoozed_on is None:
            return None
        practice = gathered.practices.get(there.case_id or 0, gathered.body.practice)
        audience = audiences.get(there.case_id or 0, Audience.GENERAL)
        when = resolve_event(there.snoozed_event, practice, audience, row.snoozed_on)
        return when.day if when else None

    return day


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


def _hand_over(row: Reminder, owner_id: int | None) -> None:
    """A case with a new owner brings its pending reminders along."""
    if row.user_id != owner_id:
        row.user_id = owner_id


def _write(row: Reminder, item: Planned, now: datetime) -> None:
    """Bring the words up to date; the day is kept."""
    for name, value in _values(item).items():
        if name not in {"due_on", "wanted_on", "moved", "late"}:
            setattr(row, name, value)
    _changed(row, now)


def _move(row: Reminder, move: Move, now: datetime, why: str, done: Replanned) -> None:
    before = row.show_on
    if move.planned is not None:
        row.key = move.planned.key
        for name, value in _values(move.planned).items():
            setattr(row, name, value)
    if move.snooze:
        row.snoozed_until = move.after
    row.show_on = row.snoozed_until or row.due_on
    if row.state is ReminderState.DUE and row.show_on > before:
        row.state, row.surfaced_at = ReminderState.PLANNED, None
    _changed(row, now)
    if row.show_on != before:
        done.moves.append((row.id, before, row.show_on))
        db.session.add(
            ReminderMove(
                reminder_id=row.id, at=now, before=before, after=row.show_on, why=why[:200]
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


def surface(*, today: date, now: datetime, limit: int = 500) -> int:
    """Put what is due into the inboxes, once each. Returns how many.

    One UPDATE that names the state it expects: with two schedulers at once, the second finds
    nothing left to do.
    """
    ready = (
        sa.select(Reminder.id)
        .where(Reminder.state == ReminderState.PLANNED, Reminder.show_on <= today)
        .order_by(Reminder.show_on, Reminder.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ready")
    )
    result = db.session.execute(
        sa.update(Reminder)
        .where(Reminder.id.in_(sa.select(ready.c.id)), Reminder.state == ReminderState.PLANNED)
        .values(state=ReminderState.DUE, surfaced_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


def complete(
    reminder: Reminder,
    outcome: DoneOutcome,
    *,
    note: str = "",
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """It is done. An ask without an answer opens the case's one ask (R14); an answer settles it."""
    _require_waiting(reminder)
    reminder.state, reminder.outcome, reminder.note = ReminderState.DONE, outcome, note
    reminder.done_at, reminder.done_by_id = now, by.id if by else None
    _touch(reminder, now)
    case = db.session.get(Case, reminder.case_id) if reminder.case_id else None
    if case is not None and case.state is not CaseState.CLOSED:
        if outcome is DoneOutcome.ASKED:
            cases.ask(case, today=today)
        elif outcome is DoneOutcome.ANSWERED:
            cases.answered(case)
        elif reminder.rule_key == "NEXT" and case.next_step_on is not None:
            cases.set_next_step(case, "", None, by=by)
        elif reminder.rule_key == "WAKE" and case.state is CaseState.WAITING:
            cases.wake(case, by=by, today=today, now=now)
    _tell(reminder, "reminder_done", by, now, text=note, outcome=outcome.value)


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
    """Undo of done, later or not needed: it stands where it stood."""
    if reminder.state is ReminderState.WITHDRAWN:
        raise RuleBroken(_("The plan no longer has this reminder."))
    if reminder.outcome is DoneOutcome.ASKED and reminder.case_id:
        case = db.session.get(Case, reminder.case_id)
        if case is not None and case.ask_open_on is not None:
            cases.answered(case)
    reminder.snoozed_until = reminder.snoozed_event = reminder.snoozed_on = None
    reminder.outcome, reminder.done_at, reminder.done_by_id = None, None, None
    reminder.show_on = reminder.due_on
    reminder.state = ReminderState.DUE if reminder.show_on <= today else ReminderState.PLANNED
    reminder.surfaced_at = now if reminder.state is ReminderState.DUE else None
    _touch(reminder, now)
    _tell(reminder, "reminder_back", by, now)


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


def settle_asks(*, today: date, now: datetime) -> int:
    """Asks that nobody answered in time: the first counts, the second puts the case to wait (R14)."""
    return sum(settle_ask(case, today=today, now=now) for case in case_queries.open_asks())


def settle_ask(case: Case, *, today: date, now: datetime) -> bool:
    """One open ask, looked at today. True if it was settled."""
    assert case.ask_open_on is not None
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
