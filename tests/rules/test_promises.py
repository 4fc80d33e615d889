"""A life of one buyer and its cases, drawn by Hypothesis: what the planner promises holds on every
day of it, whatever happens between. The same is played on the real engine in tests/simulation."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.rules import reminders as rulebook
from crm.rules.asks import ask_answer_by
from crm.rules.budget_cycle import BodyKind, Meeting, Practice, practices_for
from crm.rules.certainty import Certainty
from crm.rules.own_events import OwnEvent, RuleScope
from crm.rules.own_rules import OwnRule, as_rule
from crm.rules.pace import PACE, interval, too_near
from crm.rules.quiet import NO_QUIET, Audience, own_quiet, quiet_at, quiet_periods
from crm.rules.reminder_rules import DEFAULT_RULES
from crm.rules.reminders import (
    BodyFacts,
    CaseFacts,
    Contacted,
    Existing,
    Planned,
    ReminderKind,
    account_of,
    contacts_stopped,
    explain,
    is_overdue,
    plan,
    reconcile,
)
from crm.rules.stages import AdoptionStage, CaseState, ProcurementStage, WakeEvent, is_published

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
CERTAINTIES = (Certainty.PUBLISHED, Certainty.CONFIRMED, Certainty.TYPICAL, Certainty.GUESSED)
LUCK = st.integers(0, 10**6)
RULES = (
    *DEFAULT_RULES,
    as_rule(OwnRule(name="Hör av er", count=10, scope=RuleScope.BOTH), "OWN-1", 1),
    as_rule(
        OwnRule(name="Fråga", count=3, event=OwnEvent.COUNCIL_MEETING, scope=RuleScope.ACCOUNTS),
        "OWN-2",
        1,
    ),
    as_rule(
        OwnRule(
            name="Läs kallelsen",
            kind=ReminderKind.READ,
            count=1,
            event=OwnEvent.COUNCIL_MEETING,
            scope=RuleScope.BOTH,
        ),
        "OWN-3",
        1,
    ),
)


@dataclass
class Life:
    """The facts, what is stored, and what has happened. `luck` decides what the event leaves open."""

    today: date
    body: BodyFacts
    cases: list[CaseFacts]
    inbox: dict[str, Existing] = field(default_factory=dict)
    plans: dict[str, Planned] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)

    def change(self, number: int, **facts: Any) -> None:
        self.cases[number] = replace(self.cases[number], **facts)

    def happen(self, event: str, luck: int) -> None:
        self.told.append((self.today, event, luck))
        number = luck % len(self.cases)
        case, day = self.cases[number], self.today + (luck % 300 + 1) * DAY
        match event:
            case "days pass":
                self.today += (luck % 25 + 1) * DAY
            case "weeks pass":
                self.today += (luck % 90 + 20) * DAY
            case "calendar":
                choices = [
                    Practice(self.body.kind, decision, certainty)
                    for decision in practices_for(self.body.kind)
                    for certainty in CERTAINTIES
                ]
                chosen = choices[luck % len(choices)]
                met = self.body.practice.meetings
                self.body = replace(self.body, practice=replace(chosen, meetings=met))
            case "meeting":
                days = sorted({day, *(one.held_on for one in self.body.practice.meetings)})
                met = tuple(Meeting(one, Certainty.PUBLISHED) for one in days)
                practice = replace(self.body.practice, meetings=met)
                self.body = replace(self.body, practice=practice)
            case "meeting called off":
                practice = replace(self.body.practice, meetings=self.body.practice.meetings[:-1])
                self.body = replace(self.body, practice=practice)
            case "somebody calls":
                made = (*self.body.contacts_made, Contacted(None, self.today, "Eva"))
                self.body = replace(self.body, contacts_made=made)
            case "freeze":
                end = None if luck % 3 == 0 else day
                self.body = replace(self.body, freezes=((self.today, end, "KS"),))
            case "freeze ends":
                self.body = replace(self.body, freezes=())
            case "quiet":
                quiet = own_quiet(self.today, self.today + (luck % 40) * DAY, "Flytt")
                self.body = replace(self.body, own_quiet=(quiet,))
            case "procurement":
                stages = list(ProcurementStage)
                self.change(number, procurement_stage=stages[luck % len(stages)])
            case "adoption":
                stages = list(AdoptionStage)
                self.change(number, adoption_stage=stages[luck % len(stages)])
            case "promise":
                self.change(number, next_step_on=day, next_step_text="Ring")
            case "wait" if case.state is CaseState.OPEN:
                events = [None, *WakeEvent]
                self.change(
                    number,
                    state=CaseState.WAITING,
                    waiting_since=self.today,
                    wait_until=day,
                    wait_event=events[luck % len(events)],
                )
            case "wake" if case.state is CaseState.WAITING:
                self.change(
                    number,
                    state=CaseState.OPEN,
                    waiting_since=None,
                    wait_until=None,
                    wait_event=None,
                    awake_since=self.today,
                    open_ask_on=None,
                )
            case "close":
                self.change(number, state=CaseState.CLOSED, open_ask_on=None)
                self.body = replace(self.body, last_case_closed_on=self.today)
            case "reopen" if case.state is CaseState.CLOSED:
                self.change(number, state=CaseState.OPEN, awake_since=self.today)
            case "ask" if case.state is CaseState.OPEN:
                self.change(number, open_ask_on=case.open_ask_on or self.today)
            case "answer":
                self.change(number, open_ask_on=None)
            case "deal":
                self.deal(luck)

    def deal(self, luck: int) -> None:
        """Somebody deals with the reminder that has stood longest: asks, does it or lets it go."""
        due = [one for one in self.inbox.values() if one.is_pending and one.due_on <= self.today]
        if not due:
            return
        one = min(due, key=lambda row: (row.due_on, row.key))
        state = "done" if luck % 4 else "dismissed"
        self.inbox[one.key] = replace(one, state=state)
        self.settled[one.key] = state
        if one.kind is ReminderKind.CONTACT and state == "done":
            for number, case in enumerate(self.cases):
                if case.case_id == one.case_id and case.state is CaseState.OPEN:
                    self.change(number, open_ask_on=case.open_ask_on or self.today)

    def plan_anew(self) -> None:
        """As `crm.reminders.planning` writes it."""
        planned = plan(self.body, self.cases, rules=RULES, today=self.today)
        found = reconcile(planned, [*self.inbox.values()], stopped=contacts_stopped(self.cases))
        for gone in found.withdraw:
            self.inbox[gone.key] = replace(gone, state="withdrawn")
        for move in found.move:
            assert move.planned is not None
            assert self.inbox.pop(move.existing.key).is_pending
            assert move.planned.key not in self.inbox, "doubled"
            self.store(move.planned)
        for one in (*found.add, *(one for _there, one in found.revive)):
            self.store(one)
        for there, one in found.keep:
            self.store(one, due_on=there.due_on)
        assert reconcile(
            planned, [*self.inbox.values()], stopped=contacts_stopped(self.cases)
        ).is_empty, "planned twice it is the same"

    def store(self, one: Planned, due_on: date | None = None) -> None:
        self.plans[one.key] = one
        self.inbox[one.key] = Existing(
            one.key,
            "planned",
            due_on or one.due_on,
            event_start=one.event_start,
            kind=one.kind,
            case_id=one.case_id,
        )

    # What must hold

    def check(self) -> None:
        pending = [one for one in self.inbox.values() if one.is_pending]
        published = any(
            case.state is not CaseState.CLOSED and is_published(case.procurement_stage)
            for case in self.cases
        )
        known = {case.case_id: case for case in self.cases}
        for one in pending:
            planned = self.plans[one.key]
            assert planned.event_key or planned.rule_key == "R1"
            assert planned.shaped_by[0] == planned.rule_key
            assert all(explain(planned, language).parts for language in ("sv", "en"))
            case = known.get(one.case_id)
            if case is not None and case.state is CaseState.WAITING:
                assert one.kind is not ReminderKind.CONTACT
                assert not is_overdue(planned.kind, planned.wanted_on, date.max)
            if one.kind is not ReminderKind.CONTACT:
                continue
            assert not published, "contact while a procurement is out"
            if case is None:
                case = account_of(self.body, self.cases)
                assert case is not None, "a contact without a case beside a case"
                self.check_distance(one, pending)
            if case.open_ask_on is not None:
                assert one.due_on > ask_answer_by(case.open_ask_on), "a second open ask"
            if one.due_on <= self.today:
                assert not self.quiet_today(case, planned), "due in a quiet period"
        per_thing = Counter(
            (
                planned.rule_key,
                planned.subject,
                planned.budget_year,
                planned.event_key,
                planned.event_key == OwnEvent.COUNCIL_MEETING and planned.event_start,
            )
            for planned in (self.plans[one.key] for one in pending)
            if planned.rule_key != "R7"
        )
        assert max(per_thing.values(), default=1) == 1, "doubled"
        for case in self.cases:
            wakes = [one for one in pending if one.key.startswith(f"WAKE/case-{case.case_id}/")]
            waits = case.state is CaseState.WAITING
            settled = any(key.startswith(f"WAKE/case-{case.case_id}/") for key in self.settled)
            assert len(wakes) <= 1 if waits else not wakes
            far = waits and case.wait_event in (WakeEvent.NEW_COUNCIL, WakeEvent.NEW_COMMITTEES)
            assert wakes or not waits or settled or far, "it waits for ever"
        for key, state in self.settled.items():
            assert self.inbox[key].state == state, "what was dealt with came back"

    def check_distance(self, one: Existing, pending: list[Existing]) -> None:
        """On behalf of an account nobody is contacted soon after, or before, anybody else there."""
        apart = interval()
        assert apart is not None
        if not self.keeps_its_day(one):
            return
        others = [
            other.due_on
            for other in pending
            if other.key != one.key
            and other.kind is ReminderKind.CONTACT
            and self.keeps_its_day(other)
        ]
        made = [contact.on for contact in self.body.contacts_made]
        assert not any(too_near(day, one.due_on, apart) for day in (*others, *made)), PACE

    def keeps_its_day(self, one: Existing) -> bool:
        """Not one whose day has passed, which waits for somebody, or that found no later day."""
        planned = self.plans[one.key]
        quiet_now = any(period.covers(self.today) for period in planned.moved)
        passed = planned.late or (planned.wanted_on < self.today and quiet_now)
        return one.due_on > self.today and not passed and "touched" not in planned.params

    def quiet_today(self, case: CaseFacts, planned: Planned) -> bool:
        today = self.today
        frozen = planned.rule_key != "R7" and any(
            start <= today and (end is None or today <= end)
            for start, end, _note in self.body.freezes
        )
        usual = quiet_periods(
            self.body.kind,
            case.audience,
            self.body.county_code,
            today - 400 * DAY,
            today + 400 * DAY,
        )
        years = range(today.year - 1, today.year + 3)
        quiet = quiet_at(usual, self.body.own_quiet, case.audience, self.body.practice, years)
        return frozen or any(one.covers(today) for one in quiet)


EVENTS = (
    *["days pass"] * 5,
    *["deal"] * 5,
    *["weeks pass"] * 2,
    "calendar",
    "freeze",
    "freeze ends",
    "quiet",
    "procurement",
    "procurement",
    "adoption",
    "promise",
    "meeting",
    "meeting called off",
    "somebody calls",
    "wait",
    "wake",
    *["close"] * 3,
    "reopen",
    "ask",
    "answer",
    "answer",
)


@st.composite
def lives(draw: Any) -> Life:
    kind = draw(st.sampled_from([BodyKind.MUNICIPALITY, BodyKind.REGION, BodyKind.STATE]))
    decision = draw(st.sampled_from([*practices_for(kind)]))
    today = FIRST + draw(st.integers(0, 1800)) * DAY
    body = BodyFacts(1, "Kommunen", kind, Practice(kind, decision), county_code="08", owner_id=70)
    some = [
        CaseFacts(
            number,
            10 + number,
            today - draw(st.integers(0, 300)) * DAY,
            audience=draw(st.sampled_from(Audience)),
            adoption_stage=draw(st.sampled_from([*AdoptionStage][:5])),
            owner_id=1,
            champion_name="Anna",
        )
        for number in (1, 2)[: draw(st.integers(1, 2))]
    ]
    return Life(today, body, some)


STORIES = st.lists(st.tuples(st.sampled_from(EVENTS), LUCK), min_size=10, max_size=40)


def lived(life: Life, story: list[tuple[str, int]]) -> None:
    """Play it, and look at everything after each event."""
    life.plan_anew()
    life.check()
    for event, luck in story:
        life.happen(event, luck)
        life.plan_anew()
        life.check()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives(), STORIES)
def test_every_promise_holds_on_every_day_of_a_life(
    life: Life, story: list[tuple[str, int]]
) -> None:
    lived(life, story)


@pytest.mark.parametrize(
    ("where", "name", "instead", "said"),
    [
        (rulebook, "_is_silenced", lambda _cases: False, "while a procurement is out"),
        (rulebook._Planning, "_hold_for_answer", lambda *_: None, "a second open ask|due in a"),
        (rulebook._Planning, "_open_days", lambda *_: NO_QUIET, "due in a quiet period"),
        (rulebook._Planning, "_hold_for_pace", lambda *_: None, PACE),
    ],
)
def test_a_fault_in_the_planner_is_found(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, instead: Any, said: str
) -> None:
    """What cannot fail proves nothing."""
    monkeypatch.setattr(where, name, instead)

    @settings(
        max_examples=2_000,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(lives(), STORIES)
    def played(life: Life, story: list[tuple[str, int]]) -> None:
        lived(life, story)

    with pytest.raises(AssertionError, match=said):
        played()
