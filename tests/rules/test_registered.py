"""What the notices of a procurement say of its contracts."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from crm.rules.awarded import Supplier
from crm.rules.notices import (
    Award,
    AwardStatus,
    Contract,
    Framework,
    FrameworkKind,
    LengthUnit,
    Lot,
    Modification,
    Money,
    Notice,
    NoticeKind,
    Party,
    Period,
    Renewals,
    Words,
)
from crm.rules.registered import PublishedContract, is_ours, known_as, published_contracts, who_of
from tests.factories.notices import RESULT, changed, make_record, sample

WINNER, OTHER = "5560250051", "5561029843"
SENT = date(2026, 11, 1)
HUNDRED = Money(100_00, "SEK")


def words(text: str) -> Words:
    return Words((("sv", text),))


def party(name: str = "Vinnaren AB", number: str | None = WINNER, **more: Any) -> Party:
    return Party(words(name), number=number, **more)


def award(
    lots: tuple[str, ...] = ("LOT-1",),
    contract: str | None = "CON-1",
    value: Money | None = HUNDRED,
    winners: tuple[Party, ...] | None = None,
    **contract_facts: Any,
) -> Award:
    made = (Contract(contract, reference=contract, **contract_facts),) if contract else ()
    return Award(
        id=f"TEN-{'-'.join(lots)}",
        lots=lots,
        status=AwardStatus.AWARDED,
        winners=(party(),) if winners is None else winners,
        value=value,
        contracts=made,
    )


def result(*awards: Award, **values: Any) -> Notice:
    lots = tuple(Lot(id=lot) for one in awards for lot in one.lots)
    told = {"awards": awards, "dispatched": SENT, "lots": lots}
    return make_record(NoticeKind.RESULT, **(told | values))


def of(*notices: Notice) -> list[PublishedContract]:
    return published_contracts(list(enumerate(notices, 1)))


def test_a_contract_over_several_lots_is_one_with_the_sum_of_its_tenders() -> None:
    (one,) = of(result(award(("LOT-1",)), award(("LOT-2",), value=Money(50_00, "SEK"))))
    assert (one.lots, one.value_ore) == (("LOT-1", "LOT-2"), 150_00)


def test_a_value_that_one_tender_withholds_is_not_told_of_the_whole() -> None:
    (one,) = of(result(award(("LOT-1",)), award(("LOT-2",), value=None)))
    assert one.value is None


def test_joint_winners_are_one_contract_and_the_leader_names_it() -> None:
    both = (party("Andra AB", OTHER), party("Första AB", WINNER, leads=True))
    (one,) = of(result(award(winners=both)))
    assert (one.supplier, one.supplier_number) == ("Första AB, Andra AB", WINNER)
    (one,) = of(result(award(winners=(party("Andra AB", OTHER), party()))))
    assert (one.supplier, one.supplier_number) == ("Andra AB, Vinnaren AB", "")


@pytest.mark.parametrize("money", [Money(100_00, "EUR"), Money(0, "SEK"), Money(10**17, "SEK")])
def test_another_currency_nothing_and_the_absurd_are_no_kronor(money: Money) -> None:
    (one,) = of(result(award(value=money)))
    assert one.value == money
    assert one.value_ore is None


def test_how_long_it_runs_comes_from_the_call_where_the_result_is_silent() -> None:
    period = Period(start=date(2027, 1, 1), length=24, unit=LengthUnit.MONTH)
    lot = Lot(
        "LOT-1",
        period=period,
        renewals=Renewals(2, words("12 + 12 månader")),
        options=words("Fler användare"),
        framework=Framework(FrameworkKind.WITH_COMPETITION),
    )
    call = make_record(NoticeKind.COMPETITION, lots=(lot,), dispatched=date(2026, 6, 1))
    for both in permutations((call, result(award()))):
        (one,) = of(*both)
        assert (one.starts, one.ends) == (date(2027, 1, 1), date(2028, 12, 31))
        assert one.renewals == ("2 12 + 12 månader",)
        assert one.options == ("Fler användare",)
        assert one.framework


def test_a_length_without_a_day_stays_a_length() -> None:
    lot = Lot("LOT-1", period=Period(length=36, unit=LengthUnit.MONTH))
    (one,) = of(result(award(signed=SENT), lots=(lot,)))
    assert (one.starts, one.ends) == (None, None)
    assert one.length == Period(length=36, unit=LengthUnit.MONTH)


def test_days_that_contradict_each_other_are_left_out() -> None:
    lot = Lot("LOT-1", period=Period(start=date(2028, 1, 1), end=date(2027, 1, 1)))
    (one,) = of(result(award(), lots=(lot,)))
    assert (one.starts, one.ends) == (None, None)
    lot = Lot("LOT-1", period=Period(end=date(2026, 1, 1)))
    (one,) = of(result(award(signed=date(2026, 5, 1)), lots=(lot,)))
    assert (one.signed, one.ends) == (None, date(2026, 1, 1))


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    first = result(award())
    right = changed(
        first,
        dispatched=SENT + timedelta(days=3),
        awards=(award(winners=(party("Rätt AB", OTHER),)),),
    )
    for both in permutations((first, right)):
        assert [one.supplier for one in of(*both)] == ["Rätt AB"]
    renamed = replace(right, id="ffffffff-0000-4000-8000-000000000000", previous=(first.id or "",))
    assert [one.supplier for one in of(first, renamed)] == ["Rätt AB"]


def test_results_for_different_lots_and_days_are_contracts_of_their_own() -> None:
    one, two = result(award(("LOT-1",))), result(award(("LOT-2",), contract="CON-2"))
    assert len(of(one, two)) == 2
    again = [
        result(award(contract=None)),
        result(award(contract=None)),
    ]
    assert len(of(*again)) == 1
    calls = [result(award(contract=f"C-{n}", signed=SENT + timedelta(days=n))) for n in (1, 2)]
    assert len(of(*calls)) == 2


def test_a_modification_changes_the_contract_that_it_is_of() -> None:
    later = make_record(
        NoticeKind.MODIFICATION,
        dispatched=SENT + timedelta(days=400),
        awards=(award((), contract=None, value=Money(100_00, "SEK")),),
        modification=Modification(before=Money(100_00, "SEK"), after=Money(130_00, "SEK")),
    )
    for both in permutations((result(award(signed=SENT)), later)):
        (one,) = of(*both)
        assert (one.value_ore, one.signed, one.lots) == (130_00, SENT, ("LOT-1",))
        assert len(one.told_by) == 2
    (alone,) = of(later)
    assert alone.value_ore == 130_00


def test_what_is_announced_before_a_direct_award_is_no_contract_yet() -> None:
    assert of(make_record(NoticeKind.DIRECT_AWARD, awards=(award(),))) == []


def test_who_it_is_stays_the_same_when_it_is_kept() -> None:
    for one in of(sample(RESULT)):
        kept = known_as(who_of(one))
        assert (kept.lots, kept.number) == (one.lots, one.number)
        assert [(each.name, each.number) for each in kept.suppliers] == [
            (each.name, each.number) for each in one.suppliers
        ]


def test_ours_is_known_by_the_number_alone() -> None:
    one = PublishedContract(suppliers=(Supplier("Vinnaren AB", WINNER),))
    assert is_ours(one, frozenset({WINNER}))
    assert not is_ours(one, frozenset({OTHER}))
    assert not is_ours(PublishedContract((Supplier("Vinnaren AB"),)), frozenset({WINNER}))


def test_a_count_within_the_notice_is_no_number_of_the_contract() -> None:
    (one,) = of(result(award(contract="2"), reference="KS 2026/17"))
    assert (one.number, one.reference) == ("2", "KS 2026/17")
    (one,) = of(result(award(contract="AVT-2026-3"), reference="KS 2026/17"))
    assert one.reference == "AVT-2026-3"
