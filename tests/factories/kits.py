"""A champion kit, and what it is made of."""

from datetime import date, datetime, timedelta
from typing import Any

from crm.accounts.models import User
from crm.anchoring import operations as anchoring
from crm.anchoring.models import Reference
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core.db import db
from crm.kits import operations
from crm.kits.models import Kit
from crm.kits.operations import Parts
from crm.organisations.models import Organisation
from crm.people.models import Person
from tests.factories.cases import NOW, TODAY


def make_kit(
    case: Case,
    person: Person,
    by: User,
    *,
    today: date = TODAY,
    now: datetime = NOW,
    language: str = "sv",
    valid_until: date | None = None,
    closes: tuple[int, ...] = (),
    **parts: Any,
) -> Kit:
    """A kit of a summary, unless other parts are named."""
    db.session.flush()
    db.session.expire(case)
    return operations.share(
        cases.get(case.id),
        person,
        Parts(**({"summary": "Läsverktyget används på Venhagskolan."} | parts)),
        language=language,
        valid_until=valid_until or today + timedelta(days=30),
        closes=closes,
        kept_at="http://127.0.0.1/kits#kit-",
        by=by,
        today=today,
        now=now,
    )


def make_reference(
    person: Person, unit: Organisation, by: User, *, a_year: int = 2, today: date = TODAY
) -> Reference:
    """Somebody who has agreed to be asked."""
    return anchoring.consent(
        person,
        unit,
        consented_on=today,
        a_year=a_year,
        uses="Hela skolan, varje vecka",
        systems="Teams",
        by=by,
        today=today,
    )
