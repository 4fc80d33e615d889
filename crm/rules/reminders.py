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
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from crm.rules import budget_cycle
from crm.rules.asks import AskOutcome, AskState, ask_answer_by, ask_outcome, next_rest
from crm.rules.budget_cycle import BodyKind, Phase, PhaseRole, Practice
from crm.rules.cadence import PURPOSE_WORDS, purpose_of_season, touches
from crm.rules.calendar import (
    ONE_DAY,
    STOCKHOLM,
    add_working_days,
    next_working_day,
    previous_working_day,
)
from crm.rules.certainty import Certainty
from crm.rules.champions import OCCASION_WORDS
from crm.rules.own_events import OF_THE_BUYER, STAGES, YEARLY, OwnEvent, OwnPart
from crm.rules.pace import PACE, interval, last_contact, too_near
from crm.rules.placing import ASK_SPACING_DAYS, Candidate, Placing, whom
from crm.rules.precision import add_months
from crm.rules.quiet import (
    NO_QUIET,
    Audience,
    OpenDays,
    Quiet,
    deadline_day,
    is_break,
    open_days,
    own_freeze,
    quiet_at,
    tells_from,
)
from crm.rules.reconciling import Existing, Move, Reconciled, reconcile
from crm.rules.reminder_facts import (
    CONTRACT_END,
    LAID_BACK,
    NO_CASE,
    BodyFacts,
    CaseFacts,
    Contacted,
    Planned,
    ReminderKind,
    account_of,
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
from crm.rules.signing import ASK_AGAIN, asked_now
from crm.rules.stages import (
    CaseState,
    EventDate,
    LightPurpose,
    WakeEvent,
    is_published,
    resolve_event,
)
from crm.rules.tendering import BROUGHT_UP, TenderDeadline, falling

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
    "account_of",
    "ask_answer_by",
    "ask_outcome",
    "asked_after_freeze",
    "contacts_stopped",
    "contract_of",
    "explain",
    "format_day",
    "format_span",
    "freeze_is_forgotten",
    "is_overdue",
    "is_silenced",
    "moved_as_json",
    "moved_from_json",
    "next_rest",
    "plan",
    "plan_and_term",
    "reconcile",
    "subject_of",
]

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
_LAW_APPEAL: Final = "TF 2 kap. 19 §"
_LAW_BUDGET: Final = "KL 11 kap. 8–11 §§"
_DECIDED_LIMITS: Final = frozenset({"kf_budget_lagfrist", "rf_budget_lagfrist"})


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


def contacts_stopped(
    cases: Iterable[CaseFacts], *, advertised: bool = False
) -> frozenset[int | None]:
    """The cases of one body in which nobody at the buyer is to be contacted now.

    A published procurement silences the whole body (R11), by the stage of a case or (`advertised`)
    by the body's own procurement, in which perhaps no case takes part. A waiting case is left in
    peace, and a closed one too, except by the reminders of its contract. None is among them where
    nobody is to be contacted on behalf of the account itself either: in both of the first two.
    """
    cases = tuple(cases)
    if is_silenced(cases, advertised=advertised):
        return frozenset((None, *(case.case_id for case in cases)))
    found = frozenset(case.case_id for case in cases if case.state is not CaseState.OPEN)
    waits = any(case.state is CaseState.WAITING for case in cases)
    return found | {None} if waits else found


def asked_after_freeze(start: date, end: date) -> date:
    """The day of the question that a freeze is followed by (R7): late January after it began, or
    the day after its end if that is later."""
    return max(_january_after(start), end + _days(1))


def freeze_is_forgotten(start: date, end: date, today: date) -> bool:
    """Whether a freeze is so long over that not even the question after it can come any more."""
    return end < today and asked_after_freeze(start, end) + _READ_FOR < today


def _january_after(start: date) -> date:
    day = date(start.year, *_LATE_JANUARY)
    return day if day >= start else date(start.year + 1, *_LATE_JANUARY)


def is_silenced(cases: Iterable[CaseFacts], *, advertised: bool = False) -> bool:
    """Whether only the official channel is open at the whole body: from the notice of a procurement
    to its signature (R11), whether a case of ours takes part in it or not."""
    return advertised or _is_silenced(cases)


def _is_silenced(cases: Iterable[CaseFacts]) -> bool:
    return any(
        case.state is not CaseState.CLOSED and is_published(case.procurement_stage)
        for case in cases
    )


def _left_with(cases: Iterable[CaseFacts]) -> CaseFacts | None:
    """Where no case is in progress, the closed one whose contract runs longest: once, and not in
    each of them, it is asked there what became of a purchasing freeze (R7)."""
    cases = tuple(cases)
    if any(case.state is not CaseState.CLOSED for case in cases):
        return None
    return max(cases, key=_contract_end, default=None)


def _contract_end(case: CaseFacts) -> date:
    return case.contract_ends_on or date.min


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
        self.silenced = is_silenced(cases, advertised=body.is_advertised)
        self.account = account_of(body, cases)
        self.left_with = _left_with(cases)
        self.years = range(today.year - 1, horizon.year + 3)
        self.stands_until = date(today.year + 1, 1, 1)
        self._changes_on(date(horizon.year + 1, 1, 1) - reach)
        self._open: dict[tuple[Audience, tuple[Quiet, ...], bool, date | None], OpenDays] = {}
        self._placing = Placing(self.pace, self._open_days, self._pauses)
        self._known: dict[tuple[str, Practice], tuple[Candidate, ...]] = {}
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
        yield from self._for_requests()
        yield from self._for_pilots()
        yield from self._for_out()
        contacts: list[Candidate] = []
        yield from self._for_account(contacts)
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
                spoken_for = alive if self.account is None else [self.account]
                first = next((c for c in spoken_for if self._speaks_for(rule, c)), None)
                if first is not None:
                    found = self._of_the_year(rule, self.body.practice)
                    yield from self._finished(_since(found, first), first)

    def _for_requests(self) -> Iterator[Planned]:
        """D14: follow up an answer that has not come, and the last day to appeal a refusal. Both
        fall on the working day before, if theirs is none; only the law's day can be late."""
        for rule in self.rules:
            for request in self.body.requests:
                if rule.anchor is Anchor.REQUEST_FOLLOW_UP:
                    wanted, certainty, law = request.follow_up_on, Certainty.CONFIRMED, ""
                elif rule.anchor is Anchor.REQUEST_APPEAL:
                    wanted, certainty, law = request.appeal_by, Certainty.GUESSED, _LAW_APPEAL
                else:
                    break
                if wanted is None:
                    continue
                day, reason = deadline_day(wanted)
                candidate = Candidate(
                    rule=rule,
                    occurrence=f"@{wanted.isoformat()}",
                    event_key=rule.anchor.value,
                    event_start=wanted,
                    event_end=wanted,
                    wanted=wanted,
                    certainty=certainty,
                    law=law,
                    day=day,
                    moved=(reason,) if reason is not None else (),
                )
                candidate.params["request"] = request.title
                candidate.params["request_id"] = request.request_id
                owner = CaseFacts(NO_CASE, self._body_id, self.today, owner_id=request.owner_id)
                planned = self._planned(candidate, owner)
                if planned is not None:
                    key = f"{rule.subject_key}/request-{request.request_id}/{candidate.occurrence}"
                    yield replace(planned, key=key, case_id=request.case_id)

    def _for_pilots(self) -> Iterator[Planned]:
        """R9: at the pilot's end ask what it showed; on the working day before, if that is none."""
        for rule in self.rules:
            if rule.anchor is not Anchor.PILOT_END:
                continue
            for pilot in self.body.pilots:
                day, reason = deadline_day(pilot.ends_on)
                candidate = Candidate(
                    rule=rule,
                    occurrence=f"@{pilot.ends_on.isoformat()}",
                    event_key=rule.anchor.value,
                    event_start=pilot.ends_on,
                    event_end=pilot.ends_on,
                    wanted=pilot.ends_on,
                    certainty=Certainty.CONFIRMED,
                    day=day,
                    moved=(reason,) if reason is not None else (),
                )
                candidate.params["unit"] = pilot.unit
                candidate.params["evaluates"] = (
                    pilot.evaluates if pilot.evaluates[-1:] in ".?!" else f"{pilot.evaluates}."
                )
                owner = CaseFacts(NO_CASE, self._body_id, self.today, owner_id=pilot.owner_id)
                planned = self._planned(candidate, owner)
                if planned is not None:
                    key = f"{rule.subject_key}/pilot-{pilot.pilot_id}/{candidate.occurrence}"
                    yield replace(planned, key=key, case_id=pilot.case_id)

    def _for_out(self) -> Iterator[Planned]:
        """R11: a colleague is asked whether what is out has been signed, outside quiet periods, and
        every eighth week until somebody has said so."""
        for rule in self.rules:
            if rule.anchor is not Anchor.UNSIGNED:
                continue
            for one in self.body.out:
                owner = CaseFacts(NO_CASE, self._body_id, self.today, owner_id=one.owner_id)
                wanted = asked_now(one.ask.on, self.today)
                self._changes_on(wanted + ASK_AGAIN)
                day, moved = self._usual_days(owner).first(wanted)
                candidate = Candidate(
                    rule=rule,
                    occurrence=f"@{wanted.isoformat()}",
                    event_key=rule.anchor.value,
                    event_start=one.ask.since,
                    event_end=one.ask.since,
                    wanted=wanted,
                    certainty=Certainty.CONFIRMED,
                    day=day,
                    moved=moved,
                )
                candidate.params["procurement"] = one.title
                candidate.params["procurement_id"] = one.procurement_id
                candidate.params["sign"] = one.ask.sign.value
                planned = self._planned(candidate, owner)
                if planned is not None:
                    key = f"{rule.subject_key}/procurement-{one.procurement_id}"
                    key += f"/{candidate.occurrence}"
                    yield replace(planned, key=key, case_id=one.case_id)

    def _unknown(self, rule: Rule, alive: Sequence[CaseFacts]) -> Iterator[Candidate]:
        """R1: one task, with the law's limits as outer dates."""
        if self.body.practice.is_known:
            return
        year = self.today.year + 1
        limits = budget_cycle.legal_limits(self.body.kind, year)
        decided = [phase.end for phase in limits if phase.key in _DECIDED_LIMITS]
        if decided and self._has_passed(max(decided)):
            year += 1
            limits = budget_cycle.legal_limits(self.body.kind, year)
        candidate = Candidate(
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

    def _decided(self, rule: Rule, first: CaseFacts) -> Iterator[Candidate]:
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

    def _finished(self, found: Iterable[Candidate], owner: CaseFacts) -> Iterator[Planned]:
        """What is no contact falls on a working day, and stands until it is done or of no use."""
        for candidate in found:
            candidate.day = next_working_day(candidate.wanted)
            if candidate.day != candidate.wanted:
                _, candidate.moved = NO_QUIET.first(candidate.wanted)
            planned = self._planned(candidate, owner)
            if planned is not None:
                yield planned

    # What concerns an account without a case

    def _for_account(self, contacts: list[Candidate]) -> Iterator[Planned]:
        """What rules of one's own ask for while no case is in progress here."""
        account = self.account
        if account is None:
            return
        for rule in self.rules:
            if not self._speaks_for(rule, account):
                continue
            if rule.kind is ReminderKind.CONTACT:
                if not self.silenced:
                    contacts += _since(self._occurrences(rule, account), account)
            else:
                yield from self._own_work(rule, account)

    def _speaks_for(self, rule: Rule, case: CaseFacts) -> bool:
        """Whether the rule speaks for a case, or for the account; that only where somebody is told:
        buyers that nobody looks after would fill everybody's inbox (decision 32)."""
        if not rule.conditions.hold_for(self.body, case):
            return False
        if not case.is_account:
            return True
        return rule.own is not None and rule.own.told(case.owner_id, case.owner_id) is not None

    # What concerns one case

    def _for_case(self, case: CaseFacts, contacts: list[Candidate]) -> Iterator[Planned]:
        """What concerns the case alone; its contacts are gathered, to be placed with the rest."""
        if case.state is CaseState.WAITING:
            for rule in self.rules:
                if rule.anchor is Anchor.WAKE:
                    yield from self._finished([self._wake(rule, case)], case)
                elif rule.anchor is Anchor.WHILE_WAITING and not self.silenced:
                    contacts += self._light(rule, case)
                elif rule.anchor is Anchor.NEXT_STEP:
                    yield from self._promise(rule, case)
                elif rule.anchor in _FALLS_DUE:
                    yield from self._tender(rule, case)
                elif rule.own is not None and rule.conditions.hold_for(self.body, case):
                    yield from self._own_work(rule, case)
            return
        for rule in self.rules:
            if not rule.conditions.hold_for(self.body, case):
                continue
            if rule.anchor is Anchor.NEXT_STEP:
                yield from self._promise(rule, case)
            elif rule.anchor in _FALLS_DUE:
                yield from self._tender(rule, case)
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
    def _as_promise(candidate: Candidate, case: CaseFacts) -> Rule:
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
        candidate = Candidate(
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

    def _tender(self, rule: Rule, case: CaseFacts) -> Iterator[Planned]:
        """D10: what falls due in the case's procurement, also once it is published.

        No quiet period moves it later, and once the day has passed there is nothing left to do.
        """
        days = case.tender
        if days is None or rule.anchor is None:
            return
        found = falling(days, _FALLS_DUE[rule.anchor])
        if found is None:
            return
        questions = days.questions if found.what is TenderDeadline.QUESTIONS else None
        worked_out = questions is not None and not questions.is_stated
        candidate = Candidate(
            rule=rule,
            occurrence=f"@{found.on.isoformat()}",
            event_key=found.what.value,
            event_start=found.on,
            event_end=found.on,
            wanted=found.on,
            closes=found.closes,
            case=case,
            certainty=Certainty.TYPICAL if worked_out else Certainty.CONFIRMED,
            source=days.source,
            law=questions.law if questions is not None else "",
            day=found.brought_up,
        )
        candidate.params |= {
            "tender": days.title,
            "reference": days.reference,
            "at": found.at.astimezone(STOCKHOLM).strftime("%H:%M") if found.at else "",
            "days": BROUGHT_UP[found.what],
        }
        if questions is not None and questions.answers_by is not None:
            candidate.params["answers_by"] = questions.answers_by.isoformat()
        candidate.rule = self._as_promise(candidate, case)
        owner = days.responsible_id or case.owner_id
        planned = self._planned(candidate, replace(case, owner_id=owner))
        if planned is not None:
            yield planned

    def _wake(self, rule: Rule, case: CaseFacts) -> Candidate:
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
        candidate = Candidate(
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

    def _light(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
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
        for touch in found:
            sv, en = PURPOSE_WORDS[touch.purpose]
            yield Candidate(
                rule=rule,
                occurrence=f"{since.isoformat()}-{touch.number}",
                event_key="light",
                event_start=touch.on,
                event_end=touch.on,
                wanted=touch.on,
                closes=wakes - ONE_DAY,
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

    def _occurrences(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
        """Every time the rule speaks for the case, whatever has become of it since."""
        match rule.anchor:
            case Anchor.CONTRACT_END:
                yield from self._contract(rule, case)
            case Anchor.CONTRACT_NOTICE:
                yield from self._notice(rule, case)
            case Anchor.OWN if rule.own is not None and rule.own.event not in OF_THE_BUYER:
                yield from self._own_in_case(rule, rule.own, case)
            case anchor if anchor in _STAGE_OF:
                yield from self._laid_back(rule, case)
            case Anchor.CASE_OPENED:
                found = Candidate(
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
            case Anchor.INTERNAL_OCCASION:
                yield from self._prepared(rule, case)
            case Anchor.SINGLE_CONTACT:
                yield from self._of_one(rule, case, case.single, "only")
                yield from self._unheard(rule, case)
            case _:
                if case.state is CaseState.CLOSED and case is not self.left_with:
                    return
                for common in self._of_the_year(rule, self._practice(case)):
                    if case.state is CaseState.CLOSED and common.wanted > _contract_end(case):
                        continue
                    if rule.kind is not ReminderKind.CONTACT or self._is_of_interest(common, case):
                        yield common.of(case)

    def _of_one(
        self, rule: Rule, case: CaseFacts, who: tuple[str, date] | None, name: str
    ) -> Iterator[Candidate]:
        """R13 and C7: somebody on whom the case hung has left, or it hangs on one alone."""
        if who is None:
            return
        person, since = who
        yield Candidate(
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

    def _prepared(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
        """C3: in time before an occasion inside the body; of no use once it has been."""
        for occasion in case.occasions:
            sv, en = OCCASION_WORDS[occasion.kind]
            yield Candidate(
                rule=rule,
                occurrence=f"{occasion.act_id}@{occasion.on.isoformat()}",
                event_key=rule.anchor.value if rule.anchor is not None else "",
                event_start=occasion.on,
                event_end=occasion.on,
                wanted=rule.offset.from_day(occasion.on),
                closes=occasion.on - ONE_DAY,
                case=case,
                certainty=Certainty.CONFIRMED,
                params={"person": occasion.name, "occasion_sv": sv, "occasion_en": en},
            )

    def _unheard(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
        """C7: several are known in the case, and with none of them has there been any contact."""
        if case.unheard is None:
            return
        names, since = case.unheard
        for found in self._of_one(rule, case, ("", since), "only"):
            found.occurrence = f"unheard-{since.isoformat()}"
            found.params = {"unheard": list(names)}
            yield found

    def _of_the_year(self, rule: Rule, practice: Practice) -> tuple[Candidate, ...]:
        """The occasions that the calendar gives every case alike, worked out once."""
        found = self._known.get((rule.key, practice))
        if found is None:
            found = self._known[rule.key, practice] = tuple(self._occasions(rule, practice))
        return found

    def _occasions(self, rule: Rule, practice: Practice) -> Iterator[Candidate]:
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

    def _own_in_the_year(self, rule: Rule, own: OwnPart, practice: Practice) -> Iterator[Candidate]:
        if own.event is OwnEvent.COUNCIL_MEETING:
            yield from self._meetings(rule, practice)
            return
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

    def _meetings(self, rule: Rule, practice: Practice) -> Iterator[Candidate]:
        """Each planned meeting of the council. One that is moved is another meeting."""
        for meeting in practice.meetings:
            day = meeting.held_on
            wanted = rule.offset.from_day(day)
            yield Candidate(
                rule=rule,
                occurrence=f"{OwnEvent.COUNCIL_MEETING}-{day.isoformat()}",
                event_key=OwnEvent.COUNCIL_MEETING.value,
                event_start=day,
                event_end=day,
                wanted=wanted,
                closes=_of_use_until(rule, wanted, day),
                certainty=meeting.certainty,
                source=meeting.source_url,
            )

    def _own_in_case(self, rule: Rule, own: OwnPart, case: CaseFacts) -> Iterator[Candidate]:
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
        yield Candidate(
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

    def _doors(self, rule: Rule, practice: Practice) -> Iterator[Candidate]:
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

    def _internal_budgets(self, rule: Rule, practice: Practice) -> Iterator[Candidate]:
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

    def _pilots(self, rule: Rule, practice: Practice) -> Iterator[Candidate]:
        first, last = date(self.years[0], 1, 1), date(self.horizon.year, 12, 31)
        for phase in budget_cycle.school_year(first, last):
            if phase.role is PhaseRole.SCHOOL_PILOT:
                found = self._of_phase(rule, practice, phase, rule.offset.from_day(phase.start))
                found.occurrence = f"{phase.start.year}-{phase.key}"
                found.closes = phase.end - _PILOT_NEEDS
                yield found

    def _contract(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
        end = case.contract_ends_on
        if end is None:
            return
        wanted = rule.offset.from_day(end)
        later = [
            other.offset.from_day(end)
            for other in self.rules
            if other.anchor is Anchor.CONTRACT_END and other.offset.from_day(end) > wanted
        ]
        yield Candidate(
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

    def _notice(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
        """D4: in time before the last day for notice of an option."""
        day = case.contract_notice_on
        if day is None:
            return
        yield Candidate(
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

    def _laid_back(self, rule: Rule, case: CaseFacts) -> Iterator[Candidate]:
        """E7, D2: as each stage of the plan begins that leads to the day of use."""
        if case.plan is None or rule.anchor is None:
            return
        stage = STAGES[rule.own.event] if rule.own is not None else _STAGE_OF[rule.anchor]
        step = case.plan.stage(stage)
        if step is None:
            return
        in_use_on = case.plan.in_use_on.isoformat()
        candidate = Candidate(
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

    def _freezes(self, rule: Rule) -> Iterator[Candidate]:
        """R7: late January after it began; every January while nobody knows its end.

        Of several freezes in one January the one that lets us ask last decides: one question.
        """
        asked: dict[int, tuple[date, date, date | None, str]] = {}
        for start, end, note in self.body.freezes:
            first = _january_after(start).year
            last = self.horizon.year if end is None else first
            for year in range(first, min(last, self.horizon.year) + 1):
                day = date(year, *_LATE_JANUARY) if end is None else asked_after_freeze(start, end)
                if year not in asked or asked[year][0] < day:
                    asked[year] = day, start, end, note
        for year, (day, start, end, note) in sorted(asked.items()):
            yield Candidate(
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

    def _of_phase(self, rule: Rule, practice: Practice, phase: Phase, wanted: date) -> Candidate:
        found = Candidate(
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

    def _open_days(self, rule: Rule, case: CaseFacts, begun_by: date | None = None) -> OpenDays:
        """Everything that closes a day for contacts in this case, freezes included; of what was
        recorded at this buyer only what changes anything from `begun_by` on or before, if given.

        The question about a freeze is asked in spite of it.
        """
        of_freeze = rule.anchor is Anchor.FREEZE
        key = (case.audience, case.own_quiet, of_freeze, begun_by)
        found = self._open.get(key)
        if found is None:
            found, body = self._usual_days(case), self.body
            own = self._recorded(case)
            if of_freeze:
                own = tuple(period for period in own if period.key != "freeze")
            if begun_by is not None:
                own = tuple(one for one in own if tells_from(one, found.quiet) <= begun_by)
            if own or case.audience is Audience.POLITICAL:
                found = OpenDays(
                    quiet_at(found.quiet, own, case.audience, body.practice, self.years)
                )
            self._open[key] = found
        return found

    def _usual_days(self, case: CaseFacts) -> OpenDays:
        first = date(self.today.year - 2, 1, 1)
        last = date(self.horizon.year + 2, 12, 31)
        return open_days(self.body.kind, case.audience, self.body.county_code, first, last)

    def _recorded(self, case: CaseFacts) -> tuple[Quiet, ...]:
        freezes = (own_freeze(start, end, note) for start, end, note in self.body.freezes)
        return (*self.body.own_quiet, *freezes, *case.own_quiet)

    def _pauses(self, case: CaseFacts) -> Iterator[tuple[date, bool]]:
        """See `placing.Pauses`: a break of its own also frees the week that it replaces."""
        recorded = self._recorded(case)
        usual = self._usual_days(case).quiet if recorded else ()
        for one in recorded:
            yield tells_from(one, usual), is_break(one)

    def _contacts(self, found: Iterable[Candidate]) -> Iterator[Planned]:
        """Place the contacts of all cases: first as if nothing had passed, then as of today."""
        wanted = [one for one in found if self._is_of_interest(one, one.of_case)]
        for room in self._placing.place(wanted):
            for candidate in room:
                self._mark_quiet(candidate)
            self._tell_of_light(room)
            self._as_of_today([one for one in room if one.has_a_day])
            self._tell_together(room)
            for candidate in room:
                if candidate.has_a_day:
                    planned = self._if_of_use(candidate)
                    if planned is not None:
                        yield planned

    def _is_of_interest(self, candidate: Candidate, case: CaseFacts) -> bool:
        if candidate.closes is not None and candidate.closes < case.active_from:
            return False
        if candidate.certainty is Certainty.GUESSED and candidate.wanted < case.active_from:
            return False  # R1: never "act now" from a guess
        return not (
            self._has_passed(candidate.wanted + _LOOK_BACK)
            or self._is_beyond(candidate.wanted, _LOOK_AHEAD)
        )

    def _mark_quiet(self, candidate: Candidate) -> None:
        candidate.shaped += candidate.pushed
        keys = {period.key for period in candidate.moved}
        if keys - {"one_ask", "pace", "freeze"}:
            candidate.shaped.append("R6")
        if "freeze" in keys:
            candidate.shaped.append("R7")
        case = candidate.case
        if case is not None and case.audience is Audience.SCHOOL and keys & _SCHOOL_QUIET:
            candidate.shaped.append("R16")

    def _as_of_today(self, room: Iterable[Candidate]) -> None:
        """What has happened moves what is to come: an open question, a contact just made, and a
        day that passed before a quiet period. What was moved keeps its distance to the rest."""
        waiting: list[tuple[date, bool, date, str, Candidate]] = []
        for candidate in room:
            case = candidate.of_case
            if candidate.key in self._dealt_with:
                continue
            if candidate.closes is not None and self._has_passed(candidate.closes):
                candidate.left_out = True
                continue
            days, was = self._open_days(candidate.rule, case), candidate.day
            if case.open_ask_on is not None:
                self._hold_for_answer(candidate, case.open_ask_on, days)
            stands, day = self._standing(candidate, days), candidate.day
            self._hold_for_pace(candidate, case, days)
            if candidate.day != day:
                stands = self._standing(candidate, days)
            if candidate.closes is not None and stands > candidate.closes:
                candidate.left_out = True
            elif "touched" not in candidate.params:
                waiting.append((stands, candidate.pulled, was, candidate.key, candidate))
        settled: list[tuple[date, Candidate]] = []
        for stands, _pulled, _was, _key, candidate in sorted(waiting, key=lambda one: one[:4]):
            self._settle(candidate, stands, settled)

    def _standing(self, candidate: Candidate, days: OpenDays) -> date:
        """Where a contact that was not made on its day stands today: behind every quiet period that
        has begun since. One that has just been moved on gets that day."""
        if not self._has_passed(candidate.day):
            return candidate.day
        self._stands_until_quiet_changes(days)
        stands, passed = days.standing(candidate.day, self.today)
        candidate.moved = _with(candidate.moved, passed)
        if days.covering(self.today):
            candidate.day = stands
            candidate.shaped.append("R6")
        return stands

    def _settle(
        self, candidate: Candidate, stands: date, settled: list[tuple[date, Candidate]]
    ) -> None:
        """Keep the distance to what stands nearer today. Without room for that inside its window
        it is taken up with what is near; a light contact is let go instead, if that is another of
        the same wait."""
        days = self._open_days(candidate.rule, candidate.of_case)
        day, moved, shaped, first = candidate.day, candidate.moved, [*candidate.shaped], stands
        while near := self._near(candidate, stands, settled):
            since, last = max(near, key=lambda one: one[0])
            candidate.day = stands
            candidate.day, passed = self._placing.behind(candidate, last, since, days)
            candidate.moved = _with(candidate.moved, passed)
            candidate.shaped.append("R14" if passed[0].key == "one_ask" else PACE)
            stands = self._standing(candidate, days)
            if candidate.closes is not None and stands > candidate.closes:
                candidate.day, candidate.moved, candidate.shaped = day, moved, shaped
                others = self._near(candidate, first, settled)
                keeper = min(others, key=lambda one: one[0])[1]
                if candidate.is_light and keeper.is_light and keeper.case is candidate.case:
                    candidate.left_out = True
                else:
                    candidate.taken_with = keeper
                return
        settled.append((stands, candidate))

    def _near(
        self, candidate: Candidate, stands: date, settled: Iterable[tuple[date, Candidate]]
    ) -> list[tuple[date, Candidate]]:
        return [
            (since, other)
            for since, other in settled
            if too_near(since, stands, self._placing.apart(candidate, other))
        ]

    def _tell_of_light(self, room: Sequence[Candidate]) -> None:
        """Until when a light contact is of use, what it is about on its day, and what was let go
        before it; of the last one also after it."""
        of_cases: dict[int, list[Candidate]] = {}
        for one in room:
            if one.is_light:
                of_cases.setdefault(one.of_case.case_id, []).append(one)
        for found in of_cases.values():
            found.sort(key=lambda one: one.wanted)
            let_go: list[list[str]] = []
            last: Candidate | None = None
            for one in found:
                if one.let_go:
                    names = [period for period in one.let_go if period.start <= period.end]
                    sv, en = (
                        ", ".join(dict.fromkeys(getattr(p, f"name_{language}") for p in names))
                        for language in ("sv", "en")
                    )
                    let_go.append([one.wanted.isoformat(), sv, en])
                if not one.has_a_day:
                    continue
                until = one.day + _LIGHT_FOR
                one.closes = until if one.closes is None else min(one.closes, until)
                if last is not None and last.closes is not None:
                    last.closes = min(last.closes, one.day - ONE_DAY)
                if one.day > one.wanted + _LIGHT_FOR:
                    self._find_purpose(one)
                if let_go:
                    one.params["let_go"], let_go = let_go, []
                last = one
            if let_go and last is not None:
                last.params["let_go"] = [*last.params.get("let_go", ()), *let_go]

    def _find_purpose(self, one: Candidate) -> None:
        """What suits the day that it got, where that is another time of the year."""
        purpose = purpose_of_season(self._practice(one.of_case), one.of_case.audience, one.day)
        sv, en = PURPOSE_WORDS[purpose]
        one.params |= {"purpose": purpose.value, "purpose_sv": sv, "purpose_en": en}

    @staticmethod
    def _tell_together(room: Iterable[Candidate]) -> None:
        """Name what is taken up at the same time: what it is, of which year, and when it was due;
        of another case by that case."""
        for one in room:
            if one.taken_with is None or one.left_out:
                continue
            keeper, case, rule = one.keeper, one.of_case, one.rule
            elsewhere = keeper.case is not case and not case.is_account
            keeper.shaped.append("R14" if keeper.case is case else PACE)
            keeper.params.setdefault("together", []).append(
                {
                    "key": one.key,
                    "rule": rule.key,
                    "own": rule.name_sv if rule.own is not None else "",
                    "case": case.case_id,
                    "title": (case.title or case.unit_name) if elsewhere else "",
                    "year": one.budget_year,
                    "was": one.day.isoformat(),
                }
                | _occasion_of(one)
            )

    def _hold_for_pace(self, candidate: Candidate, case: CaseFacts, days: OpenDays) -> None:
        """S21: whoever was in touch lately, the same person is left in peace for a while.

        Where the window closes before that, the contact keeps its day and says who was in touch.
        """
        if self.pace is None or (case.contact_id is None and not case.is_account):
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

    def _if_of_use(self, candidate: Candidate) -> Planned | None:
        if candidate.closes is not None and candidate.day > candidate.closes:
            return None
        return self._planned(candidate, candidate.of_case)

    def _hold_for_answer(self, candidate: Candidate, asked_on: date, days: OpenDays) -> None:
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

    def _planned(self, candidate: Candidate, owner: CaseFacts) -> Planned | None:
        rule, case = candidate.rule, candidate.case
        if case is not None and case.is_account:
            case = None
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
            key=f"{rule.subject_key}/{subject}/{candidate.occurrence}",
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

    def _params(self, candidate: Candidate) -> dict[str, Any]:
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
_FALLS_DUE: Final[dict[Anchor | None, TenderDeadline]] = {
    Anchor.TENDER_QUESTIONS: TenderDeadline.QUESTIONS,
    Anchor.TENDER_APPLY: TenderDeadline.APPLY,
    Anchor.TENDER_APPLY_LAST: TenderDeadline.APPLY_LAST,
    Anchor.TENDER_DUE: TenderDeadline.DUE,
    Anchor.TENDER_LAST: TenderDeadline.LAST,
    Anchor.TENDER_VALID: TenderDeadline.VALID,
}
_OWN_OF_USE_FOR: Final = timedelta(days=60)


def _of_use_until(rule: Rule, wanted: date, day: date) -> date:
    """What leads up to an event is of use until it comes; what follows one, for two months."""
    return day if rule.offset.is_before else wanted + _OWN_OF_USE_FOR


def _is_read_once(rule: Rule) -> bool:
    """Whether a rule of one's own asks for something to be read that is the same for every case."""
    own = rule.own
    return own is not None and rule.kind is ReminderKind.READ and own.event in OF_THE_BUYER


def _since(found: Iterable[Candidate], case: CaseFacts) -> Iterator[Candidate]:
    """What could still have been acted on when the case came. An account whose case has just been
    closed is not asked at once about what had begun before that."""
    for one in found:
        begun = case.is_account and one.wanted < case.active_from
        if not begun and (one.closes is None or one.closes >= case.active_from):
            yield one


_OF_THE_BODY: Final = frozenset(
    {
        Anchor.UNKNOWN_PRACTICE,
        Anchor.DECISION_END,
        Anchor.APPROPRIATION,
        Anchor.WAKE,
        Anchor.REQUEST_FOLLOW_UP,
        Anchor.REQUEST_APPEAL,
        Anchor.PILOT_END,
        Anchor.UNSIGNED,
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


def _with(moved: tuple[Quiet, ...], passed: Iterable[Quiet]) -> tuple[Quiet, ...]:
    """The reasons so far and those that came with the latest move, each once."""
    return (*moved, *(period for period in passed if period not in moved))


def _occasion_of(one: Candidate) -> dict[str, str]:
    """Of an occasion inside the body: who takes it up, where and when, since the day that it was
    to be prepared on says nothing of it."""
    if one.rule.anchor is not Anchor.INTERNAL_OCCASION or one.event_start is None:
        return {}
    told = {key: str(one.params[key]) for key in ("person", "occasion_sv", "occasion_en")}
    return told | {"held": one.event_start.isoformat()}


def _contacted_words(made: Contacted, case: CaseFacts) -> tuple[str, str]:
    """'Anna kontaktades den 3 maj 2027 av Eva'."""
    sv, en = (format_day(made.on, language) for language in ("sv", "en"))
    who_sv, who_en = whom(case, "sv"), whom(case, "en")
    return (
        f"{who_sv[:1].upper()}{who_sv[1:]} kontaktades den {sv}"
        + (f" av {made.by}" * bool(made.by)),
        f"{who_en[:1].upper()}{who_en[1:]} was contacted on {en}"
        + (f" by {made.by}" * bool(made.by)),
    )


def _name_phase(candidate: Candidate, phase: Phase) -> None:
    candidate.params["phase_sv"] = phase.name_sv
    candidate.params["phase_en"] = phase.name_en
    candidate.params["role"] = phase.role.value


def _is_over_summer(phase: Phase) -> bool:
    """Whether the door stands open from before July into the autumn, as in a November calendar."""
    return phase.covers(date(phase.end.year, *_MIDSUMMER))
