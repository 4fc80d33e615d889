"""The figures behind strength and proposals: how they stand, why, and other ones (S31).

Hung up in `views.py`.
"""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.champions import operations, queries
from crm.champions.forms import FiguresForm
from crm.core import clock
from crm.rules.access import Permission
from crm.rules.champions import Figures
from crm.web.access import requires
from crm.web.forms import page, user


@requires(Permission.READ)
def figures() -> Response:
    """The figures with their history; for whoever may change them, the form with it."""
    stands = queries.standing()
    form = None
    if current_user.may(Permission.EDIT_LISTS):
        form = FiguresForm(formdata=None)
        form.version.data = str(stands.version)
        form.show(Figures() if request.args.get("shipped") == "1" else stands.figures)
    return _page(stands, form)


@requires(Permission.EDIT_LISTS)
def change_figures() -> AnyResponse:
    """Other figures for everybody, with a reason."""
    stands, form = queries.standing(), FiguresForm()
    saved = []

    def save() -> None:
        form.check_number(stands.version, lambda: None)
        note = form.note.data or ""
        saved.append(
            operations.set_figures(stands, form.figures, note=note, by=user(), now=clock.now())
        )

    if form.carried_out(save):
        flash(_("Saved.") if saved[0] else _("It stands so already."), "message")
        return redirect(url_for("champions.figures"), 303)
    return _page(stands, form)


def _page(stands: queries.Standing, form: FiguresForm | None) -> Response:
    return page(
        "champions/figures.html",
        form=form,
        stands=stands,
        shipped=Figures(),
        versions=[(row, queries.as_set(row)) for row in stands.changes],
    )
