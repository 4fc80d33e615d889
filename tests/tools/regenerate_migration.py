"""Write migrations/versions/0001_initial.py anew from the models.

    python -m tests.tools.regenerate_migration

Until the first release there is one initial migration and nobody has data to carry over, so it is
made again whenever a model changes. What autogenerate cannot know (triggers, full-text indexes) is
kept by hand in 0002_extras.py. After the first release this tool goes, and each change is a
migration of its own (`flask --app wsgi db revision`).
"""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from mako.template import Template
from sqlalchemy.types import TypeEngine

from crm.core.db import UTCDateTime
from crm.core.resources import MIGRATIONS
from crm.core.schema import metadata

TARGET = MIGRATIONS / "versions" / "0001_initial.py"


def render() -> str:
    """The migration's text, the same for the same models."""
    tables = metadata().sorted_tables
    up: list[ops.MigrateOperation] = []
    for table in tables:
        up.append(ops.CreateTableOp.from_table(table))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        up += [ops.CreateIndexOp.from_index(index) for index in indexes]
    down = [ops.DropTableOp.from_table(table) for table in reversed(tables)]
    imports: set[str] = set()
    options: dict[str, Any] = {"render_item": _plain_types, "imports": imports}
    return Template(filename=str(MIGRATIONS / "script.py.mako")).render(
        message="Every table of the first release. Made by tests/tools/regenerate_migration.py",
        up_revision="0001",
        down_revision=None,
        branch_labels=None,
        depends_on=None,
        upgrades=_indented(render_python_code(ops.UpgradeOps(up), **options)),
        downgrades=_indented(render_python_code(ops.DowngradeOps(down), **options)),
        imports="\n".join(sorted(imports)),
    )


def formatted(text: str) -> str:
    """As ruff would have it, so that the file passes the same lint as every other."""
    for words in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--stdin-filename", str(TARGET), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return text


def _plain_types(kind: str, item: Any, _context: object) -> str | bool:
    """A migration must still run when our own column types are long gone."""
    if kind == "type" and isinstance(item, TypeEngine) and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _indented(code: str) -> str:
    """render_python_code already indents its body by four; the template does so once more."""
    return "\n".join(_body(code)).strip()


def _body(code: str) -> Iterator[str]:
    for line in code.splitlines():
        if not line.strip().startswith("# ###"):
            yield line.rstrip()


if __name__ == "__main__":
    TARGET.write_text(formatted(render()), encoding="utf-8")
    print(f"wrote {TARGET}")
