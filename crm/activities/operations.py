"""Write a line into the story of an account, or put right one of one's own."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import IN_TOUCH, WRITTEN_BY_HAND, Activity, ActivityKind
from crm.core.db import db
from crm.core.errors import NotAllowed, RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.people.operations import Arrived, Left, when_arrived, when_left
from crm.rules.stages import CaseRole


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


def write(
    kind: ActivityKind,
    organisation: Organisation,
    *,
    text: str,
    at: datetime,
    person_id: int | None = None,
    case_id: int | None = None,
    by: User | None,
    now: datetime,
) -> Activity:
    """A call, mail, meeting or note that somebody writes down, at the time it happened."""
    _require_by_hand(kind)
    _require_happened(at, now)
    if not text.strip():
        raise RuleBroken(_("Write a line about what was said or done."))
    activity = record(
        kind, organisation, now=at, by=by, text=text, person_id=person_id, case_id=case_id
    )
    db.session.flush()
    _paces(activity)
    return activity


def rewrite(
    activity: Activity,
    *,
    kind: ActivityKind,
    text: str,
    at: datetime,
    person_id: int | None = None,
    by: User,
    now: datetime,
) -> None:
    """Put right what one wrote oneself. The former words stay in the field history."""
    if activity.kind not in WRITTEN_BY_HAND:
        raise RuleBroken(_("What the program itself noted cannot be rewritten."))
    if activity.user_id != by.id:
        raise NotAllowed("another's note")
    _require_by_hand(kind)
    _require_happened(at, now)
    if not text.strip():
        raise RuleBroken(_("Write a line about what was said or done."))
    activity.kind, activity.text, activity.at, activity.person_id = kind, text, at, person_id
    db.session.flush()
    _paces(activity)


def _paces(activity: Activity) -> None:
    """Who has been contacted is left in peace for a while: the plan may change (S21). Where nobody
    is named, the buyer is, by what concerns no case."""
    if activity.kind in IN_TOUCH:
        needs_planning(activity.body_id, "contacted")


def _require_by_hand(kind: ActivityKind) -> None:
    if kind not in WRITTEN_BY_HAND:
        raise RuleBroken(_("Choose call, mail, meeting or note."))


def _require_happened(at: datetime, now: datetime) -> None:
    if at > now:
        raise RuleBroken(_("That has not happened yet. What is to come is a next step on a case."))


# --- Comings and goings, told by people ---------------------------------------------------------


@when_left
def _left(left: Left) -> Iterable[CaseRole]:
    """Somebody left: a line at the old account, where all the rest of the history stays too."""
    record(
        ActivityKind.POST,
        left.organisation,
        now=left.now,
        by=left.by,
        person_id=left.person.id,
        event="person_moved" if left.new_organisation else "post_ended",
        title=left.title,
        on=left.on.isoformat(),
        to=left.new_organisation.title if left.new_organisation else "",
        to_id=left.new_organisation.id if left.new_organisation else None,
    )
    return ()


@when_arrived
def _arrived(arrived: Arrived) -> None:
    """Somebody began: a line at the new account. Of a known champion the champions tell."""
    came_from = arrived.old_organisation
    if came_from is None and arrived.by is None:
        return  # a load or an import fills whole registers and tells no story
    if arrived.is_known_champion:
        return
    record(
        ActivityKind.POST,
        arrived.organisation,
        now=arrived.now,
        by=arrived.by,
        person_id=arrived.person.id,
        event="post_started",
        title=arrived.title,
        on=arrived.on.isoformat() if arrived.on else "",
        came_from=came_from.title if came_from else "",
        came_from_id=came_from.id if came_from else None,
    )
