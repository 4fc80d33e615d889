"""Messages in the reader's language, for templates and Python alike, found quickly.

A list of fifty rows asks for some four hundred messages. Flask-Babel asks anew each time which
language this is, and Jinja calls three functions to get one string; a page spent half its time on
that. Here a message costs one look into a dictionary of ready Markup, kept per language.
"""

from typing import Any

from flask import Flask, g, has_app_context
from flask_babel import Domain
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


class Catalogue(Domain):
    """Flask-Babel's catalogue, which remembers for the rest of the request what it found."""

    def get_translations(self) -> Any:
        kept = g.get("_flask_babel") if has_app_context() else None
        found = getattr(kept, "babel_translations", None)  # Flask-Babel's own name: it resets it
        if found is None:
            found = super().get_translations()
            if kept is not None:
                kept.babel_translations = found
        return found


class _Ready:
    """The messages of one language as templates want them."""

    def __init__(self, translations: Any) -> None:
        self.translations = translations
        self.whole: dict[str, Markup] = {}  # without values; percent signs are single
        self.patterns: dict[str, Markup] = {}

    def say(self, message: str, values: dict[str, Any]) -> Markup:
        if not values:
            found = self.whole.get(message)
            if found is None:
                found = self.whole[message] = self._pattern(message) % values
            return found
        return (self.patterns.get(message) or self._pattern(message)) % values

    def _pattern(self, message: str) -> Markup:
        # Messages are ours and may hold markup; the values put into them are escaped.
        found = Markup(self.translations.ugettext(message))  # noqa: S704
        self.patterns[message] = found
        return found


CATALOGUE = Catalogue()


def _ready() -> _Ready:
    translations = CATALOGUE.get_translations()
    try:
        found: _Ready = translations.ready
    except AttributeError:
        found = translations.ready = _Ready(translations)
    return found


@pass_eval_context
def gettext(context: EvalContext, message: str, /, **values: Any) -> str:
    """`_("…")` in a template. As Jinja's new style: values by name, a percent sign doubled."""
    ready = _ready()
    if context.autoescape:
        return ready.say(message, values)
    return str(ready.translations.ugettext(message)) % values


@pass_eval_context
def ngettext(context: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    """The same for a number of things; `num` is among the values."""
    text = str(_ready().translations.ungettext(one, many, num))
    values.setdefault("num", num)
    return (Markup(text) if context.autoescape else text) % values  # noqa: S704  as above


def register(app: Flask) -> None:
    """Take over from Flask-Babel. Call after it has been set up."""
    app.extensions["babel"].instance.domain_instance = CATALOGUE
    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})
