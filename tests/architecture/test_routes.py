"""What must be true of every address in the program, whoever adds it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.architecture import expect_none

pytestmark = pytest.mark.one_database

WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?")
PART = re.compile(r"<(?:(?P<type>[a-z_]+)(?:\([^)]*\))?:)?(?P<name>[a-z_]+)>")


def routes(app: Flask) -> Iterator[tuple[Rule, Any]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield rule, app.view_functions[rule.endpoint]


def test_every_view_says_who_may_see_it(app: Flask) -> None:
    silent = [
        f"{rule} ({rule.endpoint})"
        for rule, view in routes(app)
        if not (hasattr(view, "__permission__") or getattr(view, "__public__", False))
    ]
    expect_none(silent, "put @requires(Permission.…) or @public under the route")


def test_no_view_says_two_things(app: Flask) -> None:
    both = [
        str(rule)
        for rule, view in routes(app)
        if hasattr(view, "__permission__") and getattr(view, "__public__", False)
    ]
    expect_none(both)


def test_paths_are_kebab_case_with_typed_parts(app: Flask) -> None:
    wrong = []
    for rule, _view in routes(app):
        for part in PART.finditer(rule.rule):
            if part["type"] is None:
                wrong.append(f"{rule}: {part['name']} has no type")
        for word in PART.sub("x", rule.rule).strip("/").split("/"):
            if word and not WORD.fullmatch(word):
                wrong.append(f"{rule}: {word!r} is not kebab-case")
    expect_none(wrong)


def test_a_number_in_an_address_is_one_that_the_database_can_hold(app: Flask) -> None:
    """Werkzeug's own whole number has no end, and the databases' has: crm.web.urls has "id"."""
    wrong = [
        str(rule)
        for rule, _view in routes(app)
        for part in PART.finditer(rule.rule)
        if part["type"] in {"int", "float", "path"}
    ]
    expect_none(wrong, "write <id:…>, or a converter of crm.web.urls")
    there = app.url_map.bind("localhost")
    for number, found in ((2**31 - 1, True), (2**31, False), (10**40, False)):
        assert there.test(f"/trials/at/{number}", "GET") is found


def test_what_changes_something_is_not_a_get(app: Flask) -> None:
    """A link checker or a mail scanner follows every GET; none of them may change a thing."""
    verbs = re.compile(r"/(delete|remove|done|snooze|merge|approve|end|revoke|undo)$")
    wrong = [
        str(rule)
        for rule, _view in routes(app)
        if verbs.search(rule.rule) and "POST" not in (rule.methods or set())
    ]
    expect_none(wrong)


def test_blueprints_are_named_for_their_packages(app: Flask) -> None:
    for name, blueprint in app.blueprints.items():
        assert blueprint.import_name.split(".")[1] == name, blueprint.import_name
