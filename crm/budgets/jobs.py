"""What happens to the buyers' years because time passes."""

from datetime import datetime

from crm.budgets import operations, queries
from crm.core import clock
from crm.core.db import one_by_one, transaction
from crm.rules.confirmations import coming_budget_year


def roll_forward(now: datetime) -> int:
    """As a new round begins, last year's dates are assumed for it. Returns of how many bodies.

    Each in a transaction of its own; what was missed while the clock stood still is due today.
    """
    year, cause = coming_budget_year(clock.local(now).date()), "budgets.roll_forward"

    def roll(organisation_id: int) -> bool:
        return operations.roll_forward(organisation_id, year, now=now)

    with transaction(cause=cause):
        due = queries.newly_assumed(year)
    return one_by_one(due, roll, cause)
