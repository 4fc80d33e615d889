"""The official register of Swedish public bodies, loaded from the files in `reference/`.

Offline, idempotent and set-based: the whole register is compared with what is here and only the
differences are written. A field that was edited here (`local_fields`) is never overwritten. Bodies
that the register no longer names are told of and left alone.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import sqlalchemy as sa

from crm.audit.models import plain
from crm.core.db import db
from crm.organisations.history import tell
from crm.organisations.index import put_organisations
from crm.organisations.models import Alias, Organisation
from crm.rules.contact import PUBLIC_MAIL_DOMAINS
from crm.rules.kinds import OrganisationKind
from crm.rules.words import swedish_sort_key
from crm.search import operations as search

UNIVERSITY_STATUTES = frozenset({"1993:100", "1993:221", "2007:1164"})
"""Högskoleförordningen, and the ordinances of SLU and of Försvarshögskolan: what a state authority
that is a university stands on."""

BUYER_KINDS = {
    "kommunalförbund": OrganisationKind.ASSOCIATION,
    "kommunalt ägd organisation": OrganisationKind.COMPANY,
    "regionalt ägd organisation": OrganisationKind.COMPANY,
    "statligt ägd organisation": OrganisationKind.COMPANY,
}

FIELDS = frozenset(
    {
        *("kind", "name", "name_full", "name_en", "short_name", "org_number", "code"),
        *("county_code", "county_name", "population", "population_year", "latitude", "longitude"),
        *("skr_group", "web_domain", "email_domain", "email", "is_region_too"),
    }
)
"""What the register supplies; a field of these that is edited here is kept from then on."""

Key = tuple[str, str]
"""('number', ten digits), or ('name', kind and name) for the courts that share a number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one body where the register says something else than we have."""

    organisation_id: int
    name: str
    field: str
    before: Any
    after: Any
    kept: bool  # edited here: ours stays


@dataclass(slots=True)
class Loaded:
    """What a load did, or would do."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    aliases: int = 0
    kept: int = 0  # fields where our own edit stands against the register
    gone: list[str] = field(default_factory=list)  # loaded once, no longer in the register
    new: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def changed_nothing(self) -> bool:
        return not (self.added or self.updated or self.aliases)

    def __str__(self) -> str:
        """For the terminal."""
        if self.changed_nothing:
            return f"The register: nothing changed, all {self.unchanged} bodies are here already."
        return (
            f"The register: {self.added} bodies added, {self.updated} updated, "
            f"{self.unchanged} unchanged, {self.kept} fields of your own kept."
        )


# --- Reading the files ------------------------------------------------------------------------


def _rows(name: str) -> list[dict[str, str]]:
    text = files("crm.organisations").joinpath("reference", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def is_official(organisation: Organisation) -> bool:
    """A body of the register that came with the program."""
    return organisation.parent_id is None and organisation.source in _source_names()


@cache
def _source_names() -> frozenset[str]:
    return frozenset(source for source, _day in sources().values())


def sources() -> dict[str, tuple[str, date | None]]:
    """For each file the source named first and its date, to be shown on the page."""
    found: dict[str, tuple[str, date | None]] = {}
    for row in _rows("sources.csv"):
        day = date.fromisoformat(row["reference_date"]) if row["reference_date"] else None
        found.setdefault(row["file"], (row["source"][:200], day))
    return found


def _blank() -> dict[str, Any]:
    return {
        "name_full": "",
        "name_en": "",
        "short_name": "",
        "org_number": None,
        "code": None,
        "county_code": None,
        "county_name": "",
        "population": None,
        "population_year": None,
        "latitude": None,
        "longitude": None,
        "skr_group": "",
        "web_domain": "",
        "email_domain": "",
        "email": "",
        "is_region_too": False,
    }


def register() -> dict[Key, dict[str, Any]]:
    """Every body of the register as we store it, Gotland once, by its key."""
    found: dict[Key, dict[str, Any]] = {}
    for body in (*_municipalities(), *_regions(), *_authorities(), *_public_buyers()):
        found.setdefault(key_of(body["kind"], body["org_number"], body["name"]), body)
    return found


def key_of(kind: str, org_number: str | None, name: str) -> Key:
    """By number where there is one; else by kind and name."""
    return ("number", org_number) if org_number else ("name", f"{kind} {name}")


def _municipalities() -> Iterator[dict[str, Any]]:
    also_region = {row["org_number"] for row in _rows("regions.csv") if _yes(row)}
    for row in _rows("municipalities.csv"):
        yield _blank() | {
            "file": "municipalities.csv",
            "kind": OrganisationKind.MUNICIPALITY.value,
            "name": row["name"],
            "name_full": row["name_brand"] or row["name_full"],
            "legal_name": row["name_full"],
            "org_number": row["org_number"],
            "code": row["code"],
            "county_code": row["county_code"],
            "county_name": row["county_name"],
            "population": int(row["population"]),
            "population_year": int(row["population_year"]),
            "latitude": float(row["seat_lat"]) if row["seat_lat"] else None,
            "longitude": float(row["seat_lon"]) if row["seat_lon"] else None,
            "skr_group": row["skr_group"],
            "web_domain": row["web_domain"],
            "email_domain": row["email_domain"],
            "is_region_too": row["org_number"] in also_region,
        }


def _yes(row: dict[str, str]) -> bool:
    return row["is_also_municipality"] == "1"


def _regions() -> Iterator[dict[str, Any]]:
    for row in _rows("regions.csv"):
        if _yes(row):
            continue  # Gotland is one body and stands among the municipalities
        yield _blank() | {
            "file": "regions.csv",
            "kind": OrganisationKind.REGION.value,
            "name": row["name"],
            "org_number": row["org_number"],
            "code": row["code"],
            "county_code": row["code"],
            "county_name": row["county_name"],
            "population": int(row["population"]),
            "population_year": int(row["population_year"]),
            "web_domain": row["web_domain"],
            "email_domain": row["email_domain"],
        }


def _authorities() -> Iterator[dict[str, Any]]:
    for row in _rows("authorities.csv"):
        shared = row["shared_org_number"] == "1" and row["name"] != "Domstolsverket"
        university = row["legal_basis"] in UNIVERSITY_STATUTES
        kind = OrganisationKind.UNIVERSITY if university else OrganisationKind.AUTHORITY
        yield _blank() | {
            "file": "authorities.csv",
            "kind": kind.value,
            "name": row["name"],
            "name_en": row["name_en"],
            "short_name": row["short_name"],
            "org_number": None if shared else row["org_number"],
            "web_domain": row["website_host"].removeprefix("www."),
            "email": row["email"].lower(),
            "email_domain": _mail_domain(row["email"]),
        }


def _mail_domain(email: str) -> str:
    domain = email.rpartition("@")[2].lower()
    return "" if domain in PUBLIC_MAIL_DOMAINS else domain


def _public_buyers() -> Iterator[dict[str, Any]]:
    for row in _rows("public_buyers.csv"):
        yield _blank() | {
            "file": "public_buyers.csv",
            "kind": BUYER_KINDS[row["kind"]].value,
            "name": row["name"],
            "org_number": row["org_number"] or None,
        }


def _aliases() -> Iterator[tuple[Key, str]]:
    """Other names from the list written for this register, and legal names behind a brand."""
    kinds = {(body["org_number"], body["name"]): key for key, body in register().items()}
    for row in _rows("aliases.csv"):
        key = ("number", row["org_number"]) if row["org_number"] else None
        key = kinds.get((None, row["name"]), key) if key is None or _is_court(row) else key
        if key is not None:
            yield key, row["alias"]
    for body in _municipalities():
        if body["legal_name"] != body["name_full"]:
            yield ("number", body["org_number"]), body["legal_name"]


def _is_court(row: dict[str, str]) -> bool:
    return any(
        authority["name"] == row["name"] and authority["shared_org_number"] == "1"
        for authority in _shared()
    )


@lru_cache(maxsize=1)
def _shared() -> list[dict[str, str]]:
    return [row for row in _rows("authorities.csv") if row["shared_org_number"] == "1"]


# --- Comparing and writing --------------------------------------------------------------------

_COLUMNS = tuple(sorted(FIELDS))


def compare() -> Loaded:
    """What a load would do, without doing it: the yearly report to read before applying (A4)."""
    return _load(None)


def load_register(now: datetime, today: date) -> Loaded:
    """Bring the register in. A second run changes nothing. `today` is not used for the facts'
    own date, which is the register's; it stands for bodies whose source has none."""
    return _load((now, today))


def _load(write: tuple[datetime, date] | None) -> Loaded:
    loaded = Loaded()
    table = Organisation.metadata.tables["organisation"]
    wanted = register()
    existing = _existing(wanted)
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    history: list[tuple[int, str, dict[str, Any]]] = []
    for key, body in wanted.items():
        here = existing.get(key)
        source, source_date = sources()[body["file"]]
        if here is None:
            loaded.added += 1
            loaded.new.append(body["name_full"] or body["name"])
            inserts.append(
                {name: body[name] for name in _COLUMNS}
                | {"name_sort": swedish_sort_key(body["name"]), "source": source}
                | {"source_date": source_date or (write[1] if write else None)}
            )
            continue
        changes = _changes(here, body, loaded)
        told = {name: [plain(getattr(here, name)), plain(new)] for name, new in changes.items()}
        if here.source != source or here.source_date != (source_date or here.source_date):
            changes |= {"source": source, "source_date": source_date or here.source_date}
        if not changes:
            loaded.unchanged += 1
            continue
        loaded.updated += 1
        if "name" in changes:
            changes["name_sort"] = swedish_sort_key(changes["name"])
        updates.append(changes | {"id": here.id, "version": here.version + 1})
        history.append((here.id, "update", told))
    named = {key for key in wanted}
    loaded.gone = sorted(
        row.name_full or row.name
        for key, row in existing.items()
        if key not in named and row.closed_on is None
    )
    if write is None:
        loaded.aliases = len(_missing_aliases(existing))
        return loaded

    now, _today = write
    touched = [change["id"] for change in updates]
    connection = db.session.connection()
    db.session.flush()
    for change in updates:
        ident = change.pop("id")
        connection.execute(sa.update(table).where(table.c.id == ident).values(change))
    if inserts:
        touched += _insert(inserts, now)
        existing = _existing(wanted)
    aliases = _missing_aliases(existing)
    if aliases:
        connection.execute(sa.insert(Alias.metadata.tables["organisation_alias"]), aliases)
        loaded.aliases = len(aliases)
        touched += [alias["organisation_id"] for alias in aliases]
    created = [
        (row.id, "create", {"name": [None, row.name], "source": [None, row.source]})
        for row in existing.values()
        if row.created_at == now and row.id in set(touched)
    ]
    tell([*created, *history], now, "register")
    if touched:
        db.session.expire_all()
        put_organisations(sorted(set(touched)))
        for change in updates:
            if "name" in change:
                renamed = [row for row in existing.values() if row.version == change["version"]]
                for row in renamed:
                    search.recontext(row.path)
    return loaded


def _existing(wanted: dict[Key, dict[str, Any]]) -> dict[Key, Any]:
    """The bodies that are here, by key; those of our own making are found by number only."""
    table = Organisation.metadata.tables["organisation"]
    rows = db.session.execute(
        sa.select(table).where(table.c.parent_id.is_(None)).order_by(table.c.id)
    ).all()
    found: dict[Key, Any] = {}
    for row in rows:
        by_name = ("name", f"{row.kind} {row.name}")
        key = key_of(row.kind, row.org_number, row.name)
        if by_name in wanted and key not in wanted:
            key = by_name
        if key in wanted or row.source in {source for source, _day in sources().values()}:
            found.setdefault(key, row)
    return found


def _changes(here: Any, body: dict[str, Any], loaded: Loaded) -> dict[str, Any]:
    """Fields where the register differs, without those that were edited here."""
    changes: dict[str, Any] = {}
    ours = set(here.local_fields or ())
    if "name" in ours:
        ours |= {"name_full"}
    for name in _COLUMNS:
        before, after = getattr(here, name), body[name]
        if plain(before) == plain(after):
            continue
        kept = name in ours
        loaded.differences.append(
            Difference(
                here.id, here.name_full or here.name, name, plain(before), plain(after), kept
            )
        )
        if kept:
            loaded.kept += 1
        else:
            changes[name] = after
    return changes


def _insert(inserts: list[dict[str, Any]], now: datetime) -> list[int]:
    """All new bodies in one statement, then their paths in another."""
    table = Organisation.metadata.tables["organisation"]
    connection = db.session.connection()
    connection.execute(
        sa.insert(table),
        [
            row
            | {
                "path": "",
                "depth": 0,
                "local_fields": [],
                "created_at": now,
                "version": 1,
                "phone": "",
                "note": "",
            }
            for row in inserts
        ],
    )
    ids = list(
        connection.execute(
            sa.select(table.c.id).where(table.c.path == "").order_by(table.c.id)
        ).scalars()
    )
    text = sa.cast(table.c.id, sa.String)
    connection.execute(
        sa.update(table)
        .where(table.c.path == "")
        .values(path=sa.literal("/") + text + sa.literal("/"), body_id=table.c.id)
    )
    return ids


def _missing_aliases(existing: dict[Key, Any]) -> list[dict[str, Any]]:
    table = Alias.metadata.tables["organisation_alias"]
    known = {
        (ident, name)
        for ident, name in db.session.execute(sa.select(table.c.organisation_id, table.c.name))
    }
    missing: dict[tuple[int, str], dict[str, Any]] = {}
    for key, name in _aliases():
        row = existing.get(key)
        if row is None or "aliases" in (row.local_fields or ()):
            continue
        if (row.id, name) not in known and name not in {row.name, row.name_full}:
            missing[row.id, name] = {"organisation_id": row.id, "name": name}
    return list(missing.values())
