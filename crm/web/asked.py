"""What an address asks for: a number, a page of a list, an order, a page to go back to.

An address may hold anything. What cannot be read counts as not asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from crm.web.urls import script_root

LONGEST_BACK = 500  # characters of an address to go back to


def number_or_none(value: object) -> int | None:
    """An id or another whole number of at most nine digits, as an address or a choice has it."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def page_number(arguments: Mapping[str, str]) -> int:
    """?page=N, at least 1; anything odd counts as 1."""
    return max(1, min(number_or_none(arguments.get("page")) or 1, 100_000))


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is ordered by; the address has it as `sort=name`, or `sort=-name` backwards."""

    column: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.column}" if self.descending else self.column


def order_of(arguments: Mapping[str, str], columns: Iterable[str], usual: str) -> Order:
    """The order that ?sort= asks for, if it is by one of `columns`; else `usual`."""
    asked = arguments.get("sort", usual)
    column = asked.removeprefix("-")
    if column not in set(columns):
        asked = usual
    return Order(asked.removeprefix("-"), asked.startswith("-"))


def own_address(target: str | None, otherwise: str | None = None) -> str:
    """`target` if it is a page of ours that can be opened, else `otherwise`, or else Today.

    It never leads to another site, whatever was put into the address; nor, where we are mounted
    below a path of the host, to what else the host has.
    """
    root = script_root()
    if otherwise is None:
        otherwise = f"{root}/"
    if not target or len(target) > LONGEST_BACK or not target.isprintable() or "\\" in target:
        return otherwise
    try:
        parts = urlsplit(target)
    except ValueError:  # "//[" is no address at all
        return otherwise
    ours = parts.scheme in {"", request.scheme} and parts.netloc in {"", request.host}
    below = parts.path.removeprefix(root)
    if not ours or not parts.path.startswith(f"{root}/") or below.startswith("//"):
        return otherwise
    try:
        current_app.url_map.bind("localhost").match(below, method="GET")
    except RequestRedirect:
        pass  # a slash too few, for example
    except HTTPException:
        return otherwise
    return parts.path + (f"?{parts.query}" if parts.query else "")
