"""Find things by fragments of words: "hults ven anna" → Anna at Venhagskolan in Hultsfred.

Every fragment must begin some word of the thing itself or of what it hangs under. The engine picks
candidates by its index; the final order is ours, the same on both engines. A question that finds
nothing is tried once more with its unknown words put right.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm.core.db import db, dialect_name
from crm.search.index import Term, matches
from crm.search.models import KIND_ORDER, SearchDoc
from crm.search.question import Fragment, fragments, is_known, reread
from crm.search.ranking import Hit, hit_of, hit_order, ranked
from crm.search.vocabulary import vocabulary

CANDIDATES = 60  # rows fetched per search to be ranked


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


def get(kind: str, ref_id: int) -> Hit | None:
    """One document as an answer, for what is already known."""
    row = db.session.execute(
        sa.select(*_COLUMNS).where(SearchDoc.kind == kind, SearchDoc.ref_id == ref_id)
    ).first()
    return hit_of(row, 0.0, {}) if row else None


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look, and what to prefer. No kinds means every kind."""

    kinds: tuple[str, ...] = ()
    path: str | None = None
    boosts: frozenset[tuple[str, int]] = frozenset()

    @property
    def body_id(self) -> int | None:
        """The body that the path begins with."""
        first = (self.path or "").strip("/").split("/")[0]
        return int(first) if first.isdigit() else None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What the index itself cannot tell: a path longer than the body's own."""
        if not self.path or self.path.count("/") <= 2:
            return []
        return [SearchDoc.path >= self.path, SearchDoc.path < self.path + "~"]


_COLUMNS = (
    SearchDoc.kind,
    SearchDoc.ref_id,
    SearchDoc.title,
    SearchDoc.subtitle,
    SearchDoc.organisation_id,
    SearchDoc.body_id,
    SearchDoc.path,
    SearchDoc.own_words,
    SearchDoc.extra_words,
    SearchDoc.context_words,
    SearchDoc.weight,
)


def search(asked: Sequence[Fragment], scope: Scope, limit: int) -> list[Hit]:
    """Things that have every fragment in their own name; then with the help of what is above
    them, some of it in their own name; then those that only hang under what was asked for."""
    groups = [fragment.terms for fragment in asked]
    steps: list[tuple[list[list[Term]], list[list[Term]]]] = [([], groups)]
    if len(asked) > 1:
        steps.append((groups, [[term for group in groups for term in group]]))
    steps.append((groups, []))
    rows: dict[tuple[str, int], Any] = {}
    for every, own in steps:
        for row in candidates(asked, scope, every, own):
            rows.setdefault((row.kind, row.ref_id), row)
        if len(rows) >= limit:
            break
    return ranked(rows.values(), asked, scope.boosts)[:limit]


def search_corrected(asked: Sequence[Fragment], scope: Scope, limit: int) -> list[Hit]:
    """The same with the unknown words read as their nearest known ones; when all are known but do
    not go together, with one of them at a time."""
    known = vocabulary()
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
    hits: dict[tuple[str, int], Hit] = {}
    for attempt in attempts:
        if any(new is not old for new, old in zip(attempt, asked, strict=True)):
            for hit in search(attempt, scope, limit):
                hits.setdefault((hit.kind, hit.ref_id), hit)
    return sorted(hits.values(), key=hit_order)[:limit]


def candidates(
    asked: Sequence[Fragment],
    scope: Scope,
    every: Sequence[Sequence[Term]],
    own: Sequence[Sequence[Term]],
    most: int = CANDIDATES,
) -> Sequence[Any]:
    """Rows that fit, the likeliest first by a rough measure that the engine can count out."""
    padded = sa.literal(" ") + SearchDoc.own_words + " "
    rough: Any = sa.literal(0)
    for fragment in asked:
        typed = [form.term.word for form in fragment.forms if not form.corrects][:3]
        whole = sa.or_(
            *(padded.like(f"% {word}{ending} %") for word in typed for ending in ("", "s"))
        )
        rough = rough + sa.case((whole, 2), (padded.like(f"% {fragment.word}%"), 1), else_=0)
    order: list[Any] = [rough.desc(), _kind_rank()]
    if scope.boosts:
        order.insert(0, sa.case((_is_one_of(scope.boosts), 0), else_=1))
    statement = (
        sa.select(*_COLUMNS)
        .where(
            matches(dialect_name(), every, own, kinds=scope.kinds, body_id=scope.body_id),
            *scope.conditions(),
        )
        .order_by(
            *order, SearchDoc.weight.desc(), sa.func.length(SearchDoc.own_words), SearchDoc.id
        )
        .limit(most)
    )
    return db.session.execute(statement).all()


def _kind_rank() -> sa.Case[int]:
    ranks = {kind: rank for rank, kind in enumerate(KIND_ORDER)}
    return sa.case(ranks, value=SearchDoc.kind, else_=len(KIND_ORDER))


def _is_one_of(things: Iterable[tuple[str, int]]) -> sa.ColumnElement[bool]:
    by_kind: dict[str, list[int]] = {}
    for kind, ref_id in sorted(things):
        by_kind.setdefault(kind, []).append(ref_id)
    return sa.or_(
        *(
            sa.and_(SearchDoc.kind == kind, SearchDoc.ref_id.in_(ids))
            for kind, ids in by_kind.items()
        )
    )
