"""A case planned backwards from its day of use (E7): looked at, accepted, dropped.

Hung up in `views.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import queries as budgets
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import operations as contract_operations
from crm.contracts import queries as contracts
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import transaction
from crm.organisations.models import Organisation
from crm.procurements import operations, queries
from crm.procurements.forms import PlanForm
from crm.procurements.history import lengths_held
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


@dataclass(frozen=True, slots=True)
class Subject:
    """What is planned back: a case, or what comes after a contract that has no case yet."""

    title: str
    organisation: Organisation
    body: Organisation
    contract_ends_on: date | None
    case: Case | None
    contract: Contract | None


def _of_case(case: Case) -> Subject:
    ends, contract = case.contract_ends_on, contracts.behind(case.id)
    return Subject(case.title, case.organisation, case.body, ends, case, contract)


def _of_contract(contract: Contract) -> Subject:
    title = contract_operations.renewal_title(contract)
    ends = contract.runs_until
    return Subject(title, contract.organisation, contract.body, ends, None, contract)


@requires(Permission.READ)
def show(case_id: int) -> Response:
    """The stages by the route and the day in the address; else as planned, or as the contract ends.

    A plain page: each route is a link, so that one can look at all of them.
    """
    case = cases.get_with_places(case_id)
    procurement, stands = queries.of_case_with_plan(case.id)
    form = PlanForm(formdata=request.args)
    of = _of_case(case)
    if not form.in_use_on.data:
        form.in_use_on.data = (stands and stands.in_use_on) or _after_contract(of)
    known = stands.route if stands is not None else Route.OPEN
    return _page(of, form, _asked_route(known), procurement, stands)


def _asked_route(known: Route) -> Route:
    asked = request.args.get("route", "")
    return Route(asked) if asked in set(Route) else known


@requires(Permission.READ)
def show_contract(contract_id: int) -> AnyResponse:
    """What comes after a contract planned back: from its next notice day, or else its last day.

    Looking makes nothing. A contract that has its case already has the case's page.
    """
    contract, today = contracts.get(contract_id), clock.today()
    form = PlanForm(formdata=request.args)
    found = rules.next_notice(contract.terms, contract.extensions, today + ONE_DAY)
    in_use_on, signed_by = contract.runs_until and contract.runs_until + ONE_DAY, None
    if found is not None:
        in_use_on, signed_by = found[0].ends_on + ONE_DAY, found[1]
    if contract.renewal_case_id is not None:
        return redirect(
            url_for(
                ".plan",
                case_id=contract.renewal_case_id,
                in_use_on=in_use_on.isoformat() if in_use_on and signed_by else None,
                signed_by=signed_by.isoformat() if signed_by else None,
            ),
            303,
        )
    if not form.in_use_on.data:
        form.in_use_on.data = in_use_on
        form.signed_by.data = form.signed_by.data or signed_by
    return _page(_of_contract(contract), form, _asked_route(Route.OPEN), None, None)


@requires(Permission.EDIT_CASES)
def accept(case_id: int) -> AnyResponse:
    """The plan holds from now on; its reminders follow from it."""
    case, form = cases.get_with_places(case_id), PlanForm()
    if form.carried_out(lambda: _lay_back(case, form)):
        return _accepted(case.id)
    return _page(_of_case(case), form, _chosen_route(form), *queries.of_case_with_plan(case.id))


@requires(Permission.EDIT_CASES)
def accept_contract(contract_id: int) -> AnyResponse:
    """The plan holds from now on, and with it the case that it belongs to comes into being."""
    contract, form = contracts.get(contract_id), PlanForm()
    made: list[int] = []

    def save() -> None:
        case = contract_operations.renew(
            contract,
            title=contract_operations.renewal_title(contract),
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        made.append(case.id)
        _lay_back(cases.get_with_places(case.id), form)

    if form.carried_out(save):
        return _accepted(made[0])
    contract = contracts.get(contract_id)
    if contract.renewal_case_id is None:
        return _page(_of_contract(contract), form, _chosen_route(form), None, None)
    case = cases.get_with_places(contract.renewal_case_id)
    return _page(_of_case(case), form, _chosen_route(form), *queries.of_case_with_plan(case.id))


def _lay_back(case: Case, form: PlanForm) -> None:
    form.check_version(queries.of_case(case.id))
    day, today = form.in_use_on.day or clock.today(), clock.today()
    operations.lay_back_for(
        case,
        form.route.data,
        day,
        lay_back(
            form.route.data,
            day,
            _open_days(case.body, budgets.practice_of(case.organisation), today),
            own=queries.lengths_for(case.body, form.route.data, today),
            terms=queries.terms_of(queries.of_case(case.id), case.body),
            signed_by=form.signed_by.day,
        ),
        by=user(),
        today=today,
        now=clock.now(),
    )


def _accepted(case_id: int) -> AnyResponse:
    flash(
        _("Planned backwards. Each stage is a reminder when it begins."),
        "undo:" + url_for(".drop_plan", case_id=case_id),
    )
    return redirect(url_for("overview.case", case_id=case_id), 303)


def _chosen_route(form: PlanForm) -> Route:
    return form.route.data if isinstance(form.route.data, Route) else Route.OPEN


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


def _after_contract(of: Subject) -> date | None:
    return of.contract_ends_on + ONE_DAY if of.contract_ends_on else None


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


def _from_days(of: Subject, notices: Sequence[tuple[Term, date]], today: date) -> list[FromDay]:
    """The next notice day and the contract's last day as things stand, those that lie ahead."""
    found = [FromDay(term.ends_on + ONE_DAY, term.ends_on, day) for term, day in notices[:1]]
    after = _after_contract(of)
    if after is not None and after > today:
        found.append(FromDay(after, after - ONE_DAY, None))
    return found


def _open_days(body: Organisation, practice: Practice, today: date) -> OpenDays:
    """The days on which the body's own buyers send a notice, whoever the case is with."""
    years = range(today.year - 1, today.year + _LOOKED_AT)
    return budgets.open_days_of(body, practice, years)


def _page(
    of: Subject, form: PlanForm, route: Route, procurement: Procurement | None, stands: Plan | None
) -> Response:
    today = clock.today()
    if not form.is_submitted():
        form.version.data = str(procurement.version) if procurement is not None else "0"
    form.route.data = route
    day = form.in_use_on.day
    if day is None and form.in_use_on.data and form.in_use_on.validate(form):
        day = form.in_use_on.day
    signed_by = _signed_by(form, day, today)
    practice = budgets.practice_of(of.organisation)
    open_days, held = _open_days(of.body, practice, today), lengths_held(of.body, route, today)
    own = queries.but_the_usual(held)
    terms = queries.terms_of(procurement, of.body)
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
    next_cycle = None
    notices = _notices(of.contract, today)
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
        of=of,
        new_owner=_new_owner(of),
        route=route,
        usual_routes=_USUAL,
        other_routes=[one for one in Route if one not in _USUAL],
        plan=plan,
        day=day,
        stands=stands,
        signed_by=signed_by,
        from_days=_from_days(of, notices, today),
        next_cycle=next_cycle,
        one_day=ONE_DAY,
        instead=instead,
        ahead=forward(route, today, open_days, own=own, terms=terms),
        rfi_stage=StageKey.DIALOGUE,
        notice_stage=StageKey.MARKET,
        how_sure=LENGTHS_CERTAINTY,
        history={stage: one for stage, one in held.items() if one.is_history},
        is_known=practice.is_known,
    )


def _new_owner(of: Subject) -> str | None:
    """Who will own the case that the plan brings with it; None where there is a case."""
    if of.case is not None or of.contract is None or not current_user.may(Permission.EDIT_CASES):
        return None
    owner = contract_operations.renewal_owner(of.contract, user())
    return owner.name if owner is not None else None


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
            _open_days(case.body, budgets.practice_of(case.organisation), today),
            own=queries.lengths_by_route(case.body, today),
            terms=terms,
        ),
        beyond={one for one in Route if is_beyond(one, regime_of(terms, today, value))},
        value=value,
        holds=stands.route if stands else None,
    )
