"""The pages of records requests: the letter filled in, an answer, and what is refused."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.accounts import vendor
from crm.accounts.vendor import VendorFacts
from crm.cases.models import Case
from crm.contracts import queries as contracts
from crm.contracts.models import Contract, ContractOption
from crm.core import clock
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.procurements import queries as plans
from crm.procurements.models import Procurement
from crm.records.models import RecordsRequest, RequestOutcome
from crm.rules.access import Role
from crm.rules.contracts import ContractKind
from crm.rules.routes import StageKey
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.records import make_request

AsUser = Callable[..., Any]


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit, "Läsverktyg")


@pytest.fixture
def procurement(unit: Organisation, case: Case) -> Procurement:
    return make_procurement(
        unit, case=case, today=clock.today(), now=clock.now(), reference="KS 2026/12"
    )


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def typed(page: str) -> dict[str, str]:
    """The new request as proposed, ready to be sent."""
    form = page[page.index('id="new-records-request"') :]
    found = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', form))
    area = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", form, re.DOTALL)
    assert area is not None
    return found | {"asked": area[1], "channel": "email"}


def test_from_a_procurement_to_a_request_with_its_letter(
    as_user: AsUser, procurement: Procurement, case: Case, session: Session
) -> None:
    session.commit()
    client = as_user(Role.ACCOUNT_MANAGER)
    address = f"/records/new?procurement={procurement.id}"
    assert address in text(client, f"/procurements/{procurement.id}")
    page = text(client, address)
    assert "ert diarienummer KS 2026/12" in page and "Till Hultsfred" in page
    assert "OSL 19 kap. 3 §" in page, "the award is not decided"
    sent = typed(page)
    answer = client.post("/records/new", data=sent)
    assert answer.status_code == 303
    again = client.post("/records/new", data=sent)
    assert again.location == answer.location
    row = session.scalars(sa.select(RecordsRequest)).one()
    assert (row.procurement_id, row.case_id) == (procurement.id, case.id)
    for place in (f"/procurements/{procurement.id}", f"/cases/{case.id}", "/records"):
        assert answer.location in text(client, place)
    shown = text(client, answer.location)
    assert "tilldelningsbeslutet" in shown and "TF 2 kap. 15, 16 och 18 §§" in shown
    assert "tilldelningsbeslutet" in text(client, f"{answer.location}/letter")


@pytest.mark.one_database
def test_the_letter_is_signed_with_our_own_name(
    as_user: AsUser, case: Case, session: Session
) -> None:
    vendor.save(None, VendorFacts("Läsverktyg AB", "5560360793", phone="0495-10 00"))
    session.commit()
    page = text(as_user(Role.REP), f"/records/new?case={case.id}")
    assert "Läsverktyg AB, 556036-0793\n0495-10 00" in page


def test_once_the_award_is_decided_nothing_is_said_of_secrecy(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    procurements.reach(
        plan,
        plans.milestone_of(plan, StageKey.AWARD),
        clock.today(),
        by=None,
        today=clock.today(),
        now=clock.now(),
    )
    session.commit()
    page = text(as_user(Role.REP), f"/records/new?procurement={procurement.id}")
    assert "OSL 19 kap. 3 §" not in page and "beslut om tilldelning fattades den" in page


@pytest.mark.one_database
def test_a_day_that_was_filled_in_is_stated_nowhere(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    procurements.reach(
        plan,
        plans.milestone_of(plan, StageKey.SIGNING),
        clock.today(),
        by=None,
        today=clock.today(),
        now=clock.now(),
    )
    session.commit()
    client = as_user(Role.REP)
    letter = text(client, f"/records/new?procurement={procurement.id}")
    assert "OSL 19 kap. 3 §" not in letter and "beslut om tilldelning fattades den" not in letter
    page = text(client, f"/procurements/{procurement.id}")
    assert "Tilldelningsbeslutet skickades" not in page
    assert "dagen är en uppskattning" in page and "milestones/standstill/reach" in page
    assert "Avtal får tecknas från och med" not in page


def test_a_refusal_shows_its_last_day_and_how_it_was_counted(
    as_user: AsUser, case: Case, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/records/new?case={case.id}&kind=contract")
    here = client.post("/records/new", data=typed(page)).location
    version = re.search(r'name="version"[^>]*value="(\d+)"', text(client, f"{here}/answer"))
    assert version is not None
    sent = {
        "version": version[1],
        "outcome": "partly",
        "answered_on": "idag",
        "refused_on": "idag",
        "fee": "125,50",
        "facts": "Avtalet löper till 2028-06-30",
        "files": "G:/Avtal",
    }
    bad = client.post(f"{here}/answer", data=sent | {"outcome": "given"})
    kept = bad.get_data(as_text=True)
    assert bad.status_code == 422 and "Avtalet löper till 2028-06-30" in kept
    assert client.post(f"{here}/answer", data=sent).status_code == 303
    shown = text(client, here)
    assert "Sista dag att överklaga" in shown and "44 § förvaltningslagen" in shown
    assert "Avtalet löper till 2028-06-30" in shown and "G:/Avtal" in shown
    assert client.post(f"{here}/answer", data=sent).status_code == 409
    session.expire_all()
    row = session.scalars(sa.select(RecordsRequest)).one()
    assert (row.outcome, row.fee_ore) == (RequestOutcome.PARTLY, 12_550)


@pytest.mark.one_database
def test_an_answer_does_not_write_over_what_a_colleague_put_in_the_register(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    request = make_request(unit, make_user(), today=clock.today(), now=clock.now())
    session.commit()
    client, here = as_user(Role.REP), f"/records/{request.id}"
    sent = {"outcome": "given", "answered_on": "idag", "supplier": "A AB", "price": "100"}
    assert client.post(f"{here}/answer", data=sent | version_of(client, here)).status_code == 303
    opened = version_of(client, here)
    row = session.scalars(sa.select(Contract)).one()
    row.value_ore = 77_700
    session.commit()
    refused = client.post(f"{here}/answer", data=sent | opened | {"facts": "Läst i dag"})
    assert refused.status_code == 409 and "Läst i dag" in refused.get_data(as_text=True)
    session.expire_all()
    assert session.scalars(sa.select(Contract.value_ore)).one() == 77_700


def options_of(contract: Contract) -> list[ContractOption]:
    return list(contracts.get(contract.id).options)


def version_of(client: Any, here: str) -> dict[str, str]:
    found = re.search(r'name="version"[^>]*value="(\d+)"', text(client, f"{here}/answer"))
    assert found is not None
    return {"version": found[1]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"organisation": "", "organisation_text": ""}, "Välj var"),
        ({"asked": ""}, "Det här behövs"),
        ({"asked_on": "2099-01-01"}, "tidigare dag"),
        ({"follow_up_on": "2001-01-01"}, "före begäran"),
        ({"follow_up_on": "snart"}, "v. "),
        ({"channel": "duva"}, ""),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    as_user: AsUser, case: Case, session: Session, changes: dict[str, str], says: str
) -> None:
    session.commit()
    client = as_user(Role.REP)
    sent = typed(text(client, f"/records/new?case={case.id}")) | changes
    answer = client.post("/records/new", data=sent)
    assert answer.status_code == 422 and says in answer.get_data(as_text=True)
    assert session.scalars(sa.select(RecordsRequest)).all() == []


def test_a_viewer_reads_and_asks_for_nothing(as_user: AsUser, case: Case, session: Session) -> None:
    session.commit()
    client = as_user(Role.VIEWER)
    assert "/records/new" not in text(client, "/records")
    assert client.get(f"/records/new?case={case.id}").status_code == 403


def test_a_case_that_was_lost_proposes_it(as_user: AsUser, case: Case, session: Session) -> None:
    session.commit()
    client = as_user(Role.REP)
    ask = f"/records/new?case={case.id}"
    assert ask not in text(client, f"/cases/{case.id}")
    page = text(client, f"/cases/{case.id}/close")
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    sent = {"version": version[1], "ending": "lost:price"}
    assert client.post(f"/cases/{case.id}/close", data=sent).status_code == 303
    assert ask in text(client, f"/cases/{case.id}")


@pytest.mark.one_database
def test_what_the_answer_tells_goes_to_the_register_in_one_go(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    today, award = clock.today(), plans.milestone_of(plan, StageKey.AWARD)
    procurements.reach(plan, award, today, by=None, today=today, now=clock.now())
    session.commit()
    client = as_user(Role.REP)
    page = text(client, f"/records/new?procurement={procurement.id}")
    here = client.post("/records/new", data=typed(page)).location

    def answered(**told: str) -> Any:
        page = text(client, f"{here}/answer")
        version = re.search(r'name="version"[^>]*value="(\d+)"', page)
        assert version is not None
        sent = {"version": version[1], "outcome": "given", "answered_on": "idag"}
        return client.post(f"{here}/answer", data=sent | told)

    nobody = answered(price="412 000", ends_on="2029-06-30")
    assert nobody.status_code == 422 and "412 000" in nobody.get_data(as_text=True)
    unanswered = answered(supplier="Bokstaven AB", outcome="", answered_on="")
    assert unanswered.status_code == 422
    before = answered(supplier="Bokstaven AB", ends_on="2020-01-31")
    assert before.status_code == 422 and "innan det tilldelades" in before.text
    told = {"supplier": "Bokstaven AB", "price": "412 000", "ends_on": "2029-06-30"}
    told |= {"options": "12 + 6", "notice_months": "3"}
    unclear = answered(**told | {"options": "två år"})
    assert unclear.status_code == 422 and 'value="två år"' in unclear.text
    assert answered(**told).status_code == 303
    session.expire_all()
    row = session.scalars(sa.select(Contract)).one()
    assert (row.supplier, row.value_ore, row.ends_on) == (
        "Bokstaven AB",
        412_000_00,
        date(2029, 6, 30),
    )
    assert row.kind is ContractKind.OTHER and "allmän handling" in row.source
    assert ([one.months for one in options_of(row)], row.notice_months) == ([12, 6], 3)
    assert row.runs_until == date(2029, 6, 30)
    shown = text(client, f"{here}/answer")
    assert 'value="12 + 6"' in shown and 'value="3"' in shown
    assert f"/contracts/{row.id}" in text(client, here)
    assert 'value="Bokstaven AB"' in text(client, f"{here}/answer")
    assert answered(**told | {"price": "415 000"}).status_code == 303
    session.expire_all()
    assert session.scalars(sa.select(Contract)).one().value_ore == 415_000_00
    assert answered(**told | {"options": "12+12"}).status_code == 303
    session.expire_all()
    assert [one.months for one in options_of(row)] == [12, 12]
    number = int(row.id)
    removed = text(client, f"/contracts/{number}/remove")
    version = re.search(r'name="version"[^>]*value="(\d+)"', removed)
    assert version is not None
    sent = {"version": version[1]}
    assert client.post(f"/contracts/{number}/remove", data=sent).status_code == 303
    session.expire_all()
    assert session.scalars(sa.select(RecordsRequest)).one().contract_id is None


@pytest.mark.one_database
def test_the_day_the_award_is_noted_its_documents_are_proposed(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    client = as_user(Role.REP)
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    sent_out = plans.milestone_of(plan, StageKey.STANDSTILL)
    procurements.reach(plan, sent_out, clock.today(), by=None, today=clock.today(), now=clock.now())
    session.commit()
    address = f"/procurements/{procurement.id}"
    assert "Be om det i dag" in text(client, address)
    page = text(client, f"/records/new?procurement={procurement.id}")
    assert client.post("/records/new", data=typed(page)).status_code == 303
    assert "Be om det i dag" not in text(client, address)
