"""What the notices of one procurement say together."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from crm.rules.milestones import lay_out
from crm.rules.money import MOST_ORE
from crm.rules.notice_facts import (
    NOTHING_SAID,
    Told,
    Weighing,
    begins_on,
    days_for,
    facts_of,
    in_line,
    route_of,
    web_address,
)
from crm.rules.notices import (
    Criterion,
    CriterionKind,
    LengthUnit,
    Lot,
    Money,
    NoticeKind,
    Period,
    ProcedureType,
)
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Route, StageKey, milestone_name
from tests.factories.notices import CALL, RESULT, changed, due, make_record, sample

TODAY = date(2027, 3, 20)


def test_the_samples_together_say_what_each_says_best() -> None:
    found = facts_of([sample(RESULT), sample(CALL)])
    assert found.value_ore == 2_000_000_000  # the estimate of the call, not what was awarded
    assert found.url == "https://ted.europa.eu/sv/notice/-/detail/999001-2026"
    assert found.tenders_due_at == datetime(2027, 1, 18, 22, 59, tzinfo=UTC)
    assert found.signed is not None
    assert found.signed.day == date(2027, 3, 16)
    assert found.valid_until == date(2027, 5, 18)  # 120 days, of which 19 January is the first
    assert found.contact is not None and found.contact.name == "Upphandlingsenheten"


DUE = due(datetime(2027, 1, 18, 23, 59))


@pytest.mark.parametrize(
    ("stands", "until"),
    [
        ((Period(length=6, unit=LengthUnit.MONTH),), date(2027, 7, 18)),
        ((Period(end=date(2027, 6, 30)), Period(end=date(2027, 5, 31))), date(2027, 5, 31)),
        ((Period(end=date(2027, 1, 17)),), None),  # before tenders are due: a slip
        ((Period(length=10**6, unit=LengthUnit.YEAR),), None),
        ((None,), None),
    ],
)
def test_a_tender_stands_until_the_first_of_its_lots_days(
    stands: tuple[Period | None, ...], until: date | None
) -> None:
    lots = tuple(Lot(str(n), validity=one) for n, one in enumerate(stands))
    call = make_record(NoticeKind.COMPETITION, lots=lots, deadlines=(DUE,))
    assert facts_of([call]).valid_until == until
    told_of_no_day = make_record(NoticeKind.COMPETITION, lots=lots)
    ends = [one.end for one in stands if one and one.end]
    assert facts_of([told_of_no_day]).valid_until == min(ends, default=None)


def test_lots_that_are_weighed_alike_are_told_together() -> None:
    price, quality = (Criterion(kind=kind) for kind in (CriterionKind.PRICE, CriterionKind.QUALITY))
    alike = make_record(lots=(Lot("1", criteria=(price,)), Lot("2", criteria=(price,))))
    assert facts_of([alike]).weighing == (Weighing(criteria=(price,)),)
    apart = make_record(
        lots=(
            Lot("1", criteria=(price,)),
            Lot("2", criteria=(quality, price)),
            Lot("3", criteria=(price,)),
            Lot("4"),
        )
    )
    assert facts_of([apart]).weighing == (
        Weighing(("1", "3"), (price,)),
        Weighing(("2",), (quality, price)),
    )
    assert facts_of([make_record(lots=(Lot("1"),))]).weighing == ()


def test_the_order_does_not_matter() -> None:
    call = sample(CALL)
    change = changed(call, deadlines=(due(datetime(2027, 2, 1, 12)),), dispatched=date(2026, 12, 1))
    some = [call, replace(change, dispatched_at=None), sample(RESULT)]
    assert len({facts_of(list(order)) for order in permutations(some)}) == 1


def test_nothing_says_nothing() -> None:
    assert facts_of([]) == NOTHING_SAID
    assert facts_of([make_record(NoticeKind.PROFILE)]) == NOTHING_SAID
    assert days_for(Route.OPEN, NOTHING_SAID, TODAY) == {}


@pytest.mark.parametrize(("ore", "told"), [(MOST_ORE, MOST_ORE), (MOST_ORE + 1, None)])
def test_a_value_that_could_not_be_typed_is_a_slip_of_the_source(
    ore: int, told: int | None
) -> None:
    call = make_record(NoticeKind.COMPETITION, estimated=Money(ore, "SEK"))
    assert facts_of([call]).value_ore == told


@pytest.mark.parametrize(
    ("form", "procedure", "route"),
    [
        ("16", ProcedureType.OPEN, Route.OPEN),
        ("E3", ProcedureType.OPEN, Route.BELOW_THRESHOLD),
        ("E3", ProcedureType.OTHER_SINGLE_STAGE, Route.BELOW_THRESHOLD),
        ("16", ProcedureType.OTHER_SINGLE_STAGE, None),
        ("16", ProcedureType.RESTRICTED, Route.SELECTIVE),
        ("F05", ProcedureType.DIALOGUE, Route.COMPETITIVE_DIALOGUE),
        ("16", None, None),
    ],
)
def test_the_route_of_a_procedure(
    form: str, procedure: ProcedureType | None, route: Route | None
) -> None:
    assert route_of(make_record(form=form, procedure=procedure)) is route


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/x", "https://a.example/x"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", ""),
        ("https://a b", ""),
        ("www.a.example", ""),
        ("https://a.example/" + "x" * 1000, ""),
        (None, ""),
    ],
)
def test_only_a_web_address_is_one(text: str | None, address: str) -> None:
    assert web_address(text) == address


@pytest.mark.parametrize("route", list(Route))
def test_a_plan_around_days_told_is_in_order(route: Route) -> None:
    told = days_for(route, facts_of([sample(RESULT), sample(CALL)]), TODAY)
    begins = begins_on(route, told)
    if begins is None:
        assert not told
        return
    laid = lay_out(route, begins, NO_QUIET, known={stage: one.day for stage, one in told.items()})
    lines = in_line(laid, told)
    days = [day for _one, day, _reached in lines]
    assert days == sorted(days)
    for one, day, reached in lines:
        if one.stage in told:
            assert day == told[one.stage].day
        assert reached is None or reached <= day
    so_far = [reached is not None for _one, _day, reached in lines]
    assert so_far == sorted(so_far, reverse=True)  # what comes before what has been, has been


def test_a_day_after_a_later_one_is_left_out() -> None:
    call = make_record(dispatched=date(2026, 11, 20), procedure=ProcedureType.OPEN)
    late = changed(sample(RESULT), dispatched=date(2026, 12, 1))
    found = days_for(Route.OPEN, facts_of([call, late]), TODAY)
    assert list(found) == [StageKey.MARKET, StageKey.STANDSTILL, StageKey.ROLLOUT]
    assert found[StageKey.MARKET] == Told(date(2026, 11, 20), True, found[StageKey.MARKET].url)


def test_a_result_ends_at_the_signing_of_the_route() -> None:
    """In an innovation partnership it is signed before the development, not before roll-out."""
    route = Route.INNOVATION_PARTNERSHIP
    found = days_for(route, facts_of([sample(RESULT)]), TODAY)
    assert StageKey.DEVELOPMENT in found and StageKey.ROLLOUT not in found
    assert milestone_name(route, StageKey.DEVELOPMENT)[0] == "Avtalet tecknas"
    assert milestone_name(route, StageKey.ROLLOUT)[0] == "Införandet börjar"
    assert milestone_name(Route.OPEN, StageKey.ROLLOUT)[0] == "Avtalet tecknas"


def test_a_result_says_when_it_was_published() -> None:
    result = changed(sample(RESULT), published=date(2026, 11, 22))
    facts = facts_of([sample(CALL), result])
    assert facts.has_result and facts.result_published == date(2026, 11, 22)
    assert facts_of([sample(CALL)]).has_result is False
    unknown = facts_of([changed(sample(RESULT), published=None)])
    assert unknown.has_result and unknown.result_published is None


def test_a_voluntary_notice_says_when_it_was_published() -> None:
    notice = make_record(NoticeKind.DIRECT_AWARD, published=date(2026, 11, 20))
    assert facts_of([notice]).intent_published == date(2026, 11, 20)
    assert facts_of([sample(CALL)]).intent_published is None
