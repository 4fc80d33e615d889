"""A rule of our own tried out before it is saved: what it would do in 24 months, over all buyers.

The facts are gathered once for all, and each body is planned by the very planner that the clock
uses, both as the rules stand and as they would. Nothing is written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from crm.organisations.models import Organisation
from crm.reminders import own, ruleset, sources
from crm.rules import reminders as rulebook
from crm.rules.own_rules import MOST_REMINDERS, PREFIX, OwnRule, as_rule
from crm.rules.precision import add_months
from crm.rules.reminder_rules import Rule
from crm.rules.reminders import Planned

MONTHS = 25  # this one and the two years that follow
SHOWN = 40  # reminders that the page names; all of them are counted
_NEW = f"{PREFIX}new"


class Difference(StrEnum):
    NEW = "new"
    MOVED = "moved"
    GONE = "gone"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Hit:
    """One reminder of the rule. `planned` is None for what the rule would no longer make."""

    day: date
    before: date | None
    difference: Difference
    body_id: int
    body: str
    case_id: int | None
    case: str
    planned: Planned | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rule would do. `months` holds every month of the two years, also the empty ones."""

    hits: tuple[Hit, ...]  # the soonest of them
    total: int
    bodies: int  # that it speaks for
    months: tuple[tuple[date, int], ...]
    new: int
    moved: int
    gone: int
    others: int  # reminders of other rules that give way, or come back
    looked_through: int  # bodies that the rule could be about

    @property
    def is_nothing(self) -> bool:
        return self.total == 0

    @property
    def is_too_much(self) -> bool:
        return self.total > MOST_REMINDERS

    @property
    def most_in_a_month(self) -> int:
        return max(number for _month, number in self.months)


def try_out(
    rule: OwnRule, stands: own.Standing | None, *, away: frozenset[int], today: date
) -> Trial:
    """Plan as if the rule were saved and on. Twelve statements, whatever the number of cases.

    `away` are the colleagues who have left.
    """
    key = stands.code if stands is not None else _NEW
    before = ruleset.in_force(away)
    version = stands.version + 1 if stands is not None else 1
    tried = as_rule(rule, key, version, away=away)
    after = (*(one for one in before if one.key != key), tried)
    facts = sources.gather(_bodies(rule, key), away)
    there = ruleset.existing([one.body_id for one in facts])
    counted: Counter[Difference] = Counter()
    months: Counter[date] = Counter()
    bodies: set[int] = set()
    hits: list[Hit] = []
    others = 0
    for gathered in facts:
        rows = there.get(gathered.body_id, [])
        if not _may_concern(tried, key, gathered, rows):
            continue
        found, elsewhere = _at_body(gathered, rows, before, after, key, today)
        others += elsewhere
        for hit in found:
            counted[hit.difference] += 1
            if hit.difference is not Difference.GONE:
                months[hit.day.replace(day=1)] += 1
                bodies.add(hit.body_id)
        hits += found
    hits.sort(key=lambda one: (one.day, one.body, one.case, one.case_id or 0))
    first = today.replace(day=1)
    return Trial(
        hits=tuple(hits[:SHOWN]),
        total=len(hits) - counted[Difference.GONE],
        bodies=len(bodies),
        months=tuple(
            (month, months[month]) for month in (add_months(first, n) for n in range(MONTHS))
        ),
        new=counted[Difference.NEW],
        moved=counted[Difference.MOVED],
        gone=counted[Difference.GONE],
        others=others,
        looked_through=len(facts),
    )


def _bodies(rule: OwnRule, key: str) -> sa.Select[int]:
    """Where the rule could speak, or has a reminder that waits."""
    about = sa.or_(Organisation.id.in_(own.reach(rule)), Organisation.id.in_(own.waits_at(key)))
    return sa.select(Organisation.id).where(about)


def _may_concern(
    tried: Rule, key: str, gathered: sources.Gathered, rows: Sequence[rulebook.Existing]
) -> bool:
    """Whether planning the body could make a difference. Most bodies are passed over here."""
    account = rulebook.account_of(gathered.body, gathered.cases)
    spoken_for = gathered.cases if account is None else (*gathered.cases, account)
    holds = tried.conditions.hold_for
    return any(holds(gathered.body, case) for case in spoken_for) or any(
        one.is_pending and one.key.startswith(f"{key}/") for one in rows
    )


def _at_body(
    gathered: sources.Gathered,
    rows: Sequence[rulebook.Existing],
    before: Sequence[Rule],
    after: Sequence[Rule],
    key: str,
    today: date,
) -> tuple[list[Hit], int]:
    """The rule's reminders at one body, and how many of other rules stand otherwise."""
    plans = [
        rulebook.plan(gathered.body, gathered.cases, rules=rules, today=today)
        for rules in (before, after)
    ]
    now, then = (ruleset.would_wait(plan, gathered.cases, rows) for plan in plans)
    planned = {one.key: one for one in plans[1]}
    hits: list[Hit] = []
    others = 0
    for one in now.keys() | then.keys():
        was, becomes = now.get(one, ruleset.NEVER), then.get(one, ruleset.NEVER)
        if not one.startswith(f"{key}/"):
            others += was != becomes
            continue
        case_id = was[1] or becomes[1]
        day = becomes[0] or was[0]
        if day is not None:
            hits.append(
                Hit(
                    day=day,
                    before=was[0],
                    difference=_difference(was[0], becomes[0]),
                    body_id=gathered.body_id,
                    body=gathered.body.name,
                    case_id=case_id,
                    case=gathered.titles.get(case_id or 0, ""),
                    planned=planned.get(one),
                )
            )
    return hits, others


def _difference(was: date | None, becomes: date | None) -> Difference:
    if was is None:
        return Difference.NEW
    if becomes is None:
        return Difference.GONE
    return Difference.SAME if was == becomes else Difference.MOVED
