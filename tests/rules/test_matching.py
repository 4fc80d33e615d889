"""One spelling for each name, number and address, whatever was typed."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.kinds import UnitKind
from crm.rules.matching import (
    KIND_WORDS,
    SAME_NAME,
    Facts,
    Sameness,
    Unreadable,
    base_forms,
    display_company,
    display_name,
    display_org_number,
    display_phone,
    fold,
    guess_unit_kind,
    is_bare_kind,
    joined_words,
    likely_same_organisation,
    likely_same_person,
    name_similarity,
    nearest_names,
    normalise_email,
    normalise_municipality_code,
    normalise_org_number,
    normalise_phone,
    organisation_similarity,
    other_words,
    parent_domains,
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

    def test_display(self) -> None:
        assert display_org_number("2120000712") == "212000-0712"

    @pytest.mark.parametrize("text, code", [("180", "0180"), ("0860", "0860"), ("860.0", "0860")])
    def test_municipality_code(self, text: str, code: str) -> None:
        assert normalise_municipality_code(text) == code

    @pytest.mark.parametrize("text", ["", "12", "12345", "abcd", "\u0660\u0668\u0666\u0660x"])
    def test_municipality_code_refused(self, text: str) -> None:
        with pytest.raises(Unreadable):
            normalise_municipality_code(text)


class TestSameness:
    @pytest.mark.parametrize(
        "one, other",
        [
            ("Anna Berg", "Berg, Anna"),
            ("Anna Berg", "ANNA BERG"),
            ("Åsa Öberg", "Asa Oberg"),
            ("Mikael Ström", "Michael Ström"),
            ("Kristina Andersson", "Christina Anderson"),
            ("Anna Berg", "Anna-Karin Berg"),
            ("A. Berg", "Anna Berg"),
        ],
    )
    def test_like_names(self, one: str, other: str) -> None:
        assert name_similarity(one, other) == name_similarity(other, one) >= SAME_NAME

    @pytest.mark.parametrize(
        "one, other",
        [
            ("Anna Berg", "Anna Borg"),
            ("Erik Lund", "Erika Lund"),
            ("Anna", ""),
            ("Eva Ek", "Ida Ek"),
        ],
    )
    def test_unlike_names(self, one: str, other: str) -> None:
        assert name_similarity(one, other) < SAME_NAME

    def test_person_by_mail_whatever_the_name(self) -> None:
        mail = frozenset({"anna.berg@hultsfred.se"})
        found = likely_same_person(Facts("Anna Berg", mail), Facts("Anna Ek", mail))
        assert found.reasons == (Sameness.EMAIL,)
        assert found.confidence == 95

    def test_a_shared_mailbox_is_not_a_person(self) -> None:
        mail = frozenset({"info@hultsfred.se"})
        assert not likely_same_person(Facts("Anna Berg", mail), Facts("Eva Ek", mail))

    def test_namesakes_in_one_kommun_and_in_two(self) -> None:
        anna, same, elsewhere = (Facts("Anna Berg", body_id=n) for n in (1, 1, 2))
        assert likely_same_person(anna, same).reasons == (Sameness.NAME_AND_MUNICIPALITY,)
        assert not likely_same_person(anna, elsewhere)
        assert likely_same_person(anna, Facts("Anna Berg")).reasons == (Sameness.NAME,)

    def test_reasons_add_up(self) -> None:
        phone = frozenset({"+46701234567"})
        found = likely_same_person(
            Facts("Anna Berg", phones=phone, body_id=1), Facts("Anna Berg", phones=phone, body_id=1)
        )
        assert found.reasons == (Sameness.PHONE, Sameness.NAME_AND_MUNICIPALITY)
        assert found.confidence == 98

    def test_organisations(self) -> None:
        assert organisation_similarity("Hultsfreds kommun", "HULTSFRED") == 100
        assert organisation_similarity("Skola 1", "Skola 2") == 0
        found = likely_same_organisation(
            Facts("Venhagskolan", body_id=1), Facts("Venhagsskolan", body_id=1)
        )
        assert found.reasons == (Sameness.NAME_AND_MUNICIPALITY,)
        same_number = likely_same_organisation(
            Facts("Fortum Värme", org_number="5560269705"),
            Facts("Stockholm Exergi", org_number="5560269705"),
        )
        assert same_number.reasons == (Sameness.ORG_NUMBER,)

    def test_nearest_names(self) -> None:
        choices = [(1, "Anna Borg"), (2, "Berg Anna"), (3, "Anna-Lisa Berg"), (4, "")]
        assert nearest_names("Anna Berg", choices) == [(2, 100), (3, 92)]


class TestDisplay:
    @pytest.mark.parametrize(
        "registered, shown",
        [
            ("AKTIEBOLAGET HULTSFREDS BOSTÄDER", "AB Hultsfreds Bostäder"),
            ("VA-BOLAGET I KARLSKOGA AB", "VA-bolaget i Karlskoga AB"),
            ("GÖTEBORGSREGIONENS KOMMUNALFÖRBUND", "Göteborgsregionens kommunalförbund"),
            ("S:T ERIK FÖRSÄKRINGS AKTIEBOLAG", "S:t Erik Försäkrings AB"),
            ("KRAFTRINGEN ENERGI AB (PUBL)", "Kraftringen Energi AB (publ)"),
            ("AKTIEBOLAGET UPPLANDS-BROHUS", "AB Upplands-Brohus"),
            ("GÖTEBORGS STADS BOSTADSAKTIEBOLAG", "Göteborgs stads bostadsaktiebolag"),
            ("Redan Rätt AB", "Redan Rätt AB"),
        ],
    )
    def test_company(self, registered: str, shown: str) -> None:
        assert display_company(registered) == shown

    def test_person(self) -> None:
        assert display_name("lisa af berg-ek") == "Lisa af Berg-Ek"
        assert display_name(" Lisa  McBerg ") == "Lisa McBerg"


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
