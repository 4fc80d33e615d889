"""Gather the facts that planning needs from every domain below. Reads, in a handful of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.budgets import queries as budgets
from crm.budgets.models import PauseKind
from crm.cases import queries as cases
from crm.cases.models import Case, StageChange, Track, Wait
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.reminders.models import Reminder
from crm.rules.budget_cycle import Practice
from crm.rules.kinds import BODY_KINDS
from crm.rules.quiet import Audience, Quiet, own_quiet
from crm.rules.reminders import (
    BodyFacts,
    CaseFacts,
    Existing,
    Planned,
    moved_from_json,
)
from crm.rules.stages import CaseState, resolve_event


@dataclass(frozen=True, slots=True)
class Gathered:
    """One body's facts for the planner, and who is told when a case has no owner."""

    body: BodyFacts
    cases: tuple[CaseFacts, ...]
    rows: dict[int, Case]
    practices: dict[int, Practice]  # by case, since a unit may have dates of its own
    owner_id: int | None


def gather(body_ids: Sequence[int], *, today: date) -> list[Gathered]:
    """Facts of these bodies. Eight statements, whatever their number."""
    bodies = db.session.scalars(
        sa.select(Organisation).where(Organisation.id.in_(body_ids)).order_by(Organisation.id)
    ).all()
    planning = cases.for_planning(body_ids)
    units = {row.unit.id: row.unit for rows in planning.values() for row in rows}
    nodes = {body.id: body for body in bodies} | units
    known = budgets.known_of_many(list(nodes.values()))
    pauses = budgets.pauses_of(nodes)
    since = _waiting_since([row.case.id for rows in planning.values() for row in rows])
    awake = _awake_since([row.case.id for rows in planning.values() for row in rows])
    found = []
    for body in bodies:
        freezes = tuple(
            (pause.starts_on, pause.ends_on, pause.note)
            for pause in pauses.get(body.id, ())
            if pause.kind is PauseKind.FREEZE
        )
        quiet: list[Quiet] = [
            own_quiet(pause.starts_on, pause.ends_on, pause.note)
            for pause in pauses.get(body.id, ())
            if pause.kind is PauseKind.QUIET and pause.ends_on is not None
        ]
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
                    own_quiet=tuple(quiet),
                ),
                cases=tuple(
                    _facts(row, since.get(row.case.id), awake.get(row.case.id)) for row in rows
                ),
                rows={row.case.id: row.case for row in rows},
                practices={row.case.id: known[row.unit.id].practice for row in rows},
                owner_id=body.owner_id,
            )
        )
    return found


def _facts(row: cases.PlanningRow, since: date | None, awake: date | None) -> CaseFacts:
    case = row.case
    return CaseFacts(
        case_id=case.id,
        organisation_id=case.organisation_id,
        opened_on=case.opened_on,
        unit_name="" if row.unit.kind in BODY_KINDS else row.unit.title,
        audience=budgets.audience_of(row.unit),
        adoption_stage=case.adoption,
        procurement_stage=case.procurement,
        state=case.state,
        wait_until=case.wait_until,
        wait_event=case.wait_event,
        waiting_since=since,
        awake_since=awake,
        owner_id=case.owner_id,
        next_step_on=case.next_step_on,
        next_step_text=case.next_step,
        contract_ends_on=case.contract_ends_on,
        open_ask_on=case.ask_open_on,
        unanswered_asks=case.unanswered_asks,
        price_shared=case.price_shared_on is not None,
        champion_name=row.champion,
        handles_personal_data=case.handles_personal_data,
        pub_status=case.pub_status,
        has_framework=case.has_framework,
    )


def _waiting_since(case_ids: Iterable[int]) -> dict[int, date]:
    found = db.session.execute(
        sa.select(Wait.case_id, sa.func.max(Wait.began_on))
        .where(Wait.case_id.in_(list(case_ids)), Wait.ended_on.is_(None))
        .group_by(Wait.case_id)
    )
    return {case_id: day for case_id, day in found}


def _awake_since(case_ids: Iterable[int]) -> dict[int, date]:
    """The day each case last woke or was reopened; not the day it was opened."""
    found = db.session.execute(
        sa.select(StageChange.case_id, sa.func.max(StageChange.at))
        .where(
            StageChange.case_id.in_(list(case_ids)),
            StageChange.track == Track.STATE,
            StageChange.after == CaseState.OPEN.value,
            StageChange.before != "",
        )
        .group_by(StageChange.case_id)
    )
    return {case_id: clock.local(at).date() for case_id, at in found}


def keep_waits_current(gathered: Gathered) -> None:
    """A wait for an event follows the event: the stored day is the one it falls on now."""
    for facts in gathered.cases:
        if facts.state is not CaseState.WAITING or facts.wait_event is None:
            continue
        start = facts.waiting_since or facts.opened_on
        when = resolve_event(
            facts.wait_event, gathered.practices[facts.case_id], facts.audience, start
        )
        case = gathered.rows[facts.case_id]
        if when is not None and case.wait_until != when.day:
            case.wait_until = when.day


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
    )


def audience_and_practice(organisation: Organisation) -> tuple[Audience, Practice]:
    """Whose terms hold at this organisation, and which calendar, inherited."""
    return budgets.audience_of(organisation), budgets.practice_of(organisation)
