"""What can be done to a procurement and its plan. One verb each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.audit import removals
from crm.audit.models import Removal
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.procurements import queries
from crm.procurements.models import (
    Milestone,
    MilestoneMove,
    Plan,
    Procurement,
    ProcurementCase,
    StageCheckSetting,
    StageLength,
)
from crm.rules.after_award import signing_from
from crm.rules.calendar import ONE_DAY, previous_working_day
from crm.rules.certainty import Certainty
from crm.rules.floors import USUAL_TERMS, LegalTerms, floor
from crm.rules.following import Pushed, Standing, before_review, followed, led_up
from crm.rules.law.terms import Channel, Court, Law, ObjectKind
from crm.rules.milestones import Milestone as Laid
from crm.rules.milestones import check_order, lay_out, stage_now
from crm.rules.precision import add_months
from crm.rules.quiet import OpenDays
from crm.rules.routes import (
    LENGTHS_CERTAINTY,
    NOTICE_STAGES,
    Duration,
    Lengths,
    Route,
    StageKey,
    signed_stage,
)
from crm.rules.stage_checks import CheckLevel, Missing, StageCheck
from crm.rules.stages import CaseState, ProcurementStage
from crm.search import operations as search
from crm.web import filters

FURTHEST: Final = 15  # years; no contract of the kind is longer


def open_procurement(
    organisation: Organisation,
    *,
    title: str,
    case: Case | None = None,
    by: User | None,
    now: datetime,
    **facts: Any,
) -> Procurement:
    """A procurement of the body that `organisation` is or belongs to; a case may take part.

    `facts` are columns of it that are known from the start.
    """
    procurement = opened(organisation, title=title, now=now, **facts)
    db.session.flush()
    tell_opened(procurement, by, now)
    reindex([procurement.id])
    if case is not None:
        take_part(procurement, case)
    return procurement


def opened(organisation: Organisation, *, title: str, now: datetime, **facts: Any) -> Procurement:
    """The same for whoever opens many at a time: it is not in the database yet, and whoever puts
    it there tells of it (`tell_opened`) and puts it into the search index."""
    procurement = Procurement(
        **facts,
        title=title,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        plans_laid=0,
        created_at=now,
    )
    db.session.add(procurement)
    return procurement


def tell_opened(procurement: Procurement, by: User | None, now: datetime) -> None:
    """The line in the timeline that says that it is known from now on."""
    tell(procurement, "procurement_opened", by, now, title=procurement.title)


def edit(
    procurement: Procurement,
    *,
    title: str,
    reference: str,
    notice_url: str,
    cpv: str,
    value_ore: int | None,
    questions_due_at: datetime | None,
    requests_due_at: datetime | None,
    tenders_due_at: datetime | None,
    tenders_valid_until: date | None,
    law: Law,
    object_kind: ObjectKind,
    electronic: bool,
    urgent: bool,
    award_channel: Channel,
    standstill_until: date | None,
    prior_notice_on: date | None,
    documents_online: bool,
    tender_agreed_on: date | None,
    no_agreement: bool,
    informed_on: date | None,
    note: str,
    by: User | None,
    now: datetime,
) -> None:
    """Save the facts. Deadlines are instants; money is whole öre, excluding VAT.

    A deadline puts its milestone on its day, and the rest of the plan follows. What it is under the
    law moves no milestone that stands; the page tells those that come too early, and what is laid
    out from now on follows it.

    Raises RuleBroken where a question or an application would be due after the tender, a tender
    would no longer be valid on the day it is due, a deadline would come before what has
    happened, or a day was agreed and could not be agreed.
    """
    stood = {"requests": procurement.requests_due_at, "tenders": procurement.tenders_due_at}
    if questions_due_at and tenders_due_at and questions_due_at > tenders_due_at:
        raise RuleBroken(_("The last day for questions comes after the last day for tenders."))
    if requests_due_at and tenders_due_at and requests_due_at > tenders_due_at:
        raise RuleBroken(_("The last day to apply comes after the last day for tenders."))
    due = clock.local(tenders_due_at).date() if tenders_due_at else None
    if tenders_valid_until and due and tenders_valid_until < due:
        raise RuleBroken(_("The tender must be valid at least until the last day for tenders."))
    if no_agreement and tender_agreed_on is not None:
        raise RuleBroken(_("Either a last day was agreed on, or they could not agree: not both."))
    procurement.title = title
    procurement.reference = reference
    procurement.notice_url = notice_url
    procurement.cpv = cpv
    procurement.value_ore = value_ore
    procurement.questions_due_at = questions_due_at
    procurement.requests_due_at = requests_due_at
    procurement.tenders_due_at = tenders_due_at
    procurement.tenders_valid_until = tenders_valid_until
    procurement.law = law
    procurement.object_kind = object_kind
    procurement.electronic = electronic
    procurement.urgent = urgent
    procurement.award_channel = award_channel
    procurement.standstill_until = standstill_until
    procurement.prior_notice_on = prior_notice_on
    procurement.documents_online = documents_online
    procurement.tender_agreed_on = tender_agreed_on
    procurement.no_agreement = no_agreement
    procurement.informed_on = informed_on
    procurement.note = note
    db.session.flush()
    plan = queries.plan_that_holds(procurement.id)
    if plan is not None:
        if requests_due_at is not None:
            news = requests_due_at != stood["requests"]
            _applications_end(procurement, plan, requests_due_at, news, by=by, now=now)
        if tenders_due_at is not None:
            news = tenders_due_at != stood["tenders"]
            _tenders_end(procurement, plan, tenders_due_at, news, by=by, now=now)
    reindex([procurement.id])
    needs_planning(procurement.body_id, "procurement_edited")


def _tenders_end(
    procurement: Procurement,
    plan: Plan,
    at: datetime,
    is_news: bool,
    *,
    by: User | None,
    now: datetime,
) -> None:
    """The last day for tenders is somebody's word, with the notice as its source."""
    row = next((one for one in plan.milestones if one.stage is StageKey.EVALUATION), None)
    if row is None or row.reached_on is not None:
        return
    if not is_news and row.certainty.is_at_least(Certainty.REPORTED):
        return  # moved by hand, with a reason of its own
    row.source_url = procurement.notice_url
    row.certainty = Certainty.PUBLISHED if procurement.notice_url else Certainty.CONFIRMED
    reason = _("The last day for tenders is known.")
    _put(procurement, plan, row, clock.local(at).date(), reason, by=by, now=now)


def follow_applications(procurement: Procurement, *, by: User | None, now: datetime) -> None:
    """A plan that is new begins what follows the applications as they are due, where that is known.

    Raises RuleBroken where that would come before what has happened.
    """
    plan, at = queries.plan_that_holds(procurement.id), procurement.requests_due_at
    if plan is not None and at is not None:
        _applications_end(procurement, plan, at, True, by=by, now=now)


def _applications_end(
    procurement: Procurement,
    plan: Plan,
    at: datetime,
    is_news: bool,
    *,
    by: User | None,
    now: datetime,
) -> None:
    """What follows the applications begins as they are due; that it does is still an estimate."""
    row = next(
        (
            then
            for one, then in pairwise(plan.milestones)
            if one.stage is StageKey.APPLICATION and then.stage is not StageKey.SIGNING
        ),
        None,
    )
    if row is None or row.reached_on is not None or not is_news:
        return
    if not row.certainty.is_at_least(Certainty.REPORTED):
        reason = _("The last day to apply is known.")
        _put(procurement, plan, row, clock.local(at).date(), reason, by=by, now=now)


def _put(
    procurement: Procurement,
    plan: Plan,
    milestone: Milestone,
    day: date,
    reason: str,
    *,
    by: User | None,
    now: datetime,
) -> None:
    """Put a milestone on a day that became known: what comes before it makes room, and what comes
    after is laid out anew from there. Raises RuleBroken for a day before what has happened."""
    if milestone.planned_on == day:
        return
    at, rows = milestone.position, plan.milestones
    last = next((one for one in reversed(rows) if one.reached_on is not None), None)
    if last is not None and last.day > day:
        raise RuleBroken(
            _(
                "%(name)s %(day)s, so the deadline cannot be before that.",
                name=filters.milestone_name(plan.route, last.stage),
                day=filters.day(last.day),
            )
        )
    today, body = clock.local(now).date(), queries.get(procurement.id).body
    open_days = queries.open_days_of(body, today)
    standing = [_standing(row, row.day) for row in rows]
    days = {row.stage: row.day for row in rows if row.position < at}
    days |= led_up(standing, milestone.stage, day) | {milestone.stage: day}
    days |= {
        row.stage: row.day
        for row in rows
        if row.position > at and row.day >= day and row.certainty.is_at_least(Certainty.REPORTED)
    }
    laid = lay_out(
        plan.route,
        days[rows[0].stage],
        open_days,
        own=queries.lengths_for(body, plan.route, today),
        known=days,
        terms=queries.terms_of(procurement, body),
    )
    for row, one in zip(rows, laid, strict=True):
        if row.reached_on is None and row.planned_on != one.day:
            _move_one(row, one.day, reason, by, now)
    days = {row.stage: row.day for row in rows}
    let_follow(plan, days, reason=reason, open_days=open_days, by=by, now=now)


def reindex(ids: Collection[int]) -> None:
    """Put these into the search index anew: by title, diarienummer, CPV and notice numbers (D10).

    The codes are found with and without what stands between their figures.
    """
    search.put_many(
        search.Doc(
            kind="procurement",
            ref_id=one.id,
            title=one.title,
            subtitle=one.organisation.title,
            path=one.organisation.path,
            organisation_id=one.organisation_id,
            body_id=one.body_id,
            own=" ".join([one.reference, one.cpv, *numbers]),
        )
        for one, numbers in queries.to_index(ids)
    )


def take_part(procurement: Procurement, case: Case) -> None:
    """The case takes part in this procurement, and in no other one any more."""
    if case.body_id != procurement.body_id:
        raise RuleBroken(_("%(title)s belongs to another body.", title=case.title))
    link = db.session.get(ProcurementCase, case.id)
    if link is None:
        db.session.add(ProcurementCase(case_id=case.id, procurement_id=procurement.id))
    else:
        link.procurement_id = procurement.id
    needs_planning(procurement.body_id, "procurement_joined")


def join(
    procurement: Procurement, joining: Sequence[Case], *, by: User | None, now: datetime
) -> None:
    """Cases take part, and stand from now on where the procurement stands."""
    for case in joining:
        take_part(procurement, case)
    db.session.flush()
    plan = queries.plan_that_holds(procurement.id)
    if plan is not None and any(row.reached_on for row in plan.milestones):
        follow(plan, by=by, now=now)


def leave(procurement: Procurement, case: Case) -> None:
    """The case takes no part any more."""
    if takes_part(procurement, case):
        db.session.delete(db.session.get_one(ProcurementCase, case.id))
        needs_planning(procurement.body_id, "procurement_left")


def takes_part(procurement: Procurement, case: Case) -> bool:
    """Whether the case takes part in this procurement."""
    link = db.session.get(ProcurementCase, case.id)
    return link is not None and link.procurement_id == procurement.id


# --- The plan -----------------------------------------------------------------------------------


def lay(
    procurement: Procurement,
    route: Route,
    milestones: Sequence[Laid],
    *,
    in_use_on: date | None = None,
    follows_contract: bool = False,
    by: User | None,
    today: date,
    now: datetime,
) -> Plan:
    """Lay out a plan; the one that held until now stays in the history (D2).

    What has happened already is carried over where the new route has the stage as well.
    Raises RuleBroken for a day of use that is past, or further away than fifteen years.
    """
    if in_use_on is not None:
        if in_use_on <= today:
            raise RuleBroken(_("Choose a day after today."))
        if in_use_on > add_months(today, 12 * FURTHEST):
            raise RuleBroken(_("Choose a day within fifteen years."))
    reached = {row.stage: row for row in _put_aside(procurement, today) if row.reached_on}
    lines = []
    for laid in milestones:
        before = reached.get(laid.stage)
        on, sure = (before.reached_on, before.certainty) if before else (None, LENGTHS_CERTAINTY)
        lines.append(Line(laid.stage, laid.day, on, sure))
    plan = _new_plan(procurement, route, lines, in_use_on, follows_contract, by=by, today=today)
    db.session.flush()
    tell(
        procurement,
        "procurement_laid_out",
        by,
        now,
        title=procurement.title,
        route=route.value,
    )
    needs_planning(procurement.body_id, "procurement_laid_out")
    return plan


@dataclass(frozen=True, slots=True)
class Line:
    """A milestone to be: its day, when it has been, and how that is known."""

    stage: StageKey
    planned_on: date
    reached_on: date | None
    certainty: Certainty
    source_url: str = ""


def lay_as_told(
    procurement: Procurement,
    route: Route,
    lines: Sequence[Line],
    *,
    by: User | None,
    today: date,
    now: datetime,
    is_new: bool = False,
) -> Plan:
    """Lay out the route that a notice tells of, with the days it tells; cases follow along.

    The plan that held until now stays in the history. A procurement that `is_new` has neither plan
    nor cases, and is put into the database together with this one.
    """
    if is_new:
        return _new_plan(procurement, route, lines, None, False, by=by, today=today)
    _put_aside(procurement, today)
    plan = _new_plan(procurement, route, lines, None, False, by=by, today=today)
    db.session.flush()
    if any(line.reached_on for line in lines):
        follow(plan, by=by, now=now)
    return plan


def _new_plan(
    procurement: Procurement,
    route: Route,
    lines: Sequence[Line],
    in_use_on: date | None,
    follows_contract: bool,
    *,
    by: User | None,
    today: date,
) -> Plan:
    procurement.plans_laid += 1  # so that two who lay one out at once do not miss each other
    plan = Plan(
        procurement=procurement,
        route=route,
        in_use_on=in_use_on,
        follows_contract=follows_contract,
        laid_on=today,
        laid_by_id=by.id if by else None,
        milestones=[
            Milestone(
                position=position,
                stage=line.stage,
                first_planned_on=line.planned_on,
                planned_on=line.planned_on,
                reached_on=line.reached_on,
                certainty=line.certainty,
                source_url=line.source_url,
            )
            for position, line in enumerate(lines)
        ],
    )
    db.session.add(plan)
    return plan


def lay_back_for(
    case: Case,
    route: Route,
    in_use_on: date,
    milestones: Sequence[Laid],
    *,
    by: User | None,
    today: date,
    now: datetime,
) -> Plan:
    """The case's procurement planned backwards from a day of use (E7); one is opened if need be."""
    found = queries.standing(case.id, today)
    if found is None:
        organisation = db.session.get_one(Organisation, case.organisation_id)
        procurement = open_procurement(organisation, title=case.title, case=case, by=by, now=now)
    else:
        procurement = queries.get(found.id)
    ends = case.contract_ends_on
    return lay(
        procurement,
        route,
        milestones,
        in_use_on=in_use_on,
        follows_contract=ends is not None and in_use_on == ends + ONE_DAY,
        by=by,
        today=today,
        now=now,
    )


def follow_contracts(body_ids: Sequence[int], *, now: datetime) -> None:
    """Plans made from the end of a case's contract move along with it. One statement if none did.

    What has happened stays; the rest moves by as many days, to the working day before if need be.
    """
    for plan, ends_on in queries.plans_behind_their_contract(body_ids):
        last = plan.milestones[-1]
        days = ends_on + ONE_DAY - last.planned_on
        plan.in_use_on = ends_on + ONE_DAY
        for row in plan.milestones:
            if row.reached_on is None:
                after = row.planned_on + days
                if row is not last:
                    after = previous_working_day(after)
                _move_one(row, after, _("The contract ends on another day."), None, now)


def drop(procurement: Procurement, *, today: date) -> None:
    """Without a plan again; the old one stays in the history."""
    _put_aside(procurement, today)
    needs_planning(procurement.body_id, "procurement_laid_out")


def _put_aside(procurement: Procurement, today: date) -> list[Milestone]:
    plan = queries.plan_that_holds(procurement.id)
    if plan is None:
        return []
    plan.replaced_on = today
    db.session.flush()
    return list(plan.milestones)


def move(
    plan: Plan,
    milestone: Milestone,
    to: date,
    *,
    reason: str,
    along: bool,
    certainty: Certainty,
    source_url: str = "",
    own: Lengths | None = None,
    open_days: OpenDays,
    terms: LegalTerms = USUAL_TERMS,
    by: User | None,
    now: datetime,
) -> list[Milestone]:
    """Put a milestone on another day, and say why (D5). The answer is every one that moved.

    `along`: what comes after and has not happened is laid out anew from there. Raises RuleBroken if
    the day comes before one that has happened, or, without `along`, past the next one.
    """
    if milestone.reached_on is not None:
        raise RuleBroken(_("It has happened already. Take that back first."))
    days = {row.stage: row.day for row in plan.milestones} | {milestone.stage: to}
    if along:
        known = {
            row.stage: row.day for row in plan.milestones if row.position < milestone.position
        } | {milestone.stage: to}
        first = plan.milestones[0]
        begins = known.get(first.stage, to)
        laid = lay_out(plan.route, begins, open_days, own=own, known=known, terms=terms)
        days |= {one.stage: one.day for one in laid if one.stage not in known}
    _require_order(plan, days)
    moved = []
    for row in plan.milestones:
        after = days[row.stage]
        if row.reached_on is None and after != row.planned_on:
            _move_one(row, after, reason, by, now)
            moved.append(row)
    milestone.certainty, milestone.source_url = certainty, source_url
    for row in let_follow(
        plan, days, reason=reason, open_days=open_days, is_word=True, by=by, now=now
    ):
        if row is milestone:
            raise RuleBroken(
                _("By law it comes on %(day)s at the earliest.", day=filters.day(row.planned_on))
            )
        if row not in moved:
            moved.append(row)
    needs_planning(_body(plan), "milestone_moved")
    return moved


def let_follow(
    plan: Plan,
    before: Mapping[StageKey, date],
    *,
    reason: str,
    open_days: OpenDays | None = None,
    is_word: bool = False,
    by_review: bool = False,
    by: User | None,
    now: datetime,
) -> list[Milestone]:
    """What is to come makes way for what has become known: see `rules.following.followed`.

    `before` are the days as they stood before that. Where somebody's word `is_word`, only the law
    stands above it, and not how long a review usually takes. The answer is every one that moved.
    """
    today = clock.local(now).date()
    procurement = queries.get(plan.procurement_id)
    terms = queries.terms_of(procurement, procurement.body)
    held = _held(procurement, terms, today)
    days = followed(
        plan.route,
        [_standing(row, before[row.stage]) for row in plan.milestones],
        open_days or queries.open_days_of(procurement.body, today),
        terms=terms,
        signing_from=None if is_word and procurement.ruled_on is None else held,
    )
    moved = [row for row in plan.milestones if row.day != days[row.stage]]
    for row in moved:
        _move_one(row, days[row.stage], reason, by, now, by_review=by_review)
    return moved


def _held(procurement: Procurement, terms: LegalTerms, today: date) -> date | None:
    """The day before which a review, or the ruling in it, lets nobody sign."""
    return signing_from(
        terms,
        procurement.under_review_since,
        procurement.review_court,
        today,
        ruled_on=procurement.ruled_on,
        ruling_sent_on=procurement.ruling_sent_on,
        lifted=procurement.review_lifted and not procurement.review_interim,
        waived=procurement.ruling_waived,
    )


@dataclass(frozen=True, slots=True)
class WouldMove:
    """A milestone, and another day that it could have."""

    milestone: Milestone
    to: date


def _standing(row: Milestone, before: date) -> Standing:
    return Standing(
        row.stage,
        before,
        row.day,
        is_reached=row.reached_on is not None,
        is_known=row.certainty.is_at_least(Certainty.REPORTED),
    )


def settle(
    plan: Plan, lines: Sequence[Line], *, reason: str, by: User | None, now: datetime
) -> bool:
    """Every milestone as a notice tells, or as follows from it; whether anything moved.

    A day that moves keeps who, when and why, as any does; the cases follow what has happened.
    """
    moved = reached = False
    for row, line in zip(plan.milestones, lines, strict=True):
        if line.reached_on is not None:
            reached = reached or row.reached_on != line.reached_on
            row.reached_on = line.reached_on
        elif row.planned_on != line.planned_on:
            _move_one(row, line.planned_on, reason, by, now)
            moved = True
        row.certainty, row.source_url = line.certainty, line.source_url
    if reached:
        follow(plan, by=by, now=now)
    return moved or reached


def _move_one(
    row: Milestone,
    after: date,
    reason: str,
    by: User | None,
    now: datetime,
    *,
    by_review: bool = False,
) -> None:
    db.session.add(
        MilestoneMove(
            milestone_id=row.id,
            before=row.planned_on,
            after=after,
            reason=reason,
            by_review=by_review,
            at=now,
            by_id=by.id if by else None,
        )
    )
    row.planned_on = after


def _require_order(plan: Plan, days: Mapping[StageKey, date]) -> None:
    wrong = check_order([(row.stage, days[row.stage]) for row in plan.milestones])
    if wrong is not None:
        before, after = (filters.milestone_name(plan.route, stage) for stage in wrong)
        raise RuleBroken(
            _("“%(after)s” would come before “%(before)s”.", after=after, before=before)
        )


def reach(
    plan: Plan,
    milestone: Milestone,
    on: date,
    *,
    by: User | None,
    today: date,
    now: datetime,
    knowing: bool = False,
) -> None:
    """It happened on the day. What comes before and was not ticked off happened at the latest then.

    Those days are estimates, no earlier than what had been before them, and no history counts them
    as observed. The cases that take part follow on their procurement track. Raises RuleBroken for a
    day to come or in the wrong order, where a check that blocks is not met (D15),
    and for a signing that the law does not allow yet, unless whoever says so is `knowing`.
    """
    if on > today:
        raise RuleBroken(_("Choose today or an earlier day."))
    procurement = queries.get(plan.procurement_id)
    require(queries.lacking(procurement, plan, milestone.stage))
    _require_before_tenders(procurement, milestone.stage, on)
    if milestone.stage is signed_stage(plan.route) and not knowing:
        _require_lawful(procurement, plan, on)
    before = {row.stage: row.day for row in plan.milestones}
    earlier = [row for row in plan.milestones if row.position < milestone.position]
    if any(row.reached_on is not None and row.reached_on > on for row in earlier):
        raise RuleBroken(_("Something that comes before it has a later day."))
    later = [row for row in plan.milestones if row.position > milestone.position]
    if any(row.reached_on is not None and row.reached_on < on for row in later):
        raise RuleBroken(
            _("Something that comes after it has an earlier day. Take that back first.")
        )
    latest = date.min
    for row in earlier:
        if row.reached_on is None:
            row.reached_on = min(max(row.planned_on, latest), on)
            row.certainty = LENGTHS_CERTAINTY
        latest = row.reached_on
    milestone.reached_on = on
    milestone.certainty = Certainty.CONFIRMED
    let_follow(plan, before, reason=_follows(plan, milestone), by=by, now=now)
    follow(plan, by=by, now=now)
    needs_planning(_body(plan), "milestone_reached")


def _require_before_tenders(procurement: Procurement, stage: StageKey, on: date) -> None:
    """A notice goes out before the last day for tenders that it tells."""
    at = procurement.tenders_due_at
    if at is not None and stage in NOTICE_STAGES and on > clock.local(at).date():
        raise RuleBroken(
            _(
                "The notice cannot be sent after the last day for tenders, %(day)s.",
                day=filters.day(clock.local(at).date()),
            )
        )


def _require_lawful(procurement: Procurement, plan: Plan, on: date) -> None:
    """Raises RuleBroken for a signing before the law allows it, until somebody says that it was."""
    if queries.early_signing(procurement, plan, on) is not None:
        raise RuleBroken(
            _("The contract would be signed before the law allows it. Nothing is saved yet.")
        )


def _follows(plan: Plan, milestone: Milestone) -> str:
    """Why what comes after a milestone moves as that one has happened."""
    return _(
        "Follows from “%(name)s” on %(day)s.",
        name=filters.milestone_name(plan.route, milestone.stage),
        day=filters.day(milestone.day),
    )


def take_back(plan: Plan, milestone: Milestone, *, by: User | None, now: datetime) -> None:
    """It has not happened after all, nor has what comes after it."""
    for row in plan.milestones:
        if row.position >= milestone.position:
            row.reached_on = None
    reason = _(
        "“%(name)s” was taken back.", name=filters.milestone_name(plan.route, milestone.stage)
    )
    days = {row.stage: row.day for row in plan.milestones}
    let_follow(plan, days, reason=reason, by=by, now=now)
    follow(plan, by=by, now=now)
    needs_planning(_body(plan), "milestone_reached")


def review(
    procurement: Procurement,
    since: date | None,
    *,
    court: Court = Court.FORVALTNINGSRATT,
    ruled_on: date | None = None,
    ruling_sent_on: date | None = None,
    interim: bool = False,
    lifted: bool = False,
    waived: bool = False,
    by: User | None,
    now: datetime,
) -> None:
    """Under review (överprövning) since a day, or not any more (D6): a state, never a loss.

    A ruling begins the ten days of LOU 20 kap. 10 §, counted from when it was sent out, unless the
    court `waived` them. `interim`: it has forbidden the signing for now; `lifted`: it has let go of
    the spärr (20 kap. 8 and 9 §§). Raises RuleBroken for a ruling before the review, one sent
    before it was given, and for what only a ruling can say.
    """
    if ruled_on is not None and since is not None and ruled_on < since:
        raise RuleBroken(_("The ruling comes before the review."))
    if ruling_sent_on is not None and (ruled_on is None or ruling_sent_on < ruled_on):
        raise RuleBroken(_("A ruling is not sent before it is given."))
    if waived and ruled_on is None:
        raise RuleBroken(_("Only a ruling can say that no ten days shall hold."))
    procurement.under_review_since = since
    procurement.review_court = court
    procurement.ruled_on = ruled_on
    procurement.ruling_sent_on = ruling_sent_on
    procurement.review_interim, procurement.review_lifted = interim, lifted
    procurement.ruling_waived = waived
    plan = queries.plan_that_holds(procurement.id)
    if plan is not None:
        days = {row.stage: row.day for row in plan.milestones}
        let_follow(
            plan,
            days,
            reason=_("Follows from the review."),
            by_review=since is not None,
            by=by,
            now=now,
        )
        follow(plan, by=by, now=now)
    needs_planning(procurement.body_id, "procurement_review")


def back_after_review(procurement: Procurement, plan: Plan | None, today: date) -> list[WouldMove]:
    """What a review moved and could go back, now that there is none: never before today, nor before
    the law lets it. Nothing while there is a review. Needs the moves of the plan."""
    if plan is None or procurement.under_review_since is not None:
        return []
    pushed = [
        Pushed(
            row.stage,
            row.day,
            row.reached_on is not None,
            tuple((one.before, one.by_review) for one in row.moves),
        )
        for row in plan.milestones
    ]
    back = before_review(pushed, today)
    if not back:
        return []
    days = {row.stage: back.get(row.stage, row.day) for row in plan.milestones}
    terms = queries.terms_of(procurement, procurement.body)
    lawful = followed(
        plan.route,
        [replace(_standing(row, days[row.stage]), day=days[row.stage]) for row in plan.milestones],
        queries.open_days_of(procurement.body, today),
        terms=terms,
        signing_from=_held(procurement, terms, today),
    )
    return [
        WouldMove(row, lawful[row.stage])
        for row in plan.milestones
        if row.reached_on is None and lawful[row.stage] < row.planned_on
    ]


def move_back(
    procurement: Procurement,
    plan: Plan | None,
    *,
    reason: str,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """Put what a review moved back, and say why. Raises RuleBroken where there is nothing to."""
    found = back_after_review(procurement, plan, today)
    if plan is None or not found:
        raise RuleBroken(_("There is nothing that a review has moved."))
    for one in found:
        _move_one(one.milestone, one.to, reason, by, now)
    needs_planning(procurement.body_id, "milestone_moved")


def answer_not_signed(
    procurement: Procurement, *, under_review: bool, by: User | None, today: date, now: datetime
) -> None:
    """It is not signed, and it is asked again after a while; or a court has it, since today unless
    that was known before (R11)."""
    procurement.not_signed_on = today
    if under_review and (procurement.under_review_since is None or procurement.ruled_on):
        review(procurement, today, court=procurement.review_court, by=by, now=now)
    needs_planning(procurement.body_id, "procurement_review")


def answer_signed(
    procurement: Procurement,
    on: date,
    *,
    by: User | None,
    today: date,
    now: datetime,
    knowing: bool = False,
) -> None:
    """It was signed on the day. Raises RuleBroken where no plan says what that ends, and as
    `reach` does."""
    plan = queries.plan_that_holds(procurement.id)
    if plan is None:
        raise RuleBroken(_("Choose a route first: without one there is no signing to note."))
    if not knowing:
        _require_lawful(queries.get(procurement.id), plan, on)
    if procurement.under_review_since is not None:
        review(procurement, None, court=procurement.review_court, by=by, now=now)
    milestone = queries.milestone_of(plan, signed_stage(plan.route))
    reach(plan, milestone, on, by=by, today=today, now=now, knowing=True)


def cancel(procurement: Procurement, on: date | None, *, by: User | None, now: datetime) -> None:
    """Called off by the authority (avbruten) on a day, or on again. Our cases stay as they are."""
    procurement.cancelled_on = on
    if on is not None:
        tell(procurement, "procurement_cancelled", by, now, title=procurement.title)
    needs_planning(procurement.body_id, "procurement_cancelled")


def follow(plan: Plan, *, by: User | None, now: datetime) -> None:
    """Let the open cases that take part stand where the procurement stands."""
    procurement = queries.get(plan.procurement_id)
    stage = stage_now(plan.route, [row.stage for row in plan.milestones if row.reached_on])
    if procurement.under_review_since is not None:
        stage = ProcurementStage.UNDER_REVIEW
    for case in queries.cases_of(procurement.id):
        if case.state is not CaseState.CLOSED:
            cases.move_procurement(case, stage, by=by, now=now)


# --- By mistake ---------------------------------------------------------------------------------


def remove(procurement: Procurement, *, by: User, now: datetime) -> Removal:
    """Take away a procurement that was entered by mistake, with its plans; our cases stay.

    Raises RuleBroken while something hangs on it that is somebody's work: see `queries.hanging_on`.
    """
    if queries.hanging_on(procurement.id):
        raise RuleBroken(_("Something hangs on the procurement. It is named on the page."))
    tell(procurement, "procurement_removed", by, now, title=procurement.title)
    body_id = procurement.body_id
    things = queries.rows_of(procurement)
    number = procurement.id
    removal = removals.remove(procurement.title, things, by_id=by.id, now=now)
    search.drop("procurement", number)
    needs_planning(body_id, "procurement_left")
    return removal


def put_back(removal: Removal, *, by: User, now: datetime) -> Procurement:
    """It was no mistake. Raises RuleBroken where one of its cases takes part in another now."""
    its = [row["case_id"] for table, row in removal.rows if table == ProcurementCase.__tablename__]
    if queries.taking_part(its):
        raise RuleBroken(_("One of its cases takes part in another procurement now."))
    procurement = queries.get(removals.put_back(removal))
    tell(procurement, "procurement_opened", by, now, title=procurement.title)
    reindex([procurement.id])
    needs_planning(procurement.body_id, "procurement_joined")
    return procurement


# --- Checks before a stage ----------------------------------------------------------------------


def require(lacking: Iterable[Missing]) -> None:
    """Raises RuleBroken if one of the checks that are not met blocks (D15)."""
    if any(one.blocks for one in lacking):
        raise RuleBroken(_("Something must be known first. It is named on the page."))


def set_checks(levels: Mapping[StageCheck, CheckLevel]) -> None:
    """What each check before a stage does from now on; those that warn need no row (D15)."""
    present = {row.check: row for row in db.session.scalars(sa.select(StageCheckSetting))}
    for check, level in levels.items():
        row = present.get(check)
        if row is not None:
            row.level = level
        elif level is not CheckLevel.WARN:
            db.session.add(StageCheckSetting(check=check, level=level))


# --- Lengths of one's own -----------------------------------------------------------------------


def set_lengths(
    body: Organisation,
    route: Route,
    lengths: Mapping[StageKey, Duration],
    *,
    note: str,
    today: date,
    terms: LegalTerms = USUAL_TERMS,
) -> None:
    """How long the stages of a route take at a body; one left out goes back to what is usual.

    Raises RuleBroken for lengths in the wrong order, or below what the law allows as a rule.
    """
    for stage, one in lengths.items():
        if not 0 <= one.short <= one.usual <= one.long:
            raise RuleBroken(_("The short length is at most the usual, and that at most the long."))
        least = floor(route, stage, today, terms)
        if one.short < least.days:
            raise RuleBroken(
                _(
                    "The law asks for %(days)s days at least: %(law)s.",
                    days=least.days,
                    law=least.law,
                )
            )
    present = {row.stage: row for row in queries.own_lengths(body, route)}
    for stage, one in lengths.items():
        row = present.pop(stage, None)
        if row is None:
            row = StageLength(organisation_id=body.id, route=route, stage=stage)
            db.session.add(row)
        row.short, row.usual, row.long, row.note = one.short, one.usual, one.long, note
    for row in present.values():
        db.session.delete(row)


def _body(plan: Plan) -> int:
    return db.session.scalars(
        sa.select(Procurement.body_id).where(Procurement.id == plan.procurement_id)
    ).one()


def tell(procurement: Procurement, event: str, by: User | None, now: datetime, **data: Any) -> None:
    """A line in the timeline of who buys."""
    record(
        ActivityKind.PROCUREMENT,
        db.session.get_one(Organisation, procurement.organisation_id),
        now=now,
        by=by,
        event=event,
        procurement_id=procurement.id,
        **data,
    )
