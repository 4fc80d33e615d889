"""Bodies whose plan may have changed: marked by whoever changes a fact, read by the planner.

Cases and calendars lie below reminders and have never heard of them. They leave a mark here, in
the same transaction as the change; the planner, above, takes the marks and plans anew.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, db, dialect_name


class PlanRequest(Base):
    """One body to plan anew. No foreign key: core knows nothing of organisations."""

    __tablename__ = "plan_request"

    body_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    why: Mapped[str] = mapped_column(sa.String(200), default="")


def needs_planning(body_id: int, why: str = "") -> None:
    """Mark a body, in the transaction of the change. `why` is an event key told to the owner."""
    insert = (sqlite if dialect_name() == "sqlite" else postgresql).insert
    statement = insert(PlanRequest).values(body_id=body_id, why=why[:200])
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["body_id"]))


def waiting_for_planning(limit: int = 200) -> dict[int, str]:
    """Marked bodies with their reasons."""
    rows = db.session.execute(sa.select(PlanRequest.body_id, PlanRequest.why).limit(limit))
    return {body_id: why for body_id, why in rows}


def planned(body_ids: list[int]) -> None:
    """Take the marks away, in the transaction that wrote the plan."""
    db.session.execute(sa.delete(PlanRequest).where(PlanRequest.body_id.in_(body_ids)))
