"""The line, the log, the notes and the register, as pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.activities.models import Activity
from crm.cases.models import Case
from crm.core import clock
from crm.integrity.models import ConflictNote, Hospitality, SharedMaterial
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.procurements import operations as procurements
from crm.procurements import queries as plans
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.routes import StageKey
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement

AsUser = Callable[..., Any]
CHANNEL = "officiella frågekanalen"


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit, "Läsverktyg")


@pytest.fixture
def person(unit: Organisation) -> Person:
    return make_person(organisation=unit)


@pytest.fixture
def procurement(unit: Organisation) -> Procurement:
    return make_procurement(
        unit, today=clock.today(), now=clock.now(), notice_url="https://example.se/annons"
    )


def reach(procurement: Procurement, stage: StageKey) -> None:
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    procurements.reach(
        plan,
        plans.milestone_of(plan, stage),
        clock.today(),
        by=None,
        today=clock.today(),
        now=clock.now(),
    )


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def once(page: str) -> str:
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_line_stands_on_every_page_where_one_might_get_in_touch(
    as_user: AsUser,
    unit: Organisation,
    case: Case,
    person: Person,
    procurement: Procurement,
    session: Session,
) -> None:
    reach(procurement, StageKey.SPECIFICATION)
    session.commit()
    client = as_user(Role.REP)
    pages = [
        f"/accounts/{unit.id}",
        f"/accounts/{unit.body_id}",
        f"/cases/{case.id}",
        f"/people/{person.id}",
        f"/procurements/{procurement.id}",
        f"/accounts/{unit.id}/activities/new?person={person.id}",
        f"/reminders/new?organisation={unit.id}",
    ]
    for address in pages:
        assert "En upphandling förbereds" in text(client, address), address
    reach(procurement, StageKey.MARKET)
    session.commit()
    for address in pages:
        page = text(client, address)
        assert CHANNEL in page and "https://example.se/annons" in page, address
    reach(procurement, StageKey.ROLLOUT)
    session.commit()
    for address in pages:
        page = text(client, address)
        assert CHANNEL not in page and "En upphandling förbereds" not in page, address


def test_a_contact_is_written_down_all_the_same(
    as_user: AsUser,
    unit: Organisation,
    person: Person,
    procurement: Procurement,
    session: Session,
) -> None:
    reach(procurement, StageKey.MARKET)
    session.commit()
    client = as_user(Role.REP)
    address = f"/accounts/{unit.id}/activities/new?person={person.id}"
    sent = {
        "once": once(text(client, address)),
        "kind": "call",
        "text": "Hon ringde om annat",
        "person_id": person.id,
    }
    assert client.post(address, data=sent).status_code == 303
    assert session.scalars(sa.select(Activity).where(Activity.person_id == person.id)).one()


def test_what_was_shared_is_logged_put_right_and_printed(
    as_user: AsUser, unit: Organisation, case: Case, procurement: Procurement, session: Session
) -> None:
    procurements.take_part(procurement, case)
    session.commit()
    client = as_user(Role.REP)
    address = f"/accounts/{unit.id}/shared/new?case={case.id}"
    page = text(client, address)
    sent = {
        "once": once(page),
        "case": case.id,
        "procurement": procurement.id,
        "what": "Bilder från visningen",
        "occasion": "Marknadsdialog i Hultsfred",
        "shared_on": "idag",
        "kept_at": "G:/Visningar",
        "others": "yes",
    }
    bad = client.post(address, data=sent | {"occasion": "", "shared_on": "2099-01-01"})
    assert bad.status_code == 422 and "Bilder från visningen" in bad.get_data(as_text=True)
    first = client.post(address, data=sent)
    assert first.status_code == 303
    assert client.post(address, data=sent).location == first.location
    row = session.scalars(sa.select(SharedMaterial)).one()
    assert (row.case_id, row.procurement_id, row.with_others) == (case.id, procurement.id, True)
    listed = text(client, first.location)
    assert "Bilder från visningen" in listed and "LOU 4 kap. 8 §" in listed
    assert "Bilder från visningen" in text(client, f"/procurements/{procurement.id}")
    assert f"/accounts/{unit.body_id}/shared" in text(client, f"/accounts/{unit.id}")
    edit = f"/shared/{row.id}/edit"
    version = re.search(r'name="version"[^>]*value="(\d+)"', text(client, edit))
    assert version is not None
    changed = {**sent, "version": version[1], "others": "no"}
    assert client.post(edit, data=changed).status_code == 303
    assert client.post(edit, data=changed).status_code == 409
    session.expire_all()
    assert session.scalars(sa.select(SharedMaterial)).one().with_others is False


def test_a_conflict_of_interest_is_shown_with_who_and_when_until_it_is_settled(
    as_user: AsUser, case: Case, person: Person, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    for here, note in (
        (f"/people/{person.id}", "Syskon på företaget"),
        (f"/cases/{case.id}", "Äger aktier"),
    ):
        new = f"{here}/conflicts/new"
        assert (
            client.post(new, data={"once": once(text(client, new)), "note": " "}).status_code == 422
        )
        sent = {"once": once(text(client, new)), "note": note}
        assert client.post(new, data=sent).status_code == 303
        page = text(client, here)
        assert note in page and client.user.name in page
        row = session.scalars(sa.select(ConflictNote).where(ConflictNote.note == note)).one()
        assert client.post(f"/conflicts/{row.id}/settle").status_code == 303
        assert note not in text(client, here)


def test_hospitality_is_refused_with_the_sentence_and_what_was_typed(
    as_user: AsUser, person: Person, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/people/{person.id}/hospitality/new"
    sent = {
        "once": once(text(client, address)),
        "what": "Kaffe vid mötet",
        "value": "35",
        "offered_on": "idag",
        "policy_note": "Kommunens riktlinjer, 4 §",
    }
    assert client.post(address, data=sent | {"value": "-35"}).status_code == 422
    reach(procurement, StageKey.SPECIFICATION)
    session.commit()
    refused = client.post(address, data=sent)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "näringslivskoden" in page and 'value="Kaffe vid mötet"' in page
    assert session.scalars(sa.select(Hospitality)).all() == []
    reach(procurement, StageKey.ROLLOUT)
    session.commit()
    assert client.post(address, data=sent).status_code == 303
    assert "Kaffe vid mötet" in text(client, "/hospitality")
    assert "Representation: 1" in text(client, f"/people/{person.id}")


def test_a_viewer_reads_and_writes_nothing(
    as_user: AsUser, unit: Organisation, person: Person, session: Session
) -> None:
    session.commit()
    client = as_user(Role.VIEWER)
    for address in (f"/accounts/{unit.id}/shared", "/hospitality", f"/people/{person.id}"):
        assert "/new" not in re.sub(r"/reminders/new", "", text(client, address)), address
    assert client.get(f"/people/{person.id}/hospitality/new").status_code == 403


@pytest.mark.one_database
def test_the_buyer_s_year_sends_contact_to_the_question_channel_from_notice_to_signature(
    procurement: Procurement, unit: Organisation, as_user: AsUser, session: Session
) -> None:
    make_practice(session.get_one(Organisation, unit.body_id))
    session.commit()
    client, address = as_user(Role.ACCOUNT_MANAGER), f"/budget-year/{unit.body_id}"
    instead = "Kontakt går genom de officiella frågorna"
    assert instead not in text(client, address)
    reach(procurement, StageKey.MARKET)
    session.commit()
    assert instead in text(client, address) and CHANNEL in text(client, address)
    reach(procurement, StageKey.ROLLOUT)
    session.commit()
    assert instead not in text(client, address)
