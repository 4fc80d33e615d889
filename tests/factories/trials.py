"""Trials as they are told of, and pilots."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.rules.contact import normalise_email
from crm.rules.trials import Told
from crm.rules.webhooks import signature
from crm.trials import operations, queries
from crm.trials.models import Pilot, Trial, TrialSource
from tests.factories.cases import NOW, TODAY


def make_source(
    name: str = "Läslyftet", product_id: int | None = None, *, now: datetime = NOW
) -> TrialSource:
    """A sender with one secret."""
    return operations.add_source(name, product_id, now=now)[0]


def told(email: str = "anna.berg@hultsfred.se", **said: Any) -> Told:
    """What is said of one trial: signed up today, unless otherwise."""
    return Told(
        **{
            "account": email,
            "email": normalise_email(email) if email else None,
            "signed_up_on": TODAY,
        }
        | said
    )


def make_trial(
    source: TrialSource, email: str = "anna.berg@hultsfred.se", *, now: datetime = NOW, **said: Any
) -> Trial:
    """A trial that the sender told of."""
    operations.take(source, told(email, **said), now=now)
    return queries.by_address(source.id, email)[-1]


def make_pilot(case: Case, unit: Organisation, *, today: date = TODAY, **values: Any) -> Pilot:
    """Four weeks from today."""
    pilot = operations.plan_pilot(
        case,
        unit,
        **{
            "starts_on": today,
            "ends_on": today + timedelta(weeks=4),
            "evaluates": "Läser eleverna mer?",
            "questions": "Hur ofta?",
            "by": None,
            "now": NOW,
        }
        | values,
    )
    db.session.flush()
    return pilot


def message(name: str = "trial.signed_up", /, **data: Any) -> bytes:
    """The body of a message."""
    return json.dumps({"type": name, "data": data}).encode()


def signed(secret: bytes, body: bytes, now: datetime, message_id: str = "msg_1") -> dict[str, str]:
    """Its headers."""
    sent = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": sent,
        "webhook-signature": signature(secret, message_id, sent, body),
        "content-type": "application/json",
    }
