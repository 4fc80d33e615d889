"""Pieces of pages that are the same for everybody: made once a language, not once a page."""

from functools import lru_cache

from flask import Flask, current_app
from markupsafe import Markup

from crm.web.filters import language
from crm.web.urls import script_root


def fixed(template: str) -> Markup:
    """A template that asks for nothing but words, icons and addresses.

    It is given no value, so that nobody's data can stay in what is kept.
    """
    return _made(current_app._get_current_object(), template, language(), script_root())  # type: ignore[attr-defined]  # a proxy's own


@lru_cache(maxsize=64)
def _made(app: Flask, template: str, _language: str, _root: str) -> Markup:
    return Markup(app.jinja_env.get_template(template).render())  # noqa: S704  # escaped by Jinja


def register(app: Flask) -> None:
    """Make `fixed` known to the templates."""
    app.jinja_env.globals["fixed"] = fixed
