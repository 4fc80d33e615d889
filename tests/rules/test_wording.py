"""What is pointed out in a wording (LOU 9 kap. 4 and 6 §§, 4 kap. 1 §), and what is left alone."""

import pytest

from crm.rules.wording import Fault, Finding, findings, neutral, pieces

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
    assert remarks[Fault.BRAND].instead == "surfplatta"
    assert remarks[Fault.BRAND].law == "LOU 9 kap. 6 §"
    assert remarks[Fault.STANDARD].instead == "ISO 27001 eller likvärdigt"
    assert remarks[Fault.STANDARD].law == "LOU 9 kap. 4 §"
    assert remarks[Fault.VAGUE].instead == "inom [antal] sekunder"


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
