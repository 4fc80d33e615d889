"""Doing, noting and undoing the steps of a merge.

Each step holds what it takes to undo it. Written below the mapped classes, in statements that take
many rows at once; what the listeners of the field history would have written is written here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa

from crm.audit.models import Audited, AuditEntry, plain
from crm.core.db import Base, UTCDateTime, db
from crm.merging.models import Act, Merge, MergeStep

AT_A_TIME = 500  # rows in one statement
CAUSE, CAUSE_BACK = "merge", "merge.undo"
Facts = Mapping[str, Any]


@dataclass(slots=True)
class Writer:
    """Does things and notes each as a step of the merge."""

    merge: Merge
    now: datetime
    place: int = 0

    def give(self, table: sa.Table, ids: Sequence[int], before: Facts, after: Facts) -> None:
        """Give rows that all have the values `before` the values `after`."""
        if ids and before != after:
            _update(table, ids, before, after, now=self.now, cause=CAUSE)
            self._note(Act.SET, table, ids, before, after)

    def drop(self, table: sa.Table, number: int) -> None:
        """Take a row away."""
        row = db.session.execute(sa.select(table).where(table.c.id == number)).one()
        before = {name: plain(value) for name, value in row._mapping.items()}
        db.session.connection().execute(sa.delete(table).where(table.c.id == number))
        gone = {key: [value, None] for key, value in before.items()}
        _tell(table, [(number, "delete", None, gone)], self.now, CAUSE)
        self._note(Act.DROP, table, [number], before, {})

    def add(self, thing: Any) -> None:
        """Make a row of a mapped class, whose listeners tell of it."""
        db.session.add(thing)
        db.session.flush()
        self._note(Act.ADD, thing.__table__, [thing.id], {}, {})

    def tree(self, table: sa.Table, ids: Sequence[int]) -> None:
        """Note that these nodes have gone under the other with all that lies beneath them."""
        if ids:
            self._note(Act.TREE, table, ids, {}, {})

    def _note(
        self, act: Act, table: sa.Table, ids: Sequence[int], before: Facts, after: Facts
    ) -> None:
        self.place += 1
        db.session.add(
            MergeStep(
                merge_id=self.merge.id,
                place=self.place,
                act=act,
                table=table.name,
                keys=list(ids),
                before={name: plain(value) for name, value in before.items()},
                after={name: plain(value) for name, value in after.items()},
            )
        )
        db.session.flush()


def touched(steps: Iterable[MergeStep]) -> dict[str, int]:
    """By table, how many rows are no longer as their steps left them. What one step left, a later
    one of the same merge may have changed: the last word counts."""
    left: dict[tuple[str, int], dict[str, Any]] = {}
    for step in steps:
        if step.act is Act.SET:
            for number in step.keys:
                left.setdefault((step.table, number), {}).update(step.after)
    by_table: dict[str, dict[int, dict[str, Any]]] = {}
    for (name, number), facts in left.items():
        by_table.setdefault(name, {})[number] = facts
    found = {}
    for name, rows in by_table.items():
        table = Base.metadata.tables[name]
        here = {
            row.id: row._mapping
            for some in parts(list(rows))
            for row in db.session.execute(sa.select(table).where(table.c.id.in_(some)))
        }
        changed = sum(
            number not in here
            or any(plain(here[number][column]) != value for column, value in facts.items())
            for number, facts in rows.items()
        )
        if changed:
            found[name] = changed
    return found


def take_back(step: MergeStep, now: datetime) -> None:
    """Undo one step; the tree is the caller's. The database may refuse what is there."""
    table = Base.metadata.tables[step.table]
    connection = db.session.connection()
    match step.act:
        case Act.SET:
            before = {name: _read(table, name, value) for name, value in step.before.items()}
            after = {name: _read(table, name, value) for name, value in step.after.items()}
            _update(table, step.keys, after, before, now=now, cause=CAUSE_BACK)
        case Act.DROP:
            row = {name: _read(table, name, value) for name, value in step.before.items()}
            connection.execute(sa.insert(table).values(row))
            made = {key: [None, value] for key, value in step.before.items() if value is not None}
            _tell(table, [(step.keys[0], "create", None, made)], now, CAUSE_BACK)
        case Act.ADD:
            connection.execute(sa.delete(table).where(table.c.id.in_(step.keys)))
            gone = [(one, "delete", None, {"id": [one, None]}) for one in step.keys]
            _tell(table, gone, now, CAUSE_BACK)
        case Act.TREE:
            pass


def parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    """As many at a time as one statement may name."""
    at = iter(numbers)
    while found := list(islice(at, AT_A_TIME)):
        yield found


def _update(
    table: sa.Table, ids: Sequence[int], before: Facts, after: Facts, *, now: datetime, cause: str
) -> None:
    values: dict[Any, Any] = {table.c[name]: value for name, value in after.items()}
    versioned = "version" in table.c
    if versioned:
        values[table.c.version] = table.c.version + 1
    changes = {
        name: [plain(before[name]), plain(value)]
        for name, value in after.items()
        if plain(before[name]) != plain(value)
    }
    for some in parts(ids):
        db.session.connection().execute(sa.update(table).where(table.c.id.in_(some)).values(values))
        versions: dict[int, int] = {}
        if versioned and table.name in _audited():
            found = sa.select(table.c.id, table.c.version).where(table.c.id.in_(some))
            versions = {number: version for number, version in db.session.execute(found)}
        _tell(table, [(one, "update", versions.get(one), changes) for one in some], now, cause)


Line = tuple[int, str, int | None, dict[str, list[Any]]]


def _tell(table: sa.Table, lines: Sequence[Line], now: datetime, cause: str) -> None:
    """The lines that the listeners of the field history would have written."""
    if table.name not in _audited() or not lines:
        return
    silent = {"version", *_audited()[table.name]}
    actor = db.session().info.get("actor_id")
    rows = [
        {
            "at": now,
            "actor_id": actor,
            "cause": cause,
            "entity": table.name,
            "entity_id": str(number),
            "action": action,
            "version": version,
            "changes": {key: pair for key, pair in changes.items() if key not in silent},
        }
        for number, action, version, changes in lines
    ]
    db.session.connection().execute(sa.insert(AuditEntry.metadata.tables["audit_entry"]), rows)


@cache
def _audited() -> dict[str, frozenset[str]]:
    """The tables with a field history, and which of their columns must never stand in it."""
    return {
        str(mapper.local_table.name): mapper.class_.__audit_skip__  # type: ignore[attr-defined]  # a table, never a join
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Audited)
    }


def _read(table: sa.Table, name: str, value: Any) -> Any:
    """A plain value as its column takes it."""
    if value is None:
        return None
    kind = table.c[name].type
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return value
