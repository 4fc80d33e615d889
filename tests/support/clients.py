"""A test client that looks at every page it is given, and signs its forms as a browser would."""

import contextvars
import secrets
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import Signer, URLSafeTimedSerializer
from werkzeug.test import TestResponse

from crm.core.db import db
from tests.support.pages import faults_of


class Client(FlaskClient):
    """Each request is a browser's: fresh contexts, rows read anew afterwards, pages inspected.

    - A POST gets a valid CSRF token by itself; `csrf=False` sends it without.
    - So it does the token of a form that creates something. `"once": "a"` sent twice is the same form
      sent twice; an empty one and one with a full stop in it are sent as they are.
    - What the test has added to `db.session` is flushed before the request, and its objects are
      expired after it, so they show what the request did.
    - `inspect=False` for a page that is wrong on purpose.
    - `user` is whoever `as_user` signed in.
    """

    user: Any = None

    def open(
        self, *args: Any, csrf: bool = True, inspect: bool = True, **kwargs: Any
    ) -> TestResponse:
        self._settle()
        if (
            csrf
            and str(kwargs.get("method", "GET")).upper() == "POST"
            and self._wants_token(kwargs)
        ):
            kwargs["headers"] = {
                **dict(kwargs.get("headers") or {}),
                "X-CSRFToken": self.csrf_token(),
            }
        data = kwargs.get("data")
        if isinstance(data, dict):
            kwargs["data"] = data | {"once": self._once(data.get("once"))}
        # An empty context: else Flask would lend the request the test's own app context, and with
        # it the user that Flask-Login remembered there.
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        self._settle()
        if inspect and response.mimetype == "text/html" and response.status_code // 100 != 3:
            self._inspect(response)
        return response

    def csrf_token(self) -> str:
        """A token that this client's session accepts, made as Flask-WTF makes them."""
        app = self.application
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        key = app.config.get("WTF_CSRF_SECRET_KEY") or app.secret_key
        signed = URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw)
        return str(signed)

    def _once(self, name: str | None) -> str:
        """A token for a form that creates something, as a page would give it to this user."""
        if name is not None and (not name or "." in name):
            return name
        with self.session_transaction() as session:
            user_id = str(session.get("_user_id", "0")).partition(".")[0]
        signer = Signer(str(self.application.secret_key), salt=f"once.{user_id}")
        return signer.sign(name or secrets.token_urlsafe(18)).decode()

    def _wants_token(self, request: dict[str, Any]) -> bool:
        data = request.get("data")
        return not (isinstance(data, dict) and "csrf_token" in data)

    def _settle(self) -> None:
        """The test's session and the request's share one connection; neither may hold anything."""
        if has_app_context():
            db.session.commit()
            db.session.expire_all()

    @staticmethod
    def _inspect(response: TestResponse) -> None:
        if response.headers.get("Content-Disposition", "").startswith("attachment"):
            return  # a file that leaves the house: our styles do not go with it
        html = response.get_data(as_text=True)
        if "<html" not in html[:2000].lower():  # a fragment, for a script to put into its page
            return
        faults = faults_of(html)
        assert not faults, "\n".join(
            [f"{response.request.method} {response.request.path}:", *faults]
        )


def make_client(app: Flask) -> Client:
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    return client
