"""Pages of procurements: the list, one with its plan, and the lengths that plans are made from."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.queries import colleagues
from crm.cases import queries as cases
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import NotFound
from crm.law import queries as law
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.organisations.models import Organisation
from crm.procurements import (
    forecasts,
    headroom_pages,
    history,
    law_panel,
    lead_time_pages,
    notice_pages,
    notice_queries,
    notices,
    operations,
    plan_pages,
    queries,
    stage_pages,
)
from crm.procurements.forms import (
    JoinForm,
    MoveBackForm,
    MoveForm,
    NewProcurementForm,
    ProcurementForm,
    ReachForm,
    ReviewForm,
    RouteForm,
    StateForm,
    checks_form,
    lengths_form,
)
from crm.procurements.models import Plan, Procurement
from crm.rules.access import Permission
from crm.rules.floors import LegalTerms, floor
from crm.rules.lead_times import Length
from crm.rules.milestones import Milestone as Laid
from crm.rules.milestones import lay_back, lay_out
from crm.rules.notice_facts import NoticeFacts, ToldDay, facts_of
from crm.rules.notice_records import from_plain
from crm.rules.quiet import OpenDays
from crm.rules.routes import (
    LENGTHS_CERTAINTY,
    NOTICE_STAGES,
    Route,
    StageKey,
    signed_stage,
    stages_of,
)
from crm.rules.stage_checks import CheckLevel, StageCheck
from crm.web import filters, timeline
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.errors import TOO_LARGE
from crm.web.forms import clean, page, user
from crm.web.labels import choices

bp = Blueprint("procurements", __name__, url_prefix="/procurements")

bp.get("/plan/<id:case_id>", endpoint="plan")(plan_pages.show)
bp.post("/plan/<id:case_id>", endpoint="lay_back")(plan_pages.accept)
bp.get("/plan/contract/<id:contract_id>", endpoint="plan_contract")(plan_pages.show_contract)
bp.post("/plan/contract/<id:contract_id>", endpoint="lay_back_contract")(plan_pages.accept_contract)
bp.route("/stage/<id:case_id>", methods=["GET", "POST"], endpoint="move_case")(
    stage_pages.move_case
)
bp.route("/<id:procurement_id>/signed", endpoint="signed", methods=["GET", "POST"])(
    stage_pages.signed
)
bp.route("/<id:procurement_id>/remove", endpoint="remove", methods=["GET", "POST"])(
    stage_pages.remove
)
bp.post("/removed/<id:removal_id>/put-back", endpoint="put_back")(stage_pages.put_back)
bp.get("/compare/<id:case_id>", endpoint="compare")(plan_pages.compare)
bp.get("/headroom/<id:case_id>", endpoint="headroom")(headroom_pages.show)
bp.post("/plan/<id:case_id>/drop", endpoint="drop_plan")(plan_pages.drop)
bp.get("/lead-times", endpoint="lead_times")(lead_time_pages.show)
bp.get("/lead-times/export.csv", endpoint="lead_times_export")(lead_time_pages.export)
bp.get("/lead-times/held", endpoint="held")(lead_time_pages.held)

bp.get("/notices", endpoint="notices")(notice_pages.index)
bp.route("/notices/import", endpoint="import_notices", methods=["GET", "POST"])(
    notice_pages.take_in
)
TOO_LARGE["procurements.import_notices"] = notice_pages.too_large
bp.get("/notices/imports/<id:import_id>", endpoint="notice_import")(notice_pages.show_import)
bp.post("/notices/imports/<id:import_id>/contracts/remove", endpoint="take_contracts_away")(
    notice_pages.take_contracts_away
)
bp.post("/notices/imports/<id:import_id>/contracts/put-back", endpoint="put_contracts_back")(
    notice_pages.put_contracts_back
)
bp.get("/notices/<id:notice_id>", endpoint="notice")(notice_pages.show)
bp.route("/notices/<id:notice_id>/buyer", endpoint="notice_buyer", methods=["GET", "POST"])(
    notice_pages.buyer
)
bp.post("/notices/<id:notice_id>/buyer/new", endpoint="new_buyer")(notice_pages.new_buyer)
bp.post("/notices/<id:notice_id>/leave-out", endpoint="leave_out")(notice_pages.leave_out)
bp.post("/<id:procurement_id>/cases/open", endpoint="join_open")(notice_pages.join_open)
bp.post("/<id:procurement_id>/notices/take", endpoint="take_theirs")(notice_pages.take_theirs)


def home(procurement: Procurement) -> AnyResponse:
    """Back to the page of the procurement."""
    return redirect(url_for(".show", procurement_id=procurement.id), 303)


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The list, by what comes next. Filter and page live in the address."""
    args = request.args
    route = args.get("route", "")
    chosen = queries.Filter(
        text=str(clean(args.get("q", "")[:100])),
        owner_id=int(current_user.id)
        if args.get("owner") == "me"
        else number_or_none(args.get("owner")),
        body_id=number_or_none(args.get("body")),
        route=Route(route) if route in set(Route) else None,
        over=args.get("over") == "1",
    )
    return page(
        "procurements/index.html",
        procurements=queries.rows(chosen, page=page_number(args), today=clock.today()),
        chosen=chosen,
        owners=colleagues(),
        routes=choices(Route),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new() -> AnyResponse:
    """A procurement, from a case or an account, with its plan laid out at once."""
    form = NewProcurementForm()
    asked = number_or_none(request.values.get("case"))
    case = cases.get(asked) if asked is not None else None
    if not form.is_submitted():
        place = number_or_none(request.args.get("organisation"))
        organisation = case.organisation if case else organisations.get(place) if place else None
        if organisation is not None:
            form.organisation.show(organisation)
        if case is not None:
            form.title.data, form.case.data = case.title, str(case.id)

    def make() -> str:
        today, now = clock.today(), clock.now()
        organisation = picked(form.organisation)
        procurement = operations.open_procurement(
            organisation, title=form.title.data, case=case, by=user(), now=now
        )
        operations.edit(
            procurement,
            title=form.title.data,
            reference=form.reference.data or "",
            notice_url=form.notice_url.data or "",
            cpv=(form.cpv.data or "").partition("-")[0],
            value_ore=form.value.ore,
            questions_due_at=form.questions_due_at.moment,
            requests_due_at=form.requests_due_at.moment,
            tenders_due_at=form.tenders_due_at.moment,
            tenders_valid_until=None,
            law=procurement.law,
            object_kind=procurement.object_kind,
            electronic=procurement.electronic,
            urgent=procurement.urgent,
            award_channel=procurement.award_channel,
            standstill_until=None,
            prior_notice_on=None,
            documents_online=procurement.documents_online,
            tender_agreed_on=None,
            no_agreement=False,
            informed_on=None,
            note="",
            by=user(),
            now=now,
        )
        told = NoticeFacts(
            sent=ToldDay(form.sent_on.day, procurement.notice_url) if form.sent_on.day else None,
            tenders_due_at=procurement.tenders_due_at,
            deadlines_url=procurement.notice_url,
        )
        run = notices.Run(user(), today, now)
        notices.lay_out_by_hand(procurement, form.route.data, told, form.begins_on.day, run)
        operations.follow_applications(procurement, by=user(), now=now)
        return url_for(".show", procurement_id=procurement.id)

    back = stage_pages.back_to_move()
    there_already = _there_already(form) if form.is_submitted() else ()
    asked = form.asks_about(there_already)
    if not asked and (there := form.carried_out_once(make)):
        flash(_("The procurement is laid out. Every day can be moved."), "message")
        return redirect(back or there, 303)
    form.knows_of(there_already)
    answer = page(
        "procurements/new.html", form=form, case=case, back=back, there_already=there_already
    )
    if asked:
        answer.status_code = 422
    return answer


def _there_already(form: NewProcurementForm) -> Sequence[Procurement]:
    """The body's procurements of the same number; none for the second of two clicks."""
    if form.earlier() or not form.validate():
        return ()
    return queries.of_same_number(
        picked(form.organisation).body_id,
        (form.reference.data or "").strip(),
        (form.notice_url.data or "").strip(),
    )


@bp.get("/<id:procurement_id>")
@requires(Permission.READ)
def show(procurement_id: int) -> Response:
    """The plan as a picture and a table, what is known, and which of our cases take part."""
    procurement = queries.get(procurement_id)
    plan, earlier = queries.plans_of(procurement.id)
    today = clock.today()
    around = queries.cases_around(procurement)
    join = JoinForm(formdata=None)
    join.case_id.choices = [(case.id, case.title) for case in around.may_join]
    terms = queries.terms_of(procurement, procurement.body)
    published = notice_queries.of_procurement(procurement.id)
    told = facts_of([from_plain(one.record) for one in published])
    progress = law_panel.progress_of(procurement, plan, told)
    after = law_panel.after_award(procurement, terms, progress, today)
    floors = law_panel.floors_of(plan, terms, after) if plan else {}
    open_days = queries.open_days_of(procurement.body, today)
    outlook = (
        forecasts.of(procurement.id, procurement.body, plan.route, today=today, terms=terms)
        if plan
        else None
    )
    return page(
        "procurements/show.html",
        procurement=procurement,
        plan=plan,
        next_up=queries.next_of(plan, today) if plan and not procurement.cancelled_on else None,
        behind=sum(row.reached_on is None and row.planned_on <= today for row in plan.milestones)
        if plan and not procurement.cancelled_on
        else 0,
        outlook=outlook,
        by_history=_by_history(plan, outlook.lengths) if plan and outlook else {},
        floors=floors,
        pictures=_pictures(plan, floors, open_days, today) if plan else None,
        law_lines=law_panel.shown_lines(terms, progress, today),
        beyond=law_panel.beyond_now(terms, progress, today),
        after=after,
        early=law_panel.signed_early(procurement, plan, terms),
        earlier=earlier,
        cases=around.within,
        notices=published,
        differences=notices.differences(procurement, plan, told, today),
        told=told,
        unlinked=_unlinked(procurement, plan, around.may_join) if published else [],
        said=notice_pages.said,
        join=join,
    )


def _by_history(plan: Plan, held: Mapping[StageKey, Length]) -> dict[StageKey, Length]:
    """The estimated milestones whose day own history gave: the length of the stage before them."""
    rulebook = dict(stages_of(plan.route))
    found = {}
    for before, row in pairwise(plan.milestones):
        length = held.get(before.stage)
        if row.reached_on or row.certainty is not LENGTHS_CERTAINTY or length is None:
            continue
        days = (row.first_planned_on - before.first_planned_on).days
        if length.is_history and length.explains(days, rulebook[before.stage]):
            found[row.stage] = length
    return found


def _unlinked(procurement: Procurement, plan: Plan | None, open_cases: Sequence[Any]) -> list[Any]:
    """Our cases that this may be about, while it is out and not signed (C11, R11)."""
    if plan is None or procurement.cancelled_on is not None or not open_cases:
        return []
    reached = {row.stage for row in plan.milestones if row.reached_on}
    if not reached & set(NOTICE_STAGES) or signed_stage(plan.route) in reached:
        return []
    return list(notice_queries.cases_without(procurement.body_id))


def _pictures(
    plan: Plan, floors: law_panel.Floors, open_days: OpenDays, today: date
) -> list[timeline.Timeline | None]:
    """The plan along a line of time: for a wide screen, and for a telephone."""
    lines = [
        timeline.Line(
            name=filters.milestone_name(plan.route, row.stage),
            first=row.first_planned_on,
            day=row.day,
            is_reached=row.reached_on is not None,
            floor=floors[row.stage][0] if row.stage in floors else None,
        )
        for row in plan.milestones
    ]
    shapes = (timeline.WIDE, timeline.NARROW)
    return [timeline.draw(lines, open_days.quiet, today, shape) for shape in shapes]


@bp.route("/<id:procurement_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(procurement_id: int) -> AnyResponse:
    """What is known of it: number, notice, deadlines, value."""
    procurement = queries.get(procurement_id)
    form = ProcurementForm(obj=procurement)
    if not form.is_submitted():
        form.version.data = str(procurement.version)
        form.value.data = procurement.value_ore
    else:
        form.notice_sent_on = queries.notice_sent_on(queries.plan_that_holds(procurement.id))

    def save() -> None:
        form.check_version(procurement)
        operations.edit(
            procurement,
            title=form.title.data,
            reference=form.reference.data or "",
            notice_url=form.notice_url.data or "",
            cpv=(form.cpv.data or "").partition("-")[0],
            value_ore=form.value.ore,
            questions_due_at=form.questions_due_at.moment,
            requests_due_at=form.requests_due_at.moment,
            tenders_due_at=form.tenders_due_at.moment,
            tenders_valid_until=form.tenders_valid_until.day,
            law=form.law.data,
            object_kind=form.object_kind.data,
            electronic=form.electronic.data,
            urgent=form.urgent.data,
            award_channel=form.award_channel.data,
            standstill_until=form.standstill_until.day,
            prior_notice_on=form.prior_notice_on.day,
            documents_online=form.documents_online.data,
            tender_agreed_on=form.tender_agreed_on.day,
            no_agreement=form.no_agreement.data,
            informed_on=form.informed_on.day,
            note=form.note.data or "",
            by=user(),
            now=clock.now(),
        )

    back = stage_pages.back_to_move()
    there_already = _like_what_is_typed(form, procurement) if form.is_submitted() else ()
    asked = form.asks_about(there_already)
    if not asked and form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(back, 303) if back else home(procurement)
    form.knows_of(there_already)
    answer = page(
        "procurements/edit.html",
        form=form,
        procurement=procurement,
        back=back,
        there_already=there_already,
    )
    if asked:
        answer.status_code = 422
    return answer


def _like_what_is_typed(form: ProcurementForm, procurement: Procurement) -> Sequence[Procurement]:
    """The body's others with the number or the address that is typed now and was not there."""
    reference = (form.reference.data or "").strip()
    notice_url = (form.notice_url.data or "").strip()
    if not form.validate():
        return ()
    return queries.of_same_number(
        procurement.body_id,
        reference if reference.lower() != procurement.reference.lower() else "",
        notice_url if notice_url != procurement.notice_url else "",
        besides=procurement.id,
    )


# --- The plan -----------------------------------------------------------------------------------


@bp.route("/<id:procurement_id>/route", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def route(procurement_id: int) -> AnyResponse:
    """Another route, looked at before it is laid out; the old plan stays in the history."""
    procurement = queries.get(procurement_id)
    plan = queries.plan_that_holds(procurement.id)
    today = clock.today()
    looks = request.method == "GET"
    form = RouteForm(formdata=request.args, meta={"csrf": False}) if looks else RouteForm()
    looked_at: tuple[Laid, ...] = ()
    if looks:
        form.version.data = str(procurement.version)
        if "route" not in request.args:
            form.route.data = plan.route if plan else Route.UNDECIDED
        if "route" not in request.args or form.validate():
            looked_at = _laid(procurement, form, today)

    def save() -> None:
        form.check_version(procurement)
        operations.lay(
            procurement,
            form.route.data,
            _laid(procurement, form, today),
            in_use_on=form.in_use_on.day,
            by=user(),
            today=today,
            now=clock.now(),
        )

    if not looks and form.carried_out(save):
        flash(_("Laid out anew. The plan before it stands under “Earlier plans”."), "message")
        return home(procurement)
    return page(
        "procurements/route.html",
        form=form,
        procurement=procurement,
        laid=looked_at,
        beyond=law_panel.beyond(
            form.route.data, queries.terms_of(procurement, procurement.body), procurement, today
        ),
    )


def _laid(procurement: Procurement, form: RouteForm, today: date) -> tuple[Laid, ...]:
    chosen = form.route.data
    own = queries.lengths_for(procurement.body, chosen, today)
    open_days = queries.open_days_of(procurement.body, today)
    terms = queries.terms_of(procurement, procurement.body)
    if form.in_use_on.day is not None:
        return lay_back(chosen, form.in_use_on.day, open_days, own=own, terms=terms)
    plan = queries.plan_that_holds(procurement.id)
    rows = plan.milestones if plan else []
    reached = {row.stage: row.reached_on for row in rows if row.reached_on}
    begins = form.begins_on.day or min(reached.values(), default=today)
    return lay_out(chosen, begins, open_days, own=own, known=reached, terms=terms)


def _milestone(procurement_id: int, stage: StageKey) -> tuple[Procurement, Plan, Any]:
    procurement = queries.get(procurement_id)
    plan = queries.plan_that_holds(procurement.id)
    if plan is None:
        raise NotFound("plan")
    return procurement, plan, queries.milestone_of(plan, stage)


@bp.route("/<id:procurement_id>/milestones/<stage:stage>/move", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def move(procurement_id: int, stage: StageKey) -> AnyResponse:
    """A milestone on another day (D5)."""
    procurement, plan, milestone = _milestone(procurement_id, stage)
    form = MoveForm()
    if not form.is_submitted():
        form.version.data = str(milestone.version)
        form.to.data = request.args.get("to") or milestone.planned_on
    moved: list[Any] = []

    def save() -> None:
        form.check_version(milestone)
        moved.extend(
            operations.move(
                plan,
                milestone,
                form.to.day or milestone.planned_on,
                reason=form.reason.data,
                along=form.along.data,
                certainty=form.certainty.data,
                source_url=form.source_url.data or "",
                own=queries.lengths_for(procurement.body, plan.route, clock.today()),
                open_days=queries.open_days_of(procurement.body, clock.today()),
                terms=queries.terms_of(procurement, procurement.body),
                by=user(),
                now=clock.now(),
            )
        )

    if form.carried_out(save):
        flash(ngettext("One milestone moved.", "%(num)s milestones moved.", len(moved)), "message")
        return home(procurement)
    return page(
        "procurements/move.html",
        form=form,
        procurement=procurement,
        milestone=milestone,
        name=filters.milestone_name(plan.route, stage),
    )


@bp.route("/<id:procurement_id>/milestones/<stage:stage>/reach", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def reach(procurement_id: int, stage: StageKey) -> AnyResponse:
    """It happened: today unless another day is given. Our cases follow on their track."""
    procurement, plan, milestone = _milestone(procurement_id, stage)
    form, back = ReachForm(), stage_pages.back_to_move()
    today = clock.today()
    if not form.is_submitted():
        form.version.data = str(milestone.version)
        form.on.data = min(today, milestone.planned_on)

    def save() -> None:
        form.check_version(milestone)
        operations.reach(
            plan,
            milestone,
            form.on.day or today,
            by=user(),
            today=today,
            now=clock.now(),
            knowing=form.knowing.data,
        )

    if form.carried_out(save):
        flash(
            _("Noted: %(name)s.", name=filters.milestone_name(plan.route, stage)),
            "undo:" + url_for(".take_back", procurement_id=procurement.id, stage=stage.value),
        )
        return redirect(back, 303) if back else home(procurement)
    return page(
        "procurements/reach.html",
        form=form,
        back=back,
        lacking=queries.lacking(procurement, plan, stage),
        early=queries.early_signing(procurement, plan, form.on.day)
        if form.on.day is not None and stage is signed_stage(plan.route)
        else None,
        procurement=procurement,
        milestone=milestone,
        name=filters.milestone_name(plan.route, stage),
    )


@bp.post("/<id:procurement_id>/milestones/<stage:stage>/take-back")
@requires(Permission.EDIT_CASES)
def take_back(procurement_id: int, stage: StageKey) -> AnyResponse:
    """It has not happened after all."""
    procurement, plan, milestone = _milestone(procurement_id, stage)
    with transaction(by=user()):
        operations.take_back(plan, milestone, by=user(), now=clock.now())
    flash(_("Taken back: it is still to come."), "message")
    return home(procurement)


@bp.post("/<id:procurement_id>/drop")
@requires(Permission.EDIT_CASES)
def drop(procurement_id: int) -> AnyResponse:
    """No plan any more; it stays in the history."""
    procurement = queries.get(procurement_id)
    with transaction(by=user()):
        operations.drop(procurement, today=clock.today())
    flash(_("The plan is dropped."), "message")
    return home(procurement)


# --- States -------------------------------------------------------------------------------------


@bp.route("/<id:procurement_id>/review", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def review(procurement_id: int) -> AnyResponse:
    """Under review (överprövning) since a day; without a day, no longer (D6)."""
    procurement = queries.get(procurement_id)
    form = ReviewForm(obj=procurement)
    if not form.is_submitted():
        form.version.data = str(procurement.version)
        form.since.data = procurement.under_review_since or clock.today()
        form.court.data = procurement.review_court
        form.interim.data = procurement.review_interim
        form.lifted.data = procurement.review_lifted
        form.waived.data = procurement.ruling_waived

    def save() -> None:
        form.check_version(procurement)
        operations.review(
            procurement,
            form.since.day,
            court=form.court.data,
            ruled_on=form.ruled_on.day,
            ruling_sent_on=form.ruling_sent_on.day,
            interim=form.interim.data,
            lifted=form.lifted.data,
            waived=form.waived.data,
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        if _could_move_back(procurement):
            return redirect(url_for(".move_back", procurement_id=procurement.id), 303)
        return home(procurement)
    return page(
        "procurements/review.html",
        form=form,
        procurement=procurement,
        stands=procurement.under_review_since,
        could_move_back=_could_move_back(procurement),
    )


def _could_move_back(procurement: Procurement) -> list[operations.WouldMove]:
    plan = queries.plan_that_holds(procurement.id)
    return operations.back_after_review(procurement, plan, clock.today())


@bp.route("/<id:procurement_id>/review/back", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def move_back(procurement_id: int) -> AnyResponse:
    """There is no review any more: what it moved goes back, or stays where it is."""
    procurement = queries.get(procurement_id)
    plan = queries.plan_that_holds(procurement.id)
    today = clock.today()
    found = operations.back_after_review(procurement, plan, today)
    if not found:
        return home(procurement)
    form = MoveBackForm()
    if not form.is_submitted():
        form.version.data = str(procurement.version)
        form.reason.data = _("There is no review any more.")

    def save() -> None:
        form.check_version(procurement)
        operations.move_back(
            procurement, plan, reason=form.reason.data, by=user(), today=today, now=clock.now()
        )

    if form.carried_out(save):
        flash(_("Moved back."), "message")
        return home(procurement)
    return page(
        "procurements/move_back.html", form=form, procurement=procurement, plan=plan, found=found
    )


@bp.route("/<id:procurement_id>/cancel", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def cancel(procurement_id: int) -> AnyResponse:
    """Called off by the authority on a day; without a day, on again."""
    procurement = queries.get(procurement_id)
    form = StateForm()
    if not form.is_submitted():
        form.version.data = str(procurement.version)
        form.since.data = procurement.cancelled_on or clock.today()

    def save() -> None:
        form.check_version(procurement)
        operations.cancel(procurement, form.since.day, by=user(), now=clock.now())

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(procurement)
    return page(
        "procurements/cancel.html",
        form=form,
        procurement=procurement,
        stands=procurement.cancelled_on,
    )


# --- Our cases ----------------------------------------------------------------------------------


@bp.post("/<id:procurement_id>/cases")
@requires(Permission.EDIT_CASES)
def join(procurement_id: int) -> AnyResponse:
    """A case takes part."""
    procurement = queries.get(procurement_id)
    case = cases.get(number_or_none(request.form.get("case_id")) or 0)
    with transaction(by=user()):
        operations.join(procurement, [case], by=user(), now=clock.now())
    flash(_("%(title)s takes part.", title=case.title), "message")
    return home(procurement)


@bp.post("/<id:procurement_id>/cases/<id:case_id>/leave")
@requires(Permission.EDIT_CASES)
def leave(procurement_id: int, case_id: int) -> AnyResponse:
    """A case takes no part any more."""
    procurement, case = queries.get(procurement_id), cases.get(case_id)
    if not operations.takes_part(procurement, case):
        raise NotFound("case")
    with transaction(by=user()):
        operations.leave(procurement, case)
    flash(_("%(title)s takes no part any more.", title=case.title), "message")
    return home(procurement)


# --- Lengths ------------------------------------------------------------------------------------


@bp.route("/lengths/<route:route>", methods=["GET", "POST"])
@requires(Permission.EDIT_RULES)
def lengths(route: Route) -> AnyResponse:
    """How long the stages of a route take at one body (?organisation=); for all: the law's page."""
    asked = number_or_none(request.values.get("organisation"))
    if asked is None:
        return redirect(url_for("law.lead_times", route=route.value), 303)
    body = organisations.get(asked)
    if not body.is_body:
        body = db.session.get_one(Organisation, body.body_id)
    stages, today = stages_of(route, law.usual_lengths(route)), clock.today()
    terms = LegalTerms(values=law.values())
    form = lengths_form(stages)()
    own = {row.stage: row for row in queries.own_lengths(body, route)}
    if not form.is_submitted():
        for stage, row in own.items():
            line, found = form[stage.value], row.duration
            line.short.data, line.usual.data, line.long.data = found.short, found.usual, found.long
        form.note.data = next((row.note for row in own.values()), "")

    def save() -> None:
        chosen = {stage: form[stage.value].form.duration for stage, _usual in stages}
        fresh = {stage: one for stage, one in chosen.items() if one is not None}
        operations.set_lengths(
            body, route, fresh, note=form.note.data or "", today=today, terms=terms
        )

    if form.carried_out(save):
        flash(
            _("Saved. New plans are laid out by them; those that stand are not touched."), "message"
        )
        return redirect(url_for(".lengths", route=route.value, organisation=body.id), 303)
    return page(
        "procurements/lengths.html",
        form=form,
        body=body,
        route=route,
        routes=_routes(),
        stages=stages,
        own=own,
        floors={stage: floor(route, stage, today, terms) for stage, _usual in stages},
        held=history.lengths_held(body, route, today),
    )


def _routes() -> Sequence[Any]:
    return choices(Route)


# --- Checks before a stage ----------------------------------------------------------------------


@bp.route("/checks", methods=["GET", "POST"])
@requires(Permission.EDIT_RULES)
def checks() -> AnyResponse:
    """What each check before a stage does here: warns, stops, or says nothing (D15)."""
    form = checks_form()()
    if not form.is_submitted():
        levels = queries.check_levels()
        for check in StageCheck:
            form[check.value].data = levels.get(check, CheckLevel.WARN)

    if form.carried_out(lambda: operations.set_checks(form.levels)):
        flash(_("Saved."), "message")
        return redirect(url_for(".checks"), 303)
    return page("procurements/checks.html", form=form, checks=list(StageCheck))
