from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from crm.core import pending
from crm.core.db import db, transaction
from crm.core.once import Submission, digest, earlier_submission, forget_old, remember

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_an_instant_comes_back_aware_and_in_utc(session: Session) -> None:
    stockholm = timezone(timedelta(hours=1))
    remember("token", "d", "/there", datetime(2026, 11, 23, 10, 0, tzinfo=stockholm))
    session.expire_all()
    found = session.get_one(Submission, "token")
    assert found.at == NOW
    assert found.at.tzinfo is not None


def test_an_instant_without_a_zone_is_refused(session: Session) -> None:
    session.add(Submission(token="t", digest="d", location="/", at=datetime(2026, 11, 23, 9, 0)))
    with pytest.raises(StatementError, match="time zone"):
        session.flush()


def test_what_fails_leaves_nothing_behind(app: Flask) -> None:
    def write_half_of_it() -> None:
        with transaction():
            remember("half", "d", "/there", NOW)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write_half_of_it()
    assert earlier_submission("half") is None


def test_a_form_that_was_sent_twice_leads_to_the_same_place(app: Flask) -> None:
    with transaction():
        remember("once", "d", "/cases/7", NOW)
    found = earlier_submission("once")
    assert found is not None
    assert found.location == "/cases/7"
    assert earlier_submission("another") is None


def test_the_digest_of_a_form_knows_its_words_and_not_their_order() -> None:
    one = digest("once", [("a", "1"), ("b", "2")])
    assert one == digest("once", [("b", "2"), ("a", "1")])
    assert one != digest("once", [("a", "1"), ("b", "3")])
    assert one != digest("another", [("a", "1"), ("b", "2")])


def test_sqlite_keeps_its_promises(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        assert db.session.scalar(sa.text("SHOW server_encoding")) == "UTF8"
        return
    assert db.session.scalar(sa.text("PRAGMA foreign_keys")) == 1
    assert db.session.scalar(sa.text("PRAGMA journal_mode")) == "wal"


def test_a_form_that_was_sent_long_ago_is_forgotten(app: Flask) -> None:
    with transaction():
        remember("once", "d", "/cases/7", NOW)
    assert forget_old(NOW + timedelta(days=13)) == 0
    assert earlier_submission("once") is not None
    assert forget_old(NOW + timedelta(days=15)) == 1
    assert earlier_submission("once") is None


def test_a_mark_set_while_a_plan_is_made_is_not_lost(app: Flask) -> None:
    with transaction():
        pending.needs_planning(7, "case_opened")
    seen = pending.waiting_for_planning()
    assert (seen.body_ids, seen.why) == ([7], {7: "case_opened"})
    with transaction():
        pending.needs_planning(7, "case_closed")
    with transaction():
        pending.planned(seen)
    assert pending.waiting_for_planning().why == {7: "case_closed"}
