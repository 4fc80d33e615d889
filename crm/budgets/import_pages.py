"""A published timetable taken over: a file or pasted rows, looked through and ticked, then saved.

Hung up in `views.py`. Nothing is kept between the two pages: the rows travel in the form.
"""

from contextlib import closing
from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import operations, queries
from crm.budgets.drafts import DECISION, EVENT, MEETING, main_phases, typical
from crm.budgets.forms import MOST_IMPORTED, ImportForm, TimetableForm, import_form
from crm.core import clock
from crm.core.errors import NotFound
from crm.organisations.models import Organisation
from crm.organisations.queries import get as get_organisation
from crm.rules.access import Permission
from crm.rules.budget_cycle import BodyKind, PhaseRole, Practice
from crm.rules.confirmations import coming_budget_year
from crm.rules.timetable import (
    COUNCIL,
    MOST_BYTES,
    Entry,
    Problem,
    Timetable,
    UnreadableFile,
    meaning_of,
    read_timetable,
)
from crm.web.access import reads, requires
from crm.web.forms import page, user


@requires(Permission.EDIT_CALENDARS)
def choose(organisation_id: int) -> Response:
    """A file, or rows copied from a page."""
    return _page(_body(organisation_id), TimetableForm(formdata=None))


@requires(Permission.EDIT_CALENDARS)
@reads
def look(organisation_id: int) -> Response:
    """What the file holds, each row with what it is taken for. Nothing is written."""
    organisation, form = _body(organisation_id), TimetableForm()
    content = _content(form)
    if form.submitted() and not content:
        form.refuse(_("Choose a file, or paste the rows."))
    if form.failed:
        return _page(organisation, form)
    try:
        found = read_timetable(content, clock.today())
    except UnreadableFile as error:
        form.refuse(_refusal(error.problem))
        return _page(organisation, form)
    practice, today = queries.practice_of(organisation), clock.today()
    taken = [_taken_for(entry, practice, today) for entry in found.entries]
    taken.sort(key=lambda row: not row[2])  # stable: those to take first, each lot in order of day
    shown = sorted(taken[:MOST_IMPORTED], key=lambda row: (row[0].start, row[0].end))
    rows = import_form(practice.kind, entries=shown)
    return _rows_page(organisation, rows, found, len(taken) - len(shown))


@requires(Permission.EDIT_CALENDARS)
def save(organisation_id: int) -> AnyResponse:
    """The ticked rows, written together or not at all."""
    organisation = _body(organisation_id)
    form = import_form(queries.practice_of(organisation).kind, sent=request.form)
    done: list[tuple[int, int]] = []

    def take() -> None:
        done.append(
            operations.import_dates(
                organisation, form.imported, form.ground, by=user(), now=clock.now()
            )
        )

    if form.carried_out(take):
        noted, moved = done[0]
        meetings = ngettext("%(num)s new meeting", "%(num)s new meetings", noted)
        dates = ngettext("%(num)s date new or moved", "%(num)s dates new or moved", moved)
        flash(f"{meetings}, {dates}.", "message")
        return redirect(url_for(".show", organisation_id=organisation.id), 303)
    return _rows_page(organisation, form, Timetable(), 0)


def _body(organisation_id: int) -> Organisation:
    organisation = get_organisation(organisation_id)
    if not organisation.is_body or queries.body_kind(organisation.kind) in (
        BodyKind.STATE,
        BodyKind.UNIVERSITY,
    ):
        raise NotFound(f"council {organisation_id}")
    return organisation


def _content(form: TimetableForm) -> bytes:
    """The file, one byte more than may be at most; without a file what was pasted."""
    upload = form.file.data
    if getattr(upload, "filename", ""):
        with closing(upload.stream):
            return bytes(upload.stream.read(MOST_BYTES + 1))
    return str(form.text.data or "").encode()


def _taken_for(entry: Entry, practice: Practice, today: date) -> tuple[Entry, str, bool]:
    """What a row is taken for by its words, and whether it is ticked: if known, and not past."""
    meaning = meaning_of(entry.text)
    what = EVENT
    if meaning == COUNCIL:
        what = MEETING
    elif meaning is PhaseRole.DECISION:
        what = DECISION if practice.is_known else MEETING
    elif isinstance(meaning, PhaseRole):
        what = _phase_of(meaning, practice) or EVENT
    return entry, what, meaning is not None and entry.end >= today


def _phase_of(role: PhaseRole, practice: Practice) -> str:
    """The phase of this role in the body's calendar, else in any of its kind."""
    usual = typical(practice.kind, practice.decision, coming_budget_year(clock.today()))
    steps = main_phases(practice.kind)
    keys = {step.key for step in steps}
    own = [phase.key for phase in usual.values() if phase.role is role and phase.key in keys]
    return (own or [step.key for step in steps if step.role is role] or [""])[0]


def _said_of(problem: Problem) -> str:
    """What is wrong with a line."""
    return {
        Problem.NO_DATE: _("there is no day in it"),
        Problem.NO_SUCH_DAY: _("there is no such day"),
        Problem.NO_WORDS: _("it does not say what happens"),
        Problem.ENDS_BEFORE: _("it ends before it starts"),
        Problem.RECURS_ODDLY: _("only its first day is taken: its recurrence cannot be laid out"),
        Problem.CUT_OFF: _("what follows is left out: the file is too long"),
    }[problem]


def _refusal(problem: Problem) -> str:
    """Why nothing in a file can be used."""
    return {
        Problem.TOO_LARGE: _("The file is larger than 1 MB, which no timetable is."),
        Problem.EMPTY: _("The file is empty."),
        Problem.NOT_TEXT: _("That is no calendar file and no table. Save it as ICS or CSV."),
    }.get(problem, _("There is no day in it. Each row needs one, and words that say what happens."))


def _page(organisation: Organisation, form: TimetableForm) -> Response:
    return page("budgets/import.html", form=form, **_around(organisation))


def _rows_page(
    organisation: Organisation, form: ImportForm, found: Timetable, left_out: int
) -> Response:
    return page(
        "budgets/import_rows.html",
        form=form,
        bad=[(line.line, _said_of(line.problem), line.text) for line in found.bad],
        left_out=left_out,
        **_around(organisation),
    )


def _around(organisation: Organisation) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "trail": [
            (organisation.title, url_for("overview.organisation", organisation_id=organisation.id)),
            (_("Budget year"), url_for(".show", organisation_id=organisation.id)),
        ],
    }
