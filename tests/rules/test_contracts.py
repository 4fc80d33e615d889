"""The life of a contract: last days, notice days, options, volume, and the days in the calendar."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules import contracts
from crm.rules.calendar import is_working_day
from crm.rules.contracts import ContractEvent, Event, Extension, OptionState, Term
from crm.rules.precision import add_months

OPEN, USED, DECLINED = OptionState.OPEN, OptionState.USED, OptionState.DECLINED
DAYS = st.dates(date(2020, 1, 1), date(2045, 12, 31))


@pytest.mark.parametrize(
    ("ends", "months", "then"),
    [
        (date(2027, 12, 31), 12, date(2028, 12, 31)),
        (date(2027, 6, 30), 6, date(2027, 12, 31)),  # the month's last day stays the last
        (date(2027, 2, 28), 12, date(2028, 2, 29)),
        (date(2027, 3, 14), 24, date(2029, 3, 14)),
    ],
)
def test_an_option_prolongs_by_whole_months(ends: date, months: int, then: date) -> None:
    assert contracts.extended(ends, months) == then


def test_two_plus_one_plus_one() -> None:
    """The usual 2+1+1 (procurement-law.md 3.5): each option used adds its year."""
    ends = date(2027, 8, 31)
    states = [(OPEN, OPEN), (USED, OPEN), (USED, USED), (USED, DECLINED), (DECLINED, OPEN)]
    found = [
        (
            contracts.last_day(ends, [Extension(12, one), Extension(12, two)]),
            contracts.furthest_day(ends, [Extension(12, one), Extension(12, two)]),
        )
        for one, two in states
    ]
    years = [(2027, 2029), (2028, 2029), (2029, 2029), (2028, 2028), (2027, 2027)]
    assert [(last.year, far.year) for last, far in found if last and far] == years


def test_an_end_cuts_off_everything() -> None:
    ended = date(2027, 1, 15)
    options = [Extension(12, USED)]
    assert contracts.last_day(date(2027, 8, 31), options, ended) == ended
    assert contracts.furthest_day(date(2027, 8, 31), options, ended) == ended
    assert contracts.terms(None, date(2027, 8, 31), options, 3, ended) == ()


@pytest.mark.parametrize(
    ("ends", "months", "day"),
    [
        (date(2027, 12, 31), 3, date(2027, 9, 30)),  # a Thursday
        (date(2027, 6, 30), 3, date(2027, 3, 31)),
        (date(2028, 3, 31), 3, date(2027, 12, 30)),  # New Year's Eve is no working day
        (date(2027, 8, 31), 6, date(2027, 2, 26)),  # 28 February is a Sunday
        (date(2027, 5, 14), 0, date(2027, 5, 14)),
    ],
)
def test_notice_is_counted_back_to_a_working_day(ends: date, months: int, day: date) -> None:
    assert contracts.notice_day(ends, months) == day


@given(DAYS, st.integers(0, 36))
def test_notice_is_never_too_late_and_never_earlier_than_it_must(ends: date, months: int) -> None:
    day = contracts.notice_day(ends, months)
    assert is_working_day(day)
    assert add_months(day, months) <= ends
    later = [day + timedelta(days=n) for n in range(1, 10)]
    usable = [one for one in later if is_working_day(one) and add_months(one, months) <= ends]
    assert usable == []


@given(DAYS, st.integers(1, 120), st.integers(1, 120))
def test_options_add_up(ends: date, one: int, two: int) -> None:
    by_steps = contracts.last_day(ends, [Extension(one, USED), Extension(two, USED)])
    assert by_steps is not None and by_steps >= contracts.extended(ends, one) > ends
    assert abs((by_steps - contracts.extended(ends, one + two)).days) <= 3  # short months


@given(
    DAYS,
    st.lists(st.tuples(st.integers(1, 48), st.sampled_from(OptionState)), max_size=5),
    st.one_of(st.none(), st.integers(0, 24)),
)
def test_terms_follow_each_other_without_a_gap(
    ends: date, options: list[tuple[int, OptionState]], notice: int | None
) -> None:
    extensions = [Extension(months, state) for months, state in options]
    found = contracts.terms(None, ends, extensions, notice)
    assert found[0].ends_on == ends
    assert found[-1].ends_on == contracts.furthest_day(ends, extensions)
    for before, after in pairwise(found):
        assert after.starts_on == before.ends_on + timedelta(days=1)
    last, furthest = (
        contracts.last_day(ends, extensions),
        contracts.furthest_day(ends, extensions),
    )
    assert last is not None and furthest is not None and ends <= last <= furthest
    assert last in {term.ends_on for term in found}
    awaited = found if not options else found[:-1]
    assert [term for term in found if term.notice_on] == [*awaited] * (notice is not None)


def test_an_option_s_own_day_goes_before_the_contract_s_months() -> None:
    stated = date(2027, 1, 31)  # a Sunday: as the contract says it, nothing is counted
    options = [Extension(12, notice_on=stated), Extension(12)]
    found = contracts.terms(None, date(2027, 12, 31), options, 3)
    assert [term.notice_on for term in found] == [stated, date(2028, 9, 29), None]


def test_the_next_notice_passes_over_what_is_settled() -> None:
    ends, today = date(2027, 12, 31), date(2027, 1, 4)
    options = [Extension(12, USED), Extension(12)]
    found = contracts.terms(None, ends, options, 3)
    term, day = contracts.next_notice(found, options, today) or (None, None)
    assert isinstance(term, Term) and (term.option, day) == (0, date(2028, 9, 29))
    assert contracts.next_notice(found, options, date(2031, 1, 1)) is None


def test_options_are_dealt_with_in_order() -> None:
    assert contracts.first_open([Extension(12), Extension(12)]) == 0
    assert contracts.first_open([Extension(12, USED), Extension(12)]) == 1
    assert contracts.first_open([Extension(12, DECLINED), Extension(12)]) is None
    assert contracts.first_open([]) is None


def test_the_window_is_r12_s() -> None:
    assert contracts.window_opens(date(2028, 8, 31)) == date(2027, 3, 1)  # 28 February: a Sunday
    assert contracts.window_opens(date(2028, 7, 1)) == date(2027, 1, 4)  # not on New Year's Day
    assert contracts.dialogue_opens(date(2028, 8, 31)) == date(2027, 8, 31)


@pytest.mark.parametrize(
    ("used", "cap", "share", "full"),
    [
        (None, 100_00, None, False),
        (50_00, None, None, False),
        (0, 100_00, 0, False),
        (99_99, 100_00, 99, False),  # not rounded up to full
        (100_00, 100_00, 100, True),
        (150_00, 100_00, 150, True),
        (0, 0, None, True),
    ],
)
def test_the_volume_cap(used: int | None, cap: int | None, share: int | None, full: bool) -> None:
    """C-23/20: once the greatest value is reached the framework has no further effect."""
    assert contracts.share_used(used, cap) == share
    assert contracts.is_used_up(used, cap) is full


def test_a_framework_is_called_off_until_its_last_day() -> None:
    """procurement-law.md 2.3: a call-off may be made until the framework's last day."""
    last = date(2027, 6, 30)

    def may(today: date, used: int | None = None) -> bool:
        return contracts.may_be_called_off(today, date(2025, 7, 1), last, used, 100)

    assert may(last) and may(date(2025, 7, 1), 99)
    assert not may(last + timedelta(days=1))
    assert not may(date(2025, 6, 30))
    assert not may(last, 100)
    assert contracts.may_be_called_off(last, None, None, None, None)


def test_overlaps() -> None:
    january, june, december = date(2027, 1, 1), date(2027, 6, 30), date(2027, 12, 31)
    assert contracts.overlap((january, june), (june, december)) == (june, june)
    assert contracts.overlap((january, june), (december, None)) is None
    assert contracts.overlap((None, None), (january, None)) == (january, None)


def test_the_calendar_of_a_contract() -> None:
    ends = date(2027, 12, 31)
    options = [Extension(12)]
    found = contracts.terms(None, ends, options, 3)
    assert contracts.events(found, options, ends, date(2026, 6, 30), date(2028, 12, 31)) == (
        Event(date(2026, 6, 30), ContractEvent.WINDOW),
        Event(date(2027, 1, 4), ContractEvent.DIALOGUE),  # New Year's Eve and its weekend are over
        Event(date(2027, 9, 30), ContractEvent.NOTICE),
        Event(date(2027, 12, 31), ContractEvent.END),
        Event(date(2028, 12, 31), ContractEvent.OPTION_END, 0),
    )
    assert contracts.events((), (), None, date.min, date.max) == ()


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("12", (12,)),
        ("12 + 12", (12, 12)),
        ("12, 6", (12, 6)),
        ("2 x 12", (12, 12)),
        ("12 mån + 2×6 mån", (12, 6, 6)),
    ],
)
def test_options_as_people_write_them(text: str, months: tuple[int, ...]) -> None:
    assert contracts.read_options(text) == months


@pytest.mark.parametrize("text", ["", "ett år", "0", "12 +", "-12", "999", "13 x 12", "12 x", "²"])
def test_options_that_mean_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        contracts.read_options(text)
