"""What is read about people and their posts. Nothing here changes anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crm.core.db import alias_of, db
from crm.core.errors import MergedInto, NotFound
from crm.core.paging import PER_PAGE, Found, Page, Statement, parts_of
from crm.organisations.models import Organisation, below
from crm.organisations.queries import Crumb, scope, trails
from crm.people.dates import next_dates
from crm.people.models import AccountRole, Person, Post
from crm.rules.contact import Unreadable, normalise_email, normalise_phone
from crm.rules.functions import Function
from crm.rules.matching import Facts, Sameness, likely_same_person
from crm.rules.names import SAME_NAME, name_blocks, name_similarity
from crm.rules.stages import CaseRole
from crm.rules.words import swedish_sort_key

MOST_COMPARED = 3000  # people of one body that a name is held against
LAST = "\U0010ffff"  # sorts after whatever a name may go on with

_Body = alias_of(Organisation)


def get(person_id: int) -> Person:
    """The person, or NotFound; MergedInto for one that was there twice."""
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound(f"person {person_id}")
    if found.merged_into_id is not None:
        raise MergedInto("person", found.id, found.name, found.merged_into_id)
    return found


def get_post(post_id: int) -> Post:
    """The post, or NotFound."""
    found = db.session.get(Post, post_id)
    if found is None:
        raise NotFound(f"post {post_id}")
    return found


# --- Posts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post with its place. `is_current` as of today: without an end it goes on."""

    id: int
    person_id: int
    organisation_id: int
    body_id: int
    organisation: str
    path: str
    title: str
    started_on: date | None
    ended_on: date | None
    leaving_on: date | None
    function: Function | None  # said by hand, whatever the title

    @property
    def is_current(self) -> bool:
        return self.ended_on is None


def posts_of(person_ids: Iterable[int], *, ended: bool = True) -> dict[int, list[PostRow]]:
    """The posts of each person, those that go on first, then the latest. One statement."""
    ids = list(person_ids)
    found: dict[int, list[PostRow]] = {ident: [] for ident in ids}
    if not ids:
        return found
    statement = (
        sa.select(
            Post.id,
            Post.person_id,
            Organisation.id,
            Organisation.body_id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name),
            Organisation.path,
            Post.title,
            Post.started_on,
            Post.ended_on,
            Post.leaving_on,
            Post.function,
        )
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Post.person_id.in_(ids))
    )
    if not ended:
        statement = statement.where(Post.ended_on.is_(None))
    for row in db.session.execute(statement.order_by(Post.id)):
        found[row[1]].append(PostRow(*row))
    for rows in found.values():
        rows.sort(key=_latest_first)
    return found


def title_of(person: Person) -> str:
    """The title of the person's present post, the latest of several; '' when there is none."""
    return next((post.title for post in current_posts(person) if post.title), "")


def _latest_first(post: PostRow) -> tuple[bool, int, int]:
    started = (post.ended_on or post.started_on or date.min).toordinal()
    return (not post.is_current, -started, -post.id)


def current_posts(person: Person) -> list[PostRow]:
    """What the person does now, and where. One statement."""
    return posts_of([person.id], ended=False)[person.id]


def all_posts(person: Person) -> list[PostRow]:
    """Every post, ended ones last: history stays (A6)."""
    return posts_of([person.id])[person.id]


def left_by(today: date) -> list[int]:
    """The posts whose last day has passed, and that have not been ended yet."""
    return list(
        db.session.scalars(
            sa.select(Post.id).where(Post.leaving_on < today, Post.ended_on.is_(None))
        )
    )


# --- Roles at an account ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role a person holds, or held, at an account whatever the case (C1)."""

    id: int
    person_id: int
    organisation_id: int
    organisation: str
    role: CaseRole
    started_on: date
    ended_on: date | None


def account_roles(person_ids: Iterable[int], *, ended: bool = False) -> dict[int, list[RoleRow]]:
    """The account roles of each person, in the order they began. One statement."""
    ids = list(person_ids)
    found: dict[int, list[RoleRow]] = {ident: [] for ident in ids}
    if not ids:
        return found
    statement = (
        sa.select(
            AccountRole.id,
            AccountRole.person_id,
            Organisation.id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name),
            AccountRole.role,
            AccountRole.started_on,
            AccountRole.ended_on,
        )
        .join(Organisation, Organisation.id == AccountRole.organisation_id)
        .where(AccountRole.person_id.in_(ids))
        .order_by(AccountRole.started_on, AccountRole.id)
    )
    if not ended:
        statement = statement.where(AccountRole.ended_on.is_(None))
    for row in db.session.execute(statement):
        found[row[1]].append(RoleRow(*row))
    return found


def get_role(role_id: int) -> AccountRole:
    """The role at an account, or NotFound."""
    found = db.session.get(AccountRole, role_id)
    if found is None:
        raise NotFound(f"account role {role_id}")
    return found


# --- Lists ------------------------------------------------------------------------------------


class Sort(StrEnum):
    """Columns of the list of people that can be sorted by."""

    NAME = "name"
    RECENT = "recent"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list of people is narrowed to. `under` with everything below it, by default (A2)."""

    text: str = ""
    under: Organisation | None = None
    including_below: bool = True
    county_code: str = ""
    owner_id: int | None = None
    role: CaseRole | None = None
    former: bool = False  # also those who have left
    objected: bool | None = None  # only those who have, or have not, objected to contact
    ids: Sequence[int] | None = None  # the answers of the search, when it has been asked


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of a list of people: the first of the posts, and how many more there are."""

    id: int
    name: str
    email: str
    phone: str
    objected_on: date | None
    fictional: bool
    post: PostRow | None
    more_posts: int
    trail: tuple[Crumb, ...]
    roles: tuple[CaseRole, ...]
    next_on: date | None  # of the cases in which the person has a role (E9)

    @property
    def has_left(self) -> bool:
        """No post goes on, as far as we know."""
        return self.post is not None and not self.post.is_current


def people(
    wanted: Filter,
    *,
    sort: Sort = Sort.NAME,
    descending: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[PersonRow]:
    """One page of people. Six statements, whatever the number of rows."""
    count = sa.select(sa.func.count()).select_from(Person).where(*_conditions(wanted))
    total = db.session.scalar(count) or 0
    listed = _in_order(wanted, sort, descending).limit(per_page).offset((page - 1) * per_page)
    return Page(_told(db.session.execute(listed).all(), wanted), page, total, per_page)


def every_row(
    wanted: Filter, *, sort: Sort = Sort.NAME, descending: bool = False
) -> Iterator[PersonRow]:
    """The whole list in its order, for a file. One statement finds it, four more tell of each
    thousand."""
    for part in parts_of(_in_order(wanted, sort, descending)):
        yield from _told(part, wanted)


def _in_order(wanted: Filter, sort: Sort, descending: bool) -> Statement:
    upcoming = next_dates() if sort is Sort.NEXT else None
    column: Any = Person.created_at if sort is Sort.RECENT else Person.name_sort
    order = column.desc() if descending else column.asc()
    listed: Statement = sa.select(
        Person.id,
        Person.first_name,
        Person.last_name,
        Person.email,
        Person.phone,
        Person.objected_on,
        Person.fictional,
    ).where(*_conditions(wanted))
    if upcoming is not None:
        soonest = upcoming.c.day.desc() if descending else upcoming.c.day.asc()
        listed = listed.outerjoin(upcoming, upcoming.c.id == Person.id)
        return listed.order_by(soonest.nulls_last(), Person.name_sort, Person.id)
    return listed.order_by(order, Person.id)


def _told(rows: Sequence[Found], wanted: Filter) -> list[PersonRow]:
    ids = [row.id for row in rows]
    dates = _next_dates(ids)
    posts = posts_of(ids)
    roles = account_roles(ids)
    first = {ident: _first_post(posts[ident], wanted.under) for ident in ids}
    above = trails(post.path for post in first.values() if post)
    return [
        PersonRow(
            id=row.id,
            name=f"{row.first_name} {row.last_name}".strip(),
            email=row.email,
            phone=row.phone,
            objected_on=row.objected_on,
            fictional=row.fictional,
            post=first[row.id],
            more_posts=max(0, sum(post.is_current for post in posts[row.id]) - 1),
            trail=_trail(first[row.id], above),
            roles=tuple(dict.fromkeys(role.role for role in roles[row.id])),
            next_on=dates.get(row.id),
        )
        for row in rows
    ]


def _next_dates(ids: Sequence[int]) -> dict[int, date]:
    """The next date of each of these people who has one. One statement."""
    if not ids:
        return {}
    found = next_dates(ids)
    return {ident: day for ident, day in db.session.execute(sa.select(found.c.id, found.c.day))}


def _first_post(posts: Sequence[PostRow], under: Organisation | None) -> PostRow | None:
    """The post to show: of two, the one in the part of the tree that was asked for."""
    here = [post for post in posts if under and post.path.startswith(under.path)]
    return next(iter([*here, *posts]), None)


def _trail(post: PostRow | None, above: dict[str, tuple[Crumb, ...]]) -> tuple[Crumb, ...]:
    return above.get(post.path, ()) if post else ()


def working_at(body_id: int, ids: Sequence[int]) -> dict[int, str]:
    """Of these people, those with a current post at the body: name and unit. One statement."""
    found = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, Organisation.name)
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id == body_id, Post.ended_on.is_(None), Person.id.in_(ids))
    )
    return {ident: f"{f'{first} {last}'.strip()}, {unit}" for ident, first, last, unit in found}


def at(
    organisation: Organisation,
    *,
    including_below: bool = True,
    former: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[PersonRow]:
    """The people at an organisation and, by default, at everything below it."""
    wanted = Filter(under=organisation, including_below=including_below, former=former)
    return people(wanted, page=page, per_page=per_page)


def choosable(organisation: Organisation, limit: int = 200) -> list[tuple[int, str]]:
    """(id, name) of those who work here or below and may be contacted, for a choice."""
    works = (
        sa.select(Post.person_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(below(organisation.path), Post.ended_on.is_(None))
    )
    rows = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name)
        .where(Person.id.in_(works), Person.objected_on.is_(None))
        .order_by(Person.name_sort, Person.id)
        .limit(limit)
    )
    return [(row.id, f"{row.first_name} {row.last_name}".strip()) for row in rows]


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Person.merged_into_id.is_(None)]
    post = sa.select(Post.person_id)
    placed: list[sa.ColumnElement[bool]] = []
    if wanted.under is not None:
        placed.append(Post.organisation_id.in_(scope(wanted.under, wanted.including_below)))
    if wanted.county_code or wanted.owner_id is not None:
        post = post.join(Organisation, Organisation.id == Post.organisation_id)
    if wanted.county_code:
        placed.append(Organisation.county_code == wanted.county_code)
    if wanted.owner_id is not None:
        body = _Body
        post = post.join(body, body.id == Organisation.body_id)
        placed.append(sa.func.coalesce(Organisation.owner_id, body.owner_id) == wanted.owner_id)
    if placed:
        if not wanted.former:
            placed.append(Post.ended_on.is_(None))
        conditions.append(Person.id.in_(post.where(*placed)))
    if wanted.role is not None:
        held = sa.select(AccountRole.person_id).where(
            AccountRole.role == wanted.role, AccountRole.ended_on.is_(None)
        )
        conditions.append(Person.id.in_(held))
    if wanted.objected is not None:
        conditions.append(
            Person.objected_on.is_not(None) if wanted.objected else Person.objected_on.is_(None)
        )
    if wanted.text:
        conditions.append(_named(wanted))
    return conditions


def _named(wanted: Filter) -> sa.ColumnElement[bool]:
    """By the search's answers when it has been asked, and by the beginning of the name."""
    key = swedish_sort_key(wanted.text)
    named: list[sa.ColumnElement[bool]] = []
    if key:
        # A range of the index; LIKE would read every name there is.
        named.append(sa.and_(Person.name_sort >= key, Person.name_sort < key + LAST))
    if wanted.ids is not None:
        named.append(Person.id.in_(wanted.ids))
    return sa.or_(*named) if named else sa.false()


# --- Perhaps the same (A8) --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Likely:
    """A person who may be the one somebody is about to add, with the reasons."""

    id: int
    name: str
    title: str
    organisation: str
    has_left: bool
    reasons: tuple[Sameness, ...]
    confidence: int  # per cent


def likely_duplicates(
    *,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    phone: str = "",
    organisation: Organisation | None = None,
    except_id: int | None = None,
    limit: int = 5,
) -> list[Likely]:
    """People who may be the same: by e-mail, phone, or name at the same body. Best first.

    Takes values as they are typed: what cannot be read yet is left out. Never more than three
    statements, each by an index.
    """
    name = f"{first_name} {last_name}".strip()
    mail, number = _read_email(email), _read_phone(phone)
    found = _alike(name, mail, number, organisation)
    asked = Facts(
        name=name,
        emails=frozenset({mail} - {""}),
        phones=frozenset({number} - {""}),
        body_id=organisation.body_id if organisation else None,
    )
    posts = posts_of(found)
    likely = []
    for ident, row in found.items():
        if ident == except_id:
            continue
        likeness = max(
            (likely_same_person(asked, _facts(row, body_id)) for body_id in _bodies(posts[ident])),
            key=lambda one: one.confidence,
        )
        if likeness:
            post = next(iter(posts[ident]), None)
            likely.append(
                Likely(
                    ident,
                    f"{row.first_name} {row.last_name}".strip(),
                    post.title if post else "",
                    post.organisation if post else "",
                    post is not None and not post.is_current,
                    likeness.reasons,
                    likeness.confidence,
                )
            )
    return sorted(likely, key=lambda one: (-one.confidence, one.id))[:limit]


class Namesakes:
    """Who is called alike at a body, for many names after one another: each body is read once.

    Says what `likely_duplicates` would say of a name at a body, in time that does not grow with
    how many there are.
    """

    def __init__(self) -> None:
        self._bodies: dict[int, dict[str, list[str]]] = {}

    def is_there(self, name: str, body_id: int) -> bool:
        """Whether somebody of a like name has, or had, a post at the body or below it."""
        known = self._at(body_id)
        near = {other for block in name_blocks(name) for other in known.get(block, ())}
        return any(name_similarity(name, other) >= SAME_NAME for other in near)

    def add(self, name: str, body_id: int) -> None:
        """Somebody new is there."""
        known = self._at(body_id)
        for block in name_blocks(name):
            known.setdefault(block, []).append(name)

    def _at(self, body_id: int) -> dict[str, list[str]]:
        if body_id not in self._bodies:
            self._bodies[body_id] = {}
            ids = (
                sa.select(Post.person_id)
                .join(Organisation, Organisation.id == Post.organisation_id)
                .where(below(f"/{body_id}/"))
            )
            rows = db.session.execute(
                sa.select(Person.first_name, Person.last_name)
                .where(Person.merged_into_id.is_(None), Person.id.in_(ids))
                .distinct()
            )
            for first, last in rows:
                self.add(f"{first} {last}".strip(), body_id)
        return self._bodies[body_id]


def _alike(name: str, mail: str, number: str, organisation: Organisation | None) -> dict[int, Any]:
    """Candidates: the same address or number; at the same body, or with the same name anywhere."""
    columns = sa.select(
        Person.id, Person.first_name, Person.last_name, Person.email, Person.phone
    ).where(Person.merged_into_id.is_(None))
    same: list[sa.ColumnElement[bool]] = []
    if mail:
        same.append(Person.email == mail)
    if number:
        same.append(Person.phone == number)
    if name and organisation is None:
        same.append(Person.name_sort == sort_key(name))
    found: dict[int, Any] = {}
    if same:
        rows = db.session.execute(columns.where(sa.or_(*same)).limit(200))
        found = {row.id: row for row in rows}
    if name and organisation is not None:
        ids = sa.select(Post.person_id).join(Organisation, Organisation.id == Post.organisation_id)
        ids = ids.where(below(f"/{organisation.body_id}/"))
        here = db.session.execute(columns.where(Person.id.in_(ids)).limit(MOST_COMPARED))
        found |= {row.id: row for row in here}
    return found


def _facts(row: Any, body_id: int | None) -> Facts:
    return Facts(
        name=f"{row.first_name} {row.last_name}".strip(),
        emails=frozenset({row.email} - {""}),
        phones=frozenset({row.phone} - {""}),
        body_id=body_id,
    )


def sort_key(name: str) -> str:
    """What a person is sorted by: surname first. "Anna Berg" → the key of "Berg Anna"."""
    first, _space, last = name.strip().rpartition(" ")
    return swedish_sort_key(f"{last} {first}".strip())


def _read_email(text: str) -> str:
    try:
        return normalise_email(text).address
    except Unreadable:
        return ""


def _read_phone(text: str) -> str:
    try:
        return normalise_phone(text)
    except Unreadable:
        return ""


def _bodies(posts: Sequence[PostRow]) -> set[int | None]:
    """Where somebody works or has worked; {None} when nobody knows."""
    return {post.body_id for post in posts} or {None}
