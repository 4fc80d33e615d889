"""The dates of cases, as the lists of accounts and of people count them (E9).

A case has up to three: our promise, the day its wait ends, and its next reminder.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from crm.cases.models import Case, CasePerson, CaseUnit
from crm.organisations import dates as of_organisations
from crm.people import dates as of_people


def promise_stands() -> sa.ColumnElement[bool]:
    """A promise that lay ahead when the case was closed still stands (D8); an older one is
    history."""
    return sa.or_(Case.closed_on.is_(None), Case.next_step_on > Case.closed_on)


def _days() -> list[tuple[Any, sa.ColumnElement[bool]]]:
    """Each date, and when it counts."""
    return [
        (Case.next_step_on, sa.and_(Case.next_step_on.is_not(None), promise_stands())),
        (Case.wait_until, Case.wait_until.is_not(None)),
        (Case.reminder_on, Case.reminder_on.is_not(None)),
    ]


def _at_nodes(bodies: sa.Select[Any] | None) -> list[sa.Select[Any]]:
    """At every unit that takes part."""
    found: list[Any] = [
        sa.select(CaseUnit.organisation_id.label("id"), day.label("day"))
        .join(Case, Case.id == CaseUnit.case_id)
        .where(counts)
        for day, counts in _days()
    ]
    return found if bodies is None else [one.where(Case.body_id.in_(bodies)) for one in found]


def _at_bodies(ids: Sequence[int]) -> list[sa.Select[Any]]:
    found: list[Any] = [
        sa.select(Case.body_id.label("id"), sa.func.min(day).label("day"))
        .where(Case.body_id.in_(ids), counts)
        .group_by(Case.body_id)
        for day, counts in _days()
    ]
    return found


@of_people.dated_by
def _of_people(person_ids: Collection[int] | None) -> list[sa.Select[Any]]:
    """Of the cases in which somebody has a role."""
    found: list[Any] = [
        sa.select(CasePerson.person_id.label("id"), day.label("day"))
        .join(Case, Case.id == CasePerson.case_id)
        .where(CasePerson.ended_on.is_(None), counts)
        for day, counts in _days()
    ]
    if person_ids is None:
        return found
    return [one.where(CasePerson.person_id.in_(person_ids)) for one in found]


of_organisations.dated_by(of_organisations.Dates(_at_nodes, _at_bodies))
