"""Contracts added, prolonged, ended and renewed; cases and reminders follow."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.activities.models import Activity
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.contracts import operations, queries
from crm.contracts.models import Contract, ContractOption
from crm.contracts.operations import Facts
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.reminders.queries import Told
from crm.rules import contracts as rules
from crm.rules.contracts import ContractKind, FrameworkPosition, OptionState
from crm.rules.money import MOST_ORE
from crm.rules.stages import Outcome
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit

END = date(2028, 8, 31)


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def won(unit: Organisation) -> Case:
    case = make_case(unit, "Läsverktyg")
    cases.close(case, Outcome.WON, reason="staff_wanted_it", by=None, today=TODAY, now=NOW)
    return case


def decide(contract: Contract, number: int, state: OptionState) -> None:
    operations.decide(contract, contract.options[number], state, by=None, today=TODAY, now=NOW)


def test_options_prolong_in_order_and_can_be_taken_back(unit: Organisation) -> None:
    contract = make_contract(unit, ends_on=END, options=(12, 12))
    assert contract.runs_until == END
    with pytest.raises(RuleBroken):
        decide(contract, 1, OptionState.USED)
    decide(contract, 0, OptionState.USED)
    assert contract.runs_until == date(2029, 8, 31)
    assert contract.options[0].decided_on == TODAY
    decide(contract, 1, OptionState.DECLINED)
    assert contract.runs_until == contract.furthest == date(2029, 8, 31)
    with pytest.raises(RuleBroken):
        decide(contract, 0, OptionState.OPEN)
    decide(contract, 1, OptionState.OPEN)
    decide(contract, 0, OptionState.OPEN)
    assert (contract.runs_until, contract.options[0].decided_on) == (END, None)


def test_an_option_is_added_after_the_others_and_taken_away(unit: Organisation) -> None:
    contract = make_contract(unit, ends_on=END, options=(12,))
    operations.add_option(contract, 6, None)
    assert [row.months for row in contract.options] == [12, 6]
    operations.remove_option(contract, contract.options[0])
    operations.add_option(contract, 24, date(2028, 2, 1))
    assert [row.months for row in contract.options] == [6, 24]
    decide(contract, 0, OptionState.USED)
    with pytest.raises(RuleBroken):
        operations.remove_option(contract, contract.options[0])
    with pytest.raises(RuleBroken):
        operations.add_option(contract, 12, date(2040, 1, 1))


def test_options_are_set_anew_from_the_first_that_differs(unit: Organisation) -> None:
    contract = make_contract(unit, ends_on=END, options=(12, 12))
    decide(contract, 0, OptionState.USED)
    kept = contract.options[0]
    operations.set_options(contract, (12, 6, 6))
    assert [row.months for row in contract.options] == [12, 6, 6]
    assert contract.options[0] is kept and kept.state is OptionState.USED
    operations.set_options(contract, (12,))
    assert contract.options == [kept]
    for odd in ((), (24,)):
        with pytest.raises(RuleBroken):
            operations.set_options(contract, odd)


def test_an_early_end_is_the_last_day_until_it_is_taken_back(unit: Organisation) -> None:
    contract = make_contract(unit, starts_on=date(2026, 9, 1), ends_on=END, options=(12,))
    for odd in (date(2026, 8, 31), date(2031, 1, 1)):
        with pytest.raises(RuleBroken):
            operations.end(contract, odd, why="", by=None, now=NOW)
    operations.end(contract, date(2027, 6, 30), why="Uppsagt", by=None, now=NOW)
    assert contract.runs_until == date(2027, 6, 30)
    with pytest.raises(RuleBroken):
        decide(contract, 0, OptionState.USED)
    operations.end(contract, None, why="Uppsagt", by=None, now=NOW)
    assert (contract.runs_until, contract.ended_why) == (END, "")


GOOD = Facts(
    kind=ContractKind.OTHER,
    title="Läsplattform",
    supplier="Bokstaven AB",
    source="Beslutet",
    starts_on=date(2026, 9, 1),
    ends_on=END,
)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": END + timedelta(days=1)},
        {"signed_on": END + timedelta(days=1)},
        {"ends_on": date(2099, 1, 1)},
        {"open_ended": True},
        {"ends_on": None, "open_ended": True},  # without a notice
        {"supplier": ""},
        {"used_ore": 100, "used_on": TODAY + timedelta(days=1)},
        {"used_on": TODAY},
        {"value_ore": MOST_ORE + 1},
        {"cap_ore": MOST_ORE + 1},
    ],
)
def test_what_cannot_be_is_refused(
    unit: Organisation, session: Session, changes: dict[str, Any]
) -> None:
    facts = replace(GOOD, **changes)
    with pytest.raises(RuleBroken):
        operations.add(unit, facts, by=None, today=TODAY, now=NOW)
    assert session.scalar(sa.select(sa.func.count(Contract.id))) == 0
    contract = operations.add(unit, GOOD, by=None, today=TODAY, now=NOW)
    with pytest.raises(RuleBroken):
        operations.edit(contract, facts, today=TODAY)
    assert contract.ends_on == END


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": END + timedelta(days=1)},
        {"value_ore": -1},
        {"used_ore": -1, "used_on": TODAY},
        {"source": ""},
        {"open_ended": True},
        {"notice_months": 61},
        {"position": FrameworkPosition.HOLDER},  # of what is no framework
    ],
)
def test_the_database_refuses_it_too(
    unit: Organisation, session: Session, changes: dict[str, Any]
) -> None:
    contract = make_contract(unit, ends_on=END)
    for name, value in changes.items():
        setattr(contract, name, value)
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_win_gives_its_case_the_contract_s_day(unit: Organisation, won: Case) -> None:
    contract = make_contract(unit, kind=ContractKind.OWN, case=won, ends_on=END, options=(12,))
    assert (won.contract_ends_on, won.contract_source) == (END, "Tilldelningsbeslutet")
    decide(contract, 0, OptionState.USED)
    assert won.contract_ends_on == date(2029, 8, 31)
    with pytest.raises(RuleBroken):
        make_contract(unit, kind=ContractKind.OWN, case=won, ends_on=END)


def test_the_case_does_not_type_over_the_register(unit: Organisation, won: Case) -> None:
    make_contract(unit, kind=ContractKind.OWN, case=won, ends_on=END)

    def save(day: date | None) -> None:
        cases.edit(
            won,
            title=won.title,
            owner_id=None,
            value_ore=None,
            expected=None,
            handles_personal_data=None,
            pub_status=won.pub_status,
            has_framework=False,
            price_shared_on=None,
            contract_ends_on=day,
            contract_source="Hörsägen" if day else "",
            product_ids=[],
        )

    save(None)  # the form does not ask
    assert (won.contract_ends_on, won.contract_source) == (END, "Tilldelningsbeslutet")
    with pytest.raises(RuleBroken):
        save(END + timedelta(days=1))


def test_a_renewal_takes_the_day_over_so_that_nobody_is_told_twice(
    unit: Organisation, won: Case
) -> None:
    contract = make_contract(unit, kind=ContractKind.OWN, case=won, ends_on=END)
    case = operations.renew(contract, title="Förnyelse", by=None, today=TODAY, now=NOW)
    assert case.contract_ends_on == END
    assert (won.contract_ends_on, won.contract_kept) == (None, True)
    again = operations.renew(contract, title="Förnyelse", by=None, today=TODAY, now=NOW)
    assert again is case
    operations.untie(contract)
    assert (case.contract_kept, case.contract_ends_on) == (False, END)
    assert won.contract_ends_on == END


def test_a_won_renewal_has_the_new_contract_s_day(unit: Organisation) -> None:
    old = make_contract(unit, ends_on=END)
    case = operations.renew(old, title="Efter Bokstaven", by=None, today=TODAY, now=NOW)
    cases.close(case, Outcome.WON, reason="quality", by=None, today=TODAY, now=NOW)
    make_contract(unit, kind=ContractKind.OWN, case=case, ends_on=date(2032, 8, 31))
    assert case.contract_ends_on == date(2032, 8, 31)
    operations.end(old, date(2028, 6, 30), why="", by=None, now=NOW)
    assert case.contract_ends_on == date(2032, 8, 31)


def test_a_case_there_is_can_be_tied_once(unit: Organisation) -> None:
    first, second = make_contract(unit, ends_on=END), make_contract(unit, "Annat", ends_on=END)
    case = make_case(unit)
    elsewhere = make_case(make_municipality("Vimmerby"))
    with pytest.raises(RuleBroken):
        operations.tie(first, elsewhere)
    operations.tie(first, case)
    assert case.contract_ends_on == END
    assert case not in queries.cases_to_tie(second)
    with pytest.raises(RuleBroken):
        operations.tie(second, case)


# --- Reminders ----------------------------------------------------------------------------------


def waiting(session: Session) -> dict[str, Reminder]:
    return {
        row.key: row
        for row in session.scalars(sa.select(Reminder))
        if row.state in (ReminderState.PLANNED, ReminderState.DUE)
    }


def replan(unit: Organisation) -> None:
    planning.replan([unit.body_id], today=TODAY, now=NOW)


def test_a_contract_without_a_case_reminds_18_and_12_months_before(
    unit: Organisation, session: Session
) -> None:
    """R12, at an account where we have no case at all."""
    contract = make_contract(unit, ends_on=END)
    replan(unit)
    keys = {key.partition("/")[0]: row for key, row in waiting(session).items()}
    assert keys["R12"].wanted_on == date(2027, 2, 28)
    assert keys["R12-dialogue"].wanted_on == date(2027, 8, 31)
    assert keys["R12"].case_id is None
    assert keys["R12"].organisation_id == unit.id
    assert keys["R12"].params["contract_id"] == contract.id


def test_a_last_day_that_moves_takes_its_reminders_along(
    unit: Organisation, session: Session
) -> None:
    contract = make_contract(unit, ends_on=END, options=(12,))
    replan(unit)
    before = {row.id for row in waiting(session).values()}
    decide(contract, 0, OptionState.USED)
    replan(unit)
    after = {row.key: row for row in waiting(session).values()}
    asked = after[f"R12/contract-{contract.id}/@2029-08-31"]
    assert asked.id in before, "the same reminder, on another day"
    assert asked.wanted_on == date(2028, 2, 29)


def test_a_contract_and_its_case_never_both_remind(
    unit: Organisation, session: Session, won: Case
) -> None:
    contract = make_contract(unit, ends_on=END)
    replan(unit)
    assert any(key.startswith("R12/contract-") for key in waiting(session))
    case = operations.renew(contract, title="Efter", by=None, today=TODAY, now=NOW)
    replan(unit)
    subjects = [key.split("/")[1] for key in waiting(session) if key.startswith("R12/")]
    assert subjects == [f"case-{case.id}"]
    own = make_contract(unit, kind=ContractKind.OWN, case=won, ends_on=END)
    replan(unit)
    operations.renew(own, title="Förnyelse", by=None, today=TODAY, now=NOW)
    replan(unit)
    subjects = [key.split("/")[1] for key in waiting(session) if key.startswith("R12/")]
    assert len(subjects) == len(set(subjects)) == 2
    assert f"case-{won.id}" not in subjects


def test_an_option_reminds_before_its_notice_day(
    unit: Organisation, session: Session, won: Case
) -> None:
    """D4: two months before the last working day for notice, once, in the case that speaks."""
    alone = make_contract(unit, ends_on=END, options=(12, 12), notice_months=6)
    make_contract(unit, kind=ContractKind.OWN, case=won, ends_on=END, notice_months=6)
    replan(unit)

    def asked() -> dict[str, date]:
        return {
            key.split("/")[1]: row.wanted_on
            for key, row in waiting(session).items()
            if row.rule_key == "R12-option"
        }

    subject = f"contract-{alone.id}"
    assert asked() == {subject: date(2027, 12, 29), f"case-{won.id}": date(2027, 12, 29)}
    row = next(
        row for row in waiting(session).values() if row.key.startswith("R12-option/contract")
    )
    told = Told(row, "sv", TODAY)
    assert "”Läsplattformen” är den 29 februari 2028" in told.why
    decide(alone, 0, OptionState.DECLINED)
    replan(unit)
    assert set(asked()) == {f"case-{won.id}"}
    decide(alone, 0, OptionState.OPEN)
    replan(unit)
    assert asked()[subject] == date(2027, 12, 29)


def test_an_ended_contract_reminds_no_more(unit: Organisation, session: Session) -> None:
    contract = make_contract(unit, ends_on=END)
    replan(unit)
    operations.end(contract, TODAY, why="Uppsagt", by=None, now=NOW)
    replan(unit)
    assert not [key for key in waiting(session) if "contract-" in key]


# --- Who may call off ---------------------------------------------------------------------------


def test_who_can_call_off_today_is_what_the_rule_says(unit: Organisation) -> None:
    """The SQL of the list against the rulebook, over frameworks of every sort."""
    body = unit.body_id
    made: list[Contract] = []
    for starts in (None, TODAY, TODAY + timedelta(days=1)):
        for ends in (None, TODAY, TODAY + timedelta(days=400)):
            for used, cap in ((None, None), (99, 100), (100, 100), (5, None), (None, 100)):
                if starts and ends and starts > ends:
                    continue
                made.append(
                    make_contract(
                        unit,
                        f"Ramavtal {len(made)}",
                        kind=ContractKind.FRAMEWORK,
                        starts_on=starts,
                        ends_on=ends,
                        used_ore=used,
                        cap_ore=cap,
                    )
                )
    ended = make_contract(unit, "Slut", kind=ContractKind.FRAMEWORK, ends_on=END)
    operations.end(ended, TODAY - timedelta(days=1), why="", by=None, now=NOW)
    make_contract(unit, "Inget ramavtal", ends_on=END)
    expected = {
        one.id
        for one in [*made, ended]
        if rules.may_be_called_off(TODAY, one.starts_on, one.runs_until, one.used_ore, one.cap_ore)
    }
    found = queries.who_can_call_off(queries.Filter(), today=TODAY, page=1)
    assert {one.contract_id for one in found.rows} == expected
    assert found.total == len(expected) and 10 < found.total < len(made)
    assert {one.organisation_id for one in found.rows} == {unit.id}
    assert body != unit.id


def test_callers_are_added_by_kind_and_only_once(unit: Organisation) -> None:
    framework = make_contract(unit, kind=ContractKind.FRAMEWORK, ends_on=END)
    make_municipality("Vimmerby")
    many = queries.bodies_of("municipality", "")
    assert operations.add_callers(framework, many) == len(many) == 2
    assert operations.add_callers(framework, many) == 0
    operations.remove_caller(framework, many[0].id)
    assert queries.callers_of(framework.id, page=1).total == 2  # the unit that made it, and one
    with pytest.raises(RuleBroken):
        operations.add_callers(make_contract(unit, ends_on=END), many)


# --- Reads --------------------------------------------------------------------------------------


def test_the_calendar_holds_what_falls_in_it(unit: Organisation) -> None:
    make_contract(unit, ends_on=END, options=(12,), notice_months=6)
    make_contract(unit, "Långt bort", ends_on=date(2040, 1, 1))
    make_contract(unit, "Tills vidare", open_ended=True, notice_months=3)
    first, last = queries.span_of_calendar(TODAY)
    days = queries.calendar(queries.Filter(), first=first, last=last)
    assert [(str(day.event.day), day.event.kind.value) for day in days] == [
        ("2027-03-01", "window"),  # the 28th is a Sunday
        ("2027-08-31", "dialogue"),
        ("2028-02-29", "notice"),
        ("2028-08-31", "end"),
    ]
    months = queries.months_of(days, first)
    assert len(months) == 24 and sum(month.total for month in months) == 4
    assert queries.calendar(queries.Filter(kind=ContractKind.OWN), first=first, last=last) == []
    assert [one.title for one in queries.until_notice(queries.Filter())] == ["Tills vidare"]


def test_what_is_known_is_looked_at_again_after_a_year(unit: Organisation) -> None:
    contract = make_contract(unit, ends_on=END, today=TODAY - timedelta(days=400))
    make_contract(unit, "Färskt", ends_on=END)

    def titles(**chosen: Any) -> list[str]:
        page = queries.rows(
            queries.Filter(**chosen), today=TODAY, sort="title", descending=False, page=1
        )
        return [row.title for row in page.rows]

    assert titles(check=True) == ["Läsplattformen"]
    assert titles(within=24) == ["Färskt", "Läsplattformen"]
    assert titles(within=6) == []
    assert titles(text="bokstaven") == ["Färskt", "Läsplattformen"]
    operations.confirm(contract, today=TODAY)
    assert titles(check=True) == []


def test_the_account_s_story_tells_of_it(unit: Organisation, session: Session) -> None:
    contract = make_contract(unit, ends_on=END, options=(12,))
    decide(contract, 0, OptionState.USED)
    events = [row.data["event"] for row in session.scalars(sa.select(Activity).order_by("id"))]
    assert events[-2:] == ["contract_added", "option_used"]
    assert session.scalar(sa.select(sa.func.count(ContractOption.id))) == 1
    assert contract.is_over(END) is False
