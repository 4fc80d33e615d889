"""What the Today page reads from many domains."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from crm.accounts.models import Invitation, User
from crm.budgets import queries as budgets
from crm.cases import queries as cases
from crm.cases.models import Case, CaseUnit
from crm.core.db import db
from crm.interest import queries as interest
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.reminders import queries as reminders
from crm.rules import budget_cycle
from crm.rules.budget_cycle import Phase, Window
from crm.rules.buyers_week import TO_THE_MONEY, BuyerPhase, Week, counted
from crm.rules.stages import CaseState


@dataclass(frozen=True, slots=True)
class Figures:
    """The row of figures on Today. Each opens exactly its rows."""

    due: int
    to_sort: int
    unanswered: int
    open_cases: int
    waiting_cases: int
    gaps: int
    inbound_30_days: int


def figures(user_id: int, today: date, now: datetime) -> Figures:
    """Seven small counts for one user, in one statement."""
    since = now - timedelta(days=30)
    counts = (
        reminders.counted_due(user_id, today=today),
        interest.to_sort_counted(user_id),
        interest.unanswered_counted(user_id, now),
        cases.counted(user_id, CaseState.OPEN),
        cases.counted(user_id, CaseState.WAITING),
        cases.gaps_counted(user_id),
        sa.select(sa.func.count()).select_from(Inquiry).where(Inquiry.received_at >= since),
    )
    found = db.session.execute(sa.select(*(count.scalar_subquery() for count in counts))).one()
    return Figures(*found)


@dataclass(frozen=True, slots=True)
class Begun:
    """What has been done in this installation, by anybody: the first steps."""

    schools: bool
    colleagues: bool
    territory: bool
    call: bool
    case: bool


def begun() -> Begun:
    """Told by what is stored, so that nobody need tick anything off. One statement."""
    colleague = sa.select(User.id).where(User.active).offset(1)
    invited = sa.select(Invitation.id).where(
        Invitation.email != "",  # the first administrator's own has none
        Invitation.revoked_at.is_(None),
    )
    facts = (
        sa.exists().where(Organisation.unit_kind.is_not(None)),
        sa.or_(sa.exists(colleague), sa.exists(invited)),
        sa.exists().where(Organisation.owner_id.is_not(None)),
        sa.exists().where(Inquiry.id.is_not(None)),
        sa.exists().where(Case.id.is_not(None)),
    )
    found = db.session.execute(sa.select(*(sa.select(fact).scalar_subquery() for fact in facts)))
    return Begun(*(bool(fact) for fact in found.one()))


@dataclass(frozen=True, slots=True)
class BuyerNow:
    """One of my buyers: what it does now, and when its next window is."""

    organisation_id: int
    name: str
    phase: Phase | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class Buyers:
    """My buyers: the first few of them, and how many are in each phase this week."""

    rows: list[BuyerNow]
    week: Week
    phases: dict[BuyerPhase, int]
    """Those of the way to the money that anybody is in."""


def my_accounts(user_id: int) -> sa.CompoundSelect[tuple[int]]:
    """Ids of all that take part in a case of mine that is not closed, and of their bodies."""
    mine = (Case.owner_id == user_id, Case.state != CaseState.CLOSED)
    return sa.union(
        sa.select(Case.organisation_id).where(*mine),
        sa.select(Case.body_id).where(*mine),
        sa.select(CaseUnit.organisation_id).join(Case, Case.id == CaseUnit.case_id).where(*mine),
    )


def buyers_now(user_id: int, today: date, limit: int = 12) -> Buyers:
    """Bodies where I have a case under way, the nearest window first. Three statements."""
    title = sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name)
    bodies = db.session.execute(
        sa.select(Organisation.id, title.label("title"), Organisation.kind).where(
            Organisation.id.in_(my_accounts(user_id)),
            Organisation.parent_id.is_(None),
            Organisation.closed_on.is_(None),
        )
    ).all()
    practices = budgets.practices_of({body.id: body.kind for body in bodies}) if bodies else {}
    lines = sorted(
        (window.closes if window else date.max, body.title, body.id, window)
        for body in bodies
        for window in (budget_cycle.next_window(practices[body.id], today),)
    )
    week = Week.of(today)
    counts = counted(Counter(practices.values()), week, 1)
    return Buyers(
        rows=[
            BuyerNow(
                ident,
                name,
                budget_cycle.main_phase(budget_cycle.current_phases(practices[ident], today)),
                window,
            )
            for _closes, name, ident, window in lines[:limit]
        ],
        week=week,
        phases={phase: counts[phase][0] for phase in TO_THE_MONEY if counts[phase][0]},
    )
