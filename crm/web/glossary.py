"""Terms of art with their meaning in both languages, for the explanation on hover and focus.

Source: `reference/glossary.csv`, the same list the program's own names follow.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crm.web.filters import language


@dataclass(frozen=True, slots=True)
class Term:
    """A Swedish term of art and what it means."""

    swedish: str
    english: str
    meaning_sv: str
    meaning_en: str

    @property
    def meaning(self) -> str:
        """What it means, in the reader's language; in English with the English term first."""
        if language() == "en":
            return f"{self.english[:1].upper()}{self.english[1:]}. {self.meaning_en}"
        return self.meaning_sv


@cache
def glossary() -> Mapping[str, Term]:
    """By Swedish term in lower case; "a / b (c)" in the list is found under a and b alike."""
    found: dict[str, Term] = {}
    text = files("crm.web").joinpath("reference/glossary.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        term = Term(row["swedish_term"], row["english_term"], row["meaning_sv"], row["meaning_en"])
        for name in row["swedish_term"].split(" / "):
            found.setdefault(name.split(" (")[0].strip().lower(), term)
    return found
