"""The ways in which a body may buy, the stages of each, and how long they usually take (D2).

The lengths are `procurement-law.md` 4.2: estimates, fitted to published statistics, until a vendor
has put in its own or has a history. What the law says is a floor that no estimate goes below: see
`floors`. A stage ends as the next begins, so that every beginning is a milestone with its own day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.rules.certainty import Certainty


class Route(StrEnum):
    """How the body may buy."""

    UNDECIDED = "undecided"  # they mean to buy, and have not said how
    UNIT_PURCHASE = "unit_purchase"  # by one unit, within what it may decide alone
    DIRECT_AWARD = "direct_award"  # direktupphandling, LOU 19 a kap.
    CALL_OFF = "call_off"  # avrop on fixed terms, LOU 7 kap. 4 and 6 §§
    RENEWED_COMPETITION = "renewed_competition"  # avrop with FKU, LOU 7 kap. 8 and 9 §§
    PURCHASING_BODY = "purchasing_body"  # from or through an inköpscentral, LOU 7 kap. 10-13 §§
    BELOW_THRESHOLD = "below_threshold"  # annonserad upphandling, LOU 19 kap.
    OPEN = "open"  # öppet förfarande, LOU 6 kap. 2 §
    SELECTIVE = "selective"  # selektivt förfarande, LOU 6 kap. 3 §
    NEGOTIATED = "negotiated"  # förhandlat förfarande med föregående annonsering, 6 kap. 4-11 §§
    NEGOTIATED_UNADVERTISED = "negotiated_unadvertised"  # ... utan annonsering, 6 kap. 12-19 §§
    COMPETITIVE_DIALOGUE = "competitive_dialogue"  # konkurrenspräglad dialog, 6 kap. 20-29 §§
    INNOVATION_PARTNERSHIP = "innovation_partnership"  # 6 kap. 30-41 §§
    DYNAMIC_SYSTEM = "dynamic_system"  # a contract in a DIS that runs already, LOU 8 kap.
    CHOICE_SYSTEM = "choice_system"  # valfrihetssystem, LOV: not for ordinary IT
    OPTION = "option"  # an option or extension of a contract that runs, LOU 17 kap. 10 §


class Pace(StrEnum):
    """Which of the three estimates to lay out by."""

    SHORT = "short"
    USUAL = "usual"
    LONG = "long"


class StageKey(StrEnum):
    """What a procurement consists of. The day on which one begins is its milestone."""

    NEEDS = "needs"  # behovsanalys, förstudie
    DIALOGUE = "dialogue"  # marknadsdialog, RFI
    SPECIFICATION = "specification"  # kravspecifikation
    DECISION = "decision"  # beslut att annonsera
    MARKET = "market"  # annonsering, anbudstid
    APPLICATION = "application"  # annonsering, ansökningstid
    TENDER = "tender"  # invited tenderers write their tenders
    NEGOTIATION = "negotiation"  # förhandling, dialog
    EVALUATION = "evaluation"
    AWARD = "award"  # tilldelningsbeslut
    STANDSTILL = "standstill"  # avtalsspärr
    SIGNING = "signing"
    DEVELOPMENT = "development"  # FoU in an innovation partnership
    ROLLOUT = "rollout"  # införande
    IN_USE = "in_use"  # where every route leads; has no length


@dataclass(frozen=True, slots=True)
class Duration:
    """An estimate in calendar days. What the law asks at least is in `floors`."""

    short: int
    usual: int
    long: int

    def days(self, pace: Pace) -> int:
        """The estimate."""
        return {Pace.SHORT: self.short, Pace.USUAL: self.usual, Pace.LONG: self.long}[pace]


LENGTHS_CERTAINTY: Final = Certainty.TYPICAL
"""Of every length: an estimate from published statistics."""

_NEEDS: Final = Duration(28, 84, 280)
_SHORT_NEEDS: Final = Duration(14, 28, 84)
_DIALOGUE: Final = Duration(21, 42, 84)
_SPECIFICATION: Final = Duration(28, 84, 182)
_SHORT_SPECIFICATION: Final = Duration(14, 42, 84)
_DECISION: Final = Duration(0, 14, 42)
_RENEWED: Final = Duration(14, 42, 84)
_APPLICATION: Final = Duration(30, 40, 60)
_TENDER: Final = Duration(25, 50, 90)
_NEGOTIATION: Final = Duration(14, 42, 84)
_EVALUATION: Final = Duration(14, 42, 84)
_AWARD: Final = Duration(0, 7, 35)
_STANDSTILL: Final = Duration(11, 12, 16)
_SIGNING: Final = Duration(1, 14, 28)
_ROLLOUT: Final = Duration(28, 70, 140)

_Stages = tuple[tuple[StageKey, Duration], ...]

_PREPARED: Final[_Stages] = (
    (StageKey.NEEDS, _NEEDS),
    (StageKey.DIALOGUE, _DIALOGUE),
    (StageKey.SPECIFICATION, _SPECIFICATION),
    (StageKey.DECISION, _DECISION),
)
_SIGNED: Final[_Stages] = ((StageKey.SIGNING, _SIGNING), (StageKey.ROLLOUT, _ROLLOUT))
_DECIDED: Final[_Stages] = (
    (StageKey.EVALUATION, _EVALUATION),
    (StageKey.AWARD, _AWARD),
    (StageKey.STANDSTILL, _STANDSTILL),
    *_SIGNED,
)

STAGES: Final[dict[Route, _Stages]] = {
    # Between the shortest and the longest of what they may choose.
    Route.UNDECIDED: (*_PREPARED, (StageKey.MARKET, Duration(14, 40, 150)), *_DECIDED),
    Route.UNIT_PURCHASE: (
        (StageKey.NEEDS, Duration(7, 14, 42)),
        (StageKey.MARKET, Duration(7, 14, 42)),
        *_SIGNED,
    ),
    Route.DIRECT_AWARD: (
        (StageKey.NEEDS, _SHORT_NEEDS),
        (StageKey.MARKET, Duration(7, 28, 70)),
        *_SIGNED,
    ),
    Route.CALL_OFF: (
        (StageKey.NEEDS, _SHORT_NEEDS),
        (StageKey.MARKET, Duration(7, 14, 42)),
        *_SIGNED,
    ),
    # A renewed competition takes its stages in one go, and need not have a standstill.
    Route.RENEWED_COMPETITION: (
        (StageKey.NEEDS, _NEEDS),
        (StageKey.SPECIFICATION, _SHORT_SPECIFICATION),
        (StageKey.MARKET, _RENEWED),
        *_SIGNED,
    ),
    Route.PURCHASING_BODY: (
        (StageKey.NEEDS, _NEEDS),
        (StageKey.SPECIFICATION, _SHORT_SPECIFICATION),
        (StageKey.DECISION, _DECISION),
        (StageKey.MARKET, _RENEWED),
        *_SIGNED,
    ),
    Route.BELOW_THRESHOLD: (
        *_PREPARED,
        (StageKey.MARKET, Duration(14, 25, 40)),
        *_DECIDED,
    ),
    Route.OPEN: (
        *_PREPARED,
        (StageKey.MARKET, Duration(30, 40, 60)),
        *_DECIDED,
    ),
    Route.SELECTIVE: (
        *_PREPARED,
        (StageKey.APPLICATION, _APPLICATION),
        (StageKey.TENDER, _TENDER),
        *_DECIDED,
    ),
    Route.NEGOTIATED: (
        *_PREPARED,
        (StageKey.APPLICATION, _APPLICATION),
        (StageKey.TENDER, _TENDER),
        (StageKey.NEGOTIATION, _NEGOTIATION),
        *_DECIDED,
    ),
    Route.NEGOTIATED_UNADVERTISED: (
        (StageKey.NEEDS, _NEEDS),
        (StageKey.SPECIFICATION, _SHORT_SPECIFICATION),
        (StageKey.NEGOTIATION, _NEGOTIATION),
        (StageKey.AWARD, _AWARD),
        *_SIGNED,
    ),
    Route.COMPETITIVE_DIALOGUE: (
        *_PREPARED,
        (StageKey.APPLICATION, _APPLICATION),
        (StageKey.NEGOTIATION, Duration(42, 90, 182)),
        (StageKey.TENDER, Duration(14, 30, 60)),
        *_DECIDED,
    ),
    Route.INNOVATION_PARTNERSHIP: (
        *_PREPARED,
        (StageKey.APPLICATION, _APPLICATION),
        (StageKey.NEGOTIATION, Duration(42, 90, 182)),
        (StageKey.TENDER, Duration(14, 30, 60)),
        (StageKey.EVALUATION, _EVALUATION),
        (StageKey.AWARD, _AWARD),
        (StageKey.STANDSTILL, _STANDSTILL),
        (StageKey.SIGNING, _SIGNING),
        (StageKey.DEVELOPMENT, Duration(182, 365, 730)),
        (StageKey.ROLLOUT, _ROLLOUT),
    ),
    Route.DYNAMIC_SYSTEM: (
        (StageKey.NEEDS, _SHORT_NEEDS),
        (StageKey.SPECIFICATION, _SHORT_SPECIFICATION),
        (StageKey.TENDER, Duration(10, 20, 40)),
        (StageKey.EVALUATION, Duration(7, 14, 42)),
        (StageKey.AWARD, _AWARD),
        *_SIGNED,
    ),
    Route.CHOICE_SYSTEM: ((StageKey.APPLICATION, Duration(30, 60, 120)), *_SIGNED),
    Route.OPTION: (
        (StageKey.NEEDS, _SHORT_NEEDS),
        (StageKey.DECISION, Duration(7, 28, 84)),
        (StageKey.SIGNING, _SIGNING),
    ),
}
"""Each route's stages in order, before the day of use."""

STAGE_NAMES: Final[dict[StageKey, tuple[str, str]]] = {
    StageKey.NEEDS: ("Behovsanalys", "Analysis of needs"),
    StageKey.DIALOGUE: ("Marknadsdialog (RFI)", "Market dialogue (RFI)"),
    StageKey.SPECIFICATION: ("Kravspecifikation", "Specification (kravspecifikation)"),
    StageKey.DECISION: ("Beslut att köpa", "Decision to buy"),
    StageKey.MARKET: ("Annonsering och anbudstid", "Notice and time for tenders"),
    StageKey.APPLICATION: ("Annonsering och ansökningstid", "Notice and time to apply"),
    StageKey.TENDER: ("Anbudstid för inbjudna", "Time for tenders of those invited"),
    StageKey.NEGOTIATION: ("Förhandling eller dialog", "Negotiation or dialogue"),
    StageKey.EVALUATION: ("Utvärdering", "Evaluation"),
    StageKey.AWARD: ("Tilldelningsbeslut", "Award decision (tilldelningsbeslut)"),
    StageKey.STANDSTILL: ("Avtalsspärr", "Standstill (avtalsspärr)"),
    StageKey.SIGNING: ("Signering", "Signing"),
    StageKey.DEVELOPMENT: ("Utveckling", "Development"),
    StageKey.ROLLOUT: ("Införande", "Roll-out"),
    StageKey.IN_USE: ("I bruk", "In use"),
}
"""Swedish and English; the Swedish term of art stays beside the English one."""

_MILESTONE_NAMES: Final[dict[StageKey, tuple[str, str]]] = {
    StageKey.NEEDS: ("Behovsanalysen börjar", "The analysis of needs begins"),
    StageKey.DIALOGUE: ("Marknadsdialogen börjar", "The market dialogue begins"),
    StageKey.SPECIFICATION: ("Kravarbetet börjar", "Work on the specification begins"),
    StageKey.DECISION: ("Beslutet förbereds", "The decision is prepared"),
    StageKey.MARKET: ("Annonsen skickas", "The notice is sent"),
    StageKey.APPLICATION: ("Annonsen skickas", "The notice is sent"),
    StageKey.TENDER: ("Inbjudan att lämna anbud skickas", "The invitation to tender is sent"),
    StageKey.NEGOTIATION: ("Förhandlingen börjar", "The negotiation begins"),
    StageKey.EVALUATION: ("Sista anbudsdag", "Last day for tenders"),
    StageKey.AWARD: ("Utvärderingen är klar", "The evaluation is done"),
    StageKey.STANDSTILL: ("Tilldelningsbeslutet skickas", "The award decision is sent"),
    StageKey.SIGNING: ("Avtal får tecknas", "The contract may be signed"),
    StageKey.DEVELOPMENT: ("Avtalet tecknas", "The contract is signed"),
    StageKey.ROLLOUT: ("Avtalet tecknas", "The contract is signed"),
    StageKey.IN_USE: ("I bruk", "In use"),
}
_REQUESTED: Final = ("Förfrågan och offert", "Request and quotation")
_UNADVERTISED: Final = frozenset(
    {
        Route.UNIT_PURCHASE,
        Route.DIRECT_AWARD,
        Route.CALL_OFF,
        Route.RENEWED_COMPETITION,
        Route.PURCHASING_BODY,
    }
)
_WITHOUT_NOTICE: Final = ("Förfrågan skickas", "The request is sent")
_OPTION_SIGNED: Final = ("Optionen löses ut", "The option is used")
_ROLLOUT_ALONE: Final = ("Införandet börjar", "Roll-out begins")


def milestone_name(route: Route, stage: StageKey) -> tuple[str, str]:
    """What the day is called on which the stage begins, in Swedish and English."""
    if stage is StageKey.MARKET and route in _UNADVERTISED:
        return _WITHOUT_NOTICE
    if stage is StageKey.SIGNING and route is Route.OPTION:
        return _OPTION_SIGNED
    if stage is StageKey.ROLLOUT and signed_stage(route) is not stage:
        return _ROLLOUT_ALONE
    return _MILESTONE_NAMES[stage]


def stage_name(stage: StageKey, route: Route | None = None) -> tuple[str, str]:
    """What a stage is called in Swedish and English: nothing is advertised on some routes."""
    if stage is StageKey.MARKET and route in _UNADVERTISED:
        return _REQUESTED
    return STAGE_NAMES[stage]


NOTICE_STAGES: Final = (StageKey.MARKET, StageKey.APPLICATION)
"""The stages that begin as a notice, or a request where there is none, goes out."""

Lengths = Mapping[StageKey, Duration]
"""A vendor's or a body's own lengths of a route's stages; those that are missing are the usual."""


def stages_of(route: Route, own: Lengths | None = None) -> _Stages:
    """The route's stages with the lengths that hold, own ones first."""
    mine = own or {}
    return tuple((stage, mine.get(stage, usual)) for stage, usual in STAGES[route])


def signed_stage(route: Route) -> StageKey:
    """The stage whose beginning is the day of the signing: the one after "may be signed"."""
    stages = [*dict(STAGES[route]), StageKey.IN_USE]
    return stages[stages.index(StageKey.SIGNING) + 1]
