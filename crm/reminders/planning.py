"""Apply the plan: what is new is added, what got another day is moved and said, what is gone goes.

Planning is decided by the pure rulebook; here the decision is written. What is done stays. Beside
each body stands what its plan was made of (`BodyPlan`): while that is unchanged, and the day has
not come on which the plan itself changes, the body is passed over, so that planning everything
again is no more than reading the facts.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.core import pending
from crm.core.db import db, dialect_name
from crm.core.pending import Marks
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.reminders import own, repeating, ruleset, sources
from crm.reminders.models import (
    OWN,
    WAITING_STATES,
    BodyPlan,
    Reminder,
    ReminderMove,
    ReminderState,
)
from crm.reminders.operations import refresh_cases
from crm.rules import reminders as rulebook
from crm.rules import rule_settings
from crm.rules.edition import edition
from crm.rules.reminders import Existing, Move, Plan, Planned, ReminderKind, Rule
from crm.rules.stages import resolve_event

TOLD_IN_FULL = frozenset({"calendar_changed", "pause_changed"})
"""After these, what was withdrawn or came back is told too; elsewhere it goes without saying."""

IN_ONE_GO = 50  # bodies read, planned and written together
WRITTEN_AS = 3  # to be raised when this module writes the same plan in another way

Held = tuple[int, int, int]
"""What waits at a body, in brief: how many, their versions summed, and the latest of them."""


class Gone(NamedTuple):
    """A reminder that was withdrawn; `keeper` is the key of what it is taken up with, if it is."""

    reminder_id: int
    before: date
    keeper: str
    by_pause: bool


@dataclass(slots=True)
class Replanned:
    """What a planning did: numbers for the job, and the moves to say to the one who caused them."""

    added: int = 0
    withdrawn: int = 0
    kept: int = 0
    reworded: int = 0
    unchanged: int = 0  # bodies that were passed over
    moves: list[tuple[int, date, date]] = field(default_factory=list)  # reminder id, from, to
    # After a change to the buyer's year also what was withdrawn, and what came back:
    gone: list[Gone] = field(default_factory=list)
    back: list[tuple[int, date]] = field(default_factory=list)
    new: list[tuple[str, date]] = field(default_factory=list)  # after a pause: key, day

    @property
    def changed(self) -> int:
        return self.added + self.withdrawn + self.reworded + len(self.moves)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a planning takes place."""

    today: date
    now: datetime
    rules: tuple[Rule, ...]
    edition: str  # of those rules, and of the program that reads them
    away: frozenset[int]  # colleagues who have left


@dataclass(frozen=True, slots=True)
class _Task:
    """One body to plan: its facts, what follows from them, and what is stored."""

    gathered: sources.Gathered
    plan: Plan
    rows: dict[str, Reminder]  # by key: all that wait, and the rest that the plan names
    own: list[Reminder]  # set by hand, and waiting
    settled: list[Existing]  # contracts' reminders that were dealt with

    @property
    def existing(self) -> list[Existing]:
        there = [sources.as_existing(row) for row in self.rows.values()]
        return [*there, *(one for one in self.settled if one.key not in self.rows)]


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
    settings, standing = ruleset.stored()
    away = sources.away()
    ours = own.in_force(standing, away)
    as_set = sorted(settings, key=lambda one: (one.rule_key, one.version))
    marks = (edition(), WRITTEN_AS, as_set, [(one.key, one.version, one.own) for one in ours])
    rules = (*rule_settings.in_force(settings), *ours)
    moment = _Moment(today, now, rules, repr(marks), away)
    for start in range(0, len(ids), IN_ONE_GO):
        procurements.follow_contracts(ids[start : start + IN_ONE_GO], now=now)
        _replan(ids[start : start + IN_ONE_GO], moment, why or {}, done)
    return done


def replan_marked(marks: Marks, *, today: date, now: datetime) -> Replanned:
    """Plan the bodies that were marked, and take away these marks and no later ones."""
    done = replan(marks.body_ids, today=today, now=now, why=marks.why)
    pending.planned(marks)
    return done


def _replan(ids: list[int], moment: _Moment, why: Mapping[int, str], done: Replanned) -> None:
    held = _held(ids)
    stored = _stored_plans(ids)
    changed = [
        one
        for one in sources.gather(ids, moment.away)
        if not _stands(stored.get(one.body_id), one, held.get(one.body_id), moment)
    ]
    done.unchanged += len(ids) - len(changed)
    if not changed:
        return
    tasks = _tasks([sources.keep_waits_current(one) for one in changed], moment)
    new: list[dict[str, Any]] = []
    touched: set[int] = set()  # bodies with a written reminder
    for task in tasks:
        body_id = task.gathered.body_id
        before = done.changed + len(new)
        new += _plan_body(task, moment, why.get(body_id, ""), done)
        _follow_events(task, moment, done)
        if any(row.repeat_id is not None and row.case_id is not None for row in task.own):
            done.withdrawn += repeating.end_those_over(
                [body_id], today=moment.today, now=moment.now
            )
        if done.changed + len(new) != before:
            touched.add(body_id)
    _insert(new)
    done.added += len(new)
    db.session.flush()
    refresh_cases(body_ids=sorted(touched))
    _remember(tasks, held if not touched else held | _held(sorted(touched)), moment)


# What stands already


def _held(ids: Sequence[int]) -> dict[int, Held]:
    """In brief what waits at each body: any reminder that is written, done or gone shows in it."""
    found = db.session.execute(
        sa.select(
            Reminder.body_id,
            sa.func.count(),
            sa.func.sum(Reminder.version),
            sa.func.max(Reminder.id),
        )
        .where(Reminder.body_id.in_(ids), Reminder.state.in_(WAITING_STATES))
        .group_by(Reminder.body_id)
    )
    return {body_id: (count, int(versions), last) for body_id, count, versions, last in found}


def _stored_plans(ids: Sequence[int]) -> dict[int, sa.Row[Any]]:
    plans = sa.select(BodyPlan.__table__).where(BodyPlan.body_id.in_(ids))
    return {row.body_id: row for row in db.session.execute(plans)}


def _stands(
    stored: sa.Row[Any] | None, gathered: sources.Gathered, held: Held | None, moment: _Moment
) -> bool:
    return (
        stored is not None
        and stored.planned_on <= moment.today < stored.stands_until
        and stored.made_of == _made_of(gathered, held, moment)
    )


def _made_of(gathered: sources.Gathered, held: Held | None, moment: _Moment) -> str:
    """Everything that a plan and its writing depend on, but for the day."""
    facts = (gathered.body, gathered.cases, gathered.audience, gathered.owner_id)
    return hashlib.sha256(f"{moment.edition}{facts!r}{held}".encode()).hexdigest()


def _remember(tasks: Sequence[_Task], held: Mapping[int, Held], moment: _Moment) -> None:
    rows = [
        {
            "body_id": task.gathered.body_id,
            "made_of": _made_of(task.gathered, held.get(task.gathered.body_id), moment),
            "planned_on": moment.today,
            "stands_until": task.plan.stands_until,
        }
        for task in tasks
    ]
    insert = _insert_into(BodyPlan.__table__)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["body_id"],
            set_={
                name: insert.excluded[name] for name in ("made_of", "planned_on", "stands_until")
            },
        ),
        rows,
    )


# What is to be compared


def _tasks(found: Sequence[sources.Gathered], moment: _Moment) -> list[_Task]:
    """The plans, and of what is stored no more than they can touch: never all that ever was."""
    tasks = {
        one.body_id: _Task(
            one,
            rulebook.plan_and_term(one.body, one.cases, rules=moment.rules, today=moment.today),
            rows={},
            own=[],
            settled=[],
        )
        for one in found
    }
    waiting = sa.and_(Reminder.body_id.in_(list(tasks)), Reminder.state.in_(WAITING_STATES))
    for row in db.session.scalars(sa.select(Reminder).where(waiting)):
        if row.rule_key == OWN:
            tasks[row.body_id].own.append(row)
        else:
            tasks[row.body_id].rows[row.key] = row
    others = [
        one.key
        for task in tasks.values()
        for one in task.plan.reminders
        if one.key not in task.rows
    ]
    for start in range(0, len(others), 1_000):
        named = Reminder.key.in_(others[start : start + 1_000])
        for row in db.session.scalars(sa.select(Reminder).where(named)):
            if row.body_id in tasks:
                tasks[row.body_id].rows[row.key] = row
    with_contract = [
        body_id
        for body_id, task in tasks.items()
        if any(one.event_key == rulebook.CONTRACT_END for one in task.plan.reminders)
    ]
    if with_contract:
        for body_id, there in _settled_contracts(with_contract):
            tasks[body_id].settled.append(there)
    return list(tasks.values())


def _settled_contracts(ids: Sequence[int]) -> list[tuple[int, Existing]]:
    """What was dealt with of a contract's end, whichever day it was thought to be."""
    found = db.session.execute(
        sa.select(
            Reminder.body_id, Reminder.key, Reminder.state, Reminder.due_on, Reminder.event_start
        ).where(
            Reminder.body_id.in_(ids),
            Reminder.state.in_((ReminderState.DONE, ReminderState.DISMISSED)),
            Reminder.event_key == rulebook.CONTRACT_END,
        )
    )
    return [
        (body_id, Existing(key, state.value, due_on, event_start=event_start))
        for body_id, key, state, due_on, event_start in found
    ]


# Writing the difference


def _plan_body(task: _Task, moment: _Moment, why: str, done: Replanned) -> list[dict[str, Any]]:
    """Write what changes in the rows of one body; returns the rows to add."""
    gathered, rows = task.gathered, task.rows
    found = rulebook.reconcile(
        task.plan.reminders,
        task.existing,
        stopped=rulebook.contacts_stopped(gathered.cases, advertised=gathered.body.is_advertised),
        event_day=lambda there: _event_day(rows[there.key], gathered),
    )
    for move in found.move:
        row = rows[move.existing.key]
        _move(row, move, moment, why, done)
        if move.planned is not None:
            _hand_over(row, move.planned.owner_id or gathered.owner_id, moment)
    in_full = why in TOLD_IN_FULL
    together = {
        also["key"]: item.key
        for item in task.plan.reminders
        for also in item.params.get("together", ())
    }
    for gone in found.withdraw:
        row = rows[gone.key]
        row.state = ReminderState.WITHDRAWN
        _changed(row, moment.now)
        if in_full:
            keeper = together.get(gone.key, "")
            done.gone.append(Gone(row.id, row.show_on, keeper, why == "pause_changed"))
    for there, item in found.revive:
        _revive(rows[there.key], item, moment.now)
        if in_full:
            done.back.append((rows[there.key].id, item.due_on))
        _hand_over(rows[there.key], item.owner_id or gathered.owner_id, moment)
    for there, item in found.keep:
        done.kept += 1
        row = rows[there.key]
        moved = rulebook.moved_as_json(item.moved)
        reworded = _said(row) != _says(item) or (row.due_on == item.due_on and row.moved != moved)
        if reworded:
            _write(row, item, moment.now)
        done.reworded += reworded or _hand_over(row, item.owner_id or gathered.owner_id, moment)
    done.withdrawn += len(found.withdraw)
    if rulebook.is_silenced(gathered.cases, advertised=gathered.body.is_advertised):
        _stop_contacts_by_hand(task, moment, done)
    done.added += len(found.revive)
    if why == "pause_changed":  # the question that follows a freeze
        done.new += [(one.key, one.due_on) for one in found.add if one.event_key == "freeze"]
    return [_new(item, gathered, moment.now) for item in found.add]


def _stop_contacts_by_hand(task: _Task, moment: _Moment, done: Replanned) -> None:
    """A contact that somebody set by hand stops as well while a procurement is out (R11), and so
    does a task to bring one of their functions in, which is done by talking to them. The story of
    the account keeps what it said."""
    for row in [one for one in task.own if _reaches_out(one)]:
        row.state = ReminderState.WITHDRAWN
        _changed(row, moment.now)
        task.own.remove(row)
        record(
            ActivityKind.REMINDER,
            db.session.get_one(Organisation, row.organisation_id),
            now=moment.now,
            by=None,
            person_id=row.person_id,
            case_id=row.case_id,
            event="contact_stopped",
            what=str(row.params.get("text", "")),
        )
        done.withdrawn += 1


def _reaches_out(row: Reminder) -> bool:
    return row.kind is ReminderKind.CONTACT or row.params.get("function") is not None


def _event_day(row: Reminder, gathered: sources.Gathered) -> date | None:
    """Where the event that a reminder was snoozed to falls now."""
    if row.snoozed_event is None or row.snoozed_on is None:
        return None
    practice, audience = gathered.terms(row.case_id)
    when = resolve_event(row.snoozed_event, practice, audience, row.snoozed_on)
    return when.day if when else None


def _follow_events(task: _Task, moment: _Moment, done: Replanned) -> None:
    """A reminder set by hand has no plan, but put off to an event it follows that event too."""
    for row in task.own:
        day = _event_day(row, task.gathered)
        if day is not None and day != row.snoozed_until:
            move = Move(sources.as_existing(row), None, row.show_on, day, snooze=True)
            _move(row, move, moment, "calendar_changed", done)


def _new(item: Planned, gathered: sources.Gathered, now: datetime) -> dict[str, Any]:
    return {
        **_values(item),
        "key": item.key,
        "organisation_id": item.organisation_id,
        "body_id": gathered.body_id,
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
    """Two planners may meet: the unique key decides, and the later one adds nothing.

    Into the table itself and not through the mapped class, which would sort the rows by which of
    their columns are empty and send them in hundreds of small batches.
    """
    if rows:
        insert = _insert_into(Reminder.__table__)
        db.session.execute(insert.on_conflict_do_nothing(index_elements=["key"]), rows)


def _insert_into(table: Any) -> Any:
    return (sqlite if dialect_name() == "sqlite" else postgresql).insert(table)


def _values(item: Planned) -> dict[str, Any]:
    return {
        "rule_key": item.rule_key,
        "rule_version": item.rule_version,
        "kind": item.kind,
        "person_id": item.person_id,
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
        item.kind,
        item.rule_key,
        item.event_start,
        item.event_end,
        item.certainty,
        item.source,
        item.params,
        item.rule_version,
        item.person_id,
    )


def _said(row: Reminder) -> tuple[Any, ...]:
    return (
        row.kind,
        row.rule_key,
        row.event_start,
        row.event_end,
        row.certainty,
        row.source,
        row.params,
        row.rule_version,
        row.person_id,
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
