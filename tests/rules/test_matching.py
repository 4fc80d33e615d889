"""What is perhaps the same person or organisation, and why."""

import pytest

from crm.rules.matching import (
    Facts,
    Sameness,
    likely_same_organisation,
    likely_same_person,
    organisation_similarity,
)
from crm.rules.names import SAME_NAME, name_similarity


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
