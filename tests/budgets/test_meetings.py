"""The council's planned meetings: noted, waited for, and one of them decides the budget."""

from datetime import date

import pytest
import time_machine

from crm.budgets import operations, queries
from crm.budgets.drafts import Ground
from crm.core.errors import RuleBroken
from crm.core.pending import waiting_for_planning
from crm.rules import budget_cycle
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind
from crm.rules.stages import WakeEvent
from tests.factories.budgets import NOW, SOURCE, TODAY, make_body, make_practice, make_unit

TOLD = Ground(Certainty.CONFIRMED, "", TODAY)
FEBRUARY, JUNE = date(2027, 2, 22), date(2027, 6, 14)


@pytest.fixture(autouse=True)
def monday_in_november():
    with time_machine.travel(NOW, tick=True):
        yield


def note(body, *days, ground=TOLD):
    return operations.add_meetings(body, days, ground, by=None, now=NOW)


def meeting(body, day):
    return next(one for one in queries.council_meetings(body) if one.held_on == day)


def decide(body, day):
    return operations.decide_at(meeting(body, day), body, by=None, now=NOW)


def decision(body, year=2028):
    return budget_cycle.decision(queries.known_of(body).practice, year)


def html_of(response):
    return response.get_data(as_text=True)


def test_a_day_is_noted_once(session, app):
    body = make_body()
    assert note(body, FEBRUARY, JUNE, FEBRUARY) == 2
    assert note(body, FEBRUARY) == 0
    assert [one.held_on for one in queries.council_meetings(body)] == [FEBRUARY, JUNE]
    assert body.id in waiting_for_planning().why


def test_one_can_wait_for_the_next_meeting_at_the_body_and_beneath_it(session, app):
    body = make_body()
    unit = make_unit(body)
    assert WakeEvent.COUNCIL_MET not in dict(queries.wake_dates(body, TODAY))
    note(body, FEBRUARY, JUNE)
    for place in (body, unit):
        when = dict(queries.wake_dates(place, TODAY))[WakeEvent.COUNCIL_MET]
        assert (when.day, when.certainty) == (date(2027, 2, 23), Certainty.CONFIRMED)
    after = dict(queries.wake_dates(body, date(2027, 2, 23)))[WakeEvent.COUNCIL_MET]
    assert after.day == date(2027, 6, 15)


def test_who_waited_for_a_meeting_that_is_called_off_waits_for_the_next(session, app):
    body = make_body()
    note(body, FEBRUARY, JUNE)
    operations.take_meeting_away(meeting(body, FEBRUARY), body, by=None, now=NOW)
    session.flush()
    assert dict(queries.wake_dates(body, TODAY))[WakeEvent.COUNCIL_MET].day == date(2027, 6, 15)


def test_the_budget_is_decided_at_one_of_them(session, app):
    body = make_body()
    make_practice(body)
    note(body, JUNE, date(2027, 6, 15), ground=Ground(Certainty.PUBLISHED, SOURCE, TODAY))
    assert decide(body, JUNE) == 2028
    found = decision(body)
    assert (found.start, found.end, found.certainty) == (JUNE, JUNE, Certainty.PUBLISHED)
    assert decision(body, 2029).start != JUNE.replace(year=2028)
    decide(body, date(2027, 6, 15))
    assert decision(body).start == date(2027, 6, 15)
    assert [one.decides for one in queries.council_meetings(body)] == [None, 2028]
    operations.take_meeting_away(meeting(body, date(2027, 6, 15)), body, by=None, now=NOW)
    session.flush()
    assert decision(body).end == date(2027, 6, 30)


def test_the_old_council_does_not_adopt_the_budget_after_an_election(session, app):
    body = make_body()
    make_practice(body)
    note(body, date(2030, 6, 10), date(2030, 11, 25))
    with pytest.raises(RuleBroken, match="15"):
        decide(body, date(2030, 6, 10))
    assert decide(body, date(2030, 11, 25)) == 2031
    assert decision(body, 2031).start == date(2030, 11, 25)


def test_without_a_calendar_no_meeting_decides_and_a_state_body_has_none(session, app):
    body = make_body()
    note(body, JUNE)
    with pytest.raises(RuleBroken):
        decide(body, JUNE)
    for place in (make_unit(body), make_body(kind=OrganisationKind.AUTHORITY)):
        with pytest.raises(RuleBroken):
            note(place, JUNE)
    with pytest.raises(RuleBroken):
        note(body, FEBRUARY, ground=Ground(Certainty.PUBLISHED, "", TODAY))


# --- The page ----------------------------------------------------------------------------------


def test_days_are_typed_one_on_each_line(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    address = f"/budget-year/{body.id}/meetings"
    answer = client.post(address, data={"days": "2027-02-22\n\n14 juni\n", "source_url": SOURCE})
    assert answer.status_code == 303
    found = queries.council_meetings(body)
    assert [(one.held_on, one.certainty) for one in found] == [
        (FEBRUARY, Certainty.PUBLISHED),
        (JUNE, Certainty.PUBLISHED),
    ]
    client.post(f"{address}/{found[1].id}/decide")
    shown = html_of(client.get(f"/budget-year/{body.id}"))
    assert "Beslutar budget 2028" in shown
    assert "22 feb. 2027" in shown
    client.post(f"{address}/{found[1].id}/decide")
    assert decision(body).end == date(2027, 6, 30)
    client.post(f"{address}/{found[0].id}/take-away")
    assert [one.held_on for one in queries.council_meetings(body)] == [JUNE]


def test_a_line_that_is_no_day_is_told_and_nothing_is_written(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    answer = client.post(
        f"/budget-year/{body.id}/meetings",
        data={"days": "22/2\n31/2\n2099-01-01\nmöte\n9999-12-31"},
    )
    assert answer.status_code == 422
    told = html_of(answer)
    assert "Rad 2 är ingen dag" in told and "Rad 3 ligger för långt bort" in told
    assert "Rad 5 ligger för långt bort" in told
    assert "Rad 4 är ingen dag: ”möte”" in told and "31/2" in told
    assert queries.council_meetings(body) == []


def test_another_bodys_meeting_is_not_found(session, as_user):
    client, body, other = as_user(Role.ACCOUNT_MANAGER), make_body(), make_body()
    note(other, JUNE)
    ident = meeting(other, JUNE).id
    for what in ("decide", "take-away"):
        assert client.post(f"/budget-year/{body.id}/meetings/{ident}/{what}").status_code == 404
