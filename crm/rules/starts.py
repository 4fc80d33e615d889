"""From where in a body a wish came: the function of whoever turned to us first (claim S5).

The old way goes through directors and management groups; the other begins with those whose daily
work it is. Which it was is read from the post of the first person, or from a role in the case.
"""

from enum import StrEnum
from typing import Final

from crm.rules.functions import Function


class Start(StrEnum):
    """From where in the body a case began."""

    BOTTOM_UP = "bottom_up"  # somebody whose daily work it is about, or the head of their unit
    TOP_DOWN = "top_down"  # the body's management or one of its support functions
    UNKNOWN = "unknown"


_FROM_BELOW: Final = frozenset({Function.USERS, Function.UNIT_HEAD})


def start_of(function: Function | None) -> Start:
    """Where a case began, by the function of whoever turned to us first."""
    if function is None:
        return Start.UNKNOWN
    return Start.BOTTOM_UP if function in _FROM_BELOW else Start.TOP_DOWN
