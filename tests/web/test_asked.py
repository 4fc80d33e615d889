"""What an address asks for, whatever was put into it."""

import pytest
from flask import Flask

from crm.web.asked import Order, number_or_none, order_of, own_address, page_number

COLUMNS = ("name", "county")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("007", 7),
        ("999999999", 999_999_999),
        ("9999999999", None),
        ("-7", None),
        ("7.0", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("\N{SUPERSCRIPT TWO}", None),
        ("", None),
        (None, None),
        (7, 7),
    ],
)
def test_a_number_or_nothing(text: object, number: int | None) -> None:
    assert number_or_none(text) == number


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("999999999", 100_000)]
)
def test_a_page_is_at_least_the_first(text: str, number: int) -> None:
    assert page_number({"page": text}) == number


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ({}, Order("name")),
        ({"sort": "county"}, Order("county")),
        ({"sort": "-county"}, Order("county", descending=True)),
        ({"sort": "password"}, Order("name")),
        ({"sort": "--county"}, Order("name")),
    ],
)
def test_an_order_by_what_the_list_knows(asked: dict[str, str], order: Order) -> None:
    assert order_of(asked, COLUMNS, "name") == order
    assert order_of({"sort": str(order)}, COLUMNS, "name") == order


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/people?page=2", "/people?page=2"),
        ("http://localhost/people", "/people"),
        ("https://elsewhere.example/people", "/otherwise"),
        ("//elsewhere.example/people", "/otherwise"),
        ("/\\elsewhere.example", "/otherwise"),
        ("http://localhost//elsewhere.example", "/otherwise"),
        ("//[", "/otherwise"),
        ("/people\n", "/otherwise"),
        ("/sign-out", "/otherwise"),  # only a POST opens it
        ("/no-such-page", "/otherwise"),
        ("javascript:alert(1)", "/otherwise"),
        ("/people?" + "a" * 1_000, "/otherwise"),
        ("", "/otherwise"),
        (None, "/otherwise"),
    ],
)
def test_back_to_a_page_of_ours_only(app: Flask, target: str | None, leads_to: str) -> None:
    with app.test_request_context("/", base_url="http://localhost"):
        assert own_address(target, "/otherwise") == leads_to


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/crm/people?page=2", "/crm/people?page=2"),
        ("/crm/", "/crm/"),
        ("http://localhost/crm/people", "/crm/people"),
        ("/people", "/crm/"),  # of another program on the same host
        ("/crm", "/crm/"),
        ("/crmpeople", "/crm/"),
        ("/crm//people", "/crm/"),
        ("/crm/no-such-page", "/crm/"),
        (None, "/crm/"),
    ],
)
def test_back_to_where_we_are_mounted(app: Flask, target: str | None, leads_to: str) -> None:
    with app.test_request_context("/", base_url="http://localhost/crm"):
        assert own_address(target) == leads_to
