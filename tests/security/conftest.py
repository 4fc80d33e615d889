"""A world with one of everything, for tests that visit every address.

It is made once for each engine and really committed, in a database of its own; what a test does
there is rolled back, as everywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm.core.db import db
from tests.conftest import running_app, settings_for, undone_afterwards
from tests.support.databases import Maker, PostgresqlMaker, SqliteMaker
from tests.support.forms import PostForm
from tests.support.world import World, build


@dataclass
class Made:
    """An app whose database holds the world, and the forms that its pages were found to have."""

    app: Flask
    world: World
    forms: dict[str, tuple[str, PostForm]] = field(default_factory=dict)
    """By endpoint: where to, and the form. Read by the first who asks (test_bad_input.py)."""
    everywhere: list[tuple[str, str, PostForm]] = field(default_factory=list)
    """Every form of every page: page, endpoint, form."""


@contextmanager
def _made(maker: Maker, folder: Path) -> Iterator[Made]:
    with running_app(settings_for(maker.copy(), folder)) as app:
        with app.app_context():
            world = build(app)
            db.session.commit()
        yield Made(app, world)


@pytest.fixture(scope="session")
def sqlite_world(
    sqlite_maker: SqliteMaker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    with _made(sqlite_maker, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_world(
    postgresql_maker: PostgresqlMaker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    with _made(postgresql_maker, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def made(request: pytest.FixtureRequest, db_name: str) -> Made:
    found: Made = request.getfixturevalue(f"{db_name}_world")
    return found


@pytest.fixture
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, db_name: str) -> Any:
    """The app on the world's database, for whoever asks for the world; else the usual one."""
    wanted = "world" if "world" in request.fixturenames else "app"
    found = request.getfixturevalue(f"{db_name}_{wanted}")
    with undone_afterwards(found.app if wanted == "world" else found, monkeypatch) as app:
        yield app


@pytest.fixture
def world(app: Flask, made: Made) -> World:
    assert app is made.app
    return made.world
