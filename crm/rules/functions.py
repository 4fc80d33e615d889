"""Functions inside a public body: who does what there, and so whose eyes a product is seen with.

What each cares about, and which gate it holds, is in budget-cycles.md, 5.1. A function is the part
somebody plays in the body; a `CaseRole` is what a person is to one of our cases.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from crm.rules.stages import CaseRole


class Function(StrEnum):
    """A part of a body that has a say of its own."""

    STAFF = "staff"  # those whose daily work it is: teachers, nurses, case officers
    UNIT_MANAGEMENT = "unit_management"  # rektor, enhetschef
    MANAGEMENT = "management"  # förvaltningschef and the management group
    DEVELOPMENT = "development"  # IKT-pedagog, verksamhetsutvecklare
    IT = "it"
    DATA_PROTECTION = "data_protection"  # dataskyddsombud, information security
    ADMINISTRATION = "administration"
    ECONOMY = "economy"
    PROCUREMENT = "procurement"
    ARCHIVE = "archive"
    UNION = "union"  # facklig företrädare, skyddsombud
    POLITICS = "politics"  # the nämnd


SUPPORT: Final = frozenset(
    {
        Function.IT,
        Function.DATA_PROTECTION,
        Function.ADMINISTRATION,
        Function.ECONOMY,
        Function.PROCUREMENT,
        Function.ARCHIVE,
        Function.UNION,
    }
)
"""The support functions, which hold most of the gates (budget-cycles.md, 5.2)."""


class Start(StrEnum):
    """From where in the body a case began (feature table, claim S5)."""

    BOTTOM_UP = "bottom_up"  # somebody whose daily work it is about, or their own unit
    TOP_DOWN = "top_down"  # the body's management or one of its support functions
    UNKNOWN = "unknown"


_BY_TITLE: Final[tuple[tuple[re.Pattern[str], Function], ...]] = tuple(
    (re.compile(pattern), function)
    for pattern, function in (
        (
            (
                r"dataskydd|\bdso\b|\bdpo\b|data protection|integritetsskydd|informationssäkerhet"
                r"|säkerhetssamordnare|säkerhetschef"
            ),
            Function.DATA_PROTECTION,
        ),
        (r"skyddsombud|facklig|fackombud|förbundsombud|huvudskydd|\bunion\b", Function.UNION),
        (
            r"upphandl|inköp|avtalscontroller|kategoriledare|procurement|purchas",
            Function.PROCUREMENT,
        ),
        (r"arkiv|archiv", Function.ARCHIVE),
        (
            (
                r"ikt-?pedagog|it-?pedagog|ikt-?samordnare|verksamhetsutveckl|utvecklingsledare"
                r"|utvecklingsstrateg|kvalitetsutveckl|kvalitetsstrateg|förstelärare"
            ),
            Function.DEVELOPMENT,
        ),
        (
            (
                r"\bit\b|\bit-|systemförvalt|systemägare|objektsägare|objektsspecialist|digitalisering"
                r"|\bcio\b|ikt-?strateg|nätverkst"
            ),
            Function.IT,
        ),
        (r"ekonom|controller|redovisning|finanschef|accountant", Function.ECONOMY),
        (r"ordförande|kommunalråd|regionråd|ledamot|politiker", Function.POLITICS),
        (
            (
                r"rektor|enhetschef|förskolechef|bibliotekschef|vårdcentralschef|sektionschef"
                r"|gruppchef|biträdande chef|head ?teacher|principal|head of unit|prefekt"
            ),
            Function.UNIT_MANAGEMENT,
        ),
        (
            (
                r"administrat|registrator|kanslichef|nämndsekreterare|kommunikat|jurist"
                r"|personalchef|hr-"
            ),
            Function.ADMINISTRATION,
        ),
        (
            (
                r"lärare|pedagog|sköterska|läkare|handläggare|sekreterare|assistent|bibliotekarie"
                r"|kurator|logoped|psykolog|fritidsledare|barnskötare|terapeut|samordnare"
                r"|inspektör|planerare|utredare|lektor|adjunkt|doktorand|teacher|nurse|librarian"
                r"|case officer"
            ),
            Function.STAFF,
        ),
        (r"chef\b|direktör|\bmanager\b|\bhead\b|dekan", Function.MANAGEMENT),
    )
)
"""First match wins: the narrow come first, since an IT-chef is not just any chef."""

_BY_ROLE: Final[dict[CaseRole, Function]] = {
    CaseRole.IT: Function.IT,
    CaseRole.DATA_PROTECTION: Function.DATA_PROTECTION,
    CaseRole.PROCUREMENT_OFFICER: Function.PROCUREMENT,
    CaseRole.UNION: Function.UNION,
    CaseRole.USER: Function.STAFF,
}
"""Roles in a case that say which function somebody is of. A champion may be of any."""


def function_of(title: str, roles: Iterable[CaseRole] = ()) -> Function | None:
    """A first guess: by the title of the post, else by a role in a case. None: nobody can say."""
    said = title.lower()
    for pattern, function in _BY_TITLE:
        if pattern.search(said):
            return function
    held = set(roles)
    return next((function for role, function in _BY_ROLE.items() if role in held), None)


_FROM_BELOW: Final = frozenset({Function.STAFF, Function.UNIT_MANAGEMENT, Function.DEVELOPMENT})


def start_of(function: Function | None) -> Start:
    """Where a case began, by the function of whoever turned to us first."""
    if function is None:
        return Start.UNKNOWN
    return Start.BOTTOM_UP if function in _FROM_BELOW else Start.TOP_DOWN
