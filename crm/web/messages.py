"""Messages in the reader's language, for templates and Python alike, found quickly.

A list of fifty rows asks for some four hundred messages. Flask-Babel asks anew each time which
language this is, and Jinja calls three functions to get one string; a page spent half its time on
that. Here a template is compiled once a language, with the messages that take no value already in
it; any other costs one look into a dictionary of ready Markup, kept per language.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, g, has_app_context
from flask.sansio.app import App
from flask.templating import Environment as FlaskEnvironment
from flask_babel import Domain, get_locale
from jinja2 import Template, nodes, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.visitor import NodeTransformer
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


class _Said(NodeTransformer):
    """Puts the words in the place of `_("…")` when it has no values."""

    def __init__(self, autoescape: bool) -> None:
        self.autoescape = autoescape

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  Jinja's name for it
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_" | "gettext"),
                args=[nodes.Const(value=str() as message)],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                said: str = _ready().say(message, {})
                text = said if self.autoescape else str(said)
                return nodes.Const(text, lineno=node.lineno, environment=node.environment)
        return node


class Environment(FlaskEnvironment):
    """Flask's, with the templates of each language apart: what is asked for comes in the reader's.

    A template's own `extends`, `include` and `import` ask the environment that compiled it, so a
    page is of one language throughout.
    """

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, **options)
        self._spoken: dict[str, Environment] = {}

    def _here(self) -> "Environment":
        """This environment if it is a language's own already, otherwise the reader's."""
        if self.overlayed:
            return self
        language = str(get_locale())
        found = self._spoken.get(language)
        if found is None:
            found = self._spoken.setdefault(language, self.overlay())
        return found

    def get_template(self, name: Any, *args: Any, **kwargs: Any) -> Template:
        """The template in the reader's language. Raises TemplateNotFound."""
        here = self._here()
        return super(Environment, here).get_template(name, *args, **kwargs)

    def select_template(self, names: Any, *args: Any, **kwargs: Any) -> Template:
        """The first that there is, in the reader's language. Raises TemplatesNotFound."""
        here = self._here()
        return super(Environment, here).select_template(names, *args, **kwargs)

    def get_or_select_template(
        self, template_name_or_list: Any, *args: Any, **kwargs: Any
    ) -> Template:
        """As either of the above."""
        here = self._here()
        return super(Environment, here).get_or_select_template(
            template_name_or_list, *args, **kwargs
        )

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        escapes: bool | Callable[[str | None], bool] = self.autoescape
        said = _Said(escapes(name) if callable(escapes) else escapes)
        found: nodes.Template = said.visit(parsed)
        return found


def register(app: Flask) -> None:
    """Take over from Flask-Babel. Call after it has been set up."""
    app.extensions["babel"].instance.domain_instance = CATALOGUE
    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})
