"""The facts of an organisation in words, for its history and the register's differences."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm.rules.kinds import OrganisationKind, UnitKind
from crm.web.filters import day
from crm.web.labels import label

FACTS = {
    "name": _l("Name"),
    "name_full": _l("Name in full"),
    "name_en": _l("Name in English"),
    "short_name": _l("Short name"),
    "kind": _l("Kind"),
    "unit_kind": _l("Kind of unit"),
    "parent_id": _l("Lies below"),
    "org_number": _l("Organisation number"),
    "code": _l("Official code"),
    "county_code": _l("County code"),
    "county_name": _l("County"),
    "population": _l("Inhabitants"),
    "population_year": _l("Inhabitants, year"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "skr_group": _l("SKR group"),
    "web_domain": _l("Website"),
    "email_domain": _l("Mail domain"),
    "phone": _l("Phone"),
    "email": _l("E-mail"),
    "note": _l("Note"),
    "is_region_too": _l("Does a region's work too"),
    "owner_id": _l("Own territory of"),
    "source": _l("Source"),
    "source_date": _l("Date of the source"),
    "closed_on": _l("Closed on"),
    "closing_on": _l("Closes after"),
}
"""Columns that people know as facts. The others are the program's own book-keeping."""


Names = Mapping[tuple[str, int], str]
"""What colleagues and organisations are called, by fact and id."""


def value_text(fact: str, value: object, names: Names | None = None) -> str:
    """A stored value as its reader knows it."""
    if value is None or value == "":
        return "–"
    text = str(value)
    if fact == "kind" and text in set(OrganisationKind):
        return label(OrganisationKind(text))
    if fact == "unit_kind" and text in set(UnitKind):
        return label(UnitKind(text))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int) and fact.endswith("_id"):
        return (names or {}).get((fact, value), str(value))
    if isinstance(value, date):
        return day(value)
    if fact.endswith(("_on", "_date")):
        return day(date.fromisoformat(text))
    return text
