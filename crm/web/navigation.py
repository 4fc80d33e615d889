"""The menu, as data: what stands in it and beneath it, under which key, for whom."""

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
    counts. `active`: the page is this item's, or lies beneath it or one of its places."""

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


@dataclass(frozen=True, slots=True)
class Place:
    """A page that is no item of the menu but is looked for by name. `under`: its item.

    `words` are other names that people type. `tab`: stands in the row above that item's pages.
    `alone`: the pages beneath its address belong to something else, such as a case.
    """

    endpoint: str
    label: object
    under: str
    words: object = ""
    tab: object = ""
    alone: bool = False
    permission: Permission = Permission.READ


PLACES = (
    Place("procurements.index", _l("Procurements"), "procurements.index", "", _l("Procurements")),
    Place(
        "tenders.index",
        _l("Tenders"),
        "procurements.index",
        _l("bid, hand in, question deadline, tender desk"),
        _l("Tenders"),
    ),
    Place(
        "procurements.notices",
        _l("Notices"),
        "procurements.index",
        _l("TED, published, advertised"),
        _l("Notices"),
    ),
    Place(
        "records.index",
        _l("Records requests"),
        "procurements.index",
        _l("public records, begäran om allmän handling, winning bid"),
        _l("Public records"),
    ),
    Place(
        "procurements.lead_times",
        _l("Lead times"),
        "procurements.index",
        _l("how long it takes, statistics, median"),
        _l("Lead times"),
    ),
    Place(
        "pricing.index",
        _l("Prices"),
        "procurements.index",
        _l("price list, price sheet"),
        _l("Prices"),
        alone=True,
    ),
    Place(
        "law.index",
        _l("The law's values"),
        "procurements.index",
        _l("threshold, direct award limit, standstill, LOU"),
        _l("The law's values"),
    ),
    Place(
        "law.count",
        _l("Count with the law"),
        "procurements.index",
        _l("contract value, lots, lease, framework, change of a contract, fee"),
    ),
    Place(
        "trials.index",
        _l("Trials"),
        "interest.queue",
        _l("pilot, sign-up, webhook, who has tried"),
    ),
    Place(
        "procurements.import_notices",
        _l("Import notices"),
        "procurements.index",
        _l("TED, eForms, OCDS, XML"),
        permission=Permission.IMPORT,
    ),
    Place(
        "procurements.held",
        _l("Did the forecast hold?"),
        "procurements.index",
        _l("back-test, forecasts tried"),
    ),
    Place(
        "procurements.checks",
        _l("Checks before a stage"),
        "procurements.index",
        permission=Permission.EDIT_RULES,
    ),
    Place(
        "requirements.index",
        _l("Requirements"),
        "requirements.index",
        _l("kravspecifikation, roadmap, what they ask for"),
        _l("Requirements"),
    ),
    Place(
        "requirements.needs",
        _l("Needs"),
        "requirements.index",
        _l("wishes, own words"),
        _l("Needs"),
    ),
    Place(
        "requirements.answers",
        _l("Answers"),
        "requirements.index",
        _l("answer library, security, accessibility, RFI"),
        _l("Answers"),
    ),
    Place(
        "requirements.thresholds",
        _l("Thresholds and what is used"),
        "requirements.index",
        _l("barriers, incumbents, used today"),
        _l("Thresholds and what is used"),
    ),
    Place(
        "requirements.settings",
        _l("Answers and wordings: settings"),
        "requirements.index",
        permission=Permission.EDIT_LISTS,
    ),
    Place(
        "contracts.calendar",
        _l("Contracts in 24 months"),
        "contracts.index",
        _l("contract calendar, notice day, ends"),
    ),
    Place(
        "anchoring.references",
        _l("References"),
        "people.index",
        _l("reference customer, who can be asked"),
        permission=Permission.EDIT_CASES,
    ),
    Place(
        "anchoring.won",
        _l("Anchored before the notice"),
        "pipeline.by_municipality",
        _l("anchoring map, won tenders"),
    ),
    Place(
        "anchoring.times",
        _l("Our own times for the steps"),
        "cases.index",
        _l("gate, DPIA, informationsklassning, how long it takes"),
        permission=Permission.EDIT_LISTS,
    ),
    Place(
        "contracts.call_off",
        _l("Who can call off today"),
        "contracts.index",
        _l("framework agreement"),
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A page somebody may go to, in the reader's words."""

    url: str
    label: str
    active: bool = False


def area(endpoint: str) -> list[Found]:
    """The row of pages that belong to one item of the menu, those that this user may open."""
    here = script_root() + request.path
    urls = {one: url_for(one.endpoint) for one in PLACES if one.under == endpoint and one.tab}
    return [
        Found(url, str(one.tab), active=here == url)
        for one, url in urls.items()
        if current_user.may(one.permission)
    ]


def find(text: str, *, menu: bool) -> list[Found]:
    """The pages that the words name, by their own name or another that people use for them.

    `menu`: those of the menu as well, where they do not stand beside already. Fewer than two
    letters find nothing.
    """
    asked = text.casefold().strip()
    if len(asked) < 2:
        return []
    listed: list[Item | Place] = [*MENU] if menu else []
    own = {item.endpoint for item in MENU}
    listed += [one for one in PLACES if one.endpoint not in own]
    return [
        Found(url_for(one.endpoint), str(one.label))
        for one in listed
        if current_user.may(one.permission)
        and asked in f"{one.label}, {one.words if isinstance(one, Place) else ''}".casefold()
    ]


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
    lies_in = {
        place.under
        for place in PLACES
        if _is_within(here, url_for(place.endpoint), alone=place.alone)
    }
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
                    active=item.endpoint in lies_in or _is_within(here, url, alone=url == top),
                    count=int(counted.get(item.endpoint, 0)),
                )
            )
    return entries


def _is_within(here: str, url: str, *, alone: bool) -> bool:
    return here == url or (not alone and here.startswith(f"{url}/"))
