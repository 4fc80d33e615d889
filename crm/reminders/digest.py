"""The daily mail: what needs you, each with its why, and one page where it can be dealt with.

One mail a day at most, at the user's own hour, and none on an empty day (E11).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from flask_babel import force_locale, ngettext

from crm.accounts.models import User
from crm.reminders import links
from crm.reminders.queries import Told


@dataclass(frozen=True, slots=True)
class Digest:
    """A finished mail."""

    subject: str
    text: str
    html: str


AT_MOST = 15  # reminders in one mail; the rest is counted


def compose(
    user: User, told: Sequence[Told], *, total: int, today: date, base_url: str, secret_key: str
) -> Digest:
    """The mail in the user's own language. `told` must not be empty; `total` stand in the inbox."""
    token = links.sign(secret_key, user.id, [one.id for one in told])
    with force_locale(user.language):
        subject = ngettext("Förankra: %(num)s reminder", "Förankra: %(num)s reminders", total)
        context = {
            "subject": subject,
            "told": told,
            "more": total - len(told),
            "address": f"{base_url}/digest/{token}",
            "home": base_url,
            "day": today,
        }
        return Digest(
            subject=subject,
            text=render_template("email/reminders/digest.txt", **context).strip() + "\n",
            html=render_template("email/reminders/digest.html", **context),
        )
