"""Journey 5 in a real browser: the champion has presented the product to the management group.

On the person: `s` (sold internally), the audience, the outcome, save. Four clicks, and the strength
is higher than before (claim S6).
"""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.champions.models import ChampionAct
from crm.core import clock
from crm.rules.access import Role
from crm.rules.champions import ActKind, SellingOutcome
from crm.rules.functions import Function
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.clicks import Clicks
from tests.support.keyboard import Keyboard
from tests.support.sessions import user_with

pytestmark = pytest.mark.one_database


@pytest.fixture
def world(live: Any) -> dict[str, int]:
    with live.data() as session:
        unit = make_unit(make_municipality("Hultsfred"), "Venhagskolan")
        anna = make_person("Anna", "Sjögren", organisation=unit, title="lärare")
        case = make_case(unit, "Läsverktyg på Venhagskolan", champion=anna, opened_on=clock.today())
        rep = user_with(Role.REP)
        session.flush()
        return {"rep": int(rep.id), "anna": int(anna.id), "case": int(case.id)}


def logged(live: Any, world: dict[str, int]) -> bool:
    with live.data() as session:
        act = session.scalars(sa.select(ChampionAct)).one()
        return bool(
            act.person_id == world["anna"]
            and act.case_id == world["case"]
            and act.kind is ActKind.SHOWED
            and act.function is Function.MANAGEMENT
            and act.outcome is SellingOutcome.LIKED
            and act.done_on == clock.today()
        )


def test_in_four_clicks_and_the_strength_is_higher(
    new_page: Any, live: Any, world: dict[str, int]
) -> None:
    page = new_page(world["rep"])
    clicks = Clicks(page)
    page.goto(f"/people/{world['anna']}")
    expect(page.locator("main")).not_to_contain_text("En början")
    page.get_by_role("link", name="Sålt internt").click()
    page.get_by_label("Förvaltningsledning").click()
    page.get_by_label("De tyckte om det").click()
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Sjögren")
    assert clicks.count == 4
    expect(page.locator("main")).to_contain_text("En början 3")
    expect(page.locator("#story")).to_contain_text("Sålde in det internt (för Förvaltningsledning")
    assert logged(live, world)
    page.goto(f"/cases/{world['case']}/champions")
    expect(page.locator("main")).to_contain_text("Förvaltningsledning")


def test_by_the_keyboard_alone(new_page: Any, live: Any, world: dict[str, int]) -> None:
    page = new_page(world["rep"])
    page.goto("/people")
    hand = Keyboard(page)
    hand.go("anna sjögren", "Anna Sjögren")
    hand.press("s")
    page.get_by_role("heading", level=1, name="Sålt internt").wait_for()
    hand.choose(page.get_by_label("Förvaltningsledning"))
    hand.choose(page.get_by_label("De tyckte om det"))
    hand.press("Enter")
    page.get_by_role("heading", level=1, name="Anna Sjögren").wait_for()
    assert logged(live, world)


def test_without_scripts(new_page: Any, live: Any, world: dict[str, int]) -> None:
    page = new_page(world["rep"], java_script_enabled=False)
    page.goto(f"/people/{world['anna']}/sold")
    page.get_by_role("button", name="Spara").click()
    expect(page.locator("main")).to_contain_text("Välj till vem.")
    page.get_by_label("Förvaltningsledning").click()
    page.get_by_label("De tyckte om det").click()
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Sjögren")
    assert logged(live, world)
