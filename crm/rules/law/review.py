"""Överprövning: the days to seek a review by, and when a contract may be signed after one.

LOU 20 kap. 4–21 §§. An application must have arrived at förvaltningsrätten before the end of its
last day; what the court counts as the end of a day is not settled, so plan for the working day
before.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from crm.rules.calendar import ONE_DAY, previous_working_day
from crm.rules.law.counting import Rule, days_after, months_after, weeks_after, years_after
from crm.rules.law.explained import Confidence, Explained, Ore, Step, StepKind, not_known, step
from crm.rules.law.standstill import Standstill, signing_after, signing_steps
from crm.rules.law.terms import Channel, Court, Law
from crm.rules.law.values import LawRow, LawValues, NoValue, ValueKey

KILP24: Final = "https://kilpatrick.se/?p=9277"
"""Kammarrätten i Göteborg 2024-08-30, case 3477-24: ten days from the sending of the ruling."""


@dataclass(frozen=True, slots=True)
class ReviewDeadline:
    """The last day to have arrived, and the working day before it to plan for."""

    last_day: date
    plan_for: date


@dataclass(frozen=True, slots=True)
class AfterRuling:
    """When a contract may be signed after a ruling, and the same by the ruling's own date.

    `by_date` is what the other reading gives, None where the day of sending is not known.
    """

    standstill: Standstill
    by_date: Standstill | None


def award_review_deadline(law: Law, standstill: Standstill) -> Explained[ReviewDeadline]:
    """A review of the award must be sought before the spärr ends (LOU 20 kap. 11 §)."""
    return _arrived(standstill.last_day, law.cited("20 kap. 11 §"), ())


def cancel_review_deadline(
    values: LawValues, law: Law, sent: date, channel: Channel = Channel.ELECTRONIC
) -> Explained[ReviewDeadline]:
    """A review of a decision to cancel: 10 days, 15 if not sent electronically (20 kap. 12 §)."""
    electronic = channel is Channel.ELECTRONIC
    key = ValueKey.CANCEL_ELECTRONIC if electronic else ValueKey.CANCEL_OTHER
    row = values.find(key, law, sent)
    counted = days_after(sent, row.value, Rule.A)
    first = _said(StepKind.CANCEL_REVIEW, row, sent, days=row.value)
    return _arrived(counted.value, row.paragraph, (first, *counted.steps))


def new_facts_deadline(values: LawValues, law: Law, arrived: date) -> Explained[date | None]:
    """Until when new facts may be invoked in förvaltningsrätten: three weeks (20 kap. 5 b §).

    From the day the application arrived. None for one that arrived before summer 2022, when the
    rule did not exist.
    """
    try:
        row = values.find(ValueKey.NEW_FACTS, law, arrived)
    except NoValue:
        return Explained(None, (step(StepKind.NO_LIMIT_THEN, f"{law} 20 kap. 5 b §"),))
    counted = weeks_after(arrived, row.value)
    first = _said(StepKind.NEW_FACTS, row, arrived, weeks=row.value)
    return Explained(counted.value, (first, *counted.steps))


def may_not_sign_during(
    law: Law, court: Court, *, lifted: bool = False, interim: bool = False
) -> Explained[bool | None]:
    """Whether a pending review forbids signing (LOU 20 kap. 8 and 9 §§).

    In förvaltningsrätten the spärr goes on by itself unless the court lifts it. Later courts, and
    one that lifted it, forbid only by an interim decision. None for an act that was not read.
    """
    if not law.is_read:
        return Explained(None, (not_known(law),))
    if interim:
        return Explained(True, (step(StepKind.INTERIM_DECIDED, f"{law} 20 kap. 9 §"),))
    if court is not Court.FORVALTNINGSRATT:
        only = step(StepKind.INTERIM_ONLY, f"{law} 20 kap. 8 och 9 §§", court=court)
        return Explained(False, (only,))
    if lifted:
        return Explained(False, (step(StepKind.PROLONGED_LIFTED, f"{law} 20 kap. 8 §"),))
    return Explained(True, (step(StepKind.PROLONGED, f"{law} 20 kap. 8 §"),))


def after_ruling(
    values: LawValues, law: Law, ruled: date, sent: date | None = None, *, waived: bool = False
) -> Explained[AfterRuling]:
    """Tiodagarsfristen: ten days after a ruling before a contract may be signed (20 kap. 10 §).

    Day 0 is the day the ruling was sent out, by Kammarrätten i Göteborg (KILP24); the date on it
    where the sending is not known, and that is then less sure. `waived` is for a court that decided
    that no such time shall hold. Raises ValueError for a ruling sent before it was given.
    """
    if sent is not None and sent < ruled:
        raise ValueError("A ruling is not sent before it is given.")
    row = values.find(ValueKey.AFTER_RULING, law, ruled)
    if waived:
        at_once = signing_after(ruled - ONE_DAY)
        said = step(StepKind.RULING_WAIVED, row.paragraph)
        steps = (said, *signing_steps(at_once, row.paragraph))
        return Explained(AfterRuling(at_once, None), steps)
    start = sent or ruled
    counted = days_after(start, row.value, Rule.A)
    found = signing_after(counted.value)
    first = step(
        StepKind.RULING_SENT if sent else StepKind.RULING_DATED,
        row.paragraph,
        Confidence.CONFIRMED if sent else Confidence.UNCONFIRMED,
        KILP24,
        day=start,
        days=row.value,
    )
    by_date = None
    if sent is not None:
        by_date = signing_after(days_after(ruled, row.value, Rule.A).value)
    return Explained(
        AfterRuling(found, by_date),
        (first, *counted.steps, *signing_steps(found, row.paragraph)),
    )


def validity_deadline(
    values: LawValues,
    law: Law,
    signed: date,
    *,
    published: date | None = None,
    informed: date | None = None,
) -> Explained[ReviewDeadline]:
    """Until when a contract's validity may be tried (LOU 20 kap. 17 §).

    Six months from the signing; 30 days from a published efterannons or from written information to
    those who bid, whichever gives the earlier day.
    """
    row = values.find(ValueKey.VALIDITY, law, signed)
    six = months_after(signed, row.value)
    steps = [_said(StepKind.VALIDITY_MONTHS, row, signed, months=row.value), *six.steps]
    last = six.value
    told = min((day for day in (published, informed) if day is not None), default=None)
    if told is not None:
        cut = values.find(ValueKey.VALIDITY_CUT, law, signed)
        thirty = days_after(told, cut.value, Rule.A)
        if thirty.value < last:
            last = thirty.value
            steps += [_said(StepKind.VALIDITY_CUT, cut, signed, days=cut.value, day=told)]
            steps += thirty.steps
    return _arrived(last, row.paragraph, tuple(steps))


def damages_deadline(values: LawValues, law: Law, knew: date) -> Explained[date]:
    """Until when damages may be claimed (LOU 20 kap. 21 §).

    A year from when the supplier knew of the contract, or should have known.
    """
    row = values.find(ValueKey.DAMAGES, law, knew)
    counted = years_after(knew, row.value)
    return Explained(
        counted.value, (_said(StepKind.DAMAGES, row, knew, years=row.value), *counted.steps)
    )


@dataclass(frozen=True, slots=True)
class FeeRange:
    """Upphandlingsskadeavgift: the least and most in öre, and the last day to decide it."""

    least: Ore
    most: Ore
    decided_by: date


def fee_range(values: LawValues, signed: date, value: int) -> Explained[FeeRange]:
    """What an illegal direct award of so many öre can cost the authority (LOU 21 kap. 9, 11 §§).

    10 000 to 20 000 000 kronor and at most a tenth of the value; decided within two years.
    """
    least = values.find(ValueKey.FEE_LEAST, Law.LOU, signed)
    most = values.find(ValueKey.FEE_MOST, Law.LOU, signed)
    share = values.find(ValueKey.FEE_SHARE, Law.LOU, signed)
    decided = values.find(ValueKey.FEE_DECISION, Law.LOU, signed)
    top = Ore(min(most.ore, value * share.value // 100))
    counted = years_after(signed, decided.value)
    steps = (
        _said(
            StepKind.FEE_RANGE, least, signed, least=least.ore, most=most.ore, percent=share.value
        ),
        _said(StepKind.FEE_DECISION, decided, signed, years=decided.value),
        *counted.steps,
    )
    return Explained(FeeRange(Ore(min(least.ore, top)), top, counted.value), steps)


def _said(kind: StepKind, row: LawRow, on: date, **figures: int | date) -> Step:
    return step(kind, row.paragraph, row.confidence_on(on), row.source, **figures)


def _arrived(last: date, cites: str, steps: tuple[Step, ...]) -> Explained[ReviewDeadline]:
    plan = previous_working_day(last - ONE_DAY)
    arrived = step(StepKind.MUST_HAVE_ARRIVED, cites, day=last, plan=plan)
    return Explained(ReviewDeadline(last, plan), (*steps, arrived))
