"""The plan beside what is stored: what to add, move, withdraw and leave alone.

What somebody has done or dismissed is never touched, and a snoozed reminder stays where somebody
put it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm.rules.certainty import Certainty
from crm.rules.reminder_facts import CONTRACT_END, Planned, ReminderKind, subject_of
from crm.rules.stages import (
    WakeEvent,
)

_SETTLED: Final = frozenset({"done", "dismissed"})
_WITHDRAWN: Final = "withdrawn"
_SAME_CONTRACT: Final = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Existing:
    """A stored reminder, made by a rule. `state` is planned, due, done, dismissed or withdrawn."""

    key: str
    state: str
    due_on: date
    event_start: date | None = None
    kind: ReminderKind | None = None
    case_id: int | None = None
    snoozed_until: date | None = None
    snoozed_event: WakeEvent | None = None

    @property
    def is_pending(self) -> bool:
        return self.state not in _SETTLED and self.state != _WITHDRAWN

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None or self.snoozed_event is not None


@dataclass(frozen=True, slots=True)
class Move:
    """A pending reminder gets another day; its key may change with it (see `Planned`).

    `planned` is None for a snooze that follows its event when the plan has no such reminder.
    `snooze` says that the days are those of the snooze and not of the reminder itself.
    """

    existing: Existing
    planned: Planned | None
    before: date
    after: date
    snooze: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The difference. `keep` pairs what stands with the plan, so that its words can be renewed.

    `revive` holds withdrawn reminders that the plan has again: their keys exist already.
    """

    add: tuple[Planned, ...] = ()
    move: tuple[Move, ...] = ()
    withdraw: tuple[Existing, ...] = ()
    keep: tuple[tuple[Existing, Planned], ...] = ()
    revive: tuple[tuple[Existing, Planned], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing needs to be done."""
        return not (self.add or self.move or self.withdraw or self.revive)


def reconcile(
    planned: Sequence[Planned],
    existing: Sequence[Existing],
    *,
    stopped: Collection[int | None] = frozenset(),
    event_day: Callable[[Existing], date | None] | None = None,
) -> Reconciled:
    """Compare the plan with what is stored. What is done or dismissed is never touched.

    A snoozed reminder stays where somebody put it, even when the plan no longer has it, except that
    a snooze to an event follows the event (`event_day` tells where it is now), and that snoozed
    contacts of cases in `stopped` (see `contacts_stopped`) are withdrawn.
    """
    stored = {one.key: one for one in existing}
    wanted = {one.key for one in planned}
    orphans = {
        subject_of(one.key): one
        for one in existing
        if one.is_pending and one.key not in wanted and _is_dated(one.key)
    }
    add: list[Planned] = []
    move: list[Move] = []
    keep: list[tuple[Existing, Planned]] = []
    revive: list[tuple[Existing, Planned]] = []
    rekeyed: set[str] = set()
    for one in planned:
        there = stored.get(one.key)
        if there is None:
            orphan = orphans.get(one.subject) if _is_dated(one.key) else None
            if orphan is not None and orphan.key not in rekeyed:
                rekeyed.add(orphan.key)
                move.append(Move(orphan, one, orphan.due_on, one.due_on))
            elif not _is_answered(one, existing) and not _comes_too_late(one):
                add.append(one)
        elif there.state == _WITHDRAWN:
            revive.append((there, one))
        elif there.is_pending:
            moved = _followed(there, one, event_day) if there.is_snoozed else _moved(there, one)
            if moved is not None:
                move.append(moved)
            else:
                keep.append((there, one))
    withdraw: list[Existing] = []
    for there in existing:
        if not there.is_pending or there.key in wanted or there.key in rekeyed:
            continue
        if there.is_snoozed and not (
            there.kind is ReminderKind.CONTACT and there.case_id in stopped
        ):
            followed = _followed(there, None, event_day)
            if followed is not None:
                move.append(followed)
        else:
            withdraw.append(there)
    return Reconciled(tuple(add), tuple(move), tuple(withdraw), tuple(keep), tuple(revive))


def _moved(there: Existing, one: Planned) -> Move | None:
    if there.due_on == one.due_on or (one.late and there.due_on <= one.due_on):
        return None
    return Move(there, one, there.due_on, one.due_on)


def _followed(
    there: Existing, one: Planned | None, event_day: Callable[[Existing], date | None] | None
) -> Move | None:
    if there.snoozed_event is None or event_day is None:
        return None
    day = event_day(there)
    before = there.snoozed_until or there.due_on
    if day is None or day == before:
        return None
    return Move(there, one, before, day, snooze=True)


def _is_answered(one: Planned, existing: Sequence[Existing]) -> bool:
    """Whether a contract's reminder was handled before its end date was put right a little."""
    if one.event_key != CONTRACT_END or one.event_start is None:
        return False
    return any(
        there.state in _SETTLED
        and subject_of(there.key) == one.subject
        and there.event_start is not None
        and abs(there.event_start - one.event_start) <= _SAME_CONTRACT
        for there in existing
    )


def _comes_too_late(one: Planned) -> bool:
    """A guess that is new today and already late would say "act now", which no guess may (R1).

    And a promise is broken only by those who were told of it in time.
    """
    guessed = one.kind is ReminderKind.CONTACT and one.certainty is Certainty.GUESSED
    return one.late and (guessed or one.kind is ReminderKind.DEADLINE)


def _is_dated(key: str) -> bool:
    return key.rpartition("/")[2].startswith("@")
