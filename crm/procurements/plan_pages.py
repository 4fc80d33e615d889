"""A case planned backwards from its day of use (E7): looked at, accepted, dropped.

Hung up in `views.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import queries as budgets
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import queries as contracts
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import transaction
from crm.procurements import operations, queries
from crm.procurements.forms import PlanForm
from crm.procurements.models import Plan, Procurement
from crm.rules import contracts as rules
from crm.rules.access import Permission
from crm.rules.backward_plan import BackwardPlan, backward_plan, next_term, realistic
from crm.rules.budget_cycle import Practice
from crm.rules.calendar import ONE_DAY
from crm.rules.contracts import Term
from crm.rules.forwards import compared, forward
from crm.rules.law_now import is_beyond, regime_of
from crm.rules.milestones import lay_back
from crm.rules.quiet import OpenDays
from crm.rules.routes import LENGTHS_CERTAINTY, Route, StageKey
from crm.web.access import requires
from crm.web.forms import page, user

_LOOKED_AT = 16  # years of quiet periods, as far as a plan may reach
_USUAL = (
    Route.OPEN,
    Route.SELECTIVE,
    Route.BELOW_THRESHOLD,
    Route.RENEWED_COMPETITION,
    Route.DIRECT_AWARD,
)


@requires(Permission.READ)
def show(case_id: int) -> Response:
    """The stages by the route and the day in the address; else as planned, or as the contract ends.

    A plain page: each route is a link, so that one can look at all of them.
    """
    case = cases.get_with_places(case_id)
    procurement, stands = queries.of_case_with_plan(case.id)
    form = PlanForm(formdata=request.args)
    if not form.in_use_on.data:
        form.in_use_on.data = (stands and stands.in_use_on) or _after_contract(case)
    asked = request.args.get("route", "")
    known = stands.route if stands is not None else Route.OPEN
    return _page(case, form, Route(asked) if asked in set(Route) else known, procurement, stands)


@requires(Permission.EDIT_CASES)
def accept(case_id: int) -> AnyResponse:
    """The plan holds from now on; its reminders follow from it."""
    case, form = cases.get_with_places(case_id), PlanForm()

    def save() -> None:
        form.check_version(queries.of_case(case.id))
        day, today = form.in_use_on.day or clock.today(), clock.today()
        operations.lay_back_for(
            case,
            form.route.data,
            day,
            lay_back(
                form.route.data,
                day,
                _open_days(case, budgets.practice_of(case.organisation), today),
                own=queries.lengths_for(case.body, form.route.data, today),
                terms=queries.terms_of(queries.of_case(case.id), case.body),
                signed_by=form.signed_by.day,
            ),
            by=user(),
            today=today,
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(
            _("Planned backwards. Each stage is a reminder when it begins."),
            "undo:" + url_for(".drop_plan", case_id=case.id),
        )
        return redirect(url_for("overview.case", case_id=case.id), 303)
    route = form.route.data if isinstance(form.route.data, Route) else Route.OPEN
    return _page(case, form, route, *queries.of_case_with_plan(case.id))


@requires(Permission.EDIT_CASES)
def drop(case_id: int) -> AnyResponse:
    """No plan any more."""
    case = cases.get(case_id)
    procurement = queries.of_case(case.id)
    if procurement is not None:
        with transaction(by=user()):
            operations.drop(procurement, today=clock.today())
        flash(_("The plan is dropped."), "message")
    return redirect(url_for("overview.case", case_id=case.id), 303)


def _after_contract(case: Case) -> date | None:
    return case.contract_ends_on + ONE_DAY if case.contract_ends_on else None


def _signed_by(form: PlanForm, day: date | None, today: date) -> date | None:
    """The notice day that the plan is to be signed by, if one ahead is asked for."""
    field = form.signed_by
    if field.data and field.day is None:
        field.validate(form)
    wanted = field.day
    return wanted if wanted and day and today < wanted < day else None


@dataclass(frozen=True, slots=True)
class FromDay:
    """A day of today's contract from which a plan can be counted back."""

    in_use_on: date
    ends_on: date
    notice_on: date | None  # ... then it is this one, and signed by then


def _notices(contract: Contract | None, today: date) -> tuple[tuple[Term, date], ...]:
    """The notice days of the contract that come after today, with their terms."""
    if contract is None:
        return ()
    return rules.notices_ahead(contract.terms, contract.extensions, today + ONE_DAY)


def _from_days(case: Case, notices: Sequence[tuple[Term, date]], today: date) -> list[FromDay]:
    """The next notice day and the contract's last day as things stand, those that lie ahead."""
    found = [FromDay(term.ends_on + ONE_DAY, term.ends_on, day) for term, day in notices[:1]]
    after = _after_contract(case)
    if after is not None and after > today:
        found.append(FromDay(after, after - ONE_DAY, None))
    return found


def _open_days(case: Case, practice: Practice, today: date) -> OpenDays:
    """The days on which the body's own buyers send a notice, whoever the case is with."""
    years = range(today.year - 1, today.year + _LOOKED_AT)
    return budgets.open_days_of(case.body, practice, years)


def _page(
    case: Case, form: PlanForm, route: Route, procurement: Procurement | None, stands: Plan | None
) -> Response:
    today = clock.today()
    if not form.is_submitted():
        form.version.data = str(procurement.version) if procurement is not None else "0"
    form.route.data = route
    day = form.in_use_on.day
    if day is None and form.in_use_on.data and form.in_use_on.validate(form):
        day = form.in_use_on.day
    signed_by = _signed_by(form, day, today)
    practice = budgets.practice_of(case.organisation)
    open_days, own = _open_days(case, practice, today), queries.lengths_for(case.body, route, today)
    terms = queries.terms_of(procurement, case.body)
    plan: BackwardPlan | None = None
    if day is not None and today < day and day.year < today.year + _LOOKED_AT - 1:
        plan = backward_plan(
            day,
            route,
            practice,
            open_days,
            today=today,
            own=own,
            terms=terms,
            signed_by=signed_by,
        )
    contract, next_cycle = contracts.behind(case.id), None
    notices = _notices(contract, today)
    if plan is not None and plan.is_late and signed_by is not None:
        next_cycle = next_term(
            notices, route, practice, open_days, today=today, own=own, terms=terms
        )
    instead = None
    if plan is None or plan.is_late:
        instead = realistic(route, practice, open_days, today=today, own=own, terms=terms)
    return page(
        "procurements/plan.html",
        form=form,
        case=case,
        route=route,
        usual_routes=_USUAL,
        other_routes=[one for one in Route if one not in _USUAL],
        plan=plan,
        day=day,
        stands=stands,
        signed_by=signed_by,
        contract=contract,
        from_days=_from_days(case, notices, today),
        next_cycle=next_cycle,
        one_day=ONE_DAY,
        instead=instead,
        ahead=forward(route, today, open_days, own=own, terms=terms),
        rfi_stage=StageKey.DIALOGUE,
        notice_stage=StageKey.MARKET,
        how_sure=LENGTHS_CERTAINTY,
        is_known=practice.is_known,
    )


@requires(Permission.READ)
def compare(case_id: int) -> Response:
    """Every route from today side by side: when it can be signed, and what it asks (E7)."""
    case, today = cases.get_with_places(case_id), clock.today()
    procurement, stands = queries.of_case_with_plan(case.id)
    terms = queries.terms_of(procurement, case.body)
    value = procurement.value_ore if procurement is not None else None
    return page(
        "procurements/compare.html",
        case=case,
        procurement=procurement,
        rows=compared(
            [one for one in Route if one is not Route.UNDECIDED],
            today,
            _open_days(case, budgets.practice_of(case.organisation), today),
            own=queries.lengths_by_route(case.body, today),
            terms=terms,
        ),
        beyond={one for one in Route if is_beyond(one, regime_of(terms, today, value))},
        value=value,
        holds=stands.route if stands else None,
    )
