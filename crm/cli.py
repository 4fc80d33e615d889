"""The command `forankra`: each domain's commands under one roof, and what starts the program."""

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask

from crm.accounts.cli import EmailType
from crm.core.config import BadSetting, Settings, stored_secret
from crm.core.errors import RuleBroken


@contextmanager
def program(settings: Settings | None = None) -> Iterator[Flask]:
    """The app with its context, for a command."""
    from crm.app import create_app

    app = create_app(settings or Settings.from_env())
    with app.app_context():
        yield app


class InApp(click.Group):
    """A group whose commands run inside the app, on a database that is up to date."""

    def invoke(self, ctx: click.Context) -> Any:
        if "--help" in ctx.args:  # asked of a command beneath: needs no database
            return super().invoke(ctx)
        with program() as app:
            _require_current(app)
            return super().invoke(ctx)


def _require_current(_app: Flask) -> None:
    from crm.core.db import db
    from crm.core.schema import is_current

    if not is_current(db.engine):
        raise click.ClickException(
            "The database is not set up for this version: run `forankra init`."
        )


def hang(group: click.Group) -> click.Group:
    """A domain's group, run inside the app."""
    return InApp(name=group.name, commands=group.commands, help=group.help, callback=group.callback)


class Program(click.Group):
    """Every command; what went wrong outside the program is told in a sentence, without a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        from sqlalchemy.exc import DatabaseError

        try:
            return super().invoke(ctx)
        except (BadSetting, RuleBroken) as error:
            raise click.ClickException(str(error)) from error
        except DatabaseError as error:
            said = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(
                f"The database does not answer as it should: {said}"
            ) from error
        except OSError as error:
            raise click.ClickException(f"{error.strerror or error}: {error.filename}") from error


@click.group(cls=Program)
@click.version_option(package_name="forankra")
def main() -> None:
    """Förankra: a CRM that follows the public buyer's year."""


@main.command()
@click.option("--admin", type=EmailType(), help="E-mail address of the first one in.")
def init(admin: str | None) -> None:
    """Set up or upgrade: tables, register, timetables, and a way in for the first administrator."""
    from crm.accounts import operations as accounts
    from crm.accounts.queries import active_admin_ids
    from crm.budgets import operations as budgets
    from crm.core import clock
    from crm.core.db import db, transaction
    from crm.core.schema import upgrade_to_head
    from crm.interest import operations as interest
    from crm.organisations import operations as organisations

    with program() as app:
        settings: Settings = app.extensions["settings"]
        upgrade_to_head(db.engine)
        click.echo("The tables are up to date.")
        with transaction(cause="init"):
            counts = organisations.load_register(now=clock.now(), today=clock.today())
            click.echo(str(counts))
        with transaction(cause="init"):
            interest.seed_sources()
            added = budgets.load_confirmed_practices(now=clock.now())
        click.echo(f"Budget timetables with a published source: {added} added.")
        if not active_admin_ids():
            email = admin or _ask_for_email()
            with transaction(cause="init"):
                link = accounts.first_admin_link(settings, email=email, now=clock.now())
            click.echo("Choose your name and password here (the link works once, for seven days):")
            click.echo(link)


def _ask_for_email() -> str:
    try:
        return str(click.prompt("Your e-mail address", type=EmailType()))
    except click.Abort as error:  # nobody is there to answer, or they stopped
        click.echo()
        raise click.ClickException(
            "The tables are made, but nobody can sign in yet. Run it again and say who is the "
            "first one in: forankra init --admin EMAIL"
        ) from error


def _port(function: Callable[..., None]) -> Callable[..., None]:
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
    @wraps(function)
    def with_port(**options: Any) -> None:
        function(**options)

    return with_port


def _address(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens on that host: every host is here too."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@main.command()
@_port
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-scheduler", is_flag=True, help="The clock runs elsewhere (forankra scheduler).")
def run(host: str, port: int, workers: int, no_scheduler: bool) -> None:
    """Serve an installation. The clock runs beside it unless --no-scheduler is given."""
    from crm.server import serve

    settings = Settings.from_env(_address(host, port))
    with program(settings) as app:
        _require_current(app)
    click.echo(f"Förankra answers at {settings.base_url} (listening on {host}:{port}).")
    serve(settings, host, port, workers, with_scheduler=not no_scheduler)


@main.command()
def scheduler() -> None:
    """Run the clock as its own process. Any number may run; one leads."""
    from crm.scheduler import run_forever

    with program() as app:
        _require_current(app)
    click.echo("The clock runs. Stop it with Ctrl+C.")
    run_forever(app)


@main.command()
@_port
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option("--keep", is_flag=True, help="Keep what was done in the last demonstration.")
def demo(host: str, port: int, open_it: bool, keep: bool) -> None:
    """Start with a believable vendor and fictional people, on this machine only."""
    from crm.ops import demo as demonstration
    from crm.server import LOOPBACK, serve

    if host not in LOOPBACK:  # anyone gets in with one click
        raise click.ClickException(f"The demo listens on this machine only, not on {host}.")
    folder = Path(".forankra/demo").absolute()
    base = f"http://{host}:{port}"
    settings = Settings(
        database_url=f"sqlite:///{folder / 'demo.sqlite3'}",
        secret_key=stored_secret(folder),
        base_url=base,
        data_dir=folder,
        demo=True,
    )
    if not (keep and (folder / "demo.sqlite3").is_file()):
        click.echo("Making the demonstration …")
        demonstration.remove(folder)
        with program(settings):
            click.echo(demonstration.build())

    def tell() -> None:
        click.echo(f"\n  Förankra is ready: {base}\n\n  Stop it with Ctrl+C.")
        if open_it:
            webbrowser.open(base)

    serve(settings, host, port, 2, with_scheduler=True, when_listening=tell)


def _add_domains() -> None:
    from crm.accounts.cli import users
    from crm.organisations.cli import register

    main.add_command(hang(users))
    main.add_command(hang(register))


_add_domains()
