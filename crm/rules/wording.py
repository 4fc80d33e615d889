"""What in a requirement's wording an authority could not use as it stands, and what to say instead.

Pointed out and never forbidden: the one who writes decides. The rules behind it:

- A requirement may not name a make, trade mark, patent, type, origin or way of making where that
  favours or disfavours somebody; where it cannot be avoided, "eller likvärdigt" follows each time
  (LOU 9 kap. 6 §). A reference to a standard is always followed by it (9 kap. 4 §).
- It must be possible to see what is asked for, and to check whether it is met: words of degree and
  praise cannot be checked (LOU 4 kap. 1 §: transparency; 9 kap. 1 §).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Fault(StrEnum):
    """What is the matter with some words."""

    OWN = "own"  # our own name or product
    PERSON = "person"  # somebody's name, number or address
    BRAND = "brand"  # somebody else's make or trade mark
    MARK = "mark"  # ®, ™, "patent"
    ORIGIN = "origin"  # where or how it is made
    STANDARD = "standard"  # a standard without "eller likvärdigt"
    SUPERLATIVE = "superlative"
    VAGUE = "vague"


EQUIVALENT: Final = "eller likvärdigt"

LAW: Final[dict[Fault, str]] = {
    Fault.OWN: "LOU 9 kap. 6 §",
    Fault.PERSON: "dataskyddsförordningen artikel 5.1 c",
    Fault.BRAND: "LOU 9 kap. 6 §",
    Fault.MARK: "LOU 9 kap. 6 §",
    Fault.ORIGIN: "LOU 9 kap. 6 §",
    Fault.STANDARD: "LOU 9 kap. 4 §",
    Fault.SUPERLATIVE: "LOU 4 kap. 1 §",
    Fault.VAGUE: "LOU 4 kap. 1 §",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Some words of a text, from `start` until before `end`.

    `instead` is what may be written in their place, in Swedish; empty where only a number or a
    description that nobody but the writer knows will do.
    """

    start: int
    end: int
    words: str
    fault: Fault
    instead: str

    @property
    def law(self) -> str:
        """The provision behind it."""
        return LAW[self.fault]


# Trade marks that are named often in requirements for software, and what to say in their place.
# One's own installation adds to them.
BRANDS: Final[dict[str, str]] = {
    "Microsoft 365": "kommunens kontorsprogram",
    "Office 365": "kommunens kontorsprogram",
    "Microsoft Teams": "kommunens mötes- och samarbetsverktyg",
    "Microsoft Entra": "kommunens identitetshantering",
    "Microsoft Word": "ett vanligt ordbehandlingsprogram",
    "Microsoft Excel": "ett vanligt kalkylprogram",
    "Microsoft": "den plattform som används",
    "Teams": "kommunens mötes- och samarbetsverktyg",
    "Azure AD": "kommunens identitetshantering",
    "Azure": "molntjänst",
    "SharePoint": "kommunens dokumenthantering",
    "OneDrive": "kommunens fillagring",
    "Windows": "de operativsystem som används",
    "Excel": "ett vanligt kalkylprogram",
    "PowerPoint": "ett vanligt presentationsprogram",
    "Google Classroom": "den lärplattform som används",
    "Google Workspace": "kommunens kontorsprogram",
    "Google Docs": "ett vanligt ordbehandlingsprogram",
    "Google": "den plattform som används",
    "Chromebook": "bärbar dator",
    "Chrome": "vanliga webbläsare i aktuell version",
    "Safari": "vanliga webbläsare i aktuell version",
    "Firefox": "vanliga webbläsare i aktuell version",
    "iPad": "surfplatta",
    "iPhone": "mobiltelefon",
    "iOS": "de operativsystem som används",
    "Android": "de operativsystem som används",
    "macOS": "de operativsystem som används",
    "Macbook": "bärbar dator",
    "Apple": "den plattform som används",
    "Zoom": "ett verktyg för videomöten",
    "Skype": "ett verktyg för videomöten",
    "Slack": "ett verktyg för meddelanden",
    "BankID": "e-legitimation på angiven tillitsnivå",
    "Freja": "e-legitimation på angiven tillitsnivå",
    "Skolfederation": "en identitetsfederation",
    "Skolon": "kommunens portal för digitala läromedel",
    "SchoolSoft": "det elevsystem som används",
    "Unikum": "den lärplattform som används",
    "Vklass": "den lärplattform som används",
    "InfoMentor": "den lärplattform som används",
    "Quiculum": "det elevsystem som används",
    "Edlevo": "det elevsystem som används",
    "Canvas": "den lärplattform som används",
    "itslearning": "den lärplattform som används",
    "Moodle": "den lärplattform som används",
    "Kahoot": "ett verktyg för frågesporter",
    "Adobe": "program för layout och bild",
    "Photoshop": "program för bildbehandling",
    "Oracle": "databashanterare",
    "SAP": "kommunens ekonomisystem",
    "Raindance": "kommunens ekonomisystem",
    "Visma": "kommunens ekonomi- eller personalsystem",
}

_STANDARD = re.compile(
    r"\b(?:(?:SS[- ]?)?(?:EN[- ]?)?(?:ISO|IEC)(?:/IEC)?[- ]?\d[\d\-:.]*|EN[- ]?\d{3}[ ]?\d{3}"
    r"|SS[- ]?\d{3,}[\d\-:]*|WCAG[ ]?\d(?:\.\d)?(?:[ ](?:nivå[ ])?A{1,3})?|SAML[ ]?2(?:\.0)?"
    r"|OpenID[ ]Connect|SCIM[ ]?2?(?:\.0)?|LTI[ ]?1\.\d|SS[ ]?12000)(?![\w])",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\S*[®™]|\bpatent(?:erad|erat|erade|et)?\b", re.IGNORECASE)
_ORIGIN = re.compile(
    r"\b(?:svensk|tysk|amerikansk|europeisk|nordisk|kinesisk)"
    r"(?:t|a)?[- ]?(?:tillverkad|tillverkade|tillverkat|producerad|producerade|leverantör"
    r"|leverantörer|företag|fabrikat)\b"
    r"|\b(?:tillverka|utveckla|producera)[dt]e? i (?:Sverige|Norden|EU|USA)\b",
    re.IGNORECASE,
)
_SUPERLATIVE = re.compile(
    r"\b(?:marknadsledande|världsledande|branschledande|ledande|unika?|unikt|innovativ[at]?"
    r"|revolutionerande|bäst[ae]?|främst[ae]?|modernast[ae]?|smidigast[ae]?|snabbast[ae]?"
    r"|enklast[ae]?|högsta möjliga|bästa möjliga|oslagbar[at]?|överlägs(?:en|et|na)"
    r"|i världsklass|state of the art|best in class|market[- ]leading|world[- ]class"
    r"|cutting[- ]edge)\b",
    re.IGNORECASE,
)
_VAGUE: Final[dict[str, str]] = {
    "användarvänlig": "en ny användare klarar [uppgift] utan hjälp inom [antal] minuter",
    "användarvänligt": "en ny användare klarar [uppgift] utan hjälp inom [antal] minuter",
    "användarvänliga": "en ny användare klarar [uppgift] utan hjälp inom [antal] minuter",
    "lättanvänd": "en ny användare klarar [uppgift] utan hjälp inom [antal] minuter",
    "lättanvänt": "en ny användare klarar [uppgift] utan hjälp inom [antal] minuter",
    "enkel": "i högst [antal] steg",
    "enkelt": "i högst [antal] steg",
    "enkla": "med högst [antal] steg",
    "intuitiv": "en ny användare klarar [uppgift] utan utbildning",
    "intuitivt": "en ny användare klarar [uppgift] utan utbildning",
    "snabb": "inom [antal] sekunder",
    "snabbt": "inom [antal] sekunder",
    "snabba": "inom [antal] sekunder",
    "modern": "",
    "modernt": "",
    "moderna": "",
    "flexibel": "",
    "flexibelt": "",
    "flexibla": "",
    "smidig": "i högst [antal] steg",
    "smidigt": "i högst [antal] steg",
    "robust": "tillgänglig [antal] procent av tiden, mätt per månad",
    "tillräcklig": "minst [antal]",
    "tillräckligt": "minst [antal]",
    "rimlig": "inom [antal] dagar",
    "rimligt": "inom [antal] dagar",
    "rimlig tid": "[antal] arbetsdagar",
    "god": "",
    "goda": "",
    "hög tillgänglighet": "tillgänglig [antal] procent av tiden, mätt per månad",
    "hög säkerhet": "",
    "vid behov": "när [villkor]",
    "i möjligaste mån": "",
    "så långt som möjligt": "",
    "med mera": "",
    "m.m.": "",
    "etc.": "",
    "omgående": "inom [antal] timmar",
    "snarast": "inom [antal] timmar",
    "bra": "",
    "lämplig": "",
    "lämpligt": "",
    "user-friendly": "en ny användare klarar [uppgift] utan hjälp inom [antal] minuter",
}
_EQUIVALENT = re.compile(
    r"(?:[\s,)]|i aktuell version){0,3}(?:eller|el\.|or)\s+(?:motsvarande\s+|en\s+)?"
    r"(?:likvärdig(?:t|a)?|equivalent)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=8)
def _names(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of the names as a whole word, the longest first, with a Swedish genitive or plural."""
    if not names:
        return None
    longest = sorted(names, key=lambda name: (-len(name), name))
    joined = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest)
    return re.compile(rf"(?<![\w-])(?:{joined})(?:s|:s|ar|or|en|erna|er)?(?![\w])", re.IGNORECASE)


_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w+])(?:\+46[\s-]?(?:\(0\))?|0)\d{1,3}(?:[\s/-]{0,3}\d{2,3}){2,4}(?![\w])"
)
_TITLES = (
    "rektor lärare förskollärare speciallärare specialpedagog skolsköterska handläggare upphandlare"
    " inköpare samordnare bibliotekarie sjuksköterska undersköterska kommundirektör enhetschef"
    " områdeschef verksamhetschef förvaltningschef skolchef it-chef it-strateg utvecklingsledare"
    " systemförvaltare"
)
_TITLED = re.compile(
    r"(?P<title>\b(?i:" + "|".join(_TITLES.split()) + r")(?:n|en|s|ns|ens)?)\s+"
    r"(?P<name>[A-ZÅÄÖÉ][\w'’-]+\s+[A-ZÅÄÖÉ][\w'’-]+)"
)
"""A title and two names after it: "rektor Eva Bergqvist"."""


@lru_cache(maxsize=1)
def _vague() -> re.Pattern[str]:
    joined = "|".join(re.escape(one) for one in sorted(_VAGUE, key=len, reverse=True))
    return re.compile(rf"(?<![\w])(?:{joined})(?![\w])", re.IGNORECASE)


def findings(text: str, *, own: Sequence[str] = (), brands: Sequence[str] = ()) -> list[Finding]:
    """What to point out in a text, in its order and without overlap.

    `own` are our own names and products, `brands` the trade marks that this installation has added.
    A make, a trade mark or a standard that "eller likvärdigt" follows is left alone, but not our
    own name: that is to stand nowhere in what every supplier may be given.
    """
    found: list[Finding] = []
    for pattern, fault in (
        (_names(tuple(own)), Fault.OWN),
        (_CONTACT, Fault.PERSON),
        (_TITLED, Fault.PERSON),
        (_names(tuple(brands)), Fault.BRAND),
        (_names(tuple(BRANDS)), Fault.BRAND),
        (_MARKS, Fault.MARK),
        (_STANDARD, Fault.STANDARD),
        (_ORIGIN, Fault.ORIGIN),
        (_SUPERLATIVE, Fault.SUPERLATIVE),
        (_vague(), Fault.VAGUE),
    ):
        for hit in pattern.finditer(text) if pattern else ():
            if fault is Fault.BRAND and _is_common(hit.group()):
                continue
            if fault in _EXCUSED and _EQUIVALENT.match(text, hit.end()):
                continue
            if any(hit.start() < one.end and one.start < hit.end() for one in found):
                continue
            instead = _instead(hit.group(), fault)
            found.append(Finding(hit.start(), hit.end(), hit.group(), fault, instead))
    return sorted(found, key=lambda one: one.start)


_EXCUSED = (Fault.BRAND, Fault.STANDARD, Fault.MARK)
_ALSO_WORDS = frozenset({"teams", "canvas", "zoom", "slack", "windows", "apple", "excel", "safari"})


def _is_common(words: str) -> bool:
    """Whether it is a word of the language as it stands here: "canvas" is, "Canvas" is not."""
    return words in _ALSO_WORDS


def _instead(words: str, fault: Fault) -> str:
    match fault:
        case Fault.BRAND:
            generic = next(
                (said for name, said in BRANDS.items() if words.lower().startswith(name.lower())),
                "",
            )
            named = f"{words} {EQUIVALENT}"
            return f"{generic}, eller om det inte går att beskriva: {named}" if generic else named
        case Fault.STANDARD:
            return f"{words} {EQUIVALENT}"
        case Fault.MARK | Fault.ORIGIN:
            return f"vad det ska klara, eller om det inte går att beskriva: {words} {EQUIVALENT}"
        case Fault.PERSON:
            return "ingenting, eller rollen"
        case Fault.OWN:
            return "tjänsten"
        case Fault.VAGUE:
            return _VAGUE.get(words.lower(), "")
        case _:
            return ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `finding` where there is something to point out in it."""

    text: str
    finding: Finding | None = None


def pieces(text: str, found: Iterable[Finding]) -> list[Piece]:
    """The text in stretches, to be shown with what is pointed out in its place."""
    shown: list[Piece] = []
    at = 0
    for one in found:
        if one.start > at:
            shown.append(Piece(text[at : one.start]))
        shown.append(Piece(text[one.start : one.end], one))
        at = one.end
    if at < len(text):
        shown.append(Piece(text[at:]))
    return shown


_FORM: Final = re.compile(
    r"^aktiebolaget\s+|[\s,]+(?:AB|Aktiebolag|HB|KB|Handelsbolag|Kommanditbolag|Ltd|GmbH|ApS|AS|Oy)"
    r"(?:\s*\(publ\))?\s*$|\s*\(publ\)\s*$",
    re.IGNORECASE,
)


def without_form(name: str) -> str:
    """A company's name as people say it: "Läsverktyg i Norden AB" → "Läsverktyg i Norden".

    As it is where nothing else would be left.
    """
    return _FORM.sub("", name).strip() or name


def neutral(
    text: str, *, own: Sequence[str], people: Sequence[str] = (), places: Sequence[str] = ()
) -> str:
    """The text as every supplier may have it: our own names replaced by "tjänsten" (F6).

    Telephone numbers and mail addresses are gone, and so are names: those of `people`, those that
    follow a title, and those of `places`. Nothing else is changed: what a make or a vague word
    stands for, only the writer knows.
    """
    return _without_people(_replaced(text, own, "tjänsten"), people, places)


def _without_people(text: str, people: Sequence[str], places: Sequence[str]) -> str:
    text = _TITLED.sub(r"\g<title>", text)
    text = _replaced(text, people, "en medarbetare")
    text = _replaced(text, places, "enheten")
    without = _CONTACT.sub("", text)
    if without == text:
        return text
    without = re.sub(r"\(\s*[,;]?\s*\)", "", without)
    without = re.sub(r"(?:\s*[,;:])+(?=\s*(?:[.,;]|$))", "", without)
    return re.sub(r"\s+(?=[.,;:)])", "", re.sub(r"[ \t]{2,}", " ", without)).strip()


def _replaced(text: str, names: Sequence[str], instead: str) -> str:
    """Other words for the names, in the genitive and with a capital where those stood so."""
    pattern = _names(tuple(names))
    if pattern is None:
        return text

    def said(hit: re.Match[str]) -> str:
        before = text[: hit.start()].rstrip()
        word = f"{instead}s" if _is_genitive(hit.group(), names) else instead
        return word.capitalize() if not before or before.endswith((".", "!", "?")) else word

    return pattern.sub(said, text)


def _is_genitive(words: str, names: Sequence[str]) -> bool:
    return words.lower().rstrip(":").endswith("s") and words.lower() not in {
        name.lower() for name in names
    }
