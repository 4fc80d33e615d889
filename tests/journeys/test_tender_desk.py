"""Journey 17 in a real browser, as far as the tender goes: dates, published, the list by two.

Edit → save → it happened → it happened → our tender: five clicks of the journey's eight; the rest
are for what is compared. A line is done in one click and checked by another in one.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.procurements.models import Procurement
from crm.reminders import jobs
from crm.reminders.models import Reminder
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind
from crm.rules.stages import ProcurementStage
from crm.tenders import queries
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.support.sessions import user_with


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_published_tender_is_dated_and_its_list_done_by_two(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        manager, rep = user_with(Role.ACCOUNT_MANAGER), user_with(Role.REP)
        unit = make_unit(make_municipality("Hultsfred"))
        case = make_case(unit, owner=manager)
        made = make_procurement(unit, case=case, today=clock.today(), now=clock.now())
        made_id, case_id, manager_id, rep_id = made.id, case.id, int(manager.id), int(rep.id)
    due = clock.today() + timedelta(days=40)
    asked = clock.today() + timedelta(days=20)

    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/procurements/{made_id}")
    page.get_by_role("main").get_by_role("link", name="Ändra").click()  # 1
    page.get_by_label("Sista dag för frågor").fill(f"{asked} 12:00")
    page.get_by_label("Sista anbudsdag").fill(f"{due} 12:00")
    page.get_by_role("button", name="Spara").click()  # 2
    row = page.get_by_role("row").filter(has_text="Annonsen skickas")
    row.get_by_role("link", name="Det har hänt").click()  # 3
    page.get_by_role("button", name="Det har hänt").click()  # 4
    page.get_by_role("button", name="Vårt anbud").click()  # 5
    expect(page.get_by_text("arbetsdagar kvar").first).to_be_visible()
    tender = page.url
    line = page.get_by_role("row").filter(has_text="Prisbilaga")
    line.get_by_role("button", name="Klart").click()
    expect(line.get_by_text("någon annan kontrollerar")).to_be_visible()

    other = new_page(rep_id, java_script_enabled=scripts)
    other.goto(tender)
    line = other.get_by_role("row").filter(has_text="Prisbilaga")
    line.get_by_role("button", name="Kontrollerat").click()
    expect(line.get_by_role("button", name="Kontrollerat")).to_have_count(0)

    with live.data() as session:
        jobs.plan_marked(clock.now())
        case = session.get_one(type(case), case_id)
        assert case.procurement is ProcurementStage.PUBLISHED
        waiting = session.scalars(sa.select(Reminder).where(Reminder.case_id == case_id)).all()
        assert "D10-questions" in {one.rule_key for one in waiting}
        assert ReminderKind.CONTACT not in {one.kind for one in waiting}
        first, last = clock.now(), clock.now() + timedelta(days=60)
        told = queries.exact_deadlines(manager_id, None, first=first, last=last)
        assert {clock.local(one.at).hour for one in told} == {12} and len(told) == 2
        assert session.get_one(Procurement, made_id).tenders_due_at is not None
