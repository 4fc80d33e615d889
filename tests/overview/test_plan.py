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
from crm.contracts.models import FrameworkCaller
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.champions import ActKind, SellingOutcome
from crm.rules.contracts import ContractKind, FrameworkPosition
from crm.rules.functions import Function
from crm.rules.stages import CaseRole
from tests.factories.accounts import make_user
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.pricing import publish_list
from tests.factories.procurements import make_procurement
from tests.factories.reminders import make_reminder
from tests.journeys.test_buyers_year import sheets
from tests.support.sessions import user_with

AsUser = Callable[..., Any]


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def a_full_body(number: int = 1, *, more: str = "") -> tuple[Organisation, list[Case]]:
    """A body with `number` of everything that the plan shows; every name goes on with `more`."""
    by, today, now = make_user(), clock.today(), clock.now()
    body = make_municipality("Hultsfred")
    make_practice(body)
    found = []
    for one in range(number):
        unit = make_unit(body, f"Venhagsskolan {one}{more}"[:200])
        title = f"Läsverktyg i hela Hultsfred {one}{more}"[:200]
        case = make_case(unit, title, owner=by, opened_on=today)
        bo = make_person(
            f"Bo {one}", f"Ek-Lindström{more}"[:60], organisation=unit, title="IT-chef"
        )
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
            f"Läsplattform {one}{more}"[:200],
            ends_on=today + timedelta(days=400 + one),
            notice_months=3,
            today=today,
            now=now,
        )
        make_procurement(body, f"Läs- och skrivstöd {one}{more}"[:200], today=today, now=now)
        make_reminder(
            unit, by, today + timedelta(days=one), text=f"Ring rektorn om plan {one}{more}"[:200]
        )
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
def test_the_ladder_and_the_map_are_of_the_chosen_case_and_the_others_are_counted(
    as_user: AsUser, app: Any
) -> None:
    body, [first, second] = a_full_body(2)
    anchoring.write_line(
        second,
        None,
        function=Function.ARCHIVE,
        person=None,
        who="arkivarien",
        stance=Stance.UNKNOWN,
        since=clock.today(),
        question="",
        by=make_user(),
        today=clock.today(),
    )
    publish_list(
        cases.add_product("Läsverktyget"), make_user(), valid_from=clock.today(), now=clock.now()
    )
    client, address = as_user(), f"/accounts/{body.id}/plan"
    told = words(client.get(address))
    assert f"{second.title} : 3 av 15 funktioner är med." in told
    for rung in ("En användare", "En enhet", "Flera enheter", "Hela organisationen"):
        assert f"{rung} " in told
    assert "9 000 kr per år" in told
    other = words(client.get(f"{address}?case={second.id}"))
    assert f"{first.title} : 2 av 15 funktioner är med." in other
    assert client.get(f"{address}?case=strunt").status_code == 200


@pytest.mark.one_database
def test_what_a_body_may_call_off_from_is_a_contract_of_its_plan(as_user: AsUser, app: Any) -> None:
    today, body = clock.today(), make_municipality("Hultsfred")
    framework = make_contract(
        make_municipality("Vimmerby"),
        "Ramavtal lärplattformar",
        kind=ContractKind.FRAMEWORK,
        position=FrameworkPosition.HOLDER,
        ends_on=today + timedelta(days=40),
        notice_months=3,
        today=today,
        now=clock.now(),
    )
    db.session.add(FrameworkCaller(contract_id=framework.id, organisation_id=body.id))
    db.session.flush()
    told = words(as_user().get(f"/accounts/{body.id}/plan"))
    assert "Ramavtal lärplattformar" in told
    assert "uppsägningsdagen passerade" in told


LONG = " och allt som hör till läsning, skrivning, räkning samt pedagogisk dokumentation å ä ö" * 3


@pytest.mark.one_database
def test_plan_and_map_are_one_sheet_of_paper_each_with_long_texts(
    live: Any, new_page: Any, tmp_path: Path
) -> None:
    with live.data():
        body, found = a_full_body(9, more=LONG)
        product = cases.add_product(f"Läsverktyget{LONG}"[:120])
        publish_list(product, make_user(), valid_from=clock.today(), now=clock.now())
        by, today = make_user(), clock.today()
        for function in Function:
            for nth in range(3):
                anchoring.write_line(
                    found[0],
                    None,
                    function=function,
                    person=None,
                    who=f"{nth}{LONG}"[:120],
                    stance=Stance.DOUBTFUL,
                    since=today,
                    question=LONG[:200],
                    by=by,
                    today=today,
                )
        for function in set(Function) - {Function.ECONOMY}:
            anchoring.write_line(
                found[1],
                None,
                function=function,
                person=None,
                who=LONG[:120],
                stance=Stance.FOR,
                since=today,
                question=LONG[:200],
                by=by,
                today=today,
            )
        addresses = [
            f"/accounts/{body.id}/plan",
            *(f"/cases/{case.id}/anchoring" for case in found[:2]),
        ]
        reader = user_with(Role.ACCOUNT_MANAGER).id
    page = new_page(reader)
    for address in addresses:
        page.goto(address)
        assert sheets(page, tmp_path) == 1, address
