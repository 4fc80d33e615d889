"""How alike two sentences are in what they say: Swedish everyday words, in any order.

Two steps. `like_key` turns a sentence into what is compared: its words without endings, without the
small words, with everyday words for the same thing made one, in order of the alphabet. `likest`
finds the keys that are most like another, `Shelf` does so for many lines in turn. The keys are
stored beside the words, so that a search among tens of thousands reads them ready made.

A key tells what a sentence is about, not what it says of it: "inom 2 timmar" and "inom 48 timmar"
have one key. What two sentences say of it is compared by `same_words`, and by
`crm.rules.comparison.apart`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from crm.rules.words import plain, words

LIKE: Final = 58.0
"""From here on two sentences are shown as alike. Of 100; tried on the pairs in the tests."""

KEY_LENGTH: Final = 300
_ROUGH: Final = 55.0
_LOOKED_AT: Final = 40
_GONE_THROUGH: Final = 5_000  # keys that share a word, before its commonest words are left out
_BEGINNING: Final = 5

_SMALL = frozenset(
    word
    for line in (
        "alla allt an andra annan annat att av bara behov behova behover behovs bli blir bor",
        "da de dem den denna det detta dig din dom du efter eller en ett fa far fick fin",
        "finnas finns for fran fore ga gar genom ger gora ha han har hela hos hur i in",
        "ja jag kan krav kravs kunna lite man maste med men mer mig min mot mycket nar nagon",
        "nagot nagra ni nu och om oss pa sa saga sager samt se sedan ska skall skulle sig sin",
        "som systemet tack till tjansten tycker upp ut vad val var vara vi vid vill",
        "villkor vore losningen leverantoren anbudsgivaren produkten programmet verktyget",
        "mojlighet mojligt a and are be can for has have is it must need needs of on or",
        "should system that the this to we with",
    )
    for word in line.split()
)

# Everyday words for the same thing, by the beginning of the folded word.
_SAME: Final = (
    (("logga", "inlogg", "login", "logon"), "inlogg"),
    (("sso", "engangsinlogg", "singlesign", "samlad"), "inlogg"),
    (("pubavtal", "personuppgiftsbitr", "bitradesavtal"), "pubavtal"),
    (("gdpr", "dataskydd", "personuppgift", "integritetsskydd"), "dataskydd"),
    (("talsynt", "upplas", "hoglas", "lasa", "lase", "last"), "upplas"),
    (("export", "exporter", "skrivut", "laddaner"), "export"),
    (("klasslist", "elevlist"), "klasslist"),
    (("padda", "paddor", "lasplatt", "ipad", "surfplatt"), "surfplatt"),
    (("mobil", "telefon"), "mobil"),
    (("utbildn", "fortbildn", "kompetensutv", "kurs"), "utbildn"),
    (("support", "hjalp", "felanm"), "support"),
    (("tillgang", "wcag", "skarmlas"), "tillgang"),
)

NOT: Final = "inte"
"""What stands in a key for every word that says no."""

_NO = frozenset(
    word
    for line in (
        "inte ej icke aldrig ingen inget inga varken utan",
        "not never without cannot neither nor",
    )
    for word in line.split()
)
_NO_BEGINNINGS = ("forbjud", "otillat", "forbud", "prohibit", "forbid")


def says_no(text: str) -> bool:
    """Whether a text has a word that says no: "får inte lagras", "utan inloggning", "förbjudet"."""
    found = words(text.replace("n't", " not").replace("n’t", " not"))
    return any(word in _NO or word.startswith(_NO_BEGINNINGS) for word in found)


_BLANK = re.compile(r"\s+")


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same word for word: but for case, blanks, and a full stop."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return _BLANK.sub(" ", plain(text)).strip().rstrip(" .;,")


_ENDINGS = (
    *("ernas", "arnas", "ornas", "heterna", "heten", "heter"),
    *("erna", "arna", "orna", "ande", "ende", "aste", "ast", "ade", "are", "het", "ens", "ets"),
    *("en", "et", "er", "ar", "or", "na", "ad", "as", "ns"),
    *("a", "e", "n", "t", "s"),
)
_STEM: Final = 4


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """A folded word as it is compared: "inloggningen" and "logga" → "inlogg"."""
    if word in _NO:
        return NOT
    for beginnings, one in _SAME:
        if word.startswith(beginnings):
            return one
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=4096)
def like_key(text: str) -> str:
    """What is compared of a text, at most 300 characters: "Vi måste kunna logga in" → "inlogg"."""
    kept = {
        _stem(word)
        for word in words(text.replace("-", ""))
        if word not in _SMALL and not word.isdigit()
    }
    return " ".join(sorted(kept or set(words(text))))[:KEY_LENGTH]


def likeness(one: str, other: str) -> float:
    """0 to 100 for two keys. What the shorter lacks counts, but only by half: it may be terser."""
    if not one or not other:
        return 0.0
    alike = fuzz.token_sort_ratio(one, other)
    if min(one.count(" "), other.count(" ")) == 0:  # a single word is in many sentences
        return float(alike)
    return (float(fuzz.token_set_ratio(one, other)) + float(alike)) / 2


def beginnings(key: str, limit: int = 8) -> list[str]:
    """The first letters of a key's longest words: what a database can look for before it is read.

    Whatever is like has at least one of them, but for words that are spelt wrong at the beginning.
    """
    longest = sorted(set(key.split()) - {NOT}, key=lambda word: (-len(word), word))
    return [word[:_BEGINNING] for word in longest[:limit]]


@dataclass(frozen=True, slots=True)
class Like:
    """One that is like: its place in what was searched, and how like it is, 0 to 100."""

    place: int
    score: float


def likest(key: str, keys: Sequence[str], *, limit: int = 5, least: float = LIKE) -> list[Like]:
    """The keys that are most like, best first. A rough look at all, a close one at the best."""
    if not key:
        return []
    rough = process.extract(
        key,
        keys,
        scorer=fuzz.token_set_ratio,
        score_cutoff=_ROUGH,
        limit=_LOOKED_AT,
        processor=None,
    )
    close = [Like(place, likeness(key, found)) for found, _score, place in rough]
    kept = [one for one in close if one.score >= least]
    return sorted(kept, key=lambda one: (-one.score, one.place))[:limit]


class Shelf:
    """Many keys to find the likest in, again and again: by the words they have in common.

    A key is looked at closely where it shares the beginning of a word. Of those, the ones that
    share most and rarest come first, so that a thousand lines among tens of thousands are a matter
    of a second.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._places: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            for beginning in beginnings(key, limit=KEY_LENGTH):
                held = self._places.setdefault(beginning, [])
                if not held or held[-1] != place:
                    held.append(place)

    def likest(self, key: str, *, least: float = LIKE) -> Like | None:
        """The key that is most like, the first of equals; None where none is like enough."""
        found = [
            held
            for beginning in dict.fromkeys(beginnings(key, limit=KEY_LENGTH))
            if (held := self._places.get(beginning))
        ]
        shared: Counter[int] = Counter()
        seen = 0
        for held in sorted(found, key=len):  # the rarest words first: they tell most
            if shared and seen + len(held) > _GONE_THROUGH:
                break
            seen += len(held)
            shared.update(held)
        best: Like | None = None
        for place, _count in shared.most_common(_LOOKED_AT):
            score = likeness(key, self._keys[place])
            if score >= least and (best is None or (-score, place) < (-best.score, best.place)):
                best = Like(place, score)
        return best
