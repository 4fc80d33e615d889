"""Journey 12 in a real browser: ten weeks before the committees hand in, if no price is shared.

One rule for forty accounts, tried out before it is saved: seven clicks at most, scripts on and off.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from crm.core import clock
from crm.reminders import own
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.own_events import OwnEvent
from crm.rules.own_rules import OwnRule
from tests.factories.budgets import make_body, make_practice
from tests.factories.cases import make_case
from tests.support.browsers import overflow
from tests.support.sessions import user_with

ACCOUNTS = 40


@dataclass
class Hand:
    """Counts clicks, also those that put the cursor in a field. Typing is free."""

    page: Any
    clicks: int = 0

    def click(self, locator: Any) -> None:
        locator.click()
        self.clicks += 1

    def write(self, name: str, text: str) -> None:
        field = self.page.get_by_label(name)
        self.click(field)
        field.fill(text)

    def choose(self, name: str, words: str) -> None:
        self.page.get_by_label(name, exact=True).select_option(label=words)
        self.clicks += 1


@pytest.fixture
def manager_id(live: Any) -> int:
    """Forty municipalities with a case each; in ten of them a price has been shared."""
    with live.data() as session:
        manager = user_with(Role.ACCOUNT_MANAGER)
        for number in range(ACCOUNTS):
            body = make_body(f"Kommun {number:02}")
            make_practice(body, DecisionPractice.JUNE)
            case = make_case(body, f"Läsverktyg {number:02}", owner=manager)
            if number < ACCOUNTS // 4:
                case.price_shared_on = case.opened_on
        session.flush()
        return int(manager.id)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_one_rule_for_forty_accounts_checked_before_saving(
    live: Any, new_page: Any, manager_id: int, scripts: bool
) -> None:
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto("/reminders/rules")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Gör en regel"))
    hand.write("Vad som ska göras", "Dela ett prisexempel")
    hand.write("Hur långt", "10")
    hand.choose("Pris", "inget pris är delat")
    hand.click(page.get_by_role("button", name="Se vad som skulle hända"))
    trial = page.locator("#trial")
    expect(trial).to_contain_text("60 påminnelser hos 30 köpare.")
    expect(trial.get_by_role("table")).to_contain_text("Läsverktyg 39")
    expect(trial.get_by_role("img")).to_be_visible()
    hand.click(trial.get_by_role("button", name="Spara för alla"))
    expect(page.get_by_text("Regeln är sparad.")).to_be_visible()
    assert hand.clicks <= 7
    with live.data():
        made = own.latest()
        assert [(one.code, one.version, one.is_on) for one in made] == [("OWN-1", 1, True)]
        rule = made[0].rule
        assert (rule.count, rule.before, rule.event) == (10, True, OwnEvent.HAND_IN)
        assert rule.price_shared is False


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_form_with_its_trial_can_be_used_by_everybody(
    live: Any, new_page: Any, manager_id: int, violations: Any, language: str
) -> None:
    with live.data() as session:
        session.get_one(User, manager_id).language = language
        made = own.add(OwnRule(name="Dela priset", count=10), by=None, now=clock.now())
    pages = [
        "/reminders/rules",
        "/reminders/rules/ready",
        "/reminders/rules/new?ready=price-in-time",
        f"/reminders/rules/own/{made.id}",
    ]
    wide = new_page(manager_id, color_scheme="dark")
    narrow = new_page(manager_id, viewport={"width": 360, "height": 740})
    for address in pages:
        wide.goto(address)
        assert violations(wide) == [], address
        narrow.goto(address)
        assert overflow(narrow) == 0, address
