"""The whole register, and some sixty units and people of it that are invented."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import crm.organisations
from crm.core.db import db
from crm.rules.words import KIND_WORDS, guess_unit_kind
from crm.search.operations import Doc, put_many

HERE = Path(__file__).parent
REGISTER = Path(crm.organisations.__file__).parent / "reference"


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def register() -> Iterator[Doc]:
    """The bodies as the organisations package indexes them."""
    aliases: dict[tuple[str, str], list[str]] = {}
    for row in table(REGISTER, "aliases.csv"):
        aliases.setdefault((row["org_number"], row["name"]), []).append(row["alias"])
    bodies: list[tuple[str, list[str], str, int]] = []
    for row in table(REGISTER, "municipalities.csv"):
        number = row["org_number"]
        own = [row["name"], row["name_full"], row["web_domain"], number]
        own += aliases.get((number, row["name_full"]), [])
        own += aliases.get((number, row["name_brand"]), [])
        title = row["name_brand"] or row["name_full"]
        bodies.append((title, own, row["county_name"], int(row["population"])))
    for row in table(REGISTER, "regions.csv"):
        if row["is_also_municipality"] == "0":
            own = [row["web_domain"], row["org_number"]]
            own += aliases.get((row["org_number"], row["name"]), [])
            bodies.append((row["name"], own, row["county_name"], int(row["population"])))
    for row in table(REGISTER, "authorities.csv"):
        own = [row["short_name"], row["website_host"]]
        own += aliases.get((row["org_number"], row["name"]), [])
        own += [row["org_number"]] if row["shared_org_number"] == "0" else []
        bodies.append((row["name"], own, "", 0))
    for row in table(REGISTER, "public_buyers.csv"):
        bodies.append((row["name"], [row["name_registered"], row["org_number"]], "", 0))
    for ident, (title, own, extra, weight) in enumerate(bodies, start=1):
        yield Doc(
            "body", ident, title, f"/{ident}/", ident, ident, "", " ".join(own), extra, weight
        )


def units(bodies: dict[str, Doc]) -> Iterator[Doc]:
    for ident, row in enumerate(table(HERE, "units.csv"), start=len(bodies) + 1):
        body = bodies[row["body"]]
        kind = guess_unit_kind(row["name"])
        extra = KIND_WORDS[kind] if kind else ""
        path = f"{body.path}{ident}/"
        yield Doc("unit", ident, row["name"], path, ident, body.ref_id, body.title, "", extra)


def people(units: dict[tuple[str, str], Doc]) -> Iterator[Doc]:
    for ident, row in enumerate(table(HERE, "people.csv"), start=1):
        unit = units[row["unit"], row["body"]]
        yield Doc(
            "person", ident, row["name"], unit.path, unit.organisation_id, unit.body_id, unit.title
        )


class World:
    """What was indexed, by name."""

    def __init__(self) -> None:
        self.bodies = {doc.title: doc for doc in register()}
        self.units = {(doc.title, doc.subtitle): doc for doc in units(self.bodies)}
        self.people = {doc.title: doc for doc in people(self.units)}

    def unit(self, name: str, body: str = "Hultsfreds kommun") -> Doc:
        return self.units[name, body]

    @property
    def docs(self) -> list[Doc]:
        return [*self.bodies.values(), *self.units.values(), *self.people.values()]


@pytest.fixture
def world(app: Flask) -> World:
    made = World()
    put_many(made.docs)
    db.session.flush()
    return made
