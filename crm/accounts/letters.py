"""The letters that accounts sends, put into the outbox in the caller's transaction."""

from datetime import datetime

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from crm.accounts.models import Invitation, User
from crm.outbox import operations as outbox


def invitation(thing: Invitation, link: str, *, sender: str, now: datetime) -> None:
    """The invited one's link, in the language chosen for her. Without a sender: by command."""
    with force_locale(thing.language):
        sender = sender or _("Your administrator")
        _queue(
            "invitation",
            thing.id,
            to=thing.email,
            subject=_("%(name)s invites you to Förankra", name=sender),
            template="invitation",
            now=now,
            link=link,
            sender=sender,
            name=thing.name,
            expires_at=thing.expires_at,
        )


def new_password(user: User, link: str, *, sender: str, now: datetime) -> None:
    """A link for a new password."""
    with force_locale(user.language):
        _queue(
            "password",
            user.id,
            to=user.email,
            subject=_("Set a new password in Förankra"),
            template="new_password",
            now=now,
            link=link,
            sender=sender,
            name=user.name,
        )


def _queue(
    what: str, number: int, *, to: str, subject: str, template: str, now: datetime, **facts: object
) -> None:
    folder = "email/accounts"
    outbox.queue(
        key=f"{what}:{number}:{now.isoformat()}",
        to=to,
        subject=" ".join(subject.split()),
        text=render_template(f"{folder}/{template}.txt", **facts).strip() + "\n",
        html=render_template(f"{folder}/{template}.html", subject=subject, **facts),
        now=now,
    )
