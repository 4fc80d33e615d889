"""People, units and functions that are counted, with the grouping in the database."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from crm.cases import operations as cases
from crm.champions import operations, queries
from crm.champions import spread as reach
from crm.champions.operations import Done
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.interest import operations as interest
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person
from crm.rules.champions import (
    USUAL,
    WORTH,
    ActKind,
    Figures,
    Threshold,
    Worth,
    spread,
    tidy_tree,
)
from crm.rules.functions import Function
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.stages import CaseRole, Outcome
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

YEAR_AGO = TODAY - timedelta(days=364)
BEFORE = TODAY - timedelta(days=729)


@pytest.fixture
def body(app: Any) -> Organisation:
    return make_municipality("Hultsfred")


def asked(person: Person, where: Organisation, days: int) -> None:
    inquiry(now=NOW - timedelta(days=days), organisation=where, person=person, caller="")


def test_each_is_counted_once_and_the_year_before_apart(body: Organisation) -> None:
    school, library = make_unit(body), make_unit(body)
    anna = make_person("Anna", organisation=school, title="lärare")
    chief = make_person("Eva", organisation=body, title="IT-chef")
    asked(anna, school, 3)
    asked(anna, school, 30)
    asked(anna, library, 400)
    asked(chief, body, 10)
    operations.write(chief, Done(ActKind.ASKED_PRICE, TODAY), by=None, today=TODAY, now=NOW)
    other = make_unit(make_municipality("Vimmerby"))
    asked(make_person("Bo", organisation=other, title=""), other, 5)

    page = reach.everywhere(YEAR_AGO, TODAY, BEFORE)
    assert page.total == 2
    rows = {row.body_id: row for row in page.rows}
    here = rows[body.id]
    assert (here.people, here.units, here.known) == (2, 1, 2)
    assert (here.people_before, here.units_before) == (1, 1)
    assert here.functions == {Function.USERS, Function.IT}
    assert (rows[other.body_id or 0].people, rows[other.body_id or 0].functions) == (1, frozenset())


def test_what_was_let_go_is_not_counted(body: Organisation) -> None:
    school = make_unit(body)
    anna = make_person("Anna", organisation=school)
    found = inquiry(now=NOW, organisation=school, person=anna, caller="")
    interest.let_go(found, reason="Inte för oss", by=None, now=NOW)
    assert reach.everywhere(YEAR_AGO, TODAY, BEFORE).total == 0
    assert reach.contacts(body.id, YEAR_AGO, TODAY) == []


def test_the_list_and_the_page_of_a_body_say_the_same(body: Organisation) -> None:
    school = make_unit(body)
    for number in range(4):
        asked(make_person(f"P{number}", organisation=school), school, number * 100)
    (row,) = reach.everywhere(YEAR_AGO, TODAY, BEFORE).rows
    signs = reach.contacts(body.id, YEAR_AGO, TODAY)
    assert row.people == len({person for person, _unit, _on in signs}) == 4


def test_a_unit_has_a_user_while_the_role_goes_on(body: Organisation) -> None:
    school, library, third = make_unit(body), make_unit(body), make_unit(body)
    case = make_case(school, opened_on=date(2026, 1, 1))
    anna = make_person("Anna", organisation=school)
    cases.set_role(case, anna, CaseRole.USER, by=None, today=date(2026, 2, 1), now=NOW)
    bo = make_person("Bo", organisation=third)
    cases.set_role(case, bo, CaseRole.IT, by=None, today=date(2026, 2, 1), now=NOW)
    unit = cases.join_unit(case, library, in_use=True, by=None, today=date(2026, 5, 1), now=NOW)
    assert unit.in_use
    uses = reach.uses(body.id)

    def at(day: date) -> set[int]:
        return {use.unit_id for use in uses if use.on(day)}

    assert at(date(2026, 1, 15)) == set()
    assert at(date(2026, 3, 1)) == {school.id}
    assert at(date(2026, 6, 1)) == {school.id, library.id}


def in_use(body: Organisation, day: date) -> set[int]:
    return {use.unit_id for use in reach.uses(body.id) if use.on(day)}


def test_a_role_counts_where_its_holder_worked_at_the_time(body: Organisation) -> None:
    old, new = make_unit(body), make_unit(body)
    case = make_case(old, opened_on=date(2026, 1, 1))
    anna = make_person("Anna", organisation=old, started_on=date(2020, 8, 1))
    cases.set_role(case, anna, CaseRole.CHAMPION, by=None, today=date(2026, 1, 1), now=NOW)
    moved = date(2026, 6, 1)
    people.move_person(anna, new, "lärare", moved, by=None, today=moved, now=NOW)
    assert in_use(body, date(2026, 2, 1)) == {old.id}
    assert in_use(body, date(2026, 11, 1)) == {new.id}


def test_a_case_without_a_deal_has_no_users_from_then_on(body: Organisation) -> None:
    school, library = make_unit(body), make_unit(body)
    begun, ended = date(2026, 1, 1), date(2026, 6, 1)
    case = make_case(school, opened_on=begun)
    anna = make_person("Anna", organisation=school)
    cases.set_role(case, anna, CaseRole.CHAMPION, by=None, today=begun, now=NOW)
    cases.join_unit(case, library, in_use=True, by=None, today=begun, now=NOW)
    cases.close(case, Outcome.LOST, reason="price", by=None, today=ended, now=NOW)
    assert in_use(body, date(2026, 2, 1)) == {school.id, library.id}
    assert in_use(body, date(2026, 7, 1)) == set()


def test_the_past_of_a_unit_stays_when_it_stops_and_leaves(body: Organisation) -> None:
    school, library = make_unit(body), make_unit(body)
    case = make_case(school, opened_on=date(2026, 1, 1))

    def using(uses_it: bool, day: date) -> Any:
        return cases.join_unit(case, library, in_use=uses_it, by=None, today=day, now=NOW)

    using(False, date(2026, 1, 1))
    using(True, date(2026, 3, 1))
    using(False, date(2026, 5, 1))
    unit = using(True, date(2026, 7, 1))
    assert in_use(body, date(2026, 2, 1)) == set()
    assert in_use(body, date(2026, 4, 1)) == {library.id}
    assert in_use(body, date(2026, 6, 1)) == set()
    assert in_use(body, date(2026, 8, 1)) == {library.id}
    cases.leave_unit(unit, case, today=date(2026, 9, 1))
    assert in_use(body, date(2026, 8, 1)) == {library.id}
    assert in_use(body, date(2026, 10, 1)) == set()


def test_a_slip_of_the_day_leaves_no_trace(body: Organisation) -> None:
    school, library = make_unit(body), make_unit(body)
    case = make_case(school, opened_on=date(2026, 1, 1))
    for uses_it in (True, False):
        cases.join_unit(case, library, in_use=uses_it, by=None, today=TODAY, now=NOW)
    assert reach.uses(body.id) == []


def test_the_list_says_what_the_page_says(body: Organisation) -> None:
    """Functions by title or role; a day on the edge is in one year, not in both; a nämnd is no
    unit."""
    board = organisations.add_unit(
        body, name="Utbildningsnämnden", kind=OrganisationKind.COMMITTEE, by=None, now=NOW
    )
    school = organisations.add_unit(
        board,
        name="Skolan",
        kind=OrganisationKind.UNIT,
        unit_kind=UnitKind.SCHOOL,
        by=None,
        now=NOW,
    )
    anna = make_person("Anna", organisation=school, title="")
    case = make_case(school, opened_on=TODAY)
    cases.set_role(case, anna, CaseRole.IT, by=None, today=TODAY, now=NOW)
    asked(anna, school, 0)
    first, last = YEAR_AGO, TODAY
    bo = make_person("Bo", organisation=board, title="lärare")
    people.add_post(bo, school, title="rektor", started_on=None, by=None, today=TODAY, now=NOW)
    asked(bo, board, (TODAY - first).days)

    (row,) = reach.everywhere(first, last, BEFORE).rows
    seen = reach.seen(
        signs := reach.contacts(body.id, BEFORE, TODAY),
        reach.whos(body.id, {sign[0] for sign in signs}),
    )
    year, before = spread(seen, first, last), spread(seen, BEFORE, first - timedelta(days=1))
    _names, known = reach.known_units(body.id)
    assert known.units == {school.id}
    assert (row.people, row.people_before) == (len(year.people), len(before.people)) == (2, 0)
    assert (row.units, row.units_before) == (len(year.units & known.units), 0) == (1, 0)
    assert row.known == 1
    assert row.functions == year.functions == {Function.IT, Function.UNIT_HEAD}


def test_known_units_say_where_they_come_from(body: Organisation) -> None:
    school, closed = make_unit(body), make_unit(body)
    school.source = "Skolenhetsregistret"
    closed.closed_on = TODAY
    names, known = reach.known_units(body.id)
    assert known.units == {school.id}
    assert known.sources == (("Skolenhetsregistret", 1),)
    assert names[closed.id] == closed.name


def test_who_told_whom_is_read_from_inquiries_and_acts(body: Organisation) -> None:
    school = make_unit(body)
    anna, bo, eva = (make_person(name, organisation=school) for name in ("Anna", "Bo", "Eva"))
    inquiry(now=NOW - timedelta(days=9), organisation=school, person=bo, told_by=anna, caller="")
    operations.write(bo, Done(ActKind.BROUGHT_IN, TODAY, other=eva), by=None, today=TODAY, now=NOW)
    nodes = tidy_tree(queries.told_in(body.id))
    assert [(node.person_id, node.depth) for node in nodes] == [
        (anna.id, 0),
        (bo.id, 1),
        (eva.id, 2),
    ]
    names = queries.named_at(body.id, {anna.id, bo.id, eva.id})
    assert names[bo.id].unit == school.name


def test_the_figures_are_ours_until_somebody_chooses(body: Organisation) -> None:
    assert queries.figures() == Figures()
    school = make_unit(body)
    anna = make_person("Anna", organisation=school)
    asked(anna, school, 1)
    assert db.session.execute(reach.proposal_asked(body.id, TODAY)).all() == []
    worth = dict(WORTH) | {ActKind.SHOWED: Worth(5, 15)}
    chosen = Figures(replace(USUAL, worth=worth, halves_after=90), Threshold(1, 9))

    def save(figures: Figures) -> Any:
        return operations.set_figures(
            queries.standing(), figures, note="Vi säljer till små", by=None, now=NOW
        )

    assert save(chosen).version == 1
    assert save(chosen) is None  # it stands so already
    assert queries.figures() == chosen
    row = db.session.execute(queries.figures_asked()).one()
    assert queries.read_formula(*row) == chosen.formula
    assert len(db.session.execute(reach.proposal_asked(body.id, TODAY)).all()) == 1
    with pytest.raises(RuleBroken):
        save(Figures(replace(USUAL, clear_from=10)))
    assert save(Figures()).version == 2
    assert queries.figures() == Figures()
    assert [row.version for row in queries.standing().changes] == [2, 1]
