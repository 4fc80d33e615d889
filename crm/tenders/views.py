"""The tender desk: what is to be handed in and when, one tender's list, go or no-go, handing in."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import queries as accounts
from crm.accounts.models import User
from crm.core import clock
from crm.core.db import db, transaction
from crm.law import queries as law
from crm.procurements import queries as procurements
from crm.rules.access import Permission
from crm.rules.floors import LegalTerms
from crm.rules.tendering import completeness, countdown, go_score, question_day
from crm.tenders import operations, queries
from crm.tenders.forms import (
    CriteriaForm,
    ItemForm,
    NewItemForm,
    ResponsibleForm,
    SubmitForm,
    UsualItemsForm,
    go_form,
    lines_of,
)
from crm.tenders.models import GoCriterion, GoScore, Tender
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import page, user

bp = Blueprint("tenders", __name__, url_prefix="/tenders")


def home(tender: Tender) -> AnyResponse:
    """Back to the page of the tender."""
    return redirect(url_for(".show", tender_id=tender.id), 303)


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The desk: what is to be handed in, by the next deadline; or what is over."""
    over = request.args.get("over") == "1"
    rows = queries.desk(clock.now(), over=over, page=page_number(request.args), values=law.values())
    return page("tenders/index.html", desk=rows, over=over)


@bp.post("/begin/<id:procurement_id>")
@requires(Permission.EDIT_CASES)
def begin(procurement_id: int) -> AnyResponse:
    """Our tender, with the usual list; the same one however often it is asked for."""
    procurement = procurements.get(procurement_id)
    with transaction(by=user()):
        tender = operations.begin(procurement, by=user(), now=clock.now())
        tender_id = tender.id
    return redirect(url_for(".show", tender_id=tender_id), 303)


@bp.get("/<id:tender_id>")
@requires(Permission.READ)
def show(tender_id: int) -> Response:
    """One tender: the deadlines with what is left, the list, the decision, handing in."""
    tender = queries.get(tender_id)
    items = queries.items_of(tender.id)
    procurement, now = tender.procurement, clock.now()
    questions = question_day(
        procurement.questions_due_at,
        procurement.tenders_due_at,
        queries.route_of(procurement.id),
        LegalTerms(law.values(), law=procurement.law, urgent=procurement.urgent),
    )
    give = ResponsibleForm(formdata=None)
    give.responsible_id.choices = _colleagues(tender.responsible_id)
    give.responsible_id.data = tender.responsible_id
    give.version.data = str(tender.version)
    return page(
        "tenders/show.html",
        tender=tender,
        procurement=procurement,
        items=items,
        state=completeness(item.line for item in items),
        questions=questions,
        questions_left=countdown(now, questions.until) if questions else None,
        applications_left=_left(now, procurement.requests_due_at),
        tenders_left=_left(now, procurement.tenders_due_at),
        score=_score(tender),
        cases=procurements.cases_of(procurement.id),
        give=give,
    )


def _left(now: datetime, due: datetime | None) -> Any:
    return countdown(now, due) if due is not None else None


def _score(tender: Tender) -> Any:
    criteria = queries.criteria_of(tender.sheet_id)
    scores = queries.scores_of(tender.id)
    return go_score(
        {one.id: one.weight for one in criteria}, {key: one.points for key, one in scores.items()}
    )


def _colleagues(include: int | None = None) -> list[tuple[Any, str]]:
    return [
        ("", _("Nobody")),
        *((one.id, one.name) for one in accounts.choices(include=include)),
    ]


def _colleague(colleague_id: int | None) -> User | None:
    return db.session.get(User, colleague_id) if colleague_id is not None else None


@bp.post("/<id:tender_id>/responsible")
@requires(Permission.EDIT_CASES)
def give(tender_id: int) -> AnyResponse:
    """Who sees to it that the tender is written."""
    tender = queries.get(tender_id)
    form = ResponsibleForm()
    form.responsible_id.choices = _colleagues(tender.responsible_id)

    def save() -> None:
        form.check_version(tender)
        operations.give_to(tender, _colleague(form.responsible_id.data))

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(tender)
    return page("tenders/responsible.html", form=form, tender=tender)


# --- The list -----------------------------------------------------------------------------------


@bp.route("/<id:tender_id>/items/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_item(tender_id: int) -> AnyResponse:
    """One more line."""
    tender = queries.get(tender_id)
    form = NewItemForm()
    form.responsible_id.choices = _colleagues()

    def make() -> str:
        operations.add_item(
            tender,
            text=form.text.data or "",
            required=form.required.data,
            due_on=form.due_on.day,
            responsible_id=form.responsible_id.data,
        )
        return url_for(".show", tender_id=tender.id)

    if there := form.carried_out_once(make):
        return redirect(there, 303)
    return page("tenders/add_item.html", form=form, tender=tender)


@bp.route("/<id:tender_id>/items/<id:item_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit_item(tender_id: int, item_id: int) -> AnyResponse:
    """A line's words, day and who does it."""
    tender = queries.get(tender_id)
    item = queries.item_of(tender, item_id)
    form = ItemForm(obj=item)
    form.responsible_id.choices = _colleagues(item.responsible_id)
    if not form.is_submitted():
        form.version.data = str(item.version)

    def save() -> None:
        form.check_version(item)
        operations.edit_item(
            tender,
            item,
            text=form.text.data or "",
            required=form.required.data,
            due_on=form.due_on.day,
            responsible_id=form.responsible_id.data,
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(tender)
    return page("tenders/edit_item.html", form=form, tender=tender, item=item)


@bp.post("/<id:tender_id>/items/<id:item_id>/remove")
@requires(Permission.EDIT_CASES)
def remove_item(tender_id: int, item_id: int) -> AnyResponse:
    """Not asked for in this procurement."""
    tender = queries.get(tender_id)
    with transaction(by=user()):
        operations.remove_item(tender, queries.item_of(tender, item_id))
    return home(tender)


@bp.post("/<id:tender_id>/items/<id:item_id>/done")
@requires(Permission.EDIT_CASES)
def do_item(tender_id: int, item_id: int) -> AnyResponse:
    """It is done, by me."""
    tender = queries.get(tender_id)
    with transaction(by=user()):
        operations.do_item(tender, queries.item_of(tender, item_id), by=user(), now=clock.now())
    return home(tender)


@bp.post("/<id:tender_id>/items/<id:item_id>/check")
@requires(Permission.EDIT_CASES)
def check_item(tender_id: int, item_id: int) -> AnyResponse:
    """I have looked at what another did."""
    tender = queries.get(tender_id)
    with transaction(by=user()):
        operations.check_item(tender, queries.item_of(tender, item_id), by=user(), now=clock.now())
    return home(tender)


@bp.post("/<id:tender_id>/items/<id:item_id>/undo")
@requires(Permission.EDIT_CASES)
def undo_item(tender_id: int, item_id: int) -> AnyResponse:
    """One step back."""
    tender = queries.get(tender_id)
    with transaction(by=user()):
        operations.undo_item(tender, queries.item_of(tender, item_id))
    return home(tender)


# --- Go or no-go --------------------------------------------------------------------------------


@bp.route("/<id:tender_id>/go", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def go(tender_id: int) -> AnyResponse:
    """The sheet: points for each criterion, what they say, and the decision (D11)."""
    tender = queries.get(tender_id)
    criteria = queries.criteria_of(tender.sheet_id)
    form = go_form(criteria)()
    scores = queries.scores_of(tender.id)
    if not form.is_submitted():
        _fill(form, tender, scores)

    def save() -> None:
        form.check_version(tender)
        operations.weigh(tender, _given(form, criteria))
        operations.decide(
            tender, form.decision.data, form.reason.data or "", by=user(), now=clock.now()
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(tender)
    return page(
        "tenders/go.html",
        form=form,
        tender=tender,
        criteria=criteria,
        score=_score(tender),
        rates=queries.rates(),
    )


def _fill(form: Any, tender: Tender, scores: dict[int, GoScore]) -> None:
    form.version.data = str(tender.version)
    form.decision.data, form.reason.data = tender.decision, tender.decision_reason
    for criterion_id, score in scores.items():
        line = form[f"c{criterion_id}"].form
        line.points.data, line.note.data = str(score.points), score.note


def _given(form: Any, criteria: Any) -> dict[int, tuple[int | None, str]]:
    lines: list[tuple[GoCriterion, Any]] = [(one, form[f"c{one.id}"].form) for one in criteria]
    return {one.id: (line.given, line.note.data or "") for one, line in lines}


# --- Handing in ---------------------------------------------------------------------------------


@bp.route("/<id:tender_id>/submit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def submit(tender_id: int) -> AnyResponse:
    """It has gone in, with a warning where something required is missing (D10)."""
    tender = queries.get(tender_id)
    items = queries.items_of(tender.id)
    form = SubmitForm()
    if not form.is_submitted():
        form.version.data = str(tender.version)
        form.at.data = tender.submitted_at or clock.now()
        form.receipt.data = tender.receipt
        form.reason.data = tender.incomplete_reason

    def save() -> None:
        form.check_version(tender)
        now = clock.now()
        operations.submit(
            tender,
            form.at.moment or now,
            receipt=form.receipt.data or "",
            reason=form.reason.data or "",
            by=user(),
            now=now,
        )

    if form.carried_out(save):
        flash(_("Noted. Let a colleague read the receipt and confirm it."), "message")
        return home(tender)
    return page(
        "tenders/submit.html",
        form=form,
        lacking=queries.lacking(tender),
        tender=tender,
        items=items,
        state=completeness(item.line for item in items),
    )


@bp.post("/<id:tender_id>/take-back")
@requires(Permission.EDIT_CASES)
def take_back(tender_id: int) -> AnyResponse:
    """It has not gone in after all."""
    tender = queries.get(tender_id)
    with transaction(by=user()):
        operations.take_back(tender)
    flash(_("Taken back: it is still to be handed in."), "message")
    return home(tender)


@bp.post("/<id:tender_id>/confirm")
@requires(Permission.EDIT_CASES)
def confirm(tender_id: int) -> AnyResponse:
    """A second person confirms what went in."""
    tender = queries.get(tender_id)
    with transaction(by=user()):
        operations.confirm(tender, by=user(), now=clock.now())
    return home(tender)


# --- What the installation wants ----------------------------------------------------------------


@bp.route("/usual", methods=["GET", "POST"])
@requires(Permission.EDIT_RULES)
def usual() -> AnyResponse:
    """What every new list begins with."""
    form = UsualItemsForm()
    if not form.is_submitted():
        there = queries.usual_items()
        form.required.data = "\n".join(one.text for one in there if one.required)
        form.others.data = "\n".join(one.text for one in there if not one.required)

    def save() -> None:
        operations.set_usual_items(lines_of(form.required.data), lines_of(form.others.data))

    if form.carried_out(save):
        flash(_("Saved. New lists begin like this; those there are stay as they are."), "message")
        return redirect(url_for(".usual"), 303)
    return page("tenders/usual.html", form=form)


@bp.route("/criteria", methods=["GET", "POST"])
@requires(Permission.EDIT_RULES)
def criteria() -> AnyResponse:
    """The criteria of go or no-go and their weights, in versions (D11)."""
    sheet = queries.latest_sheet()
    form = CriteriaForm()
    if not form.is_submitted():
        form.version.data = str(sheet.id if sheet else 0)
        rows = (
            [(one.text, one.weight) for one in sheet.criteria]
            if sheet
            else queries.shipped_criteria()
        )
        for line, (text, weight) in zip(form.criteria, rows, strict=False):
            line.form.text.data, line.form.weight.data = text, weight

    def save() -> None:
        form.check_number(sheet.id if sheet else 0, lambda: None)
        operations.set_criteria(form.chosen, by=user(), now=clock.now())

    if form.carried_out(save):
        flash(_("Saved as a new version. Tenders that have been weighed keep theirs."), "message")
        return redirect(url_for(".criteria"), 303)
    return page("tenders/criteria.html", form=form, sheet=sheet, rates=queries.rates())
