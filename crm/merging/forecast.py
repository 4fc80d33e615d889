"""What a merge would do to the reminders, said by the planner itself. Nothing is written.

The facts of both bodies are put together as they would be afterwards, and planned. Some twenty
statements, whatever the number of cases; none where both lie under the same body.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from crm.core.db import db
from crm.organisations.models import Organisation, below
from crm.reminders import ruleset, sources
from crm.rules import reminders as rulebook
from crm.rules.merging import Side
from crm.rules.reminder_facts import Planned
from crm.rules.reminder_reasons import explain
from crm.rules.reminders import Existing

SHOWN = 20  # changes that the page names


@dataclass(frozen=True, slots=True)
class Change:
    """A reminder that gets another day, falls away (`after` is None) or is new."""

    key: str
    case: str
    what: str
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Every reminder that will not be as it is, the soonest first."""

    changes: tuple[Change, ...] = ()

    @property
    def shown(self) -> tuple[Change, ...]:
        return self.changes[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.changes) - len(self.shown)


def of_organisations(
    kept: Organisation, gone: Organisation, calendar: Side, *, language: str, today: date
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
    planned = [*rulebook.plan(body, (*here.cases, *arriving), rules=rules, today=today)]
    if staying:
        planned += rulebook.plan(there.body, staying, rules=rules, today=today)
    cases = (*here.cases, *there.cases)
    stored = ruleset.existing([here.body_id, there.body_id]).values()
    found = rulebook.reconcile(
        planned,
        [one for rows in stored for one in rows],
        stopped=rulebook.contacts_stopped(cases),
    )
    titles = {**here.titles, **there.titles}
    new = {one.key: one for one in (*found.add, *(planned for _there, planned in found.revive))}
    changes = [
        Change(
            one.planned.key if one.planned is not None else one.existing.key,
            titles.get(one.existing.case_id or 0, ""),
            explain(one.planned, language, rules).title if one.planned is not None else "",
            one.before,
            one.after,
        )
        for one in found.move
        if one.before != one.after
    ]
    headings = {rule.key: rule.heading(language) for rule in rules}
    own = (f"/body-{gone.body_id}/", f"/body-{kept.body_id}/")
    for old, planned_one in _replaced(found.withdraw, new, own):
        before = old.due_on if old is not None else None
        if planned_one is not None:
            what = explain(planned_one, language, rules).title
            key, case_id, after = planned_one.key, planned_one.case_id, planned_one.due_on
        elif old is not None:
            key, case_id, after = old.key, old.case_id, None
            what = headings.get(key.partition("/")[0], "")
        if before != after:
            changes.append(Change(key, titles.get(case_id or 0, ""), what, before, after))
    return Forecast(
        tuple(sorted(changes, key=lambda one: (one.after or one.before or today, one.key)))
    )


def _replaced(
    gone: Sequence[Existing], new: dict[str, Planned], own: tuple[str, str]
) -> Iterator[tuple[Existing | None, Planned | None]]:
    """What falls away beside what the same rule makes of the same case instead, in order of day:
    with another budget year an occasion has another name. `own`: how the two bodies are named in
    the keys of what is about no case."""
    old: dict[str, list[Existing]] = defaultdict(list)
    for one in sorted(gone, key=lambda one: one.due_on):
        old[one.key.replace(*own).rsplit("/", 1)[0]].append(one)
    for planned in sorted(new.values(), key=lambda one: one.due_on):
        there = old.get(planned.key.rsplit("/", 1)[0])
        yield (there.pop(0) if there else None), planned
    for rest in old.values():
        yield from ((one, None) for one in rest)
