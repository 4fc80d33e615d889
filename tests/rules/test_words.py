"""One spelling for each word, in its other forms, in Swedish order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.kinds import UnitKind
from crm.rules.words import (
    KIND_WORDS,
    base_forms,
    fold,
    guess_unit_kind,
    is_bare_kind,
    joined_words,
    other_words,
    spoken_words,
    swedish_sort_key,
    words,
)


class TestWords:
    @pytest.mark.parametrize(
        "text, folded",
        [
            ("Åre", "are"),
            ("A\u030are", "are"),
            ("ÖSTRA ÄLVSBYN", "ostra alvsbyn"),
            ("Linné & Søn", "linne & son"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
        ],
    )
    def test_fold(self, text: str, folded: str) -> None:
        assert fold(text) == folded

    @given(st.text())
    def test_fold_is_stable_and_takes_anything(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)
        assert all(word == fold(word) and len(word) <= 40 for word in words(text))
        spoken_words(text)
        joined_words(text)

    def test_words(self) -> None:
        assert words("Väggarps F–6, Upplands-Bro_x") == (
            "vaggarps",
            "f",
            "6",
            "upplands",
            "bro",
            "x",
        )
        assert joined_words("Upplands-Bro och Dals-Ed") == ("upplandsbro", "dalsed")
        assert spoken_words("Åre KOMMUN") == ("åre", "kommun")

    @pytest.mark.parametrize(
        "word, base",
        [
            ("hultsfreds", "hultsfred"),
            ("biblioteket", "bibliotek"),
            ("skolverket", "skolverk"),
            ("kommunens", "kommun"),
            ("malmos", "malmo"),
        ],
    )
    def test_base_forms(self, word: str, base: str) -> None:
        assert base in base_forms(word)

    def test_a_stem_has_four_letters(self) -> None:
        assert base_forms("lunds") == ("lund",)
        assert base_forms("dals") == ()

    @pytest.mark.parametrize(
        "old, current",
        [
            ("landsting", "region"),
            ("landstinget", "region"),
            ("landsti", "region"),
            ("stad", "kommun"),
            ("dagis", "forskola"),
            ("lasarettet", "sjukhus"),
            ("hogstadieskola", "skola"),
            ("fk", "forsakringskassan"),
            ("af", "arbetsformedlingen"),
            ("vc", "halsocentral"),
        ],
    )
    def test_other_words(self, old: str, current: str) -> None:
        assert current in other_words(old)

    def test_the_beginning_of_an_ordinary_word_is_no_old_word(self) -> None:
        assert other_words("lands") == ()
        assert other_words("hultsfred") == ()


class TestUnitKind:
    @pytest.mark.parametrize(
        "name, kind",
        [
            ("Nyskolan", UnitKind.SCHOOL),
            ("Venhagskolan 7–9", UnitKind.SCHOOL),
            ("Regnbågens förskola", UnitKind.PRESCHOOL),
            ("Hultsfreds gymnasium", UnitKind.UPPER_SECONDARY),
            ("Luleå gymnasieskola", UnitKind.UPPER_SECONDARY),
            ("Komvux Kalmar", UnitKind.ADULT_EDUCATION),
            ("Kalmar stadsbibliotek", UnitKind.LIBRARY),
            ("Vimmerby hälsocentral", UnitKind.HEALTH_CENTRE),
            ("Vårdcentralen Kusten", UnitKind.HEALTH_CENTRE),
            ("Visby lasarett", UnitKind.HOSPITAL),
            ("Solgläntans äldreboende", UnitKind.CARE_HOME),
            ("Socialkontoret", UnitKind.SOCIAL_SERVICES),
            ("Skolkontoret", UnitKind.OFFICE),
            ("Kulturskolan", UnitKind.OTHER),
            ("Anna Berg", None),
            ("", None),
        ],
    )
    def test_guess(self, name: str, kind: UnitKind | None) -> None:
        assert guess_unit_kind(name) == kind

    def test_a_bare_kind_is_not_yet_a_name(self) -> None:
        assert is_bare_kind("Skolan")
        assert not is_bare_kind("Nyskolan")

    def test_every_kind_has_its_words(self) -> None:
        assert set(KIND_WORDS) == set(UnitKind)


class TestSwedishOrder:
    ORDER = [
        *(
            "",
            "Ale",
            "Eva",
            "Éva Berg",
            "Skola 2",
            "Skola 10",
            "Skola 10 B",
            "Sölvesborg",
            "Uppsala",
        ),
        *("Vilma", "Wilma", "Ystad", "Zäta", "Åmål", "Åre", "Ängelholm", "Öland", "Örebro", "Иван"),
    ]

    def test_order(self) -> None:
        shuffled = random.Random(1).sample(self.ORDER, len(self.ORDER))
        assert sorted(shuffled, key=swedish_sort_key) == self.ORDER

    def test_capitals_marks_and_hyphens_do_not_count(self) -> None:
        assert swedish_sort_key("UPPLANDS-BRO") == swedish_sort_key("upplands bro")
        assert swedish_sort_key("A\u030are") == swedish_sort_key("Åre")

    @given(st.text())
    def test_ascii_and_short_whatever_comes(self, text: str) -> None:
        key = swedish_sort_key(text)
        assert key.isascii()
        assert len(key) <= 300
        assert not {"å", "Å", "\n"} & set(key)
