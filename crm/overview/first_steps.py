"""Today in an empty installation: how to begin, ticked off by what is stored.

Gone when all is done, or when its reader hides it; each sees the steps that are theirs to take.
"""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from crm.accounts import operations
from crm.core.db import transaction
from crm.overview import queries
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.forms import user


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to begin with: what, why, where, and whether it is done."""

    words: str
    why: str
    address: str
    done: bool


def first_steps() -> list[Step]:
    """The reader's own steps in order; empty when they are done or hidden."""
    if not current_user.first_steps:
        return []
    done = queries.begun()
    steps = (
        (
            Permission.IMPORT,
            Step(
                _("Load the schools"),
                _("Skolverket's list, so that a caller's school is found at once."),
                url_for("organisations.import_schools"),
                done.schools,
            ),
        ),
        (
            Permission.MANAGE_USERS,
            Step(
                _("Invite your colleagues"),
                _("Everybody has their own day, and sees who was in touch."),
                url_for("accounts.invite"),
                done.colleagues,
            ),
        ),
        (
            Permission.EDIT_ACCOUNTS,
            Step(
                _("Say whose a buyer is"),
                _("Edit an account and choose “Own territory of”. What lies below goes along."),
                url_for("organisations.index"),
                done.territory,
            ),
        ),
        (
            Permission.LOG_INTEREST,
            Step(
                _("Log the first call"),
                _("Who, and one line of what. Press n anywhere."),
                url_for("interest.log"),
                done.call,
            ),
        ),
        (
            Permission.EDIT_CASES,
            Step(
                _("Open the first case"),
                _("From then on the buyer's own budget year says when to be in touch."),
                url_for("cases.new"),
                done.case,
            ),
        ),
    )
    mine = [step for may, step in steps if current_user.may(may)]
    return [] if all(step.done for step in mine) else mine


@requires(Permission.OWN)
def show_or_hide() -> Response:
    """Hide the first steps, or have them back. Everybody for themselves."""
    shown = request.values.get("show") == "1"
    with transaction(by=user()):
        operations.show_first_steps(user(), shown)
    if not shown:
        flash(_("The first steps are hidden."), f"undo:{url_for('.first_steps', show=1)}")
    return make_response(redirect(url_for(".today"), 303))
