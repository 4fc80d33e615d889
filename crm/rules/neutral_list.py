"""Requirements as they may be given to every supplier alike (F6): what the list says, in Swedish.

A list for a body's own draft or for the answer to a request for information. It names no supplier
and no person; of each requirement it says what it rests on (S14), in figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crm.rules.requirements import Area, Grounds, RequirementKind, RestsOn
from crm.rules.wording import Finding, findings, neutral

SHARED: Final = (
    "Det här underlaget får delas med alla leverantörer. Det nämner ingen leverantör och ingen"
    " person, och myndigheten avgör själv vad av det som kommer till användning."
)

AREAS: Final = {
    Area.FUNCTION: "Funktion",
    Area.INTEGRATION: "Integration",
    Area.DATA_PROTECTION: "Dataskydd",
    Area.SECURITY: "Säkerhet",
    Area.ACCESSIBILITY: "Tillgänglighet",
    Area.OPERATIONS: "Drift",
    Area.SUPPORT: "Support",
    Area.PRICE: "Pris",
    Area.TRAINING: "Utbildning och införande",
}
KINDS: Final = {
    RequirementKind.MUST: "Ska",
    RequirementKind.SHOULD: "Bör",
    RequirementKind.QUESTION: "Fråga",
}

CHECKS: Final = (
    "Säger kravet vad som ska uppnås, och inte hur en viss produkt gör det?",
    "Går det att kontrollera om kravet är uppfyllt? Då finns ett mått, en tid eller ett prov.",
    "Står varje krav för sig? Två krav i en mening blir svåra att svara på.",
    "Är ska-kraven så få att inte fler leverantörer än nödvändigt faller bort?",
    "Nämns ett fabrikat eller varumärke? Stryk det, eller skriv ”eller likvärdigt” (LOU 9:6).",
    "Nämns en standard? Då följer alltid ”eller likvärdigt” (LOU 9:4).",
    "Står kravet i proportion till det som köps (LOU 4:1)?",
    "Har it, dataskydd, arkiv, ekonomi och de som ska använda tjänsten läst listan?",
    "Förstår någon som inte var med vad som menas?",
)
"""The check list that goes along, in plain Swedish."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a requirement that goes into the list."""

    ident: int
    text: str
    kind: RequirementKind
    area: Area
    rests_on: RestsOn
    people: int
    units: int
    weeks: int = 0
    users: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list, numbered "2.3" by area and place."""

    ident: int
    number: str
    kind: str
    text: str
    basis: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one area."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NeutralList:
    """The whole list. `grounds` is how many of its requirements rest on use."""

    title: str
    sections: tuple[Section, ...]
    grounds: Grounds

    @property
    def entries(self) -> list[Entry]:
        return [entry for section in self.sections for entry in section.entries]

    @property
    def grounds_words(self) -> str:
        """How much of it rests on use, as a sentence."""
        if not self.grounds.total:
            return "Listan är tom."
        if self.grounds.from_use == self.grounds.total:
            return "Alla krav bygger på användning."
        if not self.grounds.from_use:
            return "Kraven bygger på vad de tillfrågade väntar sig."
        return (
            f"{self.grounds.from_use} av {self.grounds.total} krav bygger på användning,"
            " de övriga på vad de tillfrågade väntar sig."
        )


def neutral_list(
    title: str,
    known: Iterable[Known],
    *,
    own: Sequence[str],
    brands: Sequence[str] = (),
    people: Sequence[str] = (),
    places: Sequence[str] = (),
) -> NeutralList:
    """Put the list together, by area, must first.

    Our own names are gone from the title and from every line, and from the lines also those of
    `people` and `places`. What else there is to look at in a wording stands in its `findings`.
    """
    found = list(known)
    kinds = list(RequirementKind)
    sections: list[Section] = []
    for area in Area:
        here = sorted(
            (one for one in found if one.area is area),
            key=lambda one: (kinds.index(one.kind), one.ident),
        )
        if not here:
            continue
        number = len(sections) + 1
        entries = []
        for place, one in enumerate(here, start=1):
            text = neutral(one.text, own=own, people=people, places=places)
            entries.append(
                Entry(
                    ident=one.ident,
                    number=f"{number}.{place}",
                    kind=KINDS[one.kind],
                    text=text,
                    basis=basis(one),
                    findings=tuple(findings(text, brands=brands)),
                )
            )
        sections.append(Section(AREAS[area], tuple(entries)))
    from_use = sum(one.rests_on is RestsOn.USE for one in found)
    return NeutralList(neutral(title, own=own), tuple(sections), Grounds(from_use, len(found)))


def basis(one: Known) -> str:
    """What a requirement rests on: "Bygger på användning i upp till 12 veckor. …"."""
    who = _who(one)
    if one.rests_on is RestsOn.EXPECTED:
        return f"Förväntat behov. {who}"
    facts = []
    if one.weeks:
        facts.append(f"i upp till {_count(one.weeks, 'vecka', 'veckor')}")
    if one.users:
        facts.append(f"av {_count(one.users, 'användare', 'användare')}")
    return f"Bygger på användning{' ' if facts else ''}{' '.join(facts)}. {who}"


def _who(one: Known) -> str:
    units = _count(one.units, "enhet", "enheter")
    if not one.people:
        return f"Framfört vid {units}."
    return f"Framfört av {_count(one.people, 'person', 'personer')} vid {units}."


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
