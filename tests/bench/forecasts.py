"""Forecasting every case that has milestones, and whether it grows with their number.

Each case takes part in a procurement under way, somewhere along one of five routes, and for every
five of them one is finished and is the history that is drawn from. The least is the reading of the
same milestones, with nothing made of them. Each size is measured in a process of its own, so that
its highest memory use is its own. SQLite in a file of its own: nearly all of it is arithmetic.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db, transaction
from crm.core.schema import upgrade_to_head
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.procurements import forecasts
from crm.procurements.models import Milestone, Plan, Procurement, ProcurementCase
from crm.rules.certainty import Certainty
from crm.rules.floors import floor
from crm.rules.kinds import OrganisationKind
from crm.rules.routes import Route, StageKey, stages_of
from crm.rules.stages import AdoptionStage, CaseState, ProcurementStage
from tests.bench.databases import program

ROOT = Path(__file__).resolve().parents[2]
SIZES = (1_250, 5_000)
ROUNDS = 3
SEED = 20_261_129
BATCH = 5_000
HISTORY = 5  # of so many under way there is one finished
ROUTES = (
    Route.OPEN,
    Route.BELOW_THRESHOLD,
    Route.SELECTIVE,
    Route.RENEWED_COMPETITION,
    Route.DIRECT_AWARD,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one size took: seconds, of the processor as well, and memory in MiB."""

    forecasts: int
    milestones: int
    wall: float
    cpu: float
    before: float
    peak: float


def build(url: str, count: int) -> None:
    """So many cases in procurements under way, and the history beside them."""
    chance = random.Random(SEED)
    with program(url):
        upgrade_to_head(db.engine)
        now, today = clock.now(), clock.today()
        with transaction(cause="bench"):
            organisations.load_register(now=now, today=today)
            bodies = db.session.scalars(
                sa.select(Organisation.id).where(Organisation.kind == OrganisationKind.MUNICIPALITY)
            ).all()
            rows = list(_rows(chance, list(bodies), count, today))
            for model in (Case, Procurement, ProcurementCase, Plan, Milestone):
                mine = [values for kind, values in rows if kind is model]
                for start in range(0, len(mine), BATCH):
                    db.session.execute(sa.insert(model), mine[start : start + BATCH])


def _rows(
    chance: random.Random, bodies: list[int], count: int, today: date
) -> Iterator[tuple[type, dict[str, Any]]]:
    now = clock.now()
    for number in range(1, count + count // HISTORY + 1):
        finished = number > count
        body, route = chance.choice(bodies), chance.choice(ROUTES)
        milestones = list(_milestones(chance, route, today, finished=finished))
        yield (
            Procurement,
            {
                "id": number,
                "title": f"Läs- och skrivstöd {number}",
                "organisation_id": body,
                "body_id": body,
                "plans_laid": 1,
                "created_at": now,
                "version": 1,
            },
        )
        yield (
            Plan,
            {
                "id": number,
                "procurement_id": number,
                "route": route,
                "laid_on": milestones[0]["first_planned_on"],
                "version": 1,
            },
        )
        for position, values in enumerate(milestones):
            yield Milestone, {"plan_id": number, "position": position, "version": 1} | values
        if not finished:
            yield (
                Case,
                {
                    "id": number,
                    "title": f"Läsverktyg {number}",
                    "organisation_id": body,
                    "body_id": body,
                    "state": CaseState.OPEN,
                    "adoption": AdoptionStage.BUDGETED_NEED,
                    "procurement": ProcurementStage.PREPARING,
                    "opened_on": today,
                    "created_at": now,
                    "version": 1,
                },
            )
            yield ProcurementCase, {"case_id": number, "procurement_id": number}


def _milestones(
    chance: random.Random, route: Route, today: date, *, finished: bool
) -> Iterator[dict[str, Any]]:
    stages = stages_of(route)
    lengths = [
        max(floor(route, stage, today).days, round(chance.triangular(one.short, one.long)))
        for stage, one in stages
    ]
    going_on = len(stages) + 1 if finished else chance.randrange(1, len(stages) + 1)
    passed = sum(lengths[: going_on - 1]) + chance.randrange(1, 30)
    day = today - timedelta(days=passed + (chance.randrange(1_500) if finished else 0))
    for place, stage in enumerate([*(stage for stage, _one in stages), StageKey.IN_USE]):
        reached = place < going_on
        yield {
            "stage": stage,
            "first_planned_on": day,
            "planned_on": day,
            "reached_on": day if reached else None,
            "certainty": Certainty.CONFIRMED if reached else Certainty.TYPICAL,
        }
        day += timedelta(days=lengths[place] if place < len(lengths) else 0)


def forecast() -> int:
    """Ours: the range of each."""
    return len(forecasts.of_all(today=clock.today()))


def least() -> int:
    """Every milestone of the plans that hold, read and counted."""
    rows = db.session.execute(
        sa.select(
            Plan.procurement_id,
            Plan.route,
            Milestone.stage,
            Milestone.planned_on,
            Milestone.reached_on,
            Milestone.certainty,
        )
        .join(Milestone, Milestone.plan_id == Plan.id)
        .where(Plan.replaced_on.is_(None))
        .order_by(Plan.procurement_id, Milestone.position)
    ).all()
    return len(rows)


WAYS: dict[str, Callable[[], int]] = {"forecast": forecast, "least": least}


def _highest() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _in_this_process(way: str, url: str) -> Figures:
    with program(url):
        milestones = db.session.scalar(sa.select(sa.func.count(Milestone.id))) or 0
        before = _highest()
        wall, cpu = time.perf_counter(), time.process_time()
        made = WAYS[way]()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Figures(made, milestones, wall, cpu, before, _highest())


def _in_another(way: str, url: str) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.forecasts", way, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return Figures(**json.loads(done.stdout))


def measure(*, quick: bool = False) -> None:
    """Print the table: both sizes in turn, the best of the rounds, and what four times as many cost."""
    sizes = [size // 10 for size in SIZES] if quick else list(SIZES)
    found: dict[tuple[int, str], list[Figures]] = {}
    with tempfile.TemporaryDirectory() as folder:
        urls = {size: f"sqlite:///{Path(folder) / f'{size}.sqlite3'}" for size in sizes}
        for size, url in urls.items():
            build(url, size)
        for _round in range(ROUNDS):
            for size, url in urls.items():
                for way in WAYS:
                    found.setdefault((size, way), []).append(_in_another(way, url))
    best = {key: min(rounds, key=lambda one: one.cpu) for key, rounds in found.items()}
    print("\n### Forecasts\n")
    print(
        "| Cases | Milestones | Seconds (CPU) | Cases/s of CPU | Milestones/s of CPU"
        " | The least (CPU) | Memory before | Highest |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in sizes:
        ours, limit = best[size, "forecast"], best[size, "least"]
        assert ours.forecasts == size
        print(
            f"| {size:,} | {ours.milestones:,} | {ours.wall:.2f} ({ours.cpu:.2f}) |"
            f" {size / ours.cpu:,.0f} | {ours.milestones / ours.cpu:,.0f} |"
            f" {limit.wall:.2f} ({limit.cpu:.2f}) | {ours.before:.0f} MiB | {ours.peak:.0f} MiB |"
        )
    few, many = (best[size, "forecast"] for size in sizes)
    print(
        f"\n{sizes[1] // sizes[0]} times as many cases take {many.cpu / few.cpu:.2f} times the"
        f" processor's time and {many.peak / few.peak:.2f} times the memory."
    )


if __name__ == "__main__":
    figures = _in_this_process(sys.argv[1], sys.argv[2])
    print(json.dumps({name: getattr(figures, name) for name in Figures.__slots__}))
