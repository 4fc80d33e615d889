"""The field history, and the listeners that write it for every audited model."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from crm.core import clock
from crm.core.db import Base


class Audited:
    """Mixin: every insert, update and delete of the model leaves a line in the history.

    `__audit_skip__` names columns that must never be written there (hashes, secrets, nonces).
    """

    __audit_skip__: ClassVar[frozenset[str]] = frozenset()

    @property
    def is_audited(self) -> bool:
        """Whether this very row leaves lines. A row of which nothing may be kept says no."""
        return True


class AuditEntry(Base):
    """One change of one row. `changes` maps a column to [old, new], plain JSON values.

    `version` is the row's own after the change, where it counts its versions.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_thing", "entity", "entity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    cause: Mapped[str] = mapped_column(sa.String(80), default="")  # job or command; "" = a page
    entity: Mapped[str] = mapped_column(sa.String(60))
    entity_id: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(10))  # create, update, delete
    version: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class Removal(Base):
    """Something that was entered by mistake and taken away, with all that it takes to put it back.

    `rows` are [table, {column: plain value}] in the order in which they are put back. `links` are
    the columns of rows that stayed, and that pointed to one of them: [table, key, column, the table
    pointed to, the number there], and the number that is there instead where they were moved. The
    field history says the same column by column; it stays when this is thrown away.
    """

    __tablename__ = "removal"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(60))  # the table of the first row
    title: Mapped[str] = mapped_column(sa.String(300))
    rows: Mapped[list[Any]] = mapped_column(sa.JSON)
    links: Mapped[list[Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


def plain(value: Any) -> Any:
    """A column value as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


@event.listens_for(Base, "mapper_configured", propagate=True)
def _keep_old(_mapper: Mapper[Any], cls: type[Any]) -> None:
    """After a commit a row is expired, and a set without a read would have no old value."""
    if issubclass(cls, Audited):
        for attribute in _mapper.column_attrs:
            event.listen(getattr(cls, attribute.key), "set", lambda *_: None, active_history=True)


def _changes(thing: Any, action: str) -> dict[str, list[Any]]:
    state, found = inspect(thing), {}
    for attribute in state.mapper.column_attrs:
        key = attribute.key
        if key in thing.__audit_skip__ or key == "version":
            continue
        if action == "create":
            if (new := getattr(thing, key)) is not None:
                found[key] = [None, plain(new)]
        elif action == "delete":
            found[key] = [plain(state.dict.get(key)), None]
        elif (history := get_history(thing, key, PASSIVE_NO_INITIALIZE)).has_changes():
            old = plain(history.deleted[0]) if history.deleted else None
            new = plain(history.added[0]) if history.added else None
            if old != new:
                found[key] = [old, new]
    return found


def _touched(session: Session) -> Iterator[tuple[str, Any]]:
    for action, things in (
        ("create", session.new),
        ("update", session.dirty),
        ("delete", session.deleted),
    ):
        for thing in things:
            if isinstance(thing, Audited) and thing.is_audited:
                yield action, thing


def _write(session: Session, _context: object) -> None:
    now = clock.now()
    rows = [
        {
            "at": now,
            "actor_id": session.info.get("actor_id"),
            "cause": session.info.get("cause", "")[:80],
            "entity": inspect(thing).mapper.local_table.name,
            "entity_id": "-".join(
                str(part) for part in inspect(thing).mapper.primary_key_from_instance(thing)
            ),
            "action": action,
            "version": getattr(thing, "version", None),
            "changes": changes,
        }
        for action, thing in _touched(session)
        if (changes := _changes(thing, action))
    ]
    if rows:
        session.connection().execute(sa.insert(AuditEntry), rows)


def _refuse_bulk(state: ORMExecuteState) -> None:
    """A bulk statement would pass the listeners unseen; who means it says `unaudited`."""
    if not (state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    if issubclass(state.bind_mapper.class_, Audited) and not state.execution_options.get(
        "unaudited"
    ):
        raise RuntimeError(f"bulk statement on {state.bind_mapper.class_.__name__}, audited")


event.listen(Session, "after_flush", _write)
event.listen(Session, "do_orm_execute", _refuse_bulk)
