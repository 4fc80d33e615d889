"""Contracts in the register."""

from datetime import date, datetime
from typing import Any

from crm.cases.models import Case
from crm.contracts import operations
from crm.contracts.models import Contract
from crm.contracts.operations import Facts
from crm.organisations.models import Organisation
from crm.rules.contracts import ContractKind
from tests.factories.cases import NOW, TODAY


def make_contract(
    organisation: Organisation,
    title: str = "Läsplattformen",
    *,
    kind: ContractKind = ContractKind.OTHER,
    options: tuple[int, ...] = (),
    case: Case | None = None,
    today: date = TODAY,
    now: datetime = NOW,
    **facts: Any,
) -> Contract:
    """One that another supplier has, unless something else is said. `facts`: those of `Facts`."""
    if kind is ContractKind.OTHER:
        facts.setdefault("supplier", "Bokstaven AB")
    facts.setdefault("source", "Tilldelningsbeslutet")
    return operations.add(
        organisation,
        Facts(kind=kind, title=title, **facts),
        options=options,
        case=case,
        by=None,
        today=today,
        now=now,
    )
