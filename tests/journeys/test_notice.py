"""Journey 17's first half in a real browser: a tender is published, and the nudges stop.

The file of the notice → import → our case takes part: four clicks at most; without scripts the same.
The dates are the procurement's from then on, and a change notice moves them.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.cases.models import Case
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.stages import ProcurementStage
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.notices import BUYER, CALL, SAMPLES
from tests.factories.organisations import make_municipality, make_unit
from tests.support.sessions import user_with


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_published_tender_is_taken_in_and_our_case_takes_part(
    new_page: Any, live: Any, scripts: bool
) -> None:
    with live.data():
        body = make_municipality("Exempelkommun", org_number=BUYER)
        make_practice(body)
        case_id = int(make_case(make_unit(body), "Läsverktyg").id)
        manager_id = int(user_with(Role.ACCOUNT_MANAGER).id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto("/procurements")
    page.get_by_role("link", name="Annonser").click()
    page.get_by_role("link", name="Importera annonser").first.click()
    page.get_by_label("Filer").set_input_files(SAMPLES / CALL)
    page.get_by_role("button", name="Importera", exact=True).click()
    expect(page.get_by_role("heading", name="Gäller det de här ärendena?")).to_be_visible()
    page.get_by_role("button", name="Ärendet deltar").click()
    expect(page.get_by_role("definition").filter(has_text="18 jan. 2027 23:59")).to_be_visible()
    with live.data() as session:
        made = session.scalars(sa.select(Procurement)).one()
        assert made.reference == "BUN 2026/0417"
        assert session.get_one(Case, case_id).procurement is ProcurementStage.PUBLISHED
