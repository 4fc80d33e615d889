"""A body's calendar taken over from another one: chosen, seen beside the old one, then saved.

Hung up in `views.py`.
"""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import operations, queries
from crm.budgets.copying import beside, can_share, copied
from crm.budgets.forms import CopyForm
from crm.core import clock
from crm.core.errors import NotFound, RuleBroken
from crm.organisations.models import Organisation
from crm.organisations.queries import ancestors
from crm.organisations.queries import get as get_organisation
from crm.rules.access import Permission
from crm.rules.budget_cycle import PhaseRole
from crm.rules.confirmations import coming_budget_year
from crm.web.access import requires
from crm.web.forms import page, user


@requires(Permission.EDIT_CALENDARS)
def choose(organisation_id: int) -> Response:
    """Which body; with one in the address, its year beside what holds now."""
    organisation = _body(organisation_id)
    return _page(organisation, CopyForm(formdata=None), request.args.get("other", ""))


@requires(Permission.EDIT_CALENDARS)
def save(organisation_id: int) -> AnyResponse:
    """The calendar is that of the other body from now on, as far as its own is not known."""
    organisation = _body(organisation_id)
    row, form = queries.practice_row(organisation), CopyForm()
    other = _model(organisation, str(form.other.data or ""))

    def copy() -> None:
        form.check_version(row)
        if other is None:
            raise RuleBroken(_("Choose a body whose timetable is known."))
        operations.copy_calendar(
            organisation, other, by=user(), now=clock.now(), today=clock.today()
        )

    if form.carried_out(copy) and other is not None:
        flash(_("Copied from %(name)s. Nothing counts as known yet.", name=other.title), "message")
        return redirect(url_for(".show", organisation_id=organisation.id), 303)
    return _page(organisation, form, str(form.other.data or ""))


def _body(organisation_id: int) -> Organisation:
    organisation = get_organisation(organisation_id)
    if not organisation.is_body:
        raise NotFound(f"body {organisation_id}")
    return organisation


def _model(organisation: Organisation, asked: str) -> Organisation | None:
    """The body that is asked for, if its calendar can be had."""
    found = {str(one.organisation_id) for one in queries.models_for(organisation)}
    return get_organisation(int(asked)) if asked in found else None


def _page(organisation: Organisation, form: CopyForm, asked: str) -> Response:
    models = queries.models_for(organisation)
    chosen = next((one for one in models if str(one.organisation_id) == asked), None)
    row = queries.practice_row(organisation)
    form.version.data = form.version.data or str(row.version if row else 0)
    form.other.data = asked if chosen else ""
    fitting = [one for one in models if can_share(row, one.decision)]
    shown: dict[str, Any] = {}
    if chosen is not None:
        shown = _beside(organisation, get_organisation(chosen.organisation_id))
    return page(
        "budgets/copy.html",
        form=form,
        organisation=organisation,
        trail=[
            (node.title, url_for("overview.organisation", organisation_id=node.id))
            for node in (*ancestors(organisation), organisation)
        ]
        + [(_("Budget year"), url_for(".show", organisation_id=organisation.id))],
        near=[one for one in fitting if one.is_near],
        far=[one for one in fitting if not one.is_near],
        unfit=[one for one in models if not can_share(row, one.decision)],
        own=row,
        chosen=chosen,
        **shown,
    )


def _beside(organisation: Organisation, other: Organisation) -> dict[str, Any]:
    """The year as it is and as it would be, or why it cannot be."""
    year = coming_budget_year(clock.today())
    known, events = queries.known_of(organisation), queries.events_of(organisation)
    try:
        calendar = copied(
            queries.practice_row(organisation),
            events,
            queries.practice_row(other),
            queries.events_of(other),
        )
    except RuleBroken as broken:
        return {"cannot": str(broken)}
    drafted = queries.drafted(known.practice.kind, calendar, None, events, known.practice.meetings)
    rows = [
        row
        for row in beside(known.phases(year), drafted.phases(year))
        if row.name.role is not PhaseRole.LEGAL_LIMIT  # holds whatever the calendar
    ]
    return {
        "cannot": "",
        "year": year,
        "other": other,
        "was": known,
        "would_be": drafted,
        "rows": [row for row in rows if row.differs],
        "alike": sum(not row.differs for row in rows),
    }
