"""How Alembic reaches our database, on both engines.

Asked from a program (`crm.core.schema`), the engine comes in the configuration; asked by
`flask db …`, it comes from the app.
"""

import sqlalchemy as sa
from alembic import context

from crm.core.schema import comparison, metadata

LOCK = 72_470_011  # any number, the same in every process: one migration at a time


def engine() -> sa.Engine:
    given = context.config.attributes.get("engine")
    if given is not None:
        return given
    from flask import current_app

    return current_app.extensions["migrate"].db.engine


def migrate(engine: sa.Engine) -> None:
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        if sqlite:
            if raw.isolation_level is not None:  # the driver would commit half a migration
                raise RuntimeError("call crm.core.db.tune_sqlite(engine) before a migration")
            # A batch migration drops and re-creates its table; with this on, ON DELETE CASCADE
            # would empty the table's children. The pragma is ignored inside a transaction.
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=metadata(),
                render_as_batch=sqlite,
                transactional_ddl=True,
                **comparison(engine.dialect.name),
            )
            with context.begin_transaction():
                if not sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                context.run_migrations()
                if sqlite and (bad := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"rows that point at nothing after the migration: {bad[:5]}")
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


migrate(engine())
