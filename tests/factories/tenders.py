"""Tenders of ours in a procurement."""

from datetime import datetime

from crm.accounts.models import User
from crm.core.db import db
from crm.procurements.models import Procurement
from crm.tenders import operations
from crm.tenders.models import Tender
from tests.factories.accounts import make_user
from tests.factories.cases import NOW


def make_tender(procurement: Procurement, *, by: User | None = None, now: datetime = NOW) -> Tender:
    """One with the usual list, whose responsible is who began it."""
    tender = operations.begin(procurement, by=by or make_user(), now=now)
    db.session.flush()
    return tender
