"""Colleagues: inviting, accepting, changing, and never locking everybody out."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from crm.accounts import operations, queries
from crm.accounts.cli import users as users_command
from crm.accounts.models import Invitation, LoginAttempt, LoginSession, User
from crm.audit.models import AuditEntry
from crm.core.config import Mail, Settings
from crm.core.errors import RuleBroken
from crm.outbox.models import Letter
from crm.rules.access import Role
from tests.factories.accounts import PASSWORD, make_invitation, make_user
from tests.support.clients import make_client

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INVITE = {
    "email": "ny@example.se",
    "name": "",
    "role": "account_manager",
    "language": "en",
    "once": "a",
}


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found


def path_of(link: str) -> str:
    return link.removeprefix("http://localhost")


def shown_link(page: str) -> str:
    match = re.search(r'value="(http://localhost/[^"]+)"', page)
    assert match, "no link on the page"
    return path_of(html.unescape(match[1]))


# --- Who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
@pytest.mark.one_database
def test_only_administrators_see_the_users(as_user: Any, role: Role) -> None:
    client = as_user(role)
    other = make_user(Role.VIEWER)
    assert client.get("/users").status_code == 403
    assert client.get("/users/invite").status_code == 403
    assert client.post("/users/invite", data=INVITE).status_code == 403
    assert client.get(f"/users/{other.id}").status_code == 403
    for what in ("password-link", "second-factor/off"):
        assert client.post(f"/users/{other.id}/{what}").status_code == 403


def test_the_list_and_unknown_ids(as_user: Any) -> None:
    client = as_user(Role.ADMIN)
    make_user(name="Slutat Sven", active=False)
    page = client.get("/users").text
    assert "Slutat Sven" in page
    assert "Inaktiv" in page
    for path in ("/users/999999", "/users/99999999999", "/users/x"):
        assert client.get(path).status_code == 404
    for path in ("/users/999999/password-link", "/users/invitations/999999/resend"):
        assert client.post(path).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_many(as_user: Any, count_queries: Any) -> None:
    client = as_user(Role.ADMIN)
    with count_queries() as few:
        client.get("/users")
    for _turn in range(20):
        make_user()
    with count_queries() as many:
        client.get("/users")
    assert few.number == many.number


# --- Inviting --------------------------------------------------------------------------------


def test_invited_by_link_without_a_mail_server(as_user: Any, app: Flask, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    assert admin.post("/users/invite", data=INVITE).status_code == 303
    link = shown_link(admin.get("/users").text)

    newcomer = make_client(app)
    assert "ny@example.se" in newcomer.get(link).text
    answer = newcomer.post(link, data={"name": "Nya Nilsson", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Nya Nilsson" in newcomer.get("/profile").text
    who = queries.by_email("ny@example.se")
    assert who is not None
    assert (who.role, who.language) == (Role.ACCOUNT_MANAGER, "en")

    again = make_client(app)
    assert again.get(link).status_code == 410
    assert again.post(link, data={"name": "X", "password": PASSWORD}).status_code == 410
    history = str([e.changes for e in session.scalars(sa.select(AuditEntry))])
    nonce = session.scalars(sa.select(Invitation.nonce)).one()
    assert nonce not in history
    assert "argon2" not in history


def test_the_letter_waits_in_the_outbox(as_user: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    admin.post("/users/invite", data=INVITE)
    letter = session.scalars(sa.select(Letter)).one()
    link = shown_link(admin.get("/users").text)
    assert letter.to == "ny@example.se"
    assert "invites you to Förankra" in letter.subject  # the language of the invited
    assert f"http://localhost{link}" in letter.text
    assert f"http://localhost{link}" in letter.html


def test_the_link_in_the_letter_ignores_the_host_header(as_user: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    token, name = admin.csrf_token(), admin.application.config["SESSION_COOKIE_NAME"]
    admin.set_cookie(name, admin.get_cookie(name).value, domain="evil.example")
    answer = admin.post(
        "/users/invite",
        data={**INVITE, "csrf_token": token},
        base_url="http://evil.example",
    )
    assert answer.status_code == 303
    assert "evil.example" not in session.scalars(sa.select(Letter.text)).one()


def test_a_double_click_invites_once(as_user: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    assert admin.post("/users/invite", data=INVITE).status_code == 303
    assert admin.post("/users/invite", data=INVITE).status_code == 303
    assert len(session.scalars(sa.select(Invitation)).all()) == 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    "bad",
    [
        {"email": ""},
        {"email": "inte en adress"},
        {"email": "a@b"},
        {"email": "x" * 250 + "@example.se"},
        {"email": "två@rader.se\nBcc: alla@example.se"},
        {"role": "king"},
        {"role": ""},
        {"name": "x" * 121},
        {"language": "fi"},
        {"email": "kollega@example.se"},  # a user already
        {"email": "KOLLEGA@example.se"},
        {"email": "väntar@example.se"},  # invited already
    ],
)
def test_a_bad_invitation_is_kept_on_the_page(
    as_user: Any, session: Session, bad: dict[str, str]
) -> None:
    make_user(email="kollega@example.se")
    make_invitation("väntar@example.se", now=NOW)
    answer = as_user(Role.ADMIN).post("/users/invite", data={**INVITE, **bad})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    if "email" not in bad:
        assert "ny@example.se" in answer.text
    assert len(session.scalars(sa.select(Invitation)).all()) == 1
    assert session.scalars(sa.select(Letter)).all() == []


def test_sending_again_kills_the_old_link(as_user: Any, client: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    admin.post("/users/invite", data=INVITE)
    old = shown_link(admin.get("/users").text)
    number = session.scalars(sa.select(Invitation.id)).one()
    assert admin.post(f"/users/invitations/{number}/resend").status_code == 303
    new = shown_link(admin.get("/users").text)
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    assert len(session.scalars(sa.select(Letter)).all()) == 2


def test_withdrawn_and_expired(as_user: Any, client: Any, settings: Settings) -> None:
    from crm.accounts import links

    with time_machine.travel(NOW, tick=False) as time:
        admin = as_user(Role.ADMIN)
        invitation = make_invitation("a@example.se", now=NOW)
        link = path_of(links.invitation(settings, invitation))
        time.shift(timedelta(days=7))
        assert client.get(link).status_code == 410
        assert "Har gått ut" in admin.get("/users").text
        assert admin.post(f"/users/invitations/{invitation.id}/resend").status_code == 303
        link = shown_link(admin.get("/users").text)
        assert client.get(link).status_code == 200
        assert admin.post(f"/users/invitations/{invitation.id}/revoke").status_code == 303
        assert client.get(link).status_code == 410
        for what in ("resend", "revoke"):
            assert admin.post(f"/users/invitations/{invitation.id}/{what}").status_code == 422


@pytest.mark.parametrize("token", ["x", "WzEsIm4iXQ.x", "%00", "..", "a" * 3000])
@pytest.mark.one_database
def test_a_made_up_link_opens_nothing(client: Any, token: str) -> None:
    assert client.get(f"/invitation/{token}", inspect=False).status_code in {404, 410}
    assert client.get(f"/password/{token}", inspect=False).status_code in {404, 410}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "", "password": PASSWORD},
        {"name": "x" * 121, "password": PASSWORD},
        {"name": "Nya", "password": "kort"},
        {"name": "Nya", "password": "ny@example.se"},
        {"name": "Nya", "password": "Lösenord1234"},
        {"name": "Nya", "password": "x1" * 200},
    ],
)
def test_a_bad_acceptance_is_kept_on_the_page(
    client: Any, settings: Settings, data: dict[str, str]
) -> None:
    from crm.accounts import links

    link = path_of(links.invitation(settings, make_invitation(now=operations_now())))
    answer = client.post(link, data=data)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert not re.search(r'type="password"[^>]* value="[^"]', answer.text)
    assert queries.by_email("ny@example.se") is None


def operations_now() -> datetime:
    from crm.core import clock

    return clock.now()


# --- The first start -------------------------------------------------------------------------


def test_the_first_administrator(client: Any, settings: Settings) -> None:
    now = operations_now()
    replaced = operations.first_admin_link(settings, now=now)
    link = operations.first_admin_link(settings, now=now)
    assert replaced is not None
    assert link is not None
    assert client.get(path_of(replaced)).status_code == 410
    data = {"name": "Ada", "email": "Ada@Example.se", "password": PASSWORD}
    assert client.post(path_of(link), data={**data, "email": "x"}).status_code == 422
    assert (
        client.post(path_of(link), data={**data, "password": "ada@example.se"}).status_code == 422
    )
    assert client.post(path_of(link), data=data).status_code == 303
    who = queries.by_email("ada@example.se")
    assert who is not None
    assert who.role is Role.ADMIN
    assert client.get("/users").status_code == 200
    assert operations.first_admin_link(settings, now=now) is None
    assert client.get(path_of(link)).status_code == 410


def test_nobody_is_there_from_the_start(session: Session) -> None:
    assert session.scalars(sa.select(User)).all() == []


# --- Changing --------------------------------------------------------------------------------


def changed(user: User, **values: Any) -> dict[str, str]:
    data = {
        "name": user.name,
        "email": user.email,
        "role": user.role.value,
        "active": "y",
        "version": str(user.version),
    }
    data.update(values)
    return {name: value for name, value in data.items() if value is not None}


def test_a_role_and_a_farewell(as_user: Any) -> None:
    admin, rep = as_user(Role.ADMIN), as_user(Role.REP)
    path = f"/users/{rep.user.id}"
    assert admin.post(path, data=changed(rep.user, role="founder")).status_code == 303
    assert rep.user.role is Role.FOUNDER
    assert rep.get("/profile").status_code == 302, "signed out, to come back in the new role"
    assert admin.post(path, data=changed(rep.user, active=None)).status_code == 303
    assert not rep.user.active


def test_not_oneself_and_not_the_last(as_user: Any) -> None:
    admin = as_user(Role.ADMIN)
    path = f"/users/{admin.user.id}"
    for change in ({"role": "rep"}, {"active": None}):
        assert admin.post(path, data=changed(admin.user, **change)).status_code == 422
    assert admin.post(path, data=changed(admin.user, name="Nytt Namn")).status_code == 303
    assert (admin.user.role, admin.user.active) == (Role.ADMIN, True)

    values = {"name": "A", "email": admin.user.email, "by": None, "now": NOW}
    with pytest.raises(RuleBroken):
        operations.change_user(admin.user, role=Role.REP, active=True, **values)
    with pytest.raises(RuleBroken):
        operations.change_user(admin.user, role=Role.ADMIN, active=False, **values)
    make_user(Role.ADMIN, active=False)
    with pytest.raises(RuleBroken):
        operations.change_user(admin.user, role=Role.REP, active=True, **values)
    make_user(Role.ADMIN)
    operations.change_user(admin.user, role=Role.REP, active=True, **values)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"email": "fel"},
        {"email": "tagen@example.se"},
        {"role": "king"},
    ],
)
def test_a_bad_change_is_kept_on_the_page(as_user: Any, bad: dict[str, str]) -> None:
    make_user(email="tagen@example.se")
    admin, other = as_user(Role.ADMIN), make_user(name="Före")
    answer = admin.post(f"/users/{other.id}", data=changed(other, **bad))
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert other.name == "Före"
    assert other.email != "tagen@example.se"


def test_a_stale_change_is_a_409(as_user: Any) -> None:
    admin, other = as_user(Role.ADMIN), make_user()
    answer = admin.post(f"/users/{other.id}", data=changed(other, version="99"))
    assert answer.status_code == 409


def test_a_link_for_a_new_password(as_user: Any, client: Any, session: Session) -> None:
    admin, other = as_user(Role.ADMIN), as_user(make_user(Role.REP, password=True))
    who = other.user
    session.add_all(
        LoginAttempt(email=who.email, address="", at=operations_now(), succeeded=False)
        for _turn in range(5)
    )
    page = admin.post(f"/users/{who.id}/password-link")
    assert page.status_code == 200
    link = shown_link(page.text)
    assert f"http://localhost{link}" in session.scalars(sa.select(Letter.text)).one()
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "kort"}).status_code == 422
    assert client.post(link, data={"password": "fyra glada grisar"}).location == "/sign-in"
    assert client.get("/profile").status_code == 302, "the link alone does not sign in"
    assert other.get("/profile").status_code == 302, "every session before has ended"
    assert client.get(link).status_code == 410
    answer = client.post("/sign-in", data={"email": who.email, "password": "fyra glada grisar"})
    assert answer.status_code == 303, "the lockout is lifted"


def test_a_password_link_dies_in_a_day(as_user: Any, client: Any) -> None:
    with time_machine.travel(NOW, tick=False) as time:
        other = make_user(Role.REP, password=True)
        link = shown_link(as_user(Role.ADMIN).post(f"/users/{other.id}/password-link").text)
        time.shift(timedelta(hours=24))
        assert client.get(link).status_code == 410


def test_no_link_for_the_inactive(as_user: Any) -> None:
    other = make_user(active=False)
    assert as_user(Role.ADMIN).post(f"/users/{other.id}/password-link").status_code == 422


def test_a_lost_phone(as_user: Any) -> None:
    admin, other = as_user(Role.ADMIN), make_user(totp_secret="A" * 32)
    path = f"/users/{other.id}/second-factor/off"
    assert admin.post(path).status_code == 303
    assert other.totp_secret is None
    assert admin.post(f"/users/{admin.user.id}/second-factor/off").status_code == 422


# --- Commands --------------------------------------------------------------------------------


def test_invite_by_command(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(users_command, ["invite", "Ny@Example.se", "--role", "founder"])
    assert done.exit_code == 0, done.output
    assert client.get(path_of(done.output.split()[-1])).status_code == 200
    again = CliRunner().invoke(users_command, ["invite", "ny@example.se"])
    assert "redan inbjuden" in str(again.exception)  # which crm/cli.py tells in a sentence
    settings = replace(app.extensions["settings"], mail=Mail(host="mail.example.se"))
    monkeypatch.setitem(app.extensions, "settings", settings)
    done = CliRunner().invoke(users_command, ["invite", "annan@example.se"])
    assert "on its way" in done.output


def test_reset_by_command(app: Flask, client: Any) -> None:
    who = make_user(password=True)
    done = CliRunner().invoke(users_command, ["reset", who.email])
    assert done.exit_code == 0, done.output
    assert client.get(path_of(done.output.strip())).status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize(
    "words",
    [
        ["invite"],
        ["invite", "fel"],
        ["invite", "a@example.se", "--role", "king"],
        ["invite", "a@example.se", "--name", "x" * 121],
        ["reset", "ingen@example.se"],
        ["reset", "\x00"],
    ],
)
def test_a_bad_command_gets_a_sentence(app: Flask, session: Session, words: list[str]) -> None:
    done = CliRunner().invoke(users_command, words)
    assert done.exit_code in {1, 2}
    assert "Error" in done.output
    assert "Traceback" not in done.output
    assert session.scalars(sa.select(Invitation)).all() == []


# --- Housekeeping ----------------------------------------------------------------------------


def test_old_traces_are_deleted(as_user: Any, session: Session) -> None:
    from crm.accounts.jobs import tidy

    as_user(Role.REP)
    user, old = make_user(), NOW - timedelta(days=91)
    session.add_all(
        [
            LoginAttempt(email="a", address="", at=old, succeeded=True),
            LoginAttempt(email="b", address="", at=NOW, succeeded=True),
            LoginSession(key="old", user_id=user.id, epoch=1, created_at=old, last_seen_at=old),
        ]
    )
    session.flush()
    assert tidy(NOW) == 2
    assert session.scalars(sa.select(LoginAttempt.email)).all() == ["b"]
