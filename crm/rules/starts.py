"""From where in a body a wish came: the function of whoever turned to us first (claim S5).

The old way goes through directors and management groups; the other begins with those whose daily
work it is. Which it was is read from the post of the first person, or from a role in the case.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from crm.rules.functions import Function, function_of_title
from crm.rules.stages import CaseRole


class Start(StrEnum):
    """From where in the body a case began."""

    BOTTOM_UP = "bottom_up"  # somebody whose daily work it is about, or the head of their unit
    TOP_DOWN = "top_down"  # the body's management or one of its support functions
    UNKNOWN = "unknown"


_DAILY_WORK: Final = re.compile(
    r"lärare|pedagog|sköterska|läkare|handläggare|sekreterare|assistent|bibliotekarie|kurator"
    r"|logoped|psykolog|fritidsledare|barnskötare|terapeut|samordnare|inspektör|planerare|utredare"
    r"|lektor|adjunkt|doktorand|teacher|nurse|librarian|case officer"
)
_BY_ROLE: Final[dict[CaseRole, Function]] = {
    CaseRole.IT: Function.IT,
    CaseRole.DATA_PROTECTION: Function.DATA_PROTECTION,
    CaseRole.PROCUREMENT_OFFICER: Function.PROCUREMENT,
    CaseRole.UNION: Function.UNION,
    CaseRole.USER: Function.USERS,
}
"""Roles in a case that say which function somebody is of. A champion may be of any."""


def seen_function(title: str, roles: Iterable[CaseRole] = ()) -> Function | None:
    """The function of somebody, by the title of the post, else by a role. None: nobody can say."""
    named = function_of_title(title)
    if named is not None:
        return named
    if _DAILY_WORK.search(title.lower()):
        return Function.USERS
    held = set(roles)
    return next((function for role, function in _BY_ROLE.items() if role in held), None)


_FROM_BELOW: Final = frozenset({Function.USERS, Function.UNIT_HEAD})


def start_of(function: Function | None) -> Start:
    """Where a case began, by the function of whoever turned to us first."""
    if function is None:
        return Start.UNKNOWN
    return Start.BOTTOM_UP if function in _FROM_BELOW else Start.TOP_DOWN
