"""Money as people write it, and the one way to round it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.money import MOST_ORE, MoneyProblem, UnreadableAmount, plain, read_kronor, rounded

NBSP, NARROW, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{THIN SPACE}"


@pytest.mark.parametrize(
    ("typed", "ore"),
    [
        ("125000", 125_000_00),
        ("125 000", 125_000_00),
        (f"125{NBSP}000", 125_000_00),
        (f"1{NARROW}000{NARROW}000,50 kr", 1_000_000_50),
        (f"1{THIN}000,50", 1_000_50),
        ("1 000,50", 1_000_50),
        ("1.000,50", 1_000_50),
        ("1.000", 1_000_00),
        ("1,000.50", 1_000_50),
        ("1,000", 1_000_00),
        ("1'000,50", 1_000_50),
        ("1.234.567,89", 1_234_567_89),
        ("99,5", 99_50),
        ("99.05", 99_05),
        ("0,01", 1),
        ("0", 0),
        ("500:-", 500_00),
        ("500,-", 500_00),
        ("SEK 1 200", 1_200_00),
        ("1 200 kronor", 1_200_00),
        ("1 200 KR.", 1_200_00),
        ("1,5 mnkr", 1_500_000_00),
        ("1.5 MSEK", 1_500_000_00),
        ("1,5 milj", 1_500_000_00),
        ("1,5 milj. kr", 1_500_000_00),
        ("2 miljoner kronor", 2_000_000_00),
        ("1,125 mkr", 1_125_000_00),
        ("700 tkr", 700_000_00),
        ("1 250 tkr", 1_250_000_00),
        ("700tkr", 700_000_00),
        ("1,2 miljarder", 1_200_000_000_00),
        ("100000000000", MOST_ORE),
    ],
)
def test_it_is_read_as_people_write_it(typed: str, ore: int) -> None:
    assert read_kronor(typed) == ore


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("-5", MoneyProblem.NEGATIVE),
        ("\N{MINUS SIGN}1 000 kr", MoneyProblem.NEGATIVE),
        ("- 1.000,50", MoneyProblem.NEGATIVE),
        ("€500", MoneyProblem.OTHER_CURRENCY),
        ("500 EUR", MoneyProblem.OTHER_CURRENCY),
        ("1 000 NOK", MoneyProblem.OTHER_CURRENCY),
        ("$ 5", MoneyProblem.OTHER_CURRENCY),
        ("500 euro", MoneyProblem.OTHER_CURRENCY),
        ("1000000000000000", MoneyProblem.TOO_LARGE),
        ("1 000 000 000 000 000", MoneyProblem.TOO_LARGE),
        ("9" * 5_000, MoneyProblem.TOO_LARGE),
        ("100 000 000 000,01", MoneyProblem.TOO_LARGE),
        ("mycket", MoneyProblem.UNREADABLE),
        ("mnkr", MoneyProblem.UNREADABLE),
        ("1,5 mnkr 20", MoneyProblem.UNREADABLE),
        ("1 mnkr 200 tkr", MoneyProblem.UNREADABLE),
        ("-2 mnkr", MoneyProblem.NEGATIVE),
        ("200 miljarder", MoneyProblem.TOO_LARGE),
        ("1 0000", MoneyProblem.UNREADABLE),
        ("10 50", MoneyProblem.UNREADABLE),
        ("1.00,50", MoneyProblem.UNREADABLE),
        ("0.125", MoneyProblem.UNREADABLE),
        ("1,2345", MoneyProblem.UNREADABLE),
        ("1 000,505", MoneyProblem.UNREADABLE),
        ("1e6", MoneyProblem.UNREADABLE),
        ("5-6", MoneyProblem.UNREADABLE),
        ("kr", MoneyProblem.UNREADABLE),
        (",50", MoneyProblem.UNREADABLE),
        ("--5", MoneyProblem.UNREADABLE),
        ("\N{ARABIC-INDIC DIGIT FIVE}x", MoneyProblem.UNREADABLE),
    ],
)
def test_what_is_no_amount_is_told_apart(typed: str, problem: MoneyProblem) -> None:
    with pytest.raises(UnreadableAmount) as told:
        read_kronor(typed)
    assert told.value.problem is problem


@given(st.integers(0, MOST_ORE))
def test_what_stands_in_a_field_is_read_back(ore: int) -> None:
    assert read_kronor(plain(ore)) == ore


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_is_refused(text: str) -> None:
    try:
        ore = read_kronor(text)
    except UnreadableAmount:
        return
    assert 0 <= ore <= MOST_ORE


@given(st.integers(0, 10**15), st.integers(1, 1_000))
def test_it_is_rounded_to_the_nearest_and_half_upwards(amount: int, parts: int) -> None:
    off = rounded(amount, parts) - Fraction(amount, parts)
    assert -Fraction(1, 2) < off <= Fraction(1, 2)
