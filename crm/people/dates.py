"""A person's next date (E9): of whatever has a date and the person in it.

Cases lie above people. They say themselves where such dates are found, with `dated_by`, when the
program is put together.
"""

from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa

from crm.organisations.dates import earliest

Dates = Callable[[Collection[int] | None], list[sa.Select[Any]]]
"""Statements of (id of a person, day), in which a day is never missing; kept to some people."""

_FOUND: list[Dates] = []


def dated_by(dates: Dates) -> Dates:
    """Count these dates as well."""
    _FOUND.append(dates)
    return dates


def next_dates(person_ids: Collection[int] | None = None) -> sa.Subquery:
    """(id, day): the first of all dates. `person_ids` keeps it to these."""
    found = [one for dates in _FOUND for one in dates(person_ids)]
    return earliest(sa.union_all(*found).subquery()).subquery()
