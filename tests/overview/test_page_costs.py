"""What a page may cost: at most twelve statements, no more of them for more rows, and 60 kB."""

from datetime import timedelta
from typing import Any

import pytest
from flask import g

from crm.contracts import operations as contract_operations
from crm.core import clock
from crm.organisations import queries
from crm.reminders import planning
from crm.rules.access import Role
from crm.rules.contracts import ContractKind
from crm.rules.stages import CaseState, WaitReason
from tests.factories import interest as inbound
from tests.factories.activities import make_activity
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.reminders import make_reminder
from tests.factories.requirements import (
    make_answer,
    make_comparison,
    make_need,
    make_requirement,
)

STATEMENTS, BYTES = 12, 60_000
FEW, FULL_PAGE = 3, 52  # rows; a page holds fifty

LISTS = (
    "/accounts",
    "/accounts?level=units",
    "/people",
    "/cases",
    "/inquiries",
    "/inquiries?item={inquiry}",
    "/inquiries/unanswered?whose=all",
    "/inquiries/all",
    "/reminders",
    "/pipeline",
    "/contracts",
    "/contracts/calendar",
    "/contracts/call-off",
    "/budget-year",
    "/budget-year/doing?whose=all&units=1&phase=internal_budget",
    "/budget-year/doing?whose=mine&units=1&phase=unknown",
    "/budget-year/this-week?whose=all&units=1",
    "/budget-year/wheels?whose=all",
    "/search?q=skolan",
    "/accounts/{body}/timeline",
    "/requirements",
    "/requirements/needs",
    "/requirements/answers",
    "/requirements/comparisons/{comparison}",
)
OTHERS = (
    "/budget-year/planner?whose=mine&units=1&year=2027",
    "/budget-year/{body}/wheel",
    "/budget-year/advice/door",
    "/",
    "/accounts/{body}",
    "/accounts/{body}/plan",
    "/accounts/{school}",
    "/cases/{case}",
    "/procurements/{procurement}",
    "/procurements/compare/{case}",
    "/procurements/plan/{case}?in_use_on=2031-01-01",
    "/procurements/headroom/{case}",
    "/people/{person}",
    "/inquiries/{inquiry}",
    "/reminders/{reminder}",
    "/budget-year/{body}",
    "/contracts/{contract}",
    "/requirements/thresholds",
    "/requirements/{requirement}",
    "/requirements/{requirement}/voices?by=people",
    "/requirements/cases/{case}",
    "/requirements/cases/{case}/neutral",
    "/requirements/needs/{need}",
)


class World:
    """A vendor's every list, with rows as long as real ones are."""

    def __init__(self, me: Any) -> None:
        self.user, self.number = me.user, 0
        self.compared: int | None = None
        self.wanted: Any = None
        self.body = make_body("Örnsköldsviks kommun")
        make_practice(self.body)
        self.ids: dict[str, int] = {"body": self.body.id}

    def grow(self, until: int) -> None:
        """Add rows to every list until there are so many, and the reminders they bring."""
        while self.number < until:
            self.number += 1
            self._row(self.number)
        planning.replan([self.body.id], today=clock.today(), now=clock.now())

    def _row(self, number: int) -> None:
        today, now = clock.today(), clock.now()
        body = make_body(f"Exempelbergs kommun {number}", owner_id=self.user.id)
        school = make_unit(self.body, f"Björkhagaskolan {number}, låg- och mellanstadiet")
        person = make_person(
            "Anna-Karin",
            "Lindström-Holmberg",
            school,
            title="specialpedagog och bibliotekarie",
            email=f"anna-karin.lindstrom{number}@exempelkoping.example.com",
            phone="070-174 06 05",
        )
        case = make_case(
            school,
            f"Läsverktyg till Björkhagaskolan {number}",
            owner=self.user,
            value_ore=250_000_00,
            **(
                {"state": CaseState.WAITING, "wait_reason": WaitReason.NO_BUDGET}
                | {"wait_until": today + timedelta(days=90)}
                if number % 3 == 0
                else {"next_step": "Ring rektorn", "next_step_on": today + timedelta(days=number)}
            ),
        )
        wanted = make_case(body, f"Talsyntes till alla skolor {number}", owner=self.user)
        inquiry = inbound.inquiry(
            self.user,
            now - timedelta(days=9),
            typed=f"Anna Björkhagaskolan {number} örnsköldsvik",
            summary="Vill prova i två klasser efter jul, och undrar vad som krävs av dem",
        )
        make_activity(school, by=self.user, text="Ringde om piloten. " * 8)
        reminder = make_reminder(
            body, self.user, text=f"Läs budgetbeslutet för 2027 i Exempelköping {number}"
        )
        procurement = make_procurement(body, case=wanted, today=today, now=now, value_ore=1_000_000)
        contract = make_contract(
            school,
            f"Läromedelsplattform för skolorna i kommunen {number}",
            supplier="Bokstaven Utbildning i Sverige AB",
            ends_on=today + timedelta(days=400 + number),
            options=(12, 12),
            notice_months=6,
            value_ore=3_400_000_00,
        )
        framework = make_contract(
            body,
            f"Ramavtal digitala läromedel {number}",
            kind=ContractKind.FRAMEWORK,
            supplier="Bokstaven AB, Läsa AB, Skriva AB och Räkna AB",
            ends_on=today + timedelta(days=500),
            cap_ore=90_000_000_00,
            used_ore=1_000_000_00,
        )
        contract_operations.add_callers(framework, [self.body, school])
        said = make_need(
            school, self.user, f"Klasslistor hämtas själva {number}. " * 6, person=person
        )
        answer = make_answer(self.user, f"Hur hämtas klasslistor till tjänsten? {number}")
        requirement = make_requirement(
            self.user,
            f"Klasslistor hämtas automatiskt från elevregistret varje natt {number}",
            needs=(said,),
            answer=answer,
        )
        if self.compared is None:
            self.compared = make_comparison(
                case, self.user, "\n".join(f"3.{n} {said.words}" for n in range(60))
            ).id
        if self.wanted is None:
            self.wanted = requirement
        make_need(body, self.user, person=person, requirement=self.wanted)
        self.ids |= {
            "need": said.id,
            "requirement": self.wanted.id,
            "comparison": self.compared,
            "procurement": procurement.id,
            "contract": contract.id,
            "school": school.id,
            "person": person.id,
            "case": case.id,
            "inquiry": inquiry.id,
            "reminder": reminder.id,
        }


@pytest.fixture
def me(as_user: Any) -> Any:
    return as_user(Role.ACCOUNT_MANAGER)


@pytest.fixture
def world(me: Any) -> World:
    return World(me)


def test_no_page_costs_more_for_more_rows(me: Any, world: World, count_queries: Any) -> None:
    def measured() -> dict[str, tuple[int, int]]:
        found = {}
        for path in (*LISTS, *OTHERS):
            me.get(path.format(**world.ids))
            g.pop("_login_user", None)  # or the second request would take over the first one's user
            with count_queries() as counted:
                answer = me.get(path.format(**world.ids))
            assert answer.status_code == 200, path
            found[path] = (counted.number, len(answer.data))
        return found

    world.grow(FEW)
    few = measured()
    world.grow(FULL_PAGE)
    full = measured()
    statements = {path: (few[path][0], full[path][0]) for path in full}
    assert {path: pair for path, pair in statements.items() if max(pair) > STATEMENTS} == {}
    assert {path: pair for path, pair in statements.items() if pair[1] > pair[0]} == {}
    weights = {path: full[path][1] for path in LISTS}
    assert {path: weight for path, weight in weights.items() if weight > BYTES} == {}


def test_a_page_of_bodies_has_the_dates_of_what_lies_below(world: World) -> None:
    world.grow(2)
    found = {row.id: row.next_on for row in queries.accounts(queries.Filter()).rows}
    assert found[world.body.id] == clock.today() + timedelta(days=1)
