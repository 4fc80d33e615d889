"""A quiet time is noted or ended by its page: what that did to the reminders is told, all of it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.cases.models import Case
from crm.organisations.models import Organisation
from crm.reminders import planning
from crm.reminders.models import WAITING_STATES, Reminder
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseState, Outcome
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def me(as_user: Any) -> Any:
    return as_user(Role.ACCOUNT_MANAGER)


@pytest.fixture
def body(app: Any) -> Organisation:
    found = make_body("Hultsfreds kommun")
    make_practice(found)
    return found


@pytest.fixture
def case(body: Organisation, session: Session) -> Case:
    made = make_case(make_unit(body), "Läsverktyg", opened_on=TODAY - timedelta(90))
    session.commit()
    planning.replan([body.id], today=TODAY, now=NOW)
    session.commit()
    return made


def pause(me: Any, body: Organisation, starts: str, ends: str) -> str:
    answer = me.post(
        f"/budget-year/{body.id}/pauses/new",
        data={"kind": "freeze", "starts_on": starts, "ends_on": ends, "note": "KS § 12"},
    )
    assert answer.status_code == 303
    assert len(answer.headers["Set-Cookie"]) < 4000, "a browser drops what is longer"
    return said(me.get(answer.location).text)


def said(html: str) -> str:
    found = re.search(r'<div class="flash-text">(\d+ påminnelse.*?</ul>)', html, re.DOTALL)
    assert found, "nothing was said"
    return found.group(1)


def standing(session: Session) -> dict[str, tuple[int, date]]:
    session.expire_all()
    rows = session.scalars(sa.select(Reminder).where(Reminder.state.in_(WAITING_STATES)))
    return {row.key: (row.id, row.show_on) for row in rows}


def test_every_change_is_told_after_a_freeze_and_after_its_end(
    me: Any, body: Organisation, case: Case, session: Session
) -> None:
    before = standing(session)
    told = pause(me, body, "2027-01-11", "2027-06-30")
    during = standing(session)
    moved = {key for key in before.keys() & during.keys() if before[key] != during[key]}
    gone = before.keys() - during.keys()
    (question,) = during.keys() - before.keys()
    assert moved and gone
    assert told.count("<li>") == len(moved | gone) + 1 <= 8
    for key in moved | gone:
        assert f'href="/reminders/{before[key][0]}"' in told
    assert f'href="/reminders/{during[question][0]}"' in told and "är ny" in told
    assert "(Inköpsstopp" in told or ", Inköpsstopp" in told
    assert "tas upp samtidigt som" in told or "utgår" in told
    pause_id = session.scalar(sa.text("SELECT id FROM pause"))
    answer = me.post(f"/budget-year/{body.id}/pauses/{pause_id}/end")
    told = said(me.get(answer.location).text)
    assert standing(session) == before
    assert "är tillbaka" in told
    for key in moved | gone:
        assert f'href="/reminders/{before[key][0]}"' in told


def test_what_stands_before_the_freeze_stays(
    me: Any, body: Organisation, case: Case, session: Session
) -> None:
    before = standing(session)
    pause(me, body, "2027-02-15", "2027-09-30")
    after = standing(session)
    early = {key: found for key, found in before.items() if found[1] < date(2027, 2, 15)}
    assert early
    assert early.items() <= after.items()


def test_of_many_the_first_eight_are_named(
    me: Any, body: Organisation, case: Case, session: Session
) -> None:
    for number in range(6):
        make_case(make_unit(body), f"Läsverktyg {number}", opened_on=TODAY - timedelta(90))
    session.commit()
    planning.replan([body.id], today=TODAY, now=NOW)
    session.commit()
    told = pause(me, body, "2027-01-04", "2027-03-14")
    assert told.count("<li>") == 9
    assert re.search(r'<a href="/reminders#moved-head">och \d+ till</a>', told)


def test_contacts_are_what_a_pause_is_about(
    me: Any, body: Organisation, case: Case, session: Session
) -> None:
    """What we do on our own stands where it stood."""
    before = standing(session)
    pause(me, body, "2027-01-11", "2027-06-30")
    after = standing(session)
    ours = session.scalars(sa.select(Reminder).where(Reminder.kind != ReminderKind.CONTACT)).all()
    kept = [row.key for row in ours if row.key in before and row.rule_key != "R7"]
    assert kept
    assert all(before[key] == after[key] for key in kept)


def test_a_freeze_where_only_a_contract_is_left_is_asked_about_and_told(
    me: Any, body: Organisation, session: Session
) -> None:
    made = make_case(make_unit(body), "Läsverktyg", opened_on=TODAY - timedelta(90))
    made.state, made.closed_on, made.outcome = CaseState.CLOSED, TODAY - timedelta(9), Outcome.WON
    made.contract_ends_on = TODAY + timedelta(days=900)
    session.commit()
    planning.replan([body.id], today=TODAY, now=NOW)
    session.commit()
    before = standing(session)
    told = pause(me, body, "2026-12-01", "2027-03-31")
    new = {key: where for key, where in standing(session).items() if key not in before}
    (key,) = new
    assert key.startswith("R7/") and new[key][1] == date(2027, 4, 5)  # after the school break
    assert f'href="/reminders/{new[key][0]}"' in told and "är ny, 5 apr. 2027" in told
