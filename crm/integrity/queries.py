"""What is read about integrity. Nothing here changes anything."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.integrity.models import ConflictNote, Hospitality, SharedMaterial
from crm.organisations.models import Organisation
from crm.people.models import Post
from crm.procurements import queries as procurements
from crm.procurements.queries import UnderWay
from crm.rules.integrity import Caution, caution


@dataclass(frozen=True, slots=True)
class Treatment:
    """The line on equal treatment: what holds, and because of which procurement or case."""

    caution: Caution
    about: UnderWay


def treatment_of(ways: Iterable[UnderWay]) -> Treatment | None:
    """The strictest of what is under way; a procurement with a notice before one without."""
    found = [Treatment(careful, one) for one in ways if (careful := caution(one.stage)) is not None]
    return max(
        found,
        key=lambda one: (
            one.caution is Caution.ADVERTISED,
            bool(one.about.notice_url),
            one.about.procurement_id is not None,
        ),
        default=None,
    )


def treatment_at(body_ids: Collection[int]) -> Treatment | None:
    """What holds in contacts with these bodies now. One statement."""
    return treatment_of(procurements.under_way(body_ids)) if body_ids else None


def bodies_of(person_id: int, day: date) -> dict[int, str]:
    """The bodies at which somebody had a post on a day, by id, with their names. One statement.

    A post whose first day nobody knows counts from ever.
    """
    body = sa.orm.aliased(Organisation)
    rows = db.session.execute(
        sa.select(body.id, body.name)
        .join(Organisation, Organisation.body_id == body.id)
        .join(Post, Post.organisation_id == Organisation.id)
        .where(
            Post.person_id == person_id,
            sa.or_(Post.started_on.is_(None), Post.started_on <= day),
            sa.or_(Post.ended_on.is_(None), Post.ended_on > day),
        )
        .distinct()
    )
    return {row.id: row.name for row in rows}


def material(material_id: int) -> SharedMaterial:
    """One line of the log. Raises NotFound."""
    found = db.session.get(SharedMaterial, material_id)
    if found is None:
        raise NotFound("shared material")
    return found


def shared(body_id: int, procurement_id: int | None, *, page: int) -> Page[SharedMaterial]:
    """What was shared with a body, or for one procurement of its, in order. Two statements."""
    asked = sa.select(SharedMaterial).where(SharedMaterial.body_id == body_id)
    if procurement_id is not None:
        asked = asked.where(SharedMaterial.procurement_id == procurement_id)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    rows = db.session.scalars(
        asked.order_by(SharedMaterial.shared_on, SharedMaterial.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(joinedload(SharedMaterial.by), joinedload(SharedMaterial.organisation))
    )
    return Page(list(rows), page, total)


@dataclass(frozen=True, slots=True)
class Shared:
    """A line of the log as the page of a procurement shows it."""

    id: int
    what: str
    occasion: str
    shared_on: date


def of_procurement(procurement_id: int, body_id: int) -> tuple[Treatment | None, list[Shared]]:
    """What holds in contacts with the body, and what was shared for its procurement.

    Of the latter the latest first, at most twenty. One statement.
    """
    latest = (
        sa.select(SharedMaterial)
        .where(SharedMaterial.procurement_id == procurement_id)
        .order_by(SharedMaterial.shared_on.desc(), SharedMaterial.id.desc())
        .limit(20)
        .subquery()
    )
    nothing, none = sa.cast(sa.null(), sa.Integer), sa.cast(sa.null(), sa.String)
    lines: Any = sa.select(
        nothing.label("procurement_id"),
        nothing.label("case_id"),
        latest.c.body_id,
        latest.c.what.label("title"),
        latest.c.occasion.label("notice_url"),
        latest.c.shared_on.label("under_review_since"),
        none.label("route"),
        none.label("stage"),
        latest.c.id.label("shared_id"),
    )
    ways: list[Any] = [
        asked.add_columns(nothing.label("shared_id"))
        for asked in (
            procurements.procurements_under_way([body_id]),
            procurements.cases_under_way([body_id]),
        )
    ]
    rows = db.session.execute(sa.union_all(*ways, lines)).all()
    shared = [
        Shared(row.shared_id, row.title, row.notice_url, row.under_review_since)
        for row in rows
        if row.shared_id is not None
    ]
    under_way = [row for row in rows if row.shared_id is None]
    return (
        treatment_of(procurements.read_under_way(under_way)),
        sorted(shared, key=lambda one: (one.shared_on, one.id), reverse=True),
    )


def conflict(conflict_id: int) -> ConflictNote:
    """One note. Raises NotFound."""
    found = db.session.get(ConflictNote, conflict_id)
    if found is None:
        raise NotFound("conflict note")
    return found


def hospitality(*, page: int) -> Page[Hospitality]:
    """The register, the latest first. Two statements."""
    total = db.session.scalar(sa.select(sa.func.count(Hospitality.id))) or 0
    rows = db.session.scalars(
        sa.select(Hospitality)
        .order_by(Hospitality.offered_on.desc(), Hospitality.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(joinedload(Hospitality.person), joinedload(Hospitality.by))
    )
    return Page(list(rows), page, total)
