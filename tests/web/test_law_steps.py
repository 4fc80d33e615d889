"""Every step of the law's calendar can be told in both languages, with its own figures."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from crm.rules.law import (
    afterwards,
    contract_life,
    limits,
    questions,
    records,
    review,
    standstill,
    tender_time,
    worth,
)
from crm.rules.law.explained import Explained, StepKind
from crm.rules.law.terms import AuthorityKind, Channel, Court, Law, ObjectKind, Procedure, Regime
from crm.rules.law.values import shipped_values
from crm.web.law_steps import WORDS, shown_steps

pytestmark = pytest.mark.one_database

VALUES = shipped_values()
LOU = Law.LOU
DAY = date(2026, 11, 24)


def bought(on: date = DAY, kind: ObjectKind = ObjectKind.GOODS_SERVICES) -> limits.Purchase:
    return limits.Purchase(LOU, AuthorityKind.OTHER, kind, on)


def money() -> Iterator[Explained[Any]]:
    yield limits.regime(VALUES, bought(), 100)
    yield limits.regime(VALUES, bought(), 10**10)
    yield limits.regime(VALUES, bought(date(2020, 1, 1)), 100)
    yield limits.regime(VALUES, bought(kind=ObjectKind.SOCIAL_SPECIAL), 10**10)
    yield limits.counted_with_same_kind(bought(), 100, [200])
    yield limits.counted_with_same_kind(bought(date(2020, 1, 1)), 100, [200])
    terms = [worth.Term(kind, 12_500, 25) for kind in worth.TermKind]
    yield worth.contract_value(LOU, terms)
    yield worth.fixed_term_value(LOU, terms)
    for months in (12, 60, None):
        yield worth.service_value(VALUES, LOU, DAY, 100, months)
        yield worth.lease_value(VALUES, LOU, DAY, 100, months, 100)
    yield worth.recurring_from_past(LOU, [100], 50)
    yield worth.recurring_to_come(LOU, [100])
    yield worth.framework_value(LOU, [100])
    yield worth.units_value(LOU, 100, [200], alone=False)
    yield worth.units_value(LOU, 100, [200], alone=True)
    yield worth.lots_value(VALUES, DAY, [100, 100])
    yield worth.lots_value(VALUES, DAY, [10**9, 100])
    yield worth.concession_value(100)


def time() -> Iterator[Explained[Any]]:
    terms = [
        tender_time.USUAL,
        tender_time.Terms(electronic=False, documents_online=False),
        tender_time.Terms(urgent=True),
        tender_time.Terms(prior_notice_sent=date(2026, 9, 1)),
        tender_time.Terms(prior_notice_sent=DAY),
        tender_time.Terms(agreed=DAY),
        tender_time.Terms(no_agreement=True),
    ]
    for procedure in Procedure:
        law = Law.LUK if procedure.value.startswith("concession") else LOU
        for one in terms:
            yield tender_time.tender_time(VALUES, law, procedure, DAY, one)
            yield tender_time.application_time(VALUES, law, procedure, DAY, one)
        yield standstill.standstill_duty(LOU, procedure)
    yield tender_time.application_time(VALUES, Law.LUF, Procedure.DIS, DAY)
    yield standstill.standstill_duty(Law.LUFS, Procedure.OPEN)
    yield tender_time.qualification_time(VALUES, DAY)
    yield questions.question_days(VALUES, LOU, Regime.EU, date(2026, 11, 28))
    yield questions.must_extend(VALUES, LOU, Regime.EU, DAY, answered=DAY, changed_materially=True)
    yield questions.must_extend(VALUES, LOU, Regime.EU, DAY)


def courts() -> Iterator[Explained[Any]]:
    for stated in (None, DAY, date(2026, 12, 20)):
        yield standstill.standstill(VALUES, LOU, DAY, Channel.OTHER, stated_last_day=stated)
    yield standstill.standstill(VALUES, LOU, date(2026, 11, 17))
    yield standstill.standstill_from_notice(VALUES, LOU, DAY)
    yield review.cancel_review_deadline(VALUES, LOU, DAY)
    yield review.new_facts_deadline(VALUES, LOU, DAY)
    yield review.new_facts_deadline(VALUES, LOU, date(2020, 1, 1))
    for court in Court:
        for lifted in (False, True):
            yield review.may_not_sign_during(LOU, court, lifted=lifted)
        yield review.may_not_sign_during(LOU, court, interim=True)
    yield review.after_ruling(VALUES, LOU, DAY, DAY)
    yield review.after_ruling(VALUES, LOU, DAY)
    yield review.after_ruling(VALUES, LOU, DAY, waived=True)
    yield review.validity_deadline(VALUES, LOU, DAY, published=DAY)
    yield review.damages_deadline(VALUES, LOU, DAY)
    yield review.fee_range(VALUES, DAY, 10**8)


def afterwards_and_on() -> Iterator[Explained[Any]]:
    for regime in Regime:
        for procedure in (Procedure.FKU, Procedure.DIS):
            for value in (100, 10**9):
                yield afterwards.award_notice_deadline(
                    VALUES, LOU, regime, procedure, DAY, value, bundled=value > 100
                )
        yield afterwards.award_notice_deadline(VALUES, LOU, regime, Procedure.OPEN, DAY, 10**9)
        yield afterwards.documentation_deadline(VALUES, LOU, regime, DAY, 100)
        yield afterwards.documentation_deadline(VALUES, LOU, regime, DAY, 10**9)
        yield afterwards.reasons_deadline(VALUES, LOU, regime, DAY)
    yield afterwards.kept_until(VALUES, DAY)
    yield contract_life.framework_last_day(VALUES, LOU, DAY)
    yield contract_life.framework_left(200, 100)
    yield contract_life.framework_left(200, 300)
    for amount in (1, 100):
        change = contract_life.Change(bought(), 200, amount)
        yield contract_life.may_change_by_small_value(VALUES, change)
        yield contract_life.may_order_more(VALUES, 200, 2 * amount, DAY)
    yield contract_life.may_order_more(VALUES, 200, 101, DAY)
    yield records.bids_are_secret(DAY)
    yield records.bids_are_secret(DAY, awarded=DAY)
    yield records.answer_is_due()
    yield records.refusal_appeal_deadline(VALUES, DAY)


def answers() -> list[Explained[Any]]:
    from crm.rules.law.counting import Rule, days_after, months_after, years_after

    return [
        days_after(date(2026, 4, 2), 2, Rule.B),
        months_after(DAY, 6),
        years_after(DAY, 1),
        *money(),
        *time(),
        *courts(),
        *afterwards_and_on(),
    ]


def test_every_kind_of_step_has_words() -> None:
    assert set(WORDS) == set(StepKind)


def test_the_rules_between_them_say_every_kind() -> None:
    said = {one.kind for found in answers() for one in found.steps}
    assert set(StepKind) - said == set()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_step_is_a_whole_sentence(app: Flask, language: str) -> None:
    with app.test_request_context("/"), force_locale(language):
        shown = [one for found in answers() for one in shown_steps(found)]
    for one in shown:
        assert re.match(r"[A-ZÅÄÖ0-9−]", one.text), one
        assert one.text.endswith("."), one
        assert "%" not in one.text.replace(" %", ""), one


def test_an_answer_reads_as_a_reckoning(app: Flask) -> None:
    """Over Easter in Swedish, with the holiday by its name."""
    found = standstill.standstill(VALUES, LOU, date(2026, 3, 26))
    with app.test_request_context("/"), force_locale("sv"):
        shown = shown_steps(found)
    assert [one.text for one in shown] == [
        "Avtalsspärr: 10 dagar från dagen då underrättelsen skickades.",
        "Dag 0 är 26 mars 2026, dag 10 är 5 apr. 2026.",
        "5 apr. 2026 är en ledig dag (Påskdagen), så tiden går ut nästa vardag, 7 apr. 2026.",
        "Avtal får tecknas från och med 8 apr. 2026.",
    ]
    assert shown[0].cites == "LOU 20 kap. 1 §"
    assert shown[0].sureness == "Bekräftat tidigare, antas oförändrat"
    assert shown[2].sureness == ""
