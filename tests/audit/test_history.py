"""Who, when, what, from what, to what: on every write, and for good."""

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from crm.audit.models import AuditEntry
from crm.audit.queries import history_of
from crm.core.db import db, transaction
from crm.people.models import Person
from tests.factories.accounts import make_user


def a_person(session: Session) -> Person:
    person = Person(first_name="Anna", last_name="Ek", name_sort="ek anna", created_at=_now())
    session.add(person)
    session.flush()
    return person


def _now():  # type: ignore[no-untyped-def]  # a test's shorthand
    from crm.core import clock

    return clock.now()


def test_a_change_is_kept_with_both_values_and_who(app: Flask) -> None:
    user = make_user()
    with transaction(by=user):
        person = a_person(db.session())
    with transaction(by=user, cause="test"):
        person.last_name = "Ås"
    latest = history_of("person", person.id)[0]
    assert latest.changes == {"last_name": ["Ek", "Ås"]}
    assert (latest.by, latest.cause, latest.action) == (user.name, "test", "update")


def test_a_value_set_without_being_read_has_its_old_one(app: Flask) -> None:
    with transaction():
        person = a_person(db.session())
    db.session.expire_all()
    with transaction():
        db.session.get_one(Person, person.id).first_name = "Åsa"
    assert history_of("person", person.id)[0].changes == {"first_name": ["Anna", "Åsa"]}


def test_secrets_never_reach_the_history(app: Flask) -> None:
    user = make_user()
    with transaction():
        user.password_hash, user.totp_secret = "hash", "secret"
        user.name = "Ny"
    rows = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.entity == "user")).all()
    assert all(
        not {"password_hash", "totp_secret", "feed_nonce"} & entry.changes.keys() for entry in rows
    )


def test_a_bulk_statement_cannot_pass_unseen(session: Session) -> None:
    with pytest.raises(RuntimeError, match="audited"):
        session.execute(sa.update(Person).values(note="x"))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET cause = 'x'", "DELETE FROM audit_entry"]
)
def test_history_cannot_be_rewritten(app: Flask, statement: str) -> None:
    with transaction():
        a_person(db.session())
    with pytest.raises(DatabaseError):
        db.session.execute(sa.text(statement))
