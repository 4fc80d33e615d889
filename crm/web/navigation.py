"""The menu, as data: what stands in it, under which key, for whom."""

from dataclasses import dataclass

from flask import request, url_for
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
    def active(self) -> bool:
        """The page shown belongs to this item: same endpoint, or the same package."""
        here = request.endpoint or ""
        return here == self.endpoint or (
            self.endpoint not in {"overview.today", "overview.doctrine"}
            and here.split(".")[0] == self.endpoint.split(".")[0]
        )


MENU = (
    Item("overview.today", _l("Today"), "house", "t", phone=True),
    Item("interest.queue", _l("To sort"), "inbox", "i", phone=True),
    Item("reminders.inbox", _l("Reminders"), "bell", "r", phone=True),
    Item("organisations.index", _l("Accounts"), "buildings", "a"),
    Item("people.index", _l("People"), "people", "m"),
    Item("cases.index", _l("Cases"), "journal-text", "c", phone=True),
    Item("pipeline.by_municipality", _l("Pipeline"), "table", "p"),
    Item("budgets.index", _l("The buyers' year"), "calendar-week", "b"),
)


def menu() -> list[Item]:
    """The items this user may open."""
    if not current_user.is_authenticated:
        return []
    return [item for item in MENU if current_user.may(item.permission)]
