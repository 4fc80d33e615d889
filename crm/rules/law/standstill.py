"""Avtalsspärr: when a contract may be signed after an award (LOU 20 kap. 1–3 §§).

The day the notification is sent is day 0. The spärr runs to the end of its last day, which is never
a day off, and the contract may be signed the day after. Nothing forbids signing on a Saturday, so
both the earliest lawful day and the next working day are told.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm.rules.calendar import ONE_DAY, next_working_day
from crm.rules.law.counting import ROLL_CITES, ROLL_SOURCES, Rule, days_after
from crm.rules.law.explained import Confidence, Explained, Step, StepKind, not_known, step
from crm.rules.law.terms import Channel, Law, Procedure
from crm.rules.law.values import LawRow, LawValues, ValueKey


@dataclass(frozen=True, slots=True)
class Standstill:
    """`last_day` is the last day without a contract, and the last to seek a review on."""

    last_day: date
    earliest_signing: date
    signing_working_day: date


class Duty(StrEnum):
    """Whether a procedure has an avtalsspärr."""

    MANDATORY = "mandatory"
    VOLUNTARY = "voluntary"  # none by law; observing one shields the contract (20 kap. 15 §)
    NONE = "none"
    UNKNOWN = "unknown"  # the act was not read for it (LUFS, LUK)


_NONE: Final[dict[Procedure, tuple[Duty, str, Confidence]]] = {
    Procedure.NEGOTIATED_WITHOUT_NOTICE: (Duty.NONE, "20 kap. 2 § 1", Confidence.CONFIRMED),
    Procedure.FKU: (Duty.VOLUNTARY, "20 kap. 2 § 2 och 15 §", Confidence.CONFIRMED),
    Procedure.DIS: (Duty.VOLUNTARY, "20 kap. 2 § 3 och 15 §", Confidence.CONFIRMED),
    Procedure.CALL_OFF: (Duty.NONE, "7 kap. 4 och 6 §§", Confidence.UNCONFIRMED),
    Procedure.DIRECT_AWARD: (Duty.NONE, "19 a kap. 10 §", Confidence.CONFIRMED),
}


def standstill_duty(law: Law, procedure: Procedure) -> Explained[Duty]:
    """Whether there is an avtalsspärr after the award (LOU 20 kap. 1 and 2 §§).

    LUF 20 kap. 2 § does not except FKU, so a renewed competition under LUF has one. Of the other
    acts the sources say nothing, and so does this.
    """
    if not law.is_read:
        return Explained(Duty.UNKNOWN, (not_known(law),))
    if law is Law.LUF and procedure is Procedure.FKU:
        mandatory = step(StepKind.STANDSTILL_MANDATORY, "LUF 20 kap. 2 §", Confidence.DERIVED)
        return Explained(Duty.MANDATORY, (mandatory,))
    if procedure not in _NONE:
        return Explained(
            Duty.MANDATORY, (step(StepKind.STANDSTILL_MANDATORY, f"{law} 20 kap. 1 §"),)
        )
    duty, paragraph, confidence = _NONE[procedure]
    if law is Law.LUF:
        paragraph = {Procedure.DIS: "20 kap. 2 § 2", Procedure.DIRECT_AWARD: "19 a kap. 9 §"}.get(
            procedure, paragraph
        )
    kind = StepKind.STANDSTILL_VOLUNTARY if duty is Duty.VOLUNTARY else StepKind.NO_STANDSTILL
    return Explained(duty, (step(kind, f"{law} {paragraph}", confidence, procedure=procedure),))


def standstill(
    values: LawValues,
    law: Law,
    sent: date,
    channel: Channel = Channel.ELECTRONIC,
    *,
    stated_last_day: date | None = None,
) -> Explained[Standstill]:
    """The avtalsspärr after an award notification sent on `sent` (LOU and LUF 20 kap. 1 §).

    10 days, 15 if the notification went otherwise than electronically to any bidder. A longer one
    that the authority stated governs; a shorter one does not. Ask `standstill_duty` first whether
    there is one at all.
    """
    key = (
        ValueKey.STANDSTILL_ELECTRONIC
        if channel is Channel.ELECTRONIC
        else ValueKey.STANDSTILL_OTHER
    )
    row = values.find(key, law, sent)
    counted = days_after(sent, row.value, Rule.A)
    steps = [_days(StepKind.STANDSTILL, row, sent), *counted.steps]
    last = counted.value
    if stated_last_day is not None:
        last, said = _stated(stated_last_day, last, row.paragraph)
        steps += said
    return _signing(last, row, steps)


def standstill_from_notice(values: LawValues, law: Law, published: date) -> Explained[Standstill]:
    """After a voluntary notice of intent to award: 10 days from publication.

    LOU 20 kap. 3 § with 10 kap. 5 § or 19 a kap. 9 §.
    """
    row = values.find(ValueKey.STANDSTILL_NOTICE, law, published)
    counted = days_after(published, row.value, Rule.A)
    steps = [_days(StepKind.STANDSTILL_FROM_NOTICE, row, published), *counted.steps]
    return _signing(counted.value, row, steps)


def signing_after(last_day: date) -> Standstill:
    """The days that follow from the last day of a spärr."""
    return Standstill(last_day, last_day + ONE_DAY, next_working_day(last_day + ONE_DAY))


def signing_steps(found: Standstill, cites: str) -> tuple[Step, ...]:
    """What to tell of the signing: the lawful day, and the working day where that is another."""
    steps = [step(StepKind.SIGN_FROM, cites, day=found.earliest_signing)]
    if found.signing_working_day != found.earliest_signing:
        steps.append(step(StepKind.SIGN_WORKING_DAY, day=found.signing_working_day))
    return tuple(steps)


def _stated(stated: date, least: date, cites: str) -> tuple[date, list[Step]]:
    """The stated last day where it is longer; it too cannot run out on a day off."""
    if stated < least:
        short = step(StepKind.STANDSTILL_STATED_TOO_SHORT, cites, stated=stated, least=least)
        return least, [short]
    if stated == least:
        return least, []
    steps = [step(StepKind.STANDSTILL_STATED, cites, day=stated)]
    last = next_working_day(stated)
    if last != stated:
        rolled = step(
            StepKind.ROLLED,
            ROLL_CITES[Rule.A],
            source=ROLL_SOURCES[Rule.A],
            day=stated,
            end=last,
        )
        steps.append(rolled)
    return last, steps


def _days(kind: StepKind, row: LawRow, on: date) -> Step:
    return step(kind, row.paragraph, row.confidence_on(on), row.source, days=row.value)


def _signing(last: date, row: LawRow, steps: list[Step]) -> Explained[Standstill]:
    found = signing_after(last)
    return Explained(found, (*steps, *signing_steps(found, row.paragraph)))
