"""What is read about records requests. Nothing here changes anything."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

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


def for_planning(body_ids: Sequence[int]) -> dict[int, tuple[RequestFacts, ...]]:
    """The requests that are not over, by body: no answer yet, or a refusal to settle.

    One statement.
    """
    rows = db.session.scalars(
        sa.select(RecordsRequest)
        .where(
            RecordsRequest.body_id.in_(body_ids),
            sa.or_(
                sa.and_(
                    RecordsRequest.answered_on.is_(None), RecordsRequest.follow_up_on.is_not(None)
                ),
                sa.and_(
                    RecordsRequest.appeal_by.is_not(None), RecordsRequest.appeal_settled.is_(False)
                ),
            ),
        )
        .order_by(RecordsRequest.id)
    )
    found: dict[int, list[RequestFacts]] = defaultdict(list)
    for row in rows:
        found[row.body_id].append(
            RequestFacts(
                request_id=row.id,
                title=row.title,
                owner_id=row.owner_id,
                case_id=row.case_id,
                follow_up_on=row.follow_up_on if row.answered_on is None else None,
                appeal_by=None if row.appeal_settled else row.appeal_by,
            )
        )
    return {body_id: tuple(rows) for body_id, rows in found.items()}


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
