"""With nothing due the tick asks an index and nothing else, on both engines."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import scheduler
from crm.accounts import absences
from crm.core.db import db, transaction
from crm.reminders import operations, queries
from crm.reminders.models import Reminder, ReminderState
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body
from tests.factories.reminders import make_reminder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MANY = 20_000


@pytest.fixture
def many(own_app: Flask) -> Flask:
    """Thousands of reminders, none of them due."""
    with own_app.app_context(), transaction():
        first = make_reminder(make_body(), None, TODAY + timedelta(days=1))
        columns = [column.name for column in Reminder.__table__.columns]
        row = {name: getattr(first, name) for name in columns if name != "id"}
        rows = [{**row, "key": f"R2/case-{number}/2028"} for number in range(MANY)]
        for number, one in enumerate(rows):
            if number % 2:
                one["state"] = ReminderState.DONE
                one["show_on"] = TODAY - timedelta(days=number % 900)
            else:
                one["show_on"] = TODAY + timedelta(days=1 + number % 700)
            one["due_on"] = one["show_on"]
        db.session.execute(sa.insert(Reminder), rows)
    with own_app.app_context():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        db.engine.dispose()
    return own_app


def test_the_tick_reads_the_partial_index(many: Flask) -> None:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("WITH ready"):
            said.append((statement, parameters))

    with many.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note)
        with transaction():
            assert operations.surface(today=TODAY, now=NOW) == 0
        sa.event.remove(db.engine, "before_cursor_execute", note)
        ((statement, parameters),) = said
        explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
        with db.engine.connect() as connection:
            plan = str(connection.exec_driver_sql(explain + statement, parameters).all())
        assert "ix_reminder_tick" in plan, plan
        assert "'planned'" in statement


def test_whose_it_is_is_asked_of_an_index_also_with_a_colleague_away(many: Flask) -> None:
    """The count in the menu is on every page: one's own, nobody's, and those one stands in for."""
    with many.app_context():
        with transaction():
            me, away, others = (make_user() for _ in range(3))
            db.session.execute(sa.update(Reminder).values(user_id=others.id))
            absences.add(
                away,
                first=TODAY,
                last=TODAY + timedelta(days=7),
                deputy_id=me.id,
                today=TODAY,
                now=NOW,
            )
            my_id = me.id
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        counted = queries.counted_due(my_id, today=TODAY).compile(
            db.engine, compile_kwargs={"literal_binds": True}
        )
        explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
        with db.engine.connect() as connection:
            plan = str(connection.exec_driver_sql(explain + str(counted)).all())
    assert "ix_reminder_inbox" in plan, plan
    assert "SCAN reminder" not in plan and "Seq Scan on reminder" not in plan, plan


def test_a_turn_with_nothing_due_says_little(many: Flask) -> None:
    """A few statements, however many reminders there are; how long they take, tests/bench tells."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "SET ", "SHOW ", "BEGIN")):
            said.append(statement)

    mine = scheduler.Clock(many)
    mine.turn()
    mine.turn()
    with many.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert mine.turn() == 0
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(said) <= 5, said
