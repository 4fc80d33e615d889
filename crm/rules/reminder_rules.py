"""The reminder rules as data: R1-R8 and R11-R17 of `budget-cycles.md`, part 7.

A rule that plans something has a kind and an anchor, the thing its days are counted from. The
others (R5, R6, R8, R11, R14, R15) shape what those plan, and R9 guards a stage of a case; they
are listed so that each reminder can name every rule that had a say. The texts are for the user, in
both languages.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.budget_cycle import BodyKind
from crm.rules.own_events import OwnPart, RuleScope
from crm.rules.precision import add_months
from crm.rules.quiet import (
    Audience,
)
from crm.rules.reminder_facts import BodyFacts, CaseFacts, ReminderKind
from crm.rules.stages import (
    AdoptionStage,
    CaseState,
    ProcurementStage,
)


class Anchor(StrEnum):
    """What a rule counts its days from."""

    DOOR_READY = "door_ready"  # when a basis must be ready: see `door_ready`
    DOOR_END = "door_end"  # the last day of the committees' hand-in
    DECISION_END = "decision_end"  # the council has decided
    INTERNAL_BUDGET = "internal_budget"  # the committee splits its money, in the year before
    UNIT_MONEY = "unit_money"  # late January, when the unit learns its money
    APPROPRIATION = "appropriation"  # regleringsbrev
    SCHOOL_PILOT = "school_pilot"
    CONTRACT_END = "contract_end"
    CONTRACT_NOTICE = "contract_notice"
    CASE_OPENED = "case_opened"
    NEXT_STEP = "next_step"
    WAKE = "wake"
    PLAN_NEEDS = "plan_needs"  # the stages of a plan laid out backwards (E7), as each begins
    PLAN_DIALOGUE = "plan_dialogue"
    PLAN_SPECIFICATION = "plan_specification"
    PLAN_MARKET = "plan_market"
    PLAN_STANDSTILL = "plan_standstill"
    TENDER_QUESTIONS = "tender_questions"  # the last day for questions in a procurement (D10)
    TENDER_APPLY = "tender_apply"  # ... for applications, in good time
    TENDER_APPLY_LAST = "tender_apply_last"  # ... for applications, the working day before
    TENDER_DUE = "tender_due"  # ... for tenders, in good time
    TENDER_LAST = "tender_last"  # ... for tenders, the working day before
    TENDER_VALID = "tender_valid"  # how long our tender stands
    FREEZE = "freeze"  # late January after a purchasing freeze began
    UNKNOWN_PRACTICE = "unknown_practice"
    OWN = "own"  # the event of a rule of one's own: see `crm.rules.own_events`
    LAST_CONTACT = "last_contact"  # with the same person, in whichever case
    CHAMPION_LEFT = "champion_left"  # and nobody has taken over (R13)
    SINGLE_CONTACT = "single_contact"  # the case hangs on one, or nobody is in touch (C7)
    WHILE_WAITING = "while_waiting"  # the light contacts of a wait (E10)
    INTERNAL_OCCASION = "internal_occasion"  # where somebody takes it up inside the body (C3)
    REQUEST_FOLLOW_UP = "request_follow_up"  # a records request without an answer (D14)
    PILOT_END = "pilot_end"  # a pilot that nobody has evaluated (R9)
    REQUEST_APPEAL = "request_appeal"  # a refusal that may be appealed
    UNSIGNED = "unsigned"  # a procurement that is out and that nobody has noted as signed


@dataclass(frozen=True, slots=True)
class Offset:
    """Before (negative) or after the anchor."""

    months: int = 0
    days: int = 0

    def from_day(self, day: date) -> date:
        """The day that lies this far from another."""
        return add_months(day, self.months) + timedelta(days=self.days)

    @property
    def is_before(self) -> bool:
        """Whether the rule asks for time ahead of its anchor."""
        return self.months < 0 or self.days < 0

    def text(self, language: str) -> str:
        """'6 veckor före', '18 months before'; empty for the day itself."""
        if not self.months and not self.days:
            return ""
        if self.months:
            count, sv, en = abs(self.months), ("månad", "månader"), ("month", "months")
        elif self.days % 7 == 0:
            count, sv, en = abs(self.days) // 7, ("vecka", "veckor"), ("week", "weeks")
        else:
            count, sv, en = abs(self.days), ("dag", "dagar"), ("day", "days")
        if language == "en":
            return f"{count} {en[count != 1]} {'before' if self.is_before else 'after'}"
        return f"{count} {sv[count != 1]} {'före' if self.is_before else 'efter'}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """For which bodies and cases a rule speaks. None asks nothing."""

    kinds: frozenset[BodyKind] | None = None
    audiences: frozenset[Audience] | None = None
    adoption: tuple[AdoptionStage, AdoptionStage] | None = None  # from, to; both included
    before_signing: bool = False
    closed_too: bool = False  # also for closed cases: a contract lives on after its case
    price_shared: bool | None = None
    has_champion: bool | None = None
    has_framework: bool | None = None
    door_over_summer: bool | None = None  # the November calendar's long door, or the short one
    counties: frozenset[str] | None = None  # by code
    manager_id: int | None = None  # the buyer is hers
    practice_known: bool | None = None
    procurement: tuple[ProcurementStage, ProcurementStage] | None = None  # both included
    waiting: bool | None = None
    scope: RuleScope = (
        RuleScope.CASES
    )  # only a rule of one's own speaks for an account without a case

    def hold_for(self, body: "BodyFacts", case: "CaseFacts") -> bool:
        """Whether the rule speaks for this case, or account without one (`account_of`); what hangs
        on a phase is asked elsewhere."""
        if case.is_account:
            return (
                self.scope is not RuleScope.CASES
                and self._hold_for_buyer(body, case)
                and (self.kinds is None or body.kind in self.kinds)
            )
        if self.scope is RuleScope.ACCOUNTS:
            return False
        if case.state is CaseState.CLOSED and not self.closed_too:
            return False
        if not self._hold_for_buyer(body, case):
            return False
        if self.waiting is not None and self.waiting is not (case.state is CaseState.WAITING):
            return False
        if self.procurement is not None and not _between(case.procurement_stage, self.procurement):
            return False
        if self.kinds is not None and body.kind not in self.kinds:
            return False
        if self.audiences is not None and case.audience not in self.audiences:
            return False
        if self.adoption is not None:
            first, last = self.adoption
            if not first.number <= case.adoption_stage.number <= last.number:
                return False
        if self.before_signing and case.procurement_stage is ProcurementStage.SIGNED:
            return False
        if self.has_champion is not None and self.has_champion != bool(case.champion_name):
            return False
        return self.price_shared in (None, case.price_shared) and self.has_framework in (
            None,
            case.has_framework,
        )

    def _hold_for_buyer(self, body: "BodyFacts", case: "CaseFacts") -> bool:
        if self.counties is not None and body.county_code not in self.counties:
            return False
        if self.manager_id is not None and body.owner_id != self.manager_id:
            return False
        known = (case.practice or body.practice).is_known
        return self.practice_known in (None, known)


def _between(stage: ProcurementStage, bounds: tuple[ProcurementStage, ProcurementStage]) -> bool:
    order = list(ProcurementStage)
    return order.index(bounds[0]) <= order.index(stage) <= order.index(bounds[1])


_ANYTHING: Final = Conditions()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Without a kind and an anchor it only shapes what other rules plan.

    The texts may name {body}, {unit}, {who} and {year} (the budget year). `guess_…` replace them
    when the date is a guess: then we ask about the timetable instead of acting on it.
    `importance` settles which of two questions is asked when only one can be.
    """

    key: str
    name_sv: str
    name_en: str
    kind: ReminderKind | None = None
    anchor: Anchor | None = None
    offset: Offset = Offset()
    conditions: Conditions = _ANYTHING
    importance: int = 0
    title_sv: str = ""
    title_en: str = ""
    do_sv: str = ""
    do_en: str = ""
    guess_title_sv: str = ""
    guess_title_en: str = ""
    guess_do_sv: str = ""
    guess_do_en: str = ""
    version: int = 1
    own: OwnPart | None = None

    @property
    def subject_key(self) -> str:
        """By what its reminders are known. What C7 asks for is asked once, whatever phase the case
        goes on to."""
        return self.key.partition("-")[0] if self.anchor is Anchor.SINGLE_CONTACT else self.key

    def name(self, language: str) -> str:
        """The rule in a few words."""
        return self.name_en if language == "en" else self.name_sv

    def heading(self, language: str) -> str:
        """The same with the number by which people speak of it; a variant has its rule's."""
        number = self.key.partition("-")[0]
        if self.own is not None:
            return f"{self.key}: {self.name(language)}"
        return f"{number}: {self.name(language)}" if number[1:].isdigit() else self.name(language)


_COUNCILS: Final = frozenset({BodyKind.MUNICIPALITY, BodyKind.REGION, BodyKind.OTHER})
_STATE: Final = frozenset({BodyKind.STATE, BodyKind.UNIVERSITY})
_BEFORE_PROCUREMENT: Final = (AdoptionStage.CURIOUS, AdoptionStage.BUDGETED_NEED)

_ASK_TIMETABLE_SV: Final = "Fråga när {body} lämnar in underlag till budget {year}"
_ASK_TIMETABLE_EN: Final = "Ask when {body} hands in for the budget of {year}"
_ASK_TIMETABLE_DO_SV: Final = (
    "Tiden är en gissning utifrån liknande organisationer. Fråga {who} hur deras tidplan ser ut,"
    " skriv in den med källa och erbjud dig att hjälpa till med underlaget om det passar."
)
_ASK_TIMETABLE_DO_EN: Final = (
    "The time is a guess from similar bodies. Ask {who} what their timetable looks like, record it"
    " with its source, and offer to help with the basis if it suits them."
)
_HELP_TITLE_SV: Final = "Hjälp {who} med underlaget till budget {year}"
_HELP_TITLE_EN: Final = "Help {who} with the basis for the budget of {year}"
_HELP_DO_SV: Final = (
    "Erbjud en sida att återanvända i underlaget: behov, effekt, vad stödfunktionerna har sagt och"
    " total kostnad, med tre prisalternativ (egen enhet, en förvaltning, hela organisationen)."
    " Kontakta inga politiker förbi förvaltningen."
)
_HELP_DO_EN: Final = (
    "Offer one page they can reuse: need, effect, what the support functions have said and total"
    " cost, with three price options (own unit, one förvaltning, the whole body). Do not go to"
    " politicians round the förvaltning."
)
_INTERNAL_TITLE_SV: Final = "Fråga om behovet finns med i internbudgeten för {year}"
_INTERNAL_TITLE_EN: Final = "Ask whether the need is in the internal budget for {year}"
_INTERNAL_DO_SV: Final = (
    "Fråga {who} om behovet finns med i verksamhetsplanen och föreslå en start i januari–mars."
    " Uppdatera offerten med samma alternativ som tidigare; ändra inte priset."
)
_INTERNAL_DO_EN: Final = (
    "Ask {who} whether the need is in the activity plan and suggest a start in January to March."
    " Update the quote with the same options as before; do not change the price."
)

_COVER_BY_STAGE: Final = (
    (
        "C7",
        (AdoptionStage.CURIOUS, AdoptionStage.COLLEAGUES),
        "de första användarna",
        "the first users",
    ),
    (
        "C7-pilot",
        (AdoptionStage.UNIT_PILOT, AdoptionStage.SEVERAL_UNITS),
        "pilot och flera enheter",
        "pilot and several units",
    ),
    (
        "C7-budget",
        (AdoptionStage.BUDGETED_NEED, AdoptionStage.BUDGETED_NEED),
        "behovet i budgeten",
        "the need in the budget",
    ),
    (
        "C7-buying",
        (AdoptionStage.PROCUREMENT, AdoptionStage.WIDE_USE),
        "upphandling och bred användning",
        "procurement and wide use",
    ),
)
"""How long a case may hang on few contacts, set for each phase by itself (C7)."""

DEFAULT_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        key="R1",
        name_sv="Okänd tidplan: ta reda på den",
        name_en="Unknown timetable: find it out",
        kind=ReminderKind.TASK,
        anchor=Anchor.UNKNOWN_PRACTICE,
        title_sv="Ta reda på budgettidplanen i {body}",
        title_en="Find out the budget timetable of {body}",
        do_sv="Leta efter en publicerad tidplan eller fråga någon du redan talar med. Skriv in"
        " beslutsmånad och inlämningsdag med länk till källan. Till dess gäller bara lagens"
        " gränser.",
        do_en="Look for a published timetable, or ask somebody you already talk to. Record the"
        " month of the decision and the hand-in date with a link. Until then only the law's"
        " limits hold.",
    ),
    Rule(
        key="R2",
        name_sv="Underlag före nämndens inlämning",
        name_en="Basis before the nämnd's hand-in",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.DOOR_READY,
        offset=Offset(days=-42),
        conditions=Conditions(
            adoption=_BEFORE_PROCUREMENT, before_signing=True, door_over_summer=False
        ),
        importance=70,
        title_sv=_HELP_TITLE_SV,
        title_en=_HELP_TITLE_EN,
        do_sv=_HELP_DO_SV,
        do_en=_HELP_DO_EN,
        guess_title_sv=_ASK_TIMETABLE_SV,
        guess_title_en=_ASK_TIMETABLE_EN,
        guess_do_sv=_ASK_TIMETABLE_DO_SV,
        guess_do_en=_ASK_TIMETABLE_DO_EN,
    ),
    Rule(
        key="R2-may",
        name_sv="Underlag före sommaren",
        name_en="Basis before the summer",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.DOOR_END,
        offset=Offset(days=-19 * 7),
        conditions=Conditions(
            adoption=_BEFORE_PROCUREMENT, before_signing=True, door_over_summer=True
        ),
        importance=70,
        title_sv=_HELP_TITLE_SV,
        title_en=_HELP_TITLE_EN,
        do_sv=_HELP_DO_SV,
        do_en=_HELP_DO_EN,
        guess_title_sv=_ASK_TIMETABLE_SV,
        guess_title_en=_ASK_TIMETABLE_EN,
        guess_do_sv=_ASK_TIMETABLE_DO_SV,
        guess_do_en=_ASK_TIMETABLE_DO_EN,
    ),
    Rule(
        key="R2-again",
        name_sv="Underlag igen, efter sommaren",
        name_en="Basis again, after the summer",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.DOOR_END,
        offset=Offset(days=-42),
        conditions=Conditions(
            adoption=_BEFORE_PROCUREMENT, before_signing=True, door_over_summer=True
        ),
        importance=75,
        title_sv="Stäm av underlaget till budget {year} med {who}",
        title_en="Check the basis for the budget of {year} with {who}",
        do_sv="Det mesta skrivs i augusti och september. Fråga om något saknas i underlaget och"
        " svara på förvaltningens frågor samma dag. Kom inte med något nytt nu.",
        do_en="Most of it is written in August and September. Ask whether anything is missing from"
        " the basis and answer the förvaltning's questions the same day. Bring nothing new now.",
        guess_title_sv=_ASK_TIMETABLE_SV,
        guess_title_en=_ASK_TIMETABLE_EN,
        guess_do_sv=_ASK_TIMETABLE_DO_SV,
        guess_do_en=_ASK_TIMETABLE_DO_EN,
    ),
    Rule(
        key="R3",
        name_sv="Läs budgetbeslutet",
        name_en="Read the budget decision",
        kind=ReminderKind.READ,
        anchor=Anchor.DECISION_END,
        offset=Offset(days=1),
        conditions=Conditions(kinds=_COUNCILS | {BodyKind.UNIVERSITY}),
        title_sv="Läs budgetbeslutet för {year} i {body}",
        title_en="Read the budget decision of {body} for {year}",
        do_sv="Läs beslutet och skriv ner ramen och de uppdrag som rör er. Kontakta ingen: nämnden"
        " ska först fördela sin ram, och beslutet är ingen beställning.",
        do_en="Read the decision and note the frame and any assignment that touches you. Contact"
        " nobody: the nämnd has yet to split its frame, and the decision is not an order.",
    ),
    Rule(
        key="R4",
        name_sv="Andra kontakten: höstens internbudget",
        name_en="Second contact: the autumn's internal budget",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.INTERNAL_BUDGET,
        offset=Offset(days=35),
        conditions=Conditions(adoption=_BEFORE_PROCUREMENT, before_signing=True),
        importance=60,
        title_sv=_INTERNAL_TITLE_SV,
        title_en=_INTERNAL_TITLE_EN,
        do_sv=_INTERNAL_DO_SV,
        do_en=_INTERNAL_DO_EN,
        guess_do_sv=_INTERNAL_DO_SV + " Tiden är en gissning: fråga först när de planerar.",
        guess_do_en=_INTERNAL_DO_EN + " The time is a guess: ask first when they plan.",
    ),
    Rule(
        key="R4-january",
        name_sv="Andra kontakten: enhetens pengar i slutet av januari",
        name_en="Second contact: the unit's money in late January",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.UNIT_MONEY,
        conditions=Conditions(adoption=_BEFORE_PROCUREMENT, before_signing=True),
        importance=60,
        title_sv="Fråga {who} om enhetens budget för {year}",
        title_en="Ask {who} about the unit's budget for {year}",
        do_sv="Först nu vet enheten vilka pengar den har. Ställ en enda fråga: har verktyget en"
        " plats i årets budget? Erbjud det minsta alternativet.",
        do_en="Only now does the unit know its money. Ask one question only: is there a place"
        " for the tool in this year's budget? Offer the smallest option.",
    ),
    Rule(
        key="R5",
        name_sv="Valår: de nyvalda beslutar, och nya politiker lämnas i fred till mars",
        name_en="Election year: the newly elected decide, and new politicians are left until March",
    ),
    Rule(
        key="R6",
        name_sv="Lugna perioder flyttar kontakter framåt",
        name_en="Quiet periods move contacts forward",
    ),
    Rule(
        key="R7",
        name_sv="Inköpsstopp: bara stöd, fråga igen i slutet av januari",
        name_en="Purchasing freeze: support only, ask again in late January",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.FREEZE,
        conditions=Conditions(closed_too=True),
        importance=50,
        title_sv="Fråga hur det står till med inköpsstoppet i {body}",
        title_en="Ask how things are with the purchasing freeze at {body}",
        do_sv="En lugn fråga till {who}: gäller stoppet fortfarande? Skriv in slutdatumet om det"
        " finns. Erbjud stöd, inget köp.",
        do_en="One calm question to {who}: does the freeze still apply? Record its end if there"
        " is one. Offer support, not a purchase.",
    ),
    Rule(
        key="R8",
        name_sv="Underskott: tre strama år",
        name_en="Deficit: three tight years",
    ),
    Rule(
        key="R9",
        name_sv="Ingen pilot med personuppgifter utan PUB-avtal",
        name_en="No pilot with personal data without a PUB-avtal",
    ),
    Rule(
        key="R9-evaluate",
        name_sv="När piloten slutar: utvärdera, sälj inte",
        name_en="When the pilot ends: evaluate, do not sell",
        kind=ReminderKind.TASK,
        anchor=Anchor.PILOT_END,
        title_sv="Piloten slutar: fråga {unit} vad de kom fram till",
        title_en="The pilot ends: ask {unit} what they found out",
        do_sv="Det som skulle utvärderas: {evaluates} Skriv in svaret med deras ord, också det som"
        " inte fungerade. Inget erbjudande nu. Är en upphandling annonserad går alla frågor genom"
        " dess kanal.",
        do_en="What was to be found out: {evaluates} Record the answer in their words, also what"
        " did not work. No offer now. If a procurement is advertised, all questions go through its"
        " channel.",
    ),
    Rule(
        key="R11",
        name_sv="Från publicering till signering: bara den officiella frågekanalen",
        name_en="From publication to signature: only the official question channel",
    ),
    Rule(
        key="R11-signed",
        name_sv="Är avtalet tecknat?",
        name_en="Has the contract been signed?",
        kind=ReminderKind.TASK,
        anchor=Anchor.UNSIGNED,
        title_sv="Är avtalet tecknat? {procurement}",
        title_en="Has it been signed? {procurement}",
        do_sv="Svara att det är tecknat, att upphandlingen är avbruten eller att den prövas i"
        " domstol. Tills någon svarar kontaktar vi ingen hos {body}.",
        do_en="Answer that it is signed, that the procurement was called off or that a court is"
        " reviewing it. Until somebody answers nobody at {body} is contacted.",
    ),
    Rule(
        key="R12",
        name_sv="Avtalets slut: fråga om planerna",
        name_en="Contract end: ask about plans",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.CONTRACT_END,
        offset=Offset(months=-18),
        conditions=Conditions(closed_too=True),
        importance=80,
        title_sv="Fråga om planerna när avtalet går ut",
        title_en="Ask about plans for when the contract ends",
        do_sv="Fråga {who} hur de tänker när avtalet går ut: option, avrop eller ny upphandling,"
        " och vem som håller i det. En upphandling tar ofta 3–12 månader och behöver plats i"
        " budgeten.",
        do_en="Ask {who} what they have in mind when the contract ends: an option, a call-off or"
        " a new procurement, and who is in charge. A procurement often takes 3–12 months and"
        " needs a place in the budget.",
    ),
    Rule(
        key="R12-dialogue",
        name_sv="Avtalets slut: tidig dialog",
        name_en="Contract end: early dialogue",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.CONTRACT_END,
        offset=Offset(months=-12),
        conditions=Conditions(closed_too=True),
        importance=90,
        title_sv="Erbjud tidig dialog inför nästa avtal",
        title_en="Offer an early dialogue before the next contract",
        do_sv="Erbjud upphandlaren och verksamheten en tidig dialog om vad användningen har"
        " visat. Skriv ner vad du delar: alla leverantörer ska kunna få samma uppgifter (LOU 4"
        " kap. 8 §).",
        do_en="Offer the upphandlare and the users an early dialogue on what use has shown."
        " Record what you share: all suppliers must be able to get the same information (LOU 4"
        " kap. 8 §).",
    ),
    Rule(
        key="R12-option",
        name_sv="Avtalets option: före sista dagen att säga till",
        name_en="Contract option: before the last day for notice",
        kind=ReminderKind.PREPARE,
        anchor=Anchor.CONTRACT_NOTICE,
        offset=Offset(months=-2),
        conditions=Conditions(closed_too=True),
        importance=60,
        title_sv="Ta reda på om avtalet förlängs",
        title_en="Find out whether the contract is prolonged",
        do_sv="Ta reda på om avtalet förlängs eller sägs upp, och anteckna det på avtalet. Är det"
        " vårt eget: samla vad användningen har gett. Avtalets egna ord om uppsägning gäller.",
        do_en="Find out whether the contract is prolonged or given notice of, and write it down on"
        " the contract. If it is our own, gather what use has given. The contract's own words on"
        " notice decide.",
    ),
    Rule(
        key="R12-needs",
        name_sv="Baklängesplan: behovsanalysen börjar",
        name_en="Plan laid back: the analysis of needs begins",
        kind=ReminderKind.PREPARE,
        anchor=Anchor.PLAN_NEEDS,
        conditions=Conditions(closed_too=True),
        title_sv="Samla vad användningen har visat, inför behovsanalysen",
        title_en="Gather what use has shown, for the analysis of needs",
        do_sv="Skriv ner vad enheterna har haft nytta av och vad som saknas, med siffror och med"
        " deras egna ord, så att {who} kan använda det i förstudien.",
        do_en="Write down what the units have had use for and what is missing, in figures and in"
        " their own words, so that {who} can use it in the pre-study.",
    ),
    Rule(
        key="R12-rfi",
        name_sv="Baklängesplan: marknadsdialog (RFI)",
        name_en="Plan laid back: market dialogue (RFI)",
        kind=ReminderKind.PREPARE,
        anchor=Anchor.PLAN_DIALOGUE,
        conditions=Conditions(closed_too=True),
        title_sv="Var beredd på en RFI: svar, prisalternativ och referenser",
        title_en="Be ready for an RFI: answers, price options and references",
        do_sv="Ha svar på säkerhet, personuppgifter och tillgänglighet, en prisbild med alternativ"
        " och referenser färdiga. Skriv ner vad du delar: alla leverantörer ska kunna få samma"
        " uppgifter (LOU 4 kap. 8 §).",
        do_en="Have answers on security, personal data and accessibility, a price picture with"
        " options, and references ready. Record what you share: all suppliers must be able to get"
        " the same information (LOU 4 kap. 8 §).",
    ),
    Rule(
        key="R12-spec",
        name_sv="Baklängesplan: kravarbetet börjar",
        name_en="Plan laid back: work on the specification begins",
        kind=ReminderKind.PREPARE,
        anchor=Anchor.PLAN_SPECIFICATION,
        conditions=Conditions(closed_too=True),
        title_sv="Lämna neutrala krav ur användningen innan kraven skrivs",
        title_en="Hand over neutral requirements from use before they are written",
        do_sv="Se till att IT, dataskydd och administration har varit med. Krav utan varumärken,"
        " och med ”eller likvärdigt” där ett måste nämnas (LOU 9 kap. 6 §).",
        do_en="See that IT, data protection and administration have been involved. Requirements"
        " without brands, and with “eller likvärdigt” where one must be named (LOU 9 kap. 6 §).",
    ),
    Rule(
        key="R12-notice",
        name_sv="Baklängesplan: annonsen väntas",
        name_en="Plan laid back: the notice is expected",
        kind=ReminderKind.READ,
        anchor=Anchor.PLAN_MARKET,
        conditions=Conditions(closed_too=True),
        title_sv="Läs om upphandlingen är annonserad",
        title_en="See whether the procurement has been advertised",
        do_sv="Flytta ärendet till annonserad när den är det: från och med då går frågor bara till"
        " den officiella frågekanalen.",
        do_en="Move the case to advertised when it is: from then on questions go to the official"
        " question channel only.",
    ),
    Rule(
        key="R12-award",
        name_sv="Baklängesplan: avtalsspärren väntas",
        name_en="Plan laid back: the standstill is expected",
        kind=ReminderKind.READ,
        anchor=Anchor.PLAN_STANDSTILL,
        conditions=Conditions(closed_too=True),
        title_sv="Läs tilldelningsbeslutet och räkna ut tidigaste dag för avtal",
        title_en="Read the award decision and work out the earliest day to sign",
        do_sv="Avtalsspärren är minst tio dagar från den dag underrättelsen skickades elektroniskt."
        " Boka ingen signering före den.",
        do_en="The standstill is at least ten days from the day the notification was sent"
        " electronically. Book no signing before it ends.",
    ),
    Rule(
        key="R13",
        name_sv="Ambassadören har slutat: tacka och fråga efter en efterträdare",
        name_en="The champion has left: thank them and ask for a successor",
        kind=ReminderKind.TASK,
        anchor=Anchor.CHAMPION_LEFT,
        offset=Offset(days=3),
        conditions=Conditions(before_signing=True),
        title_sv="Tacka {left} och fråga efter en efterträdare",
        title_en="Thank {left} and ask for a successor",
        do_sv="Tacka för tiden och fråga vem som tar vid. Se efter att minst tre roller är kända i"
        " ärendet. Gå inte över någons huvud: vänta hellre tills en efterträdare har landat.",
        do_en="Say thank you and ask who takes over. See that at least three roles are known in the"
        " case. Do not go over anybody's head: rather wait until a successor has settled in.",
    ),
    *(
        Rule(
            key=key,
            name_sv=f"Få kontakter i ärendet, {stages_sv}",
            name_en=f"Few contacts in the case, {stages_en}",
            kind=ReminderKind.TASK,
            anchor=Anchor.SINGLE_CONTACT,
            offset=Offset(days=180),
            conditions=Conditions(adoption=adoption, before_signing=True),
            title_sv="Lär känna en till: ärendet hänger på {only}",
            title_en="Get to know one more: the case hangs on {only}",
            do_sv="Fråga {only} vem mer som berörs, till exempel IT, dataskydd eller den som håller"
            " i budgeten, och be att få bli presenterad. Ärendets sida visar vilka som arbetar"
            " där.",
            do_en="Ask {only} who else is concerned, such as IT, data protection or whoever holds"
            " the budget, and ask for an introduction. The case's page shows who works there.",
        )
        for key, adoption, stages_sv, stages_en in _COVER_BY_STAGE
    ),
    Rule(
        key="C3",
        name_sv="Nästa tillfälle internt: hjälp till att förbereda",
        name_en="The next internal occasion: help to prepare",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.INTERNAL_OCCASION,
        offset=Offset(days=-7),
        conditions=Conditions(before_signing=True),
        importance=60,
        title_sv="Hjälp {person} att förbereda: {occasion}",
        title_en="Help {person} to prepare: {occasion}",
        do_sv="Fråga vad som behövs: en sida att visa, svar på en fråga som väntas, en siffra från"
        " den egna användningen. Skicka inte mer än så.",
        do_en="Ask what is needed: a page to show, the answer to a question that is expected, a"
        " figure from their own use. Send no more than that.",
    ),
    Rule(
        key="R14",
        name_sv="En fråga i taget",
        name_en="One question at a time",
    ),
    Rule(
        key="PACE",
        name_sv="Takten: högst en kontakt med samma person inom en viss tid",
        name_en="The pace: at most one contact with the same person within a set time",
        anchor=Anchor.LAST_CONTACT,
        offset=Offset(days=42),
    ),
    Rule(
        key="R15",
        name_sv="Varje påminnelse säger varför, varifrån och hur säkert",
        name_en="Every reminder says why, from where and how sure",
    ),
    Rule(
        key="R16",
        name_sv="Skolans år: föreslå en pilot när det är lugnt",
        name_en="The school's year: suggest a pilot when things are calm",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.SCHOOL_PILOT,
        conditions=Conditions(
            audiences=frozenset({Audience.SCHOOL}),
            adoption=(AdoptionStage.COLLEAGUES, AdoptionStage.COLLEAGUES),
            before_signing=True,
        ),
        importance=40,
        title_sv="Föreslå en pilot i liten skala",
        title_en="Suggest a small pilot",
        do_sv="Föreslå {who} en pilot med tydlig början, slut och fråga. Granskningen av"
        " personuppgifter och PUB-avtalet ska vara klara innan elever är med.",
        do_en="Suggest a pilot to {who} with a clear start, end and question. The review of"
        " personal data and the PUB-avtal must be done before pupils take part.",
    ),
    Rule(
        key="R17",
        name_sv="Staten: ramavtal först",
        name_en="The state: framework agreements first",
        kind=ReminderKind.PREPARE,
        anchor=Anchor.CASE_OPENED,
        offset=Offset(days=3),
        conditions=Conditions(
            kinds=_STATE,
            adoption=_BEFORE_PROCUREMENT,
            has_framework=False,
            before_signing=True,
        ),
        title_sv="Ta reda på vilket ramavtal {body} kan avropa från",
        title_en="Find out which ramavtal {body} can call off from",
        do_sv="Myndigheter ska i första hand använda de statliga ramavtalen. Skriv in vilket"
        " avtal som täcker produkten och när det går ut, eller att inget gör det.",
        do_en="Authorities are to use the state's framework agreements first. Record which"
        " agreement covers the product and when it ends, or that none does.",
    ),
    Rule(
        key="R17-letter",
        name_sv="Staten: läs regleringsbrevet",
        name_en="The state: read the letter of appropriation",
        kind=ReminderKind.READ,
        anchor=Anchor.APPROPRIATION,
        offset=Offset(days=14),
        conditions=Conditions(kinds=frozenset({BodyKind.STATE})),
        title_sv="Läs regleringsbrevet för {year}: {body}",
        title_en="Read the letter of appropriation for {year}: {body}",
        do_sv="Läs i Statsliggaren vilka uppdrag myndigheten har fått i ert område. Kontakta"
        " ingen för den sakens skull.",
        do_en="Read in Statsliggaren which assignments the authority has been given in your area."
        " Contact nobody on that account.",
    ),
    Rule(
        key="D10-questions",
        name_sv="Anbud: sista dag för frågor",
        name_en="Tender: the last day for questions",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.TENDER_QUESTIONS,
        title_sv="Ställ frågorna i upphandlingen: {tender}",
        title_en="Put the questions in the procurement: {tender}",
        do_sv="Läs upphandlingsdokumenten, samla det som är oklart eller ser fel ut och ställ"
        " frågorna i myndighetens verktyg. Kontakta ingen vid sidan av: svaren går till alla.",
        do_en="Read the tender documents, gather what is unclear or looks wrong and put the"
        " questions in the authority's tool. Contact nobody beside it: the answers go to all.",
    ),
    Rule(
        key="D10-application",
        name_sv="Anbudsansökan: fem arbetsdagar kvar",
        name_en="Application: five working days left",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.TENDER_APPLY,
        title_sv="Gör anbudsansökan klar: {tender}",
        title_en="Finish the application: {tender}",
        do_sv="Läs vad myndigheten kräver av den som vill lämna anbud, samla intygen och låt någon"
        " annan läsa ansökan.",
        do_en="Read what the authority asks of whoever wants to tender, gather the evidence and let"
        " somebody else read the application.",
    ),
    Rule(
        key="D10-application-last",
        name_sv="Anbudsansökan: sista arbetsdagen före",
        name_en="Application: the last working day before",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.TENDER_APPLY_LAST,
        title_sv="Lämna in anbudsansökan: {tender}",
        title_en="Hand in the application: {tender}",
        do_sv="Lämna in i myndighetens verktyg och spara kvittot. Bara den som har ansökt i tid kan"
        " bjudas in att lämna anbud.",
        do_en="Hand it in by the authority's tool and keep the receipt. Only who has applied in"
        " time can be invited to tender.",
    ),
    Rule(
        key="D10-tender",
        name_sv="Anbud: fem arbetsdagar kvar",
        name_en="Tender: five working days left",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.TENDER_DUE,
        title_sv="Gör anbudet klart: {tender}",
        title_en="Finish the tender: {tender}",
        do_sv="Se vad som saknas på listan och låt någon annan kontrollera det som är klart.",
        do_en="See what is missing on the list, and let somebody else check what is done.",
    ),
    Rule(
        key="D10-tender-last",
        name_sv="Anbud: sista arbetsdagen före",
        name_en="Tender: the last working day before",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.TENDER_LAST,
        title_sv="Lämna in anbudet: {tender}",
        title_en="Hand in the tender: {tender}",
        do_sv="Lämna in i myndighetens verktyg, spara kvittot och notera att det är inlämnat. Ett"
        " anbud som kommer för sent tas inte upp till prövning.",
        do_en="Hand it in by the authority's tool, keep the receipt and note that it has gone in."
        " A tender that comes too late is not taken up.",
    ),
    Rule(
        key="D10-validity",
        name_sv="Anbud: giltigheten går ut",
        name_en="Tender: it ceases to be valid",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.TENDER_VALID,
        title_sv="Anbudets giltighet går ut: {tender}",
        title_en="The tender ceases to be valid: {tender}",
        do_sv="Bestäm om ni står fast vid anbudet om myndigheten ber om förlängd giltighet."
        " Myndigheten frågar; ta inte kontakt vid sidan av upphandlingen.",
        do_en="Decide whether you stand by the tender if the authority asks for a longer validity."
        " The authority asks; do not get in touch beside the procurement.",
    ),
    Rule(
        key="LIGHT",
        name_sv="Lätt kontakt medan ärendet väntar",
        name_en="Light contact while the case waits",
        kind=ReminderKind.CONTACT,
        anchor=Anchor.WHILE_WAITING,
        importance=10,
        title_sv="Lätt kontakt med {who}: {purpose}",
        title_en="Light contact with {who}: {purpose}",
        do_sv="En kort rad till {who}. Be inte om något.",
        do_en="A short line to {who}. Ask for nothing.",
    ),
    Rule(
        key="RECORDS",
        name_sv="Begäran om allmän handling: följ upp",
        name_en="Records request: follow up",
        kind=ReminderKind.TASK,
        anchor=Anchor.REQUEST_FOLLOW_UP,
        title_sv="Har svaret kommit? {request}",
        title_en="Has the answer come? {request}",
        do_sv="Skriv in svaret om det har kommit. Annars räcker en vänlig rad till registratorn"
        " med diarienumret. Flytta dagen om de har sagt när det kommer.",
        do_en="Record the answer if it has come. Otherwise a friendly line to the registrar with"
        " the diarienummer is enough. Move the day if they have said when it comes.",
    ),
    Rule(
        key="RECORDS-appeal",
        name_sv="Begäran om allmän handling: sista dag att överklaga",
        name_en="Records request: last day to appeal",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.REQUEST_APPEAL,
        title_sv="Sista dag att överklaga avslaget: {request}",
        title_en="Last day to appeal the refusal: {request}",
        do_sv="Läs beslutet: det som står där gäller. Bestäm om ni överklagar eller låter det vara,"
        " och skriv in det.",
        do_en="Read the decision: what it says holds. Decide whether to appeal or let it be, and"
        " record that.",
    ),
    Rule(
        key="NEXT",
        name_sv="Nästa steg: det vi har lovat",
        name_en="Next step: what we have promised",
        kind=ReminderKind.DEADLINE,
        anchor=Anchor.NEXT_STEP,
        title_sv="{next_step}",
        title_en="{next_step}",
        do_sv="Gör det, eller säg till i god tid om det inte går.",
        do_en="Do it, or say so in good time if you cannot.",
    ),
    Rule(
        key="WAKE",
        name_sv="Väntan är slut",
        name_en="The wait is over",
        kind=ReminderKind.TASK,
        anchor=Anchor.WAKE,
        title_sv="Se om det är dags att ta upp ärendet igen",
        title_en="See whether it is time to take up the case again",
        do_sv="Läs vad som har hänt medan ärendet vilade. Väck det, eller låt det vänta vidare.",
        do_en="Read what has happened while the case rested. Wake it, or let it wait on.",
    ),
)
