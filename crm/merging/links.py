"""Every column that points at an organisation or a person, and what a merge does with it.

The columns are found in the schema itself, so that none is forgotten: one that is not in the table
below is an error, and a test says so the day it is added.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from crm.core.db import Base
from crm.merging.models import Kind


class How(StrEnum):
    """What becomes of a link to the one that goes."""

    MOVES = "moves"
    BODY = "body"  # of the body a thing lies under: follows the thing
    CALENDAR = "calendar"  # one budget year is kept whole, the other is taken away
    TREE = "tree"  # the tree's own
    PLAN = "plan"  # the planner's note of what it planned, which it makes anew


HOW: dict[tuple[Kind, str], How] = {
    (Kind.ORGANISATION, "account_role.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "activity.body_id"): How.BODY,
    (Kind.ORGANISATION, "activity.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "body_plan.body_id"): How.PLAN,
    (Kind.ORGANISATION, "budget_confirmation.organisation_id"): How.CALENDAR,
    (Kind.ORGANISATION, "budget_event.organisation_id"): How.CALENDAR,
    (Kind.ORGANISATION, "budget_practice.copied_from_id"): How.MOVES,
    (Kind.ORGANISATION, "budget_practice.organisation_id"): How.CALENDAR,
    (Kind.ORGANISATION, "case.body_id"): How.BODY,
    (Kind.ORGANISATION, "case.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "case_unit.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "champion_act.body_id"): How.BODY,
    (Kind.ORGANISATION, "champion_act.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "contract.body_id"): How.BODY,
    (Kind.ORGANISATION, "contract.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "council_meeting.organisation_id"): How.CALENDAR,
    (Kind.ORGANISATION, "domain_pattern.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "framework_caller.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "gate_time.body_id"): How.MOVES,
    (Kind.ORGANISATION, "hand_over_item.body_id"): How.BODY,
    (Kind.ORGANISATION, "inquiry.body_id"): How.BODY,
    (Kind.ORGANISATION, "inquiry.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "need.body_id"): How.BODY,
    (Kind.ORGANISATION, "need.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "notice.body_id"): How.BODY,
    (Kind.ORGANISATION, "notice.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "person_relation.body_id"): How.MOVES,
    (Kind.ORGANISATION, "organisation.body_id"): How.TREE,
    (Kind.ORGANISATION, "organisation.merged_into_id"): How.MOVES,
    (Kind.ORGANISATION, "organisation.parent_id"): How.TREE,
    (Kind.ORGANISATION, "organisation.successor_id"): How.MOVES,
    (Kind.ORGANISATION, "organisation_alias.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "pause.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "pilot.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "post.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "procurement.body_id"): How.BODY,
    (Kind.ORGANISATION, "procurement.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "records_request.body_id"): How.BODY,
    (Kind.ORGANISATION, "records_request.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "reminder.body_id"): How.BODY,
    (Kind.ORGANISATION, "reminder.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "reference.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "shared_feed.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "shared_material.body_id"): How.BODY,
    (Kind.ORGANISATION, "shared_material.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "stage_length.organisation_id"): How.MOVES,
    (Kind.ORGANISATION, "unit_use.organisation_id"): How.MOVES,
    (Kind.PERSON, "account_role.person_id"): How.MOVES,
    (Kind.PERSON, "activity.person_id"): How.MOVES,
    (Kind.PERSON, "case_person.person_id"): How.MOVES,
    (Kind.PERSON, "champion_act.other_id"): How.MOVES,
    (Kind.PERSON, "champion_act.person_id"): How.MOVES,
    (Kind.PERSON, "conflict_note.person_id"): How.MOVES,
    (Kind.PERSON, "hospitality.person_id"): How.MOVES,
    (Kind.PERSON, "inquiry.person_id"): How.MOVES,
    (Kind.PERSON, "inquiry.told_by_id"): How.MOVES,
    (Kind.PERSON, "kit.person_id"): How.MOVES,
    (Kind.PERSON, "map_line.person_id"): How.MOVES,
    (Kind.PERSON, "need.person_id"): How.MOVES,
    (Kind.PERSON, "person.merged_into_id"): How.MOVES,
    (Kind.PERSON, "person_relation.from_id"): How.MOVES,
    (Kind.PERSON, "person_relation.to_id"): How.MOVES,
    (Kind.PERSON, "post.person_id"): How.MOVES,
    (Kind.PERSON, "reference.person_id"): How.MOVES,
    (Kind.PERSON, "reference_ask.person_id"): How.MOVES,
    (Kind.PERSON, "remark.person_id"): How.MOVES,
    (Kind.PERSON, "reminder.person_id"): How.MOVES,
}

GOES_ON = ("organisation_id", "person_id", "role")
"""A role that goes on is held once, from whichever day, although its key holds the day as well."""


@dataclass(frozen=True, slots=True)
class Link:
    """A column that points at the kind, and what a merge does with it."""

    table: sa.Table
    column: sa.Column[Any]
    how: How

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def body(self) -> sa.Column[Any] | None:
        """The column beside it that names the body, and goes along."""
        if self.column.name != "organisation_id" or "body_id" not in self.table.c:
            return None
        return self.table.c.body_id


@cache
def links(kind: Kind) -> tuple[Link, ...]:
    """Every column of the schema that points at the kind. Raises LookupError for an unknown one."""
    return tuple(
        Link(column.table, column, HOW[kind, f"{column.table.name}.{column.name}"])
        for column in columns(kind)
    )


def columns(kind: Kind) -> list[sa.Column[Any]]:
    """The columns with a foreign key to the kind's table."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.c
        if any(key.column.table.name == kind.value for key in column.foreign_keys)
    ]


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that no two rows may share, among the rows that `empty` and `filled` are true of."""

    columns: tuple[str, ...]
    empty: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()

    def condition(self, row: Any) -> list[sa.ColumnElement[bool]]:
        """The same of one of two aliases."""
        return [row.c[name].is_(None) for name in self.empty] + [
            row.c[name].is_not(None) for name in self.filled
        ]


_PART = re.compile(r"^(\w+) IS (NOT )?NULL$")


@cache
def keys(link: Link) -> tuple[Key, ...]:
    """The unique keys that the column is part of. Raises ValueError for a condition it cannot
    read."""
    found = [
        Key(tuple(column.name for column in one.columns))
        for one in link.table.constraints
        if isinstance(one, sa.UniqueConstraint)
    ]
    for index in link.table.indexes:
        if index.unique:
            found.append(_partial(index))
    if set(GOES_ON[1:]) <= set(link.table.c.keys()):
        scope = "case_id" if "case_id" in link.table.c else "organisation_id"
        found.append(Key((scope, *GOES_ON[1:]), empty=("ended_on",)))
    return tuple(key for key in found if link.column.name in key.columns)


def _partial(index: sa.Index) -> Key:
    where = index.dialect_options["sqlite"].get("where")
    names = tuple(column.name for column in index.columns)
    empty: list[str] = []
    filled: list[str] = []
    for part in str(where).split(" AND ") if where is not None else ():
        read = _PART.match(part.strip())
        if read is None:
            raise ValueError(f"the condition of {index.name} cannot be read: {part}")
        (filled if read[2] else empty).append(read[1])
    return Key(names, tuple(empty), tuple(filled))


def doubles(link: Link, kept_id: int, gone_id: int) -> Iterator[sa.Select[Any]]:
    """SELECTs of (the kept one's row, the gone one's row) that would be there twice."""
    mine, other = link.table.alias("mine"), link.table.alias("other")
    for key in keys(link):
        same = [mine.c[name] == other.c[name] for name in key.columns if name != link.column.name]
        yield sa.select(mine.c.id.label("mine"), other.c.id.label("other")).where(
            mine.c[link.column.name] == kept_id,
            other.c[link.column.name] == gone_id,
            mine.c.id != other.c.id,
            *same,
            *key.condition(mine),
            *key.condition(other),
        )


def settled(kind: Kind) -> Iterator[Link]:
    """The links that move row by row and have a unique key."""
    return (link for link in links(kind) if link.how is How.MOVES and keys(link))
