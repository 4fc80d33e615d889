"""Rows of the index that may be answers, for any number of questions in one statement.

The statement is written as text: put together by SQLAlchemy it took longer than the search itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.core.db import db, dialect_name
from crm.search.index import Term, question
from crm.search.models import KIND_ORDER
from crm.search.question import Fragment

CANDIDATES = 60  # rows fetched per question to be ranked

COLUMNS = (
    "kind, ref_id, title, subtitle, organisation_id, body_id, path,"
    " own_words, extra_words, context_words, weight"
)


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


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a term of each group of `every` anywhere, one of each of `own` in the name."""

    fragments: Sequence[Fragment]
    scope: Scope
    every: Sequence[Sequence[Term]]
    own: Sequence[Sequence[Term]]
    most: int = CANDIDATES


def candidates(questions: Sequence[Asked]) -> list[list[Any]]:
    """For each question the rows that fit, of too many the likeliest by a rough measure that the
    engine can count out. One statement for all of them."""
    found: list[list[Any]] = [[] for _asked in questions]
    values: dict[str, Any] = {}
    parts = [
        _part(number, asked, values) for number, asked in enumerate(questions) if asked.fragments
    ]
    if parts:
        db.session.flush()
        for row in db.session.execute(sa.text(" UNION ALL ".join(parts)), values):
            found[row.number].append(row)
    return found


def documents(wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """These documents, by kind and id; what there is not is left out. One statement."""
    if not wanted:
        return {}
    db.session.flush()
    values = {
        f"{name}{at}": part
        for at, pair in enumerate(wanted)
        for name, part in zip("kr", pair, strict=True)
    }
    either = " OR ".join(f"(kind = :k{at} AND ref_id = :r{at})" for at in range(len(wanted)))
    statement = f"SELECT {COLUMNS} FROM search_doc WHERE {either}"  # noqa: S608  # names of ours
    rows = db.session.execute(sa.text(statement), values)
    return {(row.kind, row.ref_id): row for row in rows}


class _Values:
    """Gives each value a name of its own in the statement."""

    def __init__(self, number: int, values: dict[str, Any]) -> None:
        self.number, self.values, self.names = number, values, dict[Any, str]()

    def name(self, value: Any) -> str:
        if value not in self.names:
            self.names[value] = f"v{self.number}_{len(self.names)}"
            self.values[self.names[value]] = value
        return f":{self.names[value]}"


_RANKS = " ".join(f"WHEN '{kind}' THEN {rank}" for rank, kind in enumerate(KIND_ORDER))
_KIND_RANK = f"CASE kind {_RANKS} ELSE {len(KIND_ORDER)} END"


def _part(number: int, asked: Asked, values: dict[str, Any]) -> str:
    given, dialect = _Values(number, values), dialect_name()
    finds = "strpos" if dialect == "postgresql" else "instr"

    def holds(text: str) -> str:
        return f"{finds}(' ' || own_words || ' ', {given.name(text)}) > 0"

    rough = []
    for fragment in asked.fragments:
        typed = [form.term.word for form in fragment.forms if not form.corrects][:3]
        whole = " OR ".join(holds(f" {word}{end} ") for word in typed for end in ("", "s"))
        begun = holds(f" {fragment.word}")
        rough.append(f"CASE WHEN {whole} THEN 2 WHEN {begun} THEN 1 ELSE 0 END")
    order = [
        f"{' + '.join(rough) or '0'} DESC",
        _KIND_RANK,
        "weight DESC",
        "length(own_words)",
        "id",
    ]
    if boosts := asked.scope.boosts:
        ours = " OR ".join(
            f"(kind = {given.name(kind)} AND ref_id = {given.name(ref_id)})"
            for kind, ref_id in sorted(boosts)
        )
        order.insert(0, f"CASE WHEN {ours} THEN 0 ELSE 1 END")
    fitting = (
        f"SELECT {COLUMNS} FROM search_doc WHERE {_where(asked, given, dialect)}"  # noqa: S608  # values are bound
        f" ORDER BY {', '.join(order)} LIMIT {asked.most}"
    )
    return f"SELECT {number} AS number, {COLUMNS} FROM ({fitting}) AS q{number}"  # noqa: S608


def _where(asked: Asked, given: _Values, dialect: str) -> str:
    path = asked.scope.path
    against = question(
        dialect, asked.every, asked.own, kinds=asked.scope.kinds, body_id=asked.scope.body_id
    )
    if dialect == "postgresql":
        where = [f"{index} @@ CAST({given.name(q)} AS tsquery)" for index, q in against.items()]
    else:
        text = given.name(against["search_fts"])
        where = [f"id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH {text})"]  # noqa: S608
    if path and path.count("/") > 2:  # longer than the body's own, which the index knows
        where.append(f"path >= {given.name(path)} AND path < {given.name(path + '~')}")
    return " AND ".join(where)
