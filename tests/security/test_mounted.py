"""Below a path of the host, as behind a proxy at https://example.se/crm."""

import re
from typing import Any

import pytest
from flask import Flask

from crm.rules.access import Role
from tests.support.forms import post_forms
from tests.support.pages import parse
from tests.support.world import World, routes

AT = "http://localhost/crm"
OUTSIDE = re.compile(r"/(?!crm(/|$))")


def test_no_page_leads_outside(app: Flask, world: World, as_user: Any) -> None:
    admin, wrong = as_user(Role.ADMIN), set()
    for rule in routes(app, "GET"):
        answer = admin.get(world.address(app, rule), base_url=AT, inspect=False)
        if OUTSIDE.match(answer.location or ""):
            wrong.add(f"{rule} sends to {answer.location}")
        if answer.mimetype != "text/html":
            continue
        for element in parse(answer.text)[0].iter():
            for name, value in element.items():
                known = name in {"href", "src", "action", "formaction"} or name.endswith(
                    ("-src", "-href", "-known")
                )
                goes_back = name == "value" and element.get("name") in {"next", "back"}
                if (known or goes_back) and OUTSIDE.match(value):
                    wrong.add(f"{rule}: {name}={value}")
    assert not wrong


@pytest.mark.parametrize("button", ["language", "theme"])
def test_one_comes_back_to_where_one_was(world: World, as_user: Any, button: str) -> None:
    client, there = as_user(Role.ADMIN), "/people?q=anna"
    page = client.get(there, base_url=AT)
    (form,) = (one for one in post_forms(page.text) if one.action == f"/crm/{button}")
    sent = form.sent(**{button: "en" if button == "language" else "dark"})
    answer = client.post(form.action.removeprefix("/crm"), base_url=AT, data=sent)
    assert answer.location == f"/crm{there}"


def test_who_is_not_signed_in_comes_to_the_door_and_then_there(app: Flask, as_user: Any) -> None:
    stranger = app.test_client()
    answer = stranger.get("/cases", base_url=AT)
    assert answer.location == "/crm/sign-in?next=%2Fcrm%2Fcases"
    member = as_user(Role.REP)
    question = answer.location.removeprefix("/crm")
    assert member.get(question, base_url=AT).location == "/crm/cases"


def test_the_menu_knows_where_one_is(as_user: Any) -> None:
    html = as_user(Role.REP).get("/cases", base_url=AT).text
    assert re.search(r'href="/crm/cases" aria-current="page"', html)
    assert not re.search(r'href="/crm/" aria-current="page"', html)
