"""A vendor's world to be played: every municipality and region, colleagues, and what may happen.

Chance decides everything, from one seed; the operations are those that the pages use.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm.accounts import absences
from crm.accounts import operations as accounts
from crm.accounts.models import User
from crm.budgets import operations as budgets
from crm.budgets import queries as budget_queries
from crm.budgets.drafts import Calendar, DateRow
from crm.budgets.models import Pause, PauseKind
from crm.cases import operations as cases
from crm.cases.models import Case, CasePerson
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.errors import RuleBroken
from crm.core.pending import PlanRequest
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person
from crm.procurements import operations as procurements
from crm.reminders import operations, own, ruleset
from crm.reminders.models import WAITING_STATES, DoneOutcome, Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.budget_cycle import (
    DecisionPractice,
    PhaseRole,
    phases,
    practices_for,
)
from crm.rules.calendar import is_office_day
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.letters import LetterPace
from crm.rules.milestones import lay_back
from crm.rules.own_events import RuleScope
from crm.rules.own_rules import OwnRule
from crm.rules.quiet import NO_QUIET
from crm.rules.reminder_rules import Offset
from crm.rules.reminders import ReminderKind
from crm.rules.routes import Route
from crm.rules.stages import (
    OUTCOME_REASONS,
    AdoptionStage,
    CaseRole,
    CaseState,
    Outcome,
    ProcurementStage,
    WaitReason,
    WakeEvent,
    resolve_event,
)

DAY = timedelta(days=1)
SOURCE = "https://www.example.se/budget"
COLLEAGUES = 8
STAY = timedelta(days=420)  # at most bodies
WITH_DIGEST = 2  # of them; the others have turned theirs off
CHANGEABLE = ("R2", "R2-may", "R2-again", "R4", "R4-january", "R16")
OF_ACCOUNTS = OwnRule(name="Hör hur det går", count=12, scope=RuleScope.ACCOUNTS)
"""A rule of our own, for buyers that we have left or not come to with a case."""

ON_THE_WAY = (
    ProcurementStage.NONE,
    ProcurementStage.UNDECIDED,
    ProcurementStage.PREPARING,
    ProcurementStage.PUBLISHED,
    ProcurementStage.EVALUATION,
    ProcurementStage.STANDSTILL,
    ProcurementStage.SIGNED,
)
UNITS = (
    (UnitKind.SCHOOL, 50),
    (UnitKind.LIBRARY, 15),
    (UnitKind.CARE_HOME, 10),
    (UnitKind.FINANCE, 8),
    (None, 9),  # a nämnd
    (UnitKind.OFFICE, 8),
)


@dataclass
class Ledger:
    """What people did, kept beside the database to be compared with it."""

    dealt_with: dict[int, ReminderState] = field(default_factory=dict)  # by reminder
    asks: list[tuple[int, int | None, date]] = field(default_factory=list)  # case, person, day
    asked_over_another: list[int] = field(default_factory=list)  # cases with two asks at once


class World:
    """The installation at play. `did` counts what has happened, by name."""

    def __init__(
        self,
        seed: int,
        *,
        first: date,
        last: date,
        bodies: int | None,
        diligence: float,
        bustle: float,
    ) -> None:
        self.chance = random.Random(seed)
        self.diligence, self.bustle = diligence, bustle
        self.did: Counter[str] = Counter()
        self.ledger = Ledger()
        self.away: dict[int, date] = {}  # user → first day back
        self.bodies: list[int] = []  # where we have cases
        self.leaving: dict[date, list[int]] = {}
        with transaction(cause="simulation"):
            organisations.load_register(now=self.now, today=self.today)
            budgets.load_confirmed_practices(now=self.now)
            self.users = [self._colleague(number) for number in range(COLLEAGUES)]
            own.add(OF_ACCOUNTS, by=None, now=self.now)
            self.to_come = self._spread(first, last, bodies)
            self._come_and_go()

    @property
    def today(self) -> date:
        return clock.today()

    @property
    def now(self) -> datetime:
        return clock.now()

    def _spread(self, first: date, last: date, wanted: int | None) -> list[tuple[date, date, int]]:
        """When we come to each body, and when we leave it: a budget year and a bit at most of them,
        some from the beginning, and all the time at some."""
        found = db.session.scalars(
            sa.select(Organisation.id)
            .where(
                Organisation.parent_id.is_(None),
                Organisation.kind.in_((OrganisationKind.MUNICIPALITY, OrganisationKind.REGION)),
            )
            .order_by(Organisation.id)
        ).all()
        chosen = self.chance.sample(found, min(wanted or len(found), len(found)))
        stays = [(first, last, body) for body in chosen[: len(chosen) // 30]]
        latest = max((last - first).days - STAY.days, 1)
        for body in chosen[len(stays) :]:
            come = first + self.chance.randrange(-STAY.days, latest) * DAY
            stays.append((max(come, first), max(come, first - STAY / 2) + STAY, body))
        return sorted(stays)

    def _come_and_go(self) -> None:
        while self.to_come and self.to_come[0][0] <= self.today:
            _come, go, number = self.to_come.pop(0)
            body = db.session.get_one(Organisation, number)
            self.did["bodies"] += 1
            self.bodies.append(number)
            self.leaving.setdefault(go, []).append(number)
            if budget_queries.practice_row(body) is None and self.chance.random() < 0.6:
                self._learn(body)
            if self.chance.random() < 0.5:
                body.owner_id = self.chance.choice(self.users)
            self._new_case(body)
        for day in [day for day in self.leaving if day <= self.today]:
            for number in self.leaving.pop(day):
                self.bodies.remove(number)
                self._take_leave(number)

    def _take_leave(self, body_id: int) -> None:
        rows = db.session.scalars(
            sa.select(Case)
            .where(Case.body_id == body_id, Case.state != CaseState.CLOSED)
            .order_by(Case.id)
        ).all()
        for case in rows:
            self._close(case, Outcome.NO_DECISION)

    def _colleague(self, number: int) -> int:
        user = accounts.add_user(
            name=f"Kollega {number}",
            email=f"kollega.{number}@example.se",
            role=Role.FOUNDER if number == 0 else Role.ACCOUNT_MANAGER,
            now=self.now,
            language="en" if number % 2 else "sv",
        )
        user.digest = LetterPace.DAILY if number < WITH_DIGEST else LetterPace.NONE
        db.session.flush()
        return user.id

    # What there is

    def body(self) -> Organisation:
        return db.session.get_one(Organisation, self.chance.choice(self.bodies))

    def case(self, *states: CaseState) -> Case | None:
        """One of the cases, by chance."""
        ids = db.session.scalars(
            sa.select(Case.id).where(Case.state.in_(states)).order_by(Case.id)
        ).all()
        return db.session.get_one(Case, self.chance.choice(ids)) if ids else None

    def user(self) -> User:
        return db.session.get_one(User, self.chance.choice(self.users))

    def at_work(self) -> list[int]:
        return [one for one in self.users if self.away.get(one, self.today) <= self.today]

    def _some_day(self, furthest: int = 500) -> date:
        return self.today + self.chance.randrange(1, furthest) * DAY

    # What may happen at the buyers

    def new_case(self) -> None:
        self._new_case(self.body())

    def _new_case(self, body: Organisation) -> None:
        kind = self.chance.choices([one for one, _ in UNITS], [share for _, share in UNITS])[0]
        unit = organisations.add_unit(
            body,
            name=f"Enhet {self.chance.randrange(10**6)}",
            kind=OrganisationKind.UNIT if kind else OrganisationKind.COMMITTEE,
            unit_kind=kind,
            by=None,
            now=self.now,
        )
        case = cases.open_case(
            unit,
            title=f"Läsverktyg {unit.id}",
            owner=self.user() if self.chance.random() < 0.95 else None,
            by=None,
            today=self.today,
            now=self.now,
        )
        case.adoption = self.chance.choice(list(AdoptionStage)[:5])
        cases.set_role(
            case, self._champion(unit), CaseRole.CHAMPION, by=None, today=self.today, now=self.now
        )

    def _champion(self, unit: Organisation) -> Person:
        """Somebody at the body; now and then one who has a part in another case already."""
        known = db.session.scalars(
            sa.select(Person)
            .join(CasePerson, CasePerson.person_id == Person.id)
            .join(Case, Case.id == CasePerson.case_id)
            .where(Case.body_id == unit.body_id)
            .order_by(Person.id)
        ).all()
        if known and self.chance.random() < 0.5:
            return self.chance.choice(known)
        return people.add_person(
            first_name="Anna",
            last_name=f"Testsson{chr(97 + unit.id % 26)}",
            organisation=unit,
            title="lärare",
            source="simulation",
            by=None,
            today=self.today,
            now=self.now,
        )

    def calendar_told(self) -> None:
        self._learn(self.body())

    def _learn(self, body: Organisation) -> None:
        """How they decide, now and then with a date of their own, for one year or for all."""
        kind = budget_queries.body_kind(body.kind)
        decision = self.chance.choice(
            [one for one in practices_for(kind) if one is not DecisionPractice.UNKNOWN]
        )
        rows = [self._own_date(body, decision)] if self.chance.random() < 0.5 else []
        budgets.set_calendar(
            body,
            Calendar(
                decision=decision,
                certainty=self.chance.choice(
                    [Certainty.PUBLISHED, Certainty.CONFIRMED, Certainty.TYPICAL, Certainty.GUESSED]
                ),
                source_url=SOURCE,
                checked_on=self.today,
                rows=tuple(row for row in rows if row is not None),
            ),
            by=None,
            now=self.now,
        )

    def _own_date(self, body: Organisation, decision: DecisionPractice) -> DateRow | None:
        practice = budget_queries.practice_of(body)
        year = self.today.year + self.chance.choice((1, 1, 2))
        roles = (PhaseRole.DOOR, PhaseRole.DECISION, PhaseRole.INTERNAL_BUDGET)
        found = [phase for phase in phases(practice, year) if phase.role in roles]
        if not found or practice.decision is not decision:
            return None
        phase = self.chance.choice(found)
        move = self.chance.randrange(-28, 29) * DAY
        start, end = phase.start + move, phase.end + move
        if start.year != phase.start.year or end.year != start.year:
            return None
        return DateRow(
            phase_key=phase.key,
            name="",
            start=(start.month, start.day),
            end=(end.month, end.day),
            year_offset=start.year - phase.budget_year,
            budget_year=self.chance.choice((None, year)),
        )

    def freeze(self) -> None:
        start = self.today - self.chance.randrange(20) * DAY
        end = self.chance.choice((None, self.today + self.chance.randrange(20, 200) * DAY))
        self._pause(PauseKind.FREEZE, start, end)

    def quiet_time(self) -> None:
        start = self.today + self.chance.randrange(-3, 90) * DAY
        self._pause(PauseKind.QUIET, start, start + self.chance.randrange(5, 35) * DAY)

    def school_break(self) -> None:
        kind = self.chance.choice(sorted(budget_queries.BREAKS))
        month = {PauseKind.WINTER_BREAK: 2, PauseKind.EASTER_BREAK: 4}.get(kind, 10)
        start = date(self.today.year + 1, month, self.chance.randrange(5, 24))
        self._pause(kind, start, start + 6 * DAY)

    def _pause(self, kind: PauseKind, start: date, end: date | None) -> None:
        case = self.case(CaseState.OPEN)
        if case is None:
            return
        where = case.organisation_id if self.chance.random() < 0.3 else case.body_id
        budgets.add_pause(
            db.session.get_one(Organisation, where),
            kind,
            start,
            end,
            note="Beslut i kommunstyrelsen",
            by=None,
            today=self.today,
            now=self.now,
        )

    def freeze_ends(self) -> None:
        rows = db.session.scalars(
            sa.select(Pause)
            .where(Pause.kind == PauseKind.FREEZE, Pause.ends_on.is_(None))
            .order_by(Pause.id)
        ).all()
        if rows:
            pause = self.chance.choice(rows)
            where = db.session.get_one(Organisation, pause.organisation_id)
            budgets.end_pause(pause, where, today=self.today, by=None, now=self.now)

    def adoption_moves(self) -> None:
        case = self.case(CaseState.OPEN)
        if case is not None:
            stages = list(AdoptionStage)
            place = max(0, stages.index(case.adoption) + self.chance.choice((1, 1, 1, -1)))
            cases.move_adoption(case, stages[min(place, 4)], by=None, now=self.now)

    def procurement_moves(self) -> None:
        """Onwards; what has begun goes on, as a rule, to its signature."""
        begun = db.session.scalars(
            sa.select(Case)
            .where(Case.procurement.in_(ON_THE_WAY[1:-1]), Case.state != CaseState.CLOSED)
            .order_by(Case.id)
        ).all()
        case = self.chance.choice(begun) if begun else None
        if case is None or self.chance.random() < 0.3:
            case = self.case(CaseState.OPEN, CaseState.WAITING)
        if case is None:
            return
        place = ON_THE_WAY.index(case.procurement)
        if place + 1 < len(ON_THE_WAY):
            cases.move_procurement(case, ON_THE_WAY[place + 1], by=None, now=self.now)
        else:
            self._close(case, Outcome.WON)

    def put_to_wait(self) -> None:
        """Now and then with a promise on its way."""
        promised = db.session.scalars(
            sa.select(Case)
            .where(Case.state == CaseState.OPEN, Case.next_step_on > self.today)
            .order_by(Case.id)
        ).all()
        case = self.case(CaseState.OPEN)
        if promised and self.chance.random() < 0.4:
            case = self.chance.choice(promised)
        if case is not None:
            self._wait(case)

    def _wait(self, case: Case) -> None:
        where = db.session.get_one(Organisation, case.organisation_id)
        event = self.chance.choice([None, *WakeEvent])
        when = event and resolve_event(
            event, budget_queries.practice_of(where), budget_queries.audience_of(where), self.today
        )
        cases.put_to_wait(
            case,
            self.chance.choice(list(WaitReason)),
            until=None if when else self._some_day(),
            event=event if when else None,
            event_on=when.day if when else None,
            by=None,
            today=self.today,
            now=self.now,
        )

    def wakes(self) -> None:
        case = self.case(CaseState.WAITING)
        if case is not None:
            cases.wake(case, by=None, today=self.today, now=self.now)

    def closes(self) -> None:
        case = self.case(CaseState.OPEN, CaseState.WAITING)
        if case is not None:
            self._close(case, self.chance.choice(list(Outcome)))

    def _close(self, case: Case, outcome: Outcome) -> None:
        with_contract = outcome in (Outcome.WON, Outcome.LOST) and self.chance.random() < 0.7
        cases.close(
            case,
            outcome,
            reason=self.chance.choice(OUTCOME_REASONS[outcome]),
            contract_ends_on=self._some_day(1500) + 200 * DAY if with_contract else None,
            contract_source="avtalet" if with_contract else "",
            by=None,
            today=self.today,
            now=self.now,
        )

    def reopens(self) -> None:
        case = self.case(CaseState.CLOSED)
        if case is not None:
            cases.reopen(case, by=None, now=self.now)

    def promise(self) -> None:
        case = self.case(CaseState.OPEN, CaseState.WAITING)
        if case is not None:
            cases.set_next_step(case, "Skicka offerten", self._some_day(90), by=None)

    def laid_back(self) -> None:
        case = self.case(CaseState.OPEN)
        if case is not None:
            route, day = self.chance.choice(list(Route)), self._some_day(900)
            procurements.lay_back_for(
                case,
                route,
                day,
                lay_back(route, day, NO_QUIET),
                by=None,
                today=self.today,
                now=self.now,
            )

    def by_hand(self) -> None:
        case = self.case(CaseState.OPEN, CaseState.WAITING)
        if case is not None:
            operations.add_own(
                db.session.get_one(Organisation, case.organisation_id),
                text="Läs protokollet",
                on=self._some_day(120),
                case=case,
                by=self.user(),
                today=self.today,
                now=self.now,
            )

    def answer_comes(self) -> None:
        ids = db.session.scalars(
            sa.select(Case.id).where(Case.ask_open_on.is_not(None)).order_by(Case.id)
        ).all()
        if ids:
            cases.answered(db.session.get_one(Case, self.chance.choice(ids)))

    def asks_in_passing(self) -> None:
        """Somebody asks without having been reminded to."""
        ids = db.session.scalars(
            sa.select(Case.id)
            .where(Case.state == CaseState.OPEN, Case.ask_open_on.is_(None))
            .order_by(Case.id)
        ).all()
        if ids:
            cases.ask(db.session.get_one(Case, self.chance.choice(ids)), today=self.today)

    # What may happen among colleagues

    def owner_changes(self) -> None:
        organisations.set_owner(
            self.body(), self.chance.choice([None, self.user()]), by=None, now=self.now
        )
        case = self.case(CaseState.OPEN, CaseState.WAITING)
        if case is not None:
            case.owner_id = self.chance.choice([None, *self.users])

    def somebody_goes_away(self) -> None:
        """Ill, on leave or on holiday: for that long a deputy deals with what is theirs."""
        gone, back = self.user(), self._some_day(25)
        deputy = self.chance.choice([None, *(one for one in self.users if one != gone.id)])
        absences.add(
            gone,
            first=self.today,
            last=back - DAY,
            deputy_id=deputy,
            today=self.today,
            now=self.now,
        )
        self.away[gone.id] = back

    def somebody_leaves(self) -> None:
        gone = self.user()
        accounts.change_user(
            gone,
            name=gone.name,
            email=gone.email,
            role=gone.role,
            active=False,
            by=None,
            now=self.now,
        )
        self.users.remove(gone.id)
        self.users.append(self._colleague(len(self.did) + gone.id * 10))

    def a_rule_changes(self) -> None:
        ruleset.change(
            self.chance.choice(CHANGEABLE),
            active=self.chance.random() < 0.8,
            offset=Offset(days=-7 * self.chance.randrange(1, 9)),
            by=self.user(),
            now=self.now,
        )

    @property
    def _common(self) -> list[tuple[Callable[[], None], float]]:
        """What may happen, and how often a year for each of a hundred bodies."""
        return [
            (self.new_case, 8),
            (self.calendar_told, 30),
            (self.freeze, 6),
            (self.freeze_ends, 5),
            (self.quiet_time, 15),
            (self.school_break, 8),
            (self.adoption_moves, 25),
            (self.procurement_moves, 40),
            (self.put_to_wait, 20),
            (self.wakes, 6),
            (self.closes, 8),
            (self.reopens, 3),
            (self.promise, 40),
            (self.laid_back, 6),
            (self.by_hand, 15),
            (self.answer_comes, 60),
            (self.owner_changes, 10),
            (self.asks_in_passing, 40),
        ]

    @property
    def _seldom(self) -> list[tuple[Callable[[], None], float]]:
        """And how often a year, however many bodies there are."""
        return [
            (self.somebody_goes_away, 30),
            (self.somebody_leaves, 1),
            (self.a_rule_changes, 2),
        ]

    def live(self) -> None:
        """What happens on one day; colleagues work on office days only."""
        share = len(self.bodies) / 100 / 250 * self.bustle
        if not is_office_day(self.today):
            return
        odds = [(do, rate * share) for do, rate in self._common]
        odds += [(do, rate / 250) for do, rate in self._seldom]
        with transaction(cause="simulation"):
            self._come_and_go()
            for do, expected in odds:
                while expected > 0:
                    if self.chance.random() < expected:
                        self._try(do)
                    expected -= 1
        with transaction(cause="simulation"):
            self._deal_with_inboxes()

    def _try(self, do: Callable[[], None]) -> None:
        """Chance may ask for what the rules refuse; then nothing of it is done."""
        with suppress(RuleBroken), db.session.begin_nested():
            do()
            self.did[do.__name__] += 1

    # What colleagues do with their inboxes

    def _deal_with_inboxes(self) -> None:
        present = self.at_work()
        covered = [
            gone
            for gone, stand_in in absences.covered(self.today)
            if stand_in is None or stand_in in present
        ]
        rows = db.session.scalars(
            sa.select(Reminder)
            .where(
                Reminder.state == ReminderState.DUE,
                sa.or_(Reminder.user_id.in_({*present, *covered}), Reminder.user_id.is_(None)),
            )
            .order_by(Reminder.id)
        ).all()
        dealt: set[int | None] = set()  # of one case no second row: the page plans after the first
        for row in rows:
            waits = row.state is ReminderState.DUE and row.case_id not in dealt
            if waits and self.chance.random() < self.diligence:
                self._deal_with(row, self._by(row, present))
                dealt |= {row.case_id} - {None}
        if self.chance.random() < 0.2:
            self._bring_one_back()

    def _by(self, row: Reminder, present: Sequence[int]) -> User | None:
        if not present:
            return None
        if row.user_id in present:
            return db.session.get(User, row.user_id)
        self.did["dealt with for another, or for nobody"] += 1
        stands_in = dict(absences.covered(self.today)).get(row.user_id or 0)
        return db.session.get(User, stands_in or self.chance.choice(present))

    def _deal_with(self, row: Reminder, by: User | None) -> None:
        when: dict[str, Any] = {"today": self.today, "now": self.now}
        luck = self.chance.random()
        if row.rule_key == "WAKE" and luck < 0.3:
            case = db.session.get_one(Case, row.case_id)
            if case.state is CaseState.WAITING:  # not closed a moment ago
                self._wait(case)
                self.did["waits on"] += 1
        elif luck > 0.9:
            operations.dismiss(row, reason="Behövs inte", by=by, now=self.now)
            if row.state is ReminderState.DISMISSED:  # not the one of a wait
                self._settled(row)
        elif luck > 0.75:
            self._snooze(row, by)
        elif row.kind is ReminderKind.CONTACT:
            outcome = self.chance.choices(list(DoneOutcome), (5, 75, 20))[0]
            if outcome is DoneOutcome.ASKED and row.case_id is not None:
                self._note_ask(row)
            operations.complete(row, outcome, by=by, **when)
            self._settled(row)
        else:
            if row.rule_key == "R1" and self.chance.random() < 0.7:
                self._learn(db.session.get_one(Organisation, row.body_id))
            operations.complete(row, DoneOutcome.DONE, by=by, **when)
            self._settled(row)

    def _snooze(self, row: Reminder, by: User | None) -> None:
        where = db.session.get_one(Organisation, row.organisation_id)
        event = self.chance.choice([None, None, *WakeEvent])
        found = event and resolve_event(
            event, budget_queries.practice_of(where), budget_queries.audience_of(where), self.today
        )
        until = found.day if found else self.today + self.chance.choice((7, 28)) * DAY
        operations.snooze(
            row,
            until=until,
            event=event if found else None,
            by=by,
            today=self.today,
            now=self.now,
        )
        self.did["put off"] += 1

    def _note_ask(self, row: Reminder) -> None:
        case = db.session.get_one(Case, row.case_id)
        # Asked in passing an hour ago: until the clock has been there the inbox cannot know.
        known = db.session.scalar(
            sa.select(PlanRequest.id).where(PlanRequest.body_id == case.body_id)
        )
        if case.ask_open_on is not None and row.snoozed_until is None and known is None:
            self.ledger.asked_over_another.append(case.id)
        person = db.session.scalar(
            sa.select(CasePerson.person_id).where(
                CasePerson.case_id == case.id, CasePerson.ended_on.is_(None)
            )
        )
        self.ledger.asks.append((case.id, person, self.today))

    def _settled(self, row: Reminder) -> None:
        self.ledger.dealt_with[row.id] = row.state
        self.did[row.outcome.value if row.outcome else "not needed"] += 1

    def _bring_one_back(self) -> None:
        recent = [*self.ledger.dealt_with][-10:]
        if not recent:
            return
        row = db.session.get_one(Reminder, self.chance.choice(recent))
        if row.state in WAITING_STATES or (row.done_at or self.now) < self.now - 3 * DAY:
            return
        operations.bring_back(row, by=None, today=self.today, now=self.now)
        del self.ledger.dealt_with[row.id]
        self.did["brought back"] += 1
