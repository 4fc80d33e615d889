"""A case that hangs on one person (C7), and one whose champion has left (R13), as stored."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.activities.models import ActivityKind
from crm.cases import operations as cases
from crm.cases import queries
from crm.cases.models import Case
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseRole
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.people import make_person
from tests.factories.reminders import NOW, TODAY, make_reminder, replan

DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def case(school: Organisation, anna: Person) -> Case:
    began = TODAY - 300 * DAY
    return make_case(school, "Läsverktyg", owner=make_user(), champion=anna, opened_on=began)


def of_rule(body: Organisation, key: str, session: Session) -> list[Reminder]:
    replan(body)
    wanted = sa.select(Reminder).where(
        Reminder.rule_key == key, Reminder.state == ReminderState.PLANNED
    )
    return list(session.scalars(wanted))


def test_one_person_alone_is_a_sign_and_a_task_until_there_is_another(
    case: Case, body: Organisation, school: Organisation, session: Session, as_user: Any
) -> None:
    olle = make_person("Olle", "Ek", school, title="IT-tekniker")
    make_person("Nej", "Tack", school).objected_on = TODAY
    me = as_user(Role.REP)
    (task,) = of_rule(body, "C7", session)
    assert task.wanted_on == TODAY - 120 * DAY and task.show_on >= TODAY
    page = me.get(f"/cases/{case.id}").text
    sign = page.split("Ärendet hänger på Anna Berg ensam")[1].split("</ul>")[0]
    assert "Olle Ek" in sign and "IT-tekniker" in sign and "Nej Tack" not in sign
    assert f"/cases/{case.id}/roles/new?person={olle.id}" in page or f"person={olle.id}" in sign
    cases.set_role(case, olle, CaseRole.IT, by=None, today=TODAY, now=NOW)
    (later,) = of_rule(body, "C7", session)  # should nobody be heard of
    assert later.wanted_on == TODAY + 180 * DAY and later.id != task.id
    assert task.state is ReminderState.WITHDRAWN
    assert "ensam" not in me.get(f"/cases/{case.id}").text


def test_the_champion_leaves_and_a_successor_is_asked_for(
    case: Case, body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    assert of_rule(body, "R13", session) == []
    cases.person_left(anna, body.id, by=None, today=TODAY - DAY, now=NOW)
    (task,) = of_rule(body, "R13", session)
    assert task.params["left"] == "Anna Berg" and task.user_id == case.owner_id
    eva = make_person("Eva", "Lind", school)
    cases.set_role(case, eva, CaseRole.CHAMPION, by=None, today=TODAY, now=NOW)
    assert of_rule(body, "R13", session) == []


def test_it_hangs_on_one_since_the_others_left(
    case: Case, body: Organisation, school: Organisation, session: Session
) -> None:
    olle = make_person("Olle", "Ek", school)
    cases.set_role(case, olle, CaseRole.USER, by=None, today=TODAY - 200 * DAY, now=NOW)
    cases.person_left(olle, body.id, by=None, today=TODAY - 9 * DAY, now=NOW)
    session.flush()
    (row,) = queries.for_planning([body.id])[body.id]
    assert row.single == ("Anna Berg", TODAY - 9 * DAY)
    assert row.champion_left is None


def test_nobody_of_several_has_been_heard_for_half_a_year(
    case: Case, body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    olle = make_person("Olle", "Ek", school)
    cases.set_role(case, olle, CaseRole.IT, by=None, today=TODAY - 250 * DAY, now=NOW)
    (task,) = of_rule(body, "C7", session)
    assert task.wanted_on == TODAY - 70 * DAY
    assert task.params["unheard"] == ["Anna Berg", "Olle Ek"]
    make_activity(school, ActivityKind.MEETING, person_id=olle.id, now=NOW - 100 * DAY)
    assert unheard_since(body, session) == TODAY - 100 * DAY
    make_activity(school, ActivityKind.NOTE, person_id=anna.id, now=NOW - 50 * DAY)  # no contact
    assert unheard_since(body, session) == TODAY - 100 * DAY
    make_activity(school, ActivityKind.CALL, case_id=case.id, now=NOW - 30 * DAY)  # with whomever
    assert unheard_since(body, session) == TODAY - 30 * DAY
    (later,) = of_rule(body, "C7", session)
    assert later.wanted_on == TODAY + 150 * DAY
    assert task.state is ReminderState.WITHDRAWN


def unheard_since(body: Organisation, session: Session) -> date:
    session.flush()
    (row,) = queries.for_planning([body.id])[body.id]
    assert row.unheard is not None
    return row.unheard[1]


def test_a_reminder_that_was_done_is_a_contact_with_the_person(
    case: Case, body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    olle = make_person("Olle", "Ek", school)
    cases.set_role(case, olle, CaseRole.IT, by=None, today=TODAY - 250 * DAY, now=NOW)
    make_reminder(
        school,
        None,
        TODAY - 20 * DAY,
        case=case,
        kind=ReminderKind.CONTACT,
        person_id=anna.id,
        state=ReminderState.DONE,
        done_at=NOW - 20 * DAY,
    )
    (later,) = of_rule(body, "C7", session)
    assert later.wanted_on == TODAY + 160 * DAY
