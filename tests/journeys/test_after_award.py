"""After the decision, in a real browser: the countdown, a review as a range, the signing moved.

Six clicks from the award decision to the moved signing; without scripts the same.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.procurements import queries
from crm.procurements.models import Plan, Procurement
from crm.rules.access import Role
from crm.rules.after_award import signing_under_review
from crm.rules.law.terms import Court
from crm.rules.routes import Route, StageKey
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.support.sessions import user_with


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_award_is_reviewed_and_the_signing_moves(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        today = clock.today()
        made = make_procurement(
            make_unit(make_municipality("Hultsfred")),
            "Läsverktyg",
            begins_on=today - timedelta(days=320),
            today=today,
            now=clock.now(),
        )
        number, manager_id = int(made.id), int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/procurements/{number}")
    row = page.get_by_role("row").filter(has_text="Tilldelningsbeslutet skickas")
    row.get_by_role("link", name="Det har hänt").click()
    page.get_by_label("När det hände").fill(today.isoformat())
    page.get_by_role("button", name="Det har hänt").click()
    expect(page.get_by_role("heading", name="Efter beslutet")).to_be_visible()
    expect(page.get_by_text("Avtalet kan tecknas tidigast")).to_be_visible()

    page.get_by_role("main").get_by_role("link", name="Överprövas").last.click()
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Under överprövning i Förvaltningsrätten")).to_be_visible()
    with live.data() as session:
        found = session.get_one(Procurement, number)
        terms = queries.terms_of(queries.get(number), queries.get(number).body)
        expected = signing_under_review(terms, today, Court.FORVALTNINGSRATT, today)
        assert found.under_review_since == today and expected is not None

    expect(page.get_by_role("link", name="Flytta den till")).to_have_count(0)  # it has moved
    with live.data():
        plan = queries.plan_that_holds(number)
        assert plan is not None
        assert queries.milestone_of(plan, StageKey.SIGNING).planned_on == expected.usual


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_routes_are_compared_and_one_is_planned_in_three_clicks(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        case_id = int(make_case(make_unit(make_municipality("Hultsfred"))).id)
        manager_id = int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="Jämför vägarna").click()
    page.get_by_role("link", name="Selektivt förfarande").click()
    page.get_by_role("button", name="Godta planen").click()
    expect(page.get_by_text("I bruk från")).to_be_visible()
    with live.data() as session:
        assert session.scalars(sa.select(Plan)).one().route is Route.SELECTIVE
