"""A5: the right answer comes first in at least 95 of the 100 listed questions."""

from crm.search.queries import find
from crm.search.ranking import Hit
from tests.search.conftest import HERE, World, table

ENOUGH = 95


def test_right_answer_first(world: World, db_name: str) -> None:
    listed = table(HERE, "queries.csv")
    assert len(listed) == len({row["query"] for row in listed}) == 100
    missed = []
    for row in listed:
        hits = find(row["query"], limit=3)
        if not hits or not is_right(hits[0], row):
            got = [f"{hit.title} ({hit.score})" for hit in hits]
            missed.append(f"{row['query']!r}: wanted {row['title']}, got {got or 'nothing'}")
    print(f"{db_name}: {100 - len(missed)} of 100", *missed, sep="\n  ")
    assert len(listed) - len(missed) >= ENOUGH, "\n".join(missed)


def is_right(hit: Hit, row: dict[str, str]) -> bool:
    place = not row["under"] or hit.subtitle == row["under"]
    return (hit.kind, hit.title) == (row["kind"], row["title"]) and place
