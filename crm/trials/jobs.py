"""What happens to trials because time passes."""

from datetime import datetime

from crm.core.db import transaction
from crm.trials import operations


def tidy(now: datetime) -> int:
    """Forget which messages have been taken, a month later. Returns how many."""
    with transaction(cause="trials.tidy"):
        return operations.forget_messages(now)
