"""What a rule of one's own may be counted from, and who is told: the planner's part of E3."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.rules.budget_cycle import PhaseRole
from crm.rules.routes import StageKey


class OwnEvent(StrEnum):
    """Something with a day of its own: in the buyer's year, in a case, or in its plan."""

    DIRECTIVE = "directive"
    DOOR_OPENS = "door_opens"
    HAND_IN = "hand_in"
    DECISION = "decision"
    INTERNAL_BUDGET = "internal_budget"
    BUDGET_YEAR = "budget_year"
    APPROPRIATION = "appropriation"
    COUNCIL_MEETING = "council_meeting"
    CASE_OPENED = "case_opened"
    CONTRACT_END = "contract_end"
    IN_USE = "in_use"
    PLAN_NEEDS = "plan_needs"
    PLAN_DIALOGUE = "plan_dialogue"
    PLAN_SPECIFICATION = "plan_specification"
    PLAN_MARKET = "plan_market"
    PLAN_STANDSTILL = "plan_standstill"


class RuleScope(StrEnum):
    """What a rule of one's own speaks for."""

    CASES = "cases"
    ACCOUNTS = "accounts"  # buyers in which no case is in progress
    BOTH = "both"  # each case, and the buyers in which there is none


class Assignee(StrEnum):
    CASE_OWNER = "case_owner"
    ACCOUNT_MANAGER = "account_manager"  # whoever has the buyer
    COLLEAGUE = "colleague"  # one by name


YEARLY: Final[dict[OwnEvent, tuple[PhaseRole, bool]]] = {
    OwnEvent.DIRECTIVE: (PhaseRole.DIRECTIVE, False),
    OwnEvent.DOOR_OPENS: (PhaseRole.DOOR, False),
    OwnEvent.HAND_IN: (PhaseRole.DOOR, True),
    OwnEvent.DECISION: (PhaseRole.DECISION, True),
    OwnEvent.INTERNAL_BUDGET: (PhaseRole.INTERNAL_BUDGET, False),
    OwnEvent.BUDGET_YEAR: (PhaseRole.YEAR_START, False),
    OwnEvent.APPROPRIATION: (PhaseRole.APPROPRIATION, True),
}
"""Events of the buyer's year: which phase, and whether its last day counts and not its first."""

OF_THE_BUYER: Final = frozenset(YEARLY) | {OwnEvent.COUNCIL_MEETING}
"""Events that a buyer has, whether or not there is a case. The others are a case's own."""

STAGES: Final[dict[OwnEvent, StageKey]] = {
    OwnEvent.PLAN_NEEDS: StageKey.NEEDS,
    OwnEvent.PLAN_DIALOGUE: StageKey.DIALOGUE,
    OwnEvent.PLAN_SPECIFICATION: StageKey.SPECIFICATION,
    OwnEvent.PLAN_MARKET: StageKey.MARKET,
    OwnEvent.PLAN_STANDSTILL: StageKey.STANDSTILL,
}
"""Events of a plan laid out backwards (E7): each stage as it begins."""


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What only a rule of one's own has: its event, who is told, and its distance in words."""

    event: OwnEvent
    assignee: Assignee
    user_id: int | None  # with COLLEAGUE; None when she has left, and the case's owner steps in
    when_sv: str
    when_en: str

    def told(self, case_owner_id: int | None, body_owner_id: int | None) -> int | None:
        """Whose inbox: nobody's reminder is everybody's (decision 16)."""
        match self.assignee:
            case Assignee.ACCOUNT_MANAGER:
                return body_owner_id or case_owner_id
            case Assignee.COLLEAGUE:
                return self.user_id or case_owner_id
            case _:
                return case_owner_id
