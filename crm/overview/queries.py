"""What the Today page reads from many domains."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from crm.budgets import queries as budgets
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core.db import db
from crm.interest import queries as interest
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.reminders import queries as reminders
from crm.rules import budget_cycle
from crm.rules.budget_cycle import Phase, Window
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
    """Seven small counts for one user."""
    states = {
        state: number
        for state, number in db.session.execute(
            sa.select(Case.state, sa.func.count())
            .where(Case.owner_id == user_id, Case.state != CaseState.CLOSED)
            .group_by(Case.state)
        )
    }
    return Figures(
        due=reminders.count_due(user_id, today=today),
        to_sort=interest.to_sort_count(user_id),
        unanswered=interest.unanswered_count(user_id, now),
        open_cases=states.get(CaseState.OPEN, 0),
        waiting_cases=states.get(CaseState.WAITING, 0),
        gaps=cases.gaps(user_id),
        inbound_30_days=int(
            db.session.scalar(
                sa.select(sa.func.count())
                .select_from(Inquiry)
                .where(Inquiry.received_at >= now - timedelta(days=30))
            )
            or 0
        ),
    )


@dataclass(frozen=True, slots=True)
class BuyerNow:
    """One of my buyers: what it does now, and when its next window is."""

    organisation_id: int
    name: str
    phase: Phase | None
    window: Window | None


def buyers_now(user_id: int, today: date, limit: int = 12) -> list[BuyerNow]:
    """Bodies where I have a case under way, the nearest window first. Four statements."""
    bodies = db.session.scalars(
        sa.select(Organisation).where(
            Organisation.id.in_(
                sa.select(Case.body_id).where(
                    Case.owner_id == user_id, Case.state != CaseState.CLOSED
                )
            )
        )
    ).all()
    known = budgets.known_of_many(bodies) if bodies else {}
    found = [
        BuyerNow(
            body.id,
            body.title,
            budgets.main_phase(budget_cycle.current_phases(known[body.id].practice, today)),
            known[body.id].window(today),
        )
        for body in bodies
    ]
    found.sort(
        key=lambda buyer: (
            buyer.window.closes if buyer.window else date.max,
            buyer.name,
        )
    )
    return found[:limit]
