"""The Word file of the neutral list, part by part: what a word processor stumbles over is not there.

It was also rendered by LibreOffice 7.4 on 2026-11-29 and looked at (crm/docs/features.md, F6).
"""

import io
import posixpath
import re
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from crm.requirements.exports import docx
from crm.rules.neutral_list import CHECKS, Known, neutral_list
from crm.rules.requirements import Area, RequirementKind, RestsOn

LONG = "Åtta ärliga östgötar – <b>&amp; ”citat”</b> \x0b – ska få läsa. " * 60
W = qn("w:val")


@pytest.fixture(scope="module")
def word() -> bytes:
    return docx(
        neutral_list(
            "Kravunderlag, Hultsfreds kommun",
            [
                Known(number, text, kind, area, RestsOn.EXPECTED, people=number, units=1)
                for number, (text, kind, area) in enumerate(
                    [
                        (LONG, RequirementKind.MUST, Area.FUNCTION),
                        ("=1+1 med flikar\toch\nradbyten", RequirementKind.SHOULD, Area.FUNCTION),
                        ("Hur hanteras avvikelser?", RequirementKind.QUESTION, Area.SUPPORT),
                    ]
                )
            ],
            own=(),
        )
    )


@pytest.fixture(scope="module")
def parts(word: bytes) -> dict[str, etree._Element]:
    """Every part by its name; all that is no picture is XML that can be read."""
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        assert package.testzip() is None
        return {
            name: etree.fromstring(package.read(name))
            for name in package.namelist()
            if name.endswith((".xml", ".rels"))
        }


def test_every_part_has_a_type_and_every_relation_leads_somewhere(
    word: bytes, parts: dict[str, etree._Element]
) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        names = set(package.namelist())
    types = parts["[Content_Types].xml"]
    by_ending = {one.get("Extension") for one in types if one.get("Extension")}
    by_name = {str(one.get("PartName")).lstrip("/") for one in types if one.get("PartName")}
    assert by_name <= names
    untyped = {
        name
        for name in names - by_name - {"[Content_Types].xml"}
        if name.rpartition(".")[2] not in by_ending
    }
    assert not untyped
    for name, relations in parts.items():
        if not name.endswith(".rels"):
            continue
        base = posixpath.dirname(posixpath.dirname(name))
        for one in relations:
            assert one.get("TargetMode") != "External", "a file that calls home"
            target = str(one.get("Target"))
            there = target.lstrip("/") if target.startswith("/") else f"{base}/{target}"
            assert posixpath.normpath(there.lstrip("/")) in names


def test_only_styles_that_are_there_are_used(parts: dict[str, etree._Element]) -> None:
    styles = parts["word/styles.xml"]
    defined = {one.get(qn("w:styleId")) for one in styles.iter(qn("w:style"))}
    body = parts["word/document.xml"]
    used = {
        one.get(W) for name in ("w:pStyle", "w:rStyle", "w:tblStyle") for one in body.iter(qn(name))
    }
    assert used and used <= defined
    assert {"Title", "Heading1"} <= used


def test_it_is_swedish_throughout(parts: dict[str, etree._Element]) -> None:
    styles = parts["word/styles.xml"]
    default = styles.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    assert default is not None
    languages = {one.get(W) for one in (*default.iter(qn("w:lang")), *styles.iter(qn("w:lang")))}
    assert languages == {"sv-SE"}
    assert not list(parts["word/document.xml"].iter(qn("w:lang")))
    core = b"".join(etree.tostring(one) for one in parts["docProps/core.xml"])
    assert b"sv-SE" in core and "Hultsfreds" in core.decode()
    assert b"python-docx" not in core


def test_tables_have_one_head_that_is_said_again_and_rows_that_stay_whole(
    parts: dict[str, etree._Element],
) -> None:
    tables = list(parts["word/document.xml"].iter(qn("w:tbl")))
    assert len(tables) == 2
    for table in tables:
        head, *rows = table.findall(qn("w:tr"))
        properties = head.find(qn("w:trPr"))
        assert properties is not None and properties.find(qn("w:tblHeader")) is not None
        assert not [row for row in rows for _one in row.iter(qn("w:tblHeader"))]
        assert all(list(row.iter(qn("w:cantSplit"))) for row in rows)
        grid = table.find(qn("w:tblGrid"))
        assert grid is not None
        for row in (head, *rows):
            assert len(row.findall(qn("w:tc"))) == len(grid) == 4
            for cell in row.findall(qn("w:tc")):
                assert cell.findall(qn("w:p")), "a cell without a paragraph is no file for Word"
        width = sum(int(str(one.get(qn("w:w")))) for one in grid)
        assert width <= 9640  # twentieths of a point: A4 less its margins


def test_every_word_is_there_and_in_order(word: bytes) -> None:
    document = Document(io.BytesIO(word))
    headings = [
        (one.style.name, one.text)
        for one in document.paragraphs
        if one.style is not None and one.style.name in {"Title", "Heading 1", "Heading 2"}
    ]
    assert headings == [
        ("Title", "Kravunderlag, Hultsfreds kommun"),
        ("Heading 1", "1. Funktion"),
        ("Heading 1", "2. Support"),
        ("Heading 1", "Att gå igenom innan listan används"),
    ]
    assert sum(one.text.startswith("☐") for one in document.paragraphs) == len(CHECKS)
    first = document.tables[0]
    assert [cell.text for cell in first.rows[0].cells] == ["Nr", "Typ", "Krav", "Underlag"]
    said = first.rows[1].cells[2].text
    assert said.count("Åtta ärliga östgötar – <b>&amp; ”citat”</b>") == 60
    assert not re.search(r"[\x00-\x08\x0e-\x1f]", said)
    assert first.rows[2].cells[2].text == "=1+1 med flikar\toch\nradbyten"
