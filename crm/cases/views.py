"""Pages that change cases, and their list. The page of one case mixes domains: overview/views."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.queries import colleagues
from crm.budgets import queries as budgets
from crm.cases import forms, operations, queries
from crm.cases.bodies import Bodies
from crm.cases.forms import (
    CaseForm,
    CloseForm,
    MoveForm,
    NewCaseForm,
    NewProductForm,
    NextStepForm,
    PersonalDataForm,
    ProductForm,
    RoleForm,
    UnitForm,
    WaitForm,
)
from crm.cases.models import Case, CasePerson, CaseUnit, Product
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import NotFound, RuleBroken
from crm.core.paging import Page
from crm.interest import queries as interest
from crm.interest.models import Inquiry
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person
from crm.rules.access import Permission
from crm.rules.habits import follow_up_day
from crm.rules.kinds import BODY_KINDS, OrganisationKind, SizeClass
from crm.rules.precision import FIRST_YEAR, LAST_YEAR, ExpectedDate, parse_expected
from crm.rules.stages import (
    AdoptionStage,
    Outcome,
    ProcurementStage,
)
from crm.web import filters
from crm.web.access import requires
from crm.web.asked import number_or_none, order_of, page_number
from crm.web.csv import Cell, csv_file, kronor
from crm.web.forms import Form, page, user
from crm.web.labels import choices, label

bp = Blueprint("cases", __name__, url_prefix="/cases")


def home(case: Case) -> AnyResponse:
    """Back to the page of the case."""
    return redirect(url_for("overview.case", case_id=case.id), 303)


# --- The list -----------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The list of cases. Filter and order live in the address."""
    chosen, expected = _chosen()
    asked = order_of(request.args, queries.SORTS, "next")
    totals = queries.totals(chosen)
    found: Page[queries.CaseRow] = queries.rows(
        chosen,
        sort=asked.column,
        descending=asked.descending,
        page=page_number(request.args),
        total=totals.number,
    )
    return page(
        "cases/index.html",
        cases=found,
        totals=totals,
        chosen=chosen,
        expected=expected,
        sort=str(asked),
        owners=colleagues(),
        gap_count=queries.gaps(None),
        counties=organisations.counties(),
        kinds=[kind for kind in OrganisationKind if kind in BODY_KINDS],
        sizes=SizeClass,
        adoption_choices=choices(AdoptionStage),
        procurement_choices=choices(ProcurementStage),
        within=db.session.get(Organisation, chosen.within) if chosen.within else None,
        body=db.session.get(Organisation, chosen.bodies.body_id) if chosen.bodies.body_id else None,
    )


def _chosen() -> tuple[queries.Filter, str]:
    """What the address asks for, and the expected decision as it was typed.

    Anything odd in it counts as not asked.
    """
    args = request.args
    expected = args.get("expected", "").strip()[:60]
    adoption, procurement = args.get("adoption", ""), args.get("procurement", "")
    outcome, year = args.get("outcome", ""), args.get("year", "")
    chosen = queries.Filter(
        text=args.get("q", "").strip()[:100],
        state=args.get("state", "")[:20],
        adoption=AdoptionStage(adoption) if adoption in set(AdoptionStage) else None,
        procurement=ProcurementStage(procurement) if procurement in set(ProcurementStage) else None,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        owner_id=int(current_user.id)
        if args.get("owner") == "me"
        else number_or_none(args.get("owner")),
        within=number_or_none(args.get("within")),
        including_below=args.get("below", "1") != "0",
        gap=args.get("gap") == "1",
        in_use=args.get("in_use") == "1",
        year=year if _is_year(year) else "",
        expected=_expected(expected),
        bodies=Bodies.read(args, int(current_user.id)),
    )
    return chosen, expected


def _is_year(text: str) -> bool:
    return text == queries.UNDATED or (
        text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text[:9]) <= LAST_YEAR
    )


def _expected(text: str) -> ExpectedDate | None:
    try:
        return parse_expected(text) if text else None
    except ValueError:
        return None


@bp.get("/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is on the screen, all its pages."""
    chosen, _typed = _chosen()
    asked = order_of(request.args, queries.SORTS, "next")
    rows = queries.every_row(chosen, sort=asked.column, descending=asked.descending)
    heads = (
        _("Case"),
        _("Unit"),
        _("Body"),
        _("County"),
        _("State"),
        _("Adoption"),
        _("Upphandling"),
        _("Next date"),
        _("Next step"),
        _("Decision expected, first day"),
        _("Decision expected, last day"),
        _("How precisely"),
        _("Value, kronor"),
        _("Owner"),
        _("Opened"),
    )
    return csv_file(_("cases"), heads, (_cells(row) for row in rows))


def _cells(row: queries.CaseRow) -> tuple[Cell, ...]:
    when = row.expected
    return (
        row.title,
        row.organisation,
        row.body,
        row.county,
        label(row.outcome or row.state),
        label(row.adoption),
        label(row.procurement),
        row.next_on,
        row.next_step,
        when.first_day if when else None,
        when.last_day if when else None,
        label(when.precision) if when else "",
        kronor(row.value_ore),
        row.owner,
        row.opened_on,
    )


# --- Opening ------------------------------------------------------------------------------------


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new() -> AnyResponse:
    """Open a case: from an inquiry (nothing is retyped), from an organisation, or from a person."""
    form = NewCaseForm()
    inquiry = _asked("inquiry", interest.get)
    person = _asked("person", people.get)
    if inquiry is not None and person is None and inquiry.person_id:
        person = people.get(inquiry.person_id)
    owners = colleagues()
    form.owner_id.choices = [(colleague.id, colleague.name) for colleague in owners]
    form.products.choices = [(product.id, product.name) for product in queries.products()]
    if not form.is_submitted():
        _prefill(form, inquiry, person)

    def open_it() -> str:
        case = operations.open_case(
            picked(form.organisation),
            title=form.title.data,
            inquiry=inquiry,
            person=person,
            person_title=people.title_of(person) if person else "",
            products=[db.session.get_one(Product, number) for number in form.products.data or ()],
            owner=next((c for c in owners if c.id == form.owner_id.data), None),
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return url_for("overview.case", case_id=case.id)

    if there := form.carried_out_once(open_it):
        flash(_("The case is open."), "message")
        return redirect(there, 303)
    place = db.session.get(Organisation, form.organisation.data or 0)
    return page(
        "cases/new.html",
        form=form,
        organisation=place,
        inquiry=inquiry,
        person=person,
        under_way=queries.under_way_at(place.body_id) if inquiry and place else [],
    )


def _asked(name: str, get: Callable[[int], Any]) -> Any:
    """The row that the address or the hidden field names; NotFound when there is no such row."""
    ident = number_or_none(request.values.get(name))
    return get(ident) if ident is not None else None


def _prefill(form: NewCaseForm, inquiry: Inquiry | None, person: Person | None) -> None:
    """What is known already is never typed again."""
    place = _asked("organisation", organisations.get)
    if place is None and inquiry is not None:
        place = inquiry.organisation
    if place is None and person is not None:
        post = next(iter(people.current_posts(person)), None)
        place = organisations.get(post.organisation_id) if post else None
    if place is not None:
        form.organisation.show(place)
    known = {colleague_id for colleague_id, _name in form.owner_id.choices or ()}
    owner_id = inquiry.owner_id if inquiry else None
    form.owner_id.data = owner_id if owner_id in known else int(current_user.id)
    form.title.data = " ".join(inquiry.summary.split())[:200] if inquiry else ""
    form.inquiry.data = str(inquiry.id) if inquiry else ""
    form.person.data = str(person.id) if person else ""


@bp.post("/<id:case_id>/inquiries")
@requires(Permission.EDIT_CASES)
def link(case_id: int) -> AnyResponse:
    """An inquiry feeds this case too; the link is kept both ways (B8)."""
    case = queries.get(case_id)
    inquiry = interest.get(number_or_none(request.form.get("inquiry")) or 0)
    with transaction(by=user()):
        operations.link_inquiry(case, inquiry)
    flash(_("The inquiry is linked to this case."), "message")
    return home(case)


# --- Facts and tracks ---------------------------------------------------------------------------


@bp.route("/<id:case_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(case_id: int) -> AnyResponse:
    """The facts of a case."""
    case = queries.get(case_id)
    form = CaseForm(obj=case)
    owners = colleagues()
    if case.owner is not None and case.owner not in owners:  # has left us, and may stay for now
        owners.append(case.owner)
    form.owner_id.choices = [("", "–"), *((c.id, c.name) for c in owners)]
    chosen = {product.id for product in case.products}
    form.products.choices = [
        (product.id, product.name)
        for product in queries.products(retired=True)
        if not product.retired or product.id in chosen
    ]
    if not form.is_submitted():
        form.show(case)

    def save() -> None:
        form.check_version(case)
        operations.edit(
            case,
            title=form.title.data,
            owner_id=form.owner_id.data,
            value_ore=form.value.ore,
            expected=form.expected.expected,
            handles_personal_data=form.handles_personal_data.data,
            pub_status=form.pub_status.data,
            has_framework=form.has_framework.data,
            price_shared_on=form.price_shared_on.day,
            contract_ends_on=form.contract_ends_on.day,
            contract_source=form.contract_source.data or "",
            product_ids=form.products.data or [],
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(case)
    return page("cases/edit.html", form=form, case=case)


@bp.post("/<id:case_id>/personal-data")
@requires(Permission.EDIT_CASES)
def personal_data(case_id: int) -> AnyResponse:
    """The pilot gate's question, answered with one press."""
    case, form = queries.get(case_id), PersonalDataForm()
    if not form.validate():
        abort(400)
    with transaction(by=user()):
        operations.answer_personal_data(case, form.handles.data == "yes")
    flash(_("Saved."), "message")
    return home(case)


@bp.post("/<id:case_id>/move")
@requires(Permission.EDIT_CASES)
def move(case_id: int) -> AnyResponse:
    """Move on the adoption track; the procurement track stays where it is.

    What the pilot gate R9 then has to say stands on the page of the case; it never stops anybody.
    """
    case = queries.get(case_id)
    form = MoveForm()

    def save() -> None:
        form.check_version(case)
        operations.move_adoption(
            case, form.adoption.data, note=form.note.data or "", by=user(), now=clock.now()
        )

    if form.carried_out(save):
        flash(_("Moved."), "message")
        return home(case)
    return page("cases/move.html", form=form, case=case)


# --- Waiting, closing, next step ----------------------------------------------------------------


@bp.route("/<id:case_id>/wait", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def wait(case_id: int) -> AnyResponse:
    """Put the case to wait, with a reason and what ends it."""
    case = queries.get(case_id)
    form = WaitForm()
    practice = budgets.practice_of(case.organisation)
    found = budgets.wake_dates(case.organisation, clock.today(), practice)
    form.offer(found, practice.kind)
    events = dict(found)
    if not form.is_submitted():
        form.version.data = str(case.version)

    def save() -> None:
        form.check_version(case)
        event = form.wake_event
        operations.put_to_wait(
            case,
            form.reason.data,
            until=form.until.day,
            event=event,
            event_on=events[event].day if event else None,
            note=form.note.data or "",
            light_every=form.light_every.data,
            light_purpose=form.light_purpose.data,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(
            _(
                "The case waits until %(day)s. It will come back by itself.",
                day=filters.day(case.wait_until),
            ),
            "undo:" + url_for(".wake", case_id=case.id),
        )
        return home(case)
    return page("cases/wait.html", form=form, case=case)


@bp.app_template_filter("rhythm")
def rhythm(months: int) -> str:
    """How often a waiting case has a light contact, in words."""
    return forms.rhythm(months)


@bp.post("/<id:case_id>/wake")
@requires(Permission.EDIT_CASES)
def wake(case_id: int) -> AnyResponse:
    """End the waiting."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.wake(case, by=user(), today=clock.today(), now=clock.now())
    flash(_("The case is awake."), "message")
    return home(case)


@bp.route("/<id:case_id>/close", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def close(case_id: int) -> AnyResponse:
    """Close with an outcome and its reason."""
    case = queries.get(case_id)
    form = CloseForm()
    if not form.is_submitted():
        form.version.data = str(case.version)

    def save() -> None:
        form.check_version(case)
        operations.close(
            case,
            form.outcome,
            reason=form.reason,
            note=form.note.data or "",
            contract_ends_on=form.contract_ends_on.day,
            contract_source=form.contract_source.data or "",
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("The case is closed."), "undo:" + url_for(".reopen", case_id=case.id))
        return home(case)
    return page("cases/close.html", form=form, case=case)


@bp.post("/<id:case_id>/reopen")
@requires(Permission.EDIT_CASES)
def reopen(case_id: int) -> AnyResponse:
    """Open a closed case again, with its history."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.reopen(case, by=user(), now=clock.now())
    flash(_("The case is open again."), "message")
    return home(case)


@bp.route("/<id:case_id>/next-step", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def next_step(case_id: int) -> AnyResponse:
    """Our own promise: what and when."""
    case = queries.get(case_id)
    form = NextStepForm(obj=case)
    if not form.is_submitted():
        form.version.data = str(case.version)

    def save() -> None:
        form.check_version(case)
        operations.set_next_step(case, form.next_step.data, form.next_step_on.day, by=user())

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(case)
    return page("cases/next_step.html", form=form, case=case)


@bp.post("/<id:case_id>/next-step/soon")
@requires(Permission.EDIT_CASES)
def follow_up(case_id: int) -> AnyResponse:
    """Close a gap in one click (E9): a follow-up on a working day about two weeks on."""
    case = queries.get(case_id)
    day = follow_up_day(clock.today())
    if not case.next_step:  # a second click changes nothing
        with transaction(by=user()):
            operations.set_next_step(case, _("Follow up"), day, by=user())
    flash(
        _("%(case)s: follow up in two weeks.", case=case.title),
        "undo:" + url_for(".clear_step", case_id=case.id),
    )
    own = f"{request.host_url.rstrip('/')}/"
    back = request.referrer if (request.referrer or "").startswith(own) else None
    return redirect(back or url_for("overview.case", case_id=case.id), 303)


@bp.post("/<id:case_id>/next-step/clear")
@requires(Permission.EDIT_CASES)
def clear_step(case_id: int) -> AnyResponse:
    """Take the next step away, as if it had never been promised."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.set_next_step(case, "", None, by=user())
    return home(case)


@bp.post("/<id:case_id>/next-step/done")
@requires(Permission.EDIT_CASES)
def next_step_done(case_id: int) -> AnyResponse:
    """The promise is kept."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.keep_promise(case, by=user(), now=clock.now())
    flash(_("Done. Is there a next step?"), "message")
    return home(case)


# --- Units and people ---------------------------------------------------------------------------


@bp.route("/<id:case_id>/units/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_unit(case_id: int) -> AnyResponse:
    """Another unit of the same body joins the case, or one that takes part changes."""
    case = queries.get(case_id)
    form = UnitForm()
    form.organisation_id.within = case.body
    present = {unit.organisation_id: unit for unit in case.units}
    asked = present.get(number_or_none(request.args.get("unit")) or 0)
    if not form.is_submitted():
        form.version.data = "0"  # not there yet
        if asked is not None:
            form.organisation_id.show(asked.organisation)
            form.in_use.data, form.value.data = asked.in_use, asked.value_ore
            form.version.data = str(asked.version)

    def save() -> None:
        organisation = picked(form.organisation_id)
        there = present.get(organisation.id)
        if there is not None and form.version.data == "0":  # opened to add one
            raise RuleBroken(_("%(name)s takes part already.", name=there.organisation.title))
        form.check_version(there)
        operations.join_unit(
            case,
            organisation,
            in_use=form.in_use.data,
            value_ore=form.value.ore,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        return home(case)
    return page("cases/unit.html", form=form, case=case, asked=asked)


@bp.post("/<id:case_id>/units/<id:unit_id>/remove")
@requires(Permission.EDIT_CASES)
def remove_unit(case_id: int, unit_id: int) -> AnyResponse:
    """A unit no longer takes part."""
    case = queries.get(case_id)
    unit = db.session.get(CaseUnit, unit_id)
    if unit is None or unit.case_id != case.id:
        raise NotFound("unit")
    with transaction(by=user()):
        operations.leave_unit(unit, case, today=clock.today())
    return home(case)


@bp.route("/<id:case_id>/roles/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_role(case_id: int) -> AnyResponse:
    """Give somebody at the body roles in the case; none ticked means those of the title (C1)."""
    case = queries.get(case_id)
    form = RoleForm()
    form.person_id.within = case.body
    if not form.is_submitted():
        wanted_id = number_or_none(request.args.get("person"))
        if wanted_id is not None:
            form.person_id.show(people.get(wanted_id))
        wanted = request.args.get("role", "")
        form.roles.data = [role for role, _words in form.roles.choices or () if role == wanted]
    given: list[str] = []

    def save() -> None:
        person = people.get(form.person_id.data or 0)
        chosen = form.roles.data or operations.roles_by_title(people.title_of(person))
        for role in chosen:
            operations.set_role(case, person, role, by=user(), today=clock.today(), now=clock.now())
        given.extend([person.name, ", ".join(label(role) for role in chosen)])

    if form.carried_out(save):
        words = (
            _("%(name)s: %(roles)s.")
            if form.roles.data
            else _("%(name)s: %(roles)s. A first guess from the title; change it if it is wrong.")
        )
        flash(words % {"name": given[0], "roles": given[1]}, "message")
        return home(case)
    return page("cases/role.html", form=form, case=case)


@bp.post("/<id:case_id>/roles/<id:role_id>/end")
@requires(Permission.EDIT_CASES)
def end_role(case_id: int, role_id: int) -> AnyResponse:
    """Somebody no longer holds a role; the row stays with its last day."""
    case = queries.get(case_id)
    held = db.session.get(CasePerson, role_id)
    if held is None or held.case_id != case.id:
        raise NotFound("role")
    with transaction(by=user()):
        operations.end_role(
            held,
            case=case,
            name=people.get(held.person_id).name,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
    return home(case)


# --- Products -----------------------------------------------------------------------------------


@bp.route("/products", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def products() -> AnyResponse:
    """What we sell: a short list that cases choose from."""
    form = NewProductForm()

    def add() -> str:
        operations.add_product(form.name.data)
        return url_for(".products")

    if there := form.carried_out_once(add):
        return redirect(there, 303)
    return _products_page(form)


def _products_page(form: Form, editing: Product | None = None) -> Response:
    return page(
        "cases/products.html",
        form=form,
        editing=editing,
        products=queries.products(retired=True),
        used=queries.product_use(),
    )


@bp.route("/products/<id:product_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def rename_product(product_id: int) -> AnyResponse:
    """Another name; the cases follow along."""
    product = queries.get_product(product_id)
    form = ProductForm(obj=product)

    def save() -> None:
        form.check_version(product)
        operations.rename_product(product, form.name.data)

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".products"), 303)
    return _products_page(form, product)


@bp.post("/products/<id:product_id>/<any(retire, restore):what>")
@requires(Permission.EDIT_LISTS)
def retire_product(product_id: int, what: str) -> AnyResponse:
    """No longer offered for new cases, or offered again."""
    product = queries.get_product(product_id)
    with transaction(by=user()):
        operations.retire_product(product, retired=what == "retire")
    return redirect(url_for(".products"), 303)
