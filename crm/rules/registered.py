"""What the notices of one procurement say of its contracts, in the terms of the register (A12).

Worked out from all of them each time, so that it does not matter in which order they came. A
corrected result takes the place of the one it corrects; a modification changes the contract that it
is of. Where a result does not say how long a contract runs, the call's word holds for the same lot.
Nothing is reckoned: a length without a first day stays a length, and another currency is told
beside the register's kronor and never changed into them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from crm.rules.awarded import AwardedContract, Supplier, contracts_of
from crm.rules.contracts import LONGEST
from crm.rules.money import MOST_ORE
from crm.rules.notices import (
    NO_WORDS,
    FrameworkKind,
    Lot,
    Money,
    Notice,
    NoticeKind,
    Period,
    in_order,
    procurement_keys,
    standing,
)
from crm.rules.words import fold

_TELLING: Final = frozenset({NoticeKind.RESULT, NoticeKind.MODIFICATION, NoticeKind.COMPLETION})
_CALLS: Final = frozenset({NoticeKind.COMPETITION, NoticeKind.DIRECT_AWARD})
_CURRENCY: Final = "SEK"


@dataclass(frozen=True, slots=True)
class PublishedContract:
    """A contract as the notices tell of it.

    `value` is in the notice's currency, `value_ore` the same in öre where that is kronor. `lots`,
    `suppliers` and `number` (the contract's own) tell it from its sisters. `length`, `renewals` and
    `options` are said beside the days. `told_by` are the ids of the notices, the first one first.
    """

    suppliers: tuple[Supplier, ...]
    lots: tuple[str, ...] = ()
    number: str = ""
    title: str = ""
    reference: str = ""
    cpv: str = ""
    value: Money | None = None
    framework: bool = False
    ceiling: Money | None = None
    signed: date | None = None
    starts: date | None = None
    ends: date | None = None
    longest_end: date | None = None
    length: Period | None = None
    renewals: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    source: str = ""
    told_by: tuple[int, ...] = ()

    @property
    def supplier(self) -> str:
        """Everybody who has it together, the leader first, as the register names them."""
        ordered = sorted(self.suppliers, key=lambda one: not one.leads)
        return ", ".join(dict.fromkeys(one.name for one in ordered if one.name))

    @property
    def supplier_number(self) -> str:
        """Of the only supplier, or of the one that leads the others; else ""."""
        leading = [one for one in self.suppliers if one.leads] or self.suppliers
        return (leading[0].number or "") if len(leading) == 1 else ""

    @property
    def value_ore(self) -> int | None:
        """Kronor as the register counts them; None for another currency and for absurd amounts."""
        return _ore(self.value)

    @property
    def ceiling_ore(self) -> int | None:
        """The framework's ceiling, in the same way."""
        return _ore(self.ceiling) if self.framework else None


def _ore(money: Money | None) -> int | None:
    """In öre; nothing for an amount of nothing, which is how some sources leave it out."""
    if money is None or money.currency != _CURRENCY or not 0 < money.ore <= MOST_ORE:
        return None
    return money.ore


def published_contracts(notices: Sequence[tuple[int, Notice]]) -> list[PublishedContract]:
    """The contracts that notices of one procurement, each with its id, tell of."""
    ids = {id(notice): key for key, notice in notices}
    ordered = in_order(notice for _key, notice in notices)
    found: list[PublishedContract] = []
    for notice in _standing(ordered):
        told = [_published(one, notice, ids[id(notice)]) for one in _whole(notice)]
        changes = notice.about is not NoticeKind.RESULT
        for new, known in pair(found, told, loosely=changes):
            if known is None:
                found.append(new)
            else:
                place = next(n for n, one in enumerate(found) if one is known)
                found[place] = _merged(known, new)
    lots = [lot for one in standing(ordered) if one.about in _CALLS for lot in one.lots]
    return [_possible(_completed(one, lots)) for one in found]


def _standing(ordered: Sequence[Notice]) -> list[Notice]:
    """Those that tell of contracts, without the ones that a correction has replaced."""
    found: list[Notice] = []
    for notice in ordered:
        if notice.about not in _TELLING or notice.partial:
            continue
        found = [one for one in found if not _replaces(notice, one)]
        found.append(notice)
    return found


def _replaces(new: Notice, old: Notice) -> bool:
    if new.about is not old.about:
        return False
    if new.id and new.id == old.id:
        return True
    if new.kind is not NoticeKind.CHANGE:
        return False
    own = {f"notice:{one.lower()}" for one in (old.id, old.publication_number) if one}
    return bool(own & set(procurement_keys(replace(new, id=None, publication_number=None))))


def _whole(notice: Notice) -> list[AwardedContract]:
    """The contracts of a notice, each once: one over several lots was won by several tenders."""
    found: dict[object, AwardedContract] = {}
    for number, one in enumerate(contracts_of(notice)):
        key = (_who(one.suppliers), one.contract) if one.contract else number
        known = found.get(key)
        found[key] = one if known is None else _joined(known, one)
    return list(found.values())


def _joined(one: AwardedContract, other: AwardedContract) -> AwardedContract:
    """Two tenders of one contract. A value that one of them does not tell is not told of both."""
    value = None
    if one.value and other.value and one.value.currency == other.value.currency:
        value = Money(one.value.ore + other.value.ore, one.value.currency)
    same = one.period == other.period
    return replace(
        one,
        lots=tuple(dict.fromkeys((*one.lots, *other.lots))),
        value=value,
        framework_maximum=one.framework_maximum
        if one.framework_maximum == other.framework_maximum
        else None,
        period=one.period if same else None,
        starts=one.starts if same else None,
        ends=one.ends if same else None,
        longest_end=one.longest_end if same else None,
        renewals=tuple(dict.fromkeys((*one.renewals, *other.renewals))),
        options=tuple(dict.fromkeys((*one.options, *other.options))),
    )


def _published(told: AwardedContract, notice: Notice, key: int) -> PublishedContract:
    value = told.value
    modified = notice.modification
    if modified and modified.after and len(_whole(notice)) == 1:
        value = modified.after
    return PublishedContract(
        suppliers=told.suppliers,
        lots=told.lots,
        number=told.contract_reference or "",
        title=told.title,
        reference=_reference(told.contract_reference) or notice.reference or "",
        cpv=told.cpv or "",
        value=value,
        framework=bool(told.framework),
        ceiling=told.framework_maximum,
        signed=told.signed,
        starts=told.starts,
        ends=told.ends,
        longest_end=told.longest_end,
        length=_length(told.period),
        renewals=_renewals(told.renewals),
        options=tuple(str(one) for one in told.options),
        source=told.source,
        told_by=(key,),
    )


def _reference(number: str | None) -> str:
    """A contract's own number, where it is more than a count within the notice ("2")."""
    number = (number or "").strip()
    return "" if number.isdecimal() and len(number) < 5 else number


def _length(period: Period | None) -> Period | None:
    """What a period says besides its days."""
    if period is None or not (period.length or period.unlimited):
        return None
    return Period(length=period.length, unit=period.unit, unlimited=period.unlimited)


def _renewals(told: Iterable[Any]) -> tuple[str, ...]:
    texts = (" ".join(filter(None, (str(one.most or ""), str(one.text)))) for one in told)
    return tuple(dict.fromkeys(text for text in texts if text))


def _merged(known: PublishedContract, new: PublishedContract) -> PublishedContract:
    """What a later notice says of a contract laid over what is known: nothing said empties
    nothing."""
    changed: dict[str, Any] = {
        name: said
        for name in (
            "title", "reference", "cpv", "value", "ceiling", "signed", "starts", "ends",
            "longest_end", "length", "renewals", "options", "source",
        )
        if (said := getattr(new, name))
    }  # fmt: skip
    return replace(
        known,
        **changed,
        number=known.number or new.number,
        framework=known.framework or new.framework,
        told_by=(*known.told_by, *new.told_by),
    )


def _completed(one: PublishedContract, calls: Sequence[Lot]) -> PublishedContract:
    """What the results left out, from the call for the same lots, where these agree."""
    lots = [lot for lot in calls if lot.id in one.lots]
    if not lots and len(calls) == 1:
        lots = list(calls)
    if not lots or (one.lots and len(lots) < len(one.lots) and len(calls) > 1):
        return one
    if not (one.starts or one.ends or one.length or one.longest_end):
        periods = {lot.period for lot in lots}
        if len(periods) == 1 and (period := periods.pop()):
            one = replace(
                one,
                starts=period.start,
                ends=period.last_day,
                longest_end=period.longest_end,
                length=_length(period),
            )
    if not one.renewals:
        one = replace(one, renewals=_renewals(lot.renewals for lot in lots if lot.renewals))
    if not one.options:
        texts = (str(lot.options) for lot in lots if lot.options is not NO_WORDS)
        one = replace(one, options=tuple(dict.fromkeys(text for text in texts if text)))
    kinds = {lot.framework.kind is not FrameworkKind.NONE for lot in lots if lot.framework}
    if not one.framework and kinds == {True}:
        one = replace(one, framework=True)
    return one


def _possible(one: PublishedContract) -> PublishedContract:
    """Days that contradict each other are left out: which of them is wrong, a person has to see."""
    if one.starts and one.ends and not one.starts <= one.ends <= one.starts + LONGEST:
        one = replace(one, starts=None, ends=None)
    if one.signed and one.ends and one.signed > one.ends:
        one = replace(one, signed=None)
    return one


# --- Which is which -------------------------------------------------------------------------------


def _who(suppliers: Iterable[Supplier]) -> frozenset[str]:
    return frozenset(one.number or fold(one.name) for one in suppliers)


def same_suppliers(one: Sequence[Supplier], other: Sequence[Supplier]) -> bool:
    """Whether two groups of suppliers are the same: by number where both have one, else by name."""
    if len(one) != len(other):
        return False
    return all(any(_same(this, that) for that in other) for this in one)


def _same(one: Supplier, other: Supplier) -> bool:
    if one.number and other.number:
        return one.number == other.number
    return bool(one.name) and fold(one.name) == fold(other.name)


def pair(
    known: Sequence[PublishedContract],
    told: Sequence[PublishedContract],
    *,
    loosely: bool = False,
) -> list[tuple[PublishedContract, PublishedContract | None]]:
    """Each contract told, with the known one that it is; None for another one.

    The same suppliers, and the same number or lots. `loosely`, as a modification names its
    contract: the only one that they have, as long as the numbers do not differ.
    """
    left = list(known)
    found: dict[int, PublishedContract] = {}

    def look(fits: Any) -> None:
        for place, one in enumerate(told):
            if place in found:
                continue
            for other in left:
                if same_suppliers(one.suppliers, other.suppliers) and fits(one, other):
                    found[place] = other
                    left.remove(other)
                    break

    look(lambda a, b: bool(a.number) and a.number == b.number and set(a.lots) == set(b.lots))
    look(
        lambda a, b: (
            set(a.lots) == set(b.lots)
            and not _numbers_differ(a, b)
            and (loosely or not _days_differ(a, b))
        )
    )
    look(lambda a, b: bool(a.number) and a.number == b.number)
    if loosely:
        look(lambda a, b: _only(a, told) and _only(b, left) and not _numbers_differ(a, b))
    return [(one, found.get(place)) for place, one in enumerate(told)]


def _numbers_differ(one: PublishedContract, other: PublishedContract) -> bool:
    return bool(one.number and other.number) and one.number != other.number


def _days_differ(one: PublishedContract, other: PublishedContract) -> bool:
    """Signed on different days: two contracts of the same supplier, one after the other."""
    return bool(one.signed and other.signed) and one.signed != other.signed


def _only(one: PublishedContract, among: Sequence[PublishedContract]) -> bool:
    return sum(same_suppliers(one.suppliers, other.suppliers) for other in among) == 1


def is_ours(one: PublishedContract, ours: frozenset[str]) -> bool:
    """Whether one of its suppliers is we ourselves, by organisation number."""
    return any(supplier.number in ours for supplier in one.suppliers if supplier.number)


# --- As it is kept --------------------------------------------------------------------------------


def who_of(one: PublishedContract) -> dict[str, Any]:
    """What tells it from its sisters, as JSON can hold it."""
    return {
        "suppliers": [[each.name, each.number] for each in one.suppliers],
        "lots": list(one.lots),
        "number": one.number,
    }


def known_as(who: Mapping[str, Any]) -> PublishedContract:
    """A contract by what is kept of it, to pair with."""
    return PublishedContract(
        suppliers=tuple(Supplier(name, number) for name, number in who["suppliers"]),
        lots=tuple(who["lots"]),
        number=who["number"],
    )
