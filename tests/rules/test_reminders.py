"""Planning reminders: the worked examples of the reference text, and what must hold for any facts."""

import itertools
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    PhaseOverride,
    Practice,
    default_practice,
    practices_for,
)
from crm.rules.calendar import add_working_days, is_working_day
from crm.rules.certainty import Certainty
from crm.rules.practices import load_practices
from crm.rules.quiet import Audience, Quiet, own_quiet, quiet_periods
from crm.rules.reminders import (
    ASK_SPACING_DAYS,
    DEFAULT_RULES,
    AskState,
    BodyFacts,
    CaseFacts,
    Existing,
    Offset,
    Planned,
    ReminderKind,
    ask_outcome,
    asked_after_freeze,
    contacts_stopped,
    explain,
    format_span,
    freeze_is_forgotten,
    is_overdue,
    moved_as_json,
    moved_from_json,
    next_rest,
    plan,
    plan_and_term,
    reconcile,
)
from crm.rules.stages import (
    AdoptionStage,
    CaseState,
    ProcurementStage,
    WakeEvent,
    is_published,
    resolve_event,
)

TODAY = date(2026, 11, 23)
PRACTICES = load_practices()

HULTSFRED = BodyFacts(
    1,
    "Hultsfreds kommun",
    BodyKind.MUNICIPALITY,
    PRACTICES[(BodyKind.MUNICIPALITY, "0860")],
    county_code="08",
)
KALMAR = BodyFacts(
    2,
    "Region Kalmar län",
    BodyKind.REGION,
    PRACTICES[(BodyKind.REGION, "08")],
    county_code="08",
)
NOVEMBER = BodyFacts(
    3,
    "Novemberby",
    BodyKind.MUNICIPALITY,
    Practice(BodyKind.MUNICIPALITY, DecisionPractice.NOVEMBER, Certainty.CONFIRMED),
    county_code="01",
)
UNKNOWN = BodyFacts(
    4, "Okända kommun", BodyKind.MUNICIPALITY, default_practice(BodyKind.MUNICIPALITY)
)
AUTHORITY = BodyFacts(5, "Myndigheten", BodyKind.STATE, default_practice(BodyKind.STATE))

SCHOOL = CaseFacts(
    case_id=7,
    organisation_id=70,
    opened_on=TODAY,
    unit_name="Albäckskolan",
    audience=Audience.SCHOOL,
    owner_id=9,
    champion_name="Anna",
)
OFFICE = CaseFacts(case_id=8, organisation_id=80, opened_on=TODAY)


def planned_for(body, *cases, today=TODAY, **more):
    return plan(body, cases, today=today, **more)


def by_rule(planned, rule_key, budget_year=None):
    found = [
        one
        for one in planned
        if one.rule_key == rule_key and budget_year in (None, one.budget_year)
    ]
    assert found, f"no {rule_key} in {[one.key for one in planned]}"
    return found[0]


def contacts(planned):
    return [one for one in planned if one.kind is ReminderKind.CONTACT]


def stored(planned, state="planned"):
    return [
        Existing(
            one.key,
            state,
            one.due_on,
            event_start=one.event_start,
            kind=one.kind,
            case_id=one.case_id,
        )
        for one in planned
    ]


# --- The worked example: Hultsfred on 23 November 2026 ---------------------------------------------


def test_the_school_in_hultsfred_follows_the_worked_example():
    planned = planned_for(HULTSFRED, SCHOOL)
    question = by_rule(planned, "R4-january", 2027)
    assert question.due_on == date(2027, 1, 25)
    basis = by_rule(planned, "R2", 2028)
    assert date(2027, 1, 11) <= basis.wanted_on <= date(2027, 2, 28)
    assert date(2027, 1, 11) <= basis.due_on <= date(2027, 2, 28)
    assert "R16" not in basis.shaped_by or basis.due_on > basis.wanted_on
    assert by_rule(planned, "R3", 2028).due_on == date(2027, 7, 1)
    autumn = by_rule(planned, "R4", 2028)
    assert date(2027, 9, 8) <= autumn.due_on <= date(2027, 12, 20)
    assert basis.owner_id == 9
    assert basis.organisation_id == 70


def test_nothing_is_asked_of_hultsfred_while_the_new_council_decides():
    planned = planned_for(HULTSFRED, SCHOOL)
    assert not [one for one in contacts(planned) if one.due_on < date(2027, 1, 13)]
    decision = by_rule(planned, "R3", 2027)
    assert decision.kind is ReminderKind.READ
    assert decision.event_end == date(2026, 12, 31)
    assert "R5" in decision.shaped_by


def test_the_region_around_it_has_its_own_year():
    planned = planned_for(KALMAR, OFFICE)
    first, again = by_rule(planned, "R2-may", 2028), by_rule(planned, "R2-again", 2028)
    assert first.due_on.month == 5
    assert date(2027, 8, 15) <= again.due_on <= date(2027, 9, 15)
    assert again.wanted_on < again.due_on
    assert "R6" in again.shaped_by


def test_a_november_kommun_is_reminded_in_may_and_again_in_mid_august():
    planned = planned_for(NOVEMBER, OFFICE)
    assert by_rule(planned, "R2-may", 2028).due_on == date(2027, 5, 20)
    assert by_rule(planned, "R2-again", 2028).due_on == date(2027, 8, 19)
    assert by_rule(planned, "R4-january", 2028).due_on == date(2028, 1, 25)
    assert by_rule(planned, "R3", 2028).due_on == date(2027, 12, 1)
    assert not [one for one in planned if one.rule_key in ("R2", "R4")]


@pytest.mark.parametrize(
    ("budget_year", "end", "is_election"),
    [
        (2027, date(2026, 12, 31), True),
        (2028, date(2027, 6, 30), False),
        (2031, date(2030, 12, 31), True),
    ],
)
def test_in_election_years_the_decision_is_the_new_councils(budget_year, end, is_election):
    june = replace(
        HULTSFRED,
        practice=Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, Certainty.CONFIRMED),
    )
    case = replace(OFFICE, opened_on=date(budget_year - 2, 1, 8))
    planned = planned_for(june, case, today=date(budget_year - 1, 1, 8))
    decision = by_rule(planned, "R3", budget_year)
    assert decision.event_end == end
    assert ("R5" in decision.shaped_by) is is_election
    assert [
        one.rule_key
        for one in planned
        if one.rule_key.startswith("R4") and one.budget_year == budget_year
    ] == ["R4-january" if is_election else "R4"]


def test_a_unit_with_a_calendar_of_its_own_is_planned_by_it():
    unit = replace(OFFICE, practice=NOVEMBER.practice)
    planned = planned_for(HULTSFRED, unit)
    assert by_rule(planned, "R2-may", 2028)
    assert not [one for one in planned if one.rule_key == "R2"]
    assert by_rule(planned, "R3", 2028).due_on == date(2027, 7, 1)


# --- Rule by rule ----------------------------------------------------------------------------------


def test_an_unknown_timetable_gives_one_task_with_the_laws_limits():
    planned = planned_for(UNKNOWN, SCHOOL, OFFICE)
    assert [one.rule_key for one in planned] == ["R1"]
    task = planned[0]
    assert task.kind is ReminderKind.TASK
    assert task.case_id is None
    assert task.certainty is Certainty.LAW
    assert task.event_end is not None
    assert task.due_on == date(2026, 11, 30)


def test_a_guessed_date_gives_a_question_and_never_an_alarm():
    december = replace(
        NOVEMBER, practice=Practice(BodyKind.MUNICIPALITY, DecisionPractice.DECEMBER)
    )
    first = by_rule(planned_for(december, OFFICE), "R2-may")
    assert first.certainty is Certainty.GUESSED
    assert "R1" in first.shaped_by
    assert explain(first, "sv").title.startswith("Fråga när")
    late = replace(OFFICE, opened_on=date(2027, 6, 1))
    assert not [one for one in planned_for(december, late, today=date(2027, 6, 1)) if one.late]


def test_a_case_that_opens_while_the_door_stands_open_is_in_time():
    opened = date(2027, 3, 22)
    planned = planned_for(HULTSFRED, replace(OFFICE, opened_on=opened), today=opened)
    assert by_rule(planned, "R2", 2028).due_on == opened


def test_a_case_that_opens_after_the_door_closed_waits_a_year():
    opened = date(2027, 5, 3)
    planned = planned_for(HULTSFRED, replace(OFFICE, opened_on=opened), today=opened)
    assert not [one for one in planned if one.rule_key == "R2" and one.budget_year == 2028]
    assert by_rule(planned, "R2", 2029)


def test_a_freeze_leaves_one_question_in_late_january_and_the_reading():
    frozen = replace(HULTSFRED, freezes=((date(2026, 10, 1), None, "KS 2026-09-29"),))
    planned = planned_for(frozen, OFFICE)
    assert {one.rule_key for one in contacts(planned)} == {"R7"}
    assert [one.due_on for one in contacts(planned)] == [date(2027, 1, 25), date(2028, 1, 25)]
    assert by_rule(planned, "R3", 2028)
    assert by_rule(planned, "R7").source == "KS 2026-09-29"


def test_a_freeze_is_asked_about_once_where_only_contracts_are_left():
    frozen = replace(HULTSFRED, freezes=((date(2026, 10, 1), None, "KS 2026-09-29"),))
    won = replace(OFFICE, state=CaseState.CLOSED, contract_ends_on=date(2029, 9, 30))
    other = replace(won, case_id=won.case_id + 1, contract_ends_on=date(2027, 9, 30))
    planned = plan(frozen, [other, won], today=TODAY)
    asked = [(one.case_id, one.due_on) for one in planned if one.rule_key == "R7"]
    assert asked == [(won.case_id, date(2027, 1, 25)), (won.case_id, date(2028, 1, 25))]
    asked = [one.due_on for one in plan(frozen, [other], today=TODAY) if one.rule_key == "R7"]
    assert asked == [date(2027, 1, 25)], "not after the contract"
    lost = replace(won, contract_ends_on=None)
    assert not plan(frozen, [lost], today=TODAY)
    both = plan(frozen, [won, replace(OFFICE, case_id=won.case_id + 1)], today=TODAY)
    assert won.case_id not in {one.case_id for one in both if one.rule_key == "R7"}


def test_a_freeze_with_an_end_lets_the_next_window_through():
    frozen = replace(HULTSFRED, freezes=((date(2026, 10, 1), date(2027, 1, 31), ""),))
    planned = planned_for(frozen, OFFICE)
    assert by_rule(planned, "R7").wanted_on == date(2027, 2, 1)
    basis = by_rule(planned, "R2", 2028)
    assert date(2027, 2, 1) <= basis.due_on <= date(2027, 4, 30)
    assert "R7" in basis.shaped_by


def test_two_freezes_in_one_winter_give_one_question_after_both():
    until = date(2027, 2, 14)
    freezes = ((date(2026, 10, 1), None, ""), (date(2027, 1, 2), until, "KF 2026-12-14"))
    planned = planned_for(replace(HULTSFRED, freezes=freezes), OFFICE)
    asked = [one for one in contacts(planned) if one.budget_year is None]
    assert [one.wanted_on for one in asked] == [date(2027, 2, 15), date(2028, 1, 25)]
    assert asked[0].source == "KF 2026-12-14"


@pytest.mark.parametrize("ended", [1, 20, 59, 60, 61, 62, 90, 200, 330, 400])
@pytest.mark.parametrize("length", [1, 40, 300])
def test_a_freeze_is_forgotten_when_its_question_cannot_come(ended: int, length: int) -> None:
    end = TODAY - timedelta(days=ended)
    start = end - timedelta(days=length)
    frozen = replace(HULTSFRED, freezes=((start, end, ""),))
    asked = {one.rule_key for one in planned_for(frozen, OFFICE)} & {"R7"}
    if freeze_is_forgotten(start, end, TODAY):
        assert not asked, "what is refused would have changed nothing"
    elif asked_after_freeze(start, end) > TODAY:
        assert asked, "what is taken is followed by its question"


def test_a_deficit_marks_the_tight_years_only():
    tight = replace(HULTSFRED, deficit_until_year=2028)
    planned = planned_for(tight, OFFICE)
    assert "R8" in by_rule(planned, "R2", 2028).shaped_by
    assert "R8" not in by_rule(planned, "R2", 2029).shaped_by
    assert "2028" in explain(by_rule(planned, "R2", 2028), "sv").text


@pytest.mark.parametrize("stage", [stage for stage in ProcurementStage if is_published(stage)])
def test_from_publication_to_signature_nobody_at_the_buyer_is_contacted(stage):
    published = replace(OFFICE, procurement_stage=stage, contract_ends_on=date(2028, 6, 30))
    planned = planned_for(HULTSFRED, published, SCHOOL)
    assert {one.kind for one in planned} == {ReminderKind.READ}
    assert contacts_stopped([published, SCHOOL]) == {7, 8, None}
    signed = replace(published, procurement_stage=ProcurementStage.SIGNED)
    assert contacts_stopped([signed, SCHOOL]) == set()
    assert contacts(planned_for(HULTSFRED, signed, SCHOOL))


def test_a_published_state_case_prepares_nothing_more():
    assert by_rule(planned_for(AUTHORITY, OFFICE), "R17")
    published = replace(OFFICE, procurement_stage=ProcurementStage.PUBLISHED)
    assert not [one for one in planned_for(AUTHORITY, published) if one.rule_key == "R17"]


def test_a_contract_is_asked_about_18_and_12_months_before_its_end():
    case = replace(OFFICE, state=CaseState.CLOSED, contract_ends_on=date(2028, 9, 30))
    planned = planned_for(HULTSFRED, case)
    assert [(one.rule_key, one.wanted_on) for one in planned] == [
        ("R12", date(2027, 3, 30)),
        ("R12-dialogue", date(2027, 9, 30)),
    ]


def test_the_state_is_shown_its_framework_agreements_first():
    planned = planned_for(AUTHORITY, OFFICE)
    first = planned[0]
    assert (first.rule_key, first.kind) == ("R17", ReminderKind.PREPARE)
    assert first.law.startswith("Förordning (1998:796)")
    assert all("R17" in one.shaped_by for one in contacts(planned))
    assert not [
        one
        for one in planned_for(AUTHORITY, replace(OFFICE, has_framework=True))
        if one.rule_key == "R17"
    ]
    letter = by_rule(planned, "R17-letter", 2027)
    assert letter.due_on == date(2027, 1, 14)


def test_a_school_with_colleagues_is_offered_a_pilot_in_calm_weeks():
    case = replace(SCHOOL, adoption_stage=AdoptionStage.COLLEAGUES)
    pilots = [one for one in planned_for(HULTSFRED, case) if one.rule_key == "R16"]
    assert pilots
    for one in pilots:
        assert (1, 20) <= (one.due_on.month, one.due_on.day) <= (5, 15) or one.due_on.month in (
            9,
            10,
            11,
        )


def test_a_promise_moves_back_to_a_working_day_and_keeps_its_own():
    case = replace(OFFICE, next_step_on=date(2027, 1, 6), next_step_text="Skicka prisbladet")
    promise = by_rule(planned_for(HULTSFRED, case), "NEXT")
    assert promise.kind is ReminderKind.DEADLINE
    assert promise.wanted_on == date(2027, 1, 6)
    assert promise.due_on < promise.wanted_on
    assert promise.moved[0].name_sv == "Trettondedag jul"
    assert explain(promise, "sv").title == "Skicka prisbladet"


def test_a_promise_with_braces_is_shown_as_written():
    case = replace(OFFICE, next_step_on=date(2027, 1, 7), next_step_text="{year} {0} {who!r}")
    assert (
        explain(by_rule(planned_for(HULTSFRED, case), "NEXT"), "en").title == "{year} {0} {who!r}"
    )


def test_a_promise_for_a_sunday_is_not_overdue_before_monday():
    sunday = date(2026, 11, 29)
    case = replace(OFFICE, next_step_on=sunday)
    promise = by_rule(planned_for(HULTSFRED, case, today=sunday), "NEXT")
    assert promise.due_on == date(2026, 11, 27)
    assert not is_overdue(promise.kind, promise.wanted_on, sunday)
    assert is_overdue(promise.kind, promise.wanted_on, date(2026, 11, 30))
    assert not is_overdue(ReminderKind.TASK, promise.wanted_on, date(2026, 11, 30))


def test_only_a_promise_can_be_overdue():
    case = replace(OFFICE, opened_on=date(2025, 3, 3), next_step_on=date(2026, 11, 16))
    for one in planned_for(HULTSFRED, case, today=TODAY):
        assert one.due_on >= TODAY or one.kind is ReminderKind.DEADLINE


# --- Waiting ---------------------------------------------------------------------------------------


def test_a_waiting_case_has_one_reminder_and_it_is_no_contact():
    case = replace(
        SCHOOL,
        state=CaseState.WAITING,
        waiting_since=TODAY,
        wait_event=WakeEvent.DOOR_OPENS,
    )
    planned = planned_for(HULTSFRED, case)
    assert [one.rule_key for one in planned] == ["WAKE"]
    assert planned[0].due_on == date(2027, 3, 1)
    assert planned[0].kind is ReminderKind.TASK


def test_the_wait_is_counted_from_when_it_began_however_late_one_asks():
    case = replace(
        SCHOOL, state=CaseState.WAITING, waiting_since=TODAY, wait_event=WakeEvent.DOOR_OPENS
    )
    later = planned_for(HULTSFRED, case, today=date(2027, 6, 9))
    assert later[0].wanted_on == date(2027, 3, 1)
    assert later[0].late


def test_a_wait_until_a_day_ends_on_a_working_day():
    case = replace(
        SCHOOL, state=CaseState.WAITING, waiting_since=TODAY, wait_until=date(2027, 5, 1)
    )
    assert planned_for(HULTSFRED, case)[0].due_on == date(2027, 5, 3)


def test_a_promise_in_a_waiting_case_is_never_overdue():
    case = replace(
        SCHOOL,
        state=CaseState.WAITING,
        waiting_since=TODAY,
        wait_until=date(2027, 5, 1),
        next_step_on=date(2026, 11, 10),
        next_step_text="Skicka",
    )
    promise = by_rule(planned_for(HULTSFRED, case), "NEXT")
    assert promise.kind is ReminderKind.TASK
    assert promise.due_on >= TODAY


def test_a_wait_for_the_new_year_names_its_paragraph():
    """KL 11 kap. 5 §; for the state we cite none, and so do not call it set by law."""
    case = replace(
        OFFICE,
        state=CaseState.WAITING,
        wait_event=WakeEvent.BUDGET_YEAR_STARTS,
        waiting_since=TODAY,
    )
    kommun = by_rule(planned_for(HULTSFRED, case), "WAKE")
    assert (kommun.certainty, kommun.law) == (Certainty.LAW, "KL 11 kap. 5 §")
    authority = by_rule(planned_for(AUTHORITY, case), "WAKE")
    assert (authority.certainty, authority.law) == (Certainty.TYPICAL, "")
    assert kommun.due_on == authority.due_on == date(2027, 1, 4)


def test_no_case_waits_for_ever():
    case = replace(SCHOOL, state=CaseState.WAITING, waiting_since=TODAY)
    assert planned_for(HULTSFRED, case)
    assert [one for one in planned_for(UNKNOWN, case) if one.rule_key == "WAKE"]


# --- One question at a time (R14) ------------------------------------------------------------------


def test_two_questions_in_a_case_lie_weeks_apart_and_the_urgent_one_keeps_its_day():
    planned = contacts(planned_for(HULTSFRED, OFFICE))
    assert [one.rule_key for one in planned[:2]] == ["R4-january", "R2"]
    assert planned[0].due_on == planned[0].wanted_on
    assert (planned[1].due_on - planned[0].due_on).days >= ASK_SPACING_DAYS
    assert "R14" in planned[1].shaped_by


def test_what_finds_no_room_is_taken_up_with_the_other_question():
    narrow = PhaseOverride("namndens_budgetunderlag", 1, 28, 2, 25)
    body = replace(
        HULTSFRED,
        practice=replace(HULTSFRED.practice, overrides=(narrow,)),
        freezes=((date(2026, 10, 1), date(2027, 2, 15), ""),),
    )
    planned = contacts(planned_for(body, OFFICE))
    spring = [one for one in planned if one.due_on < date(2027, 3, 1)]
    assert any(one.params.get("together") for one in spring)
    for one, following in itertools.pairwise(planned):
        assert (following.due_on - one.due_on).days >= ASK_SPACING_DAYS


def test_while_an_ask_is_open_no_other_comes_before_its_answer_is_due():
    case = replace(OFFICE, open_ask_on=date(2027, 1, 18), opened_on=TODAY)
    answer_by = add_working_days(date(2027, 1, 18), 15)
    for one in contacts(planned_for(HULTSFRED, case, today=date(2027, 1, 20))):
        assert one.due_on > answer_by


@pytest.mark.parametrize(
    ("today", "unanswered", "state"),
    [
        (date(2027, 2, 15), 0, AskState.STILL_OPEN),
        (date(2027, 2, 16), 0, AskState.UNANSWERED_ONCE),
        (date(2027, 2, 15), 1, AskState.STILL_OPEN),
        (date(2027, 2, 16), 1, AskState.MAKE_CASE_WAIT),
        (date(2027, 2, 16), 4, AskState.MAKE_CASE_WAIT),
    ],
)
def test_an_ask_is_unanswered_after_fifteen_working_days(today, unanswered, state):
    outcome = ask_outcome(date(2027, 1, 25), today, unanswered, HULTSFRED.practice)
    assert outcome.answer_by == date(2027, 2, 15)
    assert outcome.state is state
    assert (outcome.wake is not None) is (state is AskState.MAKE_CASE_WAIT)


def test_a_case_rests_until_the_buyers_next_window_and_not_until_ours():
    rest, event = next_rest(HULTSFRED.practice, Audience.GENERAL, date(2027, 4, 1))
    assert rest.day == date(2027, 8, 16)
    assert event is WakeEvent.INTERNAL_BUDGET


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.sampled_from(sorted(PRACTICES)))
def test_a_rest_is_at_least_six_weeks_and_ends_by_its_event(today, key):
    rest, event = next_rest(PRACTICES[key], Audience.GENERAL, today)
    assert rest.day >= today + timedelta(weeks=6)
    assert rest.day <= today + timedelta(days=550)
    if event is not None:
        found = resolve_event(event, PRACTICES[key], Audience.GENERAL, today)
        assert found is not None
        assert found.day == rest.day


# --- Reconciling -----------------------------------------------------------------------------------


def test_replanning_the_same_facts_changes_nothing():
    planned = planned_for(HULTSFRED, SCHOOL, OFFICE)
    assert reconcile(planned, stored(planned)).is_empty


def test_a_moved_date_moves_the_same_reminder():
    before = planned_for(HULTSFRED, OFFICE)
    own = PhaseOverride("namndens_budgetunderlag", 3, 10, 5, 5, certainty=Certainty.PUBLISHED)
    moved = replace(HULTSFRED, practice=replace(HULTSFRED.practice, overrides=(own,)))
    after = reconcile(planned_for(moved, OFFICE), stored(before))
    assert not after.add
    assert not after.withdraw
    assert {move.existing.key for move in after.move} >= {"R2/case-8/2029"}
    for move in after.move:
        assert move.planned is not None
        assert move.planned.key == move.existing.key
        assert (move.before, move.after) == (move.existing.due_on, move.planned.due_on)


@pytest.mark.parametrize("state", ["done", "dismissed"])
def test_what_is_done_is_never_touched(state):
    before = planned_for(HULTSFRED, OFFICE)
    own = PhaseOverride("namndens_budgetunderlag", 3, 10, 5, 5)
    moved = replace(HULTSFRED, practice=replace(HULTSFRED.practice, overrides=(own,)))
    assert reconcile(planned_for(moved, OFFICE), stored(before, state)).is_empty
    assert reconcile((), stored(before, state)).is_empty


def test_what_the_plan_no_longer_has_is_withdrawn_and_may_come_back():
    before = planned_for(HULTSFRED, OFFICE)
    gone = reconcile(
        planned_for(HULTSFRED, replace(OFFICE, state=CaseState.CLOSED)), stored(before)
    )
    assert {one.key for one in gone.withdraw} == {one.key for one in before}
    back = reconcile(before, stored(before, "withdrawn"))
    assert [planned.key for _, planned in back.revive] == [one.key for one in before]
    assert not back.add


def test_a_promise_with_a_new_date_moves_and_a_new_promise_is_added():
    one = replace(OFFICE, next_step_on=date(2027, 2, 1), next_step_text="Skicka prisbladet")
    other = replace(one, next_step_on=date(2027, 2, 9))
    before = planned_for(HULTSFRED, one)
    moved = reconcile(planned_for(HULTSFRED, other), stored(before))
    assert [(move.before, move.after) for move in moved.move] == [
        (date(2027, 2, 1), date(2027, 2, 9))
    ]
    assert not moved.add
    assert not moved.withdraw
    fresh = reconcile(planned_for(HULTSFRED, other), stored(before, "done"))
    assert [planned.rule_key for planned in fresh.add] == ["NEXT"]


def test_a_contract_end_put_right_does_not_ask_again_but_a_new_contract_does():
    one = replace(OFFICE, state=CaseState.CLOSED, contract_ends_on=date(2028, 5, 31))
    before = planned_for(HULTSFRED, one)
    corrected = planned_for(HULTSFRED, replace(one, contract_ends_on=date(2028, 6, 30)))
    assert reconcile(corrected, stored(before, "done")).is_empty
    assert len(reconcile(corrected, stored(before)).move) == len(before)
    renewed = plan(
        HULTSFRED,
        [replace(one, contract_ends_on=date(2030, 6, 30))],
        today=TODAY,
        horizon_days=1500,
    )
    assert len(reconcile(renewed, stored(before, "done")).add) == 2


def test_a_snoozed_reminder_stays_where_it_was_put():
    planned = planned_for(HULTSFRED, OFFICE)
    snoozed = [replace(one, snoozed_until=date(2027, 6, 1)) for one in stored(planned)]
    own = PhaseOverride("namndens_budgetunderlag", 3, 10, 5, 5)
    moved = replace(HULTSFRED, practice=replace(HULTSFRED.practice, overrides=(own,)))
    assert reconcile(planned_for(moved, OFFICE), snoozed).is_empty
    assert reconcile((), snoozed).is_empty
    stopped = reconcile((), snoozed, stopped={8})
    assert {one.kind for one in stopped.withdraw} == {ReminderKind.CONTACT}


def test_a_snooze_to_an_event_follows_the_event():
    planned = planned_for(HULTSFRED, OFFICE)
    snoozed = [
        replace(one, snoozed_until=date(2027, 7, 1), snoozed_event=WakeEvent.COUNCIL_DECIDED)
        for one in stored(planned)
        if one.key.startswith("R2/")
    ]
    assert not reconcile(planned, snoozed, event_day=lambda _: date(2027, 7, 1)).move
    followed = reconcile(planned, snoozed, event_day=lambda _: date(2027, 6, 16)).move
    assert [(one.before, one.after, one.snooze) for one in followed] == [
        (date(2027, 7, 1), date(2027, 6, 16), True)
    ] * len(snoozed)


# --- Why (R15) -------------------------------------------------------------------------------------


def test_the_reason_is_told_in_the_customers_terms():
    why = explain(by_rule(planned_for(HULTSFRED, OFFICE), "R2", 2028), "sv")
    assert "Nämnderna i Hultsfreds kommun lämnar in underlag till budget 2028 senast" in why.text
    assert "juni 2027" in why.text
    assert (
        "Underlaget behöver vara klart när fönstret öppnar den 1 mars 2027; regeln säger 6 veckor"
        " före: 18 januari 2027." in why.text
    )
    assert "Du ville ha" not in why.text
    assert "En fråga i taget" in why.text
    assert ("R14", "R14: En fråga i taget") in why.rules


def test_the_reason_is_told_in_english_too():
    why = explain(by_rule(planned_for(HULTSFRED, SCHOOL), "R2", 2028), "en")
    assert why.title == "Help Anna with the basis for the budget of 2028"
    assert "hand in for the budget of 2028 by" in why.text
    assert "; the rule says 6 weeks before that: " in why.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "sv",
            (
                "Underlaget behöver vara klart när fönstret öppnar den 1 mars 2027; regeln säger"
                " 6 veckor före: 18 januari 2027."
            ),
        ),
        (
            "en",
            (
                "The basis must be ready when the window opens on 1 March 2027; the rule says"
                " 6 weeks before that: 18 January 2027."
            ),
        ),
    ],
)
def test_the_reason_names_the_day_that_the_rule_counts_from(language, said):
    own = PhaseOverride("namndens_budgetunderlag", 3, 1, 4, 30, -1)
    body = replace(HULTSFRED, practice=replace(HULTSFRED.practice, overrides=(own,)))
    planned = by_rule(planned_for(body, OFFICE), "R2", 2028)
    assert planned.wanted_on == date(2027, 1, 18)
    assert said in explain(planned, language).text


@pytest.mark.parametrize(
    ("start", "end", "sv"),
    [
        (date(2027, 6, 1), date(2027, 6, 30), "juni 2027"),
        (date(2027, 3, 1), date(2027, 4, 30), "mars–april 2027"),
        (date(2027, 6, 15), date(2027, 6, 15), "15 juni 2027"),
        (date(2026, 12, 5), date(2026, 12, 20), "5–20 december 2026"),
        (date(2026, 10, 15), date(2026, 12, 31), "15 oktober – 31 december 2026"),
        (date(2026, 11, 15), date(2027, 1, 31), "15 november 2026 – 31 januari 2027"),
    ],
)
def test_a_span_is_said_without_repeating_itself(start, end, sv):
    assert format_span(start, end, "sv") == sv


def test_every_rule_is_written_in_both_languages():
    keys = [rule.key for rule in DEFAULT_RULES]
    assert len(keys) == len(set(keys))
    assert {
        "R1",
        "R2",
        "R3",
        "R4",
        "R5",
        "R6",
        "R7",
        "R8",
        "R12",
        "R14",
        "R15",
        "R16",
        "R17",
    } <= set(keys)
    for rule in DEFAULT_RULES:
        assert rule.name_sv
        assert rule.name_en
        assert len(rule.key) <= 20
        if rule.kind is not None:
            assert rule.title_sv
            assert rule.title_en
            assert rule.do_sv
            assert rule.do_en


@pytest.mark.parametrize(
    ("offset", "sv", "en"),
    [
        (Offset(days=-42), "6 veckor före", "6 weeks before"),
        (Offset(days=1), "1 dag efter", "1 day after"),
        (Offset(months=-18), "18 månader före", "18 months before"),
        (Offset(), "", ""),
    ],
)
def test_an_offset_is_said_in_words(offset, sv, en):
    assert (offset.text("sv"), offset.text("en")) == (sv, en)


# --- What must hold whatever the facts -------------------------------------------------------------

a_day = st.dates(date(2025, 6, 1), date(2031, 12, 31))


@st.composite
def bodies(draw):
    kind = draw(st.sampled_from(BodyKind))
    known = [practice for key, practice in sorted(PRACTICES.items()) if key[0] is kind]
    made = [Practice(kind, decision) for decision in practices_for(kind)]
    freezes = draw(
        st.lists(st.tuples(a_day, st.one_of(st.none(), st.integers(0, 300))), max_size=2)
    )
    own = draw(st.lists(st.tuples(a_day, st.integers(0, 60)), max_size=2))
    return BodyFacts(
        organisation_id=1,
        name="Kommunen",
        kind=kind,
        practice=draw(st.sampled_from(known + made)),
        county_code=draw(st.sampled_from(["01", "08", "14", "25", None])),
        freezes=tuple(
            (start, None if days is None else start + timedelta(days), "")
            for start, days in freezes
        ),
        deficit_until_year=draw(st.one_of(st.none(), st.integers(2026, 2032))),
        own_quiet=tuple(own_quiet(start, start + timedelta(days), "Eget") for start, days in own),
    )


@st.composite
def cases(draw, case_id=1, today=TODAY):
    opened = today - timedelta(draw(st.integers(0, 900)))
    state = draw(st.sampled_from([CaseState.OPEN] * 4 + [CaseState.WAITING, CaseState.CLOSED]))
    waiting = state is CaseState.WAITING
    return CaseFacts(
        case_id=case_id,
        organisation_id=draw(st.integers(1, 5)),
        opened_on=opened,
        audience=draw(st.sampled_from(Audience)),
        adoption_stage=draw(st.sampled_from(AdoptionStage)),
        procurement_stage=draw(
            st.sampled_from([ProcurementStage.NONE] * 6 + list(ProcurementStage))
        ),
        state=state,
        wait_until=draw(st.one_of(st.none(), a_day)) if waiting else None,
        wait_event=draw(st.one_of(st.none(), st.sampled_from(WakeEvent))) if waiting else None,
        waiting_since=draw(st.dates(opened, today)) if waiting else None,
        next_step_on=draw(st.one_of(st.none(), a_day)),
        next_step_text=draw(st.text(max_size=10)),
        contract_ends_on=draw(st.one_of(st.none(), a_day)),
        open_ask_on=draw(
            st.one_of(st.none(), st.just(today - timedelta(draw(st.integers(0, 40)))))
        ),
        champion_name=draw(st.sampled_from(["", "Anna"])),
        has_framework=draw(st.booleans()),
    )


@st.composite
def situations(draw):
    today = draw(a_day)
    body = draw(bodies())
    some = [draw(cases(case_id=number, today=today)) for number in range(draw(st.integers(0, 3)))]
    return body, some, today


def _closed_for_contacts(body, audience, day, *, freeze):
    quiet = quiet_periods(
        body.kind, audience, body.county_code, day - timedelta(400), day + timedelta(400)
    )
    frozen = not freeze and any(
        start <= day and (end is None or day <= end) for start, end, _ in body.freezes
    )
    return frozen or any(period.covers(day) for period in (*quiet, *body.own_quiet))


@settings(max_examples=200, deadline=None)
@given(situations())
def test_what_holds_for_every_plan(situation):
    body, some, today = situation
    planned = plan(body, some, today=today)
    known = {case.case_id: case for case in some}
    published = any(
        is_published(case.procurement_stage) and case.state is not CaseState.CLOSED for case in some
    )
    assert planned == plan(body, some, today=today)
    assert len({one.key for one in planned}) == len(planned)
    assert list(planned) == sorted(planned, key=lambda one: (one.due_on, one.key))
    assert reconcile(planned, stored(planned)).is_empty
    for one in planned:
        assert one.due_on.isoformat() not in one.key or "/@" in one.key
        assert one.shaped_by[0] == one.rule_key
        assert one.due_on <= today + timedelta(730)
        assert one.closes_on is None or one.closes_on >= today
        assert json.loads(json.dumps(dict(one.params))) == dict(one.params)
        for language in ("sv", "en"):
            why = explain(one, language)
            assert why.title
            assert why.parts
            assert "{" not in "".join(part for part in why.parts)
        if one.kind is ReminderKind.DEADLINE:
            assert is_working_day(one.due_on)
            continue
        assert one.due_on >= today
        if one.kind is not ReminderKind.CONTACT:
            assert is_working_day(one.due_on)
            continue
        assert not published
        case = known[one.case_id]
        assert case.state is CaseState.OPEN or one.rule_key.startswith(("R7", "R12", "LIGHT"))
        assert is_working_day(one.due_on)
        assert one.closes_on is None or one.due_on <= one.closes_on
        assert not _closed_for_contacts(
            body, case.audience, one.due_on, freeze=one.rule_key == "R7"
        )
        if case.open_ask_on is not None:
            assert one.due_on > add_working_days(case.open_ask_on, 15)
        if one.due_on > one.wanted_on and one.wanted_on >= max(today, case.opened_on):
            assert one.moved, "a moved reminder says why"
    for case in some:
        own = [one for one in planned if one.case_id == case.case_id]
        if case.state is CaseState.WAITING:
            assert {one.rule_key for one in own} <= {"WAKE", "NEXT", "LIGHT"}
        asked = [one for one in own if one.kind is ReminderKind.CONTACT and not one.late]
        if case.open_ask_on is None:
            fresh = [one for one in asked if "freeze" not in {reason.key for reason in one.moved}]
            for one, following in itertools.pairwise(fresh):
                if one.due_on > today + timedelta(60):  # past those held by a quiet period today
                    assert (following.due_on - one.due_on).days >= ASK_SPACING_DAYS


@settings(max_examples=50, deadline=None)
@given(situations(), st.integers(1, 45))
def test_days_that_pass_move_nothing_by_themselves(situation, days):
    """Tomorrow's plan has the same days, but for contacts held over a quiet time or an open ask."""
    body, some, today = situation
    some = [replace(case, open_ask_on=None) for case in some]
    inbox = stored(plan(body, some, today=today))
    for passed in range(1, days):
        difference = reconcile(plan(body, some, today=today + timedelta(passed)), inbox)
        for move in difference.move:
            assert move.planned is not None
            if move.planned.key == move.existing.key:
                assert move.existing.due_on < today + timedelta(passed) < move.planned.due_on
                assert move.planned.kind is ReminderKind.CONTACT
        days_now = {move.existing.key: move for move in difference.move}
        gone = {one.key for one in difference.withdraw}
        inbox = [
            replace(one, key=days_now[one.key].planned.key, due_on=days_now[one.key].after)
            if one.key in days_now
            else one
            for one in inbox
            if one.key not in gone
        ] + stored(difference.add)


def _noticed(one):
    moved = () if one.late else one.moved
    return (
        one.event_start,
        one.event_end,
        one.certainty,
        one.source,
        one.params,
        one.owner_id,
        moved,
    )


@settings(max_examples=300, deadline=None)
@given(situations(), st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_a_plan_stands_until_its_own_day(situation, parts):
    """Before that day the same facts, planned again, leave all that is stored as it is."""
    body, some, today = situation
    first = plan_and_term(body, some, today=today)
    assert first.reminders == plan(body, some, today=today)
    assert today < first.stands_until <= date(today.year + 1, 1, 1)
    kept = reconcile(first.reminders, []).add  # a guess that is late on its first day is left out
    words = {one.key: _noticed(one) for one in kept}
    last = (first.stands_until - today).days - 1
    for part in {1.0, *parts}:
        later = today + timedelta(round(part * last))
        again = reconcile(plan(body, some, today=later), stored(kept))
        assert again.is_empty, (later, first.stands_until)
        assert {one.key: _noticed(one) for _there, one in again.keep} == words


@settings(max_examples=40, deadline=None)
@given(situations())
def test_reasons_survive_storage(situation):
    body, some, today = situation
    for one in plan(body, some, today=today):
        assert moved_from_json(json.loads(json.dumps(moved_as_json(one.moved)))) == one.moved


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(PRACTICES)), st.integers(2026, 2031), st.sampled_from(Audience))
def test_every_window_of_an_open_case_is_reminded_of(key, year, audience):
    body = BodyFacts(1, "Kommunen", key[0], PRACTICES[key], county_code="08")
    case = CaseFacts(1, 1, date(year, 1, 1), audience=audience)
    planned = contacts(plan(body, [case], today=date(year, 1, 1)))
    for budget_year in (year + 1, year + 2):
        reminded = [one for one in planned if one.budget_year == budget_year]
        together = [also for one in planned for also in one.params.get("together", ())]
        assert reminded or together, budget_year


def test_a_deadline_keeps_its_reason_even_when_the_quiet_period_is_our_own():
    christmas = Quiet(
        "quiet_own",
        date(2027, 1, 11),
        date(2027, 2, 26),
        "Flytt",
        "Moving",
        Certainty.CONFIRMED,
        "",
    )
    body = replace(HULTSFRED, own_quiet=(christmas,))
    basis = by_rule(planned_for(body, OFFICE), "R2", 2028)
    assert basis.due_on > date(2027, 2, 26)
    assert "Flytt" in explain(basis, "sv").text


def test_a_window_inside_a_quiet_period_is_taken_before_it():
    spring = own_quiet(date(2027, 1, 15), date(2027, 5, 31), "Flytt")
    body = replace(HULTSFRED, own_quiet=(spring,))
    case = replace(OFFICE, opened_on=date(2026, 9, 1))
    basis = by_rule(plan(body, [case], today=date(2026, 9, 1)), "R2", 2028)
    assert basis.due_on < date(2027, 1, 15)
    assert basis.wanted_on == date(2027, 1, 18)


def test_a_planned_reminder_names_its_subject():
    one = planned_for(HULTSFRED, OFFICE)[0]
    assert isinstance(one, Planned)
    assert one.key.startswith(one.subject + "/")
