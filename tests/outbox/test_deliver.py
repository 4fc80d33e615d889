"""Letters leave once, come again when the server is away, and are given up when it says no."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from crm.adapters import mail
from crm.core.config import Mail
from crm.outbox import jobs, operations, queries
from crm.outbox.models import Letter, LetterState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def post(app: Flask, smtp: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The mail server, and the app knows of it."""
    server = Mail(host=smtp.host, port=smtp.port, sender="Förankra <crm@företaget.se>")
    monkeypatch.setitem(
        app.extensions, "settings", replace(app.extensions["settings"], mail=server)
    )
    return smtp


def queue(key: str = "k", to: str = "sara@example.se", **values: Any) -> bool:
    words = {"subject": "Hej på dig – åäö", "text": "Rad ett\nRad två", "html": "<p>Hej</p>"}
    return operations.queue(key=key, to=to, **{**words, **values}, now=NOW)


def letter(session: Session) -> Letter:
    session.expire_all()
    return session.scalars(sa.select(Letter)).one()


def make_due(session: Session) -> None:
    """As if the wait were over."""
    session.execute(sa.update(Letter).values(claimed_at=0.0))
    session.commit()


def test_a_letter_leaves_once(post: Any, session: Session) -> None:
    assert queue()
    assert not queue(), "the same thing is never queued twice"
    assert jobs.deliver(NOW) == 1
    assert jobs.deliver(NOW) == 0
    (message,) = post.messages
    assert message["To"] == "sara@example.se"
    assert message["Subject"] == "Hej på dig – åäö"
    assert message["Message-ID"].endswith("@xn--fretaget-n4a.se>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().splitlines() == ["Rad ett", "Rad två"]
    assert "<p>Hej</p>" in message.get_body(("html",)).get_content()
    assert (letter(session).state, letter(session).sent_at) == (LetterState.SENT, NOW)


def test_without_a_mail_server_letters_wait(app: Flask, session: Session) -> None:
    queue()
    assert jobs.deliver(NOW) == 0
    assert letter(session).state is LetterState.QUEUED
    assert queries.counts() == queries.Counts(waiting=1, failed=0)


def test_later_means_later_with_the_same_message_id(post: Any, session: Session) -> None:
    queue()
    post.answer = "451 Come back later"
    assert jobs.deliver(NOW) == 0
    assert letter(session).state is LetterState.SENDING
    assert "451" in letter(session).error
    assert jobs.deliver(NOW) == 0, "not before the wait is over"
    assert letter(session).attempts == 1
    post.answer = "250 OK"
    make_due(session)
    assert jobs.deliver(NOW) == 1
    assert letter(session).attempts == 2
    assert letter(session).error == ""


def test_killed_between_sending_and_marking(
    post: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue()
    with monkeypatch.context() as patch:
        patch.setattr(operations, "mark_sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            jobs.deliver(NOW)
    assert jobs.deliver(NOW) == 0, "still claimed"
    make_due(session)
    assert jobs.deliver(NOW) == 1
    first, second = post.messages
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("answer", ["554 Too rude", "552 Too large"])
def test_no_means_no(post: Any, session: Session, answer: str) -> None:
    queue()
    post.answer = answer
    assert jobs.deliver(NOW) == 0
    assert letter(session).state is LetterState.FAILED
    assert answer[:3] in letter(session).error
    assert queries.counts() == queries.Counts(waiting=0, failed=1)


def test_an_unknown_receiver_does_not_hold_up_the_next(post: Any, session: Session) -> None:
    post.refused_addresses.add("ingen@example.se")
    queue("1", to="ingen@example.se")
    queue("2")
    assert jobs.deliver(NOW) == 1
    states = session.scalars(sa.select(Letter.state).order_by(Letter.id)).all()
    assert states == [LetterState.FAILED, LetterState.SENT]


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "Hej\nBcc: alla@example.se"},
        {"to": "a@example.se\r\nBcc: b@example.se"},
        {"to": ""},
    ],
)
def test_a_header_with_a_line_break_never_leaves(
    post: Any, session: Session, values: dict[str, str]
) -> None:
    queue(**values)
    assert jobs.deliver(NOW) == 0
    assert letter(session).state is LetterState.FAILED
    assert post.messages == []


def test_nobody_at_home(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Mail(host="127.0.0.1", port=1, user="u", password="hemligt")
    monkeypatch.setitem(
        app.extensions, "settings", replace(app.extensions["settings"], mail=nobody)
    )
    queue()
    assert jobs.deliver(NOW) == 0
    assert "ConnectionRefusedError" in letter(session).error
    assert "hemligt" not in letter(session).error


def test_given_up_in_the_end(app: Flask, session: Session) -> None:
    queue()
    (number,) = operations.claim("me", 1000.0)
    operations.put_back(number, "me", operations.MAX_ATTEMPTS - 1, "later", 1000.0)
    assert letter(session).state is LetterState.SENDING
    operations.put_back(number, "me", operations.MAX_ATTEMPTS, "later", 1000.0)
    assert letter(session).state is LetterState.FAILED


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 2), (2, 4), (5, 32), (6, 60), (40, 60)])
def test_the_wait_grows(app: Flask, session: Session, attempts: int, minutes: int) -> None:
    queue()
    (number,) = operations.claim("me", 1000.0)
    operations.put_back(number, "me", attempts, "later", 1000.0)
    over = 1000.0 + minutes * 60
    assert operations.claim("you", over - 1) == []
    assert operations.claim("you", over + 1) == [number]


def test_two_never_take_the_same(app: Flask, session: Session) -> None:
    queue("1")
    queue("2")
    first = operations.claim("me", 1000.0, limit=1)
    second = operations.claim("you", 1000.0, limit=1)
    assert len({*first, *second}) == 2
    operations.mark_sent(second[0], "me", NOW)  # not mine to mark
    states = session.scalars(sa.select(Letter.state)).all()
    assert states == [LetterState.SENDING] * 2


def test_the_database_has_a_clock(app: Flask) -> None:
    first, second = queries.database_now(), queries.database_now()
    assert 1.7e9 < first <= second < first + 60


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("a@example.se", "example.se"),
        ("a@åäö.se", "xn--4cab6c.se"),
        ("", "localhost"),
        ("x@", "localhost"),
    ],
)
def test_our_name_in_the_greeting(address: str, host: str) -> None:
    assert mail.host_of(address) == host


# --- How long a letter is kept -----------------------------------------------------------------


def aged(session: Session, state: LetterState, days: int) -> Letter:
    """A letter written so many days ago, and what has become of it by today's tidying."""
    queue()
    session.execute(sa.update(Letter).values(state=state, created_at=NOW - timedelta(days=days)))
    session.commit()
    jobs.tidy(NOW)
    return letter(session)


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.FAILED])
def test_a_letter_loses_its_words_and_links_after_three_days(
    app: Flask, session: Session, state: LetterState
) -> None:
    assert aged(session, state, days=2).text
    session.execute(sa.delete(Letter))
    emptied = aged(session, state, days=4)
    assert (emptied.text, emptied.html, emptied.state) == ("", "", state)
    assert emptied.to == "sara@example.se", "that it was sent, to whom and when, is kept"
    assert jobs.tidy(NOW) == 0


def test_an_old_letter_goes(app: Flask, session: Session) -> None:
    queue()
    values = {"state": LetterState.SENT, "created_at": NOW - timedelta(days=91)}
    session.execute(sa.update(Letter).values(values))
    assert jobs.tidy(NOW) == 1
    assert not session.scalars(sa.select(Letter)).all()


def test_what_waited_too_long_is_given_up_and_never_sent(post: Any, session: Session) -> None:
    assert aged(session, LetterState.QUEUED, days=13).text
    session.execute(sa.delete(Letter))
    given_up = aged(session, LetterState.QUEUED, days=15)
    assert (given_up.state, given_up.text) == (LetterState.FAILED, "")
    assert jobs.deliver(NOW) == 0
