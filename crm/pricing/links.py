"""The secret address of a price sheet.

It is worked out from the sheet's nonce and the installation's key, so that it can be shown again to
a colleague, while nothing in the database opens anything.
"""

import hashlib
import hmac

from crm.pricing.models import PriceSheet


def token(secret_key: str, sheet: PriceSheet) -> str:
    """The secret part of the sheet's address: its id, and 160 bits nobody can guess."""
    words = f"price-sheet:{sheet.id}:{sheet.nonce}"
    digest = hmac.new(secret_key.encode(), words.encode(), hashlib.sha256)
    return f"{sheet.id}-{digest.hexdigest()[:40]}"


def id_in(given: str) -> int | None:
    """Which sheet a token says it is for; nothing is said of whether it is right."""
    number = given.partition("-")[0]
    found = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    return found if 0 < found <= 2_147_483_647 else None


def is_token(secret_key: str, given: str, sheet: PriceSheet) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), token(secret_key, sheet).encode())
