"""An answer with its reasons: what was counted, from what, by which paragraph, and how surely.

The rulebook holds no sentences here. A step names its kind and its figures; `crm.web.law_steps` has
the words for each kind in both languages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Confidence(StrEnum):
    """How well a figure is known. Declared from the surest to the least sure."""

    CONFIRMED = "confirmed"  # read in the act or on an authority's page
    ASSUMED = "assumed"  # read, and taken to be unchanged since the day of the reading
    EUR_CONFIRMED = "eur_confirmed_sek_derived"  # euro read, kronor worked out from them
    DERIVED = "derived"  # worked out from two figures that were read
    UNCONFIRMED = "unconfirmed"  # from general knowledge

    @property
    def rank(self) -> int:
        """0 for the surest, rising."""
        return _ORDER[self]


_ORDER = {confidence: rank for rank, confidence in enumerate(Confidence)}


def least_sure(marks: Iterable[Confidence]) -> Confidence:
    """An answer is no surer than the least sure thing it rests on."""
    return max(marks, key=lambda mark: mark.rank, default=Confidence.CONFIRMED)


class Ore(int):
    """An amount in öre, excluding VAT unless said: an int that a page shows as kronor."""

    __slots__ = ()


Figure = int | str | date
"""What stands in a step: a count, an amount (`Ore`), a day, a text, or a member of an enum."""


class StepKind(StrEnum):
    """What a step says. Each has its words in `crm.web.law_steps`."""

    # counting days
    COUNTED_DAYS = "counted_days"
    COUNTED_WEEKS = "counted_weeks"
    COUNTED_MONTHS = "counted_months"
    COUNTED_YEARS = "counted_years"
    COUNTED_WORKING_DAYS = "counted_working_days"
    COUNTED_BACK = "counted_back"
    ROLLED = "rolled"
    TWO_WORKING_DAYS = "two_working_days"
    PLAN_EARLIER = "plan_earlier"
    # money
    VALUE_DAY = "value_day"
    THRESHOLD = "threshold"
    LIMIT_BELOW = "limit_below"
    LIMIT_AT_MOST = "limit_at_most"
    LIMIT_ANNEX_2 = "limit_annex_2"
    MAY_BE_DIRECT = "may_be_direct"
    MUST_BE_ADVERTISED = "must_be_advertised"
    ABOVE_THRESHOLD = "above_threshold"
    ANNEX_2_IS_NATIONAL = "annex_2_is_national"
    SAME_KIND_ADDED = "same_kind_added"
    SAME_KIND_NOT_ADDED = "same_kind_not_added"
    # the contract's value
    TERM_BASE = "term_base"
    TERM_OPTION = "term_option"
    TERM_EXTENSION = "term_extension"
    TERM_PREMIUM = "term_premium"
    TERM_SUPPLIED = "term_supplied"
    VAT_TAKEN_OFF = "vat_taken_off"
    FIXED_TERM = "fixed_term"
    MONTHS_TIMES = "months_times"
    MONTHS_CAPPED = "months_capped"
    MONTHS_INDEFINITE = "months_indefinite"
    RESIDUAL_ADDED = "residual_added"
    RESIDUAL_LEFT_OUT = "residual_left_out"
    RECURRING_PAST = "recurring_past"
    RECURRING_ADJUSTED = "recurring_adjusted"
    RECURRING_COMING = "recurring_coming"
    FRAMEWORK_HIGHEST = "framework_highest"
    UNITS_TOGETHER = "units_together"
    UNIT_ALONE = "unit_alone"
    LOTS_TOGETHER = "lots_together"
    LOT_SMALL = "lot_small"
    LOTS_APART = "lots_apart"
    LOTS_TOO_MANY = "lots_too_many"
    TURNOVER = "turnover"
    TOTAL = "total"
    NO_SPLITTING = "no_splitting"
    # time to apply and to bid
    LEAST_DAYS = "least_days"
    WORKING_DAYS_LIMIT = "working_days_limit"
    ELECTRONIC = "electronic"
    AFTER_PRIOR_NOTICE = "after_prior_notice"
    PRIOR_NOTICE_IN_TIME = "prior_notice_in_time"
    PRIOR_NOTICE_OUT_OF_TIME = "prior_notice_out_of_time"
    URGENT = "urgent"
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    DOCUMENTS_ADD = "documents_add"
    REASONABLE_TIME = "reasonable_time"
    SUFFICIENT_TIME = "sufficient_time"
    NO_LEAST_TIME = "no_least_time"
    MORE_IF_COMPLEX = "more_if_complex"
    DIS_FIRST_ONLY = "dis_first_only"
    DIS_NEVER_UNDER = "dis_never_under"
    # what the sources do not carry
    NOT_KNOWN_HERE = "not_known_here"
    # questions
    ANSWERS_BEFORE = "answers_before"
    ASK_EXAMPLE = "ask_example"
    EXTEND_LATE_ANSWER = "extend_late_answer"
    EXTEND_CHANGED = "extend_changed"
    NO_EXTENSION = "no_extension"
    # standstill and review
    STANDSTILL_MANDATORY = "standstill_mandatory"
    STANDSTILL = "standstill"
    STANDSTILL_STATED = "standstill_stated"
    STANDSTILL_STATED_TOO_SHORT = "standstill_stated_too_short"
    STANDSTILL_FROM_NOTICE = "standstill_from_notice"
    STANDSTILL_VOLUNTARY = "standstill_voluntary"
    NO_STANDSTILL = "no_standstill"
    SIGN_FROM = "sign_from"
    SIGN_WORKING_DAY = "sign_working_day"
    MUST_HAVE_ARRIVED = "must_have_arrived"
    CANCEL_REVIEW = "cancel_review"
    NEW_FACTS = "new_facts"
    NO_LIMIT_THEN = "no_limit_then"
    PROLONGED = "prolonged"
    PROLONGED_LIFTED = "prolonged_lifted"
    INTERIM_ONLY = "interim_only"
    INTERIM_DECIDED = "interim_decided"
    RULING_SENT = "ruling_sent"
    RULING_DATED = "ruling_dated"
    RULING_WAIVED = "ruling_waived"
    VALIDITY_MONTHS = "validity_months"
    VALIDITY_CUT = "validity_cut"
    DAMAGES = "damages"
    FEE_DECISION = "fee_decision"
    FEE_RANGE = "fee_range"
    # after the award
    AWARD_NOTICE = "award_notice"
    AWARD_NOTICE_QUARTER = "award_notice_quarter"
    NO_AWARD_NOTICE_FRAMEWORK = "no_award_notice_framework"
    NO_AWARD_NOTICE_SMALL = "no_award_notice_small"
    DOCUMENTATION = "documentation"
    DOCUMENTATION_NOT_NEEDED = "documentation_not_needed"
    REASONS_ON_REQUEST = "reasons_on_request"
    KEPT = "kept"
    # contracts
    FRAMEWORK_YEARS = "framework_years"
    FRAMEWORK_LEFT = "framework_left"
    FRAMEWORK_USED_UP = "framework_used_up"
    CHANGE_NET = "change_net"
    CHANGE_PERCENT = "change_percent"
    CHANGE_UNDER_THRESHOLD = "change_under_threshold"
    CHANGE_SMALL = "change_small"
    CHANGE_TOO_LARGE = "change_too_large"
    ORDER_WITHIN = "order_within"
    ORDER_BEYOND = "order_beyond"
    CHANGE_ADVERTISED = "change_advertised"
    # records
    BIDS_UNDER_SECRECY = "bids_under_secrecy"
    BIDS_OPEN = "bids_open"
    BUSINESS_SECRETS = "business_secrets"
    ANSWER_PROMPTLY = "answer_promptly"
    REFUSAL_APPEAL = "refusal_appeal"


@dataclass(frozen=True, slots=True)
class Step:
    """One reason: its kind, the paragraph it rests on, how sure that is, and its figures."""

    kind: StepKind
    cites: str = ""
    confidence: Confidence = Confidence.CONFIRMED
    figures: tuple[tuple[str, Figure], ...] = ()
    source: str = ""

    def figure(self, name: str) -> Figure:
        """One figure by its name. Raises KeyError where the step has none such."""
        return dict(self.figures)[name]


def step(
    kind: StepKind,
    cites: str = "",
    confidence: Confidence = Confidence.CONFIRMED,
    source: str = "",
    **figures: Figure,
) -> Step:
    """A step with its figures by name."""
    return Step(kind, cites, confidence, tuple(figures.items()), source)


def not_known(act: str) -> Step:
    """The step of a question that the sources do not answer for the act: nothing is guessed."""
    return step(StepKind.NOT_KNOWN_HERE, "", Confidence.UNCONFIRMED, act=act)


@dataclass(frozen=True, slots=True)
class Explained(Generic[Answer]):
    """An answer and the steps that led to it, in the order they are told."""

    value: Answer
    steps: tuple[Step, ...]

    @property
    def confidence(self) -> Confidence:
        """As sure as the least sure step."""
        return least_sure(one.confidence for one in self.steps)

    @property
    def cites(self) -> tuple[str, ...]:
        """Every paragraph the answer rests on, each once."""
        return tuple(dict.fromkeys(one.cites for one in self.steps if one.cites))

    def has(self, kind: StepKind) -> bool:
        """Whether a step of the kind had a say."""
        return any(one.kind is kind for one in self.steps)
