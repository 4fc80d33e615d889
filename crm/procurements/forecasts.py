"""When procurements are likely to be signed and in use, from what stands in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from crm.budgets.queries import body_kind
from crm.core.db import db
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.procurements import history, queries
from crm.procurements.models import Milestone, Plan, Procurement
from crm.rules.certainty import Certainty
from crm.rules.floors import USUAL_TERMS, LegalTerms
from crm.rules.forecast import Floors, Forecast, Likely, Standing, Tables, forecast
from crm.rules.kinds import OrganisationKind
from crm.rules.lead_times import History, Length, lengths
from crm.rules.quiet import Audience, OpenDays, open_days
from crm.rules.routes import Route, StageKey

_LOOKED_AT = 16  # years of quiet periods, as far as a plan may reach


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is said of one procurement, and what that rests on. None where nothing is left of it."""

    forecast: Forecast | None
    lengths: Mapping[StageKey, Length]


def of(
    procurement_id: int,
    body: Organisation,
    route: Route,
    *,
    today: date,
    terms: LegalTerms = USUAL_TERMS,
) -> Outlook:
    """Of one procurement of the body, whose plan is by the route. One statement."""
    here = history.around(procurement_id, body.id, route)
    known = History(here.followed)
    held = lengths(route, here.typed_for_body, here.corrected, known, today, body.kind)
    marks = here.marks
    if not marks or marks[0].cancelled_on is not None:
        return Outlook(None, held)
    standing = _standing(
        route,
        marks[0].under_review_since,
        marks[0].ruling_sent_on or marks[0].ruled_on,
        [(row.stage, row.planned_on, row.reached_on, row.certainty) for row in marks],
        marks[0].ruling_waived,
    )
    if standing is None:
        return Outlook(None, held)
    tables = known.tables(today, body.kind, {route: here.corrected | here.typed_for_body})
    days = everyday(body.kind, body.county_code, today)
    said = forecast(standing, tables, days, today=today, seed=procurement_id, floors=Floors(terms))
    return Outlook(said, held)


def of_all(*, today: date) -> dict[int, Forecast]:
    """By procurement, of every one that something is left of. Four statements."""
    return {number: said for number, _body, said in _forecasts(today)}


def next_signings(*, today: date) -> dict[int, Likely]:
    """By body, its signing that is likely the first to come. Four statements."""
    found: dict[int, Likely] = {}
    for _number, body, said in _forecasts(today):
        if said.signed is not None and (
            body not in found or said.signed.middle < found[body].middle
        ):
            found[body] = said.signed
    return found


def everyday(
    kind: OrganisationKind, county_code: str | None, today: date, *, since: int | None = None
) -> OpenDays:
    """The days on which a notice goes out at a body of the kind, its own pauses left aside.

    `since` is the first year of them, the last one's unless it is given.
    """
    first, last = date(since or today.year - 1, 1, 1), date(today.year + _LOOKED_AT, 12, 31)
    return open_days(body_kind(kind), Audience.GENERAL, county_code, first, last)


def _forecasts(today: date) -> list[tuple[int, int, Forecast]]:
    """Procurement, body, and what is said of it."""
    standings = _standings()
    if not standings:
        return []
    by_hand = history.typed()
    known, values = History(history.followed()), law.values()
    by_terms: dict[tuple[Any, ...], Floors] = {}
    made: dict[tuple[OrganisationKind, int | None], Tables] = {}
    found = []
    for number, body, kind, county, standing, asked in standings:
        typed_at = body if body in by_hand else None
        tables = made.get((kind, typed_at))
        if tables is None:
            own = history.together(by_hand.get(None, {}), by_hand.get(typed_at, {}))
            tables = made[kind, typed_at] = known.tables(today, kind, own)
        days = everyday(kind, county, today)
        floors = by_terms.get(asked)
        if floors is None:
            floors = by_terms[asked] = Floors(LegalTerms(values, *asked))
        said = forecast(standing, tables, days, today=today, seed=number, floors=floors)
        if said is not None:
            found.append((number, body, said))
    return found


def _standings() -> list[tuple[int, int, OrganisationKind, str | None, Standing, tuple[Any, ...]]]:
    """Procurement, body, its kind and county, where it stands, and what it is under the law.

    The last in the order of `LegalTerms`, without the figures that hold here. One statement.
    """
    rows = db.session.execute(
        sa.select(
            Procurement.id,
            Procurement.body_id,
            Organisation.kind,
            Organisation.county_code,
            Plan.route,
            Procurement.under_review_since,
            sa.func.coalesce(Procurement.ruling_sent_on, Procurement.ruled_on),
            Procurement.ruling_waived,
            Milestone.stage,
            Milestone.planned_on,
            Milestone.reached_on,
            Milestone.certainty,
            Procurement.law,
            Procurement.object_kind,
            Procurement.electronic,
            Procurement.urgent,
            Procurement.award_channel,
            Procurement.standstill_until,
            Procurement.prior_notice_on,
            Procurement.documents_online,
            Procurement.tender_agreed_on,
            Procurement.no_agreement,
        )
        .join(Plan, Plan.procurement_id == Procurement.id)
        .join(Milestone, Milestone.plan_id == Plan.id)
        .join(Organisation, Organisation.id == Procurement.body_id)
        .where(Plan.replaced_on.is_(None), Procurement.cancelled_on.is_(None))
        .order_by(Procurement.id, Milestone.position)
    ).all()
    found = []
    for number, group in groupby(rows, key=lambda row: row[0]):
        marks: list[Any] = list(group)
        _number, body, kind, county, route, under_review, ruled, waived = marks[0][:8]
        standing = _standing(route, under_review, ruled, [mark[8:12] for mark in marks], waived)
        if standing is not None:
            act, *others = marks[0][12:]
            asked = (act, queries.authority_of(kind), *others)
            found.append((number, body, kind, county, standing, asked))
    return found


def _standing(
    route: Route,
    under_review: date | None,
    ruled: date | None,
    marks: Sequence[tuple[StageKey, date, date | None, Certainty]],
    waived: bool,
) -> Standing | None:
    """From the last milestone that has happened; where none has, the first one as it is planned."""
    told = {
        stage: planned
        for stage, planned, reached, certainty in marks
        if reached is None and certainty.is_at_least(Certainty.REPORTED)
    }
    begun = [(stage, reached) for stage, _planned, reached, _certainty in marks if reached]
    if begun:
        stage, day = begun[-1]
        if stage is StageKey.IN_USE:
            return None
        return Standing(
            route, stage, day, told, under_review, ruled if under_review else None, waived
        )
    stage, planned, *_rest = marks[0]
    return Standing(route, stage, planned, told, under_review)
