"""Calendar feeds of the team and of one account: secret, revocable, stable (E14+)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from icalendar import Calendar
from sqlalchemy.orm import Session

from crm.accounts import absences, operations
from crm.accounts.models import User
from crm.core import clock
from crm.organisations.models import Organisation
from crm.reminders.models import ReminderState, SharedFeed
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.reminders import TODAY, make_reminder


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        yield


@pytest.fixture
def anna(app: Any) -> User:
    return make_user(name="Anna Alm")


def shared_address(client: Any, place: Organisation | None = None) -> str:
    """Make a feed on the page, and read its address there."""
    where = f"accounts/{place.id}" if place else "team"
    assert client.post(f"/reminders/calendar/{where}").status_code == 303
    found = re.findall(
        r'value="http://localhost(/feed/s[^"?]+)"', client.get("/reminders/calendar").text
    )
    return str(found[-1])


def events(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200
    found = list(Calendar.from_ical(answer.get_data()).walk("VEVENT"))
    by_uid = {str(one["UID"]): one for one in found}
    assert len(by_uid) == len(found), "a UID stands twice"
    return by_uid


def test_the_teams_has_everybodys_each_with_a_name(
    anna: User, as_user: Any, client: Any, session: Session
) -> None:
    bo, body = make_user(name="Bo Berg"), make_body("Hultsfreds kommun")
    hers = make_reminder(body, anna, text="Ring rektorn")
    his = make_reminder(body, bo, text="Läs protokollet")
    nobodys = make_reminder(body, None, text="Ingens sak")
    make_reminder(body, bo, text="Klar", state=ReminderState.DONE)
    absences.add(anna, first=TODAY, last=TODAY, deputy_id=bo.id, today=TODAY, now=clock.now())
    there = shared_address(as_user(bo))
    found = events(client.get(there))
    assert set(found) == {f"reminder-{one.id}@forankra" for one in (hers, his, nobodys)}
    said = {str(one["SUMMARY"]) for one in found.values()}
    assert said == {
        "Ring rektorn – Hultsfreds kommun (för Anna Alm, borta till 23 nov. 2026)",
        "Läs protokollet – Hultsfreds kommun (Bo Berg)",
        "Ingens sak – Hultsfreds kommun",
    }
    assert str(Calendar.from_ical(client.get(there).get_data())["X-WR-CALNAME"]) == (
        "Förankra: allas påminnelser"
    )


def test_an_accounts_has_its_reminders_and_the_buyers_dates(
    anna: User, as_user: Any, client: Any, session: Session
) -> None:
    body, other = make_body("Hultsfreds kommun"), make_body("Orsa kommun")
    school = make_unit(body)
    for one in (body, other):
        make_practice(one)
    at_school = make_reminder(school, anna, text="Ring rektorn")
    make_reminder(other, anna, text="Annat")
    session.commit()
    found = events(client.get(shared_address(as_user(anna), body)))
    reminders = [uid for uid in found if uid.startswith("reminder-")]
    assert reminders == [f"reminder-{at_school.id}@forankra"]
    phases = {uid: one for uid, one in found.items() if uid.startswith("phase-")}
    assert len(phases) > 5
    assert all(uid.startswith(f"phase-{body.id}-") for uid in phases)
    for event in phases.values():
        assert event["DTEND"].dt > event["DTSTART"].dt  # dates, the last exclusive
        assert not hasattr(event["DTSTART"].dt, "hour")
        assert str(event["SUMMARY"]).endswith("– Hultsfreds kommun")
        assert event["DTEND"].dt > TODAY - timedelta(days=30)


def test_the_units_own_dates_are_in_it(
    anna: User, as_user: Any, client: Any, session: Session
) -> None:
    body = make_body()
    school = make_unit(body)
    for one in (body, school):
        make_practice(one)
    session.commit()
    found = events(client.get(shared_address(as_user(anna), body)))
    places = {uid.split("-")[1] for uid in found if uid.startswith("phase-")}
    assert places == {str(body.id), str(school.id)}


def test_two_polls_are_the_same_bytes_also_next_week(
    anna: User, as_user: Any, client: Any, session: Session
) -> None:
    body = make_body()
    make_practice(body)
    make_reminder(body, anna, TODAY + timedelta(days=20))
    session.commit()
    there = shared_address(as_user(anna), body)
    first = client.get(there)
    assert client.get(there).get_data() == first.get_data()
    cached = client.get(there, headers={"If-None-Match": first.headers["ETag"]})
    assert cached.status_code == 304
    before = events(first)
    with time_machine.travel("2026-11-30T09:00:00Z", tick=False):
        after = events(client.get(there))
    for uid in before.keys() & after.keys():
        assert before[uid].to_ical() == after[uid].to_ical(), uid


def test_without_names_it_has_none(anna: User, as_user: Any, client: Any, session: Session) -> None:
    body = make_body("Hultsfreds kommun")
    make_practice(body)
    make_reminder(body, anna, text="Ring Anna-Karin")
    session.commit()
    text = client.get(shared_address(as_user(anna), body) + "?names=0").text
    events_only = text.partition("BEGIN:VEVENT")[2]
    for name in ("Hultsfred", "Anna", "Ring"):
        assert name not in events_only, name


def test_renewed_taken_away_guessed_and_closed_answer_alike(
    anna: User, as_user: Any, client: Any, session: Session
) -> None:
    mine = as_user(anna)
    there = shared_address(mine)
    feed = session.scalars(sa.select(SharedFeed)).one()
    mine.post(f"/reminders/calendar/shared/{feed.id}/renew")
    fresh = shared_address(mine)
    assert fresh != there and client.get(fresh).status_code == 200
    session.expire_all()
    operations.change_user(
        anna,
        name=anna.name,
        email=anna.email,
        role=Role.REP,
        active=False,
        by=None,
        now=clock.now(),
    )
    session.commit()
    closed = client.get(fresh)
    anna.active = True
    session.commit()
    assert client.get(fresh).status_code == 200, "asked each time"
    guessed = fresh[:-8] + "0000.ics"
    gone = [there, guessed, "/feed/s999-abc.ics", "/feed/s-.ics", "/feed/s.ics", "/feed/sx-1.ics"]
    mine = as_user(anna)
    mine.post(f"/reminders/calendar/shared/{feed.id}/end")
    answers = [closed, client.get(fresh), *(client.get(one) for one in gone)]
    assert {one.status_code for one in answers} == {404}
    said = {re.sub(r"/feed/[^\"]*|<code>.*?</code>", "", one.text) for one in answers}
    assert len(said) == 1


def test_a_colleagues_address_is_neither_seen_nor_changed(
    anna: User, as_user: Any, session: Session
) -> None:
    shared_address(as_user(anna))
    feed = session.scalars(sa.select(SharedFeed)).one()
    other = as_user(Role.ADMIN)
    assert "/feed/s" not in other.get("/reminders/calendar").text
    for what in ("renew", "end"):
        assert other.post(f"/reminders/calendar/shared/{feed.id}/{what}").status_code == 404
    assert session.scalars(sa.select(SharedFeed.revoked_at)).all() == [None]


def test_made_twice_is_one(anna: User, as_user: Any, session: Session) -> None:
    body, client = make_body(), as_user(anna)
    session.commit()
    for place in (None, body, None, body):
        shared_address(client, place)
    assert len(session.scalars(sa.select(SharedFeed)).all()) == 2
    assert client.post("/reminders/calendar/accounts/99999").status_code == 404


def test_the_accounts_menu_leads_to_it(anna: User, as_user: Any, session: Session) -> None:
    body, client = make_body("Hultsfreds kommun"), as_user(anna)
    session.commit()
    there = f"/reminders/calendar?organisation={body.id}"
    assert there in client.get(f"/accounts/{body.id}").text
    assert "Skapa en adress för Hultsfreds kommun" in client.get(there).text
    shared_address(client, body)
    assert "Skapa en adress för" not in client.get(there).text
