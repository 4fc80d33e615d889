"""What the law says of one procurement now: the limits and the days that matter where it stands.

Every line is an answer of `crm.rules.law` with its steps. What has passed is no longer told. What
no row covers is told as not known: the program guesses no law. It informs; the authority decides.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from crm.rules.floors import (
    LegalTerms,
    floor,
    is_advertised,
    procedure_of,
    standstill_duty_of,
    standstill_of,
)
from crm.rules.law.afterwards import award_notice_deadline, documentation_deadline
from crm.rules.law.explained import Explained, Ore, StepKind, not_known
from crm.rules.law.limits import Limit, direct_award_limit, regime, threshold
from crm.rules.law.questions import question_days
from crm.rules.law.review import (
    after_ruling,
    award_review_deadline,
    cancel_review_deadline,
    may_not_sign_during,
    validity_deadline,
)
from crm.rules.law.standstill import Standstill, standstill_from_notice
from crm.rules.law.terms import Court, Procedure, Regime
from crm.rules.law.values import NoValue
from crm.rules.routes import NOTICE_STAGES, Route, StageKey, signed_stage


class LawTopic(StrEnum):
    """What a line is about, in the order they are told."""

    THRESHOLD = "threshold"
    DIRECT_AWARD = "direct_award"
    APPLICATION_TIME = "application_time"
    TENDER_TIME = "tender_time"
    ANSWERS = "answers"
    STANDSTILL = "standstill"
    NO_STANDSTILL = "no_standstill"
    REVIEWED = "reviewed"
    RULING = "ruling"
    REVIEW = "review"
    CANCEL_REVIEW = "cancel_review"
    VALIDITY = "validity"
    AWARD_NOTICE = "award_notice"
    DOCUMENTATION = "documentation"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a procurement has come. `days` are its milestones, as they were or are planned."""

    route: Route | None = None
    days: Mapping[StageKey, date] = field(default_factory=dict)
    reached: frozenset[StageKey] = frozenset()
    tenders_due: date | None = None
    value_ore: int | None = None  # excluding VAT, as the authority estimates it
    cancelled_on: date | None = None
    review_in: Court | None = None  # the court of a review, open or ruled in
    ruled_on: date | None = None
    ruling_sent_on: date | None = None
    review_interim: bool = False  # the court has forbidden the signing for now
    review_lifted: bool = False  # it has let go of the spärr
    ruling_waived: bool = False  # it decided that no ten days shall hold
    informed_on: date | None = None  # those who bid, in writing, of the result
    intent_published: date | None = None  # a voluntary notice of intent to award
    has_result_notice: bool = False  # the efterannons is here
    result_published: date | None = None

    @property
    def call(self) -> StageKey | None:
        """The stage that begins as the call for tenders, or the request, goes out."""
        return next((stage for stage in NOTICE_STAGES if stage in self.days), None)

    @property
    def signed(self) -> StageKey | None:
        """The milestone of the signing."""
        return signed_stage(self.route) if self.route is not None else None

    def has_been(self, stage: StageKey | None) -> bool:
        return stage is not None and stage in self.reached


@dataclass(frozen=True, slots=True)
class LawLine:
    """One thing the law says. What is not of the topic is None.

    `day` is the last or the first day, and `working_day` the working day to plan for instead where
    that is another. `amount` is the limit and `beyond` how far the value is above it in öre,
    negative below it. `is_planned`: counted from a day that is planned and has not been.
    `of_today`: no figure is known for the day of the call yet, so this is today's.
    """

    topic: LawTopic
    explained: Explained[Any]
    day: date | None = None
    working_day: date | None = None
    amount: Ore | None = None
    beyond: Ore | None = None
    is_planned: bool = False
    of_today: bool = False
    stated: date | None = None  # an earlier day than the law allows, as stated
    regime: Regime | None = None  # what the value falls under; None where the act was not read
    own_rules: Route | None = None  # the route, where its own rules hold whatever the value is
    is_beyond: bool = False  # the value is too large for the route

    @property
    def is_known(self) -> bool:
        """Whether the sources carry it for the act and the day."""
        return not self.explained.has(StepKind.NOT_KNOWN_HERE)

    @property
    def is_within(self) -> bool | None:
        """Whether the value is within the limit; None where either is not known."""
        limit = self.explained.value
        if not isinstance(limit, Limit) or self.beyond is None or self.amount is None:
            return None
        return limit.allows(self.amount + self.beyond)


def law_now(terms: LegalTerms, progress: Progress, today: date) -> tuple[LawLine, ...]:
    """The lines that matter on the day, in the order of `LawTopic`."""
    found: list[LawLine] = []
    for part in (_money, _tendering, _after_award, _after_signing, _after_cancelling):
        found += part(terms, progress, today)
    order = list(LawTopic)
    return tuple(sorted(found, key=lambda line: order.index(line.topic)))


def regime_of(terms: LegalTerms, on: date, value_ore: int | None) -> Regime | None:
    """Which rules a value falls under on a day; None where the value or the figures are unknown."""
    if value_ore is None:
        return None
    with suppress(NoValue):
        return regime(terms.values, terms.purchase(on), value_ore).value
    return None


def is_beyond(route: Route, found: Regime | None) -> bool:
    """Whether a value of that regime is too large for the route."""
    own = _REGIMES.get(route, Regime.EU)
    return found is not None and _SIZE[found] > _SIZE[own]


_SIZE: Final = {Regime.DIRECT_AWARD: 0, Regime.NATIONAL: 1, Regime.EU: 2}
_REGIMES: Final = {
    Route.UNIT_PURCHASE: Regime.DIRECT_AWARD,
    Route.DIRECT_AWARD: Regime.DIRECT_AWARD,
    Route.BELOW_THRESHOLD: Regime.NATIONAL,
}
_OWN_RULES: Final = frozenset(
    {
        Route.CALL_OFF,
        Route.RENEWED_COMPETITION,
        Route.PURCHASING_BODY,
        Route.DYNAMIC_SYSTEM,
        Route.CHOICE_SYSTEM,
        Route.OPTION,
    }
)
"""What was advertised once already, or is entered by anyone: the value of one purchase decides
nothing (LOU 7 and 8 kap., 17 kap. 10 §, LOV)."""
_NO_AWARD: Final = frozenset({Route.OPTION, Route.CHOICE_SYSTEM})


def _money(terms: LegalTerms, progress: Progress, today: date) -> Iterator[LawLine]:
    """The limits for the day of the call; those of today where the later ones are not known."""
    if progress.has_been(progress.signed):
        return
    call = progress.days.get(progress.call) if progress.call is not None else None
    for topic, ask in _LIMITS:
        for on in dict.fromkeys((call or today, today)):
            with suppress(NoValue):
                explained = ask(terms.values, terms.purchase(on))
                limit = explained.value.ore
                beyond = None if progress.value_ore is None else Ore(progress.value_ore - limit)
                found, route = regime_of(terms, on, progress.value_ore), progress.route
                of_value = topic is LawTopic.THRESHOLD
                yield LawLine(
                    topic,
                    explained,
                    amount=limit,
                    beyond=beyond,
                    is_planned=call is not None and on == call and not _has_been_called(progress),
                    of_today=call is not None and on != call,
                    regime=found
                    if of_value and terms.law.is_read and route not in _OWN_RULES
                    else None,
                    own_rules=route if of_value and route in _OWN_RULES else None,
                    is_beyond=of_value and route is not None and is_beyond(route, found),
                )
                break
            if _has_been_called(progress):
                break  # a past case never has another day's figures


_LIMITS: Final[tuple[tuple[LawTopic, Callable[..., Explained[Limit]]], ...]] = (
    (LawTopic.THRESHOLD, threshold),
    (LawTopic.DIRECT_AWARD, direct_award_limit),
)


def _has_been_called(progress: Progress) -> bool:
    return progress.has_been(progress.call)


def _tendering(terms: LegalTerms, progress: Progress, today: date) -> Iterator[LawLine]:
    """The least time until the tenders are in, and the answers before that."""
    route = progress.route
    if route is None or progress.cancelled_on or progress.has_been(StageKey.EVALUATION):
        return
    tenders = progress.tenders_due or progress.days.get(StageKey.EVALUATION)
    for stage in (*NOTICE_STAGES, StageKey.TENDER):
        begun = progress.days.get(stage)
        sent = progress.days.get(progress.call) if progress.call is not None else None
        least = floor(route, stage, begun, terms, notice_sent=sent) if begun is not None else None
        if least is None or least.explained is None or (least.day and least.day < today):
            continue
        first = stage is StageKey.APPLICATION
        stated = None if first else progress.tenders_due
        yield LawLine(
            LawTopic.APPLICATION_TIME if first else LawTopic.TENDER_TIME,
            least.explained,
            day=least.day,
            is_planned=not progress.has_been(stage),
            stated=stated if stated and least.day and stated < least.day else None,
        )
    if tenders is not None and tenders >= today and is_advertised(route):
        own = _REGIMES.get(route, Regime.EU)
        try:
            asked = question_days(terms.values, terms.law, own, tenders, urgent=terms.urgent)
            yield LawLine(
                LawTopic.ANSWERS,
                asked,
                day=asked.value.answers_by,
                working_day=asked.value.ask_by,
                is_planned=progress.tenders_due is None,
            )
        except NoValue:
            yield _unknown(LawTopic.ANSWERS, terms)


def _after_award(terms: LegalTerms, progress: Progress, today: date) -> Iterator[LawLine]:
    """The standstill with the first days of signing, a review of the award, a ruling."""
    route = progress.route
    if route is None or progress.cancelled_on or progress.has_been(progress.signed):
        return
    sent = progress.days.get(StageKey.STANDSTILL)
    if sent is None and progress.intent_published is not None:
        yield from _after_intent(terms, progress.intent_published, today)
        return
    if sent is None:
        duty = standstill_duty_of(route, terms) if route not in _NO_AWARD else None
        if duty is not None:
            yield LawLine(LawTopic.NO_STANDSTILL, duty)
        return
    is_planned = not progress.has_been(StageKey.STANDSTILL)
    if progress.review_in is not None and progress.ruled_on is None:
        forbidden = may_not_sign_during(
            terms.law,
            progress.review_in,
            lifted=progress.review_lifted,
            interim=progress.review_interim,
        )
        yield LawLine(LawTopic.REVIEWED, forbidden)
        return
    try:
        spell = standstill_of(sent, terms)
    except NoValue:
        yield _unknown(LawTopic.STANDSTILL, terms)
    else:
        yield _signing(LawTopic.STANDSTILL, spell, spell.value, is_planned=is_planned)
        if spell.value.last_day >= today:
            asked = award_review_deadline(terms.law, spell.value)
            yield LawLine(
                LawTopic.REVIEW,
                asked,
                day=asked.value.last_day,
                working_day=asked.value.plan_for,
                is_planned=is_planned,
            )
    if progress.ruled_on is not None:
        try:
            ruling = after_ruling(
                terms.values,
                terms.law,
                progress.ruled_on,
                progress.ruling_sent_on,
                waived=progress.ruling_waived,
            )
        except NoValue:
            yield _unknown(LawTopic.RULING, terms)
        else:
            yield _signing(LawTopic.RULING, ruling, ruling.value.standstill)


def _after_intent(terms: LegalTerms, published: date, today: date) -> Iterator[LawLine]:
    """Ten days after a voluntary notice of intent to award (LOU 20 kap. 3 §)."""
    try:
        spell = standstill_from_notice(terms.values, terms.law, published)
    except NoValue:
        yield _unknown(LawTopic.STANDSTILL, terms)
        return
    yield _signing(LawTopic.STANDSTILL, spell, spell.value)
    if spell.value.last_day >= today:
        asked = award_review_deadline(terms.law, spell.value)
        yield LawLine(
            LawTopic.REVIEW, asked, day=asked.value.last_day, working_day=asked.value.plan_for
        )


def _after_signing(terms: LegalTerms, progress: Progress, today: date) -> Iterator[LawLine]:
    """The notice of the result and the documentation, from the award on; then the validity."""
    route, stage = progress.route, progress.signed
    signed = progress.days.get(stage) if stage is not None else None
    if route is None or signed is None or progress.cancelled_on or route in _NO_AWARD:
        return
    awarded = StageKey.STANDSTILL if StageKey.STANDSTILL in progress.days else progress.call
    is_signed = progress.has_been(stage)
    if not is_signed and not progress.has_been(awarded):
        return
    own = _REGIMES.get(route, Regime.EU)
    procedure = procedure_of(route, terms.law) or Procedure.OPEN
    if own is not Regime.DIRECT_AWARD or progress.value_ore is not None:
        value = progress.value_ore or 0
        asked: list[tuple[LawTopic, Callable[[], Explained[date | None]]]] = [
            (
                LawTopic.AWARD_NOTICE,
                lambda: award_notice_deadline(
                    terms.values, terms.law, own, procedure, signed, value
                ),
            ),
            (
                LawTopic.DOCUMENTATION,
                lambda: documentation_deadline(terms.values, terms.law, own, signed, value),
            ),
        ]
        for topic, ask in asked:
            if topic is LawTopic.AWARD_NOTICE and progress.has_result_notice:
                continue  # it has been sent
            try:
                due = ask()
            except NoValue:
                yield _unknown(topic, terms)
            else:
                if due.value is None or due.value >= today:
                    yield LawLine(topic, due, day=due.value, is_planned=not is_signed)
    if is_signed:
        try:
            valid = validity_deadline(
                terms.values,
                terms.law,
                signed,
                published=progress.result_published,
                informed=progress.informed_on,
            )
        except NoValue:
            yield _unknown(LawTopic.VALIDITY, terms)
        else:
            if valid.value.last_day >= today:
                yield LawLine(
                    LawTopic.VALIDITY,
                    valid,
                    day=valid.value.last_day,
                    working_day=valid.value.plan_for,
                )


def _after_cancelling(terms: LegalTerms, progress: Progress, today: date) -> Iterator[LawLine]:
    """Until when the decision to cancel may be tried (LOU 20 kap. 12 §)."""
    if progress.cancelled_on is None or progress.route is None or not is_advertised(progress.route):
        return
    try:
        asked = cancel_review_deadline(
            terms.values, terms.law, progress.cancelled_on, terms.channel
        )
    except NoValue:
        yield _unknown(LawTopic.CANCEL_REVIEW, terms)
    else:
        if asked.value.last_day >= today:
            yield LawLine(
                LawTopic.CANCEL_REVIEW,
                asked,
                day=asked.value.last_day,
                working_day=asked.value.plan_for,
            )


def _unknown(topic: LawTopic, terms: LegalTerms) -> LawLine:
    return LawLine(topic, Explained(None, (not_known(terms.law),)))


def _signing(
    topic: LawTopic, explained: Explained[Any], found: Standstill, *, is_planned: bool = False
) -> LawLine:
    return LawLine(
        topic,
        explained,
        day=found.earliest_signing,
        working_day=found.signing_working_day,
        is_planned=is_planned,
    )
