"""What happens to reminders because time passes. Each asks "what is due by now", never "today"."""

from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.config import Settings
from crm.core.db import db, transaction
from crm.outbox import operations as outbox
from crm.outbox.queries import queued_keys
from crm.reminders import digest, operations, queries
from crm.rules.quiet import deadline_day

PLAN_AT_A_TIME = 200


def plan_marked(now: datetime) -> int:
    """Plan the bodies whose facts were changed. Returns how many reminders changed."""
    changed = 0
    while marked := pending.waiting_for_planning(PLAN_AT_A_TIME):
        db.session.rollback()
        with transaction(cause="reminders.plan_marked"):
            changed += operations.replan(
                marked, today=clock.local(now).date(), now=now, why=marked
            ).changed
    db.session.rollback()
    return changed


def plan_all(now: datetime) -> int:
    """Once a day every body with a case or a reminder is planned anew, since the day has moved."""
    today = clock.local(now).date()
    ids = list(db.session.scalars(sa.select(Case.body_id).distinct().order_by(Case.body_id)))
    db.session.rollback()
    changed = 0
    for start in range(0, len(ids), PLAN_AT_A_TIME):
        with transaction(cause="reminders.plan_all"):
            changed += operations.replan(
                ids[start : start + PLAN_AT_A_TIME], today=today, now=now
            ).changed
    return changed


def surface(now: datetime) -> int:
    """Put what is due into the inboxes, in small transactions, until nothing is left."""
    total = 0
    while True:
        with transaction(cause="reminders.surface"):
            did = operations.surface(today=clock.local(now).date(), now=now)
        total += did
        if not did:
            return total


def settle_asks(now: datetime) -> int:
    """Settle asks that nobody answered in time (R14)."""
    with transaction(cause="reminders.settle_asks"):
        return operations.settle_asks(today=clock.local(now).date(), now=now)


def send_digests(now: datetime) -> int:
    """Queue today's digest of everybody whose hour has come. At most one a day each, by its key.

    A scheduler that was down at seven sends at nine: late is better than never, and the key
    ("digest:<user>:<date>") keeps it from being sent twice. Weekends and holidays are left in
    peace; what is due is still there on Monday.
    """
    settings: Settings = current_app.extensions["settings"]
    here = clock.local(now)
    today = here.date()
    if deadline_day(today)[0] != today:
        return 0
    queued = 0
    waiting = db.session.scalars(
        sa.select(User).where(
            User.active.is_(True), User.digest.is_(True), User.digest_hour <= here.hour
        )
    ).all()
    already = queued_keys([_key(user, now) for user in waiting])
    for user in waiting:
        if _key(user, now) in already:
            continue
        told = queries.due_for(user.id, today=today, language=user.language)
        if not told:
            continue
        mail = digest.compose(
            user,
            told,
            today=today,
            base_url=settings.base_url,
            secret_key=settings.secret_key,
        )
        with transaction(cause="reminders.send_digests"):
            queued += outbox.queue(
                key=_key(user, now),
                to=user.email,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                now=now,
            )
    db.session.rollback()
    return queued


def _key(user: User, now: datetime) -> str:
    return f"digest:{user.id}:{clock.local(now).date().isoformat()}"
