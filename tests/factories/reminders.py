"""Reminders as rows, for tests of what is done with them; those of planning plan their own."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.reminders import operations, planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.certainty import Certainty
from crm.rules.reminders import ReminderKind

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_reminder(
    organisation: Organisation,
    user: User | None = None,
    on: date = TODAY,
    *,
    case: Case | None = None,
    text: str = "",
    **values: Any,
) -> Reminder:
    """A reminder in the inbox of the day `on`. `values` are columns."""
    number = next(_numbers)
    facts: dict[str, Any] = {
        "key": f"own:test-{number}",
        "rule_key": operations.OWN,
        "kind": ReminderKind.TASK,
        "organisation_id": organisation.id,
        "body_id": organisation.body_id or organisation.id,
        "case_id": case.id if case else None,
        "user_id": user.id if user else None,
        "wanted_on": on,
        "due_on": on,
        "show_on": on,
        "moved": [],
        "shaped_by": [],
        "certainty": Certainty.CONFIRMED,
        "params": {"text": text or f"Ring rektorn ({number})"},
        "state": ReminderState.PLANNED,
        "changed_at": EARLIER,
        "note": "",
    }
    reminder = Reminder(**(facts | values))
    db.session.add(reminder)
    db.session.flush()
    return reminder


def replan(body: Organisation, today: date = TODAY, now: datetime = NOW) -> planning.Replanned:
    """Plan the body as the clock would, what the test has added included; rows are read anew."""
    db.session.flush()
    done = planning.replan([body.id], today=today, now=now)
    db.session.expire_all()
    return done
