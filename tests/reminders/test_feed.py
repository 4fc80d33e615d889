"""The calendar feed as Google, Outlook and Apple want it (E14, inputs.md part 4)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.reminders import feed as feeds
from crm.reminders import links, operations
from crm.reminders.models import ReminderState
from crm.rules.reminders import ReminderKind
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import TODAY, make_reminder

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def address(user: User) -> str:
    token = links.feed_token("not a secret in a test", user.id, user.feed_nonce)
    return f"/feed/{token}.ics"


@pytest.fixture
def user(app: Any) -> User:
    return make_user()


def events(answer: Any) -> list[Any]:
    calendar = Calendar.from_ical(answer.get_data())
    return list(calendar.walk("VEVENT"))


def test_it_parses_and_says_what_calendars_need(client: Any, user: User) -> None:
    place = make_unit(make_body("Hultsfreds kommun"), "Västra ängsskolan på höjden")
    long_words = "Fråga rektorn om åtgärderna, läsåret; övningarna\\och allt det där " * 2
    row = make_reminder(place, user, text=long_words.strip()[:200], case=make_case(place))
    answer = client.get(address(user))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    raw = answer.get_data()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")  # no letter is cut in two
    text = raw.decode().replace("\r\n ", "")
    for words in (
        "VERSION:2.0",
        "PRODID:",
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-CALNAME:Förankra: påminnelser",
        "X-WR-TIMEZONE:Europe/Stockholm",
        "DTSTART;VALUE=DATE:20261123",
        "DTEND;VALUE=DATE:20261124",
        "DTSTAMP:20261102T090000Z",
        "LAST-MODIFIED:20261102T090000Z",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        f"UID:reminder-{row.id}@forankra",
        f"URL:http://localhost/reminders/{row.id}",
    ):
        assert words in text, words
    for never in ("ORGANIZER", "ATTENDEE", "VALARM", "TZID"):
        assert never not in text
    (event,) = events(answer)
    assert str(event["summary"]) == f"{row.params['text']} – Västra ängsskolan på höjden"
    assert event["dtstart"].dt == TODAY and event["dtend"].dt == TODAY + timedelta(days=1)


LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(.*)", re.DOTALL)
MEANS = {"n": "\n", "N": "\n", "\\": "\\", ",": ",", ";": ";"}


def by_the_letter(raw: bytes) -> list[dict[str, str]]:
    """A second reader, by RFC 5545 alone: unfold, part name from value, undo the escapes."""
    assert raw.endswith(b"\r\n") and raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    found: list[dict[str, str]] = []
    inside: list[str] = []
    for line in raw.decode().replace("\r\n ", "")[:-2].split("\r\n"):
        match = LINE.fullmatch(line)
        assert match, line
        name, parameters, value = match.groups()
        if name == "BEGIN":
            inside.append(value)
            found.append({})
        elif name == "END":
            assert inside.pop() == value
        else:
            assert name not in found[-1], f"{name} stands twice"
            found[-1][name + parameters] = re.sub(
                r"\\(.)", lambda escaped: MEANS[escaped[1]], value
            )
    assert not inside
    return found


@pytest.mark.parametrize(
    "words",
    [
        "Fråga rektorn; sedan ekonomen, om det går",
        "C:\\new\\table \\n",
        "å" * 200,
        "😀🇸🇪" * 40,
        "BEGIN:VEVENT END:VCALENDAR",
        'Han sa "ja": läsåret 27/28',
        "e\u0301 combining \u202eright to left",
    ],
)
def test_a_second_reader_reads_the_same(client: Any, user: User, words: str) -> None:
    place = make_body("Hultsfreds kommun")
    row, other = make_reminder(place, user, text=words), make_reminder(place, user)
    raw = client.get(address(user)).get_data()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    feed, *found = by_the_letter(raw)
    assert feed["VERSION"] == "2.0"
    assert {one["UID"] for one in found} == {feeds.uid(row), feeds.uid(other)}
    event = next(one for one in found if one["UID"] == feeds.uid(row))
    assert event["SUMMARY"] == f"{words} – Hultsfreds kommun"
    assert event["DTSTART;VALUE=DATE"] == "20261123"
    for stamp in ("DTSTAMP", "LAST-MODIFIED"):
        assert re.fullmatch(r"\d{8}T\d{6}Z", event[stamp])
    assert event["SEQUENCE"].isdecimal()


def test_two_polls_are_the_same_bytes_and_the_second_costs_nothing(client: Any, user: User) -> None:
    make_reminder(make_body(), user)
    first = client.get(address(user))
    with time_machine.travel(NOW + timedelta(hours=8), tick=False):
        second = client.get(address(user))
        assert second.get_data() == first.get_data()
        tag = first.headers["ETag"]
        third = client.get(address(user), headers={"If-None-Match": tag})
    assert (third.status_code, third.get_data()) == (304, b"")
    head = client.head(address(user))
    assert (head.status_code, head.headers["ETag"], head.get_data()) == (200, tag, b"")


def test_a_change_is_told_by_sequence_and_stamp(client: Any, user: User, session: Session) -> None:
    row = make_reminder(make_body(), user)
    (before,) = events(client.get(address(user)))
    operations.snooze(row, until=date(2026, 12, 7), by=None, today=TODAY, now=NOW)
    answer = client.get(address(user))
    (after,) = events(answer)
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after["dtstamp"].dt == NOW and after["dtstart"].dt == date(2026, 12, 7)
    operations.surface(today=date(2026, 12, 7), now=NOW + timedelta(days=14))
    assert client.get(address(user)).get_data() == answer.get_data(), "coming up changes no day"


def test_what_is_done_leaves_and_what_is_withdrawn_is_called_off_for_a_while(
    client: Any, user: User
) -> None:
    body = make_body()
    make_reminder(body, user, state=ReminderState.DONE)
    make_reminder(body, user, state=ReminderState.DISMISSED)
    make_reminder(body, make_user(), text="Någon annans")
    lately = NOW - timedelta(days=3)
    make_reminder(body, user, text="Nyss", state=ReminderState.WITHDRAWN, changed_at=lately)
    make_reminder(body, user, state=ReminderState.WITHDRAWN, changed_at=NOW - timedelta(weeks=5))
    (event,) = events(client.get(address(user)))
    assert "Nyss" in str(event["summary"]) and event["status"] == "CANCELLED"


def test_days_without_names(client: Any, user: User) -> None:
    body = make_body("Hultsfreds kommun")
    make_reminder(body, user, text="Ring Sara", kind=ReminderKind.CONTACT)
    answer = client.get(address(user) + "?names=0")
    text = answer.get_data(as_text=True)
    assert "Hultsfred" not in text and "Sara" not in text
    (event,) = events(answer)
    assert str(event["summary"]) == "Förankra: kontakt"


def test_unknown_revoked_and_left_are_one_and_the_same_answer(
    client: Any, user: User, as_user: Any
) -> None:
    old = address(user)
    assert client.get(old).status_code == 200
    theirs = as_user(user)
    assert old in theirs.get("/reminders/calendar").get_data(as_text=True)
    assert theirs.post("/reminders/calendar/renew").status_code == 303
    assert client.get(address(user)).status_code == 200
    left = make_user(active=False)
    answers = [
        client.get(path)
        for path in (
            old,
            address(left),
            "/feed/999999-0123456789abcdef.ics",
            "/feed/x.ics",
            "/feed/%00.ics",
            "/feed/٣-x.ics",
            "/feed/" + "9" * 400 + ".ics",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}

    def words(answer: Any) -> str:
        text = re.sub(r'(name="csrf_token" value|name="next" value)="[^"]*"', "", answer.text)
        return re.sub(r"\b[0-9a-f]{12}\b", "", text)

    assert len({words(answer) for answer in answers}) == 1


def test_a_date_is_the_same_date_all_year_round(client: Any, user: User) -> None:
    """L7: January, July and both changes of the clock."""
    body = make_body()
    days = [date(2027, 1, 11), date(2027, 7, 1), date(2026, 10, 26), date(2027, 3, 28)]
    for day in days:
        make_reminder(body, user, day)
    found = [event["dtstart"].dt for event in events(client.get(address(user)))]
    assert found == sorted(days)
