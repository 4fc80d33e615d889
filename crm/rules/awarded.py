"""The contracts that a notice tells of, for the contract register (A12).

One for each winning tender and contract: a framework agreement with five suppliers is five. What
the notice does not say is None or empty, and what is withheld is as well.
"""

from dataclasses import dataclass
from datetime import date

from crm.rules.notice_facts import address_of
from crm.rules.notices import (
    NO_WORDS,
    Award,
    AwardStatus,
    Contract,
    FrameworkKind,
    Lot,
    Money,
    Notice,
    NoticeKind,
    Period,
    Renewals,
    Words,
    identity,
    period_of,
)

_TELLING = frozenset(
    {
        NoticeKind.RESULT,
        NoticeKind.DIRECT_AWARD,
        NoticeKind.MODIFICATION,
        NoticeKind.COMPLETION,
    }
)


@dataclass(frozen=True, slots=True)
class Supplier:
    """A winner: its name, its organisation number where that is Swedish, its country."""

    name: str
    number: str | None = None
    country: str | None = None
    leads: bool = False


@dataclass(frozen=True, slots=True)
class AwardedContract:
    """A contract, or what will be one.

    `key` is the same for the same contract each time the notice is read. Joint winners are several
    `suppliers` of one contract, and share its `value`. `ends` is the last day without extensions,
    unless the buyer counts them in. `contract` is the contract's id in the notice and
    `contract_reference` its number (BT-150), while `reference` may be the procurement's. `renewals`
    and `options` are the buyer's own words. `source` is the page of the notice.
    """

    key: str
    suppliers: tuple[Supplier, ...]
    title: str = ""
    reference: str | None = None
    contract: str | None = None
    contract_reference: str | None = None
    lots: tuple[str, ...] = ()
    cpv: str | None = None
    value: Money | None = None
    framework: bool | None = None
    framework_maximum: Money | None = None
    decided: date | None = None
    signed: date | None = None
    starts: date | None = None
    ends: date | None = None
    period: Period | None = None
    longest_end: date | None = None
    renewals: tuple[Renewals, ...] = ()
    options: tuple[Words, ...] = ()
    source: str = ""


def contracts_of(notice: Notice) -> tuple[AwardedContract, ...]:
    """The contracts of a notice that tells of some; none for a lot without a winner."""
    if notice.about not in _TELLING:
        return ()
    found = []
    for number, award in enumerate(notice.awards, 1):
        if not award.winners or award.status is AwardStatus.NOT_AWARDED:
            continue
        for contract in award.contracts or (None,):
            found.append(_contract(notice, award, contract, number))
    return tuple(found)


def _contract(
    notice: Notice, award: Award, contract: Contract | None, number: int
) -> AwardedContract:
    lots = [lot for lot in notice.lots if lot.id in award.lots or not award.lots]
    period = (contract.period if contract else None) or period_of(notice, award) or Period()
    framework = contract.framework if contract else None
    place = (contract.id or contract.reference) if contract else None
    return AwardedContract(
        key=f"{identity(notice) or ''}#{award.id or number}#{place or ''}",
        suppliers=tuple(
            Supplier(str(one.name), one.number, one.country, one.leads) for one in award.winners
        ),
        title=str((contract.title if contract else NO_WORDS) or _title(notice, lots)),
        reference=(contract.reference if contract else None) or notice.reference,
        contract=contract.id if contract else None,
        contract_reference=contract.reference if contract else None,
        lots=award.lots,
        cpv=next((lot.cpv for lot in lots if lot.cpv), notice.cpv),
        value=award.value,
        framework=_is_framework(lots) if framework is None else framework,
        framework_maximum=award.framework_maximum
        or (notice.framework_maximum if len(lots) == len(notice.lots) else None),
        decided=(contract.decided if contract else None) or award.decided,
        signed=(contract.signed if contract else None) or award.signed,
        period=period,
        starts=period.start,
        ends=period.last_day,
        longest_end=period.longest_end,
        renewals=tuple(dict.fromkeys(lot.renewals for lot in lots if lot.renewals)),
        options=tuple(dict.fromkeys(lot.options for lot in lots if lot.options)),
        source=address_of(notice),
    )


def _title(notice: Notice, lots: list[Lot]) -> Words:
    return lots[0].title if len(lots) == 1 and lots[0].title else notice.title


def _is_framework(lots: list[Lot]) -> bool | None:
    """Whether the lots are of framework agreements, None where one does not say or they differ."""
    told = {lot.framework.kind is not FrameworkKind.NONE if lot.framework else None for lot in lots}
    return told.pop() if len(told) == 1 else None
