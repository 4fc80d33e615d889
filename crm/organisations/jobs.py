"""What happens to organisations because time passes."""

from datetime import datetime

from crm.core import clock
from crm.core.db import one_by_one, transaction
from crm.organisations import operations, queries, schools


def close_those_due(now: datetime) -> int:
    """Close what has had its last day, each in a transaction of its own. Returns how many.

    One whose row somebody saves in the same moment is left to them, and to the next day.
    """
    today, cause = clock.local(now).date(), "organisations.close_those_due"

    def close(organisation_id: int) -> bool:
        found = queries.get(organisation_id)
        if found.closing_on is None or found.closing_on >= today:
            return False
        operations.close(found, on=found.closing_on, by=None, today=today, now=now)
        return True

    with transaction(cause=cause):
        due = queries.to_close(today)
    return one_by_one(due, close, cause)


def tidy(now: datetime) -> int:
    """Once a day: throw away school files that nobody applied. Returns how many."""
    with transaction(cause="organisations.tidy"):
        return schools.discard_old(now)
