"""Killed with -9 between every two steps, a second scheduler finishes: nothing lost or doubled."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from crm.cases.models import Case, Wait
from crm.core.pending import PlanRequest
from crm.outbox.models import Letter, LetterState
from crm.reminders.models import Reminder, ReminderMove, ReminderState
from tests.scheduler.conftest import TODAY, Schedulers

pytestmark = pytest.mark.slow

MAYBE_SENT_TWICE = {"after sending", "before commit of mark_sent"}
"""Killed here, the mail server has the message and we have not written so: it is sent again, with
the same Message-ID. No program can know better."""

MOMENTS = {
    f"{side} commit of {step}"
    for side in ("before", "after")
    for step in (
        "take_lease",
        "last_day_of",
        "replan",
        "settle_ask",
        "waiting_for_planning",
        "replan_marked",
        "surface",
        "queue",
        "claim",
        "mark_sent",
        "forget_old_runs",
        "record_run",
    )
} | {"before sending", "after sending"}
"""What must be among the moments tried; a step that is never reached would prove nothing."""


def standing(schedulers: Schedulers) -> dict[str, Any]:
    """Everything that must be the same however often somebody was killed."""
    engine = schedulers.engine()
    with engine.connect() as db:
        reminders = db.execute(
            sa.select(
                Reminder.key,
                Reminder.state,
                Reminder.show_on,
                Reminder.user_id,
                Reminder.case_id,
                Reminder.surfaced_at.is_not(None),
                Reminder.sequence,
            ).order_by(Reminder.key)
        ).all()
        found = {
            "reminders": [tuple(row) for row in reminders],
            "moves": db.scalar(sa.select(sa.func.count()).select_from(ReminderMove)),
            "marks": db.scalar(sa.select(sa.func.count()).select_from(PlanRequest)),
            "waits": [
                tuple(row)
                for row in db.execute(sa.select(Wait.case_id, Wait.reason).order_by(Wait.id))
            ],
            "cases": [
                tuple(row)
                for row in db.execute(
                    sa.select(
                        Case.id,
                        Case.state,
                        Case.unanswered_asks,
                        Case.ask_open_on,
                        Case.reminder_on,
                    ).order_by(Case.id)
                )
            ],
            "letters": [
                tuple(row)
                for row in db.execute(sa.select(Letter.key, Letter.state).order_by(Letter.key))
            ],
        }
    engine.dispose()
    return found


def test_killed_between_every_two_steps(schedulers: Schedulers, smtp: Any) -> None:
    assert not schedulers.turns()
    moments = schedulers.trace.read_text(encoding="utf-8").splitlines()
    assert set(moments) >= MOMENTS, MOMENTS - set(moments)
    right = standing(schedulers)
    assert len(right["reminders"]) > 8 and right["waits"] and right["marks"] == 0
    due = [row for row in right["reminders"] if row[1] is ReminderState.DUE]
    assert len(due) >= 5 and all(row[5] and row[2] <= TODAY for row in due)
    assert [state for _key, state in right["letters"]] == [LetterState.SENT] * 2
    names = {message["Message-ID"] for message in smtp.messages}
    assert len(smtp.messages) == len(names) == 2

    for moment in moments:
        smtp.clear()
        schedulers.reset()
        assert schedulers.turns(kill_at=moment), moment
        assert not schedulers.turns(), moment
        assert standing(schedulers) == right, moment
        sent = Counter(message["Message-ID"] for message in smtp.messages)
        assert set(sent) == names, f"{moment}: every mail arrives, under its own name"
        extra = sum(sent.values()) - len(sent)
        assert extra == (moment in MAYBE_SENT_TWICE), moment
