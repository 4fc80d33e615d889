"""At most one contact per person within the set time, and the light contacts of a wait."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules import rule_settings
from crm.rules.budget_cycle import BodyKind
from crm.rules.cadence import EVERY_WORDS, purpose_of_season, touches
from crm.rules.pace import interval, last_contact, too_near, too_soon
from crm.rules.precision import add_months
from crm.rules.quiet import Audience
from crm.rules.reminder_rules import DEFAULT_RULES, Offset
from crm.rules.reminders import (
    BodyFacts,
    CaseFacts,
    Contacted,
    ReminderKind,
    explain,
    is_overdue,
    plan,
    plan_and_term,
    reconcile,
)
from crm.rules.rule_settings import RuleSetting
from crm.rules.stages import (
    AdoptionStage,
    CaseState,
    LightPurpose,
    ProcurementStage,
    WakeEvent,
    resolve_event,
)
from tests.rules.test_reminders import HULTSFRED, PRACTICES, bodies, cases, stored

TODAY = date(2026, 9, 1)
SIX_WEEKS = Offset(days=42)
FIRST = CaseFacts(
    case_id=1,
    organisation_id=70,
    opened_on=TODAY,
    title="Läsprovet",
    champion_name="Anna",
    contact_id=5,
    contact_name="Anna",
)
SECOND = replace(FIRST, case_id=2, organisation_id=71, title="Skrivprovet")
WAITS = replace(
    FIRST,
    state=CaseState.WAITING,
    waiting_since=TODAY,
    wait_until=date(2027, 9, 1),
    light_every=2,
    light_purpose=LightPurpose.SEASON,
)


def contacts(planned):
    return [one for one in planned if one.kind is ReminderKind.CONTACT]


# --- The limit itself ---------------------------------------------------------------------------


def test_six_weeks_unless_set_otherwise():
    assert interval() == SIX_WEEKS
    set_to = RuleSetting("PACE", 2, active=True, offset=Offset(months=3))
    assert interval(rule_settings.in_force([set_to])) == Offset(months=3)
    off = RuleSetting("PACE", 3, active=False, offset=SIX_WEEKS)
    assert interval(rule_settings.in_force([set_to, off])) is None


def test_the_pace_can_be_changed_but_not_to_nothing():
    rule = rule_settings.rule_of("PACE")
    assert rule is not None
    assert rule_settings.may_be_changed(rule)
    assert rule_settings.offset_of(rule, 8, rule_settings.DistanceUnit.WEEKS) == Offset(days=56)
    for count, unit in ((0, "weeks"), (6, "days"), (7, "months")):
        with pytest.raises(rule_settings.TooFar):
            rule_settings.offset_of(rule, count, rule_settings.DistanceUnit(unit))
    assert rule_settings.when(rule, rule.offset, "sv") == (
        "6 veckor efter den förra kontakten med samma person"
    )


def test_the_day_six_weeks_later_is_far_enough():
    day = date(2027, 1, 11)
    assert too_near(day, day + timedelta(41), SIX_WEEKS)
    assert too_near(day + timedelta(41), day, SIX_WEEKS)
    assert not too_near(day, day + timedelta(42), SIX_WEEKS)
    assert not too_near(date(2027, 1, 31), date(2027, 2, 28), Offset(months=1))


def test_who_was_in_touch_last():
    made = (
        Contacted(5, date(2027, 1, 11), "Eva"),
        Contacted(5, date(2027, 2, 11), "Olle"),
        Contacted(6, date(2027, 3, 11), "Eva"),
        Contacted(None, date(2027, 3, 12), reminder_key="R2/case-1/2028"),
    )
    found = last_contact(made, 5)
    assert found is not None
    assert found.by == "Olle"
    assert last_contact(made, 7) is None
    assert too_soon(made, 5, date(2027, 3, 24), SIX_WEEKS) == made[1]
    assert too_soon(made, 5, date(2027, 3, 25), SIX_WEEKS) is None
    assert too_soon(made, 5, date(2027, 2, 12), None) is None


# --- In the plan --------------------------------------------------------------------------------


def test_two_cases_with_one_person_share_their_contacts():
    planned = contacts(plan(HULTSFRED, [FIRST, SECOND], today=TODAY))
    assert {one.person_id for one in planned} == {5}
    for one, following in pairwise(planned):
        assert not too_near(one.due_on, following.due_on, SIX_WEEKS)
    moved = [one for one in planned if "pace" in {reason.key for reason in one.moved}]
    together = [
        one for one in planned if any(also["title"] for also in one.params.get("together", ()))
    ]
    assert moved or together
    for one in moved:
        assert one.due_on > one.wanted_on
        assert "Högst en kontakt med Anna på 6 veckor" in explain(one, "sv").text
        assert "PACE" in one.shaped_by
    for one in together:
        assert "Ta upp det här samtidigt, för ”" in explain(one, "sv").text
        assert "Take this up at the same time, for “" in explain(one, "en").text


def test_every_case_is_still_spoken_for():
    """What finds no day of its own is named on the day of another: nothing is lost."""
    alone = {
        (one.rule_key, one.case_id)
        for case in (FIRST, SECOND)
        for one in contacts(plan(HULTSFRED, [case], today=TODAY))
    }
    both = contacts(plan(HULTSFRED, [FIRST, SECOND], today=TODAY))
    told = {(one.rule_key, one.case_id) for one in both}
    for one in both:
        told |= {(also["rule"], also["case"]) for also in one.params.get("together", ())}
    assert alone <= told


def test_two_people_do_not_hold_each_other_up():
    other = replace(SECOND, contact_id=6)
    alone = contacts(plan(HULTSFRED, [other], today=TODAY))
    both = contacts(plan(HULTSFRED, [FIRST, other], today=TODAY))
    assert [one.due_on for one in both if one.case_id == 2] == [one.due_on for one in alone]


def test_without_a_limit_each_case_keeps_its_days():
    off = [rule for rule in DEFAULT_RULES if rule.key != "PACE"]
    both = contacts(plan(HULTSFRED, [FIRST, SECOND], rules=off, today=TODAY))
    for case in (FIRST, SECOND):
        alone = contacts(plan(HULTSFRED, [case], rules=off, today=TODAY))
        assert [one.key for one in both if one.case_id == case.case_id] == [
            one.key for one in alone
        ]


def test_a_colleagues_contact_moves_the_next_one_forward():
    first = contacts(plan(HULTSFRED, [FIRST], today=TODAY))[0]
    on = first.due_on - timedelta(10)
    body = replace(HULTSFRED, contacts_made=(Contacted(5, on, "Eva", "Frågade om priset"),))
    again = next(one for one in plan(body, [FIRST], today=on) if one.key == first.key)
    if "touched" in again.params:
        assert again.due_on == first.due_on
        assert "Eva" in explain(again, "sv").text
    else:
        assert again.due_on >= on + timedelta(42)
        assert "av Eva" in explain(again, "sv").text
        assert "by Eva" in explain(again, "en").text
    assert "PACE" in again.shaped_by


def test_where_the_window_closes_the_contact_stays_and_says_who_was_in_touch():
    first = next(one for one in contacts(plan(HULTSFRED, [FIRST], today=TODAY)) if one.closes_on)
    made = Contacted(5, first.closes_on - timedelta(20), "Eva")
    body = replace(HULTSFRED, contacts_made=(made,))
    again = next(one for one in plan(body, [FIRST], today=TODAY) if one.key == first.key)
    assert again.due_on == first.due_on
    assert "bara om ni inte talade om det då" in explain(again, "sv").text
    assert "only if it was not spoken of then" in explain(again, "en").text


def test_what_was_done_holds_nothing_up_but_the_next():
    """The reminder by which the contact was made stays done, and is no neighbour of its own."""
    planned = contacts(plan(HULTSFRED, [FIRST], today=TODAY))
    done, following = planned[0], planned[1]
    made = Contacted(5, done.due_on, "Eva", reminder_key=done.key)
    body = replace(HULTSFRED, contacts_made=(made,))
    again = {one.key: one for one in plan(body, [FIRST], today=done.due_on)}
    assert again[following.key].due_on == following.due_on


# --- While waiting ------------------------------------------------------------------------------


def test_a_waiting_case_is_touched_lightly_and_woken():
    planned = plan(HULTSFRED, [WAITS], today=TODAY)
    light = [one for one in planned if one.rule_key == "LIGHT"]
    assert len(light) >= 4
    assert {one.rule_key for one in planned if one.case_id} == {"LIGHT", "WAKE"}
    for one in light:
        assert one.person_id == 5
        assert one.due_on < date(2027, 9, 1)
        for language, words in (("sv", "varannan månad"), ("en", "every other month")):
            why = explain(one, language)
            assert words in why.text
            assert why.title.startswith(("Lätt kontakt med Anna:", "Light contact with Anna:"))
            assert "{" not in why.title + why.instruction
    assert len({one.params["purpose"] for one in light}) > 1, "the purpose follows the season"


@pytest.mark.parametrize(
    "ended",
    [
        {"state": CaseState.OPEN},
        {"state": CaseState.CLOSED},
        {"contact_id": None, "contact_name": "", "champion_name": ""},  # left, or objected
        {"light_every": None},
        {"procurement_stage": ProcurementStage.PUBLISHED},
    ],
)
def test_light_contact_stops_by_itself(ended):
    planned = plan(HULTSFRED, [replace(WAITS, **ended)], today=TODAY)
    assert not [one for one in planned if one.rule_key == "LIGHT"]


def test_a_light_contact_gives_way_to_a_question():
    planned = contacts(plan(HULTSFRED, [WAITS, SECOND], today=TODAY))
    alone = contacts(plan(HULTSFRED, [SECOND], today=TODAY))
    asked = {one.key: one.due_on for one in planned if one.case_id == 2}
    assert asked == {one.key: one.due_on for one in alone}


def test_the_purpose_of_the_season():
    practice = HULTSFRED.practice
    opens = next(
        one for one in plan(HULTSFRED, [FIRST], today=TODAY) if one.rule_key == "R2"
    ).event_start
    before = opens - timedelta(20)
    assert purpose_of_season(practice, Audience.GENERAL, before) is LightPurpose.SUBMISSIONS
    term = resolve_event(WakeEvent.TERM_STARTS, practice, Audience.SCHOOL, date(2027, 8, 1))
    assert term is not None
    assert purpose_of_season(practice, Audience.SCHOOL, term.day) is LightPurpose.TERM
    assert purpose_of_season(practice, Audience.GENERAL, term.day) is LightPurpose.NEWS


def test_a_chosen_purpose_chooses_the_day():
    found = touches(
        TODAY,
        date(2029, 9, 1),
        6,
        LightPurpose.DECISION,
        HULTSFRED.practice,
        Audience.GENERAL,
    )
    assert found
    assert {one.purpose for one in found} == {LightPurpose.DECISION}
    assert len({one.on.year for one in found}) == len(found), "one decision a year"


def test_no_rhythm_below_a_month():
    with pytest.raises(ValueError, match="once a month"):
        touches(TODAY, TODAY, 0, LightPurpose.NEWS, HULTSFRED.practice, Audience.GENERAL)


# --- Whatever the facts -------------------------------------------------------------------------

paces = st.one_of(
    st.integers(7, 183).map(lambda days: Offset(days=days)),
    st.integers(1, 5).map(lambda months: Offset(months=months)),
)


@settings(max_examples=150, deadline=None)
@given(
    since=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    length=st.integers(0, 1500),
    every=st.sampled_from(sorted(EVERY_WORDS)),
    purpose=st.sampled_from(LightPurpose),
    key=st.sampled_from(sorted(PRACTICES)),
    audience=st.sampled_from(Audience),
    pace=paces,
)
def test_light_contacts_keep_their_rhythm_and_the_pace(
    since, length, every, purpose, key, audience, pace
):
    until = since + timedelta(length)
    found = touches(since, until, every, purpose, PRACTICES[key], audience, pace)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    days = [since, *(one.on for one in found)]
    for one, following in pairwise(days):
        assert not too_near(one, following, pace)
        assert following >= add_months(one, every) - timedelta(3)  # the last days of a month
    assert all(one.on < until for one in found)
    assert all(one.purpose is not LightPurpose.SEASON for one in found)


@st.composite
def shared(draw):
    """Some cases of a body with few people, contacts made lately, and a pace."""
    today = draw(st.dates(date(2025, 1, 1), date(2030, 12, 31)))
    body = draw(bodies())
    some = []
    for number in range(draw(st.integers(2, 4))):
        case = draw(cases(case_id=number, today=today))
        waiting = case.state is CaseState.WAITING
        some.append(
            replace(
                case,
                procurement_stage=ProcurementStage.NONE,
                adoption_stage=draw(st.sampled_from(list(AdoptionStage)[:5])),
                contact_id=draw(st.sampled_from([5, 5, 6, None])),
                light_every=draw(st.sampled_from([None, *EVERY_WORDS])) if waiting else None,
                light_purpose=draw(st.sampled_from(LightPurpose)),
                open_ask_on=None,
            )
        )
    made = tuple(
        Contacted(draw(st.sampled_from([5, 6])), today - timedelta(draw(st.integers(0, 190))), "E")
        for _ in range(draw(st.integers(0, 3)))
    )
    return replace(body, contacts_made=made), some, today, draw(paces)


@settings(max_examples=150, deadline=None)
@given(shared())
def test_never_more_contacts_with_a_person_than_the_limit(situation):
    body, some, today, pace = situation
    set_to = RuleSetting("PACE", 2, active=True, offset=pace)
    rules = rule_settings.in_force([set_to])
    planned = plan(body, some, rules=rules, today=today)
    assert reconcile(planned, stored(planned)).is_empty
    by_person = {}
    for one in contacts(planned):
        late = one.wanted_on < today and any(quiet.covers(today) for quiet in one.moved)
        if one.person_id is not None and one.due_on > today + timedelta(60) and not late:
            by_person.setdefault(one.person_id, []).append(one)
    for person, of_person in by_person.items():
        kept = [one for one in of_person if "touched" not in one.params]
        for one, following in pairwise(kept):
            assert not too_near(one.due_on, following.due_on, pace), (one.key, following.key)
        made = last_contact(body.contacts_made, person)
        for one in kept:
            assert made is None or not too_near(made.on, one.due_on, pace)
    for case in some:
        if case.state is CaseState.WAITING:
            own = [one for one in planned if one.case_id == case.case_id]
            late = today + timedelta(800)
            assert not [one for one in own if is_overdue(one.kind, one.wanted_on, late)]
            assert sum(one.rule_key == "WAKE" for one in own) <= 1
            for one in own:
                json_ready = {key: value for key, value in one.params.items() if key == "purpose"}
                assert all(isinstance(value, str) for value in json_ready.values())


@settings(max_examples=60, deadline=None)
@given(shared(), st.integers(1, 60))
def test_with_a_limit_days_that_pass_move_nothing_back(situation, days):
    """Planned again on a later day, a contact stands where it stood or later, never earlier: unless
    what it gave way to is of no more use, and no longer planned."""
    body, some, today, pace = situation
    rules = rule_settings.in_force([RuleSetting("PACE", 2, active=True, offset=pace)])
    first = {one.key: one for one in plan(body, some, rules=rules, today=today)}
    later = today + timedelta(days)
    again = plan(body, some, rules=rules, today=later)
    if first.keys() - {one.key for one in again}:
        return
    for one in again:
        before = first.get(one.key)
        if before is not None and one.kind is ReminderKind.CONTACT and before.due_on >= later:
            assert one.due_on >= before.due_on or "touched" in one.params


@settings(max_examples=120, deadline=None)
@given(shared(), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_a_plan_with_people_stands_until_its_own_day(situation, parts):
    """Before that day the same facts, planned again, leave all that is stored as it is."""
    body, some, today, pace = situation
    rules = rule_settings.in_force([RuleSetting("PACE", 2, active=True, offset=pace)])
    first = plan_and_term(body, some, rules=rules, today=today)
    kept = reconcile(first.reminders, []).add
    words = {one.key: dict(one.params) for one in kept}
    last = (first.stands_until - today).days - 1
    for part in {1.0, *parts}:
        later = today + timedelta(round(part * last))
        again = reconcile(plan(body, some, rules=rules, today=later), stored(kept))
        assert again.is_empty, (later, first.stands_until)
        assert {one.key: dict(one.params) for _there, one in again.keep} == words


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(2025, 1, 1), date(2030, 12, 31)),
    st.integers(0, 40),
    st.sampled_from([BodyKind.MUNICIPALITY, BodyKind.REGION]),
)
def test_while_a_question_is_open_no_other_is_asked(today, ago, kind):
    body = BodyFacts(1, "Kommunen", kind, HULTSFRED.practice, county_code="08")
    asked = replace(FIRST, opened_on=today - timedelta(300), open_ask_on=today - timedelta(ago))
    other = replace(SECOND, opened_on=today - timedelta(300))
    planned = contacts(plan(body, [asked, other], today=today))
    assert all(one.due_on > today for one in planned if one.case_id == 1)


def test_the_event_a_case_waits_for_ends_its_light_contacts():
    case = replace(WAITS, wait_until=None, wait_event=WakeEvent.COUNCIL_DECIDED)
    planned = plan(HULTSFRED, [case], today=TODAY)
    wakes = next(one for one in planned if one.rule_key == "WAKE")
    light = [one for one in planned if one.rule_key == "LIGHT"]
    assert light
    assert all(one.due_on < wakes.due_on for one in light)


@pytest.mark.parametrize("days", [21, 42, 120])
@pytest.mark.parametrize("late", [0, 9])
def test_two_years_of_doing_as_told_never_contact_anna_too_often(days, late):
    """Whoever does each contact when it comes up, or some days late, keeps the limit."""
    pace = Offset(days=days)
    rules = rule_settings.in_force([RuleSetting("PACE", 2, active=True, offset=pace)])
    some = [FIRST, SECOND, replace(WAITS, case_id=3, wait_until=date(2028, 9, 1))]
    made, forced, inbox = [], [], []
    for passed in range(0, 730, 6):
        today = TODAY + timedelta(passed)
        body = replace(HULTSFRED, contacts_made=tuple(made))
        planned = plan(body, some, rules=rules, today=today)
        inbox = applied(reconcile(planned, inbox), inbox)
        told = {one.key: one for one in planned}
        due = [one for one in inbox if one.is_pending and one.kind is ReminderKind.CONTACT]
        for there in sorted(due, key=lambda one: (one.due_on, one.key)):
            if there.due_on > today - timedelta(late):
                continue
            (forced if "touched" in told[there.key].params else made).append(
                Contacted(5, today, "Eva", reminder_key=there.key)
            )
            inbox = [replace(one, state="done") if one is there else one for one in inbox]
            break  # one contact a day, and then the plan is made anew
    assert len(made) > 2
    for one, following in pairwise(sorted(made, key=lambda one: one.on)):
        assert not too_near(one.on, following.on, pace), (one, following)


def applied(difference, inbox):
    """What is stored after a planning."""
    moves = {move.existing.key: move for move in difference.move}
    gone = {one.key for one in difference.withdraw}
    back = {there.key: planned for there, planned in difference.revive}
    kept = []
    for one in inbox:
        if one.key in gone:
            kept.append(replace(one, state="withdrawn"))
        elif one.key in moves:
            move = moves[one.key]
            key = move.planned.key if move.planned else one.key
            kept.append(replace(one, key=key, due_on=move.after))
        elif one.key in back:
            kept.append(replace(one, state="planned", due_on=back[one.key].due_on))
        else:
            kept.append(one)
    return [*kept, *stored(difference.add)]


def test_what_is_taken_up_at_the_same_time_is_told_with_its_year_and_day():
    one = contacts(plan(HULTSFRED, [FIRST], today=TODAY))[0]
    also = {"key": "", "own": "", "case": 1, "title": "", "was": "2027-03-03"}
    said = replace(
        one,
        params=one.params
        | {
            "together": [
                also | {"rule": "R2", "year": 2028},
                also | {"rule": "OWN-1", "own": "Ring ekonomen", "year": None},
                also | {"rule": "R2", "year": 2028, "case": 2, "title": "Läsprovet"},
            ]
        },
    )
    text = explain(said, "sv").text
    assert "(budgeten för 2028, skulle ha kommit 3 mars 2027)." in text
    assert "Ta upp det här samtidigt: Ring ekonomen (skulle ha kommit 3 mars 2027)." in text
    assert text.count("Ta upp det här samtidigt, för ”Läsprovet”: ") == 1
    assert "(the budget of 2028, was due 3 March 2027)." in explain(said, "en").text
