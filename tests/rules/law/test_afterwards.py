"""Efterannons, documentation, reasons and archive after an award."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import is_working_day
from crm.rules.law.afterwards import (
    award_notice_deadline,
    documentation_deadline,
    kept_until,
    reasons_deadline,
)
from crm.rules.law.explained import StepKind
from crm.rules.law.terms import Law, Procedure, Regime
from crm.rules.law.values import NoValue, shipped_values

VALUES = shipped_values()
SIGNED = date(2026, 11, 2)


def kr(kronor: int) -> int:
    return kronor * 100


@pytest.mark.parametrize(
    "law, regime, procedure, value, bundled, due",
    [
        (Law.LOU, Regime.EU, Procedure.OPEN, 5_000_000, False, date(2026, 12, 2)),
        (Law.LOU, Regime.NATIONAL, Procedure.NATIONAL, 1_000_000, False, date(2026, 12, 2)),
        (Law.LOU, Regime.DIRECT_AWARD, Procedure.DIRECT_AWARD, 699_999, False, None),
        (Law.LOU, Regime.DIRECT_AWARD, Procedure.DIRECT_AWARD, 700_000, False, date(2026, 12, 2)),
        (Law.LUF, Regime.DIRECT_AWARD, Procedure.DIRECT_AWARD, 1_199_999, False, None),
        (Law.LOU, Regime.EU, Procedure.FKU, 5_000_000, False, None),
        (Law.LOU, Regime.EU, Procedure.CALL_OFF, 5_000_000, False, None),
        # The quarter ends on 31 December; 30 days after it is Saturday 30 January 2027.
        (Law.LOU, Regime.EU, Procedure.DIS, 5_000_000, True, date(2027, 2, 1)),
        (Law.LUK, Regime.EU, Procedure.CONCESSION, 70_000_000, False, date(2026, 12, 21)),
    ],
)
def test_when_the_result_must_be_told(
    law: Law, regime: Regime, procedure: Procedure, value: int, bundled: bool, due: date | None
) -> None:
    found = award_notice_deadline(
        VALUES, law, regime, procedure, SIGNED, kr(value), bundled=bundled
    )
    assert found.value == due


def test_before_february_2022_the_sources_do_not_say() -> None:
    with pytest.raises(NoValue):
        award_notice_deadline(
            VALUES, Law.LOU, Regime.NATIONAL, Procedure.NATIONAL, date(2022, 1, 31), kr(1)
        )


def test_a_direct_award_is_documented_above_a_hundred_thousand() -> None:
    at = documentation_deadline(VALUES, Law.LOU, Regime.DIRECT_AWARD, SIGNED, kr(100_000))
    assert at.value is None and at.has(StepKind.DOCUMENTATION_NOT_NEEDED)
    above = documentation_deadline(VALUES, Law.LOU, Regime.DIRECT_AWARD, SIGNED, kr(100_001))
    assert above.value == date(2026, 12, 2)
    assert "LOU 19 a kap. 11 §" in above.cites


def test_the_thirty_days_for_documentation_are_of_2024() -> None:
    assert documentation_deadline(
        VALUES, Law.LOU, Regime.EU, date(2024, 1, 1), kr(5_000_000)
    ).value == date(2024, 1, 31)
    before = documentation_deadline(VALUES, Law.LOU, Regime.EU, date(2023, 12, 31), kr(5_000_000))
    assert before.value is None and before.has(StepKind.NO_LIMIT_THEN)


def test_a_loser_that_asks_is_told_why_within_fifteen_days() -> None:
    assert reasons_deadline(VALUES, Law.LOU, Regime.EU, SIGNED).value == date(2026, 11, 17)
    found = reasons_deadline(VALUES, Law.LOU, Regime.NATIONAL, SIGNED)
    assert "LOU 19 kap. 20 §" in found.cites


def test_bids_are_kept_four_years() -> None:
    assert kept_until(VALUES, date(2026, 11, 23)).value == date(2030, 11, 25)  # a Saturday before


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 90), st.booleans())
def test_the_days_follow_the_contract(signed: date, later: int, bundled: bool) -> None:
    def due(day: date) -> date:
        found = award_notice_deadline(
            VALUES, Law.LOU, Regime.EU, Procedure.DIS, day, kr(5_000_000), bundled=bundled
        ).value
        assert found is not None
        return found

    assert is_working_day(due(signed))
    assert (due(signed) - signed).days >= 30
    assert due(signed + timedelta(days=later)) >= due(signed)


def test_of_an_act_that_was_not_read_no_law_is_invented() -> None:
    old = documentation_deadline(VALUES, Law.LOU, Regime.EU, date(2023, 5, 2), kr(5_000_000))
    assert old.value is None and old.has(StepKind.NO_LIMIT_THEN)
    for law in (Law.LUFS, Law.LUK):
        found = documentation_deadline(VALUES, law, Regime.EU, SIGNED, kr(5_000_000))
        assert found.value is None and found.has(StepKind.NOT_KNOWN_HERE)
