"""What is read about cases. Nothing here changes anything."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.activities.models import IN_TOUCH, Activity, ActivityKind
from crm.cases.bodies import Bodies, smallest, standing
from crm.cases.dates import promise_stands
from crm.cases.models import (
    Case,
    CasePerson,
    CaseProduct,
    CaseUnit,
    InquiryCase,
    Product,
    StageChange,
    Track,
    Wait,
)
from crm.core import clock
from crm.core.db import alias_of, db, dialect_name
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page, parts_of
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation, below
from crm.people.models import Person, Post
from crm.rules.precision import ExpectedDate, Precision
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    CaseState,
    Outcome,
    ProcurementStage,
    WaitReason,
    WakeEvent,
)
from crm.search.index import Term, index_words, matches
from crm.search.models import SearchDoc


def get(case_id: int) -> Case:
    """The case with its organisation, body, owner, units, people and products. Two statements.

    Raises NotFound.
    """
    found = db.session.scalars(
        sa.select(Case)
        .where(Case.id == case_id)
        .options(
            joinedload(Case.organisation),
            joinedload(Case.body),
            joinedload(Case.owner),
            joinedload(Case.units).joinedload(CaseUnit.organisation),
            selectinload(Case.people).joinedload(CasePerson.person),
            joinedload(Case.products),  # one or two
        )
    )
    case = found.unique().one_or_none()
    if case is None:
        raise NotFound("case")
    return case


def get_with_places(case_id: int) -> Case:
    """The case with its organisation and body and nothing else. One statement. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Case)
        .where(Case.id == case_id)
        .options(joinedload(Case.organisation), joinedload(Case.body))
    )
    if found is None:
        raise NotFound(f"case {case_id}")
    return found


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the list of cases. `next_on` is the earliest of our promise and the wake date."""

    id: int
    title: str
    organisation_id: int
    organisation: str
    body_id: int
    body: str
    county: str
    owner: str
    state: CaseState
    adoption: AdoptionStage
    procurement: ProcurementStage
    wait_reason: WaitReason | None
    wait_event: WakeEvent | None
    wait_until: date | None
    outcome: Outcome | None
    next_step: str
    next_on: date | None
    value_ore: int | None
    expected: ExpectedDate | None
    opened_on: date
    has_gap: bool  # open, and neither a date nor a wait


STANDING = "standing"  # under way or won: what says how far a body has come
UNDATED = "none"  # the budget year of what has no expected decision


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list of cases is narrowed to; empty values narrow nothing."""

    text: str = ""
    state: str = ""  # a CaseState; "all"; STANDING; "": under way, and what is over but dated
    adoption: AdoptionStage | None = None
    procurement: ProcurementStage | None = None
    outcome: Outcome | None = None
    owner_id: int | None = None
    within: int | None = None  # an organisation, with everything beneath it (A2)
    including_below: bool = True
    gap: bool = False  # only those with neither a date nor a wait
    in_use: bool = False  # with at least one unit that uses the product
    year: str = ""  # the budget year of the expected decision, or UNDATED
    expected: ExpectedDate | None = None  # whose decision may fall in the span
    bodies: Bodies = field(default_factory=Bodies)

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the state is chosen."""
        return replace(self, state="") != Filter()


FAR = date(9999, 12, 31)

_Body, _Unit, _Top, _Member = (alias_of(Organisation) for _ in range(4))


def next_on() -> sa.ColumnElement[date | None]:
    """The next date of a case: the earliest of our promise, the wake date and its next reminder."""
    far = sa.literal(FAR, sa.Date)
    days = (
        sa.case((promise_stands(), sa.func.coalesce(Case.next_step_on, far)), else_=far),
        sa.func.coalesce(Case.wait_until, far),
        sa.func.coalesce(Case.reminder_on, far),
    )
    return sa.func.nullif(smallest(*days, kind=sa.Date), far, type_=sa.Date)


SORTS = ("next", "title", "body", "adoption", "procurement", "value", "expected", "opened", "owner")


def rows(
    chosen: Filter,
    *,
    sort: str = "next",
    descending: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
    total: int | None = None,
) -> Page[CaseRow]:
    """Cases as a list, each with its next date. At most two statements, however many rows.

    `total` saves the counting when `totals` has been asked.
    """
    body, upcoming = _Body, next_on()
    order = _order(sort, descending, body, upcoming)
    fitting = _fitting(chosen, body, upcoming)
    if total is None:
        total = db.session.scalar(sa.select(sa.func.count()).select_from(fitting.subquery()))
    # Which ones first, by their ids alone: the order is found among thousands, the rest is read
    # for a page of them.
    here = fitting.order_by(*order).limit(per_page).offset((page - 1) * per_page)
    found = db.session.execute(
        _listed(body, upcoming).where(Case.id.in_(here.scalar_subquery())).order_by(*order)
    )
    return Page([_row(*line) for line in found], page, int(total or 0), per_page)


def _fitting(
    chosen: Filter, body: type[Organisation], upcoming: sa.ColumnElement[date | None]
) -> sa.Select[int]:
    return (
        sa.select(Case.id)
        .join(body, body.id == Case.body_id)
        .outerjoin(User, User.id == Case.owner_id)
        .where(*_conditions(chosen, body, upcoming))
    )


def _order(
    sort: str, descending: bool, body: type[Organisation], upcoming: sa.ColumnElement[date | None]
) -> list[sa.ColumnElement[Any]]:
    """Nothing known comes last either way. An expected decision is in order of its last day, and
    of two that end together the better known first: ExpectedDate.sort_key."""
    columns: dict[str, Any] = {
        "next": upcoming,
        "title": Case.title,
        "body": body.name_sort,
        "adoption": _position(Case.adoption, AdoptionStage),
        "procurement": _position(Case.procurement, ProcurementStage),
        "value": Case.value_ore,
        "expected": Case.expected_last,
        "opened": Case.opened_on,
        "owner": User.name,
    }
    first = columns.get(sort, upcoming)
    sharper = Case.expected_first.asc() if descending else Case.expected_first.desc()
    rest: list[sa.ColumnElement[Any]] = [Case.id.desc() if descending else Case.id.asc()]
    if sort == "expected":
        rest.insert(0, sharper.nulls_last())
    return [(first.desc() if descending else first.asc()).nulls_last(), *rest]


def _listed(body: type[Organisation], upcoming: sa.ColumnElement[date | None]) -> sa.Select[Any]:
    """What `_row` takes."""
    unit = _Unit
    statement: Any = (
        sa.select(
            Case,
            unit.name,
            unit.name_full,
            body.name,
            body.name_full,
            body.county_name,
            User.name,
            upcoming,
        )
        .join(unit, unit.id == Case.organisation_id)
        .join(body, body.id == Case.body_id)
        .outerjoin(User, User.id == Case.owner_id)
    )
    found: sa.Select[Any] = statement
    return found


def _position(
    column: Any, kind: type[AdoptionStage] | type[ProcurementStage]
) -> sa.ColumnElement[int]:
    return sa.case({stage: number for number, stage in enumerate(kind)}, value=column)


def _conditions(
    chosen: Filter,
    body: type[Organisation],
    upcoming: sa.ColumnElement[date | None],
) -> list[sa.ColumnElement[bool]]:
    where = [*chosen.bodies.conditions(body), *chosen.bodies.of_cases()]
    if chosen.state in set(CaseState):
        where.append(Case.state == CaseState(chosen.state))
    elif chosen.state == STANDING:
        where.append(standing())
    elif chosen.state != "all":
        where.append(sa.or_(Case.state != CaseState.CLOSED, upcoming.is_not(None)))
    if chosen.adoption is not None:
        where.append(Case.adoption == chosen.adoption)
    if chosen.procurement is not None:
        where.append(Case.procurement == chosen.procurement)
    if chosen.outcome is not None:
        where.append(Case.outcome == chosen.outcome)
    if chosen.owner_id is not None:
        where.append(Case.owner_id == chosen.owner_id)
    if chosen.within is not None:
        where.append(Case.id.in_(_cases_within(chosen.within, chosen.including_below)))
    if chosen.gap:
        where += [Case.state == CaseState.OPEN, upcoming.is_(None)]
    if chosen.in_use:
        where.append(Case.id.in_(sa.select(CaseUnit.case_id).where(CaseUnit.in_use.is_(True))))
    if chosen.year:
        where.append(_in_year(chosen.year))
    if chosen.expected is not None:
        where += [
            Case.expected_first <= chosen.expected.last_day,
            Case.expected_last >= chosen.expected.first_day,
        ]
    if chosen.text:
        where.append(_says(chosen.text))
    return where


def _in_year(year: str) -> sa.ColumnElement[bool]:
    """The one budget year that an expected decision is counted in: ExpectedDate.bucket."""
    if year == UNDATED or not year.isdecimal():
        return Case.expected_first.is_(None)
    number = int(year)
    week_one, next_week_one = (date.fromisocalendar(y, 1, 1) for y in (number, number + 1))
    is_week = Case.expected_precision == Precision.WEEK
    return sa.or_(
        sa.and_(is_week, Case.expected_first >= week_one, Case.expected_first < next_week_one),
        sa.and_(
            sa.not_(is_week),
            Case.expected_first.between(date(number, 1, 1), date(number, 12, 31)),
        ),
    )


def _says(text: str) -> sa.ColumnElement[bool]:
    """Every word begins some word of the case's title or of where it is; å, ä, ö as in search."""
    asked = [[Term(word)] for word in index_words(text)[:8]]
    if not asked:
        return sa.true()
    return Case.id.in_(
        sa.select(SearchDoc.ref_id).where(SearchDoc.kind == "case", matches(dialect_name(), asked))
    )


def _cases_within(organisation_id: int, including_below: bool) -> sa.Select[int]:
    """Cases in which the node takes part, or (A2) anything beneath it."""
    if not including_below:
        return sa.select(CaseUnit.case_id).where(CaseUnit.organisation_id == organisation_id)
    top, member = _Top, _Member
    return (
        sa.select(CaseUnit.case_id)
        .join(member, member.id == CaseUnit.organisation_id)
        .join(top, sa.and_(member.path >= top.path, member.path < top.path.concat("~")))
        .where(top.id == organisation_id)
    )


@dataclass(frozen=True, slots=True)
class YearSum:
    """The cases whose decision is expected in one budget year; `year` is UNDATED for the rest."""

    year: str
    number: int
    open_ore: int
    waiting_ore: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a whole list of cases adds up to, in öre. What waits is never in the open sum."""

    number: int
    open_ore: int
    waiting_ore: int
    closed_ore: int
    years: tuple[YearSum, ...]


def totals(chosen: Filter) -> Totals:
    """One statement. Each case is in exactly one budget year, whatever its precision (D9)."""
    body, upcoming = _Body, next_on()
    is_week = Case.expected_precision == Precision.WEEK
    columns = (
        Case.state,
        sa.extract("year", Case.expected_first),
        sa.case((is_week, Case.expected_first)),  # which may begin in the year before: see bucket
    )
    found = db.session.execute(
        sa.select(*columns, sa.func.count(), sa.cast(sa.func.sum(Case.value_ore), sa.BigInteger))
        .join(body, body.id == Case.body_id)
        .where(*_conditions(chosen, body, upcoming))
        .group_by(*columns)
    )
    by_state = dict.fromkeys(CaseState, 0)
    years: dict[str, list[int]] = {}
    number = 0
    for state, its_year, monday, count, ore in found:
        number += count
        by_state[state] += ore or 0
        bucket = monday.isocalendar().year if monday else its_year
        year = UNDATED if bucket is None else str(bucket)
        line = years.setdefault(year, [0, 0, 0])
        line[0] += count
        if state is not CaseState.CLOSED:
            line[1 if state is CaseState.OPEN else 2] += ore or 0
    return Totals(
        number,
        by_state[CaseState.OPEN],
        by_state[CaseState.WAITING],
        by_state[CaseState.CLOSED],
        tuple(YearSum(year, *line) for year, line in sorted(years.items())),
    )


def every_row(chosen: Filter, *, sort: str = "next", descending: bool = False) -> Iterator[CaseRow]:
    """The whole list in its order, for a file. One statement."""
    body, upcoming = _Body, next_on()
    fitting = _fitting(chosen, body, upcoming).scalar_subquery()
    listed = _listed(body, upcoming).where(Case.id.in_(fitting))
    for part in parts_of(listed.order_by(*_order(sort, descending, body, upcoming))):
        yield from (_row(*line) for line in part)


def _row(
    case: Case,
    unit_name: str,
    unit_full: str,
    body_name: str,
    body_full: str,
    county: str,
    owner: str | None,
    upcoming: date | None,
) -> CaseRow:
    return CaseRow(
        id=case.id,
        title=case.title,
        organisation_id=case.organisation_id,
        organisation=unit_full or unit_name,
        body_id=case.body_id,
        body=body_full or body_name,
        county=county,
        owner=owner or "",
        state=case.state,
        adoption=case.adoption,
        procurement=case.procurement,
        wait_reason=case.wait_reason,
        wait_event=case.wait_event,
        wait_until=case.wait_until,
        outcome=case.outcome,
        next_step=case.next_step,
        next_on=upcoming,
        value_ore=case.value_ore,
        expected=case.expected,
        opened_on=case.opened_on,
        has_gap=case.state is CaseState.OPEN and upcoming is None,
    )


def of(organisation: Organisation) -> list[CaseRow]:
    """The cases, closed ones too, in which the node or anything beneath it takes part.

    Those under way first, then the latest; at most a page of them. One statement.
    """
    chosen = Filter(state="all", within=organisation.id)
    body, upcoming = _Body, next_on()
    found = db.session.execute(
        _listed(body, upcoming)
        .where(*_conditions(chosen, body, upcoming))
        .order_by(Case.state == CaseState.CLOSED, Case.opened_on.desc(), Case.id.desc())
        .limit(PER_PAGE)
    )
    return [_row(*line) for line in found]


def gaps(owner_id: int | None) -> int:
    """How many open cases have neither a date nor a wait (E9). For one owner, or for all."""
    return int(db.session.scalar(gaps_counted(owner_id)) or 0)


def gaps_counted(owner_id: int | None) -> sa.Select[int]:
    """The same, as a statement."""
    return counted(owner_id, CaseState.OPEN).where(next_on().is_(None))


def counted(owner_id: int | None, state: CaseState) -> sa.Select[int]:
    """How many cases are in a state, as a statement. For one owner, or for all."""
    statement = sa.select(sa.func.count()).select_from(Case).where(Case.state == state)
    return statement if owner_id is None else statement.where(Case.owner_id == owner_id)


def origins(case: Case) -> list[Inquiry]:
    """The inquiries that fed the case, oldest first, with who called and through which channel."""
    return list(
        db.session.scalars(
            sa.select(Inquiry)
            .join(InquiryCase, InquiryCase.inquiry_id == Inquiry.id)
            .where(InquiryCase.case_id == case.id)
            .options(
                joinedload(Inquiry.channel),
                joinedload(Inquiry.person),
                joinedload(Inquiry.organisation),
            )
            .order_by(Inquiry.received_at)
        )
    )


def of_inquiry(inquiry_id: int) -> list[Case]:
    """The cases an inquiry has fed."""
    return list(
        db.session.scalars(
            sa.select(Case)
            .join(InquiryCase, InquiryCase.case_id == Case.id)
            .where(InquiryCase.inquiry_id == inquiry_id)
            .order_by(Case.id)
        )
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One move in a case's history. `before` and `after` are stored values of the track's enum."""

    at: datetime
    track: Track
    before: str
    after: str
    by: str
    note: str
    outcome: Outcome | None = None  # of a closing, with its reason
    outcome_reason: str = ""


def history(case: Case) -> list[Step]:
    """Every move on both tracks and of the state, newest first."""
    found = db.session.execute(
        sa.select(StageChange, User.name)
        .outerjoin(User, User.id == StageChange.by_id)
        .where(StageChange.case_id == case.id)
        .order_by(StageChange.id.desc())
    )
    return [
        Step(
            change.at,
            change.track,
            change.before,
            change.after,
            name or "",
            change.note,
            change.outcome,
            change.outcome_reason,
        )
        for change, name in found
    ]


def waits(case: Case) -> list[Wait]:
    """The history of waits, newest first."""
    return list(
        db.session.scalars(sa.select(Wait).where(Wait.case_id == case.id).order_by(Wait.id.desc()))
    )


def products(*, retired: bool = False) -> list[Product]:
    """What we sell, by name; the retired only when asked for."""
    statement = sa.select(Product).order_by(Product.name)
    if not retired:
        statement = statement.where(Product.retired.is_(False))
    return list(db.session.scalars(statement))


def get_product(product_id: int) -> Product:
    """Raises NotFound."""
    found = db.session.get(Product, product_id)
    if found is None:
        raise NotFound(f"product {product_id}")
    return found


def product_use() -> dict[int, int]:
    """How many cases have each product, by its id. One statement."""
    return {
        product_id: number
        for product_id, number in db.session.execute(
            sa.select(CaseProduct.product_id, sa.func.count()).group_by(CaseProduct.product_id)
        )
    }


def under_way_at(body_id: int | None, limit: int = 5) -> list[Case]:
    """The latest cases under way at a body, for an inquiry that may belong to one of them."""
    return list(
        db.session.scalars(
            sa.select(Case)
            .where(Case.body_id == body_id, Case.state != CaseState.CLOSED)
            .order_by(Case.id.desc())
            .limit(limit)
        )
    )


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that somebody holds in a case, or held."""

    person_id: int
    name: str
    role: CaseRole
    started_on: date
    ended_on: date | None
    may_be_contacted: bool  # whoever objected is not named as somebody to call
    heard_at: datetime | None = None  # the last contact with them, whoever began it


@dataclass(frozen=True, slots=True)
class PlanningRow:
    """What the reminder planner needs to know of a case, without loading anything else."""

    case: Any  # the columns of `PLANNED_BY` and of its wait, under their own names
    unit: Organisation
    roles: tuple[HeldRole, ...] = ()

    @property
    def held(self) -> list[HeldRole]:
        """Those that are held now."""
        return [one for one in self.roles if one.ended_on is None]

    @property
    def champion_left(self) -> tuple[str, date] | None:
        """Who was the last champion and until when, if nobody is now (R13)."""
        champions = [one for one in self.roles if one.role is CaseRole.CHAMPION]
        if any(one.ended_on is None for one in champions):
            return None
        ended = [(one.ended_on, one.name) for one in champions if one.ended_on is not None]
        day, name = max(ended, default=(None, ""))
        return (name, day) if day is not None else None

    @property
    def single(self) -> tuple[str, date] | None:
        """The only person who has a role now, and since when that is so (C7)."""
        held = self.held
        people = {one.person_id for one in held}
        if len(people) != 1:
            return None
        gone = [one.ended_on for one in self.roles if one.ended_on and one.person_id not in people]
        return held[0].name, max([min(one.started_on for one in held), *gone])

    @property
    def unheard(self) -> tuple[tuple[str, ...], date] | None:
        """Of several who have a role now, their names, and since when there has been no contact
        with any of them nor, by whomever, in the case (C7)."""
        people = {one.person_id: one.name for one in self.held}
        if len(people) < 2:
            return None
        heard = [clock.local(at).date() for at in self._heard_at]
        return tuple(people.values()), max([*heard, *(one.started_on for one in self.held)])

    @property
    def _heard_at(self) -> list[datetime]:
        found = [self.case.heard_at, *(one.heard_at for one in self.held)]
        return [at for at in found if at is not None]

    @property
    def contact(self) -> HeldRole | None:
        """Whom its contacts go to: of several champions the latest, else of all others."""
        asked = [one for one in self.held if one.may_be_contacted]
        champions = [one for one in asked if one.role is CaseRole.CHAMPION]
        willing = [one for one in asked if one.role is not CaseRole.SCEPTIC]
        return next(reversed(champions or willing), None)

    @property
    def champion(self) -> str:
        """The champion's name, if there is one who may be contacted."""
        found = self.contact
        return found.name if found is not None and found.role is CaseRole.CHAMPION else ""


PLANNED_BY = (
    Case.id,
    Case.title,
    Case.body_id,
    Case.organisation_id,
    Case.title,
    Case.owner_id,
    Case.opened_on,
    Case.adoption,
    Case.procurement,
    Case.state,
    Case.wait_until,
    Case.wait_event,
    Case.next_step_on,
    Case.next_step,
    Case.contract_ends_on,
    Case.ask_open_on,
    Case.unanswered_asks,
    Case.price_shared_on,
    Case.handles_personal_data,
    Case.pub_status,
    Case.has_framework,
)
"""The columns that planning asks of a case. Read as they are: every case is read every day."""

_OF_THE_WAIT = (
    Wait.began_on.label("waiting_since"),
    Wait.light_every,
    Wait.light_purpose,
)
_AWAKE_AT = (
    sa.select(sa.func.max(StageChange.at))
    .where(
        StageChange.case_id == Case.id,
        StageChange.track == Track.STATE,
        StageChange.after == CaseState.OPEN.value,
        StageChange.before != "",
    )
    .correlate(Case)
    .scalar_subquery()
    .label("awake_at")
)
"""When it last woke or was reopened; not when it was opened."""


def _last_heard(about: sa.ColumnElement[bool], of: type[Case | CasePerson]) -> Any:
    return (
        sa.select(sa.func.max(Activity.at))
        .where(about, Activity.kind.in_(_HEARD))
        .correlate(of)
        .scalar_subquery()
        .label("heard_at")
    )


_HEARD = (*IN_TOUCH, ActivityKind.INQUIRY)


MAY_REMIND = sa.or_(
    Case.state != CaseState.CLOSED,
    Case.contract_ends_on.is_not(None),
    Case.next_step_on.is_not(None),
)
"""Which cases may have reminders: a closed one only by what it left behind."""


def for_planning(
    body_ids: Iterable[int], also: Collection[int] = ()
) -> dict[int, list[PlanningRow]]:
    """Cases of these bodies that may have reminders: not closed, or with something left behind.

    Each with the wait that goes on in it and the day it last woke. `also` are cases that may have
    them for a reason of somebody above. Two statements, whatever the number of bodies.
    """
    ids = list(body_ids)
    heard_in_it = _last_heard(Activity.case_id == Case.id, Case)
    rows = db.session.execute(
        sa.select(Organisation, *PLANNED_BY, *_OF_THE_WAIT, _AWAKE_AT, heard_in_it)
        .join(Case, Organisation.id == Case.organisation_id)
        .outerjoin(Wait, sa.and_(Wait.case_id == Case.id, Wait.ended_on.is_(None)))
        .where(Case.body_id.in_(ids), sa.or_(MAY_REMIND, Case.id.in_(also)))
        .order_by(Case.id, Wait.began_on, Wait.id)
    )
    found = list({row.id: row for row in rows}.values())
    roles: dict[int, list[HeldRole]] = {}
    holders = db.session.execute(
        sa.select(
            CasePerson.case_id,
            CasePerson.role,
            CasePerson.started_on,
            CasePerson.ended_on,
            Person.id,
            Person.first_name,
            Person.last_name,
            Person.objected_on,
            _last_heard(Activity.person_id == CasePerson.person_id, CasePerson),
        )
        .join(Person, Person.id == CasePerson.person_id)
        .where(CasePerson.case_id.in_([row.id for row in found]))
        .order_by(CasePerson.id)
    )
    for case_id, role, started_on, ended_on, person_id, first, last, objected, heard in holders:
        name = f"{first} {last}".strip()
        held = HeldRole(person_id, name, role, started_on, ended_on, objected is None, heard)
        roles.setdefault(case_id, []).append(held)
    grouped: dict[int, list[PlanningRow]] = {}
    for row in found:
        grouped.setdefault(row.body_id, []).append(
            PlanningRow(row, row[0], tuple(roles.get(row.id, ())))
        )
    return grouped


def open_asks() -> list[Case]:
    """Open cases in which we have asked and have no answer, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Case)
            .where(Case.state == CaseState.OPEN, Case.ask_open_on.is_not(None))
            .order_by(Case.ask_open_on)
        )
    )


def who_could_join(case: Case, limit: int = 5) -> list[tuple[int, str, str]]:
    """(id, name, title) of those who work where the case is and have no role in it yet (C7).

    Nearest first; nobody who has objected to being contacted. One statement.
    """
    place = case.organisation
    known = sa.select(CasePerson.person_id).where(CasePerson.case_id == case.id)
    near = sa.case((Post.organisation_id == place.id, 0), else_=1)
    found = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, Post.title)
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(
            Organisation.body_id == case.body_id,
            sa.or_(below(place.path), Organisation.id == case.body_id),
            Post.ended_on.is_(None),
            Person.objected_on.is_(None),
            Person.id.not_in(known),
        )
        .order_by(near, Person.name_sort, Person.id, Post.id)
        .limit(limit * 2)
    )
    people = {row[0]: (row[0], f"{row[1]} {row[2]}".strip(), row[3]) for row in found}
    return list(people.values())[:limit]
