"""Error pages. Each says what happened and what to do, and renders without the database."""

import logging
import uuid
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from crm.core.errors import MergedInto, NotAllowed, NotFound, RuleBroken
from crm.web.urls import url_for

log = logging.getLogger("crm.web")


def _say(status: int, title: str, sentence: str) -> Response:
    """One page for every error; a fragment when a script asked."""
    bare = request.headers.get("X-Fragment") == "1"
    template = "errors/fragment.html" if bare else "errors/error.html"
    body = render_template(
        template, status=status, error_title=title, sentence=sentence, request_id=request_id()
    )
    return make_response(body, status)


def request_id() -> str:
    """Names this request in the log and on the error page. Holds no personal data."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:12]
    return str(g.request_id)


TOO_LARGE: Final[dict[str, Callable[[], Response | None]]] = {}
"""By endpoint, its own page for an upload that is too large to be read: nothing of what was sent
can be asked for. None where there is no such page for who asks."""


def _http(error: HTTPException) -> Response:
    if error.code == 413 and (own := TOO_LARGE.get(request.endpoint or "")):
        response = own()
        if response is not None:
            response.status_code = 413
            return response
    titles = {
        400: (_("That request could not be read"), _("Go back, check the form and send it again.")),
        403: (_("Not for your role"), _("Ask an administrator if you need to do this.")),
        404: (
            _("There is nothing here"),
            _("The address may be mistyped, or the thing may have been merged or removed."),
        ),
        405: (_("That cannot be done here"), _("Go back and use the buttons on the page.")),
        413: (_("That file is too large"), _("Choose a smaller file. Nothing was changed.")),
        429: (_("A little too fast"), _("Wait a minute and try again.")),
    }
    code = error.code or 500
    title, sentence = titles.get(
        code, (_("That did not work"), _("Go back and try again. Nothing was changed."))
    )
    response = _say(code, title, sentence)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _bug(error: Exception) -> Response:
    log.error("request %s failed at %s", request_id(), request.url_rule, exc_info=error)
    return _say(
        500,
        _("Something went wrong on our side"),
        _("Nothing was saved. Try again, and tell your administrator the number below."),
    )


def _refused_by_the_database(error: DBAPIError, status: int, title: str, sentence: str) -> Response:
    """Two at once, or a value no form caught. Logged without its values: it may be our mistake."""
    kind = type(error.orig).__name__
    log.error("request %s was refused at %s: %s", request_id(), request.url_rule, kind)
    return _say(status, title, sentence)


_HOMES = {
    "organisation": ("overview.organisation", "organisation_id"),
    "person": ("people.show", "person_id"),
}
"""For what can be merged, its own page and what that calls the id."""
_OTHER_NAMES = {"organisation": ("body_id", "other_organisation_id", "neighbour_id")}


def _merged(error: MergedInto) -> AnyResponse:
    """To the same page of the one that it has gone up in; after a POST to that one's own."""
    home, own = _HOMES[error.kind]
    names = (own, *_OTHER_NAMES.get(error.kind, ()))
    asked = request.view_args or {}
    changed = {key: error.into_id for key in names if asked.get(key) == error.gone_id}
    flash(
        _("%(name)s has been merged into this one. All that was there is here.", name=error.title),
        "message",
    )
    if request.method == "GET" and changed and request.endpoint:
        return redirect(url_for(request.endpoint, **(asked | changed)), 303)
    return redirect(url_for(home, **{own: error.into_id}), 303)


def register(app: Flask) -> None:
    """Hang the handlers on the app."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(
        NotFound,
        lambda _error: _say(
            404,
            _("There is nothing here"),
            _("The address may be mistyped, or the thing may have been merged or removed."),
        ),
    )
    app.register_error_handler(MergedInto, _merged)
    app.register_error_handler(
        NotAllowed,
        lambda _error: _say(
            403, _("Not for your role"), _("Ask an administrator if you need to do this.")
        ),
    )
    app.register_error_handler(
        RuleBroken, lambda error: _say(422, _("That cannot be done"), str(error))
    )
    app.register_error_handler(
        StaleDataError,
        lambda _error: _say(
            409,
            _("This has been saved in the meantime"),
            _("Go back, load the page anew and try again. Nothing was changed."),
        ),
    )
    app.register_error_handler(
        IntegrityError,
        lambda error: _refused_by_the_database(
            error,
            409,
            _("Somebody else was just here"),
            _(
                "What you did no longer fits with what is stored. "
                "Go back, load the page anew and try again. Nothing was changed."
            ),
        ),
    )
    app.register_error_handler(
        DataError,
        lambda error: _refused_by_the_database(
            error,
            400,
            _("That request could not be read"),
            _("A value is too large or has the wrong form."),
        ),
    )
    app.register_error_handler(
        CSRFError,
        lambda _error: _say(
            400,
            _("The page had been open too long"),
            _("Go back, load the page anew and send it again. Nothing was changed."),
        ),
    )
    if not app.testing:
        app.register_error_handler(Exception, _bug)
