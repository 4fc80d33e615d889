"""The law's values as they stand here: the shipped rows with the administrators' laid over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.core.db import db
from crm.core.errors import NotFound
from crm.law.models import LawCheck, LawValueChange, LeadTime
from crm.rules.law.counting import same_day_of_month
from crm.rules.law.values import (
    CHECKED_ON,
    LawRow,
    LawValues,
    Slot,
    ValueKey,
    shipped_values,
    slot_of,
)
from crm.rules.routes import STAGES, Duration, Route, StageKey


class ValueGroup(StrEnum):
    """How the values are laid on pages, in the order of `ValueKey`."""

    MONEY = "money"
    TIME = "time"
    STANDSTILL = "standstill"
    AFTERWARDS = "afterwards"


_FIRST = {
    ValueKey.EU_THRESHOLD: ValueGroup.MONEY,
    ValueKey.OPEN_TENDER: ValueGroup.TIME,
    ValueKey.STANDSTILL_ELECTRONIC: ValueGroup.STANDSTILL,
    ValueKey.AWARD_NOTICE: ValueGroup.AFTERWARDS,
}


def values() -> LawValues:
    """What holds in this installation, for the rules of `crm.rules.law`. One statement."""
    return _laid_over(_changes())


def corrected(keys: Collection[ValueKey]) -> sa.Exists:
    """Whether anybody has corrected one of these here, to be asked within another statement."""
    return sa.exists().where(LawValueChange.key.in_(keys))


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing the law puts a figure on, with every period of it, latest first."""

    slot: Slot
    periods: tuple[LawRow, ...]
    changes: tuple[LawValueChange, ...]  # latest first
    now: LawRow | None  # the row of the day that was asked for

    @property
    def shown(self) -> LawRow:
        """The row of the day, or the latest where the day has none."""
        return self.now or self.periods[0]

    @property
    def shipped(self) -> tuple[LawRow, ...]:
        """The periods as the product ships them."""
        return tuple(row for row in shipped_values().rows if row.slot == self.slot)

    @property
    def version(self) -> int:
        """How many times it was changed: what a form was opened with."""
        return len(self.changes)

    @property
    def is_changed(self) -> bool:
        """Whether anything of it stands otherwise than as shipped."""
        return any(not one.withdrawn for one in self.in_force)

    @property
    def in_force(self) -> tuple[LawValueChange, ...]:
        """The last change of each first day."""
        return tuple({one.valid_from: one for one in reversed(self.changes)}.values())

    def change_of(self, row: LawRow) -> LawValueChange | None:
        """The change that made a period what it is; None where it is as shipped."""
        found = (one for one in self.in_force if one.valid_from == row.valid_from)
        return next((one for one in found if not one.withdrawn), None)


def standing(group: ValueGroup, today: date) -> list[Standing]:
    """Every value of a group, in the order of the files. One statement."""
    changes = _changes()
    laid = _laid_over(changes)
    slots = dict.fromkeys(row.slot for row in shipped_values().rows)
    keys = _keys(group)
    return [_standing(laid, changes, slot, today) for slot in slots if slot[0] in keys]


def get(code: str, today: date) -> Standing:
    """One value by its code, or NotFound. One statement."""
    slot = slot_of(code)
    if slot is None:
        raise NotFound("law value")
    changes = _changes()
    return _standing(_laid_over(changes), changes, slot, today)


def change(change_id: int) -> LawValueChange:
    """One change, or NotFound."""
    found = db.session.get(LawValueChange, change_id)
    if found is None:
        raise NotFound("law value")
    return found


@dataclass(frozen=True, slots=True)
class LookedThrough:
    """When the values were last held against their sources, and when to do it again."""

    on: date
    by: str  # empty for the product's own reading
    again: date

    def is_due(self, today: date) -> bool:
        return self.again <= today


def looked_through() -> LookedThrough:
    """The last look through, a year after which it is time again (K12). One statement."""
    last = db.session.scalar(
        sa.select(LawCheck)
        .options(joinedload(LawCheck.checked_by))
        .order_by(LawCheck.day.desc())
        .limit(1)
    )
    on, by = CHECKED_ON, ""
    if last is not None and last.day >= on:
        on, by = last.day, last.checked_by.name if last.checked_by else ""
    return LookedThrough(on, by, same_day_of_month(on, 12))


# --- How long the stages take (procurement-law.md 4.2) ------------------------------------------


def lead_times_in_force() -> sa.Select[Route, StageKey, int, int, int]:
    """What administrators corrected and did not take back, to be asked within other statements."""
    later = sa.orm.aliased(LeadTime)
    followed = sa.exists().where(
        later.route == LeadTime.route,
        later.stage == LeadTime.stage,
        later.version > LeadTime.version,
    )
    return sa.select(
        LeadTime.route, LeadTime.stage, LeadTime.short, LeadTime.usual, LeadTime.long
    ).where(LeadTime.withdrawn.is_(False), ~followed)


@dataclass(frozen=True, slots=True)
class StandingLength:
    """How long one stage of a route usually takes, with what was changed, latest first."""

    route: Route
    stage: StageKey
    shipped: Duration
    changes: tuple[LeadTime, ...]

    @property
    def in_force(self) -> LeadTime | None:
        """The correction that holds; None where the length stands as it is shipped."""
        last = self.changes[0] if self.changes else None
        return None if last is None or last.withdrawn else last

    @property
    def now(self) -> Duration:
        return self.in_force.duration if self.in_force is not None else self.shipped

    @property
    def version(self) -> int:
        """How many times it was changed: what a form was opened with."""
        return len(self.changes)


def lead_times(route: Route) -> list[StandingLength]:
    """Every stage of a route, in order. One statement."""
    changes = db.session.scalars(
        sa.select(LeadTime)
        .options(joinedload(LeadTime.changed_by))
        .where(LeadTime.route == route)
        .order_by(LeadTime.version.desc())
    ).all()
    return [
        StandingLength(route, stage, shipped, tuple(one for one in changes if one.stage is stage))
        for stage, shipped in STAGES[route]
    ]


def lead_time(route: Route, stage: StageKey) -> StandingLength:
    """One stage of a route, or NotFound where the route has no such stage."""
    found = next((one for one in lead_times(route) if one.stage is stage), None)
    if found is None:
        raise NotFound("lead time")
    return found


def usual_lengths(route: Route) -> dict[StageKey, Duration]:
    """The length of each stage of a route as it stands here, before any history. One statement."""
    return {one.stage: one.now for one in lead_times(route)}


def check_of(day: date) -> LawCheck | None:
    """The look through of a day, if there was one."""
    return db.session.scalar(sa.select(LawCheck).where(LawCheck.day == day))


def _changes() -> list[LawValueChange]:
    """Every change there has been, latest first."""
    return list(
        db.session.scalars(
            sa.select(LawValueChange)
            .options(joinedload(LawValueChange.changed_by))
            .order_by(LawValueChange.id.desc())
        )
    )


def _laid_over(changes: Iterable[LawValueChange]) -> LawValues:
    latest = {
        (one.slot, one.valid_from): one for one in sorted(changes, key=lambda one: one.version)
    }
    return shipped_values().corrected(as_row(one) for one in latest.values() if not one.withdrawn)


def as_row(change: LawValueChange) -> LawRow:
    """The change as a row; what it does not say is as in the shipped row of its day."""
    alike = [row for row in shipped_values().rows if row.slot == change.slot]
    held = next((row for row in alike if row.holds_on(change.valid_from)), alike[-1])
    return replace(
        held,
        value=change.value,
        euro=change.euro,
        valid_from=change.valid_from,
        valid_to=None,
        source=change.source,
        confidence=change.confidence,
        confirmed_until=None,
        note=change.note,
    )


def _standing(
    laid: LawValues, changes: Sequence[LawValueChange], slot: Slot, today: date
) -> Standing:
    periods = sorted(
        (row for row in laid.rows if row.slot == slot), key=lambda row: row.valid_from, reverse=True
    )
    return Standing(
        slot=slot,
        periods=tuple(periods),
        changes=tuple(one for one in changes if one.slot == slot),
        now=next((row for row in periods if row.holds_on(today)), None),
    )


def _keys(group: ValueGroup) -> frozenset[ValueKey]:
    found, current = set(), ValueGroup.MONEY
    for key in ValueKey:
        current = _FIRST.get(key, current)
        if current is group:
            found.add(key)
    return frozenset(found)
