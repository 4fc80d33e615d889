"""In a real browser: what stands beside a day is how the day in the field was read."""

from typing import Any

import pytest
from playwright.sync_api import expect

from crm.core import clock
from crm.rules.access import Role
from tests.factories.budgets import make_body
from tests.support.sessions import user_with


@pytest.mark.one_database
def test_another_day_is_not_told_beside_what_is_being_typed(live: Any, new_page: Any) -> None:
    with live.data() as session:
        body, me = make_body("Hultsfreds kommun"), user_with(Role.REP)
        session.flush()
        address, who = f"{live.url}/budget-year/{body.id}/pauses/new", me.id
    page = new_page(user=who)
    page.goto(address)
    field, beside = page.locator("#starts_on"), page.locator("#starts_on-day")
    expect(field).to_have_value(clock.today().isoformat())
    expect(beside).not_to_have_text("")
    said = beside.inner_text()
    field.fill("v. 10")
    expect(beside).to_have_text("")
    field.fill(clock.today().isoformat())
    expect(beside).to_have_text(said)
