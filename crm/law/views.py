"""Pages of the law's dated values: all of them by group, and one with its periods and versions."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock
from crm.core.db import transaction
from crm.law import count_pages, operations, queries
from crm.law.forms import LawValueForm, LeadTimeForm
from crm.law.queries import Standing, StandingLength, ValueGroup
from crm.rules.access import Permission
from crm.rules.floors import LegalTerms, floor
from crm.rules.law.values import slot_code
from crm.rules.routes import Route, StageKey
from crm.web.access import requires
from crm.web.forms import page, user
from crm.web.labels import choices
from crm.web.law_steps import in_words, name_of
from crm.web.overtaken import latest

bp = Blueprint("law", __name__)
bp.add_url_rule("/law-values/count", view_func=count_pages.count)


@bp.get("/law-values")
@requires(Permission.READ)
def index() -> Response:
    """What holds today, one group at a time, and when all were last looked through."""
    asked = request.args.get("group", "")
    group = ValueGroup(asked) if asked in set(ValueGroup) else ValueGroup.MONEY
    today = clock.today()
    through = queries.looked_through()
    return page(
        "law/index.html",
        groups=list(ValueGroup),
        group=group,
        standing=queries.standing(group, today),
        through=through,
        is_due=through.is_due(today),
        may_edit=_may_edit(),
        in_words=in_words,
        name_of=name_of,
        code_of=slot_code,
        today=today,
    )


@bp.get("/law-values/lead-times/<route:route>")
@requires(Permission.READ)
def lead_times(route: Route) -> Response:
    """How long the stages of a route usually take: below own history, above nothing else (4.2)."""
    return page(
        "law/lead_times.html",
        route=route,
        routes=choices(Route),
        standing=queries.lead_times(route),
    )


@bp.get("/law-values/lead-times/<route:route>/<stage:stage>")
@requires(Permission.READ)
def lead_time(route: Route, stage: StageKey) -> Response:
    """One stage: how it stands, who changed it, and for an administrator the form."""
    stands = queries.lead_time(route, stage)
    return _page_of_length(stands, _length_form(stands))


@bp.post("/law-values/lead-times/<route:route>/<stage:stage>")
@requires(Permission.EDIT_LAW)
def change_lead_time(route: Route, stage: StageKey) -> AnyResponse:
    """Correct how long a stage usually takes; plans that stand keep their days."""
    stands = queries.lead_time(route, stage)
    form = _length_form(stands)

    def save() -> None:
        form.check_number(stands.version, lambda: latest(stands.changes))
        saved = operations.correct_lead_time(
            stands,
            form.duration,
            source=form.source.data or "",
            note=form.note.data or "",
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        flash(_("The value is saved.") if saved else _("The value stands as it stood."), "message")

    if form.carried_out(save):
        return redirect(url_for(".lead_time", route=route.value, stage=stage.value), 303)
    return _page_of_length(stands, form)


@bp.post("/law-values/lead-times/<route:route>/<stage:stage>/withdraw")
@requires(Permission.EDIT_LAW)
def withdraw_lead_time(route: Route, stage: StageKey) -> AnyResponse:
    """Take the correction back; the length stands as it is shipped."""
    with transaction(by=user()):
        stands = queries.lead_time(route, stage)
        back = operations.withdraw_lead_time(stands, by=user(), now=clock.now())
    flash(_("The correction is taken back.") if back else _("The value stands as it stood."))
    return redirect(url_for(".lead_time", route=route.value, stage=stage.value), 303)


@bp.get("/law-values/<string:slot>")
@requires(Permission.READ)
def show(slot: str) -> Response:
    """One value: each period of it, who changed it, and for an administrator the form."""
    stands = queries.get(slot, clock.today())
    return _page_of(stands, _form(stands))


@bp.post("/law-values/<string:slot>")
@requires(Permission.EDIT_LAW)
def change(slot: str) -> AnyResponse:
    """Correct a value, or say what holds from another day on."""
    stands = queries.get(slot, clock.today())
    form = _form(stands)

    def save() -> None:
        form.check_number(stands.version, lambda: latest(stands.changes))
        saved = operations.correct(stands, form.reading, by=user(), now=clock.now())
        flash(_("The value is saved.") if saved else _("The value stands as it stood."), "message")

    if form.carried_out(save):
        return redirect(url_for(".show", slot=slot), 303)
    return _page_of(stands, form)


@bp.post("/law-values/changes/<id:law_value_id>/withdraw")
@requires(Permission.EDIT_LAW)
def withdraw(law_value_id: int) -> AnyResponse:
    """Take a correction back."""
    change = queries.change(law_value_id)
    code = slot_code(change.slot)
    with transaction(by=user()):
        stands = queries.get(code, clock.today())
        back = operations.withdraw(stands, change, by=user(), now=clock.now())
    flash(_("The correction is taken back.") if back else _("The value stands as it stood."))
    return redirect(url_for(".show", slot=code), 303)


@bp.post("/law-values/looked-through")
@requires(Permission.EDIT_LAW)
def look_through() -> AnyResponse:
    """Note that all of them were held against their sources today."""
    with transaction(by=user()):
        operations.look_through(clock.today(), by=user())
    flash(_("Noted: the law's values are looked through."), "message")
    return redirect(url_for(".index"), 303)


def _may_edit() -> bool:
    return bool(current_user.may(Permission.EDIT_LAW))


def _form(stands: Standing) -> LawValueForm:
    form = LawValueForm(stands)
    if not form.is_submitted():
        form.version.data = str(stands.version)
    return form


def _length_form(stands: StandingLength) -> LeadTimeForm:
    form = LeadTimeForm(stands)
    if not form.is_submitted():
        form.version.data = str(stands.version)
    return form


def _page_of_length(stands: StandingLength, form: LeadTimeForm) -> Response:
    least = floor(stands.route, stands.stage, clock.today(), LegalTerms(values=queries.values()))
    return page(
        "law/lead_time.html",
        form=form if request.method == "POST" else None,
        length_form=form if _may_edit() else None,
        stands=stands,
        least=least,
    )


def _page_of(stands: Standing, form: LawValueForm) -> Response:
    return page(
        "law/show.html",
        form=form if request.method == "POST" else None,
        value_form=form if _may_edit() else None,
        stands=stands,
        code=slot_code(stands.slot),
        name=name_of(stands.slot),
        in_words=in_words,
        as_row=queries.as_row,
        in_force={one.id for one in stands.in_force if not one.withdrawn},
        today=clock.today(),
    )
