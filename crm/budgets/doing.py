"""Which accounts are in which phase, week by week. Reads only.

The tree is counted by the database, body by body; what a body is doing is decided by the rulebook
once for all that follow its dates. Units with dates of their own are the exception, and looked at
one by one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.accounts.models import User
from crm.budgets.models import BudgetEvent, BudgetPractice
from crm.budgets.queries import practices_of
from crm.core.db import db
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Organisation
from crm.rules.budget_cycle import Phase, Practice
from crm.rules.buyers_week import (
    BuyerPhase,
    Week,
    dated_in,
    doing,
)
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind

NO_COUNTY: Final = "-"
"""Asked for as a county: the bodies that belong to none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which accounts are meant.

    `kind` and `county` are those of the body, also for what lies below it. `with_units` takes the
    whole tree and not the bodies alone. `territory_of` is a user: whose account it is, or whose
    its body is where nobody has the account itself. `among` selects ids of organisations.
    """

    kind: OrganisationKind | None = None
    county: str = ""
    with_units: bool = False
    territory_of: int | None = None
    among: sa.Select[tuple[int]] | sa.CompoundSelect[tuple[int]] | None = None


_body = aliased(Organisation, name="body")


def _where(chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [
        Organisation.closed_on.is_(None),
        _body.closed_on.is_(None),
    ]
    if not chosen.with_units:
        where.append(Organisation.parent_id.is_(None))
    if chosen.kind is not None:
        where.append(_body.kind == chosen.kind)
    if chosen.county == NO_COUNTY:
        where.append(sa.func.coalesce(_body.county_code, "") == "")
    elif chosen.county:
        where.append(_body.county_code == chosen.county)
    if chosen.territory_of is not None:
        owner = sa.func.coalesce(Organisation.owner_id, _body.owner_id)
        where.append(owner == chosen.territory_of)
    if chosen.among is not None:
        where.append(Organisation.id.in_(chosen.among))
    return where


def how_many(choices: Iterable[Chosen]) -> list[int]:
    """How many accounts each choice holds. One statement."""
    counts = [
        sa.select(sa.func.count(Organisation.id))
        .join(_body, _body.id == Organisation.body_id)
        .where(*_where(chosen))
        .scalar_subquery()
        for chosen in choices
    ]
    return [int(number) for number in db.session.execute(sa.select(*counts)).one()]


@dataclass(frozen=True, slots=True)
class BodyGroup:
    """A body, and how many of the accounts meant follow its dates (perhaps itself among them)."""

    body_id: int
    county: str
    practice: Practice
    accounts: int


@dataclass(frozen=True, slots=True)
class OwnDates:
    """One account below a body that has dates of its own, or hangs below such a one."""

    organisation_id: int
    body_id: int
    county: str
    practice: Practice


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts meant, with the timetable of each."""

    chosen: Chosen
    groups: tuple[BodyGroup, ...]
    exceptions: tuple[OwnDates, ...]
    by_county: dict[str, Counter[Practice]] = field(default_factory=dict)
    """How many follow each timetable, by county code ("" where the body has none)."""

    @property
    def total(self) -> int:
        return sum(group.accounts for group in self.groups) + len(self.exceptions)

    def only(self, body_ids: Iterable[int]) -> "Accounts":
        """The same, but of these bodies alone."""
        kept = frozenset(body_ids)
        groups = tuple(group for group in self.groups if group.body_id in kept)
        exceptions = tuple(one for one in self.exceptions if one.body_id in kept)
        return Accounts(self.chosen, groups, exceptions, _by_county(groups, exceptions))

    def timetables(self) -> Counter[Practice]:
        """How many follow each timetable."""
        found: Counter[Practice] = Counter()
        for timetables in self.by_county.values():
            found.update(timetables)
        return found


def accounts(chosen: Chosen) -> Accounts:
    """Gather the accounts meant. At most four statements, three without the units."""
    counts = (
        sa.select(Organisation.body_id, sa.func.count(Organisation.id).label("number"))
        .join(_body, _body.id == Organisation.body_id)
        .where(*_where(chosen))
        .group_by(Organisation.body_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(
            Organisation.id, Organisation.kind, Organisation.county_code, counts.c.number
        ).join(counts, counts.c.body_id == Organisation.id)
    ).all()
    own = _with_own_dates(chosen) if chosen.with_units and rows else []
    practices = (
        practices_of({row.id: row.kind for row in rows}, {ident: path for ident, path, _ in own})
        if rows
        else {}
    )
    county = {row.id: row.county_code or "" for row in rows}
    apart = Counter(body_id for _ident, _path, body_id in own)
    groups = tuple(
        BodyGroup(row.id, county[row.id], practices[row.id], row.number - apart[row.id])
        for row in rows
    )
    exceptions = tuple(
        OwnDates(ident, body_id, county[body_id], practices[ident]) for ident, _path, body_id in own
    )
    return Accounts(chosen, groups, exceptions, _by_county(groups, exceptions))


def _with_own_dates(chosen: Chosen) -> list[tuple[int, str, int]]:
    """(id, path, body) of accounts below a body that do not simply follow it. One statement.

    It reads every node of the few bodies in which a unit holds dates, and follows the paths here:
    no database finds by itself that it should begin with those that hold them.
    """
    stored = sa.union(
        sa.select(BudgetPractice.organisation_id), sa.select(BudgetEvent.organisation_id)
    )
    holder = aliased(Organisation, name="holder")
    bodies = sa.select(holder.body_id).where(holder.parent_id.is_not(None), holder.id.in_(stored))
    rows: Any = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.path,
            Organisation.body_id,
            Organisation.id.in_(stored),
            sa.and_(*_where(chosen)),
        )
        .join(_body, _body.id == Organisation.body_id)
        .where(Organisation.body_id.in_(bodies), Organisation.parent_id.is_not(None))
    ).all()
    holders = {str(ident) for ident, _path, _body_id, holds, _is_meant in rows if holds}
    return [
        (ident, path, body_id)
        for ident, path, body_id, _holds, is_meant in rows
        if is_meant and not holders.isdisjoint(path.strip("/").split("/"))
    ]


def _by_county(
    groups: Iterable[BodyGroup], exceptions: Iterable[OwnDates]
) -> dict[str, Counter[Practice]]:
    found: dict[str, Counter[Practice]] = {}
    for group in groups:
        if group.accounts:
            found.setdefault(group.county, Counter())[group.practice] += group.accounts
    for one in exceptions:
        found.setdefault(one.county, Counter())[one.practice] += 1
    return found


# --- The accounts behind a figure --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One account in a phase, and the dates that put it there."""

    organisation_id: int
    name: str
    body_id: int
    body: str
    is_unit: bool
    kind: OrganisationKind
    county: str
    owner: str
    certainty: Certainty | None
    dated: tuple[Phase, ...]


def behind(
    gathered: Accounts, phase: BuyerPhase, week: Week, *, page: int = 1, per_page: int = PER_PAGE
) -> Page[Row]:
    """The accounts that are in the phase in the week, in order of body and name. One statement."""

    def is_there(practice: Practice) -> bool:
        return phase in doing(practice, week)[0]

    bodies = {g.body_id: g for g in gathered.groups if g.accounts and is_there(g.practice)}
    apart = {one.organisation_id: one for one in gathered.exceptions if is_there(one.practice)}
    total = sum(group.accounts for group in bodies.values()) + len(apart)
    page = max(1, min(page, -(-total // per_page)))
    exceptions = [one.organisation_id for one in gathered.exceptions]
    follows = sa.and_(Organisation.body_id.in_(list(bodies)), Organisation.id.not_in(exceptions))
    rows: Any = (
        db.session.execute(
            sa.select(
                Organisation.id,
                _title(Organisation),
                _body.id,
                _title(_body),
                Organisation.parent_id,
                Organisation.kind,
                _body.county_name,
                User.name,
            )
            .join(_body, _body.id == Organisation.body_id)
            .outerjoin(User, User.id == sa.func.coalesce(Organisation.owner_id, _body.owner_id))
            .where(*_where(gathered.chosen), sa.or_(follows, Organisation.id.in_(list(apart))))
            .order_by(
                _body.name_sort,
                _body.id,
                Organisation.depth,
                Organisation.name_sort,
                Organisation.id,
            )
            .limit(per_page)
            .offset((page - 1) * per_page)
        ).all()
        if total
        else []
    )
    found = []
    for ident, name, body_id, body, parent_id, kind, county, owner in rows:
        practice = apart[ident].practice if ident in apart else bodies[body_id].practice
        found.append(
            Row(
                organisation_id=ident,
                name=name,
                body_id=body_id,
                body=body,
                is_unit=parent_id is not None,
                kind=kind,
                county=county or "",
                owner=owner or "",
                certainty=practice.certainty if practice.is_known else None,
                dated=dated_in(practice, phase, week),
            )
        )
    return Page(found, page, total, per_page)


def _title(node: Any) -> sa.ColumnElement[str]:
    return sa.func.coalesce(sa.func.nullif(node.name_full, ""), node.name)


def names(gathered: Accounts, limit: int) -> list[tuple[int, str]]:
    """(id, name) of the bodies among the accounts, in order of name. One statement."""
    rows = db.session.execute(
        sa.select(Organisation.id, _title(Organisation))
        .where(Organisation.id.in_([group.body_id for group in gathered.groups]))
        .order_by(Organisation.name_sort, Organisation.id)
        .limit(limit)
    )
    return [(ident, name) for ident, name in rows]
