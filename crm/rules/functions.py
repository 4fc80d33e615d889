"""The functions at a buyer that have a say when a tool is taken in (`budget-cycles.md` 5.1).

A function is not a person: one person may hold several (claim S32), and often nobody knows yet who
holds one. The order is that of the map: those who use the tool, those who lead them, those who
support them, and those who decide. What a title says of function and of roles stands in one table.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class TitleSays:
    """What a title says: the function, if it names one, and a first guess of roles in a case."""

    function: Function | None = None
    roles: tuple[CaseRole, ...] = ()


_SUPPORT: Final = (CaseRole.SUPPORT_FUNCTION,)
_LEADS: Final = (CaseRole.BUDGET_OWNER, CaseRole.DECISION_MAKER)

_TRADE: Final = re.compile(
    r"(?<!sveriges )(?<!head )\b[\w-]*(?:lärare|läkare|sköterska|skötare|barnmorska|psykolog"
    r"|logoped|kurator|terapeut|bibliotekarie|lektor|adjunkt|doktorand|teacher|nurse|librarian)\b"
    r"(?: (?:i|in|of) [\w-]+)?"
)
"""A trade, with what it is exercised in: an ekonomilärare and a teacher of IT are teachers."""

_TITLES: Final[tuple[tuple[re.Pattern[str], TitleSays], ...]] = tuple(
    (re.compile(pattern), TitleSays(function, roles))
    for pattern, function, roles in (
        (
            r"dataskydd|\bdso\b|\bdpo\b|data protection|integritetsskydd",
            Function.DATA_PROTECTION,
            (CaseRole.DATA_PROTECTION,),
        ),
        (
            (
                r"informationssäkerhet|\bsäkerhetssamordn|\bit-?säkerhet|cybersäkerhet|\bciso\b"
                r"|information security"
            ),
            Function.INFORMATION_SECURITY,
            _SUPPORT,
        ),
        (
            (
                r"skyddsombud|\bfacklig|\bfackombud|förbundsombud|lärarförbund|vårdförbund"
                r"|sveriges lärare|\bunion"
            ),
            Function.UNION,
            (CaseRole.UNION,),
        ),
        (
            r"upphandl|inköp|avtalscontroller|kategoriledare|procurement|purchas",
            Function.PROCUREMENT,
            (CaseRole.PROCUREMENT_OFFICER,),
        ),
        (r"arkivarie|\barkiv|registrator|\barchiv", Function.ARCHIVE, _SUPPORT),
        (
            r"systemförvalt|systemägare|objektsägare|objektspecialist|system owner",
            Function.SYSTEM_OWNER,
            _SUPPORT,
        ),
        (r"\bikt|\bit-?pedagog|digitaliser|digitalis", Function.DIGITALISATION, _SUPPORT),
        (
            (
                r"\bit\b|\bit(?:chef|tekniker|samordnare|ansvarig)|\bcio\b|systemadministr"
                r"|nätverks(?:tekniker|chef|ansvarig|administratör|arkitekt|specialist)"
            ),
            Function.IT,
            (CaseRole.IT,),
        ),
        (
            (
                r"kommunikatör|kommunikations(?:chef|direktör|strateg|ansvarig)"
                r"|tillgänglighets(?:samordnare|strateg|expert|ansvarig|specialist)|accessibility"
            ),
            Function.ACCESSIBILITY,
            _SUPPORT,
        ),
        (
            r"ekonomichef|ekonomidirektör|finanschef|finansdirektör",
            Function.ECONOMY,
            (CaseRole.BUDGET_OWNER, CaseRole.SUPPORT_FUNCTION),
        ),
        (
            (
                r"ekonom\b|ekonomi(?:ansvarig|assistent|administratör|handläggare|samordnare)"
                r"|controller|redovisning|accountant"
            ),
            Function.ECONOMY,
            _SUPPORT,
        ),
        (
            r"ordförande|kommunalråd|regionråd|ledamot|politiker",
            Function.POLITICS,
            (CaseRole.DECISION_MAKER,),
        ),
        (
            (
                r"\b(?:biträdande|bitr\.?) "
                r"(?:rektor|enhetschef|förskolechef|bibliotekschef|sektionschef|gruppchef|chef\b)"
            ),
            Function.USERS,
            (CaseRole.USER,),
        ),
        (
            (
                r"direktör|förvaltningschef|verksamhetschef|skolchef|utbildningschef|bildningschef"
                r"|socialchef|sjukhuschef|områdeschef|avdelningschef|kommunchef|prefekt|dekan"
                r"|prorektor|vicerektor"
            ),
            Function.MANAGEMENT,
            _LEADS,
        ),
        (
            (
                r"rektor|enhetschef|förskolechef|bibliotekschef|vårdcentralschef|sektionschef"
                r"|gruppchef|head ?teacher|\bprincipal\b|head of unit"
            ),
            Function.UNIT_HEAD,
            _LEADS,
        ),
        (r"\bjurist|jurist\b|\blawyer\b", None, _SUPPORT),
        (
            r"administrat|nämndsekreterare|kommunsekreterare",
            Function.ADMINISTRATION,
            (CaseRole.USER,),
        ),
        (
            (
                r"pedagog|handläggare|sekreterare|assistent|fritidsledare|samordnare|inspektör"
                r"|planerare|utredare|vårdbiträde|vägledare|case officer"
            ),
            Function.USERS,
            (CaseRole.USER,),
        ),
        (r"\bchef\b|chef$|\bmanager\b|\bhead\b", None, (CaseRole.DECISION_MAKER,)),
    )
)
"""First match wins: the narrow come first, since an IT-pedagog is no IT department."""

_NOTHING: Final = TitleSays()
_BY_TRADE: Final = TitleSays(Function.USERS, (CaseRole.USER,))


def title_says(title: str) -> TitleSays:
    """What a title says. Whoever has a trade and one more task is known by the task."""
    words = " ".join(title.lower().split())
    rest, trades = _TRADE.subn(" ", words)
    found = next((says for pattern, says in _TITLES if pattern.search(rest)), None)
    return found or (_BY_TRADE if trades else _NOTHING)


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
_ONE_FUNCTION: Final = (
    CaseRole.IT,
    CaseRole.DATA_PROTECTION,
    CaseRole.PROCUREMENT_OFFICER,
    CaseRole.UNION,
    CaseRole.USER,
)
"""Roles that say the function themselves, whatever the title. A champion may be of any."""


def function_of_title(title: str) -> Function | None:
    """The function that a title names, or None."""
    return title_says(title).function


def guess_roles(title: str) -> tuple[CaseRole, ...]:
    """A first guess from a title, for a person to accept or change; empty when nothing is known."""
    return title_says(title).roles


def function_of(role: CaseRole, title: str, by_hand: Function | None = None) -> Function:
    """A first guess of the function that somebody with this role and title stands for.

    A champion, a coach and a sceptic stand for what they are; without a title, for the users.
    `by_hand` is what somebody has said of the post, and is believed before its title.
    """
    if role in _ONE_FUNCTION:
        return _BY_ROLE[role]
    if by_hand is not None:
        return by_hand
    named = function_of_title(title)
    if named is None or named is Function.USERS:
        return _BY_ROLE.get(role, Function.USERS)
    return named


def seen_function(title: str, roles: Iterable[CaseRole] = ()) -> Function | None:
    """The function of somebody, by the title of the post, else by a role. None: nobody can say."""
    named = function_of_title(title)
    if named is not None:
        return named
    held = set(roles)
    return next((_BY_ROLE[role] for role in _ONE_FUNCTION if role in held), None)
