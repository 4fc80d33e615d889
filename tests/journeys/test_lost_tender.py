"""Journey 18 in a real browser: a lost tender, the winning bid asked for, the facts written down.

Close as lost → request documents → save; later: answer → two facts → save: seven clicks at most.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.records.models import RecordsRequest, RequestOutcome
from crm.rules.access import Role
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.support.sessions import user_with

CLICKS = 7


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_lost_tender_is_asked_for_and_its_facts_kept(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        body = make_municipality("Hultsfred")
        case = make_case(make_unit(body))
        make_procurement(
            body, case=case, today=clock.today(), now=clock.now(), reference="KS 2026/12"
        )
        case_id, manager_id = int(case.id), int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/cases/{case_id}")
    clicks = 0

    def click(role: str, name: str) -> None:
        nonlocal clicks
        clicks += 1
        page.get_by_role(role, name=name, exact=True).click()

    click("link", "Stäng")
    page.locator("[name=ending][value='lost:price']").click()
    page.locator("form:has([name=ending]) button[type=submit]").click()
    clicks += 2
    click("link", "Begär handlingar")
    expect(page.locator("[name=asked]")).to_contain_text("KS 2026/12")
    click("button", "Spara")
    expect(page.get_by_role("heading", name="Brevet")).to_be_visible()
    click("link", "Svaret")
    page.locator("[name=outcome]").select_option("given")
    page.locator("[name=facts]").fill("Vinnare: Exempel AB\nAvtalet löper till 2028-06-30")
    click("button", "Spara")
    expect(page.get_by_text("Vinnare: Exempel AB")).to_be_visible()
    assert clicks <= CLICKS
    with live.data() as session:
        asked = session.scalars(sa.select(RecordsRequest)).one()
        assert (asked.case_id, asked.outcome) == (case_id, RequestOutcome.GIVEN)
        assert "2028-06-30" in asked.facts
