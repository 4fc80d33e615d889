"""Pages about being away: one's own, and of a colleague. Hung up in `views.py`."""

from collections.abc import Sequence
from datetime import date

from babel.lists import format_list
from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import absences, queries
from crm.accounts.absences import Detoured
from crm.accounts.forms import AbsenceForm
from crm.accounts.models import Absence, User
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound
from crm.rules.access import Permission
from crm.rules.deputies import End
from crm.web import filters
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
    soon = absences.away_soon(today=today)
    form = AbsenceForm(
        [(one, _days_away(soon.get(one.id, ()))) for one in absences.possible_deputies(who)]
    )

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
        flash(_saved(form, who, today), "message")
        return redirect(landed, 303)
    elsewhere = absences.detours_of(who, today=today)
    return page(
        "accounts/absence.html" if who.id == user().id else "accounts/absence_of.html",
        form,
        who=who,
        action=there,
        absences=absences.of(who, today=today),
        detours=[(one, _told(one)) for one in elsewhere if one.user_id == who.id],
        others_detours=[(one, _told(one)) for one in elsewhere if one.user_id != who.id],
        for_others=absences.stretches_of(who, today=today),
    )


def _saved(form: AbsenceForm, who: User, today: date) -> str:
    """Who is shown what is due on the days just saved, with what is not as one would expect."""
    first, last = form.first.day or today, form.last.day or today
    told = [
        _("Saved. Everybody is shown what is due on those days.")
        if form.deputy_id is None
        else _("Saved. What is due goes on to the deputy on those days.")
    ]
    for one in absences.detours_of(who, today=today):
        if one.first <= last and first <= one.last:
            days = _span(one.first, one.last)
            told.append(
                f"{days}: {_told(one)}"
                if one.user_id == who.id
                else _("For %(name)s, %(days)s: ", name=one.name, days=days) + _told(one)
            )
    return " ".join(told)


def _told(one: Detoured) -> str:
    """Why the deputy does not stand in, and who does."""
    names = format_list(one.asked, locale=filters.locale())
    if one.end is End.FOUND:
        return ngettext(
            "%(names)s is away too, and %(name)s gets the reminders.",
            "%(names)s are away too, and %(name)s gets the reminders.",
            len(one.asked),
            names=names,
            name=one.stand_in,
        )
    if one.end is End.CIRCLE:
        return ngettext(
            "%(names)s is away too, and the deputies lead round in a circle: everybody is shown"
            " the reminders.",
            "%(names)s are away too, and the deputies lead round in a circle: everybody is shown"
            " the reminders.",
            len(one.asked),
            names=names,
        )
    if one.end is End.UNABLE:
        return _(
            "%(name)s does not deal with reminders any longer: everybody is shown them.",
            name=one.asked[-1],
        )
    return ngettext(
        "%(names)s is away too, without a deputy: everybody is shown the reminders.",
        "%(names)s are away too, the last without a deputy: everybody is shown the reminders.",
        len(one.asked),
        names=names,
    )


def _span(first: date, last: date) -> str:
    days = (first,) if first == last else (first, last)
    return " – ".join(map(filters.day, days))


def _days_away(soon: Sequence[Absence]) -> str:
    """When a colleague is away herself, for the choice of a deputy."""
    return ", ".join(_span(one.first, one.last) for one in soon[:2])


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
