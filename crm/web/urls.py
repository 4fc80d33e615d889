"""Addresses: parts with types, so that a malformed id is a 404, and links that are made quickly."""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

import flask
from flask import Flask, request
from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from crm.rules.routes import Route, StageKey


class IdConverter(IntegerConverter):
    """A row's id; larger than the database can hold is simply not found."""

    def __init__(self, routes: Map) -> None:
        super().__init__(routes, min=1, max=2_147_483_647)


class DayConverter(BaseConverter):
    """2026-11-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: date) -> str:
        return value.isoformat()


def _member_of(kind: type[StrEnum]) -> type[BaseConverter]:
    """A part that is one of the values of an enum."""

    class MemberConverter(BaseConverter):
        regex = "|".join(kind)

        def to_python(self, value: str) -> StrEnum:
            return kind(value)

    return MemberConverter


CONVERTERS: dict[str, type[BaseConverter]] = {
    "id": IdConverter,
    "day": DayConverter,
    "stage": _member_of(StageKey),
    "route": _member_of(Route),
}


# A list of fifty rows has some two hundred links, and Flask takes its time over each: it walks
# through the map of routes anew. Which address an endpoint has does not change while we run.

_PASSING = frozenset({"token", "q", "text", "back", "next"})  # secrets, and what somebody typed
_STAND_IN = 1_900_000_000  # an id that no address has for another reason; others count up from it


def script_root() -> str:
    """Where the program is mounted: "" at the root of its host, as nearly always."""
    return str(request.environ.get("SCRIPT_NAME", "")).rstrip("/")


def this_page() -> str:
    """The address of what is asked for, to come back to; what was sent by POST is no part of it."""
    asked = request.full_path if request.method == "GET" and request.query_string else request.path
    return script_root() + asked


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's own, remembered. For templates and whatever makes many links."""
    if endpoint[0] == "." or not request:
        return flask.url_for(endpoint, **values)
    root = script_root()
    kept = {name: value for name, value in values.items() if value is not None}
    kinds = {type(value) for value in kept.values()}
    if not kinds:
        return _address(root, endpoint)
    if kinds == {int}:
        return _pattern(root, endpoint, tuple(kept)) % kept
    if kinds <= {int, str} and kept.keys().isdisjoint(_PASSING):
        return _address(root, endpoint, **kept)
    return flask.url_for(endpoint, **values)


@lru_cache(maxsize=2048, typed=True)
def _address(_root: str, endpoint: str, /, **values: Any) -> str:
    return flask.url_for(endpoint, **values)


@lru_cache(maxsize=512)
def _pattern(_root: str, endpoint: str, names: tuple[str, ...]) -> str:
    """The address with a place for each number: "/cases/%(case_id)s"."""
    stand_ins: dict[str, Any] = {name: _STAND_IN + at for at, name in enumerate(names)}
    pattern = flask.url_for(endpoint, **stand_ins).replace("%", "%%")
    for name, number in stand_ins.items():
        pattern = pattern.replace(str(number), f"%({name})s")
    return pattern


def register(app: Flask) -> None:
    """Take over from Flask in templates."""
    app.jinja_env.globals.update(url_for=url_for, this_page=this_page)
