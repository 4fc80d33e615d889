"""Journey 11: an account manager sets up a municipality's budget calendar from its own page."""

from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import expect

from crm.budgets import queries
from crm.organisations.queries import get
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from tests.factories.budgets import make_body, make_practice, make_unit

SOURCE = "https://www.provkoping.se/ekonomi/budgetprocessen"
PHASES = {  # Härnösand's own page, in the words a person would type
    "start_planeringsforutsattningar": "januari",
    "start_namndens_budgetunderlag": "april",
    "start_internbudget": "november",
}


@dataclass
class Hand:
    """Counts what the journey allows: clicks. Typing is free, as in features.md, part 5."""

    page: object
    clicks: int = 0

    def click(self, locator):
        locator.click()
        self.clicks += 1

    def type_into(self, label_or_id, text):
        field = self.page.locator(f"#{label_or_id}")
        self.click(field)
        field.fill(text)


def municipality(live, **facts):
    with live.data():
        return make_body("Provköpings kommun", **facts).id


def set_up(page, organisation_id):
    """The journey itself; returns the number of clicks."""
    hand = Hand(page)
    page.goto(f"/accounts/{organisation_id}")
    hand.click(page.get_by_role("link", name="Lägg upp budgetåret").first)
    hand.click(page.get_by_label("Beslutar i juni"))
    for field, text in PHASES.items():
        hand.type_into(field, text)
    hand.type_into("source_url", SOURCE)
    hand.click(page.get_by_role("button", name="Spara"))
    expect(page.get_by_text("Budgetåret är sparat.")).to_be_visible()
    return hand.clicks


def check(live, organisation_id):
    with live.data():
        known = queries.known_of(get(organisation_id))
        spans = {phase.key: (phase.start, phase.end) for phase in known.phases(2028)}
        assert spans["planeringsforutsattningar"] == (date(2027, 1, 1), date(2027, 1, 31))
        assert spans["namndens_budgetunderlag"] == (date(2027, 4, 1), date(2027, 4, 30))
        assert spans["internbudget"] == (date(2027, 11, 1), date(2027, 11, 30))
        assert spans["kf_budgetbeslut"] == (date(2027, 6, 1), date(2027, 6, 30))
        assert known.practice.certainty is Certainty.PUBLISHED
        assert known.practice.source_url == SOURCE


def test_a_budget_calendar_in_eight_clicks(live, new_page):
    organisation_id = municipality(live)
    page = new_page(Role.ACCOUNT_MANAGER)
    assert set_up(page, organisation_id) <= 8
    check(live, organisation_id)


def test_the_same_without_scripts(live, new_page):
    organisation_id = municipality(live)
    assert set_up(new_page(Role.ACCOUNT_MANAGER, java_script_enabled=False), organisation_id) <= 8
    check(live, organisation_id)


@pytest.mark.one_database
def test_the_outcome_shows_while_typing(live, new_page):
    organisation_id = municipality(live)
    page = new_page(Role.ACCOUNT_MANAGER)
    page.goto(f"/budget-year/{organisation_id}/edit")
    preview = page.locator("#preview")
    page.get_by_label("Beslutar i november").check()
    preview.get_by_text("Kommunfullmäktige beslutar mål och budget").first.wait_for()
    start = page.locator("#start_kf_budgetbeslut")
    expect(start).to_have_attribute("placeholder", "november")
    start.fill("24 november")
    preview.get_by_text("24 nov. 2027").first.wait_for()
    start.fill("31 feb")
    preview.get_by_text("utelämnat här").wait_for()
    with live.data():
        assert queries.practice_row(get(organisation_id)) is None


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_pages_can_be_used_by_everybody(live, new_page, violations, language, color_scheme):
    from tests.support.browsers import overflow
    from tests.support.sessions import user_with

    with live.data() as session:
        body = make_body("Provköpings kommun")
        make_practice(body, deficit_until=2028)
        school = make_unit(body)
        unknown = make_body("Okändby kommun")
        user = user_with(Role.ACCOUNT_MANAGER)
        user.language = language
        session.flush()
        ids = {"body": body.id, "school": school.id, "unknown": unknown.id}
        who = user.id
    pages = [
        "/budget-year",
        *(f"/budget-year/{number}" for number in ids.values()),
        f"/budget-year/{ids['unknown']}/edit",
        f"/budget-year/{ids['body']}/pauses/new",
    ]
    wide = new_page(who, color_scheme=color_scheme)
    for address in pages:
        wide.goto(address)
        assert violations(wide) == [], address
    narrow = new_page(who, color_scheme=color_scheme, viewport={"width": 360, "height": 740})
    for address in pages:
        narrow.goto(address)
        assert overflow(narrow) == 0, address
