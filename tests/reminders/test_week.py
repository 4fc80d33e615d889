"""The weekly letter: what moved, what is decided, what wakes, what was done; none when empty (E11)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from crm.accounts import absences
from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.budgets import queries as budgets
from crm.cases import operations as cases
from crm.core.config import Mail
from crm.core.db import db
from crm.outbox import jobs as outbox
from crm.reminders import jobs
from crm.reminders.models import ReminderState
from crm.rules.access import Role
from crm.rules.budget_cycle import PhaseRole
from crm.rules.letters import LetterPace
from crm.rules.stages import AdoptionStage, WaitReason
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import TODAY, make_reminder

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # seven o'clock
LAST_WEEK = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def post(app: Flask, smtp: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    server = Mail(smtp.host, smtp.port, sender="Förankra <crm@example.se>")
    monkeypatch.setitem(
        app.extensions, "settings", replace(app.extensions["settings"], mail=server)
    )
    return smtp


def founder(**values: Any) -> User:
    facts = {"digest": LetterPace.WEEKLY, "email": "grund@example.se"} | values
    return make_user(Role.FOUNDER, **facts)


def deliver(post: Any, now: datetime = MONDAY) -> list[Any]:
    """The mails that leave at this moment, through the server."""
    db.session.commit()
    with time_machine.travel(now, tick=False):
        jobs.send_digests(now)
        outbox.deliver(now)
    sent = list(post.messages)
    post.messages.clear()
    db.session.expire_all()
    return sent


def text_of(message: Any, kind: str = "plain") -> str:
    return str(message.get_body((kind,)).get_content())


def a_full_week(by: User) -> Any:
    """Something for every part of the letter but the decisions. Returns the reminder."""
    body = make_body("Hultsfreds kommun")
    moved = make_case(make_unit(body), "Läsverktyg till Venhagskolan", now=LAST_WEEK)
    cases.move_adoption(moved, AdoptionStage.UNIT_PILOT, by=by, now=LAST_WEEK)
    wakes = make_case(make_body("Vimmerby kommun"), "Talsyntes")
    cases.put_to_wait(
        wakes,
        WaitReason.NO_BUDGET,
        until=TODAY + timedelta(days=10),
        by=by,
        today=date(2026, 11, 10),
        now=datetime(2026, 11, 10, 9, tzinfo=UTC),
    )
    make_activity(body, ActivityKind.CALL, by=by, now=LAST_WEEK)
    make_activity(body, ActivityKind.CALL, by=by, now=MONDAY)  # this week: in the next letter
    return make_reminder(body, by, text="Läs protokollet")


def test_one_letter_with_all_of_it_in_swedish(post: Any, session: Session) -> None:
    me = founder()
    a_full_week(me)
    (message,) = deliver(post)
    assert message["Subject"] == "Förankra: veckan 16 nov. – 22 nov."
    for kind in ("plain", "html"):
        text = text_of(message, kind)
        for words in (
            "Hultsfreds kommun",
            "Läsverktyg till Venhagskolan",
            "→ Pilot på en enhet",
            "Talsyntes",
            "3 dec. 2026",
            "1 samtal",
            "Läs protokollet",
            "/digest/",
        ):
            assert words in text, (kind, words)
        assert "{{" not in text and "%(" not in text
        assert "2 samtal" not in text
    assert deliver(post) == [], "one a week"
    assert deliver(post, MONDAY + timedelta(days=1)) == []


def test_in_english(post: Any, session: Session) -> None:
    a_full_week(founder(language="en"))
    (message,) = deliver(post)
    assert message["Subject"] == "Förankra: the week 16 Nov – 22 Nov"
    text = text_of(message)
    for words in ("What moved", "Waits that end within two weeks", "1 call", "What needs you"):
        assert words in text, words


def test_what_the_buyers_decide_within_two_weeks(post: Any, session: Session) -> None:
    body, other = make_body("Hultsfreds kommun"), make_body("Orsa kommun")
    for one in (body, other):
        make_practice(one)
    make_case(body)
    founder()
    (phase,) = [
        phase for phase in budgets.known_of(body).phases(2028) if phase.role is PhaseRole.DECISION
    ]
    week_before = phase.start - timedelta(days=7 + phase.start.weekday())
    (message,) = deliver(post, datetime.combine(week_before, time(7), tzinfo=UTC))
    text = text_of(message)
    assert f"Hultsfreds kommun, {phase.start.day} jun" in text and "budget 2028" in text
    assert "Orsa" not in text, "no case there"
    session.expire_all()
    over = phase.end + timedelta(days=8 - phase.end.isoweekday())
    assert deliver(post, datetime.combine(over, time(7), tzinfo=UTC)) == []


def test_bodies_stand_in_swedish_order(post: Any, session: Session) -> None:
    me = founder()
    for name in ("Örebro kommun", "Åre kommun", "Älmhults kommun", "Ystads kommun"):
        case = make_case(make_body(name), now=datetime(2026, 11, 2, tzinfo=UTC))
        cases.move_adoption(case, AdoptionStage.UNIT_PILOT, by=me, now=LAST_WEEK)
    (message,) = deliver(post)
    found = [line for line in text_of(message).splitlines() if line.endswith(" kommun")]
    assert [name[:3] for name in found] == ["Yst", "Åre", "Älm", "Öre"]


def test_nothing_on_an_empty_week_and_it_is_asked_once(
    post: Any, session: Session, app: Flask, count_queries: Any
) -> None:
    me = founder()
    assert deliver(post) == []
    assert me.week_told_on == TODAY
    session.commit()
    with time_machine.travel(MONDAY, tick=False), count_queries() as counted:
        assert jobs.send_digests(MONDAY) == 0
    assert counted.number == 1


def test_a_case_that_went_to_and_fro_has_not_moved(post: Any, session: Session) -> None:
    me = founder()
    case = make_case(make_body(), now=datetime(2026, 11, 2, tzinfo=UTC))
    before = case.adoption
    cases.move_adoption(case, AdoptionStage.UNIT_PILOT, by=me, now=LAST_WEEK)
    cases.move_adoption(case, before, by=me, now=LAST_WEEK + timedelta(hours=1))
    assert deliver(post) == []


def test_on_the_chosen_day_at_the_chosen_hour_or_the_next_open_day(
    post: Any, session: Session
) -> None:
    a_full_week(founder(digest_weekday=3, digest_hour=9, week_told_on=TODAY))
    thursday = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)  # half past eight
    assert len(deliver(post, thursday)) == 0
    assert len(deliver(post, thursday + timedelta(hours=1))) == 1


def test_a_holiday_puts_it_off_and_the_week_is_the_same(post: Any, session: Session) -> None:
    me = founder(digest_weekday=3, week_told_on=date(2026, 12, 17))
    make_activity(make_body(), ActivityKind.CALL, by=me, now=datetime(2026, 12, 22, 9, tzinfo=UTC))
    assert deliver(post, datetime(2026, 12, 24, 9, tzinfo=UTC)) == []
    (message,) = deliver(post, datetime(2026, 12, 28, 9, tzinfo=UTC))
    assert message["Subject"] == "Förankra: veckan 17 dec. – 23 dec."


def test_away_it_waits_until_one_is_back(post: Any, session: Session) -> None:
    me = founder()
    a_full_week(me)
    absences.add(me, first=TODAY, last=TODAY, deputy_id=None, today=TODAY, now=MONDAY)
    assert deliver(post) == []
    assert len(deliver(post, MONDAY + timedelta(days=1))) == 1


def test_newly_chosen_it_comes_first_on_its_day(post: Any, session: Session, as_user: Any) -> None:
    me = founder(digest=LetterPace.NONE)
    a_full_week(me)
    session.commit()
    wednesday = MONDAY + timedelta(days=2)
    with time_machine.travel(wednesday, tick=False):
        sent = {"name": "Grund", "language": "sv", "theme": "auto", "digest": "weekly"}
        more = {"digest_weekday": "0", "digest_hour": "7", "version": str(me.version)}
        assert as_user(me).post("/profile", data=sent | more).status_code == 303
    assert deliver(post, wednesday) == []
    assert len(deliver(post, MONDAY + timedelta(days=7))) == 1


def test_done_by_the_signed_link_without_signing_in(
    post: Any, session: Session, client: Any
) -> None:
    reminder = a_full_week(founder())
    (message,) = deliver(post)
    found = re.search(r"http\S+/digest/\S+", text_of(message))
    assert found is not None
    path = urlsplit(found[0]).path
    with time_machine.travel(MONDAY, tick=False):
        assert "Läs protokollet" in client.get(path).text
        client.post(path, data={"reminder": str(reminder.id), "action": "done"})
    session.refresh(reminder)
    assert reminder.state is ReminderState.DONE
