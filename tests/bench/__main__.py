"""Measure every page at one and at eight clients beside the limit pages, and print the table."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from crm.core.db import db
from tests.bench import account, forecasts, imports, needs, notices, pages, planner, processor
from tests.bench.data import FULL, TENTH
from tests.bench.databases import kept, program
from tests.bench.load import Times, ask_for, get
from tests.bench.servers import running, signed_in, start_up

ROUNDS, REQUESTS, SECONDS = 2, 80, 6.0


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements that this process sends."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def weighed(url: str, cookie: str, wanted: list[pages.Page]) -> dict[str, tuple[int, int]]:
    """Of one request of each page: its statements, signing in included, and its bytes.

    Asked outside of the app's context, or all requests would share the first one's user.
    """
    found = {}
    with program(url) as app:
        engine = db.engine
    name, _, value = cookie.partition("=")
    for page in wanted:
        client = app.test_client()
        client.set_cookie(name, value)
        headers = {"X-Fragment": "1"} if page.fragment else {}
        client.get(page.path, headers=headers)
        with counted(engine) as sent:
            answer = client.get(page.path, headers=headers)
        found[page.key] = (len(sent), len(answer.data))
    engine.dispose()
    return found


def asked(page: pages.Page, cookie: str) -> bytes:
    request = get(page.path, cookie)
    return request.replace(b"\r\n\r\n", b"\r\nX-Fragment: 1\r\n\r\n") if page.fragment else request


def measure(url: str, engine: str, *, own_dates: bool = False) -> dict[str, float]:
    """Ours and the limit in turn, round after round, so that a busy moment hits both.

    Returns each page's p50 in ms at one client, by name.
    """
    with program(url):
        wanted = pages.pages_of(db.session.connection(), own_dates=own_dates)
    cookie = signed_in(url)
    weights = weighed(url, cookie, wanted)
    ours: dict[tuple[str, int], Times] = {}
    least: dict[tuple[str, int], Times] = {}
    with running("ours", url) as product, running("limit", url) as limit:
        for page in wanted:  # both workers' templates are compiled, as on any server not new
            for port, request in (
                (product.port, asked(page, cookie)),
                (limit.port, get(f"/{page.key}", "")),
            ):
                ask_for(
                    port,
                    lambda _n, r=request: r,  # type: ignore[misc]  # bound now
                    clients=8,
                    requests=16,
                    seconds=SECONDS,
                    into=Times(),
                )
        for _round in range(ROUNDS):
            for page in wanted:
                for clients in (1, 8):
                    for into, port, request in (
                        (ours, product.port, asked(page, cookie)),
                        (
                            least,
                            limit.port,
                            get(f"/{page.key}?weight={weights[page.key][1]}", ""),
                        ),
                    ):
                        ask_for(
                            port,
                            lambda _n, r=request: r,  # type: ignore[misc]  # bound now
                            clients=clients,
                            requests=REQUESTS,
                            seconds=SECONDS,
                            into=into.setdefault((page.key, clients), Times()),
                        )
        memory = product.pss_mib()
    print(f"\n### {engine}\n")
    print(
        "| Page | p50, 1 client | limit | ratio | p95, 8 clients | target | answers/s | SQL | kB |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for page in wanted:
        one, eight = ours[page.key, 1], ours[page.key, 8]
        bare = least[page.key, 1]
        failed = " FAILED" if one.failed + eight.failed + bare.failed else ""
        print(
            f"| {page.name}{failed} | {one.p50:.1f} | {bare.p50:.1f} | {one.p50 / bare.p50:.1f} |"
            f" {eight.p95:.0f} | {page.target:.0f} | {eight.per_second:.0f} |"
            f" {weights[page.key][0]} | {one.size / 1000:.0f} |"
        )
    print(f"\nMemory per worker (PSS): {', '.join(f'{one:.0f} MiB' for one in memory)}.")
    print(f"Start of `forankra run`: {start_up(url):.1f} s to the first answer.")
    return {page.name: ours[page.key, 1].p50 for page in wanted}


def compare(url: str, full: dict[str, float]) -> None:
    """The same pages on a tenth of the data: ten times as much should cost hardly more."""
    with program(url):
        wanted = pages.pages_of(db.session.connection())
    cookie = signed_in(url)
    print("\n| Page, p50 in ms | a tenth | all | growth |\n| --- | ---: | ---: | ---: |")
    with running("ours", url) as product:
        for page in wanted:
            times = Times()
            request = asked(page, cookie)
            ask_for(
                product.port,
                lambda _n, r=request: r,  # type: ignore[misc]  # bound now
                clients=1,
                requests=REQUESTS,
                seconds=SECONDS,
                into=times,
            )
            growth = full[page.name] / times.p50
            print(f"| {page.name} | {times.p50:.1f} | {full[page.name]:.1f} | {growth:.1f} |")


def measure_processor(url: str, engine: str, only: str, *, own_dates: bool = False) -> None:
    """The same pages by the work of this process alone; see `processor`."""
    with program(url):
        wanted = pages.pages_of(db.session.connection(), own_dates=own_dates)
    chosen = only.split(",") if only else [page.key for page in wanted]
    wanted = [page for page in wanted if page.key in chosen]
    weights = weighed(url, signed_in(url), wanted)
    print(f"\n### {engine}\n")
    processor.measure(url, wanted, weights)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--db", default="sqlite,postgresql")
    only = ("pages", "planner", "processor", "notices", "forecasts", "needs", "account")
    parser.add_argument("--only", choices=only)
    parser.add_argument("--page", default="", help="processor: only these keys, by commas")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    parser.add_argument("--rebuild", action="store_true")
    chosen = parser.parse_args()
    if chosen.only in {None, "notices"}:
        notices.measure(quick=chosen.quick)
        imports.measure(quick=chosen.quick)
    if chosen.only in {None, "forecasts"}:
        forecasts.measure(quick=chosen.quick)
    if chosen.only in {"notices", "forecasts"}:
        return
    for engine in chosen.db.split(","):
        with kept(engine) as databases:
            if chosen.only in {None, "needs"}:
                needs.measure(databases)
            if chosen.only in {None, "account"}:
                account.measure(databases)
            if chosen.only in {"needs", "account"}:
                continue
            if chosen.only == "processor":
                size = TENTH if chosen.quick else FULL
                url = databases.filled(size, rebuild=chosen.rebuild)
                measure_processor(url, engine, chosen.page)
                url = databases.with_own_dates(size, rebuild=chosen.rebuild)
                measure_processor(url, engine, chosen.page, own_dates=True)
                continue
            if chosen.only != "planner":
                url = databases.filled(TENTH if chosen.quick else FULL, rebuild=chosen.rebuild)
                found = measure(url, engine)
                if not chosen.quick:
                    measure(databases.with_own_dates(FULL), engine, own_dates=True)
                if not chosen.quick:
                    compare(databases.filled(TENTH, rebuild=chosen.rebuild), found)
            if chosen.only != "pages":
                planner.measure(databases, quick=chosen.quick, rebuild=chosen.rebuild)


if __name__ == "__main__":
    main()
