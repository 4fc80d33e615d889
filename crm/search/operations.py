"""Keep the index as things are named, renamed, moved and removed."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from crm.core.db import db, dialect_name
from crm.search.index import Term, index_words, matches, scope_words
from crm.search.models import NAMED_BY_PLACE, NODE_KINDS, SearchDoc, SearchWord

CHUNK = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doc:
    """What to index. The words of the nodes above are found by `path` and need not be given.

    `own` are other names of the thing itself: short name, aliases, organisation number, e-mail,
    phone. `extra` is what it may be asked for together with: kind, county, title of a post, a
    second place of work. `path` is that of the node it hangs on or is.
    """

    kind: str
    ref_id: int
    title: str
    path: str = ""
    organisation_id: int | None = None
    body_id: int | None = None
    subtitle: str = ""
    own: str = ""
    extra: str = ""
    weight: int = 0


def put(doc: Doc) -> None:
    """Index one thing, or index it anew.

    A renamed node changes what is beneath it too: call `recontext` after it.
    """
    before = _words_of(doc.kind, doc.ref_id)
    put_many([doc])
    _prune(before - set(index_words(doc.title, doc.own, doc.extra)))


def put_many(docs: Iterable[Doc]) -> int:
    """Index many things in a few statements, in any order; returns how many.

    Memory holds one chunk, and the words of all nodes that were given.
    """
    count = 0
    nodes: dict[int, str] = {}
    for chunk in _chunks(docs, CHUNK):
        own = {_key(doc): " ".join(index_words(doc.title, doc.own)) for doc in chunk}
        nodes |= {doc.ref_id: own[_key(doc)] for doc in chunk if doc.kind in NODE_KINDS}
        _learn_nodes(chunk, nodes)
        rows = [_row(doc, own[_key(doc)], nodes) for doc in chunk]
        _upsert(rows)
        _add_words(rows)
        count += len(chunk)
    return count


def reindex(docs: Iterable[Doc]) -> int:
    """Empty the index and fill it: for bulk loads and repairs. Give bodies and units first."""
    db.session.execute(sa.delete(SearchDoc))
    db.session.execute(sa.delete(SearchWord))
    return put_many(docs)


def drop(kind: str, ref_id: int) -> None:
    """Forget one thing, and its words where nothing else has them: an erased name is gone."""
    before = _words_of(kind, ref_id)
    db.session.execute(
        sa.delete(SearchDoc)
        .where(SearchDoc.kind == kind, SearchDoc.ref_id == ref_id)
        .execution_options(synchronize_session=False)
    )
    _prune(before)


def drop_many(kind: str, ref_ids: Iterable[int]) -> None:
    """Forget many things of one kind, as `drop` does."""
    for chunk in _chunks(ref_ids, CHUNK):
        chosen = sa.and_(SearchDoc.kind == kind, SearchDoc.ref_id.in_(chunk))
        before = {
            word
            for texts in db.session.execute(
                sa.select(SearchDoc.own_words, SearchDoc.extra_words).where(chosen)
            )
            for text in texts
            for word in text.split()
        }
        db.session.execute(
            sa.delete(SearchDoc).where(chosen).execution_options(synchronize_session=False)
        )
        _prune(before)


def recontext(path: str) -> None:
    """Give everything beneath a node its words anew: the node has another name. What is told by
    where it hangs has the new name under its own."""
    node = aliased(SearchDoc)
    name = (
        sa.select(node.title)
        .where(node.kind.in_(NODE_KINDS), node.ref_id == SearchDoc.organisation_id)
        .scalar_subquery()
    )
    db.session.execute(
        sa.update(SearchDoc)
        .where(_beneath(path), SearchDoc.kind.in_(NAMED_BY_PLACE))
        .values(subtitle=sa.func.coalesce(name, SearchDoc.subtitle))
        .execution_options(synchronize_session=False)
    )
    beneath = _rows_beneath(path)
    ids = {ident for row in beneath for ident in _ids(row.path)}
    nodes: dict[int, str] = {}
    _load_nodes(ids, nodes)
    changed = [
        {"doc": row.id, "words": context}
        for row in beneath
        if (context := _context(row.path, row.own_node, nodes)) != row.context_words
    ]
    if changed:
        db.session.connection().execute(
            sa.update(SearchDoc)
            .where(SearchDoc.id == sa.bindparam("doc"))
            .values(context_words=sa.bindparam("words")),
            changed,
        )


def move(old_path: str, new_path: str) -> None:
    """A node has moved with everything beneath it: new paths, body and context."""
    if not old_path or old_path == new_path:
        return
    body = _ids(new_path)[0]
    db.session.execute(
        sa.update(SearchDoc)
        .where(_beneath(old_path))
        .values(
            path=sa.literal(new_path) + sa.func.substr(SearchDoc.path, len(old_path) + 1),
            body_id=body,
            scope_words=sa.literal("=") + SearchDoc.kind + f" =b{body}",
        )
        .execution_options(synchronize_session=False)
    )
    recontext(new_path)


# --- Parts ---------------------------------------------------------------------------------------


def _words_of(kind: str, ref_id: int) -> set[str]:
    texts = db.session.execute(
        sa.select(SearchDoc.own_words, SearchDoc.extra_words).where(
            SearchDoc.kind == kind, SearchDoc.ref_id == ref_id
        )
    ).first()
    return {word for text in texts for word in text.split()} if texts else set()


def _prune(words: set[str]) -> None:
    """Forget the words among these that no document has any more."""
    for word in sorted(words):
        found = db.session.execute(
            sa.select(SearchDoc.id)
            .where(matches(dialect_name(), [[Term(word, whole=True)]]))
            .limit(1)
        ).first()
        if found is None:
            db.session.execute(
                sa.delete(SearchWord)
                .where(SearchWord.word == word)
                .execution_options(synchronize_session=False)
            )


def _key(doc: Doc) -> tuple[str, int]:
    return doc.kind, doc.ref_id


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part]


def _beneath(path: str) -> sa.ColumnElement[bool]:
    """The node itself and everything under it: one range of the path's index."""
    return sa.and_(SearchDoc.path >= path, SearchDoc.path < path + "~")


def _rows_beneath(path: str) -> Sequence[Any]:
    own_node = sa.case(
        (SearchDoc.kind.in_(NODE_KINDS), SearchDoc.ref_id), else_=sa.literal(None)
    ).label("own_node")
    return db.session.execute(
        sa.select(SearchDoc.id, SearchDoc.path, SearchDoc.context_words, own_node)
        .where(_beneath(path))
        .order_by(SearchDoc.id)
    ).all()


def _learn_nodes(chunk: Sequence[Doc], nodes: dict[int, str]) -> None:
    wanted = {ident for doc in chunk for ident in _ids(doc.path)}
    _load_nodes(wanted - nodes.keys(), nodes)


def _load_nodes(ids: set[int], nodes: dict[int, str]) -> None:
    for chunk in _chunks(sorted(ids), CHUNK):
        rows = db.session.execute(
            sa.select(SearchDoc.ref_id, SearchDoc.own_words).where(
                SearchDoc.kind.in_(NODE_KINDS), SearchDoc.ref_id.in_(chunk)
            )
        )
        nodes.update({ref_id: words for ref_id, words in rows})


def _context(path: str, own_node: int | None, nodes: dict[int, str]) -> str:
    """The words of the nodes above, nearest first, each once."""
    found: dict[str, None] = {}
    for ident in reversed(_ids(path)):
        if ident != own_node:
            found.update(dict.fromkeys(nodes.get(ident, "").split()))
    return " ".join(found)


def _row(doc: Doc, own: str, nodes: dict[int, str]) -> dict[str, Any]:
    return {
        "kind": doc.kind,
        "ref_id": doc.ref_id,
        "organisation_id": doc.organisation_id,
        "body_id": doc.body_id,
        "path": doc.path,
        "title": " ".join(doc.title.replace("\0", "").split())[:300],
        "subtitle": " ".join(doc.subtitle.replace("\0", "").split())[:300],
        "own_words": own,
        "extra_words": " ".join(index_words(doc.extra)),
        "context_words": _context(doc.path, doc.ref_id if doc.kind in NODE_KINDS else None, nodes),
        "scope_words": scope_words(doc.kind, doc.body_id),
        "weight": doc.weight,
    }


def _upsert(rows: list[dict[str, Any]]) -> None:
    connection = db.session.connection()
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(SearchDoc)
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in {"kind", "ref_id"}}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["kind", "ref_id"], set_=fresh), rows
    )


def _add_words(rows: list[dict[str, Any]]) -> None:
    """Remember the words that are new; digits and very short ones are of no help later."""
    found = {
        word
        for row in rows
        for word in f"{row['own_words']} {row['extra_words']}".split()
        if len(word) > 2 and len(word) <= 40 and word.isalpha()
    }
    for chunk in _chunks(sorted(found), CHUNK):
        known = set(
            db.session.scalars(sa.select(SearchWord.word).where(SearchWord.word.in_(chunk)))
        )
        fresh = [
            {"word": word, "mark": zlib.crc32(word.encode()) & 0x7FFFFFFF}
            for word in chunk
            if word not in known
        ]
        if fresh:
            db.session.execute(sa.insert(SearchWord), fresh)


def _chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    chunk: list[T] = []
    for thing in things:
        chunk.append(thing)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
