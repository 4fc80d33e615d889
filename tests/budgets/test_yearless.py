"""Days without a year, as people write a timetable that returns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.budgets.yearless import Stretch, read, written
from crm.rules.precision import DateProblem, UnreadableDate


@pytest.mark.parametrize(
    "text,backwards",
    [
        ("15 november–31 januari", False),
        ("augusti–februari", False),  # Region Västerbotten
        ("december–mars", False),
        ("1 november–29 februari", False),
        ("15 maj–1 april", True),
        ("september–april", True),
        ("29 februari–1 februari", True),
        ("januari–december", False),
    ],
)
def test_an_end_before_its_start_is_next_years_only_when_near(text, backwards):
    assert read(text, 2027).is_backwards is backwards


@pytest.mark.parametrize(
    "text,start,end",
    [
        ("15/3", (3, 15), (3, 15)),
        ("15.3", (3, 15), (3, 15)),
        ("15 mars", (3, 15), (3, 15)),
        ("den 15:e mars", (3, 15), (3, 15)),
        ("March 15", (3, 15), (3, 15)),
        ("03-15", (3, 15), (3, 15)),
        ("2027-03-15", (3, 15), (3, 15)),
        ("mars", (3, 1), (3, 31)),
        ("Feb", (2, 1), (2, 29)),
        ("29/2", (2, 29), (2, 29)),
        ("v. 12", (3, 22), (3, 28)),
        ("vecka 12", (3, 22), (3, 28)),
        ("v. 12–14", (3, 22), (4, 11)),
        ("v 53", None, None),
        ("mars–april", (3, 1), (4, 30)),
        ("mars - april", (3, 1), (4, 30)),
        ("1–24 mars", (3, 1), (3, 24)),
        ("15/3-30/4", (3, 15), (4, 30)),
        ("15 november till 31 januari", (11, 15), (1, 31)),
        ("mitten av december", (12, 11), (12, 20)),
        ("slutet av februari", (2, 21), (2, 29)),
        ("mid-June", (6, 11), (6, 20)),
    ],
)
def test_what_people_write(text, start, end):
    if start is None:
        with pytest.raises(UnreadableDate):
            read(text, 2027)
    else:
        assert read(text, 2027) == Stretch(start, end)


@pytest.mark.parametrize(
    "text,problem",
    [
        ("31 feb", DateProblem.NO_SUCH_DAY),
        ("31/4", DateProblem.NO_SUCH_DAY),
        ("1–31 april", DateProblem.NO_SUCH_DAY),
        ("15/13", DateProblem.NO_SUCH_MONTH),
        ("v. 60", DateProblem.NO_SUCH_WEEK),
        ("snart", DateProblem.UNREADABLE),
        ("mars april", DateProblem.UNREADABLE),
        ("²/3", DateProblem.UNREADABLE),
        ("   ", DateProblem.EMPTY),
        ("x" * 41, DateProblem.TOO_LONG),
    ],
)
def test_what_cannot_be(text, problem):
    with pytest.raises(UnreadableDate) as refused:
        read(text, 2027)
    assert refused.value.problem is problem


days = st.dates().map(lambda day: (day.month, day.day))


@given(days, days, st.sampled_from(["sv_SE", "en_GB"]))
def test_what_is_written_reads_back(start, end, locale):
    first, last = written(start, end, locale)
    opened = read(first, 2027)
    assert opened.start == start
    assert (read(last, 2027) if last else opened).end == end


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        found = read(text, 2027)
    except UnreadableDate:
        return
    assert 1 <= found.start[0] <= 12
