"""How organisations stand in the search index."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa

from crm.core.db import db
from crm.organisations.models import Alias, Organisation
from crm.rules import words
from crm.rules.kinds import OrganisationKind
from crm.search.operations import Doc, put_many

KIND_WORDS = {
    OrganisationKind.MUNICIPALITY: "kommun stad",
    OrganisationKind.REGION: "region landsting",
    OrganisationKind.AUTHORITY: "myndighet",
    OrganisationKind.UNIVERSITY: "universitet högskola",
    OrganisationKind.ASSOCIATION: "kommunalförbund",
    OrganisationKind.COMPANY: "bolag stiftelse",
    OrganisationKind.PRINCIPAL: "huvudman friskola",
    OrganisationKind.COMMITTEE: "nämnd",
    OrganisationKind.DEPARTMENT: "förvaltning",
    OrganisationKind.UNIT: "",
}
"""What people call them besides their name. Swedish, because the index is."""


def put_organisations(ids: Iterable[int] | None = None) -> int:
    """Index these organisations, or every one. What lies above must be indexed already or here."""
    wanted = list(ids) if ids is not None else None
    if wanted is not None and not wanted:
        return 0
    return put_many(_docs(wanted))


def _docs(ids: list[int] | None) -> Iterator[Doc]:
    names: dict[int, list[str]] = {}
    alias_query = sa.select(Alias.organisation_id, Alias.name)
    if ids is not None and len(ids) <= 500:
        alias_query = alias_query.where(Alias.organisation_id.in_(ids))
    for ident, name in db.session.execute(alias_query):
        names.setdefault(ident, []).append(name)
    chunks = [None] if ids is None else [ids[i : i + 500] for i in range(0, len(ids), 500)]
    for chunk in chunks:
        query = _as_they_stand()
        if chunk is not None:
            query = query.where(Organisation.__table__.c.id.in_(chunk))
        for row in db.session.execute(query):
            # Same-named units are told apart by whose they are, not by their förvaltning alone.
            places = dict.fromkeys(filter(None, [row.within, row.of_body]))
            yield doc_of(row, names.get(row.id, []), ", ".join(places))


@cache
def _as_they_stand() -> sa.Select[Any]:
    """Each with what it lies under, from above. Made once: this runs for every one that is added,
    and to make it takes longer than to ask it."""
    table = Organisation.metadata.tables["organisation"]
    above, body = table.alias(), table.alias()
    return (
        sa.select(
            table,
            sa.func.coalesce(sa.func.nullif(above.c.name_full, ""), above.c.name).label("within"),
            sa.func.coalesce(sa.func.nullif(body.c.name_full, ""), body.c.name).label("of_body"),
        )
        .outerjoin_from(table, above, above.c.id == table.c.parent_id)
        .outerjoin(body, body.c.id == table.c.body_id)
        .order_by(table.c.depth, table.c.id)
    )


def doc_of(row: Any, other_names: list[str], within: str) -> Doc:
    """One organisation as the index holds it; `within` tells what it lies under."""
    is_body = row.parent_id is None
    return Doc(
        kind="body" if is_body else "unit",
        ref_id=row.id,
        title=row.name_full or row.name,
        path=row.path,
        organisation_id=row.id,
        body_id=row.body_id,
        subtitle=row.county_name if is_body else within,
        own=" ".join(
            [row.name, row.short_name, row.org_number or "", row.name_en, *other_names]
        ).strip(),
        extra=" ".join(
            [
                KIND_WORDS[row.kind],
                words.KIND_WORDS.get(row.unit_kind, "") if row.unit_kind else "",
                "region landsting" if row.is_region_too else "",
                row.county_name,
                row.code or "",
            ]
        ).strip(),
        weight=row.population or 0,
    )
