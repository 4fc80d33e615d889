"""What the page of a procurement says of the law: lines with steps, and what follows an award."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from crm.procurements.models import Plan, Procurement
from crm.rules.after_award import review_length, signing_under_review
from crm.rules.floors import LegalTerms, floor
from crm.rules.forwards import DayRange
from crm.rules.law.explained import Confidence
from crm.rules.law.terms import Court, Regime
from crm.rules.law_now import LawLine, LawTopic, Progress, is_beyond, law_now, regime_of
from crm.rules.notice_facts import NOTHING_SAID, NoticeFacts
from crm.rules.routes import NOTICE_STAGES, Duration, Route, StageKey, signed_stage
from crm.web.filters import instant_day
from crm.web.law_steps import ShownStep, shown_steps


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line and how it was counted, in the reader's words."""

    line: LawLine
    steps: list[ShownStep]

    @property
    def is_unsure(self) -> bool:
        """Whether a figure it rests on could not be confirmed. Lesser doubts stand at the steps."""
        return self.line.explained.confidence is Confidence.UNCONFIRMED


Floors = dict[StageKey, tuple[date, str]]


def floors_of(plan: Plan, terms: LegalTerms, after: "AfterAward | None") -> Floors:
    """The first lawful day of each milestone that has one, and the paragraph.

    While a court handles a review there is none for the signing, and after its ruling the ten days.
    """
    found: Floors = {}
    sent = next((row.day for row in plan.milestones if row.stage in NOTICE_STAGES), None)
    for before, then in pairwise(plan.milestones):
        least = floor(plan.route, before.stage, before.day, terms, notice_sent=sent)
        if least.day is not None:
            found[then.stage] = least.day, least.law
    if after is not None and after.is_open:
        found.pop(StageKey.SIGNING, None)
    elif after is not None and after.signing is not None and after.signing.day is not None:
        found[StageKey.SIGNING] = after.signing.day, after.signing.explained.steps[0].cites
    return found


@dataclass(frozen=True, slots=True)
class AfterAward:
    """Where a contract that is not signed yet stands after the award.

    `signing` is the standstill's line, or the ruling's once there is one. `expected` is the signing
    under a review that goes on, None where no review does or no length of it is published.
    """

    sent_on: date
    signing: LawLine | None
    steps: list[ShownStep]
    is_open: bool  # a review goes on without a ruling
    court: Court
    length: Duration | None
    expected: DayRange | None
    planned_on: date | None
    move_stage: StageKey | None

    @property
    def is_too_early(self) -> bool:
        """Whether the signing is planned before a review is usually over."""
        return (
            self.expected is not None
            and self.planned_on is not None
            and self.planned_on < self.expected.fast
        )


def progress_of(
    procurement: Procurement, plan: Plan | None, told: NoticeFacts = NOTHING_SAID
) -> Progress:
    """The facts as the rulebook reads them, with what its notices tell."""
    rows = plan.milestones if plan is not None else []
    return Progress(
        route=plan.route if plan is not None else None,
        days={row.stage: row.day for row in rows},
        reached=frozenset(row.stage for row in rows if row.reached_on is not None),
        tenders_due=instant_day(procurement.tenders_due_at),
        value_ore=procurement.value_ore,
        cancelled_on=procurement.cancelled_on,
        review_in=procurement.review_court if procurement.under_review_since else None,
        ruled_on=procurement.ruled_on,
        ruling_sent_on=procurement.ruling_sent_on,
        review_interim=procurement.review_interim,
        review_lifted=procurement.review_lifted,
        ruling_waived=procurement.ruling_waived,
        informed_on=procurement.informed_on,
        intent_published=told.intent_published,
        has_result_notice=told.has_result,
        result_published=told.result_published,
    )


def shown_lines(terms: LegalTerms, progress: Progress, today: date) -> list[ShownLine]:
    """What the law says now, each with its steps."""
    return [
        ShownLine(line, shown_steps(line.explained)) for line in law_now(terms, progress, today)
    ]


def beyond_now(terms: LegalTerms, progress: Progress, today: date) -> Regime | None:
    """The rules that the value falls under, where it is too large for the route that holds.

    None otherwise, after the signing, and when it is called off.
    """
    if progress.cancelled_on or not any(one.is_beyond for one in law_now(terms, progress, today)):
        return None
    return regime_of(terms, today, progress.value_ore)


def beyond(
    route: Route | None, terms: LegalTerms, procurement: Procurement, today: date
) -> Regime | None:
    """The same of a route that is looked at."""
    found = regime_of(terms, today, procurement.value_ore)
    return found if route is not None and is_beyond(route, found) else None


def after_award(
    procurement: Procurement, terms: LegalTerms, progress: Progress, today: date
) -> AfterAward | None:
    """What there is to tell between the award and the signing; None before and after that."""
    sent = progress.days.get(StageKey.STANDSTILL)
    if (
        sent is None
        or progress.route is None
        or progress.cancelled_on
        or not progress.has_been(StageKey.STANDSTILL)
        or progress.has_been(progress.signed)
    ):
        return None
    by_topic = {line.topic: line for line in law_now(terms, progress, today)}
    since, court = procurement.under_review_since, procurement.review_court
    reviewed = by_topic.get(LawTopic.REVIEWED)
    is_open = reviewed is not None
    signing = by_topic.get(LawTopic.RULING) or by_topic.get(LawTopic.STANDSTILL)
    if signing is not None and not signing.is_known:
        signing = None
    stage = signed_stage(progress.route)
    return AfterAward(
        sent_on=sent,
        signing=signing,
        steps=shown_steps(reviewed.explained) if reviewed is not None else [],
        is_open=is_open,
        court=court,
        length=review_length(court) if is_open else None,
        expected=signing_under_review(terms, since, court, today)
        if is_open and since is not None
        else None,
        planned_on=progress.days.get(stage),
        move_stage=stage,
    )
