"""What all buyers are doing, in a real browser: from Today to the accounts, the year, the wheels."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.budgets.models import PhaseAdvice
from crm.core.db import db
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.support.browsers import overflow
from tests.support.keyboard import focused
from tests.support.sessions import user_with

PAGES = ("/budget-year/this-week", "/budget-year/planner?year=2027", "/budget-year/wheels")


@pytest.fixture
def manager_id(live: Any) -> int:
    """An account manager with five bodies of two customs, and one whose timetable nobody knows."""
    with live.data():
        manager = user_with(Role.ACCOUNT_MANAGER)
        for number in range(5):
            body = make_body(f"Provköping {number}", owner_id=manager.id)
            practice = DecisionPractice.JUNE if number % 2 else DecisionPractice.NOVEMBER
            make_practice(body, practice)
            make_case(make_unit(body), owner=manager)
        unknown = make_body("Okändby", owner_id=manager.id)
        make_case(make_unit(unknown), owner=manager)
        return int(manager.id)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_today_to_the_accounts_behind_a_figure(
    new_page: Any, manager_id: int, scripts: bool
) -> None:
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("link", name="Denna vecka och sex till").click()
    table = page.get_by_role("table", name="Kunder per fas och vecka")
    expect(table.locator("thead th")).to_have_count(8)
    row = table.get_by_role("row").filter(has_text="Tidplanen är inte känd")
    figure = row.get_by_role("link").filter(has_text=re.compile(r"^\d+$")).first
    expect(figure).to_have_text("1")
    figure.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tidplanen är inte känd")
    expect(page.locator("[data-open]")).to_have_text(["Okändby"])


def test_a_line_of_our_own(live: Any, new_page: Any, manager_id: int) -> None:
    page = new_page(manager_id)
    page.goto("/budget-year/this-week")
    page.get_by_role("link", name=re.compile("^Ändra.*Tidplanen är inte känd")).click()
    page.get_by_label("På svenska").fill("Ring registratorn och fråga.")
    page.get_by_role("button", name="Spara för alla").click()
    expect(page.get_by_text("Raden är sparad.")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("Ring registratorn och fråga.")).to_be_visible()
    with live.data():
        assert db.session.query(PhaseAdvice.version).scalar() == 2


@pytest.mark.one_database
def test_a_cell_of_the_planner_leads_to_its_accounts(new_page: Any, manager_id: int) -> None:
    page = new_page(manager_id)
    page.goto("/budget-year/planner?year=2028")
    page.get_by_label("Län för län", exact=True).select_option("decision")
    page.get_by_role("button", name="Visa").click()
    expect(page.get_by_role("heading", name="Län för län: beslutar budgeten")).to_be_visible()
    strip = page.get_by_role("table", name="Kunder per län och ISO-vecka")
    cell = strip.get_by_role("row", name=re.compile("^Kalmar län")).get_by_role("link").first
    number = int(cell.inner_text())
    box = cell.bounding_box()
    assert box["width"] >= 24
    assert box["height"] >= 24
    cell.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Beslutar budgeten")
    expect(page.locator("[data-open]")).to_have_count(number)


@pytest.mark.one_database
def test_the_wheels_by_keyboard_in_the_order_of_the_rings(new_page: Any, manager_id: int) -> None:
    page = new_page(manager_id)
    page.goto("/budget-year/wheels")
    links = page.locator("svg.wheels a")
    said = [link.get_attribute("aria-label") for link in links.all()]
    assert len(said) >= 10
    assert [name.split(":")[0] for name in said] == sorted(name.split(":")[0] for name in said)
    page.get_by_text("Välj efter namn").focus()
    for name in said[:4]:
        page.keyboard.press("Tab")
        stop = focused(page)
        assert stop is not None
        assert stop["name"] == name
        assert stop["seen"], stop
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Budgetåret: Provköping 0")


@pytest.mark.one_database
def test_chosen_by_name(new_page: Any, manager_id: int) -> None:
    page = new_page(manager_id)
    page.goto("/budget-year/wheels")
    page.get_by_text("Välj efter namn").click()
    page.get_by_role("checkbox", name="Provköping 1").check()
    page.get_by_role("checkbox", name="Provköping 3").check()
    page.get_by_role("button", name="Visa de valda").click()
    expect(page.locator("[data-open]")).to_have_text(["Provköping 1", "Provköping 3"])


def sheets(page: Page, folder: Path) -> int:
    """How many sheets of paper the page takes."""
    printed = page.pdf(path=folder / "page.pdf", prefer_css_page_size=True)
    found = re.findall(rb"/Type\s*/Pages\b.*?/Count\s+(\d+)", printed, re.DOTALL)
    return max(map(int, found))


@pytest.mark.one_database
def test_each_is_one_sheet_of_paper(
    live: Any, new_page: Any, manager_id: int, tmp_path: Path
) -> None:
    with live.data():
        for county in range(1, 22):  # as many counties as there are, and more than twelve buyers
            body = make_body(
                f"Länsköping {county}",
                county_code=f"{county:02}",
                county_name=f"Västerlånga {county} län",
                owner_id=manager_id,
            )
            make_practice(body)
        known = body.id
        ids = "&".join(f"id={known - number}" for number in range(12))
    page = new_page(manager_id)
    for address in (
        "/budget-year/planner?whose=all&year=2026",
        "/budget-year/wheels?whose=territory",
        f"/budget-year/wheels?whose=territory&{ids}",
        f"/budget-year/{known}/wheel",
    ):
        page.goto(address)
        assert sheets(page, tmp_path) == 1, address
    page.goto(f"/budget-year/{known}")
    assert sheets(page, tmp_path) > 1  # the count can tell


@pytest.mark.one_database
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_sideways_scroll_on_a_phone(new_page: Any, manager_id: int, scheme: str) -> None:
    page = new_page(manager_id, color_scheme=scheme, viewport={"width": 360, "height": 740})
    for address in PAGES:
        page.goto(address)
        assert overflow(page) == 0, address
