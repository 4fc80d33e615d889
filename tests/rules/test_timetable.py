"""Published timetables as people have them: Swedish tables, calendar files, and broken ones."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import PhaseRole
from crm.rules.timetable import (
    COUNCIL,
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_ENTRIES,
    MOST_OCCURRENCES,
    Problem,
    UnreadableFile,
    meaning_of,
    read_timetable,
)

TODAY = date(2026, 11, 29)

TABLE = """Sammanträdestider 2027;;
Datum;Tid;Organ
mån 22/2;13:00;Kommunfullmäktige
2027-03-30 18:30;;Kommunfullmäktige, Stora salen
14 juni;kl. 10;Kommunfullmäktige, budget
2027-03-01 – 2027-03-24;;Nämndernas budgetunderlag
"""


def days(content, today=TODAY):
    text = content.encode() if isinstance(content, str) else content
    return [(one.start, one.end, one.text) for one in read_timetable(text, today).entries]


def problems(content):
    return [(one.line, one.problem) for one in read_timetable(content.encode(), TODAY).bad]


def event(**lines):
    told = "\r\n".join(f"{key}:{value}" for key, value in lines.items())
    return f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{told}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


# --- Tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_a_swedish_table_in_every_encoding(encoding):
    table = TABLE.replace("–", "-") if encoding == "latin-1" else TABLE
    assert days(table.encode(encoding)) == [
        (date(2027, 2, 22), date(2027, 2, 22), "Kommunfullmäktige"),
        (date(2027, 3, 1), date(2027, 3, 24), "Nämndernas budgetunderlag"),
        (date(2027, 3, 30), date(2027, 3, 30), "Kommunfullmäktige, Stora salen"),
        (date(2027, 6, 14), date(2027, 6, 14), "Kommunfullmäktige, budget"),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_any_delimiter_and_order_of_columns(delimiter):
    row = delimiter.join(["Kommunfullmäktige", "2027-02-22", "18.00"])
    assert days(row) == [(date(2027, 2, 22), date(2027, 2, 22), "Kommunfullmäktige")]


def test_broken_rows_are_told_by_line_and_the_rest_is_kept():
    table = (
        "Datum;Organ\n2027-02-22;Fullmäktige\n31/2;Fullmäktige\n;Kommunstyrelsen\n2027-04-26;\n"
        "2027-05-10;2027-05-01;Beredning\n2027-06-14;Fullmäktige\n"
    )
    assert [start for start, _end, _text in days(table)] == [date(2027, 2, 22), date(2027, 6, 14)]
    assert problems(table) == [
        (3, Problem.NO_SUCH_DAY),
        (4, Problem.NO_DATE),
        (5, Problem.NO_WORDS),
        (6, Problem.ENDS_BEFORE),
    ]


def test_29_february_is_a_day_in_leap_years_alone():
    assert days("2028-02-29;Fullmäktige")[0][0] == date(2028, 2, 29)
    assert problems("2027-02-29;Fullmäktige") == [(1, Problem.NO_SUCH_DAY)]


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("1/3-24/3", date(2027, 3, 1), date(2027, 3, 24)),
        ("24–25 november 2027", date(2027, 11, 24), date(2027, 11, 25)),
        ("24-25 november 2027", date(2027, 11, 24), date(2027, 11, 25)),
        ("2027-03-01 till 2027-03-24", date(2027, 3, 1), date(2027, 3, 24)),
        ("1 mars – 24 mars", date(2027, 3, 1), date(2027, 3, 24)),
        ("måndagen den 22 februari", date(2027, 2, 22), date(2027, 2, 22)),
        ("2027-02-22", date(2027, 2, 22), date(2027, 2, 22)),
    ],
)
def test_days_and_stretches_as_people_write_them(cell, first, last):
    assert days(f"{cell};Fullmäktige") == [(first, last, "Fullmäktige")]


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("juni 2027", date(2027, 6, 1), date(2027, 6, 30)),
        ("juni", date(2027, 6, 1), date(2027, 6, 30)),
        ("november", date(2026, 11, 1), date(2026, 11, 30)),
        ("juni–augusti 2027", date(2027, 6, 1), date(2027, 8, 31)),
        ("december - januari 2028", date(2027, 12, 1), date(2028, 1, 31)),
        ("december–januari", date(2026, 12, 1), date(2027, 1, 31)),
        ("v. 34", date(2027, 8, 23), date(2027, 8, 29)),
        ("Vecka 34", date(2027, 8, 23), date(2027, 8, 29)),
        ("v.34 2028", date(2028, 8, 21), date(2028, 8, 27)),
        ("v. 34–36", date(2027, 8, 23), date(2027, 9, 12)),
        ("v. 53", date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_a_week_or_a_month_is_its_days(cell, first, last):
    for row in (f"{cell};Nämndernas budgetunderlag", f"Nämndernas budgetunderlag;{cell}"):
        assert days(row) == [(first, last, "Nämndernas budgetunderlag")]


def test_a_heading_gives_the_year_of_weeks_and_months():
    table = "Budgetprocess 2028;;\nv. 34;;Nämndernas budgetunderlag\nmars;;Budgetdirektiv\n"
    assert [one[0] for one in days(table)] == [date(2028, 3, 1), date(2028, 8, 21)]


def test_the_week_or_the_month_beside_a_day_says_nothing_more():
    table = "Mars;v. 12;22/3;Kommunfullmäktige\n"
    assert days(table) == [(date(2027, 3, 22), date(2027, 3, 22), "Kommunfullmäktige")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("juni 2027;Kommunfullmäktige, budget", Problem.NEEDS_A_DAY),
        ("v. 25;Kommunfullmäktige", Problem.NEEDS_A_DAY),
        ("v. 61;Nämndernas budgetunderlag", Problem.NO_SUCH_DAY),
        ("Q2 2027;Budgetberedning", Problem.NO_DATE),
        ("31/2 Kommunfullmäktige", Problem.NO_SUCH_DAY),
        ("Kommunfullmäktige 2027-05-03 i Folkets hus", Problem.NOT_APART),
        ("juni;", Problem.NO_WORDS),
    ],
)
def test_no_row_is_dropped_in_silence(row, problem):
    for table in (f"{row}\n2027-05-03;Budgetdirektiv", f"2027-05-03;Budgetdirektiv\n{row}"):
        found = read_timetable(table.encode(), TODAY)
        assert [one.problem for one in found.bad] == [problem]
        assert found.bad[0].text and len(found.entries) == 1


@pytest.mark.parametrize(
    ("row", "first", "text"),
    [
        ("2027-05-03 Kommunfullmäktige", date(2027, 5, 3), "Kommunfullmäktige"),
        ("2027-05-03: Kommunfullmäktige", date(2027, 5, 3), "Kommunfullmäktige"),
        ("2027-05-03 - Kommunfullmäktige", date(2027, 5, 3), "Kommunfullmäktige"),
        ("mån 22/2 kl. 18 Kommunfullmäktige", date(2027, 2, 22), "Kommunfullmäktige"),
        ("14 juni 18.30 Kommunfullmäktige, budget", date(2027, 6, 14), "Kommunfullmäktige, budget"),
        ("1/3 – 24/3 Nämndernas budgetunderlag", date(2027, 3, 1), "Nämndernas budgetunderlag"),
        ("v. 34 Nämndernas budgetunderlag", date(2027, 8, 23), "Nämndernas budgetunderlag"),
        ("juni 2027 Budgetdirektiv", date(2027, 6, 1), "Budgetdirektiv"),
    ],
)
def test_a_blank_between_the_day_and_the_words_is_enough(row, first, text):
    assert [(one[0], one[2]) for one in days(row)] == [(first, text)]


def test_names_and_numbers_before_words_are_no_days():
    table = (
        "2027-05-03;Budgetdirektiv\nJan Svensson;ordförande\n15 personer bokade;\n10.30 kaffe;\n"
    )
    assert len(days(table)) == 1
    assert [problem for _line, problem in problems(table)] == [Problem.NO_DATE] * 3


def test_the_same_row_twice_is_one():
    assert len(days("2027-02-22;Fullmäktige\n2027-02-22;Fullmäktige\n")) == 1


# --- Calendar files ----------------------------------------------------------------------------


def test_an_event_of_a_whole_day_ends_the_day_before_its_end():
    calendar = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270301\nDTEND;VALUE=DATE:20270325\n"
        "SUMMARY:Nämndernas\n  budget\\, underlag\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert days(calendar) == [
        (date(2027, 3, 1), date(2027, 3, 24), "Nämndernas budget, underlag"),
    ]


def test_a_meeting_with_hours_is_on_its_day():
    calendar = event(DTSTART="20270222T180000", DTEND="20270222T220000Z", SUMMARY="Fullmäktige")
    assert days(calendar) == [(date(2027, 2, 22), date(2027, 2, 22), "Fullmäktige")]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("20270428T220000Z", "20270429T220000Z", date(2027, 4, 29), date(2027, 4, 29)),
        ("20270428T215959Z", "20270428T220000Z", date(2027, 4, 28), date(2027, 4, 28)),
        ("20270128T230000Z", "20270129T160000Z", date(2027, 1, 29), date(2027, 1, 29)),
        ("20270128T223000Z", "20270128T224500Z", date(2027, 1, 28), date(2027, 1, 28)),
        ("20270428T180000", "20270429T000000", date(2027, 4, 28), date(2027, 4, 28)),
        ("20270428T220000", "20270428T230000", date(2027, 4, 28), date(2027, 4, 28)),
    ],
)
def test_an_instant_falls_on_its_day_in_sweden(start, end, first, last):
    """Summer time and winter time; an end at midnight belongs to the day before."""
    calendar = event(DTSTART=start, DTEND=end, SUMMARY="Fullmäktige")
    assert days(calendar) == [(first, last, "Fullmäktige")]
    named = event(
        **{"DTSTART;TZID=UTC": start.rstrip("Z"), "DTEND;TZID=UTC": end.rstrip("Z")},
        SUMMARY="Fullmäktige",
    )
    assert not start.endswith("Z") or days(named) == [(first, last, "Fullmäktige")]


def test_a_recurrence_in_utc_keeps_its_hour_over_the_change_of_the_clocks():
    """22.30 on Wednesdays in UTC: still Wednesday in winter, Thursday once summer time has come."""
    calendar = event(
        DTSTART="20270317T223000Z",
        SUMMARY="Fullmäktige",
        RRULE="FREQ=WEEKLY;BYDAY=WE;UNTIL=20270407T223000Z",
        EXDATE="20270324T223000Z",
    )
    assert [one[0] for one in days(calendar)] == [
        date(2027, 3, 17),
        date(2027, 4, 1),
        date(2027, 4, 8),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=-1MO;COUNT=3", ["2027-02-22", "2027-03-29", "2027-04-26"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", ["2027-02-22", "2027-03-08", "2027-03-22"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270303", ["2027-02-22", "2027-02-24", "2027-03-01", "2027-03-03"]),
        ("FREQ=YEARLY;COUNT=2", ["2027-02-22", "2028-02-22"]),
        ("FREQ=DAILY;UNTIL=20270224T220000Z", ["2027-02-22", "2027-02-23", "2027-02-24"]),
    ],
)  # fmt: skip
def test_plain_recurrences_are_laid_out(rule, expected):
    found = days(event(DTSTART="20270222", SUMMARY="Fullmäktige", RRULE=rule))
    assert [start.isoformat() for start, _end, _text in found] == expected


def test_a_yearly_29_february_falls_in_leap_years_alone():
    found = days(event(DTSTART="20280229", SUMMARY="Fullmäktige", RRULE="FREQ=YEARLY"))
    assert [start for start, _end, _text in found] == [date(2028, 2, 29)]


def test_exceptions_and_what_was_called_off_are_left_out():
    rule = event(
        DTSTART="20270222", SUMMARY="KF", RRULE="FREQ=WEEKLY;COUNT=3", EXDATE="20270301T180000"
    )
    assert [one[0] for one in days(rule)] == [date(2027, 2, 22), date(2027, 3, 8)]
    with pytest.raises(UnreadableFile):
        read_timetable(event(DTSTART="20270222", SUMMARY="KF", STATUS="CANCELLED").encode(), TODAY)


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO", "FREQ=DAILY;INTERVAL=0", "nonsense",
     "FREQ=DAILY;COUNT=99999999", "FREQ=WEEKLY;UNTIL=never"],
)  # fmt: skip
def test_what_is_not_plain_keeps_its_first_day_and_says_so(rule):
    calendar = event(DTSTART="20270222", SUMMARY="Fullmäktige", RRULE=rule)
    assert [one[0] for one in days(calendar)] == [date(2027, 2, 22)]
    assert [problem for _line, problem in problems(calendar)] == [Problem.RECURS_ODDLY]


def test_a_recurrence_without_end_is_cut():
    found = days(event(DTSTART="20270222", SUMMARY="Fullmäktige", RRULE="FREQ=DAILY"))
    assert len(found) == MOST_OCCURRENCES


def test_a_file_of_endless_recurrences_stays_small():
    one = "BEGIN:VEVENT\nDTSTART:19900101\nSUMMARY:A\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
    bomb = "BEGIN:VCALENDAR\n" + one.replace("A", "Möte") * 4000 + "END:VCALENDAR\n"
    found = read_timetable(bomb.encode(), TODAY)
    assert len(found.entries) <= MOST_ENTRIES
    assert found.steps < 60_000


# --- Files that are none -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.EMPTY),
        (b" \n\n", Problem.EMPTY),
        (b"PK\x03\x04\x00\x00", Problem.NOT_TEXT),
        (b"a" * (MOST_BYTES + 1), Problem.TOO_LARGE),
        (b"Datum;Organ\n", Problem.NO_DATE),
        (b"\xff\xfe\x00", Problem.NOT_TEXT),
    ],
)
def test_a_file_that_is_no_timetable_is_refused_with_its_reason(content, problem):
    with pytest.raises(UnreadableFile) as refused:
        read_timetable(content, TODAY)
    assert refused.value.problem is problem


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_whatever_is_sent_it_is_read_or_refused(content):
    try:
        found = read_timetable(content, TODAY)
    except UnreadableFile:
        return
    assert all(one.start <= one.end and one.text for one in found.entries)


dates = st.dates(date(2026, 1, 1), date(2030, 12, 31))
names = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=4, max_size=30)


@given(st.lists(st.tuples(dates, st.integers(0, 40), names), min_size=1, max_size=20))
def test_a_table_gives_back_what_was_written(rows):
    table = "".join(
        f"{day.isoformat()};{(day + timedelta(days=length)).isoformat()};{name}\n"
        for day, length, name in rows
    )
    found = {(start, end, text) for start, end, text in days(table)}
    assert found == {(day, day + timedelta(days=length), name) for day, length, name in rows}


lines = st.lists(
    st.sampled_from(
        ["BEGIN:VEVENT", "END:VEVENT", "DTSTART:20270222", "DTSTART:99999999", "DTEND:20270101",
         "SUMMARY:KF", "RRULE:FREQ=DAILY;INTERVAL=9999", "RRULE:FREQ=MONTHLY;BYDAY=5MO",
         "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20991231", " mer", "EXDATE:20270222", "DTSTART:21001231"]
    ),
    max_size=30,
)  # fmt: skip


@given(lines)
def test_a_broken_calendar_never_breaks_the_reader(body):
    content = "\n".join(["BEGIN:VCALENDAR", *body]).encode()
    try:
        found = read_timetable(content, TODAY)
    except UnreadableFile:
        return
    assert all(len(one.text) <= LONGEST_TEXT for one in found.entries)


# --- What the words mean -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Kommunfullmäktige", COUNCIL),
        ("KF", COUNCIL),
        ("Regionfullmäktige, Växjö", COUNCIL),
        ("KF beslutar budget 2028", PhaseRole.DECISION),
        ("Kommunfullmäktige: mål och budget", PhaseRole.DECISION),
        ("KS budget", PhaseRole.POLITICS),
        ("Budgetberedning", PhaseRole.POLITICS),
        ("Kommunstyrelsen", None),
        ("Barn- och utbildningsnämnden, budgetunderlag", PhaseRole.DOOR),
        ("Nämnderna lämnar in budgetskrivelser", PhaseRole.DOOR),
        ("Nämndernas internbudget", PhaseRole.INTERNAL_BUDGET),
        ("Omvärldsanalys", PhaseRole.PREPARATION),
        ("Budgetdirektiv till nämnderna", PhaseRole.DIRECTIVE),
        ("Investeringsbudget", PhaseRole.INVESTMENT),
        ("Bygglovsnämnden", None),
        ("Julfest", None),
    ],
)
def test_words_are_matched_to_steps(words, meaning):
    assert meaning_of(words) == meaning
