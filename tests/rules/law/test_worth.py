"""What a contract counts for (LOU 5 kap.), by hand-made cases and by the agency's answers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.law.explained import StepKind
from crm.rules.law.terms import Law, ObjectKind
from crm.rules.law.values import shipped_values
from crm.rules.law.worth import (
    Term,
    TermKind,
    concession_value,
    contract_value,
    framework_value,
    lease_value,
    lots_value,
    recurring_from_past,
    recurring_to_come,
    service_value,
    units_value,
    without_vat,
)

VALUES = shipped_values()
TODAY = date(2026, 11, 23)


AMOUNTS_OF_LOTS = st.integers(0, 10**9)


def kr(kronor: int) -> int:
    return kronor * 100


def test_a_contract_of_two_and_one_and_one_years_counts_as_four() -> None:
    """FP-4Y; 180 000 a year is 720 000 and no direct award, though the first term is 360 000."""
    found = contract_value(
        Law.LOU,
        [
            Term(TermKind.BASE, kr(360_000)),
            Term(TermKind.EXTENSION, kr(180_000)),
            Term(TermKind.EXTENSION, kr(180_000)),
        ],
    )
    assert found.value == kr(720_000)
    assert [one.kind for one in found.steps] == [
        StepKind.TERM_BASE,
        StepKind.TERM_EXTENSION,
        StepKind.TERM_EXTENSION,
        StepKind.TOTAL,
        StepKind.NO_SPLITTING,
    ]
    assert found.steps[0].cites == "LOU 5 kap. 3 §"


def test_two_years_with_two_more_count_as_the_four_that_they_can_become() -> None:
    """FP-4Y: 50 000 kr a year is 200 000, whether for four years or for two with two more."""
    four = contract_value(Law.LOU, [Term(TermKind.BASE, kr(200_000))])
    two = contract_value(
        Law.LOU, [Term(TermKind.BASE, kr(100_000)), Term(TermKind.EXTENSION, kr(100_000))]
    )
    assert four.value == two.value == kr(200_000)


def test_options_and_premiums_are_in_and_vat_is_out() -> None:
    found = contract_value(
        Law.LOU,
        [
            Term(TermKind.BASE, kr(500_000), vat_percent=25),
            Term(TermKind.OPTION, kr(100_000)),
            Term(TermKind.PREMIUM, kr(20_000)),
            Term(TermKind.SUPPLIED, kr(5_000)),
        ],
    )
    assert found.value == kr(400_000 + 100_000 + 20_000 + 5_000)
    assert found.steps[0].kind is StepKind.VAT_TAKEN_OFF
    assert "LOU 5 kap. 9 §" in found.cites


@pytest.mark.parametrize(
    "amount, percent, expected",
    [(12_500, 25, 10_000), (106, 6, 100), (1, 25, 1), (112, 12, 100), (333, 25, 266), (0, 25, 0)],
)
def test_vat_is_taken_off_to_the_nearest_ore(amount: int, percent: int, expected: int) -> None:
    assert without_vat(amount, percent) == expected


@pytest.mark.parametrize(
    "months, counted, kind",
    [
        (36, 36, StepKind.MONTHS_TIMES),
        (48, 48, StepKind.MONTHS_TIMES),
        (60, 48, StepKind.MONTHS_CAPPED),
        (None, 48, StepKind.MONTHS_INDEFINITE),
    ],
)
def test_a_service_by_the_month_counts_at_most_forty_eight(
    months: int | None, counted: int, kind: StepKind
) -> None:
    found = service_value(VALUES, Law.LOU, TODAY, kr(15_000), months)
    assert found.value == kr(15_000) * counted
    assert found.steps[0].kind is kind
    assert found.steps[0].cites == "LOU 5 kap. 13 §"


def test_a_price_by_the_year_is_rounded_once_and_not_for_each_month() -> None:
    found = service_value(VALUES, Law.LOU, TODAY, kr(100_000), None, every=12)
    assert found.value == kr(400_000)
    assert found.steps[0].figure("monthly") == 833_333
    assert service_value(VALUES, Law.LOU, TODAY, 5, 6, every=12).value == 3  # 2.5 öre


def test_a_short_lease_leaves_the_residual_value_out_and_a_long_one_adds_it() -> None:
    assert lease_value(VALUES, Law.LOU, TODAY, kr(10_000), 12, kr(30_000)).value == kr(120_000)
    assert lease_value(VALUES, Law.LOU, TODAY, kr(10_000), 13, kr(30_000)).value == kr(160_000)
    assert lease_value(VALUES, Law.LOU, TODAY, kr(10_000), 60, 0).value == kr(600_000)
    indefinite = lease_value(VALUES, Law.LOU, TODAY, kr(10_000), None, kr(30_000))
    assert indefinite.value == kr(480_000)
    assert indefinite.has(StepKind.RESIDUAL_LEFT_OUT)


def test_what_comes_back_counts_by_the_last_year_or_the_coming_one() -> None:
    """FP-1112: twelve months or the fiscal year; adjusted for what is foreseen."""
    assert recurring_from_past(Law.LOU, [kr(120_000), kr(150_000)], kr(30_000)).value == kr(300_000)
    assert recurring_from_past(Law.LOU, [kr(100_000)], -kr(150_000)).value == 0
    assert recurring_to_come(Law.LOU, [kr(120_000)] * 3).value == kr(360_000)


def test_a_framework_counts_as_all_its_contracts() -> None:
    assert framework_value(Law.LOU, [kr(1_000_000), kr(2_500_000)]).value == kr(3_500_000)


def test_units_count_together_unless_one_answers_alone_for_its_buying() -> None:
    assert units_value(Law.LOU, kr(90_000), [kr(400_000)], alone=False).value == kr(490_000)
    assert units_value(Law.LOU, kr(90_000), [kr(400_000)], alone=True).value == kr(90_000)


def test_small_lots_may_be_bought_apart_up_to_a_fifth_of_all() -> None:
    """80 000 euro are 908 056 kr in 2026–2027."""
    found = lots_value(VALUES, TODAY, [kr(3_000_000), kr(900_000), kr(908_056)])
    assert (found.value.total, found.value.apart) == (kr(4_808_056), (1,))
    too_many = lots_value(VALUES, TODAY, [kr(3_000_000), kr(900_000), kr(900_000)])
    assert too_many.value.apart == ()
    assert too_many.steps[-1].kind is StepKind.LOTS_TOO_MANY
    exactly = lots_value(VALUES, TODAY, [kr(3_600_000), kr(900_000)])
    assert exactly.value.apart == (1,)
    works = lots_value(VALUES, TODAY, [kr(60_000_000), kr(11_000_000)], ObjectKind.WORKS)
    assert works.value.apart == (1,)
    none = lots_value(VALUES, TODAY, [kr(3_000_000)])
    assert none.value.apart == () and not none.has(StepKind.LOTS_TOO_MANY)


def test_a_concession_counts_as_its_turnover() -> None:
    assert concession_value(kr(12)).value == kr(12)


def test_the_other_acts_are_cited_by_their_chapter() -> None:
    assert contract_value(Law.LUF, [Term(TermKind.BASE, 100)]).cites == ("LUF 5 kap.",)
    assert contract_value(Law.LUFS, [Term(TermKind.BASE, 100)]).cites == ("LUFS",)


def test_the_agencys_answer_on_one_and_a_half_contracts_of_the_last_year() -> None:
    """FP-1112: the twelve months before *or* the fiscal year, whichever is asked with, as it was."""
    year = [kr(400_000), kr(350_000)]
    assert recurring_from_past(Law.LOU, year).value == kr(750_000)
    assert recurring_from_past(Law.LOU, year[:1]).value == kr(400_000)


@given(st.lists(AMOUNTS_OF_LOTS, max_size=8), AMOUNTS_OF_LOTS)
def test_one_more_lot_never_lowers_the_total_and_apart_is_at_most_a_fifth(
    lots: list[int], more: int
) -> None:
    """LOU 5 kap. 8 §: small lots above a fifth together each follow the full rules."""
    found = lots_value(VALUES, TODAY, [*lots, more]).value
    assert found.total == lots_value(VALUES, TODAY, lots).value.total + more
    assert 5 * sum([*lots, more][place] for place in found.apart) <= found.total


def test_a_negative_amount_is_refused() -> None:
    for ask in (
        lambda: contract_value(Law.LOU, [Term(TermKind.BASE, -1)]),
        lambda: service_value(VALUES, Law.LOU, TODAY, -1, 12),
        lambda: service_value(VALUES, Law.LOU, TODAY, 1, -12),
        lambda: lease_value(VALUES, Law.LOU, TODAY, 1, 12, -1),
        lambda: framework_value(Law.LOU, [-1]),
        lambda: without_vat(1, -1),
    ):
        with pytest.raises(ValueError, match="negative"):
            ask()


AMOUNTS = st.integers(0, 10**12)
TERMS = st.lists(
    st.builds(Term, st.sampled_from(list(TermKind)), AMOUNTS, st.sampled_from([0, 6, 12, 25]))
)


@given(TERMS, st.builds(Term, st.sampled_from(list(TermKind)), AMOUNTS))
def test_one_more_term_never_lowers_the_value(terms: list[Term], more: Term) -> None:
    before = contract_value(Law.LOU, terms).value
    assert contract_value(Law.LOU, [*terms, more]).value == before + more.amount


@given(AMOUNTS, st.integers(0, 200), st.integers(0, 200))
def test_a_longer_term_never_counts_for_less(monthly: int, months: int, more: int) -> None:
    short = service_value(VALUES, Law.LOU, TODAY, monthly, months).value
    longer = service_value(VALUES, Law.LOU, TODAY, monthly, months + more).value
    assert short <= longer <= service_value(VALUES, Law.LOU, TODAY, monthly, None).value


@given(AMOUNTS, st.sampled_from([6, 12, 25]))
def test_vat_off_and_on_again_is_the_same_to_the_ore(amount: int, percent: int) -> None:
    off = without_vat(amount, percent)
    assert abs(off * (100 + percent) - amount * 100) * 2 <= 100 + percent
