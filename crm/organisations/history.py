"""The field history of what is written in bulk: such statements pass its listeners unseen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm.audit.models import AuditEntry, plain
from crm.core.db import db

Line = tuple[int, str, dict[str, list[Any]]]
"""An organisation's id, what was done, and column → [old, new]."""


def tell(lines: Iterable[Line], now: datetime, cause: str) -> None:
    """Write a line for each organisation that was changed, as every other write leaves one.

    `cause` is used where nobody has said a better one (see `core.db.transaction`).
    """
    info = db.session().info
    rows = [
        {
            "at": now,
            "actor_id": info.get("actor_id"),
            "cause": (info.get("cause") or cause)[:80],
            "entity": "organisation",
            "entity_id": str(ident),
            "action": action,
            "changes": {key: [plain(old), plain(new)] for key, (old, new) in changes.items()},
        }
        for ident, action, changes in lines
        if changes
    ]
    if rows:
        db.session.connection().execute(sa.insert(AuditEntry.metadata.tables["audit_entry"]), rows)
