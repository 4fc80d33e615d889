"""What happens to organisations because time passes."""

from datetime import datetime

from crm.core import clock
from crm.core.db import transaction
from crm.organisations import operations, queries, schools


def close_those_due(now: datetime) -> int:
    """Close what has had its last day, each in a transaction of its own. Returns how many."""
    today, cause = clock.local(now).date(), "organisations.close_those_due"
    with transaction(cause=cause):
        due = queries.to_close(today)
    for organisation_id in due:
        with transaction(cause=cause):
            found = queries.get(organisation_id)
            if found.closing_on is not None and found.closing_on < today:
                operations.close(found, on=found.closing_on, by=None, today=today, now=now)
    return len(due)


def tidy(now: datetime) -> int:
    """Once a day: throw away school files that nobody applied. Returns how many."""
    with transaction(cause="organisations.tidy"):
        return schools.discard_old(now)
