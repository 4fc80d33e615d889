"""Search as a page and as the palette's fragment."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality


def test_a_page_without_scripts(app: Flask, as_user: Callable[..., Any]) -> None:
    body = make_municipality("Åmotfors")
    page = as_user().get("/search?q=åmot").text
    assert f"/accounts/{body.id}" in page


def test_a_fragment_for_the_palette(app: Flask, as_user: Callable[..., Any]) -> None:
    case = make_case(make_municipality(), title="Sällsamt prov")
    answer = as_user().get("/search?q=sällsamt", headers={"X-Fragment": "1"}, inspect=False)
    assert f'data-href="/cases/{case.id}"' in answer.text
    assert "<html" not in answer.text


def test_nothing_found_says_what_to_try(as_user: Callable[..., Any]) -> None:
    assert "Inget hittades" in as_user().get("/search?q=zzzqqq").text


def test_hostile_questions_are_only_words(as_user: Callable[..., Any]) -> None:
    client = as_user()
    for question in ('" OR 1=1 --', "a" * 5_000, "'*", "(((", "\x00", "AND NOT", "%%%"):
        assert client.get("/search", query_string={"q": question}).status_code == 200
