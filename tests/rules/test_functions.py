"""What a title says: the function and a first guess of roles, from one table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.functions import (
    Function,
    TitleSays,
    function_of,
    function_of_title,
    guess_roles,
    seen_function,
    title_says,
)
from crm.rules.stages import CaseRole

USER = (CaseRole.USER,)
SUPPORT = (CaseRole.SUPPORT_FUNCTION,)
LEADS = (CaseRole.BUDGET_OWNER, CaseRole.DECISION_MAKER)
MONEY = (CaseRole.BUDGET_OWNER, CaseRole.SUPPORT_FUNCTION)
DECIDES = (CaseRole.DECISION_MAKER,)
OFFICER = (CaseRole.PROCUREMENT_OFFICER,)
UNION = (CaseRole.UNION,)

TABLE: dict[Function | None, dict[tuple[CaseRole, ...], str]] = {
    Function.USERS: {
        USER: (
            "Lärare|Lärare i svenska|Lärare åk 4–6|Förskollärare|Förstelärare|Speciallärare"
            "|Ekonomilärare|Kommunikationslärare|IT-lärare|Lärare i IT|Lärare i ekonomi"
            "|Specialpedagog|Kommunikationspedagog|Distriktssköterska|Distriktsläkare"
            "|Undersköterska|Specialistläkare|Barnskötare|Skolsköterska|Skolbibliotekarie"
            "|Socialsekreterare|Läkarsekreterare|Biståndshandläggare|Riktlinjesamordnare"
            "|Elevassistent|Arbetsterapeut|Kurator|Universitetslektor|Biträdande lektor"
            "|Biträdande rektor|Bitr. rektor|Biträdande enhetschef|Vårdbiträde|Teacher"
        )
    },
    Function.DIGITALISATION: {
        SUPPORT: (
            "IKT-pedagog|IT-pedagog|IKT-strateg|IKT-samordnare|Digitaliseringschef"
            "|Digitaliseringsstrateg|Lärare och IKT-pedagog"
        )
    },
    Function.UNIT_HEAD: {
        LEADS: "Rektor|Enhetschef, äldreomsorg|Förskolechef|Vårdcentralschef|Head teacher"
    },
    Function.MANAGEMENT: {
        LEADS: (
            "Förvaltningschef|Skolchef|Utbildningschef|Kommundirektör|Biträdande kommundirektör"
            "|Verksamhetschef|Överläkare, verksamhetschef|Prefekt|Prorektor"
        )
    },
    Function.ADMINISTRATION: {USER: "Administratör|Skoladministratör|Nämndsekreterare"},
    Function.ECONOMY: {
        SUPPORT: "Ekonom|Förvaltningsekonom|Controller|Ekonomiassistent|Redovisningsansvarig",
        MONEY: "Ekonomichef|Ekonomidirektör|Finanschef",
    },
    Function.IT: {
        (CaseRole.IT,): "IT-chef|it-samordnare|Chef, IT|CIO|Nätverkstekniker|Systemadministratör"
    },
    Function.SYSTEM_OWNER: {SUPPORT: "Systemförvaltare|Systemägare|Objektsägare"},
    Function.INFORMATION_SECURITY: {
        SUPPORT: "Informationssäkerhetssamordnare|Säkerhetssamordnare|IT-säkerhetsansvarig|CISO"
    },
    Function.DATA_PROTECTION: {
        (CaseRole.DATA_PROTECTION,): "Dataskyddsombud|DSO|Data protection officer"
    },
    Function.ARCHIVE: {SUPPORT: "Arkivarie|Kommunarkivarie|Arkivchef|Registrator"},
    Function.ACCESSIBILITY: {SUPPORT: "Kommunikatör|Kommunikationschef|Tillgänglighetssamordnare"},
    Function.PROCUREMENT: {
        OFFICER: "Upphandlare|Upphandlingschef|Inköpssamordnare|Avtalscontroller|Kategoriledare"
    },
    Function.UNION: {
        UNION: (
            "Facklig företrädare|Huvudskyddsombud|Lärare, skyddsombud|Ombud, Unionen"
            "|Ordförande, Sveriges Lärare"
        )
    },
    Function.POLITICS: {
        DECIDES: "Nämndens ordförande|Ledamot i lärarnämnden|Nämndordförande|Kommunalråd"
    },
    None: {
        (): "|Vaktmästare|Kapten|Arkitekt",
        DECIDES: "Kvalitetschef|Distriktschef",
        SUPPORT: "Förbundsjurist|Jurist",
    },
}


@pytest.mark.parametrize(
    ("title", "says"),
    [
        (title, TitleSays(function, roles))
        for function, by_roles in TABLE.items()
        for roles, titles in by_roles.items()
        for title in titles.split("|")
    ],
)
def test_a_title_says_the_function_and_the_roles(title: str, says: TitleSays) -> None:
    assert title_says(title) == says
    assert title_says(f"  {title.upper()} ") == says


def test_every_function_is_named_by_some_title() -> None:
    assert set(TABLE) == {*Function, None}


@given(st.text(max_size=60))
def test_no_title_makes_a_champion_or_a_sceptic(title: str) -> None:
    assert not {CaseRole.CHAMPION, CaseRole.COACH, CaseRole.SCEPTIC} & set(guess_roles(title))


def test_a_role_that_says_the_function_is_believed_before_the_title() -> None:
    assert function_of(CaseRole.USER, "Rektor") is Function.USERS
    assert function_of(CaseRole.BUDGET_OWNER, "Rektor") is Function.UNIT_HEAD
    assert function_of(CaseRole.BUDGET_OWNER, "Lärare") is Function.UNIT_HEAD
    assert function_of(CaseRole.SUPPORT_FUNCTION, "Kommunarkivarie") is Function.ARCHIVE
    assert function_of(CaseRole.CHAMPION, "") is Function.USERS


def test_a_role_says_it_where_the_title_does_not() -> None:
    assert seen_function("", [CaseRole.CHAMPION, CaseRole.IT]) is Function.IT
    assert seen_function("Rektor", [CaseRole.IT]) is Function.UNIT_HEAD
    assert seen_function("", [CaseRole.CHAMPION]) is None
    assert function_of_title("Vaktmästare") is None
