"""What is read of the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.core.db import Base, db


@dataclass(frozen=True, slots=True)
class Line:
    """One change, newest first. `by` is empty when the program itself acted."""

    at: datetime
    by: str
    cause: str
    action: str
    changes: dict[str, Any]


def history_of(entity: str, entity_id: int, limit: int = 50) -> list[Line]:
    """The latest changes of one row, newest first. One statement."""
    people = Base.metadata.tables["user"]
    rows = db.session.execute(
        sa.select(AuditEntry, people.c.name)
        .outerjoin(people, people.c.id == AuditEntry.actor_id)
        .where(
            AuditEntry.entity == entity,
            AuditEntry.entity_id == str(entity_id),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [Line(e.at, name or "", e.cause, e.action, e.changes) for e, name in rows]
