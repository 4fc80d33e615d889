"""The inbox, one reminder with its why, the digest's page, and the calendar feed."""

import logging
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import absences
from crm.accounts.models import User
from crm.accounts.queries import colleagues
from crm.budgets import queries as budgets
from crm.cases import meanwhile
from crm.cases import queries as cases
from crm.cases.meanwhile import Meanwhile
from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.config import Settings
from crm.core.db import db, transaction
from crm.core.errors import NotFound, RuleBroken
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.people.queries import choosable as people_at
from crm.reminders import (
    bulk_pages,
    by_hand,
    changes,
    feed_pages,
    links,
    operations,
    own_pages,
    planning,
    queries,
    rule_pages,
)
from crm.reminders.forms import DoneForm, EditOwnForm, OwnForm, Scope, SnoozeForm
from crm.reminders.models import OWN, WAITING_STATES, DoneOutcome, Reminder, ReminderState
from crm.reminders.queries import Told
from crm.reminders.snoozing import Snoozing
from crm.reminders.texts import for_whom
from crm.rules.access import Permission
from crm.rules.reminders import ReminderKind, ask_answer_by
from crm.web import filters
from crm.web.access import public, requires
from crm.web.asked import number_or_none, own_address, page_number
from crm.web.csv import Cell, csv_file
from crm.web.forms import page, user, wants_fragment
from crm.web.labels import choices, label
from crm.web.navigation import counts

bp = Blueprint("reminders", __name__)
log = logging.getLogger("crm.reminders")
bp.get("/reminders/rules", endpoint="rules")(rule_pages.index)
bp.get("/reminders/rules/ready", endpoint="ready_rules")(own_pages.ready)
bp.get("/reminders/rules/new", endpoint="new_rule")(own_pages.new)
bp.post("/reminders/rules/new", endpoint="add_rule")(own_pages.add)
bp.get("/reminders/rules/own/<id:own_rule_id>", endpoint="own_rule")(own_pages.show)
bp.post("/reminders/rules/own/<id:own_rule_id>", endpoint="change_own_rule")(own_pages.change)
bp.post("/reminders/rules/own/<id:own_rule_id>/state", endpoint="own_rule_state")(
    own_pages.set_state
)
bp.get("/reminders/planning", endpoint="planning")(rule_pages.progress)
bp.get("/reminders/rules/<string:rule_key>", endpoint="rule")(rule_pages.show)
bp.post("/reminders/rules/<string:rule_key>", endpoint="change_rule")(rule_pages.change)
bp.get("/reminders/later", endpoint="later_many")(bulk_pages.later_many)
bp.get("/reminders/later/days", endpoint="look_many")(bulk_pages.look_many)
bp.post("/reminders/later", endpoint="snooze_many")(bulk_pages.snooze_many)
bp.post("/reminders/back", endpoint="bring_back_many")(bulk_pages.bring_back_many)
bp.post("/reminders/rules/<string:rule_key>/versions/<id:version>", endpoint="take_up_rule")(
    rule_pages.take_up_again
)
bp.get("/feed/<string:token>.ics", endpoint="feed")(feed_pages.feed)
bp.get("/reminders/calendar", endpoint="calendar")(feed_pages.calendar)
bp.post("/reminders/calendar/renew", endpoint="renew_feed")(feed_pages.renew)
bp.post("/reminders/calendar/team", endpoint="share_team_feed")(feed_pages.share_team)
bp.post("/reminders/calendar/contracts", endpoint="share_contracts_feed")(
    feed_pages.share_contracts
)
bp.post("/reminders/calendar/accounts/<id:organisation_id>", endpoint="share_account_feed")(
    feed_pages.share_account
)
bp.post("/reminders/calendar/shared/<id:feed_id>/renew", endpoint="renew_shared_feed")(
    feed_pages.renew_shared
)
bp.post("/reminders/calendar/shared/<id:feed_id>/end", endpoint="end_shared_feed")(
    feed_pages.end_shared
)
counts("reminders.inbox", lambda user_id: queries.counted_due(user_id, today=clock.today()))

MOVE_REASONS = {  # by the event key that marked the body
    "case_opened": _l("a case was opened"),
    "case_edited": _l("the case was changed"),
    "adoption_moved": _l("the case moved on"),
    "procurement_moved": _l("the case moved on"),
    "case_waiting": _l("a case was put to wait"),
    "case_woken": _l("a case was taken up again"),
    "case_closed": _l("a case was closed"),
    "laid_back": _l("a plan was laid out backwards"),
    "case_reopened": _l("a case was opened again"),
    "next_step": _l("the next step was changed"),
    "asked": _l("a question was asked"),
    "answered": _l("a question was answered"),
    "unanswered": _l("a question went unanswered"),
    "ask_taken_back": _l("a question was taken back"),
    "calendar_changed": _l("the buyer's year was changed"),
    "pause_changed": _l("a quiet period of the buyer was changed"),
    "organisation_moved": _l("the unit was moved"),
    "organisations_merged": _l("two records were merged"),
    "pilot": _l("a pilot was changed"),
    "records_request": _l("a records request was changed"),
    "rule_changed": _l("the rule was changed"),
    "owner_changed": _l("somebody else answers for it"),
    "contacted": _l("the same person was contacted"),
}


@bp.app_template_filter("for_whom")
def _for_whom(told: Told) -> str:
    """Whose it is, to whoever reads the page or mail."""
    reads = current_user and current_user.is_authenticated  # nobody at all in a job
    return for_whom(told, current_user.id if reads else None)


@bp.app_template_filter("move_reason")
def move_reason(key: str) -> str:
    """Why a reminder got another day, in a few words."""
    return str(MOVE_REASONS.get(key, _("what is known has changed")))


AHEAD = timedelta(days=42)  # how far "coming" looks
MOVED_LATELY = timedelta(days=7)
ON_A_PAGE = 20  # each with its reason: a page of fifty would be a book
AT_ONCE = 20  # bodies planned in the request that changed them; more are left to the clock
LEFT_TO_THE_CLOCK = "planning after a change failed, the clock will do it"


@bp.get("/reminders")
@requires(Permission.READ)
def inbox() -> Response:
    """What needs you now, and what comes in the next six weeks."""
    today, language = clock.today(), filters.language()
    whose, chosen = _whose(), _chosen()
    found = queries.inbox(
        whose,
        today=today,
        language=language,
        page=page_number(request.args),
        per_page=ON_A_PAGE,
        **chosen,
    )
    ahead = queries.coming(
        whose, today=today, until=today + AHEAD, language=language, limit=ON_A_PAGE // 2, **chosen
    )
    return page(
        "reminders/inbox.html",
        found=found,
        ahead=ahead,
        moves=queries.moves(
            whose, since=clock.now() - MOVED_LATELY, today=today, language=language, **chosen
        ),
        whose=whose,
        kind=chosen["kind"],
        kinds=choices(ReminderKind, empty=_("All kinds")),
        place=chosen["within"],
        including_below=chosen["including_below"],
    )


def _whose() -> int | None:
    """One's own with what is nobody's, unless everybody's are asked for."""
    return None if request.args.get("whose") == "all" else int(current_user.id)


def _chosen() -> dict[str, Any]:
    """What the address asks for; anything odd in it counts as not asked."""
    kind = request.args.get("kind", "")
    return {
        "kind": kind if kind in set(ReminderKind) else "",
        "within": _from_address(Organisation, "within"),
        "including_below": request.args.get("below", "1") != "0",
    }


@bp.get("/reminders/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """What stands in the inbox and what comes in the next six weeks, all of it (I7)."""
    today, whose, chosen = clock.today(), _whose(), _chosen()
    rows = queries.every_row(
        whose, today=today, until=today + AHEAD, language=filters.language(), **chosen
    )
    heads = (
        _("When"),
        _("What"),
        _("Kind"),
        _("Where"),
        _("Case"),
        _("Why now"),
        _("How sure"),
        _("Of use until"),
        _("Whose"),
    )
    names = {one.id: one.name for one in colleagues()}

    def cells(told: Told) -> tuple[Cell, ...]:
        row = told.row
        return (
            told.due,
            told.title,
            label(row.kind),
            row.organisation.title,
            row.case.title if row.case else "",
            told.why,
            label(row.certainty),
            row.closes_on,
            names.get(row.user_id or 0, ""),
        )

    return csv_file(_("reminders"), heads, map(cells, rows))


@bp.get("/reminders/<id:reminder_id>")
@requires(Permission.READ)
def show(reminder_id: int) -> Response:
    """One reminder: what to do, why now, where the date comes from, and how it has moved."""
    return _page_of(queries.get(reminder_id))


def _page_of(row: Reminder, refused: DoneForm | SnoozeForm | None = None) -> Response:
    """The reminder's page; with a form that was refused, its reasons and what was typed."""
    (told,) = queries.tell([row], today=clock.today(), language=filters.language())
    usual = DoneOutcome.ASKED if row.kind is ReminderKind.CONTACT else DoneOutcome.DONE
    return page(
        "reminders/show.html",
        form=refused,
        told=told,
        meanwhile=_meanwhile(row),
        repeat=queries.repeat_of(row),
        moves=queries.moves_of(row),
        choices=Snoozing([row], clock.today()).choices(row),
        done_form=refused
        if isinstance(refused, DoneForm)
        else DoneForm(formdata=None, outcome=usual),
        snooze_form=refused if isinstance(refused, SnoozeForm) else SnoozeForm(formdata=None),
    )


def _meanwhile(row: Reminder) -> Meanwhile | None:
    """What has changed while the case waited, beside the reminder that asks to wake it."""
    if row.rule_key != "WAKE" or row.case is None:
        return None
    waits, practice = cases.waits(row.case), budgets.practice_of(row.body)
    return meanwhile.of(row.case, waits, practice, row.body, clock.today())


@bp.post("/reminders/<id:reminder_id>/done")
@requires(Permission.HANDLE_REMINDERS)
def done(reminder_id: int) -> AnyResponse:
    """Done, asked, or asked and answered. Pressed twice it is still done once."""
    row = queries.get(reminder_id)
    if row.state is ReminderState.DONE:
        flash(_("This reminder has been dealt with already."), "message")
        return back()
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
        flash(_done_words(row), "undo:" + url_for(".bring_back", reminder_id=row.id))
        return back()
    return _page_of(row, form)


def _done_words(row: Reminder) -> str:
    """What has happened, in a sentence."""
    if row.outcome is DoneOutcome.ASKED and row.case_id:
        day = filters.day(ask_answer_by(clock.today()))
        return _("Asked. If no answer comes by %(day)s, the case is left in peace.", day=day)
    if row.rule_key == "WAKE":
        return _("The case is awake.")
    return _("Done.")


@bp.get("/reminders/<id:reminder_id>/later")
@requires(Permission.HANDLE_REMINDERS)
def later(reminder_id: int) -> AnyResponse:
    """Until when it can be put off: the inside of a menu, asked for when the menu opens."""
    row = queries.get(reminder_id)
    told = Told(row, filters.language(), clock.today())
    if not wants_fragment():
        return redirect(url_for(".show", reminder_id=reminder_id, _anchor="later-head"))
    choices = Snoozing([row], clock.today()).choices(row)
    return page("reminders/_later.html", told=told, choices=choices)


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
        _remark(row)
        return back()
    return _page_of(row, form)


def _snooze(row: Reminder, until: str, by: User | None) -> None:
    today, now = clock.today(), clock.now()
    landing = Snoozing([row], today).landing(row, until)
    operations.snooze(row, until=landing.day, event=landing.event, by=by, today=today, now=now)


def _remark(row: Reminder) -> None:
    """Say it if a reminder comes back on a quiet day, or when it is of no use any more."""
    landing = Snoozing([row], clock.today()).landing(row, row.show_on.isoformat())
    for sentence, kind in ((landing.remark, "message"), (landing.lateness, "warning")):
        if sentence:
            flash(sentence, kind)


@bp.post("/reminders/<id:reminder_id>/dismiss")
@requires(Permission.HANDLE_REMINDERS)
def dismiss(reminder_id: int) -> AnyResponse:
    """Not needed this time. What asks of a case that waits leads to a choice of another day."""
    row = queries.get(reminder_id)
    undo = "undo:" + url_for(".bring_back", reminder_id=row.id)
    if row.state in WAITING_STATES and operations.asks_of_a_wait(row):
        with transaction(by=user()):
            operations.dismiss(row, by=user(), now=clock.now())
        flash(
            _(
                "The case still waits, so this asks again on %(day)s. Choose another day or event"
                " here, or take the case up.",
                day=filters.day(row.show_on),
            ),
            undo,
        )
        return redirect(url_for(".show", reminder_id=row.id, _anchor="later-head"), 303)
    if row.state is not ReminderState.DISMISSED:
        with transaction(by=user()):
            operations.dismiss(row, by=user(), now=clock.now())
    flash(_("Put aside."), undo)
    return back()


@bp.post("/reminders/<id:reminder_id>/back")
@requires(Permission.HANDLE_REMINDERS)
def bring_back(reminder_id: int) -> AnyResponse:
    """Undo of done, later or not needed."""
    row = queries.get(reminder_id)
    with transaction(by=user()):
        operations.bring_back(row, by=user(), today=clock.today(), now=clock.now())
    flash(_("It stands where it stood."), "message")
    return back()


@bp.route("/reminders/new", methods=["GET", "POST"])
@requires(Permission.HANDLE_REMINDERS)
def new() -> AnyResponse:
    """A reminder of one's own, at an organisation and perhaps in a case."""
    case = _from_address(Case, "case")
    organisation = (
        db.session.get(Organisation, case.organisation_id)
        if case is not None
        else _from_address(Organisation, "organisation")
    )
    if organisation is None:
        abort(404)
    form = OwnForm(people=people_at(organisation))
    if not form.is_submitted():
        _propose(form)

    def add() -> str:
        on = form.on.day or clock.today()
        facts: dict[str, Any] = {"today": clock.today(), "now": clock.now(), "case": case}
        recurrence = form.recurrence(on)
        if recurrence is not None:
            operations.add_repeated(
                organisation,
                recurrence,
                text=form.text.data,
                stop_when=form.stop_when.data,
                by=user(),
                **facts,
            )
        else:
            operations.add_own(
                organisation,
                text=form.text.data,
                on=on,
                person_id=form.person_id.data,
                why=form.why.data or "",
                by=user(),
                **facts,
            )
        if case is not None:
            return url_for("overview.case", case_id=case.id)
        return url_for("overview.organisation", organisation_id=organisation.id)

    if there := form.carried_out_once(add):
        flash(_("The reminder is set."), "message")
        return redirect(there, 303)
    return page("reminders/new.html", form=form, organisation=organisation, case=case)


@bp.route("/reminders/<id:reminder_id>/edit", methods=["GET", "POST"])
@requires(Permission.HANDLE_REMINDERS)
def edit(reminder_id: int) -> AnyResponse:
    """Put right one that was set by hand: this one, or it and those that follow (E6)."""
    row = queries.get(reminder_id)
    repeat = queries.repeat_of(row)
    form = EditOwnForm(obj=repeat)
    if not form.is_submitted():
        form.version.data = str(row.version)
        form.text.data, form.on.data = by_hand.title(row, filters.language()), row.show_on

    def save() -> None:
        form.check_version(row)
        on = form.on.day or clock.today()
        facts: dict[str, Any] = {
            "text": form.text.data,
            "on": on,
            "by": user(),
            "today": clock.today(),
            "now": clock.now(),
        }
        recurrence = form.recurrence(on)
        if form.scope.data is Scope.REST or (repeat is None and recurrence is not None):
            operations.edit_rest(row, recurrence, stop_when=form.stop_when.data, **facts)
        else:
            operations.edit_own(row, **facts)

    if row.rule_key != OWN or row.state not in WAITING_STATES:
        return redirect(url_for(".show", reminder_id=row.id), 303)
    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".inbox"), 303)
    return page("reminders/edit.html", form=form, row=row, repeat=repeat)


Row = TypeVar("Row", Organisation, Case, Person)


def _propose(form: OwnForm) -> None:
    """A champion who is known from before, on the day that the history says."""
    person, day = _from_address(Person, "champion"), request.args.get("on", "")
    if person is None:
        return
    form.text.data = _("Get in touch with %(name)s, a champion known from before", name=person.name)
    with suppress(ValueError):
        form.on.data = date.fromisoformat(day)


def _from_address(kind: type[Row], name: str) -> Row | None:
    """The row that ?name=<id> means, if there is one."""
    number = number_or_none(request.args.get(name))
    return db.session.get(kind, number) if number is not None else None


def back() -> AnyResponse:
    """To the page the form stood on, if it is one of ours; else to the inbox."""
    asked = request.form.get("next") or request.referrer
    return redirect(own_address(asked, url_for("reminders.inbox")), 303)


# --- The digest's page: without signing in, by a signed link ---------------------------------


@bp.route("/digest/<string:token>", methods=["GET", "POST"])
@public
def from_digest(token: str) -> AnyResponse:
    """The mail's reminders with a button for each thing to do. A GET changes nothing."""
    settings: Settings = current_app.extensions["settings"]
    try:
        link = links.read(settings.secret_key, token)
    except links.StaleLink:
        return page("reminders/stale_link.html", status=410)
    owner = db.session.get(User, link.user_id)
    if owner is None or not owner.may(Permission.HANDLE_REMINDERS):
        return page("reminders/stale_link.html", status=410)
    with force_locale(owner.language):
        whose = {
            owner.id,
            None,
            *(who for who, by in absences.covered(clock.today()) if by in (owner.id, None)),
        }
        rows = [row for row in queries.some(link.reminder_ids) if row.user_id in whose]
        if request.method == "POST":
            return _act(token, rows, owner)
        asked_for = request.args.get("r", "")
        rows.sort(key=lambda row: str(row.id) != asked_for)  # the one clicked on comes first
        told = queries.tell(rows, today=clock.today(), language=owner.language)
        snoozing = Snoozing(rows, clock.today())
        return page(
            "reminders/from_digest.html",
            told=told,
            token=token,
            choices={row.id: snoozing.choices(row) for row in rows},
        )


def _act(token: str, rows: list[Reminder], owner: User) -> AnyResponse:
    """One button on the digest's page. Doing again what is done already is no error."""
    wanted = request.form.get("reminder", "")
    row = next((row for row in rows if str(row.id) == wanted), None)
    if row is None:
        raise NotFound("reminder")
    action = request.form.get("action", "")
    try:
        with transaction(by=owner, cause="digest"):
            if action == "snooze":
                _snooze(row, request.form.get("until", "")[:60], owner)
            elif action in set(DoneOutcome):
                operations.complete(
                    row, DoneOutcome(action), by=owner, today=clock.today(), now=clock.now()
                )
            elif action == "back":
                operations.bring_back(row, by=owner, today=clock.today(), now=clock.now())
            else:
                raise RuleBroken(_("Choose what to do."))
    except (RuleBroken, StaleDataError) as broken:
        said = isinstance(broken, RuleBroken)
        flash(str(broken) if said else _("This reminder has been dealt with already."), "warning")
    else:
        flash(_said_of(action, row), "message")
        if action == "snooze":
            _remark(row)
    return redirect(url_for(".from_digest", token=token, r=row.id), 303)


def _said_of(action: str, row: Reminder) -> str:
    if action == "snooze":
        return _("It comes back on %(day)s.", day=filters.day(row.show_on))
    return _("It stands where it stood.") if action == "back" else _done_words(row)


# --- Planning after a change --------------------------------------------------------------------


@bp.after_app_request
def plan_after_change(response: AnyResponse) -> AnyResponse:
    """A request that changed a fact is followed by a new plan, and says what was moved.

    In a transaction of its own after the change, and only for what this request marked: what others
    marked meanwhile, and a change to many bodies, is for the clock. Should it fail, the marks stay
    and the clock plans. A page that only reads costs nothing here.
    """
    marked = pending.set_here()
    if not marked or response.status_code >= 400:
        return response
    try:
        db.session.rollback()  # what a view left unfinished is not ours to commit
        with transaction(cause="page"):
            marks = pending.still_there(marked)
            if len(marks.body_ids) > AT_ONCE:
                return response
            planned = planning.replan_marked(marks, today=clock.today(), now=clock.now())
    except Exception as error:
        log.error("%s: %s", LEFT_TO_THE_CLOCK, type(error).__name__, exc_info=error)
        return response
    if current_user.is_authenticated:
        said = changes.told(planned, filters.language(), clock.today())
        if said is not None:
            flash(said, "message")
    return response
