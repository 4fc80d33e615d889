"""What was under way on an earlier day, by the days that were written down since."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.cases.models import Case, StageChange, Track
from crm.core import clock
from crm.core.db import db
from crm.procurements.models import Milestone, Procurement
from crm.procurements.queries import UnderWay, procurements_under_way, read_under_way
from crm.rules.calendar import ONE_DAY
from crm.rules.stages import ProcurementStage


def under_way_on(body_ids: Collection[int], day: date) -> list[UnderWay]:
    """What the bodies were buying on a day: the milestones reached by then, and our cases as they
    stood when the day was over.

    A procurement counts until the day it is called off, and as under review from the day that the
    review began. One statement.
    """
    began = Procurement.under_review_since <= day
    asked = procurements_under_way(body_ids, is_there=_was_not_called_off(day)).where(
        sa.or_(began, Milestone.reached_on <= day)
    )
    rows = db.session.execute(asked.union_all(_cases(body_ids, day))).all()
    return [one for one in read_under_way(rows, day) if one.stage is not ProcurementStage.NONE]


def _was_not_called_off(day: date) -> sa.ColumnElement[bool]:
    return sa.or_(Procurement.cancelled_on.is_(None), Procurement.cancelled_on > day)


def _cases(body_ids: Collection[int], day: date) -> sa.Select[*tuple[Any, ...]]:
    """Each case that was open or waiting, in the same columns, with its stage of that day: the one
    it had moved to by then, else the one that it moved from afterwards, else that of now."""
    over = clock.at(day + ONE_DAY, 0)
    moves = sa.and_(StageChange.case_id == Case.id, StageChange.track == Track.PROCUREMENT)

    moved_to = (
        sa.select(StageChange.after)
        .where(moves, StageChange.at < over)
        .order_by(StageChange.at.desc(), StageChange.id.desc())
        .limit(1)
        .correlate(Case)
    )
    moved_from = (
        sa.select(sa.func.nullif(StageChange.before, ""))
        .where(moves, StageChange.at >= over)
        .order_by(StageChange.at, StageChange.id)
        .limit(1)
        .correlate(Case)
    )
    nothing = sa.null()
    return sa.select(
        sa.cast(nothing, sa.Integer).label("procurement_id"),
        Case.id.label("case_id"),
        Case.body_id,
        Case.title,
        sa.literal("").label("notice_url"),
        sa.cast(nothing, sa.Date).label("under_review_since"),
        sa.cast(nothing, sa.String).label("route"),
        sa.func.coalesce(
            moved_to.scalar_subquery(),
            moved_from.scalar_subquery(),
            sa.cast(Case.procurement, sa.String),
        ).label("stage"),
    ).where(
        Case.body_id.in_(body_ids),
        Case.opened_on <= day,
        sa.or_(Case.closed_on.is_(None), Case.closed_on > day),
    )
