"""Journey 17 in a real browser, in one go: a tender is published, from Today to the calendar.

Case on Today → follow the procurement → it has been published → lay it out → our tender → in your
calendar: six clicks of the journey's eight; the rest are for what is compared. The nudges at that
buyer stop by themselves, and the exact times stand in the calendar. A line of our tender's list is
done in one click and checked by another in one.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from playwright.sync_api import expect

from crm.core import clock
from crm.procurements.models import Procurement
from crm.reminders import jobs
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind
from crm.rules.stages import ProcurementStage
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.reminders import make_reminder
from tests.support.sessions import user_with

CLICKS = 6
NOTICE = "https://ted.europa.eu/sv/notice/-/detail/700123-2026"
NUDGE = "Ring rektorn om piloten"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_published_tender_from_today_to_the_calendar(
    new_page: Callable[..., Any], live: Any, scripts: bool
) -> None:
    today = clock.today()
    with live.data():
        manager, rep = user_with(Role.ACCOUNT_MANAGER), user_with(Role.REP)
        body = make_municipality("Hultsfred")
        make_practice(body)
        case = make_case(make_unit(body), owner=manager)
        make_reminder(body, manager, today, case=case, text=NUDGE, kind=ReminderKind.CONTACT)
        case_id, title = case.id, case.title
        manager_id, rep_id = int(manager.id), int(rep.id)
    asked, due = today + timedelta(days=20), today + timedelta(days=40)

    page = new_page(manager_id, java_script_enabled=scripts)
    main = page.get_by_role("main")
    page.goto("/")
    expect(main.get_by_text(NUDGE)).to_be_visible()
    clicks = 0

    def click(what: Any) -> None:
        nonlocal clicks
        clicks += 1
        what.click()

    click(main.get_by_role("link", name=title).first)
    click(main.get_by_role("link", name="Följ upphandlingen"))
    page.get_by_label("Hur de köper").select_option(label="Öppet förfarande")
    click(main.get_by_text("Den är annonserad", exact=True))
    page.get_by_label("Annonsens adress").fill(NOTICE)
    page.get_by_label("Annonsen skickades").fill(str(today))
    page.get_by_label("Sista dag för frågor").fill(f"{asked} 12:00")
    page.get_by_label("Sista anbudsdag").fill(f"{due} 12:00")
    click(main.get_by_role("button", name="Lägg ut"))
    expect(main.locator(f"a[href='/cases/{case_id}']").first).to_be_visible()  # our case takes part
    made = page.url
    click(main.get_by_role("button", name="Vårt anbud"))
    expect(page.get_by_text("arbetsdagar kvar").first).to_be_visible()
    desk = page.url

    with live.data() as session:
        jobs.plan_marked(clock.now())
        found = session.scalars(sa.select(Procurement)).one()
        assert found.notice_url == NOTICE
        assert session.get_one(type(case), case_id).procurement is ProcurementStage.PUBLISHED
        left = session.scalars(sa.select(Reminder).where(Reminder.case_id == case_id)).all()
        assert "D10-questions" in {one.rule_key for one in left if one.state.value == "planned"}

    page.goto("/")
    expect(main.get_by_text(NUDGE)).to_have_count(0)
    page.goto("/reminders")
    click(main.get_by_role("link", name="I din kalender"))
    address = page.get_by_label("Din adress").first.input_value()
    feed = Calendar.from_ical(page.request.get(urlsplit(address).path).text())
    at = {clock.local(one.start) for one in feed.events if isinstance(one.start, datetime)}
    assert at >= {
        datetime.combine(day, time(12), clock.local(clock.now()).tzinfo) for day in (asked, due)
    }
    assert clicks <= CLICKS

    page.goto(desk)
    line = page.get_by_role("row").filter(has_text="Prisbilaga")
    line.get_by_role("button", name="Klart").click()
    expect(line.get_by_text("någon annan kontrollerar")).to_be_visible()
    other = new_page(rep_id, java_script_enabled=scripts)
    other.goto(desk)
    line = other.get_by_role("row").filter(has_text="Prisbilaga")
    line.get_by_role("button", name="Kontrollerat").click()
    expect(line.get_by_role("button", name="Kontrollerat")).to_have_count(0)
    assert made != desk
