"""Contacts that are put off together keep their distance: one question at a time in a case (R14),
and the time between two contacts with one person (S21). What the planner does for its own days,
for days that somebody has chosen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from crm.rules.pace import too_near
from crm.rules.placing import ONE_ASK
from crm.rules.reminder_rules import Offset


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a contact goes to and in which case, as far as is known; and where."""

    organisation_id: int
    case_id: int | None = None
    person_id: int | None = None

    @property
    def is_of_the_place(self) -> bool:
        """Whether it goes to nobody in particular, and to no case."""
        return self.case_id is None and self.person_id is None


def distances(one: Contact, other: Contact, pace: Offset | None) -> list[Offset]:
    """How far two contacts must lie apart: all of these, none if they have nothing in common.

    `pace` is the time between two contacts with one person, None where it is switched off.
    """
    found = []
    if one.person_id is not None and one.person_id == other.person_id and pace is not None:
        found.append(pace)
    if one.case_id is not None and one.case_id == other.case_id:
        found.append(ONE_ASK)
    if one.is_of_the_place and other.is_of_the_place:
        found += [ONE_ASK] if one.organisation_id == other.organisation_id else []
    return found


def first_free(
    contact: Contact,
    wanted: date,
    taken: Iterable[tuple[Contact, date]],
    pace: Offset | None,
    good: Callable[[date], date],
) -> date:
    """The wanted day, or the first after it that is far enough from the days that are taken.

    `good` gives the first day, on or after another, that will do for a contact.
    """
    standing = [(apart, on) for other, on in taken for apart in distances(contact, other, pace)]
    day = wanted
    while near := [apart.from_day(on) for apart, on in standing if too_near(on, day, apart)]:
        day = good(max(near))
    return day
