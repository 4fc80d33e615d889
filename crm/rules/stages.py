"""Where a case stands: the two tracks, its state, its outcomes, whom it waits for, who takes part.

A case moves on two tracks at once (feature D1). *Adoption* is how far the tool has spread among the
people who use it: the seven stages of budget-cycles.md, 5.3. *Procurement* is what the body does
about buying. Neither waits for the other, and both may go backwards.

Waiting is a state with a reason and something that ends it, never a delay (D7). The pilot gate R9
warns, with the reason, and never blocks: the body decides whether a pilot may run.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules import budget_cycle
from crm.rules.budget_cycle import BodyKind, Phase, PhaseRole, Practice
from crm.rules.calendar import next_working_day
from crm.rules.certainty import Certainty
from crm.rules.elections import is_election_year
from crm.rules.quiet import Audience


class AdoptionStage(StrEnum):
    """From one curious person to wide use. `number` is 1 to 7."""

    CURIOUS = "curious"
    COLLEAGUES = "colleagues"
    UNIT_PILOT = "unit_pilot"
    SEVERAL_UNITS = "several_units"
    BUDGETED_NEED = "budgeted_need"
    PROCUREMENT = "procurement"
    WIDE_USE = "wide_use"

    @property
    def number(self) -> int:
        """1 to 7, as in the reference text."""
        return _ADOPTION_NUMBER[self]

    def is_at_least(self, other: "AdoptionStage") -> bool:
        """Whether the tool has come as far as the other stage, or further."""
        return self.number >= other.number


_ADOPTION_NUMBER: Final = {stage: number for number, stage in enumerate(AdoptionStage, start=1)}


class ProcurementStage(StrEnum):
    """What the body does about buying, in the usual order. Most never see all of them."""

    NONE = "none"  # nothing to buy yet: people are trying
    UNDECIDED = "undecided"  # they mean to buy, and the route is open
    DIRECT_AWARD = "direct_award"  # direktupphandling, LOU 19 a kap.
    CALL_OFF = "call_off"  # avrop from a ramavtal
    EARLY_DIALOGUE = "early_dialogue"  # tidig dialog, RFI
    PREPARING = "preparing"  # the requirements are being written
    PUBLISHED = "published"  # the notice is out; tenders are being written
    EVALUATION = "evaluation"  # tenders are in
    STANDSTILL = "standstill"  # avtalsspärr, LOU 20 kap. 1 §
    UNDER_REVIEW = "under_review"  # överprövning; not a loss
    SIGNED = "signed"


_PUBLISHED: Final = frozenset(
    {
        ProcurementStage.PUBLISHED,
        ProcurementStage.EVALUATION,
        ProcurementStage.STANDSTILL,
        ProcurementStage.UNDER_REVIEW,
    }
)


def is_published(stage: ProcurementStage) -> bool:
    """From the notice until the contract is signed: only the official channel is open (R11)."""
    return stage in _PUBLISHED


class CaseState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"  # avvakta
    CLOSED = "closed"


class LightPurpose(StrEnum):
    """What a light contact is for. SEASON lets each one be what its time of the year suggests."""

    SEASON = "season"
    SUBMISSIONS = "submissions"  # before the committees hand in
    DECISION = "decision"  # after the council has decided
    TERM = "term"  # at the start of term
    NEWS = "news"  # something of use to them


class Outcome(StrEnum):
    """How a case ended. Kept apart, because only one of them is a defeat (D8)."""

    WON = "won"
    LOST = "lost"
    CANCELLED_BY_BUYER = "cancelled_by_buyer"
    NO_DECISION = "no_decision"
    BOUGHT_OTHERWISE = "bought_otherwise"  # another way, or something else
    DECLINED_BY_US = "declined_by_us"


OUTCOME_REASONS: Final[dict[Outcome, tuple[str, ...]]] = {
    Outcome.WON: ("staff_wanted_it", "quality", "price", "existing_agreement", "other"),
    Outcome.LOST: ("price", "quality", "requirement_not_met", "formal_error", "incumbent", "other"),
    Outcome.CANCELLED_BY_BUYER: (
        "no_budget",
        "reorganisation",
        "too_few_tenders",
        "after_review",
        "need_gone",
        "other",
    ),
    Outcome.NO_DECISION: ("disagreement", "no_budget", "champion_left", "other_priority", "other"),
    Outcome.BOUGHT_OTHERWISE: (
        "framework_agreement",
        "existing_tool",
        "joint_purchase",
        "built_it_themselves",
        "other",
    ),
    Outcome.DECLINED_BY_US: (
        "requirements_do_not_fit",
        "conditions_of_contract",
        "no_capacity",
        "integrity",
        "other",
    ),
}
"""Reason keys for each outcome; the words are the interface's."""


class WaitReason(StrEnum):
    DISAGREEMENT = "disagreement"
    NO_BUDGET = "no_budget"
    AWAITING_DECISION = "awaiting_decision"
    REORGANISATION = "reorganisation"
    ELECTION = "election"
    SPENDING_FREEZE = "spending_freeze"
    OTHER_PRIORITY = "other_priority"
    CHAMPION_AWAY = "champion_away"
    PROCUREMENT_RUNNING = "procurement_running"
    NO_ANSWER = "no_answer"  # the second unanswered ask (R14)
    THEIR_REQUEST = "their_request"
    OTHER = "other"


class WakeEvent(StrEnum):
    """What ends a wait or a snooze, besides a date. It moves along when the body's dates move."""

    COUNCIL_DECIDED = "council_decided"
    COUNCIL_MET = "council_met"
    DOOR_OPENS = "door_opens"
    INTERNAL_BUDGET = "internal_budget"
    BUDGET_YEAR_STARTS = "budget_year_starts"
    TERM_STARTS = "term_starts"
    NEW_COUNCIL = "new_council"
    NEW_COMMITTEES = "new_committees"


class PubStatus(StrEnum):
    """The PUB-avtal, the data processing agreement of dataskyddsförordningen art. 28."""

    NONE = "none"
    ASKED = "asked"
    DRAFT = "draft"
    SIGNED = "signed"
    NOT_NEEDED = "not_needed"


class CaseRole(StrEnum):
    """What a person is to a case; one person may be several things (feature C1)."""

    USER = "user"
    CHAMPION = "champion"
    COACH = "coach"
    BUDGET_OWNER = "budget_owner"
    DECISION_MAKER = "decision_maker"
    PROCUREMENT_OFFICER = "procurement_officer"
    IT = "it"
    DATA_PROTECTION = "data_protection"
    SUPPORT_FUNCTION = "support_function"
    UNION = "union"  # facklig företrädare or skyddsombud
    SCEPTIC = "sceptic"


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - the word the user meets; nothing here raises Python's warnings
    """Something to think of before going on. It never stops anybody."""

    key: str
    text_sv: str
    text_en: str
    law: str = ""

    def text(self, language: str) -> str:
        """The sentence in the language of the page."""
        return self.text_en if language == "en" else self.text_sv


_ART_28: Final = "Dataskyddsförordningen (EU) 2016/679 art. 28"

_NO_AGREEMENT: Final = Warning(
    "pilot_without_pub",
    "Piloten behandlar personuppgifter och inget PUB-avtal finns. Nämnden behöver ha granskat"
    " verktyget och skrivit under ett PUB-avtal innan elevers eller klienters uppgifter används,"
    " även om verktyget är gratis.",
    "The pilot handles personal data and there is no PUB-avtal. The nämnd needs to have reviewed"
    " the tool and signed a PUB-avtal before data about pupils or clients is used, even if the tool"
    " is free.",
    _ART_28,
)
_NOT_SIGNED: Final = Warning(
    "pilot_pub_not_signed",
    "Piloten behandlar personuppgifter och PUB-avtalet är inte underskrivet än. Avtalet ska vara"
    " på plats innan uppgifterna används.",
    "The pilot handles personal data and the PUB-avtal is not signed yet. The agreement must be in"
    " place before the data is used.",
    _ART_28,
)
_CONTRADICTION: Final = Warning(
    "pilot_pub_not_needed",
    "Ärendet säger att personuppgifter behandlas, men också att inget PUB-avtal behövs. Kontrollera"
    " med dataskyddsombudet vilket som stämmer.",
    "The case says that personal data is handled, but also that no PUB-avtal is needed. Check with"
    " the dataskyddsombud which of them is right.",
    _ART_28,
)


_DATA_UNKNOWN: Final = Warning(
    "pilot_data_unknown",
    "Behandlar piloten personuppgifter? I så fall behöver nämnden ha granskat verktyget och skrivit"
    " under ett PUB-avtal innan uppgifterna används, även om verktyget är gratis.",
    "Does the pilot handle personal data? If so, the nämnd needs to have reviewed the tool and"
    " signed a PUB-avtal before the data is used, even if the tool is free.",
    _ART_28,
)
"""Asked until somebody answers: not having been told is not a no."""


NEEDED_ROLES: Final = (CaseRole.CHAMPION, CaseRole.BUDGET_OWNER)
"""Whom a case cannot do without: who wants it, and who has the money (feature C1; article, S2)."""


def missing_roles(held: Iterable[CaseRole]) -> tuple[CaseRole, ...]:
    """The needed roles that nobody holds: said calmly, never demanded."""
    there = set(held)
    return tuple(role for role in NEEDED_ROLES if role not in there)


def is_without_agreement(handles_personal_data: bool | None, pub_status: PubStatus) -> bool:
    """Whether a pilot may not run: with personal data, and nothing done about a PUB-avtal (R9)."""
    return handles_personal_data is True and pub_status is PubStatus.NONE


def pilot_warnings(
    stage: AdoptionStage,
    handles_personal_data: bool | None,
    pub_status: PubStatus,
    *,
    planned: bool = False,
) -> tuple[Warning, ...]:
    """The pilot gate R9: from the unit pilot on, personal data asks for a signed PUB-avtal, and
    before that where a pilot is `planned`.

    Whether there is any is None until somebody has answered. An agreement that is signed, or that
    the buyer has found not to be needed, settles the question by itself.
    """
    comes = planned or stage.is_at_least(AdoptionStage.UNIT_PILOT)
    if handles_personal_data is False or not comes:
        return ()
    if handles_personal_data is None:
        settled = pub_status in {PubStatus.SIGNED, PubStatus.NOT_NEEDED}
        return () if settled else (_DATA_UNKNOWN,)
    match pub_status:
        case PubStatus.SIGNED:
            return ()
        case PubStatus.NOT_NEEDED:
            return (_CONTRADICTION,)
        case PubStatus.NONE:
            return (_NO_AGREEMENT,)
        case PubStatus.ASKED | PubStatus.DRAFT:
            return (_NOT_SIGNED,)


@dataclass(frozen=True, slots=True)
class EventDate:
    """The day an event falls on: a working day. `phase` is where it comes from, if from one.

    `year` tells the event from the same one in another year: the budget year that is asked for,
    decided, made or begun; the year of the election; the calendar year of a term or a meeting.
    `law` is the paragraph of what comes from no phase.
    """

    day: date
    phase: Phase | None
    certainty: Certainty
    year: int
    law: str = ""


_TERM_HAS_BEGUN: Final = {
    Audience.UNIVERSITY: ((2, 1), (9, 13)),
}
_SCHOOL_TERM_HAS_BEGUN: Final = ((1, 13), (9, 8))
"""(month, day) in spring and autumn, the first after the quiet weeks of budget-phases.csv."""

_COUNCIL_LIMITS: Final = frozenset({"kf_budget_lagfrist", "rf_budget_lagfrist"})
_NEW_COUNCIL: Final = "ey_nytt_fullmaktige"
_NEW_COMMITTEES: Final = "ey_nya_namnder"
_COMMITTEES_SETTLED: Final = (3, 1)  # R5: no approach to new politicians before March
_CALENDAR_YEAR: Final = "KL 11 kap. 5 §"
_YEARS_AHEAD: Final = 6  # an election is never further away than that


def resolve_event(
    event: WakeEvent, practice: Practice, audience: Audience, today: date
) -> EventDate | None:
    """The first day after `today` on which the event has happened, or None if nobody can say.

    `today` is the day from which the wait is counted: a case that began to wait in May for the door
    to open wakes when that door opens, however late anybody asks again.
    """
    match event:
        case WakeEvent.COUNCIL_DECIDED:
            return _council_decided(practice, today)
        case WakeEvent.COUNCIL_MET:
            return _council_met(practice, today)
        case WakeEvent.DOOR_OPENS:
            return _start_of(practice, PhaseRole.DOOR, today)
        case WakeEvent.INTERNAL_BUDGET:
            return _start_of(practice, PhaseRole.INTERNAL_BUDGET, today)
        case WakeEvent.BUDGET_YEAR_STARTS:
            return budget_year_starts(practice.kind, today.year + 1)
        case WakeEvent.TERM_STARTS:
            return _term_starts(audience, today)
        case WakeEvent.NEW_COUNCIL:
            return _of_election(practice, _NEW_COUNCIL, today)
        case WakeEvent.NEW_COMMITTEES:
            return _of_election(practice, _NEW_COMMITTEES, today)


def budget_year_starts(kind: BodyKind, year: int) -> EventDate:
    """The first working day of a budget year, which is a calendar year (KL 11 kap. 5 §).

    The state's is so too; as we cite no paragraph for it, it is called typical.
    """
    day = next_working_day(date(year, 1, 1))
    if kind in (BodyKind.STATE, BodyKind.UNIVERSITY):
        return EventDate(day, None, Certainty.TYPICAL, year)
    return EventDate(day, None, Certainty.LAW, year, _CALENDAR_YEAR)


def available_events(practice: Practice, audience: Audience, today: date) -> tuple[WakeEvent, ...]:
    """The events one can wait for at this body, the nearest first."""
    found = [(resolve_event(event, practice, audience, today), event) for event in WakeEvent]
    dated = [(when.day, event) for when, event in found if when is not None]
    return tuple(event for _, event in sorted(dated, key=lambda pair: pair[0]))


def _council_decided(practice: Practice, today: date) -> EventDate | None:
    for year in range(today.year - 1, today.year + _YEARS_AHEAD):
        phase = budget_cycle.decision(practice, year)
        if phase is None:
            phase = _named(budget_cycle.legal_limits(practice.kind, year), _COUNCIL_LIMITS)
        if phase is not None and phase.end >= today:
            return EventDate(
                next_working_day(phase.end + timedelta(days=1)), phase, phase.certainty, year
            )
    return None


def _council_met(practice: Practice, today: date) -> EventDate | None:
    """The working day after the next planned meeting, if any is known."""
    met = next((one for one in practice.meetings if one.held_on >= today), None)
    if met is None:
        return None
    after = next_working_day(met.held_on + timedelta(days=1))
    return EventDate(after, None, met.certainty, met.held_on.year)


def _start_of(practice: Practice, role: PhaseRole, today: date) -> EventDate | None:
    if not practice.is_known:
        return None
    for year in range(today.year - 1, today.year + _YEARS_AHEAD):
        for phase in budget_cycle.phases(practice, year):
            if phase.role is role and phase.start > today:
                return EventDate(next_working_day(phase.start), phase, phase.certainty, year)
    return None


def _term_starts(audience: Audience, today: date) -> EventDate:
    begun = _TERM_HAS_BEGUN.get(audience, _SCHOOL_TERM_HAS_BEGUN)
    days = (date(year, *day) for year in (today.year, today.year + 1) for day in begun)
    begins = next(day for day in days if day > today)
    return EventDate(next_working_day(begins), None, Certainty.TYPICAL, begins.year)


def _of_election(practice: Practice, key: str, today: date) -> EventDate | None:
    for year in range(today.year, today.year + _YEARS_AHEAD):
        if not is_election_year(year - 1):
            continue
        phase = _named(budget_cycle.phases(practice, year), {key})
        if phase is None:
            return None
        start = date(year, *_COMMITTEES_SETTLED) if key == _NEW_COMMITTEES else phase.start
        if start > today:
            return EventDate(next_working_day(start), phase, phase.certainty, year - 1)
    return None


def _named(phases: Iterable[Phase], keys: Iterable[str]) -> Phase | None:
    return next((phase for phase in phases if phase.key in keys), None)
