"""The weekly mail: what moved, what the buyers decide soon, what wakes, what was done (E11).

About the vendor's whole pipeline; the reminders in it are the reader's own. None on an empty week.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import WRITTEN_BY_HAND, Activity, ActivityKind
from crm.budgets import queries as budgets
from crm.cases.models import Case, StageChange, Track
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.reminders import links
from crm.reminders.digest import Digest
from crm.reminders.models import Reminder, ReminderState
from crm.reminders.queries import Told
from crm.rules.budget_cycle import Phase, PhaseRole
from crm.rules.letters import WEEK
from crm.rules.stages import CaseState
from crm.web import filters

AHEAD = timedelta(days=14)  # how far decisions and waking waits are told ahead
AT_MOST = 40  # lines of each part; the rest is counted


@dataclass(frozen=True, slots=True)
class Moved:
    """A case moved on one of its tracks: from where the week found it to where it left it."""

    body_id: int
    body: str
    case_id: int
    case: str
    track: Track
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Decides:
    """A buyer with a case under way decides its budget."""

    body_id: int
    body: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Wakes:
    """A case that waits, and the day it wakes."""

    body: str
    case_id: int
    case: str
    on: date


@dataclass(frozen=True, slots=True)
class Week:
    """What a letter says besides the reminders."""

    moved: list[Moved]
    decides: list[Decides]
    wakes: list[Wakes]
    done: list[tuple[ActivityKind, int]]

    @property
    def moved_by_body(self) -> list[tuple[str, list[Moved]]]:
        """The first lines, body by body in their Swedish order."""
        return [
            (body, list(lines))
            for (_id, body), lines in groupby(
                self.moved[:AT_MOST], lambda one: (one.body_id, one.body)
            )
        ]

    @property
    def is_empty(self) -> bool:
        return not (self.moved or self.decides or self.wakes or self.done)


def gather(letter_day: date, today: date) -> Week:
    """The week before `letter_day`, and the fortnight from `today`. A handful of statements."""
    since, until = clock.at(letter_day - WEEK, 0), clock.at(letter_day, 0)
    return Week(_moved(since, until), _decides(today), _wakes(today), _done(since, until))


def _moved(since: datetime, until: datetime) -> list[Moved]:
    """By body; a case that went to and fro and ended where it began has not moved."""
    found = db.session.execute(
        sa.select(StageChange, Case.title, Organisation)
        .join(Case, Case.id == StageChange.case_id)
        .join(Organisation, Organisation.id == Case.body_id)
        .where(StageChange.at >= since, StageChange.at < until)
        .order_by(Organisation.name_sort, Organisation.id, Case.id, StageChange.id)
    )
    moves: dict[tuple[int, Track], Moved] = {}
    for change, title, body in found:
        key = (change.case_id, change.track)
        before = moves[key].before if key in moves else change.before
        moves[key] = Moved(
            body.id, body.title, change.case_id, title, change.track, before, change.after
        )
    return [one for one in moves.values() if one.before != one.after]


def _decides(today: date) -> list[Decides]:
    """Where the day is not known, the weeks that are usual: those go on until they are over."""
    under_way = sa.select(Case.body_id).where(Case.state != CaseState.CLOSED)
    bodies = db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.id.in_(under_way))
        .order_by(Organisation.name_sort, Organisation.id)
    ).all()
    known = budgets.known_of_many(bodies) if bodies else {}
    found = [
        Decides(body.id, body.title, phase)
        for body in bodies
        for year in range(today.year, today.year + 3)
        for phase in known[body.id].phases(year)
        if phase.role is PhaseRole.DECISION and phase.start <= today + AHEAD and phase.end >= today
    ]
    return sorted(found, key=lambda one: one.phase.start)


def _wakes(today: date) -> list[Wakes]:
    found = db.session.execute(
        sa.select(Organisation, Case.id, Case.title, Case.wait_until)
        .join(Organisation, Organisation.id == Case.body_id)
        .where(
            Case.state == CaseState.WAITING,
            Case.wait_until >= today,
            Case.wait_until <= today + AHEAD,
        )
        .order_by(Case.wait_until, Case.id)
    )
    return [Wakes(body.title, case_id, title, on) for body, case_id, title, on in found if on]


def _done(since: datetime, until: datetime) -> list[tuple[ActivityKind, int]]:
    """How many of what people wrote down, of inquiries that came, and of reminders dealt with."""
    told = (*WRITTEN_BY_HAND, ActivityKind.INQUIRY)
    counted = {
        kind: number
        for kind, number in db.session.execute(
            sa.select(Activity.kind, sa.func.count())
            .where(Activity.at >= since, Activity.at < until, Activity.kind.in_(told))
            .group_by(Activity.kind)
        )
    }
    dealt_with = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Reminder)
        .where(
            Reminder.state == ReminderState.DONE,
            Reminder.done_at >= since,
            Reminder.done_at < until,
        )
    )
    counted[ActivityKind.REMINDER] = int(dealt_with or 0)
    return [(kind, counted[kind]) for kind in ActivityKind if counted.get(kind)]


def compose(
    user: User,
    week: Week,
    told: Sequence[Told],
    *,
    total: int,
    today: date,
    letter_day: date,
    base_url: str,
    secret_key: str,
) -> Digest:
    """The mail in the user's own language; `told` are the reminders that stand in her inbox."""
    with force_locale(user.language):
        ended = letter_day - timedelta(days=1)
        subject = _(
            "Förankra: the week %(first)s – %(last)s",
            first=filters.day_short(letter_day - WEEK),
            last=filters.day_short(ended),
        )
        token = links.sign(secret_key, user.id, [one.id for one in told])
        context = {
            "subject": subject,
            "week": week,
            "at_most": AT_MOST,
            "told": told,
            "more": total - len(told),
            "address": f"{base_url}/digest/{token}",
            "home": base_url,
            "day": today,
        }
        return Digest(
            subject=subject,
            text=render_template("email/reminders/week.txt", **context).strip() + "\n",
            html=render_template("email/reminders/week.html", **context),
        )
