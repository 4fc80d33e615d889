"""Taking away what was entered by mistake, and putting it back as it was.

It is deleted for real: a mark on the row would have to be heeded by every list, count, plan and
forecast. Its own rows are kept as plain values, and made anew from there.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import inspect

from crm.audit.models import Removal, plain
from crm.core.db import Base, UTCDateTime, db
from crm.core.errors import NotFound

KEPT_FOR: Final = timedelta(days=30)
"""How long something can be put back; the field history says afterwards what it was."""


def remove(
    title: str,
    things: Sequence[Base],
    *,
    by_id: int | None,
    now: datetime,
    letting_go: Sequence[tuple[Base, str]] = (),
    moving: Sequence[tuple[Base, str, int]] = (),
) -> Removal:
    """Delete rows and keep what they held. `things`: what others refer to comes first.

    What refers to one of them from elsewhere lets go where its column says so (ON DELETE SET NULL),
    or where it is named in `letting_go`, and has it again when they are put back. What is named in
    `moving` refers to another row instead, and goes back unless it has been moved on by then. What
    still refers to one of them makes the database refuse.
    """
    links = [
        *_named(letting_go),
        *(
            [*link, to]
            for link, (_row, _column, to) in zip(
                _named([one[:2] for one in moving]), moving, strict=True
            )
        ),
        *_let_go_by_the_database(things),
    ]
    for row, column in letting_go:
        setattr(row, column, None)
    for row, column, to in moving:
        setattr(row, column, to)
    removal = Removal(
        kind=things[0].__tablename__,
        title=title,
        rows=[[one.__tablename__, _columns(one)] for one in things],
        links=links,
        at=now,
        by_id=by_id,
    )
    for one in reversed(things):
        db.session.delete(one)
        db.session.flush()
    db.session.add(removal)
    db.session.flush()
    return removal


def get(removal_id: int, kind: str) -> Removal:
    """One of a kind that can still be put back. Raises NotFound."""
    found = db.session.get(Removal, removal_id)
    if found is None or found.kind != kind:
        raise NotFound("removal")
    return found


def put_back(removal: Removal) -> int:
    """Make the rows anew, and forget the removal. The answer is the id of the first.

    A number that somebody else has got meanwhile is replaced by a new one, also where the other
    rows refer to it. What let go of them refers to them again, unless it has gone or has something
    else by now.
    """
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    numbers: dict[tuple[str, Any], Any] = {}
    first = 0
    for table, values in removal.rows:
        model = models[table]
        columns = model.__table__.columns
        facts = {
            name: numbers.get((_refers_to(columns[name]), value), _typed(columns[name], value))
            for name, value in values.items()
        }
        old = facts.get("id")
        if old is not None and db.session.get(model, old) is not None:
            del facts["id"]
        thing = model(**facts)
        db.session.add(thing)
        db.session.flush()
        if old is not None:
            numbers[table, old] = thing.id
            first = first or thing.id
    for table, key, column, target, number, *instead in removal.links:
        row = db.session.get(models[table], tuple(key), populate_existing=True)
        if row is not None and getattr(row, column) in (None, *instead):
            setattr(row, column, numbers.get((target, number), number))
    db.session.flush()
    db.session.delete(removal)
    return first


def forget_old(now: datetime) -> int:
    """Throw away what it takes to put back what was taken away long ago. How many there were."""
    gone: Any = db.session.execute(sa.delete(Removal).where(Removal.at < now - KEPT_FOR))
    return int(gone.rowcount)


def _named(letting_go: Sequence[tuple[Base, str]]) -> list[list[Any]]:
    return [
        [
            row.__tablename__,
            list(inspect(row).mapper.primary_key_from_instance(row)),
            column,
            _refers_to(Base.metadata.tables[row.__tablename__].columns[column]),
            getattr(row, column),
        ]
        for row, column in letting_go
    ]


def _let_go_by_the_database(things: Sequence[Base]) -> list[list[Any]]:
    """What the database empties by itself: one statement for each such column."""
    db.session.flush()
    numbers: dict[str, list[int]] = {}
    for thing in things:
        if (number := getattr(thing, "id", None)) is not None:
            numbers.setdefault(thing.__tablename__, []).append(number)
    found = []
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            target = key.column.table.name
            if key.ondelete != "SET NULL" or target not in numbers:
                continue
            primary = list(table.primary_key.columns)
            rows = db.session.execute(
                sa.select(key.parent, *primary)
                .where(key.parent.in_(numbers[target]))
                .order_by(*primary)
            )
            found += [[table.name, list(own), key.parent.name, target, to] for to, *own in rows]
    return found


def _columns(thing: Base) -> dict[str, Any]:
    return {
        attribute.key: plain(getattr(thing, attribute.key))
        for attribute in inspect(thing).mapper.column_attrs
        if attribute.key != "version"
    }


def _refers_to(column: sa.Column[Any]) -> str:
    return next((key.column.table.name for key in column.foreign_keys), "")


def _typed(column: sa.Column[Any], value: Any) -> Any:
    """The value as the column has it."""
    if value is None:
        return None
    if isinstance(column.type, sa.Enum) and column.type.enum_class is not None:
        return column.type.enum_class(value)
    if isinstance(column.type, UTCDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return value
