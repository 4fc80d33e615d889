"""A school that was written down twice becomes one, and two again, by keyboard and by mouse (A9)."""

from typing import Any

import pytest
from playwright.sync_api import expect

from crm.cases.models import Case
from crm.core import clock
from crm.organisations.models import Organisation
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.sessions import user_with

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def _twice(live: Any) -> dict[str, int]:
    """Venhagskolan in Hultsfred, and again with a case, a teacher and a phone number."""
    with live.data():
        rep = user_with(Role.REP)
        body = make_municipality("Hultsfred")
        kept, gone = make_unit(body, "Venhagskolan"), make_unit(body, "Venhagskolan")
        gone.phone = "+4649524000"
        make_person("Lisa", "Lind", gone)
        case = make_case(gone, "Läsverktyg i åk 4", owner=rep)
        make_activity(gone, by=rep, now=clock.now())
        make_user(name="Anna Alm")
        return {"rep": rep.id, "kept": kept.id, "gone": gone.id, "case": case.id}


def _where(live: Any, case_id: int) -> int:
    with live.data() as session:
        return int(session.get_one(Case, case_id).organisation_id)


@SCRIPTS
def test_a_school_is_merged_after_a_look_and_the_slip_is_undone(
    new_page: Any, live: Any, scripts: bool
) -> None:
    ids = _twice(live)
    page = new_page(ids["rep"], java_script_enabled=scripts)
    page.goto(f"/accounts/{ids['gone']}")
    if scripts:
        page.get_by_label("Mer för Venhagskolan").click()
        page.get_by_role("link", name="Slå ihop").click()
    else:
        page.goto(f"/merging/organisations/with/{ids['gone']}")
    page.get_by_role("link", name="Venhagskolan").last.click()
    expect(page.get_by_text("en tjänst")).to_be_visible()
    page.get_by_role("button", name="Slå ihop").click()
    expect(page.get_by_text("Venhagskolan har slagits ihop")).to_be_visible()
    assert _where(live, ids["case"]) == ids["kept"]

    page.goto(f"/accounts/{ids['gone']}")
    expect(page).to_have_url(f"{live.url}/accounts/{ids['kept']}")
    expect(page.get_by_text("Venhagskolan har slagits ihop med den här")).to_be_visible()
    expect(page.get_by_text("visade sig vara samma")).to_be_visible()

    page.goto("/merging/organisations")
    page.get_by_role("link", name="Venhagskolan med Venhagskolan").click()
    page.get_by_role("button", name="Gör dem till två igen").click()
    expect(page.get_by_text("står för sig själv igen")).to_be_visible()
    assert _where(live, ids["case"]) == ids["gone"]
    with live.data() as session:
        kept = session.get_one(Organisation, ids["kept"])
        assert (kept.phone, kept.merged_into_id) == ("", None)


def _press(page: Any, key: str) -> None:
    page.wait_for_load_state()  # the keys are listened for once the page's scripts are there
    page.keyboard.press(key)


def test_the_queue_is_worked_off_by_keys_alone(new_page: Any, live: Any) -> None:
    ids = _twice(live)
    with live.data() as session:
        body_id = session.get_one(Organisation, ids["kept"]).body_id
        body = session.get_one(Organisation, body_id)
        for name in ("Nyskolan", "Lindskolan"):
            make_unit(body, name)
            make_unit(body, name)
    page = new_page(ids["rep"])
    page.goto("/merging/organisations")
    expect(page.get_by_role("heading", name="3 par är kvar")).to_be_visible()
    _press(page, "m")
    expect(page.get_by_text("Venhagskolan har slagits ihop")).to_be_visible()
    expect(page.get_by_role("heading", name="2 par är kvar")).to_be_visible()
    assert _where(live, ids["case"]) == ids["kept"]
    _press(page, "z")
    expect(page.get_by_text("står för sig själv igen")).to_be_visible()
    assert _where(live, ids["case"]) == ids["gone"]
    page.goto("/merging/organisations")
    _press(page, "x")
    expect(page.get_by_text("Frågan kommer inte igen")).to_be_visible()
    expect(page.get_by_role("heading", name="2 par är kvar")).to_be_visible()
    _press(page, "l")
    expect(page.get_by_text("kommer igen om en månad")).to_be_visible()
    expect(page.get_by_role("heading", name="Ett par är kvar")).to_be_visible()
    _press(page, "x")
    expect(page.get_by_text("Inga två liknar varandra")).to_be_visible()
