"""What an installation may change about a reminder rule, and the rules as they then stand.

A rule can be switched off, and its distance to what it counts from can be changed, within bounds:
a decision is read after it was taken, and a basis is offered before it is handed in. What only
shapes what others plan (quiet periods, one question at a time, silence during a procurement) and
what keeps our own word cannot be changed; but the pace of contacts can. Nothing is stored here:
settings come in as arguments.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from crm.rules.reminder_rules import DEFAULT_RULES, Anchor, Offset, Rule


class DistanceUnit(StrEnum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Distance:
    """How far from its anchor a rule may stand: on which side, and at most how many days."""

    before: bool
    most_days: int
    from_sv: str
    from_en: str
    least_days: int = 0


DISTANCES: Final[dict[Anchor, Distance]] = {
    Anchor.DOOR_READY: Distance(
        True, 364, "innan underlaget ska vara klart", "before the basis is needed"
    ),
    Anchor.DOOR_END: Distance(
        True, 364, "före nämndernas sista inlämningsdag", "before the nämnder's last day"
    ),
    Anchor.DECISION_END: Distance(False, 56, "efter beslutet", "after the decision"),
    Anchor.INTERNAL_BUDGET: Distance(
        False, 90, "efter att internbudgeten har börjat", "after the internal budget has begun"
    ),
    Anchor.APPROPRIATION: Distance(False, 56, "efter regleringsbrevet", "after the letter"),
    Anchor.SCHOOL_PILOT: Distance(False, 42, "in i den lugna perioden", "into the calm period"),
    Anchor.CONTRACT_END: Distance(True, 60 * 31, "före avtalets slut", "before the contract ends"),
    Anchor.CONTRACT_NOTICE: Distance(
        True, 364, "före sista dagen att säga till", "before the last day for notice"
    ),
    Anchor.CASE_OPENED: Distance(
        False, 90, "efter att ärendet öppnades", "after the case was opened"
    ),
    Anchor.CHAMPION_LEFT: Distance(
        False, 90, "efter att ambassadören slutade", "after the champion left"
    ),
    Anchor.INTERNAL_OCCASION: Distance(
        True,
        62,
        "före tillfället internt",
        "before the occasion inside the body",
        least_days=1,
    ),
    Anchor.SINGLE_CONTACT: Distance(
        False,
        730,
        "efter att ärendet kom att hänga på en person, eller att någon senast hade kontakt",
        "after the case came to hang on one person, or anybody was last in touch",
    ),
    Anchor.LAST_CONTACT: Distance(
        False,
        183,
        "efter den förra kontakten med samma person",
        "after the last contact with the same person",
        least_days=7,
    ),
}
"""Anchors whose distance makes sense to change. The others fall on the day itself."""

ON_THE_DAY: Final[dict[Anchor, tuple[str, str]]] = {
    Anchor.DOOR_READY: ("när underlaget ska vara klart", "when the basis is needed"),
    Anchor.DOOR_END: ("på nämndernas sista inlämningsdag", "on the nämnder's last day"),
    Anchor.DECISION_END: ("samma dag som beslutet", "on the day of the decision"),
    Anchor.INTERNAL_BUDGET: ("när internbudgeten börjar", "when the internal budget begins"),
    Anchor.UNIT_MONEY: ("i slutet av januari", "in late January"),
    Anchor.APPROPRIATION: ("när regleringsbrevet kommer", "when the letter comes"),
    Anchor.SCHOOL_PILOT: ("när den lugna perioden börjar", "when the calm period begins"),
    Anchor.CONTRACT_END: ("när avtalet går ut", "when the contract ends"),
    Anchor.CONTRACT_NOTICE: ("sista dagen att säga till", "on the last day for notice"),
    Anchor.CASE_OPENED: ("när ärendet öppnas", "when the case is opened"),
    Anchor.NEXT_STEP: ("dagen vi har lovat", "on the day we have promised"),
    Anchor.WAKE: ("när väntan tar slut", "when the wait ends"),
    Anchor.PLAN_NEEDS: ("när behovsanalysen börjar", "when the analysis of needs begins"),
    Anchor.PLAN_DIALOGUE: ("när marknadsdialogen börjar", "when the market dialogue begins"),
    Anchor.PLAN_SPECIFICATION: ("när kravarbetet börjar", "when work on requirements begins"),
    Anchor.PLAN_MARKET: ("när annonsen väntas", "when the notice is expected"),
    Anchor.PLAN_STANDSTILL: ("när avtalsspärren väntas", "when the standstill is expected"),
    Anchor.TENDER_QUESTIONS: (
        "tre arbetsdagar före sista dagen för frågor",
        "three working days before the last day for questions",
    ),
    Anchor.TENDER_APPLY: (
        "fem arbetsdagar före sista dagen att ansöka",
        "five working days before the last day to apply",
    ),
    Anchor.TENDER_APPLY_LAST: (
        "arbetsdagen före sista dagen att ansöka",
        "the working day before the last day to apply",
    ),
    Anchor.TENDER_DUE: (
        "fem arbetsdagar före sista dagen för anbud",
        "five working days before the last day for tenders",
    ),
    Anchor.TENDER_LAST: (
        "arbetsdagen före sista dagen för anbud",
        "the working day before the last day for tenders",
    ),
    Anchor.TENDER_VALID: (
        "tio arbetsdagar innan anbudet slutar gälla",
        "ten working days before the tender ceases to be valid",
    ),
    Anchor.FREEZE: ("i slutet av januari", "in late January"),
    Anchor.UNKNOWN_PRACTICE: (
        "en vecka efter att det första ärendet öppnades",
        "a week after the first case was opened",
    ),
    Anchor.CHAMPION_LEFT: ("när ambassadören slutar", "when the champion leaves"),
    Anchor.INTERNAL_OCCASION: ("dagen för tillfället internt", "on the day of the occasion"),
    Anchor.SINGLE_CONTACT: (
        "när ärendet hänger på en person, eller ingen har kontakt",
        "when the case hangs on one person, or nobody is in touch",
    ),
    Anchor.LAST_CONTACT: ("när som helst", "at any time"),
    Anchor.WHILE_WAITING: (
        "medan ärendet väntar, i den takt som är vald",
        "while the case waits, in the rhythm chosen",
    ),
    Anchor.PILOT_END: ("när en pilot slutar", "when a pilot ends"),
    Anchor.REQUEST_FOLLOW_UP: ("dagen ni har valt", "on the day you have chosen"),
    Anchor.UNSIGNED: (
        "fyra veckor efter att avtalet kunde tecknas, och sedan var åttonde vecka",
        "four weeks after it could have been signed, and then every eighth week",
    ),
    Anchor.REQUEST_APPEAL: (
        "sista dagen att överklaga ett avslag",
        "on the last day to appeal a refusal",
    ),
}
"""When a rule speaks whose distance is none, or that has none to change."""

_LEAST_DAYS: Final = {"R12": 92, "R12-dialogue": 92, "R2-may": 49}
"""Nearer than that the rule's window has closed: see `closes` in `crm.rules.reminders`."""

_OUR_WORD: Final = frozenset(
    {
        Anchor.NEXT_STEP,
        Anchor.WAKE,
        Anchor.TENDER_QUESTIONS,
        Anchor.REQUEST_FOLLOW_UP,
        Anchor.REQUEST_APPEAL,
        Anchor.UNSIGNED,
    }
)
DAYS_IN: Final = {DistanceUnit.DAYS: 1, DistanceUnit.WEEKS: 7, DistanceUnit.MONTHS: 31}


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What was decided about one rule. Of several the highest version holds."""

    rule_key: str
    version: int
    active: bool
    offset: Offset


class TooFar(ValueError):
    """A distance outside what the rule allows."""


def rule_of(key: str) -> Rule | None:
    """The rule as it is shipped, if there is one by that key."""
    return next((rule for rule in DEFAULT_RULES if rule.key == key), None)


def may_be_changed(rule: Rule) -> bool:
    """Whether an installation may switch the rule off."""
    if rule.anchor is Anchor.LAST_CONTACT:
        return True
    return rule.kind is not None and rule.anchor not in _OUR_WORD


def distance_of(rule: Rule) -> Distance | None:
    """The bounds of the rule's distance; None where there is none to change."""
    found = DISTANCES.get(rule.anchor) if rule.anchor is not None else None
    least = _LEAST_DAYS.get(rule.key)
    return found if found is None or least is None else replace(found, least_days=least)


def bounds_in(distance: Distance, unit: DistanceUnit) -> tuple[int, int]:
    """The least and the most that a distance may be, counted in that unit.

    A limit is said in the unit in which the distance is typed: months are not refused in days.
    """
    days = DAYS_IN[unit]
    return -(-distance.least_days // days), distance.most_days // days


def when(rule: Rule, offset: Offset, language: str) -> str:
    """'6 veckor före nämndernas sista inlämningsdag'; 'in late January'. "" for what shapes."""
    if rule.anchor is None:
        return ""
    english = language == "en"
    distance = distance_of(rule)
    if distance is None or offset == Offset():
        return ON_THE_DAY[rule.anchor][english]
    count = offset.text(language).rpartition(" ")[0]
    return f"{count} {distance.from_en if english else distance.from_sv}"


def offset_of(rule: Rule, count: int, unit: DistanceUnit) -> Offset:
    """A distance as it is typed, on the rule's own side of its anchor. Raises TooFar."""
    distance = distance_of(rule)
    if distance is None or count < 0:
        raise TooFar
    if not distance.least_days <= count * DAYS_IN[unit] <= distance.most_days:
        raise TooFar
    signed = -count if distance.before else count
    if unit is DistanceUnit.MONTHS:
        return Offset(months=signed)
    return Offset(days=signed * (7 if unit is DistanceUnit.WEEKS else 1))


def as_typed(offset: Offset) -> tuple[int, DistanceUnit]:
    """The other way round: 42 days before → 6 weeks."""
    if offset.months:
        return abs(offset.months), DistanceUnit.MONTHS
    if offset.days and offset.days % 7 == 0:
        return abs(offset.days) // 7, DistanceUnit.WEEKS
    return abs(offset.days), DistanceUnit.DAYS


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it stands in this installation."""

    rule: Rule
    active: bool

    @property
    def is_as_shipped(self) -> bool:
        return self.active and self.rule.offset == _shipped(self.rule).offset


def standing(
    settings: Iterable[RuleSetting] = (), rules: Iterable[Rule] = DEFAULT_RULES
) -> tuple[Standing, ...]:
    """Every rule with what the latest setting says about it, in the order of the rulebook."""
    latest: dict[str, RuleSetting] = {}
    for one in settings:
        if one.rule_key not in latest or one.version > latest[one.rule_key].version:
            latest[one.rule_key] = one
    return tuple(_stands(rule, latest.get(rule.key)) for rule in rules)


def in_force(settings: Iterable[RuleSetting] = ()) -> tuple[Rule, ...]:
    """The rules to plan by: as set, without those that are switched off."""
    return tuple(one.rule for one in standing(settings) if one.active)


def _stands(rule: Rule, setting: RuleSetting | None) -> Standing:
    if setting is None or not may_be_changed(rule):
        return Standing(rule, active=True)
    offset = setting.offset if distance_of(rule) is not None else rule.offset
    return Standing(replace(rule, offset=offset, version=setting.version), active=setting.active)


def _shipped(rule: Rule) -> Rule:
    return rule_of(rule.key) or rule
