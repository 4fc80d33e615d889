"""From the day something is to be in use, back to the day on which somebody must begin (E7).

The stages and their lengths are those of `routes`. Everything here is decided from the arguments;
the authority decides the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from crm.rules.budget_cycle import Phase, Practice, door
from crm.rules.calendar import ONE_DAY
from crm.rules.contracts import Term
from crm.rules.floors import USUAL_TERMS, LegalTerms, floor
from crm.rules.milestones import lay_back
from crm.rules.quiet import OpenDays, Quiet
from crm.rules.routes import NOTICE_STAGES, Lengths, Pace, Route, StageKey, stages_of


@dataclass(frozen=True, slots=True)
class Step:
    """One stage laid out; both days included. `law` cites the floor of those that have one."""

    stage: StageKey
    start: date
    end: date
    floor_days: int = 0
    law: str = ""
    moved: tuple[Quiet, ...] = ()  # why it begins earlier than its length asks for


@dataclass(frozen=True, slots=True)
class BackwardPlan:
    """The stages in order, the budget that must pay, and whether there is time.

    `in_use_on` is the wanted day. `budget_year` is the year of the first cost: the year of the
    first use, not of the signing, except that development is paid from the day it begins. `budget`
    is the hand-in for that year, None where the body's timetable is not known. `missing_days` is
    how late the first stage is, 0 where there is time.
    """

    route: Route
    pace: Pace
    in_use_on: date
    signed_on: date
    steps: tuple[Step, ...]
    budget: Phase | None
    budget_year: int
    missing_days: int
    budget_is_missed: bool
    begins_on: date  # the first stage; the day of use itself where no stage takes any time

    @property
    def missing_months(self) -> int:
        """Begun months that are missing."""
        return -(-self.missing_days // _MONTH)

    @property
    def is_late(self) -> bool:
        """Whether it can no longer be done in time at this pace, or its budget is handed in."""
        return self.missing_days > 0 or self.budget_is_missed

    def step(self, stage: StageKey) -> Step | None:
        """The stage's step, if the route has it. A notice is a notice in one step and in two."""
        wanted = NOTICE_STAGES if stage in NOTICE_STAGES else (stage,)
        return next((one for one in self.steps if one.stage in wanted), None)


_MONTH: Final = 30


def backward_plan(
    in_use_on: date,
    route: Route,
    practice: Practice,
    open_days: OpenDays,
    *,
    today: date,
    pace: Pace = Pace.USUAL,
    own: Lengths | None = None,
    terms: LegalTerms = USUAL_TERMS,
    signed_by: date | None = None,
) -> BackwardPlan:
    """Lay the stages end to end so that the last one is over the day before `in_use_on`.

    `signed_by`: and so that the contract is signed by that day, see `lay_back`.

    The notice is sent on a day on which people are at work: one that would fall in a quiet period
    goes out before it, and what comes before moves with it. So does what the law gives more days
    than the estimate, such as a standstill whose last day is a holiday.
    """
    milestones = lay_back(
        route, in_use_on, open_days, pace=pace, own=own, terms=terms, signed_by=signed_by
    )
    steps = []
    for one, after in pairwise(milestones):
        if after.day > one.day:
            least = floor(route, one.stage, one.day, terms)
            ends = after.day - ONE_DAY
            steps.append(Step(one.stage, one.day, ends, least.days, least.law, one.moved))
    signing = next(at for at, one in enumerate(milestones) if one.stage is StageKey.SIGNING)
    signed = milestones[signing + 1].day - ONE_DAY
    if signed_by is not None:
        signed = min(signed, signed_by)
    paid_from = next(
        (one.day for one in milestones if one.stage is StageKey.DEVELOPMENT), in_use_on
    ).year
    budget = door(practice, paid_from) if practice.is_known else None
    return BackwardPlan(
        route=route,
        pace=pace,
        in_use_on=in_use_on,
        signed_on=signed,
        steps=tuple(steps),
        budget=budget,
        budget_year=paid_from,
        missing_days=max(0, (today - milestones[0].day).days),
        begins_on=milestones[0].day,
        budget_is_missed=budget is not None and budget.end < today,
    )


def next_term(
    notices: Sequence[tuple[Term, date]],
    route: Route,
    practice: Practice,
    open_days: OpenDays,
    *,
    today: date,
    own: Lengths | None = None,
    terms: LegalTerms = USUAL_TERMS,
) -> tuple[Term, date] | None:
    """The contract's first term whose notice day there is time for: the next cycle of a contract.

    `notices`: the terms with their notice days ahead; each after the first is there only if its
    option is used. None where there is time for none of them.
    """
    for term, notice_on in notices:
        found = backward_plan(
            term.ends_on + ONE_DAY,
            route,
            practice,
            open_days,
            today=today,
            own=own,
            terms=terms,
            signed_by=notice_on,
        )
        if not found.is_late:
            return term, notice_on
    return None


def realistic(
    route: Route,
    practice: Practice,
    open_days: OpenDays,
    *,
    today: date,
    pace: Pace = Pace.USUAL,
    own: Lengths | None = None,
    terms: LegalTerms = USUAL_TERMS,
) -> BackwardPlan:
    """The first plan that there is time for, begun today: the next cycle where this one is late.

    Its budget has yet to be handed in, so that the need can still be in it. Within two years of
    looking, since every body decides a budget each year.
    """
    stages = stages_of(route, own)
    lengths = {stage: one.days(pace) for stage, one in stages}
    developed = (
        lengths[StageKey.DEVELOPMENT] + lengths[StageKey.ROLLOUT]
        if StageKey.DEVELOPMENT in lengths
        else 0
    )
    day = today + timedelta(days=sum(lengths.values()))
    while True:
        found = backward_plan(
            day, route, practice, open_days, today=today, pace=pace, own=own, terms=terms
        )
        if not found.is_late:
            return found
        if found.missing_days:
            day += timedelta(days=found.missing_days)
        else:  # the money: the first day that next year's budget can pay
            first = date(found.budget_year + 1, 1, 1) + timedelta(days=developed)
            day = max(first, day + ONE_DAY)
