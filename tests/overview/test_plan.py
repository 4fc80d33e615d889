"""The account plan: what it gathers, in one column of paper, and for whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.anchoring import operations as anchoring
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.champions import operations as champions
from crm.core import clock
from crm.organisations.models import Organisation
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.champions import ActKind, SellingOutcome
from crm.rules.functions import Function
from crm.rules.stages import CaseRole
from tests.factories.accounts import make_user
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.reminders import make_reminder
from tests.journeys.test_buyers_year import sheets
from tests.support.sessions import user_with

AsUser = Callable[..., Any]


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def a_full_body(number: int = 1) -> tuple[Organisation, list[Case]]:
    """A body with `number` of everything that the plan shows."""
    by, today, now = make_user(), clock.today(), clock.now()
    body = make_municipality("Hultsfred")
    make_practice(body)
    found = []
    for one in range(number):
        unit = make_unit(body, f"Venhagsskolan {one}")
        case = make_case(unit, f"Läsverktyg i hela Hultsfred {one}", owner=by, opened_on=today)
        bo = make_person(f"Bo {one}", "Ek-Lindström", organisation=unit, title="IT-chef")
        cases.set_role(case, bo, CaseRole.CHAMPION, by=by, today=today, now=now)
        champions.write(
            bo,
            champions.Done(
                ActKind.SHOWED, today, function=Function.MANAGEMENT, outcome=SellingOutcome.LIKED
            ),
            case=case,
            by=by,
            today=today,
            now=now,
        )
        anchoring.write_line(
            case,
            None,
            function=Function.ECONOMY,
            person=bo,
            who="",
            stance=Stance.DOUBTFUL,
            since=today,
            question="Vad kostar det egentligen?",
            by=by,
            today=today,
        )
        make_contract(
            body,
            f"Läsplattform {one}",
            ends_on=today + timedelta(days=400 + one),
            notice_months=3,
            today=today,
            now=now,
        )
        make_procurement(body, f"Läs- och skrivstöd {one}", today=today, now=now)
        make_reminder(unit, by, today + timedelta(days=one), text=f"Ring rektorn om plan {one}")
        found.append(case)
    return body, found


@pytest.mark.one_database
def test_the_plan_says_what_the_records_say_and_not_what_we_think(
    as_user: AsUser, app: Any
) -> None:
    client = as_user()
    body, [case] = a_full_body()
    page = client.get(f"/accounts/{body.id}/plan")
    told = words(page)
    for part in (
        "Kundplan: Hultsfred",
        "Läsverktyg i hela Hultsfred 0",
        "Bo 0 Ek-Lindström",
        "Läsplattform 0",
        "uppsägning senast",
        "Läs- och skrivstöd 0",
        "Ring rektorn om plan 0",
        "Ingen känd",
    ):
        assert part in told
    assert "Vad kostar det egentligen?" not in told
    assert "Tveksam" not in told
    unit = client.get(f"/accounts/{case.organisation_id}/plan")
    assert unit.location.endswith(f"/accounts/{body.id}/plan")
    assert as_user(Role.VIEWER).get(f"/accounts/{body.id}/plan").status_code == 403


@pytest.mark.one_database
def test_a_body_without_anything_has_a_plan_too(as_user: AsUser, app: Any) -> None:
    body = make_municipality("Tystköping")
    told = words(as_user().get(f"/accounts/{body.id}/plan"))
    assert "Inget ärende pågår." in told
    assert "Ingen som vi känner till." in told


@pytest.mark.one_database
def test_a_full_plan_is_one_sheet_of_paper(live: Any, new_page: Any, tmp_path: Path) -> None:
    with live.data():
        body, _cases = a_full_body(9)
        address, reader = f"/accounts/{body.id}/plan", user_with(Role.ACCOUNT_MANAGER).id
    page = new_page(reader)
    page.goto(address)
    assert sheets(page, tmp_path) == 1
