"""What is read of the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.exc import ObjectDeletedError

from crm.audit.models import AuditEntry
from crm.core.db import Base, db
from crm.web.overtaken import LastSave


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


def last_save(row: Any) -> LastSave | None:
    """The save that gave an audited row its present version. One statement.

    None where the history does not hold it: a change of secrets alone leaves no line.
    """
    state = sa.inspect(row)
    if state.identity is None:
        return None
    try:
        version = row.version
    except ObjectDeletedError:
        return None
    people = Base.metadata.tables["user"]
    found = db.session.execute(
        sa.select(AuditEntry.at, AuditEntry.actor_id, people.c.name)
        .outerjoin(people, people.c.id == AuditEntry.actor_id)
        .where(
            AuditEntry.entity == state.mapper.local_table.name,
            AuditEntry.entity_id == "-".join(str(part) for part in state.identity),
            AuditEntry.version == version,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return LastSave(found.at, found.actor_id, found.name or "") if found else None
