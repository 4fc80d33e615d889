"""A pause that begins later moves nothing that falls before it, and every move is told in full."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules import rule_settings
from crm.rules.cadence import EVERY_WORDS
from crm.rules.pace import too_near
from crm.rules.precision import add_months
from crm.rules.quiet import Audience, OpenDays, own_quiet, quiet_at, quiet_periods
from crm.rules.reminder_rules import Offset
from crm.rules.reminders import BodyFacts, CaseFacts, ReminderKind, explain, plan
from crm.rules.rule_settings import RuleSetting
from crm.rules.stages import CaseState, LightPurpose
from tests.rules.test_pace import FIRST, HULTSFRED, SECOND, TODAY, WAITS, shared
from tests.rules.test_reminders import PRACTICES

DAY = timedelta(days=1)


def contacts(planned):
    return {one.key: one for one in planned if one.kind is ReminderKind.CONTACT}


# --- What falls before a pause ------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(shared(), st.integers(1, 500), st.integers(0, 250), st.booleans())
def test_a_pause_touches_nothing_that_falls_before_it(situation, begins, length, freeze):
    body, some, today, pace = situation
    rules = rule_settings.in_force([RuleSetting("PACE", 2, active=True, offset=pace)])
    start = today + begins * DAY
    end = start + length * DAY
    body = replace(
        body,
        own_quiet=tuple(one for one in body.own_quiet if one.start < start),
        freezes=tuple(one for one in body.freezes if one[0] < start),
    )
    paused = (
        replace(body, freezes=(*body.freezes, (start, end, "KS")))
        if freeze
        else replace(body, own_quiet=(*body.own_quiet, own_quiet(start, end, "Flytt")))
    )
    before = contacts(plan(body, some, rules=rules, today=today))
    after = contacts(plan(paused, some, rules=rules, today=today))
    for key, one in before.items():
        if one.due_on < start and one.rule_key not in ("R7", *LAID_BACK):
            assert key in after, f"{key} of {one.due_on} is gone"
            assert after[key].due_on == one.due_on
            assert after[key].moved == one.moved


LAID_BACK = ("PLAN-dialogue", "PLAN-specification")


# --- Every period that was passed ---------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(shared())
def test_the_reasons_of_a_move_leave_no_day_out(situation):
    """Each day between the one that was wanted and the one that it became is accounted for."""
    body, some, today, pace = situation
    rules = rule_settings.in_force([RuleSetting("PACE", 2, active=True, offset=pace)])
    known = {case.case_id: case for case in some}
    for one in contacts(plan(body, some, rules=rules, today=today)).values():
        if one.late:
            continue
        first, last = one.wanted_on, one.due_on - DAY
        if one.due_on < one.wanted_on:
            first, last = one.due_on + DAY, one.wanted_on
        first = max(first, known[one.case_id].active_from, today)
        if one.closes_on is not None and one.due_on < one.wanted_on:
            last = min(last, one.closes_on)
        day = first
        while day <= last:
            assert any(covers(period, day) for period in one.moved), (day, one.key, one.moved)
            day += DAY


def covers(period, day):
    """Whoever gives way to another contact may also have stood before it."""
    apart = period.end - period.start if period.key in ("pace", "one_ask") else timedelta()
    return period.start - apart <= day <= period.end


def test_one_left_undone_names_every_quiet_time_that_it_was_moved_past():
    body = replace(HULTSFRED, own_quiet=(own_quiet(date(2027, 2, 8), date(2027, 2, 21), "Flytt"),))
    first = next(iter(contacts(plan(body, [FIRST], today=TODAY)).values()))
    assert first.due_on < date(2027, 2, 8)
    freeze = (date(2027, 2, 22), date(2027, 2, 24), "KS")
    frozen = replace(body, freezes=(freeze,))
    for today in (date(2027, 2, 22), date(2027, 2, 25)):
        again = contacts(plan(frozen, [FIRST], today=today))[first.key]
        assert again.due_on == date(2027, 2, 25)
        assert [one.name_sv for one in again.moved][-2:] == ["Flytt", "Inköpsstopp"]


def test_many_reasons_are_told_in_order_with_the_last_that_decided():
    freeze = (date(2026, 12, 1), date(2027, 2, 26), "KS")
    moving = own_quiet(date(2027, 2, 27), date(2027, 3, 14), "Flytten")
    body = replace(HULTSFRED, freezes=(freeze,), own_quiet=(moving,))
    found = contacts(plan(body, [FIRST], today=TODAY)).values()
    moved = [one for one in found if one.wanted_on < date(2027, 2, 26) < one.due_on]
    assert moved
    for one in moved:
        text = explain(one, "sv").text
        assert text.index("Inköpsstopp") < text.index("Flytten")


# --- Light contacts -----------------------------------------------------------------------------


def light_of(body, some, rules, today):
    planned = plan(body, some, rules=rules, today=today, horizon_days=1500)
    return [one for one in planned if one.rule_key == "LIGHT"]


@settings(max_examples=300, deadline=None)
@given(
    since=st.dates(date(2025, 1, 1), date(2030, 12, 31)),
    every=st.sampled_from(sorted(EVERY_WORDS)),
    key=st.sampled_from(sorted(PRACTICES)),
    case=shared().map(lambda found: found[1][0]),
    pauses=st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 120)), max_size=4),
    weeks=st.integers(1, 12),
)
def test_no_gap_between_light_contacts_but_for_quiet_and_pace(
    since, every, key, case, pauses, weeks
):
    pace = Offset(days=weeks * 7)
    rules = rule_settings.in_force([RuleSetting("PACE", 2, active=True, offset=pace)])
    wakes = since + timedelta(1300)
    body = BodyFacts(
        1,
        "Kommunen",
        key[0],
        PRACTICES[key],
        county_code="08",
        own_quiet=tuple(
            own_quiet(since + begins * DAY, since + (begins + length) * DAY, "Flytt")
            for begins, length in pauses
        ),
    )
    waits = CaseFacts(
        1,
        1,
        since,
        audience=case.audience,
        state=CaseState.WAITING,
        waiting_since=since,
        wait_until=wakes,
        contact_id=5,
        light_every=every,
        light_purpose=LightPurpose.SEASON,
    )
    found = light_of(body, [waits], rules, since)
    assert not [one for one in found if one.params.get("together")], "taken up with another"

    usual = quiet_periods(body.kind, case.audience, "08", since - 400 * DAY, wakes + 400 * DAY)
    years = range(since.year - 1, wakes.year + 3)
    days = OpenDays(quiet_at(usual, body.own_quiet, case.audience, body.practice, years))
    longest = stretch = 0
    for number in range((wakes - since).days + 1):
        day = since + number * DAY
        stretch = stretch + 1 if days.first(day)[0] != day else 0
        longest = max(longest, stretch)
    days = [since, *(one.due_on for one in found), wakes - timedelta(21)]
    slack = timedelta(longest + weeks * 7 + 3)  # the last days of a month
    for one, following in pairwise(days):
        assert following <= max(add_months(one, every), pace.from_day(one)) + slack, days
    for one, following in pairwise(found):
        assert not too_near(one.due_on, following.due_on, pace)


def test_a_summer_at_a_school_leaves_no_hole_of_six_months():
    """It was 29 January, 5 April and then 29 September: three had fallen into one another."""
    waits = replace(
        WAITS,
        audience=Audience.SCHOOL,
        waiting_since=date(2026, 11, 29),
        wait_until=date(2028, 3, 1),
    )
    found = light_of(HULTSFRED, [waits], rule_settings.in_force([]), date(2026, 11, 29))
    assert [one.due_on for one in found] == [
        date(2027, 1, 29),
        date(2027, 4, 5),
        date(2027, 9, 8),  # the first open day of the term
        date(2027, 11, 29),
        date(2028, 1, 31),
    ]
    assert "Den lätta kontakten den 29 maj 2027 uteblir: Nation" in explain(found[2], "sv").text
    assert (
        "The light contact of 29 September 2027 is left out: At most one contact with Anna in 6"
        " weeks." in explain(found[3], "en").text
    )


def test_one_that_is_let_go_is_told_by_the_next():
    away = own_quiet(date(2027, 4, 20), date(2027, 6, 24), "Omorganisation")
    body = replace(HULTSFRED, own_quiet=(away,))
    waits = replace(WAITS, waiting_since=date(2026, 11, 29), wait_until=date(2028, 3, 1))
    rules = rule_settings.in_force([])
    found = light_of(body, [waits], rules, date(2026, 11, 29))
    told = [one for one in found if one.params.get("let_go")]
    assert told
    assert "Omorganisation" in explain(told[0], "sv").text
    assert "uteblir" in explain(told[0], "sv").text
    assert "is left out" in explain(told[0], "en").text


def test_a_light_contact_is_taken_up_with_a_question_of_another_case():
    found = plan(HULTSFRED, [WAITS, SECOND], today=TODAY)
    named = [also for one in found for also in one.params.get("together", ())]
    assert {also["rule"] for also in named} >= {"LIGHT"}
