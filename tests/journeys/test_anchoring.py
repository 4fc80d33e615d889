"""Journey 14 in a real browser: IT and data protection are not in on it as the requirements begin.

Move the track, read the warning, "create both tasks": three clicks; without scripts the same.
"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.anchoring import operations
from crm.core import clock
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.functions import Function
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.support.clicks import Clicks
from tests.support.sessions import user_with

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("scripts", [True, False])
def test_three_clicks_from_the_move_to_the_tasks(new_page: Any, live: Any, scripts: bool) -> None:
    with live.data():
        manager = user_with(Role.ACCOUNT_MANAGER)
        case = make_case(make_unit(make_municipality("Hultsfred")), "Läsverktyg", owner=manager)
        for function in (Function.ADMINISTRATION, Function.ECONOMY):
            operations.write_line(
                case,
                None,
                function=function,
                person=None,
                who="någon där",
                stance=Stance.NEUTRAL,
                since=clock.today(),
                question="",
                by=manager,
                today=clock.today(),
            )
        case_id, manager_id = case.id, manager.id
    page: Page = new_page(manager_id, java_script_enabled=scripts)
    clicks = Clicks(page) if scripts else None
    page.goto(f"/cases/{case_id}")
    expect(page.get_by_text("Inte med än")).to_have_count(0)
    track = page.locator("form", has=page.locator("#move-procurement"))
    track.get_by_role("combobox").select_option(label="Kraven skrivs")
    track.get_by_role("button", name="Flytta").click()
    expect(page.get_by_text("Kraven skrivs. Inte med än: IT, Dataskydd.")).to_be_visible()
    page.get_by_role("button", name="Skapa båda uppgifterna").click()
    for function in ("IT", "Dataskydd"):
        words = f"Få med {function}: vilka där bör känna till det?"
        expect(page.get_by_text(words)).to_be_visible()
    assert clicks is None or clicks.count == 3
    with live.data() as session:
        keys = [row.key for row in session.query(Reminder).filter_by(case_id=case_id)]
        assert sum("bringin" in key for key in keys) == 2
