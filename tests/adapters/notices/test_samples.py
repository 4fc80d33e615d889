"""Every sample, field by field. The tables in expected/ were written by hand from the raw files."""

from pathlib import Path

import pytest

from crm.adapters.notices.upload import read_upload
from crm.rules.notices import Notice
from tests.adapters.notices.table import agrees, table

HERE = Path(__file__).parent
SAMPLES = sorted(path for path in (HERE / "samples").iterdir() if path.suffix in {".xml", ".json"})


def notices(path: Path) -> tuple[Notice, ...]:
    with path.open("rb") as stream:
        (result,) = read_upload(path.name, stream)
    assert result.problem is None
    assert result.size == path.stat().st_size
    return result.notices


def expected(name: str) -> list[list[tuple[str, str]]]:
    """The tables of a file: one for each of its notices, an empty line between them."""
    text = (HERE / "expected" / name).read_text(encoding="utf-8")
    return [
        [(path, value) for path, _, value in (row.partition(": ") for row in part.splitlines())]
        for part in text.strip().split("\n\n")
    ]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_field_says_what_the_source_says(path: Path) -> None:
    found = notices(path)
    wanted = expected(f"{path.stem}.txt")
    assert len(found) == len(wanted)
    for notice, rows in zip(found, wanted, strict=True):
        said = dict(table(notice))
        told = dict(rows)
        assert len(told) == len(rows), "a path stands twice in the table"
        assert sorted(said) == sorted(told)
        wrong = {path: (said[path], value) for path, value in rows if not agrees(said[path], value)}
        assert wrong == {}


def test_every_table_has_its_sample() -> None:
    assert {path.stem for path in SAMPLES} == {p.stem for p in (HERE / "expected").iterdir()}
