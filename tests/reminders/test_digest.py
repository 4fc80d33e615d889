"""The morning's mail: one a day, nothing on empty days, and a page where it is dealt with (E11)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from crm.core.config import Mail
from crm.outbox import jobs as outbox
from crm.outbox.models import Letter
from crm.overview import queries as overview
from crm.reminders import jobs, links, queries
from crm.reminders.models import DoneOutcome, Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.letters import LetterPace
from crm.rules.reminders import ReminderKind
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import TODAY, make_reminder

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # seven o'clock on a Monday


@pytest.fixture
def post(app: Flask, smtp: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The mail server, and the app knows of it."""
    server = Mail(smtp.host, smtp.port, sender="Förankra <crm@example.se>")
    monkeypatch.setitem(
        app.extensions, "settings", replace(app.extensions["settings"], mail=server)
    )
    return smtp


@pytest.fixture(autouse=True)
def monday_morning() -> Any:
    with time_machine.travel(MORNING, tick=False):
        yield


def deliver(session: Session) -> int:
    session.commit()
    jobs.send_digests(MORNING)
    return outbox.deliver(MORNING)


def body_of(message: Any, kind: str) -> str:
    return str(message.get_body((kind,)).get_content())


def test_one_mail_with_everything_that_is_due(post: Any, session: Session) -> None:
    user = make_user(name="Åsa Öhman", email="asa@example.se")
    place = make_unit(make_body("Hultsfreds kommun"))
    make_reminder(place, user, text="Fråga om läsåret på Östra skolan", case=make_case(place))
    make_reminder(place, user, TODAY - timedelta(days=4), text="Läs protokollet")
    make_reminder(place, user, TODAY + timedelta(days=1), text="Inte än")
    make_reminder(place, make_user(email="bo@example.se"), text="Bos")
    assert deliver(session) == 2
    (message,) = (one for one in post.messages if one["To"] == "asa@example.se")
    assert message["Subject"] == "Förankra: 2 påminnelser"
    assert message["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        text = body_of(message, kind)
        assert "Fråga om läsåret på Östra skolan" in text and "måndag 23 november 2026" in text
        assert "Läs protokollet" in text and "Venhagskolan" in text
        assert "Inte än" not in text and "Bos" not in text
        assert "{{" not in text and "%(" not in text
    assert body_of(message, "html").startswith("<!doctype html>")
    assert deliver(session) == 0, "one a day"


def test_in_english_for_who_reads_english(post: Any, session: Session) -> None:
    make_reminder(make_body(), make_user(language="en"))
    deliver(session)
    (message,) = post.messages
    assert message["Subject"] == "Förankra: 1 reminder"
    assert "Monday 23 November 2026" in body_of(message, "plain")


def test_nothing_on_an_empty_day_or_a_day_off(post: Any, session: Session) -> None:
    user = make_user()
    session.commit()
    assert jobs.send_digests(MORNING) == 0
    make_reminder(make_body(), user, date(2026, 11, 20))
    session.commit()
    for off in ("2026-11-22", "2026-12-25", "2027-01-06", "2027-05-07"):  # the last: a squeeze day
        assert jobs.send_digests(datetime.fromisoformat(f"{off}T10:00+00:00")) == 0


def test_no_mail_for_who_wants_none_or_has_left(post: Any, session: Session) -> None:
    body = make_body()
    for values in ({"digest": LetterPace.NONE}, {"active": False}, {"digest_hour": 23}):
        make_reminder(body, make_user(**values))
    session.commit()
    assert jobs.send_digests(MORNING) == 0


def test_what_is_nobodys_reaches_the_founders_and_everybodys_inbox(
    post: Any, session: Session, as_user: Any
) -> None:
    founder, rep = make_user(Role.FOUNDER, email="grund@example.se"), make_user(Role.REP)
    body = make_body()
    make_reminder(body, None, text="Ingens sak")
    make_reminder(body, rep, text="Säljarens sak")
    assert deliver(session) == 2
    said = {one["To"]: (one["Subject"], body_of(one, "plain")) for one in post.messages}
    subject, text = said["grund@example.se"]
    assert subject == "Förankra: 1 påminnelse" and "Ingens sak" in text
    subject, text = said[rep.email]
    assert subject == "Förankra: 1 påminnelse" and "Ingens sak" not in text
    for who in (founder, rep):
        count = queries.count_due(who.id, today=TODAY)
        told = queries.due_for(who.id, today=TODAY, language="sv")
        assert len(told) == count == queries.inbox(who.id, today=TODAY, language="sv").total
        assert count == overview.figures(who.id, TODAY, MORNING).due
        assert "Ingens sak" in as_user(who).get("/").text


def test_what_comes_up_later_waits_for_tomorrow(post: Any, session: Session) -> None:
    """The hour of the mail decides, not the first moment something is due."""
    user = make_user()
    make_reminder(make_body(), user, changed_at=MORNING + timedelta(hours=1))
    session.commit()
    assert jobs.send_digests(MORNING + timedelta(hours=2)) == 0
    assert jobs.send_digests(MORNING + timedelta(days=1)) == 1


def test_sent_late_after_downtime(post: Any, session: Session) -> None:
    make_reminder(make_body(), make_user())
    session.commit()
    assert jobs.send_digests(MORNING + timedelta(hours=8)) == 1


def test_with_nothing_to_do_it_asks_little(
    session: Session, app: Flask, count_queries: Any
) -> None:
    body = make_body()
    for _ in range(30):
        make_user()
    user = make_user()
    make_reminder(body, user)
    session.commit()
    assert jobs.send_digests(MORNING) == 1
    with count_queries() as counted:
        assert jobs.send_digests(MORNING) == 0
    assert counted.number <= 3


def test_a_long_list_is_counted_not_sent(post: Any, session: Session) -> None:
    user, body = make_user(), make_body()
    for number in range(20):
        make_reminder(body, user, text=f"Sak {number}")
    deliver(session)
    (message,) = post.messages
    assert message["Subject"] == "Förankra: 20 påminnelser"
    text = body_of(message, "plain")
    assert text.count("Sak ") == 15 and "5 till" in text


def link_in(message: Any) -> str:
    found = re.search(r"http://localhost(/digest/\S+)", body_of(message, "plain"))
    assert found
    return found[1]


@pytest.fixture
def sent(post: Any, session: Session) -> tuple[str, list[Reminder]]:
    """The address in a mail about three reminders, and they."""
    user, body = make_user(), make_body("Hultsfreds kommun")
    make_practice(body)
    school = make_unit(body)
    case = make_case(school, owner=user)
    rows = [
        make_reminder(school, user, text="Ett", case=case, kind=ReminderKind.CONTACT)
        if number == 0
        else make_reminder(body, user, text=f"Nummer {number}")
        for number in range(3)
    ]
    deliver(session)
    (message,) = post.messages
    return urlsplit(link_in(message)).path, rows


def test_looking_at_the_page_changes_nothing(client: Any, sent: Any, session: Session) -> None:
    path, rows = sent
    for method in (client.get, client.head, client.get):
        answer = method(path, query_string={"r": rows[1].id})
        assert answer.status_code == 200
    assert {row.state for row in rows} == {ReminderState.PLANNED}
    assert all(row.version == 1 for row in rows)
    page = client.get(path, query_string={"r": rows[1].id}).get_data(as_text=True)
    assert page.index("Nummer 1") < page.index("Ett"), "the one clicked on comes first"


def test_the_buttons_do_it(client: Any, sent: Any) -> None:
    path, rows = sent
    contact, second, third = rows
    for row, values in (
        (contact, {"action": "asked"}),
        (second, {"action": "done"}),
        (third, {"action": "snooze", "until": "event:council_decided"}),
    ):
        answer = client.post(path, data={"reminder": row.id, **values})
        assert answer.status_code == 303
    assert (contact.state, contact.outcome) == (ReminderState.DONE, DoneOutcome.ASKED)
    assert contact.done_by_id == contact.user_id
    assert second.state is ReminderState.DONE
    assert third.state is ReminderState.PLANNED and third.show_on > TODAY
    again = client.post(path, data={"reminder": second.id, "action": "done"})
    assert again.status_code == 303
    assert "redan" in client.get(path).get_data(as_text=True)
    client.post(path, data={"reminder": second.id, "action": "back"})
    assert second.state is ReminderState.DUE


@pytest.mark.parametrize(
    "values,status",
    [
        ({}, 404),
        ({"reminder": "x"}, 404),
        ({"reminder": "999999"}, 404),
        ({"reminder": "\x00"}, 404),
        ({"action": ""}, 303),
        ({"action": "explode"}, 303),
        ({"action": "snooze"}, 303),
        ({"action": "snooze", "until": "igår"}, 303),
        ({"action": "snooze", "until": "event:nothing"}, 303),
        ({"action": "snooze", "until": "x" * 5000}, 303),
    ],
)
def test_odd_orders_change_nothing(
    client: Any, sent: Any, values: dict[str, str], status: int
) -> None:
    path, rows = sent
    given = values if status == 404 else {"reminder": rows[0].id, **values}
    answer = client.post(path, data=given)
    assert answer.status_code == status
    assert {row.state for row in rows} == {ReminderState.PLANNED}
    if status == 303:
        assert 'class="flash flash-warning"' in client.get(path).get_data(as_text=True)


def test_a_link_that_is_old_broken_or_another_s(
    client: Any, app: Flask, sent: Any, session: Session
) -> None:
    path, rows = sent
    assert client.get(path + "x").status_code == 410
    assert client.get("/digest/nonsense").status_code == 410
    with time_machine.travel(MORNING + timedelta(seconds=links.LINKS_LIVE + 5), tick=False):
        assert client.get(path).status_code == 410
    rows[1].user_id = make_user().id
    page = client.get(path).get_data(as_text=True)
    assert "Nummer 1" not in page and "Nummer 2" in page
    assert client.post(path, data={"reminder": rows[1].id, "action": "done"}).status_code == 404


def test_one_who_may_no_longer_act_cannot(client: Any, sent: Any, session: Session) -> None:
    path, rows = sent
    from crm.accounts.models import User

    owner = session.get_one(User, rows[0].user_id)
    owner.role = Role.VIEWER
    assert client.get(path).status_code == 410
    owner.role, owner.active = Role.REP, False
    assert client.get(path).status_code == 410


def test_the_logs_name_nobody(
    post: Any, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """L8: neither names nor addresses, whether it goes well or not."""
    caplog.set_level("DEBUG")
    post.refused_addresses.add("gun@example.se")
    body = make_body("Hultsfreds kommun")
    for name, email in (("Åsa Öhman", "asa@example.se"), ("Gun Hellsvik", "gun@example.se")):
        make_reminder(body, make_user(name=name, email=email), text="Ring Karin Boye")
    caplog.clear()
    deliver(session)
    post.answer = "451 Åsa asa@example.se later"
    make_reminder(body, make_user(name="Ulla Sallert", email="ulla@example.se"))
    deliver(session)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("crm")
    )
    assert "refused" in ours
    for word in ("Öhman", "Hellsvik", "Sallert", "Boye", "Hultsfred", "@example.se"):
        assert word not in ours
    assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == 3


def test_an_error_of_the_database_names_nobody(session: Session) -> None:
    """Its text goes into the log: the statement, and not what it was given."""
    make_user(email="asa@example.se")
    with pytest.raises(sa.exc.IntegrityError) as caught, session.begin_nested():
        make_user(email="asa@example.se")
    assert "[SQL parameters hidden" in str(caught.value)
