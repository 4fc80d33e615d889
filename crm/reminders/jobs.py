"""What happens to reminders because time passes. Each asks "what is due by now", never "today"."""

import logging
from collections.abc import Callable
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app

from crm.accounts.models import User
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.config import Settings
from crm.core.db import db, one_by_one, transaction
from crm.core.pending import Marks
from crm.outbox import operations as outbox
from crm.outbox.queries import queued_keys
from crm.reminders import digest, operations, own, planning, queries, week
from crm.reminders.models import WAITING_STATES, Reminder
from crm.rules.access import Role
from crm.rules.letters import LetterPace, is_time, letter_day
from crm.rules.quiet import deadline_day

log = logging.getLogger("crm.reminders")

PLAN_AT_A_TIME = 50  # bodies in one transaction, which on SQLite nobody else may write beside


TOLD_OF_NOBODYS = frozenset({Role.FOUNDER})  # in the mails, of what has no owner


class NotPlanned(Exception):
    """Some bodies could not be planned; all others were. The log says which, by number."""


def plan_marked(now: datetime) -> int:
    """Plan the bodies whose facts were changed. Returns how many reminders changed.

    A body that cannot be planned keeps its mark and stands in nobody's way. Raises NotPlanned.
    """
    today, changed = clock.local(now).date(), 0
    failed: set[int] = set()
    while True:
        with transaction(cause="reminders.plan_marked"):
            marks = pending.waiting_for_planning(PLAN_AT_A_TIME, leaving=failed)
        if not marks:
            break

        def plan(ids: list[int], marks: Marks = marks) -> int:
            chosen = marks if len(ids) > 1 else marks.of(ids[0])
            return planning.replan_marked(chosen, today=today, now=now).changed

        changed += _carefully(marks.body_ids, plan, failed)
    _tell_of(failed)
    return changed


def plan_all(now: datetime) -> int:
    """Once a day every body that may have reminders is planned anew, since the day has moved."""
    today = clock.local(now).date()
    failed: set[int] = set()
    with transaction(cause="reminders.plan_all"):
        changed = operations.leave_to_all()
        ids = _may_have_reminders()
    for start in range(0, len(ids), PLAN_AT_A_TIME):
        changed += _carefully(
            ids[start : start + PLAN_AT_A_TIME],
            lambda some: planning.replan(some, today=today, now=now).changed,
            failed,
        )
    _tell_of(failed)
    return changed


def _may_have_reminders() -> list[int]:
    """Not those where every case is closed and left nothing behind, unless a rule of one's own is
    about them. Two statements."""
    waiting = sa.select(Reminder.body_id).where(Reminder.state.in_(WAITING_STATES))
    about = own.idle_reach(own.latest())
    found = sa.union(sa.select(Case.body_id).where(cases.MAY_REMIND), waiting, *about)
    return sorted(db.session.scalars(found))


def _carefully(ids: list[int], plan: Callable[[list[int]], int], failed: set[int]) -> int:
    """All in one transaction; if that fails each in its own, so that one cannot stop the rest."""
    try:
        with transaction(cause="reminders.plan"):
            return plan(ids)
    except Exception:
        changed = 0
        for number in ids:
            try:
                with transaction(cause="reminders.plan"):
                    changed += plan([number])
            except Exception as error:
                failed.add(number)
                log.warning("body %s could not be planned: %s", number, type(error).__name__)
        return changed


def _tell_of(failed: set[int]) -> None:
    if failed:
        raise NotPlanned(f"{len(failed)} bodies could not be planned")


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
    """Settle asks that nobody answered in time (R14), each in a transaction of its own."""
    today, cause = clock.local(now).date(), "reminders.settle_asks"
    with transaction(cause=cause):
        ids = [case.id for case in cases.open_asks()]

    def settle(case_id: int) -> bool:
        return operations.settle_ask(db.session.get_one(Case, case_id), today=today, now=now)

    return one_by_one(ids, settle, cause)


def send_digests(now: datetime) -> int:
    """Queue today's digest of everybody whose hour has come. At most one a day each, by its key;
    of who chose a weekly one, one a week.

    A scheduler that was down at seven sends at nine: late is better than never, and the key
    ("digest:<user>:<date>") keeps it from being sent twice. What comes up later in the day waits
    for tomorrow's mail. Weekends and holidays are left in peace; what is due then is still there on
    the next working day. With nothing to do it is two small statements.
    """
    settings: Settings = current_app.extensions["settings"]
    today = clock.local(now).date()
    if deadline_day(today)[0] != today:
        return 0
    with transaction(cause="reminders.send_digests"):
        users = queries.readers(today)
        daily, weekly = _with_digest(users, now), _with_week(users, now)
    queued = 0
    for send, ready in ((_send_one, daily), (_send_week, weekly)):
        for user_id, nobodys in ready:
            try:
                with transaction(cause="reminders.send_digests"):
                    queued += send(user_id, nobodys, today, now, settings)
            except Exception as error:  # one user's mail stops nobody else's
                log.warning("user %s: no digest was written: %s", user_id, type(error).__name__)
    return queued


def _send_one(user_id: int, nobodys: bool, today: date, now: datetime, settings: Settings) -> int:
    user = db.session.get_one(User, user_id)
    told = queries.due_for(
        user.id, today=today, language=user.language, limit=digest.AT_MOST, with_nobodys=nobodys
    )
    if not told:
        return 0
    mail = digest.compose(
        user,
        told,
        total=queries.count_due(user.id, today=today, with_nobodys=nobodys),
        today=today,
        base_url=settings.base_url,
        secret_key=settings.secret_key,
    )
    outbox.take_back(
        digest_of(user_id)
    )  # of days on which no mail could leave: this one has it all
    return outbox.queue(
        key=digest_key(user_id, today),
        to=user.email,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        now=now,
    )


def _send_week(user_id: int, nobodys: bool, today: date, now: datetime, settings: Settings) -> int:
    """The week's letter, if there is anything in it; seen to either way, until the next."""
    user = db.session.get_one(User, user_id)
    day = letter_day(today, user.digest_weekday)
    db.session.execute(
        sa.update(User)
        .where(User.id == user.id)
        .values(week_told_on=day)
        .execution_options(synchronize_session=False, unaudited=True)
    )
    found = week.gather(day, today)
    told = queries.due_for(
        user.id, today=today, language=user.language, limit=digest.AT_MOST, with_nobodys=nobodys
    )
    if found.is_empty and not told:
        return 0
    mail = week.compose(
        user,
        found,
        told,
        total=queries.count_due(user.id, today=today, with_nobodys=nobodys),
        today=today,
        letter_day=day,
        base_url=settings.base_url,
        secret_key=settings.secret_key,
    )
    return outbox.queue(
        key=f"week:{user_id}:{day.isoformat()}",
        to=user.email,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        now=now,
    )


def _with_week(users: list[queries.Reader], now: datetime) -> list[tuple[int, bool]]:
    """Whose weekly letter is to be written, with whether what is nobody's is told as well."""
    here, told_of_all = clock.local(now), _told_of_nobodys(users)
    return [
        (one.id, one.id in told_of_all)
        for one in users
        if one.digest is LetterPace.WEEKLY
        and not one.away
        and one.digest_hour <= here.hour
        and is_time(here.date(), one.digest_weekday, one.week_told_on)
    ]


def _told_of_nobodys(users: list[queries.Reader]) -> set[int]:
    """The founders, and who stands in for one of them."""
    founders = {one.id for one in users if one.role in TOLD_OF_NOBODYS}
    return founders | {one.stand_in_id for one in users if one.id in founders and one.stand_in_id}


def _with_digest(users: list[queries.Reader], now: datetime) -> list[tuple[int, bool]]:
    """Whose hour has come, who is there and has had no mail today, and for whom something stood
    ready then. Who is away is left in peace: what is hers goes to who stands in.
    With each whether what is nobody's is told as well: to founders, and who stands in for one."""
    here = clock.local(now)
    today = here.date()
    ready = [
        one
        for one in users
        if one.digest is LetterPace.DAILY and not one.away and one.digest_hour <= here.hour
    ]
    if not ready:
        return []
    already = queued_keys([digest_key(one.id, today) for one in ready])
    waiting = [one for one in ready if digest_key(one.id, today) not in already]
    if not waiting:
        return []
    founders = _told_of_nobodys(users)
    away = {one.id: one.stand_in_id for one in users if one.away}
    oldest = queries.standing_since({*away, *(one.id for one in waiting)}, today=today)

    def stood_ready(user: queries.Reader) -> bool:
        whose: set[int | None] = {user.id, *(who for who, by in away.items() if by == user.id)}
        if user.id in founders:
            whose |= {None, *(who for who, by in away.items() if by is None)}
        hour = clock.at(today, user.digest_hour)
        return any(oldest[one] < hour for one in whose & oldest.keys())

    return [(one.id, one.id in founders) for one in waiting if stood_ready(one)]


def digest_key(user_id: int, day: date) -> str:
    """Names one user's mail of one Swedish day, whatever hour it leaves at."""
    return f"{digest_of(user_id)}{day.isoformat()}"


def digest_of(user_id: int) -> str:
    """How the names of all of one user's digests begin."""
    return f"digest:{user_id}:"
