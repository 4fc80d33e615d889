"""One commit, one clock's worth of relationships, and the tools that read the code."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import configure_mappers

from tests.architecture import expect_none

ROOT = Path(__file__).resolve().parents[2]
CRM = ROOT / "crm"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(CRM.rglob("*.py")):
        if "assets" not in file.relative_to(CRM).parts:
            yield file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))


def test_only_the_transaction_commits() -> None:
    commits = [
        f"{file}:{node.lineno}"
        for file, tree in modules()
        if file != Path("crm/core/db.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]
    expect_none(commits, "write `with transaction():` in the view, job or command")


def test_the_transaction_commits_once() -> None:
    tree = ast.parse((CRM / "core" / "db.py").read_text(encoding="utf-8"))
    commits = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "commit"]
    assert len(commits) == 1


def test_no_relationship_loads_by_itself() -> None:
    from crm.core.db import Base
    from crm.core.schema import metadata

    metadata()
    configure_mappers()
    strays = [
        f"{mapper.class_.__name__}.{relation.key} is lazy={relation.lazy!r}"
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.lazy not in {"raise_on_sql", "write_only"}
    ]
    expect_none(strays, 'say lazy="raise_on_sql", and let the query say what it loads')


UPWARD = {
    "crm/audit/queries.py": {"user"},  # the name of who did it, on a page of the history
    "crm/interest/queries.py": {"case", "inquiry_case"},  # the cases that an inquiry led to
}
"""Tables that are read by name from below, each with why."""


def test_no_package_reads_by_name_what_lies_above_it() -> None:
    """The import contracts do not see it: a table's name is only a word."""
    from crm.core.db import Base
    from crm.core.schema import metadata

    metadata()
    homes = {
        mapper.local_table.description: mapper.class_.__module__.split(".")[1]
        for mapper in Base.registry.mappers
    }
    levels = _levels()
    strays, known = [], set()
    for file, tree in modules():
        own = file.parts[1].removesuffix(".py")
        for node in ast.walk(tree):
            name = _table_named(node)
            home = homes.get(name or "", own)
            if name is None or home == own or levels[home] > levels[own]:
                continue
            if name in UPWARD.get(str(file), ()):
                known.add((str(file), name))
            else:
                strays.append(f"{file}:{node.lineno} reads {name} of {home}")  # type: ignore[attr-defined]  # all have one
    expect_none(strays, "import the model, or let the package above say what is asked of it")
    assert known == {(file, name) for file, names in UPWARD.items() for name in names}


SPEAKS_HTTP = re.compile(r"(views|jobs|cli|intake|\w+_pages)")
"""Modules of a package that are its edge, by their names."""

PAGES = {"account", "buyers", "first_steps", "person", "plan"}
"""Of crm/overview, which is nothing but pages: each is called what it shows."""

USES_FLASK = {
    "crm/accounts/letters.py": {"render_template"},
    "crm/budgets/panel.py": {"url_for"},
    "crm/procurements/notices.py": {"current_app"},
    "crm/reminders/changes.py": {"url_for"},
    "crm/reminders/digest.py": {"render_template"},
    "crm/reminders/week.py": {"render_template"},
}
"""What is no edge and uses Flask all the same: letters in words, links in what is shown, and our
own organisation numbers among the settings."""


def test_only_what_is_called_an_edge_speaks_http() -> None:
    """The import contracts know five names; pages that were moved out of views have others."""
    strays = [
        f"{file}:{node.lineno} takes {', '.join(sorted(taken))} of {module}"
        for file, tree in modules()
        if _package(file) and not _is_edge(file)
        for node in ast.walk(tree)
        for module, names in _imported(node)
        if module == "flask" or module == "crm.web.access"
        if (taken := names - USES_FLASK.get(str(file), set()))
    ]
    expect_none(strays, "call the module …_pages, or leave HTTP to one that is")


def test_an_edge_is_hung_up_by_its_own_package_and_used_by_nobody() -> None:
    strays = [
        f"{file}:{node.lineno} imports {module}.{name}"
        for file, tree in modules()
        if _package(file)
        for node in ast.walk(tree)
        for module, names in _imported(node)
        for name in names
        if (edge := _edge_named(module, name))
        if edge != _package(file) or not _is_edge(file)
    ]
    expect_none(strays, "what two packages need lies in crm/web, or in queries and operations")


def _package(file: Path) -> str:
    """The domain that a module belongs to; nothing for what is above, below or beside them all."""
    known = len(file.parts) == 3 and file.parts[1] not in {"core", "rules", "translations", "web"}
    return file.parts[1] if known else ""


def _is_edge(file: Path) -> bool:
    return bool(SPEAKS_HTTP.fullmatch(file.stem)) or (
        file.parts[1] == "overview" and file.stem in PAGES
    )


def _imported(node: ast.AST) -> list[tuple[str, set[str]]]:
    """(module, what is taken of it) of one import."""
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "", {one.name for one in node.names})]
    if isinstance(node, ast.Import):
        return [(one.name, {""}) for one in node.names]
    return []


def _edge_named(module: str, name: str) -> str:
    """The package whose edge an import takes, either as a module or something out of it."""
    for whole in (module, f"{module}.{name}"):
        parts = whole.split(".")
        if len(parts) == 3 and parts[0] == "crm":
            file = Path(*parts).with_suffix(".py")
            if _package(file) and _is_edge(file) and (ROOT / file).is_file():
                return parts[1]
    return ""


def _levels() -> dict[str, int]:
    """How far down each package lies, as the import contract has it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["name"] == "Packages look down")
    return {name: at for at, row in enumerate(layers) for name in re.findall(r"\w+", row)}


def _table_named(node: ast.AST) -> str | None:
    """The name in `metadata.tables["case"]` or `tables["case"]`."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
        return None
    value = node.value
    called = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return str(node.slice.value) if called == "tables" else None


def test_packages_say_what_they_are() -> None:
    """Every package's __init__.py is a docstring and nothing else; the root's is empty."""
    for file in sorted(CRM.glob("*/__init__.py")):
        if file.parent.name == "translations":  # the catalogues' compiler: loaded by the build hook
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{file.relative_to(ROOT)} should say what the domain is"
        assert len(tree.body) == 1, f"{file.relative_to(ROOT)} should hold a docstring only"
    assert (CRM / "__init__.py").read_text() == "", "importing a rule must not import Flask"


def test_nothing_is_named_for_being_miscellaneous() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    expect_none(f for f, _ in modules() if drawers & {*f.parts, f.stem})


@pytest.mark.lint
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["ruff", "check", "--quiet", "."], id="ruff check"),
        pytest.param(["ruff", "format", "--check", "--quiet", "."], id="ruff format"),
        pytest.param(["mypy"], id="mypy"),
        pytest.param(["djlint", "templates", "--lint", "--profile=jinja", "--quiet"], id="djlint"),
        pytest.param(["deptry", "."], id="deptry"),
    ],
)
def test_the_tools_have_nothing_to_say(words: list[str]) -> None:
    complain([sys.executable, "-m", *words])


@pytest.mark.lint
def test_imports_look_down() -> None:
    complain([str(Path(sys.executable).with_name("lint-imports")), "--no-cache"])


def complain(command: list[str]) -> None:
    """Fail with what the tool printed, so that the report reads like the tool."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)
