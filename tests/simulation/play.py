"""The play: day after day on the real engine, with a clock that travels."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import time_machine
from flask import Flask

from crm import scheduler
from crm.core import clock, pending
from crm.core.db import db, transaction
from crm.reminders import planning
from tests.simulation.promises import Promises
from tests.simulation.world import WITH_DIGEST, World

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is played. `bodies` None is all of them."""

    first: date
    last: date
    bodies: int | None = None
    seed: int = 1523
    diligence: float = 0.35  # how likely somebody deals with a reminder on a day
    bustle: float = 1  # how much happens, in proportion to what is usual


SIX_YEARS = Extent(date(2026, 1, 1), date(2031, 12, 31))
ON_A_SERVER = Extent(date(2026, 8, 1), date(2027, 4, 15), bodies=30, bustle=5)


class Broken(AssertionError):
    """A promise was broken; the sentences say which, and on what day."""


class Play:
    """One installation, played from its first day to its last."""

    def __init__(self, app: Flask, extent: Extent) -> None:
        self.app, self.extent = app, extent
        self.counts: Counter[str] = Counter()
        self.running: scheduler.Clock | None = None

    def run(self) -> Counter[str]:
        """Play it all. Raises Broken on the first day on which a promise does not hold."""
        with time_machine.travel(self._at(self.extent.first, 0, 5), tick=False) as traveller:
            with self.app.app_context():
                self.world = World(
                    self.extent.seed,
                    first=self.extent.first,
                    last=self.extent.last,
                    bodies=self.extent.bodies,
                    diligence=self.extent.diligence,
                    bustle=self.extent.bustle,
                )
                self.promises = Promises(self.world.ledger)
            for day, is_up in self._days():
                self._day(day, is_up, traveller)
        return self.counted()

    def counted(self) -> Counter[str]:
        """Everything that was met on the way, by name."""
        return self.counts + self.promises.told

    def _days(self) -> Iterator[tuple[date, bool]]:
        """Every day, and whether the scheduler is up: now and then it is down, for long or short."""
        day, until_down, down = self.extent.first, 5, 0
        while day <= self.extent.last:
            if down == 0 and until_down == 0:
                down = self.world.chance.choice((1, 1, 2, 3, 5, 12, 25))
                until_down = self.world.chance.randrange(4, 25)
                self.counts["outages"] += 1
            yield day, down == 0
            down, until_down = (down - 1, until_down) if down else (0, until_down - 1)
            day += DAY

    def _day(self, day: date, is_up: bool, traveller: time_machine.Traveller) -> None:
        self.counts["days"] += 1
        self.counts["days without a scheduler"] += not is_up
        for hour, minute in _hours(day):
            traveller.move_to(self._at(day, hour, minute))
            self._turn(is_up)
        traveller.move_to(self._at(day, 11, 0))
        with self.app.app_context():
            self.world.live()
            if not is_up or self.world.chance.random() < 0.5:
                self._plan_as_the_pages_do()
            db.session.remove()
        traveller.move_to(self._at(day, 17, 0))
        self._turn(is_up)
        traveller.move_to(self._at(day, 17, 30))
        with self.app.app_context(), transaction(cause="simulation"):
            self._look(day, is_up)

    def _look(self, day: date, is_up: bool) -> None:
        promises, now = self.promises, clock.now()
        found = promises.of_the_day(day, now, clock_runs=is_up)
        found += promises.mail_of_the_day(day, WITH_DIGEST)
        if is_up and (day.day == 1 or self._is_owed):
            found += promises.of_the_month(day, now, self.world.bodies)
        self._is_owed = day.day == 1 and not is_up
        self.counts["reminders"] = promises.rows
        self.counts += self.world.did
        self.world.did.clear()
        if found:
            raise Broken(f"{day}:\n" + "\n".join(found[:20]))

    _is_owed = False  # the look of a month that began while the scheduler was down

    def _turn(self, is_up: bool) -> None:
        if not is_up:
            if self.running is not None:
                self.running.step_down()
                self.running = None
            return
        if self.running is None:
            self.running = scheduler.Clock(self.app)
        assert self.running.turn() is not None
        assert not self.running.resting, self.running.resting
        self.counts["turns of the scheduler"] += 1

    @staticmethod
    def _plan_as_the_pages_do() -> None:
        """After the response, for what the request itself marked; a change to all is the clock's."""
        marked = pending.set_here()
        with transaction(cause="page"):
            marks = pending.still_there(marked)
            planning.replan_marked(marks, today=clock.today(), now=clock.now())

    @staticmethod
    def _at(day: date, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=clock.STOCKHOLM)


def _hours(day: date) -> list[tuple[int, int]]:
    """When the scheduler takes its turns before work: on the night of a clock change every half
    hour."""
    if clock.at(day, 0).hour == clock.at(day + DAY, 0).hour:
        return [(7, 5)]
    return [*((hour, minute) for hour in range(5) for minute in (5, 35)), (7, 5)]
