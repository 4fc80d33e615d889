"""Rules of our own as stored: read, made, changed, switched off and ended, each time in a version.

What a rule may say is decided by the pure `crm.rules.own_rules`; what it would do is tried out in
`trial.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased, joinedload

from crm.accounts.models import User
from crm.budgets import queries as budgets
from crm.cases.models import Case
from crm.core import pending
from crm.core.db import db
from crm.core.errors import NotFound, RuleBroken
from crm.organisations.models import Organisation
from crm.reminders.models import (
    WAITING_STATES,
    OwnRuleRow,
    OwnRuleState,
    OwnRuleVersion,
    Reminder,
)
from crm.rules.kinds import BODY_KINDS, OrganisationKind
from crm.rules.own_events import Assignee, RuleScope
from crm.rules.own_rules import OwnRule, as_rule, code, problems, to_json
from crm.rules.reminder_rules import Rule
from crm.rules.stages import CaseState


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule of one's own as it stands."""

    id: int
    version: int
    state: OwnRuleState
    rule: OwnRule

    @property
    def code(self) -> str:
        return code(self.id)

    @property
    def is_on(self) -> bool:
        return self.state is OwnRuleState.ON

    @property
    def has_ended(self) -> bool:
        return self.state is OwnRuleState.ENDED


def is_newest() -> sa.ColumnElement[bool]:
    """Which version of a rule of our own is the one that stands."""
    other = aliased(OwnRuleVersion)
    newest = (
        sa.select(sa.func.max(other.version))
        .where(other.rule_id == OwnRuleVersion.rule_id)
        .correlate(OwnRuleVersion)
        .scalar_subquery()
    )
    return OwnRuleVersion.version == newest


def latest() -> list[Standing]:
    """Every rule as it stands, the oldest first. One statement."""
    rows = db.session.scalars(
        sa.select(OwnRuleVersion).where(is_newest()).order_by(OwnRuleVersion.rule_id)
    )
    return [as_standing(row) for row in rows]


def in_force(standing: Sequence[Standing], away: Collection[int] = ()) -> tuple[Rule, ...]:
    """Those that are on, as the planner takes them. `away`: colleagues who have left."""
    return tuple(
        as_rule(one.rule, one.code, one.version, away=away) for one in standing if one.is_on
    )


def get(rule_id: int) -> Standing:
    """One rule as it stands, or NotFound."""
    return standing_of(history(rule_id))


def standing_of(versions: Sequence[OwnRuleVersion]) -> Standing:
    """How a rule stands whose versions are known, latest first."""
    return as_standing(versions[0])


def history(rule_id: int) -> list[OwnRuleVersion]:
    """What has been decided about a rule, latest first, or NotFound. One statement."""
    found = list(
        db.session.scalars(
            sa.select(OwnRuleVersion)
            .where(OwnRuleVersion.rule_id == rule_id)
            .options(joinedload(OwnRuleVersion.changed_by))
            .order_by(OwnRuleVersion.version.desc())
        )
    )
    if not found:
        raise NotFound("own rule")
    return found


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who may be named in a rule, and who was named once."""

    id: int
    name: str
    active: bool


def colleagues() -> list[Colleague]:
    """Everybody there has been, by name. One statement."""
    rows = db.session.execute(sa.select(User.id, User.name, User.active).order_by(User.name))
    return [Colleague(*row) for row in rows]


def as_standing(row: OwnRuleVersion) -> Standing:
    return Standing(row.rule_id, row.version, row.state, row.rule)


# --- Whom they are about ------------------------------------------------------------------------


def reach(rule: OwnRule) -> sa.Select[int]:
    """The bodies that the rule could speak for: with a case, or those in which there is none."""
    asked: list[sa.ColumnElement[bool]] = []
    if rule.kinds:
        kinds = [kind for kind in OrganisationKind if budgets.body_kind(kind) in rule.kinds]
        asked.append(Organisation.kind.in_(kinds))
    if rule.counties:
        asked.append(Organisation.county_code.in_(rule.counties))
    if rule.manager_id is not None:
        asked.append(Organisation.owner_id == rule.manager_id)
    about = {
        RuleScope.CASES: _WITH_A_CASE,
        RuleScope.ACCOUNTS: _idle(rule),
        RuleScope.BOTH: sa.or_(_WITH_A_CASE, _idle(rule)),
    }[rule.scope]
    return sa.select(Organisation.id).where(about, *asked)


def idle_reach(standing: Sequence[Standing]) -> list[sa.Select[int]]:
    """The bodies without a case of which rules that are on speak all the same."""
    about = (RuleScope.ACCOUNTS, RuleScope.BOTH)
    return [reach(one.rule) for one in standing if one.is_on and one.rule.scope in about]


_WITH_A_CASE = Organisation.id.in_(sa.select(Case.body_id))


def _idle(rule: OwnRule) -> sa.ColumnElement[bool]:
    """No case is in progress there, and somebody is told: see `crm.rules.reminder_facts`."""
    in_progress = sa.select(Case.body_id).where(Case.state != CaseState.CLOSED)
    asked = [
        Organisation.kind.in_(BODY_KINDS),
        Organisation.closed_on.is_(None),
        Organisation.id.not_in(in_progress),
    ]
    if rule.assignee is not Assignee.COLLEAGUE:
        asked.append(Organisation.owner_id.is_not(None))
    return sa.and_(*asked)


def waits_at(rule_key: str) -> sa.Select[int]:
    """The bodies where a reminder of the rule waits."""
    return sa.select(Reminder.body_id).where(
        Reminder.rule_key == rule_key, Reminder.state.in_(WAITING_STATES)
    )


# --- Changing -----------------------------------------------------------------------------------


def add(rule: OwnRule, *, note: str = "", by: User | None, now: datetime) -> Standing:
    """Make a rule of one's own for everybody; every body with a case is planned anew, and every
    other one that it could be about."""
    row = OwnRuleRow(created_at=now)
    db.session.add(row)
    db.session.flush()
    return _write(row.id, 1, OwnRuleState.ON, rule, note=note, by=by, now=now)


def change(
    rule_id: int, rule: OwnRule, *, note: str = "", by: User | None, now: datetime
) -> Standing | None:
    """Let the rule say something else from now on. None when nothing is different."""
    stands = get(rule_id)
    _refuse_ended(stands)
    if stands.rule == rule:
        return None
    return _write(rule_id, stands.version + 1, stands.state, rule, note=note, by=by, now=now)


def set_state(
    rule_id: int, state: OwnRuleState, *, note: str = "", by: User | None, now: datetime
) -> Standing | None:
    """Switch the rule on or off, or end it for good. None when nothing is different."""
    stands = get(rule_id)
    if stands.state is state:
        return None
    _refuse_ended(stands)
    return _write(rule_id, stands.version + 1, state, stands.rule, note=note, by=by, now=now)


def _refuse_ended(stands: Standing) -> None:
    if stands.has_ended:
        raise RuleBroken(_("The rule has ended. Make a new one instead."))


def _write(
    rule_id: int,
    version: int,
    state: OwnRuleState,
    rule: OwnRule,
    *,
    note: str,
    by: User | None,
    now: datetime,
) -> Standing:
    wrong = problems(rule)
    if wrong:
        raise ValueError(f"no such rule can be planned by: {', '.join(wrong)}")
    row = OwnRuleVersion(
        rule_id=rule_id,
        version=version,
        state=state,
        chosen=to_json(rule),
        changed_by_id=by.id if by else None,
        changed_at=now,
        note=note,
    )
    db.session.add(row)
    db.session.flush()
    bodies = [sa.select(Case.body_id), waits_at(code(rule_id))]
    if state is OwnRuleState.ON:
        bodies.append(reach(rule))
    pending.need_planning(sa.select(sa.union(*bodies).subquery().c[0]), "rule_changed")
    pending.begin_round()
    return as_standing(row)
