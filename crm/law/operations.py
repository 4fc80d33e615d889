"""Correcting a value of the law, taking a correction back, and looking all of them through."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from crm.accounts.models import User
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.law import queries
from crm.law.models import LawCheck, LawValueChange, LeadTime
from crm.law.queries import Standing, StandingLength
from crm.rules.floors import LegalTerms, floor
from crm.rules.law.explained import Confidence
from crm.rules.routes import Duration


@dataclass(frozen=True, slots=True)
class Reading:
    """What an administrator read: the value from a day on, where, and how sure it is."""

    valid_from: date
    value: int
    euro: int | None
    source: str
    confidence: Confidence
    note: str


def correct(
    stands: Standing, reading: Reading, *, by: User | None, now: datetime
) -> LawValueChange | None:
    """Let the value stand so from its day on, as a new version (K12).

    None, and nothing written, where it stands so already. The rows of other days are untouched, so
    a past case keeps the value of its date.
    """
    held = next((row for row in stands.periods if row.valid_from == reading.valid_from), None)
    if held is not None and _alike(reading) == (
        held.value,
        held.euro,
        held.source,
        held.confidence,
        held.note,
    ):
        return None
    change = _version_of(stands, reading, by=by, now=now)
    db.session.add(change)
    db.session.flush()
    return change


def withdraw(
    stands: Standing, change: LawValueChange, *, by: User | None, now: datetime
) -> LawValueChange | None:
    """Take a correction back: the value of that day stands as it is shipped, if it is shipped.

    None where it was taken back already.
    """
    if change.id not in {one.id for one in stands.in_force if not one.withdrawn}:
        return None
    reading = Reading(
        change.valid_from,
        change.value,
        change.euro,
        change.source,
        change.confidence,
        change.note,
    )
    back = _version_of(stands, reading, by=by, now=now)
    back.withdrawn = True
    db.session.add(back)
    db.session.flush()
    return back


def correct_lead_time(
    stands: StandingLength,
    length: Duration,
    *,
    source: str,
    note: str,
    by: User | None,
    today: date,
    now: datetime,
) -> LeadTime | None:
    """Let a stage usually take so long from now on, as a new version (K12).

    Plans that stand keep their days. None, and nothing written, where it stands so already. Raises
    RuleBroken for lengths in the wrong order, or below what the law asks as a rule.
    """
    if not 0 <= length.short <= length.usual <= length.long:
        raise RuleBroken(_("The short length is at most the usual, and that at most the long."))
    least = floor(stands.route, stands.stage, today, LegalTerms(values=queries.values()))
    if length.short < least.days:
        raise RuleBroken(
            _("The law asks for %(days)s days at least: %(law)s.", days=least.days, law=least.law)
        )
    held = stands.in_force
    if held is not None and (length, source, note) == (held.duration, held.source, held.note):
        return None
    return _lead_time(stands, length, source, note, by=by, now=now)


def withdraw_lead_time(
    stands: StandingLength, *, by: User | None, now: datetime
) -> LeadTime | None:
    """Take the correction back: the length stands as it is shipped. None where it does already."""
    held = stands.in_force
    if held is None:
        return None
    back = _lead_time(stands, held.duration, held.source, held.note, by=by, now=now)
    back.withdrawn = True
    db.session.flush()
    return back


def _lead_time(
    stands: StandingLength,
    length: Duration,
    source: str,
    note: str,
    *,
    by: User | None,
    now: datetime,
) -> LeadTime:
    change = LeadTime(
        route=stands.route,
        stage=stands.stage,
        version=2 + stands.version,
        short=length.short,
        usual=length.usual,
        long=length.long,
        source=source,
        note=note,
        withdrawn=False,
        changed_by_id=by.id if by else None,
        changed_at=now,
    )
    db.session.add(change)
    db.session.flush()
    return change


def look_through(today: date, *, by: User | None) -> LawCheck:
    """Note that all values were held against their sources today; once a day is enough."""
    found = queries.check_of(today)
    if found is None:
        found = LawCheck(day=today, checked_by_id=by.id if by else None)
        db.session.add(found)
        db.session.flush()
    return found


def _alike(reading: Reading) -> tuple[int, int | None, str, Confidence, str]:
    return (reading.value, reading.euro, reading.source, reading.confidence, reading.note)


def _version_of(
    stands: Standing, reading: Reading, *, by: User | None, now: datetime
) -> LawValueChange:
    """Version 1 is the value as shipped, or the first of a day that none was shipped for."""
    key, law, authority, objects = stands.slot
    before = [one for one in stands.changes if one.valid_from == reading.valid_from]
    first = 2 if any(row.valid_from == reading.valid_from for row in stands.shipped) else 1
    return LawValueChange(
        key=key,
        law=law,
        authority=authority,
        objects=objects,
        valid_from=reading.valid_from,
        version=first + len(before),
        value=reading.value,
        euro=reading.euro,
        source=reading.source,
        confidence=reading.confidence,
        note=reading.note,
        withdrawn=False,
        changed_by_id=by.id if by else None,
        changed_at=now,
    )
