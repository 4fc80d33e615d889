"""Rules of one's own (E3): chosen from lists, checked, said in both languages, read by the planner.

A rule says how far before or after which event, for which buyers and cases, somebody is to do
what. It is data: `as_rule` makes of it what `crm.rules.reminders` plans by, under the same law as
the rules that are shipped: quiet periods, one question at a time, silence during a procurement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final, TypeVar

from crm.rules.budget_cycle import BodyKind
from crm.rules.own_events import OF_THE_BUYER, Assignee, OwnEvent, OwnPart, RuleScope
from crm.rules.reminder_facts import ReminderKind
from crm.rules.reminder_rules import Anchor, Conditions, Offset, Rule
from crm.rules.rule_settings import DistanceUnit
from crm.rules.stages import AdoptionStage, ProcurementStage, is_published

PREFIX: Final = "OWN-"
NAME_LENGTH: Final = 120
INSTRUCTION_LENGTH: Final = 1_000
MOST_REMINDERS: Final = 10_000
"""More than that in 24 months is no rule but a flood: it is refused until narrowed."""

KINDS: Final = (
    ReminderKind.CONTACT,
    ReminderKind.PREPARE,
    ReminderKind.READ,
    ReminderKind.DEADLINE,
)
MOST_DAYS_IN_THE_YEAR: Final = 366
"""How far from an event of the buyer's year: further, and it is about another year's."""
MOST_DAYS_IN_A_CASE: Final = 60 * 31
_DAYS_IN: Final = {DistanceUnit.DAYS: 1, DistanceUnit.WEEKS: 7, DistanceUnit.MONTHS: 31}
_IMPORTANCE: Final = 40  # a question of the buyer's year that is shipped keeps its day


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One version of a rule as it was chosen. None asks nothing; `counties` are codes.

    What is asked of a case (stages, price, champion, waiting) is not asked of an account without
    one.
    """

    name: str
    kind: ReminderKind = ReminderKind.CONTACT
    count: int = 0
    unit: DistanceUnit = DistanceUnit.WEEKS
    before: bool = True
    event: OwnEvent = OwnEvent.HAND_IN
    instruction: str = ""
    scope: RuleScope = RuleScope.CASES
    kinds: tuple[BodyKind, ...] = ()
    counties: tuple[str, ...] = ()
    manager_id: int | None = None
    practice_known: bool | None = None
    adoption_from: AdoptionStage | None = None
    adoption_to: AdoptionStage | None = None
    procurement_from: ProcurementStage | None = None
    procurement_to: ProcurementStage | None = None
    price_shared: bool | None = None
    has_champion: bool | None = None
    waiting: bool | None = False
    assignee: Assignee = Assignee.CASE_OWNER
    user_id: int | None = None

    @property
    def offset(self) -> Offset:
        """The distance as the planner counts it: before is negative."""
        signed = -self.count if self.before else self.count
        if self.unit is DistanceUnit.MONTHS:
            return Offset(months=signed)
        return Offset(days=signed * _DAYS_IN[self.unit])

    @property
    def most_days(self) -> int:
        """How far from its event it may stand."""
        return MOST_DAYS_IN_THE_YEAR if self.event in OF_THE_BUYER else MOST_DAYS_IN_A_CASE

    @property
    def asks_of_the_case(self) -> bool:
        """Whether only some cases are meant, by something that an account without one lacks."""
        asked = (
            self.adoption_from,
            self.adoption_to,
            self.procurement_from,
            self.procurement_to,
            self.price_shared,
            self.has_champion,
            self.waiting or None,
        )
        return any(one is not None for one in asked)

    @property
    def most_in_its_unit(self) -> int:
        """The same, counted in the unit that the distance is in."""
        return (self.most_days + 6) // _DAYS_IN[self.unit]

    def when(self, language: str) -> str:
        """'10 veckor före nämndernas sista inlämningsdag'; 'on the day of the budget decision'."""
        sv, en = EVENT_NAMES[self.event]
        distance = self.offset.text(language)
        if language == "en":
            return f"{distance} {en}" if distance else f"on the day of {en}"
        return f"{distance} {sv}" if distance else f"samma dag som {sv}"


EVENT_NAMES: Final[dict[OwnEvent, tuple[str, str]]] = {
    OwnEvent.DIRECTIVE: ("budgetdirektivets början", "the start of the budget directive"),
    OwnEvent.DOOR_OPENS: ("nämndernas första inlämningsdag", "the nämnder's first hand-in day"),
    OwnEvent.HAND_IN: ("nämndernas sista inlämningsdag", "the nämnder's last hand-in day"),
    OwnEvent.DECISION: ("fullmäktiges budgetbeslut", "the council's budget decision"),
    OwnEvent.INTERNAL_BUDGET: ("internbudgetens början", "the start of the internal budget"),
    OwnEvent.BUDGET_YEAR: ("budgetårets början", "the start of the budget year"),
    OwnEvent.COUNCIL_MEETING: ("varje fullmäktigesammanträde", "each meeting of the council"),
    OwnEvent.APPROPRIATION: ("regleringsbrevet", "the letter of appropriation (regleringsbrev)"),
    OwnEvent.CASE_OPENED: ("dagen då ärendet öppnades", "the day the case was opened"),
    OwnEvent.CONTRACT_END: ("avtalets sista dag", "the last day of the contract"),
    OwnEvent.IN_USE: ("första dagen i bruk", "the first day in use"),
    OwnEvent.PLAN_NEEDS: ("behovsanalysens början", "the start of the analysis of needs"),
    OwnEvent.PLAN_DIALOGUE: ("marknadsdialogens början", "the start of the market dialogue"),
    OwnEvent.PLAN_SPECIFICATION: ("kravarbetets början", "the start of work on requirements"),
    OwnEvent.PLAN_MARKET: ("den väntade annonsen", "the expected notice"),
    OwnEvent.PLAN_STANDSTILL: ("den väntade avtalsspärren", "the expected standstill"),
}

_DOES: Final[dict[ReminderKind, tuple[str, str]]] = {
    ReminderKind.CONTACT: ("ta kontakt", "make contact"),
    ReminderKind.PREPARE: ("förbered", "prepare"),
    ReminderKind.READ: ("läs", "read"),
    ReminderKind.DEADLINE: ("håll löftet", "keep the promise"),
}

BODY_NAMES: Final[dict[BodyKind, tuple[str, str]]] = {
    BodyKind.MUNICIPALITY: ("kommuner", "municipalities"),
    BodyKind.REGION: ("regioner", "regions"),
    BodyKind.STATE: ("statliga myndigheter", "state authorities"),
    BodyKind.UNIVERSITY: ("universitet och högskolor", "universities"),
    BodyKind.OTHER: ("bolag, förbund och andra", "companies, associations and others"),
}


# --- Checking -----------------------------------------------------------------------------------


class Problem(StrEnum):
    """Why a rule cannot be saved. Each belongs to one field of the form: see `FIELD_OF`."""

    NO_NAME = "no_name"
    LONG_NAME = "long_name"
    LONG_INSTRUCTION = "long_instruction"
    NO_SUCH_KIND = "no_such_kind"
    NEGATIVE = "negative"
    TOO_FAR = "too_far"
    BEFORE_OPENING = "before_opening"
    ADOPTION_BACKWARDS = "adoption_backwards"
    PROCUREMENT_BACKWARDS = "procurement_backwards"
    CONTACT_WHILE_WAITING = "contact_while_waiting"
    CONTACT_WHILE_PUBLISHED = "contact_while_published"
    NO_COLLEAGUE = "no_colleague"
    EVENT_OF_A_CASE = "event_of_a_case"
    CONDITION_OF_A_CASE = "condition_of_a_case"


FIELD_OF: Final[dict[Problem, str]] = {
    Problem.NO_NAME: "name",
    Problem.LONG_NAME: "name",
    Problem.LONG_INSTRUCTION: "instruction",
    Problem.NO_SUCH_KIND: "kind",
    Problem.NEGATIVE: "count",
    Problem.TOO_FAR: "count",
    Problem.BEFORE_OPENING: "side",
    Problem.ADOPTION_BACKWARDS: "adoption_to",
    Problem.PROCUREMENT_BACKWARDS: "procurement_to",
    Problem.CONTACT_WHILE_WAITING: "waiting",
    Problem.CONTACT_WHILE_PUBLISHED: "procurement_from",
    Problem.NO_COLLEAGUE: "assignee",
    Problem.EVENT_OF_A_CASE: "event",
    Problem.CONDITION_OF_A_CASE: "scope",
}


def problems(rule: OwnRule) -> tuple[Problem, ...]:
    """What is wrong with the rule; empty when it can be planned by."""
    contact = rule.kind is ReminderKind.CONTACT
    first, last = _bounds(rule.procurement_from, rule.procurement_to, ProcurementStage)
    stages = list(ProcurementStage)
    between = stages[stages.index(first) : stages.index(last) + 1]
    adoption = _bounds(rule.adoption_from, rule.adoption_to, AdoptionStage)
    checks = {
        Problem.NO_NAME: not rule.name.strip(),
        Problem.LONG_NAME: len(rule.name) > NAME_LENGTH,
        Problem.LONG_INSTRUCTION: len(rule.instruction) > INSTRUCTION_LENGTH,
        Problem.NO_SUCH_KIND: rule.kind not in KINDS,
        Problem.NEGATIVE: rule.count < 0,
        Problem.TOO_FAR: rule.count > rule.most_in_its_unit,
        Problem.BEFORE_OPENING: (
            rule.event is OwnEvent.CASE_OPENED and rule.before and rule.count > 0
        ),
        Problem.ADOPTION_BACKWARDS: adoption[0].number > adoption[1].number,
        Problem.PROCUREMENT_BACKWARDS: not between,
        Problem.CONTACT_WHILE_WAITING: contact and rule.waiting is True,
        Problem.CONTACT_WHILE_PUBLISHED: (
            contact and bool(between) and all(is_published(stage) for stage in between)
        ),
        Problem.NO_COLLEAGUE: rule.assignee is Assignee.COLLEAGUE and rule.user_id is None,
        Problem.EVENT_OF_A_CASE: (
            rule.scope is not RuleScope.CASES and rule.event not in OF_THE_BUYER
        ),
        Problem.CONDITION_OF_A_CASE: rule.scope is RuleScope.ACCOUNTS and rule.asks_of_the_case,
    }
    return tuple(problem for problem, found in checks.items() if found)


_Stage = TypeVar("_Stage", bound=StrEnum)


def _bounds(first: _Stage | None, last: _Stage | None, of: type[_Stage]) -> tuple[_Stage, _Stage]:
    """From which stage to which, where either end may be open."""
    stages = list(of)
    return first or stages[0], last or stages[-1]


# --- To the planner, and to the database --------------------------------------------------------


def code(number: int) -> str:
    """OWN-1: by which reminders name the rule, for ever."""
    return f"{PREFIX}{number}"


def number_of(rule_key: str) -> int | None:
    """The other way round; None for a rule that is shipped."""
    number = rule_key.removeprefix(PREFIX)
    plain = rule_key.startswith(PREFIX) and number.isascii() and number.isdigit()
    return int(number) if plain and len(number) < 10 else None


def as_rule(rule: OwnRule, key: str, version: int, *, away: Iterable[int] = ()) -> Rule:
    """What the planner plans by. `away` are colleagues who have left."""
    return Rule(
        key=key,
        version=version,
        name_sv=rule.name,
        name_en=rule.name,
        kind=rule.kind,
        anchor=Anchor.OWN,
        offset=rule.offset,
        conditions=_conditions(rule),
        importance=_IMPORTANCE,
        do_sv=rule.instruction,
        do_en=rule.instruction,
        own=OwnPart(
            event=rule.event,
            assignee=rule.assignee,
            user_id=None if rule.user_id in set(away) else rule.user_id,
            when_sv=rule.when("sv"),
            when_en=rule.when("en"),
        ),
    )


def _conditions(rule: OwnRule) -> Conditions:
    adoption = procurement = None
    if rule.adoption_from or rule.adoption_to:
        adoption = _bounds(rule.adoption_from, rule.adoption_to, AdoptionStage)
    if rule.procurement_from or rule.procurement_to:
        procurement = _bounds(rule.procurement_from, rule.procurement_to, ProcurementStage)
    return Conditions(
        kinds=frozenset(rule.kinds) or None,
        counties=frozenset(rule.counties) or None,
        manager_id=rule.manager_id,
        practice_known=rule.practice_known,
        adoption=adoption,
        procurement=procurement,
        price_shared=rule.price_shared,
        has_champion=rule.has_champion,
        waiting=rule.waiting,
        scope=rule.scope,
    )


_READ_AS: Final[dict[str, Callable[[Any], Any]]] = {
    "kind": ReminderKind,
    "unit": DistanceUnit,
    "event": OwnEvent,
    "assignee": Assignee,
    "scope": RuleScope,
    "adoption_from": AdoptionStage,
    "adoption_to": AdoptionStage,
    "procurement_from": ProcurementStage,
    "procurement_to": ProcurementStage,
    "kinds": lambda values: tuple(BodyKind(value) for value in values),
    "counties": tuple,
}


def to_json(rule: OwnRule) -> dict[str, Any]:
    """As plain values, for a JSON column."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(rule).items()
    }


def from_json(stored: Mapping[str, Any]) -> OwnRule:
    """The rule back from a JSON column. Raises ValueError on a code that nobody knows."""
    unknown = stored.keys() - {one.name for one in fields(OwnRule)}
    if unknown:
        raise ValueError(f"not of a rule: {sorted(unknown)}")
    return OwnRule(
        **{
            name: _READ_AS[name](value) if name in _READ_AS and value is not None else value
            for name, value in stored.items()
        }
    )


# --- In words -----------------------------------------------------------------------------------


def sentence(
    rule: OwnRule,
    language: str,
    *,
    stage: Callable[[StrEnum], str] = str,
    counties: Mapping[str, str] | None = None,
    people: Mapping[int, str] | None = None,
) -> str:
    """The whole rule in a sentence or two, in Swedish ("sv") or English ("en").

    `stage` names a stage in that language; counties and people are named by code and id.
    """
    english = language == "en"
    does = _DOES[rule.kind][english]
    which = _for_which(rule, english, stage, counties or {}, people or {})
    who = _told(rule, english, people or {})
    head = f"{rule.when(language)[:1].upper()}{rule.when(language)[1:]}: {does}."
    return f"{head} {which} {who}"


def _for_which(
    rule: OwnRule,
    english: bool,
    stage: Callable[[StrEnum], str],
    counties: Mapping[str, str],
    people: Mapping[int, str],
) -> str:
    bodies = _list([BODY_NAMES[kind][english] for kind in rule.kinds], english)
    said = [bodies or ("all buyers" if english else "alla köpare")]
    if rule.scope is RuleScope.ACCOUNTS:
        said.append(_WITHOUT_CASE[english])
    if rule.counties:
        names = _list([counties.get(one, one) for one in rule.counties], english)
        said.append(f"in {names}" if english else f"i {names}")
    if rule.manager_id is not None:
        name = people.get(rule.manager_id, "?")
        said.append(f"that {name} looks after" if english else f"som {name} har hand om")
    if rule.practice_known is not None:
        said.append(_KNOWN[rule.practice_known][english])
    if rule.scope is RuleScope.ACCOUNTS:
        return f"{'For' if english else 'För'} {' '.join(said)}{_whose(rule, english)}."
    cases = [
        _FACTS[name, value][english]
        for name, value in (
            ("price_shared", rule.price_shared),
            ("has_champion", rule.has_champion),
            ("waiting", rule.waiting),
        )
        if value is not None
    ]
    ladders = (
        (rule.adoption_from, rule.adoption_to),
        (rule.procurement_from, rule.procurement_to),
    )
    cases += [_stages(first, last, english, stage) for first, last in ladders if first or last]
    which = " ".join(said)
    spoken = f"For every case at {which}" if english else f"För varje ärende hos {which}"
    if cases:
        asked = _list(cases, english)
        spoken = (
            f"For cases at {which}, if {asked}"
            if english
            else f"För ärenden hos {which}, om {asked}"
        )
    if rule.scope is RuleScope.BOTH:
        also = "Also for those of them" if english else "Även för dem"
        return f"{spoken}. {also} {_WITHOUT_CASE[english]}{_whose(rule, english)}."
    return f"{spoken}."


_WITHOUT_CASE: Final = ("utan pågående ärende", "without a case in progress")


def _whose(rule: OwnRule, english: bool) -> str:
    """Where nobody is named, only buyers that somebody looks after are spoken for."""
    if rule.assignee is Assignee.COLLEAGUE or rule.manager_id is not None:
        return ""
    return (
        ", as long as somebody looks after the buyer"
        if english
        else ", så länge någon har hand om köparen"
    )


_KNOWN: Final[dict[bool, tuple[str, str]]] = {
    True: ("med känd budgettidplan", "whose budget timetable is known"),
    False: ("med okänd budgettidplan", "whose budget timetable is not known"),
}
_FACTS: Final[dict[tuple[str, bool], tuple[str, str]]] = {
    ("price_shared", True): ("pris är delat", "a price has been shared"),
    ("price_shared", False): ("inget pris är delat", "no price has been shared"),
    ("has_champion", True): ("det finns en ambassadör", "there is a champion"),
    ("has_champion", False): ("det inte finns någon ambassadör", "there is no champion"),
    ("waiting", True): ("ärendet väntar", "the case waits"),
    ("waiting", False): ("ärendet inte väntar", "the case does not wait"),
}


def _stages(
    first: StrEnum | None, last: StrEnum | None, english: bool, stage: Callable[[StrEnum], str]
) -> str:
    if first is None or last is None:
        bound = stage(first or last)  # type: ignore[arg-type]  # one of them is there
        if english:
            return f"it stands at “{bound}” or {'later' if last is None else 'earlier'}"
        return f"det står på ”{bound}” eller {'senare' if last is None else 'tidigare'}"
    if first == last:
        return f"it stands at “{stage(first)}”" if english else f"det står på ”{stage(first)}”"
    if english:
        return f"it stands between “{stage(first)}” and “{stage(last)}”"
    return f"det står mellan ”{stage(first)}” och ”{stage(last)}”"


def _told(rule: OwnRule, english: bool, people: Mapping[int, str]) -> str:
    match rule.assignee:
        case Assignee.ACCOUNT_MANAGER:
            return (
                "Whoever looks after the buyer is told."
                if english
                else "Den som har hand om köparen får påminnelsen."
            )
        case Assignee.COLLEAGUE:
            name = people.get(rule.user_id or 0, "?")
            return f"{name} is told." if english else f"{name} får påminnelsen."
        case _ if rule.scope is RuleScope.ACCOUNTS:
            return (
                "Whoever looks after the buyer is told."
                if english
                else "Den som har hand om köparen får påminnelsen."
            )
        case _ if rule.scope is RuleScope.BOTH:
            return (
                "The owner of the case is told; without a case, whoever looks after the buyer."
                if english
                else "Ärendets ägare får påminnelsen; utan ärende den som har hand om köparen."
            )
        case _:
            return (
                "The owner of the case is told." if english else "Ärendets ägare får påminnelsen."
            )


def _list(names: Sequence[str], english: bool) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {'and' if english else 'och'} {names[-1]}"


# --- Ready to take over -------------------------------------------------------------------------


class Persona(StrEnum):
    REP = "rep"
    ACCOUNT_MANAGER = "account_manager"
    FOUNDER = "founder"


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule to begin with: the same choices as one's own, in either language."""

    key: str
    persona: Persona
    rule: OwnRule  # its name and instruction are the Swedish ones
    name_en: str
    instruction_en: str
    why_sv: str
    why_en: str

    def spoken(self, language: str) -> OwnRule:
        """With the words of one language."""
        if language != "en":
            return self.rule
        chosen = {one.name: getattr(self.rule, one.name) for one in fields(OwnRule)}
        words = {"name": self.name_en, "instruction": self.instruction_en}
        return OwnRule(**(chosen | words))


READY: Final[tuple[ReadyRule, ...]] = (
    ReadyRule(
        "thank-you",
        Persona.REP,
        OwnRule(
            name="Hör hur starten har gått",
            instruction="En kort fråga: vad fungerar, vad saknas, vem mer vill prova?",
            kind=ReminderKind.CONTACT,
            count=3,
            before=False,
            event=OwnEvent.CASE_OPENED,
            adoption_to=AdoptionStage.UNIT_PILOT,
        ),
        "Hear how the start has gone",
        "One short question: what works, what is missing, who else would like to try?",
        "Den första månaden avgör om en nyfiken person får med sig sina kollegor.",
        "The first month decides whether a curious person brings colleagues along.",
    ),
    ReadyRule(
        "find-champion",
        Persona.REP,
        OwnRule(
            name="Tänk efter vem som kan bära behovet",
            instruction="Se vilka som har hört av sig från enheten. Kontakta ingen än.",
            kind=ReminderKind.PREPARE,
            count=4,
            unit=DistanceUnit.MONTHS,
            event=OwnEvent.HAND_IN,
            has_champion=False,
        ),
        "Think about who could carry the need",
        "See who has been in touch from the unit. Contact nobody yet.",
        "Utan någon på insidan kommer behovet inte med i underlaget.",
        "Without somebody inside, the need is not written into the basis.",
    ),
    ReadyRule(
        "price-in-time",
        Persona.ACCOUNT_MANAGER,
        OwnRule(
            name="Dela ett prisexempel i god tid",
            instruction="Skicka prisexemplet med tre alternativ. Det ska hinna in i underlaget.",
            kind=ReminderKind.CONTACT,
            count=10,
            event=OwnEvent.HAND_IN,
            price_shared=False,
        ),
        "Share a price example in good time",
        "Send the price example with three options, so that it can go into the basis.",
        "Ett behov utan pris får sällan plats i nämndens underlag.",
        "A need without a price seldom finds room in the nämnd's basis.",
    ),
    ReadyRule(
        "council-agenda",
        Persona.ACCOUNT_MANAGER,
        OwnRule(
            name="Läs kallelsen till fullmäktige",
            instruction="Sök efter det vi levererar bland ärendena. Kontakta ingen för den sakens"
            " skull.",
            kind=ReminderKind.READ,
            count=1,
            event=OwnEvent.COUNCIL_MEETING,
            scope=RuleScope.BOTH,
            waiting=None,
        ),
        "Read the agenda of the council",
        "Search the items for what we deliver. Contact nobody on that account.",
        "En vecka före sammanträdet är kallelsen i regel publicerad.",
        "A week before the meeting the agenda has as a rule been published.",
    ),
    ReadyRule(
        "contract-file",
        Persona.ACCOUNT_MANAGER,
        OwnRule(
            name="Samla avtalets historia",
            instruction="Användning, ärenden och priser, innan köparen börjar sin behovsanalys.",
            kind=ReminderKind.PREPARE,
            count=18,
            unit=DistanceUnit.MONTHS,
            event=OwnEvent.CONTRACT_END,
            waiting=None,
        ),
        "Gather the contract's history",
        "Use, questions and prices, before the buyer begins its analysis of needs.",
        "Den som förlängs ska kunna visa vad avtalet har gett.",
        "Whoever is to be renewed should be able to show what the contract has given.",
    ),
    ReadyRule(
        "after-decision",
        Persona.FOUNDER,
        OwnRule(
            name="Läs vad fullmäktige beslutade om våra frågor",
            instruction="Sök i protokollet efter det vi levererar, och vem som fick uppdraget.",
            kind=ReminderKind.READ,
            count=2,
            before=False,
            event=OwnEvent.DECISION,
            kinds=(BodyKind.MUNICIPALITY, BodyKind.REGION),
            adoption_from=AdoptionStage.SEVERAL_UNITS,
            waiting=None,
        ),
        "Read what the council decided about our field",
        "Search the minutes for what we deliver, and note who was given the assignment.",
        "Protokollet säger vilka som har fått pengar, och till vad.",
        "The minutes say who was given money, and for what.",
    ),
    ReadyRule(
        "large-ones",
        Persona.FOUNDER,
        OwnRule(
            name="Gå igenom de ärenden som är nära beslut",
            instruction="Finns behovet i budgeten, finns ett pris, vem bär det? Be om hjälp i tid.",
            kind=ReminderKind.PREPARE,
            count=6,
            event=OwnEvent.DECISION,
            adoption_from=AdoptionStage.BUDGETED_NEED,
            assignee=Assignee.ACCOUNT_MANAGER,
        ),
        "Go through the cases that are near a decision",
        "Is the need in the budget, is there a price, who carries it? Ask for help in time.",
        "Sex veckor före beslutet går det ännu att rätta till det som fattas.",
        "Six weeks before the decision what is missing can still be put right.",
    ),
)


def ready_by(key: str) -> ReadyRule | None:
    """The ready rule by that key, if there is one."""
    return next((one for one in READY if one.key == key), None)
