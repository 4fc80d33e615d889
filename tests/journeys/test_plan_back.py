"""Journey 13 in a real browser: a framework ends in fourteen months; lay out the backward plan.

Contract → plan back → route → accept: four clicks at most; without scripts the same.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.procurements.models import Plan
from crm.rules.access import Role
from crm.rules.precision import add_months
from crm.rules.routes import Route
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
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
        case = make_case(make_unit(body), contract_ends_on=ends, contract_source="Ramavtalet")
        case_id, manager_id = int(case.id), int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="Planera baklänges").click()
    page.get_by_role("link", name="Avrop med förnyad konkurrensutsättning").click()
    expect(page.get_by_role("rowheader", name="Kravspecifikation")).to_be_visible()
    page.get_by_role("button", name="Godta planen").click()
    expect(page.get_by_text("I bruk från")).to_be_visible()
    with live.data() as session:
        planned = session.scalars(sa.select(Plan)).one()
        assert planned.route is Route.RENEWED_COMPETITION
        assert planned.in_use_on == ends + timedelta(days=1)
