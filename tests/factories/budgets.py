"""Bodies with a budget year, and what is typed to set one up."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from crm.budgets import operations
from crm.budgets.drafts import Calendar
from crm.budgets.models import BudgetPractice, Pause, PauseKind
from crm.core.db import db
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind, UnitKind

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SOURCE = "https://www.example.se/budget"
_numbers = itertools.count(1)


def make_body(
    name: str = "",
    kind: OrganisationKind = OrganisationKind.MUNICIPALITY,
    **values: Any,
) -> Organisation:
    """A body outside the register, so that no test hangs on real data by accident."""
    number = next(_numbers)
    body = organisations.add_body(
        name=name or f"Provköping {number}",
        kind=kind,
        county_code=values.pop("county_code", "08"),
        county_name=values.pop("county_name", "Kalmar län"),
        by=None,
        now=NOW,
    )
    for key, value in values.items():
        setattr(body, key, value)
    db.session.flush()
    return body


def make_unit(
    parent: Organisation,
    name: str = "Venhagskolan",
    kind: OrganisationKind = OrganisationKind.UNIT,
    unit_kind: UnitKind | None = UnitKind.SCHOOL,
) -> Organisation:
    """A unit, or with another kind a förvaltning, right below."""
    return organisations.add_unit(
        parent,
        name=name,
        kind=kind,
        unit_kind=unit_kind if kind is OrganisationKind.UNIT else None,
        by=None,
        now=NOW,
    )


def make_practice(
    body: Organisation,
    decision: DecisionPractice = DecisionPractice.JUNE,
    **values: Any,
) -> BudgetPractice:
    """What is known of how the body decides its budget."""
    facts: dict[str, Any] = {
        "certainty": Certainty.PUBLISHED,
        "source_url": SOURCE,
        "checked_on": TODAY,
    }
    calendar = Calendar(decision=decision, **(facts | values))
    return operations.set_calendar(body, calendar, by=None, now=NOW)


def make_pause(
    body: Organisation,
    starts_on: date = TODAY,
    ends_on: date | None = None,
    kind: PauseKind = PauseKind.FREEZE,
    note: str = "Beslut i kommunstyrelsen",
) -> Pause:
    """A pause at the body."""
    today = min(starts_on, TODAY)
    return operations.add_pause(
        body, kind, starts_on, ends_on, note=note, by=None, today=today, now=NOW
    )


def typed(decision: str = "june", **values: str) -> dict[str, str]:
    """The calendar form as a browser sends it, for a body without anything stored."""
    return {
        "version": "0",
        "decision": decision,
        "certainty": "published",
        "source_url": SOURCE,
        "checked_on": "2026-11-23",
        **values,
    }
