"""Cases, and what is promised or asked in them."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from crm.accounts.models import User
from crm.cases import operations
from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_case(
    organisation: Organisation, title: str = "", *, owner: User | None = None, **values: Any
) -> Case:
    """An open case. `values` are columns, set after it has been opened."""
    case = operations.open_case(
        organisation,
        title=title or f"Läsverktyg {next(_numbers)}",
        owner=owner,
        by=owner,
        today=values.pop("opened_on", TODAY),
        now=values.pop("now", NOW),
    )
    for name, value in values.items():
        setattr(case, name, value)
    db.session.flush()
    return case
