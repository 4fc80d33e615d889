"""What a merge would do to the reminders, said beforehand by the planner itself. Nothing is written.

The facts of both bodies are put together as they would be afterwards, and planned. Some twenty
statements, whatever the number of cases; none where both lie under the same body.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from crm.core.db import db
from crm.organisations.models import Organisation, below
from crm.reminders import ruleset, sources
from crm.reminders.models import OWN, WAITING_STATES, Reminder
from crm.rules import reminders as rulebook
from crm.rules.merging import Side
from crm.rules.reminders import CaseFacts


@dataclass(frozen=True, slots=True)
class Moved:
    """A reminder that gets another day."""

    key: str
    case_id: int | None
    case: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Forecast:
    """Which reminders get another day, how many fall away, and how many are new."""

    moved: tuple[Moved, ...] = ()
    gone: int = 0
    new: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.moved or self.gone or self.new)


def of_organisations(
    kept: Organisation, gone: Organisation, calendar: Side, *, today: date
) -> Forecast:
    """The difference that merging these two makes. `calendar`: whose budget year is kept."""
    if kept.body_id == gone.body_id or kept.body_id is None or gone.body_id is None:
        return Forecast()
    away = sources.away()
    facts = {one.body_id: one for one in sources.gather([kept.body_id, gone.body_id], away)}
    here, there = facts[kept.body_id], facts[gone.body_id]
    moving = set(db.session.scalars(sa.select(Organisation.id).where(below(gone.path))))
    body = here.body
    if gone.is_body and kept.is_body:
        if calendar is Side.GONE:
            body = replace(
                body,
                practice=there.body.practice,
                deficit_until_year=there.body.deficit_until_year,
            )
        body = replace(
            body,
            freezes=(*body.freezes, *there.body.freezes),
            own_quiet=(*body.own_quiet, *there.body.own_quiet),
            contacts_made=tuple({*body.contacts_made, *there.body.contacts_made}),
        )
    rules = ruleset.in_force(away)
    arriving = [one for one in there.cases if one.organisation_id in moving]
    staying = [one for one in there.cases if one.organisation_id not in moving]
    planned = rulebook.plan(body, (*here.cases, *arriving), rules=rules, today=today)
    left = rulebook.plan(there.body, staying, rules=rules, today=today) if staying else ()
    titles = {**here.titles, **there.titles}
    return _difference(
        {one.key: (one.due_on, one.case_id) for one in (*planned, *left)},
        _waiting([kept.body_id, gone.body_id]),
        titles,
        (*here.cases, *there.cases),
    )


def _difference(
    after: dict[str, tuple[date, int | None]],
    before: dict[str, tuple[date, date | None]],
    titles: dict[int, str],
    _cases: Sequence[CaseFacts],
) -> Forecast:
    moved = [
        Moved(key, after[key][1], titles.get(after[key][1] or 0, ""), day, after[key][0])
        for key, (day, snoozed) in before.items()
        if key in after and snoozed is None and after[key][0] != day
    ]
    return Forecast(
        tuple(sorted(moved, key=lambda one: (one.after, one.key))),
        gone=len(set(before) - set(after)),
        new=len(set(after) - set(before)),
    )


def _waiting(bodies: Sequence[int]) -> dict[str, tuple[date, date | None]]:
    rows = db.session.execute(
        sa.select(Reminder.key, Reminder.due_on, Reminder.snoozed_until).where(
            Reminder.body_id.in_(bodies),
            Reminder.state.in_(WAITING_STATES),
            Reminder.rule_key != OWN,
        )
    )
    return {row.key: (row.due_on, row.snoozed_until) for row in rows}
