"""The secret address of what is shared: of a price sheet, or of a row above that has a nonce.

It is worked out from the nonce and the installation's key, so that it can be shown again to
a colleague, while nothing in the database opens anything.
"""

import hashlib
import hmac
from typing import Protocol


class Linked(Protocol):
    """A row that is shared by a link."""

    __tablename__: str

    @property
    def id(self) -> int: ...

    @property
    def nonce(self) -> str: ...


def token(secret_key: str, row: Linked) -> str:
    """The secret part of the address: the row's id, and 160 bits nobody can guess."""
    words = f"{row.__tablename__}:{row.id}:{row.nonce}"
    digest = hmac.new(secret_key.encode(), words.encode(), hashlib.sha256)
    return f"{row.id}-{digest.hexdigest()[:40]}"


def id_in(given: str) -> int | None:
    """Which row a token says it is for; nothing is said of whether it is right."""
    number = given.partition("-")[0]
    found = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    return found if 0 < found <= 2_147_483_647 else None


def is_token(secret_key: str, given: str, row: Linked) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), token(secret_key, row).encode())
