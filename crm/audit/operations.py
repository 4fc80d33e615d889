"""What is written into the history by hand: choices that change no column."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm.audit.models import AuditEntry
from crm.core.db import db


def note_distinct(
    entity: str,
    entity_id: int,
    looked_at: Sequence[dict[str, Any]],
    *,
    by_id: int | None,
    now: datetime,
) -> None:
    """Somebody saw these likely duplicates and found the new one to be another (A8)."""
    if looked_at:
        db.session.add(
            AuditEntry(
                at=now,
                actor_id=by_id,
                cause="",
                entity=entity,
                entity_id=str(entity_id),
                action="distinct",
                changes={"not_the_same_as": [None, list(looked_at)]},
            )
        )
