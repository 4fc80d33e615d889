"""Lines in the story of an account."""

from typing import Any

from crm.activities.models import Activity, ActivityKind
from crm.activities.operations import record
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation


def make_activity(
    organisation: Organisation, kind: ActivityKind = ActivityKind.NOTE, **facts: Any
) -> Activity:
    """A line at `organisation`."""
    activity = record(
        kind,
        organisation,
        now=facts.pop("now", clock.now()),
        by=facts.pop("by", None),
        text=facts.pop("text", "Ringde om piloten."),
        **facts,
    )
    db.session.flush()
    return activity
