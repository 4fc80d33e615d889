"""What fits to do in each phase: one line, shipped with the program and put in its own words here.

A change is a later version, never an alteration, so that it is seen who said what and when.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.budgets.models import PhaseAdvice
from crm.core.db import db
from crm.rules.buyers_week import SHIPPED_ADVICE, Advice, BuyerPhase


def in_force() -> dict[BuyerPhase, Advice]:
    """The line of every phase as it stands. One statement."""
    found = dict(SHIPPED_ADVICE)
    for phase, text_sv, text_en in db.session.execute(
        sa.select(PhaseAdvice.phase, PhaseAdvice.text_sv, PhaseAdvice.text_en).order_by(
            PhaseAdvice.version
        )
    ):
        found[phase] = Advice(text_sv, text_en)
    return found


def history(phase: BuyerPhase) -> list[PhaseAdvice]:
    """What it has been changed to, latest first. One statement."""
    return list(
        db.session.scalars(
            sa.select(PhaseAdvice)
            .where(PhaseAdvice.phase == phase)
            .options(joinedload(PhaseAdvice.changed_by))
            .order_by(PhaseAdvice.version.desc())
        )
    )


def change(
    phase: BuyerPhase, said: Advice, *, since: list[PhaseAdvice], by: User | None, now: datetime
) -> bool:
    """Let the line say this from now on, for everybody. `since` is its history.

    False, and nothing is written, when it says so already.
    """
    latest = since[0] if since else None
    stands = Advice(latest.text_sv, latest.text_en) if latest else SHIPPED_ADVICE[phase]
    if said == stands:
        return False
    db.session.add(
        PhaseAdvice(
            phase=phase,
            version=(latest.version if latest else 1) + 1,
            text_sv=said.text_sv,
            text_en=said.text_en,
            changed_by_id=by.id if by else None,
            changed_at=now,
        )
    )
    db.session.flush()
    return True
