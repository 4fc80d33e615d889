"""The menu, as data: what stands in it, under which key, for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

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
        """How many things wait there for this user; 0 where nobody counts. Asked once a page."""
        counter = _counters.get(self.endpoint)
        if counter is None:
            return 0
        known: dict[str, int] = g.setdefault("menu_counts", {})
        if self.endpoint not in known:
            known[self.endpoint] = counter(current_user)
        return known[self.endpoint]

    @property
    def active(self) -> bool:
        """The page shown is this item's, or lies beneath it."""
        return request.path == self.url or (
            self.url != "/" and request.path.startswith(f"{self.url}/")
        )


_counters: dict[str, Callable[[Any], int]] = {}


def counts(endpoint: str, counter: Callable[[Any], int]) -> None:
    """Let a package above say how many things wait behind its menu item, for a given user."""
    _counters[endpoint] = counter


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
