"""Pages of the buyers' year: all of them in a list, one as a wheel and a table, and its form."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import (
    advice,
    confirm_pages,
    copy_pages,
    import_pages,
    meeting_pages,
    operations,
    queries,
)
from crm.budgets.copying import SURE, crossing
from crm.budgets.drafts import Calendar
from crm.budgets.forms import AdviceForm, CalendarForm, PauseForm, form_for
from crm.budgets.models import BudgetEvent, BudgetPractice, Pause, PauseKind
from crm.budgets.panel import Panel, budget_year, panel, working_year
from crm.budgets.queries import BODY_KIND, SORTS, Known, YearFilter, YearRow
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound
from crm.organisations.models import Organisation
from crm.organisations.queries import ancestors, counties
from crm.organisations.queries import get as get_organisation
from crm.rules.access import Permission
from crm.rules.budget_cycle import DecisionPractice, Meeting, Phase
from crm.rules.buyers_week import SHIPPED_ADVICE, Advice, BuyerPhase
from crm.rules.certainty import Certainty
from crm.rules.confirmations import coming_budget_year, holds_through
from crm.rules.kinds import SizeClass
from crm.rules.neighbours import Guess
from crm.web.access import reads, requires
from crm.web.asked import number_or_none, order_of, page_number
from crm.web.csv import Cell, csv_file
from crm.web.filters import in_language, month
from crm.web.forms import clean, page, user
from crm.web.labels import choices, label
from crm.web.overtaken import latest

bp = Blueprint("budgets", __name__, url_prefix="/budget-year")

FIRST_YEAR, LAST_YEAR = 2000, 2100  # what may be asked for by address


# --- The list ----------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """What every buyer is doing now. Filter and order live in the address."""
    chosen, order = _chosen(), _order()
    return page(
        "budgets/index.html",
        years=queries.years(chosen, today=clock.today(), **order, page=page_number(request.args)),
        chosen=chosen,
        sort=("-" if order["descending"] else "") + order["sort"],
        kinds=_tabs(chosen),
        counties=counties(),
        practices=choices(DecisionPractice),
        sizes=SizeClass,
        coming=coming_budget_year(clock.today()),
        to_confirm=queries.number_to_confirm(coming_budget_year(clock.today())),
    )


def _chosen() -> YearFilter:
    """What the address asks for; anything odd in it counts as not asked."""
    asked, kinds = request.args, {kind.value for kind in BODY_KIND}
    return YearFilter(
        text=str(clean(asked.get("q", "")))[:100],
        kind=kind if (kind := asked.get("kind", "")) in kinds else "",
        county=asked.get("county", "")[:2],
        size=SizeClass(size) if (size := asked.get("size", "")) in set(SizeClass) else None,
        decision=known if (known := asked.get("practice", "")) in set(DecisionPractice) else "",
        owner_id=int(current_user.id) if asked.get("owner") == "me" else None,
        known=asked.get("known") == "1",
    )


def _order() -> dict[str, Any]:
    """The order that the address asks for."""
    asked = order_of(request.args, SORTS, "name")
    return {"sort": asked.column, "descending": asked.descending}


@bp.get("/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is on the screen, all its pages (I7)."""
    chosen, order, today = _chosen(), _order(), clock.today()
    rows = queries.every_row(chosen, today=today, **order)
    heads = (
        _("Buyer"),
        _("Kind"),
        _("County"),
        _("Practice"),
        _("How sure"),
        _("Checked"),
        _("Now"),
        _("Now, until"),
        _("Next window, opens"),
        _("Next window, closes"),
        _("Budget year"),
        _("Inköpsstopp"),
        _("Tight until"),
        _("Owner"),
    )
    return csv_file(_("budget-years"), heads, map(_cells, rows))


def _cells(row: YearRow) -> tuple[Cell, ...]:
    now, window = row.phase_now, row.window
    return (
        row.name,
        label(row.kind),
        row.county,
        label(row.decision),
        label(row.certainty) if row.certainty else "",
        row.checked_on,
        in_language(now, "name") if now else "",
        now.end if now else None,
        window.opens if window else None,
        window.closes if window else None,
        window.budget_year if window else None,
        row.freeze.starts_on if row.freeze else None,
        row.tight_until,
        row.owner,
    )


def _tabs(chosen: YearFilter) -> list[tuple[str, str, bool, int]]:
    """One for each kind of buyer, with the rest of the filter kept."""
    counts = queries.kind_counts()
    kept: dict[str, Any] = {
        name: value for name, value in request.args.items() if name not in {"kind", "page"}
    }
    items = [(_("All"), url_for(".index", **kept), not chosen.kind, sum(counts.values()))]
    for kind in BODY_KIND:
        address = url_for(".index", **{**kept, "kind": kind.value})
        items.append((label(kind), address, chosen.kind == kind.value, counts.get(kind, 0)))
    return items


# --- What fits to do ---------------------------------------------------------------------------


@bp.route("/advice/<string:phase>", methods=["GET", "POST"])
@requires(Permission.EDIT_RULES)
def change_advice(phase: str) -> AnyResponse:
    """Put the line of a phase in our own words. `?version=` fills in what it said before."""
    if phase not in set(BuyerPhase):
        raise NotFound("phase")
    which = BuyerPhase(phase)
    history = advice.history(which)
    stands = history[0].version if history else 1
    form = AdviceForm()
    if not form.is_submitted():
        chosen = number_or_none(request.args.get("version")) or stands
        row = next((one for one in history if one.version == chosen), SHIPPED_ADVICE[which])
        form.text_sv.data, form.text_en.data = row.text_sv, row.text_en
        form.version.data = str(stands)
    changed: list[bool] = []

    def save() -> None:
        form.check_number(stands, lambda: latest(history))
        said = Advice(str(form.text_sv.data), str(form.text_en.data))
        changed.append(advice.change(which, said, since=history, by=user(), now=clock.now()))

    if form.carried_out(save):
        flash(_("The line is saved.") if changed[0] else _("It said so already."), "message")
        return redirect(url_for("overview.this_week"), 303)
    return page(
        "budgets/advice.html",
        form=form,
        phase=which,
        history=history,
        shipped=SHIPPED_ADVICE[which],
        stands=stands,
    )


bp.get("/to-confirm", endpoint="to_confirm")(confirm_pages.show)
bp.post("/to-confirm", endpoint="confirm_same")(confirm_pages.confirm)
bp.post("/to-confirm/undo", endpoint="take_back_same")(confirm_pages.take_back)


# --- One year ----------------------------------------------------------------------------------


@bp.get("/<id:organisation_id>")
@requires(Permission.READ)
def show(organisation_id: int) -> Response:
    """One organisation's budget year: the wheel, two budget years in words, pauses and sources."""
    organisation = get_organisation(organisation_id)
    today = clock.today()
    return page("budgets/show.html", **_shown(panel(organisation, today), today))


@bp.get("/<id:organisation_id>/wheel")
@requires(Permission.READ)
def wheel(organisation_id: int) -> Response:
    """The coming twelve months as a wheel and in words, on one page of paper."""
    organisation = get_organisation(organisation_id)
    return page(
        "budgets/wheel.html",
        organisation=organisation,
        trail=_trail(organisation, year=True),
        budget=panel(organisation, clock.today()),
    )


def _shown(shown: Panel, today: date) -> dict[str, Any]:
    first = _asked_year() or working_year(shown.known, today)
    return {
        "organisation": shown.organisation,
        "trail": [(_("The buyers' year"), url_for(".index")), *_trail(shown.organisation)],
        "budget": shown,
        "years": [budget_year(shown.known, year, today) for year in (first, first + 1)],
        "first": first,
        "events": queries.events_of(shown.organisation),
        "has_council": meeting_pages.has_council(shown.body),
        "holds_through": _holds_through(shown.known),
        "guess": _guess(shown.organisation, shown.known, today),
    }


def _holds_through(known: Known) -> int | None:
    """The last budget year for which the practice was checked; None where it never was."""
    practice = known.practice
    if practice.certainty not in SURE or practice.checked_on is None:
        return None
    return holds_through(practice.checked_on, practice.confirmed_for)


def _guess(organisation: Organisation, known: Known, today: date) -> Guess | None:
    """What the neighbours do, where nobody has told us what this body does."""
    if organisation.parent_id is not None or known.practice.is_known:
        return None
    return queries.guess_from(queries.neighbours_of(organisation), coming_budget_year(today))


def _trail(organisation: Organisation, *, year: bool = False) -> list[tuple[str, str]]:
    """The way down to the organisation; with `year` on to its budget year."""
    links = [
        (node.title, url_for("overview.organisation", organisation_id=node.id))
        for node in (*ancestors(organisation), organisation)
    ]
    if year:
        links.append((_("Budget year"), url_for(".show", organisation_id=organisation.id)))
    return links


def _asked_year() -> int | None:
    text = request.args.get("year", "")
    if not text.isdecimal() or len(text) != 4:
        return None
    return int(text) if FIRST_YEAR <= int(text) <= LAST_YEAR else None


# --- The calendar ------------------------------------------------------------------------------


@bp.route("/<id:organisation_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CALENDARS)
def edit(organisation_id: int) -> AnyResponse:
    """Template, own dates, source and certainty in one form, with what they lead to below."""
    organisation = get_organisation(organisation_id)
    inherited = queries.above(organisation)
    row, events = queries.practice_row(organisation), queries.events_of(organisation)
    neighbours = queries.neighbours_of(organisation)
    guess = queries.guess_from(neighbours, coming_budget_year(clock.today())) if not row else None
    taken_up = guess if request.args.get("like") == "neighbours" else None
    form = _form(organisation, inherited, row, events, taken_up)
    if request.args.get("again") and row and not form.is_submitted():
        form.checked_on.data = clock.today()  # somebody is looking at the source again
    looks_only = any(name in request.form for name in ("preview", "add", "remove"))

    def save() -> None:
        form.check_version(row)
        operations.set_calendar(organisation, form.calendar(), by=user(), now=clock.now())

    year, before = coming_budget_year(clock.today()), list[Phase]()
    if form.is_submitted() and not looks_only:
        before = queries.known_of(organisation).phases(year)
    if not looks_only and form.carried_out(save):
        flash(_("The budget year is saved."), "message")
        if site := _told_elsewhere(organisation, form.calendar()):
            flash(
                _(
                    "It is marked as published by the body, but the link leads to %(site)s. If that"
                    " is not their own, choose “Others say so”.",
                    site=site,
                ),
                "warning",
            )
        after = queries.known_of(organisation).phases(year)
        for phase in crossing(before, after):
            flash(
                _(
                    "%(phase)s of budget %(year)s now begins in %(month)s.",
                    phase=in_language(phase, "name"),
                    year=year,
                    month=month(phase.start),
                ),
                "message",
            )
        return redirect(url_for(".show", organisation_id=organisation.id), 303)
    if "preview" in request.form:
        form.validate()
    return page(
        "budgets/edit.html",
        form=form,
        organisation=organisation,
        trail=_trail(organisation, year=True),
        inherited=inherited,
        row=row,
        neighbours=neighbours,
        guess=guess if taken_up is None else None,
        preview=_preview(form, inherited, events, queries.meetings_of(organisation)),
    )


def _told_elsewhere(organisation: Organisation, calendar: Calendar) -> str:
    """The site that a date called the body's own comes from, where it is not the body's site."""
    body = get_organisation(organisation.body_id or organisation.id)
    site = (urlsplit(calendar.source_url).hostname or "").removeprefix("www.")
    if calendar.certainty is not Certainty.PUBLISHED or not body.web_domain:
        return ""
    return "" if f".{site}".endswith(f".{body.web_domain}") else site


@bp.post("/<id:organisation_id>/preview")
@requires(Permission.EDIT_CALENDARS)
@reads
def preview(organisation_id: int) -> str:
    """What the form as it stands would lead to. For scripts: a fragment, and nothing is written."""
    organisation = get_organisation(organisation_id)
    inherited = queries.above(organisation)
    events = queries.events_of(organisation)
    form = _form(organisation, inherited, queries.practice_row(organisation), events)
    form.validate()
    return render_template(
        "budgets/_preview.html",
        form=form,
        preview=_preview(form, inherited, events, queries.meetings_of(organisation)),
    )


def _form(
    organisation: Organisation,
    inherited: Known | None,
    row: BudgetPractice | None,
    events: list[BudgetEvent],
    guess: Guess | None = None,
) -> CalendarForm:
    known = inherited or queries.known_of(organisation)
    return form_for(
        known.practice.kind,
        clock.today(),
        sent=request.form if request.method == "POST" else None,
        row=row,
        events=events,
        decision=known.practice.decision,
        inherited=inherited.practice if inherited else None,
        add=request.form.get("add", ""),
        remove=request.form.get("remove", ""),
        guess=guess,
    )


def _preview(
    form: CalendarForm,
    inherited: Known | None,
    events: list[BudgetEvent],
    meetings: tuple[Meeting, ...],
) -> dict[str, Any]:
    """Two budget years as the form has them; what cannot be read is left out and said."""
    today = clock.today()
    known = queries.drafted(form.kind, form.calendar(), inherited, events, meetings)
    first = working_year(known, today)
    return {
        "known": known,
        "years": [budget_year(known, year, today) for year in (first, first + 1)],
        "window": known.window(today),
    }


bp.get("/<id:organisation_id>/copy", endpoint="copy")(copy_pages.choose)
bp.post("/<id:organisation_id>/copy", endpoint="copy_from")(copy_pages.save)


@bp.post("/<id:organisation_id>/inherit")
@requires(Permission.EDIT_CALENDARS)
def inherit(organisation_id: int) -> AnyResponse:
    """Put a unit's own dates away: it follows the node above it again."""
    organisation = get_organisation(organisation_id)
    with transaction(by=user()):
        operations.inherit(organisation, by=user(), now=clock.now())
    flash(_("The unit follows the body's dates again."), "message")
    return redirect(url_for(".show", organisation_id=organisation.id), 303)


# --- Meetings ----------------------------------------------------------------------------------

bp.get("/<id:organisation_id>/meetings", endpoint="meetings")(meeting_pages.show)
bp.post("/<id:organisation_id>/meetings", endpoint="add_meetings")(meeting_pages.add)
bp.post("/<id:organisation_id>/meetings/<id:meeting_id>/take-away", endpoint="take_meeting_away")(
    meeting_pages.take_away
)
bp.post("/<id:organisation_id>/meetings/<id:meeting_id>/decide", endpoint="decide_at")(
    meeting_pages.decide
)


# --- A published timetable ---------------------------------------------------------------------

bp.get("/<id:organisation_id>/import", endpoint="import_dates")(import_pages.choose)
bp.post("/<id:organisation_id>/import", endpoint="look_through")(import_pages.look)
bp.post("/<id:organisation_id>/import/save", endpoint="save_dates")(import_pages.save)


# --- Pauses ------------------------------------------------------------------------------------


@bp.route("/<id:organisation_id>/pauses/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CALENDARS)
def pause(organisation_id: int) -> AnyResponse:
    """Leave a buyer alone for a time: a purchasing freeze, or a quiet period of its own."""
    organisation = get_organisation(organisation_id)
    form = PauseForm()
    if not form.is_submitted():
        form.starts_on.data = clock.today()
        form.kind.data = request.args.get("kind", PauseKind.FREEZE.value)
    home = url_for(".show", organisation_id=organisation.id)
    made: list[Pause] = []

    def add() -> str:
        added = operations.add_pause(
            organisation,
            PauseKind(form.kind.data),
            form.starts_on.day or clock.today(),
            form.ends_on.day,
            note=form.note.data or "",
            source_url=form.source_url.data or "",
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        made.append(added)
        return home

    if there := form.carried_out_once(add):
        for added in made:
            _tell_noted(added)
        return redirect(there, 303)
    return page(
        "budgets/pause.html",
        form=form,
        organisation=organisation,
        trail=_trail(organisation, year=True),
    )


def _tell_noted(pause: Pause) -> None:
    if pause.ends_on is not None and pause.ends_on < clock.today():
        said = _("The freeze is noted. It is over, so only the question after it will come.")
        flash(said, "message")
        return
    undo = url_for(".end_pause", organisation_id=pause.organisation_id, pause_id=pause.id)
    flash(_("The pause is noted. Reminders step back for it."), f"undo:{undo}")


@bp.post("/<id:organisation_id>/pauses/<id:pause_id>/end")
@requires(Permission.EDIT_CALENDARS)
def end_pause(organisation_id: int, pause_id: int) -> AnyResponse:
    """From today the pause no longer holds."""
    organisation = get_organisation(organisation_id)
    found = queries.pause_of(organisation, pause_id)
    with transaction(by=user()):
        operations.end_pause(found, organisation, today=clock.today(), by=user(), now=clock.now())
    flash(_("The pause is over."), "message")
    return redirect(url_for(".show", organisation_id=organisation.id), 303)
