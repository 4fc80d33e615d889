"""Hand over: choose what, look at it, do it, and take it back."""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.queries import colleagues, find
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotAllowed, NotFound, RuleBroken
from crm.handover import operations, queries
from crm.handover.forms import HandOverForm, field_name
from crm.handover.models import HandOver, Thing
from crm.handover.queries import Scope
from crm.organisations.queries import counties
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.asked import number_or_none
from crm.web.forms import page, user

bp = Blueprint("handover", __name__, url_prefix="/hand-over")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.HANDLE_REMINDERS)
def index() -> AnyResponse:
    """What is open of a colleague or in a county, who is to have it, and where it is not so. Who
    may not do that for others does it for herself."""
    people, all_counties = colleagues(), counties()
    number, for_others = number_or_none(request.args.get("from")), user().may(Permission.HAND_OVER)
    if not for_others:
        if number not in (None, user().id):
            raise NotAllowed(Permission.HAND_OVER.value)
        number = user().id
    leaver = find(number) if number is not None else None
    county = request.args.get("county", "")
    scope = Scope(
        leaver.id if leaver else None,
        county if county in {code for code, _name in all_counties} else "",
    )
    seen = queries.preview(scope) if scope.is_chosen else None
    receivers = [one for one in people if one.may(Permission.HANDLE_REMINDERS)]
    form = HandOverForm.with_places(seen.places if seen else [], receivers, scope.from_id)
    known = {one.id: one for one in receivers}

    def make() -> str:
        places = seen.places if seen else []
        exceptions = {
            body_id: known[user_id] if user_id is not None else None
            for body_id, user_id in form.exceptions(places).items()
        }
        made = operations.hand_over(
            scope, known[int(form.to.data)], exceptions, by=user(), now=clock.now()
        )
        return url_for(".show", hand_over_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("Handed over."))
        return redirect(there, 303)
    return page(
        "handover/index.html",
        form,
        scope=scope,
        leaver=leaver,
        people=people,
        counties=all_counties,
        seen=seen,
        things=Thing,
        field_name=field_name,
        for_others=for_others,
        latest=_latest() if seen is None or seen.is_empty else [],
    )


def _latest() -> Sequence[HandOver]:
    """The latest hand-overs that the user may look at."""
    return queries.latest(None if user().may(Permission.HAND_OVER) else user().id)


def _one(hand_over_id: int) -> HandOver:
    """A hand-over of one's own making, or anybody's for who may hand over for others."""
    made = queries.get(hand_over_id)
    if made.made_by_id != user().id and not user().may(Permission.HAND_OVER):
        raise NotFound(f"hand-over {hand_over_id}")
    return made


@bp.get("/<id:hand_over_id>")
@requires(Permission.HANDLE_REMINDERS)
def show(hand_over_id: int) -> Response:
    """What went to whom, and the way back."""
    made = _one(hand_over_id)
    return page(
        "handover/show.html",
        made=made,
        went=queries.went(made),
        things=Thing,
        county=dict(counties()).get(made.county_code, ""),
    )


@bp.post("/<id:hand_over_id>/undo")
@requires(Permission.HANDLE_REMINDERS)
def undo(hand_over_id: int) -> AnyResponse:
    """Everything goes back, if nothing has changed hands since."""
    made = _one(hand_over_id)
    try:
        with transaction(by=user()):
            operations.undo(made, by=user(), now=clock.now())
    except RuleBroken as broken:
        flash(str(broken), "warning")
    else:
        flash(_("Everything is back with whom it was."))
    return redirect(url_for(".show", hand_over_id=hand_over_id), 303)
