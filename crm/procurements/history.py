"""How long things took here, as it stands in the database: read only, decided in the rulebook."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from crm.cases.models import Case, CasePerson, InquiryCase, StageChange, Track
from crm.core import clock
from crm.core.db import db
from crm.interest.models import Inquiry
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.people.models import Post
from crm.procurements.models import Milestone, Plan, Procurement, ProcurementCase, StageLength
from crm.rules.functions import function_of_title, seen_function
from crm.rules.kinds import OrganisationKind
from crm.rules.lead_times import Followed, History, Length, Mark, Way, lengths
from crm.rules.routes import Duration, Lengths, Route, StageKey
from crm.rules.stages import AdoptionStage, CaseRole, Outcome, ProcurementStage
from crm.rules.starts import Start, start_of


def followed(route: Route | None = None) -> list[Followed]:
    """Every procurement of which something has happened, by the plan that holds. One statement."""
    return [_as_followed(marks) for marks in _by_procurement(_asked(route))]


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
    first_plans = {row[0]: (row[1], row[2], row[3]) for row in laid}
    return [
        _as_followed(marks, first_plans.get(marks[0].id)) for marks in _by_procurement(_asked(None))
    ]


@dataclass(frozen=True, slots=True)
class Here:
    """A procurement beside the history of its route, and the lengths typed for it by hand."""

    marks: Sequence[Any]  # its milestones in order; none where it has no plan
    followed: list[Followed]
    corrected: dict[StageKey, Duration]  # by an administrator, for all
    typed_for_body: dict[StageKey, Duration]


def around(procurement_id: int, body_id: int, route: Route) -> Here:
    """What a forecast of one procurement, whose plan is by the route, is made from. One statement.

    The lengths come beside the milestones they are for, and beside no others.
    """
    ours, theirs = law.lead_times_in_force().subquery(), StageLength.__table__
    this = Procurement.id == procurement_id
    asked = _asked(route, or_this=this).add_columns(
        Milestone.planned_on,
        Procurement.under_review_since,
        Procurement.ruled_on,
        Procurement.ruling_sent_on,
        Procurement.ruling_waived,
        ours.c.short.label("ours_short"),
        ours.c.usual.label("ours_usual"),
        ours.c.long.label("ours_long"),
        theirs.c.short.label("theirs_short"),
        theirs.c.usual.label("theirs_usual"),
        theirs.c.long.label("theirs_long"),
    )
    for typed_here, whose in (
        (ours, sa.true()),
        (theirs, theirs.c.organisation_id == body_id),
    ):
        asked = asked.outerjoin(
            typed_here,
            sa.and_(
                this,
                whose,
                typed_here.c.route == Plan.route,
                typed_here.c.stage == Milestone.stage,
            ),
        )
    every = _by_procurement(asked)
    marks = next((marks for marks in every if marks[0].id == procurement_id), [])
    return Here(
        marks,
        [_as_followed(some) for some in every],
        {
            row.stage: Duration(row.ours_short, row.ours_usual, row.ours_long)
            for row in marks
            if row.ours_usual is not None
        },
        {
            row.stage: Duration(row.theirs_short, row.theirs_usual, row.theirs_long)
            for row in marks
            if row.theirs_usual is not None
        },
    )


def _asked(
    route: Route | None, *, or_this: sa.ColumnElement[bool] | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """The milestones of all of which something has happened (or of this one), in order."""
    begun = sa.select(Milestone.plan_id).where(Milestone.reached_on.is_not(None))
    begins = Plan.id.in_(begun)
    asked: sa.Select[*tuple[Any, ...]] = (
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
        .where(Plan.replaced_on.is_(None), begins if or_this is None else sa.or_(begins, or_this))
        .order_by(Procurement.id, Milestone.position)
    )
    return asked if route is None else asked.where(Plan.route == route)


def _by_procurement(asked: sa.Select[*tuple[Any, ...]]) -> list[list[Any]]:
    rows = db.session.execute(asked).all()
    return [list(some) for _id, some in groupby(rows, key=lambda row: row[0])]


def _as_followed(marks: Sequence[Any], laid: tuple[Route, date, date] | None = None) -> Followed:
    number, title, route, kind, dropped = marks[0][:5]
    return Followed(
        number, title, route, kind, tuple(Mark(*row[5:9]) for row in marks), dropped, laid
    )


# --- Lengths ------------------------------------------------------------------------------------


def typed(
    body_id: int | None = None, route: Route | None = None
) -> dict[int | None, dict[Route, dict[StageKey, Duration]]]:
    """Lengths typed by hand, by body (None: an administrator's, for all) and route. One statement.

    With a body those for all and its own; without a `route` those of every route.
    """
    for_all = law.lead_times_in_force().subquery()
    of_bodies = sa.select(
        StageLength.organisation_id,
        StageLength.route,
        StageLength.stage,
        StageLength.short,
        StageLength.usual,
        StageLength.long,
    )
    if body_id is not None:
        of_bodies = of_bodies.where(StageLength.organisation_id == body_id)
    both = of_bodies.union_all(
        sa.select(
            sa.cast(sa.null(), sa.Integer),
            for_all.c.route,
            for_all.c.stage,
            for_all.c.short,
            for_all.c.usual,
            for_all.c.long,
        )
    ).subquery()
    asked = sa.select(both)
    if route is not None:
        asked = asked.where(both.c.route == route)
    found: dict[int | None, dict[Route, dict[StageKey, Duration]]] = {}
    for body, one, stage, *days in db.session.execute(asked):
        found.setdefault(body, {}).setdefault(one, {})[stage] = Duration(*days)
    return found


def together(
    for_all: Mapping[Route, Lengths], for_body: Mapping[Route, Lengths]
) -> dict[Route, Lengths]:
    """By route: what was corrected for all, and over it what was typed for the body."""
    return {
        route: {**for_all.get(route, {}), **for_body.get(route, {})}
        for route in (*for_all, *for_body)
    }


def lengths_held(
    body: Organisation | None, route: Route, today: date, history: History | None = None
) -> dict[StageKey, Length]:
    """The length of each stage of the route at a body, and what it rests on. Two statements, one
    where the `history` of the route is at hand.

    Without a body those that hold where a buyer has none of its own.
    """
    by_hand = typed(body.id if body else None, route)
    return lengths(
        route,
        by_hand.get(body.id, {}).get(route, {}) if body else {},
        by_hand.get(None, {}).get(route, {}),
        history or History(followed(route)),
        today,
        body.kind if body else None,
    )


# --- Cases --------------------------------------------------------------------------------------


def ways() -> list[Way]:
    """The way of every case so far. Three statements.

    The first contact is the first inquiry of those that fed it, or the day the case was opened. A
    case that was won without its track being moved is signed on the day it was closed.
    """
    reached, began = _reached(), starts()
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
    return [
        _way(reached.get(row[0], {}), began.get(row[0], Start.UNKNOWN), *row[1:]) for row in rows
    ]


def starts() -> dict[int, Start]:
    """By case, where in the body it began (S5). One statement.

    By whoever made the first inquiry of the case, else by whoever had the first role in it: what
    their title at the body said on that day, else the roles that they had in the case by then.
    Everybody who opens a case is noted as a user, so that this alone says nothing. Where nothing
    is said, nobody knows: whoever came later says nothing of the start. A case that is not here
    has nobody.
    """
    asked = (
        sa.select(
            Case.id.label("case_id"),
            sa.literal(0).label("rank"),
            Inquiry.received_at.label("moment"),
            sa.cast(sa.null(), sa.Date).label("day"),
            Inquiry.person_id.label("person_id"),
            Case.body_id.label("body_id"),
        )
        .join(InquiryCase, InquiryCase.case_id == Case.id)
        .join(Inquiry, Inquiry.id == InquiryCase.inquiry_id)
        .where(Inquiry.person_id.is_not(None))
    )
    played = sa.select(
        Case.id,
        sa.literal(1),
        sa.cast(sa.null(), Inquiry.__table__.c.received_at.type),
        CasePerson.started_on,
        CasePerson.person_id,
        Case.body_id,
    ).join(CasePerson, CasePerson.case_id == Case.id)
    every = sa.union_all(asked, played).subquery()
    in_order = sa.func.row_number().over(
        partition_by=every.c.case_id,
        order_by=(every.c.rank, every.c.moment, every.c.day, every.c.person_id),
    )
    turns = sa.select(every, in_order.label("turn")).subquery()
    place, held = sa.orm.aliased(Organisation), sa.orm.aliased(CasePerson)
    posts = (
        sa.select(
            Post.person_id, place.body_id, Post.title, Post.started_on, Post.ended_on, Post.id
        )
        .join(place, place.id == Post.organisation_id)
        .where(Post.title != "")
        .subquery()
    )
    rows = db.session.execute(
        sa.select(
            turns.c.case_id,
            turns.c.moment,
            turns.c.day,
            posts.c.title,
            posts.c.started_on,
            posts.c.ended_on,
            held.role,
            held.started_on.label("role_from"),
        )
        .outerjoin(
            posts,
            sa.and_(posts.c.person_id == turns.c.person_id, posts.c.body_id == turns.c.body_id),
        )
        .outerjoin(
            held, sa.and_(held.case_id == turns.c.case_id, held.person_id == turns.c.person_id)
        )
        .where(turns.c.turn == 1)
        .order_by(turns.c.case_id, posts.c.started_on.desc(), posts.c.id)
    )
    titles: dict[int, list[str]] = defaultdict(list)
    roles: dict[int, set[CaseRole]] = defaultdict(set)
    for row in rows:
        on = row.day if row.day is not None else clock.local(row.moment).date()
        there = titles[row.case_id]
        if row.title and _held_on(row.started_on, row.ended_on, on) and row.title not in there:
            there.append(row.title)
        if row.role not in (None, CaseRole.USER) and row.role_from <= on:
            roles[row.case_id].add(row.role)
    found = {}
    for case_id, there in titles.items():
        named = (function_of_title(title) for title in there)
        function = next((one for one in named if one is not None), None)
        found[case_id] = start_of(function or seen_function("", roles[case_id]))
    return found


def _held_on(first: date | None, last: date | None, day: date) -> bool:
    """A post without a first day was held until its last."""
    return (first is None or first <= day) and (last is None or day <= last)


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
    start: Start,
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
        start=start,
        is_over=closed_on is not None or signature is not None,
    )
