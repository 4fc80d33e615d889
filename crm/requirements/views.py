"""Pages of requirements: the list, one of them, who stands behind it, what a case's body asks."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.audit import removals
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db, transaction
from crm.requirements import (
    answer_pages,
    comparison_pages,
    exports,
    need_pages,
    operations,
    queries,
)
from crm.requirements.forms import JoinForm, NewRequirementForm, RequirementForm
from crm.requirements.models import Requirement
from crm.requirements.queries import By, Filter, NeedFilter, NoAnswer, Row, Standing, Weighed
from crm.rules.access import Permission
from crm.rules.comparison import apart
from crm.rules.neutral_list import CHECKS, SHARED, Known, NeutralList, neutral_list
from crm.rules.requirements import (
    AnswerState,
    Area,
    InUse,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    answer_sign,
)
from crm.rules.wording import Piece, findings, pieces
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.csv import csv_file
from crm.web.forms import clean, page, user
from crm.web.labels import label

NEEDS_SHOWN = 20
JOIN_OFFERED = 10

bp = Blueprint("requirements", __name__, url_prefix="/requirements")

_BOTH = ("GET", "POST")
bp.get("/needs", endpoint="needs")(need_pages.needs)
bp.get("/needs.csv", endpoint="needs_file")(need_pages.needs_file)
bp.route("/needs/new", methods=_BOTH, endpoint="capture")(need_pages.capture)
bp.get("/from/<id:activity_id>", endpoint="from_entry")(need_pages.from_entry)
bp.get("/needs/<id:need_id>", endpoint="need")(need_pages.need)
bp.post("/needs/<id:need_id>/group", endpoint="group")(need_pages.group)
bp.route("/needs/<id:need_id>/edit", methods=_BOTH, endpoint="edit_need")(need_pages.edit_need)
bp.post("/needs/<id:need_id>/remove", endpoint="remove_need")(need_pages.remove_need)

bp.post("/needs/removed/<id:removal_id>/put-back", endpoint="put_need_back")(
    need_pages.put_need_back
)

bp.get("/answers", endpoint="answers")(answer_pages.answers)
bp.route("/answers/new", methods=_BOTH, endpoint="new_answer")(answer_pages.new_answer)
bp.get("/answers/<id:answer_id>", endpoint="answer")(answer_pages.answer)
bp.route("/answers/<id:answer_id>/edit", methods=_BOTH, endpoint="edit_answer")(
    answer_pages.edit_answer
)
bp.post("/answers/<id:answer_id>/check", endpoint="check_answer")(answer_pages.check_answer)
bp.post("/answers/<id:answer_id>/remove", endpoint="remove_answer")(answer_pages.remove_answer)
bp.post("/answers/removed/<id:removal_id>/put-back", endpoint="put_answer_back")(
    answer_pages.put_answer_back
)
bp.route("/settings", methods=_BOTH, endpoint="settings")(answer_pages.settings)

bp.route("/cases/<id:case_id>/compare", methods=_BOTH, endpoint="compare")(comparison_pages.compare)
bp.get("/comparisons/<id:comparison_id>", endpoint="comparison")(comparison_pages.comparison)
bp.get("/comparisons/<id:comparison_id>/lines.csv", endpoint="comparison_file")(
    comparison_pages.comparison_file
)
bp.post("/comparisons/<id:comparison_id>/confirm", endpoint="confirm")(comparison_pages.confirm)
bp.route("/comparisons/<id:comparison_id>/lines/<id:line_id>", methods=_BOTH, endpoint="line")(
    comparison_pages.line
)


@bp.app_template_global("compared_with")
def compared_with(procurement_id: int) -> Weighed | None:
    """For the pages of a tender, which know nothing of requirements. At most three statements."""
    return queries.weighed(procurement_id)


@bp.app_template_global("asked_for_by")
def asked_for_by(standing: Standing) -> str:
    """How many stand behind a requirement, as words: "9 municipalities and 2 others"."""
    municipalities = ngettext(
        "%(num)s municipality", "%(num)s municipalities", standing.municipalities
    )
    others = ngettext("%(num)s other body", "%(num)s other bodies", standing.others)
    if not standing.others:
        return municipalities
    if not standing.municipalities:
        return others
    return _("%(municipalities)s and %(others)s", municipalities=municipalities, others=others)


def _member(kind: Any, text: str | None) -> Any:
    return kind(text) if text in set(kind) else None


def _asked() -> Filter:
    args = request.args
    answer = _member(NoAnswer, args.get("answer")) or _member(AnswerState, args.get("answer"))
    return Filter(
        text=str(clean(args.get("q", "")[:100])),
        kind=_member(RequirementKind, args.get("kind")),
        area=_member(Area, args.get("area")),
        status=_member(RequirementStatus, args.get("status")),
        answer=answer,
        rests_on=_member(RestsOn, args.get("rests_on")),
    )


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """What the buyers ask for, those that most municipalities ask for first (F2, F3)."""
    chosen, months = _asked(), queries.check_months()
    return page(
        "requirements/index.html",
        requirements=queries.rows(chosen, page=page_number(request.args)),
        chosen=chosen,
        kinds=RequirementKind,
        areas=Area,
        statuses=RequirementStatus,
        states=AnswerState,
        grounds=RestsOn,
        loose=queries.loose(),
        due=queries.due_answers(clock.today(), months),
    )


@bp.get("/all.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is narrowed, as a file."""
    heads = (
        _("Requirement"),
        _("Kind"),
        _("Area"),
        _("Status"),
        _("Municipalities"),
        _("Other bodies"),
        _("Units"),
        _("People"),
        _("Needs"),
        _("It rests on"),
        _("State of our answer"),
        _("Planned by"),
        _("Our answer"),
    )
    return csv_file("requirements", heads, (_cells(row) for row in queries.every_row(_asked())))


def _cells(row: Row) -> tuple[Any, ...]:
    stands = row.standing
    return (
        row.text,
        str(label(row.kind)),
        str(label(row.area)),
        str(label(row.status)),
        stands.municipalities,
        stands.others,
        stands.units,
        stands.people,
        stands.needs,
        str(label(stands.rests_on)),
        str(label(row.answer)) if row.answer is not None else "",
        row.planned_on,
        row.answer_text,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new() -> AnyResponse:
    """A requirement, perhaps from a need whose words it begins with."""
    number = number_or_none(request.values.get("need"))
    need = queries.get_need(number) if number is not None else None
    form = NewRequirementForm()
    if not form.is_submitted():
        form.need.data = str(need.id) if need is not None else ""
        if need is not None:
            form.text.data, form.area.data = need.words, need.area

    def make() -> str:
        made = operations.begin_requirement(
            form.text.data,
            kind=form.kind.data,
            area=form.area.data,
            status=form.status.data,
            needs=[need] if need is not None else [],
            by=user(),
            now=clock.now(),
        )
        return url_for(".show", requirement_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("Saved."), "message")
        return redirect(there, 303)
    return page("requirements/new.html", form=form, need=need, wording=_looked_at(form.text.data))


def _looked_at(text: str | None) -> list[Piece]:
    """A wording with what there is to point out in its place; empty where there is nothing."""
    if not text:
        return []
    names = queries.setting()
    found = findings(text, own=names.own_names, brands=names.brands)
    return pieces(text, found) if found else []


@bp.get("/<id:requirement_id>")
@requires(Permission.READ)
def show(requirement_id: int) -> Response:
    """One requirement: its wording, who stands behind it, our answer, and how it came to be."""
    found = queries.get(requirement_id)
    months = queries.check_months()
    answer = found.answer
    return page(
        "requirements/show.html",
        requirement=found,
        wording=_looked_at(found.text),
        standing=queries.standing(found.id),
        needs=queries.needs(NeedFilter(requirement_id=found.id), page=1, per_page=NEEDS_SHOWN),
        wordings=queries.wordings(found.id),
        sign=answer_sign(answer.state, answer.planned_on, answer.checked_on, clock.today(), months)
        if answer is not None
        else None,
    )


@bp.get("/<id:requirement_id>/voices")
@requires(Permission.READ)
def voices(requirement_id: int) -> Response:
    """The people, units or bodies behind a requirement; each opens what it has said."""
    found = queries.get(requirement_id)
    by = _member(By, request.args.get("by")) or By.BODIES
    return page(
        "requirements/voices.html",
        requirement=found,
        by=by,
        voices=queries.voices(found.id, by, page=page_number(request.args)),
        standing=queries.standing(found.id),
    )


@bp.route("/<id:requirement_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(requirement_id: int) -> AnyResponse:
    """Change a requirement; an earlier wording stays in its history."""
    found = queries.get(requirement_id)
    needs = queries.needs(NeedFilter(requirement_id=found.id), page=1).rows
    form = RequirementForm(
        answers=queries.answer_choices(),
        needs=[(one.id, one.words[:140]) for one in needs],
        obj=found,
    )
    if not form.is_submitted():
        form.version.data = str(found.version)

    def save() -> None:
        form.check_version(found)
        answer_id, need_id = form.answer_id.data, form.need_id.data
        operations.edit_requirement(
            found,
            text=form.text.data,
            kind=form.kind.data,
            area=form.area.data,
            status=form.status.data,
            answer=queries.get_answer(answer_id) if answer_id is not None else None,
            why=form.why.data or "",
            need=queries.get_need(need_id) if need_id is not None else None,
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        db.session.expire(found)
        flash(_("Saved."), "message")
        return redirect(url_for(".show", requirement_id=requirement_id), 303)
    return page(
        "requirements/edit.html",
        form=form,
        requirement=found,
        wording=_looked_at(form.text.data),
    )


@bp.route("/<id:requirement_id>/join", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def join(requirement_id: int) -> AnyResponse:
    """It says the same as another: its needs go over there."""
    found = queries.get(requirement_id)
    sought = str(clean(request.args.get("q", "")[:100]))
    form = JoinForm()
    form.into.choices = _others(found, sought, number_or_none(request.form.get("into")))
    if not form.is_submitted():
        form.version.data = str(found.version)
    made: list[str] = []

    def save() -> None:
        form.check_version(found)
        into = queries.get(form.into.data)
        removal = operations.join(found, into, by=user(), now=clock.now())
        made.append(url_for(".put_back", removal_id=removal.id))

    if form.carried_out(save):
        flash(_("The two are one."), f"undo:{made[0]}")
        return redirect(url_for(".show", requirement_id=form.into.data), 303)
    return page(
        "requirements/join.html",
        form=form,
        requirement=found,
        standing=queries.standing(found.id),
        sought=sought,
    )


def _others(found: Requirement, sought: str, chosen: int | None) -> list[tuple[int, str]]:
    """Those that are most like, or hold what was looked for, and what was chosen before."""
    offered: dict[int, str] = {}
    if sought:
        offered = {row.id: row.text for row in queries.rows(Filter(text=sought), page=1).rows}
    else:
        near = queries.like_requirements(found.text, limit=JOIN_OFFERED, besides=found.id)
        offered = {row.id: row.text for row in near}
    if chosen is not None and chosen not in offered:
        offered[chosen] = queries.get(chosen).text
    offered.pop(found.id, None)
    return [(ident, _with_clash(found.text, text)) for ident, text in offered.items()]


def _with_clash(ours: str, other: str) -> str:
    clash, words = apart(ours, other)
    if clash is None:
        return other
    return f"{other} ({', '.join(filter(None, [str(label(clash)), words]))})"


@bp.post("/<id:requirement_id>/remove")
@requires(Permission.EDIT_CASES)
def remove(requirement_id: int) -> AnyResponse:
    """We no longer have it."""
    found = queries.get(requirement_id)
    with transaction(by=user()):
        removal = operations.remove_requirement(found, by=user(), now=clock.now())
        undo = url_for(".put_back", removal_id=removal.id)
    flash(_("The requirement is taken away."), f"undo:{undo}")
    return redirect(url_for(".index"), 303)


@bp.post("/removed/<id:removal_id>/put-back")
@requires(Permission.EDIT_CASES)
def put_back(removal_id: int) -> AnyResponse:
    """It is one of its own again."""
    removal = removals.get(removal_id, Requirement.__tablename__)
    with transaction(by=user()):
        requirement_id = operations.put_requirement_back(removal).id
    flash(_("The requirement is back."), "message")
    return redirect(url_for(".show", requirement_id=requirement_id), 303)


@bp.get("/thresholds")
@requires(Permission.READ)
def thresholds() -> Response:
    """What stopped or slowed the start, and what is used today, across municipalities."""
    return page(
        "requirements/thresholds.html",
        thresholds=queries.thresholds(),
        tools=queries.tools(),
        ways_of_use=InUse,
    )


# --- What a case's body asks for ----------------------------------------------------------------


@bp.get("/cases/<id:case_id>")
@requires(Permission.READ)
def of_case(case_id: int) -> Response:
    """The requirements that people at a case's body stand behind, and its comparisons."""
    case = cases.get_with_places(case_id)
    found = queries.of_case(case)
    compared = queries.of_the_case(case.id)
    return page(
        "requirements/case.html",
        case=case,
        rows=found,
        grounds=queries.grounds(found),
        comparisons=compared,
        tallies=queries.tallies([one.id for one in compared]),
    )


@bp.get("/cases/<id:case_id>/neutral")
@requires(Permission.READ)
def neutral(case_id: int) -> AnyResponse:
    """The ticked ones (or all) as they may be given to every supplier: a page, or a file (F6).

    A file too is for whoever may read: it is written to leave the house, and holds the wordings of
    one body and no person (decision 45). Whole registers are for those who may export.
    """
    case = cases.get_with_places(case_id)
    ids = [number for one in request.args.getlist("id") if (number := number_or_none(one))]
    rows = queries.chosen_of_case(case, ids) if ids else queries.of_case(case)
    found = _neutral(case, rows)
    match request.args.get("as"):
        case "docx":
            return _as_file(make_response(exports.docx(found)), "docx", exports.DOCX)
        case "html":
            words = render_template(
                "requirements/neutral_file.html", found=found, shared=SHARED, checks=CHECKS
            )
            return _as_file(make_response(words), "html", "text/html")
        case "csv":
            heads, lines = exports.csv_rows(found)
            return csv_file("kravunderlag", heads, lines)
        case _:
            return page(
                "requirements/neutral.html",
                case=case,
                found=found,
                ids=ids,
                shared=SHARED,
                checks=CHECKS,
                pieces=pieces,
            )


def _as_file(response: Response, ending: str, mimetype: str) -> Response:
    response.mimetype = mimetype
    response.headers.set(
        "Content-Disposition",
        "attachment",
        filename=f"kravunderlag-{clock.today():%Y-%m-%d}.{ending}",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _neutral(case: Case, rows: list[Row]) -> NeutralList:
    """The list for a case's body, which is the one that reads it."""
    names = queries.setting()
    named = queries.named([row.id for row in rows], case.body_id)
    return neutral_list(
        f"Kravunderlag, {case.body.title}",
        [
            Known(
                ident=row.id,
                text=row.text,
                kind=row.kind,
                area=row.area,
                rests_on=row.standing.rests_on,
                people=row.standing.people,
                units=row.standing.units,
                weeks=row.standing.weeks,
                users=row.standing.users,
            )
            for row in rows
        ],
        own=names.own_names,
        brands=names.brands,
        people=named.people,
        places=named.places,
    )
