"""A published timetable taken over: looked through, ticked, saved; what is broken is told."""

import io
import re
from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from crm.budgets import import_pages, operations, queries
from crm.budgets.drafts import EVENT, Calendar, DateRow, Ground, ImportedRow
from crm.budgets.importing import Imported, Replaced
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
    assert "Rad 5: den dagen eller veckan finns inte" in page
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


def test_weeks_months_and_rows_without_columns_are_read_or_named(session, as_user):
    """No row that was sent is missing from the page."""
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body)
    rows = (
        "juni 2027;Beslut om budget\nv. 34;Nämndernas budgetunderlag\n"
        "2027-05-03 Kommunfullmäktige\nvecka 25;Kommunfullmäktige, budget\n"
    )
    page = html_of(client.post(f"/budget-year/{body.id}/import", data={"text": rows}))
    assert "Rad 4: fullmäktige sammanträder en viss dag" in page
    sent = sent_of(page)
    days = {
        (sent[f"r{n}_day"], sent[f"r{n}_end"], sent[f"r{n}_name"], sent[f"r{n}_what"])
        for n in range(3)
    }
    assert days == {
        ("2027-05-03", "", "Kommunfullmäktige", "meeting"),
        ("2027-06-01", "2027-06-30", "Beslut om budget", "event"),
        ("2027-08-23", "2027-08-29", "Nämndernas budgetunderlag", DOOR),
    }


def test_the_council_does_not_meet_for_a_month(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    row = {"r0_use": "y", "r0_day": "2027-06-01", "r0_end": "2027-06-30", "r0_name": "Beslut"}
    address = f"/budget-year/{body.id}/import/save"
    answer = client.post(address, data=row | {"r0_what": "decision"})
    assert answer.status_code == 422
    assert "Fullmäktige sammanträder en viss dag. Skriv vilken." in html_of(answer)
    assert number_of(session, CouncilMeeting) == 0
    two_days = row | {"r0_end": "2027-06-02", "r0_what": "decision"}
    assert client.post(address, data=two_days).status_code == 303


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


# --- Rows that contradict each other, or lie oddly ---------------------------------------------

TWO_DECISIONS = "2027-06-14;KF budget\n2027-11-22;KF, budget igen\n2027-02-22;Kommunfullmäktige\n"
CHOOSE = (
    "Både ”KF budget” 14 juni 2027 och ”KF, budget igen” 22 nov. 2027 ska besluta budgeten för 2028"
)


def test_of_two_decisions_for_one_budget_neither_is_proposed_and_both_cannot_be_saved(
    session, as_user
):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    page = html_of(upload(client, body, TWO_DECISIONS.encode()))
    sent = sent_of(page)
    assert "r0_use" in sent
    assert not {"r1_use", "r2_use"} & sent.keys()
    assert page.count(CHOOSE) == 2
    both = sent | {"r1_use": "y", "r2_use": "y"}
    answer = client.post(f"/budget-year/{body.id}/import/save", data=both)
    assert answer.status_code == 422
    assert html_of(answer).count(CHOOSE) >= 2  # at each of the two rows
    assert number_of(session, CouncilMeeting) == 0
    one = both | {"r2_what": "meeting"}
    assert client.post(f"/budget-year/{body.id}/import/save", data=one).status_code == 303
    assert [(m.held_on, m.decides) for m in queries.council_meetings(body)] == [
        (date(2027, 2, 22), None),
        (date(2027, 6, 14), 2028),
        (date(2027, 11, 22), None),
    ]


def test_two_decisions_are_refused_below_the_form_as_well(session, app):
    body = make_body()
    make_practice(body)
    with pytest.raises(RuleBroken, match="2028"):
        put(
            body,
            ImportedRow("decision", "KF", date(2027, 6, 14), date(2027, 6, 14)),
            ImportedRow("decision", "KF", date(2027, 11, 22), date(2027, 11, 22)),
        )
    assert number_of(session, CouncilMeeting) == 0


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("2090-03-01;Kommunfullmäktige", "Längre fram än de tre närmaste budgetåren"),
        ("2030-01-15;Kommunfullmäktige", "Längre fram än de tre närmaste budgetåren"),
        ("2026-02-23;Kommunfullmäktige", "Har redan varit"),
        ("2027-01-18;KF budget", "Ligger före nämndernas inlämning för 2028"),
        ("2030-06-17;KF budget", "Längre fram"),
        ("2027-03-09;Bygglovsnämnden", "Säger inget om budgeten"),
    ],
)
def test_what_lies_oddly_is_shown_with_the_reason_and_not_proposed(session, as_user, rows, words):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    page = html_of(upload(client, body, f"{rows}\n2029-12-17;Kommunfullmäktige".encode()))
    sent = sent_of(page)
    ticked = {name for name in sent if name.endswith("_use")}
    assert words in page
    assert len(ticked) == 1
    assert sent[f"{ticked.pop()[:2]}_day"] == "2029-12-17"  # the last day of the horizon's year


def test_two_rows_of_a_day_are_one_meeting_and_the_one_that_decides_is_proposed(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    page = html_of(
        upload(client, body, b"2027-06-14;Kommunfullm\xc3\xa4ktige\n2027-06-14;KF, budget\n")
    )
    sent = sent_of(page)
    ticked = next(name for name in sent if name.endswith("_use"))
    assert sent[f"{ticked[:2]}_what"] == "decision"
    assert "Samma dag som ”KF, budget”" in page
    both = sent | {"r0_use": "y", "r1_use": "y"}
    answer = client.post(f"/budget-year/{body.id}/import/save", data=both, follow_redirects=True)
    assert "1 ny, 1 som förut" in html_of(answer)
    assert number_of(session, CouncilMeeting) == 1


def test_a_year_that_nobody_means_is_refused_at_its_row(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    row = {"r0_use": "y", "r0_day": "2090-03-01", "r0_name": "KF", "r0_what": "meeting"}
    answer = client.post(f"/budget-year/{body.id}/import/save", data=row)
    assert answer.status_code == 422
    assert "Dagar från 2025 till 2031 kan sparas" in html_of(answer)
    make_practice(body, DecisionPractice.JUNE)
    for number, day in ((1, "2027-06-14"), (2, "2027-11-22")):
        row |= {f"r{number}_use": "y", f"r{number}_day": day}
        row |= {f"r{number}_name": f"KF {number}", f"r{number}_what": "decision"}
    page = html_of(client.post(f"/budget-year/{body.id}/import/save", data=row))
    assert "Dagar från 2025 till 2031 kan sparas" in page
    assert "Både ”KF 1”" in page, "everything that is wrong is said at once"


def test_a_decision_before_the_hand_in_of_the_same_file_is_refused_at_its_row(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    page = html_of(upload(client, body, b"2027-03-24;Budgetunderlag\n2027-02-22;KF budget\n"))
    sent = sent_of(page)
    assert {name for name in sent if name.endswith("_use")} == {"r1_use"}
    answer = client.post(f"/budget-year/{body.id}/import/save", data=sent | {"r0_use": "y"})
    assert answer.status_code == 422
    assert "skulle beslutas innan nämnderna har lämnat in: ”Budgetunderlag” är 24 mars 2027" in (
        html_of(answer)
    )


def test_the_message_counts_every_ticked_row_once_and_tells_a_moved_decision(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    put(
        body,
        ImportedRow("decision", "KF", date(2027, 11, 22), date(2027, 11, 22)),
        ImportedRow("meeting", "KF", date(2027, 6, 14), date(2027, 6, 14)),
        ImportedRow(EVENT, "Budgetdag", date(2027, 4, 1), date(2027, 4, 1)),
        ImportedRow(EVENT, "Mässa", date(2027, 5, 3), date(2027, 5, 3)),
    )
    session.commit()
    rows = [
        ("2027-06-14", "KF", "decision"),  # known, decides now
        ("2027-02-22", "KF", "meeting"),  # new
        ("2027-03-02", "Skolnämnden", DOOR),  # new, one stretch with the next
        ("2027-03-16", "Socialnämnden", DOOR),
        ("2027-04-08", "Budgetdag", EVENT),  # moved
        ("2027-05-03", "Mässa", EVENT),  # as before
    ]
    sent = {}
    for number, (day, name, what) in enumerate(rows):
        sent |= {f"r{number}_use": "y", f"r{number}_day": day}
        sent |= {f"r{number}_name": name, f"r{number}_what": what}
    address = f"/budget-year/{body.id}/import/save"
    page = html_of(client.post(address, data=sent, follow_redirects=True))
    assert "Sparat. Av de ikryssade raderna: 3 nya, 2 ändrade, 1 som förut." in page
    assert "Budgeten för 2028 beslutas 14 juni 2027, inte längre 22 nov. 2027." in page
    page = html_of(client.post(address, data=sent, follow_redirects=True))
    assert "Inget har ändrats: allt var känt redan." in page


def test_a_decision_that_moves_is_told_before_it_is_saved(session, app, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body, DecisionPractice.JUNE)
    old = ImportedRow("decision", "KF", date(2027, 11, 22), date(2027, 11, 22))
    assert put(body, old).replaced == ()
    session.commit()
    page = html_of(upload(client, body, b"2027-06-14;KF budget\n"))
    assert "Hittills är det 22 nov. 2027 som gäller" in page
    assert "r0_use" in sent_of(page)
    new = ImportedRow("decision", "KF", date(2027, 6, 14), date(2027, 6, 14))
    assert put(body, new).replaced == (
        Replaced(2028, old=date(2027, 11, 22), new=date(2027, 6, 14)),
    )


def test_an_event_over_the_turn_of_the_year_leaves_the_old_day_and_says_so(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    make_practice(body)
    put(body, ImportedRow(EVENT, "Budgetdag", date(2027, 12, 13), date(2027, 12, 13)))
    session.commit()
    page = html_of(upload(client, body, b"2028-01-10;Budgetdag\n"))
    assert "Finns även 13 dec. 2027, och står kvar där" in page
    put(body, ImportedRow(EVENT, "Budgetdag", date(2028, 1, 10), date(2028, 1, 10)))
    assert number_of(session, BudgetEvent) == 2


def test_rows_of_a_phase_on_both_sides_of_a_new_year_are_one_stretch(session, app):
    body = make_body()
    make_practice(body, DecisionPractice.JUNE)
    before = queries.known_of(body).practice
    put(
        body,
        ImportedRow(DOOR, "Skolnämnden", date(2026, 12, 14), date(2026, 12, 14)),
        ImportedRow(DOOR, "Socialnämnden", date(2027, 1, 18), date(2027, 1, 18)),
    )
    door = budget_cycle.door(queries.known_of(body).practice, 2028)
    assert (door.start, door.end) == (date(2026, 12, 14), date(2027, 1, 18))
    assert budget_cycle.door(before, 2029) == budget_cycle.door(
        queries.known_of(body).practice, 2029
    )


def test_the_29th_of_february_stays_in_its_year(session, app):
    body = make_body()
    make_practice(body, DecisionPractice.JUNE)
    leap = date(2028, 2, 29)
    put(
        body,
        ImportedRow(EVENT, "Budgetdag", leap, leap),
        ImportedRow("meeting", "KF", leap, leap),
        ImportedRow(DOOR, "Underlag", date(2028, 2, 1), leap),
    )
    door = budget_cycle.door(queries.known_of(body).practice, 2029)
    assert (door.start, door.end) == (date(2028, 2, 1), leap)
    [meeting] = queries.council_meetings(body)
    assert meeting.held_on == leap
    known = queries.known_of(body)
    assert [one.start for one in known.phases(2029) if one.name_sv == "Budgetdag"] == [leap]


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
    assert put(body, *rows) == Imported(new=4, changed=0, unchanged=0)
    assert put(body, *rows) == Imported(new=0, changed=0, unchanged=4)
    assert number_of(session, BudgetEvent) == 3


def test_what_was_told_and_is_published_now_says_so_and_never_the_other_way(session, app):
    body = make_body()
    make_practice(body)
    told = Ground(Certainty.CONFIRMED, "", TODAY)
    rows = (
        ImportedRow("meeting", "KF", date(2027, 2, 22), date(2027, 2, 22)),
        ImportedRow("meeting", "Kommunfullmäktige", date(2027, 2, 22), date(2027, 2, 22)),
        ImportedRow(EVENT, "Budgetdag", date(2027, 4, 1), date(2027, 4, 1)),
    )
    assert put(body, *rows, ground=told) == Imported(new=2, changed=0, unchanged=1)
    assert put(body, *rows) == Imported(new=0, changed=2, unchanged=1)
    assert put(body, *rows) == Imported(new=0, changed=0, unchanged=3)
    assert put(body, *rows, ground=told) == Imported(new=0, changed=0, unchanged=3)
    [meeting], [event] = queries.council_meetings(body), queries.events_of(body)
    for one in (meeting, event):
        assert (one.certainty, one.source_url) == (Certainty.PUBLISHED, SOURCE)


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
