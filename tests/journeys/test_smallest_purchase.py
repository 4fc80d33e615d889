"""Journey 15 in a real browser: a single school wants to buy now.

Case → smallest purchase: step, route and headroom on one screen in two clicks at most; the text for
the champion is there to copy. Without scripts the same.
"""

from typing import Any

import pytest
from playwright.sync_api import expect

from crm.accounts.models import User
from crm.cases import operations as cases
from crm.core import clock
from crm.core.db import db
from crm.rules.access import Role
from crm.rules.stages import AdoptionStage
from tests.factories import pricing as make
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.support.sessions import user_with


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_school_that_wants_to_buy_now_sees_how_in_one_click(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        body = make_municipality("Hultsfred")
        body.population = 13_700
        manager_id = int(user_with(Role.ACCOUNT_MANAGER).id)
        case = make_case(make_unit(body, "Venhagskolan"), adoption=AdoptionStage.UNIT_PILOT)
        make.publish_list(
            cases.add_product("Läsverktyget"),
            db.session.get_one(User, manager_id),
            valid_from=clock.today(),
            now=clock.now(),
        )
        case_id = int(case.id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/cases/{case_id}")
    expect(page.get_by_text("Minsta möjliga köp: 9 000 kr per år")).to_be_visible()
    page.get_by_role("link", name="Minsta köp").click()
    expect(page.get_by_text("Direktupphandling", exact=True)).to_be_visible()
    expect(page.get_by_text("Kvar under gränsen")).to_be_visible()
    expect(page.get_by_text("656 499 kr", exact=True)).to_be_visible()
    words = page.get_by_label("Texten").input_value()
    assert "9 000 kr per år" in words.replace("\N{NO-BREAK SPACE}", " ")
