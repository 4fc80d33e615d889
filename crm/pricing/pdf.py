"""A price sheet as a PDF that a screen reader can read (PDF/UA-1).

What a sheet says goes in as data and is never read as markup; fonts come with the library, so that
the same sheet looks the same on every machine.
"""

import json
from datetime import UTC, datetime, time
from importlib.resources import files

import typst
from flask_babel import force_locale

from crm.pricing.models import PriceSheet
from crm.pricing.shown import for_pdf


def source() -> bytes:
    """The layout."""
    return files("crm.pricing").joinpath("reference", "sheet.typ").read_bytes()


def price_sheet(sheet: PriceSheet, language: str) -> bytes:
    """The file. The same sheet in the same language gives the same bytes."""
    with force_locale(language):
        said = for_pdf(sheet, language)
    return typst.compile(
        source(),
        sys_inputs={"data": json.dumps(said, ensure_ascii=False)},
        format="pdf",
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=datetime.combine(sheet.made_on, time(12), UTC),
    )
