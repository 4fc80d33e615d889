"""Pages of people: the list, new ones, posts and moves.

A person's own page is made of many domains and lives in `crm.overview.person`.
"""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import NotFound
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.organisations.models import Organisation
from crm.people import operations, queries
from crm.people.forms import (
    EditPersonForm,
    EditPostForm,
    EndPostForm,
    MoveForm,
    PersonForm,
    PostForm,
    RoleForm,
    people_called,
)
from crm.people.models import Person, Post
from crm.rules.access import Permission
from crm.rules.contact import display_phone
from crm.rules.functions import guess_roles
from crm.rules.stages import CaseRole
from crm.search.queries import find
from crm.web.access import reads, requires
from crm.web.asked import number_or_none, order_of, page_number
from crm.web.csv import Cell, csv_file
from crm.web.forms import clean, page, user
from crm.web.labels import label

bp = Blueprint("people", __name__, url_prefix="/people")


def home(person: Person) -> str:
    """The address of the person's own page."""
    return url_for("people.show", person_id=person.id)


# --- The list -----------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The list of people. Filter and order live in the address."""
    wanted = _filter()
    return page(
        "people/index.html",
        people=queries.people(wanted, **_order(), page=page_number(request.args)),
        chosen=wanted,
        sort=request.args.get("sort", "name"),
        counties=organisations.counties(),
        roles=CaseRole,
    )


def _filter() -> queries.Filter:
    """What the address asks for; anything odd in it counts as not asked."""
    args = request.args
    text = str(clean(args.get("q", "")[:100]))
    under = number_or_none(args.get("under"))
    role = args.get("role", "")
    return queries.Filter(
        text=text,
        under=organisations.get(under) if under is not None else None,
        including_below=args.get("below", "1") != "0",
        county_code=args.get("county", "")[:2],
        owner_id=int(current_user.id) if args.get("mine") == "1" else None,
        role=CaseRole(role) if role in set(CaseRole) else None,
        former=args.get("former") == "1",
        objected=True if args.get("objected") == "1" else None,
        ids=[hit.ref_id for hit in find(text, kinds=("person",), limit=60)] if text else None,
    )


def _order() -> dict[str, Any]:
    """The order that the address asks for."""
    asked = order_of(request.args, queries.Sort, queries.Sort.NAME)
    return {"sort": queries.Sort(asked.column), "descending": asked.descending}


@bp.get("/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is on the screen, all its pages (I7)."""
    wanted, order = _filter(), _order()
    rows = queries.every_row(wanted, **order)
    heads = (
        _("Name"),
        _("Title"),
        _("Works at"),
        _("Lies below"),
        _("E-mail"),
        _("Phone"),
        _("Roles"),
        _("Objected to contact"),
        _("Next date"),
    )
    return csv_file(_("people"), heads, map(_cells, rows))


def _cells(row: queries.PersonRow) -> tuple[Cell, ...]:
    return (
        row.name,
        row.post.title if row.post else "",
        row.post.organisation if row.post else "",
        " / ".join(crumb.name for crumb in row.trail),
        row.email,
        display_phone(row.phone),
        ", ".join(label(role) for role in row.roles),
        row.objected_on,
        row.next_on,
    )


@bp.post("/options/<id:body_id>")
@requires(Permission.READ)
@reads
def options(body_id: int) -> str:
    """What a picker of those who work at a body shows while somebody types."""
    words = str(clean(request.form.get("q", "")))[:100]
    found = people_called(words, organisations.get(body_id))
    return render_template("organisations/_options.html", found=found)


# --- New people ---------------------------------------------------------------------------------


@bp.post("/duplicates")
@requires(Permission.EDIT_ACCOUNTS)
@reads
def duplicates() -> str:
    """Perhaps the same, while somebody types (A8). Empty when nobody is alike."""
    args = {name: str(clean(value)) for name, value in request.form.items()}
    found = queries.likely_duplicates(
        first_name=args.get("first_name", "")[:100],
        last_name=args.get("last_name", "")[:100],
        email=args.get("email", "")[:254],
        phone=args.get("phone", "")[:40],
        organisation=_organisation(args.get("organisation")),
        except_id=number_or_none(args.get("except")),
    )
    return render_template("people/_duplicates.html", found=found)


def _organisation(text: str | None) -> Organisation | None:
    ident = number_or_none(text)
    return db.session.get(Organisation, ident) if ident is not None else None


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def new() -> AnyResponse:
    """A new person. Likely duplicates are shown once before saving, and never stand in the way."""
    form = PersonForm()
    if earlier := form.earlier():
        return redirect(earlier, 303)
    if request.method == "GET":
        place = _organisation(request.args.get("organisation"))
        if place is not None:
            form.organisation.show(place)
        form.first_name.data = request.args.get("first_name", "")[:100]
        form.last_name.data = request.args.get("last_name", "")[:100]
        form.email.data = request.args.get("email", "")[:254]
    valid = form.submitted()
    place = picked(form.organisation) if valid else None
    found = []
    if valid:
        found = queries.likely_duplicates(
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            email=form.email.data or "",
            phone=form.phone.data or "",
            organisation=place,
        )
    insists = request.form.get("despite") == "1"

    def add() -> str:
        made = operations.add_person(
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            organisation=place,
            title=form.title.data or "",
            email=form.email.data or "",
            phone=form.phone.data or "",
            note=form.note.data or "",
            source=form.source.data or _("Entered by %(name)s", name=current_user.name),
            despite=found,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return home(made)

    asks = bool(found) and not insists
    if not asks and (there := form.carried_out_once(add)):
        name = f"{form.first_name.data} {form.last_name.data}".strip()
        flash(_("%(name)s has been added.", name=name), "message")
        return redirect(there, 303)
    return page(
        "people/new.html",
        form=form,
        found=found if asks else [],
        status=422 if asks else 200,
        proposals=organisations.by_domain(form.email.data or "")[:6]
        if form.email.data and form.organisation.data is None
        else [],
    )


# --- Changing -----------------------------------------------------------------------------------


@bp.route("/<id:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def edit(person_id: int) -> AnyResponse:
    """The facts of a person, and the rights of K7."""
    person = queries.get(person_id)
    form = EditPersonForm(obj=person)
    if not form.is_submitted():
        form.version.data = str(person.version)
        form.phone.data = display_phone(person.phone) if person.phone else ""

    def save() -> None:
        form.check_version(person)
        operations.edit_person(
            person,
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            email=form.email.data or "",
            phone=form.phone.data or "",
            note=form.note.data or "",
            source=form.source.data or "",
            legal_basis=form.legal_basis.data,
            noticed_on=form.noticed_on.day,
            objected_on=form.objected_on.day,
            keep_rights=False,
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(home(person), 303)
    return page("people/edit.html", form=form, person=person)


@bp.route("/<id:person_id>/move", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def move(person_id: int) -> AnyResponse:
    """A new employer: ends the old posts, starts the new one, leaves the history where it is."""
    person = queries.get(person_id)
    held = queries.current_posts(person)
    form = MoveForm()
    form.leaving.choices = [
        (post.id, f"{post.title}, {post.organisation}" if post.title else post.organisation)
        for post in held
    ]
    if request.method == "GET":
        form.leaving.data = [post.id for post in held]
        form.on.data = clock.today()
        form.title.data = held[0].title if held else ""

    def carry() -> str:
        operations.move_person(
            person,
            picked(form.organisation),
            form.title.data or "",
            form.on.day or clock.today(),
            leaving=[db.session.get_one(Post, number) for number in form.leaving.data or ()],
            email=form.email.data or None,
            phone=form.phone.data or None,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return home(person)

    if there := form.carried_out_once(carry):
        flash(
            _(
                "%(name)s has moved. What happened before stays with the old account.",
                name=person.name,
            ),
            "message",
        )
        return redirect(there, 303)
    return page("people/move.html", form=form, person=person, held=held)


@bp.route("/<id:person_id>/posts/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def add_post(person_id: int) -> AnyResponse:
    """One more post beside those the person has (A6)."""
    person = queries.get(person_id)
    form = PostForm()

    def add() -> str:
        operations.add_post(
            person,
            picked(form.organisation),
            title=form.title.data or "",
            started_on=form.started_on.day,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        return home(person)

    if there := form.carried_out_once(add):
        flash(_("Saved."), "message")
        return redirect(there, 303)
    return page("people/post.html", form=form, person=person)


def _post(person: Person, post_id: int) -> Post:
    post = queries.get_post(post_id)
    if post.person_id != person.id:
        raise NotFound(f"post {post_id} of person {person.id}")
    return post


@bp.route("/<id:person_id>/posts/<id:post_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def edit_post(person_id: int, post_id: int) -> AnyResponse:
    """Put right what was written about a post."""
    person = queries.get(person_id)
    post = _post(person, post_id)
    form = EditPostForm(obj=post)
    if not form.is_submitted():
        form.version.data = str(post.version)
        form.ended_on.data = post.ended_on or post.leaving_on

    def save() -> None:
        form.check_version(post)
        operations.edit_post(
            post,
            title=form.title.data or "",
            function=form.function.data,
            started_on=form.started_on.day,
            ended_on=form.ended_on.day,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(home(person), 303)
    return page(
        "people/edit_post.html",
        form=form,
        person=person,
        post=post,
        organisation=organisations.get(post.organisation_id),
    )


@bp.route("/<id:person_id>/posts/<id:post_id>/end", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def end_post(person_id: int, post_id: int) -> AnyResponse:
    """Somebody has left, and nobody knows where to."""
    person = queries.get(person_id)
    post = _post(person, post_id)
    form = EndPostForm(version=post.version)
    if request.method == "GET":
        form.on.data = post.leaving_on or clock.today()

    def carry() -> None:
        form.check_version(post)
        operations.end_post(
            post, on=form.on.day or clock.today(), by=user(), today=clock.today(), now=clock.now()
        )

    if form.carried_out(carry):
        flash(
            _("The last day is noted. Until then the post goes on.")
            if post.leaving_on
            else _("The post has ended. It stays in the history."),
            "message",
        )
        return redirect(home(person), 303)
    return page(
        "people/end_post.html",
        form=form,
        person=person,
        post=post,
        organisation=organisations.get(post.organisation_id),
    )


# --- Roles --------------------------------------------------------------------------------------


@bp.route("/<id:person_id>/roles/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def give_role(person_id: int) -> AnyResponse:
    """A role at the account whatever the case; guessed from the title, for a person to accept."""
    person = queries.get(person_id)
    held = queries.current_posts(person)
    form = RoleForm()
    form.organisation_id.choices = [(post.organisation_id, post.organisation) for post in held]
    if request.method == "GET" and held:
        guess = guess_roles(held[0].title)
        form.role.data = guess[0] if guess else CaseRole.USER
    if not held:
        form.refuse(_("A role is held where the person works: give the person a post first."))

    def give() -> None:
        operations.give_role(
            person,
            organisations.get(form.organisation_id.data),
            form.role.data,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    if held and form.carried_out(give):
        flash(_("Saved."), "message")
        return redirect(home(person), 303)
    return page("people/role.html", form=form, person=person)


@bp.post("/<id:person_id>/roles/<id:role_id>/end")
@requires(Permission.EDIT_ACCOUNTS)
def end_role(person_id: int, role_id: int) -> AnyResponse:
    """The person no longer holds the role; the row stays with its last day."""
    person = queries.get(person_id)
    held = queries.get_role(role_id)
    if held.person_id != person.id:
        raise NotFound(f"role {role_id} of person {person.id}")
    with transaction(by=user()):
        operations.end_role(held, by=user(), today=clock.today(), now=clock.now())
    flash(_("The role has ended. It stays in the history."), "message")
    return redirect(home(person), 303)
