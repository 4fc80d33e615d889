"""What a page costs the process itself: for a machine that is never left in peace.

Ours and the limit page are asked for in turn in this one process, and the processor's time is
counted, not the clock on the wall. With SQLite that is all a page costs; with PostgreSQL the
database's own work is left out.
"""

import gc
import resource
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.bench import limit
from tests.bench.databases import program
from tests.bench.pages import Page
from tests.bench.servers import signed_in

WARM, ROUNDS = 3, 25


def measure(url: str, wanted: list[Page], weights: dict[str, tuple[int, int]]) -> None:
    """Print milliseconds of processor for each page, ours and the limit's, and their ratio.

    "first" is ours when nothing is remembered of any calendar.
    """
    name, _, value = signed_in(url).partition("=")
    with program(url) as app:
        pass
    bare = limit.create_app(url).test_client()
    print("| Page | ms | first | limit | ratio | SQL | kB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for page in wanted:
        statements, size = weights[page.key]
        least = f"/{page.key}?weight={size}"
        client = app.test_client()
        client.set_cookie(name, value)
        headers = {"X-Fragment": "1"} if page.fragment else {}

        def ours(one: Page = page, by: Any = client, extra: Any = headers) -> None:
            assert by.get(one.path, headers=extra).status_code == 200

        def theirs(path: str = least) -> None:
            assert bare.get(path).status_code == 200

        ours()
        forget()
        first = spent(ours)
        for _number in range(WARM):
            ours()
            theirs()
        as_served()
        found = [(spent(ours), spent(theirs)) for _round in range(ROUNDS)]
        mine, limits = (median(times) for times in zip(*found, strict=True))
        print(
            f"| {page.name} | {mine:.1f} | {first:.0f} | {limits:.1f} | {mine / limits:.1f} |"
            f" {statements} | {size / 1000:.0f} |",
            flush=True,
        )


def as_served() -> None:
    """The collector leaves alone what stands, as in a worker (crm/server.py)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def forget() -> None:
    """As in a worker that has just begun: the rulebook remembers no calendar."""
    for name, module in sys.modules.items():
        if name.startswith("crm.rules."):
            for remembered in vars(module).values():
                if hasattr(remembered, "cache_clear"):
                    remembered.cache_clear()


def spent(work: Callable[[], None]) -> float:
    """Milliseconds of this process that the work took."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000
