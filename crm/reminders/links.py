"""Signed links in the digest, and the secret address of the calendar feed.

The digest's link opens a page with that mail's reminders and a button for each thing to do.
Following the link only shows it, so a mail scanner that fetches every link changes nothing. It
works without signing in, for these reminders and this user only, as long as it lives.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

LINKS_LIVE = 45 * 24 * 3600  # seconds; long enough for a holiday
_MAIL_SALT = "digest"


@dataclass(frozen=True, slots=True)
class DigestLink:
    """What a followed link allows: to deal with these reminders as this user."""

    user_id: int
    reminder_ids: tuple[int, ...]


class StaleLink(Exception):
    """The link is too old, or not ours. One and the same answer for both."""


def sign(secret_key: str, user_id: int, reminder_ids: Sequence[int]) -> str:
    """The token for the address."""
    return str(
        URLSafeTimedSerializer(secret_key, salt=_MAIL_SALT).dumps([user_id, list(reminder_ids)])
    )


def read(secret_key: str, token: str) -> DigestLink:
    """Raises StaleLink."""
    try:
        user_id, ids = URLSafeTimedSerializer(secret_key, salt=_MAIL_SALT).loads(
            token[:4_000], max_age=LINKS_LIVE
        )
        return DigestLink(int(user_id), tuple(int(one) for one in ids))
    except (BadSignature, ValueError, TypeError) as error:
        raise StaleLink from error


def feed_token(secret_key: str, user_id: int, nonce: str) -> str:
    """The secret part of a user's feed address. A new nonce revokes it at once."""
    digest = hmac.new(secret_key.encode(), f"feed:{user_id}:{nonce}".encode(), hashlib.sha256)
    return f"{user_id}-{digest.hexdigest()[:40]}"


def is_feed_token(secret_key: str, token: str, user_id: int, nonce: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(token.encode(), feed_token(secret_key, user_id, nonce).encode())


def shared_token(secret_key: str, feed_id: int, nonce: str) -> str:
    """The secret part of a shared feed's address. A new nonce revokes it at once."""
    digest = hmac.new(secret_key.encode(), f"shared:{feed_id}:{nonce}".encode(), hashlib.sha256)
    return f"s{feed_id}-{digest.hexdigest()[:40]}"


def is_shared_token(secret_key: str, token: str, feed_id: int, nonce: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(token.encode(), shared_token(secret_key, feed_id, nonce).encode())
