"""A published list read, and compared with ours (F7)."""

import pytest

from crm.rules.comparison import (
    Clash,
    Line,
    Ours,
    Verdict,
    amounts,
    compare,
    differing,
    kind_of,
    read_list,
    read_rows,
)
from crm.rules.likeness import like_key
from crm.rules.requirements import AnswerState, RequirementKind

MUST, SHOULD = RequirementKind.MUST, RequirementKind.SHOULD


def ours(
    text: str, *, kind: RequirementKind = MUST, answer: AnswerState | None = None, ident: int = 1
) -> Ours:
    return Ours(ident, text, like_key(text), kind, answer)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tjänsten ska ha svensk text", MUST),
        ("Leverantören skall svara", MUST),
        ("Det bör finnas en app", SHOULD),
        ("Tjänsten bör kunna, och ska då, visa mer", SHOULD),
        ("Hur hanteras avvikelser?", RequirementKind.QUESTION),
        ("Beskriv er support", RequirementKind.QUESTION),
        ("BankID krävs", MUST),
        ("Uppgifter får endast lagras inom EU", MUST),
        ("Svensk text", SHOULD),
    ],
)
def test_the_words_say_whether_it_is_a_must(text: str, kind: RequirementKind) -> None:
    assert kind_of(text) is kind


def test_a_pasted_list_is_read_line_by_line_with_its_numbers() -> None:
    found = read_list(
        "3.1 Tjänsten ska visa schemat\n\nK-12: Det bör finnas en app\n"
        "- Supporten svarar på svenska\n    även på sommaren\nUtan nummer ska den synas\n4.\n"
    )
    assert [(one.reference, one.text) for one in found] == [
        ("3.1", "Tjänsten ska visa schemat"),
        ("K-12", "Det bör finnas en app"),
        ("", "Supporten svarar på svenska även på sommaren"),
        ("", "Utan nummer ska den synas"),
    ]
    assert [one.kind for one in found] == [MUST, SHOULD, SHOULD, MUST]
    assert read_list(" \n\n") == []


@pytest.mark.parametrize(
    ("text", "reference", "words"),
    [
        ("24 timmars support ska finnas", "", "24 timmars support ska finnas"),
        ("30 dagar ska data sparas", "", "30 dagar ska data sparas"),
        ("30 – 40 dagar ska data sparas", "", "30 – 40 dagar ska data sparas"),
        ("99.5 % tillgänglighet ska gälla", "", "99.5 % tillgänglighet ska gälla"),
        ("100 GB lagring ska ingå", "", "100 GB lagring ska ingå"),
        ("8-16 på vardagar ska supporten svara", "", "8-16 på vardagar ska supporten svara"),
        ("SS12000 ska stödjas", "", "SS12000 ska stödjas"),
        ("1 Användare ska kunna logga in", "1", "Användare ska kunna logga in"),
        ("3.1 visa schemat", "3.1", "visa schemat"),
        ("4. visa schemat", "4", "visa schemat"),
        ("5\tvisa schemat", "5", "visa schemat"),
        ("Krav 7 visa schemat", "Krav 7", "visa schemat"),
    ],
)
def test_a_number_is_the_lines_own_where_it_says_nothing_else(
    text: str, reference: str, words: str
) -> None:
    [found] = read_list(text)
    assert (found.reference, found.text) == (reference, words)


def test_numbers_in_steps_are_the_lines_own_whatever_follows() -> None:
    found = read_list("1 systemet ska visa schemat\n2 supporten ska svara\n48 timmar är för länge")
    assert [one.reference for one in found] == ["1", "2", ""]
    assert found[2].text == "48 timmar är för länge"


def test_a_table_is_read_by_its_heads() -> None:
    found = read_rows(
        [["Nr", "Krav", "Typ"], ["1", "Visa schemat", "Ska"], ["2", "En app", "Bör"], ["3", "", ""]]
    )
    assert found == [Line("Visa schemat", "1", MUST), Line("En app", "2", SHOULD)]


def test_a_table_without_heads_is_read_by_its_longest_column() -> None:
    found = read_rows([["1", "Tjänsten ska visa schemat"], ["2", "Det bör finnas en app"]])
    assert [(one.reference, one.kind) for one in found] == [("1", MUST), ("2", SHOULD)]
    assert read_rows([]) == [] and read_rows([["", " "]]) == []


def test_amounts_are_read_with_their_units() -> None:
    assert amounts("99,5 procent, inom 4 timmar, 1 500 användare och 3 st") == {
        "%": {99.5},
        "timmar": {4.0},
        "användare": {1500.0},
    }
    assert differing("Tillgänglig 99,5 %", "Tillgänglig 99,9 procent") == "99,5 %, 99,9 %"
    assert differing("inom 4 timmar", "inom 4 h, 99 %") == ""
    assert differing("Tre dagar", "Fem dagar") == ""
    assert differing("24 timmars support", "12 h support") == "24 timmar, 12 timmar"


def test_kronor_are_no_seconds() -> None:
    assert amounts("500 SEK, 5 sek, 7 s, 1 500 kr") == {
        "kronor": {500.0, 1500.0},
        "sekunder": {5.0, 7.0},
    }
    assert differing("Svar inom 10 sekunder", "Högst 500 SEK") == ""


@pytest.mark.parametrize(
    ("theirs", "mine", "verdict", "clash"),
    [
        ("Klasslistor ska hämtas automatiskt", ours("Klasslistor hämtas automatiskt"),
         Verdict.MATCHED, None),
        ("Klasslistor ska hämtas automatiskt",
         ours("Klasslistor hämtas automatiskt", answer=AnswerState.NOT_MET),
         Verdict.CONTRADICTING, Clash.NOT_MET),
        ("Klasslistor bör hämtas automatiskt",
         ours("Klasslistor hämtas automatiskt", answer=AnswerState.NOT_MET),
         Verdict.MATCHED, None),
        ("Klasslistor ska hämtas automatiskt",
         ours("Klasslistor hämtas automatiskt", answer=AnswerState.PLANNED),
         Verdict.CONTRADICTING, Clash.LATER),
        ("Supporten ska svara inom 2 timmar", ours("Supporten svarar inom 4 timmar"),
         Verdict.CONTRADICTING, Clash.NUMBER),
        ("Personuppgifter ska lagras utanför EU",
         ours("Personuppgifter ska inte lagras utanför EU"),
         Verdict.CONTRADICTING, Clash.NEGATION),
        ("Eleven ska inte kunna få text uppläst",
         ours("Eleven ska kunna få text uppläst", answer=AnswerState.PLANNED),
         Verdict.CONTRADICTING, Clash.NEGATION),
        ("Uppgifter får ej delas med andra", ours("Uppgifter får inte delas med andra"),
         Verdict.MATCHED, None),
        ("Klasslistor ska hämtas automatiskt", ours("Klasslistor hämtas automatiskt", kind=SHOULD),
         Verdict.MATCHED, Clash.HARDER),
        ("Leverantören ska ha en ansvarsförsäkring", ours("Klasslistor hämtas automatiskt"),
         Verdict.NEW, None),
    ],
)  # fmt: skip
def test_a_line_is_matched_new_or_contradicting(
    theirs: str, mine: Ours, verdict: Verdict, clash: Clash | None
) -> None:
    [found] = compare(read_list(theirs), [mine])
    assert (found.verdict, found.clash) == (verdict, clash)
    assert (found.ours is None) is (verdict is Verdict.NEW)


def test_each_line_gets_the_one_that_is_most_like() -> None:
    mine = [
        ours("Text läses upp för eleven", ident=1),
        ours("Klasslistor hämtas automatiskt från elevregistret", ident=2),
    ]
    found = compare(
        read_list("Klasslistor ska hämtas från elevregistret\nTexten ska läsas upp"), mine
    )
    assert [one.ours.ident if one.ours else None for one in found] == [2, 1]
