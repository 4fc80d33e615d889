"""At most one light contact with a person within the set time (S21), and light contact in a wait."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.activities.models import Activity, ActivityKind
from crm.budgets.models import PauseKind
from crm.cases import operations as cases
from crm.cases.models import Case, Wait
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person, Post
from crm.reminders import contacts, operations, ruleset
from crm.reminders.models import DoneOutcome, Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.pace import interval
from crm.rules.reminder_rules import Offset
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseState, LightPurpose, Outcome, WaitReason
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.budgets import make_pause
from tests.factories.cases import make_case
from tests.factories.people import make_person
from tests.factories.reminders import NOW, TODAY, make_reminder, replan

DAY = timedelta(days=1)
SIX_WEEKS = Offset(days=42)

pytestmark = pytest.mark.usefixtures("monday")


def with_anna(school: Organisation, anna: Person, title: str = "Läsprovet") -> Case:
    return make_case(school, title, owner=make_user(), champion=anna, opened_on=TODAY - 90 * DAY)


def waiting_contacts(session: Session) -> list[Reminder]:
    return list(
        session.scalars(
            sa.select(Reminder)
            .where(
                Reminder.kind == ReminderKind.CONTACT,
                Reminder.state.in_((ReminderState.PLANNED, ReminderState.DUE)),
            )
            .order_by(Reminder.show_on, Reminder.id)
        )
    )


# --- The plan -----------------------------------------------------------------------------------


def test_two_cases_with_the_same_champion_leave_her_six_weeks_between(
    body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    with_anna(school, anna)
    with_anna(school, anna, "Skrivprovet")
    replan(body)
    planned = waiting_contacts(session)
    assert len(planned) > 1 and {row.person_id for row in planned} == {anna.id}
    days = [row.show_on for row in planned]
    assert all((b - a).days >= 42 for a, b in pairwise(days))
    assert any(row.params.get("together") for row in planned) or any(
        "pace" in {reason["key"] for reason in row.moved} for row in planned
    )


def test_a_call_written_down_moves_what_comes_and_says_by_whom(
    body: Organisation, school: Organisation, anna: Person, session: Session, as_user: Any
) -> None:
    with_anna(school, anna)
    ruleset.change("PACE", active=True, offset=Offset(months=3), by=None, now=NOW)
    replan(body)
    first = waiting_contacts(session)[0]
    before, number = first.show_on, first.id
    eva = as_user(Role.REP)
    answer = eva.post(
        f"/accounts/{school.id}/activities/new?person={anna.id}",
        data={"kind": "call", "text": "Om läsprovet", "person_id": str(anna.id), "once": "a"},
    )
    assert answer.status_code == 303
    session.expire_all()
    row = session.get_one(Reminder, number)
    assert before < date(2027, 2, 23)
    assert row.show_on >= date(2027, 2, 23) or "touched" in row.params
    assert eva.user.name in str(row.moved) + str(row.params)
    assert eva.user.name in eva.get(f"/reminders/{number}").text


def test_what_was_asked_counts_until_it_is_undone(
    body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    case = with_anna(school, anna)
    replan(body)
    row = waiting_contacts(session)[0]
    operations.complete(row, DoneOutcome.ASKED, by=make_user(), today=TODAY, now=NOW)
    found = contacts.too_soon(anna.id, TODAY + 10 * DAY, SIX_WEEKS)
    assert found is not None and found.on == TODAY and found.reminder_key == row.key
    told = sa.select(Activity).where(Activity.kind == ActivityKind.REMINDER)
    line = session.scalars(told).one()
    assert line.person_id == anna.id and line.case_id == case.id
    operations.bring_back(row, by=None, today=TODAY, now=NOW)
    assert [one for _body, one in contacts.made([anna.id])] == []


def test_the_limit_is_changed_for_everybody_and_the_plan_follows(
    body: Organisation, school: Organisation, anna: Person, session: Session, as_user: Any
) -> None:
    with_anna(school, anna)
    with_anna(school, anna, "Skrivprovet")
    founder = as_user(Role.FOUNDER)
    page = founder.get("/reminders/rules/PACE").text
    assert "6 veckor efter den förra kontakten med samma person" in page
    assert "6 veckor efter den förra kontakten" in founder.get("/reminders/rules").text
    ruleset.change("PACE", active=True, offset=Offset(months=3), by=None, now=NOW)
    assert interval(ruleset.in_force()) == Offset(months=3)
    replan(body)
    days = [row.show_on for row in waiting_contacts(session)]
    assert all((b - a).days >= 89 for a, b in pairwise(days))
    assert as_user(Role.REP).post("/reminders/rules/PACE").status_code == 403


# --- Refused, unless it is needed ---------------------------------------------------------------


def test_a_second_light_contact_is_refused_and_says_who_when_and_what(
    me: Any, school: Organisation, anna: Person, session: Session
) -> None:
    eva = make_user(name="Eva Säljare")
    make_activity(
        school, ActivityKind.CALL, person_id=anna.id, by=eva, now=NOW - 7 * DAY, text="Om priset"
    )
    address = f"/reminders/new?organisation={school.id}"
    typed = {"text": "Hör av dig", "on": "2026-12-01", "person_id": str(anna.id)}
    refused = me.post(address, data=typed | {"once": once(me, address)})
    assert refused.status_code == 422
    assert "Eva Säljare hade kontakt" in refused.text and "Om priset" in refused.text
    assert "Varför den behövs så snart" in refused.text and "Hör av dig" in refused.text
    assert session.scalar(sa.select(sa.func.count(Reminder.id))) == 0
    why = {"why": "De har bett oss", "once": once(me, address)}
    assert me.post(address, data=typed | why).status_code == 303
    row = session.scalars(sa.select(Reminder)).one()
    assert row.kind is ReminderKind.CONTACT and row.person_id == anna.id
    assert row.params["needed"] == "De har bett oss"


def test_one_that_is_planned_counts_too(school: Organisation, anna: Person) -> None:
    me = make_user()
    operations.add_own(
        school,
        text="Hör av dig",
        on=TODAY + 20 * DAY,
        person_id=anna.id,
        by=me,
        today=TODAY,
        now=NOW,
    )

    def again(days: int, **why: str) -> Reminder:
        return operations.add_own(
            school,
            text="Igen",
            on=TODAY + days * DAY,
            person_id=anna.id,
            by=me,
            today=TODAY,
            now=NOW,
            **why,
        )

    with pytest.raises(RuleBroken, match="ska höra av sig"):
        again(40)
    assert again(40, why="Mötet flyttades").show_on >= TODAY + 40 * DAY
    assert again(120).state is ReminderState.PLANNED


def test_a_planned_light_contact_is_refused_after_a_colleagues(
    body: Organisation, school: Organisation, anna: Person, session: Session, me: Any
) -> None:
    case = with_anna(school, anna)
    light = make_reminder(
        school, me.user, case=case, rule_key="LIGHT", kind=ReminderKind.CONTACT, person_id=anna.id
    )
    make_activity(school, ActivityKind.MEETING, person_id=anna.id, by=make_user(), now=NOW - DAY)
    refused = me.post(f"/reminders/{light.id}/done", data={"outcome": "done"})
    assert refused.status_code == 422 and "en kontakt för mycket" in refused.text
    session.expire_all()
    assert session.get_one(Reminder, light.id).state is ReminderState.PLANNED
    told = me.post(f"/reminders/{light.id}/done", data={"outcome": "done", "note": "Hon ringde"})
    assert told.status_code == 303
    session.expire_all()
    assert session.get_one(Reminder, light.id).state is ReminderState.DONE


def test_writing_down_says_that_a_colleague_was_in_touch(
    me: Any, school: Organisation, anna: Person
) -> None:
    eva = make_user(name="Eva Säljare")
    make_activity(
        school, ActivityKind.CALL, person_id=anna.id, by=eva, now=NOW - 7 * DAY, text="Om priset"
    )
    page = me.get(f"/accounts/{school.id}/activities/new?person={anna.id}").text
    assert "Eva Säljare hade kontakt med Anna Berg" in page and "Om priset" in page
    make_person("Olle", "Ek", school)
    assert "hade kontakt" not in me.get(f"/accounts/{school.id}/activities/new").text


# --- Light contact while waiting ----------------------------------------------------------------


def wait(case: Case, every: int | None = 2, **more: Any) -> None:
    cases.put_to_wait(
        case,
        WaitReason.DISAGREEMENT,
        until=date(2027, 9, 1),
        light_every=every,
        by=None,
        today=TODAY,
        now=NOW,
        **more,
    )


def light(session: Session) -> list[Reminder]:
    return [row for row in waiting_contacts(session) if row.rule_key == "LIGHT"]


def test_light_contacts_come_with_the_wait_and_go_with_it(
    body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    case = with_anna(school, anna)
    wait(case)
    replan(body)
    planned = light(session)
    assert len(planned) >= 2 and {row.person_id for row in planned} == {anna.id}
    assert {row.kind for row in planned} == {ReminderKind.CONTACT}
    cases.wake(case, by=None, today=TODAY, now=NOW)
    replan(body)
    assert light(session) == []


def test_the_case_says_when_the_next_comes_and_what_was_let_go(
    as_user: Any, body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    case = with_anna(school, anna)
    wait(case)
    make_pause(body, date(2026, 12, 15), date(2027, 4, 4), kind=PauseKind.QUIET, note="Flytten")
    replan(body)
    let_go = [row for row in light(session) if row.params.get("let_go")]
    assert let_go
    shown = as_user(Role.REP).get(f"/cases/{case.id}").text
    assert "nästa" in shown and "uteblir: Flytten" in shown


@pytest.mark.parametrize("how", ["closed", "objected", "left"])
def test_they_stop_by_themselves(
    how: str, body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    case = with_anna(school, anna)
    wait(case, light_purpose=LightPurpose.NEWS)
    replan(body)
    assert light(session)
    if how == "closed":
        cases.close(
            case, Outcome.NO_DECISION, reason="no_budget", by=None, today=TODAY, now=NOW, note=""
        )
    elif how == "objected":
        anna.objected_on = TODAY
    else:
        post = session.scalars(sa.select(Post).where(Post.person_id == anna.id)).one()
        people.end_post(post, on=TODAY, by=None, today=TODAY, now=NOW)
    replan(body)
    assert light(session) == []


def test_chosen_on_the_form_of_the_wait(
    me: Any, body: Organisation, school: Organisation, anna: Person, session: Session
) -> None:
    case = with_anna(school, anna)
    version = str(case.version)
    typed = {
        "version": version,
        "reason": "disagreement",
        "until": "2027-09-01",
        "light_every": "3",
        "light_purpose": "news",
    }
    assert me.post(f"/cases/{case.id}/wait", data=typed).status_code in (302, 303)
    session.expire_all()
    stored = session.scalars(sa.select(Wait)).one()
    assert (stored.light_every, stored.light_purpose) == (3, LightPurpose.NEWS)
    assert session.get_one(Case, case.id).state is CaseState.WAITING
    page = me.get(f"/cases/{case.id}").text
    assert "Var tredje månad" in page and "Något till nytta" in page
    rows = light(session)
    assert rows and me.get(f"/reminders/{rows[0].id}").text.count("var tredje månad") == 1


def test_without_a_choice_they_are_left_in_peace(
    me: Any, school: Organisation, anna: Person, session: Session
) -> None:
    case = with_anna(school, anna)
    typed = {"version": str(case.version), "reason": "no_budget", "until": "2027-09-01"}
    assert me.post(f"/cases/{case.id}/wait", data=typed).status_code in (302, 303)
    session.expire_all()
    assert session.scalars(sa.select(Wait)).one().light_every is None
    assert light(session) == []


@pytest.fixture
def me(as_user: Any) -> Any:
    return as_user(Role.REP)


def once(client: Any, address: str) -> str:
    """The token of the form at an address."""
    found = re.search(r'<input[^>]*name="once"[^>]*value="([^"]+)"', client.get(address).text)
    assert found is not None
    return found.group(1)
