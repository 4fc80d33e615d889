"""The planner beside the database's own limit, and the clock's tick with nothing due.

The limit is the least that storing can cost: the very rows that planning wrote, taken in by Core
batches, on the same database in the same run. Every account has a case, and no procurement is
published, since one silences its whole body. A changed rule is planned as the clock does it: every
body marked, and then taken in shares. The last column tells whether the cost grows with the accounts
and no faster.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crm import scheduler
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.pending import PlanRequest, PlanRound
from crm.reminders import jobs, planning, ruleset
from crm.reminders.jobs import PLAN_AT_A_TIME
from crm.reminders.models import BodyPlan, Reminder, ReminderMove, ReminderState, RuleChange
from crm.rules.reminder_rules import Offset
from crm.rules.stages import ProcurementStage
from tests.bench import data
from tests.bench.data import BATCH, Size
from tests.bench.databases import Kept, program

ACCOUNTS = (2_000, 20_000, 60_000)
ROUNDS = 2
TICKS = 50
STANDING = 1_000_000  # planned reminders in the tick's database


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock on the wall, and of this process's own work."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one size of data gave: the best of each over the rounds."""

    accounts: int
    rows: int
    limit: Took
    planned: Took
    again: Took
    tomorrow: Took
    rule: Took
    rewritten: int  # reminders that the changed rule touched

    def line(self) -> str:
        share, again = self.limit.wall / self.planned.wall, self.again.wall / self.planned.wall
        cpu, cpu_again = self.limit.cpu / self.planned.cpu, self.again.cpu / self.planned.cpu
        return (
            f"| {self.accounts:,} | {self.rows:,} | {self.rows / self.limit.wall:,.0f} |"
            f" {self.rows / self.planned.wall:,.0f} | {share:.0%} ({cpu:.0%}) |"
            f" {self.again.wall:.2f} s | {again:.0%} ({cpu_again:.0%}) |"
            f" {self.tomorrow.wall:.2f} s | {self.rule.wall:.1f} s |"
            f" {self.rewritten / self.rule.wall:,.0f} |"
            f" {self.planned.wall / self.accounts * 1_000:.2f} s,"
            f" {self.rule.wall / self.accounts * 1_000:.2f} s |"
        )


def measure(databases: Kept, *, quick: bool = False, rebuild: bool = False) -> None:
    """Print the planner's table and the tick's."""
    sizes = ACCOUNTS[: 1 if quick else None]
    urls = [databases.filled(_size(one), name="plan", rebuild=rebuild) for one in sizes]
    print(f"\n### {databases.engine}: the planner\n")
    print(
        "| Accounts | Rows | Core batches, rows/s | Planned from nothing, rows/s | Share (CPU)"
        " | Again, nothing changed | Share of planning (CPU) | The day after"
        " | A rule changed | Rewritten, rows/s | From nothing and by the rule, for 1,000 accounts |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for accounts, url in zip(sizes, urls, strict=True):
        with program(url):
            print(_planned(accounts).line())
    standing = STANDING // 10 if quick else STANDING
    with program(databases.empty("tick")) as app:
        ticks = _ticks(app, standing)
    databases.drop("tick")
    wall, cpu = (statistics.median(getattr(one, name) for one in ticks) for name in ("wall", "cpu"))
    print(
        f"\nA tick with nothing due, {standing:,} planned reminders: {wall * 1_000:.1f} ms at p50,"
        f" of which {cpu * 1_000:.1f} ms are this process's own work."
    )


def _size(accounts: int) -> Size:
    return Size(
        accounts, people=accounts, cases=accounts, activities=0, inquiries=0, reminders=0, busy=0
    )


def _planned(accounts: int) -> Figures:
    today = clock.today()
    with db.engine.begin() as connection:
        connection.execute(
            sa.update(Case)
            .where(Case.procurement == ProcurementStage.PUBLISHED)
            .values(procurement=ProcurementStage.PREPARING)
        )
    bodies = list(db.session.scalars(sa.select(Case.body_id).distinct().order_by(Case.body_id)))
    db.session.rollback()
    found: list[Figures] = []
    for _round in range(ROUNDS):
        _forget()
        planned = timed(lambda: _plan(bodies, today))
        again = timed(lambda: _plan(bodies, today))
        tomorrow = timed(lambda: _plan(bodies, today + timedelta(days=1)))
        rows = _rows()
        touched: list[int] = []
        rule = timed(lambda touched=touched: touched.append(_change_a_rule()))  # type: ignore[misc]  # bound now
        _forget()
        limit = timed(lambda rows=rows: _insert(rows))  # type: ignore[misc]  # bound now
        found.append(
            Figures(accounts, len(rows), limit, planned, again, tomorrow, rule, touched[0])
        )
    _forget()
    return replace(
        found[0],
        **{
            name: min((getattr(one, name) for one in found), key=lambda took: took.wall)
            for name in ("limit", "planned", "again", "tomorrow", "rule")
        },
    )


def timed(work: Callable[[], object]) -> Took:
    """How long some work takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def _plan(bodies: list[int], today: date) -> None:
    """As the clock does it every morning."""
    for start in range(0, len(bodies), PLAN_AT_A_TIME):
        with transaction(cause="bench"):
            planning.replan(bodies[start : start + PLAN_AT_A_TIME], today=today, now=clock.now())


def _change_a_rule() -> int:
    """The basis before the hand-in is asked for two weeks earlier, at every account. Returns how
    many reminders that touched."""
    rule = ruleset.get("R2").rule
    with transaction(cause="bench"):
        ruleset.change(rule.key, active=True, offset=Offset(days=-56), by=None, now=clock.now())
    return jobs.plan_marked(clock.now())


def _rows() -> list[dict[str, Any]]:
    columns = [column for column in Reminder.__table__.c if column.name != "id"]
    rows = [dict(row) for row in db.session.execute(sa.select(*columns)).mappings()]
    db.session.rollback()
    return rows


def _insert(rows: list[dict[str, Any]]) -> None:
    source = iter(rows)
    with db.engine.begin() as connection:
        while batch := list(islice(source, BATCH)):
            connection.execute(sa.insert(Reminder.__table__), batch)


def _forget() -> None:
    db.session.remove()
    with db.engine.begin() as connection:
        for table in (
            ReminderMove.__table__,
            Reminder.__table__,
            BodyPlan.__table__,
            RuleChange.__table__,
            PlanRound.__table__,
            PlanRequest.__table__,
        ):
            connection.execute(sa.delete(table))


def _ticks(app: Flask, standing: int) -> list[Took]:
    """Turns of the clock in which nothing is due."""
    data.build(_size(ACCOUNTS[0]), tell=lambda _line: None)
    today = clock.today()
    bodies = list(db.session.scalars(sa.select(Case.body_id).distinct()))
    _plan(bodies, today)
    with transaction(cause="bench"):
        db.session.execute(
            sa.update(Reminder)
            .where(Reminder.show_on <= today)
            .values(state=ReminderState.DUE)
            .execution_options(synchronize_session=False)
        )
    data.grow_reminders(standing, state="planned", shift_days=400, slim=True)
    data.analyse()
    mine = scheduler.Clock(app)
    mine.done_on = {job.name: today for job in scheduler.JOBS if job.daily}
    for _warm in range(3):
        mine.turn()
    times = [timed(mine.turn) for _ in range(TICKS)]
    mine.step_down()
    return times
