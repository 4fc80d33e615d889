"""Through the door: the right one, the wrong one, the impatient one and the uninvited one."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from crm.accounts import passwords, queries, totp
from crm.accounts.models import LoginAttempt, LoginSession, User
from crm.accounts.views import load_user
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.rules.access import Role
from tests.factories.accounts import PASSWORD, make_user
from tests.support.clients import make_client

WRONG = "E-postadressen eller lösenordet stämmer inte."
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def sign_in(client: Any, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def is_in(client: Any) -> bool:
    return client.get("/profile/sessions").status_code == 200


@pytest.fixture
def sara(app: Flask) -> User:
    return make_user(Role.REP, name="Sara Lind", email="sara@example.se", password=True)


def test_the_right_password_opens(client: Any, sara: User, session: Session) -> None:
    answer = sign_in(client, " SARA@example.se ", headers={"User-Agent": "Firefox/140 Linux"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(client)
    row = session.scalars(sa.select(LoginSession)).one()
    assert (row.user_id, row.agent, row.address) == (sara.id, "Firefox/140 Linux", "127.0.0.1")
    assert session.scalars(sa.select(LoginAttempt.succeeded)).all() == [True]


def test_the_hash_gets_todays_costs(client: Any, sara: User) -> None:
    assert passwords.is_outdated(sara.password_hash or "")
    sign_in(client, sara.email)
    assert not passwords.is_outdated(sara.password_hash or "")
    assert is_in(client)


def test_the_same_answer_for_no_user_wrong_password_no_password_and_inactive(
    client: Any, sara: User
) -> None:
    make_user(email="utan@example.se")
    make_user(email="slutat@example.se", password=True, active=False)
    pages = []
    for email in ("ingen@example.se", "sara@example.se", "utan@example.se", "slutat@example.se"):
        password = PASSWORD if email.startswith("slutat") else "fel fel fel fel"
        answer = sign_in(client, email, password)
        assert answer.status_code == 422
        assert f'value="{email}"' in answer.text  # what was typed stays, the password never
        assert password not in answer.text
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
        pages.append(page.replace(email, ""))
    assert WRONG in pages[0]
    assert len(set(pages)) == 1


def test_an_unknown_address_takes_a_hash_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            checked.append(stored)
            return hasher.verify(stored, password)

        hash = staticmethod(hasher.hash)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert not passwords.matches(None, "nobody has this password")
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


@pytest.mark.parametrize("email", ["sara@example.se", "ingen@example.se"])
def test_five_failures_make_a_pause(
    client: Any, sara: User, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOW, tick=False) as time:
        for _turn in range(queries.PER_ACCOUNT):
            assert sign_in(client, email, "fel fel fel fel").status_code == 422
        with monkeypatch.context() as patch:
            patch.setattr(passwords, "matches", lambda *_: pytest.fail("hashed while locked"))
            answer = sign_in(client, email)
        assert answer.status_code == 429
        assert "Det har varit för många försök" in answer.text
        assert int(answer.headers["Retry-After"]) == 15 * 60 + 1
        assert not is_in(client)
        time.shift(timedelta(minutes=15, seconds=1))
        assert sign_in(client, email).status_code == (303 if email == sara.email else 422)


def test_a_success_wipes_the_slate(client: Any, sara: User) -> None:
    for _turn in range(queries.PER_ACCOUNT - 1):
        sign_in(client, sara.email, "fel fel fel fel")
    assert sign_in(client, sara.email).status_code == 303
    client.post("/sign-out")
    for _turn in range(queries.PER_ACCOUNT - 1):
        assert sign_in(client, sara.email, "fel fel fel fel").status_code == 422


def test_thirty_failures_in_a_day_lock_the_account(
    client: Any, sara: User, session: Session
) -> None:
    now = clock.now()
    session.add_all(
        LoginAttempt(
            email=sara.email,
            address="192.0.2.1",
            at=now - timedelta(minutes=40 * n),
            succeeded=False,
        )
        for n in range(1, 31)
    )
    assert sign_in(client, sara.email).status_code == 429


def test_one_network_address_cannot_try_everybody(
    client: Any, sara: User, session: Session
) -> None:
    now = clock.now()
    session.add_all(
        LoginAttempt(email=f"{n}@example.se", address="127.0.0.1", at=now, succeeded=False)
        for n in range(queries.PER_ADDRESS)
    )
    assert sign_in(client, sara.email).status_code == 429
    assert queries.blocked_until(sara.email, "192.0.2.7", now) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("rubbish", "rubbish"),
    ],
)
def test_an_ipv6_network_counts_as_one(address: str, network: str) -> None:
    assert queries.network(address) == network


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"email": "sara@example.se"},
        {"password": "x"},
        {"email": "a" * 300 + "@example.se", "password": "x"},
        {"email": "sara@example.se", "password": "x" * 5000},
        {"email": "' OR 1=1 --", "password": "\x00\ud7ff"},
        {"email": "😀@\u202eexample", "password": "٣"},
    ],
)
def test_bad_input_gets_a_sentence(client: Any, sara: User, data: dict[str, str]) -> None:
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


# --- Sessions --------------------------------------------------------------------------------


def test_nothing_of_the_cookie_before_lives_on(client: Any, sara: User) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by another"
    sign_in(client, sara.email)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        first = cookie["_user_id"]
    sign_in(client, sara.email)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != first
    assert load_user(first) is None, "the session before is ended, not left open"


def test_a_stolen_cookie_dies_at_sign_out(client: Any, sara: User, app: Flask) -> None:
    sign_in(client, sara.email)
    name = app.config["SESSION_COOKIE_NAME"]
    stolen = client.get_cookie(name).value
    thief = make_client(app)
    thief.set_cookie(name, stolen)
    assert is_in(thief)
    assert client.post("/sign-out").status_code == 303
    assert not is_in(thief)
    assert not is_in(client)
    assert client.post("/sign-out").status_code == 303  # as good as once


@pytest.mark.parametrize("change", ["epoch", "active", "ended", "session epoch"])
def test_signed_out_at_once(as_user: Any, session: Session, change: str) -> None:
    client = as_user(Role.REP)
    assert is_in(client)
    row = session.scalars(sa.select(LoginSession)).one()
    if change == "epoch":
        client.user.epoch += 1
    elif change == "active":
        client.user.active = False
    elif change == "ended":
        row.ended_at = clock.now()
    else:
        row.epoch += 1
    assert not is_in(client)


def test_thirty_idle_days_sign_out_and_work_keeps_in(as_user: Any) -> None:
    with time_machine.travel(NOW, tick=False) as time:
        client = as_user(Role.REP)
        time.shift(timedelta(days=29))
        assert client.post("/theme", data={"theme": "dark"}).status_code == 303
        time.shift(timedelta(days=29))
        assert is_in(client)
        time.shift(timedelta(days=1, seconds=1))
        assert not is_in(client)


def test_reading_writes_nothing(as_user: Any, session: Session) -> None:
    with time_machine.travel(NOW, tick=False) as time:
        client = as_user(Role.REP)
        time.shift(timedelta(days=2))
        client.get("/profile")
        assert session.scalars(sa.select(LoginSession.last_seen_at)).one() == NOW


def test_the_user_costs_one_statement(as_user: Any, count_queries: Any) -> None:
    client = as_user(Role.REP)
    cookie_id = client.user.get_id()
    with count_queries() as counted:
        found = load_user(cookie_id)
    assert found is not None
    assert counted.number == 1, counted.statements


@pytest.mark.parametrize(
    "cookie_id",
    ["", "1", "1.1", "1.1.", "x.1.key", "1.x.key", "..", "99999999999.1.k", "1.1.k\x00", "²6.1.k"],
)
@pytest.mark.one_database
def test_a_malformed_cookie_is_nobody(app: Flask, cookie_id: str) -> None:
    if "\x00" not in cookie_id:
        assert load_user(cookie_id) is None


# --- Where to afterwards ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/profile", "/profile"),
        ("/users?page=2", "/users?page=2"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/%09/evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("///evil.example", "/"),
        ("evil.example", "/"),
        ("/sign-out", "/"),  # POST only
        ("/no-such-page", "/"),
        ("", "/"),
        ("/" + "a" * 2000, "/"),
    ],
)
def test_next_stays_at_home(client: Any, sara: User, target: str, lands: str) -> None:
    answer = client.post(
        "/sign-in",
        query_string={"next": target},
        data={"email": sara.email, "password": PASSWORD},
    )
    assert (answer.status_code, answer.location) == (303, lands)
    answer = client.get("/sign-in", query_string={"next": target})
    assert (answer.status_code, answer.location) == (303, lands)


@pytest.mark.one_database
def test_a_page_asked_for_too_early_comes_after(client: Any, sara: User) -> None:
    asked = client.get("/profile/sessions")
    assert asked.status_code == 302
    assert "/sign-in?next=" in asked.location
    page = client.get(asked.location)
    assert 'action="/sign-in?next=/profile/sessions"' in page.text


# --- CSRF, the demonstration, language -------------------------------------------------------


def test_no_post_without_a_token(as_user: Any, app: Flask) -> None:
    client = as_user(Role.ADMIN)
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("accounts.") and "POST" in (rule.methods or ()):
            path = rule.rule
            for argument in rule.arguments:
                path = path.replace(f"<id:{argument}>", "1").replace(f"<string:{argument}>", "x")
            assert client.post(path, csrf=False).status_code == 400, path
            tried += 1
    assert tried > 15


def test_a_real_installation_has_no_one_click(client: Any, app: Flask, sara: User) -> None:
    assert not app.extensions["settings"].demo
    for role in ("rep", "admin", ""):
        assert client.post("/sign-in/demo", data={"role": role}).status_code == 404
    assert "demo" not in client.get("/sign-in").text
    assert not is_in(client)


def test_the_demonstration_has(
    client: Any, app: Flask, sara: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], demo=True))
    make_user(Role.ACCOUNT_MANAGER, name="Erik Ek")
    make_user(Role.FOUNDER, name="Maria Mo")
    make_user(Role.ADMIN, name="Ada")
    make_user(Role.VIEWER, name="Vera")
    page = client.get("/sign-in").text
    names = ("Sara (", "Erik (", "Maria (", "Ada (", "Vera (")
    assert [n in page for n in names] == [True] * 4 + [False]
    assert client.post("/sign-in/demo", data={"role": "viewer"}).status_code == 404
    assert client.post("/sign-in/demo", data={"role": "rep"}, csrf=False).status_code == 400
    answer = client.post("/sign-in/demo", data={"role": "founder"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Maria Mo" in client.get("/profile").text


def test_language_before_signing_in_is_a_cookie(client: Any) -> None:
    assert 'lang="sv"' in client.get("/sign-in").text
    answer = client.post("/language", data={"language": "en", "next": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    page = client.get("/sign-in").text
    assert "<h1>Sign in</h1>" in page
    assert client.post("/language", data={"language": "xx"}).status_code == 400
    evil = client.post("/language", data={"language": "sv", "next": "//evil.example"})
    assert evil.location == "/"


def test_a_language_chosen_at_the_door_is_kept_after_it(
    app: Flask, client: Any, sara: User, session: Session
) -> None:
    client.post("/language", data={"language": "en", "next": "/sign-in"})
    sign_in(client, sara.email)
    session.refresh(sara)
    assert sara.language == "en"
    assert '<html lang="en"' in client.get("/profile/sessions").text
    # The cookie that stays in the browser decides nothing for who signs in next.
    client.post("/sign-out")
    bo = make_user(Role.REP, email="bo@example.se", password=True)
    sign_in(client, bo.email)
    session.refresh(bo)
    assert bo.language == "sv"


def test_a_language_chosen_at_the_door_outlives_the_second_step(
    client: Any, session: Session
) -> None:
    secret = totp.new_secret()
    eva = make_user(Role.REP, email="eva@example.se", password=True, totp_secret=secret)
    client.post("/language", data={"language": "en", "next": "/sign-in"})
    sign_in(client, eva.email)
    code = pyotp.TOTP(secret).now()
    assert client.post("/sign-in/code", data={"code": code}).status_code == 303
    session.refresh(eva)
    assert eva.language == "en"


def test_language_and_theme_are_stored_for_who_is_in(as_user: Any) -> None:
    client = as_user(Role.VIEWER)
    client.post("/language", data={"language": "en", "next": "/profile"})
    client.post("/theme", data={"theme": "dark", "next": "/profile"})
    assert (client.user.language, client.user.theme) == ("en", "dark")
    assert client.post("/theme", data={"theme": "pink"}).status_code == 400


def test_nothing_secret_in_log_or_history(
    client: Any, sara: User, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sign_in(client, sara.email, "fel fel fel fel")
    sign_in(client, sara.email)
    hashes = "argon2"
    history = str([entry.changes for entry in session.scalars(sa.select(AuditEntry))])
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("crm"))
    for text in (history, ours):
        assert PASSWORD not in text
        assert hashes not in text
