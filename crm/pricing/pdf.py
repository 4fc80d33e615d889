"""A price sheet as a PDF that a screen reader can read (PDF/UA-1).

What a sheet says goes in as data and is never read as markup; fonts come with the library, so that
the same sheet looks the same on every machine.
"""

import json
import unicodedata
from datetime import UTC, date, datetime, time
from importlib.resources import files
from typing import Any

import typst
from flask_babel import force_locale

from crm.pricing.models import PriceSheet
from crm.pricing.shown import for_pdf

_SIGNS = (
    (" ", "\u04ff"),  # Latin, Greek, Cyrillic
    ("\u1e00", "\u1eff"),
    ("\u2010", "\u2027"),  # dashes, quotation marks, bullets
    ("\u2030", "\u2040"),
    ("\u2070", "\u20b5"),  # raised and lowered figures, currencies
    ("\u2100", "\u211e"),
    ("\u2122", "\u2122"),
    ("\u2126", "\u214f"),
    ("\u2153", "\u215f"),  # fractions
    ("\u2190", "\u22ff"),  # arrows, and what says at least, at most, minus and almost
    ("\u2460", "\u24ff"),  # figures in rings
    ("\u2500", "\u25ff"),
    ("\u2610", "\u2612"),  # boxes with and without a tick
    ("\u2713", "\u2714"),  # ticks
    ("\u2717", "\u2718"),  # crosses
)
"""What the fonts that come with the library have signs for, the first and the last of each run."""


def source() -> bytes:
    """The layout of a sheet."""
    return files("crm.pricing").joinpath("reference", "sheet.typ").read_bytes()


def made_of(layout: bytes, said: dict[str, Any], made_on: date) -> bytes:
    """What is said, laid out; the same in gives the same bytes."""
    return typst.compile(
        layout,
        sys_inputs={"data": json.dumps(printable(said), ensure_ascii=False)},
        format="pdf",
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=datetime.combine(made_on, time(12), UTC),
    )


def printable(said: Any) -> Any:
    """What the fonts have signs for: letters of Europe, and what is counted and compared with. Of
    other letters a question mark; of a picture nothing, as it says nothing by itself.

    PDF/UA forbids a character without a sign, and a name may hold one.
    """
    if isinstance(said, str):
        return "".join(_sign(one) for one in unicodedata.normalize("NFC", said))
    if isinstance(said, list):
        return [printable(one) for one in said]
    if isinstance(said, dict):
        return {name: printable(one) for name, one in said.items()}
    return said


def _sign(one: str) -> str:
    kind = unicodedata.category(one)
    if kind[0] in "CM":  # orders to the reader, and marks on their own
        return ""
    if any(first <= one <= last for first, last in _SIGNS):
        return one
    return "" if kind in ("So", "Sk") else "?"


def price_sheet(sheet: PriceSheet, language: str, *, may_ask: bool = True) -> bytes:
    """The file; `may_ask` as on the page. The same sheet and language give the same bytes."""
    with force_locale(language):
        said = for_pdf(sheet, language, may_ask=may_ask)
    return made_of(source(), said, sheet.made_on)
