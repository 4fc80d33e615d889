"""Lists as files that Swedish Excel opens right by a double click (I7).

Semicolons, because the comma is Sweden's decimal sign; a byte order mark, or å would be read as Ã¥;
ISO dates, which Excel takes as dates; and no cell that a spreadsheet would run as a formula.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from flask import Response

from crm.core import clock

Cell = str | int | Decimal | date | datetime | None

# What a spreadsheet takes for the start of a formula, also after blanks and in its wide forms.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]")
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def kronor(ore: int | None) -> Decimal | None:
    """Whole öre as kronor, for a cell that can be added up."""
    return None if ore is None else Decimal(ore) / 100


def cell_text(value: Cell) -> str:
    """One cell as it stands in the file, before quoting. Text can never be a formula."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{clock.local(value):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case Decimal():
            whole = value == value.to_integral_value()
            return f"{value:.0f}" if whole else f"{value:.2f}".replace(".", ",")
        case int():
            return str(value)
        case str():
            text = unicodedata.normalize("NFC", value).replace("\0", "")
            return f"'{text}" if _FORMULA.match(text) else text


def csv_text(heads: Sequence[object], rows: Iterable[Sequence[Cell]]) -> str:
    """The whole file as text, its mark included."""
    out = io.StringIO()
    out.write(_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([cell_text(str(head)) for head in heads])
    writer.writerows([cell_text(value) for value in row] for row in rows)
    return out.getvalue()


def csv_file(name: str, heads: Sequence[object], rows: Iterable[Sequence[Cell]]) -> Response:
    """A download, named with today's date: "pipeline-2026-11-23.csv"."""
    response = Response(csv_text(heads, rows), mimetype="text/csv")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{name}-{clock.today():%Y-%m-%d}.csv"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
