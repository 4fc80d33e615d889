"""What can be done to a records request. One verb each."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import operations as register
from crm.contracts import queries as contracts
from crm.contracts.operations import Facts
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.procurements.models import Procurement
from crm.records import queries
from crm.records.models import REFUSALS, RecordsRequest, RequestChannel, RequestOutcome
from crm.rules.contracts import ContractKind
from crm.rules.law.records import refusal_appeal_deadline
from crm.rules.law.values import LawValues
from crm.rules.records_letter import RequestKind
from crm.search import operations as search
from crm.web import filters

REPLANNED = "records_request"


def ask(
    organisation: Organisation,
    *,
    title: str,
    kind: RequestKind,
    asked: str,
    asked_on: date,
    channel: RequestChannel,
    sent_to: str,
    reference: str,
    follow_up_on: date | None,
    procurement: Procurement | None = None,
    case: Case | None = None,
    by: User,
    today: date,
    now: datetime,
) -> RecordsRequest:
    """Write down what was asked; `by` is who follows it up.

    Raises RuleBroken for a day to come, a follow-up before the request, or a procurement or case of
    another body.
    """
    _check_days(asked_on, follow_up_on, today)
    for about in (procurement, case):
        if about is not None and about.body_id != organisation.body_id:
            raise RuleBroken(_("%(title)s belongs to another body.", title=about.title))
    request = RecordsRequest(
        title=title,
        kind=kind,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        procurement_id=procurement.id if procurement else None,
        case_id=case.id if case else None,
        asked=asked,
        asked_on=asked_on,
        channel=channel,
        sent_to=sent_to,
        reference=reference,
        owner_id=by.id,
        follow_up_on=follow_up_on,
        created_at=now,
    )
    db.session.add(request)
    db.session.flush()
    reindex([request.id])
    _tell(request, organisation, "records_asked", by, now)
    return request


def edit(
    request: RecordsRequest,
    *,
    title: str,
    asked: str,
    asked_on: date,
    channel: RequestChannel,
    sent_to: str,
    reference: str,
    follow_up_on: date | None,
    today: date,
) -> None:
    """Put right what was written down, or follow up on another day. Raises RuleBroken as `ask`."""
    _check_days(asked_on, follow_up_on, today)
    if request.answered_on is not None and request.answered_on < asked_on:
        raise RuleBroken(_("It was answered before that day."))
    request.title = title
    request.asked = asked
    request.asked_on = asked_on
    request.channel = channel
    request.sent_to = sent_to
    request.reference = reference
    request.follow_up_on = follow_up_on
    db.session.flush()
    reindex([request.id])
    needs_planning(request.body_id, REPLANNED)


def give_to(request: RecordsRequest, owner: User) -> None:
    """Who follows the request up; its follow-up and its appeal day remind this colleague."""
    request.owner_id = owner.id
    needs_planning(request.body_id, REPLANNED)


def reindex(ids: Collection[int]) -> None:
    """Put these into the search index anew: by title and their number (diarienummer)."""
    search.put_many(
        search.Doc(
            kind="request",
            ref_id=one.id,
            title=one.title,
            subtitle=one.organisation.title,
            path=one.organisation.path,
            organisation_id=one.organisation_id,
            body_id=one.body_id,
            own=one.reference,
        )
        for one in queries.to_index(ids)
    )


def _check_days(asked_on: date, follow_up_on: date | None, today: date) -> None:
    if asked_on > today:
        raise RuleBroken(_("Choose today or an earlier day for when it was asked."))
    if follow_up_on is not None and follow_up_on < asked_on:
        raise RuleBroken(_("The day of follow-up comes before the request."))


def answer(
    request: RecordsRequest,
    *,
    answered_on: date | None,
    outcome: RequestOutcome | None,
    fee_ore: int | None,
    secrecy_note: str,
    refused_on: date | None,
    appeal_settled: bool,
    facts: str,
    files: str,
    values: LawValues,
    by: User,
    today: date,
    now: datetime,
) -> None:
    """What came of it; without a day and an outcome, no answer after all.

    After a refusal, whole or in part, the last day to appeal is worked out from the day we were
    told (TF 2 kap. 19 §). Raises RuleBroken for one of day and outcome without the other, days to
    come or before the request, and a day of refusal without a refusal.
    """
    if (answered_on is None) != (outcome is None):
        raise RuleBroken(_("Give both the day of the answer and what it was, or neither."))
    for day in (answered_on, refused_on):
        if day is not None and day > today:
            raise RuleBroken(_("Choose today or an earlier day."))
        if day is not None and day < request.asked_on:
            raise RuleBroken(_("That day comes before the request."))
    if refused_on is not None and outcome not in REFUSALS:
        raise RuleBroken(_("There is a day of refusal only where something was refused."))
    is_news = request.outcome is not outcome and outcome is not None
    request.answered_on, request.outcome = answered_on, outcome
    request.fee_ore, request.secrecy_note = fee_ore, secrecy_note
    if request.refused_on != refused_on:
        request.appeal_by = (
            None if refused_on is None else refusal_appeal_deadline(values, refused_on).value
        )
    request.refused_on = refused_on
    request.appeal_settled = appeal_settled and refused_on is not None
    request.facts, request.files = facts, files
    if is_news:
        organisation = db.session.get_one(Organisation, request.organisation_id)
        _tell(request, organisation, "records_answered", by, now)
    needs_planning(request.body_id, REPLANNED)


def _require_after_award(request: RecordsRequest, ends_on: date | None) -> None:
    """Raises RuleBroken where the contract that was awarded would end before its award."""
    if ends_on is None or request.procurement_id is None or request.kind is not RequestKind.AWARD:
        return
    award = queries.award_day(request.procurement_id)
    if award is not None and award.known_on is not None and ends_on < award.known_on:
        raise RuleBroken(
            _(
                "The contract would end before it was awarded on %(day)s.",
                day=filters.day(award.known_on),
            )
        )


def to_register(
    request: RecordsRequest,
    *,
    supplier: str,
    value_ore: int | None,
    ends_on: date | None,
    options: Sequence[int] = (),
    notice_months: int | None = None,
    by: User,
    today: date,
    now: datetime,
) -> None:
    """What the answer tells of the contract, in the register with the answer as its source (D14).

    `options` are the months of each that it can be prolonged by. The same answer is the same
    contract, however often it is saved. Raises RuleBroken for anything of it without a supplier,
    for one without an answer, and as the register does.
    """
    told: dict[str, Any] = {
        "supplier": supplier,
        "value_ore": value_ore,
        "ends_on": ends_on,
        "notice_months": notice_months,
    }
    if not options and all(one in ("", None) for one in told.values()):
        return
    if not supplier:
        raise RuleBroken(_("Write who won as well: a contract in the register has a supplier."))
    if request.answered_on is None:
        raise RuleBroken(_("There is nothing to put in the register before there is an answer."))
    _require_after_award(request, ends_on)
    if request.contract_id is not None:
        contract = contracts.get(request.contract_id)
        known = {field.name: getattr(contract, field.name) for field in fields(Facts)}
        if any(known[name] != value for name, value in told.items()):
            register.edit(contract, Facts(**known | told), today=today)
        register.set_options(contract, options)
        return
    organisation = db.session.get_one(Organisation, request.organisation_id)
    source = _(
        "Answer to a records request (allmän handling), %(day)s",
        day=request.answered_on.isoformat(),
    )
    case = cases.get(request.case_id) if request.case_id is not None else None
    contract = register.add(
        organisation,
        Facts(
            kind=ContractKind.OTHER,
            title=request.title,
            source=f"{source}, {request.reference}" if request.reference else source,
            reference=request.reference,
            product_id=case.products[0].id if case is not None and case.products else None,
            **told,
        ),
        options=options,
        by=by,
        today=today,
        now=now,
    )
    request.contract_id = contract.id


def _tell(
    request: RecordsRequest, organisation: Organisation, event: str, by: User, now: datetime
) -> None:
    record(
        ActivityKind.PROCUREMENT,
        organisation,
        now=now,
        by=by,
        event=event,
        case_id=request.case_id,
        title=request.title,
        request_id=request.id,
        outcome=request.outcome.value if request.outcome else "",
    )
    needs_planning(request.body_id, REPLANNED)
