"""One spelling for each number and address, whatever was typed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.contact import (
    Unreadable,
    display_phone,
    normalise_email,
    normalise_municipality_code,
    normalise_org_number,
    normalise_phone,
    parent_domains,
)


class TestPhone:
    @pytest.mark.parametrize(
        "text, number, shown",
        [
            ("0495-24 00 00", "+46495240000", "0495-24 00 00"),
            ("070 123 45 67", "+46701234567", "070-123 45 67"),
            ("+46 (0)70-123 45 67", "+46701234567", "070-123 45 67"),
            ("0046701234567", "+46701234567", "070-123 45 67"),
            ("08-508 290 00 / 070-123 45 67", "+46850829000", "08-508 290 00"),
            ("0495\u00a0240000", "+46495240000", "0495-24 00 00"),
            ("+47 22 12 34 56", "+4722123456", "+47 22 12 34 56"),
        ],
    )
    def test_spellings(self, text: str, number: str, shown: str) -> None:
        assert normalise_phone(text) == number
        assert display_phone(number) == shown
        assert normalise_phone(shown) == number

    @pytest.mark.parametrize(
        "text, key",
        [(" ", "phone.empty"), ("ring mig", "phone.unreadable"), ("12", "phone.length")],
    )
    def test_refused(self, text: str, key: str) -> None:
        with pytest.raises(Unreadable) as caught:
            normalise_phone(text)
        assert caught.value.key == key

    @given(st.text(max_size=60))
    def test_anything_is_read_or_refused(self, text: str) -> None:
        with suppress(Unreadable):
            assert normalise_phone(text).startswith("+")


class TestEmail:
    def test_one_spelling(self) -> None:
        found = normalise_email(" Anna Berg <Anna.Berg@Hultsfred.SE>; ")
        assert (str(found), found.domain) == ("anna.berg@hultsfred.se", "hultsfred.se")
        assert not found.public
        assert not found.role

    def test_public_and_shared(self) -> None:
        assert normalise_email("anna@hotmail.com").public
        assert normalise_email("Registrator@hultsfred.se").role

    @pytest.mark.parametrize(
        "text, key",
        [("", "email.empty"), ("anna@", "email.unreadable"), ("x" * 999, "email.unreadable")],
    )
    def test_refused(self, text: str, key: str) -> None:
        with pytest.raises(Unreadable) as caught:
            normalise_email(text)
        assert caught.value.key == key

    def test_domains_above(self) -> None:
        assert parent_domains("edu.hultsfred.se") == ("edu.hultsfred.se", "hultsfred.se")
        assert parent_domains("se") == ()


class TestOrgNumber:
    @pytest.mark.parametrize(
        "text",
        [
            *("212000-0712", "2120000712", "SE212000071201", "162120000712", "0007:2120000712"),
            *(" 212000 0712 ", "2120000712.0", "2120000712,0", "212000–0712", "16212000-0712"),
            *("Orgnr: 212000-0712", "org.nr 2120000712", "se212000-071201"),
        ],
    )
    def test_spellings(self, text: str) -> None:
        assert normalise_org_number(text) == "2120000712"

    @pytest.mark.parametrize(
        "text, key",
        [
            ("", "org_number.empty"),
            ("2,12E+11", "org_number.rounded"),
            ("2.12E+09", "org_number.rounded"),
            ("212000-0713", "org_number.check_digit"),
            ("212000", "org_number.length"),
            ("not available", "org_number.signs"),
            ("811218-9876", "org_number.personal"),
            ("19811218-9876", "org_number.personal"),
        ],
    )
    def test_refused(self, text: str, key: str) -> None:
        with pytest.raises(Unreadable) as caught:
            normalise_org_number(text)
        assert caught.value.key == key

    @given(st.text(max_size=40))
    def test_anything_is_read_or_refused(self, text: str) -> None:
        with suppress(Unreadable):
            assert len(normalise_org_number(text)) == 10

    @pytest.mark.parametrize("text, code", [("180", "0180"), ("0860", "0860"), ("860.0", "0860")])
    def test_municipality_code(self, text: str, code: str) -> None:
        assert normalise_municipality_code(text) == code

    @pytest.mark.parametrize("text", ["", "12", "12345", "abcd", "\u0660\u0668\u0666\u0660x"])
    def test_municipality_code_refused(self, text: str) -> None:
        with pytest.raises(Unreadable):
            normalise_municipality_code(text)
