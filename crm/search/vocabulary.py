"""All words of the index in memory, to put a typing error right.

One copy per process and database. A count and a sum of checksums, asked for only when a question
finds nothing, tell whether it is still the same set.
"""

from bisect import bisect_left
from functools import cached_property
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA

from crm.core.db import db
from crm.search.index import Term
from crm.search.models import SearchWord

MOST = 12  # readings of one mistyped word that are tried
SHORTEST = 4  # a shorter word has too many neighbours for a guess to mean anything


class Vocabulary:
    """The words, sorted, and what can be asked of them."""

    def __init__(self, words: list[str]) -> None:
        self.words = sorted(set(words))
        self._beginnings: dict[int, list[str]] = {}

    def knows(self, beginning: str) -> bool:
        """Whether any word begins so. Numbers are not kept, so of them nothing is known."""
        if not beginning.isalpha() or len(beginning) < 3:
            return True
        place = bisect_left(self.words, beginning)
        return place < len(self.words) and self.words[place].startswith(beginning)

    def near(self, word: str) -> list[Term]:
        """Words, or beginnings of words, one typing error away: one letter too many, missing,
        wrong, or two swapped. Whole words first, then those with the same first letter."""
        if len(word) < SHORTEST or not word.isalpha():
            return []
        whole = [Term(found, whole=True) for found in self._one_off(word, self._of_length(word))]
        begun = []
        if len(word) > SHORTEST:
            for length in (len(word), len(word) + 1, len(word) - 1):
                begun += [Term(found) for found in self._one_off(word, self._cut(length))]
        found: dict[str, Term] = {}
        for term in sorted(whole, key=lambda term: _nearness(word, term)) + sorted(
            begun, key=lambda term: _nearness(word, term)
        ):
            found.setdefault(term.word, term)
        return list(found.values())[:MOST]

    def holding(self, part: str) -> list[Term]:
        """Words with this inside: "hagskolan" → "venhagskolan". The shortest first."""
        if len(part) < SHORTEST or not part.isalpha():
            return []
        found = [word for word in self._among(part) if part in word]
        return [Term(word, whole=True) for word in sorted(found, key=lambda w: (len(w), w))[:MOST]]

    def _among(self, part: str) -> list[str]:
        """Blocks of the joined text are looked through in C; most words are never touched."""
        return [word for block in self._blocks if part in block for word in block.split()]

    @cached_property
    def _blocks(self) -> list[str]:
        starts = range(0, len(self.words), 64)
        return [" ".join(self.words[start : start + 64]) for start in starts]

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for word in self.words:
            found.setdefault(len(word), []).append(word)
        return found

    def _of_length(self, word: str) -> list[str]:
        size = len(word)
        return [w for near in (size - 1, size, size + 1) for w in self._by_length.get(near, ())]

    def _cut(self, length: int) -> list[str]:
        if length not in self._beginnings:
            self._beginnings[length] = sorted(
                {word[:length] for word in self.words if len(word) > length}
            )
        return self._beginnings[length]

    @staticmethod
    def _one_off(word: str, choices: list[str]) -> list[str]:
        rows = process.extract(word, choices, scorer=OSA.distance, score_cutoff=1, limit=None)
        return [found for found, _distance, _place in rows]


def _nearness(word: str, term: Term) -> tuple[bool, bool, str]:
    same_letters = sorted(word) == sorted(term.word)  # two swapped: the commonest slip
    return word[0] != term.word[0], not same_letters, term.word


_KEPT: WeakKeyDictionary[sa.Engine, tuple[tuple[int, int], Vocabulary]] = WeakKeyDictionary()


def vocabulary() -> Vocabulary:
    """The words of the database in use, read anew only when the set has changed."""
    connection = db.session.connection()
    count, total = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(SearchWord.mark), 0)).select_from(
            SearchWord
        )
    ).one()
    mark = (int(count), int(total))
    kept = _KEPT.get(connection.engine)
    if kept is None or kept[0] != mark:
        kept = (mark, Vocabulary(list(connection.scalars(sa.select(SearchWord.word)))))
        _KEPT[connection.engine] = kept
    return kept[1]
