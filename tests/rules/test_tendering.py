"""Our tender: how long is left, when to ask, what is missing, whether to go on."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import STOCKHOLM, is_working_day
from crm.rules.floors import LegalTerms
from crm.rules.law.terms import Law
from crm.rules.routes import Route
from crm.rules.tendering import (
    Band,
    Completeness,
    HitRate,
    ItemState,
    Line,
    brought_up_on,
    completeness,
    countdown,
    go_score,
    hit_rates,
    may_check,
    question_day,
)

instants = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(STOCKHOLM))
people = st.none() | st.integers(1, 4)
lines = st.builds(Line, st.booleans(), people, people)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("now", "due", "working_days", "last_day"),
    [
        pytest.param("2027-01-11 09:00", "2027-01-14 23:59", 3, "2027-01-14", id="Mon to Thu"),
        pytest.param("2027-01-14 09:00", "2027-01-14 12:00", 0, "2027-01-14", id="the last day"),
        pytest.param("2027-01-11 09:00", "2027-01-12 08:00", 0, "2027-01-11", id="at opening"),
        pytest.param("2027-01-11 09:00", "2027-01-12 08:01", 1, "2027-01-12", id="just after"),
        pytest.param("2027-01-14 09:00", "2027-01-17 23:59", 1, "2027-01-15", id="a Sunday"),
        pytest.param("2027-01-15 09:00", "2027-01-18 12:00", 1, "2027-01-18", id="over a weekend"),
        pytest.param("2026-12-23 09:00", "2026-12-28 12:00", 1, "2026-12-28", id="over Christmas"),
        pytest.param("2027-01-14 12:00", "2027-01-14 12:00", 0, "2027-01-14", id="it is over"),
    ],
)
def test_a_countdown_counts_the_days_on_which_something_can_be_done(
    now: str, due: str, working_days: int, last_day: str
) -> None:
    found = countdown(at(now), at(due))
    assert (found.working_days, found.last_day.isoformat()) == (working_days, last_day)
    assert found.is_over is (now == due)
    assert found.is_last_day is (found.last_day == found.today and now != due)


def test_the_time_that_is_left_is_the_time_that_passes() -> None:
    # The clock goes back an hour on 31 October 2027, and forward on 28 March.
    assert countdown(at("2027-10-30 12:00"), at("2027-10-31 12:00")).left == timedelta(hours=25)
    assert countdown(at("2027-03-27 12:00"), at("2027-03-28 12:00")).left == timedelta(hours=23)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        countdown(datetime(2027, 1, 1), at("2027-01-02 12:00"))


@given(instants, instants, instants)
def test_less_is_left_as_time_goes_and_more_of_a_later_deadline(
    now: datetime, later: datetime, due: datetime
) -> None:
    now, later = sorted((now, later), key=lambda one: one.timestamp())
    first, second = countdown(now, due), countdown(later, due)
    assert second.working_days <= first.working_days
    assert second.left <= first.left
    assert first.is_over <= second.is_over
    assert countdown(now, due + timedelta(days=1)).working_days >= first.working_days
    assert is_working_day(first.last_day) and first.last_day <= first.on


TERMS = LegalTerms()


def test_the_documents_own_last_day_for_questions_governs() -> None:
    stated = at("2027-03-01 12:00")
    found = question_day(stated, at("2027-03-20 12:00"), Route.OPEN, TERMS)
    assert found is not None and found.is_stated
    assert (found.day, found.at) == (date(2027, 3, 1), stated)


@pytest.mark.parametrize(
    ("route", "due", "day", "answers"),
    [
        pytest.param(Route.OPEN, "2027-03-22 12:00", "2027-03-12", "2027-03-16", id="a Friday"),
        pytest.param(None, "2027-03-24 12:00", "2027-03-12", "2027-03-18", id="back from a Sunday"),
        pytest.param(
            Route.BELOW_THRESHOLD, "2027-03-22 12:00", "2027-03-12", "2027-03-16", id="19 kap."
        ),
    ],
)
def test_where_none_is_stated_ten_days_before_is_in_good_time(
    route: Route | None, due: str, day: str, answers: str
) -> None:
    found = question_day(None, at(due), route, TERMS)
    assert found is not None and not found.is_stated
    assert (found.day.isoformat(), str(found.answers_by)) == (day, answers)
    assert found.law.startswith("LOU 1")


def test_nothing_is_said_of_a_purchase_without_lawful_answers() -> None:
    assert question_day(None, at("2027-03-22 12:00"), Route.DIRECT_AWARD, TERMS) is None
    assert question_day(None, None, Route.OPEN, TERMS) is None


@given(st.dates(date(2026, 1, 1), date(2029, 12, 31)), st.integers(1, 20))
def test_a_task_is_brought_up_on_a_working_day_well_before(last: date, days: int) -> None:
    found = brought_up_on(last, days)
    assert is_working_day(found)
    assert found < last
    assert (
        countdown(
            datetime.combine(found, time(9), STOCKHOLM), datetime.combine(last, time(23), STOCKHOLM)
        ).working_days
        >= days
    )


@given(lines)
def test_nobody_checks_what_she_did_herself(line: Line) -> None:
    assert (line.state is ItemState.CHECKED) == (
        line.done_by is not None and line.checked_by is not None and line.done_by != line.checked_by
    )
    assert line.done_by is None or not may_check(line, line.done_by)


@given(st.lists(lines, max_size=8))
def test_a_list_is_complete_when_every_required_line_is_checked(found: list[Line]) -> None:
    state = completeness(found)
    assert state.total == len(found)
    assert state.is_complete == all(
        line.state is ItemState.CHECKED for line in found if line.required
    )


def test_a_list_tells_what_stands_where() -> None:
    found = completeness([Line(True), Line(True, 1), Line(True, 1, 2), Line(False), Line(False, 1)])
    assert found == Completeness(2, 2, 1, required_missing=1, required_unchecked=1)


def test_a_score_is_the_weighted_share_of_what_could_be_had() -> None:
    full = go_score({1: 3, 2: 1}, {1: 5, 2: 0})
    assert (full.percent, full.band) == (75, Band.GOOD)
    half = go_score({1: 3, 2: 1}, {1: 5})
    assert (half.percent, half.answered, half.total, half.band) == (100, 1, 2, None)
    assert go_score({}, {}).percent is None
    assert go_score({1: 0}, {1: 4}).percent is None


@pytest.mark.parametrize(
    ("weights", "points"), [({1: -1}, {}), ({1: 1}, {1: 6}), ({1: 1}, {1: -1})]
)
def test_absurd_points_are_refused(weights: dict[int, int], points: dict[int, int]) -> None:
    with pytest.raises(ValueError, match=r"cannot be negative|0 to 5"):
        go_score(weights, points)


@given(st.dictionaries(st.integers(1, 9), st.tuples(st.integers(1, 9), st.integers(0, 5))))
def test_better_points_never_lower_a_score(sheet: dict[int, tuple[int, int]]) -> None:
    weights = {key: weight for key, (weight, _points) in sheet.items()}
    points = {key: points for key, (_weight, points) in sheet.items()}
    found = go_score(weights, points)
    if found.percent is not None:
        assert 0 <= found.percent <= 100
        better = go_score(weights, {key: min(5, one + 1) for key, one in points.items()})
        assert better.percent is not None and better.percent >= found.percent


def test_a_hit_rate_of_too_few_is_hidden() -> None:
    rates = hit_rates([(85, True)] * 3 + [(80, False)] * 2 + [(61, True)] * 4)
    assert rates[0] == HitRate(Band.STRONG, 3, 5) and rates[0].percent == 60
    assert rates[1] == HitRate(Band.GOOD, 4, 4) and rates[1].percent is None
    assert rates[3].percent is None


def test_the_answers_are_those_of_the_act_and_of_an_urgent_procedure() -> None:
    """LOU 12 kap. 11 §: four days where it is urgent. Of LUF no such figure is known here."""
    due_at = at("2027-03-22 12:00")
    urgent = question_day(None, due_at, Route.OPEN, LegalTerms(urgent=True))
    assert urgent is not None and urgent.answers_by == date(2027, 3, 18)
    found = question_day(None, due_at, Route.OPEN, LegalTerms(law=Law.LUF))
    assert found is not None and found.law == "LUF 12 kap. 11 §"
    assert question_day(None, due_at, Route.OPEN, LegalTerms(law=Law.LUF, urgent=True)) is None
