"""What is pointed out in a wording (LOU 9 kap. 4 and 6 §§, 4 kap. 1 §), and what is left alone."""

import pytest

from crm.rules.wording import Fault, Finding, findings, neutral, pieces, without_form

OWN = ("Klarspår Skola", "Klarspår", "Lagerkrans AB")


def told(text: str, brands: tuple[str, ...] = ()) -> list[tuple[str, Fault]]:
    return [(one.words, one.fault) for one in findings(text, own=OWN, brands=brands)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fungerar på iPad", [("iPad", Fault.BRAND)]),
        ("Fungerar på iPads och Chromebooks", [("iPads", Fault.BRAND)]),
        ("Koppling till Microsoft Teams", [("Microsoft Teams", Fault.BRAND)]),
        ("som i Klarspårs rapporter", [("Klarspårs", Fault.OWN)]),
        ("Klarspår Skola ska användas", [("Klarspår Skola", Fault.OWN)]),
        ("Teknik med Ordlysa™", [("Ordlysa™", Fault.MARK)]),
        ("enligt WCAG 2.2 AA", [("WCAG 2.2 AA", Fault.STANDARD)]),
        ("enligt ISO 27001", [("ISO 27001", Fault.STANDARD)]),
        ("enligt SS-EN ISO/IEC 27001:2022", [("SS-EN ISO/IEC 27001:2022", Fault.STANDARD)]),
        ("tillverkad i Sverige", [("tillverkad i Sverige", Fault.ORIGIN)]),
        ("från svensk leverantör", [("svensk leverantör", Fault.ORIGIN)]),
        ("Marknadens bästa uppläsning", [("bästa", Fault.SUPERLATIVE)]),
        ("ska vara användarvänligt", [("användarvänligt", Fault.VAGUE)]),
        ("svar inom rimlig tid", [("rimlig tid", Fault.VAGUE)]),
    ],
)
def test_what_an_authority_could_not_use_is_pointed_out(
    text: str, expected: list[tuple[str, Fault]]
) -> None:
    assert told(text)[: len(expected)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Fungerar på iPad eller likvärdigt",
        "enligt ISO 27001 eller likvärdigt",
        "enligt WCAG 2.2 AA (eller likvärdig)".replace("(", "").replace(")", ""),
        "Elevens text kan målas på en canvas",
        "Två teams arbetar",
        "Supporten svarar inom fyra timmar på vardagar",
        "Uppgifterna behandlas inom EU/EES",
        "Tjänsten ska fungera för den som är blind",
        "Appleträdet",
    ],
)
def test_what_can_be_used_as_it_stands_is_left_alone(text: str) -> None:
    assert told(text) == []


def test_our_own_name_is_pointed_out_even_with_equivalent_after_it() -> None:
    assert told("Klarspår eller likvärdigt") == [("Klarspår", Fault.OWN)]


def test_the_installation_adds_trade_marks_of_its_own() -> None:
    assert told("Som i Ordlysa") == []
    [found] = findings("Som i Ordlysa", brands=("Ordlysa",))
    assert (found.fault, found.instead) == (Fault.BRAND, "Ordlysa eller likvärdigt")


def test_each_remark_says_its_law_and_what_to_write_instead() -> None:
    remarks = {one.fault: one for one in findings("iPad enligt ISO 27001, snabbt")}
    assert remarks[Fault.BRAND].instead == (
        "surfplatta, eller om det inte går att beskriva: iPad eller likvärdigt"
    )
    assert remarks[Fault.BRAND].law == "LOU 9 kap. 6 §"
    assert remarks[Fault.STANDARD].instead == "ISO 27001 eller likvärdigt"
    assert remarks[Fault.STANDARD].law == "LOU 9 kap. 4 §"
    assert remarks[Fault.VAGUE].instead == "inom [antal] sekunder"


@pytest.mark.parametrize("text", ["med patenterad teknik", "tillverkad i Sverige"])
def test_a_patent_and_an_origin_have_a_way_out_too(text: str) -> None:
    [found] = findings(text)
    assert found.instead.endswith(f"{found.words} eller likvärdigt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fråga rektor Eva Bergqvist 070-1234567.", "Fråga rektor."),
        ("Som Bo Eks mall på Solbackaskolan (eva@x.se, 070-123 45 67)",
         "Som en medarbetares mall på enheten"),
        ("Bo Ek vill ha en app", "En medarbetare vill ha en app"),
        ("Svar inom 2 timmar, 08-16 på vardagar, från 2026-01-01",
         "Svar inom 2 timmar, 08-16 på vardagar, från 2026-01-01"),
    ],
)  # fmt: skip
def test_nobody_is_named_in_the_neutral_text(text: str, expected: str) -> None:
    assert neutral(text, own=(), people=("Bo Ek",), places=("Solbackaskolan",)) == expected


def test_a_person_is_pointed_out_where_it_is_written() -> None:
    assert told("Fråga rektor Eva Bergqvist, eva@example.se, 0480-123 45") == [
        ("rektor Eva Bergqvist", Fault.PERSON),
        ("eva@example.se", Fault.PERSON),
        ("0480-123 45", Fault.PERSON),
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Läsverktyg i Norden AB", "Läsverktyg i Norden"),
        ("Aktiebolaget Trav", "Trav"),
        ("Trav AB (publ)", "Trav"),
        ("AB", "AB"),
    ],
)
def test_a_company_is_known_without_its_form(name: str, said: str) -> None:
    assert without_form(name) == said


def test_the_pieces_are_the_whole_text_with_the_remarks_in_place() -> None:
    text = "Snabbt på iPad, enligt ISO 27001."
    found = findings(text)
    shown = pieces(text, found)
    assert "".join(one.text for one in shown) == text
    assert [one.finding for one in shown if one.finding] == found
    assert all(isinstance(one.finding, Finding | None) for one in shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Klarspår Skola ska visa schemat", "Tjänsten ska visa schemat"),
        ("Schemat i Klarspår ska gå att skriva ut", "Schemat i tjänsten ska gå att skriva ut"),
        ("Klarspårs rapporter", "Tjänstens rapporter"),
        ("Inget. Klarspår finns. Klarspår", "Inget. Tjänsten finns. Tjänsten"),
        ("Klarspårning", "Klarspårning"),
    ],
)
def test_our_own_names_are_gone_from_the_neutral_text(text: str, expected: str) -> None:
    assert neutral(text, own=OWN) == expected
    assert neutral(text, own=()) == text
