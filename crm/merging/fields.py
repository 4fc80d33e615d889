"""The facts of two records that may differ, and whose is proposed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crm.audit.models import AuditEntry
from crm.core.db import db
from crm.merging.models import Kind
from crm.organisations.models import Organisation
from crm.rules.contact import display_phone
from crm.rules.merging import Side, Value, joined, proposed

Facts = dict[str, Any]
"""Column → value."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question: whose? The columns belong together; the first is the one that is looked at."""

    name: str
    label: Any  # lazy, in the reader's language
    columns: tuple[str, ...]
    is_text: bool = False
    is_settled: bool = False  # that of the record which stays is proposed, whichever is later


FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.ORGANISATION: (
        Field("name", _l("Name"), ("name", "name_full", "name_sort"), is_settled=True),
        Field("short_name", _l("Short name"), ("short_name",)),
        Field("name_en", _l("Name in English"), ("name_en",)),
        Field("org_number", _l("Organisation number"), ("org_number",)),
        Field("code", _l("Code"), ("code",)),
        Field("phone", _l("Phone"), ("phone",)),
        Field("email", _l("E-mail"), ("email",)),
        Field("web_domain", _l("Website"), ("web_domain",)),
        Field("email_domain", _l("Mail domain"), ("email_domain",)),
        Field("owner", _l("Own territory of"), ("owner_id",)),
        Field("note", _l("Note"), ("note",), is_text=True),
    ),
    Kind.PERSON: (
        Field("name", _l("Name"), ("last_name", "first_name", "name_sort")),
        Field("email", _l("E-mail"), ("email",)),
        Field("phone", _l("Phone"), ("phone",)),
        Field("source", _l("Source"), ("source",)),
        Field("note", _l("Note"), ("note",), is_text=True),
    ),
}
FILLED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.ORGANISATION: (
        ("county_code", "county_name"),
        ("population", "population_year"),
        ("latitude", "longitude"),
        ("skr_group",),
    ),
    Kind.PERSON: (),
}
"""Not asked for: taken over where the one that stays says nothing."""
EARLIEST: dict[Kind, tuple[str, ...]] = {
    Kind.ORGANISATION: (),
    Kind.PERSON: ("objected_on", "noticed_on"),
}
"""Not asked for: a right that was used or an information that was given stands, whichever record
it is noted at; the earlier day of two."""
UNIQUE = ("org_number", "code")
"""What no two organisations may have: it leaves the one that goes before the other takes it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose values differ, and whose is proposed."""

    field: Field
    kept: str
    gone: str
    side: Side


def differences(kind: Kind, kept: Any, gone: Any) -> list[Difference]:
    """The fields that differ between two rows with their owners loaded. One statement."""
    differing = [
        field
        for field in FIELDS[kind]
        if any(_said(kept, name) != _said(gone, name) for name in field.columns)
        and not (field.name == "code" and kept.kind is not gone.kind)
    ]
    written = _written(kind, (kept.id, gone.id)) if differing else {}
    return [
        Difference(
            field,
            shown(kept, field),
            shown(gone, field),
            _proposed(field, _value(kept, field, written), _value(gone, field, written)),
        )
        for field in differing
    ]


def _proposed(field: Field, kept: Value, gone: Value) -> Side:
    if field.is_settled and not kept.is_empty:
        return Side.KEPT
    return proposed(kept, gone, is_text=field.is_text)


def _said(row: Any, column: str) -> Any:
    return getattr(row, column) or None


def _value(row: Any, field: Field, written: Mapping[tuple[int, str], datetime]) -> Value:
    said = [getattr(row, name) or "" for name in field.columns]
    times = [written[row.id, name] for name in field.columns if (row.id, name) in written]
    return Value("" if not any(said) else tuple(said), max(times, default=None))


def _written(kind: Kind, ids: Iterable[int]) -> dict[tuple[int, str], datetime]:
    """When somebody last wrote each column of each row."""
    rows = db.session.execute(
        sa.select(AuditEntry.entity_id, AuditEntry.at, AuditEntry.changes)
        .where(
            AuditEntry.entity == kind.value,
            AuditEntry.entity_id.in_([str(number) for number in ids]),
            AuditEntry.action.in_(("create", "update")),
        )
        .order_by(AuditEntry.id)
    )
    return {(int(number), name): at for number, at, changes in rows for name in changes}


def shown(row: Any, field: Field) -> str:
    """The value as text; '' where there is none."""
    if field.name == "owner":
        return row.owner.name if row.owner is not None else ""
    if field.name == "name":
        return str(row.title if isinstance(row, Organisation) else row.name)
    if field.name == "phone":
        return display_phone(row.phone) if row.phone else ""
    return str(getattr(row, field.columns[0]) or "")


def taken(kind: Kind, kept: Any, gone: Any, sides: Mapping[str, Side]) -> Facts:
    """What changes in the one that stays, when each field is taken from its side."""
    changes: Facts = {}
    for field in FIELDS[kind]:
        side = sides.get(field.name, Side.KEPT)
        if side is Side.KEPT:
            continue
        for name in field.columns:
            mine, other = getattr(kept, name), getattr(gone, name)
            changes[name] = joined(mine, other) if side is Side.BOTH and field.is_text else other
    for columns in FILLED[kind]:
        if not any(_said(kept, name) for name in columns):
            changes |= {name: getattr(gone, name) for name in columns}
    for name in EARLIEST[kind]:
        days = [day for day in (getattr(kept, name), getattr(gone, name)) if day is not None]
        if days:
            changes[name] = min(days)
    return {name: value for name, value in changes.items() if value != getattr(kept, name)}
