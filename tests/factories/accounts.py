"""Users and what belongs to them."""

import itertools
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher

from crm.accounts import operations
from crm.accounts.models import Invitation, User
from crm.core.db import db
from crm.rules.access import Role

PASSWORD = "tre kloka kor dansar"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)  # cheap
_numbers = itertools.count(1)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def make_user(role: Role = Role.REP, *, password: bool = False, **values: Any) -> User:
    """A colleague; with `password=True` one who can sign in with PASSWORD."""
    number = next(_numbers)
    user = operations.add_user(
        name=values.pop("name", f"Kollega {number}"),
        email=values.pop("email", f"kollega.{number}@example.se"),
        role=role,
        now=values.pop("now", NOW),
        language=values.pop("language", "sv"),
    )
    if password:
        user.password_hash = _HASH
    for name, value in values.items():
        setattr(user, name, value)
    db.session.flush()
    return user


def make_invitation(
    email: str = "ny@example.se", role: Role = Role.REP, *, now: datetime, **values: Any
) -> Invitation:
    """An open invitation."""
    return operations.invite(email=email, role=role, by=None, now=now, **values)
