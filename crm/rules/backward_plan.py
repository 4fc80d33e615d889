"""From the day something is to be in use, back to the day on which somebody must begin (E7).

The stages and how long they take are `procurement-law.md` 4.2: estimates, fitted to published
statistics, until a vendor has a history of its own. What the law says is a floor that no estimate
goes below. Everything here is decided from the arguments; the authority decides the rest.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.budget_cycle import Phase, Practice, door
from crm.rules.calendar import ONE_DAY
from crm.rules.certainty import Certainty
from crm.rules.quiet import OpenDays, Quiet


class Route(StrEnum):
    """How the body may buy."""

    OPEN = "open"  # öppet förfarande
    TWO_STAGE = "two_stage"  # selektivt eller förhandlat, with an application first
    BELOW_THRESHOLD = "below_threshold"  # annonserad upphandling enligt LOU 19 kap.
    CALL_OFF = "call_off"  # avrop med förnyad konkurrensutsättning (FKU)
    DIRECT_AWARD = "direct_award"  # direktupphandling


class Pace(StrEnum):
    """Which of the three estimates to lay out by."""

    SHORT = "short"
    USUAL = "usual"
    LONG = "long"


class StageKey(StrEnum):
    """What a procurement consists of, in order."""

    NEEDS = "needs"  # behovsanalys, förstudie
    DIALOGUE = "dialogue"  # marknadsdialog, RFI
    SPECIFICATION = "specification"  # kravspecifikation
    DECISION = "decision"  # beslut att annonsera
    MARKET = "market"  # annonsering, anbudstid
    EVALUATION = "evaluation"
    AWARD = "award"  # tilldelningsbeslut
    STANDSTILL = "standstill"  # avtalsspärr
    SIGNING = "signing"
    ROLLOUT = "rollout"  # införande


STAGE_NAMES: Final[dict[StageKey, tuple[str, str]]] = {
    StageKey.NEEDS: ("Behovsanalys", "Analysis of needs"),
    StageKey.DIALOGUE: ("Marknadsdialog (RFI)", "Market dialogue (RFI)"),
    StageKey.SPECIFICATION: ("Kravspecifikation", "Specification (kravspecifikation)"),
    StageKey.DECISION: ("Beslut att annonsera", "Decision to advertise"),
    StageKey.MARKET: ("Annonsering och anbudstid", "Notice and time for tenders"),
    StageKey.EVALUATION: ("Utvärdering", "Evaluation"),
    StageKey.AWARD: ("Tilldelningsbeslut", "Award decision (tilldelningsbeslut)"),
    StageKey.STANDSTILL: ("Avtalsspärr", "Standstill (avtalsspärr)"),
    StageKey.SIGNING: ("Signering", "Signing"),
    StageKey.ROLLOUT: ("Införande", "Roll-out"),
}
"""Swedish and English; the Swedish term of art stays beside the English one."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar days. `floor` is the least that the law allows, by `law`; 0 where it says none."""

    short: int
    usual: int
    long: int
    floor: int = 0
    law: str = ""

    def days(self, pace: Pace) -> int:
        """The estimate, never below the floor."""
        asked = {Pace.SHORT: self.short, Pace.USUAL: self.usual, Pace.LONG: self.long}[pace]
        return max(asked, self.floor)


_NEEDS: Final = Duration(28, 84, 280)
_DIALOGUE: Final = Duration(21, 42, 84)
_SPECIFICATION: Final = Duration(28, 84, 182)
_DECISION: Final = Duration(0, 14, 42)
_EVALUATION: Final = Duration(14, 42, 84)
_AWARD: Final = Duration(0, 7, 35)
_STANDSTILL: Final = Duration(11, 12, 16, 10, "LOU 20 kap. 1 §")
_SIGNING: Final = Duration(1, 14, 28)
_ROLLOUT: Final = Duration(28, 70, 140)

_ADVERTISED: Final = (
    (StageKey.NEEDS, _NEEDS),
    (StageKey.DIALOGUE, _DIALOGUE),
    (StageKey.SPECIFICATION, _SPECIFICATION),
    (StageKey.DECISION, _DECISION),
)
_DECIDED: Final = (
    (StageKey.EVALUATION, _EVALUATION),
    (StageKey.AWARD, _AWARD),
    (StageKey.STANDSTILL, _STANDSTILL),
    (StageKey.SIGNING, _SIGNING),
    (StageKey.ROLLOUT, _ROLLOUT),
)

STAGES: Final[dict[Route, tuple[tuple[StageKey, Duration], ...]]] = {
    Route.OPEN: (
        *_ADVERTISED,
        (StageKey.MARKET, Duration(30, 40, 60, 30, "LOU 11 kap. 2 och 6 §§")),
        *_DECIDED,
    ),
    Route.TWO_STAGE: (
        *_ADVERTISED,
        (StageKey.MARKET, Duration(55, 90, 150, 55, "LOU 11 kap. 3 och 6 §§")),
        *_DECIDED,
    ),
    Route.BELOW_THRESHOLD: (
        *_ADVERTISED,
        (StageKey.MARKET, Duration(14, 25, 40, 0, "LOU 19 kap. 11 §")),
        *_DECIDED,
    ),
    # A renewed competition and a direct award take their stages in one go, and have no standstill.
    Route.CALL_OFF: (
        (StageKey.NEEDS, _NEEDS),
        (StageKey.SPECIFICATION, Duration(14, 42, 84)),
        (StageKey.MARKET, Duration(14, 42, 84, 0, "LOU 7 kap. 9 §")),
        (StageKey.SIGNING, _SIGNING),
        (StageKey.ROLLOUT, _ROLLOUT),
    ),
    Route.DIRECT_AWARD: (
        (StageKey.NEEDS, Duration(14, 28, 84)),
        (StageKey.MARKET, Duration(7, 28, 70, 0, "LOU 19 a kap.")),
        (StageKey.SIGNING, _SIGNING),
        (StageKey.ROLLOUT, _ROLLOUT),
    ),
}


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

    `in_use_on` is the wanted day. `budget` is the hand-in for the budget year of the signing, None
    where the body's timetable is not known. `missing_days` is how late the first stage is, 0 where
    there is time.
    """

    route: Route
    pace: Pace
    in_use_on: date
    steps: tuple[Step, ...]
    budget: Phase | None
    budget_year: int
    missing_days: int
    budget_is_missed: bool

    @property
    def missing_months(self) -> int:
        """Begun months that are missing."""
        return -(-self.missing_days // _MONTH)

    @property
    def is_late(self) -> bool:
        """Whether it can no longer be done in time at this pace, or its budget is handed in."""
        return self.missing_days > 0 or self.budget_is_missed

    def step(self, stage: StageKey) -> Step | None:
        """The stage's step, if the route has it."""
        return next((one for one in self.steps if one.stage is stage), None)


_MONTH: Final = 30

LENGTHS_CERTAINTY: Final = Certainty.TYPICAL
"""Of every length that is no floor: an estimate from published statistics."""


def backward_plan(
    in_use_on: date,
    route: Route,
    practice: Practice,
    open_days: OpenDays,
    *,
    today: date,
    pace: Pace = Pace.USUAL,
) -> BackwardPlan:
    """Lay the stages end to end so that the last one is over the day before `in_use_on`.

    The notice is sent on a day on which people are at work: one that would fall in a quiet period
    goes out before it, and what comes before moves with it.
    """
    steps: list[Step] = []
    end = in_use_on - ONE_DAY
    for stage, duration in reversed(STAGES[route]):
        days = duration.days(pace)
        if days == 0:
            continue
        start = end - timedelta(days=days - 1)
        moved: tuple[Quiet, ...] = ()
        if stage is StageKey.MARKET:
            start, moved = open_days.last_before(start)
        steps.append(Step(stage, start, end, duration.floor, duration.law, moved))
        end = start - ONE_DAY
    steps.reverse()
    signing = next(one for one in steps if one.stage is StageKey.SIGNING)
    budget = door(practice, signing.end.year) if practice.is_known else None
    return BackwardPlan(
        route=route,
        pace=pace,
        in_use_on=in_use_on,
        steps=tuple(steps),
        budget=budget,
        budget_year=signing.end.year,
        missing_days=max(0, (today - steps[0].start).days),
        budget_is_missed=budget is not None and budget.end < today,
    )


def realistic(
    route: Route, practice: Practice, open_days: OpenDays, *, today: date, pace: Pace = Pace.USUAL
) -> BackwardPlan:
    """The first plan that there is time for, begun today: the next cycle where this one is late.

    Its budget has yet to be handed in, so that the need can still be in it. Within two years of
    looking, since every body decides a budget each year.
    """
    day = today + timedelta(days=sum(one.days(pace) for _stage, one in STAGES[route]))
    while True:
        found = backward_plan(day, route, practice, open_days, today=today, pace=pace)
        if not found.is_late:
            return found
        if found.missing_days:
            day += timedelta(days=found.missing_days)
        else:  # the money: the first signing that next year's budget can pay
            lead = found.in_use_on - found.steps[-1].start + timedelta(days=_SIGNING.days(pace))
            day = date(found.budget_year + 1, 1, 1) + lead


def earliest_range(route: Route, today: date) -> tuple[date, date]:
    """The first day in use if everything goes fast, and if everything takes its time."""

    def after(pace: Pace) -> date:
        return today + timedelta(days=sum(one.days(pace) for _stage, one in STAGES[route]))

    return after(Pace.SHORT), after(Pace.LONG)
