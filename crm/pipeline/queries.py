"""The table of the pipeline, and the rows behind each of its figures.

Each figure is defined once, as pairs of a body and a thing (`_things`). The table counts the pairs
by body, the totals add the counts up, and the list behind a figure is the pairs themselves: they
cannot differ (H3). Money and dates come from the cases, by the conditions of the list of cases.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.budgets import queries as budgets
from crm.cases.bodies import Bodies, standing
from crm.cases.models import Case, CasePerson, CaseUnit
from crm.cases.queries import next_on
from crm.core.db import alias_of, db, dialect_name
from crm.core.paging import PER_PAGE, Found, Page, Statement, parts_of
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.people.models import AccountRole, Person
from crm.rules.budget_cycle import Window, next_window
from crm.rules.kinds import OrganisationKind
from crm.rules.precision import ExpectedDate, expected_from_days
from crm.rules.stages import AdoptionStage, CaseRole, CaseState, ProcurementStage


class Figure(StrEnum):
    """What can be counted at a body and opened as a list of its own."""

    UNITS_IN_USE = "units_in_use"
    PEOPLE = "people"  # with a role in a case there or at the account
    CHAMPIONS = "champions"
    INQUIRIES = "inquiries"


@dataclass(frozen=True, slots=True)
class Sums:
    """What can be added up over bodies. Money in whole öre; what waits is never in the rest."""

    units_in_use: int = 0
    people: int = 0
    champions: int = 0
    inquiries: int = 0
    open: int = 0
    waiting: int = 0
    value_ore: int = 0
    waiting_ore: int = 0

    @classmethod
    def of(cls, many: Iterable["Sums"]) -> "Sums":
        """All of them added up."""
        return cls(*(sum(column) for column in zip(*map(_EACH, many), strict=True)))


_EACH = attrgetter(*(field.name for field in fields(Sums)))


@dataclass(slots=True)
class Row:
    """One body. The furthest stages are those of its cases under way or won."""

    id: int
    name: str
    name_sort: str
    kind: OrganisationKind
    county_code: str
    county: str
    owner: str
    sums: Sums = field(default_factory=Sums)
    adoption: AdoptionStage | None = None
    procurement: ProcurementStage | None = None
    next_on: date | None = None
    units: int = 0  # known at the body, in use or not
    expected: ExpectedDate | None = None  # the first decision expected of its cases under way
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class County:
    """A county rolled up. `code` is NO_COUNTY's for what belongs to the whole country."""

    code: str
    name: str
    bodies: int
    sums: Sums


@dataclass(frozen=True, slots=True)
class Table:
    """The whole report: a page of its rows in order, and what all of them add up to."""

    page: Page[Row]
    total: Sums
    counties: list[County]


BODIES_PER_PAGE = 40  # a row has a dozen links, and a page is to stay light

SORTS = (
    "name",
    "county",
    "units",
    "people",
    "champions",
    "inquiries",
    "adoption",
    "procurement",
    "open",
    "waiting",
    "window",
    "value",
    "expected",
    "next",
    "owner",
)


_Body, _Node, _Case, _Heard = (
    alias_of(Organisation),
    alias_of(Organisation),
    alias_of(Case),
    alias_of(Inquiry),
)


def table(
    chosen: Bodies,
    *,
    every: bool = False,
    today: date,
    sort: str = "name",
    descending: bool = False,
    number: int = 1,
    per_page: int | None = BODIES_PER_PAGE,
) -> Table:
    """The pipeline. Eight statements, however many bodies.

    `every` adds the municipalities where nothing has happened yet. What only the rows on the page
    show is read for those alone, unless the order depends on it.
    """
    rows = _bodies(chosen, every)
    by_id = {row.id: row for row in rows}
    _add_sums(by_id, chosen)
    late: dict[str, Callable[[dict[int, Row]], None]] = {
        "expected": lambda some: _add_expected(some, chosen),
        "units": _add_units,
    }
    if sort == "window":
        _add_windows(rows, today)
    elif sort in late:
        late[sort](by_id)
    ordered = _ordered(rows, sort, descending, today)
    size = per_page or max(1, len(rows))
    number = max(1, min(number, -(-len(rows) // size)))
    shown = ordered[(number - 1) * size : number * size]
    page_by_id = {row.id: row for row in shown}
    for key, add in late.items():
        if key != sort:
            add(page_by_id)
    if sort != "window":
        _add_windows(shown, today)
    counties = _by_county(rows)
    total = Sums.of(county.sums for county in counties)
    return Table(Page(shown, number, len(rows), size), total, counties)


def _bodies(chosen: Bodies, every: bool) -> list[Row]:
    found = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
            Organisation.name_sort,
            Organisation.kind,
            Organisation.county_code,
            Organisation.county_name,
            User.name,
        )
        .outerjoin(User, User.id == Organisation.owner_id)
        .where(*_conditions(chosen, every, Organisation))
        .order_by(Organisation.name_sort, Organisation.id)
    )
    return [
        Row(ident, full or name, key, kind, code or "", county, owner or "")
        for ident, name, full, key, kind, code, county, owner in found
    ]


def _conditions(
    chosen: Bodies, every: bool, body: type[Organisation]
) -> list[sa.ColumnElement[bool]]:
    """Legal bodies with something in them: a case, an inquiry, or somebody with a role."""
    # Aliases, or a query that lists inquiries would lend these its own row of them.
    node, case, heard = _Node, _Case, _Heard
    something: list[sa.ColumnElement[bool]] = [
        sa.exists().where(case.body_id == body.id),
        sa.exists().where(heard.body_id == body.id),
        sa.exists().where(
            node.body_id == body.id,
            AccountRole.organisation_id == node.id,
            AccountRole.ended_on.is_(None),
        ),
    ]
    if every:
        something.append(body.kind == (chosen.kind or OrganisationKind.MUNICIPALITY))
    return [body.parent_id.is_(None), sa.or_(*something), *chosen.conditions(body)]


# --- The figures ----------------------------------------------------------------------------------


def _roles(chosen: Bodies) -> sa.Subquery:
    """Everybody with a present role: (body, person, is a champion), in cases and at accounts."""
    at_cases = (
        sa.select(Case.body_id, CasePerson.person_id, CasePerson.role)
        .join(Case, Case.id == CasePerson.case_id)
        .where(CasePerson.ended_on.is_(None), *chosen.of_cases())
    )
    # Looked up from the role: a join may start from the organisations, and they are many.
    body_id = (
        sa.select(Organisation.body_id)
        .where(Organisation.id == AccountRole.organisation_id)
        .correlate(AccountRole)
        .scalar_subquery()
    )
    at_accounts = sa.select(
        body_id.label("body_id"), AccountRole.person_id, AccountRole.role
    ).where(AccountRole.ended_on.is_(None))
    if not chosen.below:
        at_accounts = at_accounts.where(AccountRole.organisation_id == body_id)
    return sa.union_all(at_cases, at_accounts).subquery()


def _things(figure: Figure, chosen: Bodies) -> sa.Select[Any]:
    """The pairs of a body and a thing that the figure counts, each pair once."""
    pairs: Any
    if figure is Figure.UNITS_IN_USE:
        pairs = (
            sa.select(Case.body_id.label("body_id"), CaseUnit.organisation_id.label("thing_id"))
            .join(Case, Case.id == CaseUnit.case_id)
            .where(CaseUnit.in_use.is_(True))
        )
        if not chosen.below:
            pairs = pairs.where(CaseUnit.organisation_id == Case.body_id)
    elif figure is Figure.INQUIRIES:
        pairs = sa.select(Inquiry.body_id.label("body_id"), Inquiry.id.label("thing_id"))
        pairs = pairs.where(Inquiry.body_id.is_not(None))
        if not chosen.below:
            pairs = pairs.where(Inquiry.organisation_id == Inquiry.body_id)
    else:
        roles = _roles(chosen)
        pairs = sa.select(roles.c.body_id.label("body_id"), roles.c.person_id.label("thing_id"))
        if figure is Figure.CHAMPIONS:
            pairs = pairs.where(roles.c.role == CaseRole.CHAMPION)
    found: sa.Select[Any] = pairs if figure is Figure.INQUIRIES else pairs.distinct()
    return found


def _counts(chosen: Bodies) -> dict[int, dict[str, int]]:
    """Every figure of every body that has any. One statement."""
    found: dict[int, dict[str, int]] = {}
    for key, body_id, number, champions in db.session.execute(_counting(chosen.below)).all():
        counted = found.setdefault(body_id, {})
        counted[key] = number
        if champions:
            counted["champions"] = champions
    return found


@cache
def _counting(below: bool) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """(figure, body, number, champions). Put together once: it does not depend on anything else.

    People and champions are told apart in one reading of the roles: the same pairs as `_things`.
    """
    chosen = Bodies(below=below)
    roles = _roles(chosen)
    champion = sa.func.max(sa.case((roles.c.role == CaseRole.CHAMPION, 1), else_=0))
    held = (
        sa.select(roles.c.body_id, champion.label("champion"))
        .group_by(roles.c.body_id, roles.c.person_id)
        .subquery()
    )
    nothing = sa.literal(0)
    asked: list[Any] = [
        sa.select(
            sa.literal("people"),
            held.c.body_id,
            sa.func.count(),
            sa.func.sum(held.c.champion),
        ).group_by(held.c.body_id)
    ]
    for figure in (Figure.UNITS_IN_USE, Figure.INQUIRIES):
        things = _things(figure, chosen).subquery()
        asked.append(
            sa.select(
                sa.literal(figure.value), things.c.body_id, sa.func.count(), nothing
            ).group_by(things.c.body_id)
        )
    return sa.union_all(*asked)


def _position(column: Any, kind: type[StrEnum]) -> sa.ColumnElement[int]:
    """Where a stage stands among its kind: in one look-up, where a CASE would compare with each."""
    search = sa.func.instr if dialect_name() == "sqlite" else sa.func.strpos
    return search(sa.literal("|".join(kind)), sa.cast(column, sa.String), type_=sa.Integer)


def _places(kind: type[StrEnum]) -> dict[int, Any]:
    """The stage at each position of `_position`. No stage's name is part of an earlier one's."""
    every = "|".join(kind)
    return {every.index(stage) + 1: stage for stage in kind}


def _add_sums(by_id: dict[int, Row], chosen: Bodies) -> None:
    counts = _counts(chosen)
    found = db.session.execute(_summing(chosen.below, dialect_name()))
    adoptions, procurements = _places(AdoptionStage), _places(ProcurementStage)
    for body_id, opened, waiting, ore, waiting_ore, adoption, procurement, soonest in found:
        if row := by_id.get(body_id):
            cases = {"open": opened, "waiting": waiting}
            money = {"value_ore": ore, "waiting_ore": waiting_ore}
            row.sums = Sums(**counts.pop(body_id, {}), **cases, **money)
            row.adoption = adoptions[adoption] if adoption is not None else None
            row.procurement = procurements[procurement] if procurement is not None else None
            row.next_on = soonest
    for body_id, counted in counts.items():  # inquiries and roles, but no case
        if row := by_id.get(body_id):
            row.sums = Sums(**counted)


@cache
def _summing(below: bool, _dialect: str) -> Statement:
    """The sums over a body's cases. Put together once for each database."""
    is_open, waits = Case.state == CaseState.OPEN, Case.state == CaseState.WAITING

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((condition, 1)))

    def value(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        summed = sa.func.sum(sa.case((condition, Case.value_ore)))
        return sa.cast(sa.func.coalesce(summed, 0), sa.BigInteger)

    def furthest(column: Any, kind: type[StrEnum]) -> sa.ColumnElement[int | None]:
        return sa.func.max(sa.case((standing(), _position(column, kind))))

    return (
        sa.select(
            Case.body_id,
            count(is_open),
            count(waits),
            value(is_open),
            value(waits),
            furthest(Case.adoption, AdoptionStage),
            furthest(Case.procurement, ProcurementStage),
            sa.func.min(next_on(), type_=sa.Date),
        )
        .where(*Bodies(below=below).of_cases())
        .group_by(Case.body_id)
    )


def _add_expected(by_id: dict[int, Row], chosen: Bodies) -> None:
    """The first by ExpectedDate.sort_key: what ends first, and of those the best known."""
    columns = (Case.body_id, Case.expected_first, Case.expected_last, Case.expected_precision)
    found = db.session.execute(
        sa.select(*columns)
        .where(
            Case.state != CaseState.CLOSED,
            Case.expected_first.is_not(None),
            Case.body_id.in_(by_id),
            *chosen.of_cases(),
        )
        .distinct()
    )
    for body_id, first, last, precision in found:
        if first is None or last is None or precision is None:
            continue
        row, when = by_id[body_id], expected_from_days(first, last, precision)
        if row.expected is None or when.sort_key < row.expected.sort_key:
            row.expected = when


def _add_units(by_id: dict[int, Row]) -> None:
    found = db.session.execute(
        sa.select(Organisation.body_id, sa.func.count())
        .where(
            Organisation.body_id.in_(by_id),
            Organisation.kind == OrganisationKind.UNIT,
            Organisation.closed_on.is_(None),
        )
        .group_by(Organisation.body_id)
    )
    for body_id, number in found:
        if body_id is not None:
            by_id[body_id].units = number


def _add_windows(rows: Sequence[Row], today: date) -> None:
    practices = budgets.practices_of({row.id: row.kind for row in rows}) if rows else {}
    for row in rows:
        row.window = next_window(practices[row.id], today)


# --- Order and counties -------------------------------------------------------------------------


def _ordered(rows: list[Row], sort: str, descending: bool, today: date) -> list[Row]:
    """Rows come in order of name; what is not known comes last, whichever way one sorts."""
    adoptions, procurements = list(AdoptionStage), list(ProcurementStage)
    keys: dict[str, Callable[[Row], Any]] = {
        "name": lambda row: row.name_sort,
        "county": lambda row: row.county_code or None,
        "units": lambda row: (row.sums.units_in_use, row.units),
        "people": lambda row: row.sums.people,
        "champions": lambda row: row.sums.champions,
        "inquiries": lambda row: row.sums.inquiries,
        "adoption": lambda row: adoptions.index(row.adoption) if row.adoption else None,
        "procurement": lambda row: procurements.index(row.procurement) if row.procurement else None,
        "open": lambda row: row.sums.open,
        "waiting": lambda row: row.sums.waiting,
        "window": lambda row: (
            (max(row.window.opens, today), row.window.closes) if row.window else None
        ),
        "value": lambda row: (row.sums.value_ore, row.sums.waiting_ore),
        "expected": lambda row: row.expected.sort_key if row.expected else None,
        "next": lambda row: row.next_on,
        "owner": lambda row: row.owner or None,
    }
    key = keys.get(sort, keys["name"])
    known = [(key(row), row) for row in rows]
    told = [pair for pair in known if pair[0] is not None]
    told.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _key, row in told] + [row for found, row in known if found is None]


def _by_county(rows: Iterable[Row]) -> list[County]:
    """In order of the county's code, the whole country's bodies last."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.county_code, []).append(row)
    return [
        County(code, members[0].county, len(members), Sums.of(m.sums for m in members))
        for code, members in sorted(grouped.items(), key=lambda pair: (not pair[0], pair[0]))
    ]


# --- The rows behind a figure -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Thing:
    """One row behind a figure. `kind` says what `id` is of: "organisation", "person", "inquiry"."""

    kind: str
    id: int
    name: str
    body_id: int
    body: str
    roles: tuple[CaseRole, ...] = ()


def behind(
    figure: Figure,
    chosen: Bodies,
    *,
    every: bool = False,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[Thing]:
    """Exactly the rows that the figure counts, by body and name. At most three statements."""
    things = _things(figure, chosen).subquery()
    pairs = sa.select(things).join(_Body, _Body.id == things.c.body_id)
    pairs = pairs.where(*_conditions(chosen, every, _Body))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(pairs.subquery())) or 0
    found = db.session.execute(
        _behind(figure, chosen, every).limit(per_page).offset((page - 1) * per_page)
    )
    return Page(_told(figure, chosen, found.all()), page, total, per_page)


def every_row_behind(figure: Figure, chosen: Bodies, *, every: bool = False) -> Iterator[Thing]:
    """All of them in their order, for a file. One statement, and for people one each thousand."""
    for part in parts_of(_behind(figure, chosen, every)):
        yield from _told(figure, chosen, part)


def _behind(figure: Figure, chosen: Bodies, every: bool) -> Statement:
    body = _Body
    things = _things(figure, chosen).subquery()
    where = _conditions(chosen, every, body)
    kind, names, order = _named(figure)
    statement: Statement = (
        sa.select(things.c.thing_id, body.id, body.name, body.name_full, *names)
        .select_from(things)
        .join(body, body.id == things.c.body_id)
    )
    model: Any = {"organisation": Organisation, "person": Person, "inquiry": Inquiry}[kind]
    statement = statement.join(model, model.id == things.c.thing_id).where(*where)
    return statement.order_by(body.name_sort, body.id, *order, things.c.thing_id)


def _told(figure: Figure, chosen: Bodies, found: Sequence[Found]) -> list[Thing]:
    kind, _names, _order = _named(figure)
    roles = _roles_of({(row[1], row[0]) for row in found}, chosen) if kind == "person" else {}
    return [
        Thing(
            kind,
            row[0],
            _name(kind, row[4:]),
            row[1],
            row[3] or row[2],
            roles.get((row[1], row[0]), ()),
        )
        for row in found
    ]


def _named(figure: Figure) -> tuple[str, list[Any], list[Any]]:
    """What kind of thing, the columns of its name, and its order."""
    match figure:
        case Figure.UNITS_IN_USE:
            columns = [Organisation.name_full, Organisation.name]
            return "organisation", columns, [Organisation.name_sort]
        case Figure.INQUIRIES:
            return "inquiry", [Inquiry.summary], [Inquiry.received_at.desc()]
        case _:
            return "person", [Person.first_name, Person.last_name], [Person.name_sort]


def _name(kind: str, parts: Sequence[str]) -> str:
    return " ".join(parts).strip() if kind == "person" else next(filter(None, parts), "")


def _roles_of(
    pairs: set[tuple[int, int]], chosen: Bodies
) -> dict[tuple[int, int], tuple[CaseRole, ...]]:
    roles = _roles(chosen)
    found: dict[tuple[int, int], set[CaseRole]] = {}
    for body_id, person_id, role in db.session.execute(
        sa.select(roles).where(roles.c.person_id.in_({person for _body, person in pairs}))
    ):
        if (body_id, person_id) in pairs:
            found.setdefault((body_id, person_id), set()).add(role)
    return {pair: tuple(role for role in CaseRole if role in held) for pair, held in found.items()}
