"""H3 over random data: column total = report total = rows behind = export, under any filter."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.cases import operations
from crm.cases import queries as cases
from crm.cases.bodies import NO_COUNTY, Bodies
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.pipeline import queries
from crm.pipeline.queries import Figure, Sums
from crm.rules.kinds import OrganisationKind, SizeClass
from crm.rules.precision import (
    in_budget_year,
    in_half_year,
    in_month,
    in_quarter,
    in_week,
    on_day,
)
from crm.rules.stages import AdoptionStage, CaseRole, Outcome, ProcurementStage, WaitReason
from tests.factories.accounts import make_user
from tests.factories.cases import TODAY, make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

COUNTIES = ["08", "18", ""]
POPULATIONS = [None, 9_999, 10_000, 160_000]
MONEY = st.none() | st.integers(0, 10**14)
DECISIONS = st.one_of(
    st.none(),
    st.dates(TODAY, TODAY + timedelta(days=900)).map(on_day),
    st.builds(in_week, st.integers(2026, 2029), st.integers(1, 52)),
    st.just(in_week(2026, 53)),
    st.builds(in_month, st.integers(2026, 2029), st.integers(1, 12)),
    st.builds(in_quarter, st.integers(2026, 2029), st.integers(1, 4)),
    st.builds(in_half_year, st.integers(2026, 2029), st.integers(1, 2)),
    st.builds(in_budget_year, st.integers(2026, 2029)),
)
CASES = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["open", "waiting", "won", "lost"]),
        "adoption": st.sampled_from(AdoptionStage),
        "procurement": st.sampled_from(ProcurementStage),
        "value": MONEY,
        "expected": DECISIONS,
        "in_use": st.lists(st.booleans(), max_size=2),
        "roles": st.lists(st.tuples(st.integers(0, 1), st.sampled_from(CaseRole)), max_size=3),
        "step": st.booleans(),
        "at_body": st.booleans(),
    }
)
BODIES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([OrganisationKind.MUNICIPALITY, OrganisationKind.AUTHORITY]),
        "county": st.sampled_from(COUNTIES),
        "population": st.sampled_from(POPULATIONS),
        "mine": st.booleans(),
        "cases": st.lists(CASES, max_size=3),
        "inquiries": st.integers(0, 2),
        "account_role": st.booleans(),
    }
)
FILTERS = st.builds(
    Bodies,
    county=st.sampled_from(["", "08", "18", NO_COUNTY]),
    kind=st.none() | st.sampled_from([OrganisationKind.MUNICIPALITY, OrganisationKind.AUTHORITY]),
    size=st.none() | st.sampled_from(SizeClass),
    adoption=st.none() | st.sampled_from(AdoptionStage),
    procurement=st.none() | st.sampled_from(ProcurementStage),
    text=st.sampled_from(["", "kommun"]),
    below=st.booleans(),
)


def fill(world: list[dict[str, Any]], me: User) -> None:
    for facts in world:
        body = make_municipality(
            kind=facts["kind"],
            county_code=facts["county"] or None,
            county_name=facts["county"],
            population=facts["population"],
            owner_id=me.id if facts["mine"] else None,
        )
        units = [make_unit(body), make_unit(body)]
        staff = [make_person(organisation=unit) for unit in units]
        if facts["account_role"]:
            people.give_role(
                staff[0], body, CaseRole.CHAMPION, by=None, today=TODAY, now=clock.now()
            )
        for told in facts["cases"]:
            open_case(told, units, staff)
        for _number in range(facts["inquiries"]):
            inquiry(organisation=units[0])


def open_case(told: dict[str, Any], units: list[Any], staff: list[Any]) -> None:
    when = told["expected"]
    case = make_case(
        db.session.get_one(Organisation, units[0].body_id) if told["at_body"] else units[0],
        adoption=told["adoption"],
        procurement=told["procurement"],
        value_ore=told["value"],
        expected_first=when.first_day if when else None,
        expected_last=when.last_day if when else None,
        expected_precision=when.precision if when else None,
    )
    facts: dict[str, Any] = {"by": None, "today": TODAY, "now": clock.now()}
    if told["step"]:
        operations.set_next_step(case, "Ring", TODAY, by=None)
    for unit, in_use in zip(units, told["in_use"], strict=False):
        operations.join_unit(case, unit, in_use=in_use, **facts)
    for who, role in told["roles"]:
        operations.set_role(case, staff[who], role, **facts)
    match told["state"]:
        case "waiting":
            until = TODAY + timedelta(days=30)
            operations.put_to_wait(case, WaitReason.OTHER, until=until, **facts)
        case "won":
            operations.close(case, Outcome.WON, reason="quality", **facts)
        case "lost":
            operations.close(case, Outcome.LOST, reason="price", **facts)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    world=st.lists(BODIES, min_size=1, max_size=4),
    chosen=FILTERS,
    mine=st.booleans(),
    every=st.booleans(),
)
def test_figures_equal_their_rows(
    session: Session, world: list[dict[str, Any]], chosen: Bodies, mine: bool, every: bool
) -> None:
    with session.begin_nested() as savepoint:
        me = make_user()
        fill(world, me)
        session.flush()
        if mine:
            chosen = Bodies(**{**_values(chosen), "owner_id": me.id})
        check(chosen, every)
        savepoint.rollback()
    session.expire_all()


def _values(chosen: Bodies) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in Bodies.__dataclass_fields__}


def check(chosen: Bodies, every: bool) -> None:
    table = queries.table(chosen, every=every, today=TODAY, per_page=None)
    rows = table.page.rows
    for name in Sums.__dataclass_fields__:
        of_all = getattr(table.total, name)
        assert sum(getattr(row.sums, name) for row in rows) == of_all
        assert sum(getattr(county.sums, name) for county in table.counties) == of_all
    assert sum(county.bodies for county in table.counties) == table.page.total == len(rows)
    for figure in Figure:
        behind = queries.behind(figure, chosen, every=every, per_page=1_000)
        assert behind.total == len(behind.rows) == getattr(table.total, figure.value)
        for row in rows:
            own = [thing for thing in behind.rows if thing.body_id == row.id]
            assert len(own) == getattr(row.sums, figure.value)
            here = Bodies(**{**_values(chosen), "body_id": row.id})
            assert queries.behind(figure, here, every=every).total == len(own)
    for state, count, ore in (
        ("open", table.total.open, table.total.value_ore),
        ("waiting", table.total.waiting, table.total.waiting_ore),
    ):
        listed = cases.Filter(state=state, bodies=chosen)
        totals = cases.totals(listed)
        exported = list(cases.every_row(listed))
        assert totals.number == cases.rows(listed).total == len(exported) == count
        assert sum(row.value_ore or 0 for row in exported) == ore
        assert (totals.open_ore, totals.waiting_ore) == ((ore, 0) if state == "open" else (0, ore))
        # Each item is in exactly one budget year, and the list of that year holds it.
        assert sum(year.number for year in totals.years) == count
        for year in totals.years:
            of_year = cases.Filter(state=state, bodies=chosen, year=year.year)
            assert cases.totals(of_year).number == year.number
        order = [
            row.expected.sort_key
            for row in cases.every_row(listed, sort="expected")
            if row.expected
        ]
        assert order == sorted(order)


@pytest.mark.parametrize("asked", ["2026", "2027"])
def test_a_week_over_new_year_is_counted_once(session: Session, asked: str) -> None:
    """Week 53 of 2026 ends in January 2027, and belongs to 2026."""
    when = in_week(2026, 53)
    make_case(
        make_unit(),
        expected_first=when.first_day,
        expected_last=when.last_day,
        expected_precision=when.precision,
    )
    assert cases.totals(cases.Filter(year=asked)).number == (asked == "2026")
