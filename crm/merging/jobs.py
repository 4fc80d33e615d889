"""What happens to merges because time passes."""

from datetime import datetime

from crm.core.db import transaction
from crm.merging import operations, queries


def forget(now: datetime) -> int:
    """Once a day: throw away what it takes to undo a merge, 30 days after it. Returns how many."""
    with transaction(cause="merging.forget"):
        over = queries.over(now)
        for made in over:
            operations.forget_steps(made)
    return len(over)
