"""The demonstration: the same every time, believable, and never old."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.cases.models import Case
from crm.contracts import queries as contracts
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import db
from crm.interest.models import Inquiry
from crm.interest.queries import to_sort_counted
from crm.ops import demo
from crm.ops.demo_texts import BODIES
from crm.organisations.models import DomainPattern, Organisation
from crm.people.models import Person, Post
from crm.pricing.models import PriceSheet
from crm.procurements import queries as procurements
from crm.procurements.models import Notice, Procurement
from crm.records.models import RecordsRequest
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.contracts import ContractKind
from crm.rules.kinds import OrganisationKind
from crm.rules.notices import NoticeKind
from crm.rules.routes import StageKey
from crm.rules.stages import AdoptionStage, CaseState
from crm.rules.tendering import Decision, ItemState
from crm.tenders import queries as desk
from crm.tenders.models import Tender


def told(app: Flask) -> dict[str, Any]:
    """What the story is, without ids and without the days that move with today."""
    with app.app_context():
        today = clock.today()
        return {
            "cases": [
                (
                    case.title,
                    case.state,
                    case.adoption,
                    case.procurement,
                    (today - case.opened_on).days,
                )
                for case in db.session.scalars(sa.select(Case).order_by(Case.title, Case.id))
            ],
            "people": sorted(
                f"{person.name} {person.phone}" for person in db.session.scalars(sa.select(Person))
            ),
            "lines": db.session.scalar(sa.select(sa.func.count()).select_from(Activity)),
        }


@pytest.fixture(scope="module")
def told_story(sqlite_maker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Built once: these tests only look."""
    from tests.conftest import running_app, settings_for

    url = sqlite_maker.copy()
    with running_app(settings_for(url, tmp_path_factory.mktemp("story"))) as app:
        with app.app_context():
            demo.build()
        yield app
    sqlite_maker.drop(url)


def test_it_is_the_same_every_time_on_both_engines(told_story: Flask, own_app: Flask) -> None:
    with own_app.app_context():
        demo.build()
    assert told(own_app) == told(told_story)


def test_it_is_believable(told_story: Flask) -> None:
    with told_story.app_context():
        kinds = dict(
            db.session.execute(
                sa.select(Organisation.kind, sa.func.count(sa.distinct(Organisation.id)))
                .join(Case, Case.body_id == Organisation.id)
                .group_by(Organisation.kind)
            ).all()
        )
        assert kinds[OrganisationKind.MUNICIPALITY] == 40
        assert kinds[OrganisationKind.REGION] == 3
        assert kinds[OrganisationKind.AUTHORITY] == 3
        assert len(BODIES) == 46
        cases = db.session.scalars(sa.select(Case)).all()
        assert {case.state for case in cases} == set(CaseState)
        assert {case.adoption for case in cases} == set(AdoptionStage)
        oldest = db.session.scalar(sa.select(sa.func.min(Case.opened_on)))
        assert oldest is not None
        assert clock.today() - oldest > timedelta(days=800)
        done = sa.select(sa.func.count()).where(Reminder.state == ReminderState.DONE)
        assert (db.session.scalar(done) or 0) > 50
        due = sa.select(sa.func.count()).where(Reminder.state == ReminderState.DUE)
        assert (db.session.scalar(due) or 0) >= 1
        assert db.session.scalar(to_sort_counted(None)) == 8
        assert set(db.session.scalars(sa.select(Contract.kind))) == set(ContractKind)
        ends = set(db.session.scalars(sa.select(Contract.open_ended)))
        assert ends == {True, False}


def test_its_people_are_fictional_and_marked_so(told_story: Flask) -> None:
    with told_story.app_context():
        for person in db.session.scalars(sa.select(Person)):
            assert person.fictional
            assert person.email.endswith(".example")
            # 070-174 06 05 to 99 are set aside for fiction (Post- och telestyrelsen).
            # Who came by a kit's question or a trial gave none.
            assert not person.phone or re.fullmatch(r"\+4670174 ?06(0[5-9]|[1-9]\d)", person.phone)


def test_whoever_moves_leaves_the_old_address_behind(told_story: Flask) -> None:
    """The bodies know the domains of their people, as if somebody had typed the people in."""
    with told_story.app_context():
        of_body = sa.select(Post.person_id, Organisation.body_id).join(
            Organisation, Organisation.id == Post.organisation_id
        )
        known = set(
            db.session.execute(sa.select(DomainPattern.organisation_id, DomainPattern.domain))
        )
        for person_id, body_id in db.session.execute(of_body):
            email = db.session.get_one(Person, person_id).email
            assert (body_id, email.partition("@")[2]) in known


def test_the_founder_has_something_to_do(told_story: Flask) -> None:
    with told_story.app_context():
        founder = db.session.scalars(sa.select(User).where(User.role == Role.FOUNDER)).one()
        own = db.session.scalars(sa.select(Case).where(Case.owner_id == founder.id)).all()
        assert {case.state for case in own} >= {CaseState.OPEN, CaseState.WAITING}
        due = sa.select(sa.func.count()).where(
            Reminder.state == ReminderState.DUE, Reminder.user_id == founder.id
        )
        assert (db.session.scalar(due) or 0) >= 1


def test_nothing_in_it_lies_in_the_future(told_story: Flask) -> None:
    with told_story.app_context():
        now = clock.now()
        assert db.session.scalar(sa.select(sa.func.max(Activity.at))) <= now
        assert db.session.scalar(sa.select(sa.func.max(Inquiry.received_at))) <= now


@pytest.mark.one_database
def test_it_never_looks_old(own_app: Flask) -> None:
    with time_machine.travel("2031-03-03T09:00:00Z", tick=True), own_app.app_context():
        demo.build()
        newest = db.session.scalar(sa.select(sa.func.max(Inquiry.received_at)))
        assert clock.local(newest).date() > date(2031, 2, 20)


def test_the_desk_has_something_under_way(told_story: Flask) -> None:
    """A tender half done, a notice day ahead, an open link, a waiting request, a result."""
    with told_story.app_context():
        today = clock.today()
        tender = db.session.scalars(sa.select(Tender)).one()
        items = desk.items_of(tender.id)
        assert {item.line.state for item in items} == set(ItemState)
        assert tender.decision is Decision.GO and tender.submitted_at is None
        buying = db.session.get_one(Procurement, tender.procurement_id)
        assert buying.questions_due_at is not None
        assert clock.now() < buying.questions_due_at < clock.now() + timedelta(days=14)
        apply_by = db.session.scalars(
            sa.select(Procurement.requests_due_at).where(Procurement.requests_due_at.is_not(None))
        ).one()
        assert apply_by is not None and apply_by > clock.now()
        own = [
            contracts.get(one)
            for one in db.session.scalars(
                sa.select(Contract.id).where(
                    Contract.kind == ContractKind.OWN, Contract.title.like("Läsverktyg, %")
                )
            )
        ]
        assert any(one.awaited_notice and one.awaited_notice > today for one in own)
        assert any(one.organisation_id != one.body_id for one in own)
        sheets = list(db.session.scalars(sa.select(PriceSheet)))
        assert sheets and all(one.is_open_on(today) for one in sheets)
        assert all(one.data["vendor"]["name"] for one in sheets)
        asked = db.session.scalars(sa.select(RecordsRequest)).one()
        assert asked.answered_on is None and asked.follow_up_on >= today
        notices = list(db.session.scalars(sa.select(Notice).order_by(Notice.id)))
        assert [one.kind for one in notices] == [NoticeKind.COMPETITION, NoticeKind.RESULT]
        bought = {one.procurement_id for one in notices}
        assert len(bought) == 1 and None not in bought
        plan, _earlier = procurements.plans_of(notices[0].procurement_id)
        assert plan is not None
        reached = {row.stage for row in plan.milestones if row.reached_on}
        assert {StageKey.MARKET, StageKey.STANDSTILL} <= reached
