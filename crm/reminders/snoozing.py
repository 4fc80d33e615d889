"""Until when one can put a reminder off: the events of its own buyer's year, or some weeks (E8).

What is offered lands where it is of use: on a day when an office answers, and for a contact on one
outside the buyer's quiet periods. A day that somebody writes is taken as it is; if it lies in such
a period, that is said, with the next day that does not. Several at once never come back earlier
than they would have, and contacts with one person or in one case not all at the same time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Final

from flask_babel import gettext as _

from crm.budgets import queries as budgets
from crm.budgets.queries import Known
from crm.core.errors import RuleBroken
from crm.reminders import ruleset
from crm.reminders.models import Reminder
from crm.rules import rule_settings
from crm.rules.pace import interval
from crm.rules.precision import UnreadableDate, parse_day
from crm.rules.quiet import NO_QUIET, Quiet, office_day_from
from crm.rules.reminders import ReminderKind
from crm.rules.spreading import Contact, first_free
from crm.rules.stages import EventDate, WakeEvent, resolve_event
from crm.web import filters
from crm.web.events import wake_day, wake_words
from crm.web.forms import DayField, unreadable_day
from crm.web.labels import label

EVENT: Final = "event:"
SOON: Final = {"weeks:1": timedelta(weeks=1), "weeks:4": timedelta(weeks=4)}
FARTHEST: Final = timedelta(days=550)  # what lies beyond the next round of the year is not offered
_YEARS_KNOWN: Final = 3  # whose quiet periods are read: beyond what is offered, and what it passes

Choice = tuple[str, str, str]
"""What the form sends, what the button says, and the day it means today."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a reminder that is put off comes back.

    `closed` is what the day lies in, if it is no day for it; `better` the next that is.
    `instead_of` is the chosen day, where it comes later to keep its distance to another contact.
    """

    row: Reminder
    day: date
    event: WakeEvent | None
    closed: tuple[Quiet, ...]
    better: date
    instead_of: date | None = None

    @property
    def stays(self) -> bool:
        """Whether it comes later anyway: put off to this day, it would come earlier."""
        return self.day < self.row.show_on

    @property
    def late(self) -> bool:
        """Whether it comes back when it is of no use any more."""
        return self.row.closes_on is not None and self.day > self.row.closes_on

    @property
    def remark(self) -> str:
        """That the day is a holiday or a quiet one, and which is the next good one; or ""."""
        if not self.closed:
            return ""
        return _(
            "The day falls in: %(names)s. The next good day is %(better)s.",
            names=_names(self.closed),
            better=filters.day_long(self.better),
        )

    @property
    def lateness(self) -> str:
        """That the day comes after the last useful one; or ""."""
        if not self.late:
            return ""
        return _("That is after %(day)s, its last useful day.", day=filters.day(self.row.closes_on))

    @property
    def distance(self) -> str:
        """Why it does not come on the chosen day; or ""."""
        if self.instead_of is None:
            return ""
        return _(
            "Later than %(day)s, when another contact comes: one question at a time in a case, and"
            " time between two contacts with one person.",
            day=filters.day(self.instead_of),
        )


class Snoozing:
    """Some reminders and what is known of their buyers, read once: five statements at most.

    `known` holds the years of their organisations, where the caller has read them already.
    """

    def __init__(
        self, rows: Iterable[Reminder], today: date, known: Mapping[int, Known] | None = None
    ) -> None:
        self.rows, self._today = list(rows), today
        places = {row.organisation_id: row.organisation for row in self.rows}
        if known is None:
            known = budgets.known_of_many(list(places.values())) if places else {}
        self._practice = {number: known[number].practice for number in places}
        self._audience = {place.id: budgets.audience_of(place) for place in places.values()}
        years = range(today.year, today.year + _YEARS_KNOWN)
        self._open = (
            budgets.contact_days_of(list(places.values()), self._practice, years) if places else {}
        )

    def choices(self, row: Reminder) -> list[Choice]:
        """The events of its own buyer's year with their days, and some weeks."""
        kind = self._practice[row.organisation_id].kind
        events = [
            (f"{EVENT}{event.value}", _sentence(wake_words(event, when, kind)), wake_day(when))
            for event, when in self._dated(row)
        ]
        return [*events, *self._weeks(row)]

    def choices_of_all(self) -> list[Choice]:
        """What all can be put off to at once: the events that can be told for each of them.

        A year is named only when it is the same for every one of them. Otherwise the choice says
        that each buyer's own next event is meant; and the days, where they differ, that they do.
        """
        each = [self.choices(row) for row in self.rows]
        if not each:
            return []
        words: dict[str, set[str]] = {}
        days: dict[str, set[str]] = {}
        for some in each:
            for value, said, day in some:
                words.setdefault(value, set()).add(said)
                days.setdefault(value, set()).add(day)
        shared = set.intersection(*({value for value, *_rest in some} for some in each))
        return [
            (
                value,
                said if len(words[value]) == 1 else _each_buyers_next(value),
                day if len(days[value]) == 1 else _("on each buyer's own day"),
            )
            for value, said, day in each[0]
            if value in shared
        ]

    def landing(self, row: Reminder, until: str) -> Landing:
        """Where a choice, or a day as people write it, brings this reminder. Raises RuleBroken."""
        if until in SOON:
            day, _passed = self._good_day(row, self._today + SOON[until])
            return Landing(row, day, None, (), day)
        day, event = self._day_of(row, until)
        better, passed = self._good_day(row, day)
        return Landing(row, day, event, tuple(one for one in passed if one.covers(day)), better)

    def landings(self, rows: Sequence[Reminder], until: str) -> list[Landing]:
        """Where a choice brings several, in their order. Raises RuleBroken. One statement.

        What comes later anyway stays where it stands. Of contacts with one person or in one case
        the first to come gets the day, and each of the others the first good day that is far
        enough from it; that is a day of its own, and follows no event.
        """
        found = {row.id: self.landing(row, until) for row in rows}
        contacts = [one for one in found.values() if one.row.kind is ReminderKind.CONTACT]
        taken = [(_contact(one.row), one.row.show_on) for one in contacts if one.stays]
        going = [one for one in contacts if not one.stays]
        pace = interval(rule_settings.in_force(ruleset.settings())) if len(contacts) > 1 else None
        for one in sorted(going, key=lambda one: (one.late, one.row.show_on, one.row.id)):
            row, contact = one.row, _contact(one.row)
            free = first_free(contact, one.day, taken, pace, partial(self._first_good, row))
            taken.append((contact, free))
            if free != one.day:
                found[row.id] = replace(
                    one, day=free, event=None, closed=(), better=free, instead_of=one.day
                )
        return list(found.values())

    def _day_of(self, row: Reminder, until: str) -> tuple[date, WakeEvent | None]:
        name = until.removeprefix(EVENT)
        if name == until:
            try:
                return parse_day(until, self._today), None
            except UnreadableDate as error:
                raise RuleBroken(unreadable_day(error.problem, DayField.example())) from error
        event = next((one for one in WakeEvent if one.value == name), None)
        when = self._when(row, event) if event else None
        if when is None:
            raise RuleBroken(_("That event cannot be told at this buyer. Choose a day."))
        return when.day, event

    def _when(self, row: Reminder, event: WakeEvent) -> EventDate | None:
        number = row.organisation_id
        return resolve_event(event, self._practice[number], self._audience[number], self._today)

    def _dated(self, row: Reminder) -> list[tuple[WakeEvent, EventDate]]:
        found = [
            (event, when)
            for event in WakeEvent
            if (when := self._when(row, event)) is not None and when.day <= self._today + FARTHEST
        ]
        return sorted(found, key=lambda pair: (pair[1].day, pair[0].value))

    def _weeks(self, row: Reminder) -> list[Choice]:
        """In a week and in four, where that is a good day, and once if both are the same day."""
        words = {"weeks:1": _("In a week"), "weeks:4": _("In four weeks")}
        landed = [
            (value, *self._good_day(row, self._today + ahead)) for value, ahead in SOON.items()
        ]
        return [
            (value, words[value], _past(day, passed))
            for _same, group in groupby(landed, key=lambda one: one[1])
            for value, day, passed in [next(group)]
        ]

    def _first_good(self, row: Reminder, wanted: date) -> date:
        return self._good_day(row, wanted)[0]

    def _good_day(self, row: Reminder, wanted: date) -> tuple[date, tuple[Quiet, ...]]:
        """For a contact a day when the buyer can be written to; for the rest one at an office."""
        if row.kind is ReminderKind.CONTACT:
            return self._open.get(row.organisation_id, NO_QUIET).first(wanted)
        return office_day_from(wanted)


def _contact(row: Reminder) -> Contact:
    return Contact(row.organisation_id, row.case_id, row.person_id)


def _each_buyers_next(value: str) -> str:
    name = value.removeprefix(EVENT)
    event = next((one for one in WakeEvent if one.value == name), None)
    match event:
        case WakeEvent.COUNCIL_DECIDED:
            return _("Until each buyer's next budget decision")
        case WakeEvent.COUNCIL_MET:
            return _("Until each buyer's next council meeting")
        case WakeEvent.DOOR_OPENS:
            return _("Until each buyer next gathers its needs")
        case WakeEvent.INTERNAL_BUDGET:
            return _("Until each buyer's next internal budget")
        case WakeEvent.BUDGET_YEAR_STARTS:
            return _("Until each buyer's next budget year")
        case WakeEvent.TERM_STARTS:
            return _("Until each buyer's next term has started")
        case _:
            return _("%(event)s, each buyer's own", event=_sentence(label(event)))


def _past(day: date, passed: tuple[Quiet, ...]) -> str:
    """The day with its weekday, and what it was moved past if that is more than a weekend."""
    quiet = tuple(one for one in passed if one.key != "weekend")
    if not quiet:
        return filters.day_long(day)
    return _("%(day)s, moved past: %(names)s", day=filters.day_long(day), names=_names(quiet))


def _names(passed: Iterable[Quiet]) -> str:
    names = (filters.in_language(one, "name") for one in passed)
    return ", ".join(dict.fromkeys(names))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
