"""Two records become one, and two again, with every row as it was (A9)."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.anchoring import operations as anchoring
from crm.anchoring.models import MapLine, Relation
from crm.audit.models import AuditEntry
from crm.budgets import operations as budgets
from crm.budgets.drafts import Ground
from crm.budgets.models import BudgetPractice, CouncilMeeting, PauseKind
from crm.cases import operations as cases
from crm.cases.models import Case, CaseUnit
from crm.core import clock
from crm.core.db import Base, db
from crm.core.errors import RuleBroken
from crm.merging import forecast, jobs, operations, queries
from crm.merging.links import How, columns, keys, links
from crm.merging.models import Kind, Merge, MergeStep, Reason
from crm.merging.operations import Wish
from crm.organisations import operations as organisations
from crm.organisations import register
from crm.organisations.models import Alias, Organisation
from crm.people import operations as people
from crm.people.models import Person, Post
from crm.procurements.models import Route, StageKey, StageLength
from crm.reminders import operations as reminders
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.anchoring import Stance
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from crm.rules.functions import Function
from crm.rules.merging import Side
from crm.rules.relations import RelationKind
from crm.rules.stages import AdoptionStage, CaseRole, WaitReason
from crm.search.queries import find
from tests.factories import interest as inbound
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.budgets import make_body, make_pause, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.reminders import make_reminder

STAMPS = {"version", "changed_at", "sequence"}
LOGS = {
    "audit_entry", "merge", "merge_step", "plan_request", "body_plan", "reminder_move",
    "search_word",
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        yield


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for the stamps and for what only says what has been done."""
    db.session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in LOGS:
            continue
        dropped = STAMPS | ({"id"} if table.name == "search_doc" else set())
        rows = db.session.execute(sa.select(table)).mappings()
        plain = [{k: v for k, v in row.items() if k not in dropped} for row in rows]
        if table.name == "reminder":
            plain = [one for one in plain if one["state"] is not ReminderState.WITHDRAWN]
        found[table.name] = sorted(plain, key=repr)
    return found


class World:
    """Two municipalities with one of everything each: some of it the same at both."""

    def __init__(self) -> None:
        now, today = clock.now(), clock.today()
        self.anna, self.bo = make_user(name="Anna Alm"), make_user(name="Bo Berg")
        self.kept = make_body("Hultsfreds kommun", owner_id=self.anna.id)
        self.gone = make_body(
            "Målilla kommun",
            county_code="06",
            county_name="Jönköpings län",
            owner_id=self.bo.id,
            phone="+4649512345",
            note="Växeln är öppen till tre",
        )
        make_practice(self.kept, DecisionPractice.JUNE)
        make_practice(self.gone, DecisionPractice.NOVEMBER)
        self.meeting = budgets.add_meetings(
            self.gone,
            [today + timedelta(days=30)],
            Ground(Certainty.CONFIRMED, "", today),
            by=self.bo,
            now=now,
        )
        make_pause(self.gone, today, today + timedelta(days=5), PauseKind.QUIET)
        self.school = make_unit(self.gone, "Venhagskolan")
        self.class_room = make_unit(self.school, "Hus B")
        self.lisa = make_person("Lisa", "Lind", self.gone)
        self.lasse = make_person("Lasse", "Lund", self.class_room)
        people.add_post(self.lisa, self.kept, title="lärare", by=None, today=today, now=now)
        for place in (self.kept, self.gone):
            people.give_role(self.lisa, place, CaseRole.CHAMPION, by=None, today=today, now=now)
            organisations.learn_domain("malilla.example", place)
            organisations.add_alias(place, "Storkommunen")
        self.case = make_case(self.gone, "Läsverktyg", owner=self.bo)
        self.below = make_case(self.class_room, "Matematik", owner=self.bo)
        self.case.adoption = AdoptionStage.UNIT_PILOT
        db.session.add(
            CaseUnit(case_id=self.case.id, organisation_id=self.kept.id, joined_on=today)
        )
        cases.set_role(self.case, self.lisa, CaseRole.CHAMPION, by=self.bo, today=today, now=now)
        cases.put_to_wait(
            self.below,
            WaitReason.NO_BUDGET,
            until=today + timedelta(days=90),
            by=self.bo,
            today=today,
            now=now,
        )
        make_procurement(self.gone, case=self.case, today=today, now=now)
        for place in (self.kept, self.gone):
            length = {"short": 10, "usual": 20, "long": 30}
            key = {"route": Route.OPEN, "stage": StageKey.NEEDS}
            db.session.add(StageLength(organisation_id=place.id, **key, **length))
        make_activity(self.gone, by=self.bo, now=now)
        make_activity(self.class_room, by=self.bo, now=now)
        inbound.inquiry(self.bo, now, organisation=self.gone)
        make_reminder(self.gone, self.bo, today, text="Ring växeln")
        for place in (self.kept, self.gone):
            reminders.share_feed(self.anna, place, now=now)
        planning.replan([self.kept.id, self.gone.id], today=today, now=now)
        db.session.flush()
        db.session.expire_all()

    def merge(self, **wish: Any) -> Merge:
        return operations.merge(
            Kind.ORGANISATION,
            queries.one(Kind.ORGANISATION, self.kept.id),
            queries.one(Kind.ORGANISATION, self.gone.id),
            Wish(**wish),
            by=self.anna,
            today=clock.today(),
            now=clock.now(),
        ).merge

    def undo(self, made: Merge) -> None:
        operations.undo(made, by=self.anna, today=clock.today(), now=clock.now())


@pytest.fixture
def world(app: Any) -> World:
    return World()


# --- Nothing is forgotten ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.one_database
def test_every_column_that_points_there_is_known(kind: Kind) -> None:
    assert {link.column for link in links(kind)} == set(columns(kind))
    assert len(columns(kind)) >= 8


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.one_database
def test_what_may_fall_away_is_pointed_at_by_nothing(kind: Kind) -> None:
    dropped = {
        link.table.name
        for link in links(kind)
        if link.how is How.CALENDAR or (link.how is How.MOVES and keys(link))
    }
    pointed_at = {
        key.column.table.name for table in Base.metadata.sorted_tables for key in table.foreign_keys
    }
    assert dropped and not dropped & pointed_at


def test_afterwards_nothing_points_at_the_one_that_went(world: World) -> None:
    gone_id = world.gone.id
    world.merge()
    for link in links(Kind.ORGANISATION):
        own = {"organisation.body_id", "body_plan.body_id"}  # its place, and the planner's note
        if link.name not in own:
            at_it = sa.select(sa.func.count()).select_from(link.table).where(link.column == gone_id)
            assert db.session.scalar(at_it) == 0, link.name
    assert db.session.get_one(Organisation, gone_id).merged_into_id == world.kept.id


def test_all_that_was_there_is_at_the_other(world: World) -> None:
    kept_id = world.kept.id
    made = world.merge()
    school = db.session.get_one(Organisation, world.school.id)
    room = db.session.get_one(Organisation, world.class_room.id)
    assert (school.parent_id, school.path) == (kept_id, f"/{kept_id}/{school.id}/")
    assert (room.body_id, room.depth) == (kept_id, 2)
    assert room.county_name == "Kalmar län"
    for case in db.session.scalars(sa.select(Case)):
        assert case.body_id == kept_id
    posts = db.session.scalars(sa.select(Post).where(Post.person_id == world.lisa.id)).all()
    assert [post.organisation_id for post in posts] == [kept_id]
    assert {alias.name for alias in db.session.scalars(sa.select(Alias))} >= {"Målilla kommun"}
    assert made.moved["case"] == 1
    assert [hit.ref_id for hit in find("Målilla", kinds=("body",))] == [kept_id]
    assert find("Lisa Lind")[0].organisation_id == kept_id


def test_both_histories_say_so(world: World) -> None:
    world.merge()
    for number, fact in ((world.gone.id, "merged_into_id"), (world.kept.id, "phone")):
        world_told = db.session.scalars(
            sa.select(AuditEntry).where(
                AuditEntry.entity == "organisation",
                AuditEntry.entity_id == str(number),
                AuditEntry.cause == "merge",
            )
        ).all()
        facts = {name for line in world_told for name in line.changes}
        assert fact in facts or number == world.kept.id


# --- And back ---------------------------------------------------------------------------------

WISHES = {
    "as proposed": Wish(),
    "everything of the other": Wish(
        sides={"name": Side.GONE, "phone": Side.GONE, "owner": Side.GONE, "note": Side.BOTH},
        calendar=Side.GONE,
    ),
    "a takeover": Wish(reason=Reason.TAKEN_OVER, on=date(2026, 11, 1), calendar=Side.KEPT),
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=list(WISHES))
def test_undo_restores_every_row_of_every_table(world: World, wish: Wish) -> None:
    before = everything()
    made = world.merge(reason=wish.reason, on=wish.on, sides=wish.sides, calendar=wish.calendar)
    after = everything()
    assert after != before
    world.undo(made)
    again = everything()
    for table in before:
        assert again[table] == before[table], table


def test_what_came_since_stays_and_what_lies_below_goes_back_whole(world: World) -> None:
    made = world.merge()
    room = db.session.get_one(Organisation, world.class_room.id)
    new = make_unit(room, "Ateljén")
    note = make_activity(room, by=world.bo, now=clock.now())
    here = make_activity(
        queries.one(Kind.ORGANISATION, world.kept.id), by=world.bo, now=clock.now()
    )
    world.undo(made)
    for row in (new, note, here):
        db.session.refresh(row)
    assert (note.body_id, here.body_id) == (world.gone.id, world.kept.id)
    assert new.path == f"/{world.gone.id}/{world.school.id}/{room.id}/{new.id}/"


def test_an_undo_is_whole_or_not_at_all(world: World) -> None:
    made = world.merge()
    case = db.session.get_one(Case, world.case.id)
    case.organisation_id = world.school.id
    db.session.flush()
    before = everything()
    with pytest.raises(RuleBroken, match="ett ärende"):
        world.undo(made)
    assert everything() == before
    assert made.undone_at is None


def test_what_took_the_place_of_a_row_bars_the_undo(world: World) -> None:
    made = world.merge(calendar=Side.GONE)
    table = BudgetPractice.__table__
    moved = db.session.scalar(sa.select(BudgetPractice))
    assert moved is not None and moved.decision is DecisionPractice.NOVEMBER
    step = next(one for one in queries.steps(made) if one.table == table.name and not one.after)
    step.keys = [moved.id]
    step.before = {**step.before, "id": moved.id}
    db.session.flush()
    before = everything()
    with pytest.raises(RuleBroken, match="tagit platsen"):
        world.undo(made)
    assert everything() == before


def test_after_thirty_days_it_stays_merged(world: World) -> None:
    made = world.merge()
    with time_machine.travel("2026-12-23T09:00:00Z", tick=False):
        assert queries.may_undo(made, clock.now())
        assert jobs.forget(clock.now()) == 0
    with time_machine.travel("2026-12-23T09:00:01Z", tick=False):
        with pytest.raises(RuleBroken, match="30 dagar"):
            world.undo(made)
        db.session.commit()
        assert jobs.forget(clock.now()) == 1
        assert jobs.forget(clock.now()) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MergeStep)) == 0
    assert db.session.get_one(Organisation, world.gone.id).merged_into_id == world.kept.id


def test_a_merge_undone_twice_is_undone_once(world: World) -> None:
    made = world.merge()
    world.undo(made)
    before = everything()
    world.undo(made)
    assert everything() == before


# --- One budget year, and the reminders -------------------------------------------------------


def test_one_budget_year_is_kept_whole(world: World) -> None:
    world.merge(calendar=Side.GONE)
    practice = db.session.scalars(sa.select(BudgetPractice)).one()
    meeting = db.session.scalars(sa.select(CouncilMeeting)).one()
    assert practice.decision is DecisionPractice.NOVEMBER
    assert practice.organisation_id == meeting.organisation_id == world.kept.id


@pytest.mark.parametrize("calendar", [Side.KEPT, Side.GONE])
def test_the_reminders_are_as_the_preview_said(world: World, calendar: Side) -> None:
    kept, gone = (queries.one(Kind.ORGANISATION, one.id) for one in (world.kept, world.gone))
    said = forecast.of_organisations(
        kept, gone, calendar, language="sv", today=clock.today()
    ).changes
    before = _waiting_days()
    operations.merge(
        Kind.ORGANISATION,
        kept,
        gone,
        Wish(calendar=calendar),
        by=world.anna,
        today=clock.today(),
        now=clock.now(),
    )
    after = _waiting_days()
    assert all(after[one.key] == one.after for one in said if one.after)
    came, went = _net(after, before), _net(before, after)
    assert came - went == Counter(one.after for one in said if one.after) - Counter(
        one.before for one in said if one.before
    )
    assert went - came == Counter(one.before for one in said if one.before) - Counter(
        one.after for one in said if one.after
    )
    assert any(one.case for one in said) is (calendar is Side.KEPT)
    assert all(one.what for one in said)


def _net(some: dict[str, date], others: dict[str, date]) -> Counter[date]:
    return Counter(day for key, day in some.items() if others.get(key) != day)


def _waiting_days() -> dict[str, date]:
    waiting = Reminder.state.in_((ReminderState.PLANNED, ReminderState.DUE))
    return {row.key: row.show_on for row in db.session.scalars(sa.select(Reminder).where(waiting))}


# --- What is refused --------------------------------------------------------------------------


def _refused(kept: Organisation, gone: Organisation, by: Any, **wish: Any) -> str:
    before = everything()
    with pytest.raises(RuleBroken) as refused:
        operations.merge(
            Kind.ORGANISATION,
            queries.one(Kind.ORGANISATION, kept.id),
            queries.one(Kind.ORGANISATION, gone.id),
            Wish(**wish),
            by=by,
            today=clock.today(),
            now=clock.now(),
        )
    assert everything() == before
    return str(refused.value)


def test_what_may_not_be_merged(world: World) -> None:
    assert "under" in _refused(world.class_room, world.gone, world.anna)
    assert "redan" in _refused(world.kept, world.kept, world.anna)
    organisations.close(world.kept, on=clock.today(), by=None, today=clock.today(), now=clock.now())
    assert "finns inte" in _refused(world.kept, world.gone, world.anna)


def test_two_of_the_register_only_by_a_takeover_on_a_day(world: World) -> None:
    for body in (world.kept, world.gone):
        body.source = next(iter(register.sources().values()))[0]
    db.session.flush()
    assert "registret" in _refused(world.kept, world.gone, world.anna)
    later = clock.today() + timedelta(days=1)
    assert "inte kommit" in _refused(
        world.kept, world.gone, world.anna, reason=Reason.TAKEN_OVER, on=later
    )
    world.merge(reason=Reason.TAKEN_OVER, on=date(2026, 11, 1))
    assert db.session.get_one(Organisation, world.gone.id).closed_on == date(2026, 11, 1)
    assert "redan" in _refused(world.kept, world.gone, world.anna)


def test_a_unit_goes_up_in_its_own_body_and_comes_back(world: World) -> None:
    before = everything()
    kept, gone = (queries.one(Kind.ORGANISATION, one.id) for one in (world.gone, world.school))
    made = operations.merge(
        Kind.ORGANISATION, kept, gone, Wish(), by=world.anna, today=clock.today(), now=clock.now()
    ).merge
    room = db.session.get_one(Organisation, world.class_room.id)
    assert (room.parent_id, room.depth) == (world.gone.id, 1)
    world.undo(made)
    assert everything() == before


# --- People -----------------------------------------------------------------------------------


class Twice:
    """Lisa, written down twice: one with an objection, the other with the case."""

    def __init__(self) -> None:
        now, today = clock.now(), clock.today()
        self.by = make_user(name="Anna Alm")
        self.body = make_body("Hultsfreds kommun")
        make_practice(self.body)
        self.school = make_unit(self.body)
        self.kept = make_person("Lisa", "Lind", self.school, email="lisa@hultsfred.example")
        self.gone = make_person(
            "Elisabeth", "Lind", self.school, email="elisabeth@hultsfred.example", title="rektor"
        )
        people.add_post(self.gone, self.school, title="lärare", by=None, today=today, now=now)
        self.gone.objected_on = today - timedelta(days=3)
        self.case = make_case(self.school, owner=self.by)
        for person in (self.kept, self.gone):
            people.give_role(person, self.school, CaseRole.CHAMPION, by=None, today=today, now=now)
            cases.set_role(self.case, person, CaseRole.USER, by=self.by, today=today, now=now)
        make_activity(self.school, by=self.by, now=now, person_id=self.gone.id)
        inbound.inquiry(self.by, now, organisation=self.body, person=self.gone)
        make_reminder(self.school, self.by, today, person_id=self.gone.id)
        planning.replan([self.body.id], today=today, now=now)
        db.session.flush()

    def merge(self, **sides: Side) -> Merge:
        return operations.merge(
            Kind.PERSON,
            self.kept,
            self.gone,
            Wish(sides=sides),
            by=self.by,
            today=clock.today(),
            now=clock.now(),
        ).merge


def test_two_people_become_one_and_two_again(app: Any) -> None:
    twice = Twice()
    kept_id, gone_id = twice.kept.id, twice.gone.id
    before = everything()
    made = twice.merge(name=Side.GONE, email=Side.GONE)
    for link in links(Kind.PERSON):
        at_it = sa.select(sa.func.count()).select_from(link.table).where(link.column == gone_id)
        assert db.session.scalar(at_it) == 0, link.name
    kept, gone = (db.session.get_one(Person, one) for one in (kept_id, gone_id))
    assert (kept.first_name, kept.email) == ("Elisabeth", "elisabeth@hultsfred.example")
    assert (kept.objected_on, gone.email) == (date(2026, 11, 20), "")
    assert [hit.ref_id for hit in find("Lind", kinds=("person",))] == [kept_id]
    titles = sa.select(Post.title).where(Post.person_id == kept_id)
    assert sorted(db.session.scalars(titles)) == ["lärare", "rektor"]
    operations.undo(made, by=twice.by, today=clock.today(), now=clock.now())
    assert everything() == before


def test_lines_of_two_who_are_one_say_nothing_and_both_questions_are_kept(app: Any) -> None:
    twice = Twice()
    today = clock.today()
    anchoring.relate(
        twice.body,
        twice.kept,
        twice.gone,
        RelationKind.INFLUENCES,
        note="",
        by=twice.by,
        today=today,
    )
    for person, question in ((twice.kept, "Vad kostar det?"), (twice.gone, "Vem loggar in?")):
        anchoring.write_line(
            twice.case,
            None,
            function=Function.USERS,
            person=person,
            who="",
            stance=Stance.UNKNOWN,
            since=None,
            question=question,
            by=twice.by,
            today=today,
        )
    db.session.flush()
    before = everything()
    made = twice.merge()
    assert db.session.scalars(sa.select(Relation.ended_on)).one() == today
    assert db.session.scalars(sa.select(MapLine.question)).one() == (
        "Vad kostar det? / Vem loggar in?"
    )
    operations.undo(made, by=twice.by, today=today, now=clock.now())
    assert everything() == before


def test_of_a_person_only_the_sign_is_left_after_thirty_days(app: Any) -> None:
    twice = Twice()
    gone_id = twice.gone.id
    twice.merge()
    db.session.commit()
    with time_machine.travel("2027-01-01T09:00:00Z", tick=False):
        assert jobs.forget(clock.now()) == 1
    gone = db.session.get_one(Person, gone_id)
    assert (gone.first_name, gone.email, gone.phone, gone.note) == ("Lisa", "", "", "")
