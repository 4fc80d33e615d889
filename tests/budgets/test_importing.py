"""A published timetable taken over: looked through, ticked, saved; what is broken is told."""

import io
import re
from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from crm.budgets import import_pages, operations, queries
from crm.budgets.drafts import EVENT, Calendar, DateRow, Ground, ImportedRow
from crm.budgets.models import BudgetEvent, CouncilMeeting
from crm.core.errors import RuleBroken
from crm.rules import budget_cycle, timetable
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from tests.factories.budgets import NOW, SOURCE, TODAY, make_body, make_practice, make_unit

DOOR = "namndens_budgetunderlag"
GROUND = Ground(Certainty.PUBLISHED, SOURCE, TODAY)
TABLE = (
    "Sammanträdestider 2027;;\r\nDatum;Tid;Organ\r\n22/2;13:00;Kommunfullmäktige\r\n"
    "14 juni;;Kommunfullmäktige, mål och budget\r\n31/2;;Kommunfullmäktige\r\n"
    "2027-03-01;2027-03-24;Nämndernas budgetunderlag\r\n9/3;;Bygglovsnämnden\r\n"
)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270222\r\n"
    "SUMMARY:Kommunfullmäktige\r\nRRULE:FREQ=MONTHLY;BYDAY=-1MO;COUNT=3\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)


@pytest.fixture(autouse=True)
def monday_in_november():
    with time_machine.travel(NOW, tick=True):
        yield


def upload(client, body, content, name="tider.csv"):
    return client.post(
        f"/budget-year/{body.id}/import",
        data={"file": (io.BytesIO(content), name), "text": ""},
        content_type="multipart/form-data",
    )


def sent_of(page):
    """The rows of the look, as a browser sends them back."""
    sent = {}
    for tag in re.findall(
        r'<input[^>]* name="r\d+_\w+"[^>]*>|<input[^>]*name="r\d+_\w+"[^>]*>', page
    ):
        name = re.search(r'name="([^"]+)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        if 'type="checkbox"' not in tag or " checked" in tag:
            sent[name] = value[1] if value else ""
    for name, options in re.findall(
        r'<select[^>]*name="(r\d+_what)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        sent[name] = re.search(r'<option selected value="([^"]+)"', options)[1]
    return sent


def number_of(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def put(body, *rows, ground=GROUND):
    return operations.import_dates(body, rows, ground, by=None, now=NOW)


def html_of(response):
    return response.get_data(as_text=True)


# --- Look, tick, save --------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_table_is_looked_through_then_saved(session, as_user, encoding):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    look = upload(client, body, TABLE.encode(encoding))
    assert look.status_code == 200
    page = html_of(look)
    assert "Rad 5: den dagen finns inte" in page
    assert number_of(session, CouncilMeeting) == 0
    sent = sent_of(page)
    whats = [sent[f"r{number}_what"] for number in range(4)]
    assert whats == ["meeting", DOOR, EVENT, "decision"]
    assert "r2_use" not in sent  # a nämnd that merely meets is not ticked
    answer = client.post(f"/budget-year/{body.id}/import/save", data=sent | {"source_url": SOURCE})
    assert answer.status_code == 303
    practice = queries.known_of(body).practice
    decided, door = budget_cycle.decision(practice, 2028), budget_cycle.door(practice, 2028)
    assert (decided.start, decided.certainty) == (date(2027, 6, 14), Certainty.PUBLISHED)
    assert (door.start, door.end) == (date(2027, 3, 1), date(2027, 3, 24))
    assert (door.certainty, door.source) == (Certainty.PUBLISHED, SOURCE)
    assert [one.held_on for one in queries.council_meetings(body)] == [
        date(2027, 2, 22),
        date(2027, 6, 14),
    ]


def test_a_calendar_file_gives_its_meetings(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    page = html_of(upload(client, body, CALENDAR.encode(), "kf.ics"))
    client.post(f"/budget-year/{body.id}/import/save", data=sent_of(page))
    assert [(one.held_on, one.certainty) for one in queries.council_meetings(body)] == [
        (date(2027, 2, 22), Certainty.CONFIRMED),
        (date(2027, 3, 29), Certainty.CONFIRMED),
        (date(2027, 4, 26), Certainty.CONFIRMED),
    ]


def test_rows_can_be_pasted(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    look = client.post(f"/budget-year/{body.id}/import", data={"text": "2027-02-22;Fullmäktige"})
    assert sent_of(html_of(look))["r0_day"] == "2027-02-22"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Välj en fil"),
        (b"PK\x03\x04\x00", "varken en kalenderfil eller en tabell"),
        (b"a" * 2001, "större än 1 MB"),
        (b"Datum;Organ\n", "Det finns ingen dag i den"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(
    session, as_user, monkeypatch, content, words
):
    for module in (import_pages, timetable):
        monkeypatch.setattr(module, "MOST_BYTES", 2000)
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    answer = upload(client, body, content)
    assert answer.status_code == 422
    assert words in html_of(answer)


def test_of_very_many_rows_those_that_matter_come_first(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    rows = [f"2027-0{1 + n % 9}-{10 + n % 18};Nämnd {n}" for n in range(200)]
    page = html_of(upload(client, body, "\n".join([*rows, "2027-12-13;Fullmäktige"]).encode()))
    assert "141 rader till visas inte" in page
    assert "2027-12-13" in page


def test_a_ticked_row_must_be_whole_and_one_left_out_need_not(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    address = f"/budget-year/{body.id}/import/save"
    broken = {"r0_use": "y", "r0_day": "31/2", "r0_name": "KF", "r0_what": "meeting"}
    good = {"r1_use": "y", "r1_day": "2027-02-22", "r1_name": "KF", "r1_what": "meeting"}
    answer = client.post(address, data=broken | good)
    assert answer.status_code == 422
    assert 'value="31/2"' in html_of(answer)
    assert number_of(session, CouncilMeeting) == 0
    del broken["r0_use"]
    assert client.post(address, data=broken | good).status_code == 303
    assert number_of(session, CouncilMeeting) == 1
    assert client.post(address, data=broken).status_code == 422  # nothing ticked


# --- What is written ---------------------------------------------------------------------------


def test_sent_twice_it_changes_nothing(session, app):
    body = make_body()
    make_practice(body)
    rows = (
        ImportedRow("meeting", "KF", date(2027, 2, 22), date(2027, 2, 22)),
        ImportedRow(DOOR, "Underlag", date(2027, 3, 1), date(2027, 3, 24)),
        ImportedRow(EVENT, "Budgetdag", date(2027, 4, 1), date(2027, 4, 1)),
        ImportedRow(EVENT, "Budgetdag", date(2027, 5, 3), date(2027, 5, 3)),
    )
    assert put(body, *rows) == (1, 3)
    assert put(body, *rows) == (0, 0)
    assert number_of(session, BudgetEvent) == 3


def test_what_holds_for_every_year_stays_and_the_year_wins(session, app):
    body = make_body()
    every = DateRow(DOOR, "", (2, 1), (2, 28), -1, None)
    calendar = Calendar(DecisionPractice.JUNE, Certainty.PUBLISHED, SOURCE, TODAY, (every,))
    operations.set_calendar(body, calendar, by=None, now=NOW)
    put(body, ImportedRow(DOOR, "Underlag", date(2027, 3, 1), date(2027, 3, 24)))
    practice = queries.known_of(body).practice
    assert budget_cycle.door(practice, 2028).start == date(2027, 3, 1)
    assert budget_cycle.door(practice, 2029).start == date(2028, 2, 1)


def test_several_rows_of_a_phase_are_one_stretch(session, app):
    body = make_body()
    make_practice(body)
    put(
        body,
        ImportedRow(DOOR, "Skolnämnden", date(2027, 3, 2), date(2027, 3, 2)),
        ImportedRow(DOOR, "Socialnämnden", date(2027, 3, 16), date(2027, 3, 18)),
    )
    door = budget_cycle.door(queries.known_of(body).practice, 2028)
    assert (door.start, door.end) == (date(2027, 3, 2), date(2027, 3, 18))


def test_whoever_has_the_form_open_sees_that_it_is_old(session, app):
    body = make_body()
    version = make_practice(body).version
    put(body, ImportedRow(DOOR, "Underlag", date(2027, 3, 1), date(2027, 3, 24)))
    session.flush()
    assert queries.practice_row(body).version > version


def test_what_cannot_be_is_refused_whole(session, app):
    body = make_body()
    good = ImportedRow("meeting", "KF", date(2027, 2, 22), date(2027, 2, 22))
    with pytest.raises(RuleBroken):
        put(make_unit(body), good)
    with pytest.raises(RuleBroken):
        put(body, ImportedRow(EVENT, "Lång", date(2027, 1, 1), date(2028, 6, 1)))
    with pytest.raises(RuleBroken):
        put(body, ImportedRow("decision", "KF", date(2027, 6, 14), date(2027, 6, 14)))
    many = [
        ImportedRow(EVENT, f"Dag {number}", date(2027, 1, 1), date(2027, 1, 1))
        for number in range(41)
    ]
    with pytest.raises(RuleBroken):
        put(body, *many)
