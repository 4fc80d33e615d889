"""What is stored of a buyer's year, what it inherits, and what ships with the product."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from crm.activities.models import Activity, ActivityKind
from crm.audit.models import AuditEntry
from crm.budgets import operations, queries
from crm.budgets.drafts import Calendar, DateRow
from crm.budgets.models import BudgetEvent, BudgetPractice, Pause, PauseKind
from crm.core.errors import RuleBroken
from crm.core.pending import planned, waiting_for_planning
from crm.organisations.models import Organisation
from crm.organisations.register import load_register
from crm.rules import budget_cycle
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.practices import load_practices, published_practices
from crm.rules.quiet import Audience
from crm.rules.stages import WakeEvent
from tests.factories.budgets import (
    NOW,
    SOURCE,
    TODAY,
    make_body,
    make_pause,
    make_practice,
    make_unit,
)

JUNE = Calendar(DecisionPractice.JUNE, Certainty.PUBLISHED, SOURCE, TODAY)
DOOR = DateRow("namndens_budgetunderlag", "", (2, 1), (2, 28), -1, None)
SEMINAR = DateRow("", "Budgetseminarium", (1, 20), (1, 20), -1, None)


def store(body, calendar):
    return operations.set_calendar(body, calendar, by=None, now=NOW)


def stories(session, body):
    return session.scalars(
        sa.select(Activity).where(
            Activity.organisation_id == body.id, Activity.kind == ActivityKind.CALENDAR
        )
    ).all()


# --- The calendar ------------------------------------------------------------------------------


def test_a_calendar_is_stored_whole_and_marks_the_body(session, app):
    body = make_body()
    store(body, replace(JUNE, rows=(DOOR, SEMINAR), deficit_until=2028, note="Ring i januari"))
    known = queries.known_of(body)
    door = budget_cycle.door(known.practice, 2028)
    assert (door.start, door.end) == (date(2027, 2, 1), date(2027, 2, 28))
    assert (door.certainty, door.checked_on) == (Certainty.PUBLISHED, TODAY)
    assert "Budgetseminarium" in {phase.name_sv for phase in known.phases(2028)}
    assert known.tight_until(TODAY) == 2028
    assert known.tight_until(date(2029, 1, 1)) is None
    assert waiting_for_planning().why == {body.id: "calendar_changed"}
    assert len(stories(session, body)) == 1
    written = session.scalars(
        sa.select(AuditEntry.entity).where(
            AuditEntry.entity.in_(["budget_practice", "budget_event"])
        )
    ).all()
    assert sorted(written)[:3] == ["budget_event", "budget_event", "budget_practice"]


def test_saving_the_same_again_tells_nothing_and_plans_nothing(session, app):
    body = make_body()
    store(body, replace(JUNE, rows=(DOOR,)))
    session.flush()
    planned(waiting_for_planning())
    store(body, replace(JUNE, rows=(DOOR,)))
    assert len(stories(session, body)) == 1
    assert waiting_for_planning().bodies == {}


def test_a_date_that_stays_keeps_its_source(session, app):
    body = make_body()
    store(body, replace(JUNE, rows=(DOOR, SEMINAR)))
    later = Calendar(
        DecisionPractice.JUNE,
        Certainty.CONFIRMED,
        "",
        date(2027, 1, 15),
        rows=(DOOR, replace(SEMINAR, start=(1, 27), end=(1, 27))),
    )
    store(body, later)
    session.flush()
    door, seminar = sorted(queries.events_of(body), key=lambda event: event.phase_key, reverse=True)
    assert (door.certainty, door.source_url, door.checked_on) == (
        Certainty.PUBLISHED,
        SOURCE,
        TODAY,
    )
    assert (seminar.certainty, seminar.source_url) == (Certainty.CONFIRMED, "")
    assert seminar.start_day == 27


def test_looking_at_the_same_source_again_counts_as_checked(session, app):
    body = make_body()
    store(body, replace(JUNE, rows=(DOOR,)))
    store(body, replace(JUNE, rows=(DOOR,), checked_on=date(2027, 9, 1)))
    session.flush()
    assert [event.checked_on for event in queries.events_of(body)] == [date(2027, 9, 1)]


def test_what_is_left_out_is_taken_away(session, app):
    body = make_body()
    store(body, replace(JUNE, rows=(DOOR, SEMINAR)))
    store(body, JUNE)
    session.flush()
    assert queries.events_of(body) == []


@pytest.mark.parametrize(
    "calendar,word",
    [
        (replace(JUNE, source_url=""), "länken"),
        (replace(JUNE, checked_on=None), "vilken dag"),
        (replace(JUNE, source_url="javascript:alert(1)"), "https://"),
        (replace(JUNE, source_url="https:///ingen-värd"), "https://"),
        (replace(JUNE, certainty=Certainty.LAW), "Lagen"),
        (replace(JUNE, decision=DecisionPractice.STATE), "annan sorts"),
        (replace(JUNE, election_month=6), "oktober"),
        (replace(JUNE, rows=(replace(DOOR, end=(2, 31)),)), "31"),
        (replace(JUNE, rows=(replace(SEMINAR, name=""),)), "namn"),
        (replace(JUNE, rows=(SEMINAR, SEMINAR)), "två gånger"),
        (replace(JUNE, rows=(DOOR, DOOR)), "Samma fas"),
    ],
)
def test_what_cannot_be_is_refused(app, calendar, word):
    with pytest.raises(RuleBroken, match=word):
        store(make_body(), calendar)


def test_each_kind_has_its_own_calendars(app):
    store(
        make_body(kind=OrganisationKind.AUTHORITY), replace(JUNE, decision=DecisionPractice.STATE)
    )
    with pytest.raises(RuleBroken):
        store(make_body(kind=OrganisationKind.UNIVERSITY), JUNE)


# --- Inheritance -------------------------------------------------------------------------------


def test_a_unit_inherits_and_says_from_whom(app):
    body = make_body()
    store(body, replace(JUNE, rows=(DOOR,)))
    department = make_unit(body, "Bildningsförvaltningen", OrganisationKind.DEPARTMENT)
    school = make_unit(department)
    known = queries.known_of(school)
    assert known.inherited_from is body
    assert known.practice == queries.practice_of(body)


def test_a_units_own_date_wins_over_the_bodys(session, app):
    body = make_body()
    once = replace(DOOR, budget_year=2028, start=(3, 1), end=(3, 9))
    store(body, replace(JUNE, rows=(DOOR, once)))
    school = make_unit(body)
    store(school, replace(JUNE, rows=(replace(DOOR, start=(1, 10), end=(1, 20)),)))
    session.flush()
    known = queries.known_of(school)
    assert known.inherited_from is None
    assert budget_cycle.door(known.practice, 2028).start == date(2027, 1, 10)
    assert budget_cycle.door(queries.practice_of(body), 2028).start == date(2027, 3, 1)


def test_a_unit_can_follow_its_body_again(session, app):
    body = make_body()
    store(body, JUNE)
    school = make_unit(body)
    store(school, replace(JUNE, decision=DecisionPractice.NOVEMBER, rows=(SEMINAR,)))
    operations.inherit(school, by=None, now=NOW)
    session.flush()
    assert queries.known_of(school).inherited_from is body
    assert queries.events_of(school) == []
    with pytest.raises(RuleBroken):
        operations.inherit(body, by=None, now=NOW)


# --- Pauses ------------------------------------------------------------------------------------


def test_a_freeze_holds_until_it_is_ended(session, app):
    body = make_body()
    pause = make_pause(body)
    assert queries.freeze_on([pause], TODAY) is pause
    operations.end_pause(pause, body, today=date(2027, 1, 10), by=None, now=NOW)
    session.flush()
    assert pause.ends_on == date(2027, 1, 9)
    assert queries.freeze_on([pause], date(2027, 1, 10)) is None
    with pytest.raises(RuleBroken, match="över"):
        operations.end_pause(pause, body, today=date(2027, 1, 12), by=None, now=NOW)


def test_a_pause_that_never_held_is_taken_away(session, app):
    body = make_body()
    pause = make_pause(body, date(2027, 2, 1), date(2027, 2, 14), PauseKind.QUIET)
    operations.end_pause(pause, body, today=TODAY, by=None, now=NOW)
    session.flush()
    assert session.scalar(sa.select(sa.func.count()).select_from(Pause)) == 0


@pytest.mark.parametrize(
    "kind,starts,ends,word",
    [
        (PauseKind.FREEZE, date(2027, 2, 1), date(2027, 1, 1), "före"),
        (PauseKind.QUIET, date(2027, 2, 1), None, "sista dag"),
        (PauseKind.WINTER_BREAK, date(2027, 2, 15), None, "sista dag"),
        (PauseKind.WINTER_BREAK, date(2027, 2, 15), date(2027, 3, 15), "fyra veckor"),
        (PauseKind.QUIET, date(2027, 1, 1), date(2080, 1, 1), "ett år"),
        (PauseKind.FREEZE, date(2026, 12, 24), date(2027, 1, 1), "redan"),
    ],
)
def test_a_pause_that_cannot_be(app, kind, starts, ends, word):
    body = make_body()
    make_pause(body)
    with pytest.raises(RuleBroken, match=word):
        make_pause(body, starts, ends, kind)


# --- Waiting for events (E8) -------------------------------------------------------------------


def test_whose_year_holds_at_a_unit(app):
    municipality, region = make_body(), make_body(kind=OrganisationKind.REGION)
    university = make_body(kind=OrganisationKind.UNIVERSITY)
    department = OrganisationKind.DEPARTMENT
    assert queries.audience_of(make_unit(municipality)) is Audience.SCHOOL
    assert (
        queries.audience_of(make_unit(region, "Vårdcentralen", unit_kind=UnitKind.HEALTH_CENTRE))
        is Audience.HEALTH
    )
    assert queries.audience_of(make_unit(university, "Historia", department)) is Audience.UNIVERSITY
    assert queries.audience_of(university) is Audience.UNIVERSITY
    assert queries.audience_of(make_unit(municipality, "IT", department)) is Audience.GENERAL
    committee = make_unit(municipality, "Barnnämnden", OrganisationKind.COMMITTEE)
    assert queries.audience_of(committee) is Audience.POLITICAL
    books = make_unit(municipality, "Ekonomiavdelningen", unit_kind=UnitKind.FINANCE)
    assert queries.audience_of(books) is Audience.FINANCE


def test_what_one_can_wait_for_comes_soonest_first_and_moves_along(app):
    body = make_body()
    school = make_unit(body)
    before = dict(queries.wake_dates(school, TODAY))
    assert WakeEvent.DOOR_OPENS not in before  # nobody knows
    store(body, JUNE)
    known = dict(queries.wake_dates(school, TODAY))
    assert known[WakeEvent.DOOR_OPENS].day == date(2027, 3, 1)
    store(body, replace(JUNE, rows=(DOOR,)))
    moved = queries.wake_dates(school, TODAY)
    assert dict(moved)[WakeEvent.DOOR_OPENS].day == date(2027, 2, 1)
    days = [when.day for _event, when in moved]
    assert days == sorted(days)
    assert dict(moved)[WakeEvent.TERM_STARTS].day == date(2027, 1, 13)


# --- What ships --------------------------------------------------------------------------------


def test_the_25_published_practices_are_found_in_the_register_and_stored(session, app):
    load_register(NOW, TODAY)
    assert operations.load_confirmed_practices(now=NOW) == 25
    session.flush()
    stored = {
        (body.kind, body.code): body
        for body in session.scalars(
            sa.select(Organisation).join(
                BudgetPractice, BudgetPractice.organisation_id == Organisation.id
            )
        )
    }
    names = {"municipality": OrganisationKind.MUNICIPALITY, "region": OrganisationKind.REGION}
    known = queries.known_of_many(list(stored.values()))
    for published in published_practices():
        kind, code = published.key
        body = stored[names[kind.value], code]
        told, expected = known[body.id].practice, load_practices()[published.key]
        assert set(told.overrides) == set(expected.overrides)
        assert replace(told, overrides=()) == replace(expected, overrides=())
        assert known[body.id].row.note == published.note
    assert operations.load_confirmed_practices(now=NOW) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(BudgetPractice)) == 25
    assert session.scalar(sa.select(sa.func.count()).select_from(BudgetEvent)) == sum(
        len(published.practice.overrides) for published in published_practices()
    )


def test_what_somebody_has_stored_stands_against_what_ships(session, app):
    load_register(NOW, TODAY)
    hultsfred = session.scalar(sa.select(Organisation).where(Organisation.code == "0860"))
    make_practice(hultsfred, DecisionPractice.NOVEMBER)
    assert operations.load_confirmed_practices(now=NOW) == 24
    assert queries.practice_of(hultsfred).decision is DecisionPractice.NOVEMBER
