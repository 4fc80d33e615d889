"""What the operation of the program does on the clock."""

from datetime import datetime

from crm.core.db import transaction
from crm.ops import operations


def tidy(now: datetime) -> int:
    """Forget old runs of jobs. Returns how many."""
    with transaction(cause="ops.tidy"):
        return operations.forget_old_runs(now)
