"""What is read about records requests. Nothing here changes anything."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.cases.models import Case, CaseProduct
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Organisation
from crm.procurements.models import Milestone, Plan, Procurement, ProcurementCase
from crm.records.models import RecordsRequest
from crm.rules.reminder_facts import RequestFacts
from crm.rules.routes import StageKey


def to_index(ids: Collection[int]) -> Sequence[RecordsRequest]:
    """These requests with whom they were put to. One statement."""
    return db.session.scalars(
        sa.select(RecordsRequest)
        .where(RecordsRequest.id.in_(ids))
        .order_by(RecordsRequest.id)
        .options(joinedload(RecordsRequest.organisation))
    ).all()


def get(request_id: int) -> RecordsRequest:
    """The request with everything it names. One statement. Raises NotFound."""
    found = db.session.scalar(
        sa.select(RecordsRequest)
        .where(RecordsRequest.id == request_id)
        .options(
            joinedload(RecordsRequest.organisation),
            joinedload(RecordsRequest.body),
            joinedload(RecordsRequest.procurement),
            joinedload(RecordsRequest.case),
            joinedload(RecordsRequest.contract),
            joinedload(RecordsRequest.owner),
        )
    )
    if found is None:
        raise NotFound("records request")
    return found


def of_procurement(procurement_id: int) -> Sequence[RecordsRequest]:
    """What was asked about a procurement, the latest first, at most twenty. One statement."""
    return db.session.scalars(
        sa.select(RecordsRequest)
        .where(RecordsRequest.procurement_id == procurement_id)
        .order_by(RecordsRequest.id.desc())
        .limit(20)
    ).all()


def elsewhere(request: RecordsRequest, *, limit: int = 5) -> Sequence[RecordsRequest]:
    """What was asked at other bodies about the same product, the latest first. One statement.

    The product is that of the case it was asked for, or of the cases in its procurement.
    """
    if request.case_id is None and request.procurement_id is None:
        return []
    mine = sa.select(CaseProduct.product_id).where(
        _cases_of(sa.literal(request.case_id), sa.literal(request.procurement_id))
    )
    other = sa.orm.aliased(CaseProduct)
    theirs = (
        sa.select(ProcurementCase.case_id)
        .where(ProcurementCase.procurement_id == RecordsRequest.procurement_id)
        .correlate(RecordsRequest)
    )
    same = (
        sa.select(other.case_id)
        .where(
            other.product_id.in_(mine),
            sa.or_(other.case_id == RecordsRequest.case_id, other.case_id.in_(theirs)),
        )
        .correlate(RecordsRequest)
        .exists()
    )
    return db.session.scalars(
        sa.select(RecordsRequest)
        .where(RecordsRequest.body_id != request.body_id, same)
        .order_by(RecordsRequest.id.desc())
        .limit(limit)
        .options(joinedload(RecordsRequest.body))
    ).all()


def _cases_of(case_id: object, procurement_id: object) -> sa.ColumnElement[bool]:
    return sa.or_(
        CaseProduct.case_id == sa.cast(case_id, sa.Integer),
        CaseProduct.case_id.in_(
            sa.select(ProcurementCase.case_id).where(
                ProcurementCase.procurement_id == sa.cast(procurement_id, sa.Integer)
            )
        ),
    )


def award_day(procurement_id: int) -> Milestone | None:
    """The award as it was decided, by the plan that holds. One statement.

    Where somebody has told the day it is that milestone; else `known_on` of it is None.
    """
    found = db.session.scalars(
        sa.select(Milestone)
        .join(Plan, Plan.id == Milestone.plan_id)
        .where(
            Plan.procurement_id == procurement_id,
            Plan.replaced_on.is_(None),
            Milestone.stage.in_((StageKey.AWARD, StageKey.STANDSTILL)),
            Milestone.reached_on.is_not(None),
        )
        .order_by(Milestone.position.desc())
    ).all()
    known = (one for one in found if one.known_on is not None)
    return next(known, found[0] if found else None)


IS_OPEN = sa.or_(
    RecordsRequest.answered_on.is_(None),
    sa.and_(RecordsRequest.appeal_by.is_not(None), RecordsRequest.appeal_settled.is_(False)),
)
"""Somebody still has to see to it: there is no answer yet, or a refusal to settle."""


def planning_rows(body_ids: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
    """The requests that are not over, for `read_planned`: no answer yet, or a refusal to settle.

    Its columns are those of `champions.queries.planning_rows`, to be asked in the same statement.
    """
    unanswered = RecordsRequest.answered_on.is_(None)
    return sa.select(
        sa.literal("request").label("of"),
        RecordsRequest.id.label("number"),
        RecordsRequest.body_id,
        RecordsRequest.case_id,
        RecordsRequest.owner_id,
        RecordsRequest.title.label("said"),
        sa.cast(sa.null(), sa.String).label("kind"),
        sa.case((unanswered, RecordsRequest.follow_up_on)).label("first_on"),
        sa.case((RecordsRequest.appeal_settled.is_(False), RecordsRequest.appeal_by)).label(
            "last_on"
        ),
    ).where(
        RecordsRequest.body_id.in_(body_ids),
        IS_OPEN,
        sa.or_(RecordsRequest.answered_on.is_not(None), RecordsRequest.follow_up_on.is_not(None)),
    )


def read_planned(rows: Iterable[Any]) -> dict[int, tuple[RequestFacts, ...]]:
    """The rows of requests among these, by body, the oldest first."""
    found: dict[int, list[RequestFacts]] = defaultdict(list)
    for row in sorted((one for one in rows if one.of == "request"), key=lambda one: one.number):
        found[row.body_id].append(
            RequestFacts(
                request_id=row.number,
                title=row.said,
                owner_id=row.owner_id,
                case_id=row.case_id,
                follow_up_on=row.first_on,
                appeal_by=row.last_on,
            )
        )
    return {body_id: tuple(some) for body_id, some in found.items()}


# --- The list -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to. `answered`: those with an answer instead of the others."""

    text: str = ""
    owner_id: int | None = None
    body_id: int | None = None
    answered: bool = False


def rows(chosen: Filter, *, page: int) -> Page[RecordsRequest]:
    """Requests without an answer by the day of follow-up, or the answered ones, the latest first.

    Two statements.
    """
    asked = (
        sa.select(RecordsRequest)
        .join(Organisation, Organisation.id == RecordsRequest.body_id)
        .where(
            RecordsRequest.answered_on.is_not(None)
            if chosen.answered
            else RecordsRequest.answered_on.is_(None)
        )
    )
    if chosen.text:
        asked = asked.where(
            sa.or_(
                *(
                    column.icontains(chosen.text, autoescape=True)
                    for column in (
                        RecordsRequest.title,
                        RecordsRequest.reference,
                        RecordsRequest.facts,
                        Organisation.name,
                    )
                )
            )
        )
    if chosen.owner_id is not None:
        asked = asked.where(RecordsRequest.owner_id == chosen.owner_id)
    if chosen.body_id is not None:
        asked = asked.where(RecordsRequest.body_id == chosen.body_id)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    order = (
        [RecordsRequest.answered_on.desc()]
        if chosen.answered
        else [RecordsRequest.follow_up_on.is_(None), RecordsRequest.follow_up_on]
    )
    found = db.session.scalars(
        asked.order_by(*order, RecordsRequest.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(joinedload(RecordsRequest.body), joinedload(RecordsRequest.owner))
    )
    return Page(list(found), page, total)


def case_of(procurement: Procurement) -> Case | None:
    """A case of ours in the procurement, the latest: what the request is about. One statement."""
    return db.session.scalar(
        sa.select(Case)
        .join(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(ProcurementCase.procurement_id == procurement.id)
        .order_by(Case.id.desc())
        .limit(1)
    )
