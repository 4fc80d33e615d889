"""Where an inquiry may belong: one typed line, an address or a number, read into choices.

The choices are made of what the search knows; what it does not know becomes an offer to make it in
place. A mail domain proposes the body and never the unit (features A3, B2).
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

import sqlalchemy as sa

from crm.core.db import db
from crm.interest.models import Inquiry
from crm.interest.queries import Row
from crm.interest.who import Who
from crm.organisations import queries as organisation_queries
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.contact import Unreadable, normalise_email, normalise_phone
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.names import display_name, is_given_name
from crm.rules.words import words
from crm.search.index import index_word
from crm.search.models import SearchDoc
from crm.search.ranking import Hit, hit_of
from crm.search.trio import NewPerson, NewUnit, Trio, read_line

MOST = 8  # choices shown


class Ground(StrEnum):
    """Why a choice is offered."""

    LINE = "line"  # the words of the line
    SPELLING = "spelling"  # the words, with one typing error put right
    EMAIL = "email"  # this very address is known
    PHONE = "phone"  # this very number is known
    DOMAIN = "domain"  # the address ends like the body's
    CONFIRMED = "confirmed"  # … and people have confirmed that it does


@dataclass(frozen=True, slots=True)
class Proposal:
    """One choice. Names are as shown; `who` is what is carried out."""

    who: Who
    ground: Ground
    body: str = ""
    unit: str = ""
    person: str = ""
    because: str = ""  # the words, the domain or the number that the ground speaks of
    body_id: int | None = None

    @property
    def makes_something(self) -> bool:
        return self.who.makes_unit or self.who.makes_person

    @property
    def is_whole(self) -> bool:
        """Body, unit and person are all known: it can be accepted without a second look."""
        return bool(self.unit and self.person) and not self.makes_something

    @property
    def label(self) -> str:
        """The choice as one line of names."""
        return ", ".join(part for part in (self.person, self.unit, self.body) if part)


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as read: the address and number in it, and the choices, best first."""

    line: str
    email: str = ""
    phone: str = ""
    choices: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """An organisation as a choice needs it."""

    id: int
    title: str
    body_id: int
    is_body: bool
    parent_id: int | None
    unit_kind: UnitKind | None


@dataclass(slots=True)
class _Builder:
    """Collects choices and drops those that come twice or speak of closed places."""

    places: dict[int, _Place]
    found: dict[Who, Proposal] = field(default_factory=dict)

    def add(
        self,
        ground: Ground,
        organisation_id: int | None,
        *,
        person_id: int | None = None,
        person: str = "",
        unit: NewUnit | None = None,
        new: NewPerson | None = None,
        because: str = "",
    ) -> None:
        place = self.places.get(organisation_id or 0)
        if place is None:
            return
        under = place
        if unit is not None and place.unit_kind is not None and place.parent_id in self.places:
            under = self.places[place.parent_id or 0]
        body = self.places.get(under.body_id)
        who = Who(
            organisation_id=under.id,
            person_id=person_id,
            unit_name=unit.name[:200] if unit else "",
            unit_kind=unit.kind if unit else None,
            first_name=new.first_name[:100] if new else "",
            last_name=new.last_name[:100] if new else "",
        )
        self.found.setdefault(
            who,
            Proposal(
                who=who,
                ground=ground,
                body=body.title if body else "",
                unit=unit.name if unit else ("" if under.is_body else under.title),
                person=person or (new.name if new else ""),
                because=because,
                body_id=under.body_id,
            ),
        )


def read(
    line: str, *, email: str = "", phone: str = "", most: int = MOST, spelling: bool = True
) -> Reading:
    """Read a typed line, with an address and a number that stand beside it. Five
    statements as a rule, and never more than nine. One typing error put right comes before
    anything new; without `spelling` the words are taken as they stand."""
    trio = read_line(line, spelling=spelling)
    email, phone = _address(email or trio.email), _number(phone or trio.phone)
    known = _known_people(email, phone)
    placed = trio.body or trio.unit or trio.person
    domains = organisation_queries.by_domain(email) if email and not placed else []
    domain_bodies = {organisation_queries.path_ids(found.path)[0]: found for found in domains}
    hits = [*trio.people, *trio.units, *trio.bodies, *trio.similar]
    hits += [hit for hit in (trio.body, trio.unit, trio.person) if hit]
    ids = {hit.organisation_id for hit in (*hits, *(hit for _g, hit, _w in known))}
    ids |= {hit.body_id for hit in (*hits, *(hit for _g, hit, _w in known))} | set(domain_bodies)
    built = _Builder(_places({ident for ident in ids if ident}))

    for ground, hit, because in known:
        # Known at the body alone, and the line names a unit of it: there, then.
        if hit.organisation_id == hit.body_id and (unit := _unit_of(trio, hit.body_id)):
            built.add(ground, unit, person_id=hit.ref_id, person=hit.title, because=because)
        built.add(
            ground, hit.organisation_id, person_id=hit.ref_id, person=hit.title, because=because
        )
    names = [hit for hit in trio.similar if any(map(is_given_name, hit.corrected))]
    for hit in trio.similar:
        if hit not in names:
            _add_hit(built, hit, Ground.SPELLING, _meant(hit))
    _from_trio(built, trio, line)
    for ident, found in domain_bodies.items():
        ground = Ground.CONFIRMED if found.confirmed else Ground.DOMAIN
        new = trio.new_person or name_in(email)
        if new is not None:
            built.add(ground, ident, new=new, because=found.domain)
        built.add(ground, ident, because=found.domain)
    for hit in names:  # "Lisa" may be somebody else than "Lise", and "Mona" is no "Mora"
        if hit.kind == "person":
            _add_hit(built, hit, Ground.SPELLING, _meant(hit))
    return Reading(line, email, phone, tuple(built.found.values())[:most])


def of(inquiry: Inquiry | Row, most: int = 5) -> Reading:
    """The choices for an inquiry that waits to be sorted. A sender's name is no misspelt place."""
    return read(
        inquiry.typed or inquiry.caller,
        email=inquiry.email,
        phone=inquiry.phone,
        most=most,
        spelling=bool(inquiry.typed),
    )


def _meant(hit: Hit) -> str:
    """The words that were read instead of the typed ones, as they are written where they stand."""
    shown = re.findall(r"\w+", f"{hit.title} {hit.subtitle}")
    found = (
        word
        for meant in hit.corrected.values()
        for word in shown
        if any(index_word(part).startswith(meant) for part in words(word))
    )
    return " ".join(dict.fromkeys(found))


def _from_trio(built: _Builder, trio: Trio, line: str) -> None:
    said = line.strip()
    place = trio.unit or trio.body
    best = place.organisation_id if place else None
    unit, person = trio.new_unit, trio.new_person
    for hit in ([trio.person] if trio.person else []) + list(trio.people):
        _add_hit(built, hit, Ground.LINE, said)
    if unit and person and unit.name == person.name:  # the same words may be either
        built.add(Ground.LINE, best, new=person, because=said)
        built.add(Ground.LINE, best, unit=unit, because=said)
    elif unit or person:
        built.add(Ground.LINE, best, unit=unit, new=person, because=said)
        if person and trio.unit and trio.body and not unit:
            for other in trio.units[1:3]:
                built.add(Ground.LINE, other.organisation_id, new=person, because=said)
    for hit in ([trio.unit] if trio.unit else []) + list(trio.units):
        _add_hit(built, hit, Ground.LINE, said)
    if unit is not None and trio.body is not None and person is not None:
        built.add(Ground.LINE, trio.body.organisation_id, new=person, because=said)
    for hit in ([trio.body] if trio.body else []) + list(trio.bodies):
        _add_hit(built, hit, Ground.LINE, said)


def _unit_of(trio: Trio, body_id: int | None) -> int | None:
    """The first unit of the body that the line names."""
    named = [*([trio.unit] if trio.unit else []), *trio.units]
    return next((hit.organisation_id for hit in named if hit.body_id == body_id), None)


def _add_hit(built: _Builder, hit: Hit, ground: Ground, because: str) -> None:
    if hit.kind == "person":
        built.add(
            ground, hit.organisation_id, person_id=hit.ref_id, person=hit.title, because=because
        )
    else:
        built.add(ground, hit.organisation_id, because=because)


def _known_people(email: str, phone: str) -> list[tuple[Ground, Hit, str]]:
    """People who have this very address or number, as the search knows them. One statement."""
    if not email and not phone:
        return []
    conditions = []
    if email:
        conditions.append(Person.email == email)
    if phone:
        conditions.append(Person.phone == phone)
    rows = db.session.execute(
        sa.select(Person.email, SearchDoc)
        .join(SearchDoc, sa.and_(SearchDoc.kind == "person", SearchDoc.ref_id == Person.id))
        .where(sa.or_(*conditions), SearchDoc.organisation_id.is_not(None))
        .order_by(Person.id)
        .limit(3)
    ).all()
    return [
        (Ground.EMAIL, hit_of(document, 0.0, {}), email)
        if email and address == email
        else (Ground.PHONE, hit_of(document, 0.0, {}), phone)
        for address, document in rows
    ]


def _places(ids: set[int]) -> dict[int, _Place]:
    """Those that still exist, with the parents of units. One statement."""
    if not ids:
        return {}
    parents = sa.select(Organisation.parent_id).where(
        Organisation.id.in_(ids), Organisation.kind == OrganisationKind.UNIT
    )
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
            Organisation.body_id,
            Organisation.parent_id,
            Organisation.unit_kind,
        ).where(
            sa.or_(Organisation.id.in_(ids), Organisation.id.in_(parents)),
            Organisation.closed_on.is_(None),
        )
    )
    return {
        row.id: _Place(
            row.id,
            row.name_full or row.name,
            row.body_id or row.id,
            row.parent_id is None,
            row.parent_id,
            row.unit_kind,
        )
        for row in rows
    }


def name_in(email: str) -> NewPerson | None:
    """anna.berg@hultsfred.se → Anna Berg, when the first part is a name people have."""
    parts = [part for part in re.split(r"[._-]+", email.partition("@")[0]) if part.isalpha()]
    if len(parts) < 2 or not is_given_name(parts[0]):
        return None
    first, *rest = display_name(" ".join(parts)).split()
    return NewPerson(first, " ".join(rest))


def _address(text: str) -> str:
    try:
        return normalise_email(text).address if text else ""
    except Unreadable:
        return ""


def _number(text: str) -> str:
    try:
        return normalise_phone(text) if text else ""
    except Unreadable:
        return ""
