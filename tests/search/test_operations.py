"""The index follows what is named, renamed, moved and removed."""

import sqlalchemy as sa
from flask import Flask

from crm.core.db import db
from crm.search.models import SearchDoc, SearchWord
from crm.search.operations import Doc, drop, drop_many, move, put, put_many, recontext, reindex
from crm.search.queries import find

TREE = [
    Doc("body", 1, "Hultsfreds kommun", "/1/", 1, 1),
    Doc("body", 2, "Vimmerby kommun", "/2/", 2, 2),
    Doc("unit", 3, "Skolförvaltningen", "/1/3/", 3, 1),
    Doc("unit", 4, "Venhagskolan", "/1/3/4/", 4, 1),
    Doc("person", 1, "Anna Berg", "/1/3/4/", 4, 1),
]


def found(text: str) -> list[tuple[str, int]]:
    return [(hit.kind, hit.ref_id) for hit in find(text, limit=50)]


def contexts() -> dict[tuple[str, int], str]:
    rows = db.session.execute(sa.select(SearchDoc.kind, SearchDoc.ref_id, SearchDoc.context_words))
    return {(kind, ref_id): words for kind, ref_id, words in rows}


def test_words_of_the_nodes_above_whatever_the_order(app: Flask) -> None:
    put_many(reversed(TREE))
    backwards = contexts()
    reindex(TREE)
    assert contexts() == backwards
    assert contexts()["person", 1] == "venhagskolan skolforvaltningen hultsfreds kommun"
    assert contexts()["unit", 4] == "skolforvaltningen hultsfreds kommun"
    assert contexts()["body", 1] == ""


def test_put_again_changes(app: Flask) -> None:
    put_many(TREE)
    put(Doc("person", 1, "Anna Ek", "/1/3/4/", 4, 1))
    assert found("hults anna ek") == [("person", 1)]
    assert found("anna berg") == []


def test_a_renamed_node(app: Flask) -> None:
    put_many(TREE)
    put(Doc("unit", 4, "Lindskolan", "/1/3/4/", 4, 1))
    recontext("/1/3/4/")
    assert found("lindskolan anna") == [("person", 1)]
    assert found("venhagskolan") == []


def test_a_moved_subtree(app: Flask) -> None:
    put_many(TREE)
    move("/1/3/", "/2/3/")
    assert found("vimmerby anna") == [("person", 1)]
    assert found("hultsfred") == [("body", 1)]
    hit = find("anna berg")[0]
    assert (hit.path, hit.body_id) == ("/2/3/4/", 2)
    assert [h.ref_id for h in find("ven", within_path="/2/")] == [4, 1]


def test_a_neighbour_with_a_like_path_stays(app: Flask) -> None:
    put_many([*TREE, Doc("unit", 30, "Badhuset", "/1/30/", 30, 1)])
    move("/1/3/", "/2/3/")
    assert found("badhuset hultsfred") == [("unit", 30)]


def test_dropped_things_and_their_words_are_gone(app: Flask) -> None:
    put_many([*TREE, Doc("person", 2, "Berit Berg", "/1/", 1, 1)])
    drop("person", 1)
    assert found("anna") == []
    left = set(db.session.scalars(sa.select(SearchWord.word)))
    assert "anna" not in left
    assert "berg" in left
    drop_many("person", [1, 2])
    assert found("berit berg") == []
    assert "berg" not in set(db.session.scalars(sa.select(SearchWord.word)))


def test_a_former_name_is_not_kept(app: Flask) -> None:
    put(Doc("person", 1, "Anna Qvarnholm"))
    put(Doc("person", 1, "Anna Ek"))
    assert "qvarnholm" not in set(db.session.scalars(sa.select(SearchWord.word)))


def test_reindex_starts_from_nothing(app: Flask) -> None:
    put(Doc("body", 99, "Borta kommun"))
    assert reindex(TREE) == len(TREE)
    assert found("borta") == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SearchDoc)) == len(TREE)


def test_strange_titles_are_stored(app: Flask) -> None:
    put(Doc("unit", 1, "Skola\0n  \n 7" + "x" * 500, own="\0", extra="%s :x '"))
    title = db.session.scalar(sa.select(SearchDoc.title))
    assert title is not None
    assert title.startswith("Skolan 7")
    assert len(title) == 300
