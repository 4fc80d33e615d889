"""Tables that others send: CSV as Excel writes it, and the first sheet of an XLSX file.

Only text is read. Formulas are never run: a cell tells what was last worked out in it.
"""

import io
import re
import zipfile
import zlib
from itertools import islice
from typing import Final

from crm.adapters.notices.problems import Limits, NotRead
from crm.adapters.notices.safe_xml import Node, read_xml
from crm.rules import delimited

MOST_BYTES: Final = 5_000_000
_LIMITS: Final = Limits(file_bytes=40_000_000, elements=400_000, depth=20)
_CHUNK: Final = 65_536
_MOST_ROWS: Final = 5_000
_MOST_COLUMNS: Final = 60
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_COLUMN: Final = re.compile(r"([A-Z]{1,3})\d+")


class UnreadableSheetError(ValueError):
    """The file is not a table that can be read."""


def read_table(content: bytes) -> list[list[str]]:
    """The rows of a file as text. Raises UnreadableSheetError for what is no table or too large."""
    if len(content) > MOST_BYTES:
        raise UnreadableSheetError("too large")
    if content[:2] == b"PK":
        return _xlsx(content)
    return _csv(content)


def _csv(content: bytes) -> list[list[str]]:
    found = delimited.rows(delimited.decoded(content))
    try:
        return [row[:_MOST_COLUMNS] for row in islice(found, _MOST_ROWS)]
    except delimited.NotText as error:
        raise UnreadableSheetError("not a list") from error


def _xlsx(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
            sheets = sorted(
                (name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
                key=lambda name: int(re.sub(r"\D", "", name)),
            )
            if not sheets:
                raise UnreadableSheetError("no sheet")
            shared = (
                [_words(one) for one in _part(parts, "xl/sharedStrings.xml").all("si")]
                if "xl/sharedStrings.xml" in names
                else []
            )
            return _rows(_part(parts, sheets[0]), shared)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, NotRead) as error:
        raise UnreadableSheetError("not an XLSX file") from error


def _part(parts: zipfile.ZipFile, name: str) -> Node:
    """A part of the file, read no further than is sane, whatever its head says of its size."""
    with parts.open(name) as stream:
        return read_xml(iter(lambda: stream.read(_CHUNK), b""), _LIMITS, lambda _root: None)


def _words(node: Node) -> str:
    """Words in several styles are several pieces, as a rule divided between words."""
    return " ".join(one.text for one in node.below("t") if one.text)


def _rows(root: Node, shared: list[str]) -> list[list[str]]:
    found = []
    for _number, row in zip(range(_MOST_ROWS), root.below("row"), strict=False):
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.all("c")):
            hit = _COLUMN.fullmatch(cell.attributes.get("r", ""))
            at = _number_of(hit.group(1)) if hit else place
            if at < _MOST_COLUMNS:
                cells[at] = _value(cell, shared)
        found.append([cells.get(at, "") for at in range(max(cells, default=-1) + 1)])
    return found


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Node, shared: list[str]) -> str:
    kind = cell.attributes.get("t", "")
    if kind == "inlineStr":
        return _words(cell)
    text = cell.value("v") or ""
    if kind == "s":
        known = text.isdecimal() and int(text) < len(shared)
        return shared[int(text)] if known else ""
    return text
