"""Changes to what we know of a buyer's year. Each marks the body for a new plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.budgets.models import BudgetEvent, BudgetPractice, Pause, PauseKind
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.rules.budget_cycle import DecisionPractice, PhaseOverride
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind
from crm.rules.practices import published_practices

LEAP_YEAR = 2024  # for checking a month and day that may be 29 February


@dataclass(frozen=True, slots=True)
class DateRow:
    """One own date as typed on the form. `phase_key` "" makes it a named event."""

    phase_key: str
    name: str
    start: tuple[int, int]  # month, day
    end: tuple[int, int]
    year_offset: int | None  # None: as the template has it
    budget_year: int | None
    note: str = ""


def set_practice(
    organisation: Organisation,
    decision: DecisionPractice,
    *,
    certainty: Certainty,
    source_url: str,
    checked_on: date | None,
    election_month: int | None = None,
    note: str = "",
    deficit_until: int | None = None,
    by: User | None,
    now: datetime,
) -> BudgetPractice:
    """Say how the organisation decides its budget, where we know it from, and when it was checked.

    Raises RuleBroken if something is called published or confirmed without saying where.
    """
    if certainty is Certainty.PUBLISHED and not source_url:
        raise RuleBroken(_("Paste the link to where the body has published it."))
    if certainty in (Certainty.PUBLISHED, Certainty.CONFIRMED) and checked_on is None:
        raise RuleBroken(_("Say on which day it was checked."))
    row = db.session.scalar(
        sa.select(BudgetPractice).where(BudgetPractice.organisation_id == organisation.id)
    )
    if row is None:
        row = BudgetPractice(organisation_id=organisation.id)
        db.session.add(row)
    row.decision, row.certainty = decision, certainty
    row.source_url, row.checked_on = source_url, checked_on
    row.checked_by_id = by.id if by else None
    row.election_month, row.note, row.deficit_until = election_month, note, deficit_until
    db.session.flush()
    _changed(organisation, by, now, decision=decision.value, certainty=certainty.value)
    return row


def set_dates(
    organisation: Organisation,
    rows: Sequence[DateRow],
    *,
    certainty: Certainty,
    source_url: str,
    checked_on: date | None,
    by: User | None,
    now: datetime,
) -> None:
    """Replace the organisation's own dates by these. Unchanged rows keep their identity."""
    for row in rows:
        _check(row)
    stored = {
        _same(event): event
        for event in db.session.scalars(
            sa.select(BudgetEvent).where(BudgetEvent.organisation_id == organisation.id)
        )
    }
    wanted = {(row.phase_key, row.name, row.budget_year): row for row in rows}
    for key, event in stored.items():
        if key not in wanted:
            db.session.delete(event)
    changed = len(stored.keys() - wanted.keys())
    for key, row in wanted.items():
        found = stored.get(key)
        if found is None:
            event = BudgetEvent(
                organisation_id=organisation.id,
                phase_key=row.phase_key,
                name=row.name,
                budget_year=row.budget_year,
            )
            db.session.add(event)
        elif _dates_of(found) == (*row.start, *row.end, row.year_offset):
            continue
        else:
            event = found
        changed += 1
        (event.start_month, event.start_day), (event.end_month, event.end_day) = row.start, row.end
        event.year_offset, event.note = row.year_offset, row.note
        event.certainty, event.source_url = certainty, source_url
        event.checked_on = checked_on
    if changed:
        _changed(organisation, by, now, dates=str(changed))


def add_pause(
    organisation: Organisation,
    kind: PauseKind,
    starts_on: date,
    ends_on: date | None,
    *,
    note: str,
    source_url: str = "",
    by: User | None,
    now: datetime,
) -> Pause:
    """Leave the organisation and all beneath it alone for a time: a freeze, or its own quiet."""
    if ends_on is not None and ends_on < starts_on:
        raise RuleBroken(_("The last day comes before the first."))
    if kind is PauseKind.QUIET and ends_on is None:
        raise RuleBroken(_("A quiet period needs a last day."))
    pause = Pause(
        organisation_id=organisation.id,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        source_url=source_url,
    )
    db.session.add(pause)
    db.session.flush()
    _changed(organisation, by, now, pause=kind.value, start=starts_on.isoformat())
    return pause


def end_pause(pause: Pause, organisation: Organisation, *, by: User | None, now: datetime) -> None:
    """Take a pause away; that it was there stays in the history."""
    _changed(organisation, by, now, pause_ended=pause.kind.value)
    db.session.delete(pause)


def load_confirmed_practices(*, now: datetime) -> int:
    """Store the practices we ship with their sources, where nothing is stored yet. Idempotent."""
    kinds = {
        "municipality": OrganisationKind.MUNICIPALITY,
        "region": OrganisationKind.REGION,
    }
    bodies = {
        (body.kind, body.code): body
        for body in db.session.scalars(
            sa.select(Organisation).where(
                Organisation.parent_id.is_(None), Organisation.kind.in_(tuple(kinds.values()))
            )
        )
    }
    taken = set(db.session.scalars(sa.select(BudgetPractice.organisation_id)))
    added = 0
    for published in published_practices():
        (kind, code), practice = published.key, published.practice
        body = bodies.get((kinds[kind.value], code))
        if body is None or body.id in taken:
            continue
        db.session.add(
            BudgetPractice(
                organisation_id=body.id,
                decision=practice.decision,
                election_month=practice.election_decision_month,
                certainty=practice.certainty,
                source_url=practice.source_url[:1000],
                checked_on=practice.checked_on,
                note=published.note,
            )
        )
        for override in practice.overrides:
            db.session.add(_event(body.id, override))
        needs_planning(body.id, "calendar_changed")
        added += 1
    return added


def _event(organisation_id: int, override: PhaseOverride) -> BudgetEvent:
    return BudgetEvent(
        organisation_id=organisation_id,
        phase_key=override.phase_key,
        start_month=override.start_month,
        start_day=override.start_day,
        end_month=override.end_month,
        end_day=override.end_day,
        year_offset=override.year_offset,
        budget_year=override.budget_year,
        certainty=override.certainty,
        source_url=override.source_url[:1000],
        checked_on=override.checked_on,
    )


def _check(row: DateRow) -> None:
    for month, day in (row.start, row.end):
        try:
            date(LEAP_YEAR, month, day)
        except ValueError as error:
            raise RuleBroken(
                _("There is no day %(day)s in month %(month)s.", day=day, month=month)
            ) from error
    if not row.phase_key and not row.name:
        raise RuleBroken(_("Give the event a name."))


def _same(event: BudgetEvent) -> tuple[str, str, int | None]:
    return (event.phase_key, event.name, event.budget_year)


def _dates_of(event: BudgetEvent) -> tuple[int, int, int, int, int | None]:
    return (
        event.start_month,
        event.start_day,
        event.end_month,
        event.end_day,
        event.year_offset,
    )


def _changed(organisation: Organisation, by: User | None, now: datetime, **data: Any) -> None:
    record(ActivityKind.CALENDAR, organisation, now=now, by=by, event="calendar_changed", **data)
    needs_planning(organisation.body_id or organisation.id, "calendar_changed")
