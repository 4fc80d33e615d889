"""The database: base class, column types, engine set-up, and the only commit in the program.

Models stand on our own `Base`, so that types are seen by mypy and nothing but this file knows
Flask-SQLAlchemy.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, aliased, configure_mappers, registry
from sqlalchemy.sql.functions import FunctionElement

from crm.core.errors import RuleBroken

log = logging.getLogger("crm.core.db")


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware UTC in Python on both engines. A naive value is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a point in time needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NAMES = {  # without names, batch migrations cannot drop a constraint on SQLite
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every model's base."""

    registry = registry(
        type_annotation_map={datetime: UTCDateTime},
        metadata=sa.MetaData(naming_convention=NAMES),
    )


db = SQLAlchemy(model_class=Base)

FIRST_VERSION = 1
"""What a row that counts its versions has when it is new; known before it is in the database."""

# Bytewise order on both engines, so that a prefix of a path can use the index.
PathText = sa.String(255).with_variant(sa.String(255, collation="C"), "postgresql")
SortText = sa.String(300).with_variant(sa.String(300, collation="C"), "postgresql")


def unique_where(name: str, *columns: Any, where: str) -> sa.Index:
    """No two rows with the same values among those that the condition holds for."""
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


Model = TypeVar("Model", bound=Base)

_ALIASES: list[Any] = []


def alias_of(model: type[Model]) -> type[Model]:
    """An alias for a module to keep: of a wide table it takes longer to make one than to run the
    statement it is for."""
    made = aliased(model)
    _ALIASES.append(made)
    return made


def prepare() -> None:
    """Finish models and aliases before there are threads.

    Two threads that are the first to ask an alias for a column can get the table's own instead.
    """
    configure_mappers()
    for made in _ALIASES:
        for key in sa.inspect(made).mapper.column_attrs.keys():  # noqa: SIM118  # not a dictionary
            getattr(made, key).__clause_element__()


def choice(kind: type[Enum], name: str) -> sa.Enum:
    """Column type for a StrEnum: stored by value, with a CHECK named ck_<table>_<name>."""
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


@contextmanager
def transaction(by: Any = None, cause: str = "") -> Iterator[None]:
    """Commit what the block did, or nothing of it.

    `by` is the user who acts (None: the program itself) and `cause` the job or command; both go
    into the field history. Used by views, jobs and commands, and by nobody else.
    """
    session = db.session()
    session.info["actor_id"] = getattr(by, "id", None)
    session.info["cause"] = cause
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("actor_id", None)
        session.info.pop("cause", None)


def one_by_one(ids: Iterable[int], do: Callable[[int], bool], cause: str) -> int:
    """A job's work on many rows, each in a transaction of its own. Returns how many `do` did.

    One that fails stops only itself, is logged without its contents, and comes again next time.
    """
    done = 0
    for ident in ids:
        try:
            with transaction(cause=cause):
                did = do(ident)
            done += did
        except Exception as error:
            log.warning("%s: %s was left: %s", cause, ident, type(error).__name__)
    return done


class among(FunctionElement[Any]):  # noqa: N801  # read as a word in a condition, as func is
    """`among(column, select)`: the column is one of what the SELECT finds. As IN, yet PostgreSQL
    can use an index of the column also where it is one of several conditions under an OR."""

    type = sa.types.NullType()  # of a boolean SQLite would be asked "= 1", and use no index
    inherit_cache = True
    name = "among"

    def __init__(self, column: Any, select: sa.Select[Any]) -> None:
        super().__init__(column, select.scalar_subquery())


@compiles(among)
def _as_in(element: among, compiler: Any, **options: Any) -> str:
    column, select = element.clauses
    return f"{compiler.process(column, **options)} IN {compiler.process(select, **options)}"


@compiles(among, "postgresql")
def _as_array(element: among, compiler: Any, **options: Any) -> str:
    column, select = element.clauses
    found = compiler.process(select, **options)
    return f"{compiler.process(column, **options)} = ANY (ARRAY {found})"


@contextmanager
def refusing_doubles(sentence: str, *names: str) -> Iterator[None]:
    """Write what the block says; where a unique index will not have it, RuleBroken(sentence).

    `names` are those of the unique constraints and indexes that the sentence is about. Any other
    that breaks is a fault of another kind, and is raised as it came.

    The index decides, not a look beforehand: between looking and writing there is always somebody.
    What was written before the block stands, also where the block is refused.
    """
    meant = [_unique(name) for name in names]
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        if not any(unique.is_broken(error) for unique in meant):
            raise
        raise RuleBroken(sentence) from error


@dataclass(frozen=True, slots=True)
class _Unique:
    """A unique constraint or index, as each of the two databases names it when it is broken."""

    name: str
    columns: str
    """As SQLite says them: "source.kind, source.name_sv"."""

    def is_broken(self, error: IntegrityError) -> bool:
        """Whether it is this one that the database complained of."""
        if dialect_name() == "sqlite":
            return str(error.orig) == f"UNIQUE constraint failed: {self.columns}"
        return bool(error.orig.diag.constraint_name == self.name)  # type: ignore[union-attr]  # psycopg's own


@cache
def _unique(name: str) -> _Unique:
    for table in Base.metadata.tables.values():
        unique: list[sa.UniqueConstraint | sa.Index] = [
            *(one for one in table.constraints if isinstance(one, sa.UniqueConstraint)),
            *(index for index in table.indexes if index.unique),
        ]
        for found in unique:
            if found.name == name:
                columns = ", ".join(f"{table.name}.{column.name}" for column in found.columns)
                return _Unique(name, columns)
    raise LookupError(f"no unique constraint is called {name}")


def _web_mode(_conn: sa.Connection) -> str:
    """A GET only reads, so it need not wait for a writer; all else takes the write lock at once.

    A deferred transaction that reads first and writes later loses against another writer with
    "database is locked", which no waiting time helps against.
    """
    return "DEFERRED" if only_reads() else "IMMEDIATE"


def only_reads() -> bool:
    """Whether we answer a request that writes nothing: a GET, or a view that wears `@reads`."""
    if not has_request_context():
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in {"GET", "HEAD", "OPTIONS"} or hasattr(view, "__reads__")


def tune_sqlite(engine: sa.Engine, mode: Callable[[sa.Connection], str] = _web_mode) -> None:
    """Write-ahead log, foreign keys on, and BEGIN left to us instead of to the driver."""

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        dbapi.create_function("lower", 1, _lower, deterministic=True)
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "cache_size=-2048",  # KiB for each connection; the system keeps the file in memory
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql(f"BEGIN {mode(conn)}")


def _lower(value: Any) -> Any:
    """SQLite's own `lower` knows a to z only: "ÖVERENS" is found by "överens" as on PostgreSQL."""
    return value.lower() if isinstance(value, str) else value


def dialect_name() -> str:
    """'sqlite' or 'postgresql'."""
    return db.engine.dialect.name
