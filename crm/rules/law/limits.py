"""Thresholds and direct-award limits: what a value may be bought by (LOU 5 kap., 19 a kap.)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from crm.rules.law.explained import Confidence, Explained, Ore, Step, StepKind, step
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind, Regime
from crm.rules.law.values import Comparison, LawRow, LawValues, NoValue, ValueKey

SAME_KIND_ENDED: Final = date(2022, 2, 1)
"""LOU and LUF add no same-kind purchases of the fiscal year from this day on (Lag 2021:1110)."""

_VALUE_DAY: Final = {Law.LOU: "LOU 5 kap. 5 §", Law.LUF: "LUF 5 kap.", Law.LUK: "LUK 5 kap."}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the limits depend on.

    `on` is the value date: the day the call for tenders is sent or, where there is none, the day
    the authority starts the procedure (LOU 5 kap. 5 §).
    """

    law: Law
    authority: AuthorityKind
    kind: ObjectKind
    on: date


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount in öre excluding VAT, and how a value is held against it."""

    ore: Ore
    comparison: Comparison
    euro: int | None = None

    def allows(self, value: int) -> bool:
        """Whether a value in öre is within the limit."""
        if self.comparison is Comparison.AT_MOST:
            return value <= self.ore
        return value < self.ore

    def left(self, used: int) -> Ore:
        """The largest whole krona that can still be bought beside `used` öre; 0 if none can."""
        room = self.ore - used
        if self.comparison is Comparison.BELOW:
            room -= 1
        return Ore(max(0, room - room % 100))


def threshold(values: LawValues, purchase: Purchase) -> Explained[Limit]:
    """The EU threshold of the day (LOU 1 kap. 4 § and 5 kap. 1 §).

    The act's higher rules hold from the threshold itself. LUFS has no figure of its own for its
    bilaga 3 services and uses the one for goods and services. Raises NoValue outside 2016–2027.
    """
    row = _find(values, ValueKey.EU_THRESHOLD, purchase)
    return Explained(
        _limit(row), (_value_day(purchase), _said(StepKind.THRESHOLD, row, purchase.on))
    )


def direct_award_limit(values: LawValues, purchase: Purchase) -> Explained[Limit]:
    """How much may be bought directly (LOU and LUF 19 a kap. 2 §, LUK 15 kap. 6 §).

    Until 2022-01-31 up to and including the limit under LOU and LUF; since then only below it.
    Services in bilaga 2 have the EU threshold as their limit since then. Raises NoValue outside the
    years that the rows cover.
    """
    row = _find(values, ValueKey.DIRECT_AWARD, purchase)
    limit = _limit(row)
    kind = (
        StepKind.LIMIT_AT_MOST if limit.comparison is Comparison.AT_MOST else StepKind.LIMIT_BELOW
    )
    if row.euro is not None:
        kind = StepKind.LIMIT_ANNEX_2
    return Explained(limit, (_value_day(purchase), _said(kind, row, purchase.on)))


def regime(values: LawValues, purchase: Purchase, value: int) -> Explained[Regime]:
    """Which rules a value in öre falls under, at its value date.

    Services in bilaga 2 follow 19 kap. also above the threshold (LOU 19 kap. 1 §).
    """
    limit = direct_award_limit(values, purchase)
    if limit.value.allows(value):
        may = step(StepKind.MAY_BE_DIRECT, limit.steps[-1].cites, value=Ore(value))
        return Explained(Regime.DIRECT_AWARD, (*limit.steps, may))
    top = threshold(values, purchase)
    must = step(StepKind.MUST_BE_ADVERTISED, limit.steps[-1].cites, value=Ore(value))
    steps = (*limit.steps, must, top.steps[-1])
    if top.value.allows(value):
        return Explained(Regime.NATIONAL, steps)
    if _is_annex_2(purchase):
        annex = step(
            StepKind.ANNEX_2_IS_NATIONAL,
            purchase.law.cited("19 kap. 1 §"),
            Confidence.CONFIRMED if purchase.law.is_read else Confidence.UNCONFIRMED,
        )
        return Explained(Regime.NATIONAL, (*steps, annex))
    above = step(StepKind.ABOVE_THRESHOLD, top.steps[-1].cites, value=Ore(value))
    return Explained(Regime.EU, (*steps, above))


def counted_with_same_kind(
    purchase: Purchase, value: int, same_kind: Sequence[int]
) -> Explained[int]:
    """A direct award's value together with what was bought of the same kind in the fiscal year.

    In LOU and LUF only until 2022-01-31; the value is counted by 5 kap. alone since. LUK still adds
    (15 kap. 7 §). All in öre.
    """
    if purchase.law is not Law.LUK and purchase.on >= SAME_KIND_ENDED:
        alone = step(
            StepKind.SAME_KIND_NOT_ADDED, purchase.law.cited("19 a kap. 1 §"), value=Ore(value)
        )
        return Explained(value, (alone,))
    total = value + sum(same_kind)
    cites = "LUK 15 kap. 7 §" if purchase.law is Law.LUK else purchase.law.cited("19 kap. 7 §")
    added = step(
        StepKind.SAME_KIND_ADDED,
        cites,
        value=Ore(value),
        before=Ore(sum(same_kind)),
        total=Ore(total),
    )
    return Explained(total, (added,))


def _is_annex_2(purchase: Purchase) -> bool:
    return purchase.kind in {ObjectKind.SOCIAL_SPECIAL, ObjectKind.WELFARE}


def _find(values: LawValues, key: ValueKey, purchase: Purchase) -> LawRow:
    """The row, or that of the wider kind where the kind has no figure of its own."""
    kinds = [purchase.kind]
    if purchase.kind is ObjectKind.WELFARE:
        kinds.append(ObjectKind.SOCIAL_SPECIAL)
    if _is_annex_2(purchase) and purchase.law is Law.LUFS:
        kinds.append(ObjectKind.GOODS_SERVICES)
    for kind in kinds:
        try:
            return values.find(key, purchase.law, purchase.on, purchase.authority, kind)
        except NoValue:
            continue
    raise NoValue(key, purchase.law, purchase.on)


def _limit(row: LawRow) -> Limit:
    return Limit(row.ore, row.comparison or Comparison.BELOW, row.euro)


def _value_day(purchase: Purchase) -> Step:
    return step(
        StepKind.VALUE_DAY, _VALUE_DAY.get(purchase.law, purchase.law.value), day=purchase.on
    )


def _said(kind: StepKind, row: LawRow, on: date) -> Step:
    return step(
        kind,
        row.paragraph,
        row.confidence_on(on),
        row.source,
        amount=row.ore,
        euro=row.euro or 0,
        since=row.valid_from,
    )
