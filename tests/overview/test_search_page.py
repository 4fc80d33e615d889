"""Search as a page and as the palette's fragment."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from crm.rules.access import Role
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality
from tests.support.forms import post_forms
from tests.support.pages import parse


def test_a_page_without_scripts_and_without_the_name_in_the_address(
    app: Flask, as_user: Callable[..., Any]
) -> None:
    body, client = make_municipality("Åmotfors"), as_user()
    form = next(f for f in post_forms(client.get("/search").text) if f.names == ["q"])
    answer = client.post(form.action, data={"q": "åmot"})
    assert (answer.status_code, answer.location) == (303, "/search")
    for _visit in range(2):  # also when one comes back to it
        page = client.get(answer.location).text
        assert f"/accounts/{body.id}" in page
        assert 'value="åmot"' in page


def test_no_form_of_any_kind_searches_by_the_address(as_user: Callable[..., Any]) -> None:
    document, _errors = parse(as_user().get("/search").text)
    searches = [form for form in document.iter("form") if form.get("role") == "search"]
    assert [form.get("method") for form in searches] == ["post", "post"]


def test_an_address_with_a_question_is_answered(as_user: Callable[..., Any]) -> None:
    body = make_municipality("Åmotfors")
    assert f"/accounts/{body.id}" in as_user().get("/search?q=åmot").text


def test_the_question_is_gone_when_one_signs_out(as_user: Callable[..., Any]) -> None:
    client = as_user()
    client.post("/search", data={"q": "åmotfors"})
    client.post("/sign-out")
    with client.session_transaction() as kept:
        assert "question" not in kept


def test_a_fragment_for_the_palette(app: Flask, as_user: Callable[..., Any]) -> None:
    case = make_case(make_municipality(), title="Sällsamt prov")
    answer = as_user().post("/search/options", data={"q": "sällsamt"}, inspect=False)
    assert f'data-href="/cases/{case.id}"' in answer.text
    assert "<html" not in answer.text


def test_nothing_found_says_what_to_try(as_user: Callable[..., Any]) -> None:
    assert "Inget hittades" in as_user().get("/search?q=zzzqqq").text


def test_hostile_questions_are_only_words(as_user: Callable[..., Any]) -> None:
    client = as_user()
    for question in ('" OR 1=1 --', "a" * 5_000, "'*", "(((", "\x00", "AND NOT", "%%%"):
        assert client.get("/search", query_string={"q": question}).status_code == 200
        assert client.post("/search/options", data={"q": question}).status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("question", "address", "words"),
    [
        ("anbud", "/tenders", "Anbud"),
        ("tröskel", "/law-values", "Lagens värden"),
        ("allmän handling", "/records", "Begärda handlingar"),
        ("ramavtal", "/contracts/call-off", "Vilka kan avropa i dag"),
    ],
)
def test_pages_outside_the_menu_are_found_under_the_names_people_use(
    as_user: Callable[..., Any], question: str, address: str, words: str
) -> None:
    client = as_user()
    page = client.get("/search", query_string={"q": question}).text
    assert f'<a href="{address}" data-open>{words}</a>' in page
    options = client.post("/search/options", data={"q": question}, inspect=False).text
    assert f'data-href="{address}"' in options
    assert 'data-href="/procurements"' not in options  # it stands among the menu's own already


@pytest.mark.one_database
def test_a_page_that_one_may_not_open_is_not_found(as_user: Callable[..., Any]) -> None:
    found = as_user(Role.ACCOUNT_MANAGER).get("/search?q=kontroller").text
    assert "/procurements/checks" in found
    assert "/procurements/checks" not in as_user(Role.REP).get("/search?q=kontroller").text


@pytest.mark.one_database
@pytest.mark.parametrize("address", ["/tenders", "/records", "/pricing", "/law-values"])
def test_the_menu_shows_where_a_page_outside_it_belongs(
    as_user: Callable[..., Any], address: str
) -> None:
    document, _errors = parse(as_user().get(address).text)
    current = {link.get("href") for link in document.iter("a") if link.get("aria-current")}
    assert {"/procurements", address} <= current
