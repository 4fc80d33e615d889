"""Bodies whose plan may have changed: marked by whoever changes a fact, read by the planner.

Cases and calendars lie below reminders and have never heard of them. They leave a mark here, in
the same transaction as the change; the planner, above, takes the marks and plans anew.

Each mark is a row of its own and is taken away by its id: a mark that is set while the planner is
at work on the same body is not seen by it, and so stays for the next round. Nothing waits for
anything, and no change is ever overlooked.
"""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, db


class PlanRequest(Base):
    """One body to plan anew. No foreign key: core knows nothing of organisations."""

    __tablename__ = "plan_request"
    # SQLite gives an id out again once its row is gone; ours must mean one mark for ever.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int]
    why: Mapped[str] = mapped_column(sa.String(200), default="")


class PlanRound(Base):
    """The latest time that many bodies were marked at once, so that it can be told how far it is.

    `total` is how many bodies waited then; the marks up to `last_mark` tell how many are left.
    """

    __tablename__ = "plan_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    last_mark: Mapped[int]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a planning of many bodies has come."""

    total: int
    left: int

    @property
    def done(self) -> int:
        return max(self.total - self.left, 0)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks that were there when we looked. `why` is the latest reason given for each body."""

    bodies: dict[int, int]  # mark → body
    why: dict[int, str]  # body → reason

    @property
    def ids(self) -> list[int]:
        return list(self.bodies)

    @property
    def body_ids(self) -> list[int]:
        return sorted(self.why)

    def __bool__(self) -> bool:
        return bool(self.bodies)

    def of(self, body_id: int) -> "Marks":
        """Those of one body."""
        bodies = {number: body for number, body in self.bodies.items() if body == body_id}
        return Marks(bodies, {body_id: self.why[body_id]})


def needs_planning(body_id: int, why: str = "") -> None:
    """Mark a body, in the transaction of the change. `why` is an event key told to the owner."""
    mark = sa.insert(PlanRequest).values(body_id=body_id, why=why[:200])
    number = db.session.scalar(mark.returning(PlanRequest.id))
    db.session.info.setdefault(_SET_HERE, []).append(number)


def need_planning(body_ids: sa.Select[int], why: str = "") -> int:
    """Mark every body that the query finds. One statement; returns how many."""
    found = body_ids.subquery()
    marks = sa.select(found.c[0], sa.literal(why[:200]))
    insert = sa.insert(PlanRequest).from_select(["body_id", "why"], marks)
    return len(db.session.scalars(insert.returning(PlanRequest.id)).all())


def begin_round() -> None:
    """Remember how many bodies wait, right after many were marked. An earlier round is over: what
    was left of it is among them."""
    latest = db.session.scalar(sa.select(sa.func.max(PlanRequest.id)))
    db.session.execute(sa.delete(PlanRound))
    if latest is not None:
        db.session.add(PlanRound(total=bodies_left(), last_mark=latest))
    db.session.flush()


def progress() -> Progress | None:
    """How far the latest round has come; None when it is over. One statement."""
    left = sa.func.count(PlanRequest.body_id.distinct())
    of_round = PlanRequest.id <= PlanRound.last_mark
    found = db.session.execute(
        sa.select(PlanRound.total, left)
        .join(PlanRequest, of_round)
        .group_by(PlanRound.id, PlanRound.total)
        .order_by(PlanRound.id.desc())
        .limit(1)
    ).one_or_none()
    return Progress(*found) if found is not None else None


_SET_HERE = "plan_requests"


def set_here() -> list[int]:
    """The marks that were set in this session since it was last asked; not those of a query."""
    found: list[int] = db.session.info.pop(_SET_HERE, [])
    return found


def still_there(marks: Collection[int]) -> Marks:
    """Those of some marks that were committed and not yet planned. One statement."""
    chosen = PlanRequest.id.in_(marks)
    return _as_marks(sa.select(PlanRequest).where(chosen).order_by(PlanRequest.id))


def bodies_left() -> int:
    """How many bodies are still to be planned anew. One statement."""
    return db.session.scalar(sa.select(sa.func.count(PlanRequest.body_id.distinct()))) or 0


def waiting_for_planning(bodies: int = 200, leaving: Collection[int] = ()) -> Marks:
    """Every mark of the `bodies` bodies that were marked first, some left out. One statement."""
    oldest = (
        sa.select(PlanRequest.body_id)
        .where(PlanRequest.body_id.not_in(leaving))
        .group_by(PlanRequest.body_id)
        .order_by(sa.func.min(PlanRequest.id))
        .limit(bodies)
        .subquery()
    )
    of_these = PlanRequest.body_id == oldest.c.body_id
    return _as_marks(sa.select(PlanRequest).join(oldest, of_these).order_by(PlanRequest.id))


def _as_marks(found: sa.Select[PlanRequest]) -> Marks:
    columns = found.with_only_columns(PlanRequest.id, PlanRequest.body_id, PlanRequest.why)
    rows = db.session.execute(columns).all()
    why = {row.body_id: row.why for row in rows}
    return Marks({row.id: row.body_id for row in rows}, why)


def planned(marks: Marks) -> None:
    """Take away the marks that were seen, in the transaction that wrote the plan."""
    for start in range(0, len(marks.ids), 500):
        db.session.execute(
            sa.delete(PlanRequest).where(PlanRequest.id.in_(marks.ids[start : start + 500]))
        )
