"""How days are counted (`procurement-law.md` 3.4, rules A to E).

The day something happens is day 0 and every calendar day counts. What differs is which end moves:
a period forward that would end on a day off ends with the next working day; a day counted backwards
stays where it falls. Midsummer Eve, Christmas Eve and New Year's Eve are days off in both systems:
by 2 § lagen (1930:173) in rule A, by Upphandlingsmyndigheten's reading of 1182/71 in rule B.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.calendar import (
    add_working_days,
    is_working_day,
    next_working_day,
    previous_working_day,
)
from crm.rules.law.explained import Confidence, Explained, Step, StepKind, step


class Rule(StrEnum):
    """Under which act a period that runs forward is counted."""

    A = "1930:173"  # avtalsspärr, review deadlines, tiodagarsfrist, three weeks (LOU 20 kap. 18 §)
    B = "1182/71"  # time to apply and to bid, in 8 and 11 kap.


ROLL_CITES: Final[dict[Rule, str]] = {
    Rule.A: "2 § lagen (1930:173)",
    Rule.B: "förordning 1182/71 art. 3.4",
}
_QUESTIONS: Final = (
    "https://frageportalen.upphandlingsmyndigheten.se/org/upphandlingsmyndigheten/d/"
)
ROLL_SOURCES: Final[dict[Rule, str]] = {
    Rule.A: f"{_QUESTIONS}tidsfrist-10-dagar-ar-det-vardagarenbart/",
    Rule.B: f"{_QUESTIONS}att-tanka-pa-gallande-tidsfrister-infor-jul-och-ny/",
}
MONTHS_CITES: Final = "1 § lagen (1930:173)"
BACK_CITES: Final = "förordning 1182/71 art. 3.4"
TWO_DAYS_CITES: Final = "förordning 1182/71 art. 3.5"
WORKING_DAYS_CITES: Final = "förordning 1182/71 art. 2"
_TWO_DAYS: Final = 2


def days_after(start: date, days: int, rule: Rule = Rule.A) -> Explained[date]:
    """The last day of a period of so many days after `start`; never a day off (rules A and B).

    `days` must not be negative; ValueError otherwise.
    """
    if days < 0:
        raise ValueError("A period cannot be negative.")
    end = start + timedelta(days=days)
    counted = step(StepKind.COUNTED_DAYS, start=start, days=days, end=end)
    if rule is Rule.B and days >= _TWO_DAYS:
        second = add_working_days(start, _TWO_DAYS)
        if second > end:
            two = step(
                StepKind.TWO_WORKING_DAYS, TWO_DAYS_CITES, Confidence.UNCONFIRMED, end=second
            )
            return Explained(second, (counted, two))
    return _rolled(end, rule, counted)


def weeks_after(start: date, weeks: int, rule: Rule = Rule.A) -> Explained[date]:
    """The same weekday so many weeks later, rolled past days off (rule D)."""
    end = start + timedelta(weeks=weeks)
    counted = step(StepKind.COUNTED_WEEKS, MONTHS_CITES, start=start, weeks=weeks, end=end)
    return _rolled(end, rule, counted)


def months_after(start: date, months: int, rule: Rule = Rule.A) -> Explained[date]:
    """The same day of the month so many months later, rolled past days off (rule D)."""
    end = same_day_of_month(start, months)
    counted = step(StepKind.COUNTED_MONTHS, MONTHS_CITES, start=start, months=months, end=end)
    return _rolled(end, rule, counted)


def years_after(start: date, years: int, rule: Rule = Rule.A) -> Explained[date]:
    """The same date so many years later, rolled past days off (rule D)."""
    end = same_day_of_month(start, 12 * years)
    counted = step(StepKind.COUNTED_YEARS, MONTHS_CITES, start=start, years=years, end=end)
    return _rolled(end, rule, counted)


def working_days_after(start: date, days: int) -> Explained[date]:
    """The last of so many working days after `start` (rule E)."""
    end = add_working_days(start, days)
    counted = step(
        StepKind.COUNTED_WORKING_DAYS,
        WORKING_DAYS_CITES,
        Confidence.UNCONFIRMED,
        start=start,
        days=days,
        end=end,
    )
    return Explained(end, (counted,))


def days_before(fixed: date, days: int) -> Explained[date]:
    """Counted back from a fixed day; where it falls on a day off it stays there (rule C).

    A step says the last working day on or before it, which is the one to plan by.
    """
    day = fixed - timedelta(days=days)
    steps = [
        step(
            StepKind.COUNTED_BACK,
            BACK_CITES,
            Confidence.UNCONFIRMED,
            fixed=fixed,
            days=days,
            end=day,
        )
    ]
    if not is_working_day(day):
        steps.append(step(StepKind.PLAN_EARLIER, day=day, plan=previous_working_day(day)))
    return Explained(day, tuple(steps))


def same_day_of_month(start: date, months: int) -> date:
    """The day with the same number so many months on, or the last of a month that has it not."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _rolled(end: date, rule: Rule, counted: Step) -> Explained[date]:
    last = next_working_day(end)
    if last == end:
        return Explained(end, (counted,))
    rolled = step(StepKind.ROLLED, ROLL_CITES[rule], source=ROLL_SOURCES[rule], day=end, end=last)
    return Explained(last, (counted, rolled))
