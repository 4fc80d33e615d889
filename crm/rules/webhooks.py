"""Whether a message came from who holds the secret: Standard Webhooks, version 1.

What is signed is "id.timestamp.body" with HMAC-SHA256, and the header may hold several signatures
with a blank between, so that a secret can be changed while messages are on their way. Secrets are
written "whsec_" and base64, as the libraries for it expect (https://www.standardwebhooks.com/).
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

TOLERANCE: Final = timedelta(minutes=5)
"""How far the sender's clock may be from ours, before or after; later a message is too old."""

_PREFIX: Final = "whsec_"
_ID: Final = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,100}")  # no full stop: it parts what is signed
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_MOST_SIGNATURES: Final = 10


def written(secret: bytes) -> str:
    """A secret as it is handed over, to be pasted into the sender's settings."""
    return _PREFIX + base64.b64encode(secret).decode()


def secret_in(text: str) -> bytes:
    """The opposite of `written`. Raises ValueError on anything else."""
    if not text.startswith(_PREFIX):
        raise ValueError("no secret of a webhook")
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("no secret of a webhook") from None


def signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """What stands in the header `webhook-signature` for this message: "v1," and base64."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def is_signed(
    secrets: Iterable[bytes], message_id: str, timestamp: str, body: bytes, header: str
) -> bool:
    """Whether one of the header's signatures is of one of the secrets. As much work whichever it
    is, and compared in constant time."""
    given = [one.encode() for one in header.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]]
    found = False
    for secret in secrets:
        right = signature(secret, message_id, timestamp, body).encode()
        for one in given:
            found |= hmac.compare_digest(one, right)
    return found


def is_message_id(text: str) -> bool:
    """Whether it can be the id of a message: a hundred visible ASCII characters at most."""
    return _ID.fullmatch(text) is not None


def is_in_time(timestamp: str, now: datetime) -> bool:
    """Whether the message was signed within the tolerance. `timestamp`: seconds since 1970."""
    if not _SECONDS.fullmatch(timestamp):
        return False
    sent = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(timestamp))
    return abs(now - sent) <= TOLERANCE
