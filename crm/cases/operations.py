"""What can be done to a case. One verb each; each leaves its line in the account's story."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.cases.models import (
    Case,
    CasePerson,
    CaseProduct,
    CaseUnit,
    InquiryCase,
    Product,
    StageChange,
    Track,
    UnitUse,
    Wait,
)
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.people.operations import Left, when_left
from crm.rules.functions import guess_roles
from crm.rules.precision import ExpectedDate
from crm.rules.stages import (
    OUTCOME_REASONS,
    AdoptionStage,
    CaseRole,
    CaseState,
    LightPurpose,
    Outcome,
    ProcurementStage,
    PubStatus,
    WaitReason,
    WakeEvent,
)
from crm.search import operations as search


def open_case(
    organisation: Organisation,
    *,
    title: str,
    inquiry: Inquiry | None = None,
    person: Person | None = None,
    person_title: str = "",
    products: Sequence[Product] = (),
    owner: User | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> Case:
    """Open a case at `organisation`. An inquiry gives its person, and the link is kept both ways.

    The person becomes a user of the product in the case, with the roles that the title suggests.
    """
    if organisation.closed_on is not None:
        raise RuleBroken(
            _("%(name)s is closed. Open the case at what took its place.", name=organisation.title)
        )
    holder = owner or by
    case = Case(
        title=title,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        owner_id=holder.id if holder else None,
        state=CaseState.OPEN,
        adoption=AdoptionStage.CURIOUS,
        procurement=ProcurementStage.NONE,
        opened_on=today,
        created_at=now,
        pub_status=PubStatus.NONE,
        unanswered_asks=0,
    )
    db.session.add(case)
    db.session.flush()
    db.session.add(CaseUnit(case_id=case.id, organisation_id=organisation.id, joined_on=today))
    for product in products:
        db.session.add(CaseProduct(case_id=case.id, product_id=product.id))
    if inquiry is not None:
        db.session.add(InquiryCase(inquiry_id=inquiry.id, case_id=case.id))
    if person is not None:
        for role in dict.fromkeys((CaseRole.USER, *guess_roles(person_title))):
            _hold(case, person.id, role, today)
    _index(case, organisation)
    _state(case, "", CaseState.OPEN, by, now)
    record(
        ActivityKind.CASE,
        organisation,
        now=now,
        by=by,
        case_id=case.id,
        person_id=person.id if person else None,
        inquiry_id=inquiry.id if inquiry else None,
        event="case_opened",
        title=title,
    )
    needs_planning(case.body_id, "case_opened")
    return case


def link_inquiry(case: Case, inquiry: Inquiry) -> None:
    """One inquiry may feed several cases; linking twice changes nothing."""
    if db.session.get(InquiryCase, (inquiry.id, case.id)) is None:
        db.session.add(InquiryCase(inquiry_id=inquiry.id, case_id=case.id))


def edit(
    case: Case,
    *,
    title: str,
    owner_id: int | None,
    value_ore: int | None,
    expected: ExpectedDate | None,
    handles_personal_data: bool | None,
    pub_status: PubStatus,
    has_framework: bool,
    price_shared_on: date | None,
    contract_ends_on: date | None,
    contract_source: str,
    product_ids: Sequence[int],
) -> None:
    """Save the facts of the case. The money is whole öre, excluding VAT.

    A contract's last day that the register keeps stays as it is there.
    """
    _require_own_contract(case, contract_ends_on, contract_source)
    if case.title != title:
        case.title = title
        _index(case, db.session.get_one(Organisation, case.organisation_id))
    case.owner_id = owner_id
    case.value_ore = value_ore
    case.expected_first = expected.first_day if expected else None
    case.expected_last = expected.last_day if expected else None
    case.expected_precision = expected.precision if expected else None
    case.handles_personal_data = handles_personal_data
    case.pub_status = pub_status
    case.has_framework = has_framework
    case.price_shared_on = price_shared_on
    if not case.contract_kept:
        case.contract_ends_on, case.contract_source = contract_ends_on, contract_source
    _set_products(case, product_ids)
    needs_planning(case.body_id, "case_edited")


def _require_own_contract(case: Case, ends_on: date | None, source: str) -> None:
    """A last day needs a source, and is not typed over where the contract register keeps it."""
    if ends_on is not None and not source:
        raise RuleBroken(_("Say where the contract's last day is known from."))
    if case.contract_kept and ends_on not in (None, case.contract_ends_on):
        raise RuleBroken(_("The contract register keeps the contract's last day. Change it there."))


def keep_contract(case: Case, ends_on: date | None, source: str) -> None:
    """The contract register says when the case's contract ends, from here on (decision 38)."""
    case.contract_ends_on, case.contract_source, case.contract_kept = ends_on, source, True
    needs_planning(case.body_id, "contract_changed")


def let_go_of_contract(case: Case) -> None:
    """No contract of the register is the case's any more: the day stands as it was told last."""
    case.contract_kept = False


def set_owner(case: Case, owner: User) -> None:
    """Somebody else's from here on; its pending reminders go along."""
    case.owner_id = owner.id
    needs_planning(case.body_id, "owner_changed")


def answer_personal_data(case: Case, handles: bool) -> None:
    """Whether the pilot handles personal data, as the pilot gate R9 asks."""
    case.handles_personal_data = handles
    needs_planning(case.body_id, "case_edited")


def _set_products(case: Case, product_ids: Sequence[int]) -> None:
    present = {
        row.product_id: row
        for row in db.session.scalars(sa.select(CaseProduct).where(CaseProduct.case_id == case.id))
    }
    for product_id in set(product_ids) - present.keys():
        db.session.add(CaseProduct(case_id=case.id, product_id=product_id))
    for product_id in present.keys() - set(product_ids):
        db.session.delete(present[product_id])


def move_adoption(
    case: Case,
    stage: AdoptionStage,
    *,
    note: str = "",
    by: User | None,
    now: datetime,
) -> None:
    """Move on the adoption track, forwards or backwards; the procurement track stays."""
    if stage is case.adoption:
        return
    before, case.adoption = case.adoption, stage
    _move(case, Track.ADOPTION, before, stage, note, by, now)


def move_procurement(
    case: Case,
    stage: ProcurementStage,
    *,
    note: str = "",
    by: User | None,
    now: datetime,
) -> None:
    """Move on the procurement track; the adoption track stays."""
    if stage is case.procurement:
        return
    before, case.procurement = case.procurement, stage
    _move(case, Track.PROCUREMENT, before, stage, note, by, now)


def _move(
    case: Case, track: Track, before: str, after: str, note: str, by: User | None, now: datetime
) -> None:
    _require_not_closed(case)
    db.session.add(
        StageChange(
            case_id=case.id,
            track=track,
            before=str(before),
            after=str(after),
            at=now,
            by_id=by.id if by else None,
            note=note,
        )
    )
    _tell(
        case,
        ActivityKind.STAGE,
        f"{track.value}_moved",
        by,
        now,
        text=note,
        before=str(before),
        after=str(after),
    )
    needs_planning(case.body_id, f"{track.value}_moved")


def put_to_wait(
    case: Case,
    reason: WaitReason,
    *,
    until: date | None = None,
    event: WakeEvent | None = None,
    event_on: date | None = None,
    note: str = "",
    light_every: int | None = None,
    light_purpose: LightPurpose = LightPurpose.SEASON,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """Wait with a reason, until a day or an event of the buyer's year (D7).

    `event_on` is the day the event falls on as computed now; the plan keeps it current.
    `light_every` asks for light contacts meanwhile, so many months apart (E10).
    """
    _require_not_closed(case)
    if until is None and event is None:
        raise RuleBroken(_("Say until when: a day, or an event in the buyer's year."))
    if until is not None and event is None and until <= today:
        raise RuleBroken(_("Choose a day after today to wait until."))
    _end_wait(case, today)
    before = case.state
    case.state = CaseState.WAITING
    case.wait_reason, case.wait_event = reason, event
    case.wait_until = event_on if event is not None else until
    db.session.add(
        Wait(
            case_id=case.id,
            reason=reason,
            event=event,
            until=case.wait_until,
            note=note,
            light_every=light_every,
            light_purpose=light_purpose if light_every is not None else None,
            began_on=today,
            by_id=by.id if by else None,
        )
    )
    _state(case, before, CaseState.WAITING, by, now)
    _tell(
        case,
        ActivityKind.CASE,
        "case_waiting",
        by,
        now,
        text=note,
        reason=reason.value,
        wake_event=event.value if event else "",
        until=case.wait_until.isoformat() if case.wait_until else "",
    )
    needs_planning(case.body_id, "case_waiting")


def wake(case: Case, *, by: User | None, today: date, now: datetime) -> None:
    """End the waiting; the history of it stays."""
    if case.state is not CaseState.WAITING:
        return
    _end_wait(case, today)
    case.state = CaseState.OPEN
    case.wait_reason = case.wait_event = case.wait_until = None
    case.ask_open_on, case.unanswered_asks = None, 0
    _state(case, CaseState.WAITING, CaseState.OPEN, by, now)
    _tell(case, ActivityKind.CASE, "case_woken", by, now)
    needs_planning(case.body_id, "case_woken")


def wait_on(case: Case, *, by: User | None, now: datetime) -> None:
    """Undo a waking: the wait that ended last goes on as if it never had ended."""
    last = db.session.scalar(
        sa.select(Wait).where(Wait.case_id == case.id).order_by(Wait.id.desc()).limit(1)
    )
    if case.state is not CaseState.OPEN or last is None or last.ended_on is None:
        return
    last.ended_on = None
    case.state = CaseState.WAITING
    case.wait_reason, case.wait_event, case.wait_until = last.reason, last.event, last.until
    _state(case, CaseState.OPEN, CaseState.WAITING, by, now)
    _tell(
        case,
        ActivityKind.CASE,
        "case_waiting",
        by,
        now,
        reason=last.reason.value,
        wake_event=last.event.value if last.event else "",
        until=last.until.isoformat() if last.until else "",
    )
    needs_planning(case.body_id, "case_waiting")


def close(
    case: Case,
    outcome: Outcome,
    *,
    reason: str,
    note: str = "",
    contract_ends_on: date | None = None,
    contract_source: str = "",
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """Close with an outcome and one of its reasons (D8). Next steps and history stay."""
    _require_not_closed(case)
    if reason not in OUTCOME_REASONS[outcome]:
        raise RuleBroken(_("Choose a reason that belongs to the outcome."))
    _require_own_contract(case, contract_ends_on, contract_source)
    before = case.state
    _end_wait(case, today)
    case.state = CaseState.CLOSED
    case.wait_reason = case.wait_event = case.wait_until = None
    case.ask_open_on, case.unanswered_asks = None, 0
    case.outcome, case.outcome_reason, case.outcome_note = outcome, reason, note
    case.closed_on = today
    if contract_ends_on is not None and not case.contract_kept:
        case.contract_ends_on, case.contract_source = contract_ends_on, contract_source
    _state(case, before, CaseState.CLOSED, by, now, note)
    _tell(
        case,
        ActivityKind.CASE,
        "case_closed",
        by,
        now,
        text=note,
        outcome=outcome.value,
        reason=reason,
    )
    needs_planning(case.body_id, "case_closed")


def reopen(case: Case, *, by: User | None, now: datetime) -> None:
    """Open a closed case again; how it had ended stays in its history."""
    if case.state is not CaseState.CLOSED:
        return
    case.state = CaseState.OPEN
    case.outcome, case.outcome_reason, case.outcome_note, case.closed_on = None, "", "", None
    _state(case, CaseState.CLOSED, CaseState.OPEN, by, now)
    _tell(case, ActivityKind.CASE, "case_reopened", by, now)
    needs_planning(case.body_id, "case_reopened")


def set_next_step(case: Case, text: str, on: date | None, *, by: User | None) -> None:
    """Our own promise and its day; empty takes it away."""
    if bool(text) != (on is not None):
        raise RuleBroken(_("A next step needs both what and when."))
    case.next_step, case.next_step_on = text, on
    needs_planning(case.body_id, "next_step")


def keep_promise(case: Case, *, by: User | None, now: datetime) -> None:
    """The next step is taken: it leaves the case, and its line stays in the story."""
    if not case.next_step:
        return
    _tell(case, ActivityKind.CASE, "promise_kept", by, now, step=case.next_step)
    set_next_step(case, "", None, by=by)


def join_unit(
    case: Case,
    organisation: Organisation,
    *,
    in_use: bool = False,
    value_ore: int | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> CaseUnit:
    """Another unit takes part (D12). It must belong to the same body."""
    if organisation.body_id != case.body_id:
        raise RuleBroken(
            _("%(name)s belongs to another body. Open a case there.", name=organisation.title)
        )
    found = db.session.scalar(
        sa.select(CaseUnit).where(
            CaseUnit.case_id == case.id, CaseUnit.organisation_id == organisation.id
        )
    )
    if found is None:
        if organisation.closed_on is not None:
            raise RuleBroken(
                _("%(name)s is closed. Choose what took its place.", name=organisation.title)
            )
        found = CaseUnit(case_id=case.id, organisation_id=organisation.id, joined_on=today)
        db.session.add(found)
        record(
            ActivityKind.CASE,
            organisation,
            now=now,
            by=by,
            case_id=case.id,
            event="unit_joined",
            title=case.title,
        )
    found.in_use, found.value_ore = in_use, value_ore
    _note_use(case.id, organisation.id, in_use, today)
    return found


def _note_use(case_id: int, organisation_id: int, in_use: bool, today: date) -> None:
    """The use begins or ends today, and what was before stays. What ends on the day on which it
    began was a slip."""
    last = db.session.scalar(
        sa.select(UnitUse)
        .where(UnitUse.case_id == case_id, UnitUse.organisation_id == organisation_id)
        .order_by(UnitUse.used_from.desc())
        .limit(1)
    )
    goes_on = last is not None and last.used_until is None
    if in_use is goes_on:
        return
    if last is None or (in_use and last.used_until != today):
        db.session.add(UnitUse(case_id=case_id, organisation_id=organisation_id, used_from=today))
    elif in_use:
        last.used_until = None
    elif last.used_from >= today:
        db.session.delete(last)
    else:
        last.used_until = today
    db.session.flush()


def leave_unit(unit: CaseUnit, case: Case, *, today: date) -> None:
    """A unit no longer takes part. The one where the case began stays."""
    if unit.organisation_id == case.organisation_id:
        raise RuleBroken(_("The case began at this unit, so it stays."))
    _note_use(case.id, unit.organisation_id, in_use=False, today=today)
    db.session.delete(unit)


def roles_by_title(title: str) -> tuple[CaseRole, ...]:
    """A first guess, for a person to change: what the title says, or else a user (C1)."""
    return guess_roles(title) or (CaseRole.USER,)


def set_role(
    case: Case, person: Person, role: CaseRole, *, by: User | None, today: date, now: datetime
) -> None:
    """Give a person a role in the case from today; one person may hold several (C1)."""
    if _hold(case, person.id, role, today):
        _tell(
            case,
            ActivityKind.CASE,
            "role_given",
            by,
            now,
            person_id=person.id,
            role=role.value,
            name=person.name,
        )


def end_role(
    held: CasePerson, *, case: Case, name: str, by: User | None, today: date, now: datetime
) -> None:
    """The person no longer holds the role; the row stays with its last day."""
    if held.ended_on is not None:
        return
    held.ended_on = max(today, held.started_on)
    _tell(
        case,
        ActivityKind.CASE,
        "role_ended",
        by,
        now,
        person_id=held.person_id,
        role=held.role.value,
        name=name,
    )


def person_left(
    person: Person, body_id: int, *, by: User | None, today: date, now: datetime
) -> list[Case]:
    """End the roles of somebody who left the body; returns the cases that now miss a successor."""
    rows = db.session.execute(
        sa.select(CasePerson, Case)
        .join(Case, Case.id == CasePerson.case_id)
        .where(
            CasePerson.person_id == person.id,
            CasePerson.ended_on.is_(None),
            Case.body_id == body_id,
        )
    ).all()
    missing: dict[int, Case] = {}
    roles: dict[int, set[CaseRole]] = {}
    for held, case in rows:
        held.ended_on = max(today, held.started_on)
        if case.state is not CaseState.CLOSED:
            missing[case.id] = case
            roles.setdefault(case.id, set()).add(held.role)
    for case in missing.values():
        _tell(
            case,
            ActivityKind.CASE,
            "successor_needed",
            by,
            now,
            person_id=person.id,
            roles=[role.value for role in CaseRole if role in roles[case.id]],
            name=person.name,
        )
    if missing:
        needs_planning(body_id, "person_left")
    return list(missing.values())


@when_left
def _person_left(left: Left) -> set[CaseRole]:
    """Told by people: whoever leaves a body leaves the roles in its cases too (A7)."""
    body_id = left.organisation.body_id
    if not left.left_body or body_id is None:
        return set()
    roles = sa.select(CasePerson.role).join(Case, Case.id == CasePerson.case_id)
    held = db.session.scalars(
        roles.where(
            CasePerson.person_id == left.person.id,
            CasePerson.ended_on.is_(None),
            Case.body_id == body_id,
        )
    )
    ended = set(held)
    person_left(left.person, body_id, by=left.by, today=left.on, now=left.now)
    return ended


def ask(case: Case, *, today: date) -> None:
    """We have asked somebody at the buyer; from now on there is one open ask (R14)."""
    case.ask_open_on = today
    needs_planning(case.body_id, "asked")


def answered(case: Case) -> None:
    """They answered: the ask is settled and the count starts anew."""
    case.ask_open_on, case.unanswered_asks = None, 0
    needs_planning(case.body_id, "answered")


def take_back_ask(case: Case) -> None:
    """We had not asked after all; earlier asks without an answer still count."""
    case.ask_open_on = None
    needs_planning(case.body_id, "ask_taken_back")


def unanswered(case: Case) -> None:
    """The ask went unanswered once; another may be made, in its time."""
    case.ask_open_on = None
    case.unanswered_asks += 1
    needs_planning(case.body_id, "unanswered")


def add_product(name: str) -> Product:
    """A product we sell; a retired one with the same name comes back."""
    found = db.session.scalar(sa.select(Product).where(Product.name == name))
    if found is None:
        found = Product(name=name)
        db.session.add(found)
    found.retired = False
    return found


def rename_product(product: Product, name: str) -> None:
    """Two products cannot be called the same."""
    if name != product.name and db.session.scalar(
        sa.select(sa.exists().where(Product.name == name, Product.id != product.id))
    ):
        raise RuleBroken(_("There is a product called %(name)s already.", name=name))
    product.name = name


def retire_product(product: Product, retired: bool = True) -> None:
    """No longer offered for new cases; those that have it keep it."""
    product.retired = retired


def _require_not_closed(case: Case) -> None:
    if case.state is CaseState.CLOSED:
        raise RuleBroken(_("The case is closed. Reopen it first; its history stays."))


def _hold(case: Case, person_id: int, role: CaseRole, today: date) -> bool:
    """False if the person holds the role already."""
    held = db.session.scalar(
        sa.select(CasePerson).where(
            CasePerson.case_id == case.id,
            CasePerson.person_id == person_id,
            CasePerson.role == role,
            sa.or_(CasePerson.ended_on.is_(None), CasePerson.started_on == today),
        )
    )
    if held is not None:
        ended = held.ended_on is not None
        held.ended_on = None
        return ended
    db.session.add(CasePerson(case_id=case.id, person_id=person_id, role=role, started_on=today))
    return True


def _end_wait(case: Case, today: date) -> None:
    for wait in db.session.scalars(
        sa.select(Wait).where(Wait.case_id == case.id, Wait.ended_on.is_(None))
    ):
        wait.ended_on = today


def _index(case: Case, organisation: Organisation) -> None:
    """Found by its title, together with the names of where it is."""
    search.put(_doc(case, organisation))


def reindex(ids: Collection[int]) -> None:
    """Put these into the search index anew: where they are has another name or place."""
    rows = sa.select(Case).where(Case.id.in_(ids)).options(joinedload(Case.organisation))
    search.put_many([_doc(case, case.organisation) for case in db.session.scalars(rows)])


def _doc(case: Case, organisation: Organisation) -> search.Doc:
    return search.Doc(
        kind="case",
        ref_id=case.id,
        title=case.title,
        subtitle=organisation.title,
        path=organisation.path,
        organisation_id=organisation.id,
        body_id=organisation.body_id,
    )


def _state(
    case: Case, before: str, after: CaseState, by: User | None, now: datetime, note: str = ""
) -> None:
    closed = after is CaseState.CLOSED
    db.session.add(
        StageChange(
            case_id=case.id,
            track=Track.STATE,
            before=str(before),
            after=after.value,
            at=now,
            by_id=by.id if by else None,
            note=note,
            outcome=case.outcome if closed else None,
            outcome_reason=case.outcome_reason if closed else "",
        )
    )


def _tell(
    case: Case,
    kind: ActivityKind,
    event: str,
    by: User | None,
    now: datetime,
    *,
    text: str = "",
    person_id: int | None = None,
    **data: Any,
) -> None:
    organisation = db.session.get_one(Organisation, case.organisation_id)
    record(
        kind,
        organisation,
        now=now,
        by=by,
        text=text,
        person_id=person_id,
        case_id=case.id,
        event=event,
        title=case.title,
        **data,
    )
