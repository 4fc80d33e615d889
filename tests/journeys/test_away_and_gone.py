"""A colleague is away for a week, and another leaves, in a real browser: nothing falls between (J3).

With scripts and without.
"""

from typing import Any

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core import clock
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.reminders import make_reminder
from tests.support.sessions import user_with

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@SCRIPTS
def test_the_deputy_finds_it_on_today_and_does_it(new_page: Any, live: Any, scripts: bool) -> None:
    with live.data():
        anna, bo = make_user(name="Anna Alm"), make_user(name="Bo Berg")
        school = make_unit(make_municipality("Hultsfred"))
        reminder = make_reminder(school, anna, clock.today(), text="Ring rektorn om läsåret")
        anna_id, bo_id, reminder_id = anna.id, bo.id, reminder.id
    page = new_page(anna_id, java_script_enabled=scripts)
    page.goto("/profile")
    page.get_by_role("link", name="Frånvaro").click()
    page.get_by_label("Första dagen borta").fill("idag")
    page.get_by_label("Sista dagen borta").fill("+1v")
    page.get_by_label("Ersättare").select_option("Bo Berg")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Ersättare: Bo Berg")).to_be_visible()

    page = new_page(bo_id, java_script_enabled=scripts)
    page.goto("/")
    article = page.get_by_role("article").filter(has_text="Ring rektorn om läsåret")
    expect(article.get_by_text("för Anna Alm, borta till")).to_be_visible()
    article.get_by_role("button", name="Klart").click()
    expect(page.get_by_text("Ring rektorn om läsåret")).to_have_count(0)
    with live.data() as session:
        done = session.get_one(Reminder, reminder_id)
        assert (done.state, done.user_id, done.done_by_id) == (ReminderState.DONE, anna_id, bo_id)


@SCRIPTS
def test_a_leavers_cases_are_handed_over_and_a_slip_is_undone(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        anna, bo = make_user(name="Anna Alm"), make_user(name="Bo Berg")
        cilla, admin = make_user(name="Cilla Ceder"), user_with(Role.ADMIN)
        places = [make_municipality(name) for name in ("Hultsfred", "Vimmerby")]
        ids = [make_case(make_unit(place), owner=anna).id for place in places]
        anna_id, bo_id, cilla_id, admin_id = anna.id, bo.id, cilla.id, admin.id

    def owners() -> list[int | None]:
        with live.data() as session:
            return [session.get_one(Case, case_id).owner_id for case_id in ids]

    page = new_page(admin_id, java_script_enabled=scripts)
    page.goto(f"/users/{anna_id}")
    page.get_by_label("Aktiv").uncheck()
    page.get_by_role("button", name="Spara").click()
    page.get_by_label("Tar över").select_option("Bo Berg")
    page.get_by_role("row").filter(has_text="Vimmerby").get_by_role("combobox").select_option(
        "Cilla Ceder"
    )
    page.get_by_role("main").get_by_role("button", name="Lämna över").click()
    expect(page.get_by_role("heading", name="Överlämnat från Anna Alm")).to_be_visible()
    assert owners() == [bo_id, cilla_id]
    page.get_by_role("button", name="Ta tillbaka allt").click()
    expect(page.get_by_text("Allt är tillbaka hos den som hade det.")).to_be_visible()
    assert owners() == [anna_id, anna_id]
    with live.data() as session:
        assert not session.get_one(User, anna_id).active
