"""The client and the browser are signed in as they say."""

import pytest

from crm.rules.access import Role


@pytest.mark.parametrize("role", list(Role))
def test_as_user_is_somebody(as_user, role) -> None:  # type: ignore[no-untyped-def]
    client = as_user(role)
    assert client.user.role is role
    assert client.get("/profile").status_code == 200


def test_a_stranger_is_not(client) -> None:  # type: ignore[no-untyped-def]
    assert client.get("/profile").status_code in {302, 303}


def test_a_browser_is_signed_in(new_page) -> None:  # type: ignore[no-untyped-def]
    page = new_page(user=Role.REP)
    page.goto("/profile")
    assert "/sign-in" not in page.url
