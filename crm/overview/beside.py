"""What stands beside an account, a case or a person: how careful one has to be in contacts there,
conflicts of interest, records requests, what was shared, the procurement of the case, what tells
who is missing in it, and what its people have done for it.

All of it is small and comes from several packages, so that one statement fetches it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.anchoring import queries as anchoring
from crm.cases.models import CasePerson
from crm.champions import queries as champions
from crm.champions import spread
from crm.contracts import queries as contracts
from crm.contracts.queries import Brief
from crm.core.db import db
from crm.integrity.models import ConflictNote, Hospitality, SharedMaterial
from crm.integrity.queries import Treatment, treatment_of
from crm.organisations.models import Organisation
from crm.procurements import queries as procurements
from crm.procurements.models import Procurement, ProcurementCase
from crm.records.models import RecordsRequest, RequestOutcome
from crm.rules.champions import USUAL, Act, Formula
from crm.rules.contracts import ContractKind
from crm.rules.routes import Route, StageKey

MOST = 20  # of each kind


@dataclass(frozen=True, slots=True)
class Note:
    """A conflict of interest that is not settled."""

    id: int
    text: str
    noted_on: date
    by: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A records request."""

    id: int
    title: str
    asked_on: date
    outcome: RequestOutcome | None


@dataclass(frozen=True, slots=True)
class Beside:
    """`standing` is the procurement of the case; `shared` and `requests_total` count what there is
    of the body, on the page of an account; `contracts` are those of the account or of the case."""

    treatment: Treatment | None
    conflicts: tuple[Note, ...] = ()
    requests: tuple[Asked, ...] = ()
    requests_total: int = 0
    shared: int = 0
    offered: int = 0  # hospitality, on the page of a person
    standing: procurements.Standing | None = None
    gate: tuple[tuple[str, str, str], ...] = ()  # of a case: see anchoring.queries.read_missing
    acts: Mapping[int, list[Act]] = field(default_factory=dict)  # by person
    formula: Formula = USUAL  # by which the acts are counted
    contracts: tuple[Brief, ...] = ()
    draw_map_in: int | None = None  # the case in which an anchoring map is worth drawing now


def _row(what: str | sa.ColumnElement[str], **columns: Any) -> sa.Select[Any]:
    """One kind of row in the columns that all kinds share."""
    kinds: dict[str, Any] = {
        "id": sa.Integer(),
        "other_id": sa.Integer(),
        "body_id": sa.Integer(),
        "title": sa.String(),
        "a": sa.String(),
        "b": sa.String(),
        "day": sa.Date(),
        "day2": sa.Date(),
        "moment": Procurement.__table__.c.tenders_due_at.type,
    }
    told = [
        columns.get(name, sa.cast(sa.null(), kind)).label(name)
        if not isinstance(kind, sa.String)
        else sa.cast(columns.get(name, sa.null()), kind).label(name)
        for name, kind in kinds.items()
    ]
    kind = sa.literal(what) if isinstance(what, str) else what
    return sa.select(sa.cast(kind, sa.String).label("what"), *told)


def of_account(place: Organisation, today: date) -> Beside:
    """On the page of an account. One statement."""
    body_id = place.body_id or place.id
    proposal = spread.proposal_asked(body_id, today).subquery()
    return _read(
        [
            *_ways([body_id]),
            _contracts(contracts.of_account(place, today=today)),
            _row("shared", id=sa.func.count(SharedMaterial.id)).where(
                SharedMaterial.body_id == body_id
            ),
            _row("requests", id=sa.func.count(RecordsRequest.id)).where(
                RecordsRequest.body_id == body_id
            ),
            _row("draw", id=proposal.c.case_id),
        ]
    )


def of_person(person_id: int, body_ids: Collection[int]) -> Beside:
    """On the page of a person with posts at these bodies. One statement."""
    return _read(
        [
            *_ways(body_ids),
            _conflicts(ConflictNote.person_id == person_id),
            *_acts([person_id]),
            _row("offered", id=sa.func.count(Hospitality.id)).where(
                Hospitality.person_id == person_id
            ),
        ]
    )


def of_case(case_id: int, body_id: int, today: date) -> Beside:
    """On the page of a case. One statement."""
    standing = procurements.standing_asked(case_id, today).subquery()
    its = (
        sa.select(ProcurementCase.procurement_id)
        .where(ProcurementCase.case_id == case_id)
        .scalar_subquery()
    )
    requests = (
        sa.select(
            RecordsRequest.id,
            RecordsRequest.title,
            RecordsRequest.outcome,
            RecordsRequest.asked_on,
        )
        .where(sa.or_(RecordsRequest.case_id == case_id, RecordsRequest.procurement_id == its))
        .order_by(RecordsRequest.id.desc())
        .limit(MOST)
        .subquery()
    )
    facts = anchoring.facts_asked(case_id, today).subquery()
    return _read(
        [
            _row("gate", title=facts.c.what, a=facts.c.a, b=facts.c.b),
            _row(
                "standing",
                id=standing.c.id,
                title=standing.c.title,
                a=standing.c.route,
                b=standing.c.next_stage,
                day=standing.c.next_on,
                day2=standing.c.in_use_on,
                moment=standing.c.tenders_due_at,
            ),
            *_ways([body_id]),
            _contracts(contracts.of_case(case_id)),
            _conflicts(ConflictNote.case_id == case_id),
            *_acts(
                sa.select(CasePerson.person_id).where(
                    CasePerson.case_id == case_id, CasePerson.ended_on.is_(None)
                )
            ),
            _row(
                "request",
                id=requests.c.id,
                title=requests.c.title,
                a=requests.c.outcome,
                day=requests.c.asked_on,
            ),
            _row("shared", id=sa.func.count(SharedMaterial.id)).where(
                SharedMaterial.case_id == case_id
            ),
        ]
    )


def _ways(body_ids: Collection[int]) -> list[sa.Select[Any]]:
    found = []
    for one in (procurements.procurements_under_way, procurements.cases_under_way):
        rows = one(body_ids).subquery()
        found.append(
            _row(
                "way",
                id=rows.c.procurement_id,
                other_id=rows.c.case_id,
                body_id=rows.c.body_id,
                title=rows.c.title,
                a=rows.c.route,
                b=rows.c.stage,
                day=rows.c.under_review_since,
            ).add_columns(sa.cast(rows.c.notice_url, sa.String).label("url"))
        )
    return found


def _acts(people: champions.People) -> list[sa.Select[Any]]:
    found = []
    for one in champions.signs(people):
        rows = one.subquery()
        found.append(
            _row(
                "act",
                id=rows.c.person_id,
                other_id=rows.c.other_id,
                body_id=rows.c.body_id,
                a=rows.c.kind,
                b=rows.c.function,
                day=rows.c.day,
                moment=rows.c.moment,
            )
        )
    set_here = champions.figures_asked().subquery()
    found.append(
        _row(
            "formula",
            id=set_here.c.halves_after,
            other_id=set_here.c.recent,
            body_id=set_here.c.clear_from,
            title=set_here.c.worth,
            a=set_here.c.strong_from,
        )
    )
    return found


def _contracts(asked: sa.Select[*tuple[Any, ...]]) -> sa.Select[Any]:
    rows = asked.subquery()
    return _row(
        sa.case((rows.c.open_ended, _UNTIL_NOTICE), else_=_CONTRACT),
        id=rows.c.id,
        other_id=rows.c.organisation_id,
        body_id=rows.c.case_id,
        title=rows.c.title,
        a=rows.c.kind,
        b=rows.c.supplier,
        day=rows.c.runs_until,
    ).add_columns(sa.cast(rows.c.organisation, sa.String).label("url"))


_CONTRACT, _UNTIL_NOTICE = "contract", "contract_until_notice"


def _conflicts(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        _row(
            "conflict",
            id=ConflictNote.id,
            title=ConflictNote.note,
            a=User.name,
            day=ConflictNote.noted_on,
        )
        .select_from(ConflictNote)
        .outerjoin(User, User.id == ConflictNote.by_id)
        .where(condition, ConflictNote.settled_on.is_(None))
    )


def _read(parts: list[sa.Select[Any]]) -> Beside:
    whole = [
        part
        if "url" in part.selected_columns
        else part.add_columns(sa.cast(sa.null(), sa.String).label("url"))
        for part in parts
    ]
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(sa.union_all(*whole)):
        found.setdefault(row.what, []).append(row)
    ways = [
        _Way(row.id, row.other_id, row.body_id, row.title, row.url or "", row.day, row.a, row.b)
        for row in found.get("way", ())
    ]
    requests = [
        Asked(row.id, row.title, row.day, RequestOutcome(row.a) if row.a else None)
        for row in found.get("request", ())
    ]
    return Beside(
        treatment=treatment_of(procurements.read_under_way(ways)),
        conflicts=tuple(
            Note(row.id, row.title, row.day, row.a or "")
            for row in sorted(found.get("conflict", ()), key=lambda row: row.id)
        ),
        requests=tuple(sorted(requests, key=lambda one: -one.id)),
        requests_total=_count(found.get("requests")),
        shared=_count(found.get("shared")),
        offered=_count(found.get("offered")),
        gate=tuple((row.title, row.a, row.b) for row in found.get("gate", ())),
        draw_map_in=next((row.id for row in found.get("draw", ())), None),
        contracts=tuple(
            sorted(
                (
                    Brief(
                        id=row.id,
                        kind=ContractKind(row.a),
                        title=row.title,
                        supplier=row.b,
                        organisation_id=row.other_id,
                        organisation=row.url,
                        runs_until=row.day,
                        open_ended=row.what == _UNTIL_NOTICE,
                        case_id=row.body_id,
                    )
                    for what in (_CONTRACT, _UNTIL_NOTICE)
                    for row in found.get(what, ())
                ),
                key=lambda one: (one.runs_until or date.max, one.id),
            )
        ),
        standing=next((_standing(row) for row in found.get("standing", ())), None),
        formula=next(
            (
                champions.read_formula(row.title, row.id, row.other_id, row.body_id, int(row.a))
                for row in found.get("formula", ())
            ),
            USUAL,
        ),
        acts=champions.read_signs(
            _Sign(row.id, row.other_id, row.body_id, row.a, row.b, row.day, row.moment)
            for row in found.get("act", ())
        ),
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """A row as `read_under_way` takes it."""

    procurement_id: int | None
    case_id: int | None
    body_id: int
    title: str
    notice_url: str
    under_review_since: date | None
    route: str | None
    stage: str | None


@dataclass(frozen=True, slots=True)
class _Sign:
    """A row as `read_signs` takes it."""

    person_id: int
    other_id: int | None
    body_id: int | None
    kind: str
    function: str | None
    day: date | None
    moment: datetime | None


def _count(rows: list[Any] | None) -> int:
    return int(rows[0].id) if rows else 0


def _standing(row: Any) -> procurements.Standing:
    return procurements.Standing(
        id=row.id,
        title=row.title,
        route=Route(row.a) if row.a else None,
        next_stage=StageKey(row.b) if row.b else None,
        next_on=row.day,
        in_use_on=row.day2,
        tenders_due_at=row.moment,
    )
