"""How well a row of the index answers a question: the same order on both engines.

A fragment that is a whole word of the thing's own name is worth 1, the beginning of one 0.6 to
0.8, a word of what is above it 0.3 to 0.4. The rest are smaller considerations between equals.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log10
from typing import Any

from crm.rules.words import SMALL_WORDS, fold, spoken_words, words
from crm.search.index import Term, index_word
from crm.search.models import KIND_ORDER
from crm.search.question import Form, Fragment

WHOLE, GENITIVE, BEGUN, BEGUN_SHARE = 1.0, 0.98, 0.6, 0.2
ABOVE_WHOLE, ABOVE_BEGUN = 0.4, 0.3
IN_TITLE, FIRST_IN_TITLE, AS_SPELLED = 0.05, 0.05, 0.08
COVERS_TITLE = 0.5  # how much of the name was asked for: "Lund" is Lunds kommun, not Lundbohem
KIND_BONUS = {"body": 0.3, "unit": 0.15}
WEIGHT_SHARE = 0.03  # per tenfold of inhabitants
BOOST = 0.6  # the user's own recent things

# Words of a title that say little: "Kalmar kommun" is wholly asked for by "kalmar".
GENERIC = {"kommun": 0.0, "stad": 0.0, "ab": 0.2, "aktiebolag": 0.2, "lan": 0.2, "region": 0.3}


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer. `corrected` tells what was read instead of what was typed."""

    kind: str
    ref_id: int
    title: str
    subtitle: str
    organisation_id: int | None
    body_id: int | None
    path: str
    score: float
    corrected: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=8192)
def _title_parts(title: str) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Index words of a title, the same as spelled, and how far they reach in `own_words`."""
    folded = tuple(index_word(word) for word in words(title))
    return folded, spoken_words(title), sum(len(word) + 1 for word in dict.fromkeys(folded))


def ranked(
    rows: Iterable[Any], asked: Sequence[Fragment], boosts: Collection[tuple[str, int]]
) -> list[Hit]:
    """The rows as answers, best first; `boosts` are (kind, ref_id) of what to prefer."""
    hits = []
    for row in rows:
        score, corrected = _score(row, asked)
        if (row.kind, row.ref_id) in boosts:
            score += BOOST
        hit = hit_of(row, score, corrected)
        hits.append((hit_order(hit), hit))
    hits.sort(key=lambda pair: pair[0])
    return [hit for _order, hit in hits]


def hit_of(row: Any, score: float, corrected: Mapping[str, str]) -> Hit:
    return Hit(
        row.kind,
        row.ref_id,
        row.title,
        row.subtitle,
        row.organisation_id,
        row.body_id,
        row.path,
        round(score, 4),
        corrected,
    )


def hit_order(hit: Hit) -> tuple[float, int, str, int]:
    rank = KIND_ORDER.index(hit.kind) if hit.kind in KIND_ORDER else len(KIND_ORDER)
    return -hit.score, rank, fold(hit.title), hit.ref_id


def _score(row: Any, asked: Sequence[Fragment]) -> tuple[float, dict[str, str]]:
    corrected: dict[str, str] = {}
    total = 0.0
    for fragment in asked:
        worth, form = _worth(row, fragment)
        total += worth
        if form is not None and form.corrects:
            corrected[fragment.spoken] = form.term.word
    score = total / len(asked) + COVERS_TITLE * coverage(row.title, asked)
    score += KIND_BONUS.get(row.kind, 0.0)
    score += WEIGHT_SHARE * log10(1 + max(0, row.weight))
    return score, corrected


def _worth(row: Any, fragment: Fragment) -> tuple[float, Form | None]:
    """The best reading of a fragment against one row: its own words, then those above."""
    own = f" {row.own_words} "
    above = f" {row.extra_words} {row.context_words} "
    _folded, spelled, title_end = _title_parts(row.title)
    best, chosen = 0.0, None
    for form in fragment.forms:
        worth, place = own_worth(own, form.term)
        if worth:
            if place < title_end:
                worth += IN_TITLE + (FIRST_IN_TITLE if place == 0 else 0)
        else:
            worth = _above_worth(above, form.term)
        if worth and worth - form.cost > best:
            best, chosen = worth - form.cost, form
    if best and any(word.startswith(fragment.spoken) for word in spelled):
        best += AS_SPELLED
    return best, chosen


def own_worth(own: str, term: Term) -> tuple[float, int]:
    """What a term is worth among own words, and where in them it stands."""
    for written, worth in ((f" {term.word} ", WHOLE), (f" {term.word}s ", GENITIVE)):
        place = own.find(written)
        if place >= 0 and (worth == WHOLE or not term.whole):
            return worth, place
    place = -1 if term.whole else own.find(f" {term.word}")
    if place < 0:
        return 0.0, -1
    length = own.index(" ", place + 1) - place - 1
    return BEGUN + BEGUN_SHARE * len(term.word) / length, place


def _above_worth(above: str, term: Term) -> float:
    if f" {term.word} " in above or (not term.whole and f" {term.word}s " in above):
        return ABOVE_WHOLE
    return ABOVE_BEGUN if not term.whole and f" {term.word}" in above else 0.0


def coverage(title: str, asked: Sequence[Fragment]) -> float:
    """The share of a title that was asked for, 0–1, its words weighed by what they tell."""
    folded, _spelled, _end = _title_parts(title)
    asked_for = whole = 0.0
    for word in folded:
        worth = 0.05 if word in SMALL_WORDS else GENERIC.get(word.removesuffix("s"), 1.0)
        whole += worth
        asked_for += worth * max(
            (_share(word, form) for fragment in asked for form in fragment.forms), default=0.0
        )
    return asked_for / whole if whole else 0.0


def _share(word: str, form: Form) -> float:
    typed = form.term.word
    if word in {typed, f"{typed}s"}:
        return 1.0 - form.cost
    if form.term.whole or not word.startswith(typed):
        return 0.0
    return max(0.0, len(typed) / len(word) - form.cost)
