"""Requirements as files: neutral for everybody (DOCX, HTML, CSV), and the whole for ourselves."""

import re
from io import BytesIO
from typing import Final

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt
from docx.table import Table, _Cell

from crm.rules.neutral_list import CHECKS, SHARED, NeutralList
from crm.web.csv import Cell

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEADS: Final = ("Nr", "Typ", "Krav", "Underlag")
_WIDTHS: Final = (1.4, 1.6, 8.0, 6.0)  # centimetres; A4 less the margins is 17
_FONT: Final = "Arial"
_UNSAYABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def csv_rows(found: NeutralList) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """The heads and rows of the neutral list, with its line of sharing as the last row."""
    rows: list[tuple[Cell, ...]] = [
        (entry.number, section.title, entry.kind, entry.text, entry.basis)
        for section in found.sections
        for entry in section.entries
    ]
    return ("Nr", "Område", "Typ", "Krav", "Underlag"), [*rows, ("", "", "", SHARED, "")]


def docx(found: NeutralList) -> bytes:
    """The neutral list as a Word document in Swedish: headings, tables with heads that repeat."""
    document = Document()
    title = _sayable(found.title)
    _set_up(document, title)
    document.add_heading(title, level=0)
    document.add_paragraph(SHARED)
    document.add_paragraph(found.grounds_words)
    for number, section in enumerate(found.sections, start=1):
        document.add_heading(f"{number}. {section.title}", level=1)
        table = document.add_table(rows=1, cols=len(_HEADS), style="Table Grid")
        table.autofit = False
        _head(table)
        for entry in section.entries:
            cells = table.add_row().cells
            for cell, text in zip(
                cells, (entry.number, entry.kind, entry.text, entry.basis), strict=True
            ):
                _write(cell, text)
        _widths(table)
    document.add_heading("Att gå igenom innan listan används", level=1)
    for one in CHECKS:
        document.add_paragraph(f"☐ {one}").paragraph_format.space_after = Pt(3)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: WordDocument, title: str) -> None:
    """A4, Swedish, a title, and a typeface that every machine has."""
    core = document.core_properties
    core.title, core.language, core.author, core.comments = title[:250], "sv-SE", "", ""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}")
    for properties in (
        normal.element.get_or_add_rPr(),
        *(defaults if defaults is not None else ()),
    ):
        language = properties.find(qn("w:lang"))
        if language is None:
            language = OxmlElement("w:lang")
            properties.append(language)
        language.set(qn("w:val"), "sv-SE")
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 13)):
        style = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)


def _head(table: Table) -> None:
    """The first row in bold, said again on each page."""
    row = table.rows[0]
    for cell, text in zip(row.cells, _HEADS, strict=True):
        _write(cell, text, bold=True)
    properties = row._tr.get_or_add_trPr()
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    properties.append(repeated)


def _write(cell: _Cell, text: str, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.add_run(_sayable(text)).bold = bold


def _sayable(text: str) -> str:
    """Without what no XML may hold, whatever a file or another program has put into a text."""
    return _UNSAYABLE.sub(" ", text)


def _widths(table: Table) -> None:
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        cut = OxmlElement("w:cantSplit")  # a requirement stays on one page
        row._tr.get_or_add_trPr().append(cut)
        for cell, width in zip(row.cells, _WIDTHS, strict=True):
            cell.width = Cm(width)
