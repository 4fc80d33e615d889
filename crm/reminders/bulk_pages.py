"""Putting off several reminders at once, and undoing it. Hung up in `views.py`."""

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import operations, queries
from crm.reminders.forms import SnoozeManyForm
from crm.reminders.models import WAITING_STATES, Reminder
from crm.reminders.queries import AT_ONCE, Told
from crm.reminders.snoozing import choices_of_all, chosen
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
def snooze_many() -> AnyResponse:
    """Put off the ticked ones, all or none."""
    form = SnoozeManyForm()
    ticked = _numbers(request.form.getlist("r"))
    rows = queries.some(ticked)
    done: list[int] = []

    def save() -> None:
        if not rows:
            raise RuleBroken(_("Tick the reminders to put off."))
        today, until = clock.today(), form.chosen
        days = [chosen(until, row.organisation, today) for row in rows]
        operations.snooze_many(
            [(row, day) for row, (day, _event) in zip(rows, days, strict=True)],
            days[0][1],
            by=user(),
            today=today,
            now=clock.now(),
        )
        done.extend(row.id for row in rows)

    if form.carried_out(save):
        said = ngettext("One reminder is put off.", "%(num)s reminders are put off.", len(done))
        flash(said, "undo:" + url_for(".bring_back_many", r=done))
        place = _place()
        return redirect(url_for(".inbox", within=place.id if place else None), 303)
    db.session.rollback()
    return _page_of(queries.some(_numbers(request.form.getlist("shown")) or ticked), _place(), form)


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
    ticked = set(_numbers(request.form.getlist("r"))) if refused is not None else None
    if ticked is None:
        by_hand = _numbers(request.args.getlist("r"))
        ticked = set(by_hand) or {
            one.id for one in told if one.row.kind is not ReminderKind.DEADLINE
        }
    form = refused or SnoozeManyForm(formdata=None)
    form.until.choices = [
        (value, f"{words} ({day})") for value, words, day in choices_of_all(told, clock.today())
    ]
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
