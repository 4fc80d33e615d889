"""The reminder rules as they stand in this installation: read, changed, and tried out beforehand.

A change is a row of its own with who, when and why (`models.RuleChange`); reminders name the
version that planned them. What a setting means is decided by the pure `crm.rules.rule_settings`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core import pending
from crm.core.db import db
from crm.core.errors import NotFound, RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import own, sources
from crm.reminders.models import OWN, WAITING_STATES, OwnRuleVersion, Reminder, RuleChange
from crm.rules import reminders as rulebook
from crm.rules import rule_settings
from crm.rules.reminder_rules import Offset, Rule
from crm.rules.rule_settings import RuleSetting, Standing
from crm.web.overtaken import LastSave, latest

TRIED_AT_MOST = 60  # bodies planned for a preview; a page must answer within a breath
EXAMPLES = 8  # reminders that a preview names
NEVER: tuple[date | None, int | None] = (None, None)


def settings() -> list[RuleSetting]:
    """Every setting there has been, for the rulebook. One statement."""
    rows = db.session.execute(
        sa.select(
            RuleChange.rule_key,
            RuleChange.version,
            RuleChange.active,
            RuleChange.offset_months,
            RuleChange.offset_days,
        )
    )
    return [
        RuleSetting(key, version, active, Offset(months, days))
        for key, version, active, months, days in rows
    ]


def stored() -> tuple[list[RuleSetting], list[own.Standing]]:
    """Every setting there has been, and our own rules as they stand. One statement."""
    which = sa.union_all(
        sa.select(sa.literal(0).label("number")), sa.select(sa.literal(1))
    ).subquery()
    ours = sa.and_(which.c.number == 1, own.is_newest())
    rows: Any = db.session.execute(  # of outer joins, so each row is of one of them or of none
        sa.select(RuleChange, OwnRuleVersion)
        .select_from(which)
        .outerjoin(RuleChange, which.c.number == 0)
        .outerjoin(OwnRuleVersion, ours)
        .order_by(OwnRuleVersion.rule_id)
    ).all()
    return (
        [
            RuleSetting(
                one.rule_key, one.version, one.active, Offset(one.offset_months, one.offset_days)
            )
            for one, _own in rows
            if one is not None
        ],
        [own.as_standing(one) for _setting, one in rows if one is not None],
    )


def in_force(away: Collection[int] = ()) -> tuple[Rule, ...]:
    """The rules to plan by, our own among them. One statement. `away`: colleagues who left."""
    told, ours = stored()
    return (*rule_settings.in_force(told), *own.in_force(ours, away))


def standing() -> tuple[Standing, ...]:
    """Every rule as it stands. One statement."""
    return rule_settings.standing(settings())


def get(key: str) -> Standing:
    """One rule as it stands, or NotFound."""
    found = next((one for one in standing() if one.rule.key == key), None)
    if found is None:
        raise NotFound("rule")
    return found


def history(key: str) -> list[RuleChange]:
    """What has been decided about a rule, latest first. One statement."""
    return list(
        db.session.scalars(
            sa.select(RuleChange)
            .where(RuleChange.rule_key == key)
            .options(joinedload(RuleChange.changed_by))
            .order_by(RuleChange.version.desc())
        )
    )


def last_save(key: str) -> LastSave | None:
    """Who gave the rule its present version, and when; None as it is shipped. One statement."""
    return latest(history(key))


def waiting_counts() -> dict[str, int]:
    """How many reminders wait by each rule. One statement."""
    rows = db.session.execute(
        sa.select(Reminder.rule_key, sa.func.count())
        .where(Reminder.state.in_(WAITING_STATES))
        .group_by(Reminder.rule_key)
    )
    return {key: number for key, number in rows}


# --- Changing -----------------------------------------------------------------------------------


def change(
    key: str, *, active: bool, offset: Offset, note: str = "", by: User | None, now: datetime
) -> int | None:
    """Change a rule for everybody, and have every body with a case planned anew by the clock, or
    with a reminder that waits.

    Returns how many bodies; None when nothing is different, and nothing was written.
    """
    stands = get(key)
    if not rule_settings.may_be_changed(stands.rule):
        raise RuleBroken(_("This rule holds always and cannot be changed."))
    if (stands.active, stands.rule.offset) == (active, offset):
        return None
    db.session.add(
        RuleChange(
            rule_key=key,
            version=stands.rule.version + 1,
            active=active,
            offset_months=offset.months,
            offset_days=offset.days,
            changed_by_id=by.id if by else None,
            changed_at=now,
            note=note,
        )
    )
    db.session.flush()
    waiting = sa.select(Reminder.body_id).where(Reminder.state.in_(WAITING_STATES))
    concerned = sa.union(sa.select(Case.body_id), waiting).subquery()
    bodies = pending.need_planning(sa.select(concerned.c[0]), "rule_changed")
    pending.begin_round()
    return bodies


def take_up_again(key: str, version: int, *, by: User | None, now: datetime) -> int | None:
    """Let the rule stand as it did in an earlier version; 1 is as shipped. A new version too."""
    shipped = rule_settings.rule_of(key)
    if shipped is None:
        raise NotFound("rule")
    active, offset = True, shipped.offset
    if version != 1:
        row = db.session.scalar(
            sa.select(RuleChange).where(RuleChange.rule_key == key, RuleChange.version == version)
        )
        if row is None:
            raise NotFound("rule version")
        active, offset = row.active, row.offset
    return change(key, active=active, offset=offset, by=by, now=now)


# --- Trying out ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """One reminder that a change would move, take away (`after` is None) or add (no `before`)."""

    body_id: int
    case_id: int | None
    before: date | None
    after: date | None
    body: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do to the reminders that wait, in the bodies that were looked through."""

    moved: int
    removed: int
    added: int
    looked_through: int
    bodies: int  # with a case, in all
    examples: tuple[Example, ...] = ()  # the soonest of them

    @property
    def is_whole(self) -> bool:
        return self.looked_through == self.bodies

    @property
    def is_nothing(self) -> bool:
        return not (self.moved or self.removed or self.added)


def preview(key: str, *, active: bool, offset: Offset, today: date) -> Preview:
    """Plan as if the rule stood like that, and write nothing.

    Those come first in which a reminder of the rule waits; at most TRIED_AT_MOST bodies.
    """
    found: list[Example] = []
    tried = RuleSetting(key, get(key).rule.version + 1, active, offset)
    away = sources.away()
    told, standing = stored()
    ours = own.in_force(standing, away)
    before = (*rule_settings.in_force(told), *ours)
    after = (*rule_settings.in_force([*told, tried]), *ours)
    ids = _most_concerned(key)
    rows = existing(ids[:TRIED_AT_MOST])
    for gathered in sources.gather(ids[:TRIED_AT_MOST], away):
        there = rows.get(gathered.body.organisation_id, [])
        now, then = (
            would_wait(
                rulebook.plan(gathered.body, gathered.cases, rules=rules, today=today),
                gathered.cases,
                there,
            )
            for rules in (before, after)
        )
        for one in now.keys() | then.keys():
            (was, case_id), (becomes, case) = now.get(one, NEVER), then.get(one, NEVER)
            if was != becomes:
                ident = gathered.body.organisation_id
                found.append(Example(ident, case_id or case, was, becomes))
    found.sort(key=lambda one: (one.after or one.before or today, one.body_id, one.case_id or 0))
    removed = sum(one.after is None for one in found)
    added = sum(one.before is None for one in found)
    return Preview(
        moved=len(found) - removed - added,
        removed=removed,
        added=added,
        looked_through=min(len(ids), TRIED_AT_MOST),
        bodies=len(ids),
        examples=_named(found[:EXAMPLES]),
    )


def _named(examples: Sequence[Example]) -> tuple[Example, ...]:
    """With the buyer's name and the case's title. Two statements, if there are any."""
    if not examples:
        return ()
    bodies = sa.select(Organisation.id, Organisation.name_full, Organisation.name)
    cases = sa.select(Case.id, Case.title)
    names = {
        ident: full or name
        for ident, full, name in db.session.execute(
            bodies.where(Organisation.id.in_({one.body_id for one in examples}))
        )
    }
    titles = {
        ident: title
        for ident, title in db.session.execute(
            cases.where(Case.id.in_({one.case_id for one in examples if one.case_id}))
        )
    }
    return tuple(
        replace(one, body=names.get(one.body_id, ""), case=titles.get(one.case_id or 0, ""))
        for one in examples
    )


def _most_concerned(key: str) -> list[int]:
    waits = (
        sa.exists()
        .where(
            Reminder.body_id == Case.body_id,
            Reminder.rule_key == key,
            Reminder.state.in_(WAITING_STATES),
        )
        .correlate(Case)
    )
    number = sa.func.max(sa.case((waits, 1), else_=0))
    rows = db.session.execute(
        sa.select(Case.body_id).group_by(Case.body_id).order_by(number.desc(), Case.body_id)
    )
    return [body_id for (body_id,) in rows]


def existing(ids: Sequence[int]) -> dict[int, list[rulebook.Existing]]:
    """What is stored of the rules' reminders, by body. One statement."""
    found: dict[int, list[rulebook.Existing]] = {}
    rows = db.session.execute(
        sa.select(
            Reminder.body_id,
            Reminder.key,
            Reminder.state,
            Reminder.due_on,
            Reminder.event_start,
            Reminder.kind,
            Reminder.case_id,
            Reminder.snoozed_until,
            Reminder.snoozed_event,
        ).where(Reminder.body_id.in_(ids), Reminder.rule_key != OWN)
    )
    for row in rows:
        found.setdefault(row.body_id, []).append(
            rulebook.Existing(
                key=row.key,
                state=row.state.value,
                due_on=row.due_on,
                event_start=row.event_start,
                kind=row.kind,
                case_id=row.case_id,
                snoozed_until=row.snoozed_until,
                snoozed_event=row.snoozed_event,
            )
        )
    return found


def would_wait(
    plan: Sequence[rulebook.Planned],
    cases: Sequence[rulebook.CaseFacts],
    existing: Sequence[rulebook.Existing],
) -> dict[str, tuple[date | None, int | None]]:
    """The reminders that would wait at a body if it were planned so: by key, the day and the
    case."""
    found = rulebook.reconcile(plan, existing, stopped=rulebook.contacts_stopped(cases))
    waits: dict[str, tuple[date | None, int | None]] = {
        one.key: (one.due_on, one.case_id) for one in existing if one.is_pending
    }
    for gone in (*found.withdraw, *(move.existing for move in found.move)):
        del waits[gone.key]
    for move in found.move:
        key = move.planned.key if move.planned else move.existing.key
        waits[key] = (move.after, move.existing.case_id)
    for one in (*found.add, *(planned for _there, planned in found.revive)):
        waits[one.key] = (one.due_on, one.case_id)
    return waits
