from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale

from crm.rules.notices import Money
from crm.rules.precision import parse_expected
from crm.web import filters

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Iterator[None]:
    with (
        time_machine.travel("2026-11-23T09:00:00Z", tick=False),
        app.test_request_context("/"),
        force_locale("sv"),
    ):
        yield


def test_a_day_never_passes_through_a_zone() -> None:
    assert filters.day(date(2026, 3, 29)) == "29 mars 2026"
    assert filters.day_long(date(2026, 11, 23)) == "måndag 23 november 2026"


def test_weeks_are_iso_weeks_in_both_languages() -> None:
    assert filters.week(date(2027, 1, 3)) == "v. 53"
    with force_locale("en"):
        assert filters.week(date(2027, 1, 3)) == "w. 53"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "i dag"),
        (date(2026, 11, 24), "i morgon"),
        (date(2026, 11, 22), "i går"),
        (date(2026, 11, 26), "om 3 dagar"),
    ],
)
def test_near_days_are_told_as_people_do(day: date, words: str) -> None:
    assert filters.relative(day) == words


def test_an_instant_is_swedish_wall_clock_time() -> None:
    assert filters.instant(datetime(2026, 7, 1, 12, 5, tzinfo=UTC)) == "1 juli 2026 14:05"
    assert filters.instant_day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 2)


def test_money_shows_ore_only_when_there_are_any() -> None:
    assert filters.money(12_500_000).replace("\u00a0", " ") == "125 000 kr"
    assert filters.money(9_950).replace("\u00a0", " ") == "99,50 kr"
    assert filters.money(None) == ""
    assert filters.in_currency(Money(123_450, "EUR")).replace("\u00a0", " ") == "1 234,50 EUR"
    assert filters.in_currency(Money(735_000_000, "SEK")).replace("\u00a0", " ") == "7 350 000 SEK"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2027-03-14", "14 mars 2027"),
        ("v. 12 2027", "v. 12 2027"),
        ("mars 2027", "mars 2027"),
        ("Q2 2027", "kvartal 2 2027"),
        ("H1 2027", "halvår 1 2027"),
        ("2027", "budgetåret 2027"),
    ],
)
def test_an_expected_date_shows_no_invented_day(typed: str, shown: str) -> None:
    assert filters.expected(parse_expected(typed)) == shown


def test_text_is_escaped_with_its_lines() -> None:
    assert str(filters.paragraphs("<b>\nrad")) == "&lt;b&gt;<br>rad"
