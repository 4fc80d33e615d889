"""Names of people: which are given names, how a name is written, how alike two of them are."""

import re
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from crm.rules.words import fold, words

_GIVEN_NAMES = Path(__file__).with_name("data") / "given_names.txt"


@cache
def given_names() -> frozenset[str]:
    """Common first names in Sweden, folded. A help to guess where a person's name begins."""
    return frozenset(words(_GIVEN_NAMES.read_text(encoding="utf-8")))


def is_given_name(word: str) -> bool:
    return fold(word) in given_names()


def display_name(text: str) -> str:
    """A typed name with capitals where it has none: "lisa af berg" → "Lisa af Berg"."""
    small = {"af", "von", "de", "van", "der", "la", "och", "i", "på", "vid"}
    parts = re.split(r"(\s+|-)", text.strip())
    if any(sign.isupper() for sign in text):
        return " ".join(text.split())
    shown = "".join(
        part if part in small and number else part[:1].upper() + part[1:]
        for number, part in enumerate(parts)
    )
    return " ".join(shown.split())


def _name_words(name: str) -> tuple[str, ...]:
    """Surname first is turned: "Berg, Anna" → ("anna", "berg")."""
    before, comma, after = name.partition(",")
    return words(f"{after} {before}" if comma else name)


_SOUNDS = (("ch", "k"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("w", "v"), ("c", "k"), ("z", "s"))


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    """A rough key of how a name sounds: Michael and Mikael, Christina and Kristina are one."""
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    word = re.sub(r"kha|kae", "kae", re.sub(r"(.)\1", r"\1", word))
    return re.sub(r"son$|sen$", "son", word)


def name_similarity(one: str, other: str) -> int:
    """How alike two names are, 0–100, whatever their order, marks and hyphens.

    Spellings that sound alike are 95 ("Michael", "Mikael"). One given name of two is enough ("Anna
    Berg", "Anna-Karin Berg": 92), and so is an initial ("A Berg": 90). Two known given names that
    differ are two people, however near ("Erik", "Erika").
    """
    a, b = _name_words(one), _name_words(other)
    if not a or not b:
        return 0
    if sorted(a) == sorted(b) or "".join(a) == "".join(b):
        return 100
    if sorted(map(_sound, a)) == sorted(map(_sound, b)):
        return 95
    short, long = sorted((a, b), key=len)
    if len(short) >= 2 and _sound(short[-1]) == _sound(long[-1]):
        if set(map(_sound, short)) <= set(map(_sound, long)):
            return 92
        if short[0][0] == long[0][0] and 1 in {len(short[0]), len(long[0])}:
            return 90
    whole = fuzz.ratio(" ".join(sorted(a)), " ".join(sorted(b)))
    if len(a) == len(b):  # each word must be alike: "Anna Berg" and "Anna Borg" are two people
        pairs = zip(sorted(a), sorted(b), strict=True)
        whole = min(whole, *(JaroWinkler.similarity(x, y) * 100 for x, y in pairs))
    if a[0] != b[0] and {a[0], b[0]} <= given_names():
        whole = min(whole, 80)
    return round(whole)


def name_blocks(name: str) -> frozenset[str]:
    """How the words of a name begin, as they sound: names that share none are not held against
    each other where there are thousands, for to be alike one of their words must be."""
    return frozenset(_sound(word)[:2] for word in _name_words(name))


SAME_NAME = 90  # from here on two names are shown as perhaps the same
