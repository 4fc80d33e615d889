"""What the engine promises, looked up in the database and reckoned without the planner.

Each check answers with sentences about what is wrong; none is as it should be. Quiet days and
windows come from the calendars, pauses and practices themselves, not from what was planned.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm.accounts import absences
from crm.accounts.models import User
from crm.budgets import queries as budgets
from crm.budgets.models import Pause, PauseKind
from crm.cases.models import Case, StageChange, Track
from crm.core import clock
from crm.core.db import db
from crm.core.pending import PlanRequest
from crm.organisations.models import Organisation
from crm.outbox.models import Letter
from crm.reminders import own, planning, queries, ruleset, sources
from crm.reminders.models import (
    OWN,
    WAITING_STATES,
    BodyPlan,
    Reminder,
    ReminderState,
)
from crm.rules import pace
from crm.rules.asks import ask_answer_by
from crm.rules.budget_cycle import Phase, decision, door, internal_budget
from crm.rules.calendar import eve_of, is_office_day
from crm.rules.certainty import Certainty
from crm.rules.quiet import Audience, quiet_periods
from crm.rules.reminder_facts import BodyFacts, CaseFacts
from crm.rules.reminder_rules import Anchor, Rule
from crm.rules.reminders import ReminderKind, explain
from crm.rules.stages import CaseState, ProcurementStage, is_published
from tests.simulation.world import Ledger

DAY = timedelta(days=1)
LOOK_AHEAD = 600  # days; the plan reaches 730, and a window's reminder may lie well before it
PUBLISHED = tuple(stage for stage in ProcurementStage if is_published(stage))
SETTLED = (ReminderState.DONE, ReminderState.DISMISSED)
_TABLE: Any = Reminder.__table__


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is, as far as its quiet days hang on it."""

    kind: Any
    audience: Audience
    county: str | None
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """One chance of a case to be in a budget. `rules` are those that speak of it."""

    case_id: int
    budget_year: int
    closes: date
    rules: frozenset[str]


@dataclass
class Promises:
    """The checks, with what they must remember from one day to the next."""

    ledger: Ledger
    told: Counter[str] = field(default_factory=Counter)  # how much was looked at
    last_look: datetime | None = None
    places: dict[int, Place] = field(default_factory=dict)
    pauses: dict[int, list[Pause]] = field(default_factory=dict)
    rows: int = 0
    known: set[int] = field(default_factory=set)
    closing: dict[date, list[Window]] = field(default_factory=lambda: defaultdict(list))
    round: int = 0

    def of_the_day(self, today: date, now: datetime, *, clock_runs: bool) -> list[str]:
        """Cheap checks of what is due, what was touched since the last look, and the counts."""
        unplanned = set(db.session.scalars(sa.select(PlanRequest.body_id).distinct()))
        self._read_pauses(today)
        found = [
            *self._published(unplanned),
            *self._one_ask(unplanned, today),
            *self._touched(unplanned, today),
            *self._waiting(unplanned, today),
            *self._of_accounts(unplanned),
            *self._doubled(),
            *self._lost(),
            *self._stood_in_for(today),
        ]
        if clock_runs:
            assert not unplanned, "the clock leaves nothing unplanned"
            found += [*self._in_quiet(today), *self._surfaced(today), *self._closing(today)]
        self.told["days looked at"] += 1
        self.last_look = now
        return found

    def of_the_month(self, today: date, now: datetime, body_ids: Sequence[int]) -> list[str]:
        """Everything: each window of each open case, each reminder anew, what people did."""
        facts = sources.gather(body_ids, sources.away())
        found = [
            *self._windows(today, facts),
            *self._paced(facts),
            *self._dealt_with(),
        ]
        self._contacts_of_people()
        self.round += 1
        some = [one for one in body_ids if one % 12 == self.round % 12]
        found += self._planned_from_nothing(some, today, now)
        self.told["whole looks"] += 1
        return found

    # Quiet days, from the calendars

    def _read_pauses(self, today: date) -> None:
        """Those of late: a school's own break says that it has no other this year."""
        self.pauses = {}
        rows = db.session.scalars(
            sa.select(Pause).where(
                sa.or_(Pause.ends_on.is_(None), Pause.ends_on >= today - 400 * DAY)
            )
        )
        for pause in rows:
            self.pauses.setdefault(pause.organisation_id, []).append(pause)

    def _place(self, organisation_id: int) -> Place:
        found = self.places.get(organisation_id)
        if found is None:
            unit = db.session.get_one(Organisation, organisation_id)
            body = db.session.get_one(Organisation, unit.body_id)
            path = tuple(int(part) for part in unit.path.strip("/").split("/"))
            found = self.places[organisation_id] = Place(
                budgets.body_kind(body.kind), budgets.audience_of(unit), body.county_code, path
            )
        return found

    def quiet_on(self, organisation_id: int, day: date, *, in_spite_of_freeze: bool) -> str:
        """The key of a quiet period there on that day, or ""."""
        place = self._place(organisation_id)
        told = [pause for one in place.path for pause in self.pauses.get(one, ())]
        breaks = {(one.kind, one.starts_on.year): one for one in told if one.kind in budgets.BREAKS}
        # A unit that tells a break of its own does not have that of its body: the nearest decides.
        pauses = [*(one for one in told if one.kind not in budgets.BREAKS), *breaks.values()]
        own_breaks = {
            (budgets.BREAKS[pause.kind].value, pause.starts_on.year)
            for pause in pauses
            if pause.kind in budgets.BREAKS
        }
        usual = quiet_periods(
            place.kind,
            place.audience,
            place.county,
            date(day.year - 1, 1, 1),
            date(day.year + 1, 12, 31),
        )
        usual_keys = {(one.key, one.start.year) for one in usual}
        for one in usual:
            if one.covers(day) and (one.key, one.start.year) not in own_breaks:
                return one.key
        for pause in pauses:
            if not (pause.starts_on <= day and (pause.ends_on is None or day <= pause.ends_on)):
                continue
            if pause.kind is PauseKind.FREEZE and in_spite_of_freeze:
                continue
            if pause.kind in budgets.BREAKS:
                key = budgets.BREAKS[pause.kind].value
                if (key, pause.starts_on.year) not in usual_keys:
                    continue  # no school there
            return str(pause.kind)
        if place.audience is Audience.POLITICAL:
            practice = budgets.practice_of(db.session.get_one(Organisation, organisation_id))
            for year in range(day.year - 1, day.year + 3):
                phase = decision(practice, year)
                if phase is not None and phase.start - 7 * DAY <= day <= phase.end:
                    return "the council decides"
        return ""

    def closed_on(
        self, organisation_id: int, day: date, *, in_spite_of_freeze: bool = False
    ) -> str:
        """Why nobody there is to be contacted on that day, or ""."""
        if not is_office_day(day) or eve_of(day, "en") is not None:
            return "a day off"
        return self.quiet_on(organisation_id, day, in_spite_of_freeze=in_spite_of_freeze)

    # One promise each

    def _in_quiet(self, today: date) -> Iterator[str]:
        """No contact stands in an inbox in a quiet period, but where somebody put it there."""
        rows = db.session.execute(
            sa.select(Reminder.key, Reminder.rule_key, Reminder.organisation_id).where(
                Reminder.state == ReminderState.DUE,
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.snoozed_until.is_(None),
            )
        )
        for key, rule, organisation_id in rows:
            self.told["contacts in inboxes, by day"] += 1
            quiet = self.quiet_on(organisation_id, today, in_spite_of_freeze=rule == "R7")
            if quiet:
                yield f"quiet: {key} is due in {quiet}"

    def _published(self, unplanned: Iterable[int]) -> Iterator[str]:
        """From the notice to the signature no contact waits at that body, put off or not."""
        silent = sa.select(Case.body_id).where(
            Case.procurement.in_(PUBLISHED), Case.state != CaseState.CLOSED
        )
        self.told["silenced bodies, by day"] += len(set(db.session.scalars(silent)))
        rows = db.session.execute(
            sa.select(Reminder.key).where(
                Reminder.state.in_(WAITING_STATES),
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.body_id.in_(silent),
                Reminder.body_id.not_in(unplanned),
            )
        )
        for (key,) in rows:
            yield f"published: {key} waits"

    def _one_ask(self, unplanned: Iterable[int], today: date) -> Iterator[str]:
        """While an ask is open no other contact of the case is due, nor planned before its answer
        is; and nobody has been shown a second one to ask."""
        rows = db.session.execute(
            sa.select(Reminder.key, Reminder.show_on, Case.ask_open_on)
            .join(Case, Case.id == Reminder.case_id)
            .where(
                Case.ask_open_on.is_not(None),
                Reminder.state.in_(WAITING_STATES),
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.snoozed_until.is_(None),
                Reminder.body_id.not_in(unplanned),
            )
        )
        for key, day, asked_on in rows:
            self.told["contacts held while an ask is open, by day"] += 1
            if day <= ask_answer_by(asked_on):
                yield f"one ask: {key} on {day}, asked on {asked_on}"
        for case_id in self.ledger.asked_over_another:
            yield f"one ask: case {case_id} was asked a second time"
        self.ledger.asked_over_another.clear()

    def _contacts_of_people(self) -> None:
        """How often each person was asked, across cases: counted alone, for a late answer to a
        reminder may bring two of them near each other."""
        days: dict[int, list[date]] = defaultdict(list)
        for _case, person, day in self.ledger.asks:
            if person is not None:
                days[person].append(day)
        for asked in days.values():
            most = max(sum(day <= one < day + 30 * DAY for one in asked) for day in asked)
            key = "most asks of one person in 30 days"
            self.told[key] = max(self.told[key], most)

    def _stood_in_for(self, today: date) -> Iterator[str]:
        """What is due for somebody who is away is in the inbox of somebody who is not."""
        covered = dict(absences.covered(today))
        here = sa.select(User.id).where(User.active.is_(True), User.id.not_in(covered))
        present = db.session.scalars(here.order_by(User.id)).all()
        for gone, stand_in in covered.items():
            if stand_in is not None and stand_in not in present:
                yield f"away: {stand_in} stands in for {gone}, and is not here"
            elif today.weekday() == 0 and present:
                due = set(
                    db.session.scalars(
                        sa.select(Reminder.id).where(
                            Reminder.user_id == gone,
                            Reminder.state.in_(WAITING_STATES),
                            Reminder.show_on <= today,
                        )
                    )
                )
                shown = queries.inbox(
                    stand_in or present[0], today=today, language="sv", per_page=10_000
                )
                self.told["due for somebody away, and shown to another"] += len(due)
                if due - {told.row.id for told in shown.rows}:
                    yield f"lost: what is due for {gone}, who is away, is shown to nobody"

    def _touched(self, unplanned: set[int], today: date) -> Iterator[str]:
        """What was planned or changed since the last look: a day that is open, and explained."""
        versions = {one.rule.key: one.rule.version for one in ruleset.standing()}
        versions |= {one.code: one.version for one in own.latest()}
        query = sa.select(Reminder).where(Reminder.state.in_(WAITING_STATES))
        if self.last_look is not None:
            query = query.where(Reminder.changed_at > self.last_look)
        for row in db.session.scalars(query):
            if row.body_id in unplanned or row.rule_key == OWN:
                continue
            yield from self._explained(row, versions)
            if row.kind is not ReminderKind.CONTACT or row.due_on < today or row.snoozed_until:
                continue
            self.told["contacts placed"] += 1
            closed = self.closed_on(
                row.organisation_id, row.due_on, in_spite_of_freeze=row.rule_key == "R7"
            )
            if closed:
                yield f"quiet: {row.key} is planned for {row.due_on}, {closed}"
            if row.closes_on is not None and row.due_on > row.closes_on:
                yield f"window: {row.key} comes on {row.due_on}, after {row.closes_on}"

    def _explained(self, row: Reminder, versions: dict[str, int]) -> Iterator[str]:
        """The reason in both languages, the very rule and version, the event and the source."""
        self.told["explanations read"] += 1
        current = versions.get(row.rule_key, 0)
        first = 1 if row.snoozed_until else current  # what is put off keeps the words it had
        if not first <= row.rule_version <= current:
            yield f"explained: {row.key} names version {row.rule_version} of its rule"
        if row.shaped_by[:1] != [row.rule_key]:
            yield f"explained: {row.key} does not name its rule first"
        if not row.event_key and row.rule_key != "R1":
            yield f"explained: {row.key} names no event"
        if row.certainty in (Certainty.LAW, Certainty.PUBLISHED) and not (row.source or row.law):
            yield f"explained: {row.key} is {row.certainty} and has no source"
        if row.due_on > row.wanted_on and not (row.moved or row.late or self._is_taken_up(row)):
            yield f"explained: {row.key} was moved from {row.wanted_on} for no reason"
        planned = sources.as_planned(row)
        for language in ("sv", "en"):
            why = explain(planned, language)
            if not (why.title and why.parts and why.rules) or "{" in why.title + why.text:
                yield f"explained: {row.key} has no words in {language}"

    def _is_taken_up(self, row: Reminder) -> bool:
        """Whether its case was opened, or woke, when its day had passed already."""
        began = db.session.scalar(
            sa.select(sa.func.max(StageChange.at)).where(
                StageChange.case_id == row.case_id,
                StageChange.track == Track.STATE,
                StageChange.after == CaseState.OPEN.value,
            )
        )
        return began is not None and row.wanted_on < clock.local(began).date()

    def _of_accounts(self, unplanned: Iterable[int]) -> Iterator[str]:
        """On behalf of a buyer itself nobody is contacted while a case is in progress there, open
        or waiting; and somebody in particular is told."""
        in_progress = sa.select(Case.body_id).where(Case.state != CaseState.CLOSED)
        rows = db.session.execute(
            sa.select(Reminder.key, Reminder.user_id, Reminder.body_id.in_(in_progress)).where(
                Reminder.case_id.is_(None),
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.state.in_(WAITING_STATES),
                Reminder.snoozed_until.is_(None),
                Reminder.body_id.not_in(unplanned),
            )
        )
        for key, user_id, beside_a_case in rows:
            self.told["contacts of buyers without a case, by day"] += 1
            if beside_a_case:
                yield f"account: {key} waits beside a case"
            if user_id is None:
                yield f"account: {key} is told to nobody"

    def _waiting(self, unplanned: Iterable[int], today: date) -> Iterator[str]:
        """A case that waits has its one reminder of that, no contact, and nothing overdue."""
        rows = db.session.execute(
            sa.select(Case.id, Reminder.id, Case.wait_until)
            .outerjoin(
                Reminder,
                sa.and_(
                    Reminder.case_id == Case.id,
                    Reminder.state.in_(WAITING_STATES),
                    Reminder.rule_key == "WAKE",
                ),
            )
            .where(Case.state == CaseState.WAITING, Case.body_id.not_in(unplanned))
        ).all()
        wakes = Counter(case_id for case_id, reminder_id, _ in rows if reminder_id is not None)
        for case_id, until in {case_id: until for case_id, _, until in rows}.items():
            self.told["waiting cases, by day"] += 1
            far = until is not None and until > today + LOOK_AHEAD * DAY
            if wakes[case_id] != 1 and not (far and not wakes[case_id]):
                yield f"waiting: case {case_id} has {wakes[case_id]} reminders to wake it"
        others = db.session.scalars(
            queries._loaded()
            .join(Case, Case.id == Reminder.case_id)
            .where(
                Case.state == CaseState.WAITING,
                Case.body_id.not_in(unplanned),
                Reminder.state.in_(WAITING_STATES),
                Reminder.rule_key != "WAKE",
            )
        )
        for row in others:
            if row.kind is ReminderKind.CONTACT and row.snoozed_until is None:
                yield f"waiting: contact {row.key} in a case that waits"
            if row.kind is ReminderKind.DEADLINE and row.rule_key != OWN:
                yield f"waiting: {row.key} is a deadline in a case that waits"
            for day in (today, today + 400 * DAY):
                if queries.Told(row, "sv", day).overdue:
                    yield f"waiting: {row.key} would be overdue on {day}"

    def _doubled(self) -> Iterator[str]:
        """No two reminders of one rule wait for the same thing."""
        same = (
            Reminder.rule_key,
            sa.func.coalesce(Reminder.case_id, -Reminder.body_id),
            sa.func.coalesce(Reminder.budget_year, 0),
            Reminder.event_key,
        )
        rows = db.session.execute(
            sa.select(sa.func.min(Reminder.key), sa.func.count())
            .where(
                Reminder.state.in_(WAITING_STATES),
                Reminder.rule_key.not_in([OWN, "R7"]),  # R7 asks once a winter of one freeze
            )
            .group_by(*same)
            .having(sa.func.count() > 1)
        )
        for key, number in rows:
            yield f"doubled: {key} waits {number} times"

    def _lost(self) -> Iterator[str]:
        """No row goes, and what somebody dealt with stays dealt with."""
        rows, settled = db.session.execute(
            sa.select(
                sa.func.count(), sa.func.sum(sa.case((Reminder.state.in_(SETTLED), 1), else_=0))
            )
        ).one()
        if rows < self.rows:
            yield f"lost: {self.rows - rows} reminders are gone"
        if int(settled or 0) != len(self.ledger.dealt_with):
            yield f"lost: {settled} dealt with, and {len(self.ledger.dealt_with)} by people"
        self.rows = rows

    def _surfaced(self, today: date) -> Iterator[str]:
        """What is due is in an inbox, once, with the instant it came there."""
        late = sa.and_(Reminder.state == ReminderState.PLANNED, Reminder.show_on <= today)
        early = sa.and_(
            Reminder.state == ReminderState.DUE,
            sa.or_(Reminder.surfaced_at.is_(None), Reminder.show_on > today),
        )
        for row in db.session.scalars(sa.select(Reminder).where(sa.or_(late, early))):
            yield f"lost: {row.key} for {row.show_on} is {row.state.value} on {today}"

    def _dealt_with(self) -> Iterator[str]:
        found = dict(
            db.session.execute(
                sa.select(Reminder.id, Reminder.state).where(Reminder.state.in_(SETTLED))
            ).all()
        )
        for ident in found.keys() | self.ledger.dealt_with.keys():
            if found.get(ident) is not self.ledger.dealt_with.get(ident):
                yield f"lost: reminder {ident} is not as people left it"
        ids = set(db.session.scalars(sa.select(Reminder.id)))
        if self.known - ids:
            yield f"lost: reminders {sorted(self.known - ids)} are gone"
        self.known = ids

    def _planned_from_nothing(
        self, body_ids: Sequence[int], today: date, now: datetime
    ) -> Iterator[str]:
        """Without the memory of what stands, the plan would be the same."""
        db.session.execute(sa.delete(BodyPlan).where(BodyPlan.body_id.in_(body_ids)))
        for body_id in body_ids:
            self.told["bodies planned from nothing"] += 1
            again = planning.replan([body_id], today=today, now=now)
            if again.changed:
                yield f"lost: body {body_id} was passed over, and {again} should have changed"

    # Windows

    def _windows(self, today: date, facts: Sequence[sources.Gathered]) -> Iterator[str]:
        """Each window to come of each open case has its reminder, or a reason for none."""
        rules = [rule for rule in ruleset.in_force() if rule.anchor in WINDOWS]
        rows = self._rows_of_cases()
        self.closing.clear()
        for gathered in facts:
            if any(
                case.state is not CaseState.CLOSED and is_published(case.procurement_stage)
                for case in gathered.cases
            ):
                self.told["windows: silenced bodies"] += 1
                continue
            for case in gathered.cases:
                if case.state is CaseState.WAITING:
                    self.told["windows: waited for"] += 1
                elif case.state is CaseState.OPEN:
                    for window, phase in windows_of(gathered.body, case, rules, today):
                        yield from self._covered(window, phase, case, rows, today)

    def _paced(self, facts: Sequence[sources.Gathered]) -> Iterator[str]:
        """Whoever was contacted is left in peace for as long as the rule PACE says, by what is to
        come, whatever the case. But for what finds no later day of use, and says so."""
        apart = pace.interval(ruleset.in_force())
        if apart is None:
            return
        planned: dict[int, list[Any]] = defaultdict(list)
        for row in db.session.execute(
            sa.select(Reminder.case_id, Reminder.show_on, Reminder.params, Reminder.key).where(
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.state == ReminderState.PLANNED,
                Reminder.snoozed_until.is_(None),
                Reminder.rule_key != OWN,
            )
        ):
            if "touched" not in row.params:
                planned[row.case_id].append(row)
        for gathered in facts:
            days: dict[int, list[tuple[date, str]]] = defaultdict(list)
            for case in gathered.cases:
                if case.contact_id is not None:
                    days[case.contact_id] += [
                        (row.show_on, row.key) for row in planned[case.case_id]
                    ]
            for person, coming in days.items():
                made = pace.last_contact(gathered.body.contacts_made, person)
                before = [(made.on, "what was done")] if made is not None else []
                self.told["contacts held to the pace of a person"] += len(coming)
                for (one, was), (other, key) in pairwise([*before, *sorted(coming)]):
                    if pace.too_near(one, other, apart):
                        yield f"limit: person {person} has {was} on {one} and {key} on {other}"

    def _rows_of_cases(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        columns = (
            Reminder.case_id,
            Reminder.rule_key,
            Reminder.budget_year,
            Reminder.state,
            Reminder.due_on,
            Reminder.params,
        )
        for row in db.session.execute(
            sa.select(*columns).where(
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.state != ReminderState.WITHDRAWN,
                Reminder.case_id.is_not(None),
            )
        ):
            found[row.case_id].append(row)
            for case_id, named in taken_up_elsewhere(row):
                found[case_id].append(named)
        return found

    def _covered(
        self,
        window: Window,
        phase: Phase,
        case: CaseFacts,
        rows: dict[int, list[Any]],
        today: date,
    ) -> Iterator[str]:
        how = how_covered(window, rows[case.case_id])
        if how:
            self.told[f"windows: {how}"] += 1
            if window.closes < today + 32 * DAY:
                self.closing[window.closes].append(window)
            return
        excuse = self._excuse(window, phase, case, today)
        if excuse:
            self.told[f"windows without: {excuse}"] += 1
            return
        yield (
            f"window: case {case.case_id} has nothing for {phase.key} of {window.budget_year},"
            f" which closes on {window.closes}"
        )

    def _excuse(self, window: Window, phase: Phase, case: CaseFacts, today: date) -> str:
        if phase.certainty is Certainty.GUESSED and phase.start < today + 120 * DAY:
            return "only a guess, and its day had passed"  # R1: never "act now" from a guess
        day = max(today, case.active_from)
        if case.open_ask_on is not None:
            day = max(day, ask_answer_by(case.open_ask_on) + DAY)
        while day <= window.closes:
            if not self.closed_on(case.organisation_id, day):
                return ""
            day += DAY
        return "an ask is open" if case.open_ask_on else "no open day is left"

    def _closing(self, today: date) -> Iterator[str]:
        """On its last day, a window that had its reminder has it still, or was let go by name."""
        for window in self.closing.pop(today, ()):
            case = db.session.get_one(Case, window.case_id)
            rows = db.session.execute(
                sa.select(
                    Reminder.rule_key,
                    Reminder.budget_year,
                    Reminder.state,
                    Reminder.due_on,
                    Reminder.params,
                    Reminder.surfaced_at,
                    Reminder.key,
                    Reminder.case_id,
                ).where(Reminder.body_id == case.body_id, Reminder.kind == ReminderKind.CONTACT)
            ).all()
            rows = [row for row in rows if row.case_id == case.id] + [
                named
                for row in rows
                for case_id, named in taken_up_elsewhere(row)
                if case_id == case.id
            ]
            standing = [row for row in rows if row.state is not ReminderState.WITHDRAWN]
            how = how_covered(window, standing)
            if how in ("reminded", "taken up with another"):
                self.told[f"windows closed: {how}"] += 1
            elif case.state is not CaseState.OPEN:
                self.told[f"windows closed: the case is {case.state.value}"] += 1
            elif case.ask_open_on is not None:
                self.told["windows closed: an ask is open"] += 1
            elif how_covered(window, rows):
                self.told["windows closed: let go, a fact has changed"] += 1
            else:
                yield f"window: case {case.id} closed {window} with nothing"

    # Mail

    def mail_of_the_day(self, today: date, users: int) -> list[str]:
        """At most one digest each, and none on a day off."""
        keys = list(
            db.session.scalars(
                sa.select(Letter.key).where(Letter.key.like(f"digest:%:{today.isoformat()}"))
            )
        )
        self.told["digests"] += len(keys)
        if len(keys) > users:
            return [f"mail: {len(keys)} digests on {today}"]
        if keys and not is_office_day(today):
            return [f"mail: digests on {today}, a day off"]
        return []


WINDOWS = {
    Anchor.DOOR_READY: door,
    Anchor.DOOR_END: door,
    Anchor.INTERNAL_BUDGET: internal_budget,
    Anchor.UNIT_MONEY: internal_budget,
}


def windows_of(
    body: BodyFacts, case: CaseFacts, rules: Sequence[Rule], today: date
) -> Iterator[tuple[Window, Phase]]:
    """The windows to come of which the rules in force speak for the case."""
    practice = case.practice or body.practice
    if not practice.is_known:
        return
    speaking = [rule for rule in rules if rule.conditions.hold_for(body, case)]
    for asked in (door, internal_budget):
        for year in range(today.year, today.year + 4):
            phase = asked(practice, year)
            if phase is None:
                continue
            last = {
                rule.key: _last_day(rule, phase, year)
                for rule in speaking
                if WINDOWS[rule.anchor] is asked and _is_of(rule, phase, year)
            }
            closes = max(last.values(), default=date.min)
            if today <= closes <= today + LOOK_AHEAD * DAY:
                yield Window(case.case_id, year, closes, frozenset(last)), phase


def _last_day(rule: Rule, phase: Phase, year: int) -> date:
    """How long a rule speaks of a window: before summer, or of the unit's money all February."""
    if rule.key == "R2-may":
        return phase.end - 49 * DAY
    if rule.anchor is Anchor.UNIT_MONEY:
        return max(phase.end, date(year, 2, 28))
    return phase.end


def _is_of(rule: Rule, phase: Phase, year: int) -> bool:
    over_summer = phase.start < date(phase.end.year, 7, 15) <= phase.end
    if rule.conditions.door_over_summer not in (None, over_summer):
        return False
    if rule.anchor in (Anchor.INTERNAL_BUDGET, Anchor.UNIT_MONEY):
        return (phase.end.year >= year) is (rule.anchor is Anchor.UNIT_MONEY)
    return True


class Named(NamedTuple):
    """A contact that is named in one of another case with the same person (decision 24)."""

    params: dict[str, Any]
    due_on: date
    state: ReminderState
    rule_key: str = ""
    budget_year: int | None = None


def taken_up_elsewhere(row: Any) -> Iterator[tuple[int, Named]]:
    """What a reminder names of other cases, each with its case."""
    for also in row.params.get("together", ()):
        if also["case"] != row.case_id:
            yield also["case"], Named({"together": [also]}, row.due_on, row.state)


def how_covered(window: Window, rows: Iterable[Any]) -> str:
    """How some reminders of its case take care of a window; "" if none does."""
    near = window.closes - 250 * DAY
    for row in rows:
        if row.rule_key in window.rules and row.budget_year == window.budget_year:
            return "reminded"
    for row in rows:
        together = row.params.get("together", ())
        also = {one["rule"] for one in together if one["case"] == window.case_id}
        if window.rules & also and near <= row.due_on <= window.closes:
            return "taken up with another"
    return ""
