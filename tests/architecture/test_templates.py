"""Templates: each has a place and a use, and keeps style and script outside."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from crm.core.resources import TEMPLATES

CRM = Path(__file__).resolve().parents[2] / "crm"
SHARED = {"components", "layouts", "errors", "email"}


def templates() -> list[str]:
    return sorted(
        file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*") if file.is_file()
    )


def texts_in(folder: Path) -> Iterator[str]:
    """Every string constant in the Python files of a folder, f-strings as patterns."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^/]+"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)


def names(patterns: set[str], template: str) -> bool:
    return any(re.fullmatch(pattern, template) for pattern in patterns)


def file_names(folder: Path) -> set[str]:
    return {text for text in texts_in(folder) if re.search(r"\\?\.(html|txt|xml|svg)$", text)}


def used_by_templates(app: Flask) -> set[str]:
    found = set()
    for name in templates():
        tree = app.jinja_env.parse((TEMPLATES / name).read_text(encoding="utf-8"))
        for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            target = node.template
            if isinstance(target, nodes.Const):
                found |= {target.value} if isinstance(target.value, str) else set(target.value)
            else:  # {% extends "a.html" if … else "b.html" %}
                found |= {c.value for c in target.find_all(nodes.Const) if isinstance(c.value, str)}
    return found


@pytest.mark.one_database
def test_every_template_is_used(app: Flask) -> None:
    in_code, in_templates = file_names(CRM), used_by_templates(app)
    unused = [t for t in templates() if t not in in_templates and not names(in_code, t)]
    assert unused == []


@pytest.mark.one_database
def test_every_template_that_is_named_exists(app: Flask) -> None:
    assert used_by_templates(app) - set(templates()) == set()


def test_a_page_lies_in_the_folder_of_its_view() -> None:
    """templates/cases/show.html is rendered by crm/cases, and by nobody else."""
    for template in templates():
        folder, _, name = template.partition("/")
        if folder in SHARED or Path(name).name.startswith("_"):
            continue
        assert (CRM / folder).is_dir(), f"{template}: there is no package crm/{folder}"
        assert names(file_names(CRM / folder), template), f"crm/{folder} does not render {template}"


@pytest.mark.one_database
def test_every_template_compiles(app: Flask) -> None:
    for name in templates():
        app.jinja_env.get_template(name)


@pytest.mark.one_database
def test_what_a_template_imports_it_uses(app: Flask) -> None:
    idle = []
    for name in templates():
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        tree = app.jinja_env.parse(source)
        used = {node.name for node in tree.find_all(nodes.Name)}
        for node in tree.find_all(nodes.FromImport):
            wanted = [item if isinstance(item, str) else item[1] for item in node.names]
            idle += [f"{name} imports {macro}" for macro in wanted if macro not in used]
    assert idle == []


@pytest.mark.one_database
def test_every_macro_is_used(app: Flask) -> None:
    """A component nobody calls is a promise nobody keeps."""
    sources = {name: (TEMPLATES / name).read_text(encoding="utf-8") for name in templates()}
    everything = "\n".join(sources.values())
    idle = [
        f"{name}: {macro.name}"
        for name, source in sources.items()
        for macro in app.jinja_env.parse(source).find_all(nodes.Macro)
        if len(re.findall(rf"\b{macro.name}\b", everything)) < 2
    ]
    assert idle == []


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"\sstyle\s*=", "a class in static/css"),
        (r"<style\b", "a file in static/css"),
        (r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", "a file in static/js"),
        (r"\son[a-z]+\s*=\s*[\"']", "a listener in static/js"),
        (r"javascript:", "a button and a listener in static/js"),
        (r"\|\s*safe\b", "Markup made where the text is known to be harmless"),
        (r"https?://(?!www\.w3\.org/)[^\s\"'{]+\.(?:js|css|woff2?)", "a file of ours"),
    ],
)
def test_nothing_that_our_policy_forbids(pattern: str, instead: str) -> None:
    found = []
    for name in templates():
        if name.startswith("email/") or name == "layouts/email.html":
            continue  # mail programs know no style sheets
        for number, line in enumerate((TEMPLATES / name).read_text("utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name}:{number}: {line.strip()}")
    assert found == [], f"use {instead}"
