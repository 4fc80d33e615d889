"""Oneself: settings, password, second factor, and where one is signed in."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from crm.accounts import totp
from crm.accounts.models import LoginSession, RecoveryCode, User
from crm.audit.models import AuditEntry
from crm.rules.access import Role
from crm.rules.letters import LetterPace
from tests.factories.accounts import PASSWORD, make_user
from tests.support.clients import make_client

NEW = "fyra glada grisar"
NOW = datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC)
PROFILE = {
    "name": "Sara Ny",
    "language": "en",
    "theme": "dark",
    "digest": "weekly",
    "digest_weekday": "3",
    "digest_hour": "8",
}


@pytest.fixture
def sara(app: Flask) -> User:
    return make_user(Role.REP, name="Sara Lind", email="sara@example.se", password=True)


def with_second_factor(user: User) -> pyotp.TOTP:
    user.totp_secret = totp.new_secret()
    return pyotp.TOTP(user.totp_secret)


# --- Settings --------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_a_profile(as_user: Any, role: Role) -> None:
    client = as_user(role)
    for path in ("", "/password", "/second-factor", "/sessions"):
        assert client.get(f"/profile{path}").status_code == 200
    client.post("/language", data={"language": "en"})
    assert "My profile" in client.get("/profile").text


def test_the_profile_is_saved(as_user: Any, sara: User) -> None:
    client = as_user(sara)
    assert (
        client.post("/profile", data={**PROFILE, "version": str(sara.version)}).status_code == 303
    )
    assert (sara.name, sara.language, sara.theme) == ("Sara Ny", "en", "dark")
    assert "Saved." in client.get("/profile").text  # in the language that was chosen
    assert (sara.shortcuts, sara.digest_weekday, sara.digest_hour) == (False, 3, 8)
    assert sara.digest is LetterPace.WEEKLY


@pytest.mark.one_database
@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"language": "fi"},
        {"theme": "pink"},
        {"digest_hour": "24"},
        {"digest_weekday": "5"},
        {"digest": "hourly"},
        {"digest_hour": "nio"},
    ],
)
def test_a_bad_profile_is_kept_on_the_page(as_user: Any, sara: User, bad: dict[str, str]) -> None:
    client = as_user(sara)
    answer = client.post("/profile", data={**PROFILE, **bad})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    if "name" not in bad:
        assert "Sara Ny" in answer.text
    assert sara.name == "Sara Lind"


def test_a_stale_profile_is_a_409(as_user: Any, sara: User) -> None:
    client = as_user(sara)
    assert client.post("/profile", data={**PROFILE, "version": "7"}).status_code == 409
    assert sara.name == "Sara Lind"


# --- Password --------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sessions(as_user: Any, sara: User, session: Session) -> None:
    here, there = as_user(sara), as_user(sara)
    answer = here.post("/profile/password", data={"old": PASSWORD, "password": NEW})
    assert answer.status_code == 303
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 302
    assert sara.epoch == 2
    history = str([e.changes for e in session.scalars(sa.select(AuditEntry))])
    assert "argon2" not in history
    assert NEW not in history


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fel fel fel fel", NEW),
        (PASSWORD, PASSWORD),
        (PASSWORD, "kort"),
        (PASSWORD, "sara@example.se"),
        ("", NEW),
        (PASSWORD, ""),
    ],
)
def test_a_bad_change_changes_nothing(as_user: Any, sara: User, old: str, new: str) -> None:
    client = as_user(sara)
    answer = client.post("/profile/password", data={"old": old, "password": new})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert PASSWORD not in answer.text
    assert NEW not in answer.text
    assert sara.epoch == 1
    assert client.get("/profile").status_code == 200


def test_a_borrowed_browser_cannot_guess_for_ever(as_user: Any, sara: User) -> None:
    client = as_user(sara)
    wrong = {"old": "fel fel fel fel", "password": NEW}
    for _turn in range(5):
        client.post("/profile/password", data=wrong)
    answer = client.post("/profile/password", data={"old": PASSWORD, "password": NEW})
    assert answer.status_code == 422
    assert "för många försök" in answer.text
    assert sara.epoch == 1


# --- Second factor ---------------------------------------------------------------------------


def test_turning_it_on_using_it_and_turning_it_off(
    as_user: Any, client: Any, sara: User, session: Session
) -> None:
    with time_machine.travel(NOW, tick=False) as time:
        me = as_user(sara)
        page = me.get("/profile/second-factor").text
        assert "<svg" in page
        assert " style=" not in page
        match = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        assert match
        app = pyotp.TOTP(match[1].replace(" ", ""))
        assert app.secret in me.get("/profile/second-factor").text.replace(" ", "")

        wrong = {"code": "000000", "password": PASSWORD}
        assert me.post("/profile/second-factor", data=wrong).status_code == 422
        no_password = {"code": app.at(NOW), "password": "fel fel fel fel"}
        assert me.post("/profile/second-factor", data=no_password).status_code == 422
        assert sara.totp_secret is None

        done = me.post("/profile/second-factor", data={"code": app.at(NOW), "password": PASSWORD})
        codes = re.findall(r"<code>([a-z0-9-]{19})</code>", done.text)
        assert (done.status_code, len(codes)) == (200, 10)
        stored = session.scalars(sa.select(RecoveryCode.code_hash)).all()
        assert not set(codes) & set(stored)
        assert app.secret not in str([e.changes for e in session.scalars(sa.select(AuditEntry))])

        # The code that turned it on is used up; a recovery code works, once.
        assert first_step(client).location == "/sign-in/code?next=/profile"
        assert client.get("/profile").status_code == 302
        assert second_step(client, app.at(NOW)).status_code == 422
        assert second_step(client, codes[0].upper()).location == "/profile"
        client.post("/sign-out")
        first_step(client)
        assert second_step(client, codes[0]).status_code == 422

        time.shift(timedelta(seconds=30))
        fresh = app.at(NOW + timedelta(seconds=30))
        assert second_step(client, fresh).status_code == 303
        client.post("/sign-out")
        first_step(client)
        assert second_step(client, fresh).status_code == 422, "a code works once"

        off = "/profile/second-factor/off"
        assert me.post(off, data={"password": "fel fel fel fel"}).status_code == 422
        assert me.post(off, data={"password": PASSWORD}).status_code == 303
        assert sara.totp_secret is None
        assert session.scalars(sa.select(RecoveryCode)).all() == []


def first_step(client: Any) -> Any:
    data = {"email": "sara@example.se", "password": PASSWORD}
    return client.post("/sign-in?next=/profile", data=data)


def second_step(client: Any, code: str) -> Any:
    return client.post("/sign-in/code?next=/profile", data={"code": code})


def test_the_code_page_needs_the_password_first(client: Any, sara: User) -> None:
    with_second_factor(sara)
    assert client.get("/sign-in/code").location == "/sign-in"
    assert client.post("/sign-in/code", data={"code": "123456"}).location == "/sign-in"


def test_the_second_step_must_come_soon_and_under_the_same_epoch(client: Any, sara: User) -> None:
    app = with_second_factor(sara)
    with time_machine.travel(NOW, tick=False) as time:
        first_step(client)
        time.shift(timedelta(minutes=10))
        assert second_step(client, app.at(NOW + timedelta(minutes=10))).location.startswith(
            "/sign-in?"
        )
        first_step(client)
        sara.epoch += 1
        assert second_step(client, app.at(NOW + timedelta(minutes=10))).location.startswith(
            "/sign-in?"
        )


def test_codes_cannot_be_guessed_for_ever(client: Any, sara: User) -> None:
    app = with_second_factor(sara)
    with time_machine.travel(NOW, tick=False):
        first_step(client)
        for _turn in range(5):
            assert second_step(client, "000000").status_code == 422
        answer = second_step(client, app.at(NOW))
        assert answer.status_code == 429
        assert first_step(client).status_code == 429, "the password does not open a new series"


@pytest.mark.one_database
@pytest.mark.parametrize("code", ["", "12345", "x" * 41, "١٢٣٤٥٦", "\x00", "-----", "😀"])
def test_a_bad_code_gets_a_sentence(client: Any, sara: User, code: str) -> None:
    with_second_factor(sara)
    first_step(client)
    answer = second_step(client, code)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_a_clock_may_be_half_a_minute_wrong() -> None:
    secret = totp.new_secret()
    app = pyotp.TOTP(secret)
    step = int(NOW.timestamp()) // 30
    found = [
        totp.matching_step(secret, app.generate_otp(step + away), None, NOW)
        for away in (-2, -1, 0, 1, 2)
    ]
    assert found == [None, step - 1, step, step + 1, None]
    assert totp.matching_step(secret, app.generate_otp(step), step, NOW) is None


def test_new_recovery_codes_replace_the_old(as_user: Any, sara: User, session: Session) -> None:
    with_second_factor(sara)
    client = as_user(sara)
    assert "0 återställningskoder" in client.get("/profile/second-factor").text
    path = "/profile/recovery-codes"
    assert client.post(path, data={"password": ""}).status_code == 422
    assert client.post(path, data={"password": PASSWORD}).status_code == 200
    first = set(session.scalars(sa.select(RecoveryCode.code_hash)))
    client.post(path, data={"password": PASSWORD})
    second = set(session.scalars(sa.select(RecoveryCode.code_hash)))
    assert len(first) == len(second) == 10
    assert not first & second


# --- Sessions --------------------------------------------------------------------------------


def test_the_list_and_ending_one(as_user: Any, sara: User, session: Session, app: Flask) -> None:
    here, there = as_user(sara), make_client(app)
    there.post(
        "/sign-in",
        data={"email": sara.email, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"},
    )
    page = here.get("/profile/sessions").text
    assert "Firefox, Linux" in page
    assert "Den här" in page
    other = session.scalars(sa.select(LoginSession.id).where(LoginSession.agent != "test")).one()
    assert here.post(f"/profile/sessions/{other}/end").status_code == 303
    assert there.get("/profile").status_code == 302
    assert here.get("/profile").status_code == 200


def test_all_the_others_at_once(as_user: Any, sara: User) -> None:
    here, there, third = as_user(sara), as_user(sara), as_user(sara)
    here.post("/profile/sessions/end-others")
    assert [c.get("/profile").status_code for c in (here, there, third)] == [200, 302, 302]


def test_ending_this_one_signs_out(as_user: Any, sara: User, session: Session) -> None:
    here = as_user(sara)
    number = session.scalars(sa.select(LoginSession.id)).one()
    assert here.post(f"/profile/sessions/{number}/end").location == "/sign-in"
    assert here.get("/profile").status_code == 302


def test_nobody_ends_anothers(as_user: Any, sara: User, session: Session) -> None:
    victim, stranger = as_user(sara), as_user(Role.ADMIN)
    number = session.scalars(
        sa.select(LoginSession.id).where(LoginSession.user_id == sara.id)
    ).one()
    stranger.post(f"/profile/sessions/{number}/end")
    assert victim.get("/profile").status_code == 200
