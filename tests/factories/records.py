"""Records requests."""

from datetime import date, datetime
from typing import Any

from crm.accounts.models import User
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.records import operations
from crm.records.models import RecordsRequest, RequestChannel
from crm.rules.records_letter import RequestKind
from tests.factories.cases import NOW, TODAY


def make_request(
    organisation: Organisation,
    by: User,
    title: str = "Läs- och skrivstöd",
    *,
    kind: RequestKind = RequestKind.AWARD,
    follow_up_on: date | None = None,
    today: date = TODAY,
    now: datetime = NOW,
    **about: Any,
) -> RecordsRequest:
    """One without an answer, asked today by mail."""
    request = operations.ask(
        organisation,
        title=title,
        kind=kind,
        asked="Hej! Vi ber att få ta del av tilldelningsbeslutet.",
        asked_on=today,
        channel=RequestChannel.EMAIL,
        sent_to="registrator@example.se",
        reference="KS 2026/12",
        follow_up_on=follow_up_on,
        by=by,
        today=today,
        now=now,
        **about,
    )
    db.session.flush()
    return request
