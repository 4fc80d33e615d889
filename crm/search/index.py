"""The engines' own full-text indexes over `search_doc`, and how index words are written.

SQLite has an FTS5 table that keeps no text of its own and is fed by three triggers. PostgreSQL has
two generated columns. Neither does any language of its own: words come folded from
`crm.rules.words`, so both engines match alike.

A batch migration of `search_doc` on SQLite re-creates the table and so loses the triggers: call
`drop_index` before it and `create_index` after.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from crm.rules.words import LONGEST_WORD, joined_words, words

CREATE = {
    "sqlite": (
        """CREATE VIRTUAL TABLE search_fts USING fts5(
             own_words, extra_words, context_words, scope_words,
             content='search_doc', content_rowid='id',
             tokenize='unicode61 remove_diacritics 0', prefix='1 2 3', detail='column',
             columnsize=0)""",
        """CREATE TRIGGER search_doc_ai AFTER INSERT ON search_doc BEGIN
             INSERT INTO search_fts(rowid, own_words, extra_words, context_words, scope_words)
             VALUES (new.id, new.own_words, new.extra_words, new.context_words, new.scope_words);
           END""",
        """CREATE TRIGGER search_doc_ad AFTER DELETE ON search_doc BEGIN
             INSERT INTO search_fts(
               search_fts, rowid, own_words, extra_words, context_words, scope_words)
             VALUES ('delete', old.id, old.own_words, old.extra_words, old.context_words,
               old.scope_words); END""",
        """CREATE TRIGGER search_doc_au
           AFTER UPDATE OF id, own_words, extra_words, context_words, scope_words ON search_doc
           WHEN old.id <> new.id OR old.own_words <> new.own_words
             OR old.extra_words <> new.extra_words OR old.context_words <> new.context_words
             OR old.scope_words <> new.scope_words
           BEGIN
             INSERT INTO search_fts(
               search_fts, rowid, own_words, extra_words, context_words, scope_words)
             VALUES ('delete', old.id, old.own_words, old.extra_words, old.context_words,
               old.scope_words);
             INSERT INTO search_fts(rowid, own_words, extra_words, context_words, scope_words)
             VALUES (new.id, new.own_words, new.extra_words, new.context_words, new.scope_words);
           END""",
        "INSERT INTO search_fts(search_fts) VALUES ('rebuild')",
    ),
    "postgresql": (
        """ALTER TABLE search_doc
             ADD COLUMN tsv_own tsvector GENERATED ALWAYS AS (
               array_to_tsvector(string_to_array(own_words, ' ')
                 || string_to_array(scope_words, ' '))) STORED,
             ADD COLUMN tsv_all tsvector GENERATED ALWAYS AS (
               array_to_tsvector(string_to_array(own_words, ' ')
                 || string_to_array(extra_words, ' ')
                 || string_to_array(context_words, ' ')
                 || string_to_array(scope_words, ' '))) STORED""",
        # Without the pending list: it makes writing a little faster and reading uneven.
        "CREATE INDEX search_tsv_own ON search_doc USING gin (tsv_own) WITH (fastupdate = off)",
        "CREATE INDEX search_tsv_all ON search_doc USING gin (tsv_all) WITH (fastupdate = off)",
    ),
}
DROP = {
    "sqlite": (
        "DROP TRIGGER search_doc_au",
        "DROP TRIGGER search_doc_ad",
        "DROP TRIGGER search_doc_ai",
        "DROP TABLE search_fts",
    ),
    "postgresql": (
        "DROP INDEX search_tsv_all",
        "DROP INDEX search_tsv_own",
        "ALTER TABLE search_doc DROP COLUMN tsv_all, DROP COLUMN tsv_own",
    ),
}


def create_index(connection: sa.Connection) -> None:
    """Make the index over what the table holds."""
    for statement in CREATE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def drop_index(connection: sa.Connection) -> None:
    for statement in DROP[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def index_word(word: str) -> str:
    """A folded word in ASCII letters and digits only, so that no engine has an opinion on it.

    A sign of another script becomes "u" and six hexadecimal digits; beginnings still match.
    """
    if word.isascii():
        return word
    spelled = "".join(sign if sign.isascii() else f"u{ord(sign):06x}" for sign in word)
    return spelled[: 4 * LONGEST_WORD]


def index_words(*texts: str) -> list[str]:
    """The index words of texts in order, each once; hyphened names also written together."""
    found: dict[str, None] = {}
    for text in texts:
        for word in (*words(text), *joined_words(text)):
            found.setdefault(index_word(word))
    return list(found)


@dataclass(frozen=True, slots=True)
class Term:
    """An index word to look for: the beginning of a word, or the whole of it."""

    word: str
    whole: bool = False


def scope_words(kind: str, body_id: int | None) -> str:
    """What narrows a search inside the index, before any row is read. No user can type a "="."""
    return f"={kind}" if body_id is None else f"={kind} =b{body_id}"


def question(
    dialect: str,
    every: Sequence[Sequence[Term]],
    own: Sequence[Sequence[Term]] = (),
    *,
    kinds: Sequence[str] = (),
    body_id: int | None = None,
) -> dict[str, str]:
    """What to hold which of the engine's indexes against: one term of each group of `every` occurs
    anywhere in a document and one of each group of `own` among its own words; it is of one of
    `kinds` and belongs to the body.

    The terms are index words, so nothing in them can be syntax; they are quoted all the same.
    """
    scope = [[Term(f"={kind}", whole=True) for kind in kinds]] if kinds else []
    scope += [[Term(f"=b{body_id}", whole=True)]] if body_id is not None else []
    if dialect == "postgresql":
        columns = {"tsv_all": list(every), "tsv_own": list(own)}
        columns["tsv_own" if own else "tsv_all"] += scope
        return {
            column: " & ".join(_tsquery(group) for group in groups)
            for column, groups in columns.items()
            if groups
        }
    parts = [f"{{own_words extra_words context_words}} : {_fts5(group)}" for group in every]
    parts += [f"own_words : {_fts5(group)}" for group in own]
    parts += [f"scope_words : {_fts5(group)}" for group in scope]
    return {"search_fts": " AND ".join(parts)}


def matches(
    dialect: str,
    every: Sequence[Sequence[Term]],
    own: Sequence[Sequence[Term]] = (),
    *,
    kinds: Sequence[str] = (),
    body_id: int | None = None,
) -> sa.ColumnElement[bool]:
    """The same question as a condition on SearchDoc."""
    asked = question(dialect, every, own, kinds=kinds, body_id=body_id)
    if dialect == "postgresql":
        return sa.and_(
            *(
                sa.literal_column(f"search_doc.{column}").op("@@")(sa.cast(text, TSQUERY))
                for column, text in asked.items()
            )
        )
    fts = sa.table("search_fts", sa.column("rowid"))
    whole_row = sa.literal_column("search_fts", sa.Text)
    return sa.literal_column("search_doc.id").in_(
        sa.select(fts.c.rowid).where(whole_row.op("MATCH")(asked["search_fts"]))
    )


def _tsquery(group: Sequence[Term]) -> str:
    return "(" + " | ".join(f"'{t.word}'" + ("" if t.whole else ":*") for t in group) + ")"


def _fts5(group: Sequence[Term]) -> str:
    return "(" + " OR ".join(f'"{t.word}"' + ("" if t.whole else "*") for t in group) + ")"
