"""What a merge would move, what has been merged, and which pairs are alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.core.db import db
from crm.core.errors import NotFound
from crm.merging.links import How, Link, doubles, links, settled
from crm.merging.models import Kind, Merge, MergeStep
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.merging import Side

UNDO_FOR = timedelta(days=30)
MODELS: dict[Kind, Any] = {Kind.ORGANISATION: Organisation, Kind.PERSON: Person}


def one(kind: Kind, number: int) -> Any:
    """The organisation, with owner, or the person; merged or not. Raises NotFound."""
    model = MODELS[kind]
    statement = sa.select(model).where(model.id == number)
    if kind is Kind.ORGANISATION:
        statement = statement.options(
            joinedload(Organisation.owner), joinedload(Organisation.successor)
        )
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound(f"{kind.value} {number}")
    return found


def title(thing: Any) -> str:
    """What it is called, alone."""
    return str(thing.title if isinstance(thing, Organisation) else thing.name)


@dataclass(frozen=True, slots=True)
class Weight:
    """What hangs on two records. By table: how many rows go over to the one that stays; how many
    of those are there already, and so fall away."""

    moves: dict[str, int]
    doubles: dict[str, int]
    units: int  # nodes right below the one that goes
    kept_calendar: bool
    gone_calendar: bool

    @property
    def asks_calendar(self) -> bool:
        """Both have a budget year of their own, and one of them has to be chosen."""
        return self.kept_calendar and self.gone_calendar

    @property
    def proposed_calendar(self) -> Side:
        return Side.GONE if self.gone_calendar and not self.kept_calendar else Side.KEPT


TOLD_AS = {"organisation": "unit", "case_unit": "case_unit"}


def weight(kind: Kind, kept: Any, gone: Any) -> Weight:
    """Counted in two statements, whatever the number of rows."""
    counted = [
        sa.select(
            sa.literal(link.name).label("name"),
            sa.literal(number == kept.id).label("kept"),
            sa.func.count().label("number"),
        )
        .select_from(link.table)
        .where(link.column == number)
        for link in links(kind)
        for number in (kept.id, gone.id)
        if number == gone.id or link.how is How.CALENDAR
    ]
    counts = {
        (row.name, bool(row.kept)): row.number for row in db.session.execute(sa.union_all(*counted))
    }
    moves: Counter[str] = Counter()
    calendar: Counter[bool] = Counter()
    for link in links(kind):
        if link.how is How.CALENDAR:
            for kept_one in (True, False):
                calendar[kept_one] += counts[link.name, kept_one]
        if link.how is How.MOVES and link.table.name not in {"organisation", "person"}:
            moves[link.table.name] += counts[link.name, False]
    twice = [
        sa.select(sa.literal(link.table.name).label("name"), found.c.other)
        for link in settled(kind)
        for found in (one.subquery() for one in doubles(link, kept.id, gone.id))
    ]
    pairs = {(row.name, row.other) for row in db.session.execute(sa.union_all(*twice))}
    return Weight(
        moves={name: number for name, number in moves.items() if number},
        doubles=dict(Counter(name for name, _number in pairs)),
        units=counts.get(("organisation.parent_id", False), 0),
        kept_calendar=calendar[True] > 0,
        gone_calendar=calendar[False] > 0,
    )


def ids_at(link: Link, number: int) -> list[Any]:
    """The rows of a link that point at one, with the body beside where there is such a column."""
    columns = [link.table.c.id, *([link.body] if link.body is not None else [])]
    statement = sa.select(*columns).where(link.column == number).order_by(link.table.c.id)
    return list(db.session.execute(statement))


def steps(merge: Merge) -> list[MergeStep]:
    """What the merge did, in order."""
    return list(
        db.session.scalars(
            sa.select(MergeStep).where(MergeStep.merge_id == merge.id).order_by(MergeStep.place)
        )
    )


def get(merge_id: int) -> Merge:
    """One merge with who made it. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Merge).where(Merge.id == merge_id).options(joinedload(Merge.made_by))
    )
    if found is None:
        raise NotFound(f"merge {merge_id}")
    return found


@dataclass(frozen=True, slots=True)
class Done:
    """A merge in a list."""

    id: int
    kind: Kind
    gone: str
    kept: str
    by: str
    at: datetime
    is_undone: bool


def latest(kind: Kind, limit: int = 10) -> list[Done]:
    """The latest merges of a kind, newest first. One statement."""
    if kind is Kind.ORGANISATION:
        name: Any = sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name)
    else:
        name = sa.func.trim(Person.first_name + " " + Person.last_name)
    model = MODELS[kind]
    rows = db.session.execute(
        sa.select(
            Merge.id,
            Merge.kind,
            Merge.gone_title,
            name,
            User.name,
            Merge.made_at,
            Merge.undone_at.is_not(None),
        )
        .join(model, model.id == Merge.kept_id)
        .join(User, User.id == Merge.made_by_id)
        .where(Merge.kind == kind)
        .order_by(Merge.id.desc())
        .limit(limit)
    )
    return [Done(*row) for row in rows]


def may_undo(merge: Merge, now: datetime) -> bool:
    """It stands, and its steps are still kept."""
    return merge.undone_at is None and now <= merge.made_at + UNDO_FOR


def over(now: datetime) -> Sequence[Merge]:
    """Merges that can no longer be undone and still have their steps."""
    return db.session.scalars(
        sa.select(Merge)
        .where(
            Merge.made_at < now - UNDO_FOR,
            sa.exists().where(MergeStep.merge_id == Merge.id),
        )
        .order_by(Merge.id)
    ).all()


def last_day(merge: Merge) -> date:
    """The last day on which it can be undone."""
    return (merge.made_at + UNDO_FOR).date()
