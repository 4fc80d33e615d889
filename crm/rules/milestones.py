"""A route laid out as dated milestones, forwards from a day or back from one (D2, D5, E7).

Everything is decided from the arguments. What has happened stands as it was; what is to come is an
estimate that never goes below the law's floor.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from crm.rules.calendar import ONE_DAY, next_working_day, previous_working_day
from crm.rules.certainty import Certainty
from crm.rules.floors import USUAL_TERMS, LegalTerms, floor
from crm.rules.quiet import OpenDays, Quiet
from crm.rules.routes import (
    LENGTHS_CERTAINTY,
    NOTICE_STAGES,
    Duration,
    Lengths,
    Pace,
    Route,
    StageKey,
    signed_stage,
    stages_of,
)
from crm.rules.stages import ProcurementStage


@dataclass(frozen=True, slots=True)
class Milestone:
    """The day on which a stage begins.

    `floor` is the first lawful day, counted from the milestone before, by `law`; None where the
    law sets none. `moved`: the quiet periods that a notice does not go out in.
    """

    stage: StageKey
    day: date
    floor: date | None = None
    law: str = ""
    moved: tuple[Quiet, ...] = ()

    @property
    def is_unlawful(self) -> bool:
        """Whether the day comes before the law allows it."""
        return self.floor is not None and self.day < self.floor


def lay_out(
    route: Route,
    begins_on: date,
    open_days: OpenDays,
    *,
    pace: Pace = Pace.USUAL,
    own: Lengths | None = None,
    known: Mapping[StageKey, date] | None = None,
    terms: LegalTerms = USUAL_TERMS,
) -> tuple[Milestone, ...]:
    """Forwards: each stage after the one before. What is `known` stands on its day.

    A notice goes out on a day on which people are at work: one that would fall in a quiet period
    waits until it is over; everything else happens on a working day. A stage before the first known
    one is laid out as if nothing were known.
    """
    known = known or {}
    found: list[Milestone] = []
    day, law = begins_on, ""
    earliest: date | None = None
    sent: date | None = None
    for stage, duration in (*stages_of(route, own), (StageKey.IN_USE, _AT_ONCE)):
        moved: tuple[Quiet, ...] = ()
        if stage in known:
            day = known[stage]
        elif stage in NOTICE_STAGES:
            day, moved = open_days.first(day)
        found.append(Milestone(stage, day, earliest, law, moved))
        if stage in NOTICE_STAGES:
            sent = day
        least = floor(route, stage, day, terms, notice_sent=sent)
        earliest, law = least.day, least.law
        day += timedelta(days=duration.days(pace))
        if earliest is not None:
            day = max(day, earliest)
        day = next_working_day(day)
    return tuple(found)


def lay_back(
    route: Route,
    in_use_on: date,
    open_days: OpenDays,
    *,
    pace: Pace = Pace.USUAL,
    own: Lengths | None = None,
    terms: LegalTerms = USUAL_TERMS,
    signed_by: date | None = None,
) -> tuple[Milestone, ...]:
    """Back from the day of use. A notice that would fall in a quiet period goes out before it.

    Everything else happens on a working day, the same or the one before. `signed_by`: the contract
    is signed by that day even if the day of use would leave more time, as where the old contract's
    notice day comes first; what follows the signing gets the time between.
    """
    terms = terms.undated()
    found: list[tuple[StageKey, date, tuple[Quiet, ...]]] = [(StageKey.IN_USE, in_use_on, ())]
    after = in_use_on
    if signed_by is not None and signed_stage(route) is StageKey.IN_USE:
        after = min(after, signed_by)
    for stage, duration in reversed(stages_of(route, own)):
        day = after - timedelta(days=duration.days(pace))
        if signed_by is not None and stage is signed_stage(route):
            day = min(day, signed_by)
        moved: tuple[Quiet, ...] = ()
        while _too_late(floor(route, stage, day, terms).day, after):
            day -= ONE_DAY
        day = previous_working_day(day)
        if stage in NOTICE_STAGES:
            day, moved = open_days.last_before(day)
        found.append((stage, day, moved))
        after = day
    earliest: date | None = None
    law = ""
    milestones = []
    sent: date | None = None
    for stage, day, moved in reversed(found):
        milestones.append(Milestone(stage, day, earliest, law, moved))
        if stage in NOTICE_STAGES:
            sent = day
        least = floor(route, stage, day, terms, notice_sent=sent)
        earliest, law = least.day, least.law
    return tuple(milestones)


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage of a plan that stands, and has not begun; both days included."""

    stage: StageKey
    start: date
    end: date
    law: str = ""
    certainty: Certainty = LENGTHS_CERTAINTY


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What a plan that stands says of the days to come. `in_use_on` is where it leads."""

    in_use_on: date
    stages: tuple[PlannedStage, ...]

    def stage(self, key: StageKey) -> PlannedStage | None:
        """The stage, if it is still to come. A notice is a notice in one step and in two."""
        wanted = NOTICE_STAGES if key in NOTICE_STAGES else (key,)
        return next((one for one in self.stages if one.stage in wanted), None)


def laid_out(
    route: Route,
    milestones: Sequence[tuple[StageKey, date, bool, Certainty]],
    terms: LegalTerms = USUAL_TERMS,
) -> LaidOut | None:
    """A plan from its milestones: stage, day, whether it has happened, how sure. In their order.

    None where nothing is left of it.
    """
    ahead = [
        PlannedStage(
            stage,
            day,
            max(day, after - ONE_DAY),
            floor(route, stage, day, terms).law,
            certainty,
        )
        for (stage, day, reached, certainty), (_stage, after, _reached, _how) in pairwise(
            milestones
        )
        if not reached
    ]
    last = milestones[-1] if milestones else None
    if last is None or last[2]:
        return None
    return LaidOut(last[1], tuple(ahead))


def stage_now(route: Route, reached: Collection[StageKey]) -> ProcurementStage:
    """Where our cases' procurement track stands, by what has happened.

    Without a notice to tell of, it says how they buy until it is signed.
    """
    for stage, told in _TOLD:
        if stage not in reached:
            continue
        if told in _MARKET_SIDE and route in _UNADVERTISED_STAGE:
            return _UNADVERTISED_STAGE[route]
        return told
    return _UNADVERTISED_STAGE.get(route, ProcurementStage.UNDECIDED)


def check_order(days: Sequence[tuple[StageKey, date]]) -> tuple[StageKey, StageKey] | None:
    """The first two milestones that stand in the wrong order, None where all is well."""
    for (before, first), (after, second) in pairwise(days):
        if second < first:
            return before, after
    return None


def _too_late(earliest: date | None, after: date) -> bool:
    """Whether the stage would have to end before the law lets it."""
    return earliest is not None and earliest > after


_AT_ONCE: Final = Duration(0, 0, 0)
_TOLD: Final = (
    (StageKey.IN_USE, ProcurementStage.SIGNED),
    (StageKey.ROLLOUT, ProcurementStage.SIGNED),
    (StageKey.DEVELOPMENT, ProcurementStage.SIGNED),
    (StageKey.SIGNING, ProcurementStage.STANDSTILL),
    (StageKey.STANDSTILL, ProcurementStage.STANDSTILL),
    (StageKey.AWARD, ProcurementStage.EVALUATION),
    (StageKey.EVALUATION, ProcurementStage.EVALUATION),
    (StageKey.NEGOTIATION, ProcurementStage.PUBLISHED),
    (StageKey.TENDER, ProcurementStage.PUBLISHED),
    (StageKey.APPLICATION, ProcurementStage.PUBLISHED),
    (StageKey.MARKET, ProcurementStage.PUBLISHED),
    (StageKey.DECISION, ProcurementStage.PREPARING),
    (StageKey.SPECIFICATION, ProcurementStage.PREPARING),
    (StageKey.DIALOGUE, ProcurementStage.EARLY_DIALOGUE),
)
"""What a stage that has begun says of the procurement, the last one first."""

_MARKET_SIDE: Final = frozenset(
    {
        ProcurementStage.PREPARING,
        ProcurementStage.PUBLISHED,
        ProcurementStage.EVALUATION,
        ProcurementStage.STANDSTILL,
    }
)
_UNADVERTISED_STAGE: Final = {
    Route.UNIT_PURCHASE: ProcurementStage.DIRECT_AWARD,
    Route.DIRECT_AWARD: ProcurementStage.DIRECT_AWARD,
    Route.CALL_OFF: ProcurementStage.CALL_OFF,
    Route.RENEWED_COMPETITION: ProcurementStage.CALL_OFF,
    Route.PURCHASING_BODY: ProcurementStage.CALL_OFF,
    Route.OPTION: ProcurementStage.CALL_OFF,
}
