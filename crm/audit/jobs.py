"""What happens to the history because time passes."""

from datetime import datetime

from crm.audit import removals
from crm.core.db import transaction


def forget(now: datetime) -> int:
    """Once a day: throw away what it takes to put back what was taken away. How many there were."""
    with transaction(cause="audit.forget"):
        return removals.forget_old(now)
