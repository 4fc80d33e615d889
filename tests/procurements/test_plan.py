"""A case planned backwards from its day of use (E7): the page, the plan that holds, its reminders."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.cases import operations
from crm.cases.models import Case
from crm.contracts import operations as contract_operations
from crm.contracts import queries as contract_queries
from crm.contracts.operations import Facts
from crm.core import clock
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.procurements import queries as procurement_queries
from crm.procurements.models import Milestone, Plan
from crm.reminders import planning, queries
from crm.reminders.models import Reminder, ReminderState
from crm.rules import milestones
from crm.rules.access import Role
from crm.rules.budget_cycle import BodyKind
from crm.rules.calendar import ONE_DAY
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind
from crm.rules.precision import add_months
from crm.rules.quiet import Audience, OpenDays, quiet_periods
from crm.rules.routes import Route, StageKey
from crm.rules.stages import CaseState, Outcome, ProcurementStage
from tests.factories.budgets import TODAY, make_practice
from tests.factories.cases import NOW, make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit

END = date(2028, 1, 31)
OPEN_DAYS = OpenDays(
    quiet_periods(
        BodyKind.MUNICIPALITY, Audience.GENERAL, "08", date(2026, 1, 1), date(2030, 12, 31)
    )
)
KEYS = {"R12-needs", "R12-rfi", "R12-spec", "R12-notice", "R12-award"}


@pytest.fixture
def case(app: Any) -> Case:
    body = make_municipality("Hultsfred")
    make_practice(body)
    return make_case(make_unit(body), contract_ends_on=END, contract_source="Ramavtalet")


def lay_back(case: Case, route: Route = Route.OPEN, day: date = END + timedelta(days=1)) -> None:
    laid = milestones.lay_back(route, day, OPEN_DAYS)
    procurements.lay_back_for(case, route, day, laid, by=None, today=TODAY, now=NOW)


def day_of_use(case: Case) -> date | None:
    plan = procurement_queries.of_case_with_plan(case.id)[1]
    return plan.in_use_on if plan is not None else None


def planned(session: Session, case: Case) -> dict[str, Reminder]:
    session.flush()
    planning.replan([case.body_id], today=TODAY, now=NOW)
    rows = session.scalars(
        sa.select(Reminder).where(
            Reminder.case_id == case.id, Reminder.state == ReminderState.PLANNED
        )
    )
    return {row.rule_key: row for row in rows if row.rule_key in KEYS}


def test_each_stage_is_a_reminder_when_it_begins(session: Session, case: Case) -> None:
    assert planned(session, case) == {}
    lay_back(case)
    found = planned(session, case)
    assert set(found) == KEYS
    assert found["R12-rfi"].wanted_on == date(2027, 1, 29)
    assert found["R12-notice"].wanted_on == date(2027, 6, 18)
    assert found["R12-notice"].law == "LOU 11 kap. 6 §"
    assert found["R12-notice"].certainty is Certainty.TYPICAL
    told = queries.Told(found["R12-notice"], "sv", TODAY)
    assert "För att vara i bruk den 1 februari 2028: Annonsering och anbudstid" in told.why
    assert "To be in use on 1 February 2028" in queries.Told(found["R12-rfi"], "en", TODAY).why


def test_a_plan_from_the_contract_s_end_follows_it(session: Session, case: Case) -> None:
    lay_back(case)
    before = planned(session, case)["R12-spec"]
    case.contract_ends_on = END + timedelta(days=90)
    after = planned(session, case)["R12-spec"]
    assert day_of_use(case) == END + timedelta(days=91)
    assert after.id == before.id and after.wanted_on > date(2027, 3, 12)


def test_a_case_that_was_lost_leaves_its_plan_as_it_was(session: Session, case: Case) -> None:
    """What comes next is of the contract that another has signed, and no stage of this plan."""
    lay_back(case)
    assert set(planned(session, case)) == KEYS
    operations.close(
        case,
        operations.Outcome.LOST,
        reason=operations.OUTCOME_REASONS[operations.Outcome.LOST][0],
        contract_ends_on=END + timedelta(days=900),
        contract_source="Nytt beslut",
        by=None,
        today=TODAY,
        now=NOW,
    )
    found = planned(session, case)
    assert day_of_use(case) == END + timedelta(days=1)
    assert all(row.wanted_on > END for row in found.values())


def test_a_plan_for_a_day_of_its_own_stays(session: Session, case: Case) -> None:
    lay_back(case, day=date(2028, 8, 15))
    operations.edit(
        case,
        title=case.title,
        owner_id=None,
        value_ore=None,
        expected=None,
        handles_personal_data=None,
        pub_status=case.pub_status,
        has_framework=False,
        price_shared_on=None,
        contract_ends_on=END + timedelta(days=90),
        contract_source="Nytt beslut",
        product_ids=[],
    )
    planned(session, case)
    assert day_of_use(case) == date(2028, 8, 15)


def test_once_published_the_plan_is_silent_and_a_dropped_one_too(
    session: Session, case: Case
) -> None:
    lay_back(case)
    assert planned(session, case)
    operations.move_procurement(case, ProcurementStage.PUBLISHED, by=None, now=NOW)
    assert planned(session, case) == {}
    operations.move_procurement(case, ProcurementStage.NONE, by=None, now=NOW)
    assert set(planned(session, case)) == KEYS
    procurement = procurement_queries.of_case(case.id)
    assert procurement is not None
    procurements.drop(procurement, today=TODAY)
    assert planned(session, case) == {}


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), date(2042, 1, 1)])
def test_a_day_that_cannot_be_planned_for(app: Any, case: Case, day: date) -> None:
    with pytest.raises(RuleBroken):
        lay_back(case, day=day)
    assert day_of_use(case) is None


# --- The page -----------------------------------------------------------------------------------


@pytest.fixture
def manager(as_user: Callable[..., Any]) -> Any:
    return as_user(Role.ACCOUNT_MANAGER)


def test_the_page_begins_with_the_contract_and_shows_every_route(manager: Any, case: Case) -> None:
    html = manager.get(f"/procurements/plan/{case.id}").get_data(as_text=True)
    for words in ("2028-02-01", "Behovsanalys", "minst 30 dagar: LOU 11 kap. 6 §", "Direkt"):
        assert words in html
    direct = manager.get(f"/procurements/plan/{case.id}?route=direct_award").get_data(as_text=True)
    assert "LOU 19 a kap." in direct and "Utvärdering" not in direct


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("in_use_on=2026-11-01", 200, "Välj en dag efter idag"),
        ("in_use_on=2099-01-01", 200, "högst femton år"),
        ("in_use_on=tjugonde+mars", 422, "Skriv datumet"),
        ("route=nonsense&in_use_on=2028-02-01", 200, "Öppet förfarande"),
        ("in_use_on=", 200, "2028-02-01"),
        ("in_use_on=v.+12+2028", 200, "Godta planen"),
    ],
)
def test_what_is_asked_in_the_address(
    manager: Any, case: Case, asked: str, status: int, words: str
) -> None:
    answer = manager.get(f"/procurements/plan/{case.id}?{asked}")
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)


def test_what_is_late_is_told_in_months_with_a_day_that_can_be_reached(
    manager: Any, case: Case
) -> None:
    day = clock.today() + timedelta(days=120)
    html = manager.get(f"/procurements/plan/{case.id}?in_use_on={day}").get_data(as_text=True)
    assert "månader fattas" in html
    assert "Planera för den dagen i stället" in html


def test_the_plan_is_accepted_undone_and_refused(
    manager: Any, session: Session, case: Case
) -> None:
    address = f"/procurements/plan/{case.id}"
    sent = {"route": "open", "in_use_on": "2028-02-01", "version": "0"}
    assert manager.post(address, data=sent).status_code == 303
    session.expire_all()
    assert day_of_use(case) == date(2028, 2, 1)
    assert "I bruk från" in manager.get(f"/cases/{case.id}").get_data(as_text=True)
    stale = manager.post(address, data=sent)
    assert stale.status_code == 409
    assert manager.post(f"{address}/drop").status_code == 303
    session.expire_all()
    assert day_of_use(case) is None
    stands = procurement_queries.of_case(case.id)
    assert stands is not None
    for wrong in ({"route": "?"}, {"in_use_on": ""}, {"in_use_on": "2020-01-01"}):
        refused = manager.post(address, data={**sent, "version": str(stands.version), **wrong})
        assert refused.status_code == 422
        session.expire_all()
        assert day_of_use(case) is None


def test_a_viewer_looks_and_changes_nothing(as_user: Callable[..., Any], case: Case) -> None:
    viewer = as_user(Role.VIEWER)
    assert "Godta" not in viewer.get(f"/procurements/plan/{case.id}").get_data(as_text=True)
    assert viewer.post(f"/procurements/plan/{case.id}", data={}).status_code == 403


@pytest.mark.one_database
def test_a_contract_is_planned_back_from_its_notice_day_and_from_its_end(
    manager: Any, session: Session
) -> None:
    """Late for the first notice day, on time for the next, which is there if the option is used."""
    ends = add_months(clock.today(), 8)
    made = make_contract(
        make_unit(make_municipality("Högsby")),
        ends_on=ends,
        options=(36, 12),
        notice_months=6,
        today=clock.today(),
    )
    session.commit()
    contract = contract_queries.get(made.id)
    first, again, _last = (term.notice_on for term in contract.terms)
    prolonged = contract.terms[1].ends_on
    session.commit()
    address = f"/procurements/plan/contract/{made.id}"
    html = manager.get(address).get_data(as_text=True)
    assert f"signed_by={first}" in html and "avtalets sista dag" in html
    assert "fattas" in html and "Nästa dag att säga till som hinns med" in html
    assert f"signed_by={again}" in html
    assert "öppnas ärendet" in html and "blir ägare" in html
    sent = {"route": "open", "in_use_on": str(prolonged + ONE_DAY), "version": "0"}
    assert manager.post(address, data={**sent, "signed_by": "31/31"}).status_code == 422
    session.expire_all()
    assert contract_queries.get(made.id).renewal_case_id is None  # looking and a refusal open none
    assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0
    answer = manager.post(address, data={**sent, "signed_by": str(again)})
    assert answer.status_code == 303
    session.expire_all()
    renewal = contract_queries.get(made.id).renewal_case_id
    assert renewal is not None and answer.location.endswith(f"/cases/{renewal}")
    signed = session.scalars(
        sa.select(Milestone.planned_on).where(Milestone.stage == StageKey.ROLLOUT)
    ).one()
    assert again is not None and signed <= again
    twice = manager.post(address, data={**sent, "signed_by": str(again)})
    assert twice.status_code == 409
    again_there = manager.get(address)
    assert again_there.status_code == 303
    assert f"/procurements/plan/{renewal}?" in again_there.location
    session.expire_all()
    assert contract_queries.get(made.id).renewal_case_id == renewal
    assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1


def test_a_plan_follows_the_contract_that_it_renews_and_never_the_one_that_was_won(
    case: Case, session: Session
) -> None:
    unit = session.get_one(Organisation, case.organisation_id)
    old = make_contract(unit, ends_on=date(2027, 12, 31))
    contract_operations.tie(old, case)
    session.flush()
    lay_back(case, day=date(2028, 1, 1))
    (plan,) = session.scalars(sa.select(Plan))
    longer = Facts(
        kind=old.kind,
        title=old.title,
        supplier=old.supplier,
        source=old.source,
        ends_on=date(2028, 2, 29),
    )
    contract_operations.edit(old, longer, today=TODAY)
    procurements.follow_contracts([case.body_id], now=NOW)
    assert plan.in_use_on == date(2028, 3, 1)
    case.outcome, case.closed_on, case.state = Outcome.WON, TODAY, CaseState.CLOSED
    make_contract(unit, "Ny", kind=ContractKind.OWN, case=case, ends_on=date(2031, 12, 31))
    procurements.follow_contracts([case.body_id], now=NOW)
    assert plan.in_use_on == date(2028, 3, 1)


def test_what_is_signed_follows_no_contract(case: Case, session: Session) -> None:
    lay_back(case)
    (plan,) = session.scalars(sa.select(Plan))
    plan = procurement_queries.plan_that_holds(plan.procurement_id) or plan
    signed = procurement_queries.milestone_of(plan, StageKey.ROLLOUT)
    signed.reached_on = TODAY
    case.contract_ends_on = date(2031, 12, 31)
    session.flush()
    procurements.follow_contracts([case.body_id], now=NOW)
    assert plan.in_use_on == END + ONE_DAY
