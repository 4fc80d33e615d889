"""Pages of prices: lists, a case's ladder, the smallest purchase, what units pay."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import transaction
from crm.pricing import operations, queries, sheet_pages, shown
from crm.pricing.forms import (
    LineForm,
    NewLineForm,
    PublishForm,
    ScenarioForm,
    products,
)
from crm.pricing.queries import Known
from crm.rules.access import Permission
from crm.rules.law.explained import Explained
from crm.rules.pricing import BreakEven, Offer, Price, Rung, Scenario, break_even, ladder, upgrade
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import page, user
from crm.web.law_steps import ShownStep, shown_steps

bp = Blueprint("pricing", __name__, url_prefix="/pricing")

bp.get("/cases/<id:case_id>/sheets", endpoint="sheets")(sheet_pages.sheets)
bp.post("/cases/<id:case_id>/sheets", endpoint="share")(sheet_pages.share)
bp.get("/sheets/<id:sheet_id>", endpoint="sheet")(sheet_pages.sheet)
bp.post("/sheets/<id:sheet_id>/revoke", endpoint="revoke")(sheet_pages.revoke)
bp.get("/shared/<string:token>", endpoint="shared")(sheet_pages.shared)
bp.get("/shared/<string:token>/pdf", endpoint="shared_pdf")(sheet_pages.shared_pdf)


# --- Price lists --------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The versions of the price list, and every sheet that was shared."""
    lists = queries.lists()
    return page(
        "pricing/index.html",
        lists=lists,
        holding=queries.holding(lists, clock.today()),
        sheets=queries.sheets(page_number(request.args)),
    )


@bp.post("/lists")
@requires(Permission.EDIT_LISTS)
def begin_list() -> AnyResponse:
    """The draft of the next version."""
    with transaction(by=user()):
        draft = operations.begin_list(now=clock.now())
    return redirect(url_for(".show_list", list_id=draft.id), 303)


@bp.get("/lists/<id:list_id>")
@requires(Permission.READ)
def show_list(list_id: int) -> Response:
    """The prices of a version."""
    found = queries.price_list(list_id)
    by_product: dict[str, list[Any]] = {}
    for line in sorted(found.lines, key=lambda one: (one.product.name, one.id)):
        by_product.setdefault(line.product.name, []).append(line)
    return page("pricing/list.html", price_list=found, by_product=by_product)


@bp.route("/lists/<id:list_id>/lines/new", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def add_line(list_id: int) -> AnyResponse:
    """A price in a draft."""
    found, form = queries.price_list(list_id), NewLineForm()
    form.offer(products())
    here = url_for(".show_list", list_id=found.id)

    def make() -> str:
        operations.add_line(found, form.facts)
        return here

    if there := form.carried_out_once(make):
        return redirect(there, 303)
    return page("pricing/line.html", form=form, price_list=found, line=None)


@bp.route("/lines/<id:line_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def edit_line(line_id: int) -> AnyResponse:
    """A price of a draft, otherwise."""
    line = queries.line(line_id)
    form = LineForm()
    form.offer(products(), line)
    if not form.is_submitted():
        form.version.data = str(line.version)

    def save() -> None:
        form.check_version(line)
        operations.change_line(line, form.facts)

    if form.carried_out(save):
        return redirect(url_for(".show_list", list_id=line.price_list_id), 303)
    return page("pricing/line.html", form=form, price_list=line.price_list, line=line)


@bp.post("/lines/<id:line_id>/remove")
@requires(Permission.EDIT_LISTS)
def remove_line(line_id: int) -> AnyResponse:
    """A price that the draft is to be without."""
    line = queries.line(line_id)
    with transaction(by=user()):
        operations.remove_line(line)
    return redirect(url_for(".show_list", list_id=line.price_list_id), 303)


@bp.route("/lists/<id:list_id>/publish", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def publish(list_id: int) -> AnyResponse:
    """From when the list holds; after that it stands as it is."""
    found, form = queries.price_list(list_id), PublishForm()
    if not form.is_submitted():
        form.version.data, form.valid_from.data = str(found.version), clock.today()

    def save() -> None:
        form.check_version(found)
        operations.publish(
            found,
            form.valid_from.day or clock.today(),
            form.note.data or "",
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Published. It is never altered; the next prices are the next version."), "message")
        return redirect(url_for(".show_list", list_id=found.id), 303)
    return page("pricing/publish.html", form=form, price_list=found)


# --- A case's ladder ----------------------------------------------------------------------------


@bp.get("/cases/<id:case_id>")
@requires(Permission.READ)
def of_case(case_id: int) -> Response:
    """The ladder: every step beside the others, a year and for the whole agreement."""
    return _ladder(queries.known(cases.get(case_id), clock.today()), ScenarioForm(formdata=None))


@bp.post("/cases/<id:case_id>", endpoint="keep")
@requires(Permission.EDIT_CASES)
def keep(case_id: int) -> AnyResponse:
    """The size and the chosen step, kept with the case."""
    known, form = queries.known(cases.get(case_id), clock.today()), ScenarioForm()
    form.offer(known.products.values())

    def save() -> None:
        form.check_version(known.kept)
        operations.keep_scenario(
            known.case,
            form.product.data,
            form.scenario,
            starts_on=form.starts_on.day,
            chosen=form.chosen.data,
        )

    if form.carried_out(save):
        return redirect(url_for(".of_case", case_id=known.case.id), 303)
    return _ladder(known, form)


def _ladder(known: Known, form: ScenarioForm) -> Response:
    kept, scenario, prices = known.kept, known.scenario, known.prices
    if not form.is_submitted():
        form.offer(known.products.values())
        form.show(scenario, known.product, kept)
    offers = ladder(prices, scenario)
    return page(
        "pricing/ladder.html",
        form=form,
        case=known.case,
        kept=kept,
        product=known.product,
        price_list=known.price_list,
        offers=offers,
        scenario=scenario,
        cheaper=_cheaper(prices, offers, scenario),
        shown=shown,
        steps={offer.rung: shown_steps(offer.value) for offer in offers},
    )


@bp.app_template_global("ladder_of")
def ladder_of(case: Case) -> list[tuple[str, str, int]]:
    """The steps of the case's ladder for pages below this one: name, what it covers, and what the
    contract counts for in öre, options counted. One statement."""
    known = queries.known(case, clock.today())
    return [
        (shown.rung(one.rung), shown.covers(one.rung, known.scenario), one.value.value)
        for one in ladder(known.prices, known.scenario)
    ]


def _cheaper(prices: list[Price], offers: list[Offer], scenario: Scenario) -> dict[Rung, BreakEven]:
    found = {offer.rung: break_even(prices, offer.rung, scenario) for offer in offers}
    return {rung: one for rung, one in found.items() if one is not None}


@bp.get("/cases/<id:case_id>/smallest")
@requires(Permission.READ)
def smallest(case_id: int) -> Response:
    """The least that one unit can buy, the route, the headroom, and words for the champion."""
    case = cases.get(case_id)
    known = queries.known(case, clock.today())
    found, scenario = queries.smallest_purchase(known), known.scenario
    steps: list[ShownStep] = []
    if found is not None:
        way = found.way.steps if found.way is not None else ()
        steps = shown_steps(Explained(None, (*found.offer.value.steps, *way)))
    return page(
        "pricing/smallest.html",
        case=case,
        found=found,
        scenario=scenario,
        steps=steps,
        words=shown.for_the_champion(case, found, scenario) if found is not None else "",
        shown=shown,
    )


# --- What units pay already ---------------------------------------------------------------------


@bp.get("/cases/<id:case_id>/upgrade")
@requires(Permission.READ)
def upgrade_path(case_id: int) -> Response:
    """From what units pay to an agreement for the whole body: nobody pays a day twice."""
    case = cases.get(case_id)
    known = queries.known(case, clock.today())
    rows = queries.what_units_pay(case, known.product, clock.today())
    kept, scenario = known.kept, known.scenario
    starts = (kept.starts_on if kept is not None else None) or _next_january()
    offers = ladder(known.prices, scenario)
    whole = next((one for one in offers if one.rung is Rung.WHOLE_BODY), None)
    path = None
    if whole is not None:
        pays = [row.pays for row in rows if row.pays is not None]
        path = upgrade(pays, starts, scenario.term_years, whole.yearly)
    return page(
        "pricing/upgrade.html",
        case=case,
        rows=rows,
        kept=kept,
        starts=starts,
        is_assumed=kept is None or kept.starts_on is None,
        whole=whole,
        path=path,
        scenario=scenario,
        shown=shown,
    )


def _next_january() -> date:
    """Where nobody has said: the first of January that comes next."""
    return date(clock.today().year + 1, 1, 1)
