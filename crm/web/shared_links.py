"""What is shared under a link without sign-in: its secret address, and how such pages answer.

The address is worked out from the row's nonce and the installation's key, so that it can be shown
again to a colleague, while nothing in the database opens anything.
"""

import hashlib
import hmac
from typing import Final, Protocol

from flask import Response, request
from flask_babel import force_locale

from crm.web.forms import page

_LANGUAGES: Final = ("sv", "en")


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


# --- How the pages answer -------------------------------------------------------------------------


def language_asked(made_in: str) -> str:
    """As asked for in the address, else as what is shared was made."""
    asked = request.args.get("language", "")
    return asked if asked in _LANGUAGES else made_in


def closed() -> Response:
    """The one answer to a wrong, an expired and a closed link, whatever it was of."""
    with force_locale(language_asked("sv")):
        return unlisted(page("errors/closed_link.html", status=404, busy=False))


def busy() -> Response:
    """For whoever asks too often."""
    with force_locale(language_asked("sv")):
        answer = page("errors/closed_link.html", status=429, busy=True)
    answer.headers["Retry-After"] = "60"
    return unlisted(answer)


def unlisted(answer: Response) -> Response:
    """No search engine keeps it, and no site that is linked to learns the address."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
