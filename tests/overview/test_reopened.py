"""What the buyer called off years ago is taken up again with all that was known of it (S29)."""

from datetime import timedelta
from typing import Any

import pytest

from crm.cases import operations as cases
from crm.cases import queries as case_queries
from crm.cases.models import CaseProduct
from crm.core import clock
from crm.core.db import db
from crm.requirements import operations as requirements
from crm.rules.access import Role
from crm.rules.requirements import RequirementStatus
from crm.rules.stages import Outcome, ProcurementStage
from tests.factories import pricing as make_prices
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.requirements import make_need, make_requirement


@pytest.mark.one_database
def test_s29_a_procurement_cancelled_two_years_ago_is_reopened_with_all_its_context(
    as_user: Any,
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    rep, today, now = client.user, clock.today(), clock.now()
    then, at = today - timedelta(days=730), now - timedelta(days=730)
    body = make_municipality("Hultsfred")
    body.population = 13_700
    school = make_unit(body, "Venhagskolan")
    anna = make_person("Anna", "Björk", organisation=school)
    product = cases.add_product("Läsverktyget")
    case = make_case(school, "Läsverktyg", owner=rep, champion=anna, opened_on=then, now=at)
    db.session.add(CaseProduct(case_id=case.id, product_id=product.id))
    make_prices.publish_list(product, rep, valid_from=then, now=at)
    sheet = make_prices.share(case, rep, valid_until=then + timedelta(days=90), today=then, now=at)
    need = make_need(
        school, rep, "Logga in som vanligt", person=anna, case=case, now=at, today=then
    )
    wanted = make_requirement(rep, "Inloggning med kommunens konto", needs=(need,), now=at)
    requirements.edit_requirement(
        wanted,
        text="Inloggning med kommunens konto, utan eget lösenord",
        kind=wanted.kind,
        area=wanted.area,
        status=RequirementStatus.CONFIRMED,
        answer=None,
        why="Anna förtydligade",
        need=need,
        by=rep,
        now=at + timedelta(days=3),
    )
    make_contract(body, "Läsplattformen", today=then, now=at, ends_on=today + timedelta(days=400))
    cases.move_procurement(case, ProcurementStage.PREPARING, by=rep, now=at)
    cases.close(
        case_queries.get(case.id),
        Outcome.CANCELLED_BY_BUYER,
        reason="no_budget",
        by=rep,
        today=then + timedelta(days=30),
        now=at + timedelta(days=30),
    )
    db.session.commit()

    assert client.post(f"/cases/{case.id}/reopen").status_code == 303

    def page(address: str) -> str:
        return str(client.get(address).text).replace("\N{NO-BREAK SPACE}", " ")

    opened = page(f"/cases/{case.id}")
    for words in ("Avbrutet av köparen", "Anna Björk", "Kraven skrivs", "Läsverktyget"):
        assert words in opened, words
    assert "9 000 kr" in page(f"/pricing/sheets/{sheet.id}")  # as it was shown then
    assert f"/pricing/sheets/{sheet.id}" in page(f"/pricing/cases/{case.id}/sheets")
    assert wanted.text in page(f"/requirements/cases/{case.id}")
    history = page(f"/requirements/{wanted.id}")
    for words in ("Anna förtydligade", "Logga in som vanligt", "utan eget lösenord"):
        assert words in history, words
    assert "Läsplattformen" in page(f"/accounts/{body.id}")
