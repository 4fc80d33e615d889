"""The budget timetables that bodies have published, as the product ships them.

25 bodies, read from their own pages and from the press. `data/practices.csv` holds the month of the
decision with its source, `data/practice_phases.csv` the dates of single phases. A source that gives
only one end of a phase keeps the other as it is typical, and the row's note says so. Pages age:
`page_year` is the year a page speaks of, where it tells.

Gotland is one body, region and municipality; it stands under its municipality code. Regions stand
under their county code.
"""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from crm.rules.budget_cycle import BodyKind, DecisionPractice, PhaseOverride, Practice
from crm.rules.certainty import Certainty

BodyKey = tuple[BodyKind, str]
"""A kind with the municipality code (0860) or the county code (08)."""


@dataclass(frozen=True, slots=True)
class PublishedPractice:
    """A practice with what a reader wants to know of its source."""

    key: BodyKey
    body: str
    practice: Practice
    page_year: int | None
    note: str


def load_practices() -> dict[BodyKey, Practice]:
    """The practice of each body that has published one."""
    return {published.key: published.practice for published in published_practices()}


@lru_cache(maxsize=1)
def published_practices() -> tuple[PublishedPractice, ...]:
    """The same with name, note and year of the page, in the order of the file."""
    overrides: dict[BodyKey, list[PhaseOverride]] = defaultdict(list)
    for row in _rows("practice_phases.csv"):
        overrides[_key(row)].append(_override(row))
    return tuple(
        PublishedPractice(
            key=_key(row),
            body=row["body"],
            practice=Practice(
                kind=BodyKind(row["body_kind"]),
                decision=DecisionPractice(row["decision_practice"]),
                certainty=Certainty(row["certainty"]),
                source_url=row["source_url"],
                checked_on=date.fromisoformat(row["checked_on"]),
                overrides=tuple(overrides[_key(row)]),
                election_decision_month=_number(row["election_decision_month"]),
            ),
            page_year=_number(row["page_year"]),
            note=row["note"],
        )
        for row in _rows("practices.csv")
    )


def _override(row: dict[str, str]) -> PhaseOverride:
    start_month, start_day = (int(part) for part in row["start"].split("-"))
    end_month, end_day = (int(part) for part in row["end"].split("-"))
    return PhaseOverride(
        phase_key=row["phase_key"],
        start_month=start_month,
        start_day=start_day,
        end_month=end_month,
        end_day=end_day,
        year_offset=_number(row["year_offset"]),
        budget_year=_number(row["budget_year"]),
        certainty=Certainty(row["certainty"]),
        source_url=row["source_url"],
        checked_on=date.fromisoformat(row["checked_on"]),
    )


def _key(row: dict[str, str]) -> BodyKey:
    return BodyKind(row["body_kind"]), row["code"]


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


def _rows(name: str) -> list[dict[str, str]]:
    text = files("crm.rules").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
