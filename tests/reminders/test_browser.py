"""In a real browser: the panel that asks until when stays on the screen, wherever its row is."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.core import clock
from crm.rules.access import Role
from tests.factories.budgets import make_body, make_practice
from tests.factories.reminders import make_reminder
from tests.support.sessions import user_with

pytestmark = pytest.mark.one_database  # where a panel stands, no database can change

ROWS = 14


@pytest.mark.parametrize("size", [(1280, 800), (1280, 500), (360, 740)], ids=str)
def test_later_stays_on_the_screen(live: Any, new_page: Any, size: tuple[int, int]) -> None:
    with live.data() as session:
        body, me = make_body("Hultsfreds kommun"), user_with(Role.REP)
        make_practice(body)
        for number in range(ROWS):
            day = clock.today() + timedelta(days=number % 5)
            make_reminder(body, me, day, text=f"Sak {number}")
        session.flush()
        who = me.id
    width, height = size
    page = new_page(user=who, viewport={"width": width, "height": height})
    page.goto(f"{live.url}/reminders")
    buttons = page.locator(".reminder-actions summary")
    shown = buttons.count()
    assert shown > ROWS // 2  # long enough to leave the screen
    for at in (0, shown // 2, shown - 1):
        buttons.nth(at).click()
        panel = page.locator("details.menu[open] .menu-panel")
        expect(panel.get_by_text("Tills budgetåret", exact=False)).to_be_visible()
        expect(panel).to_be_in_viewport(ratio=1)
        # Its last line can be reached, and is then not hidden by the bar at the foot.
        last = panel.locator(".menu-item").last
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport(ratio=1)
        last.click(trial=True)
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
