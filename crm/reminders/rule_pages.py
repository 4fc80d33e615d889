"""Pages of the reminder rules: all of them, and one with its settings. Hung up in `views.py`."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock, pending
from crm.core.db import transaction
from crm.reminders import own, ruleset
from crm.reminders.forms import RuleForm
from crm.rules.access import Permission
from crm.rules.own_rules import number_of
from crm.rules.rule_grounds import ground_of
from crm.rules.rule_settings import Standing, distance_of, may_be_changed, rule_of, when
from crm.web import filters
from crm.web.access import requires
from crm.web.asked import number_or_none
from crm.web.forms import page, user, wants_fragment


@requires(Permission.READ)
def index() -> Response:
    """Every rule in words, with its reason, its source and how it stands here."""
    standing = ruleset.standing()
    ours = own.latest()
    return page(
        "reminders/rules.html",
        ours=[one for one in ours if not one.has_ended],
        ended=[one for one in ours if one.has_ended],
        planning=[one for one in standing if one.rule.kind is not None],
        shaping=[one for one in standing if one.rule.kind is None],
        waiting=ruleset.waiting_counts(),
        left=pending.bodies_left(),
        ground_of=ground_of,
        may_be_changed=may_be_changed,
        when=when,
    )


@requires(Permission.READ)
def show(rule_key: str) -> AnyResponse:
    """One rule: its words, how it stands, who changed it, and for some the form that changes it."""
    if (own_rule_id := number_of(rule_key)) is not None:
        return redirect(url_for(".own_rule", own_rule_id=own_rule_id))
    stands = ruleset.get(rule_key)
    return _page_of(stands, _form(stands))


@requires(Permission.READ)
def progress() -> AnyResponse:
    """How many buyers are still to be planned by the rules as they stand: a piece of the page."""
    if not wants_fragment():
        return redirect(url_for(".rules"))
    left, asked = pending.bodies_left(), number_or_none(request.args.get("of")) or 1
    return page("reminders/_left.html", left=left, of=max(asked, left))


@requires(Permission.EDIT_RULES)
def change(rule_key: str) -> AnyResponse:
    """Change the rule for everybody, or see what that would do."""
    stands = ruleset.get(rule_key)
    form = _form(stands)
    if form.step.data == "preview":
        tried = None
        if form.submitted():
            tried = ruleset.preview(
                rule_key, active=form.active.data, offset=form.offset, today=clock.today()
            )
        return _page_of(stands, form, tried)
    bodies: list[int | None] = []

    def save() -> None:
        form.check_version(stands.rule.version)
        bodies.append(
            ruleset.change(
                rule_key,
                active=form.active.data,
                offset=form.offset,
                note=form.note.data or "",
                by=user(),
                now=clock.now(),
            )
        )

    if form.carried_out(save):
        _tell(bodies[0], rule_key, stands.rule.version)
        return redirect(url_for(".rule", rule_key=rule_key), 303)
    return _page_of(stands, form)


@requires(Permission.EDIT_RULES)
def take_up_again(rule_key: str, version: int) -> AnyResponse:
    """The rule stands again as it did in an earlier version."""
    before = ruleset.get(rule_key).rule.version
    with transaction(by=user()):
        bodies = ruleset.take_up_again(rule_key, version, by=user(), now=clock.now())
    _tell(bodies, rule_key, before)
    return redirect(url_for(".rule", rule_key=rule_key), 303)


def _form(stands: Standing) -> RuleForm:
    form = RuleForm(stands)
    if not form.is_submitted():
        form.version.data = str(stands.rule.version)
    return form


def _tell(bodies: int | None, rule_key: str, before: int) -> None:
    if bodies is None:
        flash(_("The rule stands as it stood."), "message")
        return
    undo = url_for(".take_up_rule", rule_key=rule_key, version=before)
    flash(
        ngettext(
            "The rule is changed. One buyer is planned anew.",
            "The rule is changed. %(num)s buyers are planned anew; it may take a few minutes.",
            bodies,
        ),
        "undo:" + undo,
    )


def _page_of(stands: Standing, form: RuleForm, tried: ruleset.Preview | None = None) -> Response:
    rule = stands.rule
    distance = distance_of(rule)
    editable = may_be_changed(rule) and bool(current_user.may(Permission.EDIT_RULES))
    return page(
        "reminders/rule.html",
        form=form if request.method == "POST" else None,
        rule_form=form if editable else None,
        stands=stands,
        rule=rule,
        shipped=rule_of(rule.key),
        ground=ground_of(rule.key),
        from_words=filters.in_language(distance, "from") if distance else "",
        when=when,
        holds_always=not may_be_changed(rule),
        history=ruleset.history(rule.key),
        waiting=ruleset.waiting_counts().get(rule.key, 0),
        left=pending.bodies_left(),
        tried=tried,
    )
