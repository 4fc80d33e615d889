"""Pages of anchoring: the map, the gate, remarks, lines between people, references, and the report.

What is said here of single people is for those who work with cases, and for nobody else.
"""

from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.anchoring import operations, queries
from crm.anchoring.forms import (
    AnswerForm,
    AskForm,
    ConsentForm,
    LineForm,
    NewConsentForm,
    RelationForm,
    RemarkForm,
    SkipForm,
    StepForm,
    TimesForm,
)
from crm.anchoring.models import MapLine, Reference
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import transaction
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person
from crm.rules import gate as rules
from crm.rules.access import Permission
from crm.rules.anchoring import Line, Map, compare
from crm.rules.functions import Function
from crm.rules.gate import GateStep, Missing
from crm.rules.precision import UnreadableDate, parse_day
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.forms import page as render
from crm.web.forms import user
from crm.web.labels import label
from crm.web.overtaken import last_save

bp = Blueprint("anchoring", __name__)


@bp.app_template_global("missing_at_the_gate")
def missing_at_the_gate(case_id: int) -> Missing | None:
    """Who ought to be in on a case and is not, for pages of what comes of it."""
    return queries.missing_in(cases.get(case_id), clock.today())


def _home(case: Case) -> AnyResponse:
    return redirect(url_for("overview.case", case_id=case.id), 303)


def _member(kind: type[Function] | type[GateStep], name: str) -> Function | GateStep | None:
    """What the address asks for, if it is one of them."""
    asked = request.values.get(name, "")
    return kind(asked) if asked in set(kind) else None


def _day(name: str, today: date) -> date | None:
    """A day of the address, no later than today; anything odd counts as not asked."""
    try:
        found = parse_day(request.args.get(name, "")[:20].strip(), today, looking_back=True)
    except UnreadableDate:
        return None
    return min(found, today)


# --- The map --------------------------------------------------------------------------------------


@bp.route("/cases/<id:case_id>/anchoring", methods=["GET", "POST"], endpoint="page")
@requires(Permission.EDIT_CASES)
def show_map(case_id: int) -> AnyResponse:
    """The map of a case: function by function who is in, with one line at a time open to change."""
    case = cases.get(case_id)
    today = clock.today()
    known = queries.known(case, today)
    asked, then = _day("on", today) or today, _day("then", today)
    if then is not None and then > asked:  # the earlier day is "then", whichever was put first
        asked, then = then, asked
    now = known.on(asked)
    form = LineForm()
    form.person_id.within = case.body
    if form.is_submitted():
        number = number_or_none(form.line.data)
        there = queries.line(number, case.id) if number is not None else None
    else:
        there = _open(form, known, now)

    def save() -> None:
        form.check_version(there)
        person = people.get(form.person_id.data) if form.person_id.data else None
        operations.write_line(
            case,
            there,
            function=form.function.data,
            person=person,
            who=form.who.data or "",
            stance=form.stance.data,
            since=form.since.day,
            question=form.question.data or "",
            by=user(),
            today=today,
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".page", case_id=case.id) + f"#f-{form.function.data.value}", 303)
    said = queries.remarks(case.id)
    return render(
        "anchoring/map.html",
        form=form,
        case=case,
        map=now,
        today=today,
        days=[day for day in known.days if day < now.on],
        then=then,
        compared=compare(known.on(then), now) if then else (),
        proposed=queries.proposed(known, now) if asked == today and not then else {},
        then_map=known.on(then) if then else None,
        remarks=queries.open_on(said, now.on),
        at_notice=queries.at_notice(known, said),
        editing=_editing(form),
        there=there,
    )


def _open(form: LineForm, known: queries.Known, now: Map) -> MapLine | None:
    """Put the line that the address asks for into the form, by its id or by the person."""
    asked = _asked()
    if asked is None:
        form.show(None, None, None)
        return None
    function, wanted, person = asked
    line = next(
        (
            one
            for row in now.rows
            for one in row.lines
            if row.function is function
            and (one.entry_id == wanted if wanted else one.person_id == (person or -1))
        ),
        None,
    )
    there = next((one for one in known.lines if line and one.id == line.entry_id), None)
    if person is not None and (line is None or not line.is_known):
        at = people.working_at(known.case.body_id, [person])
        if person in at:  # somebody who is proposed, for a place kept open or a new one
            line = replace(line or Line(function, None, ""), person_id=person, who=at[person])
    form.show(there, line, function)
    return there


def _asked() -> tuple[Function, int | None, int | None] | None:
    """Which row the address opens: its function, the line's id, the person the roles tell of."""
    function = _member(Function, "edit")
    if not isinstance(function, Function):
        return None
    args = request.args
    return function, number_or_none(args.get("line")), number_or_none(args.get("of"))


def _editing(form: LineForm) -> tuple[Function, int | None, int | None] | None:
    """Which row is open: the one that was sent and refused, or the one the address asks for."""
    if not form.is_submitted():
        return _asked()
    return form.function.data or Function.USERS, number_or_none(form.line.data), None


@bp.post("/cases/<id:case_id>/anchoring/<id:line_id>/remove")
@requires(Permission.EDIT_CASES)
def take_away(case_id: int, line_id: int) -> AnyResponse:
    """The line stands no longer; the maps of the days before keep it."""
    there = queries.line(line_id, case_id)
    with transaction(by=user()):
        operations.take_away(there, clock.today())
    flash(_("The line is gone from the map. The days before keep it."), "message")
    return redirect(url_for(".page", case_id=case_id), 303)


# --- The gate -------------------------------------------------------------------------------------


@bp.route("/cases/<id:case_id>/gate", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def gate(case_id: int) -> AnyResponse:
    """The gate of a case: its steps in order, who is missing, and what the functions have said."""
    case, today = cases.get(case_id), clock.today()
    steps = queries.steps(case)
    form = StepForm()
    asked = _member(GateStep, "edit")
    if not form.is_submitted() and asked is not None:
        form.show(next(one for one in steps if one.step is asked), _number(case, asked))

    def save() -> None:
        row = queries.step_row(case.id, form.step.data)
        form.check_number(
            _number(case, form.step.data), lambda: last_save(row) if row is not None else None
        )
        operations.set_step(
            case,
            form.step.data,
            owner=form.owner.data,
            state=form.state.data,
            begun_on=form.begun_on.day,
            done_on=form.done_on.day,
            evidence=form.evidence.data or "",
            today=today,
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".gate", case_id=case.id) + f"#s-{form.step.data.value}", 303)
    return render(
        "anchoring/gate.html",
        form=form,
        case=case,
        steps=steps,
        editing=form.step.data if form.is_submitted() else asked,
        missing=queries.missing_in(case, today),
        answers=queries.answers(case.id),
        remarks=queries.remarks(case.id),
        elsewhere=queries.said_elsewhere(case),
        settled=rules.SETTLED,
        today=today,
    )


def _number(case: Case, step: Function | GateStep | None) -> int:
    """The version of a step, for its form. The PUB-avtal is changed at the case as well."""
    row = queries.step_row(case.id, step) if isinstance(step, GateStep) else None
    number = row.version if row is not None else 0
    return number + (case.version * 10_000 if step is GateStep.PROCESSING_AGREEMENT else 0)


@bp.post("/cases/<id:case_id>/gate/tasks")
@requires(Permission.EDIT_CASES)
def make_tasks(case_id: int) -> AnyResponse:
    """One press makes a task for every function that is missing (journey 14)."""
    case = cases.get(case_id)
    with transaction(by=user()):
        made = operations.make_tasks(case, by=user(), today=clock.today(), now=clock.now())
    if made:
        flash(
            ngettext(
                "One task is made: %(who)s.",
                "%(num)s tasks are made: %(who)s.",
                len(made),
                who=", ".join(label(one) for one in made),
            ),
            "message",
        )
    return _home(case)


@bp.route("/cases/<id:case_id>/gate/skip", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def skip(case_id: int) -> AnyResponse:
    """Go on without those who are missing, and say why."""
    case, form = cases.get(case_id), SkipForm()
    missing = queries.missing_in(case, clock.today())
    if missing is None:
        return redirect(url_for(".gate", case_id=case.id), 303)

    def save() -> None:
        operations.skip(case, form.reason.data, by=user(), today=clock.today())

    if form.carried_out(save):
        flash(_("The reason is kept with the gate."), "message")
        return _home(case)
    return render("anchoring/skip.html", form=form, case=case, missing=missing)


@bp.route("/gate-times", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTS)
def times() -> AnyResponse:
    """How long the steps take in our own experience, instead of what we assume."""
    return _times(None)


@bp.route("/accounts/<id:organisation_id>/gate-times", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def body_times(organisation_id: int) -> AnyResponse:
    """How long the steps take at one body (`budget-cycles.md` 5.2)."""
    organisation = organisations.get(organisation_id)
    return _times(organisations.get(organisation.body_id or organisation.id))


def _times(body: Organisation | None) -> AnyResponse:
    form = TimesForm()
    there = queries.times(body.id if body is not None else None)
    number = queries.times_number(there)
    if not form.is_submitted():
        form.version.data = str(number)
        for step, row in there.items():
            first, last = form.span(step)
            first.data, last.data = row.weeks_from, row.weeks_to

    def save() -> None:
        form.check_number(number, lambda: None)
        operations.set_times(
            {
                step: (first.data, last.data) if first.data is not None else None
                for step in GateStep
                for first, last in [form.span(step)]
            },
            body,
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(request.path, 303)
    own = queries.times(None) if body is not None else {}
    return render(
        "anchoring/times.html",
        form=form,
        body=body,
        facts=rules.FACTS,
        usual={step: queries.usual_time(one, own.get(step)) for step, one in rules.FACTS.items()},
    )


# --- Remarks --------------------------------------------------------------------------------------


@bp.route("/cases/<id:case_id>/gate/remarks/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_remark(case_id: int) -> AnyResponse:
    """What a function says about effects on its own work, in its own words."""
    case, form = cases.get(case_id), RemarkForm()
    form.person_id.within = case.body
    if not form.is_submitted():
        step = _member(GateStep, "step")
        form.step.data, form.said_on.data = step, clock.today()
        form.function.data = _member(Function, "function") or (
            rules.FACTS[step].owner if isinstance(step, GateStep) else None
        )

    def make() -> str:
        operations.note_remark(
            case,
            function=form.function.data,
            step=form.step.data,
            person=people.get(form.person_id.data) if form.person_id.data else None,
            words=form.words.data,
            said_on=form.said_on.day or clock.today(),
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return url_for(".gate", case_id=case.id) + "#remarks-head"

    if there := form.carried_out_once(make):
        flash(_("Written down. It is open until there is an answer."), "message")
        return redirect(there, 303)
    return render("anchoring/remark.html", form=form, case=case)


@bp.route("/remarks/<id:remark_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def answer_remark(remark_id: int) -> AnyResponse:
    """What came of a remark."""
    remark = queries.remark(remark_id)
    case, form = cases.get(remark.case_id), AnswerForm(obj=remark)

    def save() -> None:
        form.check_version(remark)
        operations.answer_remark(remark, form.answer.data or "", today=clock.today())

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".gate", case_id=case.id) + "#remarks-head", 303)
    return render("anchoring/answer.html", form=form, case=case, remark=remark)


@bp.post("/remarks/<id:remark_id>/need")
@requires(Permission.EDIT_CASES)
def make_need(remark_id: int) -> AnyResponse:
    """One press makes the remark a requirement with its source (S11). Again: the same one."""
    remark = queries.remark(remark_id)
    case = cases.get(remark.case_id)
    with transaction(by=user()):
        operations.make_need(remark, case, by=user(), today=clock.today(), now=clock.now())
    flash(_("It is part of a requirement now, with its source."), "message")
    return redirect(url_for(".gate", case_id=case.id) + f"#r-{remark.id}", 303)


# --- At the notice --------------------------------------------------------------------------------


@bp.get("/anchoring")
@requires(Permission.READ)
def won() -> Response:
    """Each won tender: how many functions were in before the notice, and what was open that day."""
    return render("anchoring/won.html", rows=queries.won(page=page_number(request.args)))


# --- Lines between people -------------------------------------------------------------------------


@bp.route("/accounts/<id:organisation_id>/relations", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def relations(organisation_id: int) -> AnyResponse:
    """Who reports to whom, who influences whom, and who is at odds, at a body (C9)."""
    organisation = organisations.get(organisation_id)
    body = organisations.get(organisation.body_id or organisation.id)
    form = RelationForm()
    form.one_id.within = form.other_id.within = body

    def make() -> str:
        operations.relate(
            body,
            people.get(form.one_id.data or 0),
            people.get(form.other_id.data or 0),
            form.kind.data,
            note=form.note.data or "",
            by=user(),
            today=clock.today(),
        )
        return url_for(".relations", organisation_id=body.id)

    if there := form.carried_out_once(make):
        flash(_("The line is written down."), "message")
        return redirect(there, 303)
    return render(
        "anchoring/relations.html", form=form, body=body, lines=queries.relations(body.id)
    )


@bp.post("/relations/<id:relation_id>/end")
@requires(Permission.EDIT_CASES)
def end_relation(relation_id: int) -> AnyResponse:
    """The line stands no longer."""
    row = queries.relation(relation_id)
    with transaction(by=user()):
        operations.end_relation(row, clock.today())
    flash(_("The line is gone."), "message")
    at = number_or_none(request.form.get("at")) or row.body_id
    return redirect(url_for(".relations", organisation_id=at), 303)


# --- References -----------------------------------------------------------------------------------


@bp.get("/references")
@requires(Permission.EDIT_CASES)
def references() -> Response:
    """Those who have agreed to be asked; for a case, the best fit first (C10)."""
    return _references(AskForm(formdata=None))


def _references(form: AskForm) -> Response:
    number = number_or_none(request.values.get("case"))
    case = cases.get(number) if number is not None else None
    systems = request.args.get("systems", "").strip()[:200]
    if case is not None and "systems" not in request.args:
        systems = queries.systems_at(case.body_id, clock.today())
    form.case.data = str(case.id) if case else ""
    return render(
        "anchoring/references.html",
        form=form,
        case=case,
        systems=systems,
        found=queries.references(today=clock.today(), wanted=case, systems=systems),
    )


@bp.route("/people/<id:person_id>/references/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_reference(person_id: int) -> AnyResponse:
    """Somebody has agreed to be asked by others."""
    person, form = people.get(person_id), NewConsentForm()
    posts = people.current_posts(person)
    form.organisation_id.choices = [(post.organisation_id, post.organisation) for post in posts]
    if not form.is_submitted():
        form.consented_on.data, form.a_year.data = clock.today(), 2

    def make() -> str:
        operations.consent(
            person,
            organisations.get(form.organisation_id.data),
            consented_on=form.consented_on.day or clock.today(),
            a_year=form.a_year.data or 1,
            uses=form.uses.data or "",
            systems=form.systems.data or "",
            by=user(),
            today=clock.today(),
        )
        return url_for(".references")

    if there := form.carried_out_once(make):
        flash(_("Written down."), "message")
        return redirect(there, 303)
    return _consent_page(form, person, None)


@bp.route("/references/<id:reference_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit_reference(reference_id: int) -> AnyResponse:
    """Put a consent right, or take it back."""
    row = queries.reference(reference_id)
    form = ConsentForm(obj=row)

    def save() -> None:
        form.check_version(row)
        operations.change_consent(
            row,
            consented_on=form.consented_on.day or row.consented_on,
            a_year=form.a_year.data or row.a_year,
            uses=form.uses.data or "",
            systems=form.systems.data or "",
            today=clock.today(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".references"), 303)
    return _consent_page(form, row.person, row)


def _consent_page(
    form: NewConsentForm | ConsentForm, person: Person, row: Reference | None
) -> Response:
    return render("anchoring/consent.html", form=form, person=person, row=row)


@bp.post("/references/<id:reference_id>/ask")
@requires(Permission.EDIT_CASES)
def ask_reference(reference_id: int) -> AnyResponse:
    """The reference is asked, which counts against its limit; beyond that it is refused."""
    form = AskForm()
    number = number_or_none(form.case.data)
    case = cases.get(number) if number is not None else None
    told: list[str] = []

    def make() -> str:
        row = operations.ask_reference(reference_id, case, by=user(), today=clock.today())
        told.append(row.person.name)
        return url_for(".references", case=case.id if case else None)

    queries.reference(reference_id)
    if there := form.carried_out_once(make):
        if told:
            flash(_("%(name)s is noted as asked today.", name=told[0]), "message")
        return redirect(there, 303)
    return _references(form)


@bp.post("/references/<id:reference_id>/withdraw")
@requires(Permission.EDIT_CASES)
def withdraw(reference_id: int) -> AnyResponse:
    """The consent is taken back."""
    row = queries.reference(reference_id)
    with transaction(by=user()):
        operations.withdraw(row, clock.today())
    flash(_("%(name)s is no longer shown as somebody to ask.", name=row.person.name), "message")
    return redirect(url_for(".references"), 303)
