"""Signing in in a real browser: with the keyboard, without scripts, in both languages."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.factories.accounts import PASSWORD, make_user


@pytest.fixture
def sara(live: Any) -> str:
    with live.data():
        return make_user(name="Sara Lind", email="sara@example.se", password=True).email


@pytest.mark.one_database
@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_is_enough(new_page: Any, live: Any, sara: str, scripts: bool) -> None:
    page = new_page(java_script_enabled=scripts)
    page.goto(f"{live.url}/sign-in?next=/profile/sessions")
    page.get_by_label("E-post").focus()
    page.keyboard.type(sara)
    page.keyboard.press("Tab")
    page.keyboard.type("fel fel fel fel")
    page.keyboard.press("Enter")
    page.get_by_text("stämmer inte").wait_for()
    expect(page.get_by_label("E-post")).to_have_value(sara)
    expect(page.get_by_label("Lösenord")).to_have_value("")
    page.get_by_label("Lösenord").press_sequentially(PASSWORD)
    page.get_by_label("Lösenord").press("Enter")
    page.get_by_role("heading", level=1, name="Var jag är inloggad").wait_for()


@pytest.mark.one_database
def test_the_language_is_chosen_without_scripts(page_without_scripts: Any, live: Any) -> None:
    page = page_without_scripts
    page.goto(f"{live.url}/sign-in")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", level=1, name="Sign in").wait_for()


@pytest.mark.one_database
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_door_has_no_threshold(new_page: Any, live: Any, violations: Any, scheme: str) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    page.goto(f"{live.url}/sign-in")
    assert violations(page) == []
    page.get_by_role("button", name="Logga in").click()
    page.locator(".error-summary").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
