"""Journey 13 in a real browser: a framework ends in fourteen months; lay out the backward plan.

Contract → its case → plan back → route → accept: four clicks; without scripts the same. Back on the
contract's page the plan is one click away.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.procurements.models import Plan
from crm.rules.access import Role
from crm.rules.contracts import ContractKind
from crm.rules.precision import add_months
from crm.rules.routes import Route
from tests.factories.budgets import make_practice
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.support.sessions import user_with


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_framework_that_ends_is_planned_back_in_four_clicks(
    new_page: Any, live: Any, scripts: bool
) -> None:
    ends = add_months(clock.today(), 14)
    with live.data():
        body = make_municipality("Hultsfred")
        make_practice(body)
        contract = make_contract(
            make_unit(body),
            "Ramavtal läsverktyg",
            kind=ContractKind.FRAMEWORK,
            supplier="Bokstaven AB",
            ends_on=ends,
        )
        contract_id, manager_id = int(contract.id), int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    main = page.get_by_role("main")
    page.goto(f"/contracts/{contract_id}")
    expect(main.get_by_text("om 14 månader")).to_be_visible()
    main.get_by_role("button", name="Ärende inför nästa avtal").click()  # 1
    main.get_by_role("link", name="Planera baklänges").click()  # 2
    main.get_by_role("link", name="Avrop med förnyad konkurrensutsättning").click()  # 3
    expect(page.get_by_role("rowheader", name="Kravspecifikation")).to_be_visible()
    main.get_by_role("button", name="Godta planen").click()  # 4
    expect(page.get_by_text("I bruk från")).to_be_visible()
    with live.data() as session:
        planned = session.scalars(sa.select(Plan)).one()
        assert planned.route is Route.RENEWED_COMPETITION
        assert planned.in_use_on == ends + timedelta(days=1)
    page.goto(f"/contracts/{contract_id}")
    main.get_by_role("link", name="Planera baklänges").click()
    expect(page.get_by_role("heading", name="Planera baklänges")).to_be_visible()
