"""A body that is passed over is one whose plan would have changed nothing, whatever has happened."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.reminders import operations, planning, ruleset
from crm.reminders.models import WAITING_STATES, BodyPlan, DoneOutcome, Reminder
from crm.rules import edition
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.reminder_rules import Offset
from crm.rules.stages import (
    AdoptionStage,
    CaseState,
    Outcome,
    ProcurementStage,
    WaitReason,
    WakeEvent,
)
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_pause, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import make_reminder

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def plan(body: Organisation, today: date) -> planning.Replanned:
    db.session.flush()
    return planning.replan([body.id], today=today, now=noon(today))


class Life:
    """What may happen to one body and its cases, drawn by chance. The seed tells the story."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.today = TODAY
        self.body = make_body()
        self.department = make_unit(self.body, "Förvaltningen")
        self.users = [make_user(), make_user()]
        self.open_case()

    def open_case(self) -> None:
        unit = make_unit(self.chance.choice([self.body, self.department]))
        opened = self.today - self.chance.randrange(700) * DAY
        make_case(unit, owner=self.chance.choice(self.users), opened_on=opened)

    def case(self) -> Case:
        rows = db.session.scalars(sa.select(Case).order_by(Case.id)).all()
        return self.chance.choice(rows)

    def reminder(self) -> Reminder | None:
        rows = db.session.scalars(
            sa.select(Reminder).where(Reminder.state.in_(WAITING_STATES)).order_by(Reminder.id)
        ).all()
        return self.chance.choice(rows) if rows else None

    def some_day(self) -> date:
        return self.today + self.chance.randrange(1, 500) * DAY

    def days_pass(self) -> None:
        self.today += self.chance.choice((1, 1, 2, 5, 20, 60)) * DAY

    def practice(self) -> None:
        make_practice(
            self.chance.choice([self.body, self.department]),
            self.chance.choice(
                [one for one in DecisionPractice if one.value.endswith(("er", "ne"))]
            ),
        )

    def pause(self) -> None:
        start = self.today + self.chance.randrange(-30, 90) * DAY
        make_pause(self.body, start, self.chance.choice((None, start + 40 * DAY)))

    def move_on(self) -> None:
        case = self.case()
        if case.state is not CaseState.CLOSED:
            stage = self.chance.choice(list(AdoptionStage))
            cases.move_adoption(case, stage, by=None, now=noon(self.today))
            if self.chance.random() < 0.3:
                bought = self.chance.choice(list(ProcurementStage))
                cases.move_procurement(case, bought, by=None, now=noon(self.today))

    def wait(self) -> None:
        case = self.case()
        if case.state is CaseState.WAITING:
            cases.wake(case, by=None, today=self.today, now=noon(self.today))
        elif case.state is CaseState.OPEN:
            event = self.chance.choice([None, *WakeEvent])
            cases.put_to_wait(
                case,
                WaitReason.NO_BUDGET,
                until=None if event else self.some_day(),
                event=event,
                event_on=self.some_day() if event else None,
                by=None,
                today=self.today,
                now=noon(self.today),
            )

    def close(self) -> None:
        case = self.case()
        if case.state is CaseState.CLOSED:
            cases.reopen(case, by=None, now=noon(self.today))
        else:
            cases.close(
                case,
                Outcome.WON,
                reason="quality",
                contract_ends_on=self.chance.choice((None, self.some_day() + 400 * DAY)),
                contract_source="avtalet",
                by=None,
                today=self.today,
                now=noon(self.today),
            )

    def promise(self) -> None:
        case = self.case()
        if case.state is not CaseState.CLOSED:
            cases.set_next_step(case, "Ring", self.some_day(), by=None)

    def owner(self) -> None:
        organisations.set_owner(
            self.body, self.chance.choice([None, *self.users]), by=None, now=noon(self.today)
        )
        self.case().owner_id = self.chance.choice([None, *(user.id for user in self.users)])

    def somebody_leaves(self) -> None:
        user = self.chance.choice(self.users)
        user.active = not user.active

    def by_hand(self) -> None:
        make_reminder(self.body, on=self.some_day())

    def handle(self) -> None:
        row = self.reminder()
        if row is None:
            return
        when: dict[str, Any] = {"today": self.today, "now": noon(self.today)}
        match self.chance.randrange(4):
            case 0:
                outcome = self.chance.choice(list(DoneOutcome))
                operations.complete(row, outcome, by=None, **when)
            case 1:
                operations.dismiss(row, by=None, now=noon(self.today))
            case 2:
                operations.snooze(row, until=self.some_day(), by=None, **when)
            case _:
                event = self.chance.choice(list(WakeEvent))
                operations.snooze(row, until=self.some_day(), event=event, by=None, **when)
        if self.chance.random() < 0.3:
            operations.bring_back(row, by=None, **when)

    def another_rule(self) -> None:
        offset = Offset(days=-self.chance.choice((14, 28, 56)))
        on = self.chance.random() < 0.8
        ruleset.change("R2", active=on, offset=offset, by=None, now=noon(self.today))

    def nothing(self) -> None:
        pass

    def something(self) -> Callable[[], None]:
        common = [self.days_pass, self.days_pass, self.handle, self.handle, self.nothing]
        seldom = [
            self.open_case,
            self.practice,
            self.pause,
            self.move_on,
            self.wait,
            self.close,
            self.promise,
            self.owner,
            self.somebody_leaves,
            self.by_hand,
            self.another_rule,
        ]
        return self.chance.choice(common + seldom)


@pytest.mark.one_database
@pytest.mark.parametrize("seed", range(4))
def test_planned_without_the_memory_nothing_would_be_different(seed: int, session: Session) -> None:
    life = Life(seed)
    passed_over, told = 0, []
    for _ in range(30):
        happens = life.something()
        told.append(happens.__name__)
        with suppress(RuleBroken):  # chance may ask for what the rules refuse
            happens()
        passed_over += plan(life.body, life.today).unchanged
        session.execute(sa.delete(BodyPlan))
        afresh = plan(life.body, life.today)
        assert afresh.unchanged == 0
        assert afresh.changed == 0, (told, life.today)
    assert passed_over


@pytest.fixture
def body(app: Any) -> Organisation:
    body = make_body("Hultsfreds kommun")
    make_practice(body)
    make_case(make_unit(body))
    plan(body, TODAY)
    return body


def test_a_body_is_passed_over_until_its_plan_changes_by_itself(body: Organisation) -> None:
    stored = db.session.scalars(sa.select(BodyPlan)).one()
    until = stored.stands_until
    assert plan(body, until - DAY).unchanged == 1
    assert plan(body, until).unchanged == 0
    assert plan(body, TODAY).unchanged == 0, "planned for a later day than this"


def test_another_edition_of_the_rules_plans_anew(
    body: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan(body, TODAY).unchanged == 1
    monkeypatch.setattr(planning, "edition", lambda: "the next one")
    assert plan(body, TODAY).unchanged == 0


def test_the_edition_is_made_of_the_rules_and_their_data() -> None:
    assert len(edition.edition()) == 64
    assert edition.edition() == edition.edition.__wrapped__()


def test_a_reminder_that_was_meddled_with_is_looked_at(body: Organisation) -> None:
    """Whatever is done to a reminder, by whichever road, shows in what waits."""
    row = db.session.scalars(sa.select(Reminder).order_by(Reminder.id)).first()
    assert row is not None
    row.due_on += DAY
    assert plan(body, TODAY).changed == 1
    db.session.delete(row)
    assert plan(body, TODAY).added == 1


def test_what_has_been_is_not_read(body: Organisation) -> None:
    """Of a thousand reminders that are done, planning anew reads none."""
    seen: list[Any] = []
    for number in range(1_000):
        make_reminder(
            body,
            on=TODAY - number * DAY,
            rule_key="R3",
            key=f"R3/body-{body.id}/{number}",
            state="done",
        )
    db.session.flush()
    db.session.expunge_all()

    def note(target: Any, _context: Any) -> None:
        seen.append(target)

    db.session.execute(sa.delete(BodyPlan))
    sa.event.listen(Reminder, "load", note)
    planning.replan([body.id], today=TODAY, now=noon(TODAY))
    sa.event.remove(Reminder, "load", note)
    waiting = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Reminder)
        .where(Reminder.state.in_(WAITING_STATES), Reminder.body_id == body.id)
    )
    assert len(seen) == waiting
