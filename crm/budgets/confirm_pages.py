"""Whose dates are assumed for the coming budget year: still the same, or changed.

Hung up in `views.py`.
"""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import operations, queries
from crm.core import clock
from crm.core.db import transaction
from crm.rules.access import Permission
from crm.rules.confirmations import coming_budget_year
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import Form, page, user

MOST_AT_ONCE = 100


@requires(Permission.READ)
def show() -> Response:
    """Every organisation whose dates somebody should look at for the coming budget year."""
    return _page(Form(formdata=None))


@requires(Permission.EDIT_CALENDARS)
def confirm() -> AnyResponse:
    """The ticked ones, or the one whose button was pressed, are still the same."""
    form, year = Form(), _year(request.form.get("year", ""))
    chosen = _ids(request.form.getlist("only") or request.form.getlist("ids"))
    if form.is_submitted() and not chosen:
        form.refuse(_("Tick those that are still the same."))
    done: list[int] = []

    def same() -> None:
        done.extend(
            operations.confirm_same(chosen, year, by=user(), today=clock.today(), now=clock.now())
        )

    if not form.refusals and form.carried_out(same):
        if done:
            undo = url_for(".take_back_same", year=year, ids="-".join(map(str, done)))
            flash(
                ngettext(
                    "One timetable is still the same for budget %(year)s.",
                    "%(num)s timetables are still the same for budget %(year)s.",
                    len(done),
                    year=year,
                ),
                f"undo:{undo}",
            )
        else:
            flash(_("Nothing of that was waiting to be looked at."), "message")
        return redirect(url_for(".to_confirm"), 303)
    return _page(form)


@requires(Permission.EDIT_CALENDARS)
def take_back() -> AnyResponse:
    """It was said by mistake."""
    year = _year(request.args.get("year", ""))
    with transaction(by=user()):
        number = operations.take_back_same(
            _ids(request.args.get("ids", "").split("-")), year, by=user(), now=clock.now()
        )
    flash(
        ngettext("%(num)s is to be looked at again.", "%(num)s are to be looked at again.", number),
        "message",
    )
    return redirect(url_for(".to_confirm"), 303)


def _page(form: Form) -> Response:
    year = coming_budget_year(clock.today())
    mine = request.args.get("owner") == "me"
    return page(
        "budgets/to_confirm.html",
        form=form,
        year=year,
        mine=mine,
        found=queries.to_confirm(
            year,
            owner_id=int(current_user.id) if mine else None,
            page=page_number(request.args),
        ),
    )


def _ids(texts: list[str]) -> list[int]:
    """Ids as a form or an address sends them; what is none of ours is left out."""
    good = [int(text) for text in texts if text.isdecimal() and text.isascii() and len(text) < 10]
    return good[:MOST_AT_ONCE]


def _year(text: str) -> int:
    """The year that the page was about; without a proper one, the coming one."""
    if text.isdecimal() and text.isascii() and len(text) == 4:
        return int(text)
    return coming_budget_year(clock.today())
