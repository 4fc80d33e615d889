"""What is somebody's and still open, and what has been handed over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import NotFound
from crm.handover.models import HandOver, HandOverItem, Thing
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.procurements.models import Procurement, ProcurementCase
from crm.records.models import RecordsRequest
from crm.records.queries import IS_OPEN as REQUEST_IS_OPEN
from crm.reminders.models import OWN, WAITING_STATES, Reminder
from crm.requirements.models import Answer
from crm.rules.stages import CaseState
from crm.rules.tendering import Decision
from crm.tenders.models import Tender


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be handed over: of one colleague, in one county or everywhere; without a
    colleague of all who own something in the county."""

    from_id: int | None = None
    county_code: str = ""

    @property
    def is_chosen(self) -> bool:
        return self.from_id is not None or bool(self.county_code)


@dataclass(frozen=True, slots=True)
class Held:
    """One open thing and whose it is."""

    thing: Thing
    number: int
    owner_id: int
    body_id: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A body with how much of each is open there; `body_id` None: not placed anywhere yet."""

    body_id: int | None
    name: str
    counts: dict[Thing, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """The first places by name, and the sums of all of them."""

    places: list[Place]
    more: int
    totals: dict[Thing, int]

    @property
    def is_empty(self) -> bool:
        return not any(self.totals.values())


ON_A_PAGE = 50  # places, each with a choice of its own

STILL_AT_WORK = sa.or_(
    Case.state != CaseState.CLOSED,
    Case.contract_ends_on.is_not(None),
    sa.exists().where(
        Reminder.case_id == Case.id,
        Reminder.rule_key != OWN,
        Reminder.state.in_(WAITING_STATES),
    ),
)
"""Which cases go along: a closed one as long as it may remind of what it left behind, since the
plan gives a case's reminders to its owner."""

STILL_REMINDS = sa.and_(
    Tender.decision != Decision.NO_GO,
    sa.exists().where(Procurement.id == Tender.procurement_id, Procurement.cancelled_on.is_(None)),
    sa.or_(
        Tender.submitted_at.is_(None),
        sa.exists().where(
            ProcurementCase.procurement_id == Tender.procurement_id,
            Case.id == ProcurementCase.case_id,
            Case.state != CaseState.CLOSED,
        ),
    ),
)
"""Which tenders go along: those to be written, and those handed in that still wait for an answer,
since how long they are valid is told to whoever is responsible."""

_OF_THE_TENDER = (
    sa.select(Procurement.body_id)
    .where(Procurement.id == Tender.procurement_id)
    .correlate(Tender)
    .scalar_subquery()
)

_BODY: dict[Thing, Any] = {
    Thing.TENDER: _OF_THE_TENDER,
    Thing.ANSWER: sa.cast(sa.null(), sa.Integer),  # an answer is for every buyer
}


def _held(scope: Scope) -> sa.Subquery:
    """Everything in the scope, of all kinds: thing, number, owner, body."""
    body = aliased(Organisation)
    kinds: tuple[tuple[Thing, Any, Any, sa.ColumnElement[bool]], ...] = (
        (Thing.ACCOUNT, Organisation, Organisation.owner_id, sa.true()),
        (Thing.CASE, Case, Case.owner_id, STILL_AT_WORK),
        (Thing.REMINDER, Reminder, Reminder.user_id, Reminder.state.in_(WAITING_STATES)),
        (Thing.TENDER, Tender, Tender.responsible_id, STILL_REMINDS),
        (Thing.RECORDS_REQUEST, RecordsRequest, RecordsRequest.owner_id, REQUEST_IS_OPEN),
        (
            Thing.INQUIRY,
            Inquiry,
            Inquiry.owner_id,
            sa.and_(
                Inquiry.sorting != Sorting.LET_GO,
                sa.or_(Inquiry.answered_at.is_(None), Inquiry.sorting == Sorting.TO_SORT),
            ),
        ),
        (Thing.ANSWER, Answer, Answer.owner_id, sa.true()),
    )
    found = []
    for thing, model, owner, is_open in kinds:
        body_id: Any = _BODY.get(thing, getattr(model, "body_id", None))
        one = sa.select(
            sa.literal(thing.value).label("thing"),
            model.id.label("number"),
            owner.label("owner_id"),
            body_id.label("body_id"),
        ).where(is_open)
        one = one.where(owner.is_not(None) if scope.from_id is None else owner == scope.from_id)
        if scope.county_code:
            one = one.join(body, body.id == body_id).where(body.county_code == scope.county_code)
        found.append(one)
    return sa.union_all(*found).subquery()


def held(scope: Scope) -> list[Held]:
    """Every open thing in the scope. One statement."""
    things = _held(scope)
    rows = db.session.execute(
        sa.select(things).order_by(things.c.body_id, things.c.thing, things.c.number)
    )
    return [Held(Thing(row.thing), row.number, row.owner_id, row.body_id) for row in rows]


def preview(scope: Scope) -> Preview:
    """How much of what is open where. One statement."""
    things = _held(scope)
    rows = db.session.execute(
        sa.select(
            things.c.body_id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name),
            things.c.thing,
            sa.func.count(),
        )
        .outerjoin(Organisation, Organisation.id == things.c.body_id)
        .group_by(
            things.c.body_id,
            Organisation.name,
            Organisation.name_full,
            Organisation.name_sort,
            things.c.thing,
        )
        .order_by(Organisation.name_sort, things.c.body_id)
    )
    places: dict[int | None, Place] = {}
    totals: Counter[Thing] = Counter()
    for body_id, name, thing, number in rows:
        place = places.setdefault(body_id, Place(body_id, name or ""))
        place.counts[Thing(thing)] = number
        totals[Thing(thing)] += number
    listed = list(places.values())
    return Preview(listed[:ON_A_PAGE], max(0, len(listed) - ON_A_PAGE), dict(totals))


def get(hand_over_id: int) -> HandOver:
    """One hand-over with its people. Raises NotFound."""
    found = db.session.scalar(_with_people().where(HandOver.id == hand_over_id))
    if found is None:
        raise NotFound(f"hand-over {hand_over_id}")
    return found


def latest(made_by: int | None = None, limit: int = 10) -> Sequence[HandOver]:
    """The latest hand-overs, newest first; of everybody, or those that one user has made."""
    found = _with_people().order_by(HandOver.id.desc()).limit(limit)
    if made_by is not None:
        found = found.where(HandOver.made_by_id == made_by)
    return db.session.scalars(found).all()


def _with_people() -> sa.Select[HandOver]:
    return sa.select(HandOver).options(joinedload(HandOver.from_user), joinedload(HandOver.made_by))


@dataclass(frozen=True, slots=True)
class Went:
    """What of one body went to whom."""

    body_id: int | None
    name: str
    to: str
    counts: dict[Thing, int]


def went(hand_over: HandOver, limit: int = 200) -> list[Went]:
    """Body by body, to whom it went and how much of each. One statement."""
    rows = db.session.execute(
        sa.select(
            HandOverItem.body_id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name),
            User.name,
            HandOverItem.thing,
            sa.func.count(),
        )
        .join(User, User.id == HandOverItem.to_id)
        .outerjoin(Organisation, Organisation.id == HandOverItem.body_id)
        .where(HandOverItem.hand_over_id == hand_over.id)
        .group_by(
            HandOverItem.body_id,
            Organisation.name,
            Organisation.name_full,
            Organisation.name_sort,
            User.name,
            HandOverItem.thing,
        )
        .order_by(Organisation.name_sort, HandOverItem.body_id, User.name)
    )
    found: dict[tuple[int | None, str], Went] = {}
    for body_id, name, to, thing, number in rows:
        one = found.setdefault((body_id, to), Went(body_id, name or "", to, {}))
        one.counts[thing] = number
    return list(found.values())[:limit]


def items(hand_over: HandOver) -> list[HandOverItem]:
    """Every thing that changed owner."""
    return list(
        db.session.scalars(
            sa.select(HandOverItem)
            .where(HandOverItem.hand_over_id == hand_over.id)
            .order_by(HandOverItem.id)
        )
    )
