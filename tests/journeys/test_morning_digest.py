"""Journey 9 in a real browser: the morning's mail, two done, one put off to an event; four clicks.

The link in the mail, two buttons, one choice. Nobody signs in, with scripts or without.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.core.config import Mail
from crm.outbox import jobs as outbox
from crm.reminders import jobs
from crm.reminders.models import DoneOutcome, Reminder, ReminderState
from crm.rules.reminders import ReminderKind
from crm.rules.stages import WakeEvent
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import make_reminder
from tests.support.browsers import overflow

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # seven o'clock on a Monday


@pytest.fixture
def mail(live: Any, smtp: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The morning's mail with three reminders, as it lies in the rep's own mail program."""
    settings = replace(
        live.app.extensions["settings"], mail=Mail(smtp.host, smtp.port), base_url=live.url
    )
    monkeypatch.setitem(live.app.extensions, "settings", settings)
    with live.data():
        rep = make_user(name="Åsa Säljare", email="asa@example.se")
        body = make_body("Hultsfreds kommun")
        make_practice(body)
        school = make_unit(body)
        case = make_case(school, "Läsverktyg", owner=rep)
        make_reminder(body, rep, text="Läs protokollet från nämnden")
        make_reminder(school, rep, text="Fråga om läsåret", case=case, kind=ReminderKind.CONTACT)
        make_reminder(school, rep, text="Erbjud en pilot", case=case, kind=ReminderKind.CONTACT)
    with live.app.app_context():
        assert jobs.send_digests(MORNING) == 1
        assert outbox.deliver(MORNING) == 1
    (message,) = smtp.messages
    return message


def walk(page: Any, mail: Any) -> int:
    """The journey; returns the clicks."""
    html = mail.get_body(("html",)).get_content()
    link = re.search(r'<a class="button" href="([^"]+)"', html)
    assert link
    clicks = 0

    def click(locator: Any) -> None:
        nonlocal clicks
        locator.click()
        page.wait_for_load_state()
        clicks += 1

    page.set_content(html)  # the mail program
    click(page.get_by_role("link", name="Klart eller senare").first)

    def button(about: str, words: str) -> Any:
        return page.get_by_role("article", name=about).get_by_role("button", name=words).first

    click(button("Läs protokollet från nämnden", "Klart"))
    click(button("Fråga om läsåret", "Frågat"))
    click(button("Erbjud en pilot", "fullmäktige har beslutat om budgeten"))
    return clicks


def check(live: Any) -> None:
    with live.data() as session:
        rows = {row.params["text"]: row for row in session.query(Reminder) if row.rule_key == "own"}
        read, asked, pilot = (
            rows[text]
            for text in ("Läs protokollet från nämnden", "Fråga om läsåret", "Erbjud en pilot")
        )
        assert read.state is ReminderState.DONE
        assert (asked.state, asked.outcome) == (ReminderState.DONE, DoneOutcome.ASKED)
        assert pilot.state is ReminderState.PLANNED
        assert pilot.snoozed_event is WakeEvent.COUNCIL_DECIDED
        assert pilot.show_on == pilot.snoozed_until > MORNING.date()


@pytest.mark.parametrize("scripts", [True, False])
def test_two_done_and_one_put_off_in_four_clicks(
    live: Any, mail: Any, new_page: Callable[..., Any], scripts: bool
) -> None:
    page = new_page(java_script_enabled=scripts)
    assert walk(page, mail) <= 4
    expect(page.get_by_text("Den kommer tillbaka")).to_be_visible()
    check(live)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_mail_for_everybody(
    mail: Any, new_page: Callable[..., Any], violations: Any, scheme: str
) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    address = re.search(r"http://\S+/digest/\S+", mail.get_body(("plain",)).get_content())
    assert address
    page.goto(address[0])
    assert violations(page) == []
    assert overflow(page) == 0


def test_the_inbox_puts_off_to_an_event_in_two_clicks(
    live: Any, new_page: Callable[..., Any]
) -> None:
    """E8, from the keyboard's neighbour: the clock, then the event; and with a key `s`."""
    with live.data():
        rep = make_user()
        body = make_body("Hultsfreds kommun")
        make_practice(body)
        rep_id = rep.id
        row_id = make_reminder(body, rep, MORNING.date() - timedelta(days=3), text="Ring").id
    page = new_page(rep_id)
    page.goto("/reminders")
    page.locator("summary[aria-label^='Senare']").click()
    page.get_by_role("button", name="fullmäktige har beslutat om budgeten").click()
    page.get_by_text("Den kommer tillbaka").wait_for()
    with live.data() as session:
        assert session.get_one(Reminder, row_id).snoozed_event is WakeEvent.COUNCIL_DECIDED
    page.get_by_role("button", name="Ångra").click()
    page.get_by_text("Den är tillbaka där den var").wait_for()
