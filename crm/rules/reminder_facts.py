"""What planning is told and what it answers: facts of bodies and cases, and planned reminders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from crm.rules.budget_cycle import BodyKind, Practice
from crm.rules.certainty import Certainty
from crm.rules.champions import Occasion
from crm.rules.milestones import LaidOut
from crm.rules.quiet import (
    Audience,
    Quiet,
)
from crm.rules.signing import AskSigned
from crm.rules.stages import (
    AdoptionStage,
    CaseState,
    LightPurpose,
    ProcurementStage,
    PubStatus,
    WakeEvent,
)
from crm.rules.tendering import TenderDays

CONTRACT_END: Final = "contract_end"
"""The event of what is asked about the end of a contract."""

LAID_BACK: Final = "laid_back"
"""The event of what a plan laid out backwards asks for: one of its stages."""

_LONGEST_BASIS_TIME: Final = timedelta(days=60)


def door_ready(opens: date, closes: date) -> date:
    """When a basis should be ready: as the door opens, but not months before it closes."""
    return max(opens, closes - _LONGEST_BASIS_TIME)


class ReminderKind(StrEnum):
    CONTACT = "contact"  # we ask or tell somebody at the buyer
    PREPARE = "prepare"  # work of our own
    READ = "read"  # read a decision; contact nobody
    DEADLINE = "deadline"  # a promise of ours; the only kind that can be overdue
    TASK = "task"


NO_CASE: Final = -1
"""The case number of an account's own facts: see `account_of`."""


@dataclass(frozen=True, slots=True)
class Contacted:
    """Somebody here was in touch with a person at the buyer. `reminder_key` if by a reminder.

    `person_id` is None where nobody wrote down with whom. `made` is False where a reminder of a
    contact was put aside: nobody was contacted, but the reminder is dealt with.
    """

    person_id: int | None
    on: date
    by: str = ""
    about: str = ""
    reminder_key: str = ""
    made: bool = True


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A records request (begäran om allmän handling) that is not over, as planning takes it.

    `follow_up_on` is set while no answer has come, `appeal_by` from the day we were told of a
    refusal until we have settled what to do about it.
    """

    request_id: int
    title: str
    owner_id: int | None = None
    case_id: int | None = None
    follow_up_on: date | None = None
    appeal_by: date | None = None


@dataclass(frozen=True, slots=True)
class PilotFacts:
    """A pilot that nobody has evaluated, as planning takes it (R9)."""

    pilot_id: int
    unit: str
    evaluates: str
    ends_on: date
    case_id: int
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class OccasionFacts:
    """An occasion inside the body where somebody takes the product up next (C3)."""

    act_id: int
    kind: Occasion
    on: date
    name: str  # who takes it up there


@dataclass(frozen=True, slots=True)
class OutFacts:
    """A procurement that is out and that nobody has noted as signed, and when to ask (R11)."""

    procurement_id: int
    title: str
    ask: AskSigned
    owner_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """What planning needs to know of a body. A freeze is (first day, last day or None, note).

    `contacts_made` are those with people of its cases; in a body without a case in progress, those
    with anybody there. As far back as matters.
    """

    organisation_id: int
    name: str
    kind: BodyKind
    practice: Practice
    county_code: str | None = None
    freezes: tuple[tuple[date, date | None, str], ...] = ()
    deficit_until_year: int | None = None
    own_quiet: tuple[Quiet, ...] = ()
    owner_id: int | None = None  # who has the territory
    contacts_made: tuple[Contacted, ...] = ()
    audience: Audience = Audience.GENERAL  # of the body itself
    last_case_closed_on: date | None = None
    is_closed: bool = False  # merged into another, or wound up
    is_advertised: bool = False  # a procurement of the body's is out, with or without a case (R11)
    requests: tuple[RequestFacts, ...] = ()
    pilots: tuple[PilotFacts, ...] = ()
    out: tuple[OutFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What planning needs to know of a case.

    `waiting_since` is the day the present wait began: the event that ends it is counted from
    there. `practice` is the unit's own calendar where it differs from the body's, and `own_quiet`
    what holds at the unit and not at the whole body: its own quiet periods and freezes.
    `awake_since` is the day it last woke or was reopened: a window that was already open then is
    taken up from that day and not from before. `contact_id` is the person whom its contacts go
    to: the champion, or else whoever else has a role in it; None where there is nobody to contact.
    `light_every` is a rhythm in months, chosen for the present wait (E10).
    """

    case_id: int
    organisation_id: int
    opened_on: date
    title: str = ""
    unit_name: str = ""
    audience: Audience = Audience.GENERAL
    adoption_stage: AdoptionStage = AdoptionStage.CURIOUS
    procurement_stage: ProcurementStage = ProcurementStage.NONE
    state: CaseState = CaseState.OPEN
    wait_until: date | None = None
    wait_event: WakeEvent | None = None
    waiting_since: date | None = None
    awake_since: date | None = None
    owner_id: int | None = None
    next_step_on: date | None = None
    next_step_text: str = ""
    contract_ends_on: date | None = None
    contract_notice_on: date | None = None  # last day for notice of what nobody has decided yet
    open_ask_on: date | None = None
    unanswered_asks: int = 0
    price_shared: bool = False
    champion_name: str = ""
    handles_personal_data: bool | None = None  # None: nobody has said
    pub_status: PubStatus = PubStatus.NONE
    has_framework: bool = False
    practice: Practice | None = None
    own_quiet: tuple[Quiet, ...] = ()
    plan: LaidOut | None = None  # of its procurement (E7, D2)
    tender: TenderDays | None = None  # what falls due in it (D10)
    contact_id: int | None = None
    contact_name: str = ""
    champion_left: tuple[str, date] | None = None  # the last one's name and day; nobody since
    single: tuple[str, date] | None = None  # the only person with a role, and since when
    unheard: tuple[tuple[str, ...], date] | None = None  # of several, all; and since when
    occasions: tuple[OccasionFacts, ...] = ()
    light_every: int | None = None
    light_purpose: LightPurpose | None = None
    contract_id: int | None = None  # of the register, and of no case: see `contract_of`

    @property
    def who(self) -> str:
        """The person whom its contacts go to, by name; "" where nobody is known."""
        return self.champion_name or self.contact_name

    @property
    def is_account(self) -> bool:
        """Whether these are the facts of an account and of no case."""
        return self.case_id == NO_CASE

    @property
    def subject(self) -> str:
        """What its reminders concern, as their keys have it."""
        if self.contract_id is not None:
            return f"contract-{self.contract_id}"
        return f"body-{self.organisation_id}" if self.is_account else f"case-{self.case_id}"

    @property
    def active_from(self) -> date:
        """The first day on which somebody could have acted on a reminder of this case."""
        return max(self.opened_on, self.awake_since or self.opened_on)


def account_of(body: BodyFacts, cases: Iterable[CaseFacts]) -> CaseFacts | None:
    """The account itself, planned for as a case is, while no case is in progress in it.

    None while there is one, also one that waits: the account is then spoken to in that case, or
    left in peace. What began before its last case was closed is not taken up again.
    """
    if body.is_closed or any(case.state is not CaseState.CLOSED for case in cases):
        return None
    closed = body.last_case_closed_on
    return CaseFacts(
        case_id=NO_CASE,
        organisation_id=body.organisation_id,
        opened_on=closed + timedelta(days=1) if closed is not None else date.min,
        audience=body.audience,
        owner_id=body.owner_id,
    )


def contract_of(
    contract_id: int,
    organisation_id: int,
    *,
    title: str,
    since: date,
    ends_on: date,
    unit_name: str = "",
    audience: Audience = Audience.GENERAL,
    owner_id: int | None = None,
    notice_on: date | None = None,
) -> CaseFacts:
    """A contract of the register that no case is about, planned for as a closed case is (R12).

    Its number is none that a case has. `since` is when the register knew of it: what should have
    been asked before that is not taken up again.
    """
    return CaseFacts(
        case_id=-1 - contract_id,
        organisation_id=organisation_id,
        opened_on=since,
        title=title,
        unit_name=unit_name,
        audience=audience,
        state=CaseState.CLOSED,
        owner_id=owner_id,
        contract_ends_on=ends_on,
        contract_notice_on=notice_on,
        contract_id=contract_id,
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder that ought to be.

    `key` is rule/subject/occurrence and never holds the day the reminder falls on. An occurrence
    that begins with @ names a fact with a date of its own (a contract's end, a promise); when that
    date is changed `reconcile` moves the pending reminder to the new key.
    `wanted_on` is the day the rule asks for, `due_on` the day it falls on, `moved` why they differ.
    `closes_on` is the last day on which it is of use. `late`: its own day has passed and `due_on`
    is today, for want of a better; a reminder that already stands there keeps its older day.
    """

    key: str
    rule_key: str
    rule_version: int
    kind: ReminderKind
    case_id: int | None
    organisation_id: int
    owner_id: int | None
    budget_year: int | None
    event_key: str
    event_start: date | None
    event_end: date | None
    wanted_on: date
    due_on: date
    closes_on: date | None
    late: bool
    moved: tuple[Quiet, ...]
    certainty: Certainty
    source: str
    law: str
    shaped_by: tuple[str, ...]
    params: Mapping[str, Any]  # only what JSON can hold
    person_id: int | None = None  # a contact: with whom

    @property
    def subject(self) -> str:
        """The key without its occurrence: the same rule for the same case or body."""
        return subject_of(self.key)


def is_overdue(kind: ReminderKind, wanted_on: date, today: date) -> bool:
    """Only a promise can be overdue, and only once the day promised has gone.

    A promise for a Sunday falls due on the Friday before and is late on the Monday after.
    """
    return kind is ReminderKind.DEADLINE and wanted_on < today


def subject_of(key: str) -> str:
    """A reminder's key without its occurrence."""
    return key.rpartition("/")[0]


def moved_as_json(moved: Iterable[Quiet]) -> list[dict[str, str]]:
    """The reasons as plain values, for a JSON column."""
    return [
        {
            "key": period.key,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "name_sv": period.name_sv,
            "name_en": period.name_en,
            "certainty": period.certainty.value,
            "source": period.source,
        }
        for period in moved
    ]


def moved_from_json(stored: Iterable[Mapping[str, str]]) -> tuple[Quiet, ...]:
    """The reasons back from a JSON column."""
    return tuple(
        Quiet(
            one["key"],
            date.fromisoformat(one["start"]),
            date.fromisoformat(one["end"]),
            one["name_sv"],
            one["name_en"],
            Certainty(one["certainty"]),
            one["source"],
        )
        for one in stored
    )
