"""Signed-in users, without the price of a password: as if they had come through the front door."""

import itertools
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm.accounts import operations
from crm.accounts.models import User
from crm.core import clock
from crm.core.db import db
from crm.rules.access import Role
from tests.support.browsers import Live
from tests.support.clients import Client

_numbers = itertools.count(1)


def user_with(role: Role) -> User:
    """A new colleague with the role. Needs an app context."""
    number = next(_numbers)
    return operations.add_user(
        name=f"Testperson {number}",
        email=f"{role.value}.{number}@example.se",
        role=role,
        now=clock.now(),
    )


def sign_in(client: Client, user: User) -> None:
    """From here on the client's requests are the user's."""
    contents = _contents(user)
    with client.session_transaction() as session:
        session.update(contents)


def cookies_for(live: Live, who: User | Role | int) -> list[Any]:
    """The cookie of a browser that is signed in: as a user, as a user's id, or in a role."""
    with live.data():
        if isinstance(who, Role):
            user = user_with(who)
        else:
            number = who if isinstance(who, int) else sa.inspect(who).identity[0]
            user = db.session.get_one(User, number)
        value = _signed(live.app, _contents(user))
    return [{"name": live.app.config["SESSION_COOKIE_NAME"], "value": value, "url": live.url}]


def _contents(user: User) -> dict[str, Any]:
    """What Flask-Login keeps in the cookie."""
    operations.sign_in(user, attempt_id=None, address="127.0.0.1", agent="test", now=clock.now())
    return {"_user_id": user.get_id(), "_fresh": True}


def _signed(app: Flask, contents: dict[str, Any]) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps(contents))
