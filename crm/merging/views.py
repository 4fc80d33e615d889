"""Merging: the queue of pairs that are alike, choosing the other one, the preview, and back."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import RuleBroken
from crm.merging import fields, forecast, operations, pairs, queries
from crm.merging.forms import ChooseForm, MergeForm, VerdictForm
from crm.merging.labels import thing
from crm.merging.models import Kind, Merge, Verdict
from crm.merging.pairs import Pair
from crm.merging.queries import title
from crm.organisations import queries as organisations
from crm.people import queries as people
from crm.rules.access import Permission
from crm.search.queries import find
from crm.web import filters
from crm.web.access import reads, requires
from crm.web.forms import page, user

bp = Blueprint("merging", __name__, url_prefix="/merging")
bp.add_app_template_filter(thing, "thing_of_table")

WHAT = "<any(organisations,people):what>"
KINDS = {"organisations": Kind.ORGANISATION, "people": Kind.PERSON}
WORDS = {kind: what for what, kind in KINDS.items()}


def home(kind: Kind, number: int) -> str:
    """The page of an organisation or a person."""
    if kind is Kind.ORGANISATION:
        return url_for("overview.organisation", organisation_id=number)
    return url_for("people.show", person_id=number)


@dataclass(frozen=True, slots=True)
class Two:
    """Two records side by side, with the form that makes them one."""

    kind: Kind
    kept: Any
    gone: Any
    weight: queries.Weight
    form: MergeForm

    @property
    def what(self) -> str:
        return WORDS[self.kind]

    @property
    def is_far(self) -> bool:
        """They lie under different bodies: the plan changes, so the preview is to be seen."""
        return self.kind is Kind.ORGANISATION and self.kept.body_id != self.gone.body_id


def _two(kind: Kind, kept: Any, gone: Any) -> Two:
    has = queries.weight(kind, kept, gone)
    found = fields.differences(kind, kept, gone)
    form = MergeForm.asking(kind, kept, gone, found, has, clock.today())
    return Two(kind, kept, gone, has, form)


# --- The queue ----------------------------------------------------------------------------------


@bp.get(f"/{WHAT}")
@requires(Permission.EDIT_ACCOUNTS)
def queue(what: str) -> Response:
    """One pair at a time, the likeliest first: merge, not the same, or later."""
    kind = KINDS[what]
    found = pairs.queue(kind, clock.today())
    first = found.pairs[0] if found.pairs else None
    return page(
        "merging/queue.html",
        what=what,
        pair=first,
        two=_proposed(kind, first) if first is not None else None,
        left=len(found.pairs),
        is_cut=found.is_cut,
        latest=queries.latest(kind),
        verdicts=Verdict,
    )


def _proposed(kind: Kind, pair: Pair) -> Two:
    """The older record stays, unless it would go up in something below it."""
    older, newer = (queries.one(kind, one) for one in (pair.first_id, pair.second_id))
    if kind is Kind.ORGANISATION and older.path.startswith(newer.path):
        return _two(kind, newer, older)
    return _two(kind, older, newer)


@bp.post(f"/{WHAT}/<id:kept_id>/<id:gone_id>/verdict")
@requires(Permission.EDIT_ACCOUNTS)
def verdict(what: str, kept_id: int, gone_id: int) -> AnyResponse:
    """They are not the same, or it is looked at later."""
    kind = KINDS[what]
    both = [queries.one(kind, one) for one in (kept_id, gone_id)]
    form = VerdictForm()

    def say() -> None:
        operations.say(
            kind,
            kept_id,
            gone_id,
            Verdict(form.verdict.data),
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )

    names = {"one": title(both[0]), "other": title(both[1])}
    if not form.carried_out(say):
        raise RuleBroken(
            form.refusals[0] if form.refusals else _("Choose one of the answers on the page.")
        )
    if form.verdict.data == Verdict.OTHERS.value:
        flash(_("%(one)s and %(other)s are two. It is not asked again.", **names), "message")
    else:
        flash(_("%(one)s and %(other)s are asked about again in a month.", **names), "message")
    return redirect(url_for(".queue", what=what), 303)


# --- Two of one's own choice --------------------------------------------------------------------


@bp.route(f"/{WHAT}/with/<id:thing_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
@reads
def choose(what: str, thing_id: int) -> Response:
    """Which other one is it? Those that are alike, and a search. Names stay out of the address."""
    kind = KINDS[what]
    this = queries.one(kind, thing_id)
    form = ChooseForm()
    text = form.q.data if form.submitted() else ""
    kinds = ("body", "unit") if kind is Kind.ORGANISATION else ("person",)
    found = find(text, kinds=kinds, limit=15) if text else []
    return page(
        "merging/choose.html",
        form,
        what=what,
        this=this,
        name=title(this),
        home=home(kind, this.id),
        text=text,
        hits=[hit for hit in found if hit.ref_id != this.id],
        alike=_alike(kind, this) if not text else [],
    )


def _alike(kind: Kind, this: Any) -> Any:
    if kind is Kind.PERSON:
        return people.likely_duplicates(
            first_name=this.first_name,
            last_name=this.last_name,
            email=this.email,
            phone=this.phone,
            except_id=this.id,
        )
    return organisations.likely_duplicates(
        name=this.name,
        body_id=this.body_id if this.parent_id is not None else None,
        org_number=this.org_number or "",
        email=this.email,
        phone=this.phone,
        except_id=this.id,
    )


# --- The preview, and doing it ------------------------------------------------------------------


@bp.route(f"/{WHAT}/<id:kept_id>/<id:gone_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_ACCOUNTS)
def merge(what: str, kept_id: int, gone_id: int) -> AnyResponse:
    """What stays, what moves and whose values stand; then it is done, in one go."""
    kind = KINDS[what]
    two = _two(kind, queries.one(kind, kept_id), queries.one(kind, gone_id))
    form = two.form
    if earlier := form.earlier():
        return redirect(earlier, 303)
    if two.gone.merged_into_id == two.kept.id:
        return redirect(home(kind, two.kept.id), 303)
    done: list[operations.Merged] = []

    def carry() -> str:
        operations.lock(kind, kept_id, gone_id)
        kept, gone = queries.one(kind, kept_id), queries.one(kind, gone_id)
        form.check(kept, gone)
        made = operations.merge(
            kind, kept, gone, form.wish(), by=user(), today=clock.today(), now=clock.now()
        )
        done.append(made)
        return url_for(".show", merge_id=made.merge.id)

    if there := form.carried_out_once(carry):
        if done:
            flash(_said(done[0]), f"undo:{url_for('.undo', merge_id=done[0].merge.id)}")
        queue_next = request.args.get("queue") == "1"
        return redirect(url_for(".queue", what=what) if queue_next else there, 303)
    return page(
        "merging/merge.html",
        form,
        two=two,
        what=what,
        refused=_refused(two) if not form.failed else "",
        forecast=_forecast(two),
        name=title(two.kept),
        gone_name=title(two.gone),
    )


def _said(done: operations.Merged) -> str:
    said = _("%(name)s has been merged. All that was there is here.", name=done.merge.gone_title)
    moves = len(done.moves)
    if not moves:
        return said
    told = ngettext("One reminder got another day.", "%(num)s reminders got another day.", moves)
    return f"{said} {told}"


def _refused(two: Two) -> str:
    """Why it cannot be done as the form proposes it; '' where it can."""
    try:
        operations.refuse(two.kind, two.kept, two.gone, two.form.wish().reason)
    except RuleBroken as broken:
        return str(broken)
    return ""


def _forecast(two: Two) -> forecast.Forecast:
    if two.kind is Kind.PERSON:
        return forecast.Forecast()
    asked = "calendar" in two.form
    calendar = two.form.wish().calendar if asked else two.weight.proposed_calendar
    return forecast.of_organisations(
        two.kept, two.gone, calendar, language=filters.language(), today=clock.today()
    )


# --- What was done, and back --------------------------------------------------------------------


@bp.get("/done/<id:merge_id>")
@requires(Permission.EDIT_ACCOUNTS)
def show(merge_id: int) -> Response:
    """What was merged, and the way back."""
    made = queries.get(merge_id)
    return page(
        "merging/show.html",
        made=made,
        what=WORDS[made.kind],
        kept=title(queries.one(made.kind, made.kept_id)),
        home=home(made.kind, made.kept_id),
        may_undo=queries.may_undo(made, clock.now()),
        last_day=queries.last_day(made),
    )


@bp.post("/done/<id:merge_id>/undo")
@requires(Permission.EDIT_ACCOUNTS)
def undo(merge_id: int) -> AnyResponse:
    """Two again, with everything as it was, if nothing of it has been changed since."""
    made = queries.get(merge_id)
    try:
        with transaction(by=user()):
            operations.undo(made, by=user(), today=clock.today(), now=clock.now())
    except RuleBroken as broken:
        flash(str(broken), "warning")
        return redirect(url_for(".show", merge_id=merge_id), 303)
    flash(_two_again(made), "message")
    return redirect(home(made.kind, made.gone_id), 303)


def _two_again(made: Merge) -> str:
    return _("%(name)s stands by itself again, with all that was its own.", name=made.gone_title)
