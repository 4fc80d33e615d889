"""create_app: puts the parts together. Nothing else in the program may."""

import time
from typing import Any

import jinja2
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import crm.models  # noqa: F401  # every model must be known before the first query
from crm.accounts.views import bp as accounts
from crm.accounts.views import load_user
from crm.activities.views import bp as activities
from crm.anchoring.views import bp as anchoring
from crm.audit.queries import last_save
from crm.budgets.views import bp as budgets
from crm.cases.views import bp as cases
from crm.champions.views import bp as champions
from crm.contracts.views import bp as contracts
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db, prepare, tune_sqlite
from crm.core.resources import STATIC, TEMPLATES, TRANSLATIONS, static_version
from crm.handover.views import bp as handover
from crm.integrity.views import bp as integrity
from crm.interest.views import bp as interest
from crm.kits.views import bp as kits
from crm.law.views import bp as law
from crm.merging.views import bp as merging
from crm.ops.views import bp as ops
from crm.organisations.views import bp as organisations
from crm.overview.views import bp as overview
from crm.people.views import bp as people
from crm.pipeline.views import bp as pipeline
from crm.pricing.views import bp as pricing
from crm.procurements.views import bp as procurements
from crm.records.views import bp as records
from crm.reminders.views import bp as reminders
from crm.requirements.views import bp as requirements
from crm.tenders.views import bp as tenders
from crm.trials.views import bp as trials
from crm.web import (
    errors,
    filters,
    fixed,
    headers,
    icons,
    labels,
    messages,
    navigation,
    overtaken,
    urls,
)
from crm.web.glossary import glossary
from crm.web.requests import MAX_TYPED, Request

BLUEPRINTS = (
    overview,
    accounts,
    organisations,
    people,
    activities,
    anchoring,
    interest,
    budgets,
    cases,
    trials,
    procurements,
    pricing,
    kits,
    contracts,
    tenders,
    records,
    requirements,
    integrity,
    champions,
    reminders,
    pipeline,
    handover,
    merging,
    law,
    ops,
)

MAX_UPLOAD = 20 * 1024 * 1024  # bytes; the largest import file we take


class _App(Flask):
    jinja_environment = messages.Environment


def create_app(settings: Settings) -> Flask:
    """The whole program as one WSGI app, ready for any server."""
    version = static_version()
    app = _App(
        "crm",
        template_folder=str(TEMPLATES),
        static_folder=str(STATIC),
        static_url_path=f"/static/{version}",
    )
    app.request_class = Request
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAX_TYPED,
        MAX_FORM_PARTS=2_000,
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="forankra",
        WTF_CSRF_TIME_LIMIT=None,  # lives as long as the session: a page left open over night works
        BABEL_DEFAULT_LOCALE="sv",
        BABEL_DEFAULT_TIMEZONE="Europe/Stockholm",
    )
    app.extensions["settings"] = settings
    app.url_map.converters.update(urls.CONVERTERS)
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    # Components are imported without context; they see only what is global.
    app.jinja_env.globals.update(
        icon=icons.icon,
        glossary=glossary(),
        milestone_name=filters.milestone_name,
        area=navigation.area,
    )

    db.init_app(app)
    prepare()
    csrf = CSRFProtect(app)
    Babel(app, locale_selector=_locale, default_translation_directories=str(TRANSLATIONS))
    messages.register(app)
    login = LoginManager(app)
    login.login_view = "accounts.sign_in"
    login.user_loader(load_user)
    login.login_message = None

    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    csrf.exempt(app.view_functions["kits.ask"])  # its page sets no cookie, and nobody is signed in
    csrf.exempt(app.view_functions["trials.take"])  # its messages are signed, and bring no cookie
    urls.register(app)
    filters.register(app)
    fixed.register(app)
    labels.register(app)
    errors.register(app)
    overtaken.register(app, last_save)
    headers.register(app, settings.secure)
    _context(app, settings)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            tune_sqlite(db.engine)
    _time_requests(app)

    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask documents it
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # as above
        app.wsgi_app,
        root=str(STATIC),
        prefix=f"static/{version}/",
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
        add_headers_function=_static_headers,
        autorefresh=False,
    )
    return app


def _engine_options(settings: Settings) -> dict[str, Any]:
    # An error's text ends up in a log, and what a statement was given may be somebody's name.
    if settings.database_url.startswith("sqlite"):
        return {
            "hide_parameters": True,
            "connect_args": {"check_same_thread": False, "timeout": 10},
        }
    return {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}


def _static_headers(headers: Any, _path: str, _url: str) -> None:
    # WhiteNoise answers before Flask, so after_request never sees these.
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def _locale() -> str:
    """The user's stored language; before sign-in the one chosen on the page; else Swedish."""
    if not has_request_context():
        return "sv"  # a job or a command; letters say whose language they are in
    if current_user.is_authenticated:
        return str(current_user.language)
    chosen = request.cookies.get("language", "sv")
    return chosen if chosen in {"sv", "en"} else "sv"


def _context(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def _values() -> dict[str, Any]:
        return {
            "navigation": navigation.Menu(),
            "demo": settings.demo,
            "today": clock.today(),
            "language": filters.language(),
        }


def _time_requests(app: Flask) -> None:
    """How long the server took, for the browser's own tools and the benchmark, of whoever is signed
    in. A stranger could read out of it what equal answers hide."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _stop(response: Response) -> Response:
        if "started" in g and getattr(g.get("_login_user"), "is_authenticated", False):
            took = (time.perf_counter() - g.started) * 1000
            response.headers["Server-Timing"] = f"app;dur={took:.1f}"
        return response
