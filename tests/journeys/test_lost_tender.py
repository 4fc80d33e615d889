"""Journey 18 in a real browser: a lost tender, the winning bid asked for, and back in time.

Close as lost → request documents → save; later: answer → two facts → save: seven clicks at most.
The two facts stand in the contract register from then on, and it reminds before the last day.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.contracts.models import Contract
from crm.core import clock
from crm.records.models import RecordsRequest, RequestOutcome
from crm.reminders import jobs
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.precision import add_months
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
    ends = add_months(clock.today(), 26)
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
    page.get_by_label("Vem som vann").fill("Exempel AB")
    page.get_by_label("Avtalets sista dag").fill(str(ends))
    click("button", "Spara")
    expect(page.get_by_text("Avtalet står i registret.")).to_be_visible()
    assert clicks <= CLICKS
    page.get_by_role("link", name="Köparens avtal").click()
    expect(page.get_by_text("Exempel AB")).to_be_visible()
    with live.data() as session:
        asked = session.scalars(sa.select(RecordsRequest)).one()
        assert (asked.case_id, asked.outcome) == (case_id, RequestOutcome.GIVEN)
        contract = session.scalars(sa.select(Contract)).one()
        assert (contract.supplier, contract.runs_until) == ("Exempel AB", ends)
        jobs.plan_marked(clock.now())
        rules = session.scalars(sa.select(Reminder.rule_key)).all()
        assert any(rule.startswith("R12") for rule in rules)
