"""Contacts stop while a procurement is out, whoever set them; nothing is offered meanwhile."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.anchoring.operations import AskedFor
from crm.cases import operations as cases
from crm.core.errors import RuleBroken
from crm.integrity import operations, queries
from crm.integrity.models import Hospitality, SharedMaterial
from crm.organisations.models import Organisation
from crm.people.models import Person, Post
from crm.procurements import operations as procurements
from crm.procurements import queries as plans
from crm.procurements.models import Procurement
from crm.reminders import operations as reminders
from crm.reminders.models import Reminder, ReminderState
from crm.reminders.planning import replan
from crm.rules.functions import Function
from crm.rules.integrity import Caution
from crm.rules.routes import Route, StageKey
from crm.rules.stages import CaseState, Outcome, ProcurementStage
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def user(app: Any) -> User:
    return make_user()


@pytest.fixture
def person(unit: Organisation) -> Person:
    return make_person(organisation=unit)


@pytest.fixture
def procurement(unit: Organisation) -> Procurement:
    """Without a case of ours."""
    return make_procurement(unit, notice_url="https://example.se/annons")


def reach(procurement: Procurement, stage: StageKey) -> None:
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    procurements.reach(plan, plans.milestone_of(plan, stage), TODAY, by=None, today=TODAY, now=NOW)


def remind(unit: Organisation, person: Person, user: User) -> Reminder:
    return reminders.add_own(
        unit,
        text="Tacka för visningen",
        on=TODAY + timedelta(days=10),
        person_id=person.id,
        by=user,
        today=TODAY,
        now=NOW,
    )


def test_a_contact_set_by_hand_stops_and_no_other_is_set(
    unit: Organisation, person: Person, user: User, procurement: Procurement, session: Session
) -> None:
    by_hand = remind(unit, person, user)
    replan([unit.body_id], today=TODAY, now=NOW)
    assert by_hand.state is ReminderState.PLANNED
    reach(procurement, StageKey.MARKET)
    replan([unit.body_id], today=TODAY, now=NOW)
    assert by_hand.state is ReminderState.WITHDRAWN
    (told,) = session.scalars(sa.select(Activity).where(Activity.person_id == person.id)).all()
    assert told.data == {"event": "contact_stopped", "what": "Tacka för visningen"}
    with pytest.raises(RuleBroken, match="Läs- och skrivstöd"):
        remind(unit, person, user)
    replan([unit.body_id], today=TODAY, now=NOW)
    reach(procurement, StageKey.ROLLOUT)
    assert remind(unit, person, user).state is ReminderState.PLANNED


def test_a_task_to_bring_a_function_in_stops_with_the_notice(
    unit: Organisation, user: User, procurement: Procurement, session: Session
) -> None:
    """It is done by talking to somebody there, whatever kind it is (C5, C11)."""
    case = make_case(unit, owner=user)
    reminders.bring_in(AskedFor(case, (Function.IT,), user, TODAY, NOW))
    replan([unit.body_id], today=TODAY, now=NOW)
    task = session.scalars(sa.select(Reminder).where(Reminder.key.contains("bringin"))).one()
    assert task.state is ReminderState.DUE
    reach(procurement, StageKey.MARKET)
    replan([unit.body_id], today=TODAY, now=NOW)
    assert task.state is ReminderState.WITHDRAWN


def test_what_is_under_way_is_told_by_milestones_and_by_cases(
    unit: Organisation, procurement: Procurement
) -> None:
    body = unit.body_id
    assert body is not None
    assert queries.treatment_at([body]) is None, "laid out, and nothing has begun"
    make_case(unit, "Tidigt ute", procurement=ProcurementStage.EARLY_DIALOGUE)
    early = queries.treatment_at([body])
    assert early is not None and early.caution is Caution.PREPARED
    assert plans.out_at([body]).body_ids == frozenset()
    reach(procurement, StageKey.MARKET)
    out = queries.treatment_at([body])
    assert out is not None and out.caution is Caution.ADVERTISED
    assert out.about.notice_url == "https://example.se/annons"
    assert plans.out_at([body]).body_ids == {body}
    procurements.cancel(procurement, TODAY, by=None, now=NOW)
    assert plans.out_at([body]).body_ids == frozenset()
    procurements.cancel(procurement, None, by=None, now=NOW)
    procurements.review(procurement, TODAY, by=None, now=NOW)
    assert {one.stage for one in plans.under_way([body], cases_too=False)} == {
        ProcurementStage.UNDER_REVIEW
    }


def test_a_direct_award_is_under_way_and_not_advertised(unit: Organisation) -> None:
    direct = make_procurement(unit, route=Route.DIRECT_AWARD)
    plan = plans.plan_that_holds(direct.id)
    assert plan is not None
    reach(direct, plan.milestones[0].stage)
    (one,) = plans.under_way([direct.body_id])
    assert one.stage is ProcurementStage.DIRECT_AWARD
    assert queries.treatment_at([direct.body_id]) is None


def offer(person: Person, user: User, on: date = TODAY) -> Hospitality:
    return operations.offer(
        person,
        what="Kaffe vid mötet",
        value_ore=3_500,
        offered_on=on,
        policy_note="Kommunens riktlinjer, 4 §",
        by=user,
        today=TODAY,
        now=NOW,
    )


def test_nothing_is_offered_while_a_procurement_is_under_way(
    person: Person, user: User, procurement: Procurement, session: Session
) -> None:
    assert offer(person, user).value_ore == 3_500
    reach(procurement, procurement_first(procurement))
    with pytest.raises(RuleBroken, match=r"10 kap\. 5 a–e §§"):
        offer(person, user)
    reach(procurement, StageKey.ROLLOUT)
    offer(person, user)
    with pytest.raises(RuleBroken):
        offer(person, user, TODAY + timedelta(days=1))
    assert len(session.scalars(sa.select(Hospitality)).all()) == 2


def test_what_was_offered_is_judged_by_the_day_it_was_offered(
    person: Person, user: User, unit: Organisation, procurement: Procurement, session: Session
) -> None:
    """Of a procurement: by the days its milestones were reached, and until it was called off."""
    yesterday = TODAY - timedelta(days=1)
    reach(procurement, procurement_first(procurement))
    assert offer(person, user, yesterday).offered_on == yesterday
    with pytest.raises(RuleBroken):
        offer(person, user)
    procurements.cancel(procurement, TODAY, by=None, now=NOW)
    offer(person, user)
    procurements.cancel(procurement, None, by=None, now=NOW)
    procurements.review(procurement, TODAY, by=None, now=NOW)
    offer(person, user, yesterday)
    with pytest.raises(RuleBroken):
        offer(person, user)


def test_a_case_that_was_closed_since_was_under_way_then(
    person: Person, user: User, unit: Organisation, session: Session
) -> None:
    opened, lost = TODAY - timedelta(days=30), TODAY - timedelta(days=5)
    case = make_case(unit, opened_on=opened, now=NOW - timedelta(days=30))
    cases.move_procurement(case, ProcurementStage.PREPARING, by=user, now=NOW - timedelta(days=20))
    cases.move_procurement(case, ProcurementStage.SIGNED, by=user, now=NOW - timedelta(days=10))
    case.state, case.outcome, case.closed_on = CaseState.CLOSED, Outcome.LOST, lost
    session.flush()
    for days, allowed in ((40, True), (25, True), (20, False), (11, False), (10, True), (0, True)):
        day = TODAY - timedelta(days=days)
        if allowed:
            assert offer(person, user, day).offered_on == day
        else:
            with pytest.raises(RuleBroken, match=case.title):
                offer(person, user, day)


def test_only_where_somebody_worked_that_day(
    person: Person, user: User, unit: Organisation, procurement: Procurement, session: Session
) -> None:
    reach(procurement, procurement_first(procurement))
    post = session.scalars(sa.select(Post).where(Post.person_id == person.id)).one()
    post.started_on = TODAY + timedelta(days=1)
    offer(person, user)
    post.started_on = TODAY
    with pytest.raises(RuleBroken):
        offer(person, user)


def procurement_first(procurement: Procurement) -> StageKey:
    plan = plans.plan_that_holds(procurement.id)
    assert plan is not None
    return plan.milestones[0].stage


def test_there_is_no_field_for_gifts_or_commissions() -> None:
    names = set(Hospitality.__table__.c.keys()) | set(SharedMaterial.__table__.c.keys())
    assert not [name for name in names if "gift" in name or "commission" in name]


def test_what_was_shared_is_listed_in_order_and_only_of_the_body(
    unit: Organisation, user: User, procurement: Procurement
) -> None:
    for what, day in (("Bilder", TODAY), ("Svar på RFI", TODAY - timedelta(days=9))):
        operations.share(
            unit,
            what=what,
            occasion="Marknadsdialog",
            shared_on=day,
            kept_at="",
            with_others=None,
            procurement=procurement if what == "Bilder" else None,
            by=user,
            today=TODAY,
            now=NOW,
        )
    body = unit.body_id
    assert body is not None
    assert [one.what for one in queries.shared(body, None, page=1).rows] == [
        "Svar på RFI",
        "Bilder",
    ]
    assert [one.what for one in queries.shared(body, procurement.id, page=1).rows] == ["Bilder"]
    with pytest.raises(RuleBroken):
        operations.share(
            make_municipality("Vimmerby"),
            what="Bilder",
            occasion="Möte",
            shared_on=TODAY,
            kept_at="",
            with_others=True,
            procurement=procurement,
            by=user,
            today=TODAY,
            now=NOW,
        )
