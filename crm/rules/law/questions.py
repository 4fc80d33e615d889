"""Questions during a tender: when answers are due, when to ask, when the time must be extended."""

from dataclasses import dataclass
from datetime import date, timedelta

from crm.rules.calendar import previous_working_day
from crm.rules.law.counting import days_before
from crm.rules.law.explained import Explained, Step, StepKind, step
from crm.rules.law.terms import Law, Regime
from crm.rules.law.values import LawValues, ValueKey


@dataclass(frozen=True, slots=True)
class QuestionDays:
    """`answers_by` is the last lawful day for answers. `ask_by` is a working day to have asked by.

    The act says only "i god tid"; the preparatory works give ten days before as an example. What
    the tender documents say governs.
    """

    answers_by: date
    ask_by: date


def question_days(
    values: LawValues,
    law: Law,
    regime: Regime,
    tender_deadline: date,
    *,
    urgent: bool = False,
) -> Explained[QuestionDays]:
    """Six days before the last tender day; four in an urgent procedure above the threshold.

    LOU 12 kap. 11 §, 19 kap. 13 §; LUK 10 kap. 11 §. Counted back and not rolled. That the tender
    day is not one of the six is what Förvaltningsrätten i Malmö held (3487-16), and not wholly
    settled. Raises NoValue before 2022-02-01 below the threshold, and ValueError for a direct
    award, which has no such rule.
    """
    if regime is Regime.DIRECT_AWARD:
        raise ValueError("A direct award has no lawful time for answers.")
    key = ValueKey.ANSWERS_URGENT if urgent else ValueKey.ANSWERS
    if regime is Regime.NATIONAL:
        key = ValueKey.ANSWERS_NATIONAL
    row = values.find(key, law, tender_deadline)
    example = values.find(ValueKey.ASK_EXAMPLE, Law.LOU, tender_deadline)
    answers = days_before(tender_deadline, row.value)
    ask = previous_working_day(tender_deadline - timedelta(days=example.value))
    return Explained(
        QuestionDays(answers.value, ask),
        (
            step(
                StepKind.ANSWERS_BEFORE,
                row.paragraph,
                row.confidence_on(tender_deadline),
                row.source,
                days=row.value,
            ),
            *answers.steps,
            step(
                StepKind.ASK_EXAMPLE,
                example.paragraph,
                source=example.source,
                days=example.value,
                day=ask,
            ),
        ),
    )


def must_extend(
    values: LawValues,
    law: Law,
    regime: Regime,
    tender_deadline: date,
    *,
    answered: date | None = None,
    changed_materially: bool = False,
    urgent: bool = False,
) -> Explained[bool]:
    """Whether the time to bid must be extended (LOU 11 kap. 8 §, 19 kap. 14 §).

    It must if an answer came after its last day or if the documents change materially; so long that
    all can learn what they need, without a number of days.
    """
    days = question_days(values, law, regime, tender_deadline, urgent=urgent)
    cites = law.cited("19 kap. 14 §" if regime is Regime.NATIONAL else "11 kap. 8 §")
    reasons: list[Step] = []
    if answered is not None and answered > days.value.answers_by:
        late = step(
            StepKind.EXTEND_LATE_ANSWER, cites, answered=answered, due=days.value.answers_by
        )
        reasons.append(late)
    if changed_materially:
        reasons.append(step(StepKind.EXTEND_CHANGED, cites))
    if not reasons:
        return Explained(False, (step(StepKind.NO_EXTENSION, cites),))
    return Explained(True, tuple(reasons))
