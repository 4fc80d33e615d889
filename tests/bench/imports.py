"""Importing procurement notices, storing included, and whether it grows with their number.

The zips of `tests.bench.notices`, taken in as the page does it: fifty notices to a transaction,
each matched to its buyer and applied to its procurement. The Swedish buyers of the samples are
accounts, so that half of the notices open a procurement with a plan and the rest wait for a choice.
"""

import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from crm.adapters.notices.upload import read_upload
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import db, transaction
from crm.organisations.operations import add_body
from crm.procurements import notices
from crm.procurements.models import Notice, Procurement
from crm.rules.kinds import OrganisationKind
from tests.bench.databases import program
from tests.bench.notices import build, highest

BUYERS = ("2120009994", "2120002635", "2021000340", "5560250051", "2021004789")


SIZES = (1_000, 2_000, 4_000)


def take_in(path: Path) -> tuple[float, float]:
    """Seconds to read and keep every notice of a zip, on the clock and of the processor."""
    started, worked = time.perf_counter(), time.process_time()
    with transaction():
        made = notices.begin(path.name, by=None, now=clock.now()).id
    run = notices.Run(None, clock.today(), clock.now())
    with path.open("rb") as stream:
        rest = iter(notices.items(read_upload(path.name, stream)))
        while some := list(islice(rest, notices.AT_A_TIME)):
            with transaction():
                notices.store(made, some, run)
    with transaction():
        notices.finish(made, now=clock.now())
    return time.perf_counter() - started, time.process_time() - worked


def measure(*, quick: bool = False) -> None:
    """Print the table: three sizes, each into an SQLite database of its own."""
    print("\n### Import of notices\n")
    print(
        "| Notices | Seconds (CPU) | Notices/s (CPU) | Stored | Procurements | Contracts"
        " | Highest memory |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for size in [one // 10 for one in SIZES] if quick else SIZES:
            path = Path(folder) / f"{size}.zip"
            build(path, size)
            with program(f"sqlite:///{folder}/{size}.db"):
                _prepare()
                seconds, worked = take_in(path)
                stored = db.session.scalar(sa.select(sa.func.count(Notice.id)))
                opened = db.session.scalar(sa.select(sa.func.count(Procurement.id)))
                registered = db.session.scalar(sa.select(sa.func.count(Contract.id)))
                db.session.rollback()
            print(
                f"| {size:,} | {seconds:.1f} ({worked:.1f}) |"
                f" {size / seconds:,.0f} ({size / worked:,.0f}) |"
                f" {stored:,} | {opened:,} | {registered:,} | {highest():.0f} MiB |",
                flush=True,
            )


def _prepare() -> None:
    """The buyers' accounts, in an empty database."""
    db.create_all()
    with transaction():
        for number in BUYERS:
            add_body(
                name=f"Köpare {number}",
                kind=OrganisationKind.AUTHORITY,
                org_number=number,
                by=None,
                now=clock.now(),
            )


if __name__ == "__main__":
    measure(quick="--quick" in sys.argv)
