"""A database full of things that are due, and schedulers that can be killed at any step."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm.core.db import tune_sqlite
from crm.core.schema import metadata
from tests.conftest import running_app, settings_for
from tests.support.databases import Maker, PostgresqlMaker

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, ten o'clock in Sweden
TODAY = date(2026, 11, 23)


@dataclass
class Schedulers:
    """A process that forks schedulers on one database, which can be put back as it was."""

    url: str
    reset: Callable[[], None]
    process: subprocess.Popen[str]
    trace: Path
    pids: list[int] = field(default_factory=list)

    def order(self, **what: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def turns(self, kill_at: str = "", now: datetime = NOW, lease: float = 0.2) -> bool:
        """A scheduler at work until nothing is left to do; True if it was killed before that."""
        assert self.process.stdout
        self.trace.write_text("")
        self.order(
            do="turns", kill_at=kill_at, now=now.isoformat(), lease=lease, trace=str(self.trace)
        )
        ended = json.loads(self.process.stdout.readline())
        assert ended["killed"] or ended["status"] == 0
        return bool(ended["killed"])

    def start(self, lease: float) -> int:
        """A scheduler that runs until it is stopped; its process id."""
        pid = int(self.order(do="run", lease=lease)["pid"])
        self.pids.append(pid)
        return pid

    def engine(self) -> sa.Engine:
        engine = sa.create_engine(self.url)
        if engine.dialect.name == "sqlite":
            tune_sqlite(engine)
        return engine


@pytest.fixture
def schedulers(maker: Maker, smtp: Any, tmp_path: Path) -> Iterator[Schedulers]:
    """Ready to be started on a database with the rows of `seed`."""
    url = maker.copy()
    template = maker.copy() if not isinstance(maker, PostgresqlMaker) else url
    with running_app(settings_for(template, tmp_path)) as app, app.app_context():
        seed()
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("mortal.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    found = Schedulers(url, lambda: _restore(maker, template, url), process, tmp_path / "trace.txt")
    found.reset()
    found.order(url=url, smtp_host=smtp.host, smtp_port=smtp.port, now=NOW.isoformat())
    found.reset()
    smtp.clear()
    yield found
    for pid in found.pids:
        _kill(pid)
    assert process.stdin and process.stdout
    process.stdin.close()
    process.wait(30)
    process.stdout.close()
    for database in {url, template}:
        maker.drop(database)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, 9)


def _restore(maker: Maker, template: str, url: str) -> None:
    """The database as the seed left it. Nobody may be at work in it."""
    if isinstance(maker, PostgresqlMaker):
        _restore_postgresql(url)
        return
    source, target = (Path(one.removeprefix("sqlite:///")) for one in (template, url))
    for leftover in target.parent.glob(f"{target.name}*"):
        leftover.unlink()
    for file in source.parent.glob(f"{source.name}*"):
        shutil.copy(file, target.parent / file.name.replace(source.name, target.name))


def _restore_postgresql(url: str) -> None:
    """Every table emptied and filled again from the copies beside it: much faster than a new
    database. As a replica, so that neither links nor triggers have a say."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    tables = [table.name for table in metadata().sorted_tables]
    with engine.begin() as connection:
        if not sa.inspect(connection).get_table_names("kept"):
            connection.exec_driver_sql("CREATE SCHEMA kept")
            for name in tables:
                connection.exec_driver_sql(f'CREATE TABLE kept."{name}" AS TABLE public."{name}"')
            return
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("TRUNCATE " + ", ".join(f'public."{name}"' for name in tables))
        for table in metadata().sorted_tables:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            connection.exec_driver_sql(
                f'INSERT INTO public."{table.name}" ({columns})'
                f' SELECT {columns} FROM kept."{table.name}"'
            )


def seed() -> None:
    """Work for every step: facts to plan from, asks to settle, reminders due, mails to write."""
    from crm.core.db import transaction
    from tests.factories.accounts import make_user
    from tests.factories.budgets import make_body, make_practice, make_unit
    from tests.factories.cases import make_case
    from tests.factories.reminders import make_reminder

    with transaction():
        sara = make_user(name="Sara Sörensdotter", email="sara@example.se")
        bo = make_user(name="Bo Åkesson", email="bo@example.se")
        body = make_body("Hultsfreds kommun")
        make_practice(body)
        school = make_unit(body)
        started = TODAY - timedelta(days=90)
        make_case(school, owner=sara, opened_on=started, next_step="Ring", next_step_on=TODAY)
        make_case(school, owner=bo, opened_on=started, ask_open_on=date(2026, 10, 5))
        make_case(
            school,
            owner=bo,
            opened_on=started,
            ask_open_on=date(2026, 10, 5),
            unanswered_asks=1,
        )
        for owner in (sara, bo):
            make_reminder(body, owner, TODAY - timedelta(days=2), text="Läs protokollet")
            make_reminder(body, owner, TODAY, text="Fråga om läsåret")
            make_reminder(body, owner, TODAY + timedelta(days=30), text="Senare")
