"""Pages of rules of one's own: made, tried out, changed, and those ready to take over.

Hung up in `views.py`.
"""

from enum import StrEnum

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.core import clock, pending
from crm.core.errors import RuleBroken
from crm.organisations.queries import counties
from crm.reminders import own, ruleset, trial
from crm.reminders.models import OwnRuleState
from crm.reminders.own_forms import (
    ChangeOwnRuleForm,
    Lists,
    NewOwnRuleForm,
    OwnRuleForm,
    OwnRuleStateForm,
)
from crm.rules.access import Permission
from crm.rules.own_rules import MOST_REMINDERS, READY, OwnRule, Persona, ready_by, sentence
from crm.rules.reminders import explain
from crm.web import filters
from crm.web.access import requires
from crm.web.forms import page, user
from crm.web.labels import label
from crm.web.overtaken import latest


@requires(Permission.READ)
def ready() -> Response:
    """Rules to begin with, by who has most use of them; each opens in the form with its trial."""
    return page(
        "reminders/ready_rules.html",
        sets=[(who, [one for one in READY if one.persona is who]) for who in Persona],
        said=lambda one: _said(one, Lists({}, {}, frozenset())),
    )


@requires(Permission.EDIT_RULES)
def new() -> Response:
    """An empty form; or, taken over from a ready rule, a filled one with what it would do."""
    found = ready_by(request.args.get("ready", ""))
    lists = _lists()
    if found is None:
        return _page_of_new(NewOwnRuleForm(lists), lists)
    rule = found.spoken(filters.language())
    tried = trial.try_out(rule, None, away=lists.away, today=clock.today())
    return _page_of_new(NewOwnRuleForm(lists, rule), lists, tried, rule)


@requires(Permission.EDIT_RULES)
def add() -> AnyResponse:
    """Make the rule for everybody, or see what it would do."""
    lists = _lists()
    form = NewOwnRuleForm(lists)
    found: list[trial.Trial] = []
    if form.step.data == "preview":
        if form.submitted():
            found.append(trial.try_out(form.rule, None, away=lists.away, today=clock.today()))
        return _answer_new(form, lists, found)

    def make() -> str:
        found.append(_checked(form, None, lists))
        made = own.add(form.rule, note=form.note.data or "", by=user(), now=clock.now())
        return url_for(".own_rule", own_rule_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("The rule is saved. The buyers are planned anew; it may take a few minutes."))
        return redirect(there, 303)
    return _answer_new(form, lists, found)


@requires(Permission.READ)
def show(own_rule_id: int) -> Response:
    """One rule in words: how it stands, what was decided, and the form that changes it."""
    history = own.history(own_rule_id)
    stands = own.standing_of(history)
    lists = _lists(stands.rule)
    form = ChangeOwnRuleForm(lists, stands.rule)
    form.version.data = str(stands.version)
    return _page_of(stands, form, lists)


@requires(Permission.EDIT_RULES)
def change(own_rule_id: int) -> AnyResponse:
    """Change the rule for everybody, or see what that would do."""
    stands = own.get(own_rule_id)
    lists = _lists(stands.rule)
    form = ChangeOwnRuleForm(lists, stands.rule)
    found: list[trial.Trial] = []
    if form.step.data == "preview":
        if form.submitted():
            found.append(trial.try_out(form.rule, stands, away=lists.away, today=clock.today()))
        return _page_of(stands, form, lists, found[0] if found else None)

    def save() -> None:
        form.check_number(stands.version, lambda: latest(own.history(own_rule_id)))
        found.append(_checked(form, stands, lists))
        now, note = clock.now(), form.note.data or ""
        if own.change(own_rule_id, form.rule, note=note, by=user(), now=now) is None:
            flash(_("The rule stands as it stood."))
        else:
            flash(_("The rule is saved. The buyers are planned anew; it may take a few minutes."))

    if form.carried_out(save):
        return redirect(url_for(".own_rule", own_rule_id=own_rule_id), 303)
    return _page_of(stands, form, lists, found[0] if found else None)


@requires(Permission.EDIT_RULES)
def set_state(own_rule_id: int) -> AnyResponse:
    """Switch the rule on or off, or end it for good."""
    stands = own.get(own_rule_id)
    sent = OwnRuleStateForm()

    def save() -> None:
        sent.check_number(stands.version, lambda: latest(own.history(own_rule_id)))
        own.set_state(own_rule_id, sent.state.data, by=user(), now=clock.now())

    if sent.carried_out(save):
        flash(_STATE_TOLD[sent.state.data]())
        return redirect(url_for(".own_rule", own_rule_id=own_rule_id), 303)
    lists = _lists(stands.rule)
    form = ChangeOwnRuleForm(lists, stands.rule, formdata=None)
    form.version.data = str(stands.version)
    return _page_of(stands, form, lists, refused=sent)


_STATE_TOLD = {
    OwnRuleState.ON: lambda: _("The rule is on. The buyers are planned anew."),
    OwnRuleState.OFF: lambda: _("The rule is off. What it has planned is taken away."),
    OwnRuleState.ENDED: lambda: _("The rule has ended. What it has planned is taken away."),
}


def _checked(form: OwnRuleForm, stands: own.Standing | None, lists: Lists) -> trial.Trial:
    """Before anything is saved: RuleBroken for a flood, and for silence that nobody has seen."""
    tried = trial.try_out(form.rule, stands, away=lists.away, today=clock.today())
    if tried.is_too_much:
        raise RuleBroken(
            _(
                "The rule would make %(many)s reminders; at most %(most)s are allowed. Narrow it:"
                " fewer buyers, or an event that comes less often.",
                many=filters.count(tried.total),
                most=filters.count(MOST_REMINDERS),
            )
        )
    if tried.is_nothing and not form.anyway.data:
        form.shows_anyway = True
        raise RuleBroken(
            _(
                "The rule speaks for nobody in the next two years. Tick the box at the end to save"
                " it anyway."
            )
        )
    return tried


def _lists(rule: OwnRule | None = None) -> Lists:
    named = {rule.manager_id, rule.user_id} if rule else set()
    everybody = own.colleagues()
    return Lists(
        people={one.id: one.name for one in everybody if one.active or one.id in named},
        counties=dict(counties()),
        away=frozenset(one.id for one in everybody if not one.active),
    )


def _said(rule: OwnRule, lists: Lists) -> str:
    """The rule in words, in the reader's language."""

    def stage(one: StrEnum) -> str:
        return label(one)

    return sentence(
        rule, filters.language(), stage=stage, counties=lists.counties, people=lists.people
    )


def _answer_new(form: NewOwnRuleForm, lists: Lists, found: list[trial.Trial]) -> Response:
    rule = form.rule if found else None
    return _page_of_new(form, lists, found[0] if found else None, rule)


def _page_of_new(
    form: NewOwnRuleForm,
    lists: Lists,
    tried: trial.Trial | None = None,
    rule: OwnRule | None = None,
) -> Response:
    return page(
        "reminders/new_rule.html",
        form=form if request.method == "POST" else None,
        rule_form=form,
        said=_said(rule, lists) if rule else "",
        tried=tried,
        reason=_reason,
        most=MOST_REMINDERS,
    )


def _page_of(
    stands: own.Standing,
    form: ChangeOwnRuleForm,
    lists: Lists,
    tried: trial.Trial | None = None,
    refused: OwnRuleStateForm | None = None,
) -> Response:
    may = bool(current_user.may(Permission.EDIT_RULES)) and not stands.has_ended
    posted = refused or (form if request.method == "POST" else None)
    return page(
        "reminders/own_rule.html",
        form=posted,
        rule_form=form if may else None,
        refused=refused,
        stands=stands,
        said=_said(stands.rule, lists),
        said_then=lambda row: _said(row.rule, lists),
        history=own.history(stands.id),
        waiting=ruleset.waiting_counts().get(stands.code, 0),
        progress=pending.progress(),
        tried=tried,
        tried_said=_said(form.rule, lists) if tried else "",
        reason=_reason,
        most=MOST_REMINDERS,
    )


def _reason(hit: trial.Hit) -> str:
    """Why the reminder would stand where it would."""
    return explain(hit.planned, filters.language()).text if hit.planned else ""
