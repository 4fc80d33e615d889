"""Journey 10 in a real browser: case → kit → tick parts → create link, five clicks at most.

By mouse and by keyboard; and a colleague reads the page and asks, without scripts and without a
sign-in.
"""

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.accounts.models import User
from crm.cases import operations as cases
from crm.cases.models import CaseProduct
from crm.core import clock
from crm.core.db import db
from crm.interest.models import Inquiry
from crm.interest.operations import seed_sources
from crm.kits.models import Kit
from crm.rules.access import Role
from crm.rules.requirements import Area
from tests.factories import pricing as make_prices
from tests.factories.cases import make_case
from tests.factories.kits import make_reference
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.requirements import make_answer
from tests.support.clicks import Clicks
from tests.support.keyboard import Keyboard
from tests.support.sessions import user_with

pytestmark = pytest.mark.one_database  # what is written is proved in tests/kits


@dataclass
class Here:
    rep_id: int
    case_id: int
    anna_id: int


@pytest.fixture
def here(live: Any) -> Here:
    with live.data():
        seed_sources()
        today, now = clock.today(), clock.now()
        rep_id = int(user_with(Role.REP).id)
        rep = db.session.get_one(User, rep_id)
        body = make_municipality("Hultsfred")
        body.population = 13_700
        school = make_unit(body, "Venhagskolan")
        anna = make_person("Anna", "Björk", organisation=school)
        case = make_case(school, "Läsverktyg", owner=rep, champion=anna, opened_on=today, now=now)
        product = cases.add_product("Läsverktyget")
        db.session.flush()
        db.session.add(CaseProduct(case_id=case.id, product_id=product.id))
        make_prices.publish_list(product, rep, valid_from=today, now=now)
        make_answer(rep, "Kryptering", area=Area.SECURITY, today=today)
        make_answer(rep, "Tangentbord", area=Area.ACCESSIBILITY, today=today)
        far = make_unit(make_municipality("Vimmerby"), "Astridskolan")
        make_reference(make_person("Örjan", "Åström", organisation=far), far, rep, today=today)
        return Here(rep_id, int(case.id), int(anna.id))


def the_kit(live: Any) -> tuple[int, list[str], int, int]:
    """For whom, which steps, and how many answers and references."""
    with live.data() as session:
        kit = session.scalars(sa.select(Kit)).one()
        data = kit.data
        return kit.person_id, kit.rungs, len(data["answers"]), len(data["references"])


def test_a_kit_is_made_in_five_clicks_and_a_colleague_asks(
    new_page: Any, live: Any, here: Here
) -> None:
    page = new_page(here.rep_id)
    clicks = Clicks(page)
    page.goto(f"/cases/{here.case_id}")
    page.get_by_role("link", name="Ambassadörsunderlag").click()
    page.get_by_label("En användare").click()  # not that step
    page.get_by_label("Örjan Åström").click()
    page.get_by_role("button", name="Skapa länken").click()
    link = page.get_by_label("Länken att skicka").input_value()
    assert clicks.count == 4
    steps = ["one_unit", "several_units", "whole_body"]
    assert the_kit(live) == (here.anna_id, steps, 2, 1)

    reader = new_page(java_script_enabled=False)
    reader.goto("/kits/shared/" + link.rpartition("/")[2])
    expect(reader.get_by_role("heading", name="Läsverktyget: underlag att dela")).to_be_visible()
    expect(reader.get_by_text("Kryptering")).to_be_visible()
    reader.get_by_label("Din fråga").fill("Kan vi logga in med e-legitimation?")
    reader.get_by_role("button", name="Skicka frågan").click()
    expect(reader.get_by_text("Skriv din e-postadress, så att vi kan svara.").first).to_be_visible()
    expect(reader.get_by_label("Din fråga")).to_have_value("Kan vi logga in med e-legitimation?")
    reader.get_by_label("Din e-postadress på jobbet").fill("bo@hultsfred.se")
    reader.get_by_role("button", name="Skicka frågan").click()
    expect(reader.get_by_role("heading", name="Tack för din fråga")).to_be_visible()
    assert reader.context.cookies() == []
    with live.data() as session:
        asked = session.scalars(sa.select(Inquiry)).one()
        assert (asked.told_by_id, asked.email) == (here.anna_id, "bo@hultsfred.se")

    page.goto("/inquiries/all")
    expect(page.get_by_text("Kan vi logga in med e-legitimation?")).to_be_visible()


def test_the_same_by_keyboard_alone(new_page: Any, live: Any, here: Here) -> None:
    page = new_page(here.rep_id, reduced_motion="reduce")
    clicks = Clicks(page)
    page.goto("/")
    keys = Keyboard(page)
    keys.go("läsverktyg", "Läsverktyg")
    keys.tab_to("Ambassadörsunderlag")
    keys.press("Enter")
    page.locator("#make-kit").wait_for()
    keys.tab_to("En användare")
    keys.press("Space")
    keys.tab_to("Örjan Åström")
    keys.press("Space")
    keys.tab_to("Skapa länken")
    keys.press("Enter")
    expect(page.get_by_label("Länken att skicka")).to_be_visible()
    steps = ["one_unit", "several_units", "whole_body"]
    assert the_kit(live) == (here.anna_id, steps, 2, 1)
    assert clicks.count == 0
