"""`forankra register …`: load the official register, import schools."""

from pathlib import Path

import click

from crm.core import clock
from crm.core.db import transaction
from crm.organisations import operations, schools
from crm.organisations import register as bodies


@click.group()
def register() -> None:
    """The official register of public bodies, and schools."""


@register.command("load")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
def load(dry_run: bool) -> None:
    """Bring in the 290 municipalities, the regions, the authorities and the companies.

    Works without a network. Nothing that was edited here is overwritten, and a second run changes
    nothing.
    """
    if dry_run:
        found = bodies.compare()
        for difference in found.differences:
            mark = "kept" if difference.kept else "new "
            click.echo(
                f"{mark}  {difference.name}: {difference.field} "
                f"{difference.before!r} -> {difference.after!r}"
            )
        for name in found.gone:
            click.echo(f"gone  {name}: no longer in the register, left as it is")
        click.echo(f"{found} Dry run: nothing was written.")
        return
    with transaction(cause="register load"):
        loaded = operations.load_register(clock.now(), clock.today())
    for name in loaded.gone:
        click.echo(f"{name} is no longer in the register; it is left as it is.")
    click.echo(str(loaded))


@register.command("import-schools")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
def import_schools(file: Path, dry_run: bool) -> None:
    """Units from a school register FILE (CSV), below their municipality or principal."""
    with file.open("rb") as stream, transaction(cause="register import-schools"):
        if dry_run:
            done = schools.plan(stream, now=clock.now(), today=clock.today())
        else:
            done = schools.apply(stream, by=None, now=clock.now(), today=clock.today())
    for row in done.rows:
        if row.fate is schools.Fate.FAILED:
            click.echo(f"line {row.line}: {row.name or '?'}: {row.reason}", err=True)
    counts = ", ".join(f"{done.count(fate)} {fate.value}" for fate in schools.Fate)
    click.echo(f"{counts}; {done.principals} new principals{' (dry run)' if dry_run else ''}.")
