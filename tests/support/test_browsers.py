"""The browser's watch: a page that reaches for another machine fails its test."""

from typing import Any

import pytest

from tests.support.browsers import watched_context

ASKING = "fetch('https://elsewhere.example/').then(() => 'found', () => 'nobody')"


@pytest.mark.one_database
def test_what_asks_another_machine_is_told_and_finds_none(browser: Any, live: Any) -> None:
    with pytest.raises(AssertionError, match="another machine for https://elsewhere"):
        _ask(browser, live.url)


def _ask(browser: Any, url: str) -> None:
    with watched_context(browser, url, bypass_csp=True) as context:
        page = context.new_page()
        page.goto("/sign-in")
        assert page.evaluate(ASKING) == "nobody", "another machine was found"


@pytest.mark.one_database
def test_what_stays_at_home_is_not_told(browser: Any, live: Any) -> None:
    with watched_context(browser, live.url) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.goto("/sign-in?next=/cases")
