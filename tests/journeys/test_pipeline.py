"""Journey 20 in a real browser: where do we stand per municipality, and what waits?

From Today to the table is one click, from a figure to its rows the second; scripts on and off.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.cases import operations
from crm.core import clock
from crm.rules.access import Role
from crm.rules.stages import AdoptionStage, WaitReason, WakeEvent
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.support.browsers import overflow
from tests.support.sessions import user_with


@pytest.fixture
def founder_id(live: Any) -> int:
    """Three municipalities: one under way, one waiting for the budget year, one of both."""
    with live.data():
        founder = user_with(Role.FOUNDER)
        for name, states in (("Hultsfred", "ow"), ("Åre", "o"), ("Örebro", "w")):
            body = make_municipality(name, county_code="08", county_name="Kalmar län")
            for state in states:
                case = make_case(
                    make_unit(body),
                    owner=founder,
                    adoption=AdoptionStage.UNIT_PILOT,
                    value_ore=12_500_000,
                )
                if state == "w":
                    operations.put_to_wait(
                        case,
                        WaitReason.NO_BUDGET,
                        event=WakeEvent.BUDGET_YEAR_STARTS,
                        event_on=clock.today().replace(year=clock.today().year + 1),
                        by=founder,
                        today=clock.today(),
                        now=clock.now(),
                    )
        return int(founder.id)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_where_we_stand_and_what_waits(new_page: Any, founder_id: int, scripts: bool) -> None:
    page = new_page(founder_id, java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="Översikt").first.click()
    table = page.get_by_role("table", name="Översikt per kommun")
    bodies = [re.compile(f"^{name}") for name in ("Hultsfred", "Åre", "Örebro")]
    expect(table.locator("tbody th").get_by_role("link")).to_have_text(bodies)
    foot = table.locator("tfoot")
    expect(foot).to_contain_text("250\u00a0000\u00a0kr")  # open
    waiting = foot.locator('td[data-label="Avvaktar"] a')
    expect(waiting).to_have_text(re.compile("^2"))
    waiting.click()  # the second click: what waits
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.locator(".pill-wait")).to_have_count(2)  # calm, never red
    expect(page.locator(".pill-error")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_sorted_by_a_click(new_page: Any, founder_id: int, scripts: bool) -> None:
    page = new_page(founder_id, java_script_enabled=scripts)
    page.goto("/pipeline")
    page.get_by_role("link", name="Avvaktar").first.click()
    expect(page.locator('th[aria-sort="descending"]')).to_have_text("Avvaktar")
    expect(page.locator("tbody th").last).to_contain_text("Åre")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_at_every_size(
    new_page: Any,
    live: Any,
    founder_id: int,
    violations: Any,
    language: str,
    scheme: str,
    width: int,
) -> None:
    from crm.accounts.models import User

    with live.data() as session:
        session.get_one(User, founder_id).language = language
    page = new_page(founder_id, color_scheme=scheme, viewport={"width": width, "height": 800})
    for address in ("/pipeline", "/cases", "/pipeline/behind/units_in_use"):
        page.goto(address)
        assert overflow(page) == 0, address
        assert violations(page) == [], address
