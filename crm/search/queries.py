"""Find things by fragments of words: "hults ven anna" → Anna at Venhagskolan in Hultsfred.

Every fragment must begin some word of the thing itself or of what it hangs under. The engine picks
candidates by its index; the final order is ours, the same on both engines. A question that finds
nothing is tried once more with its unknown words put right.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from crm.search.candidates import Asked, Scope, candidates, documents
from crm.search.models import KIND_ORDER
from crm.search.question import Fragment, fragments, is_known, reread
from crm.search.ranking import Hit, hit_of, hit_order, ranked
from crm.search.vocabulary import Vocabulary, vocabulary


def find(
    text: str,
    *,
    kinds: Collection[str] | None = None,
    limit: int = 10,
    within_path: str | None = None,
    boost_ids: Collection[tuple[str, int]] = (),
) -> list[Hit]:
    """The best answers, best first.

    `kinds` leaves out other kinds, `within_path` what is not in that subtree. `boost_ids` are
    (kind, ref_id) of things to prefer among good answers: the user's own recent ones.
    """
    asked = fragments(text)
    if not asked or limit < 1:
        return []
    scope = Scope(tuple(sorted(kinds or ())), within_path, frozenset(boost_ids))
    if is_one_letter(asked) and not kinds and not within_path:
        scope = replace(scope, kinds=KIND_ORDER[:1])
    return search(asked, scope, limit) or search_corrected(asked, scope, limit)


def is_one_letter(asked: Sequence[Fragment]) -> bool:
    """A single letter begins a tenth of all names, so it is held against the bodies alone."""
    return len(asked) == 1 and len(asked[0].word) == 1


def some(wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Hit]:
    """Several documents as answers, by kind and id. One statement."""
    return {key: hit_of(row, 0.0, {}) for key, row in documents(wanted).items()}


def search(asked: Sequence[Fragment], scope: Scope, limit: int) -> list[Hit]:
    """Things that have every fragment in their own name; if those are too few, also what has some
    of them in the names above it. At most two statements: the first is usually enough."""
    own, anywhere = in_own_name(asked, scope), in_any_name(asked, scope)
    rows = candidates([own])[0]
    if len(rows) < limit:
        rows += candidates([anywhere])[0]
    return best_of(rows, asked, scope, limit)


def in_own_name(asked: Sequence[Fragment], scope: Scope) -> Asked:
    return Asked(asked, scope, every=[], own=[fragment.terms for fragment in asked])


def in_any_name(asked: Sequence[Fragment], scope: Scope) -> Asked:
    """In its own name or one above it. Of too many the engine takes those that have most of it in
    their own."""
    return Asked(asked, scope, every=[fragment.terms for fragment in asked], own=[])


def best_of(rows: Iterable[Any], asked: Sequence[Fragment], scope: Scope, limit: int) -> list[Hit]:
    """Each thing once, the best first."""
    once = {(row.kind, row.ref_id): row for row in rows}
    return ranked(once.values(), asked, scope.boosts)[:limit]


def search_corrected(asked: Sequence[Fragment], scope: Scope, limit: int) -> list[Hit]:
    """The same with the unknown words read as their nearest known ones. Two statements."""
    attempts = corrections(asked, vocabulary())
    found = candidates([in_any_name(attempt, scope) for attempt in attempts])
    return best_corrected(found, attempts, scope, limit)


def corrections(asked: Sequence[Fragment], known: Vocabulary) -> list[list[Fragment]]:
    """What may have been meant: the unknown words put right; when all are known but do not go
    together, one of them at a time."""
    unknown = [place for place, fragment in enumerate(asked) if not is_known(fragment, known)]
    if len(unknown) > 2:
        return []
    attempts: list[list[Fragment]] = []
    if unknown:
        read = {place: reread(asked[place], known) for place in unknown}
        attempts.append([read.get(place) or old for place, old in enumerate(asked)])
    else:
        for place, old in enumerate(asked[:4]):
            if new := reread(old, known):
                attempts.append([*asked[:place], new, *asked[place + 1 :]])
    return [
        attempt
        for attempt in attempts
        if any(new is not old for new, old in zip(attempt, asked, strict=True))
    ]


def best_corrected(
    found: Sequence[Sequence[Any]],
    attempts: Sequence[Sequence[Fragment]],
    scope: Scope,
    limit: int,
) -> list[Hit]:
    """The best of what all attempts have found."""
    hits: dict[tuple[str, int], Hit] = {}
    for rows, attempt in zip(found, attempts, strict=True):
        for hit in best_of(rows, attempt, scope, limit):
            hits.setdefault((hit.kind, hit.ref_id), hit)
    return sorted(hits.values(), key=hit_order)[:limit]
