"""How long things took here, as it stands in the database: read only, decided in the rulebook."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

import sqlalchemy as sa

from crm.cases.models import Case, InquiryCase, StageChange, Track
from crm.core import clock
from crm.core.db import db
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.procurements.models import Milestone, Plan, Procurement, ProcurementCase, StageLength
from crm.rules.kinds import OrganisationKind
from crm.rules.lead_times import Followed, History, Length, Mark, Way, lengths
from crm.rules.routes import Duration, Lengths, Route, StageKey
from crm.rules.stages import AdoptionStage, Outcome, ProcurementStage


def followed(route: Route | None = None) -> list[Followed]:
    """Every procurement of which something has happened, by the plan that holds. One statement."""
    return _followed(route, {})


def followed_from_the_start() -> list[Followed]:
    """The same, each with how it was laid out first. Two statements."""
    first = sa.select(sa.func.min(Plan.id)).group_by(Plan.procurement_id)
    laid = db.session.execute(
        sa.select(
            Plan.procurement_id,
            Plan.route,
            Plan.laid_on,
            sa.func.min(Milestone.first_planned_on),
        )
        .join(Milestone, Milestone.plan_id == Plan.id)
        .where(Plan.id.in_(first))
        .group_by(Plan.procurement_id, Plan.route, Plan.laid_on)
    ).all()
    return _followed(None, {row[0]: (row[1], row[2], row[3]) for row in laid})


def _followed(route: Route | None, laid: Mapping[int, tuple[Route, date, date]]) -> list[Followed]:
    begun = sa.select(Milestone.plan_id).where(Milestone.reached_on.is_not(None))
    asked = (
        sa.select(
            Procurement.id,
            Procurement.title,
            Plan.route,
            Organisation.kind,
            Procurement.cancelled_on,
            Milestone.stage,
            Milestone.first_planned_on,
            Milestone.reached_on,
            Milestone.certainty,
        )
        .join(Plan, Plan.id == Milestone.plan_id)
        .join(Procurement, Procurement.id == Plan.procurement_id)
        .join(Organisation, Organisation.id == Procurement.body_id)
        .where(Plan.replaced_on.is_(None), Plan.id.in_(begun))
        .order_by(Procurement.id, Milestone.position)
    )
    if route is not None:
        asked = asked.where(Plan.route == route)
    found = []
    for _id, rows in groupby(db.session.execute(asked).all(), key=lambda row: row[0]):
        marks = list(rows)
        number, title, way, kind, dropped = marks[0][:5]
        found.append(
            Followed(
                number,
                title,
                way,
                kind,
                tuple(Mark(*row[5:]) for row in marks),
                dropped,
                laid.get(number),
            )
        )
    return found


# --- Lengths ------------------------------------------------------------------------------------


def typed(
    body_ids: Sequence[int] | None = None, route: Route | None = None
) -> dict[int | None, dict[Route, dict[StageKey, Duration]]]:
    """Lengths typed by hand, by body (None: for all) and route. One statement.

    Without `body_ids` those of every body; without `route` those of every route.
    """
    asked = sa.select(StageLength)
    if body_ids is not None:
        asked = asked.where(
            sa.or_(StageLength.organisation_id.is_(None), StageLength.organisation_id.in_(body_ids))
        )
    if route is not None:
        asked = asked.where(StageLength.route == route)
    found: dict[int | None, dict[Route, dict[StageKey, Duration]]] = {}
    for row in db.session.scalars(asked):
        of_body = found.setdefault(row.organisation_id, {})
        of_body.setdefault(row.route, {})[row.stage] = row.duration
    return found


def together(
    for_all: Mapping[Route, Lengths], for_body: Mapping[Route, Lengths]
) -> dict[Route, Lengths]:
    """By route: what was typed for all, and over it what was typed for the body."""
    return {
        route: {**for_all.get(route, {}), **for_body.get(route, {})}
        for route in (*for_all, *for_body)
    }


def lengths_held(body: Organisation | None, route: Route, today: date) -> dict[StageKey, Length]:
    """The length of each stage of the route at a body, and what it rests on. Two statements.

    Without a body those that hold where a buyer has none of its own.
    """
    by_hand = typed([body.id] if body else [], route)
    return lengths(
        route,
        by_hand.get(body.id, {}).get(route, {}) if body else {},
        by_hand.get(None, {}).get(route, {}),
        History(followed(route)),
        today,
        body.kind if body else None,
    )


# --- Cases --------------------------------------------------------------------------------------


def ways() -> list[Way]:
    """The way of every case so far. Two statements.

    The first contact is the first inquiry of those that fed it, or the day the case was opened. A
    case that was won without its track being moved is signed on the day it was closed.
    """
    reached = _reached()
    contact = (
        sa.select(InquiryCase.case_id, sa.func.min(Inquiry.received_at).label("at"))
        .join(Inquiry, Inquiry.id == InquiryCase.inquiry_id)
        .group_by(InquiryCase.case_id)
        .subquery()
    )
    body = sa.orm.aliased(Organisation)
    rows = db.session.execute(
        sa.select(
            Case.id,
            Plan.route,
            body.kind,
            Case.opened_on,
            contact.c.at,
            Case.outcome,
            Case.closed_on,
        )
        .join(body, body.id == Case.body_id)
        .outerjoin(contact, contact.c.case_id == Case.id)
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .outerjoin(
            Plan,
            sa.and_(
                Plan.procurement_id == ProcurementCase.procurement_id, Plan.replaced_on.is_(None)
            ),
        )
        .order_by(Case.id)
    )
    return [_way(reached.get(row[0], {}), *row[1:]) for row in rows]


_STEPS = {
    (Track.ADOPTION, AdoptionStage.UNIT_PILOT.value): "trial",
    (Track.ADOPTION, AdoptionStage.BUDGETED_NEED.value): "decision",
    (Track.PROCUREMENT, ProcurementStage.SIGNED.value): "signature",
}


def _reached() -> dict[int, dict[str, date]]:
    """By case and step: the first day on which it had come so far."""
    found: dict[int, dict[str, date]] = {}
    rows = db.session.execute(
        sa.select(
            StageChange.case_id, StageChange.track, StageChange.after, sa.func.min(StageChange.at)
        )
        .where(sa.tuple_(StageChange.track, StageChange.after).in_(_STEPS))
        .group_by(StageChange.case_id, StageChange.track, StageChange.after)
    )
    for case_id, track, after, at in rows:
        found.setdefault(case_id, {})[_STEPS[track, after]] = clock.local(at).date()
    return found


def _way(
    reached: Mapping[str, date],
    route: Route | None,
    kind: OrganisationKind,
    opened_on: date,
    first_inquiry: datetime | None,
    outcome: Outcome | None,
    closed_on: date | None,
) -> Way:
    contact = opened_on
    if first_inquiry is not None:
        contact = min(contact, clock.local(first_inquiry).date())
    signature = reached.get("signature")
    if signature is None and outcome is Outcome.WON:
        signature = closed_on
    return Way(
        route,
        kind,
        contact,
        reached.get("trial"),
        reached.get("decision"),
        signature,
        closed_on if signature is None else None,
    )
