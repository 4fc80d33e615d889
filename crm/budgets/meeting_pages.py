"""The planned meetings of a body's council: noted, taken away, and which decides the budget.

Hung up in `views.py`.
"""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.budgets import operations, queries
from crm.budgets.forms import MeetingsForm
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound
from crm.organisations.models import Organisation
from crm.organisations.queries import get as get_organisation
from crm.rules.access import Permission
from crm.rules.budget_cycle import BodyKind
from crm.web import filters
from crm.web.access import requires
from crm.web.forms import page, user


@requires(Permission.READ)
def show(organisation_id: int) -> Response:
    """The days that are known, and a field for more."""
    return _page(_body(organisation_id), MeetingsForm(formdata=None))


@requires(Permission.EDIT_CALENDARS)
def add(organisation_id: int) -> AnyResponse:
    """Note the days; one that is there already stays as it is."""
    organisation, form = _body(organisation_id), MeetingsForm()
    fresh: list[int] = []

    def note() -> None:
        fresh.append(
            operations.add_meetings(
                organisation, form.held_on, form.ground, by=user(), now=clock.now()
            )
        )

    if form.carried_out(note):
        flash(
            ngettext("%(num)s new meeting is noted.", "%(num)s new meetings are noted.", fresh[0]),
            "message",
        )
        return redirect(url_for(".meetings", organisation_id=organisation.id), 303)
    return _page(organisation, form)


@requires(Permission.EDIT_CALENDARS)
def take_away(organisation_id: int, meeting_id: int) -> AnyResponse:
    """Called off, or noted by mistake."""
    organisation = _body(organisation_id)
    meeting = queries.meeting_of(organisation, meeting_id)
    day = filters.day(meeting.held_on)
    with transaction(by=user()):
        operations.take_meeting_away(meeting, organisation, by=user(), now=clock.now())
    flash(
        _("The meeting on %(day)s is taken away. Who waited for it waits for the next.", day=day),
        "message",
    )
    return redirect(url_for(".meetings", organisation_id=organisation.id), 303)


@requires(Permission.EDIT_CALENDARS)
def decide(organisation_id: int, meeting_id: int) -> AnyResponse:
    """The budget is decided here, until it is said not to be."""
    organisation = _body(organisation_id)
    meeting = queries.meeting_of(organisation, meeting_id)
    with transaction(by=user()):
        if meeting.decides is None:
            year = operations.decide_at(meeting, organisation, by=user(), now=clock.now())
            said = _("The budget of %(year)s is decided on %(day)s.", year=year,
                     day=filters.day(meeting.held_on))  # fmt: skip
        else:
            operations.decide_elsewhere(meeting, organisation, by=user(), now=clock.now())
            said = _("The budget is decided when the body usually does.")
    flash(said, "message")
    return redirect(url_for(".meetings", organisation_id=organisation.id), 303)


def _body(organisation_id: int) -> Organisation:
    """A body with a council; state authorities and units have none of their own."""
    organisation = get_organisation(organisation_id)
    if not organisation.is_body or not has_council(organisation):
        raise NotFound(f"council {organisation_id}")
    return organisation


def has_council(body: Organisation) -> bool:
    """Whether there is a council (fullmäktige) that meets."""
    return queries.body_kind(body.kind) not in (BodyKind.STATE, BodyKind.UNIVERSITY)


def _page(organisation: Organisation, form: MeetingsForm) -> Response:
    today, found = clock.today(), queries.council_meetings(organisation)
    return page(
        "budgets/meetings.html",
        form=form,
        organisation=organisation,
        trail=[
            (organisation.title, url_for("overview.organisation", organisation_id=organisation.id)),
            (_("Budget year"), url_for(".show", organisation_id=organisation.id)),
        ],
        coming=[meeting for meeting in found if meeting.held_on >= today],
        past=[meeting for meeting in reversed(found) if meeting.held_on < today],
        is_known=queries.practice_of(organisation).is_known,
    )
