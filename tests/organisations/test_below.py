"""A2: choosing a node takes along all below it; one switch, the same in every list and file."""

from typing import Any

import pytest

from crm.rules.access import Role
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_branch, make_municipality
from tests.factories.people import make_person
from tests.factories.reminders import make_reminder

ON_THE_UNIT = "Anna Unik"

LISTS = {
    "accounts": "/accounts?under={id}&level=all",
    "people": "/people?under={id}",
    "cases": "/cases?within={id}",
    "reminders": "/reminders?whose=all&within={id}",
    "inquiries": "/inquiries/all?organisation={id}",
    "story": "/accounts/{id}/timeline?",
    "bodies' cases": "/cases?body={id}",
}
FILES = {
    "accounts": "/accounts/export.csv?under={id}&level=all",
    "people": "/people/export.csv?under={id}",
    "cases": "/cases/export.csv?within={id}",
    "inquiries": "/inquiries/all/export.csv?organisation={id}",
}


@pytest.fixture
def reader(as_user: Any) -> Any:
    return as_user(Role.FOUNDER)


@pytest.fixture
def town() -> Any:
    """A municipality with nothing of its own, and one of everything at a unit two steps down."""
    body = make_municipality("Lillköping")
    _office, school = make_branch(body, "Förvaltningen", "Unikskolan")
    anna = make_person("Anna", "Unik", school)
    make_case(school, f"Pilot med {ON_THE_UNIT}")
    make_reminder(school, text=f"Ring {ON_THE_UNIT}")
    inquiry(organisation=school, person=anna, summary="Vill prova")
    make_activity(school, text="Talade med rektorn")
    return body


SHOWN = {"accounts": "Unikskolan", "story": "Talade med rektorn"}


@pytest.mark.parametrize("name", list(LISTS))
def test_a_list_takes_along_what_lies_below_until_it_is_switched_off(
    reader: Any, town: Any, name: str
) -> None:
    address, there = LISTS[name].format(id=town.id), SHOWN.get(name, ON_THE_UNIT)
    on, off = reader.get(address).text, reader.get(f"{address}&below=0").text
    assert there in on
    assert 'name="below"' in on
    assert there not in off
    assert '<option value="0" selected' in off


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_has_what_the_list_has(reader: Any, town: Any, name: str) -> None:
    address, there = FILES[name].format(id=town.id), SHOWN.get(name, ON_THE_UNIT)
    assert there in reader.get(address).text
    assert there not in reader.get(f"{address}&below=0").text
