"""A procurement's deadlines in the calendar feed, to the minute (D10)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.cases import operations as cases
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.procurements.models import Procurement
from crm.reminders import links
from crm.rules.calendar import STOCKHOLM
from crm.rules.stages import Outcome
from crm.tenders import operations
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_unit
from tests.factories.cases import make_case
from tests.factories.procurements import make_procurement
from tests.factories.tenders import make_tender

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sara(app: Any) -> User:
    return make_user(name="Sara")


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_body("Hultsfreds kommun"), "Västra skolan")


@pytest.fixture
def procurement(unit: Organisation, sara: User) -> Procurement:
    # The clock goes forward on 28 March: the two lie on either side of it.
    return make_procurement(
        unit,
        "Läsverktyg",
        case=make_case(unit, owner=sara),
        reference="KS 2027/12",
        questions_due_at=datetime(2027, 3, 16, 12, 0, tzinfo=STOCKHOLM),
        requests_due_at=datetime(2027, 3, 22, 12, 0, tzinfo=STOCKHOLM),
        tenders_due_at=datetime(2027, 4, 5, 23, 59, tzinfo=STOCKHOLM),
    )


def told(client: Any, user: User, names: str = "") -> dict[str, Any]:
    token = links.feed_token("not a secret in a test", user.id, user.feed_nonce)
    raw = client.get(f"/feed/{token}.ics{names}").get_data()
    found = {str(one["uid"]): one for one in Calendar.from_ical(raw).walk("VEVENT")}
    return {uid: one for uid, one in found.items() if not uid.startswith("reminder-")}


def test_the_instants_are_told_to_the_minute(
    client: Any, sara: User, procurement: Procurement, session: Session
) -> None:
    session.commit()
    found = told(client, sara)
    questions = found[f"questions-{procurement.id}@forankra"]
    tenders = found[f"tenders-{procurement.id}@forankra"]
    assert questions["dtstart"].dt == datetime(2027, 3, 16, 11, 0, tzinfo=UTC)
    assert tenders["dtstart"].dt == datetime(2027, 4, 5, 21, 59, tzinfo=UTC)
    applications = found[f"applications-{procurement.id}@forankra"]
    assert applications["dtstart"].dt == datetime(2027, 3, 22, 11, 0, tzinfo=UTC)
    assert str(applications["summary"]) == "Ansökan senast: Läsverktyg – Västra skolan"
    assert str(tenders["summary"]) == "Anbud senast: Läsverktyg – Västra skolan"
    assert str(tenders["description"]) == "KS 2027/12"
    quiet = told(client, sara, "?names=0")[f"tenders-{procurement.id}@forankra"]
    assert str(quiet["summary"]) == "Förankra: anbud senast" and "description" not in quiet


def test_a_moved_deadline_is_the_same_event_in_a_later_edition(
    client: Any, sara: User, procurement: Procurement, session: Session
) -> None:
    session.commit()
    uid = f"tenders-{procurement.id}@forankra"
    first = told(client, sara)[uid]
    procurement.tenders_due_at = datetime(2027, 4, 20, 12, 0, tzinfo=STOCKHOLM)
    session.commit()
    second = told(client, sara)[uid]
    assert second["sequence"] > first["sequence"]
    assert second["dtstart"].dt == datetime(2027, 4, 20, 10, 0, tzinfo=UTC)


def test_only_whom_it_concerns_is_told(
    client: Any, sara: User, procurement: Procurement, session: Session
) -> None:
    bo, other = make_user(name="Bo"), make_user(name="Nils")
    tender = make_tender(procurement, by=bo)
    session.commit()
    assert told(client, bo) and not told(client, sara) and not told(client, other)
    operations.give_to(tender, None)
    session.commit()
    assert told(client, sara) and not told(client, bo)


@pytest.mark.parametrize("how", ["gone in", "called off", "closed"])
def test_what_is_over_leaves_the_calendar(
    client: Any, sara: User, procurement: Procurement, session: Session, how: str
) -> None:
    if how == "gone in":
        tender = make_tender(procurement, by=sara)
        operations.submit(tender, NOW, receipt="", reason="Intyget kommer", by=sara, now=NOW)
    elif how == "called off":
        procurements.cancel(procurement, TODAY, by=sara, now=NOW)
    else:
        (case,) = procurements.queries.cases_of(procurement.id)
        cases.close(case, Outcome.LOST, reason="price", by=sara, today=TODAY, now=NOW)
    session.commit()
    assert not told(client, sara)


def test_far_off_days_are_left_out(
    client: Any, sara: User, procurement: Procurement, session: Session
) -> None:
    procurement.questions_due_at = procurement.requests_due_at = None
    procurement.tenders_due_at = NOW + timedelta(days=500)
    session.commit()
    assert not told(client, sara)
    assert procurement.tenders_due_at.date() == date(2028, 7, 13)
