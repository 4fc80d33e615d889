"""The tables as the migrations make them: bring a database up to date, or ask how far it is.

Works without an app, so that commands, the demo and the tests can call it on any engine.
"""

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crm.core.db import Base
from crm.core.resources import MIGRATIONS

if TYPE_CHECKING:  # a server asks only `is_current`, and Alembic is a third of what it would load
    from alembic.config import Config

UNMODELLED = {
    "table": ("search_fts",),  # SQLite's own, with its shadow tables
    "column": ("search_doc.tsv",),  # PostgreSQL's generated column
    "index": ("search_tsv",),
}
"""Prefixes of what 0002_extras makes by hand and no model knows."""


def upgrade_to_head(engine: sa.Engine) -> None:
    """Run what migrations are missing. Several processes may ask at once; all end well.

    An SQLite engine must have been through `tune_sqlite`, or a migration would not be all or
    nothing; an app's engine has.
    """
    from alembic import command

    command.upgrade(_config(engine), "head")


def downgrade_to_nothing(engine: sa.Engine) -> None:
    """Undo every migration, newest first. All data is lost."""
    from alembic import command

    command.downgrade(_config(engine), "base")


def is_current(engine: sa.Engine) -> bool:
    """True when the database has had every migration we ship."""
    version = sa.table("alembic_version", sa.column("version_num"))
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(version.name):
            return False
        stored = set(connection.scalars(sa.select(version.c.version_num)))
    return stored == _heads()


_REVISION = re.compile(r"""^(down_)?revision\b[^=\n]*= *["'](\w+)["']""", re.MULTILINE)


def _heads() -> set[str]:
    """The migrations that no other one follows, as their files say."""
    made, followed = set[str](), set[str]()
    for file in (MIGRATIONS / "versions").glob("*.py"):
        for down, name in _REVISION.findall(file.read_text(encoding="utf-8")):
            (followed if down else made).add(name)
    return made - followed


def metadata() -> sa.MetaData:
    """Every table of every package. All models are imported first, or tables would be missing.

    By name: core lies below the packages and must not import them.
    """
    import_module("crm.models")
    return Base.metadata


def comparison(dialect: str) -> dict[str, Any]:
    """Alembic's options for comparing a database with the models, by engine name."""
    indexes = [index for table in metadata().tables.values() for index in table.indexes]
    on_expressions = {
        str(index.name)
        for index in indexes
        if not all(isinstance(part, sa.Column) for part in index.expressions)
    }

    def is_ours(name: str | None, kind: str, parents: Any) -> bool:
        if name is None:
            return True
        if kind == "index" and dialect == "sqlite" and name in on_expressions:
            return False  # SQLite cannot say what it is made of; PostgreSQL's comparison covers it
        full = f"{parents.get('table_name')}.{name}" if kind == "column" else name
        return not full.startswith(UNMODELLED.get(kind, ("\0",)))

    return {"compare_type": True, "include_name": is_ours}


def _config(engine: sa.Engine) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config
