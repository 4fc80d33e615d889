"""Checks before a stage on the pages: named with who knows, and in the way only by choice (D15)."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import escape, unescape
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.core import clock
from crm.organisations.models import Organisation
from crm.procurements import operations, queries
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.routes import StageKey
from crm.rules.stage_checks import CheckLevel, StageCheck
from crm.rules.stages import ProcurementStage
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.tenders import make_tender
from tests.tenders.test_pages import sent, text

AsUser = Callable[..., Any]


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def procurement(unit: Organisation) -> Procurement:
    return make_procurement(unit, today=clock.today(), now=clock.now())


def reached(procurement: Procurement, stage: StageKey) -> bool:
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    return queries.milestone_of(plan, stage).reached_on is not None


def test_a_check_warns_with_who_knows_and_lets_it_through(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    client = as_user(Role.REP)
    session.commit()
    address = f"/procurements/{procurement.id}/milestones/market/reach"
    page = text(client, address)
    assert "Sista dagen för frågor är inte känd" in page and "Den som brukar veta" in page
    assert "inte känd" not in text(client, address.replace("market", "needs"))
    assert client.post(address, data=sent(page, on="idag")).status_code == 303
    session.expire_all()
    assert reached(procurement, StageKey.MARKET)


def test_one_that_stops_stops_with_nothing_written(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    operations.set_checks({StageCheck.QUESTION_DEADLINE: CheckLevel.BLOCK})
    client = as_user(Role.REP)
    session.commit()
    address = f"/procurements/{procurement.id}/milestones/market/reach"
    page = text(client, address)
    assert "Det behöver vara känt först" in page
    refused = client.post(address, data=sent(page, on="idag"))
    assert refused.status_code == 422
    session.expire_all()
    assert not reached(procurement, StageKey.MARKET)
    procurement.questions_due_at = clock.now()
    session.commit()
    page = text(client, address)
    assert client.post(address, data=sent(page, on="idag")).status_code == 303


def test_no_tender_goes_in_undecided_where_that_is_chosen(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    tender = make_tender(procurement, now=clock.now())
    client = as_user(Role.REP)
    session.commit()
    address = f"/tenders/{tender.id}/submit"
    assert "Ingen har bestämt att vi lämnar anbud" in text(client, address)
    operations.set_checks({StageCheck.GO_DECISION: CheckLevel.BLOCK})
    session.commit()
    now = f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"
    form = sent(text(client, address), at=now, reason="Intyget kommer")
    assert client.post(address, data=form).status_code == 422
    operations.set_checks({StageCheck.GO_DECISION: CheckLevel.OFF})
    session.commit()
    assert "Ingen har bestämt" not in text(client, address)
    assert client.post(address, data=form).status_code == 303


def test_who_may_change_the_rules_chooses(as_user: AsUser, app: Any, session: Session) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    assert as_user(Role.REP).get("/procurements/checks").status_code == 403
    chosen = {check.value: "warn" for check in StageCheck} | {"standstill_end": "block"}
    assert client.post("/procurements/checks", data=chosen).status_code == 303
    session.expire_all()
    assert queries.check_levels() == {StageCheck.STANDSTILL_END: CheckLevel.BLOCK}
    bad = client.post("/procurements/checks", data=chosen | {"go_decision": "sometimes"})
    assert bad.status_code == 422
    assert 'selected value="block"' in text(client, "/procurements/checks")


@pytest.mark.one_database
def test_a_stage_moved_by_hand_is_checked_and_what_was_typed_stays(
    as_user: AsUser, procurement: Procurement, unit: Organisation, session: Session
) -> None:
    case = make_case(unit, procurement=ProcurementStage.PREPARING)
    operations.take_part(procurement, case)
    client = as_user(Role.REP)
    session.commit()
    address = f"/procurements/stage/{case.id}"
    typed = {"procurement": "published", "note": "De ringde", "version": str(case.version)}
    asked = client.post(address, data=typed)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422 and "Sista dagen för frågor är inte känd" in page
    assert f"/procurements/{procurement.id}/edit" in page and "De ringde" in page
    session.expire_all()
    assert case.procurement is ProcurementStage.PREPARING
    operations.set_checks({StageCheck.QUESTION_DEADLINE: CheckLevel.BLOCK})
    session.commit()
    knowing = typed | {"knowing": "y"}
    assert 'name="knowing" type="hidden" value="y"' in page
    assert client.post(address, data=knowing).status_code == 422
    operations.set_checks({StageCheck.QUESTION_DEADLINE: CheckLevel.WARN})
    session.commit()
    assert client.post(address, data=knowing).status_code == 303
    session.expire_all()
    assert case.procurement is ProcurementStage.PUBLISHED
    typed = {"procurement": "standstill", "version": str(case.version)}
    page = client.post(address, data=typed).get_data(as_text=True)
    assert f"/procurements/{procurement.id}/milestones/award/reach" in page


@pytest.mark.one_database
def test_a_fact_is_written_down_and_one_is_back_at_the_move(
    as_user: AsUser, procurement: Procurement, unit: Organisation, session: Session
) -> None:
    case = make_case(unit, procurement=ProcurementStage.PREPARING)
    operations.take_part(procurement, case)
    client = as_user(Role.REP)
    session.commit()
    address = f"/procurements/stage/{case.id}"
    typed = {"procurement": "published", "version": str(case.version)}
    page = client.post(address, data=typed).get_data(as_text=True)
    link = unescape(re.findall(r'href="([^"]+/edit[^"]+)"', page)[0])
    form = text(client, link)
    assert f'action="{escape(link)}"' in form
    facts = {
        "title": procurement.title,
        "law": procurement.law.value,
        "object_kind": procurement.object_kind.value,
        "award_channel": procurement.award_channel.value,
        "version": str(procurement.version),
        "questions_due_at": (clock.today() + timedelta(days=9)).isoformat(),
        "tenders_due_at": (clock.today() + timedelta(days=20)).isoformat(),
    }
    answer = client.post(link, data=facts)
    assert (answer.status_code, answer.location) == (303, f"{address}?procurement=published")
    page = text(client, answer.location)
    assert re.search(r'<option selected value="published"', page)
    assert "Sista dagen för frågor är inte känd" not in page
    page = client.post(address, data=typed).get_data(as_text=True)
    assert "Annonsen skickades" in page  # and the day of that is asked for
    typed |= {"on": clock.today().isoformat(), "knowing": "y"}
    assert client.post(address, data=typed).status_code == 303
    session.expire_all()
    assert case.procurement is ProcurementStage.PUBLISHED


@pytest.mark.one_database
def test_a_case_without_a_procurement_is_offered_one_and_a_direct_purchase_nothing(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    case = make_case(unit, procurement=ProcurementStage.PREPARING)
    direct = make_case(unit, "Direkt", procurement=ProcurementStage.DIRECT_AWARD)
    client = as_user(Role.REP)
    session.commit()
    typed = {"procurement": "published", "version": str(case.version)}
    page = client.post(f"/procurements/stage/{case.id}", data=typed).get_data(as_text=True)
    assert f"/procurements/new?case={case.id}&amp;move={case.id}&amp;stands=published" in page
    typed = {"procurement": "signed", "version": str(direct.version)}
    assert client.post(f"/procurements/stage/{direct.id}", data=typed).status_code == 303
