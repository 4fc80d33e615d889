"""What the law puts figures on, as dated rows with their source.

`data/procurement_amounts.csv` holds the thresholds and limits in kronor (from `procurement-
thresholds.csv`), `data/procurement_periods.csv` the days, months, years and percentages. A row
holds from `valid_from` to `valid_to`, both included; an open end holds until another row begins. An
administrator's corrected rows are laid over the shipped ones with `LawValues.corrected`, and a
question asked for a past day finds the row of that day.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from crm.rules.calendar import ONE_DAY
from crm.rules.law.explained import Confidence, Ore
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind


class ValueKey(StrEnum):
    """What a row puts a figure on."""

    # kronor
    EU_THRESHOLD = "eu_threshold"
    DIRECT_AWARD = "direct_award"
    SMALL_LOT = "small_lot"
    DOCUMENTED_ABOVE = "documented_above"
    DIRECT_NOTICE_FROM = "direct_notice_from"
    FEE_LEAST = "fee_least"
    FEE_MOST = "fee_most"
    # percentages
    SMALL_LOTS_SHARE = "small_lots_share"
    CHANGE_SMALL = "change_small"
    CHANGE_ADDED_ORDER = "change_added_order"
    CHANGE_UNFORESEEN = "change_unforeseen"
    FEE_SHARE = "fee_share"
    # months and years counted as value or time
    MONTHS_COUNTED = "months_counted"
    SHORT_LEASE = "short_lease"
    FRAMEWORK = "framework"
    # time to apply and to bid
    OPEN_TENDER = "open_tender"
    OPEN_ELECTRONIC = "open_electronic"
    OPEN_PRIOR_NOTICE = "open_prior_notice"
    OPEN_URGENT = "open_urgent"
    APPLICATION = "application"
    APPLICATION_URGENT = "application_urgent"
    INVITED_TENDER = "invited_tender"
    INVITED_ELECTRONIC = "invited_electronic"
    INVITED_PRIOR_NOTICE = "invited_prior_notice"
    INVITED_URGENT = "invited_urgent"
    INVITED_NOT_AGREED = "invited_not_agreed"
    PRIOR_NOTICE_LEAST = "prior_notice_least"
    PRIOR_NOTICE_MOST = "prior_notice_most"
    DOCUMENTS_ADD = "documents_add"
    DIS_APPLICATION = "dis_application"
    DIS_APPLICATION_FLOOR = "dis_application_floor"
    DIS_TENDER = "dis_tender"
    DIS_QUALIFICATION = "dis_qualification"
    DIS_QUALIFICATION_LONG = "dis_qualification_long"
    DIS_DECLARATION = "dis_declaration"
    CONCESSION_FIRST = "concession_first"
    CONCESSION_FIRST_ELECTRONIC = "concession_first_electronic"
    CONCESSION_TENDER = "concession_tender"
    CONCESSION_TENDER_ELECTRONIC = "concession_tender_electronic"
    # questions
    ANSWERS = "answers"
    ANSWERS_URGENT = "answers_urgent"
    ANSWERS_NATIONAL = "answers_national"
    ASK_EXAMPLE = "ask_example"
    # standstill and review
    STANDSTILL_ELECTRONIC = "standstill_electronic"
    STANDSTILL_OTHER = "standstill_other"
    STANDSTILL_NOTICE = "standstill_notice"
    CANCEL_ELECTRONIC = "cancel_electronic"
    CANCEL_OTHER = "cancel_other"
    NEW_FACTS = "new_facts"
    AFTER_RULING = "after_ruling"
    VALIDITY = "validity"
    VALIDITY_CUT = "validity_cut"
    DAMAGES = "damages"
    FEE_DECISION = "fee_decision"
    # after the award
    AWARD_NOTICE = "award_notice"
    AWARD_NOTICE_NATIONAL = "award_notice_national"
    AWARD_NOTICE_DIRECT = "award_notice_direct"
    DOCUMENTATION = "documentation"
    DOCUMENTATION_NATIONAL = "documentation_national"
    DOCUMENTATION_DIRECT = "documentation_direct"
    REASONS = "reasons"
    REASONS_NATIONAL = "reasons_national"
    KEPT = "kept"
    REFUSAL_APPEAL = "refusal_appeal"


class LawUnit(StrEnum):
    """What a row's value is counted in."""

    KRONOR = "kronor"
    PERCENT = "percent"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class Comparison(StrEnum):
    """How a value is held against a limit."""

    BELOW = "below"  # under the limit is allowed, the limit itself is not
    AT_MOST = "at_most"  # the limit itself is allowed


ORE_PER_KRONA: Final = 100

CHECKED_ON: Final = date(2026, 11, 23)
"""The day the shipped rows were last held against their sources."""

ALL_OBJECTS: Final = ""
_ALL: Final = "all"  # in a code, for an empty part
GROUPS: Final[dict[str, frozenset[ObjectKind]]] = {
    ALL_OBJECTS: frozenset(ObjectKind),
    "goods_services_works": frozenset({ObjectKind.GOODS_SERVICES, ObjectKind.WORKS}),
    **{kind.value: frozenset({kind}) for kind in ObjectKind},
}
"""Which kinds of object a row speaks of, by the name the row gives them."""

Slot = tuple[ValueKey, Law, str, str]
"""What is given one figure at a time: key, law, authority (empty for all) and group of objects."""


class NoValue(LookupError):
    """No row says it for that day: outside the years covered, or not in the sources at all."""

    def __init__(self, key: ValueKey, law: Law, on: date) -> None:
        super().__init__(f"No figure for {key} under {law} on {on}.")
        self.key = key
        self.law = law
        self.on = on


@dataclass(frozen=True, slots=True)
class LawRow:
    """One figure of the law. `euro` in whole euro where the figure follows from one."""

    key: ValueKey
    law: Law
    value: int  # in `unit`; kronor whole
    unit: LawUnit
    valid_from: date
    valid_to: date | None = None  # included; None for until further notice
    authority: str = ""  # an AuthorityKind, or empty for all
    objects: str = ALL_OBJECTS  # a name in GROUPS
    comparison: Comparison | None = None  # of limits
    euro: int | None = None
    paragraph: str = ""
    source: str = ""
    confidence: Confidence = Confidence.CONFIRMED
    confirmed_until: date | None = None  # later days are taken to be unchanged
    note: str = ""  # of an administrator who corrected it

    @property
    def slot(self) -> Slot:
        return (self.key, self.law, self.authority, self.objects)

    @property
    def ore(self) -> Ore:
        """The amount in öre. Raises ValueError for a row that is no amount."""
        if self.unit is not LawUnit.KRONOR:
            raise ValueError(f"{self.key} is not an amount.")
        return Ore(self.value * ORE_PER_KRONA)

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def confidence_on(self, day: date) -> Confidence:
        """Confirmed up to the day it was read for; after that assumed to be unchanged."""
        until = self.confirmed_until
        if self.confidence is Confidence.CONFIRMED and until is not None and day > until:
            return Confidence.ASSUMED
        return self.confidence


class LawValues:
    """All rows, to be asked for one day at a time.

    Raises ValueError if two rows give the same thing a figure on the same day, or if a row ends
    before it begins.
    """

    def __init__(self, rows: Iterable[LawRow]) -> None:
        self.rows: tuple[LawRow, ...] = tuple(rows)
        self._by_key: dict[tuple[ValueKey, Law], list[LawRow]] = defaultdict(list)
        by_slot: dict[Slot, list[LawRow]] = defaultdict(list)
        for row in self.rows:
            self._by_key[row.key, row.law].append(row)
            by_slot[row.slot].append(row)
        for slot, found in by_slot.items():
            _check(slot, sorted(found, key=lambda row: row.valid_from))

    def find(
        self,
        key: ValueKey,
        law: Law,
        on: date,
        authority: AuthorityKind | None = None,
        kind: ObjectKind = ObjectKind.GOODS_SERVICES,
    ) -> LawRow:
        """The row that holds on the day. Raises NoValue where there is none."""
        for row in self._by_key.get((key, law), ()):
            if (
                row.holds_on(on)
                and row.authority in {"", authority}
                and kind in GROUPS[row.objects]
            ):
                return row
        raise NoValue(key, law, on)

    def begins(self, key: ValueKey, law: Law) -> date | None:
        """The first day of which anything is known; None where nothing is, under that act."""
        return min((row.valid_from for row in self._by_key.get((key, law), ())), default=None)

    def corrected(self, corrections: Iterable[LawRow]) -> "LawValues":
        """The same with an administrator's rows laid over.

        A row with the slot and first day of another takes its place. One with a first day of its
        own begins a new period: the row that held until then ends the day before. A row without an
        end holds as long as the one whose place it takes, and never into the next.
        """
        rows = {(row.slot, row.valid_from): row for row in self.rows}
        for new in sorted(corrections, key=lambda row: row.valid_from):
            alike = [row for row in rows.values() if row.slot == new.slot]
            held = next((row for row in alike if row.holds_on(new.valid_from)), None)
            later = min(
                (row.valid_from for row in alike if row.valid_from > new.valid_from), default=None
            )
            ends = [
                end
                for end in (
                    new.valid_to or (held.valid_to if held else None),
                    later - ONE_DAY if later else None,
                )
                if end
            ]
            if held is not None and held.valid_from < new.valid_from:
                rows[held.slot, held.valid_from] = replace(held, valid_to=new.valid_from - ONE_DAY)
            rows[new.slot, new.valid_from] = replace(new, valid_to=min(ends, default=None))
        return LawValues(rows.values())


def _check(slot: Slot, rows: Sequence[LawRow]) -> None:
    for row in rows:
        if row.valid_to is not None and row.valid_to < row.valid_from:
            raise ValueError(f"{slot} ends before it begins, on {row.valid_to}.")
    for earlier, later in pairwise(rows):
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            raise ValueError(f"{slot} has two figures on {later.valid_from}.")


def slot_code(slot: Slot) -> str:
    """A slot as an address can hold it: "eu_threshold.LOU.other.goods_services"."""
    key, law, authority, objects = slot
    return f"{key}.{law}.{authority or _ALL}.{objects or _ALL}"


def slot_of(code: str) -> Slot | None:
    """The shipped slot with that code; None where there is none."""
    return _slots_by_code().get(code)


@lru_cache(maxsize=1)
def _slots_by_code() -> dict[str, Slot]:
    return {slot_code(row.slot): row.slot for row in shipped_values().rows}


@lru_cache(maxsize=1)
def shipped_values() -> LawValues:
    """The rows that the product ships, in the order of the files."""
    return LawValues(
        _row(row)
        for name in ("procurement_amounts.csv", "procurement_periods.csv")
        for row in _rows(name)
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = files("crm.rules").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def _row(row: dict[str, str]) -> LawRow:
    return LawRow(
        key=ValueKey(row["key"]),
        law=Law(row["law"]),
        value=int(row["value"]),
        unit=LawUnit(row["unit"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        authority=row["authority"],
        objects=row["objects"],
        comparison=Comparison(row["comparison"]) if row["comparison"] else None,
        euro=int(row["euro"]) if row["euro"] else None,
        paragraph=row["paragraph"],
        source=row["source"],
        confidence=Confidence(row["confidence"]),
        confirmed_until=_day(row["confirmed_until"]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
