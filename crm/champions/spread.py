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

from crm.anchoring.models import MapLine
from crm.cases.models import Case, CasePerson, UnitUse
from crm.champions.models import ChampionAct, ChampionFigures
from crm.core import clock
from crm.core.db import db
from crm.core.paging import PER_PAGE, Page
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.people.models import AccountRole, Person, Post
from crm.rules.champions import SPREAD_MONTHS, Seen, Spread, Threshold, quarters, spread
from crm.rules.functions import Function, seen_function
from crm.rules.kinds import OrganisationKind
from crm.rules.precision import add_months
from crm.rules.stages import CaseRole, CaseState, Outcome

_IS_UNIT = sa.and_(Organisation.kind == OrganisationKind.UNIT, Organisation.closed_on.is_(None))
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
    """Every use at the body's units, also what is over. One statement.

    A role in a case counts where its holder worked at the time. A case that ended without a deal
    has no users from then on.
    """
    unit = Organisation
    at_body = sa.and_(unit.body_id == body_id, unit.kind == OrganisationKind.UNIT)
    no_day, nobody = sa.cast(sa.null(), sa.Date), sa.cast(sa.null(), sa.Integer)
    given_up = sa.case((Case.outcome != Outcome.WON, Case.closed_on), else_=no_day)
    rows: Any = db.session.execute(
        sa.union_all(
            sa.select(
                unit.id.label("unit_id"),
                CasePerson.person_id.label("person_id"),
                CasePerson.started_on.label("since"),
                Post.started_on.label("worked_from"),
                CasePerson.ended_on.label("until"),
                Post.ended_on.label("worked_until"),
                given_up.label("given_up"),
            )
            .join(Case, Case.id == CasePerson.case_id)
            .join(Post, Post.person_id == CasePerson.person_id)
            .join(unit, unit.id == Post.organisation_id)
            .where(at_body, Case.body_id == body_id, CasePerson.role.in_(USES)),
            sa.select(
                unit.id,
                AccountRole.person_id,
                AccountRole.started_on,
                no_day,
                AccountRole.ended_on,
                no_day,
                no_day,
            )
            .join(unit, unit.id == AccountRole.organisation_id)
            .where(at_body, AccountRole.role.in_(USES)),
            sa.select(
                unit.id, nobody, UnitUse.used_from, no_day, UnitUse.used_until, no_day, given_up
            )
            .join(unit, unit.id == UnitUse.organisation_id)
            .join(Case, Case.id == UnitUse.case_id)
            .where(at_body),
        )
    )
    found = []
    for row in rows:
        since = max(day for day in (row.since, row.worked_from) if day is not None)
        ends = [day for day in (row.until, row.worked_until, row.given_up) if day is not None]
        use = Use(row.unit_id, row.person_id, since, min(ends, default=None))
        if use.until is None or use.since < use.until:
            found.append(use)
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """How many units are known at a body, and where each number comes from: (source, number)."""

    units: frozenset[int]
    sources: tuple[tuple[str, int], ...]


def known_units(body_id: int) -> tuple[dict[int, str], Known]:
    """The names of the body and of everything below it, and the open units among them.

    A nämnd or a förvaltning is no unit. One statement.
    """
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.source,
            sa.case((_IS_UNIT, sa.true()), else_=sa.false()).label("is_unit"),
        )
        .where(Organisation.body_id == body_id)
        .order_by(Organisation.name_sort, Organisation.id)
    ).all()
    open_units = [row for row in rows if row.is_unit]
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

    In the order of their names. One statement.
    """
    if not ids:
        return {}
    return {person_id: who for (_body, person_id), who in _known_as([body_id], ids).items()}


def _known_as(
    bodies: Collection[int], people: Collection[int] | sa.Select[Any]
) -> dict[tuple[int, int], Who]:
    """By body and person, in the order of names: as each is known there. One statement."""
    posts = (
        sa.select(
            Post.person_id.label("person_id"),
            Organisation.body_id.label("body_id"),
            Post.title.label("title"),
            sa.cast(sa.null(), sa.String).label("role"),
            sa.case((Post.ended_on.is_(None), 0), else_=1).label("over"),
            Post.id.label("number"),
        )
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id.in_(bodies), Post.person_id.in_(people))
    )
    roles = (
        sa.select(
            CasePerson.person_id,
            Case.body_id,
            sa.cast(sa.null(), sa.String),
            sa.cast(CasePerson.role, sa.String),
            sa.literal(2),
            sa.literal(0),
        )
        .join(Case, Case.id == CasePerson.case_id)
        .where(Case.body_id.in_(bodies), CasePerson.person_id.in_(people))
    )
    facts = sa.union_all(posts, roles).subquery()
    rows = db.session.execute(
        sa.select(
            Person.id,
            Person.first_name,
            Person.last_name,
            facts.c.body_id,
            facts.c.title,
            facts.c.role,
        )
        .outerjoin(facts, facts.c.person_id == Person.id)
        .where(Person.id.in_(people))
        .order_by(Person.name_sort, Person.id, facts.c.over, facts.c.number.desc())
    )
    names: dict[int, str] = {}
    titles: dict[tuple[int, int], str] = {}
    held: dict[tuple[int, int], set[CaseRole]] = defaultdict(set)
    for person_id, first, last, body_id, title, role in rows:
        names[person_id] = f"{first} {last}".strip()
        if title is not None:
            titles.setdefault((body_id, person_id), title)
        if role is not None:
            held[body_id, person_id].add(CaseRole(role))
    return {
        (body_id, person_id): Who(
            name,
            title := titles.get((body_id, person_id), ""),
            seen_function(title, held[body_id, person_id]),
        )
        for person_id, name in names.items()
        for body_id in bodies
    }


def seen(signs: Sequence[tuple[int, int, date]], known: Mapping[int, Who]) -> list[Seen]:
    """The signs as the rulebook takes them."""
    found = []
    for person_id, organisation_id, on in signs:
        who = known.get(person_id)
        function = who.function if who is not None else None
        found.append(Seen(person_id, organisation_id, on, function))
    return found


# --- The page of one body -----------------------------------------------------------------------


def twelve_months(today: date) -> tuple[date, date]:
    """The twelve months that end today: first and last day."""
    return add_months(today, -SPREAD_MONTHS) + timedelta(days=1), today


def twelve_before(today: date) -> tuple[date, date]:
    """The twelve months before those."""
    first, _last = twelve_months(today)
    return add_months(first, -SPREAD_MONTHS), first - timedelta(days=1)


def quarter_name(first: date) -> str:
    """'2026-Q3', in addresses and beside the bars."""
    return f"{first.year}-Q{(first.month + 2) // 3}"


@dataclass(frozen=True, slots=True)
class Quarter:
    """One bar: who turned to us in it, and how many units had a user or champion at its end."""

    name: str
    first: date
    last: date
    people: int
    units: int
    functions: int
    units_in_use: int


@dataclass(frozen=True, slots=True)
class AtBody:
    """How far it has come at one body, with what every number counts."""

    year: Spread
    before: Spread
    units: frozenset[int]
    units_before: frozenset[int]
    known: Known
    in_use: frozenset[int]
    by_function: tuple[tuple[Function, int], ...]
    not_reached: tuple[str, ...]
    quarters: tuple[Quarter, ...]


def at_body(body_id: int, today: date) -> AtBody:
    """Twelve months, the twelve before, and twelve quarters. Four statements.

    A unit is reached once somebody there turned to us within the quarters, or has used it.
    """
    names, known = known_units(body_id)
    spans = quarters(today)
    first, last = twelve_months(today)
    signs = contacts(body_id, min(spans[0][0], twelve_before(today)[0]), today)
    found = seen(signs, whos(body_id, {one[0] for one in signs}))
    year, before = spread(found, first, last), spread(found, *twelve_before(today))
    used = uses(body_id)
    reached = {one.unit_id for one in found} | {use.unit_id for use in used if use.since <= today}
    bars = []
    for start, end in spans:
        there, at_end = spread(found, start, end), min(end, today)
        bars.append(
            Quarter(
                quarter_name(start),
                start,
                end,
                len(there.people),
                len(there.units & known.units),
                len(there.functions),
                len(_in_use(used, at_end, known)),
            )
        )
    return AtBody(
        year,
        before,
        year.units & known.units,
        before.units & known.units,
        known,
        _in_use(used, today, known),
        _by_function(year, found),
        tuple(names[ident] for ident in names if ident in known.units - reached),
        tuple(bars),
    )


def _in_use(used: Sequence[Use], day: date, known: Known) -> frozenset[int]:
    return frozenset(use.unit_id for use in used if use.on(day)) & known.units


def _by_function(year: Spread, found: Sequence[Seen]) -> tuple[tuple[Function, int], ...]:
    people: dict[Function, set[int]] = defaultdict(set)
    for one in found:
        if one.function is not None and year.first <= one.on <= year.last:
            people[one.function].add(one.person_id)
    return tuple((function, len(people[function])) for function in Function if function in people)


# --- Where a map is worth drawing ---------------------------------------------------------------


def proposal_asked(body_id: int, today: date) -> sa.Select[*tuple[Any, ...]]:
    """SELECT of the oldest open case of the body, or of NULL where none is open: one row if it has
    spread as far as the threshold says and no open case there has a map yet; else none."""
    signs = _signs(*twelve_months(today), body_id)
    counted = (
        sa.select(
            sa.func.count(sa.distinct(signs.c.person_id)).label("people"),
            sa.func.count(sa.distinct(sa.case((_IS_UNIT, Organisation.id)))).label("units"),
        )
        .join(Organisation, Organisation.id == signs.c.organisation_id)
        .subquery()
    )
    drawn = (
        sa.select(MapLine.id)
        .join(Case, Case.id == MapLine.case_id)
        .where(Case.body_id == body_id, Case.state != CaseState.CLOSED, MapLine.until_on.is_(None))
        .exists()
    )
    oldest = (
        sa.select(Case.id)
        .where(Case.body_id == body_id, Case.state != CaseState.CLOSED)
        .order_by(Case.opened_on, Case.id)
        .limit(1)
        .scalar_subquery()
    )
    chosen = (
        sa.select(ChampionFigures.units, ChampionFigures.people)
        .order_by(ChampionFigures.version.desc())
        .limit(1)
        .subquery()
    )
    usual = Threshold()
    return (
        sa.select(oldest.label("case_id"))
        .select_from(counted.outerjoin(chosen, sa.true()))
        .where(
            sa.or_(
                counted.c.units >= sa.func.coalesce(chosen.c.units, usual.units),
                counted.c.people >= sa.func.coalesce(chosen.c.people, usual.people),
            ),
            ~drawn,
        )
    )


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

    `before` is where the time to compare with begins. Five statements, whatever the number.
    """
    now, then = _counted(first, last), _counted(before, first - timedelta(days=1))
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


def _signs(first: date, last: date, body_id: int | None = None) -> sa.Subquery:
    """(body, person, organisation) of every sign from `first` until before the day after `last`."""
    after = last + timedelta(days=1)
    inquired = Inquiry.body_id.is_not(None) if body_id is None else Inquiry.body_id == body_id
    acted = sa.true() if body_id is None else ChampionAct.body_id == body_id
    return sa.union_all(
        sa.select(
            Inquiry.body_id.label("body_id"),
            Inquiry.person_id.label("person_id"),
            Inquiry.organisation_id.label("organisation_id"),
        ).where(
            inquired,
            Inquiry.person_id.is_not(None),
            Inquiry.organisation_id.is_not(None),
            Inquiry.sorting != Sorting.LET_GO,
            Inquiry.received_at >= clock.at(first, 0),
            Inquiry.received_at < clock.at(after, 0),
        ),
        sa.select(ChampionAct.body_id, ChampionAct.person_id, ChampionAct.organisation_id).where(
            acted, ChampionAct.done_on >= first, ChampionAct.done_on <= last
        ),
    ).subquery()


def _counted(first: date, last: date) -> sa.Subquery:
    """By body: distinct people, and distinct units that are open."""
    signs = _signs(first, last)
    return (
        sa.select(
            signs.c.body_id,
            sa.func.count(sa.distinct(signs.c.person_id)).label("people"),
            sa.func.count(sa.distinct(sa.case((_IS_UNIT, Organisation.id)))).label("units"),
        )
        .join(Organisation, Organisation.id == signs.c.organisation_id)
        .group_by(signs.c.body_id)
        .subquery()
    )


def _units_known(ids: Sequence[int]) -> dict[int, int]:
    rows: Any = db.session.execute(
        sa.select(Organisation.body_id, sa.func.count())
        .where(Organisation.body_id.in_(ids), _IS_UNIT)
        .group_by(Organisation.body_id)
    )
    return {body_id: number for body_id, number in rows}


def _functions(ids: Sequence[int], first: date, last: date) -> dict[int, set[Function]]:
    """By body, the functions of those who turned to us, as its own page counts them.

    Two statements.
    """
    signs = _signs(first, last)
    here = signs.c.body_id.in_(ids)
    asked: Any = db.session.execute(
        sa.select(signs.c.body_id, signs.c.person_id).where(here).distinct()
    )
    known = _known_as(ids, sa.select(signs.c.person_id).where(here)) if ids else {}
    found: dict[int, set[Function]] = defaultdict(set)
    for body_id, person_id in asked:
        who = known.get((body_id, person_id))
        if who is not None and who.function is not None:
            found[body_id].add(who.function)
    return found
