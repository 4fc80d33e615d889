"""The year wheel: where things lie on the circle, and that the picture is drawn and told."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import hypot

import pytest

from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Phase,
    PhaseRole,
    Practice,
    next_window,
    phases,
)
from crm.rules.quiet import Audience, quiet_periods
from crm.web.wheel import CENTRE, QUIET_OUTER, SHORTEST_ARC, SIZE, Arc, WheelPicture, year_wheel

TODAY = date(2026, 11, 23)
JUNE = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE)


def of(practice: Practice, today: date = TODAY) -> WheelPicture:
    years = range(today.year - 1, today.year + 4)
    return year_wheel(
        [phase for year in years for phase in phases(practice, year)],
        today=today,
        window=next_window(practice, today),
        quiet=quiet_periods(
            practice.kind, Audience.GENERAL, "08", today, date(today.year + 1, 10, 31)
        ),
        link=lambda phase: f"/years/{phase.budget_year}#{phase.key}",
    )


def a_phase(start: date, end: date, role: PhaseRole = PhaseRole.DOOR, key: str = "x") -> Phase:
    pattern = next(phase for phase in phases(JUNE, 2028) if phase.role is PhaseRole.DOOR)
    return replace(pattern, start=start, end=end, role=role, key=key)


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_the_year_begins_at_the_top_and_runs_clockwise() -> None:
    months = {month.first.month: month for month in of(JUNE).months}

    assert len(months) == 12
    assert months[1].spoke[:2] == (CENTRE, months[1].spoke[1]) and months[1].spoke[1] < CENTRE
    assert months[4].at[0] > CENTRE > months[10].at[0]
    assert months[1].opens_year and months[1].first == date(2027, 1, 1)
    assert [month.first.month for month in of(JUNE).months if month.is_now] == [11]


def test_the_hand_points_at_today() -> None:
    x, y = of(JUNE).hand[2:]

    assert x < CENTRE and y < CENTRE  # November lies at the upper left
    assert hypot(x - CENTRE, y - CENTRE) == pytest.approx(QUIET_OUTER, abs=0.1)


def test_twelve_months_from_this_one_and_nothing_outside() -> None:
    picture = year_wheel(
        [
            a_phase(date(2026, 10, 1), date(2026, 10, 31), key="over"),
            a_phase(date(2026, 10, 15), date(2026, 11, 1), key="just"),
            a_phase(date(2027, 10, 31), date(2028, 1, 1), key="begins"),
            a_phase(date(2027, 11, 1), date(2027, 11, 30), key="next"),
        ],
        today=TODAY,
    )

    assert (picture.first, picture.last) == (date(2026, 11, 1), date(2027, 10, 31))
    assert [arc.phase.key for arc in picture.arcs] == ["just", "begins"]
    assert picture.arcs[0].start == date(2026, 10, 15)  # told whole, drawn in part


@pytest.mark.parametrize("practice", list(DecisionPractice)[:5])
@pytest.mark.parametrize("today", [TODAY, date(2027, 6, 15), date(2028, 2, 29)])
def test_phases_that_overlap_never_share_a_ring(practice: DecisionPractice, today: date) -> None:
    rings = defaultdict[int, list[Arc]](list)
    for arc in of(replace(JUNE, decision=practice), today).arcs:
        rings[arc.ring].append(arc)

    for arcs in rings.values():
        for earlier, later in pairwise(arcs):
            assert earlier.end < later.start
    assert len(rings) <= 6


@pytest.mark.parametrize("month", range(1, 13))
def test_everything_stays_inside_the_picture(month: int) -> None:
    picture = of(JUNE, date(2026, month, 15))

    for arc in picture.arcs:
        ax, ay, *_rest = numbers(arc.path)
        assert 0 <= ax <= SIZE and 0 <= ay <= SIZE
        if arc.number_at:
            assert hypot(arc.number_at[0] - CENTRE, arc.number_at[1] - CENTRE) < QUIET_OUTER


def test_a_meeting_of_one_day_can_be_seen_and_hit() -> None:
    arc = year_wheel([a_phase(date(2027, 6, 14), date(2027, 6, 14))], today=TODAY).arcs[0]
    ax, ay, *_flags, bx, by = numbers(arc.path.split("L")[0])

    assert hypot(bx - ax, by - ay) >= SHORTEST_ARC * 0.95
    assert arc.number_at is None  # no room: the list has it


def test_a_whole_year_is_drawn_as_a_ring() -> None:
    arc = year_wheel([a_phase(date(2026, 1, 1), date(2028, 1, 1))], today=TODAY).arcs[0]

    assert " 1 1 " in arc.path  # the large arc, clockwise


def test_what_leads_to_no_budget_is_told_and_not_drawn() -> None:
    picture = of(JUNE)

    assert {phase.role for phase in picture.others} >= {PhaseRole.FOLLOW_UP, PhaseRole.SIGNAL}
    assert not {arc.phase.role for arc in picture.arcs} & {phase.role for phase in picture.others}


def test_the_next_window_is_marked() -> None:
    picture = of(JUNE)

    assert picture.window is not None and picture.window.path is not None
    assert picture.window.window.opens == date(2027, 3, 1)
    assert [arc.phase.role for arc in picture.arcs if arc.is_window] == [PhaseRole.DOOR]


def test_a_window_beyond_the_year_is_only_told() -> None:
    far = next_window(JUNE, date(2029, 1, 1))
    picture = year_wheel([], today=TODAY, window=far)

    assert picture.window is not None
    assert picture.window.path is None and picture.window.wedge is None
    assert picture.arcs == () and picture.tracks == ()


def test_now_and_past() -> None:
    picture = year_wheel(
        [
            a_phase(date(2026, 11, 1), date(2026, 11, 22), key="past"),
            a_phase(date(2026, 11, 1), date(2026, 11, 23), key="now"),
            a_phase(date(2026, 11, 24), date(2026, 12, 1), key="next"),
        ],
        today=TODAY,
    )

    assert [(arc.phase.key, arc.is_past, arc.is_now) for arc in picture.arcs] == [
        ("past", True, False),
        ("now", False, True),
        ("next", False, False),
    ]


def test_names_follow_the_language() -> None:
    doors = [a_phase(date(2027, 3, 1), date(2027, 4, 30))]

    assert year_wheel(doors, today=TODAY).arcs[0].name == doors[0].name_sv
    assert year_wheel(doors, today=TODAY, language="en").arcs[0].name == doors[0].name_en


def test_the_leap_day_has_a_place_of_its_own() -> None:
    picture = of(JUNE, date(2028, 2, 29))

    assert picture.first == date(2028, 2, 1)
    assert picture.last == date(2029, 1, 31)
    assert picture.hand != of(JUNE, date(2028, 3, 1)).hand
