"""The support-function gate (features C5, F8): what the buyer's own functions have to have done, in
which order and how long it usually takes, and who is missing when a case moves on.

The gate warns, with the names of those who are missing, and never stops anybody: the body decides.
The steps and their times are those of `budget-cycles.md` 5.2. Times that no page supports are
planning assumptions and said to be so; each installation can put its own in their place.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.anchoring import Setting
from crm.rules.functions import Function
from crm.rules.stages import AdoptionStage, ProcurementStage, PubStatus, is_published

# --- The steps ----------------------------------------------------------------------------------


class GateStep(StrEnum):
    """In the usual order."""

    SECURITY_PROTECTION = "security_protection"  # säkerhetsskyddsavtal
    REVIEW = "review"  # the förvaltning's own review of tools
    PROCESSING_AGREEMENT = "processing_agreement"  # PUB-avtal
    CLASSIFICATION = "classification"  # informationsklassning
    IMPACT_ASSESSMENT = "impact_assessment"  # konsekvensbedömning, DPIA
    SECRECY = "secrecy"  # secrecy and cloud
    ACCESSIBILITY = "accessibility"
    INTEGRATION = "integration"
    ARCHIVE = "archive"
    UNION = "union"
    PROCUREMENT = "procurement"


class GateState(StrEnum):
    NOT_BEGUN = "not_begun"
    ASKED = "asked"
    UNDER_WAY = "under_way"
    DONE = "done"
    NOT_NEEDED = "not_needed"


SETTLED: Final = frozenset({GateState.DONE, GateState.NOT_NEEDED})
_AT_WORK: Final = frozenset({GateState.UNDER_WAY, GateState.DONE})


@dataclass(frozen=True, slots=True)
class UsualTime:
    """From and to, in whole weeks. `assumed`: ours to plan with, no page supports it."""

    least: int
    most: int
    assumed: bool = True


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What is known of a step: whose it is at the buyer, how long it takes, and where that is said.

    `sv` and `en` are what it is, in a sentence or two for the user. `adviser` is asked by the
    owner, and is in on it once the step is under way, without being the one who decides.
    """

    owner: Function
    usual: UsualTime
    sv: str
    en: str
    law: str = ""
    adviser: Function | None = None


FACTS: Final[dict[GateStep, StepFacts]] = {
    GateStep.SECURITY_PROTECTION: StepFacts(
        Function.INFORMATION_SECURITY,
        UsualTime(9, 26),
        "Bara där säkerhetskänslig verksamhet berörs: då ska avtalet finnas före allt annat. "
        "Somliga statliga köp kräver samråd med Säkerhetspolisen, som kan stoppa dem.",
        "Only where security-sensitive activity is touched: then the agreement comes before all "
        "else. Some purchases of the state need consultation with Säkerhetspolisen, which can "
        "stop them.",
        "Säkerhetsskyddslagen (2018:585) 4 kap.",
    ),
    GateStep.REVIEW: StepFacts(
        Function.DIGITALISATION,
        UsualTime(2, 8),
        "Förvaltningen godkänner verktyg med personuppgifter innan de används, även gratis.",
        "The förvaltning approves tools with personal data before they are used, free ones too.",
    ),
    GateStep.PROCESSING_AGREEMENT: StepFacts(
        Function.MANAGEMENT,
        UsualTime(1, 6),
        "Avtalet ska finnas innan uppgifterna används. Nämnden skriver under, ofta på delegation.",
        "The agreement is there before the data is used. The nämnd signs, often by delegation.",
        "Dataskyddsförordningen (EU) 2016/679 art. 28",
        Function.DATA_PROTECTION,
    ),
    GateStep.CLASSIFICATION: StepFacts(
        Function.SYSTEM_OWNER,
        UsualTime(2, 6),
        "Klassningen (till exempel i Klassa) ger en handlingsplan och krav till upphandlingen.",
        "The classification (in Klassa, for one) gives a plan of action and requirements.",
    ),
    GateStep.IMPACT_ASSESSMENT: StepFacts(
        Function.MANAGEMENT,
        UsualTime(4, 12),
        "Den ansvariga nämnden gör den före behandling som sannolikt innebär hög risk, och "
        "rådfrågar dataskyddsombudet. Förhandssamråd med IMY kan ta 8 + 6 veckor till.",
        "The nämnd in charge makes it before processing that is likely to mean a high risk, and "
        "asks the dataskyddsombud. Prior consultation with IMY can take 8 + 6 weeks more.",
        "Dataskyddsförordningen (EU) 2016/679 art. 35 och 36",
        Function.DATA_PROTECTION,
    ),
    GateStep.SECRECY: StepFacts(
        Function.INFORMATION_SECURITY,
        UsualTime(2, 12),
        "Riskanalys före köp av en molntjänst: sekretess, tredjeland och cybersäkerhet.",
        "A risk analysis before a cloud service is bought: secrecy, third countries, security.",
        "OSL 10 kap. 2 a §; cybersäkerhetslagen (2025:1506)",
    ),
    GateStep.ACCESSIBILITY: StepFacts(
        Function.ACCESSIBILITY,
        UsualTime(1, 4),
        "Digital service ska följa DOS-lagen och ha en tillgänglighetsredogörelse.",
        "A digital service follows the DOS-lagen and has an accessibility statement.",
        "Lagen (2018:1937) om tillgänglighet till digital offentlig service 10–13 §§",
    ),
    GateStep.INTEGRATION: StepFacts(
        Function.IT,
        UsualTime(2, 8),
        "Inloggning, kontoflöden och kopplingar till de system som finns.",
        "Sign-in, accounts, and connections to the systems there are.",
    ),
    GateStep.ARCHIVE: StepFacts(
        Function.ARCHIVE,
        UsualTime(1, 4),
        "Uttag för bevarande och stöd för gallring. Arkivet kontaktas redan vid upphandlingen.",
        "Export for keeping and support for disposal. The archive is asked at the procurement.",
    ),
    GateStep.UNION: StepFacts(
        Function.UNION,
        UsualTime(1, 4),
        "Samverkan eller MBL-förhandling före en viktigare förändring, med bedömning av riskerna.",
        "Samverkan or MBL negotiation before an important change, with the risks assessed.",
        "MBL 11 och 19 §§",
    ),
    GateStep.PROCUREMENT: StepFacts(
        Function.PROCUREMENT,
        UsualTime(13, 52, assumed=False),
        "Från förberedelse till avtal. Vägen, beloppen och andra köp i organisationen vägs in.",
        "From preparation to contract. The route, the sums and other purchases are weighed.",
    ),
}

_SCHOOL_LINK: Final = StepFacts(
    Function.IT,
    UsualTime(2, 8),
    "SS 12000 för elev- och gruppuppgifter, Skolfederation för inloggning.",
    "SS 12000 for data on pupils and groups, Skolfederation for sign-in.",
)
_CARE_LINK: Final = StepFacts(
    Function.IT,
    UsualTime(9, 26),
    "SITHS för inloggning och anslutning till den nationella plattformen.",
    "SITHS for sign-in and a connection to the national platform.",
)
_SCHOOL_ACCESS: Final = StepFacts(
    Function.ACCESSIBILITY,
    UsualTime(1, 4),
    "Undervisning är undantagen, men inte väsentliga administrativa funktioner.",
    "Teaching is exempt, but essential administrative functions are not.",
    "Lagen (2018:1937) om tillgänglighet till digital offentlig service 9 § första stycket 5",
)


def facts_of(step: GateStep, setting: Setting) -> StepFacts:
    """The step as it is at this kind of activity."""
    if step is GateStep.INTEGRATION and setting is Setting.SCHOOL:
        return _SCHOOL_LINK
    if step is GateStep.INTEGRATION and setting in (Setting.CARE, Setting.REGION):
        return _CARE_LINK
    if step is GateStep.ACCESSIBILITY and setting is Setting.SCHOOL:
        return _SCHOOL_ACCESS
    return FACTS[step]


def expected_between(asked_on: date, usual: UsualTime) -> tuple[date, date]:
    """When a step that began that day usually is done: first and last day."""
    return asked_on + timedelta(weeks=usual.least), asked_on + timedelta(weeks=usual.most)


# --- Who is at work ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """A step as it stands in a case. `since` is when it began, or else when it was done."""

    step: GateStep
    owner: Function
    state: GateState
    since: date | None = None


def at_work(steps: Iterable[Work]) -> dict[Function, date]:
    """The functions that are in by a step that is under way or done, and from which day.

    Having been asked is not yet to be in, and nobody is in by a step that we say is not needed.
    """
    found: dict[Function, date] = {}
    for one in steps:
        if one.state not in _AT_WORK or one.since is None:
            continue
        for function in (one.owner, FACTS[one.step].adviser):
            if function is not None:
                found[function] = min(found.get(function, one.since), one.since)
    return found


def by_agreement(pub_status: PubStatus) -> frozenset[Function]:
    """Those whom a signed PUB-avtal has been through, whether or not its step has a day."""
    if pub_status is not PubStatus.SIGNED:
        return frozenset()
    facts = FACTS[GateStep.PROCESSING_AGREEMENT]
    return frozenset(one for one in (facts.owner, facts.adviser) if one is not None)


_OF_AGREEMENT: Final = {
    PubStatus.NONE: GateState.NOT_BEGUN,
    PubStatus.ASKED: GateState.ASKED,
    PubStatus.DRAFT: GateState.UNDER_WAY,
    PubStatus.SIGNED: GateState.DONE,
    PubStatus.NOT_NEEDED: GateState.NOT_NEEDED,
}
_AGREEMENT_AT: Final = {state: status for status, state in _OF_AGREEMENT.items()}


def agreement_at(state: GateState) -> PubStatus:
    """How the case's PUB-avtal stands when its step is in this state."""
    return _AGREEMENT_AT[state]


def state_of(step: GateStep, state: GateState, pub_status: PubStatus) -> GateState:
    """How a step stands. The PUB-avtal has one truth, which is the case's own."""
    return _OF_AGREEMENT[pub_status] if step is GateStep.PROCESSING_AGREEMENT else state


# --- Who is missing -----------------------------------------------------------------------------


class GateOccasion(StrEnum):
    """What makes it time to ask who is missing, the weightiest first."""

    REQUIREMENTS = "requirements"  # the requirements are being written
    PROCUREMENT = "procurement"  # they mean to buy
    SEVERAL_UNITS = "several_units"  # the sums add up over the body
    PILOT = "pilot"  # a pilot with personal data, ahead or under way


_FOUR: Final = (
    Function.IT,
    Function.DATA_PROTECTION,
    Function.ADMINISTRATION,
    Function.ECONOMY,
)
NEEDED: Final[dict[GateOccasion, tuple[Function, ...]]] = {
    GateOccasion.REQUIREMENTS: _FOUR,
    GateOccasion.PROCUREMENT: _FOUR,
    GateOccasion.SEVERAL_UNITS: (Function.SYSTEM_OWNER, Function.IT, Function.PROCUREMENT),
    GateOccasion.PILOT: (Function.IT, Function.DATA_PROTECTION),
}
"""Feature C5 names the four. Before a pilot, those who judge personal data and sign-in; with
several units classification, integration and purchase coordination (`budget-cycles.md` 5.3)."""

PILOT_AHEAD: Final = timedelta(
    weeks=max(
        FACTS[step].usual.most
        for step in (
            GateStep.REVIEW,
            GateStep.PROCESSING_AGREEMENT,
            GateStep.IMPACT_ASSESSMENT,
            GateStep.INTEGRATION,
        )
    )
)
"""How long before its first day a pilot with personal data asks who is missing: the longest that
the steps before it usually take."""

_WRITING: Final = frozenset({ProcurementStage.EARLY_DIALOGUE, ProcurementStage.PREPARING})
_NO_MORE: Final = frozenset({ProcurementStage.NONE, ProcurementStage.SIGNED})


def occasions(
    adoption: AdoptionStage,
    procurement: ProcurementStage,
    personal_data: bool | None,
    *,
    pilot: bool = False,
) -> tuple[GateOccasion, ...]:
    """What the case has come to. Nothing from the notice on: then it is too late to ask (S12).

    `pilot`: one is planned that has not been evaluated, and begins within PILOT_AHEAD or has begun.
    """
    if is_published(procurement) or procurement is ProcurementStage.SIGNED:
        return ()
    found = []
    if procurement in _WRITING:
        found.append(GateOccasion.REQUIREMENTS)
    elif procurement not in _NO_MORE:
        found.append(GateOccasion.PROCUREMENT)
    if adoption is AdoptionStage.WIDE_USE:
        return tuple(found)
    if adoption.is_at_least(AdoptionStage.SEVERAL_UNITS):
        found.append(GateOccasion.SEVERAL_UNITS)
    if personal_data and (pilot or adoption.is_at_least(AdoptionStage.UNIT_PILOT)):
        found.append(GateOccasion.PILOT)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Missing:
    """Who ought to be in on it and is not, and why that is asked now.

    `pilot_on` is the first day of the pilot that asks, where one is planned.
    """

    occasion: GateOccasion
    functions: tuple[Function, ...]
    pilot_on: date | None = None


def missing(
    asked_for: Iterable[GateOccasion],
    inside: Collection[Function],
    answered: Mapping[GateOccasion, Collection[Function]],
    *,
    pilot_on: date | None = None,
) -> Missing | None:
    """Who is missing at the weightiest of the occasions where anybody is.

    `answered` are those for whom somebody has said what becomes of them: a task, or a reason to go
    on without.
    """
    for occasion in asked_for:
        dealt_with = answered.get(occasion, ())
        left = tuple(
            function
            for function in NEEDED[occasion]
            if function not in inside and function not in dealt_with
        )
        if left:
            day = pilot_on if occasion is GateOccasion.PILOT else None
            return Missing(occasion, left, day)
    return None
