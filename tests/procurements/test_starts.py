"""Begun from below or from above (S5): the first person's title of that day, and the report."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.clock import STOCKHOLM
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people import queries
from crm.people.models import Person
from crm.procurements import history
from crm.rules.access import Role
from crm.rules.stages import CaseRole, Outcome, ProcurementStage
from crm.rules.starts import Start
from tests.factories.cases import make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

BEGUN = date(2026, 3, 2)


def at(day: date) -> datetime:
    return datetime.combine(day, time(10), STOCKHOLM)


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


def case_of(unit: Organisation, title: str, *, day: date = BEGUN) -> Case:
    """A case that somebody with this title began by turning to us."""
    case = make_case(unit, f"Ärende {title}", opened_on=day)
    person = make_person("Anna", organisation=unit, title=title, started_on=date(2020, 1, 1))
    asked = inquiry(now=at(day), organisation=unit, person=person, caller="")
    cases.link_inquiry(case, asked)
    return case


def give(case: Case, unit: Organisation, role: CaseRole, title: str, day: date) -> None:
    person = make_person("Bo", organisation=unit, title=title, started_on=date(2020, 1, 1))
    cases.set_role(case, person, role, by=None, today=day, now=at(day))


def test_whoever_turned_to_us_first_says_it_and_nobody_later(unit: Organisation) -> None:
    teacher, chief = case_of(unit, "Lärare"), case_of(unit, "IT-chef")
    unclear = case_of(unit, "Samhällsvägen 4")
    give(unclear, unit, CaseRole.IT, "IT-chef", BEGUN + timedelta(days=60))
    assert history.starts() == {
        teacher.id: Start.BOTTOM_UP,
        chief.id: Start.TOP_DOWN,
        unclear.id: Start.UNKNOWN,
    }


def test_without_an_inquiry_the_first_role_says_it(unit: Organisation) -> None:
    case, silent, nobody = (make_case(unit, f"Nr {n}", opened_on=BEGUN) for n in range(3))
    give(case, unit, CaseRole.CHAMPION, "Rektor", BEGUN)
    give(case, unit, CaseRole.IT, "IT-chef", BEGUN + timedelta(days=9))
    give(silent, unit, CaseRole.PROCUREMENT_OFFICER, "", BEGUN)
    assert history.starts() == {case.id: Start.BOTTOM_UP, silent.id: Start.TOP_DOWN}
    assert nobody.id not in history.starts()


def test_that_everybody_is_noted_as_a_user_says_nothing(unit: Organisation) -> None:
    case = make_case(unit, opened_on=BEGUN)
    give(case, unit, CaseRole.USER, "", BEGUN)
    assert history.starts() == {case.id: Start.UNKNOWN}


def test_a_later_title_changes_no_start(unit: Organisation) -> None:
    case = case_of(unit, "Lärare")
    (anna,) = db.session.scalars(sa.select(Person)).all()
    (post,) = queries.all_posts(anna)
    later = BEGUN + timedelta(days=30)
    edge: dict[str, Any] = {"by": None, "today": clock.today(), "now": clock.now()}
    people.end_post(queries.get_post(post.id), on=later, **edge)
    people.add_post(anna, unit, title="Utbildningschef", started_on=later, **edge)
    assert history.starts() == {case.id: Start.BOTTOM_UP}


@pytest.mark.one_database
def test_the_report_compares_share_and_wins(
    as_user: Callable[..., Any], unit: Organisation, session: Session
) -> None:
    day = clock.today() - timedelta(days=200)
    for number in range(6):
        case = case_of(unit, "Lärare", day=day)
        won = number < 4
        if won:
            cases.move_procurement(
                case, ProcurementStage.SIGNED, by=None, now=at(day + timedelta(days=90))
            )
        cases.close(
            case,
            Outcome.WON if won else Outcome.LOST,
            reason="price",
            by=None,
            today=day + timedelta(days=100),
            now=at(day + timedelta(days=100)),
        )
    case_of(unit, "Förvaltningschef", day=day)
    case_of(unit, "", day=day)
    session.commit()
    page = as_user(Role.REP).get("/procurements/lead-times").text
    table = page[page.index('id="starts-head"') : page.index('id="stages-head"')]
    rows = [
        " ".join(re.sub(r"<[^>]*>", " ", row).split())
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    ]
    assert "Underifrån 6 75 % 67 % 4 av 6" in rows
    assert "Uppifrån 1 12 % 0 av 0" in rows
    assert "Vet inte 1 12 % 0 av 0" in rows
