"""Fixtures for all tests.

A test that asks for `app`, `client`, `session` or `live` runs once on SQLite and once on
PostgreSQL (`--db sqlite` for one of them). `@pytest.mark.one_database` keeps it to the first, for
tests of what no database can change; so it is with the journeys in a browser, and with the tests in
files that are named test_pages.py or end in it.

- `app`, `session`, `client`: everything the test does is rolled back, commits included.
- `own_app`: an app on a database of its own, really committed; for leases, threads, processes.
- `monday`, `me`, `body`, `school`, `anna`: the usual day, a rep, and a school with a person at it.
- `live`: the same, served over HTTP; `page`, `page_without_scripts`, `new_page` are browsers on it.
"""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, has_app_context
from flask.globals import app_ctx
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from crm.core.config import Mail, Settings
from crm.core.db import db
from crm.rules.access import Role
from crm.translations import ConflictingTranslations, compile_catalogues
from tests.support import network
from tests.support.clients import Client, make_client
from tests.support.databases import ENGINES, Maker, PostgresqlMaker, SqliteMaker, postgresql_server

REQUIRE_ALL = os.environ.get("FORANKRA_REQUIRE_ALL") == "1" or bool(os.environ.get("CI"))
"""In CI nothing may be skipped: a missing browser is then a failure."""


# --- The run ---------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", default=",".join(ENGINES), help="engines to test on: sqlite,postgresql"
    )


def pytest_configure(config: pytest.Config) -> None:
    for name in [n for n in os.environ if n.startswith("FORANKRA_SMTP") or n == "DATABASE_URL"]:
        del os.environ[name]  # a developer's own settings must not reach the tests
    with suppress(ConflictingTranslations, ValueError):  # tests/architecture tells of these
        compile_catalogues()
    network.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "db_name" in metafunc.fixturenames:
        names = metafunc.config.getoption("--db").split(",")
        if any(metafunc.definition.iter_markers("strictest_database")):
            names = names[-1:]
        elif _one_is_enough(metafunc.definition, metafunc.fixturenames):
            names = names[:1]
        metafunc.parametrize("db_name", names)


def _one_is_enough(test: pytest.Item, fixtures: Sequence[str]) -> bool:
    """What stands on a page is the same on both engines; that every page, filter and form of the
    program works on both is for tests/security to find out, which visits them all. A test that
    really commits is of the engine, wherever it stands."""
    if any(test.iter_markers("one_database")) or "journeys" in test.path.parts:
        return True
    return test.path.name.endswith("_pages.py") and "own_app" not in fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a browser is a browser test, without having to say so. The slow come first,
    or the run would end with one process at work on them and the others idle."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: not any(item.iter_markers("slow")))


def pytest_collection_finish() -> None:
    """What has been loaded stays, so nobody need look through it again for what may be thrown away;
    and a request leaves more behind than the usual seven hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.section("NOT TESTED", red=True, bold=True)
        terminalreporter.line(
            f"{skipped} tests were skipped, so this run proves less than it looks."
        )
        terminalreporter.line(
            "Without Chromium the browser tests cannot run: apt-get install chromium"
        )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if REQUIRE_ALL and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# --- Databases -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_maker(tmp_path_factory: pytest.TempPathFactory) -> SqliteMaker:
    return SqliteMaker(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_maker() -> Iterator[PostgresqlMaker]:
    with postgresql_server() as url:
        maker = PostgresqlMaker(url)
        yield maker
        maker.close()


@pytest.fixture
def maker(request: pytest.FixtureRequest, db_name: str) -> Maker:
    """Makes databases on the engine of this test."""
    found: Maker = request.getfixturevalue(f"{db_name}_maker")
    return found


def settings_for(url: str, folder: Path, **changes: Any) -> Settings:
    """What an app under test runs with: no mail server, a known key, a data folder of its own."""
    values: dict[str, Any] = {
        "database_url": url,
        "secret_key": "not a secret in a test",
        "base_url": "http://localhost",
        "data_dir": folder,
        "mail": Mail(),
        "testing": True,
    }
    return Settings(**(values | changes))


@contextmanager
def running_app(settings: Settings) -> Iterator[Flask]:
    """An app whose connections are closed in the end, or Python 3.13 would complain."""
    from crm.app import create_app  # here, so that the rulebook's tests need no app

    app = create_app(settings)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


# One app per engine and run: making one takes longer than most tests.


@pytest.fixture(scope="session")
def sqlite_app(
    sqlite_maker: SqliteMaker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    with running_app(settings_for(sqlite_maker.copy(), tmp_path_factory.mktemp("data"))) as app:
        yield app


@pytest.fixture(scope="session")
def postgresql_app(
    postgresql_maker: PostgresqlMaker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    with running_app(settings_for(postgresql_maker.copy(), tmp_path_factory.mktemp("data"))) as app:
        yield app


@pytest.fixture
def app(
    request: pytest.FixtureRequest, db_name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The app with its context pushed; whatever the test and its requests commit is rolled back."""
    with undone_afterwards(request.getfixturevalue(f"{db_name}_app"), monkeypatch) as app:
        yield app


@contextmanager
def undone_afterwards(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The app, with its context pushed, in a transaction that is rolled back in the end.

    Flask-SQLAlchemy's own session ignores a connection it is bound to, so `db.session` is swapped
    for one that does not. As in the program, each app context has a session of its own; all of
    them share one connection, and their commits are savepoints in its transaction.
    """
    with app.app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        options = db.session.session_factory.kw  # type: ignore[union-attr]
        factory = sessionmaker(
            bind=connection,
            join_transaction_mode="create_savepoint",
            expire_on_commit=options.get("expire_on_commit", True),
        )
        monkeypatch.setattr(db, "session", scoped_session(factory, scopefunc=_scope))
        try:
            yield app
        finally:
            db.session.remove()
            outer.rollback()
            connection.close()


def _scope() -> int:
    return id(app_ctx._get_current_object()) if has_app_context() else 0


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the test itself, the same that operations use through `db.session`."""
    return db.session()


@pytest.fixture
def own_app(maker: Maker, tmp_path: Path) -> Iterator[Flask]:
    """An app on a database of its own, without a pushed context: commits are real here."""
    url = maker.copy()
    with running_app(settings_for(url, tmp_path)) as app:
        yield app
    maker.drop(url)


@pytest.fixture(autouse=True)
def every_change_is_planned(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The program leaves a planning that fails to the clock; in a test it is a failure."""
    yield
    left = [one.getMessage() for one in caplog.get_records("call")]
    assert not [said for said in left if said.startswith("planning after a change failed")]


# --- Requests --------------------------------------------------------------------------------


@pytest.fixture
def client(app: Flask) -> Client:
    """Not signed in. Looks at every page it gets; see tests/support/clients.py."""
    return make_client(app)


@pytest.fixture
def as_user(app: Flask) -> Callable[..., Client]:
    """`as_user(Role.REP)` or `as_user(some_user)`: a client that is signed in.

    `client.user` is the user; ask for two clients to have two people.
    """
    from tests.support.sessions import sign_in, user_with

    def make(who: Any = Role.ACCOUNT_MANAGER) -> Client:
        client = make_client(app)
        client.user = user_with(who) if isinstance(who, Role) else who
        sign_in(client, client.user)
        return client

    return make


# --- The usual place: what most tests of reminders and cases begin with --------------------------


@pytest.fixture
def monday() -> Iterator[None]:
    """23 November 2026, ten in the morning in Sweden, and the clock stands still."""
    from tests.factories.reminders import NOW

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def me(as_user: Callable[..., Client]) -> Client:
    """A rep, signed in."""
    return as_user(Role.REP)


@pytest.fixture
def body(app: Flask) -> Any:
    """Hultsfreds kommun, whose council decides in June."""
    from tests.factories.budgets import make_body, make_practice

    found = make_body("Hultsfreds kommun")
    make_practice(found)
    return found


@pytest.fixture
def school(body: Any) -> Any:
    """Venhagskolan, right below `body`."""
    from tests.factories.budgets import make_unit

    return make_unit(body)


@pytest.fixture
def anna(school: Any) -> Any:
    """Anna Berg, who works at `school`."""
    from tests.factories.people import make_person

    return make_person("Anna", "Berg", school)


@dataclass
class Counted:
    """The statements of a block, savepoints left out."""

    statements: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.statements)

    def note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO", "BEGIN", "PRAGMA")):
            self.statements.append(statement)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """`with count_queries() as counted: …`, then `counted.number` and `counted.statements`."""

    @contextmanager
    def counting() -> Iterator[Counted]:
        counted, engine = Counted(), db.engine
        db.session.flush()
        event.listen(engine, "before_cursor_execute", counted.note)
        try:
            yield counted
        finally:
            event.remove(engine, "before_cursor_execute", counted.note)

    return counting


# --- Mail ------------------------------------------------------------------------------------


@pytest.fixture
def smtp() -> Iterator[Any]:
    """A real SMTP server: `.host`, `.port`, and `.messages` it was given."""
    from tests.support.mail import smtp_server

    with smtp_server() as mailbox:
        yield mailbox


# --- Browsers --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from tests.support.browsers import chromium, launched

    executable = chromium()
    if executable is None:
        give_up = pytest.fail if REQUIRE_ALL else pytest.skip
        give_up("no Chromium: apt-get install chromium, or FORANKRA_CHROMIUM=/path/to/it")
    with launched(executable) as browser:
        yield browser


@pytest.fixture
def live(own_app: Flask) -> Iterator[Any]:
    """The app on 127.0.0.1: `live.url`, and `with live.data():` to make or read rows."""
    from tests.support.browsers import served

    with served(own_app) as live:
        yield live


@pytest.fixture
def new_page(browser: Any, live: Any) -> Iterator[Callable[..., Any]]:
    """`new_page(user=Role.REP, color_scheme="dark", viewport={…})`: a page in a context of its own.

    `user` is a role, a user or a user's id; without it nobody is signed in.
    """
    from tests.support.browsers import watched_context
    from tests.support.sessions import cookies_for

    with ExitStack() as stack:

        def make(user: Any = None, **options: Any) -> Any:
            context = stack.enter_context(watched_context(browser, live.url, **options))
            if user is not None:
                context.add_cookies(cookies_for(live, user))
            return context.new_page()

        yield make


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page in Swedish, light, 1280 × 800. Script errors and blocked parts fail the test."""
    return new_page()


@pytest.fixture
def page_without_scripts(new_page: Callable[..., Any]) -> Any:
    return new_page(java_script_enabled=False)


@pytest.fixture
def violations() -> Callable[[Any], list[str]]:
    """`assert violations(page) == []`: what axe finds on the page as it stands."""
    from tests.support.browsers import violations as find

    return find
