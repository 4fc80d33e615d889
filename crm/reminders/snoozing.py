"""Until when one can put a reminder off: the events of its own buyer's year, or some weeks (E8)."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from flask_babel import gettext as _

from crm.budgets import queries as budgets
from crm.budgets.queries import Known
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders.queries import Told
from crm.rules.precision import UnreadableDate, parse_day
from crm.rules.stages import WakeEvent, resolve_event
from crm.web import filters
from crm.web.events import wake_day, wake_words
from crm.web.forms import DayField, unreadable_day

EVENT = "event:"
FARTHEST = timedelta(days=550)  # what lies beyond the next round of the year is not offered

Choice = tuple[str, str, str]
"""What the form sends, what the button says, and the day it means today."""


def snooze_choices(
    told: Iterable[Told], today: date, known: Mapping[int, Known] | None = None
) -> dict[int, list[Choice]]:
    """For each reminder: the events of its own buyer's year with their days, and some weeks.

    `known` holds the years of their organisations, where the caller has read them already.
    """
    told = list(told)
    places = {one.row.organisation_id: one.row.organisation for one in told}
    if known is None:
        known = budgets.known_of_many(list(places.values())) if places else {}
    events: dict[int, list[Choice]] = {}
    for place in places.values():
        audience, practice = budgets.audience_of(place), known[place.id].practice
        dated = [
            (when, event)
            for event in WakeEvent
            if (when := resolve_event(event, practice, audience, today)) is not None
            and when.day <= today + FARTHEST
        ]
        events[place.id] = [
            (
                f"{EVENT}{event.value}",
                _sentence(wake_words(event, when, practice.kind)),
                wake_day(when),
            )
            for when, event in sorted(dated, key=lambda pair: (pair[0].day, pair[1].value))
        ]
    soon = [
        ("+1v", _("Next week"), filters.day(parse_day("+1v", today))),
        ("+4v", _("In four weeks"), filters.day(parse_day("+4v", today))),
    ]
    return {one.id: [*events[one.row.organisation_id], *soon] for one in told}


def choices_of_all(told: Iterable[Told], today: date) -> list[Choice]:
    """What several can be put off to at once: the events that can be told for each of them.

    An event that falls on different days at different buyers says so: each follows its own.
    """
    told = list(told)
    each = snooze_choices(told, today)
    if not told:
        return []
    days: dict[str, set[str]] = {}
    for some in each.values():
        for value, _words, day in some:
            days.setdefault(value, set()).add(day)
    shared = set.intersection(*({value for value, *_rest in some} for some in each.values()))
    return [
        (value, words, day if len(days[value]) == 1 else _("on each buyer's own day"))
        for value, words, day in each[told[0].id]
        if value in shared
    ]


def chosen(until: str, place: Organisation, today: date) -> tuple[date, WakeEvent | None]:
    """The day that a choice, or a day as people write it, means. Raises RuleBroken."""
    name = until.removeprefix(EVENT)
    if name == until:
        try:
            return parse_day(until, today), None
        except UnreadableDate as error:
            raise RuleBroken(unreadable_day(error.problem, DayField.example())) from error
    event = next((one for one in WakeEvent if one.value == name), None)
    when = (
        resolve_event(event, budgets.practice_of(place), budgets.audience_of(place), today)
        if event
        else None
    )
    if when is None:
        raise RuleBroken(_("That event cannot be told at this buyer. Choose a day."))
    return when.day, event


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
