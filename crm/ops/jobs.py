"""What the operation of the program does on the clock."""

from datetime import datetime

from crm.core import once
from crm.core.db import transaction
from crm.ops import operations


def tidy(now: datetime) -> int:
    """Once a day: forget old runs of jobs, and forms sent long ago. Returns how many rows."""
    with transaction(cause="ops.tidy"):
        return operations.forget_old_runs(now) + once.forget_old(now)
