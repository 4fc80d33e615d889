"""What was typed and not saved: it comes back with a word of it, over its own record alone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from crm.rules.access import Role
from tests.factories.organisations import make_municipality
from tests.support.sessions import user_with


@pytest.fixture
def hand(live: Any, new_page: Any) -> Any:
    with live.data():
        user = int(user_with(Role.ACCOUNT_MANAGER).id)
    return new_page(user)


def kept(page: Any) -> str:
    return str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_a_refused_contract_comes_back_with_a_word_and_can_be_thrown_away(hand: Any) -> None:
    hand.goto("/contracts/new")
    hand.locator("[name=title]").fill("Läromedel 2026")
    hand.locator("#new-contract .buttons button").click()
    expect(hand.locator(".error-summary")).to_be_visible()
    hand.goto("/contracts/new")
    told = hand.locator("#new-contract [role=status]")
    expect(told).to_contain_text("Utkastet från")
    expect(hand.locator("[name=title]")).to_have_value("Läromedel 2026")
    told.get_by_role("button", name="Släng").click()
    expect(told).to_have_count(0)
    expect(hand.locator("[name=title]")).to_have_value("")
    hand.goto("/contracts/new")
    expect(told).to_have_count(0)
    expect(hand.locator("[name=title]")).to_have_value("")


def test_cancel_forgets_the_draft(hand: Any) -> None:
    hand.goto("/contracts/new")
    hand.locator("[name=title]").fill("Läromedel 2026")
    assert "Läromedel" in kept(hand)
    hand.get_by_role("link", name="Avbryt").click()
    hand.wait_for_url("**/contracts")
    assert "Läromedel" not in kept(hand)


def test_a_draft_for_one_record_is_not_put_over_another(hand: Any, live: Any) -> None:
    with live.data():
        mine, theirs = int(make_municipality("Hultsfred").id), int(make_municipality("Vimmerby").id)
    name = hand.locator("main [name=first_name]")
    hand.goto(f"/people/new?organisation={mine}")
    name.fill("Anna")
    hand.goto(f"/people/new?organisation={theirs}")
    expect(name).to_have_value("")
    expect(hand.locator("main .draft-told")).to_have_count(0)
    hand.goto(f"/people/new?organisation={mine}")
    expect(name).to_have_value("Anna")
