"""What happens to inbound interest because time passes."""

from datetime import datetime

from crm.core.db import transaction
from crm.interest import operations


def tidy(now: datetime) -> int:
    """Forget what was written in quick logs a day ago and is no inquiry. Returns how many."""
    with transaction(cause="interest.tidy"):
        return operations.forget_kept_words(now)
