"""Inquiries, and the place they usually come from: Venhagskolan in Hultsfred, with Anna in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crm.accounts.models import User
from crm.core import clock
from crm.interest import operations
from crm.interest.models import Inquiry
from crm.organisations import operations as organisations
from crm.organisations.index import put_organisations
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person
from crm.rules.kinds import OrganisationKind, UnitKind

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten in the morning in Sweden


@dataclass
class Hultsfred:
    """A small municipality with two schools and a teacher."""

    body: Organisation
    school: Organisation
    other_school: Organisation
    anna: Person


def hultsfred(now: datetime = MONDAY) -> Hultsfred:
    """The municipality of journey 1."""
    body = municipality("Hultsfred", "Hultsfreds kommun", "hultsfred.se", now=now)
    school = unit(body, "Venhagskolan", now=now)
    return Hultsfred(
        body,
        school,
        unit(body, "Albäcksskolan", now=now),
        person("Anna", "Berg", school, title="lärare", now=now),
    )


def municipality(name: str, full: str, domain: str = "", now: datetime = MONDAY) -> Organisation:
    """A municipality as the register would make it."""
    body = organisations.add_body(name=name, kind=OrganisationKind.MUNICIPALITY, by=None, now=now)
    if domain:
        organisations.edit(body, by=None, now=now, email_domain=domain)
    body.name_full = full
    put_organisations([body.id])
    return body


def unit(
    parent: Organisation, name: str, kind: UnitKind = UnitKind.SCHOOL, now: datetime = MONDAY
) -> Organisation:
    return organisations.add_unit(
        parent, name=name, kind=OrganisationKind.UNIT, unit_kind=kind, by=None, now=now
    )


def person(
    first_name: str,
    last_name: str,
    organisation: Organisation,
    now: datetime = MONDAY,
    **facts: Any,
) -> Person:
    return people.add_person(
        first_name=first_name,
        last_name=last_name,
        organisation=organisation,
        source="test",
        by=None,
        today=clock.local(now).date(),
        now=now,
        **facts,
    )


def inquiry(by: User | None = None, now: datetime = MONDAY, **facts: Any) -> Inquiry:
    """One that waits to be sorted, unless told otherwise."""
    operations.seed_sources()
    told = {"summary": "Vill prova i klassen", "caller": "Lisa", "channel": "phone"} | facts
    return operations.log(by=by, now=now, **told)
