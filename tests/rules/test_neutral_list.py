"""The list that every supplier may have (F6): no names, each requirement with what it rests on."""

from crm.rules.neutral_list import SHARED, Known, basis, neutral_list
from crm.rules.requirements import Area, RequirementKind, RestsOn
from crm.rules.wording import Fault

MUST, SHOULD = RequirementKind.MUST, RequirementKind.SHOULD


def known(text: str, **more: object) -> Known:
    facts: dict[str, object] = {
        "ident": 1,
        "kind": SHOULD,
        "area": Area.FUNCTION,
        "rests_on": RestsOn.EXPECTED,
        "people": 2,
        "units": 1,
    }
    return Known(text=text, **(facts | more))  # type: ignore[arg-type]  # the facts of a Known


def test_the_list_goes_by_area_must_first_and_without_our_names() -> None:
    found = neutral_list(
        "Kravunderlag: Klarspår i Hultsfred",
        [
            known("Klarspår visar schemat", ident=1),
            known("En app", ident=2, kind=MUST),
            known("Svar på svenska", ident=3, area=Area.SUPPORT, rests_on=RestsOn.USE),
        ],
        own=("Klarspår",),
    )
    assert found.title == "Kravunderlag: tjänsten i Hultsfred"
    assert [(one.number, one.kind, one.text) for one in found.entries] == [
        ("1.1", "Ska", "En app"),
        ("1.2", "Bör", "Tjänsten visar schemat"),
        ("2.1", "Bör", "Svar på svenska"),
    ]
    assert [section.title for section in found.sections] == ["Funktion", "Support"]
    assert (found.grounds.from_use, found.grounds.total) == (1, 3)
    assert found.grounds_words.startswith("1 av 3 krav bygger på användning")
    assert "alla leverantörer" in SHARED


def test_how_much_rests_on_use_is_said_as_it_is() -> None:
    def said(*rests_on: RestsOn) -> str:
        return neutral_list(
            "x", [known("x", rests_on=one) for one in rests_on], own=()
        ).grounds_words

    assert said(RestsOn.USE, RestsOn.USE) == "Alla krav bygger på användning."
    assert said(RestsOn.EXPECTED) == "Kraven bygger på vad de tillfrågade väntar sig."


def test_nobody_is_named_in_the_list() -> None:
    found = neutral_list(
        "x", [known("Rektor Bo Ek på Solbackaskolan, 070-123 45 67")],
        own=(), people=("Bo Ek",), places=("Solbackaskolan",),
    )  # fmt: skip
    assert [one.text for one in found.entries] == ["Rektor på enheten"]


def test_each_requirement_says_what_it_rests_on() -> None:
    assert basis(known("x")) == "Förväntat behov. Framfört av 2 personer vid 1 enhet."
    assert basis(known("x", people=0, units=3)) == "Förväntat behov. Framfört vid 3 enheter."
    used = known("x", rests_on=RestsOn.USE, weeks=12, users=30, people=1, units=1)
    assert basis(used) == (
        "Bygger på användning i upp till 12 veckor av 30 användare."
        " Framfört av 1 person vid 1 enhet."
    )
    bare = known("x", rests_on=RestsOn.USE)
    assert basis(bare).startswith("Bygger på användning. ")


def test_what_there_is_to_look_at_goes_along_and_stops_nothing() -> None:
    found = neutral_list("Krav", [known("Fungerar på iPad")], own=())
    [entry] = found.entries
    assert entry.text == "Fungerar på iPad"
    assert [one.fault for one in entry.findings] == [Fault.BRAND]


def test_an_empty_list_says_so() -> None:
    found = neutral_list("Krav", [], own=())
    assert found.sections == () and found.grounds_words == "Listan är tom."
