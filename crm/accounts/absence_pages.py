"""Pages about being away: one's own, and of a colleague. Hung up in `views.py`."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import absences, queries
from crm.accounts.forms import AbsenceForm
from crm.accounts.models import User
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.forms import page, user


@requires(Permission.OWN)
def own() -> AnyResponse:
    """When I am away, and who sees to what is due meanwhile."""
    return _page_of(user())


@requires(Permission.MANAGE_USERS)
def of_colleague(user_id: int) -> AnyResponse:
    """The same for a colleague, who may have fallen ill."""
    return _page_of(queries.get(user_id))


def _address(who: User) -> str:
    if who.id == user().id:
        return url_for("accounts.absence")
    return url_for("accounts.absence_of", user_id=who.id)


def _page_of(who: User) -> AnyResponse:
    today, there = clock.today(), _address(who)
    form = AbsenceForm(absences.possible_deputies(who))

    def add() -> str:
        absences.add(
            who,
            first=form.first.day or today,
            last=form.last.day or today,
            deputy_id=form.deputy_id,
            today=today,
            now=clock.now(),
        )
        return there

    if landed := form.carried_out_once(add):
        flash(_("Saved. What is due goes on to the deputy on those days."))
        return redirect(landed, 303)
    return page(
        "accounts/absence.html" if who.id == user().id else "accounts/absence_of.html",
        form,
        who=who,
        action=there,
        absences=absences.of(who, today=today),
        for_others=absences.stretches_of(who, today=today),
    )


@requires(Permission.OWN)
def end(absence_id: int) -> Response | AnyResponse:
    """Back today, or not going away after all."""
    absence = absences.get(absence_id)
    if absence.user_id != user().id and not user().may(Permission.MANAGE_USERS):
        raise NotFound(f"absence {absence_id}")
    with transaction(by=user()):
        absences.end(absence, today=clock.today(), now=clock.now())
    flash(_("The absence is over: everything is as before."))
    return redirect(_address(absence.user), 303)
