"""Pages of activities: the whole timeline of an account, and writing into it."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.activities import operations, queries, sentences
from crm.activities.forms import ActivityForm, NewActivityForm
from crm.activities.models import Activity, ActivityKind
from crm.activities.queries import Entry
from crm.core import clock
from crm.core.errors import NotAllowed
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.asked import number_or_none, own_address, page_number
from crm.web.filters import day
from crm.web.forms import page, user

LATELY = timedelta(days=90)  # an older contact is no reason to hold back
SAID = 120  # characters of what was written, for a warning

bp = Blueprint("activities", __name__)
bp.add_app_template_filter(sentences.sentence, "sentence")
bp.add_app_template_filter(sentences.icon_of, "activity_icon")
bp.add_app_template_filter(sentences.tone, "activity_tone")


@bp.app_template_filter("told")
def told(entry: Entry) -> dict[str, Any]:
    """An entry as the timeline component shows it."""
    return {
        "at": entry.at,
        "icon": sentences.icon_of(entry),
        "title": sentences.sentence(entry),
        "kind": sentences.tone(entry),
        "by": entry.user,
        "text": entry.text,
        "href": _leads_to(entry),
        "entry": entry,
    }


def _leads_to(entry: Entry) -> str | None:
    """Where the line's title leads: its case or its inquiry, if it has one."""
    if entry.case_id is not None:
        return url_for("overview.case", case_id=entry.case_id)
    if entry.inquiry_id is not None:
        return url_for("interest.show", inquiry_id=entry.inquiry_id)
    return None


@bp.get("/accounts/<id:organisation_id>/timeline")
@requires(Permission.READ)
def timeline(organisation_id: int) -> Response:
    """Everything that has happened at an account and in its units, newest first (A10)."""
    organisation = organisations.get(organisation_id)
    args = request.args
    unit_id = number_or_none(args.get("unit"))
    unit = organisations.get(unit_id) if unit_id is not None else None
    if unit is not None and not unit.path.startswith(organisation.path):
        unit = None
    kinds = [ActivityKind(kind) for kind in args.getlist("kind") if kind in set(ActivityKind)]
    wanted = queries.Filter(
        organisation=unit or organisation,
        including_below=args.get("below", "1") != "0",
        person_id=number_or_none(args.get("person")),
        kinds=kinds,
    )
    return page(
        "activities/timeline.html",
        organisation=organisation,
        above=organisations.ancestors(organisation),
        entries=queries.timeline(wanted, page=page_number(args)),
        chosen=wanted,
        unit=unit,
        kinds=ActivityKind,
        people=queries.people_in(organisation),
        units=queries.units_in(organisation),
    )


@bp.route("/accounts/<id:organisation_id>/activities/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def add(organisation_id: int) -> AnyResponse:
    """Write down a call, a mail, a meeting or a note. ?person=<id> from a person's page."""
    organisation = organisations.get(organisation_id)
    person_id = number_or_none(request.args.get("person"))
    form = NewActivityForm(people=_people(organisation, person_id))
    if request.method == "GET":
        kind = request.args.get("kind", "")
        form.kind.data = ActivityKind(kind) if kind in set(ActivityKind) else ActivityKind.NOTE
        form.person_id.data = person_id
        form.on.data = clock.today()
    back = _back(organisation)

    def write() -> str:
        now = clock.now()
        operations.write(
            form.kind.data,
            organisation,
            text=form.text.data,
            at=form.happened_at(now),
            person_id=form.person_id.data,
            by=user(),
            now=now,
        )
        return back

    before = None
    if form.person_id.data is not None:
        before = queries.last_in_touch(form.person_id.data, since=clock.now() - LATELY)
    if there := form.carried_out_once(write):
        flash(_("Written down."), "message")
        if before is not None and before.user_id not in (None, current_user.id):
            flash(_in_touch(before), "message")
        return redirect(there, 303)
    return page(
        "activities/new.html",
        form=form,
        organisation=organisation,
        above=organisations.ancestors(organisation),
        back=back,
        person_id=person_id,
        in_touch=_in_touch(before) if before is not None else "",
    )


def _in_touch(entry: Entry) -> str:
    """Who was in touch with the person, when and about what."""
    facts = {
        "by": entry.user or _("Somebody here"),
        "person": entry.person,
        "day": day(clock.local(entry.at).date()),
        "about": entry.text[:SAID],
    }
    if entry.text:
        return _("%(by)s was in touch with %(person)s on %(day)s: “%(about)s”.", **facts)
    return _("%(by)s was in touch with %(person)s on %(day)s.", **facts)


def _people(organisation: Organisation, person_id: int | None) -> list[tuple[int, str]]:
    """Who can be chosen: the people here and below, and whoever the page came from."""
    found = [(row.id, row.name) for row in people.at(organisation, per_page=200).rows]
    if person_id is not None and person_id not in {ident for ident, _name in found}:
        person = people.get(person_id)
        found.insert(0, (person.id, person.name))
    return found


def _back(organisation: Organisation) -> str:
    """To the page the form was opened on, if it is one of ours; else to the account."""
    account = url_for("overview.organisation", organisation_id=organisation.id)
    came_from = request.referrer if request.method == "GET" else None
    return own_address(request.values.get("back") or came_from, account)


@bp.route("/activities/<id:activity_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def edit(activity_id: int) -> AnyResponse:
    """Put right what one wrote oneself."""
    activity: Activity = queries.get(activity_id)
    if activity.user_id != current_user.id:
        raise NotAllowed("another's note")
    organisation = organisations.get(activity.organisation_id)
    form = ActivityForm(
        people=_people(organisation, activity.person_id), obj=activity, formdata=_sent()
    )
    if not form.is_submitted():
        form.on.data = clock.local(activity.at).date()
    back = _back(organisation)

    def save() -> None:
        now = clock.now()
        operations.rewrite(
            activity,
            kind=form.kind.data,
            text=form.text.data,
            at=form.happened_at(now, before=activity.at),
            person_id=form.person_id.data,
            by=user(),
            now=now,
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(back, 303)
    return page(
        "activities/edit.html",
        form=form,
        activity=activity,
        organisation=organisation,
        above=organisations.ancestors(organisation),
        back=back,
    )


def _sent() -> Any:
    return request.form if request.method == "POST" else None
