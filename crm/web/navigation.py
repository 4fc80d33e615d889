"""The menu, as data: what stands in it, under which key, for whom."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from crm.core import clock
from crm.core.db import db
from crm.rules.access import Permission
from crm.web.urls import script_root, url_for


@dataclass(frozen=True, slots=True)
class Item:
    """`key` is the letter after g ("g c" goes to cases). `phone`: stands in the bottom bar."""

    endpoint: str
    label: object  # lazy, so that it is in the reader's language
    icon: str
    key: str
    permission: Permission = Permission.READ
    phone: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An item on the page that is being made. `count`: how many things wait there; 0 where nobody
    counts. `active`: the page is this item's, or lies beneath it."""

    url: str
    label: str
    icon: str
    key: str
    phone: bool
    active: bool
    count: int


_counters: dict[str, Callable[[int], sa.Select[int]]] = {}


def counts(endpoint: str, counter: Callable[[int], sa.Select[int]]) -> None:
    """Let a package above say how to count what waits behind its menu item, for a user's id."""
    _counters[endpoint] = counter


def _count_all() -> dict[str, int]:
    """Every figure of the menu, in one statement a page."""
    if not _counters:
        return {}
    asked = _statement(current_user.id, clock.today())
    return dict(zip(_counters, db.session.execute(asked).one(), strict=True))


@lru_cache(maxsize=256)
def _statement(user_id: int, _today: date) -> sa.Select[Any]:
    """Kept for the day: putting it together takes longer than running it."""
    return sa.select(*(counter(user_id).scalar_subquery() for counter in _counters.values()))


MENU = (
    Item("overview.today", _l("Today"), "house", "t", phone=True),
    Item("interest.queue", _l("To sort"), "inbox", "i", phone=True),
    Item("reminders.inbox", _l("Reminders"), "bell", "r", phone=True),
    Item("organisations.index", _l("Accounts"), "buildings", "a"),
    Item("people.index", _l("People"), "people", "m"),
    Item("cases.index", _l("Cases"), "journal-text", "c", phone=True),
    Item("procurements.index", _l("Procurements"), "megaphone", "o"),
    Item("requirements.index", _l("Requirements"), "list-check", "v"),
    Item("contracts.index", _l("Contracts"), "file-earmark-text", "k"),
    Item("pipeline.by_municipality", _l("Pipeline"), "table", "p"),
    Item("budgets.index", _l("The buyers' year"), "calendar-week", "b"),
    Item("ops.status", _l("How it stands"), "clock", "s", Permission.EDIT_LISTS),
    Item("accounts.users", _l("Users"), "person-badge", "u", Permission.MANAGE_USERS),
)


class Menu:
    """The items this user may open. Worked out when a template asks: a fragment never does."""

    def __init__(self) -> None:
        self.entries: list[Entry] | None = None

    def __iter__(self) -> Iterator[Entry]:
        if self.entries is None:
            self.entries = _entries()
        return iter(self.entries)


def _entries() -> list[Entry]:
    if not current_user or not current_user.is_authenticated:  # no user at all in a job
        return []
    user, counted = current_user._get_current_object(), _count_all()
    top = f"{script_root()}/"
    here, entries = script_root() + request.path, []
    for item in MENU:
        if user.may(item.permission):
            url = url_for(item.endpoint)
            entries.append(
                Entry(
                    url=url,
                    label=str(item.label),
                    icon=item.icon,
                    key=item.key,
                    phone=item.phone,
                    active=here == url or (url != top and here.startswith(f"{url}/")),
                    count=int(counted.get(item.endpoint, 0)),
                )
            )
    return entries
