"""The pace of contacts: at most one light contact with a person within a set time (S21).

Counted per person, whatever the case and whichever colleague it was. How long the time is, is the
distance of the rule PACE, six weeks as shipped, and set in versions like that of any other rule.
It is our own choice and no law: people at public bodies have other work than ours.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from crm.rules.reminder_facts import Contacted
from crm.rules.reminder_rules import DEFAULT_RULES, Offset, Rule

PACE: Final = "PACE"
"""The key of the rule whose distance is the time between two contacts."""


def interval(rules: Iterable[Rule] = DEFAULT_RULES) -> Offset | None:
    """The time between two contacts with one person; None where the rule is switched off."""
    return next((rule.offset for rule in rules if rule.key == PACE), None)


def too_near(one: date, other: date, apart: Offset) -> bool:
    """Whether two contacts with the same person lie nearer each other than the limit."""
    return max(one, other) < apart.from_day(min(one, other))


def last_contact(made: Iterable[Contacted], person_id: int | None) -> Contacted | None:
    """The latest contact with a person, or with anybody where none is named; if there was any."""
    of_person = (one for one in made if one.made and person_id in (None, one.person_id))
    return max(of_person, key=lambda one: one.on, default=None)


def too_soon(
    made: Iterable[Contacted], person_id: int, on: date, apart: Offset | None
) -> Contacted | None:
    """The contact that makes another one on this day too soon; None where it is not."""
    if apart is None:
        return None
    near = (one for one in made if one.person_id == person_id and too_near(one.on, on, apart))
    return max(near, key=lambda one: one.on, default=None)
