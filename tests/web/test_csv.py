"""Files for Swedish Excel: what each cell becomes, and that no cell can be a formula."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.web.csv import Cell, cell_text, csv_text, kronor


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ('Åre ånyo; och "så"', 'Åre ånyo; och "så"'),
        (1234, "1234"),
        (-5, "-5"),
        (kronor(12_500_050), "125000,50"),
        (kronor(12_500_000), "125000"),
        (kronor(None), ""),
        (Decimal("-0.5"), "-0,50"),
        (date(2026, 11, 23), "2026-11-23"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "2026-11-24 00:30"),
    ],
)
def test_a_cell(value: Cell, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\uff1d", "\u2212"])
def test_text_that_looks_like_a_formula_is_marked(sign: str) -> None:
    assert cell_text(f"{sign}SUM(1;2)").startswith("'")


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_whatever_is_written_is_read_back_and_never_runs(rows: list[list[str]]) -> None:
    text = csv_text(["a", "b"], rows)
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    assert len(read) == len(rows) + 1
    for row in read[1:]:
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
            assert not cell.startswith(("\t", "\r"))
