"""One large account: 40 units, 2,000 people, 5,000 lines in its story. What its pages cost, on the
wall and of the process."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import sqlalchemy as sa

from crm.activities.models import Activity, ActivityKind
from crm.core import clock
from crm.core.db import db, transaction
from crm.organisations import operations as organisations
from crm.people.models import Person, Post
from crm.rules.kinds import OrganisationKind
from tests.bench.databases import Kept, program
from tests.bench.processor import as_served, forget, spent
from tests.bench.servers import signed_in
from tests.factories.accounts import make_user
from tests.factories.cases import make_case

UNITS, PEOPLE, LINES, CASES, WARM, ROUNDS = 40, 2_000, 5_000, 30, 3, 25


def build(url: str) -> int:
    """The account, and its address's number."""
    with program(url), transaction(cause="bench"):
        now, today = clock.now(), clock.today()
        owners = [make_user() for _number in range(2)]
        body = organisations.add_body(
            name="Storköping", kind=OrganisationKind.MUNICIPALITY, by=None, now=now
        )
        units = [
            organisations.add_unit(
                body, name=f"Skolan {number}", kind=OrganisationKind.UNIT, by=None, now=now
            )
            for number in range(UNITS)
        ]
        db.session.flush()
        db.session.execute(
            sa.insert(Person),
            [
                {
                    "id": number,
                    "first_name": f"Anna{number}",
                    "last_name": "Bergström",
                    "name_sort": f"bergström anna{number}",
                    "created_at": now,
                    "version": 1,
                }
                for number in range(1, PEOPLE + 1)
            ],
        )
        db.session.execute(
            sa.insert(Post),
            [
                {
                    "person_id": number,
                    "organisation_id": units[number % UNITS].id,
                    "title": "lärare",
                    "version": 1,
                }
                for number in range(1, PEOPLE + 1)
            ],
        )
        db.session.execute(
            sa.insert(Activity),
            [
                {
                    "at": now - timedelta(hours=number),
                    "kind": ActivityKind.NOTE,
                    "organisation_id": units[number % UNITS].id,
                    "body_id": body.id,
                    "person_id": 1 + number % PEOPLE,
                    "text": f"Rad {number}",
                    "data": {},
                }
                for number in range(LINES)
            ],
        )
        for number in range(CASES):
            make_case(units[number], f"Läsverktyg {number}", owner=owners[1], opened_on=today)
        return body.id


def walled(work: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds on the wall, and of this process."""
    began = time.perf_counter()
    told = spent(work)
    return 1000 * (time.perf_counter() - began), told


def measure(databases: Kept) -> None:
    """Print the table of one engine."""
    url = databases.empty("account")
    number = build(url)
    name, _, value = signed_in(url).partition("=")
    with program(url) as app:
        pass
    client = app.test_client()
    client.set_cookie(name, value)
    print(f"\n### {databases.engine}: {UNITS} units, {PEOPLE} people, {LINES} lines\n")
    print(
        "| Page | on the wall, ms | of our processor, ms | first, ms | kB |"
        "\n| --- | ---: | ---: | ---: | ---: |"
    )
    for what, path in (
        ("The account", f"/accounts/{number}"),
        ("Its whole story", f"/accounts/{number}/timeline"),
        ("Its story, page 100", f"/accounts/{number}/timeline?page=100"),
        ("Its people", f"/people?within={number}"),
        ("Its plan on one page", f"/accounts/{number}/plan"),
    ):
        size = len(client.get(path).data)

        def ask(there: str = path) -> None:
            assert client.get(there).status_code == 200

        forget()
        first = spent(ask)
        for _time in range(WARM):
            ask()
        as_served()
        rounds = [walled(ask) for _round in range(ROUNDS)]
        wall, taken = (median(one) for one in zip(*rounds, strict=True))
        print(
            f"| {what} | {wall:.0f} | {taken:.0f} | {first:.0f} | {size / 1000:.0f} |", flush=True
        )
    databases.drop("account")
