"""A contract's life: how long a framework may run, what it may hold, how a contract may change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from crm.rules.calendar import ONE_DAY
from crm.rules.law.counting import same_day_of_month
from crm.rules.law.explained import Confidence, Explained, Ore, Step, StepKind, step
from crm.rules.law.limits import Purchase, threshold
from crm.rules.law.terms import Law, ObjectKind
from crm.rules.law.values import LawValues, ValueKey

CAP_CITES: Final = "EU-domstolen C-23/20; HFD 2022 ref. 4"
CAP_SOURCE: Final = "https://lagen.nu/dom/hfd/2022:4"


def framework_last_day(values: LawValues, law: Law, first_day: date) -> Explained[date]:
    """The last day a framework may be called off from: 4 years in LOU, 8 in LUF (7 kap. 2 §).

    Longer only for special reasons. The contracts called off may run on as the framework says.
    """
    row = values.find(ValueKey.FRAMEWORK, law, first_day)
    last = same_day_of_month(first_day, 12 * row.value) - ONE_DAY
    said = step(
        StepKind.FRAMEWORK_YEARS,
        row.paragraph,
        row.confidence_on(first_day),
        row.source,
        years=row.value,
        start=first_day,
        end=last,
    )
    return Explained(last, (said,))


def framework_left(highest: int, called_off: int) -> Explained[Ore]:
    """What is left of a framework's highest value in öre; it has no further effect once used up.

    C-23/20 (2021-06-17), HFD 2022 ref. 4.
    """
    left = Ore(max(0, highest - called_off))
    kind = StepKind.FRAMEWORK_LEFT if left else StepKind.FRAMEWORK_USED_UP
    said = step(
        kind,
        CAP_CITES,
        source=CAP_SOURCE,
        highest=Ore(highest),
        used=Ore(called_off),
        left=left,
    )
    return Explained(left, (said,))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a signed contract, in öre.

    `value` is the contract's before any change, with its index clause used (17 kap. 15 §).
    `earlier` are the changes made before this one, each up or down.
    """

    purchase: Purchase
    value: int
    amount: int
    earlier: Sequence[int] = ()


def may_change_by_small_value(values: LawValues, change: Change) -> Explained[bool]:
    """Whether a change is small enough to need no new procurement.

    LOU 17 kap. 9 §, LUF 16 kap. 9 §. The net of all changes must be below the threshold, and below
    10 % of the contract's value (15 % for works). That the contract's overall character stays the
    same is for the reader to judge.
    """
    purchase = change.purchase
    kind = _change_kind(purchase.kind)
    row = values.find(ValueKey.CHANGE_SMALL, purchase.law, purchase.on, kind=kind)
    top = threshold(values, purchase)
    net = abs(change.amount + sum(change.earlier))
    within = 100 * net < row.value * change.value and top.value.allows(net)
    limit = step(
        StepKind.CHANGE_PERCENT,
        row.paragraph,
        row.confidence_on(purchase.on),
        row.source,
        percent=row.value,
        amount=Ore(row.value * change.value // 100),
    )
    steps = (
        step(StepKind.CHANGE_NET, row.paragraph, net=Ore(net), count=len(change.earlier) + 1),
        limit,
        step(
            StepKind.CHANGE_UNDER_THRESHOLD,
            row.paragraph,
            top.steps[-1].confidence,
            top.steps[-1].source,
            amount=top.value.ore,
        ),
        step(StepKind.CHANGE_SMALL if within else StepKind.CHANGE_TOO_LARGE, row.paragraph),
    )
    return Explained(within, steps)


def may_order_more(values: LawValues, value: int, order: int, on: date) -> Explained[bool]:
    """Whether a necessary additional order keeps within 50 % of the contract (LOU 17 kap. 11 §).

    Each order is held against the value by itself. It must be advertised (17 kap. 16 §).
    """
    return _within(values, ValueKey.CHANGE_ADDED_ORDER, value, order, on)


def may_change_unforeseen(
    values: LawValues, value: int, increase: int, on: date
) -> Explained[bool]:
    """Whether a change for unforeseen reasons keeps within 50 % (LOU 17 kap. 12 §).

    Each change by itself. It must be advertised (17 kap. 16 §).
    """
    return _within(values, ValueKey.CHANGE_UNFORESEEN, value, increase, on)


def _within(values: LawValues, key: ValueKey, value: int, more: int, on: date) -> Explained[bool]:
    row = values.find(key, Law.LOU, on)
    within = 100 * more <= row.value * value
    held = step(
        StepKind.ORDER_WITHIN if within else StepKind.ORDER_BEYOND,
        row.paragraph,
        row.confidence_on(on),
        row.source,
        percent=row.value,
        amount=Ore(row.value * value // 100),
        order=Ore(more),
    )
    steps: tuple[Step, ...] = (held,)
    if within:
        steps = (held, step(StepKind.CHANGE_ADVERTISED, "LOU 17 kap. 16 §", Confidence.CONFIRMED))
    return Explained(within, steps)


def _change_kind(kind: ObjectKind) -> ObjectKind:
    return (
        kind if kind in {ObjectKind.WORKS, ObjectKind.SOCIAL_SPECIAL} else ObjectKind.GOODS_SERVICES
    )
