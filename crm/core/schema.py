"""The tables as the migrations make them: bring a database up to date, or ask how far it is.

Works without an app, so that commands, the demo and the tests can call it on any engine.
"""

import pkgutil
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import crm
from crm.core.db import Base
from crm.core.resources import MIGRATIONS

UNMODELLED = ("search_fts",)
"""Prefixes of tables that a migration makes by hand and SQLite then keeps itself (FTS5)."""


def upgrade_to_head(engine: sa.Engine) -> None:
    """Run what migrations are missing. Several processes may ask at once; all end well."""
    command.upgrade(_config(engine), "head")


def downgrade_to_nothing(engine: sa.Engine) -> None:
    """Undo every migration, newest first. All data is lost."""
    command.downgrade(_config(engine), "base")


def is_current(engine: sa.Engine) -> bool:
    """True when the database has had every migration we ship."""
    with engine.connect() as connection:
        stored = MigrationContext.configure(connection).get_current_heads()
    return set(stored) == set(ScriptDirectory.from_config(_config(engine)).get_heads())


def metadata() -> sa.MetaData:
    """Every table of every package: imports all models first, or unseen tables would be dropped."""
    for package in pkgutil.iter_modules(crm.__path__, "crm."):
        if package.ispkg and any(
            module.name == "models"
            for module in pkgutil.iter_modules([f"{crm.__path__[0]}/{package.name[4:]}"])
        ):
            import_module(f"{package.name}.models")
    return Base.metadata


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Alembic's `include_name`: leave the full-text index's own tables out of the comparison."""
    return not (kind == "table" and name is not None and name.startswith(UNMODELLED))


def _config(engine: sa.Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config
