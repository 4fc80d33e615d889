"""Gather the facts that planning needs from every domain below, in a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from crm.accounts.models import User
from crm.budgets import queries as budgets
from crm.budgets.models import Pause, PauseKind
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.champions import queries as champions
from crm.contracts import queries as contracts
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.procurements import queries as procurements
from crm.records import queries as records
from crm.reminders import contacts
from crm.reminders.models import Reminder
from crm.rules.budget_cycle import Practice
from crm.rules.kinds import BODY_KINDS
from crm.rules.milestones import LaidOut
from crm.rules.quiet import Audience, Quiet, own_freeze
from crm.rules.reminder_facts import OccasionFacts
from crm.rules.reminders import (
    BodyFacts,
    CaseFacts,
    Contacted,
    Existing,
    Planned,
    contract_of,
    moved_from_json,
)
from crm.rules.stages import CaseState, resolve_event
from crm.rules.tendering import TenderDays
from crm.tenders import queries as tenders
from crm.trials import queries as trials


@dataclass(frozen=True, slots=True)
class Gathered:
    """One body's facts for the planner, and who is told when a case has no owner."""

    body: BodyFacts
    cases: tuple[CaseFacts, ...]
    titles: Mapping[int, str]  # of the cases; nothing is planned by them

    @property
    def audience(self) -> Audience:
        """Of the body itself."""
        return self.body.audience

    @property
    def owner_id(self) -> int | None:
        """Who looks after the body."""
        return self.body.owner_id

    @property
    def body_id(self) -> int:
        return self.body.organisation_id

    def terms(self, case_id: int | None) -> tuple[Practice, Audience]:
        """By which calendar, and on whose terms, a case lives; without a case the body itself."""
        facts = next((facts for facts in self.cases if facts.case_id == case_id), None)
        if facts is None:
            return self.body.practice, self.audience
        return facts.practice or self.body.practice, facts.audience


def gather(which: Sequence[int] | sa.Select[int], away: frozenset[int]) -> list[Gathered]:
    """Facts of these bodies, or of those that a query finds. Ten statements, however many."""
    last_closed = (
        sa.select(sa.func.max(Case.closed_on))
        .where(Case.body_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )
    found_bodies = db.session.execute(
        sa.select(Organisation, last_closed)
        .where(Organisation.id.in_(which))
        .order_by(Organisation.id)
    )
    closed_on = {body: day for body, day in found_bodies}
    bodies = list(closed_on)
    body_ids = [body.id for body in bodies]
    laid_out, falling_due = tenders.for_planning(body_ids)
    registered = contracts.for_planning(body_ids)
    alone = registered.alone
    planning = cases.for_planning(body_ids, also=laid_out)
    units = {row.unit.id: row.unit for rows in planning.values() for row in rows}
    units |= {one.organisation_id: one.organisation for some in alone.values() for one in some}
    nodes = {body.id: body for body in bodies} | units
    known = budgets.known_of_many(list(nodes.values()))
    pauses: dict[int, list[Pause]] = {}
    for pause in {one.id: one for each in known.values() for one in each.pauses}.values():
        pauses.setdefault(pause.organisation_id, []).append(pause)
    made = _contacts_made(body_ids, planning)
    out = procurements.out_at(body_ids)
    noted = db.session.execute(
        records.planning_rows(body_ids).union_all(
            champions.planning_rows(body_ids), trials.planning_rows(body_ids)
        )
    ).all()
    requests, occasions = records.read_planned(noted), champions.read_planned(noted)
    pilots = trials.read_planned(noted)
    found = []
    for body in bodies:
        freezes = tuple(
            (pause.starts_on, pause.ends_on, pause.note)
            for pause in pauses.get(body.id, ())
            if pause.kind is PauseKind.FREEZE
        )
        rows = planning.get(body.id, [])
        found.append(
            Gathered(
                body=BodyFacts(
                    organisation_id=body.id,
                    name=body.title,
                    kind=budgets.body_kind(body.kind),
                    practice=known[body.id].practice,
                    county_code=body.county_code,
                    freezes=freezes,
                    deficit_until_year=known[body.id].deficit_until,
                    own_quiet=_quiet(pauses, [body.id], freezes=False),
                    owner_id=None if body.owner_id in away else body.owner_id,
                    contacts_made=made.get(body.id, ()),
                    audience=budgets.audience_of(body),
                    last_case_closed_on=closed_on[body],
                    is_closed=body.closed_on is not None,
                    is_advertised=body.id in out.body_ids,
                    requests=tuple(
                        replace(one, owner_id=None) if one.owner_id in away else one
                        for one in requests.get(body.id, ())
                    ),
                    pilots=tuple(
                        replace(one, owner_id=None) if one.owner_id in away else one
                        for one in pilots.get(body.id, ())
                    ),
                    out=tuple(
                        replace(one, owner_id=None) if one.owner_id in away else one
                        for one in out.to_ask.get(body.id, ())
                    ),
                ),
                cases=tuple(
                    _facts(
                        row,
                        plan=laid_out.get(row.case.id),
                        tender=falling_due.get(row.case.id),
                        notice_on=registered.notices.get(row.case.id),
                        owner_id=None if row.case.owner_id in away else row.case.owner_id,
                        practice=_own(known[row.unit.id].practice, known[body.id].practice),
                        own_quiet=_quiet(pauses, _beneath(row.unit, body), freezes=True),
                        made=made.get(body.id, ()),
                        occasions=occasions.get(row.case.id, ()),
                    )
                    for row in rows
                )
                + tuple(
                    replace(
                        _contract(one, owner_id=None if body.owner_id in away else body.owner_id),
                        practice=_own(known[one.organisation_id].practice, known[body.id].practice),
                        own_quiet=_quiet(pauses, _beneath(one.organisation, body), freezes=True),
                    )
                    for one in alone.get(body.id, ())
                ),
                titles={row.case.id: row.case.title for row in rows},
            )
        )
    return found


def _beneath(unit: Organisation, body: Organisation) -> list[int]:
    """The unit and what stands between it and the body."""
    return [number for number in path_ids(unit) if number != body.id]


def _quiet(
    pauses: Mapping[int, Sequence[Pause]], ids: Iterable[int], *, freezes: bool
) -> tuple[Quiet, ...]:
    """What somebody recorded at these nodes: quiet periods and breaks, and freezes if asked."""
    found = []
    for pause in (pause for number in ids for pause in pauses.get(number, ())):
        if pause.kind is PauseKind.FREEZE and freezes:
            found.append(own_freeze(pause.starts_on, pause.ends_on, pause.note))
        elif pause.kind is not PauseKind.FREEZE:
            found.append(budgets.quiet_of(pause))
    return tuple(found)


def path_ids(node: Organisation) -> list[int]:
    """The ids from the body down to the node."""
    return [int(part) for part in node.path.strip("/").split("/") if part] or [node.id]


def _own(practice: Practice, of_body: Practice) -> Practice | None:
    """A unit's calendar where it says something else than its body's."""
    return None if practice == of_body else practice


def away() -> frozenset[int]:
    """Colleagues who have left. What was theirs falls to the body's owner, or to everybody.

    One statement.
    """
    return frozenset(db.session.scalars(sa.select(User.id).where(User.active.is_(False))))


def _facts(
    row: cases.PlanningRow,
    *,
    plan: LaidOut | None,
    tender: TenderDays | None,
    notice_on: date | None,
    owner_id: int | None,
    practice: Practice | None,
    own_quiet: tuple[Quiet, ...],
    made: Iterable[Contacted],
    occasions: tuple[OccasionFacts, ...],
) -> CaseFacts:
    case, contact = row.case, row.contact
    return CaseFacts(
        case_id=case.id,
        organisation_id=case.organisation_id,
        opened_on=case.opened_on,
        title=case.title,
        unit_name="" if row.unit.kind in BODY_KINDS else row.unit.title,
        audience=budgets.audience_of(row.unit),
        adoption_stage=case.adoption,
        procurement_stage=case.procurement,
        state=case.state,
        wait_until=case.wait_until,
        wait_event=case.wait_event,
        waiting_since=case.waiting_since,
        awake_since=clock.local(case.awake_at).date() if case.awake_at is not None else None,
        owner_id=owner_id,
        next_step_on=case.next_step_on,
        next_step_text=case.next_step,
        contract_ends_on=case.contract_ends_on,
        contract_notice_on=notice_on,
        open_ask_on=case.ask_open_on,
        unanswered_asks=case.unanswered_asks,
        price_shared=case.price_shared_on is not None,
        champion_name=row.champion,
        handles_personal_data=case.handles_personal_data,
        pub_status=case.pub_status,
        has_framework=case.has_framework,
        practice=practice,
        own_quiet=own_quiet,
        occasions=occasions,
        plan=plan,
        tender=tender,
        contact_id=contact.person_id if contact is not None else None,
        contact_name=contact.name if contact is not None else "",
        champion_left=row.champion_left,
        single=row.single,
        unheard=_unheard(row, made),
        light_every=case.light_every,
        light_purpose=case.light_purpose,
    )


def _unheard(
    row: cases.PlanningRow, made: Iterable[Contacted]
) -> tuple[tuple[str, ...], date] | None:
    """As the case has it, unless a reminder to contact one of them was done since then."""
    if row.unheard is None:
        return None
    names, since = row.unheard
    people = {one.person_id for one in row.held}
    return names, max([since, *(one.on for one in made if one.person_id in people)])


def _contract(row: Contract, *, owner_id: int | None) -> CaseFacts:
    unit = row.organisation
    return contract_of(
        row.id,
        unit.id,
        title=row.title,
        since=clock.local(row.created_at).date(),
        ends_on=row.runs_until or date.max,
        unit_name="" if unit.kind in BODY_KINDS else unit.title,
        audience=budgets.audience_of(unit),
        owner_id=owner_id,
        notice_on=row.awaited_notice,
    )


def _contacts_made(
    body_ids: Sequence[int], planning: Mapping[int, Sequence[cases.PlanningRow]]
) -> dict[int, tuple[Contacted, ...]]:
    """What was done lately with those whom the cases' contacts go to, by body; with anybody at a
    body where no case is in progress."""
    people = {
        body_id: {row.contact.person_id for row in rows if row.contact is not None}
        for body_id, rows in planning.items()
    }
    idle = {
        body_id
        for body_id in body_ids
        if all(row.case.state is CaseState.CLOSED for row in planning.get(body_id, ()))
    }
    known = {one for some in people.values() for one in some}
    made = contacts.made(known, body_ids=body_ids, with_anybody_at=idle)
    return {
        body_id: tuple(
            one
            for of_body, one in made
            if of_body == body_id or one.person_id in people.get(body_id, ())
        )
        for body_id in body_ids
    }


def keep_waits_current(gathered: Gathered) -> Gathered:
    """A wait for an event follows the event: the stored day is the one it falls on now.

    Returns the facts as they are after that.
    """
    cases = tuple(_kept_current(facts, gathered) for facts in gathered.cases)
    return replace(gathered, cases=cases) if cases != gathered.cases else gathered


def _kept_current(facts: CaseFacts, gathered: Gathered) -> CaseFacts:
    if facts.state is not CaseState.WAITING or facts.wait_event is None:
        return facts
    start = facts.waiting_since or facts.opened_on
    practice, audience = gathered.terms(facts.case_id)
    when = resolve_event(facts.wait_event, practice, audience, start)
    if when is None or facts.wait_until == when.day:
        return facts
    db.session.get_one(Case, facts.case_id).wait_until = when.day
    return replace(facts, wait_until=when.day)


def as_existing(row: Reminder) -> Existing:
    """The stored row as the rulebook takes it."""
    return Existing(
        key=row.key,
        state=row.state.value,
        due_on=row.due_on,
        event_start=row.event_start,
        kind=row.kind,
        case_id=row.case_id,
        snoozed_until=row.snoozed_until,
        snoozed_event=row.snoozed_event,
    )


def as_planned(row: Reminder) -> Planned:
    """The stored row as it was planned, to be explained in either language."""
    return Planned(
        key=row.key,
        rule_key=row.rule_key,
        rule_version=row.rule_version,
        kind=row.kind,
        case_id=row.case_id,
        organisation_id=row.organisation_id,
        owner_id=row.user_id,
        budget_year=row.budget_year,
        event_key=row.event_key,
        event_start=row.event_start,
        event_end=row.event_end,
        wanted_on=row.wanted_on,
        due_on=row.due_on,
        closes_on=row.closes_on,
        late=row.late,
        moved=moved_from_json(row.moved),
        certainty=row.certainty,
        source=row.source,
        law=row.law,
        shaped_by=tuple(row.shaped_by),
        params=row.params,
        person_id=row.person_id,
    )


def audience_and_practice(organisation: Organisation) -> tuple[Audience, Practice]:
    """Whose terms hold at this organisation, and which calendar, inherited."""
    return budgets.audience_of(organisation), budgets.practice_of(organisation)
