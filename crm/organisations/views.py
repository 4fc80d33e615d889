"""Pages of organisations: the list, the tree, the register and its imports.

The organisation's own page is made of many domains and lives in `crm.overview.account`.
"""

from contextlib import closing

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.models import User
from crm.audit.queries import history_of
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import NotFound, RuleBroken
from crm.core.paging import Page
from crm.organisations import operations, queries, register, schools
from crm.organisations.forms import (
    AliasForm,
    BodyForm,
    CloseForm,
    DomainForm,
    MoveForm,
    OrganisationForm,
    SchoolsForm,
    UnitForm,
    picked,
    suggestions,
)
from crm.organisations.models import Alias, Organisation, SchoolFile
from crm.organisations.queries import Level, Sort
from crm.organisations.texts import FACTS, value_text
from crm.rules.access import Permission
from crm.rules.contact import (
    Unreadable,
    display_phone,
    normalise_email,
    normalise_org_number,
    normalise_phone,
)
from crm.rules.kinds import OrganisationKind, SizeClass, UnitKind
from crm.search.queries import find
from crm.web.access import reads, requires
from crm.web.asked import Order, number_or_none, order_of, page_number
from crm.web.csv import Cell, csv_file
from crm.web.forms import Form, clean, page, user
from crm.web.labels import label

bp = Blueprint("organisations", __name__, url_prefix="/accounts")
bp.add_app_template_filter(display_phone, "phone_number")
bp.add_app_template_filter(value_text, "fact_value")
bp.app_context_processor(lambda: {"fact_names": FACTS})


@bp.app_template_filter("as_node")
def as_node(node: queries.Node) -> dict[str, object]:
    """A node of the tree as the component draws it; small trees are open."""
    return {
        "name": node.name,
        "href": url_for("overview.organisation", organisation_id=node.id),
        "note": _("closed") if node.closed_on else "",
        "here": False,
        "open": node.size <= 12,
        "children": [as_node(child) for child in node.children],
    }


def home(organisation: Organisation) -> str:
    """The address of the organisation's own page."""
    return url_for("overview.organisation", organisation_id=organisation.id)


# --- The list -----------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The list of accounts. Filter and order live in the address."""
    wanted = _filter()
    order = _order(wanted)
    found = queries.accounts(
        wanted,
        sort=Sort(order.column),
        descending=order.descending,
        page=page_number(request.args),
    )
    return page(
        "organisations/index.html",
        accounts=found,
        chosen=wanted,
        sort=str(order),
        counties=queries.counties(),
        levels=Level,
        kinds=OrganisationKind,
        unit_kinds=UnitKind,
        sizes=SizeClass,
    )


def _order(wanted: queries.Filter) -> Order:
    """The order that the address asks for; else bodies by kind, and units, of which there are so
    many that an index must order them, by name."""
    usual = Sort.KIND if wanted.shown_level is Level.BODIES else Sort.NAME
    return order_of(request.args, Sort, usual)


@bp.get("/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is on the screen, all its pages (I7)."""
    wanted = _filter()
    order = _order(wanted)
    rows = queries.every_row(wanted, sort=Sort(order.column), descending=order.descending)
    heads = (
        _("Name"),
        _("Lies below"),
        _("Kind"),
        _("County"),
        _("Inhabitants"),
        _("Owner"),
        _("Units"),
        _("Next date"),
    )
    return csv_file(_("accounts"), heads, map(_cells, rows))


def _cells(row: queries.AccountRow) -> tuple[Cell, ...]:
    return (
        row.name,
        " / ".join(crumb.name for crumb in row.trail),
        label(row.unit_kind or row.kind),
        row.county,
        row.population,
        row.owner,
        row.units,
        row.next_on,
    )


def _filter() -> queries.Filter:
    """What the address asks for; anything odd in it counts as not asked."""
    args = request.args
    text = str(clean(args.get("q", "")[:100]))
    under = number_or_none(args.get("under"))
    kind, unit_kind, size = args.get("kind", ""), args.get("unit_kind", ""), args.get("size", "")
    level = args.get("level", "")
    hits = find(text, kinds=("body", "unit"), limit=60) if text else []
    return queries.Filter(
        text=text,
        under=queries.get(under) if under is not None else None,
        including_below=args.get("below", "1") != "0",
        level=Level(level) if level in set(Level) else None,
        kind=OrganisationKind(kind) if kind in set(OrganisationKind) else None,
        unit_kind=UnitKind(unit_kind) if unit_kind in set(UnitKind) else None,
        county_code=args.get("county", "")[:2],
        size=SizeClass(size) if size in set(SizeClass) else None,
        owner_id=int(current_user.id) if args.get("mine") == "1" else None,
        closed=args.get("closed") == "1",
        ids=[hit.ref_id for hit in hits] if text else None,
    )


@bp.route("/options", methods=["GET", "POST"])
@requires(Permission.READ)
@reads
def options() -> str:
    """What a picker shows while somebody types: options of a list, nothing else."""
    except_id = number_or_none(request.args.get("except"))
    except_path = queries.get(except_id).path if except_id is not None else ""
    within_id = number_or_none(request.args.get("within"))
    within_path = queries.get(within_id).path if within_id is not None else None
    words = str(clean(request.values.get("q", "")))[:100]
    found = suggestions(words, except_path=except_path, within_path=within_path)
    return render_template("organisations/_options.html", found=found)


# --- Adding -------------------------------------------------------------------------------------


@bp.post("/duplicates")
@requires(Permission.EDIT_ACCOUNTS)
@reads
def duplicates() -> str:
    """Perhaps the same, while somebody types. Empty when nothing is alike."""
    args = {name: str(clean(value)) for name, value in request.form.items()}
    parent = number_or_none(args.get("parent"))
    found = queries.likely_duplicates(
        name=args.get("name", "").strip()[:200],
        body_id=queries.get(parent).body_id if parent is not None else None,
        org_number=_read(normalise_org_number, args.get("org_number", "")),
        email=_read(lambda text: normalise_email(text).address, args.get("email", "")),
        phone=_read(normalise_phone, args.get("phone", "")),
    )
    return render_template("organisations/_duplicates.html", found=found)


def _read(reader: object, text: str) -> str:
    """A value in normal form; '' while it cannot be read yet."""
    try:
        return str(reader(text)) if text.strip() else ""  # type: ignore[operator]  # a function
    except Unreadable:
        return ""


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def new() -> AnyResponse:
    """Add a legal body that the register lacks."""
    form = BodyForm()
    if earlier := form.earlier():
        return redirect(earlier, 303)
    found: list[queries.Likely] = []
    if form.submitted():
        found = queries.likely_duplicates(
            name=form.name.data, org_number=_read(normalise_org_number, form.org_number.data or "")
        )

    def add() -> str:
        made = operations.add_body(
            name=form.name.data,
            kind=form.kind.data,
            org_number=form.org_number.data or "",
            county_code=form.county_code.data or None,
            county_name=dict(form.counties).get(form.county_code.data, ""),
            despite=found,
            by=user(),
            now=clock.now(),
        )
        return home(made)

    asks = bool(found) and not _insists()
    if not asks and (there := form.carried_out_once(add)):
        flash(_("%(name)s has been added.", name=form.name.data), "message")
        return redirect(there, 303)
    return page("organisations/new.html", form=form, found=found, status=422 if asks else 200)


def _insists() -> bool:
    """Somebody has looked at the likely duplicates and found them to be others (A8)."""
    return request.form.get("despite") == "1"


@bp.route("/<id:organisation_id>/units/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def add_unit(organisation_id: int) -> AnyResponse:
    """Add a förvaltning, nämnd or unit directly below."""
    parent = queries.get(organisation_id)
    form = UnitForm()
    if earlier := form.earlier():
        return redirect(earlier, 303)
    if request.method == "GET":
        form.kind.data = (
            OrganisationKind.DEPARTMENT if parent.parent_id is None else OrganisationKind.UNIT
        )
        form.name.data = request.args.get("name", "")[:200]
    found: list[queries.Likely] = []
    if form.submitted():
        found = queries.likely_duplicates(name=form.name.data, body_id=parent.body_id)

    def add() -> str:
        made = operations.add_unit(
            parent,
            name=form.name.data,
            kind=form.kind.data,
            unit_kind=form.unit_kind.data,
            despite=found,
            by=user(),
            now=clock.now(),
        )
        return home(made)

    asks = bool(found) and not _insists()
    if not asks and (there := form.carried_out_once(add)):
        flash(
            _("%(name)s lies below %(parent)s.", name=form.name.data, parent=parent.title),
            "message",
        )
        return redirect(there, 303)
    return page(
        "organisations/unit.html",
        form=form,
        parent=parent,
        above=[*queries.ancestors(parent), parent],
        found=found,
        status=422 if asks else 200,
    )


# --- Changing -----------------------------------------------------------------------------------


@bp.route("/<id:organisation_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def edit(organisation_id: int) -> AnyResponse:
    """The facts of an organisation, its other names, and what has been changed."""
    organisation = queries.get(organisation_id)
    form = OrganisationForm(obj=organisation, is_body=organisation.parent_id is None)
    colleagues = db.session.execute(
        sa.select(User.id, User.name)
        .where(sa.or_(User.active.is_(True), User.id == organisation.owner_id))
        .order_by(User.name)
    ).all()  # who has left and still owns it stays in the list, or saving would clear the owner
    form.owner_id.choices = [("", _("Nobody")), *((row.id, row.name) for row in colleagues)]
    if not form.is_submitted():
        form.version.data = str(organisation.version)
        form.name.data = organisation.title
        form.phone.data = display_phone(organisation.phone) if organisation.phone else ""

    def save() -> None:
        form.check_version(organisation)
        now = clock.now()
        operations.edit(
            organisation,
            name=form.name.data,
            kind=form.kind.data,
            unit_kind=form.unit_kind.data,
            short_name=form.short_name.data or "",
            org_number=form.org_number.data or "",
            email=form.email.data or "",
            phone=form.phone.data or "",
            web_domain=form.web_domain.data or "",
            email_domain=form.email_domain.data or "",
            note=form.note.data or "",
            by=user(),
            now=now,
        )
        owner = db.session.get(User, form.owner_id.data) if form.owner_id.data else None
        if (owner.id if owner else None) != organisation.owner_id:
            operations.set_owner(organisation, owner, by=user(), now=now)

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(home(organisation), 303)
    return _edit_page(organisation, form)


def _edit_page(
    organisation: Organisation, form: Form, alias_form: Form | None = None
) -> AnyResponse:
    history = history_of("organisation", organisation.id)
    return page(
        "organisations/edit.html",
        form=form,
        organisation=organisation,
        above=queries.ancestors(organisation),
        aliases=queries.aliases(organisation),
        alias_form=alias_form or AliasForm(formdata=None),
        history=history,
        names=queries.names_in(line.changes for line in history),
    )


@bp.route("/<id:organisation_id>/move", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def move(organisation_id: int) -> AnyResponse:
    """Put a node, with everything below it, under another: one action (A1)."""
    organisation = queries.get(organisation_id)
    form = MoveForm(version=organisation.version)
    form.parent.except_path = organisation.path

    def carry() -> None:
        form.check_version(organisation)
        operations.move(organisation, picked(form.parent), by=user(), now=clock.now())

    if form.carried_out(carry):
        flash(_("%(name)s has been moved.", name=organisation.title), "message")
        return redirect(home(organisation), 303)
    return page(
        "organisations/move.html",
        form=form,
        organisation=organisation,
        above=queries.ancestors(organisation),
        below=queries.counts_below([(organisation.id, organisation.path)]).get(organisation.id, 0),
    )


@bp.route("/<id:organisation_id>/aliases", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def add_alias(organisation_id: int) -> AnyResponse:
    """Another name that search finds it by."""
    organisation = queries.get(organisation_id)
    if request.method == "GET":
        return redirect(url_for(".edit", organisation_id=organisation.id), 303)
    form = AliasForm()
    if form.carried_out(lambda: operations.add_alias(organisation, form.name.data)):
        flash(_("It is now found by that name too."), "message")
        return redirect(url_for(".edit", organisation_id=organisation.id), 303)
    return page(
        "organisations/alias.html",
        form=form,
        organisation=organisation,
        above=queries.ancestors(organisation),
    )


@bp.post("/<id:organisation_id>/aliases/<id:alias_id>/remove")
@requires(Permission.EDIT_ACCOUNTS)
def remove_alias(organisation_id: int, alias_id: int) -> AnyResponse:
    """Search no longer finds it by this name."""
    organisation = queries.get(organisation_id)
    alias = db.session.get(Alias, alias_id)
    if alias is None or alias.organisation_id != organisation.id:
        raise NotFound(f"alias {alias_id}")
    with transaction(by=user()):
        operations.remove_alias(organisation, alias)
    return redirect(url_for(".edit", organisation_id=organisation.id), 303)


@bp.route("/<id:organisation_id>/domains", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def learn_domain(organisation_id: int) -> AnyResponse:
    """Say that people at this mail domain sit here."""
    organisation = queries.get(organisation_id)
    if request.method == "GET":
        return redirect(home(organisation), 303)
    form = DomainForm()
    if form.carried_out(lambda: operations.learn_domain(form.domain.data, organisation)):
        flash(_("From now on the domain proposes %(name)s.", name=organisation.title), "message")
        return redirect(home(organisation) + "#domains", 303)
    return page(
        "organisations/domain.html",
        form=form,
        organisation=organisation,
        above=queries.ancestors(organisation),
    )


@bp.post("/<id:organisation_id>/domains/<id:pattern_id>/forget")
@requires(Permission.EDIT_ACCOUNTS)
def forget_domain(organisation_id: int, pattern_id: int) -> AnyResponse:
    """The proposal was wrong."""
    organisation = queries.get(organisation_id)
    pattern = queries.get_pattern(pattern_id)
    if not queries.get(pattern.organisation_id).path.startswith(organisation.path):
        raise NotFound(f"domain pattern {pattern_id} below {organisation_id}")
    with transaction(by=user()):
        operations.forget_domain(pattern)
    flash(_("The domain no longer proposes that place."), "message")
    return redirect(home(organisation) + "#domains", 303)


@bp.route("/<id:organisation_id>/close", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def close(organisation_id: int) -> AnyResponse:
    """It no longer exists, nor does anything below it. All history stays."""
    organisation = queries.get(organisation_id)
    form = CloseForm(version=organisation.version)
    form.successor.except_path = organisation.path
    if request.method == "GET":
        form.on.data = organisation.closing_on or clock.today()

    def carry() -> None:
        form.check_version(organisation)
        day = clock.today()
        operations.close(
            organisation,
            on=form.on.day or day,
            successor=picked(form.successor),
            by=user(),
            today=day,
            now=clock.now(),
        )

    if form.carried_out(carry):
        words = (
            _("The last day of %(name)s is noted. Until then it stays open.")
            if organisation.closing_on
            else _("%(name)s is closed. Its history stays.")
        )
        flash(words % {"name": organisation.title}, "message")
        return redirect(home(organisation), 303)
    return page(
        "organisations/close.html",
        form=form,
        means=operations.what_closing_means(organisation),
        organisation=organisation,
        above=queries.ancestors(organisation),
        below=queries.counts_below([(organisation.id, organisation.path)]).get(organisation.id, 0),
    )


@bp.post("/<id:organisation_id>/reopen")
@requires(Permission.EDIT_ACCOUNTS)
def reopen(organisation_id: int) -> AnyResponse:
    """It was closed by mistake."""
    organisation = queries.get(organisation_id)
    try:
        with transaction(by=user()):
            operations.reopen(organisation, by=user(), now=clock.now())
    except RuleBroken as broken:
        flash(str(broken), "error")
    else:
        flash(_("%(name)s is open again.", name=organisation.title), "message")
    return redirect(home(organisation), 303)


# --- The register -------------------------------------------------------------------------------


@bp.route("/register", methods=["GET", "POST"])
@requires(Permission.IMPORT)
def load_register() -> AnyResponse:
    """What the register that came with the program says differently, and the button to load it."""
    form = Form()
    loaded: list[register.Loaded] = []
    if form.carried_out(
        lambda: loaded.append(operations.load_register(clock.now(), clock.today()))
    ):
        flash(summary_of(loaded[0]), "message")
        return redirect(url_for(".load_register"), 303)
    return page(
        "organisations/register.html",
        form=form,
        found=register.compare(),
        sources=register.sources(),
    )


def summary_of(loaded: register.Loaded) -> str:
    """What a load did, in one sentence."""
    if loaded.changed_nothing:
        return _(
            "The register is already loaded: %(number)s bodies, nothing changed.",
            number=loaded.unchanged,
        )
    return _(
        "The register is loaded: %(added)s added, %(updated)s updated, %(unchanged)s unchanged.",
        added=loaded.added,
        updated=loaded.updated,
        unchanged=loaded.unchanged,
    )


@bp.route("/import-schools", methods=["GET", "POST"])
@requires(Permission.IMPORT)
def import_schools() -> AnyResponse:
    """Upload a school register; nothing is written before it has been looked through."""
    form = SchoolsForm()
    upload = form.file.data
    if form.is_submitted() and not getattr(upload, "filename", ""):
        form.refuse(_("Choose a file first."))

    def keep() -> str:
        now = clock.now()
        with closing(upload.stream):  # a large one lies in a file of its own
            content = upload.stream.read(schools.MOST_BYTES + 1)
        name = str(clean(upload.filename))
        file = schools.keep(content, name=name, by=user(), now=now, today=clock.today())
        return url_for(".school_file", file_id=file.id)

    if not form.refusals and (there := form.carried_out_once(keep)):
        return redirect(there, 303)
    return page("organisations/schools.html", form=form)


@bp.route("/import-schools/<id:file_id>", methods=["GET", "POST"])
@requires(Permission.IMPORT)
def school_file(file_id: int) -> AnyResponse:
    """The dry run, row by row; then the same, written in one transaction."""
    file = db.session.get(SchoolFile, file_id)
    if file is None:
        raise NotFound(f"school file {file_id}")
    if file.applied_at is not None:
        flash(_("That file has been imported already."), "warning")
        return redirect(url_for(".import_schools"), 303)
    form = Form()
    done: list[schools.Plan] = []

    def carry() -> None:
        done.append(schools.carry_out(file, by=user(), now=clock.now(), today=clock.today()))

    if form.carried_out(carry):
        created, updated = done[0].count(schools.Fate.CREATED), done[0].count(schools.Fate.UPDATED)
        words = ngettext("%(num)s unit created", "%(num)s units created", created)
        more = ngettext("%(num)s updated", "%(num)s updated", updated)
        flash(f"{words}, {more}.", "message")
        return redirect(url_for(".index", level="units"), 303)
    plan = schools.Plan.from_json(file.dry_run)
    fate = request.args.get("fate", "")
    rows = [row for row in plan.rows if not fate or row.fate.value == fate]
    number = page_number(request.args)
    return page(
        "organisations/school_file.html",
        form=form,
        file=file,
        plan=plan,
        fates=schools.Fate,
        fate=fate,
        rows=Page(rows[(number - 1) * 50 : number * 50], number, len(rows)),
    )
