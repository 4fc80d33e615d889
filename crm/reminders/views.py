"""The inbox, one reminder with its why, the digest's page, and the calendar feed."""

from collections.abc import Iterable
from datetime import date, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.models import User
from crm.budgets import queries as budgets
from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.config import Settings
from crm.core.db import db, transaction
from crm.core.errors import NotFound, RuleBroken
from crm.core.once import earlier_result, remember
from crm.organisations.models import Organisation
from crm.reminders import feed as feeds
from crm.reminders import links, operations, queries
from crm.reminders.forms import DoneForm, OwnForm, SnoozeForm
from crm.reminders.models import DoneOutcome, Reminder
from crm.reminders.queries import Told
from crm.rules.access import Permission
from crm.rules.precision import parse_day
from crm.rules.stages import WakeEvent, resolve_event
from crm.web import filters
from crm.web.access import public, requires
from crm.web.forms import page, page_number, user
from crm.web.labels import label

bp = Blueprint("reminders", __name__)

AHEAD = timedelta(days=42)  # how far "coming" looks


@bp.get("/reminders")
@requires(Permission.READ)
def inbox() -> Response:
    """What needs you now, and what comes in the next six weeks."""
    today, language = clock.today(), filters.language()
    whose = None if request.args.get("whose") == "all" else int(current_user.id)
    found = queries.inbox(
        whose,
        today=today,
        language=language,
        kind=request.args.get("kind", ""),
        page=page_number(request.args),
    )
    ahead = queries.coming(whose, today=today, until=today + AHEAD, language=language)
    return page(
        "reminders/inbox.html",
        found=found,
        ahead=ahead,
        moves=queries.moves(
            whose, since=clock.now() - timedelta(days=7), today=today, language=language
        ),
        choices=snooze_choices([*found.rows, *ahead], today),
        whose=whose,
        kind=request.args.get("kind", ""),
    )


def snooze_choices(told: Iterable[Told], today: date) -> dict[int, list[tuple[str, str, str]]]:
    """For each reminder: a week, a month, and the events of its own buyer's year with their days."""
    told = list(told)
    places = {one.row.organisation_id: one.row.organisation for one in told}
    known = budgets.known_of_many(list(places.values())) if places else {}
    events: dict[int, list[tuple[str, str, str]]] = {}
    for place in places.values():
        audience, practice = budgets.audience_of(place), known[place.id].practice
        dated = [
            (when.day, event)
            for event in WakeEvent
            if (when := resolve_event(event, practice, audience, today)) is not None
        ]
        events[place.id] = [
            (f"event:{event.value}", label(event).capitalize(), filters.day(day))
            for day, event in sorted(dated, key=lambda pair: (pair[0], pair[1].value))
        ]
    soon = [
        ("+1v", _("Next week"), filters.day(parse_day("+1v", today))),
        ("+4v", _("In four weeks"), filters.day(parse_day("+4v", today))),
    ]
    return {one.id: [*events[one.row.organisation_id], *soon] for one in told}


@bp.get("/reminders/<id:reminder_id>")
@requires(Permission.READ)
def show(reminder_id: int) -> Response:
    """One reminder: what to do, why now, where the date comes from, and how it has moved."""
    row = queries.get(reminder_id)
    told = Told(row, filters.language(), clock.today())
    return page(
        "reminders/show.html",
        told=told,
        form=DoneForm(),
        moves=queries.moves_of(row),
        choices=snooze_choices([told], clock.today())[told.id],
    )


@bp.post("/reminders/<id:reminder_id>/done")
@requires(Permission.HANDLE_REMINDERS)
def done(reminder_id: int) -> AnyResponse:
    """Done, asked, or asked and answered."""
    row = queries.get(reminder_id)
    form = DoneForm()
    if form.carried_out(
        lambda: operations.complete(
            row,
            form.outcome.data or DoneOutcome.DONE,
            note=form.note.data or "",
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
    ):
        flash(_("Done."), "undo:" + url_for(".bring_back", reminder_id=row.id))
        return back()
    return _refused(row, form)


@bp.post("/reminders/<id:reminder_id>/snooze")
@requires(Permission.HANDLE_REMINDERS)
def snooze(reminder_id: int) -> AnyResponse:
    """Later: to a day or to an event of the buyer's year."""
    row = queries.get(reminder_id)
    form = SnoozeForm()
    if form.carried_out(lambda: _snooze(row, str(form.until.data), user())):
        flash(
            _("It comes back on %(day)s.", day=filters.day(row.show_on)),
            "undo:" + url_for(".bring_back", reminder_id=row.id),
        )
        return back()
    return _refused(row, form)


def _snooze(row: Reminder, until: str, by: User | None) -> None:
    """`event:<name>` or a day as people write it. Raises RuleBroken."""
    today, now = clock.today(), clock.now()
    name = until.removeprefix("event:")
    if name == until:
        try:
            day = parse_day(until, today)
        except ValueError as error:
            raise RuleBroken(_("Write the date as 2026-11-23, 23/11 or v. 47.")) from error
        operations.snooze(row, until=day, by=by, today=today, now=now)
        return
    event = next((one for one in WakeEvent if one.value == name), None)
    when = event and resolve_event(
        event, budgets.practice_of(row.organisation), budgets.audience_of(row.organisation), today
    )
    if event is None or when is None:
        raise RuleBroken(_("That event cannot be told at this buyer. Choose a day."))
    operations.snooze(row, until=when.day, event=event, by=by, today=today, now=now)


@bp.post("/reminders/<id:reminder_id>/dismiss")
@requires(Permission.HANDLE_REMINDERS)
def dismiss(reminder_id: int) -> AnyResponse:
    """Not needed this time."""
    row = queries.get(reminder_id)
    with transaction(by=user()):
        operations.dismiss(row, by=user(), now=clock.now())
    flash(_("Put aside."), "undo:" + url_for(".bring_back", reminder_id=row.id))
    return back()


@bp.post("/reminders/<id:reminder_id>/back")
@requires(Permission.HANDLE_REMINDERS)
def bring_back(reminder_id: int) -> AnyResponse:
    """Undo of done, later or not needed."""
    row = queries.get(reminder_id)
    with transaction(by=user()):
        operations.bring_back(row, by=user(), today=clock.today(), now=clock.now())
    return back()


@bp.route("/reminders/new", methods=["GET", "POST"])
@requires(Permission.HANDLE_REMINDERS)
def new() -> AnyResponse:
    """A reminder of one's own, at an organisation and perhaps in a case."""
    form = OwnForm()
    organisation = _from_address(Organisation, "organisation")
    case = _from_address(Case, "case")
    if case is not None:
        organisation = db.session.get(Organisation, case.organisation_id)
    if organisation is None:
        abort(404)
    if not form.is_submitted():
        form.once.data = form.once.default()
    token = str(form.once.data or "")
    if form.is_submitted() and token and (location := earlier_result(token)):
        return redirect(location, 303)
    there = (
        url_for("overview.case", case_id=case.id)
        if case
        else url_for("overview.organisation", organisation_id=organisation.id)
    )

    def add() -> None:
        now = clock.now()
        operations.add_own(
            organisation,
            text=form.text.data,
            on=form.on.day,
            case=case,
            by=user(),
            today=clock.today(),
            now=now,
        )
        remember(token, there, now)

    if form.carried_out(add):
        flash(_("The reminder is set."), "message")
        return redirect(there, 303)
    return page("reminders/new.html", form=form, organisation=organisation, case=case)


def _from_address(kind: type[Organisation] | type[Case], name: str) -> object:
    text = request.args.get(name, "")
    return db.session.get(kind, int(text)) if text.isdecimal() and len(text) < 10 else None


def back() -> AnyResponse:
    """To the page the form stood on, if it is one of ours; else to the inbox."""
    came = urlsplit(request.form.get("next") or request.referrer or "")
    own = not came.netloc or came.netloc == request.host
    if own and came.path.startswith("/") and not came.path.startswith("//"):
        return redirect(came.path + (f"?{came.query}" if came.query else ""), 303)
    return redirect(url_for("reminders.inbox"), 303)


def _refused(row: Reminder, form: DoneForm | SnoozeForm) -> Response:
    told = Told(row, filters.language(), clock.today())
    return page(
        "reminders/show.html",
        form=form,
        told=told,
        moves=queries.moves_of(row),
        choices=snooze_choices([told], clock.today())[told.id],
    )


# --- The digest's page: without signing in, by a signed link ---------------------------------


@bp.route("/digest/<token>", methods=["GET", "POST"])
@public
def from_digest(token: str) -> AnyResponse:
    """The mail's reminders with a button for each thing to do. A GET changes nothing."""
    settings: Settings = current_app.extensions["settings"]
    try:
        link = links.read(settings.secret_key, token)
    except links.StaleLink:
        return page("reminders/stale_link.html", status=410)
    owner = db.session.get(User, link.user_id)
    if owner is None or not owner.active:
        return page("reminders/stale_link.html", status=410)
    with force_locale(owner.language):
        if request.method == "POST":
            return _act(token, link, owner)
        rows = [queries.get(one) for one in link.reminder_ids[:100]]
        told = [Told(row, owner.language, clock.today()) for row in rows]
        return page(
            "reminders/from_digest.html",
            told=told,
            token=token,
            first=request.args.get("r", "", str),
            choices=snooze_choices(told, clock.today()),
            problem=request.args.get("problem", ""),
        )


def _act(token: str, link: links.DigestLink, owner: User) -> AnyResponse:
    """One button on the digest's page. Doing again what is done already is no error."""
    wanted = request.form.get("reminder", "")
    if not wanted.isdecimal() or int(wanted) not in link.reminder_ids:
        raise NotFound("reminder")
    row = queries.get(int(wanted))
    action = request.form.get("action", "")
    try:
        with transaction(by=owner, cause="digest"):
            if action == "snooze":
                _snooze(row, request.form.get("until", "")[:40], owner)
            elif action in set(DoneOutcome):
                operations.complete(
                    row,
                    DoneOutcome(action),
                    by=owner,
                    today=clock.today(),
                    now=clock.now(),
                )
            else:
                raise RuleBroken(_("Choose what to do."))
    except RuleBroken as broken:
        flash(str(broken), "warning")
    else:
        flash(_("Done.") if action != "snooze" else _("It comes back by itself."), "message")
    return redirect(url_for(".from_digest", token=token), 303)


# --- The feed -----------------------------------------------------------------------------------


@bp.get("/feed/<token>.ics")
@public
def feed(token: str) -> AnyResponse:
    """One user's reminders as a calendar. Unknown and revoked addresses get the same 404."""
    settings: Settings = current_app.extensions["settings"]
    owner = _feed_owner(settings, token)
    if owner is None:
        abort(404)
    today = clock.today()
    with force_locale(owner.language):
        rows = queries.for_feed(
            owner.id, first=today - timedelta(days=30), last=today + timedelta(days=400)
        )
        told = [Told(row, owner.language, today) for row in rows if _still_told(row)]
        body = feeds.calendar(told, name=_("Förankra: reminders"), base_url=settings.base_url)
    response = Response(body, mimetype="text/calendar")
    response.set_etag(feeds.etag(body))
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response.make_conditional(request)


def _still_told(row: Reminder) -> bool:
    return row.state.value != "withdrawn" or (
        row.sequence > 0 and row.changed_at >= feeds.cancelled_since(clock.now())
    )


def _feed_owner(settings: Settings, token: str) -> User | None:
    number = token.partition("-")[0]
    if not number.isdecimal() or len(number) > 9:
        return None
    owner = db.session.get(User, int(number))
    if owner is None or not owner.active:
        return None
    good = links.is_feed_token(settings.secret_key, token, owner.id, owner.feed_nonce)
    return owner if good else None


@bp.get("/reminders/calendar")
@requires(Permission.OWN)
def calendar() -> Response:
    """The address of one's own feed, and how to put it into a calendar."""
    settings: Settings = current_app.extensions["settings"]
    token = links.feed_token(settings.secret_key, current_user.id, current_user.feed_nonce)
    address = settings.base_url + url_for(".feed", token=token)
    return page("reminders/calendar.html", address=address)


@bp.post("/reminders/calendar/renew")
@requires(Permission.OWN)
def renew_feed() -> AnyResponse:
    """A new address; the old one stops at once."""
    with transaction(by=user()):
        operations.renew_feed(user())
    flash(_("The old address no longer works. Subscribe to the new one."), "message")
    return redirect(url_for(".calendar"), 303)


# --- Planning after a change --------------------------------------------------------------------


@bp.after_app_request
def plan_after_change(response: AnyResponse) -> AnyResponse:
    """A request that changed a fact is followed by a new plan, and says what was moved.

    In a transaction of its own after the change: should it fail, the mark stays and the scheduler
    plans. A page that only reads costs nothing here.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"} or response.status_code >= 400:
        return response
    try:
        planned = plan_marked(cause="page")
    except sa.exc.SQLAlchemyError:
        current_app.logger.exception("planning after a change failed; the scheduler will do it")
        return response
    if planned.moves and current_user.is_authenticated:
        flash(
            ngettext(
                "%(num)s pending reminder got another day.",
                "%(num)s pending reminders got another day.",
                len(planned.moves),
            ),
            "message",
        )
    return response


def plan_marked(cause: str) -> operations.Replanned:
    """Plan the bodies marked by a change. Nothing marked costs one small read."""
    marked = pending.waiting_for_planning()
    if not marked:
        db.session.rollback()
        return operations.Replanned()
    db.session.rollback()
    with transaction(cause=cause):
        return operations.replan(marked, today=clock.today(), now=clock.now(), why=marked)
