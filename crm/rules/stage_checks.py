"""Checks before a stage (D15): what ought to be known before a step is taken, and who knows it.

Each check asks for a meaning and not for a field, and only on the routes where it has one. It warns
unless the installation has chosen that it stops the step, or that it says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.rules.routes import Route, StageKey
from crm.rules.stages import CaseRole, ProcurementStage


class StageCheck(StrEnum):
    """What ought to be known."""

    TENDER_DEADLINE = "tender_deadline"  # published without a last day for tenders
    QUESTION_DEADLINE = "question_deadline"  # published without a last day for questions
    GO_DECISION = "go_decision"  # a tender handed in that nobody has decided on
    AWARD_DAY = "award_day"  # in standstill without the day of the award decision
    STANDSTILL_END = "standstill_end"  # signed without the standstill having been noted


class CheckLevel(StrEnum):
    """What a check does."""

    WARN = "warn"
    BLOCK = "block"
    OFF = "off"


class Step(StrEnum):
    """What is about to be noted."""

    PUBLISH = "publish"
    SUBMIT = "submit"
    STAND = "stand"  # the avtalsspärr has begun
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known as the step is taken."""

    tender_deadline: bool = False
    question_deadline: bool = False
    go_decision: bool = False
    award_day: bool = False
    standstill_end: bool = False


WHO_KNOWS: Final[dict[StageCheck, CaseRole | None]] = {
    StageCheck.TENDER_DEADLINE: CaseRole.PROCUREMENT_OFFICER,
    StageCheck.QUESTION_DEADLINE: CaseRole.PROCUREMENT_OFFICER,
    StageCheck.GO_DECISION: None,  # we ourselves
    StageCheck.AWARD_DAY: CaseRole.PROCUREMENT_OFFICER,
    StageCheck.STANDSTILL_END: CaseRole.PROCUREMENT_OFFICER,
}
"""Who usually has what is missing; None: somebody of ours."""

_ASKED: Final[dict[Step, tuple[StageCheck, ...]]] = {
    Step.PUBLISH: (StageCheck.TENDER_DEADLINE, StageCheck.QUESTION_DEADLINE),
    Step.SUBMIT: (StageCheck.GO_DECISION,),
    Step.STAND: (StageCheck.AWARD_DAY,),
    Step.SIGN: (StageCheck.STANDSTILL_END,),
}
_BY_HAND: Final = {
    ProcurementStage.PUBLISHED: Step.PUBLISH,
    ProcurementStage.STANDSTILL: Step.STAND,
    ProcurementStage.SIGNED: Step.SIGN,
}
_WITHOUT_QUESTIONS: Final = frozenset({Route.CALL_OFF, Route.OPTION, Route.CHOICE_SYSTEM})
_WITHOUT_STANDSTILL: Final = frozenset(
    {Route.UNIT_PURCHASE, Route.DIRECT_AWARD, Route.CALL_OFF, Route.OPTION, Route.CHOICE_SYSTEM}
)
"""No avtalsspärr is lawfully needed: LOU 20 kap. 2 §."""


def step_of(stage: StageKey) -> Step | None:
    """The step that reaching a milestone means.

    In two stages the days of the tender are said in the invitation, not in the first notice.
    """
    if stage in (StageKey.MARKET, StageKey.TENDER):
        return Step.PUBLISH
    return Step.SIGN if stage is StageKey.SIGNING else None


def step_by_hand(stage: ProcurementStage) -> Step | None:
    """The step that a stage on a case's procurement track means, when it is moved by hand."""
    return _BY_HAND.get(stage)


def route_by_hand(before: ProcurementStage) -> Route | None:
    """How they buy, by where the case stood, where no plan says it.

    What was never advertised has no avtalsspärr to wait for; None where it may have been.
    """
    if before is ProcurementStage.CALL_OFF:
        return Route.CALL_OFF
    if before in (
        ProcurementStage.NONE,
        ProcurementStage.UNDECIDED,
        ProcurementStage.DIRECT_AWARD,
    ):
        return Route.DIRECT_AWARD
    return None


@dataclass(frozen=True, slots=True)
class Missing:
    """A check that is not met, and what it does here."""

    check: StageCheck
    blocks: bool

    @property
    def who(self) -> CaseRole | None:
        """Who usually knows it."""
        return WHO_KNOWS[self.check]


def missing(
    step: Step, route: Route | None, known: Known, levels: Mapping[StageCheck, CheckLevel]
) -> tuple[Missing, ...]:
    """What ought to be known before this step on this route, and is not. A level unset warns."""
    found = []
    for check in _ASKED[step]:
        level = levels.get(check, CheckLevel.WARN)
        if level is CheckLevel.OFF or getattr(known, check.value) or not _means(check, route):
            continue
        found.append(Missing(check, level is CheckLevel.BLOCK))
    return tuple(found)


def _means(check: StageCheck, route: Route | None) -> bool:
    """Whether the check has a meaning on the route."""
    if check is StageCheck.QUESTION_DEADLINE:
        return route not in _WITHOUT_QUESTIONS
    if check is StageCheck.STANDSTILL_END:
        return route not in _WITHOUT_STANDSTILL
    return True
