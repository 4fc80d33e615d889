"""A published timetable taken over: a file or pasted rows, looked through and ticked, then saved.

Hung up in `views.py`. Nothing is kept between the two pages: the rows travel in the form.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import operations, queries
from crm.budgets.drafts import DECISION, EVENT, MEETING, ImportedRow, main_phases, typical
from crm.budgets.forms import MOST_IMPORTED, ImportForm, TimetableForm, import_form
from crm.budgets.importing import Imported, day_of, remarks, said, understood
from crm.core import clock
from crm.core.errors import NotFound
from crm.organisations.models import Organisation
from crm.organisations.queries import get as get_organisation
from crm.rules.access import Permission
from crm.rules.budget_cycle import BodyKind, PhaseRole, Practice, door
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
from crm.rules.timetable_rows import Takes, doubts
from crm.web import filters
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
    practice = queries.practice_of(organisation)
    taken = [(entry, _taken_for(entry, practice)) for entry in found.entries]
    told = {
        place: ImportedRow(what, entry.text, entry.start, entry.end)
        for place, (entry, what) in enumerate(taken)
    }
    notes, doubted = _notes(organisation, told, practice)
    order = sorted(told, key=lambda place: place in doubted)  # stable: in order of day
    shown = sorted(order[:MOST_IMPORTED])
    rows = import_form(practice, entries=[(*taken[place], place not in doubted) for place in shown])
    by_row = {number: notes[place] for number, place in enumerate(shown) if place in notes}
    return _rows_page(organisation, rows, by_row, found, len(taken) - len(shown))


@requires(Permission.EDIT_CALENDARS)
def save(organisation_id: int) -> AnyResponse:
    """The ticked rows, written together or not at all."""
    organisation = _body(organisation_id)
    practice = queries.practice_of(organisation)
    form = import_form(practice, sent=request.form)
    done: list[Imported] = []

    def take() -> None:
        done.append(
            operations.import_dates(
                organisation, form.imported, form.ground, by=user(), now=clock.now()
            )
        )

    if form.carried_out(take):
        flash(_outcome(done[0]), "message")
        return redirect(url_for(".show", organisation_id=organisation.id), 303)
    told = {row.number: one for row in form.rows if (one := form.told(row)) is not None}
    notes, _doubted = _notes(organisation, told, practice)
    blamed = {row.number for row in form.rows if row.use.data}
    left = {number: note for number, note in notes.items() if number not in blamed}
    return _rows_page(organisation, form, left, Timetable(), 0)


def _outcome(done: Imported) -> str:
    """What became of the ticked rows, all of them."""
    if not (done.new or done.changed):
        return _("Nothing has changed: all of it was known already.")
    parts = [
        ngettext("%(num)s new", "%(num)s new", done.new) if done.new else "",
        ngettext("%(num)s changed", "%(num)s changed", done.changed) if done.changed else "",
        ngettext("%(num)s as before", "%(num)s as before", done.unchanged)
        if done.unchanged
        else "",
    ]
    told = [_("Saved. Of the ticked rows: %(what)s.", what=", ".join(filter(None, parts)))]
    told += [
        _(
            "The budget for %(year)s is decided on %(new)s, no longer on %(old)s.",
            year=one.budget_year,
            new=filters.day(one.new),
            old=filters.day(one.old),
        )
        for one in done.replaced
    ]
    return " ".join(told)


def _notes(
    organisation: Organisation, told: Mapping[int, ImportedRow], practice: Practice
) -> tuple[dict[int, str], set[int]]:
    """What is to be said at the rows, and which of them are not proposed."""
    standing = [
        (one.name, day_of(one.budget_year, one.year_offset, one.start_month, one.start_day))
        for one in queries.events_of(organisation)
        if not one.phase_key and one.budget_year is not None
    ]
    names = {name for name, _day in standing}  # their own events are meant, whatever their words
    numbers = list(told)
    rows = [
        understood(told[number], practice, is_known=told[number].name in names)
        for number in numbers
    ]
    years = {row.end.year + 1 for row in rows if row.takes is Takes.DECISION}
    doors = {year: phase.end for year in years if (phase := door(practice, year))}
    found = doubts(rows, clock.today(), doors)
    by_place = {place: told[number] for place, number in enumerate(numbers)}
    notes = {
        numbers[place]: said(doubted, by_place[place], by_place) for place, doubted in found.items()
    }
    deciding = {
        one.decides: one.held_on
        for one in queries.council_meetings(organisation)
        if one.decides is not None
    }
    return remarks(told, deciding, standing) | notes, set(notes)


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


def _taken_for(entry: Entry, practice: Practice) -> str:
    """What a row is taken for by its words."""
    meaning = meaning_of(entry.text)
    if meaning == COUNCIL:
        return MEETING
    if meaning is PhaseRole.DECISION:
        return DECISION if practice.is_known else MEETING
    if isinstance(meaning, PhaseRole):
        return _phase_of(meaning, practice) or EVENT
    return EVENT


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
        Problem.NO_SUCH_DAY: _("there is no such day or week"),
        Problem.NO_WORDS: _("it does not say what happens"),
        Problem.NEEDS_A_DAY: _("the council meets on a day, and it only names a week or a month"),
        Problem.NOT_APART: _("its day stands among the words: give it a column of its own"),
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
    organisation: Organisation,
    form: ImportForm,
    notes: Mapping[int, str],
    found: Timetable,
    left_out: int,
) -> Response:
    return page(
        "budgets/import_rows.html",
        form=form,
        notes=notes,
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
