"""What the authority owes after an award: efterannons, documentation, reasons, archive."""

from datetime import date
from typing import Final

from crm.rules.law.counting import days_after, same_day_of_month, years_after
from crm.rules.law.explained import Explained, Ore, StepKind, not_known, step
from crm.rules.law.terms import Law, Procedure, Regime
from crm.rules.law.values import LawRow, LawValues, NoValue, ValueKey

_NOTICE: Final[dict[Regime, ValueKey]] = {
    Regime.EU: ValueKey.AWARD_NOTICE,
    Regime.NATIONAL: ValueKey.AWARD_NOTICE_NATIONAL,
    Regime.DIRECT_AWARD: ValueKey.AWARD_NOTICE_DIRECT,
}
_DOCUMENTATION: Final[dict[Regime, ValueKey]] = {
    Regime.EU: ValueKey.DOCUMENTATION,
    Regime.NATIONAL: ValueKey.DOCUMENTATION_NATIONAL,
    Regime.DIRECT_AWARD: ValueKey.DOCUMENTATION_DIRECT,
}


def award_notice_deadline(
    values: LawValues,
    law: Law,
    regime: Regime,
    procedure: Procedure,
    signed: date,
    value: int,
    *,
    bundled: bool = False,
) -> Explained[date | None]:
    """Until when an efterannons must be sent.

    30 days after the contract (LOU 10 kap. 4 §, 19 kap. 7 §, 19 a kap. 13 §), 48 for a concession
    (LUK 8 kap. 6 §). None for a call-off from a framework and for a direct award below the amount
    from which it must be told. `bundled` is for a DIS or a service in bilaga 2 whose notices are
    sent together: 30 days after the quarter. `value` in öre. Raises NoValue before 2022-02-01.
    """
    row = values.find(_NOTICE[regime], law, signed)
    if procedure in {Procedure.FKU, Procedure.CALL_OFF}:
        return Explained(None, (step(StepKind.NO_AWARD_NOTICE_FRAMEWORK, row.paragraph),))
    if regime is Regime.DIRECT_AWARD:
        least = values.find(ValueKey.DIRECT_NOTICE_FROM, law, signed)
        if value < least.ore:
            small = step(
                StepKind.NO_AWARD_NOTICE_SMALL,
                least.paragraph,
                least.confidence_on(signed),
                least.source,
                amount=least.ore,
                value=Ore(value),
            )
            return Explained(None, (small,))
    start = _quarter_end(signed) if bundled else signed
    kind = StepKind.AWARD_NOTICE_QUARTER if bundled else StepKind.AWARD_NOTICE
    return _after(kind, row, start, signed)


def documentation_deadline(
    values: LawValues, law: Law, regime: Regime, closed: date, value: int
) -> Explained[date | None]:
    """Until when the documentation must be complete: 30 days after contract or cancellation.

    LOU 12 kap. 14 §, 19 kap. 22 §, 19 a kap. 11 §. A direct award must be documented only above 100
    000 kronor. None where nothing must be, where no day was set (before 2024), and where the
    sources do not carry the act: the steps say which. `value` in öre.
    """
    if regime is Regime.DIRECT_AWARD:
        above = values.find(ValueKey.DOCUMENTED_ABOVE, law, closed)
        if value <= above.ore:
            said = step(
                StepKind.DOCUMENTATION_NOT_NEEDED,
                above.paragraph,
                above.confidence_on(closed),
                above.source,
                amount=above.ore,
                value=Ore(value),
            )
            return Explained(None, (said,))
    key = _DOCUMENTATION[regime]
    try:
        row = values.find(key, law, closed)
    except NoValue:
        begins = values.begins(key, law)
        if begins is None or begins <= closed:  # of that act, or that day, the sources say nothing
            return Explained(None, (not_known(law),))
        return Explained(None, (step(StepKind.NO_LIMIT_THEN, law.value),))
    return _after(StepKind.DOCUMENTATION, row, closed, closed)


def reasons_deadline(
    values: LawValues, law: Law, regime: Regime, asked: date
) -> Explained[date | None]:
    """Until when a bidder that asks in writing must be told the reasons: 15 days.

    LOU 12 kap. 13 §, 19 kap. 20 §. From the day the request arrived.
    """
    key = ValueKey.REASONS if regime is Regime.EU else ValueKey.REASONS_NATIONAL
    row = values.find(key, law, asked)
    return _after(StepKind.REASONS_ON_REQUEST, row, asked, asked)


def kept_until(values: LawValues, awarded: date) -> Explained[date]:
    """How long bids must be kept by bodies outside arkivlagen: four years from the award.

    LOU 12 kap. 17 §.
    """
    row = values.find(ValueKey.KEPT, Law.LOU, awarded)
    counted = years_after(awarded, row.value)
    said = step(
        StepKind.KEPT, row.paragraph, row.confidence_on(awarded), row.source, years=row.value
    )
    return Explained(counted.value, (said, *counted.steps))


def _quarter_end(day: date) -> date:
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date.fromordinal(same_day_of_month(first, 3).toordinal() - 1)


def _after(kind: StepKind, row: LawRow, start: date, on: date) -> Explained[date | None]:
    counted = days_after(start, row.value)
    said = step(kind, row.paragraph, row.confidence_on(on), row.source, days=row.value, start=start)
    return Explained(counted.value, (said, *counted.steps))
