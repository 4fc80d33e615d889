"""Today, search, one case with everything around it, and how this product thinks."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.anchoring import queries as anchoring
from crm.budgets import queries as budgets
from crm.cases import meanwhile
from crm.cases import queries as cases
from crm.cases.forms import WaitForm
from crm.cases.models import Case
from crm.champions.queries import Carrier, carrier
from crm.core import clock
from crm.overview import account, beside, buyers, first_steps, person, plan, queries
from crm.pricing import queries as pricing
from crm.procurements import forecasts
from crm.reminders import queries as reminders
from crm.rules import budget_cycle
from crm.rules.access import Permission
from crm.rules.kits import LONGEST_MONTHS, VALID_DAYS
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    CaseState,
    ProcurementStage,
    missing_roles,
    pilot_warnings,
)
from crm.rules.trials import PILOT_WEEKS, STILL_USED
from crm.search import queries as search_index
from crm.search.ranking import Hit
from crm.web import filters, navigation
from crm.web.access import reads, requires
from crm.web.forms import clean, page
from crm.web.labels import choices

bp = Blueprint("overview", __name__)
bp.get("/accounts/<id:organisation_id>")(account.organisation)
bp.get("/budget-year/this-week")(buyers.this_week)
bp.get("/budget-year/doing")(buyers.doing_then)
bp.get("/budget-year/planner")(buyers.planner)
bp.get("/budget-year/wheels")(buyers.wheels)
bp.get("/accounts/<id:organisation_id>/sheet")(account.sheet)
bp.get("/accounts/<id:organisation_id>/plan")(plan.account_plan)
bp.record(person.hang)
bp.post("/first-steps", endpoint="first_steps")(first_steps.show_or_hide)

ADDRESSES = {
    "body": ("overview.organisation", "organisation_id"),
    "unit": ("overview.organisation", "organisation_id"),
    "person": ("people.show", "person_id"),
    "case": ("overview.case", "case_id"),
    "procurement": ("procurements.show", "procurement_id"),
    "contract": ("contracts.show", "contract_id"),
    "inquiry": ("interest.show", "inquiry_id"),
    "request": ("records.show", "request_id"),
    "requirement": ("requirements.show", "requirement_id"),
    "pilot": ("trials.pilot", "pilot_id"),
    "kit": ("kits.show", "kit_id"),
}


@bp.app_template_filter("address")
def address(hit: Hit) -> str:
    """Where a search answer leads."""
    endpoint, name = ADDRESSES[hit.kind]
    values: dict[str, Any] = {name: hit.ref_id}
    return url_for(endpoint, **values)


@bp.app_template_filter("what_it_is")
def what_it_is(hit: Hit) -> str:
    """The second line of a search answer: where it is, and what, where the title does not tell."""
    kinds = {"requirement": _("Requirement"), "pilot": _("Pilot"), "kit": _("Champion kit")}
    return ", ".join(filter(None, (kinds.get(hit.kind), hit.subtitle)))


COMING = timedelta(days=14)
MOST_ANSWERS = 30


@bp.get("/")
@requires(Permission.READ)
def today() -> Response:
    """What an account manager keeps open all day: what needs me, and what buyers are doing."""
    day, language = clock.today(), filters.language()
    due = reminders.due_for(current_user.id, today=day, language=language)
    ahead = reminders.coming(
        current_user.id, today=day, until=day + COMING, language=language, limit=8
    )
    return page(
        "overview/today.html",
        first_steps=first_steps.first_steps(),
        due=due,
        ahead=ahead,
        figures=queries.figures(current_user.id, day, clock.now()),
        buyers=queries.buyers_now(current_user.id, day),
        moves=reminders.moves(
            current_user.id, since=clock.now() - timedelta(days=7), today=day, language=language
        ),
    )


@bp.get("/cases/<id:case_id>")
@requires(Permission.READ)
def case(case_id: int) -> Response:
    """One case: both tracks, what happens next in the buyer's year, people, units, history."""
    found = cases.get(case_id)
    day, language = clock.today(), filters.language()
    known = budgets.known_of_many([found.organisation, found.body])[found.organisation_id]
    told = reminders.of_case(found, today=day, language=language)
    wait_form = WaitForm(formdata=None)
    wait_form.offer(
        budgets.wake_dates(found.organisation, day, known.practice), known.practice.kind
    )
    wait_form.version.data = str(found.version)
    history = cases.history(found)
    waits = cases.waits(found) if _has_waited(history) else []
    around = beside.of_case(found.id, found.body_id, day)
    buying, outlook = around.standing, None
    if buying is not None and buying.route is not None and found.state is not CaseState.CLOSED:
        outlook = forecasts.of(buying.id, found.body, buying.route, today=day)
    return page(
        "overview/case.html",
        case=found,
        others=_others(found),
        meanwhile=meanwhile.of(found, waits, known.practice, found.body, day),
        warnings=pilot_warnings(
            found.adoption,
            found.handles_personal_data,
            found.pub_status,
            planned=anchoring.pilot_on(around.gate) is not None,
        ),
        known=known,
        buying=buying,
        outlook=outlook,
        contracts=around.contracts,
        smallest=(
            pricing.smallest_purchase(pricing.known(found, day))
            if pricing.is_in_trial(found)
            else None
        ),
        beside=around,
        carriers=_carriers(found, around, day),
        window=known.window(day),
        phase_now=budget_cycle.main_phase(known.phases_on(day)),
        reminders=told,
        origins=cases.origins(found),
        history=history,
        waits=waits,
        missing=anchoring.read_missing(found, around.gate, day),
        gaps=missing_roles(one.role for one in found.people if one.ended_on is None),
        adoption_choices=choices(AdoptionStage),
        procurement_choices=choices(ProcurementStage),
        form=None,
        wait_form=wait_form,
    )


def _carriers(case: Case, around: beside.Beside, day: date) -> dict[int, Carrier]:
    """By person with a role now, what their acts at the body show (C2)."""
    held: dict[int, list[CaseRole]] = {}
    for row in case.people:
        if row.ended_on is None:
            held.setdefault(row.person_id, []).append(row.role)
    return {
        ident: carrier(around.acts.get(ident, ()), {case.body_id}, roles, day, around.formula)
        for ident, roles in held.items()
    }


def _has_waited(history: list[cases.Step]) -> bool:
    return any(CaseState.WAITING.value in (step.before, step.after) for step in history)


def _others(case: Case) -> list[tuple[int, str, str]]:
    """Who else works there, where an open case hangs on one person (C7)."""
    held = {row.person_id for row in case.people if row.ended_on is None}
    alone = case.state is CaseState.OPEN and len(held) == 1
    return cases.who_could_join(case) if alone else []


@bp.route("/search", methods=["GET", "POST"])
@requires(Permission.READ)
@reads
def search() -> AnyResponse:
    """Everything that has a name.

    The question is sent by POST and kept in the browser's own cookie, so that no name stands in
    the address, and one can still go back to the answers. An address with ?q= works as well.
    """
    if request.method == "POST":
        session["question"] = _question()
        return redirect(url_for(".search"), 303)
    text = _question() or str(session.get("question", ""))
    return page(
        "overview/search.html",
        hits=_found(text, MOST_ANSWERS),
        places=navigation.find(text, menu=True),
        text=text,
    )


@bp.post("/search/options")
@requires(Permission.READ)
@reads
def search_options() -> Response:
    """What the palette shows while somebody types: options of a list, nothing else."""
    text = _question()
    return page(
        "overview/_search_options.html",
        hits=_found(text, 10),
        places=navigation.find(text, menu=False),
    )


def _question() -> str:
    return str(clean(request.values.get("q", "")))[:200]


def _found(text: str, limit: int) -> list[Hit]:
    return search_index.find(text, limit=limit) if text else []


@bp.get("/how-it-thinks")
@requires(Permission.READ)
def doctrine() -> Response:
    """How this product thinks: every default, with its reason."""
    return page(
        "overview/doctrine.html",
        kit_days=VALID_DAYS,
        kit_months=LONGEST_MONTHS,
        pilot_weeks=PILOT_WEEKS,
        used_days=STILL_USED.days,
    )
