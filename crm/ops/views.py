"""The status page: whether the clock runs, what it did, and whether mail leaves."""

from flask import Blueprint, Response, current_app
from flask_babel import lazy_gettext as _l

from crm.accounts import vendor
from crm.core import clock
from crm.core.config import Settings
from crm.law.queries import looked_through
from crm.ops import queries
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.forms import page

bp = Blueprint("ops", __name__)

JOB_NAMES = {
    "people.end_posts": _l("End the posts that have had their last day"),
    "organisations.close_those_due": _l("Close the accounts that have had their last day"),
    "budgets.roll_forward": _l("Carry calendars over to the coming budget year"),
    "reminders.plan_all": _l("Plan every buyer's year anew"),
    "reminders.settle_asks": _l("Settle questions nobody answered"),
    "reminders.plan_marked": _l("Plan after a change"),
    "reminders.surface": _l("Put what is due into the inboxes"),
    "reminders.send_digests": _l("Write the morning's mails"),
    "outbox.deliver": _l("Send mail"),
    "merging.forget": _l("Forget mergers that can no longer be undone"),
    "audit.forget": _l("Forget what can no longer be put back"),
    "interest.tidy": _l("Forget what was taken back"),
    "trials.tidy": _l("Forget which messages were taken"),
    "accounts.tidy": _l("Tidy up old sign-ins"),
    "outbox.tidy": _l("Empty old letters"),
    "organisations.tidy": _l("Throw away school files that were not imported"),
    "ops.tidy": _l("Tidy up old runs"),
}


@bp.get("/status")
@requires(Permission.READ)
def status() -> Response:
    """How it stands, for anybody who wonders why nothing happens."""
    settings: Settings = current_app.extensions["settings"]
    return page(
        "ops/status.html",
        health=queries.status(),
        names=JOB_NAMES,
        mail_is_set_up=bool(settings.mail.host),
        us=vendor.facts().heading,
        law=(law := looked_through()),
        law_is_due=law.is_due(clock.today()),
    )
