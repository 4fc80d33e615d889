"""What a contract counts for: the value of a procurement as LOU 5 kap. counts it (G4).

Everything is in öre and excludes VAT. The estimate is the authority's; ours says what it will come
to if the contract looks as we think. LUF counts alike; its paragraphs are not all numbered alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm.rules.law.explained import Explained, Ore, Step, StepKind, step
from crm.rules.law.terms import Law, ObjectKind
from crm.rules.law.values import LawValues, ValueKey
from crm.rules.money import rounded


class TermKind(StrEnum):
    """What a part of the price is."""

    BASE = "base"
    OPTION = "option"  # counted as if used
    EXTENSION = "extension"  # counted as if used
    PREMIUM = "premium"  # paid to bidders
    SUPPLIED = "supplied"  # goods and services the authority supplies for works (5 kap. 9 §)


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the price in öre. `vat_percent` is set where the amount includes VAT."""

    kind: TermKind
    amount: int
    vat_percent: int = 0


_TERM_STEPS: Final[dict[TermKind, tuple[StepKind, int]]] = {
    TermKind.BASE: (StepKind.TERM_BASE, 3),
    TermKind.OPTION: (StepKind.TERM_OPTION, 3),
    TermKind.EXTENSION: (StepKind.TERM_EXTENSION, 3),
    TermKind.PREMIUM: (StepKind.TERM_PREMIUM, 3),
    TermKind.SUPPLIED: (StepKind.TERM_SUPPLIED, 9),
}


def cites(law: Law, paragraph: int) -> str:
    """A paragraph of LOU 5 kap.; the chapter of LUF and LUK; of an act not read its name alone."""
    if law is Law.LOU:
        return f"LOU 5 kap. {paragraph} §"
    return f"{law} 5 kap." if law in {Law.LUF, Law.LUK} else law.value


def without_vat(amount: int, percent: int) -> int:
    """The amount in öre without the VAT it includes, rounded to the nearest öre.

    Raises ValueError for a negative percentage.
    """
    if percent < 0:
        raise ValueError("VAT cannot be negative.")
    return rounded(100 * amount, 100 + percent)


def contract_value(law: Law, terms: Sequence[Term]) -> Explained[int]:
    """All that is to be paid, options and extensions as if used, premiums added, without VAT.

    LOU 5 kap. 3 §. A contract of 2+1+1 years counts as four. Raises ValueError on a negative part.
    """
    steps: list[Step] = []
    total = 0
    for term in terms:
        _not_negative(term.amount)
        amount = term.amount
        if term.vat_percent:
            amount = without_vat(term.amount, term.vat_percent)
            steps.append(
                step(
                    StepKind.VAT_TAKEN_OFF,
                    cites(law, 3),
                    paid=Ore(term.amount),
                    percent=term.vat_percent,
                    amount=Ore(amount),
                )
            )
        kind, paragraph = _TERM_STEPS[term.kind]
        steps.append(step(kind, cites(law, paragraph), amount=Ore(amount)))
        total += amount
    return Explained(total, (*steps, _total(law, total), _no_splitting(law)))


def fixed_term_value(law: Law, terms: Sequence[Term]) -> Explained[int]:
    """A price by the year for a term with an end: every year counts, options as if used.

    What is paid in all follows from the price and the term, so it is the total of LOU 5 kap. 3 §.
    5 kap. 13 § and its 48 months are for an agreement that states no total; whether one of more
    than 48 months states it is the authority's to say, and the larger figure is told, so that the
    room for a direct award is never told too large. Raises ValueError on a negative part.
    """
    found = contract_value(law, terms)
    return Explained(found.value, (step(StepKind.FIXED_TERM, cites(law, 3)), *found.steps))


def service_value(
    values: LawValues, law: Law, on: date, price: int, months: int | None, *, every: int = 1
) -> Explained[int]:
    """A service without a stated total, typical of software by the month (LOU 5 kap. 13 §).

    `price` is öre for `every` so many months: 12 where it is by the year. Rounded once, at the end.
    `months` is the whole term with options and extensions; None where it is indefinite. Up to 48
    months count as they are; longer or indefinite ones as 48. Raises ValueError if negative.
    """
    _not_negative(price, months or 0)
    row = values.find(ValueKey.MONTHS_COUNTED, law, on)
    most = row.value
    counted = most if months is None else min(months, most)
    kind = StepKind.MONTHS_TIMES
    if months is None:
        kind = StepKind.MONTHS_INDEFINITE
    elif months > most:
        kind = StepKind.MONTHS_CAPPED
    total = rounded(price * counted, every)
    said = step(
        kind,
        cites(law, 13),
        row.confidence_on(on),
        monthly=Ore(rounded(price, every)),
        months=months or 0,
        counted=counted,
        amount=Ore(total),
    )
    return Explained(total, (said, _total(law, total), _no_splitting(law)))


def lease_value(
    values: LawValues, law: Law, on: date, monthly: int, months: int | None, residual: int = 0
) -> Explained[int]:
    """Goods that are leased, hired or bought on instalments (LOU 5 kap. 10 §).

    At most 12 months: what is paid. Longer: what is paid and the residual value. Indefinite
    (`months` None): 48 monthly payments. Raises ValueError if anything is negative.
    """
    _not_negative(monthly, months or 0, residual)
    counted = values.find(ValueKey.MONTHS_COUNTED, law, on)
    short = values.find(ValueKey.SHORT_LEASE, law, on)
    paragraph = cites(law, 10)
    times = counted.value if months is None else months
    paid = monthly * times
    steps = [
        step(
            StepKind.MONTHS_INDEFINITE if months is None else StepKind.MONTHS_TIMES,
            paragraph,
            counted.confidence_on(on),
            monthly=Ore(monthly),
            months=times,
            counted=times,
            amount=Ore(paid),
        )
    ]
    if months is not None and months > short.value:
        steps.append(
            step(StepKind.RESIDUAL_ADDED, paragraph, months=short.value, amount=Ore(residual))
        )
        paid += residual
    elif residual:
        steps.append(
            step(StepKind.RESIDUAL_LEFT_OUT, paragraph, months=short.value, amount=Ore(residual))
        )
    return Explained(paid, (*steps, _total(law, paid), _no_splitting(law)))


def recurring_from_past(law: Law, contracts: Sequence[int], change: int = 0) -> Explained[int]:
    """Contracts that come back, by what like ones came to (LOU 5 kap. 11 § 1).

    `contracts` are those of the last twelve months or of the last fiscal year, `change` what is
    foreseen to differ in the twelve months after the first contract; it may be negative.
    """
    _not_negative(*contracts)
    past = sum(contracts)
    total = max(0, past + change)
    steps = [step(StepKind.RECURRING_PAST, cites(law, 11), count=len(contracts), amount=Ore(past))]
    if change:
        steps.append(step(StepKind.RECURRING_ADJUSTED, cites(law, 11), amount=Ore(change)))
    return Explained(total, (*steps, _total(law, total), _no_splitting(law)))


def recurring_to_come(law: Law, contracts: Sequence[int]) -> Explained[int]:
    """Contracts that come back, by those of the coming twelve months (LOU 5 kap. 11 § 2).

    The twelve months are those after the first delivery.
    """
    _not_negative(*contracts)
    total = sum(contracts)
    coming = step(
        StepKind.RECURRING_COMING, cites(law, 11), count=len(contracts), amount=Ore(total)
    )
    return Explained(total, (coming, _total(law, total), _no_splitting(law)))


def framework_value(law: Law, contracts: Sequence[int]) -> Explained[int]:
    """A framework or a DIS: the highest total of all contracts planned in it (LOU 5 kap. 14 §).

    A framework's value says nothing of one call-off.
    """
    _not_negative(*contracts)
    total = sum(contracts)
    highest = step(
        StepKind.FRAMEWORK_HIGHEST, cites(law, 14), count=len(contracts), amount=Ore(total)
    )
    return Explained(total, (highest, _total(law, total), _no_splitting(law)))


def units_value(law: Law, own: int, others: Sequence[int], *, alone: bool) -> Explained[int]:
    """What a unit buys, with the body's other units unless it answers alone for its buying.

    LOU 5 kap. 4 §. `own` and `others` are öre for the same procurement.
    """
    _not_negative(own, *others)
    if alone:
        said = step(StepKind.UNIT_ALONE, cites(law, 4), amount=Ore(own))
        return Explained(own, (said, _total(law, own)))
    total = own + sum(others)
    said = step(StepKind.UNITS_TOGETHER, cites(law, 4), amount=Ore(own), others=Ore(sum(others)))
    return Explained(total, (said, _total(law, total)))


@dataclass(frozen=True, slots=True)
class Lots:
    """The lots' value together, and which of them may be bought by 19 or 19 a kap."""

    total: int
    apart: tuple[int, ...]  # places in the list, from 0


def lots_value(
    values: LawValues, on: date, lots: Sequence[int], kind: ObjectKind = ObjectKind.GOODS_SERVICES
) -> Explained[Lots]:
    """Lots count together; small ones may be bought apart (LOU 5 kap. 8 §).

    A lot is small below 80 000 euro (goods, services) or 1 000 000 euro (works). If the small ones
    come to more than 20 % of all, none may be.
    """
    _not_negative(*lots)
    paragraph = "LOU 5 kap. 8 §"
    row = values.find(ValueKey.SMALL_LOT, Law.LOU, on, kind=_lot_kind(kind))
    share = values.find(ValueKey.SMALL_LOTS_SHARE, Law.LOU, on)
    total = sum(lots)
    small = tuple(place for place, lot in enumerate(lots) if lot < row.ore)
    apart = sum(lots[place] for place in small)
    steps = [
        step(StepKind.LOTS_TOGETHER, paragraph, count=len(lots), amount=Ore(total)),
        step(
            StepKind.LOT_SMALL,
            paragraph,
            row.confidence_on(on),
            row.source,
            limit=row.ore,
            euro=row.euro or 0,
            count=len(small),
        ),
    ]
    if not small:
        return Explained(Lots(total, ()), tuple(steps))
    within = 100 * apart <= share.value * total
    steps.append(
        step(
            StepKind.LOTS_APART if within else StepKind.LOTS_TOO_MANY,
            paragraph,
            share.confidence_on(on),
            amount=Ore(apart),
            percent=share.value,
        )
    )
    return Explained(Lots(total, small if within else ()), tuple(steps))


def concession_value(turnover: int) -> Explained[int]:
    """A concession: the holder's whole turnover during the contract (LUK 5 kap. 2 §)."""
    _not_negative(turnover)
    said = step(StepKind.TURNOVER, "LUK 5 kap. 2 §", amount=Ore(turnover))
    return Explained(turnover, (said, _total(Law.LUK, turnover)))


def _lot_kind(kind: ObjectKind) -> ObjectKind:
    return ObjectKind.WORKS if kind is ObjectKind.WORKS else ObjectKind.GOODS_SERVICES


def _total(law: Law, total: int) -> Step:
    return step(StepKind.TOTAL, cites(law, 3), total=Ore(total))


def _no_splitting(law: Law) -> Step:
    paragraphs = "LOU 5 kap. 6, 7 och 7 a §§" if law is Law.LOU else cites(law, 6)
    return step(StepKind.NO_SPLITTING, paragraphs)


def _not_negative(*amounts: int) -> None:
    if any(amount < 0 for amount in amounts):
        raise ValueError("An amount or a number of months cannot be negative.")
