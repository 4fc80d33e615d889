"""A notice as a table of lines "path: value", for comparing it with one written by hand."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from crm.rules.notices import Money, Notice, Words

LONG = 90
"""Of a longer text the table has the first sixty signs, and as many of the last as it likes."""


def table(notice: Notice) -> list[tuple[str, str]]:
    """Every field that says something. `law` is worked out, and told with the rest."""
    found = list(_rows("", notice))
    at = next((n for n, (path, _) in enumerate(found) if path == "legal_basis"), None)
    if at is not None and notice.law:
        found.insert(at + 1, ("law", notice.law))
    return found


def _rows(path: str, value: object) -> list[tuple[str, str]]:
    if value is None or value == () or value == Words() or (value is False and _flag(path)):
        return []
    if isinstance(value, (Money, Words, str, Enum, int, date, datetime)):
        return [(path, _said(value))]
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return [(path, " + ".join(value))]
    rows = []
    if isinstance(value, tuple):
        for number, one in enumerate(value, 1):
            rows += _rows(f"{path}.{number}", one)
    else:
        assert is_dataclass(value)
        for field in fields(value):
            under = f"{path}.{field.name}" if path else field.name
            rows += _rows(under, getattr(value, field.name))
    return rows


def _flag(path: str) -> bool:
    """Flags whose "no" is nothing said, unlike that of a framework or a dynamic system."""
    return path.rpartition(".")[2] in {"leads", "partial", "cancelled"}


def _said(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case Money():
            return f"{value.ore // 100}.{value.ore % 100:02} {value.currency}"
        case Words():
            return " | ".join(
                f"{language}: {text}".replace("\n", " ") for language, text in value.texts
            )
        case date():  # a datetime as well
            return value.isoformat()
        case _:
            return str(value)


def agrees(said: str, expected: str) -> bool:
    """Whether a value is the expected one; " … " stands for the middle of a long text."""
    start, gap, end = expected.partition(" … ")
    if not gap or len(said) <= LONG:
        return said == expected
    return said.startswith(start.rstrip()) and said.endswith(end.strip())
