"""The next date at an organisation (E9): of the cases and reminders there and below.

Cases and reminders lie above organisations, so their tables are read by name.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm.core.db import Base
from crm.organisations.models import Organisation

_OVER = ("done", "dismissed", "withdrawn")  # a reminder in these states waits for nobody


def next_dates(bodies: sa.Select[Any] | None = None) -> sa.Subquery:
    """(id, day): the next date of every node that has one, each with all below it (A2).

    `bodies` keeps it to these. A date climbs from its node to the body, a parent at a time.
    """
    dated = _dated(bodies)
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
    return (
        sa.select(climbing.c.id, sa.func.min(climbing.c.day, type_=sa.Date).label("day"))
        .group_by(climbing.c.id)
        .subquery()
    )


def next_dates_of_bodies(ids: Sequence[int]) -> sa.Select[Any]:
    """(id, day) for bodies alone: a case and a reminder name theirs, so nothing needs to climb."""
    case, reminder = Base.metadata.tables["case"], Base.metadata.tables["reminder"]
    found: list[sa.Select[Any]] = [
        sa.select(case.c.body_id.label("id"), sa.func.min(day).label("day"))
        .where(case.c.body_id.in_(ids), is_to_come)
        .group_by(case.c.body_id)
        for day, is_to_come in days_of_cases()
    ]
    found.append(
        sa.select(reminder.c.body_id, sa.func.min(reminder.c.show_on))
        .where(
            reminder.c.body_id.in_(ids),
            reminder.c.case_id.is_(None),
            reminder.c.state.in_(("planned", "due")),
        )
        .group_by(reminder.c.body_id)
    )
    dated = sa.union_all(*found).subquery()
    return (
        sa.select(dated.c.id, sa.func.min(dated.c.day, type_=sa.Date))
        .where(dated.c.day.is_not(None))
        .group_by(dated.c.id)
    )


def days_of_cases() -> list[tuple[sa.Column[Any], sa.ColumnElement[bool]]]:
    """The dates a case may have, each with when it counts: our promise, the wake date and the next
    reminder. A promise that lay ahead when the case was closed still stands; see cases.next_on."""
    case = Base.metadata.tables["case"]
    stands = sa.or_(case.c.closed_on.is_(None), case.c.next_step_on > case.c.closed_on)
    return [
        (case.c.next_step_on, stands),
        (case.c.wait_until, sa.true()),
        (case.c.reminder_on, sa.true()),
    ]


def _dated(bodies: sa.Select[Any] | None) -> sa.Subquery:
    """(organisation, day): of its cases our promise, the wake date and the next reminder, and of
    reminders without a case their day."""
    tables = Base.metadata.tables
    case, unit, reminder = tables["case"], tables["case_unit"], tables["reminder"]
    found: list[sa.Select[Any]] = []
    for day, is_to_come in days_of_cases():
        of_cases = (
            sa.select(unit.c.organisation_id.label("id"), day.label("day"))
            .join(case, case.c.id == unit.c.case_id)
            .where(day.is_not(None), is_to_come)
        )
        found.append(of_cases if bodies is None else of_cases.where(case.c.body_id.in_(bodies)))
    alone = sa.select(reminder.c.organisation_id, reminder.c.show_on).where(
        reminder.c.case_id.is_(None), reminder.c.state.not_in(_OVER)
    )
    found.append(alone if bodies is None else alone.where(reminder.c.body_id.in_(bodies)))
    return sa.union_all(*found).subquery()
