"""Journey 16 in a real browser: disagreement in the nämnd, so the case waits for the decision.

`w`, a reason, an event, save: three clicks after the key; without scripts the same on a page.
"""

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.cases.models import Case
from crm.core import clock
from crm.rules.access import Role
from crm.rules.stages import CaseState, WaitReason, WakeEvent
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.support.sessions import user_with

THE_NEW_YEAR = re.compile(r"budgetåret \d+ börjar")


@pytest.fixture
def case_id(live: Any) -> int:
    with live.data():
        return int(make_case(make_unit(make_municipality("Hultsfred"))).id)


@pytest.fixture
def manager_id(live: Any) -> int:
    with live.data():
        return int(user_with(Role.ACCOUNT_MANAGER).id)


def waits_until_the_year_begins(live: Any, case_id: int) -> bool:
    with live.data() as session:
        case = session.get_one(Case, case_id)
        return bool(
            case.state is CaseState.WAITING
            and case.wait_reason is WaitReason.DISAGREEMENT
            and case.wait_event is WakeEvent.BUDGET_YEAR_STARTS
            and case.wait_until >= date(clock.today().year + 1, 1, 1)
        )


def test_from_the_keyboard_in_three_clicks(
    new_page: Any, live: Any, case_id: int, manager_id: int
) -> None:
    page = new_page(manager_id)
    page.goto(f"/cases/{case_id}")
    page.keyboard.press("w")
    dialog = page.get_by_role("dialog", name="Avvakta")
    dialog.get_by_label("Oenighet").click()
    dialog.get_by_label(THE_NEW_YEAR).click()
    dialog.get_by_role("button", name="Avvakta").click()
    expect(page.locator(".page-head .pill-wait")).to_have_count(1)
    assert waits_until_the_year_begins(live, case_id)
    expect(page.locator(".pill-error, .reminder-overdue")).to_have_count(0)
    page.get_by_role("button", name="Ångra").click()  # one click back
    expect(page.locator(".page-head .pill-accent")).to_have_count(1)


def test_without_scripts(new_page: Any, live: Any, case_id: int, manager_id: int) -> None:
    page = new_page(manager_id, java_script_enabled=False)
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="Avvakta", exact=True).click()
    page.get_by_label("Oenighet").click()
    page.get_by_label(THE_NEW_YEAR).click()
    page.locator("main").get_by_role("button", name="Avvakta").click()
    expect(page.locator(".page-head .pill-wait")).to_have_count(1)
    assert waits_until_the_year_begins(live, case_id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_form_of_a_case_for_everybody(
    new_page: Any, violations: Any, case_id: int, manager_id: int, scheme: str
) -> None:
    page = new_page(manager_id, color_scheme=scheme, viewport={"width": 360, "height": 800})
    for path in ("", "/edit", "/wait", "/close", "/next-step", "/units/new", "/roles/new"):
        page.goto(f"/cases/{case_id}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert violations(page) == [], path
    page.goto("/cases/new")
    assert violations(page) == []
