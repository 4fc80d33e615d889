"""Hand over in one operation, and take it back while nothing has changed hands since."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.handover import queries
from crm.handover.models import HandOver, HandOverItem, Thing
from crm.handover.queries import Held, Scope
from crm.interest.models import Inquiry
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.records import operations as records
from crm.records.models import RecordsRequest
from crm.reminders import operations as reminders
from crm.reminders.models import Reminder
from crm.requirements.models import Answer
from crm.tenders import operations as tenders
from crm.tenders.models import Tender

OWNERS: dict[Thing, tuple[Any, Any]] = {
    Thing.ACCOUNT: (Organisation, Organisation.owner_id),
    Thing.CASE: (Case, Case.owner_id),
    Thing.REMINDER: (Reminder, Reminder.user_id),
    Thing.INQUIRY: (Inquiry, Inquiry.owner_id),
    Thing.TENDER: (Tender, Tender.responsible_id),
    Thing.RECORDS_REQUEST: (RecordsRequest, RecordsRequest.owner_id),
    Thing.ANSWER: (Answer, Answer.owner_id),
}
AT_A_TIME = 500  # rows in one statement


def hand_over(
    scope: Scope,
    to: User,
    exceptions: Mapping[int | None, User | None],
    *,
    by: User,
    now: datetime,
) -> HandOver:
    """Everything open in the scope goes to `to`, but for the bodies that are excepted: those go to
    somebody else, or stay where they are (None). All or nothing. Raises RuleBroken."""
    for receiver in {to, *filter(None, exceptions.values())}:
        if not receiver.active:
            raise RuleBroken(
                _("%(name)s no longer works here. Choose somebody else.", name=receiver.name)
            )
    moves = []
    for one in queries.held(scope):
        goes_to = exceptions.get(one.body_id, to)
        if goes_to is not None and goes_to.id != one.owner_id:
            moves.append((one, goes_to))
    if not moves:
        raise RuleBroken(_("There is nothing to hand over."))
    made = HandOver(
        from_id=scope.from_id, county_code=scope.county_code, made_by_id=by.id, made_at=now
    )
    db.session.add(made)
    db.session.flush()
    db.session.execute(
        sa.insert(HandOverItem),
        [
            {
                "hand_over_id": made.id,
                "thing": one.thing,
                "number": one.number,
                "body_id": one.body_id,
                "from_id": one.owner_id,
                "to_id": goes_to.id,
            }
            for one, goes_to in moves
        ],
    )
    _give(moves, by=by, now=now)
    return made


def undo(made: HandOver, *, by: User, now: datetime) -> None:
    """Give everything back to whose it was. Only while all of it is still with whom it went to:
    what has gone further since is nobody's to take back. Raises RuleBroken."""
    db.session.refresh(made, with_for_update={"of": HandOver})
    if made.undone_at is not None:
        return
    items = queries.items(made)
    gone = sum(_moved_on(items))
    if gone:
        raise RuleBroken(
            ngettext(
                "One thing has changed hands since. Hand over anew instead.",
                "%(num)s things have changed hands since. Hand over anew instead.",
                gone,
            )
        )
    users = {
        one.id: one
        for one in db.session.scalars(
            sa.select(User).where(User.id.in_({one.from_id for one in items}))
        )
    }
    made.undone_at, made.undone_by_id = now, by.id
    _give(
        [
            (Held(one.thing, one.number, one.to_id, one.body_id), users[one.from_id])
            for one in items
        ],
        by=by,
        now=now,
    )


def _moved_on(items: Sequence[HandOverItem]) -> Iterator[int]:
    """How many of each kind are no longer with whom they went to."""
    for thing, (model, owner) in OWNERS.items():
        mine = {one.number: one.to_id for one in items if one.thing is thing}
        for numbers in _some(list(mine)):
            rows = db.session.execute(sa.select(model.id, owner).where(model.id.in_(numbers)))
            yield sum(owner_id != mine[number] for number, owner_id in rows)


def _give(moves: Sequence[tuple[Held, User]], *, by: User, now: datetime) -> None:
    """Change the owners, each by its domain's own verb, so that the history says it."""
    receivers = {(one.thing, one.number): receiver for one, receiver in moves}

    def numbers(thing: Thing) -> list[int]:
        return [number for kind, number in receivers if kind is thing]

    for some in _some(numbers(Thing.ACCOUNT)):
        for account in db.session.scalars(sa.select(Organisation).where(Organisation.id.in_(some))):
            organisations.set_owner(account, receivers[Thing.ACCOUNT, account.id], by=by, now=now)
    for some in _some(numbers(Thing.CASE)):
        for case in db.session.scalars(sa.select(Case).where(Case.id.in_(some))):
            cases.set_owner(case, receivers[Thing.CASE, case.id])
    for some in _some(numbers(Thing.INQUIRY)):
        for inquiry in db.session.scalars(sa.select(Inquiry).where(Inquiry.id.in_(some))):
            inquiry.owner_id = receivers[Thing.INQUIRY, inquiry.id].id
    for some in _some(numbers(Thing.TENDER)):
        for tender in db.session.scalars(
            sa.select(Tender).where(Tender.id.in_(some)).options(joinedload(Tender.procurement))
        ):
            tenders.give_to(tender, receivers[Thing.TENDER, tender.id])
    for some in _some(numbers(Thing.RECORDS_REQUEST)):
        for asked in db.session.scalars(
            sa.select(RecordsRequest).where(RecordsRequest.id.in_(some))
        ):
            records.give_to(asked, receivers[Thing.RECORDS_REQUEST, asked.id])
    for some in _some(numbers(Thing.ANSWER)):
        for answer in db.session.scalars(sa.select(Answer).where(Answer.id.in_(some))):
            answer.owner_id = receivers[Thing.ANSWER, answer.id].id
    for some in _some(numbers(Thing.REMINDER)):
        by_receiver: dict[int, list[int]] = {}
        for number in some:
            by_receiver.setdefault(receivers[Thing.REMINDER, number].id, []).append(number)
        for user_id, ids in by_receiver.items():
            reminders.give_to(ids, user_id, now=now)


def _some(numbers: Sequence[int]) -> Iterator[list[int]]:
    at = iter(numbers)
    while found := list(islice(at, AT_A_TIME)):
        yield found
