"""Pages of integrity: what was shared, conflicts of interest, hospitality, and the line for others.

The pages of accounts, cases and people show the line and the notes through `crm.overview.beside`;
pages of packages below ask by the template globals here.
"""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound
from crm.integrity import operations, queries
from crm.integrity.forms import ConflictForm, HospitalityForm, MaterialForm, NewMaterialForm
from crm.integrity.queries import Shared, Treatment
from crm.organisations import queries as organisations
from crm.people import queries as people
from crm.procurements import queries as procurements
from crm.procurements.models import Procurement
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.forms import page, user
from crm.web.urls import this_page

bp = Blueprint("integrity", __name__)


@bp.app_template_global("equal_treatment")
def equal_treatment(*body_ids: int) -> Treatment | None:
    """What holds in contacts with the bodies now. One statement."""
    return queries.treatment_at(body_ids)


@bp.app_template_global("integrity_of")
def integrity_of(procurement_id: int, body_id: int) -> tuple[Treatment | None, list[Shared]]:
    """What holds, and what was shared for a procurement, for its page. One statement."""
    return queries.of_procurement(procurement_id, body_id)


# --- What was shared before a notice ------------------------------------------------------------


@bp.get("/accounts/<id:organisation_id>/shared")
@requires(Permission.READ)
def shared(organisation_id: int) -> Response:
    """What a body got from us before its notice, in order; made for paper as well (LOU 4:8)."""
    organisation = organisations.get(organisation_id)
    body = organisations.get(organisation.body_id or organisation.id)
    asked = number_or_none(request.args.get("procurement"))
    procurement = procurements.get(asked) if asked is not None else None
    if procurement is not None and procurement.body_id != body.id:
        procurement = None
    return page(
        "integrity/shared.html",
        body=body,
        procurement=procurement,
        materials=queries.shared(
            body.id, procurement.id if procurement else None, page=page_number(request.args)
        ),
    )


@bp.route("/accounts/<id:organisation_id>/shared/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def share(organisation_id: int) -> AnyResponse:
    """Write down what was shared, with whom and when."""
    organisation = organisations.get(organisation_id)
    form = NewMaterialForm()
    procurement, case = _about()
    if not form.is_submitted():
        form.procurement.data = str(procurement.id) if procurement else ""
        form.case.data = str(case.id) if case else ""
        form.shared_on.data = clock.today()
    back = url_for(
        ".shared",
        organisation_id=organisation.body_id,
        procurement=procurement.id if procurement else None,
    )

    def make() -> str:
        operations.share(
            organisation,
            what=form.what.data,
            occasion=form.occasion.data,
            shared_on=form.shared_on.day or clock.today(),
            kept_at=form.kept_at.data or "",
            with_others=form.with_others,
            procurement=procurement,
            case=case,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return back

    if there := form.carried_out_once(make):
        flash(_("Written down."), "message")
        return redirect(there, 303)
    return page(
        "integrity/share.html",
        form=form,
        organisation=organisation,
        action=url_for(".share", organisation_id=organisation.id),
        back=back,
    )


def _about() -> tuple[Procurement | None, Case | None]:
    """The procurement and the case that something was shared for; a case brings its own along."""
    asked = number_or_none(request.values.get("case"))
    case = cases.get(asked) if asked is not None else None
    number = number_or_none(request.values.get("procurement"))
    if number is not None:
        return procurements.get(number), case
    return (procurements.of_case(case.id) if case is not None else None), case


@bp.route("/shared/<id:material_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit_shared(material_id: int) -> AnyResponse:
    """Put right a line of the log."""
    material = queries.material(material_id)
    organisation = organisations.get(material.organisation_id)
    form = MaterialForm(obj=material)
    if not form.is_submitted():
        form.version.data = str(material.version)
        form.others.data = {True: "yes", False: "no", None: ""}[material.with_others]
    back = url_for(".shared", organisation_id=material.body_id)

    def save() -> None:
        form.check_version(material)
        operations.put_right(
            material,
            what=form.what.data,
            occasion=form.occasion.data,
            shared_on=form.shared_on.day or material.shared_on,
            kept_at=form.kept_at.data or "",
            with_others=form.with_others,
            today=clock.today(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(back, 303)
    return page(
        "integrity/share.html",
        form=form,
        organisation=organisation,
        action=url_for(".edit_shared", material_id=material.id),
        back=back,
    )


# --- Conflicts of interest ----------------------------------------------------------------------


@bp.route("/people/<id:person_id>/conflicts/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def conflict_of_person(person_id: int) -> AnyResponse:
    """A conflict of interest of somebody at a buyer."""
    person = people.get(person_id)
    return _conflict(
        name=person.name,
        back=url_for("people.show", person_id=person.id),
        person_id=person.id,
    )


@bp.route("/cases/<id:case_id>/conflicts/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def conflict_in_case(case_id: int) -> AnyResponse:
    """A conflict of interest in a case."""
    case = cases.get(case_id)
    return _conflict(
        name=case.title, back=url_for("overview.case", case_id=case.id), case_id=case.id
    )


def _conflict(
    *, name: str, back: str, person_id: int | None = None, case_id: int | None = None
) -> AnyResponse:
    form = ConflictForm()

    def make() -> str:
        operations.note_conflict(
            person=people.get(person_id) if person_id is not None else None,
            case=cases.get(case_id) if case_id is not None else None,
            note=form.note.data,
            by=user(),
            today=clock.today(),
        )
        return back

    if there := form.carried_out_once(make):
        flash(_("Written down."), "message")
        return redirect(there, 303)
    return page("integrity/conflict.html", form=form, name=name, action=this_page(), back=back)


@bp.post("/conflicts/<id:conflict_id>/settle")
@requires(Permission.EDIT_CASES)
def settle(conflict_id: int) -> AnyResponse:
    """There is no conflict any more."""
    note = queries.conflict(conflict_id)
    with transaction(by=user()):
        operations.settle(note, clock.today())
    flash(_("The note is settled. It stays in the history."), "message")
    if note.person_id is not None:
        return redirect(url_for("people.show", person_id=note.person_id), 303)
    if note.case_id is None:
        raise NotFound("conflict note")
    return redirect(url_for("overview.case", case_id=note.case_id), 303)


# --- Hospitality --------------------------------------------------------------------------------


@bp.get("/hospitality")
@requires(Permission.READ)
def hospitality() -> Response:
    """The register: what was offered to whom, the latest first."""
    return page(
        "integrity/hospitality.html", offered=queries.hospitality(page=page_number(request.args))
    )


@bp.route("/people/<id:person_id>/hospitality/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def offer(person_id: int) -> AnyResponse:
    """Write down what somebody was offered; refused while a procurement is under way there."""
    person = people.get(person_id)
    form = HospitalityForm()
    if not form.is_submitted():
        form.offered_on.data = clock.today()

    def make() -> str:
        operations.offer(
            person,
            what=form.what.data,
            value_ore=form.value.ore or 0,
            offered_on=form.offered_on.day or clock.today(),
            policy_note=form.policy_note.data,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return url_for(".hospitality")

    if there := form.carried_out_once(make):
        flash(_("Written down."), "message")
        return redirect(there, 303)
    return page("integrity/offer.html", form=form, person=person)
