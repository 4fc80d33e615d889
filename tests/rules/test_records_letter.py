"""The letters that ask for documents: filled with what is known, silent of what is not."""

from datetime import date

import pytest

from crm.rules.records_letter import About, RequestKind, letter, subject

KNOWN = About(
    body="Hultsfreds kommun",
    title="Läs- och skrivstöd",
    reference="KS 2026/12",
    decided=date(2026, 11, 20),
    ends=date(2028, 6, 30),
    sender="Rut Berg",
)


def test_after_an_award_four_kinds_of_documents_are_asked_for() -> None:
    text = letter(RequestKind.AWARD, KNOWN)
    for words in ("tilldelningsbeslutet", "utvärderingen", "vinnande anbudet", "4. avtalet"):
        assert words in text
    assert "upphandlingen ”Läs- och skrivstöd”, ert diarienummer KS 2026/12" in text
    assert "den 20 november 2026" in text and "2028" not in text
    assert text.startswith("Till Hultsfreds kommun") and text.endswith("Rut Berg")


def test_before_a_renewal_contract_options_and_statistics_are_asked_for() -> None:
    text = letter(RequestKind.CONTRACT, KNOWN)
    for words in ("gällande avtalet", "optioner", "avrop"):
        assert words in text
    assert "löper ut den 30 juni 2028" in text and "tilldelningsbeslutet" not in text


@pytest.mark.parametrize("kind", RequestKind)
def test_what_is_not_known_leaves_no_gap(kind: RequestKind) -> None:
    text = letter(kind, About("Region Kalmar", "Kassasystem"))
    assert "None" not in text and "diarienummer" not in text and "den ." not in text
    assert "tryckfrihetsförordningen" in text and "skriftligt beslut" in text
    assert subject(About("Region Kalmar", "Kassasystem")) == (
        "Begäran om allmän handling: Kassasystem"
    )
