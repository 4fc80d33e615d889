"""Every list answers every filter, order and figure that its own page offers, on PostgreSQL.

It refuses questions that SQLite answers: a column that is not grouped by, an order outside of a
DISTINCT. The tests of pages put them to SQLite and read the answers; here they are put to the other.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest

from crm.rules.access import Role
from tests.architecture import expect_none
from tests.support.forms import entries_of
from tests.support.pages import parse
from tests.support.world import routes

pytestmark = [pytest.mark.slow, pytest.mark.strictest_database]

OF_EACH = 2
"""How many values of a filter are tried: a second body or colleague asks what the first did."""


def questions(address: str, html: str) -> Iterator[tuple[str, str]]:
    """What the page lets its reader ask by links and by forms: path and query."""
    document, _errors = parse(html)
    for link in document.iter("a"):
        parts = urlsplit(urljoin(address, link.get("href") or ""))
        if parts.query and not parts.netloc:
            yield parts.path, parts.query
    for form in document.iter("form"):
        if (form.get("method") or "get").lower() != "get":
            continue
        path = urlsplit(urljoin(address, form.get("action") or "")).path
        entries = entries_of(form)
        unchanged = {entry.name: entry.value for entry in entries if entry.name}
        for entry in entries:
            for choice in ("hultsfred",) if entry.name == "q" else entry.choices:
                yield path, urlencode(unchanged | {entry.name: choice})


def new_of(path: str, query: str, seen: dict[tuple[str, str], set[str]]) -> bool:
    """Whether anything in the question has not been asked of this path (often enough) before."""
    new = False
    for name, value in parse_qsl(query):
        asked = seen.setdefault((path, name), set())
        if value not in asked and (len(asked) < OF_EACH or not value.isdigit()):
            asked.add(value)
            new = True
    return new


def test_every_question_is_answered(app, world, as_user):
    client, wrong, asked = as_user(Role.ADMIN), [], 0
    seen: dict[tuple[str, str], set[str]] = {}
    known = {world.address(app, rule) for rule in routes(app, "GET")}
    for rule in routes(app, "GET"):
        address = world.address(app, rule)
        page = client.get(address, inspect=False)
        if page.mimetype != "text/html" or page.status_code != 200:
            continue
        for path, query in questions(address, page.text):
            if path not in known or not new_of(path, query, seen):
                continue
            asked += 1
            status = client.get(f"{path}?{query}", inspect=False).status_code
            if status >= 400:
                wrong.append(f"{path}?{query}: {status}")
    expect_none(wrong)
    assert asked > 200
