"""What notices say of contracts, carried into the register.

What stands as the notices left it follows them. What somebody has put otherwise stays, and the page
of the contract shows both. A contract that was taken out of the register again does not come back
by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from flask_babel import gettext as _

from crm.accounts.models import User
from crm.cases.models import Case
from crm.contracts import operations, queries
from crm.contracts.models import Contract, ContractWord
from crm.contracts.operations import Facts
from crm.core.db import FIRST_VERSION, db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.rules import registered as rules
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind, FrameworkPosition
from crm.rules.notice_records import storable
from crm.rules.notices import LengthUnit, Period
from crm.rules.registered import PublishedContract
from crm.rules.words import fold
from crm.web import filters

_LENGTH: Final = "length"  # what is said beside the facts, to propose an end by
_UNIT: Final = "unit"


class ContractFact(StrEnum):
    """What notices can say of a contract, by the register's columns."""

    TITLE = "title"
    SUPPLIER = "supplier"
    SUPPLIER_NUMBER = "supplier_number"
    REFERENCE = "reference"
    SIGNED_ON = "signed_on"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    VALUE_ORE = "value_ore"
    CAP_ORE = "cap_ore"


_DAYS: Final = frozenset({ContractFact.SIGNED_ON, ContractFact.STARTS_ON, ContractFact.ENDS_ON})
_OF_OTHERS: Final = frozenset({ContractFact.SUPPLIER, ContractFact.SUPPLIER_NUMBER})


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes into the register and when, and which organisation numbers are our own.

    `typed` are the contracts of each body that no notice has told of, looked up once. `made` are
    those that came into the register, until `finish`.
    """

    by: User | None
    today: date
    now: datetime
    ours: frozenset[str] = frozenset()
    typed: dict[int | None, list[Contract]] = field(default_factory=dict)
    made: list[Contract] = field(default_factory=list)

    def finish(self) -> None:
        """What came into the register is found by the search from now on, and its bodies are
        planned anew: once for many contracts."""
        db.session.flush()
        operations.reindex([one.id for one in self.made])
        for body_id in sorted({one.body_id for one in self.made}):
            needs_planning(body_id, "contract_changed")
        self.made.clear()

    def typed_at(self, body_id: int | None) -> list[Contract]:
        """The body's contracts that no notice has told of."""
        if body_id not in self.typed:
            self.typed[body_id] = list(queries.typed_at(body_id))
        return self.typed[body_id]


@dataclass(frozen=True, slots=True)
class Written:
    """The word that is kept of a contract told, and whether the register has it from now on."""

    word: ContractWord
    made: bool = False


def carry(
    place: Organisation,
    told: Sequence[PublishedContract],
    known: Sequence[ContractWord],
    writing: Writing,
    *,
    case: Case | None = None,
    all_read: bool = True,
) -> list[Written]:
    """Bring the register to what the notices of one procurement say now, in the order of `told`.

    `known` are the words that are kept of them, with their contracts. `case` is the one of ours
    that won, for the first contract of ours. Unless the notices were `all_read`, what they do not
    tell of may be told by those that were not, and stays. Whoever carries ends with
    `Writing.finish`.
    """
    found = []
    for one, word in _paired(told, known):
        if word is None:
            found.append(_first(place, one, writing, case))
        else:
            _again(word, one, writing)
            found.append(Written(word, made=_fits_now(word, place, one, writing, case)))
        contract = found[-1].word.contract
        if case is not None and contract is not None and contract.case_id == case.id:
            case = None
    retold = {id(one.word) for one in found}
    for word in known:
        if all_read and id(word) not in retold:
            _no_more(word)
    return found


def _paired(
    told: Sequence[PublishedContract], known: Sequence[ContractWord]
) -> list[tuple[PublishedContract, ContractWord | None]]:
    before = [rules.known_as(word.who) for word in known]
    words = {id(one): word for one, word in zip(before, known, strict=True)}
    pairs = rules.pair(before, told, loosely=True)
    return [(one, words[id(other)] if other is not None else None) for one, other in pairs]


def told_again(
    told: Sequence[PublishedContract], known: Sequence[ContractWord]
) -> list[tuple[PublishedContract, ContractWord]]:
    """Contracts told, with what is kept of them, where it is."""
    return [(one, word) for one, word in _paired(told, known) if word is not None]


def _first(
    place: Organisation, told: PublishedContract, writing: Writing, case: Case | None
) -> Written:
    """Not heard of before: a contract that somebody has typed, or else a new one."""
    word = ContractWord(who=_clean(rules.who_of(told)), said=_said(told))
    typed = _typed(place, told, writing)
    if typed is not None:
        writing.typed_at(place.body_id).remove(typed)
        word.contract, word.said = typed, {}
        db.session.add(word)
        db.session.flush()
        _again(word, told, writing)
        return Written(word)
    db.session.add(word)
    return Written(word, made=_add(word, place, told, writing, case))


def _add(
    word: ContractWord,
    place: Organisation,
    told: PublishedContract,
    writing: Writing,
    case: Case | None,
) -> bool:
    """Into the register, unless it cannot hold what is said of it; whether it came there."""
    ours = rules.is_ours(told, writing.ours)
    won = case if ours and case is not None and case.body_id == place.body_id else None
    try:
        made = operations.add(
            place,
            _facts(told, ours=ours),
            case=won,
            by=writing.by,
            today=writing.today,
            now=writing.now,
            published=True,
        )
    except RuleBroken as broken:
        word.refused = str(broken)[:300]
        return False
    word.refused = ""
    word.contract, word.contract_version = made, made.version or FIRST_VERSION
    writing.made.append(made)
    return True


def _facts(told: PublishedContract, *, ours: bool) -> Facts:
    columns = _columns(told)
    kind = ContractKind.OTHER
    if told.framework:
        kind = ContractKind.FRAMEWORK
    elif ours:
        kind = ContractKind.OWN
    position = FrameworkPosition.HOLDER if ours else FrameworkPosition.OUTSIDE
    return Facts(
        kind=kind,
        position=position if told.framework else None,
        source=_("Notice"),
        source_url=told.source,
        certainty=Certainty.PUBLISHED,
        note=_note(told),
        **{**columns, "title": columns["title"] or _("Contract")},
    )


def _columns(told: PublishedContract) -> dict[str, Any]:
    """The facts by column. Empty for what is not said."""
    return {
        ContractFact.TITLE.value: storable(told.title)[:200].strip(),
        ContractFact.SUPPLIER.value: storable(told.supplier)[:300].strip(),
        ContractFact.SUPPLIER_NUMBER.value: told.supplier_number,
        ContractFact.REFERENCE.value: storable(told.reference)[:100].strip(),
        ContractFact.SIGNED_ON.value: told.signed,
        ContractFact.STARTS_ON.value: told.starts,
        ContractFact.ENDS_ON.value: told.ends,
        ContractFact.VALUE_ORE.value: told.value_ore,
        ContractFact.CAP_ORE.value: told.ceiling_ore,
    }


def _note(told: PublishedContract) -> str:
    """What the register has no column for, in the notice's own words."""
    foreign = [
        (label, money)
        for label, money in ((_("Value"), told.value), (_("Volume cap"), told.ceiling))
        if money is not None and money.currency != "SEK" and money.ore > 0
    ]
    lines = [f"{label}: {filters.in_currency(money)}" for label, money in foreign]
    if told.lots:
        lines.append(_("Lots: %(lots)s", lots=", ".join(told.lots[:20])))
    if told.length is not None and told.length.unlimited:
        lines.append(_("Contract period: without an end"))
    elif told.length is not None and not (told.starts and told.ends):
        lines.append(_("Contract period: %(length)s", length=_length(told)))
    if told.longest_end and told.longest_end != told.ends:
        lines.append(_("With every extension until %(day)s", day=told.longest_end.isoformat()))
    lines += [_("Extensions: %(text)s", text=text[:500]) for text in told.renewals[:5]]
    lines += [_("Options: %(text)s", text=text[:500]) for text in told.options[:5]]
    return storable("\n".join(lines))[:5000]


def _length(told: PublishedContract) -> str:
    if told.length is None or told.length.length is None or told.length.unit is None:
        return ""
    number = told.length.length
    match told.length.unit.value:
        case "year":
            return _("%(number)s years", number=number)
        case "month":
            return _("%(number)s months", number=number)
        case "week":
            return _("%(number)s weeks", number=number)
        case _unit:
            return _("%(number)s days", number=number)


def _typed(place: Organisation, told: PublishedContract, writing: Writing) -> Contract | None:
    """The one contract that somebody has typed and that this is: the same supplier, and the same
    number, name, day of signing or last day."""
    ours = rules.is_ours(told, writing.ours)
    columns = _columns(told)
    found = [
        one
        for one in writing.typed_at(place.body_id)
        if (
            one.kind is ContractKind.OWN or one.position is FrameworkPosition.HOLDER
            if ours
            else _same_supplier(one, told)
        )
        and (
            (one.reference and one.reference.lower() == columns["reference"].lower())
            or fold(one.title) == fold(columns["title"])
            or (one.signed_on and one.signed_on == told.signed)
            or (one.ends_on and one.ends_on == told.ends)
        )
    ]
    return found[0] if len(found) == 1 else None


def _same_supplier(one: Contract, told: PublishedContract) -> bool:
    if one.supplier_number and told.supplier_number:
        return one.supplier_number == told.supplier_number
    return bool(one.supplier) and fold(one.supplier) == fold(told.supplier)


# --- What was heard of before ---------------------------------------------------------------------


def _again(word: ContractWord, told: PublishedContract, writing: Writing) -> None:
    """Told once more: what is news is written where the register stands as it was told before."""
    contract = word.contract
    before, said = word.said, _said(told)
    word.who, word.said, word.told = _clean(rules.who_of(told)), said, True
    if contract is None:
        return
    changes = {
        fact.value: theirs
        for fact in _spoken(contract)
        if (theirs := _columns(told)[fact.value]) not in ("", None)
        and said.get(fact) != before.get(fact)
        and _plain(ours := getattr(contract, fact.value)) != said.get(fact)
        and (ours in ("", None) or _plain(ours) == before.get(fact))
    }
    untouched = contract.version == word.contract_version
    if changes:
        _edit(contract, changes, told, writing)
    if untouched:
        word.contract_version = _version(contract)


def _fits_now(
    word: ContractWord,
    place: Organisation,
    told: PublishedContract,
    writing: Writing,
    case: Case | None,
) -> bool:
    """What the register could not hold as it was told before goes there once it is put right."""
    return bool(word.refused) and _add(word, place, told, writing, case)


def _edit(
    contract: Contract, changes: dict[str, Any], told: PublishedContract, writing: Writing
) -> None:
    """Write facts that fit; where they contradict what stands there, nothing is written."""
    facts = _as_it_stands(contract)
    if facts.certainty is Certainty.PUBLISHED:
        changes = {**changes, "source_url": told.source}
    try:
        operations.edit(contract, replace(facts, **changes), today=writing.today)
    except RuleBroken:
        return


def _as_it_stands(contract: Contract) -> Facts:
    return Facts(**{one.name: getattr(contract, one.name) for one in fields(Facts)})


def _no_more(word: ContractWord) -> None:
    """A correction does not tell of it any more. What nobody has worked with goes; what somebody
    has stays, and its page says so."""
    word.told = False
    if word.contract is not None and word.contract.version == word.contract_version:
        take_away([word])


def take_away(words: Iterable[ContractWord]) -> int:
    """Take contracts out of the register that notices put there, and that nobody has worked with
    since. Returns how many are left standing because somebody has."""
    stay = 0
    for word in words:
        contract = word.contract
        if contract is None:
            continue
        if contract.version != word.contract_version or contract.renewal_case_id is not None:
            stay += 1
            continue
        word.contract_id, word.contract_version, word.contract = None, None, None
        db.session.flush()
        operations.retract(contract)
    return stay


def put_back(
    place: Organisation,
    word: ContractWord,
    told: PublishedContract,
    writing: Writing,
    *,
    case: Case | None = None,
) -> None:
    """Into the register again, after it was taken out; with the won case, where it is ours. Whoever
    puts back ends with `Writing.finish`."""
    if word.contract is None:
        _add(word, place, told, writing, case)


def take_theirs(contract: Contract, word: ContractWord, *, today: date) -> None:
    """Let the contract stand as the notices say. Raises RuleBroken where that cannot be."""
    changes = {one.fact.value: one.theirs for one in differences(contract, word)}
    if changes:
        operations.edit(contract, replace(_as_it_stands(contract), **changes), today=today)
        word.contract_version = _version(contract)


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that stands otherwise in the register than in the notices."""

    fact: ContractFact
    ours: Any
    theirs: Any


def differences(contract: Contract, word: ContractWord) -> list[Difference]:
    """Where the register and the notices differ. What the notices do not say differs not."""
    found = []
    for fact in _spoken(contract):
        said, ours = word.said.get(fact), getattr(contract, fact.value)
        if said not in ("", None) and said != _plain(ours):
            theirs = date.fromisoformat(said) if fact in _DAYS else said
            found.append(Difference(fact, ours, theirs))
    return found


def _spoken(contract: Contract) -> list[ContractFact]:
    """The facts that a contract of this kind has: of our own the supplier is not written down, and
    only a framework has a cap."""
    return [
        fact
        for fact in ContractFact
        if not (fact in _OF_OTHERS and contract.kind is ContractKind.OWN)
        and not (fact is ContractFact.CAP_ORE and contract.kind is not ContractKind.FRAMEWORK)
    ]


def _said(told: PublishedContract) -> dict[str, Any]:
    """The columns as JSON can hold them, without what is not said; and the length beside them."""
    said = {
        name: _plain(value) for name, value in _columns(told).items() if value not in ("", None)
    }
    length = told.length
    if length is not None and length.length and length.unit is not None and not length.unlimited:
        said |= {_LENGTH: length.length, _UNIT: length.unit.value}
    return said


def proposed_end(contract: Contract, word: ContractWord | None) -> date | None:
    """The last day by the length that the notices state, counted from the first day or else from
    the signing; None where the end is known, or one of the two is not."""
    starts = contract.starts_on or contract.signed_on
    if word is None or starts is None or contract.open_ended:
        return None
    if contract.ends_on is not None or contract.ended_on is not None:
        return None
    length, unit = word.said.get(_LENGTH), word.said.get(_UNIT)
    if not length or unit is None:
        return None
    return Period(start=starts, length=length, unit=LengthUnit(unit)).last_day


def take_proposed_end(contract: Contract, ends_on: date, *, today: date) -> None:
    """The contract ends as proposed. Raises RuleBroken where that cannot be."""
    operations.edit(contract, replace(_as_it_stands(contract), ends_on=ends_on), today=today)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _clean(value: Any) -> Any:
    """The same without the signs that a database cannot hold."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return {key: _clean(one) for key, one in value.items()} if isinstance(value, dict) else value


def _version(contract: Contract) -> int:
    db.session.flush()
    return contract.version
