"""What was entered by mistake is taken away, put back as it was, and kept where others need it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.audit import jobs, removals
from crm.audit.models import AuditEntry, Removal
from crm.contracts import operations as contract_operations
from crm.contracts import queries as contracts
from crm.contracts.models import Contract, FrameworkCaller
from crm.core import clock
from crm.core.errors import NotFound
from crm.organisations.models import Organisation
from crm.procurements import operations, queries
from crm.procurements.models import Plan, Procurement
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import StageKey
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.tenders import make_tender
from tests.support.sessions import user_with
from tests.tenders.test_pages import sent, text

AsUser = Callable[..., Any]
ENDS = date(2028, 6, 30)


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


def test_a_contract_comes_back_with_its_options_callers_and_case(
    unit: Organisation, session: Session
) -> None:
    case, user = make_case(unit), user_with(Role.ACCOUNT_MANAGER)
    contract = make_contract(
        unit, "Ramavtalet", kind=ContractKind.FRAMEWORK, ends_on=ENDS, options=(12, 24)
    )
    contract_operations.tie(contract, case)
    session.commit()
    number = int(contract.id)
    removal = contract_operations.remove(contracts.get(number), by=user, now=clock.now())
    session.commit()
    assert session.get(Contract, number) is None
    assert (case.contract_ends_on, case.contract_kept) == (ENDS, False)
    deleted = sa.select(AuditEntry).where(
        AuditEntry.entity == "contract", AuditEntry.action == "delete"
    )
    assert session.scalars(deleted).one().changes["title"] == ["Ramavtalet", None]
    back = contract_operations.put_back(removal, by=user, now=clock.now())
    session.commit()
    again = contracts.get(back.id)
    assert (again.title, again.ends_on, again.kind) == ("Ramavtalet", ENDS, ContractKind.FRAMEWORK)
    assert again.certainty is Certainty.CONFIRMED and again.renewal_case_id == case.id
    assert [option.months for option in again.options] == [12, 24]
    assert contracts.caller_ids(again.id) == {unit.id}
    session.expire_all()
    assert case.contract_kept and session.scalars(sa.select(Removal)).all() == []


def test_a_number_that_somebody_has_got_meanwhile_is_left_to_them(
    unit: Organisation, session: Session
) -> None:
    user = user_with(Role.ACCOUNT_MANAGER)
    gone = make_contract(unit, "Av misstag", kind=ContractKind.FRAMEWORK, options=(12,))
    number = int(gone.id)
    session.commit()
    removal = contract_operations.remove(contracts.get(number), by=user, now=clock.now())
    other = make_contract(unit, "Ett annat")
    if other.id != number:  # PostgreSQL does not give a number twice
        moved = sa.text("UPDATE contract SET id = :number WHERE id = :other")
        session.execute(moved, {"number": number, "other": other.id})
    session.commit()
    session.expire_all()
    back = contract_operations.put_back(removal, by=user, now=clock.now())
    session.commit()
    assert back.id != number and contracts.get(number).title == "Ett annat"
    assert [row.months for row in contracts.get(back.id).options] == [12]
    callers = session.scalars(sa.select(FrameworkCaller.contract_id))
    assert callers.all() == [back.id]


def test_a_procurement_comes_back_with_its_plans_moves_and_cases(
    unit: Organisation, session: Session
) -> None:
    case, user = make_case(unit), user_with(Role.ACCOUNT_MANAGER)
    today, now = clock.today(), clock.now()
    procurement = make_procurement(unit, case=case, today=today, now=now, tenders_due_at=now)
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    market = queries.milestone_of(plan, StageKey.MARKET)
    operations.move(
        plan,
        market,
        market.planned_on + timedelta(days=7),
        reason="De väntar",
        along=True,
        certainty=Certainty.CONFIRMED,
        open_days=NO_QUIET,
        by=user,
        now=now,
    )
    session.commit()
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    before = [(row.stage, row.planned_on, len(row.moves)) for row in plan.milestones]
    removal = operations.remove(queries.get(procurement.id), by=user, now=now)
    session.commit()
    assert session.scalars(sa.select(Plan)).all() == []
    assert queries.of_case(case.id) is None
    back = operations.put_back(removal, by=user, now=now)
    session.commit()
    session.expire_all()
    holds = queries.plan_that_holds(back.id)
    assert holds is not None
    assert [(row.stage, row.planned_on, len(row.moves)) for row in holds.milestones] == before
    assert queries.of_case(case.id) is not None
    assert back.tenders_due_at == now


@pytest.mark.one_database
def test_what_hangs_on_it_is_named_and_keeps_it(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    procurement = make_procurement(unit, today=clock.today(), now=clock.now())
    free = make_procurement(unit, "Dubbletten", today=clock.today(), now=clock.now())
    make_tender(procurement, now=clock.now())
    session.commit()
    address = f"/procurements/{procurement.id}/remove"
    page = text(client, address)
    assert "vårt anbud (1)" in page
    assert client.post(address, data=sent(page)).status_code == 422
    address = f"/procurements/{free.id}/remove"
    page = text(client, address)
    assert client.post(address, data=sent(page)).status_code == 303
    assert client.post(address, data=sent(page)).status_code == 404
    session.expire_all()
    titles = session.scalars(sa.select(Procurement.title)).all()
    assert titles == [procurement.title]
    number = session.scalars(sa.select(Removal.id)).one()
    assert f"/procurements/removed/{number}/put-back" in text(client, "/procurements")
    assert client.post(f"/contracts/removed/{number}/put-back").status_code == 404
    assert client.post(f"/procurements/removed/{number}/put-back").status_code == 303
    assert client.post(f"/procurements/removed/{number}/put-back").status_code == 404


@pytest.mark.one_database
def test_a_contract_is_taken_away_on_a_page_that_says_what_goes_along(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    contract = make_contract(unit, "Av misstag", ends_on=ENDS, options=(12,))
    session.commit()
    page = text(client, f"/contracts/{contract.id}/remove")
    assert "Dess option följer med" in page
    assert as_user(Role.VIEWER).get(f"/contracts/{contract.id}/remove").status_code == 403
    assert client.post(f"/contracts/{contract.id}/remove", data=sent(page)).status_code == 303
    session.expire_all()
    number = session.scalars(sa.select(Removal.id)).one()
    assert client.post(f"/contracts/removed/{number}/put-back").status_code == 303
    assert session.scalars(sa.select(Contract.title)).all() == ["Av misstag"]


def test_after_thirty_days_only_the_history_remembers(unit: Organisation, session: Session) -> None:
    user, now = user_with(Role.ACCOUNT_MANAGER), clock.now()
    contract = make_contract(unit)
    session.commit()
    removal = contract_operations.remove(contracts.get(contract.id), by=user, now=now)
    session.commit()
    number = int(removal.id)
    assert jobs.forget(now + timedelta(days=29)) == 0
    assert jobs.forget(now + timedelta(days=31)) == 1
    with pytest.raises(NotFound):
        removals.get(number, "contract")
