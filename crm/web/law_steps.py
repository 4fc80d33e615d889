"""The steps of the law's calendar in words: what each kind says, in the reader's language.

The rulebook names a step and its figures (`crm.rules.law.explained`); the words are here. Amounts,
days and names are shown as everywhere else.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from crm.rules.calendar import holiday_name
from crm.rules.law.explained import Confidence, Explained, Figure, Ore, Step, StepKind
from crm.rules.law.terms import ObjectKind
from crm.rules.law.values import LawRow, LawUnit, Slot
from crm.web.filters import count, day, language, money, weekday
from crm.web.labels import label, label_of

WORDS: Final[dict[StepKind, Any]] = {
    StepKind.COUNTED_DAYS: _l("Day 0 is %(start)s; day %(days)s is %(end)s."),
    StepKind.COUNTED_WEEKS: _l("%(weeks)s weeks from %(start)s: the same weekday, %(end)s."),
    StepKind.COUNTED_MONTHS: _l(
        "%(months)s months from %(start)s: the same day of the month or its last, %(end)s."
    ),
    StepKind.COUNTED_YEARS: _l(
        "Years counted from %(start)s: %(years)s, to the same date, %(end)s."
    ),
    StepKind.COUNTED_WORKING_DAYS: _l("%(days)s working days after %(start)s: %(end)s."),
    StepKind.COUNTED_BACK: _l("%(days)s days before %(fixed)s: %(end)s."),
    StepKind.ROLLED: _l(
        "%(day)s is a day off (%(why)s), so the period ends on the next working day, %(end)s."
    ),
    StepKind.TWO_WORKING_DAYS: _l(
        "A period of two days or more holds at least two working days, so it ends on %(end)s."
    ),
    StepKind.PLAN_EARLIER: _l("%(day)s is a day off (%(why)s): plan for %(plan)s."),
    StepKind.VALUE_DAY: _l(
        "The day that decides which figures hold, when the call for tenders is sent or the "
        "procedure starts: %(day)s."
    ),
    StepKind.THRESHOLD: _l(
        "The EU threshold (tröskelvärdet) is %(amount)s (€%(euro)s) since %(since)s. The full "
        "rules hold from that amount."
    ),
    StepKind.LIMIT_BELOW: _l(
        "A direct award must be below %(amount)s (since %(since)s); the amount itself is too much."
    ),
    StepKind.LIMIT_AT_MOST: _l(
        "A direct award may be up to and including %(amount)s (since %(since)s)."
    ),
    StepKind.LIMIT_ANNEX_2: _l(
        "A service in bilaga 2 may be bought directly below the threshold, %(amount)s "
        "(€%(euro)s, since %(since)s)."
    ),
    StepKind.MAY_BE_DIRECT: _l("%(value)s is within the limit: it may be bought directly."),
    StepKind.MUST_BE_ADVERTISED: _l("%(value)s is not within the limit: it must be advertised."),
    StepKind.ABOVE_THRESHOLD: _l("%(value)s reaches the threshold: the full rules hold."),
    StepKind.ANNEX_2_IS_NATIONAL: _l(
        "Services in bilaga 2 follow 19 kap. also above the threshold."
    ),
    StepKind.SAME_KIND_ADDED: _l(
        "%(value)s and what was bought of the same kind in the fiscal year, %(before)s, make "
        "%(total)s."
    ),
    StepKind.SAME_KIND_NOT_ADDED: _l(
        "Purchases of the same kind in the fiscal year are no longer added: %(value)s counts alone."
    ),
    StepKind.TERM_BASE: _l("To be paid by the contract: %(amount)s."),
    StepKind.TERM_OPTION: _l("Option, counted as if used: %(amount)s."),
    StepKind.TERM_EXTENSION: _l("Extension, counted as if used: %(amount)s."),
    StepKind.TERM_PREMIUM: _l("Premiums and payments to bidders: %(amount)s."),
    StepKind.TERM_SUPPLIED: _l(
        "Goods and services that the authority supplies for the works: %(amount)s."
    ),
    StepKind.VAT_TAKEN_OFF: _l("%(paid)s includes %(percent)s %% VAT; without it %(amount)s."),
    StepKind.FIXED_TERM: _l(
        "A price by the year for a fixed term tells what is paid in all, and all of it counts. The "
        "law stops at a number of months only where no total is stated (5 kap. 13 §)."
    ),
    StepKind.MONTHS_TIMES: _l("%(monthly)s a month for %(counted)s months: %(amount)s."),
    StepKind.MONTHS_CAPPED: _l(
        "%(monthly)s a month; of %(months)s months %(counted)s are counted: %(amount)s."
    ),
    StepKind.MONTHS_INDEFINITE: _l(
        "%(monthly)s a month without an end counts as %(counted)s months: %(amount)s."
    ),
    StepKind.RESIDUAL_ADDED: _l(
        "Longer than %(months)s months: the residual value is added, %(amount)s."
    ),
    StepKind.RESIDUAL_LEFT_OUT: _l(
        "The residual value, %(amount)s, is added only for a fixed term longer than "
        "%(months)s months."
    ),
    StepKind.RECURRING_PAST: _l(
        "Like contracts in the past twelve months or fiscal year (number: %(count)s): %(amount)s."
    ),
    StepKind.RECURRING_ADJUSTED: _l("Adjusted for what is foreseen to change: %(amount)s."),
    StepKind.RECURRING_COMING: _l(
        "Contracts in the twelve months after the first delivery (number: %(count)s): %(amount)s."
    ),
    StepKind.FRAMEWORK_HIGHEST: _l(
        "The highest total of all contracts planned in the framework or DIS (number: "
        "%(count)s): %(amount)s."
    ),
    StepKind.UNITS_TOGETHER: _l(
        "The unit's own part, %(amount)s, counts together with the body's other units, %(others)s."
    ),
    StepKind.UNIT_ALONE: _l(
        "The unit answers alone for its buying and counts by itself: %(amount)s."
    ),
    StepKind.LOTS_TOGETHER: _l("The lots count together (number: %(count)s): %(amount)s."),
    StepKind.LOT_SMALL: _l("Lots below %(limit)s (€%(euro)s): %(count)s."),
    StepKind.LOTS_APART: _l(
        "The small ones, %(amount)s, are at most %(percent)s %% of the total: they may be "
        "bought by 19 or 19 a kap."
    ),
    StepKind.LOTS_TOO_MANY: _l(
        "The small ones, %(amount)s, are more than %(percent)s %% of the total: each follows "
        "the full rules."
    ),
    StepKind.TURNOVER: _l("The holder's whole turnover during the concession: %(amount)s."),
    StepKind.TOTAL: _l("Counts for %(total)s excluding VAT."),
    StepKind.NO_SPLITTING: _l(
        "The method may not be chosen, nor the purchase split, to get around the rules."
    ),
    StepKind.LEAST_DAYS: _l("At least %(days)s days."),
    StepKind.WORKING_DAYS_LIMIT: _l("Within %(days)s working days."),
    StepKind.ELECTRONIC: _l("Bids may be sent electronically: at least %(days)s days."),
    StepKind.AFTER_PRIOR_NOTICE: _l(
        "After a prior notice (förhandsannons): at least %(days)s days."
    ),
    StepKind.PRIOR_NOTICE_IN_TIME: _l(
        "The prior notice (förhandsannons) was sent on %(sent)s, within %(earliest)s–%(latest)s."
    ),
    StepKind.PRIOR_NOTICE_OUT_OF_TIME: _l(
        "The prior notice (förhandsannons) was sent on %(sent)s and shortens nothing: it must "
        "be sent within %(earliest)s–%(latest)s."
    ),
    StepKind.URGENT: _l("Urgent procedure (påskyndat förfarande): at least %(days)s days."),
    StepKind.AGREED: _l("Agreed with all who were invited: %(day)s."),
    StepKind.NOT_AGREED: _l("No time agreed with those invited: at least %(days)s days."),
    StepKind.DOCUMENTS_ADD: _l(
        "The documents are not freely available online: %(days)s more days."
    ),
    StepKind.REASONABLE_TIME: _l("Reasonable time (skälig tid); the act gives no number of days."),
    StepKind.SUFFICIENT_TIME: _l(
        "Sufficient time (tillräcklig tid); the act gives no number of days."
    ),
    StepKind.NO_LEAST_TIME: _l("%(procedure)s: the act gives no least time here."),
    StepKind.MORE_IF_COMPLEX: _l(
        "A minimum: a complex procurement must be given more, and the authority may give more."
    ),
    StepKind.DIS_FIRST_ONLY: _l(
        "Holds for the first applications; after that suppliers may apply at any time."
    ),
    StepKind.DIS_NEVER_UNDER: _l("As a rule; never under %(days)s days."),
    StepKind.NOT_KNOWN_HERE: _l(
        "Not known here: the sources that were read say nothing of this under %(act)s. Ask the "
        "authority, or read the act."
    ),
    StepKind.ANSWERS_BEFORE: _l(
        "Answers come at the latest %(days)s days before the last day to bid, if asked in "
        "good time."
    ),
    StepKind.ASK_EXAMPLE: _l(
        "In good time is not defined. The preparatory works give %(days)s days before as an "
        "example: ask by %(day)s. The tender documents govern."
    ),
    StepKind.EXTEND_LATE_ANSWER: _l(
        "The answer came on %(answered)s, after %(due)s: the time to bid must be extended."
    ),
    StepKind.EXTEND_CHANGED: _l(
        "The documents change materially: the time to bid must be extended."
    ),
    StepKind.NO_EXTENSION: _l("Nothing requires the time to bid to be extended."),
    StepKind.STANDSTILL_MANDATORY: _l("A standstill (avtalsspärr) follows the award."),
    StepKind.STANDSTILL: _l(
        "Standstill (avtalsspärr): %(days)s days from the day the notification was sent."
    ),
    StepKind.STANDSTILL_STATED: _l(
        "The authority stated a longer one, to %(day)s, and that governs."
    ),
    StepKind.STANDSTILL_STATED_TOO_SHORT: _l(
        "The authority stated %(stated)s, but it cannot end before %(least)s."
    ),
    StepKind.STANDSTILL_FROM_NOTICE: _l(
        "After a voluntary notice of intent: %(days)s days from publication."
    ),
    StepKind.STANDSTILL_VOLUNTARY: _l(
        "%(procedure)s: no standstill by law; a voluntary one shields the contract from being "
        "declared invalid."
    ),
    StepKind.NO_STANDSTILL: _l("%(procedure)s: no standstill (avtalsspärr)."),
    StepKind.SIGN_FROM: _l("A contract may be signed from %(day)s."),
    StepKind.SIGN_WORKING_DAY: _l("The next working day is %(day)s."),
    StepKind.MUST_HAVE_ARRIVED: _l(
        "An application must have arrived at förvaltningsrätten on %(day)s at the latest; "
        "plan for %(plan)s."
    ),
    StepKind.CANCEL_REVIEW: _l(
        "A review of a decision to cancel is sought within %(days)s days from the sending."
    ),
    StepKind.NEW_FACTS: _l(
        "New facts are invoked within %(weeks)s weeks from the day the application arrived."
    ),
    StepKind.NO_LIMIT_THEN: _l("The act set no such time on that day."),
    StepKind.PROLONGED: _l(
        "The standstill goes on by itself while förvaltningsrätten handles the case."
    ),
    StepKind.PROLONGED_LIFTED: _l("The court has decided that the standstill shall not go on."),
    StepKind.INTERIM_ONLY: _l("%(court)s: signing is forbidden only by an interim decision."),
    StepKind.INTERIM_DECIDED: _l(
        "The court has decided that no contract may be signed until further notice."
    ),
    StepKind.RULING_SENT: _l(
        "%(days)s days after the ruling, counted from the day it was sent out, %(day)s."
    ),
    StepKind.RULING_DATED: _l(
        "%(days)s days after the ruling, counted from its date, %(day)s. The day it was sent "
        "out is not known and would govern."
    ),
    StepKind.RULING_WAIVED: _l("The court has decided that no ten-day period shall hold."),
    StepKind.VALIDITY_MONTHS: _l(
        "A review of a contract's validity is sought within %(months)s months from the signing."
    ),
    StepKind.VALIDITY_CUT: _l("Told of on %(day)s: the time is cut to %(days)s days from then."),
    StepKind.DAMAGES: _l(
        "Years within which damages are claimed, from when the supplier knew of the contract "
        "or should have: %(years)s."
    ),
    StepKind.FEE_DECISION: _l("Years within which a fee is decided, from the signing: %(years)s."),
    StepKind.FEE_RANGE: _l(
        "Upphandlingsskadeavgift: %(least)s to %(most)s, at most %(percent)s %% of the value."
    ),
    StepKind.AWARD_NOTICE: _l(
        "The result is advertised (efterannons) within %(days)s days from %(start)s."
    ),
    StepKind.AWARD_NOTICE_QUARTER: _l(
        "Results are advertised together within %(days)s days from the end of the quarter, "
        "%(start)s."
    ),
    StepKind.NO_AWARD_NOTICE_FRAMEWORK: _l("A call-off from a framework needs no efterannons."),
    StepKind.NO_AWARD_NOTICE_SMALL: _l("%(value)s is below %(amount)s: no efterannons is needed."),
    StepKind.DOCUMENTATION: _l(
        "The documentation is complete within %(days)s days from %(start)s."
    ),
    StepKind.DOCUMENTATION_NOT_NEEDED: _l(
        "%(value)s is not above %(amount)s: the direct award need not be documented."
    ),
    StepKind.REASONS_ON_REQUEST: _l(
        "Reasons are given as soon as possible and within %(days)s days from the written "
        "request, %(start)s."
    ),
    StepKind.KEPT: _l("Bids are kept for at least %(years)s years from the award."),
    StepKind.FRAMEWORK_YEARS: _l(
        "A framework runs at most %(years)s years unless there are special reasons: "
        "%(start)s–%(end)s."
    ),
    StepKind.FRAMEWORK_LEFT: _l(
        "Of the framework's highest value, %(highest)s, %(used)s has been called off: "
        "%(left)s is left."
    ),
    StepKind.FRAMEWORK_USED_UP: _l(
        "The framework's highest value, %(highest)s, is used up (%(used)s): it has no further "
        "effect."
    ),
    StepKind.CHANGE_NET: _l("The net of the changes (number: %(count)s) is %(net)s."),
    StepKind.CHANGE_PERCENT: _l(
        "It must be below %(percent)s %% of the contract's value: %(amount)s."
    ),
    StepKind.CHANGE_UNDER_THRESHOLD: _l("It must also be below the threshold: %(amount)s."),
    StepKind.CHANGE_SMALL: _l(
        "The change needs no new procurement, if the contract's overall character stays the same."
    ),
    StepKind.CHANGE_TOO_LARGE: _l("The change is too large to be made as one of small value."),
    StepKind.ORDER_WITHIN: _l(
        "%(order)s is within %(percent)s %% of the contract's value, %(amount)s."
    ),
    StepKind.ORDER_BEYOND: _l(
        "%(order)s is more than %(percent)s %% of the contract's value, %(amount)s."
    ),
    StepKind.CHANGE_ADVERTISED: _l("The change must be advertised."),
    StepKind.BIDS_UNDER_SECRECY: _l(
        "Anything about the bids is secret: who has bid, how many, and who fetched the documents."
    ),
    StepKind.BIDS_OPEN: _l("The secrecy around the bids ended on %(day)s."),
    StepKind.BUSINESS_SECRETS: _l(
        "A supplier's business data can stay secret only if there is special reason to expect harm."
    ),
    StepKind.ANSWER_PROMPTLY: _l(
        "Answered promptly, without a number of days. Nobody need say who asks or why."
    ),
    StepKind.REFUSAL_APPEAL: _l(
        "A refusal is appealed within %(weeks)s weeks from being told of it; the decision "
        "says what holds."
    ),
}


def in_words(row: LawRow) -> str:
    """A value with its unit: 700 000 kr, 10 %, 6 months."""
    number = row.value
    match row.unit:
        case LawUnit.KRONOR:
            return money(row.ore)
        case LawUnit.PERCENT:
            return f"{count(number)}\N{NO-BREAK SPACE}%"
        case LawUnit.DAYS:
            return ngettext("%(num)s day", "%(num)s days", number)
        case LawUnit.WORKING_DAYS:
            return ngettext("%(num)s working day", "%(num)s working days", number)
        case LawUnit.WEEKS:
            return ngettext("%(num)s week", "%(num)s weeks", number)
        case LawUnit.MONTHS:
            return ngettext("%(num)s month", "%(num)s months", number)
        case LawUnit.YEARS:
            return ngettext("%(num)s year", "%(num)s years", number)


def name_of(slot: Slot) -> str:
    """What a value is about: its name, the act, and for whom and what where that matters."""
    key, law, authority, objects = slot
    kinds = "ObjectKind" if objects in set(ObjectKind) else "ObjectGroup"
    told = [label_of(objects, kinds)] if objects else []
    told += [label_of(authority, "AuthorityKind")] if authority else []
    about = f": {', '.join(told)}".lower() if told else ""
    return f"{label(key)}, {label(law)}{about}"


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step for a page. `sureness` is empty where the figure is confirmed."""

    text: str
    cites: str
    sureness: str
    source: str


def shown_steps(explained: Explained[Any]) -> list[ShownStep]:
    """Every step of an answer in words, in order."""
    return [
        ShownStep(
            text=step_text(one),
            cites=one.cites.replace("förordning", _("Regulation")),
            sureness="" if one.confidence is Confidence.CONFIRMED else label(one.confidence),
            source=one.source,
        )
        for one in explained.steps
    ]


def step_text(step: Step) -> str:
    """One step as a sentence."""
    shown = {name: _shown(figure) for name, figure in step.figures}
    off = dict(step.figures).get("day")
    if isinstance(off, date):
        shown["why"] = holiday_name(off, "en" if language() == "en" else "sv") or weekday(off)
    return str(WORDS[step.kind]) % shown


def _shown(figure: Figure) -> str:
    if isinstance(figure, Enum):
        return label(figure)
    if isinstance(figure, Ore):
        return money(figure)
    if isinstance(figure, date):
        return day(figure)
    return count(figure) if isinstance(figure, int) else figure
