"""A sender's secret, worked out of its nonce and the installation's key.

So it can check signatures for as long as it lives, is shown once only because we choose so, and a
stolen database signs nothing.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from crm.rules import webhooks
from crm.trials.models import TrialSecret


def secret(secret_key: str, nonce: str) -> bytes:
    """256 bits, the same each time."""
    return hmac.new(secret_key.encode(), f"trial-secret:{nonce}".encode(), hashlib.sha256).digest()


def shown(secret_key: str, made: TrialSecret) -> str:
    """As it is handed to the administrator."""
    return webhooks.written(secret(secret_key, made.nonce))


def valid(secret_key: str, made: Iterable[TrialSecret], now: datetime) -> list[bytes]:
    """Those that sign at this moment: one, or two while one is being replaced. Where there are
    none, one that nobody has, so that an unknown sender takes as long to refuse as a known one."""
    found = [
        secret(secret_key, one.nonce) for one in made if one.ends_at is None or one.ends_at > now
    ]
    return found or [secret(secret_key, "")]
