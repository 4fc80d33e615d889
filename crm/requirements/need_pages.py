"""Needs: captured from an entry, listed, put right, and put with a requirement.

Hung up in `views.py`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.activities import queries as activities
from crm.activities.models import ActivityKind
from crm.audit import removals
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import transaction
from crm.interest import queries as interest
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person
from crm.requirements import operations, queries
from crm.requirements.forms import (
    NEW_GROUP,
    GroupForm,
    NeedForm,
    NewNeedForm,
    group_text,
    group_value,
)
from crm.requirements.models import Need, Requirement
from crm.requirements.queries import LikeRow, NeedFilter
from crm.rules.access import Permission
from crm.rules.requirements import (
    Area,
    InUse,
    NeedKind,
    NeedSource,
    RequirementKind,
    RestsOn,
    Threshold,
)
from crm.web.access import requires
from crm.web.asked import number_or_none, own_address, page_number
from crm.web.csv import csv_file
from crm.web.forms import clean, page, user
from crm.web.labels import label

_SOURCES = {
    ActivityKind.CALL: NeedSource.CALL,
    ActivityKind.MAIL: NeedSource.MAIL,
    ActivityKind.MEETING: NeedSource.MEETING,
    ActivityKind.INQUIRY: NeedSource.INTEREST,
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a need is captured from."""

    words: str = ""
    organisation: Organisation | None = None
    person: Person | None = None
    day: date | None = None
    source: NeedSource = NeedSource.NOTE
    case: Case | None = None
    activity_id: int | None = None
    inquiry_id: int | None = None


def _entry(activity_id: int | None = None) -> _Entry:
    """The entry that the address or the form names; what is not there counts as not named."""
    asked = request.values
    case_id = number_or_none(asked.get("case"))
    case = cases.get_with_places(case_id) if case_id is not None else None
    activity_id = activity_id or number_or_none(asked.get("activity"))
    if activity_id is not None:
        activity = activities.get(activity_id)
        if activity.case_id is not None and case is None:
            case = cases.get_with_places(activity.case_id)
        return _Entry(
            words=_selected(activity.text),
            organisation=organisations.get(activity.organisation_id),
            person=people.get(activity.person_id) if activity.person_id is not None else None,
            day=clock.local(activity.at).date(),
            source=_SOURCES.get(activity.kind, NeedSource.NOTE),
            case=case,
            activity_id=activity.id,
            inquiry_id=activity.inquiry_id,
        )
    if (inquiry_id := number_or_none(asked.get("inquiry"))) is not None:
        inquiry = interest.get(inquiry_id)
        return _Entry(
            words=_selected(inquiry.summary),
            organisation=organisations.get(inquiry.organisation_id)
            if inquiry.organisation_id is not None
            else None,
            person=people.get(inquiry.person_id) if inquiry.person_id is not None else None,
            day=clock.local(inquiry.received_at).date(),
            source=NeedSource.INTEREST,
            inquiry_id=inquiry.id,
            case=case,
        )
    place = number_or_none(asked.get("at"))
    organisation = organisations.get(place) if place is not None else None
    return _Entry(
        organisation=organisation or (case.organisation if case is not None else None),
        case=case,
    )


def _selected(text: str) -> str:
    """The part that was marked, as places in the text: no words of anybody stand in an address."""
    first = number_or_none(request.args.get("from"))
    last = number_or_none(request.args.get("to"))
    if first is None or last is None or not first < last <= len(text):
        return text.strip()
    return text[first:last].strip()


def _who(*places: Organisation | None, person: Person | None = None) -> list[tuple[int, str]]:
    """Who can have said it: those who work at the places, and whoever the entry names."""
    found: dict[int, str] = {}
    if person is not None:
        found[person.id] = person.name
    for place in {one.id: one for one in places if one is not None}.values():
        found |= {ident: name for ident, name in people.choosable(place) if ident not in found}
    return list(found.items())


def _sent_place() -> Organisation | None:
    sent = number_or_none(request.form.get("organisation"))
    return organisations.get(sent) if sent is not None else None


@requires(Permission.EDIT_ACCOUNTS)
def from_entry(activity_id: int) -> AnyResponse:
    """A need from an entry of a timeline. The address is short: it stands there fifty times."""
    return _capture(_entry(activity_id))


@requires(Permission.EDIT_ACCOUNTS)
def capture() -> AnyResponse:
    """A need from an inquiry or a case, or typed; and whatever form is sent (F1)."""
    return _capture(_entry())


def _capture(entry: _Entry) -> AnyResponse:
    form = NewNeedForm(people=_who(entry.organisation, _sent_place(), person=entry.person))
    if not form.is_submitted():
        _propose(form, entry)
    words = str(form.words.data or "")
    found = queries.like(words)
    form.offer(found, _chosen_before(form, found))
    came_from = request.referrer if request.method == "GET" else None
    back = own_address(request.values.get("back") or came_from, url_for("requirements.needs"))

    def make() -> str:
        person_id = form.person_id.data
        need = operations.capture_need(
            words,
            people.get(person_id) if person_id is not None else None,
            picked(form.organisation),
            form.said_on.day or clock.today(),
            source=entry.source,
            area=form.area.data and Area(form.area.data),
            told=form.told,
            case=entry.case,
            activity_id=entry.activity_id,
            inquiry_id=entry.inquiry_id,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        put_with(need, form.group.data)
        # typed words were compared with nothing before: what is like them is shown now
        is_typed = not entry.words and need.requirement_id is None
        if is_typed and queries.like(words, besides=need.id):
            return url_for("requirements.need", need_id=need.id)
        return back

    if there := form.carried_out_once(make):
        flash(_("Kept as a need."), "message")
        return redirect(there, 303)
    return page(
        "requirements/capture.html",
        form=form,
        entry=entry,
        back=back,
        like=found,
    )


def _propose(form: NewNeedForm, entry: _Entry) -> None:
    form.words.data = entry.words
    form.said_on.data = entry.day or clock.today()
    form.activity.data = str(entry.activity_id or "")
    form.inquiry.data = str(entry.inquiry_id or "")
    form.case.data = str(entry.case.id) if entry.case is not None else ""
    if entry.organisation is not None:
        form.organisation.show(entry.organisation)
    if entry.person is not None:
        form.person_id.data = entry.person.id
    if entry.organisation is not None and entry.person is not None:
        use = queries.use_of(entry.person, entry.organisation)
        if use is not None:
            form.rests_on.data = RestsOn.USE
            form.used_weeks.data, form.users.data = use.weeks, use.users


def _chosen_before(form: NewNeedForm, found: list[LikeRow]) -> list[LikeRow]:
    """What was chosen among those like the words as they stood then, though others are now."""
    chosen = str(form.group.data or "")
    if chosen[:1] not in {"r", "n"} or chosen in {group_value(one) for one in found}:
        return []
    ident = number_or_none(chosen[1:])
    if ident is None:
        return []
    if chosen[0] == "r":
        kept = queries.get(ident)
        return [LikeRow(ident, None, kept.text, 0.0, needs=queries.standing(ident).needs)]
    return [LikeRow(None, ident, queries.get_need(ident).words, 0.0)]


def put_with(need: Need, choice: str | None) -> Requirement | None:
    """Put a need where a choice says: "r12", with the loose need "n34", in one of its own, or
    nowhere yet."""
    choice = str(choice or "")
    ident = number_or_none(choice[1:])
    if choice == NEW_GROUP:
        return _begin(need.words, need, [need])
    if choice[:1] == "r" and ident is not None:
        requirement = queries.get(ident)
        operations.group(need, requirement)
        return requirement
    if choice[:1] == "n" and ident is not None:
        other = queries.get_need(ident)
        if other.requirement is None:
            return _begin(other.words, other, [other, need])
        operations.group(need, other.requirement)
        return other.requirement
    operations.group(need, None)
    return None


def _begin(words: str, first: Need, needs: list[Need]) -> Requirement:
    return operations.begin_requirement(
        words,
        kind=RequirementKind.SHOULD,
        area=first.area,
        needs=needs,
        by=user(),
        now=clock.now(),
    )


def _member(kind: Any, text: str | None) -> Any:
    return kind(text) if text in set(kind) else None


def _asked() -> NeedFilter:
    args = request.args
    return NeedFilter(
        text=str(clean(args.get("q", "")[:100])),
        kind=_member(NeedKind, args.get("kind")),
        area=_member(Area, args.get("area")),
        threshold=_member(Threshold, args.get("threshold")),
        in_use=_member(InUse, args.get("in_use")),
        source=_member(NeedSource, args.get("source")),
        tool=str(clean(args.get("tool", "")[:120])),
        requirement_id=number_or_none(args.get("requirement")),
        person_id=number_or_none(args.get("person")),
        organisation_id=number_or_none(args.get("unit")),
        body_id=number_or_none(args.get("body")),
        loose=args.get("loose") == "1",
    )


@requires(Permission.READ)
def needs() -> Response:
    """What people have said, the latest first."""
    chosen = _asked()
    of = queries.get(chosen.requirement_id) if chosen.requirement_id is not None else None
    return page(
        "requirements/needs.html",
        needs=queries.needs(chosen, page=page_number(request.args)),
        chosen=chosen,
        requirement=of,
        kinds_of_need=NeedKind,
        areas=Area,
        threshold_kinds=Threshold,
        ways_of_use=InUse,
        sources=NeedSource,
    )


@requires(Permission.EXPORT)
def needs_file() -> Response:
    """The list as it is narrowed, as a file."""
    heads = (
        _("In their own words"),
        _("Area"),
        _("What it is"),
        _("What they use today"),
        _("How it is used"),
        _("What stood in the way"),
        _("It has"),
        _("It rests on"),
        _("Used for, weeks"),
        _("Users"),
        _("Who said it"),
        _("Where"),
        _("Body"),
        _("Day"),
        _("Source"),
        _("Requirement"),
    )
    return csv_file(
        "needs",
        heads,
        (
            (
                row.words,
                str(label(row.area)),
                str(label(row.kind)),
                row.tool,
                str(label(row.in_use)) if row.in_use else "",
                str(label(row.threshold)) if row.threshold else "",
                str(label(row.held)) if row.held else "",
                str(label(row.rests_on)),
                row.used_weeks,
                row.users,
                row.person,
                row.organisation,
                row.body,
                row.said_on,
                str(label(row.source)),
                row.requirement_id,
            )
            for row in queries.every_need(_asked())
        ),
    )


@requires(Permission.READ)
def need(need_id: int) -> Response:
    """One need, where it comes from, and what is like it."""
    found = queries.get_need(need_id)
    form = GroupForm(formdata=None)
    form.version.data = str(found.version)
    like = _offer(form, found)
    form.group.data = f"r{found.requirement_id}" if found.requirement_id is not None else None
    return page("requirements/need.html", need=found, form=form, like=like)


def _offer(form: GroupForm, found: Need) -> list[LikeRow]:
    like = queries.like(found.words, besides=found.id, limit=6)
    kept = (
        [
            LikeRow(
                found.requirement.id,
                None,
                found.requirement.text,
                100.0,
                needs=queries.standing(found.requirement.id).needs,
            )
        ]
        if found.requirement is not None
        else []
    )
    offered = {group_value(one): group_text(one) for one in [*like, *kept]}
    form.group.choices = [
        *offered.items(),
        (NEW_GROUP, _("One of its own")),
        ("-", _("None yet")),
    ]
    return like


@requires(Permission.EDIT_ACCOUNTS)
def group(need_id: int) -> AnyResponse:
    """Put a need with a requirement."""
    found = queries.get_need(need_id)
    form = GroupForm()
    like = _offer(form, found)

    def save() -> None:
        form.check_version(found)
        put_with(found, form.group.data)

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for("requirements.need", need_id=need_id), 303)
    return page("requirements/need.html", need=found, form=form, like=like)


@requires(Permission.EDIT_ACCOUNTS)
def edit_need(need_id: int) -> AnyResponse:
    """Put right what was captured."""
    found = queries.get_need(need_id)
    form = NeedForm(
        people=_who(found.organisation, _sent_place(), person=found.person),
        data=None if request.method == "POST" else _as_typed(found),
    )
    if not form.is_submitted():
        form.version.data = str(found.version)
        form.organisation.show(found.organisation)

    def save() -> None:
        form.check_version(found)
        person_id = form.person_id.data
        operations.edit_need(
            found,
            words=form.words.data,
            person=people.get(person_id) if person_id is not None else None,
            organisation=picked(form.organisation),
            day=form.said_on.day or found.said_on,
            area=Area(form.area.data),
            told=form.told,
            today=clock.today(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for("requirements.need", need_id=need_id), 303)
    return page("requirements/edit_need.html", form=form, need=found)


def _as_typed(found: Need) -> dict[str, Any]:
    names = ("words", "person_id", "said_on", "kind", "in_use", "tool", "threshold", "held")
    more = ("rests_on", "used_weeks", "users")
    return {name: getattr(found, name) for name in (*names, *more)} | {"area": found.area.value}


@requires(Permission.EDIT_ACCOUNTS)
def remove_need(need_id: int) -> AnyResponse:
    """It was no need after all."""
    found = queries.get_need(need_id)
    with transaction(by=user()):
        removal = operations.remove_need(found, by=user(), now=clock.now())
        undo = url_for("requirements.put_need_back", removal_id=removal.id)
    flash(_("The need is taken away."), f"undo:{undo}")
    return redirect(url_for("requirements.needs"), 303)


@requires(Permission.EDIT_ACCOUNTS)
def put_need_back(removal_id: int) -> AnyResponse:
    """It was one."""
    removal = removals.get(removal_id, Need.__tablename__)
    with transaction(by=user()):
        need_id = operations.put_need_back(removal).id
    flash(_("The need is back."), "message")
    return redirect(url_for("requirements.need", need_id=need_id), 303)
