"""What is read about organisations. Nothing here changes anything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.core.db import alias_of, db
from crm.core.errors import MergedInto, NotFound
from crm.core.paging import PER_PAGE, Found, Page, Statement, parts_of
from crm.organisations.dates import next_dates, next_dates_of_bodies
from crm.organisations.models import Alias, DomainPattern, Organisation, below
from crm.rules.contact import PUBLIC_MAIL_DOMAINS, parent_domains
from crm.rules.kinds import BODY_KINDS, SIZE_BOUNDS, OrganisationKind, SizeClass, UnitKind
from crm.rules.matching import Facts, Sameness, likely_same_organisation
from crm.rules.words import swedish_sort_key

MAX_TREE = 80  # nodes drawn on one page; a larger tree is read in the list

_Body, _Above, _Under, _Whole = (alias_of(Organisation) for _ in range(4))


# --- One organisation and its place -----------------------------------------------------------


def get(organisation_id: int) -> Organisation:
    """The organisation, or NotFound; MergedInto for one that has gone up in another."""
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound(f"organisation {organisation_id}")
    return _standing(found)


def _standing(found: Organisation) -> Organisation:
    if found.merged_into_id is not None:
        raise MergedInto("organisation", found.id, found.title, found.merged_into_id)
    return found


def to_close(today: date) -> list[int]:
    """Those that have had their last day, and are not closed yet; the first to close first."""
    return list(
        db.session.scalars(
            sa.select(Organisation.id)
            .where(Organisation.closing_on < today, Organisation.closed_on.is_(None))
            .order_by(Organisation.closing_on, Organisation.depth.desc(), Organisation.id)
        )
    )


def path_ids(path: str) -> list[int]:
    """'/1/17/203/' → [1, 17, 203]: the body first, the node itself last."""
    return [int(part) for part in path.split("/") if part]


def ancestors(organisation: Organisation) -> list[Organisation]:
    """Everything above, the body first, without the node itself. One statement, or none."""
    ids = path_ids(organisation.path)[:-1]
    if not ids:
        return []
    rows = db.session.scalars(
        sa.select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.depth)
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Crumb:
    """A node on the way down to another."""

    id: int
    name: str


def trails(paths: Iterable[str]) -> dict[str, tuple[Crumb, ...]]:
    """For each path the nodes above it, the body first. One statement for all of them."""
    wanted = set(paths)
    ids = {ident for path in wanted for ident in path_ids(path)[:-1]}
    names: dict[int, str] = {}
    if ids:
        for ident, name, full in db.session.execute(
            sa.select(Organisation.id, Organisation.name, Organisation.name_full).where(
                Organisation.id.in_(ids)
            )
        ):
            names[ident] = full or name
    return {
        path: tuple(Crumb(i, names[i]) for i in path_ids(path)[:-1] if i in names)
        for path in wanted
    }


def scope(organisation: Organisation, including_below: bool = True) -> sa.Select[int]:
    """The one switch of A2: the node with its descendants, or the node alone."""
    if including_below:
        return sa.select(Organisation.id).where(below(organisation.path))
    return sa.select(Organisation.id).where(Organisation.id == organisation.id)


def hangs_at(
    rows: Any, organisation: Organisation, including_below: bool = True
) -> sa.ColumnElement[bool]:
    """The same switch for a model whose rows name their organisation and its body: whatever lies
    at a body is found, in order, by the index of its `body_id`, without going through the tree."""
    if including_below and organisation.parent_id is None:
        at_body: sa.ColumnElement[bool] = rows.body_id == organisation.id
        return at_body
    at_node: sa.ColumnElement[bool] = rows.organisation_id.in_(scope(organisation, including_below))
    return at_node


@dataclass(frozen=True, slots=True)
class Child:
    """A node directly below another."""

    id: int
    name: str
    kind: OrganisationKind
    unit_kind: UnitKind | None
    closed_on: date | None


def children(organisation: Organisation) -> list[Child]:
    """What lies directly below, in Swedish order."""
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.unit_kind,
            Organisation.closed_on,
        )
        .where(Organisation.parent_id == organisation.id, Organisation.merged_into_id.is_(None))
        .order_by(Organisation.name_sort, Organisation.id)
    )
    return [Child(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Domain:
    """What confirmed matches have taught about a mail domain (A3)."""

    id: int
    domain: str
    organisation_id: int
    organisation: str
    confirmed: int


@dataclass(slots=True)
class Node:
    """A node of the drawn tree, with what lies below it."""

    id: int
    name: str
    kind: OrganisationKind
    unit_kind: UnitKind | None
    closed_on: date | None
    children: list["Node"] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many nodes lie below this one."""
        return sum(1 + child.size for child in self.children)


@dataclass(frozen=True, slots=True)
class Tree:
    """What lies below an organisation; `total` counts all of it, drawn or not."""

    nodes: list[Node]
    total: int
    domains: list[Domain]

    @property
    def is_cut(self) -> bool:
        return self.total > MAX_TREE


@dataclass(frozen=True, slots=True)
class Family:
    """An organisation with everything above it, the body first, and what lies below it."""

    organisation: Organisation
    above: list[Organisation]
    tree: Tree


def family(organisation_id: int) -> Family:
    """The node with its owner, its way up, its tree and the mail domains learnt there.

    One statement, at most MAX_TREE nodes below; those nearest the top come first. NotFound.
    """
    rows = db.session.execute(_family(), {"me": organisation_id}).all()
    kept = {row.id: row[0] for row in rows if row[0] is not None}
    if organisation_id not in kept:
        raise NotFound(f"organisation {organisation_id}")
    domains = [
        Domain(row.pattern, row.domain, row.id, row.name, row.confirmed)
        for row in rows
        if row.pattern is not None
    ]
    domains.sort(key=lambda one: (-one.confirmed, one.domain, one.organisation))
    total = max(row.total for row in rows) - 1
    found = _standing(kept.pop(organisation_id))
    beneath = {row.id: row for row in rows if row[0] is None}
    return Family(found, list(kept.values()), Tree(_nested(beneath.values()), total, domains))


@cache
def _family() -> Statement:
    """Of the node with the id `me`. Put together once: that takes longer than running it."""
    me = sa.bindparam("me", type_=sa.Integer)
    picked, whole = _family_ids(me), _Whole
    # The node and those above it are read whole; of the tree only what it is drawn from.
    is_whole = sa.or_(picked.c.total == 0, picked.c.id == me)
    return (
        sa.select(
            whole,
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.unit_kind,
            Organisation.closed_on,
            Organisation.parent_id,
            picked.c.total,
            DomainPattern.id.label("pattern"),
            DomainPattern.domain,
            DomainPattern.confirmed,
        )
        .join(picked, picked.c.id == Organisation.id)
        .outerjoin(whole, sa.and_(whole.id == picked.c.id, is_whole))
        .outerjoin(
            DomainPattern,
            sa.and_(DomainPattern.organisation_id == Organisation.id, picked.c.total > 0),
        )
        .options(joinedload(whole.owner))
        .order_by(
            Organisation.depth,
            Organisation.name_sort,
            Organisation.id,
            DomainPattern.confirmed.desc(),
        )
    )


def _family_ids(ident: sa.BindParameter[int]) -> sa.Subquery:
    """(id, total): the node's ancestors with 0, the node and what lies below with their number."""
    me = (
        sa.select(Organisation.path, Organisation.parent_id)
        .where(Organisation.id == ident)
        .cte("me")
    )
    up = sa.select(me.c.parent_id.label("id")).where(me.c.parent_id.is_not(None))
    above = up.cte("above", recursive=True)
    above = above.union_all(
        sa.select(Organisation.parent_id)
        .join(above, Organisation.id == above.c.id)
        .where(Organisation.parent_id.is_not(None))
    )
    beneath = (
        sa.select(Organisation.id, sa.func.count().over().label("total"))
        .join(
            me,
            sa.and_(Organisation.path >= me.c.path, Organisation.path < me.c.path.concat("~")),
        )
        .where(sa.or_(Organisation.merged_into_id.is_(None), Organisation.id == ident))
        .order_by(Organisation.depth, Organisation.name_sort, Organisation.id)
        .limit(MAX_TREE + 1)
        .subquery()
    )
    return sa.union_all(
        sa.select(above.c.id, sa.literal(0).label("total")),
        sa.select(beneath.c.id, beneath.c.total),
    ).subquery()


def _nested(nodes: Iterable[Row[Any]]) -> list[Node]:
    """The nodes under each other; they come with the uppermost first, in Swedish order."""
    top: list[Node] = []
    drawn: dict[int, Node] = {}
    for one in nodes:
        node = Node(one.id, one.name, one.kind, one.unit_kind, one.closed_on)
        drawn[one.id] = node
        above = drawn.get(one.parent_id or 0)
        (above.children if above else top).append(node)
    return top


def tree(organisation: Organisation) -> Tree:
    """What lies below, nested, with the mail domains learnt here and there. One statement."""
    return family(organisation.id).tree


def names_in(changes: Iterable[dict[str, Any]]) -> dict[tuple[str, int], str]:
    """What the owners and parents in a history are called. Two statements at most."""
    ids: dict[str, set[int]] = {"owner_id": set(), "parent_id": set()}
    for pairs in changes:
        for fact, found in ids.items():
            found.update(one for one in pairs.get(fact, ()) if isinstance(one, int))
    named: dict[tuple[str, int], str] = {}
    if ids["owner_id"]:
        users = sa.select(User.id, User.name).where(User.id.in_(ids["owner_id"]))
        named |= {("owner_id", ident): name for ident, name in db.session.execute(users)}
    if ids["parent_id"]:
        title = sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name)
        nodes = sa.select(Organisation.id, title).where(Organisation.id.in_(ids["parent_id"]))
        named |= {("parent_id", ident): name for ident, name in db.session.execute(nodes)}
    return named


def aliases(organisation: Organisation) -> list[Alias]:
    """Its other names, in order of name."""
    rows = db.session.scalars(
        sa.select(Alias).where(Alias.organisation_id == organisation.id).order_by(Alias.name)
    )
    return list(rows)


# --- Mail domains (A3, A4) --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """An organisation that a mail domain speaks for. A hint: a person chooses.

    `confirmed` is how many times people have said that somebody at this domain sat here; 0 means
    that only the register says so.
    """

    id: int
    name: str
    path: str
    is_body: bool
    domain: str
    confirmed: int


def domain_of(email: str) -> str:
    """'anna@edu.hultsfred.se' and 'edu.hultsfred.se' → 'edu.hultsfred.se'; '' if it is neither."""
    domain = email.rpartition("@")[2].strip().lower().strip(".")
    return domain if "." in domain and " " not in domain and len(domain) <= 120 else ""


def by_domain(email: str) -> list[Proposal]:
    """Who a mail address may belong to: bodies first, then units people have confirmed.

    A body is found by its own domain or one above ("edu.hultsfred.se" is Hultsfred's), a unit only
    by what confirmed matches have taught. The unit is never picked for anybody.
    """
    domain = domain_of(email)
    if not domain or domain in PUBLIC_MAIL_DOMAINS:
        return []
    domains = parent_domains(domain)
    known = sa.select(
        Organisation.id.label("id"), sa.literal(domain).label("domain"), sa.literal(0).label("n")
    ).where(
        sa.or_(Organisation.email_domain.in_(domains), Organisation.web_domain.in_(domains)),
        Organisation.parent_id.is_(None),
    )
    learnt = sa.select(
        DomainPattern.organisation_id, DomainPattern.domain, DomainPattern.confirmed
    ).where(DomainPattern.domain == domain)
    both = sa.union_all(known, learnt).subquery()
    found = (
        sa.select(both.c.id, sa.func.max(both.c.n).label("confirmed")).group_by(both.c.id)
    ).subquery()
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
            Organisation.path,
            Organisation.kind,
            Organisation.email_domain,
            Organisation.web_domain,
            found.c.confirmed,
        )
        .join(found, found.c.id == Organisation.id)
        .where(Organisation.closed_on.is_(None))
    ).all()

    def near(row: Any) -> int:
        """How closely the domain fits: the whole of it first."""
        own = {row.email_domain, row.web_domain} - {""}
        return min((domains.index(d) for d in own if d in domains), default=0)

    rows = sorted(
        rows,
        key=lambda row: (row.kind not in BODY_KINDS, -row.confirmed, near(row), row.name, row.id),
    )
    return [
        Proposal(
            row.id,
            row.name_full or row.name,
            row.path,
            row.kind in BODY_KINDS,
            domain,
            row.confirmed,
        )
        for row in rows
    ]


def get_pattern(pattern_id: int) -> DomainPattern:
    """The learnt pattern, or NotFound."""
    found = db.session.get(DomainPattern, pattern_id)
    if found is None:
        raise NotFound(f"domain pattern {pattern_id}")
    return found


# --- Perhaps the same (A8) --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Likely:
    """An organisation that may be the one somebody is about to add, with the reasons."""

    id: int
    name: str
    path: str
    reasons: tuple[Sameness, ...]
    confidence: int  # per cent


def likely_duplicates(
    *,
    name: str,
    body_id: int | None = None,
    org_number: str = "",
    email: str = "",
    phone: str = "",
    except_id: int | None = None,
    limit: int = 5,
) -> list[Likely]:
    """Organisations that may be the same: number, address, phone, or name in the same body.

    Values come in normal form. Bodies are compared with bodies by number and name, units with the
    units of their own body.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if org_number:
        conditions.append(Organisation.org_number == org_number)
    if email:
        conditions.append(Organisation.email == email)
    if phone:
        conditions.append(Organisation.phone == phone)
    if name and body_id is not None:
        conditions.append(Organisation.body_id == body_id)
    elif name:
        conditions.append(
            sa.and_(
                Organisation.parent_id.is_(None),
                Organisation.name_sort.startswith(swedish_sort_key(name)[:4], autoescape=True),
            )
        )
    if not conditions:
        return []
    statement = sa.select(
        Organisation.id,
        Organisation.name,
        Organisation.name_full,
        Organisation.path,
        Organisation.body_id,
        Organisation.org_number,
        Organisation.email,
        Organisation.phone,
    ).where(sa.or_(*conditions), Organisation.merged_into_id.is_(None))
    if except_id is not None:
        statement = statement.where(Organisation.id != except_id)
    place = body_id if body_id is not None else 0  # bodies share no place but compare by name
    asked = Facts(
        name=name,
        emails=frozenset({email} - {""}),
        phones=frozenset({phone} - {""}),
        org_number=org_number,
        body_id=place,
    )
    found = []
    for row in db.session.execute(statement.limit(3000)):
        if row.id == body_id and not org_number:
            continue
        facts = Facts(
            name=row.name,
            emails=frozenset({row.email} - {""}),
            phones=frozenset({row.phone} - {""}),
            org_number=row.org_number or "",
            body_id=row.body_id if body_id is not None else 0,
        )
        likeness = likely_same_organisation(asked, facts)
        if likeness:
            found.append(
                Likely(
                    row.id,
                    row.name_full or row.name,
                    row.path,
                    likeness.reasons,
                    likeness.confidence,
                )
            )
    return sorted(found, key=lambda one: (-one.confidence, one.id))[:limit]


# --- The list ---------------------------------------------------------------------------------


class Level(StrEnum):
    """Which rows of the tree a list shows."""

    BODIES = "bodies"
    UNITS = "units"
    ALL = "all"


class Sort(StrEnum):
    """Columns of the account list that can be sorted by."""

    KIND = "kind"  # municipalities, regions, authorities … and then by name
    NAME = "name"
    COUNTY = "county"
    POPULATION = "population"
    OWNER = "owner"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the account list is narrowed to.

    `under` is a node; with `including_below` (A2, on by default) everything below it too. The size
    class and the territory are the body's, so that a school counts with its municipality.
    """

    text: str = ""
    under: Organisation | None = None
    including_below: bool = True
    level: Level | None = None
    kind: OrganisationKind | None = None
    unit_kind: UnitKind | None = None
    county_code: str = ""
    size: SizeClass | None = None
    owner_id: int | None = None
    closed: bool = False  # show those that no longer exist, too
    ids: Sequence[int] | None = None  # the answers of the search, when it has been asked

    @property
    def shown_level(self) -> Level:
        """Bodies, until a node, a text or a lower kind is asked for: then everything."""
        if self.level is not None:
            return self.level
        lower = self.kind is not None and self.kind not in BODY_KINDS
        asked = self.under is not None or self.text or lower or self.unit_kind
        return Level.ALL if asked else Level.BODIES


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the account list. Counts are of everything below the node."""

    id: int
    name: str
    kind: OrganisationKind
    unit_kind: UnitKind | None
    county: str
    population: int | None
    owner: str
    closed_on: date | None
    is_region_too: bool
    trail: tuple[Crumb, ...]
    units: int
    next_on: date | None  # of the cases and reminders there and below (E9)


def accounts(
    wanted: Filter,
    *,
    sort: Sort = Sort.KIND,
    descending: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[AccountRow]:
    """One page of accounts. Five statements, whatever the number of rows."""
    body = _Body
    conditions = _conditions(wanted, body)
    needs_body = wanted.size is not None or wanted.owner_id is not None
    count = sa.select(sa.func.count()).select_from(Organisation)
    if needs_body:
        count = count.join(body, body.id == Organisation.body_id)
    total = db.session.scalar(count.where(*conditions)) or 0
    listed = _in_order(wanted, sort, descending).limit(per_page).offset((page - 1) * per_page)
    return Page(_told(db.session.execute(listed).all()), page, total, per_page)


def every_row(
    wanted: Filter, *, sort: Sort = Sort.KIND, descending: bool = False
) -> Iterator[AccountRow]:
    """The whole list in its order, for a file. One statement finds it, three more tell of each
    thousand."""
    for part in parts_of(_in_order(wanted, sort, descending)):
        yield from _told(part)


def _in_order(wanted: Filter, sort: Sort, descending: bool) -> Statement:
    body = _Body
    owner_id = sa.func.coalesce(Organisation.owner_id, body.owner_id)
    order: dict[Sort, list[Any]] = {
        Sort.KIND: [_position_of_kind(), Organisation.name_sort],
        Sort.NAME: [Organisation.name_sort],
        Sort.COUNTY: [Organisation.county_code, Organisation.name_sort],
        Sort.POPULATION: [Organisation.population, Organisation.name_sort],
        Sort.OWNER: [User.name, Organisation.name_sort],
    }
    upcoming = next_dates() if sort is Sort.NEXT else None
    if upcoming is not None:
        order[Sort.NEXT] = [upcoming.c.day, Organisation.name_sort]
    columns = order[sort]
    first = columns[0].desc() if descending else columns[0].asc()
    if columns[0] is not Organisation.name_sort:  # never missing: in order as its index has it
        first = first.nulls_last()
    ordered = [first, *columns[1:], Organisation.id]
    listed: Statement = (
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
            Organisation.kind,
            Organisation.unit_kind,
            Organisation.county_name,
            Organisation.population,
            User.name.label("owner"),
            Organisation.closed_on,
            Organisation.is_region_too,
            Organisation.path,
        )
        .join(body, body.id == Organisation.body_id)
        .outerjoin(User, User.id == owner_id)
        .where(*_conditions(wanted, body))
        .order_by(*ordered)
    )
    if upcoming is not None:
        listed = listed.outerjoin(upcoming, upcoming.c.id == Organisation.id)
    return listed


def _told(rows: Sequence[Found]) -> list[AccountRow]:
    above = trails(row.path for row in rows)
    dates = _next_dates([row.id for row in rows], of_bodies=not any(above.values()))
    units = counts_below([(row.id, row.path) for row in rows])
    return [
        AccountRow(
            id=row.id,
            name=row.name_full or row.name,
            kind=row.kind,
            unit_kind=row.unit_kind,
            county=row.county_name,
            population=row.population,
            owner=row.owner or "",
            closed_on=row.closed_on,
            is_region_too=row.is_region_too,
            trail=above[row.path],
            units=units.get(row.id, 0),
            next_on=dates.get(row.id),
        )
        for row in rows
    ]


def _next_dates(ids: Sequence[int], *, of_bodies: bool) -> dict[int, date]:
    """The next date of each node of a page of rows that has one. One statement."""
    if not ids:
        return {}
    if of_bodies:
        return {ident: day for ident, day in db.session.execute(next_dates_of_bodies(ids))}
    found = next_dates(sa.select(Organisation.body_id).where(Organisation.id.in_(ids)))
    rows = db.session.execute(sa.select(found.c.id, found.c.day).where(found.c.id.in_(ids)))
    return {ident: day for ident, day in rows}


def _position_of_kind() -> sa.ColumnElement[int]:
    """The kinds in the order they are declared, those most people look for first; units of one
    kind together."""
    bodies = {kind: 100 * number for number, kind in enumerate(OrganisationKind)}
    units = {kind: number for number, kind in enumerate(UnitKind)}
    of_unit = sa.case(units, value=Organisation.unit_kind, else_=len(units))
    return sa.case(bodies, value=Organisation.kind) + of_unit


def _conditions(wanted: Filter, body: type[Organisation]) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Organisation.merged_into_id.is_(None)]
    if wanted.text:
        key = swedish_sort_key(wanted.text)
        named = [Organisation.name_sort.contains(key, autoescape=True)] if key else []
        conditions.append(sa.or_(*named, Organisation.id.in_(wanted.ids or ())))
    if wanted.under is not None:
        conditions.append(
            below(wanted.under.path)
            if wanted.including_below
            else Organisation.id == wanted.under.id
        )
    match wanted.shown_level:
        case Level.BODIES:
            conditions.append(Organisation.parent_id.is_(None))
        case Level.UNITS:
            conditions.append(Organisation.parent_id.is_not(None))
        case Level.ALL:
            pass
    if wanted.kind is OrganisationKind.REGION:  # Gotland is one body and both (K7 of the register)
        conditions.append(
            sa.or_(Organisation.kind == wanted.kind, Organisation.is_region_too.is_(True))
        )
    elif wanted.kind is not None:
        conditions.append(Organisation.kind == wanted.kind)
    if wanted.unit_kind is not None:
        conditions.append(Organisation.unit_kind == wanted.unit_kind)
    if wanted.county_code:
        conditions.append(Organisation.county_code == wanted.county_code)
    if wanted.size is not None:
        least, most = SIZE_BOUNDS[wanted.size]
        conditions.append(body.population >= least)
        if most is not None:
            conditions.append(body.population < most)
    if wanted.owner_id is not None:
        conditions.append(sa.func.coalesce(Organisation.owner_id, body.owner_id) == wanted.owner_id)
    if not wanted.closed:
        conditions.append(Organisation.closed_on.is_(None))
    return conditions


def counts_below(nodes: Sequence[tuple[int, str]]) -> dict[int, int]:
    """How many open nodes lie below each (id, path) of a page of rows. One statement."""
    if not nodes:
        return {}
    above, under = _Above, _Under
    rows = db.session.execute(
        sa.select(above.id, sa.func.count())
        .join(
            under,
            sa.and_(
                under.body_id == above.body_id,
                under.path > above.path,
                under.path < above.path + "~",
                under.closed_on.is_(None),
            ),
        )
        .where(above.id.in_([ident for ident, _path in nodes]))
        .group_by(above.id)
    )
    return {ident: number for ident, number in rows}


def counties() -> list[tuple[str, str]]:
    """(code, name) of every county that has a region, in order of name."""
    rows = db.session.execute(
        sa.select(Organisation.county_code, Organisation.county_name)
        .where(
            Organisation.parent_id.is_(None),
            Organisation.kind.in_([OrganisationKind.MUNICIPALITY, OrganisationKind.REGION]),
            Organisation.county_code.is_not(None),
            Organisation.county_name != "",
        )
        .distinct()
    )
    return sorted(
        ((code or "", name) for code, name in rows), key=lambda row: swedish_sort_key(row[1])
    )


def options(text: str, *, except_path: str = "", limit: int = 10) -> list[Crumb]:
    """Organisations whose name begins with, or else contains, a text. For a picker."""
    key = swedish_sort_key(text)
    if not key:
        return []
    statement = sa.select(Organisation.id, Organisation.name, Organisation.name_full).where(
        Organisation.name_sort.contains(key, autoescape=True), Organisation.closed_on.is_(None)
    )
    if except_path:
        statement = statement.where(sa.not_(below(except_path)))
    starts = sa.case((Organisation.name_sort.startswith(key, autoescape=True), 0), else_=1)
    rows = db.session.execute(
        statement.order_by(starts, Organisation.depth, Organisation.name_sort).limit(limit)
    )
    return [Crumb(row.id, row.name_full or row.name) for row in rows]
