"""Who may do what at every address: CSRF, roles, strangers, unknown ids, wrong methods."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.core.db import Base, db
from crm.rules.access import Permission, Role, allows
from tests.support.clients import make_client
from tests.support.sessions import sign_in, user_with
from tests.support.world import MISSING, routes

OPEN = {
    "accounts.sign_in": "the door",
    "accounts.sign_in_post": "the door",
    "accounts.code": "the door's second half",
    "accounts.code_post": "the door's second half",
    "accounts.demo_sign_in": "only where the demonstration runs",
    "accounts.sign_out": "leaving is allowed to everybody",
    "accounts.language": "a choice before signing in",
    "accounts.accept": "the link is the key",
    "accounts.password_by_link": "the link is the key",
    "reminders.from_digest": "the link is the key",
    "reminders.feed": "the link is the key",
    "pricing.shared": "the link is the key",
    "pricing.shared_pdf": "the link is the key",
    "kits.shared": "the link is the key",
    "kits.shared_pdf": "the link is the key",
    "kits.ask": "the link is the key",
    "trials.take": "the signature is the key",
}
"""Routes that anybody may call, each with why. A new one has to be written here on purpose."""

NEEDS_MORE = {
    "activities.edit": "a note is edited by who wrote it",
    "accounts.end_absence": "one's own, or by an administrator",
    "handover.show": "of one's own making, or by who may hand over for others",
    "handover.undo": "of one's own making, or by who may hand over for others",
    "reminders.renew_shared_feed": "one's own address",
    "reminders.end_shared_feed": "one's own address",
}
"""Routes that ask for more than the permission, each with why."""

READS_BY_POST = {
    "interest.known": "names while typing, kept out of the log",
    "interest.options": "names while typing, kept out of the log",
    "merging.choose": "names while searching, kept out of the address",
    "organisations.options": "names while typing, kept out of the log",
    "overview.search": "names that are sought, kept out of the log",
    "overview.search_options": "names while typing, kept out of the log",
    "organisations.duplicates": "names while typing, kept out of the log",
    "people.duplicates": "names while typing, kept out of the log",
    "people.options": "names while typing, kept out of the log",
    "budgets.look_through": "the rows of a timetable",
    "budgets.preview": "the calendar as it would be",
    "trials.look_through": "the rows of a file",
}
"""POSTs that write nothing."""

WITHOUT_TOKEN = {
    "kits.ask": "the page sets no cookie, and borrows nobody's rights; tests/kits sends to it"
}
"""POSTs that take no token against forgery, each with why."""

SILENT = {"accounts.end_session": "does not tell whether another's session exists"}
"""Routes with an id that answer alike whether there is such a row or not."""


def counted() -> dict[str, int]:
    """How many rows each table has."""
    db.session.commit()
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def changed_from(before: dict[str, int]) -> dict[str, int]:
    """By how much each table has grown or shrunk."""
    after = counted()
    return {name: after[name] - n for name, n in before.items() if after[name] != n}


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    found: Permission | None = getattr(app.view_functions[endpoint], "__permission__", None)
    return found


@pytest.mark.one_database
def test_the_public_routes_are_these(app):
    found = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "__public__", False)
    }
    assert found == set(OPEN)


@pytest.mark.one_database
def test_no_post_works_without_a_token(app, world, as_user):
    admin = as_user(Role.ADMIN)
    before, wrong = counted(), []
    for rule in routes(app, "POST"):
        if rule.endpoint in WITHOUT_TOKEN:
            continue
        response = admin.post(world.address(app, rule), data={"language": "en"}, csrf=False)
        if response.status_code != 400:
            wrong.append(f"{rule}: {response.status_code}")
    assert wrong == []
    assert changed_from(before) == {}


@pytest.mark.one_database
def test_a_token_of_somebody_else_does_not_work(app, world, as_user):
    admin, other = as_user(Role.ADMIN), as_user(Role.REP)
    token = other.csrf_token()
    address = f"/people/{world.parts['person_id']}/edit"
    response = admin.post(address, data={"csrf_token": token, "first_name": "Ond"}, csrf=False)
    assert response.status_code == 400


@pytest.mark.one_database
def test_strangers_are_sent_to_the_door(app, world, client):
    wrong = []
    for method in ("GET", "POST"):
        for rule in routes(app, method):
            if rule.endpoint in OPEN:
                continue
            response = client.open(world.address(app, rule), method=method)
            to_door = response.status_code in {302, 303} and (
                response.headers["Location"].startswith("/sign-in")
            )
            if not to_door:
                wrong.append(f"{method} {rule}: {response.status_code}")
    assert wrong == []


@pytest.mark.one_database
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_its_permissions_say(app, world, as_user, role):
    """GET opens, or says 403; POST of nothing is refused for its content only where it is allowed."""
    client = as_user(role)
    wrong = []
    for method in ("GET", "POST"):
        for rule in routes(app, method):
            permission = permission_of(app, rule.endpoint)
            if permission is None or (rule.endpoint in NEEDS_MORE and allows(role, permission)):
                continue
            if method == "POST" and allows(role, permission):
                continue  # tests/security/test_bad_input.py sends these
            address = world.address(app, rule)
            status = client.open(address, method=method).status_code
            if (status != 403) != allows(role, permission) or status >= 500:
                wrong.append(f"{method} {address}: {status}, {permission.value}")
    assert wrong == []


def test_a_post_that_only_reads_writes_nothing(app, world, as_user):
    """It says so (`@reads`), and then asks SQLite for no write lock."""
    admin, before = as_user(Role.ADMIN), counted()
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "__reads__")}
    assert marked == set(READS_BY_POST)
    for rule in routes(app, "POST"):
        if rule.endpoint in marked:
            sent = {"q": "hultsfred", "name": "Venhagsskolan", "first_name": "Anna"}
            sent["text"] = "2027-02-22; Kommunfullmäktige"
            if rule.endpoint == "trials.look_through":
                sent["text"] = "E-post\nbo.bok@hultsfred.se"
                sent["source"] = str(world.parts["sender_id"])
            assert admin.post(world.address(app, rule), data=sent).status_code in {200, 303}
    assert changed_from(before) == {}


@pytest.mark.one_database
def test_a_viewer_may_change_nothing(app):
    """Every route that writes asks for a permission that a viewer lacks, but for her own things."""
    own = {
        rule.endpoint
        for rule in routes(app, "POST")
        if rule.endpoint not in OPEN | READS_BY_POST
        and (permission := permission_of(app, rule.endpoint))
        and allows(Role.VIEWER, permission)
    }
    assert {permission_of(app, endpoint) for endpoint in own} == {Permission.OWN}


def test_an_inactive_user_is_out_at_once(app, world, as_user):
    user = user_with(Role.ADMIN)
    client = as_user(user)
    assert client.get("/cases").status_code == 200
    user.active = False
    db.session.commit()
    assert client.get("/cases").status_code in {302, 303}


def test_unknown_ids_are_not_found(app, world, as_user):
    admin = as_user(Role.ADMIN)
    wrong = []
    for method in ("GET", "POST"):
        for rule in routes(app, method):
            if rule.endpoint in SILENT:
                continue
            for part in _ids(rule):
                address = world.address(app, rule, **{part: MISSING})
                response = admin.open(address, method=method)
                if response.status_code != 404:
                    wrong.append(f"{method} {address}: {response.status_code}")
    assert wrong == []


@pytest.mark.strictest_database
def test_ids_that_no_database_can_hold_are_not_found(app, world, as_user):
    admin = as_user(Role.ADMIN)
    wrong = []
    for rule in routes(app, "GET"):
        if not any(part.endswith("_id") for part in rule.arguments):
            continue
        address = world.address(app, rule, **dict.fromkeys(_ids(rule), MISSING))
        for odd in ("99999999999999999999", "-1", "0", "1e3", "0x1", "1%00", "..", "é", "1'--"):
            response = admin.get(address.replace(str(MISSING), odd))
            if response.status_code not in {404, 308}:
                wrong.append(f"{address} with {odd}: {response.status_code}")
    assert wrong == []


def _ids(rule: Any) -> list[str]:
    return [part for part in rule.arguments if part.endswith("_id")]


def test_a_part_of_another_thing_is_not_found(app, world, as_user):
    """/accounts/1/aliases/<an alias of account 2>/remove is nobody's address."""
    admin = as_user(Role.ADMIN)
    other = {
        "organisation_id": world.parts["other_organisation_id"],
        "case_id": world.parts["cases.wake.case_id"],
        "tender_id": world.parts["tenders.confirm.tender_id"],
    }
    wrong = []
    for rule in routes(app, "POST"):
        ids = _ids(rule)
        owner = next((part for part in ids if part in other), None)
        if len(ids) < 2 or owner is None:
            continue
        response = admin.post(world.address(app, rule, **{owner: other[owner]}))
        if response.status_code != 404:
            wrong.append(f"{rule}: {response.status_code}")
    assert wrong == []


@pytest.mark.one_database
def test_wrong_methods_are_refused(app, world, as_user):
    admin = as_user(Role.ADMIN)
    wrong = []
    for rule in [*routes(app, "GET"), *routes(app, "POST")]:
        address = world.address(app, rule)
        for method in ("PUT", "PATCH", "DELETE"):
            response = admin.open(
                address, method=method, headers={"X-CSRFToken": admin.csrf_token()}
            )
            if response.status_code != 405 or "Allow" not in response.headers:
                wrong.append(f"{method} {address}: {response.status_code}")
    assert wrong == []


@pytest.mark.one_database
def test_a_get_writes_nothing(app, world, as_user):
    """Nor does it when a link checker asks for every page there is."""
    admin = as_user(Role.ADMIN)
    before, writes = counted(), []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.split()[0] in {"INSERT", "UPDATE", "DELETE"}:
            writes.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        for rule in routes(app, "GET"):
            admin.get(world.address(app, rule))
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert writes == []
    assert changed_from(before) == {}


# --- Where one is sent ----------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "http://localhost@evil.example/",
    "https://localhost.evil.example/",
    " //evil.example",
    "\n//evil.example",
    "/..//evil.example",
    "data:text/html,x",
]


def _outside(location: str) -> bool:
    """Would a browser leave us? It strips tabs and line breaks, and reads \\ as /."""
    heard = "".join(c for c in location if c not in "\t\r\n").strip().replace("\\", "/")
    return not heard.startswith("/") or heard.startswith("//")


@pytest.mark.one_database
@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_to_another_site(app, world, as_user, target):
    signed_in = as_user(Role.ADMIN)
    stranger = make_client(app)
    email = db.session.get_one(type(signed_in.user), world.users[Role.REP]).email
    answers = [
        stranger.post(
            "/sign-in",
            query_string={"next": target},
            data={"email": email, "password": "tre kloka kor dansar", "next": target},
        ),
        signed_in.post("/language", data={"language": "en", "next": target, "back": target}),
        signed_in.post("/theme", data={"theme": "dark", "next": target, "back": target}),
        signed_in.post(
            f"/reminders/{world.parts['reminder_id']}/done",
            query_string={"next": target, "back": target},
            data={"outcome": "done", "next": target, "back": target},
            headers={"Referer": target.strip() or "x"} if target.isprintable() else {},
        ),
    ]
    for response in answers:
        assert response.status_code in {302, 303}, response.request.path
        assert not _outside(response.headers["Location"]), response.headers["Location"]


@pytest.mark.one_database
def test_every_post_with_a_foreign_next_stays_here(app, world, as_user):
    wrong = []
    for rule in routes(app, "POST"):
        client = make_client(app)
        user = user_with(Role.ADMIN)
        sign_in(client, user)
        target = {"next": "//evil.example", "back": "//evil.example", "language": "en"}
        response = client.post(world.address(app, rule), query_string=target, data=target)
        location = response.headers.get("Location", "/")
        if _outside(location):
            wrong.append(f"{rule}: {location}")
        if 'href="//evil.example' in response.text or 'action="//evil' in response.text:
            wrong.append(f"{rule} links to it")
    assert wrong == []


@pytest.mark.one_database
def test_the_host_header_reaches_no_page_and_no_letter(app, world, as_user):
    admin = as_user(Role.ADMIN)
    wrong = []
    for rule in routes(app, "GET"):
        response = admin.get(world.address(app, rule), headers={"Host": "evil.example"})
        if b"evil.example" in response.data or "evil.example" in response.headers.get(
            "Location", ""
        ):
            wrong.append(str(rule))
    for method, rule in [
        ("POST", r) for r in routes(app, "POST") if r.endpoint.startswith("accounts.")
    ]:
        response = admin.open(
            world.address(app, rule), method=method, headers={"Host": "evil.example"}
        )
        if "evil.example" in response.text or "evil.example" in response.headers.get(
            "Location", ""
        ):
            wrong.append(f"{method} {rule}")
    assert wrong == []
    letters = db.session.execute(sa.text("SELECT * FROM outbox")).all() if _has_outbox() else []
    assert "evil.example" not in str(letters)


def _has_outbox() -> bool:
    return "outbox" in Base.metadata.tables


# --- Size -----------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_body_that_is_too_large_is_refused(app, world, as_user):
    admin = as_user(Role.ADMIN)
    address = f"/accounts/{world.parts['organisation_id']}/edit"
    response = admin.post(address, data={"note": "x" * 1_100_000})
    assert response.status_code == 413
    assert "Ingenting har ändrats" in response.text

    response = admin.post(
        "/accounts/import-schools",
        data=b"x" * (21 * 1024 * 1024),
        content_type="multipart/form-data; boundary=x",
    )
    assert response.status_code == 413


@pytest.mark.one_database
def test_a_form_with_too_many_parts_is_refused(app, world, as_user):
    admin = as_user(Role.ADMIN)
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="a{n}"\r\n\r\n1\r\n' for n in range(2_100)
    )
    response = admin.post(
        f"/accounts/{world.parts['organisation_id']}/edit",
        data=f"{parts}--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    assert response.status_code in {400, 413}
