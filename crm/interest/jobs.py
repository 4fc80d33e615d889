"""What happens to inbound interest because time passes."""

from datetime import datetime

from crm.core.db import transaction
from crm.interest import operations


def tidy(now: datetime) -> int:
    """Forget the words of inquiries that were taken back a day ago. Returns how many."""
    with transaction(cause="interest.tidy"):
        return operations.forget_taken_back(now)
