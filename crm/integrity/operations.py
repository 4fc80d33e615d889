"""What can be written down about integrity. One verb each."""

from datetime import date, datetime

from flask_babel import gettext as _

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.integrity import queries
from crm.integrity.models import ConflictNote, Hospitality, SharedMaterial
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.procurements.looking_back import under_way_on
from crm.procurements.models import Procurement
from crm.rules.integrity import BRIBES, allows_hospitality


def _require_past(day: date, today: date) -> None:
    if day > today:
        raise RuleBroken(_("Choose today or an earlier day."))


def share(
    organisation: Organisation,
    *,
    what: str,
    occasion: str,
    shared_on: date,
    kept_at: str,
    with_others: bool | None,
    procurement: Procurement | None = None,
    case: Case | None = None,
    by: User,
    today: date,
    now: datetime,
) -> SharedMaterial:
    """Write down what a body got before its notice. Raises RuleBroken for a day to come, or a
    procurement or case of another body."""
    _require_past(shared_on, today)
    for about in (procurement, case):
        if about is not None and about.body_id != organisation.body_id:
            raise RuleBroken(_("%(title)s belongs to another body.", title=about.title))
    made = SharedMaterial(
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        procurement_id=procurement.id if procurement else None,
        case_id=case.id if case else None,
        what=what,
        occasion=occasion,
        shared_on=shared_on,
        kept_at=kept_at,
        with_others=with_others,
        by_id=by.id,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made


def put_right(
    material: SharedMaterial,
    *,
    what: str,
    occasion: str,
    shared_on: date,
    kept_at: str,
    with_others: bool | None,
    today: date,
) -> None:
    """Put right a line of the log; the field history keeps what stood there."""
    _require_past(shared_on, today)
    material.what, material.occasion, material.shared_on = what, occasion, shared_on
    material.kept_at, material.with_others = kept_at, with_others


def note_conflict(
    *, person: Person | None, case: Case | None, note: str, by: User, today: date
) -> ConflictNote:
    """A conflict of interest that we have learnt of, of a person or in a case."""
    made = ConflictNote(
        person_id=person.id if person else None,
        case_id=case.id if case else None,
        note=note,
        noted_on=today,
        by_id=by.id,
    )
    db.session.add(made)
    db.session.flush()
    return made


def settle(note: ConflictNote, today: date) -> None:
    """It is none any more; the note stays in the history."""
    note.settled_on = note.settled_on or today


def offer(
    person: Person,
    *,
    what: str,
    value_ore: int,
    offered_on: date,
    policy_note: str,
    by: User,
    today: date,
    now: datetime,
) -> Hospitality:
    """Write down something plain that a person was offered.

    Judged by the day it was offered: by where the person worked then, and by what was under way.
    Raises RuleBroken while a procurement was, and for a day to come.
    """
    _require_past(offered_on, today)
    bodies = queries.bodies_of(person.id, offered_on)
    ways = under_way_on(bodies, offered_on) if bodies else []
    for one in ways:
        if not allows_hospitality([one.stage]):
            raise RuleBroken(
                _(
                    "That day “%(title)s” is under way at %(body)s. While a procurement is"
                    " prepared, advertised, evaluated or under review, offer nothing to anybody"
                    " there: näringslivskoden leaves no room for it, and an improper benefit is a"
                    " crime (%(law)s).",
                    title=one.title,
                    body=bodies[one.body_id],
                    law=BRIBES,
                )
            )
    made = Hospitality(
        person_id=person.id,
        what=what,
        value_ore=value_ore,
        offered_on=offered_on,
        policy_note=policy_note,
        by_id=by.id,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made
