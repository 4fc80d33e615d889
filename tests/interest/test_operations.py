"""What can be done with an inquiry."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from crm.activities.models import Activity, ActivityKind
from crm.audit.models import AuditEntry
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.interest import operations, queries
from crm.interest.models import Inquiry, Sorting, Source, SourceKind
from crm.interest.who import Who
from crm.organisations.models import DomainPattern, Organisation
from crm.people.models import Person, Post
from crm.rules import habits
from crm.rules.access import Role
from crm.rules.kinds import UnitKind
from crm.search.models import SearchDoc
from tests.factories import interest as make
from tests.factories.interest import MONDAY
from tests.support.sessions import user_with


@pytest.fixture
def sara(app):
    operations.seed_sources()
    return user_with(Role.REP)


@pytest.fixture
def place(app):
    return make.hultsfred(now=MONDAY - timedelta(days=100))


def phone():
    return queries.source_by_key(SourceKind.CHANNEL, "phone")


def log_call(who, sara, now=MONDAY, **facts):
    told = {"typed": "hults ven anna", "summary": "Vill prova", "channel": phone()} | facts
    return operations.log_call(who, by=sara, now=now, **told)


def number_of(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


# --- Logging -------------------------------------------------------------------------------------


def test_a_call_from_a_known_teacher_is_sorted_at_once(session, sara, place):
    made = log_call(Who(place.school.id, place.anna.id), sara)
    inquiry = made.inquiry
    assert (inquiry.organisation_id, inquiry.body_id) == (place.school.id, place.body.id)
    assert inquiry.person_id == place.anna.id
    assert inquiry.sorting is Sorting.SORTED
    assert inquiry.typed == "hults ven anna"
    assert inquiry.owner_id == sara.id
    line = session.scalar(sa.select(Activity).where(Activity.inquiry_id == inquiry.id))
    assert (line.kind, line.organisation_id) == (ActivityKind.INQUIRY, place.school.id)
    assert line.data["event"] == "inquiry_logged"


def test_new_school_and_new_person_come_with_the_inquiry(session, sara, place):
    who = Who(place.body.id, None, "Nyskolan", UnitKind.SCHOOL, "Lisa", "Ek")
    made = log_call(who, sara)
    assert (made.unit.name, made.unit.parent_id) == ("Nyskolan", place.body.id)
    assert made.person.name == "Lisa Ek"
    post = session.scalar(sa.select(Post).where(Post.person_id == made.person.id))
    assert post.organisation_id == made.unit.id
    assert made.inquiry.sorting is Sorting.SORTED


def test_a_new_school_named_beside_a_school_stands_beside_it(session, sara, place):
    made = log_call(Who(place.school.id, None, "Nyskolan", UnitKind.SCHOOL), sara)
    assert made.unit.parent_id == place.body.id


def test_a_first_name_and_a_municipality_are_enough(session, sara, place):
    made = log_call(Who(place.body.id, None, first_name="Lisa"), sara, typed="hults lisa")
    assert made.person.name == "Lisa"
    assert made.inquiry.sorting is Sorting.TO_SORT


@pytest.mark.parametrize("typed", ["Lisa", "lisa@gmail.com", "🙂", "'; DROP TABLE inquiry; --"])
def test_words_alone_are_kept_exactly_and_wait(session, sara, typed):
    made = log_call(Who(), sara, typed=typed)
    assert (made.inquiry.typed, made.inquiry.caller) == (typed, typed)
    assert made.inquiry.sorting is Sorting.TO_SORT
    assert db.session.scalar(queries.to_sort_counted(sara.id)) == 1


def test_nothing_is_made_when_the_inquiry_is_refused(session, sara, place):
    with pytest.raises(RuleBroken):
        operations.log(summary=" ", channel="phone", caller="Lisa", by=sara, now=MONDAY)
    with pytest.raises(RuleBroken):
        operations.log(summary="Vad?", channel="phone", by=sara, now=MONDAY)
    with pytest.raises(RuleBroken):
        operations.log(summary="Vad?", channel="pigeon", caller="Lisa", by=sara, now=MONDAY)
    assert number_of(session, Inquiry) == 0


def test_somebody_elsewhere_may_have_taken_the_choice_away(sara, place):
    with pytest.raises(RuleBroken):
        log_call(Who(999_999), sara)


def test_the_one_who_told_them_is_linked(session, sara, place):
    made = log_call(Who(place.other_school.id, None, first_name="Lisa"), sara, told_by=place.anna)
    assert made.inquiry.told_by_id == place.anna.id
    with pytest.raises(RuleBroken):
        log_call(Who(place.school.id, place.anna.id), sara, told_by=place.anna)


def test_spoken_is_answered_and_written_is_not(sara, place):
    assert log_call(Who(place.body.id), sara).inquiry.answered_at == MONDAY
    assert log_call(Who(place.body.id), sara, answered=False).inquiry.answered_at is None
    mail = queries.source_by_key(SourceKind.CHANNEL, "mail")
    assert log_call(Who(place.body.id), sara, channel=mail).inquiry.answered_at is None


def test_a_confirmed_address_teaches_its_domain(session, sara, place):
    log_call(Who(place.school.id, place.anna.id), sara, email="Anna.Berg@edu.Hultsfred.se")
    learnt = session.scalar(sa.select(DomainPattern))
    assert (learnt.domain, learnt.organisation_id) == ("edu.hultsfred.se", place.school.id)
    log_call(Who(place.school.id), sara, email="anna@gmail.com")
    assert number_of(session, DomainPattern) == 1


def test_a_look_alike_is_noted_and_never_in_the_way(session, sara, place):
    made = log_call(Who(place.other_school.id, None, first_name="Anna", last_name="Berg"), sara)
    assert made.person.id != place.anna.id
    noted = session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "distinct"))
    assert noted.entity_id == str(made.person.id)
    unit = log_call(Who(place.body.id, unit_name="Venhagsskolan"), sara).unit
    noted = session.scalars(
        sa.select(AuditEntry).where(
            AuditEntry.entity == "organisation", AuditEntry.action == "distinct"
        )
    ).one()
    assert noted.entity_id == str(unit.id)


# --- Taking back ---------------------------------------------------------------------------------


def test_undo_takes_back_all_that_was_made(session, sara, place):
    before = [number_of(session, m) for m in (Inquiry, Person, Post, Organisation, Activity)]
    docs = number_of(session, SearchDoc)
    made = log_call(Who(place.body.id, None, "Nyskolan", UnitKind.SCHOOL, "Lisa", "Ek"), sara)
    session.flush()
    operations.undo(made.inquiry, by=sara, now=MONDAY + timedelta(minutes=9))
    assert [
        number_of(session, m) for m in (Inquiry, Person, Post, Organisation, Activity)
    ] == before
    assert number_of(session, SearchDoc) == docs


def test_undo_keeps_what_somebody_has_used(session, sara, place):
    made = log_call(Who(place.body.id, None, "Nyskolan", UnitKind.SCHOOL, "Lisa", "Ek"), sara)
    other = log_call(Who(made.unit.id, made.person.id), sara)
    operations.undo(made.inquiry, by=sara, now=MONDAY)
    assert session.get(Person, made.person.id) is not None
    assert session.get(Organisation, made.unit.id) is not None
    assert session.get(Inquiry, other.inquiry.id) is not None


def test_undo_is_for_the_same_person_within_ten_minutes_and_untouched(session, sara, place):
    made = log_call(Who(place.body.id), sara).inquiry
    with pytest.raises(RuleBroken):
        operations.undo(made, by=user_with(Role.REP), now=MONDAY)
    with pytest.raises(RuleBroken):
        operations.undo(made, by=sara, now=MONDAY + timedelta(minutes=11))
    operations.let_go(made, "Fel nummer", by=sara, now=MONDAY)
    with pytest.raises(RuleBroken):
        operations.undo(made, by=sara, now=MONDAY)


# --- Sorting and answering -----------------------------------------------------------------------


def test_sorting_places_it_and_its_line_in_the_story(session, sara, place):
    found = log_call(Who(place.body.id), sara).inquiry
    operations.sort(found, organisation=place.school, person=place.anna, by=sara, now=MONDAY)
    assert (found.sorting, found.organisation_id) == (Sorting.SORTED, place.school.id)
    lines = session.scalars(sa.select(Activity).where(Activity.inquiry_id == found.id)).all()
    assert [(one.organisation_id, one.person_id) for one in lines] == [
        (place.school.id, place.anna.id)
    ]


def test_sorting_may_make_what_is_missing(session, sara, place):
    found = make.inquiry(caller="Lisa Ek", email="lisa.ek@hultsfred.se")
    operations.sort_as(
        found, Who(place.body.id, None, "Nyskolan", None, "Lisa", "Ek"), by=sara, now=MONDAY
    )
    made = session.get(Person, found.person_id)
    assert (made.name, made.email) == ("Lisa Ek", "lisa.ek@hultsfred.se")


def test_letting_go_needs_a_reason_and_can_be_taken_up(sara, place):
    found = make.inquiry()
    with pytest.raises(RuleBroken):
        operations.let_go(found, "  ", by=sara, now=MONDAY)
    operations.let_go(found, "Säljare", by=sara, now=MONDAY)
    assert db.session.scalar(queries.to_sort_counted(None)) == 0
    operations.take_up(found, by=sara, now=MONDAY)
    assert (found.sorting, found.let_go_reason) == (Sorting.TO_SORT, "")


def test_the_first_answer_stops_the_clock_and_stands_in_the_story(session, sara, place):
    found = make.inquiry(organisation=place.school, person=place.anna, channel="mail")
    operations.answer(found, text="Skickade länken", by=sara, now=MONDAY)
    operations.answer(found, text="Ringde också", by=sara, now=MONDAY + timedelta(hours=1))
    assert (found.answered_at, found.answered_by_id) == (MONDAY, sara.id)
    texts = session.scalars(
        sa.select(Activity.text).where(Activity.kind == ActivityKind.MAIL).order_by(Activity.at)
    ).all()
    assert texts == ["Skickade länken", "Ringde också"]


# --- The clock that knows the holidays (B10) ------------------------------------------------------

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("received", "now", "late"),
    [
        pytest.param((2026, 11, 23, 9), (2026, 11, 23, 16, 59), False, id="same day, just within"),
        pytest.param((2026, 11, 23, 9), (2026, 11, 23, 17, 5), True, id="a whole working day"),
        pytest.param((2026, 11, 20, 16), (2026, 11, 23, 12), False, id="over a weekend"),
        pytest.param((2026, 12, 23, 16), (2026, 12, 28, 12), False, id="over Christmas"),
        pytest.param((2026, 12, 23, 16), (2026, 12, 28, 16), True, id="and the day after it"),
        pytest.param((2027, 3, 25, 16), (2027, 3, 30, 12), False, id="over Easter"),
    ],
)
def test_what_is_late_is_counted_in_swedish_working_hours(app, received, now, late):
    make.inquiry(channel="mail", received_at=datetime(*received, tzinfo=STOCKHOLM))
    found = queries.unanswered(None, datetime(*now, tzinfo=STOCKHOLM))
    assert bool(found.rows) is late
    assert found.total == len(found.rows)


def test_the_promise_has_a_day_and_a_source():
    assert habits.ANSWER_WITHIN.working_hours == 8
    assert habits.ANSWER_WITHIN.since <= date(2026, 12, 31)
    assert habits.ANSWER_WITHIN.source


# --- A colleague was in touch (J5) ----------------------------------------------------------------


def test_contacts_at_any_unit_of_the_body_are_seen(sara, place):
    erik = user_with(Role.REP)
    log_call(Who(place.other_school.id), erik, now=MONDAY - timedelta(days=6))
    found = queries.lately_in_touch(place.body.id, sara, MONDAY)
    assert [(touch.by, touch.organisation) for touch in found] == [(erik.name, "Albäcksskolan")]


def test_ones_own_and_old_contacts_are_not_mentioned(sara, place):
    erik = user_with(Role.REP)
    log_call(Who(place.school.id), erik, now=MONDAY - timedelta(days=31))
    log_call(Who(place.school.id), sara, now=MONDAY - timedelta(days=1))
    assert queries.lately_in_touch(place.body.id, sara, MONDAY) == []


# --- Lists (B4) ----------------------------------------------------------------------------------


def test_the_lists_begin_filled_and_are_seeded_once(session):
    assert operations.seed_sources() == 13
    assert operations.seed_sources() == 0
    assert [s.key for s in queries.sources(SourceKind.CHANNEL)] == [
        *("phone", "mail", "web_form", "trial", "event", "visit", "kit")
    ]


def test_renaming_keeps_the_figures(session, sara, place):
    log_call(Who(place.body.id), sara)
    operations.rename_source(phone(), name_sv="Samtal", name_en="")
    assert phone().name_en == "Samtal"
    assert queries.counted(queries.Filter())[phone().id] == 1
    with pytest.raises(RuleBroken):
        operations.rename_source(phone(), name_sv="E-post", name_en="x")


def test_merging_moves_the_inquiries_and_retires(session, sara, place):
    found = log_call(Who(place.body.id), sara).inquiry
    visit = queries.source_by_key(SourceKind.CHANNEL, "visit")
    own_need = queries.source_by_key(SourceKind.TRIGGER, "own_need")
    assert operations.merge_source(phone(), visit) == 1
    assert found.channel_id == visit.id
    assert phone().retired
    for other in (visit, own_need, phone()):
        with pytest.raises(RuleBroken):
            operations.merge_source(visit, other)


def test_a_list_is_never_left_empty(session, sara):
    *rest, last = queries.sources(SourceKind.TRIGGER)
    for source in rest:
        operations.retire_source(source)
    with pytest.raises(RuleBroken):
        operations.retire_source(last)


def test_order_is_ones_own(session, sara):
    visit = queries.source_by_key(SourceKind.CHANNEL, "visit")
    for _ in range(9):
        operations.move_source(visit, up=True)
    assert queries.sources(SourceKind.CHANNEL)[0].key == "visit"


def test_new_ones_get_a_key_of_their_own(session, sara):
    one = operations.add_source(SourceKind.CHANNEL, name_sv="Chatt", name_en="Chat")
    two = operations.add_source(SourceKind.CHANNEL, name_sv="Chatten!", name_en="Chat?")
    assert (one.key, two.key) == ("chat", "chat_2")
    assert isinstance(session.get(Source, two.id), Source)
