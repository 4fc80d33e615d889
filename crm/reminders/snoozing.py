"""Until when one can put a reminder off: the events of its own buyer's year, or some weeks."""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _

from crm.budgets import queries as budgets
from crm.reminders.queries import Told
from crm.rules.precision import parse_day
from crm.rules.stages import WakeEvent, resolve_event
from crm.web import filters
from crm.web.labels import label


def snooze_choices(told: Iterable[Told], today: date) -> dict[int, list[tuple[str, str, str]]]:
    """For each reminder: a week, a month, and the events of its own buyer's year with their days."""
    told = list(told)
    places = {one.row.organisation_id: one.row.organisation for one in told}
    known = budgets.known_of_many(list(places.values())) if places else {}
    events: dict[int, list[tuple[str, str, str]]] = {}
    for place in places.values():
        audience, practice = budgets.audience_of(place), known[place.id].practice
        dated = [
            (when.day, event)
            for event in WakeEvent
            if (when := resolve_event(event, practice, audience, today)) is not None
        ]
        events[place.id] = [
            (f"event:{event.value}", label(event).capitalize(), filters.day(day))
            for day, event in sorted(dated, key=lambda pair: (pair[0], pair[1].value))
        ]
    soon = [
        ("+1v", _("Next week"), filters.day(parse_day("+1v", today))),
        ("+4v", _("In four weeks"), filters.day(parse_day("+4v", today))),
    ]
    return {one.id: [*events[one.row.organisation_id], *soon] for one in told}
