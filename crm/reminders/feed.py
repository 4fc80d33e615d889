"""The calendar feed: plain rows in, iCalendar bytes out (RFC 5545; choices in domain notes).

All-day events, since a reminder is a day; the deadlines of procurements are instants. UIDs are
stable for ever, SEQUENCE and LAST-MODIFIED move only when the reminder does, and DTSTAMP is the
last change: two polls with nothing changed get the same bytes. What was withdrawn stays CANCELLED
for some weeks and is then left out.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask_babel import gettext as _

from crm.contracts.queries import Day as ContractDay
from crm.reminders.models import Reminder, ReminderState
from crm.reminders.queries import BuyersDate, Told
from crm.reminders.texts import for_whom
from crm.tenders.queries import ExactDeadline, Stated
from crm.web.filters import in_language
from crm.web.labels import label

if TYPE_CHECKING:
    from icalendar import Event

HOST = "forankra"
BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)  # how far the feed reaches from today
NEVER_CHECKED = date(2026, 1, 1)  # the stamp of dates that nobody has checked: it must not move
CANCELLED_FOR = timedelta(weeks=4)  # how long what was withdrawn is told as cancelled


def calendar(
    told: Sequence[Told],
    *,
    name: str,
    base_url: str,
    reader_id: int | None = None,
    with_names: bool = True,
    dates: Sequence[BuyersDate] = (),
    contracts: Sequence[ContractDay] = (),
    deadlines: Sequence[ExactDeadline] = (),
) -> bytes:
    """One feed. `name` is what calendar programs call it; without names it holds only the days.
    What is of a colleague who is away says so, to all but herself (`reader_id`); a feed that is
    nobody's own says whose each is. `dates`: what the buyer does, beside what we do; `contracts`:
    what happens to the contracts of the register; `deadlines`: of procurements, to the minute."""
    from icalendar import Calendar  # 0.1 s to load, for the one page that needs it

    feed = Calendar()
    feed.add("prodid", "-//Förankra//Reminders//SV")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    feed.add("name", name)
    feed.add("x-wr-calname", name)
    feed.add("x-wr-timezone", "Europe/Stockholm")
    feed.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", "PT1H")
    for one in told:
        feed.add_component(_event(one, base_url, reader_id, with_names))
    for date_ in dates:
        feed.add_component(_buyers_event(date_, base_url, with_names))
    for day in contracts:
        feed.add_component(_contract_event(day, base_url, with_names))
    for deadline in deadlines:
        feed.add_component(_deadline_event(deadline, base_url, with_names))
    return bytes(feed.to_ical())


def _event(one: Told, base_url: str, reader_id: int | None, with_names: bool) -> "Event":
    row = one.row
    changed = row.changed_at.astimezone(UTC).replace(microsecond=0)
    from icalendar import Event

    event = Event()
    event.add("uid", uid(row))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", row.sequence)
    event.add("dtstart", row.show_on)
    event.add("dtend", row.show_on + timedelta(days=1))  # exclusive: the day after
    if with_names:
        summary, whose = f"{one.title} – {row.organisation.title}", for_whom(one, reader_id)
        if not whose and reader_id is None and row.user is not None:
            whose = row.user.name
        event.add("summary", f"{summary} ({whose})" if whose else summary)
        event.add("description", _description(one, base_url))
    else:
        event.add("summary", f"Förankra: {label(row.kind).lower()}")
    event.add("url", f"{base_url}/reminders/{row.id}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if row.state is ReminderState.WITHDRAWN else "CONFIRMED")
    return event


def _buyers_event(one: BuyersDate, base_url: str, with_names: bool) -> "Event":
    """A phase of the buyer's year. Its UID is of the place, the budget year and the phase, so that
    a phase that moves is the same event on other days."""
    phase, place = one.phase, one.organisation
    stamp = datetime.combine(phase.checked_on or NEVER_CHECKED, time(), tzinfo=UTC)
    from icalendar import Event

    event = Event()
    event.add("uid", f"phase-{place.id}-{phase.budget_year}-{quote(phase.key)}@{HOST}")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", one.version)
    event.add("dtstart", phase.start)
    event.add("dtend", phase.end + timedelta(days=1))  # exclusive: the day after
    name = in_language(phase, "name")
    event.add("summary", f"{name} – {place.title}" if with_names else f"Förankra: {name}")
    if with_names:
        sure = label(phase.certainty)
        parts = [f"{_('Budget %(year)s', year=phase.budget_year)} ({sure})", phase.law]
        event.add("description", "\n\n".join(part for part in parts if part))
    event.add("url", f"{base_url}/budget-year/{place.id}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return event


def _contract_event(one: ContractDay, base_url: str, with_names: bool) -> "Event":
    """A day of a contract. Its UID is of the contract, the kind of day and the term, so that a day
    that moves is the same event on another day."""
    contract, what = one.contract, label(one.event.kind)
    stamp = datetime.combine(contract.checked_on, time(), tzinfo=UTC)
    term = "first" if one.event.option is None else str(one.event.option + 1)
    from icalendar import Event

    event = Event()
    event.add("uid", f"contract-{contract.id}-{one.event.kind.value}-{term}@{HOST}")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", contract.version)
    event.add("dtstart", one.event.day)
    event.add("dtend", one.event.day + timedelta(days=1))  # exclusive: the day after
    if with_names:
        where = contract.organisation.title
        event.add("summary", f"{what}: {contract.title} – {where}")
        sure = f"{label(contract.kind)} ({label(contract.certainty)})"
        parts = [contract.supplier, sure, contract.source]
        event.add("description", "\n\n".join(part for part in parts if part))
    else:
        event.add("summary", f"Förankra: {what[:1].lower()}{what[1:]}")
    event.add("url", f"{base_url}/contracts/{contract.id}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return event


def _deadline_event(one: ExactDeadline, base_url: str, with_names: bool) -> "Event":
    """An instant, which is no day: it begins and ends at once. Told in UTC, shown in the reader's
    own time, the same minute on either side of a clock change."""
    from icalendar import Event

    event, stamp = Event(), one.opened_at.astimezone(UTC).replace(microsecond=0)
    name = {
        Stated.QUESTIONS: _("Questions until"),
        Stated.APPLICATIONS: _("Applications until"),
        Stated.TENDERS: _("Tenders until"),
    }[one.what]
    kind = one.what.value
    event.add("uid", f"{kind}-{one.procurement_id}@{HOST}")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", one.version)
    event.add("dtstart", one.at.astimezone(UTC))
    event.add("dtend", one.at.astimezone(UTC))
    title = f"{name}: {one.title} – {one.organisation}"
    event.add("summary", title if with_names else f"Förankra: {name.lower()}")
    if with_names and one.reference:
        event.add("description", one.reference)
    event.add("url", f"{base_url}/procurements/{one.procurement_id}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return event


def uid(row: Reminder) -> str:
    """Stable for ever, whatever becomes of the reminder."""
    return f"reminder-{row.id}@{HOST}"


def _description(one: Told, base_url: str) -> str:
    parts = [one.why_and_how_sure, one.instruction, f"{base_url}/reminders/{one.row.id}"]
    return "\n\n".join(part for part in parts if part)


def etag(body: bytes) -> str:
    """Of the whole content: DTSTAMP moves only with the content, so polls compare equal."""
    return hashlib.sha256(body).hexdigest()[:32]
