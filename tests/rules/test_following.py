"""A plan that stands as one of its days becomes known: what is to come follows."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.floors import floor
from crm.rules.following import Pushed, Standing, before_review, followed, led_up
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Route, StageKey

BEGINS = date(2026, 3, 2)
OPEN = {one.stage: one.day for one in lay_out(Route.OPEN, BEGINS, NO_QUIET)}


def standing(
    days: dict[StageKey, date],
    new: dict[StageKey, date],
    *,
    reached: tuple[StageKey, ...] = (),
    known: tuple[StageKey, ...] = (),
) -> list[Standing]:
    return [
        Standing(stage, day, new.get(stage, day), stage in reached, stage in known)
        for stage, day in days.items()
    ]


def test_what_comes_late_pushes_what_is_to_come_and_lengths_are_kept() -> None:
    late = OPEN[StageKey.AWARD] + timedelta(days=16)
    rows = standing(OPEN, {StageKey.AWARD: late}, reached=(StageKey.AWARD,))
    found = followed(Route.OPEN, rows, NO_QUIET)
    length = OPEN[StageKey.STANDSTILL] - OPEN[StageKey.AWARD]
    assert timedelta(0) <= found[StageKey.STANDSTILL] - late - length <= timedelta(days=4)
    assert found[StageKey.SIGNING] >= found[StageKey.STANDSTILL] + timedelta(days=11)
    assert found[StageKey.MARKET] == OPEN[StageKey.MARKET]


def test_nothing_is_signed_inside_the_standstill_whoever_says_so() -> None:
    sent = OPEN[StageKey.SIGNING] - timedelta(days=3)
    rows = standing(
        OPEN, {StageKey.STANDSTILL: sent}, reached=(StageKey.STANDSTILL,), known=(StageKey.SIGNING,)
    )
    found = followed(Route.OPEN, rows, NO_QUIET)
    least = floor(Route.OPEN, StageKey.STANDSTILL, sent).day
    assert least is not None and found[StageKey.SIGNING] >= least


def test_a_deadline_that_is_told_stays_below_the_law_s_least() -> None:
    due = OPEN[StageKey.MARKET] + timedelta(days=14)
    rows = standing(OPEN, {StageKey.EVALUATION: due}, known=(StageKey.EVALUATION,))
    assert followed(Route.OPEN, rows, NO_QUIET)[StageKey.EVALUATION] == due


def test_a_review_holds_the_signing() -> None:
    until = OPEN[StageKey.SIGNING] + timedelta(days=60)
    found = followed(Route.OPEN, standing(OPEN, {}), NO_QUIET, signing_from=until)
    assert found[StageKey.SIGNING] >= until
    assert found[StageKey.ROLLOUT] - found[StageKey.SIGNING] >= timedelta(days=14)


def test_what_a_review_moved_can_go_back_to_where_it_stood_first() -> None:
    first, second, now = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 2)
    today = date(2026, 8, 20)
    twice = ((first, True), (second, True))

    def back(*moves: tuple[date, bool], reached: bool = False, day: date = today) -> date | None:
        row = Pushed(StageKey.SIGNING, now, reached, moves)
        return before_review([row], day).get(StageKey.SIGNING)

    assert back(*twice) == first
    assert back((first, False), (second, True)) == second
    assert back((first, True), (second, False)) is None  # somebody has put it there since
    assert back() is back(*twice, reached=True) is None
    assert back(*twice, day=date(2026, 9, 12)) == date(2026, 9, 14)  # a Saturday; it has gone
    assert back(*twice, day=date(2027, 1, 1)) is None


def test_a_deadline_before_its_notice_leads_the_notice_before_it() -> None:
    due = OPEN[StageKey.MARKET] - timedelta(days=20)
    found = led_up(standing(OPEN, {}, reached=(StageKey.NEEDS,)), StageKey.EVALUATION, due)
    assert found[StageKey.MARKET] <= due - timedelta(days=30)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert min(found.values()) >= BEGINS


STAGES = list(OPEN)


@given(
    st.lists(
        st.tuples(st.sampled_from(STAGES), st.integers(0, 400), st.booleans(), st.booleans()),
        max_size=8,
    )
)
def test_nothing_to_come_stands_before_what_has_been_or_its_floor(
    events: list[tuple[StageKey, int, bool, bool]],
) -> None:
    days, reached, known = dict(OPEN), 0, set[StageKey]()
    for stage, later, happens, told in events:
        at = STAGES.index(stage)
        if at < reached:
            continue
        new = dict(days)
        if happens:
            day = max([days[one] for one in STAGES[:reached]], default=BEGINS)
            new[stage] = day + timedelta(days=later)
            for one in STAGES[reached:at]:
                new[one] = min(max(days[one], day), new[stage])
            reached = at + 1
        else:
            new[stage] = days[stage] + timedelta(days=later)
            known |= {stage} if told else set()
        rows = [
            Standing(one, days[one], new[one], index < reached, one in known)
            for index, one in enumerate(STAGES)
        ]
        days = followed(Route.OPEN, rows, NO_QUIET)
        for before, after in pairwise(STAGES):
            if STAGES.index(after) >= reached:
                assert days[after] >= days[before]
                least = floor(Route.OPEN, before, days[before]).day
                if least and (after not in known or before is StageKey.STANDSTILL):
                    assert days[after] >= least
