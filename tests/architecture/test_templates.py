"""Templates: each has a place and a use, and keeps style and script outside."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from crm.core.resources import TEMPLATES
from tests.architecture import expect_none

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
    unused = [
        template
        for template in templates()
        if template not in in_templates
        and not names(in_code, template)
        and not is_a_letter(template)
    ]
    expect_none(unused)


def is_a_letter(template: str) -> bool:
    """email/accounts/invitation.txt and .html are sent by crm/accounts, which says "invitation"."""
    folder, _, rest = template.partition("/")
    package, _, name = rest.partition("/")
    return folder == "email" and re.escape(Path(name).stem) in set(texts_in(CRM / package))


@pytest.mark.one_database
def test_every_template_that_is_named_exists(app: Flask) -> None:
    expect_none(used_by_templates(app) - set(templates()), "there is no such template")


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
    """It, or the pages that extend it: a frame may import for all of them."""
    trees = {
        name: app.jinja_env.parse((TEMPLATES / name).read_text(encoding="utf-8"))
        for name in templates()
    }

    said = {name: {node.name for node in tree.find_all(nodes.Name)} for name, tree in trees.items()}
    heirs: dict[str, list[str]] = {}
    for name, tree in trees.items():
        for node in tree.find_all(nodes.Extends):
            if isinstance(node.template, nodes.Const):
                heirs.setdefault(node.template.value, []).append(name)

    def words_of(name: str) -> set[str]:
        return said[name].union(*(words_of(heir) for heir in heirs.get(name, ())))

    idle = [
        f"{name} imports {macro}"
        for name, tree in trees.items()
        for node in tree.find_all(nodes.FromImport)
        for macro in (item if isinstance(item, str) else item[1] for item in node.names)
        if macro not in words_of(name)
    ]
    expect_none(idle)


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
    expect_none(idle)


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"\sstyle\s*=", "a class in static/css"),
        (r"<style\b", "a file in static/css"),
        (r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", "a file in static/js"),
        (
            r"\son(?:click|change|submit|input|load|error|toggle|focus|blur|key\w+|mouse\w+)\s*=",
            "a listener in static/js",
        ),
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
        if name == "requirements/neutral_file.html":
            continue  # leaves the house as one file, with nothing of ours beside it
        for number, line in enumerate((TEMPLATES / name).read_text("utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name}:{number}: {line.strip()}")
    expect_none(found, f"use {instead}")
