"""The program from the keyboard alone (M2), and what must not happen by a single key (WCAG 2.1.4)."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from crm.core.db import db
from tests.pages.conftest import Site
from tests.support.keyboard import focused


@pytest.fixture
def page(visitor: Any) -> Any:
    found = visitor("sv")
    found.goto("/cases")
    return found


def is_open(page: Any, dialog: str) -> bool:
    return bool(page.evaluate("(id) => document.getElementById(id).open", dialog))


@pytest.mark.parametrize("key", ["Control+k", "/"])
def test_the_palette_opens_finds_and_goes(page: Any, key: str) -> None:
    page.keyboard.press(key)
    page.locator("#palette[open] .palette-input:focus").wait_for()
    page.keyboard.type("hultsfreds k")
    page.locator("#palette [role=option]", has_text="Hultsfreds kommun").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/accounts/\d+$"))
    expect(page.locator("h1")).to_contain_text("Hultsfred")


def test_the_palette_goes_to_pages_by_name(page: Any) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("påminn")
    page.locator("#palette [role=option]", has_text="Påminnelser").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/reminders")


def test_arrows_choose_in_the_palette(page: Any) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("skola")
    page.locator("#palette [role=option]").nth(2).wait_for()
    first = page.locator("#palette [aria-selected=true]").get_attribute("id")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette [aria-selected=true]")).not_to_have_attribute("id", first)
    active = page.locator("#palette .palette-input").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("key,dialog", [("Control+k", "palette"), ("n", "quicklog"), ("?", "keys")])
def test_escape_closes_and_gives_the_focus_back(page: Any, key: str, dialog: str) -> None:
    page.locator("#main [data-list] a").first.focus()
    before = page.evaluate("() => document.activeElement.outerHTML")
    page.keyboard.press(key)
    page.locator(f"#{dialog}[open]").wait_for()
    page.keyboard.press("Escape")
    assert not is_open(page, dialog)
    assert page.evaluate("() => document.activeElement.outerHTML") == before


def test_a_dialog_keeps_the_focus_inside(page: Any) -> None:
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    for _ in range(8):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "() => document.activeElement === document.body "
            "|| !!document.activeElement.closest('#keys')"
        )
        assert inside


def test_n_opens_the_quick_log_with_the_focus_in_it(page: Any) -> None:
    page.keyboard.press("n")
    page.locator("#quicklog[open] #log-who:focus").wait_for()


@pytest.mark.parametrize(
    "letter,path",
    [
        ("t", "/"),
        ("i", "/inquiries"),
        ("r", "/reminders"),
        ("a", "/accounts"),
        ("m", "/people"),
        ("p", "/pipeline"),
        ("b", "/budget-year"),
        ("u", "/users"),
        ("s", "/status"),
    ],
)
def test_g_goes(page: Any, site: Site, letter: str, path: str) -> None:
    page.keyboard.press("g")
    page.keyboard.press(letter)
    page.wait_for_url(site.live.url + path)


def test_the_help_lists_the_keys_that_work_here(page: Any) -> None:
    page.keyboard.press("?")
    page.locator("#keys[open] [data-keys] dt").first.wait_for()
    for words in ("Logga", "Påminnelser", "Ärenden", "Inställningar"):
        expect(page.locator("#keys")).to_contain_text(words)
    keys = page.locator("#keys dt").all_inner_texts()
    assert "g r" in {" ".join(key.split()) for key in keys}


def test_a_hand_faster_than_the_palette_comes_where_it_meant(page: Any) -> None:
    """Enter while the answer is on its way must not open what was first before."""
    page.route("**/search/options", lambda route: (time.sleep(0.4), route.continue_()))
    page.keyboard.press("Control+k")
    page.locator("#palette [role=option]").nth(2).wait_for()
    page.keyboard.type("påminn")
    page.wait_for_timeout(200)  # asked, not answered
    page.keyboard.press("Enter")
    page.wait_for_url("**/reminders")


@pytest.mark.parametrize("address", ["/cases", "/people", "/accounts", "/reminders"])
def test_j_and_k_step_in_a_list(page: Any, address: str) -> None:
    page.goto(address)
    steps = []
    for key in "jjk":
        page.keyboard.press(key)
        steps.append(page.evaluate("() => document.activeElement.outerHTML"))
    assert steps[0] == steps[2] != steps[1]
    assert page.evaluate("() => !!document.activeElement.closest('[data-list]')")


def test_letters_typed_into_a_field_are_letters(page: Any) -> None:
    field = page.locator("#main input[name=q]").first
    field.focus()
    page.keyboard.type("gnj?/")
    assert field.input_value() == "gnj?/"
    assert not is_open(page, "quicklog")
    assert not is_open(page, "keys")


def test_single_letters_can_be_switched_off(site: Site, visitor: Any) -> None:
    with site.live.data():
        db.session.get_one(User, site.readers["sv"]).shortcuts = False
    try:
        page = visitor("sv")
        page.goto("/cases")
        for key in ("n", "?", "/", "j"):
            page.keyboard.press(key)
        page.keyboard.press("g")
        page.keyboard.press("r")
        assert not is_open(page, "quicklog")
        assert not is_open(page, "keys")
        assert page.url.endswith("/cases")
        page.keyboard.press("Control+k")
        page.locator("#palette[open]").wait_for()
    finally:
        with site.live.data():
            db.session.get_one(User, site.readers["sv"]).shortcuts = True


def test_the_skip_link_is_first_and_skips(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip-link"
    assert page.locator(".skip-link").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => !!document.activeElement.closest('main')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "/",
        "a body with a story",
        "an open case",
        "/reminders",
        "everybody's planner",
        "many wheels in bands",
    ],
)
def test_the_focus_is_always_seen(site: Site, visitor: Any, name: str, scheme: str) -> None:
    """Every stop of the Tab key has a frame around it and is in the window, under nothing."""
    page = visitor("sv", color_scheme=scheme, reduced_motion="reduce")
    page.goto(site.more.get(name, name))
    unseen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop is None:
            break
        if not stop["seen"]:
            unseen.append(stop["html"])
    assert unseen == []
