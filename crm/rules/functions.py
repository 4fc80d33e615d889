"""The functions at a buyer that have a say when a tool is taken in (`budget-cycles.md` 5.1).

A function is not a person: one person may hold several (claim S32), and often nobody knows yet who
holds one. The order is that of the map: those who use the tool, those who lead them, those who
support them, and those who decide.
"""

import re
from enum import StrEnum
from typing import Final

from crm.rules.stages import CaseRole


class Function(StrEnum):
    USERS = "users"  # medarbetare
    DIGITALISATION = "digitalisation"  # IKT-pedagog, IKT-strateg, digitaliseringschef
    UNIT_HEAD = "unit_head"  # enhetschef, rektor
    MANAGEMENT = "management"  # förvaltningschef, verksamhetschef
    ADMINISTRATION = "administration"
    ECONOMY = "economy"  # ekonom, controller
    IT = "it"
    SYSTEM_OWNER = "system_owner"  # systemägare, systemförvaltare
    INFORMATION_SECURITY = "information_security"
    DATA_PROTECTION = "data_protection"  # dataskyddsombud
    ARCHIVE = "archive"
    ACCESSIBILITY = "accessibility"
    PROCUREMENT = "procurement"  # upphandlare, inköpssamordnare
    UNION = "union"  # facklig företrädare, skyddsombud
    POLITICS = "politics"  # nämndpolitiker


_BY_TITLE: Final[tuple[tuple[re.Pattern[str], Function], ...]] = tuple(
    (re.compile(pattern), function)
    for pattern, function in (
        (
            r"dataskydd|\bdso\b|\bdpo\b|data protection|integritetsskydd",
            Function.DATA_PROTECTION,
        ),
        (
            r"informationssäkerhet|säkerhetssamordn|information security",
            Function.INFORMATION_SECURITY,
        ),
        (r"skyddsombud|facklig|fackombud|förbundsombud|union", Function.UNION),
        (r"upphandl|inköp|kategoriledare|procurement|purchas", Function.PROCUREMENT),
        (r"arkiv|registrator|archiv", Function.ARCHIVE),
        (
            r"systemförvalt|systemägare|objektsägare|objektspecialist|system owner",
            Function.SYSTEM_OWNER,
        ),
        (r"ikt|it-?pedagog|digitaliser|digitalis", Function.DIGITALISATION),
        (r"\bit\b|\bit-|\bcio\b|nätverk", Function.IT),
        (r"tillgänglighet|kommunikat|accessibility", Function.ACCESSIBILITY),
        (r"ekonom|controller|redovisning|finans|accountant", Function.ECONOMY),
        (r"ordförande|kommunalråd|regionråd|ledamot|politiker", Function.POLITICS),
        (r"biträdande", Function.USERS),
        (
            (
                r"rektor|enhetschef|förskolechef|bibliotekschef|vårdcentralschef|sektionschef|gruppchef"
                r"|head ?teacher|principal|head of unit"
            ),
            Function.UNIT_HEAD,
        ),
        (
            (
                r"direktör|förvaltningschef|verksamhetschef|skolchef|utbildningschef|bildningschef"
                r"|socialchef|områdeschef|avdelningschef|kommunchef|prefekt|dekan"
            ),
            Function.MANAGEMENT,
        ),
        (r"administrat", Function.ADMINISTRATION),
    )
)
"""First match wins: the narrow come first, since an IT-pedagog is no IT department."""

_BY_ROLE: Final[dict[CaseRole, Function]] = {
    CaseRole.USER: Function.USERS,
    CaseRole.BUDGET_OWNER: Function.UNIT_HEAD,
    CaseRole.DECISION_MAKER: Function.MANAGEMENT,
    CaseRole.PROCUREMENT_OFFICER: Function.PROCUREMENT,
    CaseRole.IT: Function.IT,
    CaseRole.DATA_PROTECTION: Function.DATA_PROTECTION,
    CaseRole.SUPPORT_FUNCTION: Function.ADMINISTRATION,
    CaseRole.UNION: Function.UNION,
}
_ONE_FUNCTION: Final = frozenset(
    {
        CaseRole.USER,
        CaseRole.PROCUREMENT_OFFICER,
        CaseRole.IT,
        CaseRole.DATA_PROTECTION,
        CaseRole.UNION,
    }
)
"""Roles that say the function themselves, whatever the title."""


def function_of_title(title: str) -> Function | None:
    """The function that a title names, or None."""
    words = " ".join(title.lower().split())
    return next((function for pattern, function in _BY_TITLE if pattern.search(words)), None)


def function_of(role: CaseRole, title: str) -> Function:
    """A first guess of the function that somebody with this role and title stands for.

    A champion, a coach and a sceptic stand for what they are; without a title, for the users.
    """
    if role in _ONE_FUNCTION:
        return _BY_ROLE[role]
    return function_of_title(title) or _BY_ROLE.get(role, Function.USERS)
