"""Journey 13 in a real browser: a framework ends in fourteen months; lay out the backward plan.

Contract → plan back → route → accept: four clicks at most; without scripts the same. From the
notice day of the contract, which comes first, and in a click more from its last day.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.procurements.models import Milestone, Plan
from crm.rules.access import Role
from crm.rules.contracts import notice_day
from crm.rules.precision import add_months
from crm.rules.routes import Route, StageKey
from tests.factories.budgets import make_practice
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.support.sessions import user_with


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_framework_that_ends_is_planned_back_in_three_clicks(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        body = make_municipality("Hultsfred")
        make_practice(body)
        ends = add_months(clock.today(), 14)
        contract = make_contract(
            make_unit(body), "Ramavtalet", ends_on=ends, options=(12,), notice_months=2
        )
        notice = notice_day(ends, 2)
        contract_id, manager_id = int(contract.id), int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/contracts/{contract_id}")
    page.get_by_role("link", name="Planera baklänges").click()
    chosen = page.get_by_role("navigation", name="Räkna tillbaka från").locator("[aria-current]")
    expect(chosen).to_have_attribute("href", re.compile(f"signed_by={notice}"))
    page.get_by_role("link", name="Avrop med förnyad konkurrensutsättning").click()
    expect(page.get_by_role("rowheader", name="Kravspecifikation")).to_be_visible()
    page.get_by_role("button", name="Godta planen").click()
    expect(page.get_by_text("I bruk från")).to_be_visible()
    with live.data() as session:
        planned = session.scalars(sa.select(Plan)).one()
        signed = sa.select(Milestone.planned_on).where(Milestone.stage == StageKey.ROLLOUT)
        assert session.scalars(signed).one() <= notice
        assert planned.route is Route.RENEWED_COMPETITION
        assert planned.in_use_on == ends + timedelta(days=1)
