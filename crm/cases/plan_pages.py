"""A case planned backwards from its day of use (E7): looked at, accepted, dropped.

Hung up in `views.py`.
"""

from datetime import date, timedelta

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import queries as budgets
from crm.cases import operations, queries
from crm.cases.forms import PlanForm
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import transaction
from crm.rules.access import Permission
from crm.rules.backward_plan import BackwardPlan, backward_plan, earliest_range, realistic
from crm.rules.routes import LENGTHS_CERTAINTY, STAGE_NAMES, Route
from crm.web.access import requires
from crm.web.forms import page, user

_LOOKED_AT = 16  # years of quiet periods, as far as a plan may reach


@requires(Permission.READ)
def show(case_id: int) -> Response:
    """The stages by the route and the day in the address; else as planned, or as the contract ends.

    A plain page: each route is a link, so that one can look at all of them.
    """
    case = queries.get(case_id)
    form = PlanForm(formdata=request.args)
    if not form.in_use_on.data:
        form.in_use_on.data = case.in_use_on or _after_contract(case)
    asked = request.args.get("route", "")
    return _page(case, form, Route(asked) if asked in set(Route) else case.route or Route.OPEN)


@requires(Permission.EDIT_CASES)
def accept(case_id: int) -> AnyResponse:
    """The plan holds from now on; its reminders follow from it."""
    case, form = queries.get(case_id), PlanForm()

    def save() -> None:
        form.check_version(case)
        operations.lay_back(
            case,
            form.route.data,
            form.in_use_on.day or clock.today(),
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(
            _("Planned backwards. Each stage is a reminder when it begins."),
            "undo:" + url_for(".drop_plan", case_id=case.id),
        )
        return redirect(url_for("overview.case", case_id=case.id), 303)
    route = form.route.data if isinstance(form.route.data, Route) else Route.OPEN
    return _page(case, form, route)


@requires(Permission.EDIT_CASES)
def drop(case_id: int) -> AnyResponse:
    """No plan any more."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.drop_plan(case)
    flash(_("The plan is dropped."), "message")
    return redirect(url_for("overview.case", case_id=case.id), 303)


def _after_contract(case: Case) -> date | None:
    return case.contract_ends_on + timedelta(days=1) if case.contract_ends_on else None


def _page(case: Case, form: PlanForm, route: Route) -> Response:
    today = clock.today()
    if not form.is_submitted():
        form.version.data = str(case.version)
    form.route.data = route
    day = form.in_use_on.day
    if day is None and form.in_use_on.data and form.in_use_on.validate(form):
        day = form.in_use_on.day
    practice = budgets.practice_of(case.organisation)
    years = range(today.year - 1, today.year + _LOOKED_AT)
    open_days = budgets.open_days_of(case.body, practice, years)  # its buyers send the notice
    plan: BackwardPlan | None = None
    if day is not None and today < day and day.year in years[:-1]:
        plan = backward_plan(day, route, practice, open_days, today=today)
    instead = None
    if plan is None or plan.is_late:
        instead = realistic(route, practice, open_days, today=today)
    return page(
        "cases/plan.html",
        form=form,
        case=case,
        route=route,
        routes=list(Route),
        plan=plan,
        day=day,
        after_contract=_after_contract(case),
        instead=instead,
        fastest=earliest_range(route, today),
        names=STAGE_NAMES,
        how_sure=LENGTHS_CERTAINTY,
        is_known=practice.is_known,
    )
