"""A notice as plain values that JSON can hold, and back again.

Narrow: what is not said is left out. Left out as well are the e-mail addresses and telephone
numbers of those who are named, which may be a person's and which nothing here needs; of the buyer's
contact point what is an office's is kept (decision 50).
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from crm.rules.contact import Unreadable, normalise_email
from crm.rules.notices import ContactPoint, Notice, Party
from crm.rules.words import fold

NOT_KEPT: dict[type[Any], frozenset[str]] = {Party: frozenset({"email", "phone"})}
"""Fields that may say something of a person, by the class that has them."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


_OFFICE: Final = (
    *("upphandl", "inkop", "enhet", "avdelning", "forvaltning", "kansli", "kontor", "registrat"),
    *("diarie", "sektion", "grupp", "myndighet", "kommun", "bolag", "service", "support"),
    *("procure", "purchas", "department", "office", "unit", "team", "division", "authority"),
)
"""What a word of an office's name has in it, folded; a person's has mostly none."""


def office_of(point: ContactPoint) -> ContactPoint | None:
    """What of a contact point is an office's and no person's: a name with a word for one, a mailbox
    of many, and the telephone where nobody is named beside it. None where nothing is."""
    name = point.name if point.name and any(w in fold(point.name) for w in _OFFICE) else None
    email = point.email if point.email and _is_of_many(point.email) else None
    if name is None and email is None:
        return None
    return ContactPoint(name, email, point.phone if name == point.name else None)


def _is_of_many(address: str) -> bool:
    try:
        found = normalise_email(address)
    except Unreadable:
        return False
    local = fold(found.address.partition("@")[0])
    return found.role or any(word in local for word in _OFFICE)


def storable(text: str) -> str:
    """A text without the signs that a database cannot hold."""
    return _UNSTORABLE.sub("", text)


def to_plain(notice: Notice) -> dict[str, Any]:
    """The notice as dictionaries, lists, texts and numbers."""
    office = office_of(notice.contact) if notice.contact else None
    found: dict[str, Any] = _plain(replace(notice, contact=office))
    return found


def from_plain(record: Mapping[str, Any]) -> Notice:
    """The notice again, without what is not kept. Raises ValueError for what is no record."""
    try:
        made: Notice = _made(Notice, record)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("not the record of a notice") from error
    return made


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        left_out = NOT_KEPT.get(kind, frozenset())
        return {
            name: _plain(said)
            for name, (_type, usual) in _shape(kind).items()
            if name not in left_out and (said := getattr(value, name)) != usual
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime as well
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return storable(value) if isinstance(value, str) else value


def _made(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    made: Any = kind
    if get_origin(kind) is UnionType:
        (made,) = (one for one in get_args(kind) if one is not NoneType)
    if get_origin(made) is tuple:
        parts = get_args(made)
        if parts[-1] is Ellipsis:
            return tuple(_made(parts[0], one) for one in value)
        return tuple(_made(part, one) for part, one in zip(parts, value, strict=True))
    if hasattr(made, "__dataclass_fields__"):
        shape = _shape(made)
        return made(**{name: _made(shape[name][0], said) for name, said in value.items()})
    if made is datetime or made is date:
        return made.fromisoformat(value)
    return made(value)


@cache
def _shape(kind: Any) -> dict[str, tuple[Any, Any]]:
    """A record's fields: the type of each, and what it is when nothing is said."""
    hints = get_type_hints(kind)
    return {
        one.name: (hints[one.name], _NOTHING if one.default is MISSING else one.default)
        for one in fields(kind)
    }


_NOTHING = object()  # equal to no value: a field that must always be said
