"""What may go into a champion kit (feature C6). Values in, values out."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from crm.rules.precision import add_months
from crm.rules.references import Standing
from crm.rules.requirements import Area

AREAS: Final = (Area.SECURITY, Area.DATA_PROTECTION, Area.ACCESSIBILITY)
"""What a body's own functions ask first, in the order in which a kit answers it."""

VALID_DAYS: Final = 60
"""How long a link is open unless one chooses: about the time between two committee meetings."""

LONGEST_MONTHS: Final = 12
"""A link that is open for longer is forgotten."""


def latest_day(today: date) -> date:
    """The last day on which a link made today may be open."""
    return add_months(today, LONGEST_MONTHS)


def may_be_named(standing: Standing, asked_for_this_case: Iterable[date], today: date) -> bool:
    """Whether a reference may stand in a kit: within the year's limit, or asked for this case
    already this year, which is no second ask (C10)."""
    if standing.withdrawn:
        return False
    return standing.left > 0 or is_asked(asked_for_this_case, today)


def is_asked(asked_for_this_case: Iterable[date], today: date) -> bool:
    """Whether a reference has been asked for the case in the calendar year of the day."""
    return any(day.year == today.year for day in asked_for_this_case)
