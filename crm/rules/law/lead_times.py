"""How long the stages of a procurement usually take (`procurement-law.md` 4.2).

Estimates for municipal IT, fitted to the statistics that are published; no published figure covers
a stage by itself. They hold until a vendor has a history of its own, and none goes below what the
law says. The rows stand in `data/lead_times.csv`, in calendar days.
"""

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from crm.rules.law.explained import Confidence
from crm.rules.law.terms import Procedure


class LeadStage(StrEnum):
    """The stages in order; a review (överprövning) and an appeal only where one comes."""

    NEEDS = "needs"
    DIALOGUE = "dialogue"
    SPECIFICATION = "specification"
    DECISION = "decision"
    MARKET = "market"
    EVALUATION = "evaluation"
    AWARD = "award"
    STANDSTILL = "standstill"
    REVIEW = "review"
    REVIEW_APPEAL = "review_appeal"
    SIGNING = "signing"
    ROLLOUT = "rollout"
    ROLLOUT_CORE = "rollout_core"  # a core system instead of a simple service


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Calendar days. `floor` is the least the law allows by `paragraph`; 0 where it says none."""

    stage: LeadStage
    route: str  # a procedure, "two_stage", or empty for any
    short: int
    usual: int
    long: int
    floor: int
    paragraph: str
    source: str
    confidence: Confidence


def lead_time(stage: LeadStage, procedure: Procedure) -> LeadTime | None:
    """What a stage takes in a procedure; None if it has no such stage.

    Direct awards and call-offs have no avtalsspärr and take no decision to advertise.
    """
    if stage in _LEFT_OUT.get(procedure, ()):
        return None
    rows = {row.route: row for row in lead_times() if row.stage is stage}
    for name in _names(procedure):
        if name in rows:
            return rows[name]
    return rows.get("")


def _names(procedure: Procedure) -> tuple[str, ...]:
    if procedure.is_two_stage:
        return (procedure.value, "two_stage")
    if procedure in {Procedure.CALL_OFF, Procedure.DIS}:
        return (procedure.value, Procedure.FKU.value)
    if procedure is Procedure.NEGOTIATED_WITHOUT_NOTICE:
        return (procedure.value, Procedure.DIRECT_AWARD.value)
    if procedure is Procedure.CONCESSION:
        return (procedure.value, Procedure.OPEN.value)
    return (procedure.value,)


_BEFORE_THE_NOTICE = frozenset({LeadStage.DIALOGUE, LeadStage.DECISION})
_AFTER_BIDS = frozenset(
    {
        LeadStage.EVALUATION,
        LeadStage.AWARD,
        LeadStage.STANDSTILL,
        LeadStage.REVIEW,
        LeadStage.REVIEW_APPEAL,
    }
)
_LEFT_OUT = {
    Procedure.FKU: _BEFORE_THE_NOTICE | _AFTER_BIDS,
    Procedure.CALL_OFF: _BEFORE_THE_NOTICE | _AFTER_BIDS,
    Procedure.DIS: _BEFORE_THE_NOTICE | _AFTER_BIDS,
    Procedure.DIRECT_AWARD: _BEFORE_THE_NOTICE | _AFTER_BIDS | {LeadStage.SPECIFICATION},
    Procedure.NEGOTIATED_WITHOUT_NOTICE: (
        _BEFORE_THE_NOTICE | _AFTER_BIDS | {LeadStage.SPECIFICATION}
    ),
}


@lru_cache(maxsize=1)
def lead_times() -> tuple[LeadTime, ...]:
    """Every row, in the order of the file."""
    text = files("crm.rules").joinpath("data/lead_times.csv").read_text(encoding="utf-8")
    return tuple(
        LeadTime(
            stage=LeadStage(row["stage"]),
            route=row["route"],
            short=int(row["short"]),
            usual=int(row["usual"]),
            long=int(row["long"]),
            floor=int(row["floor"]),
            paragraph=row["paragraph"],
            source=row["source"],
            confidence=Confidence(row["confidence"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    )
