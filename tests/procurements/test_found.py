"""Procurements and contracts are found by the search at the top, by their numbers too (D10)."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.contracts import operations as contract_operations
from crm.contracts import queries as contracts
from crm.core import clock
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.procurements import operations
from crm.procurements.models import Procurement
from crm.records import operations as records
from crm.rules.access import Role
from crm.rules.notices import Words
from crm.search import queries as search
from crm.search.models import SearchDoc
from tests.factories.contracts import make_contract
from tests.factories.notices import BUYER, make_record, store
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.records import make_request
from tests.support.sessions import user_with


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


def found(text: str) -> list[tuple[str, int]]:
    return [(hit.kind, hit.ref_id) for hit in search.find(text)]


def edited(procurement: Procurement, **changed: Any) -> None:
    """Saved as the form saves it."""
    names = (
        *("title", "reference", "notice_url", "cpv", "value_ore", "questions_due_at"),
        *("requests_due_at", "tenders_due_at", "tenders_valid_until", "law", "object_kind"),
        *("electronic", "urgent", "award_channel", "standstill_until", "note"),
        *("prior_notice_on", "documents_online", "tender_agreed_on", "no_agreement", "informed_on"),
    )
    facts = {name: getattr(procurement, name) for name in names}
    operations.edit(procurement, **facts | changed, by=None, now=clock.now())


def test_a_procurement_is_found_by_diarienummer_and_cpv(
    unit: Organisation, session: Session
) -> None:
    procurement = make_procurement(unit, "Läsverktyg", today=clock.today(), now=clock.now())
    me = ("procurement", procurement.id)
    assert me in found("läsverktyg hultsfred")
    edited(procurement, reference="KS 2027/1234", cpv="48190000")
    assert found("KS 2027/1234") == found("2027/1234") == found("48190000") == [me]
    edited(procurement, reference="KS 2027/99", title="Talsyntes")
    assert found("2027/99") == [me] and me in found("talsyntes")
    words = session.scalars(sa.select(SearchDoc.own_words).where(SearchDoc.kind == "procurement"))
    assert "1234" not in words.one()
    operations.remove(procurement, by=user_with(Role.REP), now=clock.now())
    assert found("2027/99") == []


def test_a_procurement_is_found_by_the_number_of_its_notice(
    unit: Organisation, session: Session
) -> None:
    body = make_municipality("Exempelkommun", org_number=BUYER)
    store(
        [make_record(title=Words((("sv", "Annonserad plattform"),)), publication_number="771-2027")]
    )
    procurement = session.scalars(
        sa.select(Procurement).where(Procurement.body_id == body.id)
    ).one()
    assert found("771-2027") == [("procurement", procurement.id)]
    assert ("procurement", procurement.id) in found("annonserad exempelkommun")


def test_a_contract_is_found_by_its_number_and_supplier(
    unit: Organisation, session: Session
) -> None:
    contract = make_contract(unit, "Plattformen", reference="UBN 2025:77")
    me = ("contract", contract.id)
    assert found("UBN 2025:77") == [me]
    assert me in found("plattformen bokstaven")
    session.commit()
    gone = contract_operations.remove(
        contracts.get(contract.id), by=user_with(Role.REP), now=clock.now()
    )
    assert found("UBN 2025:77") == []
    back = contract_operations.put_back(gone, by=user_with(Role.REP), now=clock.now())
    assert found("UBN 2025:77") == [("contract", back.id)]


def test_a_renamed_account_has_its_new_name_under_what_hangs_there(
    unit: Organisation, session: Session
) -> None:
    make_procurement(unit, "Läsverktyg", today=clock.today(), now=clock.now())
    make_contract(unit, "Läsplattformen")
    make_request(unit, user_with(Role.REP), today=clock.today(), now=clock.now())
    organisations.rename(unit, "Skolenheten", by=None, now=clock.now())
    hang = sa.select(SearchDoc.kind, SearchDoc.subtitle).where(SearchDoc.organisation_id == unit.id)
    kinds = ("procurement", "contract", "request")
    under = session.execute(hang.where(SearchDoc.kind.in_(kinds)))
    assert {row.kind: row.subtitle for row in under} == dict.fromkeys(kinds, "Skolenheten")


def test_a_records_request_is_found_by_title_and_number(
    unit: Organisation, session: Session
) -> None:
    request = make_request(unit, user_with(Role.REP), "Tilldelning av skolplattform")
    me = ("request", request.id)
    assert found("skolplattform hultsfred") == found("KS 2026/12") == [me]
    records.edit(
        request,
        title="Avtalet om talsyntes",
        reference="KS 2026/77",
        asked=request.asked,
        asked_on=request.asked_on,
        channel=request.channel,
        sent_to=request.sent_to,
        follow_up_on=None,
        today=clock.today(),
    )
    assert found("KS 2026/77") == [me] and found("skolplattform") == []


@pytest.mark.one_database
def test_the_answer_leads_there(as_user: Any, unit: Organisation, session: Session) -> None:
    client = as_user(Role.REP)
    procurement = make_procurement(unit, "Läsverktyg", today=clock.today(), now=clock.now())
    contract = make_contract(unit, "Läsplattformen")
    request = make_request(unit, user_with(Role.REP), "Läsprojektet", now=clock.now())
    session.commit()
    html = client.get("/search?q=läs").get_data(as_text=True)
    assert f'href="/procurements/{procurement.id}"' in html
    assert f'href="/contracts/{contract.id}"' in html
    assert f'href="/records/{request.id}"' in html
