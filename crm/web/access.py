"""Every view says who may see it: `@requires(Permission.…)` or `@public`. A test walks them all."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app
from flask_login import current_user

from crm.core.errors import NotAllowed
from crm.rules.access import Permission

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Permission) -> Callable[[View], View]:
    """Only for users whose role carries the permission; others are sent to sign in, or get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # set by Flask-Login
            if not current_user.may(permission):
                raise NotAllowed(permission.value)
            return view(*args, **kwargs)

        guarded.__permission__ = permission  # type: ignore[attr-defined]  # read by the route test
        return guarded  # type: ignore[return-value]  # same signature as the view

    return decorate


def reads(view: View) -> View:
    """A POST that writes nothing: it is no GET, so that no name typed stands in an address, and
    with it in the log of every server on the way."""
    view.__reads__ = True  # type: ignore[attr-defined]  # read by crm.core.db
    return view


def public(view: View) -> View:
    """Open to anyone, signed in or not: sign-in, links that carry their own secret."""
    view.__public__ = True  # type: ignore[attr-defined]  # read by the route test
    return view
