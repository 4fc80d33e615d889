"""From facts, rules and a day to the reminders that follow: what to do for whom, when and why.

The rules are R1-R8 and R11-R17 of the reference text `budget-cycles.md`, part 7, with the
choices of product.md: a contact moves forward out of a quiet period, or back before it if it would
otherwise miss the buyer's window; a promise of ours moves back to a working day; a case that waits
is left in peace until it wakes; from the notice until the signature nobody at the buyer is
contacted; an unknown timetable gives one task, and a guessed date gives a question, never an alarm.

Everything here is decided from the arguments. `plan` says what ought to be, `reconcile` compares it
with what there is. A day in the past is only ever shown as it was, never made up anew: planning
the same facts tomorrow gives the same days, so that nothing moves by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any, Final

from crm.rules import budget_cycle
from crm.rules.asks import AskOutcome, AskState, ask_answer_by, ask_outcome, next_rest
from crm.rules.budget_cycle import BodyKind, Phase, PhaseRole, Practice
from crm.rules.cadence import PURPOSE_WORDS, touches
from crm.rules.calendar import ONE_DAY, add_working_days, next_working_day, previous_working_day
from crm.rules.certainty import Certainty
from crm.rules.own_events import STAGES, YEARLY, OwnEvent, OwnPart
from crm.rules.pace import PACE, interval, last_contact, too_near
from crm.rules.precision import add_months
from crm.rules.quiet import (
    NO_QUIET,
    Audience,
    OpenDays,
    Quiet,
    deadline_day,
    open_days,
    own_freeze,
    quiet_at,
)
from crm.rules.reconciling import Existing, Move, Reconciled, reconcile
from crm.rules.reminder_facts import (
    CONTRACT_END,
    LAID_BACK,
    BodyFacts,
    CaseFacts,
    Contacted,
    Planned,
    ReminderKind,
    contract_of,
    door_ready,
    is_overdue,
    moved_as_json,
    moved_from_json,
    subject_of,
)
from crm.rules.reminder_reasons import CERTAINTY_TEXT, Why, explain, format_day, format_span
from crm.rules.reminder_rules import DEFAULT_RULES, Anchor, Conditions, Offset, Rule
from crm.rules.routes import STAGE_NAMES, StageKey
from crm.rules.stages import (
    CaseState,
    EventDate,
    LightPurpose,
    WakeEvent,
    is_published,
    resolve_event,
)

__all__ = [
    "ASK_SPACING_DAYS",
    "CERTAINTY_TEXT",
    "CONTRACT_END",
    "DEFAULT_RULES",
    "Anchor",
    "AskOutcome",
    "AskState",
    "BodyFacts",
    "CaseFacts",
    "Conditions",
    "Contacted",
    "Existing",
    "Move",
    "Offset",
    "Plan",
    "Planned",
    "Reconciled",
    "ReminderKind",
    "Rule",
    "Why",
    "ask_answer_by",
    "ask_outcome",
    "contacts_stopped",
    "contract_of",
    "explain",
    "format_day",
    "format_span",
    "is_overdue",
    "moved_as_json",
    "moved_from_json",
    "next_rest",
    "plan",
    "plan_and_term",
    "reconcile",
    "subject_of",
]

ASK_SPACING_DAYS: Final = 21  # two questions in one case lie at least this far apart (R14)
_ONE_ASK: Final = Offset(days=ASK_SPACING_DAYS)
_LIGHT_FOR: Final = timedelta(weeks=4)  # a light contact that was not made is let go
_READ_FOR: Final = timedelta(days=60)  # a decision is worth reading for two months
_MAY_TO_AUGUST: Final = timedelta(weeks=7)  # the May reminder gives way to August's
_PILOT_NEEDS: Final = timedelta(weeks=4)
_LOOK_BACK: Final = timedelta(days=400)
_LOOK_AHEAD: Final = timedelta(days=120)
_LATE_JANUARY: Final = (1, 25)
_END_OF_FEBRUARY: Final = (2, 28)
_MIDSUMMER: Final = (7, 15)
_LAW_FRAMEWORK: Final = "Förordning (1998:796) 3–4 §§"
_LAW_BUDGET: Final = "KL 11 kap. 8–11 §§"
_DECIDED_LIMITS: Final = frozenset({"kf_budget_lagfrist", "rf_budget_lagfrist"})


@dataclass(slots=True)
class _Candidate:
    """A reminder on its way: everything but the day it finally falls on."""

    rule: Rule
    occurrence: str
    event_key: str
    wanted: date
    certainty: Certainty
    case: CaseFacts | None = None
    budget_year: int | None = None
    event_start: date | None = None
    event_end: date | None = None
    closes: date | None = None
    source: str = ""
    law: str = ""
    shaped: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    day: date = date.min
    moved: tuple[Quiet, ...] = ()
    left_out: bool = False  # taken up with another question, or of no use any more

    @property
    def key(self) -> str:
        """rule/subject/occurrence of what concerns a case."""
        subject = self.case.subject if self.case is not None else ""
        return f"{self.rule.key}/{subject}/{self.occurrence}"

    def of(self, case: CaseFacts) -> "_Candidate":
        """The same occasion as it comes to one case, which shapes it on its own."""
        return _Candidate(
            rule=self.rule,
            occurrence=self.occurrence,
            event_key=self.event_key,
            wanted=self.wanted,
            certainty=self.certainty,
            case=case,
            budget_year=self.budget_year,
            event_start=self.event_start,
            event_end=self.event_end,
            closes=self.closes,
            source=self.source,
            law=self.law,
            shaped=[*self.shaped],
            params={**self.params},
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The reminders that ought to stand, and until when the same facts give the same ones.

    Before `stands_until` no day that passes adds a reminder, moves one or takes one away: what is
    stored from this plan need not be looked at again.
    """

    reminders: tuple[Planned, ...]
    stands_until: date


def plan(
    body: BodyFacts,
    cases: Sequence[CaseFacts],
    *,
    rules: Sequence[Rule] = DEFAULT_RULES,
    today: date,
    horizon_days: int = 730,
) -> tuple[Planned, ...]:
    """Every reminder that ought to stand for this body and its cases, the earliest first."""
    return plan_and_term(body, cases, rules=rules, today=today, horizon_days=horizon_days).reminders


def plan_and_term(
    body: BodyFacts,
    cases: Sequence[CaseFacts],
    *,
    rules: Sequence[Rule] = DEFAULT_RULES,
    today: date,
    horizon_days: int = 730,
) -> Plan:
    """The same, with the day until which it stands."""
    planning = _Planning(body, tuple(cases), tuple(rules), today, _days(horizon_days))
    found = sorted(planning.all(), key=lambda one: (one.due_on, one.key))
    return Plan(tuple(found), planning.stands_until)


def contacts_stopped(cases: Iterable[CaseFacts]) -> frozenset[int]:
    """The cases of one body in which nobody at the buyer is to be contacted now.

    A published procurement silences the whole body (R11). A waiting case is left in peace, and a
    closed one too, except by the reminders of its contract.
    """
    cases = tuple(cases)
    if _is_silenced(cases):
        return frozenset(case.case_id for case in cases)
    return frozenset(case.case_id for case in cases if case.state is not CaseState.OPEN)


def _is_silenced(cases: Iterable[CaseFacts]) -> bool:
    return any(
        case.state is not CaseState.CLOSED and is_published(case.procurement_stage)
        for case in cases
    )


def _days(count: int) -> timedelta:
    return timedelta(days=count)


class _Planning:
    """The planning of one body on one day.

    Whatever asks where today stands does so by `_has_passed`, `_is_beyond` or `_changes_on`, which
    note the day on which the answer will be another.
    """

    def __init__(
        self,
        body: BodyFacts,
        cases: tuple[CaseFacts, ...],
        rules: tuple[Rule, ...],
        today: date,
        reach: timedelta,
    ) -> None:
        self.body = body
        self.cases = sorted(cases, key=lambda case: (case.opened_on, case.case_id))
        self.rules = [rule for rule in rules if rule.kind is not None]
        self.pace = interval(rules)
        self.today = today
        self.reach = reach
        self.horizon = horizon = today + reach
        self.silenced = _is_silenced(cases)
        self.years = range(today.year - 1, horizon.year + 3)
        self.stands_until = date(today.year + 1, 1, 1)
        self._changes_on(date(horizon.year + 1, 1, 1) - reach)
        self._open: dict[tuple[Audience, tuple[Quiet, ...], bool], OpenDays] = {}
        self._known: dict[tuple[str, Practice], tuple[_Candidate, ...]] = {}
        self._dealt_with = {one.reminder_key for one in body.contacts_made if one.reminder_key}

    # Where today stands

    def _changes_on(self, day: date) -> None:
        """From this day on, if it is still to come, the same facts may give another plan."""
        if self.today < day < self.stands_until:
            self.stands_until = day

    def _has_passed(self, day: date) -> bool:
        self._changes_on(day + ONE_DAY)
        return day < self.today

    def _is_beyond(self, day: date, further: timedelta = timedelta()) -> bool:
        """Whether the day lies past the horizon, or further than so much past it."""
        self._changes_on(day - further - self.reach)
        return day > self.horizon + further

    def all(self) -> Iterator[Planned]:
        yield from self._for_body()
        contacts: list[_Candidate] = []
        for case in self.cases:
            yield from self._for_case(case, contacts)
        yield from self._contacts(contacts)

    # What concerns the body as a whole

    def _for_body(self) -> Iterator[Planned]:
        alive = [case for case in self.cases if case.state is not CaseState.CLOSED]
        awake = [case for case in alive if case.state is CaseState.OPEN]
        for rule in self.rules:
            if rule.anchor is Anchor.UNKNOWN_PRACTICE and alive:
                yield from self._finished(self._unknown(rule, alive), alive[0])
            elif rule.anchor in (Anchor.DECISION_END, Anchor.APPROPRIATION):
                first = next((c for c in awake if rule.conditions.hold_for(self.body, c)), None)
                if first is not None:
                    yield from self._finished(self._decided(rule, first), first)
            elif _is_read_once(rule):
                first = next((c for c in alive if rule.conditions.hold_for(self.body, c)), None)
                if first is not None:
                    found = self._of_the_year(rule, self.body.practice)
                    yield from self._finished(_since(found, first), first)

    def _unknown(self, rule: Rule, alive: Sequence[CaseFacts]) -> Iterator[_Candidate]:
        """R1: one task, with the law's limits as outer dates."""
        if self.body.practice.is_known:
            return
        year = self.today.year + 1
        limits = budget_cycle.legal_limits(self.body.kind, year)
        decided = [phase.end for phase in limits if phase.key in _DECIDED_LIMITS]
        if decided and self._has_passed(max(decided)):
            year += 1
            limits = budget_cycle.legal_limits(self.body.kind, year)
        candidate = _Candidate(
            rule=rule,
            occurrence=f"@{year}",
            event_key="legal_limit" if limits else "",
            wanted=add_working_days(min(case.opened_on for case in alive), 5),
            certainty=Certainty.LAW if limits else Certainty.GUESSED,
            budget_year=year,
            law=_LAW_BUDGET if limits else "",
        )
        if limits:
            candidate.event_start = min(phase.start for phase in limits)
            candidate.event_end = max(phase.end for phase in limits)
            candidate.source = limits[0].source
        yield candidate

    def _decided(self, rule: Rule, first: CaseFacts) -> Iterator[_Candidate]:
        """R3 and the state's letter: read what has been decided since the first case opened."""
        for year in self.years:
            if rule.anchor is Anchor.DECISION_END:
                phase = budget_cycle.decision(self.body.practice, year)
            else:
                phase = next(
                    (
                        phase
                        for phase in budget_cycle.phases(self.body.practice, year)
                        if phase.role is PhaseRole.APPROPRIATION
                    ),
                    None,
                )
            if phase is not None and phase.end >= first.active_from:
                wanted = rule.offset.from_day(phase.end)
                found = self._of_phase(rule, self.body.practice, phase, wanted)
                found.closes = phase.end + _READ_FOR
                yield found

    def _finished(self, found: Iterable[_Candidate], owner: CaseFacts) -> Iterator[Planned]:
        """What is no contact falls on a working day, and stands until it is done or of no use."""
        for candidate in found:
            candidate.day = next_working_day(candidate.wanted)
            if candidate.day != candidate.wanted:
                _, candidate.moved = NO_QUIET.first(candidate.wanted)
            planned = self._planned(candidate, owner)
            if planned is not None:
                yield planned

    # What concerns one case

    def _for_case(self, case: CaseFacts, contacts: list[_Candidate]) -> Iterator[Planned]:
        """What concerns the case alone; its contacts are gathered, to be placed with the rest."""
        if case.state is CaseState.WAITING:
            for rule in self.rules:
                if rule.anchor is Anchor.WAKE:
                    yield from self._finished([self._wake(rule, case)], case)
                elif rule.anchor is Anchor.WHILE_WAITING and not self.silenced:
                    contacts += self._light(rule, case)
                elif rule.anchor is Anchor.NEXT_STEP:
                    yield from self._promise(rule, case)
                elif rule.own is not None and rule.conditions.hold_for(self.body, case):
                    yield from self._own_work(rule, case)
            return
        for rule in self.rules:
            if not rule.conditions.hold_for(self.body, case):
                continue
            if rule.anchor is Anchor.NEXT_STEP:
                yield from self._promise(rule, case)
            elif rule.kind is ReminderKind.CONTACT:
                if not self.silenced:
                    contacts += self._occurrences(rule, case)
            elif rule.own is not None:
                yield from self._own_work(rule, case)
            elif rule.anchor not in _OF_THE_BODY and not is_published(case.procurement_stage):
                yield from self._finished(self._occurrences(rule, case), case)

    def _own_work(self, rule: Rule, case: CaseFacts) -> Iterator[Planned]:
        """What a rule of one's own asks of ourselves, also while a procurement is under way."""
        if rule.kind is ReminderKind.CONTACT or _is_read_once(rule):
            return
        for candidate in _since(self._occurrences(rule, case), case):
            candidate.rule, late = self._as_promise(candidate, case), False
            if candidate.rule.kind is not ReminderKind.DEADLINE:
                yield from self._finished([candidate], case)
                continue
            late = self._has_passed(candidate.wanted)
            candidate.day, reason = deadline_day(candidate.wanted)
            candidate.moved = (reason,) if reason is not None else ()
            planned = self._planned(candidate, case)
            if planned is not None:
                yield replace(planned, late=late)

    @staticmethod
    def _as_promise(candidate: _Candidate, case: CaseFacts) -> Rule:
        """Nothing is late in a case that waits, and no guess is a promise: then it is a task."""
        rule = candidate.rule
        guessed = candidate.certainty is Certainty.GUESSED
        if rule.kind is ReminderKind.DEADLINE and (guessed or case.state is CaseState.WAITING):
            return replace(rule, kind=ReminderKind.TASK)
        return rule

    def _promise(self, rule: Rule, case: CaseFacts) -> Iterator[Planned]:
        """A next step with a date. In a case that waits it is a task, which is never overdue."""
        wanted = case.next_step_on
        if wanted is None or case.state is CaseState.CLOSED:
            return
        day, reason = deadline_day(wanted)
        candidate = _Candidate(
            rule=rule,
            occurrence=f"@{wanted.isoformat()}",
            event_key="next_step",
            event_start=wanted,
            event_end=wanted,
            wanted=wanted,
            case=case,
            certainty=Certainty.CONFIRMED,
            day=day,
            moved=(reason,) if reason is not None else (),
        )
        candidate.params["next_step"] = case.next_step_text
        if case.state is CaseState.WAITING:
            candidate.rule = replace(rule, kind=ReminderKind.TASK)
        planned = self._planned(candidate, case)
        if planned is not None:
            yield planned

    def _wake(self, rule: Rule, case: CaseFacts) -> _Candidate:
        """The one reminder of a case that waits."""
        since = case.waiting_since or case.opened_on
        event = case.wait_event
        if event is None and case.wait_until is None:
            event = WakeEvent.DOOR_OPENS  # no case waits for ever
        found = self._event(event, case, since) if event is not None else None
        wanted = found.day if found is not None else case.wait_until
        if wanted is None:
            event = WakeEvent.BUDGET_YEAR_STARTS
            found = self._event(event, case, since)
            wanted = found.day if found is not None else add_months(since, 12)
        phase = found.phase if found is not None else None
        candidate = _Candidate(
            rule=rule,
            occurrence=f"@{since.isoformat()}",
            event_key=event.value if event is not None and found is not None else "wait_until",
            event_start=phase.start if phase is not None else wanted,
            event_end=phase.end if phase is not None else wanted,
            wanted=wanted,
            case=case,
            budget_year=phase.budget_year if phase is not None else None,
            certainty=found.certainty if found is not None else Certainty.CONFIRMED,
            source=phase.source if phase is not None else "",
            law=phase.law if phase is not None else found.law if found is not None else "",
        )
        candidate.params["since"] = since.isoformat()
        if phase is not None:
            _name_phase(candidate, phase)
        return candidate

    def _light(self, rule: Rule, case: CaseFacts) -> Iterator[_Candidate]:
        """E10: light contacts while the case waits, as long as there is somebody to contact."""
        every = case.light_every
        if every is None or case.contact_id is None:
            return
        since = case.waiting_since or case.opened_on
        wakes = self._wake(rule, case).wanted
        found = touches(
            since,
            wakes,
            every,
            case.light_purpose or LightPurpose.SEASON,
            self._practice(case),
            case.audience,
            self.pace,
        )
        for touch, following in zip_longest(found, found[1:]):
            closes = min(touch.on + _LIGHT_FOR, wakes - ONE_DAY)
            if following is not None:
                closes = min(closes, following.on - ONE_DAY)
            sv, en = PURPOSE_WORDS[touch.purpose]
            yield _Candidate(
                rule=rule,
                occurrence=f"{since.isoformat()}-{touch.number}",
                event_key="light",
                event_start=touch.on,
                event_end=touch.on,
                wanted=touch.on,
                closes=closes,
                case=case,
                certainty=Certainty.CONFIRMED,
                params={
                    "since": since.isoformat(),
                    "every": every,
                    "purpose": touch.purpose.value,
                    "purpose_sv": sv,
                    "purpose_en": en,
                },
            )

    def _event(self, event: WakeEvent, case: CaseFacts, since: date) -> EventDate | None:
        return resolve_event(event, self._practice(case), case.audience, since)

    def _practice(self, case: CaseFacts) -> Practice:
        """The unit's own calendar if it has one, else the body's."""
        return case.practice if case.practice is not None else self.body.practice

    def _occurrences(self, rule: Rule, case: CaseFacts) -> Iterator[_Candidate]:
        """Every time the rule speaks for the case, whatever has become of it since."""
        match rule.anchor:
            case Anchor.CONTRACT_END:
                yield from self._contract(rule, case)
            case Anchor.CONTRACT_NOTICE:
                yield from self._notice(rule, case)
            case Anchor.OWN if rule.own is not None and rule.own.event not in YEARLY:
                yield from self._own_in_case(rule, rule.own, case)
            case anchor if anchor in _STAGE_OF:
                yield from self._laid_back(rule, case)
            case Anchor.CASE_OPENED:
                found = _Candidate(
                    rule=rule,
                    occurrence="once",
                    event_key="case_opened",
                    event_start=case.opened_on,
                    event_end=case.opened_on,
                    wanted=rule.offset.from_day(case.opened_on),
                    case=case,
                    certainty=Certainty.CONFIRMED,
                )
                if rule.key == "R17":
                    found.certainty, found.law = Certainty.LAW, _LAW_FRAMEWORK
                yield found
            case Anchor.CHAMPION_LEFT:
                yield from self._of_one(rule, case, case.champion_left, "left")
            case Anchor.SINGLE_CONTACT:
                yield from self._of_one(rule, case, case.single, "only")
            case _:
                for common in self._of_the_year(rule, self._practice(case)):
                    if rule.kind is not ReminderKind.CONTACT or self._is_of_interest(common, case):
                        yield common.of(case)

    def _of_one(
        self, rule: Rule, case: CaseFacts, who: tuple[str, date] | None, name: str
    ) -> Iterator[_Candidate]:
        """R13 and C7: somebody on whom the case hung has left, or it hangs on one alone."""
        if who is None:
            return
        person, since = who
        yield _Candidate(
            rule=rule,
            occurrence=f"@{since.isoformat()}",
            event_key=rule.anchor.value if rule.anchor is not None else "",
            event_start=since,
            event_end=since,
            wanted=max(rule.offset.from_day(since), case.active_from),
            case=case,
            certainty=Certainty.CONFIRMED,
            params={name: person},
        )

    def _of_the_year(self, rule: Rule, practice: Practice) -> tuple[_Candidate, ...]:
        """The occasions that the calendar gives every case alike, worked out once."""
        found = self._known.get((rule.key, practice))
        if found is None:
            found = self._known[rule.key, practice] = tuple(self._occasions(rule, practice))
        return found

    def _occasions(self, rule: Rule, practice: Practice) -> Iterator[_Candidate]:
        match rule.anchor:
            case Anchor.DOOR_READY | Anchor.DOOR_END:
                yield from self._doors(rule, practice)
            case Anchor.INTERNAL_BUDGET | Anchor.UNIT_MONEY:
                yield from self._internal_budgets(rule, practice)
            case Anchor.SCHOOL_PILOT:
                yield from self._pilots(rule, practice)
            case Anchor.FREEZE:
                yield from self._freezes(rule)
            case Anchor.OWN if rule.own is not None:
                yield from self._own_in_the_year(rule, rule.own, practice)

    def _own_in_the_year(
        self, rule: Rule, own: OwnPart, practice: Practice
    ) -> Iterator[_Candidate]:
        role, at_its_end = YEARLY[own.event]
        for year in self.years:
            phase = budget_cycle.of_role(practice, year, role)
            if phase is None:
                continue
            day = phase.end if at_its_end else phase.start
            found = self._of_phase(rule, practice, phase, rule.offset.from_day(day))
            found.occurrence = f"{own.event}-{year}"
            found.closes = _of_use_until(rule, found.wanted, day)
            yield found

    def _own_in_case(self, rule: Rule, own: OwnPart, case: CaseFacts) -> Iterator[_Candidate]:
        """Counted from a day that the case itself has."""
        if own.event in STAGES:
            for laid in self._laid_back(rule, case):
                laid.wanted = rule.offset.from_day(laid.wanted)
                laid.occurrence = f"@{own.event}-{laid.occurrence[1:]}"
                laid.closes = _of_use_until(rule, laid.wanted, laid.event_start or laid.wanted)
                yield laid
            return
        day = {
            OwnEvent.CASE_OPENED: case.opened_on,
            OwnEvent.CONTRACT_END: case.contract_ends_on,
            OwnEvent.IN_USE: case.plan.in_use_on if case.plan is not None else None,
        }[own.event]
        if day is None:
            return
        wanted = rule.offset.from_day(day)
        yield _Candidate(
            rule=rule,
            occurrence=f"@{own.event}-{day.isoformat()}",
            event_key=own.event.value,
            event_start=day,
            event_end=day,
            wanted=wanted,
            case=case,
            closes=_of_use_until(rule, wanted, day),
            certainty=Certainty.CONFIRMED,
        )

    def _doors(self, rule: Rule, practice: Practice) -> Iterator[_Candidate]:
        for year in self.years:
            phase = budget_cycle.door(practice, year)
            if phase is None:
                continue
            over_summer = _is_over_summer(phase)
            if rule.conditions.door_over_summer not in (None, over_summer):
                continue
            from_day = (
                phase.end if rule.anchor is Anchor.DOOR_END else door_ready(phase.start, phase.end)
            )
            found = self._of_phase(rule, practice, phase, rule.offset.from_day(from_day))
            found.closes = phase.end
            if rule.key == "R2-may":
                found.closes = phase.end - _MAY_TO_AUGUST
            yield found

    def _internal_budgets(self, rule: Rule, practice: Practice) -> Iterator[_Candidate]:
        """R4: in the autumn where the money is split before New Year, else in late January."""
        for year in self.years:
            phase = budget_cycle.internal_budget(practice, year)
            if phase is None:
                continue
            into_the_year = phase.end.year >= year
            if into_the_year is not (rule.anchor is Anchor.UNIT_MONEY):
                continue
            if into_the_year:
                wanted = rule.offset.from_day(date(year, *_LATE_JANUARY))
                closes = max(phase.end, date(year, *_END_OF_FEBRUARY))
            else:
                wanted = min(rule.offset.from_day(phase.start), phase.end)
                closes = phase.end
            found = self._of_phase(rule, practice, phase, wanted)
            found.closes = closes
            yield found

    def _pilots(self, rule: Rule, practice: Practice) -> Iterator[_Candidate]:
        first, last = date(self.years[0], 1, 1), date(self.horizon.year, 12, 31)
        for phase in budget_cycle.school_year(first, last):
            if phase.role is PhaseRole.SCHOOL_PILOT:
                found = self._of_phase(rule, practice, phase, rule.offset.from_day(phase.start))
                found.occurrence = f"{phase.start.year}-{phase.key}"
                found.closes = phase.end - _PILOT_NEEDS
                yield found

    def _contract(self, rule: Rule, case: CaseFacts) -> Iterator[_Candidate]:
        end = case.contract_ends_on
        if end is None:
            return
        wanted = rule.offset.from_day(end)
        later = [
            other.offset.from_day(end)
            for other in self.rules
            if other.anchor is Anchor.CONTRACT_END and other.offset.from_day(end) > wanted
        ]
        yield _Candidate(
            rule=rule,
            occurrence=f"@{end.isoformat()}",
            event_key=CONTRACT_END,
            event_start=end,
            event_end=end,
            wanted=wanted,
            case=case,
            closes=min(later) - _days(1) if later else add_months(end, -3),
            certainty=Certainty.CONFIRMED,
        )

    def _notice(self, rule: Rule, case: CaseFacts) -> Iterator[_Candidate]:
        """D4: in time before the last day for notice of an option."""
        day = case.contract_notice_on
        if day is None:
            return
        yield _Candidate(
            rule=rule,
            occurrence=f"@{day.isoformat()}",
            event_key="contract_notice",
            event_start=day,
            event_end=day,
            wanted=rule.offset.from_day(day),
            case=case,
            closes=day,
            certainty=Certainty.CONFIRMED,
            params={"ends_on": case.contract_ends_on.isoformat()} if case.contract_ends_on else {},
        )

    def _laid_back(self, rule: Rule, case: CaseFacts) -> Iterator[_Candidate]:
        """E7, D2: as each stage of the plan begins that leads to the day of use."""
        if case.plan is None or rule.anchor is None:
            return
        stage = STAGES[rule.own.event] if rule.own is not None else _STAGE_OF[rule.anchor]
        step = case.plan.stage(stage)
        if step is None:
            return
        in_use_on = case.plan.in_use_on.isoformat()
        candidate = _Candidate(
            rule=rule,
            occurrence=f"@{in_use_on}",
            event_key=LAID_BACK,
            event_start=step.start,
            event_end=step.end,
            wanted=step.start,
            case=case,
            closes=step.end,
            certainty=step.certainty,
            law=step.law,
        )
        sv, en = STAGE_NAMES[step.stage]
        candidate.params |= {"phase_sv": sv, "phase_en": en}
        candidate.params["in_use_on"] = in_use_on
        yield candidate

    def _freezes(self, rule: Rule) -> Iterator[_Candidate]:
        """R7: late January after it began; every January while nobody knows its end.

        Of several freezes in one January the one that lets us ask last decides: one question.
        """
        asked: dict[int, tuple[date, date, date | None, str]] = {}
        for start, end, note in self.body.freezes:
            for year in range(start.year, self.horizon.year + 1):
                day = date(year, *_LATE_JANUARY)
                if day < start:
                    continue
                if end is not None:
                    day = max(day, end + _days(1))
                if year not in asked or asked[year][0] < day:
                    asked[year] = day, start, end, note
                if end is not None:
                    break
        for year, (day, start, end, note) in sorted(asked.items()):
            yield _Candidate(
                rule=rule,
                occurrence=f"freeze-{year}",
                event_key="freeze",
                event_start=start,
                event_end=end,
                wanted=day,
                closes=day + _READ_FOR,
                certainty=Certainty.CONFIRMED,
                source=note,
            )

    def _of_phase(self, rule: Rule, practice: Practice, phase: Phase, wanted: date) -> _Candidate:
        found = _Candidate(
            rule=rule,
            occurrence=str(phase.budget_year),
            event_key=phase.key,
            event_start=phase.start,
            event_end=phase.end,
            wanted=wanted,
            budget_year=phase.budget_year,
            certainty=phase.certainty,
            source=phase.source,
            law=phase.law,
        )
        _name_phase(found, phase)
        decision = budget_cycle.decision(practice, phase.budget_year)
        if decision is not None and decision.key != phase.key:
            found.params["decision_sv"] = decision.name_sv
            found.params["decision_en"] = decision.name_en
            found.params["decision_start"] = decision.start.isoformat()
            found.params["decision_end"] = decision.end.isoformat()
        if rule.kind is ReminderKind.CONTACT and phase.certainty is Certainty.GUESSED:
            found.shaped.append("R1")  # a question about the timetable, never an alarm
        if phase.election_variant or (decision is not None and decision.election_variant):
            found.shaped.append("R5")
        tight_until = self.body.deficit_until_year
        if tight_until is not None and phase.budget_year <= tight_until:
            found.shaped.append("R8")
            found.params["deficit_until"] = tight_until
        if self.body.kind is BodyKind.STATE and rule.key != "R17":
            found.shaped.append("R17")
        return found

    # Contacts: quiet periods, one question at a time

    def _open_days(self, rule: Rule, case: CaseFacts) -> OpenDays:
        """Everything that closes a day for contacts in this case, freezes included.

        The question about a freeze is asked in spite of it.
        """
        of_freeze = rule.anchor is Anchor.FREEZE
        found = self._open.get((case.audience, case.own_quiet, of_freeze))
        if found is None:
            first = date(self.today.year - 2, 1, 1)
            last = date(self.horizon.year + 2, 12, 31)
            body = self.body
            found = open_days(body.kind, case.audience, body.county_code, first, last)
            freezes = (own_freeze(start, end, note) for start, end, note in body.freezes)
            own = (*body.own_quiet, *freezes, *case.own_quiet)
            if of_freeze:
                own = tuple(period for period in own if period.key != "freeze")
            if own or case.audience is Audience.POLITICAL:
                found = OpenDays(
                    quiet_at(found.quiet, own, case.audience, body.practice, self.years)
                )
            self._open[case.audience, case.own_quiet, of_freeze] = found
        return found

    def _contacts(self, found: Iterable[_Candidate]) -> Iterator[Planned]:
        """Place the contacts of all cases: first as if nothing had passed, then as of today.

        Contacts share a room, and keep their distance in it, that go to one person or, where
        nobody is known, belong to one case.
        """
        rooms: dict[tuple[bool, int], list[_Candidate]] = {}
        for candidate in sorted(found, key=_by_closing):
            case = _case_of(candidate)
            if self._is_of_interest(candidate, case) and self._find_day(candidate, case):
                self._give_room(candidate, rooms.setdefault(self._room_of(case), []), case)
        for room in rooms.values():
            room.sort(key=lambda one: (one.day, one.key))
            for candidate in room:
                self._mark_quiet(candidate)
            self._as_of_today(room)
            for candidate in room:
                if not candidate.left_out:
                    planned = self._if_of_use(candidate)
                    if planned is not None:
                        yield planned

    def _room_of(self, case: CaseFacts) -> tuple[bool, int]:
        person = case.contact_id if self.pace is not None else None
        return (False, case.case_id) if person is None else (True, person)

    def _apart(self, one: _Candidate, other: _Candidate) -> Offset:
        """How far two contacts in one room must lie from each other, at least."""
        if self.pace is None or _case_of(one).contact_id is None:
            return _ONE_ASK
        if one.case is not other.case:
            return self.pace
        return max(self.pace, _ONE_ASK, key=lambda offset: offset.from_day(one.day))

    def _is_of_interest(self, candidate: _Candidate, case: CaseFacts) -> bool:
        if candidate.closes is not None and candidate.closes < case.active_from:
            return False
        if candidate.certainty is Certainty.GUESSED and candidate.wanted < case.active_from:
            return False  # R1: never "act now" from a guess
        return not (
            self._has_passed(candidate.wanted + _LOOK_BACK)
            or self._is_beyond(candidate.wanted, _LOOK_AHEAD)
        )

    def _find_day(self, candidate: _Candidate, case: CaseFacts) -> bool:
        """The first open day, or the last one before the quiet if that would be too late (R6)."""
        days = self._open_days(candidate.rule, case)
        start = max(candidate.wanted, case.active_from)
        candidate.day, candidate.moved = days.first(start)
        if candidate.closes is not None and candidate.day > candidate.closes:
            candidate.day, candidate.moved = days.last_before(min(start, candidate.closes))
            if candidate.day < case.active_from:
                return False
        return True

    def _give_room(self, candidate: _Candidate, placed: list[_Candidate], case: CaseFacts) -> None:
        """R14: the question whose window closes first keeps its day; others come weeks later.

        What finds no room inside its window is taken up with the question that has the day, or
        takes its place if it matters more.
        """
        first, moved = candidate.day, candidate.moved
        while near := self._near(candidate, placed):
            last = max(near, key=lambda other: other.day)
            moved = self._after(candidate, last, moved)
            if candidate.closes is not None and candidate.day > candidate.closes:
                candidate.day = first
                self._take_together(candidate, near[0], placed)
                return
        candidate.moved = moved
        placed.append(candidate)

    def _near(self, candidate: _Candidate, placed: Iterable[_Candidate]) -> list[_Candidate]:
        return [
            other
            for other in placed
            if too_near(other.day, candidate.day, self._apart(candidate, other))
        ]

    def _after(
        self, candidate: _Candidate, last: _Candidate, moved: tuple[Quiet, ...]
    ) -> tuple[Quiet, ...]:
        """Move the candidate as far behind another as it must; returns why, in full."""
        case = _case_of(candidate)
        free = self._apart(candidate, last).from_day(last.day)
        if last.case is case and too_near(last.day, candidate.day, _ONE_ASK):
            key, sv, en = "one_ask", "En fråga i taget", "One question at a time"
        else:
            key, sv, en = "pace", *_pace_words(self.pace or _ONE_ASK, case)
        room = Quiet(key, last.day, free - ONE_DAY, sv, en, Certainty.CONFIRMED, "")
        candidate.shaped.append("R14" if key == "one_ask" else PACE)
        candidate.day, passed = self._open_days(candidate.rule, case).first(free)
        return (*moved, room, *(period for period in passed if period not in moved))

    def _take_together(
        self, candidate: _Candidate, keeper: _Candidate, placed: list[_Candidate]
    ) -> None:
        """Both at once, on the day of the one that matters more if that is free."""
        if (
            self._near(candidate, placed) == [keeper]
            and candidate.rule.importance > keeper.rule.importance
        ):
            placed.remove(keeper)
            placed.append(candidate)
            candidate, keeper = keeper, candidate
        self._take_up_with(keeper, candidate)

    @staticmethod
    def _take_up_with(keeper: _Candidate, candidate: _Candidate) -> None:
        """Name the one in the other, with what it carried itself: of another case by that case."""
        candidate.left_out = True
        case, rule = _case_of(candidate), candidate.rule
        also, own = candidate.params.pop("also", []), candidate.params.pop("also_own", [])
        if rule.own is not None:
            own = [rule.name_sv, *own]
        else:
            also = [rule.key, *also]
        elsewhere = candidate.params.pop("elsewhere", [])
        if keeper.case is case:
            keeper.shaped.append("R14")
        else:
            keeper.shaped.append(PACE)
            where = [case.case_id, case.title or case.unit_name]
            named = [[key, *where, ""] for key in also] + [["", *where, name] for name in own]
            also, own, elsewhere = [], [], named + elsewhere
        for kept, what in (("also", also), ("also_own", own), ("elsewhere", elsewhere)):
            if what:
                keeper.params.setdefault(kept, []).extend(what)

    def _mark_quiet(self, candidate: _Candidate) -> None:
        keys = {period.key for period in candidate.moved}
        if keys - {"one_ask", "pace", "freeze"}:
            candidate.shaped.append("R6")
        if "freeze" in keys:
            candidate.shaped.append("R7")
        case = candidate.case
        if case is not None and case.audience is Audience.SCHOOL and keys & _SCHOOL_QUIET:
            candidate.shaped.append("R16")

    def _as_of_today(self, room: Iterable[_Candidate]) -> None:
        """What has happened moves what is to come: an open question, a contact just made, and a
        day that passed in a quiet period. What was moved keeps its distance to what follows."""
        before: _Candidate | None = None
        for candidate in room:
            case = _case_of(candidate)
            if candidate.key in self._dealt_with:
                continue
            if candidate.closes is not None and self._has_passed(candidate.closes):
                candidate.left_out = True
                continue
            days, was = self._open_days(candidate.rule, case), candidate.day
            if case.open_ask_on is not None:
                self._hold_for_answer(candidate, case.open_ask_on, days)
            elif self._has_passed(candidate.day) and days.covering(self.today):
                self._stands_until_quiet_changes(days)
                candidate.day, passed = days.first(self.today)
                candidate.moved = (
                    *candidate.moved,
                    *(period for period in passed if period not in candidate.moved),
                )
                candidate.shaped.append("R6")
                self._hold_for_pace(candidate, case, days)
                continue
            self._hold_for_pace(candidate, case, days)
            if before is not None and not self._keeps_distance(candidate, before, was):
                continue
            before = candidate

    def _hold_for_pace(self, candidate: _Candidate, case: CaseFacts, days: OpenDays) -> None:
        """S21: whoever was in touch lately, the same person is left in peace for a while.

        Where the window closes before that, the contact keeps its day and says who was in touch.
        """
        if self.pace is None or case.contact_id is None:
            return
        made = last_contact(self.body.contacts_made, case.contact_id)
        if made is None or candidate.day >= self.pace.from_day(made.on):
            return
        free = self.pace.from_day(made.on)
        day, passed = days.first(free)
        candidate.shaped.append(PACE)
        if candidate.closes is not None and day > candidate.closes:
            candidate.params["touched"] = [made.on.isoformat(), made.by, made.about]
            return
        sv, en = _contacted_words(made, case)
        lately = Quiet("pace", made.on, free - ONE_DAY, sv, en, Certainty.CONFIRMED, "")
        candidate.moved = (*candidate.moved, lately, *passed)
        candidate.day = day

    def _keeps_distance(self, candidate: _Candidate, before: _Candidate, was: date) -> bool:
        """Behind one that was moved; False where there is no room and it is taken up with it."""
        if not too_near(before.day, candidate.day, self._apart(candidate, before)):
            return True
        if "touched" in candidate.params or "touched" in before.params:
            return True  # kept where it was for want of room
        moved = self._after(candidate, before, candidate.moved)
        if candidate.closes is None or candidate.day <= candidate.closes:
            candidate.moved = moved
            return True
        candidate.day = was
        self._take_up_with(before, candidate)
        return False

    def _if_of_use(self, candidate: _Candidate) -> Planned | None:
        if candidate.closes is not None and candidate.day > candidate.closes:
            return None
        return self._planned(candidate, _case_of(candidate))

    def _hold_for_answer(self, candidate: _Candidate, asked_on: date, days: OpenDays) -> None:
        """R14: while a question is open, the next one waits until its answer is due or has come."""
        answer_by = ask_answer_by(asked_on)
        held_until = max(answer_by, self.today)
        self._changes_on(candidate.day)
        if candidate.day > held_until:
            return
        self._changes_on(max(answer_by, self.today) + ONE_DAY)
        candidate.day, passed = days.first(held_until + ONE_DAY)
        open_ask = Quiet(
            "ask_open",
            asked_on,
            answer_by,
            "En fråga är obesvarad",
            "A question is unanswered",
            Certainty.CONFIRMED,
            "",
        )
        candidate.moved = (*candidate.moved, open_ask, *passed)
        candidate.shaped.append("R14")

    def _stands_until_quiet_changes(self, days: OpenDays) -> None:
        change = days.next_change(self.today)
        if change is not None:
            self._changes_on(change)

    # The last step

    def _planned(self, candidate: _Candidate, owner: CaseFacts) -> Planned | None:
        rule, case = candidate.rule, candidate.case
        if rule.kind is None:
            raise ValueError(f"{rule.key} only shapes what other rules plan.")
        if candidate.closes is not None and self._has_passed(candidate.closes):
            return None
        day, late = candidate.day, False
        if rule.kind is not ReminderKind.DEADLINE and self._has_passed(day):
            day, late = self._today_at_the_earliest(rule, owner, candidate.closes), True
            if candidate.closes is not None and day > candidate.closes:
                return None
        if self._is_beyond(day):
            return None
        subject = case.subject if case is not None else f"body-{self._body_id}"
        return Planned(
            key=f"{rule.key}/{subject}/{candidate.occurrence}",
            rule_key=rule.key,
            rule_version=rule.version,
            kind=rule.kind,
            case_id=case.case_id if case is not None and case.contract_id is None else None,
            organisation_id=case.organisation_id if case is not None else self._body_id,
            owner_id=owner.owner_id
            if rule.own is None
            else rule.own.told(owner.owner_id, self.body.owner_id),
            budget_year=candidate.budget_year,
            event_key=candidate.event_key,
            event_start=candidate.event_start,
            event_end=candidate.event_end,
            wanted_on=candidate.wanted,
            due_on=day,
            closes_on=candidate.closes,
            late=late,
            moved=candidate.moved,
            certainty=candidate.certainty,
            source=candidate.source,
            law=candidate.law,
            shaped_by=tuple(dict.fromkeys((rule.key, *candidate.shaped))),
            params=self._params(candidate),
            person_id=case.contact_id
            if case is not None and rule.kind is ReminderKind.CONTACT
            else None,
        )

    def _today_at_the_earliest(self, rule: Rule, owner: CaseFacts, closes: date | None) -> date:
        """Where a reminder stands whose day has passed. It slides along with today, unnoticed.

        What a reader would notice is that a quiet period begins or ends, or that no day of use is
        left before the window closes.
        """
        if rule.kind is not ReminderKind.CONTACT:
            if closes is not None:
                self._changes_on(previous_working_day(closes) + ONE_DAY)
            return next_working_day(self.today)
        days = self._open_days(rule, owner)
        self._stands_until_quiet_changes(days)
        if closes is not None:
            self._changes_on(days.last_before(closes)[0] + ONE_DAY)
        return days.first(self.today)[0]

    @property
    def _body_id(self) -> int:
        return self.body.organisation_id

    def _params(self, candidate: _Candidate) -> dict[str, Any]:
        params = {"body": self.body.name, "body_kind": self.body.kind.value, **candidate.params}
        rule, case = candidate.rule, candidate.case
        if rule.own is not None:
            params["own"] = {
                "title": rule.name_sv,
                "do": rule.do_sv,
                "when_sv": rule.own.when_sv,
                "when_en": rule.own.when_en,
            }
        elif rule.offset.is_before:
            params["offset_sv"] = rule.offset.text("sv")
            params["offset_en"] = rule.offset.text("en")
        if candidate.certainty is Certainty.GUESSED:
            params["guessed"] = True
        if case is not None:
            params["unit"] = case.unit_name
            if case.contract_id is not None:
                params["contract"], params["contract_id"] = case.title, case.contract_id
            params["champion"] = case.champion_name
            if rule.kind is ReminderKind.CONTACT and not case.champion_name and case.contact_name:
                params["contact"] = case.contact_name
            params["school"] = case.audience is Audience.SCHOOL
        return params


_STAGE_OF: Final[dict[Anchor | None, StageKey]] = {
    Anchor.PLAN_NEEDS: StageKey.NEEDS,
    Anchor.PLAN_DIALOGUE: StageKey.DIALOGUE,
    Anchor.PLAN_SPECIFICATION: StageKey.SPECIFICATION,
    Anchor.PLAN_MARKET: StageKey.MARKET,
    Anchor.PLAN_STANDSTILL: StageKey.STANDSTILL,
}
_OWN_OF_USE_FOR: Final = timedelta(days=60)


def _of_use_until(rule: Rule, wanted: date, day: date) -> date:
    """What leads up to an event is of use until it comes; what follows one, for two months."""
    return day if rule.offset.is_before else wanted + _OWN_OF_USE_FOR


def _is_read_once(rule: Rule) -> bool:
    """Whether a rule of one's own asks for something to be read that is the same for every case."""
    own = rule.own
    return own is not None and rule.kind is ReminderKind.READ and own.event in YEARLY


def _since(found: Iterable[_Candidate], case: CaseFacts) -> Iterator[_Candidate]:
    """What could still have been acted on when the case came."""
    return (one for one in found if one.closes is None or one.closes >= case.active_from)


_OF_THE_BODY: Final = frozenset(
    {
        Anchor.UNKNOWN_PRACTICE,
        Anchor.DECISION_END,
        Anchor.APPROPRIATION,
        Anchor.WAKE,
    }
)
_SCHOOL_QUIET: Final = frozenset(
    {
        "quiet_lasarsstart",
        "quiet_sportlov",
        "quiet_pasklov",
        "quiet_hostlov",
        "quiet_sommarlov",
        "quiet_jullov",
        "quiet_betyg",
    }
)


def _by_closing(candidate: _Candidate) -> tuple[bool, date, int, date, str, int]:
    """The order in which contacts choose their days: a light one gives way to every other."""
    closes = candidate.closes if candidate.closes is not None else date.max
    case_id = _case_of(candidate).case_id
    rule = candidate.rule
    light = rule.anchor is Anchor.WHILE_WAITING
    return (light, closes, -rule.importance, candidate.wanted, rule.key, case_id)


def _case_of(candidate: _Candidate) -> CaseFacts:
    if candidate.case is None:
        raise ValueError(f"A contact by {candidate.rule.key} belongs to no case.")
    return candidate.case


def _pace_words(apart: Offset, case: CaseFacts) -> tuple[str, str]:
    """'Högst en kontakt med Anna på 6 veckor'."""
    sv, en = (apart.text(language).rpartition(" ")[0] for language in ("sv", "en"))
    return (
        f"Högst en kontakt med {case.who or 'samma person'} på {sv}",
        f"At most one contact with {case.who or 'the same person'} in {en}",
    )


def _contacted_words(made: Contacted, case: CaseFacts) -> tuple[str, str]:
    """'Anna kontaktades den 3 maj 2027 av Eva'."""
    sv, en = (format_day(made.on, language) for language in ("sv", "en"))
    return (
        f"{case.who or 'Samma person'} kontaktades den {sv}" + (f" av {made.by}" * bool(made.by)),
        f"{case.who or 'The same person'} was contacted on {en}"
        + (f" by {made.by}" * bool(made.by)),
    )


def _name_phase(candidate: _Candidate, phase: Phase) -> None:
    candidate.params["phase_sv"] = phase.name_sv
    candidate.params["phase_en"] = phase.name_en
    candidate.params["role"] = phase.role.value


def _is_over_summer(phase: Phase) -> bool:
    """Whether the door stands open from before July into the autumn, as in a November calendar."""
    return phase.covers(date(phase.end.year, *_MIDSUMMER))
