"""Cases, and what is promised or asked in them."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from crm.accounts.models import User
from crm.cases import operations
from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.stages import CaseRole

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_case(
    organisation: Organisation,
    title: str = "",
    *,
    owner: User | None = None,
    champion: Person | None = None,
    **values: Any,
) -> Case:
    """An open case, with a champion from its first day. `values` are columns, set afterwards."""
    opened, now = values.pop("opened_on", TODAY), values.pop("now", NOW)
    case = operations.open_case(
        organisation,
        title=title or f"Läsverktyg {next(_numbers)}",
        owner=owner,
        by=owner,
        today=opened,
        now=now,
    )
    if champion is not None:
        operations.set_role(case, champion, CaseRole.CHAMPION, by=None, today=opened, now=now)
    for name, value in values.items():
        setattr(case, name, value)
    db.session.flush()
    return case
