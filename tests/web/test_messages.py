"""Templates speak the reader's language, though they are compiled once a language."""

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale, gettext
from jinja2 import DictLoader

IN_BOTH = [("sv", "Kunder"), ("en", "Accounts"), ("sv", "Kunder")]


@pytest.fixture
def with_templates(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The program, with templates of this test's own."""
    templates = {
        "base.html": "<h1>{{ _('Accounts') }}</h1>{% block content %}{% endblock %}",
        "piece.html": "<i>{{ _('Accounts') }}</i>",
        "macros.html": "{% macro said(text=_('Accounts')) %}<b>{{ text }}</b>{% endmacro %}",
        "page.html": (
            "{% extends 'base.html' %}{% import 'macros.html' as m %}"
            "{% block content %}{% include 'piece.html' %}{{ m.said() }}{% endblock %}"
        ),
        "plain.txt": "{{ _('Accounts') }} & {{ _('Accounts') | upper }}",
    }
    monkeypatch.setattr(app.jinja_env, "loader", DictLoader(templates))
    monkeypatch.setattr(app.jinja_env, "_spoken", {})
    return app


def test_a_page_is_of_one_language_throughout(with_templates: Flask) -> None:
    with with_templates.test_request_context("/"):
        for language, word in IN_BOTH:
            with force_locale(language):
                page = with_templates.jinja_env.get_or_select_template("page.html").render()
            assert page == f"<h1>{word}</h1><i>{word}</i><b>{word}</b>"


def test_the_first_that_there_is_comes_in_the_language_too(with_templates: Flask) -> None:
    with with_templates.test_request_context("/"):
        for language, word in IN_BOTH:
            with force_locale(language):
                page = with_templates.jinja_env.select_template(["none.html", "piece.html"])
                assert page.render() == f"<i>{word}</i>"


def test_what_is_not_html_is_not_escaped(with_templates: Flask) -> None:
    with with_templates.test_request_context("/"), force_locale("sv"):
        page = with_templates.jinja_env.get_template("plain.txt").render()
    assert page == "Kunder & KUNDER"


def test_values_are_escaped_and_words_are_not(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en"):
        said = render_template_string(
            "{{ _('<b>%(name)s</b>', name=name) }} {{ _('<i>5 %%</i>') }} {{ _(word) }}",
            name="<script>",
            word="Accounts",
        )
        assert said == "<b>&lt;script&gt;</b> <i>5 %</i> Accounts"
        assert gettext("Accounts") == "Accounts"
