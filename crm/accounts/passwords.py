"""Passwords: hashed with argon2id, checked in the same time whether or not there is one.

Length is what counts (NIST SP 800-63B, 5.1.1.2): no rules about signs and digits, but a password
from the list of those tried first, or the user's own address, is refused.
"""

import re
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

MIN_LENGTH = 12
MAX_LENGTH = 200  # characters; hashing a novel is a way to keep a server busy

_hasher = PasswordHasher()  # the library's defaults follow RFC 9106


def hashed(password: str) -> str:
    """The argon2id hash, with its own salt and costs in it."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Is it the password? Takes as long for no user (None) as for a wrong password."""
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """True when the costs have been raised since the hash was made."""
    return _hasher.check_needs_rehash(stored)


def warm_up() -> None:
    """Make the hash that unknown users are compared with, so that the first try is no slower."""
    _nobodys()


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def problem(password: str, email: str) -> str | None:
    """Why this password will not do, as a sentence; None when it will."""
    if len(password) < MIN_LENGTH:
        return _(
            "Use at least %(number)s characters. A few words in a row is easy to remember.",
            number=MIN_LENGTH,
        )
    if len(password) > MAX_LENGTH:
        return _("Use at most %(number)s characters.", number=MAX_LENGTH)
    plain = password.casefold()
    address = email.casefold()
    if address and plain in {address, address.partition("@")[0], address[::-1]}:
        return _("Choose something else than your e-mail address.")
    if plain in _common() or _is_pattern(plain):
        return _("That password is one of the first that others try. Choose another.")
    return None


def _is_pattern(password: str) -> bool:
    """One piece of up to four characters over and over, or a run along the digits or the keys."""
    if re.fullmatch(r"(.{1,4}?)\1+.{0,3}", password) and len(set(password)) <= 4:
        return True
    runs = ("0123456789" * 5, "abcdefghijklmnopqrstuvwxyzåäö", "qwertyuiopåasdfghjklöäzxcvbnm")
    return any(password in run or password in run[::-1] for run in runs)


@cache
def _common() -> frozenset[str]:
    text = files("crm.accounts").joinpath("reference/common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.split() if not line.startswith("#"))
