"""The calendar feed: plain rows in, iCalendar bytes out (RFC 5545; choices in domain notes).

All-day events, since a reminder is a day. UIDs are stable for ever, SEQUENCE and LAST-MODIFIED move
only when the reminder does, and DTSTAMP is the last change: two polls with nothing changed get the
same bytes. What was withdrawn stays CANCELLED for some weeks and is then left out.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from crm.reminders.models import Reminder, ReminderState
from crm.reminders.queries import Told
from crm.reminders.texts import for_whom
from crm.web.labels import label

if TYPE_CHECKING:
    from icalendar import Event

HOST = "forankra"
BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)  # how far the feed reaches from today
CANCELLED_FOR = timedelta(weeks=4)  # how long what was withdrawn is told as cancelled


def calendar(
    told: Sequence[Told],
    *,
    name: str,
    base_url: str,
    reader_id: int | None = None,
    with_names: bool = True,
) -> bytes:
    """One feed. `name` is what calendar programs call it; without names it holds only the days.
    What is of a colleague who is away says so, to all but herself (`reader_id`)."""
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
        event.add("summary", f"{summary} ({whose})" if whose else summary)
        event.add("description", _description(one, base_url))
    else:
        event.add("summary", f"Förankra: {label(row.kind).lower()}")
    event.add("url", f"{base_url}/reminders/{row.id}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if row.state is ReminderState.WITHDRAWN else "CONFIRMED")
    return event


def uid(row: Reminder) -> str:
    """Stable for ever, whatever becomes of the reminder."""
    return f"reminder-{row.id}@{HOST}"


def _description(one: Told, base_url: str) -> str:
    parts = [one.why, one.instruction, f"{base_url}/reminders/{one.row.id}"]
    return "\n\n".join(part for part in parts if part)


def etag(body: bytes) -> str:
    """Of the whole content: DTSTAMP moves only with the content, so polls compare equal."""
    return hashlib.sha256(body).hexdigest()[:32]
