"""A check that cannot fail proves nothing: each is shown the fault it is there to find."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from flask import Flask

from crm.reminders import operations, planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules import reconciling
from crm.rules import reminders as rulebook
from crm.rules.quiet import NO_QUIET
from crm.rules.reminders import ReminderKind
from tests.simulation.play import Broken, Extent, Play
from tests.simulation.promises import Promises

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

SHORT = Extent(date(2026, 1, 1), date(2026, 6, 30), bodies=12)
LONGER = Extent(date(2026, 1, 1), date(2026, 12, 31), bodies=30, diligence=0.06, bustle=2)
"""More happens and less is done at once, so that what seldom meets does."""

BUSY = Extent(date(2026, 1, 1), date(2026, 12, 31), bodies=30, diligence=0.06, bustle=4)
"""People are spoken to in passing, too, so that the next contact comes too soon."""

Break = Callable[[pytest.MonkeyPatch], None]


def quiet_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulebook._Planning, "_open_days", lambda *_: NO_QUIET)


def what_is_due_already_stays(patch: pytest.MonkeyPatch) -> None:
    """A contact that stands in the inbox is left there, whatever begins."""
    moved = reconciling._moved
    patch.setattr(
        reconciling,
        "_moved",
        lambda there, one: None if there.state == "due" else moved(there, one),
    )


def publication_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulebook, "_is_silenced", lambda _cases: False)


def the_pace_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulebook._Planning, "_hold_for_pace", lambda *_: None)


def an_open_ask_holds_nothing(patch: pytest.MonkeyPatch) -> None:
    """Neither the question nor the pace, which would leave the same person in peace for longer."""
    patch.setattr(rulebook._Planning, "_hold_for_answer", lambda *_: None)
    the_pace_is_forgotten(patch)
    patch.setattr(Promises, "_paced", lambda *_: ())


def some_reminders_are_dropped(patch: pytest.MonkeyPatch) -> None:
    insert = planning._insert
    patch.setattr(planning, "_insert", lambda rows: insert(rows[::2]))


def some_windows_are_overlooked(patch: pytest.MonkeyPatch) -> None:
    """Dropped by the planner itself, so that planning anew finds nothing missing."""
    doors = rulebook._Planning._doors

    def all_but_the_next(self: Any, rule: Any, practice: Any) -> Any:
        return (one for one in doors(self, rule, practice) if one.budget_year != 2028)

    patch.setattr(rulebook._Planning, "_doors", all_but_the_next)


def a_case_in_progress_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    account_of = rulebook.account_of
    patch.setattr(rulebook, "account_of", lambda body, _cases: account_of(body, ()))


def surfacing_is_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(operations, "surface", lambda **_when: 0)


def what_is_done_comes_back(patch: pytest.MonkeyPatch) -> None:
    told = operations._tell

    def and_due_again(reminder: Reminder, event: str, *rest: Any, **named: Any) -> None:
        told(reminder, event, *rest, **named)
        if event == "reminder_done":
            reminder.state = ReminderState.DUE

    patch.setattr(operations, "_tell", and_due_again)


def keys_hold_the_day(patch: pytest.MonkeyPatch) -> None:
    """With another key the unique index finds nothing to refuse."""
    new = planning._new
    patch.setattr(
        planning,
        "_new",
        lambda item, gathered, now: {
            **new(item, gathered, now),
            "key": f"{item.key}-{item.due_on.isoformat()}",
        },
    )


def reasons_are_lost(patch: pytest.MonkeyPatch) -> None:
    values = planning._values
    patch.setattr(planning, "_values", lambda item: values(item) | {"moved": []})


def the_version_is_not_written(patch: pytest.MonkeyPatch) -> None:
    values = planning._values
    patch.setattr(planning, "_values", lambda item: values(item) | {"rule_version": 9})


def promises_of_waiting_cases_fall_due(patch: pytest.MonkeyPatch) -> None:
    """As it was before the kind of a stored reminder was compared."""
    patch.setattr(planning, "_said", lambda row: ("", *_without_kind(planning_said(row))))
    patch.setattr(planning, "_says", lambda item: ("", *_without_kind(planning_says(item))))


planning_said, planning_says = planning._said, planning._says


def _without_kind(found: Sequence[Any]) -> Sequence[Any]:
    return [one for one in found if not isinstance(one, ReminderKind)]


def nothing_wakes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rulebook._Planning, "_wake", lambda self, rule, case: None)
    patch.setattr(rulebook._Planning, "_finished", _leaving_out_none(rulebook._Planning._finished))


def _leaving_out_none(finished: Any) -> Any:
    return lambda self, found, owner: finished(self, [one for one in found if one], owner)


@pytest.mark.parametrize(
    ("broken", "found_by", "extent"),
    [
        (quiet_is_forgotten, "quiet:", SHORT),
        (what_is_due_already_stays, "quiet:|one ask:", LONGER),
        (publication_is_forgotten, "published:", LONGER),
        (an_open_ask_holds_nothing, "one ask:", LONGER),
        (the_pace_is_forgotten, "limit:", BUSY),
        (some_reminders_are_dropped, "window:|lost:|waiting:", SHORT),
        (some_windows_are_overlooked, "window:", SHORT),
        (a_case_in_progress_is_forgotten, "account:", SHORT),
        (surfacing_is_left_out, "lost:", SHORT),
        (what_is_done_comes_back, "lost:", SHORT),
        (keys_hold_the_day, "doubled:|lost:", SHORT),
        (reasons_are_lost, "explained:", SHORT),
        (the_version_is_not_written, "explained:", SHORT),
        (promises_of_waiting_cases_fall_due, "waiting:", LONGER),
        (nothing_wakes, "waiting:", SHORT),
    ],
)
def test_a_fault_in_the_engine_is_found(
    own_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    broken: Break,
    found_by: str,
    extent: Extent,
) -> None:
    broken(monkeypatch)
    with pytest.raises(Broken, match=found_by):
        Play(own_app, extent).run()


def test_the_same_play_without_a_fault_runs_to_its_end(own_app: Flask) -> None:
    assert Play(own_app, SHORT).run()["days"] == 181
