"""`forankra users …`: let somebody in when no page can. Needs an app context."""

from typing import Any

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app

from crm.accounts import letters, links, operations, queries
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import transaction
from crm.rules.access import Role


class EmailType(click.ParamType[str]):
    """An e-mail address in the usual form."""

    name = "email"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            validate_email(str(value), check_deliverability=False)
        except EmailNotValidError:
            self.fail(f"{value!r} is not an e-mail address such as name@example.se.", param, ctx)
        return queries.normal_email(str(value))


@click.group()
def users() -> None:
    """Invite colleagues, and let them in again."""


@users.command()
@click.argument("email", type=EmailType())
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.REP.value,
    show_default=True,
    help="What the colleague may do.",
)
@click.option("--name", default="", help="The colleague's name; may be left out.")
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", show_default=True)
def invite(email: str, role: str, name: str, language: str) -> None:
    """Invite EMAIL: send the link if there is a mail server, and print it."""
    settings, now = _settings(), clock.now()
    if len(name) > 120:
        raise click.ClickException("The name is too long: at most 120 characters.")
    with transaction(cause="users invite"):
        invitation = operations.invite(
            email=email, role=Role(role), name=name, language=language, by=None, now=now
        )
        link = links.invitation(settings, invitation)
        letters.invitation(invitation, link, sender="", now=now)
    if settings.mail.host:
        click.echo(f"An invitation is on its way to {email}. The link, if it does not arrive:")
    else:
        click.echo("No mail server is set up. Send this link; it works once, for seven days:")
    click.echo(link)


@users.command()
@click.argument("email", type=EmailType())
def reset(email: str) -> None:
    """Print a one-time link, good for a day, where EMAIL sets a new password."""
    now = clock.now()
    user = queries.by_email(email)
    if user is None:
        raise click.ClickException(f"No user has the address {email}.")
    click.echo(operations.password_link(user, _settings(), now=now))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
