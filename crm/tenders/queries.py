"""What is read about our tenders. Nothing here changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased, joinedload, selectinload

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.law import queries as law
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.procurements import queries as procurements
from crm.procurements.models import Plan, Procurement, ProcurementCase
from crm.rules.floors import LegalTerms
from crm.rules.law.values import LawValues, ValueKey, shipped_values
from crm.rules.milestones import LaidOut
from crm.rules.routes import Route
from crm.rules.stage_checks import Known, Missing, Step, missing
from crm.rules.stages import CaseState, Outcome
from crm.rules.tendering import (
    Countdown,
    Decision,
    HitRate,
    QuestionDay,
    TenderDays,
    countdown,
    hit_rates,
    question_day,
)
from crm.tenders.models import GoCriterion, GoScore, GoSheet, Tender, TenderItem, UsualItem

# --- One tender ---------------------------------------------------------------------------------


def get(tender_id: int) -> Tender:
    """The tender with its procurement, who buys, and the colleagues it names. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Tender)
        .where(Tender.id == tender_id)
        .options(
            joinedload(Tender.procurement).joinedload(Procurement.organisation),
            joinedload(Tender.procurement).joinedload(Procurement.body),
            joinedload(Tender.responsible),
            joinedload(Tender.decided_by),
            joinedload(Tender.submitted_by),
            joinedload(Tender.confirmed_by),
        )
    )
    if found is None:
        raise NotFound("tender")
    return found


def of_procurement(procurement_id: int) -> Tender | None:
    """Our tender in a procurement, if one has been begun."""
    return db.session.scalar(sa.select(Tender).where(Tender.procurement_id == procurement_id))


def items_of(tender_id: int) -> Sequence[TenderItem]:
    """The list in its order, with the colleagues it names. One statement."""
    return db.session.scalars(
        sa.select(TenderItem)
        .where(TenderItem.tender_id == tender_id)
        .order_by(TenderItem.position, TenderItem.id)
        .options(
            joinedload(TenderItem.responsible),
            joinedload(TenderItem.done_by),
            joinedload(TenderItem.checked_by),
        )
    ).all()


def item_of(tender: Tender, item_id: int) -> TenderItem:
    """One line of this tender's list. Raises NotFound."""
    found = db.session.get(TenderItem, item_id)
    if found is None or found.tender_id != tender.id:
        raise NotFound("tender item")
    return found


def route_of(procurement_id: int) -> Route | None:
    """The route of the plan that holds."""
    return db.session.scalar(
        sa.select(Plan.route).where(
            Plan.procurement_id == procurement_id, Plan.replaced_on.is_(None)
        )
    )


def lacking(tender: Tender) -> tuple[Missing, ...]:
    """What ought to be known before the tender is noted as handed in, and is not (D15)."""
    known = Known(go_decision=tender.decision is Decision.GO)
    return missing(Step.SUBMIT, None, known, procurements.check_levels())


# --- The desk -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant, and what is left until it."""

    at: datetime
    left: Countdown


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One line of the desk. `tender_id` is None until somebody begins the tender."""

    procurement_id: int
    tender_id: int | None
    title: str
    reference: str
    organisation_id: int
    organisation: str
    body: str
    questions: QuestionDay | None
    questions_left: Countdown | None
    applications: Deadline | None  # where they choose among applications first, until it has been
    tenders: Deadline | None
    valid_until: date | None
    decision: Decision
    submitted_at: datetime | None
    responsible: str
    items: int
    done: int
    checked: int


def desk(now: datetime, *, over: bool, page: int, values: LawValues) -> Page[DeskRow]:
    """Tenders that are still to be handed in, by the next deadline that is stated.

    With `over` those that have gone in, that we let go or whose time has passed, latest first.
    Three statements, however many.
    """
    body, responsible = aliased(Organisation), aliased(User)
    is_over = sa.or_(
        Procurement.cancelled_on.is_not(None),
        Procurement.tenders_due_at <= now,
        Tender.submitted_at.is_not(None),
        Tender.decision == Decision.NO_GO,
    )
    live = sa.and_(
        Procurement.cancelled_on.is_(None),
        sa.or_(Procurement.tenders_due_at.is_(None), Procurement.tenders_due_at > now),
        Tender.submitted_at.is_(None),
        sa.or_(Tender.id.is_(None), Tender.decision != Decision.NO_GO),
    )
    known = sa.or_(
        Tender.id.is_not(None),
        Procurement.tenders_due_at.is_not(None),
        Procurement.requests_due_at > now,
    )
    conditions = [known, is_over if over else live]
    joined = (
        sa.select(Procurement.id)
        .outerjoin(Tender, Tender.procurement_id == Procurement.id)
        .where(*conditions)
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(joined.subquery())) or 0
    questions, requests = Procurement.questions_due_at, Procurement.requests_due_at
    asked_first = sa.and_(questions > now, sa.or_(requests.is_(None), questions <= requests))
    coming = sa.case(
        (asked_first, questions),
        (requests > now, requests),
        (questions > now, questions),
        else_=Procurement.tenders_due_at,
    )
    order = (
        [Procurement.tenders_due_at.is_(None), Procurement.tenders_due_at.desc()]
        if over
        else [coming.is_(None), coming]
    )
    found = db.session.execute(
        sa.select(
            Procurement.id,
            Procurement.title,
            Procurement.reference,
            Procurement.organisation_id,
            Procurement.questions_due_at,
            Procurement.requests_due_at,
            Procurement.tenders_due_at,
            Procurement.tenders_valid_until,
            Procurement.law,
            Procurement.urgent,
            Organisation.name.label("organisation"),
            body.name.label("body"),
            Plan.route,
            Tender.id.label("tender_id"),
            Tender.decision,
            Tender.submitted_at,
            responsible.name.label("responsible"),
        )
        .join(Organisation, Organisation.id == Procurement.organisation_id)
        .join(body, body.id == Procurement.body_id)
        .outerjoin(Tender, Tender.procurement_id == Procurement.id)
        .outerjoin(responsible, responsible.id == Tender.responsible_id)
        .outerjoin(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .where(*conditions)
        .order_by(*order, Procurement.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    counts = _counts([row.tender_id for row in found if row.tender_id is not None])
    return Page([_desk_row(row, counts, now, values) for row in found], page, total)


def _questions(row: Any, values: LawValues) -> QuestionDay | None:
    """When to have asked, by the act of the row's procurement."""
    terms = LegalTerms(values, law=row.law, urgent=row.urgent)
    return question_day(row.questions_due_at, row.tenders_due_at, row.route, terms)


def _desk_row(
    row: Any, counts: Mapping[int, tuple[int, int, int]], now: datetime, values: LawValues
) -> DeskRow:
    questions = _questions(row, values)
    due, apply_by = row.tenders_due_at, row.requests_due_at
    items, done, checked = counts.get(row.tender_id, (0, 0, 0))
    return DeskRow(
        procurement_id=row.id,
        tender_id=row.tender_id,
        title=row.title,
        reference=row.reference,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        body=row.body,
        questions=questions,
        questions_left=countdown(now, questions.until) if questions is not None else None,
        applications=Deadline(apply_by, countdown(now, apply_by))
        if apply_by is not None and apply_by > now
        else None,
        tenders=Deadline(due, countdown(now, due)) if due is not None else None,
        valid_until=row.tenders_valid_until,
        decision=row.decision or Decision.UNDECIDED,
        submitted_at=row.submitted_at,
        responsible=row.responsible or "",
        items=items,
        done=done,
        checked=checked,
    )


def _counts(tender_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """By tender: lines, how many are done, how many of those are checked."""
    found = db.session.execute(
        sa.select(
            TenderItem.tender_id,
            sa.func.count(),
            sa.func.count(TenderItem.done_at),
            sa.func.count(TenderItem.checked_at),
        )
        .where(TenderItem.tender_id.in_(tender_ids))
        .group_by(TenderItem.tender_id)
    )
    return {tender_id: (items, done, checked) for tender_id, items, done, checked in found}


# --- What a new list begins with ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Usual:
    """A line that every list begins with."""

    text: str
    required: bool


def usual_items() -> list[Usual]:
    """As the installation has them, or as they are shipped. One statement."""
    own = db.session.execute(
        sa.select(UsualItem.text, UsualItem.required).order_by(UsualItem.position)
    ).all()
    return [Usual(*row) for row in own] or shipped_items()


def shipped_items() -> list[Usual]:
    """What Swedish authorities usually ask for, in the language of who asks."""
    required = [
        _("Tender form (anbudsformulär), filled in"),
        _("Self-declaration (ESPD or sanningsförsäkran)"),
        _("Answers to every requirement (kravsvar)"),
        _("Price appendix (prisbilaga)"),
        _("Signed by somebody who may sign for the company"),
    ]
    others = [
        _("CVs of those who are offered"),
        _("References, asked beforehand"),
        _("Request for confidentiality (sekretessbegäran)"),
    ]
    return [*(Usual(text, True) for text in required), *(Usual(text, False) for text in others)]


# --- Go or no-go --------------------------------------------------------------------------------


def latest_sheet() -> GoSheet | None:
    """The version of the criteria that new tenders are weighed by. Two statements."""
    return db.session.scalar(
        sa.select(GoSheet)
        .order_by(GoSheet.id.desc())
        .limit(1)
        .options(selectinload(GoSheet.criteria), joinedload(GoSheet.made_by))
    )


def shipped_criteria() -> list[tuple[str, int]]:
    """Criteria and weights to begin with, in the language of who asks."""
    return [
        (_("We know the buyer and what they need"), 3),
        (_("We meet every must-have requirement"), 5),
        (_("Our strengths are what is evaluated"), 4),
        (_("The price we can offer can win"), 4),
        (_("The contract's terms are ones we can accept"), 3),
        (_("We have the people and the time"), 3),
    ]


def criteria_of(sheet_id: int) -> Sequence[GoCriterion]:
    """The criteria of one version, in their order."""
    return db.session.scalars(
        sa.select(GoCriterion)
        .where(GoCriterion.sheet_id == sheet_id)
        .order_by(GoCriterion.position)
    ).all()


def scores_of(tender_id: int) -> dict[int, GoScore]:
    """The scores of a tender, by criterion."""
    found = db.session.scalars(sa.select(GoScore).where(GoScore.tender_id == tender_id))
    return {score.criterion_id: score for score in found}


def rates() -> tuple[HitRate, ...]:
    """How often tenders were won, by what their score said before (D11). One statement.

    A tender is decided when a case in its procurement was won or lost; one that was not weighed on
    every criterion is left out.
    """
    asked = (
        sa.select(sa.func.count())
        .where(GoCriterion.sheet_id == Tender.sheet_id)
        .correlate(Tender)
        .scalar_subquery()
    )
    answered = sa.func.count(sa.distinct(GoScore.criterion_id))
    found = db.session.execute(
        sa.select(
            sa.func.sum(GoScore.points * GoCriterion.weight),
            sa.func.sum(GoCriterion.weight),
            sa.func.max(sa.case((Case.outcome == Outcome.WON, 1), else_=0)),
        )
        .select_from(Tender)
        .join(GoScore, GoScore.tender_id == Tender.id)
        .join(GoCriterion, GoCriterion.id == GoScore.criterion_id)
        .join(ProcurementCase, ProcurementCase.procurement_id == Tender.procurement_id)
        .join(Case, Case.id == ProcurementCase.case_id)
        .where(Case.outcome.in_((Outcome.WON, Outcome.LOST)))
        .group_by(Tender.id, Tender.sheet_id)
        .having(answered == asked, sa.func.sum(GoCriterion.weight) > 0)
    )
    # Both sums are as many times too large as there are cases: it is their share that counts.
    return hit_rates([(int(got) * 20 // int(most), bool(won)) for got, most, won in found])


# --- For the reminders --------------------------------------------------------------------------


def for_planning(body_ids: Sequence[int]) -> tuple[dict[int, LaidOut], dict[int, TenderDays]]:
    """By case: what the plan of its procurement says, and what falls due in it. One statement.

    One more where somebody here has corrected the law's days for answers, and those are needed. Of
    several cases in one procurement the first open one is told what falls due, or else the first
    that waits, so that nobody is told twice. Nothing falls due in what we let go.
    """
    found = db.session.execute(
        procurements.planning_rows()
        .outerjoin(Tender, Tender.procurement_id == Procurement.id)
        .outerjoin(User, sa.and_(User.id == Tender.responsible_id, User.active.is_(True)))
        .where(Procurement.body_id.in_(body_ids))
        .add_columns(
            Procurement.title,
            Procurement.reference,
            Procurement.notice_url,
            Procurement.questions_due_at,
            Procurement.requests_due_at,
            Procurement.tenders_due_at,
            Procurement.tenders_valid_until,
            Tender.submitted_at,
            Tender.decision,
            User.id.label("responsible_id"),
            law.corrected(_OF_QUESTIONS).label("law_corrected"),
        )
    ).all()
    told = [
        min(rows, key=lambda row: (row.state is not CaseState.OPEN, row.case_id))
        for _procurement, rows in groupby(filter(_falls_due, found), lambda row: row.procurement_id)
    ]
    worked_out = any(row.law_corrected and row.questions_due_at is None for row in told)
    values = law.values() if worked_out else shipped_values()
    days = {row.case_id: _tender_days(row, values) for row in told}
    return procurements.laid_out_of(found), days


_OF_QUESTIONS: Final = (
    ValueKey.ANSWERS,
    ValueKey.ANSWERS_URGENT,
    ValueKey.ANSWERS_NATIONAL,
    ValueKey.ASK_EXAMPLE,
)


def _falls_due(row: Any) -> bool:
    known = (
        row.questions_due_at or row.requests_due_at or row.tenders_due_at or row.tenders_valid_until
    )
    return bool(known and row.state is not CaseState.CLOSED and row.decision is not Decision.NO_GO)


def _tender_days(row: Any, values: LawValues) -> TenderDays:
    return TenderDays(
        title=row.title,
        reference=row.reference,
        source=row.notice_url,
        questions=_questions(row, values),
        apply_by=row.requests_due_at,
        due_at=row.tenders_due_at,
        valid_until=row.tenders_valid_until,
        has_gone_in=row.submitted_at is not None,
        responsible_id=row.responsible_id,
    )


class Stated(StrEnum):
    """What is due at a stated instant. The value is a part of its event's id in a calendar."""

    QUESTIONS = "questions"
    APPLICATIONS = "applications"
    TENDERS = "tenders"


@dataclass(frozen=True, slots=True)
class ExactDeadline:
    """A stated instant of a procurement, for a calendar."""

    procurement_id: int
    version: int
    opened_at: datetime
    title: str
    reference: str
    organisation: str
    what: Stated
    at: datetime


MOST_DEADLINES = 500  # procurements in one calendar


def exact_deadlines(
    user_id: int | None, within: Organisation | None, *, first: datetime, last: datetime
) -> list[ExactDeadline]:
    """Stated deadlines from `first` to `last`, of what a case of ours takes part in. One statement.

    `user_id`: only where the tender is this colleague's or, while nobody is named, the case.
    Nothing of what was called off or let go, and no tender that has gone in.
    """
    conditions: list[sa.ColumnElement[bool]] = [
        Procurement.cancelled_on.is_(None),
        sa.or_(
            Procurement.questions_due_at.between(first, last),
            Procurement.requests_due_at.between(first, last),
            Procurement.tenders_due_at.between(first, last),
        ),
        sa.or_(
            Tender.id.is_(None),
            sa.and_(Tender.decision != Decision.NO_GO, Tender.submitted_at.is_(None)),
        ),
    ]
    takes_part = (
        sa.select(ProcurementCase.case_id)
        .join(Case, Case.id == ProcurementCase.case_id)
        .where(ProcurementCase.procurement_id == Procurement.id, Case.state != CaseState.CLOSED)
        .correlate(Procurement)
    )
    if user_id is not None:
        conditions.append(
            sa.or_(
                Tender.responsible_id == user_id,
                sa.and_(
                    Tender.responsible_id.is_(None),
                    takes_part.where(Case.owner_id == user_id).exists(),
                ),
            )
        )
    else:
        conditions.append(sa.or_(Tender.id.is_not(None), takes_part.exists()))
    if within is not None:
        conditions.append(Procurement.organisation_id.in_(organisations.scope(within)))
    rows = db.session.execute(
        sa.select(Procurement, Organisation.name)
        .join(Organisation, Organisation.id == Procurement.organisation_id)
        .outerjoin(Tender, Tender.procurement_id == Procurement.id)
        .where(*conditions)
        .order_by(Procurement.id)
        .limit(MOST_DEADLINES)
    )
    return [
        ExactDeadline(
            procurement.id,
            procurement.version,
            procurement.created_at,
            procurement.title,
            procurement.reference,
            name,
            what,
            at,
        )
        for procurement, name in rows
        for what, at in (
            (Stated.QUESTIONS, procurement.questions_due_at),
            (Stated.APPLICATIONS, procurement.requests_due_at),
            (Stated.TENDERS, procurement.tenders_due_at),
        )
        if at is not None and first <= at <= last
    ]
