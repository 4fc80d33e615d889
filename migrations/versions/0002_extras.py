"""What the models cannot say: an audit log nobody can rewrite, and the full-text index.

Kept by hand, one list of statements per engine. Add to the lists; DROP in the reverse order.
"""

from alembic import op

from crm.search.index import create_index, drop_index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# --- The history is append-only, whoever asks --------------------------------------------------

AUDIT = {
    "sqlite": [
        """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
           BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END""",
        """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
           BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'the history is append-only'; END $$""",
        """CREATE TRIGGER audit_entry_append_only
           BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
           FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()""",
    ],
}
DROP_AUDIT = {
    "sqlite": [
        "DROP TRIGGER audit_entry_no_delete",
        "DROP TRIGGER audit_entry_no_update",
    ],
    "postgresql": [
        "DROP TRIGGER audit_entry_append_only ON audit_entry",
        "DROP FUNCTION audit_entry_refuse()",
    ],
}


def upgrade() -> None:
    _run(AUDIT)
    create_index(op.get_bind())  # the full-text index; its statements stand in crm/search/index.py


def downgrade() -> None:
    drop_index(op.get_bind())
    _run(DROP_AUDIT)


def _run(statements: dict[str, list[str]]) -> None:
    connection = op.get_bind()
    for statement in statements[connection.dialect.name]:
        # No bound parameters here, so a percent sign must reach psycopg doubled.
        connection.exec_driver_sql(
            statement.replace("%", "%%") if connection.dialect.name == "postgresql" else statement
        )
