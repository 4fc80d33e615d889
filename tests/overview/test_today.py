"""The home page: what needs me, and what my buyers are doing."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from flask import Flask

from crm.core import clock
from crm.reminders import operations
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality


def test_an_empty_day_is_good_news(as_user: Callable[..., Any]) -> None:
    answer = as_user(Role.REP).get("/")
    assert answer.status_code == 200
    assert "Ingenting behöver dig nu" in answer.text
    assert "Det är goda nyheter" in answer.text


def test_what_is_due_stands_there_with_its_place(app: Flask, as_user: Callable[..., Any]) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    body = make_municipality("Provkommun")
    operations.add_own(
        body,
        text="Skicka prisbladet",
        on=clock.today(),
        by=client.user,
        today=clock.today(),
        now=clock.now(),
    )
    page = client.get("/").text
    assert "Skicka prisbladet" in page
    assert "Provkommun" in page
    assert "1 sak behöver dig" in page


def test_figures_open_exactly_their_rows(app: Flask, as_user: Callable[..., Any]) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    body = make_municipality("Provkommun")
    for _number in range(3):
        make_case(body, owner=client.user)
    make_case(body, owner=make_user())
    page = client.get("/").text
    address = f"/cases?owner={client.user.id}&amp;state=open"
    assert address in page
    rows = client.get(address.replace("&amp;", "&")).text
    assert rows.count("data-open") == 3


def test_the_number_of_statements_does_not_grow(
    app: Flask, as_user: Callable[..., Any], count_queries: Callable[[], Any]
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    make_case(make_municipality(), owner=client.user)
    client.get("/")
    with count_queries() as few:
        client.get("/")
    for _number in range(8):
        make_case(make_municipality(), owner=client.user)
    with count_queries() as many:
        client.get("/")
    assert many.number <= few.number + 1
    assert many.number <= 20


def test_how_it_thinks_leads_to_every_rule(as_user: Callable[..., Any]) -> None:
    client = as_user(Role.VIEWER)
    assert 'href="/reminders/rules"' in client.get("/how-it-thinks").text
    page = client.get("/reminders/rules").text
    for rule in ("R1", "R8", "R12", "R14", "R17"):
        assert f'href="/reminders/rules/{rule}"' in page


def test_what_my_buyers_do_this_week_opens_exactly_them(
    app: Flask, as_user: Callable[..., Any]
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    for number in range(2):
        body = make_body(f"Provköping {number}")
        make_practice(body)
        make_case(make_unit(body), owner=client.user)
    make_practice(make_body("En annans"))
    page = client.get("/").text
    links = re.findall(r'href="(/budget-year/doing[^"]+)">[^<]+: (\d+)</a>', page)
    assert links
    for address, number in links:
        assert client.get(unescape(address)).text.count("data-open") == int(number) == 2
