"""The next date at an organisation (E9): of whatever has a date there and below.

Cases and reminders lie above organisations. They say themselves where their dates are found, with
`dated_by`, when the program is put together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Dates:
    """Where dates are found: statements of (id, day), in which a day is never missing."""

    at_nodes: Callable[[sa.Select[Any] | None], list[sa.Select[Any]]]
    """By the node a thing hangs on; kept to bodies, where a query of their ids is given."""
    at_bodies: Callable[[Sequence[int]], list[sa.Select[Any]]]
    """By the body, the earliest of each."""


_FOUND: list[Dates] = []


def dated_by(dates: Dates) -> None:
    """Count these dates as well."""
    _FOUND.append(dates)


def next_dates(bodies: sa.Select[Any] | None = None) -> sa.Subquery:
    """(id, day): the next date of every node that has one, each with all below it (A2).

    `bodies` keeps it to these. A date climbs from its node to the body, a parent at a time.
    """
    dated = _together([one for dates in _FOUND for one in dates.at_nodes(bodies)])
    at = (
        sa.select(dated.c.id, sa.func.min(dated.c.day).label("day")).group_by(dated.c.id)
    ).subquery()
    climbing = (
        sa.select(Organisation.id, Organisation.parent_id, at.c.day)
        .join(at, at.c.id == Organisation.id)
        .cte("climbing", recursive=True)
    )
    climbing = climbing.union_all(
        sa.select(Organisation.id, Organisation.parent_id, climbing.c.day).join(
            climbing, Organisation.id == climbing.c.parent_id
        )
    )
    return earliest(climbing).subquery()


def next_dates_of_bodies(ids: Sequence[int]) -> sa.Select[Any]:
    """(id, day) for bodies alone: a case and a reminder name theirs, so nothing needs to climb."""
    return earliest(_together([one for dates in _FOUND for one in dates.at_bodies(ids)]))


def earliest(dated: sa.FromClause) -> sa.Select[Any]:
    """(id, day): of several dates of the same thing the first."""
    day = sa.func.min(dated.c.day, type_=sa.Date).label("day")
    statement: Any = sa.select(dated.c.id, day).group_by(dated.c.id)
    found: sa.Select[Any] = statement
    return found


def _together(found: list[sa.Select[Any]]) -> sa.Subquery:
    return sa.union_all(*found).subquery()
