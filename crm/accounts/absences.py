"""Colleagues who are away, and who stands in for them meanwhile (J3).

Whose a thing is does not change: others are shown it as well, for those days. Overlaps are refused
here and not by the database, under one lock for all absences.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from crm.accounts.models import Absence, StandIn, User
from crm.core.db import db, dialect_name
from crm.core.errors import NotFound, RuleBroken
from crm.rules.access import Permission
from crm.rules.deputies import Away, End, detours, overlaps, stretches

LONGEST = timedelta(days=366)


def get(absence_id: int) -> Absence:
    """One absence that has not been called off. Raises NotFound."""
    found = db.session.scalar(_standing().where(Absence.id == absence_id))
    if found is None:
        raise NotFound(f"absence {absence_id}")
    return found


def of(user: User, *, today: date) -> Sequence[Absence]:
    """The user's absences that are not over, soonest first."""
    return db.session.scalars(
        _standing()
        .where(Absence.user_id == user.id, Absence.last >= today)
        .order_by(Absence.first)
        .limit(50)
    ).all()


def possible_deputies(user: User) -> list[User]:
    """Colleagues who may deal with reminders, by name."""
    active = sa.select(User).where(User.active.is_(True), User.id != user.id).order_by(User.name)
    return [one for one in db.session.scalars(active) if one.may(Permission.HANDLE_REMINDERS)]


def covered(day: date) -> list[tuple[int, int | None]]:
    """Who is away that day, each with who stands in; None: everybody does."""
    rows = db.session.execute(
        sa.select(StandIn.user_id, StandIn.stand_in_id)
        .where(StandIn.first <= day, StandIn.last >= day)
        .order_by(StandIn.user_id)
    )
    return [(away, stand_in_id) for away, stand_in_id in rows]


@dataclass(frozen=True, slots=True)
class ForOther:
    """A user stands in for this colleague, from `first` to `last`."""

    name: str
    first: date
    last: date


def stretches_of(user: User, *, today: date) -> list[ForOther]:
    """For whom the user stands in, and will, soonest first."""
    rows = db.session.execute(
        sa.select(User.name, StandIn.first, StandIn.last)
        .join(User, User.id == StandIn.user_id)
        .where(StandIn.stand_in_id == user.id, StandIn.last >= today)
        .order_by(StandIn.first, User.name)
        .limit(50)
    )
    return [ForOther(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Detoured:
    """On these days the deputy that `name` has named does not stand in. `asked` were asked in turn
    and are away, or not able; `stand_in` is who was found, and "" where it is everybody."""

    user_id: int
    name: str
    first: date
    last: date
    asked: tuple[str, ...]
    stand_in: str
    end: End


def detours_of(user: User, *, today: date) -> list[Detoured]:
    """Where the user's own deputy is away as well, and where the user is the deputy and away;
    soonest first. Two statements."""
    people = {one.id: one for one in db.session.scalars(sa.select(User))}
    found = detours(_to_come(today), _able(people.values()))
    return [
        Detoured(
            user_id=one.user_id,
            name=people[one.user_id].name,
            first=one.first,
            last=one.last,
            asked=tuple(
                people[asked].name for asked in one.trail.asked if asked != one.trail.stand_in_id
            ),
            stand_in=people[one.trail.stand_in_id].name if one.trail.stand_in_id else "",
            end=one.trail.end,
        )
        for one in sorted(found, key=lambda one: (one.first, one.user_id))
        if one.last >= today
        and (one.user_id == user.id or user.id in one.trail.asked)
        and one.trail.stand_in_id != user.id
    ]


def away_soon(*, today: date) -> dict[int, list[Absence]]:
    """Who is away or will be, with the absences in order of day. One statement."""
    found: dict[int, list[Absence]] = {}
    rows = _standing().where(Absence.last >= today).order_by(Absence.first)
    for one in db.session.scalars(rows):
        found.setdefault(one.user_id, []).append(one)
    return found


def _to_come(today: date) -> list[Away]:
    return [_away(one) for one in db.session.scalars(_standing().where(Absence.last >= today))]


def _able(people: Iterable[User]) -> set[int]:
    return {one.id for one in people if one.active and one.may(Permission.HANDLE_REMINDERS)}


def add(
    user: User, *, first: date, last: date, deputy_id: int | None, today: date, now: datetime
) -> Absence:
    """The user will be away, or has been since `first`. Raises RuleBroken in words."""
    _one_at_a_time()
    if last < first:
        raise RuleBroken(_("The last day is before the first."))
    if last < today:
        raise RuleBroken(_("Those days have passed. Choose a last day from today on."))
    if last - first > LONGEST:
        raise RuleBroken(_("An absence lasts a year at most. Hand over instead."))
    if deputy_id is not None and deputy_id not in {one.id for one in possible_deputies(user)}:
        raise RuleBroken(_("Choose another colleague as deputy, one who deals with reminders."))
    mine = db.session.scalars(_standing().where(Absence.user_id == user.id))
    other = overlaps(first, last, [_away(one) for one in mine])
    if other is not None:
        raise RuleBroken(
            _(
                "There is an absence already from %(first)s to %(last)s. End that one first.",
                first=other.first.isoformat(),
                last=other.last.isoformat(),
            )
        )
    absence = Absence(user_id=user.id, deputy_id=deputy_id, first=first, last=last, created_at=now)
    db.session.add(absence)
    db.session.flush()
    work_out(today=today)
    return absence


def end(absence: Absence, *, today: date, now: datetime) -> None:
    """Back at work from today; one that has not begun is called off. Twice is as good as once."""
    _one_at_a_time()
    if absence.last < today or absence.called_off_at is not None:
        return
    if absence.first < today:
        absence.last = today - timedelta(days=1)
    else:
        absence.called_off_at = now
    db.session.flush()
    work_out(today=today)


def work_out(*, today: date) -> None:
    """Write anew who stands in for whom, on every day of what is not over. A handful of rows."""
    _one_at_a_time()
    able = _able(db.session.scalars(sa.select(User).where(User.active.is_(True))))
    db.session.execute(sa.delete(StandIn).execution_options(synchronize_session=False))
    rows = [
        {
            "user_id": one.user_id,
            "first": one.first,
            "last": one.last,
            "stand_in_id": one.stand_in_id,
            "away_until": one.away_until,
        }
        for one in stretches(_to_come(today), able)
    ]
    if rows:
        db.session.execute(sa.insert(StandIn), rows)


def _standing() -> sa.Select[Absence]:
    return (
        sa.select(Absence)
        .options(joinedload(Absence.user), joinedload(Absence.deputy))
        .where(Absence.called_off_at.is_(None))
    )


def _away(absence: Absence) -> Away:
    return Away(absence.user_id, absence.deputy_id, absence.first, absence.last)


def _one_at_a_time() -> None:
    """Who stands in is worked out from all absences, so they change one after another. On SQLite
    the write lock sees to it."""
    if dialect_name() == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("absences"))))
