"""Pages of inbound interest: the quick log, the queues, one inquiry, and the lists behind them."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask import url_for as address
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from markupsafe import Markup

from crm.accounts.queries import colleagues
from crm.activities.models import ActivityKind
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound, RuleBroken
from crm.interest import operations, proposals, queries
from crm.interest.forms import (
    AnswerForm,
    AssignForm,
    EditForm,
    LetGoForm,
    MergeForm,
    NewSourceForm,
    QuickLogForm,
    SortForm,
    SourceForm,
)
from crm.interest.models import Inquiry, Sorting, Source, SourceKind
from crm.interest.proposals import Ground, Proposal, Reading
from crm.interest.who import LONGEST, Who, decode
from crm.organisations import queries as organisation_queries
from crm.organisations.models import Organisation
from crm.people import queries as people_queries
from crm.people.models import Person
from crm.rules import habits
from crm.rules.access import Permission
from crm.rules.contact import display_phone
from crm.web import navigation
from crm.web.access import reads, requires
from crm.web.asked import number_or_none, page_number
from crm.web.csv import Cell, csv_file
from crm.web.filters import language
from crm.web.forms import clean, page, user, wants_fragment
from crm.web.labels import choices, label

bp = Blueprint("interest", __name__)

navigation.counts("interest.queue", queries.to_sort_counted)

TELLING = ("who", "unit_name", "person_name", "email", "phone")  # tells who somebody may be
UNKEPT = frozenset({"csrf_token"})  # belongs to the page, not to what is written on it
LONGEST_KEPT = 20_000  # characters between two steps; what is longer stays on a page that was sent
PREFILLED = ("who_text", "summary", "email", "phone")  # what an opening link may bring along


# --- Words ---------------------------------------------------------------------------------------


def reason(choice: Proposal) -> str:
    """Why a choice is offered, in a few words."""
    because = choice.because[:80]
    match choice.ground:
        case Ground.LINE:
            return _("Matches “%(words)s”", words=because)
        case Ground.SPELLING:
            return _("If “%(words)s” was meant", words=because) if because else _("Spelt alike")
        case Ground.EMAIL:
            return _("Has the address %(address)s", address=because)
        case Ground.PHONE:
            return _("Has this phone number")
        case Ground.DOMAIN:
            return _("Addresses there end with %(domain)s", domain=because)
        case Ground.CONFIRMED:
            return _("People from %(domain)s have been placed here before", domain=because)


@bp.context_processor
def _for_every_page() -> dict[str, Any]:
    def may(permission: Permission) -> bool:
        """Nobody is signed in on the page that refuses a form without its token."""
        return bool(current_user.is_authenticated and current_user.may(permission))

    return {
        "proposal_reason": reason,
        "may_log": may(Permission.LOG_INTEREST),
        "may_edit_cases": may(Permission.EDIT_CASES),
        "may_edit_lists": may(Permission.EDIT_LISTS),
    }


# --- The quick log -------------------------------------------------------------------------------


@bp.route("/inquiries/log", methods=["GET", "POST"])
@requires(Permission.LOG_INTEREST)
def log() -> Response:
    """The quick log: in a dialog when a script asks for the fragment, else a page of its own."""
    form = QuickLogForm(formdata=request.form if request.method == "POST" else None)
    if request.method == "GET":
        _prefill(form)
        if "choose" in request.args:
            return _log_page(form, proposals.read(_text(form.line)), choosing=True)
        return _log_page(form)
    if done := form.earlier():
        return _logged_before(done)
    step = request.form.get("step", "")
    line = request.form.get("choice_for")
    if step == "find" or (line is not None and line != _text(form.who_text.data)):
        form.choice.data = ""  # chosen for other words than those that stand there now
        return _ask_which(form)
    if not form.submitted():
        return _log_page(form)
    who = form.chosen()
    if who is None and step != "later" and not wants_fragment():
        reading = proposals.read(
            _text(form.line), email=_text(form.email.data), phone=_text(form.phone.data)
        )
        if reading.choices and "choice" not in request.form:
            return _ask_which(form)
    return _carry_out(form, who or Who())


def _ask_which(form: QuickLogForm) -> Response:
    """The step between. As a page it has an address, or Back would want to send the form again."""
    words = {field.name: field.data for field in form if field.name not in UNKEPT}
    if wants_fragment() or sum(len(str(value)) for value in words.values()) > LONGEST_KEPT:
        return _log_page(form, proposals.read(_text(form.line)), choosing=True)
    with transaction(by=user()):
        kept = operations.keep_words(words, by=user(), now=clock.now())
    return _see(".log", again=kept.id, choose=1)


def _carry_out(form: QuickLogForm, who: Who) -> Response:
    now, made = clock.now(), list[operations.Logged]()
    reading = proposals.read(_text(form.line)) if not (form.email.data or form.phone.data) else None

    def change() -> str:
        logged = operations.log_call(
            who,
            typed=_text(form.line),
            summary=_text(form.summary.data),
            channel=queries.get_source(form.channel.data),
            trigger=queries.get_source(form.trigger.data) if form.trigger.data else None,
            email=_text(form.email.data) or (reading.email if reading else ""),
            phone=_text(form.phone.data) or (reading.phone if reading else ""),
            told_by=_told_by(form),
            answered=False if form.owes_answer.data else None,
            by=user(),
            now=now,
        )
        made.append(logged)
        return address(".show", inquiry_id=logged.inquiry.id)

    there = form.carried_out_once(change)
    if there is None:
        return _log_page(form, proposals.read(_text(form.line)), choosing=not wants_fragment())
    if form.failed or not made:  # the other click was faster
        return _logged_before(there)
    inquiry = queries.get(made[0].inquiry.id)
    if wants_fragment():
        return make_response(
            render_template("interest/_logged.html", inquiry=inquiry, touches=_touches(inquiry)),
            201,
        )
    flash(_said(inquiry), f"undo:{address('.undo', inquiry_id=inquiry.id)}")
    return _see(".show", inquiry_id=inquiry.id)


def _logged_before(where: str) -> Response:
    if wants_fragment():
        response = make_response("", 204)
        response.headers["X-Location"] = where
        return response
    return make_response(redirect(where, 303))


def _prefill(form: QuickLogForm) -> None:
    """What the page that opened the log already knows: a place, a person, words to log again."""
    again = number_or_none(request.args.get("again"))
    if again is not None and (kept := queries.kept_words(again, user().id)):
        for name, value in kept.words.items():
            if name != "once" or value:
                form[name].data = value
        return
    for name in PREFILLED:
        form[name].data = request.args.get(name, "")[:300]
    key = request.args.get("channel", "phone")
    channel = queries.source_by_key(SourceKind.CHANNEL, key[:40])
    if channel is not None and not channel.retired:
        form.channel.data = channel.id
    args = request.args
    who = Who(number_or_none(args.get("organisation")), number_or_none(args.get("person")))
    try:
        organisation, person = operations.load(who)
    except RuleBroken:
        return
    if person is not None and organisation is None:
        organisation = _workplace(person)
    if organisation is not None:
        form.who.data = Who(organisation.id, person.id if person else None).encode()
        names = [person.name if person else "", organisation.title]
        form.who_text.data = ", ".join(name for name in names if name)


def _workplace(person: Person) -> Organisation | None:
    posts = people_queries.current_posts(person)
    return organisation_queries.get(posts[0].organisation_id) if posts else None


def _log_page(
    form: QuickLogForm, reading: Reading | None = None, choosing: bool = False
) -> Response:
    """`choosing`: the step between, where the page without scripts lists the choices."""
    who = None if form.who.errors or form.choice.errors else form.chosen()
    place = _place_of(who)
    body_id = place.body_id if place else None
    if body_id is None and reading and reading.choices:
        body_id = reading.choices[0].body_id
    template = "interest/_log.html" if wants_fragment() or request.args.get("fragment") else ""
    return page(
        template or "interest/log.html",
        form,
        reading=reading,
        choosing=choosing,
        touches=_lately(body_id),
        alike=_alike(who, _text(form.email.data), _text(form.phone.data)),
    )


@bp.route("/inquiries/log/options", methods=["GET", "POST"])
@requires(Permission.LOG_INTEREST)
@reads
def options() -> Response:
    """What the line may mean, as options for the type-ahead. `only=person`: who told you?"""
    line = _text(request.values.get("q"))[:300]
    reading = proposals.read(line)
    only = request.args.get("only") == "person"
    found = [choice for choice in reading.choices if choice.who.person_id or not only]
    return make_response(
        render_template("interest/_options.html", reading=reading, choices=found, only=only)
    )


@bp.post("/inquiries/log/known")
@requires(Permission.LOG_INTEREST)
@reads
def known() -> Response:
    """What we know about a choice before it is saved: colleagues' contacts, likely duplicates."""
    told = {name: _text(request.form.get(name))[:LONGEST] for name in TELLING}
    try:
        who = decode(told["who"])
    except ValueError:
        raise NotFound from None
    who = who.corrected(unit_name=told["unit_name"][:200], name=told["person_name"][:150])
    place = _place_of(who)
    return make_response(
        render_template(
            "interest/_known.html",
            touches=_lately(place.body_id if place else None),
            alike=_alike(who, told["email"], told["phone"]),
        )
    )


@bp.post("/inquiries/<id:inquiry_id>/undo")
@requires(Permission.LOG_INTEREST)
def undo(inquiry_id: int) -> Response:
    """Take back what was just logged, and open the log with the words, to log them rightly."""
    inquiry = queries.get(inquiry_id)
    try:
        with transaction(by=user()):
            kept = operations.undo(inquiry, by=user(), now=clock.now())
    except RuleBroken as broken:
        flash(str(broken), "warning")
        return _see(".show", inquiry_id=inquiry_id)
    flash(_("Taken back. Your words are still here, if you want to log them again."))
    return _see(".log", again=kept.id)


# --- The queues ----------------------------------------------------------------------------------


@bp.get("/inquiries")
@requires(Permission.READ)
def queue() -> Response:
    """To sort, one at a time: the oldest first, or the one that was asked for."""
    everybodys = request.args.get("whose") == "all"
    whose = None if everybodys else user().id
    counts = queries.waiting(whose, clock.now())
    found = queries.to_sort(whose, counts.to_sort, page_number(request.args))
    rows = list(found.rows)
    wanted = number_or_none(request.args.get("item"))
    place = next((i for i, row in enumerate(rows) if row.id == wanted), 0)
    current = rows[place] if rows else None
    reading = proposals.of(current) if current else None
    return page(
        "interest/queue.html",
        found=found,
        everybodys=everybodys,
        counts=counts,
        current=current,
        reading=reading,
        before=rows[place - 1] if place > 0 else None,
        after=rows[place + 1] if place + 1 < len(rows) else None,
        position=place + found.first_row,
        touches=_lately(reading.choices[0].body_id if reading and reading.choices else None),
        waited=queries.waited(current, clock.now()) if current else 0,
        forms=_forms(current) if current else None,
        current_place=Who(current.organisation_id, current.person_id).encode() if current else "",
    )


@bp.get("/inquiries/unanswered")
@requires(Permission.READ)
def unanswered() -> Response:
    """What has waited longer than we promise for a first answer; the longest first."""
    everybodys = request.args.get("whose") == "all"
    now = clock.now()
    found = queries.unanswered(None if everybodys else user().id, now, page_number(request.args))
    return page(
        "interest/unanswered.html",
        found=found,
        everybodys=everybodys,
        counts=_counts(everybodys=everybodys),
        promise=habits.ANSWER_WITHIN,
        waited={row.id: queries.waited(row, now) for row in found.rows},
    )


@bp.get("/inquiries/all")
@requires(Permission.READ)
def index() -> Response:
    """All inquiries, filtered, with what came by which channel and why."""
    chosen, sort = _chosen()
    channels = queries.sources(SourceKind.CHANNEL, retired=True)
    triggers = queries.sources(SourceKind.TRIGGER, retired=True)
    named = {source.id: source.label(language()) for source in (*channels, *triggers)}
    return page(
        "interest/index.html",
        found=queries.listed(chosen, page_number(request.args), sort),
        chosen=chosen,
        state="unanswered" if chosen.unanswered else chosen.sorting.value if chosen.sorting else "",
        sort=sort,
        counted=queries.counted(chosen),
        channels=channels,
        triggers=triggers,
        names_of=named,
        channel_choices=[(source.id, named[source.id]) for source in channels],
        trigger_choices=[(source.id, named[source.id]) for source in triggers],
        owner_choices=[(owner.id, owner.name) for owner in colleagues()],
        state_choices=[*choices(Sorting), ("unanswered", _("Not answered"))],
        counts=_counts(everybodys=False),
    )


def _chosen() -> tuple[queries.Filter, str]:
    """What the address asks for, and in which order; anything odd in it counts as not asked."""
    organisation = None
    if organisation_id := number_or_none(request.args.get("organisation")):
        organisation = organisation_queries.get(organisation_id)
    state, sort = request.args.get("state", ""), request.args.get("sort", "-received")
    chosen = queries.Filter(
        channel_id=number_or_none(request.args.get("channel")),
        trigger_id=number_or_none(request.args.get("trigger")),
        organisation=organisation,
        including_below=request.args.get("below", "1") != "0",
        person_id=number_or_none(request.args.get("person")),
        owner_id=number_or_none(request.args.get("owner")),
        sorting=Sorting(state) if state in set(Sorting) else None,
        unanswered=state == "unanswered",
        text=_text(request.args.get("q"))[:200],
    )
    return chosen, sort if sort in queries.ORDERS else "-received"


@bp.get("/inquiries/all/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is on the screen, all its pages (I7)."""
    chosen, sort = _chosen()
    sources = (
        *queries.sources(SourceKind.CHANNEL, retired=True),
        *queries.sources(SourceKind.TRIGGER, retired=True),
    )
    named = {source.id: source.label(language()) for source in sources}
    rows = queries.every_row(chosen, sort)
    heads = (
        _("Came in"),
        _("Who"),
        _("E-mail"),
        _("Phone"),
        _("What"),
        _("Unit"),
        _("Body"),
        _("Channel"),
        _("Trigger"),
        _("Whose"),
        _("State"),
        _("Answered"),
    )

    def cells(row: queries.Row) -> tuple[Cell, ...]:
        return (
            row.received_at,
            row.who,
            row.email,
            display_phone(row.phone),
            row.summary,
            row.organisation,
            row.body,
            named.get(row.channel_id, ""),
            named.get(row.trigger_id or 0, ""),
            row.owner,
            label(row.sorting),
            row.answered_at,
        )

    return csv_file(_("inquiries"), heads, map(cells, rows))


def _counts(*, everybodys: bool) -> queries.Waiting:
    return queries.waiting(None if everybodys else user().id, clock.now())


# --- One inquiry ---------------------------------------------------------------------------------


@bp.get("/inquiries/<id:inquiry_id>")
@requires(Permission.READ)
def show(inquiry_id: int) -> Response:
    return _show(queries.get(inquiry_id))


def _show(inquiry: Inquiry, status: int = 200, **failed: Any) -> Response:
    now = clock.now()
    reading = proposals.of(inquiry) if inquiry.sorting is Sorting.TO_SORT else None
    return page(
        "interest/show.html",
        status=status,
        inquiry=inquiry,
        reading=reading,
        cases=queries.cases_of(inquiry.id),
        touches=_touches(inquiry),
        waited=queries.waited(inquiry, now),
        promise=habits.ANSWER_WITHIN,
        undo_until=_may_undo(inquiry, now),
        forms=_forms(inquiry) | failed,
    )


def _may_undo(inquiry: Inquiry, now: datetime) -> bool:
    fresh = now - inquiry.received_at <= operations.UNDO_WITHIN
    return fresh and inquiry.version == 1 and inquiry.created_by_id == user().id


def _forms(inquiry: Inquiry | queries.Row) -> dict[str, Any]:
    """The small forms of an inquiry, as they stand before anybody has filled them in."""
    version = str(inquiry.version)
    return {
        "assign": AssignForm(
            formdata=None, prefix="", data={"version": version, "owner": inquiry.owner_id}
        ),
        "let_go": LetGoForm(formdata=None, data={"version": version}),
        "answer": AnswerForm(formdata=None),
    }


@bp.route("/inquiries/<id:inquiry_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG_INTEREST)
def edit(inquiry_id: int) -> Response:
    """Put right what was written, and say where it belongs."""
    inquiry = queries.get(inquiry_id)
    form = EditForm(
        channel_id=inquiry.channel_id,
        trigger_id=inquiry.trigger_id,
        data=_as_written(inquiry),
    )
    reading = None
    if request.method == "POST" and request.form.get("step") == "find":
        return page("interest/edit.html", form, inquiry=inquiry, reading=proposals.read(form.line))

    def change() -> None:
        form.check_version(inquiry)
        operations.edit(
            inquiry,
            summary=_text(form.summary.data),
            channel=queries.get_source(form.channel.data),
            trigger=queries.get_source(form.trigger.data) if form.trigger.data else None,
            caller=_text(form.caller.data),
            email=_text(form.email.data),
            phone=_text(form.phone.data),
            told_by=_told_by(form),
            by=user(),
        )
        who = form.chosen()
        if who is not None and who != Who(inquiry.organisation_id, inquiry.person_id):
            operations.sort_as(inquiry, who, by=user(), now=clock.now())

    if form.carried_out(change):
        flash(_("Saved."))
        return _see(".show", inquiry_id=inquiry_id)
    if form.failed:
        reading = proposals.read(form.line)
    return page("interest/edit.html", form, inquiry=inquiry, reading=reading)


def _as_written(inquiry: Inquiry) -> dict[str, Any]:
    placed = Who(inquiry.organisation_id, inquiry.person_id).encode()
    names = [
        inquiry.person.name if inquiry.person else "",
        inquiry.organisation.title if inquiry.organisation else "",
    ]
    return {
        "version": str(inquiry.version),
        "summary": inquiry.summary,
        "caller": inquiry.caller,
        "email": inquiry.email,
        "phone": inquiry.phone,
        "channel": inquiry.channel_id,
        "trigger": inquiry.trigger_id,
        "who": placed,
        "who_text": ", ".join(name for name in names if name) or inquiry.typed,
        "told_by": Who(person_id=inquiry.told_by_id).encode(),
        "told_by_text": inquiry.told_by.name if inquiry.told_by else "",
    }


@bp.post("/inquiries/<id:inquiry_id>/sort")
@requires(Permission.LOG_INTEREST)
def sort(inquiry_id: int) -> Response:
    """Accept a choice for an inquiry, and go on with the next one in the queue."""
    inquiry = queries.get(inquiry_id)
    form = SortForm()

    def change() -> None:
        form.check_version(inquiry)
        who = form.chosen()
        if who is None:
            raise RuleBroken(_("Choose a municipality, a unit or a person."))
        operations.sort_as(inquiry, who, by=user(), now=clock.now())

    if form.carried_out(change):
        placed = queries.get(inquiry_id)
        where = placed.organisation.title if placed.organisation else placed.caller
        flash(
            _("Placed at %(place)s.", place=where),
            f"undo:{address('.take_up', inquiry_id=inquiry_id)}",
        )
        return make_response(redirect(_next(), 303))
    return _refused(inquiry_id, form)


@bp.post("/inquiries/<id:inquiry_id>/assign")
@requires(Permission.LOG_INTEREST)
def assign(inquiry_id: int) -> Response:
    inquiry = queries.get(inquiry_id)
    form = AssignForm()

    def change() -> None:
        form.check_version(inquiry)
        chosen = next((u for u in colleagues() if u.id == form.owner.data), None)
        operations.assign(inquiry, chosen, by=user())

    if form.carried_out(change):
        flash(_("Handed over."))
        return make_response(redirect(_next(".show", inquiry_id=inquiry_id), 303))
    return _refused(inquiry_id, form, assign=form)


@bp.post("/inquiries/<id:inquiry_id>/let-go")
@requires(Permission.LOG_INTEREST)
def let_go(inquiry_id: int) -> Response:
    inquiry = queries.get(inquiry_id)
    form = LetGoForm()

    def change() -> None:
        form.check_version(inquiry)
        operations.let_go(inquiry, _text(form.reason.data), by=user(), now=clock.now())

    if form.carried_out(change):
        flash(_("It is let go."), f"undo:{address('.take_up', inquiry_id=inquiry_id)}")
        return make_response(redirect(_next(".show", inquiry_id=inquiry_id), 303))
    return _refused(inquiry_id, form, let_go=form)


@bp.post("/inquiries/<id:inquiry_id>/take-up")
@requires(Permission.LOG_INTEREST)
def take_up(inquiry_id: int) -> Response:
    """Back to the queue: undoes both sorting and letting go."""
    inquiry = queries.get(inquiry_id)
    with transaction(by=user()):
        operations.take_up(inquiry, by=user(), now=clock.now())
    flash(_("Back among those to sort."))
    return _see(".queue", item=inquiry_id)


@bp.post("/inquiries/<id:inquiry_id>/answer")
@requires(Permission.LOG_INTEREST)
def answer(inquiry_id: int) -> Response:
    inquiry = queries.get(inquiry_id)
    form = AnswerForm()

    def change() -> str:
        operations.answer(
            inquiry,
            kind=ActivityKind(form.kind.data),
            text=_text(form.text.data),
            by=user(),
            now=clock.now(),
        )
        return _next(".show", inquiry_id=inquiry_id)

    if there := form.carried_out_once(change):
        flash(_("The answer is noted."))
        return make_response(redirect(there, 303))
    return _refused(inquiry_id, form, answer=form)


def _refused(inquiry_id: int, form: Any, **failed: Any) -> Response:
    """The inquiry's page with the refused form in it, so that what was typed stays."""
    inquiry = queries.get(inquiry_id)
    return _show(inquiry, status=409 if form.stale else 422, refused=form, **failed)


def _next(endpoint: str = ".queue", **values: Any) -> str:
    """The next one in the queue when the form came from there, else where we were."""
    if request.form.get("from") == "queue":
        following = number_or_none(request.form.get("after"))
        more: dict[str, Any] = {"item": following} if following is not None else {}
        if request.form.get("whose") == "all":
            more["whose"] = "all"
        return address(".queue", **more)
    if request.form.get("from") == "unanswered":
        return address(".unanswered")
    return address(endpoint, **values)


# --- Channels and triggers -----------------------------------------------------------------------


@bp.route("/inquiries/lists", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def lists() -> Response:
    """The two lists one chooses from, with how often each is used, and one more to add."""
    kind = request.form.get("kind", SourceKind.CHANNEL)
    if kind not in set(SourceKind):
        raise NotFound
    form = NewSourceForm()

    def add() -> str:
        operations.add_source(
            SourceKind(kind), name_sv=_text(form.name_sv.data), name_en=_text(form.name_en.data)
        )
        return address(".lists")

    if there := form.carried_out_once(add):
        flash(_("Added."))
        return make_response(redirect(there, 303))
    return page(
        "interest/lists.html",
        form,
        forms={each: form if each == kind else NewSourceForm(formdata=None) for each in SourceKind},
        channels=queries.sources(SourceKind.CHANNEL, retired=True),
        triggers=queries.sources(SourceKind.TRIGGER, retired=True),
        usage=queries.usage(),
    )


@bp.route("/inquiries/lists/<id:source_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def source(source_id: int) -> Response:
    """Rename one."""
    found = queries.get_source(source_id)
    form = SourceForm(obj=found)

    def save() -> None:
        form.check_version(found)
        operations.rename_source(
            found, name_sv=_text(form.name_sv.data), name_en=_text(form.name_en.data)
        )

    if form.carried_out(save):
        flash(_("Saved."))
        return _see(".lists")
    return _source_page(found, form=form)


@bp.post("/inquiries/lists/<id:source_id>/merge")
@requires(Permission.EDIT_LISTS)
def merge(source_id: int) -> Response:
    """Give its inquiries to another and retire it."""
    found = queries.get_source(source_id)
    form = MergeForm(source=found)
    moved: list[int] = []
    if form.carried_out(
        lambda: moved.append(operations.merge_source(found, queries.get_source(form.into.data)))
    ):
        flash(ngettext("One inquiry was moved.", "%(num)s inquiries were moved.", moved[0]))
        return _see(".lists")
    return _source_page(found, merging=form)


@bp.post("/inquiries/lists/<id:source_id>/<any(up, down, retire, restore):what>")
@requires(Permission.EDIT_LISTS)
def change_source(source_id: int, what: str) -> Response:
    """One step up or down, or out of and back into use."""
    found = queries.get_source(source_id)
    try:
        with transaction(by=user()):
            match what:
                case "up" | "down":
                    operations.move_source(found, up=what == "up")
                case "retire":
                    operations.retire_source(found)
                case _:
                    operations.restore_source(found)
    except RuleBroken as broken:
        flash(str(broken), "warning")
    return _see(".lists")


def _source_page(
    found: Source, *, form: SourceForm | None = None, merging: MergeForm | None = None
) -> Response:
    failed = form if form is not None and form.failed else merging
    return page(
        "interest/source.html",
        failed,
        source=found,
        form_names=form or SourceForm(formdata=None, obj=found),
        form_merge=merging or MergeForm(formdata=None, source=found),
        used=queries.usage().get(found.id, 0),
    )


# --- Parts ---------------------------------------------------------------------------------------


def _see(endpoint: str, **values: Any) -> Response:
    return make_response(redirect(address(endpoint, **values), 303))


def _text(value: str | None) -> str:
    return str(clean(value or ""))


def _told_by(form: Any) -> Person | None:
    """The one who was chosen; without a choice, the only one whom the words fit."""
    who, words = decode(form.told_by.data or ""), _text(form.told_by_text.data)
    if who.person_id is None and words:
        fits = [choice for choice in proposals.read(words).choices if choice.who.person_id]
        if not fits:
            raise RuleBroken(_("Nobody here is called “%(words)s”. Who told them?", words=words))
        if len(fits) > 1:
            names = "; ".join(choice.label for choice in fits[:5])
            raise RuleBroken(_("Who told them? Several fit, so write more: %(names)s", names=names))
        who = fits[0].who
    return operations.load(Who(person_id=who.person_id))[1]


def _place_of(who: Who | None) -> Organisation | None:
    """The organisation a choice names, or where the person it names works."""
    if who is None:
        return None
    try:
        organisation, person = operations.load(who.existing())
    except RuleBroken:
        return None
    if organisation is None and person is not None:
        organisation = _workplace(person)
    return organisation


def _lately(body_id: int | None) -> list[queries.Touch]:
    if body_id is None:
        return []
    return queries.lately_in_touch(body_id, user(), clock.now())


def _touches(inquiry: Inquiry) -> list[queries.Touch]:
    return _lately(inquiry.body_id)


def _alike(who: Who | None, email: str, phone: str) -> dict[str, Any]:
    """People and units that may be the ones about to be made (A8)."""
    place = _place_of(who)
    found: dict[str, Any] = {"people": [], "units": []}
    if who is not None and who.makes_person:
        found["people"] = people_queries.likely_duplicates(
            first_name=who.first_name,
            last_name=who.last_name,
            email=email,
            phone=phone,
            organisation=place,
        )
    if who is not None and who.makes_unit and place is not None:
        found["units"] = organisation_queries.likely_duplicates(
            name=who.unit_name, body_id=place.body_id
        )
    return found


def _said(inquiry: Inquiry) -> Markup:
    """The confirmation, with the two next steps in it; undo is the flash's own button."""
    return Markup(render_template("interest/_said.html", inquiry=inquiry))  # noqa: S704  our template
