"""The migrations and the models say the same, on both engines and in both directions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from crm.core.db import tune_sqlite
from crm.core.schema import (
    comparison,
    downgrade_to_nothing,
    is_current,
    metadata,
    upgrade_to_head,
)
from tests.architecture import expect_none
from tests.support.databases import Maker
from tests.tools import regenerate_migration


@pytest.fixture
def blank(maker: Maker) -> Iterator[sa.Engine]:
    """An engine on a database with nothing in it."""
    url = maker.empty()
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        tune_sqlite(engine)
    yield engine
    engine.dispose()
    maker.drop(url)


def everything_in(engine: sa.Engine) -> set[str]:
    inspector = sa.inspect(engine)
    return {*inspector.get_table_names(), *inspector.get_view_names()} - {"alembic_version"}


def test_migrations_make_what_the_models_say(blank: sa.Engine) -> None:
    upgrade_to_head(blank)
    with blank.connect() as connection:
        context = MigrationContext.configure(connection, opts=comparison(blank.dialect.name))
        differences = compare_metadata(context, metadata())
    expect_none(differences, "run: python -m tests.tools.regenerate_migration")


def test_they_can_be_undone_and_done_again(blank: sa.Engine) -> None:
    assert not is_current(blank)
    upgrade_to_head(blank)
    made = everything_in(blank)
    assert is_current(blank)
    downgrade_to_nothing(blank)
    assert everything_in(blank) == set()
    upgrade_to_head(blank)
    assert everything_in(blank) == made


def test_upgrading_twice_changes_nothing(blank: sa.Engine) -> None:
    upgrade_to_head(blank)
    upgrade_to_head(blank)
    assert is_current(blank)


def test_an_untuned_engine_is_refused(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with pytest.raises(RuntimeError, match="tune_sqlite"):
        upgrade_to_head(engine)
    engine.dispose()


def test_foreign_keys_are_watched_again_after_a_migration(blank: sa.Engine) -> None:
    """env.py switches SQLite's off while it works; the same connection goes back to the pool."""
    upgrade_to_head(blank)
    if blank.dialect.name == "sqlite":
        with blank.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_the_history_cannot_be_rewritten(app: object, session: object) -> None:
    from crm.core import clock
    from crm.core.db import db

    db.session.execute(
        sa.insert(metadata().tables["audit_entry"]).values(
            at=clock.now(), cause="test", entity="x", entity_id="1", action="create", changes={}
        )
    )
    for statement in ("UPDATE audit_entry SET cause = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"), db.session.begin_nested():
            db.session.execute(sa.text(statement))


def test_constraints_have_names() -> None:
    """Without a name a batch migration cannot drop it on SQLite."""
    nameless = [
        f"{table.name}: {constraint!r}"
        for table in metadata().tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    expect_none(nameless)


def test_the_initial_migration_is_fresh() -> None:
    """Made from the models as they stand now."""
    made = regenerate_migration.formatted(regenerate_migration.render())
    assert regenerate_migration.TARGET.read_text(encoding="utf-8") == made, (
        "run: python -m tests.tools.regenerate_migration"
    )
