"""A plan drawn along time, for a wide screen and for a telephone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.web.timeline import NARROW, WIDE, Line, Shape, draw

TODAY = date(2027, 3, 10)
DAYS = st.dates(date(2024, 1, 1), date(2030, 1, 1))


def lines(*days: date) -> list[Line]:
    return [Line(f"Stage {n}", day, day, day < TODAY, None) for n, day in enumerate(sorted(days))]


@pytest.mark.parametrize("shape", [WIDE, NARROW])
@given(st.lists(DAYS, min_size=1, max_size=12))
def test_all_of_it_is_within_the_picture(shape: Shape, days: list[date]) -> None:
    drawn = draw(lines(*days), [], TODAY, shape)
    assert drawn is not None
    for bar in drawn.bars:
        assert shape.labels <= bar.x <= bar.x + bar.width <= shape.width
        assert bar.y + 27 <= drawn.height
    assert all(x <= shape.width - 32 for x, _month, named in drawn.months if named)


@pytest.mark.parametrize("shape", [WIDE, NARROW])
def test_today_is_there_while_the_plan_runs_and_not_long_after(shape: Shape) -> None:
    runs = lines(TODAY - timedelta(days=400), TODAY + timedelta(days=40))
    drawn = draw(runs, [], TODAY, shape)
    assert drawn is not None and drawn.today_x is not None
    assert shape.width * 0.8 < drawn.today_x < shape.width
    over = draw(lines(TODAY - timedelta(days=400)), [], TODAY, shape)
    assert over is not None and over.today_x is None


def test_names_stand_above_their_bars_where_there_is_no_room_beside_them() -> None:
    wide, narrow = (draw(lines(TODAY, TODAY), [], TODAY, shape) for shape in (WIDE, NARROW))
    assert wide is not None and narrow is not None
    assert wide.shape.labels > 0 == narrow.shape.labels
    assert narrow.bars[0].y > wide.bars[0].y
    assert narrow.bars[1].y - narrow.bars[0].y > wide.bars[1].y - wide.bars[0].y
