"""Our requirements beside the list of a published tender: matched, new, contradicting (F7).

The list is pasted or read from a file; each line is matched with the requirement that is most like
it. What the numbers, the times and our answer say is weighed then. All of it is a proposal, which a
person confirms or changes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from crm.rules.likeness import Shelf, like_key, says_no
from crm.rules.requirements import AnswerState, RequirementKind


class Verdict(StrEnum):
    """How a line of theirs stands to what we have."""

    MATCHED = "matched"
    NEW = "new"
    CONTRADICTING = "contradicting"


class Clash(StrEnum):
    """Why a line contradicts."""

    NOT_MET = "not_met"  # they must have it, and we have said that we have not
    LATER = "later"  # they must have it, and we have it only from a later day
    NEGATION = "negation"  # one of the two says no, the other does not
    NUMBER = "number"  # another number of the same thing
    HARDER = "harder"  # ours is a wish, theirs a must
    BY_HAND = "by_hand"  # somebody who read both says so


CLASHES: Final = (Clash.NEGATION, Clash.NUMBER, Clash.NOT_MET, Clash.LATER, Clash.HARDER)
"""In the order in which the first that fits is told. HARDER alone contradicts nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of their list. `reference` is their own number of it, as it stands there."""

    text: str
    reference: str = ""
    kind: RequirementKind = RequirementKind.SHOULD


@dataclass(frozen=True, slots=True)
class Ours:
    """A requirement of ours as it is compared. `answer` is None where we have none."""

    ident: int
    text: str
    key: str
    kind: RequirementKind
    answer: AnswerState | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a line. `score` is 0 to 100; 0 without a match."""

    verdict: Verdict
    ours: Ours | None
    score: float
    clash: Clash | None
    words: str = ""  # the two numbers that differ: "99,5 %, 99,9 %"


# --- Reading a list -----------------------------------------------------------------------------

MOST_LINES: Final = 1_000
LONGEST_LINE: Final = 2_000
LONGEST_REFERENCE: Final = 40  # characters; a longer one is said before the words
_REFERENCE = re.compile(
    r"""^\s*(?:[-•*–]\s+
      |(?P<number>(?P<named>(?:krav|req\.?)\s*)?(?P<letters>[A-ZÅÄÖ]{0,4})[-.]?
        (?P<first>\d+)(?P<more>(?:[.\-]\d+)*)[a-z]?)
       (?P<end>[.):](?!\d)|\s*[-–](?!\s*\d)|\s*:|\t|\s(?=\s*\S)))\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_MUST = re.compile(
    r"\b(?:ska|skall|måste|obligatorisk\w*|ska-krav|skallkrav|krav|krävs|kräver|erfordras"
    r"|förutsätts|får (?:endast|bara|inte|ej|enbart)|shall|must|mandatory|required|may only)\b"
    r"|^\s*(?:o|ok|sk)\s*$",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"\b(?:bör|börkrav|bör-krav|önskvärt|önskemål|mervärde\w*|utvärderas|should|desirable)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\?\s*$|^\s*(?:beskriv|redogör|ange hur|describe)\b", re.IGNORECASE)


def kind_of(text: str) -> RequirementKind:
    """Ska-krav, bör-krav or question, by the words: "bör" goes before "ska" where both stand."""
    if _ASKS.search(text):
        return RequirementKind.QUESTION
    if _SHOULD.search(text):
        return RequirementKind.SHOULD
    return RequirementKind.MUST if _MUST.search(text) else RequirementKind.SHOULD


class TooLongError(ValueError):
    """A requirement of more than `LONGEST_LINE` characters: no list, but a text."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        """Which row of the list, from 1."""


def _line(words: str, reference: str, kind: RequirementKind, number: int) -> Line:
    """Raises TooLongError, for what is cut off unseen is lost."""
    if len(reference) > LONGEST_REFERENCE:
        words, reference = f"{reference} {words}", ""
    if len(words) > LONGEST_LINE:
        raise TooLongError(number)
    return Line(words, reference, kind)


def read_list(text: str) -> list[Line]:
    """A pasted list, one requirement to a line; their number at the beginning is told apart.

    A line that is indented and has no number of its own continues the one before. "24 timmar om
    dygnet ska …" begins with a number that is no line's: see `_is_reference`. Raises TooLongError.
    """
    raws = text.splitlines()
    hits = [_REFERENCE.match(raw) for raw in raws]
    numbered = [hit for hit in hits if hit and hit["number"]]
    steps = {
        id(hit)
        for before, hit_after in pairwise(numbered)
        if _place(hit_after) == _next(_place(before))
        for hit in (before, hit_after)
    }
    found: list[Line] = []
    for number, (raw, matched) in enumerate(zip(raws, hits, strict=True), start=1):
        if not raw.strip():
            continue
        hit = matched
        if hit and hit["number"] and not _is_reference(hit, raw, in_steps=id(hit) in steps):
            hit = None
        if found and hit is None and raw[:1] in " \t":
            last = found[-1]
            joined = f"{last.text} {raw.strip()}"
            found[-1] = _line(joined, last.reference, kind_of(joined), number)
            continue
        words = raw[hit.end() :].strip() if hit else raw.strip()
        reference = (hit["number"] or "").strip() if hit else ""
        if not words:
            continue
        found.append(_line(words, reference, kind_of(words), number))
    return found


def _place(hit: re.Match[str]) -> tuple[str, tuple[int, ...]]:
    """Where a number stands among others: "K-12" → ("k", (12,)), "3.1" → ("", (3, 1))."""
    numbers = re.findall(r"\d+", f"{hit['first']}{hit['more']}")
    return hit["letters"].lower(), tuple(map(int, numbers))


def _next(place: tuple[str, tuple[int, ...]]) -> tuple[str, tuple[int, ...]]:
    letters, numbers = place
    return letters, (*numbers[:-1], numbers[-1] + 1)


def _is_reference(hit: re.Match[str], raw: str, *, in_steps: bool) -> bool:
    """Whether what a line begins with is its number in the list, and no part of what it says.

    It is with a mark behind it ("4.", "K-12:"). Without one, "24 timmar", "99.5 %" and "100 GB" say
    how much, and a number is the line's own where the line before or after has the next
    (`in_steps`), where it has parts ("3.1"), or where a sentence begins after it.
    """
    if hit["end"].strip() or hit["end"] == "\t" or hit["named"]:
        return True
    after = raw[hit.end() :]
    unit = _UNIT.match(after)
    if unit and not (unit[0][0].isupper() and unit[0].lower() not in _SYMBOLS):
        return False  # "1 Användare ska …" begins a sentence, "1 användare" counts one
    if in_steps or (hit["more"].startswith(".") and not hit["letters"]):
        return True
    return after[:1].isupper()


_TEXT_HEADS = ("krav", "beskrivning", "text", "requirement", "description", "lydelse", "kravtext")
_REFERENCE_HEADS = ("nr", "id", "nummer", "krav-id", "kravid", "ref", "referens", "no", "number")
_KIND_HEADS = ("typ", "ska/bör", "kravtyp", "prioritet", "kind", "type", "priority", "kategori")


def read_rows(rows: Sequence[Sequence[str]]) -> list[Line]:
    """A list from a table. With heads that are known by them; else the column with most words is
    the text, and what stands before it on a row is its number. Raises TooLongError."""
    filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return []
    heads = [cell.lower() for cell in filled[0]]
    text_at = next((heads.index(one) for one in _TEXT_HEADS if one in heads), None)
    reference_at = next((heads.index(one) for one in _REFERENCE_HEADS if one in heads), None)
    kind_at = next((heads.index(one) for one in _KIND_HEADS if one in heads), None)
    body = filled[1:] if text_at is not None else filled
    if text_at is None:
        width = max(len(row) for row in body)
        text_at = max(
            range(width), key=lambda at: sum(len(row[at]) for row in body if at < len(row))
        )
        reference_at = 0 if text_at > 0 else None
    found = []
    for position, row in enumerate(body, start=len(filled) - len(body) + 1):
        words = row[text_at] if text_at < len(row) else ""
        if not words:
            continue
        said = row[kind_at] if kind_at is not None and kind_at < len(row) else ""
        number = row[reference_at] if reference_at is not None and reference_at < len(row) else ""
        kind = kind_of(said) if said else kind_of(words)
        found.append(_line(words, number, kind, position))
    return found


# --- Comparing ----------------------------------------------------------------------------------

_UNITS: Final = (
    ("%", r"%|procent|percent"),
    ("minuter", r"min(?:uter|ut)?s?|minutes?"),
    ("kronor", r"(?-i:SEK)|kr(?:onor)?"),  # before the seconds: "500 SEK", but "5 sek"
    ("sekunder", r"sek(?:und(?:er)?s?)?|seconds?|s"),
    ("timmar", r"tim(?:mars?|mes?)?|hours?|h"),
    ("arbetsdagar", r"arbetsdag(?:ar)?s?|working days?"),
    ("dagar", r"dagars?|dags?|dygns?|days?"),
    ("veckor", r"veck(?:ors?|as?)|weeks?"),
    ("månader", r"månad(?:er)?s?|months?"),
    ("år", r"år|years?"),
    ("användare", r"användare|users?"),
    ("GB", r"gb|gigabyte"),
    ("MB", r"mb|megabyte"),
)
_SYMBOLS = frozenset({"gb", "mb", "sek", "kr", "h"})
_UNIT = re.compile(
    "(?:" + "|".join(f"(?:{pattern})" for _unit, pattern in _UNITS) + r")(?![a-zåäö])",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(\d{1,3}(?:[   ]\d{3})+|\d+)(?:[.,](\d+))?\s*("
    + "|".join(f"(?:{pattern})" for _unit, pattern in _UNITS)
    + r")(?![a-zåäö])",
    re.IGNORECASE,
)


def amounts(text: str) -> dict[str, set[float]]:
    """The numbers of a text by what they count: "99,5 procent" → {"%": {99.5}}."""
    found: dict[str, set[float]] = {}
    for hit in _AMOUNT.finditer(text):
        whole = re.sub(r"\s", "", hit.group(1))
        value = float(f"{whole}.{hit.group(2) or 0}")
        unit = next(
            name for name, pattern in _UNITS if re.fullmatch(pattern, hit.group(3), re.IGNORECASE)
        )
        found.setdefault(unit, set()).add(value)
    return found


def differing(ours: str, theirs: str) -> str:
    """The first amounts of the same unit that differ, as words: "99,5 %, 99,9 %"; else ""."""
    mine, other = amounts(ours), amounts(theirs)
    for unit in mine:
        if unit in other and mine[unit].isdisjoint(other[unit]):
            return f"{_said(min(mine[unit]), unit)}, {_said(min(other[unit]), unit)}"
    return ""


def _said(value: float, unit: str) -> str:
    return f"{value:g} {unit}".replace(".", ",")


def apart(one: str, other: str) -> tuple[Clash | None, str]:
    """What two texts about the same thing say differently, by their words alone: one of them says
    no, or the numbers differ ("99,5 %, 99,9 %")."""
    if says_no(one) != says_no(other):
        return Clash.NEGATION, ""
    if told := differing(one, other):
        return Clash.NUMBER, told
    return None, ""


def weigh(line: Line, ours: Ours) -> tuple[Verdict, Clash | None, str]:
    """How a line stands to the requirement that it is matched with."""
    clash, words = apart(ours.text, line.text)
    if clash is not None:  # our answer is then to something else
        return Verdict.CONTRADICTING, clash, words
    if line.kind is RequirementKind.MUST:
        if ours.answer is AnswerState.NOT_MET:
            return Verdict.CONTRADICTING, Clash.NOT_MET, ""
        if ours.answer is AnswerState.PLANNED:
            return Verdict.CONTRADICTING, Clash.LATER, ""
    if line.kind is RequirementKind.MUST and ours.kind is RequirementKind.SHOULD:
        return Verdict.MATCHED, Clash.HARDER, ""
    return Verdict.MATCHED, None, ""


def compare(lines: Sequence[Line], ours: Sequence[Ours]) -> list[Proposal]:
    """A proposal for each line, in their order. One of ours may be like several of theirs."""
    shelf = Shelf([one.key for one in ours])
    found = []
    for line in lines:
        best = shelf.likest(like_key(line.text))
        if best is None:
            found.append(Proposal(Verdict.NEW, None, 0.0, None))
            continue
        match = ours[best.place]
        verdict, clash, words = weigh(line, match)
        found.append(Proposal(verdict, match, best.score, clash, words))
    return found
