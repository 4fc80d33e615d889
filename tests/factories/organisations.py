"""Organisations: a municipality, and whatever lies below it."""

import itertools
from typing import Any

from crm.core import clock
from crm.core.db import db
from crm.organisations import operations
from crm.organisations.models import Organisation
from crm.rules.kinds import OrganisationKind, UnitKind

_numbers = itertools.count(1)


def make_municipality(name: str = "", **facts: Any) -> Organisation:
    """A municipality that no register knows. `facts` are columns: code, population, owner_id…"""
    number = next(_numbers)
    body = operations.add_body(
        name=name or f"Exempelkommun {number}",
        kind=facts.pop("kind", OrganisationKind.MUNICIPALITY),
        org_number=facts.pop("org_number", ""),
        county_code=facts.pop("county_code", None),
        county_name=facts.pop("county_name", ""),
        by=None,
        now=clock.now(),
    )
    for key, value in facts.items():
        setattr(body, key, value)
    db.session.flush()
    return body


def make_unit(
    parent: Organisation | None = None,
    name: str = "",
    kind: OrganisationKind = OrganisationKind.UNIT,
    unit_kind: UnitKind | None = None,
) -> Organisation:
    """Something below `parent`, or below a new municipality."""
    return operations.add_unit(
        parent or make_municipality(),
        name=name or f"Exempelskolan {next(_numbers)}",
        kind=kind,
        unit_kind=unit_kind,
        by=None,
        now=clock.now(),
    )


def make_branch(top: Organisation, *names: str) -> list[Organisation]:
    """One below the other, the uppermost first."""
    found: list[Organisation] = []
    for name in names:
        found.append(make_unit(found[-1] if found else top, name))
    return found
