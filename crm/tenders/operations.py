"""What can be done to our tender. One verb each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.procurements.models import Procurement
from crm.rules.tendering import (
    TOP_SCORE,
    Completeness,
    Decision,
    ItemState,
    completeness,
    may_check,
)
from crm.tenders import queries
from crm.tenders.models import GoCriterion, GoScore, GoSheet, Tender, TenderItem, UsualItem

MOST_ITEMS = 100
MOST_CRITERIA = 12


def begin(procurement: Procurement, *, by: User, now: datetime) -> Tender:
    """Our tender, with the usual list; the one there is where somebody has begun already."""
    present = queries.of_procurement(procurement.id)
    if present is not None:
        return present
    if procurement.cancelled_on is not None:
        raise RuleBroken(_("The procurement has been called off."))
    tender = Tender(
        procurement_id=procurement.id,
        sheet_id=_sheet(by, now).id,
        responsible_id=by.id,
        opened_at=now,
        decision=Decision.UNDECIDED,
    )
    db.session.add(tender)
    db.session.flush()
    for position, usual in enumerate(queries.usual_items()):
        db.session.add(
            TenderItem(
                tender_id=tender.id, position=position, text=usual.text, required=usual.required
            )
        )
    needs_planning(procurement.body_id, "tender_begun")
    return tender


def give_to(tender: Tender, responsible: User | None) -> None:
    """Who sees to it that the tender is written; its deadlines remind this colleague."""
    tender.responsible_id = responsible.id if responsible is not None else None
    needs_planning(_body(tender), "tender_given")


# --- The list -----------------------------------------------------------------------------------


def add_item(
    tender: Tender, *, text: str, required: bool, due_on: date | None, responsible_id: int | None
) -> TenderItem:
    """One more line, last. Raises RuleBroken once the tender has gone in."""
    _require_not_submitted(tender)
    last = db.session.execute(
        sa.select(sa.func.count(), sa.func.max(TenderItem.position)).where(
            TenderItem.tender_id == tender.id
        )
    ).one()
    if last[0] >= MOST_ITEMS:
        raise RuleBroken(_("A list has at most %(most)s lines.", most=MOST_ITEMS))
    item = TenderItem(tender_id=tender.id, position=(last[1] or 0) + 1)
    _write(item, text, required, due_on, responsible_id)
    db.session.add(item)
    db.session.flush()
    return item


def edit_item(
    tender: Tender,
    item: TenderItem,
    *,
    text: str,
    required: bool,
    due_on: date | None,
    responsible_id: int | None,
) -> None:
    """Change a line. One that says something else must be done and checked again."""
    _require_not_submitted(tender)
    if text != item.text:
        _clear(item)
    _write(item, text, required, due_on, responsible_id)


def remove_item(tender: Tender, item: TenderItem) -> None:
    """Not asked for here."""
    _require_not_submitted(tender)
    db.session.delete(item)


def do_item(tender: Tender, item: TenderItem, *, by: User, now: datetime) -> None:
    """It is done, by this colleague. Done already, it stays as it is."""
    _require_not_submitted(tender)
    if item.line.state is ItemState.MISSING:
        item.done_by_id, item.done_at = by.id, now


def check_item(tender: Tender, item: TenderItem, *, by: User, now: datetime) -> None:
    """Another than the one who did it has looked. Raises RuleBroken for oneself (D10)."""
    _require_not_submitted(tender)
    if item.line.state is ItemState.CHECKED:
        return
    if item.line.state is ItemState.MISSING:
        raise RuleBroken(_("It is not done yet, so there is nothing to check."))
    if not may_check(item.line, by.id):
        raise RuleBroken(_("You did it yourself: let somebody else check it."))
    item.checked_by_id, item.checked_at = by.id, now


def undo_item(tender: Tender, item: TenderItem) -> None:
    """One step back: not checked, or else not done."""
    _require_not_submitted(tender)
    if item.line.state is ItemState.CHECKED:
        item.checked_by_id = item.checked_at = None
    else:
        _clear(item)


def _write(
    item: TenderItem, text: str, required: bool, due_on: date | None, responsible_id: int | None
) -> None:
    item.text, item.required = text, required
    item.due_on, item.responsible_id = due_on, responsible_id


def _clear(item: TenderItem) -> None:
    item.done_by_id = item.done_at = item.checked_by_id = item.checked_at = None


# --- Go or no-go --------------------------------------------------------------------------------


def weigh(tender: Tender, scores: Mapping[int, tuple[int | None, str]]) -> None:
    """Points (0 to 5, None for none) and a note by criterion of the tender's version (D11)."""
    criteria = {one.id for one in queries.criteria_of(tender.sheet_id)}
    present = queries.scores_of(tender.id)
    for criterion_id, (points, note) in scores.items():
        if criterion_id not in criteria:
            raise RuleBroken(_("The criteria have changed. Open the sheet again."))
        row = present.get(criterion_id)
        if points is None:
            if row is not None:
                db.session.delete(row)
            continue
        if not 0 <= points <= TOP_SCORE:
            raise RuleBroken(_("Points are 0 to 5."))
        if row is None:
            row = GoScore(tender_id=tender.id, criterion_id=criterion_id)
            db.session.add(row)
        row.points, row.note = points, note


def decide(tender: Tender, decision: Decision, reason: str, *, by: User, now: datetime) -> None:
    """Go, no-go, or open again: who and when stays with the decision (D11).

    Raises RuleBroken for a no-go without a reason, and for one once the tender has gone in.
    """
    if decision is Decision.NO_GO and not reason:
        raise RuleBroken(_("Write why: the next one who weighs a tender here will want to know."))
    if decision is not Decision.GO and tender.submitted_at is not None:
        raise RuleBroken(_("The tender has gone in. Take that back first."))
    changed = decision is not tender.decision
    tender.decision_reason = reason
    if not changed:
        return
    undecided = decision is Decision.UNDECIDED
    tender.decision = decision
    tender.decided_at = None if undecided else now
    tender.decided_by_id = None if undecided else by.id
    if not undecided:
        _tell(tender, f"tender_{decision.value}", by, now)
    needs_planning(_body(tender), "tender_decided")


def set_criteria(criteria: Sequence[tuple[str, int]], *, by: User, now: datetime) -> GoSheet:
    """A new version of the criteria, for the tenders that are begun from now on.

    Raises RuleBroken for none, for more than twelve, or where nothing weighs anything.
    """
    if not criteria or not any(weight for _text, weight in criteria):
        raise RuleBroken(_("At least one criterion must have a weight above 0."))
    if len(criteria) > MOST_CRITERIA:
        raise RuleBroken(_("At most %(most)s criteria.", most=MOST_CRITERIA))
    sheet = GoSheet(made_at=now, made_by_id=by.id)
    db.session.add(sheet)
    db.session.flush()
    for position, (text, weight) in enumerate(criteria):
        db.session.add(GoCriterion(sheet_id=sheet.id, position=position, text=text, weight=weight))
    db.session.flush()
    return sheet


def _sheet(by: User, now: datetime) -> GoSheet:
    return queries.latest_sheet() or set_criteria(queries.shipped_criteria(), by=by, now=now)


def set_usual_items(required: Sequence[str], others: Sequence[str]) -> None:
    """What every list begins with from now on; none at all brings back what is shipped."""
    if len(required) + len(others) > MOST_ITEMS:
        raise RuleBroken(_("A list has at most %(most)s lines.", most=MOST_ITEMS))
    for row in db.session.scalars(sa.select(UsualItem)):
        db.session.delete(row)
    db.session.flush()
    lines = [*((text, True) for text in required), *((text, False) for text in others)]
    for position, (text, needed) in enumerate(lines):
        db.session.add(UsualItem(position=position, text=text, required=needed))


# --- Handing in ---------------------------------------------------------------------------------


def state_of(tender: Tender) -> Completeness:
    """How the list stands."""
    return completeness(item.line for item in queries.items_of(tender.id))


def submit(
    tender: Tender,
    at: datetime,
    *,
    receipt: str,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """It has gone in. `reason`: why, though something required is missing or unchecked (D10).

    Raises RuleBroken for an instant to come, where something is missing and no reason is given, and
    where a check that blocks is not met (D15).
    """
    if at > now:
        raise RuleBroken(_("That time has not been yet."))
    procurements.require(queries.lacking(tender))
    lacks = not state_of(tender).is_complete
    if lacks and not reason.strip():
        raise RuleBroken(
            _("Something required is missing or unchecked. Say why it goes in, or see to it first.")
        )
    tender.incomplete_reason = reason.strip() if lacks else ""
    tender.submitted_at, tender.submitted_by_id, tender.receipt = at, by.id, receipt
    tender.confirmed_at = tender.confirmed_by_id = None
    _tell(tender, "tender_submitted", by, now)
    needs_planning(_body(tender), "tender_submitted")


def take_back(tender: Tender) -> None:
    """It has not gone in after all; the list can be worked on again."""
    tender.submitted_at = tender.submitted_by_id = None
    tender.confirmed_at = tender.confirmed_by_id = None
    tender.receipt = tender.incomplete_reason = ""
    needs_planning(_body(tender), "tender_submitted")


def confirm(tender: Tender, *, by: User, now: datetime) -> None:
    """A second person has read the receipt and what went in (D10). Once is enough."""
    if tender.submitted_at is None:
        raise RuleBroken(_("The tender has not gone in yet."))
    if tender.submitted_by_id == by.id:
        raise RuleBroken(_("You handed it in yourself: let somebody else confirm it."))
    if tender.confirmed_at is None:
        tender.confirmed_at, tender.confirmed_by_id = now, by.id


def _require_not_submitted(tender: Tender) -> None:
    if tender.submitted_at is not None:
        raise RuleBroken(_("The tender has gone in. Take that back first."))


def _body(tender: Tender) -> int:
    return db.session.scalars(
        sa.select(Procurement.body_id).where(Procurement.id == tender.procurement_id)
    ).one()


def _tell(tender: Tender, event: str, by: User, now: datetime, **data: Any) -> None:
    procurement = db.session.get_one(Procurement, tender.procurement_id)
    record(
        ActivityKind.PROCUREMENT,
        db.session.get_one(Organisation, procurement.organisation_id),
        now=now,
        by=by,
        event=event,
        procurement_id=procurement.id,
        title=procurement.title,
        **data,
    )
