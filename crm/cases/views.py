"""Pages that change cases, and their list. The page of one case mixes domains: overview/case.py."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets.queries import wake_dates
from crm.cases import operations, queries
from crm.cases.forms import (
    CaseForm,
    CloseForm,
    MoveForm,
    NewCaseForm,
    NextStepForm,
    RoleForm,
    UnitForm,
    WaitForm,
    number_or_none,
)
from crm.cases.models import Case, CasePerson, CaseUnit, Product
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import NotFound
from crm.core.once import earlier_result, remember
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person
from crm.rules.access import Permission
from crm.rules.stages import (
    AdoptionStage,
    ProcurementStage,
    WakeEvent,
    pilot_warnings,
)
from crm.web.access import requires
from crm.web.filters import language
from crm.web.forms import page, page_number, user
from crm.web.labels import choices

bp = Blueprint("cases", __name__, url_prefix="/cases")


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The list of cases. Filter and order live in the address."""
    chosen = queries.Filter(
        text=request.args.get("q", "").strip()[:100],
        state=request.args.get("state", ""),
        adoption=request.args.get("adoption", ""),
        procurement=request.args.get("procurement", ""),
        owner_id=_owner(request.args.get("owner", "")),
        county=request.args.get("county", "")[:2],
        within=number_or_none(request.args.get("within", "")),
        gap=request.args.get("gap") == "1",
        in_use=request.args.get("in_use") == "1",
        body_kind=request.args.get("kind", "")[:20],
        size=request.args.get("size", "")[:20],
    )
    sort = request.args.get("sort", "next")
    found = queries.rows(
        chosen,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=page_number(request.args),
    )
    return page(
        "cases/index.html",
        cases=found,
        chosen=chosen,
        sort=sort,
        owners=queries.owners(),
        gap_count=queries.gaps(None),
        adoption_choices=choices(AdoptionStage),
        procurement_choices=choices(ProcurementStage),
        within=db.session.get(Organisation, chosen.within) if chosen.within else None,
    )


def _owner(text: str) -> int | None:
    return int(current_user.id) if text == "me" else number_or_none(text)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new() -> AnyResponse:
    """Open a case: from an inquiry (nothing is retyped), from an organisation, or from a person."""
    form = NewCaseForm(request.values if request.method == "GET" else None)
    inquiry = db.session.get(
        Inquiry, number_or_none(request.values.get("inquiry") or form.inquiry_id.data) or 0
    )
    person = db.session.get(
        Person, number_or_none(request.values.get("person") or form.person_id.data) or 0
    )
    organisation = db.session.get(
        Organisation,
        number_or_none(request.values.get("organisation") or form.organisation_id.data) or 0,
    )
    if inquiry is not None:
        person = person or (
            db.session.get(Person, inquiry.person_id) if inquiry.person_id else None
        )
        if organisation is None and inquiry.organisation_id:
            organisation = db.session.get(Organisation, inquiry.organisation_id)
    form.owner_id.choices = [(colleague.id, colleague.name) for colleague in queries.owners()]
    form.products.choices = [(product.id, product.name) for product in queries.products()]
    if request.method == "GET":
        form.once.data = form.once.default()
        form.title.data = (inquiry.summary[:200] if inquiry else "") or form.title.data
        form.owner_id.data = (inquiry.owner_id if inquiry else None) or current_user.id
        form.organisation_id.data = str(organisation.id) if organisation else ""
        form.inquiry_id.data = str(inquiry.id) if inquiry else ""
        form.person_id.data = str(person.id) if person else ""
    token = str(form.once.data or "")
    if form.is_submitted() and token and (location := earlier_result(token)):
        return redirect(location, 303)
    made: list[Case] = []
    if organisation is None and form.is_submitted():
        form.refuse(_("Choose the organisation first: open it, and start the case from its page."))

    def open_it() -> None:
        assert organisation is not None
        now = clock.now()
        case = operations.open_case(
            organisation,
            title=form.title.data,
            inquiry=inquiry,
            person=person,
            person_title=people.title_of(person) if person else "",
            products=[db.session.get_one(Product, number) for number in form.products.data],
            owner=next((c for c in queries.owners() if c.id == form.owner_id.data), None),
            by=user(),
            today=clock.today(),
            now=now,
        )
        remember(token, url_for("overview.case", case_id=case.id), now)
        made.append(case)

    if organisation is not None and form.carried_out(open_it):
        flash(_("The case is open."), "message")
        return redirect(url_for("overview.case", case_id=made[0].id), 303)
    return page(
        "cases/new.html", form=form, organisation=organisation, inquiry=inquiry, person=person
    )


@bp.route("/<id:case_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(case_id: int) -> AnyResponse:
    """The facts of a case."""
    case = queries.get(case_id)
    form = CaseForm(obj=case)
    form.owner_id.choices = [("", "–"), *((c.id, c.name) for c in queries.owners())]
    form.products.choices = [(p.id, p.name) for p in queries.products(retired=True)]
    if not form.is_submitted():
        form.version.data = str(case.version)
        form.value.data = case.value_ore
        form.expected.data = _expected_text(case)
        form.products.data = [product.id for product in case.products]

    def save() -> None:
        form.check_version(case.version)
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
        _warn(case)
        flash(_("Saved."), "message")
        return redirect(url_for("overview.case", case_id=case.id), 303)
    return page("cases/edit.html", form=form, case=case)


def _expected_text(case: Case) -> str:
    """The expected decision as its field reads it."""
    when = case.expected
    if when is None:
        return ""
    first = when.first_day
    return {
        "day": first.isoformat(),
        "week": "v. {1} {0}".format(*first.isocalendar()),
        "month": f"{first:%Y-%m}",
        "quarter": f"Q{(first.month + 2) // 3} {first.year}",
        "half_year": f"H{1 if first.month < 7 else 2} {first.year}",
        "budget_year": str(first.year),
    }[when.precision.value]


def _warn(case: Case) -> None:
    """The pilot gate R9: warns with the reason, and never stops anybody."""
    for warning in pilot_warnings(case.adoption, case.handles_personal_data, case.pub_status):
        flash(warning.text(language()), "warning")


@bp.post("/<id:case_id>/move")
@requires(Permission.EDIT_CASES)
def move(case_id: int) -> AnyResponse:
    """Move on one of the two tracks."""
    case = queries.get(case_id)
    form = MoveForm()

    def save() -> None:
        form.check_version(case.version)
        if form.track.data == "adoption" and form.adoption.data:
            operations.move_adoption(
                case, form.adoption.data, note=form.note.data or "", by=user(), now=clock.now()
            )
        elif form.track.data == "procurement" and form.procurement.data:
            operations.move_procurement(
                case, form.procurement.data, note=form.note.data or "", by=user(), now=clock.now()
            )
        else:
            raise NotFound("track")

    if form.carried_out(save):
        _warn(case)
        flash(_("Moved."), "message")
        return redirect(url_for("overview.case", case_id=case.id), 303)
    return page("cases/move.html", form=form, case=case)


@bp.route("/<id:case_id>/wait", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def wait(case_id: int) -> AnyResponse:
    """Put the case to wait, with a reason and what ends it."""
    case = queries.get(case_id)
    form = WaitForm()
    events = wake_events(case, clock.today())
    form.offer(events)
    if not form.is_submitted():
        form.version.data = str(case.version)
        form.event.data = events[0][0] if events else None

    def save() -> None:
        form.check_version(case.version)
        until = form.until.day
        event = None if until else form.event.data
        operations.put_to_wait(
            case,
            form.reason.data,
            until=until,
            event=event,
            event_on=dict(events).get(event) if event else None,
            note=form.note.data or "",
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(
            _("The case waits. It will come back by itself."),
            "undo:" + url_for(".wake", case_id=case.id),
        )
        return redirect(url_for("overview.case", case_id=case.id), 303)
    return page("cases/wait.html", form=form, case=case)


def wake_events(case: Case, today: date) -> list[tuple[WakeEvent, date]]:
    """The events one can wait for at this buyer, soonest first, with their day as known now."""
    return [(event, when.day) for event, when in wake_dates(case.organisation, today)]


@bp.post("/<id:case_id>/wake")
@requires(Permission.EDIT_CASES)
def wake(case_id: int) -> AnyResponse:
    """End the waiting."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.wake(case, by=user(), today=clock.today(), now=clock.now())
    flash(_("The case is awake."), "message")
    return redirect(url_for("overview.case", case_id=case.id), 303)


@bp.route("/<id:case_id>/close", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def close(case_id: int) -> AnyResponse:
    """Close with an outcome and its reason."""
    case = queries.get(case_id)
    form = CloseForm()
    if not form.is_submitted():
        form.version.data = str(case.version)

    def save() -> None:
        form.check_version(case.version)
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
        return redirect(url_for("overview.case", case_id=case.id), 303)
    return page("cases/close.html", form=form, case=case)


@bp.post("/<id:case_id>/reopen")
@requires(Permission.EDIT_CASES)
def reopen(case_id: int) -> AnyResponse:
    """Open a closed case again, with its history."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.reopen(case, by=user(), now=clock.now())
    flash(_("The case is open again."), "message")
    return redirect(url_for("overview.case", case_id=case.id), 303)


@bp.route("/<id:case_id>/next-step", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def next_step(case_id: int) -> AnyResponse:
    """Our own promise: what and when."""
    case = queries.get(case_id)
    form = NextStepForm(obj=case)
    if not form.is_submitted():
        form.version.data = str(case.version)

    def save() -> None:
        form.check_version(case.version)
        operations.set_next_step(case, form.next_step.data, form.next_step_on.day, by=user())

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for("overview.case", case_id=case.id), 303)
    return page("cases/next_step.html", form=form, case=case)


@bp.post("/<id:case_id>/next-step/done")
@requires(Permission.EDIT_CASES)
def next_step_done(case_id: int) -> AnyResponse:
    """The promise is kept: take it away."""
    case = queries.get(case_id)
    with transaction(by=user()):
        operations.set_next_step(case, "", None, by=user())
    flash(_("Done. Is there a next step?"), "message")
    return redirect(url_for("overview.case", case_id=case.id), 303)


@bp.route("/<id:case_id>/units/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_unit(case_id: int) -> AnyResponse:
    """Another unit of the same body joins the case, or one that takes part changes."""
    case = queries.get(case_id)
    form = UnitForm()
    form.organisation_id.choices = queries.nodes_of(case.body_id)

    def save() -> None:
        operations.join_unit(
            case,
            db.session.get_one(Organisation, form.organisation_id.data),
            in_use=form.in_use.data,
            value_ore=form.value.ore,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        return redirect(url_for("overview.case", case_id=case.id), 303)
    return page("cases/unit.html", form=form, case=case)


@bp.post("/<id:case_id>/units/<id:unit_id>/remove")
@requires(Permission.EDIT_CASES)
def remove_unit(case_id: int, unit_id: int) -> AnyResponse:
    """A unit no longer takes part."""
    case = queries.get(case_id)
    unit = db.session.get(CaseUnit, unit_id)
    if unit is None or unit.case_id != case.id:
        raise NotFound("unit")
    with transaction(by=user()):
        operations.leave_unit(unit, case)
    return redirect(url_for("overview.case", case_id=case.id), 303)


@bp.route("/<id:case_id>/roles/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_role(case_id: int) -> AnyResponse:
    """Give somebody at the body a role in the case."""
    case = queries.get(case_id)
    form = RoleForm()
    form.person_id.choices = queries.people_of(case.body_id)
    if not form.is_submitted():
        form.person_id.data = number_or_none(request.args.get("person", ""))

    def save() -> None:
        operations.set_role(
            case,
            db.session.get_one(Person, form.person_id.data),
            form.role.data,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        return redirect(url_for("overview.case", case_id=case.id), 303)
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
            name=db.session.get_one(Person, held.person_id).name,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
    return redirect(url_for("overview.case", case_id=case.id), 303)
