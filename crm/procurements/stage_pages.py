"""Where a procurement stands, by hand: a case's track with its checks (D15), the signing (R11),
and one that was entered by mistake.

Hung up in `views.py`.
"""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.audit import removals
from crm.cases import operations as cases_operations
from crm.cases import queries as cases
from crm.core import clock
from crm.core.db import transaction
from crm.procurements import operations, queries
from crm.procurements.forms import RemoveForm, SignedAnswer, SignedForm, StageForm
from crm.procurements.models import Plan, Procurement
from crm.rules.access import Permission
from crm.rules.routes import StageKey, signed_stage
from crm.rules.stage_checks import Missing, StageCheck
from crm.rules.stages import ProcurementStage
from crm.web.access import requires
from crm.web.asked import number_or_none
from crm.web.forms import page, user


@requires(Permission.EDIT_CASES)
def move_case(case_id: int) -> AnyResponse:
    """Move on the procurement track; the adoption track stays.

    Where something ought to be known first it is named, with a link that mends it, and the move
    waits for a second press; or for the fact, where that is chosen.
    """
    case, form = cases.get(case_id), StageForm()
    procurement, plan = queries.of_case_with_plan(case.id)
    if plan is not None:
        plan = queries.plan_that_holds(plan.procurement_id)
    wanted = request.args.get("procurement", "")
    wanted = wanted if wanted in set(ProcurementStage) else ""
    if not form.is_submitted():
        form.version.data = str(case.version)
        # Back from where a fact was written down, or as it stands.
        form.procurement.data = ProcurementStage(wanted) if wanted else case.procurement
    stage = form.procurement.data
    asks = stage is not None and (form.is_submitted() or bool(wanted))
    lacking = queries.lacking_by_hand(case, stage, procurement, plan) if asks else ()
    asked = bool(lacking) and not form.knowing.data and form.submitted()

    def save() -> None:
        form.check_version(case)
        operations.require(lacking)
        cases_operations.move_procurement(
            case, form.procurement.data, note=form.note.data or "", by=user(), now=clock.now()
        )

    if not asked and form.carried_out(save):
        flash(_("Moved."), "message")
        return redirect(url_for("overview.case", case_id=case.id), 303)
    form.knowing.data = "y" if lacking else ""
    answer = page(
        "procurements/move_case.html",
        form=form,
        case=case,
        lacking=[(one, _mends(one, case.id, stage, procurement, plan)) for one in lacking],
        blocked=any(one.blocks for one in lacking),
    )
    if asked:
        answer.status_code = 422
    return answer


def back_to_move() -> str | None:
    """The move of a case that a missing fact was asked for in, to go back to when it is known."""
    case_id, stage = number_or_none(request.args.get("move")), request.args.get("stands", "")
    if case_id is None or stage not in set(ProcurementStage):
        return None
    return url_for("procurements.move_case", case_id=case_id, procurement=stage)


def _mends(
    one: Missing,
    case_id: int,
    stage: ProcurementStage,
    procurement: Procurement | None,
    plan: Plan | None,
) -> str:
    """Where the missing fact can be written down, and the way back to the move."""
    back: dict[str, Any] = {"move": case_id, "stands": stage.value}
    if procurement is None:
        return url_for("procurements.new", case=case_id, **back)
    its_stage = _STAGES.get(one.check)
    if its_stage is None:
        return url_for("procurements.edit", procurement_id=procurement.id, **back)
    if plan is None:
        return url_for("procurements.route", procurement_id=procurement.id)
    if all(row.stage is not its_stage for row in plan.milestones):
        return url_for("procurements.show", procurement_id=procurement.id)
    return url_for(
        "procurements.reach", procurement_id=procurement.id, stage=its_stage.value, **back
    )


_STAGES = {StageCheck.AWARD_DAY: StageKey.AWARD, StageCheck.STANDSTILL_END: StageKey.STANDSTILL}


@requires(Permission.EDIT_CASES)
def signed(procurement_id: int) -> AnyResponse:
    """Has it been signed? One press answers, so that the body is not left silent for ever (R11)."""
    procurement, form = queries.get(procurement_id), SignedForm()
    today, now = clock.today(), clock.now()
    if not form.is_submitted():
        form.version.data, form.on.data = str(procurement.version), today

    def save() -> None:
        form.check_version(procurement)
        answer, on = form.answer.data, form.on.day or today
        if answer == SignedAnswer.SIGNED:
            operations.answer_signed(procurement, on, by=user(), today=today, now=now)
        elif answer == SignedAnswer.CANCELLED:
            operations.cancel(procurement, on, by=user(), now=now)
        else:
            operations.answer_not_signed(
                procurement,
                under_review=answer == SignedAnswer.REVIEW,
                by=user(),
                today=today,
                now=now,
            )

    if form.carried_out(save):
        flash(_("Thank you, that is noted."), "message")
        return redirect(url_for("procurements.show", procurement_id=procurement.id), 303)
    plan = queries.plan_that_holds(procurement.id)
    return page(
        "procurements/signed.html",
        form=form,
        procurement=procurement,
        lacking=queries.lacking(procurement, plan, signed_stage(plan.route)) if plan else (),
    )


@requires(Permission.EDIT_CASES)
def remove(procurement_id: int) -> AnyResponse:
    """It was entered by mistake: what goes along is said, and what stands in the way."""
    procurement, form = queries.get(procurement_id), RemoveForm()
    if not form.is_submitted():
        form.version.data = str(procurement.version)
    made: list[int] = []

    def take_away() -> None:
        form.check_version(procurement)
        made.append(operations.remove(procurement, by=user(), now=clock.now()).id)

    if form.carried_out(take_away):
        undo = url_for("procurements.put_back", removal_id=made[0])
        flash(_("The procurement is taken away."), f"undo:{undo}")
        return redirect(url_for("procurements.index"), 303)
    return page(
        "procurements/remove.html",
        form=form,
        procurement=procurement,
        hanging=queries.hanging_on(procurement.id),
        cases=queries.cases_of(procurement.id),
    )


@requires(Permission.EDIT_CASES)
def put_back(removal_id: int) -> AnyResponse:
    """It was no mistake: as it was, with its plans and cases."""
    removal = removals.get(removal_id, Procurement.__tablename__)
    with transaction(by=user()):
        procurement = operations.put_back(removal, by=user(), now=clock.now())
    flash(_("The procurement is back."), "message")
    return redirect(url_for("procurements.show", procurement_id=procurement.id), 303)
