from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.core.errors import RuleBroken
from crm.web.asked import page_number
from crm.web.forms import (
    DayField,
    ExpectedField,
    Form,
    MoneyField,
    VersionedForm,
    clean,
)


class Trial(VersionedForm):
    name = StringField("Name")
    needed = StringField("Needed", [InputRequired()], default="x")
    text = TextAreaField("Text")
    number = IntegerField("Number")
    on = DayField("Day")
    expected = ExpectedField("Expected")
    money = MoneyField("Money")


@pytest.fixture
def read(app: Flask) -> Any:
    def make(**typed: str) -> Trial:
        data = {"number": "1", "needed": "x", **typed}
        with (
            time_machine.travel("2026-11-23T09:00:00Z", tick=False),
            app.test_request_context("/", method="POST", data=data),
        ):
            form = Trial(MultiDict(data), meta={"csrf": False})
            form.validate()
            return form

    return make


@pytest.mark.one_database
class TestText:
    def test_is_trimmed_and_in_one_form(self, read: Any) -> None:
        assert read(name="  A\u030asa ").name.data == "Åsa"

    def test_loses_what_no_database_holds(self) -> None:
        assert clean("a\x00b\ud800c\x1bd") == "abcd"
        assert clean("rad 1\r\nrad 2\t!") == "rad 1\nrad 2\t!"

    @pytest.mark.parametrize("typed", ["", "   ", "\x00"])
    def test_a_line_of_blanks_is_no_answer(self, read: Any, typed: str) -> None:
        assert "needed" in read(needed=typed).errors

    def test_too_long_is_said_and_kept(self, read: Any) -> None:
        form = read(name="x" * 201)
        assert "name" in form.errors
        assert form.name.data == "x" * 201
        assert "text" not in read(text="x" * 20_000).errors
        assert "text" in read(text="x" * 20_001).errors

    def test_a_number_no_column_holds_is_refused(self, read: Any) -> None:
        assert "number" in read(number="99999999999").errors


@pytest.mark.one_database
class TestDays:
    @pytest.mark.parametrize(
        ("typed", "day"),
        [
            ("2026-12-24", date(2026, 12, 24)),
            ("v. 49", date(2026, 11, 30)),
            ("idag", date(2026, 11, 23)),
            ("", None),
        ],
    )
    def test_are_read_as_people_write_them(self, read: Any, typed: str, day: date | None) -> None:
        form = read(on=typed)
        assert form.on.day == day
        assert "on" not in form.errors

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("31 februari", "Den månaden har ingen sådan dag."),
            ("2026-02-30", "Den månaden har ingen sådan dag."),
            ("v. 54 2027", "Det finns ingen sådan vecka."),
            ("2027-13-01", "Det finns ingen sådan månad."),
            ("9999-12-31", "Året måste vara mellan 1990 och 2100."),
            ("0027-12-31", "Året måste vara mellan 1990 och 2100."),
            ("v. 12 1812", "Året måste vara mellan 1990 och 2100."),
            ("om 999 månader", "Året måste vara mellan 1990 och 2100."),
            ("snart", "Skriv datumet som 2026-11-30, 30/11 eller v. 49."),
        ],
    )
    def test_impossible_is_said_and_kept(self, read: Any, typed: str, sentence: str) -> None:
        form = read(on=typed)
        assert form.errors["on"] == [sentence]
        assert 'placeholder="2026-11-30 eller v. 49"' in form.on()
        assert form.on.data == typed


@pytest.mark.one_database
def test_a_stored_day_that_the_form_does_not_send_is_no_fault(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        stored = MultiDict({"number": "1", "needed": "x"})
        form = Trial(stored, data={"on": date(2026, 11, 23)}, meta={"csrf": False})
        form.validate()
        assert "on" not in form.errors


@pytest.mark.one_database
class TestMoney:
    @pytest.mark.parametrize(
        ("typed", "ore"),
        [
            ("125 000", 12_500_000),
            ("125\u00a0000 kr", 12_500_000),
            ("99,50", 9_950),
            ("0,5", 50),
            ("7:-", 700),
            ("", None),
        ],
    )
    def test_becomes_whole_ore(self, read: Any, typed: str, ore: int | None) -> None:
        assert read(money=typed).money.ore == ore

    @pytest.mark.parametrize("typed", ["mycket", "-5", "1e9", "1,2345", "9" * 13])
    def test_anything_else_is_said(self, read: Any, typed: str) -> None:
        assert "money" in read(money=typed).errors


@pytest.mark.one_database
def test_an_expected_date_keeps_its_precision(read: Any) -> None:
    assert read(expected="Q2 2027").expected.expected.precision.value == "quarter"
    assert "expected" in read(expected="till våren").errors
    for far in ("9999", "mars 1812", "Q2 9999", "9999-12-31"):
        assert read(expected=far).errors["expected"] == ["Året måste vara mellan 1990 och 2100."]


def test_a_rule_that_says_no_stands_in_the_form(app: Flask) -> None:
    def refuse() -> None:
        raise RuleBroken("Nej.")

    with app.test_request_context("/", method="POST"):
        form = Form(MultiDict({}), meta={"csrf": False})
        assert not form.carried_out(refuse)
        assert form.refusals == ["Nej."]
        assert form.failed


@pytest.mark.parametrize(
    ("typed", "number"),
    [("3", 3), ("0", 1), ("-2", 1), ("x", 1), ("99999999999", 1), ("²", 1)],
)
def test_an_odd_page_is_the_first(typed: str, number: int) -> None:
    assert page_number({"page": typed}) == number
