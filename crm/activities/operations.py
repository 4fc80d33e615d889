"""Write a line into the story of an account."""

from datetime import datetime
from typing import Any

from crm.accounts.models import User
from crm.activities.models import Activity, ActivityKind
from crm.core.db import db
from crm.organisations.models import Organisation


def record(
    kind: ActivityKind,
    organisation: Organisation,
    *,
    now: datetime,
    by: User | None,
    text: str = "",
    person_id: int | None = None,
    case_id: int | None = None,
    inquiry_id: int | None = None,
    **data: Any,
) -> Activity:
    """Add one line at `organisation`. `data["event"]` names the sentence for the program's own."""
    activity = Activity(
        at=now,
        kind=kind,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        person_id=person_id,
        case_id=case_id,
        inquiry_id=inquiry_id,
        user_id=by.id if by else None,
        text=text,
        data=data,
    )
    db.session.add(activity)
    return activity
