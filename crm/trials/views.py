"""Pages of trials and pilots: the list, a body, senders and their secrets, tables, pilots."""

from contextlib import closing
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import transaction
from crm.core.errors import NotFound, RuleBroken
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.rules.access import Permission
from crm.rules.budget_cycle import Phase, PhaseRole, school_year
from crm.rules.delimited import decoded
from crm.rules.stages import AdoptionStage, pilot_warnings
from crm.rules.trials import (
    AT_A_TIME,
    MOST_BYTES,
    Refused,
    Table,
    everybodys_use,
    proposed_days,
    read_table,
)
from crm.trials import intake, operations, queries, signing
from crm.trials.forms import (
    CallOffForm,
    EvaluationForm,
    NewPilotForm,
    PilotForm,
    RotateForm,
    SourceForm,
    TableForm,
    TakeTableForm,
)
from crm.trials.models import Pilot, TrialSecret, TrialSource
from crm.trials.operations import Counted
from crm.trials.texts import rests_on, said_of
from crm.web.access import reads, requires
from crm.web.asked import number_or_none, page_number
from crm.web.forms import page, user

bp = Blueprint("trials", __name__, url_prefix="/trials")
bp.post("/intake/<string:key>")(intake.take)

SHOWN = 100  # rows of a table that are shown before it is taken


# --- What is tried where --------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """Bodies where somebody tries, and private use as a number."""
    return page(
        "trials/index.html",
        bodies=queries.bodies(clock.today(), page_number(request.args)),
        figures=queries.figures(),
    )


@bp.get("/at/<id:organisation_id>")
@requires(Permission.READ)
def show(organisation_id: int) -> Response:
    """One body: who tries, what its cases may move to, and its pilots."""
    organisation = organisations.get(organisation_id)
    body_id = organisation.body_id or organisation.id
    today = clock.today()
    users, found = queries.users_at(body_id, today), queries.open_cases(body_id)
    begun = queries.piloted([case.id for case in found], today)
    return page(
        "trials/show.html",
        body=organisations.get(body_id),
        trials=queries.at_body(body_id),
        use=everybodys_use(users),
        rests_on=rests_on,
        cases=[(case, queries.proposal(case, users, begun)) for case in found],
        pilots=queries.pilots_at(body_id),
    )


@bp.post("/cases/<id:case_id>/stage")
@requires(Permission.EDIT_CASES)
def accept_stage(case_id: int) -> AnyResponse:
    """Move a case to the stage that its use speaks for."""
    case = cases.get(case_id)
    stage = request.form.get("stage", "")
    try:
        if stage not in set(AdoptionStage):
            raise RuleBroken(_("Choose again: that is not one of the choices."))
        with transaction(by=user()):
            operations.accept_stage(case, AdoptionStage(stage), by=user(), now=clock.now())
        flash(_("The case is moved, with the use as its reason."), "message")
    except RuleBroken as broken:
        flash(str(broken), "warning")
    return redirect(url_for(".show", organisation_id=case.body_id), 303)


# --- Senders --------------------------------------------------------------------------------------


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


@bp.route("/senders", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def senders() -> AnyResponse:
    """Who may tell of trials, and a new one."""
    form, made = SourceForm(), list[tuple[TrialSource, TrialSecret]]()

    def make() -> str:
        chosen = form.product.data or None
        made.append(operations.add_source(form.name.data, chosen, now=clock.now()))
        return url_for(".senders")

    there = form.carried_out_once(make)
    if made and there:
        return _secret(*made[0])
    if there:
        return redirect(there, 303)
    return page(
        "trials/senders.html",
        form=form,
        sources=queries.sources(),
        now=clock.now(),
        address=_address,
    )


@bp.route("/senders/<id:source_id>/secret", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def rotate(source_id: int) -> AnyResponse:
    """A new secret, shown once; the old one holds on for as long as is chosen."""
    source, form, made = queries.source(source_id), RotateForm(), list[TrialSecret]()

    def make() -> str:
        overlap = timedelta(days=form.overlap.data)
        made.append(operations.rotate(source, overlap=overlap, now=clock.now()))
        return url_for(".senders")

    there = form.carried_out_once(make)
    if made and there:
        return _secret(source, made[0])
    if there:
        return redirect(there, 303)
    return page("trials/rotate.html", form=form, source=source)


@bp.post("/senders/<id:source_id>/close")
@requires(Permission.MANAGE_USERS)
def close_sender(source_id: int) -> AnyResponse:
    """Take nothing more from it."""
    source = queries.source(source_id)
    with transaction(by=user()):
        operations.close_source(source, now=clock.now())
    flash(_("Nothing more is taken from %(name)s.", name=source.name), "message")
    return redirect(url_for(".senders"), 303)


def _address(source: TrialSource) -> str:
    return _settings().base_url + url_for(".take", key=source.key)


def _secret(source: TrialSource, made: TrialSecret) -> Response:
    response = page(
        "trials/secret.html",
        source=source,
        secret=signing.shown(_settings().secret_key, made),
        address=_address(source),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


# --- Tables ---------------------------------------------------------------------------------------


@bp.get("/import")
@requires(Permission.IMPORT)
def import_table() -> Response:
    """A file, or rows pasted, for products that send no messages."""
    return page("trials/import.html", TableForm(formdata=None))


@bp.post("/import")
@requires(Permission.IMPORT)
@reads
def look_through() -> Response:
    """What the file holds, and which of its rows cannot be taken. Nothing is written."""
    form = TableForm()
    content = _content(form)
    if form.submitted() and not content.strip():
        form.refuse(_("Choose a file, or paste the rows."))
    if form.failed:
        return page("trials/import.html", form)
    try:
        table = read_table(content, clock.today())
    except Refused as refused:
        form.refuse(said_of(refused.fault))
        return page("trials/import.html", form)
    source = queries.source(form.source.data)
    return _rows_page(TakeTableForm(formdata=None), source, table, decoded(content))


@bp.post("/import/take")
@requires(Permission.IMPORT)
def take_table() -> AnyResponse:
    """The next rows that could be read, so many that others need not wait: all of them or none.

    What has been taken stays, and taking it again changes nothing; so the page can be left.
    """
    form, text = TakeTableForm(), request.form.get("table", "")
    number = number_or_none(form.source.data)
    source = queries.source(number) if number is not None else None
    if source is None or source.closed_at is not None:
        raise NotFound("trial source")
    try:
        table = read_table(text.encode("utf-8", "replace"), clock.today())
    except Refused as refused:
        again = TableForm(formdata=None)
        again.refuse(said_of(refused.fault))
        return page("trials/import.html", again)
    first = min(max(form.taken.data or 0, 0), len(table.rows))
    counted: list[Counted] = []

    def make() -> None:
        rows = table.rows[first : first + AT_A_TIME]
        with force_locale("sv"):
            counted.append(operations.take_table(source, rows, now=clock.now()))

    if not form.carried_out(make):
        return _rows_page(form, source, table, text)
    done = form.so_far(counted[0])
    if first + AT_A_TIME < len(table.rows):
        return page(
            "trials/import_more.html",
            source=source,
            taken=first + AT_A_TIME,
            number=len(table.rows),
            done=done,
            table=text,
        )
    flash(_outcome(done), "message")
    return redirect(url_for(".index"), 303)


def _content(form: TableForm) -> bytes:
    """The file, one byte more than may be at most; without a file what was pasted."""
    upload = form.file.data
    if getattr(upload, "filename", ""):
        with closing(upload.stream):
            return bytes(upload.stream.read(MOST_BYTES + 1))
    return str(form.text.data or "").encode()


def _rows_page(form: TakeTableForm, source: TrialSource, table: Table, text: str) -> Response:
    return page(
        "trials/import_rows.html",
        form=form,
        source=source,
        rows=table.rows[:SHOWN],
        number=len(table.rows),
        private=sum(one.is_private for one in table.rows),
        bad=[(row.line, said_of(row.fault)) for row in table.bad[:SHOWN]],
        bad_number=len(table.bad),
        twice=table.twice,
        left_out=table.left_out,
        not_read=table.not_read[:SHOWN],
        table=text,
    )


def _outcome(done: Counted) -> str:
    parts = [
        ngettext("%(num)s new", "%(num)s new", done.new) if done.new else "",
        ngettext("%(num)s changed", "%(num)s changed", done.updated) if done.updated else "",
        ngettext("%(num)s as before", "%(num)s as before", done.unchanged)
        if done.unchanged
        else "",
        ngettext(
            "%(num)s without an address that nobody has told of before",
            "%(num)s without an address that nobody has told of before",
            done.unknown,
        )
        if done.unknown
        else "",
    ]
    return _("Taken. Of the rows: %(what)s.", what=", ".join(filter(None, parts)) or "0")


# --- Pilots ---------------------------------------------------------------------------------------


@bp.route("/pilots/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new_pilot() -> AnyResponse:
    """A pilot in a unit, of a case."""
    number = number_or_none(request.values.get("case"))
    if number is None:
        raise NotFound("case")
    case, form, today = cases.get(number), NewPilotForm(), clock.today()
    form.organisation.within = organisations.get(case.body_id)
    if not form.is_submitted():
        form.case.data = str(case.id)
        place = organisations.get(case.organisation_id)
        calm = _calm(today) if place.is_school else ()
        form.starts_on.data, form.ends_on.data = proposed_days(today, calm)
        if case.organisation_id != case.body_id:
            form.organisation.show(place)

    def make() -> str:
        made = operations.plan_pilot(
            case,
            picked(form.organisation),
            starts_on=form.starts_on.day or today,
            ends_on=form.ends_on.day or today,
            evaluates=form.evaluates.data,
            questions=form.questions.data or "",
            by=user(),
            now=clock.now(),
        )
        return url_for(".pilot", pilot_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("The pilot is planned."), "message")
        return redirect(there, 303)
    return page("trials/new_pilot.html", form, case=case, warnings=_warnings(case))


@bp.get("/pilots/<id:pilot_id>")
@requires(Permission.READ)
def pilot(pilot_id: int) -> Response:
    """What was agreed, and what came of it."""
    found = queries.pilot(pilot_id)
    return page(
        "trials/pilot.html",
        pilot=found,
        warnings=_warnings(found.case) if found.is_ahead else (),
        trials=queries.use_at([found.organisation_id]),
    )


@bp.route("/pilots/<id:pilot_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit_pilot(pilot_id: int) -> AnyResponse:
    """Put right what was agreed."""
    found = queries.pilot(pilot_id)
    form = PilotForm(obj=found)

    def change() -> None:
        form.check_version(found)
        operations.edit_pilot(
            found,
            starts_on=form.starts_on.day or found.starts_on,
            ends_on=form.ends_on.day or found.ends_on,
            evaluates=form.evaluates.data,
            questions=form.questions.data or "",
            today=clock.today(),
        )

    if form.carried_out(change):
        return redirect(url_for(".pilot", pilot_id=found.id), 303)
    return _pilot_form("trials/edit_pilot.html", form, found)


@bp.route("/pilots/<id:pilot_id>/evaluation", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def evaluate(pilot_id: int) -> AnyResponse:
    """What the unit found out (R9)."""
    found = queries.pilot(pilot_id)
    form = EvaluationForm(obj=found)

    def change() -> None:
        form.check_version(found)
        operations.evaluate_pilot(
            found, form.result.data, on=clock.today(), by=user(), now=clock.now()
        )

    if form.carried_out(change):
        flash(_("What they found out is kept."), "message")
        return redirect(url_for(".pilot", pilot_id=found.id), 303)
    return _pilot_form("trials/evaluate.html", form, found)


@bp.route("/pilots/<id:pilot_id>/call-off", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def call_off(pilot_id: int) -> AnyResponse:
    """It does not come to be."""
    found = queries.pilot(pilot_id)
    form = CallOffForm(data={"version": found.version})

    def change() -> None:
        form.check_version(found)
        operations.call_off_pilot(
            found, form.why.data or "", on=clock.today(), by=user(), now=clock.now()
        )

    if form.carried_out(change):
        flash(_("The pilot is called off. It can be taken up again here."), "message")
        return redirect(url_for(".pilot", pilot_id=found.id), 303)
    return _pilot_form("trials/call_off.html", form, found)


@bp.post("/pilots/<id:pilot_id>/take-up")
@requires(Permission.EDIT_CASES)
def take_up(pilot_id: int) -> AnyResponse:
    """It is on after all."""
    found = queries.pilot(pilot_id)
    with transaction(by=user()):
        operations.take_up_pilot(found, by=user(), now=clock.now())
    flash(_("The pilot is on again."), "message")
    return redirect(url_for(".pilot", pilot_id=found.id), 303)


def _calm(today: date) -> list[Phase]:
    """When a school has time for a pilot, in the year to come (R16)."""
    year = school_year(today, today + timedelta(days=365))
    return [phase for phase in year if phase.role is PhaseRole.SCHOOL_PILOT]


def _pilot_form(template: str, form: Any, found: Pilot) -> Response:
    return page(template, form, pilot=found)


def _warnings(case: Case) -> tuple[Any, ...]:
    """What is missing before a pilot with personal data begins."""
    return pilot_warnings(AdoptionStage.UNIT_PILOT, case.handles_personal_data, case.pub_status)
