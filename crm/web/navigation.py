"""The menu, as data: what stands in it, under which key, for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from crm.core.db import db
from crm.rules.access import Permission


@dataclass(frozen=True, slots=True)
class Item:
    """`key` is the letter after g ("g c" goes to cases). `phone`: stands in the bottom bar."""

    endpoint: str
    label: object  # lazy, so that it is in the reader's language
    icon: str
    key: str
    permission: Permission = Permission.READ
    phone: bool = False

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def count(self) -> int:
        """How many things wait there for this user; 0 where nobody counts."""
        if "menu_counts" not in g:
            g.menu_counts = _count_all()
        return int(g.menu_counts.get(self.endpoint, 0))

    @property
    def active(self) -> bool:
        """The page shown is this item's, or lies beneath it."""
        return request.path == self.url or (
            self.url != "/" and request.path.startswith(f"{self.url}/")
        )


_counters: dict[str, Callable[[Any], sa.Select[int]]] = {}


def counts(endpoint: str, counter: Callable[[Any], sa.Select[int]]) -> None:
    """Let a package above say how to count what waits behind its menu item, for a given user."""
    _counters[endpoint] = counter


def _count_all() -> dict[str, int]:
    """Every figure of the menu, in one statement a page."""
    if not _counters:
        return {}
    asked = [counter(current_user).scalar_subquery() for counter in _counters.values()]
    return dict(zip(_counters, db.session.execute(sa.select(*asked)).one(), strict=True))


MENU = (
    Item("overview.today", _l("Today"), "house", "t", phone=True),
    Item("interest.queue", _l("To sort"), "inbox", "i", phone=True),
    Item("reminders.inbox", _l("Reminders"), "bell", "r", phone=True),
    Item("organisations.index", _l("Accounts"), "buildings", "a"),
    Item("people.index", _l("People"), "people", "m"),
    Item("cases.index", _l("Cases"), "journal-text", "c", phone=True),
    Item("pipeline.by_municipality", _l("Pipeline"), "table", "p"),
    Item("budgets.index", _l("The buyers' year"), "calendar-week", "b"),
    Item("accounts.users", _l("Users"), "person-badge", "u", Permission.MANAGE_USERS),
)


def menu() -> list[Item]:
    """The items this user may open."""
    if not current_user or not current_user.is_authenticated:  # no user at all in a job
        return []
    return [item for item in MENU if current_user.may(item.permission)]
