"""Lengths of stages as an administrator corrected them."""

from datetime import date, datetime

from crm.law import operations, queries
from crm.law.models import LeadTime
from crm.rules.routes import Duration, Route, StageKey
from tests.factories.cases import NOW, TODAY


def make_lead_time(
    route: Route,
    stage: StageKey,
    length: Duration,
    *,
    today: date = TODAY,
    now: datetime = NOW,
) -> LeadTime:
    """A correction that holds from now on."""
    made = operations.correct_lead_time(
        queries.lead_time(route, stage),
        length,
        source="Egna erfarenheter",
        note="Vi vet bättre",
        by=None,
        today=today,
        now=now,
    )
    assert made is not None
    return made
