"""Pairs that are alike and may be one: found by what the indexes hold, judged by the rulebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.core.db import db
from crm.merging.models import Kind, PairVerdict, Verdict
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.people.queries import posts_of
from crm.rules.matching import (
    Facts,
    Likeness,
    Sameness,
    likely_same_organisation,
    likely_same_person,
)

MOST = 200  # pairs looked at for one page; the rest come when these are dealt with
SURE_ENOUGH = 70  # per cent


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that may be one; the older record first."""

    first_id: int
    second_id: int
    reasons: tuple[Sameness, ...]
    confidence: int  # per cent


@dataclass(frozen=True, slots=True)
class Queue:
    """The likeliest pairs first; `is_cut`: there are more than are looked at in one go."""

    pairs: list[Pair]
    is_cut: bool


def queue(kind: Kind, today: date) -> Queue:
    """What nobody has judged yet, and what was put off until today. Four statements at most."""
    alike_by_index = _organisations() if kind is Kind.ORGANISATION else _people()
    candidates = _unsaid(kind, alike_by_index, today)
    judged = _judged_when_added(kind, candidates)
    alike = _alike_organisations if kind is Kind.ORGANISATION else _alike_people
    pairs = [
        Pair(first, second, likeness.reasons, likeness.confidence)
        for (first, second), likeness in alike([one for one in candidates if one not in judged])
        if likeness.confidence >= SURE_ENOUGH
    ]
    pairs.sort(key=lambda one: (-one.confidence, one.first_id, one.second_id))
    return Queue(pairs, len(candidates) >= MOST)


def _unsaid(kind: Kind, alike: Sequence[sa.Select[Any]], today: date) -> list[tuple[int, int]]:
    found = sa.union(*alike).subquery()
    said = sa.exists().where(
        PairVerdict.kind == kind,
        PairVerdict.first_id == found.c.first_id,
        PairVerdict.second_id == found.c.second_id,
        sa.or_(PairVerdict.verdict == Verdict.OTHERS, PairVerdict.until > today),
    )
    rows = db.session.execute(
        sa.select(found.c.first_id, found.c.second_id)
        .where(~said)
        .order_by(found.c.first_id, found.c.second_id)
        .limit(MOST)
    )
    return [(first, second) for first, second in rows]


def _organisations() -> list[sa.Select[Any]]:
    """Units of one body and bodies with the same name, and both with the same address."""
    table = Organisation.metadata.tables["organisation"]
    one, other = table.alias("one"), table.alias("other")
    both = sa.select(one.c.id.label("first_id"), other.c.id.label("second_id")).where(
        one.c.id < other.c.id, one.c.closed_on.is_(None), other.c.closed_on.is_(None)
    )
    units = sa.and_(
        one.c.body_id == other.c.body_id,
        one.c.parent_id.is_not(None),
        other.c.parent_id.is_not(None),
    )
    bodies = sa.and_(
        one.c.parent_id.is_(None),
        other.c.parent_id.is_(None),
        sa.or_(
            one.c.org_number.is_(None),
            other.c.org_number.is_(None),
            one.c.org_number == other.c.org_number,
        ),
    )
    named = one.c.name_sort == other.c.name_sort
    return [
        both.where(named, units),
        both.where(named, bodies),
        both.where(one.c.email == other.c.email, one.c.email != "", units),
    ]


def _people() -> list[sa.Select[Any]]:
    """The same address or number anywhere; the same name at one body."""
    people = Person.metadata.tables["person"]
    one, other = people.alias("one"), people.alias("other")
    both = sa.select(one.c.id.label("first_id"), other.c.id.label("second_id")).where(
        one.c.id < other.c.id, one.c.merged_into_id.is_(None), other.c.merged_into_id.is_(None)
    )
    tables = Person.metadata.tables
    mine, theirs = tables["post"].alias("mine"), tables["post"].alias("theirs")
    my_place, their_place = (tables["organisation"].alias(name) for name in ("here", "there"))
    named = (
        both.join_from(one, mine, mine.c.person_id == one.c.id)
        .join(my_place, my_place.c.id == mine.c.organisation_id)
        .join(their_place, their_place.c.body_id == my_place.c.body_id)
        .join(theirs, theirs.c.organisation_id == their_place.c.id)
        .join(
            other,
            sa.and_(other.c.id == theirs.c.person_id, other.c.name_sort == one.c.name_sort),
        )
    )
    return [
        both.where(one.c.email == other.c.email, one.c.email != ""),
        both.where(one.c.phone == other.c.phone, one.c.phone != ""),
        named,
    ]


def _judged_when_added(kind: Kind, pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """What somebody saw when the later one was added, and found to be another (A8)."""
    later = {str(second) for _first, second in pairs}
    rows = db.session.execute(
        sa.select(AuditEntry.entity_id, AuditEntry.changes).where(
            AuditEntry.entity == kind.value,
            AuditEntry.entity_id.in_(later),
            AuditEntry.action == "distinct",
        )
    )
    return {
        (int(seen[kind.value]), int(number))
        for number, changes in rows
        for seen in changes["not_the_same_as"][1]
    }


def _alike_organisations(
    pairs: Sequence[tuple[int, int]],
) -> list[tuple[tuple[int, int], Likeness]]:
    ids = {number for pair in pairs for number in pair}
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.email,
            Organisation.phone,
            Organisation.org_number,
            Organisation.body_id,
            Organisation.parent_id,
        ).where(Organisation.id.in_(ids))
    )
    facts = {
        row.id: Facts(
            name=row.name,
            emails=frozenset({row.email} - {""}),
            phones=frozenset({row.phone} - {""}),
            org_number=(row.org_number or "") if row.parent_id is None else "",
            body_id=row.body_id if row.parent_id is not None else 0,
        )
        for row in rows
    }
    found = [(pair, likely_same_organisation(*(facts[one] for one in pair))) for pair in pairs]
    return [
        (pair, likeness if facts[pair[0]].body_id else _by_name(likeness))
        for pair, likeness in found
    ]


def _by_name(likeness: Likeness) -> Likeness:
    """Two bodies lie at no third: it is their names that are alike."""
    place, name = Sameness.NAME_AND_MUNICIPALITY, Sameness.NAME
    reasons = tuple(name if reason is place else reason for reason in likeness.reasons)
    return Likeness(reasons, likeness.confidence)


def _alike_people(pairs: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], Likeness]]:
    ids = {number for pair in pairs for number in pair}
    rows = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, Person.email, Person.phone).where(
            Person.id.in_(ids)
        )
    )
    posts = posts_of(ids)
    facts: dict[int, list[Facts]] = {}
    for row in rows:
        places: set[int | None] = {post.body_id for post in posts[row.id]}
        facts[row.id] = [
            Facts(
                name=f"{row.first_name} {row.last_name}".strip(),
                emails=frozenset({row.email} - {""}),
                phones=frozenset({row.phone} - {""}),
                body_id=place,
            )
            for place in places or {None}
        ]
    return [
        (
            (first, second),
            max(
                (likely_same_person(one, other) for one in facts[first] for other in facts[second]),
                key=lambda likeness: likeness.confidence,
            ),
        )
        for first, second in pairs
    ]
