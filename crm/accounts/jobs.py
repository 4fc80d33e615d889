"""What accounts does on the clock."""

from datetime import datetime

from crm.accounts import operations
from crm.core.db import transaction


def tidy(now: datetime) -> int:
    """Once a day: delete attempts and dead sessions older than 90 days. Returns how many rows."""
    with transaction(cause="tidy accounts"):
        return operations.tidy(now=now)
