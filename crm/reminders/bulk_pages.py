"""Putting off several reminders at once, and undoing it. Hung up in `views.py`."""

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import operations, queries
from crm.reminders.forms import SnoozeManyForm
from crm.reminders.models import WAITING_STATES, Reminder
from crm.reminders.queries import AT_ONCE, Told
from crm.reminders.snoozing import Landing, Snoozing
from crm.rules.access import Permission
from crm.rules.reminders import ReminderKind
from crm.web import filters
from crm.web.access import requires
from crm.web.asked import number_or_none
from crm.web.forms import page, user


@requires(Permission.HANDLE_REMINDERS)
def later_many() -> Response:
    """Which, and until when: those ticked in a list (?r=<id>, many times), or all that wait at an
    account and beneath it (?within=<id>). A promise of ours is ticked only by hand."""
    place = _place()
    ticked = _numbers(request.args.getlist("r"))
    rows = queries.some(ticked) if ticked else queries.waiting_at(place) if place else []
    return _page_of([row for row in rows if row.state in WAITING_STATES], place)


@requires(Permission.HANDLE_REMINDERS)
def look_many() -> Response:
    """Where each of the ticked ones would come back, before anything is saved.

    One that would come back when it is of no use any more is not ticked from the start, and one
    that comes later anyway cannot be. An address that names no reminder is that of the choice.
    """
    form, place = SnoozeManyForm(request.args), _place()
    shown, ticked = (
        [row for row in rows if row.state in WAITING_STATES] for rows in _sent(request.args)
    )
    if not shown:
        return _page_of([], place)
    snoozing = form.offer(shown)
    landings: list[Landing] = []
    if form.validate():
        try:
            landings = _landings(ticked, ticked, snoozing, form)
        except RuleBroken as broken:
            form.refuse(str(broken))
    if form.failed:
        return _page_of(shown, place, form)
    told = {row.id: Told(row, filters.language(), clock.today()) for row in ticked}
    return page(
        "reminders/look_many.html",
        landings=[(told[one.row.id], one) for one in landings],
        late=sum(one.late and not one.stays for one in landings),
        staying=sum(one.stays for one in landings),
        chosen=dict(form.event.choices or ()).get(form.chosen_event or ""),
        snooze_form=form,
        back=url_for(
            ".later_many", r=[row.id for row in ticked], within=place.id if place else None
        ),
        place=place,
    )


@requires(Permission.HANDLE_REMINDERS)
def snooze_many() -> AnyResponse:
    """Put off the ticked ones, all or none; those that come later anyway stay where they stand."""
    form = SnoozeManyForm()
    shown, ticked = _sent(request.form)
    snoozing = form.offer(shown)
    going: list[Landing] = []

    def save() -> None:
        landings = _landings(shown, ticked, snoozing, form)
        going.extend(one for one in landings if not one.stays)
        if not going:
            raise RuleBroken(_("They come later than that anyway. Choose a later day."))
        operations.snooze_many(
            [(one.row, one.day, one.event) for one in going],
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        said = ngettext("One reminder is put off.", "%(num)s reminders are put off.", len(going))
        flash(said, "undo:" + url_for(".bring_back_many", r=[one.row.id for one in going]))
        place = _place()
        return redirect(url_for(".inbox", within=place.id if place else None), 303)
    db.session.rollback()
    return _page_of(_sent(request.form)[0], _place(), form)


def _sent(sent: MultiDict[str, str]) -> tuple[list[Reminder], list[Reminder]]:
    """All that stood on the page, and those of them that are ticked. One statement."""
    ticked = _numbers(sent.getlist("r"))
    rows = queries.some(list(dict.fromkeys([*_numbers(sent.getlist("shown")), *ticked])))
    return rows, [row for row in rows if row.id in ticked]


def _landings(
    shown: list[Reminder], ticked: list[Reminder], snoozing: Snoozing, form: SnoozeManyForm
) -> list[Landing]:
    """Where each ticked one would come back, among all that were shown with their days. Raises
    RuleBroken if none is ticked or a day will not do."""
    if not ticked:
        raise RuleBroken(_("Tick the reminders to put off."))
    rows = [row for row in shown if row in ticked or row.state in WAITING_STATES]
    found = [one for one in snoozing.landings(rows, form.chosen) if one.row in ticked]
    if any(one.day <= clock.today() for one in found):
        raise RuleBroken(_("Choose a day after today."))
    return found


@requires(Permission.HANDLE_REMINDERS)
def bring_back_many() -> AnyResponse:
    """Undo of putting off several."""
    rows = queries.some(_numbers(request.args.getlist("r")))
    with transaction(by=user()):
        operations.bring_back_many(rows, by=user(), today=clock.today(), now=clock.now())
    flash(_("They stand where they stood."), "message")
    return redirect(url_for(".inbox"), 303)


def _page_of(
    rows: list[Reminder], place: Organisation | None, refused: SnoozeManyForm | None = None
) -> Response:
    told = [Told(row, filters.language(), clock.today()) for row in rows]
    ticked = set(_numbers(request.values.getlist("r")))
    if refused is None:
        ticked = ticked or {one.id for one in told if one.row.kind is not ReminderKind.DEADLINE}
    form = refused or SnoozeManyForm(formdata=None)
    form.offer(rows)
    return page(
        "reminders/later_many.html",
        form=refused,
        snooze_form=form,
        told=told,
        ticked=ticked,
        place=place,
    )


def _numbers(texts: list[str]) -> list[int]:
    found = (number_or_none(text) for text in texts[:AT_ONCE])
    return list(dict.fromkeys(number for number in found if number is not None))


def _place() -> Organisation | None:
    asked = request.values.get("within")
    if not asked:
        return None
    number = number_or_none(asked)
    place = db.session.get(Organisation, number) if number is not None else None
    return place if place is not None else abort(404)
