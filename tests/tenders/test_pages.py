"""The pages of the tender desk: begun, done and checked by two, weighed, handed in, refused."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.core import clock
from crm.organisations.models import Organisation
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.calendar import STOCKHOLM
from crm.rules.tendering import Decision, ItemState
from crm.tenders import queries
from crm.tenders.models import Tender
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.tenders import make_tender

AsUser = Callable[..., Any]
MOST = 12  # statements a page


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def procurement(unit: Organisation) -> Procurement:
    now = clock.now()
    return make_procurement(
        unit,
        case=make_case(unit),
        today=clock.today(),
        now=now,
        reference="KS 2027/12",
        tenders_due_at=now + timedelta(days=40),
    )


@pytest.fixture
def tender(procurement: Procurement) -> Tender:
    return make_tender(procurement, now=clock.now())


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def sent(page: str, **changed: str) -> dict[str, str]:
    """A form with its version, as the page has it."""
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return {"version": found[1], **changed}


def test_a_procurement_leads_to_its_one_tender(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    client = as_user(Role.REP)
    session.commit()
    assert "KS 2027/12" in text(client, "/tenders")
    first = client.post(f"/tenders/begin/{procurement.id}")
    again = client.post(f"/tenders/begin/{procurement.id}")
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    page = text(client, first.location)
    assert "arbetsdagar kvar" in page and "Inte angivet" in page
    assert "Prisbilaga" in page and "saknas" in page


def test_one_click_does_and_another_person_checks(
    as_user: AsUser, tender: Tender, session: Session
) -> None:
    anna, bo = as_user(Role.REP), as_user(Role.ACCOUNT_MANAGER)
    item = queries.items_of(tender.id)[0]
    address = f"/tenders/{tender.id}/items/{item.id}"
    session.commit()
    assert anna.post(f"{address}/done").status_code == 303
    page = text(anna, f"/tenders/{tender.id}")
    assert "någon annan kontrollerar" in page and f"{address}/check" not in page
    assert anna.post(f"{address}/check").status_code in {303, 409, 400, 422}
    session.expire_all()
    assert queries.items_of(tender.id)[0].line.state is ItemState.DONE
    assert f"{address}/check" in text(bo, f"/tenders/{tender.id}")
    assert bo.post(f"{address}/check").status_code == 303
    session.expire_all()
    assert queries.items_of(tender.id)[0].line.state is ItemState.CHECKED


def test_what_is_missing_is_named_before_it_goes_in(
    as_user: AsUser, tender: Tender, session: Session
) -> None:
    client = as_user(Role.REP)
    session.commit()
    address = f"/tenders/{tender.id}/submit"
    page = text(client, address)
    assert "Obligatoriskt, men saknas" in page and "Prisbilaga" in page
    assert "Referenser" not in page  # asked for at times, not always
    now = f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"
    refused = client.post(address, data=sent(page, at=now, receipt="A-17"))
    assert refused.status_code == 422
    assert 'value="A-17"' in refused.get_data(as_text=True)
    session.expire_all()
    assert queries.get(tender.id).submitted_at is None
    assert client.post(address, data=sent(page, at=now, reason="Intyget kommer")).status_code == 303
    page = text(client, f"/tenders/{tender.id}")
    assert "/confirm" not in page  # that is for another
    other = as_user(Role.ACCOUNT_MANAGER)
    assert f"/tenders/{tender.id}/confirm" in text(other, f"/tenders/{tender.id}")
    assert other.post(f"/tenders/{tender.id}/confirm").status_code == 303
    assert "Bekräftat" in text(client, f"/tenders/{tender.id}")


@pytest.mark.parametrize("at", ["", "2099-01-01", "25:99", "31 februari 2027"])
def test_an_impossible_time_is_refused_in_words(
    as_user: AsUser, tender: Tender, session: Session, at: str
) -> None:
    client = as_user(Role.REP)
    session.commit()
    page = text(client, f"/tenders/{tender.id}/submit")
    refused = client.post(
        f"/tenders/{tender.id}/submit", data=sent(page, at=at, reason="Intyget kommer")
    )
    assert refused.status_code == 422
    session.expire_all()
    assert queries.get(tender.id).submitted_at is None


def test_the_sheet_keeps_points_and_the_decision(
    as_user: AsUser, tender: Tender, session: Session
) -> None:
    client = as_user(Role.REP)
    session.commit()
    address = f"/tenders/{tender.id}/go"
    criteria = queries.criteria_of(tender.sheet_id)
    points = {f"c{one.id}-points": "4" for one in criteria}
    form = sent(text(client, address), decision="no_go", **points)
    refused = client.post(address, data=form)
    assert refused.status_code == 422 and "Skriv varför" in refused.get_data(as_text=True)
    session.expire_all()
    assert not queries.scores_of(tender.id)
    assert client.post(address, data=form | {"reason": "Ingen tid"}).status_code == 303
    session.expire_all()
    assert queries.get(tender.id).decision is Decision.NO_GO
    assert "80 poäng av 100" in text(client, f"/tenders/{tender.id}")
    first = f"c{criteria[0].id}-points"
    assert client.post(address, data=form | {"reason": "x"}).status_code in {409, 422}  # stale
    fresh = sent(text(client, address), decision="go", **points)
    assert client.post(address, data=fresh | {first: "9"}).status_code == 422


def test_criteria_and_the_usual_list_are_the_installations_own(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    page = text(client, "/tenders/criteria")
    none = client.post("/tenders/criteria", data=sent(page, **{"criteria-0-text": "Lönsamt"}))
    assert none.status_code == 422
    row = {"criteria-0-text": "Lönsamt", "criteria-0-weight": "3"}
    assert client.post("/tenders/criteria", data=sent(page, **row)).status_code == 303
    assert 'value="Lönsamt"' in text(client, "/tenders/criteria")
    assert client.post("/tenders/criteria", data=sent(page, **row)).status_code in {409, 422}
    usual = {"required": "Anbudsbrev\n\nAnbudsbrev\nPris", "others": "x" * 201}
    assert client.post("/tenders/usual", data=usual).status_code == 422
    assert client.post("/tenders/usual", data=usual | {"others": "CV"}).status_code == 303
    assert [one.text for one in queries.usual_items()] == ["Anbudsbrev", "Pris", "CV"]


def test_a_deadline_before_summer_time_is_shown_on_the_clock_in_sweden(
    as_user: AsUser, tender: Tender, procurement: Procurement, session: Session
) -> None:
    procurement.tenders_due_at = datetime(2031, 3, 31, 12, 0, tzinfo=STOCKHOLM)
    client = as_user(Role.REP)
    session.commit()
    assert "31 mars 2031 12:00" in text(client, f"/tenders/{tender.id}").replace("kl. ", "")


@pytest.mark.parametrize("page", ["", "/{id}", "/{id}/go", "/{id}/submit", "/criteria", "/usual"])
def test_no_page_asks_much(
    as_user: AsUser,
    tender: Tender,
    unit: Organisation,
    session: Session,
    count_queries: Any,
    page: str,
) -> None:
    for _n in range(5):
        later = clock.now() + timedelta(days=50)
        make_tender(make_procurement(unit, tenders_due_at=later), now=clock.now())
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    with count_queries() as counted:
        text(client, "/tenders" + page.format(id=tender.id))
    assert counted.number <= MOST, counted.statements
