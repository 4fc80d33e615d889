"""Procurements with a plan laid out."""

from datetime import date, datetime
from typing import Any

from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.procurements import operations
from crm.procurements.models import Procurement
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Route
from tests.factories.cases import NOW, TODAY


def make_procurement(
    organisation: Organisation,
    title: str = "Läs- och skrivstöd",
    *,
    case: Case | None = None,
    route: Route = Route.OPEN,
    begins_on: date | None = None,
    today: date = TODAY,
    now: datetime = NOW,
    **values: Any,
) -> Procurement:
    """One with a plan, laid out from today. `values` are columns, set after it has been opened."""
    procurement = operations.open_procurement(
        organisation, title=title, case=case, by=None, now=now
    )
    laid = lay_out(route, begins_on or today, NO_QUIET)
    operations.lay(procurement, route, laid, by=None, today=today, now=now)
    for name, value in values.items():
        setattr(procurement, name, value)
    db.session.flush()
    return procurement
