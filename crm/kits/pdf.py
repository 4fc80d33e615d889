"""A kit as a PDF that a screen reader can read (PDF/UA-1), of the same words as the page."""

from importlib.resources import files

from flask_babel import force_locale

from crm.kits.models import Kit
from crm.kits.shown import Now, for_pdf
from crm.pricing.pdf import made_of


def layout() -> bytes:
    """The layout of a kit."""
    return files("crm.kits").joinpath("reference", "kit.typ").read_bytes()


def kit(row: Kit, language: str, now: Now) -> bytes:
    """The file. The same kit, language and state of things give the same bytes."""
    with force_locale(language):
        said = for_pdf(row, language, now)
    return made_of(layout(), said, row.made_on)
