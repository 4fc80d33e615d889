"""The demonstration's procurements: some signed, some under way, one called off; all made up.

They went as such things go: a stage takes about its usual length, now and then much longer. With
the same seed they go the same way every time.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core.clock import STOCKHOLM
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.procurements import operations, queries
from crm.procurements.forecasts import everyday
from crm.rules.calendar import next_working_day
from crm.rules.floors import floor
from crm.rules.milestones import lay_out
from crm.rules.routes import Route, StageKey, signed_stage, stages_of
from crm.rules.stages import CaseState

SEED: Final = 20_261_129
Do = Callable[[datetime], object]
Event = tuple[datetime, Do]

_BEGAN: Final = (
    # The route, and how many days ago it began; each at a body of its own, one after the other.
    *((Route.BELOW_THRESHOLD, days) for days in (1010, 970, 930, 880, 840, 790, 740, 690)),
    *((Route.OPEN, days) for days in (1020, 960, 900, 850, 800, 760, 720)),
    *((Route.DIRECT_AWARD, days) for days in (500, 410, 330)),
    (Route.BELOW_THRESHOLD, 210),
    (Route.OPEN, 260),
    (Route.OPEN, 120),
    (Route.BELOW_THRESHOLD, 395),
)
_WITH_A_CASE: Final = 400
"""Those that began fewer days ago than this are about a case of ours, where there is one."""

_CALLED_OFF: Final = 6
"""The place in the list of the one that came to nothing, seven months on."""

_FORGOTTEN: Final = len(_BEGAN) - 1
"""The place of the one whose signature nobody has noted: somebody is asked about it."""

_DRAGS_ON: Final = 0.12
"""The share of stages that take up to twice as long as what is long."""


def events(bodies: Sequence[Organisation], owner: User, today: date) -> list[Event]:
    """What happened, and when. `bodies` has no unit in it."""
    rng = random.Random(SEED)  # noqa: S311 - a story, no secret
    found: list[Event] = []
    for number, (route, days_ago) in enumerate(_BEGAN):
        body = bodies[(3 + 2 * number) % len(bodies)]
        begins = next_working_day(today - timedelta(days=days_ago))
        found += _story(rng, number, body, route, begins, owner, today)
    return found


def _story(
    rng: random.Random,
    number: int,
    body: Organisation,
    route: Route,
    begins: date,
    owner: User,
    today: date,
) -> list[Event]:
    made: dict[str, int] = {}
    county, kind, body_id = body.county_code, body.kind, body.id
    with_case = (today - begins).days < _WITH_A_CASE

    def open_it(now: datetime) -> None:
        place = db.session.get_one(Organisation, body_id)
        procurement = operations.open_procurement(
            place, title=f"{_TITLES[number % len(_TITLES)]}, {place.name}", by=owner, now=now
        )
        laid = lay_out(route, begins, everyday(kind, county, begins))
        operations.lay(procurement, route, laid, by=owner, today=begins, now=now)
        made["id"] = procurement.id
        case = db.session.scalar(
            sa.select(Case)
            .where(Case.body_id == body_id, Case.state == CaseState.OPEN)
            .order_by(Case.id)
            .limit(1)
        )
        if with_case and case is not None:
            operations.take_part(procurement, case)

    def call_off(now: datetime) -> None:
        operations.cancel(queries.get(made["id"]), gone, by=owner, now=now)

    found: list[Event] = [(_at(begins, 9), open_it)]
    gone, last = next_working_day(begins + timedelta(days=210)), begins
    for stage, day in _days(rng, route, begins):
        if day >= today or (number == _CALLED_OFF and day >= gone):
            break
        if number == _FORGOTTEN and stage is signed_stage(route):
            return found
        found.append((_at(day, 10), _tick(made, stage, day, owner)))
        last = day
    else:
        return found  # it is in use
    if number == _CALLED_OFF:
        found.append((_at(gone, 11), call_off))
    else:
        found.append((_at(last, 12), _lay_anew(made, last, owner)))
    return found


def _days(rng: random.Random, route: Route, begins: date) -> list[tuple[StageKey, date]]:
    """When each milestone was reached."""
    day, found = begins, []
    for stage, length in stages_of(route):
        found.append((stage, day))
        took = rng.triangular(length.short, length.long, length.usual)
        if rng.random() < _DRAGS_ON:
            took = rng.uniform(length.long, 2 * length.long)
        ends = day + timedelta(days=round(took))
        earliest = floor(route, stage, day).day
        day = next_working_day(ends if earliest is None else max(ends, earliest))
    return [*found, (StageKey.IN_USE, day)]


def _tick(made: dict[str, int], stage: StageKey, day: date, owner: User) -> Do:
    def tick(now: datetime) -> None:
        plan = queries.plan_that_holds(made["id"])
        if plan is not None:
            milestone = queries.milestone_of(plan, stage)
            operations.reach(plan, milestone, day, by=owner, today=day, now=now)

    return tick


def _lay_anew(made: dict[str, int], day: date, owner: User) -> Do:
    """What is still to come, from where it stands."""

    def lay_anew(now: datetime) -> None:
        procurement = queries.get(made["id"])
        plan = queries.plan_that_holds(procurement.id)
        if plan is None:
            return
        ahead = next(row for row in plan.milestones if row.reached_on is None)
        body = procurement.body
        days = everyday(body.kind, body.county_code, day)
        known = {row.stage: row.reached_on for row in plan.milestones if row.reached_on}
        laid = lay_out(plan.route, plan.milestones[0].day, days, known=known)
        operations.move(
            plan,
            ahead,
            next(one.day for one in laid if one.stage is ahead.stage),
            reason="Det tog en annan tid än vi trodde",
            along=True,
            certainty=ahead.certainty,
            open_days=days,
            by=owner,
            now=now,
        )

    return lay_anew


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), STOCKHOLM)


_TITLES: Final = (
    "Läs- och skrivstöd",
    "Digitala lärverktyg",
    "Stöd för talsyntes",
    "Planeringsverktyg",
    "Kommunikationsstöd",
)
