"""The rulebook's English keeps the Swedish names of what has no English one (product.md)."""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

import crm.rules

RULES = Path(crm.rules.__file__).parent
ENGLISH_COLUMNS = ("name_en", "what_a_vendor_should_do", "what_not_to_do")
TRANSLATED_AWAY = ("committee",)  # a nämnd: in one place a nämnd and in another a committee


def told() -> Iterator[tuple[str, str]]:
    """Every text that a rule may tell, with where it stands."""
    for file in sorted(RULES.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        lonely = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):  # a string alone is a docstring, a sentence has spaces
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and " " in text and id(node) not in lonely:
                yield f"{file.name}:{getattr(node, 'lineno', 0)}", text
    with (RULES / "data" / "budget_phases.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            for column in ENGLISH_COLUMNS:
                yield f"{row['phase_key']}.{column}", row[column]


def test_a_nämnd_is_a_nämnd_everywhere() -> None:
    texts = list(told())
    assert len(texts) > 300
    wrong = [place for place, text in texts if any(w in text.lower() for w in TRANSLATED_AWAY)]
    assert wrong == []
