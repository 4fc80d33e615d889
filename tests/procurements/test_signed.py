"""A procurement that nobody notes as signed: the task that asks, and its answers (R11)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.core import clock
from crm.core.db import db
from crm.procurements import operations, queries
from crm.procurements.models import Procurement
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from crm.rules.law.terms import Channel
from crm.rules.routes import StageKey, signed_stage
from crm.rules.signing import ASK_AFTER, ASK_AGAIN
from crm.rules.stages import ProcurementStage
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.tenders.test_pages import sent, text

AsUser = Callable[..., Any]


@pytest.fixture
def procurement(app: Any, session: Session) -> Procurement:
    """Awarded in the spring, and then nothing."""
    unit = make_unit(make_municipality("Hultsfred"))
    case = make_case(unit)
    found = make_procurement(unit, case=case, today=clock.today(), now=clock.now())
    plan = queries.plan_that_holds(found.id)
    assert plan is not None
    begun = clock.today() - timedelta(days=200)
    for row in plan.milestones:
        if row.position <= queries.milestone_of(plan, StageKey.STANDSTILL).position:
            row.reached_on = begun
    operations.follow(plan, by=None, now=clock.now())
    session.commit()
    return found


def asked(session: Session, procurement: Procurement) -> list[Reminder]:
    planning.replan([procurement.body_id], today=clock.today(), now=clock.now())
    session.commit()
    return list(
        session.scalars(
            sa.select(Reminder).where(
                Reminder.rule_key == "R11-signed", Reminder.state == ReminderState.PLANNED
            )
        )
    )


def test_it_is_asked_once_and_what_is_answered_ends_the_silence(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    (one,) = asked(session, procurement)
    assert one.case_id is not None and one.params["procurement_id"] == procurement.id
    (again,) = asked(session, procurement)
    assert again.id == one.id
    assert f"/procurements/{procurement.id}/signed" in text(client, f"/reminders/{one.id}")
    page = text(client, f"/procurements/{procurement.id}/signed")
    assert (
        client.post(
            f"/procurements/{procurement.id}/signed", data=sent(page, answer="signed", on="idag")
        ).status_code
        == 303
    )
    session.expire_all()
    assert queries.out_at([procurement.body_id]).body_ids == frozenset()
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    assert queries.milestone_of(plan, signed_stage(plan.route)).reached_on == clock.today()
    (case,) = queries.cases_of(procurement.id)
    assert case.procurement is ProcurementStage.SIGNED
    assert asked(session, procurement) == []


@pytest.mark.one_database
def test_not_yet_and_a_review_ask_again_later_and_called_off_ends_it(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    client, today = as_user(Role.ACCOUNT_MANAGER), clock.today()
    address = f"/procurements/{procurement.id}/signed"
    asked(session, procurement)

    def answer(what: str, on: str = "") -> int:
        session.expire_all()
        form = sent(text(client, address), answer=what, on=on)
        return int(client.post(address, data=form).status_code)

    assert answer("perhaps") == answer("") == 422
    assert answer("not_yet") == 303
    (one,) = asked(session, procurement)
    assert one.wanted_on == today + ASK_AGAIN
    assert answer("review") == 303
    session.expire_all()
    assert procurement.under_review_since == today
    (one,) = asked(session, procurement)
    assert one.wanted_on == today + timedelta(days=130) + ASK_AFTER
    assert queries.out_at([procurement.body_id]).body_ids == {procurement.body_id}
    assert answer("cancelled", "31/31") == 422
    assert answer("cancelled") == 303
    assert asked(session, procurement) == []
    session.expire_all()
    assert procurement.cancelled_on == today
    assert queries.out_at([procurement.body_id]).body_ids == frozenset()


def test_before_an_award_the_end_of_the_tenders_validity_says_when(
    app: Any, session: Session
) -> None:
    unit = make_unit(make_municipality("Hultsfred"))
    found = make_procurement(unit, today=clock.today(), now=clock.now())
    plan = queries.plan_that_holds(found.id)
    assert plan is not None
    assert not queries.out_at([found.body_id]).to_ask
    queries.milestone_of(plan, StageKey.MARKET).reached_on = clock.today()
    session.flush()
    (by_plan,) = queries.out_at([found.body_id]).to_ask[found.body_id]
    assert by_plan.ask.since == queries.milestone_of(plan, signed_stage(plan.route)).planned_on
    found.tenders_valid_until = date(2027, 12, 24)
    session.flush()
    (by_validity,) = queries.out_at([found.body_id]).to_ask[found.body_id]
    assert by_validity.ask.on == date(2027, 12, 24) + ASK_AFTER


@pytest.mark.one_database
def test_a_signing_inside_the_standstill_is_said_and_saved_only_knowingly(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    today = clock.today()
    award = queries.milestone_of(plan, StageKey.STANDSTILL)
    on = today - timedelta(days=4)
    for row in plan.milestones:  # as it stands five days after an award
        if row.position <= award.position:
            row.reached_on, row.certainty = on, Certainty.CONFIRMED
        else:
            row.reached_on = None
    session.commit()
    client = as_user(Role.ACCOUNT_MANAGER)
    address = f"/procurements/{procurement.id}/signed"
    data = sent(text(client, address), answer="signed", on=str(today))
    refused = client.post(address, data=data)
    assert refused.status_code == 422
    assert "Undertecknat under avtalsspärren" in refused.text and "20 kap. 13 §" in refused.text
    session.expire_all()
    assert queries.milestone_of(plan, signed_stage(plan.route)).reached_on is None
    assert client.post(address, data=data | {"knowing": "y"}).status_code == 303
    assert "Undertecknat under avtalsspärren" in text(client, f"/procurements/{procurement.id}")


@pytest.mark.parametrize(
    ("values", "lawful"),
    [
        ({}, date(2026, 6, 12)),
        ({"award_channel": Channel.OTHER}, date(2026, 6, 17)),
        ({"standstill_until": date(2026, 6, 30)}, date(2026, 7, 1)),
        # ten days after Tuesday 15 December are Christmas: the spärr ends on Monday the 28th
        (
            {"ruled_on": date(2026, 12, 15), "ruling_sent_on": date(2026, 12, 15)},
            date(2026, 12, 29),
        ),
    ],
)
def test_the_first_lawful_signing_is_that_of_the_procurement_s_own_terms(
    app: Any, values: dict[str, Any], lawful: date
) -> None:
    """LOU 20 kap. 1 and 10 §§: ten days, fifteen by post, as stated if longer, and holidays."""
    found = make_procurement(
        make_municipality("Hultsfred"), under_review_since=date(2026, 6, 10), **values
    )
    plan = queries.plan_that_holds(found.id)
    assert plan is not None
    queries.milestone_of(plan, StageKey.STANDSTILL).reached_on = date(2026, 6, 1)
    if not found.ruled_on:
        found.under_review_since = None
    db.session.flush()
    (ask,) = queries.out_at([found.body_id]).to_ask[found.body_id]
    assert ask.ask.since == lawful
