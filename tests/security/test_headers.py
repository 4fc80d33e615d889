"""What every answer says to the browser, whatever it is an answer to."""

from typing import Any

import pytest

from crm.rules.access import Role
from tests.conftest import running_app, settings_for
from tests.support.clients import make_client
from tests.support.world import routes

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


STRICTER = {"Referrer-Policy": "no-referrer"}  # where the address itself is a secret


def faults_of_headers(response: Any) -> list[str]:
    """What is missing from an answer's headers. A calendar is asked for anew each time (ETag)."""
    headers = response.headers
    faults = [
        f"{name} is {headers.get(name)!r}"
        for name, value in SECURITY.items()
        if headers.get(name) not in (value, STRICTER.get(name))
    ]
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        faults.append("no Content-Security-Policy that begins with nothing")
    if "unsafe" in policy or "*" in policy or "http:" in policy:
        faults.append(f"the policy allows too much: {policy}")
    if response.mimetype != "text/calendar" and "no-store" not in headers.get("Cache-Control", ""):
        faults.append("a cache may keep it")
    return faults


def test_every_answer_says_it(app, world, as_user):
    admin = as_user(Role.ADMIN)
    faults = []
    for rule in routes(app, "GET"):
        address = world.address(app, rule)
        response = admin.get(address)
        assert response.status_code < 500, address
        faults += [f"{address}: {fault}" for fault in faults_of_headers(response)]
    assert faults == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    "method,address",
    [
        ("GET", "/there-is-no-such-page"),
        ("GET", "/accounts/999999"),
        ("POST", "/accounts"),
        ("GET", "/"),
        ("POST", "/sign-in"),
        ("GET", "/feed/nothing.ics"),
    ],
)
def test_refusals_and_redirects_say_it_too(client, method, address):
    response = client.open(address, method=method, csrf=False)
    assert response.status_code >= 300
    assert faults_of_headers(response) == []


@pytest.mark.one_database
def test_files_of_the_program_say_it(client):
    page = client.get("/sign-in")
    href = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    response = client.get(href)
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response.headers
    response.close()  # else its file stays open


@pytest.mark.one_database
@pytest.mark.parametrize(
    "address", ["../../pyproject.toml", "..%2f..%2fpyproject.toml", "%00", "css/../../x"]
)
def test_nothing_outside_the_static_folder_is_served(client, address):
    base = client.get("/sign-in").text.split('rel="stylesheet" href="')[1].split("vendor/")[0]
    assert client.get(base + address).status_code == 404


@pytest.mark.one_database
def test_https_is_held_on_to_and_its_cookies_stay_within_it(sqlite_maker, tmp_path):
    settings = settings_for(sqlite_maker.copy(), tmp_path, base_url="https://crm.example.se")
    with running_app(settings) as app:
        client = make_client(app)
        response = client.get("/sign-in", base_url="https://crm.example.se")
        assert "max-age=31536000" in response.headers["Strict-Transport-Security"]
        for cookie in response.headers.getlist("Set-Cookie"):
            assert "Secure" in cookie, cookie


@pytest.mark.one_database
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client):
    responses = [
        client.get("/sign-in"),
        client.post("/language", data={"language": "en", "next": "/sign-in"}),
    ]
    cookies = [cookie for r in responses for cookie in r.headers.getlist("Set-Cookie")]
    assert len(cookies) >= 2
    for cookie in cookies:
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie, cookie
        assert "Secure" not in cookie  # this one runs on http; see the test above
