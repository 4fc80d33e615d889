"""The contracts that a notice tells of."""

from dataclasses import replace
from datetime import date

import pytest

from crm.rules.awarded import AwardedContract, Supplier, contracts_of
from crm.rules.notices import AwardStatus, Money, NoticeKind
from tests.factories.notices import CALL, RESULT, sample


@pytest.fixture
def found() -> tuple[AwardedContract, ...]:
    return contracts_of(sample(RESULT))


def test_a_result_tells_of_each_contract(found: tuple[AwardedContract, ...]) -> None:
    assert [one.signed for one in found] == [
        date(2027, 3, 12),
        date(2027, 3, 15),
        date(2027, 3, 16),
    ]
    first = found[0]
    assert first.suppliers[0].name == "Påhittade Lärverktyg AB"
    assert first.value == Money(735_000_000, "SEK")
    assert first.source == "https://ted.europa.eu/sv/notice/-/detail/999002-2027"
    assert found[1].ends == date(2029, 6, 30)


def test_keys_are_their_own_and_the_same_each_time(found: tuple[AwardedContract, ...]) -> None:
    assert len({one.key for one in found}) == len(found)
    assert [one.key for one in contracts_of(sample(RESULT))] == [one.key for one in found]


def test_every_supplier_of_a_framework_is_one() -> None:
    found = contracts_of(sample("401381-2022_F21_award.xml"))
    assert Supplier("Bonliva AB", found[0].suppliers[0].number, "SE") in found[0].suppliers
    assert len(found) > 2
    assert {one.signed for one in found} == {date(2022, 7, 8)}


def test_a_value_that_is_withheld_is_none() -> None:
    assert contracts_of(sample("real_043489-2024_can30_de.xml"))[0].value is None


def test_a_lot_without_a_winner_and_a_call_tell_of_none() -> None:
    result = sample(RESULT)
    lost = [replace(one, status=AwardStatus.NOT_AWARDED) for one in result.awards]
    assert contracts_of(replace(result, awards=tuple(lost))) == ()
    assert contracts_of(sample(CALL)) == ()
    assert contracts_of(replace(result, about=NoticeKind.COMPETITION)) == ()
