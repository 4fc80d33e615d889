"""Who was in touch with whom lately: what the pace of contacts is counted from (S21).

A contact is a call, a mail or a meeting that somebody wrote down, or a contact reminder that was
done. What a buyer sent us on their own is none.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import IN_TOUCH, Activity
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db
from crm.reminders.models import WAITING_STATES, Reminder, ReminderState
from crm.rules import pace
from crm.rules.reminder_rules import Offset
from crm.rules.reminders import Contacted, ReminderKind
from crm.web import filters

FARTHEST = timedelta(days=190)  # longer than any pace that can be set: see `rule_settings`
_SAID = 120  # characters of what was written, for a warning
_SETTLED = (ReminderState.DONE, ReminderState.DISMISSED)


def made(
    people: Collection[int],
    *,
    body_ids: Collection[int] = (),
    with_anybody_at: Collection[int] = (),
) -> list[tuple[int | None, Contacted]]:
    """Each with the body it was at. Of `body_ids` also the contact reminders put aside, which
    contacted nobody but are dealt with; at some bodies with whomever it was. One statement.

    As far back as any pace reaches, from the last of them: what is older changes no plan.
    """
    if not people and not body_ids:
        return []
    since = clock.at(clock.today() - FARTHEST, 0)
    no_key, nobody = sa.literal("").label("key"), sa.literal("")
    written = (
        sa.select(
            sa.literal(0).label("part"),
            Activity.id.label("number"),
            Activity.body_id,
            Activity.person_id,
            Activity.at.label("at"),
            sa.func.substr(Activity.text, 1, _SAID).label("said"),
            no_key,
            sa.true().label("made"),
            sa.func.coalesce(User.name, nobody).label("by"),
        )
        .outerjoin(User, User.id == Activity.user_id)
        .where(
            sa.or_(Activity.person_id.in_(people), Activity.body_id.in_(with_anybody_at)),
            Activity.kind.in_(IN_TOUCH),
            Activity.at >= since,
        )
    )
    dealt_with = (
        sa.select(
            sa.literal(1).label("part"),
            Reminder.id.label("number"),
            Reminder.body_id,
            Reminder.person_id,
            Reminder.done_at.label("at"),
            sa.func.substr(Reminder.note, 1, _SAID).label("said"),
            Reminder.key,
            (Reminder.state == ReminderState.DONE).label("made"),
            sa.func.coalesce(User.name, nobody).label("by"),
        )
        .outerjoin(User, User.id == Reminder.done_by_id)
        .where(
            Reminder.kind == ReminderKind.CONTACT,
            Reminder.state.in_(_SETTLED),
            Reminder.done_at >= since,
            sa.or_(Reminder.person_id.in_(people), Reminder.body_id.in_(body_ids)),
        )
    )
    both = sa.union_all(written, dealt_with)
    return [
        (
            row.body_id,
            Contacted(
                row.person_id if row.made else None,
                _day(row.at),
                row.by,
                row.said,
                row.key,
                made=row.made,
            ),
        )
        for row in db.session.execute(both.order_by("part", "number"))
    ]


def too_soon(person_id: int, on: date, apart: Offset | None, *, but: str = "") -> Contacted | None:
    """The contact, made or planned, that lies nearer this day than the pace allows; `but` is the
    key of the reminder that is to be acted on. Two statements at most."""
    if apart is None:
        return None
    done = [one for _body_id, one in made([person_id])]
    found = pace.too_soon(done, person_id, on, apart)
    if found is not None or but:
        return found
    return pace.too_soon(_planned_with(person_id), person_id, on, apart)


def sentence(contact: Contacted, today: date) -> str:
    """Who was in touch, when and about what."""
    facts = {
        "by": contact.by or _("Somebody here"),
        "day": filters.day(contact.on),
        "about": contact.about,
    }
    if contact.on > today:
        return (
            _("%(by)s is to be in touch on %(day)s: “%(about)s”.", **facts)
            if contact.about
            else _("%(by)s is to be in touch on %(day)s.", **facts)
        )
    return (
        _("%(by)s was in touch on %(day)s: “%(about)s”.", **facts)
        if contact.about
        else _("%(by)s was in touch on %(day)s.", **facts)
    )


def _planned_with(person_id: int) -> list[Contacted]:
    rows = db.session.execute(
        sa.select(Reminder.show_on, Reminder.key, Case.title, User.name)
        .outerjoin(User, User.id == Reminder.user_id)
        .outerjoin(Case, Case.id == Reminder.case_id)
        .where(
            Reminder.person_id == person_id,
            Reminder.state.in_(WAITING_STATES),
            Reminder.kind == ReminderKind.CONTACT,
        )
        .order_by(Reminder.id)
    )
    return [
        Contacted(person_id, row.show_on, row.name or "", row.title or "", row.key) for row in rows
    ]


def _day(at: datetime | None) -> date:
    return clock.local(at or clock.now()).date()
