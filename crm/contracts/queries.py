"""What is read about contracts. Nothing here changes anything."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from crm.cases.models import Case, Product
from crm.contracts.models import Contract, ContractOption, ContractWord, FrameworkCaller
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page, Statement
from crm.organisations.models import Organisation, below
from crm.rules import contracts as rules
from crm.rules.calendar import ONE_DAY
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind, Event, FrameworkPosition, Term
from crm.rules.kinds import OrganisationKind
from crm.rules.precision import add_months
from crm.rules.stages import CaseState

MONTHS = 24  # how far the calendar reaches
_LONGEST_NOTICE = 60  # months; what the database allows


def get(contract_id: int) -> Contract:
    """The contract with its place, product, cases and options. Two statements. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Contract)
        .where(Contract.id == contract_id)
        .options(
            joinedload(Contract.organisation),
            joinedload(Contract.body),
            joinedload(Contract.product),
            joinedload(Contract.case),
            joinedload(Contract.renewal_case),
            selectinload(Contract.options),
        )
    )
    if found is None:
        raise NotFound("contract")
    return found


def option_of(contract: Contract, option_id: int) -> ContractOption:
    """The contract's option. Raises NotFound."""
    for row in contract.options:
        if row.id == option_id:
            return row
    raise NotFound("option")


def won_by(case_id: int) -> Contract | None:
    """The contract that came from the case."""
    return db.session.scalar(sa.select(Contract).where(Contract.case_id == case_id))


def renewed_by(case_id: int) -> Contract | None:
    """The contract whose renewal the case is about."""
    return db.session.scalar(sa.select(Contract).where(Contract.renewal_case_id == case_id))


def word_of(contract_id: int) -> ContractWord | None:
    """What notices say of the contract. One statement."""
    return db.session.scalar(sa.select(ContractWord).where(ContractWord.contract_id == contract_id))


def typed_at(body_id: int | None) -> Sequence[Contract]:
    """The body's contracts that no notice has told of, with their options. Two statements."""
    return db.session.scalars(
        sa.select(Contract)
        .where(
            Contract.body_id == body_id,
            ~sa.exists().where(ContractWord.contract_id == Contract.id),
        )
        .order_by(Contract.id)
        .options(selectinload(Contract.options))
    ).all()


def numbers_of_ours() -> set[str]:
    """The organisation numbers of those who alone have a published contract that somebody here has
    marked as our own. One statement."""
    found = db.session.scalars(
        sa.select(ContractWord.who)
        .join(Contract, Contract.id == ContractWord.contract_id)
        .where(Contract.kind == ContractKind.OWN)
        .order_by(ContractWord.id.desc())
        .limit(200)
    )
    return {
        who["suppliers"][0][1]
        for who in found
        if len(who["suppliers"]) == 1 and who["suppliers"][0][1]
    }


def behind(case_id: int) -> Contract | None:
    """The contract whose end the case plans for, with its options: what it renews, or else won.

    One statement.
    """
    return (
        db.session.scalars(
            sa.select(Contract)
            .where(sa.or_(Contract.renewal_case_id == case_id, Contract.case_id == case_id))
            .order_by(Contract.renewal_case_id.is_(None))
            .options(joinedload(Contract.options))
            .limit(1)
        )
        .unique()
        .first()
    )


@dataclass(frozen=True, slots=True)
class Brief:
    """A contract in a line of another page."""

    id: int
    kind: ContractKind
    title: str
    supplier: str
    organisation_id: int
    organisation: str
    runs_until: date | None
    open_ended: bool
    case_id: int | None


_BRIEF = (
    Contract.id,
    Contract.kind,
    Contract.title,
    Contract.supplier,
    Contract.organisation_id,
    Organisation.name.label("organisation"),
    Contract.runs_until,
    Contract.open_ended,
    Contract.case_id,
)


def of_case(case_id: int) -> sa.Select[*tuple[Any, ...]]:
    """The contracts that a case won or is to renew, as `Brief` has them: for a statement of
    several things."""
    return (
        sa.select(*_BRIEF)
        .join(Organisation, Organisation.id == Contract.organisation_id)
        .where(sa.or_(Contract.case_id == case_id, Contract.renewal_case_id == case_id))
    )


def of_account(place: Organisation, *, today: date, most: int = 8) -> sa.Select[*tuple[Any, ...]]:
    """What runs at an account and below it, and what it may call off from, those that end first;
    likewise."""
    above = [int(part) for part in place.path.strip("/").split("/") if part]
    called_off = sa.select(FrameworkCaller.contract_id).where(
        FrameworkCaller.organisation_id.in_(above)
    )
    return (
        sa.select(*_BRIEF)
        .join(Organisation, Organisation.id == Contract.organisation_id)
        .where(sa.or_(below(place.path), Contract.id.in_(called_off)), _runs(today))
        .order_by(Contract.runs_until.is_(None), Contract.runs_until, Contract.id)
        .limit(most)
    )


def published(chosen: sa.ColumnElement[bool], *, most: int) -> list[Brief]:
    """Contracts by what notices say of them, the first ones first. One statement."""
    found = db.session.execute(
        sa.select(*_BRIEF)
        .join(Organisation, Organisation.id == Contract.organisation_id)
        .join(ContractWord, chosen)
        .order_by(Contract.id)
        .limit(most)
    )
    return [Brief(**row._mapping) for row in found]


def overlapping(contract: Contract) -> list[tuple[Brief, tuple[date | None, date | None]]]:
    """Other contracts of the body about the same product, and the days they share with it."""
    if contract.product_id is None:
        return []
    rows = db.session.execute(
        sa.select(*_BRIEF, Contract.starts_on)
        .join(Organisation, Organisation.id == Contract.organisation_id)
        .where(
            Contract.body_id == contract.body_id,
            Contract.product_id == contract.product_id,
            Contract.id != contract.id,
        )
        .order_by(Contract.runs_until.is_(None), Contract.runs_until, Contract.id)
        .limit(50)
    )
    here = (contract.starts_on, contract.runs_until)
    found = []
    for row in rows:
        values = dict(row._mapping)
        shared = rules.overlap(here, (values.pop("starts_on"), values["runs_until"]))
        if shared is not None:
            found.append((Brief(**values), shared))
    return found


def cases_to_tie(contract: Contract) -> Sequence[Case]:
    """The body's cases under way that no contract has for its renewal."""
    taken = sa.select(Contract.renewal_case_id).where(Contract.renewal_case_id.is_not(None))
    return db.session.scalars(
        sa.select(Case)
        .where(
            Case.body_id == contract.body_id,
            Case.state != CaseState.CLOSED,
            Case.id.not_in(taken),
            Case.id != (contract.case_id or 0),
        )
        .order_by(Case.id.desc())
        .limit(50)
    ).all()


@dataclass(slots=True)
class ToPlan:
    """The contracts of some bodies as planning takes them.

    `alone`, by body: those that no case is about. `notices`, by case: the last day for notice of
    the contract that the case speaks for.
    """

    alone: dict[int, list[Contract]] = field(default_factory=dict)
    notices: dict[int, date | None] = field(default_factory=dict)


def for_planning(body_ids: Iterable[int]) -> ToPlan:
    """Contracts with a last day, with their options. At most two statements."""
    found = ToPlan()
    rows = db.session.scalars(
        sa.select(Contract)
        .where(Contract.body_id.in_(list(body_ids)), Contract.runs_until.is_not(None))
        .order_by(Contract.id)
        .options(joinedload(Contract.organisation), selectinload(Contract.options))
    ).all()
    for row in rows:
        if row.renewal_case_id is not None:
            found.notices[row.renewal_case_id] = row.awaited_notice
        elif row.case_id is None:
            found.alone.setdefault(row.body_id, []).append(row)
    for row in rows:  # a case that won one has done with what it renewed
        if row.case_id is not None:
            speaks = row.renewal_case_id is None
            found.notices[row.case_id] = row.awaited_notice if speaks else None
    return found


# --- The list -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the register and the calendar are narrowed to; empty values narrow nothing.

    `within`: months until the last day. `owner_id`, `county`: of the body, its territory.
    """

    text: str = ""
    kind: ContractKind | None = None
    owner_id: int | None = None
    county: str = ""
    product_id: int | None = None
    within: int | None = None
    state: str = ""  # "": running and to come; "over"; "all"
    check: bool = False  # only what should be looked at again

    @property
    def is_narrow(self) -> bool:
        return self != Filter()


NARROWS = ("kind", "owner", "county", "product")
"""By what the calendar can be narrowed, in an address."""


def filter_of(asked: Mapping[str, str], reader_id: int) -> Filter:
    """What an address narrows the calendar to; anything odd narrows nothing. `owner=me` is the
    reader's own territory."""
    kind, owner = asked.get("kind", ""), asked.get("owner", "")
    return Filter(
        kind=ContractKind(kind) if kind in set(ContractKind) else None,
        owner_id=reader_id if owner == "me" else _number(owner),
        county=asked.get("county", "")[:4] if asked.get("county", "").isalnum() else "",
        product_id=_number(asked.get("product", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


SORTS = ("until", "title", "account", "value")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the register."""

    id: int
    kind: ContractKind
    title: str
    supplier: str
    reference: str
    organisation_id: int
    organisation: str
    body: str
    county: str | None
    product: str | None
    starts_on: date | None
    ends_on: date | None
    runs_until: date | None
    open_ended: bool
    notice_months: int | None
    value_ore: int | None
    yearly_ore: int | None
    cap_ore: int | None
    used_ore: int | None
    source: str
    certainty: Certainty
    checked_on: date

    @property
    def share_used(self) -> int | None:
        return rules.share_used(self.used_ore, self.cap_ore)

    @property
    def check_again_on(self) -> date:
        return rules.check_again_on(self.checked_on)


_body = aliased(Organisation, name="body")


def rows(chosen: Filter, *, today: date, sort: str, descending: bool, page: int) -> Page[Row]:
    """A page of the register. Two statements."""
    asked = _listed(chosen, today, sort, descending)
    counted = asked.with_only_columns(Contract.id).order_by(None).subquery()
    total = db.session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    found = db.session.execute(asked.limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return Page([Row(**row._mapping) for row in found], page, total)


def every_row(chosen: Filter, *, today: date, sort: str, descending: bool) -> Iterator[Row]:
    """All of them, for a file."""
    for row in db.session.execute(_listed(chosen, today, sort, descending)):
        yield Row(**row._mapping)


def _listed(chosen: Filter, today: date, sort: str, descending: bool) -> Statement:
    column: Any = {
        "until": Contract.runs_until,
        "title": sa.func.lower(Contract.title),
        "account": _body.name_sort,
        "value": Contract.value_ore,
    }[sort]
    return (
        sa.select(
            Contract.id,
            Contract.kind,
            Contract.title,
            Contract.supplier,
            Contract.reference,
            Contract.organisation_id,
            Organisation.name.label("organisation"),
            _body.name.label("body"),
            _body.county_name.label("county"),
            Product.name.label("product"),
            Contract.starts_on,
            Contract.ends_on,
            Contract.runs_until,
            Contract.open_ended,
            Contract.notice_months,
            Contract.value_ore,
            Contract.yearly_ore,
            Contract.cap_ore,
            Contract.used_ore,
            Contract.source,
            Contract.certainty,
            Contract.checked_on,
        )
        .join(Organisation, Organisation.id == Contract.organisation_id)
        .join(_body, _body.id == Contract.body_id)
        .outerjoin(Product, Product.id == Contract.product_id)
        .where(*_conditions(chosen, today))
        .order_by(column.is_(None), column.desc() if descending else column, Contract.id)
    )


def _runs(today: date) -> sa.ColumnElement[bool]:
    return sa.or_(Contract.runs_until.is_(None), Contract.runs_until >= today)


def _conditions(chosen: Filter, today: date) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.state == "over":
        found.append(Contract.runs_until < today)
    elif chosen.state != "all":
        found.append(_runs(today))
    if chosen.text:
        words = (Contract.title, Contract.supplier, Contract.reference, Organisation.name)
        found.append(sa.or_(*(one.icontains(chosen.text, autoescape=True) for one in words)))
    if chosen.within is not None:
        found.append(Contract.runs_until.between(today, add_months(today, chosen.within)))
    if chosen.check:
        found.append(Contract.checked_on <= add_months(today, -rules.CHECK_AGAIN))
    return found + _of_territory(chosen)


def _of_territory(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.kind is not None:
        found.append(Contract.kind == chosen.kind)
    if chosen.product_id is not None:
        found.append(Contract.product_id == chosen.product_id)
    if chosen.owner_id is not None:
        found.append(_body.owner_id == chosen.owner_id)
    if chosen.county:
        found.append(_body.county_code == chosen.county)
    return found


# --- The calendar -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """Something that happens to a contract on a day."""

    contract: Contract
    event: Event

    @property
    def month(self) -> date:
        """The first of its month."""
        return self.event.day.replace(day=1)


def calendar(chosen: Filter, *, first: date, last: date) -> list[Day]:
    """What happens between two days, both included, in order (H9). Two statements.

    Contracts that end so long after the last day that nothing of theirs falls before it are not
    read at all.
    """
    reach = add_months(last, max(_LONGEST_NOTICE, rules.ASK_BEFORE))
    found = db.session.scalars(
        sa.select(Contract)
        .join(_body, _body.id == Contract.body_id)
        .where(Contract.runs_until.between(first, reach), *_of_territory(chosen))
        .options(
            joinedload(Contract.organisation),
            joinedload(Contract.product),
            selectinload(Contract.options),
        )
    ).all()
    days = [
        Day(one, event)
        for one in found
        for event in rules.events(one.terms, one.extensions, one.runs_until, first, last)
    ]
    return sorted(days, key=lambda day: (day.event.day, day.contract.title, day.contract.id))


def until_notice(chosen: Filter) -> Sequence[Contract]:
    """Those that run until notice, or without a known end: no day in the calendar is theirs."""
    return db.session.scalars(
        sa.select(Contract)
        .join(_body, _body.id == Contract.body_id)
        .where(Contract.runs_until.is_(None), *_of_territory(chosen))
        .order_by(Contract.title, Contract.id)
        .limit(PER_PAGE)
        .options(joinedload(Contract.organisation))
    ).all()


@dataclass(slots=True)
class Month:
    """A month of the calendar: its first day, and how much of each kind there is in it."""

    first: date
    counts: dict[rules.ContractEvent, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def months_of(days: Sequence[Day], first: date) -> list[Month]:
    """The calendar's months, also those in which nothing happens."""
    found = [Month(add_months(first, count)) for count in range(MONTHS)]
    by_month = {(one.first.year, one.first.month): one for one in found}
    for day in days:
        month = by_month.get((day.event.day.year, day.event.day.month))
        if month is not None:
            month.counts[day.event.kind] = month.counts.get(day.event.kind, 0) + 1
    return found


def span_of_calendar(today: date) -> tuple[date, date]:
    """From the first of this month, the last day of the twenty-fourth."""
    first = today.replace(day=1)
    return first, add_months(first, MONTHS) - ONE_DAY


# --- Who may call off ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may call off from a framework."""

    organisation_id: int
    organisation: str
    contract_id: int
    title: str
    supplier: str
    position: FrameworkPosition
    runs_until: date | None
    open_ended: bool
    used_ore: int | None
    cap_ore: int | None

    @property
    def share_used(self) -> int | None:
        return rules.share_used(self.used_ore, self.cap_ore)

    @property
    def left_ore(self) -> int | None:
        """What is left of the cap, in öre."""
        if self.cap_ore is None or self.used_ore is None:
            return None
        return max(self.cap_ore - self.used_ore, 0)


_CALLER = (
    Organisation.id.label("organisation_id"),
    Organisation.name.label("organisation"),
    Contract.id.label("contract_id"),
    Contract.title,
    Contract.supplier,
    Contract.position,
    Contract.runs_until,
    Contract.open_ended,
    Contract.used_ore,
    Contract.cap_ore,
)


def who_can_call_off(
    chosen: Filter, *, today: date, page: int, framework_id: int | None = None
) -> Page[Caller]:
    """Which accounts can call off today, from what, by account (D4). Two statements.

    The conditions say in SQL what `rules.may_be_called_off` says; a test holds them together.
    """
    conditions: list[sa.ColumnElement[bool]] = [
        Contract.kind == ContractKind.FRAMEWORK,
        sa.or_(Contract.starts_on.is_(None), Contract.starts_on <= today),
        _runs(today),
        sa.or_(
            Contract.cap_ore.is_(None),
            Contract.used_ore.is_(None),
            Contract.used_ore < Contract.cap_ore,
        ),
    ]
    if framework_id is not None:
        conditions.append(Contract.id == framework_id)
    if chosen.product_id is not None:
        conditions.append(Contract.product_id == chosen.product_id)
    if chosen.owner_id is not None:
        conditions.append(_body.owner_id == chosen.owner_id)
    if chosen.county:
        conditions.append(_body.county_code == chosen.county)
    asked = (
        sa.select(*_CALLER)
        .join(FrameworkCaller, FrameworkCaller.contract_id == Contract.id)
        .join(Organisation, Organisation.id == FrameworkCaller.organisation_id)
        .join(_body, _body.id == Organisation.body_id)
        .where(*conditions)
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    found = db.session.execute(
        asked.order_by(Organisation.name_sort, Organisation.id, Contract.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return Page([Caller(**row._mapping) for row in found], page, total)


def callers_of(contract_id: int, *, page: int) -> Page[Organisation]:
    """Those that may call off from a framework, in order of name. Two statements."""
    here = FrameworkCaller.contract_id == contract_id
    total = db.session.scalar(sa.select(sa.func.count()).select_from(FrameworkCaller).where(here))
    found = db.session.scalars(
        sa.select(Organisation)
        .join(FrameworkCaller, FrameworkCaller.organisation_id == Organisation.id)
        .where(here)
        .order_by(Organisation.name_sort, Organisation.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return Page(found, page, total or 0)


def caller(contract_id: int, organisation_id: int) -> FrameworkCaller:
    """The row that says that it may call off. Raises NotFound."""
    found = db.session.scalar(
        sa.select(FrameworkCaller).where(
            FrameworkCaller.contract_id == contract_id,
            FrameworkCaller.organisation_id == organisation_id,
        )
    )
    if found is None:
        raise NotFound("caller")
    return found


def to_index(ids: Collection[int]) -> Sequence[Contract]:
    """Contracts with whose they are. One statement."""
    return db.session.scalars(
        sa.select(Contract).where(Contract.id.in_(ids)).options(joinedload(Contract.organisation))
    ).all()


def caller_rows(contract_id: int) -> Sequence[FrameworkCaller]:
    """Who may call off, as rows."""
    return db.session.scalars(
        sa.select(FrameworkCaller).where(FrameworkCaller.contract_id == contract_id)
    ).all()


def caller_ids(contract_id: int) -> frozenset[int]:
    """The ids of all who may call off from it."""
    return frozenset(
        db.session.scalars(
            sa.select(FrameworkCaller.organisation_id).where(
                FrameworkCaller.contract_id == contract_id
            )
        )
    )


GROUPS: Mapping[str, tuple[OrganisationKind, ...]] = {
    "municipality": (OrganisationKind.MUNICIPALITY,),
    "region": (OrganisationKind.REGION,),
    "company": (OrganisationKind.COMPANY,),
    "authority": (OrganisationKind.AUTHORITY,),
    "university": (OrganisationKind.UNIVERSITY,),
}


def bodies_of(group: str, county: str) -> Sequence[Organisation]:
    """Every body of a kind that is not closed, in one county or ("") in all."""
    conditions: list[sa.ColumnElement[bool]] = [
        Organisation.parent_id.is_(None),
        Organisation.kind.in_(GROUPS[group]),
        Organisation.closed_on.is_(None),
    ]
    if county:
        conditions.append(Organisation.county_code == county)
    return db.session.scalars(
        sa.select(Organisation).where(*conditions).order_by(Organisation.id)
    ).all()


def term_now(found: Sequence[Term], today: date) -> Term | None:
    """The term that runs today."""
    for term in found:
        if (term.starts_on is None or term.starts_on <= today) and today <= term.ends_on:
            return term
    return None
