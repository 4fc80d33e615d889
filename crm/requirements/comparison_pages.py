"""A published list compared with our requirements. Hung up in `views.py`."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.adapters.sheets import UnreadableSheetError, read_table
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import RuleBroken
from crm.procurements import queries as procurements
from crm.procurements.models import Procurement
from crm.requirements import operations, queries
from crm.requirements.forms import CompareForm, LineForm
from crm.requirements.models import Comparison, ComparisonLine
from crm.requirements.queries import Tally
from crm.rules.access import Permission
from crm.rules.comparison import LONGEST_LINE, Line, TooLongError, Verdict, read_list, read_rows
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.csv import csv_file
from crm.web.forms import page, user
from crm.web.labels import label


@requires(Permission.EDIT_CASES)
def compare(case_id: int) -> AnyResponse:
    """Paste a published list, or send it as a file (F7)."""
    case = cases.get_with_places(case_id)
    procurement = _procurement(case)
    form = CompareForm()
    if not form.is_submitted():
        form.title.data = procurement.title if procurement is not None else case.title
        form.procurement.data = str(procurement.id) if procurement is not None else ""

    def make() -> str:
        made = operations.compare_list(
            case, procurement, form.title.data, _lines(form), by=user(), now=clock.now()
        )
        return url_for("requirements.comparison", comparison_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("Compared. Each line is a proposal until you confirm it."), "message")
        return redirect(there, 303)
    return page("requirements/compare.html", form=form, case=case, procurement=procurement)


def _procurement(case: Case) -> Procurement | None:
    """The one that the page came from, or the case's own."""
    asked = number_or_none(request.values.get("procurement"))
    if asked is not None:
        found = procurements.get(asked)
        return found if found.body_id == case.body_id else None
    return procurements.of_case(case.id)


def _lines(form: CompareForm) -> list[Line]:
    """What was sent: the file's, and then what was pasted. Raises RuleBroken for a file that is no
    table, and for a line that is longer than a requirement may be."""
    try:
        of_file = read_rows(read_table(form.file.data.read())) if form.file.data else []
        return of_file + read_list(form.text.data or "")
    except UnreadableSheetError as error:
        raise RuleBroken(
            _("The file is not a table that can be read. Save it as CSV or XLSX, or paste it.")
        ) from error
    except TooLongError as error:
        raise RuleBroken(
            _(
                "Line %(number)d is longer than %(most)d characters. Put each requirement on a line"
                " of its own.",
                number=error.number,
                most=LONGEST_LINE,
            )
        ) from error


@requires(Permission.READ)
def comparison(comparison_id: int) -> Response:
    """The lines with what each was found to be."""
    found = queries.get_comparison(comparison_id)
    asked = request.args.get("verdict")
    verdict = Verdict(asked) if asked in set(Verdict) else None
    unconfirmed = request.args.get("open") == "1"
    return page(
        "requirements/comparison.html",
        comparison=found,
        tally=queries.tallies([found.id]).get(found.id, Tally()),
        lines=queries.lines(
            found.id, verdict=verdict, unconfirmed=unconfirmed, page=page_number(request.args)
        ),
        verdict=verdict,
        unconfirmed=unconfirmed,
        questions=queries.questions(found.id),
        left_out=queries.left_out(found),
    )


@requires(Permission.EDIT_CASES)
def confirm(comparison_id: int) -> AnyResponse:
    """The proposals that stand on the page hold."""
    found = queries.get_comparison(comparison_id)
    sent = request.form.get("lines", "").split()
    ids = [number for one in sent if (number := number_or_none(one))]
    with transaction(by=user()):
        count = operations.confirm_lines(found, ids, by=user(), now=clock.now())
    flash(_("Confirmed: %(count)s.", count=count), "message")
    return redirect(url_for("requirements.comparison", comparison_id=comparison_id), 303)


@requires(Permission.EDIT_CASES)
def line(comparison_id: int, line_id: int) -> AnyResponse:
    """What one line is, read by a person."""
    whole = queries.get_comparison(comparison_id)
    found = queries.get_line(whole, line_id)
    form = LineForm(ours=_ours(found), obj=found)
    if not form.is_submitted():
        form.version.data = str(found.version)

    def save() -> None:
        form.check_version(found)
        chosen = form.requirement_id.data
        operations.settle_line(
            found,
            queries.get(chosen) if chosen is not None else None,
            form.verdict.data,
            form.question.data or "",
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for("requirements.comparison", comparison_id=comparison_id), 303)
    return page("requirements/line.html", form=form, comparison=whole, line=found)


def _ours(found: ComparisonLine) -> list[tuple[int, str]]:
    """Those that are most like the line, and the one it is matched with."""
    offered: dict[int, str] = {}
    if found.requirement is not None:
        offered[found.requirement.id] = _short(found.requirement.text)
    for row in queries.like_requirements(found.text, limit=12):
        offered.setdefault(row.id, _short(row.text))
    return list(offered.items())


def _short(text: str) -> str:
    return text if len(text) <= 140 else f"{text[:139]}…"


@requires(Permission.READ)
def comparison_file(comparison_id: int) -> Response:
    """The whole comparison as a file, for whoever may read: it is one body's own published list,
    with no person in it (decision 45)."""
    found: Comparison = queries.get_comparison(comparison_id)
    heads = (
        _("Number"),
        _("Their requirement"),
        _("Kind"),
        _("How it stands"),
        _("Why"),
        _("Ours"),
        _("Likeness"),
        _("Confirmed"),
        _("Question to the authority"),
    )
    return csv_file(
        "comparison",
        heads,
        (
            (
                one.reference,
                one.text,
                str(label(one.kind)),
                str(label(one.verdict)),
                " ".join(
                    filter(None, [str(label(one.clash)) if one.clash else "", one.clash_words])
                ),
                one.requirement.text if one.requirement else "",
                one.score or None,
                one.confirmed_at,
                one.question,
            )
            for one in queries.every_line(found.id)
        ),
    )
