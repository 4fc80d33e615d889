"""How far the product has spread inside the bodies: people, units and functions (B9, H6, S30).

Two things are counted, and never mixed. Somebody *turned to us* who stands in an inquiry, or whose
act was written down: that is a sign on a day. A unit *has a user or champion* while somebody there
has that role, or while it uses the product in a case: that is a state, from a day to another.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm.cases.models import Case, CasePerson, CaseUnit
from crm.champions.models import ChampionAct
from crm.core import clock
from crm.core.db import db
from crm.core.paging import PER_PAGE, Page
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.people.models import AccountRole, Person, Post
from crm.rules.champions import Seen
from crm.rules.functions import Function, seen_function
from crm.rules.stages import CaseRole, CaseState

USES = (CaseRole.USER, CaseRole.CHAMPION)


# --- At one body --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody as they are known at the body: name, title, function, unit of the latest post."""

    name: str
    title: str
    function: Function | None


def contacts(body_id: int, first: date, last: date) -> list[tuple[int, int, date]]:
    """(person, organisation, day) of every sign at the body in these days. One statement."""
    kept = sa.and_(
        Inquiry.body_id == body_id,
        Inquiry.person_id.is_not(None),
        Inquiry.organisation_id.is_not(None),
        Inquiry.sorting != Sorting.LET_GO,
        Inquiry.received_at >= clock.at(first, 0),
    )
    rows = db.session.execute(
        sa.union_all(
            sa.select(
                Inquiry.person_id.label("person_id"),
                Inquiry.organisation_id.label("organisation_id"),
                sa.cast(sa.null(), sa.Date).label("day"),
                Inquiry.received_at.label("moment"),
            ).where(kept),
            sa.select(
                ChampionAct.person_id,
                ChampionAct.organisation_id,
                ChampionAct.done_on,
                sa.cast(sa.null(), Inquiry.__table__.c.received_at.type),
            ).where(ChampionAct.body_id == body_id, ChampionAct.done_on >= first),
        )
    )
    found = [
        (
            row.person_id,
            row.organisation_id,
            row.day if row.day is not None else clock.local(row.moment).date(),
        )
        for row in rows
    ]
    return [one for one in found if first <= one[2] <= last]


@dataclass(frozen=True, slots=True)
class Use:
    """A unit has a user or champion, or uses it as a unit, from one day to another."""

    unit_id: int
    person_id: int | None
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        """Whether it is so on a day."""
        return self.since <= day and (self.until is None or self.until > day)


def uses(body_id: int) -> list[Use]:
    """Every use at the body's units, also what is over. One statement."""
    unit = Organisation
    at_body = sa.and_(unit.body_id == body_id, unit.parent_id.is_not(None))
    rows: Any = db.session.execute(
        sa.union_all(
            sa.select(
                unit.id.label("unit_id"),
                CasePerson.person_id.label("person_id"),
                CasePerson.started_on.label("since"),
                CasePerson.ended_on.label("until"),
            )
            .join(Case, Case.id == CasePerson.case_id)
            .join(Post, Post.person_id == CasePerson.person_id)
            .join(unit, unit.id == Post.organisation_id)
            .where(at_body, Case.body_id == body_id, CasePerson.role.in_(USES)),
            sa.select(unit.id, AccountRole.person_id, AccountRole.started_on, AccountRole.ended_on)
            .join(unit, unit.id == AccountRole.organisation_id)
            .where(at_body, AccountRole.role.in_(USES)),
            sa.select(
                unit.id,
                sa.cast(sa.null(), sa.Integer),
                CaseUnit.joined_on,
                sa.cast(sa.null(), sa.Date),
            )
            .join(unit, unit.id == CaseUnit.organisation_id)
            .where(at_body, CaseUnit.in_use),
        )
    )
    return [Use(row.unit_id, row.person_id, row.since, row.until) for row in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """How many units are known at a body, and where each number comes from: (source, number)."""

    units: frozenset[int]
    sources: tuple[tuple[str, int], ...]


def known_units(body_id: int) -> tuple[dict[int, str], Known]:
    """The names of the body and of everything below it, and the open units among them.

    One statement.
    """
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name, Organisation.source, Organisation.closed_on)
        .where(Organisation.body_id == body_id)
        .order_by(Organisation.name_sort, Organisation.id)
    ).all()
    open_units = [row for row in rows if row.closed_on is None and row.id != body_id]
    by_source: dict[str, int] = defaultdict(int)
    for row in open_units:
        by_source[row.source] += 1
    sources = sorted(by_source.items(), key=lambda pair: (-pair[1], pair[0]))
    return (
        {row.id: row.name for row in rows},
        Known(frozenset(row.id for row in open_units), tuple(sources)),
    )


def whos(body_id: int, ids: Collection[int]) -> dict[int, Who]:
    """These people with their function, by their latest post at the body or a role in a case there.

    One statement.
    """
    if not ids:
        return {}
    titles = (
        sa.select(
            Post.person_id.label("person_id"),
            Post.title.label("title"),
            sa.case((Post.ended_on.is_(None), 0), else_=1).label("over"),
            Post.id.label("post_id"),
        )
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id == body_id, Post.person_id.in_(ids))
        .subquery()
    )
    roles = (
        sa.select(CasePerson.person_id.label("person_id"), CasePerson.role.label("role"))
        .join(Case, Case.id == CasePerson.case_id)
        .where(Case.body_id == body_id, CasePerson.person_id.in_(ids))
        .distinct()
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, titles.c.title, roles.c.role)
        .outerjoin(titles, titles.c.person_id == Person.id)
        .outerjoin(roles, roles.c.person_id == Person.id)
        .where(Person.id.in_(ids))
        .order_by(Person.name_sort, Person.id, titles.c.over, titles.c.post_id.desc())
    )
    names: dict[int, str] = {}
    said: dict[int, str] = {}
    held: dict[int, set[CaseRole]] = defaultdict(set)
    for ident, first, last, title, role in rows:
        names[ident] = f"{first} {last}".strip()
        said.setdefault(ident, title or "")
        if role is not None:
            held[ident].add(role)
    return {
        ident: Who(name, said[ident], seen_function(said[ident], held[ident]))
        for ident, name in names.items()
    }


def seen(signs: Sequence[tuple[int, int, date]], known: Mapping[int, Who]) -> list[Seen]:
    """The signs as the rulebook takes them."""
    found = []
    for person_id, organisation_id, on in signs:
        who = known.get(person_id)
        function = who.function if who is not None else None
        found.append(Seen(person_id, organisation_id, on, function))
    return found


# --- At all of them -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A body in the list: twelve months, and the twelve before them."""

    body_id: int
    name: str
    people: int
    units: int
    known: int
    people_before: int
    units_before: int
    functions: frozenset[Function]


def everywhere(
    first: date, last: date, before: date, *, page: int = 1, per_page: int = PER_PAGE
) -> Page[Row]:
    """The bodies from which anybody turned to us from `first` to `last`, the widest spread first.

    `before` is where the time to compare with begins. Four statements, whatever the number.
    """
    now, then = _counted(first, last), _counted(before, first)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(now)) or 0
    body = Organisation
    rows = db.session.execute(
        sa.select(
            body,
            now.c.people,
            now.c.units,
            sa.func.coalesce(then.c.people, 0),
            sa.func.coalesce(then.c.units, 0),
        )
        .join(now, now.c.body_id == body.id)
        .outerjoin(then, then.c.body_id == body.id)
        .order_by(now.c.units.desc(), now.c.people.desc(), body.name_sort, body.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    ).all()
    ids = [row[0].id for row in rows]
    units = _units_known(ids)
    functions = _functions(ids, first, last)
    return Page(
        [
            Row(
                row[0].id,
                row[0].title,
                row[1],
                row[2],
                units.get(row[0].id, 0),
                row[3],
                row[4],
                frozenset(functions.get(row[0].id, ())),
            )
            for row in rows
        ],
        page,
        total,
        per_page,
    )


def _signs(first: date, last: date) -> sa.Subquery:
    """(body, person, organisation) of every sign from `first` until before the day after `last`."""
    after = last + timedelta(days=1)
    return sa.union_all(
        sa.select(
            Inquiry.body_id.label("body_id"),
            Inquiry.person_id.label("person_id"),
            Inquiry.organisation_id.label("organisation_id"),
        ).where(
            Inquiry.body_id.is_not(None),
            Inquiry.person_id.is_not(None),
            Inquiry.organisation_id.is_not(None),
            Inquiry.sorting != Sorting.LET_GO,
            Inquiry.received_at >= clock.at(first, 0),
            Inquiry.received_at < clock.at(after, 0),
        ),
        sa.select(ChampionAct.body_id, ChampionAct.person_id, ChampionAct.organisation_id).where(
            ChampionAct.done_on >= first, ChampionAct.done_on <= last
        ),
    ).subquery()


def _counted(first: date, last: date) -> sa.Subquery:
    """By body: distinct people, and distinct units below the body that are open."""
    signs, unit = _signs(first, last), sa.orm.aliased(Organisation)
    is_unit = sa.and_(unit.parent_id.is_not(None), unit.closed_on.is_(None))
    return (
        sa.select(
            signs.c.body_id,
            sa.func.count(sa.distinct(signs.c.person_id)).label("people"),
            sa.func.count(sa.distinct(sa.case((is_unit, unit.id)))).label("units"),
        )
        .join(unit, unit.id == signs.c.organisation_id)
        .group_by(signs.c.body_id)
        .subquery()
    )


def _units_known(ids: Sequence[int]) -> dict[int, int]:
    rows: Any = db.session.execute(
        sa.select(Organisation.body_id, sa.func.count())
        .where(
            Organisation.body_id.in_(ids),
            Organisation.parent_id.is_not(None),
            Organisation.closed_on.is_(None),
        )
        .group_by(Organisation.body_id)
    )
    return {body_id: number for body_id, number in rows}


def _functions(ids: Sequence[int], first: date, last: date) -> dict[int, set[Function]]:
    """By body, the functions of those who turned to us, by the titles of their posts there."""
    signs, place = _signs(first, last), sa.orm.aliased(Organisation)
    rows = db.session.execute(
        sa.select(signs.c.body_id, Post.title)
        .join(Post, Post.person_id == signs.c.person_id)
        .join(place, sa.and_(place.id == Post.organisation_id, place.body_id == signs.c.body_id))
        .where(signs.c.body_id.in_(ids))
        .distinct()
    )
    found: dict[int, set[Function]] = defaultdict(set)
    for body_id, title in rows:
        function = seen_function(title)
        if function is not None:
            found[body_id].add(function)
    return found


def open_case_at(body_id: int) -> int | None:
    """The oldest case at the body that is not closed. One statement."""
    found: int | None = db.session.scalar(
        sa.select(Case.id)
        .where(Case.body_id == body_id, Case.state != CaseState.CLOSED)
        .order_by(Case.opened_on, Case.id)
        .limit(1)
    )
    return found
