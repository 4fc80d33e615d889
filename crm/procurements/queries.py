"""What is read about procurements. Nothing here changes anything."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from crm.budgets import queries as budgets
from crm.cases.models import Case, CaseProduct
from crm.contracts.models import Contract, ContractWord
from crm.core.db import Base, db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.procurements.history import followed, lengths_held, typed
from crm.procurements.models import (
    Milestone,
    MilestoneMove,
    Notice,
    NoticeContract,
    Plan,
    Procurement,
    ProcurementCase,
    StageCheckSetting,
    StageLength,
)
from crm.rules.after_award import EarlySigning
from crm.rules.after_award import early_signing as early_signing_by
from crm.rules.calendar import ONE_DAY, next_working_day
from crm.rules.contracts import ContractKind, FrameworkPosition
from crm.rules.floors import LegalTerms, floor, signing_after_ruling
from crm.rules.headroom import Sale
from crm.rules.integrity import Caution, caution
from crm.rules.kinds import STATE_KINDS, OrganisationKind
from crm.rules.law.terms import AuthorityKind
from crm.rules.law.values import LawValues, shipped_values
from crm.rules.lead_times import Basis, History, Length, lengths
from crm.rules.milestones import LaidOut, laid_out, stage_now
from crm.rules.quiet import OpenDays
from crm.rules.reminder_facts import OutFacts
from crm.rules.routes import NOTICE_STAGES, Duration, Route, StageKey, signed_stage
from crm.rules.signing import ask_signed
from crm.rules.stage_checks import (
    CheckLevel,
    Known,
    Missing,
    StageCheck,
    missing,
    route_by_hand,
    step_by_hand,
    step_of,
)
from crm.rules.stages import CaseState, Outcome, ProcurementStage, is_published

_LOOKED_AT = 16  # years of quiet periods, as far as a plan may reach


def open_days_of(body: Organisation, today: date) -> OpenDays:
    """The days on which somebody at the body sends a notice."""
    years = range(today.year - 3, today.year + _LOOKED_AT)
    known = budgets.known_of(body)
    return budgets.open_days_of(body, known.practice, years, known.pauses)


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


def authority_of(kind: OrganisationKind) -> AuthorityKind:
    """Which limits hold for a body of the kind."""
    return AuthorityKind.STATE if kind in STATE_KINDS else AuthorityKind.OTHER


def terms_of(
    procurement: Procurement | None, body: Organisation, values: LawValues | None = None
) -> LegalTerms:
    """What the procurement is under the law, by the figures that hold here.

    Without a procurement: the usual terms for the kind of authority that the body is. One
    statement; none where the `values` that hold here are given.
    """
    values = values if values is not None else law.values()
    authority = authority_of(body.kind)
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
        prior_notice_sent=procurement.prior_notice_on,
        documents_online=procurement.documents_online,
        agreed=procurement.tender_agreed_on,
        no_agreement=procurement.no_agreement,
    )


TERMS: Final = (
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
"""What `terms_from` reads of a row."""


def terms_from(
    row: Any, values: LawValues, authority: AuthorityKind = AuthorityKind.OTHER
) -> LegalTerms:
    """What the procurement of a row with `TERMS` is under the law."""
    return LegalTerms(
        values=values,
        law=row.law,
        authority=authority,
        kind=row.object_kind,
        electronic=row.electronic,
        urgent=row.urgent,
        channel=row.award_channel,
        stated_standstill=row.standstill_until,
        prior_notice_sent=row.prior_notice_on,
        documents_online=row.documents_online,
        agreed=row.tender_agreed_on,
        no_agreement=row.no_agreement,
    )


def plans_of(procurement_id: int) -> tuple[Plan | None, list[Plan]]:
    """The plan that holds, and those it replaced, the latest first. One statement.

    With their milestones, the moves of those, and who laid them out.
    """
    found = db.session.scalars(
        sa.select(Plan)
        .where(Plan.procurement_id == procurement_id)
        .order_by(Plan.id.desc())
        .options(
            joinedload(Plan.laid_by),
            joinedload(Plan.milestones).joinedload(Milestone.moves).joinedload(MilestoneMove.by),
        )
    )
    plans = found.unique().all()
    return (
        next((plan for plan in plans if plan.replaced_on is None), None),
        [plan for plan in plans if plan.replaced_on is not None],
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


def is_signed() -> sa.ColumnElement[bool]:
    """Whether the plan of the statement has come to its signing, whichever its route calls so."""
    by_stage: dict[StageKey, list[Route]] = defaultdict(list)
    for route in Route:
        by_stage[signed_stage(route)].append(route)
    reached = aliased(Milestone)
    return sa.exists().where(
        reached.plan_id == Plan.id,
        reached.reached_on.is_not(None),
        sa.or_(
            *(
                sa.and_(reached.stage == stage, Plan.route.in_(routes))
                for stage, routes in by_stage.items()
            )
        ),
    )


def plans_behind_their_contract(body_ids: Sequence[int]) -> list[tuple[Plan, date]]:
    """(plan with its milestones, the contract's last day) where the plan is for another day.

    The contract is the one that an open case is to renew, or the last day typed in there; never one
    that the case won. What is signed follows nothing any more. A plan of several cases follows the
    contract that ends first. One statement if there is none.
    """
    renewed = sa.case(
        (Case.contract_kept.is_(True), Contract.runs_until), else_=Case.contract_ends_on
    )
    ends_on = sa.func.min(renewed)
    found = db.session.execute(
        sa.select(Plan.id, Plan.in_use_on, ends_on)
        .join(Procurement, Procurement.id == Plan.procurement_id)
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .join(Case, Case.id == ProcurementCase.case_id)
        .outerjoin(Contract, Contract.renewal_case_id == Case.id)
        .where(
            Procurement.body_id.in_(body_ids),
            Plan.follows_contract.is_(True),
            Plan.replaced_on.is_(None),
            Case.state != CaseState.CLOSED,
            sa.not_(is_signed()),
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


def planning_rows() -> Any:
    """What the planner is told, as a statement: each case with each milestone of its procurement.

    A procurement without a plan has one row, without a stage; one that was called off has none. In
    the order that `laid_out_of` reads.
    """
    return (
        sa.select(
            ProcurementCase.procurement_id,
            ProcurementCase.case_id,
            Case.state,
            Case.outcome,
            Plan.route,
            Milestone.stage,
            Milestone.planned_on,
            Milestone.reached_on,
            Milestone.certainty,
            *TERMS,
        )
        .select_from(ProcurementCase)
        .join(Procurement, Procurement.id == ProcurementCase.procurement_id)
        .join(Case, Case.id == ProcurementCase.case_id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .outerjoin(Milestone, Milestone.plan_id == Plan.id)
        .where(Procurement.cancelled_on.is_(None))
        .order_by(ProcurementCase.procurement_id, ProcurementCase.case_id, Milestone.position)
    )


def laid_out_of(found: Iterable[Any]) -> dict[int, LaidOut]:
    """By case: what the plan of its procurement says of the days to come, from those rows.

    Of several cases in one procurement the first that is not closed has it, so that nobody is told
    twice. One that ended without us has other days to come: those of the contract that was signed.
    """
    told: dict[int, LaidOut] = {}
    ours = frozenset({None, Outcome.WON})
    with_a_plan = (row for row in found if row.stage is not None and row.outcome in ours)
    for _procurement, rows in groupby(with_a_plan, key=lambda row: row.procurement_id):
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
            terms_from(by_case[first][0], shipped_values()),
        )
        if one is not None:
            told[first] = one
    return told


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A procurement of a body, or a case of ours there, and on which stage of buying it stands."""

    body_id: int
    stage: ProcurementStage
    title: str
    procurement_id: int | None = None
    case_id: int | None = None
    notice_url: str = ""


def under_way(body_ids: Collection[int], *, cases_too: bool = True) -> list[UnderWay]:
    """What the bodies are buying, by the milestones reached and by the stages of our open cases.

    Nothing of what was called off, or has not begun; what is signed is among them. One statement.
    """
    asked: Any = procurements_under_way(body_ids)
    if cases_too:
        asked = asked.union_all(cases_under_way(body_ids))
    return read_under_way(db.session.execute(asked).all())


def procurements_under_way(
    body_ids: Collection[int], *, is_there: sa.ColumnElement[bool] | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """Each procurement of the bodies with each milestone reached, for `read_under_way`.

    `is_there`: which of them count, if not those that are not called off.
    """
    reached = sa.and_(Milestone.plan_id == Plan.id, Milestone.reached_on.is_not(None))
    return (
        sa.select(
            Procurement.id.label("procurement_id"),
            sa.cast(sa.null(), sa.Integer).label("case_id"),
            Procurement.body_id,
            Procurement.title,
            Procurement.notice_url,
            Procurement.under_review_since,
            sa.cast(Plan.route, sa.String).label("route"),
            sa.cast(Milestone.stage, sa.String).label("stage"),
        )
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .outerjoin(Milestone, reached)
        .where(
            Procurement.body_id.in_(body_ids),
            Procurement.cancelled_on.is_(None) if is_there is None else is_there,
            sa.or_(Procurement.under_review_since.is_not(None), Milestone.id.is_not(None)),
        )
    )


def cases_under_way(body_ids: Collection[int]) -> sa.Select[*tuple[Any, ...]]:
    """Each open or waiting case of the bodies that buys something, in the same columns.

    Not one whose procurement was called off: its track still says how far that one had come.
    """
    called_off = (
        sa.exists()
        .where(
            ProcurementCase.case_id == Case.id,
            Procurement.id == ProcurementCase.procurement_id,
            Procurement.cancelled_on.is_not(None),
        )
        .correlate(Case)
    )
    return sa.select(
        sa.cast(sa.null(), sa.Integer).label("procurement_id"),
        Case.id.label("case_id"),
        Case.body_id,
        Case.title,
        sa.literal("").label("notice_url"),
        sa.cast(sa.null(), sa.Date).label("under_review_since"),
        sa.cast(sa.null(), sa.String).label("route"),
        sa.cast(Case.procurement, sa.String).label("stage"),
    ).where(
        Case.body_id.in_(body_ids),
        Case.state != CaseState.CLOSED,
        Case.procurement != ProcurementStage.NONE,
        sa.not_(called_off),
    )


def read_under_way(rows: Sequence[Any], on: date | None = None) -> list[UnderWay]:
    """The rows of the two selects above, with the stage on which each of them stands.

    `on`: the day that the rows are as of, if not now; a review that began later is none then.
    """
    found = [
        UnderWay(row.body_id, ProcurementStage(row.stage), row.title, case_id=row.case_id)
        for row in rows
        if row.case_id is not None
    ]
    ours = [row for row in rows if row.case_id is None]
    by_number = sorted(ours, key=lambda row: row.procurement_id)
    for procurement_id, some in groupby(by_number, key=lambda row: row.procurement_id):
        reached = list(some)
        first = reached[0]
        since = first.under_review_since
        if since is not None and (on is None or since <= on):
            stage = ProcurementStage.UNDER_REVIEW
        else:
            stage = stage_now(Route(first.route), [StageKey(row.stage) for row in reached])
        found.append(
            UnderWay(
                first.body_id,
                stage,
                first.title,
                procurement_id=procurement_id,
                notice_url=first.notice_url,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Out:
    """The procurements that are out, from the notice to the signature (R11): at which bodies, and
    what to ask of each, by body."""

    body_ids: frozenset[int]
    to_ask: Mapping[int, tuple[OutFacts, ...]]


def question_channel(body_id: int) -> UnderWay | None:
    """What a body advertises now, if anything: until it is signed, questions are asked in its own
    channel, and nothing is handed out beside it (LOU 4 kap. 1 §; budget-cycles.md, 5.3).

    One with a notice before one without. One statement.
    """
    advertised = [one for one in under_way([body_id]) if caution(one.stage) is Caution.ADVERTISED]
    return max(
        advertised,
        key=lambda one: (bool(one.notice_url), one.procurement_id is not None),
        default=None,
    )


def out_at(body_ids: Collection[int]) -> Out:
    """Those of the bodies, with or without a case of ours. Two statements."""
    first_case = (
        sa.select(sa.func.min(ProcurementCase.case_id))
        .where(ProcurementCase.procurement_id == Procurement.id)
        .correlate(Procurement)
        .scalar_subquery()
    )
    case = aliased(Case)
    rows = db.session.execute(
        sa.select(
            Procurement.id,
            Procurement.body_id,
            Procurement.title,
            Procurement.tenders_valid_until,
            *TERMS,
            Organisation.kind,
            Procurement.ruling_waived,
            Procurement.under_review_since,
            Procurement.review_court,
            Procurement.ruled_on,
            Procurement.ruling_sent_on,
            Procurement.not_signed_on,
            Plan.route,
            Milestone.stage,
            Milestone.planned_on,
            Milestone.reached_on,
            case.id.label("case_id"),
            sa.func.coalesce(case.owner_id, Organisation.owner_id).label("owner_id"),
        )
        .join(Organisation, Organisation.id == Procurement.body_id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .outerjoin(Milestone, Milestone.plan_id == Plan.id)
        .outerjoin(case, case.id == first_case)
        .where(Procurement.body_id.in_(body_ids), Procurement.cancelled_on.is_(None))
        .order_by(Procurement.id, Milestone.position)
    ).all()
    values = law.values() if rows else shipped_values()
    silent: set[int] = set()
    to_ask: dict[int, list[OutFacts]] = defaultdict(list)
    for _id, group in groupby(rows, key=lambda row: row.id):
        some = list(group)
        row = some[0]
        reached = {one.stage: one.reached_on for one in some if one.reached_on is not None}
        stage = stage_now(row.route, reached) if reached else ProcurementStage.NONE
        reviewed = row.under_review_since is not None
        if not reviewed and not is_published(stage):
            continue
        silent.add(row.body_id)
        planned = {one.stage: one.planned_on for one in some if one.stage is not None}
        ask = ask_signed(
            lawful=_first_signing(row, reached, terms_from(row, values, authority_of(row.kind))),
            valid_until=row.tenders_valid_until,
            planned=planned.get(signed_stage(row.route)) if row.route is not None else None,
            review_since=row.under_review_since if row.ruled_on is None else None,
            court=row.review_court,
            not_signed_on=row.not_signed_on,
        )
        if ask is not None:
            to_ask[row.body_id].append(OutFacts(row.id, row.title, ask, row.owner_id, row.case_id))
    return Out(frozenset(silent), {key: tuple(found) for key, found in to_ask.items()})


def _first_signing(row: Any, reached: Mapping[StageKey, date], terms: LegalTerms) -> date | None:
    """The first lawful day of signing after an award that has been decided."""
    found = [
        floor(row.route, stage, reached[stage], terms).day
        for stage in (StageKey.STANDSTILL, StageKey.SIGNING)
        if stage in reached
    ]
    if row.standstill_until is not None:
        found.append(next_working_day(row.standstill_until) + ONE_DAY)
    if row.ruled_on is not None:
        found.append(
            signing_after_ruling(row.ruled_on, row.ruling_sent_on, terms, waived=row.ruling_waived)
        )
    return max((day for day in found if day is not None), default=reached.get(StageKey.SIGNING))


_ITS_OWN: Final = frozenset({ProcurementCase.__tablename__, Plan.__tablename__})


def hanging_on(procurement_id: int) -> dict[str, int]:
    """What else hangs on the procurement, by table: our tender, notices, requests, what was shared.

    Every table that refers to it counts, but for its own plans and our cases. One statement.
    """
    asked = [
        sa.select(sa.literal(table.name), sa.func.count()).where(key.parent == procurement_id)
        for table in Procurement.metadata.sorted_tables
        for key in table.foreign_keys
        if table.name not in _ITS_OWN and key.column.table is Procurement.__table__
    ]
    return {name: count for name, count in db.session.execute(sa.union_all(*asked)) if count}


def to_index(ids: Collection[int]) -> list[tuple[Procurement, list[str]]]:
    """Procurements with who buys, and the numbers of their notices. Two statements."""
    numbers: dict[int, list[str]] = defaultdict(list)
    told = sa.select(Notice.procurement_id, Notice.publication_number).where(
        Notice.procurement_id.in_(ids)
    )
    for procurement_id, number in db.session.execute(told.order_by(Notice.id)):
        if procurement_id is not None and number is not None:
            numbers[procurement_id].append(number)
    found = db.session.scalars(
        sa.select(Procurement)
        .where(Procurement.id.in_(ids))
        .options(joinedload(Procurement.organisation))
    )
    return [(one, numbers[one.id]) for one in found]


def taking_part(case_ids: Collection[int]) -> bool:
    """Whether one of the cases takes part in a procurement."""
    asked = sa.select(ProcurementCase.case_id).where(ProcurementCase.case_id.in_(case_ids))
    return db.session.scalar(asked.limit(1)) is not None


def rows_of(procurement: Procurement) -> list[Base]:
    """The procurement with all that is its own, in the order in which it could be made."""
    plans = sa.select(Plan.id).where(Plan.procurement_id == procurement.id)
    its = sa.select(Milestone.id).where(Milestone.plan_id.in_(plans))
    found: list[Base] = [procurement]
    for asked in (
        sa.select(ProcurementCase).where(ProcurementCase.procurement_id == procurement.id),
        sa.select(Plan).where(Plan.procurement_id == procurement.id).order_by(Plan.id),
        sa.select(Milestone).where(Milestone.plan_id.in_(plans)).order_by(Milestone.id),
        sa.select(MilestoneMove).where(MilestoneMove.milestone_id.in_(its)),
    ):
        found += db.session.scalars(asked)
    return found


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


def standing(case_id: int, today: date) -> Standing | None:
    """What the page of the case says of its procurement. One statement."""
    row = db.session.execute(standing_asked(case_id, today)).one_or_none()
    return None if row is None else Standing(**row._mapping)


def standing_asked(case_id: int, today: date) -> sa.Select[*tuple[Any, ...]]:
    """What `standing` asks, for pages that ask for more in the same statement.

    What comes next is as `next_of` says.
    """
    is_behind = Milestone.planned_on <= today
    return (
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
        .order_by(
            sa.case((is_behind, 0), else_=1),
            sa.case((is_behind, -Milestone.position), else_=Milestone.position),
        )
        .limit(1)
    )


def notice_sent_on(plan: Plan | None) -> date | None:
    """When the notice was sent, where somebody has told it."""
    rows = plan.milestones if plan is not None else []
    return next((row.known_on for row in rows if row.stage in NOTICE_STAGES), None)


def early_signing(procurement: Procurement, plan: Plan, on: date) -> EarlySigning | None:
    """Whether a contract signed on the day would be, or was, signed before the law allows it.

    Needs the procurement's body. One statement.
    """
    return early_by(procurement, plan, on, terms_of(procurement, procurement.body))


def early_by(
    procurement: Procurement, plan: Plan, on: date, terms: LegalTerms
) -> EarlySigning | None:
    """The same by terms that are known. An award day that is only an estimate says nothing."""
    sent = next((row for row in plan.milestones if row.stage is StageKey.STANDSTILL), None)
    return early_signing_by(
        terms,
        on,
        sent=sent.known_on if sent is not None else None,
        since=procurement.under_review_since,
        court=procurement.review_court,
        ruled_on=procurement.ruled_on,
        ruling_sent_on=procurement.ruling_sent_on,
        interim=procurement.review_interim,
        lifted=procurement.review_lifted,
        waived=procurement.ruling_waived,
    )


def next_of(plan: Plan, today: date) -> Milestone | None:
    """What comes next: the last that is planned until today and that nobody has said has been, else
    the first that is to come. What lies further back has been as well, or is not worth asking."""
    ahead = [row for row in plan.milestones if row.reached_on is None]
    return next(
        (row for row in reversed(ahead) if row.planned_on <= today), next(iter(ahead), None)
    )


def of_case(case_id: int) -> Procurement | None:
    """The procurement that the case takes part in."""
    return db.session.scalar(
        sa.select(Procurement)
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .where(ProcurementCase.case_id == case_id)
    )


def of_same_number(
    body_id: int, reference: str, notice_url: str, *, besides: int | None = None
) -> Sequence[Procurement]:
    """What the body has under the same diary, address or number of a notice; but for one."""
    same: list[sa.ColumnElement[bool]] = []
    if reference:
        same.append(sa.func.lower(Procurement.reference) == reference.lower())
        numbered = sa.select(Notice.procurement_id).where(Notice.publication_number == reference)
        same.append(Procurement.id.in_(numbered))
    if notice_url:
        same.append(Procurement.notice_url == notice_url)
    if not same:
        return ()
    found = sa.select(Procurement).where(Procurement.body_id == body_id, sa.or_(*same))
    if besides is not None:
        found = found.where(Procurement.id != besides)
    return db.session.scalars(found.order_by(Procurement.id.desc()).limit(5)).all()


def of_case_with_plan(case_id: int) -> tuple[Procurement | None, Plan | None]:
    """The case's procurement and its plan that holds, without milestones. One statement."""
    row = db.session.execute(
        sa.select(Procurement, Plan)
        .join(ProcurementCase, ProcurementCase.procurement_id == Procurement.id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .where(ProcurementCase.case_id == case_id)
    ).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class SaleBeside:
    """Something that was bought from us: a contract of the register, or a case that was won."""

    sale: Sale
    case_id: int | None = None
    contract_id: int | None = None


def sales_beside(case: Case) -> list[SaleBeside]:
    """What the body has bought from us in the case's product area, the latest first.

    Our contracts there, and the cases that we won without one. The area is the products of the
    case; what names no product, and where the case names none, may be of any. Needs the case's
    products loaded. Two statements.
    """
    products = [one.id for one in case.products]
    found = [*_contracts_beside(case, products), *_wins_beside(case, products)]
    return sorted(found, key=lambda one: one.sale.begun_on or date.min, reverse=True)


def _contracts_beside(case: Case, products: Sequence[int]) -> list[SaleBeside]:
    of_its_notices = (
        sa.select(Plan.route)
        .join(Notice, Notice.procurement_id == Plan.procurement_id)
        .join(NoticeContract, NoticeContract.notice_id == Notice.id)
        .join(ContractWord, ContractWord.id == NoticeContract.word_id)
        .where(ContractWord.contract_id == Contract.id, Plan.replaced_on.is_(None))
        .order_by(Plan.id)
        .limit(1)
        .correlate(Contract)
        .scalar_subquery()
    )
    asked = (
        sa.select(Contract, sa.func.coalesce(Plan.route, of_its_notices))
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Contract.case_id)
        .outerjoin(Plan, _plan_of_a_case())
        .where(
            Contract.body_id == case.body_id,
            Contract.kind == ContractKind.OWN,
            sa.or_(Contract.case_id.is_(None), Contract.case_id != case.id),
        )
        .options(joinedload(Contract.options))
        .order_by(Contract.id)
    )
    if products:
        asked = asked.where(
            sa.or_(Contract.product_id.is_(None), Contract.product_id.in_(products))
        )
    return [
        SaleBeside(
            Sale(
                title=row.title,
                signed_on=row.signed_on,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                furthest=row.furthest,
                runs_until=row.runs_until,
                value_ore=row.value_ore,
                yearly_ore=row.yearly_ore,
                route=route,
            ),
            contract_id=row.id,
        )
        for row, route in db.session.execute(asked).unique()
    ]


def _wins_beside(case: Case, products: Sequence[int]) -> list[SaleBeside]:
    registered = sa.select(Contract.id).where(Contract.case_id == Case.id)
    told_of = (  # a contract of ours that the notices of its procurement put into the register
        sa.select(Contract.id)
        .join(ContractWord, ContractWord.contract_id == Contract.id)
        .join(NoticeContract, NoticeContract.word_id == ContractWord.id)
        .join(Notice, Notice.id == NoticeContract.notice_id)
        .where(
            Notice.procurement_id == ProcurementCase.procurement_id,
            sa.or_(
                Contract.kind == ContractKind.OWN,
                Contract.position == FrameworkPosition.HOLDER,
            ),
        )
        .correlate(ProcurementCase)
    )
    asked = (
        sa.select(
            Case.id, Case.title, Case.closed_on, Case.value_ore, Case.contract_ends_on, Plan.route
        )
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .outerjoin(Plan, _plan_of_a_case())
        .where(
            Case.body_id == case.body_id,
            Case.id != case.id,
            Case.outcome == Outcome.WON,
            sa.not_(sa.exists(registered)),
            sa.not_(told_of.exists()),
        )
        .order_by(Case.id)
    )
    if products:
        named = sa.select(CaseProduct.product_id).where(CaseProduct.case_id == Case.id)
        same = named.where(CaseProduct.product_id.in_(products))
        asked = asked.where(sa.or_(sa.exists(same), sa.not_(sa.exists(named))))
    return [
        SaleBeside(
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
            case_id=row.id,
        )
        for row in db.session.execute(asked)
    ]


def _plan_of_a_case() -> sa.ColumnElement[bool]:
    return sa.and_(
        Plan.procurement_id == ProcurementCase.procurement_id, Plan.replaced_on.is_(None)
    )


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
    body_id: int | None = None
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


def rows(chosen: Filter, *, page: int, today: date) -> Page[Row]:
    """Procurements by the day of their next milestone, those without one last. Two statements."""
    body = sa.orm.aliased(Organisation)
    position = (
        sa.select(
            sa.func.coalesce(
                sa.func.max(sa.case((Milestone.planned_on <= today, Milestone.position))),
                sa.func.min(Milestone.position),
            )
        )
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
    over = sa.or_(Procurement.cancelled_on.is_not(None), is_signed())
    found: list[sa.ColumnElement[bool]] = [over if chosen.over else sa.not_(over)]
    if chosen.text:
        words = (Procurement.title, Procurement.reference, Organisation.name)
        found.append(sa.or_(*(one.icontains(chosen.text, autoescape=True) for one in words)))
    if chosen.route is not None:
        found.append(Plan.route == chosen.route)
    if chosen.body_id is not None:
        found.append(Procurement.body_id == chosen.body_id)
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


def own_lengths(body: Organisation, route: Route) -> Sequence[StageLength]:
    """The rows of exactly this body."""
    return db.session.scalars(
        sa.select(StageLength).where(
            StageLength.organisation_id == body.id, StageLength.route == route
        )
    ).all()


def lengths_for(
    body: Organisation, route: Route, today: date, history: History | None = None
) -> dict[StageKey, Duration]:
    """The lengths that hold at a body: its own, else those of history, else the corrected ones.

    What is left out are the usual ones. Two statements, one with the `history` of the route.
    """
    return but_the_usual(lengths_held(body, route, today, history))


def lengths_by_route(body: Organisation, today: date) -> dict[Route, dict[StageKey, Duration]]:
    """The same of every route. Two statements."""
    by_hand, history = typed(body.id), History(followed())
    for_body, for_all = by_hand.get(body.id, {}), by_hand.get(None, {})
    return {
        route: but_the_usual(
            lengths(
                route, for_body.get(route, {}), for_all.get(route, {}), history, today, body.kind
            )
        )
        for route in Route
    }


def but_the_usual(found: Mapping[StageKey, Length]) -> dict[StageKey, Duration]:
    """The lengths that are to hold instead of the rulebook's."""
    return {stage: one.duration for stage, one in found.items() if one.basis is not Basis.USUAL}


# --- Checks before a stage ----------------------------------------------------------------------


def check_levels() -> dict[StageCheck, CheckLevel]:
    """What the checks do here, where that is not to warn. One statement."""
    found = db.session.execute(sa.select(StageCheckSetting.check, StageCheckSetting.level))
    return {check: level for check, level in found}


def lacking(procurement: Procurement, plan: Plan, stage: StageKey) -> tuple[Missing, ...]:
    """What ought to be known before this milestone is noted, and is not (D15).

    So for every one before it that is noted along with it. At most one statement.
    """
    upto = milestone_of(plan, stage).position
    noted = [
        row.stage
        for row in plan.milestones
        if row.stage is stage or (row.position < upto and row.reached_on is None)
    ]
    steps = dict.fromkeys(step for step in map(step_of, noted) if step is not None)
    if not steps:
        return ()
    known, levels = _known(procurement, plan), check_levels()
    found = (one for step in steps for one in missing(step, plan.route, known, levels))
    return tuple(dict.fromkeys(found))


def lacking_by_hand(
    case: Case, stage: ProcurementStage, procurement: Procurement | None, plan: Plan | None
) -> tuple[Missing, ...]:
    """The same before a case is moved to a stage by hand; of its procurement, if it has one.

    At most one statement.
    """
    step = step_by_hand(stage)
    if step is None or stage is case.procurement:
        return ()
    route = plan.route if plan is not None else route_by_hand(case.procurement)
    return missing(step, route, _known(procurement, plan), check_levels())


def _known(procurement: Procurement | None, plan: Plan | None) -> Known:
    if procurement is None:
        return Known()
    days = {row.stage: row.reached_on for row in plan.milestones} if plan is not None else {}
    # what a route has no standstill for needs none
    ended = plan is not None and (
        StageKey.STANDSTILL not in days or days[StageKey.STANDSTILL] is not None
    )
    return Known(
        tender_deadline=procurement.tenders_due_at is not None,
        question_deadline=procurement.questions_due_at is not None,
        award_day=days.get(StageKey.AWARD) is not None,
        standstill_end=ended or (plan is None and procurement.standstill_until is not None),
    )
