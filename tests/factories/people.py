"""People with a post."""

import itertools
from typing import Any

from crm.core import clock
from crm.organisations.models import Organisation
from crm.people import operations
from crm.people.models import Person
from tests.factories.organisations import make_unit

_numbers = itertools.count(1)


def make_person(
    first_name: str = "Anna",
    last_name: str = "",
    organisation: Organisation | None = None,
    **facts: Any,
) -> Person:
    """A person at `organisation`, or at a new unit."""
    return operations.add_person(
        first_name=first_name,
        last_name=last_name or f"Testsson{chr(96 + next(_numbers) % 26 + 1)}",
        organisation=organisation or make_unit(),
        title=facts.pop("title", "lärare"),
        source=facts.pop("source", "test"),
        by=facts.pop("by", None),
        today=facts.pop("today", clock.today()),
        now=facts.pop("now", clock.now()),
        **facts,
    )
