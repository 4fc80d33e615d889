"""The home page: what needs me, and what my buyers are doing."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from flask import Flask

from crm.core import clock
from crm.interest.operations import seed_sources
from crm.reminders import operations
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice
from tests.factories.cases import make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit


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


def test_s31_how_it_thinks_lists_the_defaults(as_user: Callable[..., Any]) -> None:
    page = as_user(Role.ADMIN).get("/how-it-thinks").text
    for address in ("/champions/figures", "/gate-times", "/law-values"):
        assert f'href="{address}"' in page
    for told in ("öppet i 60 dagar", "mer än 12 månader", "8 veckor", "180 dagar"):
        assert told in page


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


# --- The first steps, in an empty installation ----------------------------------------------------


def steps_of(client: Any) -> dict[str, bool]:
    """Which steps Today shows to the reader, and whether each is done."""
    html = client.get("/").text
    if 'class="first-steps"' not in html:
        return {}
    listed = html.partition('class="first-steps"')[2].partition("</ol>")[0]
    return {
        re.findall(r'item-title"[^>]*>([^<]+)<', step)[0]: "is-done" in step
        for step in listed.split("<li")[1:]
    }


def test_an_empty_installation_says_how_to_begin(app: Flask, as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    assert steps_of(admin) == {
        "Läs in skolorna": False,
        "Bjud in kollegerna": False,
        "Bestäm vems en köpare är": False,
        "Logga det första samtalet": False,
        "Öppna det första ärendet": False,
    }
    html = admin.get("/").text
    for there in ("/accounts/import-schools", "/users/invite", "/inquiries/log", "/cases/new"):
        assert f'href="{there}"' in html.partition('class="first-steps"')[2].partition("</ol>")[0]


def test_the_steps_tick_themselves_off_and_go(app: Flask, as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    body = make_municipality("Provkommun")
    make_user()
    assert steps_of(admin)["Bjud in kollegerna"]
    school = make_unit(body)
    make_case(school, owner=admin.user)
    assert steps_of(admin)["Öppna det första ärendet"]
    assert steps_of(admin)["Läs in skolorna"]
    body.owner_id = admin.user.id
    assert steps_of(admin)["Bestäm vems en köpare är"]
    seed_sources()
    inquiry(organisation=school, by=admin.user)
    assert steps_of(admin) == {}


def test_each_sees_the_steps_that_are_theirs(app: Flask, as_user: Callable[..., Any]) -> None:
    rep = steps_of(as_user(Role.REP))
    assert "Logga det första samtalet" in rep and "Bjud in kollegerna" not in rep
    assert steps_of(as_user(Role.VIEWER)) == {}


def test_they_can_be_hidden_for_oneself_and_had_back(
    app: Flask, as_user: Callable[..., Any]
) -> None:
    me, other = as_user(Role.ADMIN), as_user(Role.REP)
    assert me.post("/first-steps").status_code == 303
    assert steps_of(me) == {} and steps_of(other) != {}
    assert me.post("/first-steps?show=1").status_code == 303
    assert steps_of(me) != {}
