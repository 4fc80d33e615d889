"""What happens to organisations because time passes."""

import logging
from datetime import datetime

from crm.core import clock
from crm.core.db import transaction
from crm.organisations import operations, queries, schools

log = logging.getLogger("crm.organisations.jobs")


def close_those_due(now: datetime) -> int:
    """Close what has had its last day, each in a transaction of its own. Returns how many.

    One whose row somebody saves in the same moment is left to them, and to the next day.
    """
    today, cause, closed = clock.local(now).date(), "organisations.close_those_due", 0
    with transaction(cause=cause):
        due = queries.to_close(today)
    for organisation_id in due:
        try:
            with transaction(cause=cause):
                found = queries.get(organisation_id)
                if found.closing_on is not None and found.closing_on < today:
                    operations.close(found, on=found.closing_on, by=None, today=today, now=now)
                    closed += 1
        except Exception as error:  # one of them stops only itself
            log.warning(
                "organisation %s: was not closed: %s", organisation_id, type(error).__name__
            )
    return closed


def tidy(now: datetime) -> int:
    """Once a day: throw away school files that nobody applied. Returns how many."""
    with transaction(cause="organisations.tidy"):
        return schools.discard_old(now)
