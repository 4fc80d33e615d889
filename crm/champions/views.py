"""Pages of champions: what somebody did, who told whom, and the places of those who left.

A person's page and a case's page show the strength through `crm.overview.beside`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import format_decimal
from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.cases import queries as cases
from crm.cases.models import Case
from crm.champions import figure_pages, operations, queries, spread_pages, told_pages
from crm.champions.forms import (
    ActForm,
    CaseActForm,
    EditActForm,
    SoldForm,
    SuccessorForm,
    cases_with,
)
from crm.core import clock
from crm.core.db import transaction
from crm.organisations import queries as organisations
from crm.people import queries as people
from crm.people.models import Person
from crm.rules.access import Permission
from crm.rules.champions import (
    ANSWERS,
    FORGOTTEN_AFTER,
    Formula,
    Origin,
)
from crm.rules.functions import guess_roles
from crm.rules.stages import CaseRole, CaseState
from crm.web import filters
from crm.web.access import requires
from crm.web.asked import number_or_none
from crm.web.forms import page, user

bp = Blueprint("champions", __name__)


@bp.app_template_filter("points")
def points(value: float) -> str:
    """Points of a strength, whole however often they were halved: 3, 4,5, 0,375."""
    return str(format_decimal(value, "#,##0.#####", locale=filters.locale()))


bp.get("/accounts/<id:organisation_id>/who-told-whom")(told_pages.told)
bp.get("/accounts/<id:organisation_id>/spread")(spread_pages.spread)
bp.get("/accounts/<id:organisation_id>/spread/people")(spread_pages.spread_people)
bp.get("/spread")(spread_pages.everywhere)
bp.get("/champions/figures")(figure_pages.figures)
bp.post("/champions/figures")(figure_pages.change_figures)


# --- What somebody did --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class At:
    """Where somebody is now, and what they are to us."""

    posts: Sequence[people.PostRow]
    bodies: frozenset[int]
    body_id: int | None
    roles: frozenset[CaseRole]


def _at(person: Person) -> At:
    posts = people.all_posts(person)
    current = [post for post in posts if post.is_current]
    held = people.account_roles([person.id])[person.id]
    roles = {role.role for role in held} | queries.roles_now(person.id)
    latest = next(iter(posts), None)
    return At(
        posts,
        frozenset(post.body_id for post in current),
        latest.body_id if latest is not None else None,
        frozenset(roles),
    )


def _acts_page(person: Person, form: ActForm | None = None) -> Response:
    at = _at(person)
    if form is None:
        form = ActForm(formdata=None)
        _prepare(form, person, at.body_id)
    today = clock.today()
    acts = queries.evidence([person.id]).get(person.id, [])
    elsewhere = [act for act in acts if act.body_id is not None and act.body_id not in at.bodies]
    names = {act.other_id for act in acts if act.other_id is not None}
    formula = queries.figures().formula
    return page(
        "champions/person.html",
        person=person,
        post=next(iter(at.posts), None),
        shown=queries.carrier(acts, at.bodies, at.roles, today, formula),
        elsewhere=len(elsewhere),
        is_here=bool(at.bodies),
        written=queries.written(person_id=person.id),
        names=queries.named_at(at.body_id, names) if names and at.body_id is not None else {},
        guess=guess_roles(at.posts[0].title) if at.posts and not at.roles else (),
        form=form,
        formula=_told_of(formula),
    )


def _told_of(formula: Formula) -> dict[str, object]:
    """The formula as the pages tell it."""
    return {
        "worth": formula.worth,
        "answers": ANSWERS,
        "halves_after": formula.halves_after,
        "forgotten_after": FORGOTTEN_AFTER,
        "recent": formula.recent,
        "told": Origin.TOLD,
        "inquiry": Origin.INQUIRY,
        "need": Origin.NEED,
    }


def _prepare(form: ActForm | SoldForm | CaseActForm, person: Person, body_id: int | None) -> None:
    asked = number_or_none(request.args.get("case"))
    case = cases.get_with_places(asked) if asked is not None else None
    form.offer(cases_with(queries.open_cases_of(person.id), case))
    if case is not None and not form.is_submitted():
        form.case_id.data = case.id
    _within(form, body_id)


def _within(form: object, body_id: int | None) -> None:
    """Colleagues are sought at the body; where nobody knows which, none can be named."""
    field = getattr(form, "other_id", None)
    if field is None:
        return
    if body_id is None:
        del form.other_id  # type: ignore[attr-defined]  # a field of the form, by its name
    else:
        field.within = organisations.get(body_id)


def _other(form: ActForm | CaseActForm | EditActForm) -> Person | None:
    if "other_id" not in form or not form.other_id.data:
        return None
    return people.get(form.other_id.data)


@bp.get("/people/<id:person_id>/acts")
@requires(Permission.READ)
def person(person_id: int) -> Response:
    """What somebody has done, and the strength that follows from it, step by step."""
    return _acts_page(people.get(person_id))


@bp.route("/people/<id:person_id>/acts/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add(person_id: int) -> AnyResponse:
    """Write down an act, in one line."""
    found = people.get(person_id)
    form = ActForm()
    _prepare(form, found, _body_of(found))

    def make() -> str:
        case_id = form.case_id.data
        operations.write(
            found,
            form.done(clock.today(), _other(form)),
            case=cases.get(case_id) if case_id is not None else None,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return url_for(".person", person_id=found.id)

    if there := form.carried_out_once(make):
        flash(_("Written down."), "message")
        return redirect(there, 303)
    return _acts_page(found, form)


def _body_of(person: Person) -> int | None:
    return next((post.body_id for post in people.all_posts(person)), None)


@bp.route("/people/<id:person_id>/sold", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def sold(person_id: int) -> AnyResponse:
    """One line of the internal selling log (C3, journey 5)."""
    found = people.get(person_id)
    form = SoldForm()
    _prepare(form, found, None)
    if not form.is_submitted():
        form.done_on.data = clock.today()
    asked = number_or_none(request.args.get("case"))
    back = (
        url_for(".case", case_id=asked)
        if asked is not None
        else url_for("people.show", person_id=found.id)
    )

    def make() -> str:
        case_id = form.case_id.data
        operations.write(
            found,
            form.done(clock.today()),
            case=cases.get(case_id) if case_id is not None else None,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return back

    if there := form.carried_out_once(make):
        flash(_("Written down. It counts in the strength of %(name)s.", name=found.name), "message")
        return redirect(there, 303)
    return page("champions/sold.html", form=form, person=found, back=back, asked=asked)


@bp.route("/acts/<id:act_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(act_id: int) -> AnyResponse:
    """Put right what was written."""
    act = queries.get(act_id)
    form = EditActForm(obj=act)
    form.offer(cases_with(queries.open_cases_of(act.person_id), act.case))
    form.other_id.within = organisations.get(act.body_id)
    if not form.is_submitted():
        form.show(act)

    def save() -> None:
        form.check_version(act)
        operations.put_right(
            act,
            act.person,
            form.done(clock.today(), _other(form)),
            case=cases.get(form.case_id.data) if form.case_id.data is not None else None,
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".person", person_id=act.person_id), 303)
    return page("champions/edit.html", form=form, act=act)


@bp.post("/acts/<id:act_id>/remove")
@requires(Permission.EDIT_CASES)
def remove(act_id: int) -> AnyResponse:
    """It was a mistake."""
    act = queries.get(act_id)
    person_id = act.person_id
    with transaction(by=user()):
        operations.remove(act)
    flash(_("Taken away. It stays in the history of changes."), "message")
    return redirect(url_for(".person", person_id=person_id), 303)


# --- In a case ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in a case with what their acts show."""

    person: Person
    roles: list[CaseRole]
    shown: queries.Carrier


def _case_page(case: Case, form: CaseActForm | None = None) -> Response:
    today = clock.today()
    held: dict[int, list[CaseRole]] = {}
    named: dict[int, Person] = {}
    for row in case.people:
        if row.ended_on is None:
            held.setdefault(row.person_id, []).append(row.role)
            named[row.person_id] = row.person
    acts, formula = queries.evidence(held) if held else {}, queries.figures().formula
    rows = [
        Row(
            named[ident],
            roles,
            queries.carrier(acts.get(ident, []), {case.body_id}, roles, today, formula),
        )
        for ident, roles in held.items()
    ]
    rows.sort(key=lambda row: (-row.shown.strength.total, row.person.name_sort))
    written = queries.written(case_id=case.id)
    if form is None:
        form = CaseActForm(formdata=None)
        _prepare_in_case(form, case)
    return page(
        "champions/case.html",
        case=case,
        rows=rows,
        places=_open_places(case),
        written=written,
        heard=queries.heard(written),
        coming=sorted(
            (act for act in written if act.next_on is not None and act.next_on >= today),
            key=lambda act: (act.next_on or today, act.id),
        ),
        form=form,
        formula=_told_of(formula),
    )


def _open_places(case: Case) -> list[tuple[Person, list[CaseRole], date]]:
    """Whom a successor is sought for in the case, with the roles and since when."""
    if case.state is CaseState.CLOSED:
        return []
    found: dict[int, tuple[Person, list[CaseRole], date]] = {}
    for held in case.vacant:
        if held.ended_on is not None:
            _who, roles, _on = found.setdefault(held.person_id, (held.person, [], held.ended_on))
            roles.append(held.role)
    return list(found.values())


def _prepare_in_case(form: CaseActForm, case: Case) -> None:
    people_there = {row.person_id: row.person for row in case.people if row.ended_on is None}
    form.offer_people(
        sorted(((ident, one.name) for ident, one in people_there.items()), key=lambda row: row[1])
    )
    form.offer([(case.id, case.title)])
    _within(form, case.body_id)


@bp.get("/cases/<id:case_id>/champions")
@requires(Permission.READ)
def case(case_id: int) -> Response:
    """Who carries the case inside the body, who has heard of it, and what comes next there."""
    return _case_page(cases.get(case_id))


@bp.route("/cases/<id:case_id>/acts/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_in_case(case_id: int) -> AnyResponse:
    """Write down what somebody in the case did, in one line."""
    found = cases.get(case_id)
    form = CaseActForm()
    _prepare_in_case(form, found)

    def make() -> str:
        operations.write(
            people.get(form.person_id.data or 0),
            form.done(clock.today(), _other(form)),
            case=found,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return url_for(".case", case_id=found.id)

    if there := form.carried_out_once(make):
        flash(_("Written down."), "message")
        return redirect(there, 303)
    return _case_page(found, form)


# --- Whoever left -------------------------------------------------------------------------------


@bp.route("/people/<id:person_id>/successor", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def successor(person_id: int) -> AnyResponse:
    """Who takes over after somebody: every role that stands open, in every case at the body."""
    found = people.get(person_id)
    places = queries.places_after(found.id)
    bodies = {place.body_id: place.body for place in places}
    asked = number_or_none(request.args.get("body"))
    body_id = asked if asked in bodies else next(iter(bodies), None)
    here = [place for place in places if place.body_id == body_id]
    form = SuccessorForm()
    back = url_for("people.show", person_id=found.id)
    if body_id is None:
        if form.is_submitted() and (there := form.earlier()):
            return redirect(there, 303)
        return page("champions/successor.html", form=None, person=found, places=[], back=back)
    form.person_id.within = organisations.get(body_id)
    filled = []

    def make() -> str:
        filled.append(
            operations.fill(
                [row for place in here for row in place.rows],
                people.get(form.person_id.data or 0),
                by=user(),
                today=clock.today(),
                now=clock.now(),
            )
        )
        return back

    if there := form.carried_out_once(make):
        number = sum(filled)
        flash(
            ngettext("Takes over in one case.", "Takes over in %(num)s cases.", number), "message"
        )
        return redirect(there, 303)
    return page(
        "champions/successor.html",
        form=form,
        person=found,
        places=here,
        body_id=body_id,
        others={ident: name for ident, name in bodies.items() if ident != body_id},
        back=back,
    )
