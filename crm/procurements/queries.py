"""What is read about procurements. Nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.cases.models import Case, CaseProduct
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.procurements.models import (
    Milestone,
    MilestoneMove,
    Plan,
    Procurement,
    ProcurementCase,
    StageLength,
)
from crm.rules.calendar import ONE_DAY
from crm.rules.floors import LegalTerms
from crm.rules.headroom import Sale
from crm.rules.kinds import STATE_KINDS
from crm.rules.law.terms import AuthorityKind
from crm.rules.law.values import LawValues
from crm.rules.milestones import LaidOut, laid_out
from crm.rules.routes import Duration, Route, StageKey
from crm.rules.stages import CaseState, Outcome


def get(procurement_id: int) -> Procurement:
    """The procurement with who buys and its body. One statement. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Procurement)
        .where(Procurement.id == procurement_id)
        .options(joinedload(Procurement.organisation), joinedload(Procurement.body))
    )
    if found is None:
        raise NotFound("procurement")
    return found


def terms_of(procurement: Procurement | None, body: Organisation) -> LegalTerms:
    """What the procurement is under the law, by the figures that hold here. One statement.

    Without one: the usual terms for the kind of authority that the body is.
    """
    return _terms(procurement, body, law.values())


def _terms(procurement: Procurement | None, body: Organisation, values: LawValues) -> LegalTerms:
    authority = AuthorityKind.STATE if body.kind in STATE_KINDS else AuthorityKind.OTHER
    if procurement is None:
        return LegalTerms(values=values, authority=authority)
    return LegalTerms(
        values=values,
        law=procurement.law,
        authority=authority,
        kind=procurement.object_kind,
        electronic=procurement.electronic,
        urgent=procurement.urgent,
        channel=procurement.award_channel,
        stated_standstill=procurement.standstill_until,
    )


def plan_that_holds(procurement_id: int) -> Plan | None:
    """The plan with its milestones and their moves. At most two statements."""
    found = db.session.scalars(
        sa.select(Plan)
        .where(Plan.procurement_id == procurement_id, Plan.replaced_on.is_(None))
        .options(
            joinedload(Plan.milestones).selectinload(Milestone.moves).joinedload(MilestoneMove.by)
        )
    )
    return found.unique().one_or_none()


def earlier_plans(procurement_id: int) -> Sequence[Plan]:
    """The plans that another one replaced, the latest first, with milestones. One statement."""
    found = db.session.scalars(
        sa.select(Plan)
        .where(Plan.procurement_id == procurement_id, Plan.replaced_on.is_not(None))
        .order_by(Plan.id.desc())
        .options(joinedload(Plan.laid_by), joinedload(Plan.milestones))
    )
    return found.unique().all()


def plans_behind_their_contract(body_ids: Sequence[int]) -> list[tuple[Plan, date]]:
    """(plan with its milestones, the contract's last day) where the plan is for another day.

    A plan of several cases follows the contract that ends first. One statement if there is none.
    """
    ends_on = sa.func.min(Case.contract_ends_on)
    found = db.session.execute(
        sa.select(Plan.id, Plan.in_use_on, ends_on)
        .join(Procurement, Procurement.id == Plan.procurement_id)
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .join(Case, Case.id == ProcurementCase.case_id)
        .where(
            Procurement.body_id.in_(body_ids),
            Plan.follows_contract.is_(True),
            Plan.replaced_on.is_(None),
        )
        .group_by(Plan.id, Plan.in_use_on)
    ).all()
    behind = {row[0]: row[2] for row in found if row[2] and row[1] != row[2] + ONE_DAY}
    if not behind:
        return []
    plans = db.session.scalars(
        sa.select(Plan).where(Plan.id.in_(behind)).options(selectinload(Plan.milestones))
    )
    return [(plan, behind[plan.id]) for plan in plans]


def laid_out_for(body_ids: Sequence[int]) -> dict[int, LaidOut]:
    """By case: what the plan of its procurement says of the days to come. One statement.

    Of several cases in one procurement the first that is not closed has it, so that nobody is told
    twice; nothing is left of a procurement that was called off.
    """
    found = db.session.execute(
        sa.select(
            ProcurementCase.procurement_id,
            ProcurementCase.case_id,
            Case.state,
            Plan.route,
            Milestone.stage,
            Milestone.planned_on,
            Milestone.reached_on,
            Milestone.certainty,
            Procurement.law,
            Procurement.electronic,
            Procurement.urgent,
            Procurement.award_channel,
        )
        .join(Procurement, Procurement.id == ProcurementCase.procurement_id)
        .join(Case, Case.id == ProcurementCase.case_id)
        .join(Plan, Plan.procurement_id == Procurement.id)
        .join(Milestone, Milestone.plan_id == Plan.id)
        .where(
            Procurement.body_id.in_(body_ids),
            Procurement.cancelled_on.is_(None),
            Plan.replaced_on.is_(None),
        )
        .order_by(ProcurementCase.procurement_id, ProcurementCase.case_id, Milestone.position)
    ).all()
    told: dict[int, LaidOut] = {}
    for _procurement, rows in groupby(found, key=lambda row: row.procurement_id):
        by_case = {
            case_id: list(some) for case_id, some in groupby(rows, key=lambda row: row.case_id)
        }
        first = min(
            by_case, key=lambda case_id: (by_case[case_id][0].state is CaseState.CLOSED, case_id)
        )
        one = laid_out(
            by_case[first][0].route,
            [
                (
                    row.stage,
                    row.reached_on or row.planned_on,
                    row.reached_on is not None,
                    row.certainty,
                )
                for row in by_case[first]
            ],
            LegalTerms(
                law=by_case[first][0].law,
                electronic=by_case[first][0].electronic,
                urgent=by_case[first][0].urgent,
                channel=by_case[first][0].award_channel,
            ),
        )
        if one is not None:
            told[first] = one
    return told


def milestone_of(plan: Plan, stage: StageKey) -> Milestone:
    """The plan's milestone of a stage. Raises NotFound."""
    for row in plan.milestones:
        if row.stage is stage:
            return row
    raise NotFound("milestone")


def cases_of(procurement_id: int) -> Sequence[Case]:
    """The cases that take part, with owner and unit. One statement."""
    return db.session.scalars(
        sa.select(Case)
        .join(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(ProcurementCase.procurement_id == procurement_id)
        .order_by(Case.id)
        .options(joinedload(Case.owner), joinedload(Case.organisation))
    ).all()


@dataclass(frozen=True, slots=True)
class Standing:
    """A procurement that a case takes part in: its route, and what comes next and when."""

    id: int
    title: str
    route: Route | None
    next_stage: StageKey | None
    next_on: date | None
    in_use_on: date | None
    tenders_due_at: datetime | None


def standing(case_id: int) -> Standing | None:
    """What the page of the case says of its procurement. One statement."""
    row = db.session.execute(
        sa.select(
            Procurement.id,
            Procurement.title,
            Plan.route,
            Milestone.stage.label("next_stage"),
            Milestone.planned_on.label("next_on"),
            Plan.in_use_on,
            Procurement.tenders_due_at,
        )
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .outerjoin(Milestone, sa.and_(Milestone.plan_id == Plan.id, Milestone.reached_on.is_(None)))
        .where(ProcurementCase.case_id == case_id)
        .order_by(Milestone.position)
        .limit(1)
    ).one_or_none()
    return None if row is None else Standing(**row._mapping)


def of_case(case_id: int) -> Procurement | None:
    """The procurement that the case takes part in."""
    return db.session.scalar(
        sa.select(Procurement)
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .where(ProcurementCase.case_id == case_id)
    )


def of_case_with_plan(case_id: int) -> tuple[Procurement | None, Plan | None]:
    """The case's procurement and its plan that holds, without milestones. One statement."""
    row = db.session.execute(
        sa.select(Procurement, Plan)
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .where(ProcurementCase.case_id == case_id)
    ).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


def sales_beside(case: Case) -> list[tuple[int, Sale]]:
    """What the body has bought from us in the case's product area: (case that was won, sale).

    The area is the products of the case; a win, or a case, that names no product may be of any.
    Needs the case's products loaded. One statement.
    """
    asked = (
        sa.select(
            Case.id, Case.title, Case.closed_on, Case.value_ore, Case.contract_ends_on, Plan.route
        )
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .outerjoin(
            Plan,
            sa.and_(
                Plan.procurement_id == ProcurementCase.procurement_id, Plan.replaced_on.is_(None)
            ),
        )
        .where(Case.body_id == case.body_id, Case.id != case.id, Case.outcome == Outcome.WON)
        .order_by(Case.closed_on.desc(), Case.id)
    )
    if case.products:
        named = sa.select(CaseProduct.product_id).where(CaseProduct.case_id == Case.id)
        same = named.where(CaseProduct.product_id.in_([one.id for one in case.products]))
        asked = asked.where(sa.or_(sa.exists(same), sa.not_(sa.exists(named))))
    return [
        (
            row.id,
            Sale(
                title=row.title,
                signed_on=row.closed_on,
                starts_on=row.closed_on,
                ends_on=row.contract_ends_on,
                furthest=row.contract_ends_on,
                runs_until=row.contract_ends_on,
                value_ore=row.value_ore,
                route=row.route,
            ),
        )
        for row in db.session.execute(asked)
    ]


def of_body(body_id: int) -> Sequence[Procurement]:
    """Every procurement of the body that we know of, the latest first."""
    return db.session.scalars(
        sa.select(Procurement)
        .where(Procurement.body_id == body_id)
        .order_by(Procurement.id.desc())
        .options(joinedload(Procurement.organisation))
    ).all()


@dataclass(frozen=True, slots=True)
class CasesAround:
    """The body's cases beside a procurement: those that take part, and those that may."""

    within: list[Case]
    may_join: list[Case]  # open and waiting, the latest first, at most fifty


def cases_around(procurement: Procurement) -> CasesAround:
    """With owner and unit. One statement."""
    is_within = sa.func.coalesce(ProcurementCase.procurement_id, 0) == procurement.id
    found = db.session.execute(
        sa.select(Case, is_within)
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(
            Case.body_id == procurement.body_id,
            sa.or_(is_within, Case.state != CaseState.CLOSED),
        )
        .order_by(is_within.desc(), Case.id.desc())
        .options(joinedload(Case.owner), joinedload(Case.organisation))
        .limit(MOST_WITHIN + MOST_TO_JOIN)
    ).all()
    return CasesAround(
        within=sorted((case for case, within in found if within), key=lambda case: case.id),
        may_join=[case for case, within in found if not within][:MOST_TO_JOIN],
    )


MOST_WITHIN: Final = 200  # more cases of ours than take part in any one procurement
MOST_TO_JOIN: Final = 50


# --- The list -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to. `owner_id`: with a case of that colleague's."""

    text: str = ""
    owner_id: int | None = None
    route: Route | None = None
    over: bool = False  # those that are signed, in use or called off, instead of the others


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `next_stage` is None where nothing is planned, or all has happened."""

    id: int
    title: str
    reference: str
    organisation_id: int
    organisation: str
    body: str
    route: Route | None
    next_stage: StageKey | None
    next_on: date | None
    tenders_due_at: datetime | None
    under_review_since: date | None
    cancelled_on: date | None
    value_ore: int | None


def rows(chosen: Filter, *, page: int) -> Page[Row]:
    """Procurements by the day of their next milestone, those without one last. Two statements."""
    body = sa.orm.aliased(Organisation)
    position = (
        sa.select(sa.func.min(Milestone.position))
        .where(Milestone.plan_id == Plan.id, Milestone.reached_on.is_(None))
        .correlate(Plan)
        .scalar_subquery()
    )
    ahead = sa.orm.aliased(Milestone)
    conditions = _conditions(chosen)
    joined = (
        sa.select(Procurement.id)
        .join(Organisation, Organisation.id == Procurement.organisation_id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .where(*conditions)
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(joined.subquery())) or 0
    asked = (
        sa.select(
            Procurement.id,
            Procurement.title,
            Procurement.reference,
            Procurement.organisation_id,
            Organisation.name.label("organisation"),
            body.name.label("body"),
            Plan.route,
            ahead.stage.label("next_stage"),
            ahead.planned_on.label("next_on"),
            Procurement.tenders_due_at,
            Procurement.under_review_since,
            Procurement.cancelled_on,
            Procurement.value_ore,
        )
        .join(Organisation, Organisation.id == Procurement.organisation_id)
        .join(body, body.id == Procurement.body_id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .outerjoin(ahead, sa.and_(ahead.plan_id == Plan.id, ahead.position == position))
        .where(*conditions)
        .order_by(ahead.planned_on.is_(None), ahead.planned_on, Procurement.id.desc())
    )
    found = db.session.execute(asked.limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return Page([Row(**row._mapping) for row in found], page, total)


def _conditions(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    signed = sa.exists().where(
        Plan.procurement_id == Procurement.id,
        Plan.replaced_on.is_(None),
        Milestone.plan_id == Plan.id,
        Milestone.stage == StageKey.ROLLOUT,
        Milestone.reached_on.is_not(None),
    )
    over = sa.or_(Procurement.cancelled_on.is_not(None), signed)
    found: list[sa.ColumnElement[bool]] = [over if chosen.over else sa.not_(over)]
    if chosen.text:
        like = f"%{chosen.text.lower()}%"
        found.append(
            sa.or_(
                sa.func.lower(Procurement.title).like(like),
                sa.func.lower(Procurement.reference).like(like),
                sa.func.lower(Organisation.name).like(like),
            )
        )
    if chosen.route is not None:
        found.append(Plan.route == chosen.route)
    if chosen.owner_id is not None:
        found.append(
            sa.exists().where(
                ProcurementCase.procurement_id == Procurement.id,
                Case.id == ProcurementCase.case_id,
                Case.owner_id == chosen.owner_id,
            )
        )
    return found


# --- Lengths ------------------------------------------------------------------------------------


def own_lengths(organisation: Organisation | None, route: Route) -> Sequence[StageLength]:
    """The rows of exactly this body, or of the whole installation (None)."""
    here = (
        StageLength.organisation_id.is_(None)
        if organisation is None
        else StageLength.organisation_id == organisation.id
    )
    return db.session.scalars(sa.select(StageLength).where(here, StageLength.route == route)).all()


def lengths_for(body_id: int, route: Route) -> dict[StageKey, Duration]:
    """The lengths that hold at a body: its own, else the installation's. One statement."""
    found = db.session.scalars(
        sa.select(StageLength).where(
            StageLength.route == route,
            sa.or_(StageLength.organisation_id.is_(None), StageLength.organisation_id == body_id),
        )
    ).all()
    ordered = sorted(found, key=lambda row: row.organisation_id is not None)
    return {row.stage: row.duration for row in ordered}


def lengths_by_route(body_id: int) -> dict[Route, dict[StageKey, Duration]]:
    """The lengths that hold at a body, of every route that has any. One statement."""
    found = db.session.scalars(
        sa.select(StageLength).where(
            sa.or_(StageLength.organisation_id.is_(None), StageLength.organisation_id == body_id)
        )
    ).all()
    by_route: dict[Route, dict[StageKey, Duration]] = {}
    for row in sorted(found, key=lambda row: row.organisation_id is not None):
        by_route.setdefault(row.route, {})[row.stage] = row.duration
    return by_route
